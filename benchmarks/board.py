"""Time the board: its screen, the whole of it certified, and the manifest through every member.

(a) The screen of each of two sites: every launch hour of two days, every member, a timer every five
minutes and four kinds of item: a quarter of a million falls from one flight for each hour and
member. (b) The whole board of both sites: screened with 200 draws, every cell that could come out
GO refined to the minute and certified with fresh draws, every cell asked for its rules. (c) Every
item of the demonstration, 1,080,000 of them, through every member; only counts by region are kept.
(d) CUSF's ``pred``, where it is installed, for some flights, and what the whole of (a) would take
it, extrapolated.

The wind is synthetic, of the size that an ensemble has; making it is not timed, nor is the first,
small run of each part, which loads the compiled code and the map.
"""

from __future__ import annotations

import argparse
import math
import time
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environment import PeerUnavailable, run_peer
from benchmarks.peers import run_cusf
from benchmarks.report import (
    Usage,
    describe_machine,
    format_machine,
    print_json,
    print_table,
    read_memory_mib,
)
from downwind.board.solve import make_board
from downwind.landing.regions import TARGET, LandingRegions
from downwind.plan.fleet import Setting
from downwind.plan.members import fly_members
from downwind.plan.mission import Mission, Site
from downwind.plan.mission_file import parse_mission
from downwind.plan.screen import screen_candidates
from downwind.plan.solve import choose_steps
from downwind.service.demonstration import demonstration_mission_text, demonstration_wind
from downwind.sim.draws import Draws
from downwind.sim.kernels import limit_threads
from downwind.sim.turbulence import Turbulence
from downwind.times import format_utc, parse_time
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays

FIRST_HOUR = "2015-04-03T06:00Z"
KINDS = ("dvd", "leaflet-film-12x5", "leaflet-a5-80", "leaflet-6x3-80")
HOURS, MEMBERS, TIMERS = 48, 31, 48
TIMER_STEP_S = 300.0
MANIFEST_MEMBERS = 51
SECOND_SITE = Site("Cheorwon", 38.2, 127.2, None, "Asia/Seoul")
BOARD_DRAWS = 200
CUSF_FLIGHTS_PER_S = 932.0
"""Flights to 6 km and down that CUSF's ``pred`` makes in a CPU second, 50 a process: recorded on
another machine, for where it is not installed."""


def make_wind(members: int, hours: int, points: int, levels: int, seed: int = 1) -> WindGrid:
    """Make an ensemble: the demonstration's wind, turned and stretched by member, with waves.

    Parameters
    ----------
    members, hours : int
        Members, and hours on the time axis.
    points, levels : int
        Points along each side, a quarter of a degree apart, and levels up to 24 km.
    """
    source = demonstration_wind()
    rng = np.random.default_rng(seed)
    longitude = 127.5 + 0.25 * (np.arange(points) - 0.5 * (points - 1))
    latitude = 39.0 + 0.25 * (np.arange(points) - 0.5 * (points - 1))
    height = np.linspace(0.0, 24_000.0, levels)
    time_s = parse_time(FIRST_HOUR) + 3600.0 * np.arange(hours)
    x, y = np.meshgrid(np.radians(longitude - 127.5), np.radians(latitude - 39.0))
    wind = np.empty((members, hours, levels, points, points, 2), np.float32)
    # the demonstration's night goes round, so that every hour has a wind
    within = source.time_s[0] + (time_s - source.time_s[0]) % (source.time_s[-1] - source.time_s[0])
    east, north = source.wind_ms(
        longitude, latitude[:, None], height[:, None, None], within[:, None, None, None]
    )
    east, north = east.astype(np.float32), north.astype(np.float32)
    for member in range(members):
        turn, stretch = 0.15 * rng.normal(), 1.0 + 0.1 * rng.normal()
        phase = rng.uniform(0.0, 2.0 * np.pi, 4)
        c, d = (np.float32(stretch * f(turn)) for f in (math.cos, math.sin))
        for t in range(hours):
            drift = 2.0 * np.pi * t / 24.0
            out = wind[member, t]
            out[..., 0] = c * east[t] - d * north[t]
            out[..., 1] = d * east[t] + c * north[t]
            out[..., 0] += (2.0 * np.sin(40.0 * y + 20.0 * x + phase[0] - drift)).astype("f4")
            out[..., 1] += (2.0 * np.cos(40.0 * x + 20.0 * y + phase[1] - drift)).astype("f4")
    arrays = make_grid_arrays(
        wind, time_s, np.zeros(hours - 1, bool), height, latitude, longitude,
        np.zeros((points, points)),
    )  # fmt: skip
    return WindGrid(arrays, "synthetic", "", "", "synthetic", None, (), (), False, "flat")


