"""A night from Ganghwa through the seven Korean soundings of 2008-12-08 12Z, as a crew runs it.

The drift is held against a calculation of its own: it reads the table that another program decoded
from the same messages, interpolates by itself and integrates by itself.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp
from scipy.interpolate import RBFInterpolator

from tests.acceptance.conftest import Run

FOLDER = "data/soundings/pdbufr_global_temp_20081208"
KOREA = "124,33,130,39"
SITE = (126.49, 37.75)
PYONGYANG = [[125.4, 38.8], [126.1, 38.8], [126.1, 39.25], [125.4, 39.25], [125.4, 38.8]]
MISSION = f"""\
[mission]
name = "Ganghwa through seven soundings"
seed = 5
draws = 20

[[site]]
name = "Ganghwa"
latitude = {SITE[1]}
longitude = {SITE[0]}
time_zone = "Asia/Seoul"

[launch]
times = ["2008-12-08T15:00Z"]

[[balloon]]
name = "discs"
count = 1
vehicle = "film-7m"
gas = "helium"
free_lift = "10 %"
timer = "quartz"
timer_setting = "60 min"
load = [{{ item = "dvd", count = 400 }}]

[target]
geojson = "pyongyang.geojson"

[home]
country = "South Korea"

[limits]
falling_short = "5 %"
third_country = "1 %"

[terrain]
constant_m = 50

[wind]
steady_hours = 12

[search]
timer_from = "20 min"
timer_until = "80 min"
timer_step = "20 min"
"""


@dataclass(frozen=True)
class Night:
    """What the two commands said, and where the results lie."""

    imported: str
    planned: str
    folder: Path


@pytest.fixture(scope="module")
def night(run: Run, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Store the soundings of Korea out of the file of all stations, and plan with them."""
    folder = tmp_path_factory.mktemp("korea")
    (folder / "mission.toml").write_text(MISSION)
    shape = {"type": "Polygon", "coordinates": [PYONGYANG]}
    (folder / "pyongyang.geojson").write_text(json.dumps(shape))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOWNWIND_STORE", str(folder / "winds"))
        soundings = shared / FOLDER / "temp_global_2008120812.bufr"
        stored = run("weather", "import", soundings, "--box", KOREA, "--name", "korea")
        assert stored.returncode == 0, stored.stderr
        found = run("plan", folder / "mission.toml", "--wind", "korea", "-o", folder / "results")
        (folder / "certain.toml").write_text(MISSION + '\n[wind.error]\nuse = "off"\n')
        certain = run("fly", folder / "certain.toml", "--wind", "korea", "-o", folder / "certain")
    assert found.returncode == 0, found.stderr
    assert certain.returncode == 0, certain.stderr
    return Night(stored.stdout, " ".join(found.stdout.split()), folder / "results")


def test_given_the_soundings_of_the_world_when_a_box_is_stored_then_it_holds_the_seven(
    night: Night,
) -> None:
    assert "7 soundings, observation" in night.imported
    assert "made of soundings of 7 stations" in " ".join(night.imported.split())


def test_given_a_target_at_pyongyang_when_planned_then_no_setting_meets_the_limits(
    night: Night,
) -> None:
    plan = json.loads((night.folder / "plan.json").read_text())
    assert not plan["is_feasible"]
    assert "NO SETTING MEETS THE LIMITS" in night.planned
    (broken,) = [check for check in plan["limits"] if not check["is_met"]]
    assert broken["region"] == "home"
    text = f"{100 * broken['share']:.1f} \u00b1 {100 * broken['standard_error']:.1f} %"
    assert f"(falling short: South Korea {text}, limit 5 %)" in night.planned
    # nothing came near: what stands there is the bound that 20 draws give
    bound = 100.0 * (1.0 - 0.05 ** (1.0 / 20.0))
    assert f"in the target 0 (< {bound:.1f})" in night.planned


def test_given_soundings_when_planned_then_their_error_and_age_are_on_the_output(
    night: Night,
) -> None:
    assert "the wind is made of soundings of 7 stations: at 5 km height" in night.planned
    assert "standard error of the wind by its source, each component, at" in night.planned
    assert "m/s at the near edge of the target; observed 3 h 00 min before" in night.planned
    assert "held steady for 12 h (wind.steady_hours)" in night.planned
    assert "wind error drawn, each component" in night.planned
    assert "how the wind changes after it was observed" in night.planned
    assert "ground at a constant 50 m (terrain.constant_m)" in night.planned


