"""Where and when two winds both hold wind: nodes of the coarser grid, times of both."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WindCoverageError
from downwind.times import format_utc
from downwind.wind.compare._columns import holds_longitude
from downwind.wind.cube import WindCube, write_box
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

LONGEST_GAP_S: Final = 6 * 3600.0
"""A wind is interpolated between two of its times only if they are no further apart [s]."""

MOST_NODES: Final = 20_000
"""Nodes that are compared at one time; a larger grid is thinned evenly."""

_SLACK_DEG: Final = 1e-6


def find_common_nodes(
    first: WindCube, second: WindCube, window: Window
) -> tuple[FloatArray, FloatArray, str, int]:
    """Return the nodes of the coarser grid that lie inside the other; of the finer where none.

    Only those inside the box of the window count; its times play no part.

    Returns
    -------
    longitude, latitude : numpy.ndarray
        Axes of the nodes, shape (nx,), (ny,) [degrees].
    source : str
        Name of the wind whose nodes they are.
    stride : int
        Every so many of its rows and columns are taken.

    Raises
    ------
    WindCoverageError
        If there are none.
    """
    by_size = sorted((first, second), key=lambda cube: -_cell_deg2(cube))
    for cube, other in (by_size, by_size[::-1]):
        inside = (cube.longitude - window.west) % 360.0 <= window.width_deg + _SLACK_DEG
        longitude = cube.longitude[inside & holds_longitude(other, cube.longitude)]
        low = max(float(other.latitude[0]), window.south) - _SLACK_DEG
        high = min(float(other.latitude[-1]), window.north) + _SLACK_DEG
        latitude = cube.latitude[(cube.latitude >= low) & (cube.latitude <= high)]
        if longitude.size and latitude.size:
            stride = max(math.ceil(math.sqrt(longitude.size * latitude.size / MOST_NODES)), 1)
            return longitude[::stride], latitude[::stride], cube.source, stride
    boxes = " and ".join(
        f"{cube.source} covers {write_box(cube.longitude, cube.latitude)}"
        for cube in (first, second)
    )
    if window != Window():
        boxes += f", and {window.describe()} was asked for"
    raise WindCoverageError(
        f"the winds have no box in common: {boxes}", "compare winds of the same region"
    )


def _cell_deg2(cube: WindCube) -> float:
    return float(np.diff(cube.latitude[:2])[0] * np.diff(cube.longitude[:2])[0])


def find_common_times(first: WindCube, second: WindCube) -> tuple[NDArray[np.int64], bool]:
    """Return times of both; without any, those of one that lie between near times of the other.

    Returns
    -------
    times_s : numpy.ndarray
        Shape (times,) [s since 1970].
    is_interpolated : bool
        Whether one of the winds has to be interpolated at each of them.

    Raises
    ------
    WindCoverageError
        If there are none.
    """
    both = np.intersect1d(first.times_s, second.times_s)
    if both.size:
        return both, False
    between = np.union1d(
        _times_between(first.times_s, second.times_s), _times_between(second.times_s, first.times_s)
    )
    if between.size:
        return between, True
    raise WindCoverageError(
        f"the winds have no time in common: {_times_text(first)}, {_times_text(second)}; wind is "
        f"interpolated only between times that lie {LONGEST_GAP_S / 3600:.0f} h apart or less",
        "compare winds that are valid at the same time, such as the 12 h forecast of one run and "
        "the 6 h forecast of the next",
    )


def _times_between(times_s: NDArray[np.int64], nodes_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those times that lie between two nodes that are near enough to interpolate."""
    if nodes_s.size < 2:
        return times_s[:0]
    after = np.searchsorted(nodes_s, times_s)
    inside = (after > 0) & (after < nodes_s.size)
    gap = np.diff(nodes_s)[np.clip(after - 1, 0, nodes_s.size - 2)]
    return times_s[inside & (gap <= LONGEST_GAP_S)]


def _times_text(cube: WindCube) -> str:
    first, last = (format_utc(t) for t in cube.times_s[[0, -1]])
    if cube.times_s.size == 1:
        return f"{cube.source} holds {first} alone"
    return f"{cube.source} holds {cube.times_s.size} times from {first} to {last}"
