"""What is said of a wind made of soundings: its name, its warnings with figures, its notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.geo.sphere import distance_m
from downwind.times import format_minute
from downwind.wind.sources._belong import write_few
from downwind.wind.sources._fields import Grid, Inventory
from downwind.wind.sources._soundings.hours import Sweep
from downwind.wind.sources._soundings.layers import REACH_M

FloatArray = NDArray[np.float64]

TOLD_HEIGHT_M: Final = 5_000.0
"""Geopotential height whose standard error the warning tells, or the middle of a shallower one."""

_RINGS_M: Final = (100_000.0, 250_000.0)
_FEW: Final = 8
_GAP: Final = "\0"
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


def write_source(sweeps: Sequence[Sweep]) -> str:
    """Return the name of the source: ``sounding of 47122``, ``7 soundings``."""
    profiles = [p for sweep in sweeps for p in sweep.profiles]
    if len(profiles) == 1:
        return f"sounding of {profiles[0].station}"
    places = len(list_stations(sweeps))
    text = f"{len(profiles)} soundings"
    if places == 1:
        return f"{text} of {profiles[0].station}"
    return text if places == len(profiles) else f"{text} of {places} stations"


def list_stations(sweeps: Sequence[Sweep]) -> list[str]:
    """Return the names of the stations, each once, in order."""
    return sorted({p.station for sweep in sweeps for p in sweep.profiles})


def write_warnings(
    inventory: Inventory,
    sweeps: Sequence[Sweep],
    height_m: FloatArray,
    grid: Grid,
    error_ms: NDArray[np.float32],
) -> list[str]:
    """Return what every output has to say of the wind.

    Parameters
    ----------
    inventory : Inventory
        With the warnings of the readers.
    sweeps : sequence of Sweep
        The soundings of each time.
    height_m : numpy.ndarray
        The heights of the cube, shape (height,) [m].
    grid : Grid
        Its grid.
    error_ms : numpy.ndarray
        Standard error of each component, shape (time, height, latitude, longitude) [m s-1].
    """
    k = int(np.argmin(np.abs(height_m - min(TOLD_HEIGHT_M, float(height_m.mean())))))
    lines = [_write_error(sweeps, grid, error_ms[:, k], float(height_m[k]))]
    gaps = [b.time_s - a.time_s for a, b in pairwise(sweeps)]
    if gaps:
        lines.append(
            f"soundings of {len(sweeps)} times up to {max(gaps) / 3600.0:.3g} h apart: between "
            "them the wind is linear in time, which that error leaves out"
        )
    lines += list(inventory.warnings)
    profiles = [p for sweep in sweeps for p in sweep.profiles]
    lines += fold_texts([(p.station, text) for p in profiles for text in p.warnings])
    return list(dict.fromkeys(lines))


def write_notes(inventory: Inventory, sweeps: Sequence[Sweep], height_m: FloatArray) -> list[str]:
    """Return what was decided: where stations end, which lack positions, what was left out."""
    notes: list[str] = []
    for sweep in sweeps:
        when = f" at {format_minute(sweep.time_s)}" if len(sweeps) > 1 else ""
        low = [p for p in sweep.profiles if p.top_m < height_m[-1] - 1.0]
        if low:
            ends = sorted(low, key=lambda p: p.top_m)
            texts = [f"{p.station} at {p.top_m / 1e3:.1f} km" for p in ends]
            notes.append(
                f"soundings that end below the top of {height_m[-1] / 1e3:.1f} km{when}: "
                f"{write_few(texts, _FEW)}; above, the wind is that of the others"
            )
    if len(sweeps) > 1:
        every = list_stations(sweeps)
        for sweep in sweeps:
            there = {p.station for p in sweep.profiles}
            absent = [name for name in every if name not in there]
            if absent:
                notes.append(
                    f"no sounding at {format_minute(sweep.time_s)} of {write_few(absent, _FEW)}"
                )
    profiles = [p for sweep in sweeps for p in sweep.profiles]
    still = [p for p in profiles if not np.isfinite(p.level_longitude).any()]
    if still:
        who = "the balloons" if len(still) == len(profiles) else f"{len(still)} of the balloons"
        notes.append(
            f"the files do not say where {who} drifted: their winds are placed above the stations"
        )
    notes += fold_texts([(p.station, text) for p in profiles for text in p.notes])
    notes += [f"left out {reason}" for reason in inventory.left_out]
    return list(dict.fromkeys(notes))


def _write_error(
    sweeps: Sequence[Sweep], grid: Grid, error_ms: NDArray[np.float32], height_m: float
) -> str:
    """Say how wrong the wind is at one height, near the stations and far from them."""
    profiles = {(p.longitude, p.latitude): p for sweep in sweeps for p in sweep.profiles}
    lon, lat = np.meshgrid(grid.longitudes(), grid.latitudes())
    nearest = np.min([distance_m(lon, lat, *place) for place in profiles], axis=0)
    worst = error_ms.max(axis=0)
    # the error at a station is the least around it: a grid point may lie some way off
    at = [
        float(worst[np.unravel_index(np.argmin(distance_m(lon, lat, *place)), lon.shape)])
        for place in profiles
    ]
    rings = [
        f"{_ring_mean(nearest, worst, radius):.1f} m/s at {radius / 1e3:.0f} km"
        for radius in _RINGS_M
    ]
    ring_text = " and ".join(rings)
    height = f"at {height_m / 1e3:.3g} km height"
    if len(profiles) == 1:
        (p,) = profiles.values()
        return (
            f"the wind is that of one station, {p.station} at {p.latitude:.2f} N "
            f"{p.longitude:.2f} E, taken as alike within {REACH_M / 1e3:.0f} km: {height} the "
            f"standard error of each component is {at[0]:.1f} m/s there, {ring_text} from it"
        )
    return (
        f"the wind is made of soundings of {len(profiles)} stations: {height} the standard error "
        f"of each component is {np.median(at):.1f} m/s at a station, {ring_text} from the nearest, "
        f"{worst.max():.1f} m/s at worst"
    )


def _ring_mean(distance: FloatArray, error_ms: NDArray[np.float32], radius_m: float) -> float:
    """Return the mean error of the grid points that lie nearest to a distance from a station."""
    near = np.argsort(np.abs(distance - radius_m), axis=None)[:8]
    return float(error_ms.ravel()[near].mean())


def fold_texts(said: Sequence[tuple[str, str]]) -> list[str]:
    """Say once what several stations say alike: numbers that differ become a range.

    Parameters
    ----------
    said : sequence of tuple of str
        Station and what is said of it.
    """
    alike: dict[str, list[tuple[str, list[str]]]] = {}
    for station, text in said:
        alike.setdefault(_NUMBER.sub(_GAP, text), []).append((station, _NUMBER.findall(text)))
    lines = []
    for form, cases in alike.items():
        numbers = []
        for column in zip(*(found for _, found in cases), strict=True):
            low, high = min(column, key=float), max(column, key=float)
            numbers.append(low if low == high else f"{low} to {high}")
        words = form.split(_GAP)
        text = "".join(a + b for a, b in zip(words, [*numbers, ""], strict=True))
        names = list(dict.fromkeys(station for station, _ in cases))
        lines.append(f"{write_few(names, _FEW)}: {text}")
    return lines
