"""The standard atmosphere for one height at a time, compiled; the same layers as the package."""

from __future__ import annotations

import math
from typing import Any

import numba as nb

from downwind.atmosphere import LAYER_BASE_M, LAYER_LAPSE, LAYER_PRESSURE_PA, LAYER_TEMPERATURE_K
from downwind.constants import GRAVITY_MS2, R_AIR, RHO0

SCALAR: Any = {"cache": True, "error_model": "numpy", "_nrt": False}
"""Options of all compiled functions of one thing at a time. They allocate nothing, so they do
without reference counts, whose atomic updates take longer than the arithmetic."""

PARALLEL: Any = {"cache": True, "error_model": "numpy", "parallel": True}
"""Options of the compiled loops over many things."""

_H1, _H2, _H3 = (float(x) for x in LAYER_BASE_M[1:])
_T0, _T1, _T2, _T3 = (float(x) for x in LAYER_TEMPERATURE_K)
_P0, _P1, _P2, _P3 = (float(x) for x in LAYER_PRESSURE_PA)
_L0, _, _L2, _L3 = (float(x) for x in LAYER_LAPSE)
_G_R = GRAVITY_MS2 / R_AIR


@nb.njit(**SCALAR)
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


@nb.njit(**SCALAR)
def log_thinning(h_m):
    """Return ln(rho0 / rho) [-] at one geopotential height [m]: the base of every fall law."""
    if h_m < _H1:
        return (1.0 + _G_R / _L0) * math.log((_T0 + _L0 * h_m) / _T0)
    t, p = temperature_pressure(h_m)
    return -math.log(p / (R_AIR * t) / RHO0)
