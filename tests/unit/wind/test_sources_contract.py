"""One contract for every source: the same shape, and the same cube from the same wind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from downwind.errors import (
    DownwindError,
    WeatherContentError,
    WeatherFileError,
)
from downwind.wind.cube import EAST, HEIGHT, NORTH, WindCube
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.sources import SOURCES, Source, read_weather
from downwind.wind.window import Window
from tests.unit.wind.grid_writers import SMALL, WRITERS, Axes, Writer
from tests.unit.wind.weather_files import LEVELS_HPA, RUN_S, field_value

GRIDDED = [source for source in SOURCES if source.NAME in WRITERS]
every_source = pytest.mark.parametrize("source", GRIDDED, ids=lambda source: source.NAME)
AS_SETS = [source for source in GRIDDED if WRITERS[source.NAME].is_whole]
every_set = pytest.mark.parametrize("source", AS_SETS, ids=lambda source: source.NAME)
"""The sources whose files may hold a part of the wind; Tawhiri's dataset has one shape only."""

WIND = ("u", "v", "z")
ZEROS_BYTES = 2_000_000_000


def write(
    source: Source,
    folder: Path,
    names: tuple[str, ...] | None = None,
    axes: Axes = SMALL,
    stem: str = "wind",
) -> Path:
    """Write the closed-form wind as a file of a source: all that it can hold, or some of it."""
    writer = writer_of(source)
    return writer.write(folder, stem, writer.holds if names is None else names, axes)


def writer_of(source: Source) -> Writer:
    return WRITERS[source.NAME]


def read_all(source: Source, path: Path, axes: Axes = SMALL) -> WindCube:
    """Read all that was written: a file that holds more than that with a window."""
    if writer_of(source).is_whole:
        return read_weather([path])
    return read_weather([path], axes.window())


def at_step(step_h: int) -> Axes:
    return Axes(SMALL.latitudes, SMALL.longitudes, (step_h,))


def test_given_the_table_of_sources_when_one_has_no_writer_here_then_it_makes_soundings() -> None:
    assert set(WRITERS) <= {source.NAME for source in SOURCES}
    for source in SOURCES:
        makes_fields = hasattr(source, "Field")
        assert makes_fields == (source.NAME in WRITERS), f"{source.NAME} has no writer"


@every_source
def test_given_a_source_when_read_then_the_cube_keeps_the_contract(
    source: Source, tmp_path: Path
) -> None:
    path = write(source, tmp_path)
    assert source.recognise(path, path.open("rb").read(2048))
    cube = read_all(source, path)
    data = cube.dataset
    assert cube.times_s.tolist() == [RUN_S, RUN_S + 10_800]
    assert cube.latitude[[0, -1]].tolist() == pytest.approx([30.0, 33.0], abs=0.5)
    assert cube.longitude[[0, -1]].tolist() == pytest.approx([120.0, 122.0], abs=0.5)
    assert cube.has_vertical_wind == cube.has_temperature == ("w" in writer_of(source).holds)
    assert cube.files == path.name
    assert cube.reference_time_s in (RUN_S, None)
    for variable, name in ((EAST, "u"), (NORTH, "v"), (HEIGHT, "gh")):
        for level in LEVELS_HPA:
            wanted = field_value(name, cube.latitude[:, None], cube.longitude[None], level, 3.0)
            got = data[variable].sel(level=level * 100.0).values[0, 1]
            np.testing.assert_allclose(got, wanted, atol=2e-3, rtol=1e-6)
    for name in data.data_vars:
        assert data[name].attrs["standard_name"] == name
        assert data[name].attrs["units"]


