"""Draw the nodes of a lattice: normals by counters, autoregressive in time, packed; compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.sim.turbulence.kernels import normals4

_ONE = np.float32(1.0)
_MOST = np.float32(32_767.0)


@kernel(**SCALAR)
def draw_normals(key0, key1, draw, out):
    """Fill ``out`` with standard normals: entry i is normal i modulo 4 of the block i // 4.

    Parameters
    ----------
    key0, key1 : numpy.uint32
    draw : int
    out : numpy.ndarray
        Output, float32, shape (4 n,).
    """
    for block in range(out.size // 4):
        n0, n1, n2, n3 = normals4(
            np.uint32(block), np.uint32(draw), np.uint32(0), np.uint32(0), key0, key1, _ONE
        )
        out[4 * block] = n0
        out[4 * block + 1] = n1
        out[4 * block + 2] = n2
        out[4 * block + 3] = n3


@kernel(**SCALAR)
def run_series(values, state, rho, innovation, turn):
    """Make independent normals autoregressive along time, in place, each of variance 1.

    Parameters
    ----------
    values : numpy.ndarray
        Standard normals, float32, shape (times, n).
    state : numpy.ndarray
        For the kernel's own use, float32, shape (n,).
    rho, innovation : numpy.float32
        Factor from one time to the next, and the size of what each time adds.
    turn : numpy.float32
        ``rho`` to the power of the number of times, for a circle: before the first time comes the
        last. 0 for a sequence that starts with its first normal.
    """
    times, count = values.shape
    if turn > 0.0:
        # once round from 0 ends in y; the sequence that meets itself ends in y / (1 - rho^N)
        for i in range(count):
            state[i] = 0.0
        for t in range(times):
            for i in range(count):
                state[i] = rho * state[i] + innovation * values[t, i]
        for i in range(count):
            state[i] /= _ONE - turn
            state[i] = rho * state[i] + innovation * values[0, i]
            values[0, i] = state[i]
    else:
        for i in range(count):
            state[i] = values[0, i]
    for t in range(1, times):
        for i in range(count):
            state[i] = rho * state[i] + innovation * values[t, i]
            values[t, i] = state[i]


@kernel(**PARALLEL)
def fill_lattice(key0, key1, parts, columns, rho, innovation, turn, sizes, per_unit, out):
    """Draw the lattice of one field for members 0, 1, ...; each is independent of all others.

    Parameters
    ----------
    key0, key1 : numpy.uint32
        Key of the field's random numbers.
    parts : int
        Components: 1 or 2.
    columns : int
        Nodes of a row.
    rho, innovation, turn : numpy.float32
        As in ``run_series``.
    sizes : numpy.ndarray
        Standard deviation, float32, shape (members or 1, times or 1, heights or 1) [m s-1].
    per_unit : numpy.float32
        Units a m s-1.
    out : numpy.ndarray
        Output, int32, shape (members, times, heights, n): n nodes at each height. The first
        component is the lower 16 bits, the second the whole word over 65 536; in place of a
        second component stands the first of the next node of the row.
    """
    members, times, heights, count = out.shape
    for m in nb.prange(members):
        values = np.empty((times, heights * count * parts), np.float32)
        draw_normals(key0, key1, m, values.reshape(-1))
        run_series(values, np.empty(values.shape[1], np.float32), rho, innovation, turn)
        for t in range(times):
            for z in range(heights):
                size = sizes[m % sizes.shape[0], t % sizes.shape[1], z % sizes.shape[2]] * per_unit
                row = values[t, z * count * parts : (z + 1) * count * parts]
                for i in range(count):
                    u = np.int32(np.rint(min(max(size * row[i * parts], -_MOST), _MOST)))
                    beside = i * parts + 1
                    if parts == 1 and beside % columns == 0:
                        beside -= columns
                    v = min(max(size * row[beside], -_MOST), _MOST)
                    word = u & 0xFFFF
                    # the upper half is chosen so that the whole word is the second
                    out[m, t, z, i] = word + 65_536 * np.int32(
                        np.rint((65_536.0 * v - word) / 65_536.0)
                    )
