"""Enough draws: fly settings again with more of them, until the shares are as sure as is wanted.

The numbers of draws are fixed beforehand: as the mission says, twice that, four times that, up to
its ceiling. Each stage flies draws of its own anew, stratified over all of them, and replaces the
one before it; nothing is added up over stages. Whether to go on is asked of the Monte Carlo error
alone, never of a share itself or of whether it meets a limit. So the looks do not spoil the level
of the intervals, and there is no correction for them.

Only the sample flies again, never the search and never the whole manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters
from downwind.landing.intervals import clopper_pearson
from downwind.landing.regions import TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.clusters import find_clusters, learn_likeness
from downwind.plan.drop import GroupFlights
from downwind.plan.evaluate import (
    SAMPLE,
    DrawShares,
    KindResult,
    Progress,
    SampledItems,
    drop_sample,
    fly_settings,
    summarise_kind,
)
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

MOST_ROWS: Final = 8_000_000
"""Items that the sample of one stage holds at the most: some 0.5 GB, twice that for a moment."""

MOST_ERROR_BYTES: Final = 3_000_000_000
"""What the errors of the wind of one stage may take; a draw takes some 0.7 MB."""

WIDTH: Final = 3.92
"""Standard errors in a 95 % interval."""

Winds = Callable[[int], WindGrid]
"""Makes the wind of a run with so many draws."""

Found = TypeVar("Found")


class Ending(StrEnum):
    """Why no more draws were flown."""

    NOT_ASKED = "not asked"
    MET = "met"
    CEILING = "ceiling"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Stage:
    """One number of draws that was tried.

    Attributes
    ----------
    draws : int
    error : float
        Greatest Monte Carlo error among the shares that matter [fraction].
    region : str
        The region that it is of.
    """

    draws: int
    error: float
    region: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many draws a result rests on, why no more, and what they tell.

    Attributes
    ----------
    wanted : float or None
        Greatest standard error that the mission wants [fraction]; None where it says none.
    draws_most : int
        Ceiling of the draws.
    search_draws : int
        Draws of the search and of the curves against the timer setting.
    stages : tuple of Stage
        In their order; the last is that of the result.
    ending : Ending
    target : Share
        Share of the load in the target, for which effective draws and the parts of the error stand.
    is_one_wind : bool
        Whether the data hold one wind.
    has_own_errors : bool
        Whether each draw has an error of the wind of its own.
    """

    wanted: float | None
    draws_most: int
    search_draws: int
    stages: tuple[Stage, ...]
    ending: Ending
    target: Share
    is_one_wind: bool
    has_own_errors: bool

    @property
    def draws(self) -> int:
        """Draws of the result."""
        return self.stages[-1].draws

    @property
    def reached(self) -> float:
        """Greatest Monte Carlo error that was reached [fraction]."""
        return self.stages[-1].error


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole fleet flown with given settings in every draw, and what came of the sample.

    Attributes
    ----------
    mission : Mission
        With the draws that were flown.
    draws : Draws
    grid : WindGrid
        With as many members as these draws need.
    clusters : Clusters
    flights : tuple of GroupFlights
    summaries : tuple
        Of each kind its result and its shares in each draw.
    drawn : dict
        For each region the share of the load by mass in each draw, shape (draws,).
    left : numpy.ndarray
        The same of what leaves the data.
    shares : dict
        For each region the share of the load by mass.
    worst : dict
        For each limited region the same if all that leaves the data came down there.
    sample : tuple of SampledItems
        Of each kind.
    """

    mission: Mission
    draws: Draws
    grid: WindGrid
    clusters: Clusters
    flights: tuple[GroupFlights, ...]
    summaries: tuple[tuple[KindResult, DrawShares], ...]
    drawn: dict[str, NDArray[np.float64]]
    left: NDArray[np.float64]
    shares: dict[str, Share]
    worst: dict[str, Share]
    sample: tuple[SampledItems, ...]


def fly_enough(
    mission: Mission,
    winds: Winds,
    grid: WindGrid,
    settings: tuple[Setting, ...],
    regions: LandingRegions,
    limited: tuple[str, ...],
    steps: Steps,
    progress: Progress,
) -> tuple[Evaluation, Sampling]:
    """Fly settings with more and more draws, until the shares that matter are sure enough.

    Parameters
    ----------
    mission : Mission
        ``precision`` and ``draws_most`` say what is wanted.
    winds : callable
        Makes the wind of a run with so many draws.
    grid : WindGrid
        That of the first stage.
    settings : tuple of Setting
        One a group.
    regions : LandingRegions
    limited : tuple of str
        Regions with a limit. These and the target matter.
    steps : Steps
    progress : callable

    Returns
    -------
    tuple
        The last stage whole, and what was done. All stages before it are let go of.
    """

    def evaluate(count: int) -> Evaluation:
        wind = grid if count == mission.draws else winds(count)
        whole = replace(mission, draws=count)
        return _evaluate(whole, wind, settings, regions, limited, steps, progress)

    found, tried, ending = run_stages(
        mission,
        evaluate,
        lambda found: find_least_sure(found.shares, found.worst),
        lambda count: has_room(mission, grid, count),
    )
    sampling = Sampling(
        wanted=mission.precision,
        draws_most=mission.draws_most,
        search_draws=mission.draws,
        stages=tried,
        ending=ending,
        target=found.shares[TARGET],
        is_one_wind=found.clusters.is_one_wind,
        has_own_errors=found.grid.arrays.has_error,
    )
    return found, sampling


def run_stages(
    mission: Mission,
    evaluate: Callable[[int], Found],
    judge: Callable[[Found], Stage],
    fits: Callable[[int], bool] = lambda count: True,
) -> tuple[Found, tuple[Stage, ...], Ending]:
    """Evaluate with more and more draws, until it is sure enough or there are no more.

    Parameters
    ----------
    mission : Mission
        Says what is wanted.
    evaluate : callable
        Makes the whole evaluation of so many draws.
    judge : callable
        Says how sure an evaluation is.
    fits : callable, optional
        Says whether so many draws fit into memory.

    Returns
    -------
    tuple
        The last evaluation, all stages, and why there are no more.
    """
    plans = tuple(stage_draws(mission))
    tried: list[Stage] = []
    while True:
        found = evaluate(plans[len(tried)])
        tried.append(judge(found))
        ending = None
        if mission.precision is None:
            ending = Ending.NOT_ASKED
        elif tried[-1].error <= mission.precision:
            ending = Ending.MET
        elif len(tried) == len(plans):
            ending = Ending.CEILING
        elif not fits(plans[len(tried)]):
            ending = Ending.MEMORY
        if ending is not None:
            return found, tuple(tried), ending
        del found


def stage_draws(mission: Mission) -> Iterator[int]:
    """Yield the numbers of draws of the stages: doubled each time, and last the ceiling."""
    count = mission.draws
    yield count
    if mission.precision is None:
        return
    while count < mission.draws_most:
        count = min(2 * count, mission.draws_most)
        yield count


def monte_carlo_error(share: Share) -> float:
    """Return the Monte Carlo error of a share as the stopping rule takes it [fraction].

    It is never below that of what no draw showed: the 95 % bound of no hit in so many draws is
    3.92 standard errors, the width of a 95 % interval. Where each of several winds has one draw
    alone, it is the whole error, whose parts cannot be told apart.
    """
    unseen = clopper_pearson(0, share.draws)[1] / WIDTH
    known = share.monte_carlo_error
    return max(share.standard_error if np.isnan(known) else known, unseen)


def find_least_sure(shares: dict[str, Share], worst: dict[str, Share]) -> Stage:
    """Find the share that matters and is least sure: of the target, or held against a limit.

    Parameters
    ----------
    shares : dict
        For each region.
    worst : dict
        For each limited region, if all that leaves the data came down there.
    """
    errors = [(monte_carlo_error(shares[TARGET]), TARGET)]
    for name in worst:
        errors += [(monte_carlo_error(x[name]), name) for x in (shares, worst)]
    error, region = max(errors)
    return Stage(shares[TARGET].draws, error, region)


def has_room(mission: Mission, grid: WindGrid, draws: int) -> bool:
    """Tell whether the sample of so many draws, and the errors of their winds, fit into memory.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
        That of some number of draws.
    draws : int
    """
    balloons = sum(mission.groups[lot.group].count for lot in mission.lots)
    each_error = grid.arrays.error_values.nbytes / grid.member_count
    return draws * SAMPLE * balloons <= MOST_ROWS and draws * each_error <= MOST_ERROR_BYTES


def _evaluate(
    mission: Mission,
    grid: WindGrid,
    settings: tuple[Setting, ...],
    regions: LandingRegions,
    limited: tuple[str, ...],
    steps: Steps,
    progress: Progress,
) -> Evaluation:
    draws, clusters = Draws(mission.seed, mission.draws), find_clusters(grid, mission.draws)
    flights = fly_settings(mission, draws, grid, settings, steps, progress)
    sample = drop_sample(mission, draws, grid, flights, steps, progress)
    clusters = learn_likeness(clusters, grid, sample)
    summaries = tuple(summarise_kind(mission, items, regions, clusters, grid) for items in sample)
    mass = np.array([r.count * r.kind.mass_kg for r, _ in summaries])

    def average(rows: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.asarray(np.average(rows, axis=0, weights=mass))

    drawn = {name: average([s.shares[name] for _, s in summaries]) for name in regions.names}
    left = average([s.left for _, s in summaries])
    return Evaluation(
        mission=mission,
        draws=draws,
        grid=grid,
        clusters=clusters,
        flights=flights,
        summaries=summaries,
        drawn=drawn,
        left=left,
        shares={name: estimate_share(rows, clusters) for name, rows in drawn.items()},
        worst={name: estimate_share(drawn[name] + left, clusters) for name in limited},
        sample=sample,
    )
