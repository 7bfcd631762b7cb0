"""What is known of the air besides its motion, along a path: for warnings and timers.

Temperature, humidity, cloud, rain, and how wrong the wind is where its source says so.

The fields stay on the levels of the cube, float32, and are looked up by the plain rule: every
level is interpolated first, linearly in time, latitude and longitude, then the column linearly in
height. Nothing is extrapolated or filled in: outside the data, in a hole on the time axis, and
beside a value that is missing, the answer is NaN. Few thousand points are asked for, so this is
NumPy and no kernel.

All heights are geopotential metres above sea level.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.atmosphere import LAYER_BASE_M, temperature_k
from downwind.errors import ArgumentError, WindCoverageError
from downwind.wind.cube import CLOUD, HEIGHT, HUMIDITY, PRECIPITATION, TEMPERATURE, WIND_ERROR

if TYPE_CHECKING:
    from downwind.wind.cube import WindCube

FloatArray = NDArray[np.float32]

COVERED_SHARE: Final = 0.9
"""Share of a layer that the data have to cover for a mean over it."""

_BLOCK: Final = 1024
_ROUNDING: Final = 1e-9


class AirSamples(NamedTuple):
    """The air at n points; NaN where it is not known.

    Attributes
    ----------
    temperature_k : numpy.ndarray
        Shape (n,) [K].
    relative_humidity : numpy.ndarray
        Over water, shape (n,), 0 to 1.
    cloud_fraction : numpy.ndarray
        Share of the grid box that is in cloud at that height, shape (n,), 0 to 1.
    precipitation_kgm2s : numpy.ndarray
        At the ground under the point, shape (n,) [kg m-2 s-1].
    wind_error_ms : numpy.ndarray
        Standard error of each component of the wind, shape (n,) [m s-1].
    """

    temperature_k: NDArray[np.float64]
    relative_humidity: NDArray[np.float64]
    cloud_fraction: NDArray[np.float64]
    precipitation_kgm2s: NDArray[np.float64]
    wind_error_ms: NDArray[np.float64]


class _Corners(NamedTuple):
    """Eight corners around n points: indices and weights, shape (8, n), and which are inside."""

    member: NDArray[np.intp]
    time: NDArray[np.intp]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    weight: NDArray[np.float64]
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AirField:
    """What a cube knows of the air besides its motion; made by `build_air`.

    Attributes
    ----------
    source : str
        Name of the source, for people.
    time_s : numpy.ndarray
        Shape (time,), ascending [epoch s].
    is_hole : numpy.ndarray
        Shape (time - 1,): whether nothing bridges the gap to the next time.
    steady_s : float
        How long after its time a single time is held steady [s].
    latitude, longitude : numpy.ndarray
        Ascending and evenly spaced [degrees].
    is_global : bool
        Whether the longitudes go all the way round.
    height_m : numpy.ndarray
        Heights of the levels, shape (member, time, level, latitude, longitude) [m, geopotential].
    temperature_k, relative_humidity, cloud_fraction : numpy.ndarray or None
        The same shape [K, 1, 1]; None where the cube has none of it.
    precipitation_kgm2s : numpy.ndarray or None
        Without level [kg m-2 s-1].
    wind_error_ms : numpy.ndarray or None
        The shape of the heights [m s-1].
    """

    source: str
    time_s: NDArray[np.float64] = field(repr=False)
    is_hole: NDArray[np.bool_] = field(repr=False)
    steady_s: float
    latitude: NDArray[np.float64] = field(repr=False)
    longitude: NDArray[np.float64] = field(repr=False)
    is_global: bool
    height_m: FloatArray = field(repr=False)
    temperature_k: FloatArray | None = field(repr=False)
    relative_humidity: FloatArray | None = field(repr=False)
    cloud_fraction: FloatArray | None = field(repr=False)
    precipitation_kgm2s: FloatArray | None = field(repr=False)
    wind_error_ms: FloatArray | None = field(repr=False)

    @property
    def member_count(self) -> int:
        """Number of ensemble members."""
        return int(self.height_m.shape[0])

    @property
    def serves_icing(self) -> bool:
        """Whether cloud and ice can be warned of: temperature with humidity or cloud."""
        return self.temperature_k is not None and (
            self.relative_humidity is not None or self.cloud_fraction is not None
        )

    def sample(
        self,
        member: ArrayLike,
        longitude: ArrayLike,
        latitude: ArrayLike,
        height_m: ArrayLike,
        time_s: ArrayLike,
    ) -> AirSamples:
        """Return the air at points.

        Parameters
        ----------
        member : array_like of int
            Positions on the member axis.
        longitude, latitude : array_like
            Places [degrees]; the longitude is read either way round.
        height_m : array_like
            Geopotential heights above sea level [m].
        time_s : array_like
            Times [epoch s]. All arguments broadcast to n points.

        Returns
        -------
        AirSamples
            Bilinear in longitude and latitude, linear in time and height; NaN where not known.

        Raises
        ------
        WindCoverageError
            If there is no such member.
        """
        m, lon, lat, h, t = _broadcast(member, longitude, latitude, height_m, time_s)
        self._require_members(m)
        result = np.full((5, h.size), np.nan)
        layers = {
            0: self.temperature_k,
            1: self.relative_humidity,
            2: self.cloud_fraction,
            4: self.wind_error_ms,
        }
        for start in range(0, h.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            corners = self._find_corners(m[part], lon[part], lat[part], t[part])
            heights = _mix_columns(self.height_m, corners)
            for row, values in layers.items():
                if values is not None:
                    column = _mix_columns(values, corners)
                    result[row, part] = _interpolate_rows(heights, column, h[part, None])[:, 0]
            if self.precipitation_kgm2s is not None:
                ground = self.precipitation_kgm2s[:, :, None]
                result[3, part] = _mix_columns(ground, corners)[:, 0]
        return AirSamples(*result)

    def temperature_offset_k(
        self,
        longitude: ArrayLike,
        latitude: ArrayLike,
        time_s: ArrayLike,
        h_low_m: ArrayLike,
        h_high_m: ArrayLike,
        member: ArrayLike = 0,
    ) -> NDArray[np.float64]:
        """Return by how much a layer is warmer than the standard atmosphere, on average.

        Parameters
        ----------
        longitude, latitude : array_like
            Places [degrees].
        time_s : array_like
            Times [epoch s].
        h_low_m, h_high_m : array_like
            Lower and upper end of the layer [m, geopotential]; equal ends ask for one height.
        member : array_like of int
            Positions on the member axis. All arguments broadcast to n points.

        Returns
        -------
        numpy.ndarray
            Shape (n,) [K]: the mean over height of T - T_standard, exact for temperatures that
            are linear between the levels. Where the data cover a part of the layer, the mean is
            over that part; NaN if it is less than `COVERED_SHARE` of the layer.

        Raises
        ------
        ArgumentError
            If a layer ends below its start.
        WindCoverageError
            If there is no such member.
        """
        m, lon, lat, t, low, high = _broadcast(
            member, longitude, latitude, time_s, h_low_m, h_high_m
        )
        self._require_members(m)
        if np.any(high < low):
            raise ArgumentError(
                f"the layer from {low[high < low][0]:.0f} m ends below, at "
                f"{high[high < low][0]:.0f} m",
                "give the lower end first",
            )
        result = np.full(low.size, np.nan)
        if self.temperature_k is None:
            return result
        for start in range(0, low.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            corners = self._find_corners(m[part], lon[part], lat[part], t[part])
            heights = _mix_columns(self.height_m, corners)
            kelvin = _mix_columns(self.temperature_k, corners)
            result[part] = _mean_offset(heights, kelvin, low[part], high[part])
        return result

    def _require_members(self, member: NDArray[np.float64]) -> None:
        wrong = ~((member >= 0) & (member < self.member_count))
        if np.any(wrong):
            raise WindCoverageError(
                f"there is no member {member[wrong][0]:g}: {self.source} has {self.member_count}",
                "count members from 0",
            )

    def _find_corners(
        self,
        member: NDArray[np.float64],
        longitude: NDArray[np.float64],
        latitude: NDArray[np.float64],
        time_s: NDArray[np.float64],
    ) -> _Corners:
        """Return the corners around points; those outside get the corners of another place."""
        time, late, in_time = self._find_time(time_s)
        row, north, in_rows = _find_cell(
            (latitude - self.latitude[0]) / self._spacing(self.latitude), self.latitude.size
        )
        spacing = self._spacing(self.longitude)
        off = (longitude - self.longitude[0]) % 360.0
        off = np.where(off > 360.0 - _ROUNDING, 0.0, off)
        columns = self.longitude.size
        column, east, in_columns = _find_cell(off / spacing, columns + int(self.is_global))
        last = self.time_s.size - 1
        corners = [
            (np.minimum(time + a, last), row + b, (column + c) % columns, wt * wy * wx)
            for a, wt in ((0, 1.0 - late), (1, late))
            for b, wy in ((0, 1.0 - north), (1, north))
            for c, wx in ((0, 1.0 - east), (1, east))
        ]
        times, rows, around, weights = (np.stack(axis) for axis in zip(*corners, strict=True))
        return _Corners(
            np.broadcast_to(member.astype(np.intp), times.shape),
            times,
            rows,
            around,
            weights,
            in_time & in_rows & in_columns,
        )

    def _find_time(
        self, time_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
        axis = self.time_s
        if axis.size == 1:
            inside = (time_s >= axis[0]) & (time_s <= axis[0] + self.steady_s)
            return np.zeros(time_s.size, np.intp), np.zeros(time_s.size), inside
        inside = (time_s >= axis[0]) & (time_s <= axis[-1])
        safe = np.where(inside, time_s, axis[0])
        low = np.clip(np.searchsorted(axis, safe, side="right") - 1, 0, axis.size - 2)
        late = (safe - axis[low]) / (axis[low + 1] - axis[low])
        in_hole = self.is_hole[low] & (late > 0.0) & (late < 1.0)
        return low, late, inside & ~in_hole

    @staticmethod
    def _spacing(axis: NDArray[np.float64]) -> float:
        return float((axis[-1] - axis[0]) / (axis.size - 1))


def build_air(
    cube: WindCube, *, steady_hours: float | None = None, max_gap_hours: float = 6.0
) -> AirField | None:
    """Take the temperature, humidity, cloud, rain and error of the wind out of a cube.

    Parameters
    ----------
    cube : WindCube
        The wind.
    steady_hours : float, optional
        How long a single time is held steady [h], as the mission states it for the wind.
    max_gap_hours : float
        A longer gap on the time axis is a hole [h].

    Returns
    -------
    AirField or None
        None if the cube has none of them. The arrays are those of the cube, not copies.
    """
    data = cube.dataset
    temperature, humidity, cloud, rain, wind_error = parts = [
        np.asarray(data[name].values, np.float32) if name in data else None
        for name in (TEMPERATURE, HUMIDITY, CLOUD, PRECIPITATION, WIND_ERROR)
    ]
    if all(part is None for part in parts):
        return None
    times = cube.times_s.astype(np.float64)
    return AirField(
        source=cube.source,
        time_s=times,
        is_hole=np.diff(times) > 3600.0 * max_gap_hours + 1.0,
        steady_s=3600.0 * (steady_hours or 0.0),
        latitude=cube.latitude,
        longitude=cube.longitude,
        is_global=cube.is_global,
        height_m=np.asarray(data[HEIGHT].values, np.float32),
        temperature_k=temperature,
        relative_humidity=humidity,
        cloud_fraction=cloud,
        precipitation_kgm2s=rain,
        wind_error_ms=wind_error,
    )


# --- columns -----------------------------------------------------------------------------------


def _broadcast(*arguments: ArrayLike) -> list[NDArray[np.float64]]:
    arrays = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in arguments))
    return [array.ravel() for array in arrays]


def _find_cell(
    position: NDArray[np.float64], size: int
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the lower node, the weight of the upper one, and whether positions are inside."""
    inside = (position >= -_ROUNDING) & (position <= size - 1 + _ROUNDING)
    safe = np.clip(np.where(inside, position, 0.0), 0.0, size - 1.0)
    low = np.minimum(safe.astype(np.intp), size - 2)
    return low, safe - low, inside


