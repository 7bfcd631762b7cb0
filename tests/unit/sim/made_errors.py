"""Error fields of random nodes for the tests, of any shape, on any grid."""

from __future__ import annotations

import numpy as np

from downwind.wind.grid import WindGrid
from downwind.wind.perturbation import no_error

LARGE_M, FINE_M, SLOW_M, FAST_M = 644_000.0, 64_400.0, 644_000.0, 32_200.0
COUNTS = ((16, 16, 8, 8), (64, 32, 8, 8), (16, 1, 8, 8), (64, 1, 16, 16))
SIZES_MS = (2.5, 1.4, 0.05, 0.1)
UP = (1.0, 1.0, 1.0, 1.0)


def with_error(
    grid: WindGrid,
    members: int = 8,
    *,
    sizes_ms: tuple[float, ...] = SIZES_MS,
    counts: tuple[tuple[int, ...], ...] = COUNTS,
    mountain: float = 2.0,
    seed: int = 1,
) -> WindGrid:
    """Return a grid with members that differ by fields of the scales that a forecast has.

    Nodes are independent in time too, each field's ``along`` is 0.
    """
    rng = np.random.default_rng(seed)
    count = np.array(counts)
    nodes = count.prod(axis=1)
    start = np.concatenate([[0], np.cumsum(nodes * members)[:-1]])
    values = np.clip(rng.normal(0.0, 8_000.0, (int((nodes * members).sum()), 2)), -32e3, 32e3)
    first, second = np.round(values).astype(np.int64).T
    # the word nearest to the second whose lower half is the first
    word = first + 65_536 * np.round((65_536 * second - first) / 65_536).astype(np.int64)
    per_s = 1.0 / np.array([8_100.0, 450.0, 2_700.0, 450.0])
    per_height = np.array([1 / 3_220.0, 1 / 805.0, 0.0, 0.0])
    per_m = 1.0 / np.array([LARGE_M, FINE_M, SLOW_M, FAST_M])
    a = grid.arrays
    ny, nx = a.terrain_m.shape
    rough = np.random.default_rng(seed + 1).random((ny, nx)) < 0.3
    west, _, east, _ = grid.box
    arrays = a._replace(
        base=(np.arange(members) % a.wind.shape[0]).astype(np.int32),
        has_error=True,
        **no_error()
        ._replace(
            error_values=word.astype(np.int32),
            error_start=start.astype(np.int64),
            error_count=count,
            error_per=np.stack([per_s, per_height, per_m, per_m], axis=1),
            error_along=np.array([0.78, 0.78, 0.78, 0.78]),
            error_unit=np.array(sizes_ms) / 8_000.0,
            error_shift=rng.random((members, 4, 4)) * count,
            error_frame=rng.normal(0.0, 12.0, (members, 2)),
            error_time0_s=float(a.time_s[0]),
            error_longitude0=0.5 * (west + east),
            error_mountain=np.where(rough, mountain, 0.0).astype(np.float32),
        )
        ._asdict(),
    )
    return grid.with_members(arrays)
