"""Draw the error of a wind: fields that are alike over some distance, height and time.

A grid with errors has as many members as there are draws: member d flies in the wind
``grid.base[d]`` of the data plus the error fields of draw d. Which size the error has is said by an
``ErrorSize``; the fields are lattices, see ``downwind.wind.perturbation.kernels``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.wind.error import LARGE, UNRESOLVED, Scales
from downwind.wind.kernels import GridArrays
from downwind.wind.perturbation import kernels
from downwind.wind.perturbation.kernels import ErrorArrays

SLOW_UP: Final = Scales(400_000.0, np.inf, 3.0 * 3600.0)
"""Scales of the synoptic error of the upward wind; the same at all heights."""

FAST_UP: Final = Scales(20_000.0, np.inf, 0.5 * 3600.0)
"""Scales of the mesoscale error of the upward wind; the same at all heights."""

LARGEST_MS: Final = 50.0
"""Largest standard deviation that is taken for one [m s-1]: beyond, a unit is wrong."""


@dataclass(frozen=True, slots=True)
class ErrorSize:
    """How large the errors of a wind are, one component each, and over what they stay alike.

    Attributes
    ----------
    height_m : numpy.ndarray
        Geopotential heights of the table, rising, shape (k,) [m].
    time_s : numpy.ndarray
        Times of the table, rising, shape (m,) [epoch s].
    large_ms : numpy.ndarray
        Standard deviation of the large-scale part, shape (k, m) [m s-1]; outside the table the
        value at its edge holds.
    fine_ms : float
        Standard deviation of what the grid does not resolve [m s-1].
    slow_up_ms, fast_up_ms, mountain_up_ms : float
        Of the synoptic and the mesoscale part of the upward wind, and of the latter over mountains
        in strong flow [m s-1].
    large, fine, slow_up, fast_up : Scales
        Over what each part stays alike.
    origin : str
        Where the sizes come from, for people.
    """

    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    large_ms: NDArray[np.float64]
    fine_ms: float
    slow_up_ms: float
    fast_up_ms: float
    mountain_up_ms: float
    large: Scales = LARGE
    fine: Scales = UNRESOLVED
    slow_up: Scales = SLOW_UP
    fast_up: Scales = FAST_UP
    origin: str = ""


def check_size(size: ErrorSize) -> None:
    """Raise ArgumentError unless the sizes of an error are numbers from 0 on, in good order.

    Parameters
    ----------
    size : ErrorSize
    """
    shape = (np.size(size.height_m), np.size(size.time_s))
    if np.shape(size.large_ms) != shape or 0 in shape:
        raise ArgumentError(
            f"the large-scale error of a wind has shape {np.shape(size.large_ms)} over "
            f"{shape[0]} heights and {shape[1]} times",
            "give one size for each height and time, and one of each at least",
        )
    for name in ("height_m", "time_s"):
        axis = np.asarray(getattr(size, name))
        if not (np.isfinite(axis).all() and (np.diff(axis) > 0.0).all()):
            raise ArgumentError(
                f"{name} of the error of a wind does not rise throughout", "put it in order"
            )
    if np.isinf(size.large.vertical_m) and np.any(np.ptp(size.large_ms, axis=0) > 0.0):
        raise ArgumentError(
            "the large-scale error of a wind is the same at all heights (vertical_m = inf), but "
            "its sizes differ by height",
            "give one size for all heights, or a finite vertical length",
        )
    for name in ("large_ms", "fine_ms", "slow_up_ms", "fast_up_ms", "mountain_up_ms"):
        values = np.asarray(getattr(size, name))
        wrong = ~((values >= 0.0) & (values <= LARGEST_MS))
        if wrong.any():
            raise ArgumentError(
                f"{name} of the error of a wind is {values[wrong].flat[0]:g} m/s",
                f"give standard deviations from 0 to {LARGEST_MS:g} m/s",
            )


def no_error() -> ErrorArrays:
    """Return the fields of a wind that is taken as it is: nothing to read."""
    return ErrorArrays(
        error_values=np.zeros(1, np.int32),
        error_start=np.zeros(4, np.int64),
        error_count=np.ones((4, 4), np.int64),
        error_per=np.zeros((4, 4)),
        error_along=np.zeros(4),
        error_unit=np.zeros(4),
        error_shift=np.zeros((1, 4, 4)),
        error_frame=np.zeros((1, 2)),
        error_time0_s=0.0,
        error_longitude0=0.0,
        error_mountain=np.zeros((1, 1), np.float32),
        error_calm_ms=8.0,
        error_strong_ms=12.0,
        error_taper_m=500.0,
    )


def sample_errors(
    arrays: ErrorArrays | GridArrays,
    member: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    height_m: ArrayLike,
    time_s: ArrayLike,
) -> NDArray[np.float64]:
    """Return the error fields of members at points.

    Parameters
    ----------
    arrays : ErrorArrays or GridArrays
        With errors.
    member : array_like of int
    longitude, latitude, height_m, time_s : array_like
        Places [degrees, m geopotential] and times [epoch s]. All are broadcast.

    Returns
    -------
    numpy.ndarray
        Shape (4, ...) [m s-1]: of eastward and northward wind, and the synoptic and the mesoscale
        part of that of the upward wind, as they are over flat land far above it.
    """
    points = np.broadcast_arrays(member, longitude, latitude, height_m, time_s)
    out = np.empty((4, points[0].size))
    index = np.ascontiguousarray(points[0], np.int64).reshape(-1)
    where = [np.ascontiguousarray(x, np.float64).reshape(-1) for x in points[1:]]
    kernels.read_errors(arrays, index, *where, out)
    return out.reshape(4, *points[0].shape)
