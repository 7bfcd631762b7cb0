"""Soundings on common heights, and the box around them.

The heights are 100 m apart up to 3 km, 250 m up to 12 km and 500 m above, from the lowest level of
any sounding to the highest of any. A sounding has a value at a height only between its own lowest
and highest level. Where it is finer than the heights, a height takes the mean of the layer around
it, so that a gust of one second does not stand for 250 m; elsewhere it is linear.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import WeatherContentError
from downwind.wind.profile import Profile
from downwind.wind.sources._fields import Grid, find_layout
from downwind.wind.sources._soundings.hours import Sweep

FloatArray = NDArray[np.float64]

REACH_M: Final = 250_000.0
"""How far the box goes beyond the soundings on each side [m]; further off there is no wind."""

HEIGHT_STEPS: Final = ((3_000.0, 100.0), (12_000.0, 250.0), (math.inf, 500.0))
"""Distance of the heights up to each height [m]."""

FINE_DEG: Final = 0.25
"""Spacing of the grid [degrees]."""

COARSE_DEG: Final = 0.5
"""Spacing where the box is wider or higher than `FINE_LIMIT_DEG` [degrees]."""

FINE_LIMIT_DEG: Final = 20.0
"""Widest and highest box on the fine grid [degrees]."""

WIDEST_DEG: Final = (90.0, 60.0)
"""Widest and highest box that soundings are spread over, in longitude and latitude [degrees]."""

LEAST_DEPTH_M: Final = 500.0
"""Least depth of the air that the soundings of all times have in common [m]."""

_POLEWARD_DEG: Final = 86.0
_LEAST_GAP_M: Final = 10.0
_DENSE: Final = 4
_LEAST_ERROR_MS: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One sounding on the common heights, each array of shape (height,); NaN where it has nothing.

    Parameters
    ----------
    wind_ms : numpy.ndarray
        Both components, shape (height, 2) [m s-1].
    error_ms : numpy.ndarray
        Standard error of each component [m s-1].
    longitude, latitude : numpy.ndarray
        Where the balloon was [degrees]; the station's place where that is not known.
    temperature_k, humidity : numpy.ndarray
        [K] and [1].
    """

    wind_ms: FloatArray
    error_ms: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    temperature_k: FloatArray
    humidity: FloatArray


def choose_heights(sweeps: Sequence[Sweep]) -> FloatArray:
    """Return the common heights, rising, shape (n,) [m, geopotential].

    Raises
    ------
    WeatherContentError
        If the soundings of all times have no air in common.
    """
    bottom = max(min(p.bottom_m for p in sweep.profiles) for sweep in sweeps)
    top = min(max(p.top_m for p in sweep.profiles) for sweep in sweeps)
    if top - bottom < LEAST_DEPTH_M:
        what = "the sounding reaches" if len(sweeps) == 1 else "the soundings of all times reach"
        raise WeatherContentError(
            f"{what} from {bottom:.0f} to {top:.0f} m only: {LEAST_DEPTH_M:.0f} m of depth are "
            "needed",
            "bring in a sounding with more levels, or leave out the one that is short",
        )
    nodes, height = [bottom], 0.0
    for limit, step in HEIGHT_STEPS:
        height = step * math.floor(max(height, bottom) / step)
        while height < min(limit, top - _LEAST_GAP_M):
            if height > nodes[-1] + _LEAST_GAP_M:
                nodes.append(height)
            height += step
    return np.array([*nodes, top])


def make_column(profile: Profile, height_m: FloatArray) -> Column:
    """Bring one sounding to heights, shape (n,) [m, geopotential]."""
    u, v = (
        _sample(profile.height_m, values, height_m)
        for values in (profile.eastward_ms, profile.northward_ms)
    )
    known = np.isfinite(profile.level_longitude) & np.isfinite(profile.level_latitude)
    east = profile.longitude + _turn(profile.level_longitude - profile.longitude)
    return Column(
        wind_ms=np.stack([u, v], axis=-1),
        error_ms=np.maximum(_sample(profile.height_m, profile.error_ms, height_m), _LEAST_ERROR_MS),
        longitude=_follow(profile.height_m, east, known, height_m, profile.longitude),
        latitude=_follow(
            profile.height_m, profile.level_latitude, known, height_m, profile.latitude
        ),
        temperature_k=_sample(profile.height_m, profile.temperature_k, height_m),
        humidity=_sample(profile.height_m, profile.humidity, height_m),
    )


