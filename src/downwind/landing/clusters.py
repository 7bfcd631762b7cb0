"""Means over draws that share winds: standard errors by cluster, and how much the draws tell.

Draws that fly in the same wind of the data are alike, so that a hundred of them may tell little
more than one. The wind of the data is their cluster. A one-way analysis of variance with random
effects parts what differs among the draws of one wind from what differs among the winds. From the
first comes the Monte Carlo error, which more draws make smaller; from the second that of the finite
ensemble, which only more members make smaller.

Where the data hold one wind, each draw stands by itself, and all is given that wind (or given the
law of its errors, where each draw has an error of its own). Where each wind has one draw alone, the
two parts cannot be told apart; their sum still can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Which draws share a wind of the data, and what each draw weighs.

    Attributes
    ----------
    label : numpy.ndarray
        Cluster of each draw, counted from 0, shape (draws,).
    count : int
        Number of clusters.
    weight : numpy.ndarray
        Weight of each draw, adding up to 1, shape (draws,).
    is_one_wind : bool
        Whether the data hold one wind, so that each draw stands by itself.
    likeness : float
        Correlation of two draws in one wind for what shows no difference among the draws, from 0
        to 1; NaN where it is not known, which counts as 1.
    """

    label: NDArray[np.int64]
    count: int
    weight: Array
    is_one_wind: bool
    likeness: float = float("nan")

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.label.size)

    @property
    def is_shared(self) -> bool:
        """Whether any two draws share a wind."""
        return self.count < self.draws

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the error of a mean: clusters less one."""
        return self.count - 1

    @property
    def kish_draws(self) -> float:
        """Number of draws of equal weight that tell as much, were all independent.

        References
        ----------
        Kish 1965, Survey Sampling, 11.7.
        """
        return float(1.0 / np.sum(self.weight**2))

    @property
    def kish_clusters(self) -> float:
        """The same of the clusters, were all draws of one alike."""
        return float(1.0 / np.sum(np.bincount(self.label, self.weight) ** 2))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over draws and its error.

    Attributes
    ----------
    mean : float
    standard_error : float
        Both parts of the error together; NaN for a single draw.
    monte_carlo_error : float
        The part that more draws make smaller, given the winds of the data; NaN where each of
        several winds has one draw alone.
    ensemble_error : float
        The part that only more members make smaller; NaN likewise, 0 where the data hold one wind.
    correlation : float
        Of two draws in the same wind (intraclass correlation), from 0 to 1; NaN where no two draws
        share one of several, or nothing varies.
    draws, clusters : int
    effective_draws : float
        Independent draws that would tell as much.
    """

    mean: float
    standard_error: float
    monte_carlo_error: float
    ensemble_error: float
    correlation: float
    draws: int
    clusters: int
    effective_draws: float


def cluster_draws(base: ArrayLike, weight: ArrayLike | None = None) -> Clusters:
    """Group draws by the wind of the data that each flies in.

    Parameters
    ----------
    base : array_like
        Wind of each draw, any integers, shape (draws,). If all are the same, there is one wind, and
        each draw stands by itself, given that wind.
    weight : array_like, optional
        Weight of each draw, above 0, shape (draws,); all alike unless given.

    Raises
    ------
    ValueError
        If there are no draws, or a weight is not above 0.
    """
    winds = np.asarray(base, np.int64).ravel()
    if not winds.size:
        raise ValueError("a mean needs at least one draw")
    given = np.ones(winds.size) if weight is None else np.asarray(weight, np.float64).ravel()
    if given.shape != winds.shape or not np.all(np.isfinite(given) & (given > 0.0)):
        raise ValueError(f"the weights of {winds.size} draws are as many numbers above 0")
    names, label = np.unique(winds, return_inverse=True)
    if names.size == 1:
        label = np.arange(winds.size)
    return Clusters(
        label.astype(np.int64), int(label.max()) + 1, given / given.sum(), names.size == 1
    )


def each_draw(draws: int) -> Clusters:
    """Return the clusters of draws that stand by themselves."""
    return cluster_draws(np.zeros(draws, np.int64))