@every_set
def test_given_one_file_when_read_then_digest_is_its_sha256(source: Source, tmp_path: Path) -> None:
    path = write(source, tmp_path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_weather([path]).digest == digest
    assert read_weather([str(path), path]).digest == digest


@every_source
def test_given_a_part_of_a_file_when_read_twice_then_the_digest_is_the_same(
    source: Source, tmp_path: Path
) -> None:
    path = write(source, tmp_path)
    window = SMALL.window()
    digest = read_weather([path], window).digest
    assert len(digest) == 64
    assert read_weather([path], window).digest == digest


@every_set
def test_given_a_set_of_files_when_read_then_neither_order_nor_names_matter(
    source: Source, tmp_path: Path
) -> None:
    paths = [
        write(
            source, tmp_path, names, Axes(SMALL.latitudes, SMALL.longitudes, (step,)), f"{i}{step}"
        )
        for i, names in enumerate((("u", "v"), ("z",)))
        for step in (0, 3)
    ]
    cube = read_weather(paths)
    renamed = [
        path.rename(tmp_path / writer_of(source).another.format(9 - i))
        for i, path in enumerate(paths)
    ]
    again = read_weather(renamed[::-1])
    assert again.digest == cube.digest
    np.testing.assert_array_equal(again.dataset[EAST].values, cube.dataset[EAST].values)


@every_set
@pytest.mark.parametrize("absent", ["u", "v"])
def test_given_a_variable_missing_when_read_then_it_is_named(
    source: Source, absent: str, tmp_path: Path
) -> None:
    names = tuple(name for name in WIND if name != absent)
    said = {"u": "eastward_wind", "v": "northward_wind"}[absent]
    with pytest.raises(WeatherContentError, match=f"no {said} on pressure levels") as caught:
        read_weather([write(source, tmp_path, names)])
    assert said in caught.value.hint


# --- windows -----------------------------------------------------------------------------------

BOXES = {"inside": 120.0, "antimeridian": 180.0, "greenwich": 0.0}
"""Longitudes in the middle of a box."""


def large(middle: float) -> Axes:
    return Axes(np.arange(28.0, 37.0), middle + np.arange(-5.0, 6.0), (0, 3, 6, 9))


def check_window(cube: WindCube, whole: WindCube, window: Window) -> None:
    """Compare a part with the whole: no value changed, and one point more on each side."""
    np.testing.assert_array_equal(
        cube.times_s, [t for t in whole.times_s if window.holds_time(float(t))]
    )
    lat = cube.latitude
    lon = (cube.longitude - window.west + 180.0) % 360.0 - 180.0
    assert lat[0] <= window.south < lat[1] < lat[-2] < window.north <= lat[-1]
    assert lon[0] <= 0.0 < lon[1] < lon[-2] < window.width_deg <= lon[-1]
    rows = [int(np.abs(whole.latitude - y).argmin()) for y in lat]
    apart = (whole.longitude[None] - cube.longitude[:, None] + 180.0) % 360.0 - 180.0
    columns = np.abs(apart).argmin(axis=1)
    assert np.abs(apart).min(axis=1).max() < 1e-6
    times = np.isin(whole.times_s, cube.times_s)
    assert set(cube.dataset.data_vars) == set(whole.dataset.data_vars)
    for name, array in cube.dataset.data_vars.items():
        wanted = whole.dataset[name].values[..., rows, :][..., columns]
        if "time" in array.dims:
            wanted = wanted[:, times]
        np.testing.assert_array_equal(array.values, wanted, str(name))


@every_source
@pytest.mark.parametrize("middle", BOXES.values(), ids=BOXES)
def test_given_a_window_when_read_then_it_is_the_part_of_the_whole(
    source: Source, middle: float, tmp_path: Path
) -> None:
    axes = large(middle)
    path = write(source, tmp_path, axes=axes)
    # A box may be asked for either way round, and across the antimeridian.
    for turn in (0.0, 360.0):
        west, east = middle - 1.6 + turn, (middle + 1.7 + 180.0) % 360.0 - 180.0
        window = Window(west, 30.4, east, 33.6, RUN_S + 10_800, RUN_S + 21_600)
        cube = read_weather([path], window)
        assert cube.times_s.size == 2
        assert -180.0 <= cube.longitude[0] < 180.0
        check_window(cube, read_all(source, path, axes), window)


@every_set
@pytest.mark.parametrize("middle", [2.0, 178.0])
def test_given_a_window_on_a_global_grid_when_read_then_it_is_in_one_piece(
    source: Source, middle: float, tmp_path: Path
) -> None:
    axes = Axes(np.arange(-20.0, 61.0, 10.0), np.arange(0.0, 360.0, 10.0), (0,))
    path = write(source, tmp_path, axes=axes)
    window = Window(middle - 24.0, -4.0, middle + 23.0, 33.0)
    whole = read_weather([path])
    assert whole.is_global
    check_window(read_weather([path], window), whole, window)


@every_set
def test_given_a_window_beside_the_data_when_read_then_refused_by_its_box(
    source: Source, tmp_path: Path
) -> None:
    path = write(source, tmp_path)
    with pytest.raises(WeatherContentError, match="nothing of it in 10 to 20 N, 10 to 20 E"):
        read_weather([path], Window(10.0, 10.0, 20.0, 20.0))


@every_source
def test_given_a_window_before_the_data_when_read_then_refused(
    source: Source, tmp_path: Path
) -> None:
    path = write(source, tmp_path)
    with pytest.raises(WeatherContentError):
        read_weather([path], Window(120.0, 30.0, 122.0, 33.0, 0.0, 3600.0))


@every_source
def test_given_one_run_wanted_when_read_then_another_is_left_out(
    source: Source, tmp_path: Path
) -> None:
    path = write(source, tmp_path)
    run_s = read_all(source, path).reference_time_s
    if run_s is not None:
        same = replace(SMALL.window(), run_s=run_s)
        assert read_weather([path], same).reference_time_s == run_s
    with pytest.raises(WeatherContentError):
        read_weather([path], replace(SMALL.window(), run_s=RUN_S + 21_600))


# --- bad input ---------------------------------------------------------------------------------


@every_set
def test_given_no_heights_when_read_then_made_and_every_output_is_warned(
    source: Source, tmp_path: Path
) -> None:
    cube = read_weather([write(source, tmp_path, ("u", "v"))])
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
        (b"meeting at the field, bring the tube\n", "is text"),
        (b'{"error": "GRIB"}', "XML or JSON"),
        (b'Error {\n  code = 0;\n  message = "no such run";\n}', "error message .*no such run"),
        (b"Dataset {\n  Float32 u[time = 4];\n} gfs;\n", "OPeNDAP text of a kind"),
        (b"CDF\x05" + bytes(40), "CDF5"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"PK\x05\x06" + bytes(18), "an empty zip"),
        (b"a.grib" + bytes(251) + b"ustar\x00", "tar archive"),
        (b"\x00\x01\x02\x03", "no weather file"),
    ],
)
def test_given_no_weather_file_when_read_then_no_source_takes_it_and_it_is_named(
    source: Source, content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "gfs.grib2"
    path.write_bytes(content)
    assert not source.recognise(path, content)
    with pytest.raises(WeatherFileError, match=said) as caught:
        read_weather([path])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("data_stream-oper.nc", "first file in it is data_stream-oper.nc"),
        ("[Content_Types].xml", "document of an office program"),
    ],
)
def test_given_a_zip_archive_when_read_then_named_by_what_is_in_it(
    first: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "era5.nc"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(first, b"CDF\x01")
    with pytest.raises(WeatherFileError, match=said):
        read_weather([path])


def test_given_2_gb_of_zeros_when_read_then_refused_by_the_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "gfs.grib2"
    with path.open("wb") as stream:
        stream.truncate(ZEROS_BYTES)
    start = time.process_time()
    with pytest.raises(WeatherFileError, match="starts with 2048 zeros"):
        read_weather([path])
    # To read the file would take a second at least.
    assert time.process_time() - start < 0.3


def test_given_a_pipe_when_read_then_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(WeatherFileError, match="a pipe or a device"):
        read_weather([path])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:overflow encountered")
@every_set
def test_given_damaged_bytes_when_read_then_only_errors_of_ours(
    source: Source, tmp_path: Path
) -> None:
    rng = np.random.default_rng(7)
    path = write(source, tmp_path, axes=at_step(0))
    whole = path.read_bytes()
    refused = 0
    for _ in range(60):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(0, damaged.size, 4)] = rng.choice([0, 255, 17], 4)
        path.write_bytes(damaged.tobytes())
        try:
            read_weather([path])
        except DownwindError:
            refused += 1
    assert refused > 5


@every_set
def test_given_a_file_cut_short_when_read_then_only_errors_of_ours(
    source: Source, tmp_path: Path
) -> None:
    path = write(source, tmp_path, axes=at_step(0))
    whole = path.read_bytes()
    for part in (0.02, 0.3, 0.7, 0.97):
        path.write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(DownwindError) as caught:
            read_weather([path])
        assert path.name in caught.value.message


def test_given_a_folder_or_nothing_when_read_then_refused(tmp_path: Path) -> None:
    with pytest.raises(WeatherFileError, match="is a folder"):
        read_weather([tmp_path])
    with pytest.raises(WeatherFileError, match="no such file"):
        read_weather([tmp_path / "absent.nc"])
    with pytest.raises(WeatherFileError, match="no weather file was given"):
        read_weather([])


def test_given_files_of_two_kinds_when_read_then_both_are_named(tmp_path: Path) -> None:
    paths = [write(source, tmp_path) for source in GRIDDED]
    with pytest.raises(WeatherFileError, match="two kinds of file") as caught:
        read_weather(paths, SMALL.window())
    assert all(source.NAME in caught.value.message for source in GRIDDED)


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
