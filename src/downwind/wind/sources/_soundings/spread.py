"""Wind between stations at one height, and how wrong it is: ordinary kriging.

The wind of a level is an unknown mean and two fields about it that do not know of each other: a
broad one, alike over some 500 km, and a fine one, alike over some 40 km. A sounding measures their
sum with an error of its own. What follows is the best linear estimate at any point and its
standard error. With one sounding the wind is that sounding everywhere, and its error grows from
that of the instrument to that of two places which know nothing of each other.

The sizes come from radiosondes; ``python -m docs.figures.soundings`` measures how honest they are.

References
----------
Cressie 1993, Statistics for Spatial Data, section 3.2: ordinary kriging.
Dubrule 1983, Mathematical Geology 15, 687: leaving one out without solving again.
PHYSICS 5: the shape of the correlation and the length of the fine part.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import EARTH_RADIUS_M
from downwind.wind.error import SOUNDING_FINE_MS, UNRESOLVED

FloatArray = NDArray[np.float64]

BROAD_LENGTH_M: Final = 500_000.0
"""Length L of exp(-d^2 / 2 L^2) of the broad part [m]."""

FINE_LENGTH_M: Final = UNRESOLVED.horizontal_m
"""The same of the fine part [m]: what lies between stations and is not seen by them."""

FINE_SIGMA_MS: Final = SOUNDING_FINE_MS
"""Standard deviation of each component of the fine part [m s-1]."""

BROAD_SIGMA: Final = (
    (0.0, 6.0), (1_000.0, 6.5), (3_000.0, 7.0), (5_000.0, 10.0), (7_000.0, 13.0), (9_000.0, 16.0),
    (11_000.0, 16.0), (14_000.0, 10.0), (18_000.0, 6.0), (24_000.0, 6.0), (35_000.0, 10.0),
)  # fmt: skip
"""Standard deviation of each component of the broad part, by geopotential height [m], [m s-1].

