"""Suite 9: where and when a fall ends: on the ground, at the edge, top and end of the data."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.sim.flight import fly_balloons
from tests.unit.sim.made_winds import (
    DEG_M,
    HALF_KM,
    bound,
    degree_bound,
    drop,
    make_balloon,
    make_items,
    place_bound,
    wind_grid,
)


def test_a_landing_inside_a_step_is_exact(engine: str) -> None:
    grid = wind_grid(lambda lon, lat, h, t: (10.0, 0.0), terrain=123.0)
    falls = drop(grid, make_items(height=1_000.0, speed=1.7), 97.0, engine)

    assert falls.on_ground[0]
    assert falls.height_m[0] == pytest.approx(123.0, abs=bound(engine, 2e-3, 1_000.0))
    assert falls.time_s[0] == pytest.approx(877.0 / 1.7, abs=bound(engine, 1e-3, 877.0 / 1.7))
    assert falls.longitude[0] * DEG_M == pytest.approx(8_770.0 / 1.7, abs=place_bound(engine, 0.02))


@pytest.mark.parametrize("slope", [0.02, -0.005])
def test_a_landing_on_a_slope_is_where_path_and_ground_meet(slope: float, engine: str) -> None:
    longitude = np.linspace(-1.0, 1.0, 9)
    terrain = 500.0 + slope * DEG_M * longitude
    grid = wind_grid(
        lambda lon, lat, h, t: (12.0, 0.0),
        longitude=longitude,
        terrain=np.tile(terrain, (3, 1)),
        height=(-2_000.0, 26_000.0),
    )
    falls = drop(grid, make_items(height=2_000.0, speed=1.5), 150.0, engine)
    seconds = (2_000.0 - 500.0) / (1.5 + slope * 12.0)

    assert falls.time_s[0] == pytest.approx(seconds, abs=bound(engine, 5e-3, seconds))
    assert falls.longitude[0] * DEG_M == pytest.approx(
        12.0 * seconds, abs=place_bound(engine, 0.05)
    )
    assert falls.height_m[0] == pytest.approx(
        500.0 + slope * 12.0 * seconds, abs=bound(engine, 5e-3, 2_000.0)
    )


def test_a_release_on_a_level_face_falls_like_one_beside_it(engine: str) -> None:
    grid = wind_grid(lambda lon, lat, h, t: (0.0078125 * h, 0.0), height=HALF_KM)
    heights = np.array([2_500.0, 2_500.0 + 1e-7, 2_500.0 - 1e-7, 2_500.9, 2_499.1])
    falls = drop(grid, make_items(height=heights, speed=1.5), 200.0, engine)

    np.testing.assert_allclose(
        falls.time_s, heights / 1.5, rtol=0, atol=bound(engine, 2e-3, 1_667.0)
    )
    np.testing.assert_allclose(
        falls.longitude * DEG_M,
        0.0078125 * heights**2 / 3.0,
        rtol=0,
        atol=place_bound(engine, 0.05),
    )


def test_a_release_on_or_under_the_ground_ends_there_and_then(engine: str) -> None:
    grid = wind_grid(lambda lon, lat, h, t: (10.0, 0.0), terrain=100.0)
    falls = drop(grid, make_items(height=[100.0, 60.0], time=50.0), 60.0, engine)

    assert falls.on_ground.all()
    np.testing.assert_array_equal(falls.time_s, 50.0)
    np.testing.assert_array_equal(falls.longitude, 0.0)


def test_the_end_of_the_data_in_time_ends_a_fall_there(engine: str) -> None:
    grid = wind_grid(time=(0.0, 1_000.0))
    falls = drop(grid, make_items(height=[3_000.0, 1_000.0], speed=1.5), 300.0, engine)

    assert falls.on_ground.tolist() == [False, True]
    assert falls.time_s[0] == pytest.approx(1_000.0, abs=bound(engine, 0.0, 1_000.0))
    assert falls.height_m[0] == pytest.approx(1_500.0, abs=bound(engine, 1e-6, 3_000.0))


@pytest.mark.parametrize("time", [-1.0, 90_000.0, 86_400.0])
def test_a_release_outside_the_hours_of_the_data_leaves_them_at_once(
    time: float, engine: str
) -> None:
    falls = drop(wind_grid(), make_items(time=time), 60.0, engine)

    assert not falls.on_ground[0]
    assert falls.time_s[0] == time


def test_a_hole_in_time_ends_a_fall_where_it_begins(engine: str) -> None:
    grid = wind_grid(time=(0.0, 3_600.0, 18_000.0, 21_600.0), holes=(1,))
    falls = drop(
        grid,
        make_items(height=[9_000.0, 3_000.0, 9_000.0, 3_000.0], time=[0.0, 0.0, 7_200.0, 18_000.0]),
        200.0,
        engine,
    )

    assert falls.on_ground.tolist() == [False, True, False, True]
    assert falls.time_s[::2] == pytest.approx([3_600.0, 7_200.0], abs=bound(engine, 0.0, 3_600.0))
    assert falls.height_m[0] == pytest.approx(
        9_000.0 - 1.5 * 3_600.0, abs=bound(engine, 1e-6, 9_000.0)
    )


def test_the_edge_of_the_box_ends_a_fall_on_the_edge(engine: str) -> None:
    grid = wind_grid(lambda lon, lat, h, t: (100.0, 0.0), longitude=(-1.0, 0.0, 1.0))
    falls = drop(grid, make_items(height=9_000.0), 200.0, engine)

    assert not falls.on_ground[0]
    assert falls.longitude[0] == pytest.approx(1.0, abs=degree_bound(engine, 2e-6))
    assert falls.longitude[0] <= 1.0
    assert falls.time_s[0] == pytest.approx(DEG_M / 100.0, abs=bound(engine, 2e-3, DEG_M / 100.0))


def test_what_rises_through_the_top_of_the_data_leaves_them_there(engine: str) -> None:
    grid = wind_grid(height=(0.0, 4_000.0), up=2.0)
    falls = drop(grid, make_items(height=3_000.0, speed=1.0), 300.0, engine)

    assert not falls.on_ground[0]
    assert falls.height_m[0] == pytest.approx(4_000.0, abs=bound(engine, 5e-3, 4_000.0))


def test_a_balloon_that_rises_through_the_top_of_the_data_leaves_them_there() -> None:
    flights = fly_balloons(wind_grid(height=(0.0, 4_000.0)), make_balloon(), 60.0)

    assert flights.end_height_m[0] == pytest.approx(4_000.0, abs=0.05)
    assert flights.reason[0] == 2
