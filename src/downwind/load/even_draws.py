"""Evenly laid numbers: what is drawn for a kind, without luck in it.

A few thousand of them give the points of a distribution as well as many times as many random
ones, and the same ones every time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from downwind.load.traits import FallColumns, ItemKind

POINTS: Final = 2**15
"""Draws behind a distribution."""

FALL_CAUSES: Final = 5
"""What a kind draws: two biases, an exponent, and each item's speed and mode."""


@lru_cache(maxsize=8)
def lay_numbers(points: int, causes: int) -> NDArray[np.float64]:
    """Return numbers that fill the unit cube evenly, shape (causes, points), not to be written to.

    References
    ----------
    Kronecker's sequence with powers of the root of x^(d + 1) = x + 1 (M. Roberts 2018, The
    unreasonable effectiveness of quasirandom sequences).
    """
    root = 1.0
    for _ in range(60):
        root = (1.0 + root) ** (1.0 / (causes + 1))
    steps = root ** -np.arange(1.0, causes + 1)
    numbers = (0.5 + np.outer(steps, np.arange(1.0, points + 1))) % 1.0
    numbers.flags.writeable = False
    return numbers


def lay_falls(kind: ItemKind, points: int, causes: int = FALL_CAUSES) -> FallColumns:
    """Return how evenly laid items of a kind fall, each column of shape (points,).

    Parameters
    ----------
    kind : ItemKind
    points : int
    causes : int
        Of the cube that the numbers are laid in, 5 or more; the first five are used here.
    """
    u = lay_numbers(points, causes)
    return kind.fall_columns(ndtri(u[0]), ndtri(u[1]), u[2], ndtri(u[3]), u[4])
