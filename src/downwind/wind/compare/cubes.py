"""How two winds differ: at standard heights, over the box and the times that both hold.

Both are interpolated to the nodes of the coarser grid, by the plain rule of `interpolate_wind`; the
differences are those of the second wind less the first. Nothing is extrapolated: a node counts at a
height only where both winds hold that height and neither has it below its ground.

Neighbouring differences are alike, so that many nodes say less than their number. The effective
number n_e is that of independent differences whose mean is as certain,

    n_e = (sum w)^2 / sum_ij w_i w_j rho_ij

with w the cosine of latitude and rho the correlation of large-scale errors (`error.LARGE`, whose
time scale is taken in a fixed frame). Standard errors rest on it.

References
----------
Bayley and Hammersley 1946, J. R. Statist. Soc. Suppl. 8, 184: the effective number of independent
observations. PHYSICS 5: scales of the correlation, assumptions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere import pressure_pa
from downwind.constants import EARTH_RADIUS_M
from downwind.errors import WindCoverageError
from downwind.geo.sphere import distance_m
from downwind.wind.compare.differences import find_differences
from downwind.wind.cube import WIND_ERROR, WindCube
from downwind.wind.error import LARGE, Scales, forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

STANDARD_PRESSURES_PA: Final = tuple(
    100.0 * hpa
    for hpa in (1000, 925, 850, 700, 500, 400, 300, 250, 200, 150, 100, 70, 50, 30, 20, 10)
)
"""Standard pressure levels [Pa]; winds are compared at their heights in the standard atmosphere."""

STANDARD_HEIGHTS_M: Final = tuple(float(h) for h in standard_height_m(STANDARD_PRESSURES_PA))
"""Geopotential heights of the standard levels in the standard atmosphere [m]."""

EVERYWHERE: Final = Window()
"""The window that leaves nothing out."""

MOST_IN_SUM: Final = 800
"""Differences whose correlations are summed; of more, a random sample stands for all."""

LEAST_EFFECTIVE: Final = 2.0
"""With a smaller effective number there is no standard error."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a number of differences of two winds amounts to.

    Attributes
    ----------
    n : int
        Number of differences.
    n_effective : float
        Number of independent ones that say as much.
    mean_u, mean_v : float
        Mean difference of the eastward and the northward wind [m s-1].
    rms_u, rms_v, rms_vector : float
        Root of the mean square, per component and of the vector [m s-1].
    se_mean_u, se_mean_v, se_rms_u, se_rms_v, se_rms_vector : float
        Standard errors of these [m s-1]; NaN below an effective number of 2.
    """

    n: int
    n_effective: float
    mean_u: float
    mean_v: float
    rms_u: float
    rms_v: float
    rms_vector: float
    se_mean_u: float
    se_mean_v: float
    se_rms_u: float
    se_rms_v: float
    se_rms_vector: float


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """The difference of two winds at one height, over all times or at one.

    Attributes
    ----------
    height_m : float
        Geopotential height [m].
    pressure_pa : float
        Pressure there in the standard atmosphere [Pa].
    difference : Difference
    sigma_first_ms, sigma_second_ms : float
        Default standard error of one component of each wind [m s-1]; NaN where there is none.
    valid_time_s : int or None
        The time [s since 1970]; None for all times together.
    lead_first_h, lead_second_h : float
        Lead of each [h], the mean for all times; NaN for what is no forecast.
    """

    height_m: float
    pressure_pa: float
    difference: Difference
    sigma_first_ms: float
    sigma_second_ms: float
    valid_time_s: int | None
    lead_first_h: float
    lead_second_h: float

    @property
    def default_vector_ms(self) -> float:
        """Rms vector difference of two winds with independent errors of the default size.

        What has no default counts as exact; NaN where neither has one [m s-1].
        """
        squares = [s * s for s in (self.sigma_first_ms, self.sigma_second_ms) if math.isfinite(s)]
        return math.sqrt(2.0 * sum(squares)) if squares else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class CubeComparison:
    """Two winds compared.

    Attributes
    ----------
    first, second : WindCube
    longitude, latitude : numpy.ndarray
        The nodes at which they are compared, shape (nx,), (ny,) [degrees].
    grid_of : str
        Name of the source whose nodes they are.
    stride : int
        Every so many of its rows and columns are taken.
    times_s : numpy.ndarray
        Valid times, shape (times,) [s since 1970].
    is_interpolated : bool
        Whether one of the winds is interpolated in time at each of them; where both hold a time,
        such times alone are taken.
    levels : tuple of LevelDifference
        All times together, from the ground up; heights that both hold somewhere.
    by_time : tuple of LevelDifference
        Each time by itself, time by time.
    absent_m : tuple of float
        Heights that were asked for and that not both hold anywhere [m].
    """

    first: WindCube
    second: WindCube
    longitude: FloatArray
    latitude: FloatArray
    grid_of: str
    stride: int
    times_s: NDArray[np.int64]
    is_interpolated: bool
    levels: tuple[LevelDifference, ...]
    by_time: tuple[LevelDifference, ...]
    absent_m: tuple[float, ...]


def compare_cubes(
    first: WindCube,
    second: WindCube,
    heights_m: Sequence[float] = STANDARD_HEIGHTS_M,
    window: Window = EVERYWHERE,
) -> CubeComparison:
    """Compare the first member of two winds where and when both hold wind.

    Parameters
    ----------
    first, second : WindCube
        The differences are those of the second less the first.
    heights_m : sequence of float, optional
        Geopotential heights [m]; those of the standard levels without it.
    window : Window, optional
        Only nodes inside its box count; its times play no part.

    Raises
    ------
    WindCoverageError
        If they have no box, no time or no height in common.
    """
    found = find_differences(first, second, heights_m, window)
    times, heights = found.times_s, found.height_m
    du, dv = found.east_ms, found.north_ms  # time, height, node
    errors = [found.first_error_ms, found.second_error_ms]
    lon, lat = found.node_longitude, found.node_latitude
    shared: dict[bytes, float] = {}
    levels: list[LevelDifference] = []
    by_time: list[list[LevelDifference]] = [[] for _ in times]
    absent = []
    for k, height in enumerate(heights):
        mask = np.isfinite(du[:, k]) & np.isfinite(dv[:, k])
        if not mask.any():
            absent.append(float(height))
            continue

        def describe(
            rows: slice, k: int = k, height: float = float(height), mask: NDArray[np.bool_] = mask
        ) -> LevelDifference:
            where = mask[rows]
            step, node = np.nonzero(where)
            weight = np.cos(np.radians(lat[node]))
            key = where.tobytes() + np.asarray(times[rows]).tobytes()
            if key not in shared:
                shared[key] = effective_number(lon[node], lat[node], times[rows][step], weight)
            pressure = float(pressure_pa(height))
            moments = times[rows][step]
            leads = [_lead_h(cube, moments) for cube in (first, second)]
            sigmas = [
                _default_ms(cube, other, pressure, lead, error[rows, k][where])
                for cube, other, lead, error in zip(
                    (first, second), (second, first), leads, errors, strict=True
                )
            ]
            return LevelDifference(
                height,
                pressure,
                summarise(du[rows, k][where], dv[rows, k][where], weight, shared[key]),
                sigmas[0],
                sigmas[1],
                int(times[rows][0]) if rows != slice(None) else None,
                float(np.mean(leads[0])),
                float(np.mean(leads[1])),
            )

        levels.append(describe(slice(None)))
        for i in np.flatnonzero(mask.any(axis=1)):
            by_time[i].append(describe(slice(int(i), int(i) + 1)))
    if not levels:
        raise WindCoverageError(
            f"{first.source} and {second.source} have no height in common: {_span_text(first)}, "
            f"{_span_text(second)}",
            "compare winds whose levels overlap, or name other heights with --height",
        )
    return CubeComparison(
        first=first,
        second=second,
        longitude=found.longitude,
        latitude=found.latitude,
        grid_of=found.grid_of,
        stride=found.stride,
        times_s=times,
        is_interpolated=found.is_interpolated,
        levels=tuple(levels),
        by_time=tuple(row for rows in by_time for row in rows),
        absent_m=tuple(absent),
    )


def summarise(u: FloatArray, v: FloatArray, weight: FloatArray, n_effective: float) -> Difference:
    """Return mean and root mean square of differences, with their standard errors.

    Parameters
    ----------
    u, v : numpy.ndarray
        Differences of the components, shape (n,) [m s-1].
    weight : numpy.ndarray
        Shape (n,) [-].
    n_effective : float
        Number of independent differences among them.
    """
    share = weight / weight.sum()

    def mean(values: FloatArray) -> tuple[float, float]:
        middle = float(share @ values)
        if n_effective < LEAST_EFFECTIVE:
            return middle, math.nan
        spread = float(share @ (values - middle) ** 2)
        return middle, math.sqrt(spread / (n_effective - 1.0))

    def root(values: FloatArray) -> tuple[float, float]:
        middle, error = mean(values)
        size = math.sqrt(middle)
        return size, error / (2.0 * size) if size > 0.0 else error

    (mean_u, se_mean_u), (mean_v, se_mean_v) = mean(u), mean(v)
    (rms_u, se_rms_u), (rms_v, se_rms_v) = root(u * u), root(v * v)
    rms_vector, se_rms_vector = root(u * u + v * v)
    return Difference(
        n=u.size,
        n_effective=n_effective,
        mean_u=mean_u,
        mean_v=mean_v,
        rms_u=rms_u,
        rms_v=rms_v,
        rms_vector=rms_vector,
        se_mean_u=se_mean_u,
        se_mean_v=se_mean_v,
        se_rms_u=se_rms_u,
        se_rms_v=se_rms_v,
        se_rms_vector=se_rms_vector,
    )


def effective_number(
    longitude: FloatArray,
    latitude: FloatArray,
    time_s: NDArray[np.int64],
    weight: FloatArray,
    scales: Scales = LARGE,
) -> float:
    """Return how many independent differences say as much as correlated ones, at least 1.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Where they are, shape (n,) [degrees].
    time_s : numpy.ndarray
        When, shape (n,) [s since 1970].
    weight : numpy.ndarray
        Weights of the mean, shape (n,) [-].
    scales : Scales, optional
        How far they are alike; those of large-scale forecast errors without it.
    """
    some = np.arange(longitude.size)
    if some.size > MOST_IN_SUM:
        some = np.random.default_rng(0).permutation(some.size)[:MOST_IN_SUM]
    lon, lat, at, w = longitude[some], latitude[some], time_s[some], weight[some]
    apart = distance_m(lon[:, None], lat[:, None], lon, lat)
    alike = scales.correlate(apart, 0.0, (at[:, None] - at).astype(np.float64))
    pairs = np.outer(w, w)
    np.fill_diagonal(pairs, 0.0)
    whole = pairs.sum()
    mean_alike = float((pairs * alike).sum() / whole) if whole > 0.0 else 0.0
    total, squares = float(weight.sum()), float(weight @ weight)
    return max(total**2 / (squares + (total**2 - squares) * mean_alike), 1.0)


def spacing_m(cube: WindCube) -> float:
    """Return the spacing of a cube's grid along a meridian [m]."""
    return math.radians(float(cube.latitude[1] - cube.latitude[0])) * EARTH_RADIUS_M


