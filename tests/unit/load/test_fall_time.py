"""Fall times: closed form against quadrature, published falls, and the engine that flies items."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.atmosphere import density_kgm3, fall_integral_m
from downwind.constants import RHO0
from downwind.errors import ArgumentError
from downwind.load.even_draws import lay_falls, lay_numbers
from downwind.load.fall_time import (
    Spread,
    drift_m,
    drop_time_s,
    fall_time_s,
    fall_time_spread_s,
    spread_of,
    thinned_depth_m,
)
from downwind.load.items import CATALOGUE
from downwind.load.traits import FallColumns
from downwind.sim.drop import ItemArrays, drop_items
from tests.unit.sim.made_winds import wind_grid

# minutes from 3 and 5 km: median, and the range that the drag coefficient alone gives, as
# computed by hand from I(3000) = 2789.5 m and I(5000) = 4425.3 m
COMPUTED_MIN = {
    "dvd": (9.9, 16.0),
    "dvd-sleeve": (10.0, 16.0),
    "dvd-case": (4.9, 7.8),
    "usb-stick": (3.4, 5.4),
    "usb-stick-parachute": (12.0, 19.0),
    "radio": (2.7, 4.3),
    "radio-parachute": (8.9, 14.0),
}
HEIGHTS = st.floats(0.0, 46_000.0)
MODES = ("dvd", "leaflet-a5-80", "leaflet-film-12x5", "leaflet-6x3-60", "leaflet-a7-90")


def columns(
    low: float, high: float | None = None, exponent: float = 0.5, switch: float = -np.inf
) -> FallColumns:
    """One item."""
    return FallColumns(
        np.array([low]),
        np.array([low if high is None else high]),
        np.array([exponent]),
        np.array([switch]),
        np.array([np.nan]),
    )


def minutes(name: str, height_m: float) -> Spread:
    return fall_time_spread_s(CATALOGUE[name], height_m).times(1.0 / 60.0)


# --- the depth -----------------------------------------------------------------------------------


def test_given_the_root_law_when_integrated_then_it_gives_the_depths_of_record() -> None:
    found = thinned_depth_m([1_000.0, 3_000.0, 5_000.0, 10_000.0])

    np.testing.assert_allclose(found, [976.2, 2_789.5, 4_425.3, 7_802.0], atol=0.051)


@pytest.mark.parametrize("exponent", [-0.2, 0.0, 0.028_44, 0.3, 0.37, 0.5, 1.0])
def test_given_any_exponent_when_integrated_then_it_agrees_with_quadrature(
    exponent: float,
) -> None:
    heights = np.array([-1_900.0, -1.0, 0.0, 500.0, 11_000.0, 15_000.0, 25_000.0, 33_000.0, 47e3])

    np.testing.assert_allclose(
        thinned_depth_m(heights, exponent), fall_integral_m(heights, exponent), rtol=1e-9, atol=1e-6
    )


@given(h=HEIGHTS, exponent=st.floats(0.0, 1.0))
def test_given_a_height_when_differentiated_then_the_depth_grows_as_the_air_thins(
    h: float, exponent: float
) -> None:
    step = 0.5
    slope = float(thinned_depth_m(h + step, exponent) - thinned_depth_m(h, exponent)) / step

    assert slope == pytest.approx(float(density_kgm3(h + 0.5 * step) / RHO0) ** exponent, rel=1e-5)


# --- falls ---------------------------------------------------------------------------------------


def test_given_a_dropsonde_of_11_m_s_when_dropped_from_12192_m_then_it_takes_13_61_minutes() -> (
    None
):
    found = fall_time_s(columns(11.0), 12_192.0)

    assert float(found[0]) / 60.0 == pytest.approx(13.61, abs=0.0051)


@pytest.mark.parametrize("name", COMPUTED_MIN)
def test_given_an_item_when_it_falls_then_the_median_is_as_computed(name: str) -> None:
    for height, expected in zip((3_000.0, 5_000.0), COMPUTED_MIN[name], strict=True):
        # half of the last digit that stands there, and the noise of the median
        bound = (0.051 if expected < 10.0 else 0.51) + 0.003 * expected
        assert minutes(name, height).median == pytest.approx(expected, abs=bound)


def test_given_the_demonstration_leaflet_when_it_falls_from_5_km_then_165_minutes() -> None:
    found = minutes("leaflet-film-12x5", 5_000.0)

    assert found.median == pytest.approx(165.0, abs=1.0)
    assert found.low == pytest.approx(118.0, abs=2.0)
    assert found.high == pytest.approx(231.0, abs=2.0)


def test_given_a_switch_on_the_way_when_it_falls_then_each_part_has_its_own_speed() -> None:
    falls = columns(1.0, 0.5, exponent=0.0, switch=2_000.0)

    assert fall_time_s(falls, 5_000.0)[0] == pytest.approx(2_000.0 + 6_000.0)
    assert fall_time_s(falls, 1_500.0)[0] == pytest.approx(1_500.0)
    assert fall_time_s(falls, 5_000.0, 3_000.0)[0] == pytest.approx(4_000.0)
    assert fall_time_s(columns(1.0, 0.5, 0.0, np.inf), 5_000.0)[0] == pytest.approx(5_000.0)


@given(
    heights=st.lists(HEIGHTS, min_size=3, max_size=3).map(sorted),
    switch=st.floats(-1_000.0, 50_000.0),
    exponent=st.floats(0.3, 0.5),
)
def test_given_a_fall_when_cut_in_two_then_the_parts_add_up(
    heights: list[float], switch: float, exponent: float
) -> None:
    bottom, middle, top = heights
    falls = columns(1.2, 0.6, exponent, switch)
    whole = fall_time_s(falls, top, bottom)[0]

    parts = fall_time_s(falls, top, middle)[0] + fall_time_s(falls, middle, bottom)[0]
    assert parts == pytest.approx(whole, rel=1e-9, abs=1e-6)
    assert (top - bottom) / 1.2 * 0.01 <= whole <= (top - bottom) / 0.6 + 1e-6


# --- bundles -------------------------------------------------------------------------------------


def test_given_no_delay_when_dropped_then_it_is_a_plain_fall() -> None:
    falls = lay_falls(CATALOGUE["leaflet-6x3-60"], 50)

    np.testing.assert_allclose(
        drop_time_s(falls, 4_000.0, 100.0, 31.0, 0.0), fall_time_s(falls, 4_000.0, 100.0), rtol=1e-9
    )


def test_given_a_bundle_that_lands_first_when_dropped_then_it_takes_the_bundle_s_time() -> None:
    found = drop_time_s(columns(1.0), 1_000.0, 0.0, 31.0, [20.0, 60.0, 1e4])

    assert found[0] > 20.0
    np.testing.assert_allclose(found[1:], 976.2027 / 31.0, rtol=1e-6)


def test_given_a_bundle_when_it_opens_then_some_400_m_are_gone() -> None:
    loose, bundled = (
        fall_time_spread_s(CATALOGUE["leaflet-a5-80"], 5_000.0, mass).times(1.0 / 60.0)
        for mass in (None, 3.0)
    )

    assert loose.median - bundled.median == pytest.approx(400.0 / (1.07 * 1.25) / 60.0, rel=0.2)
    assert bundled.high - bundled.low > 0.9 * (loose.high - loose.low)


# --- drift ---------------------------------------------------------------------------------------


def test_given_a_uniform_wind_when_it_drifts_then_time_times_wind() -> None:
    falls = lay_falls(CATALOGUE["leaflet-a7-90"], 100)
    edges = np.linspace(0.0, 5_000.0, 11)
    east, north = drift_m(falls, edges, np.full(10, 6.0), np.full(10, -8.0))
    seconds = fall_time_s(falls, 5_000.0)

    np.testing.assert_allclose(east, 6.0 * seconds, rtol=1e-9)
    np.testing.assert_allclose(north, -8.0 * seconds, rtol=1e-9)


def test_given_wind_in_the_upper_layer_alone_when_it_drifts_then_it_counts_there_alone() -> None:
    falls = columns(2.0, exponent=0.0)
    east, north = drift_m(falls, [0.0, 1_000.0, 3_000.0], [0.0, 5.0], [0.0, 0.0])

    assert east[0] == pytest.approx(5.0 * 2_000.0 / 2.0)
    assert north[0] == 0.0


# --- the engine ----------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.0, 12.0])
@pytest.mark.parametrize("name", MODES)
def test_given_the_engine_when_it_flies_the_same_items_then_they_land_at_the_same_time(
    name: str, delay: float
) -> None:
    count = 64
    falls = lay_falls(CATALOGUE[name], count)

    def full(value: float) -> np.ndarray:
        return np.full(count, value)

    items = ItemArrays(
        np.zeros(count, np.int64),
        full(0.0),
        full(0.0),
        full(5_000.0),
        full(0.0),
        full(31.0),
        full(delay),
        falls.low_speed_ms,
        falls.high_speed_ms,
        falls.exponent,
        falls.switch_m,
    )
    flown = drop_items(wind_grid(), items, 60.0, engine="plain")

    assert flown.on_ground.all()
    np.testing.assert_allclose(
        flown.time_s, drop_time_s(falls, 5_000.0, 0.0, 31.0, delay), atol=1e-3
    )


# --- evenly laid draws ---------------------------------------------------------------------------


def test_given_even_numbers_when_laid_then_they_fill_the_cube() -> None:
    numbers = lay_numbers(2**15, 5)

    assert numbers.shape == (5, 2**15)
    assert np.all((numbers > 0.0) & (numbers < 1.0))
    np.testing.assert_allclose(numbers.mean(axis=1), 0.5, atol=2e-3)
    np.testing.assert_allclose(np.corrcoef(numbers), np.eye(5), atol=0.02)
    with pytest.raises(ValueError, match="read-only"):
        numbers[0, 0] = 0.0


@pytest.mark.parametrize("name", ["dvd", "leaflet-film-12x5", "leaflet-8.5x4.25-90"])
def test_given_sixteen_times_as_many_draws_when_laid_then_no_figure_moves_by_0_3_percent(
    name: str,
) -> None:
    few = fall_time_spread_s(CATALOGUE[name], 5_000.0)
    many = fall_time_spread_s(CATALOGUE[name], 5_000.0, points=2**19)

    for one, other in zip(
        (few.low, few.median, few.high), (many.low, many.median, many.high), strict=True
    ):
        assert one == pytest.approx(other, rel=0.003)


def test_given_a_drag_law_when_spread_then_it_is_that_of_its_points_and_its_scatter() -> None:
    # ln(time) has half the width of ln(drag) on each side, with the scatter added in squares
    found, kind = fall_time_spread_s(CATALOGUE["dvd"], 3_000.0), CATALOGUE["dvd"]
    middle = 2_789.4776 / kind.speed_ms
    own = 1.6448536 * 0.05
    for point, drag in ((found.low, 0.75), (found.high, 1.35)):
        width = math.hypot(0.5 * math.log(drag), own)
        assert abs(math.log(point / middle)) == pytest.approx(width, rel=0.03)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("upper", "lower"), [(1_000.0, 2_000.0), (48_000.0, 0.0), (0.0, -3_000.0), (np.nan, 0.0)]
)
def test_given_heights_that_cannot_be_when_dropped_then_refused(upper: float, lower: float) -> None:
    with pytest.raises(ArgumentError, match="a fall begins below its end"):
        fall_time_s(columns(1.0), upper, lower)
    with pytest.raises(ArgumentError, match="a fall begins below its end"):
        drop_time_s(columns(1.0), upper, lower, 31.0, 10.0)


@pytest.mark.parametrize(
    ("edges", "wind", "message"),
    [
        ([0.0], [], "do not rise"),
        ([0.0, 0.0], [1.0], "do not rise"),
        ([0.0, 1e3], [1.0, 2.0], "1 layers have 2 and 2 winds"),
    ],
)
def test_given_layers_that_cannot_be_when_drifting_then_refused(
    edges: list[float], wind: list[float], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        drift_m(columns(1.0), edges, wind, wind)


def test_given_values_when_spread_then_their_points() -> None:
    found = spread_of(np.arange(101.0))

    assert (found.low, found.median, found.high) == (5.0, 50.0, 95.0)
    assert found.times(2.0) == Spread(median=100.0, low=10.0, high=190.0)
    assert found == Spread(50.0, 5.0, 95.0)
