"""The facts of a launch that rules are asked of: balloons, hours, sky, ways and airports."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, cast

import numpy as np

from downwind import atmosphere
from downwind.geo.airports import airports_within
from downwind.geo.atlas import countries
from downwind.geo.regions import SEA, classify_country
from downwind.geo.sphere import find_destination
from downwind.geo.sun import find_night, is_night
from downwind.landing.regions import countries_of
from downwind.load.impact import bundle_speed_ms, impact_energy_j, item_impact
from downwind.load.kinds import BOX_DRAG
from downwind.load.traits import ItemKind
from downwind.plan.air_of_run import find_launch_weather
from downwind.plan.fleet import Setting, nominal_fill, own_free_lift
from downwind.plan.ground import GroundResult
from downwind.plan.mission import BalloonGroup, Mission, Site
from downwind.plan.overflight import (
    Overflight,
    find_aloft_s,
    find_carried_s,
    find_climb_s,
    find_crossings,
    find_entered,
    find_first_release_s,
    find_heading_deg,
    find_highest_m,
    find_left_data,
    find_low_towns,
)
from downwind.rules.declared import SkyEntry
from downwind.rules.facts import (
    BalloonFacts,
    CrossingFacts,
    Facts,
    ItemFacts,
    LaunchFacts,
    PackageFacts,
    PlaceFacts,
    ZoneFacts,
)
from downwind.vehicle.fill import Fill
from downwind.vehicle.film import FilmTube
from downwind.vehicle.heights import float_height_m
from downwind.vehicle.latex import LatexBalloon
from downwind.wind.grid import WindGrid

NEAR_M: Final = 50_000.0
"""Distance from the site within which airports are named [m]."""

SKY_S: Final = 3_600.0
"""How long before or after it a sky that was entered speaks for a launch [s]."""

HIGH_M: Final = 60_000 * 0.3048
"""60,000 ft [m], above which most rules of the air for balloons end."""

TERRITORIAL_SEA_M: Final = 12 * 1_852.0
"""Distance from a coast within which a site is under the rules of its country [m]."""

OKTAS: Final = 8.0
_STEP_S: Final = 600.0
_BEARINGS_DEG: Final = np.arange(0.0, 360.0, 2.0)


def gather_facts(
    mission: Mission,
    grid: WindGrid,
    site: Site,
    start_s: float,
    settings: Sequence[Setting] | None = None,
    overflight: Overflight | None = None,
    grounds: Sequence[GroundResult] | None = None,
) -> Facts:
    """Gather what rules are asked of, for one launch of the fleet.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    site : Site
    start_s : float
        First launch [epoch s].
    settings : sequence of Setting, optional
        One a group; without them the fills are those of the mission.
    overflight : Overflight, optional
        Over what the launch flies; without it what needs a flight is not known.
    grounds : sequence of GroundResult, optional
        What comes down besides the items, one a group; else only what needs no flight is known.

    Returns
    -------
    Facts
    """
    balloons = []
    for g, group in enumerate(mission.groups):
        setting = settings[g] if settings else None
        if setting is None:
            lift = own_free_lift(mission, group, site, grid)
            setting = Setting(site, int(start_s), lift, None)
        fill = nominal_fill(mission, group, setting, grid)
        highest = (
            _ceiling_m(mission, group, fill)
            if overflight is None
            else find_highest_m(overflight.tracks[g])
        )
        balloons.append(
            _describe_balloon(mission, g, fill, highest, None if grounds is None else grounds[g])
        )
    every = countries("10m")
    return Facts(
        balloons=tuple(balloons),
        launch=_describe_launch(mission, grid, site, start_s, overflight),
        target=mission.target.name,
        home=mission.home.name,
        target_countries=tuple(every[i].name for i in countries_of(mission.target)),
    )


def _describe_balloon(
    mission: Mission, index: int, fill: Fill, highest_m: float, ground: GroundResult | None
) -> BalloonFacts:
    """Describe the heaviest balloon of a group, which is its first; its load is alike in packages.

    A parachute counts to the load.
    """
    group, vehicle = mission.groups[index], mission.groups[index].vehicle
    rigging = group.rigging
    face = None if rigging.smallest_face_m2 is None else 1e4 * rigging.smallest_face_m2
    each_kg = group.carried_kg(0) / rigging.packages
    return BalloonFacts(
        name=group.name,
        count=group.count,
        vehicle=vehicle.title or vehicle.name,
        gas=group.gas.name,
        is_polyethylene=isinstance(vehicle, FilmTube),
        packages=(PackageFacts(each_kg, face),) * rigging.packages,
        suspension_n=rigging.suspension_n,
        equipment=rigging.equipment,
        ascent_rate_ms=fill.ascent_rate_ms,
        highest_m=highest_m,
        items=(*_describe_items(group), *_describe_remains(group, ground)),
    )


def _describe_items(group: BalloonGroup) -> list[ItemFacts]:
    """Describe items and their bundles, should these never open."""
    found = []
    for release in group.releases:
        for part in release.load:
            kind = part.kind
            plastic = kind.plastic_fraction * kind.mass_kg * part.count
            found.append(ItemFacts(kind.title, _item_energy_j(cast("Hashable", kind)), plastic))
            mass = part.count_on(0, group.count) * kind.mass_kg
            # at the 5 % point of the drag, which one in twenty exceeds
            fast = bundle_speed_ms(mass) * math.sqrt(BOX_DRAG[0] / BOX_DRAG[1])
            title = f"bundle of {kind.title} that never opens"
            found.append(ItemFacts(title, impact_energy_j(mass, fast)))
    return found


@lru_cache(maxsize=256)
def _item_energy_j(kind: Hashable) -> float:
    """Return the energy that one item in twenty exceeds [J]; kept, as many launches ask for it."""
    return item_impact(cast("ItemKind", kind)).fast_energy_j


def _describe_remains(group: BalloonGroup, ground: GroundResult | None) -> list[ItemFacts]:
    """Describe a load that stays on, and the envelope."""
    vehicle = group.vehicle
    plastic = group.count * (
        group.parachute_kg + (0.0 if isinstance(vehicle, LatexBalloon) else vehicle.envelope_kg)
    )
    if ground is None:
        return [ItemFacts("emptied envelope", math.nan, plastic)]
    return [
        ItemFacts("load that stays on", ground.unreleased.energy_j),
        ItemFacts("emptied envelope", ground.envelope.energy_j, plastic),
    ]


def _ceiling_m(mission: Mission, group: BalloonGroup, fill: Fill) -> float:
    """Return how high a balloon of nominal fill may rise, its load gone [m above the sea]."""
    heights = [h for h in (fill.float_height_m, fill.burst_height_m) if math.isfinite(h)]
    vehicle = group.vehicle
    if isinstance(vehicle, FilmTube) and vehicle.is_open:
        purity = mission.uncertainty.purity_of(group.gas)
        heights = [float_height_m(vehicle, group.gas, purity, group.parachute_kg)]
    return float(atmosphere.geometric_altitude(min(heights))) if heights else math.nan


def _describe_launch(
    mission: Mission, grid: WindGrid, site: Site, start_s: float, overflight: Overflight | None
) -> LaunchFacts:
    at = (site.latitude, site.longitude)
    end_s = start_s + mission.fleet_span_s
    sunset, sunrise = find_night(start_s, *at)
    times = np.linspace(start_s, end_s, 2 + int(mission.fleet_span_s / _STEP_S))
    country = find_launch_country(site.longitude, site.latitude)
    cloud, visibility = _find_sky(mission, grid, site, start_s, end_s)
    launch = LaunchFacts(
        site=site.name,
        country=country,
        latitude=site.latitude,
        longitude=site.longitude,
        start_s=start_s,
        end_s=end_s,
        sunset_s=sunset,
        sunrise_s=sunrise,
        is_night=any(is_night(float(t), *at) for t in times),
        cloud_oktas=cloud,
        visibility_m=visibility,
        crossings=None,
        zones=tuple(
            ZoneFacts(
                zone.region.name,
                bool(zone.region.contains(site.longitude, site.latitude)),
                None
                if overflight is None
                else find_entered(overflight, zone.region, zone.lower_m, zone.upper_m),
            )
            for zone in mission.declared.zones
        ),
        below_low=None,
        near=tuple(
            PlaceFacts(airport.title, "airport", away, None)
            for airport, away in airports_within(site.longitude, site.latitude, NEAR_M)
        ),
        time_zone=site.time_zone,
    )
    if overflight is None:
        return launch
    met = find_crossings(overflight)
    met.pop(country, None)
    none = overflight.estimate(np.empty(0, np.int64))
    for i in countries_of(mission.target):
        if countries("10m")[i].name != country:
            met.setdefault(countries("10m")[i].name, none)
    return replace(
        launch,
        crossings=tuple(
            CrossingFacts(name, found)
            for name, found in sorted(met.items(), key=lambda one: -one[1].probability)
        ),
        below_low=tuple(
            PlaceFacts(town.name, "town", away, found, town.population)
            for town, away, found in find_low_towns(overflight, mission.report.smallest_town)
        ),
        climb_s=find_climb_s(overflight.tracks, HIGH_M),
        destination_s=find_first_release_s(overflight.tracks),
        left_data=find_left_data(overflight),
        heading_deg=find_heading_deg(overflight),
        unmet=none,
        carried_s=find_carried_s(overflight.tracks),
        aloft_s=find_aloft_s(overflight.tracks),
    )


@lru_cache(maxsize=1024)
def find_launch_country(longitude: float, latitude: float) -> str:
    """Return the country under whose rules a site is; empty on the high sea and at the poles.

    A site that the map has in the sea, such as a beach, a pier or a boat, is under the rules of the
    nearest country within its territorial sea.

    Parameters
    ----------
    longitude, latitude : float
        [degrees]

    References
    ----------
    United Nations Convention on the Law of the Sea, articles 2 and 3 (12 nautical miles).
    """
    every = countries("10m")
    index = int(classify_country(longitude, latitude))
    if index != SEA:
        return every[index].name
    for away_m in np.linspace(0.0, TERRITORIAL_SEA_M, 90)[1:]:
        around = find_destination(longitude, latitude, _BEARINGS_DEG, float(away_m))
        land = classify_country(*around)
        land = land[land != SEA]
        if land.size:
            return every[int(np.bincount(land).argmax())].name
    return ""


def _find_sky(
    mission: Mission, grid: WindGrid, site: Site, start_s: float, end_s: float
) -> tuple[float | None, float | None]:
    """Return cloud [oktas] and visibility [m] of a launch, each None where it is not known.

    What was entered for the hour counts before the weather data, of several the worst.
    """
    entered = [
        sky for sky in mission.declared.skies if start_s - SKY_S <= sky.at_s <= end_s + SKY_S
    ]
    cloud = max(_known(entered, "cloud_oktas"), default=None)
    visibility = min(_known(entered, "visibility_m"), default=None)
    if cloud is None:
        cover = find_launch_weather(mission, grid, site, start_s).cloud_cover
        cloud = None if math.isnan(cover) else OKTAS * cover
    return cloud, visibility


def _known(entered: Sequence[SkyEntry], name: str) -> list[float]:
    values = (getattr(sky, name) for sky in entered)
    return [float(value) for value in values if value is not None]
