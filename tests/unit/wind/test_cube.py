"""The contract of a wind cube, and the reference interpolation that other code is held to."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from downwind.atmosphere import geopotential_height
from downwind.errors import WeatherContentError, WindCoverageError, WindValueError
from downwind.wind.cube import (
    CLOUD,
    DIMS,
    EAST,
    EAST_10M,
    HEIGHT,
    HUMIDITY,
    NORTH,
    NORTH_10M,
    PRECIPITATION,
    SURFACE_DIMS,
    TEMPERATURE,
    TERRAIN,
    TERRAIN_DIMS,
    UPWARD,
    interpolate_wind,
    validate_cube,
)

START = np.datetime64("2024-01-02T06:00:00", "ns")
START_S = 1_704_175_200
HOUR_S = 3600.0


def make_dataset(
    *,
    members: int = 1,
    hours: tuple[int, ...] = (0, 6),
    longitudes: tuple[float, ...] = (126.0, 127.0, 128.0),
    heights: tuple[float, ...] = (100.0, 1500.0, 5500.0),
) -> xr.Dataset:
    """Return a dataset with u = 1 + 2 t + 3 y + 5 x + 7 k + 11 m in steps of each axis."""
    shape = (members, len(hours), len(heights), 3, len(longitudes))
    m, t, k, y, x = np.indices(shape)
    hour = np.array(hours)[t]
    east = (1.0 + 2.0 * hour + 3.0 * y + 5.0 * x + 7.0 * k + 11.0 * m).astype(np.float32)
    height = (np.array(heights)[k] + 10.0 * y).astype(np.float32)
    pressure = 101_325.0 * np.exp(-np.array(heights) / 8000.0)
    return xr.Dataset(
        {EAST: (DIMS, east), NORTH: (DIMS, -0.5 * east), HEIGHT: (DIMS, height)},
        coords={
            "realization": np.arange(members),
            "time": START + np.array(hours) * np.timedelta64(3_600_000_000_000, "ns"),
            "level": ("level", pressure, {"standard_name": "air_pressure"}),
            "latitude": [37.0, 38.0, 39.0],
            "longitude": list(longitudes),
        },
        attrs={
            "source": "test wind",
            "files": "a.nc, b.nc",
            "digest": "00",
            "forecast_reference_time": "2024-01-02T00:00:00Z",
            "nature": "forecast",
            "warnings": "",
            "notes": "one\ntwo",
        },
    )


def test_given_a_whole_dataset_when_validated_then_properties_tell_what_it_is() -> None:
    cube = validate_cube(make_dataset(members=2))
    assert cube.times_s.tolist() == [START_S, START_S + 21_600]
    assert cube.times_s.dtype == np.int64
    assert (cube.member_count, cube.level_count) == (2, 3)
    assert (cube.source, cube.digest, cube.nature) == ("test wind", "00", "forecast")
    assert cube.files == "a.nc, b.nc"
    assert cube.notes == ("one", "two")
    assert cube.reference_time_s == START_S - 21_600
    seen = [cube.has_vertical_wind, cube.has_surface_wind, cube.has_terrain]
    assert seen == [False, False, False]
    assert "2 members" in cube.describe()
    assert len(cube.describe()) < 100


def test_given_optional_fields_when_validated_then_they_are_seen() -> None:
    data = make_dataset()
    data[EAST_10M] = (SURFACE_DIMS, data[EAST].values[:, :, 0])
    data[NORTH_10M] = (SURFACE_DIMS, data[EAST].values[:, :, 0])
    data[TERRAIN] = (TERRAIN_DIMS, data[HEIGHT].values[0, 0, 0])
    upward = np.zeros(data[EAST].shape, np.float32)
    upward[:, :, 2] = np.nan
    data[UPWARD] = (DIMS, upward)
    cube = validate_cube(data)
    assert cube.has_vertical_wind
    assert cube.has_surface_wind
    assert cube.has_terrain


@pytest.mark.parametrize("name", [EAST, NORTH, HEIGHT])
def test_given_a_needed_variable_missing_when_validated_then_it_is_named(name: str) -> None:
    with pytest.raises(WeatherContentError, match=name):
        validate_cube(make_dataset().drop_vars(name))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [EAST, NORTH, HEIGHT])
def test_given_a_value_that_is_no_number_when_validated_then_its_place_is_named(
    name: str, value: float
) -> None:
    data = make_dataset(members=2)
    data[name].values[1, 1, 2, 1, 0] = value
    with pytest.raises(WindValueError, match=name) as caught:
        validate_cube(data)
    for part in ("hPa", "2024-01-02T12:00:00Z", "38 N 126 E", "member 1"):
        assert part in caught.value.message
    assert caught.value.hint


def test_given_a_wind_of_201_ms_when_validated_then_refused() -> None:
    data = make_dataset()
    data[EAST].values[0, 0, 1, 2, 2] = 201.0
    with pytest.raises(WindValueError, match=r"more than 200 m/s.*39 N 128 E"):
        validate_cube(data)


def test_given_heights_that_do_not_rise_when_validated_then_the_column_is_named() -> None:
    data = make_dataset()
    data[HEIGHT].values[0, 0, 2, 0, 1] = 1400.0
    with pytest.raises(WindValueError, match=r"does not lie above .*37 N 127 E"):
        validate_cube(data)


def test_given_vertical_wind_missing_on_a_part_of_a_level_when_validated_then_refused() -> None:
    data = make_dataset()
    upward = np.zeros(data[EAST].shape, np.float32)
    upward[0, 0, 1, 1, 1] = np.nan
    data[UPWARD] = (DIMS, upward)
    with pytest.raises(WindValueError, match="a part of its level"):
        validate_cube(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.isel(level=slice(1)), "at least 2"),
        (lambda d: d.isel(longitude=[0]), "at least 2"),
        (lambda d: d.isel(time=[1, 0]), "times do not ascend"),
        (lambda d: d.isel(level=[2, 1, 0]), "from the ground up"),
        (lambda d: d.isel(latitude=[2, 1, 0]), "latitude is not ascending"),
        (lambda d: d.assign_coords(longitude=[126.0, 127.5, 128.0]), "evenly spaced"),
        (lambda d: d.assign_coords(longitude=[226.0, 227.0, 228.0]), "first belongs in"),
        (lambda d: d.assign_coords(latitude=[89.0, 90.0, 91.0]), "beyond a pole"),
        (lambda d: d.assign_coords(realization=[0.5]), "unique integers"),
        (lambda d: d.squeeze("realization"), "no axis realization"),
        (lambda d: d.astype(np.float64), "not float32"),
        (lambda d: d.transpose("time", ...), "dims"),
        (lambda d: d.assign_attrs(nature="guess"), "none of"),
        (lambda d: d.assign_attrs(nature="reanalysis"), "forecast_reference_time"),
        (lambda d: d.assign_attrs(forecast_reference_time="2024-01-02"), "no zone"),
        (lambda d: d.assign_attrs(digest=0), "lacks the text digest"),
    ],
)
def test_given_a_broken_contract_when_validated_then_it_is_said(change: object, said: str) -> None:
    assert callable(change)
    with pytest.raises(WeatherContentError, match=said):
        validate_cube(change(make_dataset()))


def test_vector_10_wind_interpolation() -> None:
    data = make_dataset(heights=(1457.0, 3012.0))
    data[HEIGHT].values[:] = np.array([1457.0, 3012.0], np.float32)[:, None, None]
    data[EAST].values[:] = np.array([5.0, 11.0], np.float32)[:, None, None]
    cube = validate_cube(data)
    height_m = float(geopotential_height(2000.0))
    u_ms, v_ms = interpolate_wind(cube, 0, START_S + 100.0, 126.3, 38.2, height_m)
    assert height_m == pytest.approx(1999.371, abs=1e-3)
    assert u_ms == pytest.approx(7.0927, abs=1e-4)
    assert np.isfinite(v_ms)


@pytest.mark.parametrize("member", [0, 1])
def test_given_a_field_linear_on_every_axis_when_interpolated_then_exact(member: int) -> None:
    cube = validate_cube(make_dataset(members=2))
    t, y, x, part = 2.5, 1.25, 0.75, 0.4
    height_m = 1500.0 + part * 4000.0 + 10.0 * y
    u_ms, v_ms = interpolate_wind(cube, member, START_S + t * HOUR_S, 126.0 + x, 37.0 + y, height_m)
    wanted = 1.0 + 2.0 * t + 3.0 * y + 5.0 * x + 7.0 * (1.0 + part) + 11.0 * member
    assert u_ms == pytest.approx(wanted, abs=1e-9)
    assert v_ms == pytest.approx(-0.5 * wanted, abs=1e-9)


def test_given_each_corner_when_interpolated_then_the_value_of_the_grid() -> None:
    cube = validate_cube(make_dataset())
    for t, y, x, k in np.ndindex(2, 3, 3, 3):
        height_m = float(cube.dataset[HEIGHT].values[0, t, k, y, x])
        u_ms, _ = interpolate_wind(
            cube, 0, float(cube.times_s[t]), cube.longitude[x], cube.latitude[y], height_m
        )
        assert u_ms == pytest.approx(float(cube.dataset[EAST].values[0, t, k, y, x]), abs=1e-9)


def test_given_longitude_written_either_way_when_interpolated_then_the_same() -> None:
    cube = validate_cube(make_dataset(longitudes=(179.0, 180.0, 181.0)))
    one = interpolate_wind(cube, 0, START_S, -179.5, 38.0, 2000.0)
    assert one == interpolate_wind(cube, 0, START_S, 180.5, 38.0, 2000.0)


def test_given_a_global_grid_when_interpolated_then_it_closes() -> None:
    around = tuple(np.arange(-180.0, 180.0, 90.0))
    cube = validate_cube(make_dataset(longitudes=around))
    assert cube.is_global
    last, _ = interpolate_wind(cube, 0, START_S, 90.0, 38.0, 2000.0)
    first, _ = interpolate_wind(cube, 0, START_S, -180.0, 38.0, 2000.0)
    between, _ = interpolate_wind(cube, 0, START_S, 135.0, 38.0, 2000.0)
    assert between == pytest.approx(0.5 * (first + last))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"epoch_s": START_S - 1.0}, "2024-01-02T05:59:59Z lies outside"),
        ({"epoch_s": START_S + 21_601.0}, "lies outside"),
        ({"longitude": 125.9}, "126 to 128 E"),
        ({"latitude": 39.1}, "37 to 39 N"),
        ({"height_m": 50.0}, "50 m lies outside"),
        ({"height_m": 6000.0}, "6000 m lies outside"),
        ({"member": 1}, "no member 1"),
    ],
)
def test_given_a_point_outside_when_interpolated_then_it_is_said(
    where: dict[str, float], said: str
) -> None:
    at = {"member": 0, "epoch_s": START_S, "longitude": 127.0, "latitude": 38.0, "height_m": 2e3}
    with pytest.raises(WindCoverageError, match=said):
        interpolate_wind(validate_cube(make_dataset()), **{**at, **where})  # type: ignore[arg-type]


def test_given_a_single_time_when_interpolated_then_only_that_time_is_there() -> None:
    cube = validate_cube(make_dataset(hours=(0,)))
    assert interpolate_wind(cube, 0, START_S, 127.0, 38.0, 2000.0)
    with pytest.raises(WindCoverageError):
        interpolate_wind(cube, 0, START_S + 60.0, 127.0, 38.0, 2000.0)


@pytest.mark.parametrize("name", [HUMIDITY, CLOUD, PRECIPITATION])
def test_given_gaps_in_the_air_when_validated_then_allowed_and_seen(name: str) -> None:
    data = make_dataset()
    shape = data[EAST].shape
    dims = SURFACE_DIMS if name == PRECIPITATION else DIMS
    values = np.full(shape if dims == DIMS else (*shape[:2], *shape[3:]), 0.1, np.float32)
    values[0, 0, 0, 0] = np.nan
    data[name] = (dims, values)
    cube = validate_cube(data)
    assert (cube.has_humidity, cube.has_cloud) == (name == HUMIDITY, name == CLOUD)
    assert not cube.has_temperature


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (HUMIDITY, 1.01), (HUMIDITY, -0.01), (HUMIDITY, 55.0), (HUMIDITY, np.inf), (CLOUD, 1.5),
        (CLOUD, -0.2), (TEMPERATURE, 15.0), (TEMPERATURE, 400.0), (TEMPERATURE, np.nan),
    ],
)  # fmt: skip
def test_given_air_that_cannot_be_when_validated_then_its_place_is_named(
    name: str, value: float
) -> None:
    data = make_dataset()
    values = np.full(data[EAST].shape, 250.0 if name == TEMPERATURE else 0.5, np.float32)
    values[0, 1, 2, 2, 0] = value
    data[name] = (DIMS, values)
    with pytest.raises(WindValueError, match=name) as caught:
        validate_cube(data)
    for part in ("hPa", "2024-01-02T12:00:00Z", "39 N 126 E"):
        assert part in caught.value.message


def test_given_a_cloudburst_of_more_than_720_mm_an_hour_when_validated_then_refused() -> None:
    data = make_dataset()
    data[PRECIPITATION] = data[EAST].isel(level=0, drop=True) * np.float32(0.0) + np.float32(0.21)
    with pytest.raises(WindValueError, match=r"precipitation_flux.*outside 0 to 0.2 kg m-2 s-1"):
        validate_cube(data)
