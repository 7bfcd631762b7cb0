"""Faults seen in peers, each with the value that shows it.

a. RK4 that is of first order, as its stages read the wind of the step's start (OpenDrift).
b. Cached levels that end above the deepest item (OpenDrift).
c. The surface of one corner of a cell used in the whole cell (MPTRAC).
d. Reflection at the ground (MPTRAC).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from downwind.sim.drop import ItemArrays
from downwind.times import epoch_to_datetime64
from downwind.wind.cube import WindCube, interpolate_wind, validate_cube
from downwind.wind.grid import WindOptions, build_grid
from tests.unit.sim.made_winds import (
    DEG_M,
    HALF_KM,
    bound,
    carry,
    degree_bound,
    drop,
    gridded_wind,
    make_items,
    miss_m,
    observed_order,
    place_bound,
    wind_grid,
)

# --- a: an RK4 that is of first order ------------------------------------------------------------

TURN_S = 28_800.0


def growing_turn(lon, lat, h, t):
    """Turn about a point ever faster: linear in place and in time, so the grid holds it exactly."""
    rate = 2.0 * np.pi / TURN_S * DEG_M * (0.5 + t / TURN_S)
    return -rate * lat + 4.0 * t / TURN_S, rate * lon - 2.0 * t / TURN_S


def rk4(
    wind_ms: Callable, start: tuple[float, float], step: float, frozen: bool
) -> tuple[float, float]:
    """Return where classical RK4 ends; frozen: all stages read the wind of the step's start."""

    def rates(p: np.ndarray, t: float) -> np.ndarray:
        u, v = wind_ms(p[0], p[1], 5_000.0, t)
        return np.array([u / (DEG_M * math.cos(math.radians(p[1]))), v / DEG_M])

    p = np.array(start)
    for k in range(round(TURN_S / step)):
        t = k * step
        half, full = (t, t) if frozen else (t + 0.5 * step, t + step)
        a = rates(p, t)
        b = rates(p + 0.5 * step * a, half)
        c = rates(p + 0.5 * step * b, half)
        d = rates(p + step * c, full)
        p = p + step / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return float(p[0]), float(p[1])


def test_a_the_order_is_the_fourth_in_wind_that_changes_with_time_and_place(engine: str) -> None:
    grid = wind_grid(growing_turn, time=(0.0, TURN_S), latitude=(-1.0, 1.0), longitude=(-1.0, 1.0))
    wind, start = gridded_wind(grid), (0.25, 0.125)
    truth = carry(wind, start, 5_000.0, (0.0, TURN_S))
    ours, right, wrong = [], [], []
    for step in (3_600.0, 1_800.0, 900.0, 450.0):
        end = drop(grid, make_items(*start, 5_000.0, speed=0.0), step, engine)
        ours.append(float(miss_m(end.longitude[0], end.latitude[0], *truth)))
        right.append(float(miss_m(*rk4(wind, start, step, frozen=False), *truth)))
        wrong.append(float(miss_m(*rk4(wind, start, step, frozen=True), *truth)))

    assert np.all(observed_order(ours, engine) >= 3.9), ours
    assert np.all(observed_order(right) >= 3.9), right
    np.testing.assert_allclose(observed_order(wrong)[1:], 1.0, atol=0.3)
    assert wrong[-1] > 100.0
    assert ours[-1] < place_bound(engine, 0.5)


# --- b: levels cached for the items of a batch ---------------------------------------------------


def shear_by_level(lon, lat, h, t):
    """A wind that is another one on every level."""
    return 10.0 + 15.0 * np.sin(h / 300.0), 10.0 * np.cos(h / 450.0)


def fall_alone(grid, items: ItemArrays, k: int, engine: str):
    one = ItemArrays(*(c if c.size == 1 else c[k : k + 1].copy() for c in items))
    return drop(grid, one, 200.0, engine)


