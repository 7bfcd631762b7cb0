"""A fleet whose balloons share out several settings, so that its load covers the target evenly.

``even`` chooses how many balloons of a group get which setting. Here the settings are screened with
the cells of the target as regions, and the group is split: the balloons of each setting fly as a
group of their own, in the order of their timers. The balloons keep their places in the fleet and
their random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Estimate, estimate_mean
from downwind.landing.regions import CELL, LEFT_DATA, LandingRegions
from downwind.landing.target_cells import CelledRegions, cut_target, estimate_evenness
from downwind.plan.evaluate import SAMPLE
from downwind.plan.even import EvenProblem, spread_settings
from downwind.plan.fleet import Setting
from downwind.plan.mission import BalloonGroup, LoadPart, Mission
from downwind.plan.screen import Screen, screen_candidates
from downwind.plan.search import (
    Candidate,
    judge_candidate,
    limit_table,
    load_masses_kg,
    timer_settings,
    trace_timers,
)
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid


@dataclass(frozen=True, slots=True)
class SpreadPart:
    """The balloons of a group that share a setting.

    Attributes
    ----------
    group : str
        Name of the group that they fly as.
    first, last : int
        Balloons of the group as the mission has it, counted from 1.
    timer_s : float
        Setting of the first timer [s].
    free_lift : float
        [fraction of the load].
    """

    group: str
    first: int
    last: int
    timer_s: float
    free_lift: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How the settings of a group are spread, and what that does, by the search.

    Attributes
    ----------
    group : str
        Name of the group in the mission.
    parts : tuple of SpreadPart
        In the order of the timers.
    before, after : Estimate
        Evenness of the load over the target with one setting, the best for the share in the target,
        and with these [fraction].
    gain : Estimate
        Their difference.
    cells : int
        Cells of the target.
    """

    group: str
    parts: tuple[SpreadPart, ...]
    before: Estimate
    after: Estimate
    gain: Estimate
    cells: int


def spread_fleet(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    found: Candidate,
) -> tuple[Mission, Candidate, tuple[Spread, ...]]:
    """Spread the settings of every group over its balloons.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    regions : LandingRegions
    steps : Steps
    found : Candidate
        The best with one setting for each group; it has to keep the limits.

    Returns
    -------
    tuple
        The mission with the groups as they fly, the candidate with their settings, and what was
        done with each group of the mission as given.
    """
    cells = cut_target(mission.target)
    celled = CelledRegions(regions.target, regions.home, regions.keep_outs, cells)
    limits, masses = limit_table(mission), np.array(load_masses_kg(mission))
    weight = masses / masses.sum()
    screens, settings, start = [], [], []
    for g, (group, best) in enumerate(zip(mission.groups, found.settings, strict=True)):
        assert best.timer_s is not None
        timer_s = np.union1d(timer_settings(mission, group), [best.timer_s])
        fills = tuple(sorted({*mission.search.free_lifts, best.free_lift}))
        screens.append(
            screen_candidates(
                mission, g, draws, grid, celled, steps, timer_s,
                sites=(found.site,), starts_s=(found.start_s,), free_lifts=fills, sample=SAMPLE,
            )
        )  # fmt: skip
        settings.append([(fill, float(t)) for fill in fills for t in timer_s])
        start.append(settings[-1].index((best.free_lift, best.timer_s)))
    rows = [_by_setting(screen) for screen in screens]
    names = screens[0].regions
    where = [k for k, name in enumerate(names) if name.startswith(CELL)]
    limited = [names.index(region) for region in limits]
    left = names.index(LEFT_DATA)
    problem = EvenProblem(
        tuple(x[where].mean(axis=2).T for x in rows),
        tuple(w * (x[limited] + x[left]).mean(axis=2).T for w, x in zip(weight, rows, strict=True)),
        np.array(list(limits.values())),
        cells.part,
        weight,
    )
    balloons = spread_settings(problem, [group.count for group in mission.groups], start)
    groups: list[BalloonGroup] = []
    chosen: list[Setting] = []
    told = []
    for g, group in enumerate(mission.groups):
        parts = _share_out(group, settings[g], balloons[g])
        for part in parts:
            groups.append(_split(group, part))
            chosen.append(Setting(found.site, found.start_s, part.free_lift, part.timer_s))
        shares, cluster = rows[g][where], screens[g].clusters
        before, first = estimate_evenness(shares[:, start[g]], cells.part, cluster)
        mixed = np.average(shares, axis=1, weights=balloons[g])
        after, second = estimate_evenness(mixed, cells.part, cluster)
        gain = replace(estimate_mean(second - first), mean=after.mean - before.mean)
        told.append(Spread(group.name, parts, before, after, gain, cells.count))
    split = replace(mission, groups=tuple(groups))
    curves = []
    for g, setting in enumerate(chosen):
        assert setting.timer_s is not None
        every = np.union1d(timer_settings(split, split.groups[g]), [setting.timer_s])
        unset = replace(setting, timer_s=None)
        curves.append(trace_timers(split, g, draws, grid, regions, steps, unset, every))
    best_at = tuple(
        int(np.searchsorted(curve.timer_s, s.timer_s or 0.0))
        for curve, s in zip(curves, chosen, strict=True)
    )
    one = [[curve.only(i)] for curve, i in zip(curves, best_at, strict=True)]
    judged = judge_candidate(split, found.site, found.start_s, one)
    return split, replace(judged, curves=tuple(curves), best=best_at), tuple(told)


def _by_setting(screen: Screen) -> NDArray[np.float64]:
    """Return the shares of one site and start, shape (regions, settings, draws)."""
    shares = screen.shares[:, 0, 0]
    return shares.reshape(shares.shape[0], -1, shares.shape[-1])


def _share_out(
    group: BalloonGroup, settings: list[tuple[float, float]], balloons: NDArray[np.int64]
) -> tuple[SpreadPart, ...]:
    """Give the balloons of a group their settings, the shortest timer first."""
    used = sorted(np.flatnonzero(balloons), key=lambda k: (settings[k][1], settings[k][0]))
    parts, first = [], 1
    for k in used:
        last = first + int(balloons[k]) - 1
        numbers = f"{first}" if first == last else f"{first}-{last}"
        name = group.name if len(used) == 1 else f"{group.name} {numbers}"
        parts.append(SpreadPart(name, first, last, settings[k][1], settings[k][0]))
        first = last + 1
    return tuple(parts)


def _split(group: BalloonGroup, part: SpreadPart) -> BalloonGroup:
    """Return some of the balloons of a group, with what hangs on them, as a group."""
    some = range(part.first - 1, part.last)
    releases = []
    for release in group.releases:
        counts = [sum(p.count_on(b, group.count) for b in some) for p in release.load]
        load = tuple(
            LoadPart(p.kind, n) for p, n in zip(release.load, counts, strict=True) if n > 0
        )
        releases.append(replace(release, load=load))
    return replace(group, name=part.group, count=len(some), releases=tuple(releases))
