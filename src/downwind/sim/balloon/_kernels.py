"""One step of a balloon, how long it may be, and when within it something happens: compiled.

Every step is classical RK4 for place, height and gas temperature; the leak is exact. What happens
within a step is found by halving it, to a millisecond.
"""

from __future__ import annotations

import math

import numpy as np

from downwind.atmosphere.kernels import INLINE, SCALAR
from downwind.compiled.kernels import kernel
from downwind.sim.kernels import chart_rates, from_chart
from downwind.vehicle.kernels import (
    ANY,
    LATEX,
    OPEN_TUBE,
    REMAINS,
    SEALED_TUBE,
    ceiling_m,
    change_balloon,
    climb_rate_ms,
    climb_state,
    creeping_gas_k,
    free_lift_kg,
    full_gas_kg,
    gas_heating_ks,
    gas_temperature_k,
    has_burst,
    rest_height_m,
)
from downwind.wind.kernels import is_inside, mountain_at, terrain_at, wind_at
from downwind.wind.perturbation.kernels import member_error

ARRIVAL_M = 0.1
EVENT_S = 1e-3

TURN = 0
"""The step overshoots the height at which the balloon floats, or a float ends."""
JUMP = 1
"""The drag of a balloon may be that of the other side of its ramp."""
BURST = 2
END = 3
"""The balloon is below the ground or outside the data."""

_CREEP_MS = 0.15
_STIFF_S2M = 100.0
_SCALE_HEIGHT_M = 8_000.0
_FALL_M = 1_000.0


@kernel(**SCALAR)
def air_at(grid, member, lon, lat, h, t):
    """Return eastward, northward and upward wind of a member, its error with it [m s-1]."""
    u, v, w = wind_at(grid, member, lon, lat, h, t)
    if not grid.has_error:
        return u, v, w
    mountain = mountain_at(grid, lon, lat)
    clear = h - terrain_at(grid, lon, lat)
    east, north, up = member_error(grid, member, lon, lat, h, t, mountain, u, v, clear)
    return u + east, v + north, w + up


@kernel(**SCALAR)
def balloon_rates(grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg):
    """Return the rates of change of a, b, height [m s-1] and gas temperature [K s-1].

    The gas of a full sealed tube cannot expand, and does not cool by it.
    """
    lon, lat = from_chart(chart, a, b)
    u, v, w = air_at(grid, member, lon, lat, h, t)
    ra, rb = chart_rates(chart, a, b, u, v)
    tg = gas_temperature_k(h, gas_k, balloon.superheat_k, balloon.relaxation_s)
    rise = w + climb_rate_ms(h, tg, gas_kg, balloon, dry_kg)
    heating = 0.0
    if balloon.relaxation_s > 0.0 and balloon.shape != REMAINS:
        kappa = balloon.kappa
        if balloon.shape == SEALED_TUBE and gas_kg >= full_gas_kg(
            h, tg, balloon.gas_constant, balloon.volume_m3
        ):
            kappa = 0.0
        heating = gas_heating_ks(h, tg, rise, kappa, balloon.superheat_k, balloon.relaxation_s)
    return ra, rb, rise, heating


@kernel(**INLINE)
def step_balloon(grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, is_resting, d):
    """Return (a, b, h, gas_k, gas_kg, has_turned) after one step of d seconds.

    An open tube that ends the step above its ceiling (``has_turned``) is put at the ceiling, and
    only then is gas vented, so that no overshoot of the integrator ever costs gas. A sealed tube
    that rests at its float height stays there until it is no longer full (``has_turned``); one
    that does not rest has turned if it ends full on the other side of that height.
    """
    e = 0.5 * d
    half = gas_kg * math.exp(-balloon.leak_1s * e)
    end = gas_kg * math.exp(-balloon.leak_1s * d)
    a1, b1, h1, k1 = balloon_rates(
        grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg
    )  # fmt: skip
    a2, b2, h2, k2 = balloon_rates(
        grid, member, chart, a + e * a1, b + e * b1, h + e * h1, t + e, gas_k + e * k1, half,
        balloon, dry_kg,
    )  # fmt: skip
    a3, b3, h3, k3 = balloon_rates(
        grid, member, chart, a + e * a2, b + e * b2, h + e * h2, t + e, gas_k + e * k2, half,
        balloon, dry_kg,
    )  # fmt: skip
    a4, b4, h4, k4 = balloon_rates(
        grid, member, chart, a + d * a3, b + d * b3, h + d * h3, t + d, gas_k + d * k3, end,
        balloon, dry_kg,
    )  # fmt: skip
    s = d / 6.0
    new_a = a + s * (a1 + 2.0 * (a2 + a3) + a4)
    new_b = b + s * (b1 + 2.0 * (b2 + b3) + b4)
    new_h = h + s * (h1 + 2.0 * (h2 + h3) + h4)
    new_k = gas_k + s * (k1 + 2.0 * (k2 + k3) + k4)
    if balloon.shape != REMAINS:
        new_k = gas_temperature_k(new_h, new_k, balloon.superheat_k, balloon.relaxation_s)
    turned = False
    if balloon.shape == OPEN_TUBE:
        gas_constant, volume_m3 = balloon.gas_constant, balloon.volume_m3
        superheat_k, relaxation_s = balloon.superheat_k, balloon.relaxation_s
        if end >= full_gas_kg(new_h, new_k, gas_constant, volume_m3):
            turned = free_lift_kg(new_h, new_k, 1e9, gas_constant, volume_m3, dry_kg) < 0.0
            if turned and new_h > h:
                highest = new_h
                for _ in range(3):
                    new_h = ceiling_m(
                        h, highest, new_k, gas_constant, volume_m3, dry_kg, superheat_k,
                        relaxation_s,
                    )  # fmt: skip
                    new_k = creeping_gas_k(
                        h, new_h, gas_k, d, balloon.kappa, superheat_k, relaxation_s
                    )
            end = min(end, full_gas_kg(new_h, new_k, gas_constant, volume_m3))
    elif is_resting:
        lon, lat = from_chart(chart, new_a, new_b)
        _, _, updraft = air_at(grid, member, lon, lat, h, t + d)
        new_h = rest_height_m(h, updraft, end, balloon, dry_kg)
        new_k = creeping_gas_k(h, new_h, gas_k, d, 0.0, balloon.superheat_k, balloon.relaxation_s)
        turned = end < full_gas_kg(new_h, new_k, balloon.gas_constant, balloon.volume_m3)
    elif balloon.shape == SEALED_TUBE and end >= full_gas_kg(
        new_h, new_k, balloon.gas_constant, balloon.volume_m3
    ):
        _, _, rise, _ = balloon_rates(
            grid, member, chart, new_a, new_b, new_h, t + d, new_k, end, balloon, dry_kg
        )
        turned = h1 * rise < 0.0
    return new_a, new_b, new_h, new_k, end, turned


