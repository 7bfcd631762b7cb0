"""Fly the whole fleet with given settings: shares of regions, and outcomes.

Every balloon flies in every draw with a stratified sample of its items: shares and standard errors
come from those. ``manifest`` flies every single item besides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from downwind.geo.sphere import distance_m
from downwind.landing.clusters import Clusters
from downwind.landing.density import LandingDensity, estimate_density
from downwind.landing.regions import TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share, per_draw_shares
from downwind.load.traits import ItemKind
from downwind.plan.drop import (
    GroupFlights,
    ItemLandings,
    ItemRows,
    Outcome,
    drop_rows,
    fly_group,
    mark_sea,
)
from downwind.plan.fleet import Setting
from downwind.plan.mission import Lot, Mission
from downwind.sim.draws import Cause, Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

SAMPLE = 4
"""Items of each kind that a balloon drops in each draw of the sample: one in each quarter of the
spread of speeds, and of the modes."""

SAMPLE_CHUNK = 32_768
"""Items of the sample that fly at a time, or those of one draw where they are more."""

OPENED = (Outcome.LANDED, Outcome.SEA)
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class SampledItems:
    """The sample of one kind, lean; arrays of shape (n,).

    Attributes
    ----------
    kind : ItemKind
    draw : numpy.ndarray
    weight : numpy.ndarray
        Items that a row stands for.
    outcome : numpy.ndarray
        An ``Outcome``.
    longitude, latitude : numpy.ndarray
        Of the end [degrees].
    lot : numpy.ndarray
        Index in ``Mission.lots``.
    fall_s : numpy.ndarray
        Time from release to end [s]; NaN without a release.
    drift_m : numpy.ndarray
        Distance from release to end [m]; NaN without a release.
    """

    kind: ItemKind
    draw: NDArray[np.int64]
    weight: NDArray[np.float64]
    outcome: NDArray[np.int8]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    lot: NDArray[np.int64]
    fall_s: NDArray[np.float64]
    drift_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LotFall:
    """How the items of one lot fall that are let go and open.

    Attributes
    ----------
    lot : Lot
    fall_s : float
        Median time from release to landing [s].
    place : tuple of float
        Median longitude and latitude of the landing [degrees].
    """

    lot: Lot
    fall_s: float
    place: tuple[float, float]


@dataclass(frozen=True, slots=True)
class DrawShares:
    """Shares of a kind in each draw, shape (draws,) each.

    Attributes
    ----------
    shares : dict
        For each region, as in ``KindResult.shares``.
    anywhere : dict
        For each region, of all items, whatever became of them.
    left : numpy.ndarray
        Of the items that leave the wind data.
    """

    shares: dict[str, NDArray[np.float64]]
    anywhere: dict[str, NDArray[np.float64]]
    left: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KindResult:
    """What is expected of one kind of item.

    Attributes
    ----------
    kind : ItemKind
    count : int
        Items in the manifest.
    shares : dict
        Share of each region: for the target of items let go and opened, otherwise of all items,
        whatever became of them.
    outcomes : dict
        Share of each outcome.
    density : LandingDensity or None
        Of the items let go and opened.
    fall_s : tuple of float
        Median, 5 and 95 % point of the fall time [s] of the items let go and opened.
    drift_m : tuple of float
        The same of the distance from release to landing [m].
    median_place : tuple of float or None
        Longitude and latitude [degrees] of the median landing of the items let go and opened; the
        median is taken along each axis of the degree grid.
    lots : tuple of LotFall
        The same for each lot of the kind that has any such items.
    """

    kind: ItemKind
    count: int
    shares: dict[str, Share]
    outcomes: dict[str, Share]
    density: LandingDensity | None
    fall_s: tuple[float, float, float]
    drift_m: tuple[float, float, float]
    median_place: tuple[float, float] | None
    lots: tuple[LotFall, ...]


def sample_rows(
    draws: Draws,
    kind: ItemKind,
    first_balloon: int,
    shape: tuple[int, int],
    first_draw: int = 0,
    release: int = 0,
    each: int = SAMPLE,
) -> ItemRows:
    """Return a stratified sample of items for some draws and every balloon of a group.

    ``shape`` is (draws, balloons), the draws counted from ``first_draw``; the rows go by draw,
    balloon, item. Each release of a balloon has a sample of its own. ``each`` items are taken from
    a balloon.
    """
    label = sample_label(kind, release)
    draw, balloon, item = (x.ravel() for x in np.indices((*shape, each)))
    draw += first_draw
    where = (draw, first_balloon + balloon, item)
    speed = draws.uniform(Cause.ITEM_SPEED, *where, label=label)
    mode = draws.uniform(Cause.ITEM_MODE, *where, label=label)
    shift = np.floor(
        each * draws.uniform(Cause.ITEM_MODE, draw, first_balloon + balloon, label="strata")
    )
    turn = np.floor(
        each * draws.uniform(Cause.ITEM_SPEED, draw, first_balloon + balloon, label="strata")
    )
    return ItemRows(
        draw=draw,
        balloon=balloon,
        item=item,
        rank=((item + turn) % each + 0.5) / each,
        own=ndtri((item + speed) / each),
        mode=((item + shift) % each + mode) / each,
        label=label,
    )


def sample_label(kind: ItemKind, release: int) -> str:
    """Return the name of the random numbers of a sample of items."""
    return f"{kind.name}/sample" + (f"/{release}" if release else "")


def manifest_rows(
    mission: Mission, draws: Draws, lot: Lot, start: int = 0, stop: int | None = None
) -> ItemRows:
    """Return items of a lot; ``start`` and ``stop`` cut a range out of them, counted from 0.

    Item i of the kind, in the whole manifest, flies in draw i modulo D.
    """
    group, kind = mission.groups[lot.group], lot.kind
    counts = np.array([lot.part.count_on(b, group.count) for b in range(group.count)])
    ends = np.cumsum(counts)
    index = np.arange(start, lot.count if stop is None else min(stop, lot.count))
    balloon = np.searchsorted(ends, index, side="right")
    item = lot.first_item + index
    draw = item % mission.draws
    where = (draw, mission.first_balloon(lot.group) + balloon, item)
    return ItemRows(
        draw=draw,
        balloon=balloon,
        item=item,
        rank=(index - (ends - counts)[balloon] + 0.5) / counts[balloon],
        own=draws.normal(Cause.ITEM_SPEED, *where, label=kind.name),
        mode=draws.uniform(Cause.ITEM_MODE, *where, label=kind.name),
        label=kind.name,
    )


def fly_settings(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    settings: tuple[Setting, ...],
    steps: Steps,
    progress: Progress,
) -> tuple[GroupFlights, ...]:
    """Fly all groups with their settings, every balloon in every draw."""
    flights = []
    for g, setting in enumerate(settings):
        progress("flying balloons", g / len(settings))
        flights.append(fly_group(mission, g, draws, grid, setting, steps))
    return tuple(flights)


def drop_sample(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    flights: tuple[GroupFlights, ...],
    steps: Steps,
    progress: Progress,
) -> tuple[SampledItems, ...]:
    """Drop the stratified sample, some draws at a time: one entry for each kind of item."""
    found = []
    for k, kind in enumerate(mission.kinds):
        progress("dropping the sample", k / len(mission.kinds))
        parts = []
        for i, lot in enumerate(mission.lots):
            if lot.kind.name != kind.name:
                continue
            group, first = mission.groups[lot.group], mission.first_balloon(lot.group)
            counts = np.array([lot.part.count_on(b, group.count) for b in range(group.count)])
            each = max(SAMPLE_CHUNK // (group.count * SAMPLE), 1)
            for draw in range(0, mission.draws, each):
                shape = (min(each, mission.draws - draw), group.count)
                rows = sample_rows(draws, kind, first, shape, draw, lot.release)
                landings = drop_rows(mission, lot, draws, grid, flights[lot.group], rows, steps)
                parts.append(_thin(kind, i, rows, counts[rows.balloon], landings))
        joined = _join(kind, parts)
        mark_sea(joined.outcome, joined.longitude, joined.latitude)
        found.append(joined)
    return tuple(found)


def summarise_kind(
    mission: Mission,
    sample: SampledItems,
    regions: LandingRegions,
    clusters: Clusters | None = None,
    grid: WindGrid | None = None,
) -> tuple[KindResult, DrawShares]:
    """Estimate shares, outcomes and density of a kind.

    ``clusters`` says which draws share a wind of the data; unless given, none do. In ``grid`` the
    density sees whether they have errors of their own on top of it.

    Returns
    -------
    tuple
        The result, and the shares in each draw, from which those of the whole load are made.
    """
    inside = regions.classify(sample.longitude, sample.latitude)
    opened = np.isin(sample.outcome, OPENED)

    def share(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        return per_draw_shares(sample.weight, mask, sample.draw, mission.draws)

    left = sample.outcome == Outcome.LEFT_DATA
    anywhere = {name: share(mask & ~left) for name, mask in inside.items()}
    shares = {**anywhere, TARGET: share(inside[TARGET] & opened)}
    outcomes = {
        outcome.text: estimate_share(share(sample.outcome == outcome), clusters)
        for outcome in Outcome
    }
    density, place = None, None
    fall = drift = (float("nan"),) * 3
    if opened.any():
        longitude, latitude = sample.longitude[opened], sample.latitude[opened]
        weight = sample.weight[opened]
        draw = sample.draw[opened]
        density = estimate_density(
            longitude, latitude, weight, draw, None if grid is None else wind_of_draw(grid, draw),
            levels=mission.report.contours, own_errors=grid is not None and grid.arrays.has_error,
        )  # fmt: skip
        fall = _quantiles(sample.fall_s[opened], weight)
        drift = _quantiles(sample.drift_m[opened], weight)
        place = median_place(longitude, latitude, weight)
    count = sum(lot.count for lot in mission.lots if lot.kind.name == sample.kind.name)
    estimated = {name: estimate_share(s, clusters) for name, s in shares.items()}
    lots = _summarise_lots(mission, sample, opened)
    return (
        KindResult(sample.kind, count, estimated, outcomes, density, fall, drift, place, lots),
        DrawShares(shares, anywhere, share(left)),
    )


def wind_of_draw(grid: WindGrid, draw: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the wind of the data that each draw flies in, shape (n,)."""
    return np.asarray(grid.base[draw % grid.member_count], np.int64)


