"""Search launch, fill and timer: which of the screened candidates is best.

``screen`` finds the shares of every candidate; here the best timer of each is chosen, then the
best fill, and the sites and launches are ranked. The chosen setting is flown again, whole, by
``evaluate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters
from downwind.landing.regions import (
    HOME,
    KEEP_OUT,
    LEFT_DATA,
    TARGET,
    THIRD_COUNTRY,
    LandingRegions,
)
from downwind.landing.shares import Share, estimate_share
from downwind.plan.evaluate import SAMPLE, Progress
from downwind.plan.fleet import Setting
from downwind.plan.mission import BalloonGroup, Mission, Site
from downwind.plan.screen import Screen, screen_candidates
from downwind.plan.timed_releases import TRACK_S
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

SHIFTS_S: Final = (-1800.0, -600.0, 0.0, 600.0, 1800.0)
"""Errors of the timer setting whose price the card tells [s]."""

SCREEN_BYTES: Final = 256 << 20
"""What the shares of one screen may take in memory; more hours are screened in turn."""


@dataclass(frozen=True, slots=True)
class TimerCurve:
    """Shares of a group's load (by mass) against the timer setting.

    Attributes
    ----------
    setting : Setting
        Site, start and fill; its timer is None.
    timer_s : numpy.ndarray
        Settings tried, shape (t,) [s].
    shares : dict
        For each region, and for ``LEFT_DATA``, the per-draw shares, shape (t, draws).
    on_ground : numpy.ndarray
        Share of draws in which the balloon was down before its first timer ran out, shape (t,).
    kinds : dict
        For each kind of item, by its name, the same as ``shares`` of that kind alone; empty where
        a screen did not keep them.
    clusters : Clusters or None
        Which draws share a wind of the data; None where none do.
    """

    setting: Setting
    timer_s: NDArray[np.float64]
    shares: dict[str, NDArray[np.float64]]
    on_ground: NDArray[np.float64]
    kinds: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    clusters: Clusters | None = None

    def mean(self, region: str) -> NDArray[np.float64]:
        """Return the expected share of a region for each setting, shape (t,)."""
        mean: NDArray[np.float64] = self.shares[region].mean(axis=1)
        return mean

    def share(self, region: str, index: int) -> Share:
        """Return the share of a region for one setting, with its error."""
        return estimate_share(self.shares[region][index], self.clusters)

    def excess(self, limits: dict[str, float]) -> NDArray[np.float64]:
        """Return by how much each setting breaks its worst limit, shape (t,); 0 if none.

        What leaves the wind data counts as if it came down in the limited region.
        """
        left = self.mean(LEFT_DATA)
        over = [self.mean(region) + left - limit for region, limit in limits.items()]
        worst: NDArray[np.float64] = np.maximum(np.max(over, axis=0), 0.0)
        return worst

    def plateau(self, limits: dict[str, float]) -> tuple[int, int] | None:
        """Return the first and last index of the settings that cannot be told from the best.

        The best meets all limits and has the greatest expected share in the target; its
        neighbours on both sides belong to it while they meet the limits and their share is within
        half a standard error of its own. None where no setting meets all limits.
        """
        target, feasible = self.mean(TARGET), self.excess(limits) <= 0.0
        if not feasible.any():
            return None
        top = int(np.argmax(np.where(feasible, target, -1.0)))
        good = feasible & (target >= target[top] - 0.5 * self.share(TARGET, top).standard_error)
        outside = np.flatnonzero(~good)
        first = int(outside[outside < top].max(initial=-1)) + 1
        last = int(outside[outside > top].min(initial=good.size)) - 1
        return first, last

    def best(self, limits: dict[str, float]) -> tuple[int, bool]:
        """Return the best setting's index, and whether it meets the limits.

        The middle of the plateau leaves the crew most room on both sides; where no setting meets
        all limits it is the one that breaks its worst limit least.
        """
        found = self.plateau(limits)
        if found is not None:
            first, last = found
            middle = 0.5 * (self.timer_s[first] + self.timer_s[last])
            return first + int(np.argmin(np.abs(self.timer_s[first : last + 1] - middle))), True
        excess, target = self.excess(limits), self.mean(TARGET)
        return int(np.lexsort((-target, excess))[0]), False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One site and start with the best fill and timer of each group.

    ``score`` is the expected share of the fleet's load (by mass) in the target, ``room_s`` the
    least width among the groups of the timer settings that are as good as the best [s].
    """

    site: Site
    start_s: int
    curves: tuple[TimerCurve, ...]
    best: tuple[int, ...]
    feasible: tuple[bool, ...]
    score: float
    room_s: float

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The best setting of each group."""
        return tuple(
            Setting(c.setting.site, c.setting.start_s, c.setting.free_lift, float(c.timer_s[i]))
            for c, i in zip(self.curves, self.best, strict=True)
        )


def limit_table(mission: Mission) -> dict[str, float]:
    """Return the greatest share allowed in each limited region [fraction]."""
    limits = {HOME: mission.limits.falling_short, THIRD_COUNTRY: mission.limits.third_country}
    limits.update({KEEP_OUT + k.region.name: k.limit for k in mission.keep_outs})
    return limits


def search(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    progress: Progress,
) -> tuple[Candidate, ...]:
    """Try every site, start, fill and timer setting; best candidate first.

    The timer is tried in steps of ``search.timer_step_s``, then every minute around the best of
    the best candidate.
    """
    found = list(screen_launches(mission, draws, grid, regions, steps, progress))
    found.sort(
        key=lambda c: (-sum(c.feasible), -round(c.score, 6), -c.room_s, c.start_s, c.site.name)
    )
    progress("searching", 0.98)
    first = refine_timers(mission, draws, grid, regions, steps, found[0].settings)
    found[0] = _price_errors(mission, draws, grid, regions, steps, first)
    return tuple(found)


def screen_launches(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    progress: Progress,
) -> Iterator[Candidate]:
    """Yield the candidate of every site and of every hour that its window leaves, in this order.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    regions : LandingRegions
    steps : Steps
    progress : callable
    """
    limits, most = limit_table(mission), hours_at_once(mission, regions)
    groups = range(len(mission.groups))
    hours = [(site, mission.launch_times_at(site)) for site in mission.sites]
    total, done = sum(len(starts) for _, starts in hours), 0
    for site, starts in hours:
        for part in (starts[i : i + most] for i in range(0, len(starts), most)):
            best = []
            for g in groups:
                progress("searching", (done + len(part) * g / len(groups)) / total)
                best.append(find_best_fills(mission, g, draws, grid, regions, steps, site, part))
            done += len(part)
            for start, curves in zip(part, zip(*best, strict=True), strict=True):
                yield judge_curves(mission, site, start, list(curves), limits)


def find_best_fills(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    site: Site,
    starts_s: tuple[int, ...],
) -> list[TimerCurve]:
    """Screen a group at a site; return for each start the curve of the best fill."""
    screen = screen_candidates(
        mission,
        group_index,
        draws,
        grid,
        regions,
        steps,
        timer_settings(mission, mission.groups[group_index]),
        sites=(site,),
        starts_s=starts_s,
        sample=SAMPLE,
    )
    return _best_fills(screen, limit_table(mission))


def refine_timers(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    settings: tuple[Setting, ...],
) -> Candidate:
    """Return the candidate of a launch with the timers tried every minute around settings."""
    fine = []
    for g, setting in enumerate(settings):
        assert setting.timer_s is not None
        coarse = timer_settings(mission, mission.groups[g])
        around = np.arange(
            max(setting.timer_s - mission.search.timer_step_s, coarse[0]),
            min(setting.timer_s + mission.search.timer_step_s, coarse[-1]) + 1.0,
            TRACK_S,
        )
        every = np.union1d(coarse, around)
        unset = replace(setting, timer_s=None)
        fine.append(trace_timers(mission, g, draws, grid, regions, steps, unset, every))
    first = settings[0]
    return judge_curves(mission, first.site, first.start_s, fine, limit_table(mission))


def hours_at_once(mission: Mission, regions: LandingRegions) -> int:
    """Return for how many hours the shares of a screen fit into ``SCREEN_BYTES``."""
    fills = max(len(mission.search.free_lifts), 1)
    timers = max(timer_settings(mission, group).size for group in mission.groups)
    kinds = max(len({part.kind.name for part in group.load}) for group in mission.groups)
    each = 8 * mission.draws * fills * timers * (len(regions.names) + 1) * (3 * kinds + 4)
    return max(SCREEN_BYTES // each, 1)


def timer_settings(mission: Mission, group: BalloonGroup) -> NDArray[np.float64]:
    """Return the settings of a group's first release that a search tries, shape (t,) [s].

    None sets a later release beyond what its timer takes.
    """
    until_s = min(mission.search.timer_until_s, group.longest_setting_s)
    search = mission.search
    return np.arange(search.timer_from_s, until_s + 1.0, search.timer_step_s)


def shifted_settings(group: BalloonGroup, timer_s: float) -> NDArray[np.float64]:
    """Return a setting with the errors of ``SHIFTS_S``, as far as the timers take them [s]."""
    shifted = timer_s + np.array(SHIFTS_S)
    return shifted[(shifted >= TRACK_S) & (shifted <= group.longest_setting_s + 1.0)]


def _price_errors(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    chosen: Candidate,
) -> Candidate:
    """Add to the curves of a candidate the settings whose price the card tells; keep the best."""
    curves, best = [], []
    for g, (curve, i) in enumerate(zip(chosen.curves, chosen.best, strict=True)):
        timer_s = float(curve.timer_s[i])
        every = np.union1d(curve.timer_s, shifted_settings(mission.groups[g], timer_s))
        curves.append(trace_timers(mission, g, draws, grid, regions, steps, curve.setting, every))
        best.append(int(np.searchsorted(every, timer_s)))
    return replace(chosen, curves=tuple(curves), best=tuple(best))


def _best_fills(screen: Screen, limits: dict[str, float]) -> list[TimerCurve]:
    """Return, for each start at the first site of a screen, the curve of the best fill."""
    return [
        max(
            (_curve(screen, start, fill) for fill in range(len(screen.free_lifts))),
            key=lambda curve: rank_curve(curve, limits),
        )
        for start in range(len(screen.starts_s))
    ]


def _curve(screen: Screen, start: int, fill: int) -> TimerCurve:
    """Return the curve of a start and a fill at the first site of a screen."""
    setting = Setting(screen.sites[0], screen.starts_s[start], screen.free_lifts[fill], None)
    shares = screen.shares[:, 0, start, fill].copy()
    by_kind = {}
    if screen.kind_shares is not None:
        by_kind = {
            kind.name: dict(zip(screen.regions, found[:, 0, start, fill], strict=True))
            for kind, found in zip(screen.kinds, screen.kind_shares, strict=True)
        }
    return TimerCurve(
        setting,
        screen.timer_s,
        dict(zip(screen.regions, shares, strict=True)),
        screen.on_ground[0, start, fill].copy(),
        by_kind,
        screen.clusters,
    )


def rank_curve(curve: TimerCurve, limits: dict[str, float]) -> tuple[bool, float, float]:
    """Return what is greatest for the best of several curves: does it keep the limits, how well."""
    index, feasible = curve.best(limits)
    return feasible, -float(curve.excess(limits)[index]), float(curve.mean(TARGET)[index])


def judge_curves(
    mission: Mission,
    site: Site,
    start: int,
    curves: list[TimerCurve],
    limits: dict[str, float],
) -> Candidate:
    """Return the candidate that the curves of all groups at a site and start make."""
    best = [curve.best(limits) for curve in curves]
    mass = np.array([sum(p.count * p.kind.mass_kg for p in g.load) for g in mission.groups])
    target = [c.mean(TARGET)[i] for c, (i, _) in zip(curves, best, strict=True)]
    return Candidate(
        site,
        start,
        tuple(curves),
        tuple(i for i, _ in best),
        tuple(ok for _, ok in best),
        float(np.average(target, weights=mass)),
        min(_room_s(curve, limits) for curve in curves),
    )


def _room_s(curve: TimerCurve, limits: dict[str, float]) -> float:
    found = curve.plateau(limits)
    return 0.0 if found is None else float(curve.timer_s[found[1]] - curve.timer_s[found[0]])


def trace_timers(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    setting: Setting,
    timer_s: NDArray[np.float64],
) -> TimerCurve:
    """Screen one setting: drop from every timer setting of one flight in every draw."""
    screen = screen_candidates(
        mission,
        group_index,
        draws,
        grid,
        regions,
        steps,
        timer_s,
        sites=(setting.site,),
        starts_s=(setting.start_s,),
        free_lifts=(setting.free_lift,),
        sample=SAMPLE,
        keep_kinds=True,
    )
    return _curve(screen, 0, 0)
