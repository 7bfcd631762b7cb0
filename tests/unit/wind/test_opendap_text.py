"""GFS as OPeNDAP text: arrays, axes, units, and the run that only a name can tell."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from downwind.errors import WeatherContentError, WeatherFileError, WeatherTruncatedError
from downwind.times import decode_cf_times, format_utc
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD_COVER,
    EAST,
    EAST_10M,
    GUST,
    HUMIDITY,
    SURFACE_PRESSURE,
    TERRAIN,
    UPWARD,
    interpolate_wind,
)
from downwind.wind.sources import read_weather, scan_weather
from tests.unit.wind.grid_writers import (
    SMALL,
    block_of,
    grads_days,
    text_of,
    values_of,
    write_text,
)
from tests.unit.wind.weather_files import LEVELS_HPA, RUN_S

WIND = ("u", "v", "z")
LEV = np.array(LEVELS_HPA, np.float64)
AXES = {"lat": SMALL.latitudes, "lon": SMALL.longitudes}


def upper(name: str, values: np.ndarray, **more: np.ndarray) -> str:
    return text_of(name, values, **more, time=grads_days(SMALL.steps_h), lev=LEV, **AXES)


def test_given_days_of_the_mixed_calendar_when_read_then_the_hour_is_that_of_the_server() -> None:
    days = np.array([736445.75, 719164.0, 738888.25, 738888.0416666666])
    times = [format_utc(time) for time in decode_cf_times(days, "days since 1-1-1")]
    assert times[:2] == ["2017-04-25T18:00:00Z", "1970-01-01T00:00:00Z"]
    assert times[2:] == ["2024-01-02T06:00:00Z", "2024-01-02T01:00:00Z"]


def test_given_all_arrays_in_one_file_when_read_then_each_is_there_in_its_unit(
    tmp_path: Path,
) -> None:
    names = ("u", "v", "z", "t", "w", "r", "10u", "10v", "sp", "orog")
    path = write_text(tmp_path, "all", names, SMALL)
    time = grads_days(SMALL.steps_h)
    more = [("gustsfc", 12.5), ("hpblsfc", 640.0), ("tcdcclm", 75.0), ("capesfc", 1.0)]
    shape = (2, SMALL.latitudes.size, SMALL.longitudes.size)
    text = path.read_text() + "".join(
        "\n" + text_of(name, np.full(shape, value), time=time, **AXES) for name, value in more
    )
    path.write_text(text)
    assert scan_weather([path])[0].others == {"capesfc": 1}
    cube = read_weather([path])
    data = cube.dataset
    assert cube.has_temperature
    assert cube.source == "NCEP GFS 1 deg"
    assert data[HUMIDITY].values.max() < 1.0
    flat = {
        EAST_10M: values_of("10u", SMALL, 0, 3),
        SURFACE_PRESSURE: values_of("sp", SMALL, 0, 3),
        GUST: 12.5,
        BOUNDARY_LAYER: 640.0,
        CLOUD_COVER: 0.75,
    }
    for name, wanted in flat.items():
        np.testing.assert_allclose(data[name].values[0, 1], wanted, rtol=1e-6)
    np.testing.assert_allclose(data[TERRAIN].values, values_of("orog", SMALL, 0, 0), rtol=1e-6)
    # Rising air has a falling pressure: 0.01 Pa/s and more here go down.
    assert data[UPWARD].values.max() < 0.0


@pytest.mark.parametrize("missing", [9.999e20, -9.99e8])
def test_given_levels_without_values_when_read_then_they_are_not_there(
    missing: float, tmp_path: Path
) -> None:
    wind = write_text(tmp_path, "wind", WIND, SMALL)
    omega = block_of("w", SMALL, LEVELS_HPA)
    omega[:, 2] = missing
    path = tmp_path / "gfs_20240102_06z_w.ascii"
    path.write_text(upper("vvelprs", omega))
    cube = read_weather([wind, path])
    assert np.isnan(cube.dataset[UPWARD].values[:, :, 2]).all()
    assert np.isfinite(cube.dataset[UPWARD].values[:, :, :2]).all()


def test_given_an_ensemble_when_read_then_its_members_are_those_of_the_axis(tmp_path: Path) -> None:
    pieces = []
    for name, called in (("u", "ugrdprs"), ("v", "vgrdprs"), ("gh", "hgtprs")):
        block = block_of(name, SMALL, LEVELS_HPA)
        pieces.append(upper(called, np.stack([block, block + 1.0]), ens=np.array([1.0, 2.0])))
    path = tmp_path / "gens_20240102_06z.ascii"
    path.write_text("\n".join(pieces))
    cube = read_weather([path])
    assert cube.dataset["realization"].values.tolist() == [1, 2]
    assert cube.source.startswith("NCEP GEFS")
    east = cube.dataset[EAST].values
    np.testing.assert_allclose(east[1] - east[0], 1.0, atol=1e-5)


# --- the run -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "run", "is_warned"),
    [
        ("gfs_20240102_06z_wind.ascii", "2024-01-02T06", False),
        ("gfs20240101_18z.ascii", "2024-01-01T18", False),
        ("2024010200.ascii", "2024-01-02T00", False),
        ("gfs_0p50_06z_wind.ascii", "2024-01-02T06", True),
        ("gfs_0p50_12z_wind.ascii", "2024-01-01T12", True),
        ("gfs_0p50_06z.ascii?hgtprs[0:1][0:2][240:243][240:242]", "2024-01-02T06", False),
        ("gfs_0p50_06z.ascii?hgtprs[8:9][0:2][240:243][240:242]", "2024-01-01T06", False),
        ("gfs_0p25_1hr_06z.ascii?hgtprs[24:3:27][0:2][0:3][0:2]", "2024-01-01T06", False),
        # 3 x 7 h back from 06Z is 09Z, not the hour of the name: the number counts other steps
        ("gfs_0p50_06z.ascii?hgtprs[7:8][0:2][240:243][240:242]", "2024-01-02T06", True),
    ],
)
def test_given_a_name_when_read_then_the_run_is_what_it_states_or_the_newest_with_a_warning(
    name: str, run: str, is_warned: bool, tmp_path: Path
) -> None:
    path = write_text(tmp_path, "wind", WIND, SMALL).rename(tmp_path / name)
    cube = read_weather([path])
    assert cube.nature == "forecast"
    assert format_utc(cube.reference_time_s or 0).startswith(run)
    assert bool(cube.warnings) == is_warned
    assert any("by the names" in note for note in cube.notes) != is_warned
    if is_warned:
        assert run in cube.warnings[0]
        assert "may be days older" in cube.warnings[0]


def test_given_a_set_split_by_time_when_the_day_is_guessed_then_it_is_one_run(
    tmp_path: Path,
) -> None:
    from dataclasses import replace

    paths = [
        write_text(tmp_path, f"s{step}", WIND, replace(SMALL, steps_h=(step,))).rename(
            tmp_path / f"gfs_0p50_06z_{step}.ascii"
        )
        for step in (12, 27)
    ]
    cube = read_weather(paths)
    assert cube.reference_time_s == RUN_S
    assert cube.times_s.size == 2


def test_given_names_that_tell_no_run_or_a_later_one_when_read_then_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path, "wind", WIND, SMALL).rename(tmp_path / "hgt.txt")
    with pytest.raises(WeatherFileError, match="neither the text nor its name") as caught:
        read_weather([path])
    assert "gfs_20170424_06z" in caught.value.hint
    path = path.rename(tmp_path / "gfs_20240103_06z.ascii")
    with pytest.raises(WeatherContentError, match="before the run that its name states"):
        read_weather([path])


# --- bad input ---------------------------------------------------------------------------------


def spoil(text: str, old: str, new: str) -> str:
    assert re.search(old, text, re.MULTILINE)
    return re.sub(old, new, text, count=1, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"^\[0\]\[0\]\[1\], ", "[0][0][2], ", r"line 3: .* where the row \[0\]\[0\]\[1\] belongs"),
        (r"^(\[0\]\[0\]\[1\], \S+),", r"\1 ,x", "line 3 has 4 of 3 numbers|could not convert"),
        (r"^(\[0\]\[0\]\[1\]), \S+,", r"\1,", "line 3 has 2 of 3 numbers"),
        (r"^(\[0\]\[0\]\[1\]), \S+,", r"\1, one,", "line 3: could not convert .*one"),
        (r"^lev, \[3\]$", "lev, [2]", "line .* has 3 of 2 numbers"),
        (r"^lon, \[3\]\n.*$", "", "the axes of 'ugrdprs' are missing"),
        (r"\[2\]\[3\]\[4\]\[3\]", "[2][3][4][300000]", "file ends before"),
        (r"^time, \[2\]\n.*$", "time, [2]\n738888.25, 738888.25", "no rising days since 1-1-1"),
        (r"^time, \[2\]\n.*$", "time, [2]\n1704175200, 1704186000", "no rising days since 1-1-1"),
        (
            r"^time, ",
            "tyme, ",
            "has the shape|the axes of",
        ),
        (r"^lat, ", "Lat: ", "is no title of an array"),
    ],
)
def test_given_spoilt_text_when_read_then_the_place_is_named(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    path = write_text(tmp_path, "wind", ("u",), SMALL)
    path.write_text(spoil(path.read_text(), old, new))
    with pytest.raises(WeatherFileError, match=said) as caught:
        scan_weather([path])
    assert caught.value.hint


@pytest.mark.parametrize("lines", [3, 24, 32, 34])
def test_given_text_cut_short_when_read_then_said_so(lines: int, tmp_path: Path) -> None:
    path = write_text(tmp_path, "wind", ("u",), SMALL)
    whole = path.read_text().splitlines()
    path.write_text("\n".join(whole[:lines]))
    with pytest.raises(WeatherTruncatedError, match="the file ends before that"):
        scan_weather([path])


def test_given_levels_or_axes_that_do_not_fit_when_read_then_left_out_by_name(
    tmp_path: Path,
) -> None:
    path = write_text(tmp_path, "wind", ("u",), SMALL)
    text = path.read_text()
    path.write_text(spoil(text, r"^lev, \[3\]\n.*$", "lev, [3]\n100000.0, 85000.0, 50000.0"))
    assert "no hPa" in scan_weather([path])[0].left_out[0]
    path.write_text(spoil(text, r"^lat, \[4\]\n.*$", "lat, [4]\n30, 31, 32, 34"))
    assert "not evenly spaced" in scan_weather([path])[0].left_out[0]
    path.write_text(text.replace("ugrdprs", "ugrd10m"))
    assert "an axis lev too many" in scan_weather([path])[0].left_out[0]
    path.write_bytes(text.encode().replace(b"lev", b"l\xe9v"))
    with pytest.raises(WeatherFileError, match="is no text as a data server writes it"):
        scan_weather([path])


# --- the sample of ASTRA -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def astra(shared: Path) -> list[Path]:
    return sorted((shared / "data" / "grids" / "astra_gfs_0p50_20170424").glob("*.ascii"))


def test_given_the_sample_when_read_then_as_a_plain_split_of_its_lines(astra: list[Path]) -> None:
    rng = np.random.default_rng(4)
    names = {"hgt": "geopotential_height", "tmp": "air_temperature", "ugr": EAST,
             "vgr": "northward_wind"}  # fmt: skip
    cube = read_weather(astra)
    assert [format_utc(t) for t in cube.times_s[[0, -1]]] == [
        "2017-04-25T18:00:00Z", "2017-04-26T03:00:00Z",
    ]  # fmt: skip
    assert "2017-04-25T06:00:00Z" in cube.warnings[0]
    for path in astra:
        rows = {}
        for line in path.read_text().splitlines():
            if line.startswith("["):
                label, *numbers = line.split(", ")
                rows[label] = numbers
        field = cube.dataset[names[path.name.split("_")[3][:3]]]
        for _ in range(100):
            t, k, y, x = (int(rng.integers(n)) for n in (4, 47, 15, 27))
            wanted = float(rows[f"[{t}][{k}][{y}]"][x])
            place = {"latitude": 25.5 + 0.5 * y, "longitude": 272.5 + 0.5 * x - 360.0}
            assert float(field[0, t, k].sel(place)) == pytest.approx(wanted, rel=1e-7)


def test_given_the_sample_when_climbed_through_then_the_drift_is_that_of_astra(
    astra: list[Path],
) -> None:
    """Ten ascents that ASTRA flew in these files, its heights each 30 s, from the first time on."""
    cube = read_weather(astra)
    start_s = float(cube.times_s[0])
    text = (astra[0].parent / "expected_astra_output.kml").read_text()
    flights = re.findall(r"<LineString>\s*<coordinates>(.*?)</coordinates>", text, re.DOTALL)
    assert len(flights) == 10
    degree_m = 111_195.0
    for flight in flights:
        track = np.array([[float(n) for n in point.split(",")] for point in flight.split()])
        # In stretches of 2 min, which is as far as the wind is held.
        track = track[: int(track[:, 2].argmax()) + 1 : 4]
        lon, lat = track[0, :2]
        shrink = np.cos(np.radians(lat))
        for i, height in enumerate(0.5 * (track[1:, 2] + track[:-1, 2])):
            u, v = interpolate_wind(cube, 0, start_s + 120.0 * i + 60.0, lon, lat, max(height, 130))
            lat += 120.0 * v / degree_m
            lon += 120.0 * u / degree_m / np.cos(np.radians(lat))
        drift = degree_m * np.hypot(
            (track[-1, 0] - track[0, 0]) * shrink, track[-1, 1] - track[0, 1]
        )
        miss = degree_m * np.hypot((lon - track[-1, 0]) * shrink, lat - track[-1, 1])
        assert drift > 60_000.0
        assert miss < 0.03 * drift
