"""What a night may do to those who live beneath it: homes, power lines, airports.

Three sorts of things come down whole: loads that were never let go or came down early with their
balloon, bundles that never opened, and emptied envelopes. One balloon of each group is flown in
every draw, once as its timers act and once with timers that never act, and one bundle is dropped
that never opens; how often each comes to pass is counted over all balloons of the draws. The
probability in a night follows draw by draw: things of one draw fly in the same air.

Where people live is told by the mission's population raster, or else by towns alone, which misses
everybody between them. A balloon that fails on the ground before it flies is not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.geo.airports import Airport, airports_within
from downwind.geo.places import towns_in_box
from downwind.geo.population import read_density
from downwind.geo.sphere import distance_m
from downwind.landing.clusters import Clusters
from downwind.landing.intervals import EventProbability, estimate_event
from downwind.landing.shares import estimate_share
from downwind.plan.clusters import find_clusters
from downwind.plan.endings import BUNDLES, ENVELOPES, TITLES, UNRELEASED
from downwind.plan.fleet import (
    ReleaseDraws,
    Setting,
    bundle_speeds_ms,
    draw_balloons,
    draw_falls,
    draw_releases,
)
from downwind.plan.mission import Mission, Site
from downwind.plan.resident_choice import ResidentChoice
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import Flights, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at

HOMES: Final = "homes"
POWER_LINES: Final = "power lines"
TRACK_S: Final = 60.0
TRACK_ROWS: Final = 15 * 60 + 2
AIRPORTS: Final = 12
"""Airports that are told at the most, the likeliest first."""

_SEARCH_M: Final = 600_000.0
"""How far from the site airports are looked for beyond the landings [m]."""


@dataclass(frozen=True, slots=True)
class NightRisk:
    """A probability in a night, and its 95 % interval [fraction].

    Attributes
    ----------
    probability, standard_error, low, high : float
    """

    probability: float
    standard_error: float
    low: float
    high: float

    def to_text(self) -> str:
        """Write it in per cent, with its interval; without a hit, the bound.

        Two digits; ends of the interval are rounded outwards, so that one beyond a limit does not
        read as if it were at it.
        """
        high = _two_digits(100.0 * self.high, lambda x: math.ceil(x - 1e-9))
        if self.probability <= 0.0:
            return f"< {high}" if self.high > 0.0 else "0"
        low = _two_digits(100.0 * self.low, lambda x: math.floor(x + 1e-9))
        return f"{_two_digits(100.0 * self.probability, round)} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class ThingRisk:
    """What one sort of thing does in a night.

    Attributes
    ----------
    key, title : str
    expected : float
        How many come down in a night, anywhere.
    left_data : float
        How many leave the wind data in a night, to where is not known.
    over : dict
        For ``HOMES`` and, where the user brings them, ``POWER_LINES``: how many are expected there.
    night : dict
        For the same, the probability that any comes down there.
    """

    key: str
    title: str
    expected: float
    left_data: float
    over: dict[str, float]
    night: dict[str, NightRisk]


@dataclass(frozen=True, slots=True)
class AirportRisk:
    """How near a night comes to an airport.

    Attributes
    ----------
    airport : Airport
    distance_m : float
        From the site [m].
    probability : EventProbability
        That the low path of a draw's balloon, or what it brings down whole, comes within the
        radius; things that seldom come down count as if they did.
    """

    airport: Airport
    distance_m: float
    probability: EventProbability


@dataclass(frozen=True, slots=True)
class ResidentRisk:
    """What one launch may do to residents.

    Attributes
    ----------
    choice : ResidentChoice
    site : Site
    start_s : int
        First launch [epoch s].
    things : tuple of ThingRisk
    held : NightRisk
        Probability that is held against the limit: of a whole load or bundle over homes, or of
        anything on a power line.
    worst : NightRisk
        The same if all that leaves the wind data came down there.
    airports : tuple of AirportRisk
    homes_from : str
        What says where people live.
    unknown_share : float
        Share of the landings where the population raster says nothing; 0 without one.
    draws : int
    """

    choice: ResidentChoice
    site: Site
    start_s: int
    things: tuple[ThingRisk, ...]
    held: NightRisk
    worst: NightRisk
    airports: tuple[AirportRisk, ...]
    homes_from: str
    unknown_share: float
    draws: int

    @property
    def is_below(self) -> bool:
        """Whether the upper end of the interval is below the limit, wherever all comes down."""
        return self.worst.high <= self.choice.most

    @property
    def is_above(self) -> bool:
        """Whether the lower end of the interval is above the limit."""
        return self.held.low > self.choice.most


@dataclass(frozen=True, slots=True)
class _Fallen:
    """Things of one sort of one group: where each draw's one comes down, were it to.

    ``place`` holds longitude and latitude, shape (draws, 2) [degrees], NaN where none does;
    ``left``, shape (draws,), where it leaves the wind data instead. ``chance`` is the probability
    that one balloon brings it about, and ``number`` how many balloons may.
    """

    key: str
    place: NDArray[np.float64]
    left: NDArray[np.bool_]
    chance: float
    number: int


def _two_digits(value: float, to_whole: Callable[[float], int]) -> str:
    """Write a number of 0 or more with two digits, rounded in a way of one's own."""
    if value <= 0.0:
        return "0"
    place = math.floor(math.log10(value)) - 1
    return f"{to_whole(value * 10.0**-place) * 10.0**place:.3g}"


