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
from downwind.landing.regions import LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.load.impact import bundle_speed_ms, impact_energy_j
from downwind.load.traits import ItemKind
from downwind.plan.fleet import ReleaseDraws, Setting, draw_balloons, draw_releases
from downwind.plan.mission import Mission
from downwind.sim.draws import Draws
from downwind.sim.flight import Flights, StopRule, fly_balloons
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
        What lands of the first balloon [kg], gas aside.
    landing_speed_ms : tuple of float
        Median, 5 and 95 % point of the speed at the ground [m s-1]; NaN where none lands.
    """

    flights: Flights
    launch_s: NDArray[np.float64]
    peak_m: NDArray[np.float64]
    shares: dict[str, Share]
    left_data: Share
    burst: Share
    mass_kg: float
    landing_speed_ms: Triple

    @property
    def released_s(self) -> NDArray[np.float64]:
        """When each let go of the last of its load that it did let go of, shape (draws,).

        Epoch seconds; NaN where nothing was let go.
        """
        found = np.where(self.flights.released, self.flights.release_time_s, -np.inf)
        last = found.max(axis=1, initial=-np.inf)
        return np.where(np.isfinite(last), last, np.nan)

    @property
    def energy_j(self) -> float:
        """Energy at the speed that one in twenty exceeds [J]."""
        return impact_energy_j(self.mass_kg, self.landing_speed_ms[2])


@dataclass(frozen=True, slots=True)
class BundleResult:
    """What hangs on one release as one bundle of a kind, should it never open.

    Attributes
    ----------
    kind : ItemKind
    release : int
    mass_kg, speed_ms, energy_j : float
        Of the first balloon's bundle; speed and energy at sea level.
    unopened : Share
        Share of the bundles that are let go and never open.
    expected : float
        Number of them to expect of the whole group.
    """

    kind: ItemKind
    release: int
    mass_kg: float
    speed_ms: float
    energy_j: float
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
    never_released : Share
        Share of the balloons that bring some of their load down with them because a release
        failed.
    bundles : tuple of BundleResult
    """

    envelope: EnvelopeResult
    unreleased: EnvelopeResult
    never_released: Share
    bundles: tuple[BundleResult, ...]


@dataclass(frozen=True, slots=True)
class Plastic:
    """Plastic and rubber that come down, and where.

    Attributes
    ----------
    items_kg, envelopes_kg, rubber_kg : float
        Plastic of the items, film of the envelopes, and latex [kg].
    by_region : dict
        For each region the expected plastic and its standard error [kg]; with latex.
    """

    items_kg: float
    envelopes_kg: float
    rubber_kg: float
    by_region: dict[str, tuple[float, float]]

    @property
    def total_kg(self) -> float:
        """All of it [kg]."""
        return self.items_kg + self.envelopes_kg + self.rubber_kg


def fly_to_ground(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    setting: Setting,
    steps: Steps,
) -> GroundResult:
    """Fly one balloon of a group in every draw to its end, emptied and with its whole load."""
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    draw = np.arange(mission.draws)
    balloon = draw % group.count
    in_fleet = mission.first_balloon(group_index) + balloon
    releases = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
    rest_kg = group.vehicle.envelope_kg + group.parachute_kg

    def fly(timers: ReleaseDraws, mass_kg: float, rows: int) -> EnvelopeResult:
        balloons = draw_balloons(
            mission, group_index, draws, grid, setting, draw, balloon, timers, follow_envelope=True
        )
        flown = fly_balloons(grid, balloons, steps.balloon_s, 60.0, rows)
        return _summarise(flown, balloons.time_s, regions, mass_kg)

    never = ReleaseDraws(
        np.full_like(releases.reading_s, np.inf),
        np.full_like(releases.failure, TimerFailure.NEVER),
        np.zeros_like(releases.fraction),
        releases.slow_rate,
    )
    return GroundResult(
        envelope=fly(releases, rest_kg, int(ENVELOPE_HOURS * 60.0) + 2),
        unreleased=fly(never, rest_kg + group.load_kg(0), 0),
        never_released=estimate_share(_per_draw(mission, group_index, draws, setting, None)),
        bundles=tuple(_bundles(mission, group_index, draws, setting)),
    )


