"""What a plan answers: the value that reports and files are made from."""

from __future__ import annotations

from dataclasses import dataclass

from downwind.landing.regions import TARGET, LandingRegions
from downwind.landing.shares import Share
from downwind.plan.dominance import KindDominance
from downwind.plan.enough import Sampling
from downwind.plan.evaluate import KindResult
from downwind.plan.fleet import Setting
from downwind.plan.ground import EnvelopeResult, GroundResult, Plastic
from downwind.plan.landing_maps import LandingReport
from downwind.plan.manifest import Manifest
from downwind.plan.mission import BalloonGroup, Mission, Release, Site
from downwind.plan.observed import ObservationEffect
from downwind.plan.recommend import Tried
from downwind.plan.resident_report import ResidentReport
from downwind.plan.rule_stops import write_rule_stops
from downwind.plan.run import Run
from downwind.plan.timer_curve import TimerCurve
from downwind.rules.facts import Facts
from downwind.rules.findings import Compliance
from downwind.sim.steps import Steps
from downwind.spread import Triple
from downwind.times import format_duration
from downwind.vehicle.drag import DragLaw
from downwind.vehicle.fill import Fill
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
    worst : Share
        The same if all that leaves the wind data came down in this region too.
    """

    region: str
    title: str
    limit: float
    share: Share
    worst: Share

    @property
    def is_met(self) -> bool:
        """Whether the expected share is within the limit, wherever that comes down which left."""
        return self.worst.mean <= self.limit

    @property
    def is_distinguishable(self) -> bool:
        """Whether the limit lies outside the 95 % interval of the share that it is held against."""
        return not self.held.low <= self.limit <= self.held.high

    @property
    def held(self) -> Share:
        """The share whose interval is held against the limit.

        Of a limit that is met the one whose interval reaches further: where no draw came down, the
        bound of a few members can lie above that of the rare draws that left the data.
        """
        if self.is_met:
            return max(self.worst, self.share, key=lambda found: found.high)
        return self.share if self.is_known else self.worst

    @property
    def is_known(self) -> bool:
        """Whether what leaves the data cannot change the answer."""
        return self.is_met or self.share.mean > self.limit


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """One release of a group's balloons.

    Triples are median, 5 and 95 % point over all balloons and draws; NaN without releases.

    Attributes
    ----------
    release : Release
    setting_s : float
        What is dialled [s].
    altitude_m : tuple of float
        Where it acts [m, geometric].
    time_s : tuple of float
        When it acts, counted from the launch [s]: only releases that did not fail.
    place : tuple of float or None
        Median longitude and latitude where it acts [degrees]; None without releases.
    down_before : Share
        Share of balloons that are down before it acts, those aside whose release never acts.
    acts : Share
        Share of balloons on which it acts.
    out_of_turn : Share
        Share of balloons on which it acts after the next release, or after the balloon burst.
    """

    release: Release
    setting_s: float
    altitude_m: Triple
    time_s: Triple
    place: tuple[float, float] | None
    down_before: Share
    acts: Share
    out_of_turn: Share


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group of balloons with its recommended (or given) setting.

    Attributes
    ----------
    group : BalloonGroup
    setting : Setting
    fill : Fill
        For the group's first balloon, medians throughout.
    drag : DragLaw
        Of its envelope.
    curve : TimerCurve
        Shares against the timer setting, from the screen.
    is_feasible : bool
        Whether the screen found this setting within the limits.
    releases : tuple of ReleaseResult
        In the order of their settings.
    ground : GroundResult
        What comes down besides the items.
    """

    group: BalloonGroup
    setting: Setting
    fill: Fill
    drag: DragLaw
    curve: TimerCurve
    is_feasible: bool
    releases: tuple[ReleaseResult, ...]
    ground: GroundResult

    @property
    def envelope(self) -> EnvelopeResult:
        """The emptied envelopes."""
        return self.ground.envelope

    @property
    def release_altitude_m(self) -> Triple:
        """Altitude of the first release [m, geometric]."""
        return self.releases[0].altitude_m

    @property
    def dials(self) -> str:
        """The settings of all releases, for people: ``55 min``, or ``0:55, 1:25`` for several."""
        if len(self.releases) == 1:
            return format_duration(self.releases[0].setting_s)
        minutes = [round(r.setting_s / 60.0) for r in self.releases]
        return ", ".join(f"{m // 60}:{m % 60:02d}" for m in minutes)


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
    left_data : Share
        Share of the load by mass that leaves the wind data.
    limits : tuple of LimitCheck
    candidates : tuple of CandidateRow
        Best first; empty for ``fly``.
    plastic : Plastic
        What of the load and the envelopes does not rot, and where it comes down.
    manifest : Manifest
        Every item once. Iterating flies them, some at a time; none is kept.
    stops : tuple of str
        What forbids to go; never empty while a rule stands open, or none was asked.
    alarms : tuple of str
        What a crew has to hear before all else, besides the stops.
    warnings : tuple of str
    observed : ObservationEffect or None
        What own observations of the wind changed; None where none was blended.
    dominance : tuple of KindDominance
        What dominates where each kind of item comes down, in the order of ``kinds``.
    sampling : Sampling or None
        How many draws the result rests on, and why no more; None where a result was made without.
    landings : LandingReport or None
        Maps of items and of all else, probabilities of shares, and towns.
    compliance : Compliance or None
        What the rules say of the launch; None where they were not asked.
    facts : Facts or None
        What they were asked of.
    judged_s : float
        Against which deadlines and the age of records counted [epoch s]; NaN without.
    residents : ResidentReport or None
        What the night may do to those who live beneath it; None where the mission does not ask.
    tried : Tried or None
        Fills and intervals that were tried, and what stops the closest setting where none meets
        the limits; None for ``fly``.
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
    left_data: Share
    limits: tuple[LimitCheck, ...]
    candidates: tuple[CandidateRow, ...]
    plastic: Plastic
    manifest: Manifest
    stops: tuple[str, ...]
    alarms: tuple[str, ...]
    warnings: tuple[str, ...]
    observed: ObservationEffect | None = None
    dominance: tuple[KindDominance, ...] = ()
    sampling: Sampling | None = None
    landings: LandingReport | None = None
    compliance: Compliance | None = None
    facts: Facts | None = None
    judged_s: float = float("nan")
    residents: ResidentReport | None = None
    tried: Tried | None = None

    @property
    def is_feasible(self) -> bool:
        """Whether the expected shares meet every limit, and enough comes down in the target."""
        return self.is_enough and all(check.is_met for check in self.limits)

    @property
    def is_enough(self) -> bool:
        """Whether the target gets the least expected share that is wanted, if one is stated."""
        least = self.mission.limits.target_least
        return least is None or self.load_shares[TARGET].mean >= least

    @property
    def brief_stops(self) -> tuple[str, ...]:
        """The stops with the rules that stand open in one line, for cards and pictures."""
        single = set() if self.compliance is None else set(write_rule_stops(self.compliance)[1:])
        return tuple(stop for stop in self.stops if stop not in single)

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
