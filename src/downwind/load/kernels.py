"""The fall speed of one item, compiled."""

from __future__ import annotations

import math

import numba as nb

from downwind.atmosphere.kernels import SCALAR, log_thinning


@nb.njit(**SCALAR)
def fall_speed_ms(h_m, v0_ms, exponent):
    """Return v0 (rho0/rho)^n [m s-1] at one geopotential height [m]."""
    return v0_ms * math.exp(exponent * log_thinning(h_m))
