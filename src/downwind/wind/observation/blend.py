"""Draw a forecast towards an own observation: optimal interpolation of profiles into a cube.

The correction at a place is a weighted sum of what the observation says less what the forecast
says there. The weights are those of least variance, given how wrong the forecast is, over which
distance, height and time its error stays alike, and how wrong the observation is. Distance and time
count in the frame that moves with the air: an error of the forecast drifts with the wind.
`analysis` holds the errors and the sums; here profiles are compared with the forecast, judged, and
told of.

References
----------
Daley, Atmospheric Data Analysis, 1991, chapters 3 to 5: statistical interpolation.
PHYSICS 5: sizes and scales of forecast error, correlation in the moving frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from downwind.errors import ObservationError, WindCoverageError
from downwind.times import format_utc
from downwind.wind.cube import WindCube, interpolate_wind, validate_cube
from downwind.wind.observation.analysis import (
    Levels,
    correct_fields,
    factor,
    model_errors,
    observation_covariance,
    solve,
)
from downwind.wind.profile import Profile

FloatArray = NDArray[np.float64]

SPACINGS_M: Final = ((3_000.0, 150.0), (12_000.0, 250.0), (np.inf, 500.0))
"""Levels of a profile closer than the second are thinned below the first [m].

Minutes of a pilot balloon all stay; above, where errors are alike over more, a dozen soundings with
a level a second still make a covariance that is solved in seconds.
"""

GROSS_SIGMA: Final = 4.0
"""A level further from the forecast than so many standard errors is not used unless trusted."""

MEAN_SIGMA: Final = 3.0
"""A profile whose mean is further from the forecast than so many standard errors is named."""

LEAST_ERROR_MS: Final = 0.1
"""No level is taken to be better than this [m s-1]."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelCheck:
    """What one level of an observation says beside the forecast, and whether it was used.

    Attributes
    ----------
    height_m : float
        Geopotential [m].
    observed_ms, forecast_ms, analysis_ms : tuple of float
        Eastward and northward wind observed, and as the grid has it before and after the blend,
        there and then; of an ensemble the mean of its members [m s-1]. A coarse grid cannot hold
        what was observed at one point.
    observation_error_ms, forecast_error_ms : float
        Standard error of one component [m s-1].
    is_used : bool
        False where it is further from the forecast than `GROSS_SIGMA` standard errors.
    """

    height_m: float
    observed_ms: tuple[float, float]
    forecast_ms: tuple[float, float]
    analysis_ms: tuple[float, float]
    observation_error_ms: float
    forecast_error_ms: float
    is_used: bool


@dataclass(frozen=True, slots=True, eq=False)
class ObservationCheck:
    """What became of one profile: its levels beside the forecast.

    Attributes
    ----------
    station, source, file : str
    longitude, latitude : float
        [degrees]
    time_s : int
        [s since 1970]
    levels : tuple of LevelCheck
    """

    station: str
    source: str
    file: str
    longitude: float
    latitude: float
    time_s: int
    levels: tuple[LevelCheck, ...]

    @property
    def used(self) -> int:
        """Number of levels that were used."""
        return sum(level.is_used for level in self.levels)


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """A forecast drawn towards observations.

    Attributes
    ----------
    cube : WindCube
        The wind to fly in: same grid, with `WIND_ERROR` the standard error after the blend.
    checks : tuple of ObservationCheck
        One a profile.
    largest_change_ms : float
        Largest change of the wind on a used level [m s-1].
    """

    cube: WindCube
    checks: tuple[ObservationCheck, ...]
    largest_change_ms: float


def last_time_s(cube: WindCube, steady_s: float = 0.0) -> float:
    """Return the last time that a cube holds, with a single time held steady [s since 1970]."""
    times = cube.times_s
    return float(times[-1]) + (steady_s if times.size == 1 else 0.0)


