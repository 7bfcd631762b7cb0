"""How often areas and intervals hold the outcome, with the exact interval of that share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ScoreDataError
from downwind.landing.density import LEVELS, estimate_density
from downwind.landing.shares import clopper_pearson
from downwind.score.cases import PointCases


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many outcomes lay inside, of how many.

    Attributes
    ----------
    nominal : float
        The share that should [fraction].
    cases, held : int
    low, high : float
        Clopper-Pearson 95 % interval of the share; one-sided where none or all were held.
    """

    nominal: float
    cases: int
    held: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share that did [fraction]."""
        return self.held / self.cases

    @property
    def is_consistent(self) -> bool:
        """Whether the interval holds the nominal share."""
        return self.low <= self.nominal <= self.high

    def to_dict(self) -> dict[str, float | int | bool]:
        """Return the numbers as JSON holds them."""
        return {
            "nominal": self.nominal,
            "cases": self.cases,
            "held": self.held,
            "share": self.share,
            "low": self.low,
            "high": self.high,
            "is_consistent": self.is_consistent,
        }


def estimate_coverage(held: ArrayLike, nominal: float) -> Coverage:
    """Return how often something held the outcome.

    Parameters
    ----------
    held : array_like
        Whether it did, one a case, shape (n,).
    nominal : float
        How often it should [fraction].

    Raises
    ------
    ScoreDataError
        Without a case, or with a nominal share outside 0 to 1.

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404.
    """
    inside = np.asarray(held, np.bool_)
    if not inside.size or not 0.0 < nominal < 1.0:
        raise ScoreDataError(
            f"a coverage of {nominal:g} over {inside.size} cases cannot be told",
            "give at least one case, and a nominal share between 0 and 1",
        )
    hits = int(np.count_nonzero(inside))
    return Coverage(nominal, inside.size, hits, *clopper_pearson(hits, inside.size))


def hold_by_contours(cases: PointCases) -> dict[float, NDArray[np.bool_]]:
    """Say for each case whether the outcome lies inside the predictive contours of its points.

    The contours are those of the maps: see ``downwind.landing.density``.

    Returns
    -------
    dict
        For each probability of ``landing.density.LEVELS`` an array of shape (n,). Cases with fewer
        than three draws have no contour: the dictionary is then empty.
    """
    held: dict[float, list[bool]] = {level: [] for level in LEVELS}
    for i in range(len(cases.names)):
        density = estimate_density(
            cases.longitude[i], cases.latitude[i], cases.weight[i], cases.draw[i]
        )
        if density is None:
            return {}
        for level, found in held.items():
            found.append(
                contains(
                    density.contours[level],
                    float(cases.outcome_longitude[i]),
                    float(cases.outcome_latitude[i]),
                    density.longitude0,
                )
            )
    return {level: np.array(found) for level, found in held.items()}


def contains(area: shapely.Geometry, longitude: float, latitude: float, longitude0: float) -> bool:
    """Tell whether an area drawn about a longitude holds a place; all in degrees."""
    near = longitude0 + (longitude - longitude0 + 180.0) % 360.0 - 180.0
    return bool(shapely.contains_xy(area, near, latitude))
