"""The class of a balloon at the boundary of each clause."""

from __future__ import annotations

import pytest

from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.classes import (
    SUSPENSION_KEY,
    classify_by_mass,
    classify_by_weight_and_size,
)
from tests.rule_facts import make_balloon

RULES = {r.name: r for j in load_jurisdictions().values() for r in j.rules}
ICAO, PART_101 = RULES["icao.class"], RULES["us.101-1"]
LB_KG, OZ_KG, IN2_CM2, LBF_N = 0.45359237, 0.028349523125, 6.4516, 4.4482216152605


@pytest.mark.parametrize(
    ("masses", "changes", "name", "clause"),
    [
        ((3.999,), {"smallest_face_cm2": 1e4}, "heavy", "1.1(c)(2)"),
        ((2.0, 1.999), {}, "light", "1.1(a)"),
        ((2.0, 2.0), {}, "medium", "1.1(b)"),
        ((2.9, 2.9, 0.199), {}, "medium", "1.1(b)"),
        ((2.9, 2.9, 0.2), {}, "heavy", "1.1(c)(1)"),
        ((2.999,), {}, "light", "1.1(a)"),
        ((3.0,), {}, "heavy", "1.1(c)(2)"),
        ((2.6,), {"smallest_face_cm2": 200.0}, "light", "1.1(a)"),
        ((2.6,), {"smallest_face_cm2": 199.9}, "heavy", "1.1(c)(3)"),
        ((1.999,), {"smallest_face_cm2": 1.0}, "light", "1.1(a)"),
        ((2.0,), {"smallest_face_cm2": 150.0}, "heavy", "1.1(c)(3)"),
        ((1.0,), {"suspension_n": 229.9}, "light", "1.1(a)"),
        ((1.0,), {"suspension_n": 230.0}, "heavy", "1.1(c)(4)"),
    ],
)
def test_given_a_boundary_of_a_clause_when_classed_then_the_clause_decides(
    masses: tuple[float, ...], changes: dict[str, float], name: str, clause: str
) -> None:
    found = classify_by_mass(make_balloon(*masses, **changes), ICAO)
    assert found.name == name
    assert found.reason.startswith(clause)
    assert not found.is_open


def test_given_masses_that_sum_to_a_threshold_but_for_rounding_when_classed_then_it_is_reached():
    assert sum([0.1] * 60) < 6.0
    assert classify_by_mass(make_balloon(*[0.1] * 60), ICAO).name == "heavy"


def test_given_a_dense_package_whose_face_is_not_stated_when_classed_then_it_counts_as_heavy():
    found = classify_by_mass(make_balloon(2.0, smallest_face_cm2=None), ICAO)
    assert found.name == "heavy"
    assert "not stated" in found.reason
    assert found.not_stated == ("balloon.rigging.smallest_face",)
    assert classify_by_mass(make_balloon(1.999, smallest_face_cm2=None), ICAO).name == "light"


def test_given_a_suspension_that_is_not_stated_when_classed_then_the_class_stays_open():
    light = classify_by_mass(make_balloon(1.0, suspension_n=None), ICAO)
    assert (light.name, light.is_open, light.not_stated) == ("light", True, (SUSPENSION_KEY,))
    heavy = classify_by_mass(make_balloon(7.0, suspension_n=None), ICAO)
    assert (heavy.name, heavy.is_open) == ("heavy", False)
    assert not classify_by_mass(make_balloon(suspension_n=None), ICAO).is_open


def test_given_one_bag_of_seven_kilograms_when_classed_then_it_is_heavy_by_its_mass():
    found = classify_by_mass(make_balloon(7.0), ICAO)
    assert found.name == "heavy"
    assert "1.1(c)(1), a payload of 7 kg: 6 kg or more" in found.reason
    assert "1.1(c)(2), a package of 7 kg" in found.reason


@pytest.mark.parametrize(
    ("masses_lb", "changes", "name", "clause"),
    [
        ((4.001,), {"smallest_face_cm2": 4.001 * 16 / 3.001 * IN2_CM2}, "subject", "(i)"),
        ((4.001,), {"smallest_face_cm2": 4.001 * 16 / 2.999 * IN2_CM2}, "exempt", "no clause"),
        ((4.0,), {"smallest_face_cm2": 1.0}, "exempt", "no clause"),
        ((6.0,), {"smallest_face_cm2": 1e4}, "exempt", "no clause"),
        ((6.001,), {"smallest_face_cm2": 1e4}, "subject", "(ii)"),
        ((6.0, 6.0), {}, "exempt", "no clause"),
        ((6.0, 6.0, 0.001), {}, "subject", "(iii)"),
        ((1.0,), {"suspension_n": 50.0 * LBF_N}, "exempt", "no clause"),
        ((1.0,), {"suspension_n": 50.01 * LBF_N}, "subject", "(iv)"),
    ],
)
def test_given_a_boundary_in_pounds_when_asked_whether_the_part_applies_then_more_than_decides(
    masses_lb: tuple[float, ...], changes: dict[str, float], name: str, clause: str
) -> None:
    masses = [lb * LB_KG for lb in masses_lb]
    found = classify_by_weight_and_size(make_balloon(*masses, **changes), PART_101)
    assert found.name == name
    assert clause in found.reason


def test_given_thresholds_in_pounds_and_ounces_when_read_then_they_are_exact():
    assert PART_101.values["dense_kg"] == pytest.approx(4 * LB_KG, rel=1e-15)
    assert PART_101.values["density_kgm2"] == pytest.approx(3 * OZ_KG / 0.0254**2, rel=1e-15)
    assert PART_101.values["suspension_n"] == pytest.approx(50 * LBF_N, rel=1e-15)
    assert RULES["safety.impact-11-ft-lb"].values["energy_j"] == pytest.approx(14.914, abs=5e-4)
    assert RULES["safety.impact-25-ft-lb"].values["energy_j"] == pytest.approx(33.895, abs=5e-4)
