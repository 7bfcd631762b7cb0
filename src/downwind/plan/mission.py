"""The mission as the program holds it: frozen, checked, in SI units.

``mission_file`` reads it from TOML. Every default stands in ``Uncertainty`` and ``Search`` here,
and every output prints the values that a run used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from downwind.errors import LiftError
from downwind.geo.regions import Region
from downwind.load.impact import OPENING_S
from downwind.load.traits import ItemKind
from downwind.plan.launch_window import LaunchWindow
from downwind.plan.mission_choices import AirChoice, PopulationChoice, Report
from downwind.plan.resident_choice import ResidentChoice
from downwind.plan.wind_error_options import WindErrorOptions
from downwind.rules.declared import Declarations
from downwind.sim.turbulence import Turbulence
from downwind.spread import Triple
from downwind.vehicle.drag import DragLaw
from downwind.vehicle.fill import solve_fill
from downwind.vehicle.film import FilmTube
from downwind.vehicle.gas import Gas
from downwind.vehicle.latex import LatexBalloon
from downwind.vehicle.parachute import Parachute
from downwind.vehicle.timer import Timer
from downwind.wind.grid import WindOptions

DEFAULT_DRAWS: Final = 200
DEFAULT_DRAWS_MOST: Final = 3_200

Vehicle = FilmTube | LatexBalloon
"""A balloon without its gas and its load."""


@dataclass(frozen=True, slots=True)
class Site:
    """A launch site: degrees, altitude above the sea [m] (None: the model's ground), time zone."""

    name: str
    latitude: float
    longitude: float
    altitude_m: float | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class LoadPart:
    """A number of items of one kind, spread evenly over the balloons of a group."""

    kind: ItemKind
    count: int

    def count_on(self, index: int, balloons: int) -> int:
        """Return how many of the items hang on one balloon.

        All carry the same and the last one the rest; where that would leave balloons empty, some
        carry one more than others.
        """
        if index >= balloons:
            return 0
        each = -(-self.count // balloons)
        if self.count > (balloons - 1) * each:
            return min(each, self.count - index * each)
        return self.count // balloons + (index < self.count % balloons)


@dataclass(frozen=True, slots=True)
class Release:
    """What one timer of each balloon lets go, and when.

    Attributes
    ----------
    timer : Timer
    after_s : float
        Its setting, counted from that of the group's first release [s]; 0 for the first.
    load : tuple of LoadPart
    gap_range_s : tuple of float or None
        Shortest and longest interval from the release before that a search tries [s]; None where
        the interval is stated.
    """

    timer: Timer
    after_s: float
    load: tuple[LoadPart, ...]
    gap_range_s: tuple[float, float] | None = None

    def load_kg(self, index: int, balloons: int) -> float:
        """Return what hangs on this release on one of some balloons [kg]."""
        return sum(p.count_on(index, balloons) * p.kind.mass_kg for p in self.load)


@dataclass(frozen=True, slots=True)
class Rigging:
    """How a balloon is rigged, as rules ask for it. What is not stated is None or empty.

    Attributes
    ----------
    packages : int
        Packages that the load of a balloon hangs in, alike in mass.
    smallest_face_m2 : float or None
        Smallest surface of a package [m2].
    suspension_n : float or None
        Force that parts the load from the envelope [N].
    equipment : tuple of str
        Names out of ``rules.declared.EQUIPMENT``.
    """

    packages: int = 1
    smallest_face_m2: float | None = None
    suspension_n: float | None = None
    equipment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BalloonGroup:
    """Balloons of one type: the same envelope, gas, loads and timer settings.

    Attributes
    ----------
    name : str
    count : int
    vehicle : Vehicle
    gas : Gas
    free_lift : float
        Free lift of the first balloon [fraction of its load]; where there is a goal, what that
        gives at the altitude that the mission states for its first site.
    goal : tuple or None
        What the fill shall give in its place: ``volume`` [m3], ``neck_lift`` [kg] or
        ``ascent_rate`` [m s-1], and its value.
    rigging : Rigging
    timer_setting_s : float or None
        Of the first release [s]; None where the plan shall find it.
    releases : tuple of Release
        In the order of their settings.
    parachute : Parachute or None
        What brakes the balloon after a burst.
    others : tuple of BalloonGroup
        The same group with each of the other vehicles that a board may choose.
    """

    name: str
    count: int
    vehicle: Vehicle
    gas: Gas
    free_lift: float
    timer_setting_s: float | None
    releases: tuple[Release, ...]
    parachute: Parachute | None = None
    goal: tuple[str, float] | None = None
    rigging: Rigging = Rigging()
    others: tuple[BalloonGroup, ...] = ()

    @property
    def choices(self) -> tuple[BalloonGroup, ...]:
        """The group with each of its vehicles, its own first."""
        return (self, *self.others)

    @property
    def load(self) -> tuple[LoadPart, ...]:
        """Everything that hangs on the balloons, release by release."""
        return tuple(part for release in self.releases for part in release.load)

    @property
    def last_after_s(self) -> float:
        """Setting of the last release, counted from that of the first [s]."""
        return self.releases[-1].after_s

    @property
    def latest_after_s(self) -> float:
        """The same with the longest intervals that a search may try [s]."""
        gaps = (
            b.after_s - a.after_s if b.gap_range_s is None else b.gap_range_s[1]
            for a, b in pairwise(self.releases)
        )
        return float(sum(gaps))

    @property
    def longest_setting_s(self) -> float:
        """Longest setting of the first release with which every timer can be dialled [s]."""
        return min(release.timer.longest_s - release.after_s for release in self.releases)

    def free_lift_at(self, uncertainty: Uncertainty, height_m: float) -> float:
        """Return the free lift of the first balloon at a site, medians throughout.

        Parameters
        ----------
        uncertainty : Uncertainty
        height_m : float
            Of the site [m, geopotential].

        Returns
        -------
        float
            As a fraction of the load: as stated, or what the goal of the fill gives there.

        Raises
        ------
        LiftError
            If the goal cannot be met.
        """
        return self.free_lift if self.goal is None else self.fill_at(uncertainty, height_m)[0]

    def fill_at(self, uncertainty: Uncertainty, height_m: float) -> tuple[float, tuple[str, ...]]:
        """Return the free lift that the goal gives at a site, and what to know of it."""
        if self.goal is None:
            return self.free_lift, ()
        name, value = self.goal
        try:
            fill = solve_fill(
                self.vehicle,
                self.gas,
                uncertainty.purity_of(self.gas),
                self.carried_kg(0),
                height_m,
                drag=uncertainty.drag_of(self.vehicle),
                volume_m3=value if name == "volume" else None,
                neck_lift_kg=value if name == "neck_lift" else None,
                ascent_rate_ms=value if name == "ascent_rate" else None,
            )
        except LiftError as error:
            error.message = f"group '{self.name}', {name}: {error.message}"
            raise
        return fill.free_lift_kg / self.load_kg(0), fill.notes

    @property
    def parachute_kg(self) -> float:
        """Mass of the parachute [kg]; 0 without one."""
        return 0.0 if self.parachute is None else self.parachute.mass_kg

    def load_kg(self, index: int) -> float:
        """Return the whole load of one balloon of the group [kg]."""
        return sum(release.load_kg(index, self.count) for release in self.releases)

    def carried_kg(self, index: int) -> float:
        """Return what one balloon carries [kg]: load and parachute."""
        return self.load_kg(index) + self.parachute_kg


@dataclass(frozen=True, slots=True)
class Lot:
    """The items of one kind that one release of a group lets go.

    Attributes
    ----------
    group, release : int
        Indices of the group and of its release.
    part : LoadPart
    first_item : int
        Items of this kind in the lots before it, in the whole manifest.
    """

    group: int
    release: int
    part: LoadPart
    first_item: int

    @property
    def kind(self) -> ItemKind:
        """The kind of item."""
        return self.part.kind

    @property
    def count(self) -> int:
        """Number of items."""
        return self.part.count


@dataclass(frozen=True, slots=True)
class KeepOut:
    """An area where nothing may land, and the greatest share of the load that may."""

    region: Region
    limit: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be at the most.

    Attributes
    ----------
    falling_short, third_country : float
        Share of the load that may land in the home country and in third countries.
    surface_wind_ms, gust_ms : float or None
        Mean wind at 10 m and gust in which a balloon may be launched [m s-1].
    target_least : float or None
        Least expected share of the load in the target for which a launch is worth it; None: not
        stated.
    cloud_cover : float or None
        Greatest mean share of the sky in cloud at the launch, 0 to 1.
    rain_kgm2s : float or None
        Greatest rate of rain or snow at the launch [kg m-2 s-1].
    """

    falling_short: float
    third_country: float
    surface_wind_ms: float | None = None
    gust_ms: float | None = None
    target_least: float | None = None
    cloud_cover: float | None = None
    rain_kgm2s: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What a plan tries: free lifts [fraction of the load] and timer settings [s].

    ``fill_between`` says whether free lifts between those listed are tried. ``aim`` is ``most``,
    for the greatest share in the target with one setting a group, or ``even``, for settings spread
    over the balloons of a group so that the load covers the target evenly.
    """

    free_lifts: tuple[float, ...] = ()
    timer_from_s: float = 600.0
    timer_until_s: float = 10_800.0
    timer_step_s: float = 300.0
    fill_between: bool = True
    aim: Literal["most", "even"] = "most"


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What is not known, as spreads. Triples are median, 5 and 95 % point.

    Attributes
    ----------
    fill_bias, fill_scatter : float
        Standard deviation of the gross lift, shared by the fleet and of each balloon [fraction];
        assumptions for a fill by spring balance.
    impurity : tuple of float or None
        Air in the gas [fraction]; None: that of the catalogue for each gas.
    superheat_night_k, superheat_day_k : tuple of float
        Gas warmer than air, uniform between the two, by the sun's height at launch [K].
    relaxation_s : tuple of float
        Time in which the gas follows the air [s].
    leak_1s : tuple of float
        Gas lost [fraction s-1]; half of the log-variance is the film batch's.
    drag : tuple of float or None
        Drag coefficient of every envelope on its cross-section; None: the vehicle's own law.
    opening_s : tuple of float
        Time that a bundle takes to open [s].
    failure : tuple of float or None
        Probability that a release fails: never, early, partial or unopened, equally likely. All
        timers of a kind share it in a draw; None: that of the catalogue for each kind.
    launch_delay_s : tuple of float
        How long after its planned time a balloon leaves the ground [s]; an assumption.
    """

    fill_bias: float = 0.01
    fill_scatter: float = 0.01
    impurity: Triple | None = None
    superheat_night_k: tuple[float, float] = (-3.0, -1.0)
    superheat_day_k: tuple[float, float] = (5.0, 15.0)
    relaxation_s: Triple = (180.0, 60.0, 300.0)
    leak_1s: Triple = (0.01 / 3600.0, 0.003 / 3600.0, 0.03 / 3600.0)
    drag: Triple | None = None
    opening_s: Triple = OPENING_S
    failure: Triple | None = None
    launch_delay_s: Triple = (60.0, 10.0, 300.0)

    def purity_of(self, gas: Gas) -> float:
        """Return the median purity of a gas [fraction]."""
        return 1.0 - (self.impurity or gas.impurity)[0]

    def drag_of(self, vehicle: Vehicle) -> DragLaw:
        """Return the drag of an envelope: the one stated here, or else the vehicle's own."""
        return vehicle.drag if self.drag is None else DragLaw(self.drag, self.drag)


@dataclass(frozen=True, slots=True)
class Mission:
    """Everything that a run needs, save the wind.

    ``launch_times_s`` are candidate times of the first balloon [epoch s]; the others follow every
    ``launch_spacing_s``. ``digest`` is the sha256 of the mission file and of the region files.
    ``precision`` is the greatest Monte Carlo error wanted of the shares that matter [fraction]; for
    it the chosen settings fly with up to ``draws_most`` draws. ``finds_dominance`` says whether
    what dominates is worked out. ``declared`` is what the crew enters for the rules, and
    ``rule_files`` are rule files of its own. ``window`` is when balloons may leave the ground;
    ``launch_times_s`` are those of ``launch_asked_s`` that it leaves at a site at least.
    ``residents`` is how much risk those beneath may have; None where it is not asked.
    """

    name: str
    note: str
    seed: int
    draws: int
    sites: tuple[Site, ...]
    launch_times_s: tuple[int, ...]
    launch_spacing_s: float
    groups: tuple[BalloonGroup, ...]
    target: Region
    home: Region
    keep_outs: tuple[KeepOut, ...]
    limits: Limits
    wind: WindOptions
    search: Search
    uncertainty: Uncertainty
    turbulence: Turbulence
    digest: str
    air: AirChoice = field(default_factory=AirChoice)
    wind_error: WindErrorOptions = field(default_factory=WindErrorOptions)
    precision: float | None = None
    draws_most: int = DEFAULT_DRAWS_MOST
    finds_dominance: bool = True
    report: Report = field(default_factory=Report)
    population: PopulationChoice = field(default_factory=PopulationChoice)
    declared: Declarations = field(default_factory=Declarations)
    rule_files: tuple[Path, ...] = ()
    window: LaunchWindow = field(default_factory=LaunchWindow)
    launch_asked_s: tuple[int, ...] = ()
    residents: ResidentChoice | None = None

    def launch_times_at(self, site: Site) -> tuple[int, ...]:
        """Return the candidate times that the launch window leaves at a site [epoch s]."""
        if self.window.is_always_open:
            return self.launch_times_s
        place = (site.latitude, site.longitude, site.time_zone)
        return tuple(
            t for t in self.launch_times_s if self.window.holds(t, self.fleet_span_s, *place)
        )

    def with_vehicles(self, names: Sequence[str]) -> Mission:
        """Return the mission with one of its vehicles for each group.

        Parameters
        ----------
        names : sequence of str
            Name of each group's vehicle.

        Raises
        ------
        ValueError
            If a group has no such vehicle.
        """
        chosen = []
        for group, name in zip(self.groups, names, strict=True):
            found = [choice for choice in group.choices if choice.vehicle.name == name]
            if not found:
                raise ValueError(f"the group '{group.name}' has no vehicle '{name}'")
            chosen.append(found[0])
        if all(new.vehicle is old.vehicle for new, old in zip(chosen, self.groups, strict=True)):
            return self
        return replace(self, groups=tuple(chosen))

    @property
    def balloon_count(self) -> int:
        """Number of balloons in the fleet."""
        return sum(group.count for group in self.groups)

    @property
    def fleet_span_s(self) -> float:
        """Time from the first launch to the last [s]."""
        return self.launch_spacing_s * (self.balloon_count - 1)

    @property
    def kinds(self) -> tuple[ItemKind, ...]:
        """The kinds of item in the manifest, in the order in which the groups name them."""
        return tuple({p.kind.name: p.kind for g in self.groups for p in g.load}.values())

    @property
    def lots(self) -> tuple[Lot, ...]:
        """Every lot of the manifest, in the order kind, group, release."""
        found = []
        for kind in self.kinds:
            first_item = 0
            for g, group in enumerate(self.groups):
                for r, release in enumerate(group.releases):
                    for part in (p for p in release.load if p.kind.name == kind.name):
                        found.append(Lot(g, r, part, first_item))
                        first_item += part.count
        return tuple(found)

    def lots_of(self, group: int) -> tuple[Lot, ...]:
        """Return the lots of one group, in the order of its releases."""
        own = [lot for lot in self.lots if lot.group == group]
        return tuple(sorted(own, key=lambda lot: lot.release))

    def first_balloon(self, group: int) -> int:
        """Return the index in the fleet of a group's first balloon."""
        return sum(g.count for g in self.groups[:group])
