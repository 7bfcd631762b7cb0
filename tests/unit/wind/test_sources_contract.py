"""One contract for every source: the same shape, and the same cube from the same wind."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from downwind.errors import DownwindError, WeatherContentError, WeatherFileError
from downwind.wind.cube import EAST, HEIGHT, NORTH
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.sources import SOURCES, Source, read_weather
from tests.unit.wind.weather_files import (
    LEVELS_HPA,
    RUN_S,
    field_value,
    grib_set,
    make_era5,
    write_netcdf,
)


def write_set(source: Source, folder: Path, names: tuple[str, ...], steps: tuple[int, ...]) -> Path:
    """Write the same closed-form wind as the files of a source."""
    path = folder / f"{source.NAME}_{'_'.join(names)}_{steps}.dat"
    if source.NAME == "GRIB":
        grib = [{"z": "gh"}.get(name, name) for name in names]
        path.write_bytes(b"".join(grib_set(grib, step_h=step) for step in steps))
        return path
    return write_netcdf(make_era5(steps_h=steps, names=names), path, "hdf5")


GRIDDED = [source for source in SOURCES if source.NAME in ("GRIB", "NetCDF")]
every_source = pytest.mark.parametrize("source", GRIDDED, ids=lambda source: source.NAME)
WHOLE = ("u", "v", "z", "t", "w")


@every_source
def test_given_a_source_when_read_then_the_cube_keeps_the_contract(
    source: Source, tmp_path: Path
) -> None:
    path = write_set(source, tmp_path, WHOLE, (0, 6))
    assert source.recognise(path, path.read_bytes()[:2048])
    cube = read_weather([path])
    data = cube.dataset
    assert cube.times_s.tolist() == [RUN_S, RUN_S + 21_600]
    assert cube.has_vertical_wind
    assert cube.files == path.name
    for variable, name in ((EAST, "u"), (NORTH, "v"), (HEIGHT, "gh")):
        for level in LEVELS_HPA:
            wanted = field_value(name, cube.latitude[:, None], cube.longitude[None], level, 6.0)
            got = data[variable].sel(level=level * 100.0).values[0, 1]
            np.testing.assert_allclose(got, wanted, atol=2e-3, rtol=1e-6)
    for name in ("eastward_wind", "air_temperature", "upward_air_velocity"):
        assert data[name].attrs["standard_name"] == name
        assert data[name].attrs["units"]


@every_source
def test_given_one_file_when_read_then_digest_is_its_sha256(source: Source, tmp_path: Path) -> None:
    path = write_set(source, tmp_path, WHOLE, (0,))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_weather([path]).digest == digest
    assert read_weather([str(path), path]).digest == digest


@every_source
def test_given_a_set_of_files_when_read_then_neither_order_nor_names_matter(
    source: Source, tmp_path: Path
) -> None:
    paths = [
        write_set(source, tmp_path, names, (step,)) for names in (("u", "v"), ("z",))
        for step in (0, 3)
    ]  # fmt: skip
    cube = read_weather(paths)
    renamed = [path.rename(tmp_path / f"{9 - i}.bin") for i, path in enumerate(paths)]
    again = read_weather(renamed[::-1])
    assert again.digest == cube.digest
    np.testing.assert_array_equal(again.dataset[EAST].values, cube.dataset[EAST].values)


@every_source
@pytest.mark.parametrize("absent", ["u", "v"])
def test_given_a_variable_missing_when_read_then_it_is_named(
    source: Source, absent: str, tmp_path: Path
) -> None:
    names = tuple(name for name in ("u", "v", "z") if name != absent)
    said = {"u": "eastward_wind", "v": "northward_wind"}[absent]
    with pytest.raises(WeatherContentError, match=f"no {said} on pressure levels") as caught:
        read_weather([write_set(source, tmp_path, names, (0,))])
    assert said in caught.value.hint


@every_source
def test_given_no_heights_when_read_then_made_and_every_output_is_warned(
    source: Source, tmp_path: Path
) -> None:
    cube = read_weather([write_set(source, tmp_path, ("u", "v"), (0,))])
    assert any("standard atmosphere" in text for text in cube.warnings)
    heights = cube.dataset[HEIGHT].values
    wanted = standard_height_m([level * 100.0 for level in sorted(LEVELS_HPA, reverse=True)])
    np.testing.assert_allclose(heights[0, 0, :, 0, 0], wanted, atol=0.01)


@every_source
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>GRIB not found</html>", "an HTML page"),
        (b"\n <HTML><body>504</body></HTML>", "an HTML page"),
        (b"time, lat, lon, u, v\n", "is text"),
        (b'{"error": "GRIB"}', "XML or JSON"),
        (b"CDF\x05" + bytes(40), "CDF5"),
        (b"BUFR\x00\x01\x02\x04", "BUFR"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x00\x01\x02\x03", "no weather file"),
    ],
)
def test_given_no_weather_file_when_read_then_no_source_takes_it_and_it_is_named(
    source: Source, content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "gfs.grib2"
    path.write_bytes(content)
    assert not source.recognise(path, content)
    with pytest.raises(WeatherFileError, match=said):
        read_weather([path])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@every_source
def test_given_damaged_bytes_when_read_then_only_errors_of_ours(
    source: Source, tmp_path: Path
) -> None:
    rng = np.random.default_rng(7)
    whole = write_set(source, tmp_path, WHOLE, (0,)).read_bytes()
    path = tmp_path / "damaged.dat"
    for _ in range(60):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(0, damaged.size, 4)] = rng.choice([0, 255, 17], 4)
        path.write_bytes(damaged.tobytes())
        with contextlib.suppress(DownwindError):
            read_weather([path])


def test_given_a_folder_or_nothing_when_read_then_refused(tmp_path: Path) -> None:
    with pytest.raises(WeatherFileError, match="is a folder"):
        read_weather([tmp_path])
    with pytest.raises(WeatherFileError, match="no such file"):
        read_weather([tmp_path / "absent.nc"])
    with pytest.raises(WeatherFileError, match="no weather file was given"):
        read_weather([])


def test_given_files_of_two_kinds_when_read_then_both_are_named(tmp_path: Path) -> None:
    paths = [write_set(source, tmp_path, WHOLE, (0,)) for source in GRIDDED]
    with pytest.raises(WeatherFileError, match=r"two kinds of file.*GRIB.*NetCDF"):
        read_weather(paths)


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("order", [("eccodes", "pyproj"), ("pyproj", "eccodes")])
def test_given_eccodes_and_pyproj_in_one_process_when_it_ends_then_no_crash(
    order: tuple[str, str],
) -> None:
    use = {
        "eccodes": "eccodes.codes_release(eccodes.codes_grib_new_from_samples('GRIB2'))",
        "pyproj": "pyproj.Geod(ellps='sphere').inv(0, 0, 1, 1)",
    }
    code = "; ".join([*(f"import {name}" for name in order), *(use[name] for name in order)])
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_given_the_sources_imported_when_no_grib_is_read_then_eccodes_is_not_loaded() -> None:
    done = run_python("import sys, downwind.wind.check; assert 'eccodes' not in sys.modules")
    assert done.returncode == 0, done.stderr
