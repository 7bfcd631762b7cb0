"""How high the sun stands, and whether it is night.

Night is the time between sunset and sunrise as almanacs give them: the upper edge of the sun is
below a level horizon, its centre 50 arc minutes below (34 for refraction, 16 for the radius).
"""

from __future__ import annotations

from typing import Final

from astral import Observer
from astral.sun import elevation

from downwind.times import epoch_to_datetime

SUNSET_ELEVATION_DEG: Final = -50.0 / 60.0
"""Geometric elevation of the sun's centre at sunset and sunrise [deg]."""


def sun_elevation_deg(epoch_s: float, latitude: float, longitude: float) -> float:
    """Return the elevation of the sun's centre without refraction [deg].

    Parameters
    ----------
    epoch_s : float
        Seconds since 1970-01-01T00:00Z [s].
    latitude, longitude : float
        Where [deg], at sea level.
    """
    observer = Observer(latitude=latitude, longitude=longitude, elevation=0.0)
    return float(elevation(observer, epoch_to_datetime(epoch_s), with_refraction=False))


def is_night(epoch_s: float, latitude: float, longitude: float) -> bool:
    """Tell whether a time [s] lies between sunset and sunrise at a place [deg]."""
    return sun_elevation_deg(epoch_s, latitude, longitude) < SUNSET_ELEVATION_DEG