@kernel(**SCALAR)
def step_apart(grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, is_resting, d):
    """Return the same as ``step_balloon``, compiled once for all who are not in a hurry."""
    return step_balloon(
        grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, is_resting, d
    )


@kernel(**SCALAR)
def time_event(
    event, grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, is_resting, d
):  # fmt: skip
    """Return two times [s], a millisecond apart, between which an event happens in a step of d.

    Steps of the first time or shorter end before it.
    """
    low, high = 0.0, d
    while high - low > EVENT_S:
        s = 0.5 * (low + high)
        a1, b1, h1, k1, m1, turned = step_apart(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, is_resting, s
        )
        if event == TURN:
            happened = turned
        elif event == JUMP:
            happened = drag_side(h1, k1, m1, balloon, dry_kg) != balloon.side
        elif event == BURST:
            happened = has_burst(h1, k1, m1, balloon)
        else:
            lon, lat = from_chart(chart, a1, b1)
            happened = not (is_inside(grid, lon, lat, h1) and h1 > terrain_at(grid, lon, lat))
        if happened:
            high = s
        else:
            low = s
    return low, high


@kernel(**SCALAR)
def drag_side(h, gas_k, gas_kg, balloon, dry_kg):
    """Return on which side of the ramp of its drag a balloon is: SLOW or FAST."""
    tg = gas_temperature_k(h, gas_k, balloon.superheat_k, balloon.relaxation_s)
    free = change_balloon(balloon, balloon.shape, ANY, balloon.remains_drag_area_m2)
    return climb_state(h, tg, gas_kg, free, dry_kg)[1]


@kernel(**SCALAR)
def room_m(h, gas_k, gas_kg, balloon, dry_kg):
    """Return about how far [m] a full open tube is below its ceiling."""
    tg = gas_temperature_k(h, gas_k, balloon.superheat_k, balloon.relaxation_s)
    free = free_lift_kg(h, tg, gas_kg, balloon.gas_constant, balloon.volume_m3, dry_kg)
    return _SCALE_HEIGHT_M * free / (free + dry_kg)


@kernel(**SCALAR)
def seek_rest(grid, member, lon, lat, h, t, gas_k, gas_kg, balloon, dry_kg):
    """Return the longest fit step [s] of a full sealed tube near its float, and if it rests there.

    It moves as the square root of the distance x to its float height, which ends in 2 x / w
    seconds, w the speed; a quarter of that keeps RK4 on it until the last decimetres.
    """
    _, _, updraft = air_at(grid, member, lon, lat, h, t)
    left = abs(rest_height_m(h, updraft, gas_kg, balloon, dry_kg) - h)
    if left <= ARRIVAL_M:
        return np.inf, True
    tg = gas_temperature_k(h, gas_k, balloon.superheat_k, balloon.relaxation_s)
    w = abs(updraft + climb_rate_ms(h, tg, gas_kg, balloon, dry_kg))
    return max(0.5 * left / max(w, 1e-6), 1.0), False


@kernel(**SCALAR)
def approach_s(h, gas_k, gas_kg, balloon, dry_kg):
    """Return the longest fit step [s] near a ceiling or a turning point, and of a fall.

    A full open tube that nears its ceiling moves as the square root of the distance x that is
    left, which ends in 2 x / w seconds, w the speed; a quarter of that keeps RK4 on it until the
    last decimetres. A slack balloon that hardly moves is stiff: its speed answers the free lift,
    which the heating of the gas answers, at a rate that grows as 1 / w. Remains fall no deeper
    than a kilometre in a step.
    """
    tg = gas_temperature_k(h, gas_k, balloon.superheat_k, balloon.relaxation_s)
    w = climb_rate_ms(h, tg, gas_kg, balloon, dry_kg)
    if balloon.shape == REMAINS:
        return _FALL_M / abs(w)
    slack = balloon.shape == LATEX
    if not slack:
        full = full_gas_kg(h, tg, balloon.gas_constant, balloon.volume_m3)
        slack = gas_kg < (full if balloon.shape == SEALED_TUBE else (1.0 - 1e-9) * full)
    if slack:
        return max(_STIFF_S2M * abs(w), 1.0)
    if balloon.shape == SEALED_TUBE or w < _CREEP_MS:
        return np.inf
    return max(0.5 * room_m(h, gas_k, gas_kg, balloon, dry_kg) / w, 1.0)
