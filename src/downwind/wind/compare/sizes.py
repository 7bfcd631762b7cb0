"""Fit the size of forecast error to differences of winds: by level and lead, with standard errors.

A difference has the errors of both winds in it. What is no forecast counts as exact, or with the
error that it states; beside an observation what the grid of the forecast does not resolve is taken
off too. So the mean square of the differences at a level is a sum of unknown variances, one for
each lead, and known ones. Where several pairs share leads they are solved together by least
squares.

For normal errors the mean square of n_e independent differences of two components has the standard
error V / sqrt(n_e). n_e counts the differences as far as their squares are alike, whose correlation
is the square of that of the errors.

References
----------
Daley, Atmospheric Data Analysis, 1991, section 4.3: observed-minus-forecast statistics.
Bayley and Hammersley 1946, J. R. Statist. Soc. Suppl. 8, 184: the effective number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere import pressure_pa
from downwind.errors import ArgumentError
from downwind.wind.compare.cubes import LEAST_EFFECTIVE, effective_number, spacing_m
from downwind.wind.compare.differences import Differences
from downwind.wind.compare.scales import Field, fit_length, fit_time, steering_ms
from downwind.wind.cube import WIND_ERROR, WindCube
from downwind.wind.error import LARGE, Scales, forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.error_sizes import FittedScale, FittedSizes, SizeEntry

FloatArray = NDArray[np.float64]

LEAST_LEAD_H: Final = 1.0
"""What is younger at its valid time counts as an analysis [h]."""

LEAD_STEP_H: Final = 12.0
"""Leads are gathered to the nearest multiple of this, those below half of it apart [h]."""


@dataclass(frozen=True, slots=True, eq=False)
class FitPair:
    """Two winds and their differences."""

    first: WindCube
    second: WindCube
    differences: Differences


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Differences at one level and time of one pair, shape (n,) each.

    ``leads_h`` holds the leads of those of the two winds that are forecasts. ``known`` is the
    variance that is not the forecasts' large-scale error [m2 s-2].
    """

    pair: int
    level: int
    time_s: int
    leads_h: tuple[float, ...]
    east: FloatArray
    north: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    known: FloatArray

    @property
    def bins(self) -> tuple[int, ...]:
        """The bins of the leads, rising."""
        return tuple(sorted(lead_bin(lead) for lead in self.leads_h))


@dataclass(frozen=True, slots=True)
class _Mean:
    """Mean square of the differences of one level and set of lead bins, known variance taken off.

    ``leads_h`` are mean leads, in the order of the bins.
    """

    leads_h: tuple[float, ...]
    square: float
    error: float
    n_effective: float


def lead_bin(lead_h: float) -> int:
    """Return the bin of a lead: 0 below 6 h, then 1 about 12 h, 2 about 24 h and so on."""
    return math.floor(lead_h / LEAD_STEP_H + 0.5)


def fit_sizes(pairs: Sequence[FitPair]) -> FittedSizes:
    """Fit the size of forecast error by level and lead, and scales where the data bear them.

    Parameters
    ----------
    pairs : sequence of FitPair
        Winds at the same heights; forecasts against analyses, observations, or each other.

    Returns
    -------
    FittedSizes

    Raises
    ------
    ArgumentError
        If no pair holds a forecast, or none of the sizes can be told from nothing.
    """
    notes: list[str] = []
    samples = [s for i, pair in enumerate(pairs) for s in _take_samples(i, pair, notes)]
    if not samples:
        raise ArgumentError(
            f"none of the winds is a forecast of {LEAST_LEAD_H:g} h or more, so there is no "
            "forecast error to fit",
            "name an analysis or an observation first, then forecasts of the same times",
        )
    heights = pairs[0].differences.height_m
    rough = _means(samples, LARGE)
    fields = _fields(samples, rough)
    length = fit_length(fields)
    alike = LARGE if length is None else Scales(
        length.value, LARGE.vertical_m, LARGE.time_s
    )  # fmt: skip
    means = rough if length is None else _means(samples, alike)
    time = fit_time(fields, {i: steering_ms(pair.first) for i, pair in enumerate(pairs)}, alike)
    entries: list[SizeEntry] = []
    left_out: list[str] = []
    for k in sorted({level for level, _ in means}):
        pressure = float(pressure_pa(heights[k]))
        entries += _solve_level(
            pressure, {b: m for (level, b), m in means.items() if level == k}, notes, left_out
        )
    if not entries:
        raise ArgumentError(
            "no size could be fitted: " + "; ".join(dict.fromkeys(left_out)),
            "give more nights, or a wider box",
        )
    notes += _describe_scales(length, time)
    if left_out:
        notes.append("left out: " + "; ".join(dict.fromkeys(left_out)))
    return FittedSizes(tuple(entries), _origin(pairs), tuple(dict.fromkeys(notes)), length, time)


