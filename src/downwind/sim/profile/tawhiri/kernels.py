"""Fly as Tawhiri does, many flights at a time: compiled, bare arrays, no I/O.

Fixed steps of classical RK4 on the source's own levels; a stage ends by bisection to 0.01 of a
step, and its last point is the last midpoint tried. Sixteen flights advance side by side, stage by
stage of the step, so that the processor works on one while it waits for another; no flight
depends on its neighbours.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.sim.kernels import GROUND, LEFT_DATA, wrap_longitude
from downwind.sim.profile.kernels import CLIMB, HEIGHT, TAWHIRI_DESCENT, TIME, vertical_rate_ms
from downwind.sim.profile.tawhiri._kernels import (
    INLINE,
    degree_rates,
    level_wind,
    table_thinning,
    terrain_height,
)

BISECTION = 0.01
"""A stage ends to this part of a step."""

LANES = 16
BLOCK = 256
"""Flights side by side, and flights of one thread at a time."""


@kernel(**SCALAR)
def _data_end(grid, t, direction):
    """Return how far the data around t reach in the direction of time [epoch s]; t if nowhere."""
    time_s = grid.time_s
    last = time_s.size - 1
    if not time_s[0] <= t <= time_s[last]:
        return np.nan
    for i in range(last):
        if grid.is_hole[i] and time_s[i] < t < time_s[i + 1]:
            return np.nan
    if direction > 0:
        for i in range(last):
            if grid.is_hole[i] and time_s[i] >= t:
                return time_s[i]
        return time_s[last]
    for i in range(last, 0, -1):
        if grid.is_hole[i - 1] and time_s[i] <= t:
            return time_s[i]
    return time_s[0]


# the lanes: columns of numbers, and columns of counts
_T, _LAT, _LNG, _H, _DT, _K1, _K2, _K3, _S1, _S2, _S3, _H0, _H1 = range(13)
_RATE, _EXPONENT, _LIMIT, _WAY, _HIGH, _LOW, _FIRST, _LAST, _DATA_END = range(13, 22)
_NUMBERS = 22
_FLIGHT, _STAGE, _MEMBER, _LAW, _STOP, _FALLS, _TIME_CELL, _LEVEL, _HELD, _ROW = range(10)
_COUNTS = 10


@kernel(**SCALAR)
def _reason_to_stop(grid, address, x, c, j, t, lat, lng, h):
    """Return why the flight in a lane stops at a point; 0 where it does not."""
    forward = x[_DT, j] > 0.0
    if (t > x[_DATA_END, j]) if forward else (t < x[_DATA_END, j]):
        return LEFT_DATA
    y = (lat - grid.latitude0) * grid.per_latitude
    e = (lng - grid.longitude0) * grid.per_longitude
    if not (0.0 <= y <= grid.latitudes - 1.0):
        return LEFT_DATA
    if not (grid.is_global or 0.0 <= e <= grid.longitudes - 1.0):
        return LEFT_DATA
    if not h <= grid.lowest_top_m:
        _, _, _, _, f, _, _ = level_wind(
            grid, address, c[_MEMBER, j], c[_TIME_CELL, j], grid.levels - 2, t, lat, lng, h
        )
        if not f <= 1.0:
            return LEFT_DATA
    if c[_STOP, j] == HEIGHT and (h - x[_LIMIT, j]) * x[_WAY, j] >= 0.0:
        return HEIGHT
    if c[_STOP, j] == TIME and ((t > x[_LIMIT, j]) if forward else (t < x[_LIMIT, j])):
        return TIME
    if c[_FALLS, j] and h < grid.highest_terrain_m and terrain_height(grid, lat, lng) > h:
        return GROUND
    return 0


@kernel(**SCALAR)
def _begin_stage(grid, profiles, step_s, direction, x, c, j):
    """Set a lane to the stage that it names, and the bounds within which no flight stops."""
    i, s = c[_FLIGHT, j], c[_STAGE, j]
    row = i % profiles.law.shape[0]
    law, rate, exponent = profiles.law[row, s], profiles.rate_ms[row, s], profiles.exponent[row, s]
    stop, limit = profiles.stop[row, s], profiles.limit[row, s]
    up = direction * vertical_rate_ms(law, rate, exponent, x[_H, j])
    c[_LAW, j], c[_STOP, j], c[_FALLS, j] = law, stop, up < 0.0
    x[_RATE, j], x[_EXPONENT, j], x[_LIMIT, j] = rate, exponent, limit
    x[_WAY, j] = 1.0 if up > 0.0 else -1.0
    x[_DT, j] = direction * step_s[i % step_s.shape[0], s]
    high, low = grid.lowest_top_m, grid.highest_terrain_m if up < 0.0 else -np.inf
    first, last = (-np.inf, x[_DATA_END, j]) if direction > 0 else (x[_DATA_END, j], np.inf)
    if stop == HEIGHT and up > 0.0:
        high = min(high, limit)
    elif stop == HEIGHT:
        low = max(low, limit)
    elif stop == TIME and direction > 0:
        last = min(last, limit)
    elif stop == TIME:
        first = max(first, limit)
    x[_HIGH, j], x[_LOW, j], x[_FIRST, j], x[_LAST, j] = high, low, first, last


@kernel(**INLINE)
def _record(track, i, row, t, lng, lat, h):
    if row < track.shape[1]:
        track[i, row, 0] = t
        track[i, row, 1] = wrap_longitude(lng)
        track[i, row, 2] = lat
        track[i, row, 3] = h


@kernel(**SCALAR)
def _write_end(x, c, j, reason, ends, reasons):
    i, s = c[_FLIGHT, j], c[_STAGE, j]
    reasons[i, s] = reason
    ends[i, s, 0] = x[_T, j]
    ends[i, s, 1] = wrap_longitude(x[_LNG, j])
    ends[i, s, 2] = x[_LAT, j]
    ends[i, s, 3] = x[_H, j]
    ends[i, s, 4] = c[_ROW, j]


@kernel(**SCALAR)
def _begin_flight(grid, address, profiles, step_s, direction, x, c, j, i, ends, reasons, track):
    """Set a lane to the start of a flight; return False where that lies outside the data."""
    width = (grid.longitudes - 1) / grid.per_longitude
    east = profiles.longitude[i] - grid.longitude0
    east -= 360.0 * math.floor(east / 360.0)
    if east > width and east > 180.0 + 0.5 * width:
        east -= 360.0
    t, lng, lat, h = (
        profiles.time_s[i], grid.longitude0 + east, profiles.latitude[i], profiles.height_m[i],
    )  # fmt: skip
    x[_T, j], x[_LNG, j], x[_LAT, j], x[_H, j] = t, lng, lat, h
    x[_K1, j], x[_K2, j], x[_K3, j] = 0.0, 0.0, 0.0
    x[_H0, j], x[_H1, j] = -np.inf, np.inf
    x[_DATA_END, j] = _data_end(grid, t, direction)
    c[_FLIGHT, j] = i
    c[_MEMBER, j] = profiles.member[i % profiles.member.size]
    for k in (_STAGE, _TIME_CELL, _LEVEL, _HELD, _ROW):
        c[k, j] = 0
    _record(track, i, 0, t, lng, lat, h)
    x[_DT, j], c[_STOP, j], c[_FALLS, j] = direction, 0, 0
    if math.isnan(x[_DATA_END, j]) or _reason_to_stop(grid, address, x, c, j, t, lat, lng, h):
        _write_end(x, c, j, LEFT_DATA, ends, reasons)
        return False
    _begin_stage(grid, profiles, step_s, direction, x, c, j)
    c[_ROW, j] = 1
    return True


@kernel(**SCALAR)
def _end_stage(grid, address, x, c, j, t1, lat1, lng1, h1, reason):
    """Move a lane to the last point of its stage, by bisection of the step; return the reason.

    The point is the last midpoint tried, whichever side of the end it is on; at the edge of the
    data it is the last one inside.
    """
    t, lat, lng, h = x[_T, j], x[_LAT, j], x[_LNG, j], x[_H, j]
    low, high, middle = 0.0, 1.0, 0.5
    while high - low > BISECTION:
        middle = 0.5 * (low + high)
        rest = 1.0 - middle
        found = _reason_to_stop(
            grid, address, x, c, j, rest * t + middle * t1, rest * lat + middle * lat1,
            rest * lng + middle * lng1, rest * h + middle * h1,
        )  # fmt: skip
        if found:
            high, reason = middle, found
        else:
            low = middle
    part = low if reason == LEFT_DATA else middle
    rest = 1.0 - part
    x[_T, j] = rest * t + part * t1
    x[_LAT, j] = rest * lat + part * lat1
    x[_LNG, j] = rest * lng + part * lng1
    x[_H, j] = rest * h + part * h1
    return reason


@kernel(**SCALAR)
def _step_lanes(grid, address, x, c, lanes):
    """Take one Runge-Kutta step in every lane, up to the sums of its rates."""
    highest = grid.levels - 2
    for j in range(lanes):
        x[_S1, j], x[_S2, j], x[_S3, j] = 0.0, 0.0, 0.0
    for s in range(4):
        reach = 0.0 if s == 0 else (1.0 if s == 3 else 0.5)
        share = 1.0 if s in (0, 3) else 2.0
        for j in range(lanes):
            d = reach * x[_DT, j]
            h = x[_H, j] + d * x[_K3, j]
            lat = x[_LAT, j] + d * x[_K1, j]
            # mostly the level found before, or its neighbour: told without a branch
            level = c[_LEVEL, j] + int(h > x[_H1, j]) - int(h < x[_H0, j])
            u, v, time_cell, level, f, h0, h1 = level_wind(
                grid, address, c[_MEMBER, j], c[_TIME_CELL, j], min(max(level, 0), highest),
                x[_T, j] + d, lat, x[_LNG, j] + d * x[_K2, j], h,
            )  # fmt: skip
            c[_TIME_CELL, j] = time_cell
            c[_LEVEL, j] = level
            x[_H0, j] = h0
            x[_H1, j] = h1
            if f < 0.0:
                c[_HELD, j] += 1
            k1, k2 = degree_rates(u, v, lat, h)
            if c[_LAW, j] == CLIMB:
                k3 = x[_RATE, j]
            elif c[_LAW, j] == TAWHIRI_DESCENT:
                k3 = -x[_RATE, j] * table_thinning(grid.drag, h)
            else:
                k3 = vertical_rate_ms(c[_LAW, j], x[_RATE, j], x[_EXPONENT, j], h)
            x[_K1, j] = k1
            x[_K2, j] = k2
            x[_K3, j] = k3
            x[_S1, j] += share * k1
            x[_S2, j] += share * k2
            x[_S3, j] += share * k3


@kernel(**SCALAR)
def _fly_block(
    grid, address, profiles, step_s, direction, first, last, x, c, ends, reasons, held, track
):
    """Fly the flights from ``first`` to ``last``, as many at a time as there are lanes."""
    south = grid.latitude0
    north = south + (grid.latitudes - 1) / grid.per_latitude
    west = -np.inf if grid.is_global else grid.longitude0
    east = np.inf if grid.is_global else west + (grid.longitudes - 1) / grid.per_longitude
    following = first
    lanes = 0
    while True:
        while lanes < LANES and following < last:
            if _begin_flight(
                grid, address, profiles, step_s, direction, x, c, lanes, following, ends, reasons,
                track,
            ):  # fmt: skip
                lanes += 1
            following += 1
        if lanes == 0:
            return
        _step_lanes(grid, address, x, c, lanes)
        j = 0
        while j < lanes:
            i = c[_FLIGHT, j]
            sixth = x[_DT, j] / 6.0
            t = x[_T, j] + x[_DT, j]
            lat = x[_LAT, j] + sixth * x[_S1, j]
            lng = x[_LNG, j] + sixth * x[_S2, j]
            h = x[_H, j] + sixth * x[_S3, j]
            reason = 0
            if not (
                x[_LOW, j] < h < x[_HIGH, j]
                and x[_FIRST, j] <= t <= x[_LAST, j]
                and south <= lat <= north
                and west <= lng <= east
            ):
                reason = _reason_to_stop(grid, address, x, c, j, t, lat, lng, h)
            if reason == 0:
                x[_T, j] = t
                x[_LAT, j] = lat
                x[_LNG, j] = lng
                x[_H, j] = h
            else:
                reason = _end_stage(grid, address, x, c, j, t, lat, lng, h, reason)
            _record(track, i, c[_ROW, j], x[_T, j], x[_LNG, j], x[_LAT, j], x[_H, j])
            if reason != 0:
                _write_end(x, c, j, reason, ends, reasons)
                c[_STAGE, j] += 1
                if reason in (GROUND, LEFT_DATA) or c[_STAGE, j] == reasons.shape[1]:
                    held[i] = c[_HELD, j]
                    lanes -= 1
                    for k in range(_NUMBERS):
                        x[k, j] = x[k, lanes]
                    for k in range(_COUNTS):
                        c[k, j] = c[k, lanes]
                    continue
                _begin_stage(grid, profiles, step_s, direction, x, c, j)
            c[_ROW, j] += 1
            j += 1


@kernel(**PARALLEL)
def fly_levels(grid, profiles, step_s, direction, ends, reasons, held, track):
    """Fly many flights; each is independent, so threads, order and blocks do not matter.

    Parameters
    ----------
    grid : LevelArrays
    profiles : ProfileArrays
    step_s : numpy.ndarray
        Shape (k, stages) [s]; flight i takes row i modulo k.
    direction : float
        +1 forward in time, -1 backward.
    ends : numpy.ndarray
        Output, shape (n, stages, 5), filled with NaN by the caller: time, longitude, latitude,
        altitude, and the row of the track that holds this point.
    reasons : numpy.ndarray
        Output, shape (n, stages), filled with 0 by the caller.
    held : numpy.ndarray
        Output, shape (n,), filled with 0: how often the wind was asked for below the lowest level.
    track : numpy.ndarray
        Output, shape (n, rows, 4), filled with NaN by the caller; rows may be 0: time, longitude,
        latitude, altitude at the start and after every step.
    """
    address = grid.field.ctypes.data
    count = held.size
    for b in nb.prange((count + BLOCK - 1) // BLOCK):
        x = np.zeros((_NUMBERS, LANES))
        c = np.zeros((_COUNTS, LANES), np.int64)
        _fly_block(
            grid, address, profiles, step_s, direction, b * BLOCK, min(count, (b + 1) * BLOCK),
            x, c, ends, reasons, held, track,
        )  # fmt: skip
