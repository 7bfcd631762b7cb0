"""Laws of the class of a balloon: more never makes it lighter, and order does not matter."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.classes import classify_by_mass, classify_by_weight_and_size
from downwind.rules.facts import BalloonFacts, PackageFacts
from tests.rule_facts import make_balloon

RULES = {r.name: r for j in load_jurisdictions().values() for r in j.rules}
ICAO, PART_101 = RULES["icao.class"], RULES["us.101-1"]
RANK = {"light": 0, "medium": 1, "heavy": 2, "exempt": 0, "subject": 1}

faces = st.none() | st.floats(10.0, 2_000.0)
packages = st.lists(st.builds(PackageFacts, st.floats(0.0, 8.0), faces), min_size=1, max_size=5)
balloons = st.builds(
    lambda found, force: replace(make_balloon(1.0), packages=tuple(found), suspension_n=force),
    packages,
    st.none() | st.floats(0.0, 500.0),
)


def ranks(balloon: BalloonFacts) -> tuple[int, int]:
    """Return how heavy a balloon is by both rules."""
    return (
        RANK[classify_by_mass(balloon, ICAO).name],
        RANK[classify_by_weight_and_size(balloon, PART_101).name],
    )


def is_at_least(heavier: BalloonFacts, lighter: BalloonFacts) -> bool:
    return all(a >= b for a, b in zip(ranks(heavier), ranks(lighter), strict=True))


@settings(deadline=None, max_examples=150)
@given(balloons, st.floats(0.0, 5.0), st.floats(0.0, 200.0))
def test_given_any_balloon_when_mass_or_force_is_added_then_it_is_no_lighter(
    balloon: BalloonFacts, more_kg: float, more_n: float
) -> None:
    first = balloon.packages[0]
    grown = (replace(first, mass_kg=first.mass_kg + more_kg), *balloon.packages[1:])
    assert is_at_least(replace(balloon, packages=grown), balloon)
    added = (*balloon.packages, PackageFacts(more_kg, 1e6))
    assert is_at_least(replace(balloon, packages=added), balloon)
    if balloon.suspension_n is not None:
        assert is_at_least(replace(balloon, suspension_n=balloon.suspension_n + more_n), balloon)


@settings(deadline=None, max_examples=100)
@given(balloons, st.randoms(use_true_random=False))
def test_given_any_balloon_when_its_packages_are_shuffled_then_its_class_stays(
    balloon: BalloonFacts, random: object
) -> None:
    shuffled = list(balloon.packages)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranks(replace(balloon, packages=tuple(shuffled))) == ranks(balloon)


@settings(deadline=None, max_examples=100)
@given(balloons, st.floats(10.0, 2_000.0))
def test_given_any_balloon_when_a_face_is_left_out_then_it_is_no_lighter(
    balloon: BalloonFacts, face_cm2: float
) -> None:
    stated = tuple(replace(p, smallest_face_cm2=face_cm2) for p in balloon.packages)
    silent = tuple(replace(p, smallest_face_cm2=None) for p in balloon.packages)
    assert is_at_least(replace(balloon, packages=silent), replace(balloon, packages=stated))


@settings(deadline=None, max_examples=150)
@given(balloons)
def test_given_any_balloon_when_classed_then_it_agrees_with_the_clauses_read_one_by_one(
    balloon: BalloonFacts,
) -> None:
    masses = [p.mass_kg for p in balloon.packages]
    close = [(sum(masses), 4.0), (sum(masses), 6.0), (balloon.suspension_n or 0.0, 230.0)]
    close += [(mass, limit) for mass in masses for limit in (2.0, 3.0)]
    close += [(p.area_density_gcm2 or 0.0, 13.0) for p in balloon.packages]
    # boundaries themselves are tested one by one, rounding included
    assume(all(abs(value - limit) > 1e-6 for value, limit in close))
    dense = any(
        p.mass_kg >= 2.0
        and (p.smallest_face_cm2 is None or 1_000.0 * p.mass_kg / p.smallest_face_cm2 > 13.0)
        for p in balloon.packages
    )
    heavy = sum(masses) >= 6.0 or max(masses) >= 3.0 or dense or (balloon.suspension_n or 0) >= 230
    wanted = "heavy" if heavy else "medium" if sum(masses) >= 4.0 else "light"
    found = classify_by_mass(balloon, ICAO)
    assert found.name == wanted
    assert found.is_open is (wanted != "heavy" and balloon.suspension_n is None)
