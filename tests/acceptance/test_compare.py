"""``downwind weather compare`` as a person runs it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from .conftest import make_wind


def push_east(data: xr.Dataset) -> xr.Dataset:
    pushed = data.copy(deep=True)
    pushed["u"] = pushed["u"] + np.float32(3.0)
    return pushed


@pytest.fixture(scope="module")
def winds(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A wind in one file, and one that blows 3 m/s more to the east in two."""
    folder = tmp_path_factory.mktemp("winds")
    first = make_wind(folder / "a.nc")
    early = make_wind(folder / "b0.nc", hours=(0, 3, 6, 9), spoil=push_east)
    late = make_wind(folder / "b1.nc", hours=(12, 15, 18, 21), spoil=push_east)
    return str(first), f"{early},{late}"


def test_given_two_winds_and_a_mission_when_compared_then_text_and_picture_say_how_far(
    run, winds: tuple[str, str], write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    picture = tmp_path / "compare.png"
    answer = run(
        "weather", "compare", *winds, "--mission", write_mission(), "--height", "3 km",
        "--height", "5 km", "-o", picture,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert all(len(line) <= 80 for line in answer.stdout.splitlines())
    words = " ".join(answer.stdout.split())
    assert "8 times: 2015-04-03 12:00 UTC to 2015-04-04 09:00 UTC; both winds hold each" in words
    assert "A, B: ground at a constant 100 m (terrain.constant_m)" in words
    # 40 min at 3 m/s
    assert "4694 m 7.18 090 landing of dvd A" in words
    assert f"picture: {picture}" in answer.stderr
    with Image.open(picture) as drawn:
        assert drawn.width == 2000
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_given_a_climb_and_json_when_compared_then_stdout_is_the_document(
    run, winds: tuple[str, str]
) -> None:
    answer = run(
        "weather", "compare", *winds, "--at", "37.75,126.49,2015-04-03T18:00Z", "--top", "8 km",
        "--ascent-rate", "4 m/s", "--box", "115,30,140,45", "--json",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    (comparison,) = document["comparisons"]
    assert comparison["longitude"] == [115.0, 140.0]
    assert {round(level["rms_u_ms"], 3) for level in comparison["levels"]} == {3.0}
    separation = document["climb"]["winds"][1]["separation"]
    assert separation["distance_m"][-1] == pytest.approx(
        3.0 * separation["elapsed_s"][-1], rel=2e-3
    )
    assert len(document["pairs"]) == 8 * len(comparison["levels"])


def test_given_an_option_that_cannot_be_when_compared_then_one_message_and_nothing_is_read(
    run,
) -> None:
    answer = run("weather", "compare", "missing-a.nc", "missing-b.nc", "--at", "37.75,126.49")
    assert answer.returncode == 2
    assert "has 2 parts, not 3" in " ".join(answer.stderr.split())
    assert "next:" in answer.stderr
    assert "Traceback" not in answer.stderr


def err(data: xr.Dataset) -> xr.Dataset:
    """Make a forecast, run at noon, whose error is rough and of 2 m/s."""
    rng = np.random.default_rng(3)
    wrong = data.copy(deep=True)
    for name in ("u", "v"):
        wrong[name] = wrong[name] + rng.normal(0.0, 2.0, data[name].shape).astype("f4")
    run = np.datetime64("2015-04-03T12:00", "ns")
    named = {"standard_name": "forecast_reference_time"}
    return wrong.assign_coords(forecast_reference_time=((), run, named))


def test_given_a_forecast_and_what_came_true_when_fitted_then_a_mission_flies_with_the_sizes(
    run, winds: tuple[str, str], write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    forecast = make_wind(tmp_path / "forecast.nc", spoil=err)
    sizes = tmp_path / "sizes.toml"
    fit = ("weather", "compare", winds[0], forecast, "--sizes", sizes)
    answer = run(*fit)
    assert answer.returncode == 0, answer.stderr
    assert all(len(line) <= 80 for line in answer.stdout.splitlines())
    assert "Size of forecast error, fitted" in answer.stdout
    assert f"sizes of wind error: {sizes}" in answer.stderr
    (entry,) = [
        row
        for row in tomllib.loads(sizes.read_text("utf-8"))["size"]
        if 490.0 < row["pressure_hpa"] < 510.0 and 7.0 < row["lead_hours"] < 17.0
    ]
    assert abs(entry["sigma_ms"] - 2.0) < 3.0 * entry["standard_error_ms"]

    again = run(*fit)
    assert again.returncode == 1
    assert "exists already" in again.stderr

    stated = ('surface = "log"', 'surface = "log"\nerror = { sizes = "sizes.toml" }')
    flown = run("fly", write_mission(stated), "--wind", forecast, "--json")
    assert flown.returncode == 0, flown.stderr
    error = json.loads(flown.stdout)["wind"]["error"]
    assert error["drawn"]
    assert error["origin"].startswith("fitted: ")
    assert error["lead_hours_at_launch"] == 6.0
    assert error["lead_counts_from"] == "run"
    (level,) = [row for row in error["levels"] if row["pressure_pa"] == 50_000.0]
    assert level["large_ms"] == pytest.approx(2.0, abs=0.3)


def test_given_no_forecast_when_sizes_are_asked_for_then_it_says_what_to_name(
    run, winds: tuple[str, str], tmp_path: Path
) -> None:
    answer = run("weather", "compare", *winds, "--sizes", tmp_path / "sizes.toml")
    assert answer.returncode == 2
    words = " ".join(answer.stderr.split())
    assert "none of the winds is a forecast" in words
    assert "name an analysis or an observation first" in words
    assert not list(tmp_path.iterdir())
