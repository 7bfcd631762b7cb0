"""Read of a large wind no more than flights can reach: nothing in it carries anything further.

How far that is depends on the wind itself. So a part is read for a guess of the greatest speed, and
again for the speed that is found in it, until no wind in the part is faster than what it was read
for: then no flight leaves the part before its time is over.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import WeatherFileError
from downwind.wind._contract import EAST, HEIGHT, MAX_WIND_MS, NORTH
from downwind.wind.cube import WindCube
from downwind.wind.window import Window

FIRST_SPEED_MS: Final = 40.0
"""Greatest wind for which a part is read first [m s-1]."""

SPEED_MARGIN: Final = 1.05
"""By how much more than the greatest wind found a part is read again."""

_POLE_DEG: Final = 89.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Where and when flights are.

    Parameters
    ----------
    places : tuple of tuple
        Longitude and latitude [degrees] of each launch site.
    flight_s : float
        Longest time in the air [s].
    start_s, end_s : float
        First launch, and the end of the last flight [s since 1970].
    margin_s : float
        How far times before and after may lie and still serve [s].
    ceiling_m : float
        Height above which no flight goes [m, geopotential].
    """

    places: tuple[tuple[float, float], ...]
    flight_s: float
    start_s: float
    end_s: float
    margin_s: float
    ceiling_m: float = math.inf

    def window(self, speed_ms: float) -> Window:
        """Return what flights reach in winds up to a speed [m s-1]."""
        reach_deg = math.degrees(speed_ms * self.flight_s / EARTH_RADIUS_M)
        latitudes = [latitude for _, latitude in self.places]
        south, north = min(latitudes) - reach_deg, max(latitudes) + reach_deg
        span = (self.start_s - self.margin_s, self.end_s + self.margin_s)
        west, east = -180.0, 180.0
        if south > -_POLE_DEG and north < _POLE_DEG:
            # a circle of this radius is widest where its edge runs along a meridian
            ratio = [
                math.sin(math.radians(reach_deg)) / math.cos(math.radians(lat)) for lat in latitudes
            ]
            if max(ratio) < 1.0 and reach_deg < 90.0:
                first = self.places[0][0]
                offsets = [(lon - first + 180.0) % 360.0 - 180.0 for lon, _ in self.places]
                wide = [math.degrees(math.asin(r)) for r in ratio]
                low = min(o - w for o, w in zip(offsets, wide, strict=True))
                high = max(o + w for o, w in zip(offsets, wide, strict=True))
                if high - low < 360.0:
                    west, east = first + low, first + high
        return Window(west, max(south, -90.0), east, min(north, 90.0), *span)


def read_reachable(read: Callable[[Window], WindCube], reach: Reach) -> WindCube:
    """Read the part of a wind that flights can reach.

    Parameters
    ----------
    read : callable
        Gives the cube of a window.
    reach : Reach
        Where and when flights are.

    Returns
    -------
    WindCube
        A part in which no wind carries a flight beyond it, or all places that there are. Where that
        is too much to be read, a smaller part with a warning.
    """
    speed_ms = FIRST_SPEED_MS
    cube = read(reach.window(speed_ms))
    while True:
        found_ms = find_fastest(cube, reach.ceiling_m)
        if found_ms <= speed_ms:
            return cube
        try:
            wider = read(reach.window(min(found_ms * SPEED_MARGIN, MAX_WIND_MS)))
        except WeatherFileError as error:  # the narrower part was read: it is too much
            return _warn(cube, reach.window(speed_ms), speed_ms, found_ms, error.message)
        speed_ms = min(found_ms * SPEED_MARGIN, MAX_WIND_MS)
        if wider.latitude.size == cube.latitude.size and (
            wider.longitude.size == cube.longitude.size
        ):
            return wider
        cube = wider


def _warn(cube: WindCube, window: Window, speed_ms: float, found_ms: float, why: str) -> WindCube:
    text = (
        f"of the wind only {window.describe()} was read, what flights reach in winds of "
        f"{speed_ms:.0f} m/s; there are {found_ms:.0f} m/s in it, so a flight may leave it ({why})"
    )
    warnings = "\n".join([*cube.warnings, text])
    return WindCube(cube.dataset.assign_attrs(warnings=warnings))


def find_fastest(cube: WindCube, ceiling_m: float = math.inf) -> float:
    """Return the greatest horizontal wind of a cube on the levels below a ceiling [m s-1]."""
    fastest = 0.0
    data = cube.dataset
    for member in range(cube.member_count):
        for step in range(cube.times_s.size):
            part = data.isel(realization=member, time=step)
            heights = part[HEIGHT].values
            # the level above the ceiling still counts: winds are interpolated to it
            used = np.flatnonzero(heights.min(axis=(1, 2)) <= ceiling_m)
            levels = slice(0, min(int(used[-1]) + 2, heights.shape[0]) if used.size else 1)
            speed = np.hypot(part[EAST].values[levels], part[NORTH].values[levels])
            fastest = max(fastest, float(speed.max()))
    return fastest
