"""95 % intervals of shares and of probabilities that hold what they say near 0 and 1.

The interval of an expected share is that of Korn and Graubard: the beta interval of Clopper and
Pearson, with the number of trials that would give the standard error, made fewer by Student's t for
the degrees of freedom. It lies inside what the shares of the draws span, and is not symmetric where
they are rare. Where all draws have the same share, only those are bounded that were not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri
from scipy.stats import t

from downwind.landing.clusters import (
    Clusters,
    Estimate,
    each_draw,
    effective_draws,
    estimate_mean,
)
from downwind.landing.digits import write_above, write_below

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class EventProbability:
    """The probability that something befalls a draw.

    Attributes
    ----------
    probability : float
        Part of the draws that it befell, by weight [fraction].
    low, high : float
        95 % interval.
    draws, hit_draws, clusters : int
        Draws, those that it befell, and the winds of the data that they fly in.
    effective_draws : float
        Independent draws that would tell as much.
    """

    probability: float
    low: float
    high: float
    draws: int
    hit_draws: int
    clusters: int
    effective_draws: float

    def to_dict(self) -> dict[str, float | int]:
        """Return the numbers as JSON holds them."""
        return {
            "probability": self.probability,
            "low": self.low,
            "high": self.high,
            "draws": self.draws,
            "draws_with_any": self.hit_draws,
            "clusters": self.clusters,
            "effective_draws": self.effective_draws,
        }

    def to_text(self) -> str:
        """Write the probability for a person: ``12.0 % (8.0 to 17.0 %)``, or a bound."""
        of = f" of {self.clusters} members" if self.clusters < self.draws else ""
        if self.hit_draws == 0:
            return f"0 % (in none of {self.draws} draws{of}; {write_below(100 * self.high)} %)"
        if self.hit_draws == self.draws:
            return f"100 % (in all of {self.draws} draws{of}; {write_above(100 * self.low)} %)"
        low, high = 100 * self.low, 100 * self.high
        return f"{100 * self.probability:.1f} % ({low:.1f} to {high:.1f} %)"


def estimate_event(events: NDArray[np.bool_], clusters: Clusters | None = None) -> EventProbability:
    """Estimate the probability of an event that befalls a draw or does not.

    Parameters
    ----------
    events : numpy.ndarray
        Whether it befell each draw, shape (draws,).
    clusters : Clusters, optional
        Which draws share a wind of the data; each stands by itself unless given.

    Returns
    -------
    EventProbability
        With the interval of Clopper and Pearson for the effective number of draws. Where it befell
        none or all, the event itself does not say how alike the draws of one wind are: they are as
        alike as ``clusters.likeness`` says, and count as one draw where that is not known. The
        interval of few hits, or of few misses, reaches as far as that.

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404. Korn and Graubard 1998, Survey Methodology 24,
    193 (effective numbers).
    """
    befell = np.asarray(events, np.bool_)
    grouped = each_draw(befell.size) if clusters is None else clusters
    found = estimate_mean(befell.astype(np.float64), grouped)
    hits = int(np.count_nonzero(befell))
    effective = found.effective_draws
    if grouped.is_shared and 0 < hits < befell.size:
        effective *= _student_shrink(grouped.freedom)
    low, high = clopper_pearson(found.mean * effective, effective)
    if grouped.is_shared:
        # a hit or two do not tell how alike draws are: never surer than without them
        unseen = clopper_pearson(0, effective_draws(float("nan"), grouped))[1]
        low, high = min(low, 1.0 - unseen), max(high, unseen)
    return EventProbability(
        found.mean, low, high, befell.size, hits, grouped.count, found.effective_draws
    )


def share_interval(
    shares: NDArray[np.float64], found: Estimate, clusters: Clusters
) -> tuple[float, float]:
    """Return the 95 % interval of an expected share.

    Parameters
    ----------
    shares : numpy.ndarray
        One a draw, in [0, 1], shape (draws,).
    found : Estimate
        Of these shares.
    clusters : Clusters

    Returns
    -------
    tuple of float
        Lower and upper end. (0, 1) for a single draw, which says nothing.

    References
    ----------
    Korn and Graubard 1998, Survey Methodology 24, 193.
    """
    if clusters.draws < 2:
        return 0.0, 1.0
    least, most = float(shares.min()), float(shares.max())
    if not found.standard_error > 1e-12:
        # all alike: only draws unlike these, which were not seen, can move the mean
        unseen = clopper_pearson(0, effective_draws(float("nan"), clusters))[1]
        return found.mean * (1.0 - unseen), found.mean + (1.0 - found.mean) * unseen
    span = most - least
    part = min(max((found.mean - least) / span, 0.0), 1.0)
    trials = part * (1.0 - part) / (found.standard_error / span) ** 2
    trials *= _student_shrink(clusters.freedom)
    low, high = clopper_pearson(part * trials, trials)
    return least + span * low, least + span * high


def share_bounds(
    shares: NDArray[np.float64], clusters: Clusters, level: float
) -> tuple[float, float]:
    """Return the lower and the upper bound of an expected share, each one-sided.

    Parameters
    ----------
    shares : numpy.ndarray
        One a draw, in [0, 1], shape (draws,).
    clusters : Clusters
    level : float
        Probability with which each bound may err [fraction].

    Returns
    -------
    tuple of float
        Those of Korn and Graubard, and never closer to the mean than what no draw showed: draws
        wholly outside, or wholly inside the region, as frequent as can be if none was seen. (0, 1)
        for a single draw, which says nothing.

    References
    ----------
    Korn and Graubard 1998, Survey Methodology 24, 193.
    """
    if clusters.draws < 2:
        return 0.0, 1.0
    found = estimate_mean(shares, clusters)
    unseen = unseen_part(effective_draws(float("nan"), clusters), level)
    low, high = found.mean * (1.0 - unseen), found.mean + (1.0 - found.mean) * unseen
    least, span = float(shares.min()), float(np.ptp(shares))
    if not found.standard_error > 1e-12:
        return low, high
    part = min(max((found.mean - least) / span, 0.0), 1.0)
    trials = part * (1.0 - part) / (found.standard_error / span) ** 2
    trials *= _student_shrink(clusters.freedom, 1.0 - level)
    hits = part * trials
    below = float(betaincinv(hits, trials - hits + 1.0, level)) if hits > 0.0 else 0.0
    above = float(betaincinv(hits + 1.0, trials - hits, 1.0 - level)) if hits < trials else 1.0
    return min(low, least + span * below), max(high, least + span * above)


def unseen_part(draws: float, level: float) -> float:
    """Return the greatest probability of what none of some draws showed, at a one-sided level.

    Parameters
    ----------
    draws : float
        Effective number of draws; need not be whole.
    level : float
        Probability of seeing none, were it as great as that [fraction].

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404, for no hits: ``1 - level^(1 / draws)``.
    """
    return -math.expm1(math.log(level) / draws)


def draws_to_bound(limit: float, level: float) -> float:
    """Return the effective draws without a hit that bound a probability below a limit.

    The inverse of ``unseen_part``: infinite for a limit of 0, which no number of draws shows.
    """
    if limit <= 0.0:
        return math.inf
    return 0.0 if limit >= 1.0 else math.log(level) / math.log1p(-limit)


def clopper_pearson(hits: float, draws: float) -> tuple[float, float]:
    """Return the exact 95 % interval of a probability from hits among draws.

    Where there is no hit (or no miss) the bound is one-sided at 95 %: 59 draws without a hit
    bound the probability below 5 %, 299 below 1 %. Effective numbers need not be whole.

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404.
    """
    tail = 1.0 - CONFIDENCE
    if hits <= 0.0:
        return 0.0, float(betaincinv(1.0, draws, 1.0 - tail))
    if hits >= draws:
        return float(betaincinv(draws, 1.0, tail)), 1.0
    low = betaincinv(hits, draws - hits + 1, 0.5 * tail)
    high = betaincinv(hits + 1, draws - hits, 1.0 - 0.5 * tail)
    return float(low), float(high)


@cache
def _student_shrink(freedom: int, quantile: float = 0.5 + 0.5 * CONFIDENCE) -> float:
    """Return by what a number of trials is less for the few degrees of freedom of its error."""
    return float((ndtri(quantile) / t.ppf(quantile, freedom)) ** 2)
