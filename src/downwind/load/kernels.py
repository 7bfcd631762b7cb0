"""The fall speed of one item, compiled."""

from __future__ import annotations

from downwind.atmosphere._kernels import LANE, exp_, fma
from downwind.atmosphere.kernels import log_thinning, log_thinning_series
from downwind.compiled.kernels import kernel


@kernel(**LANE)
def fall_speed_ms(h_m, v0_ms, exponent):
    """Return v0 (rho0/rho)^n [m s-1] at one geopotential height [m], in the type of its height."""
    return v0_ms * exp_(exponent * log_thinning(h_m))


@kernel(**LANE)
def fall_law(h_m, v0_ms, exponent):
    """Return the fall speed at a height [m s-1] and what ``fall_near_ms`` needs around it."""
    value, slope, bend = log_thinning_series(h_m)
    return v0_ms * exp_(exponent * value), exponent * slope, exponent * bend


@kernel(**LANE)
def fall_near_ms(law, up_m):
    """Return the fall speed [m s-1] some way above or below the height of a ``fall_law``.

    Within 1 km, and inside one layer of the atmosphere, it is within 2e-5 of ``fall_speed_ms``.
    """
    speed, slope, bend = law
    f = type(up_m)
    e = up_m * fma(up_m, bend, slope)
    return speed * fma(e, fma(e, fma(e, f(1.0 / 6.0), f(0.5)), f(1.0)), f(1.0))
