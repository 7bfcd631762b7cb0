"""Towns near the landings: how many things are expected in and about each of them.

Only towns are known, with their middles and their people: villages, farms and everybody else
between them are not. So what is said of people here is an underestimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.places import Town, towns_in_box
from downwind.geo.sphere import wrap_longitude
from downwind.landing.clusters import Clusters, estimate_mean

TOWNS_ONLY: Final = "towns only, an underestimate of people"

ROWS: Final = 40
"""Towns in the table at most."""

_KM_PER_DEGREE: Final = float(np.radians(1.0)) * EARTH_RADIUS_M / 1e3


@dataclass(frozen=True, slots=True)
class Landings:
    """Things that come down; columns of shape (n,).

    ``weight`` is how many things a row stands for in its draw.
    """

    key: str
    is_item: bool
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    draw: NDArray[np.int64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TownRow:
    """What comes down about a town.

    Attributes
    ----------
    town : Town
    items : tuple of float
        How many items of all kinds are expected within the radius, and the standard error.
    within : dict
        For each sort of thing, how many are expected within the radius, and the standard error.
    nearest : dict
        For each sort, how many are expected to which no other town is nearer.
    nearest_items : tuple of float
        The same of items of all kinds, and the standard error.
    """

    town: Town
    items: tuple[float, float]
    within: dict[str, tuple[float, float]]
    nearest: dict[str, float]
    nearest_items: tuple[float, float] = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class TownTable:
    """The towns that most comes down about, first those with most within the radius.

    Attributes
    ----------
    radius_m : float
    smallest : int
        People of the smallest town looked at.
    rows : tuple of TownRow
    towns : int
        Towns looked at.
    """

    radius_m: float
    smallest: int
    rows: tuple[TownRow, ...]
    towns: int


def find_towns(
    things: Sequence[Landings],
    draws: int,
    radius_m: float,
    smallest: int,
    clusters: Clusters | None = None,
) -> TownTable:
    """Find the towns that things come down about.

    Parameters
    ----------
    things : sequence of Landings
        One entry for each sort.
    draws : int
    radius_m : float
    smallest : int
        People of the smallest town to look at.
    clusters : Clusters, optional
        Which draws share a wind of the data; unless given, none do.
    """
    longitude = np.concatenate([t.longitude for t in things] or [np.zeros(0)])
    latitude = np.concatenate([t.latitude for t in things] or [np.zeros(0)])
    towns = _towns_about(longitude, latitude, radius_m, smallest)
    if not towns or not any(t.is_item for t in things):
        return TownTable(radius_m, smallest, (), 0)
    middles = _on_sphere(
        np.array([t.longitude for t in towns]), np.array([t.latitude for t in towns])
    )
    tree = cKDTree(middles)
    reach = 2.0 * np.sin(0.5 * radius_m / EARTH_RADIUS_M)
    within: dict[str, tuple[NDArray[np.float64], list[NDArray[np.int64]]]] = {}
    nearest: dict[str, NDArray[np.float64]] = {}
    closest_to: dict[str, NDArray[np.int64]] = {}
    for thing in things:
        points = _on_sphere(thing.longitude, thing.latitude)
        _, closest = tree.query(points)
        closest_to[thing.key] = np.asarray(closest, np.int64)
        nearest[thing.key] = np.bincount(closest, thing.weight, len(towns)) / draws
        held = [np.asarray(i, np.int64) for i in cKDTree(points).query_ball_point(middles, reach)]
        sums = np.array([float(thing.weight[i].sum()) for i in held]) / draws
        within[thing.key] = (sums, held)
    items = [t.key for t in things if t.is_item]
    inner = np.sum([within[key][0] for key in items], axis=0)
    outer = np.sum([nearest[key] for key in items], axis=0)
    order = np.lexsort((-outer, -inner))[:ROWS]
    rows = []
    for i in order:
        if not inner[i] + outer[i] > 0.0:
            break
        by_draw = {
            t.key: np.bincount(t.draw[mine], t.weight[mine], draws).astype(np.float64)
            for t in things
            for mine in (within[t.key][1][i],)
        }
        closer = np.zeros(draws)
        for t in things:
            if t.is_item:
                mine = closest_to[t.key] == i
                closer += np.bincount(t.draw[mine], t.weight[mine], draws)
        rows.append(
            TownRow(
                towns[i],
                _estimate(np.sum([by_draw[key] for key in items], axis=0), clusters),
                {key: _estimate(sums, clusters) for key, sums in by_draw.items()},
                {key: float(v[i]) for key, v in nearest.items()},
                _estimate(closer, clusters),
            )
        )
    return TownTable(radius_m, smallest, tuple(rows), len(towns))


def _estimate(by_draw: NDArray[np.float64], clusters: Clusters | None) -> tuple[float, float]:
    """Return the mean over the draws and its standard error."""
    found = estimate_mean(by_draw, clusters)
    return found.mean, found.standard_error


def _towns_about(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], radius_m: float, smallest: int
) -> list[Town]:
    """Return the towns in the box of the landings, widened by what a radius and more reach."""
    if not longitude.size:
        return []
    margin = 3.0 * radius_m / 1e3 / _KM_PER_DEGREE
    south = max(float(latitude.min()) - margin, -90.0)
    north = min(float(latitude.max()) + margin, 90.0)
    first = float(longitude[0])
    east = (longitude - first + 180.0) % 360.0 - 180.0
    wide = margin / max(float(np.cos(np.radians(max(abs(south), abs(north))))), 1e-3)
    low, high = float(east.min()) - wide, float(east.max()) + wide
    west_deg, east_deg = -180.0, 180.0
    if high - low < 360.0:
        west_deg, east_deg = (float(wrap_longitude(first + x)) for x in (low, high))
    return towns_in_box(west_deg, south, east_deg, north, smallest, 100_000)


def _on_sphere(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return points on the unit sphere, shape (n, 3)."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
