"""How much of a variance each cause makes: first-order and total indices by Jansen's estimators.

A quantity f depends on independent causes. With f(A) and f(B) from two independent samples, and
f(AB_i) from the first with cause i alone taken from the second,

    V   = E (f(A) - f(B))^2 / 2,
    S_i = 1 - E (f(B) - f(AB_i))^2 / (2 V)        first order: what cause i makes by itself,
    T_i = E (f(A) - f(AB_i))^2 / (2 V)            total: with all it does together with others.

The variance is taken from the same pairs as the other two means. Where a cause does little,
f(AB_i) is close to f(A): both means then wander together, and their ratio far less than either.

References
----------
Jansen 1999, Comput. Phys. Commun. 117, 35, equations for the first order and the total. Saltelli et
al. 2010, Comput. Phys. Commun. 181, 259, table 2 (b) and (f). Sobol 2001, Math. Comput. Simul. 55,
271.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError

Floats = NDArray[np.float64]

LEAST_ROWS = 8
"""Fewest rows of a sample from which indices are estimated."""

LEAST_CARRIERS = 4.0
"""Fewest rows, in effect, that have to make the variance: of fewer, the jackknife sees no error."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its standard error."""

    value: float
    standard_error: float

    def to_dict(self) -> dict[str, float]:
        """Return the numbers as JSON holds them."""
        return {"value": self.value, "standard_error": self.standard_error}


@dataclass(frozen=True, slots=True)
class Indices:
    """Indices of several causes.

    Attributes
    ----------
    variance : Estimate
        Of the quantity, in its unit squared.
    first, total : tuple of Estimate
        One for each cause, as fractions of the variance.
    interaction : Estimate
        1 less all first orders: what no cause makes by itself.
    """

    variance: Estimate
    first: tuple[Estimate, ...]
    total: tuple[Estimate, ...]
    interaction: Estimate


@dataclass(frozen=True, slots=True)
class Stratum:
    """Some units that were looked at, out of more of their kind.

    Attributes
    ----------
    weight : float
        Of the stratum; the weights of all add up to 1.
    count : int
        Units that there are.
    values : numpy.ndarray
        Of the units looked at, shape (draws, units).
    """

    weight: float
    count: int
    values: Floats


@dataclass(frozen=True, slots=True)
class DrawMeans:
    """A mean over units in each draw, from some of them.

    Attributes
    ----------
    strata : tuple of Stratum
    """

    strata: tuple[Stratum, ...]

    @property
    def mean(self) -> Floats:
        """The weighted mean of each draw, shape (draws,)."""
        return _average(self.strata)

    def keep(self, rows: NDArray[np.bool_]) -> DrawMeans:
        """Return the same of some draws only; ``rows`` has shape (draws,)."""
        return DrawMeans(tuple(Stratum(s.weight, s.count, s.values[rows]) for s in self.strata))

    def noise(self) -> Floats:
        """Return the error variance of each mean that comes from not looking at all units."""
        return _unseen(self.strata)


def half_squares(first: DrawMeans, second: DrawMeans) -> Floats:
    """Return, for each draw, half the square by which the means of all units differ.

    Of some units of many the means differ by more, since what each unit has of its own averages
    out less. That part is taken off: its unbiased estimate, from how the differences of single
    units scatter (Cochran 1977, Sampling Techniques, theorem 2.4, with the finite population).

    Parameters
    ----------
    first, second : DrawMeans
        Of the same units and draws.

    Returns
    -------
    numpy.ndarray
        Shape (draws,); an entry can be below 0, their mean is unbiased.
    """
    parts = tuple(
        Stratum(a.weight, a.count, a.values - b.values)
        for a, b in zip(first.strata, second.strata, strict=True)
    )
    return np.asarray(0.5 * (_average(parts) ** 2 - _unseen(parts)))


def _average(strata: tuple[Stratum, ...]) -> Floats:
    return np.asarray(np.sum([s.weight * s.values.mean(axis=1) for s in strata], axis=0))


