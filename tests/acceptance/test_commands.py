"""The command as a person uses it: what it prints, writes and returns."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "cloud.parquet",
    "compliance.txt",
    "dominance.png",
    "ending-maps.png",
    "fill-card.txt",
    "flight.kml",
    "flight.nc",
    "item-maps.png",
    "landing.geojson",
    "map.png",
    "maps",
    "mission.toml",
    "notam.txt",
    "plan.json",
    "profile.png",
    "rule-311-application.txt",
    "timer-card.txt",
    "timer-curve.png",
    "towns.csv",
}


def test_given_help_then_every_verb_is_named(run) -> None:
    answer = run("--help")
    assert answer.returncode == 0
    for verb in ("demo", "fly", "plan", "weather"):
        assert verb in answer.stdout


def test_given_help_then_no_heavy_module_is_imported() -> None:
    code = (
        "import sys; sys.argv = ['downwind', '--help']\n"
        "from downwind.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'numba', 'xarray', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip().endswith("[]")


@pytest.mark.parametrize("verb", ["plan", "fly"])
def test_given_mission_and_wind_when_run_then_folder_is_whole(
    verb: str, run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    output = tmp_path / "results"
    answer = run(verb, write_mission(), "--wind", wind, "-o", output)
    assert answer.returncode == 0, answer.stderr
    assert {p.name for p in output.iterdir()} == FILES
    assert [p.name for p in tmp_path.iterdir() if "partial" in p.name] == []
    assert "RULES OPEN: STOP" in answer.stdout
    assert answer.stdout.index("RULES OPEN: STOP") < 200
    assert all(len(line) <= 80 for line in answer.stdout.splitlines())
    assert "terrain.constant_m" in (output / "timer-card.txt").read_text()
    plan = json.loads((output / "plan.json").read_text())
    assert plan["verdict"] == "STOP"
    assert plan["shares"]["load"]["target"]["share"] > 0.5


def test_given_json_when_planned_then_stdout_is_the_plan(
    run, wind: Path, write_mission: Callable[..., Path]
) -> None:
    answer = run("plan", write_mission(), "--wind", wind, "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["run"]["seed"] == 5


def test_given_exit_code_when_rules_are_unchecked_then_ten(
    run, wind: Path, write_mission: Callable[..., Path]
) -> None:
    answer = run("fly", write_mission(), "--wind", wind, "--exit-code")
    assert answer.returncode == 10


def test_given_same_seed_when_run_with_one_and_two_threads_then_same_bytes(
    run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    mission = write_mission()
    for threads in ("1", "2"):
        answer = run("fly", mission, "--wind", wind, "-o", tmp_path / threads, "--threads", threads)
        assert answer.returncode == 0, answer.stderr
    for name in ("cloud.parquet", "landing.geojson", "timer-card.txt", "flight.nc"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_given_several_wind_files_after_one_option_then_all_are_read(
    run, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    answer = run("fly", "--wind", wind, tmp_path / "missing.grib", write_mission())
    assert answer.returncode == 1
    assert "missing.grib" in answer.stderr


def test_given_weather_check_then_report_names_what_it_serves(run, wind: Path) -> None:
    answer = run("weather", "check", wind)
    assert answer.returncode == 0, answer.stderr
    assert "terrain.constant_m" in answer.stdout
    assert json.loads(run("weather", "check", wind, "--json").stdout)


def test_given_sigint_when_flying_then_nothing_is_written(
    wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    import signal

    mission = write_mission(("draws = 20", "draws = 2000"), ("count = 2\n", "count = 60\n"))
    command = [sys.executable, "-c", "from downwind.cli.main import run; run()", "plan"]
    process = subprocess.Popen(
        [*command, str(mission), "--wind", str(wind), "-o", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(4.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mission.toml"]
