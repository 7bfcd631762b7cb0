"""Find what the error fields take from the wind they are drawn for: the frame, and mountains."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from downwind.constants import EARTH_RADIUS_M
from downwind.wind.kernels import GridArrays

FRAME_LOW_M: Final = 3_012.0
"""Geopotential height of 700 hPa in the standard atmosphere [m]."""

FRAME_TOP_M: Final = 5_574.0
"""The same of 500 hPa [m]."""

FRAME_REACH_M: Final = 200_000.0
"""Half the width of the box over which the wind of the frame is the mean [m]."""

MOUNTAIN_M: Final = 300.0
"""Relief from which land counts as mountains [m]: the local range of elevation by which
Kapos et al. (2000, in Forests in Sustainable Mountain Development, CABI, 4-19) tell mountains from
plains. Theirs is within 7 km; within `MOUNTAIN_REACH_M` of a smooth model ground it is taken as an
assumption."""

MOUNTAIN_REACH_M: Final = 25_000.0
"""How far around a cell the relief counts [m]: about a neighbour at 0.25 degrees."""

_DEG_M: Final = EARTH_RADIUS_M * math.pi / 180.0
_LAYERS: Final = 7


def frame_wind(
    grid: GridArrays,
    longitude: float,
    latitude: float,
    hours: tuple[float, float] | None = None,
) -> NDArray[np.float64]:
    """Return the mean wind of each wind of the data between 700 and 500 hPa around a place.

    The mean is over the points within ``FRAME_REACH_M`` east and north, the nearest one at least,
    over the heights of the two pressures in the standard atmosphere, as far as the data reach, and
    over the hours that are flown, as far as the data know them.

    Parameters
    ----------
    grid : GridArrays
    longitude, latitude : float
        [degrees].
    hours : tuple of float, optional
        First and last time that are flown [epoch s]. Without them, and where the data know no time
        between them, the mean is over all times of the data outside its holes.

    Returns
    -------
    numpy.ndarray
        Eastward and northward, shape (winds, 2) [m s-1].
    """
    ny, nx = grid.terrain_m.shape
    north = grid.latitude0 + np.arange(ny) / grid.per_latitude - latitude
    east = grid.longitude0 + np.arange(nx) / grid.per_longitude - longitude
    east = (east + 180.0) % 360.0 - 180.0
    north_m = np.abs(north) * _DEG_M
    east_m = np.abs(east) * _DEG_M * math.cos(math.radians(latitude))
    rows = np.flatnonzero(north_m <= max(FRAME_REACH_M, float(north_m.min())))
    columns = np.flatnonzero(east_m <= max(FRAME_REACH_M, float(east_m.min())))
    bounds = np.clip([FRAME_LOW_M, FRAME_TOP_M], grid.height_m[0], grid.height_m[-1])
    level_weight = _level_weights(grid.height_m, np.linspace(bounds[0], bounds[1], _LAYERS))
    levels = np.flatnonzero(level_weight)
    time_weight = _time_weights(grid.time_s, grid.is_hole, hours)
    mean = np.zeros((grid.wind.shape[0], 2))
    for member, wind in enumerate(grid.wind):
        for k in np.flatnonzero(time_weight):
            box = wind[k, levels][:, rows[:, None], columns, :2].mean(axis=(1, 2), dtype=np.float64)
            mean[member] += time_weight[k] * (level_weight[levels] @ box)
    return mean


def _level_weights(axis: NDArray[np.float64], heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of each level in the mean of the values at heights, linear between."""
    low = np.clip(np.searchsorted(axis, heights, side="right") - 1, 0, axis.size - 2)
    up = (heights - axis[low]) / (axis[low + 1] - axis[low])
    weight = np.zeros(axis.size)
    np.add.at(weight, low, 1.0 - up)
    np.add.at(weight, low + 1, up)
    return np.asarray(weight / heights.size, np.float64)


def _time_weights(
    time_s: NDArray[np.float64],
    is_hole: NDArray[np.bool_],
    hours: tuple[float, float] | None,
) -> NDArray[np.float64]:
    """Return the weight of each time in the mean over some hours of what is linear between them."""
    first_s, last_s = (time_s[0], time_s[-1]) if hours is None else hours
    low, high = np.clip(time_s[:-1], first_s, last_s), np.clip(time_s[1:], first_s, last_s)
    length = np.where(is_hole, 0.0, high - low)
    if not length.any():
        if hours is not None:
            return _time_weights(time_s, is_hole, None)
        return np.full(time_s.size, 1.0 / time_s.size)
    late = length * (0.5 * (low + high) - time_s[:-1]) / np.diff(time_s)
    weight = np.append(length - late, 0.0) + np.insert(late, 0, 0.0)
    return np.asarray(weight / weight.sum(), np.float64)


def find_mountains(grid: GridArrays) -> NDArray[np.bool_]:
    """Tell whether the cell east and north of each point lies in mountains.

    It does where the ground within it and ``MOUNTAIN_REACH_M`` around it has a relief of
    ``MOUNTAIN_M``.

    Parameters
    ----------
    grid : GridArrays

    Returns
    -------
    numpy.ndarray
        Shape (latitude, longitude).
    """
    high, low = _ranges(grid)
    latitudes = grid.latitude0 + np.arange(grid.terrain_m.shape[0]) / grid.per_latitude
    widest = min(float(np.abs(latitudes).max()), 75.0)
    spacing = (_DEG_M / grid.per_latitude,
               _DEG_M / grid.per_longitude * math.cos(math.radians(widest)))  # fmt: skip
    size = [
        2 * min(round(MOUNTAIN_REACH_M / m), n) + 1
        for m, n in zip(spacing, grid.terrain_m.shape, strict=True)
    ]
    relief = maximum_filter(high, size, mode="nearest") - minimum_filter(low, size, mode="nearest")
    return np.asarray(relief >= MOUNTAIN_M, np.bool_)


def _ranges(grid: GridArrays) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the highest and the lowest ground of the cell east and north of each point."""
    terrain = grid.terrain_m
    high = maximum_filter(terrain, 2, mode="nearest", origin=-1)
    low = minimum_filter(terrain, 2, mode="nearest", origin=-1)
    each = (grid.page_parts + 1) ** 2
    for y, x in np.argwhere(grid.page >= terrain.size):
        page = grid.relief_m[grid.page[y, x] :][:each]
        high[y, x], low[y, x] = page.max(), page.min()
    return high, low
