"""Own observations of the wind, as a crew uses them: reduce one, and fly with it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from downwind.errors import WindCoverageError
from downwind.service.missions import fly_mission
from downwind.service.observations import read_profiles
from tests.acceptance.conftest import MISSION
from tests.unit.wind.observation.pilot_balloon import Ascent, sight

GFS = "data/grids/pygrib_gfs/gfs_2p5_2011100800_f072.grb2"


def write_pilot(folder: Path, start: str, ascent: Ascent | None = None) -> Path:
    """Write readings of one theodolite, rounded as they are read."""
    t = np.arange(60.0, 1200.0, 60.0)
    azimuth, elevation = sight(*(ascent or Ascent(3.0)).place(t))
    rows = "\n".join(
        f"{s:.0f},{a:.1f},{e:.1f}" for s, a, e in zip(t, azimuth, elevation, strict=True)
    )
    path = folder / "pilot.toml"
    path.write_text(
        f'kind = "single-theodolite"\nstart = "{start}"\nnorth = "true"\n'
        f'ascent_rate = "3 m/s"\nreadings = """\ntime_s,azimuth_deg,elevation_deg\n{rows}\n"""\n'
        '[station]\nname = "Ganghwa"\nlatitude = 37.75\nlongitude = 126.49\nelevation = "30 m"\n',
        "utf-8",
    )
    return path


def write_mission(folder: Path, launch: str) -> Path:
    text = MISSION.replace("2015-04-03T18:00Z", launch)
    text = text.replace('surface = "log"', 'surface = "log"\nsteady_hours = 24')
    path = folder / "mission.toml"
    path.write_text(text, "utf-8")
    return path


def test_given_a_pilot_balloon_when_reduced_then_table_file_and_picture_agree(
    run, tmp_path: Path
) -> None:
    pilot = write_pilot(tmp_path, "2011-10-11T00:20Z")
    out, picture = tmp_path / "profile.csv", tmp_path / "profile.png"
    done = run("weather", "reduce", pilot, "-o", out, "--plot", picture)
    assert done.returncode == 0, done.stderr
    assert "WIND OBSERVED AT Ganghwa" in done.stdout
    assert "ascent at 3.00 m/s assumed, standard error 10 %" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    lines = out.read_text("utf-8").splitlines()
    assert "# time: 2011-10-11T00:20:00Z" in lines
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    profile = read_profiles([pilot])[0]
    assert [float(row["height_m"]) for row in rows] == pytest.approx(
        profile.height_m.tolist(), abs=0.1
    )
    # the reader of soundings takes it again
    again = read_profiles([out])[0]
    assert again.station == "Ganghwa"
    np.testing.assert_allclose(again.eastward_ms, profile.eastward_ms, atol=0.01)
    np.testing.assert_allclose(again.northward_ms, profile.northward_ms, atol=0.01)
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_given_a_forecast_and_a_pilot_balloon_when_flown_then_the_plan_says_what_it_changed(
    run, tmp_path: Path, shared: Path
) -> None:
    mission = write_mission(tmp_path, "2011-10-11T01:00Z")
    # the forecast has 8 m/s from 315 deg at 3 km: an observation not far from it
    pilot = write_pilot(tmp_path, "2011-10-11T00:20Z", Ascent(3.0, (1.0, 2e-3), (-1.0, -1e-3)))
    done = run("fly", "--wind", shared / GFS, "--observed", pilot, mission, "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert any(w.startswith("own observation blended: Ganghwa") for w in plan["warnings"])
    (error,) = (w for w in plan["warnings"] if w.startswith("standard error of the wind"))
    assert error.startswith("standard error of the wind with the own observation in it")
    found = plan["observation"]
    levels = found["profiles"][0]["levels"]
    assert all(level["is_used"] for level in levels)
    for level in levels:
        # the blended wind lies nearer to the observed one than the forecast does
        far, near = (
            np.hypot(*np.subtract(level[k], level["observed_ms"]))
            for k in ("forecast_ms", "blended_ms")
        )
        assert near < far or far < 0.5
    assert found["shifts"]["dvd"]["distance_m"] > 100.0


def test_given_an_observation_of_another_day_when_flown_then_it_is_refused(
    tmp_path: Path, shared: Path
) -> None:
    mission = write_mission(tmp_path, "2011-10-11T01:00Z")
    pilot = write_pilot(tmp_path, "2011-10-09T00:20Z")
    with pytest.raises(WindCoverageError, match="Ganghwa is of 2011-10-09T00:20:00Z"):
        fly_mission(mission, [shared / GFS], observed=[pilot])
