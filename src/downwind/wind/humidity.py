"""Relative humidity over water, from specific humidity or from one over water and ice mixed.

Forecast centres do not mean the same by relative humidity below freezing: some divide by the
saturation over water, some by a mix of water and ice. Droplets in supercooled cloud stay with
water, so that is what a cube holds.

References
----------
IFS Documentation Cy41r2, part IV, chapter 7, equations 7.5 and 7.6: the Magnus form with the
coefficients of Buck (1981, J. Appl. Meteor. 20, 1527) over water and of Alduchov and Eskridge
(1996, J. Appl. Meteor. 35, 601) over ice, and the quadratic mix between 250.16 and 273.16 K.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

MASS_RATIO: Final = 0.621981
"""Molar mass of water vapour over that of dry air."""

TRIPLE_POINT_K: Final = 273.16

OVER_WATER: Final = "water"
QUADRATIC: Final = "quadratic"
LINEAR: Final = "linear"

_MIXES: Final = {QUADRATIC: (23.0, 2), LINEAR: (20.0, 1)}
"""Depth below freezing at which all is ice [K], and the power of the share of water."""


def saturation_over_water_pa(temperature_k: FloatArray) -> FloatArray:
    """Return the saturation vapour pressure over water, also below freezing [Pa].

    Parameters
    ----------
    temperature_k : numpy.ndarray
        Any shape [K].
    """
    t = np.asarray(temperature_k)
    return np.asarray(611.21 * np.exp(17.502 * (t - TRIPLE_POINT_K) / (t - 32.19)), t.dtype)


def saturation_over_ice_pa(temperature_k: FloatArray) -> FloatArray:
    """Return the saturation vapour pressure over ice [Pa].

    Parameters
    ----------
    temperature_k : numpy.ndarray
        Any shape [K].
    """
    t = np.asarray(temperature_k)
    return np.asarray(611.21 * np.exp(22.587 * (t - TRIPLE_POINT_K) / (t + 0.7)), t.dtype)


def find_humidity(
    specific_humidity: FloatArray, temperature_k: FloatArray, pressure_pa: float
) -> FloatArray:
    """Return the relative humidity over water, as a fraction, not limited to 0..1.

    The vapour pressure is ``e = q p / (eps + (1 - eps) q)`` with eps = 0.621981.

    Parameters
    ----------
    specific_humidity : numpy.ndarray
        Any shape [kg kg-1].
    temperature_k : numpy.ndarray
        The same shape [K].
    pressure_pa : float
        Air pressure [Pa].
    """
    q = np.asarray(specific_humidity)
    vapour = q * pressure_pa / (MASS_RATIO + (1.0 - MASS_RATIO) * q)
    return np.asarray(vapour / saturation_over_water_pa(temperature_k), q.dtype)


def find_specific(
    humidity: FloatArray, temperature_k: FloatArray, pressure_pa: float
) -> FloatArray:
    """Return the specific humidity of a relative humidity over water [kg kg-1].

    The inverse of `find_humidity`: ``q = eps e / (p - (1 - eps) e)`` with eps = 0.621981.

    Parameters
    ----------
    humidity : numpy.ndarray
        Relative humidity as a fraction, any shape.
    temperature_k : numpy.ndarray
        The same shape [K].
    pressure_pa : float
        Air pressure [Pa].

    Notes
    -----
    Where water would boil, the vapour pressure is held to a tenth of that of the air.
    """
    vapour = np.asarray(humidity) * saturation_over_water_pa(temperature_k)
    vapour = np.minimum(vapour, 0.1 * pressure_pa)
    made = MASS_RATIO * vapour / (pressure_pa - (1.0 - MASS_RATIO) * vapour)
    return np.asarray(made, vapour.dtype)


def refer_to_water(humidity: FloatArray, temperature_k: FloatArray, phase: str) -> FloatArray:
    """Return the humidity over water from that over a mix of water and ice.

    Parameters
    ----------
    humidity : numpy.ndarray
        Relative humidity as the file has it, any shape.
    temperature_k : numpy.ndarray
        The same shape [K].
    phase : str
        `OVER_WATER`; `QUADRATIC`: the share of water falls from 1 at 273.16 K to 0 at 250.16 K
        with the square, as ECMWF has it; `LINEAR`: evenly to 0 at 253.16 K, as NCEP has it.

    Returns
    -------
    numpy.ndarray
        The same shape; equal to ``humidity`` at 273.16 K and above.
    """
    if phase == OVER_WATER:
        return humidity
    depth_k, power = _MIXES[phase]
    t = np.asarray(temperature_k)
    water = np.clip(1.0 - (TRIPLE_POINT_K - t) / depth_k, 0.0, 1.0) ** power
    ratio = saturation_over_ice_pa(t) / saturation_over_water_pa(t)
    return np.asarray(humidity * (water + (1.0 - water) * ratio), t.dtype)
