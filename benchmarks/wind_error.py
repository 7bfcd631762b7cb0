"""Measure the error of the wind: time and memory to draw it, and what it costs those who fly.

``python -m benchmarks.wind_error`` prints tables and, last, one line of JSON. The wind is that of
the demonstration's box and hours; the error that of a forecast.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.report import Usage, format_machine, print_json, print_table
from downwind.atmosphere import pressure_pa
from downwind.sim.draws import Draws
from downwind.sim.drop import Engine, ItemArrays, drop_items, engine_status
from downwind.sim.flight import fly_balloons
from downwind.sim.turbulence import Turbulence
from downwind.sim.wind_error import perturb_grid
from downwind.wind.error import forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.perturbation import ErrorSize
from tests.unit.sim.made_winds import make_balloon

MEMBERS = 200
SEED = 1
PLACE = (126.07, 38.11)
STEP_S = 200.0
REPEATS = 5
CASES = ((9.0, 10_000.0), (24.0, 12_000.0), (48.0, 16_000.0), (120.0, 31_000.0))
"""Hours and top of the data [h, m]."""


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    options = parser.parse_args()
    print(format_machine())
    members = 20 if options.quick else MEMBERS
    made = measure_making(members, CASES[:2] if options.quick else CASES)
    speeds = measure_falls(members, 2_000 if options.quick else 20_000)
    flights = measure_flights(members, 200 if options.quick else 2_000)
    print_json({"members": members, **made, **speeds, **flights})


def make_wind(hours: float, top_m: float) -> WindGrid:
    """Return a sheared wind over 16 by 10 degrees, hourly, with a level every 500 m."""
    time = np.arange(0.0, 3_600.0 * hours + 1.0, 3_600.0)
    height = np.arange(0.0, top_m + 1.0, 500.0)
    latitude, longitude = np.linspace(33.0, 43.0, 41), np.linspace(118.0, 134.0, 65)
    wind = np.zeros((1, time.size, height.size, 41, 65, 2), np.float32)
    wind[..., 0] = (5.0 + 0.002 * height)[:, None, None]
    wind[..., 1] = 2.0 + 0.5 * (latitude - 38.0)[:, None]
    hills = 300.0 + 300.0 * np.sin(3.0 * longitude) * np.sin(2.0 * latitude[:, None])
    arrays = make_grid_arrays(
        wind, time, np.zeros(time.size - 1, bool), height, latitude, longitude, hills
    )
    return WindGrid(arrays, "made", "", "", "synthetic", None, (), (), False, "")


def forecast_error(grid: WindGrid, lead_h: float = 24.0) -> ErrorSize:
    """Return the default error of a forecast on a grid of 0.25 degrees."""
    height = np.arange(0.0, 12_001.0, 1_000.0)
    time = np.linspace(grid.start_s, grid.end_s, 9)
    lead = lead_h + (time - grid.start_s) / 3_600.0
    large = forecast_sigma_ms(pressure_pa(height)[:, None], lead)
    return ErrorSize(height, time, large, float(unresolved_sigma_ms(25_000.0)), 0.05, 0.1, 0.3)


def perturb(grid: WindGrid, members: int) -> WindGrid:
    """Give a wind the error of a forecast."""
    return perturb_grid(grid, forecast_error(grid), Draws(SEED), members, *PLACE)


def measure_making(members: int, cases: tuple[tuple[float, float], ...]) -> dict[str, float]:
    """Draw the fields over winds of several lengths and heights."""
    rows: list[list[Any]] = []
    for hours, top_m in cases:
        grid = make_wind(hours, top_m)
        use = fastest(lambda g=grid: perturb(g, members))
        arrays = perturb(grid, members).arrays
        nodes = [" x ".join(map(str, count)) for count in arrays.error_count[:2]]
        held = arrays.error_values.nbytes / 2**20
        rows.append([hours, top_m, *nodes, use.wall_s, use.cpu_s, held])
    print(f"\nDrawing the error of {members} members\n")
    print_table(
        ["hours", "top m", "large: t, h, y, x", "unresolved", "wall s", "CPU s", "MiB"], rows
    )
    return {"make_wall_s": rows[1][4], "make_cpu_s": rows[1][5], "make_mib": rows[1][6]}


def measure_falls(members: int, count: int) -> dict[str, float]:
    """Let items fall in the wind as it is and in its errors, on each kernel."""
    grid = make_wind(24.0, 12_000.0)
    wrong = perturb(grid, members)
    rows, speeds = [], {}
    for name, speed_ms in (("disc, 8 m/s", 8.0), ("leaflet, 0.65 m/s", 0.65)):
        for engine in ("plain", "fast"):
            if engine == "fast" and engine_status().name != "fast":
                continue
            cpu = []
            for wind in (wrong.without_error(), wrong):
                items = many_items(count, members, speed_ms)
                cpu.append(fastest(lambda w=wind, i=items, e=engine: drop(w, i, e)).cpu_s)
            without, with_error = (count / s for s in cpu)
            rows.append([name, engine, without, with_error, without / with_error])
            key = f"{engine}_{'disc' if speed_ms > 1.0 else 'leaflet'}"
            speeds[f"{key}_per_cpu_s"] = with_error
            speeds[f"{key}_ratio"] = without / with_error
    print("\nFalls from 5,000 m through a turbulent night, a CPU second\n")
    print_table(["item", "kernel", "without error", "with error", "times slower"], rows)
    return speeds


def many_items(count: int, members: int, speed_ms: float) -> ItemArrays:
    """Return items let go along a line within ten hours."""
    one = np.ones(1)
    part = np.linspace(0.0, 1.0, count)
    return ItemArrays(
        member=np.arange(count) % members,
        longitude=PLACE[0] + 2.0 * part,
        latitude=np.full(count, PLACE[1]),
        height_m=np.full(count, 5_000.0),
        time_s=36_000.0 * part,
        bundle_speed_ms=one,
        opening_s=0.0 * one,
        low_speed_ms=speed_ms * one,
        high_speed_ms=speed_ms * one,
        exponent=0.5 * one,
        switch_m=-np.inf * one,
    )


def drop(grid: WindGrid, items: ItemArrays, engine: Engine) -> None:
    """Let the items fall through a turbulent night."""
    drop_items(grid, items, STEP_S, engine, Turbulence.night(), SEED)


def measure_flights(members: int, count: int) -> dict[str, float]:
    """Fly balloons in the wind as it is and in its errors."""
    wrong = perturb(make_wind(24.0, 12_000.0), members)
    balloons = make_balloon(
        0.05, count=count, longitude=PLACE[0], latitude=PLACE[1], height_m=700.0, time_s=3_600.0,
        member=np.arange(count) % members,
    )  # fmt: skip
    cpu = [
        fastest(lambda w=wind: fly_balloons(w, balloons, 60.0)).cpu_s
        for wind in (wrong.without_error(), wrong)
    ]
    without, with_error = (count / s for s in cpu)
    print("\nFlights of a leaking tube to the ground, a CPU second\n")
    print_table(
        ["without error", "with error", "times slower"],
        [[without, with_error, without / with_error]],
    )
    return {"flights_per_cpu_s": with_error, "flights_ratio": without / with_error}


def fastest(work: Callable[[], object]) -> Usage:
    """Return what the quickest of some runs used, after one that compiles."""
    work()
    uses = []
    for _ in range(REPEATS):
        with Usage() as use:
            work()
        uses.append(use)
    return min(uses, key=lambda use: use.cpu_s)


if __name__ == "__main__":
    main()
