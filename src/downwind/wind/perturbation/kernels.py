"""Read the error of a wind: random fields on periodic lattices, compiled.

A lattice holds standard normals times the size of the error, independent from node to node in
space, an autoregressive sequence in time. Between nodes the field is linear along each axis and
divided by the root of the variance of that mean, so that its size is the same everywhere; each
member's lattice is shifted by a random part of its cells, so that over members the field is
stationary. A lattice moves with the mean wind of its member: its correlation time is Lagrangian.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere.kernels import INLINE, PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.constants import EARTH_RADIUS_M

LARGE, FINE, SLOW_UP, FAST_UP = range(4)
"""The fields: eastward and northward wind over large scales and of what a grid does not resolve;
upward wind, synoptic and mesoscale, the same at all heights."""

_DEG_M = EARTH_RADIUS_M * math.pi / 180.0


class ErrorArrays(NamedTuple):
    """The four error fields of every member of a wind; `GridArrays` has the same fields.

    Each field lies on a lattice that goes on for ever: along each axis it has a power of two of
    nodes, and a place beyond the last one is that many nodes before it.

    Attributes
    ----------
    error_values : numpy.ndarray
        All nodes, flat, in the order (field, member, time, height, y, x). Two components share a
        32-bit word as in a packed wind: the first in the lower 16 bits, the second in the whole
        word over 65 536. A field of one component holds it as the first and, as the second, that of
        the next node along x.
    error_start : numpy.ndarray
        Where each field starts in them, shape (4,).
    error_count : numpy.ndarray
        Nodes of each field along time, height, y and x, shape (4, 4).
    error_per : numpy.ndarray
        Nodes a second and a metre along these, shape (4, 4) [s-1], [m-1].
    error_along : numpy.ndarray
        Correlation of neighbours in time, shape (4,).
    error_unit : numpy.ndarray
        Unit of the values, shape (4,) [m s-1]; 0 for a field that there is not.
    error_shift : numpy.ndarray
        What is added to a place counted in nodes, shape (member, 4, 4).
    error_frame : numpy.ndarray
        Velocity of the lattices, eastward and northward, shape (member, 2) [m s-1].
    error_time0_s, error_longitude0 : float
        Where the frame starts from [epoch s], [degrees].
    error_mountain : numpy.ndarray
        What the mesoscale upward wind is multiplied by, less one, over mountains in a strong wind,
        for the cell east and north of each point of the wind, shape (latitude, longitude).
    error_calm_ms, error_strong_ms : float
        Speeds of the wind between which that sets in [m s-1].
    error_taper_m : float
        Height above ground below which the error of the upward wind goes to 0 [m].
    """

    error_values: NDArray[np.int32]
    error_start: NDArray[np.int64]
    error_count: NDArray[np.int64]
    error_per: NDArray[np.float64]
    error_along: NDArray[np.float64]
    error_unit: NDArray[np.float64]
    error_shift: NDArray[np.float64]
    error_frame: NDArray[np.float64]
    error_time0_s: float
    error_longitude0: float
    error_mountain: NDArray[np.float32]
    error_calm_ms: float
    error_strong_ms: float
    error_taper_m: float


@kernel(**INLINE)
def _node(place, count):
    """Return the node below a place counted in nodes, the one above, and the way between them."""
    low = math.floor(place)
    i = int(low)
    return i & (count - 1), (i + 1) & (count - 1), place - low


@kernel(**INLINE)
def read_field(grid, field, member, x_m, y_m, h_m, lapse_s):
    """Return both components of an error field [m s-1] at a place in the frame of its lattice.

    Of a field of one component only the first has a meaning.

    Parameters
    ----------
    grid : GridArrays or ErrorArrays
    field : int
        ``LARGE`` to ``FAST_UP``.
    member : int
    x_m, y_m : float
        Way east and north [m] from where the frame is at that time.
    h_m : float
        Geopotential height [m].
    lapse_s : float
        Time since ``error_time0_s`` [s].
    """
    if grid.error_unit[field] == 0.0:
        return 0.0, 0.0
    times, heights, rows, columns = grid.error_count[field]
    per_s, per_height, per_y, per_x = grid.error_per[field]
    shift = grid.error_shift
    t0, t1, at = _node(lapse_s * per_s + shift[member, field, 0], times)
    z0, z1, az = _node(h_m * per_height + shift[member, field, 1], heights)
    y0, y1, ay = _node(y_m * per_y + shift[member, field, 2], rows)
    x0, x1, ax = _node(x_m * per_x + shift[member, field, 3], columns)
    if heights == 1:
        az = 0.0
    bt, bz, by, bx = 1.0 - at, 1.0 - az, 1.0 - ay, 1.0 - ax
    variance = bt * bt + at * at + 2.0 * at * bt * grid.error_along[field]
    variance *= (bx * bx + ax * ax) * (by * by + ay * ay) * (bz * bz + az * az)
    first = 0.0
    second = 0.0
    start = grid.error_start[field]
    for j in range(2):
        wt, it = (at, t1) if j else (bt, t0)
        for k in range(2):
            wz, iz = (az, z1) if k else (bz, z0)
            if wz == 0.0:
                continue
            for m in range(2):
                wy, iy = (ay, y1) if m else (by, y0)
                row = (((member * times + it) * heights + iz) * rows + iy) * columns + start
                q = wt * wz * wy
                for i in range(2):
                    wx, ix = (ax, x1) if i else (bx, x0)
                    word = grid.error_values[row + ix]
                    first += q * wx * (((word & 0xFFFF) ^ 0x8000) - 0x8000)
                    second += q * wx * (word / 65_536.0)
    unit = grid.error_unit[field] / math.sqrt(variance)
    return first * unit, second * unit


@kernel(**INLINE)
def error_at(grid, member, longitude, latitude, h_m, t_s):
    """Return the error of eastward and northward wind, and the two of the upward wind [m s-1].

    ``join_up`` makes one of the last two.
    """
    lapse = t_s - grid.error_time0_s
    turn = longitude - grid.error_longitude0
    turn -= 360.0 * math.floor(turn / 360.0 + 0.5)
    x = _DEG_M * math.cos(math.radians(latitude)) * turn - grid.error_frame[member, 0] * lapse
    y = _DEG_M * latitude - grid.error_frame[member, 1] * lapse
    ul, vl = read_field(grid, LARGE, member, x, y, h_m, lapse)
    uf, vf = read_field(grid, FINE, member, x, y, h_m, lapse)
    slow, _ = read_field(grid, SLOW_UP, member, x, y, h_m, lapse)
    fast, _ = read_field(grid, FAST_UP, member, x, y, h_m, lapse)
    return ul + uf, vl + vf, slow, fast


@kernel(**INLINE)
def join_up(grid, slow, fast, mountain, u, v, clear_m):
    """Return the error of the upward wind [m s-1]: greater over mountains, none at the ground.

    Parameters
    ----------
    grid : GridArrays or ErrorArrays
    slow, fast : float
        Its synoptic and its mesoscale part [m s-1].
    mountain : float
        ``error_mountain`` of the cell.
    u, v : float
        Wind at the place [m s-1].
    clear_m : float
        Height above the ground [m].
    """
    speed = math.sqrt(u * u + v * v)
    part = (speed - grid.error_calm_ms) / (grid.error_strong_ms - grid.error_calm_ms)
    grown = 1.0 + mountain * min(max(part, 0.0), 1.0)
    return (slow + grown * fast) * min(max(clear_m / grid.error_taper_m, 0.0), 1.0)


@kernel(**SCALAR)
def member_error(grid, member, longitude, latitude, h_m, t_s, mountain, u, v, clear_m):
    """Return the error of eastward, northward and upward wind of a member [m s-1].

    Parameters
    ----------
    grid : GridArrays or ErrorArrays
    member : int
    longitude, latitude, h_m, t_s : float
        The place and time [degrees, m geopotential, epoch s].
    mountain, u, v, clear_m : float
        As ``join_up`` takes them.
    """
    east, north, slow, fast = error_at(grid, member, longitude, latitude, h_m, t_s)
    return east, north, join_up(grid, slow, fast, mountain, u, v, clear_m)


@kernel(**PARALLEL)
def read_errors(grid, member, longitude, latitude, h_m, t_s, out):
    """Fill ``out``, shape (4, n), with what ``error_at`` returns at many points.

    Parameters
    ----------
    grid : GridArrays or ErrorArrays
    member, longitude, latitude, h_m, t_s : numpy.ndarray
        Shape (n,).
    out : numpy.ndarray
        Output, shape (4, n) [m s-1].
    """
    for i in nb.prange(member.size):
        east, north, slow, fast = error_at(
            grid, member[i], longitude[i], latitude[i], h_m[i], t_s[i]
        )
        out[0, i] = east
        out[1, i] = north
        out[2, i] = slow
        out[3, i] = fast
