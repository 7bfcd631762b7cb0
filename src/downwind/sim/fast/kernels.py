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

from downwind.compiled.kernels import kernel
from downwind.constants import EARTH_RADIUS_M
from downwind.sim.fall._kernels import NEAR_M, first_states
from downwind.sim.fall.kernels import entry
from downwind.sim.fast import lanes as row
from downwind.sim.fast.error.kernels import load_error, order_by_member
from downwind.sim.fast.lanes import LANES
from downwind.sim.fast.lanes.kernels import draw_normals, draw_words, sweep
from downwind.sim.kernels import GROUND, POLAR_DEG, wrap_longitude
from downwind.wind.kernels import find_cell, ground_at_cells, longitude_offset

CHUNK = 8_192
"""Items that one thread takes at a time."""

_RAD = math.pi / 180.0

_ONE: Any = {"error_model": "numpy", "cache": True, "_nrt": False, "forceinline": True}
_BLOCK: Any = {"error_model": "numpy", "cache": True}


@kernel(**_ONE)
def _load(grid, items, i, lane, lanes, ints, air, error, key0, key1):
    """Put item i into a lane; return whether the block can fly it."""
    h, t = items.height_m[i], items.time_s[i]
    latitude = items.latitude[i]
    ny, nx = grid.terrain_m.shape
    nz = grid.height_m.size
    x = longitude_offset(grid, items.longitude[i])
    y = (latitude - grid.latitude0) * grid.per_latitude
    if not (0.0 <= x <= nx - 1 and 0.0 <= y <= ny - 1 and h <= grid.height_m[-1]):
        return False
    if abs(latitude) > POLAR_DEG or not grid.time_s[0] <= t < grid.time_s[-1]:
        return False
    it, _ = find_cell(grid.time_s, grid.time_cell, grid.time_per_cell, t)
    if grid.is_hole[it]:
        return False
    ix = min(int(x), nx - 2)
    iy = min(int(y), ny - 2)
    ground, x_slope, y_slope = ground_at_cells(grid, x, y)
    if not h > ground + NEAR_M:
        return False
    lanes[row.X, lane] = x - ix
    lanes[row.Y, lane] = y - iy
    lanes[row.H, lane] = h
    lanes[row.T, lane] = 0.0
    lanes[row.T_LOW, lane] = grid.time_s[it] - t
    lanes[row.T_HIGH, lane] = grid.time_s[it + 1] - t
    lanes[row.PER_GAP, lane] = 1.0 / (grid.time_s[it + 1] - grid.time_s[it])
    lanes[row.LAT, lane] = _RAD * (latitude - (y - iy) / grid.per_latitude)
    lanes[row.LOW, lane] = entry(items.low_speed_ms, i)
    lanes[row.HIGH, lane] = entry(items.high_speed_ms, i)
    lanes[row.EXP, lane] = entry(items.exponent, i)
    lanes[row.SWITCH, lane] = min(max(entry(items.switch_m, i), -1e9), 1e9)
    lanes[row.BUNDLE, lane] = entry(items.bundle_speed_ms, i)
    lanes[row.OPENS, lane] = min(entry(items.opening_s, i), 1e9)
    lanes[row.GROUND, lane] = ground
    lanes[row.SLOPE_X, lane] = x_slope
    lanes[row.SLOPE_Y, lane] = y_slope
    ints[row.IX, lane] = ix
    ints[row.IY, lane] = iy
    ints[row.BASE, lane] = (
        (grid.base[entry(items.member, i)] * grid.time_s.size + it) * nz * ny * nx
    )
    ints[row.IT, lane] = it
    ints[row.STATUS, lane] = row.ACTIVE
    ints[row.ROUND, lane] = 0
    ints[row.ITEM, lane] = i
    if air is not None:
        stream = (entry(items.item, i), entry(items.balloon, i), entry(items.draw, i))
        ints[row.STREAM_I, lane] = np.int32(np.uint32(stream[0]))
        ints[row.STREAM_B, lane] = np.int32(np.uint32(stream[1]))
        ints[row.STREAM_D, lane] = np.int32(np.uint32(stream[2]))
        u, v, w = first_states(*stream, key0, key1, np.float32(1.0))
        lanes[row.STATE_U, lane] = u
        lanes[row.STATE_V, lane] = v
        lanes[row.STATE_W, lane] = w
    if error is not None:
        load_error(
            grid, entry(items.member, i), items.longitude[i] - (x - ix) / grid.per_longitude,
            latitude - (y - iy) / grid.per_latitude, t, lane, lanes, ints,
        )  # fmt: skip
    return True


