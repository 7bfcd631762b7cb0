"""The standard atmosphere for one height at a time, compiled; the same layers as the package."""

from __future__ import annotations

import math
from typing import Any

from downwind.atmosphere import LAYER_BASE_M, LAYER_LAPSE, LAYER_PRESSURE_PA, LAYER_TEMPERATURE_K
from downwind.atmosphere._kernels import LANE, fma, log_
from downwind.compiled.kernels import kernel
from downwind.constants import GRAVITY_MS2, R_AIR, RHO0, SUTHERLAND_K, SUTHERLAND_PAS

SCALAR: Any = {"cache": True, "error_model": "numpy", "_nrt": False}
"""Options of all compiled functions of one thing at a time. They allocate nothing, so they do
without reference counts, whose atomic updates take longer than the arithmetic."""

INLINE: Any = {**SCALAR, "forceinline": True}
"""Options of short functions, above all those that take a wind grid: a call that is not inlined
copies the descriptors of all its arrays, which takes as long as reading the wind."""

PARALLEL: Any = {"cache": True, "error_model": "numpy", "parallel": True}
"""Options of the compiled loops over many things."""

_H1, _H2, _H3 = (float(x) for x in LAYER_BASE_M[1:])
_T0, _T1, _T2, _T3 = (float(x) for x in LAYER_TEMPERATURE_K)
_P0, _P1, _P2, _P3 = (float(x) for x in LAYER_PRESSURE_PA)
_L0, _, _L2, _L3 = (float(x) for x in LAYER_LAPSE)
_G_R = GRAVITY_MS2 / R_AIR


@kernel(**SCALAR)
def temperature_pressure(h_m):
    """Return standard temperature [K] and pressure [Pa] at one geopotential height [m]."""
    if h_m < _H1:
        t = _T0 + _L0 * h_m
        return t, _P0 * math.exp(-_G_R / _L0 * math.log(t / _T0))
    if h_m < _H2:
        return _T1, _P1 * math.exp(-_G_R / _T1 * (h_m - _H1))
    if h_m < _H3:
        t = _T2 + _L2 * (h_m - _H2)
        return t, _P2 * math.exp(-_G_R / _L2 * math.log(t / _T2))
    t = _T3 + _L3 * (h_m - _H3)
    return t, _P3 * math.exp(-_G_R / _L3 * math.log(t / _T3))


@kernel(**SCALAR)
def air_viscosity_pas(temperature_k):
    """Return the dynamic viscosity of air [Pa s] at a temperature [K].

    References
    ----------
    Sutherland's law with the constants of the ICAO Standard Atmosphere (Doc 7488).
    """
    root = math.sqrt(temperature_k)
    return SUTHERLAND_PAS * temperature_k * root / (temperature_k + SUTHERLAND_K)


_BASE = tuple(float(x) for x in LAYER_BASE_M)
_STRETCH = tuple(
    float(lapse / t) for lapse, t in zip(LAYER_LAPSE, LAYER_TEMPERATURE_K, strict=True)
)
_POWER = tuple(1.0 + _G_R / float(x) if x != 0.0 else 0.0 for x in LAYER_LAPSE)
_LINEAR = tuple(
    0.0 if x != 0.0 else _G_R / float(t)
    for x, t in zip(LAYER_LAPSE, LAYER_TEMPERATURE_K, strict=True)
)
_THIN = tuple(
    -math.log(float(p / (R_AIR * t)) / RHO0)
    for p, t in zip(LAYER_PRESSURE_PA, LAYER_TEMPERATURE_K, strict=True)
)


@kernel(**LANE)
def _thinning_layer(h_m):
    """Return what ``log_thinning`` is made of in the layer of a height."""
    f = type(h_m)
    base, stretch, power, linear, thin = (
        f(_BASE[0]), f(_STRETCH[0]), f(_POWER[0]), f(_LINEAR[0]), f(_THIN[0])
    )  # fmt: skip
    for k in range(1, 4):
        above = h_m >= f(_BASE[k])
        base = f(_BASE[k]) if above else base
        stretch = f(_STRETCH[k]) if above else stretch
        power = f(_POWER[k]) if above else power
        linear = f(_LINEAR[k]) if above else linear
        thin = f(_THIN[k]) if above else thin
    return h_m - base, stretch, power, linear, thin


@kernel(**LANE)
def log_thinning(h_m):
    """Return ln(rho0 / rho) [-] at one geopotential height [m]: the base of every fall law.

    In a layer with a lapse rate it is a constant plus (1 + g/(R lapse)) ln(T/T_base), in the
    isothermal layer it grows evenly with height. In float32 it is within 3e-6 of the float64.
    """
    up, stretch, power, linear, thin = _thinning_layer(h_m)
    one = type(h_m)(1.0)
    return fma(power, log_(fma(stretch, up, one)), fma(linear, up, thin))


@kernel(**LANE)
def log_thinning_series(h_m):
    """Return ``log_thinning``, its slope [m-1] and half its second derivative [m-2]."""
    up, stretch, power, linear, thin = _thinning_layer(h_m)
    f = type(h_m)
    warm = fma(stretch, up, f(1.0))
    value = fma(power, log_(warm), fma(linear, up, thin))
    per_m = stretch / warm
    return value, fma(power, per_m, linear), f(-0.5) * power * per_m * per_m
