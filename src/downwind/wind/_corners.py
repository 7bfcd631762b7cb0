"""Look columns of a field up around points: corners and weights, then along the height."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.atmosphere import LAYER_BASE_M, temperature_k

FloatArray = NDArray[np.float32]

COVERED_SHARE: Final = 0.9
"""Share of a layer that the data have to cover for a mean over it."""

ROUNDING: Final = 1e-9
"""How far a position may lie outside by rounding [cells, degrees]."""


class Corners(NamedTuple):
    """Eight corners around n points: indices and weights, shape (8, n), and which are inside."""

    member: NDArray[np.intp]
    time: NDArray[np.intp]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    weight: NDArray[np.float64]
    inside: NDArray[np.bool_]


def broadcast(*arguments: ArrayLike) -> list[NDArray[np.float64]]:
    """Return arguments, broadcast against each other, as flat arrays."""
    arrays = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in arguments))
    return [array.ravel() for array in arrays]


def find_cell(
    position: NDArray[np.float64], size: int
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the lower node, the weight of the upper one, and whether positions are inside."""
    inside = (position >= -ROUNDING) & (position <= size - 1 + ROUNDING)
    safe = np.clip(np.where(inside, position, 0.0), 0.0, size - 1.0)
    low = np.minimum(safe.astype(np.intp), size - 2)
    return low, safe - low, inside


def mix_columns(values: FloatArray, corners: Corners) -> NDArray[np.float64]:
    """Return the columns over n points, shape (n, level); NaN outside."""
    total = np.zeros((corners.inside.size, values.shape[2]))
    for m, t, y, x, weight in zip(*corners[:5], strict=True):
        if weight.any():
            part = weight[:, None] * values[m, t, :, y, x]
            # a corner of no weight may hold no value
            total += np.where(weight[:, None] > 0.0, part, 0.0)
    total[~corners.inside] = np.nan
    return total


def interpolate_rows(
    heights: NDArray[np.float64], values: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate each row of values, shape (n, level), at its heights, shape (n, q)."""
    levels = heights.shape[1]
    below = np.count_nonzero(heights[:, None, :] <= at[:, :, None], axis=2) - 1
    low = np.clip(below, 0, levels - 2)
    bottom, top = (np.take_along_axis(heights, low + i, axis=1) for i in (0, 1))
    first, second = (np.take_along_axis(values, low + i, axis=1) for i in (0, 1))
    with np.errstate(invalid="ignore"):
        weight = (at - bottom) / (top - bottom)
        mixed = np.where(
            weight == 0.0,
            first,
            np.where(weight == 1.0, second, (1.0 - weight) * first + weight * second),
        )
        inside = (weight >= 0.0) & (weight <= 1.0)
    return np.where(inside, mixed, np.nan)


def mean_offset(
    heights: NDArray[np.float64],
    kelvin: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the mean of T - T_standard over layers, by trapezoids between all the bends."""
    start = np.maximum(low, heights[:, 0])
    end = np.minimum(high, heights[:, -1])
    known = np.isfinite(kelvin).all(axis=1) & (end >= start)
    known &= end - start >= COVERED_SHARE * (high - low)
    start, end = (np.where(known, h, heights[:, 0]) for h in (start, end))
    bends = np.broadcast_to(LAYER_BASE_M, (low.size, LAYER_BASE_M.size))
    nodes = np.concatenate([start[:, None], heights, bends, end[:, None]], axis=1)
    nodes = np.sort(np.clip(nodes, start[:, None], end[:, None]), axis=1)
    offset = interpolate_rows(heights, kelvin, nodes) - temperature_k(nodes)
    depth = end - start
    with np.errstate(invalid="ignore"):
        total = np.sum(0.5 * (offset[:, 1:] + offset[:, :-1]) * np.diff(nodes, axis=1), axis=1)
        mean = np.where(depth > 0.0, total / np.where(depth > 0.0, depth, 1.0), offset[:, 0])
    return np.where(known, mean, np.nan)
