"""Lay a wind cube out for the kernels: float32, on a height grid, with the ground under it.

What a cube lacks is bridged only where the mission asks for it, and every bridge is named in
``WindGrid.bridges``, which all outputs print after the warnings of the cube: a single time held
steady, a longer gap on the time axis, a logarithmic surface profile, a stated ground.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import SingleTimeError, SurfaceWindError, WindCoverageError
from downwind.times import datetime64_to_epoch, format_utc
from downwind.wind._parts import WindPart, member_weights
from downwind.wind.air import AirField, build_air
from downwind.wind.cube import TERRAIN, WindCube
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.ground import TerrainOptions, lay_ground, shift_levels
from downwind.wind.kernels import GridArrays, resample_columns
from downwind.wind.packed import PackedArrays, pack_grid, why_not_packable
from downwind.wind.perturbation.account import ErrorAccount

DEFAULT_GAP_HOURS: Final = 6.0
"""A longer gap on the time axis is a hole [h], unless the mission declares more (up to 12)."""

LONGEST_GAP_HOURS: Final = 12.0
"""Longest gap on the time axis that a mission may declare bridged [h]."""

ROUGHNESS_M: Final = 0.1
"""Roughness length of the bridging surface profile [m]: open farmland."""

_SPACING: Final = ((6_000.0, 100.0), (12_000.0, 200.0), (math.inf, 500.0))
"""Spacing of the height grid up to each height [m], where level heights vary by place."""


@dataclass(frozen=True, slots=True)
class WindOptions:
    """What a mission states about its wind and its ground."""

    steady_hours: float | None = None
    max_gap_hours: float = DEFAULT_GAP_HOURS
    surface: str | None = None
    terrain_constant_m: float | None = None
    terrain_files: tuple[Path, ...] = ()
    terrain_nodata: float | str | None = None
    terrain_lowest_m: float | None = None

    @property
    def terrain(self) -> TerrainOptions:
        """What is stated about the ground."""
        nodata = self.terrain_nodata
        return TerrainOptions(
            self.terrain_constant_m,
            self.terrain_files,
            None if isinstance(nodata, str) else nodata,
            nodata == "model",
            self.terrain_lowest_m,
        )


@dataclass(frozen=True, slots=True)
class WindGrid:
    """The wind and the ground as the kernels read them, and where and when they are valid.

    Attributes
    ----------
    arrays : GridArrays
        What goes into compiled code.
    source, digest, files, nature : str
        Where the wind comes from, as in the cube.
    reference_time_s : int or None
        Time of the forecast run [epoch s].
    bridges : tuple of str
        The warnings of the cube, and what was asked for to bridge a lack; printed on every output.
    warnings : tuple of str
        Those of the bridges that are warnings of the cube.
    notes : tuple of str
        What the reader of the file had to decide.
    has_vertical_wind : bool
        Whether the source has vertical motion; without it, it is 0.
    terrain_source : str
        Where the height of the ground comes from.
    air : AirField or None
        Temperature, humidity, cloud and rain of the same box, times and members; None where the
        source has none of them.
    packed : PackedArrays or None
        The same wind for the block kernel; None where it cannot be packed.
    unpacked_reason : str
        Why it cannot.
    stored_as : str
        Id in the store of winds; empty for what was read from files.
    weights : tuple of float or None
        Weights of the winds of the data, which add up to 1; None where all weigh the same.
    error : ErrorAccount or None
        What was decided about the error of this wind; None before that.
    parts : tuple of WindPart
        The sources of those winds.
    """

    arrays: GridArrays
    source: str
    digest: str
    files: str
    nature: str
    reference_time_s: int | None
    bridges: tuple[str, ...]
    notes: tuple[str, ...]
    has_vertical_wind: bool
    terrain_source: str
    air: AirField | None = field(default=None, repr=False, compare=False)
    stored_as: str = ""
    warnings: tuple[str, ...] = ()
    packed: PackedArrays | None = field(init=False, repr=False, compare=False)
    unpacked_reason: str = field(init=False, repr=False, compare=False)
    weights: tuple[float, ...] | None = None
    error: ErrorAccount | None = field(default=None, repr=False, compare=False)
    parts: tuple[WindPart, ...] = ()

    def __post_init__(self) -> None:
        reason = why_not_packable(self.arrays)
        packed = pack_grid(self.arrays) if reason is None else None
        object.__setattr__(self, "packed", packed)
        object.__setattr__(self, "unpacked_reason", reason or "")
        self._share_air()

    def with_members(self, arrays: GridArrays) -> WindGrid:
        """Return this wind with other members: the same data, flown by other rules.

        Parameters
        ----------
        arrays : GridArrays
            Those of this grid with another ``base`` and other errors; nothing is packed again.
        """
        assert arrays.wind is self.arrays.wind, "the data stay the same"
        other = copy.copy(self)
        object.__setattr__(other, "arrays", arrays)
        other._share_air()
        return other

    def without_error(self) -> WindGrid:
        """Return the same members, each in the wind of the data as it is."""
        return self.with_members(self.arrays._replace(has_error=False))

    def with_account(self, error: ErrorAccount | None) -> WindGrid:
        """Return this wind with what was decided about its error; nothing is packed again."""
        other = copy.copy(self)
        object.__setattr__(other, "error", error)
        return other

    def _share_air(self) -> None:
        """Let each member find the air of the wind that it flies in."""
        if self.air is None:
            return
        base = self.arrays.base
        own = None if np.array_equal(base, np.arange(self.base_count)) else base
        if self.air.base is not own:
            object.__setattr__(self, "air", replace(self.air, base=own))

    @property
    def start_s(self) -> float:
        """First time of the data [epoch s]."""
        return float(self.arrays.time_s[0])

    @property
    def end_s(self) -> float:
        """Last time of the data [epoch s]."""
        return float(self.arrays.time_s[-1])

    @property
    def top_m(self) -> float:
        """Greatest height of the data [m, geopotential]."""
        return float(self.arrays.height_m[-1])

    @property
    def member_count(self) -> int:
        """Number of members that can be flown: winds of the data, each with its own error."""
        return int(self.arrays.base.size)

    @property
    def base_count(self) -> int:
        """Number of winds in the data: the members of an ensemble, or 1."""
        return int(self.arrays.wind.shape[0])

    @property
    def base(self) -> NDArray[np.int32]:
        """Wind of the data that each member flies in, shape (member_count,)."""
        return self.arrays.base

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north [degrees]; east may pass 180."""
        a = self.arrays
        ny, nx = a.terrain_m.shape
        east = a.longitude0 + (nx - 1) / a.per_longitude
        return a.longitude0, a.latitude0, east, a.latitude0 + (ny - 1) / a.per_latitude

    @property
    def holes(self) -> tuple[tuple[float, float], ...]:
        """Gaps on the time axis that nothing bridges, as (start, end) [epoch s]."""
        t = self.arrays.time_s
        return tuple((float(t[i]), float(t[i + 1])) for i in np.flatnonzero(self.arrays.is_hole))

    def require_place(self, longitude: float, latitude: float, what: str) -> None:
        """Raise WindCoverageError unless a place lies inside the box."""
        west, south, east, north = self.box
        off = (longitude - west) % 360.0
        if not (south <= latitude <= north and off <= east - west + 1e-9):
            raise WindCoverageError(
                f"{what} at {latitude:.3f} N {longitude:.3f} E lies outside {self.source}, which "
                f"covers {south:g} to {north:g} N and {west:g} to {east:g} E",
                "use a wind file whose box holds the site with some 200 km to spare",
            )

    def require_time(self, start_s: float, end_s: float, what: str) -> None:
        """Raise WindCoverageError unless a span of time lies inside the data and outside holes."""
        if start_s < self.start_s or end_s > self.end_s:
            raise WindCoverageError(
                f"{what} needs {format_utc(start_s)} to {format_utc(end_s)}, but {self.source} "
                f"covers {format_utc(self.start_s)} to {format_utc(self.end_s)}",
                "choose launch times inside the data, or bring a wind file that reaches further",
            )
        for hole_start, hole_end in self.holes:
            if start_s < hole_end and end_s > hole_start:
                raise WindCoverageError(
                    f"{what} needs {format_utc(start_s)} to {format_utc(end_s)}, but {self.source}"
                    f" has no wind between {format_utc(hole_start)} and {format_utc(hole_end)}",
                    "choose other launch times"
                    + (
                        ", or declare the gap with wind.max_gap_hours"
                        if hole_end - hole_start <= 3600.0 * LONGEST_GAP_HOURS
                        else f"; a gap of more than {LONGEST_GAP_HOURS:g} h is not bridged"
                    ),
                )

    def require_height(self, h_m: float, what: str) -> None:
        """Raise WindCoverageError unless the data reach a height [m]."""
        if h_m > self.top_m:
            raise WindCoverageError(
                f"{what} reaches {h_m:.0f} m, but {self.source} ends at {self.top_m:.0f} m",
                "use a wind file with higher levels (lower pressures)",
            )


