"""From which sites and hours a target can be reached at all: backwards first, then forwards.

Flying back from places all over the target, at the medians, finds the launches that reach it; they
are gathered into cells of a map, for each hour. The share of a cell is what the load of each group
would bring into the target with the timer setting that serves it best there, over the winds of the
data that were flown in. Such a share knows these winds and nothing else that is uncertain, their
errors least of all: it says where to look. The mission's sites, and the best places in the home
region, are then flown forward by the screen that a plan uses, with all that is uncertain.

Places are cells, never finer than 0.05 degrees: they name an area and no garden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.board.certify import certify
from downwind.board.reach_map import ReachMap, best_places, gather_map, read_cell
from downwind.board.result import Certificate
from downwind.constants import EARTH_RADIUS_M
from downwind.errors import WindCoverageError
from downwind.geo.sphere import distance_m
from downwind.landing.clusters import Clusters
from downwind.landing.regions import LEFT_DATA, TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.air_of_run import settle_turbulence
from downwind.plan.evaluate import Progress
from downwind.plan.fleet import Setting, own_free_lift
from downwind.plan.mission import Mission, Site
from downwind.plan.reach_back import BackFlights, fly_back
from downwind.plan.reach_forward import ForwardCheck, fly_forward
from downwind.plan.reach_places import TargetPlaces, spread_places
from downwind.plan.run import Run, identify_run
from downwind.plan.screen import screen_candidates
from downwind.plan.search import limit_table, timer_settings
from downwind.plan.solve import check_coverage, choose_steps, quiet
from downwind.plan.timer_curve import TimerCurve
from downwind.plan.wind_error import settle_wind_error, without_error
from downwind.sim.draws import Draws
from downwind.wind.grid import WindGrid

WINDS: Final = 5
"""Members of the data that launches are looked for in at the most, taken evenly."""


TIMERS: Final = 10
"""Timer settings of each group that are flown back at the most."""


FLIGHTS: Final = 24_000
"""Flights backwards, about."""


FEWEST_PLACES: Final = 9


MOST_PLACES: Final = 160


FORWARD: Final = 400
"""Launches that are flown forward to see how far they miss."""


NEAR: Final = 0.7
"""How far from a site a launch may lie to be one of its own [widths of a cell]: half a diagonal."""

CERTIFIED: Final = 3
"""Of the sites and places flown forward, how many of the best are certified with fresh draws."""


SCREEN_DRAWS: Final = 100
"""Draws of the flights forward, unless the mission has fewer, or its winds need more."""


@dataclass(frozen=True, slots=True)
class SiteReach:
    """How a site of the mission stands to the launches that were found, at one hour.

    Attributes
    ----------
    site : Site
    start_s : int
    nearest_m : float
        To the nearest launch that was found [m]; NaN where there is none.
    share : float
        Of the map's cell that holds the site [fraction].
    timers : dict
        For each group, by its name, the first and last setting of which a launch lies as near
        as half the diagonal of a cell [s]; None where none does.
    """

    site: Site
    start_s: int
    nearest_m: float
    share: float
    timers: dict[str, tuple[float, float] | None]

    @property
    def is_reachable(self) -> bool:
        """Whether any group has a setting whose launch lies in a cell about the site."""
        return any(span is not None for span in self.timers.values())


@dataclass(frozen=True, slots=True)
class ReachRow:
    """A site or a place flown forward with the best setting of each group.

    Attributes
    ----------
    site : Site
    is_site : bool
        Whether it is a site of the mission; else a cell of the map.
    start_s : int
    settings : tuple of Setting
    shares : dict
        Expected share of the load in each region, and in ``left_data``.
    is_feasible : bool
        Whether the expected shares are within all limits.
    excess : float
        By how much the worst limit is broken [fraction]; 0 if none is.
    backward_share : float
        What the map says of it [fraction].
    certificate : Certificate or None
        By fresh draws that did not choose the settings; None where it was not made.
    """

    site: Site
    is_site: bool
    start_s: int
    settings: tuple[Setting, ...]
    shares: dict[str, Share]
    is_feasible: bool
    excess: float
    backward_share: float
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Reachable:
    """From where and when the target of a mission can be reached.

    Attributes
    ----------
    mission : Mission
    grid : WindGrid
    run : Run
    hours_s : tuple of int
        First launches that were looked at [epoch s].
    left_out : tuple of str
        Hours that were not, and why.
    places : TargetPlaces
    timers_s : tuple of numpy.ndarray
        Settings of each group that were flown back [s].
    winds : int
        Members of the data that were flown back in.
    found, lost : int
        Flights backwards that ended at a launch, and those that left the data.
    check : ForwardCheck
    map : ReachMap
    sites : tuple of SiteReach
        By site, then hour.
    rows : tuple of ReachRow
        Best first.
    draws : int
        Draws of the flights forward.
    """

    mission: Mission
    grid: WindGrid
    run: Run
    hours_s: tuple[int, ...]
    left_out: tuple[str, ...]
    places: TargetPlaces
    timers_s: tuple[NDArray[np.float64], ...]
    winds: int
    found: int
    lost: int
    check: ForwardCheck
    map: ReachMap
    sites: tuple[SiteReach, ...]
    rows: tuple[ReachRow, ...]
    draws: int


def find_reachable(mission: Mission, grid: WindGrid, progress: Progress = quiet) -> Reachable:
    """Find the sites, places and hours from which a mission's target can be reached.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
        The wind as read.
    progress : callable
        Called with a stage's name and a fraction of it.

    Raises
    ------
    WindCoverageError
        If the wind holds none of the launch hours, or not the sites.
    LiftError
        If a balloon cannot lift its load.
    """
    mission = settle_turbulence(mission, grid)
    hours, left_out = _covered_hours(mission, grid)
    mission = replace(mission, launch_times_s=hours)
    as_read = without_error(grid)
    count = min(WINDS, as_read.member_count)
    winds = np.unique(np.linspace(0, as_read.member_count - 1, count).astype(np.int64))
    timers = tuple(_thin(timer_settings(mission, group), TIMERS) for group in mission.groups)
    each = len(hours) * winds.size * sum(timers[lot.group].size for lot in mission.lots)
    wanted = min(max(FLIGHTS // each, FEWEST_PLACES), MOST_PLACES)
    places = spread_places(mission.target, wanted, mission.seed)
    found = fly_back(mission, as_read, hours, timers, winds, places, progress)
    progress("flying forward", 0.0)
    check = fly_forward(mission, as_read, found, winds, places, FORWARD)
    reach_map = gather_map(mission, found, len(hours), places)
    sites = tuple(
        _stand(mission, site, h, hours[h], found, reach_map)
        for site in mission.sites
        for h in range(len(hours))
    )
    flown = replace(mission, draws=min(mission.draws, max(SCREEN_DRAWS, as_read.base_count)))
    drawn = settle_wind_error(flown, grid)
    rows = _fly_rows(flown, drawn, hours, reach_map, sites, progress)
    launches = sum(int(np.isfinite(f.flown_longitude).sum()) for f in found)
    return Reachable(
        mission=mission,
        grid=drawn,
        run=identify_run(mission.digest, grid.digest, mission.seed, mission.draws),
        hours_s=hours,
        left_out=left_out,
        places=places,
        timers_s=timers,
        winds=int(winds.size),
        found=launches,
        lost=sum(int((f.outcome > 1).sum()) for f in found),
        check=check,
        map=reach_map,
        sites=sites,
        rows=rows,
        draws=flown.draws,
    )


def _covered_hours(mission: Mission, grid: WindGrid) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the launch hours that the wind holds, and why others are left out."""
    hours, left_out = [], []
    last_error: WindCoverageError | None = None
    for start in mission.launch_times_s:
        try:
            check_coverage(mission, grid, (start,), 0.0)
            hours.append(start)
        except WindCoverageError as error:
            left_out.append(error.message)
            last_error = error
    if not hours:
        assert last_error is not None
        raise last_error
    return tuple(hours), tuple(left_out)


