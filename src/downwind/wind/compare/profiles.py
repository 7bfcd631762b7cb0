"""How the wind over a station changes with time: soundings compared with later ones.

A crew that flies on a sounding some hours old takes the wind for the same still: persistence. What
two soundings differ by is the error of that, plus the errors of both observations, whose variances
are taken off. Pairs share ascents and an ascent stands in many pairs, so that standard errors come
from leaving out one ascent after another (jackknife).

References
----------
Efron and Stein 1981, Ann. Statist. 9, 586: the jackknife estimate of variance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from downwind.atmosphere import pressure_pa
from downwind.errors import ArgumentError
from downwind.wind.compare.cubes import STANDARD_HEIGHTS_M
from downwind.wind.profile import Profile

FloatArray = NDArray[np.float64]

LAGS_H: Final = (6.0, 12.0, 24.0)
"""Times between two soundings that are compared [h]."""

TOLERANCE_H: Final = 1.5
"""How far the time between two soundings may lie off the one that is asked for [h]."""

LEAST_ASCENTS: Final = 4
"""With fewer ascents in the pairs there is no standard error."""

TIMES_H: Final = (1.0, 1000.0)
"""Between these a time of growth is sought [h]."""


@dataclass(frozen=True, slots=True)
class PairDifference:
    """What soundings differ by from others so many hours earlier, at one height.

    Attributes
    ----------
    lag_h, mean_lag_h : float
        Time between the two of a pair: as asked for, and the mean of those found [h].
    height_m : float
        Geopotential height [m].
    pressure_pa : float
        Pressure there in the standard atmosphere [Pa].
    n : int
        Number of pairs.
    rms_u, rms_v, rms_vector, rms_component : float
        Root of the mean square: of each component, of the vector, and of both components together
        (the vector's over the root of 2) [m s-1].
    observation_ms : float
        What the errors of the two observations add to one component [m s-1].
    change_ms : float
        One component without that [m s-1]; 0 where the observations explain it all.
    se_vector, se_component, se_change : float
        Standard errors [m s-1]; NaN with fewer than 4 ascents.
    """

    lag_h: float
    mean_lag_h: float
    height_m: float
    pressure_pa: float
    n: int
    rms_u: float
    rms_v: float
    rms_vector: float
    rms_component: float
    observation_ms: float
    change_ms: float
    se_vector: float
    se_component: float
    se_change: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How the change of wind over a station grows: sigma^2 = 2 s^2 (1 - exp(-t / T)).

    Attributes
    ----------
    spread_ms : float
        s, the standard deviation of one component about its mean [m s-1].
    time_h : float
        T [h].
    left_out : tuple of (float, float)
        The same without each ascent in turn.
    """

    spread_ms: float
    time_h: float
    left_out: tuple[tuple[float, float], ...]

    def sigma_ms(self, age_h: ArrayLike) -> FloatArray:
        """Return the change of one component after so many hours [m s-1]."""
        return _grow(self.spread_ms, self.time_h, age_h)

    def standard_error_ms(self, age_h: float) -> float:
        """Return the standard error of that change [m s-1]."""
        return _jackknife([float(_grow(s, t, age_h)) for s, t in self.left_out])

    @property
    def log_time_error(self) -> float:
        """Standard error of ln T."""
        return _jackknife([math.log(t) for _, t in self.left_out])


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Pairs at one lag: indices of the earlier and the later ascent, and the time between."""

    early: NDArray[np.intp]
    late: NDArray[np.intp]
    apart_h: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Winds:
    """Winds of all ascents at the heights, shape (ascents, heights), NaN where there is none."""

    u: FloatArray
    v: FloatArray
    error: FloatArray


def compare_profiles(
    profiles: Sequence[Profile],
    lags_h: Sequence[float] = LAGS_H,
    heights_m: Sequence[float] = STANDARD_HEIGHTS_M,
    tolerance_h: float = TOLERANCE_H,
    observation_ms: float | None = None,
) -> tuple[PairDifference, ...]:
    """Compare soundings with those of the same station so many hours later.

    Parameters
    ----------
    profiles : sequence of Profile
        Soundings of one station or several; those of one station have its name and place.
    lags_h : sequence of float, optional
        Times between the two of a pair [h].
    heights_m : sequence of float, optional
        Geopotential heights [m]; those of the standard levels without it.
    tolerance_h : float, optional
        How far the time between two may lie off [h].
    observation_ms : float, optional
        Standard error of one component of each observation [m s-1]; that of the profiles without
        it, which counts besides the instrument what one ascent does not stand for.

    Returns
    -------
    tuple of PairDifference
        By height, then lag; heights and lags without a pair are left out.

    Raises
    ------
    ArgumentError
        If no two soundings of a station lie that far apart, or none of those reach the heights.
    """
    winds = _gather(profiles, heights_m, observation_ms)
    found = []
    pairs = {lag: _find_pairs(profiles, lag, tolerance_h) for lag in lags_h}
    for k, height in enumerate(heights_m):
        for lag in lags_h:
            row = _compare_at(winds, pairs[lag], k, lag, float(height), len(profiles))
            if row is not None:
                found.append(row)
    if not found:
        _refuse(profiles, lags_h, tolerance_h)
    return tuple(found)


def fit_growth(
    profiles: Sequence[Profile],
    lags_h: Sequence[float],
    heights_m: Sequence[float],
    tolerance_h: float = TOLERANCE_H,
    observation_ms: float | None = None,
) -> Growth:
    """Fit the growth of the change of wind with time, one law for all heights.

    The mean square over heights and pairs, observation errors taken off, is fitted at each lag in
    its logarithm, weighted by the number of pairs.

    Parameters
    ----------
    profiles, lags_h, heights_m, tolerance_h, observation_ms
        As for `compare_profiles`; at least two lags.

    Raises
    ------
    ArgumentError
        If pairs are found at fewer than two lags.
    """
    winds = _gather(profiles, heights_m, observation_ms)
    pairs = [_find_pairs(profiles, lag, tolerance_h) for lag in lags_h]

    def fit(without: int | None) -> tuple[float, float]:
        lags, squares, counts = [], [], []
        for found in pairs:
            keep = (found.early != without) & (found.late != without)
            du, dv, noise = _differences(winds, found, keep)
            here = np.isfinite(du)
            if here.any():
                square = float(np.mean(0.5 * (du[here] ** 2 + dv[here] ** 2) - noise[here]))
                lags.append(float(found.apart_h[keep].mean()))
                squares.append(max(square, 1e-6))
                counts.append(int(keep.sum()))
        if len(lags) < 2:
            _refuse(profiles, lags_h, tolerance_h)
        return _fit_law(np.array(lags), np.array(squares), np.array(counts, np.float64))

    spread, time = fit(None)
    return Growth(spread, time, tuple(fit(i) for i in range(len(profiles))))


def _fit_law(lag_h: FloatArray, square: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Return s and T that fit best; for a given T the best s is a weighted mean."""
    weight = weight / weight.sum()

    def rest(log_time: float) -> FloatArray:
        return np.asarray(np.log(square) - 2.0 * np.log(_grow(1.0, math.exp(log_time), lag_h)))

    def cost(log_time: float) -> float:
        left = rest(log_time)
        return float(weight @ (left - weight @ left) ** 2)

    best = minimize_scalar(
        cost, bounds=(math.log(TIMES_H[0]), math.log(TIMES_H[1])), method="bounded"
    )
    log_time = float(best.x)
    return math.exp(0.5 * float(weight @ rest(log_time))), math.exp(log_time)


def _grow(spread_ms: float, time_h: float, age_h: ArrayLike) -> FloatArray:
    age = np.asarray(age_h, np.float64)
    return np.asarray(spread_ms * np.sqrt(-2.0 * np.expm1(-age / time_h)), np.float64)


def _gather(
    profiles: Sequence[Profile], heights_m: Sequence[float], observation_ms: float | None
) -> _Winds:
    heights = np.asarray(heights_m, np.float64)
    winds = [profile.wind_at(heights) for profile in profiles]
    errors = [
        np.interp(heights, profile.height_m, profile.error_ms)
        if observation_ms is None
        else np.full(heights.shape, observation_ms)
        for profile in profiles
    ]
    shape = (len(profiles), heights.size)
    return _Winds(
        np.array([u for u, _ in winds]).reshape(shape),
        np.array([v for _, v in winds]).reshape(shape),
        np.array(errors).reshape(shape),
    )


def _find_pairs(profiles: Sequence[Profile], lag_h: float, tolerance_h: float) -> _Pairs:
    hours = np.array([profile.time_s for profile in profiles]) / 3600.0
    name = [(p.station, round(p.longitude, 1), round(p.latitude, 1)) for p in profiles]
    same = np.array([[a == b for b in name] for a in name], np.bool_).reshape(2 * (len(name),))
    apart = hours - hours[:, None]
    early, late = np.nonzero(same & (np.abs(apart - lag_h) <= tolerance_h) & (apart > 0.0))
    return _Pairs(early, late, apart[early, late])


def _differences(
    winds: _Winds, pairs: _Pairs, keep: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return differences of u and v, and the variance that observation adds, (pairs, heights)."""
    early, late = pairs.early[keep], pairs.late[keep]
    noise = winds.error[early] ** 2 + winds.error[late] ** 2
    return winds.u[late] - winds.u[early], winds.v[late] - winds.v[early], noise


def _compare_at(
    winds: _Winds, pairs: _Pairs, k: int, lag_h: float, height_m: float, ascents: int
) -> PairDifference | None:
    everything = np.ones(pairs.early.size, np.bool_)
    du, dv, noise = (x[:, k] for x in _differences(winds, pairs, everything))
    here = np.isfinite(du)
    if not here.any():
        return None
    u2, v2, noise = du[here] ** 2, dv[here] ** 2, noise[here]
    early, late = pairs.early[here], pairs.late[here]

    def root(of: Callable[[NDArray[np.bool_]], float]) -> tuple[float, float]:
        """Return a figure of all pairs, and its standard error."""
        without = [(early != i) & (late != i) for i in range(ascents)]
        used = np.union1d(early, late)
        figures = [of(without[i]) for i in used if without[i].any()]
        error = _jackknife(figures) if len(figures) >= LEAST_ASCENTS else math.nan
        return of(np.ones(early.size, np.bool_)), error

    vector, se_vector = root(lambda keep: math.sqrt(float((u2 + v2)[keep].mean())))
    component, se_component = vector / math.sqrt(2.0), se_vector / math.sqrt(2.0)
    change, se_change = root(
        lambda keep: math.sqrt(max(float((0.5 * (u2 + v2) - noise)[keep].mean()), 0.0))
    )
    return PairDifference(
        lag_h=lag_h,
        mean_lag_h=float(pairs.apart_h[here].mean()),
        height_m=height_m,
        pressure_pa=float(pressure_pa(height_m)),
        n=int(here.sum()),
        rms_u=math.sqrt(float(u2.mean())),
        rms_v=math.sqrt(float(v2.mean())),
        rms_vector=vector,
        rms_component=component,
        observation_ms=math.sqrt(float(noise.mean())),
        change_ms=change,
        se_vector=se_vector,
        se_component=se_component,
        se_change=se_change,
    )


def _jackknife(figures: Sequence[float]) -> float:
    """Return the standard error from figures that each leave one ascent out."""
    values = np.asarray(figures, np.float64)
    return math.sqrt((values.size - 1) / values.size * float(((values - values.mean()) ** 2).sum()))


def _refuse(profiles: Sequence[Profile], lags_h: Sequence[float], tolerance_h: float) -> None:
    hours = sorted({round(p.time_s / 3600.0, 1) for p in profiles})
    span = f"{hours[-1] - hours[0]:g} h" if hours else "no time"
    lags = ", ".join(f"{lag:g}" for lag in lags_h)
    raise ArgumentError(
        f"no two of {len(profiles)} soundings, which span {span}, lie {lags} h apart (within "
        f"{tolerance_h:g} h) over one station at these heights",
        "give more soundings of one station, or other lags or heights",
    )
