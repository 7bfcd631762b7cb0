"""The standard atmosphere, the density law, and the two kinds of height.

Heights ``h_m`` are geopotential metres, altitudes ``z_m`` geometric metres above mean sea level.
The layers are those of the ICAO Standard Atmosphere (Doc 7488): 288.15 K falling 6.5 K/km to
11 km, 216.65 K to 20 km, rising 1 K/km to 32 km and 2.8 K/km to 47 km.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import (
    GEOPOTENTIAL_RADIUS_M,
    GRAVITY_MS2,
    R_AIR,
    RHO0,
    SUTHERLAND_K,
    SUTHERLAND_PAS,
)

LAYER_BASE_M = np.array([0.0, 11_000.0, 20_000.0, 32_000.0])
LAYER_LAPSE = np.array([-0.0065, 0.0, 0.001, 0.0028])
TOP_M = 47_000.0
BOTTOM_M = -2_000.0


def _layer_bases() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    temperature, pressure = [288.15], [101_325.0]
    for i in range(1, LAYER_BASE_M.size):
        depth, lapse = LAYER_BASE_M[i] - LAYER_BASE_M[i - 1], LAYER_LAPSE[i - 1]
        below_k = temperature[-1]
        temperature.append(below_k + lapse * depth)
        if lapse == 0.0:
            ratio = np.exp(-GRAVITY_MS2 * depth / (R_AIR * below_k))
        else:
            ratio = (temperature[-1] / below_k) ** (-GRAVITY_MS2 / (R_AIR * lapse))
        pressure.append(pressure[-1] * float(ratio))
    return np.array(temperature), np.array(pressure)


LAYER_TEMPERATURE_K, LAYER_PRESSURE_PA = _layer_bases()


def geopotential_height(z_m: ArrayLike) -> NDArray[np.float64]:
    """Return the geopotential height H = R z / (R + z) [m] of an altitude, any shape [m].

    References
    ----------
    ICAO Doc 7488, with R = 6 356 766 m.
    """
    z = np.asarray(z_m, dtype=np.float64)
    height: NDArray[np.float64] = GEOPOTENTIAL_RADIUS_M * z / (GEOPOTENTIAL_RADIUS_M + z)
    return height


def geometric_altitude(h_m: ArrayLike) -> NDArray[np.float64]:
    """Return the altitude z = R H / (R - H) [m] of a geopotential height, any shape [m]."""
    h = np.asarray(h_m, dtype=np.float64)
    altitude: NDArray[np.float64] = GEOPOTENTIAL_RADIUS_M * h / (GEOPOTENTIAL_RADIUS_M - h)
    return altitude


def temperature_k(h_m: ArrayLike) -> NDArray[np.float64]:
    """Return the standard temperature [K] at geopotential heights, any shape [m]."""
    h, layer = _layers(h_m)
    depth = h - LAYER_BASE_M[layer]
    return np.asarray(LAYER_TEMPERATURE_K[layer] + LAYER_LAPSE[layer] * depth, np.float64)


def pressure_pa(h_m: ArrayLike) -> NDArray[np.float64]:
    """Return the standard pressure [Pa] at geopotential heights, any shape [m]."""
    h, layer = _layers(h_m)
    base_k, lapse = LAYER_TEMPERATURE_K[layer], LAYER_LAPSE[layer]
    depth = h - LAYER_BASE_M[layer]
    isothermal = np.exp(-GRAVITY_MS2 * depth / (R_AIR * base_k))
    safe = np.where(lapse == 0.0, 1.0, lapse)
    gradient = ((base_k + lapse * depth) / base_k) ** (-GRAVITY_MS2 / (R_AIR * safe))
    factor = np.where(lapse == 0.0, isothermal, gradient)
    return np.asarray(LAYER_PRESSURE_PA[layer] * factor, np.float64)


def density_kgm3(h_m: ArrayLike) -> NDArray[np.float64]:
    """Return the standard air density [kg m-3] at geopotential heights, any shape [m]."""
    return pressure_pa(h_m) / (R_AIR * temperature_k(h_m))


def viscosity_pas(temperature_k: ArrayLike) -> NDArray[np.float64]:
    """Return the dynamic viscosity of air [Pa s] at temperatures, any shape [K].

    References
    ----------
    Sutherland's law with the constants of the ICAO Standard Atmosphere (Doc 7488).
    """
    t = np.asarray(temperature_k, np.float64)
    return np.asarray(SUTHERLAND_PAS * t * np.sqrt(t) / (t + SUTHERLAND_K))


def height_of_density(rho_kgm3: float) -> float:
    """Return the geopotential height [m] at which the standard air has a density [kg m-3].

    Raises
    ------
    ValueError
        If no height between -2 and 47 km has that density.
    """
    low, high = BOTTOM_M, TOP_M
    if not float(density_kgm3(high)) <= rho_kgm3 <= float(density_kgm3(low)):
        raise ValueError(f"no height of the standard atmosphere has {rho_kgm3:.4g} kg/m3")
    for _ in range(60):
        middle = 0.5 * (low + high)
        if float(density_kgm3(middle)) > rho_kgm3:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def fall_integral_m(h_m: ArrayLike, exponent: ArrayLike = 0.5) -> NDArray[np.float64]:
    """Return I(H), the integral of (rho/rho0)^n from the sea to H [m].

    An item with speed ``v0`` at sea level and ``v0 (rho0/rho)^n`` above falls from H to the sea
    in I(H) / v0 seconds.

    Parameters
    ----------
    h_m : array_like
        Geopotential heights, any shape [m].
    exponent : array_like
        The exponent n of the density law, broadcast against ``h_m``.

    Returns
    -------
    numpy.ndarray
        The integral [m], by 24-point Gauss-Legendre quadrature in each layer of the atmosphere.
    """
    h, n = np.broadcast_arrays(np.asarray(h_m, np.float64), np.asarray(exponent, np.float64))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    total = np.zeros(h.shape)
    edges = [*LAYER_BASE_M, TOP_M]
    for i, (base, top) in enumerate(pairwise(edges)):
        start = 0.0 if i == 0 else base
        end = np.minimum(h, top) if i == 0 else np.clip(h, base, top)
        half = 0.5 * (end - start)
        at = start + half[..., None] * (1.0 + nodes)
        total += half * np.sum(weights * (density_kgm3(at) / RHO0) ** n[..., None], axis=-1)
    return total


def _layers(h_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    h = np.asarray(h_m, dtype=np.float64)
    return h, np.clip(np.searchsorted(LAYER_BASE_M, h, side="right") - 1, 0, None)
