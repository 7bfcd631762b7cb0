"""Fly profiles as the landing predictor Tawhiri does, on the source's own pressure levels.

The wind is summed with eight weights in time, latitude and longitude, level by level, and is
linear in the height of the levels; an altitude is taken for a geopotential height. Steps are 60 s
of classical RK4 on a sphere of 6,371,009 m plus the altitude, and the last point of a stage is the
last midpoint of a bisection to 0.01 of a step. Two things differ from the peer, which goes on
beyond its data: above the top of the data a flight stops, and below the lowest level its wind is
held, and counted.

References
----------
cuspaceflight/tawhiri 668b44e: ``interpolate.pyx``, ``models.py``, ``solver.pyx``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import SingleTimeError, WindValueError
from downwind.sim.profile import (
    ProfileArrays,
    Profiles,
    VerticalLaw,
    blank_results,
    check_direction,
    make_results,
    vertical_rate_ms,
)
from downwind.sim.profile.tawhiri import _kernels, kernels
from downwind.times import format_utc
from downwind.wind.grid import DEFAULT_GAP_HOURS

if TYPE_CHECKING:
    from downwind.wind.cube import WindCube

STEP_S: Final = 60.0
"""Tawhiri's step [s]."""


class BelowLevels(IntEnum):
    """The wind under the lowest level: that level's, its trend down to the ground, or its trend.

    ``EXTRAPOLATE`` is what the peer does, without bound.
    """

    HOLD = _kernels.HOLD
    TO_GROUND = _kernels.TO_GROUND
    EXTRAPOLATE = _kernels.EXTRAPOLATE


@dataclass(frozen=True, slots=True)
class LevelGrid:
    """Wind on the levels of its source, as the kernels read it; made by the functions below."""

    arrays: _kernels.LevelArrays
    member_count: int

    @property
    def start_s(self) -> float:
        """First time of the data [epoch s]."""
        return float(self.arrays.time_s[0])

    @property
    def end_s(self) -> float:
        """Last time of the data [epoch s]."""
        return float(self.arrays.time_s[-1])


@dataclass(frozen=True, slots=True)
class PeerFlights:
    """Flights flown as Tawhiri does.

    Attributes
    ----------
    profiles : Profiles
        Ends and reasons; the track has a row for the start and for every step.
    row : numpy.ndarray
        The row of the track that holds each stage's last point, shape (n, stages); -1 for stages
        not reached. The next stage begins with the same point.
    held : numpy.ndarray
        How often each flight asked for a wind below the lowest level, shape (n,).
    """

    profiles: Profiles
    row: NDArray[np.int64]
    held: NDArray[np.int64]


def make_level_grid(
    field: NDArray[np.floating],
    time_s: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
    terrain_m: ArrayLike = 0.0,
    below: BelowLevels = BelowLevels.TO_GROUND,
    max_gap_hours: float = DEFAULT_GAP_HOURS,
) -> LevelGrid:
    """Lay out wind on levels.

    Parameters
    ----------
    field : numpy.ndarray
        Shape (member, time, level, 3, latitude, longitude), or without the member: height [m],
        eastward and northward wind [m s-1], levels from the ground upward.
    time_s : array_like
        Ascending, at least two [epoch s].
    latitude, longitude : array_like
        Evenly spaced [degrees]; latitude either way up, longitude ascending, read modulo 360.
        Longitudes that go all the way round are closed.
    terrain_m : array_like
        Height of the ground, a number or shape (latitude, longitude) [m].
    below : BelowLevels
        The wind under the lowest level.
    max_gap_hours : float
        A longer gap on the time axis is a hole [h].

    Raises
    ------
    SingleTimeError
        If there is one time only.
    WindValueError
        If heights do not rise with the levels, or a value is no number.
    """
    data = np.asarray(field, np.float32)
    data = data[None] if data.ndim == 5 else data
    times = np.ascontiguousarray(time_s, np.float64)
    lats, lons = np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    terrain = np.broadcast_to(np.asarray(terrain_m, np.float32), (lats.size, lons.size))
    if times.size < 2:
        raise SingleTimeError(
            f"the wind holds one time only, {format_utc(times[0])}, and wind changes",
            "bring files for more hours",
        )
    if lats[0] > lats[-1]:
        data, lats, terrain = data[..., ::-1, :], lats[::-1], terrain[::-1]
    spacing = (lons[-1] - lons[0]) / (lons.size - 1)
    is_global = bool(abs(lons.size * spacing - 360.0) < 1e-3 * spacing)
    if is_global:
        data = np.concatenate([data, data[..., :1]], axis=-1)
        terrain = np.concatenate([terrain, terrain[:, :1]], axis=1)
        lons = np.append(lons, lons[0] + 360.0)
    if not np.isfinite(data).all() or bool((np.diff(data[:, :, :, 0], axis=2) <= 0.0).any()):
        raise WindValueError(
            "the heights of the levels do not rise, or a value is not a number",
            "give the levels from the ground upward, and every value",
        )
    members, count, levels = data.shape[:3]
    flat = np.zeros(data.size + _kernels.PADDING, np.float32)
    shaped = flat[: data.size].reshape(members, count, lats.size, lons.size, levels, 3)
    shaped[...] = data.transpose(0, 1, 4, 5, 2, 3)
    arrays = _kernels.LevelArrays(
        field=flat,
        times=count,
        latitudes=lats.size,
        longitudes=lons.size,
        levels=levels,
        time_s=times,
        is_hole=np.diff(times) > 3600.0 * max_gap_hours + 1.0,
        latitude0=float(lats[0]),
        per_latitude=float((lats.size - 1) / (lats[-1] - lats[0])),
        longitude0=float(lons[0]),
        per_longitude=float((lons.size - 1) / (lons[-1] - lons[0])),
        is_global=is_global,
        below=int(below),
        lowest_top_m=float(data[:, :, -1, 0].min()),
        terrain_m=np.ascontiguousarray(terrain, np.float32),
        highest_terrain_m=float(terrain.max()),
        drag=_drag_table(),
    )
    return LevelGrid(arrays, members)