def build_grid(
    cube: WindCube,
    options: WindOptions,
    around: tuple[float, float, float] | None = None,
    member_limit: int | None = None,
) -> WindGrid:
    """Lay a cube out on a height grid.

    Parameters
    ----------
    cube : WindCube
        A validated cube.
    options : WindOptions
        What the mission asks for to bridge a lack.
    around : tuple of float, optional
        Longitude, latitude [degrees] and reach [m]: keep only the columns within reach.
    member_limit : int, optional
        Keep only the first members.

    Returns
    -------
    WindGrid

    Raises
    ------
    SingleTimeError
        If there is one time only and ``steady_hours`` is not given.
    SurfaceWindError
        If the lowest level lies above the ground somewhere and nothing bridges the gap.
    TerrainError
        If the cube has no terrain and no constant is given.
    """
    data = cube.dataset
    bridges: list[str] = list(cube.warnings)
    sources = cube.parts
    if member_limit is not None:
        data = data.isel(realization=slice(0, member_limit))
        if data.sizes["realization"] < cube.member_count:
            sources = ()
    if around is not None:
        data = _crop(data, *around)
    times = datetime64_to_epoch(data["time"].values).astype(np.float64)
    if times.size == 1 and options.steady_hours is None:
        raise SingleTimeError(
            f"{cube.source} holds one time only, {format_utc(times[0])}, and wind changes",
            "bring files for more hours, or accept a steady wind in the mission with "
            "wind.steady_hours = 12 (it is named on every output)",
        )
    latitude, longitude = data["latitude"].values, data["longitude"].values
    height = np.asarray(data["geopotential_height"].values, np.float32)
    u = np.asarray(data["eastward_wind"].values, np.float32)
    v = np.asarray(data["northward_wind"].values, np.float32)
    has_up = "upward_air_velocity" in data
    fields = [u, v]
    if has_up:
        fields.append(np.nan_to_num(data["upward_air_velocity"].values).astype(np.float32))
    wind = np.stack(fields, axis=2)  # member, time, component, level, y, x
    surface = None
    if "eastward_wind_10m" in data:
        surface = np.stack(
            [data["eastward_wind_10m"].values, data["northward_wind_10m"].values], axis=2
        ).astype(np.float32)
    model_m = np.asarray(data[TERRAIN].values, np.float32) if TERRAIN in data else None
    if _is_global(longitude):
        longitude = np.append(longitude, longitude[0] + 360.0)
        height, wind = (np.concatenate([x, x[..., :1]], -1) for x in (height, wind))
        surface, model_m = (
            None if x is None else np.concatenate([x, x[..., :1]], -1) for x in (surface, model_m)
        )
    ground = lay_ground(model_m, longitude, latitude, options.terrain, cube.source)
    bridges += ground.bridges
    terrain = ground.height_m
    if model_m is not None and ground.shift_m is not None:
        height = shift_levels(height, model_m, ground.shift_m)
    _check_surface(height, terrain, surface is not None, options, cube.source, bridges)
    targets = _target_heights(height, ground.lowest_m, surface is not None)
    members, steps = height.shape[:2]
    parts = 3 if has_up else 2
    out = np.empty((members, steps, targets.size, *terrain.shape, parts), np.float32)
    nothing = np.zeros((2, *terrain.shape), np.float32)
    terrain = _lay_flat(terrain)
    for m in range(members):
        for t in range(steps):
            resample_columns(
                _lay_flat(height[m, t]),
                _lay_flat(wind[m, t]),
                terrain,
                nothing if surface is None else _lay_flat(surface[m, t]),
                surface is not None,
                ROUGHNESS_M,
                targets,
                out[m, t],
            )
    if times.size == 1:
        hours = float(options.steady_hours or 0.0)
        times = np.array([times[0], times[0] + 3600.0 * hours])
        out = np.concatenate([out, out], axis=1)
        bridges.append(
            f"one time, {format_utc(times[0])}, held steady for {hours:g} h (wind.steady_hours)"
        )
        holes = np.zeros(1, bool)
    else:
        gaps = np.diff(times)
        holes = gaps > 3600.0 * options.max_gap_hours + 1.0
        if options.max_gap_hours > DEFAULT_GAP_HOURS and np.any(
            (gaps > 3600.0 * DEFAULT_GAP_HOURS + 1.0) & ~holes
        ):
            bridges.append(
                f"gaps of up to {options.max_gap_hours:g} h on the time axis bridged linearly "
                "(wind.max_gap_hours)"
            )
    notes = cube.notes
    notes = (*notes, *ground.notes)
    if has_up and bool(np.isnan(data["upward_air_velocity"].values).any()):
        notes = (*notes, "vertical wind is missing on some levels and taken as 0 there")
    return WindGrid(
        arrays=make_grid_arrays(
            out, times, holes, targets, latitude, longitude, terrain, ground.pages
        ),
        source=cube.source,
        digest=cube.digest,
        files=cube.files,
        nature=cube.nature,
        reference_time_s=cube.reference_time_s,
        bridges=tuple(bridges),
        notes=notes,
        has_vertical_wind=has_up,
        terrain_source=ground.source,
        stored_as=cube.stored_as,
        warnings=cube.warnings,
        weights=member_weights(sources) if len(sources) > 1 else None,
        parts=sources,
        air=build_air(
            WindCube(data),
            steady_hours=options.steady_hours,
            max_gap_hours=options.max_gap_hours,
        ),
    )