def test_given_the_same_climb_when_drifted_by_a_calculation_of_its_own_then_the_drift_agrees(
    night: Night, shared: Path
) -> None:
    """Flown in the wind as it was observed, without the error that a plan draws."""
    winds = read_table(shared / FOLDER / "korea_temp_2008120812.csv")
    with xr.open_dataset(night.folder.with_name("certain") / "flight.nc") as flights:
        rows = np.cumsum(flights["row_size"].values) - flights["row_size"].values
        for start, size, released in zip(
            rows, flights["row_size"].values, flights["release_time"].values[:, 0], strict=True
        ):
            path = flights.isel(obs=slice(int(start), int(start + size)))
            path = path.isel(obs=path["time"].values <= released)
            elapsed = (path["time"] - path["time"][0]).values / np.timedelta64(1, "s")
            height = path["geopotential_height"].values
            lon, lat = integrate(winds, elapsed, height)
            drift = to_km(path["longitude"].values[-1], path["latitude"].values[-1])
            own = to_km(lon, lat)
            assert math.hypot(*drift) > 40.0
            assert math.dist(drift, own) < 0.05 * math.hypot(*own)
            # to the north-east, not to Pyongyang, which lies at 336 degrees
            assert math.degrees(math.atan2(*drift)) == pytest.approx(55.0, abs=8.0)


# --- a calculation of its own ------------------------------------------------------------------


def to_km(longitude: float, latitude: float) -> tuple[float, float]:
    """Return the way from the site eastward and northward [km], on a plane."""
    east = math.radians(longitude - SITE[0]) * math.cos(math.radians(38.0))
    return 6371.0 * east, 6371.0 * math.radians(latitude - SITE[1])


def read_table(path: Path) -> dict[tuple[float, float], np.ndarray]:
    """Return height, eastward and northward wind of each station, by its place."""
    rows: dict[tuple[float, float], list[list[float]]] = {}
    with path.open() as stream:
        for row in csv.DictReader(stream):
            names = ("pressure_hPa", "height_gpm", "windDirection", "windSpeed")
            values = [float(row[name]) if row[name] else math.nan for name in names]
            rows.setdefault((float(row["longitude"]), float(row["latitude"])), []).append(values)
    found = {}
    for place, lines in rows.items():
        table = np.array(lines)
        table = table[np.argsort(-table[:, 0], kind="stable")]
        known = np.isfinite(table[:, 1])
        fall = -np.log(table[:, 0])
        height = np.interp(fall, fall[known], table[known, 1])
        blows = np.isfinite(table[:, 2:]).all(axis=1)
        angle, speed = np.radians(table[blows, 2]), table[blows, 3]
        found[place] = np.stack(
            [height[blows], -speed * np.sin(angle), -speed * np.cos(angle)], axis=1
        )
    return found


def integrate(
    winds: dict[tuple[float, float], np.ndarray], elapsed: np.ndarray, height: np.ndarray
) -> tuple[float, float]:
    """Carry a balloon that climbs as told; between stations the wind is a biharmonic spline."""
    places = np.array([[x * math.cos(math.radians(37.0)), y] for x, y in winds])
    levels = np.arange(0.0, 6_500.0, 100.0)
    columns = np.array(
        [[np.interp(levels, table[:, 0], table[:, i]) for i in (1, 2)] for table in winds.values()]
    )
    flat = columns.reshape(len(places), -1)
    spline = RBFInterpolator(places, flat, kernel="linear", degree=0)

    def blow(t: float, at: np.ndarray) -> list[float]:
        here = [[at[0] * math.cos(math.radians(37.0)), at[1]]]
        profile = spline(here).reshape(2, levels.size)
        z = float(np.interp(t, elapsed, height))
        u, v = (np.interp(z, levels, part) for part in profile)
        return [
            math.degrees(u / 6.371e6) / math.cos(math.radians(at[1])),
            math.degrees(v / 6.371e6),
        ]

    end = solve_ivp(blow, (0.0, float(elapsed[-1])), SITE, rtol=1e-6, max_step=120.0).y[:, -1]
    return float(end[0]), float(end[1])
