"""The demonstration, whole, as a user runs it: 217 balloons and 1,080,000 items."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.geo.sphere import distance_m
from downwind.load.items import bundle_speed_ms
from downwind.load.leaflet import switch_height_m
from downwind.plan.mission_file import parse_mission
from downwind.plan.wind_error import settle_wind_error
from downwind.service.demonstration import demonstration_mission_text, demonstration_wind
from downwind.service.missions import (
    DEMONSTRATION_BOX,
    DEMONSTRATION_SPACING_DEG,
    DEMONSTRATION_STEP_S,
)
from downwind.sim.drop import ItemArrays, drop_items
from downwind.wind.grid import build_grid
from downwind.wind.perturbation import sample_errors
from tests.oracle.test_rows_flown_again import (
    fall_ratios,
    find_quantiles,
    fly_row,
    integrate_thinning,
)
from tests.unit.sim.made_winds import make_items

COUNTS = {"dvd": 80_000, "leaflet-film-12x5": 1_000_000}
LOAD_KG = {"dvd": 450 * 0.0155, "leaflet-film-12x5": 25_642 * 0.00027}
ROWS = 1_000
CALM_ROWS = 100_000
STILL_ROWS = 60
"""Of each kind."""


@pytest.fixture(scope="module")
def folders(run: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The demonstration's folder with one thread and with two."""
    base = tmp_path_factory.mktemp("demo")
    for threads in ("1", "2"):
        answer = run("demo", "-o", base / threads, "--threads", threads)
        assert answer.returncode == 0, answer.stderr  # type: ignore[attr-defined]
        text = answer.stdout  # type: ignore[attr-defined]
        assert "RULES OPEN: STOP" in text
        assert "SYNTHETIC" in text
    return [base / "1", base / "2"]


@pytest.fixture(scope="module")
def cloud(folders: list[Path]) -> pa.Table:
    return pq.read_table(folders[0] / "cloud.parquet")


def column(cloud: pa.Table, name: str) -> NDArray[np.str_]:
    return np.array(cloud[name].cast("string").to_pylist())


def test_given_one_and_two_threads_then_the_cloud_has_the_same_bytes(folders: list[Path]) -> None:
    one, two = ((folder / "cloud.parquet").read_bytes() for folder in folders)
    assert one == two


def test_given_the_manifest_then_every_item_is_there_once(cloud: pa.Table) -> None:
    kinds, counts = np.unique(column(cloud, "item"), return_counts=True)
    assert dict(zip(kinds.tolist(), counts.tolist(), strict=True)) == COUNTS
    assert np.unique(column(cloud, "outcome")).size >= 3
    balloons = cloud["balloon"].to_numpy()
    assert np.unique(balloons).size == 217
    assert (np.bincount(balloons)[:177] == 450).all()
    assert np.bincount(balloons)[177] == 350


@pytest.mark.parametrize("name", list(COUNTS))
def test_given_fall_times_then_they_agree_with_an_independent_draw_of_the_laws(
    name: str, cloud: pa.Table
) -> None:
    about = json.loads(cloud.schema.metadata[b"downwind"])
    open_fall = np.isin(column(cloud, "outcome"), ["landed", "sea"])
    rows = cloud.filter(pa.array(open_fall & (column(cloud, "item") == name)))
    z = rows["release_altitude_m"].to_numpy()
    height = about["geopotential_radius_m"] * z / (about["geopotential_radius_m"] + z)
    ends = [rows[c].cast("int64").to_numpy() for c in ("release_time", "landing_time")]
    seconds = 1e-6 * (ends[1] - ends[0])
    ours = find_quantiles(seconds / integrate_thinning(height, np.array(0.5)))
    rng = np.random.default_rng(8)
    draws = 40_000
    heights = rng.choice(height, (draws, 10))
    ratios = fall_ratios(rng, name, heights, bundle_speed_ms(LOAD_KG[name]), draws)
    theirs = find_quantiles(ratios)
    calm = fall_calmly(rows.slice(0, CALM_ROWS), name, about)
    off = find_quantiles(calm / integrate_thinning(height[:CALM_ROWS], np.array(0.5))) / theirs
    print(f"\n{name} in calm air: median, 5, 95 % off by", np.round(100.0 * (off - 1.0), 2), "%")
    assert np.abs(off - 1.0).max() < 0.03
    off = ours / theirs - 1.0
    print("as flown: median, 5, 95 % off by", np.round(100.0 * off, 2), "%")
    assert abs(off[0]) < 0.03
    # the error of the upward wind spreads them: by no more than if it were the same all the way.
    # The items of a draw share it, so the outer quantiles are those of 200 draws, not of all items
    seconds_all = ratios * integrate_thinning(heights, np.array(0.5))
    up_ms = rng.normal(0.0, math.hypot(0.05, 0.1), (draws, 1))
    slowed = ratios / np.maximum(1.0 - up_ms * seconds_all / heights, 0.2)
    bound = find_quantiles(slowed) / theirs - 1.0
    print(f"at the most by {np.round(100.0 * bound, 2)} %")
    chance = 0.05
    assert bound[1] - chance < off[1] < chance
    assert -chance < off[2] < bound[2] + chance


