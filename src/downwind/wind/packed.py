"""The wind once more, packed for the block kernel: 16 bits a number, two numbers a read.

Eastward and northward wind share one 32-bit word; one scale for each height level keeps the
rounding below 1/65 000 of the strongest wind on it. The height axis comes with a fine table of
cells.
"""

from __future__ import annotations

import math
import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downwind.wind.kernels import GridArrays, pack_members

LARGEST = 2**31 - 1
WORD = 65_536.0


class PackedArrays(NamedTuple):
    """The arrays of a packed wind grid.

    ``uv`` is flat, in the order (member, time, height, latitude, longitude): eastward wind in the
    lower 16 bits, northward wind in the whole word, both over 65 536 in units of
    ``65 536 uv_scale`` [m s-1], one scale a level. ``up`` has the same order and, at its end, one
    entry to spare; it is empty where there is no vertical wind. ``per_layer`` [m-1] is 1 over the
    depth of each layer. ``level_cell`` gives for even steps along the height axis the interval in
    which each step starts.
    """

    uv: NDArray[np.int32]
    up: NDArray[np.int16]
    uv_scale: NDArray[np.float32]
    up_scale: NDArray[np.float32]
    level_m: NDArray[np.float32]
    per_layer: NDArray[np.float32]
    level_cell: NDArray[np.int32]
    level_per_cell: float


def why_not_packable(arrays: GridArrays) -> str | None:
    """Return why a grid cannot be packed, or None."""
    if sys.byteorder != "little":
        return "the processor is big-endian"
    if math.prod(arrays.wind.shape[:5]) >= LARGEST:
        return "the grid has more points than a 32-bit index can count"
    if arrays.error_values.size >= LARGEST:
        return "the error fields of all members have more nodes than a 32-bit index can count"
    if arrays.height_m[-1] > 2.0e5 or _finest_cells(arrays.height_m) > 100_000:
        return "the levels of the height axis lie too unevenly"
    return None


def pack_grid(arrays: GridArrays) -> PackedArrays:
    """Pack a grid; ask ``why_not_packable`` first."""
    members, _, levels, _, _, parts = arrays.wind.shape
    # member by member: the absolute values of all would be as large as the wind itself
    span = np.max([np.abs(wind).max(axis=(0, 2, 3)) for wind in arrays.wind], axis=0)
    unit = np.float32(32_766.0)
    uv_scale = np.maximum(span[:, :2].max(axis=1), np.float32(1e-6)) / unit
    points = math.prod(arrays.wind.shape[1:5])
    uv = np.empty((members, points), np.int32)
    has_up = parts == 3 and bool(span[:, 2].any())
    up_scale = np.maximum(span[:, 2], np.float32(1e-6)) / unit if has_up else np.ones(levels)
    up = np.zeros(members * points + 1 if has_up else 0, np.int16)
    pack_members(arrays.wind, 1.0 / uv_scale, 1.0 / up_scale, uv, up)
    height = arrays.height_m
    cells = _finest_cells(height)
    starts = height[0] + (height[-1] - height[0]) * np.arange(cells + 1) / cells
    cell = np.clip(np.searchsorted(height, starts, side="right") - 1, 0, levels - 2)
    return PackedArrays(
        uv=uv.reshape(-1),
        up=up,
        uv_scale=(uv_scale / WORD).astype(np.float32),
        up_scale=(up_scale / WORD).astype(np.float32),
        level_m=height.astype(np.float32),
        per_layer=(1.0 / np.diff(height)).astype(np.float32),
        level_cell=cell.astype(np.int32),
        level_per_cell=float(cells / (height[-1] - height[0])),
    )


def _finest_cells(height_m: NDArray[np.float64]) -> int:
    """Return a number of even cells of which none holds more than one level inside."""
    return math.ceil(1.01 * float((height_m[-1] - height_m[0]) / np.diff(height_m).min()))
