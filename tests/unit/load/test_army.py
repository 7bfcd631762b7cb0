"""The Army's reckoning: drift by layers, the two readings of the spread factor, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.load.army import (
    FOOT_M,
    LABEL,
    LAYER_EDGES_FT,
    add_drift,
    autorotates,
    check_army,
    layer_hours,
)

EDGES = np.array([0.0, 500.0, 1_500.0, 3_000.0])


@pytest.mark.parametrize("exponent", [0.37, 0.5])
def test_given_a_rate_when_split_into_layers_then_their_times_are_that_of_the_fall(
    exponent: float,
) -> None:
    hours = layer_hours(0.5, EDGES, exponent)

    whole = float(atmosphere.fall_integral_m(3_000.0, exponent)) / 0.5 / 3_600.0
    assert hours.sum() == pytest.approx(whole, rel=1e-12)
    assert np.all(hours > 0.0)


def test_given_no_edges_when_split_then_the_layers_are_those_of_the_table() -> None:
    assert (0.0, *(500.0 + 1_000.0 * k for k in range(10))) == LAYER_EDGES_FT
    assert layer_hours(2.5 * FOOT_M).size == 10
    # a layer of 1,000 ft at 2.5 ft/s takes 0.11 h, which a rate in feet per minute would not give
    assert layer_hours(2.5 * FOOT_M)[1] == pytest.approx(0.11, abs=0.005)


def test_given_one_wind_in_all_layers_when_added_then_drift_is_wind_times_time() -> None:
    hours = layer_hours(0.5, EDGES)
    drift = add_drift(hours, np.full(3, 6.0), np.full(3, -8.0))

    seconds = 3_600.0 * hours.sum()
    assert drift.hours == pytest.approx(hours.sum())
    assert (drift.east_m, drift.north_m) == pytest.approx((6.0 * seconds, -8.0 * seconds))
    assert drift.distance_m == pytest.approx(10.0 * seconds)


def test_given_winds_that_cancel_when_added_then_they_add_up_as_vectors() -> None:
    drift = add_drift([1.0, 1.0], [10.0, -10.0], [0.0, 0.0])

    assert drift.distance_m == 0.0


def test_given_a_spread_factor_when_checked_then_both_readings_stand_under_a_label() -> None:
    check = check_army(0.5, 0.5, EDGES, [5.0, 5.0, 5.0], [0.0, 0.0, 0.0])

    assert check.release_height_m == 3_000.0
    assert check.pattern_width_m == pytest.approx(1_500.0)
    assert check.pattern_length_m == pytest.approx(0.5 * check.drift.distance_m)
    assert check.lines()[0] == LABEL
    assert "no figure of this plan uses it" in LABEL
    assert "(a) pattern 13.9 km long" in check.lines()[2]
    assert "(b) pattern 1.5 km wide" in check.lines()[2]


def test_given_a_release_over_high_ground_when_checked_then_height_is_above_ground() -> None:
    check = check_army(0.5, 1.0, EDGES + 400.0, np.ones(3), np.zeros(3))

    assert check.release_height_m == 3_000.0


@pytest.mark.parametrize(
    ("sheet", "spins"),
    [
        pytest.param((0.0602, 0.2159, 0.078486), True, id="the odd cell"),
        pytest.param((0.0752, 0.1524, 0.0762), True, id="6 x 3 on 20 lb"),
        pytest.param((0.0602, 0.1524, 0.0762), False, id="6 x 3 on 16 lb"),
        pytest.param((0.080, 0.210, 0.148), False, id="A5"),
    ],
)
def test_given_a_sheet_when_asked_then_j_of_1_25_decides(
    sheet: tuple[float, float, float], spins: bool
) -> None:
    assert autorotates(*sheet) == spins


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_given_no_rate_of_descent_when_split_then_it_is_refused(rate: float) -> None:
    with pytest.raises(ArgumentError, match="rate of descent"):
        layer_hours(rate)


@pytest.mark.parametrize("edges", [[0.0], [0.0, 0.0, 5.0], [5.0, 0.0], [[0.0, 1.0]]], ids=str)
def test_given_edges_that_do_not_rise_when_split_then_they_are_refused(edges: list) -> None:
    with pytest.raises(ArgumentError, match="do not rise"):
        layer_hours(1.0, edges)


def test_given_winds_that_do_not_fit_the_layers_when_added_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="3 layers have 2 and 3 winds"):
        check_army(1.0, 0.5, EDGES, [1.0, 2.0], [1.0, 2.0, 3.0])


def test_given_a_spread_factor_below_zero_when_checked_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="spread factor"):
        check_army(1.0, -0.5, EDGES, np.ones(3), np.ones(3))
