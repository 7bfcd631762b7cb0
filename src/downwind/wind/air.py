"""The air besides its motion: along a path, and at the ground.

Temperature, humidity, cloud and rain warn of ice and say what a timer feels; wind and gust at
10 m, and the depth and friction of the boundary layer, say what a launch meets. How wrong the wind
is stands beside them where its source says so.

The fields stay on the levels of the cube, float32, and are looked up by the plain rule: every
level is interpolated first, linearly in time, latitude and longitude, then the column linearly in
height. Nothing is extrapolated or filled in: outside the data, in a hole on the time axis, and
beside a value that is missing, the answer is NaN. Few thousand points are asked for, so this is
NumPy and no kernel.

All heights are geopotential metres above sea level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError, WindCoverageError
from downwind.wind._corners import (
    COVERED_SHARE,
    ROUNDING,
    Corners,
    FloatArray,
    broadcast,
    find_cell,
    interpolate_rows,
    mean_offset,
    mix_columns,
)
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD,
    CLOUD_COVER,
    EAST_10M,
    FRICTION_VELOCITY,
    GUST,
    HEIGHT,
    HUMIDITY,
    NORTH_10M,
    PRECIPITATION,
    TEMPERATURE,
    WIND_ERROR,
)

if TYPE_CHECKING:
    from downwind.wind.cube import WindCube

__all__ = ["COVERED_SHARE", "AirField", "AirSamples", "GroundSamples", "build_air"]

_GROUND: Final = (
    EAST_10M, NORTH_10M, GUST, CLOUD_COVER, PRECIPITATION, BOUNDARY_LAYER, FRICTION_VELOCITY,
)  # fmt: skip
"""The variables at the ground, in the order of ``GroundSamples``."""

_BLOCK: Final = 1024


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


class GroundSamples(NamedTuple):
    """The air at the ground under n places; arrays of shape (n,), NaN where it is not known.

    Attributes
    ----------
    east_10m_ms, north_10m_ms : numpy.ndarray
        Wind at 10 m above ground [m s-1].
    gust_ms : numpy.ndarray
        [m s-1].
    cloud_cover : numpy.ndarray
        Share of the sky, 0 to 1.
    precipitation_kgm2s : numpy.ndarray
        [kg m-2 s-1].
    boundary_layer_m : numpy.ndarray
        Depth of the boundary layer [m].
    friction_velocity_ms : numpy.ndarray
        [m s-1].
    """

    east_10m_ms: NDArray[np.float64]
    north_10m_ms: NDArray[np.float64]
    gust_ms: NDArray[np.float64]
    cloud_cover: NDArray[np.float64]
    precipitation_kgm2s: NDArray[np.float64]
    boundary_layer_m: NDArray[np.float64]
    friction_velocity_ms: NDArray[np.float64]


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
    wind_error_ms : numpy.ndarray or None
        The shape of the heights [m s-1].
    ground : mapping
        Those of the variables at the ground that the cube has, by their names in the contract,
        without level.
    base : numpy.ndarray or None
        Member of the fields that each member is looked up in, shape (members,); None where the
        members are those of the fields. `WindGrid` sets it to its own.
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
    wind_error_ms: FloatArray | None = field(repr=False)
    ground: Mapping[str, FloatArray] = field(repr=False)
    base: NDArray[np.int32] | None = field(default=None, repr=False)

    @property
    def member_count(self) -> int:
        """Number of members that can be asked for."""
        return int(self.height_m.shape[0] if self.base is None else self.base.size)

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
        m, lon, lat, h, t = broadcast(member, longitude, latitude, height_m, time_s)
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
            heights = mix_columns(self.height_m, corners)
            for row, values in layers.items():
                if values is not None:
                    column = mix_columns(values, corners)
                    result[row, part] = interpolate_rows(heights, column, h[part, None])[:, 0]
            if PRECIPITATION in self.ground:
                rain = self.ground[PRECIPITATION][:, :, None]
                result[3, part] = mix_columns(rain, corners)[:, 0]
        return AirSamples(*result)

    def sample_ground(
        self, member: ArrayLike, longitude: ArrayLike, latitude: ArrayLike, time_s: ArrayLike
    ) -> GroundSamples:
        """Return the air at the ground.

        Parameters
        ----------
        member : array_like of int
            Positions on the member axis.
        longitude, latitude : array_like
            Places [degrees].
        time_s : array_like
            Times [epoch s]. All arguments broadcast to n points.

        Returns
        -------
        GroundSamples
            Bilinear in longitude and latitude, linear in time; NaN where not known.

        Raises
        ------
        WindCoverageError
            If there is no such member.
        """
        m, lon, lat, t = broadcast(member, longitude, latitude, time_s)
        self._require_members(m)
        result = np.full((len(_GROUND), t.size), np.nan)
        for start in range(0, t.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            corners = self._find_corners(m[part], lon[part], lat[part], t[part])
            for row, name in enumerate(_GROUND):
                if name in self.ground:
                    result[row, part] = mix_columns(self.ground[name][:, :, None], corners)[:, 0]
        return GroundSamples(*result)

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
        m, lon, lat, t, low, high = broadcast(
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
            heights = mix_columns(self.height_m, corners)
            kelvin = mix_columns(self.temperature_k, corners)
            result[part] = mean_offset(heights, kelvin, low[part], high[part])
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
    ) -> Corners:
        """Return the corners around points; those outside get the corners of another place."""
        time, late, in_time = self._find_time(time_s)
        row, north, in_rows = find_cell(
            (latitude - self.latitude[0]) / self._spacing(self.latitude), self.latitude.size
        )
        spacing = self._spacing(self.longitude)
        off = (longitude - self.longitude[0]) % 360.0
        off = np.where(off > 360.0 - ROUNDING, 0.0, off)
        columns = self.longitude.size
        column, east, in_columns = find_cell(off / spacing, columns + int(self.is_global))
        last = self.time_s.size - 1
        corners = [
            (np.minimum(time + a, last), row + b, (column + c) % columns, wt * wy * wx)
            for a, wt in ((0, 1.0 - late), (1, late))
            for b, wy in ((0, 1.0 - north), (1, north))
            for c, wx in ((0, 1.0 - east), (1, east))
        ]
        times, rows, around, weights = (np.stack(axis) for axis in zip(*corners, strict=True))
        index = member.astype(np.intp)
        return Corners(
            np.broadcast_to(index if self.base is None else self.base[index], times.shape),
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
    """Take out of a cube what it knows of the air besides its motion.

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
    temperature, humidity, cloud, wind_error = layers = [
        np.asarray(data[name].values, np.float32) if name in data else None
        for name in (TEMPERATURE, HUMIDITY, CLOUD, WIND_ERROR)
    ]
    ground = {name: np.asarray(data[name].values, np.float32) for name in _GROUND if name in data}
    if all(layer is None for layer in layers) and not ground:
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
        wind_error_ms=wind_error,
        ground=ground,
    )
