"""``downwind score`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from downwind.cli.main import app
from tests.acceptance.conftest import Run


def write_nights(folder: Path, spread: float = 1.0, cases: int = 60, members: int = 12) -> None:
    """Write points of some nights, predicted with a part of their true spread."""
    rng = np.random.default_rng(17)
    points, places = ["case,draw,longitude,latitude"], ["case,longitude,latitude"]
    for i in range(cases):
        middle = np.array([126.5, 38.0]) + 0.3 * rng.normal(size=2)
        for k in range(members):
            lon, lat = middle + spread * 0.1 * rng.normal(size=2)
            points.append(f"night {i},{k},{lon:.5f},{lat:.5f}")
        lon, lat = middle + 0.1 * rng.normal(size=2)
        places.append(f"night {i},{lon:.5f},{lat:.5f}")
    (folder / "points.csv").write_text("\n".join(points))
    (folder / "places.csv").write_text("\n".join(places))


def test_given_nights_predicted_too_narrow_when_scored_then_the_table_and_pictures_say_so(
    run: Run, tmp_path: Path
) -> None:
    write_nights(tmp_path, spread=0.4)

    done = run(
        "score", "points.csv", "places.csv", "-o", "out", "--no-contours", "--bearing", "30",
        cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "results: out" in done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "60 cases, 12 members each" in done.stdout
    assert "predicted too narrow" in done.stdout
    assert "TOO SELDOM" in done.stdout
    assert "CRPS along (30 deg)" in done.stdout
    document = json.loads((tmp_path / "out" / "score.json").read_text())
    assert document["points"]["energy_score_m"]["cases"] == 60
    assert (tmp_path / "out" / "ranks.png").stat().st_size > 10_000
    assert (tmp_path / "out" / "score.txt").read_text() == done.stdout


def test_given_probabilities_when_scored_as_json_then_the_document_is_on_the_output(
    tmp_path: Path,
) -> None:
    (tmp_path / "p.csv").write_text("case,event,probability\na,target,0.8\nb,target,0.1\n")
    (tmp_path / "o.csv").write_text("case,event,happened\na,target,1\nb,target,0\n")

    files = [str(tmp_path / name) for name in ("p.csv", "o.csv")]
    done = CliRunner().invoke(app, ["score", *files, "--json"])

    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["points"] is None
    assert abs(document["events"]["brier"] - (0.04 + 0.01) / 2) < 1e-12


def test_given_a_case_without_an_outcome_when_scored_then_the_error_names_it(
    run: Run, tmp_path: Path
) -> None:
    write_nights(tmp_path, cases=3)
    places = (tmp_path / "places.csv").read_text().splitlines()
    (tmp_path / "places.csv").write_text("\n".join(places[:-1]))

    done = run("score", "points.csv", "places.csv", "-o", "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "[score-data]" in done.stderr
    assert "'night 2' without an outcome" in " ".join(done.stderr.split())
    assert "next:" in done.stderr
    assert not (tmp_path / "out").exists()
