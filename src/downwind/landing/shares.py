"""Shares of a load in regions, with honest errors: the sample is the draw, never the item.

Items of one draw share its wind, its leak, its fall-speed bias; a million of them tell no more
about these than one. So a share is first taken within each draw, and its standard error is the
spread of the per-draw shares over the root of the number of draws; where draws share a wind of the
data, that of ``clusters``. Quantities that draws stratify make the true error smaller, never
larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters, each_draw, estimate_mean
from downwind.landing.digits import write_below, write_uncertain
from downwind.landing.intervals import clopper_pearson, estimate_event, share_interval

__all__ = ["Share", "clopper_pearson", "estimate_share", "per_draw_shares"]


@dataclass(frozen=True, slots=True)
class Share:
    """An expected share of items and what is known about it.

    Attributes
    ----------
    mean : float
        Expected share [fraction].
    standard_error : float
        Of the mean, from the per-draw shares [fraction]; NaN for a single draw.
    draws : int
        Draws behind it.
    hit_draws : int
        Draws in which any item landed there.
    event_low, event_high : float
        Clopper-Pearson 95 % interval of the probability that a draw puts any item there.
    low, high : float
        95 % interval of the expected share [fraction].
    monte_carlo_error, ensemble_error : float
        The parts of the standard error that draws, and that members of the wind make smaller
        [fraction]; NaN where they cannot be told apart.
    clusters : int
        Winds of the data that the draws fly in; with a single wind the draws themselves.
    effective_draws : float
        Independent draws that would tell as much.
    """

    mean: float
    standard_error: float
    draws: int
    hit_draws: int
    event_low: float
    event_high: float
    low: float = float("nan")
    high: float = float("nan")
    monte_carlo_error: float = float("nan")
    ensemble_error: float = float("nan")
    clusters: int = 0
    effective_draws: float = float("nan")

    def to_dict(self) -> dict[str, float | int]:
        """Return the numbers as JSON holds them."""
        return {
            "share": self.mean,
            "standard_error": self.standard_error,
            "low": self.low,
            "high": self.high,
            "draws": self.draws,
            "draws_with_any": self.hit_draws,
            "probability_of_any_low": self.event_low,
            "probability_of_any_high": self.event_high,
            "monte_carlo_error": self.monte_carlo_error,
            "ensemble_error": self.ensemble_error,
            "clusters": self.clusters,
            "effective_draws": self.effective_draws,
        }

    def to_text(self) -> str:
        """Write the share for a person: ``84.1 ± 1.9 %``, or a bound where nothing was hit.

        Where twice the error reaches below 0 or above 100 %, the 95 % interval stands beside it.
        """
        if self.hit_draws == 0:
            of = f" of {self.clusters} members" if 0 < self.clusters < self.draws else ""
            bound = f"any at all: {write_below(100 * self.event_high)} %"
            return f"0 % (in none of {self.draws} draws{of}; {bound})"
        if np.isnan(self.standard_error):
            return f"{100 * self.mean:.1f} % (one draw: its error is not known)"
        if self.mean > 0.9999 and self.standard_error < 1e-6:
            return f"100 % (in every one of {self.draws} draws)"
        if self.standard_error < 1e-9:
            return f"{100 * self.mean:.1f} % (alike in each of {self.draws} draws)"
        text = f"{write_uncertain(100 * self.mean, 100 * self.standard_error)} %"
        margin = 2.0 * self.standard_error
        if self.low <= self.high and not margin <= self.mean <= 1.0 - margin:
            text += f" (95 %: {100 * self.low:.1f} to {100 * self.high:.1f})"
        return text


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

    Raises
    ------
    ValueError
        If a draw has no weight.
    """
    total = np.bincount(draw, weight, draws)
    if not np.all(total > 0.0):
        raise ValueError(
            f"draw {int(np.argmin(total > 0.0))} has no items, so that it has no share"
        )
    return np.bincount(draw, weight * inside, draws) / total


def estimate_share(shares: NDArray[np.float64], clusters: Clusters | None = None) -> Share:
    """Estimate an expected share from per-draw shares.

    Parameters
    ----------
    shares : numpy.ndarray
        In [0, 1], shape (draws,).
    clusters : Clusters, optional
        Which draws share a wind of the data; each stands by itself unless given.

    Raises
    ------
    ValueError
        If a share is not a number.
    """
    grouped = each_draw(shares.size) if clusters is None else clusters
    found = estimate_mean(shares, grouped)
    low, high = share_interval(shares, found, grouped)
    anything = estimate_event(shares > 0.0, grouped)
    return Share(
        mean=found.mean,
        standard_error=found.standard_error,
        draws=found.draws,
        hit_draws=anything.hit_draws,
        event_low=anything.low,
        event_high=anything.high,
        low=low,
        high=high,
        monte_carlo_error=found.monte_carlo_error,
        ensemble_error=found.ensemble_error,
        clusters=found.clusters,
        effective_draws=found.effective_draws,
    )
