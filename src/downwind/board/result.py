"""What a board holds: a cell for each site and hour, and how each was judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from downwind.landing.digits import write_bound
from downwind.landing.shares import Share
from downwind.plan.air_of_run import LaunchWeather
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission, Site
from downwind.plan.residents import ResidentRisk
from downwind.plan.run import Run
from downwind.rules.findings import Compliance
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid


class Verdict(StrEnum):
    """What a board says of a cell."""

    GO = "GO"
    MARGINAL = "MARGINAL"
    NO_GO = "NO-GO"
    STOP = "STOP"


class WindVerdict(StrEnum):
    """What the wind alone says of a cell; never printed as GO."""

    WITHIN = "within limits"
    UNSURE = "not sure"
    BREAKS = "breaks"


@dataclass(frozen=True, slots=True)
class LimitBound:
    """A limit of the mission and what a cell was found to do about it.

    Attributes
    ----------
    name, title : str
        Of the region; ``target`` for the least share in the target.
    limit : float
        Greatest share allowed, or, of the target, the least wanted [fraction].
    share : Share
        Expected share; what leaves the data counts as if it came down there (in the target: not).
    bound : float
        One-sided bound at the level of its stage [fraction]: upper, of the target lower.
    opposite : float
        The other one-sided bound at the same level.
    draws_needed : int or None
        Effective draws without any hit (in the target: without any miss) that would show the limit
        met; None where as many are at hand, or where none would be enough: a limit of 0 %.
    members_needed : int or None
        Members of the ensemble that it would take, where no number of draws of those at hand would
        be enough; else None.
    """

    name: str
    title: str
    limit: float
    share: Share
    bound: float
    opposite: float
    draws_needed: int | None
    members_needed: int | None = None

    @property
    def is_least(self) -> bool:
        """Whether the limit is the least that is wanted, not the most that is allowed."""
        return self.name == "target"

    @property
    def is_met(self) -> bool:
        """Whether the bound meets the limit."""
        return self.bound >= self.limit if self.is_least else self.bound <= self.limit

    @property
    def is_broken(self) -> bool:
        """Whether the opposite bound says that the limit is broken."""
        return self.opposite < self.limit if self.is_least else self.opposite > self.limit

    @property
    def bound_text(self) -> str:
        """The bound for people, rounded to the side on which it still holds."""
        return f"{write_bound(100.0 * self.bound, is_upper=not self.is_least)} %"

    @property
    def opposite_text(self) -> str:
        """The opposite bound, likewise."""
        return f"{write_bound(100.0 * self.opposite, is_upper=self.is_least)} %"


@dataclass(frozen=True, slots=True)
class CertifiedStage:
    """One look at a cell.

    Attributes
    ----------
    draws : int
        Draws that it rests on, all fresh.
    level : float
        Part of the error level that this look may spend [fraction].
    verdict : WindVerdict
    """

    draws: int
    level: float
    verdict: WindVerdict


@dataclass(frozen=True, slots=True)
class Certificate:
    """What fresh draws say of one setting of a cell.

    Attributes
    ----------
    verdict : WindVerdict
    decided_by : str
        Name of the limit that decided, as in ``LimitBound.name``.
    limits : tuple of LimitBound
        By the last stage.
    shares : dict
        Expected share of the load in each region, and in ``left_data``.
    kinds : dict
        For each kind of item, by its name, the same.
    stages : tuple of CertifiedStage
    error_level : float
        Of all stages together [fraction].
    """

    verdict: WindVerdict
    decided_by: str
    limits: tuple[LimitBound, ...]
    shares: dict[str, Share]
    kinds: dict[str, dict[str, Share]]
    stages: tuple[CertifiedStage, ...]
    error_level: float

    @property
    def draws(self) -> int:
        """Fresh draws that the last stage rests on."""
        return self.stages[-1].draws


@dataclass(frozen=True, slots=True)
class Sky:
    """Sun and moon over a site at a launch.

    Attributes
    ----------
    sun_deg : float
        Height of the sun at the first launch [degrees].
    is_night : bool
        Whether all launches lie between sunset and sunrise.
    moon_lit : float
        Part of the moon's disc that is lit, 0 to 1.
    moon_deg : float
        Height of the moon [degrees]; below 0: not up.
    """

    sun_deg: float
    is_night: bool
    moon_lit: float
    moon_deg: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One site and hour of a board.

    Attributes
    ----------
    site : Site
    start_s : int
        First launch [epoch s].
    settings : tuple of Setting
        Best of each group by the screen.
    vehicles : tuple of str
        Name of each group's vehicle.
    screened : dict
        Share of each region by the screen: an estimate by the draws of the search, which chose the
        setting, and so a little too good.
    meets_screen : bool
        Whether the screen's shares are within all limits.
    certificate : Certificate or None
        None where the screen ruled the cell out.
    lead_s : float or None
        Age of the forecast at the first launch [s]; None where its run is not known.
    weather : LaunchWeather
    conditions : tuple of str
        What forbids the cell besides rules: wind at the ground, gust, window.
    sky : Sky
    compliance : Compliance
    verdict : Verdict
    decided_by : str
        A sentence: what decided.
    residents : ResidentRisk or None
        What it may do to those who live beneath, by fresh draws; None where that was not asked.
    """

    site: Site
    start_s: int
    settings: tuple[Setting, ...]
    vehicles: tuple[str, ...]
    screened: dict[str, Share]
    meets_screen: bool
    certificate: Certificate | None
    lead_s: float | None
    weather: LaunchWeather
    conditions: tuple[str, ...]
    sky: Sky
    compliance: Compliance
    verdict: Verdict
    decided_by: str
    residents: ResidentRisk | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """Every cell, and what they have in common.

    Attributes
    ----------
    mission : Mission
    grid : WindGrid
    run : Run
    steps : Steps
    cells : tuple of Cell
        By site, then hour.
    ranking : tuple of int
        Indices of cells, best first: GO, MARGINAL, then the rest by how little they break.
    compliance : Compliance
        What holds for every cell.
    left_out : tuple of str
        Hours that were asked for and not looked at, and why.
    warnings : tuple of str
    screen_draws : int
        Draws of the search.
    """

    mission: Mission
    grid: WindGrid
    run: Run
    steps: Steps
    cells: tuple[Cell, ...]
    ranking: tuple[int, ...]
    compliance: Compliance
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    screen_draws: int

    @property
    def verdict(self) -> Verdict:
        """The best of all cells; ``STOP`` where something stops them all."""
        order = (Verdict.GO, Verdict.MARGINAL, Verdict.NO_GO, Verdict.STOP)
        found = {cell.verdict for cell in self.cells}
        return next(v for v in order if v in found)