def _is_global(longitude: NDArray[np.floating]) -> bool:
    spacing = float(longitude[1] - longitude[0])
    return abs(longitude.size * spacing - 360.0) < 1e-3 * spacing + 1e-6


def _crop(data, longitude: float, latitude: float, reach_m: float):  # type: ignore[no-untyped-def]
    reach_deg = math.degrees(reach_m / EARTH_RADIUS_M)
    lats, lons = data["latitude"].values, data["longitude"].values
    step = float(lats[1] - lats[0])
    keep = np.flatnonzero(np.abs(lats - latitude) <= reach_deg + step)
    pole = abs(latitude) + reach_deg + step >= 89.0
    if keep.size < 2:
        return data
    data = data.isel(latitude=slice(int(keep[0]), int(keep[-1]) + 1))
    step = float(lons[1] - lons[0])
    reach_lon = 180.0 if pole else reach_deg / math.cos(math.radians(abs(latitude) + reach_deg))
    offset = (lons - longitude + 180.0) % 360.0 - 180.0
    keep = np.flatnonzero(np.abs(offset) <= reach_lon + step)
    contiguous = keep.size >= 2 and keep[-1] - keep[0] + 1 == keep.size
    if pole or not contiguous:
        return data
    return data.isel(longitude=slice(int(keep[0]), int(keep[-1]) + 1))