@pytest.mark.parametrize(
    "heights",
    [
        pytest.param([9_900.0, 40.0, 5_000.0, 600.0, 8_123.0, 260.0], id="high and low together"),
        pytest.param([9_000.0, 9_100.0, 8_950.0, 9_050.0], id="all fall below the deepest"),
        pytest.param([9_000.0] * 40 + [30.0] + [9_500.0] * 40, id="one deep among high ones"),
    ],
)
def test_b_each_item_of_a_batch_falls_as_it_does_alone(heights: list[float], engine: str) -> None:
    grid = wind_grid(shear_by_level, height=HALF_KM)
    items = make_items(height=heights, speed=1.5)
    falls = drop(grid, items, 200.0, engine)
    nodes_u, nodes_v = (np.asarray(x) for x in shear_by_level(0, 0, HALF_KM, 0))
    for k, z0 in enumerate(heights):
        one = fall_alone(grid, items, k, engine)
        assert (falls.longitude[k], falls.latitude[k], falls.time_s[k]) == (
            one.longitude[0],
            one.latitude[0],
            one.time_s[0],
        )
        # the wind is linear between levels: trapezoids from face to face
        faces = np.append(HALF_KM[z0 > HALF_KM], z0)
        for end, nodes in ((falls.longitude[k], nodes_u), (falls.latitude[k], nodes_v)):
            wind = np.interp(faces, HALF_KM, nodes)
            drift = float(np.sum(0.5 * (wind[1:] + wind[:-1]) * np.diff(faces))) / 1.5
            assert end * DEG_M == pytest.approx(drift, abs=place_bound(engine, 1.0))


# --- c: the surface of one corner used in the whole cell -----------------------------------------

HILLS = np.array([[0.0, 900.0, 200.0], [600.0, 1_500.0, 100.0], [300.0, 0.0, 1_200.0]])


