"""Let items fall in blocks that LLVM turns into vector code: float32, 16-bit wind.

All lanes of a block take a step each at the same time, every lane of its own length; a lane that
is down makes room for the next item. A place is counted in grid cells from the cell of the
release, a time in seconds from the release, so that float32 resolves centimetres. What the block
does not decide - the edge of the data, the poles, a ground that it does not meet within its steps
- it leaves to the plain kernel, item by item, so that every outcome is defined in one place.

The lengths of steps, the fall law and the turbulence are those of the plain kernel, compiled for
float32. The scheme is Kutta's of third order: with steps to level faces it errs as little as the
fourth order does, for three looks at the wind instead of four.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from downwind.constants import EARTH_RADIUS_M
from downwind.load.kernels import fall_speed_ms
from downwind.sim.fall._kernels import (
    MODE_M,
    NEAR_M,
    approach_ms,
    event_step_s,
    first_states,
    layer_top_m,
    longest_here_s,
    relief_step_s,
    stir,
)
from downwind.sim.fall.kernels import entry
from downwind.sim.fast._kernels import (
    floor_i32,
    high_half,
    lane_f32,
    lane_i32,
    low_half,
    prefer_wide_vectors,
    put_f32,
    put_i32,
    table_f32,
    table_i32,
    table_pair,
)
from downwind.sim.kernels import GROUND, POLAR_DEG, wrap_longitude
from downwind.wind.kernels import bilinear, find_cell, longitude_offset, time_to_node

LANES = 256
"""Lanes of a block. A constant, so that the vector loop has no remainder with other rounding."""

CHUNK = 16_384
"""Items that one thread takes at a time."""

_LIMIT = 20_000
_BACK = 1_500
_RAD = math.pi / 180.0
_DOWN_M = 0.5
_NODE_S = 1e-2

_ACTIVE, _DOWN, _HARD, _NODE = 0, 1, 2, 3

# rows of the lanes
_X, _Y, _H, _T, _T_LOW, _T_HIGH, _LAT, _GROUND = range(8)
_LOW, _HIGH, _EXP, _SWITCH, _BUNDLE, _OPENS, _STATE_U, _STATE_V, _STATE_W = range(8, 17)
_SLOPE_X, _SLOPE_Y = range(17, 19)
_FLOATS = 19
_IX, _IY, _BASE, _IT, _STATUS, _ROUND, _ITEM, _STREAM_I, _STREAM_B, _STREAM_D = range(10)
_INTS = 10

_LANES: Any = {
    "fastmath": {"reassoc", "nsz", "arcp", "contract", "nnan", "ninf"},
    "error_model": "numpy",
    "cache": True,
    "_nrt": False,
}
_INNER: Any = {**_LANES, "forceinline": True}
_ONE: Any = {"error_model": "numpy", "cache": True, "_nrt": False, "forceinline": True}
_BLOCK: Any = {"error_model": "numpy", "cache": True}

f4, i4 = nb.float32, nb.int32


# --- one lane ------------------------------------------------------------------------------------


@nb.njit(**_INNER)
def _row(uv, up, at, w0, w1):
    """Return the weighted sum of two neighbours on a parallel, in units of their level."""
    a = table_i32(uv, at)
    b = table_i32(uv, at + i4(1))
    u = w0 * low_half(a) + w1 * low_half(b)
    v = w0 * high_half(a) + w1 * high_half(b)
    if up is None:
        return u, v, f4(0.0)
    pair = table_pair(up, at)
    return u, v, w0 * low_half(pair) + w1 * high_half(pair)


@nb.njit(**_INNER)
def _cell(ix, x, size):
    """Return the cell that a place lies in, held inside the grid, and the way into it."""
    g = min(max(ix + floor_i32(x), i4(0)), size - i4(2))
    return g, x - f4(g - ix)


@nb.njit(**_INNER)
def _face(uv, up, at, nx, c0, c1, d0, d1):
    """Return the wind of the four points around a place on one level at one time."""
    u0, v0, w0 = _row(uv, up, at, c0, c1)
    u1, v1, w1 = _row(uv, up, at + nx, d0, d1)
    return u0 + u1, v0 + v1, w0 + w1


@nb.njit(**_INNER)
def _wind(wind, layer, ix, iy, x, y, az, at):
    """Return wind [m s-1], linear in four axes; x, y in cells from the cell (ix, iy)."""
    uv, up, nx, ny, plane, slab = wind
    here, s0, s1, r0, r1 = layer
    gx, ax = _cell(ix, x, nx)
    gy, ay = _cell(iy, y, ny)
    n = here + gy * nx + gx
    bx, by, bz, bt = f4(1.0) - ax, f4(1.0) - ay, f4(1.0) - az, f4(1.0) - at
    c0, c1, d0, d1 = by * bx, by * ax, ay * bx, ay * ax
    ua, va, wa = _face(uv, up, n, nx, c0, c1, d0, d1)
    ub, vb, wb = _face(uv, up, n + slab, nx, c0, c1, d0, d1)
    uc, vc, wc = _face(uv, up, n + plane, nx, c0, c1, d0, d1)
    ud, vd, wd = _face(uv, up, n + plane + slab, nx, c0, c1, d0, d1)
    q0, q1 = s0 * bz, s1 * az
    u = q0 * (bt * ua + at * ub) + q1 * (bt * uc + at * ud)
    v = q0 * (bt * va + at * vb) + q1 * (bt * vc + at * vd)
    w = r0 * bz * (bt * wa + at * wb) + r1 * az * (bt * wc + at * wd)
    return u, v, w


@nb.njit(**_INNER)
def _ground(terrain, ix, iy, nx, ny, x, y):
    """Return the height of the ground and its slopes for each cell in x and y."""
    gx, ax = _cell(ix, x, nx)
    gy, ay = _cell(iy, y, ny)
    n = gy * nx + gx
    low = table_f32(terrain, n)
    high = table_f32(terrain, n + nx)
    south = table_f32(terrain, n + i4(1)) - low
    north = table_f32(terrain, n + nx + i4(1)) - high
    low += ax * south
    high += ax * north
    return low + ay * (high - low), south + ay * (north - south), high - low


@nb.njit(**_INNER)
def _per_cosine(latitude):
    """Return 1 / cos of a latitude [rad] of up to 80 degrees, by Taylor's series."""
    s = latitude * latitude
    c = f4(1.0 / 479_001_600.0)
    c = c * s - f4(1.0 / 3_628_800.0)
    c = c * s + f4(1.0 / 40_320.0)
    c = c * s - f4(1.0 / 720.0)
    c = c * s + f4(1.0 / 24.0)
    c = c * s - f4(0.5)
    return f4(1.0) / (c * s + f4(1.0))


