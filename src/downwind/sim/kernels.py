"""Charts in which positions move, the ends of a flight, and the number of threads.

A position moves in a chart, chosen anew for each step: longitude and latitude in degrees, or near
a pole the azimuthal equidistant plane about it.
"""

from __future__ import annotations

import math

import numba as nb

from downwind.atmosphere.kernels import INLINE, SCALAR
from downwind.compiled.kernels import kernel
from downwind.constants import EARTH_RADIUS_M

GROUND = 1
LEFT_DATA = 2
TIMER = 3

SHORTEST_S = 1e-6
"""Epoch seconds in float64 resolve 2.4e-7 s: a shorter step would not advance."""

POLAR_DEG = 75.0
"""Beyond this latitude a position moves in the plane about its pole."""

_DEG = 180.0 / math.pi


@kernel(**INLINE)
def to_chart(lon, lat):
    """Return (chart, a, b): 0 for degrees, +1 or -1 for the plane about the north or south pole."""
    if abs(lat) < POLAR_DEG:
        return 0, lon, lat
    chart = 1 if lat > 0.0 else -1
    theta = (90.0 - abs(lat)) / _DEG
    return chart, theta * math.cos(lon / _DEG), theta * math.sin(lon / _DEG)


@kernel(**INLINE)
def from_chart(chart, a, b):
    """Return longitude and latitude [degrees] of a chart position."""
    if chart == 0:
        return a, b
    theta = math.hypot(a, b)
    return math.atan2(b, a) * _DEG, chart * (90.0 - theta * _DEG)


@kernel(**INLINE)
def chart_rates(chart, a, b, u, v):
    """Return da/dt and db/dt for an eastward and northward speed [m s-1] on the sphere."""
    if chart == 0:
        return u / (EARTH_RADIUS_M * math.cos(b / _DEG)) * _DEG, v / EARTH_RADIUS_M * _DEG
    theta = math.hypot(a, b)
    radial = -chart * v / EARTH_RADIUS_M
    stretch = theta / math.sin(theta) if theta > 1e-12 else 1.0
    around = stretch * u / EARTH_RADIUS_M
    c = a / theta if theta > 1e-12 else 1.0
    s = b / theta if theta > 1e-12 else 0.0
    return radial * c - around * s, radial * s + around * c


@kernel(**SCALAR)
def wrap_longitude(lon):
    """Return a longitude [degrees] in [-180, 180)."""
    if -180.0 <= lon < 180.0:
        return lon
    return lon - 360.0 * math.floor((lon + 180.0) / 360.0)


def limit_threads(threads: int) -> None:
    """Use at most so many threads for the compiled loops; results do not depend on it."""
    nb.set_num_threads(min(threads, int(nb.config.NUMBA_NUM_THREADS)))  # type: ignore[attr-defined]