def _mix_columns(values: FloatArray, corners: _Corners) -> NDArray[np.float64]:
    """Return the columns over n points, shape (n, level); NaN outside."""
    total = np.zeros((corners.inside.size, values.shape[2]))
    for m, t, y, x, weight in zip(*corners[:5], strict=True):
        if weight.any():
            part = weight[:, None] * values[m, t, :, y, x]
            # a corner of no weight may hold no value
            total += np.where(weight[:, None] > 0.0, part, 0.0)
    total[~corners.inside] = np.nan
    return total


def _interpolate_rows(
    heights: NDArray[np.float64], values: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate each row of values, shape (n, level), at its heights, shape (n, q)."""
    levels = heights.shape[1]
    below = np.count_nonzero(heights[:, None, :] <= at[:, :, None], axis=2) - 1
    low = np.clip(below, 0, levels - 2)
    bottom, top = (np.take_along_axis(heights, low + i, axis=1) for i in (0, 1))
    first, second = (np.take_along_axis(values, low + i, axis=1) for i in (0, 1))
    with np.errstate(invalid="ignore"):
        weight = (at - bottom) / (top - bottom)
        mixed = np.where(
            weight == 0.0,
            first,
            np.where(weight == 1.0, second, (1.0 - weight) * first + weight * second),
        )
        inside = (weight >= 0.0) & (weight <= 1.0)
    return np.where(inside, mixed, np.nan)


def _mean_offset(
    heights: NDArray[np.float64],
    kelvin: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the mean of T - T_standard over layers, by trapezoids between all the bends."""
    start = np.maximum(low, heights[:, 0])
    end = np.minimum(high, heights[:, -1])
    known = np.isfinite(kelvin).all(axis=1) & (end >= start)
    known &= end - start >= COVERED_SHARE * (high - low)
    start, end = (np.where(known, h, heights[:, 0]) for h in (start, end))
    bends = np.broadcast_to(LAYER_BASE_M, (low.size, LAYER_BASE_M.size))
    nodes = np.concatenate([start[:, None], heights, bends, end[:, None]], axis=1)
    nodes = np.sort(np.clip(nodes, start[:, None], end[:, None]), axis=1)
    offset = _interpolate_rows(heights, kelvin, nodes) - temperature_k(nodes)
    depth = end - start
    with np.errstate(invalid="ignore"):
        total = np.sum(0.5 * (offset[:, 1:] + offset[:, :-1]) * np.diff(nodes, axis=1), axis=1)
        mean = np.where(depth > 0.0, total / np.where(depth > 0.0, depth, 1.0), offset[:, 0])
    return np.where(known, mean, np.nan)
