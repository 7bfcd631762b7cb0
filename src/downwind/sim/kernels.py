"""Fly balloons and drop items through a wind grid: compiled, float64, bare arrays, no I/O.

A position moves in a chart, chosen anew for each step: longitude and latitude in degrees, or near
a pole the azimuthal equidistant plane about it. Every step is classical RK4 with the vertical
motion inside its stages. A step ends early at a node of the time axis, at the next level of the
height axis (items), at the opening of the bundle, at a change of fall mode, at the timer; an end
on the ground is found to a millimetre, an end at the edge of the data to a millisecond.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import PARALLEL, SCALAR, temperature_pressure
from downwind.constants import EARTH_RADIUS_M
from downwind.load.kernels import fall_speed_ms
from downwind.vehicle.kernels import (
    ceiling_m,
    climb_rate_ms,
    creeping_gas_k,
    free_lift_kg,
    full_gas_kg,
    gas_heating_ks,
    gas_temperature_k,
)
from downwind.wind.kernels import (
    height_face_below,
    is_inside,
    terrain_at,
    time_to_node,
    wind_at,
)

GROUND = 1
LEFT_DATA = 2
TIMER = 3

_POLAR_DEG = 75.0
_DEG = 180.0 / math.pi
_GROUND_TOLERANCE_M = 1e-3
_FACE_TOLERANCE_M = 1.0
_MODE_TOLERANCE_M = 1e-3
_ARRIVAL_M = 0.1
_SHORTEST_S = 1e-6  # epoch seconds in float64 resolve 2.4e-7 s: a shorter step would not advance
_CREEP_MS = 0.15
_STIFF_S2M = 100.0
_STABLE = 1.5  # RK4 on the relaxation of the gas is stable up to 2.78 relaxation times a step
_SCALE_HEIGHT_M = 8_000.0


# --- charts --------------------------------------------------------------------------------------


@nb.njit(**SCALAR)
def to_chart(lon, lat):
    """Return (chart, a, b): 0 for degrees, +1 or -1 for the plane about the north or south pole."""
    if abs(lat) < _POLAR_DEG:
        return 0, lon, lat
    chart = 1 if lat > 0.0 else -1
    theta = (90.0 - abs(lat)) / _DEG
    return chart, theta * math.cos(lon / _DEG), theta * math.sin(lon / _DEG)


@nb.njit(**SCALAR)
def from_chart(chart, a, b):
    """Return longitude and latitude [degrees] of a chart position."""
    if chart == 0:
        return a, b
    theta = math.hypot(a, b)
    return math.atan2(b, a) * _DEG, chart * (90.0 - theta * _DEG)


@nb.njit(**SCALAR)
def chart_rates(chart, a, b, u, v):
    """Return da/dt and db/dt for an eastward and northward speed [m s-1] on the sphere."""
    if chart == 0:
        return u / (EARTH_RADIUS_M * math.cos(b / _DEG)) * _DEG, v / EARTH_RADIUS_M * _DEG
    theta = math.hypot(a, b)
    radial = -chart * v / EARTH_RADIUS_M
    stretch = theta / math.sin(theta) if theta > 1e-12 else 1.0
    around = stretch * u / EARTH_RADIUS_M
    c = a / theta if theta > 1e-12 else 1.0
    s = b / theta if theta > 1e-12 else 0.0
    return radial * c - around * s, radial * s + around * c


@nb.njit(**SCALAR)
def wrap_longitude(lon):
    """Return a longitude [degrees] in [-180, 180)."""
    return lon - 360.0 * math.floor((lon + 180.0) / 360.0)


# --- falling items -------------------------------------------------------------------------------


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
        d = max(d, _SHORTEST_S)
        a1, b1, h1 = step_item(grid, member, chart, a, b, h, t, first, d, v0, exponent)
        if to_switch:
            for _ in range(20):
                if abs(h1 - floor) < 0.5 * _MODE_TOLERANCE_M or h1 >= h:
                    break
                d = max(min(d * (h - floor) / (h - h1), to_node), _SHORTEST_S)
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


# --- film tubes ----------------------------------------------------------------------------------


@nb.njit(**SCALAR)
def _film_rates(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg):
    gas_constant, volume_m3, drag_area_m2, kappa, superheat_k, relaxation_s, _ = film
    lon, lat = from_chart(chart, a, b)
    u, v, w = wind_at(grid, member, lon, lat, h, t)
    ra, rb = chart_rates(chart, a, b, u, v)
    tg = gas_temperature_k(h, gas_k, superheat_k, relaxation_s)
    rise = w + climb_rate_ms(h, tg, gas_kg, gas_constant, volume_m3, dry_kg, drag_area_m2)
    heating = 0.0
    if relaxation_s > 0.0:
        heating = gas_heating_ks(h, tg, rise, kappa, superheat_k, relaxation_s)
    return ra, rb, rise, heating


@nb.njit(**SCALAR)
def step_film(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d):
    """Return (a, b, h, gas_k, gas_kg, is_above) after one step of d seconds.

    RK4 for place, height and gas temperature; the leak is exact; a tube that ends the step above
    its ceiling (``is_above``) is put at the ceiling, and only then is gas vented, so that no
    overshoot of the integrator ever costs gas.
    """
    e = 0.5 * d
    leak = film[6]
    half = gas_kg * math.exp(-leak * e)
    end = gas_kg * math.exp(-leak * d)
    a1, b1, h1, k1 = _film_rates(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg)
    a2, b2, h2, k2 = _film_rates(
        grid, member, chart, a + e * a1, b + e * b1, h + e * h1, t + e, gas_k + e * k1, half,
        film, dry_kg,
    )  # fmt: skip
    a3, b3, h3, k3 = _film_rates(
        grid, member, chart, a + e * a2, b + e * b2, h + e * h2, t + e, gas_k + e * k2, half,
        film, dry_kg,
    )  # fmt: skip
    a4, b4, h4, k4 = _film_rates(
        grid, member, chart, a + d * a3, b + d * b3, h + d * h3, t + d, gas_k + d * k3, end,
        film, dry_kg,
    )  # fmt: skip
    s = d / 6.0
    new_h = h + s * (h1 + 2.0 * (h2 + h3) + h4)
    new_k = gas_k + s * (k1 + 2.0 * (k2 + k3) + k4)
    gas_constant, volume_m3, _, _, superheat_k, relaxation_s, _ = film
    new_k = gas_temperature_k(new_h, new_k, superheat_k, relaxation_s)
    above = False
    if end >= full_gas_kg(new_h, new_k, gas_constant, volume_m3):
        above = free_lift_kg(new_h, new_k, 1e9, gas_constant, volume_m3, dry_kg) < 0.0
        if above and new_h > h:
            highest = new_h
            for _ in range(3):
                new_h = ceiling_m(
                    h, highest, new_k, gas_constant, volume_m3, dry_kg, superheat_k, relaxation_s
                )
                new_k = creeping_gas_k(h, new_h, gas_k, d, film[3], superheat_k, relaxation_s)
        end = min(end, full_gas_kg(new_h, new_k, gas_constant, volume_m3))
    return (
        a + s * (a1 + 2.0 * (a2 + a3) + a4),
        b + s * (b1 + 2.0 * (b2 + b3) + b4),
        new_h,
        new_k,
        end,
        above,
    )


@nb.njit(**SCALAR)
def _film_end_s(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d):
    """Return the longest step [s] within d that ends inside the data and above the ground."""
    low, high = 0.0, d
    while high - low > 1e-3:
        s = 0.5 * (low + high)
        a1, b1, h1, _, _, _ = step_film(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, s
        )
        lon, lat = from_chart(chart, a1, b1)
        if is_inside(grid, lon, lat, h1) and h1 > terrain_at(grid, lon, lat):
            low = s
        else:
            high = s
    return low


@nb.njit(**SCALAR)
def _room_m(h, gas_k, gas_kg, film, dry_kg):
    """Return about how far [m] a full tube is below its ceiling."""
    tg = gas_temperature_k(h, gas_k, film[4], film[5])
    free = free_lift_kg(h, tg, gas_kg, film[0], film[1], dry_kg)
    return _SCALE_HEIGHT_M * free / (free + dry_kg)


@nb.njit(**SCALAR)
def _approach_s(h, gas_k, gas_kg, film, dry_kg):
    """Return the longest fit step [s] near a ceiling or a turning point.

    A full tube that nears its ceiling moves as the square root of the distance x that is left,
    which ends in 2 x / w seconds, w the speed; a quarter of that keeps RK4 on it until the last
    decimetres. A slack tube that hardly moves is stiff: its speed answers the free lift, which
    the heating of the gas answers, at a rate that grows as 1 / w.
    """
    gas_constant, volume_m3, drag_area_m2 = film[0], film[1], film[2]
    tg = gas_temperature_k(h, gas_k, film[4], film[5])
    w = climb_rate_ms(h, tg, gas_kg, gas_constant, volume_m3, dry_kg, drag_area_m2)
    if gas_kg < (1.0 - 1e-9) * full_gas_kg(h, tg, gas_constant, volume_m3):
        return max(_STIFF_S2M * abs(w), 1.0)
    if w < _CREEP_MS:
        return np.inf
    return max(0.5 * _room_m(h, gas_k, gas_kg, film, dry_kg) / w, 1.0)


@nb.njit(**SCALAR)
def _film_ceiling_s(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d):
    """Return the longest step [s] within d that does not overshoot the ceiling."""
    low, high = 0.0, d
    while high - low > 1e-3:
        s = 0.5 * (low + high)
        _, _, _, _, _, above = step_film(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, s
        )
        if above:
            high = s
        else:
            low = s
    return low


@nb.njit(**SCALAR)
def fly_film(
    grid, member, lon, lat, h, t0, gas_kg, film, envelope_kg, carried_kg, stop_s, max_step_s,
    record_s, ends, reasons, track,
):  # fmt: skip
    """Fly one film tube through its stages until the ground or the edge of the data.

    Stage j carries ``carried_kg[j]`` and ends ``stop_s[j]`` after launch (infinity: not by timer);
    where the last stage ends by timer, so does the flight.
    Row j of ``ends`` becomes time, longitude, latitude, height, gas mass and gas temperature at
    the end of stage j, and ``reasons[j]`` TIMER, GROUND or LEFT_DATA; stages not reached keep 0.
    Row k of ``track`` becomes longitude, latitude, height at ``k record_s`` after launch, and at
    the flight's end in the row after the last of these.
    """
    superheat_k, relaxation_s = film[4], film[5]
    t = t0
    air_k, _ = temperature_pressure(h)
    gas_k = air_k + superheat_k
    gas_kg = min(gas_kg, full_gas_kg(h, gas_k, film[0], film[1]))
    row = 0
    stage = 0
    dry_kg = envelope_kg + carried_kg[0]
    reason = 0
    while reason == 0:
        if row < track.shape[0] and t >= t0 + row * record_s - 1e-6:
            track[row, 0] = wrap_longitude(lon)
            track[row, 1] = lat
            track[row, 2] = h
            row += 1
        while stage < stop_s.size and t >= t0 + stop_s[stage] - 1e-6:
            reasons[stage] = TIMER
            _write_end(ends, stage, t, lon, lat, h, gas_kg, gas_k)
            stage += 1
            if stage == stop_s.size:
                return
            dry_kg = envelope_kg + carried_kg[stage]
        to_node = time_to_node(grid, t)
        if to_node <= 0.0 or not is_inside(grid, lon, lat, h):
            reason = LEFT_DATA
            break
        d = min(max_step_s, to_node, t0 + stop_s[stage] - t)
        if relaxation_s > 0.0:
            d = min(d, _STABLE * relaxation_s)
        if row < track.shape[0]:
            d = min(d, t0 + row * record_s - t)
        d = max(min(d, _approach_s(h, gas_k, gas_kg, film, dry_kg)), _SHORTEST_S)
        chart, a, b = to_chart(lon, lat)
        a1, b1, h1, k1, m1, above = step_film(
            grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d
        )
        if above and _room_m(h, gas_k, gas_kg, film, dry_kg) > _ARRIVAL_M:
            d = _film_ceiling_s(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d)
            a1, b1, h1, k1, m1, _ = step_film(
                grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d
            )
        lon1, lat1 = from_chart(chart, a1, b1)
        inside = is_inside(grid, lon1, lat1, h1)
        if not inside or h1 <= terrain_at(grid, lon1, lat1):
            reason = GROUND if inside else LEFT_DATA
            d = _film_end_s(grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d)
            a1, b1, h1, k1, m1, _ = step_film(
                grid, member, chart, a, b, h, t, gas_k, gas_kg, film, dry_kg, d
            )
            lon1, lat1 = from_chart(chart, a1, b1)
            if h1 - terrain_at(grid, lon1, lat1) < 1.0:
                reason = GROUND
        lon, lat, h, gas_k, gas_kg = lon1, lat1, h1, k1, m1
        t += d
    reasons[stage] = reason
    _write_end(ends, stage, t, lon, lat, h, gas_kg, gas_k)
    if row < track.shape[0]:
        track[row, 0] = wrap_longitude(lon)
        track[row, 1] = lat
        track[row, 2] = h


@nb.njit(**SCALAR)
def _write_end(ends, stage, t, lon, lat, h, gas_kg, gas_k):
    ends[stage, 0] = t
    ends[stage, 1] = wrap_longitude(lon)
    ends[stage, 2] = lat
    ends[stage, 3] = h
    ends[stage, 4] = gas_kg
    ends[stage, 5] = gas_k


@nb.njit(**PARALLEL)
def fly_films(grid, films, max_step_s, record_s, ends, reasons, tracks):
    """Fly many film tubes; each is independent, so threads and order do not matter.

    Parameters
    ----------
    grid : GridArrays
    films : FilmArrays
        Columns of shape (n,); ``carried_kg`` and ``stop_s`` of shape (n, stages).
    max_step_s, record_s : float
        Longest step, and the spacing of the recorded track [s].
    ends : numpy.ndarray
        Output, shape (n, stages, 6), filled with NaN by the caller.
    reasons : numpy.ndarray
        Output, shape (n, stages), filled with 0 by the caller.
    tracks : numpy.ndarray
        Output, shape (n, rows, 3), filled with NaN by the caller; rows may be 0.
    """
    for i in nb.prange(films.member.size):
        film = (
            films.gas_constant[i],
            films.volume_m3[i],
            films.drag_area_m2[i],
            films.kappa[i],
            films.superheat_k[i],
            films.relaxation_s[i],
            films.leak_1s[i],
        )
        fly_film(
            grid,
            films.member[i],
            films.longitude[i],
            films.latitude[i],
            films.height_m[i],
            films.time_s[i],
            films.gas_kg[i],
            film,
            films.envelope_kg[i],
            films.carried_kg[i],
            films.stop_s[i],
            max_step_s,
            record_s,
            ends[i],
            reasons[i],
            tracks[i],
        )


def limit_threads(threads: int) -> None:
    """Use at most so many threads for the compiled loops; results do not depend on it."""
    nb.set_num_threads(min(threads, int(nb.config.NUMBA_NUM_THREADS)))  # type: ignore[attr-defined]


def blank_results(count: int, stages: int, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the three output arrays of ``fly_films``, filled as it expects them."""
    return (
        np.full((count, stages, 6), np.nan),
        np.zeros((count, stages), np.int64),
        np.full((count, rows, 3), np.nan),
    )
