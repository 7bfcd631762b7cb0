"""The error of the wind as the block kernel takes it: addresses, masks and float32 numbers.

What a wind without error has is None, and the kernel is compiled without looking at it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from downwind.constants import EARTH_RADIUS_M
from downwind.wind.kernels import GridArrays
from downwind.wind.packed import WORD
from downwind.wind.perturbation.kernels import FINE, LARGE

_DEG_M = EARTH_RADIUS_M * math.pi / 180.0


class Lattice(NamedTuple):
    """One error field.

    ``times``, ``heights``, ``rows`` and ``columns`` are masks: the nodes along each axis, a power
    of two, less one. ``each_time``, ``each_height`` and ``each_row`` are the distances between
    neighbours in the values; ``per_*`` are nodes a second and a metre. What a field that is the
    same at all heights has of them is None. ``along`` is the correlation of neighbours in time,
    ``unit`` that of the values over 65 536 [m s-1]. ``pairs`` is None where a word holds two
    components, and else says that it holds the one of two neighbours along x.
    """

    times: np.int32
    heights: np.int32 | None
    rows: np.int32
    columns: np.int32
    each_time: np.int32
    each_height: np.int32
    each_row: np.int32
    per_s: np.float32
    per_height: np.float32 | None
    per_y: np.float32
    per_x: np.float32
    along: np.float32
    unit: np.float32
    pairs: np.int32 | None


class BlockError(NamedTuple):
    """All error fields of all members, and what joins them.

    ``values`` and ``mountain`` are addresses; ``cell_east_m``, at the equator, and ``cell_north_m``
    are the sides of a cell of the wind.
    """

    values: int
    mountain: int
    cell_east_m: np.float32
    cell_north_m: np.float32
    calm_ms: np.float32
    per_rise: np.float32
    per_taper: np.float32


def address_error(arrays: GridArrays) -> tuple[BlockError | None, *tuple[Lattice | None, ...]]:
    """Return what the block kernel needs of the error of a wind, and its four lattices.

    Without an error all five are None. The addresses hold as long as the arrays do.
    """
    if not arrays.has_error:
        return None, None, None, None, None
    error = BlockError(
        arrays.error_values.ctypes.data,
        arrays.error_mountain.ctypes.data,
        cell_east_m=np.float32(_DEG_M / arrays.per_longitude),
        cell_north_m=np.float32(_DEG_M / arrays.per_latitude),
        calm_ms=np.float32(arrays.error_calm_ms),
        per_rise=np.float32(1.0 / (arrays.error_strong_ms - arrays.error_calm_ms)),
        per_taper=np.float32(1.0 / arrays.error_taper_m),
    )
    return error, *(_describe(arrays, field) for field in range(4))


def _describe(arrays: GridArrays, field: int) -> Lattice:
    times, heights, rows, columns = (int(n) for n in arrays.error_count[field])
    per_s, per_height, per_y, per_x = (np.float32(x) for x in arrays.error_per[field])
    # the horizontal ones count as deep, though of one node: so one compiled kernel serves all winds
    is_deep = heights > 1 or field in (LARGE, FINE)
    whole: Any = np.int32
    return Lattice(
        times=whole(times - 1),
        heights=whole(heights - 1) if is_deep else None,
        rows=whole(rows - 1),
        columns=whole(columns - 1),
        each_time=whole(heights * rows * columns),
        each_height=whole(rows * columns),
        each_row=whole(columns),
        per_s=per_s,
        per_height=(per_height if heights > 1 else np.float32(0.0)) if is_deep else None,
        per_y=per_y,
        per_x=per_x,
        along=np.float32(arrays.error_along[field]),
        unit=np.float32(arrays.error_unit[field] / WORD),
        pairs=None if field in (LARGE, FINE) else whole(1),
    )
