"""Humidity, cloud and rain out of files: units, phases, gaps, nonsense, and other grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downwind.errors import WindValueError
from downwind.wind.check import inspect_weather
from downwind.wind.cube import CLOUD, HUMIDITY, PRECIPITATION, TEMPERATURE, WindCube
from downwind.wind.sources import SOURCES, Source, read_weather
from tests.unit.wind.weather_files import (
    LEVELS_HPA,
    PLAIN,
    field_value,
    grib_bytes,
    grib_set,
    make_era5,
    write_netcdf,
)

with_air = [source for source in SOURCES if source.NAME in ("GRIB", "NetCDF")]
every_source = pytest.mark.parametrize("source", with_air, ids=lambda source: source.NAME)
DEPTH_AND_POWER = {"GRIB": (20.0, 1), "NetCDF": (23.0, 2)}
"""What the closed-form files are: NCEP in GRIB, ECMWF in NetCDF."""


def write_set(source: Source, folder: Path, names: tuple[str, ...], steps: tuple[int, ...]) -> Path:
    """Write the same closed-form air as the files of a source."""
    path = folder / f"{source.NAME}_{'_'.join(names)}_{steps}.dat"
    if source.NAME == "GRIB":
        grib = [{"z": "gh"}.get(name, name) for name in names]
        path.write_bytes(b"".join(grib_set(grib, step_h=step) for step in steps))
        return path
    return write_netcdf(make_era5(steps_h=steps, names=names), path, "hdf5")


def over_water_pa(kelvin: Any) -> Any:
    return 611.21 * np.exp(17.502 * (kelvin - 273.16) / (kelvin - 32.19))


def over_ice_pa(kelvin: Any) -> Any:
    return 611.21 * np.exp(22.587 * (kelvin - 273.16) / (kelvin + 0.7))


def expected(cube: WindCube, name: str, level: int) -> Any:
    return field_value(name, cube.latitude[:, None], cube.longitude[None, :], level, 6.0)


def expected_humidity(cube: WindCube, level: int, kind: str) -> Any:
    """Return the humidity over water of the closed-form ``r`` and ``t``."""
    kelvin = expected(cube, "t", level)
    depth, power = DEPTH_AND_POWER[kind]
    water = np.clip(1.0 - (273.16 - kelvin) / depth, 0.0, 1.0) ** power
    share = water + (1.0 - water) * over_ice_pa(kelvin) / over_water_pa(kelvin)
    return 0.01 * expected(cube, "r", level) * share


def on_level(cube: WindCube, name: str, level: int) -> Any:
    return cube.dataset[name].sel(level=level * 100.0).values[0, -1]


def save(path: Path, *parts: bytes) -> WindCube:
    path.write_bytes(b"".join(parts))
    return read_weather([path])


@every_source
def test_given_relative_humidity_and_cloud_when_read_then_fractions_over_water(
    source: Source, tmp_path: Path
) -> None:
    cube = read_weather([write_set(source, tmp_path, ("u", "v", "z", "t", "r", "cc"), (0, 6))])
    for level in LEVELS_HPA:
        wanted = expected_humidity(cube, level, source.NAME)
        np.testing.assert_allclose(on_level(cube, HUMIDITY, level), wanted, rtol=1e-4)
        np.testing.assert_allclose(on_level(cube, CLOUD, level), expected(cube, "cc", level), 1e-5)
        np.testing.assert_allclose(
            on_level(cube, TEMPERATURE, level), expected(cube, "t", level), 1e-5
        )
    assert cube.dataset[HUMIDITY].attrs == {"units": "1", "standard_name": HUMIDITY}
    assert "over water" in "".join(cube.notes)


@every_source
def test_given_specific_humidity_when_read_then_relative_over_water_and_r_is_not_asked(
    source: Source, tmp_path: Path
) -> None:
    for names in (("u", "v", "z", "t", "q"), ("u", "v", "z", "t", "q", "r")):
        cube = read_weather([write_set(source, tmp_path, names, (0, 6))])
        for level in (850, 500):
            q, kelvin = expected(cube, "q", level), expected(cube, "t", level)
            vapour_pa = q * 100.0 * level / (0.621981 + 0.378019 * q)
            wanted = vapour_pa / over_water_pa(kelvin)
            assert 0.1 < wanted.min() < wanted.max() < 0.9
            np.testing.assert_allclose(on_level(cube, HUMIDITY, level), wanted, rtol=2e-4)


def test_given_cloud_in_per_cent_when_read_then_a_fraction(tmp_path: Path) -> None:
    cube = save(tmp_path / "a.grib2", grib_set((*PLAIN, "tcc"), step_h=6))
    np.testing.assert_allclose(
        on_level(cube, CLOUD, 850), 0.01 * expected(cube, "tcc", 850), rtol=1e-5
    )


def test_given_another_centre_when_read_then_humidity_is_taken_for_that_over_water(
    tmp_path: Path,
) -> None:
    cube = save(
        tmp_path / "a.grib2", grib_set((*PLAIN, "t", "r"), step_h=6, keys={"centre": "rjtd"})
    )
    np.testing.assert_allclose(
        on_level(cube, HUMIDITY, 500), 0.01 * expected(cube, "r", 500), rtol=1e-5
    )


def test_given_a_rate_of_rain_when_read_then_at_the_surface_and_a_mean_is_not(
    tmp_path: Path,
) -> None:
    mean = {"productDefinitionTemplateNumber": 8, "typeOfStatisticalProcessing": 0}
    cube = save(tmp_path / "a.grib2", grib_set(), grib_bytes("prate"))
    wanted = field_value("prate", cube.latitude[:, None], cube.longitude[None, :])
    np.testing.assert_allclose(cube.dataset[PRECIPITATION].values[0, 0], wanted, rtol=1e-5)
    cube = save(tmp_path / "b.grib2", grib_set(), grib_bytes("prate", keys=mean))
    assert PRECIPITATION not in cube.dataset


@every_source
def test_given_humidity_on_fewer_levels_when_read_then_nan_on_the_others_and_noted(
    source: Source, tmp_path: Path
) -> None:
    paths = [write_set(source, tmp_path, ("u", "v", "z", "t"), (0,))]
    path = tmp_path / "r.dat"
    if source.NAME == "GRIB":
        path.write_bytes(grib_set(("r",), (1000, 850)))
    else:
        write_netcdf(make_era5(steps_h=(0,), names=("r",), levels=(1000, 850)), path, "hdf5")
    cube = read_weather([*paths, path])
    known = np.isfinite(cube.dataset[HUMIDITY].values).all(axis=(0, 1, 3, 4))
    assert known.tolist() == [True, True, False]
    assert "no relative humidity on 500 hPa" in cube.notes


def test_given_humidity_at_one_time_of_two_when_read_then_nan_at_the_other_and_noted(
    tmp_path: Path,
) -> None:
    cube = save(
        tmp_path / "a.grib2", grib_set(), grib_set(step_h=6), grib_set(("r", "t"), step_h=6)
    )
    known = np.isfinite(cube.dataset[HUMIDITY].values).all(axis=(0, 2, 3, 4))
    assert known.tolist() == [False, True]
    assert any("missing at some times" in note for note in cube.notes)


def test_given_masked_humidity_when_read_then_nan_at_its_place_only(tmp_path: Path) -> None:
    cube = save(
        tmp_path / "a.grib2",
        grib_set((*PLAIN, "t")),
        grib_bytes("r", level_hpa=850, missing=(0, 1)),
    )
    level = on_level(cube, HUMIDITY, 850)
    assert np.argwhere(np.isnan(level)).tolist() == [[3, 1]]


@pytest.mark.parametrize("name", ["r", "q"])
def test_given_humidity_without_temperature_when_read_then_what_can_be_is_said(
    name: str, tmp_path: Path
) -> None:
    cube = save(tmp_path / "a.grib2", grib_set((*PLAIN, name), step_h=6))
    said = "\n".join(cube.notes)
    assert "no temperature there" in said
    if name == "q":
        assert HUMIDITY not in cube.dataset
    else:
        np.testing.assert_allclose(
            on_level(cube, HUMIDITY, 500), 0.01 * expected(cube, "r", 500), rtol=1e-5
        )


def test_given_humidity_somewhat_over_100_when_read_then_held_and_noted(tmp_path: Path) -> None:
    # a warm level: nothing is turned there
    warm = grib_set(("t",), offset=60.0)
    cube = save(tmp_path / "a.grib2", grib_set(), warm, grib_set(("r",), offset=62.0))
    assert cube.dataset[HUMIDITY].values.max() == 1.0
    assert any(note.endswith("% held to 0 to 100 %") for note in cube.notes)
    cube = save(tmp_path / "b.grib2", grib_set(), warm, grib_set(("r",), offset=-60.0))
    assert cube.dataset[HUMIDITY].values.min() == 0.0


def test_given_cold_air_with_too_much_vapour_when_read_then_saturated_and_noted(
    tmp_path: Path,
) -> None:
    cube = save(tmp_path / "a.grib2", grib_set((*PLAIN, "t")), grib_set(("q",), offset=0.01))
    assert np.all(cube.dataset[HUMIDITY].values == 1.0)
    assert any(note.endswith("% held to 0 to 100 %") for note in cube.notes)


@pytest.mark.parametrize(
    ("name", "offset", "said"),
    [
        ("r", 5000.0, "relative_humidity"), ("r", -900.0, "relative_humidity"),
        ("q", 20.0, "relative_humidity"), ("cc", 3.0, "cloud_area_fraction"),
        ("t", -273.15, "air_temperature"),
    ],
)  # fmt: skip
def test_given_nonsense_when_read_then_refused_by_name(
    name: str, offset: float, said: str, tmp_path: Path
) -> None:
    parts = [grib_set(tuple({*PLAIN, "t"} - {name})), grib_set((name,), offset=offset)]
    with pytest.raises(WindValueError, match=said):
        save(tmp_path / "a.grib2", *parts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"latitudes": np.array([30.0, 30.5, 31.0, 31.5])},
        {"run": (20240102, 0)},
        {"keys": {"centre": "rjtd"}},
    ],
    ids=["grid", "run", "source"],
)
def test_given_humidity_of_another_grid_run_or_source_when_read_then_left_out_and_the_wind_serves(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    cube = save(tmp_path / "a.grib2", grib_set((*PLAIN, "t")), grib_set(("r",), **wrong))
    assert not cube.has_humidity
    assert any(note.startswith("left out relative_humidity in a.grib2") for note in cube.notes)


@pytest.mark.parametrize(("name", "unit"), [("r", "kg kg**-1"), ("q", "%"), ("cc", "okta")])
def test_given_a_unit_that_does_not_fit_when_read_then_left_out_by_name(
    name: str, unit: str, tmp_path: Path
) -> None:
    data = make_era5(names=("u", "v", "z", "t", name))
    data[name].attrs["units"] = unit
    cube = read_weather([write_netcdf(data, tmp_path / "a.nc", "hdf5")])
    assert not cube.has_humidity
    assert not cube.has_cloud
    assert any(note.startswith(f"left out {name} in a.nc") for note in cube.notes)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("t", "r", "cc"), "yes, by temperature and humidity and cloud"),
        (("t", "q"), "yes, by temperature and humidity"),
        (("t", "cc"), "yes, by temperature and cloud"),
        (("t",), "no, there is no humidity and no cloud"),
        (("cc",), "no, there is no temperature"),
        ((), "no, there is no temperature and no humidity and no cloud"),
    ],
)
def test_given_what_a_file_has_when_inspected_then_it_is_said_if_it_serves_icing_warnings(
    names: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.grib2").write_bytes(grib_set((*PLAIN, *names)))
    report = inspect_weather([tmp_path / "a.grib2"])
    assert f"wet and icing warnings: {said}" in report.can_serve
    assert ("cloud" in report.missing) == ("cc" not in names)
    assert ("humidity" in report.missing) == (not {"r", "q"} & set(names))