def _lead_h(cube: WindCube, times_s: NDArray[np.int64]) -> FloatArray:
    """Return the lead of a cube at times, shape (n,) [h]; NaN for what is no forecast."""
    run = cube.reference_time_s
    if run is None:
        return np.full(times_s.shape, np.nan)
    return np.asarray((times_s - run) / 3600.0, np.float64)


def _default_ms(
    cube: WindCube, other: WindCube, pressure: float, lead_h: FloatArray, own_ms: FloatArray
) -> float:
    """Return the default standard error of one component [m s-1]; NaN where there is none.

    A forecast has that of its lead, and beside an observation also what its grid does not resolve.
    What carries a standard error of its own has that.
    """
    if WIND_ERROR in cube.dataset:
        return math.sqrt(float(np.mean(own_ms**2)))
    if cube.reference_time_s is None:
        return math.nan
    square = float(np.mean(forecast_sigma_ms(pressure, lead_h) ** 2))
    if other.nature == "observation":
        square += float(unresolved_sigma_ms(spacing_m(cube))) ** 2
    return math.sqrt(square)


def _span_text(cube: WindCube) -> str:
    height = cube.dataset["geopotential_height"].values
    return (
        f"{cube.source} reaches from {height[:, :, 0].min():.0f} to {height[:, :, -1].max():.0f} m"
    )
