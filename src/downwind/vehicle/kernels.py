"""The gas, lift and speed of one balloon at a time, compiled.

``dry_kg`` is all mass that is not gas: envelope and load. ``gas_constant`` is that of the filling
[J kg-1 K-1]. A tube open at the bottom holds at most the gas that fills ``volume_m3`` at the
outside pressure; what is above that has been vented. A sealed tube keeps its gas, at a pressure
above the air's once it is full. A latex balloon is as large as its gas at the outside pressure.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from downwind.atmosphere.kernels import INLINE, SCALAR, air_viscosity_pas, temperature_pressure
from downwind.compiled.kernels import kernel
from downwind.constants import GRAVITY_MS2, R_AIR

OPEN_TUBE = 0
SEALED_TUBE = 1
LATEX = 2
REMAINS = 3
"""What comes down after a burst: envelope, parachute and load."""

ANY = 0
SLOW = 1
FAST = 2
"""Sides of the ramp of the drag, where the speed may jump; ANY is the one that fits."""


class Balloon(NamedTuple):
    """What does not change while one balloon flies, as the kernels take it.

    Attributes
    ----------
    shape : int
        OPEN_TUBE, SEALED_TUBE, LATEX or REMAINS.
    gas_constant : float
        Of the filling [J kg-1 K-1].
    volume_m3 : float
        Volume of the full tube, or at which a latex balloon bursts [m3].
    area_m2 : float
        Frontal area of a tube; a latex balloon has that of a sphere of its gas [m2].
    drag_high, drag_low, reynolds_start, reynolds_width : float
        Drag coefficient below a Reynolds number, and above a ramp that starts there [-].
    strength_pa : float
        Overpressure at which a sealed tube bursts [Pa].
    kappa, superheat_k, relaxation_s : float
        R / c_p of the gas [-], its rest temperature above the air's [K], and in what time it goes
        there [s]; 0 for at once.
    leak_1s : float
        Share of the gas that is lost in a second [s-1].
    remains_drag_area_m2 : float
        Drag coefficient times area of what comes down after a burst [m2].
    side : int
        Side of the ramp of the drag on which the speed is taken: ANY, or SLOW or FAST also where
        the speed has jumped to the other, so that rates within a step are smooth.
    """

    shape: int
    gas_constant: float
    volume_m3: float
    area_m2: float
    drag_high: float
    drag_low: float
    reynolds_start: float
    reynolds_width: float
    strength_pa: float
    kappa: float
    superheat_k: float
    relaxation_s: float
    leak_1s: float
    remains_drag_area_m2: float
    side: int


@kernel(**INLINE)
def change_balloon(balloon, shape, side, remains_drag_area_m2):
    """Return a balloon of another shape, side of the ramp of its drag, and drag area of remains."""
    return Balloon(
        shape,
        balloon.gas_constant,
        balloon.volume_m3,
        balloon.area_m2,
        balloon.drag_high,
        balloon.drag_low,
        balloon.reynolds_start,
        balloon.reynolds_width,
        balloon.strength_pa,
        balloon.kappa,
        balloon.superheat_k,
        balloon.relaxation_s,
        balloon.leak_1s,
        remains_drag_area_m2,
        side,
    )


# --- drag ----------------------------------------------------------------------------------------


@kernel(**SCALAR)
def drag_coefficient(reynolds, drag_high, drag_low, reynolds_start, reynolds_width):
    """Return the drag coefficient [-] at a Reynolds number [-]: high, a linear ramp, low."""
    if reynolds <= reynolds_start:
        return drag_high
    if reynolds >= reynolds_start + reynolds_width:
        return drag_low
    return drag_high + (drag_low - drag_high) * (reynolds - reynolds_start) / reynolds_width


@kernel(**SCALAR)
def _speed_in_ramp(k, first, last, drag_high, slope):
    """Return w [m s-1] between two speeds at which w^2 (drag_high - slope (w - first)) = k.

    The left side rises from below k to above it in between. Newton's steps are taken where they
    stay within what is left of the interval, and halves of it where they do not.
    """
    low, high = first, last
    w = 0.5 * (low + high)
    for _ in range(100):
        drag = drag_high - slope * (w - first)
        miss = w * w * drag - k
        if miss > 0.0:
            high = w
        else:
            low = w
        rate = w * (2.0 * drag - slope * w)
        new = w - miss / rate if rate > 0.0 else low
        if not low < new < high:
            new = 0.5 * (low + high)
        done = abs(new - w) <= 1e-14 * w
        w = new
        if done:
            break
    return w


@kernel(**INLINE)
def _solve_speed(
    pull_n, density_kgm3, viscosity_pas, area_m2, drag_high, drag_low, reynolds_start,
    reynolds_width, side,
):  # fmt: skip
    """Return the speed [m s-1, with the sign of the pull] and on which side of the ramp it is."""
    force = abs(pull_n)
    if drag_high == drag_low:
        speed = math.sqrt(2.0 * force / (density_kgm3 * (drag_high * area_m2)))
        return math.copysign(speed, pull_n), SLOW
    k = 2.0 * force / (density_kgm3 * area_m2)
    if side == FAST:
        return math.copysign(math.sqrt(k / drag_low), pull_n), FAST
    per_reynolds = viscosity_pas / (density_kgm3 * 2.0 * math.sqrt(area_m2 / math.pi))
    first = reynolds_start * per_reynolds
    if k <= first * first * drag_high:
        return math.copysign(math.sqrt(k / drag_high), pull_n), SLOW
    last = (reynolds_start + reynolds_width) * per_reynolds
    top = last
    slope = 0.0
    if last > first:
        slope = (drag_high - drag_low) / (last - first)
    if slope > 0.0:
        # where w^2 Cd(w) is greatest within the ramp
        top = min(last, 2.0 * (drag_high + slope * first) / (3.0 * slope))
    if top > first and k <= top * top * (drag_high - slope * (top - first)):
        return math.copysign(_speed_in_ramp(k, first, top, drag_high, slope), pull_n), SLOW
    if side == SLOW:
        return math.copysign(max(top, first), pull_n), SLOW
    return math.copysign(max(last, math.sqrt(k / drag_low)), pull_n), FAST


@kernel(**SCALAR)
def terminal_speed_ms(
    pull_n, density_kgm3, viscosity_pas, area_m2, drag_high, drag_low, reynolds_start,
    reynolds_width,
):  # fmt: skip
    """Return the speed through the air [m s-1] at which drag balances a pull; it has its sign.

    Parameters
    ----------
    pull_n : float
        Lift less weight [N].
    density_kgm3, viscosity_pas : float
        Of the air [kg m-3], [Pa s].
    area_m2 : float
        Frontal area [m2]; the Reynolds number is that of the diameter of a disc of this area.
    drag_high, drag_low, reynolds_start, reynolds_width : float
        Drag coefficient below a Reynolds number, and above a ramp that starts there [-].

    Returns
    -------
    float
        w with w^2 Cd(Re(w)) = 2 pull / (rho A). Where drag falls so fast that more than one
        speed fits, the slowest: a balloon is let go at rest.
    """
    return _solve_speed(
        pull_n, density_kgm3, viscosity_pas, area_m2, drag_high, drag_low, reynolds_start,
        reynolds_width, ANY,
    )[0]  # fmt: skip


# --- lift ----------------------------------------------------------------------------------------


@kernel(**SCALAR)
def full_gas_kg(h_m, gas_k, gas_constant, volume_m3):
    """Return the gas [kg] that fills a tube at a height [m] and gas temperature [K]."""
    _, p = temperature_pressure(h_m)
    return p * volume_m3 / (gas_constant * gas_k)


@kernel(**SCALAR)
def free_lift_kg(h_m, gas_k, gas_kg, gas_constant, volume_m3, dry_kg):
    """Return the free lift [kg] of an open tube: air displaced, less gas, envelope and load."""
    t, p = temperature_pressure(h_m)
    held = min(gas_kg, p * volume_m3 / (gas_constant * gas_k))
    displaced = held * gas_constant * gas_k / (R_AIR * t)
    return displaced - held - dry_kg


@kernel(**INLINE)
def climb_state(h_m, gas_k, gas_kg, balloon, dry_kg):
    """Return ``climb_rate_ms``, and on which side of the ramp of the drag that speed is."""
    t, p = temperature_pressure(h_m)
    rho = p / (R_AIR * t)
    if balloon.shape == REMAINS:
        speed = math.sqrt(2.0 * dry_kg * GRAVITY_MS2 / (rho * balloon.remains_drag_area_m2))
        return -speed, SLOW
    full = p * balloon.volume_m3 / (balloon.gas_constant * gas_k)
    filling = gas_kg if balloon.shape == LATEX else min(gas_kg, full)
    held = filling if balloon.shape == OPEN_TUBE else gas_kg
    free = filling * balloon.gas_constant * gas_k / (R_AIR * t) - held - dry_kg
    if balloon.shape == OPEN_TUBE and free < 0.0 and gas_kg >= full:
        return 0.0, SLOW
    area = balloon.area_m2
    if balloon.shape == LATEX:
        volume = gas_kg * balloon.gas_constant * gas_k / p
        area = math.pi * (0.75 / math.pi * volume) ** (2.0 / 3.0)
    viscosity = 0.0
    if balloon.drag_high != balloon.drag_low:
        viscosity = air_viscosity_pas(t)
    return _solve_speed(
        free * GRAVITY_MS2, rho, viscosity, area, balloon.drag_high, balloon.drag_low,
        balloon.reynolds_start, balloon.reynolds_width, balloon.side,
    )  # fmt: skip


@kernel(**INLINE)
def climb_rate_ms(h_m, gas_k, gas_kg, balloon, dry_kg):
    """Return the speed through the air [m s-1] at which drag balances free lift, up positive.

    A full open tube with less than no free lift is above its ceiling, where it cannot have come:
    its speed there is 0. What is left after a burst falls by its weight.

    References
    ----------
    w = sqrt(2 F g / (rho Cd A)), with A the cross-section pi D^2 / 4 of a tube, and of the sphere
    that a latex balloon is taken for.
    """
    return climb_state(h_m, gas_k, gas_kg, balloon, dry_kg)[0]


@kernel(**SCALAR)
def has_burst(h_m, gas_k, gas_kg, balloon):
    """Tell whether the gas is more than the envelope bears.

    References
    ----------
    A sealed tube bears an overpressure of yield stress times film thickness over radius; a latex
    balloon bears its volume at the burst diameter.
    """
    if balloon.shape == SEALED_TUBE:
        _, p = temperature_pressure(h_m)
        pressure = gas_kg * balloon.gas_constant * gas_k / balloon.volume_m3
        return pressure - p > balloon.strength_pa
    if balloon.shape == LATEX:
        _, p = temperature_pressure(h_m)
        return gas_kg * balloon.gas_constant * gas_k >= p * balloon.volume_m3
    return False


@kernel(**SCALAR)
def rest_height_m(h_m, updraft_ms, gas_kg, balloon, dry_kg):
    """Return the height [m] at which a full sealed tube stays, seen from a height near it.

    There it displaces as much air as weighs what it weighs; air that rises [m s-1] holds it up,
    sinking air down, by its drag.
    """
    h = h_m
    for _ in range(40):
        t, p = temperature_pressure(h)
        rho = p / (R_AIR * t)
        borne = balloon.volume_m3
        if updraft_ms != 0.0:
            reynolds = (
                rho * abs(updraft_ms) * 2.0 * math.sqrt(balloon.area_m2 / math.pi)
                / air_viscosity_pas(t)
            )  # fmt: skip
            drag = drag_coefficient(
                reynolds, balloon.drag_high, balloon.drag_low, balloon.reynolds_start,
                balloon.reynolds_width,
            )  # fmt: skip
            borne += 0.5 * drag * balloon.area_m2 * updraft_ms * abs(updraft_ms) / GRAVITY_MS2
        if borne <= 0.0:
            return h
        change = R_AIR * t / GRAVITY_MS2 * math.log(rho * borne / (gas_kg + dry_kg))
        h += change
        if abs(change) < 1e-9:
            break
    return h


# --- the temperature of the gas ------------------------------------------------------------------


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
