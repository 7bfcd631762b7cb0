"""What comes down besides the items: envelopes, loads that never released, bundles, plastic.

Everything that goes up comes down. One balloon of a group is flown on in every draw after its last
release, to where its envelope lands; and once more with releases that never act, to where it lands
with its whole load, and how fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.landing.clusters import Clusters, estimate_mean
from downwind.landing.regions import LEFT_DATA, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.load.impact import bundle_speed_ms, impact_energy_j
from downwind.load.kinds import BOX_DRAG
from downwind.load.traits import ItemKind
from downwind.plan.clusters import find_clusters
from downwind.plan.drop import GroupFlights
from downwind.plan.evaluate import DrawShares
from downwind.plan.fleet import ReleaseDraws, Setting, draw_balloons, draw_releases
from downwind.plan.mission import Mission
from downwind.sim.draws import Draws
from downwind.sim.flight import BalloonArrays, Flights, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.spread import Triple
from downwind.vehicle.latex import LatexBalloon
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

ENVELOPE_HOURS: Final = 15.0
"""How long the tracks of emptied envelopes are recorded [h]."""


@dataclass(frozen=True, slots=True)
class EnvelopeResult:
    """Balloons flown to their ends: one of the group a draw.

    Attributes
    ----------
    flights : Flights
        One row a draw; with tracks for the emptied envelopes.
    launch_s : numpy.ndarray
        Launch of each, shape (draws,) [epoch s].
    peak_m : numpy.ndarray
        Greatest altitude of each, shape (draws,) [m, geometric]; NaN without tracks.
    shares : dict
        Share that lands in each region.
    left_data : Share
        Share that leaves the data before it lands.
    burst : Share
        Share that bursts.
    mass_kg : float
        What lands of the first balloon [kg], gas aside, with nothing or with all of its load.
    landing_speed_ms : tuple of float
        Median, 5 and 95 % point of the speed at the ground [m s-1], of those that carry nothing or
        all of it; NaN where none lands so.
    energy_j : float
        Energy that one in twenty of these exceeds [J]; NaN likewise.
    """

    flights: Flights
    launch_s: NDArray[np.float64]
    peak_m: NDArray[np.float64]
    shares: dict[str, Share]
    left_data: Share
    burst: Share
    mass_kg: float
    landing_speed_ms: Triple
    energy_j: float


@dataclass(frozen=True, slots=True)
class BundleResult:
    """What hangs on one release as one bundle of a kind, should it never open.

    Attributes
    ----------
    kind : ItemKind
    release : int
    mass_kg, speed_ms, energy_j : float
        Of the first balloon's bundle, at sea level with the median drag.
    fast_speed_ms, fast_energy_j : float
        The same at the 5 % point of the drag, which one in twenty exceeds.
    unopened : Share
        Share of the balloons on which it is let go and never opens.
    expected : float
        Number of them to expect of the whole group.
    """

    kind: ItemKind
    release: int
    mass_kg: float
    speed_ms: float
    energy_j: float
    fast_speed_ms: float
    fast_energy_j: float
    unopened: Share
    expected: float


@dataclass(frozen=True, slots=True)
class GroundResult:
    """What comes down of one group besides its items.

    Attributes
    ----------
    envelope : EnvelopeResult
        With its load gone, or what of it stayed.
    unreleased : EnvelopeResult
        With its whole load, as if no release ever acted.
    none_released : Share
        Share of the balloons that let go of nothing.
    some_kept : Share
        Share of the balloons that let go of a part of their load and bring the rest down.
    emptied_count : float
        Number of emptied envelopes to expect of the whole group.
    bundles : tuple of BundleResult
    emptied_error : float
        Standard error of ``emptied_count``; NaN for a single draw.
    """

    envelope: EnvelopeResult
    unreleased: EnvelopeResult
    none_released: Share
    some_kept: Share
    emptied_count: float
    bundles: tuple[BundleResult, ...]
    emptied_error: float = float("nan")


@dataclass(frozen=True, slots=True)
class Plastic:
    """Plastic and rubber that come down, and where; bags, cords and timers are not counted.

    Attributes
    ----------
    items_kg, envelopes_kg, parachutes_kg, rubber_kg : float
        Plastic of the items, film of the envelopes, cloth of their parachutes, and latex [kg].
    by_region : dict
        For each region, and for ``LEFT_DATA``, all of it: expected, and its standard error [kg].
    """

    items_kg: float
    envelopes_kg: float
    parachutes_kg: float
    rubber_kg: float
    by_region: dict[str, tuple[float, float]]

    @property
    def total_kg(self) -> float:
        """All of it [kg]."""
        return self.items_kg + self.envelopes_kg + self.parachutes_kg + self.rubber_kg


def fly_to_ground(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    setting: Setting,
    steps: Steps,
    fleet: GroupFlights,
    clusters: Clusters | None = None,
) -> GroundResult:
    """Fly one balloon of a group in every draw to its end, emptied and with its whole load.

    ``fleet`` is the flight of the whole group with that setting, which says how often each comes
    to pass. ``clusters`` says which draws share a wind of the data; they are found unless given.
    """
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    draw = np.arange(mission.draws)
    clusters = find_clusters(grid, mission.draws) if clusters is None else clusters
    balloon = draw % group.count
    in_fleet = mission.first_balloon(group_index) + balloon
    releases = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
    never = ReleaseDraws(
        np.full_like(releases.reading_s, np.inf),
        np.full_like(releases.failure, TimerFailure.NEVER),
        np.zeros_like(releases.fraction),
        releases.slow_rate,
    )

    def fly(timers: ReleaseDraws, load_kg: float, rows: int) -> EnvelopeResult:
        balloons = draw_balloons(
            mission, group_index, draws, grid, setting, draw, balloon, timers, follow_envelope=True
        )
        flown = fly_balloons(grid, balloons, steps.balloon_s, 60.0, rows)
        return _summarise(flown, balloons, regions, load_kg, clusters)

    gone = fleet.released & (fleet.fraction >= 1.0)
    none, emptied = ~fleet.released.any(axis=-1), gone.all(axis=-1)
    return GroundResult(
        envelope=fly(releases, 0.0, int(ENVELOPE_HOURS * 60.0) + 2),
        unreleased=fly(never, group.load_kg(0), 0),
        none_released=estimate_share(np.asarray(none.mean(axis=1), np.float64), clusters),
        some_kept=estimate_share((~none & ~emptied).mean(axis=1), clusters),
        emptied_count=float(emptied.mean() * group.count),
        bundles=tuple(_bundles(mission, group_index, fleet, clusters)),
        emptied_error=group.count * estimate_mean(emptied.mean(axis=1), clusters).standard_error,
    )


def measure_plastic(
    mission: Mission,
    items: dict[str, DrawShares],
    grounds: tuple[GroundResult, ...],
    regions: LandingRegions,
    clusters: Clusters | None = None,
) -> Plastic:
    """Add up the plastic of items and envelopes, and where it comes down.

    Parameters
    ----------
    mission : Mission
    items : dict
        For each kind, by its name, where its items come down in each draw, in whatever state.
    grounds : tuple of GroundResult
        One for each group.
    regions : LandingRegions
    clusters : Clusters, optional
        Which draws share a wind of the data; none unless given.
    """
    of_kind = {
        kind.name: kind.plastic_fraction
        * kind.mass_kg
        * sum(lot.count for lot in mission.lots if lot.kind.name == kind.name)
        for kind in mission.kinds
    }
    drawn = {name: np.zeros(mission.draws) for name in (*regions.names, LEFT_DATA)}
    film = canopy = rubber = 0.0
    for kind, mass in of_kind.items():
        for name, rows in items[kind].anywhere.items():
            drawn[name] += mass * rows
        drawn[LEFT_DATA] += mass * items[kind].left
    for group, ground in zip(mission.groups, grounds, strict=True):
        flown = ground.envelope.flights
        mass = group.count * (group.vehicle.envelope_kg + group.parachute_kg)
        canopy += group.count * group.parachute_kg
        left = flown.reason == StopRule.LEFT_DATA
        for name, mask in regions.classify(flown.end_longitude, flown.end_latitude).items():
            drawn[name] += mass * (mask & ~left)
        drawn[LEFT_DATA] += mass * left
        if isinstance(group.vehicle, LatexBalloon):
            rubber += group.count * group.vehicle.envelope_kg
        else:
            film += group.count * group.vehicle.envelope_kg
    by_region = {}
    for name, rows in drawn.items():
        found = estimate_mean(rows, clusters)
        by_region[name] = (found.mean, found.standard_error)
    return Plastic(sum(of_kind.values()), film, canopy, rubber, by_region)


def _summarise(
    flown: Flights,
    balloons: BalloonArrays,
    regions: LandingRegions,
    load_kg: float,
    clusters: Clusters,
) -> EnvelopeResult:
    """Say how balloons come down, those above all that carry nothing or the whole load.

    ``load_kg`` is 0 or what the first balloon carries [kg].
    """
    left = flown.reason == StopRule.LEFT_DATA
    inside = regions.classify(flown.end_longitude, flown.end_latitude)
    peak = np.full(left.size, np.nan)
    if flown.track.shape[1]:
        peak = atmosphere.geometric_altitude(np.nanmax(flown.track[:, :, 2], axis=1))
    carried = balloons.load_kg - (balloons.drop_kg * flown.released).sum(axis=1)
    wanted = np.isclose(carried, balloons.load_kg if load_kg else 0.0, atol=1e-9)
    landed = (flown.reason == StopRule.GROUND) & wanted
    speed = -flown.end_rise_ms[landed]
    energy = 0.5 * (balloons.envelope_kg + carried)[landed] * speed**2
    return EnvelopeResult(
        flights=flown,
        launch_s=balloons.time_s,
        peak_m=peak,
        shares={n: estimate_share((m & ~left) * 1.0, clusters) for n, m in inside.items()},
        left_data=estimate_share(left * 1.0, clusters),
        burst=estimate_share(np.asarray(flown.has_burst, np.float64), clusters),
        mass_kg=float(balloons.envelope_kg[0]) + load_kg,
        landing_speed_ms=find_quantiles(speed),
        energy_j=find_quantiles(energy)[2],
    )


def _bundles(
    mission: Mission, group_index: int, fleet: GroupFlights, clusters: Clusters
) -> list[BundleResult]:
    group, found = mission.groups[group_index], []
    for lot in mission.lots_of(group_index):
        shut = (fleet.failure == TimerFailure.UNOPENED) & fleet.released
        share = estimate_share(shut[..., lot.release].mean(axis=1), clusters)
        mass = lot.part.count_on(0, group.count) * lot.kind.mass_kg
        speed = bundle_speed_ms(mass)
        fast = speed * np.sqrt(BOX_DRAG[0] / BOX_DRAG[1])
        found.append(
            BundleResult(
                lot.kind,
                lot.release,
                mass,
                speed,
                impact_energy_j(mass, speed),
                float(fast),
                impact_energy_j(mass, float(fast)),
                share,
                share.mean * group.count,
            )
        )
    return found


def find_quantiles(values: NDArray[np.float64]) -> Triple:
    """Return median, 5 and 95 % point of some values; NaN of none."""
    if not values.size:
        return (float("nan"),) * 3
    median, low, high = np.quantile(values, [0.5, 0.05, 0.95])
    return float(median), float(low), float(high)
