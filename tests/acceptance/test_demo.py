"""The demonstration, whole, as a user runs it: 217 balloons and 1,080,000 items."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from downwind.load.items import bundle_speed_ms
from tests.oracle.test_rows_flown_again import (
    fall_ratios,
    find_quantiles,
    fly_row,
    integrate_thinning,
)

COUNTS = {"dvd": 80_000, "leaflet-film-12x5": 1_000_000}
LOAD_KG = {"dvd": 450 * 0.0155, "leaflet-film-12x5": 25_642 * 0.00027}
ROWS = 1_000


@pytest.fixture(scope="module")
def folders(run: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The demonstration's folder with one thread and with two."""
    base = tmp_path_factory.mktemp("demo")
    for threads in ("1", "2"):
        answer = run("demo", "-o", base / threads, "--threads", threads)
        assert answer.returncode == 0, answer.stderr  # type: ignore[attr-defined]
        text = answer.stdout  # type: ignore[attr-defined]
        assert "RULES NOT CHECKED: STOP" in text
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
    theirs = find_quantiles(fall_ratios(rng, name, heights, bundle_speed_ms(LOAD_KG[name]), draws))
    off = ours / theirs - 1.0
    print(f"\n{name}: median, 5, 95 % off by", np.round(100.0 * off, 2), "%")
    assert np.abs(off).max() < 0.03


def test_given_a_thousand_rows_when_flown_by_another_integrator_then_within_five_metres(
    cloud: pa.Table,
) -> None:
    about = json.loads(cloud.schema.metadata[b"downwind"])
    flown = np.flatnonzero(np.isin(column(cloud, "outcome"), ["landed", "sea", "unopened"]))
    chosen = np.random.default_rng(1).choice(flown, ROWS, replace=False)
    misses = []
    for row in cloud.take(np.sort(chosen)).to_pylist():
        longitude, latitude, _ = fly_row(row, about)
        east = math.radians(longitude - row["longitude"]) * math.cos(math.radians(latitude))
        north = math.radians(latitude - row["latitude"])
        misses.append(about["earth_radius_m"] * math.hypot(east, north))
    print(f"\n{ROWS} rows flown again: {max(misses):.3f} m at most")
    assert max(misses) < 5.0
