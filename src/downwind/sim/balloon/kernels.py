"""Fly balloons: compiled, float64, bare arrays, no I/O.

A step ends early at a node of the time axis, at a release, at a ceiling, where the drag jumps, and
at the burst; an end on the ground or at the edge of the data is found to a millisecond.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import INLINE, PARALLEL, SCALAR, temperature_pressure
from downwind.compiled.kernels import kernel
from downwind.sim.balloon._kernels import (
    ARRIVAL_M,
    BURST,
    END,
    EVENT_S,
    JUMP,
    TURN,
    approach_s,
    balloon_rates,
    drag_side,
    room_m,
    seek_rest,
    step_apart,
    step_balloon,
    time_event,
)
from downwind.sim.balloon.clock.kernels import (
    Releases,
    clock_gain_s,
    find_release,
    has_acted,
    is_steady,
)
from downwind.sim.kernels import (
    GROUND,
    LEFT_DATA,
    SHORTEST_S,
    TIMER,
    from_chart,
    to_chart,
    wrap_longitude,
)
from downwind.vehicle.kernels import (
    ANY,
    OPEN_TUBE,
    REMAINS,
    SEALED_TUBE,
    Balloon,
    change_balloon,
    full_gas_kg,
    has_burst,
)
from downwind.wind.kernels import is_inside, terrain_at, time_to_node

RELEASED = TIMER
"""The flight ended at its last release."""

_SAME_S = 1e-6
_LEAST_AREA_M2 = 1e-6
_STABLE = 1.5  # RK4 on the relaxation of the gas is stable up to 2.78 relaxation times a step
_APART_S = 1.0


# --- one flight ----------------------------------------------------------------------------------


@kernel(**SCALAR)
def _write_state(out, t, lon, lat, h, gas_kg, gas_k):
    out[0] = t
    out[1] = wrap_longitude(lon)
    out[2] = lat
    out[3] = h
    out[4] = gas_kg
    out[5] = gas_k


@kernel(**SCALAR)
def _write_track(track, row, lon, lat, h):
    track[row, 0] = wrap_longitude(lon)
    track[row, 1] = lat
    track[row, 2] = h


@kernel(**SCALAR)
def _step_path(grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, offset_k, h1, d,
               is_even):  # fmt: skip
    """Return the heights of a step as (h, h', h'' / 2), and what the timers feel beside the air."""
    if is_even:
        return h, (h1 - h) / max(d, SHORTEST_S), 0.0, offset_k
    _, _, rise, _ = balloon_rates(grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg)
    return h, rise, (h1 - h - rise * d) / (d * d), offset_k


@kernel(**SCALAR)
def _step_to_event(
    grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, switched_s, d
):  # fmt: skip
    """Step for d seconds, or to what happens first: float, end of a float, drag jump, burst.

    What makes rates jump is stepped up to and then, by a step of a millisecond, across; that is
    done once a second at most. Return (a, b, h, gas_k, gas_kg, d, has_turned, switched_s), the
    last the time of the last such change.
    """
    a1, b1, h1, k1, m1, turned = step_apart(
        grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
    )
    is_open = balloon.shape == OPEN_TUBE
    is_apart = t > switched_s + _APART_S
    if turned and (room_m(h, gas_k, gas_kg, balloon, dry_kg) > ARRIVAL_M if is_open else is_apart):
        low, high = time_event(
            TURN, grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
        d = low
        if not is_open and low < EVENT_S:
            d, switched_s = high, t
        a1, b1, h1, k1, m1, _ = step_apart(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
    if is_apart and balloon.side != ANY and drag_side(h1, k1, m1, balloon, dry_kg) != balloon.side:
        low, high = time_event(
            JUMP, grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
        d = low
        if low < EVENT_S:
            d, switched_s = high, t
        a1, b1, h1, k1, m1, _ = step_apart(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
    if has_burst(h1, k1, m1, balloon):
        _, d = time_event(
            BURST, grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
        a1, b1, h1, k1, m1, _ = step_apart(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
    return a1, b1, h1, k1, m1, d, turned, switched_s


@kernel(**INLINE)
def _drop_due(releases, out, t0, t, lon, lat, h, gas_kg, gas_k):
    """Let go what is due, into ``out``; return how many act, and the time [s] to a steady next."""
    acting = 0
    to_next = np.inf
    for j in range(releases.fire_s.size):
        if has_acted(out, j):
            continue
        steady = is_steady(releases, j)
        if steady:
            is_due = t >= t0 + releases.fire_s[j] - _SAME_S
        else:
            is_due = releases.reading_s[j] >= releases.fire_s[j]
        if is_due:
            _write_state(out[j], t, lon, lat, h, gas_kg, gas_k)
            acting += 1
        elif steady:
            to_next = min(to_next, t0 + releases.fire_s[j] - t)
    return acting, to_next


@kernel(**SCALAR)
def _left_over(load_kg, drag_area_m2, releases, out):
    """Return what is left of the load [kg], and of the drag area of what would fall [m2]."""
    for j in range(releases.fire_s.size):
        if has_acted(out, j):
            load_kg -= releases.drop_kg[j]
            drag_area_m2 -= releases.drop_drag_area_m2[j]
    return max(load_kg, 0.0), max(drag_area_m2, _LEAST_AREA_M2)


@kernel(**SCALAR)
def fly_balloon(
    grid, member, lon, lat, h, t0, gas_kg, balloon, envelope_kg, load_kg, releases, offset_k,
    follows, max_step_s, record_s, out, end, burst, track,
):  # fmt: skip
    """Fly one balloon to the ground, the edge of the data or, unless it ``follows``, its releases.

    Row j of ``out`` becomes time, longitude, latitude, height, gas mass and gas temperature at
    release j; it stays NaN where that does not act. ``end`` becomes the same at the end, and the
    vertical speed there; ``burst`` becomes time, longitude, latitude and height of a burst.
    Row k of ``track`` becomes longitude, latitude, height at ``k record_s`` after launch, and at
    the flight's end in the row after the last of these. Return GROUND, LEFT_DATA or RELEASED.
    """
    superheat_k, relaxation_s = balloon.superheat_k, balloon.relaxation_s
    t = t0
    air_k, _ = temperature_pressure(h)
    gas_k = air_k + superheat_k
    if balloon.shape == OPEN_TUBE:
        gas_kg = min(gas_kg, full_gas_kg(h, gas_k, balloon.gas_constant, balloon.volume_m3))
    count = releases.fire_s.size
    has_clocks = False
    for j in range(count):
        releases.reading_s[j] = 0.0
        has_clocks = has_clocks or not is_steady(releases, j)
    left = count
    dry_kg = envelope_kg + load_kg
    whole_area_m2 = balloon.remains_drag_area_m2
    switched_s = -np.inf
    row = 0
    reason = 0
    while reason == 0:
        if row < track.shape[0] and t >= t0 + row * record_s - _SAME_S:
            _write_track(track, row, lon, lat, h)
            row += 1
        acting, to_release = _drop_due(releases, out, t0, t, lon, lat, h, gas_kg, gas_k)
        if acting:
            left -= acting
            carried_kg, area_m2 = _left_over(load_kg, whole_area_m2, releases, out)
            dry_kg = envelope_kg + carried_kg
            balloon = change_balloon(balloon, balloon.shape, balloon.side, area_m2)
            if left == 0 and not follows:
                reason = RELEASED
                break
        if has_burst(h, gas_k, gas_kg, balloon):
            burst[0] = t
            burst[1] = wrap_longitude(lon)
            burst[2] = lat
            burst[3] = h
            balloon = change_balloon(balloon, REMAINS, ANY, balloon.remains_drag_area_m2)
            gas_kg = 0.0
            gas_k = np.nan
        if balloon.drag_high != balloon.drag_low and balloon.shape != REMAINS:
            side = drag_side(h, gas_k, gas_kg, balloon, dry_kg)
            area_m2 = balloon.remains_drag_area_m2
            balloon = change_balloon(balloon, balloon.shape, side, area_m2)
        to_node = time_to_node(grid, t)
        if not (to_node > 0.0 and is_inside(grid, lon, lat, h)):
            reason = LEFT_DATA
            break
        d = min(max_step_s, to_node, to_release)
        if relaxation_s > 0.0:
            d = min(d, _STABLE * relaxation_s)
        if row < track.shape[0]:
            d = min(d, t0 + row * record_s - t)
        d = min(d, approach_s(h, gas_k, gas_kg, balloon, dry_kg))
        rests = False
        if balloon.shape == SEALED_TUBE and gas_kg >= full_gas_kg(
            h, gas_k, balloon.gas_constant, balloon.volume_m3
        ):
            longest, rests = seek_rest(grid, member, lon, lat, h, t, gas_k, gas_kg, balloon, dry_kg)
            d = min(d, longest)
        d = max(d, SHORTEST_S)
        chart, a, b = to_chart(lon, lat)
        a1, b1, h1, k1, m1, turned = step_balloon(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
        )
        # most steps meet nothing, and need no search
        happens = has_burst(h1, k1, m1, balloon)
        if turned:
            creeps = balloon.shape == OPEN_TUBE
            creeps = creeps and room_m(h, gas_k, gas_kg, balloon, dry_kg) <= ARRIVAL_M
            happens = happens or not creeps
        if not happens and balloon.side != ANY:
            happens = drag_side(h1, k1, m1, balloon, dry_kg) != balloon.side
        if happens:
            a1, b1, h1, k1, m1, d, turned, switched_s = _step_to_event(
                grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests,
                switched_s, d,
            )  # fmt: skip
        which = -1
        if has_clocks and left > 0:
            is_even = rests or turned
            path = _step_path(
                grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, offset_k, h1, d,
                is_even,
            )  # fmt: skip
            fired_s, which = find_release(releases, out, path, d)
            if which >= 0 and fired_s < d:
                d = max(fired_s, SHORTEST_S)
                a1, b1, h1, k1, m1, _ = step_apart(
                    grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
                )
        lon1, lat1 = from_chart(chart, a1, b1)
        inside = is_inside(grid, lon1, lat1, h1)
        if not inside or h1 <= terrain_at(grid, lon1, lat1):
            reason = GROUND if inside else LEFT_DATA
            d, _ = time_event(
                END, grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
            )
            a1, b1, h1, k1, m1, _ = step_apart(
                grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg, rests, d
            )
            lon1, lat1 = from_chart(chart, a1, b1)
            if h1 - terrain_at(grid, lon1, lat1) < 1.0:
                reason = GROUND
        elif has_clocks and left > 0:
            for j in range(count):
                if not is_steady(releases, j):
                    releases.reading_s[j] += clock_gain_s(releases, j, path, d)
            if which >= 0:
                releases.reading_s[which] = releases.fire_s[which]
        lon, lat, h, gas_k, gas_kg = lon1, lat1, h1, k1, m1
        t += d
    _write_state(end, t, lon, lat, h, gas_kg, gas_k)
    chart, a, b = to_chart(lon, lat)
    _, _, end[6], _ = balloon_rates(grid, member, chart, a, b, h, t, gas_k, gas_kg, balloon, dry_kg)
    if row < track.shape[0] and t > t0 + (row - 1) * record_s + _SAME_S:
        _write_track(track, row, lon, lat, h)
    return reason


@kernel(**PARALLEL)
def fly_balloons(
    grid, balloons, max_step_s, record_s, readings, releases, ends, bursts, reasons, tracks
):  # fmt: skip
    """Fly many balloons; each is independent, so threads and order do not matter.

    Parameters
    ----------
    grid : GridArrays
    balloons : BalloonArrays
        Columns of shape (n,); those of the releases of shape (n, releases).
    max_step_s, record_s : float
        Longest step, and the spacing of the recorded track [s].
    readings : numpy.ndarray
        What the clocks read, for the kernel's own use, shape (n, releases).
    releases : numpy.ndarray
        Output, shape (n, releases, 6), filled with NaN by the caller.
    ends, bursts : numpy.ndarray
        Output, shapes (n, 7) and (n, 4), filled with NaN by the caller.
    reasons : numpy.ndarray
        Output, shape (n,).
    tracks : numpy.ndarray
        Output, shape (n, rows, 3), filled with NaN by the caller; rows may be 0.
    """
    for i in nb.prange(balloons.member.size):
        balloon = Balloon(
            balloons.shape[i],
            balloons.gas_constant[i],
            balloons.volume_m3[i],
            balloons.area_m2[i],
            balloons.drag_high[i],
            balloons.drag_low[i],
            balloons.reynolds_start[i],
            balloons.reynolds_width[i],
            balloons.strength_pa[i],
            balloons.kappa[i],
            balloons.superheat_k[i],
            balloons.relaxation_s[i],
            balloons.leak_1s[i],
            balloons.remains_drag_area_m2[i],
            ANY,
        )
        own = Releases(
            readings[i],
            balloons.drop_kg[i],
            balloons.drop_drag_area_m2[i],
            balloons.fire_s[i],
            balloons.clock_halving_k[i],
            balloons.clock_reference_k[i],
            balloons.clock_slow_below_k[i],
            balloons.clock_slow_rate[i],
        )
        reasons[i] = fly_balloon(
            grid,
            balloons.member[i],
            balloons.longitude[i],
            balloons.latitude[i],
            balloons.height_m[i],
            balloons.time_s[i],
            balloons.gas_kg[i],
            balloon,
            balloons.envelope_kg[i],
            balloons.load_kg[i],
            own,
            balloons.air_offset_k[i],
            balloons.follow[i],
            max_step_s,
            record_s,
            releases[i],
            ends[i],
            bursts[i],
            tracks[i],
        )