def bilinear(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the height of the hills, by hand, over cells of one degree from -1, -1."""
    i, j = np.minimum(lat + 1.0, 1.999).astype(int), np.minimum(lon + 1.0, 1.999).astype(int)
    y, x = lat + 1.0 - i, lon + 1.0 - j
    south = (1.0 - x) * HILLS[i, j] + x * HILLS[i, j + 1]
    north = (1.0 - x) * HILLS[i + 1, j] + x * HILLS[i + 1, j + 1]
    return (1.0 - y) * south + y * north


@pytest.mark.parametrize("wind_ms", [(0.0, 0.0), (12.0, -5.0)])
def test_c_the_ground_is_that_of_the_landing_place_and_not_of_a_corner(
    wind_ms: tuple[float, float], engine: str
) -> None:
    axis = np.array([-1.0, 0.0, 1.0])
    grid = wind_grid(
        lambda lon, lat, h, t: wind_ms,
        latitude=axis,
        longitude=axis,
        terrain=HILLS,
        height=HALF_KM,
    )
    lon, lat = (
        x.ravel() for x in np.meshgrid(np.linspace(-0.9, 0.4, 9), np.linspace(-0.5, 0.9, 8))
    )
    falls = drop(grid, make_items(lon, lat, 2_500.0, speed=1.5), 200.0, engine)
    ground = bilinear(falls.longitude, falls.latitude)
    corner = HILLS[np.floor(lat + 1.0).astype(int), np.floor(lon + 1.0).astype(int)]

    assert falls.on_ground.all()
    np.testing.assert_allclose(falls.height_m, ground, rtol=0, atol=bound(engine, 2e-3, 2_500.0))
    np.testing.assert_allclose(
        falls.time_s, (2_500.0 - ground) / 1.5, rtol=0, atol=bound(engine, 5e-3, 1_667.0)
    )
    # a corner's height would be wrong by hundreds of metres, or minutes
    assert np.median(np.abs(ground - corner)) > 200.0


TILT_M, SPACING_M, WIND_A_LEVEL = 150.0, 700.0, 8.0


def tilted_cube() -> WindCube:
    """Levels that rise by 150 m a degree of longitude, and a wind that is the level's number."""
    lon, lat, level = np.arange(-2.0, 3.0), np.arange(-1.0, 2.0), np.arange(12.0)
    shape = (1, 2, level.size, lat.size, lon.size)
    number = level[:, None, None]
    height = -1_000.0 + SPACING_M * number + TILT_M * lon
    dims = ("realization", "time", "level", "latitude", "longitude")
    fields = {
        "eastward_wind": (WIND_A_LEVEL * number, "m s-1", dims),
        "northward_wind": (0.0 * number, "m s-1", dims),
        "geopotential_height": (height, "m", dims),
        "surface_altitude": (np.zeros((lat.size, lon.size)), "m", dims[3:]),
    }
    dataset = xr.Dataset(
        {
            name: (
                d,
                np.broadcast_to(values, shape if d == dims else values.shape).astype(np.float32),
                {"units": unit, "standard_name": name},
            )
            for name, (values, unit, d) in fields.items()
        },
        coords={
            "realization": [0],
            "time": epoch_to_datetime64(np.array([0.0, 18_000.0])),
            "level": (
                "level",
                100_000.0 - 5_000.0 * level,
                {"units": "Pa", "standard_name": "air_pressure"},
            ),
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        attrs={
            "source": "made",
            "files": "",
            "digest": "0" * 64,
            "forecast_reference_time": "",
            "nature": "synthetic",
            "warnings": "",
            "notes": "",
        },
    )
    return validate_cube(dataset)


@pytest.mark.parametrize("longitude", [-1.6, -0.5, 0.0, 0.3, 1.75])
@pytest.mark.parametrize("h", [130.0, 1_000.0, 2_222.0, 4_950.0])
def test_c_the_wind_at_a_place_is_that_of_the_level_heights_there(
    longitude: float, h: float
) -> None:
    cube = tilted_cube()
    grid = build_grid(cube, WindOptions())
    u, v = gridded_wind(grid)(longitude, 0.4, h, 7_000.0)
    here = WIND_A_LEVEL * (h + 1_000.0 - TILT_M * longitude) / SPACING_M
    corner = WIND_A_LEVEL * (h + 1_000.0 - TILT_M * math.floor(longitude)) / SPACING_M

    assert u == pytest.approx(here, abs=1e-4)
    assert v == 0.0
    assert interpolate_wind(cube, 0, 7_000.0, longitude, 0.4, h)[0] == pytest.approx(here, abs=1e-4)
    if longitude != math.floor(longitude):
        assert abs(corner - here) > 0.4


def test_c_an_item_falls_through_tilted_levels_as_the_closed_form_says(engine: str) -> None:
    z0, speed = 5_000.0, 1.25
    grid = build_grid(tilted_cube(), WindOptions())
    falls = drop(grid, make_items(-0.9, 0.0, z0, 600.0, speed), 200.0, engine)
    # x' = a - b x - c t, with x in metres from the meridian
    a = WIND_A_LEVEL * (z0 + 1_000.0) / SPACING_M
    b, c = WIND_A_LEVEL * TILT_M / DEG_M / SPACING_M, WIND_A_LEVEL * speed / SPACING_M
    t, x0 = z0 / speed, -0.9 * DEG_M
    x = (a + c / b) / b - c * t / b + (x0 - (a + c / b) / b) * math.exp(-b * t)

    assert falls.longitude[0] * DEG_M == pytest.approx(x, abs=place_bound(engine, 0.5))
    assert x - x0 > 100e3


# --- d: reflection at the ground -----------------------------------------------------------------


@pytest.mark.parametrize("step", [10.0, 200.0, 1_000.0])
def test_d_an_item_stays_where_path_and_ground_meet(step: float, engine: str) -> None:
    longitude = np.linspace(-2.0, 2.0, 17)
    slope, z0, speed = 0.01, 3_000.0, 1.5
    rise = slope * DEG_M * longitude
    # the wind would carry on: it is 30 m/s at the ground and below
    grid = wind_grid(
        lambda lon, lat, h, t: (30.0, 0.0),
        longitude=longitude,
        terrain=np.tile(rise, (3, 1)),
        height=np.arange(-3_000.0, 9_001.0, 500.0),
    )
    start = np.linspace(-1.0, 0.5, 40)
    falls = drop(grid, make_items(start, 0.0, z0, speed=speed), step, engine)
    seconds = (z0 - slope * DEG_M * start) / (speed + slope * 30.0)

    assert falls.on_ground.all()
    np.testing.assert_allclose(
        falls.time_s, seconds, rtol=0, atol=bound(engine, 5e-3, float(seconds.max()))
    )
    np.testing.assert_allclose(
        falls.longitude,
        start + 30.0 * seconds / DEG_M,
        rtol=0,
        atol=degree_bound(engine, 2e-6),
    )
    np.testing.assert_allclose(
        falls.height_m,
        slope * DEG_M * falls.longitude,
        rtol=0,
        atol=bound(engine, 1e-3, z0),
    )


def test_d_air_that_rises_from_under_the_ground_does_not_lift_what_has_landed(engine: str) -> None:
    ground = 100.0
    grid = wind_grid(
        lambda lon, lat, h, t: (20.0, 0.0),
        height=np.arange(-1_000.0, 6_001.0, 500.0),
        terrain=ground,
    )
    lift = np.array(grid.arrays.wind)
    lift[:, :, :2, ..., 2] = 9.0  # six times the fall, from 500 m below sea level down
    grid = replace(grid, arrays=grid.arrays._replace(wind=lift, wind_flat=lift.reshape(-1)))
    heights = ground + np.linspace(1.0, 5_500.0, 60)
    falls = drop(grid, make_items(height=heights, speed=1.5), 1_000.0, engine)
    seconds = (heights - ground) / 1.5

    assert falls.on_ground.all()
    np.testing.assert_allclose(falls.height_m, ground, rtol=0, atol=bound(engine, 1e-9, ground))
    np.testing.assert_allclose(
        falls.time_s, seconds, rtol=0, atol=bound(engine, 2e-3, float(seconds.max()))
    )
    np.testing.assert_allclose(
        falls.longitude * DEG_M, 20.0 * seconds, rtol=0, atol=place_bound(engine, 0.05)
    )


def meet_a_ridge(under_crest_m: np.ndarray, step: float, engine: str):
    """Let items come at a ridge so far under its crest; return which ones it stops."""
    longitude = np.arange(-2.0, 2.01, 0.25)
    crest, speed, wind = 1_000.0, 0.5, 25.0
    ridge = np.where(np.isclose(longitude, 0.0), crest, 0.0)
    grid = wind_grid(
        lambda lon, lat, h, t: (wind, 0.0),
        longitude=longitude,
        terrain=np.tile(ridge, (3, 1)),
        height=HALF_KM,
    )
    start = -0.5
    fallen = speed * -start * DEG_M / wind
    falls = drop(
        grid, make_items(start, 0.0, crest - under_crest_m + fallen, speed=speed), step, engine
    )
    assert falls.on_ground.all()
    return falls.longitude < degree_bound(engine, 1e-9)


@pytest.mark.parametrize("step", [30.0, 100.0, 200.0])
def test_d_a_ridge_stops_what_comes_at_it_lower_than_half_a_step_of_its_slope(
    step: float, engine: str
) -> None:
    depth = 1_000.0 / (0.25 * DEG_M) * 25.0 * 0.5 * step

    assert meet_a_ridge(depth + np.linspace(0.0, 500.0, 101), step, engine).all()
    assert not meet_a_ridge(-np.linspace(1.0, 500.0, 101), step, engine).any()


@pytest.mark.parametrize("step", [30.0, 100.0, 200.0])
def test_d_a_ridge_stops_all_that_come_at_it_under_its_crest(step: float, engine: str) -> None:
    assert meet_a_ridge(np.linspace(1.0, 100.0, 100), step, engine).all()
