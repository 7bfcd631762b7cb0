"""The energy score and the CRPS: how far outcomes lie from what was predicted, spread included.

Both are proper: in the mean no prediction does better than the true distribution. Both are in
metres, smaller is better, and both are the distance to the outcome for a prediction of one point.
The fair estimators are those of the distribution that the members were drawn from, so that a
prediction gains nothing by more members alone; the others are those of the members as they stand.

References
----------
Gneiting and Raftery 2007, J. Am. Stat. Assoc. 102, 359 (the scores); Ferro 2014, Q. J. R. Meteorol.
Soc. 140, 1917 (fair scores). Computed by the package scoringrules.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def energy_score(
    x_m: Sequence[Floats], y_m: Sequence[Floats], weight: Sequence[Floats], *, fair: bool = True
) -> Floats:
    """Return the energy score of each case [m].

    Parameters
    ----------
    x_m, y_m : sequence of numpy.ndarray
        Members of each case, east and north of its outcome, shape (m,) each [m].
    weight : sequence of numpy.ndarray
        Their weights, which add up to 1 in each case.
    fair : bool
        Of the distribution behind the members; else of the members themselves.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    from scoringrules import es_ensemble

    return np.array(
        [
            es_ensemble(
                np.zeros(2),
                np.column_stack([x, y]),
                ens_w=w,
                estimator="fair" if fair else "nrg",
                backend="numpy",
            )
            for x, y, w in zip(x_m, y_m, weight, strict=True)
        ],
        np.float64,
    )


def crps(offset_m: Sequence[Floats], weight: Sequence[Floats], *, fair: bool = True) -> Floats:
    """Return the continuous ranked probability score of each case along one axis [m].

    Parameters
    ----------
    offset_m : sequence of numpy.ndarray
        How far the members of each case lie beyond the outcome, shape (m,) each [m]: that of
        ``PointCases.along``.
    weight : sequence of numpy.ndarray
        Their weights, which add up to 1 in each case.
    fair : bool
        Of the distribution behind the members; else of the members themselves.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    from scoringrules import crps_ensemble

    return np.array(
        [
            crps_ensemble(
                0.0, offset, ens_w=w, estimator="fair" if fair else "nrg", backend="numpy"
            )
            for offset, w in zip(offset_m, weight, strict=True)
        ],
        np.float64,
    )
