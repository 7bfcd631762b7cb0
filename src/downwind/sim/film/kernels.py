"""Fly film tubes: compiled, float64, bare arrays, no I/O.

Every step is classical RK4. A step ends early at a node of the time axis, at the ceiling and at
the timer; an end on the ground or at the edge of the data is found to a millisecond.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import PARALLEL, SCALAR, temperature_pressure
from downwind.compiled.kernels import kernel
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
from downwind.vehicle.kernels import (
    ceiling_m,
    climb_rate_ms,
    creeping_gas_k,
    free_lift_kg,
    full_gas_kg,
    gas_heating_ks,
    gas_temperature_k,
)
from downwind.wind.kernels import is_inside, terrain_at, time_to_node, wind_at

_ARRIVAL_M = 0.1
_CREEP_MS = 0.15
_STIFF_S2M = 100.0
_STABLE = 1.5  # RK4 on the relaxation of the gas is stable up to 2.78 relaxation times a step
_SCALE_HEIGHT_M = 8_000.0


@kernel(**SCALAR)
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


@kernel(**SCALAR)
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


@kernel(**SCALAR)
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


@kernel(**SCALAR)
def _room_m(h, gas_k, gas_kg, film, dry_kg):
    """Return about how far [m] a full tube is below its ceiling."""
    tg = gas_temperature_k(h, gas_k, film[4], film[5])
    free = free_lift_kg(h, tg, gas_kg, film[0], film[1], dry_kg)
    return _SCALE_HEIGHT_M * free / (free + dry_kg)


@kernel(**SCALAR)
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


@kernel(**SCALAR)
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


@kernel(**SCALAR)
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
        if not (to_node > 0.0 and is_inside(grid, lon, lat, h)):
            reason = LEFT_DATA
            break
        d = min(max_step_s, to_node, t0 + stop_s[stage] - t)
        if relaxation_s > 0.0:
            d = min(d, _STABLE * relaxation_s)
        if row < track.shape[0]:
            d = min(d, t0 + row * record_s - t)
        d = max(min(d, _approach_s(h, gas_k, gas_kg, film, dry_kg)), SHORTEST_S)
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


@kernel(**SCALAR)
def _write_end(ends, stage, t, lon, lat, h, gas_kg, gas_k):
    ends[stage, 0] = t
    ends[stage, 1] = wrap_longitude(lon)
    ends[stage, 2] = lat
    ends[stage, 3] = h
    ends[stage, 4] = gas_kg
    ends[stage, 5] = gas_k


@kernel(**PARALLEL)
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


def blank_results(count: int, stages: int, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the three output arrays of ``fly_films``, filled as it expects them."""
    return (
        np.full((count, stages, 6), np.nan),
        np.zeros((count, stages), np.int64),
        np.full((count, rows, 3), np.nan),
    )
