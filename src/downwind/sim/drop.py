"""Let items fall: columns in, landing places out. The thin shell over the falling-item kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downwind.sim.fall import kernels
from downwind.wind.grid import WindGrid


class ItemArrays(NamedTuple):
    """Items to drop, as the kernel takes them.

    ``longitude``, ``latitude`` [degrees], ``height_m`` [m, geopotential] and ``time_s`` [epoch s]
    of the release have shape (n,). The other columns have shape (n,), or a shorter length k, and
    then row i takes entry i modulo k.
    """

    member: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    bundle_speed_ms: NDArray[np.float64]
    opening_s: NDArray[np.float64]
    low_speed_ms: NDArray[np.float64]
    high_speed_ms: NDArray[np.float64]
    exponent: NDArray[np.float64]
    switch_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Falls:
    """Where items ended, each array of shape (n,).

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        [degrees], longitude in [-180, 180).
    height_m : numpy.ndarray
        Geopotential height of the end [m].
    time_s : numpy.ndarray
        Time of the end [epoch s].
    on_ground : numpy.ndarray
        True where the item reached the ground, False where it left the data.
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    on_ground: NDArray[np.bool_]


def drop_items(grid: WindGrid, items: ItemArrays, max_step_s: float) -> Falls:
    """Fly items from their releases to their ends.

    Parameters
    ----------
    grid : WindGrid
    items : ItemArrays
    max_step_s : float
        Longest integration step [s]; ``sim.steps`` chooses it by measured error.
    """
    count = items.longitude.size
    place = np.empty((count, 4))
    code = np.empty(count, np.int64)
    if count:
        kernels.fall_items(grid.arrays, items, max_step_s, place, code)
    return Falls(place[:, 0], place[:, 1], place[:, 2], place[:, 3], code == kernels.GROUND)