From the differences between pairs of the 245 radiosondes at 25 to 60 N of 2008-12-08 12Z. It is a
winter of middle latitudes: the spread of the stations themselves corrects it, see `find_sigma_ms`.
"""

BELIEF: Final = 10.0
"""How many degrees of freedom the table `BROAD_SIGMA` counts for beside the stations [-]."""

LEAST_FACTOR: Final = 0.25
"""Least factor by which the spread of the stations may lower the variance of the table [-]."""


_FAR: Final = 8.0


class Spread(NamedTuple):
    """Wind at m points and the standard error of each component, shape (m,) [m s-1]."""

    eastward_ms: FloatArray
    northward_ms: FloatArray
    error_ms: FloatArray


class LeftOut(NamedTuple):
    """What each of n soundings differs from what the others say of its place.

    Attributes
    ----------
    difference_ms : numpy.ndarray
        Observed less estimated, both components, shape (n, 2) [m s-1].
    error_ms : numpy.ndarray
        Standard error stated for that difference, shape (n,) [m s-1].
    """

    difference_ms: FloatArray
    error_ms: FloatArray


def table_sigma_ms(height_m: ArrayLike) -> FloatArray:
    """Return the entry of `BROAD_SIGMA` at geopotential heights [m], linear and held [m s-1]."""
    heights, sigmas = np.array(BROAD_SIGMA).T
    return np.asarray(np.interp(np.asarray(height_m, np.float64), heights, sigmas), np.float64)


def place_vectors(longitude: ArrayLike, latitude: ArrayLike) -> FloatArray:
    """Return the unit vectors of places [degrees], shape (n, 3).

    Distances are taken along chords: with them a correlation of this shape is a valid one on a
    sphere, with arcs it is not. At 1,000 km a chord is 1 km shorter.
    """
    lon, lat = np.deg2rad(longitude), np.deg2rad(latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def find_sigma_ms(
    height_m: float, places: FloatArray, wind_ms: FloatArray, error_ms: FloatArray
) -> float:
    """Return the standard deviation of the broad part at a height, with what the stations say.

    The variance of the table is multiplied by (b + q) / (b + k): k is twice the number of stations
    less one, q their squared deviations from each other in terms of the table, which is k on
    average where the table is right, and b is `BELIEF`. A single sounding says nothing of it.

    Parameters
    ----------
    height_m : float
        Geopotential height [m].
    places : numpy.ndarray
        Unit vectors of the n observations, shape (n, 3).
    wind_ms : numpy.ndarray
        Both components, shape (n, 2) [m s-1].
    error_ms : numpy.ndarray
        Their standard errors, shape (n,) [m s-1].
    """
    table = float(table_sigma_ms(height_m))
    weights = _find_weights(_correlate(places, places, table), error_ms)
    squares = float(np.einsum("ic,ij,jc->", wind_ms, weights.contrast, wind_ms))
    freedom = 2.0 * (error_ms.size - 1)
    factor = (BELIEF + squares) / (BELIEF + freedom)
    return table * float(np.sqrt(max(factor, LEAST_FACTOR)))


def spread_wind(
    height_m: float,
    places: FloatArray,
    wind_ms: FloatArray,
    error_ms: FloatArray,
    points: FloatArray,
) -> Spread:
    """Estimate the wind at points from observations at one height.

    Parameters
    ----------
    height_m : float
        Geopotential height [m].
    places : numpy.ndarray
        Unit vectors of the n observations, shape (n, 3).
    wind_ms : numpy.ndarray
        Both components, shape (n, 2) [m s-1].
    error_ms : numpy.ndarray
        Standard error of each component as observed, shape (n,) [m s-1], above 0.
    points : numpy.ndarray
        Unit vectors of the points, shape (m, 3).

    Returns
    -------
    Spread
    """
    sigma_ms = find_sigma_ms(height_m, places, wind_ms, error_ms)
    inverse, total, _ = _find_weights(_correlate(places, places, sigma_ms), error_ms)
    toward = _correlate(points, places, sigma_ms)
    simple = toward @ inverse
    lack = (1.0 - simple.sum(axis=1)) / total
    weights = simple + lack[:, None] * inverse.sum(axis=0)
    u_ms, v_ms = (weights @ wind_ms).T
    own = sigma_ms**2 + FINE_SIGMA_MS**2
    variance = own - np.einsum("ij,ij->i", simple, toward) + lack**2 * total
    return Spread(u_ms, v_ms, np.sqrt(np.maximum(variance, 0.0)))


def leave_one_out(
    height_m: float, places: FloatArray, wind_ms: FloatArray, error_ms: FloatArray
) -> LeftOut:
    """Compare each observation with what the others say of its place.

    Parameters
    ----------
    height_m, places, wind_ms, error_ms
        As in `spread_wind`; at least two observations.

    Returns
    -------
    LeftOut
    """
    sigma_ms = find_sigma_ms(height_m, places, wind_ms, error_ms)
    contrast = _find_weights(_correlate(places, places, sigma_ms), error_ms).contrast
    own = np.diag(contrast)
    return LeftOut(contrast @ wind_ms / own[:, None], 1.0 / np.sqrt(own))


class _Weights(NamedTuple):
    """The inverse covariance, the sum of its entries, and the same with the mean taken out."""

    inverse: FloatArray
    total: float
    contrast: FloatArray


def _correlate(first: FloatArray, second: FloatArray, sigma_ms: float) -> FloatArray:
    """Return the covariance of the wind itself between places, shape (m, n) [m2 s-2]."""
    square = 2.0 * EARTH_RADIUS_M**2 * np.maximum(1.0 - first @ second.T, 0.0)
    covariance = sigma_ms**2 * np.exp(-0.5 * square / BROAD_LENGTH_M**2)
    near = square < (_FAR * FINE_LENGTH_M) ** 2
    covariance[near] += FINE_SIGMA_MS**2 * np.exp(-0.5 * square[near] / FINE_LENGTH_M**2)
    return np.asarray(covariance, np.float64)


def _find_weights(covariance: FloatArray, error_ms: FloatArray) -> _Weights:
    inverse = np.asarray(np.linalg.inv(covariance + np.diag(error_ms**2)), np.float64)
    rows = inverse.sum(axis=0)
    total = float(rows.sum())
    return _Weights(inverse, total, inverse - np.outer(rows, rows) / total)
