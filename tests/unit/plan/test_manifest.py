"""The manifest flies every item once, and the same whatever the number that fly at a time."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from downwind.plan.drop import ItemLandings, Outcome
from downwind.plan.evaluate import manifest_rows
from downwind.plan.manifest import Manifest
from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission
from downwind.service.demonstration import demonstration_wind
from downwind.sim.draws import Draws
from downwind.wind.grid import build_grid
from tests.small_mission import SMALL


@pytest.fixture(scope="module")
def result() -> PlanResult:
    """Return flights of three groups, two of which carry the same kind of item."""
    table: dict[str, Any] = copy.deepcopy(SMALL)
    more = copy.deepcopy(table["balloon"][0]) | {"name": "more discs", "count": 4}
    more["load"] = [{"item": "dvd", "count": 1_001}, {"item": "leaflet-film-12x5", "count": 2_000}]
    table["balloon"].append(more)
    table["search"] |= {"timer_from": "40 min", "timer_until": "50 min"}
    mission = parse_mission(table)
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return fly_mission(mission, build_grid(cube, mission.wind))


def fresh(manifest: Manifest) -> Manifest:
    return dataclasses.replace(manifest)


def gather(manifest: Manifest, size: int) -> dict[str, NDArray[Any]]:
    """Return the columns of all rows."""
    columns: dict[str, list[Any]] = {}
    for items in manifest.chunks(size=size):
        assert 0 < items.draw.size <= size
        rows = {name: getattr(items.landings, name) for name in ItemLandings.__slots__}
        rows |= {"balloon": items.balloon, "draw": items.draw}
        rows |= {"kind": np.full(items.draw.size, items.kind.name)}
        rows |= {"group": np.full(items.draw.size, items.group)}
        for name, values in rows.items():
            columns.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def test_given_any_chunk_size_then_rows_and_counts_are_the_same_to_the_bit(
    result: PlanResult,
) -> None:
    whole_manifest = fresh(result.manifest)
    whole = gather(whole_manifest, 10**9)
    for size in (777, 4_096, 65_536):
        manifest = fresh(result.manifest)
        found = gather(manifest, size)
        for name, values in whole.items():
            assert found[name].tobytes() == values.tobytes(), (size, name)
        assert manifest.tally() == whole_manifest.tally()


def test_given_a_kind_on_two_groups_then_its_items_are_numbered_through(
    result: PlanResult,
) -> None:
    rows = gather(result.manifest, 1_000)
    names = rows["kind"]
    assert np.array_equal(names, np.sort(names))
    disc = names == "dvd"
    assert np.array_equal(rows["group"][disc], np.repeat([0, 2], [2_600, 1_001]))
    assert np.array_equal(rows["group"][~disc], np.repeat([1, 2], [60_000, 2_000]))
    draws = result.mission.draws
    assert np.array_equal(rows["draw"][disc], np.arange(3_601) % draws)
    assert np.array_equal(rows["draw"][~disc], np.arange(62_000) % draws)
    assert np.bincount(rows["balloon"][disc]).tolist() == [434] * 5 + [430, 0, 0, 0] + [
        251, 251, 251, 248,
    ]  # fmt: skip
    assert result.manifest.count == names.size


def test_given_a_range_then_its_rows_are_those_of_the_whole(result: PlanResult) -> None:
    mission = result.mission
    (lot,) = (lot for lot in mission.lots_of(2) if lot.kind.name == "dvd")
    whole = manifest_rows(mission, Draws(3), lot)
    part = manifest_rows(mission, Draws(3), lot, 200, 300)
    assert part.item.tolist() == list(range(2_800, 2_900))
    for name in ("item", "draw", "balloon", "rank", "own", "mode"):
        assert np.array_equal(getattr(part, name), getattr(whole, name)[200:300])


def test_the_tally_counts_what_the_rows_say(result: PlanResult) -> None:
    rows = gather(result.manifest, 5_000)
    tally = result.manifest.tally()
    assert list(tally.outcomes) == ["dvd", "leaflet-film-12x5"]
    for name, counts in tally.outcomes.items():
        mine = rows["kind"] == name
        for outcome in Outcome:
            assert counts[outcome.text] == np.count_nonzero(rows["outcome"][mine] == outcome)
        assert tally.released[name] == np.isfinite(rows["release_s"][mine]).sum()
    ends = rows["longitude"], rows["latitude"]
    box = (ends[0].min(), ends[1].min(), ends[0].max(), ends[1].max())
    assert tally.box == box
    assert result.outcome_counts() == tally.outcomes


def test_a_whole_pass_is_counted_and_part_of_one_is_not(
    result: PlanResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    flown = []
    drop = Manifest._drop
    monkeypatch.setattr(Manifest, "_drop", lambda *a: flown.append(a[-1]) or drop(*a))
    manifest = fresh(result.manifest)
    passing = manifest.chunks(size=10_000)
    next(passing)
    passing.close()
    for _ in manifest.chunks(size=30_000):
        pass
    before = len(flown)
    assert manifest.tally() == result.manifest.tally()
    assert len(flown) == before
    assert fresh(result.manifest).tally() == manifest.tally()
    assert len(flown) > before


def test_progress_goes_from_zero_up_through_the_pass(result: PlanResult) -> None:
    seen: list[tuple[str, float]] = []
    for _ in result.manifest.chunks(lambda *report: seen.append(report), 10_000):
        pass
    fractions = [fraction for _, fraction in seen]
    assert {stage for stage, _ in seen} == {"dropping every item"}
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert 0.8 < fractions[-1] < 1.0
    seen.clear()
    manifest = fresh(result.manifest)
    for _ in range(2):
        manifest.tally(lambda *report: seen.append(report))
    assert [fraction for _, fraction in seen].count(0.0) == 1


MEASURE = """
from pathlib import Path
from benchmarks.cloud import measure
found = measure({items}, 20, Path({folder!r}))
print(found.items, found.cloud_mib)
"""


@pytest.mark.slow
def test_given_four_times_the_items_then_the_cloud_takes_no_more_memory(tmp_path: Any) -> None:
    """Held whole, the columns of 1.2 million items take some 140 MiB, and their flight 400."""
    taken = []
    for items in (300_000, 1_200_000):
        code = MEASURE.format(items=items, folder=str(tmp_path))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
        )
        flown, mib = done.stdout.split()
        assert int(flown) == items
        taken.append(float(mib))
    assert taken[1] < 90.0
    assert taken[1] < taken[0] + 30.0
