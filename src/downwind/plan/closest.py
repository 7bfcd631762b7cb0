"""Where no setting meets the limits: what stops the closest, by how much, and what would let it.

For each limit by itself the least value is found with which some setting of some site and hour
that was tried would meet all limits, the others as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import LEFT_DATA, TARGET
from downwind.landing.shares import Share, estimate_share
from downwind.plan.choice import EXACT, pick_options
from downwind.plan.mission import Mission, Site
from downwind.plan.search import Candidate, limit_table, load_masses_kg


@dataclass(frozen=True, slots=True)
class BrokenLimit:
    """A limit that the closest setting breaks.

    Attributes
    ----------
    region : str
    limit : float
        Greatest share allowed [fraction].
    share : Share
        What is expected, with what leaves the wind data.
    """

    region: str
    limit: float
    share: Share

    @property
    def excess(self) -> float:
        """By how much the limit is broken [fraction]."""
        return self.share.mean - self.limit


@dataclass(frozen=True, slots=True)
class LimitRemedy:
    """The least value of one limit with which a setting would meet all limits.

    Attributes
    ----------
    region : str
    limit : float
        As it stands [fraction].
    needed : float
        What it would have to be [fraction].
    site : Site
    start_s : int
        Launch of that setting [epoch s].
    timer_s : tuple of float
        Of each group [s].
    target : Share
        Of the whole load in the target with it.
    """

    region: str
    limit: float
    needed: float
    site: Site
    start_s: int
    timer_s: tuple[float, ...]
    target: Share


@dataclass(frozen=True, slots=True)
class ClosestMiss:
    """Why no setting is recommended, and what would have to change.

    Attributes
    ----------
    broken : tuple of BrokenLimit
        By the closest setting, the worst first.
    remedies : tuple of LimitRemedy
        For each limit that would do by itself; the least change first.
    tried : int
        Sites and hours that were tried.
    """

    broken: tuple[BrokenLimit, ...]
    remedies: tuple[LimitRemedy, ...]
    tried: int


def explain_miss(mission: Mission, candidates: Sequence[Candidate]) -> ClosestMiss | None:
    """Say what stops the closest candidate, the first; None where it meets the limits."""
    closest = candidates[0]
    if closest.excess <= 0.0:
        return None
    limits, weights = limit_table(mission), np.array(load_masses_kg(mission))
    weights = weights / weights.sum()
    broken = []
    for region, limit in limits.items():
        rows = [
            c.shares[region][i] + c.shares[LEFT_DATA][i]
            for c, i in zip(closest.curves, closest.best, strict=True)
        ]
        share = estimate_share(
            np.average(rows, axis=0, weights=weights), closest.curves[0].clusters
        )
        if share.mean - limit > EXACT:
            broken.append(BrokenLimit(region, limit, share))
    found = [_find_remedy(mission, region, candidates, limits, weights) for region in limits]
    remedies = [remedy for remedy in found if remedy is not None]
    return ClosestMiss(
        tuple(sorted(broken, key=lambda b: -b.excess)),
        tuple(sorted(remedies, key=lambda r: r.needed - r.limit)),
        len(candidates),
    )


def _find_remedy(
    mission: Mission,
    region: str,
    candidates: Sequence[Candidate],
    limits: dict[str, float],
    weights: NDArray[np.float64],
) -> LimitRemedy | None:
    """Return the least value of one limit that would do; None where it would not by itself."""
    others = {name: limit for name, limit in limits.items() if name != region}
    best: LimitRemedy | None = None
    for candidate in candidates:
        own = [w * c.held(region) for w, c in zip(weights, candidate.curves, strict=True)]
        cost = [
            w * np.stack([c.held(name) for name in others], axis=1)
            for w, c in zip(weights, candidate.curves, strict=True)
        ]
        picks = pick_options([-x for x in own], cost, np.array(list(others.values())))
        held = sum(c[i] for c, i in zip(cost, picks, strict=True))
        if np.any(held - np.array(list(others.values())) > EXACT):
            continue
        needed = float(sum(x[i] for x, i in zip(own, picks, strict=True)))
        if best is None or needed < best.needed - EXACT:
            rows = [c.shares[TARGET][i] for c, i in zip(candidate.curves, picks, strict=True)]
            target = estimate_share(
                np.average(rows, axis=0, weights=weights), candidate.curves[0].clusters
            )
            best = LimitRemedy(
                region, limits[region], needed, candidate.site, candidate.start_s,
                tuple(float(c.timer_s[i]) for c, i in zip(candidate.curves, picks, strict=True)),
                target,
            )  # fmt: skip
    return best
