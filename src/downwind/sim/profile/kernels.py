"""Fly along prescribed vertical profiles: compiled, float64, bare arrays, no I/O.

Every step is classical RK4 with the height inside its stages. A step ends early at a node of the
time axis and at the next level of the height axis; a stage ends to a millimetre of height or a
millisecond. With direction -1 time runs backwards: the same rates, negative steps.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.constants import EARTH_RADIUS_M
from downwind.load.kernels import fall_speed_ms
from downwind.sim.kernels import (
    GROUND,
    LEFT_DATA,
    SHORTEST_S,
    TIMER,
    chart_rates,
    from_chart,
    to_chart,
    wrap_longitude,
)
from downwind.wind.kernels import find_cell, is_inside, terrain_at, time_to_node, wind_at

CLIMB = 0
FLOAT = 1
FALL = 2
TAWHIRI_DESCENT = 3
TRACK = 4

TIME = TIMER
HEIGHT = 4

_TOLERANCE_M = 5e-4
_TOLERANCE_S = 5e-4
_FACE_TOLERANCE_M = 1.0


@kernel(**SCALAR)
def tawhiri_thinning(altitude_m):
    """Return 1.1045 / sqrt(rho) [-] in the air of Tawhiri's drag law, which jumps at its layers.

    References
    ----------
    cuspaceflight/tawhiri, ``models.py``, ``make_drag_descent``, after NASA's ``atmosmet``:
    temperature in degrees C, pressure in kPa, altitude in m.
    """
    if altitude_m > 25_000.0:
        celsius = -131.21 + 0.00299 * altitude_m
        kpa = 2.488 * ((celsius + 273.1) / 216.6) ** -11.388
    elif altitude_m > 11_000.0:
        celsius = -56.46
        kpa = 22.65 * math.exp(1.73 - 0.000157 * altitude_m)
    else:
        celsius = 15.04 - 0.00649 * altitude_m
        kpa = 101.29 * ((celsius + 273.1) / 288.08) ** 5.256
    return 1.1045 / math.sqrt(kpa / (0.2869 * (celsius + 273.1)))


@kernel(**SCALAR)
def vertical_rate_ms(law, rate, exponent, h):
    """Return dh/dt [m s-1] of a vertical law at a height [m], in air that does not rise."""
    if law in (CLIMB, TRACK):
        return rate
    if law == FALL:
        return -fall_speed_ms(h, rate, exponent)
    if law == TAWHIRI_DESCENT:
        return -rate * tawhiri_thinning(h)
    return 0.0


@kernel(**SCALAR)
def fill_rates(law, rate, exponent, h, out):
    """Fill ``out`` with `vertical_rate_ms` at the heights ``h``, both shape (n,)."""
    for i in range(h.size):
        out[i] = vertical_rate_ms(law, rate, exponent, h[i])


@kernel(**SCALAR)
def _rates(grid, member, chart, a, b, h, t, law, rate, exponent, aloft):
    lon, lat = from_chart(chart, a, b)
    u, v, w = wind_at(grid, member, lon, lat, h, t)
    q = EARTH_RADIUS_M / (EARTH_RADIUS_M + h) if aloft else 1.0
    ra, rb = chart_rates(chart, a, b, q * u, q * v)
    rise = vertical_rate_ms(law, rate, exponent, h)
    if law in (FALL, TAWHIRI_DESCENT):
        rise += w
    return ra, rb, rise


@kernel(**SCALAR)
def _step(grid, member, at, t, d, law, rate, exponent, aloft):
    """Return (chart, a, b, h) after one RK4 step of d seconds, negative backwards in time."""
    chart, a, b, h = at
    e = 0.5 * d
    a1, b1, h1 = _rates(grid, member, chart, a, b, h, t, law, rate, exponent, aloft)
    a2, b2, h2 = _rates(
        grid, member, chart, a + e * a1, b + e * b1, h + e * h1, t + e, law, rate, exponent, aloft
    )
    a3, b3, h3 = _rates(
        grid, member, chart, a + e * a2, b + e * b2, h + e * h2, t + e, law, rate, exponent, aloft
    )
    a4, b4, h4 = _rates(
        grid, member, chart, a + d * a3, b + d * b3, h + d * h3, t + d, law, rate, exponent, aloft
    )
    s = d / 6.0
    return (
        chart,
        a + s * (a1 + 2.0 * (a2 + a3) + a4),
        b + s * (b1 + 2.0 * (b2 + b3) + b4),
        h + s * (h1 + 2.0 * (h2 + h3) + h4),
    )


@kernel(**SCALAR)
def _height_over(grid, at, goal_m, over_ground):
    """Return the height [m] over a fixed height, or over the ground."""
    chart, a, b, h = at
    if not over_ground:
        return h - goal_m
    lon, lat = from_chart(chart, a, b)
    return h - terrain_at(grid, lon, lat)


@kernel(**SCALAR)
def _has_reached(way, h, limit):
    return h >= limit if way > 0.0 else (way < 0.0 and h <= limit)


@kernel(**SCALAR)
def _is_inside(grid, at):
    chart, a, b, h = at
    lon, lat = from_chart(chart, a, b)
    return is_inside(grid, lon, lat, h)


@kernel(**SCALAR)
def _crossing_s(grid, member, at, t, d, law, rate, exponent, aloft, goal_m, over_ground):
    """Return the step [s] within d that ends at a height or on the ground (Illinois rule)."""
    low, f_low = 0.0, _height_over(grid, at, goal_m, over_ground)
    end = _step(grid, member, at, t, d, law, rate, exponent, aloft)
    high, f_high = d, _height_over(grid, end, goal_m, over_ground)
    side = 0
    s = d
    for _ in range(60):
        if f_low == 0.0:
            return 0.0
        s = (low * f_high - high * f_low) / (f_high - f_low)
        f = _height_over(
            grid, _step(grid, member, at, t, s, law, rate, exponent, aloft), goal_m, over_ground
        )
        if abs(f) < _TOLERANCE_M:
            break
        if f * f_low > 0.0:
            low, f_low = s, f
            f_high = 0.5 * f_high if side == 1 else f_high
            side = 1
        else:
            high, f_high = s, f
            f_low = 0.5 * f_low if side == -1 else f_low
            side = -1
    return s


@kernel(**SCALAR)
def _exit_s(grid, member, at, t, d, law, rate, exponent, aloft):
    """Return the longest step [s] within d that ends inside the data, to a millisecond."""
    low, high = 0.0, d
    while abs(high - low) > _TOLERANCE_S:
        s = 0.5 * (low + high)
        if _is_inside(grid, _step(grid, member, at, t, s, law, rate, exponent, aloft)):
            low = s
        else:
            high = s
    return low


@kernel(**SCALAR)
def _time_room(grid, t, direction):
    """Return the time [s] to the next node of the time axis; 0 where the data end."""
    if direction > 0.0:
        return time_to_node(grid, t)
    if t <= grid.time_s[0] or t > grid.time_s[-1]:
        return 0.0
    it, _ = find_cell(grid.time_s, grid.time_cell, grid.time_per_cell, t)
    if t <= grid.time_s[it]:
        it -= 1
    return 0.0 if grid.is_hole[it] else t - grid.time_s[it]


@kernel(**SCALAR)
def _face_room(grid, h, upward):
    """Return the distance [m] to the next level of the height axis; infinity where none is."""
    levels = grid.height_m
    if upward:
        i, _ = find_cell(levels, grid.height_cell, grid.height_per_cell, h + _FACE_TOLERANCE_M)
        face = levels[i] if h + _FACE_TOLERANCE_M < levels[i] else levels[i + 1]
        room = face - h
    else:
        i, a = find_cell(levels, grid.height_cell, grid.height_per_cell, h - _FACE_TOLERANCE_M)
        room = h - (levels[i - 1] if a <= 1e-9 and i > 0 else levels[i])
    return room if room > _FACE_TOLERANCE_M else np.inf


@kernel(**SCALAR)
def _write_end(ends, stage, t, lon, lat, h):
    ends[stage, 0] = t
    ends[stage, 1] = wrap_longitude(lon)
    ends[stage, 2] = lat
    ends[stage, 3] = h


@kernel(**SCALAR)
def fly_profile(
    grid, member, lon, lat, h, t0, laws, rates, exponents, stops, limits, direction, aloft,
    max_step_s, record_s, ends, reasons, track,
):  # fmt: skip
    """Fly one flight through its stages until the last ends, the ground or the edge of the data.

    Row j of ``ends`` becomes time, longitude, latitude, height at the end of stage j, and
    ``reasons[j]`` HEIGHT, TIME, GROUND or LEFT_DATA; stages not reached keep 0. Row k of ``track``
    becomes the same at ``k record_s`` from the start, and at the end in the row after the last.
    """
    t = t0
    row = 0
    stage = 0
    reason = 0
    ended = 0
    while reason == 0:
        if row < track.shape[0] and (t - t0) * direction >= row * record_s - 1e-6:
            _write_end(track, row, t, lon, lat, h)
            row += 1
        law, rate, exponent = laws[stage], rates[stage], exponents[stage]
        stop, limit = stops[stage], limits[stage]
        way = direction * vertical_rate_ms(law, rate, exponent, h)
        if stop == TIME and (limit - t) * direction <= 1e-6:
            ended = TIME
        elif stop == HEIGHT and _has_reached(way, h, limit):
            ended = HEIGHT
        if ended:
            reasons[stage] = ended
            _write_end(ends, stage, t, lon, lat, h)
            ended = 0
            stage += 1
            if stage == stops.size:
                stage -= 1
                break
            continue
        lands = way <= 0.0 and law != TRACK
        if lands and h <= terrain_at(grid, lon, lat):
            reason = GROUND
            break
        room_s = _time_room(grid, t, direction)
        if not room_s > 0.0 or not is_inside(grid, lon, lat, h):
            reason = LEFT_DATA
            break
        d = min(max_step_s, room_s)
        if stop == TIME:
            d = min(d, (limit - t) * direction)
        if row < track.shape[0]:
            d = min(d, row * record_s - (t - t0) * direction)
        if way != 0.0:
            room_m = _face_room(grid, h, way > 0.0)
            middle = h + (0.5 if way > 0.0 else -0.5) * min(room_m, 1_000.0)
            d = min(d, room_m / abs(vertical_rate_ms(law, rate, exponent, middle)))
        d = direction * max(d, SHORTEST_S)
        chart, a, b = to_chart(lon, lat)
        at = (chart, a, b, h)
        end = _step(grid, member, at, t, d, law, rate, exponent, aloft)
        if not _is_inside(grid, end):
            d = _exit_s(grid, member, at, t, d, law, rate, exponent, aloft)
            end = _step(grid, member, at, t, d, law, rate, exponent, aloft)
            reason = LEFT_DATA
        reached = stop == HEIGHT and _has_reached(way, end[3], limit)
        if reached:
            d = _crossing_s(grid, member, at, t, d, law, rate, exponent, aloft, limit, False)
            end = _step(grid, member, at, t, d, law, rate, exponent, aloft)
            reason = 0
        if lands and _height_over(grid, end, 0.0, True) <= 0.0:
            d = _crossing_s(grid, member, at, t, d, law, rate, exponent, aloft, 0.0, True)
            end = _step(grid, member, at, t, d, law, rate, exponent, aloft)
            reason = GROUND
            reached = False
        lon, lat = from_chart(end[0], end[1], end[2])
        h = end[3]
        t += d
        if reached:
            h = limit
        elif reason == GROUND:
            h = terrain_at(grid, lon, lat)
    if reason != 0:
        reasons[stage] = reason
        _write_end(ends, stage, t, lon, lat, h)
    if row < track.shape[0]:
        _write_end(track, row, t, lon, lat, h)


@kernel(**PARALLEL)
def fly_profiles(grid, profiles, direction, aloft, max_step_s, record_s, ends, reasons, tracks):
    """Fly many flights; each is independent, so threads and order do not matter.

    Parameters
    ----------
    grid : GridArrays
    profiles : ProfileArrays
    direction : float
        +1 forward in time, -1 backward.
    aloft : bool
        Whether the sphere is as large as the height makes it.
    max_step_s, record_s : float
        Longest step, and the spacing of the recorded track [s].
    ends : numpy.ndarray
        Output, shape (n, stages, 5), filled with NaN by the caller; the last column is not used.
    reasons : numpy.ndarray
        Output, shape (n, stages), filled with 0 by the caller.
    tracks : numpy.ndarray
        Output, shape (n, rows, 4), filled with NaN by the caller; rows may be 0.
    """
    for i in nb.prange(reasons.shape[0]):
        k = i % profiles.law.shape[0]
        fly_profile(
            grid,
            profiles.member[i % profiles.member.size],
            profiles.longitude[i],
            profiles.latitude[i],
            profiles.height_m[i],
            profiles.time_s[i],
            profiles.law[k],
            profiles.rate_ms[k],
            profiles.exponent[k],
            profiles.stop[k],
            profiles.limit[k],
            direction,
            aloft,
            max_step_s,
            record_s,
            ends[i],
            reasons[i],
            tracks[i],
        )
