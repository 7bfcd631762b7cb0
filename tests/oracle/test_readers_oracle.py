"""The readers against cfgrib and netCDF4 on real files: the same value at random points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downwind.constants import GRAVITY_MS2
from downwind.wind.humidity import (
    LINEAR,
    OVER_WATER,
    QUADRATIC,
    find_humidity,
    refer_to_water,
)
from downwind.wind.sources import read_weather, scan_weather
from downwind.wind.sources._fields import OMEGA, SPECIFIC, Field

POINTS = 400
SEED = 20_240_102
NAMES = {
    "eastward_wind": "u",
    "northward_wind": "v",
    "air_temperature": "t",
    OMEGA: "w",
    "relative_humidity": "r",
    SPECIFIC: "q",
}
FACTORS = {"relative_humidity": 0.01}
MADE = ("relative_humidity", "precipitation_flux")
"""What the cube holds in another form than the file."""
SURFACE = {
    "eastward_wind_10m": ("10u", "u10"),
    "northward_wind_10m": ("10v", "v10"),
    "surface_air_pressure": ("sp", "sp"),
    "surface_altitude": ("orog", "orog"),
    "wind_speed_of_gust": ("gust", "gust"),
}
UNNAMED = ("atmosphere_boundary_layer_thickness", "precipitation_flux")
"""What cfgrib does not name, or has as a mean or a sum; read by its message instead."""
GRIB_FILES = (
    "pygrib_gfs/gfs_2p5_2011100800_f072.grb2",
    "pygrib_gfs/gfs.t12z.pgrbf120.2p5deg_2011011012.grib2",
    "jma_meps_20190605/jma_meps_ctl_20190605T00Z_pall_first20.grib2",
    "ecmwf_samples/pl_regular_ll.grib",
    "ecmwf_samples/tuv_pl.grib",
    "ecmwf_samples/uv_on_different_levels.grib",
)
NETCDF_FILES = (
    "rocketpy_era5/euroc_2023_all_windows.nc",
    "rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc",
    "rocketpy_era5/valetudo_weather_data_ERA5.nc",
    "ecmwf_open_0p4_20220817/ecmwf_ifs_0p4_2022081706_east_asia_tuv_500_850.nc",
)


def scan_fields(path: Path) -> tuple[Field, ...]:
    return scan_weather([path])[0].fields


def compare_points(fields: list[Field], truth: Callable[[Field, float, float], float]) -> None:
    """Compare random points of random fields, one in each field at least."""
    rng = np.random.default_rng(SEED)
    draws = [*range(len(fields)), *rng.integers(0, len(fields), POINTS)]
    for number in draws:
        field = fields[int(number)]
        row, column = rng.integers(field.grid.rows), rng.integers(field.grid.columns)
        lat = float(field.grid.latitudes()[row])
        lon = float(field.grid.longitudes()[column])
        wanted = truth(field, lat, lon)
        assert field.values[row, column] == pytest.approx(wanted, rel=2e-6, abs=1e-5), field.name


@pytest.mark.parametrize("name", GRIB_FILES)
def test_given_real_grib_when_read_then_as_cfgrib_reads_it(
    shared: Path, name: str, tmp_path: Path
) -> None:
    import cfgrib

    path = shared / "data" / "grids" / name
    opened: dict[str, Any] = {}

    def open_variable(short: str, level_type: str) -> Any:
        key = f"{short}/{level_type}"
        if key not in opened:
            keys = {"shortName": short, "typeOfLevel": level_type}
            found = cfgrib.open_datasets(
                str(path),
                backend_kwargs={"filter_by_keys": keys, "indexpath": f"{tmp_path}/index"},
            )
            assert len(found) == 1
            opened[key] = next(iter(found[0].data_vars.values())).load()
        return opened[key]

    def truth(field: Field, lat: float, lon: float) -> float:
        at = {"latitude": lat, "longitude": lon % 360.0}
        if field.level_pa is not None:
            heights = "gh" if ".grib2" in name or ".grb2" in name else "z"
            short = heights if field.name == "geopotential_height" else NAMES[field.name]
            at["isobaricInhPa"] = field.level_pa / 100.0
            array = open_variable(short, "isobaricInhPa")
        else:
            short = SURFACE[field.name][0]
            where = "heightAboveGround" if short.startswith("10") else "surface"
            array = open_variable(short, where)
        run_s = field.run_s
        assert run_s is not None
        at["time"] = np.datetime64(run_s, "s")
        at["step"] = np.timedelta64(field.time_s - run_s, "s").astype("timedelta64[ns]")
        for key in ("time", "step"):
            if key not in array.dims:
                assert array[key].values == at[key]
        at = {key: value for key, value in at.items() if key in array.dims}
        places = {key: at.pop(key) for key in ("latitude", "longitude")}
        if array["longitude"].min() < 0.0 and places["longitude"] >= 180.0:
            places["longitude"] -= 360.0
        picked = array.sel(at).sel(places, method="nearest", tolerance=1e-3)
        value = float(picked)
        factor = 1.0 / GRAVITY_MS2 if picked.name == "z" else FACTORS.get(field.name, 1.0)
        return value * factor

    fields = [field for field in scan_fields(path) if field.name not in UNNAMED]
    levels = {f.level_pa for f in fields if f.level_pa is not None}
    for variable, short in (("eastward_wind", "u"), ("northward_wind", "v")):
        ours = {f.level_pa for f in fields if f.name == variable}
        theirs = open_variable(short, "isobaricInhPa")["isobaricInhPa"].values * 100.0
        assert ours == {round(float(level), 3) for level in np.atleast_1d(theirs)}
        assert ours <= levels
    compare_points(fields, truth)


@pytest.mark.parametrize("name", NETCDF_FILES)
def test_given_real_netcdf_when_read_then_as_netcdf4_reads_it(shared: Path, name: str) -> None:
    import netCDF4

    path = shared / "data" / "grids" / name
    with netCDF4.Dataset(path) as data:
        lats, lons = data["latitude"][:].filled(), data["longitude"][:].filled()
        level_name = "level" if "level" in data.variables else "isobaricInhPa"
        levels = data[level_name][:].filled().astype(float) * 100.0
        time_name = "valid_time" if "valid_time" in data.variables else "time"
        stamps = data[time_name]
        dates = netCDF4.num2date(stamps[:].filled(), stamps.units, only_use_cftime_datetimes=False)
        times = [int(np.datetime64(date, "s").astype(int)) for date in dates]
        arrays = {key: data[key][:] for key in "uvtzwrq" if key in data.variables}
        dims = {key: data[key].dimensions for key in arrays}

        def truth(field: Field, lat: float, lon: float) -> float:
            short = "z" if field.name == "geopotential_height" else NAMES[field.name]
            assert field.level_pa is not None
            at = {
                "time": times.index(field.time_s),
                "step": times.index(field.time_s),
                "number": field.member,
                level_name: int(np.argmin(np.abs(levels - field.level_pa))),
                "latitude": int(np.argmin(np.abs(lats - lat))),
                "longitude": int(np.argmin(np.abs(lons - lon))),
            }
            assert abs(levels[at[level_name]] - field.level_pa) < 1e-6
            value = float(arrays[short][tuple(at[dim] for dim in dims[short])])
            return value / GRAVITY_MS2 if short == "z" else value * FACTORS.get(field.name, 1.0)

        fields = list(scan_fields(path))
        count = sum(int(np.prod(array.shape[:-2])) for array in arrays.values())
        assert len(fields) == count
        compare_points(fields, truth)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        (GRIB_FILES[0], (1, 1, 26, 73, 144)),
        (GRIB_FILES[1], (1, 1, 26, 73, 144)),
        (GRIB_FILES[2], (1, 1, 5, 253, 241)),
        (GRIB_FILES[3], (1, 2, 6, 19, 36)),
        (GRIB_FILES[4], (1, 1, 6, 7, 12)),
        (GRIB_FILES[5], (1, 2, 3, 37, 72)),
        (NETCDF_FILES[3], (1, 4, 2, 87, 112)),
        (NETCDF_FILES[0], (1, 44, 37, 5, 9)),
        (NETCDF_FILES[1], (10, 4, 6, 13, 11)),
        (NETCDF_FILES[2], (1, 5, 14, 9, 9)),
    ],
)
def test_given_real_file_when_made_a_cube_then_each_field_is_where_its_key_says(
    shared: Path, name: str, shape: tuple[int, ...]
) -> None:
    path = shared / "data" / "grids" / name
    cube = read_weather([path])
    data = cube.dataset
    assert data["eastward_wind"].shape == shape
    members = data["realization"].values.tolist()
    levels = data["level"].values.tolist()
    times = cube.times_s.tolist()
    for field in scan_fields(path):
        is_there = field.name in data and field.level_pa in levels and field.name not in MADE
        if not is_there or field.run_s not in (None, cube.reference_time_s):
            continue
        assert field.level_pa is not None
        at = members.index(field.member), times.index(field.time_s), levels.index(field.level_pa)
        np.testing.assert_array_equal(data[field.name].values[at], field.values)


def test_given_real_ecmwf_members_when_made_then_humidity_is_that_of_its_specific_humidity(
    shared: Path,
) -> None:
    import netCDF4

    path = shared / "data" / "grids" / NETCDF_FILES[1]
    cube = read_weather([path])
    got = cube.dataset["relative_humidity"].values
    with netCDF4.Dataset(path) as data:
        specific, kelvin, relative = (data[key][:].filled() for key in "qtr")
        levels_pa = data["level"][:].filled() * 100.0
    rng = np.random.default_rng(SEED)
    for _ in range(POINTS):
        i, j, k, y, x = (int(rng.integers(n)) for n in got.shape)
        at = (j, i, got.shape[2] - 1 - k, got.shape[3] - 1 - y, x)
        q, t, p = specific[at], kelvin[at], levels_pa[at[2]]
        saturated_pa = 611.21 * np.exp(17.502 * (t - 273.16) / (t - 32.19))
        wanted = q * p / (0.621981 + 0.378019 * q) / saturated_pa
        assert got[i, j, k, y, x] == pytest.approx(wanted, rel=1e-4)
    # its own relative humidity, over ice at 225 hPa, is the same one once it is over water
    own = refer_to_water(0.01 * relative[:, :, 0], kelvin[:, :, 0], QUADRATIC)
    made = got[:, :, -1, ::-1].transpose(1, 0, 2, 3)
    assert float(np.median(np.abs(own - made))) < 1e-3
    assert float(np.median(np.abs(0.01 * relative[:, :, 0] - made))) > 0.03


@pytest.mark.parametrize("name", GRIB_FILES[:2])
def test_given_real_gfs_when_read_then_rain_and_layer_as_pygrib_names_their_messages(
    shared: Path, name: str
) -> None:
    import eccodes

    cube = read_weather([shared / "data" / "grids" / name])
    found: dict[tuple[int, int, str], Any] = {}
    eccodes.codes_grib_multi_support_on()
    with (shared / "data" / "grids" / name).open("rb") as stream:
        while (handle := eccodes.codes_grib_new_from_file(stream)) is not None:
            keys = ("parameterCategory", "parameterNumber", "typeOfFirstFixedSurface")
            numbers = [eccodes.codes_get(handle, key, int) for key in keys]
            if eccodes.codes_get(handle, "discipline") == 0 and numbers[2] == 1:
                kind = eccodes.codes_get(handle, "stepRange", str)
                found[numbers[0], numbers[1], kind] = eccodes.codes_get_values(handle)
            eccodes.codes_release(handle)
    eccodes.codes_grib_multi_support_off()
    rates = {key[:2]: values for key, values in found.items() if "-" in key[2]}
    instants = {key[:2]: values for key, values in found.items() if "-" not in key[2]}

    def lay(values: Any) -> Any:
        return np.roll(values.reshape(73, 144)[::-1], 72, axis=1)

    layer = cube.dataset["atmosphere_boundary_layer_thickness"].values[0, 0]
    np.testing.assert_allclose(layer, lay(instants[3, 196]), rtol=1e-6)
    rain = cube.dataset["precipitation_flux"].values[0, 0]
    summed, mean = lay(rates[1, 8]) / 21_600.0, lay(rates[1, 7])
    assert min(np.abs(rain - summed).max(), np.abs(rain - mean).max()) < 1e-9
    # the sum and the mean of the same hours are the same rain, as far as each is packed
    assert np.abs(summed - mean).max() < 2e-5


@pytest.mark.parametrize("name", GRIB_FILES[:2])
def test_given_real_gfs_when_its_humidities_are_compared_then_it_mixes_water_and_ice_evenly(
    shared: Path, name: str, tmp_path: Path
) -> None:
    import cfgrib

    path = str(shared / "data" / "grids" / name)

    def load(short: str, level_type: str) -> Any:
        keys = {"shortName": short, "typeOfLevel": level_type}
        index = f"{tmp_path}/index"
        found = cfgrib.open_datasets(
            path, backend_kwargs={"filter_by_keys": keys, "indexpath": index}
        )
        return next(iter(found[0].data_vars.values())).values.astype(np.float64)

    q, kelvin, relative = (load(short, "pressureFromGroundLayer") for short in "qtr")
    pressure = load("sp", "surface") - 1500.0
    over_water = find_humidity(q, kelvin, pressure)
    cold = (kelvin > 255.0) & (kelvin < 268.0) & (relative < 99.0) & (q > 3e-4)
    assert cold.sum() > 300
    errors = {
        phase: float(
            np.median(refer_to_water(0.01 * relative, kelvin, phase)[cold] / over_water[cold]) - 1.0
        )
        for phase in (OVER_WATER, QUADRATIC, LINEAR)
    }
    assert abs(errors[LINEAR]) < 0.005
    assert errors[OVER_WATER] > 0.03
    assert errors[QUADRATIC] < -0.01
