"""Shares of a load in regions, with honest errors: the sample is the draw, never the item.

Items of one draw share its wind, its leak, its fall-speed bias; a million of them tell no more
about these than one. So a share is first taken within each draw, and its standard error is the
spread of the per-draw shares over the root of the number of draws. Quantities that draws stratify
make the true error smaller, never larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """An expected share of items and what is known about it.

    Attributes
    ----------
    mean : float
        Expected share [fraction].
    standard_error : float
        Of the mean, from the per-draw shares [fraction].
    draws : int
        Draws behind it.
    hit_draws : int
        Draws in which any item landed there.
    event_low, event_high : float
        Clopper-Pearson 95 % interval of the probability that a draw puts any item there.
    """

    mean: float
    standard_error: float
    draws: int
    hit_draws: int
    event_low: float
    event_high: float

    def to_dict(self) -> dict[str, float | int]:
        """Return the numbers as JSON holds them."""
        return {
            "share": self.mean,
            "standard_error": self.standard_error,
            "draws": self.draws,
            "draws_with_any": self.hit_draws,
            "probability_of_any_low": self.event_low,
            "probability_of_any_high": self.event_high,
        }

    def to_text(self) -> str:
        """Write the share for a person: ``84.1 ± 1.9 %``, or a bound where nothing was hit."""
        if self.hit_draws == 0:
            return (
                f"0 % (in none of {self.draws} draws; any at all: < {100 * self.event_high:.1f} %)"
            )
        if self.mean > 0.9999 and self.standard_error < 1e-6:
            return f"100 % (in every one of {self.draws} draws)"
        return f"{100 * self.mean:.1f} ± {100 * self.standard_error:.1f} %"


def per_draw_shares(
    weight: NDArray[np.float64],
    inside: NDArray[np.bool_],
    draw: NDArray[np.int64],
    draws: int,
) -> NDArray[np.float64]:
    """Return the share of the weight inside a region in each draw, shape (draws,).

    Parameters
    ----------
    weight : numpy.ndarray
        Items that each row stands for, shape (n,).
    inside : numpy.ndarray
        Whether each row lies in the region, shape (n,).
    draw : numpy.ndarray
        Draw of each row, shape (n,).
    draws : int
        Number of draws; each must have some weight.
    """
    total = np.bincount(draw, weight, draws)
    return np.bincount(draw, weight * inside, draws) / total


def estimate_share(shares: NDArray[np.float64]) -> Share:
    """Estimate an expected share from per-draw shares, shape (draws,)."""
    draws = shares.size
    hits = int(np.count_nonzero(shares > 0.0))
    low, high = clopper_pearson(hits, draws)
    error = float(shares.std(ddof=1) / np.sqrt(draws)) if draws > 1 else float("nan")
    return Share(float(shares.mean()), error, draws, hits, low, high)


def clopper_pearson(hits: int, draws: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a probability from hits among draws.

    Where there is no hit (or no miss) the bound is one-sided at 95 %: 59 draws without a hit
    bound the probability below 5 %, 299 below 1 %.

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404.
    """
    tail = 1.0 - CONFIDENCE
    if hits == 0:
        return 0.0, float(beta.ppf(1.0 - tail, 1, draws))
    if hits == draws:
        return float(beta.ppf(tail, draws, 1)), 1.0
    low = beta.ppf(0.5 * tail, hits, draws - hits + 1)
    high = beta.ppf(1.0 - 0.5 * tail, hits + 1, draws - hits)
    return float(low), float(high)
