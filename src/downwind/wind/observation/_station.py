"""Where an observation stands, and the step from its layers to a `Profile`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.atmosphere import geopotential_height
from downwind.errors import ObservationError
from downwind.wind.error import LARGE, UNRESOLVED
from downwind.wind.observation._fit import Layers, keep_rising
from downwind.wind.profile import Profile

FloatArray = NDArray[np.float64]

SHEAR: Final = ((LARGE.vertical_m, 5.0), (UNRESOLVED.vertical_m, 1.5))
"""Depth L of exp(-z^2 / 2 L^2) [m], and standard deviation of one component [m s-1], of what the
wind does about a line in height: an assumption, with the depths of forecast errors."""

LEAST_LAYER_MS: Final = 0.05
"""Least error of a layer in the fit of its shear [m s-1]."""

_AXIS_M, _FLATTENING = 6_378_137.0, 1.0 / 298.257223563


@dataclass(frozen=True, slots=True)
class Station:
    """The place that an observation is counted from.

    Parameters
    ----------
    name : str
    longitude, latitude : float
        [degrees]
    elevation_m : float
        Height above the sea, geometric [m].
    """

    name: str
    longitude: float
    latitude: float
    elevation_m: float


def metres_per_degree(
    latitude: ArrayLike, height_m: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return the length of a degree of longitude and of latitude [m].

    Parameters
    ----------
    latitude, height_m : array_like
        [degrees] and [m] above the ellipsoid.

    References
    ----------
    WGS 84 (NIMA TR8350.2): radii of curvature of the prime vertical and of the meridian.
    """
    phi = np.radians(np.asarray(latitude, np.float64))
    e2 = _FLATTENING * (2.0 - _FLATTENING)
    w = np.sqrt(1.0 - e2 * np.sin(phi) ** 2)
    h = np.asarray(height_m, np.float64)
    east = (_AXIS_M / w + h) * np.cos(phi)
    north = _AXIS_M * (1.0 - e2) / w**3 + h
    return np.radians(1.0) * east, np.radians(1.0) * north


def fit_slopes(height_m: FloatArray, wind_ms: FloatArray, error_ms: FloatArray) -> FloatArray:
    """Return the most likely change of a component with height, shape (n,) [s-1].

    Between neighbouring layers the noise of their readings may be more than shear; times the
    height above the station it would pass for an error of the rate of ascent. So the wind is taken
    for a line and a random part about it, of the sizes `SHEAR`, and the slope is that of the best
    linear estimate: it follows the layers where their errors are small, and smooths them where not.

    Parameters
    ----------
    height_m, wind_ms, error_ms : numpy.ndarray
        Of at least two layers, rising, with the errors that are independent from layer to layer,
        shape (n,) [m] and [m s-1].

    References
    ----------
    Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, section 9.4: derivatives.
    """
    slope, start = np.polyfit(height_m, wind_ms, 1, w=1.0 / np.maximum(error_ms, 1e-6))
    rest = wind_ms - start - slope * height_m
    apart = height_m[:, None] - height_m
    covariance = np.diag(np.maximum(error_ms, LEAST_LAYER_MS) ** 2)
    steep = np.zeros_like(covariance)
    for length, sigma in SHEAR:
        alike = sigma**2 * np.exp(-0.5 * (apart / length) ** 2)
        covariance += alike
        steep -= apart / length**2 * alike
    return np.asarray(slope + steep @ np.linalg.solve(covariance, rest), np.float64)


def make_profile(
    station: Station,
    start_s: float,
    layers: Layers,
    source: str,
    file: str,
    notes: tuple[str, ...],
    warnings: tuple[str, ...],
    ascent_rate_error: float = 0.0,
) -> Profile:
    """Make a profile of layers, from the ground up.

    Parameters
    ----------
    station : Station
    start_s : float
        Time of release [s since 1970].
    layers : Layers
    source, file, notes, warnings
        As in `Profile`; those of the layers are added.
    ascent_rate_error : float
        Standard error e of an assumed rate of ascent, a fraction: it stretches height and drift
        alike, so that at a fixed height the wind changes by e (V - z dV/dz), z above the station.
    """
    keep, lost = keep_rising(layers)
    order = np.flatnonzero(keep)
    if order.size < 2:
        raise ObservationError(
            "fewer than two layers are left in which the balloon rises",
            "follow the balloon for longer, or state a shorter smoothing",
        )
    z, u, v = (x[order] for x in (layers.height_m, layers.eastward_ms, layers.northward_ms))
    common: list[FloatArray | None] = [None, None]
    error = layers.error_ms[order]
    if ascent_rate_error > 0.0:
        above = z - station.elevation_m
        parts = [ascent_rate_error * (x - above * fit_slopes(z, x, error)) for x in (u, v)]
        error = np.sqrt(error**2 + 0.5 * (parts[0] ** 2 + parts[1] ** 2))
        common = [parts[0], parts[1]]
    east, north = metres_per_degree(station.latitude)
    nothing = np.full(order.size, np.nan)
    longitude = (station.longitude + 180.0) % 360.0 - 180.0
    place = longitude + layers.east_m[order] / float(east)
    return Profile(
        station=station.name,
        longitude=longitude,
        latitude=station.latitude,
        elevation_m=float(geopotential_height(station.elevation_m)),
        time_s=round(start_s),
        height_m=geopotential_height(z),
        eastward_ms=u,
        northward_ms=v,
        pressure_pa=nothing,
        temperature_k=nothing.copy(),
        humidity=nothing.copy(),
        error_ms=error,
        level_time_s=layers.time_s[order],
        level_longitude=(place + 180.0) % 360.0 - 180.0,
        level_latitude=station.latitude + layers.north_m[order] / float(north),
        source=source,
        file=file,
        notes=(*notes, *layers.notes, *lost),
        warnings=(*warnings, *layers.warnings),
        common_eastward_ms=common[0],
        common_northward_ms=common[1],
        ascent_rate_error=ascent_rate_error,
    )
