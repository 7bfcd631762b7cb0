"""Let items fall one at a time: compiled, float64, bare arrays, no I/O.

Every step is classical RK4 with the fall inside its stages. A step ends early at a node of the
time axis, at the next level of the height axis, at the opening of the bundle and at a change of
fall mode; an end on the ground is found to a millimetre, an end at the edge of the data to a
millisecond.
"""

from __future__ import annotations

import numba as nb

from downwind.atmosphere.kernels import PARALLEL, SCALAR
from downwind.load.kernels import fall_speed_ms
from downwind.sim.kernels import (
    GROUND,
    LEFT_DATA,
    SHORTEST_S,
    chart_rates,
    from_chart,
    to_chart,
    wrap_longitude,
)
from downwind.wind.kernels import (
    height_face_below,
    is_inside,
    terrain_at,
    time_to_node,
    wind_at,
)

_GROUND_TOLERANCE_M = 1e-3
_FACE_TOLERANCE_M = 1.0
_MODE_TOLERANCE_M = 1e-3


@nb.njit(**SCALAR)
def _item_rates(grid, member, chart, a, b, h, t, v0, n):
    lon, lat = from_chart(chart, a, b)
    u, v, w = wind_at(grid, member, lon, lat, h, t)
    ra, rb = chart_rates(chart, a, b, u, v)
    return ra, rb, w - fall_speed_ms(h, v0, n)


@nb.njit(**SCALAR)
def step_item(grid, member, chart, a, b, h, t, first, d, v0, n):
    """Return (a, b, h) after one RK4 step of d seconds at fall speed v0 (rho0/rho)^n.

    ``first`` holds the rates at the start, which do not depend on the length of the step.
    """
    e = 0.5 * d
    a1, b1, h1 = first
    a2, b2, h2 = _item_rates(grid, member, chart, a + e * a1, b + e * b1, h + e * h1, t + e, v0, n)
    a3, b3, h3 = _item_rates(grid, member, chart, a + e * a2, b + e * b2, h + e * h2, t + e, v0, n)
    a4, b4, h4 = _item_rates(grid, member, chart, a + d * a3, b + d * b3, h + d * h3, t + d, v0, n)
    s = d / 6.0
    return (
        a + s * (a1 + 2.0 * (a2 + a3) + a4),
        b + s * (b1 + 2.0 * (b2 + b3) + b4),
        h + s * (h1 + 2.0 * (h2 + h3) + h4),
    )


@nb.njit(**SCALAR)
def _clearance(grid, chart, a, b, h):
    lon, lat = from_chart(chart, a, b)
    return h - terrain_at(grid, lon, lat)


@nb.njit(**SCALAR)
def _item_exit_s(grid, member, chart, a, b, h, t, first, d, v0, n):
    """Return the longest step [s] within d that ends inside the data, to a millisecond."""
    low, high = 0.0, d
    while high - low > 1e-3:
        s = 0.5 * (low + high)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, s, v0, n)
        lon, lat = from_chart(chart, a1, b1)
        if is_inside(grid, lon, lat, h1):
            low = s
        else:
            high = s
    return low


@nb.njit(**SCALAR)
def _item_ground_s(grid, member, chart, a, b, h, t, first, d, v0, n, below):
    """Return the step [s] within d after which the item touches the ground (Illinois rule)."""
    low, f_low = 0.0, _clearance(grid, chart, a, b, h)
    high, f_high = d, below
    side = 0
    s = d
    for _ in range(60):
        if f_low <= 0.0:
            return 0.0
        s = (low * f_high - high * f_low) / (f_high - f_low)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, s, v0, n)
        f = _clearance(grid, chart, a1, b1, h1)
        if abs(f) < _GROUND_TOLERANCE_M:
            break
        if f > 0.0:
            low, f_low = s, f
            f_high = 0.5 * f_high if side == 1 else f_high
            side = 1
        else:
            high, f_high = s, f
            f_low = 0.5 * f_low if side == -1 else f_low
            side = -1
    return s


