"""Screen candidates of a search: one flight for each in every draw, drops from every timer.

A flight with its load does not depend on the timer until the release. So each (site, start, fill)
is flown once in every draw with the load kept, its track is recorded, and items are dropped from
the track at each timer setting. All candidates share the same random numbers, so their differences
are real. Flights and falls of many candidates go to the kernels together; a batch holds at most
``rows`` falls, and what is in it does not change any result.

This is a screen, not a judgement: it drops few items of each kind, and what a partial release
leaves on the balloon, which would fly on lighter, is taken here to come down where the whole load
would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from downwind.landing.regions import TARGET, LandingRegions
from downwind.load.items import ItemKind
from downwind.plan.fleet import (
    BalloonDraws,
    Setting,
    bundle_speeds_ms,
    draw_falls,
    draw_films,
    draw_opening_s,
    draw_timers,
    nominal_fill,
)
from downwind.plan.mission import BalloonGroup, Mission, Site
from downwind.sim.draws import Cause, Draws, RememberedDraws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import FilmArrays, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.sim.track import interpolate_tracks
from downwind.sim.turbulence import Turbulence
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

TRACK_S = 60.0
ROWS = 1 << 17
"""Falls in a batch: some 30 MB."""

_FLIGHTS = 4_096


@dataclass(frozen=True, slots=True)
class Screen:
    """Shares of a group's load for every candidate, as a screen finds them.

    The axes of candidates are site, start and fill, those of ``sites``, ``starts_s`` and
    ``free_lifts``.

    Attributes
    ----------
    sites : tuple of Site
    starts_s : tuple of int
        First launches of the fleet [epoch s].
    free_lifts : tuple of float
        Fills [fraction of the load].
    timer_s : numpy.ndarray
        Timer settings, shape (t,) [s].
    kinds : tuple of ItemKind
    regions : tuple of str
        Names of ``LandingRegions.names``.
    sample : int
        Items of each kind dropped in each draw.
    shares : numpy.ndarray
        Per-draw shares of the load by mass, shape (regions, sites, starts, fills, t, draws).
    kind_mean, kind_error : numpy.ndarray
        Expected shares of each kind and their standard errors, shape (kinds, regions, sites,
        starts, fills, t). Draws are the sample.
    on_ground : numpy.ndarray
        Share of draws in which the balloon was down before the timer fired, shape (sites, starts,
        fills, t).
    """

    sites: tuple[Site, ...]
    starts_s: tuple[int, ...]
    free_lifts: tuple[float, ...]
    timer_s: NDArray[np.float64]
    kinds: tuple[ItemKind, ...]
    regions: tuple[str, ...]
    sample: int
    shares: NDArray[np.float64]
    kind_mean: NDArray[np.float64]
    kind_error: NDArray[np.float64]
    on_ground: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Expected shares of the whole load, shape (regions, sites, starts, fills, t)."""
        mean: NDArray[np.float64] = self.shares.mean(axis=-1)
        return mean

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Standard errors of ``mean``, from the spread of the draws; NaN for a single draw."""
        return _standard_error(self.shares)

    @property
    def falls(self) -> int:
        """Number of items that were let fall."""
        return int(self.shares[0].size) * len(self.kinds) * self.sample


@dataclass(frozen=True, slots=True)
class _Sample:
    """How the items of a kind fall that every candidate drops; rows by draw, then item.

    Arrays have shape (draws, items), those that all items of a draw share (draws, 1). ``label``
    names the streams of their random numbers.
    """

    kind: ItemKind
    mass_fraction: float
    label: str
    member: NDArray[np.int64]
    draw: NDArray[np.int64]
    balloon: NDArray[np.int64]
    item: NDArray[np.int64]
    bundle_speed_ms: NDArray[np.float64]
    opening_s: NDArray[np.float64]
    low_speed_ms: NDArray[np.float64]
    high_speed_ms: NDArray[np.float64]
    exponent: NDArray[np.float64]
    switch_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Task:
    """What all batches of a screen share; ``timers.fire_s`` has shape (draws, t)."""

    grid: WindGrid
    regions: LandingRegions
    steps: Steps
    timers: BalloonDraws
    track_rows: int
    turbulence: Turbulence
    seed: int


@dataclass(frozen=True, slots=True)
class _Releases:
    """Where some flights let go at each timer setting; arrays of shape (flights, t).

    Where a balloon did not release, the place is that of its launch, and the load comes down with
    it: ``kept``, shape (regions, flights), is 1 where that is inside a region, else 0. ``draw``
    has shape (flights,).
    """

    draw: NDArray[np.int64]
    released: NDArray[np.bool_]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    kept: NDArray[np.float64]
    down: NDArray[np.bool_]


def screen_candidates(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    timer_s: NDArray[np.float64],
    *,
    sites: tuple[Site, ...] | None = None,
    starts_s: tuple[int, ...] | None = None,
    free_lifts: tuple[float, ...] | None = None,
    sample: int = 4,
    rows: int = ROWS,
) -> Screen:
    """Fly one balloon of a group for every candidate and draw, and drop at every timer setting.

    Draw d flies balloon d modulo the group's count, so that all launch minutes are seen.

    Parameters
    ----------
    mission : Mission
    group_index : int
    draws : Draws
    grid : WindGrid
    regions : LandingRegions
    steps : Steps
    timer_s : numpy.ndarray
        Settings to try, ascending, shape (t,) [s].
    sites, starts_s, free_lifts : tuple, optional
        Candidates: all combinations. Those of the mission's search unless given.
    sample : int
        Items of each kind that are dropped in each draw, one in each equal part of the spread of
        their speeds, and of their modes.
    rows : int
        Falls in a batch at most, unless one flight has more. It bounds memory.

    Raises
    ------
    LiftError
        If a fill does not lift the load.
    """
    group = mission.groups[group_index]
    sites = mission.sites if sites is None else sites
    starts_s = mission.launch_times_s if starts_s is None else starts_s
    if free_lifts is None:
        free_lifts = mission.search.free_lifts or (group.free_lift,)
    numbers = RememberedDraws(draws.seed, draws.count)
    settings = [Setting(x, start, f, None) for x in sites for start in starts_s for f in free_lifts]
    for site in sites:
        for fill in free_lifts:
            nominal_fill(mission, group, Setting(site, starts_s[0], fill, None), grid)
    draw = np.arange(mission.draws)
    timers = _draw_timers(mission, group_index, numbers, timer_s, draw)
    track_rows = int(np.ceil(1.01 * timer_s[-1] / TRACK_S)) + 2
    task = _Task(grid, regions, steps, timers, track_rows, mission.turbulence, draws.seed)
    samples = _draw_samples(mission, group_index, numbers, timers, draw, sample, grid.member_count)
    names, kinds, axes = regions.names, len(samples), (len(settings), timer_s.size)
    shares = np.empty((len(names), *axes, mission.draws))
    kind_mean, kind_error = (np.empty((kinds, len(names), *axes)) for _ in range(2))
    on_ground = np.empty(axes)
    for part in _cut(len(settings), max(_FLIGHTS // mission.draws, 1)):
        films = _stack(
            [
                draw_films(mission, group_index, numbers, grid, s, draw, draw % group.count, None)
                for s in settings[part]
            ]
        )
        found = np.empty((kinds, len(names), films.member.size, timer_s.size))
        down = np.empty(found.shape[2:], np.bool_)
        for some in _cut(films.member.size, max(rows // (timer_s.size * sample), 1)):
            releases = _fly(task, films, some)
            down[some] = releases.down
            for k, items in enumerate(samples):
                found[k][:, some] = _drop(task, items, releases)
        # (kind, region, flight, timer) becomes (kind, region, candidate, timer, draw)
        by_draw = found.reshape(kinds, len(names), -1, mission.draws, timer_s.size).swapaxes(3, 4)
        by_draw = np.ascontiguousarray(by_draw)
        kind_mean[:, :, part] = by_draw.mean(axis=-1)
        kind_error[:, :, part] = _standard_error(by_draw)
        total = np.zeros(by_draw.shape[1:])
        for items, one in zip(samples, by_draw, strict=True):
            total += items.mass_fraction * one
        shares[:, part] = total
        down = down.reshape(-1, mission.draws, timer_s.size).swapaxes(1, 2)
        on_ground[part] = down.mean(axis=-1)
    every = (len(sites), len(starts_s), len(free_lifts), timer_s.size)
    return Screen(
        sites=sites,
        starts_s=starts_s,
        free_lifts=free_lifts,
        timer_s=timer_s,
        kinds=tuple(items.kind for items in samples),
        regions=names,
        sample=sample,
        shares=shares.reshape(len(names), *every, mission.draws),
        kind_mean=kind_mean.reshape(kinds, len(names), *every),
        kind_error=kind_error.reshape(kinds, len(names), *every),
        on_ground=on_ground.reshape(every),
    )


def _draw_timers(
    mission: Mission,
    group_index: int,
    draws: Draws,
    timer_s: NDArray[np.float64],
    draw: NDArray[np.int64],
) -> BalloonDraws:
    """Draw what the timers do at each setting; ``fire_s`` has shape (draws, t)."""
    group = mission.groups[group_index]
    in_fleet = mission.first_balloon(group_index) + draw % group.count
    each = [draw_timers(mission, group, draws, float(t), draw, in_fleet) for t in timer_s]
    fire = np.stack([timers.fire_s for timers in each], axis=1)
    return BalloonDraws(fire, each[0].failure, each[0].fraction)


def _draw_samples(
    mission: Mission,
    group_index: int,
    draws: Draws,
    timers: BalloonDraws,
    draw: NDArray[np.int64],
    sample: int,
    members: int,
) -> list[_Sample]:
    """Draw the items that every candidate drops, for each kind."""
    group = mission.groups[group_index]
    in_fleet = mission.first_balloon(group_index) + draw % group.count
    parts_kg = np.array([p.count * p.kind.mass_kg for p in group.load])
    return [
        _draw_sample(
            mission,
            group,
            draws,
            timers,
            part.kind,
            float(fraction),
            draw,
            in_fleet,
            sample,
            members,
        )
        for part, fraction in zip(group.load, parts_kg / parts_kg.sum(), strict=True)
    ]


def _draw_sample(
    mission: Mission,
    group: BalloonGroup,
    draws: Draws,
    timers: BalloonDraws,
    kind: ItemKind,
    mass_fraction: float,
    draw: NDArray[np.int64],
    in_fleet: NDArray[np.int64],
    sample: int,
    members: int,
) -> _Sample:
    item = np.arange(sample)
    where = (draw[:, None], in_fleet[:, None], item)
    label = f"{kind.name}/sample"
    speed = draws.uniform(Cause.ITEM_SPEED, *where, label=label)
    mode = draws.uniform(Cause.ITEM_MODE, *where, label=label)
    columns = draw_falls(
        draws,
        kind,
        np.repeat(draw, sample),
        ndtri((item + speed) / sample).ravel(),
        (((item + draw[:, None]) % sample + mode) / sample).ravel(),
    )
    opening = draw_opening_s(mission, draws, kind, draw)
    unopened = timers.failure == TimerFailure.UNOPENED
    shape = (draw.size, sample)
    return _Sample(
        kind=kind,
        mass_fraction=mass_fraction,
        label=label,
        member=(draw % members)[:, None],
        draw=draw[:, None],
        balloon=in_fleet[:, None],
        item=np.broadcast_to(item, shape),
        bundle_speed_ms=bundle_speeds_ms(group, kind)[draw % group.count][:, None],
        opening_s=np.where(unopened, np.inf, opening)[:, None],
        low_speed_ms=columns.low_speed_ms.reshape(shape),
        high_speed_ms=columns.high_speed_ms.reshape(shape),
        exponent=columns.exponent.reshape(shape),
        switch_m=columns.switch_m.reshape(shape),
    )


def _fly(task: _Task, films: FilmArrays, some: slice) -> _Releases:
    """Fly some of the flights, row i being of draw i modulo the number of draws."""
    timers = task.timers
    draw = np.arange(some.start, some.stop) % timers.failure.size
    fire = timers.fire_s[draw]
    # a load that surely leaves the balloon while the track lasts needs no landing of the balloon
    track_end_s = (task.track_rows - 1) * TRACK_S
    stays = np.isin(timers.failure[draw], (TimerFailure.NEVER, TimerFailure.PARTIAL))
    stop = np.where(stays | (fire >= track_end_s).any(axis=1), np.inf, track_end_s)
    flown = FilmArrays._make(column[some] for column in films)._replace(stop_s=stop[:, None])
    flights = fly_balloons(task.grid, flown, task.steps.balloon_s, TRACK_S, task.track_rows)
    end_s = flights.time_s[:, 0] - flown.time_s
    released = fire < end_s[:, None]
    elapsed = np.where(released, fire, 0.0)
    longitude, latitude, height_m = interpolate_tracks(flights, elapsed, end_s)
    inside = task.regions.classify(flights.longitude[:, 0], flights.latitude[:, 0])
    left = flights.reason[:, 0] == StopRule.LEFT_DATA
    kept = [np.zeros(draw.size) if n == TARGET else (m & ~left) * 1.0 for n, m in inside.items()]
    return _Releases(
        draw=draw,
        released=released,
        longitude=longitude,
        latitude=latitude,
        height_m=height_m,
        time_s=flown.time_s[:, None] + elapsed,
        kept=np.array(kept),
        down=~released & (fire < np.inf) & ~left[:, None],
    )


def _drop(task: _Task, items: _Sample, releases: _Releases) -> NDArray[np.float64]:
    """Return the share of a kind's items in each region, shape (regions, flights, t)."""
    draw, released = releases.draw, releases.released
    count = items.item.shape[1]
    shape = (*released.shape, count)

    def every(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Repeat what each release has, shape (flights, t), for its items."""
        return values.reshape(-1) if count == 1 else np.repeat(values.reshape(-1), count)

    def of_draw(values: NDArray[Any]) -> NDArray[Any]:
        """Repeat what the items of each draw have for the settings of its flights."""
        return np.broadcast_to(values[draw][:, None, :], shape).reshape(-1)

    falls = drop_items(
        task.grid,
        ItemArrays(
            member=of_draw(items.member),
            longitude=every(releases.longitude),
            latitude=every(releases.latitude),
            height_m=every(releases.height_m),
            time_s=every(releases.time_s),
            bundle_speed_ms=of_draw(items.bundle_speed_ms),
            opening_s=of_draw(items.opening_s),
            low_speed_ms=of_draw(items.low_speed_ms),
            high_speed_ms=of_draw(items.high_speed_ms),
            exponent=of_draw(items.exponent),
            switch_m=of_draw(items.switch_m),
            draw=of_draw(items.draw),
            balloon=of_draw(items.balloon),
            item=of_draw(items.item),
        ),
        task.steps.item_s,
        turbulence=task.turbulence,
        seed=task.seed,
        label=items.label,
    )
    inside = task.regions.classify(falls.longitude, falls.latitude)
    timers = task.timers
    opened = (timers.failure[draw] != TimerFailure.UNOPENED)[:, None]
    let_go = timers.fraction[draw][:, None]
    shares = np.empty((len(inside), *released.shape))
    for share, (name, mask), kept in zip(shares, inside.items(), releases.kept, strict=True):
        hit = (mask & falls.on_ground).reshape(shape)
        here = hit[..., 0] * 1.0 if count == 1 else hit.mean(axis=2)
        if name == TARGET:
            here = here * opened
        stay = kept[:, None]
        share[:] = np.where(released, let_go * here + (1.0 - let_go) * stay, stay)
    return shares


def _stack(films: list[FilmArrays]) -> FilmArrays:
    """Return the films of several candidates in one, in their order."""
    return FilmArrays._make(np.concatenate(column) for column in zip(*films, strict=True))


def _cut(count: int, most: int) -> Iterator[slice]:
    """Cut a number of rows into slices of at most so many."""
    for first in range(0, count, most):
        yield slice(first, min(first + most, count))


def _standard_error(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard error of the mean over the last axis; NaN for a single draw."""
    draws = shares.shape[-1]
    if draws < 2:
        return np.full(shares.shape[:-1], np.nan)
    return np.asarray(shares.std(axis=-1, ddof=1) / np.sqrt(draws))