def residents_of(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    steps: Steps,
    site: Site,
    start_s: int,
    settings: tuple[Setting, ...],
    choice: ResidentChoice | None = None,
    clusters: Clusters | None = None,
) -> ResidentRisk:
    """Find what a launch may do to residents.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    steps : Steps
    site : Site
    start_s : int
        First launch [epoch s].
    settings : tuple of Setting
        One a group, with its timer.
    choice : ResidentChoice, optional
        The mission's own unless given; one of the two there must be.
    clusters : Clusters, optional
        Which draws share a wind of the data; they are found unless given.
    """
    asked = mission.residents if choice is None else choice
    assert asked is not None
    found_clusters = find_clusters(grid, mission.draws) if clusters is None else clusters
    fallen: list[_Fallen] = []
    low: list[NDArray[np.float64]] = []
    for g, setting in enumerate(settings):
        parts, path = _fly_group(mission, g, draws, grid, steps, setting, asked.low_path_m)
        fallen += parts
        low.append(path)
    over, homes_from, unknown = _mark(mission, asked, fallen)
    things = tuple(
        _thing(key, fallen, over, mission.draws, found_clusters)
        for key in (UNRELEASED, BUNDLES, ENVELOPES)
    )
    held = [
        (part, inside)
        for place, marks in over.items()
        for part, inside in zip(fallen, marks, strict=True)
        if place == POWER_LINES or part.key != ENVELOPES
    ]
    worst = [(part, inside | part.left) for part, inside in held]
    return ResidentRisk(
        asked,
        site,
        start_s,
        things,
        _night(held, mission.draws, found_clusters),
        _night(worst, mission.draws, found_clusters),
        _airports(site, asked, fallen, low, mission.draws, found_clusters),
        homes_from,
        unknown,
        mission.draws,
    )


