"""One fill and timer for every group, so that the whole load keeps the limits."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from downwind.landing.regions import HOME, LEFT_DATA, THIRD_COUNTRY
from downwind.plan.choice import EXACT, choose_together, pick_options, undominated
from tests.unit.plan.made_curves import make_curve

LIMITS = {HOME: 0.05, THIRD_COUNTRY: 0.01}


def test_given_one_group_when_chosen_then_it_is_the_curves_own_best() -> None:
    for target, home in (
        ([0.95, 0.60, 0.80, 0.99], [0.06, 0.02, 0.045, 0.00]),
        ([0.9, 0.3, 0.5], [0.30, 0.07, 0.05001]),
        ([0.80, 0.8001, 0.8002, 0.8001, 0.3], [0.0, 0.0, 0.0, 0.0, 0.0]),
    ):
        curve = make_curve(target, home)

        found = choose_together([[curve]], [3.0], LIMITS)

        index, feasible = curve.best(LIMITS)
        assert (found.settings, found.is_feasible) == ((index,), feasible)
        assert found.excess == pytest.approx(curve.excess(LIMITS)[index], abs=1e-12)


def test_given_a_group_with_room_when_chosen_then_another_may_use_it() -> None:
    safe = make_curve([0.9, 0.8], [0.0, 0.0])
    bold = make_curve([0.95, 0.5], [0.08, 0.01])

    found = choose_together([[safe], [bold]], [1.0, 1.0], LIMITS)

    assert bold.best(LIMITS) == (1, True)  # alone it would have to stay behind
    assert found.settings == (0, 0)
    assert found.is_feasible
    assert found.target == pytest.approx(0.925)


def test_given_groups_that_break_a_limit_together_when_chosen_then_the_lesser_loss_is_taken() -> (
    None
):
    first = make_curve([0.9, 0.8], [0.08, 0.0])
    second = make_curve([0.9, 0.5], [0.08, 0.0])

    found = choose_together([[first], [second]], [1.0, 1.0], LIMITS)

    assert found.settings == (1, 0)
    assert found.is_feasible


def test_given_a_heavy_and_a_light_group_when_chosen_then_masses_count() -> None:
    heavy = make_curve([0.9, 0.89], [0.06, 0.0])
    light = make_curve([0.9, 0.10], [0.06, 0.0])

    found = choose_together([[heavy], [light]], [9.0, 1.0], {HOME: 0.05})

    assert found.settings == (1, 0)


def test_given_fills_when_chosen_then_each_group_has_the_curve_that_serves_all() -> None:
    low, high = make_curve([0.7], [0.0], free_lift=0.08), make_curve([0.9], [0.2], free_lift=0.15)
    still = make_curve([0.8], [0.04])

    found = choose_together([[low, high], [still]], [1.0, 1.0], LIMITS)

    assert found.curves == (0, 0)
    assert found.is_feasible


def test_given_no_choice_within_the_limits_when_chosen_then_the_worst_excess_is_least() -> None:
    first = make_curve([0.9, 0.2], [0.30, 0.20])
    second = make_curve([0.9, 0.3], [0.10, 0.06])

    found = choose_together([[first], [second]], [1.0, 1.0], LIMITS)

    assert not found.is_feasible
    assert found.settings == (1, 1)
    assert found.excess == pytest.approx(0.13 - 0.05)
    assert found.room_s == 0.0


def test_given_what_leaves_the_data_when_chosen_then_it_counts_against_every_limit() -> None:
    curve = make_curve([0.9, 0.5], [0.0, 0.0])
    curve.shares[LEFT_DATA][0] = 0.2

    assert choose_together([[curve]], [1.0], LIMITS).settings == (1,)


def test_given_a_limit_of_nothing_when_nothing_falls_there_then_it_is_met() -> None:
    curve = make_curve([0.9, 0.5], [0.0, 0.0])
    curve.shares[HOME][:] = 0.0

    assert choose_together([[curve], [curve]], [1.0, 1.0], {HOME: 0.0}).is_feasible


@pytest.mark.parametrize("seed", range(12))
def test_given_random_options_when_picked_then_no_pick_is_better(seed: int) -> None:
    # given: three groups, two limits; now and then nothing is feasible
    rng = np.random.default_rng(seed)
    sizes = (5, 4, 6)
    gain = [rng.random(n) / 3 for n in sizes]
    cost = [rng.random((n, 2)) * rng.choice([0.02, 0.08]) for n in sizes]
    most = np.array([0.06, 0.05]) * rng.choice([0.2, 1.0])

    found = pick_options(gain, cost, most)

    def merit(picks: tuple[int, ...]) -> tuple[float, float]:
        over = float(np.max(sum(c[i] for c, i in zip(cost, picks, strict=True)) - most))
        given = float(sum(g[i] for g, i in zip(gain, picks, strict=True)))
        return (0.0 if over <= EXACT else over), -given

    best = min(merit(picks) for picks in product(*map(range, sizes)))
    assert merit(tuple(found))[0] == pytest.approx(best[0], abs=1e-6)
    if best[0] == 0.0:
        assert merit(tuple(found))[1] == pytest.approx(best[1], abs=1e-6)


def test_given_options_when_thinned_then_only_the_bettered_go() -> None:
    gain = np.array([0.5, 0.4, 0.6, 0.5])
    cost = np.array([[0.1], [0.2], [0.3], [0.1]])

    assert undominated(gain, cost).tolist() == [0, 2]