def _take_samples(index: int, pair: FitPair, notes: list[str]) -> list[_Sample]:
    found, cubes = pair.differences, (pair.first, pair.second)
    stated = (found.first_error_ms, found.second_error_ms)
    lon, lat = found.node_longitude, found.node_latitude
    samples = []
    for i, time_s in enumerate(found.times_s):
        leads = [_lead_h(cube, int(time_s)) for cube in cubes]
        forecasts = [lead >= LEAST_LEAD_H for lead in leads]
        if not any(forecasts):
            continue
        for k in range(found.height_m.size):
            here = np.isfinite(found.east_ms[i, k]) & np.isfinite(found.north_ms[i, k])
            known = np.zeros(here.sum())
            for c, cube in enumerate(cubes):
                if WIND_ERROR in cube.dataset and not forecasts[c]:
                    known += stated[c][i, k][here] ** 2
                elif not forecasts[c]:
                    notes.append(f"{cube.source} counts as exact")
                if forecasts[c] and cubes[1 - c].nature == "observation":
                    fine = float(unresolved_sigma_ms(spacing_m(cube)))
                    known += fine**2
                    notes.append(
                        f"{fine:.1f} m/s that the grid of {cube.source} does not resolve (default) "
                        "are taken off, and the error that the observation states"
                    )
            if all(forecasts) and pair.first.source == pair.second.source:
                notes.append(
                    f"two runs of {pair.first.source} share errors: the true ones are larger"
                )
            if known.size:
                samples.append(
                    _Sample(
                        index,
                        k,
                        int(time_s),
                        tuple(x for x, is_one in zip(leads, forecasts, strict=True) if is_one),
                        found.east_ms[i, k][here],
                        found.north_ms[i, k][here],
                        lon[here],
                        lat[here],
                        known,
                    )
                )
    return samples


def _lead_h(cube: WindCube, time_s: int) -> float:
    """Return the lead of a wind at a time [h]; NaN for what is no forecast."""
    run = cube.reference_time_s
    return math.nan if run is None else (time_s - run) / 3600.0


def _means(samples: Sequence[_Sample], alike: Scales) -> dict[tuple[int, tuple[int, ...]], _Mean]:
    """Return the mean square for each level and set of lead bins."""
    squares = Scales(
        alike.horizontal_m / math.sqrt(2.0), alike.vertical_m, alike.time_s / 2.0
    )  # the correlation of squares is the square of the correlation
    groups: dict[tuple[int, tuple[int, ...]], list[_Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.level, sample.bins), []).append(sample)
    return {key: _mean(group, squares) for key, group in groups.items()}


def _mean(group: Sequence[_Sample], squares: Scales) -> _Mean:
    east, north, lon, lat, known = (
        np.concatenate([getattr(s, name) for s in group])
        for name in ("east", "north", "longitude", "latitude", "known")
    )
    time = np.concatenate([np.full(s.east.size, s.time_s) for s in group])
    leads = np.array([sorted(s.leads_h) for s in group])
    counts = np.array([s.east.size for s in group], np.float64)
    expected = np.sum(forecast_sigma_ms(50_000.0, leads) ** 2, axis=1)
    weight = np.cos(np.radians(lat)) / (np.repeat(expected, counts.astype(int)) + known) ** 2
    total = weight.sum()
    square = float(weight @ (0.5 * (east**2 + north**2) - known) / total)
    whole = weight * (max(square, 0.0) + known)
    number = effective_number(lon, lat, time, whole, squares)
    return _Mean(
        tuple(float(x) for x in counts @ leads / counts.sum()),
        square,
        float(whole.sum() / total / math.sqrt(number)),
        number,
    )