@kernel(**_ONE)
def _pass_node(grid, start_s, lane, lanes, ints):
    """Put a lane into the next interval of the time axis; return whether there is one."""
    it = ints[row.IT, lane] + 1
    if it > grid.time_s.size - 2 or grid.is_hole[it]:
        return False
    ints[row.IT, lane] = it
    ints[row.BASE, lane] += grid.height_m.size * grid.terrain_m.size
    lanes[row.T_LOW, lane] = grid.time_s[it] - start_s
    lanes[row.T_HIGH, lane] = grid.time_s[it + 1] - start_s
    lanes[row.PER_GAP, lane] = 1.0 / (grid.time_s[it + 1] - grid.time_s[it])
    ints[row.STATUS, lane] = row.ACTIVE
    return True


@kernel(**_ONE)
def _write(grid, start_s, i, lane, lanes, ints, place, code):
    x = float(ints[row.IX, lane]) + float(lanes[row.X, lane])
    y = float(ints[row.IY, lane]) + float(lanes[row.Y, lane])
    place[0, i] = wrap_longitude(grid.longitude0 + x / grid.per_longitude)
    place[1, i] = grid.latitude0 + y / grid.per_latitude
    place[2, i] = lanes[row.H, lane]
    place[3, i] = start_s + float(lanes[row.T, lane])
    code[i] = GROUND


@kernel(**_BLOCK)
def _fly_chunk(
    grid, packed, up, pages, items, first, last, longest_s, air, error, lattices, key0, key1,
    place, code,
):  # fmt: skip
    """Fly items ``first`` to ``last`` through one block of lanes."""
    ny, nx = grid.terrain_m.shape
    nz = grid.height_m.size
    lanes = np.ones((row.FLOATS, LANES), np.float32)
    ints = np.zeros((row.INTS, LANES), np.int32)
    lanes[row.T_LOW] = 0.0
    lanes[row.T] = 0.0
    ints[row.STATUS] = row.HARD
    ints[row.ITEM] = -1
    wind = (
        packed.uv.ctypes.data,
        up,
        np.int32(nx),
        np.int32(ny),
        np.int32(ny * nx),
        np.int32(nz * ny * nx),
    )
    tables = (
        grid.relief_m.ctypes.data,
        grid.ceiling_m.ctypes.data,
        packed.level_m.ctypes.data,
        packed.per_layer.ctypes.data,
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
    order = first + np.arange(last - first)
    if error is not None:
        # items of one member next to each other find its nodes near at hand
        order_by_member(items.member, grid.base.size, first, order)
    following = 0
    flying = 0
    while True:
        for lane in range(LANES):
            status = ints[row.STATUS, lane]
            if status == row.ACTIVE:
                continue
            i = ints[row.ITEM, lane]
            if i >= 0:
                start_s = items.time_s[i]
                if status == row.NODE and _pass_node(grid, start_s, lane, lanes, ints):
                    continue
                if status == row.DOWN:
                    _write(grid, start_s, i, lane, lanes, ints, place, code)
                flying -= 1
                ints[row.ITEM, lane] = -1
                ints[row.STATUS, lane] = row.HARD
            while following < order.size:
                i = order[following]
                following += 1
                if _load(grid, items, i, lane, lanes, ints, air, error, key0, key1):
                    flying += 1
                    break
        if flying == 0:
            return
        if air is not None:
            draw_words(ints.ctypes.data, key0, key1)
            draw_normals(lanes.ctypes.data, ints.ctypes.data)
        sweep(
            lanes.ctypes.data, ints.ctypes.data, wind, tables, pages, numbers,
            np.float32(longest_s), np.float32(1.0 / longest_s), air, error, lattices,
        )  # fmt: skip


@kernel(error_model="numpy", parallel=True)
def fall_blocks(
    grid, packed, up, pages, items, longest_s, air, error, large, fine, slow_up, fast_up,
    key0, key1, place, code,
):  # fmt: skip
    """Fly many items in blocks; ``code`` stays 0 for those that the block leaves to others.

    Parameters
    ----------
    grid : GridArrays
    packed : PackedArrays
    up : int or None
        Address of ``packed.up``, or None where there is no vertical wind.
    pages : tuple or None
        Addresses of ``grid.page`` and ``grid.per_slope``, parts of a cell and their length [m];
        None where no cell has a finer ground than its corners.
    items : ItemArrays
    longest_s : float
        Longest step [s].
    air : Scales or None
        Turbulence, in float32; None for still air.
    error : BlockError or None
        Of the wind; None where it is taken as it is.
    large, fine, slow_up, fast_up : Lattice or None
        Its fields.
    key0, key1 : numpy.uint32
        Key of its random numbers.
    place : numpy.ndarray
        Output, shape (4, n): longitude, latitude, height [m], time [s].
    code : numpy.ndarray
        Output, int8, shape (n,), filled with 0 by the caller: GROUND where an item came down.
    """
    chunks = (code.size + CHUNK - 1) // CHUNK
    for k in nb.prange(chunks):
        _fly_chunk(
            grid, packed, up, pages, items, k * CHUNK, min((k + 1) * CHUNK, code.size), longest_s,
            air, error, (large, fine, slow_up, fast_up), key0, key1, place, code,
        )  # fmt: skip
