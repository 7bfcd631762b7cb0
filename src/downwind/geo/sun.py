"""How high the sun stands, and whether it is night.

Night is the time between sunset and sunrise as almanacs give them: the upper edge of the sun is
below a level horizon, its centre 50 arc minutes below (34 for refraction, 16 for the radius).
"""

from __future__ import annotations

from typing import Final

from astral import Observer
from astral.sun import elevation

from downwind.times import epoch_to_datetime

_STEP_S: Final = 600.0
_DAY_S: Final = 86_400.0
_CLOSE_S: Final = 1.0

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


def find_night(
    epoch_s: float, latitude: float, longitude: float
) -> tuple[float | None, float | None]:
    """Return sunset and sunrise of the night about a time, or by day of the next one [epoch s].

    Parameters
    ----------
    epoch_s : float
        [epoch s]
    latitude, longitude : float
        Where [deg].

    Returns
    -------
    tuple of float or None
        To the second. None where the sun does not set, or does not rise, within a day of it.
    """
    if is_night(epoch_s, latitude, longitude):
        sunset = _find_change(epoch_s, -_STEP_S, latitude, longitude)
        return sunset, _find_change(epoch_s, _STEP_S, latitude, longitude)
    sunset = _find_change(epoch_s, _STEP_S, latitude, longitude)
    if sunset is None:
        return None, None
    return sunset, _find_change(sunset + _CLOSE_S, _STEP_S, latitude, longitude)


def _find_change(epoch_s: float, step_s: float, latitude: float, longitude: float) -> float | None:
    """Return when night turns to day or day to night, going on or back from a time [epoch s]."""
    first = is_night(epoch_s, latitude, longitude)
    same = epoch_s
    while abs(same + step_s - epoch_s) <= _DAY_S:
        other = same + step_s
        if is_night(other, latitude, longitude) != first:
            while abs(other - same) > _CLOSE_S:
                middle = 0.5 * (same + other)
                if is_night(middle, latitude, longitude) == first:
                    same = middle
                else:
                    other = middle
            return other
        same = other
    return None
