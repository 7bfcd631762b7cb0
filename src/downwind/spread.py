"""Positive quantities given by their median and their 5 and 95 % points."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95: Final = 1.6448536269514722
"""The 95 % point of the standard normal distribution."""

Triple = tuple[float, float, float]
"""Median, 5 and 95 % point."""


def two_piece_width(z: ArrayLike, median: float, low: float, high: float) -> NDArray[np.float64]:
    """Return the standard deviation of ln on the side of the median on which normals lie.

    Parameters
    ----------
    z : array_like
        Standard normals, any shape; from 0 on they lie above.
    median, low, high : float
        Median, 5 % and 95 % point.
    """
    below, above = np.log(median / low) / Z95, np.log(high / median) / Z95
    return np.asarray(np.where(np.asarray(z, np.float64) < 0.0, below, above))


def two_piece_lognormal(
    z: ArrayLike, median: float, low: float, high: float
) -> NDArray[np.float64]:
    """Turn standard normals into a positive quantity given by its median and 5 and 95 % points.

    The logarithm is normal with one width below the median and another above, so that all three
    points hold exactly.

    Parameters
    ----------
    z : array_like
        Standard normals, any shape.
    median, low, high : float
        Median, 5 % and 95 % point; all 0 for a quantity that is 0.
    """
    z = np.asarray(z, np.float64)
    if median == low == high:
        return np.full(z.shape, median)
    return np.asarray(median * np.exp(two_piece_width(z, median, low, high) * z))
