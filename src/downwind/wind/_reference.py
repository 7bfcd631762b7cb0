"""The wind of a cube at one point by the plain rule that the fast kernels are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WindCoverageError
from downwind.times import format_utc
from downwind.wind._contract import EAST, HEIGHT, NORTH, write_box

if TYPE_CHECKING:
    from downwind.wind.cube import WindCube


def interpolate_wind(
    cube: WindCube,
    member: int,
    epoch_s: float,
    longitude: float,
    latitude: float,
    height_m: float,
) -> tuple[float, float]:
    """Interpolate the wind at one point by the plain reference rule.

    Height and wind of every level are interpolated first, linearly in time, latitude and
    longitude with eight weights; then the wind linearly in height between the two levels around
    the point. In float64, in NumPy: the truth that the fast kernels are measured against.

    Parameters
    ----------
    cube : WindCube
        The wind.
    member : int
        Position of the member on the realization axis.
    epoch_s : float
        Time [s since 1970]. Any gap on the time axis is bridged linearly: holes are the business
        of the caller.
    longitude, latitude : float
        Place [degrees]; the longitude is read either way round.
    height_m : float
        Geopotential height above sea level [m].

    Returns
    -------
    tuple of float
        Eastward and northward wind [m s-1].

    Raises
    ------
    WindCoverageError
        If the point lies outside the cube in member, time, place or height.

    References
    ----------
    Tawhiri, ``interpolate.pyx``: the same order of interpolation.
    """
    if not 0 <= member < cube.member_count:
        raise WindCoverageError(
            f"there is no member {member}: {cube.source} has {cube.member_count}",
            "count members from 0",
        )
    times = cube.times_s.astype(np.float64)
    corners_t = _bracket(times, epoch_s)
    corners_y = _bracket(cube.latitude, latitude)
    corners_x = _bracket_longitude(cube, longitude)
    if not corners_t:
        raise WindCoverageError(
            f"{format_utc(epoch_s)} lies outside {cube.source}, which holds "
            f"{format_utc(times[0])} to {format_utc(times[-1])}",
            "fetch the hours that are missing",
        )
    if not corners_y or not corners_x:
        raise WindCoverageError(
            f"{latitude:.4f} N {longitude:.4f} E lies outside {cube.source}, which holds "
            f"{write_box(cube.longitude, cube.latitude)}",
            "fetch a larger box",
        )
    columns = np.zeros((3, cube.level_count))
    for row, name in enumerate((HEIGHT, EAST, NORTH)):
        field = cube.dataset[name].values[member]
        for it, wt in corners_t:
            for iy, wy in corners_y:
                for ix, wx in corners_x:
                    columns[row] += wt * wy * wx * field[it, :, iy, ix].astype(np.float64)
    vertical = _bracket(columns[0], height_m)
    if not vertical:
        raise WindCoverageError(
            f"{height_m:.0f} m lies outside {cube.source}, whose levels go from "
            f"{columns[0, 0]:.0f} to {columns[0, -1]:.0f} m there",
            "bring in levels that reach further down or up",
        )
    u_ms = sum(weight * columns[1, k] for k, weight in vertical)
    v_ms = sum(weight * columns[2, k] for k, weight in vertical)
    return float(u_ms), float(v_ms)


def _bracket(axis: NDArray[np.float64], value: float) -> list[tuple[int, float]]:
    """Return the indices around a value on an ascending axis and their weights; [] outside."""
    if not axis[0] <= value <= axis[-1]:
        return []
    if axis.size == 1:
        return [(0, 1.0)]
    low = min(int(np.searchsorted(axis, value, side="right")) - 1, axis.size - 2)
    weight = (value - axis[low]) / (axis[low + 1] - axis[low])
    return [(low, 1.0 - weight), (low + 1, weight)]


def _bracket_longitude(cube: WindCube, longitude: float) -> list[tuple[int, float]]:
    axis = cube.longitude
    value = axis[0] + (longitude - axis[0]) % 360.0
    if not cube.is_global:
        return _bracket(axis, value) or _bracket(axis, axis[0] + (value - axis[0]) - 360.0)
    around = _bracket(np.append(axis, axis[0] + 360.0), value)
    return [(index % axis.size, weight) for index, weight in around]
