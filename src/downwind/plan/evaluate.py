"""Fly the whole fleet with given settings: shares of regions, outcomes, and every single item.

Every balloon flies in every draw with a stratified sample of its items: shares and standard errors
come from those. Besides, the full manifest is flown once, item i in draw i modulo D.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from downwind.geo.regions import SEA, classify_country
from downwind.geo.sphere import distance_m
from downwind.landing.density import LandingDensity, estimate_density
from downwind.landing.regions import LandingRegions
from downwind.landing.shares import Share, estimate_share, per_draw_shares
from downwind.load.items import ItemKind
from downwind.plan.drop import (
    GroupFlights,
    ItemLandings,
    ItemRows,
    Outcome,
    drop_rows,
    fly_group,
)
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.sim.draws import Cause, Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

SAMPLE = 4
"""Items of each kind that a balloon drops in each draw of the sample: one in each quarter of the
spread of speeds, and of the modes."""

OPENED = (Outcome.LANDED, Outcome.SEA)
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class LandedItems:
    """Items of one kind with what became of them and where; arrays of shape (n,).

    Attributes
    ----------
    kind : ItemKind
    group : numpy.ndarray
        Index of the balloon group.
    balloon : numpy.ndarray
        Index of the balloon in the fleet.
    draw : numpy.ndarray
    weight : numpy.ndarray
        Items that a row stands for.
    landings : ItemLandings
    """

    kind: ItemKind
    group: NDArray[np.int64]
    balloon: NDArray[np.int64]
    draw: NDArray[np.int64]
    weight: NDArray[np.float64]
    landings: ItemLandings


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
    """

    kind: ItemKind
    count: int
    shares: dict[str, Share]
    outcomes: dict[str, Share]
    density: LandingDensity | None
    fall_s: tuple[float, float, float]
    drift_m: tuple[float, float, float]


def sample_rows(
    draws: Draws, kind: ItemKind, first_balloon: int, shape: tuple[int, int]
) -> ItemRows:
    """Return a stratified sample of items for every draw and balloon of a group.

    ``shape`` is (draws, balloons); the rows go by draw, balloon, item.
    """
    draw, balloon, item = (x.ravel() for x in np.indices((*shape, SAMPLE)))
    where = (draw, first_balloon + balloon, item)
    speed = draws.uniform(Cause.ITEM_SPEED, *where, label=f"{kind.name}/sample")
    mode = draws.uniform(Cause.ITEM_MODE, *where, label=f"{kind.name}/sample")
    shift = np.floor(
        SAMPLE * draws.uniform(Cause.ITEM_MODE, draw, first_balloon + balloon, label="strata")
    )
    turn = np.floor(
        SAMPLE * draws.uniform(Cause.ITEM_SPEED, draw, first_balloon + balloon, label="strata")
    )
    return ItemRows(
        draw=draw,
        balloon=balloon,
        rank=((item + turn) % SAMPLE + 0.5) / SAMPLE,
        own=ndtri((item + speed) / SAMPLE),
        mode=((item + shift) % SAMPLE + mode) / SAMPLE,
    )


def manifest_rows(
    mission: Mission, draws: Draws, group_index: int, kind: ItemKind, first_item: int
) -> tuple[ItemRows, NDArray[np.int64]]:
    """Return every item of a kind on a group's balloons, and each one's number in the manifest.

    Item i of the kind flies in draw i modulo D; ``first_item`` counts those on earlier groups.
    """
    group = mission.groups[group_index]
    part = next(p for p in group.load if p.kind is kind)
    counts = np.array([part.count_on(b, group.count) for b in range(group.count)])
    balloon = np.repeat(np.arange(group.count), counts)
    place = np.arange(part.count) - np.repeat(np.cumsum(counts) - counts, counts)
    item = first_item + np.arange(part.count)
    draw = item % mission.draws
    where = (draw, mission.first_balloon(group_index) + balloon, item)
    rows = ItemRows(
        draw=draw,
        balloon=balloon,
        rank=(place + 0.5) / counts[balloon],
        own=draws.normal(Cause.ITEM_SPEED, *where, label=kind.name),
        mode=draws.uniform(Cause.ITEM_MODE, *where, label=kind.name),
    )
    return rows, item


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


def item_kinds(mission: Mission) -> tuple[ItemKind, ...]:
    """Return the kinds of item in the manifest, in the order of the mission."""
    kinds: dict[str, ItemKind] = {}
    for group in mission.groups:
        for part in group.load:
            kinds.setdefault(part.kind.name, part.kind)
    return tuple(kinds.values())


