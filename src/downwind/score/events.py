"""The Brier score of probabilities, and whether what is given 30 % happens in 30 % of cases.

Probabilities are sorted into bins. The Brier score falls apart exactly into reliability (how far
the observed shares lie from the stated ones, smaller is better), resolution (how far they lie from
the mean, larger is better), uncertainty (of the events themselves), and two small parts of what
the probabilities differ within a bin.

References
----------
Murphy 1973, J. Appl. Meteorol. 12, 595 (the parts); Stephenson, Coelho and Jolliffe 2008, Weather
Forecast. 23, 752 (the two parts within bins); Broecker and Smith 2007, Weather Forecast. 22, 651
(consistency bars).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from downwind.errors import ScoreDataError
from downwind.landing.shares import clopper_pearson
from downwind.score.cases import EventCases
from downwind.score.means import MeanScore, estimate_mean

Floats = NDArray[np.float64]

BINS: Final = 10
CONSISTENT: Final = (0.025, 0.975)
"""Points of the binomial law between which a consistency bar lies."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Probabilities that lie close together, and what came of them.

    Attributes
    ----------
    lower, upper : float
        Edges of the bin.
    count, happened : int
    mean_probability : float
    low, high : float
        Clopper-Pearson 95 % interval of how often the events happen.
    consistent_low, consistent_high : float
        Between these the observed share lies in 95 % of cases if the probabilities are right.
    """

    lower: float
    upper: float
    count: int
    happened: int
    mean_probability: float
    low: float
    high: float
    consistent_low: float
    consistent_high: float

    @property
    def share(self) -> float:
        """How often the events happened."""
        return self.happened / self.count

    @property
    def is_consistent(self) -> bool:
        """Whether the observed share lies within the consistency bar."""
        slack = 1e-9
        return self.consistent_low - slack <= self.share <= self.consistent_high + slack

    def to_dict(self) -> dict[str, float | int | bool]:
        """Return the numbers as JSON holds them."""
        return {
            "lower": self.lower,
            "upper": self.upper,
            "count": self.count,
            "happened": self.happened,
            "mean_probability": self.mean_probability,
            "share": self.share,
            "low": self.low,
            "high": self.high,
            "consistent_low": self.consistent_low,
            "consistent_high": self.consistent_high,
            "is_consistent": self.is_consistent,
        }


@dataclass(frozen=True, slots=True)
class Reliability:
    """The diagram and the parts of the Brier score.

    ``brier = reliability - resolution + uncertainty + within_variance - within_covariance``.

    Attributes
    ----------
    bins : tuple of ReliabilityBin
        Those that hold any probability.
    brier, reliability, resolution, uncertainty : float
    within_variance, within_covariance : float
        Of what probabilities differ within their bins.
    """

    bins: tuple[ReliabilityBin, ...]
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float

    @property
    def count(self) -> int:
        """Number of probabilities."""
        return sum(part.count for part in self.bins)

    @property
    def skill(self) -> float:
        """Brier skill against the mean share of the events themselves; NaN if all went alike."""
        return 1.0 - self.brier / self.uncertainty if self.uncertainty > 0.0 else float("nan")

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as JSON holds them."""
        return {
            "brier": self.brier,
            "reliability": self.reliability,
            "resolution": self.resolution,
            "uncertainty": self.uncertainty,
            "within_variance": self.within_variance,
            "within_covariance": self.within_covariance,
            "skill": self.skill if self.uncertainty > 0.0 else None,
            "bins": [part.to_dict() for part in self.bins],
        }


@dataclass(frozen=True, slots=True)
class EventScores:
    """What is known of the probabilities of events.

    Attributes
    ----------
    cases, count, happened : int
        Cases, events over all cases, and those that happened.
    events : dict
        The same two counts, and the mean probability, by the name of the event.
    brier : MeanScore
        Means within cases first, since events of one case are not independent.
    reliability : Reliability
    """

    cases: int
    count: int
    happened: int
    events: dict[str, tuple[int, int, float]]
    brier: MeanScore
    reliability: Reliability

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as JSON holds them."""
        return {
            "cases": self.cases,
            "count": self.count,
            "happened": self.happened,
            "events": {
                name: {"count": count, "happened": hits, "mean_probability": mean}
                for name, (count, hits, mean) in self.events.items()
            },
            "brier_by_case": self.brier.to_dict(),
            **self.reliability.to_dict(),
        }


def score_events(cases: EventCases, bins: int = BINS) -> EventScores:
    """Score probabilities of events."""
    p, happened = cases.probability, cases.happened
    names, case = np.unique(np.asarray(cases.case), return_inverse=True)
    square = (p - happened) ** 2
    kinds = np.asarray(cases.event)
    events = {
        str(name): (
            int(np.count_nonzero(kinds == name)),
            int(np.count_nonzero(happened[kinds == name])),
            float(p[kinds == name].mean()),
        )
        for name in np.unique(kinds)
    }
    return EventScores(
        cases=names.size,
        count=p.size,
        happened=int(np.count_nonzero(happened)),
        events=events,
        brier=estimate_mean(np.bincount(case, square) / np.bincount(case)),
        reliability=estimate_reliability(p, happened, bins),
    )


def estimate_reliability(
    probability: ArrayLike, happened: ArrayLike, bins: int = BINS
) -> Reliability:
    """Sort probabilities into bins of even width and hold each against what happened.

    Parameters
    ----------
    probability : array_like
        Shape (n,), fractions.
    happened : array_like
        Whether each event did, shape (n,).
    bins : int
        1 or more; the last one holds 1.

    Raises
    ------
    ScoreDataError
        Without a probability, or with one outside 0 to 1.
    """
    p, hit = np.asarray(probability, np.float64), np.asarray(happened, np.bool_)
    if not p.size or p.shape != hit.shape or bins < 1 or not ((p >= 0.0) & (p <= 1.0)).all():
        raise ScoreDataError(
            f"{p.size} probabilities and {hit.size} outcomes in {bins} bins cannot be scored",
            "give as many of each, probabilities between 0 and 1, and a bin or more",
        )
    place = np.minimum((p * bins).astype(np.int64), bins - 1)
    rate = float(hit.mean())
    found = []
    reliability = resolution = variance = covariance = 0.0
    for k in np.unique(place):
        mine = place == k
        own_p, own_hit = p[mine], hit[mine]
        count, hits = int(mine.sum()), int(own_hit.sum())
        mean, share = float(own_p.mean()), hits / count
        bar = np.asarray(binom.ppf(CONSISTENT, count, mean)) / count
        found.append(
            ReliabilityBin(
                k / bins, (k + 1) / bins, count, hits, mean, *clopper_pearson(hits, count),
                float(bar[0]), float(bar[1]),
            )
        )  # fmt: skip
        part = count / p.size
        reliability += part * (mean - share) ** 2
        resolution += part * (share - rate) ** 2
        variance += part * float(own_p.var())
        covariance += part * 2.0 * float(((own_p - mean) * (own_hit - share)).mean())
    return Reliability(
        bins=tuple(found),
        brier=float(((p - hit) ** 2).mean()),
        reliability=reliability,
        resolution=resolution,
        uncertainty=rate * (1.0 - rate),
        within_variance=variance,
        within_covariance=covariance,
    )
