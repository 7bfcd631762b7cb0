"""Philox 4x64-10, a counter-based generator, compiled: number k of a stream without the k-1 before.

References
----------
Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3 (SC'11). NumPy's ``Philox`` is the
same generator; the tests compare the two word by word.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from downwind.compiled.kernels import kernel

_M0 = np.uint64(0xD2E7470EE14C6C93)
_M1 = np.uint64(0xCA5A826395121157)
_W0 = np.uint64(0x9E3779B97F4A7C15)
_W1 = np.uint64(0xBB67AE8584CAA73B)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_11 = np.uint64(11)


@kernel()
def _multiply(a, b):
    """Return the high and the low 64 bits of a product of two 64-bit numbers."""
    a0, a1 = a & _LOW, a >> _32
    b0, b1 = b & _LOW, b >> _32
    middle = a1 * b0 + ((a0 * b0) >> _32)
    upper = a0 * b1 + (middle & _LOW)
    return a1 * b1 + (middle >> _32) + (upper >> _32), a * b


@kernel()
def philox_word(c0, c1, c2, c3, k0, k1):
    """Return the first 64-bit word of the block at a counter (c0..c3) under a key (k0, k1)."""
    for _ in range(10):
        high0, low0 = _multiply(_M0, c0)
        high1, low1 = _multiply(_M1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += _W0
        k1 += _W1
    return c0


@kernel()
def _uniform_at(key0, key1, draw, balloon, item, i):
    word = philox_word(
        np.uint64(draw[i % draw.size]),
        np.uint64(balloon[i % balloon.size]),
        np.uint64(item[i % item.size]),
        np.uint64(0),
        key0,
        key1,
    )
    return (np.float64(word >> _11) + 0.5) * 2.0**-53


@kernel()
def fill_uniform_alone(key0, key1, draw, balloon, item, out):
    """Do what ``fill_uniform`` does on one thread: for a few, starting others takes longer."""
    for i in range(out.size):
        out[i] = _uniform_at(key0, key1, draw, balloon, item, i)


@kernel(parallel=True)
def fill_uniform(key0, key1, draw, balloon, item, out):
    """Fill ``out``, shape (n,), with uniforms in (0, 1) at the counters (draw, balloon, item, 0).

    The index arrays have shape (n,) or shape (1,).
    """
    for i in nb.prange(out.size):
        out[i] = _uniform_at(key0, key1, draw, balloon, item, i)
