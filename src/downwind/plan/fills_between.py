"""Fills between those that a mission lists: whether one of them is better.

The best listed free lift has a neighbour on either side. Between them the interval is halved again
and again around the best, with the random numbers of the search, so that a difference of two fills
is one of the fills and not of luck. A crew fills to a round number more surely than to an odd one:
so a fill between is taken only where it betters the listed one by more than two standard errors of
the difference, or brings the load within the limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from downwind.landing.clusters import Estimate, estimate_mean
from downwind.landing.regions import LandingRegions
from downwind.plan.evaluate import SAMPLE
from downwind.plan.mission import Mission
from downwind.plan.screen import screen_candidates
from downwind.plan.search import Candidate, compare_key, swap_curve, whole_target
from downwind.plan.timer_curve import curve_of
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

ROUNDS: Final = 3
"""How often the interval is halved: a list of 8, 10 and 15 % is tried down to 0.3 and 0.6 %."""

WHOLE: Final = 1e-3
"""Fills are tried in whole thousandths of the load, as cards print them [fraction]."""

NEAR_STEPS: Final = 2
"""Timer settings on either side of the best with which a fill is tried [steps of the search]."""

SURE: Final = 2.0
"""Standard errors by which a fill between has to be better."""


@dataclass(frozen=True, slots=True)
class FillTrials:
    """What was tried between the listed fills of a group.

    Attributes
    ----------
    listed : tuple of float
        Free lifts that the search tried at every site and hour [fraction of the load].
    between : tuple of float
        Those tried between them, ascending; empty where none was.
    best_listed : float
        The best of the list.
    best_between : float or None
        The best between them.
    gain : Estimate or None
        What the best between puts into the target more than the best of the list, as a share of the
        whole load, the other groups staying as they are.
    chosen : float
        The fill that is recommended.
    """

    listed: tuple[float, ...]
    between: tuple[float, ...]
    best_listed: float
    best_between: float | None
    gain: Estimate | None
    chosen: float


def refine_fills(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    found: Candidate,
) -> tuple[Candidate, tuple[FillTrials, ...]]:
    """Try fills between those listed, group by group.

    Returns
    -------
    tuple
        The candidate with the fills that are recommended, and what was tried in each group.
    """
    trials = []
    for g in range(len(mission.groups)):
        found, tried = _refine_group(mission, g, draws, grid, regions, steps, found)
        trials.append(tried)
    return found, tuple(trials)


def neighbours(listed: Sequence[float], best: float) -> tuple[float, float]:
    """Return the interval around a listed fill that reaches to its neighbours in the list."""
    ordered = sorted({*listed, best})
    at = ordered.index(best)
    return ordered[max(at - 1, 0)], ordered[min(at + 1, len(ordered) - 1)]


def _refine_group(
    mission: Mission,
    g: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    found: Candidate,
) -> tuple[Candidate, FillTrials]:
    curve, timer_s = found.curves[g], found.settings[g].timer_s
    listed = mission.search.free_lifts or (curve.setting.free_lift,)
    best = curve.setting.free_lift
    low, high = neighbours(listed, best)
    if not mission.search.fill_between or high - low < 2.0 * WHOLE:
        return found, FillTrials(listed, (), best, None, None, best)
    assert timer_s is not None
    step_s = mission.search.timer_step_s
    near = curve.timer_s[np.abs(curve.timer_s - timer_s) <= NEAR_STEPS * step_s + 1.0]
    tried: dict[float, Candidate] = {}
    middle, reach = best, (best - low, high - best)
    for _ in range(ROUNDS):
        reach = (0.5 * reach[0], 0.5 * reach[1])
        fills = _whole_fills((middle - reach[0], middle + reach[1]), (*tried, *listed), low, high)
        if not fills:
            break
        screen = screen_candidates(
            mission, g, draws, grid, regions, steps, near,
            sites=(found.site,), starts_s=(found.start_s,), free_lifts=fills, sample=SAMPLE,
        )  # fmt: skip
        for f, fill in enumerate(fills):
            tried[fill] = swap_curve(mission, found, g, curve_of(screen, 0, f))
        top = min(tried, key=lambda fill: (*compare_key(tried[fill]), fill))
        if compare_key(tried[top]) < compare_key(found):
            middle = top
    if not tried:
        return found, FillTrials(listed, (), best, None, None, best)
    top = min(tried, key=lambda fill: (*compare_key(tried[fill]), fill))
    gain = estimate_mean(whole_target(tried[top]) - whole_target(found), curve.clusters)
    is_better = gain.mean > SURE * gain.standard_error and tried[top].excess <= found.excess
    is_closer = tried[top].excess < found.excess - WHOLE or (
        found.excess > 0.0 and tried[top].excess <= 0.0
    )
    chosen = tried[top] if is_better or is_closer else found
    fill = top if chosen is not found else best
    return chosen, FillTrials(listed, tuple(sorted(tried)), best, top, gain, fill)


def _whole_fills(
    wanted: Sequence[float], known: Sequence[float], low: float, high: float
) -> tuple[float, ...]:
    """Return fills in whole thousandths strictly between two, that are not known, ascending."""
    rounded = {round(round(fill / WHOLE) * WHOLE, 6) for fill in wanted}
    return tuple(
        sorted(
            fill
            for fill in rounded
            if low < fill < high and all(abs(fill - k) > 0.5 * WHOLE for k in known)
        )
    )
