"""The error of a forecast as a random field, and the correction of the field by observations.

The error has a large part and one that the grid does not resolve, each with its own size and reach.
Both are carried along: at another time the same error stands where the air has moved to. A field of
corrections is the covariance of the error there and at the observations, times weights.

References
----------
Daley, Atmospheric Data Analysis, 1991, chapters 3 to 5: statistical interpolation.
PHYSICS 5: sizes and scales of forecast error, correlation in the moving frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from downwind.atmosphere import pressure_pa
from downwind.constants import EARTH_RADIUS_M
from downwind.errors import WindCoverageError
from downwind.wind.cube import (
    EAST,
    EAST_10M,
    HEIGHT,
    NORTH,
    NORTH_10M,
    TERRAIN,
    WIND_ERROR,
    WindCube,
    interpolate_wind,
)
from downwind.wind.error import (
    ANALYSIS_LEAD_H,
    LARGE,
    UNRESOLVED,
    Scales,
    forecast_sigma_ms,
    unresolved_sigma_ms,
)

FloatArray = NDArray[np.float64]

PARTS: Final[tuple[Scales, ...]] = (LARGE, UNRESOLVED)
"""The parts of the error, in the order of `ForecastError.split`."""

STEERING_M: Final = (3_000.0, 4_000.0, 5_000.0, 5_600.0)
"""Heights whose mean wind carries the errors along, about 700 to 500 hPa [m]."""

REACH: Final = 4.0
"""A correction ends at so many lengths, where it is 0.03 % [-]."""

LONGEST: Final = 8.0
"""A correction ends after so many times of its part, where it is 0.03 % [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """The levels of all profiles that are compared with the forecast, shape (n,) each.

    ``profile`` is the index of the profile; ``east_ms``, ``north_ms`` are the wind observed,
    ``error_ms`` the independent part of its error, ``common_ms``, shape (2, n), the change of each
    component by one standard error of what the levels of a profile share [m s-1].
    """

    profile: NDArray[np.int64]
    height_m: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    time_s: FloatArray
    east_ms: FloatArray
    north_ms: FloatArray
    error_ms: FloatArray
    common_ms: FloatArray

    def take(self, index: NDArray[np.intp]) -> Levels:
        """Return some of the levels."""
        return Levels(
            self.profile[index], self.height_m[index], self.longitude[index], self.latitude[index],
            self.time_s[index], self.east_ms[index], self.north_ms[index], self.error_ms[index],
            self.common_ms[:, index],
        )  # fmt: skip


def factor(covariance: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of a covariance, shape (n, n)."""
    found, _ = cho_factor(covariance, lower=True)
    return np.asarray(np.tril(found), np.float64)


def solve(lower: FloatArray, right: FloatArray) -> FloatArray:
    """Solve for a covariance whose lower factor is given; ``right`` has shape (n, m)."""
    return np.asarray(cho_solve((lower, True), right), np.float64)


def observation_covariance(levels: Levels, component: int) -> FloatArray:
    """Return the covariance of the errors of the levels, shape (n, n) [m2 s-2]."""
    common = levels.common_ms[component]
    same = levels.profile[:, None] == levels.profile
    return np.asarray(np.diag(levels.error_ms**2) + same * np.outer(common, common), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ForecastError:
    """Size and shape of the error of a cube, in the frame that moves with the air.

    Attributes
    ----------
    cube : WindCube
    centre : tuple of float
        Longitude, latitude [degrees] and time [s since 1970] that the frame is counted from.
    drift_ms : tuple of float
        Eastward and northward velocity of the frame [m s-1].
    unresolved_ms : float
        Standard error of the part that the grid does not resolve, before any scaling [m s-1].
    stated : WindCube or None
        A cube whose eastward wind is the error that the data state themselves.
    note : str
        What was taken, for people.
    """

    cube: WindCube
    centre: tuple[float, float, float]
    drift_ms: tuple[float, float]
    unresolved_ms: float
    stated: WindCube | None
    note: str

    def place(self, longitude: ArrayLike, latitude: ArrayLike, time_s: ArrayLike) -> FloatArray:
        """Return east and north from the centre in the moving frame, shape (2, ...) [m]."""
        lon0, lat0, t0 = self.centre
        lam = np.radians(np.asarray(longitude, np.float64) - lon0)
        phi, phi0 = np.radians(np.asarray(latitude, np.float64)), np.radians(lat0)
        along = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)
        x = np.cos(phi) * np.sin(lam)
        y = np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam)
        arc = np.hypot(x, y)
        stretch = EARTH_RADIUS_M * np.arctan2(arc, along) / np.maximum(arc, 1e-12)
        past = np.asarray(time_s, np.float64) - t0
        return np.stack(
            np.broadcast_arrays(
                x * stretch - self.drift_ms[0] * past, y * stretch - self.drift_ms[1] * past
            )
        )

    def split(
        self, height_m: ArrayLike, time_s: ArrayLike, stated_ms: FloatArray | None = None
    ) -> FloatArray:
        """Return the standard errors of both parts, shape (2, ...) [m s-1].

        Parameters
        ----------
        height_m, time_s : array_like
            [m, geopotential] and [s since 1970]; they are broadcast.
        stated_ms : numpy.ndarray, optional
            The whole error there where the data state it: both parts are scaled to it.
        """
        run = self.cube.reference_time_s
        time = np.asarray(time_s, np.float64)
        lead_h = np.full(time.shape, ANALYSIS_LEAD_H) if run is None else (time - run) / 3600.0
        low, high = 0.0, 30_000.0
        large = forecast_sigma_ms(pressure_pa(np.clip(height_m, low, high)), lead_h)
        parts = np.stack([large, np.full(large.shape, self.unresolved_ms)])
        if stated_ms is None:
            return parts
        return np.asarray(parts * (stated_ms / np.hypot(*parts)), np.float64)

    def at_levels(self, levels: Levels) -> FloatArray:
        """Return the standard errors of both parts at levels, shape (2, n) [m s-1]."""
        stated = None
        if self.stated is not None:
            times = self.cube.times_s
            when = np.clip(levels.time_s, times[0], times[-1])
            stated = np.array(
                [
                    interpolate_wind(self.stated, 0, *row)[0]
                    for row in zip(
                        when, levels.longitude, levels.latitude, levels.height_m, strict=True
                    )
                ]
            )
        return self.split(levels.height_m, levels.time_s, stated)

    def covariance(self, levels: Levels) -> FloatArray:
        """Return the covariance of the error at the levels, shape (n, n) [m2 s-2]."""
        x, y = self.place(levels.longitude, levels.latitude, levels.time_s)
        d = np.hypot(x[:, None] - x, y[:, None] - y)
        z = levels.height_m[:, None] - levels.height_m
        t = levels.time_s[:, None] - levels.time_s
        total = np.zeros((x.size, x.size))
        for scales, sigma in zip(PARTS, self.at_levels(levels), strict=True):
            total += np.outer(sigma, sigma) * scales.correlate(d, z, t)
        return total


def model_errors(cube: WindCube, levels: Levels) -> ForecastError:
    """Return the error of a cube, carried along by the wind at the observations.

    Parameters
    ----------
    cube : WindCube
    levels : Levels
        The frame starts at their mean place and time.
    """
    turn = levels.longitude - levels.longitude[0]
    centre = (
        float(levels.longitude[0] + np.mean((turn + 180.0) % 360.0 - 180.0)),
        float(levels.latitude.mean()),
        float(np.clip(levels.time_s.mean(), cube.times_s[0], cube.times_s[-1])),
    )
    drift = _steering_wind(cube, centre)
    rows, columns = np.diff(cube.latitude[:2])[0], np.diff(cube.longitude[:2])[0]
    across = columns * np.cos(np.radians(min(abs(centre[1]), 80.0)))
    spacing_m = np.radians(0.5 * (rows + across)) * EARTH_RADIUS_M
    stated = None
    size = "the default sizes at its lead" if cube.reference_time_s is not None else (
        f"the default sizes at {ANALYSIS_LEAD_H:g} h, as it is no forecast"
    )  # fmt: skip
    if WIND_ERROR in cube.dataset:
        error = cube.dataset[WIND_ERROR].mean("realization", keepdims=True)
        data = cube.dataset.isel(realization=slice(0, 1))
        stated = WindCube(data.assign({EAST: error, NORTH: 0.0 * error}))
        size = "the size that the data state"
    note = (
        f"error of the wind before the blend: {size}; {spacing_m / 1e3:.0f} km between grid points "
        f"leave {float(unresolved_sigma_ms(spacing_m)):.1f} m/s unresolved; carried along by "
        f"{np.hypot(*drift):.0f} m/s"
    )
    return ForecastError(cube, centre, drift, float(unresolved_sigma_ms(spacing_m)), stated, note)


def correct_fields(
    model: ForecastError, levels: Levels, weights: FloatArray, factors: list[FloatArray]
) -> xr.Dataset:
    """Return the dataset of a cube with corrected winds and the error that is left.

    The wind at 10 m is corrected as the wind at that height is.

    Parameters
    ----------
    model : ForecastError
    levels : Levels
        Those that are used, shape (n,).
    weights : numpy.ndarray
        Of the levels for each component and member, shape (2, members, n) [s m-1].
    factors : list of numpy.ndarray
        Lower Cholesky factor of the covariance of the differences, one a component.
    """
    cube = model.cube
    data = cube.dataset.copy()
    for name in (EAST, NORTH, EAST_10M, NORTH_10M):
        if name in data:
            data[name] = data[name].copy(data=np.array(data[name].values))
    height = np.asarray(data[HEIGHT].values, np.float64).mean(axis=0)
    known = None if model.stated is None else model.stated.dataset[EAST].values[0]
    error = np.empty(height.shape, np.float32)
    halves = [solve_triangular(lower, np.eye(len(lower)), lower=True) for lower in factors]
    for i, time in enumerate(cube.times_s.astype(np.float64)):
        near = _Neighbours(model, levels, time)
        for k in range(height.shape[1]):
            stated = None if known is None else known[i, k].astype(np.float64).ravel()
            sigma = model.split(height[i, k].ravel(), np.full(height[i, k].size, time), stated)
            gain = near.gain(height[i, k].ravel(), sigma)
            left = np.sum(sigma**2, axis=0)
            for half in halves:
                left[near.rows] -= 0.5 * np.sum((gain @ half.T) ** 2, axis=1)
            error[i, k] = np.sqrt(np.maximum(left, 0.0)).reshape(error[i, k].shape)
            for c, name in enumerate((EAST, NORTH)):
                _add(data[name].values[:, i, k], near.rows, weights[c] @ gain.T)
        if EAST_10M in data:
            ground = data[TERRAIN].values + 10.0 if TERRAIN in data else height[i, 0]
            low = np.asarray(ground, np.float64).ravel()
            stated = None if known is None else known[i, 0].astype(np.float64).ravel()
            gain = near.gain(low, model.split(low, np.full(low.size, time), stated))
            for c, name in enumerate((EAST_10M, NORTH_10M)):
                _add(data[name].values[:, i], near.rows, weights[c] @ gain.T)
    data[WIND_ERROR] = xr.DataArray(
        np.broadcast_to(error, data[EAST].shape).copy(),
        dims=data[EAST].dims,
        attrs={"units": "m s-1", "standard_name": WIND_ERROR},
    )
    return data


class _Neighbours:
    """The columns of a grid at one time that observations reach, and their covariance with them.

    ``rows`` are flat indices of the columns.
    """

    def __init__(self, model: ForecastError, levels: Levels, time_s: float) -> None:
        lat, lon = np.meshgrid(model.cube.latitude, model.cube.longitude, indexing="ij")
        at = model.place(lon.ravel(), lat.ravel(), time_s)
        spots = model.place(levels.longitude, levels.latitude, levels.time_s)
        self._levels = levels
        self._sigma = model.at_levels(levels)
        self._apart_m = np.hypot(at[0][:, None] - spots[0], at[1][:, None] - spots[1])
        self._lapse_s = time_s - levels.time_s
        nearest, soonest = self._apart_m.min(axis=1), float(np.abs(self._lapse_s).min())
        self._reached = [
            np.flatnonzero(
                (nearest < REACH * part.horizontal_m) & (soonest < LONGEST * part.time_s)
            )
            for part in PARTS
        ]
        self.rows = self._reached[0]

    def gain(self, height_m: FloatArray, sigma_ms: FloatArray) -> FloatArray:
        """Return the covariance of ``rows`` with the levels, shape (rows, n) [m2 s-2].

        Parameters
        ----------
        height_m : numpy.ndarray
            Of every column, shape (columns,) [m].
        sigma_ms : numpy.ndarray
            Standard errors of both parts there, shape (2, columns) [m s-1].
        """
        total = np.zeros((self.rows.size, self._levels.height_m.size))
        for p, part in enumerate(PARTS):
            some = self._reached[p]
            if some.size == 0:
                continue
            shape = part.correlate(
                self._apart_m[some],
                height_m[some, None] - self._levels.height_m,
                self._lapse_s,
            )
            total[np.searchsorted(self.rows, some)] += (
                sigma_ms[p, some, None] * self._sigma[p] * shape
            )
        return total


def _add(field: NDArray[np.float32], rows: NDArray[np.intp], change: FloatArray) -> None:
    """Add changes, shape (members, rows), to some columns of a field, (members, lat, lon)."""
    flat = field.reshape(field.shape[0], -1)
    flat[:, rows] += change.astype(np.float32)
    field[...] = flat.reshape(field.shape)


def _steering_wind(cube: WindCube, centre: tuple[float, float, float]) -> tuple[float, float]:
    """Return the mean wind of all members between 700 and 500 hPa, or as near as the cube has."""
    found = []
    for height in STEERING_M:
        for member in range(cube.member_count):
            try:
                found.append(interpolate_wind(cube, member, centre[2], *centre[:2], height))
            except WindCoverageError:
                continue
    if not found:
        heights = cube.dataset[HEIGHT].values[0, 0].mean(axis=(1, 2))
        height = float(heights[np.argmin(np.abs(heights - STEERING_M[1]))])
        found = [interpolate_wind(cube, 0, centre[2], *centre[:2], height)]
    u, v = np.mean(found, axis=0)
    return float(u), float(v)
