"""Which of a mission's regions holds a landing: target, home, third countries, sea, keep-outs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from downwind.geo.atlas import countries
from downwind.geo.regions import SEA, Region, classify_country

TARGET = "target"
HOME = "home"
THIRD_COUNTRY = "third_country"
SEA_NAME = "sea"
ELSEWHERE = "elsewhere"
KEEP_OUT = "keep_out:"
CELL = "cell:"
"""How the name of a cell of the target begins."""

LEFT_DATA = "left_data"
"""No region: what leaves the wind data comes down nobody knows where."""

_SHARED_AREA = 0.01


@dataclass(frozen=True, slots=True)
class LandingRegions:
    """The regions that a mission asks about.

    ``third_country`` is every country that is neither the home nor one that holds part of the
    target; ``elsewhere`` is land of the target's countries outside the target.

    Attributes
    ----------
    target, home : Region
    keep_outs : tuple of Region
    """

    target: Region
    home: Region
    keep_outs: tuple[Region, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of ``classify``, in the order of outputs."""
        keys = (TARGET, HOME, THIRD_COUNTRY, SEA_NAME, ELSEWHERE)
        return keys + tuple(KEEP_OUT + r.name for r in self.keep_outs)

    def title(self, name: str) -> str:
        """Return what a region is called for people."""
        if name.startswith(KEEP_OUT):
            return f"keep-out {name.removeprefix(KEEP_OUT)}"
        return {
            TARGET: f"target: {self.target.name}",
            HOME: f"falling short: {self.home.name}",
            THIRD_COUNTRY: "third countries",
            SEA_NAME: "sea",
            ELSEWHERE: "elsewhere on land",
        }[name]

    def classify(
        self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
    ) -> dict[str, NDArray[np.bool_]]:
        """Tell which points, shape (n,) [degrees], lie in each region.

        The first five regions share out the earth: a place in both home and target counts as
        target for the share in the target and as home for falling short, nowhere else. Keep-outs
        overlap the others.
        """
        country = classify_country(longitude, latitude)
        sea = country == SEA
        in_target = self.target.contains(longitude, latitude)
        in_home = self.home.contains(longitude, latitude)
        # the last entry is what SEA, -1, picks
        own = _mark_countries(self.target.geometry)[country]
        inside = {
            TARGET: in_target,
            HOME: in_home,
            THIRD_COUNTRY: ~sea & ~own & ~in_home & ~in_target,
            SEA_NAME: sea & ~in_target & ~in_home,
            ELSEWHERE: ~sea & own & ~in_home & ~in_target,
        }
        for keep_out in self.keep_outs:
            inside[KEEP_OUT + keep_out.name] = keep_out.contains(longitude, latitude)
        return inside


def countries_of(target: Region) -> tuple[int, ...]:
    """Return the indices in ``countries("10m")`` of those that hold a part of a target."""
    return tuple(int(i) for i in np.flatnonzero(_mark_countries(target.geometry)[:-1]))


@lru_cache(maxsize=16)
def _mark_countries(target: BaseGeometry) -> NDArray[np.bool_]:
    """Mark the countries that hold at least a hundredth of the target, and last the sea: none."""
    least = _SHARED_AREA * target.area
    marks = [
        country.geometry.intersects(target) and country.geometry.intersection(target).area > least
        for country in countries("10m")
    ]
    return np.array([*marks, False])