def make_board_mission(hours: int, members: int, air: Turbulence) -> Mission:
    """Return a mission with one group, four kinds of item, and a launch each hour."""
    start = parse_time(FIRST_HOUR)
    table = tomllib.loads(demonstration_mission_text())
    table["launch"]["times"] = [format_utc(start + 3600.0 * hour) for hour in range(hours)]
    group = table["balloon"][0] | {"count": 20}
    group["load"] = [{"item": name, "count": count} for name, count in zip(
        KINDS, (3_000, 90_000, 8_000, 18_000), strict=True)]  # fmt: skip
    table["balloon"] = [group]
    del table["search"]["free_lifts"]
    return replace(parse_mission(table), draws=members, turbulence=air)


def time_board(
    hours: int, members: int, timers: int, points: int, levels: int, air: Turbulence, draws: int
) -> dict[str, Any]:
    """Time the screen of each of two sites, and then the whole board of both, certified."""
    mission = make_board_mission(hours, members, air)
    timer_s = TIMER_STEP_S * np.arange(1.0, timers + 1.0)
    search = replace(
        mission.search,
        timer_from_s=TIMER_STEP_S,
        timer_until_s=float(timer_s[-1]),
        timer_step_s=TIMER_STEP_S,
    )
    mission = replace(mission, sites=(mission.sites[0], SECOND_SITE), search=search)
    grid, making_s = _make(members, hours + math.ceil(timer_s[-1] / 3600.0) + 6, points, levels)
    regions = LandingRegions(mission.target, mission.home, ())
    numbers = Draws(mission.seed, mission.draws)
    small = replace(
        mission, launch_times_s=mission.launch_times_s[:1], sites=mission.sites[:1], draws=members
    )
    setting = Setting(
        mission.sites[0], mission.launch_times_s[0], mission.groups[0].free_lift, 3_600.0
    )
    steps = choose_steps(mission, grid, numbers, [setting], lambda *_: None)
    with Usage() as first:
        make_board(small, grid)
    screens = []
    for site in mission.sites:
        runs = []
        for _ in range(3):
            with Usage() as used:
                screen = screen_candidates(
                    mission, 0, numbers, grid, regions, steps, timer_s, sites=(site,), sample=1
                )
            runs.append(used)
        screens.append((site, screen.falls, min(runs, key=lambda run: run.wall_s)))
    many = replace(mission, draws=draws, draws_most=max(mission.draws_most, draws))
    with Usage() as used:
        board = make_board(many, grid)
    certificates = [cell.certificate for cell in board.cells if cell.certificate is not None]
    return {
        "screens": [
            {
                "part": f"screen of {site.name}: {hours} h x {members} members x {timers} timers",
                "falls": falls,
                "flights": hours * members,
                "wall_s": run.wall_s,
                "cpu_s": run.cpu_s,
                "first_wall_s": first.wall_s,
                "above_mib": run.above_baseline_mib,
            }
            for site, falls, run in screens
        ],
        "part": f"whole board: {len(board.cells)} cells, screened with {draws} draws, certified",
        "cells": len(board.cells),
        "certified": len(certificates),
        "looks": dict(sorted(Counter(len(c.stages) for c in certificates).items())),
        "verdicts": dict(Counter(c.verdict.value for c in certificates)),
        "certified_flights": sum(c.draws for c in certificates),
        "wall_s": used.wall_s,
        "cpu_s": used.cpu_s,
        "first_wall_s": first.wall_s,
        "peak_mib": used.peak_mib,
        "above_mib": used.above_baseline_mib,
        "wind_s": making_s,
        "item_step_s": steps.item_s,
        "predictions": len(mission.sites) * hours * members * timers * len(KINDS),
    }


