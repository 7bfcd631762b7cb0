"""Distances, bearings and a local plane on the sphere on which things move.

The sphere has the radius ``EARTH_RADIUS_M`` and takes no account of height. Longitudes and
latitudes are in degrees, bearings in degrees clockwise from north, distances in metres. Every
function takes numbers or arrays that broadcast against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from downwind.constants import EARTH_RADIUS_M

Floats = NDArray[np.float64]


def wrap_longitude(longitude: ArrayLike) -> Floats:
    """Bring longitudes [deg], any shape, into [-180, 180)."""
    return np.asarray((np.asarray(longitude, dtype=np.float64) + 180.0) % 360.0 - 180.0)


def distance_m(
    longitude_1: ArrayLike, latitude_1: ArrayLike, longitude_2: ArrayLike, latitude_2: ArrayLike
) -> Floats:
    """Return great-circle distances.

    Parameters
    ----------
    longitude_1, latitude_1, longitude_2, latitude_2 : array_like
        The two ends [deg].

    Returns
    -------
    ndarray
        Distance [m], of the common shape, exact to rounding for near and for opposite points.
    """
    lon_1, lat_1, lon_2, lat_2 = _to_radians(longitude_1, latitude_1, longitude_2, latitude_2)
    step = lon_2 - lon_1
    east = np.cos(lat_2) * np.sin(step)
    north = np.cos(lat_1) * np.sin(lat_2) - np.sin(lat_1) * np.cos(lat_2) * np.cos(step)
    along = np.sin(lat_1) * np.sin(lat_2) + np.cos(lat_1) * np.cos(lat_2) * np.cos(step)
    return np.asarray(EARTH_RADIUS_M * np.arctan2(np.hypot(east, north), along))


def bearing_deg(
    longitude_1: ArrayLike, latitude_1: ArrayLike, longitude_2: ArrayLike, latitude_2: ArrayLike
) -> Floats:
    """Return the bearing at the first point of the great circle to the second.

    Parameters
    ----------
    longitude_1, latitude_1, longitude_2, latitude_2 : array_like
        The two ends [deg].

    Returns
    -------
    ndarray
        Bearing [deg] in [0, 360), of the common shape; 0 where the points are the same.
    """
    lon_1, lat_1, lon_2, lat_2 = _to_radians(longitude_1, latitude_1, longitude_2, latitude_2)
    step = lon_2 - lon_1
    east = np.cos(lat_2) * np.sin(step)
    north = np.cos(lat_1) * np.sin(lat_2) - np.sin(lat_1) * np.cos(lat_2) * np.cos(step)
    bearing = np.rad2deg(np.arctan2(east, north)) % 360.0
    # the remainder of a tiny negative angle rounds to 360
    return np.asarray(np.where(bearing >= 360.0, 0.0, bearing))


def find_destination(
    longitude: ArrayLike, latitude: ArrayLike, bearing: ArrayLike, distance: ArrayLike
) -> tuple[Floats, Floats]:
    """Return where a great circle leads.

    Parameters
    ----------
    longitude, latitude : array_like
        The start [deg].
    bearing : array_like
        Direction at the start [deg], clockwise from north.
    distance : array_like
        Length of the way [m].

    Returns
    -------
    longitude, latitude : ndarray
        The end [deg], of the common shape, longitude in [-180, 180).
    """
    lon, lat, course = _to_radians(longitude, latitude, bearing)
    angle = np.asarray(distance, dtype=np.float64) / EARTH_RADIUS_M
    sine = np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * np.cos(course)
    end_lat = np.arcsin(np.clip(sine, -1.0, 1.0))
    east = np.sin(course) * np.sin(angle) * np.cos(lat)
    end_lon = lon + np.arctan2(east, np.cos(angle) - np.sin(lat) * sine)
    return wrap_longitude(np.rad2deg(end_lon)), np.rad2deg(end_lat)


class LocalPlane(NamedTuple):
    """A plane on which areas are true, around a point that is at (0, 0) on it.

    Distances from the centre are true to 0.1 % within 500 km.

    Parameters
    ----------
    forward : callable
        From longitude and latitude [deg] to x to the east and y to the north [m].
    inverse : callable
        From x and y [m] to longitude in [-180, 180) and latitude [deg].
    """

    forward: Callable[[ArrayLike, ArrayLike], tuple[Floats, Floats]]
    inverse: Callable[[ArrayLike, ArrayLike], tuple[Floats, Floats]]


def local_equal_area(longitude: float, latitude: float) -> LocalPlane:
    """Return Lambert's azimuthal equal-area projection of the sphere, centred at a point [deg]."""
    pipeline = (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=laea +lon_0={float(longitude)!r} +lat_0={float(latitude)!r} "
        f"+R={EARTH_RADIUS_M!r}"
    )
    transformer = pyproj.Transformer.from_pipeline(pipeline)

    def forward(longitude: ArrayLike, latitude: ArrayLike) -> tuple[Floats, Floats]:
        x, y = transformer.transform(_to_floats(longitude), _to_floats(latitude))
        return np.asarray(x), np.asarray(y)

    def inverse(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        lon, lat = transformer.transform(_to_floats(x), _to_floats(y), direction="INVERSE")
        return wrap_longitude(lon), np.asarray(lat)

    return LocalPlane(forward, inverse)


def _to_floats(values: ArrayLike) -> Floats:
    """Return numbers as float64, any shape."""
    return np.asarray(values, dtype=np.float64)


def _to_radians(*angles: ArrayLike) -> tuple[Floats, ...]:
    """Turn angles [deg] into float64 radians."""
    return tuple(np.deg2rad(np.asarray(angle, dtype=np.float64)) for angle in angles)