def test_given_a_thousand_rows_when_flown_by_the_plain_kernel_then_within_five_metres(
    folders: list[Path], cloud: pa.Table
) -> None:
    """Turbulence and all: the rows come from the fast kernel."""
    about = json.loads(cloud.schema.metadata[b"downwind"])
    chosen, number = choose_rows(cloud)
    rows = cloud.take(chosen).to_pylist()
    mission = parse_mission(tomllib.loads(demonstration_mission_text()))
    cube = demonstration_wind().to_cube(
        DEMONSTRATION_BOX, DEMONSTRATION_SPACING_DEG, DEMONSTRATION_STEP_S
    )
    grid = settle_wind_error(mission, build_grid(cube, mission.wind))
    step = json.loads((folders[0] / "plan.json").read_text())["steps"]["item_s"]
    misses = []
    for row, item in zip(rows, number, strict=True):
        low, high = row["fall_speed_ms"]
        switch = -np.inf
        if row["mode_threshold"] is not None:
            j0 = about["items"][row["item"]]["autorotation_j0"]
            switch = float(switch_height_m(j0, np.array([row["mode_threshold"]]))[0])
        opening = np.inf if row["outcome"] == "unopened" else row["opening_delay_s"]
        items = make_items(
            row["release_longitude"],
            row["release_latitude"],
            float(atmosphere.geopotential_height(row["release_altitude_m"])),
            row["release_time"].timestamp(),
            low,
            high_speed=high,
            exponent=row["density_exponent"],
            switch=switch,
            bundle_speed=row["bundle_speed_ms"],
            opening=opening,
        )
        items = items._replace(
            member=np.array([row["draw"]]),
            draw=np.array([row["draw"]]),
            balloon=np.array([row["balloon"]]),
            item=np.array([item]),
        )
        falls = drop_items(
            grid, items, step, "plain", mission.turbulence, mission.seed, row["item"]
        )
        misses.append(
            float(
                distance_m(falls.longitude[0], falls.latitude[0], row["longitude"], row["latitude"])
            )
        )
    near = np.mean(np.array(misses) < 5.0)
    print(f"\n{near:.1%} of {ROWS} rows within 5 m, {max(misses):.1f} m at most")
    # a step that one kernel takes and the other does not gives an item another wander
    assert near > 0.98
    assert max(misses) < 2_000.0


