"""All that can be said of predicted points and their outcomes, in one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from downwind.score.cases import PointCases
from downwind.score.coverage import Coverage, estimate_coverage, hold_by_contours
from downwind.score.means import MeanScore, estimate_mean
from downwind.score.points import crps, energy_score
from downwind.score.ranks import (
    BINS,
    LEAST_EXPECTED,
    RankHistogram,
    place_among,
    place_outlying,
    rank_histogram,
)

AXES: Final = {"east": 90.0, "north": 0.0}
"""Axes that are always looked at, with their bearing [degrees]."""

NOMINAL: Final = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class AxisScores:
    """What is known along one axis.

    Attributes
    ----------
    bearing_deg : float
        Clockwise from north [degrees].
    crps, bias : MeanScore
        The bias is that of the predicted mean: above 0 it lies beyond the outcome [m].
    intervals : tuple of Coverage
        Of the central intervals of ``NOMINAL``.
    ranks : RankHistogram
    """

    bearing_deg: float
    crps: MeanScore
    bias: MeanScore
    intervals: tuple[Coverage, ...]
    ranks: RankHistogram

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as JSON holds them."""
        return {
            "bearing_deg": self.bearing_deg,
            "crps_m": self.crps.to_dict(),
            "bias_m": self.bias.to_dict(),
            "intervals": [part.to_dict() for part in self.intervals],
            "ranks": self.ranks.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class PointScores:
    """What is known of predicted points.

    Attributes
    ----------
    cases : int
    members : tuple of int
        Fewest and most members of a case.
    energy_score, miss, spread : MeanScore
        Energy score; distance from the predicted mean to the outcome; and what that distance
        would be if the prediction were right, from the members' own distances to it [m].
    axes : dict
        ``AxisScores`` by the name of the axis.
    contours : tuple of Coverage
        Of the predictive contours; empty where they were not asked for, or where a case has fewer
        than three draws.
    outlying : RankHistogram
        Of the rank by how far out the outcome lies.
    seed : int
        Of the numbers that break ties.
    """

    cases: int
    members: tuple[int, int]
    energy_score: MeanScore
    miss: MeanScore
    spread: MeanScore
    axes: dict[str, AxisScores]
    contours: tuple[Coverage, ...]
    outlying: RankHistogram
    seed: int

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as JSON holds them."""
        return {
            "cases": self.cases,
            "members_fewest": self.members[0],
            "members_most": self.members[1],
            "energy_score_m": self.energy_score.to_dict(),
            "miss_m": self.miss.to_dict(),
            "spread_m": self.spread.to_dict(),
            "axes": {name: axis.to_dict() for name, axis in self.axes.items()},
            "contours": [part.to_dict() for part in self.contours],
            "ranks_outlying": self.outlying.to_dict(),
            "seed": self.seed,
        }


def score_points(
    cases: PointCases,
    *,
    bearing_deg: float | None = None,
    with_contours: bool = True,
    seed: int = 0,
) -> PointScores:
    """Score predicted points.

    Where several points belong to one draw, one of them stands for it: points of one draw are no
    independent members. The contours take all of them.

    Parameters
    ----------
    cases : PointCases
    bearing_deg : float, optional
        Look along this bearing and across it too [degrees].
    with_contours : bool
        Draw the predictive contours of each case, and see whether they hold the outcome.
    seed : int
        Of the numbers that break ties and choose among the points of a draw.
    """
    axes = dict(AXES)
    if bearing_deg is not None:
        axes["along"] = bearing_deg % 360.0
        axes["across"] = (bearing_deg + 90.0) % 360.0
    bins = int(np.clip(len(cases.names) // LEAST_EXPECTED, 2, BINS))
    single = cases.thin(_stream(seed, len(AXES) + 3))
    weight = single.weight
    found = {}
    for stream, (name, bearing) in enumerate(axes.items()):
        offset = single.along(bearing)
        place = place_among(offset, weight, _stream(seed, stream))
        found[name] = AxisScores(
            bearing_deg=bearing,
            crps=estimate_mean(crps(offset, weight)),
            bias=estimate_mean([float(w @ d) for d, w in zip(offset, weight, strict=True)]),
            intervals=tuple(
                estimate_coverage(np.abs(2.0 * place - 1.0) <= level, level) for level in NOMINAL
            ),
            ranks=rank_histogram(place, bins),
        )
    held = hold_by_contours(cases) if with_contours else {}
    outlying = place_outlying(single.x_m, single.y_m, weight, _stream(seed, len(AXES) + 2))
    miss, spread = _miss_and_spread(single)
    sizes = [draw.size for draw in single.draw]
    return PointScores(
        cases=len(cases.names),
        members=(min(sizes), max(sizes)),
        energy_score=estimate_mean(energy_score(single.x_m, single.y_m, weight)),
        miss=miss,
        spread=spread,
        axes=found,
        contours=tuple(estimate_coverage(inside, level) for level, inside in held.items()),
        outlying=rank_histogram(outlying, bins),
        seed=seed,
    )


def _stream(seed: int, index: int) -> int:
    """Return a seed for one of several streams of a seed."""
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])


def _miss_and_spread(cases: PointCases) -> tuple[MeanScore, MeanScore]:
    """Return the mean distance from the predicted mean to the outcome, and to the members.

    The mean of m members follows each of them and errs against the outcome: in the square, a
    member lies nearer by (1 - s) / (1 + s) with s the sum of the squared weights.
    """
    miss, spread = [], []
    for x, y, w in zip(cases.x_m, cases.y_m, cases.weight, strict=True):
        mean_x, mean_y, own = float(w @ x), float(w @ y), float(w @ w)
        miss.append(np.hypot(mean_x, mean_y))
        away = float(w @ np.hypot(x - mean_x, y - mean_y))
        spread.append(away * np.sqrt((1.0 + own) / (1.0 - own)))
    return estimate_mean(miss), estimate_mean(spread)
