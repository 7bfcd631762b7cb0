"""``downwind reach`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import MISSION, Run

GFS = "data/grids/pygrib_gfs/gfs_2p5_2011100800_f072.grb2"


def test_given_a_forecast_when_asked_where_to_launch_then_three_files_say_so(
    run: Run, shared: Path, tmp_path: Path
) -> None:
    text = MISSION.replace("2015-04-03T18:00Z", "2011-10-11T02:00Z")
    text = text.replace("[wind]\n", "[wind]\nsteady_hours = 12\n")
    mission = tmp_path / "mission.toml"
    mission.write_text(text, "utf-8")
    folder = tmp_path / "reach"
    arguments = ("reach", str(mission), "--wind", str(shared / GFS), "-o", str(folder))
    found = run(*arguments, "--exit-code")

    document = json.loads((folder / "reach.json").read_text("utf-8"))
    feasible = any(row["is_feasible"] for row in document["forward"]["places"])
    assert found.returncode == (0 if feasible else 10), found.stderr
    assert sorted(path.name for path in folder.iterdir()) == [
        "reach.json", "reach.png", "reach.txt",
    ]  # fmt: skip
    assert found.stdout == (folder / "reach.txt").read_text("utf-8")
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "Bridged: " in found.stdout
    check = document["forward_check"]
    assert check["in_target"] == check["landed"] == check["launches"] > 0