# --- all lanes -----------------------------------------------------------------------------------


@nb.njit(**_LANES)
def _sweep(lanes, ints, wind, tables, numbers, longest_s, air, key0, key1):
    """Let every lane that flies take one step; set the status of those that need attention."""
    prefer_wide_vectors()
    terrain, ceiling, level, cell, uv_scale, up_scale = tables
    level0, top, per_cell, cells, nz, per_x, per_y, cell_rad = numbers
    _, _, nx, ny, plane, _ = wind
    depth = f4(0.0)
    if air is not None:
        depth = air.h
    for i in range(LANES):
        x = lane_f32(lanes, _X * LANES + i)
        y = lane_f32(lanes, _Y * LANES + i)
        h = lane_f32(lanes, _H * LANES + i)
        t = lane_f32(lanes, _T * LANES + i)
        t_low = lane_f32(lanes, _T_LOW * LANES + i)
        t_high = lane_f32(lanes, _T_HIGH * LANES + i)
        lat = lane_f32(lanes, _LAT * LANES + i)
        ground = lane_f32(lanes, _GROUND * LANES + i)
        switch = lane_f32(lanes, _SWITCH * LANES + i)
        opens = lane_f32(lanes, _OPENS * LANES + i)
        ix = lane_i32(ints, _IX * LANES + i)
        iy = lane_i32(ints, _IY * LANES + i)
        status = lane_i32(ints, _STATUS * LANES + i)
        rounds = lane_i32(ints, _ROUND * LANES + i)
        is_active = status == i4(_ACTIVE)

        # the layer and the interval of time in which the whole step lies
        below = h - f4(NEAR_M)
        k = min(max(floor_i32((below - level0) * per_cell), i4(0)), cells)
        iz = table_i32(cell, k)
        iz = min(iz + i4(below >= table_f32(level, iz + i4(1))), nz - i4(2))
        z_low = table_f32(level, iz)
        per_layer = f4(1.0) / (table_f32(level, iz + i4(1)) - z_low)
        per_gap = f4(1.0) / (t_high - t_low)
        layer = (
            lane_i32(ints, _BASE * LANES + i) + iz * plane,
            table_f32(uv_scale, iz),
            table_f32(uv_scale, iz + i4(1)),
            table_f32(up_scale, iz),
            table_f32(up_scale, iz + i4(1)),
        )

        # how it falls, and down to where
        is_bundle = t < opens - f4(1e-3)
        is_high = (h > switch + f4(MODE_M)) & (not is_bundle)
        low_v = lane_f32(lanes, _LOW * LANES + i)
        high_v = lane_f32(lanes, _HIGH * LANES + i)
        bundle_v = lane_f32(lanes, _BUNDLE * LANES + i)
        v0 = high_v if is_high else low_v
        v0 = bundle_v if is_bundle else v0
        n = lane_f32(lanes, _EXP * LANES + i)
        n = f4(0.5) if is_bundle else n
        clear = h - ground
        target = max(z_low, layer_top_m(clear, ground, depth))
        to_switch = is_high & (switch > target)
        target = switch if to_switch else target
        u1, v1, w1 = _wind(
            wind, layer, ix, iy, x, y, (h - z_low) * per_layer, (t - t_low) * per_gap
        )

        # how long the step is
        stretch = per_x * _per_cosine(lat + y * cell_rad)
        ascent = lane_f32(lanes, _SLOPE_X * LANES + i) * u1 * stretch
        ascent += lane_f32(lanes, _SLOPE_Y * LANES + i) * v1 * per_y
        sink = approach_ms(h, target, ground, ascent, w1, v0, n)
        d = event_step_s(h - target, sink, longest_here_s(clear, depth, longest_s))
        d = f4(0.9) * d if to_switch & (d > f4(20.0)) else d
        gx, ax = _cell(ix, x, nx)
        gy, ay = _cell(iy, y, ny)
        is_low = h - sink * d < table_f32(ceiling, gy * nx + gx) - f4(NEAR_M)
        among = relief_step_s(ax, ay, u1 * stretch, v1 * per_y)
        d = min(d, among) if is_low else d
        d = min(d, t_high - t)
        d = min(d, opens - t) if is_bundle else d
        d = d if is_active else f4(0.0)

        fall = fall_speed_ms(h, v0, n)
        east = f4(0.0)
        north = f4(0.0)
        lift = f4(0.0)
        if air is not None:
            words = (
                np.uint32(rounds),
                np.uint32(lane_i32(ints, _STREAM_I * LANES + i)),
                np.uint32(lane_i32(ints, _STREAM_B * LANES + i)),
                np.uint32(lane_i32(ints, _STREAM_D * LANES + i)),
            )
            east, north, lift, state_u, state_v, state_w = stir(
                clear, air, fall, u1, v1,
                lane_f32(lanes, _STATE_U * LANES + i),
                lane_f32(lanes, _STATE_V * LANES + i),
                lane_f32(lanes, _STATE_W * LANES + i),
                d, words, key0, key1,
            )  # fmt: skip
            put_f32(lanes, _STATE_U * LANES + i, state_u)
            put_f32(lanes, _STATE_V * LANES + i, state_v)
            put_f32(lanes, _STATE_W * LANES + i, state_w)

        half = f4(0.5) * d
        kx1 = (u1 + east) * stretch
        ky1 = (v1 + north) * per_y
        kh1 = w1 + lift - fall
        y2 = y + half * ky1
        h2 = h + half * kh1
        u2, v2, w2 = _wind(
            wind, layer, ix, iy, x + half * kx1, y2,
            (h2 - z_low) * per_layer, (t + half - t_low) * per_gap,
        )  # fmt: skip
        kx2 = (u2 + east) * per_x * _per_cosine(lat + y2 * cell_rad)
        ky2 = (v2 + north) * per_y
        kh2 = w2 + lift - fall_speed_ms(h2, v0, n)
        y3 = y + d * (f4(2.0) * ky2 - ky1)
        h3 = h + d * (f4(2.0) * kh2 - kh1)
        u3, v3, w3 = _wind(
            wind, layer, ix, iy, x + d * (f4(2.0) * kx2 - kx1), y3,
            (h3 - z_low) * per_layer, (t + d - t_low) * per_gap,
        )  # fmt: skip
        kx3 = (u3 + east) * per_x * _per_cosine(lat + y3 * cell_rad)
        ky3 = (v3 + north) * per_y
        kh3 = w3 + lift - fall_speed_ms(h3, v0, n)
        sixth = d * f4(1.0 / 6.0)
        x += sixth * (kx1 + f4(4.0) * kx2 + kx3)
        y += sixth * (ky1 + f4(4.0) * ky2 + ky3)
        h += sixth * (kh1 + f4(4.0) * kh2 + kh3)
        t += d

        # the ground: the last of the way is a straight line
        ground, x_slope, y_slope = _ground(terrain, ix, iy, nx, ny, x, y)
        under = h - ground
        is_down = (under < f4(_DOWN_M)) & (clear > under) & is_active
        if air is None:
            is_down &= under > f4(-_DOWN_M)
        rest = under * d / max(clear - under, f4(1e-6))
        rest = min(max(rest, f4(-60.0)), f4(60.0)) if is_down else f4(0.0)
        x += rest * kx3
        y += rest * ky3
        t += rest
        h = ground if is_down else h

        # what the scalar code has to see to
        gx_new = f4(ix) + x
        gy_new = f4(iy) + y
        is_out = (h > top) | (abs(lat + y * cell_rad) > f4(POLAR_DEG * _RAD))
        is_out |= (gx_new < f4(0.0)) | (gx_new > f4(nx - i4(1)))
        is_out |= (gy_new < f4(0.0)) | (gy_new > f4(ny - i4(1))) | (rounds > i4(_LIMIT))
        found = i4(_NODE) if t > t_high - f4(_NODE_S) else i4(_ACTIVE)
        found = i4(_DOWN) if is_down else found
        found = i4(_HARD) if is_out else found
        status = found if is_active else status

        put_f32(lanes, _X * LANES + i, x)
        put_f32(lanes, _Y * LANES + i, y)
        put_f32(lanes, _H * LANES + i, h)
        put_f32(lanes, _T * LANES + i, t)
        put_f32(lanes, _GROUND * LANES + i, ground)
        put_f32(lanes, _SLOPE_X * LANES + i, x_slope)
        put_f32(lanes, _SLOPE_Y * LANES + i, y_slope)
        put_i32(ints, _STATUS * LANES + i, status)
        # a lane that goes back and forth about the ground is soon given up
        put_i32(ints, _ROUND * LANES + i, rounds + (i4(_BACK) if d < f4(0.0) else i4(1)))


