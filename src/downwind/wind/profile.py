"""One column of wind as it was observed: a radiosonde, a pilot balloon, a GPS track.

Every reader of soundings and every reduction of an own observation makes profiles; what a crew
flies in is made of them elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Wind by height above one station, from the ground up.

    Parameters
    ----------
    station : str
        Name or number of the station, for people.
    longitude, latitude : float
        Where it stands [degrees]; the longitude in [-180, 180).
    elevation_m : float or None
        Height of its ground [m, geopotential]; None where nothing says it.
    time_s : int
        Nominal or launch time [s since 1970].
    height_m : numpy.ndarray
        Geopotential height of each level above the sea, strictly rising, shape (n,) [m].
    eastward_ms, northward_ms : numpy.ndarray
        Wind, finite, shape (n,) [m s-1].
    pressure_pa, temperature_k, humidity : numpy.ndarray
        Shape (n,) [Pa], [K] and relative humidity over water [1]; NaN where unknown.
    error_ms : numpy.ndarray
        Standard error of each component of the wind as observed, shape (n,) [m s-1].
    level_time_s, level_longitude, level_latitude : numpy.ndarray
        When and where the balloon passed each level, shape (n,) [s since 1970], [degrees]; NaN
        where unknown.
    source : str
        What kind of observation it is and of what format, such as ``IGRA2 sounding``.
    file : str
        Name of the file.
    notes : tuple of str
        What the reader had to decide.
    warnings : tuple of str
        What every output has to say, such as heights by the standard atmosphere.
    common_eastward_ms, common_northward_ms : numpy.ndarray or None
        By how much one standard error of a cause that all levels share, such as the rate of ascent
        of a pilot balloon, changes each component, with its sign, shape (n,) [m s-1]. It is part of
        ``error_ms``. None where the errors of levels are independent.
    ascent_rate_error : float
        Standard error of an assumed rate of ascent, a fraction: that common cause, where it is one.
    """

    station: str
    longitude: float
    latitude: float
    elevation_m: float | None
    time_s: int
    height_m: FloatArray
    eastward_ms: FloatArray
    northward_ms: FloatArray
    pressure_pa: FloatArray
    temperature_k: FloatArray
    humidity: FloatArray
    error_ms: FloatArray
    level_time_s: FloatArray
    level_longitude: FloatArray
    level_latitude: FloatArray
    source: str
    file: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    common_eastward_ms: FloatArray | None = None
    common_northward_ms: FloatArray | None = None
    ascent_rate_error: float = 0.0

    @property
    def bottom_m(self) -> float:
        """Height of the lowest level [m, geopotential]."""
        return float(self.height_m[0])

    @property
    def top_m(self) -> float:
        """Height of the highest level [m, geopotential]."""
        return float(self.height_m[-1])

    def wind_at(self, height_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return both components at heights, shape (m,) [m s-1]; NaN outside the profile."""
        u, v = (
            np.interp(height_m, self.height_m, values, left=np.nan, right=np.nan)
            for values in (self.eastward_ms, self.northward_ms)
        )
        return u, v
