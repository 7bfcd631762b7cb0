"""Let items fall: columns in, landing places out. The thin shell over the two kernels.

The fast kernel flies blocks of items in float32; the plain one flies each item for itself in
float64. Items that the fast one leaves undecided (the edge of the data, the poles) go on to the
plain one, so that both know the same outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError, EngineError
from downwind.sim.fall import kernels as plain
from downwind.sim.fast import kernels as fast
from downwind.sim.fast.error import address_error
from downwind.sim.fast.lanes import LANES
from downwind.sim.kernels import GROUND
from downwind.sim.turbulence import Turbulence, stream_key
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.ground import make_pages
from downwind.wind.kernels import GridArrays
from downwind.wind.packed import PackedArrays, pack_grid

Engine = Literal["auto", "fast", "plain"]
STILL = Turbulence.none()
_ZERO = np.zeros(1, np.int64)


class ItemArrays(NamedTuple):
    """Items to drop, as the kernel takes them.

    ``longitude``, ``latitude`` [degrees], ``height_m`` [m, geopotential] and ``time_s`` [epoch s]
    of the release have shape (n,). The other columns have shape (n,), or a shorter length k, and
    then row i takes entry i modulo k. ``draw``, ``balloon`` and ``item``, each from 0 to 2^32 - 1,
    name the random numbers of turbulence; rows that share all three wander alike.
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
    draw: NDArray[np.int64] = _ZERO
    balloon: NDArray[np.int64] = _ZERO
    item: NDArray[np.int64] = _ZERO


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


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Which kernel flies falling items here, ``fast`` or ``plain``, and why."""

    name: Literal["fast", "plain"]
    reason: str


def drop_items(
    grid: WindGrid,
    items: ItemArrays,
    max_step_s: float,
    engine: Engine = "auto",
    turbulence: Turbulence = STILL,
    seed: int = 0,
    label: str = "",
) -> Falls:
    """Fly items from their releases to their ends.

    Parameters
    ----------
    grid : WindGrid
    items : ItemArrays
    max_step_s : float
        Longest integration step [s]; ``sim.steps`` chooses it by measured error.
    engine : {"auto", "fast", "plain"}
        The kernel; ``auto`` takes the fast one where it runs. An item's landing does not depend on
        what else is dropped, nor on threads.
    turbulence : Turbulence
        The air's; none unless given.
    seed : int
        Of the turbulence, with ``label``, the name of the item kind.

    Raises
    ------
    EngineError
        If ``fast`` is asked for and cannot run here, with the reason.
    ArgumentError
        If the kernel has another name, or a member is not one of the wind's.
    """
    if engine not in get_args(Engine):
        raise ArgumentError(f"there is no kernel '{engine}'", "take 'auto', 'fast' or 'plain'")
    if items.member.min(initial=0) < 0 or items.member.max(initial=0) >= grid.member_count:
        raise ArgumentError(
            f"items fly in members {items.member.min()} to {items.member.max()}, but the wind has "
            f"{grid.member_count}, from 0",
            "take the member modulo their number",
        )
    count = items.longitude.size
    place = np.empty((4, count))
    code = np.zeros(count, np.int8)
    on = turbulence.is_on
    packed, reason = _pick(grid, engine, on)
    if engine == "fast" and packed is None:
        raise EngineError(
            f"the fast kernel cannot fly these items: {reason}",
            "use engine='auto', which falls back to the plain kernel",
        )
    if count:
        key = stream_key(seed, label)
        if packed is not None:
            up = packed.up.ctypes.data if packed.up.size else None
            air32 = turbulence.scales32 if on else None
            fast.fall_blocks(
                grid.arrays, packed, up, _pages(grid.arrays), items, max_step_s, air32,
                *address_error(grid.arrays), *key, place, code,
            )  # fmt: skip
        if packed is None or not code.all():
            air = turbulence.scales if on else None
            plain.fall_items(grid.arrays, items, max_step_s, air, *key, place, code)
    return Falls(place[0], place[1], place[2], place[3], code == GROUND)


def _pick(grid: WindGrid, engine: Engine, is_stirred: bool) -> tuple[PackedArrays | None, str]:
    """Return the packed wind if the fast kernel is to fly, else None and the reason."""
    if engine == "plain":
        return None, "the plain kernel was asked for"
    if grid.packed is None:
        return None, grid.unpacked_reason
    if engine == "auto" and grid.arrays.has_pages and not is_stirred:
        # in still air it seeks the ground by steps back, and gives most items up on rough land
        return None, "in still air over elevation files the plain kernel is the faster one"
    a = grid.arrays
    status = engine_status(grid.packed.up.size > 0, is_stirred, a.has_pages, a.has_error)
    return (grid.packed, "") if status.name == "fast" else (None, status.reason)


def _pages(arrays: GridArrays) -> tuple[int, int, np.int32, np.float32] | None:
    """Return what the fast kernel needs of the pages of the ground; None without them."""
    if not arrays.has_pages:
        return None
    return (
        arrays.page.ctypes.data,
        arrays.per_slope.ctypes.data,
        np.int32(arrays.page_parts),
        np.float32(arrays.part_m),
    )


@cache
def engine_status(
    has_up: bool = False,
    is_stirred: bool = False,
    has_pages: bool = False,
    has_error: bool = False,
) -> EngineStatus:
    """Tell which kernel flies falling items on this machine, by trying the fast one.

    What keeps it from running is the reason; the plain kernel then does its work.

    Parameters
    ----------
    has_up : bool
        With vertical wind; the kernel is compiled once with it and once without.
    is_stirred : bool
        With turbulence; the same.
    has_pages : bool
        With the ground of elevation files; the same.
    has_error : bool
        With an error of the wind; the same.
    """
    try:
        _try_fast(has_up, is_stirred, has_pages, has_error)
    except Exception as error:
        return EngineStatus("plain", f"the fast kernel does not run here: {error!r}")
    return EngineStatus("fast", f"float32, blocks of {LANES} items")


def _try_fast(has_up: bool, is_stirred: bool, has_pages: bool, has_error: bool) -> None:
    """Let one item fall 1,000 m through calm air, and believe the kernel if it does."""
    axis = np.array([0.0, 1.0])
    wind = np.zeros((1, 2, 2, 2, 2, 2), np.float32)
    ends = np.array([0.0, 3_600.0])
    level = np.zeros((2, 2), np.float32)
    pages = make_pages(level, np.zeros((5, 5), np.float32), np.ones((1, 1), np.bool_), 4, axis)
    arrays = make_grid_arrays(
        wind, ends, np.zeros(1, bool), 2_000.0 * axis, axis, axis, level,
        pages if has_pages else None,
    )  # fmt: skip
    if has_error:
        arrays = arrays._replace(has_error=True)
    place, code = np.empty((4, 1)), np.zeros(1, np.int8)
    one, none = np.ones(1), np.zeros(1)
    items = ItemArrays(
        _ZERO, 0.5 * one, 0.5 * one, 1_000.0 * one, none, one, none, one, one, none, none
    )
    calm = np.zeros(arrays.wind.size // 2 + 1, np.int16)
    up = calm.ctypes.data if has_up else None
    zero = np.uint32(0)
    fast.fall_blocks(
        arrays,
        pack_grid(arrays),
        up,
        _pages(arrays),
        items,
        200.0,
        Turbulence.night().scales32 if is_stirred else None,
        *address_error(arrays),
        zero,
        zero,
        place,
        code,
    )
    slack_s = 60.0 if is_stirred else 0.1
    if code[0] != GROUND or not abs(place[3, 0] - 1_000.0) < slack_s:
        raise ArithmeticError(f"a fall of 1000 s took {place[3, 0]} s")