def level_grid_of(
    cube: WindCube, terrain_m: ArrayLike | None = None, below: BelowLevels = BelowLevels.TO_GROUND
) -> LevelGrid:
    """Lay out a cube; without ``terrain_m`` [m] the ground is the cube's, or else the sea."""
    data = cube.dataset
    names = ("geopotential_height", "eastward_wind", "northward_wind")
    field = np.stack([data[name].values for name in names], axis=3)
    if terrain_m is None:
        terrain_m = data["surface_altitude"].values if cube.has_terrain else 0.0
    return make_level_grid(field, cube.times_s, cube.latitude, cube.longitude, terrain_m, below)


def fly_as_tawhiri(
    grid: LevelGrid,
    profiles: ProfileArrays,
    step_s: ArrayLike = STEP_S,
    direction: int = 1,
    record: bool = False,
) -> PeerFlights:
    """Fly profiles as Tawhiri does.

    Parameters
    ----------
    grid : LevelGrid
    profiles : ProfileArrays
        ``height_m`` and limits of height are altitudes [m]. In this way of flying there is no
        vertical wind, a stage of time ends past its limit, and only what goes down meets the
        ground.
    step_s : array_like
        Step of each stage, a number, shape (stages,) or shape (k, stages) [s].
    direction : int
        1 forward in time, -1 backward.
    record : bool
        Whether to keep the tracks.

    Raises
    ------
    ArgumentError
        If the direction is neither 1 nor -1.
    """
    check_direction(direction)
    steps = np.asarray(step_s, np.float64)
    if steps.ndim < 2:
        steps = np.broadcast_to(steps, (1, profiles.law.shape[1]))
    steps = np.ascontiguousarray(steps)
    ends, reason, held, track = _fly(grid, profiles, steps, direction, 0)
    if record and reason.size:
        rows = int(np.nanmax(ends[:, :, 4])) + 1
        ends, reason, held, track = _fly(grid, profiles, steps, direction, rows)
    rows_of = np.where(reason > 0, np.nan_to_num(ends[:, :, 4]), -1.0).astype(np.int64)
    flown = make_results(ends, reason, track)
    return PeerFlights(flown, rows_of, held)


def wind_as_tawhiri(
    grid: LevelGrid,
    time_s: ArrayLike,
    latitude: ArrayLike,
    longitude: ArrayLike,
    altitude_m: ArrayLike,
    member: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return eastward and northward wind [m s-1] at points inside the data.

    The arguments have shape (n,) or are numbers: epoch s, degrees, and m of altitude.
    """
    columns = (time_s, latitude, longitude, altitude_m)
    points = np.broadcast_arrays(*(np.atleast_1d(np.asarray(a, np.float64)) for a in columns))
    t, lat, lng, altitude = (np.ascontiguousarray(a) for a in points)
    west = grid.arrays.longitude0
    lng = west + (lng - west) % 360.0
    out = np.empty((t.size, 3))
    _kernels.winds_at(grid.arrays, member, t, lat, lng, altitude, out)
    return out[:, 0], out[:, 1]


def degree_rates(
    u_ms: float, v_ms: float, latitude: float, altitude_m: float
) -> tuple[float, float]:
    """Return dlat/dt and dlng/dt [degrees s-1] of a wind [m s-1] on Tawhiri's sphere."""
    dlat, dlng = _kernels.degree_rates(u_ms, v_ms, latitude, altitude_m)
    return float(dlat), float(dlng)


def _fly(
    grid: LevelGrid,
    profiles: ProfileArrays,
    steps: NDArray[np.float64],
    direction: int,
    rows: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    ends, reason, track = blank_results(profiles, rows)
    held = np.zeros(reason.shape[0], np.int64)
    if reason.size:
        kernels.fly_levels(
            grid.arrays, profiles, steps, float(direction), ends, reason, held, track
        )
    return ends, reason, held, track


def _drag_table() -> NDArray[np.float64]:
    """Return the quadratics of ``kernels.tawhiri_thinning``, fitted at Chebyshev nodes."""
    at = 0.5 * (1.0 - np.cos(np.pi * (np.arange(3) + 0.5) / 3.0))
    cells = np.arange(_kernels.TABLE_CELLS)[:, None]
    heights = _kernels.TABLE_BOTTOM_M + _kernels.CELL_M * (cells + at)
    values = -vertical_rate_ms(VerticalLaw.TAWHIRI_DESCENT, heights, 1.0)
    table: NDArray[np.float64] = np.ascontiguousarray(
        values @ np.linalg.inv(np.vander(at, increasing=True)).T
    )
    return table
