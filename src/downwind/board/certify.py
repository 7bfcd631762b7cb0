"""Certify cells: draws that the search has not used, in stages fixed beforehand.

A cell is within its limits only when the one-sided upper bound of every limited share meets its
limit (of the target: the lower bound the least that is wanted). All limits have to be met at once,
so that each may be asked at the whole level of a look: where one is broken in truth, its own bound
alone has to err (an intersection-union test). A cell may be looked at several times, and each look
may err; so the error level is split evenly over the looks (Bonferroni). A limit counts as broken
when the opposite bound at the level of the look says so. What is neither goes on to more draws, and
after the last look it stays unsure.

Every look adds blocks of draws to those that were flown. Each block has a seed of its own, is
stratified within itself, and has its own errors of the wind. The winds of the data are those of the
search: an ensemble has no others. With the same steps no certificate changes with the cells that
are certified beside it.

References
----------
Berger 1982, Technometrics 24, 295 (intersection-union tests). Bonferroni's inequality for the
looks. Bounds: ``landing.intervals.share_bounds``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.board.flights import BlockWinds, CellDraws, fly_cell, join_draws, make_block
from downwind.board.result import Certificate, CertifiedStage, LimitBound, WindVerdict
from downwind.errors import ArgumentError
from downwind.landing.clusters import Clusters, cluster_draws, effective_draws
from downwind.landing.intervals import draws_to_bound, share_bounds
from downwind.landing.likeness import find_likeness
from downwind.landing.regions import LEFT_DATA, TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.evaluate import Progress
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.plan.search import limit_table
from downwind.plan.solve import quiet
from downwind.plan.wind_error import settle_wind_error
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid
from downwind.wind.members import fewest_draws

ERROR_LEVEL: Final = 0.05
"""Probability, over all looks, that a cell with a broken limit is found within it [fraction]."""

LOOKS: Final = 4
"""Looks at a cell at most; each doubles the draws."""

BLOCK_DRAWS: Final = 400
"""Draws of a block at the most, unless there are many members: bounds the memory of its wind."""


def certify(
    mission: Mission,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    candidates: Sequence[tuple[Setting, ...]],
    winds: BlockWinds = settle_wind_error,
    progress: Progress = quiet,
    *,
    error_level: float = ERROR_LEVEL,
    looks: int = LOOKS,
) -> list[Certificate]:
    """Say of each cell whether it is within all limits, breaks one, or is not sure.

    Parameters
    ----------
    mission : Mission
        With its turbulence settled. Its seed and draws say which draws are flown.
    grid : WindGrid
        The wind as read, or one with errors, which are taken off.
    regions : LandingRegions
    steps : Steps
    candidates : sequence of tuple of Setting
        Cells: a setting for each group, with its timer.
    winds : callable
        Makes the wind of a block from its mission and ``grid``.
    progress : callable
    error_level : float
        Of all looks together [fraction].
    looks : int
        Looks at a cell at most.

    Returns
    -------
    list of Certificate
        In the order of ``candidates``.

    Raises
    ------
    ArgumentError
        If a candidate has not one setting with a timer for each group, or the error level is not
        between 0 and 1.
    """
    if not 0.0 < error_level < 1.0:
        raise ArgumentError(
            f"an error level of {error_level:g} is not between 0 and 1", "such as 0.05"
        )
    for settings in candidates:
        if len(settings) != len(mission.groups) or any(s.timer_s is None for s in settings):
            raise ArgumentError(
                f"a cell of {len(mission.groups)} groups has {len(settings)} settings, or one has "
                "no timer",
                "give a Setting with its timer for each group",
            )
    totals = plan_looks(mission, looks)
    level = error_level / len(totals)
    least = fewest_draws(grid.base_count if grid.weights is None else tuple(grid.weights))
    open_cells: dict[int, list[CellDraws]] = {i: [] for i in range(len(candidates))}
    stages: dict[int, list[CertifiedStage]] = {i: [] for i in range(len(candidates))}
    found: dict[int, Certificate] = {}
    index = flown = 0
    for look, total in enumerate(totals):
        blocks = cut_draws(total - flown, max(BLOCK_DRAWS, 2 * least))
        for b, count in enumerate(blocks):
            if not open_cells:
                break
            block = make_block(mission, grid, index + b, count, winds)
            todo = list(open_cells)
            for done, cell in enumerate(todo):
                progress("certifying", (look + (b + done / len(todo)) / len(blocks)) / len(totals))
                open_cells[cell].append(fly_cell(block, regions, steps, candidates[cell]))
                if b + 1 < len(blocks):
                    continue
                drawn = join_draws(open_cells[cell])
                clusters = find_draw_clusters(drawn)
                limits = bound_limits(mission, regions, drawn, clusters, level)
                verdict = judge_limits(limits)
                stages[cell].append(CertifiedStage(drawn.draws, level, verdict))
                if verdict is WindVerdict.UNSURE and look + 1 < len(totals):
                    open_cells[cell] = [drawn]
                    continue
                del open_cells[cell]
                found[cell] = _write(
                    mission, drawn, clusters, limits, tuple(stages[cell]), error_level
                )
        index, flown = index + len(blocks), total
    progress("certifying", 1.0)
    return [found[i] for i in range(len(candidates))]


def plan_looks(mission: Mission, looks: int = LOOKS) -> tuple[int, ...]:
    """Return how many draws each look rests on: the mission's, doubled while its ceiling allows."""
    totals = [mission.draws]
    while len(totals) < looks and 2 * totals[-1] <= mission.draws_most:
        totals.append(2 * totals[-1])
    return tuple(totals)