def _thin(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Return at most so many of some values, evenly, with both ends."""
    if values.size <= most:
        return values
    return values[np.unique(np.linspace(0, values.size - 1, most).round().astype(np.int64))]


def _stand(
    mission: Mission,
    site: Site,
    hour: int,
    start_s: int,
    found: list[BackFlights],
    reach_map: ReachMap,
) -> SiteReach:
    """Say how far the launches of an hour are from a site, and which settings have one near."""
    near_m = NEAR * math.radians(reach_map.cell_deg) * EARTH_RADIUS_M
    nearest = math.inf
    timers: dict[str, tuple[float, float] | None] = {}
    for g, group in enumerate(mission.groups):
        good: list[float] = []
        for flights in (f for f in found if f.hour == hour and f.lot.group == g):
            away = distance_m(site.longitude, site.latitude, flights.longitude, flights.latitude)
            away = np.where(np.isfinite(away), away, np.inf)
            nearest = min(nearest, float(away.min(initial=np.inf)))
            good += flights.timer_s[(away <= near_m).any(axis=(1, 2))].tolist()
        timers[group.name] = (min(good), max(good)) if good else None
    return SiteReach(
        site,
        start_s,
        nearest if math.isfinite(nearest) else math.nan,
        read_cell(reach_map, hour, site),
        timers,
    )


def _fly_rows(
    mission: Mission,
    grid: WindGrid,
    hours: tuple[int, ...],
    reach_map: ReachMap,
    sites: tuple[SiteReach, ...],
    progress: Progress,
) -> tuple[ReachRow, ...]:
    """Fly the sites that can reach the target, and the best places, forward; best first."""
    wanted = [
        (stand.site, True, hours.index(stand.start_s), stand.share)
        for stand in sites
        if stand.is_reachable
    ]
    wanted += [(s, False, h, share) for s, h, share in best_places(mission, hours, reach_map)]
    draws = Draws(mission.seed, mission.draws)
    regions = LandingRegions(
        mission.target, mission.home, tuple(k.region for k in mission.keep_outs)
    )
    trial = [
        Setting(
            mission.sites[0], hours[0], own_free_lift(mission, group, mission.sites[0], grid),
            min(3600.0, float(timer_settings(mission, group)[-1])),
        )
        for group in mission.groups
    ]  # fmt: skip
    steps = choose_steps(mission, grid, draws, trial, progress)
    limits, rows = limit_table(mission), list[ReachRow]()
    mass = np.array([sum(p.count * p.kind.mass_kg for p in g.load) for g in mission.groups])
    for number, (site, is_site, hour, backward) in enumerate(wanted):
        progress("screening", number / max(len(wanted), 1))
        picked: list[tuple[TimerCurve, int]] = []
        for g, group in enumerate(mission.groups):
            screen = screen_candidates(
                mission, g, draws, grid, regions, steps, timer_settings(mission, group),
                sites=(site,), starts_s=(hours[hour],), sample=2,
            )  # fmt: skip
            curves = [
                TimerCurve(
                    Setting(site, hours[hour], lift, None),
                    screen.timer_s,
                    dict(zip(screen.regions, screen.shares[:, 0, 0, f], strict=True)),
                    screen.on_ground[0, 0, f],
                    clusters=screen.clusters,
                )
                for f, lift in enumerate(screen.free_lifts)
            ]
            ranked = [(c.best(limits), c) for c in curves]
            (index, _), curve = max(
                ranked,
                key=lambda pair: (
                    pair[0][1],
                    -float(pair[1].excess(limits)[pair[0][0]]),
                    float(pair[1].mean(TARGET)[pair[0][0]]),
                ),
            )
            picked.append((curve, index))
        rows.append(_row(site, is_site, hours[hour], backward, picked, mass, limits))
    rows.sort(
        key=lambda r: (not r.is_feasible, round(r.excess, 3), -r.shares[TARGET].mean, r.start_s)
    )
    best = [row for row in rows if row.is_feasible][:CERTIFIED]
    made = certify(mission, grid, regions, steps, [r.settings for r in best], progress=progress)
    return (
        *(replace(r, certificate=c) for r, c in zip(best, made, strict=True)),
        *rows[len(best) :],
    )


def _row(
    site: Site,
    is_site: bool,
    start_s: int,
    backward: float,
    picked: list[tuple[TimerCurve, int]],
    mass: NDArray[np.float64],
    limits: dict[str, float],
) -> ReachRow:
    clusters: Clusters | None = picked[0][0].clusters
    by_draw = {
        name: np.average([c.shares[name][i] for c, i in picked], axis=0, weights=mass)
        for name in picked[0][0].shares
    }
    shares = {name: estimate_share(rows, clusters) for name, rows in by_draw.items()}
    left = shares[LEFT_DATA].mean
    excess = max(
        [max(shares[name].mean + left - limit, 0.0) for name, limit in limits.items()], default=0.0
    )
    return ReachRow(
        site,
        is_site,
        start_s,
        tuple(replace(c.setting, timer_s=float(c.timer_s[i])) for c, i in picked),
        shares,
        excess <= 0.0,
        excess,
        backward,
    )