def choose_grid(columns: Sequence[Column], stations: Sequence[Profile]) -> Grid:
    """Return the grid over all places where a balloon was, and `REACH_M` on each side.

    Raises
    ------
    WeatherContentError
        If the soundings lie too far apart, or too near a pole.
    """
    lon = np.concatenate([c.longitude for c in columns] + [[p.longitude] for p in stations])
    lat = np.concatenate([c.latitude for c in columns] + [[p.latitude] for p in stations])
    around = np.sort(np.unique(lon % 360.0))
    first = around[(int(np.argmax(np.diff(around, append=around[0] + 360.0))) + 1) % around.size]
    lon = first + (lon - first) % 360.0
    reach = math.degrees(REACH_M / EARTH_RADIUS_M)
    south, north = float(lat.min()) - reach, float(lat.max()) + reach
    poleward = min(max(abs(south), abs(north)), _POLEWARD_DEG)
    wide = reach / math.cos(math.radians(poleward))
    west, east = float(lon.min()) - wide, float(lon.max()) + wide
    if east - west > WIDEST_DEG[0] or north - south > WIDEST_DEG[1]:
        raise WeatherContentError(
            f"{len(stations)} soundings and {REACH_M / 1e3:.0f} km around them take "
            f"{east - west:.0f} degrees of longitude and {north - south:.0f} of latitude: wind is "
            f"spread between soundings over {WIDEST_DEG[0]:g} by {WIDEST_DEG[1]:g} at most",
            "take those around the site alone: downwind weather import FILE --box W,S,E,N, or "
            "leave files out",
        )
    if poleward == _POLEWARD_DEG:
        raise WeatherContentError(
            f"a sounding at {lat[np.argmax(np.abs(lat))]:.2f} N lies within "
            f"{REACH_M / 1e3:.0f} km of {_POLEWARD_DEG:g} degrees of latitude, where a grid of "
            "longitudes serves no more",
            "leave it out",
        )
    large = max(east - west, north - south) > FINE_LIMIT_DEG
    spacing = COARSE_DEG if large else FINE_DEG
    alone = len({(p.longitude, p.latitude) for p in stations}) == 1
    # a station alone stands on a node, so that its error is met there
    lon0, lat0 = (stations[0].longitude, stations[0].latitude) if alone else (0.0, 0.0)
    lat_axis = _even_axis(south, north, lat0, spacing)
    lon_axis = _even_axis(west, east, lon0, spacing)
    return find_layout(lat_axis, lon_axis).grid


def _even_axis(low: float, high: float, node: float, spacing: float) -> FloatArray:
    first = math.floor((low - node) / spacing)
    last = math.ceil((high - node) / spacing)
    return np.asarray(node + spacing * np.arange(first, last + 1), np.float64)


def _turn(angle: FloatArray) -> FloatArray:
    """Bring angles [degrees] into [-180, 180)."""
    return (angle + 180.0) % 360.0 - 180.0


def _follow(
    height: FloatArray,
    values: FloatArray,
    known: NDArray[np.bool_],
    at: FloatArray,
    station: float,
) -> FloatArray:
    """Return a coordinate of the balloon at heights: held beyond what is known of it."""
    if not known.any():
        return np.full(at.shape, station)
    return np.asarray(np.interp(at, height[known], values[known]), np.float64)


def _sample(height: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    """Return values at heights: layer means where they are dense, else linear; NaN outside."""
    known = np.isfinite(values)
    if np.count_nonzero(known) < 2:
        return np.full(at.shape, np.nan)
    z, x = height[known], values[known]
    linear = np.interp(at, z, x, left=np.nan, right=np.nan)
    half = 0.5 * np.minimum(np.diff(at, prepend=-np.inf), np.diff(at, append=np.inf))
    half = np.minimum(half, np.minimum(at - z[0], z[-1] - at))
    count = np.searchsorted(z, at + half, side="right") - np.searchsorted(z, at - half)
    dense = (count >= _DENSE) & (half > 0.0)
    if dense.any():
        low, high = at[dense] - half[dense], at[dense] + half[dense]
        linear[dense] = (_integrate(z, x, high) - _integrate(z, x, low)) / (high - low)
    return linear


def _integrate(z: FloatArray, x: FloatArray, upto: FloatArray) -> FloatArray:
    """Return the integral from z[0] of what is linear between the points z, x."""
    whole = np.concatenate([[0.0], np.cumsum(0.5 * (x[1:] + x[:-1]) * np.diff(z))])
    i = np.clip(np.searchsorted(z, upto, side="right") - 1, 0, z.size - 2)
    step = upto - z[i]
    slope = (x[i + 1] - x[i]) / (z[i + 1] - z[i])
    return np.asarray(whole[i] + x[i] * step + 0.5 * slope * step * step, np.float64)