def cut_draws(draws: int, most: int) -> tuple[int, ...]:
    """Cut a number of draws into blocks as even as can be, of at most so many."""
    blocks = -(-draws // most)
    return tuple(draws // blocks + (i < draws % blocks) for i in range(blocks))


def find_draw_clusters(drawn: CellDraws) -> Clusters:
    """Group the draws of a cell by the wind of the data, with how alike their landings are."""
    clusters = cluster_draws(drawn.wind)
    if not (clusters.is_shared and drawn.places):
        return clusters
    alike = [
        find_likeness(p.longitude, p.latitude, p.weight, p.draw, drawn.wind[p.draw])
        if p.draw.size
        else math.nan
        for p in drawn.places
    ]
    # not known of any is not known of all
    return replace(clusters, likeness=float(np.max(alike)))


def bound_limits(
    mission: Mission,
    regions: LandingRegions,
    drawn: CellDraws,
    clusters: Clusters,
    level: float,
) -> tuple[LimitBound, ...]:
    """Hold every limit of a mission against the bounds of its share.

    Parameters
    ----------
    mission : Mission
    regions : LandingRegions
    drawn : CellDraws
    clusters : Clusters
        Of these draws.
    level : float
        At which each bound may err [fraction].
    """
    shares = dict(zip(drawn.regions, drawn.shares, strict=True))
    left = shares[LEFT_DATA]
    limits = []
    for name, limit in limit_table(mission).items():
        worst = np.minimum(shares[name] + left, 1.0)
        low, high = share_bounds(worst, clusters, level)
        needed, members = _needed(limit, clusters, level)
        limits.append(
            LimitBound(
                name, regions.title(name), limit, estimate_share(worst, clusters), high, low,
                needed, members,
            )
        )  # fmt: skip
    least = mission.limits.target_least
    if least is not None:
        low, high = share_bounds(shares[TARGET], clusters, level)
        needed, members = _needed(1.0 - least, clusters, level)
        limits.append(
            LimitBound(
                TARGET, regions.title(TARGET), least, estimate_share(shares[TARGET], clusters),
                low, high, needed, members,
            )
        )  # fmt: skip
    return tuple(limits)


def judge_limits(limits: Sequence[LimitBound]) -> WindVerdict:
    """Return what the bounds of all limits say together."""
    if any(limit.is_broken for limit in limits):
        return WindVerdict.BREAKS
    if all(limit.is_met for limit in limits):
        return WindVerdict.WITHIN
    return WindVerdict.UNSURE


def find_deciding(limits: Sequence[LimitBound]) -> LimitBound:
    """Return the limit that decided: the one broken most, or met least, or met most narrowly."""

    def excess(limit: LimitBound) -> tuple[bool, bool, float]:
        if limit.is_least:
            part = limit.limit / max(limit.bound, 1e-9)
        else:
            part = limit.bound / max(limit.limit, 1e-9)
        return limit.is_broken, not limit.is_met, part

    return max(limits, key=excess)


def _needed(limit: float, clusters: Clusters, level: float) -> tuple[int | None, int | None]:
    """Return the effective draws that would show a limit met, and members where they are short.

    None where as many are at hand, or no number is enough.
    """
    wanted = draws_to_bound(limit, level)
    if not math.isfinite(wanted) or effective_draws(math.nan, clusters) >= wanted:
        return None, None
    if not clusters.is_shared:
        return math.ceil(wanted), None
    # however many draws are flown, members whose draws are alike tell no more than this
    alike = 1.0 if math.isnan(clusters.likeness) else clusters.likeness
    members = math.ceil(wanted * alike)
    return math.ceil(wanted), members if members > clusters.count else None


def estimate_ratio(
    found: NDArray[np.float64], carried: NDArray[np.float64], clusters: Clusters
) -> Share:
    """Estimate the share of a kind of which not every draw carries as much.

    Parameters
    ----------
    found, carried : numpy.ndarray
        Mass in a region and in all, in each draw, shape (draws,).
    clusters : Clusters

    Returns
    -------
    Share
        With the linearised error of a ratio of two means.

    References
    ----------
    Cochran 1977, Sampling Techniques, 6.3.
    """
    whole = float(carried.mean())
    plain = estimate_share(found / whole, clusters)
    ratio = float(found.mean()) / whole
    linear = estimate_share(ratio + (found - ratio * carried) / whole, clusters)
    return replace(
        linear,
        mean=ratio,
        low=max(linear.low, 0.0),
        high=min(linear.high, 1.0),
        **{name: getattr(plain, name) for name in ("hit_draws", "event_low", "event_high")},
    )


def _write(
    mission: Mission,
    drawn: CellDraws,
    clusters: Clusters,
    limits: tuple[LimitBound, ...],
    stages: tuple[CertifiedStage, ...],
    error_level: float,
) -> Certificate:
    kinds: dict[str, dict[str, Share]] = {}
    for kind, found, carried in zip(mission.kinds, drawn.found, drawn.carried, strict=True):
        kinds[kind.name] = {
            name: estimate_ratio(row, carried, clusters)
            for name, row in zip(drawn.regions, found, strict=True)
        }
    shares = {
        name: estimate_share(row, clusters)
        for name, row in zip(drawn.regions, drawn.shares, strict=True)
    }
    return Certificate(
        verdict=stages[-1].verdict,
        decided_by=find_deciding(limits).name,
        limits=limits,
        shares=shares,
        kinds=kinds,
        stages=stages,
        error_level=error_level,
    )
