"""Shares of a group's load against the timer setting, and the stretch that is as good as the best.

``screen`` finds the shares in every draw; a curve holds those of one site, start and fill.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters
from downwind.landing.regions import LEFT_DATA, TARGET
from downwind.landing.shares import Share, estimate_share
from downwind.plan.fleet import Setting
from downwind.plan.screen import Screen

Shares = dict[str, NDArray[np.float64]]
"""Per-draw shares of each region, shape (t, draws) each."""


@dataclass(frozen=True, slots=True)
class TimerCurve:
    """Shares of a group's load (by mass) against the timer setting.

    Attributes
    ----------
    setting : Setting
        Site, start and fill; its timer is None.
    timer_s : numpy.ndarray
        Settings tried, shape (t,) [s].
    shares : dict
        For each region, and for ``LEFT_DATA``, the per-draw shares, shape (t, draws).
    on_ground : numpy.ndarray
        Share of draws in which the balloon was down before its first timer ran out, shape (t,).
    kinds : dict
        For each kind of item, by its name, the same as ``shares`` of that kind alone; empty where
        a screen did not keep them.
    clusters : Clusters or None
        Which draws share a wind of the data; None where none do.
    """

    setting: Setting
    timer_s: NDArray[np.float64]
    shares: dict[str, NDArray[np.float64]]
    on_ground: NDArray[np.float64]
    kinds: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    clusters: Clusters | None = None

    def mean(self, region: str) -> NDArray[np.float64]:
        """Return the expected share of a region for each setting, shape (t,)."""
        mean: NDArray[np.float64] = self.shares[region].mean(axis=1)
        return mean

    def share(self, region: str, index: int) -> Share:
        """Return the share of a region for one setting, with its error."""
        return estimate_share(self.shares[region][index], self.clusters)

    def excess(self, limits: dict[str, float]) -> NDArray[np.float64]:
        """Return by how much each setting breaks its worst limit, shape (t,); 0 if none.

        What leaves the wind data counts as if it came down in the limited region.
        """
        left = self.mean(LEFT_DATA)
        over = [self.mean(region) + left - limit for region, limit in limits.items()]
        worst: NDArray[np.float64] = np.maximum(np.max(over, axis=0), 0.0)
        return worst

    def held(self, region: str) -> NDArray[np.float64]:
        """Return what a limit of a region is held against for each setting, shape (t,).

        What leaves the wind data counts as if it came down in the region.
        """
        return self.mean(region) + self.mean(LEFT_DATA)

    def plateau(self, limits: dict[str, float]) -> tuple[int, int] | None:
        """Return the first and last index of the settings that cannot be told from the best.

        The best meets all limits and has the greatest expected share in the target; its
        neighbours on both sides belong to it while they meet the limits and their share is within
        half a standard error of its own. None where no setting meets all limits.
        """
        return self.plateau_among(self.excess(limits) <= 0.0)

    def plateau_among(self, feasible: NDArray[np.bool_]) -> tuple[int, int] | None:
        """Return the same among some of the settings, shape (t,)."""
        if not feasible.any():
            return None
        target = self.mean(TARGET)
        top = int(np.argmax(np.where(feasible, target, -1.0)))
        good = feasible & (target >= target[top] - 0.5 * self.share(TARGET, top).standard_error)
        outside = np.flatnonzero(~good)
        first = int(outside[outside < top].max(initial=-1)) + 1
        last = int(outside[outside > top].min(initial=good.size)) - 1
        return first, last

    def middle(self, plateau: tuple[int, int]) -> int:
        """Return the setting in the middle of a plateau, which leaves the crew most room."""
        first, last = plateau
        middle = 0.5 * (self.timer_s[first] + self.timer_s[last])
        return first + int(np.argmin(np.abs(self.timer_s[first : last + 1] - middle)))

    def best(self, limits: dict[str, float]) -> tuple[int, bool]:
        """Return the best setting's index, and whether it meets the limits.

        That is the middle of the plateau; where no setting meets all limits it is the one that
        breaks its worst limit least.
        """
        found = self.plateau(limits)
        if found is not None:
            return self.middle(found), True
        excess, target = self.excess(limits), self.mean(TARGET)
        return int(np.lexsort((-target, excess))[0]), False

    def only(self, index: int) -> TimerCurve:
        """Return the curve of one setting alone."""
        some = slice(index, index + 1)
        return TimerCurve(
            self.setting,
            self.timer_s[some],
            {name: shares[some] for name, shares in self.shares.items()},
            self.on_ground[some],
            {k: {name: x[some] for name, x in own.items()} for k, own in self.kinds.items()},
            self.clusters,
        )


def curve_of(screen: Screen, start: int, fill: int) -> TimerCurve:
    """Return the curve of a start and a fill at the first site of a screen."""
    setting = Setting(screen.sites[0], screen.starts_s[start], screen.free_lifts[fill], None)
    shares = screen.shares[:, 0, start, fill].copy()
    by_kind = {}
    if screen.kind_shares is not None:
        by_kind = {
            kind.name: dict(zip(screen.regions, found[:, 0, start, fill], strict=True))
            for kind, found in zip(screen.kinds, screen.kind_shares, strict=True)
        }
    return TimerCurve(
        setting,
        screen.timer_s,
        dict(zip(screen.regions, shares, strict=True)),
        screen.on_ground[0, start, fill].copy(),
        by_kind,
        screen.clusters,
    )


def merge_curves(first: TimerCurve, second: TimerCurve) -> TimerCurve:
    """Return the curve of the settings of two of the same flight; those of the first where both.

    Settings share their random numbers, so that each has the shares that it has by itself.
    """
    extra = ~np.isin(second.timer_s, first.timer_s)
    timer_s = np.concatenate([first.timer_s, second.timer_s[extra]])
    order = np.argsort(timer_s, kind="stable")

    def join(a: dict[str, NDArray[np.float64]], b: dict[str, NDArray[np.float64]]) -> Shares:
        return {name: np.concatenate([a[name], b[name][extra]])[order] for name in a}

    return TimerCurve(
        first.setting,
        timer_s[order],
        join(first.shares, second.shares),
        np.concatenate([first.on_ground, second.on_ground[extra]])[order],
        {kind: join(first.kinds[kind], second.kinds[kind]) for kind in first.kinds},
        first.clusters,
    )
