"""Search launch, fill and timer: one flight for each candidate, drops from every timer setting.

A flight with its load does not depend on the timer until the release, so each (site, hour, fill)
is flown once in every draw with the load kept, and items are dropped from its track at each timer
setting. The same draws serve all candidates, so their differences are real. This is a screen: the
chosen setting is flown again, whole, by ``evaluate``; a partial release's remainder, which would
fly on lighter, is taken here to come down where the whole load would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from downwind.landing.regions import HOME, KEEP_OUT, TARGET, THIRD_COUNTRY, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.evaluate import SAMPLE, Progress
from downwind.plan.fleet import (
    Setting,
    bundle_speeds_ms,
    draw_falls,
    draw_films,
    draw_opening_s,
    draw_timers,
    nominal_fill,
)
from downwind.plan.mission import LoadPart, Mission, Site
from downwind.sim.draws import Cause, Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import Flights, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

TRACK_S = 60.0


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
        For each region the per-draw shares, shape (t, draws).
    on_ground : numpy.ndarray
        Share of draws in which the balloon was down before the timer fired, shape (t,).
    """

    setting: Setting
    timer_s: NDArray[np.float64]
    shares: dict[str, NDArray[np.float64]]
    on_ground: NDArray[np.float64]

    def mean(self, region: str) -> NDArray[np.float64]:
        """Return the expected share of a region for each setting, shape (t,)."""
        mean: NDArray[np.float64] = self.shares[region].mean(axis=1)
        return mean

    def share(self, region: str, index: int) -> Share:
        """Return the share of a region for one setting, with its error."""
        return estimate_share(self.shares[region][index])

    def excess(self, limits: dict[str, float]) -> NDArray[np.float64]:
        """Return by how much each setting breaks its worst limit, shape (t,); 0 if none."""
        over = [self.mean(region) - limit for region, limit in limits.items()]
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
    limits = limit_table(mission)
    spots = [(site, start) for site in mission.sites for start in mission.launch_times_s]
    coarse = np.arange(
        mission.search.timer_from_s,
        mission.search.timer_until_s + 1.0,
        mission.search.timer_step_s,
    )
    found = []
    for i, (site, start) in enumerate(spots):
        progress("searching", i / len(spots))
        found.append(_try_spot(mission, draws, grid, regions, steps, site, start, coarse, limits))
    found.sort(
        key=lambda c: (-sum(c.feasible), -round(c.score, 6), -c.room_s, c.start_s, c.site.name)
    )
    first = found[0]
    progress("searching", 0.98)
    fine = []
    for g, (curve, best) in enumerate(zip(first.curves, first.best, strict=True)):
        around = np.arange(
            max(curve.timer_s[best] - mission.search.timer_step_s, coarse[0]),
            min(curve.timer_s[best] + mission.search.timer_step_s, coarse[-1]) + 1.0,
            TRACK_S,
        )
        every = np.union1d(coarse, around)
        fine.append(trace_timers(mission, g, draws, grid, regions, steps, curve.setting, every))
    found[0] = _judge(mission, site=first.site, start=first.start_s, curves=fine, limits=limits)
    return tuple(found)


def _try_spot(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    site: Site,
    start: int,
    timer_s: NDArray[np.float64],
    limits: dict[str, float],
) -> Candidate:
    curves = []
    for g, group in enumerate(mission.groups):
        tried = []
        for free_lift in mission.search.free_lifts or (group.free_lift,):
            setting = Setting(site, start, free_lift, None)
            nominal_fill(mission, group, setting, grid)
            tried.append(trace_timers(mission, g, draws, grid, regions, steps, setting, timer_s))
        curves.append(max(tried, key=lambda c: _rank(c, limits)))
    return _judge(mission, site, start, curves, limits)


def _rank(curve: TimerCurve, limits: dict[str, float]) -> tuple[bool, float, float]:
    index, feasible = curve.best(limits)
    return feasible, -float(curve.excess(limits)[index]), float(curve.mean(TARGET)[index])


