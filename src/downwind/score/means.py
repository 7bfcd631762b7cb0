"""A score averaged over cases, with its standard error: the sample is the case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class MeanScore:
    """A mean over cases.

    Attributes
    ----------
    mean, standard_error : float
        In the unit of the score; the error is NaN with one case.
    cases : int
    """

    mean: float
    standard_error: float
    cases: int

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the numbers as JSON holds them."""
        known = self.cases > 1
        return {
            "mean": self.mean,
            "standard_error": self.standard_error if known else None,
            "cases": self.cases,
        }


def estimate_mean(values: ArrayLike) -> MeanScore:
    """Return the mean of scores, one a case, shape (n,), and its standard error."""
    scores = np.asarray(values, np.float64)
    count = scores.size
    error = float(scores.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")
    return MeanScore(float(scores.mean()), error, count)
