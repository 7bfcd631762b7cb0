"""Airports, from the open list that the package airportsdata brings, with their ICAO codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import airportsdata
import numpy as np
from numpy.typing import NDArray

from downwind.geo.sphere import distance_m

FEET_M: Final = 0.3048
"""One international foot [m]."""


@dataclass(frozen=True, slots=True)
class Airport:
    """An airport or airfield.

    Attributes
    ----------
    code : str
        ICAO code.
    iata : str
        IATA code, which those with scheduled flights have; else empty.
    name : str
    latitude, longitude : float
        [degrees]
    elevation_m : float
        [m above the sea]
    """

    code: str
    iata: str
    name: str
    latitude: float
    longitude: float
    elevation_m: float

    @property
    def title(self) -> str:
        """Name and code, for people: ``Incheon International Airport (RKSI)``."""
        return f"{self.name} ({self.code})"


@lru_cache(maxsize=1)
def load_airports() -> tuple[Airport, ...]:
    """Return the airports of the world, by code."""
    table = airportsdata.load("ICAO")
    return tuple(
        Airport(
            code,
            str(row["iata"]),
            str(row["name"]),
            float(row["lat"]),
            float(row["lon"]),
            float(row["elevation"]) * FEET_M,
        )
        for code, row in sorted(table.items())
    )


@lru_cache(maxsize=64)
def airports_within(
    longitude: float, latitude: float, radius_m: float
) -> tuple[tuple[Airport, float], ...]:
    """Return the airports within a great-circle distance of a place, the nearest first.

    Parameters
    ----------
    longitude, latitude : float
        Where [degrees].
    radius_m : float
        How far [m].

    Returns
    -------
    tuple of tuple
        Each airport and its distance [m].
    """
    lon, lat = _places()
    distance = distance_m(longitude, latitude, lon, lat)
    near = np.flatnonzero(distance <= radius_m)
    airports = load_airports()
    return tuple(
        (airports[i], float(distance[i])) for i in near[np.argsort(distance[near], kind="stable")]
    )


@lru_cache(maxsize=1)
def _places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude of every airport, shape (n,) [degrees]."""
    places = np.array([(a.longitude, a.latitude) for a in load_airports()], np.float64)
    return places[:, 0], places[:, 1]