def _judge(
    mission: Mission,
    site: Site,
    start: int,
    curves: list[TimerCurve],
    limits: dict[str, float],
) -> Candidate:
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
    """Fly one balloon of a group in every draw and drop from every timer setting.

    Draw d flies balloon d modulo the group's count, so that all launch minutes are seen.
    """
    group = mission.groups[group_index]
    draw = np.arange(mission.draws)
    balloon = draw % group.count
    in_fleet = mission.first_balloon(group_index) + balloon
    films = draw_films(mission, group_index, draws, grid, setting, draw, balloon, None)
    rows = int(np.ceil(1.01 * timer_s[-1] / TRACK_S)) + 2
    flights = fly_balloons(grid, films, steps.balloon_s, TRACK_S, rows)
    end_s = flights.time_s[:, 0] - films.time_s
    timers = [draw_timers(mission, group, draws, float(t), draw, in_fleet) for t in timer_s]
    fire = np.array([t.fire_s for t in timers])  # (t, draws)
    failure, fraction = timers[0].failure, timers[0].fraction
    released = fire < end_s
    place = _interpolate_track(flights, np.where(released, fire, 0.0), end_s)
    end_inside = regions.classify(flights.longitude[:, 0], flights.latitude[:, 0])
    left = flights.reason[:, 0] == StopRule.LEFT_DATA
    shares = {name: np.zeros(fire.shape) for name in regions.names}
    parts_kg = np.array([p.count * p.kind.mass_kg for p in group.load])
    for part, mass in zip(group.load, parts_kg / parts_kg.sum(), strict=True):
        inside = _drop_part(
            mission, group_index, part, draws, grid, regions, steps, films.time_s, draw, balloon,
            fire, released, place,
        )  # fmt: skip
        for name in regions.names:
            opened = (failure != TimerFailure.UNOPENED) if name == TARGET else True
            kept = np.zeros(draw.size) if name == TARGET else (end_inside[name] & ~left) * 1.0
            let_go = fraction * inside[name] * opened + (1.0 - fraction) * kept
            shares[name] += mass * np.where(released, let_go, kept)
    down = (~released & (fire < np.inf) & ~left).mean(axis=1)
    return TimerCurve(setting, timer_s, shares, down)


def _drop_part(
    mission: Mission,
    group_index: int,
    part: LoadPart,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    launch_s: NDArray[np.float64],
    draw: NDArray[np.int64],
    balloon: NDArray[np.int64],
    fire: NDArray[np.float64],
    released: NDArray[np.bool_],
    place: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Return, for each region, the share of a part's items in it, shape (t, draws)."""
    group, kind = mission.groups[group_index], part.kind
    in_fleet = mission.first_balloon(group_index) + balloon
    item = np.arange(SAMPLE)
    speed = draws.uniform(
        Cause.ITEM_SPEED, draw[:, None], in_fleet[:, None], item, label=f"{kind.name}/sample"
    )
    mode = draws.uniform(
        Cause.ITEM_MODE, draw[:, None], in_fleet[:, None], item, label=f"{kind.name}/sample"
    )
    every = np.repeat(draw, SAMPLE)
    columns = draw_falls(
        draws,
        kind,
        every,
        ndtri((item + speed) / SAMPLE).ravel(),
        (((item + draw[:, None]) % SAMPLE + mode) / SAMPLE).ravel(),
    )
    opening = draw_opening_s(mission, draws, kind, draw)
    failure = draw_timers(mission, group, draws, 1.0, draw, in_fleet).failure
    opening = np.where(failure == TimerFailure.UNOPENED, np.inf, opening)
    shape = (fire.shape[0], draw.size, SAMPLE)
    flat = fire.shape[0] * draw.size * SAMPLE
    start_s = np.where(released, launch_s + np.where(released, fire, 0.0), launch_s)

    def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.broadcast_to(values[..., None], shape).reshape(flat)

    falls = drop_items(
        grid,
        ItemArrays(
            member=every % grid.member_count,
            longitude=spread(place[..., 0]),
            latitude=spread(place[..., 1]),
            height_m=spread(place[..., 2]),
            time_s=spread(start_s),
            bundle_speed_ms=np.repeat(bundle_speeds_ms(group, kind)[balloon], SAMPLE),
            opening_s=np.repeat(opening, SAMPLE),
            low_speed_ms=columns.low_speed_ms,
            high_speed_ms=columns.high_speed_ms,
            exponent=columns.exponent,
            switch_m=columns.switch_m,
        ),
        steps.item_s,
    )
    inside = regions.classify(falls.longitude, falls.latitude)
    return {
        name: (mask & falls.on_ground).reshape(shape).mean(axis=2) for name, mask in inside.items()
    }


def _interpolate_track(
    flights: Flights, elapsed_s: NDArray[np.float64], end_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return places on recorded tracks, linear between rows, shape (t, n, 3).

    ``elapsed_s`` has shape (t, n) [s after launch] and does not pass the flights' ends.
    """
    track, flight = flights.track, np.arange(flights.track.shape[0])
    row = np.minimum((elapsed_s / flights.record_s).astype(np.int64), track.shape[1] - 2)
    low, high = track[flight, row], track[flight, row + 1]
    start = row * flights.record_s
    span = np.minimum(flights.record_s, np.maximum(end_s - start, 1e-9))
    fraction = np.minimum((elapsed_s - start) / span, 1.0)[..., None]
    step = high - low
    step[..., 0] = (step[..., 0] + 180.0) % 360.0 - 180.0
    return np.asarray(low + fraction * np.where(np.isfinite(step), step, 0.0))
