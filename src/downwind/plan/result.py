"""What a plan answers: the value that reports and files are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import LandingRegions
from downwind.landing.shares import Share
from downwind.plan.evaluate import KindResult
from downwind.plan.fleet import Setting
from downwind.plan.manifest import Manifest
from downwind.plan.mission import BalloonGroup, Mission, Site
from downwind.plan.run import Run
from downwind.plan.search import TimerCurve
from downwind.sim.flight import Flights
from downwind.sim.steps import Steps
from downwind.vehicle.film import Fill
from downwind.wind.grid import WindGrid


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """One limit of the mission against what is expected.

    Attributes
    ----------
    region, title : str
        Key and name for people.
    limit : float
        Greatest share allowed [fraction].
    share : Share
        Expected share of the load (by mass).
    is_met : bool
        Whether the expected share is within the limit; the error of the share is printed beside.
    """

    region: str
    title: str
    limit: float
    share: Share
    is_met: bool


@dataclass(frozen=True, slots=True)
class EnvelopeResult:
    """The emptied envelopes: one balloon a draw, flown on after the release.

    Attributes
    ----------
    flights : Flights
        Two stages, with tracks; one row a draw.
    launch_s : numpy.ndarray
        Launch of each, shape (draws,) [epoch s].
    peak_m : numpy.ndarray
        Greatest altitude of each, shape (draws,) [m, geometric].
    shares : dict
        Share of envelopes that land in each region.
    left_data : Share
        Share that leave the data before they land.
    """

    flights: Flights
    launch_s: NDArray[np.float64]
    peak_m: NDArray[np.float64]
    shares: dict[str, Share]
    left_data: Share


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group of balloons with its recommended (or given) setting.

    Attributes
    ----------
    group : BalloonGroup
    setting : Setting
    fill : Fill
        For the group's first balloon, gas of the median purity.
    curve : TimerCurve
        Shares against the timer setting, from the screen.
    is_feasible : bool
        Whether the screen found this setting within the limits.
    on_ground_before_release : Share
        Share of balloons that are down before their timer fires.
    release_altitude_m : tuple of float
        Median, 5 and 95 % point of the release altitude [m, geometric]; NaN without releases.
    envelope : EnvelopeResult
    """

    group: BalloonGroup
    setting: Setting
    fill: Fill
    curve: TimerCurve
    is_feasible: bool
    on_ground_before_release: Share
    release_altitude_m: tuple[float, float, float]
    envelope: EnvelopeResult


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One candidate of the search, as the table of alternatives shows it.

    ``timer_s`` and ``free_lift`` have one entry a group; ``target`` and ``falling_short`` are
    expected shares of the whole load by mass.
    """

    site: Site
    start_s: int
    free_lift: tuple[float, ...]
    timer_s: tuple[float, ...]
    is_feasible: bool
    target: Share
    falling_short: Share


@dataclass(frozen=True, slots=True)
class PlanResult:
    """All that ``fly`` and ``plan`` answer.

    Attributes
    ----------
    command : str
        ``plan``, ``fly`` or ``demo``.
    mission : Mission
    grid : WindGrid
    regions : LandingRegions
    run : Run
    steps : Steps
    site : Site
    start_s : int
        Recommended or given launch of the first balloon [epoch s].
    groups : tuple of GroupResult
    kinds : tuple of KindResult
    load_shares : dict
        Expected share of the load by mass for each region.
    limits : tuple of LimitCheck
    candidates : tuple of CandidateRow
        Best first; empty for ``fly``.
    manifest : Manifest
        Every item once. Iterating flies them, some at a time; none is kept.
    stops : tuple of str
        What forbids to go; never empty while the rules are not checked.
    warnings : tuple of str
    """

    command: str
    mission: Mission
    grid: WindGrid
    regions: LandingRegions
    run: Run
    steps: Steps
    site: Site
    start_s: int
    groups: tuple[GroupResult, ...]
    kinds: tuple[KindResult, ...]
    load_shares: dict[str, Share]
    limits: tuple[LimitCheck, ...]
    candidates: tuple[CandidateRow, ...]
    manifest: Manifest
    stops: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def is_feasible(self) -> bool:
        """Whether every limit is met by the expected shares."""
        return all(check.is_met for check in self.limits)

    @property
    def verdict(self) -> str:
        """``STOP`` while anything forbids to go, else ``NO-GO`` or ``GO``."""
        if self.stops:
            return "STOP"
        return "GO" if self.is_feasible else "NO-GO"

    def outcome_counts(self) -> dict[str, dict[str, int]]:
        """Return, for each kind, how many items of the manifest met each outcome.

        The items fly for it, unless a whole pass has been made, as by writing the cloud.
        """
        return {name: dict(counts) for name, counts in self.manifest.tally().outcomes.items()}
