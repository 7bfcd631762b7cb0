"""Suite 10: the naming of longitudes, the antimeridian, the poles, and the order of axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from downwind.constants import EARTH_RADIUS_M
from downwind.wind.grid import WindOptions, build_grid
from downwind.wind.sources import read_weather
from tests.unit.sim.made_winds import (
    DEG_M,
    HALF_KM,
    bound,
    degree_bound,
    drop,
    make_items,
    miss_m,
    place_bound,
    shear_and_turn,
    wind_grid,
)
from tests.unit.wind.weather_files import RUN_S, make_era5, write_netcdf


@pytest.mark.parametrize(
    ("first", "release"),
    [
        pytest.param(176.0, 179.9, id="axis passes 180, release west of it"),
        pytest.param(-184.0, 179.9, id="axis of negative longitudes"),
        pytest.param(176.0, -180.1, id="release beyond -180"),
        pytest.param(536.0, 179.9, id="axis beyond 360"),
    ],
)
def test_the_antimeridian_and_the_naming_of_longitudes_change_nothing(
    first: float, release: float, engine: str
) -> None:
    axis = np.linspace(0.0, 8.0, 33)
    lat = np.linspace(-3.0, 3.0, 25)

    def about(offset):
        return lambda lon, y, h, t: shear_and_turn(lon - offset, y, h, t)

    plain = wind_grid(about(10.0), latitude=lat, longitude=10.0 - 4.0 + axis, height=HALF_KM)
    moved = wind_grid(about(first + 4.0), latitude=lat, longitude=first + axis, height=HALF_KM)
    expected = drop(plain, make_items(9.9, 0.3, 4_000.0), 200.0, engine)
    falls = drop(moved, make_items(release, 0.3, 4_000.0), 200.0, engine)

    assert expected.longitude[0] > 10.0
    assert (falls.longitude[0] - expected.longitude[0]) % 360.0 == pytest.approx(
        170.0, abs=degree_bound(engine, 1e-9)
    )
    assert -180.0 <= falls.longitude[0] < 180.0
    assert falls.latitude[0] == pytest.approx(expected.latitude[0], abs=degree_bound(engine, 1e-9))


def test_longitudes_of_0_to_360_and_of_180_each_way_land_alike_on_a_global_grid(
    engine: str,
) -> None:
    def waves(lon, lat, h, t):
        x, y = np.radians(lon), np.radians(lat)
        return 20.0 * np.cos(y) + 5.0 * np.sin(3.0 * x), 8.0 * np.cos(2.0 * x)

    lat = np.arange(-90.0, 91.0, 2.0)
    east = wind_grid(waves, latitude=lat, longitude=np.arange(0.0, 361.0, 2.0))
    both = wind_grid(waves, latitude=lat, longitude=np.arange(-180.0, 181.0, 2.0))
    start = np.array([-179.9, -90.3, -0.05, 0.0, 0.05, 91.7, 179.95])
    a = drop(east, make_items(start % 360.0, 12.0, 6_000.0), 200.0, engine)
    b = drop(both, make_items(start, 12.0, 6_000.0), 200.0, engine)

    assert a.on_ground.all()
    np.testing.assert_allclose(
        miss_m(a.longitude, a.latitude, b.longitude, b.latitude), 0, atol=place_bound(engine, 0.5)
    )


def fly_over_the_pole(spacing: float, pole: int, engine: str) -> float:
    """Carry a float over a pole to the same latitude beyond it; return by how much it misses."""
    speed = 40.0

    def over(lon, lat, h, t):
        x, y = np.radians(lon - 0.37), np.radians(lat)
        return -speed * np.sin(y) * np.cos(x), speed * np.sin(x)

    hours = 0.5 * (2.0 * 12.0 * DEG_M) / speed
    grid = wind_grid(
        over,
        time=(0.0, 2.0 * hours),
        latitude=np.arange(-90.0, 90.1, spacing),
        longitude=np.arange(0.0, 360.1, spacing),
    )
    start = (90.37, 78.0) if pole > 0 else (-89.63, -78.0)
    falls = drop(grid, make_items(*start, 5_000.0, speed=0.0), 200.0, engine)
    assert falls.time_s[0] == pytest.approx(2.0 * hours, abs=bound(engine, 0.0, 2.0 * hours))
    return float(miss_m(falls.longitude[0], falls.latitude[0], start[0] - 180.0, start[1]))


@pytest.mark.parametrize("pole", [1, -1])
def test_a_path_over_the_pole_is_the_great_circle_of_a_rotated_frame(
    pole: int, engine: str
) -> None:
    misses = [fly_over_the_pole(spacing, pole, engine) for spacing in (2.0, 1.0, 0.5)]

    # what is left is the linear interpolation of a turning vector: second order in the spacing
    assert misses[-1] < 40.0, misses
    assert misses[0] / misses[2] > 8.0, misses


def test_a_sphere_turning_about_any_axis_carries_items_round_it(engine: str) -> None:
    omega = 30.0 / EARTH_RADIUS_M
    axis = np.array([np.cos(np.radians(35.0)), 0.0, np.sin(np.radians(35.0))])

    def turning(lon, lat, h, t):
        x, y = np.radians(lon), np.radians(lat)
        r = np.stack(np.broadcast_arrays(np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
        v = EARTH_RADIUS_M * omega * np.cross(axis, r, axisb=0, axisc=0)
        east = v[0] * -np.sin(x) + v[1] * np.cos(x)
        north = -v[0] * np.sin(y) * np.cos(x) - v[1] * np.sin(y) * np.sin(x) + v[2] * np.cos(y)
        return east, north

    grid = wind_grid(
        turning,
        latitude=np.arange(-90.0, 90.1, 0.5),
        longitude=np.arange(0.0, 360.1, 0.5),
    )
    lon, lat = np.array([20.0, -60.0, 179.0, 5.0]), np.array([10.0, 74.0, -40.0, 89.0])
    falls = drop(grid, make_items(lon, lat, 5_000.0, speed=0.0), 200.0, engine)
    x, y = np.radians(lon), np.radians(lat)
    r = np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)]).T
    angle = omega * 86_400.0
    turned = (
        r * np.cos(angle)
        + np.cross(axis, r) * np.sin(angle)
        + axis * (r @ axis)[:, None] * (1.0 - np.cos(angle))
    )
    expected_lon = np.degrees(np.arctan2(turned[:, 1], turned[:, 0]))
    expected_lat = np.degrees(np.arcsin(turned[:, 2]))

    # 2592 km of path; linear interpolation over half a degree leaves (0.5 deg)^2 / 8 of it
    misses = miss_m(falls.longitude, falls.latitude, expected_lon, expected_lat)
    assert misses.max() < 40.0, misses


@pytest.mark.parametrize("turned", [("latitude",), ("level",), ("latitude", "level")])
def test_a_file_whose_levels_or_latitudes_run_the_other_way_gives_the_same_bits(
    turned: tuple[str, ...], tmp_path: Path, engine: str
) -> None:
    data = make_era5(names=("u", "v", "z"))
    options = WindOptions(surface="log", terrain_constant_m=120.0)
    items = make_items([120.6, 121.4], [31.2, 31.9], [4_200.0, 3_300.0], RUN_S + 900.0)
    ends = []
    for name, file in (
        ("as_is", data),
        ("turned", data.isel({dim: slice(None, None, -1) for dim in turned})),
    ):
        grid = build_grid(
            read_weather([write_netcdf(file, tmp_path / f"{name}.nc", "hdf5")]), options
        )
        ends.append(drop(grid, items, 200.0, engine))

    assert ends[0].on_ground.all()
    assert np.abs(ends[0].longitude - items.longitude).min() * DEG_M > 5e3
    assert np.array_equal(ends[0].longitude, ends[1].longitude)
    assert np.array_equal(ends[0].latitude, ends[1].latitude)
    assert np.array_equal(ends[0].time_s, ends[1].time_s)
