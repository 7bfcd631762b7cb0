"""Memory and time of the landing cloud: every item of a fleet flown and written to disk.

``python -m benchmarks.cloud --items 100000 1080000 5000000``

The fleet is that of the demonstration with more or fewer balloons, in the same span of time and in
the same synthetic wind, with given timers. Each size runs in a process of its own, which has flown
a tiny fleet before, so that the figures hold neither compilation nor libraries; the wind grid is
built before as well. Memory is what comes on top of that.

*fly* is everything but the manifest: steps, the balloons in every draw, the sample, envelopes.
*cloud* is the manifest: flying each item once and writing it.
"""

from __future__ import annotations

import argparse
import copy
import math
import multiprocessing
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import Usage, describe_machine, format_machine, print_json, print_table
from downwind.io.cloud import write_cloud
from downwind.plan.mission_file import parse_mission
from downwind.plan.solve import fly_mission
from downwind.service.demonstration import demonstration_mission_text, demonstration_wind
from downwind.service.missions import (
    DEMONSTRATION_BOX,
    DEMONSTRATION_SPACING_DEG,
    DEMONSTRATION_STEP_S,
)
from downwind.wind.grid import build_grid

ITEMS = (100_000, 1_080_000, 5_000_000)
BYTES_AN_ITEM = 40
SPAN_S = 6_480.0
TIMER = "60 min"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one size took; memory above that of the process with its wind grid [MiB]."""

    items: int
    balloons: int
    draws: int
    grid_mib: float
    baseline_mib: float
    fly_s: float
    fly_mib: float
    cloud_s: float
    cloud_mib: float
    peak_mib: float
    bytes_an_item: float
    file_mib: float


def scale_mission(items: int, draws: int) -> dict[str, Any]:
    """Return the demonstration's mission with another number of items, as a mission file has it.

    Balloons carry what they carry there, so that their number grows with that of the items; they
    follow one another as fast as keeps the fleet in the same span.
    """
    table = tomllib.loads(demonstration_mission_text())
    whole = sum(group["load"][0]["count"] for group in table["balloon"])
    for group in table["balloon"]:
        part = group["load"][0]
        each = math.ceil(part["count"] / group["count"])
        part["count"] = max(round(part["count"] * items / whole), 1)
        group["count"] = math.ceil(part["count"] / each)
        group["timer"], group["timer_setting"] = "quartz", TIMER
    balloons = sum(group["count"] for group in table["balloon"])
    table["mission"]["draws"] = draws
    table["launch"] = {"times": table["launch"]["times"][:1], "spacing": f"{SPAN_S / balloons} s"}
    table["search"] = {"timer_from": TIMER, "timer_until": TIMER, "timer_step": "5 min"}
    return copy.deepcopy(table)


def measure(items: int, draws: int, folder: Path) -> Figures:
    """Fly a fleet and write its cloud into a folder; the file is gone afterwards."""
    mission = parse_mission(scale_mission(items, draws))
    cube = demonstration_wind().to_cube(
        DEMONSTRATION_BOX, DEMONSTRATION_SPACING_DEG, DEMONSTRATION_STEP_S
    )
    grid = build_grid(cube, mission.wind)
    path = folder / "cloud.parquet"
    write_cloud(fly_mission(parse_mission(scale_mission(3_000, 20)), grid), path)
    with Usage() as fly:
        result = fly_mission(mission, grid)
    with Usage() as cloud:
        write_cloud(result, path)
    size = path.stat().st_size
    path.unlink()
    flown = sum(sum(counts.values()) for counts in result.outcome_counts().values())
    baseline = fly.baseline_mib
    peak = max(fly.peak_mib, cloud.peak_mib) - baseline
    return Figures(
        items=flown,
        balloons=mission.balloon_count,
        draws=draws,
        grid_mib=sum(a.nbytes for a in grid.arrays if hasattr(a, "nbytes")) / 2**20,
        baseline_mib=baseline,
        fly_s=fly.wall_s,
        fly_mib=fly.peak_mib - baseline,
        cloud_s=cloud.wall_s,
        cloud_mib=cloud.above_baseline_mib,
        peak_mib=peak,
        bytes_an_item=peak * 2**20 / flown,
        file_mib=size / 2**20,
    )


def measure_apart(items: int, draws: int, folder: Path) -> Figures:
    """Do what ``measure`` does in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (items, draws, folder))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Memory and time of the landing cloud.")
    parser.add_argument("--items", type=int, nargs="+", default=list(ITEMS))
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to write the clouds")
    options = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for items in options.items:
            found.append(measure_apart(items, options.draws, Path(folder)))
    machine = describe_machine()
    print(format_machine(machine))
    print()
    header = [
        "items", "balloons", "fly s", "fly MiB", "cloud s", "cloud MiB", "peak MiB",
        f"{BYTES_AN_ITEM} B an item, MiB", "B an item", "file MiB",
    ]  # fmt: skip
    rows = [
        [f.items, f.balloons, f.fly_s, f.fly_mib, f.cloud_s, f.cloud_mib, f.peak_mib,
         BYTES_AN_ITEM * f.items / 2**20, f.bytes_an_item, f.file_mib]
        for f in found
    ]  # fmt: skip
    print_table(header, rows)
    print_json({"benchmark": "cloud", "machine": machine, "runs": [asdict(f) for f in found]})


if __name__ == "__main__":
    main()
