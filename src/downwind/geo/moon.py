"""Where the moon stands, and how much of its disc is lit.

Places are those of Van Flandern and Pulkkinen, as astral has them, seen from the middle of the
earth: right to about 0.1 degrees, but for the moon's parallax, by which it stands up to a degree
lower near the horizon.
The lit part follows from the angle between moon and sun.
"""

from __future__ import annotations

import math
from typing import Final

from astral import Observer, moon
from astral.julian import julianday, julianday_2000, julianday_to_juliancentury
from astral.sun import sun_declination, sun_rt_ascension

from downwind.times import epoch_to_datetime

_EARTH_RADII_TO_SUN: Final = 23_455.0


def moon_elevation_deg(epoch_s: float, latitude: float, longitude: float) -> float:
    """Return the elevation of the moon's centre without refraction [deg].

    Parameters
    ----------
    epoch_s : float
        Seconds since 1970-01-01T00:00Z [s].
    latitude, longitude : float
        Where [deg], at sea level.

    References
    ----------
    Van Flandern and Pulkkinen 1979, Astrophysical Journal Supplement 41, 391.
    """
    observer = Observer(latitude=latitude, longitude=longitude, elevation=0.0)
    return float(moon.elevation(observer, epoch_to_datetime(epoch_s)))


def moon_lit_fraction(epoch_s: float) -> float:
    """Return the part of the moon's disc that is lit, 0 to 1.

    Parameters
    ----------
    epoch_s : float
        Seconds since 1970-01-01T00:00Z [s].

    References
    ----------
    Meeus 1998, Astronomical Algorithms, 48.1 to 48.3: elongation, phase angle, lit part.
    """
    moment = epoch_to_datetime(epoch_s)
    place = moon.moon_position(julianday_2000(moment))
    century = julianday_to_juliancentury(julianday(moment))
    sun_right, sun_up = (
        math.radians(x) for x in (sun_rt_ascension(century), sun_declination(century))
    )
    cosine = math.sin(sun_up) * math.sin(place.declination) + math.cos(sun_up) * math.cos(
        place.declination
    ) * math.cos(sun_right - place.right_ascension)
    elongation = math.acos(min(max(cosine, -1.0), 1.0))
    phase = math.atan2(
        _EARTH_RADII_TO_SUN * math.sin(elongation),
        place.distance - _EARTH_RADII_TO_SUN * math.cos(elongation),
    )
    return 0.5 * (1.0 + math.cos(phase))
