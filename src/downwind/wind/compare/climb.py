"""A climb at a constant rate through the wind of one moment: how two winds carry it apart.

The wind is held at one time, so that winds of a single time serve; the path goes sideways with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import ArgumentError, WindCoverageError
from downwind.times import format_utc
from downwind.wind.compare._columns import find_floor_m, holds_longitude
from downwind.wind.compare._overlap import LONGEST_GAP_S
from downwind.wind.cube import WindCube, interpolate_wind, write_box

FloatArray = NDArray[np.float64]

STEP_M: Final = 50.0
"""Longest step in height [m]."""


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """A climb through one wind, arrays of shape (rows,) from the bottom up.

    Attributes
    ----------
    height_m : numpy.ndarray
        Geopotential height [m].
    elapsed_s : numpy.ndarray
        Time since the bottom [s].
    longitude, latitude : numpy.ndarray
        [degrees].
    eastward_ms, northward_ms : numpy.ndarray
        Wind there [m s-1].
    """

    height_m: FloatArray
    elapsed_s: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    eastward_ms: FloatArray
    northward_ms: FloatArray


def climb_through(
    cubes: Sequence[WindCube],
    longitude: float,
    latitude: float,
    time_s: int,
    rate_ms: float,
    top_m: float,
) -> tuple[Climb, ...]:
    """Climb through the first member of several winds, between heights that all hold.

    Parameters
    ----------
    cubes : sequence of WindCube
    longitude, latitude : float
        Start [degrees].
    time_s : int
        Time of the wind, which is held [s since 1970].
    rate_ms : float
        Rate of ascent, above 0 [m s-1].
    top_m : float
        Where the climb ends [m, geopotential]. It starts at the lowest whole metre at which all
        winds hold wind there, above the ground of each.

    Raises
    ------
    ArgumentError
        If the rate is not above 0, or the top lies below the lowest wind.
    WindCoverageError
        If a wind does not hold the place, the time or the top.
    """
    if not rate_ms > 0.0:
        raise ArgumentError(
            f"a climb of {rate_ms:g} m/s is none", 'give a rate above 0, such as "5 m/s"'
        )
    for cube in cubes:
        _check_time(cube, time_s)
        _check_place(cube, longitude, latitude)
    bottom = math.ceil(max(find_floor_m(cube, time_s, longitude, latitude) for cube in cubes))
    if not top_m > bottom:
        raise ArgumentError(
            f"the climb shall end at {top_m:.0f} m, but the lowest wind there is at {bottom:.0f} m",
            "name a greater height with --top",
        )
    heights = np.linspace(bottom, top_m, math.ceil((top_m - bottom) / STEP_M) + 1)
    return tuple(_climb(cube, longitude, latitude, time_s, rate_ms, heights) for cube in cubes)


def _climb(
    cube: WindCube, longitude: float, latitude: float, time_s: int, rate_ms: float, h: FloatArray
) -> Climb:
    """Go up by the midpoint rule."""
    rows = np.empty((h.size, 4))
    rows[0] = longitude, latitude, *interpolate_wind(cube, 0, time_s, longitude, latitude, h[0])
    for i, step_s in enumerate(np.diff(h) / rate_ms):
        lon, lat, u, v = (float(x) for x in rows[i])
        middle = _move(lon, lat, u, v, 0.5 * step_s)
        u, v = interpolate_wind(cube, 0, time_s, *middle, 0.5 * float(h[i] + h[i + 1]))
        lon, lat = _move(lon, lat, u, v, step_s)
        rows[i + 1] = lon, lat, *interpolate_wind(cube, 0, time_s, lon, lat, h[i + 1])
    return Climb(h, (h - h[0]) / rate_ms, rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])


def _move(lon: float, lat: float, u: float, v: float, lapse_s: float) -> tuple[float, float]:
    per_m = math.degrees(1.0 / EARTH_RADIUS_M)
    return (
        lon + u * lapse_s * per_m / math.cos(math.radians(lat)),
        lat + v * lapse_s * per_m,
    )


def _check_place(cube: WindCube, lon: float, lat: float) -> None:
    south, north = cube.latitude[[0, -1]]
    if not (south <= lat <= north and holds_longitude(cube, np.array([lon]))[0]):
        raise WindCoverageError(
            f"{lat:.4f} N {lon:.4f} E lies outside {cube.source}, which covers "
            f"{write_box(cube.longitude, cube.latitude)}",
            "name a place that all the winds hold",
        )


def _check_time(cube: WindCube, time_s: int) -> None:
    times = cube.times_s
    after = int(np.searchsorted(times, time_s))
    if after < times.size and times[after] == time_s:
        return
    if 0 < after < times.size and times[after] - times[after - 1] <= LONGEST_GAP_S:
        return
    raise WindCoverageError(
        f"{cube.source} holds no wind at {format_utc(time_s)}: it has "
        f"{format_utc(times[0])} to {format_utc(times[-1])}",
        "name a time that all the winds hold",
    )