def blend_observations(
    cube: WindCube, profiles: Sequence[Profile], *, trust: bool = False, steady_s: float = 0.0
) -> Blend:
    """Blend observed profiles into a forecast.

    The mean of the members is corrected by its distance from the observation. Their spread about
    it is corrected with the smaller weights of a square-root filter, which leave the variance
    that the theory states: with the weights of the mean it would become too small, because all
    members would follow one and the same error of the observation.

    Parameters
    ----------
    cube : WindCube
        The forecast, or any other wind. Without `WIND_ERROR` its error is the table of
        `downwind.wind.error` at its lead, or at 6 h where it is no forecast.
    profiles : sequence of Profile
        Observations, each inside the cube in place and time.
    trust : bool
        Use levels that fail the gross check too.
    steady_s : float
        How long a single time of the cube is held steady [s]: an observation within it is taken
        as one of that time.

    Returns
    -------
    Blend

    Raises
    ------
    WindCoverageError
        If a profile lies outside the cube in place or time.
    ObservationError
        If no level can be used.

    References
    ----------
    Whitaker and Hamill 2002, Mon. Wea. Rev. 130, 1913, eq. 10: weights of the spread.
    """
    notes: list[str] = []
    levels, forecast = _gather_levels(cube, profiles, notes, steady_s)
    model = model_errors(cube, levels)
    background = model.covariance(levels)
    distance = np.stack([levels.east_ms, levels.north_ms])[:, None] - forecast
    variance = np.stack([observation_covariance(levels, c).diagonal() for c in range(2)])
    spread = np.sqrt(background.diagonal() + variance)
    middle = _average(distance, cube.weights, 1)
    fails = np.any(np.abs(middle) > GROSS_SIGMA * spread, axis=0)
    used = np.flatnonzero(~fails | trust)
    if used.size == 0:
        worst = float(np.hypot(*middle).max())
        raise ObservationError(
            f"all {fails.size} levels differ from {cube.source} by more than {GROSS_SIGMA:g} "
            f"standard errors, by up to {worst:.0f} m/s",
            "check north, time, units and the rate of ascent; if the observation is right and the "
            "forecast wrong, say so with --trust-observed",
        )
    kept = levels.take(used)
    inner = background[np.ix_(used, used)]
    noise = [observation_covariance(kept, c) for c in range(2)]
    factors = [factor(inner + part) for part in noise]
    weights = np.stack(
        [
            _weigh(factors[c], factor(noise[c]), distance[c][:, used], middle[c][used])
            for c in range(2)
        ]
    )
    dataset = correct_fields(model, kept, weights, factors)
    analysis = _sample(WindCube(dataset), levels)
    change = np.hypot(*_average(analysis - forecast, cube.weights, 1))
    found = _Comparison(levels, forecast, analysis, np.sqrt(background.diagonal()), variance)
    checks = _make_checks(profiles, found, ~fails | trust)
    largest = float(change[used].max())
    told = _write_warnings(checks, fails, trust, largest, profiles)
    told += _find_strange(profiles, kept, middle[:, used], inner, noise)
    dataset.attrs = {
        **cube.dataset.attrs,
        "digest": _digest(cube, profiles, trust),
        "files": ", ".join(x for x in (cube.files, *(p.file for p in profiles)) if x),
        "warnings": "\n".join((*cube.warnings, *told)),
        "notes": "\n".join((*cube.notes, model.note, *notes)),
    }
    return Blend(validate_cube(dataset), checks, largest)


def _average(values: FloatArray, weights: tuple[float, ...] | None, axis: int) -> FloatArray:
    """Return the mean over the members, by their weights where a wind has some."""
    return np.asarray(np.average(values, axis, weights) if weights else values.mean(axis))


def _weigh(
    lower: FloatArray, noise: FloatArray, distance: FloatArray, middle: FloatArray
) -> FloatArray:
    """Return the weights of the levels for each member, shape (members, n) [s m-1].

    Parameters
    ----------
    lower, noise : numpy.ndarray
        Lower Cholesky factors of the covariance of the differences and of the observation errors.
    distance : numpy.ndarray
        Observed less forecast, shape (members, n) [m s-1].
    middle : numpy.ndarray
        Its mean over the members, shape (n,) [m s-1].
    """
    apart = solve_triangular(lower + noise, (distance - middle).T, lower=True)
    return np.asarray(
        solve(lower, middle[:, None]).T + solve_triangular(lower, apart, lower=True, trans="T").T
    )


# --- what is compared --------------------------------------------------------------------------


