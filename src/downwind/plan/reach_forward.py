"""Fly launches forward that were found flying back, to see how far they miss the target."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.geo.sphere import distance_m
from downwind.plan.mission import Mission
from downwind.plan.reach_back import BackFlights, launch_forward
from downwind.plan.reach_places import TargetPlaces
from downwind.wind.grid import WindGrid

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ForwardCheck:
    """Launches that were found flying back, flown forward in the same wind.

    Attributes
    ----------
    launches : int
        How many were flown.
    landed : int
        How many of them came down inside the data.
    inside : int
        How many of them came down in the target.
    median_m, most_m : float
        How far from the place that they were flown back from [m]; NaN where none came down.
    """

    launches: int
    landed: int
    inside: int
    median_m: float
    most_m: float


def fly_forward(
    mission: Mission,
    grid: WindGrid,
    found: list[BackFlights],
    winds: NDArray[np.int64],
    places: TargetPlaces,
    most: int,
) -> ForwardCheck:
    """Fly some of the launches forward, in the same wind, and see where their items come down.

    Parameters
    ----------
    mission, grid, winds, places
        As for ``fly_back``.
    found : list of BackFlights
    most : int
        Launches to fly; those between the places, spread over all lots, hours, settings and winds.
    """
    missed: list[Floats] = []
    landed = inside = flown = 0
    each = max(most // max(len(found), 1), 1)
    for number, flights in enumerate(found):
        good = np.flatnonzero(np.isfinite(flights.longitude))
        if not good.size:
            continue
        generator = np.random.Generator(np.random.Philox([mission.seed, number]))
        some = np.sort(generator.choice(good, min(each, good.size), replace=False))
        t, w, p = np.unravel_index(some, flights.longitude.shape)
        longitude, latitude = flights.longitude.ravel()[some], flights.latitude.ravel()[some]
        lon, lat, on_ground = launch_forward(
            mission, flights.lot, grid, flights.heights, t, winds[w], longitude, latitude
        )
        flown += some.size
        landed += int(on_ground.sum())
        inside += int((mission.target.contains(lon, lat) & on_ground).sum())
        missed.append(
            distance_m(lon, lat, places.fine_longitude[p], places.fine_latitude[p])[on_ground]
        )
    miss = np.concatenate(missed) if missed else np.zeros(0)
    if not miss.size:
        return ForwardCheck(flown, 0, 0, math.nan, math.nan)
    return ForwardCheck(flown, landed, inside, float(np.median(miss)), float(miss.max()))
