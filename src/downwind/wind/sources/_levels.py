"""Heights of pressure levels: from the file, by the weight of the air, by the standard atmosphere.

In this order, at each point: the height that the file has; the thickness of the air from the
nearest level whose height is known, or from the pressure at the ground, through levels that have a
temperature; the standard atmosphere, shifted by what is known of its deviation. The second is good
to some ten metres. The third may be wrong by hundreds, and every output has to say so.

A step of the second kind never spans more than `MAX_RATIO` in pressure: of the air between nothing
is known. A level without wind may serve as a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import GRAVITY_MS2, R_AIR
from downwind.wind.hydrostatic import standard_height_m, thickness_m

Array = NDArray[np.float64]

MAX_RATIO: Final = 2.5
"""Greatest ratio of the pressures at both ends of one step."""

LAPSE_K_M: Final = 0.0065
"""Lapse rate between the lowest level with a temperature and the ground below it [K m-1]."""

STANDARD_ERROR_M: Final = {
    1000_00: 230, 925_00: 280, 850_00: 330, 700_00: 440, 500_00: 580, 400_00: 660, 300_00: 770,
    200_00: 860, 100_00: 1060, 50_00: 1330, 30_00: 1500, 10_00: 1660,
}  # fmt: skip
"""By how much the standard height is wrong, by pressure [Pa] [m], in 19 of 20 points by area.

Measured over the globe on two GFS forecasts, of January and October 2011; the greater one counts.
"""

SHIFTED_ERROR_M: Final = 900.0
"""The same per unit of ln p away from a level whose height is known [m], on the same files."""

STEP_ERROR_M: Final = 190.0
"""By how much a step of the second kind is wrong in 19 of 20 points, per square of its ln p [m].

The temperature is taken as linear in ln p within the step. Measured on the same files and on 44
hours of ERA5, with all levels between left out.
"""


class Origin(IntEnum):
    """Where the height of a level at a point comes from."""

    FILE = 0
    WEIGHT = 1
    SURFACE = 2
    BASE = 3
    SHIFTED = 4
    STANDARD = 5


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What is known of the levels of one time and member, from the ground up.

    Parameters
    ----------
    pressure_pa : numpy.ndarray
        Falling, shape (level,) [Pa].
    height_m : numpy.ndarray
        Shape (level, lat, lon) [m]; NaN where unknown.
    virtual_k : numpy.ndarray
        Virtual temperature, the same shape [K]; NaN where unknown.
    surface_pa, surface_m : numpy.ndarray or None
        Pressure at the ground and its height, shape (lat, lon) [Pa], [m]; NaN where unknown.
    """

    pressure_pa: Array
    height_m: Array
    virtual_k: Array
    surface_pa: Array | None = None
    surface_m: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """Heights of all levels of a column.

    Parameters
    ----------
    height_m : numpy.ndarray
        Shape (level, lat, lon) [m].
    origin : numpy.ndarray
        `Origin` of each, the same shape.
    reach : numpy.ndarray
        Greatest distance in ln p from a level to the nearest one whose height is known, where it
        is shifted, shape (level,); 0 elsewhere.
    widest_pa : tuple of float or None
        The pressures at the ends of the widest step by the weight of the air [Pa]; None without.
    """

    height_m: Array
    origin: NDArray[np.uint8]
    reach: Array
    widest_pa: tuple[float, float] | None


def find_heights(column: Column) -> Heights:
    """Return the heights of all levels, each by the best means there is.

    Parameters
    ----------
    column : Column
        One time and member.

    References
    ----------
    PHYSICS 1; WMO-No. 8, Guide to Instruments, 2018, part I, chapter 12: the hypsometric equation.
    """
    height = np.array(column.height_m, np.float64)
    origin = np.full(height.shape, Origin.FILE, np.uint8)
    _go_along(column, height, origin)
    chains = _find_chains(column)
    for chain in chains:
        _rise_from_ground(column, chain, height, origin)
    if len(chains) == 1 and len(chains[0]) == height.shape[0]:
        _rise_from_standard(column, height, origin)
    reach = _shift_standard(column, height, origin)
    made = {int(kind) for kind in (Origin.WEIGHT, Origin.SURFACE, Origin.BASE)}
    used = [not made.isdisjoint(np.unique(slab).tolist()) for slab in origin]
    p = column.pressure_pa
    steps = [
        (float(p[lower]), float(p[upper]))
        for chain in chains
        for lower, upper in pairwise(chain)
        if used[lower] or used[upper]
    ]
    widest = max(steps, key=lambda ends: ends[0] / ends[1], default=None)
    return Heights(height, origin, reach, widest)