def _check_surface(
    height: NDArray[np.float32],
    terrain: NDArray[np.float32],
    has_surface: bool,
    options: WindOptions,
    source: str,
    bridges: list[str],
) -> None:
    gap = float((height[:, :, 0] - terrain).max())
    if has_surface or gap <= 0.0:
        return
    if options.surface != "log":
        raise SurfaceWindError(
            f"the lowest level of {source} lies up to {gap:.0f} m above the ground, and there is "
            "no 10 m wind",
            'bring a file with 10 m wind, or accept a log profile with wind.surface = "log"',
        )
    bridges.append(
        f"logarithmic wind profile below the lowest level, up to {gap:.0f} m above the ground, "
        f"roughness {ROUGHNESS_M:g} m (wind.surface)"
    )


def _lay_flat(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values as one writable block, so that the kernel is compiled for one layout only."""
    return np.require(values, np.float32, ["C", "W"])


def _target_heights(
    height: NDArray[np.float32], low: float, has_surface: bool
) -> NDArray[np.float64]:
    """Return the level heights where they are the same everywhere, else an even grid."""
    top = float(height[:, :, -1].min())
    level = height[0, 0, :, 0, 0].astype(np.float64)
    same = bool(np.all(height == height[:1, :1, :, :1, :1]))
    if same and not has_surface and level[0] <= low:
        return level
    nodes = [100.0 * math.floor(low / 100.0)]
    for limit, spacing in _SPACING:
        while nodes[-1] < min(limit, top):
            nodes.append(nodes[-1] + spacing)
    grid = np.array([h for h in nodes if h < top - 1.0] + [top])
    return np.union1d(grid, level[level < top]) if same else grid
