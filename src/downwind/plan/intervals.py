"""Intervals between the releases of a balloon, searched together with the setting of the first.

Where a mission leaves the interval of a later release open, a compass search (pattern search) looks
for it: each open interval is made longer and shorter by a step, each time with the settings of the
first timer around the best; the best of these is the next centre; where none is better, the step is
halved, down to a minute. All trials share the random numbers of the search, so that a difference
of two of them is one of the settings.

References
----------
Kolda, Lewis and Torczon 2003, Optimization by direct search, SIAM Review 45, 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from downwind.landing.clusters import Estimate, estimate_mean
from downwind.landing.regions import LandingRegions
from downwind.plan.mission import BalloonGroup, Mission
from downwind.plan.search import (
    Candidate,
    compare_key,
    swap_curve,
    timer_settings,
    trace_timers,
    whole_target,
)
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

LEAST_STEP_S: Final = 60.0
"""Intervals are whole minutes, as timers are dialled [s]."""

MOST_TRIALS: Final = 40
"""Sets of intervals tried for a group; each flies anew with every setting around the best."""

NEAR_STEPS: Final = 2
"""Settings of the first timer on either side of the best, for each trial [steps of the search]."""


@dataclass(frozen=True, slots=True)
class IntervalTrials:
    """What was tried of the intervals of a group.

    Attributes
    ----------
    tried : int
        Sets of intervals that flew, that of the start among them.
    start_s, chosen_s : tuple of float
        Interval before each later release, at the start and as recommended [s].
    start_target, chosen_target : float
        Expected share of the whole load in the target with them [fraction], each with its best
        setting of the first timer.
    is_cut_short : bool
        Whether the search ended for its number of trials.
    gain : Estimate
        What the recommended put into the target more than those of the start, as a share of the
        whole load, draw by draw.
    """

    tried: int
    start_s: tuple[float, ...]
    chosen_s: tuple[float, ...]
    start_target: float
    chosen_target: float
    is_cut_short: bool
    gain: Estimate


def gaps_of(group: BalloonGroup) -> tuple[float, ...]:
    """Return the interval before each later release of a group [s]."""
    after = [release.after_s for release in group.releases]
    return tuple(b - a for a, b in pairwise(after))


def with_gaps(group: BalloonGroup, gaps_s: tuple[float, ...]) -> BalloonGroup:
    """Return a group with other intervals before its later releases [s]."""
    after = np.concatenate([[0.0], np.cumsum(gaps_s)])
    releases = tuple(
        replace(release, after_s=float(at))
        for release, at in zip(group.releases, after, strict=True)
    )
    return replace(group, releases=releases)


def with_group(mission: Mission, g: int, group: BalloonGroup) -> Mission:
    """Return a mission with another group in the place of one."""
    return replace(mission, groups=(*mission.groups[:g], group, *mission.groups[g + 1 :]))


def search_intervals(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    found: Candidate,
) -> tuple[Mission, Candidate, tuple[IntervalTrials | None, ...]]:
    """Search the open intervals of every group, the other groups staying as they are.

    Returns
    -------
    tuple
        The mission with the intervals that are recommended, the candidate with its curves for
        them, and what was tried in each group; None where nothing is open.
    """
    trials: list[IntervalTrials | None] = []
    for g, group in enumerate(mission.groups):
        tried = None
        if any(release.gap_range_s is not None for release in group.releases):
            mission, found, tried = _search_group(mission, g, draws, grid, regions, steps, found)
        trials.append(tried)
    return mission, found, tuple(trials)


def _search_group(
    mission: Mission,
    g: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    found: Candidate,
) -> tuple[Mission, Candidate, IntervalTrials]:
    group = mission.groups[g]
    start = gaps_of(group)
    ranges = [release.gap_range_s for release in group.releases[1:]]
    seen: dict[tuple[float, ...], Candidate] = {start: found}

    def try_gaps(gaps: tuple[float, ...], around_s: float) -> None:
        """Fly a set of intervals with the settings of the first timer around one."""
        moved = with_group(mission, g, with_gaps(group, gaps))
        settings = timer_settings(moved, moved.groups[g])
        reach_s = NEAR_STEPS * mission.search.timer_step_s + 1.0
        near = settings[np.abs(settings - around_s) <= reach_s]
        if not near.size:
            return
        unset = found.curves[g].setting
        curve = trace_timers(moved, g, draws, grid, regions, steps, unset, near)
        seen[gaps] = swap_curve(moved, found, g, curve)

    best = start
    step_s = 0.25 * max(high - low for low, high in (r for r in ranges if r is not None))
    step_s = max(round(step_s / LEAST_STEP_S), 1) * LEAST_STEP_S
    while len(seen) < MOST_TRIALS:
        wanted = []
        for r, limits in enumerate(ranges):
            for change in (-step_s, step_s) if limits is not None else ():
                assert limits is not None
                gap = float(np.clip(best[r] + change, *limits))
                gaps = (*best[:r], gap, *best[r + 1 :])
                wanted += [gaps] if gaps not in seen and gaps not in wanted else []
        timer_s = seen[best].settings[g].timer_s
        assert timer_s is not None
        for gaps in wanted[: MOST_TRIALS - len(seen)]:
            try_gaps(gaps, timer_s)
        better = min(seen, key=lambda gaps: (*compare_key(seen[gaps]), gaps))
        if compare_key(seen[better]) < compare_key(seen[best]):
            best = better
        elif step_s <= LEAST_STEP_S:
            break
        else:
            step_s = max(np.floor(0.5 * step_s / LEAST_STEP_S), 1.0) * LEAST_STEP_S
    tried = IntervalTrials(
        tried=len(seen),
        start_s=start,
        chosen_s=best,
        start_target=found.score,
        chosen_target=seen[best].score,
        is_cut_short=len(seen) >= MOST_TRIALS,
        gain=estimate_mean(
            whole_target(seen[best]) - whole_target(found), found.curves[g].clusters
        ),
    )
    return with_group(mission, g, with_gaps(group, best)), seen[best], tried
