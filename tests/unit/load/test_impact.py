"""Impact energies: of items at the speed that one in twenty exceeds, and of all else that lands."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, ndtr
from scipy.stats import norm

from downwind.load.impact import (
    CATEGORY_2_J,
    CATEGORY_3_J,
    FOOT_POUND_J,
    Impact,
    bundle_impact,
    envelope_impact,
    explain_refusal,
    faa_energy_ftlb,
    impact_energy_j,
    is_above_impact_limit,
    item_impact,
    load_impact,
    one_in_twenty_speed_ms,
    report_impacts,
    speed_quantiles_ms,
    unopened_impact,
)
from downwind.load.items import CATALOGUE, Box, Leaflet, Parachute

Z95 = 1.6448536269514722
RADIO = Box("radio", "a radio of 150 g", 0.150, 0.120, 0.075, 0.035)


def test_vector_13_the_faa_example_of_1_lb_at_26_feet_per_second_is_10_5_foot_pounds() -> None:
    assert faa_energy_ftlb(1.0, 26.0) == pytest.approx(10.5, abs=0.05)
    joule = impact_energy_j(0.45359237, 26.0 * 0.3048)
    assert joule / FOOT_POUND_J == pytest.approx(faa_energy_ftlb(1.0, 26.0), rel=0.003)


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

    assert one_in_twenty_speed_ms(kind) < 0.6 * kind.fast_speed_ms
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
    impact = bundle_impact(3.0)

    assert impact.speed_ms == pytest.approx(31.0, abs=0.5)
    assert impact.energy_j == pytest.approx(1_400.0, rel=0.04)
    assert impact.is_above_limit
    assert impact.to_text().endswith("above 33.9 J: STOP")


def test_given_a_load_and_an_envelope_when_they_land_then_one_speed_decides() -> None:
    load = load_impact(9.0, 3.0)
    film = envelope_impact(1.6, 2.0)

    assert load.energy_j == load.fast_energy_j == pytest.approx(40.5)
    assert load.is_above_limit
    assert film.energy_j == pytest.approx(3.2)
    assert film.to_text() == "the emptied envelope: 3.2 J at 2 m/s; within 14.9 J"


def test_given_a_parachute_that_stays_shut_then_its_item_is_a_line_of_its_own() -> None:
    kind = CATALOGUE["radio-parachute"]
    assert isinstance(kind, Parachute)
    report = report_impacts([CATALOGUE["dvd"], kind], [bundle_impact(3.0)])

    assert [i.what for i in report.impacts] == [
        "DVD, bare, 120 mm",
        kind.title,
        f"{kind.title}, parachute shut",
        "a bundle that never opens",
    ]
    assert [i.what for i in report.above_limit] == [
        f"{kind.title}, parachute shut",
        "a bundle that never opens",
    ]
    assert unopened_impact(kind).energy_j == pytest.approx(24.7, rel=0.01)


def test_given_a_report_when_printed_then_it_has_a_line_a_thing_and_names_the_limits() -> None:
    lines = report_impacts([CATALOGUE["dvd"]]).lines()

    assert lines[0].startswith("DVD, bare, 120 mm: 0.17 J at 4.68 m/s, one in twenty above 0.23")
    assert lines[0].endswith("within 14.9 J")
    assert "11 ft-lb, category 2" in lines[-1]
    assert "25 ft-lb, category 3" in lines[-1]


@pytest.mark.parametrize(
    ("speed_ms", "verdict"),
    [(5.0, "within 14.9 J"), (6.0, "above 14.9 J: STOP"), (9.0, "above 33.9 J: STOP")],
)
def test_given_a_kilogram_when_it_lands_faster_then_the_verdict_follows_the_categories(
    speed_ms: float, verdict: str
) -> None:
    assert Impact("x", 1.0, speed_ms).to_text().endswith(verdict)
