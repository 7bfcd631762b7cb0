"""The differences of two winds at the nodes, heights and times that both hold, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.wind.compare._columns import sample_columns
from downwind.wind.compare._overlap import find_common_nodes, find_common_times
from downwind.wind.cube import WindCube
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Second wind less first, at every node, height and time; NaN where not both hold wind.

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        Axes of the nodes, shape (nx,), (ny,) [degrees].
    grid_of : str
        Name of the source whose nodes they are.
    stride : int
        Every so many of its rows and columns are taken.
    height_m : numpy.ndarray
        Geopotential heights, rising, shape (heights,) [m].
    times_s : numpy.ndarray
        Valid times, shape (times,) [s since 1970].
    is_interpolated : bool
        Whether one of the winds is interpolated in time at each of them.
    east_ms, north_ms : numpy.ndarray
        Differences, shape (times, heights, ny * nx) [m s-1].
    first_error_ms, second_error_ms : numpy.ndarray
        Standard errors that the winds state themselves, the same shape; NaN without.
    """

    longitude: FloatArray
    latitude: FloatArray
    grid_of: str
    stride: int
    height_m: FloatArray
    times_s: NDArray[np.int64]
    is_interpolated: bool
    east_ms: FloatArray
    north_ms: FloatArray
    first_error_ms: FloatArray
    second_error_ms: FloatArray

    @property
    def node_longitude(self) -> FloatArray:
        """Longitude of each node, shape (ny * nx,) [degrees]."""
        return np.tile(self.longitude, self.latitude.size)

    @property
    def node_latitude(self) -> FloatArray:
        """Latitude of each node, shape (ny * nx,) [degrees]."""
        return np.repeat(self.latitude, self.longitude.size)


def find_differences(
    first: WindCube, second: WindCube, heights_m: Sequence[float], window: Window
) -> Differences:
    """Sample two winds at the nodes of the coarser grid and take the first off the second.

    Parameters
    ----------
    first, second : WindCube
        The first member of each counts.
    heights_m : sequence of float
        Geopotential heights [m].
    window : Window
        Only nodes inside its box count; its times play no part.

    Raises
    ------
    WindCoverageError
        If they have no box or no time in common.
    """
    longitude, latitude, grid_of, stride = find_common_nodes(first, second, window)
    times, is_interpolated = find_common_times(first, second)
    heights = np.array(sorted(set(heights_m)), np.float64)
    steps = [
        [sample_columns(cube, int(t), longitude, latitude, heights) for cube in (first, second)]
        for t in times
    ]
    east, north = (np.stack([b[i] - a[i] for a, b in steps]) for i in (0, 1))
    errors = [np.stack([pair[i][2] for pair in steps]) for i in (0, 1)]
    return Differences(
        longitude, latitude, grid_of, stride, heights, times, is_interpolated, east, north, *errors
    )
