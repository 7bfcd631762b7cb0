"""Screen candidates of a search: one flight for each in every draw, drops from every timer.

A flight with its load does not depend on the timer until the release. So each (site, start, fill)
is flown once in every draw with the load kept, its track is recorded, and items are dropped from
the track at each timer setting. Balloons with several releases are lighter after the first, and
timers that feel the cold depend on the flight: those fly anew for each setting. All candidates
share the same random numbers, so their differences are real. Flights and falls of many candidates
go to the kernels together; a batch holds at most ``rows`` falls, and what is in it does not change
any result.

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

from downwind.landing.clusters import Clusters, standard_errors
from downwind.landing.regions import CELL, LEFT_DATA, TARGET, LandingRegions
from downwind.load.traits import ItemKind
from downwind.plan.clusters import find_clusters
from downwind.plan.evaluate import sample_label
from downwind.plan.fleet import (
    ReleaseDraws,
    Setting,
    bundle_speeds_ms,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
    nominal_fill,
    own_free_lift,
)
from downwind.plan.mission import Lot, Mission, Site
from downwind.plan.timed_releases import (
    TRACK_S,
    ScreenTask,
    TimedReleases,
    fly_each,
    fly_once,
)
from downwind.sim.draws import Cause, Draws, RememberedDraws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import BalloonArrays
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

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
        Names of ``LandingRegions.names``, and last ``LEFT_DATA``.
    lots : int
        Lots of the group: kinds, each counted once a release that lets it go.
    sample : int
        Items of each lot dropped in each draw.
    shares : numpy.ndarray
        Per-draw shares of the load by mass, shape (regions, sites, starts, fills, t, draws).
    kind_mean, kind_error : numpy.ndarray
        Expected shares of each kind and their standard errors, shape (kinds, regions, sites,
        starts, fills, t). Draws are the sample, those in one wind of the data a cluster.
    kind_shares : numpy.ndarray or None
        Per-draw shares of each kind, shape (kinds, regions, sites, starts, fills, t, draws); kept
        where asked for.
    on_ground : numpy.ndarray
        Share of draws in which the balloon was down before its first timer ran out, shape (sites,
        starts, fills, t).
    clusters : Clusters
        Which draws share a wind of the data.
    """

    sites: tuple[Site, ...]
    starts_s: tuple[int, ...]
    free_lifts: tuple[float, ...]
    timer_s: NDArray[np.float64]
    kinds: tuple[ItemKind, ...]
    regions: tuple[str, ...]
    lots: int
    sample: int
    shares: NDArray[np.float64]
    kind_mean: NDArray[np.float64]
    kind_error: NDArray[np.float64]
    kind_shares: NDArray[np.float64] | None
    on_ground: NDArray[np.float64]
    clusters: Clusters

    @property
    def mean(self) -> NDArray[np.float64]:
        """Expected shares of the whole load, shape (regions, sites, starts, fills, t)."""
        mean: NDArray[np.float64] = self.shares.mean(axis=-1)
        return mean

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Standard errors of ``mean``, from the spread of the draws; NaN for a single draw."""
        return standard_errors(self.shares, self.clusters)

    @property
    def falls(self) -> int:
        """Number of items that were let fall."""
        return int(self.shares[0].size) * self.lots * self.sample


@dataclass(frozen=True, slots=True)
class _Sample:
    """How the items of a lot fall that every candidate drops; rows by draw, then item.

    Arrays have shape (draws, items), those that all items of a draw share (draws, 1). ``label``
    names the streams of their random numbers; ``of_kind`` is the lot's part of its kind and
    ``of_load`` its part of the group's load, by mass.
    """

    kind: ItemKind
    release: int
    of_kind: float
    of_load: float
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
    keep_kinds: bool = False,
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
        Candidates: all combinations. Those of the mission's search unless given; without a fill
        to try there, that of the group at the first of the sites.
    sample : int
        Items of each kind that are dropped in each draw, one in each equal part of the spread of
        their speeds, and of their modes.
    rows : int
        Falls in a batch at most, unless one flight has more. It bounds memory.
    keep_kinds : bool
        Keep the per-draw shares of each kind.

    Raises
    ------
    LiftError
        If a fill does not lift the load.
    """
    group = mission.groups[group_index]
    sites = mission.sites if sites is None else sites
    starts_s = mission.launch_times_s if starts_s is None else starts_s
    if free_lifts is None:
        free_lifts = mission.search.free_lifts or (own_free_lift(mission, group, sites[0], grid),)
    numbers = RememberedDraws(draws.seed, draws.count)
    settings = [Setting(x, start, f, None) for x in sites for start in starts_s for f in free_lifts]
    for site in sites:
        for fill in free_lifts:
            nominal_fill(mission, group, Setting(site, starts_s[0], fill, None), grid)
    draw = np.arange(mission.draws)
    in_fleet = mission.first_balloon(group_index) + draw % group.count
    timers = tuple(
        draw_releases(mission, group, numbers, float(t), draw, in_fleet) for t in timer_s
    )
    steady = len(group.releases) == 1 and group.releases[0].timer.is_steady
    reach_s = 0.0
    if steady:
        readings = np.concatenate([one.reading_s[:, 0] for one in timers])
        reach_s = float(readings[np.isfinite(readings)].max(initial=timer_s[-1]))
    task = ScreenTask(
        grid, group, regions, steps, timers, int(np.ceil(reach_s / TRACK_S)) + 2,
        mission.turbulence, draws.seed,
    )  # fmt: skip
    samples = _draw_samples(mission, group_index, numbers, timers[0], sample, grid.member_count)
    kinds = tuple({items.kind.name: items.kind for items in samples}.values())
    clusters = find_clusters(grid, mission.draws)
    names, axes = (*regions.names, LEFT_DATA), (len(settings), timer_s.size)
    shares = np.zeros((len(names), *axes, mission.draws))
    kind_mean, kind_error = (np.empty((len(kinds), len(names), *axes)) for _ in range(2))
    kept = np.empty((len(kinds), *shares.shape)) if keep_kinds else None
    on_ground = np.empty(axes)
    for part in _cut(len(settings), max(_FLIGHTS // mission.draws, 1)):
        balloons = _stack(
            [
                draw_balloons(
                    mission, group_index, numbers, grid, s, draw, draw % group.count,
                    None if steady else timers[0],
                )
                for s in settings[part]
            ]
        )  # fmt: skip
        found = np.zeros((len(kinds), len(names), balloons.member.size, timer_s.size))
        load = np.zeros(found.shape[1:])
        down = np.empty(found.shape[2:], np.bool_)
        for some in _cut(balloons.member.size, max(rows // (timer_s.size * sample), 1)):
            fly = fly_once if steady else fly_each
            releases = fly(task, BalloonArrays._make(column[some] for column in balloons), some)
            down[some] = releases.down
            for items in samples:
                hit = _drop(task, items, releases)
                found[_index(kinds, items.kind)][:, some] += items.of_kind * hit
                load[:, some] += items.of_load * hit
        # (kind, region, flight, timer) becomes (kind, region, candidate, timer, draw)
        by_draw = np.concatenate([found, load[None]])
        by_draw = by_draw.reshape(*by_draw.shape[:2], -1, mission.draws, timer_s.size)
        by_draw = np.ascontiguousarray(by_draw.swapaxes(3, 4))
        kind_mean[:, :, part] = by_draw[:-1].mean(axis=-1)
        kind_error[:, :, part] = standard_errors(by_draw[:-1], clusters)
        shares[:, part] = by_draw[-1]
        if kept is not None:
            kept[:, :, part] = by_draw[:-1]
        down = down.reshape(-1, mission.draws, timer_s.size).swapaxes(1, 2)
        on_ground[part] = down.mean(axis=-1)
    every = (len(sites), len(starts_s), len(free_lifts), timer_s.size)
    return Screen(
        sites=sites,
        starts_s=starts_s,
        free_lifts=free_lifts,
        timer_s=timer_s,
        kinds=kinds,
        regions=names,
        lots=len(samples),
        sample=sample,
        shares=shares.reshape(len(names), *every, mission.draws),
        kind_mean=kind_mean.reshape(len(kinds), len(names), *every),
        kind_error=kind_error.reshape(len(kinds), len(names), *every),
        kind_shares=(
            None if kept is None else kept.reshape(len(kinds), len(names), *every, mission.draws)
        ),
        on_ground=on_ground.reshape(every),
        clusters=clusters,
    )


def _index(kinds: tuple[ItemKind, ...], kind: ItemKind) -> int:
    """Return the place of a kind among others, by its name."""
    return [k.name for k in kinds].index(kind.name)


def _draw_samples(
    mission: Mission,
    group_index: int,
    draws: Draws,
    timers: ReleaseDraws,
    sample: int,
    members: int,
) -> list[_Sample]:
    """Draw the items that every candidate drops, for each lot of the group."""
    lots = mission.lots_of(group_index)
    mass = np.array([lot.count * lot.kind.mass_kg for lot in lots])
    of_kind = [
        lot.count / sum(x.count for x in lots if x.kind.name == lot.kind.name) for lot in lots
    ]
    return [
        _draw_sample(mission, lot, draws, timers, one, float(part), sample, members)
        for lot, one, part in zip(lots, of_kind, mass / mass.sum(), strict=True)
    ]


def _draw_sample(
    mission: Mission,
    lot: Lot,
    draws: Draws,
    timers: ReleaseDraws,
    of_kind: float,
    of_load: float,
    sample: int,
    members: int,
) -> _Sample:
    group, kind, draw = mission.groups[lot.group], lot.kind, np.arange(mission.draws)
    in_fleet = mission.first_balloon(lot.group) + draw % group.count
    item = np.arange(sample)
    where = (draw[:, None], in_fleet[:, None], item)
    label = sample_label(kind, lot.release)
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
    unopened = timers.failure[:, lot.release] == TimerFailure.UNOPENED
    shape = (draw.size, sample)
    return _Sample(
        kind=kind,
        release=lot.release,
        of_kind=of_kind,
        of_load=of_load,
        label=label,
        member=(draw % members)[:, None],
        draw=draw[:, None],
        balloon=in_fleet[:, None],
        item=np.broadcast_to(item, shape),
        bundle_speed_ms=bundle_speeds_ms(group, lot.part)[draw % group.count][:, None],
        opening_s=np.where(unopened, np.inf, opening)[:, None],
        low_speed_ms=columns.low_speed_ms.reshape(shape),
        high_speed_ms=columns.high_speed_ms.reshape(shape),
        exponent=columns.exponent.reshape(shape),
        switch_m=columns.switch_m.reshape(shape),
    )


def _drop(task: ScreenTask, items: _Sample, releases: TimedReleases) -> NDArray[np.float64]:
    """Return the share of a lot's items in each region, and last that which leaves the data.

    Shape (regions + 1, flights, t).
    """
    draw, r = releases.draw, items.release
    released = releases.released[r]
    count = items.item.shape[1]
    shape = (*released.shape, count)

    def every(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Repeat what each release has, shape (releases, flights, t), for its items."""
        here = values[r].reshape(-1)
        return here if count == 1 else np.repeat(here, count)

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
    timers = task.timers[0]
    opened = (timers.failure[draw, r] != TimerFailure.UNOPENED)[:, None]
    let_go = timers.fraction[draw, r][:, None]
    ends = {name: mask & falls.on_ground for name, mask in inside.items()}
    ends[LEFT_DATA] = ~falls.on_ground
    shares = np.empty((len(ends), *released.shape))
    for share, (name, mask), kept in zip(shares, ends.items(), releases.kept, strict=True):
        hit = mask.reshape(shape)
        here = hit[..., 0] * 1.0 if count == 1 else hit.mean(axis=2)
        if name == TARGET or name.startswith(CELL):
            here = here * opened
        share[:] = np.where(released, let_go * here + (1.0 - let_go) * kept, kept)
    return shares


def _stack(balloons: list[BalloonArrays]) -> BalloonArrays:
    """Return the balloons of several candidates in one, in their order."""
    return BalloonArrays._make(np.concatenate(column) for column in zip(*balloons, strict=True))


def _cut(count: int, most: int) -> Iterator[slice]:
    """Cut a number of rows into slices of at most so many."""
    for first in range(0, count, most):
        yield slice(first, min(first + most, count))
