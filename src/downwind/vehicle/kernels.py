"""The film tube's gas, lift and speed for one balloon at a time, compiled.

``dry_kg`` is all mass that is not gas: envelope and load. ``gas_constant`` is that of the filling
[J kg-1 K-1]. A tube open at the bottom holds at most the gas that fills ``volume_m3`` at the
outside pressure; what is above that has been vented.
"""

from __future__ import annotations

import math

from downwind.atmosphere.kernels import SCALAR, temperature_pressure
from downwind.compiled.kernels import kernel
from downwind.constants import GRAVITY_MS2, R_AIR


@kernel(**SCALAR)
def full_gas_kg(h_m, gas_k, gas_constant, volume_m3):
    """Return the gas [kg] that fills the tube at a height [m] and gas temperature [K]."""
    _, p = temperature_pressure(h_m)
    return p * volume_m3 / (gas_constant * gas_k)


@kernel(**SCALAR)
def free_lift_kg(h_m, gas_k, gas_kg, gas_constant, volume_m3, dry_kg):
    """Return the free lift [kg]: air displaced, less gas, envelope and load."""
    t, p = temperature_pressure(h_m)
    held = min(gas_kg, p * volume_m3 / (gas_constant * gas_k))
    displaced = held * gas_constant * gas_k / (R_AIR * t)
    return displaced - held - dry_kg


@kernel(**SCALAR)
def climb_rate_ms(h_m, gas_k, gas_kg, gas_constant, volume_m3, dry_kg, drag_area_m2):
    """Return the speed through the air [m s-1] at which drag balances free lift, up positive.

    A full tube with less than no free lift is above its ceiling, where it cannot have come: its
    speed there is 0.

    References
    ----------
    w = sqrt(2 F g / (rho Cd A)), with Cd A = ``drag_area_m2`` on the cross-section pi D^2 / 4.
    """
    t, p = temperature_pressure(h_m)
    full = p * volume_m3 / (gas_constant * gas_k)
    held = min(gas_kg, full)
    rho = p / (R_AIR * t)
    free = held * gas_constant * gas_k / (R_AIR * t) - held - dry_kg
    if free < 0.0:
        if gas_kg >= full:
            return 0.0
        return -math.sqrt(-2.0 * free * GRAVITY_MS2 / (rho * drag_area_m2))
    return math.sqrt(2.0 * free * GRAVITY_MS2 / (rho * drag_area_m2))


@kernel(**SCALAR)
def gas_heating_ks(h_m, gas_k, vertical_ms, kappa, superheat_k, relaxation_s):
    """Return dTg/dt [K s-1]: expansion with height, and relaxation to the air and its superheat."""
    t, _ = temperature_pressure(h_m)
    expansion = kappa * gas_k * GRAVITY_MS2 * vertical_ms / (R_AIR * t)
    return -expansion - (gas_k - t - superheat_k) / relaxation_s


@kernel(**SCALAR)
def gas_temperature_k(h_m, gas_k, superheat_k, relaxation_s):
    """Return the gas temperature [K]: the state itself, or the air's where it follows at once."""
    if relaxation_s > 0.0:
        return gas_k
    t, _ = temperature_pressure(h_m)
    return t + superheat_k


@kernel(**SCALAR)
def creeping_gas_k(low_m, high_m, gas_k, seconds, kappa, superheat_k, relaxation_s):
    """Return the gas temperature [K] after an even, slow rise from one height to another."""
    air_k, _ = temperature_pressure(0.5 * (low_m + high_m))
    if relaxation_s <= 0.0:
        return gas_temperature_k(high_m, gas_k, superheat_k, relaxation_s)
    expansion = kappa * GRAVITY_MS2 * (high_m - low_m) / seconds / (R_AIR * air_k)
    rate = 1.0 / relaxation_s + expansion
    final_k = (air_k + superheat_k) / (relaxation_s * rate)
    return final_k + (gas_k - final_k) * math.exp(-rate * seconds)


@kernel(**SCALAR)
def ceiling_m(low_m, high_m, gas_k, gas_constant, volume_m3, dry_kg, superheat_k, relaxation_s):
    """Return the height [m] between two at which a full tube just floats.

    The free lift of a full tube falls with height; where it has no zero between the two heights
    the nearer of them is returned.
    """
    huge = 1e9
    tg = gas_temperature_k(low_m, gas_k, superheat_k, relaxation_s)
    f_low = free_lift_kg(low_m, tg, huge, gas_constant, volume_m3, dry_kg)
    tg = gas_temperature_k(high_m, gas_k, superheat_k, relaxation_s)
    f_high = free_lift_kg(high_m, tg, huge, gas_constant, volume_m3, dry_kg)
    if f_low <= 0.0:
        return low_m
    if f_high >= 0.0:
        return high_m
    side = 0
    middle = low_m
    for _ in range(60):
        middle = (low_m * f_high - high_m * f_low) / (f_high - f_low)
        tg = gas_temperature_k(middle, gas_k, superheat_k, relaxation_s)
        f = free_lift_kg(middle, tg, huge, gas_constant, volume_m3, dry_kg)
        if abs(f) < 1e-14 * dry_kg or high_m - low_m < 1e-10:
            break
        if f > 0.0:
            low_m, f_low = middle, f
            f_high = 0.5 * f_high if side == 1 else f_high
            side = 1
        else:
            high_m, f_high = middle, f
            f_low = 0.5 * f_low if side == -1 else f_low
            side = -1
    return middle
