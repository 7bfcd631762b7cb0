"""``downwind doctor`` as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for kernels in which there are none."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "downwind"


def test_given_nothing_compiled_when_asked_then_it_says_so_and_what_to_do(
    run, kept: Path, tmp_path: Path
) -> None:
    answer = run("doctor", cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == ""
    assert "next: downwind doctor --compile" in answer.stdout
    assert answer.stdout.rstrip().endswith("all that is needed works")


def test_given_json_when_asked_then_one_document(run, kept: Path, tmp_path: Path) -> None:
    answer = run("doctor", "--json", cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    report = json.loads(answer.stdout)
    assert report["sound"] is True
    assert report["compile"] is None
    assert {entry["status"] for entry in report["findings"]} <= {"ok", "note"}


def test_given_no_folder_for_kernels_when_asked_then_a_note_and_no_traceback(
    run, kept: Path, tmp_path: Path
) -> None:
    kept.parent.write_text("")
    answer = run("doctor", cwd=tmp_path)
    assert answer.returncode == 0
    assert "each run compiles anew" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_given_something_broken_when_asked_then_exit_code_one(
    run, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "eccodes.py").write_text("raise ImportError('no library here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = run("doctor", cwd=tmp_path)
    assert answer.returncode == 1
    assert "no library here" in answer.stdout
    assert "1 broken" in answer.stdout


@pytest.mark.slow
def test_given_compile_when_plans_and_flights_follow_then_nothing_is_left_to_compile(
    run, kept: Path, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    answer = run("doctor", "--compile", "--json", cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "compiling all that a run needs" in answer.stderr
    report = json.loads(answer.stdout)
    assert report["compile"]["compiled"] > 20
    found = {entry["name"]: entry["facts"] for entry in report["findings"]}
    assert found["compiled code"]["complete"] is True
    before = sorted(p.name for p in kept.iterdir())
    mission = write_mission()
    for arguments in (
        ("plan", mission, "--wind", wind),
        ("fly", mission, "--wind", wind),
        ("weather", "check", wind),
        ("demo", "-o", tmp_path / "demo"),
    ):
        answer = run(*arguments)
        assert answer.returncode == 0, answer.stderr
        assert sorted(p.name for p in kept.iterdir()) == before, arguments
    again = json.loads(run("doctor", "--compile", "--json", cwd=tmp_path).stdout)
    assert again["compile"]["compiled"] == 0


@pytest.mark.slow
def test_given_two_plans_at_once_when_nothing_is_compiled_then_the_same_result(
    kept: Path, wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    import subprocess
    import sys

    mission = write_mission()
    command = [sys.executable, "-c", "from downwind.cli.main import run; run()", "fly"]
    both = [
        subprocess.Popen(
            [*command, str(mission), "--wind", str(wind), "-o", str(tmp_path / name)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in both:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    one, two = ((tmp_path / name / "cloud.parquet").read_bytes() for name in ("one", "two"))
    assert one == two
    assert list(kept.glob("*.part")) == []