def drop_sample(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    flights: tuple[GroupFlights, ...],
    steps: Steps,
    progress: Progress,
) -> tuple[LandedItems, ...]:
    """Drop the stratified sample: one entry for each kind of item."""
    found = []
    for k, kind in enumerate(item_kinds(mission)):
        progress("dropping the sample", k / len(item_kinds(mission)))
        parts = []
        for g, group in enumerate(mission.groups):
            part = next((p for p in group.load if p.kind.name == kind.name), None)
            if part is None:
                continue
            first = mission.first_balloon(g)
            rows = sample_rows(draws, part.kind, first, (mission.draws, group.count))
            counts = np.array([part.count_on(b, group.count) for b in range(group.count)])
            landings = drop_rows(mission, g, part.kind, draws, grid, flights[g], rows, steps)
            keep = counts[rows.balloon] > 0
            parts.append(_land(kind, g, first, rows, counts[rows.balloon] / SAMPLE, landings, keep))
        found.append(_mark_sea(_join(kind, parts)))
    return tuple(found)


def drop_manifest(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    flights: tuple[GroupFlights, ...],
    steps: Steps,
    progress: Progress,
) -> tuple[LandedItems, ...]:
    """Drop every item of the manifest once: one entry for each kind of item."""
    found = []
    kinds = item_kinds(mission)
    for k, kind in enumerate(kinds):
        progress("dropping every item", k / len(kinds))
        parts, first_item = [], 0
        for g, group in enumerate(mission.groups):
            part = next((p for p in group.load if p.kind.name == kind.name), None)
            if part is None:
                continue
            rows, item = manifest_rows(mission, draws, g, part.kind, first_item)
            first_item += item.size
            landings = drop_rows(mission, g, part.kind, draws, grid, flights[g], rows, steps)
            one = np.ones(item.size)
            parts.append(_land(kind, g, mission.first_balloon(g), rows, one, landings, one > 0))
        found.append(_mark_sea(_join(kind, parts)))
    return tuple(found)


def summarise_kind(
    mission: Mission, sample: LandedItems, regions: LandingRegions
) -> tuple[KindResult, dict[str, NDArray[np.float64]]]:
    """Estimate shares, outcomes and density of a kind.

    Returns
    -------
    tuple
        The result, and the per-draw shares of each region, shape (draws,) each, from which shares
        of the whole load are made.
    """
    rows = sample.landings
    inside = regions.classify(rows.longitude, rows.latitude)
    opened = np.isin(rows.outcome, OPENED)
    inside["target"] = inside["target"] & opened
    in_data = rows.outcome != Outcome.LEFT_DATA
    shares = {
        name: per_draw_shares(sample.weight, mask & in_data, sample.draw, mission.draws)
        for name, mask in inside.items()
    }
    outcomes = {
        outcome.text: estimate_share(
            per_draw_shares(sample.weight, rows.outcome == outcome, sample.draw, mission.draws)
        )
        for outcome in Outcome
    }
    density = None
    fall = drift = (float("nan"),) * 3
    if opened.any():
        density = estimate_density(
            rows.longitude[opened], rows.latitude[opened], sample.weight[opened],
            sample.draw[opened],
        )  # fmt: skip
        weight = sample.weight[opened]
        fall = _quantiles((rows.landing_s - rows.release_s)[opened], weight)
        drift = _quantiles(
            distance_m(
                rows.release_longitude[opened],
                rows.release_latitude[opened],
                rows.longitude[opened],
                rows.latitude[opened],
            ),
            weight,
        )
    count = sum(p.count for g in mission.groups for p in g.load if p.kind.name == sample.kind.name)
    estimated = {name: estimate_share(s) for name, s in shares.items()}
    return KindResult(sample.kind, count, estimated, outcomes, density, fall, drift), shares


def _quantiles(
    values: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float, float]:
    order = np.argsort(values)
    cumulative = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
    median, low, high = np.interp([0.5, 0.05, 0.95], cumulative, values[order])
    return float(median), float(low), float(high)


def _land(
    kind: ItemKind,
    group_index: int,
    first_balloon: int,
    rows: ItemRows,
    weight: NDArray[np.float64],
    landings: ItemLandings,
    keep: NDArray[np.bool_],
) -> LandedItems:
    kept = ItemLandings(*(getattr(landings, name)[keep] for name in ItemLandings.__slots__))
    return LandedItems(
        kind,
        np.full(int(keep.sum()), group_index),
        first_balloon + rows.balloon[keep],
        rows.draw[keep],
        weight[keep],
        kept,
    )


def _join(kind: ItemKind, parts: list[LandedItems]) -> LandedItems:
    if len(parts) == 1:
        return parts[0]
    landings = ItemLandings(
        *(
            np.concatenate([getattr(p.landings, name) for p in parts])
            for name in ItemLandings.__slots__
        )
    )
    return LandedItems(
        kind,
        np.concatenate([p.group for p in parts]),
        np.concatenate([p.balloon for p in parts]),
        np.concatenate([p.draw for p in parts]),
        np.concatenate([p.weight for p in parts]),
        landings,
    )


def _mark_sea(items: LandedItems) -> LandedItems:
    """Turn LANDED into SEA where no country holds the place."""
    rows = items.landings
    landed = np.flatnonzero(rows.outcome == Outcome.LANDED)
    at_sea = classify_country(rows.longitude[landed], rows.latitude[landed]) == SEA
    rows.outcome[landed[at_sea]] = Outcome.SEA
    return items