def test_given_some_rows_when_flown_in_still_air_then_off_by_their_wander(
    cloud: pa.Table,
) -> None:
    """An independent integrator without turbulence lands where the wander of each kind allows.

    It flies in the closed form of the wind and the error of the row's draw.
    """
    about = json.loads(cloud.schema.metadata[b"downwind"])
    chosen, _ = choose_rows(cloud)
    mission = parse_mission(tomllib.loads(demonstration_mission_text()))
    cube = demonstration_wind().to_cube(
        DEMONSTRATION_BOX, DEMONSTRATION_SPACING_DEG, DEMONSTRATION_STEP_S
    )
    arrays = settle_wind_error(mission, build_grid(cube, mission.wind)).arrays
    misses: dict[str, list[float]] = {name: [] for name in COUNTS}
    kinds = column(cloud, "item")[chosen]
    some = np.concatenate([chosen[kinds == name][:STILL_ROWS] for name in COUNTS])
    for row in cloud.take(some).to_pylist():

        def error(
            lon: float, lat: float, height: float, at: float, draw: int = row["draw"]
        ) -> tuple[float, ...]:
            east, north, slow, fast = sample_errors(arrays, draw, lon, lat, height, at)
            return (
                float(east),
                float(north),
                float(slow + fast) * min(max(height / 500.0, 0.0), 1.0),
            )

        longitude, latitude, _ = fly_row(row, about, error, 1e-5)
        east = math.radians(longitude - row["longitude"]) * math.cos(math.radians(latitude))
        north = math.radians(latitude - row["latitude"])
        misses[row["item"]].append(about["earth_radius_m"] * math.hypot(east, north))
    for name, seconds in (("dvd", 900.0), ("leaflet-film-12x5", 9_000.0)):
        median = float(np.median(misses[name]))
        # Rayleigh's median of a walk with K = 50 m2/s on both axes, over the usual fall time
        expected = 1.177 * math.sqrt(2.0 * 50.0 * seconds)
        print(f"\n{name}: {median:.0f} m in the median, {max(misses[name]):.0f} m at most")
        assert 0.6 * expected < median < 1.3 * expected
        assert max(misses[name]) < 6.0 * expected


def fall_calmly(rows: pa.Table, name: str, about: dict[str, Any]) -> NDArray[np.float64]:
    """Return how long rows of one kind that opened fall in the wind without errors [s]."""
    cube = demonstration_wind().to_cube(
        DEMONSTRATION_BOX, DEMONSTRATION_SPACING_DEG, DEMONSTRATION_STEP_S
    )
    mission = parse_mission(tomllib.loads(demonstration_mission_text()))
    value = {
        key: rows[key].to_numpy().astype(np.float64)
        for key in ("release_longitude", "release_latitude", "release_altitude_m",
                    "bundle_speed_ms", "opening_delay_s", "density_exponent")
    }  # fmt: skip
    speeds = np.array(rows["fall_speed_ms"].to_pylist(), np.float64)
    switch = np.full(len(rows), -np.inf)
    if rows["mode_threshold"].null_count == 0:
        j0 = about["items"][name]["autorotation_j0"]
        switch = np.asarray(switch_height_m(j0, rows["mode_threshold"].to_numpy()))
    start_s = 1e-6 * rows["release_time"].cast("int64").to_numpy()
    items = ItemArrays(
        member=np.zeros(1, np.int64),
        longitude=value["release_longitude"],
        latitude=value["release_latitude"],
        height_m=atmosphere.geopotential_height(value["release_altitude_m"]),
        time_s=start_s,
        bundle_speed_ms=value["bundle_speed_ms"],
        opening_s=value["opening_delay_s"],
        low_speed_ms=np.ascontiguousarray(speeds[:, 0]),
        high_speed_ms=np.ascontiguousarray(speeds[:, 1]),
        exponent=value["density_exponent"],
        switch_m=np.ascontiguousarray(switch, np.float64),
    )
    falls = drop_items(build_grid(cube, mission.wind), items, 200.0, "plain")
    return np.asarray(falls.time_s - start_s)


def choose_rows(cloud: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows of items that fell, and the number of each among those of its kind."""
    flown = np.flatnonzero(np.isin(column(cloud, "outcome"), ["landed", "sea", "unopened"]))
    chosen = np.sort(np.random.default_rng(1).choice(flown, ROWS, replace=False))
    kinds = column(cloud, "item")
    first = {name: int(np.flatnonzero(kinds == name)[0]) for name in COUNTS}
    return chosen, chosen - np.array([first[kinds[row]] for row in chosen])
