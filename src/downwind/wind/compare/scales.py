"""Over which distance and time differences of winds stay alike, where the data can tell.

Differences over their own size are correlated by distance, and in time in a frame that moves with
the wind between 700 and 500 hPa. The standard error leaves out one block of a day and some 1,300 km
after another (jackknife). What rests on fewer than four blocks, or has a standard error of more
than three tenths of itself, or lies beyond the distances at hand, is not told.

References
----------
Hollingsworth and Lönnberg 1986, Tellus 38A, 111: correlations of forecast errors by distance.
Efron and Stein 1981, Ann. Statist. 9, 586: the jackknife estimate of variance.
PHYSICS 5: the shape exp(-d^2 / 2 L^2) exp(-t / tau) in the moving frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.sphere import distance_m
from downwind.wind.compare._columns import sample_columns
from downwind.wind.cube import WindCube
from downwind.wind.error import Scales
from downwind.wind.error_sizes import FittedScale

FloatArray = NDArray[np.float64]

MOST_NODES: Final = 150
"""Nodes of one time and level that are taken, drawn at random with a fixed seed."""

BIN_M: Final = 50_000.0
BINS: Final = 40
"""Distances are gathered by this step, up to so many of them [m]."""

TILE_DEG: Final = 12.0
"""Side of a block [degrees of latitude]."""

LEAST_BLOCKS: Final = 4
MOST_ERROR: Final = 0.3
"""Greatest standard error, over the value, with which it is told."""

LENGTHS_M: Final = (50_000.0, 1_500_000.0)
TIMES_S: Final = (900.0, 5 * 86_400.0)
"""Between these a length and a time are sought."""

LONGEST_LAG_S: Final = 24 * 3600.0
STEERING_M: Final = (3_000.0, 4_000.0, 5_000.0, 5_600.0)
"""Heights whose mean wind carries errors along, about 700 to 500 hPa [m]."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Differences of one pair, level and time over their own size, shape (n,) each."""

    pair: int
    level: int
    time_s: int
    east: FloatArray
    north: FloatArray
    longitude: FloatArray
    latitude: FloatArray

    def thin(self) -> Field:
        """Return some of the nodes, evenly drawn; the same ones for the same number of nodes."""
        if self.east.size <= MOST_NODES:
            return self
        some = np.random.default_rng(0).permutation(self.east.size)[:MOST_NODES]
        return Field(
            self.pair, self.level, self.time_s, self.east[some], self.north[some],
            self.longitude[some], self.latitude[some],
        )  # fmt: skip

    def blocks(self) -> NDArray[np.int64]:
        """Return a number for each node that is the same within a block, shape (n,)."""
        wide = self.longitude * math.cos(math.radians(float(self.latitude.mean())))
        tiles = np.floor(self.latitude / TILE_DEG) * 1_000 + np.floor(wide / TILE_DEG)
        return (tiles + 1_000_000.0 * (self.time_s // 86_400)).astype(np.int64)


def fit_length(fields: Sequence[Field]) -> FittedScale | None:
    """Fit L of exp(-d^2 / 2 L^2) to the products of differences at one time [m].

    Parameters
    ----------
    fields : sequence of Field

    Returns
    -------
    FittedScale or None
        None where the data do not bear it.
    """
    sums: dict[int, FloatArray] = {}  # by block: products and pairs, shape (2, BINS)
    for field in (f.thin() for f in fields):
        block = field.blocks()
        i, j = np.nonzero(np.triu(block[:, None] == block, 1))
        apart = distance_m(
            field.longitude[i], field.latitude[i], field.longitude[j], field.latitude[j]
        )
        product = 0.5 * (field.east[i] * field.east[j] + field.north[i] * field.north[j])
        place = (np.asarray(apart) / BIN_M).astype(np.int64)
        for b in np.unique(block):
            mine = (block[i] == b) & (place < BINS)
            total = sums.setdefault(int(b), np.zeros((2, BINS)))
            total[0] += np.bincount(place[mine], product[mine], BINS)
            total[1] += np.bincount(place[mine], minlength=BINS)
    middle = BIN_M * (np.arange(BINS) + 0.5)

    def fit(total: FloatArray) -> float:
        seen = total[1] > 0.0
        alike = total[0][seen] / total[1][seen]

        def cost(log_length: float) -> float:
            shape = np.exp(-0.5 * (middle[seen] / math.exp(log_length)) ** 2)
            return float(total[1][seen] @ (alike - shape) ** 2)

        return _seek(cost, LENGTHS_M)

    found = _jackknife(sums, fit)
    if found is None:
        return None
    reach = middle[np.sum([s[1] for s in sums.values()], axis=0) > 0.0].max()
    return found if found.value * 1.5 <= reach else None


def fit_time(
    fields: Sequence[Field], drift_ms: Mapping[int, tuple[float, float]], alike: Scales
) -> FittedScale | None:
    """Fit tau of exp(-t / tau) in the frame that moves with the air [s].

    Parameters
    ----------
    fields : sequence of Field
    drift_ms : mapping
        Eastward and northward velocity of the frame of each pair [m s-1].
    alike : Scales
        Its length says how products at some distance in the frame count.

    Returns
    -------
    FittedScale or None
        None where the data do not bear it.
    """
    sums: dict[int, dict[int, FloatArray]] = {}  # by block and lag: products and weights
    by_level: dict[tuple[int, int], list[Field]] = {}
    for field in fields:
        by_level.setdefault((field.pair, field.level), []).append(field.thin())
    for (pair, _), own in by_level.items():
        for a in own:
            for b in own:
                lag = b.time_s - a.time_s
                if 0 < lag <= LONGEST_LAG_S:
                    _add_products(sums, a, b, lag, drift_ms[pair], alike)
    lags = sorted({lag for total in sums.values() for lag in total})
    tables = {
        block: np.array([total.get(lag, np.zeros(2)) for lag in lags]).T
        for block, total in sums.items()
    }
    elapsed = np.array(lags, np.float64)

    def fit(total: FloatArray) -> float:
        seen = total[1] > 0.0
        alike_at = total[0][seen] / total[1][seen]

        def cost(log_time: float) -> float:
            shape = np.exp(-elapsed[seen] / math.exp(log_time))
            return float(total[1][seen] @ (alike_at - shape) ** 2)

        return _seek(cost, TIMES_S)

    return _jackknife(tables, fit)


def steering_ms(cube: WindCube) -> tuple[float, float]:
    """Return the mean wind of a cube between 700 and 500 hPa, over its box and times [m s-1]."""
    rows, columns = (axis[:: max(axis.size // 10, 1)] for axis in (cube.latitude, cube.longitude))
    times = cube.times_s[:: max(cube.times_s.size // 8, 1)]
    found = np.array(
        [sample_columns(cube, int(t), columns, rows, np.array(STEERING_M))[:2] for t in times]
    )
    known = np.isfinite(found).all(axis=1)
    if not known.any():
        return 0.0, 0.0
    return float(found[:, 0][known].mean()), float(found[:, 1][known].mean())


def _add_products(
    sums: dict[int, dict[int, FloatArray]],
    early: Field,
    late: Field,
    lag_s: int,
    drift_ms: tuple[float, float],
    alike: Scales,
) -> None:
    """Add the products of two times to the sums of the blocks of the earlier one's nodes."""
    per_m = math.degrees(1.0 / EARTH_RADIUS_M)
    middle = math.cos(math.radians(float(early.latitude.mean())))
    lon = late.longitude - drift_ms[0] * lag_s * per_m / middle
    lat = late.latitude - drift_ms[1] * lag_s * per_m
    apart = np.asarray(distance_m(early.longitude[:, None], early.latitude[:, None], lon, lat))
    weight = alike.correlate(apart, 0.0)
    weight[apart > 1.5 * alike.horizontal_m] = 0.0
    product = 0.5 * (np.outer(early.east, late.east) + np.outer(early.north, late.north))
    block = early.blocks()
    for b in np.unique(block):
        mine = block == b
        total = sums.setdefault(int(b), {}).setdefault(lag_s, np.zeros(2))
        total += (weight[mine] * product[mine]).sum(), (weight[mine] ** 2).sum()


def _seek(cost: Callable[[float], float], bounds: tuple[float, float]) -> float:
    low, high = (math.log(bound) for bound in bounds)
    found = minimize_scalar(cost, bounds=(low, high), method="bounded")
    return math.exp(float(found.x))


def _jackknife(
    sums: Mapping[int, FloatArray], fit: Callable[[FloatArray], float]
) -> FittedScale | None:
    """Return what is fitted to the sum over blocks, and its error from leaving each out in turn."""
    if len(sums) < LEAST_BLOCKS:
        return None
    whole = np.sum(list(sums.values()), axis=0)
    if not (whole[1] > 0.0).any():
        return None
    value = fit(whole)
    left = [whole - own for own in sums.values()]
    values = np.log([fit(part) for part in left if (part[1] > 0.0).any()])
    n = values.size
    if n < LEAST_BLOCKS:
        return None
    error = value * math.sqrt((n - 1) / n * float(((values - values.mean()) ** 2).sum()))
    return FittedScale(value, error) if error <= MOST_ERROR * value else None