def _unseen(strata: tuple[Stratum, ...]) -> Floats:
    found = np.zeros(strata[0].values.shape[0])
    for s in strata:
        seen = s.values.shape[1]
        if 1 < seen < s.count:
            share = s.weight**2 * (1.0 / seen - 1.0 / s.count)
            found += share * s.values.var(axis=1, ddof=1)
    return found


def jansen_indices(f_a: Floats, f_b: Floats, f_ab: Floats) -> Indices | None:
    """Estimate the indices of causes from values of a function.

    Parameters
    ----------
    f_a, f_b : numpy.ndarray
        At the rows of two independent samples, shape (n,).
    f_ab : numpy.ndarray
        At those of the first with one cause each taken from the second, shape (causes, n).

    Returns
    -------
    Indices or None
        None where the function has no variance.

    Raises
    ------
    ArgumentError
        If the shapes do not fit, or there are fewer than ``LEAST_ROWS`` rows.
    """
    f_a, f_b, f_ab = (np.asarray(x, np.float64) for x in (f_a, f_b, f_ab))
    if f_ab.ndim != 2 or f_a.shape != f_b.shape or f_ab.shape[1:] != f_a.shape:
        raise ArgumentError(
            f"samples of shapes {f_a.shape}, {f_b.shape} and {f_ab.shape} do not fit together",
            "give (n,), (n,) and (causes, n)",
        )
    return estimate_indices(
        0.5 * (f_a - f_b) ** 2, 0.5 * (f_b - f_ab) ** 2, 0.5 * (f_a - f_ab) ** 2
    )


def estimate_indices(
    between: Floats, to_second: Floats, to_first: Floats, least_variance: float = 0.0
) -> Indices | None:
    """Estimate indices from half squares of differences, with jackknife standard errors.

    Parameters
    ----------
    between : numpy.ndarray
        Half squares of f(A) - f(B), shape (n,).
    to_second, to_first : numpy.ndarray
        Those of f(B) - f(AB_i) and of f(A) - f(AB_i), shape (causes, n).
    least_variance : float
        A variance that is not above this is none.

    Returns
    -------
    Indices or None
        None where there is no variance, or where fewer than ``LEAST_CARRIERS`` rows make it: a
        balloon whose timer fails in one draw of many is such a case.

    Raises
    ------
    ArgumentError
        If there are fewer than ``LEAST_ROWS`` rows.

    References
    ----------
    Kish 1965, Survey Sampling, section 11.7 (rows in effect: the squared sum over the sum of
    squares). Efron and Tibshirani 1993, An Introduction to the Bootstrap, equation 11.5
    (jackknife).
    """
    n = between.size
    if n < LEAST_ROWS:
        raise ArgumentError(
            f"indices are asked for from {n} draws", f"take {LEAST_ROWS} draws at the least"
        )
    total = between.sum()
    without = total - between  # of all rows but one
    if not total > n * least_variance or not np.all(without > 0.0):
        return None
    if total**2 < LEAST_CARRIERS * (between**2).sum():
        return None
    first = [_jackknife(1.0 - r.sum() / total, 1.0 - (r.sum() - r) / without) for r in to_second]
    whole = [_jackknife(r.sum() / total, (r.sum() - r) / without) for r in to_first]
    every = to_second.sum(axis=0)
    off = len(first) - 1.0
    interaction = _jackknife(every.sum() / total - off, (every.sum() - every) / without - off)
    variance = Estimate(float(between.mean()), float(between.std(ddof=1) / np.sqrt(n)))
    return Indices(variance, tuple(first), tuple(whole), interaction)


def _jackknife(value: float, left_out: Floats) -> Estimate:
    """Return an estimate with the error that leaving out one row at a time shows."""
    n = left_out.size
    spread = (n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum())
    return Estimate(float(value), float(np.sqrt(spread)))
