"""The NetCDF reader on files made here: both layouts of the store, both formats, odd axes."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from downwind.errors import WeatherContentError, WeatherFileError, WeatherTruncatedError
from downwind.wind.cube import EAST, HEIGHT, NORTH, WindCube
from downwind.wind.sources import read_weather
from tests.unit.wind.weather_files import (
    LATITUDES,
    LEVELS_HPA,
    LONGITUDES,
    RUN_S,
    field_value,
    make_era5,
    write_netcdf,
)

KINDS = ("hdf5", "classic", "classic64")


def expect_wind(cube: WindCube, tolerance: float = 2e-3) -> None:
    lat, lon = cube.latitude[:, None], cube.longitude[None, :]
    step = (cube.times_s - RUN_S) / 3600.0
    for variable, name in ((EAST, "u"), (NORTH, "v"), (HEIGHT, "gh")):
        for level in LEVELS_HPA:
            field = cube.dataset[variable].sel(level=level * 100.0).values
            for m, member in enumerate(cube.dataset["realization"].values):
                for t in range(step.size):
                    wanted = field_value(name, lat, lon, level, step[t], int(member))
                    np.testing.assert_allclose(field[m, t], wanted, atol=tolerance, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["old", "new"])
def test_given_either_layout_when_read_then_values_at_their_place(
    tmp_path: Path, layout: str, kind: str
) -> None:
    cube = read_weather([write_netcdf(make_era5(layout=layout), tmp_path / "a.nc", kind)])
    assert (cube.nature, cube.reference_time_s) == ("reanalysis", None)
    assert cube.times_s.tolist() == [RUN_S, RUN_S + 21_600]
    assert cube.latitude.tolist() == LATITUDES.tolist()
    assert cube.longitude.tolist() == LONGITUDES.tolist()
    expect_wind(cube)


@pytest.mark.parametrize("kind", KINDS)
def test_given_packed_integers_when_read_then_unpacked(tmp_path: Path, kind: str) -> None:
    path = write_netcdf(make_era5(), tmp_path / "a.nc", kind, packed=True)
    expect_wind(read_weather([path]), tolerance=0.15)


@pytest.mark.parametrize("layout", ["old", "new"])
def test_given_members_when_read_then_one_realization_each(tmp_path: Path, layout: str) -> None:
    path = write_netcdf(make_era5(layout=layout, members=(0, 1, 2)), tmp_path / "a.nc", "hdf5")
    cube = read_weather([path])
    assert cube.member_count == 3
    expect_wind(cube)


def test_given_final_and_preliminary_data_when_read_then_merged(tmp_path: Path) -> None:
    whole = make_era5()
    final = whole.where(xr.DataArray([True, False], dims="time"))
    early = whole.where(xr.DataArray([False, True], dims="time"))
    mixed = xr.concat([final, early], dim="expver", data_vars="all").assign_coords(expver=[1, 5])
    for name in whole.data_vars:
        mixed[name].attrs = dict(whole[name].attrs)
    cube = read_weather([write_netcdf(mixed, tmp_path / "a.nc", "hdf5")])
    assert cube.times_s.size == 2
    expect_wind(cube)


def test_given_hours_and_variables_in_many_files_when_read_then_one_cube(tmp_path: Path) -> None:
    paths = [
        write_netcdf(
            make_era5(steps_h=(step,), names=names), tmp_path / f"{step}{names[0]}", "hdf5"
        )
        for step in (0, 6)
        for names in (("u", "v"), ("z",))
    ]
    expect_wind(read_weather(paths))


def test_given_a_forecast_as_cfgrib_writes_it_when_read_then_it_has_its_run(
    tmp_path: Path,
) -> None:
    steps = np.array([3.0, 6.0])
    old = make_era5(steps_h=(3, 6), levels=LEVELS_HPA).rename(time="step", level="isobaricInhPa")
    seconds = {"units": "seconds since 1970-01-01", "calendar": "proleptic_gregorian"}
    made = old.assign_coords(
        step=("step", steps, {"units": "hours", "standard_name": "forecast_period"}),
        time=((), np.int64(RUN_S), {**seconds, "standard_name": "forecast_reference_time"}),
        valid_time=("step", RUN_S + 3600.0 * steps, {**seconds, "standard_name": "time"}),
    )
    cube = read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert (cube.nature, cube.reference_time_s) == ("forecast", RUN_S)
    expect_wind(cube)
    bare = made.drop_vars("valid_time")
    expect_wind(read_weather([write_netcdf(bare, tmp_path / "b.nc", "hdf5")]))


def test_given_surface_fields_when_read_then_z_without_level_is_the_ground(
    tmp_path: Path,
) -> None:
    made = make_era5()
    flat = make_era5(levels=(1000,)).isel(level=0, drop=True)
    made["u10"] = flat["u"]
    made["v10"] = flat["v"]
    ground = flat["z"].isel(time=0, drop=True) * 0.0 + 9.80665 * 120.0
    surface = ground.to_dataset(name="z")
    surface["z"].attrs = {"units": "m**2 s**-2"}
    paths = [
        write_netcdf(made, tmp_path / "a.nc", "hdf5"),
        write_netcdf(surface, tmp_path / "ground.nc", "hdf5"),
    ]
    cube = read_weather(paths)
    assert cube.has_surface_wind
    np.testing.assert_allclose(cube.dataset["surface_altitude"].values, 120.0, rtol=1e-6)


def test_given_one_level_without_axis_when_read_then_z_is_no_ground(tmp_path: Path) -> None:
    flat = make_era5(levels=(850,)).isel(level=0, drop=True)
    path = write_netcdf(flat, tmp_path / "a.nc", "hdf5")
    with pytest.raises(WeatherContentError, match="no pressure level") as caught:
        read_weather([path])
    assert "as the wind beside it" in caught.value.message


def test_given_levels_in_pascal_when_read_then_the_same_cube(tmp_path: Path) -> None:
    made = make_era5(layout="new")
    level = made["pressure_level"].values * 100.0
    made = made.assign_coords(pressure_level=("pressure_level", level, {"units": "Pa"}))
    expect_wind(read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")]))


@pytest.mark.parametrize(("factor", "unit"), [(100.0, "hPa"), (0.01, "hPa"), (1.0, "Pa")])
def test_given_levels_in_a_wrong_unit_when_read_then_the_heights_give_it_away(
    tmp_path: Path, factor: float, unit: str
) -> None:
    data = make_era5()
    data = data.assign_coords(level=data["level"] * factor)
    data["level"].attrs["units"] = unit
    with pytest.raises(WeatherContentError, match=r"as no such pressure does: is its unit wrong\?"):
        read_weather([write_netcdf(data, tmp_path / "wrong.nc", "hdf5")])


def test_given_levels_without_unit_when_read_then_refused(tmp_path: Path) -> None:
    made = make_era5()
    made["level"].attrs.clear()
    with pytest.raises(WeatherContentError, match="no unit: hPa or Pa") as caught:
        read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert "ncatted" in caught.value.hint


def test_given_wind_in_knots_when_read_then_refused(tmp_path: Path) -> None:
    made = make_era5()
    made["u"].attrs["units"] = "knots"
    with pytest.raises(WeatherContentError, match="the unit 'knots'"):
        read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])


def test_given_another_calendar_when_read_then_refused_by_name(tmp_path: Path) -> None:
    made = make_era5()
    made["time"].attrs["calendar"] = "360_day"
    with pytest.raises(WeatherContentError, match="360_day") as caught:
        read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert "no real year" in caught.value.hint


def test_given_an_axis_of_months_when_read_then_refused_by_name(tmp_path: Path) -> None:
    made = make_era5().rename(time="month").assign_coords(month=[1, 7])
    with pytest.raises(WeatherContentError, match="'month' is that of a climatology") as caught:
        read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])
    assert "no wind of a day" in caught.value.hint


def test_given_a_gaussian_grid_when_read_then_refused(tmp_path: Path) -> None:
    made = make_era5()
    uneven = made["latitude"].values + np.array([0.0, 0.1, 0.0, 0.0], np.float32)
    made = made.assign_coords(latitude=("latitude", uneven, made["latitude"].attrs))
    with pytest.raises(WeatherContentError, match="not evenly spaced"):
        read_weather([write_netcdf(made, tmp_path / "a.nc", "hdf5")])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.99])
def test_given_a_cut_file_when_read_then_truncated(
    tmp_path: Path, kind: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_netcdf(make_era5(), tmp_path / "a.nc", kind)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(WeatherTruncatedError, match=r"a\.nc"):
        read_weather([path])
    assert capfd.readouterr().err == ""


def test_given_cdf5_when_read_then_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    path.write_bytes(b"CDF\x05" + bytes(200))
    with pytest.raises(WeatherFileError, match="CDF5") as caught:
        read_weather([path])
    assert "nccopy" in caught.value.hint


def test_given_hdf5_that_is_no_netcdf_when_read_then_an_error_of_ours(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["numbers"] = np.arange(5)
    with pytest.raises(WeatherFileError, match=r"a\.h5"):
        read_weather([path])


def test_given_an_hdf5_file_whose_root_is_damaged_when_read_then_no_traceback_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every single byte of the head is turned; h5netcdf closes what it made on its own."""
    loose: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", loose.append)
    data = write_netcdf(make_era5(), tmp_path / "a.nc", "hdf5").read_bytes()
    path = tmp_path / "b.nc"
    refused = 0
    for at in range(48, 400, 2):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            read_weather([path])
        except WeatherFileError:
            refused += 1
    gc.collect()
    assert refused > 0
    assert loose == []


def test_given_an_axis_of_endless_length_when_read_then_refused_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downwind.wind.sources._netcdf_file.MAX_AXIS", 3)
    with pytest.raises(WeatherContentError, match="'latitude' has 4 values"):
        read_weather([write_netcdf(make_era5(), tmp_path / "a.nc", "hdf5")])
