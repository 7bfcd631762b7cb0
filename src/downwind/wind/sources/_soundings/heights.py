"""Heights of the rows of a sounding: those of the file, and between and beyond them by pressure.

Winds and heights often stand on different rows. One reference serves all that is missing: the
height that the weight of the air gives by the sounding's own virtual temperature, and by the
standard atmosphere where it has none. What the known heights deviate from it is interpolated in
the logarithm of pressure, and held beyond the lowest and the highest of them.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.wind.hydrostatic import standard_height_m, thickness_m

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST_DEVIATION_M = 1_000.0
MOST_DEVIATION = 0.1
"""A height further from the standard one than 1,000 m and a tenth of it is taken for an error.

Real air stays inside: 900 hPa in the eye of a typhoon deviates by 990 m at the sea, the polar
night by 3 km at 31 km. Feet that are taken for metres do not.
"""


HOLD_LOG_P = 0.2
"""How far beyond its last value the temperature is held, in ln p: 1.3 km, so 20 m at worst."""


class UnusableError(ValueError):
    """A sounding cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """Heights found for the rows of a sounding.

    Parameters
    ----------
    height_m : numpy.ndarray
        Geopotential height of each row, shape (n,) [m]; NaN where nothing gives it.
    notes, warnings : tuple of str
        How they were found, where the file does not say it.
    """

    height_m: FloatArray
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def count_of(number: int, noun: str) -> str:
    """Write a number of things, such as ``1 wind`` or ``12 winds``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def find_heights(
    pressure_pa: FloatArray,
    height_m: FloatArray,
    virtual_k: FloatArray,
    wanted: BoolArray,
    anchor: tuple[int, float] | None = None,
) -> Heights:
    """Find the geopotential height of each row of a sounding.

    Parameters
    ----------
    pressure_pa, height_m, virtual_k : numpy.ndarray
        Pressure, geopotential height and virtual temperature, NaN where missing, shape (n,) [Pa],
        [m], [K].
    wanted : numpy.ndarray
        Rows whose height matters, shape (n,); notes and warnings speak of them alone.
    anchor : tuple of int and float, optional
        The row on the ground and the height of the ground [m].

    Raises
    ------
    UnusableError
        If most heights do not belong to their pressures.
    """
    height, pressure_pa = height_m.copy(), pressure_pa.copy()
    notes: list[str] = []
    warnings: list[str] = []
    known = np.isfinite(height) & np.isfinite(pressure_pa)
    bad = _find_impossible(pressure_pa, height, known, notes)
    height[bad] = pressure_pa[bad] = np.nan
    known &= ~bad
    if anchor is not None and np.isfinite(pressure_pa[anchor[0]]) and not known[anchor[0]]:
        height[anchor[0]] = anchor[1]
        known[anchor[0]] = True
    lacking = np.isfinite(pressure_pa) & ~np.isfinite(height)
    if not lacking.any():
        return Heights(height, tuple(notes), ())
    log_p = np.log(pressure_pa)
    nodes = rising_rows(log_p, height, np.flatnonzero(known))
    nodes = nodes[np.append(True, np.diff(log_p[nodes]) < 0.0)] if nodes.size else nodes
    reference, is_standard = _find_reference(log_p, virtual_k)
    if nodes.size == 0:
        lowest = int(np.nanargmax(np.where(lacking, pressure_pa, np.nan)))
        shift = float(standard_height_m(pressure_pa[lowest])) - reference[lowest]
        height[lacking] = reference[lacking] + shift
        own = "" if is_standard[lacking].all() else ", the thickness above by its own temperature"
        warnings.append(
            "heights by the standard atmosphere"
            f"{own}: the sounding has none; they can be wrong by hundreds of metres"
        )
        return Heights(height, tuple(notes), tuple(warnings))
    deviation = height[nodes] - reference[nodes]
    ladder = log_p[nodes][::-1]
    height[lacking] = reference[lacking] + np.interp(log_p[lacking], ladder, deviation[::-1])
    inside = lacking & wanted & (log_p >= ladder[0]) & (log_p <= ladder[-1])
    beyond = lacking & wanted & ~inside
    if inside.any():
        notes.append(f"height of {count_of(inside.sum(), 'wind')} interpolated in log pressure")
    by_weight = beyond & ~is_standard
    if by_weight.any():
        notes.append(
            f"height of {count_of(by_weight.sum(), 'wind')} beyond the last known height by the "
            "sounding's own temperature"
        )
    by_standard = beyond & is_standard
    if by_standard.any():
        low, high = np.min(height[by_standard]), np.max(height[by_standard])
        warnings.append(
            f"height of {count_of(by_standard.sum(), 'wind')} ({low:.0f} to {high:.0f} m) by the "
            "standard atmosphere from the last known height: no temperature there"
        )
    return Heights(height, tuple(notes), tuple(warnings))


def _find_impossible(
    pressure_pa: FloatArray, height: FloatArray, known: BoolArray, notes: list[str]
) -> BoolArray:
    """Return the rows whose height cannot belong to their pressure, either of which is wrong."""
    with np.errstate(invalid="ignore"):
        standard = standard_height_m(pressure_pa)
        off = np.abs(height - standard)
        bad = known & ~(off <= MOST_DEVIATION_M + MOST_DEVIATION * np.abs(standard))
    if not bad.any():
        return bad
    first = int(np.flatnonzero(bad)[0])
    example = f"{height[first]:.0f} m at {pressure_pa[first] / 100.0:g} hPa"
    if 2 * bad.sum() > known.sum():
        raise UnusableError(
            f"its heights do not belong to its pressures ({example}): is a unit wrong?"
        )
    notes.append(f"{count_of(bad.sum(), 'level')} left out, taken for an error: {example}")
    return bad


def rising_rows(log_p: FloatArray, height: FloatArray, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the most rows whose heights rise strictly while their pressure does not rise."""
    rows = rows[np.lexsort((height[rows], -log_p[rows]))]
    if np.all(np.diff(height[rows]) > 0.0):
        return rows
    tails: list[float] = []
    ends: list[int] = []
    before = np.full(rows.size, -1)
    for i, value in enumerate(height[rows].tolist()):
        at = bisect_left(tails, value)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [i]
        before[i] = ends[at - 1] if at else -1
    chain = []
    i = ends[-1]
    while i >= 0:
        chain.append(i)
        i = int(before[i])
    return rows[chain[::-1]]


def _find_reference(log_p: FloatArray, virtual_k: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return a height by the weight of the air up to a constant [m], and where it is standard."""
    reference = np.full(log_p.size, np.nan)
    rows = np.flatnonzero(np.isfinite(log_p))
    x, place = np.unique(log_p[rows], return_inverse=True)
    warm = np.isfinite(log_p) & np.isfinite(virtual_k)
    xt, first = np.unique(log_p[warm], return_index=True)
    steps = np.diff(standard_height_m(np.exp(x)))
    standard = np.ones(x.size, bool)
    if xt.size > 1:
        kelvin = np.interp(x, xt, virtual_k[warm][first])
        standard = (x < xt[0] - HOLD_LOG_P) | (x > xt[-1] + HOLD_LOG_P)
        own = ~(standard[:-1] | standard[1:])
        p = np.exp(x)
        own_steps = -thickness_m(p[1:], p[:-1], kelvin[1:], kelvin[:-1])
        steps = np.where(own, own_steps, steps)
    column = np.concatenate([[0.0], np.cumsum(steps)])
    reference[rows] = column[place]
    is_standard = np.ones(log_p.size, bool)
    is_standard[rows] = standard[place]
    return reference, is_standard
