"""``downwind fleet`` as a user runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from downwind.cli.main import run as main
from downwind.service.demonstration import demonstration_mission_text

from .conftest import Run

LOAD = ("--item", "dvd:5000", "--item", "leaflet-film-12x5:1,080,000")
TUBE = ("--vehicle", "film-7m", "--gas", "hydrogen")


def test_given_a_load_when_sized_then_the_card_says_how_many_balloons(run: Run) -> None:
    found = run("fleet", *TUBE, *LOAD, "--release-height", "3 km", "--crew-rate", "20/h")
    assert found.returncode == 0, found.stderr
    assert "Balloons needed: 45" in found.stdout
    assert "3 min" in found.stdout
    assert found.stderr == ""


def test_given_a_load_when_asked_for_json_then_it_says_the_same(run: Run) -> None:
    arguments = (*TUBE, *LOAD, "--release-height", "3 km", "--crew-rate", "20/h", "--crews", "2")
    found = run("fleet", *arguments, "--cylinder", "47L-150bar", "--json")
    document = json.loads(found.stdout)
    needed = document["groups"][0]["needed"]
    assert needed["balloons"] == document["balloons"] == 45
    assert needed["load_kg"] == pytest.approx(5_000 * 0.0155 + 1_080_000 * 0.00027)
    assert document["launches"] == {
        "spacing_s": 90.0,
        "spacing_note": "", "span_s": 44 * 90.0, "work_s": 45 * 90.0, "first": [],
    }  # fmt: skip
    assert document["is_sound"] is True


def test_given_a_claim_that_does_not_fit_when_asked_for_the_exit_code_then_it_is_10(
    run: Run,
) -> None:
    claim = ("--claim-balloons", "20", "--claim-hours", "1", "--claim-gas", "100 m3")
    found = run("fleet", *TUBE, *LOAD, "--release-height", "3 km", *claim, "--exit-code")
    assert found.returncode == 10
    assert "does not fit" in found.stdout
    assert run("fleet", *TUBE, *LOAD, "--exit-code").returncode == 0


def test_given_the_demonstration_when_checked_then_it_is_consistent(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "demonstration.toml"
    path.write_text(demonstration_mission_text(), "utf-8")
    found = run("fleet", path, "--exit-code")
    assert found.returncode == 0, found.stderr
    assert "The whole fleet: 217 balloons" in found.stdout
    assert "does not fit" not in found.stdout
    document = json.loads(run("fleet", path, "--json").stdout)
    assert [g["claimed_balloons"] for g in document["groups"]] == [178, 39]
    assert all(check["verdict"] != "does not fit" for check in document["checks"])


def test_given_a_catalogue_of_ones_own_when_named_then_its_balloon_is_sized(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[film]]\nname = "ours"\ntitle = "our tube"\nlength = "9 m"\ndiameter = "1.6 m"\n'
        'film = "40 um"\n',
        "utf-8",
    )
    found = run("fleet", "--vehicle", "ours", "--gas", "helium", "--item", "dvd:100",
                "--catalogue", path)  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "our tube" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--vehicle and --gas"),
        (("--vehicle", "film7m", "--gas", "helium", "--item", "dvd:1"), "'film-7m'"),
        (("--vehicle", "film-7m", "--gas", "hydrogn", "--item", "dvd:1"), "'hydrogen'"),
        ((*TUBE, "--item", "dwd:5"), "'dvd'"),
        ((*TUBE, "--item", "dvd"), "NAME:COUNT"),
        ((*TUBE, "--item", "dvd:0"), "NAME:COUNT"),
        ((*TUBE, "--item", "dvd:2", "--item", "dvd:3"), "twice"),
        (TUBE, "nothing to size"),
        ((*TUBE, "--item", "dvd:5", "--crew-rate", "20"), "20/h"),
        ((*TUBE, "--item", "dvd:5", "--crews", "2"), "--crew-rate"),
        ((*TUBE, "--item", "dvd:5", "--free-lift", "10 parrots"), "--free-lift"),
        ((*TUBE, "--item", "dvd:5", "--free-lift", "5 %", "--ascent-rate", "3 m/s"), "one of"),
        ((*TUBE, "--item", "dvd:5", "--ascent-rate", "-3 m/s"), "above 0"),
        ((*TUBE, "--item", "dvd:5", "--site-altitude", "9 km"), "--site-altitude"),
        ((*TUBE, "--item", "dvd:5", "--release-height", "60 km"), "release height"),
        ((*TUBE, "--item", "dvd:5", "--cylinder", "47L-150br"), "'47L-150bar'"),
        ((*TUBE, "--item", "dvd:5", "--claim-cylinders", "4"), "how large"),
        ((*TUBE, "--item", "dvd:5", "--claim-gas", "many"), "--claim-gas"),
        (("no.toml",), "no.toml"),
        (("no.toml", "--gas", "helium"), "--gas beside a mission"),
    ],
)
def test_given_wrong_arguments_when_run_then_it_says_which_and_exits_with_2(
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["downwind", "fleet", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    found = capsys.readouterr()
    assert left.value.code == 2
    assert said in found.err
    assert "Traceback" not in found.err
    assert found.out == ""
