"""The Army's reckoning: drift by layers, the two readings of the spread factor, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.load.army import (
    FOOT_M,
    LAYER_EDGES_FT,
    add_drift,
    army_edges_m,
    check_army,
    layer_hours,
)
from downwind.load.leaflet import leaflet_law

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


def test_given_a_spread_factor_when_checked_then_both_readings_are_shares_of_it() -> None:
    check = check_army(0.5, 0.4, EDGES, [5.0, 5.0, 5.0], [0.0, 0.0, 0.0])

    hours = atmosphere.fall_integral_m(3_000.0, 0.37) / 0.5 / 3_600.0
    assert check.drift.hours == pytest.approx(float(hours), rel=1e-12)
    assert check.layer_hours.sum() == pytest.approx(float(hours), rel=1e-12)
    assert check.release_height_m == 3_000.0
    assert check.pattern_width_m == pytest.approx(1_200.0)
    assert check.pattern_length_m == pytest.approx(0.4 * 5.0 * 3_600.0 * float(hours))


@pytest.mark.parametrize(
    ("release_ft", "edges_ft"),
    [
        (9_500.0, LAYER_EDGES_FT),
        (300.0, (0.0, 300.0)),
        (500.0, (0.0, 500.0)),
        (2_000.0, (0.0, 500.0, 1_500.0, 2_000.0)),
    ],
)
def test_given_a_release_when_layered_then_as_table_2_4_with_the_highest_cut(
    release_ft: float, edges_ft: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(army_edges_m(FOOT_M * release_ft), FOOT_M * np.array(edges_ft))


@pytest.mark.parametrize("height", [0.0, -5.0, 48_000.0, float("nan")])
def test_given_no_height_of_the_atmosphere_when_layered_then_it_is_refused(height: float) -> None:
    with pytest.raises(ArgumentError, match="is not between the sea and 47 km"):
        army_edges_m(height)


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
    assert leaflet_law(*sheet).autorotates == spins


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
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


@pytest.mark.parametrize("factor", [-0.5, float("nan")])
def test_given_a_spread_factor_that_is_none_when_checked_then_it_is_refused(factor: float) -> None:
    with pytest.raises(ArgumentError, match="spread factor"):
        check_army(1.0, factor, EDGES, np.ones(3), np.ones(3))
