"""Measure the engine: falls, flights, memory, and Parcels 4 beside it in the same run.

``python -m benchmarks.engine`` prints tables and, last, one line of JSON. The reference problem and
the golden flights lie in the folder that DOWNWIND_SHARED names.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
import xarray as xr

from benchmarks.environment import PeerUnavailable, prepare_environment, run_peer
from benchmarks.report import Usage, format_machine, print_json, print_table
from downwind.geo.sphere import distance_m
from downwind.plan import drop as plan_drop
from downwind.plan.drop import drop_rows, fly_group
from downwind.plan.evaluate import manifest_rows
from downwind.plan.fleet import Setting
from downwind.plan.mission_file import parse_mission
from downwind.service.demonstration import demonstration_mission_text, demonstration_wind
from downwind.service.missions import (
    DEMONSTRATION_BOX,
    DEMONSTRATION_SPACING_DEG,
    DEMONSTRATION_STEP_S,
)
from downwind.sim.draws import Draws
from downwind.sim.drop import Engine, Falls, ItemArrays, drop_items, engine_status
from downwind.sim.profile import Stage, StageStop, VerticalLaw, make_profiles
from downwind.sim.profile.tawhiri import fly_as_tawhiri, make_level_grid
from downwind.sim.steps import Steps
from downwind.sim.turbulence import Turbulence
from downwind.sim.wind_error import perturb_grid
from downwind.wind.grid import WindGrid, build_grid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.perturbation import ErrorSize

FALL_SPEED_MS = 1.5
RELEASE_S = 3 * 3_600.0 + 600.0
LAYER_STEP_S = 1_000.0
FINE_STEP_S = 100.0
DATASET_S = 1_795_305_600.0
TAWHIRI_PER_S = 2_150.0
GOAL_LANDINGS, GOAL_ERROR_M, GOAL_MILLION_S, BYTES_AN_ITEM = 5e6, 4.0, 1.0, 40
REPEATS = 5
PEAKS_MIB = [0.0]
"""The most memory held in each measurement."""


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, without Parcels")
    parser.add_argument("--envs", type=Path, help="folder for the environments of the peers")
    options = parser.parse_args()
    shared = os.environ.get("DOWNWIND_SHARED")
    if not shared:
        sys.exit("set DOWNWIND_SHARED to the folder that holds conformance/engine and /tawhiri")
    engine = Path(shared) / "conformance" / "engine"
    print(format_machine())
    print(f"falling items: {engine_status().name} kernel, {engine_status().reason}\n")
    reference = measure_reference(engine, [10_000, 100_000] if options.quick else SIZES)
    million = measure_million(0.1 if options.quick else 1.0)
    flights = measure_flights(Path(shared) / "conformance" / "tawhiri")
    parcels = None if options.quick else measure_parcels(engine, options.envs)
    ratio = None if parcels is None else reference["landings_per_cpu_s"] / parcels
    rows = [
        ["landings a CPU second, reference problem", reference["landings_per_cpu_s"], "5,000,000"],
        ["greatest error against DOP853, m", reference["max_error_m"], "4"],
        ["the same by Parcels 4", parcels, ""],
        ["times Parcels 4", ratio, "2,000"],
        ["every item of the demonstration, wall s", million["million_items_wall_s"], "1"],
        ["30 km flights a CPU second", flights["flights_per_cpu_s"], "43,000"],
        ["their greatest miss of the goldens, m", flights["golden_miss_m"], "1"],
        ["bytes an item above the wind", million["bytes_an_item"], str(BYTES_AN_ITEM)],
    ]
    print_table(["what", "measured", "goal"], rows)
    print_json(
        {
            **reference,
            "parcels_landings_per_cpu_s": parcels,
            **flights,
            **million,
            "engine": engine_status().name,
            "peak_mib": max(PEAKS_MIB),
        }
    )


SIZES = [10_000, 100_000, 1_000_000, 10_000_000]


# --- the reference problem -----------------------------------------------------------------------


def measure_reference(folder: Path, sizes: list[int]) -> dict[str, float]:
    """Land the reference problem's items: speed by size, threads and step, and the error."""
    grid = read_reference_wind(folder / "cube.nc")
    truth = dict(np.load(folder / "ref1000.npz"))
    start = release(truth["lon0"], truth["lat0"], truth["z0"])
    errors = {}
    rows: list[list[Any]] = []
    for name, kernel, step, air, has_error in VARIANTS:
        wind = perturb_grid(grid, ERROR, Draws(1), DRAWS, 127.0, 38.0) if has_error else grid
        falls = drop_items(wind, start, step, kernel, air)
        miss = math.nan
        if not air.is_on and not has_error:
            miss = float(miss_of(falls, truth["lon_dop"], truth["lat_dop"]).max())
        errors[name] = miss
        count = sizes[-2] if kernel == "fast" else 10_000
        items = many_items(count)
        if has_error:
            items = items._replace(member=np.arange(count) % DRAWS)
        use = fastest(lambda w=wind, i=items, s=step, k=kernel, a=air: drop_items(w, i, s, k, a), 1)
        rows.append([name, step, count, count / use.cpu_s, miss])
    print("Reference problem, one thread; error in m, the greatest of 200 against DOP853\n")
    print_table(["kernel", "longest step s", "items", "landings a CPU second", "error m"], rows)
    best = rows[0][3]
    rows = []
    for size in sizes:
        items = many_items(size)
        row: list[Any] = [size]
        for threads in (1, 2):
            use = fastest(lambda i=items: drop_items(grid, i, LAYER_STEP_S, "fast"), threads)
            row += [use.wall_s, size / use.cpu_s, use.above_baseline_mib]
        rows.append(row)
    print("\nHow the cost grows, one step a layer\n")
    print_table(
        ["items", "1 thread: wall s", "landings a CPU s", "MiB", "2 threads: wall s",
         "landings a CPU s", "MiB"], rows,
    )  # fmt: skip
    print()
    return {"landings_per_cpu_s": best, "max_error_m": errors["fast, one step a layer"]}


