"""How far the members of an ensemble differ: what they say of the error of their forecast.

The spread is the standard deviation of one component over the members, the root of the mean of
both components' variances, with M - 1 (or its like for weights) in the denominator. Where it is
smaller than the error of such a forecast, the members are too much alike, and all that is drawn
from them is too narrow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.wind.grid import WindGrid

FloatArray = NDArray[np.float64]

_BLOCK = 2_048


def ensemble_spread_ms(
    grid: WindGrid,
    longitude: ArrayLike,
    latitude: ArrayLike,
    height_m: ArrayLike,
    time_s: ArrayLike,
) -> FloatArray:
    """Return the standard deviation of one wind component over the members of the data [m s-1].

    Parameters
    ----------
    grid : WindGrid
        Two winds in the data at least; errors that were drawn on top of them play no part.
    longitude, latitude : array_like
        Places [degrees].
    height_m : array_like
        Geopotential heights [m]; below the ground the wind at the ground counts.
    time_s : array_like
        Times [epoch s]. All are broadcast; outside the data the edge is held.

    Returns
    -------
    numpy.ndarray
        Of the broadcast shape.

    Raises
    ------
    ArgumentError
        If the data hold one wind only.

    References
    ----------
    Wilks, Statistical Methods in the Atmospheric Sciences, chapter 8: ensemble spread. With
    weights the unbiased variance of reliability weights, divisor 1 - sum w^2.
    """
    if grid.base_count < 2:
        raise ArgumentError(
            f"{grid.source} holds one wind, which has no spread", "bring the files of all members"
        )
    weights = np.full(grid.base_count, 1.0 / grid.base_count)
    if grid.weights is not None:
        weights = np.asarray(grid.weights, np.float64)
    points = np.broadcast_arrays(
        *(np.asarray(x, np.float64) for x in (longitude, latitude, height_m, time_s))
    )
    shape, flat = points[0].shape, [x.ravel() for x in points]
    out = np.empty(flat[0].size)
    for start in range(0, out.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        wind = _sample_members(grid, *(x[part] for x in flat))  # member, point, component
        off = wind - np.einsum("m,mpc->pc", weights, wind)
        square = np.einsum("m,mpc->p", weights, off * off) / (1.0 - weights @ weights)
        out[part] = np.sqrt(0.5 * square)
    return out.reshape(shape)


def _sample_members(
    grid: WindGrid, lon: FloatArray, lat: FloatArray, height: FloatArray, time: FloatArray
) -> FloatArray:
    """Return eastward and northward wind of every member, shape (member, n, 2), linear."""
    a = grid.arrays
    rows, columns = a.terrain_m.shape
    off = np.mod(lon - a.longitude0, 360.0)
    width = (columns - 1) / a.per_longitude
    # what lies outside is nearer to one edge than to the other
    off = np.where(off > 0.5 * (width + 360.0), 0.0, off)
    axes = [
        _bracket(a.time_s, time),
        _bracket(a.height_m, height),
        _cell((lat - a.latitude0) * a.per_latitude, rows),
        _cell(off * a.per_longitude, columns),
    ]
    total = np.zeros((grid.base_count, lon.size, 2))
    for corner in range(16):
        sides = [(corner >> k) & 1 for k in range(4)]
        index = tuple(low + side for (low, _), side in zip(axes, sides, strict=True))
        weight = np.prod(
            [part if side else 1.0 - part for (_, part), side in zip(axes, sides, strict=True)],
            axis=0,
        )
        if weight.any():
            it, iz, iy, ix = index
            total += weight[:, None] * a.wind[:, it, iz, iy, ix, 0:2]
    return total


def _bracket(axis: FloatArray, value: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    low = np.clip(np.searchsorted(axis, value, side="right") - 1, 0, axis.size - 2)
    part = (value - axis[low]) / (axis[low + 1] - axis[low])
    return low, np.clip(part, 0.0, 1.0)


def _cell(place: FloatArray, size: int) -> tuple[NDArray[np.intp], FloatArray]:
    low = np.clip(np.floor(place), 0, size - 2).astype(np.intp)
    return low, np.clip(place - low, 0.0, 1.0)
