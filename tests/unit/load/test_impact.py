"""Impact energies: of items at the speed that one in twenty exceeds, and of all else that lands."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, ndtr
from scipy.stats import norm

from downwind.errors import ArgumentError
from downwind.load.impact import (
    CATEGORY_2_J,
    CATEGORY_3_J,
    Impact,
    bundle_drag_area_m2,
    bundle_speed_ms,
    explain_refusal,
    impact_energy_j,
    is_above_impact_limit,
    item_impact,
    one_in_twenty_speed_ms,
    speed_quantiles_ms,
    unopened_impact,
)
from downwind.load.items import CATALOGUE, Box, ItemKind, Leaflet, Measured

Z95 = 1.6448536269514722
FOOT_POUND_J = 0.3048 * 0.45359237 * 9.80665
RADIO = Box("radio", "a radio of 150 g", 0.150, 0.120, 0.075, 0.035)


def test_vector_13_the_faa_example_of_1_lb_at_26_feet_per_second_is_10_5_foot_pounds() -> None:
    faa_ftlb = 0.0155 * 1.0 * 26.0**2  # as the FAA computes it, 0.0155 for 1 / (2 x 32.2)
    joule = impact_energy_j(0.45359237, 26.0 * 0.3048)

    assert faa_ftlb == pytest.approx(10.5, abs=0.05)
    assert joule / FOOT_POUND_J == pytest.approx(faa_ftlb, rel=0.003)


def test_given_the_limits_when_turned_to_foot_pounds_then_they_are_11_and_25() -> None:
    assert pytest.approx(11.0, abs=0.05) == CATEGORY_2_J / FOOT_POUND_J
    assert pytest.approx(25.0, abs=0.05) == CATEGORY_3_J / FOOT_POUND_J


@pytest.mark.parametrize(
    ("name", "joule"),
    [
        ("dvd", 0.17),
        ("usb-stick", 0.92),
        ("dvd-case", 4.5),
        ("radio", 21.7),
        ("radio-parachute", 2.2),
        ("dropsonde-rd41", 18.9),
    ],
)
def test_given_an_item_when_it_lands_then_its_energy_is_the_computed_one(
    name: str, joule: float
) -> None:
    assert item_impact(CATALOGUE[name]).energy_j == pytest.approx(joule, rel=0.015)


# --- the speed that one in twenty exceeds --------------------------------------------------------


def share_slower(speed_ms: float, median_ms: float, drag: tuple[float, float, float]) -> float:
    """The share of items that fall no faster than a speed, by quadrature over the drag."""
    median, low, high = drag
    wanted = math.log(speed_ms / median_ms)

    def at(z: float) -> float:
        width = (math.log(median / low) if z < 0.0 else math.log(high / median)) / Z95
        return float(norm.pdf(z) * ndtr((wanted + 0.5 * width * z) / 0.05))

    return quad(at, -9.0, 0.0)[0] + quad(at, 0.0, 9.0)[0]


@pytest.mark.parametrize("name", ["dvd", "usb-stick", "radio-parachute"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_given_a_drag_item_when_drawn_then_its_quantiles_are_those_of_the_integral(
    name: str, share: float
) -> None:
    kind = CATALOGUE[name]
    speed = float(speed_quantiles_ms(kind, [share])[0])

    assert share_slower(speed, kind.speed_ms, kind.drag) == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize("name", ["leaflet-a5-80", "leaflet-6x3-80", "leaflet-film-12x5"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_given_a_leaflet_of_two_modes_when_drawn_then_its_quantiles_are_those_of_the_mixture(
    name: str, share: float
) -> None:
    kind = CATALOGUE[name]
    assert isinstance(kind, Leaflet)
    law = kind.law
    spins = expit((law.autorotation - 1.24) / 0.035)
    speed = float(speed_quantiles_ms(kind, [share])[0])

    slower_high = ndtr(math.log(speed / law.speed_autorotating_ms) / math.hypot(0.18, 0.10))
    slower_low = ndtr(math.log(speed / law.speed_other_ms) / math.hypot(0.13, 0.10))
    assert spins * slower_high + (1 - spins) * slower_low == pytest.approx(share, abs=1e-3)


def test_given_a_leaflet_that_mostly_spins_then_one_in_twenty_is_slower_than_the_worst_mode() -> (
    None
):
    kind = CATALOGUE["leaflet-film-12x5-60"]

    worst = max(kind.law.speed_other_ms, kind.law.speed_autorotating_ms) * math.exp(
        Z95 * math.hypot(0.18, 0.10)
    )
    assert one_in_twenty_speed_ms(kind) < 0.6 * worst
    assert one_in_twenty_speed_ms(kind) > kind.speed_ms


def test_given_quantiles_when_asked_twice_then_they_are_the_same_and_rise() -> None:
    shares = np.linspace(0.01, 0.99, 25)
    first = speed_quantiles_ms(CATALOGUE["dvd"], shares)

    np.testing.assert_array_equal(first, speed_quantiles_ms(CATALOGUE["dvd"], shares))
    assert np.all(np.diff(first) > 0.0)


# --- the limit -----------------------------------------------------------------------------------


def test_given_a_bare_radio_when_held_against_the_limit_then_it_is_refused() -> None:
    assert is_above_impact_limit(RADIO)
    assert "above the limit of 14.9 J" in explain_refusal(RADIO)


def test_given_a_radio_under_a_parachute_when_held_against_the_limit_then_it_may_go() -> None:
    kind = CATALOGUE["radio-parachute"]

    assert not is_above_impact_limit(kind)
    assert explain_refusal(kind) == ""


def test_given_a_dropsonde_above_the_limit_with_its_parachute_then_it_is_a_stop_not_a_refusal() -> (
    None
):
    kind = CATALOGUE["dropsonde-rd41"]

    assert is_above_impact_limit(kind)
    assert explain_refusal(kind) == ""


def test_given_an_item_whose_median_is_below_the_limit_then_one_in_twenty_decides() -> None:
    kind = Box("b", "b", 0.110, 0.120, 0.075, 0.035)

    assert item_impact(kind).energy_j < CATEGORY_2_J < item_impact(kind).fast_energy_j
    assert is_above_impact_limit(kind)


# --- all else that lands -------------------------------------------------------------------------


def test_given_a_bundle_of_3_kg_when_it_never_opens_then_it_lands_with_1_4_kilojoule() -> None:
    impact = Impact("bundle", 3.0, bundle_speed_ms(3.0))

    assert impact.speed_ms == pytest.approx(31.0, abs=0.5)
    assert impact.energy_j == pytest.approx(1_400.0, rel=0.04)
    assert impact.is_above_limit


@pytest.mark.parametrize("mass", [0.0, -1.0, math.nan, math.inf])
def test_given_no_mass_when_a_bundle_falls_then_it_is_refused(mass: float) -> None:
    with pytest.raises(ArgumentError, match="no bundle weighs") as caught:
        bundle_speed_ms(mass)
    assert caught.value.hint


@pytest.mark.parametrize("mass", [-1.0, math.nan])
def test_given_a_mass_below_nothing_when_asked_for_its_drag_then_it_is_refused(
    mass: float,
) -> None:
    with pytest.raises(ArgumentError, match="no bundle weighs"):
        bundle_drag_area_m2(mass)
    assert bundle_drag_area_m2(0.0) == 0.0
    assert bundle_drag_area_m2(24.0) == pytest.approx(4.0 * 1.05 * 0.048, rel=1e-12)


def test_given_one_speed_when_it_lands_then_that_speed_decides() -> None:
    load = Impact("load", 9.0, 3.0)

    assert load.energy_j == load.fast_energy_j == pytest.approx(40.5)
    assert load.is_above_limit
    assert not Impact("film", 1.6, 2.0).is_above_limit


@pytest.mark.parametrize(("name", "joule"), [("radio-parachute", 24.7), ("dropsonde-rd41", 30.3)])
def test_given_a_parachute_that_stays_shut_then_the_item_lands_as_its_block(
    name: str, joule: float
) -> None:
    kind = CATALOGUE[name]
    impact = unopened_impact(kind)
    block = Box("b", "b", kind.mass_kg, kind.length_m, kind.width_m, kind.thickness_m)

    assert impact is not None
    assert impact.speed_ms == kind.unopened_speed_ms == block.speed_ms
    assert impact.what == f"{kind.title}, parachute shut"
    assert impact.energy_j == pytest.approx(joule, rel=0.005)
    assert impact.energy_j > item_impact(kind).fast_energy_j


@pytest.mark.parametrize(
    "kind",
    [
        *(CATALOGUE[name] for name in ("dvd", "dvd-case", "radio", "leaflet-a5-80")),
        Measured("m", "m", 0.1, 0.2, 0.06, 0.05, (11.0, 10.0, 12.0)),
    ],
    ids=lambda kind: kind.model,
)
def test_given_no_parachute_then_none_stays_shut(kind: ItemKind) -> None:
    assert kind.unopened_speed_ms is None
    assert unopened_impact(kind) is None
