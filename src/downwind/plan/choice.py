"""Choose one fill and timer for every group together, so that the whole load keeps the limits.

A limit holds for the load as a whole. So a group that puts much into the target may use what
another leaves of a limit. To choose one setting for each group is a small integer programme
(multiple-choice knapsack), which HiGHS solves to its optimum. Where no choice keeps the limits, the
one is taken whose worst limit is broken least.

References
----------
Kellerer, Pferschy and Pisinger 2004, Knapsack Problems, chapter 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from downwind.landing.regions import TARGET
from downwind.plan.timer_curve import TimerCurve

Array = NDArray[np.float64]

EXACT: Final = 1e-9
"""Share by which a limit may be passed and still count as met: rounding of sums [fraction]."""

_PRICE_OF_EXCESS: Final = 1e3
_MARGINS: Final = (0.0, 1e-7, 1e-6, 1e-5)
"""Shares by which limits are narrowed where the solver's tolerance let one be passed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One curve and setting for each group.

    Attributes
    ----------
    curves : tuple of int
        Index of each group's curve among those given.
    settings : tuple of int
        Index of each group's setting in its curve.
    excess : float
        By how much the worst limit is broken [fraction]; 0 where all are met.
    target : float
        Expected share of the whole load in the target [fraction].
    room_s : float
        Least width among the groups of the settings that are as good as the best, the others
        staying as they are [s].
    """

    curves: tuple[int, ...]
    settings: tuple[int, ...]
    excess: float
    target: float
    room_s: float

    @property
    def is_feasible(self) -> bool:
        """Whether the whole load keeps all limits."""
        return self.excess <= 0.0


def choose_together(
    curves: Sequence[Sequence[TimerCurve]], mass_kg: Sequence[float], limits: dict[str, float]
) -> Choice:
    """Choose a curve and a setting for each group.

    Parameters
    ----------
    curves : sequence of sequence of TimerCurve
        For each group those to choose from, a fill each.
    mass_kg : sequence of float
        Load of each group.
    limits : dict
        Greatest share of the whole load in each limited region [fraction].

    Returns
    -------
    Choice
        With the greatest expected share of the load in the target within the limits; of each group
        then the middle of the settings that cannot be told from its best.
    """
    part = np.asarray(mass_kg, np.float64) / np.sum(mass_kg)
    gain = [
        w * np.concatenate([c.mean(TARGET) for c in own])
        for w, own in zip(part, curves, strict=True)
    ]
    cost = [
        w * np.concatenate([_held(c, limits) for c in own])
        for w, own in zip(part, curves, strict=True)
    ]
    most = np.array(list(limits.values()))
    picks = pick_options(gain, cost, most)
    chosen, settings = _locate(curves, picks)
    own = [curves[g][k] for g, k in enumerate(chosen)]
    held = np.array([c[i] for c, i in zip(cost, picks, strict=True)])
    room = 0.0
    if float(np.max(held.sum(axis=0) - most)) <= EXACT:
        widths = []
        for g, curve in enumerate(own):
            rest = most - held.sum(axis=0) + held[g] + EXACT
            mine = part[g] * _held(curve, limits)
            plateau = curve.plateau_among(np.all(mine <= rest, axis=1))
            if plateau is None:  # the setting itself keeps the limits, so there is one
                raise AssertionError("a choice within the limits lies on no plateau")
            settings[g] = curve.middle(plateau)
            held[g] = mine[settings[g]]
            widths.append(float(curve.timer_s[plateau[1]] - curve.timer_s[plateau[0]]))
        room = min(widths)
    excess = float(np.max(held.sum(axis=0) - most))
    target = [w * c.mean(TARGET)[i] for w, c, i in zip(part, own, settings, strict=True)]
    return Choice(
        tuple(chosen),
        tuple(settings),
        0.0 if excess <= 2.0 * EXACT else excess,
        float(sum(target)),
        room,
    )


def pick_options(gain: Sequence[Array], cost: Sequence[Array], most: Array) -> list[int]:
    """Pick one option of each group: the greatest gain within the limits.

    Parameters
    ----------
    gain : sequence of numpy.ndarray
        What each option of each group gives, shape (options,) each.
    cost : sequence of numpy.ndarray
        What each takes of each limit, shape (options, limits) each.
    most : numpy.ndarray
        Limits of the sums of costs, shape (limits,).

    Returns
    -------
    list of int
        An option of each group; the least excess over the worst limit where none keeps them all,
        and among those the greatest gain.
    """
    alone = [int(np.argmax(g)) for g in gain]
    if _excess(cost, alone, most) <= EXACT:
        return alone
    if len(gain) == 1:
        excess = np.maximum(np.max(cost[0] - most, axis=1), 0.0)
        excess[excess <= EXACT] = 0.0
        return [int(np.lexsort((-gain[0], excess))[0])]
    kept = [undominated(g, c) for g, c in zip(gain, cost, strict=True)]
    few_gain = [g[k] for g, k in zip(gain, kept, strict=True)]
    few_cost = [c[k] for c, k in zip(cost, kept, strict=True)]
    for margin in _MARGINS:
        found = _solve(few_gain, few_cost, np.maximum(most - margin, 0.0))
        if found is None or _excess(few_cost, found, most) <= EXACT:
            break
    if found is None:
        found = _solve(few_gain, few_cost, most, may_break=True)
    if found is None:  # with limits that may be broken any pick will do
        raise AssertionError("the solver found no pick at all")
    return [int(k[i]) for k, i in zip(kept, found, strict=True)]


def undominated(gain: Array, cost: Array) -> NDArray[np.int64]:
    """Return the options, ascending, that no other betters in gain and every cost."""
    kept: list[int] = []
    for i in np.lexsort((cost.sum(axis=1), -gain)):
        if not kept or not np.any(np.all(cost[kept] <= cost[i], axis=1)):
            kept.append(int(i))
    return np.array(sorted(kept), np.int64)


def _solve(
    gain: Sequence[Array], cost: Sequence[Array], most: Array, may_break: bool = False
) -> list[int] | None:
    """Solve the integer programme; None where no pick keeps the limits.

    Where they may be broken, the worst excess is made least before all else.
    """
    sizes = [g.size for g in gain]
    ends = np.cumsum(sizes)
    one = np.zeros((len(sizes), ends[-1] + 1))
    for row, end, size in zip(one, ends, sizes, strict=True):
        row[end - size : end] = 1.0
    over = np.full((most.size, 1), -1.0)
    found = milp(
        np.append(-np.concatenate(gain), _PRICE_OF_EXCESS),
        integrality=np.append(np.ones(ends[-1]), 0.0),
        bounds=Bounds(0.0, np.append(np.ones(ends[-1]), np.inf if may_break else 0.0)),
        constraints=[
            LinearConstraint(one, 1.0, 1.0),
            LinearConstraint(np.hstack([np.concatenate(cost).T, over]), -np.inf, most),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    return [
        int(np.argmax(found.x[end - size : end])) for end, size in zip(ends, sizes, strict=True)
    ]


def _excess(cost: Sequence[Array], picks: Sequence[int], most: Array) -> float:
    """Return by how much a pick breaks its worst limit; below 0: none."""
    return float(np.max(sum(c[i] for c, i in zip(cost, picks, strict=True)) - most))


def _held(curve: TimerCurve, limits: dict[str, float]) -> Array:
    """Return what each limit is held against for each setting, shape (t, limits)."""
    return np.stack([curve.held(region) for region in limits], axis=1)


def _locate(
    curves: Sequence[Sequence[TimerCurve]], picks: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Turn options counted through all curves of a group into curve and setting."""
    chosen, settings = [], []
    for own, pick in zip(curves, picks, strict=True):
        ends = np.cumsum([c.timer_s.size for c in own])
        k = int(np.searchsorted(ends, pick, side="right"))
        chosen.append(k)
        settings.append(int(pick - (ends[k] - own[k].timer_s.size)))
    return chosen, settings
