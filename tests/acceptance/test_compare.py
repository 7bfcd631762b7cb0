"""``downwind weather compare`` as a person runs it."""

from __future__ import annotations

import json
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