@nb.njit(**SCALAR)
def fall_item(
    grid, member, lon, lat, h, t, bundle_v0, opening_s, v_low, v_high, n, switch_m, max_step_s
):
    """Fly one item from its release to its end.

    Until ``opening_s`` after the release it falls as a bundle, at ``bundle_v0`` and exponent 1/2;
    then at ``v_high`` above the height ``switch_m`` and at ``v_low`` below, exponent ``n``.

    Returns
    -------
    tuple
        Longitude, latitude [degrees], height [m], time [s], and GROUND or LEFT_DATA.
    """
    opens = t + opening_s
    if h <= terrain_at(grid, lon, lat):
        return wrap_longitude(lon), lat, h, t, GROUND
    while True:
        to_node = time_to_node(grid, t)
        if to_node <= 0.0 or not is_inside(grid, lon, lat, h):
            return wrap_longitude(lon), lat, h, t, LEFT_DATA
        chart, a, b = to_chart(lon, lat)
        d = min(max_step_s, to_node)
        to_switch = False
        floor = height_face_below(grid, h - _FACE_TOLERANCE_M)
        v0, exponent = v_low, n
        if t < opens:
            v0, exponent = bundle_v0, 0.5
            d = min(d, opens - t)
        elif h > switch_m + _MODE_TOLERANCE_M:
            v0 = v_high
            if switch_m > floor:
                floor, to_switch = switch_m, True
        first = _item_rates(grid, member, chart, a, b, h, t, v0, exponent)
        up = first[2] + fall_speed_ms(h, v0, exponent)
        sink = fall_speed_ms(0.5 * (h + floor), v0, exponent) - up
        if sink > 0.0 and (h - floor) / sink < d:
            d = (h - floor) / sink
        else:
            to_switch = False
        d = max(d, SHORTEST_S)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent)
        if to_switch:
            for _ in range(20):
                if abs(h1 - floor) < 0.5 * _MODE_TOLERANCE_M or h1 >= h:
                    break
                d = max(min(d * (h - floor) / (h - h1), to_node), SHORTEST_S)
                a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent)
        lon1, lat1 = from_chart(chart, a1, b1)
        left = not is_inside(grid, lon1, lat1, h1)
        if left:
            d = _item_exit_s(grid, member, chart, a, b, h, t, first, d, v0, exponent)
            a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent)
        below = _clearance(grid, chart, a1, b1, h1)
        if below <= 0.0:
            d = _item_ground_s(grid, member, chart, a, b, h, t, first, d, v0, exponent, below)
            a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent)
        lon, lat = from_chart(chart, a1, b1)
        h = h1
        t += d
        if below <= 0.0:
            return wrap_longitude(lon), lat, terrain_at(grid, lon, lat), t, GROUND
        if left:
            return wrap_longitude(lon), lat, h, t, LEFT_DATA


@nb.njit(**PARALLEL)
def fall_items(grid, items, max_step_s, place, code):
    """Fly many items; each row is independent, so threads and order do not matter.

    Parameters
    ----------
    grid : GridArrays
    items : ItemArrays
        Columns of shape (n,), or of shape (1,) where all items share a value.
    max_step_s : float
        Longest step [s].
    place : numpy.ndarray
        Output, shape (n, 4): longitude, latitude, height [m], time [s].
    code : numpy.ndarray
        Output, shape (n,): GROUND or LEFT_DATA.
    """
    for i in nb.prange(code.size):
        lon, lat, h, t, end = fall_item(
            grid,
            items.member[i % items.member.size],
            items.longitude[i],
            items.latitude[i],
            items.height_m[i],
            items.time_s[i],
            items.bundle_speed_ms[i % items.bundle_speed_ms.size],
            items.opening_s[i % items.opening_s.size],
            items.low_speed_ms[i % items.low_speed_ms.size],
            items.high_speed_ms[i % items.high_speed_ms.size],
            items.exponent[i % items.exponent.size],
            items.switch_m[i % items.switch_m.size],
            max_step_s,
        )
        place[i, 0] = lon
        place[i, 1] = lat
        place[i, 2] = h
        place[i, 3] = t
        code[i] = end
