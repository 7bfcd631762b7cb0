"""Read the wind as Tawhiri does, on the levels of its source: compiled, bare arrays, no I/O."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba as nb
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from downwind.atmosphere.kernels import PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.sim.profile.kernels import tawhiri_thinning

RADIUS_M = 6_371_009.0
"""Radius of Tawhiri's sphere at sea level [m]."""

PADDING = 2
"""Values past the end of the field that a read of the last two levels touches."""

HOLD = 0
TO_GROUND = 1
EXTRAPOLATE = 2

CELL_M = 100.0
TABLE_BOTTOM_M = -1_000.0
TABLE_CELLS = 610

INLINE: Any = {**SCALAR, "inline": "always"}
"""A call that passes a grid moves sixty words: more than the work of what it calls."""

_DEG = 180.0 / math.pi
_C = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(10))


class LevelArrays(NamedTuple):
    """Wind on the levels of its source, as the kernels take it.

    ``field`` is one-dimensional: shape (member, time, latitude, longitude, level, 3) in C order,
    the height [m], eastward and northward wind [m s-1] of a level side by side, and ``PADDING``
    values. ``is_hole`` has one flag for each interval of the time axis; ``below`` says what the
    wind is under the lowest level. No column ends below ``lowest_top_m``. ``drag`` has shape
    (TABLE_CELLS, 3): for each cell of ``CELL_M`` the quadratic of `tawhiri_thinning`.
    """

    field: NDArray[np.float32]
    times: int
    latitudes: int
    longitudes: int
    levels: int
    time_s: NDArray[np.float64]
    is_hole: NDArray[np.bool_]
    latitude0: float
    per_latitude: float
    longitude0: float
    per_longitude: float
    is_global: bool
    below: int
    lowest_top_m: float
    terrain_m: NDArray[np.float32]
    highest_terrain_m: float
    drag: NDArray[np.float64]


