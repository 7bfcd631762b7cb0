"""How likely it is that at least some share of the load comes down in a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import LandingRegions
from downwind.landing.shares import clopper_pearson


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
        With the 95 % interval of Clopper and Pearson on the draws.
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
    """
    found = []
    for name in regions.names:
        for share in at_least:
            draws = shares[name].size
            hits = _count(shares[name], share)
            low, high = clopper_pearson(hits, draws)
            worst = clopper_pearson(_count(shares[name] + left, share), draws)[1]
            found.append(
                LoadEvent(
                    name, regions.title(name), share, hits / draws, low, high, draws, hits, worst
                )
            )
    return tuple(found)


def _count(shares: NDArray[np.float64], at_least: float) -> int:
    return int(np.count_nonzero(shares >= at_least - 1e-12))