def standard_error_m(pressure_pa: ArrayLike, reach: ArrayLike = np.inf) -> Array:
    """Return by how much a height by the standard atmosphere is wrong in 19 of 20 points [m].

    Parameters
    ----------
    pressure_pa : array_like
        Pressure [Pa]; between the entries of `STANDARD_ERROR_M` linear in ln p, outside held.
    reach : array_like, optional
        Distance in ln p to the nearest level whose height is known; infinite without any.
    """
    p, away = np.asarray(pressure_pa, np.float64), np.asarray(reach, np.float64)
    is_alone = np.isinf(away)
    table = sorted(STANDARD_ERROR_M)
    # a known height above counts with its own deviation, which is the greater one
    whole = np.interp(
        np.log(p) - np.where(is_alone, 0.0, away),
        np.log(table),
        [STANDARD_ERROR_M[level] for level in table],
    )
    return np.asarray(np.minimum(whole, SHIFTED_ERROR_M * away), np.float64)


# --- by the weight of the air ------------------------------------------------------------------


def _find_chains(column: Column) -> list[list[int]]:
    """Return the levels with a temperature, cut where a step would be too wide."""
    chains: list[list[int]] = []
    for k in np.flatnonzero(np.isfinite(column.virtual_k).any(axis=(1, 2))):
        p = column.pressure_pa
        if chains and p[chains[-1][-1]] / p[k] <= MAX_RATIO * (1.0 + 1e-9):
            chains[-1].append(int(k))
        else:
            chains.append([int(k)])
    return chains


def _step_m(column: Column, lower: int, upper: int) -> Array:
    p, t = column.pressure_pa, column.virtual_k
    return thickness_m(p[lower], p[upper], t[lower], t[upper])


def _go_along(column: Column, height: Array, origin: NDArray[np.uint8]) -> None:
    """Fill what hangs together with a known height, from the nearest one in ln p."""
    log_p = np.log(column.pressure_pa)
    for chain in _find_chains(column):
        known = np.isfinite(height[chain])
        if known.all() or not known.any():
            continue
        best = np.where(known, height[chain], np.nan)
        distance = np.where(known, 0.0, np.inf)
        for order in (range(1, len(chain)), range(len(chain) - 2, -1, -1)):
            step = 1 if order.step == 1 else -1
            run = np.where(known, height[chain], np.nan)
            away = np.where(known, 0.0, np.inf)
            for i in order:
                below, here = chain[i - step], chain[i]
                rise = _step_m(column, below, here) if step == 1 else -_step_m(column, here, below)
                reached = run[i - step] + rise
                use = ~known[i] & np.isfinite(reached)
                run[i][use] = reached[use]
                away[i][use] = (away[i - step] + abs(log_p[below] - log_p[here]))[use]
            nearer = away < distance
            best[nearer] = run[nearer]
            distance = np.minimum(distance, away)
        made = ~known & np.isfinite(best)
        for i, k in enumerate(chain):
            height[k][made[i]] = best[i][made[i]]
            origin[k][made[i]] = Origin.WEIGHT


def _rise_from_ground(
    column: Column, chain: list[int], height: Array, origin: NDArray[np.uint8]
) -> None:
    """Fill a chain from the pressure at the ground, where no height of it is known."""
    if column.surface_pa is None or column.surface_m is None:
        return
    need = ~np.isfinite(height[chain]).any(axis=0)
    if not need.any():
        return
    p, t = column.pressure_pa, column.virtual_k
    ground = column.surface_pa
    low, rise = chain[0], np.zeros(ground.shape)
    rises = [rise]
    for lower, upper in pairwise(chain):
        rise = rise + _step_m(column, lower, upper)
        rises.append(rise)
    warmer = t[low] * (ground / p[low]) ** (R_AIR * LAPSE_K_M / GRAVITY_MS2)
    at_ground = np.where(
        (ground >= p[low]) & (ground <= MAX_RATIO * p[low]),
        -thickness_m(ground, p[low], warmer, t[low]),
        np.nan,
    )
    for i, (lower, upper) in enumerate(pairwise(chain)):
        share = np.log(p[lower] / ground) / np.log(p[lower] / p[upper])
        between = t[lower] + share * (t[upper] - t[lower])
        inside = (ground < p[lower]) & (ground >= p[upper])
        part = rises[i] + thickness_m(p[lower], ground, t[lower], between)
        at_ground = np.where(inside, part, at_ground)
    for i, k in enumerate(chain):
        made = column.surface_m + rises[i] - at_ground
        use = need & np.isfinite(made)
        height[k][use] = made[use]
        origin[k][use] = Origin.SURFACE


