"""Let items fall one at a time: compiled, float64, bare arrays, no I/O.

Every step is classical RK4 with the fall inside its stages. A step ends early at a node of the
time axis, at the next level of the height axis, at the top of the boundary layer, at the opening
of the bundle, at a change of fall mode and, among hills, where the ground has its next edge; an
end on the ground is found to a millimetre, an end at the edge of the data to a millisecond.
The error of the wind is read once a step, in its middle, and carries the item throughout.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import INLINE, PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.constants import EARTH_RADIUS_M
from downwind.load.kernels import fall_speed_ms
from downwind.sim.fall._kernels import (
    MODE_M,
    NEAR_M,
    approach_ms,
    border_s,
    border_step_s,
    event_step_s,
    first_states,
    layer_top_m,
    lifting_ms,
    longest_here_s,
    relief_step_s,
    ridge_step_s,
    stir,
)
from downwind.sim.kernels import (
    GROUND,
    LEFT_DATA,
    SHORTEST_S,
    chart_rates,
    from_chart,
    to_chart,
    wrap_longitude,
)
from downwind.sim.turbulence.kernels import normals6
from downwind.wind.kernels import (
    ceiling_at,
    ground_at_cells,
    height_face_below,
    is_inside,
    longitude_offset,
    mountain_at,
    per_slope_at,
    terrain_at,
    time_to_node,
    wind_at,
)
from downwind.wind.perturbation.kernels import member_error

_GROUND_TOLERANCE_M = 1e-3
_DEG_M = EARTH_RADIUS_M * math.pi / 180.0
_APPROACH_S = 20.0
_APPROACH = 0.9


@kernel(**INLINE)
def _item_rates(grid, member, chart, a, b, h, t, v0, n, drift):
    lon, lat = from_chart(chart, a, b)
    u, v, w = wind_at(grid, member, lon, lat, h, t)
    ra, rb = chart_rates(chart, a, b, u + drift[0], v + drift[1])
    return ra, rb, w + drift[2] - fall_speed_ms(h, v0, n)


@kernel(**SCALAR)
def step_item(grid, member, chart, a, b, h, t, first, d, v0, n, drift):
    """Return (a, b, h) after one RK4 step of d seconds at fall speed v0 (rho0/rho)^n.

    ``first`` holds the rates at the start, which do not depend on the length of the step;
    ``drift`` is a velocity [m s-1] on top of the wind, eastward, northward and upward.
    """
    e = 0.5 * d
    a1, b1, h1 = first
    a2, b2, h2 = _item_rates(
        grid, member, chart, a + e * a1, b + e * b1, h + e * h1, t + e, v0, n, drift
    )
    a3, b3, h3 = _item_rates(
        grid, member, chart, a + e * a2, b + e * b2, h + e * h2, t + e, v0, n, drift
    )
    a4, b4, h4 = _item_rates(
        grid, member, chart, a + d * a3, b + d * b3, h + d * h3, t + d, v0, n, drift
    )
    s = d / 6.0
    return (
        a + s * (a1 + 2.0 * (a2 + a3) + a4),
        b + s * (b1 + 2.0 * (b2 + b3) + b4),
        h + s * (h1 + 2.0 * (h2 + h3) + h4),
    )


@kernel(**SCALAR)
def _clearance(grid, chart, a, b, h):
    lon, lat = from_chart(chart, a, b)
    return h - terrain_at(grid, lon, lat)


@kernel(**SCALAR)
def _item_exit_s(grid, member, chart, a, b, h, t, first, d, v0, n, drift):
    """Return the longest step [s] within d that ends inside the data, to a millisecond."""
    low, high = 0.0, d
    while high - low > 1e-3:
        s = 0.5 * (low + high)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, s, v0, n, drift)
        lon, lat = from_chart(chart, a1, b1)
        if is_inside(grid, lon, lat, h1):
            low = s
        else:
            high = s
    return low


@kernel(**SCALAR)
def _item_ground_s(grid, member, chart, a, b, h, t, first, d, v0, n, drift, below):
    """Return the step [s] within d after which the item touches the ground (Illinois rule)."""
    low, f_low = 0.0, _clearance(grid, chart, a, b, h)
    high, f_high = d, below
    side = 0
    s = d
    for _ in range(60):
        if f_low <= 0.0:
            return 0.0
        s = (low * f_high - high * f_low) / (f_high - f_low)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, s, v0, n, drift)
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


@kernel(**SCALAR)
def _look_at_ground(grid, lon, lat, u, v):
    """Return how the ground lies under an item.

    How fast it rises [m s-1], when the item leaves its cell [s], and 1 over the steepest of it.
    """
    x = longitude_offset(grid, lon)
    y = (lat - grid.latitude0) * grid.per_latitude
    x_rate = u * grid.per_longitude / (_DEG_M * max(math.cos(math.radians(lat)), 1e-6))
    y_rate = v * grid.per_latitude / _DEG_M
    _, x_slope, y_slope = ground_at_cells(grid, x, y)
    to_border = border_s(x - math.floor(x), y - math.floor(y), x_rate, y_rate)
    return x_slope * x_rate + y_slope * y_rate, to_border, per_slope_at(grid, x, y)


@kernel(**SCALAR)
def _error_ahead(grid, member, chart, a, b, h, t, e, u, v, rise, ground):
    """Return the error of the wind e seconds ahead, eastward, northward and upward [m s-1].

    The way there is that of the wind u, v and the speed ``rise`` at the start. The mountains are
    those of the cell at the start, and the height above ground is over the ``ground`` there.
    """
    lon, lat = from_chart(chart, a, b)
    mountain = mountain_at(grid, lon, lat)
    ra, rb = chart_rates(chart, a, b, u, v)
    lon, lat = from_chart(chart, a + e * ra, b + e * rb)
    there = h + e * rise
    return member_error(grid, member, lon, lat, there, t + e, mountain, u, v, there - ground)


@kernel(**SCALAR)
def fall_item(
    grid, member, lon, lat, h, t, bundle_v0, opening_s, v_low, v_high, n, switch_m, max_step_s,
    air, stream,
):  # fmt: skip
    """Fly one item from its release to its end.

    Until ``opening_s`` after the release it falls as a bundle, at ``bundle_v0`` and exponent 1/2;
    then at ``v_high`` above the height ``switch_m`` and at ``v_low`` below, exponent ``n``.
    ``air`` holds the ``Scales`` of the turbulence, or is None for still air; ``stream`` is the
    item's (item, balloon, draw, key, key), all uint32.

    Returns
    -------
    tuple
        Longitude, latitude [degrees], height [m], time [s], and GROUND or LEFT_DATA.
    """
    opens = t + opening_s
    if h <= terrain_at(grid, lon, lat):
        return wrap_longitude(lon), lat, h, t, GROUND
    state_u = state_v = state_w = 0.0
    depth = lifting = 0.0
    error = (0.0, 0.0, 0.0)
    drift = error
    if air is not None:
        depth = air.h
        lifting = lifting_ms(air)
        state_u, state_v, state_w = first_states(*stream, 1.0)
    rounds = 0
    while True:
        to_node = time_to_node(grid, t)
        if not (to_node > 0.0 and is_inside(grid, lon, lat, h)):
            return wrap_longitude(lon), lat, h, t, LEFT_DATA
        chart, a, b = to_chart(lon, lat)
        ground = terrain_at(grid, lon, lat)
        clear = h - ground
        target = max(height_face_below(grid, h - NEAR_M), layer_top_m(clear, ground, depth))
        v0, exponent, to_switch = v_low, n, False
        if t < opens:
            v0, exponent = bundle_v0, 0.5
        elif h > switch_m + MODE_M:
            v0 = v_high
            if switch_m > target:
                target, to_switch = switch_m, True
        u, v, w = wind_at(grid, member, lon, lat, h, t)
        half_way = fall_speed_ms(0.5 * (h + target), v0, exponent)
        longest, per_longest = longest_here_s(
            clear, depth, v0, lifting, max_step_s, 1.0 / max_step_s
        )
        if grid.has_error:
            # the whole step takes the error of its middle, as far as that is known beforehand
            rise = w - half_way
            d = min(event_step_s(h - target, -rise, longest, per_longest), to_node)
            error = _error_ahead(grid, member, chart, a, b, h, t, 0.5 * d, u, v, rise, ground)
            drift = error
        ascent, to_border, per_slope = _look_at_ground(grid, lon, lat, u + error[0], v + error[1])
        sink = approach_ms(target, ground, ascent, w + error[2], half_way)
        d = event_step_s(h - target, sink, longest, per_longest)
        if to_switch and d > _APPROACH_S:
            d *= _APPROACH
        d = border_step_s(d, to_border)
        if h - sink * d < ceiling_at(grid, lon, lat) - NEAR_M:
            d = min(d, relief_step_s(to_border))
            d = min(d, ridge_step_s(clear, per_slope, grid.part_m, u + error[0], v + error[1]))
        d = min(d, to_node)
        if t < opens:
            d = min(d, opens - t)
        d = max(d, SHORTEST_S)
        fall = fall_speed_ms(h, v0, exponent)
        if air is not None:
            n0, n1, n2, n3, n4, _ = normals6(np.uint32(rounds), *stream, 1.0)
            east, north, up, state_u, state_v, state_w = stir(
                clear, air, fall, u + error[0], v + error[1], state_u, state_v, state_w, d,
                (n0, n1, n2, n3, n4),
            )  # fmt: skip
            drift = (error[0] + east, error[1] + north, error[2] + up)
        rounds += 1
        ra, rb = chart_rates(chart, a, b, u + drift[0], v + drift[1])
        first = (ra, rb, w + drift[2] - fall)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent, drift)
        lon1, lat1 = from_chart(chart, a1, b1)
        left = not is_inside(grid, lon1, lat1, h1)
        if left:
            d = _item_exit_s(grid, member, chart, a, b, h, t, first, d, v0, exponent, drift)
            a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent, drift)
        below = _clearance(grid, chart, a1, b1, h1)
        if below <= 0.0:
            d = _item_ground_s(
                grid, member, chart, a, b, h, t, first, d, v0, exponent, drift, below
            )
            a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent, drift)
        lon, lat = from_chart(chart, a1, b1)
        h = h1
        t += d
        if below <= 0.0:
            return wrap_longitude(lon), lat, terrain_at(grid, lon, lat), t, GROUND
        if left:
            return wrap_longitude(lon), lat, h, t, LEFT_DATA


@kernel(**INLINE)
def entry(column, i):
    """Return entry i modulo the length, without the division where it can be done without."""
    if column.size == 1:
        return column[0]
    if i < column.size:
        return column[i]
    return column[i % column.size]


@kernel(**PARALLEL)
def fall_items(grid, items, max_step_s, air, key0, key1, place, code):
    """Fly those of many items whose ``code`` is 0; each is independent of all others.

    Parameters
    ----------
    grid : GridArrays
    items : ItemArrays
        Columns of shape (n,), or of shape (k,) where row i takes entry i modulo k.
    max_step_s : float
        Longest step [s].
    air : Scales or None
        Turbulence, in float64; None for still air.
    key0, key1 : numpy.uint32
        Key of its random numbers.
    place : numpy.ndarray
        Output, shape (4, n): longitude, latitude, height [m], time [s].
    code : numpy.ndarray
        Output, int8, shape (n,): GROUND or LEFT_DATA; the caller sets 0 for what is to be flown.
    """
    for i in nb.prange(code.size):
        if code[i] != 0:
            continue
        lon, lat, h, t, end = fall_item(
            grid,
            entry(items.member, i),
            items.longitude[i],
            items.latitude[i],
            items.height_m[i],
            items.time_s[i],
            entry(items.bundle_speed_ms, i),
            entry(items.opening_s, i),
            entry(items.low_speed_ms, i),
            entry(items.high_speed_ms, i),
            entry(items.exponent, i),
            entry(items.switch_m, i),
            max_step_s,
            air,
            (
                np.uint32(entry(items.item, i)),
                np.uint32(entry(items.balloon, i)),
                np.uint32(entry(items.draw, i)),
                key0,
                key1,
            ),
        )
        place[0, i] = lon
        place[1, i] = lat
        place[2, i] = h
        place[3, i] = t
        code[i] = end