def _summarise_lots(
    mission: Mission, sample: SampledItems, opened: NDArray[np.bool_]
) -> tuple[LotFall, ...]:
    found = []
    for i in np.unique(sample.lot[opened]):
        mine = opened & (sample.lot == i)
        weight = sample.weight[mine]
        place = median_place(sample.longitude[mine], sample.latitude[mine], weight)
        found.append(LotFall(mission.lots[i], _quantiles(sample.fall_s[mine], weight)[0], place))
    return tuple(found)


def median_place(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the median along each axis [degrees].

    Longitudes are counted from the first landing, so that the antimeridian does no harm.
    """
    first = float(longitude[0])
    east = _quantiles((longitude - first + 180.0) % 360.0 - 180.0, weight)[0]
    return (first + east + 180.0) % 360.0 - 180.0, _quantiles(latitude, weight)[0]


def _quantiles(
    values: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float, float]:
    order = np.argsort(values)
    cumulative = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
    median, low, high = np.interp([0.5, 0.05, 0.95], cumulative, values[order])
    return float(median), float(low), float(high)


def _thin(
    kind: ItemKind, lot: int, rows: ItemRows, count: NDArray[np.int64], landings: ItemLandings
) -> SampledItems:
    """Keep what is asked of a sample; ``count``, shape (n,), is what each row's balloon carries."""
    keep = count > 0
    release = (landings.release_longitude[keep], landings.release_latitude[keep])
    end = (landings.longitude[keep], landings.latitude[keep])
    return SampledItems(
        kind=kind,
        draw=rows.draw[keep],
        weight=count[keep] / SAMPLE,
        outcome=landings.outcome[keep],
        longitude=end[0],
        latitude=end[1],
        lot=np.full(keep.sum(), lot, np.int64),
        fall_s=landings.landing_s[keep] - landings.release_s[keep],
        drift_m=distance_m(*release, *end),
    )


def _join(kind: ItemKind, parts: list[SampledItems]) -> SampledItems:
    return SampledItems(
        kind,
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in SampledItems.__slots__[1:]
        ),
    )
