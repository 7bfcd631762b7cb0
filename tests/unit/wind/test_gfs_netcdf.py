"""GFS as NetCDF from THREDDS servers, wgrib2 and GrADS data servers; odd axes and units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from downwind.errors import WeatherContentError
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    EAST,
    EAST_10M,
    FRICTION_VELOCITY,
    GUST,
    HEIGHT,
    NORTH,
    NORTH_10M,
    PRECIPITATION,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    WindCube,
)
from downwind.wind.sources import read_weather, scan_weather
from downwind.wind.window import Window
from tests.unit.wind.gfs_netcdf import make_grads, make_thredds, make_wgrib2
from tests.unit.wind.weather_files import (
    LEVELS_HPA,
    RUN_S,
    field_value,
    make_era5,
    write_netcdf,
)

MAKERS: dict[str, Callable[[], xr.Dataset]] = {
    "thredds": make_thredds,
    "wgrib2": make_wgrib2,
    "grads": make_grads,
}
UPPER = {EAST: "u", NORTH: "v", HEIGHT: "gh", TEMPERATURE: "t"}
SURFACE = {
    EAST_10M: "10u", NORTH_10M: "10v", SURFACE_PRESSURE: "sp", GUST: "gust",
    BOUNDARY_LAYER: "blh", FRICTION_VELOCITY: "zust",
}  # fmt: skip


def expect_all(cube: WindCube) -> None:
    lat, lon = cube.latitude[:, None], cube.longitude[None, :]
    for t, step in enumerate((cube.times_s - RUN_S) / 3600.0):
        for variable, name in UPPER.items():
            for level in LEVELS_HPA:
                wanted = field_value(name, lat, lon, level, step)
                got = cube.dataset[variable].sel(level=100.0 * level).values[0, t]
                np.testing.assert_allclose(got, wanted, rtol=2e-6, atol=1e-3, err_msg=variable)
        for variable, name in SURFACE.items():
            wanted = field_value(name, lat, lon, 0.0, step)
            got = cube.dataset[variable].values[0, t]
            np.testing.assert_allclose(got, wanted, rtol=2e-6, err_msg=variable)
    ground = field_value("orog", lat, lon)
    np.testing.assert_allclose(cube.dataset[TERRAIN].values, ground, rtol=1e-6)


@pytest.mark.parametrize("kind", ["hdf5", "classic"])
@pytest.mark.parametrize("layout", MAKERS)
def test_given_gfs_as_netcdf_when_read_then_values_run_and_times_are_right(
    layout: str, kind: str, tmp_path: Path
) -> None:
    cube = read_weather([write_netcdf(MAKERS[layout](), tmp_path / "a.nc", kind)])
    assert (cube.nature, cube.reference_time_s) == ("forecast", RUN_S)
    assert cube.times_s.tolist() == [RUN_S + 10_800, RUN_S + 21_600]
    assert cube.has_vertical_wind
    assert cube.has_humidity
    assert cube.warnings == ()
    expect_all(cube)


def test_given_a_mean_rate_with_bounds_when_read_then_its_span_is_said(tmp_path: Path) -> None:
    cube = read_weather([write_netcdf(make_thredds(), tmp_path / "a.nc", "hdf5")])
    lat, lon = cube.latitude[:, None], cube.longitude[None, :]
    got = cube.dataset[PRECIPITATION].values[0, 1]
    np.testing.assert_allclose(got, field_value("prate", lat, lon, 0.0, 6.0), rtol=1e-5)
    assert "precipitation_flux is the mean of the 3 h before its time" in cube.notes


@pytest.mark.parametrize("layout", MAKERS)
def test_given_a_window_when_read_then_only_its_part_and_the_same_values(
    layout: str, tmp_path: Path
) -> None:
    path = write_netcdf(MAKERS[layout](), tmp_path / "a.nc", "hdf5")
    whole = read_weather([path])
    part = read_weather([path], Window(120.5, 31.5, 121.0, 32.0, start_s=RUN_S + 20_000))
    assert part.times_s.tolist() == [RUN_S + 21_600]
    assert part.latitude.size < whole.latitude.size
    same = whole.dataset[EAST].sel(
        time=part.dataset["time"], latitude=part.latitude, longitude=part.longitude
    )
    np.testing.assert_array_equal(part.dataset[EAST].values, same.values)


@pytest.mark.parametrize(
    ("unit", "factor"), [("feet", 1 / 0.3048), ("ft", 1 / 0.3048), ("dam", 0.1), ("km", 0.001)]
)
def test_given_heights_in_another_unit_when_read_then_metres(
    unit: str, factor: float, tmp_path: Path
) -> None:
    made = make_wgrib2()
    for name in made:
        if str(name).startswith("HGT"):
            made[name] = (made[name] * factor).assign_attrs(units=unit)
    expect_all(read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")]))


def test_given_heights_in_an_unknown_unit_when_read_then_named(tmp_path: Path) -> None:
    made = make_era5(names=("u", "v"))
    made["gh"] = made["u"].assign_attrs(units="furlong")
    found = scan_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])[0]
    assert any("the unit 'furlong'" in reason and "gh" in reason for reason in found.left_out)


@pytest.mark.parametrize(
    ("units", "scale"),
    [
        ("seconds since 2024-01-02 06:00", 3600.0),
        ("minutes since 2024-01-02 06:00", 60.0),
        ("days since 2024-01-02 06:00", 1.0 / 24.0),
    ],
)
def test_given_another_unit_of_time_when_read_then_the_same_hours(
    units: str, scale: float, tmp_path: Path
) -> None:
    made = make_era5()
    made = made.assign_coords(time=("time", np.array([0.0, 6.0]) * scale, {"units": units}))
    cube = read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert cube.times_s.tolist() == [RUN_S, RUN_S + 21_600]


def test_given_the_julian_calendar_when_read_then_the_day_that_it_names(tmp_path: Path) -> None:
    made = make_era5(steps_h=(0,))
    attrs = {"units": "hours since 2023-12-20 06:00", "calendar": "julian"}
    made = made.assign_coords(time=("time", [0.0], attrs))
    cube = read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert cube.times_s.tolist() == [RUN_S]


@pytest.mark.parametrize("is_same", [True, False])
def test_given_a_level_twice_when_read_then_once_or_refused(is_same: bool, tmp_path: Path) -> None:
    made = make_era5()
    extra = made.isel(level=[1])
    if not is_same:
        extra["u"] = extra["u"] + 1.0
    twice = xr.concat([made, extra], dim="level", data_vars="minimal")
    path = write_netcdf(twice, tmp_path / "a.nc", "hdf5")
    if is_same:
        assert read_weather([path]).level_count == len(LEVELS_HPA)
        return
    with pytest.raises(WeatherContentError, match="eastward_wind on 850 hPa .* twice"):
        read_weather([path])


def test_given_levels_in_no_order_when_read_then_sorted(tmp_path: Path) -> None:
    made = make_era5().isel(level=[1, 0, 2])
    cube = read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert cube.dataset["level"].values.tolist() == [100_000.0, 85_000.0, 50_000.0]


@pytest.mark.parametrize(("members", "hours"), [(None, 1), ((0, 1), 3)])
def test_given_rain_and_gusts_of_era5_when_read_then_over_their_hours(
    members: tuple[int, ...] | None, hours: int, tmp_path: Path
) -> None:
    made = make_era5(members=members)
    flat = made["u"].isel(level=0, drop=True)
    made["tp"] = (flat * 0.0 + 0.0036).assign_attrs(units="m")
    made["fg10"] = (flat * 0.0 + 14.0).assign_attrs(units="m s**-1")
    made.attrs["history"] = "reanalysis-era5-pressure-levels"
    cube = read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    np.testing.assert_allclose(cube.dataset[PRECIPITATION].values, 1.0e-3 / hours, rtol=1e-5)
    np.testing.assert_allclose(cube.dataset[GUST].values, 14.0)
    assert f"wind_speed_of_gust is the greatest of the {hours} h before its time" in cube.notes


def test_given_a_sum_of_rain_without_hours_when_read_then_left_out_by_name(
    tmp_path: Path,
) -> None:
    made = make_era5()
    made["tp"] = (made["u"].isel(level=0, drop=True) * 0.0).assign_attrs(units="m")
    cube = read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert PRECIPITATION not in cube.dataset
    assert any("tp in a.nc" in note and "does not state the hours" in note for note in cube.notes)


def test_given_monthly_means_when_read_then_refused_by_name(tmp_path: Path) -> None:
    made = make_era5()
    for name in made:
        made[name].attrs["GRIB_stepType"] = "avgua"
    with pytest.raises(WeatherContentError, match="monthly mean") as caught:
        read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert "no wind of a day" in caught.value.hint
