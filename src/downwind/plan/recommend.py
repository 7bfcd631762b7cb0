"""Recommend launch, fills, timers and intervals: the search, and what refines its best candidate.

Sites, hours, listed fills and timer settings are ranked first. For the best candidate follow the
open intervals between releases, the fills between those listed, and every minute of the timer
around the best. All of it uses the random numbers of the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from downwind.landing.regions import LandingRegions
from downwind.plan.closest import ClosestMiss, explain_miss
from downwind.plan.evaluate import Progress
from downwind.plan.fills_between import FillTrials, refine_fills
from downwind.plan.intervals import IntervalTrials, search_intervals
from downwind.plan.mission import Mission
from downwind.plan.search import (
    Candidate,
    rank_candidates,
    refine_timers,
    shifted_settings,
    trace_timers,
)
from downwind.plan.spread import Spread, spread_fleet
from downwind.plan.timer_curve import merge_curves
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid


@dataclass(frozen=True, slots=True)
class Tried:
    """What a recommendation rests on besides the ranking of sites and hours.

    Attributes
    ----------
    fills : tuple of FillTrials
        For each group of the mission.
    intervals : tuple of IntervalTrials or None
        For each group; None where no interval is open.
    miss : ClosestMiss or None
        Why nothing is recommended; None where the settings meet the limits.
    spreads : tuple of Spread
        How the settings are spread over the balloons of each group; empty where each has one.
    groups : tuple of str
        Names of the groups of the mission.
    """

    fills: tuple[FillTrials, ...]
    intervals: tuple[IntervalTrials | None, ...]
    miss: ClosestMiss | None
    spreads: tuple[Spread, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The settings that are recommended, and the mission as it flies with them.

    Attributes
    ----------
    mission : Mission
        With the intervals that were found, and its groups as they fly.
    chosen : Candidate
        With the settings of those groups.
    candidates : tuple of Candidate
        Best first, with one setting for each group of the mission as given; the first with every
        minute around its timers.
    tried : Tried
    """

    mission: Mission
    chosen: Candidate
    candidates: tuple[Candidate, ...]
    tried: Tried


def recommend(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    progress: Progress,
) -> Recommendation:
    """Search launch, fills, timers and intervals.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    regions : LandingRegions
    steps : Steps
    progress : callable

    Raises
    ------
    LiftError
        If a fill does not lift the load.
    """
    found = rank_candidates(mission, draws, grid, regions, steps, progress)
    progress("refining", 0.0)
    best, rest = found[0], found[1:]
    mission, best, intervals = search_intervals(mission, draws, grid, regions, steps, best)
    progress("refining", 0.3)
    best, fills = refine_fills(mission, draws, grid, regions, steps, best)
    progress("refining", 0.6)
    best = refine_timers(mission, draws, grid, regions, steps, best.settings)
    miss = explain_miss(mission, (best, *rest))
    progress("refining", 0.9)
    flown, chosen = mission, best
    spreads: tuple[Spread, ...] = ()
    if mission.search.aim == "even" and miss is None:
        flown, chosen, spreads = spread_fleet(mission, draws, grid, regions, steps, best)
    chosen = price_errors(flown, draws, grid, regions, steps, chosen)
    names = tuple(group.name for group in mission.groups)
    tried = Tried(fills, intervals, miss, spreads, names)
    return Recommendation(flown, chosen, (best, *rest), tried)


def price_errors(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    found: Candidate,
) -> Candidate:
    """Add to the curves of a candidate the settings whose price the card tells; keep the best."""
    curves, best = [], []
    for g, (curve, i) in enumerate(zip(found.curves, found.best, strict=True)):
        timer_s = float(curve.timer_s[i])
        shifted = shifted_settings(mission.groups[g], timer_s)
        extra = shifted[~np.isin(shifted, curve.timer_s)]
        if extra.size:
            priced = trace_timers(mission, g, draws, grid, regions, steps, curve.setting, extra)
            curves.append(merge_curves(curve, priced))
        else:
            curves.append(curve)
        best.append(int(np.searchsorted(curves[-1].timer_s, timer_s)))
    return replace(found, curves=tuple(curves), best=tuple(best))
