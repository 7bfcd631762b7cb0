"""Make the arrays of a wind grid: look-up tables of its axes, and the highest ground around."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from downwind.constants import EARTH_RADIUS_M
from downwind.wind.ground import Pages, plain_pages
from downwind.wind.kernels import GridArrays
from downwind.wind.perturbation import no_error

_STEP_WAY_M: Final = 15_000.0
"""What an item is carried in one step at the most: 300 s in a wind of 50 m/s [m]."""


def make_grid_arrays(
    wind: NDArray[np.float32],
    time_s: NDArray[np.float64],
    is_hole: NDArray[np.bool_],
    height_m: NDArray[np.float64],
    latitude: NDArray[np.floating],
    longitude: NDArray[np.floating],
    terrain_m: NDArray[np.floating],
    pages: Pages | None = None,
) -> GridArrays:
    """Pack arrays for the kernels and make the look-up tables of the time and height axes.

    Parameters
    ----------
    wind : numpy.ndarray
        Shape (member, time, height, latitude, longitude, 2 or 3) [m s-1]: eastward, northward and,
        where there is one, upward wind.
    time_s, height_m, latitude, longitude : numpy.ndarray
        Ascending axes of at least two points; the last two evenly spaced.
    is_hole : numpy.ndarray
        Shape (time - 1,).
    terrain_m : numpy.ndarray
        Shape (latitude, longitude) [m, geopotential].
    pages : Pages, optional
        A finer ground for some of the cells.
    """
    time_cell, time_per_cell = _cell_table(time_s)
    height_cell, height_per_cell = _cell_table(height_m)
    wind = np.ascontiguousarray(wind, np.float32)
    terrain_m = np.ascontiguousarray(terrain_m, np.float32)
    fine = plain_pages(terrain_m) if pages is None else pages
    return GridArrays(
        wind=wind,
        wind_flat=wind.reshape(-1),
        time_s=np.ascontiguousarray(time_s, np.float64),
        time_cell=time_cell,
        time_per_cell=time_per_cell,
        is_hole=np.ascontiguousarray(is_hole, np.bool_),
        height_m=np.ascontiguousarray(height_m, np.float64),
        height_cell=height_cell,
        height_per_cell=height_per_cell,
        latitude0=float(latitude[0]),
        per_latitude=float((latitude.size - 1) / (float(latitude[-1]) - float(latitude[0]))),
        longitude0=float(longitude[0]),
        per_longitude=float((longitude.size - 1) / (float(longitude[-1]) - float(longitude[0]))),
        terrain_m=terrain_m,
        ceiling_m=_ceiling(_highest_near(terrain_m, fine), latitude, longitude),
        relief_m=fine.height_m,
        page=fine.page,
        page_parts=fine.parts,
        per_slope=fine.per_slope,
        part_m=fine.way_m,
        base=np.arange(wind.shape[0], dtype=np.int32),
        has_error=False,
        **no_error()._asdict(),
    )


def _highest_near(terrain_m: NDArray[np.float32], pages: Pages) -> NDArray[np.float32]:
    """Return the ground at the points of the wind, raised to the highest of their pages."""
    highest = terrain_m.copy()
    each = (pages.parts + 1) ** 2
    for y, x in np.argwhere(pages.page >= terrain_m.size):
        start = pages.page[y, x]
        top = pages.height_m[start : start + each].max()
        around = highest[y : y + 2, x : x + 2]
        np.maximum(around, top, out=around)
    return highest


def _ceiling(
    terrain_m: NDArray[np.floating],
    latitude: NDArray[np.floating],
    longitude: NDArray[np.floating],
) -> NDArray[np.float32]:
    """Return, for the cell east and north of each point, the highest ground within a step's way."""
    spacing_m = math.radians(abs(float(latitude[1] - latitude[0]))) * EARTH_RADIUS_M
    wide_m = math.radians(abs(float(longitude[1] - longitude[0]))) * EARTH_RADIUS_M
    narrow_m = wide_m * math.cos(math.radians(min(float(np.abs(latitude).max()), 75.0)))
    reach = [
        min(math.ceil(_STEP_WAY_M / m), n)
        for m, n in zip((spacing_m, narrow_m), terrain_m.shape, strict=True)
    ]
    highest = maximum_filter(
        np.asarray(terrain_m, np.float32), [2 * r + 2 for r in reach], mode="nearest", origin=-1
    )
    return np.ascontiguousarray(highest)


def _cell_table(axis: NDArray[np.float64]) -> tuple[NDArray[np.int32], float]:
    """Return, for even steps along an axis, the interval each step starts in, and steps a unit."""
    span = float(axis[-1] - axis[0])
    cells = min(max(math.ceil(span / float(np.diff(axis).min())), 1), 100_000)
    starts = axis[0] + span * np.arange(cells + 1) / cells
    index = np.clip(np.searchsorted(axis, starts, side="right") - 1, 0, axis.size - 2)
    # the interval found from a step may start after it by rounding: begin one earlier
    return np.maximum(index - 1, 0).astype(np.int32), cells / span