def _solve_level(
    pressure: float,
    means: dict[tuple[int, ...], _Mean],
    notes: list[str],
    left_out: list[str],
) -> list[SizeEntry]:
    """Return the sizes at one level, one a lead bin, by weighted least squares."""
    where = f"{pressure / 100.0:.0f} hPa"
    few = [bins for bins, mean in means.items() if mean.n_effective < LEAST_EFFECTIVE]
    if few:
        left_out.append(f"{where}: fewer than {LEAST_EFFECTIVE:g} independent differences")
    means = {bins: mean for bins, mean in means.items() if bins not in few and mean.error > 0.0}
    every = sorted({b for bins in means for b in bins})
    if not every:
        return []
    lead = {
        b: float(np.mean([m.leads_h[i] for bins, m in means.items() for i, x in enumerate(bins)
                          if x == b]))
        for b in every
    }  # fmt: skip
    design = np.array([[bins.count(b) for b in every] for bins in means], np.float64)
    square, error, number = (
        np.array([getattr(mean, name) for mean in means.values()])
        for name in ("square", "error", "n_effective")
    )
    shape = np.eye(len(every))
    if np.linalg.matrix_rank(design) < len(every):
        notes.append(
            "where leads cannot be told apart, they grow as in the default table and one factor "
            "is fitted"
        )
        shape = np.array([[float(forecast_sigma_ms(pressure, lead[b])) ** 2] for b in every])
    scaled = (design @ shape) / error[:, None]
    inverse = np.linalg.inv(scaled.T @ scaled)
    variance = shape @ (inverse @ (scaled.T @ (square / error)))
    spread = np.sqrt(np.diag(shape @ inverse @ shape.T))
    entries = []
    for j, b in enumerate(every):
        if variance[j] <= spread[j]:
            left_out.append(f"{where} at {lead[b]:.0f} h: no more than its standard error")
            continue
        sigma = math.sqrt(variance[j])
        entries.append(
            SizeEntry(
                pressure,
                lead[b],
                sigma,
                float(spread[j]) / (2.0 * sigma),
                float(number[design[:, j] > 0.0].sum()),
            )
        )
    return entries


def _fields(
    samples: Sequence[_Sample], means: dict[tuple[int, tuple[int, ...]], _Mean]
) -> list[Field]:
    """Return the differences from what is exact, over their own size."""
    fields = []
    for s in samples:
        square = means[s.level, s.bins].square
        if s.known.any() or square <= 0.0:
            continue
        size = math.sqrt(square)
        fields.append(
            Field(s.pair, s.level, s.time_s, s.east / size, s.north / size, s.longitude, s.latitude)
        )
    return fields


def _describe_scales(length: FittedScale | None, time: FittedScale | None) -> list[str]:
    return [
        f"{what} is not fitted, the data do not bear it: the default of {default} is taken"
        for what, fitted, default in (
            ("the horizontal length", length, f"{LARGE.horizontal_m / 1e3:.0f} km"),
            ("the time", time, f"{LARGE.time_s / 3600.0:g} h"),
        )
        if fitted is None
    ]


def _origin(pairs: Sequence[FitPair]) -> str:
    """Say which winds were compared, how many, and of which days."""
    times = np.concatenate([pair.differences.times_s for pair in pairs])
    first, last = (str(np.datetime64(int(t), "s"))[:10] for t in (times.min(), times.max()))
    names = [
        "+".join(dict.fromkeys(getattr(pair, which).source for pair in pairs))
        for which in ("second", "first")
    ]
    span = first if first == last else f"{first} to {last}"
    many = "" if len(pairs) == 1 else f"{len(pairs)} winds of "
    return f"{many}{names[0]} against {names[1]}, {span}"