def _rise_from_standard(column: Column, height: Array, origin: NDArray[np.uint8]) -> None:
    """Fill the whole column from the standard height of its lowest level, where no height is."""
    need = ~np.isfinite(height).any(axis=0)
    need &= ~np.isfinite(_find_ground(column)[0])
    if not need.any():
        return
    base = float(standard_height_m(column.pressure_pa[0]))
    made = np.full(height.shape[1:], base)
    for k in range(height.shape[0]):
        if k:
            made = made + _step_m(column, k - 1, k)
        use = need & np.isfinite(made)
        height[k][use] = made[use]
        origin[k][use] = Origin.BASE


# --- by the standard atmosphere ----------------------------------------------------------------


def _find_ground(column: Column) -> tuple[Array, Array]:
    """Return the deviation of the ground [m] and its ln p, shape (lat, lon); NaN where unknown."""
    if column.surface_pa is None or column.surface_m is None:
        empty = np.full(column.height_m.shape[1:], np.nan)
        return empty, empty
    deviation = column.surface_m - standard_height_m(column.surface_pa)
    return deviation, np.where(np.isfinite(deviation), np.log(column.surface_pa), np.nan)


def _shift_standard(column: Column, height: Array, origin: NDArray[np.uint8]) -> Array:
    """Fill the rest by the standard atmosphere, and return how far each level lies from a height.

    The deviation is linear in ln p between the two known places around a level, and held outside
    them. The ground counts where no height below the level is known.
    """
    levels = height.shape[0]
    reach = np.zeros(levels)
    unknown = ~np.isfinite(height)
    if not unknown.any():
        return reach
    log_p = np.log(column.pressure_pa)
    standard = standard_height_m(column.pressure_pa)
    deviation = height - standard[:, None, None]
    ground = _find_ground(column)
    empty = np.full(height.shape[1:], np.nan)
    above = []
    nearest = empty, empty
    for k in range(levels - 1, -1, -1):
        above.append(nearest)
        nearest = _pick(~unknown[k], (deviation[k], np.full_like(empty, log_p[k])), nearest)
    below = empty, empty
    for k, higher in enumerate(reversed(above)):
        is_lowest = ~np.isfinite(below[1])
        under = is_lowest & (ground[1] >= log_p[k])
        over = is_lowest & (ground[1] < log_p[k]) & ~(higher[1] >= ground[1])
        low, high = _pick(under, ground, below), _pick(over, ground, higher)
        low = _pick(np.isfinite(low[1]), low, high)
        high = _pick(np.isfinite(high[1]), high, low)
        gap = low[1] - high[1]
        share = np.where(gap > 0.0, (low[1] - log_p[k]) / np.where(gap > 0.0, gap, 1.0), 0.0)
        shift = low[0] + share * (high[0] - low[0])
        known = unknown[k] & np.isfinite(shift)
        height[k][unknown[k]] = standard[k] + np.nan_to_num(shift)[unknown[k]]
        origin[k][unknown[k]] = Origin.STANDARD
        origin[k][known] = Origin.SHIFTED
        if known.any():
            away = np.minimum(np.abs(low[1] - log_p[k]), np.abs(high[1] - log_p[k]))
            reach[k] = float(away[known].max())
        below = _pick(~unknown[k], (deviation[k], np.full_like(empty, log_p[k])), below)
    return reach


def _pick(
    here: NDArray[np.bool_], one: tuple[Array, Array], other: tuple[Array, Array]
) -> tuple[Array, Array]:
    return np.where(here, one[0], other[0]), np.where(here, one[1], other[1])
