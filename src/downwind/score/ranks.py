"""Where outcomes lie among the members: rank histograms, flat for a prediction that is right.

An outcome that is one more draw of the predicted law takes each rank among the members equally
often. The place u in (0, 1) is its rank plus a uniform number, over the number of members and one;
so cases with different numbers of members go into one histogram. With weights the outcome weighs
as much as a mean member, one over the effective number; u is then even to first order.

References
----------
Hamill 2001, Mon. Weather Rev. 129, 550 (rank histograms); Jolliffe and Primo 2008, Mon. Weather
Rev. 136, 2133 (chi-square of tilt and bowl); Knueppel, Krueger and Pohle 2022, Score-based
calibration testing for multivariate forecast distributions (ranks by the energy score).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from scipy.stats import chi2

from downwind.errors import ScoreDataError

Floats = NDArray[np.float64]

BINS: Final = 10
LEAST_EXPECTED: Final = 5.0
"""Cases that a bin must expect before chi-square says anything."""

SIGNIFICANT: Final = 0.01
"""Probability below which a shape is called by its name."""


@dataclass(frozen=True, slots=True)
class RankHistogram:
    """How outcomes are spread over the members, and tests of whether that is even.

    Attributes
    ----------
    counts : numpy.ndarray
        Outcomes in each of equally likely bins, shape (k,).
    chi_square, p_value : float
        Of an even histogram; NaN where a bin expects fewer than five.
    tilt, bowl : float
        Parts of the chi-square with one degree of freedom each, as signed standard normals: tilt
        above 0 for outcomes at high ranks, bowl above 0 for outcomes at both ends.
    """

    counts: NDArray[np.int64]
    chi_square: float
    p_value: float
    tilt: float
    bowl: float

    @property
    def cases(self) -> int:
        """Number of outcomes."""
        return int(self.counts.sum())

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as JSON holds them."""
        tested = np.isfinite(self.chi_square)
        return {
            "counts": self.counts.tolist(),
            "chi_square": self.chi_square if tested else None,
            "p_value": self.p_value if tested else None,
            "tilt": self.tilt if tested else None,
            "bowl": self.bowl if tested else None,
        }


def place_among(offset_m: Sequence[Floats], weight: Sequence[Floats], seed: int = 0) -> Floats:
    """Return the place u of each outcome among its members along an axis, shape (n,).

    Parameters
    ----------
    offset_m : sequence of numpy.ndarray
        How far the members lie beyond the outcome, shape (m,) each: ``PointCases.along``.
    weight : sequence of numpy.ndarray
        Their weights, which add up to 1 in each case.
    seed : int
        Of the uniform numbers, which also break ties.

    Returns
    -------
    numpy.ndarray
        In (0, 1); low where most members lie beyond the outcome.
    """
    luck = np.random.default_rng(seed).random(len(offset_m))
    return np.array(
        [
            _place(w[offset < 0.0].sum(), w[offset == 0.0].sum(), w, v)
            for offset, w, v in zip(offset_m, weight, luck, strict=True)
        ]
    )


def place_outlying(
    x_m: Sequence[Floats], y_m: Sequence[Floats], weight: Sequence[Floats], seed: int = 0
) -> Floats:
    """Return the place u of each outcome by how far out it lies, shape (n,).

    Outcome and members are ranked together by their mean distance to all the others: near 0 the
    outcome lies deep inside, near 1 further out than the members do.

    Parameters
    ----------
    x_m, y_m : sequence of numpy.ndarray
        Members of each case, east and north of its outcome, shape (m,) each [m].
    weight : sequence of numpy.ndarray
        Their weights, which add up to 1 in each case.
    seed : int
        Of the uniform numbers, which also break ties.
    """
    luck = np.random.default_rng(seed).random(len(x_m))
    places = []
    for x, y, w, v in zip(x_m, y_m, weight, luck, strict=True):
        points = np.column_stack([np.append(x, 0.0), np.append(y, 0.0)])
        own = (w * w).sum()
        depth = cdist(points, points) @ (np.append(w, own) / (1.0 + own))
        members, outcome = depth[:-1], depth[-1]
        same = np.isclose(members, outcome, rtol=1e-12, atol=0.0)
        below = w[(members < outcome) & ~same].sum()
        places.append(_place(below, w[same].sum(), w, v))
    return np.array(places)


def rank_histogram(place: ArrayLike, bins: int = BINS) -> RankHistogram:
    """Count places in equal bins, and test whether they are even.

    Parameters
    ----------
    place : array_like
        In (0, 1), one a case, shape (n,).
    bins : int
        2 or more.

    Raises
    ------
    ScoreDataError
        Without a case, with one bin, or with a place outside 0 to 1.
    """
    u = np.asarray(place, np.float64)
    if not u.size or bins < 2 or not bool(((u >= 0.0) & (u <= 1.0)).all()):
        raise ScoreDataError(
            f"{u.size} places in {bins} bins make no rank histogram",
            "give places between 0 and 1, at least one, and two bins or more",
        )
    counts = np.bincount(np.minimum((u * bins).astype(np.int64), bins - 1), minlength=bins)
    expected = u.size / bins
    if expected < LEAST_EXPECTED:
        nan = float("nan")
        return RankHistogram(counts, nan, nan, nan, nan)
    excess = (counts - expected) / np.sqrt(expected)
    line = np.arange(bins) - 0.5 * (bins - 1)
    curve = line**2 - (line**2).mean()
    total = float(excess @ excess)
    tilt = float(excess @ line / np.sqrt(line @ line))
    # two bins have no room for a bowl
    bowl = float(excess @ curve / np.sqrt(curve @ curve)) if bins > 2 else float("nan")
    return RankHistogram(counts, total, float(chi2.sf(total, bins - 1)), tilt, bowl)


def is_marked(part: float) -> bool:
    """Tell whether a tilt or bowl is more than chance, at the 1 % level."""
    return bool(chi2.sf(part**2, 1) < SIGNIFICANT)


def _place(below: float, tied: float, weight: Floats, luck: float) -> float:
    own = float((weight * weight).sum())
    return (float(below) + luck * (float(tied) + own)) / (1.0 + own)