def _gather_levels(
    cube: WindCube, profiles: Sequence[Profile], notes: list[str], steady_s: float
) -> tuple[Levels, FloatArray]:
    """Return the thinned levels that lie inside the cube, and the forecast there, (2, m, n)."""
    parts: list[tuple[float, ...]] = []
    winds: list[list[tuple[float, float]]] = []
    times = cube.times_s
    for p, profile in enumerate(profiles):
        end = last_time_s(cube, steady_s)
        if not times[0] <= profile.time_s <= end:
            raise WindCoverageError(
                f"the observation at {profile.station} is of {format_utc(profile.time_s)}, but "
                f"{cube.source} covers {format_utc(times[0])} to {format_utc(end)}",
                "bring a forecast that holds the time of the observation",
            )
        outside = 0
        rows = _thin(profile)
        if times.size == 1:
            rows = [(*row[:4], float(times[0]), *row[5:]) for row in rows]
            if profile.time_s != times[0]:
                notes.append(
                    f"the observation at {profile.station} counts for the one time of the wind, "
                    "which is held steady"
                )
        for row in rows:
            try:
                winds.append(_sample_point(cube, row[4], row[2], row[3], row[1]))
            except WindCoverageError:
                outside += 1
                continue
            parts.append((float(p), *row[1:]))
        if outside and not any(part[0] == p for part in parts):
            # the place or all heights lie outside: the message of the middle level says which
            middle = profile.height_m.size // 2
            interpolate_wind(
                cube, 0, float(profile.time_s), profile.longitude, profile.latitude,
                float(profile.height_m[middle]),
            )  # fmt: skip
        if outside:
            notes.append(
                f"{outside} of the levels observed at {profile.station} outside {cube.source} in "
                "height or place, and not used"
            )
    columns = np.array(parts).T
    if columns.size == 0:
        raise ObservationError(
            "no level of the observations lies inside the wind", "see its heights"
        )
    names = ("height_m", "longitude", "latitude", "time_s", "east_ms", "north_ms", "error_ms")
    forecast = np.asarray(winds, np.float64).transpose(2, 1, 0)
    levels = Levels(
        profile=columns[0].astype(np.int64),
        common_ms=columns[8:10],
        **dict(zip(names, columns[1:8], strict=True)),
    )
    for p, profile in enumerate(profiles):
        mine = np.flatnonzero(levels.profile == p)
        if profile.ascent_rate_error > 0.0 and mine.size > 1:
            levels.common_ms[:, mine] = profile.ascent_rate_error * _stretch(
                levels.height_m[mine], forecast[:, :, mine].mean(axis=1), profile.elevation_m or 0.0
            )
    return levels, forecast


def _stretch(height_m: FloatArray, wind_ms: FloatArray, ground_m: float) -> FloatArray:
    """Return V - z dV/dz of the forecast, z above the station, shape (2, n) [m s-1].

    That is what an ascent faster by its whole changes. Of the forecast, as the wind observed has
    the difference from the forecast in it: that difference would then pass for a wrong ascent.
    """
    return np.asarray(
        wind_ms - (height_m - ground_m) * np.gradient(wind_ms, height_m, axis=1), np.float64
    )


def _sample(cube: WindCube, levels: Levels) -> FloatArray:
    """Return the wind of every member at levels, shape (2, members, n) [m s-1]."""
    rows = zip(levels.time_s, levels.longitude, levels.latitude, levels.height_m, strict=True)
    return np.asarray([_sample_point(cube, *row) for row in rows]).transpose(2, 1, 0)


def _sample_point(
    cube: WindCube, time_s: float, longitude: float, latitude: float, height_m: float
) -> list[tuple[float, float]]:
    """Return the wind of every member at a point; a time past the last is held at the last."""
    when = float(np.clip(time_s, cube.times_s[0], cube.times_s[-1]))
    return [
        interpolate_wind(cube, member, when, longitude, latitude, height_m)
        for member in range(cube.member_count)
    ]


def _thin(profile: Profile) -> list[tuple[float, ...]]:
    """Return rows of `Levels` at least as far apart as `SPACINGS_M` says, from the ground up."""
    nothing = np.zeros(profile.height_m.size)
    common = [
        nothing if values is None else values
        for values in (profile.common_eastward_ms, profile.common_northward_ms)
    ]
    shared = 0.5 * (common[0] ** 2 + common[1] ** 2)
    own = np.sqrt(np.maximum(profile.error_ms**2 - shared, LEAST_ERROR_MS**2))
    rows: list[tuple[float, ...]] = []
    last = -np.inf
    for i, height in enumerate(profile.height_m):
        if height - last < next(step for limit, step in SPACINGS_M if height < limit):
            continue
        last = height
        known = np.isfinite(profile.level_longitude[i]) and np.isfinite(profile.level_latitude[i])
        when = profile.level_time_s[i]
        rows.append(
            (
                0.0,
                float(height),
                float(profile.level_longitude[i] if known else profile.longitude),
                float(profile.level_latitude[i] if known else profile.latitude),
                float(when if np.isfinite(when) else profile.time_s),
                float(profile.eastward_ms[i]),
                float(profile.northward_ms[i]),
                float(own[i]),
                float(common[0][i]),
                float(common[1][i]),
            )
        )
    return rows


