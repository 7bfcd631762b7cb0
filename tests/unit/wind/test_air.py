"""The air along a path: exact on linear fields, NaN where nothing is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind.atmosphere import temperature_k
from downwind.errors import ArgumentError, WindCoverageError
from downwind.wind.air import AirField, build_air
from downwind.wind.cube import (
    CLOUD,
    DIMS,
    EAST,
    HEIGHT,
    HUMIDITY,
    NORTH,
    PRECIPITATION,
    SURFACE_DIMS,
    TEMPERATURE,
    WindCube,
    validate_cube,
)
from downwind.wind.grid import WindOptions, build_grid
from downwind.wind.synthetic import SyntheticAir, SyntheticWind

HOUR_S = 3600.0
START = np.datetime64("2024-01-02T06:00:00", "ns")
START_S = 1_704_175_200.0
HEIGHTS_M = np.array([100.0, 1500.0, 3000.0, 5500.0])
BOX = (125.0, 37.0, 129.0, 40.0)


def linear(m: object, t_h: object, h_m: object, lat: object, lon: object) -> tuple:  # type: ignore[type-arg]
    """Return temperature, humidity and cloud that are linear in everything."""
    t, h, y, x = (np.asarray(v, float) for v in (t_h, h_m, lat, lon))
    member = np.asarray(m, float)
    kelvin = 300.0 - 0.006 * h + 0.5 * (y - 37.0) - 0.1 * (x - 126.0) + 0.2 * t + 2.0 * member
    humidity = 0.8 - 1e-4 * h + 0.02 * (y - 37.0) + 3e-4 * (x - 126.0) - 0.01 * t
    return kelvin, humidity, 0.5 * humidity


def make_cube(
    *,
    hours: tuple[int, ...] = (0, 6),
    longitudes: tuple[float, ...] = (126.0, 127.0, 128.0),
    members: int = 2,
    air: bool = True,
) -> WindCube:
    """Return a cube whose level heights slope, with air that is linear in height."""
    lats, lons = np.array([37.0, 38.0, 39.0]), np.array(longitudes)
    shape = (members, len(hours), HEIGHTS_M.size, lats.size, lons.size)
    m, t, k, y, x = np.indices(shape)
    pressure = 1e5 * np.exp(-HEIGHTS_M / 8e3)
    height = HEIGHTS_M[k] + 30.0 * (lats[y] - 37.0) + 5.0 * np.array(hours)[t]
    wind = np.ones(shape, np.float32)
    data = {EAST: (DIMS, wind), NORTH: (DIMS, wind), HEIGHT: (DIMS, height.astype(np.float32))}
    if air:
        values = linear(m, np.array(hours)[t], height, lats[y], lons[x])
        for name, array in zip((TEMPERATURE, HUMIDITY, CLOUD), values, strict=True):
            data[name] = (DIMS, array.astype(np.float32))
        rain = 1e-4 + 1e-5 * (lats[y] - 37.0)[:, :, 0]
        data[PRECIPITATION] = (SURFACE_DIMS, rain.astype(np.float32))
    return validate_cube(
        xr.Dataset(
            data,
            coords={
                "realization": np.arange(members),
                "time": START + np.array(hours) * np.timedelta64(3_600_000_000_000, "ns"),
                "level": ("level", pressure, {"standard_name": "air_pressure"}),
                "latitude": lats,
                "longitude": lons,
            },
            attrs={
                "source": "test wind", "files": "a.nc", "digest": "00", "warnings": "", "notes": "",
                "forecast_reference_time": "2024-01-02T00:00:00Z", "nature": "forecast",
            },
        )
    )  # fmt: skip


def need_air(cube: WindCube, **options: float) -> AirField:
    air = build_air(cube, **options)
    assert air is not None
    return air


def make_synthetic(air: SyntheticAir | None) -> SyntheticWind:
    heights = np.array([0.0, 1000.0, 4000.0, 8000.0, 16_000.0, 25_000.0])
    speed = np.array([np.linspace(2.0, 30.0, 6), np.linspace(4.0, 20.0, 6)])
    times = np.array([START_S, START_S + 12 * HOUR_S])
    return SyntheticWind(
        "synthetic test", times, heights, speed, -speed, 127.0, 38.5, (0.1, 0.2, 0.3, 0.4), air
    )


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1),
    st.floats(126.0, 128.0),
    st.floats(37.0, 39.0),
    st.floats(190.0, 5500.0),
    st.floats(0.0, 6.0),
)
def test_given_linear_fields_when_sampled_anywhere_inside_then_exact(
    member: int, lon: float, lat: float, h_m: float, hour: float
) -> None:
    air = need_air(make_cube())
    got = air.sample(member, lon, lat, h_m, START_S + hour * HOUR_S)
    kelvin, humidity, cloud = linear(member, hour, h_m, lat, lon)
    assert got.temperature_k == pytest.approx(kelvin, abs=2e-3)
    assert got.relative_humidity == pytest.approx(humidity, abs=2e-5)
    assert got.cloud_fraction == pytest.approx(cloud, abs=2e-5)
    assert got.precipitation_kgm2s == pytest.approx(1e-4 + 1e-5 * (lat - 37.0), rel=1e-5)
    turned = air.sample(member, lon - 360.0, lat, h_m, START_S + hour * HOUR_S)
    np.testing.assert_allclose(turned.temperature_k, got.temperature_k, atol=1e-6)


def test_given_many_points_when_sampled_at_once_then_as_one_by_one() -> None:
    air = need_air(make_cube())
    rng = np.random.default_rng(3)
    n = 2500
    member, lon = rng.integers(0, 2, n), rng.uniform(125.5, 128.5, n)
    lat, h_m = rng.uniform(36.5, 39.5, n), rng.uniform(0, 6000, n)
    time = START_S + rng.uniform(-1, 7, n) * HOUR_S
    whole = air.sample(member, lon, lat, h_m, time)
    assert whole.temperature_k.shape == (n,)
    assert 0 < np.isnan(whole.temperature_k).sum() < n
    for i in range(0, n, 97):
        one = air.sample(member[i], lon[i], lat[i], h_m[i], time[i])
        np.testing.assert_array_equal([v[0] for v in one], [v[i] for v in whole])


@pytest.mark.parametrize(
    "at",
    [
        {"longitude": 125.99}, {"longitude": 128.01}, {"latitude": 36.99}, {"latitude": 39.01},
        {"height_m": 90.0}, {"height_m": 5700.0}, {"time_s": START_S - 1.0},
        {"time_s": START_S + 6 * HOUR_S + 1.0}, {"longitude": np.nan}, {"height_m": np.nan},
        {"time_s": np.nan},
    ],
)  # fmt: skip
def test_given_a_point_outside_when_sampled_then_nan(at: dict[str, float]) -> None:
    place = {"longitude": 127.0, "latitude": 38.0, "height_m": 2000.0, "time_s": START_S + HOUR_S}
    air = need_air(make_cube())
    assert np.isfinite(air.sample(0, **place).temperature_k)
    outside = air.sample(0, **(place | at))
    assert np.isnan(outside.temperature_k)
    assert np.isnan(outside.relative_humidity)


def test_given_a_corner_of_the_data_when_sampled_then_known() -> None:
    cube = make_cube()
    top = float(cube.dataset[HEIGHT].values[1, 1, -1, -1, -1])
    got = need_air(cube).sample(1, 128.0, 39.0, top, START_S + 6 * HOUR_S)
    assert got.temperature_k == pytest.approx(cube.dataset[TEMPERATURE].values[1, 1, -1, -1, -1])


def test_given_humidity_missing_on_the_top_level_when_sampled_then_nan_beside_it_only() -> None:
    cube = make_cube()
    cube.dataset[HUMIDITY].values[:, :, 3] = np.nan
    air = need_air(validate_cube(cube.dataset))
    got = air.sample(0, 127.0, 37.0, [1600.0, 3000.0, 3001.0, 5500.0], START_S)
    assert np.isnan(got.relative_humidity).tolist() == [False, False, True, True]
    assert np.isfinite(got.temperature_k).all()


def test_given_one_missing_point_when_sampled_on_its_neighbour_then_known() -> None:
    cube = make_cube()
    cube.dataset[CLOUD].values[0, 0, 1, 0, 0] = np.nan
    air = need_air(validate_cube(cube.dataset))
    height = float(cube.dataset[HEIGHT].values[0, 0, 1, 0, 0])
    got = air.sample(0, [126.0, 126.5, 127.0], 37.0, height, START_S)
    assert np.isnan(got.cloud_fraction).tolist() == [True, True, False]


def test_given_a_long_gap_when_sampled_in_it_then_nan_unless_declared() -> None:
    cube = make_cube(hours=(0, 9))
    middle = START_S + 4.5 * HOUR_S
    ends = np.array([START_S, START_S + 9 * HOUR_S])
    air = need_air(cube)
    assert np.isnan(air.sample(0, 127.0, 38.0, 2000.0, middle).temperature_k)
    assert np.isfinite(air.sample(0, 127.0, 38.0, 2000.0, ends).temperature_k).all()
    bridged = need_air(cube, max_gap_hours=12.0).sample(0, 127.0, 38.0, 2000.0, middle)
    assert bridged.temperature_k == pytest.approx(linear(0, 4.5, 2000.0, 38.0, 127.0)[0], abs=2e-3)


def test_given_a_single_time_when_sampled_later_then_known_as_long_as_it_is_held_steady() -> None:
    cube = make_cube(hours=(0,))
    times = START_S + np.array([0.0, 3.0, 12.0, 12.1]) * HOUR_S
    alone = need_air(cube).sample(0, 127.0, 38.0, 2000.0, times).temperature_k
    steady = need_air(cube, steady_hours=12.0).sample(0, 127.0, 38.0, 2000.0, times).temperature_k
    assert np.isnan(alone).tolist() == [False, True, True, True]
    assert np.isnan(steady).tolist() == [False, False, False, True]
    assert steady[0] == steady[2]


def test_given_a_global_cube_when_sampled_past_the_last_longitude_then_it_wraps() -> None:
    around = tuple(np.arange(-180.0, 180.0, 30.0))
    cube = make_cube(longitudes=around)
    cube.dataset[TEMPERATURE].values[...] = 250.0
    cube.dataset[TEMPERATURE].values[..., 0] = 260.0
    air = need_air(cube)
    got = air.sample(0, [165.0, -195.0, 179.999999, 180.0, -180.0], 38.0, 2000.0, START_S)
    np.testing.assert_allclose(got.temperature_k, [255.0, 255.0, 260.0, 260.0, 260.0], atol=1e-4)


def test_given_no_such_member_when_sampled_then_refused() -> None:
    air = need_air(make_cube(members=1))
    for member in (1, -1):
        with pytest.raises(WindCoverageError, match="there is no member"):
            air.sample(member, 127.0, 38.0, 2000.0, START_S)
        with pytest.raises(WindCoverageError, match="there is no member"):
            air.temperature_offset_k(127.0, 38.0, START_S, 200.0, 300.0, member)


def test_given_a_cube_of_wind_alone_when_asked_for_air_then_none() -> None:
    cube = make_cube(air=False)
    assert build_air(cube) is None
    assert build_grid(cube, WindOptions(surface="log", terrain_constant_m=0.0)).air is None


# --- the mean over a layer ---------------------------------------------------------------------


def test_given_the_standard_atmosphere_plus_5_when_averaged_then_5_over_any_layer() -> None:
    cube = make_synthetic(SyntheticAir(temperature_offset_k=5.0)).to_cube(BOX, 1.0, 6 * HOUR_S)
    air = need_air(cube)
    low = np.array([0.0, 0.0, 9000.0, 10_500.0, 3000.0, 19_000.0])
    high = np.array([25_000.0, 4000.0, 14_000.0, 11_500.0, 3000.0, 22_000.0])
    got = air.temperature_offset_k(127.3, 38.2, START_S + HOUR_S, low, high)
    np.testing.assert_allclose(got, 5.0, atol=2e-5)


def test_given_a_linear_temperature_when_averaged_then_the_offset_of_the_middle() -> None:
    air = need_air(make_cube())
    low, high, lat, lon, hour = 700.0, 5300.0, 38.4, 127.6, 2.0
    middle = 0.5 * (low + high)
    wanted = linear(1, hour, middle, lat, lon)[0] - temperature_k(middle)
    got = air.temperature_offset_k(lon, lat, START_S + hour * HOUR_S, low, high, 1)
    assert got == pytest.approx(wanted, abs=2e-3)


def test_given_a_layer_that_leaves_the_data_when_averaged_then_known_if_most_is_covered() -> None:
    air = need_air(make_cube())
    low = np.array([0.0, 0.0, 5000.0, 7000.0])
    high = np.array([5000.0, 600.0, 6000.0, 8000.0])
    got = air.temperature_offset_k(127.0, 37.0, START_S, low, high)
    assert np.isnan(got).tolist() == [False, True, True, True]
    inside = air.temperature_offset_k(127.0, 37.0, START_S, 100.0, 5000.0)
    assert got[0] == pytest.approx(inside[0])
    assert np.isnan(air.temperature_offset_k(120.0, 37.0, START_S, 500.0, 900.0))


def test_given_no_temperature_when_averaged_then_nan() -> None:
    data = make_cube().dataset.drop_vars([TEMPERATURE])
    air = need_air(validate_cube(data))
    assert np.isnan(air.temperature_offset_k(127.0, 38.0, START_S, 500.0, 900.0))
    assert not air.serves_icing


def test_given_a_layer_upside_down_when_averaged_then_refused() -> None:
    with pytest.raises(ArgumentError, match="900 m ends below, at 500 m"):
        need_air(make_cube()).temperature_offset_k(127.0, 38.0, START_S, 900.0, 500.0)


# --- in the grid -------------------------------------------------------------------------------


def test_given_a_cube_with_air_when_laid_out_then_the_grid_has_it_and_is_else_the_same() -> None:
    bare, full = make_cube(air=False), make_cube()
    options = WindOptions(surface="log", terrain_constant_m=0.0)
    grid, plain = build_grid(full, options), build_grid(bare, options)
    np.testing.assert_array_equal(grid.arrays.wind, plain.arrays.wind)
    assert (grid.digest, grid.bridges, grid.notes) == (plain.digest, plain.bridges, plain.notes)
    assert grid.air is not None
    assert grid.air.serves_icing
    assert "air" not in repr(grid)
    kept = dataclasses.replace(grid, notes=("one",))
    assert kept.air is grid.air


def test_given_a_box_and_one_member_when_laid_out_then_the_air_is_cut_alike() -> None:
    cube = make_cube(longitudes=tuple(np.arange(120.0, 135.0)))
    options = WindOptions(surface="log", terrain_constant_m=0.0)
    grid = build_grid(cube, options, (127.0, 38.0, 150_000.0), 1)
    assert grid.air is not None
    assert grid.air.member_count == grid.member_count == 1
    assert (grid.air.longitude[0], grid.air.longitude[-1]) == grid.box[::2]
    place = (127.4, 38.3, 2000.0, START_S + HOUR_S)
    np.testing.assert_array_equal(grid.air.sample(0, *place), need_air(cube).sample(0, *place))


def test_given_a_steady_mission_when_laid_out_then_the_air_is_as_steady_as_the_wind() -> None:
    options = WindOptions(steady_hours=12.0, surface="log", terrain_constant_m=0.0)
    grid = build_grid(make_cube(hours=(0,)), options)
    assert grid.air is not None
    last = grid.air.sample(0, 127.0, 38.0, 2000.0, grid.end_s)
    assert np.isfinite(last.temperature_k)
    assert np.isnan(grid.air.sample(0, 127.0, 38.0, 2000.0, grid.end_s + 1.0).temperature_k)


# --- synthetic air -----------------------------------------------------------------------------

CLOUDY = SyntheticAir(
    temperature_offset_k=-8.0,
    temperature_gradient=(0.5, -0.25, 0.1),
    relative_humidity=0.3,
    cloud_m=(2000.0, 4500.0),
    cloud_fraction=0.8,
    cloud_humidity=0.98,
)


def test_given_synthetic_air_when_sampled_then_the_closed_form() -> None:
    wind = make_synthetic(CLOUDY)
    air = need_air(wind.to_cube(BOX, 0.5, 3 * HOUR_S))
    rng = np.random.default_rng(11)
    n = 400
    lon, lat = rng.uniform(125, 129, n), rng.uniform(37, 40, n)
    h_m, hour = rng.uniform(0, 25_000, n), rng.uniform(0, 12, n)
    h_m[:60] = rng.uniform(1980, 2020, 60)
    got = air.sample(0, lon, lat, h_m, START_S + hour * HOUR_S)
    kelvin = CLOUDY.find_temperature_k(lon - 127.0, lat - 38.5, h_m, hour)
    np.testing.assert_allclose(got.temperature_k, kelvin, atol=1e-3)
    np.testing.assert_allclose(got.relative_humidity, CLOUDY.find_humidity(h_m), atol=1e-4)
    np.testing.assert_allclose(got.cloud_fraction, CLOUDY.find_cloud(h_m), atol=1e-4)
    assert np.isnan(got.precipitation_kgm2s).all()


def test_given_a_synthetic_cloud_when_asked_for_then_it_lies_between_base_and_top() -> None:
    heights = [1989.0, 1995.0, 2000.0, 3000.0, 4500.0, 4511.0]
    np.testing.assert_allclose(CLOUDY.find_cloud(heights), [0.0, 0.4, 0.8, 0.8, 0.8, 0.0])
    assert CLOUDY.find_humidity(3000.0) == pytest.approx(0.98)
    assert CLOUDY.find_humidity(9000.0) == pytest.approx(0.3)
    assert SyntheticAir().find_cloud(3000.0) == 0.0


def test_given_air_when_added_to_a_synthetic_wind_then_the_wind_stays_and_the_digest_changes() -> (
    None
):
    bare, full = make_synthetic(None), make_synthetic(CLOUDY)
    one, two = (wind.to_cube(BOX, 1.0, 6 * HOUR_S) for wind in (bare, full))
    assert TEMPERATURE not in one.dataset
    assert one.level_count == 6
    at = {"level": one.dataset["level"].values}
    np.testing.assert_array_equal(two.dataset[EAST].sel(at).values, one.dataset[EAST].values)
    assert one.digest != two.digest
    assert two.has_temperature
    assert two.has_humidity
    assert two.has_cloud
