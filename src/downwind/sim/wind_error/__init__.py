"""Give each draw an error of the wind of its own: lattices of random numbers, found by counters.

Every number of the error of draw d follows from the seed, what the field is, d and the node alone.
So it depends neither on how many draws there are nor on threads, and one draw can be flown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.sim.draws import Cause, Draws
from downwind.sim.wind_error import kernels
from downwind.wind.error import Scales
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import GridArrays
from downwind.wind.perturbation import ErrorSize, check_size, no_error
from downwind.wind.perturbation.kernels import FAST_UP, FINE, LARGE, SLOW_UP, ErrorArrays
from downwind.wind.perturbation.lattice import Lattice, make_lattice, sizes_at
from downwind.wind.perturbation.surroundings import find_mountains, frame_wind

CAUSES: Final[Mapping[int, Cause]] = {
    LARGE: Cause.WIND_LARGE,
    FINE: Cause.WIND_FINE,
    SLOW_UP: Cause.UP_SLOW,
    FAST_UP: Cause.UP_FAST,
}
"""Stream of each field."""

POLAR_DEG: Final = 85.0
"""Beyond this latitude the lattices are bent about the pole [degrees]."""

CALM_MS: Final = 8.0
STRONG_MS: Final = 12.0
"""Winds between which the upward wind over mountains grows [m s-1]: about the 10 m/s of its law."""

TAPER_M: Final = 500.0
"""Height above ground below which the error of the upward wind goes to 0 [m]: an assumption."""

_WIDEST: Final = 6.5
"""Largest value of a lattice, over its standard deviation: one in 10^10 lies beyond."""

_LEAST_RATIO: Final = 1e-6


def perturb_grid(
    grid: WindGrid,
    size: ErrorSize,
    draws: Draws,
    count: int,
    longitude: float,
    latitude: float,
    *,
    base: ArrayLike | None = None,
    hours: tuple[float, float] | None = None,
) -> WindGrid:
    """Return a wind with one member a draw, each with an error of its own.

    The error of a draw moves with the mean wind between 700 and 500 hPa of the wind that the draw
    flies in, around the place given and over the hours that are flown. East to west its lattice is
    true to length along each parallel, so that far from the meridian of the place it is sheared: by
    0.15 ten degrees away at 60 degrees north. On the far side of the globe it has a seam.

    Parameters
    ----------
    grid : WindGrid
        The wind of the data.
    size : ErrorSize
        How large the error is. A part of size 0 is left out; where all are 0, the members fly in
        the wind as it is.
    draws : Draws
        The random numbers; only their seed counts.
    count : int
        Number of draws.
    longitude, latitude : float
        Where the flights are [degrees], such as their site.
    base : array_like of int, optional
        Wind of the data that each draw flies in, shape (count,). Without it draw d flies as
        member d of the grid, modulo their number.
    hours : tuple of float, optional
        First and last time that are flown [epoch s]; without them all times of the data count.

    Returns
    -------
    WindGrid
        The same data, with ``count`` members.

    Raises
    ------
    ArgumentError
        If there are no draws, a size or a scale is no such number, or ``base`` names a wind that
        the data do not have.
    WindCoverageError
        If the place lies outside the wind.
    """
    if count < 1:
        raise ArgumentError(f"{count} draws of the error of a wind are none", "ask for 1 or more")
    check_size(size)
    grid.require_place(longitude, latitude, "the error of the wind")
    arrays = grid.arrays
    of_draw = _settle_base(grid, count, base)
    errors = make_errors(arrays, size, draws, of_draw, longitude, latitude, hours)
    made = grid.with_members(
        arrays._replace(
            base=of_draw,
            has_error=errors is not None,
            **(errors or no_error())._asdict(),
        )
    )
    if errors is not None and abs(latitude) > POLAR_DEG:
        told = (
            f"beyond {POLAR_DEG:g} degrees of latitude the error of the wind has its size, but "
            "not its lengths: its lattice is bent about the pole"
        )
        made = replace(made, bridges=(*made.bridges, told))
    return made


def make_errors(
    arrays: GridArrays,
    size: ErrorSize,
    draws: Draws,
    base: NDArray[np.int32],
    longitude: float,
    latitude: float,
    hours: tuple[float, float] | None = None,
) -> ErrorArrays | None:
    """Draw the fields of ``perturb_grid``; None where all their sizes are 0.

    Parameters
    ----------
    arrays : GridArrays
        The wind of the data.
    size : ErrorSize
    draws : Draws
    base : numpy.ndarray
        Wind of the data of each draw, shape (draws,).
    longitude, latitude : float
        [degrees].
    hours : tuple of float, optional
        First and last time that are flown [epoch s].
    """
    sizes = _sizes_ms(size)
    if not any(sizes.values()):
        return None
    count = base.size
    shift = draws.uniform(
        Cause.WIND_SHIFT,
        np.arange(count)[:, None, None],
        np.arange(4)[None, :, None],
        np.arange(4)[None, None, :],
    )
    span_s = float(arrays.time_s[-1] - arrays.time_s[0])
    low_m = min(float(arrays.height_m[0]), float(arrays.relief_m.min()))
    lattices = {
        field: make_lattice(field, scales, span_s, low_m, float(arrays.height_m[-1]))
        for field, scales in _scales(size).items()
        if sizes[field] > 0.0
    }
    counts, per, along = np.ones((4, 4), np.int64), np.zeros((4, 4)), np.zeros(4)
    # a field that is left out reads nothing but one node a member, which is 0
    start, end = np.zeros(4, np.int64), count
    for field, lattice in lattices.items():
        counts[field], per[field], along[field] = lattice.count, lattice.per, lattice.along
        start[field] = end
        end += count * lattice.nodes
    values = np.empty(end, np.int32)
    values[:count] = 0
    unit = np.zeros(4)
    for field, lattice in lattices.items():
        unit[field] = sizes[field] * _WIDEST / 32_767.0
        of_node = np.full((1, 1, 1), sizes[field], np.float32)
        if field == LARGE:
            of_node = sizes_at(
                size.large_ms,
                size.height_m,
                size.time_s,
                lattice.node_heights_m(shift[:, field, 1]),
                lattice.node_times_s(shift[:, field, 0]) + arrays.time_s[0],
            )
        of_field = values[start[field] :][: count * lattice.nodes]
        _fill(of_field, lattice, draws, of_node, unit[field])
    ratio = size.mountain_up_ms / sizes[FAST_UP] if sizes[FAST_UP] > 0.0 else 1.0
    mountain = np.where(find_mountains(arrays), max(ratio - 1.0, 0.0), 0.0)
    return ErrorArrays(
        error_values=values,
        error_start=start,
        error_count=counts,
        error_per=per,
        error_along=along,
        error_unit=unit,
        error_shift=shift,
        error_frame=frame_wind(arrays, longitude, latitude, hours)[base],
        error_time0_s=float(arrays.time_s[0]),
        error_longitude0=float(longitude),
        error_mountain=np.ascontiguousarray(mountain, np.float32),
        error_calm_ms=CALM_MS,
        error_strong_ms=STRONG_MS,
        error_taper_m=TAPER_M,
    )


def _scales(size: ErrorSize) -> dict[int, Scales]:
    return {LARGE: size.large, FINE: size.fine, SLOW_UP: size.slow_up, FAST_UP: size.fast_up}


def _sizes_ms(size: ErrorSize) -> dict[int, float]:
    """Return the greatest standard deviation of each field [m s-1].

    What is felt over mountains alone is a field of hardly any size, which they multiply.
    """
    return {
        LARGE: float(np.max(size.large_ms)),
        FINE: size.fine_ms,
        SLOW_UP: size.slow_up_ms,
        FAST_UP: max(size.fast_up_ms, _LEAST_RATIO * size.mountain_up_ms),
    }


def _settle_base(grid: WindGrid, count: int, base: ArrayLike | None) -> NDArray[np.int32]:
    """Return the wind of the data of each draw, shape (count,)."""
    if base is None:
        return np.asarray(grid.base[np.arange(count) % grid.member_count], np.int32)
    given = np.asarray(base)
    if given.shape != (count,) or given.dtype.kind not in "iu":
        raise ArgumentError(
            f"the winds of {count} draws are given as {given.dtype} of shape {given.shape}",
            "give one whole number a draw",
        )
    if given.min() < 0 or given.max() >= grid.base_count:
        raise ArgumentError(
            f"draws fly in the winds {given.min()} to {given.max()}, but {grid.source} has "
            f"{grid.base_count}, from 0",
            "take the number modulo theirs",
        )
    return given.astype(np.int32)


def _fill(
    out: NDArray[np.int32],
    lattice: Lattice,
    draws: Draws,
    sizes_ms: NDArray[np.float32],
    unit_ms: float,
) -> None:
    """Draw all nodes of one field into ``out``, shape (members * nodes,)."""
    times, heights, rows, columns = lattice.count
    kernels.fill_lattice(
        *draws.words(CAUSES[lattice.field]),
        lattice.parts,
        columns,
        np.float32(lattice.rho),
        np.float32(lattice.innovation),
        np.float32(lattice.rho**times if lattice.is_circle else 0.0),
        sizes_ms,
        np.float32(1.0 / unit_ms),
        out.reshape(-1, times, heights, rows * columns),
    )