# --- in and out ----------------------------------------------------------------------------------


@nb.njit(**_ONE)
def _load(grid, items, i, lane, lanes, ints, air, key0, key1):
    """Put item i into a lane; return whether the block can fly it."""
    h, t = items.height_m[i], items.time_s[i]
    latitude = items.latitude[i]
    ny, nx = grid.terrain_m.shape
    nz = grid.height_m.size
    x = longitude_offset(grid, items.longitude[i])
    y = (latitude - grid.latitude0) * grid.per_latitude
    if not (0.0 <= x <= nx - 1 and 0.0 <= y <= ny - 1 and h <= grid.height_m[-1]):
        return False
    if abs(latitude) > POLAR_DEG or time_to_node(grid, t) <= 0.0:
        return False
    ix = min(int(x), nx - 2)
    iy = min(int(y), ny - 2)
    ground, x_slope, y_slope = bilinear(grid.terrain_m, x, y)
    if not h > ground + NEAR_M:
        return False
    it, _ = find_cell(grid.time_s, grid.time_cell, grid.time_per_cell, t)
    lanes[_X, lane] = x - ix
    lanes[_Y, lane] = y - iy
    lanes[_H, lane] = h
    lanes[_T, lane] = 0.0
    lanes[_T_LOW, lane] = grid.time_s[it] - t
    lanes[_T_HIGH, lane] = grid.time_s[it + 1] - t
    lanes[_LAT, lane] = _RAD * (latitude - (y - iy) / grid.per_latitude)
    lanes[_LOW, lane] = entry(items.low_speed_ms, i)
    lanes[_HIGH, lane] = entry(items.high_speed_ms, i)
    lanes[_EXP, lane] = entry(items.exponent, i)
    lanes[_SWITCH, lane] = min(max(entry(items.switch_m, i), -1e9), 1e9)
    lanes[_BUNDLE, lane] = entry(items.bundle_speed_ms, i)
    lanes[_OPENS, lane] = min(entry(items.opening_s, i), 1e9)
    lanes[_GROUND, lane] = ground
    lanes[_SLOPE_X, lane] = x_slope
    lanes[_SLOPE_Y, lane] = y_slope
    ints[_IX, lane] = ix
    ints[_IY, lane] = iy
    ints[_BASE, lane] = (entry(items.member, i) * grid.time_s.size + it) * nz * ny * nx
    ints[_IT, lane] = it
    ints[_STATUS, lane] = _ACTIVE
    ints[_ROUND, lane] = 0
    ints[_ITEM, lane] = i
    if air is not None:
        stream = (entry(items.item, i), entry(items.balloon, i), entry(items.draw, i))
        ints[_STREAM_I, lane] = np.int32(np.uint32(stream[0]))
        ints[_STREAM_B, lane] = np.int32(np.uint32(stream[1]))
        ints[_STREAM_D, lane] = np.int32(np.uint32(stream[2]))
        u, v, w = first_states(*stream, key0, key1, np.float32(1.0))
        lanes[_STATE_U, lane] = u
        lanes[_STATE_V, lane] = v
        lanes[_STATE_W, lane] = w
    return True


