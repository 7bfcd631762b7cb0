"""``downwind fill`` as a person runs it: in the field, without a network and without a wind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

TUBE = ("fill", "--vehicle", "film-7m", "--gas", "hydrogen", "--load", "8 kg")
RUBBER = ("fill", "--vehicle", "kaymont-1000", "--gas", "helium", "--load", "1 kg")


def test_given_a_line_when_run_then_the_card_is_printed_in_80_columns(run) -> None:
    answer = run(*TUBE, "--free-lift", "10 %", "--count", "6", "--temperature", "-5 C")
    assert answer.returncode == 0, answer.stderr
    assert "FILL UNTIL THE BALANCE AT THE NECK SHOWS  8.80 kg (8800 g)" in answer.stdout
    assert "!! DANGER: hydrogen burns" in answer.stdout
    assert "film-7m: 6 balloons" in answer.stdout
    assert "-5.0 C; 20.0 K colder" in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80
    assert answer.stderr == ""


@pytest.mark.parametrize(
    ("goal", "value", "key", "wanted"),
    [
        ("--free-lift", "300 g", "free_lift_kg", 0.3),
        ("--free-lift", "10 %", "free_lift_kg", 0.8),
        ("--neck-lift", "8.5 kg", "neck_lift_kg", 8.5),
        ("--ascent-rate", "3 m/s", "ascent_rate_ms", 3.0),
        ("--volume", "8500 L", "volume_m3", 8.5),
    ],
)
def test_given_any_goal_when_run_then_the_fill_meets_it(
    goal: str, value: str, key: str, wanted: float, run
) -> None:
    answer = run(*TUBE, goal, value, "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)["groups"][0]
    assert found["fills"][0][key] == pytest.approx(wanted, rel=1e-6)
    assert found["fills"][0]["load_kg"] == pytest.approx(8.0)
    assert found["cylinder"] == "50L-200bar"


def test_given_a_mission_when_run_then_all_its_groups_are_filled_without_wind(
    run, write_mission: Callable[..., Path]
) -> None:
    answer = run("fill", write_mission(), "--site-altitude", "50 m", "--cylinder", "10L-200bar")
    assert answer.returncode == 0, answer.stderr
    assert "discs: 2 balloons" in answer.stdout
    assert "50 m above the sea" in answer.stdout
    assert "of 10 L, 200 bar" in answer.stdout
    level = run("fill", write_mission())
    assert "100 m above the sea" in level.stdout  # the mission's level ground


def test_given_no_altitude_anywhere_when_run_then_the_card_says_that_sea_level_is_taken(
    run, write_mission: Callable[..., Path]
) -> None:
    answer = run("fill", write_mission(("[terrain]\nconstant_m = 100\n", "")))
    assert answer.returncode == 0, answer.stderr
    assert "sea level is" in answer.stdout
    assert "--site-altitude" in answer.stdout


def test_given_the_burst_calculator_when_run_then_it_answers_as_its_page_does(run) -> None:
    answer = run(*RUBBER, "--ascent-rate", "5 m/s", "--burst-calculator", "--json")
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    theirs, ours = document["burst_calculator"], document["groups"][0]
    assert theirs["neck_lift_kg"] == pytest.approx(2.1852, abs=1e-4)
    assert theirs["launch_volume_m3"] == pytest.approx(3.1033, abs=1e-4)
    assert theirs["burst_altitude_m"] == pytest.approx(31_891.0, abs=1.0)
    assert theirs["time_to_burst_s"] / 60.0 == pytest.approx(106.3, abs=0.1)
    assert ours["fills"][0]["ascent_rate_ms"] == pytest.approx(5.0)
    assert ours["fills"][0]["neck_lift_kg"] != pytest.approx(2.1852, abs=0.01)


def test_given_a_file_of_ones_own_when_run_then_its_tube_and_its_price_are_known(
    run, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[film]]\nname = "mine"\ntitle = "my tube"\nlength = "6 m"\ndiameter = "2 m"\n'
        'film = "40 um"\n\n[[cylinder]]\nname = "rented"\ntitle = "rented, 50 L"\n'
        'water = "50 L"\nfilling = "200 bar"\nresidual = "5 bar"\nprice = 180\ncurrency = "EUR"\n'
    )
    answer = run(
        "fill", "--vehicle", "mine", "--gas", "helium", "--load", "8 kg", "--free-lift", "10 %",
        "--purity", "94.5 %", "--catalogue", own, "--cylinder", "rented",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "my tube; 6 m x 2 m" in answer.stdout
    assert "94.5 % pure" in answer.stdout
    assert "360.00 EUR" in " ".join(answer.stdout.split())


BAD = {
    "no goal": ((*TUBE,), "arguments", "one goal, and none is given"),
    "two goals": (
        (*TUBE, "--free-lift", "10 %", "--volume", "8 m3"),
        "arguments",
        "2 are given: --free-lift, --volume",
    ),
    "nothing": (("fill",), "arguments", "--vehicle, --gas, --load missing"),
    "unknown vehicle": (
        ("fill", "--vehicle", "film-7", "--gas", "helium", "--load", "1 kg", "--free-lift", "9 %"),
        "arguments",
        "did you mean 'film-7m'?",
    ),
    "unknown gas": (
        ("fill", "--vehicle", "film-7m", "--gas", "heliun", "--load", "1 kg", "--free-lift", "9 %"),
        "arguments",
        "did you mean 'helium'?",
    ),
    "unknown cylinder": (
        (*TUBE, "--free-lift", "10 %", "--cylinder", "50L"),
        "arguments",
        "--cylinder: no cylinder is called '50L'",
    ),
    "load without a unit": (
        ("fill", "--vehicle", "film-7m", "--gas", "helium", "--load", "8", "--free-lift", "9 %"),
        "arguments",
        "--load: '8' is no value with a unit",
    ),
    "no load": (
        ("fill", "--vehicle", "film-7m", "--gas", "helium", "--load", "0 kg", "--free-lift", "9 %"),
        "arguments",
        "give what hangs on each balloon",
    ),
    "load too heavy": (
        ("fill", "--vehicle", "film-7m", "--gas", "helium", "--load", "18 kg",
         "--free-lift", "9 %"),
        "lift",
        "or more balloons",
    ),
    "no lift": ((*TUBE, "--free-lift", "0 %"), "lift", "give a free lift above 0"),
    "less than the load": (
        (*TUBE, "--neck-lift", "7 kg"), "lift", "take 1.000 kg and more off the load",
    ),
    "free lift of what": ((*TUBE, "--free-lift", "5 m"), "arguments", "--free-lift: '5 m'"),
    "temperature": (
        (*TUBE, "--free-lift", "10 %", "--temperature", "-200 C"), "arguments", "-90 to 60 C",
    ),
    "altitude": (
        (*TUBE, "--free-lift", "10 %", "--site-altitude", "9 km"), "arguments", "-430 to 6,000 m",
    ),
    "purity": ((*TUBE, "--free-lift", "10 %", "--purity", "101 %"), "arguments", "1 to 100 %"),
    "a bare number": (
        (*TUBE, "--free-lift", "10"), "arguments", 'did you mean "10 %"?',
    ),
    "a rate that it does not hold": (
        (*RUBBER, "--ascent-rate", "60 m/s"), "lift", "lower the ascent rate: to 7.97 m/s at most",
    ),
    "a rate and a load": (
        ("fill", "--vehicle", "kaymont-1000", "--gas", "helium", "--load", "30 kg",
         "--ascent-rate", "50 m/s"),
        "lift",
        "carry less than 4.00 kg, all that its neck is taken to bear, and lower the ascent rate",
    ),
    "more gas than it holds": (
        (*TUBE, "--volume", "30 m3"), "lift", "give less gas: 11.55 m3 at most",
    ),
    "more free lift than it holds": (
        (*TUBE, "--free-lift", "9 kg"), "lift", "lower the free lift: to ",
    ),
    "a parachute without a mass": (
        (*RUBBER, "--ascent-rate", "5 m/s", "--parachute", "90 cm"),
        "arguments",
        "--parachute-mass: missing beside --parachute",
    ),
    "a parachute's mass alone": (
        (*RUBBER, "--ascent-rate", "5 m/s", "--parachute-mass", "80 g"),
        "arguments",
        "--parachute: missing beside --parachute-mass",
    ),
    "a parachute of the wrong size": (
        (*RUBBER, "--ascent-rate", "5 m/s", "--parachute", "90 m", "--parachute-mass", "80 g"),
        "arguments",
        "'90 m' lies outside 0.02 to 50 m",
    ),
    "count": ((*TUBE, "--free-lift", "10 %", "--count", "0"), "arguments", "--count"),
    "calculator of a tube": (
        (*TUBE, "--ascent-rate", "3 m/s", "--burst-calculator"), "arguments", "no rubber balloon",
    ),
    "calculator without a rate": (
        (*RUBBER, "--free-lift", "50 %", "--burst-calculator"), "arguments", "give --ascent-rate",
    ),
    "no file": ((*TUBE, "--free-lift", "9 %", "--catalogue", "x.toml"), "mission-", "x.toml"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_given_bad_arguments_when_run_then_one_message_and_exit_code_two(name: str, run) -> None:
    arguments, code, text = BAD[name]
    answer = run(*arguments)
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert f"downwind: error [{code}" in answer.stderr
    assert text in " ".join(answer.stderr.split())
    assert "next:" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_given_a_goal_beside_a_mission_when_run_then_refused(
    run, write_mission: Callable[..., Path]
) -> None:
    answer = run("fill", write_mission(), "--free-lift", "10 %")
    assert answer.returncode == 2
    assert "--free-lift beside a mission" in " ".join(answer.stderr.split())


def test_given_a_mission_with_too_heavy_a_load_when_run_then_its_group_is_named(
    run, write_mission: Callable[..., Path]
) -> None:
    answer = run("fill", write_mission(("count = 800", "count = 80000")))
    assert answer.returncode == 2
    message = " ".join(answer.stderr.split())
    assert "group 'discs'" in message
    assert "more balloons" in message


def test_given_help_when_asked_then_every_goal_is_named(run) -> None:
    answer = run("fill", "--help")
    assert answer.returncode == 0
    for option in ("--free-lift", "--neck-lift", "--ascent-rate", "--volume"):
        assert option in answer.stdout


def test_given_a_parachute_when_run_then_it_is_lifted_and_lands_slower(run) -> None:
    rate = (*RUBBER, "--ascent-rate", "5 m/s", "--json")
    bare = json.loads(run(*rate).stdout)["groups"][0]
    answer = run(*rate, "--parachute", "1.5 m", "--parachute-mass", "120 g")
    assert answer.returncode == 0, answer.stderr
    braked = json.loads(answer.stdout)["groups"][0]
    assert braked["parachute_kg"] == pytest.approx(0.12)
    assert braked["fills"][0]["load_kg"] == pytest.approx(1.0)
    gained = braked["fills"][0]["neck_lift_kg"] - bare["fills"][0]["neck_lift_kg"]
    assert 0.12 < gained < 0.2
    slow, fast = (found["load_kept"][1]["landing_ms"] for found in (braked, bare))
    assert slow < 0.4 * fast
    assert braked["load_kept"][1]["unbraked_landing_ms"] == pytest.approx(fast, rel=0.05)


def test_given_several_sites_when_run_then_their_heights_differ_only_if_they_do(
    run, write_mission: Callable[..., Path]
) -> None:
    second = (
        '[launch]', '[[site]]\nname = "second"\nlatitude = 37.9\nlongitude = 126.9\n'
        'time_zone = "Asia/Seoul"\n{}\n[launch]'
    )  # fmt: skip
    level = run("fill", write_mission((second[0], second[1].format(""))))
    assert level.returncode == 0, level.stderr
    assert "the first of 2 sites is taken" in level.stdout
    assert "heights differ" not in level.stdout
    hill = run("fill", write_mission((second[0], second[1].format('altitude = "400 m"'))))
    assert "the first of 2 sites is taken; their heights differ" in " ".join(hill.stdout.split())