# --- what is told ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Comparison:
    """Levels with the forecast and the blended wind there, (2, members, n), and both errors."""

    levels: Levels
    forecast: FloatArray
    analysis: FloatArray
    forecast_error_ms: FloatArray
    observation_variance: FloatArray


def _make_checks(
    profiles: Sequence[Profile], found: _Comparison, is_used: NDArray[np.bool_]
) -> tuple[ObservationCheck, ...]:
    forecast, analysis = found.forecast.mean(axis=1), found.analysis.mean(axis=1)
    error = np.sqrt(found.observation_variance.mean(axis=0))
    checks = []
    for p, profile in enumerate(profiles):
        mine = np.flatnonzero(found.levels.profile == p)
        rows = tuple(
            LevelCheck(
                height_m=float(found.levels.height_m[i]),
                observed_ms=(float(found.levels.east_ms[i]), float(found.levels.north_ms[i])),
                forecast_ms=(float(forecast[0, i]), float(forecast[1, i])),
                analysis_ms=(float(analysis[0, i]), float(analysis[1, i])),
                observation_error_ms=float(error[i]),
                forecast_error_ms=float(found.forecast_error_ms[i]),
                is_used=bool(is_used[i]),
            )
            for i in mine
        )
        checks.append(
            ObservationCheck(
                profile.station, profile.source, profile.file, profile.longitude,
                profile.latitude, profile.time_s, rows,
            )
        )  # fmt: skip
    return tuple(checks)


def _write_warnings(
    checks: Sequence[ObservationCheck],
    fails: NDArray[np.bool_],
    trust: bool,
    largest_ms: float,
    profiles: Sequence[Profile],
) -> list[str]:
    """Return what every output that rests on the blend has to say."""
    lines = []
    start = 0
    for check in checks:
        bad = fails[start : start + len(check.levels)]
        start += len(check.levels)
        lines.append(
            f"own observation blended: {check.station}, {format_utc(check.time_s)}, {check.used} "
            f"levels; changes up to {largest_ms:.1f} m/s near the site"
        )
        if bad.any():
            heights = [
                f"{level.height_m:.0f}" for level, b in zip(check.levels, bad, strict=True) if b
            ]
            shown = ", ".join(heights[:4]) + (" ..." if len(heights) > 4 else "")
            lines.append(
                f"{check.station}: {len(heights)} levels ({shown} m) differ from the forecast by "
                f"more than {GROSS_SIGMA:g} standard errors: "
                + (
                    "used all the same (--trust-observed)"
                    if trust
                    else "not used; --trust-observed uses them"
                )
            )
    lines += [f"{p.station}: {text}" for p in profiles for text in p.warnings]
    return lines


def _find_strange(
    profiles: Sequence[Profile],
    levels: Levels,
    distance_ms: FloatArray,
    background: FloatArray,
    noise: Sequence[FloatArray],
) -> list[str]:
    """Return a warning for each profile that is off as a whole, though no level of it need be.

    A north or a time that is wrong turns all levels alike, each by less than `GROSS_SIGMA`.
    ``distance_ms`` has shape (2, n).
    """
    lines = []
    for p, profile in enumerate(profiles):
        mine = np.flatnonzero(levels.profile == p)
        if mine.size < 2:
            continue
        block = np.ix_(mine, mine)
        mean = distance_ms[:, mine].mean(axis=1)
        error = [np.sqrt((background + part)[block].mean()) for part in noise]
        times = float(np.max(np.abs(mean) / error))
        if times > MEAN_SIGMA:
            lines.append(
                f"{profile.station}: the mean of its {mine.size} levels differs from the forecast "
                f"by {np.hypot(*mean):.1f} m/s, {times:.1f} times the standard error of that; they "
                "are used: check north, time, units and the rate of ascent"
            )
    return lines


def _digest(cube: WindCube, profiles: Sequence[Profile], trust: bool) -> str:
    """Return the sha256 of the forecast's digest and all that was observed."""
    hasher = hashlib.sha256(f"blend-2\n{cube.digest}\n{trust}\n".encode())
    for profile in profiles:
        place = (
            profile.longitude,
            profile.latitude,
            profile.time_s,
            profile.ascent_rate_error,
        )
        hasher.update(np.array(place, "<f8").tobytes())
        for values in (
            profile.height_m, profile.eastward_ms, profile.northward_ms, profile.error_ms,
            profile.level_time_s, profile.level_longitude, profile.level_latitude,
            profile.common_eastward_ms, profile.common_northward_ms,
        ):  # fmt: skip
            hasher.update(b"-" if values is None else np.asarray(values, "<f8").tobytes())
    return hasher.hexdigest()
