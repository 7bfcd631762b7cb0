"""Make a board: screen every site and hour, certify what could come out GO, ask the rules.

The hours that the wind does not cover, or that the launch window closes, are left out and named.
What forbids a launch besides rules (wind and gust at the ground, rain, cloud) makes its cell NO-GO
without fresh draws. Every cell is asked for its rules: those that could come out GO with their
settings, so that the rules know where they fly; the others without. Where the mission has a limit
for residents, every certified cell is held against it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from downwind.board.cells import ScreenedCell, refine_cell, screen_cells
from downwind.board.certify import certify
from downwind.board.hours import choose_hours
from downwind.board.notes import find_board_warnings
from downwind.board.rank import rank_cells
from downwind.board.residents import ask_residents
from downwind.board.result import Board, Cell, Certificate
from downwind.board.sky import find_sky
from downwind.board.verdicts import decide
from downwind.errors import LiftError, WindCoverageError
from downwind.landing.regions import LandingRegions
from downwind.plan.air_of_run import (
    LaunchWeather,
    find_launch_weather,
    launch_breaches,
    settle_turbulence,
)
from downwind.plan.compliance import judge_launch
from downwind.plan.evaluate import Progress
from downwind.plan.mission import Mission
from downwind.plan.run import identify_run
from downwind.plan.solve import check_fills, check_places, choose_steps, quiet, trial_settings
from downwind.plan.wind_error import settle_wind_error
from downwind.rules.findings import Compliance, Finding
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.times import parse_time, stamp_now
from downwind.wind.grid import WindGrid

Asked = tuple[ScreenedCell, LaunchWeather, tuple[str, ...]]
"""A cell with its weather at the launch and what forbids it besides rules."""

AT_ONCE: Final = 100
"""Cells that are certified together: bounds memory, and changes no certificate."""


def make_board(mission: Mission, grid: WindGrid, progress: Progress = quiet) -> Board:
    """Judge every site and hour of a mission.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
        As read.
    progress : callable
        Called with a stage's name and a fraction of it.

    Returns
    -------
    Board
        The same to the bit for the same mission and wind, whatever the number of threads.

    Raises
    ------
    WindCoverageError
        If the wind covers no launch hour, or not the sites or the heights.
    LiftError
        If a balloon cannot lift its load.
    MissionError
        If the mission asks for something of the weather that it does not have.
    """
    hours = choose_hours(mission, grid)
    mission = settle_turbulence(hours.mission, grid)
    _check_vehicles(mission, grid)
    plain, grid = grid, settle_wind_error(mission, grid)
    draws = Draws(mission.seed, mission.draws)
    regions = LandingRegions(
        mission.target, mission.home, tuple(k.region for k in mission.keep_outs)
    )
    steps = choose_steps(mission, grid, draws, trial_settings(mission, grid), progress)
    asked: list[Asked] = []
    for cell in screen_cells(mission, draws, grid, regions, steps, progress):
        weather = find_launch_weather(mission, grid, cell.site, cell.start_s)
        asked.append((cell, weather, launch_breaches(mission.limits, weather)))
    chosen = [
        i for i, (cell, _, breaches) in enumerate(asked) if cell.could_go(mission) and not breaches
    ]
    for done, i in enumerate(chosen):
        progress("refining the timers", done / len(chosen))
        fine = refine_cell(mission, draws, grid, regions, steps, asked[i][0])
        asked[i] = (fine, *asked[i][1:])
    certificates = _certify(mission, plain, regions, steps, asked, chosen, progress)
    residents = ask_residents(
        mission,
        plain,
        regions,
        steps,
        {i: (asked[i][0].vehicles, asked[i][0].settings) for i in certificates},
        progress,
    )
    asked_s, cells = parse_time(stamp_now()), []
    for i, (found, weather, breaches) in enumerate(asked):
        progress("asking the rules", i / len(asked))
        flown = mission.with_vehicles(found.vehicles)
        compliance = judge_launch(
            flown,
            draws,
            grid,
            steps,
            found.site,
            found.start_s,
            found.settings if i in certificates else None,
            asked_s,
        )
        certificate = certificates.get(i)
        risk = residents.get(i)
        verdict, decided_by = decide(
            mission, regions, found, certificate, breaches, compliance, risk
        )
        cells.append(
            Cell(
                site=found.site,
                start_s=found.start_s,
                settings=found.settings,
                vehicles=found.vehicles,
                screened=found.shares,
                meets_screen=found.meets(mission),
                certificate=certificate,
                lead_s=_find_lead_s(grid, found.start_s),
                weather=weather,
                conditions=breaches,
                sky=find_sky(found.site, found.start_s, mission.fleet_span_s),
                compliance=compliance,
                verdict=verdict,
                decided_by=decided_by,
                residents=risk,
            )
        )
    progress("done", 1.0)
    return Board(
        mission=mission,
        grid=grid,
        run=identify_run(mission.digest, grid.digest, mission.seed, mission.draws),
        steps=steps,
        cells=tuple(cells),
        ranking=rank_cells(mission, cells),
        compliance=find_common([cell.compliance for cell in cells]),
        left_out=hours.left_out,
        warnings=find_board_warnings(mission, grid, cells),
        screen_draws=mission.draws,
    )


def find_common(every: Sequence[Compliance]) -> Compliance:
    """Return what holds for every cell: findings that all have alike, and what any says besides.

    Parameters
    ----------
    every : sequence of Compliance
        At least one.
    """

    def name(finding: Finding) -> tuple[str, ...]:
        return (finding.rule.name, finding.level, finding.subject, finding.text, finding.cleared_by)

    shared = set.intersection(*({name(f) for f in one.findings} for one in every))
    return Compliance(
        findings=tuple(f for f in every[0].findings if name(f) in shared),
        stale=tuple(dict.fromkeys(text for one in every for text in one.stale)),
        general=tuple(dict.fromkeys(text for one in every for text in one.general)),
    )


def _check_vehicles(mission: Mission, grid: WindGrid) -> None:
    """Raise unless the wind holds the sites, and every fill of every vehicle lifts its load."""
    check_places(mission, grid)
    for group in mission.groups:
        for choice in group.choices:
            try:
                check_fills(mission, grid, choice)
            except (LiftError, WindCoverageError) as error:
                if choice is not group:
                    error.message = f"vehicle {choice.vehicle.name}: {error.message}"
                raise


def _certify(
    mission: Mission,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    asked: Sequence[Asked],
    chosen: Sequence[int],
    progress: Progress,
) -> dict[int, Certificate]:
    """Certify the chosen cells, those with like vehicles together, some at a time."""
    by_vehicles: dict[tuple[str, ...], list[int]] = {}
    for i in chosen:
        by_vehicles.setdefault(asked[i][0].vehicles, []).append(i)
    parts = [
        (names, cells[first : first + AT_ONCE])
        for names, cells in by_vehicles.items()
        for first in range(0, len(cells), AT_ONCE)
    ]
    found: dict[int, Certificate] = {}
    for done, (names, cells) in enumerate(parts):
        certificates = certify(
            mission.with_vehicles(names),
            grid,
            regions,
            steps,
            [asked[i][0].settings for i in cells],
            progress=partial(_report_part, progress, done, len(parts)),
        )
        found.update(zip(cells, certificates, strict=True))
    return found


def _report_part(progress: Progress, done: int, parts: int, stage: str, fraction: float) -> None:
    progress(stage, (done + fraction) / parts)


def _find_lead_s(grid: WindGrid, start_s: int) -> float | None:
    """Return how old the forecast is at a launch [s]; None where its run is not known."""
    return None if grid.reference_time_s is None else float(start_s - grid.reference_time_s)
