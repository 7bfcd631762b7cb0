"""How likely it is that at least some share of the load comes down in a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters
from downwind.landing.intervals import EventProbability, estimate_event
from downwind.landing.regions import LandingRegions


@dataclass(frozen=True, slots=True)
class LoadEvent:
    """The probability that a region gets at least some share of the load, by mass.

    Attributes
    ----------
    region, title : str
        Key and name for people.
    at_least : float
        Share of the load [fraction].
    probability, low, high : float
        With the 95 % interval of Clopper and Pearson for the effective number of draws.
    draws, hit_draws : int
    worst_high : float
        Upper end of the interval, if all that leaves the wind data came down in this region.
    """

    region: str
    title: str
    at_least: float
    probability: float
    low: float
    high: float
    draws: int
    hit_draws: int
    worst_high: float


def find_load_events(
    regions: LandingRegions,
    shares: dict[str, NDArray[np.float64]],
    left: NDArray[np.float64],
    at_least: tuple[float, ...],
    clusters: Clusters | None = None,
) -> tuple[LoadEvent, ...]:
    """Return the probabilities for every region and share asked for.

    Parameters
    ----------
    regions : LandingRegions
    shares : dict
        Share of the load by mass in each region and draw, shape (draws,) each.
    left : numpy.ndarray
        Share that leaves the wind data in each draw, shape (draws,).
    at_least : tuple of float
        Shares of the load [fraction].
    clusters : Clusters, optional
        Which draws share a wind of the data; unless given, none do.
    """

    def estimate(rows: NDArray[np.float64], share: float) -> EventProbability:
        return estimate_event(rows >= share - 1e-12, clusters)

    found = []
    for name in regions.names:
        for share in at_least:
            event = estimate(shares[name], share)
            worst = estimate(shares[name] + left, share).high
            found.append(
                LoadEvent(
                    name, regions.title(name), share, event.probability, event.low, event.high,
                    event.draws, event.hit_draws, worst,
                )
            )  # fmt: skip
    return tuple(found)
