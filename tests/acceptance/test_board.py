"""``downwind board`` as a person runs it: on the terminal, into a folder, and with mistakes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

HOURS = (
    'times = ["2015-04-03T18:00Z"]',
    'from = "2015-04-03T17:00Z"\nuntil = "2015-04-03T18:00Z"\nevery = "1 h"\nwindow = "night"',
)


@pytest.fixture
def board_mission(write_mission: Callable[..., Path]) -> Path:
    return write_mission(HOURS)


def test_given_a_mission_with_hours_when_judged_then_text_and_folder_agree(
    run, wind: Path, board_mission: Path, tmp_path: Path
) -> None:
    output = tmp_path / "board"
    answer = run("board", board_mission, "--wind", wind, "-o", output, "--exit-code")

    assert answer.returncode == 10, answer.stderr
    assert all(len(line) <= 80 for line in answer.stdout.splitlines())
    assert answer.stdout.startswith("!! STOP: ")
    assert answer.stdout.rstrip("\n") == (output / "board.txt").read_text("utf-8").rstrip("\n")
    document = json.loads((output / "board.json").read_text("utf-8"))
    assert document["verdict"] == "STOP"
    assert [cell["launch"] for cell in document["cells"]] == [
        f"2015-04-03T{hour}:00:00Z" for hour in (17, 18)
    ]
    with (output / "board.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 2
    assert (output / "board.png").stat().st_size > 10_000
    assert (output / "mission.toml").read_bytes() == board_mission.read_bytes()
    card = (output / "compliance.txt").read_text("utf-8")
    for stop in document["stops"]:
        assert stop["citation"][:20] in " ".join(card.split())


def test_given_a_folder_of_something_else_when_forced_then_it_is_left_as_it_is(
    run, wind: Path, board_mission: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "diary.txt").write_text("mine")
    answer = run("board", board_mission, "--wind", wind, "-o", tmp_path / "other", "--force")

    assert answer.returncode == 1
    assert "results-exist" in answer.stderr
    assert "board.json" in answer.stderr
    assert (tmp_path / "other" / "diary.txt").read_text() == "mine"


def test_given_hours_that_the_wind_does_not_cover_when_judged_then_it_says_so(
    run, wind: Path, write_mission: Callable[..., Path]
) -> None:
    answer = run("board", write_mission(("2015-04-03T18:00Z", "2016-04-03T18:00Z")), "--wind", wind)

    assert answer.returncode == 1
    assert "2016-04-03T18:00" in answer.stderr
    assert answer.stdout == ""