VARIANTS: list[tuple[str, Engine, float, Turbulence, bool]] = [
    ("fast, one step a layer", "fast", LAYER_STEP_S, Turbulence.none(), False),
    ("fast", "fast", FINE_STEP_S, Turbulence.none(), False),
    ("fast, turbulent night", "fast", FINE_STEP_S, Turbulence.night(), False),
    ("fast, error of the wind", "fast", FINE_STEP_S, Turbulence.none(), True),
    ("fast, error and turbulence", "fast", FINE_STEP_S, Turbulence.night(), True),
    ("plain, one step a layer", "plain", LAYER_STEP_S, Turbulence.none(), False),
    ("plain", "plain", FINE_STEP_S, Turbulence.none(), False),
    ("plain, error of the wind", "plain", FINE_STEP_S, Turbulence.none(), True),
]
DRAWS = 200
ERROR = ErrorSize(np.zeros(1), np.zeros(1), np.full((1, 1), 1.9), 1.4, 0.05, 0.1, 0.3)
"""Of a forecast 24 h old on a grid of 0.25 degrees."""


def read_reference_wind(path: Path) -> WindGrid:
    """Read the wind of the reference problem; the ground is sea level."""
    with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as data:
        wind = np.stack([data["u"].values, data["v"].values], axis=-1)[None].astype(np.float32)
        time_s, height, lat, lon = (data[k].values for k in ("time", "height", "lat", "lon"))
    holes = np.zeros(time_s.size - 1, bool)
    ground = np.zeros((lat.size, lon.size))
    arrays = make_grid_arrays(wind, time_s, holes, height, lat, lon, ground)
    return WindGrid(arrays, "reference problem", "", "", "synthetic", None, (), (), False, "sea")