@nb.njit(**_ONE)
def _pass_node(grid, start_s, lane, lanes, ints):
    """Put a lane into the next interval of the time axis; return whether there is one."""
    it = ints[_IT, lane] + 1
    if it > grid.time_s.size - 2 or grid.is_hole[it]:
        return False
    ints[_IT, lane] = it
    ints[_BASE, lane] += grid.height_m.size * grid.terrain_m.size
    lanes[_T_LOW, lane] = grid.time_s[it] - start_s
    lanes[_T_HIGH, lane] = grid.time_s[it + 1] - start_s
    ints[_STATUS, lane] = _ACTIVE
    return True


@nb.njit(**_ONE)
def _write(grid, start_s, i, lane, lanes, ints, place, code):
    x = float(ints[_IX, lane]) + float(lanes[_X, lane])
    y = float(ints[_IY, lane]) + float(lanes[_Y, lane])
    place[i, 0] = wrap_longitude(grid.longitude0 + x / grid.per_longitude)
    place[i, 1] = grid.latitude0 + y / grid.per_latitude
    place[i, 2] = lanes[_H, lane]
    place[i, 3] = start_s + float(lanes[_T, lane])
    code[i] = GROUND


@nb.njit(**_BLOCK)
def _fly_chunk(grid, packed, up, items, first, last, longest_s, air, key0, key1, place, code):
    """Fly items ``first`` to ``last`` through one block of lanes."""
    ny, nx = grid.terrain_m.shape
    nz = grid.height_m.size
    lanes = np.ones((_FLOATS, LANES), np.float32)
    ints = np.zeros((_INTS, LANES), np.int32)
    lanes[_T_LOW] = 0.0
    lanes[_T] = 0.0
    ints[_STATUS] = _HARD
    ints[_ITEM] = -1
    wind = (
        packed.uv.ctypes.data,
        up,
        np.int32(nx),
        np.int32(ny),
        np.int32(ny * nx),
        np.int32(nz * ny * nx),
    )
    tables = (
        grid.terrain_m.ctypes.data,
        grid.ceiling_m.ctypes.data,
        packed.level_m.ctypes.data,
        packed.level_cell.ctypes.data,
        packed.uv_scale.ctypes.data,
        packed.up_scale.ctypes.data,
    )
    per_m = 1.0 / (_RAD * EARTH_RADIUS_M)
    numbers = (
        packed.level_m[0],
        packed.level_m[-1],
        np.float32(packed.level_per_cell),
        np.int32(packed.level_cell.size - 1),
        np.int32(nz),
        np.float32(grid.per_longitude * per_m),
        np.float32(grid.per_latitude * per_m),
        np.float32(_RAD / grid.per_latitude),
    )
    following = first
    flying = 0
    while True:
        for lane in range(LANES):
            status = ints[_STATUS, lane]
            if status == _ACTIVE:
                continue
            i = ints[_ITEM, lane]
            if i >= 0:
                start_s = items.time_s[i]
                if status == _NODE and _pass_node(grid, start_s, lane, lanes, ints):
                    continue
                if status == _DOWN:
                    _write(grid, start_s, i, lane, lanes, ints, place, code)
                flying -= 1
                ints[_ITEM, lane] = -1
                ints[_STATUS, lane] = _HARD
            while following < last:
                i = following
                following += 1
                if _load(grid, items, i, lane, lanes, ints, air, key0, key1):
                    flying += 1
                    break
        if flying == 0:
            return
        _sweep(
            lanes.ctypes.data, ints.ctypes.data, wind, tables, numbers, np.float32(longest_s),
            air, key0, key1,
        )  # fmt: skip


@nb.njit(error_model="numpy", parallel=True, cache=True)
def fall_blocks(grid, packed, up, items, longest_s, air, key0, key1, place, code):
    """Fly many items in blocks; ``code`` stays 0 for those that the block leaves to others.

    Parameters
    ----------
    grid : GridArrays
    packed : PackedArrays
    up : int or None
        Address of ``packed.up``, or None where there is no vertical wind.
    items : ItemArrays
    longest_s : float
        Longest step [s].
    air : Scales or None
        Turbulence, in float32; None for still air.
    key0, key1 : numpy.uint32
        Key of its random numbers.
    place : numpy.ndarray
        Output, shape (n, 4): longitude, latitude, height [m], time [s].
    code : numpy.ndarray
        Output, int8, shape (n,), filled with 0 by the caller: GROUND where an item came down.
    """
    chunks = (code.size + CHUNK - 1) // CHUNK
    for k in nb.prange(chunks):
        _fly_chunk(
            grid, packed, up, items, k * CHUNK, min((k + 1) * CHUNK, code.size), longest_s,
            air, key0, key1, place, code,
        )  # fmt: skip
