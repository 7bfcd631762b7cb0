"""Bad input: one clear message, the right exit code, no traceback, no half-written folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.acceptance.conftest import make_wind

BAD_MISSIONS = {
    "unknown key": (("draws = 20", "drawz = 20"), 2, "mission.drawz: unknown key"),
    "naive time": (("2015-04-03T18:00Z", "2015-04-03T18:00"), 2, "has no zone"),
    "latitude 91": (("latitude = 37.75", "latitude = 91"), 2, "site[0].latitude"),
    "no limits": (('[limits]\nfalling_short = "5 %"\nthird_country = "1 %"\n', ""), 2, "limits"),
    "load too heavy": (("count = 800", "count = 80000"), 2, "holds 11.56 m3"),
    "negative fill": (('free_lift = "10 %"', 'free_lift = "-10 %"'), 2, "balloon[0].free_lift"),
    "timer past the data": (('timer_setting = "40 min"', 'timer_setting = "12 h"'), 0, ""),
    "site outside": (("longitude = 126.49", "longitude = 12.49"), 1, "lies outside"),
    "hours outside": (("2015-04-03T18:00Z", "2016-04-03T18:00Z"), 1, "covers"),
    "window closed": (
        ('times = ["2015-04-03T18:00Z"]', 'times = ["2015-04-03T03:00Z"]\nwindow = "night"'),
        2,
        "it opens next at 2015-04-03 19:00 KST",
    ),
    "no terrain": (("[terrain]\nconstant_m = 100\n", ""), 1, "terrain.constant_m"),
    "unknown country": (('"North Korea"', '"Nort Korea"'), 2, "North Korea"),
    "not TOML": (("[mission]", "[mission"), 2, "is not TOML"),
}


def check(answer, code: int, text: str, folder: Path) -> None:
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    assert text in " ".join(answer.stderr.split())
    assert answer.stderr.count("downwind: error [") == 1
    assert "next:" in answer.stderr
    leftovers = [p.name for p in folder.iterdir() if p.is_dir()]
    assert leftovers == []


@pytest.mark.parametrize("name", [n for n, (_, code, _) in BAD_MISSIONS.items() if code])
def test_given_bad_mission_when_flown_then_refused(
    name: str, run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    change, code, text = BAD_MISSIONS[name]
    answer = run("fly", write_mission(change), "--wind", wind, "-o", tmp_path / "out")
    check(answer, code, text, tmp_path)


def test_given_timer_past_the_data_when_flown_then_refused(
    run, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    short = make_wind(tmp_path / "short.nc", hours=(0, 3, 6))
    mission = write_mission(('timer_setting = "40 min"', 'timer_setting = "3 h"'))
    answer = run("fly", mission, "--wind", short, "-o", tmp_path / "out")
    check(answer, 2, "a timer of 180 min needs", tmp_path)


def test_given_target_of_one_square_kilometre_then_refused(
    run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    ring = [[126.0, 38.5], [126.011, 38.5], [126.011, 38.509], [126.0, 38.509], [126.0, 38.5]]
    (tmp_path / "small.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    mission = write_mission(('country = "North Korea"', 'geojson = "small.geojson"'))
    answer = run("fly", mission, "--wind", wind, "-o", tmp_path / "out")
    check(answer, 2, "at least 25 km2", tmp_path)


def test_given_one_time_without_consent_then_refused_and_with_it_flown(
    run, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    single = make_wind(tmp_path / "single.nc", hours=(6,))
    answer = run("fly", write_mission(), "--wind", single, "-o", tmp_path / "out")
    check(answer, 1, "wind.steady_hours", tmp_path)
    mission = write_mission(("[wind]", "[wind]\nsteady_hours = 12"))
    answer = run("fly", mission, "--wind", single)
    assert answer.returncode == 0, answer.stderr
    assert "held steady for 12 h" in answer.stdout


def test_given_levels_too_low_then_height_is_refused(
    run, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    low = make_wind(tmp_path / "low.nc", spoil=lambda d: d.isel(level=slice(0, 3)))
    answer = run("fly", write_mission(), "--wind", low, "-o", tmp_path / "out")
    check(answer, 1, "ends at", tmp_path)


def test_given_nan_in_the_wind_then_its_place_is_named(
    run, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    def spoil(data: xr.Dataset) -> xr.Dataset:
        data["u"].values[1, 2, 3, 4] = np.nan
        return data

    bad = make_wind(tmp_path / "nan.nc", spoil=spoil)
    answer = run("fly", write_mission(), "--wind", bad, "-o", tmp_path / "out")
    check(answer, 1, "850", tmp_path)


def test_given_truncated_grib_then_refused(
    run, write_mission: Callable[..., Path], tmp_path: Path, shared: Path
) -> None:
    whole = shared / "data/grids/pygrib_gfs/gfs_2p5_2011100800_f072.grb2"
    cut = tmp_path / "cut.grb2"
    cut.write_bytes(whole.read_bytes()[:200_000])
    answer = run("fly", write_mission(), "--wind", cut, "-o", tmp_path / "out")
    check(answer, 1, "weather-truncated", tmp_path)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\x00" * 4096])
def test_given_no_weather_then_refused(
    content: bytes, run, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(content)
    answer = run("fly", write_mission(), "--wind", tmp_path / "file", "-o", tmp_path / "out")
    check(answer, 1, "weather-", tmp_path)


def test_given_existing_folder_then_refused_before_any_work(
    run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "mine.txt").write_text("keep")
    answer = run("fly", write_mission(), "--wind", wind, "-o", output)
    assert answer.returncode == 1
    assert "results-exist" in answer.stderr
    assert [p.name for p in output.iterdir()] == ["mine.txt"]


def test_given_unwritable_place_then_refused(
    run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "missing" / "out", tmp_path / "file" / "out"):
        answer = run("fly", write_mission(), "--wind", wind, "-o", place)
        check(answer, 1, "results-unwritable", tmp_path)


def test_given_wrong_arguments_then_exit_code_two(run) -> None:
    assert run("plan").returncode == 2
    assert run("no-such-verb").returncode == 2