def _emit_columns(context, address, start, east, north, later, weights):
    """Return height, u, v of a level and of the next, summed over eight columns by weights."""
    signature = types.UniTuple(types.float64, 6)(
        types.intp, types.int64, types.int64, types.int64, types.int64, weights
    )

    def emit(target, builder, signature, arguments):
        address, start, east, north, later, weights = arguments
        single, index = ir.FloatType(), ir.IntType(32)
        row, wide = ir.VectorType(single, 8), ir.VectorType(ir.DoubleType(), 8)
        nothing = ir.Constant(wide, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(index, 8), [0] * 8)
        field = builder.inttoptr(address, single.as_pointer())
        parts = []
        for k in range(8):
            offset = start
            for bit, stride in ((4, later), (2, north), (1, east)):
                offset = builder.add(offset, stride) if k & bit else offset
            pointer = builder.bitcast(builder.gep(field, [offset]), row.as_pointer())
            values = builder.fpext(builder.load(pointer, align=4), wide)
            weight = builder.insert_element(nothing, builder.extract_value(weights, k), index(0))
            parts.append(builder.fmul(builder.shuffle_vector(weight, nothing, everywhere), values))
        while len(parts) > 1:
            parts = [builder.fadd(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        sums = [builder.extract_element(parts[0], index(i)) for i in range(6)]
        return target.make_tuple(builder, signature.return_type, sums)

    return signature, emit


_sum_columns: Any = intrinsic(_emit_columns)


@kernel(**SCALAR)
def terrain_height(grid, lat, lng):
    """Return the height of the ground [m], bilinear; the edge is held outside."""
    z = grid.terrain_m
    ny, nx = z.shape
    y = (lat - grid.latitude0) * grid.per_latitude
    x = (lng - grid.longitude0) * grid.per_longitude
    if grid.is_global:
        x -= (nx - 1.0) * math.floor(x / (nx - 1.0))
    iy = int(min(max(y, 0.0), ny - 2.0))
    ix = int(min(max(x, 0.0), nx - 2.0))
    wy = min(max(y - iy, 0.0), 1.0)
    wx = min(max(x - ix, 0.0), 1.0)
    south = (1.0 - wx) * z[iy, ix] + wx * z[iy, ix + 1]
    north = (1.0 - wx) * z[iy + 1, ix] + wx * z[iy + 1, ix + 1]
    return (1.0 - wy) * south + wy * north


@kernel(**INLINE)
def level_wind(grid, address, member, time_cell, level, t, lat, lng, altitude):
    """Return (u, v, time cell, level, f, h0, h1): the wind on the levels of the source.

    Height and wind of a level are summed with eight weights in time, latitude and longitude; the
    bracket is searched from ``level`` on; between levels the wind is linear in height. f is the
    place in the bracket, below 0 only under the lowest level and above 1 only over the highest,
    whose wind is held there; h0 and h1 are the heights of the bracket.
    """
    nt, ny, nx, nz = grid.times, grid.latitudes, grid.longitudes, grid.levels
    time_s = grid.time_s
    while time_cell < nt - 2 and t >= time_s[time_cell + 1]:
        time_cell += 1
    while time_cell > 0 and t < time_s[time_cell]:
        time_cell -= 1
    first = time_s[time_cell]
    wt = min(max((t - first) / (time_s[time_cell + 1] - first), 0.0), 1.0)
    y = (lat - grid.latitude0) * grid.per_latitude
    x = (lng - grid.longitude0) * grid.per_longitude
    if grid.is_global and not 0.0 <= x <= nx - 1.0:
        x -= (nx - 1.0) * math.floor(x / (nx - 1.0))
    iy = int(min(max(y, 0.0), ny - 2.0))
    ix = int(min(max(x, 0.0), nx - 2.0))
    wy = min(max(y - iy, 0.0), 1.0)
    wx = min(max(x - ix, 0.0), 1.0)
    east = 3 * nz
    north = east * nx
    later = north * ny
    start = ((member * nt + time_cell) * ny + iy) * north + ix * east
    ut, uy, ux = 1.0 - wt, 1.0 - wy, 1.0 - wx
    a, b, c, d = ut * uy, ut * wy, wt * uy, wt * wy
    weights = (a * ux, a * wx, b * ux, b * wx, c * ux, c * wx, d * ux, d * wx)
    h0, u0, v0, h1, u1, v1 = _sum_columns(address, start + 3 * level, east, north, later, weights)
    while (altitude > h1 and level < nz - 2) or (altitude < h0 and level > 0):
        level += 1 if altitude > h1 else -1
        h0, u0, v0, h1, u1, v1 = _sum_columns(
            address, start + 3 * level, east, north, later, weights
        )
    f = (altitude - h0) / (h1 - h0)
    g = min(f, 1.0)
    if f < 0.0:
        if grid.below == HOLD:
            g = 0.0
        elif grid.below == TO_GROUND:
            g = max(f, min((terrain_height(grid, lat, lng) - h0) / (h1 - h0), 0.0))
    return u0 + g * (u1 - u0), v0 + g * (v1 - v0), time_cell, level, f, h0, h1


@kernel(**PARALLEL)
def winds_at(grid, member, t, lat, lng, altitude, out):
    """Fill ``out``, shape (n, 3), with u, v [m s-1] and the f of `level_wind`."""
    address = grid.field.ctypes.data
    for i in nb.prange(t.size):
        u, v, _, _, f, _, _ = level_wind(
            grid, address, member, 0, 0, t[i], lat[i], lng[i], altitude[i]
        )
        out[i, 0] = u
        out[i, 1] = v
        out[i, 2] = f


@kernel(**INLINE)
def cosine(lat):
    """Return the cosine of a latitude [degrees], to 1e-15 of itself also near a pole."""
    s = (90.0 - abs(lat)) * (1.0 / _DEG)
    z = s * s
    w = z * z
    even = 1.0 + w * (_C[2] + w * (_C[4] + w * (_C[6] + w * _C[8])))
    odd = _C[1] + w * (_C[3] + w * (_C[5] + w * (_C[7] + w * _C[9])))
    return s * (even + z * odd)


@kernel(**INLINE)
def degree_rates(u, v, lat, altitude):
    """Return dlat/dt and dlng/dt [degrees s-1] on Tawhiri's sphere."""
    cos_lat = cosine(lat)
    q = _DEG / ((RADIUS_M + altitude) * cos_lat)
    return v * cos_lat * q, u * q


@kernel(**SCALAR)
def _direct_thinning(altitude_m):
    return tawhiri_thinning(altitude_m)


@kernel(**INLINE)
def table_thinning(drag, altitude_m):
    """Return `tawhiri_thinning` from its table, to 1e-8 of itself."""
    x = (altitude_m - TABLE_BOTTOM_M) * (1.0 / CELL_M)
    i = int(x)
    if x < 0.0 or i >= TABLE_CELLS:
        return _direct_thinning(altitude_m)
    f = x - i
    return drag[i, 0] + f * (drag[i, 1] + f * drag[i, 2])
