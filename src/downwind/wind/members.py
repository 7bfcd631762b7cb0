"""Which wind of the data each draw flies in: evenly, or by the weights of the members.

Without weights draw d flies in member ``d % M``. With weights the draws stand at even steps along
the weights laid end to end, so that a member is used as often as its weight says, rounded down or
up, and so are all members of a source together. Draws are numbered by a stride near the golden
section, which puts neighbours far apart: the first so many draws are spread as all of them are.

References
----------
Systematic sampling with unequal probabilities: W. G. Madow, Annals of Mathematical Statistics
20 (1949), 333-354.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError

if TYPE_CHECKING:
    from downwind.wind.grid import WindGrid

WEIGHT_TOLERANCE: Final = 1e-6
"""By how much the sum of weights may lie off 1."""

_GOLDEN: Final = (math.sqrt(5.0) - 1.0) / 2.0


def check_weights(weights: Sequence[float], names: Sequence[str]) -> None:
    """Raise ArgumentError unless weights are shares that make a whole.

    Parameters
    ----------
    weights : sequence of float
        One for each name.
    names : sequence of str
        What they are the weights of, for the message.
    """
    for weight, name in zip(weights, names, strict=True):
        if not math.isfinite(weight):
            raise ArgumentError(
                f"the weight of {name} is {weight}: a weight is a number", "such as 0.5"
            )
        if weight < 0.0:
            raise ArgumentError(
                f"the weight of {name} is {weight:g}: a weight is not negative", "such as 0.5"
            )
        if weight == 0.0:
            raise ArgumentError(
                f"the weight of {name} is 0, so that it would never be flown",
                "leave it out, or give it a weight",
            )
    total = math.fsum(weights)
    if abs(total - 1.0) > WEIGHT_TOLERANCE:
        parts = " + ".join(f"{weight:g}" for weight in weights[:6])
        more = f" and {len(weights) - 6} more" if len(weights) > 6 else ""
        raise ArgumentError(
            f"the weights {parts}{more} add up to {total:.6g}, not to 1",
            "give weights that add up to 1, such as 0.5 and 0.5",
        )


def fewest_draws(weights: Sequence[float] | int) -> int:
    """Return the fewest draws of which each member has one at least.

    Parameters
    ----------
    weights : sequence of float or int
        Weights of the members, or their number where all weigh the same.
    """
    if isinstance(weights, int):
        return weights
    return math.ceil(1.0 / min(weights) - WEIGHT_TOLERANCE)


def assign_members(weights: Sequence[float] | int, draws: int) -> NDArray[np.int32]:
    """Choose the member that each draw flies in.

    Parameters
    ----------
    weights : sequence of float or int
        Weights of the members, which add up to 1; or the number of members, which then take turns.
    draws : int
        Number of draws.

    Returns
    -------
    numpy.ndarray
        Member of each draw, shape (draws,). A member of weight w has ``draws * w`` of them,
        rounded down or up, and so has every run of neighbouring members together.

    Raises
    ------
    ArgumentError
        If the weights are none, or there are so few draws that a member would have none.
    """
    count = weights if isinstance(weights, int) else len(weights)
    if not isinstance(weights, int):
        check_weights(weights, [f"member {m}" for m in range(count)])
    fewest = fewest_draws(weights)
    if draws < fewest:
        why = "" if isinstance(weights, int) else f" with a least weight of {min(weights):.4g}"
        raise ArgumentError(
            f"{draws} draws are too few for {count} members{why}: some would never be flown",
            f"set mission.draws = {fewest} or more, or leave out members",
        )
    if isinstance(weights, int):
        return (np.arange(draws) % count).astype(np.int32)
    edges = np.cumsum(np.asarray(weights, np.float64))
    # a point that falls on an edge, but for rounding, belongs to the member after it
    places = (np.arange(draws) + 0.5) / draws + 1e-12
    in_order = np.minimum(np.searchsorted(edges, places, side="right"), count - 1)
    stride = max(round(draws * _GOLDEN), 1)
    while math.gcd(stride, draws) > 1:
        stride += 1
    return in_order[np.arange(draws) * stride % draws].astype(np.int32)


def members_of_draws(grid: WindGrid, draws: int) -> NDArray[np.int32]:
    """Return the wind of the data that each draw flies in, by the weights of a grid.

    Parameters
    ----------
    grid : WindGrid
    draws : int
        Number of draws.

    Returns
    -------
    numpy.ndarray
        Indices below ``grid.base_count``, shape (draws,).

    Raises
    ------
    ArgumentError
        If there are so few draws that a member would have none.
    """
    return assign_members(grid.base_count if grid.weights is None else grid.weights, draws)


def spread_members(grid: WindGrid, draws: int) -> WindGrid:
    """Return a grid with one member a draw, each a wind of the data as it is.

    Parameters
    ----------
    grid : WindGrid
        Without errors of its own.
    draws : int
        Number of draws.
    """
    return grid.with_members(grid.arrays._replace(base=members_of_draws(grid, draws)))
