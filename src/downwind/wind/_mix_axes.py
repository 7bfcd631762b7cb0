"""The axes that several winds have in common, and where their points lie on those of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import SingleTimeError, WindCoverageError
from downwind.times import format_utc
from downwind.wind.cube import WindCube, write_box

_ROUNDING: Final = 1e-6

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Where new points lie on an axis: the point before each, and the share of the one after."""

    low: NDArray[np.intp]
    share: Floats
    size: int

    def take(self, values: Floats, axis: int) -> Floats:
        """Return values interpolated along an axis; a point of no weight may be NaN."""
        if not self.share.any():
            return np.take(values, self.low, axis)
        shape = [1] * values.ndim
        shape[axis] = self.low.size
        share = self.share.reshape(shape)
        first = np.take(values, self.low, axis)
        second = np.take(values, np.minimum(self.low + 1, self.size - 1), axis)
        mixed = first + share * (second - first)
        return np.where(share == 0.0, first, np.where(share == 1.0, second, mixed))


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """The axes of the set."""

    time_s: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    levels: int


def name_wind(cube: WindCube) -> str:
    """Return the source of a wind with its run."""
    run = cube.reference_time_s
    return cube.source + ("" if run is None else f", run {format_utc(run)[:16]}Z")


def spacing_deg2(cube: WindCube) -> float:
    """Return the area of a cell of a wind's grid [degrees squared]."""
    lat, lon = cube.latitude, cube.longitude
    return float((lat[-1] - lat[0]) / (lat.size - 1) * (lon[-1] - lon[0]) / (lon.size - 1))


def find_axes(cubes: Sequence[WindCube], finest: WindCube, max_gap_hours: float) -> Axes:
    """Return the points of the finest grid and the times that all winds hold.

    Parameters
    ----------
    cubes : sequence of WindCube
        All winds.
    finest : WindCube
        The one of them with the finest grid.
    max_gap_hours : float
        A longer gap on the time axis of a wind is a hole, and no time of another is kept in it [h].

    Raises
    ------
    WindCoverageError
        If there is no common box, or no common span of time.
    SingleTimeError
        If one wind holds a single time and another does not.
    """
    latitude, longitude = finest.latitude, finest.longitude
    rows = np.ones(latitude.size, bool)
    columns = np.ones(longitude.size, bool)
    for cube in cubes:
        if cube is finest:
            continue
        rows &= (latitude >= cube.latitude[0] - _ROUNDING) & (
            latitude <= cube.latitude[-1] + _ROUNDING
        )
        if not cube.is_global:
            off = (longitude - cube.longitude[0] + _ROUNDING) % 360.0 - _ROUNDING
            columns &= off <= cube.longitude[-1] - cube.longitude[0] + _ROUNDING
    kept = _one_piece(columns, finest)
    boxes = "; ".join(f"{name_wind(c)}: {write_box(c.longitude, c.latitude)}" for c in cubes)
    if np.count_nonzero(rows) < 2 or kept is None:
        raise WindCoverageError(
            f"the winds have no box in common ({boxes})", "bring winds of the same area"
        )
    lon = longitude[kept]
    lon = lon + 360.0 * np.cumsum(np.concatenate([[0.0], np.diff(lon) < 0.0]))
    lon = lon - 360.0 * np.floor((lon[0] + 180.0) / 360.0)
    return Axes(
        _find_times(cubes, max_gap_hours),
        latitude[rows],
        lon,
        max(cube.level_count for cube in cubes),
    )


def _one_piece(columns: NDArray[np.bool_], finest: WindCube) -> NDArray[np.intp] | None:
    """Return the indices of the columns kept, eastward and without a gap; None without any."""
    kept = np.flatnonzero(columns)
    if kept.size < 2:
        return None
    gaps = np.flatnonzero(np.diff(kept) > 1)
    if gaps.size == 0:
        return kept
    if gaps.size == 1 and finest.is_global and columns[0] and columns[-1]:
        return np.roll(kept, -int(gaps[0]) - 1)
    pieces = np.split(kept, gaps + 1)
    longest = max(pieces, key=len)
    return longest if longest.size > 1 else None


def _find_times(cubes: Sequence[WindCube], max_gap_hours: float) -> NDArray[np.int64]:
    single = [cube for cube in cubes if cube.times_s.size == 1]
    if single and len(single) < len(cubes):
        raise SingleTimeError(
            f"{name_wind(single[0])} holds one time only, {format_utc(single[0].times_s[0])}, and "
            "another wind of the set holds more",
            "bring files for more hours of it, or leave it out",
        )
    start = max(int(cube.times_s[0]) for cube in cubes)
    end = min(int(cube.times_s[-1]) for cube in cubes)
    spans = "; ".join(
        f"{name_wind(c)}: {format_utc(c.times_s[0])} to {format_utc(c.times_s[-1])}" for c in cubes
    )
    if end < start:
        raise WindCoverageError(
            f"the winds have no time in common ({spans})", "bring winds of the same hours"
        )
    times = np.unique(np.concatenate([cube.times_s for cube in cubes]))
    times = times[(times >= start) & (times <= end)]
    for cube in cubes:
        own = cube.times_s
        for i in np.flatnonzero(np.diff(own) > 3600.0 * max_gap_hours + 1.0):
            times = times[(times <= own[i]) | (times >= own[i + 1])]
    if times.size < 2 and not single:
        raise WindCoverageError(
            f"the winds have one time in common alone ({spans})", "bring winds of the same hours"
        )
    return np.asarray(times, np.int64)


def place(axis: NDArray[np.float64], values: NDArray[np.float64]) -> Axis:
    """Find values on an ascending axis that holds them all, but for rounding."""
    if axis.size == 1:
        return Axis(np.zeros(values.size, np.intp), np.zeros(values.size, np.float32), 1)
    inside = np.clip(values, axis[0], axis[-1])
    low = np.clip(np.searchsorted(axis, inside, side="right") - 1, 0, axis.size - 2)
    share = (inside - axis[low]) / (axis[low + 1] - axis[low])
    share = np.where(share < _ROUNDING, 0.0, np.where(share > 1.0 - _ROUNDING, 1.0, share))
    return Axis(low.astype(np.intp), share.astype(np.float32), axis.size)


def place_columns(cube: WindCube, longitude: NDArray[np.float64]) -> tuple[Axis, Floats | None]:
    """Find longitudes on the axis of a cube, which a global one takes up again at its end."""
    own = cube.longitude
    off = own[0] + (longitude - own[0] + _ROUNDING) % 360.0 - _ROUNDING
    if cube.is_global:
        return place(np.append(own, own[0] + 360.0), off), np.zeros(1, np.float32)
    return place(own, off), None


def stretch_levels(count: int, levels: int) -> Axis:
    """Return places for more levels, on the straight lines between the ones there are."""
    extra = levels - count
    per_layer = np.full(count - 1, extra // (count - 1))
    per_layer[: extra % (count - 1)] += 1
    places = [k + np.arange(n + 1) / (n + 1.0) for k, n in enumerate(per_layer)]
    return place(np.arange(count, dtype=np.float64), np.append(np.concatenate(places), count - 1))
