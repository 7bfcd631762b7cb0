"""Screen the cells of a board: the best setting of each by the draws of the search.

Every site and hour is screened as a plan screens its candidates, each group with each of its
vehicles, and the best fill, timer and vehicle of each group are kept with the shares of the whole
load. Hours are screened some at a time, and of each only the best setting is kept, so that memory
does not grow with the number of timers and fills that were tried.

The same draws choose a setting and estimate its shares, which makes the estimates a little too
good. A cell whose shares are beyond a limit by more than their own error allows cannot come out GO;
the others are left to draws that the search has not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import LEFT_DATA, TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.evaluate import Progress
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission, Site
from downwind.plan.search import (
    Candidate,
    hours_at_once,
    judge_candidate,
    limit_table,
    refine_timers,
    screen_fills,
)
from downwind.plan.timer_curve import TimerCurve
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

SCREEN_ERRORS: Final = 2.0
"""Standard errors by which a share may be beyond its limit in a cell that could come out GO."""


@dataclass(frozen=True, slots=True)
class ScreenedCell:
    """The best setting of a site and hour by the draws of the search.

    Attributes
    ----------
    site : Site
    start_s : int
        First launch [epoch s].
    settings : tuple of Setting
        One a group.
    vehicles : tuple of str
        Name of each group's vehicle.
    shares : dict
        Share of the load in each region and in ``left_data``.
    worst : dict
        Of each limited region, if all that leaves the data came down there.
    """

    site: Site
    start_s: int
    settings: tuple[Setting, ...]
    vehicles: tuple[str, ...]
    shares: dict[str, Share]
    worst: dict[str, Share]

    def excess(self, mission: Mission) -> dict[str, float]:
        """Return by how much each limit is broken [fraction]; below 0 where there is room."""
        over = {name: self.worst[name].mean - most for name, most in limit_table(mission).items()}
        if mission.limits.target_least is not None:
            over[TARGET] = mission.limits.target_least - self.shares[TARGET].mean
        return over

    def meets(self, mission: Mission) -> bool:
        """Tell whether the shares are within all limits."""
        return all(over <= 0.0 for over in self.excess(mission).values())

    def could_go(self, mission: Mission) -> bool:
        """Tell whether the shares are within all limits, or beyond by no more than their errors."""
        errors = {**self.shares, **self.worst}
        return all(
            over <= 0.0 or not over > SCREEN_ERRORS * errors[name].standard_error
            for name, over in self.excess(mission).items()
        )


def count_cells(mission: Mission) -> int:
    """Return how many sites and hours the launch window leaves."""
    return sum(len(mission.launch_times_at(site)) for site in mission.sites)


def screen_cells(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    progress: Progress,
) -> Iterator[ScreenedCell]:
    """Yield the best setting of every site and of every hour that its window leaves.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    regions : LandingRegions
    steps : Steps
    progress : callable
    """
    total, done = count_cells(mission), 0
    most = hours_at_once(mission, regions)
    for site in mission.sites:
        starts = mission.launch_times_at(site)
        for part in (starts[i : i + most] for i in range(0, len(starts), most)):
            progress("screening", done / total)
            tried = [
                _screen_vehicles(mission, g, draws, grid, regions, steps, site, part)
                for g in range(len(mission.groups))
            ]
            done += len(part)
            for start, groups in zip(part, zip(*tried, strict=True), strict=True):
                curves = [[curve for _, curve in own] for own in groups]
                candidate = judge_candidate(mission, site, start, curves)
                vehicles = [
                    next(name for name, curve in own if curve is best)
                    for own, best in zip(groups, candidate.curves, strict=True)
                ]
                yield summarise(mission, candidate, vehicles)
    progress("screening", 1.0)


def refine_cell(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    cell: ScreenedCell,
) -> ScreenedCell:
    """Return a cell with its timers tried every minute around the best."""
    chosen = mission.with_vehicles(cell.vehicles)
    candidate = refine_timers(chosen, draws, grid, regions, steps, cell.settings)
    return summarise(mission, candidate, cell.vehicles)


def summarise(mission: Mission, candidate: Candidate, vehicles: Sequence[str]) -> ScreenedCell:
    """Return the settings of a candidate and the shares of the whole load, without its curves.

    Parameters
    ----------
    mission : Mission
    candidate : Candidate
    vehicles : sequence of str
        Name of each group's vehicle.
    """
    mass = [sum(p.count * p.kind.mass_kg for p in group.load) for group in mission.groups]
    clusters = candidate.curves[0].clusters
    chosen = list(zip(candidate.curves, candidate.best, strict=True))

    def whole(region: str) -> NDArray[np.float64]:
        rows = [curve.shares[region][best] for curve, best in chosen]
        return np.asarray(np.average(rows, axis=0, weights=mass), np.float64)

    drawn = {region: whole(region) for region in candidate.curves[0].shares}
    return ScreenedCell(
        site=candidate.site,
        start_s=candidate.start_s,
        settings=candidate.settings,
        vehicles=tuple(vehicles),
        shares={region: estimate_share(row, clusters) for region, row in drawn.items()},
        worst={
            region: estimate_share(np.minimum(drawn[region] + drawn[LEFT_DATA], 1.0), clusters)
            for region in limit_table(mission)
        },
    )


def _screen_vehicles(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    site: Site,
    starts_s: tuple[int, ...],
) -> list[list[tuple[str, TimerCurve]]]:
    """Return for each start the curves of a group, one a vehicle and fill, each by its vehicle."""
    names = [group.vehicle.name for group in mission.groups]
    found: list[list[tuple[str, TimerCurve]]] = [[] for _ in starts_s]
    for choice in mission.groups[group_index].choices:
        names[group_index] = choice.vehicle.name
        chosen = mission.with_vehicles(names)
        fills = screen_fills(chosen, group_index, draws, grid, regions, steps, site, starts_s)
        for own, curves in zip(found, fills, strict=True):
            own += [(choice.vehicle.name, curve) for curve in curves]
    return found