def release(
    longitude: np.ndarray, latitude: np.ndarray, height: np.ndarray, stream: bool = True
) -> ItemArrays:
    """Return items that fall at 1.5 m/s at every height."""
    one, zero = np.ones(1), np.zeros(1)
    number = np.arange(longitude.size) if stream else np.zeros(1, np.int64)
    return ItemArrays(
        np.zeros(1, np.int64), longitude, latitude, height, np.full(longitude.size, RELEASE_S),
        one, zero, FALL_SPEED_MS * one, FALL_SPEED_MS * one, zero, -np.inf * one, item=number,
    )  # fmt: skip


def many_items(count: int) -> ItemArrays:
    """Return items on a line over 38 N, some 3,000 m high, as the reference problem has them."""
    rng = np.random.default_rng(42)
    longitude = np.sort(rng.uniform(124.5, 129.5, count))
    latitude = 38.0 + rng.normal(0.0, 0.01, count)
    return release(longitude, latitude, 45.0 * rng.integers(61, 73, count))


def miss_of(falls: Falls, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return the distance [m] of the first landings to known ones."""
    n = longitude.size
    return np.asarray(distance_m(falls.longitude[:n], falls.latitude[:n], longitude, latitude))


def fastest(action: Callable[[], object], threads: int) -> Usage:
    """Run an action until it is compiled and then some more; return the run of least CPU time."""
    nb.set_num_threads(min(threads, nb.config.NUMBA_NUM_THREADS))
    action()
    best: Usage | None = None
    for _ in range(REPEATS):
        use = Usage()
        with use:
            action()
        PEAKS_MIB.append(use.peak_mib)
        if best is None or use.cpu_s < best.cpu_s:
            best = use
    nb.set_num_threads(nb.config.NUMBA_NUM_THREADS)
    assert best is not None
    return best


# --- the real thing ------------------------------------------------------------------------------


def measure_million(scale: float) -> dict[str, float]:
    """Drop every item of the demonstration with all physics on; time and memory."""
    mission = parse_mission(tomllib.loads(demonstration_mission_text()))
    cube = demonstration_wind().to_cube(
        DEMONSTRATION_BOX, DEMONSTRATION_SPACING_DEG, DEMONSTRATION_STEP_S
    )
    grid = build_grid(cube, mission.wind)
    draws = Draws(mission.seed, mission.draws)
    steps = Steps(200.0, 20.0, 0.0, 0.0, 0.0)
    site, start = mission.sites[0], mission.launch_times_s[0]
    parts = []
    for g, group in enumerate(mission.groups):
        flights = fly_group(
            mission, g, draws, grid, Setting(site, start, group.free_lift, 3_600.0), steps
        )
        for lot in mission.lots_of(g):
            rows = manifest_rows(mission, draws, lot, 0, max(int(scale * lot.count), 1))
            parts.append((lot, flights, rows))
    count = sum(rows.draw.size for *_, rows in parts)
    inside = 0.0

    def timed(*args: Any, **options: Any) -> Falls:
        nonlocal inside
        begin = time.perf_counter()
        falls = drop_items(*args, **options)
        inside += time.perf_counter() - begin
        return falls

    plan_drop.drop_items = timed
    best = (math.inf, math.inf)
    try:
        for _ in range(REPEATS):
            inside = 0.0
            begin = time.perf_counter()
            for lot, flights, rows in parts:
                drop_rows(mission, lot, draws, grid, flights, rows, steps)
            best = min(best, (inside, time.perf_counter() - begin))
    finally:
        plan_drop.drop_items = drop_items
    items = many_items(count)
    ground = Usage()
    with ground:
        falls = drop_items(grid_of_calm(), items, 200.0)
    PEAKS_MIB.append(ground.peak_mib)
    bytes_an_item = ground.above_baseline_mib * 2**20 / falls.longitude.size
    print(
        f"Every item of the demonstration, all physics on, {nb.config.NUMBA_NUM_THREADS} threads\n"
    )
    print_table(["items", "falling, wall s", "with their random numbers, wall s"], [[count, *best]])
    print()
    return {
        "million_items_wall_s": best[0],
        "million_items_with_draws_wall_s": best[1],
        "items": count,
        "bytes_an_item": bytes_an_item,
    }


def grid_of_calm() -> WindGrid:
    """Return a small grid in which the memory is that of the items."""
    arrays = make_grid_arrays(
        np.zeros((1, 2, 2, 2, 2, 2), np.float32), np.array([0.0, 90_000.0]), np.zeros(1, bool),
        np.array([0.0, 12_000.0]), np.array([30.0, 45.0]), np.array([110.0, 140.0]),
        np.zeros((2, 2)),
    )  # fmt: skip
    return WindGrid(arrays, "calm", "", "", "synthetic", None, (), (), False, "sea")


# --- flights -------------------------------------------------------------------------------------


def measure_flights(folder: Path) -> dict[str, float]:
    """Fly 30 km profiles in peer mode, and the golden flights for their landings."""
    region = dict(np.load(folder / "synthetic_region.npz"))
    times = DATASET_S + 3_600.0 * region["hours"]
    grid = make_level_grid(region["data"], times, region["lat"], region["lng"])
    cases = json.loads((folder / "standard_20.json").read_text(encoding="utf-8"))["cases"]
    row = {k: np.array([c[k] for c in cases]) for k in cases[0] if k != "n"}
    landing = row["landing"]
    golden = fly_as_tawhiri(
        grid,
        make_profiles(
            row["lng"], row["lat"], row["alt"], row["t"],
            list(standard(row["ascent_rate"], row["burst_altitude"], row["descent_rate"])),
        ),
    ).profiles  # fmt: skip
    miss = distance_m(golden.longitude[:, 1], golden.latitude[:, 1], landing[:, 2], landing[:, 1])
    rng = np.random.default_rng(1)
    count = 4_096
    launches = make_profiles(
        rng.uniform(124.0, 129.0, count), rng.uniform(36.0, 41.0, count), np.zeros(count),
        DATASET_S + rng.uniform(0.0, 12.0 * 3_600.0, count), list(standard(5.0, 30_000.0, 5.0)),
    )  # fmt: skip
    use = fastest(lambda: fly_as_tawhiri(grid, launches), 1)
    per_s = count / use.cpu_s
    print("Flights of 30 km (5 m/s up, 5 m/s down), peer mode, one thread\n")
    print_table(
        ["flights", "flights a CPU second", "times Tawhiri's 2,150 (recorded elsewhere)",
         "greatest miss of the 20 goldens m"],
        [[count, per_s, per_s / TAWHIRI_PER_S, float(miss.max())]],
    )  # fmt: skip
    print()
    return {"flights_per_cpu_s": per_s, "golden_miss_m": float(miss.max())}


def standard(up: Any, burst: Any, down: Any) -> Iterator[Stage]:
    """Yield the stages of an ordinary flight: up to the burst, down to the ground."""
    yield Stage(VerticalLaw.CLIMB, up, StageStop.HEIGHT, burst)
    yield Stage(VerticalLaw.TAWHIRI_DESCENT, down, StageStop.GROUND)


# --- Parcels -------------------------------------------------------------------------------------


def measure_parcels(folder: Path, envs: Path | None) -> float | None:
    """Land the same items with Parcels 4; None where it cannot be had."""
    try:
        python = prepare_environment("parcels4", envs)
        script = Path(__file__).parent / "peers" / "run_parcels.py"
        found = run_peer(script, [folder / "cube.nc", folder / "ref1000.npz"], python)
    except PeerUnavailable as error:
        print(f"Parcels 4 is not available: {error}\n")
        return None
    rows = [
        [run["n"], run["wall_s"], run["landings_per_cpu_s"], run["error"]["own_radius"]["max_m"]]
        for run in found["runs"]
    ]
    print("Parcels 4, our own kernel for it, one thread\n")
    print_table(["items", "wall s", "landings a CPU second", "error m (own radius)"], rows)
    print()
    return float(max(run["landings_per_cpu_s"] for run in found["runs"]))


if __name__ == "__main__":
    main()