def time_members(
    members: int, points: int, levels: int, air: Turbulence, part_of_manifest: int = 1
) -> dict[str, Any]:
    """Time every item of the demonstration through every member."""
    table = tomllib.loads(demonstration_mission_text())
    for group in table["balloon"]:
        group["load"][0]["count"] //= part_of_manifest
        group["count"] = max(group["count"] // part_of_manifest, 2)
    mission = replace(parse_mission(table), turbulence=air)
    grid, making_s = _make(members, 36, points, levels)
    regions = LandingRegions(mission.target, mission.home, ())
    draws = Draws(mission.seed, mission.draws)
    settings = tuple(
        Setting(mission.sites[0], mission.launch_times_s[-1], group.free_lift, timer)
        for group, timer in zip(mission.groups, (3_000.0, 2_400.0), strict=True)
    )
    steps = choose_steps(mission, grid, draws, list(settings), lambda *_: None)
    with Usage() as first:
        fly_members(mission, draws, grid, regions, settings, steps, members=1)
    with Usage() as used:
        found = fly_members(mission, draws, grid, regions, settings, steps)
    share = found.shares[:, found.regions.index(TARGET)]
    return {
        "item_step_s": steps.item_s,
        "part": f"manifest: {int(found.items.sum()):,} items x {members} members",
        "falls": int(found.items.sum()) * members,
        "flights": mission.balloon_count * members,
        "wall_s": used.wall_s,
        "cpu_s": used.cpu_s,
        "first_wall_s": first.wall_s,
        "peak_mib": used.peak_mib,
        "above_mib": used.above_baseline_mib,
        "wind_s": making_s,
        "wind_mib": grid.arrays.wind.nbytes / 2.0**20,
        "target": float(share.mean()),
    }


def ask_cusf(region: Path | None, cases: Path | None, pred: Path | None) -> dict[str, Any]:
    """Return the answer of CUSF's ``pred``, or under ``unavailable`` why there is none."""
    try:
        run_cusf.find_pred(pred)
        if region is None or cases is None:
            raise PeerUnavailable("its wind and flights are named with --region and --cases")
        named = [] if pred is None else ["--pred", pred]
        return run_peer(Path(run_cusf.__file__), [region, cases, *named])
    except (PeerUnavailable, run_cusf.PredUnavailable) as error:
        return {"peer": "CUSF pred", "unavailable": str(error)}


def _make(members: int, hours: int, points: int, levels: int) -> tuple[WindGrid, float]:
    begin = time.perf_counter()
    grid = make_wind(members, hours, points, levels)
    return grid, time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--threads", type=int, default=2, help="threads of the compiled loops")
    parser.add_argument("--air", choices=("still", "night"), default="night", help="turbulence")
    parser.add_argument("--region", type=Path, help="wind for CUSF's pred, npz")
    parser.add_argument("--cases", type=Path, help="flights with known landings for it, JSON")
    parser.add_argument("--pred", type=Path, help="CUSF's program, if it is not on the PATH")
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    air = Turbulence.night() if arguments.air == "night" else Turbulence.none()
    machine = describe_machine()
    print(format_machine(machine))
    print(f"threads       {arguments.threads}")
    print(f"turbulence    {arguments.air}")
    print(f"memory        {read_memory_mib():,.0f} MiB before any wind\n", flush=True)
    if arguments.quick:
        board = time_board(4, 4, 12, 21, 31, air, draws=20)
        manifest = time_members(3, 21, 31, air, part_of_manifest=50)
    else:
        board = time_board(HOURS, MEMBERS, TIMERS, 41, 61, air, BOARD_DRAWS)
        manifest = time_members(MANIFEST_MEMBERS, 41, 61, air)
    screens = board["screens"]
    print_table(
        ("what", "flights", "falls", "wall s", "CPU s", "falls / CPU s", "first, small run s",
         "MiB above wind"),
        [
            (row["part"], row["flights"], row["falls"], row["wall_s"], row["cpu_s"],
             row["falls"] / row["cpu_s"], row["first_wall_s"], row["above_mib"])
            for row in (*screens, manifest)
        ],
    )  # fmt: skip
    print()
    print_table(
        ("what", "certified", "flights of these", "wall s", "CPU s", "wall s / cell",
         "MiB above wind"),
        [
            (board["part"], board["certified"], board["certified_flights"], board["wall_s"],
             board["cpu_s"], board["wall_s"] / board["cells"], board["above_mib"])
        ],
    )  # fmt: skip
    looks = ", ".join(f"{count} after {n}" for n, count in board["looks"].items())
    print(f"looks: {looks}; {', '.join(f'{n} {name}' for name, n in board['verdicts'].items())}")
    print(
        f"\nlongest step of a fall: {board['item_step_s']:g} s (board), "
        f"{manifest['item_step_s']:g} s (manifest); winds made in {board['wind_s']:.1f} s and "
        f"{manifest['wind_s']:.1f} s"
    )
    cusf = ask_cusf(arguments.region, arguments.cases, arguments.pred)
    print()
    rate, whose = CUSF_FLIGHTS_PER_S, "a rate recorded on another machine"
    if "unavailable" in cusf:
        print(f"CUSF pred: not measured here: {cusf['unavailable']}")
    else:
        rate, whose = cusf["flights_per_cpu_s"], "this run"
        print_table(
            ("peer", "flights", "wall s", "CPU s", "flights / CPU s"),
            [("CUSF pred", cusf["n"], cusf["wall_s"], cusf["cpu_s"], rate)],
        )
    cusf_s = board["predictions"] / rate
    print(
        f"CUSF pred: one prediction for each site, hour, member, timer and kind, "
        f"{board['predictions']:,} of them, at {rate:,.0f} a CPU second: {cusf_s:,.0f} s. "
        f"Extrapolated from {whose}; it knows no draws, no timers and no turbulence"
    )
    print_json(
        {
            "benchmark": "board",
            "quick": arguments.quick,
            "threads": arguments.threads,
            "air": arguments.air,
            "machine": machine,
            "screen_wall_s": max(row["wall_s"] for row in screens),
            "screen_cpu_s": max(row["cpu_s"] for row in screens),
            "screen_falls": screens[0]["falls"],
            "board_wall_s": board["wall_s"],
            "board_cpu_s": board["cpu_s"],
            "board_cells": board["cells"],
            "board_certified": board["certified"],
            "board_looks": board["looks"],
            "cusf_extrapolated_s": cusf_s,
            "cusf_rate_from": whose,
            "members51_wall_s": manifest["wall_s"],
            "members51_cpu_s": manifest["cpu_s"],
            "members51_falls": manifest["falls"],
            "peak_mib": max(board["peak_mib"], manifest["peak_mib"]),
            "cusf": cusf,
        }
    )


if __name__ == "__main__":
    main()