def estimate_mean(values: Array, clusters: Clusters | None = None) -> Estimate:
    """Estimate an expected value from one value a draw.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (draws,).
    clusters : Clusters, optional
        Which draws share a wind; each stands by itself unless given.

    Raises
    ------
    ValueError
        If a value is not a number, or their number is not that of the draws.

    References
    ----------
    Searle, Casella and McCulloch 1992, Variance Components, 3.5 (one-way random effects, unequal
    numbers). Kish 1965, Survey Sampling, 5.4 (design effect ``1 + (m - 1) rho``).
    """
    grouped = each_draw(values.size) if clusters is None else clusters
    mean, whole, inside, among, correlation = (float(x) for x in _part_variance(values, grouped))
    return Estimate(
        mean=mean,
        standard_error=float(np.sqrt(whole)),
        monte_carlo_error=float(np.sqrt(inside)),
        ensemble_error=float(np.sqrt(among)),
        correlation=correlation,
        draws=grouped.draws,
        clusters=grouped.count,
        effective_draws=effective_draws(correlation, grouped),
    )


def standard_errors(values: Array, clusters: Clusters | None = None) -> Array:
    """Return the standard errors of means over the last axis, as ``estimate_mean`` finds them.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., draws).
    clusters : Clusters, optional

    Returns
    -------
    numpy.ndarray
        Shape (...); NaN for a single draw.
    """
    grouped = each_draw(values.shape[-1]) if clusters is None else clusters
    return np.asarray(np.sqrt(_part_variance(values, grouped)[1]))


def effective_draws(correlation: float, clusters: Clusters) -> float:
    """Return how many independent draws tell as much as these do.

    Parameters
    ----------
    correlation : float
        Of two draws in the same wind; NaN counts as the likeness of the clusters, or as 1 where
        that is not known, which is the least that can be said.
    clusters : Clusters

    Returns
    -------
    float
        ``D / (1 + (m - 1) rho)``, between the number of clusters and that of draws; less where
        their weights differ.
    """
    if not clusters.is_shared:
        return clusters.kish_draws
    known = clusters.likeness if np.isnan(correlation) else correlation
    rho = 1.0 if np.isnan(known) else min(max(known, 0.0), 1.0)
    return 1.0 / ((1.0 - rho) / clusters.kish_draws + rho / clusters.kish_clusters)


def _part_variance(values: Array, clusters: Clusters) -> tuple[Array, ...]:
    """Return the mean over the last axis, its variance, both parts of that, and the correlation.

    What is not known is NaN.
    """
    label, count, weight = clusters.label, clusters.count, clusters.weight
    if values.shape[-1] != clusters.draws:
        raise ValueError(f"{values.shape[-1]} values for {clusters.draws} draws")
    if not np.isfinite(values).all():
        raise ValueError("a value of a draw is not a number")
    # a mean lies between the draws, to the last bit
    alike = bool(np.all(weight == weight[0]))
    mean = values.mean(axis=-1) if alike else values @ weight
    mean = np.clip(mean, values.min(axis=-1), values.max(axis=-1))
    nothing = np.full(mean.shape, np.nan)
    scale = float(np.sum(weight**2))
    if not clusters.is_shared:
        if clusters.draws < 2:
            return mean, nothing, nothing, nothing, nothing
        # with equal weights the variance over the number
        spread = (values - mean[..., None]) ** 2 @ weight / (1.0 - scale) * scale
        if not clusters.is_one_wind:
            return mean, np.asarray(spread), nothing, nothing, nothing
        return mean, np.asarray(spread), np.asarray(spread), np.zeros(mean.shape), nothing
    size = np.bincount(label, minlength=count).astype(float)
    member = np.zeros((clusters.draws, count))
    member[np.arange(clusters.draws), label] = 1.0
    centre = values @ member / size
    middle = values.mean(axis=-1)
    away = values - centre[..., label]
    within = np.sum(away**2, axis=-1) / (clusters.draws - count)
    between = (centre - middle[..., None]) ** 2 @ size / (count - 1)
    each = (clusters.draws - np.sum(size**2) / clusters.draws) / (count - 1)
    among = np.maximum(between - within, 0.0) / each
    whole = among + within
    with np.errstate(invalid="ignore"):
        correlation = np.where(whole > 0.0, among / np.where(whole > 0.0, whole, 1.0), np.nan)
    inside, beyond = within * scale, among / clusters.kish_clusters
    return mean, inside + beyond, inside, beyond, np.asarray(correlation)
