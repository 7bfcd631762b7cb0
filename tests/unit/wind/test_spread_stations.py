"""Wind between stations: against a system solved otherwise, closed forms, and real soundings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind.geo.sphere import distance_m
from downwind.wind.sources import scan_weather
from downwind.wind.sources._soundings.assemble import compare_neighbours
from downwind.wind.sources._soundings.hours import group_soundings
from downwind.wind.sources._soundings.layers import make_column
from downwind.wind.sources._soundings.spread import (
    BROAD_LENGTH_M,
    FINE_LENGTH_M,
    FINE_SIGMA_MS,
    find_sigma_ms,
    leave_one_out,
    place_vectors,
    spread_wind,
    table_sigma_ms,
)
from downwind.wind.window import Window

HEIGHT_M = 3_000.0
EAST_ASIA = Window(105.0, 20.0, 155.0, 55.0)
BUFR = "data/soundings/pdbufr_global_temp_20081208/temp_global_2008120812.bufr"


def random_stations(seed: int, n: int = 9):
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(120.0, 132.0, n), rng.uniform(32.0, 42.0, n)
    return lon, lat, rng.normal(8.0, 6.0, (n, 2)), rng.uniform(0.5, 2.5, n)


def by_lagrange(lon, lat, wind, error, at_lon, at_lat, sigma):
    """Solve the textbook system of ordinary kriging with a multiplier, on great circles."""

    def covariance(a_lon, a_lat, b_lon, b_lat):
        d = distance_m(np.c_[a_lon], np.c_[a_lat], b_lon, b_lat)
        return sigma**2 * np.exp(-0.5 * (d / BROAD_LENGTH_M) ** 2) + FINE_SIGMA_MS**2 * np.exp(
            -0.5 * (d / FINE_LENGTH_M) ** 2
        )

    n = len(lon)
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = covariance(lon, lat, lon, lat) + np.diag(error**2)
    system[n, n] = 0.0
    right = np.ones(n + 1)
    right[:n] = covariance(lon, lat, [at_lon], [at_lat])[:, 0]
    solved = np.linalg.solve(system, right)
    variance = sigma**2 + FINE_SIGMA_MS**2 - solved @ right
    return solved[:n] @ wind, math.sqrt(variance)


@pytest.mark.parametrize("seed", range(4))
def test_given_scattered_stations_when_spread_then_the_textbook_system_agrees(seed: int) -> None:
    lon, lat, wind, error = random_stations(seed)
    places = place_vectors(lon, lat)
    sigma = find_sigma_ms(HEIGHT_M, places, wind, error)
    for at in ((126.5, 37.75), (121.0, 33.0), (131.9, 41.9), (140.0, 37.0)):
        found = spread_wind(HEIGHT_M, places, wind, error, place_vectors([at[0]], [at[1]]))
        wanted, stated = by_lagrange(lon, lat, wind, error, *at, sigma)
        # chords against arcs: a part in ten thousand of the distance
        np.testing.assert_allclose([*found.eastward_ms, *found.northward_ms], wanted, atol=0.06)
        assert found.error_ms[0] == pytest.approx(stated, rel=0.01)


def test_given_one_station_when_spread_then_its_wind_holds_and_its_error_has_the_closed_form() -> (
    None
):
    lat = np.array([37.0, 37.36, 38.8, 41.0, 60.0])
    found = spread_wind(
        HEIGHT_M,
        place_vectors([127.0], [37.0]),
        np.array([[9.0, -4.0]]),
        np.array([1.2]),
        place_vectors(np.full(5, 127.0), lat),
    )
    d = distance_m(127.0, 37.0, 127.0, lat)
    sigma = float(table_sigma_ms(HEIGHT_M))
    variance = (
        1.2**2
        + 2.0 * sigma**2 * (1.0 - np.exp(-0.5 * (d / BROAD_LENGTH_M) ** 2))
        + 2.0 * FINE_SIGMA_MS**2 * (1.0 - np.exp(-0.5 * (d / FINE_LENGTH_M) ** 2))
    )
    np.testing.assert_allclose(found.eastward_ms, 9.0)
    np.testing.assert_allclose(found.northward_ms, -4.0)
    np.testing.assert_allclose(found.error_ms, np.sqrt(variance), rtol=2e-3)
    assert found.error_ms[0] == pytest.approx(1.2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-30.0, 30.0), st.floats(0.0, 2.0 * math.pi))
def test_a_shifted_and_turned_wind_spreads_to_the_shifted_and_turned_estimate(
    seed: int, shift: float, angle: float
) -> None:
    lon, lat, wind, error = random_stations(seed, 6)
    places, points = place_vectors(lon, lat), place_vectors([125.0, 129.0], [36.0, 39.0])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    plain = spread_wind(HEIGHT_M, places, wind, error, points)
    moved = spread_wind(HEIGHT_M, places, wind @ turn + shift, error, points)
    expected = np.stack([plain.eastward_ms, plain.northward_ms], -1) @ turn + shift
    np.testing.assert_allclose(np.stack([moved.eastward_ms, moved.northward_ms], -1), expected)
    np.testing.assert_allclose(moved.error_ms, plain.error_ms)


@pytest.mark.parametrize("seed", range(3))
def test_given_stations_when_each_is_left_out_then_the_short_cut_is_the_long_way(seed: int) -> None:
    lon, lat, wind, error = random_stations(seed)
    places = place_vectors(lon, lat)
    sigma = find_sigma_ms(HEIGHT_M, places, wind, error)
    found = leave_one_out(HEIGHT_M, places, wind, error)
    for i in range(lon.size):
        rest = np.arange(lon.size) != i
        estimate, stated = by_lagrange(
            lon[rest], lat[rest], wind[rest], error[rest], lon[i], lat[i], sigma
        )
        np.testing.assert_allclose(found.difference_ms[i], wind[i] - estimate, atol=0.1)
        assert found.error_ms[i] == pytest.approx(math.hypot(stated, error[i]), rel=0.01)


def test_stations_that_differ_more_than_the_table_raise_the_error_and_alike_ones_lower_it() -> None:
    lon, lat, wind, error = random_stations(1, 12)
    places = place_vectors(lon, lat)
    table = float(table_sigma_ms(HEIGHT_M))
    assert find_sigma_ms(HEIGHT_M, places, 6.0 * wind, error) > 1.5 * table
    # of stations that are all alike the table is believed to a half at the least
    assert find_sigma_ms(HEIGHT_M, places, 0.0 * wind, error) == pytest.approx(
        table * math.sqrt(10.0 / 32.0)
    )
    assert find_sigma_ms(HEIGHT_M, places[:1], wind[:1], error[:1]) == pytest.approx(table)


def test_given_real_soundings_when_left_out_one_by_one_then_the_stated_error_is_honest(
    shared: Path,
) -> None:
    inventory, _ = scan_weather([shared / BUFR], EAST_ASIA)
    assert len(inventory.profiles) >= 40
    heights = np.array([500.0, 1_500.0, 3_000.0, 5_000.0, 7_000.0, 9_000.0, 12_000.0, 16_000.0])
    (sweep,), _ = group_soundings(inventory.profiles)
    columns = [make_column(p, heights) for p in sweep.profiles]
    missed, stated, nearest = [], [], []
    for k, height in enumerate(heights):
        there = [c for c in columns if np.isfinite(c.wind_ms[k]).all()]
        places = place_vectors([c.longitude[k] for c in there], [c.latitude[k] for c in there])
        wind = np.array([c.wind_ms[k] for c in there])
        error = np.array([c.error_ms[k] for c in there])
        for i in range(len(there)):
            rest = np.arange(len(there)) != i
            guess = spread_wind(height, places[rest], wind[rest], error[rest], places[i : i + 1])
            missed.append(wind[i] - [guess.eastward_ms[0], guess.northward_ms[0]])
            stated.append(math.hypot(guess.error_ms[0], error[i]))
            close = np.argmax(np.where(rest, places @ places[i], -2.0))
            nearest.append(wind[i] - wind[close])
    normal = np.array(missed) / np.array(stated)[:, None]
    assert 0.85 < math.sqrt(np.mean(normal**2)) < 1.2
    for k in (0, 1):
        assert 0.8 < math.sqrt(np.mean(normal[:, k] ** 2)) < 1.25
    # 95 % of a normal law lie within 1.96
    assert 0.90 < np.mean(np.abs(normal) < 1.96) < 0.98
    assert np.mean(np.square(missed)) < 0.75 * np.mean(np.square(nearest))


def test_given_the_seven_korean_soundings_then_the_stated_error_is_honest(shared: Path) -> None:
    inventory, _ = scan_weather([shared / BUFR], Window(124.0, 33.0, 130.0, 39.0))
    assert len(inventory.profiles) == 7
    sweeps, _ = group_soundings(inventory.profiles)
    found = compare_neighbours(sweeps, np.arange(500.0, 26_000.0, 500.0))
    normal = np.concatenate(
        [c.left_out.difference_ms / c.left_out.error_ms[:, None] for c in found]
    )
    assert 0.8 < math.sqrt(np.mean(normal**2)) < 1.25
