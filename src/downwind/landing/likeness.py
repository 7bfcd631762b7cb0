"""How alike draws of one wind are, told by where they land: for all that shows no difference.

Where nothing or everything was hit, the hits do not tell how alike the draws of one wind of the
data are. Where each draw has an error of the wind of its own, places still do: they vary in every
draw. Places with a normal law in two dimensions have a direction in which two draws of a wind are
most alike, and no event that follows from a place makes them more alike than that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.stats import f as fisher

from downwind.geo.sphere import local_equal_area

BOUND = 0.95
"""One-sided confidence of the likeness: chance hides some of it where winds are few."""

_LEAST_M = 1.0
"""Places are told apart by so much [m], so that a cloud without width has a likeness too."""


def find_likeness(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    weight: NDArray[np.float64],
    draw: NDArray[np.int64],
    wind: NDArray[np.int64],
) -> float:
    """Return the upper bound of the correlation of the places of two draws in one wind.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Landings, shape (n,) [degrees]. The mean place of a draw stands for it.
    weight : numpy.ndarray
        Items that each row stands for, shape (n,), above 0.
    draw : numpy.ndarray
        Draw of each row, shape (n,).
    wind : numpy.ndarray
        Wind of the data of each row, shape (n,).

    Returns
    -------
    float
        Intraclass correlation in the direction in which it is largest, from 0 to 1: its upper
        95 % bound. NaN where no wind has two draws, or there are fewer than two winds.

    References
    ----------
    Searle, Casella and McCulloch 1992, Variance Components, 3.5 and 3.6 (intervals from F).
    Gebelein 1941, ZAMM 21, 364; Lancaster 1957, Biometrika 44, 289: functions of variables with a
    joint normal law are no more correlated than linear ones.
    """
    names, first, of_row = np.unique(draw, return_index=True, return_inverse=True)
    winds, label = np.unique(wind[first], return_inverse=True)
    draws, count = names.size, winds.size
    if count < 2 or draws <= count:
        return float("nan")
    middle = int(first[draws // 2])
    plane = local_equal_area(float(longitude[middle]), float(latitude[middle]))
    whole = np.bincount(of_row, weight)
    place = np.column_stack([
        np.bincount(of_row, weight * axis) / whole for axis in plane.forward(longitude, latitude)
    ])  # fmt: skip
    size = np.bincount(label).astype(np.float64)
    centre = np.column_stack([np.bincount(label, axis) / size for axis in place.T])
    away, apart = place - centre[label], centre - place.mean(axis=0)
    within = away.T @ away / (draws - count) + _LEAST_M**2 * np.eye(2)
    between = (size * apart.T) @ apart / (count - 1) + _LEAST_M**2 * np.eye(2)
    ratio = float(eigh(between, within, eigvals_only=True)[-1])
    ratio /= float(fisher.ppf(1.0 - BOUND, count - 1, draws - count))
    each = (draws - float(np.sum(size**2)) / draws) / (count - 1)
    return float(np.clip((ratio - 1.0) / (ratio - 1.0 + each), 0.0, 1.0)) if ratio > 1.0 else 0.0
