"""The fall speed of one item, compiled."""

from __future__ import annotations

from downwind.atmosphere._kernels import LANE, exp_
from downwind.atmosphere.kernels import log_thinning
from downwind.compiled.kernels import kernel


@kernel(**LANE)
def fall_speed_ms(h_m, v0_ms, exponent):
    """Return v0 (rho0/rho)^n [m s-1] at one geopotential height [m], in the type of its height."""
    return v0_ms * exp_(exponent * log_thinning(h_m))
