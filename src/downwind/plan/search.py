"""Search launch, fill and timer: which of the screened candidates is best.

``screen`` finds the shares of every candidate; ``choice`` picks the fill and the timer of each
group, and here the sites and launches are ranked. ``recommend`` refines the best, and ``evaluate``
flies it again, whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import HOME, KEEP_OUT, TARGET, THIRD_COUNTRY, LandingRegions
from downwind.plan.choice import choose_together
from downwind.plan.evaluate import SAMPLE, Progress
from downwind.plan.fleet import Setting
from downwind.plan.mission import BalloonGroup, Mission, Site
from downwind.plan.screen import screen_candidates
from downwind.plan.timed_releases import TRACK_S
from downwind.plan.timer_curve import TimerCurve, curve_of
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

SHIFTS_S: Final = (-1800.0, -600.0, 0.0, 600.0, 1800.0)
"""Errors of the timer setting whose price the card tells [s]."""

SCREEN_BYTES: Final = 256 << 20
"""What the shares of one screen may take in memory; more hours are screened in turn."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One site and start with the best fill and timer of each group.

    ``score`` is the expected share of the fleet's load (by mass) in the target, ``room_s`` the
    least width among the groups of the timer settings that are as good as the best [s], ``excess``
    by how much the whole load breaks its worst limit [fraction]. ``feasible`` says of each group's
    setting whether it is part of a choice within the limits; ``masses_kg`` are the loads of the
    groups.
    """

    site: Site
    start_s: int
    curves: tuple[TimerCurve, ...]
    best: tuple[int, ...]
    feasible: tuple[bool, ...]
    score: float
    room_s: float
    excess: float = 0.0
    masses_kg: tuple[float, ...] = ()

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


def rank_candidates(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    progress: Progress,
) -> tuple[Candidate, ...]:
    """Try every site, start, fill and timer setting; best candidate first.

    The timer is tried in steps of ``search.timer_step_s``. The settings of all groups are chosen
    together, within the limits of the whole load. Where no candidate keeps them, the one comes
    first that breaks its worst limit least.
    """
    found = list(screen_launches(mission, draws, grid, regions, steps, progress))
    found.sort(key=rank_key)
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
    most = hours_at_once(mission, regions)
    groups = range(len(mission.groups))
    hours = [(site, mission.launch_times_at(site)) for site in mission.sites]
    total, done = sum(len(starts) for _, starts in hours), 0
    for site, starts in hours:
        for part in (starts[i : i + most] for i in range(0, len(starts), most)):
            fills = []
            for g in groups:
                progress("searching", (done + len(part) * g / len(groups)) / total)
                fills.append(screen_fills(mission, g, draws, grid, regions, steps, site, part))
            done += len(part)
            for start, curves in zip(part, zip(*fills, strict=True), strict=True):
                yield judge_candidate(mission, site, start, curves)


def screen_fills(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    site: Site,
    starts_s: tuple[int, ...],
) -> list[list[TimerCurve]]:
    """Screen a group at a site; return for each start the curve of each listed fill."""
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
    fills = range(len(screen.free_lifts))
    return [[curve_of(screen, s, f) for f in fills] for s in range(len(starts_s))]


def refine_timers(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    settings: tuple[Setting, ...],
) -> Candidate:
    """Return the candidate of a launch with the timers tried every minute around settings.

    The curves hold the settings of the search too, and the shares of each kind.
    """
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
        fine.append([trace_timers(mission, g, draws, grid, regions, steps, unset, every)])
    first = settings[0]
    return judge_candidate(mission, first.site, first.start_s, fine)


def hours_at_once(mission: Mission, regions: LandingRegions) -> int:
    """Return for how many hours the shares of a screen fit into ``SCREEN_BYTES``."""
    fills = max(len(mission.search.free_lifts), 1)
    timers = max(timer_settings(mission, group).size for group in mission.groups)
    kinds = max(len({part.kind.name for part in group.load}) for group in mission.groups)
    each = 8 * mission.draws * fills * timers * (len(regions.names) + 1)
    each *= 3 * kinds + 4 + len(mission.groups)
    return max(SCREEN_BYTES // each, 1)


def rank_key(candidate: Candidate) -> tuple[float, float, float, int, str]:
    """Return what candidates are ranked by, ascending."""
    return (
        round(candidate.excess, 6),
        -round(candidate.score, 6),
        -candidate.room_s,
        candidate.start_s,
        candidate.site.name,
    )


def judge_candidate(
    mission: Mission, site: Site, start_s: int, curves: Sequence[Sequence[TimerCurve]]
) -> Candidate:
    """Choose a curve and a timer setting for each group together.

    Parameters
    ----------
    mission : Mission
    site : Site
    start_s : int
        First launch [epoch s].
    curves : sequence of sequence of TimerCurve
        For each group those to choose from, a fill each.
    """
    choice = choose_together(curves, load_masses_kg(mission), limit_table(mission))
    return Candidate(
        site,
        start_s,
        tuple(own[k] for own, k in zip(curves, choice.curves, strict=True)),
        choice.settings,
        (choice.is_feasible,) * len(curves),
        choice.target,
        choice.room_s,
        choice.excess,
        tuple(load_masses_kg(mission)),
    )


def swap_curve(mission: Mission, found: Candidate, g: int, curve: TimerCurve) -> Candidate:
    """Return a candidate with another curve of one group, the other groups staying as they are."""
    curves = [
        [curve if h == g else own.only(i)]
        for h, (own, i) in enumerate(zip(found.curves, found.best, strict=True))
    ]
    judged = judge_candidate(mission, found.site, found.start_s, curves)
    return replace(
        judged,
        curves=tuple(curve if h == g else own for h, own in enumerate(found.curves)),
        best=tuple(judged.best[h] if h == g else i for h, i in enumerate(found.best)),
    )


def compare_key(candidate: Candidate) -> tuple[float, float]:
    """Return what settings of one site and start are compared by, ascending.

    That is the excess over the limits, then the share in the target.
    """
    return round(candidate.excess, 6), -round(candidate.score, 9)


def whole_target(candidate: Candidate) -> NDArray[np.float64]:
    """Return the share of the whole load in the target in each draw, shape (draws,)."""
    rows = [c.shares[TARGET][i] for c, i in zip(candidate.curves, candidate.best, strict=True)]
    mean: NDArray[np.float64] = np.average(rows, axis=0, weights=candidate.masses_kg)
    return mean


def load_masses_kg(mission: Mission) -> list[float]:
    """Return the mass of each group's load [kg]."""
    return [sum(p.count * p.kind.mass_kg for p in g.load) for g in mission.groups]


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
    return curve_of(screen, 0, 0)
