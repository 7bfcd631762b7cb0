"""The mission as the program holds it: frozen, checked, in SI units.

``mission_file`` reads it from TOML. Every default stands in ``Uncertainty`` and ``Search`` here,
and every output prints the values that a run used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from downwind.geo.regions import Region
from downwind.load.items import OPENING_S, ItemKind
from downwind.sim.turbulence import Turbulence
from downwind.vehicle.film import FilmTube
from downwind.vehicle.gas import Gas
from downwind.vehicle.timer import Timer
from downwind.wind.grid import WindOptions

DEFAULT_DRAWS: Final = 200


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
class BalloonGroup:
    """Balloons of one type: the same tube, gas, load and timer setting.

    ``free_lift`` is a fraction of the load; ``timer_setting_s`` is None where the plan shall find
    it.
    """

    name: str
    count: int
    tube: FilmTube
    gas: Gas
    free_lift: float
    timer: Timer
    timer_setting_s: float | None
    load: tuple[LoadPart, ...]

    def load_kg(self, index: int) -> float:
        """Return the load of one balloon of the group [kg]."""
        return sum(p.count_on(index, self.count) * p.kind.mass_kg for p in self.load)


@dataclass(frozen=True, slots=True)
class KeepOut:
    """An area where nothing may land, and the greatest share of the load that may."""

    region: Region
    limit: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Greatest shares of the load that may land in the home country and in third countries."""

    falling_short: float
    third_country: float


@dataclass(frozen=True, slots=True)
class Search:
    """What a plan tries: free lifts [fraction of the load] and timer settings [s]."""

    free_lifts: tuple[float, ...] = ()
    timer_from_s: float = 600.0
    timer_until_s: float = 10_800.0
    timer_step_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What is not known, as spreads. Triples are median, 5 and 95 % point.

    Attributes
    ----------
    fill_bias, fill_scatter : float
        Standard deviation of the gross lift, shared by the fleet and of each balloon [fraction];
        assumptions for a fill by spring balance.
    impurity : tuple of float
        Air in the gas [fraction]; an assumption.
    superheat_night_k, superheat_day_k : tuple of float
        Gas warmer than air, uniform between the two, by the sun's height at launch [K].
    relaxation_s : tuple of float
        Time in which the gas follows the air [s].
    leak_1s : tuple of float
        Gas lost [fraction s-1]; half of the log-variance is the film batch's.
    drag : tuple of float
        Drag coefficient on pi D^2 / 4.
    opening_s : tuple of float
        Time that a bundle takes to open [s].
    failure : float
        Probability that a release fails: never, early, partial or unopened, equally likely.
    """

    fill_bias: float = 0.01
    fill_scatter: float = 0.01
    impurity: tuple[float, float, float] = (0.01, 0.003, 0.03)
    superheat_night_k: tuple[float, float] = (-3.0, -1.0)
    superheat_day_k: tuple[float, float] = (5.0, 15.0)
    relaxation_s: tuple[float, float, float] = (180.0, 60.0, 300.0)
    leak_1s: tuple[float, float, float] = (0.01 / 3600.0, 0.003 / 3600.0, 0.03 / 3600.0)
    drag: tuple[float, float, float] = (0.7, 0.4, 1.0)
    opening_s: tuple[float, float, float] = OPENING_S
    failure: float = 0.05


@dataclass(frozen=True, slots=True)
class Mission:
    """Everything that a run needs, save the wind.

    ``launch_times_s`` are candidate times of the first balloon [epoch s]; the others follow every
    ``launch_spacing_s``. ``digest`` is the sha256 of the mission file and of the region files.
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

    @property
    def balloon_count(self) -> int:
        """Number of balloons in the fleet."""
        return sum(group.count for group in self.groups)

    @property
    def fleet_span_s(self) -> float:
        """Time from the first launch to the last [s]."""
        return self.launch_spacing_s * (self.balloon_count - 1)

    def first_balloon(self, group: int) -> int:
        """Return the index in the fleet of a group's first balloon."""
        return sum(g.count for g in self.groups[:group])