def _fly_group(
    mission: Mission,
    g: int,
    draws: Draws,
    grid: WindGrid,
    steps: Steps,
    setting: Setting,
    low_path_m: float,
) -> tuple[list[_Fallen], NDArray[np.float64]]:
    """Fly one balloon of a group a draw; return what falls, and its low path by draw.

    The path has a row a place: draw, longitude, latitude.
    """
    group, count = mission.groups[g], mission.draws
    assert setting.timer_s is not None
    draw = np.arange(count)
    balloon = draw % group.count
    in_fleet = mission.first_balloon(g) + balloon
    releases = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
    never = ReleaseDraws(
        np.full_like(releases.reading_s, np.inf),
        np.full_like(releases.failure, TimerFailure.NEVER),
        np.zeros_like(releases.fraction),
        releases.slow_rate,
    )

    def fly(timers: ReleaseDraws, rows: int) -> Flights:
        balloons = draw_balloons(
            mission, g, draws, grid, setting, draw, balloon, timers, follow_envelope=True
        )
        return fly_balloons(grid, balloons, steps.balloon_s, TRACK_S, rows)

    flown, stuck = fly(releases, TRACK_ROWS), fly(never, 0)
    all_draws, all_balloons = (x.ravel() for x in np.indices((count, group.count)))
    every = draw_releases(
        mission, group, draws, setting.timer_s, all_draws,
        mission.first_balloon(g) + all_balloons,
    )  # fmt: skip
    stays = (every.failure == TimerFailure.NEVER).all(axis=1)
    own_stays = (releases.failure == TimerFailure.NEVER).all(axis=1)
    parts = [
        _Fallen(
            UNRELEASED,
            _ends(stuck),
            stuck.reason == StopRule.LEFT_DATA,
            float(stays.mean()),
            group.count,
        )
    ]
    loaded = ~flown.released.all(axis=1) & ~own_stays
    early = (flown.reason == StopRule.GROUND) & loaded
    gone = (flown.reason == StopRule.LEFT_DATA) & loaded
    if early.any() or gone.any():
        parts.append(_Fallen(UNRELEASED, _only(_ends(flown), early), gone, 1.0, group.count))
    for lot in mission.lots_of(g):
        shut = every.failure[:, lot.release] == TimerFailure.UNOPENED
        up = np.flatnonzero(flown.released[:, lot.release])
        falls = draw_falls(draws, lot.kind, up, np.zeros(up.size), np.full(up.size, 0.5))
        at = (up, lot.release)
        dropped = drop_items(
            grid,
            ItemArrays(
                member=up % grid.member_count,
                longitude=flown.release_longitude[at],
                latitude=flown.release_latitude[at],
                height_m=flown.release_height_m[at],
                time_s=flown.release_time_s[at],
                bundle_speed_ms=bundle_speeds_ms(group, lot.part)[balloon[up]],
                opening_s=np.full(up.size, np.inf),
                low_speed_ms=falls.low_speed_ms,
                high_speed_ms=falls.high_speed_ms,
                exponent=falls.exponent,
                switch_m=falls.switch_m,
                draw=up,
                balloon=in_fleet[up],
                item=np.zeros(up.size, np.int64),
            ),
            steps.item_s,
            turbulence=mission.turbulence,
            seed=draws.seed,
            label=f"{lot.kind.name}/bundle",
        )
        place = np.full((count, 2), np.nan)
        on = up[dropped.on_ground]
        place[on, 0] = dropped.longitude[dropped.on_ground]
        place[on, 1] = dropped.latitude[dropped.on_ground]
        gone = np.zeros(count, np.bool_)
        gone[up[~dropped.on_ground]] = True
        parts.append(_Fallen(BUNDLES, place, gone, float(shut.mean()), group.count))
    empty = flown.released.all(axis=1)
    emptied = (flown.reason == StopRule.GROUND) & empty
    gone = (flown.reason == StopRule.LEFT_DATA) & empty
    parts.append(_Fallen(ENVELOPES, _only(_ends(flown), emptied), gone, 1.0, group.count))
    return parts, _low_path(grid, flown, low_path_m)


def _ends(flights: Flights) -> NDArray[np.float64]:
    down = flights.reason == StopRule.GROUND
    place = np.column_stack([flights.end_longitude, flights.end_latitude])
    return _only(place, down)


def _only(place: NDArray[np.float64], keep: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(keep[:, None], place, np.nan)


def _low_path(grid: WindGrid, flights: Flights, low_path_m: float) -> NDArray[np.float64]:
    """Return draw, longitude and latitude of each recorded place below a height above ground."""
    height = flights.track[:, :, 2]
    ceiling = low_path_m + float(grid.arrays.ceiling_m.max())
    with np.errstate(invalid="ignore"):
        row, column = np.nonzero(height <= ceiling)
    longitude, latitude = flights.track[row, column, 0], flights.track[row, column, 1]
    ground = np.array(
        [
            float(terrain_at(grid.arrays, float(x), float(y)))
            for x, y in zip(longitude, latitude, strict=True)
        ]
    )
    low = height[row, column] - ground <= low_path_m
    return np.column_stack([row[low], longitude[low], latitude[low]])


def _mark(
    mission: Mission, choice: ResidentChoice, fallen: list[_Fallen]
) -> tuple[dict[str, list[NDArray[np.bool_]]], str, float]:
    """Say of each thing in each draw whether it comes down over homes and on power lines."""
    place = np.concatenate([part.place for part in fallen])
    known = np.isfinite(place[:, 0])
    homes, unknown = np.zeros(len(place), np.bool_), 0.0
    lon, lat = place[known].T
    raster = mission.population.raster
    if raster is not None:
        density = read_density(raster, lon, lat)
        unknown = float(np.isnan(density).mean()) if density.size else 0.0
        homes[known] = np.nan_to_num(density) >= choice.homes_per_km2
        source = f"{raster.text}, where {choice.homes_per_km2:g} people or more live to a km2"
    else:
        radius, smallest = mission.report.town_radius_m, mission.report.smallest_town
        homes[known] = _near_towns(lon, lat, radius, smallest)
        source = (
            f"towns of {smallest:,} people and more, within {radius / 1e3:g} km of their middle: "
            "an underestimate, for it misses who lives between them"
        )
    marks = {HOMES: homes}
    if choice.power_lines is not None:
        brought = choice.power_lines
        marks[POWER_LINES] = brought.lines.within(place[:, 0], place[:, 1], brought.distance_m)
    sizes = np.cumsum([len(part.place) for part in fallen])[:-1]
    return {key: np.split(values, sizes) for key, values in marks.items()}, source, unknown


def _near_towns(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], radius_m: float, smallest: int
) -> NDArray[np.bool_]:
    if not longitude.size:
        return np.zeros(0, np.bool_)
    margin = radius_m / 1.1e5
    wide = margin / max(float(np.cos(np.radians(np.abs(latitude).max()))), 1e-3)
    about = float(longitude[0])
    east = (longitude - about + 180.0) % 360.0 - 180.0
    towns = towns_in_box(
        about + float(east.min()) - wide,
        float(latitude.min()) - margin,
        about + float(east.max()) + wide,
        float(latitude.max()) + margin,
        smallest,
        100_000,
    )
    near = np.zeros(longitude.size, np.bool_)
    for town in towns:
        near |= distance_m(longitude, latitude, town.longitude, town.latitude) <= radius_m
    return near


