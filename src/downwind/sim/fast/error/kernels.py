"""Look up the error of the wind for every lane of a block: vector code, float32.

The law is that of ``downwind.wind.perturbation.kernels``. A lane keeps its place in each lattice as
it is at the release, in nodes and found in float64; what it has gone since then is small enough
for float32. Nothing branches: nodes go round by masks.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from downwind.atmosphere._kernels import LANE, fma
from downwind.compiled.kernels import kernel
from downwind.constants import EARTH_RADIUS_M
from downwind.sim.fall.kernels import entry
from downwind.sim.fast import lanes as row
from downwind.sim.fast._kernels import (
    floor_i32,
    lane_f32,
    lane_i32,
    low_part,
    table_f32,
    table_i32,
    whole,
)
from downwind.sim.fast.lanes import LANES
from downwind.wind.perturbation.kernels import FAST_UP, FINE, LARGE, SLOW_UP

_ONE: Any = {"error_model": "numpy", "cache": True, "_nrt": False, "forceinline": True}
_BLOCK: Any = {"error_model": "numpy", "cache": True}
_DEG_M = EARTH_RADIUS_M * math.pi / 180.0

FARTHEST_M = 179.99 * _DEG_M
"""Greatest way from the meridian of the lattices, at the equator [m]: there the way jumps round."""

f4, i4 = nb.float32, nb.int32


@kernel(**_ONE)
def load_error(grid, member, longitude, latitude, t, lane, lanes, ints):
    """Put into a lane where the corner of its cell stands in each lattice at the release.

    Parameters
    ----------
    grid : GridArrays
    member : int
    longitude, latitude : float
        Of the corner of the cell in which the release lies [degrees].
    t : float
        Time of the release [epoch s].
    lane : int
    lanes, ints : numpy.ndarray
        The tables of the block.
    """
    lapse = t - grid.error_time0_s
    turn = longitude - grid.error_longitude0
    turn -= 360.0 * math.floor(turn / 360.0 + 0.5)
    cosine = math.cos(math.radians(latitude))
    x = _DEG_M * cosine * turn - grid.error_frame[member, 0] * lapse
    y = _DEG_M * latitude - grid.error_frame[member, 1] * lapse
    for field in range(4):
        way = (lapse, 0.0, y, x)
        nodes = 1
        for axis in range(4):
            count = grid.error_count[field, axis]
            place = way[axis] * grid.error_per[field, axis] + grid.error_shift[member, field, axis]
            place -= count * math.floor(place / count)
            if axis == 1 and count == 1:
                place = 0.0
            lanes[row.PLACE + 4 * field + axis, lane] = place
            nodes *= count
        ints[row.NODE0 + field, lane] = grid.error_start[field] + member * nodes
    lanes[row.TURN, lane] = _DEG_M * turn
    lanes[row.COSINE, lane] = cosine
    lanes[row.FRAME_U, lane] = grid.error_frame[member, 0]
    lanes[row.FRAME_V, lane] = grid.error_frame[member, 1]
    lanes[row.GUST_U, lane] = 0.0
    lanes[row.GUST_V, lane] = 0.0
    lanes[row.GUST_W, lane] = 0.0


@kernel(**_BLOCK)
def order_by_member(member, members, first, order):
    """Sort items from ``first`` on by member, those of one in their order.

    Parameters
    ----------
    member : numpy.ndarray
        Shape (n,), or (k,) where item i takes entry i modulo k.
    members : int
    first : int
    order : numpy.ndarray
        Output: the items, as many as it has entries.
    """
    start = np.zeros(members + 1, np.int64)
    for i in range(first, first + order.size):
        start[entry(member, i) + 1] += 1
    for m in range(members):
        start[m + 1] += start[m]
    for i in range(first, first + order.size):
        m = entry(member, i)
        order[start[m]] = i
        start[m] += 1


@kernel(**LANE)
def _between(place, mask, each):
    """Return the offsets of the node below a place and of the one above, and the way between."""
    low = floor_i32(place)
    first = i4(i4(low & mask) * each)
    return first, i4(i4(i4(low + i4(1)) & mask) * each), place - f4(low)


@kernel(**LANE)
def _spread(a):
    """Return the variance of the mean, by weights 1 - a and a, of two independent values."""
    b = f4(1.0) - a
    return fma(a, a, b * b)


@kernel(**LANE)
def _square(values, south, north, west, east, weights, pairs):
    """Return both components between four nodes, times 65 536; the one twice where it is one."""
    qa, qb, qc, qd = weights
    if pairs is not None:
        a = table_i32(values, i4(south + west))
        c = table_i32(values, i4(north + west))
        one = fma(qd, whole(c), fma(qc, low_part(c), fma(qb, whole(a), qa * low_part(a))))
        return one, one
    a = table_i32(values, i4(south + west))
    b = table_i32(values, i4(south + east))
    c = table_i32(values, i4(north + west))
    d = table_i32(values, i4(north + east))
    first = fma(qd, low_part(d), fma(qc, low_part(c), fma(qb, low_part(b), qa * low_part(a))))
    return first, fma(qd, whole(d), fma(qc, whole(c), fma(qb, whole(b), qa * whole(a))))


@kernel(**LANE)
def _mix(a, low, high):
    """Return what lies part a of the way from one pair to another."""
    return fma(a, high[0] - low[0], low[0]), fma(a, high[1] - low[1], low[1])


@kernel(**LANE)
def _layers(values, t, south, north, west, east, weights, heights, each, place, pairs):
    """Return both components at one node in time, and the variance of their mean over height."""
    if heights is None:
        both = _square(values, i4(t + south), i4(t + north), west, east, weights, pairs)
        return both, f4(1.0)
    low, high, a = _between(place, heights, each)
    low = i4(low + t)
    high = i4(high + t)
    below = _square(values, i4(low + south), i4(low + north), west, east, weights, pairs)
    above = _square(values, i4(high + south), i4(high + north), west, east, weights, pairs)
    return _mix(a, below, above), _spread(a)


@kernel(**LANE)
def _height_nodes(h, per_height, place):
    """Return a height in nodes; anything where the field is the same at all heights."""
    if per_height is None:
        return place
    return fma(h, per_height, place)


@kernel(**LANE)
def _read(values, lattice, lanes, ints, i, field, east_m, north_m, h, t):
    """Return both components of a field [m s-1]; ways and time are those since the release."""
    at = row.PLACE + 4 * field
    start = lane_i32(ints, (row.NODE0 + field) * LANES + i)
    t_node = fma(t, lattice.per_s, lane_f32(lanes, at * LANES + i))
    z_node = _height_nodes(h, lattice.per_height, lane_f32(lanes, (at + 1) * LANES + i))
    y_node = fma(north_m, lattice.per_y, lane_f32(lanes, (at + 2) * LANES + i))
    x_node = fma(east_m, lattice.per_x, lane_f32(lanes, (at + 3) * LANES + i))
    early, late, at_ = _between(t_node, lattice.times, lattice.each_time)
    south, north, ay = _between(y_node, lattice.rows, lattice.each_row)
    west, east, ax = _between(x_node, lattice.columns, i4(1))
    early = i4(early + start)
    late = i4(late + start)
    bx = f4(1.0) - ax
    by = f4(1.0) - ay
    weights = by * bx, by * ax, ay * bx, ay * ax
    first, spread = _layers(
        values, early, south, north, west, east, weights,
        lattice.heights, lattice.each_height, z_node, lattice.pairs,
    )  # fmt: skip
    last, _ = _layers(
        values, late, south, north, west, east, weights,
        lattice.heights, lattice.each_height, z_node, lattice.pairs,
    )  # fmt: skip
    one, two = _mix(at_, first, last)
    rest = f4(1.0) - at_
    in_time = fma(f4(2.0) * at_ * rest, lattice.along, _spread(at_))
    unit = lattice.unit / math.sqrt(in_time * spread * _spread(ax) * _spread(ay))
    return one * unit, two * unit


@kernel(**LANE)
def look_up_error(error, lattices, lanes, ints, i, node, cosine, x, y, h, t, u, v, clear):
    """Return the error of the wind of a lane, eastward, northward and upward [m s-1].

    Parameters
    ----------
    error : BlockError
    lattices : tuple of Lattice
        Its four fields.
    lanes, ints : int
        Addresses of the tables of the block.
    i : int
        The lane.
    node : int
        The cell of the wind.
    cosine : float
        Of the latitude.
    x, y : float
        Place in cells from that of the release.
    h : float
        Geopotential height [m].
    t : float
        Time since the release [s].
    u, v : float
        Wind [m s-1].
    clear : float
        Height above the ground [m].
    """
    turn = lane_f32(lanes, row.TURN * LANES + i)
    narrower = cosine - lane_f32(lanes, row.COSINE * LANES + i)
    east_m = fma(narrower, turn, cosine * x * error.cell_east_m)
    east_m -= t * lane_f32(lanes, row.FRAME_U * LANES + i)
    north_m = fma(-t, lane_f32(lanes, row.FRAME_V * LANES + i), y * error.cell_north_m)
    values = error.values
    large, fine, slow_up, fast_up = lattices
    ul, vl = _read(values, large, lanes, ints, i, LARGE, east_m, north_m, h, t)
    uf, vf = _read(values, fine, lanes, ints, i, FINE, east_m, north_m, h, t)
    slow, _ = _read(values, slow_up, lanes, ints, i, SLOW_UP, east_m, north_m, h, t)
    fast, _ = _read(values, fast_up, lanes, ints, i, FAST_UP, east_m, north_m, h, t)
    speed = math.sqrt(u * u + v * v)
    part = min(max((speed - error.calm_ms) * error.per_rise, f4(0.0)), f4(1.0))
    grown = fma(table_f32(error.mountain, node), part, f4(1.0))
    lift = fma(grown, fast, slow) * min(max(clear * error.per_taper, f4(0.0)), f4(1.0))
    return ul + uf, vl + vf, lift
