"""Make a wind whose members take their horizontal or their upward part from another wind's members.

What a cause of error does to a landing is found by exchanging that cause alone between two runs.
The wind of a draw is such a cause, and its upward error is another: their fields lie side by side
in the arrays of a grid, so that they can be exchanged without drawing any anew.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import GridArrays
from downwind.wind.perturbation.kernels import FAST_UP, FINE, LARGE, SLOW_UP

WIND_FIELDS = (LARGE, FINE)
UP_FIELDS = (SLOW_UP, FAST_UP)


def mix_members(
    first: WindGrid, second: WindGrid, order: NDArray[np.int64], *, wind: bool, up: bool
) -> WindGrid:
    """Return a wind with members of ``first``, parts of them exchanged for those of ``second``.

    Parameters
    ----------
    first, second : WindGrid
        The same wind of the data, each with errors of its own or both without.
    order : numpy.ndarray
        Member of ``second`` that belongs to each member of the result, shape (count,).
    wind : bool
        Take the wind of the data (the member of an ensemble) with its own vertical motion, and the
        error of the horizontal wind, from ``second``.
    up : bool
        Take the error of the upward wind from ``second``.

    Returns
    -------
    WindGrid
        With ``count`` members; where a wind has fewer, its members serve in turn.

    Raises
    ------
    ArgumentError
        If one of the two has errors and the other has none, or not a member for each place.
    """
    a, b = first.arrays, second.arrays
    own, other = np.arange(order.size) % a.base.size, order % b.base.size
    if a.has_error != b.has_error:
        raise ArgumentError(
            "one wind has errors and the other has none", "draw the errors of both or of neither"
        )
    if not a.has_error:
        base = b.base[other] if wind else a.base[own]
        return first.with_members(a._replace(base=base.copy()))
    if min(a.base.size, b.base.size) < order.size:
        raise ArgumentError(
            f"{order.size} members are asked for, but the winds have {a.base.size} and "
            f"{b.base.size} with errors of their own",
            "draw an error for each member",
        )
    if not wind and not up and order.size == a.base.size:
        return first
    sources: list[tuple[GridArrays, NDArray[np.int64]]] = [(a, own), (a, own), (a, own), (a, own)]
    for field in (*(WIND_FIELDS if wind else ()), *(UP_FIELDS if up else ())):
        sources[field] = (b, other)
    blocks = [_read_block(arrays, f, members) for f, (arrays, members) in enumerate(sources)]
    shift = np.stack([x.error_shift[members, f] for f, (x, members) in enumerate(sources)], axis=1)
    sizes = [0, *(block.size for block in blocks[:-1])]
    carrier, members = sources[LARGE]
    return first.with_members(
        a._replace(
            base=carrier.base[members].copy(),
            error_values=np.concatenate(blocks),
            error_start=np.cumsum(sizes, dtype=np.int64),
            error_count=_pick(sources, "error_count").astype(np.int64),
            error_per=_pick(sources, "error_per"),
            error_along=_pick(sources, "error_along"),
            error_unit=_pick(sources, "error_unit"),
            error_shift=np.ascontiguousarray(shift),
            error_frame=carrier.error_frame[members].copy(),
        ),
    )


def varies_wind(grid: WindGrid) -> bool:
    """Tell whether members differ in their horizontal wind."""
    units = grid.arrays.error_unit[list(WIND_FIELDS)]
    return bool(np.unique(grid.base).size > 1 or (grid.arrays.has_error and units.any()))


def varies_up(grid: WindGrid) -> bool:
    """Tell whether members differ in the error of their upward wind."""
    return bool(grid.arrays.has_error and grid.arrays.error_unit[list(UP_FIELDS)].any())


def _read_block(arrays: GridArrays, field: int, members: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the nodes of one field for some members, flat."""
    each = int(np.prod(arrays.error_count[field]))
    start, count = int(arrays.error_start[field]), arrays.base.size
    stop = start + each * count
    if stop > arrays.error_values.size:  # a field of no size has no nodes of its own
        return np.zeros(members.size * each, np.int32)
    nodes = arrays.error_values[start:stop].reshape(count, each)
    return np.ascontiguousarray(nodes[members]).ravel()


def _pick(sources: list[tuple[GridArrays, NDArray[np.int64]]], name: str) -> NDArray[np.float64]:
    """Return a table of the lattices with the row of each field from its own source."""
    return np.stack([getattr(arrays, name)[f] for f, (arrays, _) in enumerate(sources)])