def _thing(
    key: str,
    fallen: list[_Fallen],
    over: dict[str, list[NDArray[np.bool_]]],
    draws: int,
    clusters: Clusters,
) -> ThingRisk:
    mine = [i for i, part in enumerate(fallen) if part.key == key]
    expected = sum(
        fallen[i].number * fallen[i].chance * float(np.isfinite(fallen[i].place[:, 0]).mean())
        for i in mine
    )
    left = sum(fallen[i].number * fallen[i].chance * float(fallen[i].left.mean()) for i in mine)
    return ThingRisk(
        key,
        TITLES[key],
        expected,
        left,
        {
            place: sum(fallen[i].number * fallen[i].chance * float(marks[i].mean()) for i in mine)
            for place, marks in over.items()
        },
        {
            place: _night([(fallen[i], marks[i]) for i in mine], draws, clusters)
            for place, marks in over.items()
        },
    )


def _night(
    parts: list[tuple[_Fallen, NDArray[np.bool_]]], draws: int, clusters: Clusters
) -> NightRisk:
    """Return the probability that any of some things comes down where it is marked, in a night.

    In a draw each balloon brings a thing about with its chance, and all of them then come down
    where the one that was flown does.
    """
    spared, spared_most = np.ones(draws), 1.0
    for part, inside in parts:
        none = (1.0 - part.chance) ** part.number
        spared *= np.where(inside, none, 1.0)
        spared_most *= none
    most = 1.0 - spared_most
    if most <= 0.0:
        return NightRisk(0.0, 0.0, 0.0, 0.0)
    found = estimate_share(np.clip((1.0 - spared) / most, 0.0, 1.0), clusters)
    return NightRisk(
        most * found.mean, most * found.standard_error, most * found.low, most * found.high
    )


def _airports(
    site: Site,
    choice: ResidentChoice,
    fallen: list[_Fallen],
    low: list[NDArray[np.float64]],
    draws: int,
    clusters: Clusters,
) -> tuple[AirportRisk, ...]:
    every = np.arange(draws, dtype=np.float64)
    rows = [*low, *(np.column_stack([every, part.place]) for part in fallen)]
    places = np.concatenate(rows)
    places = places[np.isfinite(places[:, 1])]
    if not len(places):
        return ()
    reach = distance_m(site.longitude, site.latitude, places[:, 1], places[:, 2])
    furthest = min(float(reach.max()), _SEARCH_M) + choice.airport_radius_m
    found = []
    for airport, away in airports_within(site.longitude, site.latitude, furthest):
        near = (
            distance_m(airport.longitude, airport.latitude, places[:, 1], places[:, 2])
            <= choice.airport_radius_m
        )
        if near.any():
            hit = np.zeros(draws, np.bool_)
            hit[places[near, 0].astype(np.int64)] = True
            found.append(AirportRisk(airport, away, estimate_event(hit, clusters)))
    found.sort(key=lambda a: (-a.probability.probability, a.distance_m))
    return tuple(found[:AIRPORTS])
