"""Spread the settings of a fleet over its balloons, so that the load covers the target evenly.

Of each group any number of balloons may have any of the settings of the search. What is made
greatest is the overlap of the expected shares in the cells of the target with an even load
(``landing.target_cells``), each group by its mass, within the limits of the whole load. The overlap
is concave in the parts of the balloons, so the conditional-gradient method finds its maximum; each
step is a linear programme that keeps the limits. Then whole balloons are counted, few settings are
kept, since a crew has to dial them, and balloons are exchanged between settings while that helps.

References
----------
Frank and Wolfe 1956, An algorithm for quadratic programming; Jaggi 2013, Revisiting Frank-Wolfe,
Proceedings of Machine Learning Research 28.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize_scalar

from downwind.plan.choice import EXACT

Array = NDArray[np.float64]

MOST_SETTINGS: Final = 5
"""Settings that the balloons of one group may have."""

STEPS: Final = 150
GAP: Final = 1e-4
"""Overlap that a step could still gain at the most where the search for the maximum ends."""

_EMPTY: Final = 1e-6
"""Share that keeps the slope of the root finite in a cell where nothing comes down."""


@dataclass(frozen=True, slots=True)
class EvenProblem:
    """What a spread is chosen from.

    Attributes
    ----------
    cells : tuple of numpy.ndarray
        For each group the expected share of its load in each cell with each setting, shape
        (settings, cells) [fraction].
    costs : tuple of numpy.ndarray
        For each group what each setting takes of each limit, as a share of the whole load, shape
        (settings, limits).
    most : numpy.ndarray
        Limits, shape (limits,).
    part : numpy.ndarray
        Part of the target's area in each cell, shape (cells,).
    weight : numpy.ndarray
        Part of the load on each group, shape (groups,).
    """

    cells: tuple[Array, ...]
    costs: tuple[Array, ...]
    most: Array
    part: Array
    weight: Array

    def overlap(self, parts: Sequence[Array]) -> float:
        """Return the overlap with an even load; ``parts`` are those of the balloons by setting."""
        each = [
            w * np.sum(np.sqrt((p @ c + _EMPTY) * self.part))
            for w, p, c in zip(self.weight, parts, self.cells, strict=True)
        ]
        return float(sum(each))

    def excess(self, parts: Sequence[Array]) -> float:
        """Return by how much the worst limit is broken, below 0 where none is."""
        held = sum(p @ c for p, c in zip(parts, self.costs, strict=True))
        return float(np.max(held - self.most))


def spread_settings(
    problem: EvenProblem, counts: Sequence[int], start: Sequence[int]
) -> list[NDArray[np.int64]]:
    """Return how many balloons of each group get each setting.

    Parameters
    ----------
    problem : EvenProblem
    counts : sequence of int
        Balloons of each group.
    start : sequence of int
        For each group a setting that all its balloons may have within the limits.

    Returns
    -------
    list of numpy.ndarray
        For each group the balloons by setting, shape (settings,). They keep the limits, and no
        spread that is found covers the target less evenly than that of the start.
    """
    parts = find_parts(problem, start)
    first = [
        np.bincount([i], minlength=p.size) * n for i, p, n in zip(start, parts, counts, strict=True)
    ]
    found = _exchange(
        problem, [_count_balloons(p, n) for p, n in zip(parts, counts, strict=True)], parts
    )
    whole = _exchange(problem, first, parts)
    return min((found, whole), key=lambda x: _merit(problem, x))


def find_parts(problem: EvenProblem, start: Sequence[int]) -> list[Array]:
    """Return the parts of the balloons by setting with the greatest overlap within the limits."""
    parts = [
        np.bincount([i], minlength=c.shape[0]).astype(np.float64)
        for i, c in zip(start, problem.cells, strict=True)
    ]
    sizes = [p.size for p in parts]
    ends = np.cumsum(sizes)
    one = np.zeros((len(sizes), ends[-1]))
    for row, end, size in zip(one, ends, sizes, strict=True):
        row[end - size : end] = 1.0
    for _ in range(STEPS):
        slope = np.concatenate(
            [
                0.5 * w * c @ np.sqrt(problem.part / (p @ c + _EMPTY))
                for w, p, c in zip(problem.weight, parts, problem.cells, strict=True)
            ]
        )
        found = linprog(
            -slope, A_ub=np.concatenate(problem.costs).T, b_ub=problem.most,
            A_eq=one, b_eq=np.ones(len(sizes)), bounds=(0.0, 1.0), method="highs-ds",
        )  # fmt: skip
        if found.x is None:
            break
        here = np.concatenate(parts)
        if float(slope @ (found.x - here)) < GAP:
            break
        goal = np.split(found.x, ends[:-1])

        def less(length: float, here: list[Array] = parts, goal: list[Array] = goal) -> float:
            return -problem.overlap(
                [(1.0 - length) * a + length * b for a, b in zip(here, goal, strict=True)]
            )

        length = float(minimize_scalar(less, bounds=(0.0, 1.0), method="bounded").x)
        parts = [(1.0 - length) * a + length * b for a, b in zip(parts, goal, strict=True)]
    return parts


def _count_balloons(part: Array, count: int) -> NDArray[np.int64]:
    """Turn parts into whole balloons of the settings with most, by the largest remainder."""
    kept = np.argsort(-part, kind="stable")[: min(MOST_SETTINGS, count)]
    wanted = np.zeros(part.size)
    wanted[kept] = count * part[kept] / part[kept].sum()
    whole = np.floor(wanted).astype(np.int64)
    rest = count - int(whole.sum())
    whole[np.argsort(-(wanted - whole), kind="stable")[:rest]] += 1
    return whole


def _exchange(
    problem: EvenProblem, balloons: list[NDArray[np.int64]], parts: Sequence[Array]
) -> list[NDArray[np.int64]]:
    """Move balloons from setting to setting while that betters the spread."""
    balloons = [b.copy() for b in balloons]
    step = max(int(max(b.sum() for b in balloons)) // 8, 1)
    while True:
        best, move = _merit(problem, balloons), None
        for g, own in enumerate(balloons):
            used = np.flatnonzero(own)
            open_ = np.flatnonzero((own > 0) | (parts[g] > 1e-3))
            for i in used:
                moved = min(step, int(own[i]))
                for j in open_:
                    many = np.count_nonzero(own) - (moved == own[i]) + (own[j] == 0)
                    if i == j or many > MOST_SETTINGS:
                        continue
                    own[i], own[j] = own[i] - moved, own[j] + moved
                    merit = _merit(problem, balloons)
                    own[i], own[j] = own[i] + moved, own[j] - moved
                    if merit < (best[0] - EXACT, best[1]) or (
                        merit[0] <= best[0] and merit[1] < best[1] - 1e-7
                    ):
                        best, move = merit, (g, i, j, moved)
        if move is not None:
            g, i, j, moved = move
            balloons[g][i] -= moved
            balloons[g][j] += moved
        elif step == 1:
            return balloons
        else:
            step = max(step // 2, 1)


def _merit(problem: EvenProblem, balloons: Sequence[NDArray[np.int64]]) -> tuple[float, float]:
    """Return what spreads are compared by, ascending: excess over the limits, less overlap."""
    parts = [b / b.sum() for b in balloons]
    excess = problem.excess(parts)
    return (0.0 if excess <= EXACT else excess), -problem.overlap(parts)