def measure_plastic(
    mission: Mission,
    item_shares: dict[str, dict[str, NDArray[np.float64]]],
    grounds: tuple[GroundResult, ...],
    regions: LandingRegions,
) -> Plastic:
    """Add up the plastic of items and envelopes, and where it comes down.

    Parameters
    ----------
    mission : Mission
    item_shares : dict
        For each kind, by its name, the per-draw shares of each region, shape (draws,).
    grounds : tuple of GroundResult
        One for each group.
    regions : LandingRegions
    """
    items = {
        kind.name: kind.plastic_fraction
        * kind.mass_kg
        * sum(lot.count for lot in mission.lots if lot.kind.name == kind.name)
        for kind in mission.kinds
    }
    film = rubber = 0.0
    by_region = {}
    for name in regions.names:
        drawn = np.zeros(mission.draws)
        for kind, mass in items.items():
            drawn += mass * item_shares[kind][name]
        for group, ground in zip(mission.groups, grounds, strict=True):
            landed = regions.classify(
                ground.envelope.flights.end_longitude, ground.envelope.flights.end_latitude
            )[name] & (ground.envelope.flights.reason == StopRule.GROUND)
            drawn += group.count * group.vehicle.envelope_kg * landed
        error = float(drawn.std(ddof=1) / np.sqrt(drawn.size)) if drawn.size > 1 else float("nan")
        by_region[name] = (float(drawn.mean()), error)
    for group in mission.groups:
        mass = group.count * group.vehicle.envelope_kg
        if isinstance(group.vehicle, LatexBalloon):
            rubber += mass
        else:
            film += mass
    return Plastic(sum(items.values()), film, rubber, by_region)


def _summarise(
    flown: Flights, launch_s: NDArray[np.float64], regions: LandingRegions, mass_kg: float
) -> EnvelopeResult:
    left = flown.reason == StopRule.LEFT_DATA
    inside = regions.classify(flown.end_longitude, flown.end_latitude)
    peak = np.full(left.size, np.nan)
    if flown.track.shape[1]:
        peak = atmosphere.geometric_altitude(np.nanmax(flown.track[:, :, 2], axis=1))
    return EnvelopeResult(
        flights=flown,
        launch_s=launch_s,
        peak_m=peak,
        shares={n: estimate_share((m & ~left) * 1.0) for n, m in inside.items()},
        left_data=estimate_share(left * 1.0),
        burst=estimate_share(np.isfinite(flown.burst_time_s) * 1.0),
        mass_kg=mass_kg,
        landing_speed_ms=find_quantiles(-flown.end_rise_ms[flown.reason == StopRule.GROUND]),
    )


def _bundles(
    mission: Mission, group_index: int, draws: Draws, setting: Setting
) -> list[BundleResult]:
    group, found = mission.groups[group_index], []
    for lot in mission.lots_of(group_index):
        mass = lot.part.count_on(0, group.count) * lot.kind.mass_kg
        speed = bundle_speed_ms(mass)
        share = estimate_share(_per_draw(mission, group_index, draws, setting, lot.release))
        energy, count = impact_energy_j(mass, speed), share.mean * group.count
        found.append(BundleResult(lot.kind, lot.release, mass, speed, energy, share, count))
    return found


def _per_draw(
    mission: Mission, group_index: int, draws: Draws, setting: Setting, release: int | None
) -> NDArray[np.float64]:
    """Return, for each draw, the share of a group's balloons whose release fails in one way.

    Bundles of ``release`` that never open; without it, loads that stay, whole or in part, on any
    release.
    """
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    draw, balloon = (x.ravel() for x in np.indices((mission.draws, group.count)))
    in_fleet = mission.first_balloon(group_index) + balloon
    drawn = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
    unopened = drawn.failure == TimerFailure.UNOPENED
    fails = drawn.keeps if release is None else unopened[:, release]
    return np.asarray(fails.reshape(mission.draws, group.count).mean(axis=1))


def find_quantiles(values: NDArray[np.float64]) -> Triple:
    """Return median, 5 and 95 % point of some values; NaN of none."""
    if not values.size:
        return (float("nan"),) * 3
    median, low, high = np.quantile(values, [0.5, 0.05, 0.95])
    return float(median), float(low), float(high)
