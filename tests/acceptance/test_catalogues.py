"""``downwind items`` and ``downwind vehicles`` as a person uses them, and the figures' command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN = """
[[box]]
name = "relay-radio"
family = "radio"
mass = "60 g"
length = "90 mm"
width = "55 mm"
thickness = "25 mm"
[box.source]
mass = { source = "weighed, three of them", confidence = "read" }

[[film]]
name = "our-tube"
length = "6 m"
diameter = "1.4 m"
film = "50 um"
"""
BAD = {
    "not TOML": ("[[box", "is not TOML"),
    "unknown kind": ('[[boxx]]\nname = "a"\n', "no such kind of entry; did you mean 'box'?"),
    "wrong unit": (OWN.replace("60 g", "60 mm"), "own.toml: box[0].mass"),
    "no unit": (OWN.replace('"60 g"', "60"), "needs a unit"),
    "name taken": (OWN.replace("relay-radio", "dvd"), "'dvd' exists already (items.toml: disc[0])"),
    "too heavy": (OWN.replace("60 g", "90 g"), "above the limit of 14.9 J"),
    "no such load": (OWN.replace('"radio"', '"weapon"'), "weapon loads are not carried"),
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_given_nothing_when_items_are_asked_for_then_a_list(run) -> None:
    answer = run("items")

    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    assert "leaflet-film-12x5" in answer.stdout
    assert "disc: an optical disc, bare or in a paper sleeve" in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80


def test_given_names_when_items_are_asked_for_then_each_is_explained(run) -> None:
    answer = run("items", "dvd", "leaflet-148x105mm-80")

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.index("dvd: DVD, bare, 120 mm") < answer.stdout.index("148 x 105 mm paper")
    assert "[standard] ECMA-267" in answer.stdout


def test_given_json_when_items_are_asked_for_then_one_document(run) -> None:
    answer = run("items", "--family", "disc", "--json")

    assert [item["name"] for item in json.loads(answer.stdout)["items"]] == ["dvd", "dvd-sleeve"]


def test_given_an_own_file_when_asked_for_then_its_entries_are_there_with_their_sources(
    run, own: Path
) -> None:
    items = run("items", "--catalogue", own, "relay-radio")
    vehicles = run("vehicles", "--catalogue", own, "our-tube")

    assert items.returncode == 0, items.stderr
    assert "[read] weighed, three of them" in items.stdout
    assert "[not stated] not stated" in items.stdout
    assert "own.toml: box 1" in items.stdout
    assert vehicles.returncode == 0, vehicles.stderr
    assert 'vehicle = "our-tube"' in vehicles.stdout


def test_given_two_own_files_when_listed_then_both_are_there(run, own: Path) -> None:
    second = own.with_name("second.toml")
    second.write_text('[[disc]]\nname = "cd"\nmass = "15 g"\ndiameter = "120 mm"\n', "utf-8")
    answer = run("items", "--catalogue", own, "--catalogue", second)

    assert "relay-radio" in answer.stdout
    assert "\n  cd " in answer.stdout


@pytest.mark.parametrize("case", BAD)
def test_given_a_bad_file_when_listed_then_one_clear_message(run, own: Path, case: str) -> None:
    text, expected = BAD[case]
    own.write_text(text, "utf-8")
    answer = run("items", "--catalogue", own)

    assert answer.returncode == 2, answer.stdout
    assert answer.stdout == ""
    assert expected in " ".join(answer.stderr.split())
    assert "next:" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_given_a_file_that_is_not_there_when_listed_then_refused(run, tmp_path: Path) -> None:
    for verb in ("items", "vehicles"):
        answer = run(verb, "--catalogue", tmp_path / "none.toml")
        assert answer.returncode == 2
        assert "none.toml" in answer.stderr
        assert "Traceback" not in answer.stderr


def test_given_a_name_that_is_not_there_when_asked_for_then_the_nearest_is_offered(run) -> None:
    for arguments, near in ((("items", "dvb"), "dvd"), (("vehicles", "hydrogn"), "hydrogen")):
        answer = run(*arguments)
        assert answer.returncode == 2
        assert f"did you mean '{near}'?" in " ".join(answer.stderr.split())


@pytest.mark.parametrize("verb", ["items", "vehicles"])
def test_given_faults_of_items_and_of_vehicles_when_either_is_listed_then_all_are_told(
    run, own: Path, verb: str
) -> None:
    own.write_text(OWN.replace("60 g", "60 mm").replace("50 um", "50 g") + "[[flim]]\n", "utf-8")
    answer = run(verb, "--catalogue", own)

    assert answer.returncode == 2
    assert "the catalogue has 3 faults" in answer.stderr
    for place in ("box[0].mass", "film[0].film"):
        assert answer.stderr.count(f"own.toml: {place}: ") == 1
    assert answer.stderr.count("own.toml: flim: ") == 1
    assert "did you mean 'film'?" in answer.stderr


def test_given_several_names_that_are_not_there_when_asked_for_then_all_are_told(run) -> None:
    answer = run("items", "dvb", "zzz", "dvd", "leaflet-148x105-80", "leaflet-1480x105mm-80")

    assert answer.returncode == 2
    assert answer.stdout == ""
    for text in (
        "no item is called 'dvb'",
        "no item is called 'zzz'",
        "did you mean 'dvd'?",
        "Did you mean 'leaflet-148x105mm-80'?",
        "1480 mm is over the most, 1000 mm",
        "leaflet-<length>x<width>mm-<g/m2>",
    ):
        assert text in " ".join(answer.stderr.split())
    both = " ".join(run("vehicles", "film-8m", "heliun").stderr.split())
    assert "'film-8m'" in both
    assert "did you mean 'helium'?" in both


def test_given_nothing_when_vehicles_are_asked_for_then_a_list(run) -> None:
    answer = run("vehicles")

    assert answer.returncode == 0, answer.stderr
    for name in ("film-7m", "kaymont-1000", "helium", "50L-200bar", "quartz", "sphere"):
        assert f" {name} " in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80


def test_given_json_when_vehicles_are_asked_for_then_one_document(run) -> None:
    answer = run("vehicles", "quartz", "helium", "--json")

    found = json.loads(answer.stdout)["vehicles"]
    assert [(entry["kind"], entry["name"]) for entry in found] == [
        ("timer", "quartz"),
        ("gas", "helium"),
    ]


def test_given_the_figures_command_when_run_twice_then_the_same_small_picture_and_full_tables(
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "docs" / "reference", tmp_path / "reference")
    page = tmp_path / "reference" / "items.md"
    page.write_text("# Items\n\n<!-- table items -->\nstale\n<!-- end -->\n", "utf-8")
    pictures = []
    for _ in range(2):
        answer = subprocess.run(
            [sys.executable, "-m", "docs.figures", "-o", str(tmp_path)],
            capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
            env={**os.environ, "DOWNWIND_SHARED": ""},  # the table of real files has its own test
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        pictures.append((tmp_path / "images" / "item-falls.png").read_bytes())

    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")
    assert int.from_bytes(pictures[0][16:20], "big") == 1600
    assert 20_000 < len(pictures[0]) < 200_000
    assert "stale" not in page.read_text("utf-8")
    assert "| `dvd` |" in page.read_text("utf-8")
