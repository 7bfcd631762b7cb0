"""Ask the rules of a launch: fly it, gather its facts, and have them judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.landing.clusters import Clusters
from downwind.plan.clusters import find_clusters
from downwind.plan.drop import GroupFlights, drop_rows
from downwind.plan.evaluate import SampledItems, sample_rows
from downwind.plan.fleet import (
    ReleaseDraws,
    Setting,
    draw_balloons,
    draw_releases,
    launch_height_m,
)
from downwind.plan.ground import ENVELOPE_HOURS, GroundResult
from downwind.plan.launch_facts import gather_facts
from downwind.plan.mission import Mission, Site
from downwind.plan.notes import find_stops
from downwind.plan.overflight import Falls, Overflight, Track
from downwind.plan.result import PlanResult
from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.facts import Facts
from downwind.rules.findings import Compliance
from downwind.rules.judge import judge
from downwind.sim.draws import Draws
from downwind.sim.flight import Flights, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

MOST_DRAWS: Final = 100
"""Draws that a launch flies for its rules, where it flies for them alone."""

_FIRST: Final = np.zeros(1, np.int64)
"""The balloon whose bundles stand for those of its group: the heaviest."""


def judge_launch(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    steps: Steps,
    site: Site,
    start_s: float,
    settings: Sequence[Setting] | None,
    now_s: float,
    most_draws: int = MOST_DRAWS,
) -> Compliance:
    """Ask the rules of one launch of the fleet.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    steps : Steps
    site : Site
    start_s : float
        First launch [epoch s].
    settings : sequence of Setting or None
        One a group. None: nothing flies, and only what needs no flight is asked.
    now_s : float
        Against which deadlines and the age of records count [epoch s].
    most_draws : int
        Draws to fly at the most.
    """
    facts = launch_facts(mission, draws, grid, steps, site, start_s, settings, most_draws)
    return judge_facts(mission, facts, now_s)


def judge_facts(mission: Mission, facts: Facts, now_s: float) -> Compliance:
    """Ask the rules of a mission of facts, which may be those of a flight."""
    return judge(facts, mission.declared, load_jurisdictions(mission.rule_files), now_s)


def launch_facts(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    steps: Steps,
    site: Site,
    start_s: float,
    settings: Sequence[Setting] | None,
    most_draws: int = MOST_DRAWS,
) -> Facts:
    """Fly a launch and gather the facts that rules are asked of; as for ``judge_launch``."""
    if settings is None:
        return gather_facts(mission, grid, site, start_s)
    thin = replace(mission, draws=min(mission.draws, most_draws))
    overflight = fly_over(thin, draws, grid, steps, settings)
    return gather_facts(mission, grid, site, start_s, settings, overflight)


def fly_over(
    mission: Mission, draws: Draws, grid: WindGrid, steps: Steps, settings: Sequence[Setting]
) -> Overflight:
    """Fly a balloon of each group in every draw to its end, and drop a sample of the items.

    Parameters
    ----------
    mission : Mission
        With the draws to fly.
    draws : Draws
    grid : WindGrid
    steps : Steps
    settings : sequence of Setting
        One a group, with timers.
    """
    tracks, falls = [], []
    rows = int(ENVELOPE_HOURS * 60.0) + 2
    draw = np.arange(mission.draws)
    for g, (group, setting) in enumerate(zip(mission.groups, settings, strict=True)):
        assert setting.timer_s is not None
        balloon = draw % group.count
        in_fleet = mission.first_balloon(g) + balloon
        releases = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
        balloons = draw_balloons(
            mission, g, draws, grid, setting, draw, balloon, releases, follow_envelope=True
        )
        flown = fly_balloons(grid, balloons, steps.balloon_s, 60.0, rows)
        track = Track(draw, balloons.time_s, flown)
        tracks.append(track)
        falls.append(_ends(track))
        fleet = _as_fleet(balloons.time_s, releases, flown)
        for lot in mission.lots_of(g):
            items = sample_rows(
                draws, lot.kind, mission.first_balloon(g), (mission.draws, 1), 0, lot.release
            )
            down = drop_rows(mission, lot, draws, grid, fleet, items, steps, _FIRST)
            falls.append(Falls(g, lot.release, items.draw, down.longitude, down.latitude))
    site = settings[0].site
    clusters = find_clusters(grid, mission.draws)
    return Overflight(clusters, _ground_m(site, grid), tuple(tracks), tuple(falls))


def _as_fleet(
    launch_s: NDArray[np.float64], releases: ReleaseDraws, flown: Flights
) -> GroupFlights:
    """Return flights of one balloon a draw as those of a fleet of one."""
    shape, each = (launch_s.size, 1), (launch_s.size, 1, -1)
    return GroupFlights(
        launch_s=launch_s.reshape(shape),
        released=flown.released.reshape(each),
        failure=releases.failure.reshape(each),
        fraction=releases.fraction.reshape(each),
        time_s=flown.release_time_s.reshape(each),
        longitude=flown.release_longitude.reshape(each),
        latitude=flown.release_latitude.reshape(each),
        height_m=flown.release_height_m.reshape(each),
        end_reason=flown.reason.reshape(shape),
        end_burst=flown.has_burst.reshape(shape),
        burst_s=flown.burst_time_s.reshape(shape),
        end_time_s=flown.end_time_s.reshape(shape),
        end_longitude=flown.end_longitude.reshape(shape),
        end_latitude=flown.end_latitude.reshape(shape),
    )


def judge_plan(
    result: PlanResult,
    flights: Sequence[GroupFlights],
    sample: Sequence[SampledItems],
    clusters: Clusters,
    now_s: float,
) -> PlanResult:
    """Ask the rules of a plan that has flown, and put what stands open before its other stops.

    Parameters
    ----------
    result : PlanResult
        With all stops but those of the rules.
    flights : sequence of GroupFlights
        Of the whole fleet.
    sample : sequence of SampledItems
        Of each kind of item.
    clusters : Clusters
    now_s : float
        [epoch s]
    """
    mission, grid = result.mission, result.grid
    grounds = [group.ground for group in result.groups]
    overflight = overflight_of_plan(mission, grid, result.site, flights, grounds, sample, clusters)
    settings = [group.setting for group in result.groups]
    facts = gather_facts(mission, grid, result.site, result.start_s, settings, overflight, grounds)
    compliance = judge_facts(mission, facts, now_s)
    return replace(
        result,
        compliance=compliance,
        facts=facts,
        judged_s=now_s,
        stops=(*find_stops(mission, compliance), *result.stops),
    )


def overflight_of_plan(
    mission: Mission,
    grid: WindGrid,
    site: Site,
    flights: Sequence[GroupFlights],
    grounds: Sequence[GroundResult],
    sample: Sequence[SampledItems],
    clusters: Clusters,
) -> Overflight:
    """Take the ways of a launch from a plan that has flown it already.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    site : Site
    flights : sequence of GroupFlights
        Of the whole fleet.
    grounds : sequence of GroundResult
        With the tracks of a balloon a draw.
    sample : sequence of SampledItems
        Of each kind of item.
    clusters : Clusters
    """
    draw = np.arange(mission.draws)
    tracks = [Track(draw, g.envelope.launch_s, g.envelope.flights) for g in grounds]
    falls = [_ends(track) for track in tracks]
    for fleet in flights:
        # where the whole fleet lets go, and where those end that are down before
        at = np.nonzero(fleet.released)
        places = fleet.longitude[at], fleet.latitude[at]
        falls.append(Falls(-1, 0, at[0], *places, aloft=True))
        down = np.nonzero(fleet.end_reason == StopRule.GROUND)
        falls.append(Falls(-1, 0, down[0], fleet.end_longitude[down], fleet.end_latitude[down]))
    for items in sample:
        for i in np.unique(items.lot):
            mine, lot = items.lot == i, mission.lots[i]
            falls.append(
                Falls(
                    lot.group,
                    lot.release,
                    items.draw[mine],
                    items.longitude[mine],
                    items.latitude[mine],
                )
            )
    return Overflight(clusters, _ground_m(site, grid), tuple(tracks), tuple(falls))


def _ends(track: Track) -> Falls:
    """Return where balloons of a group come down."""
    down = track.flights.reason == StopRule.GROUND
    ends = track.flights.end_longitude[down], track.flights.end_latitude[down]
    return Falls(-1, 0, track.draw[down], *ends)


def _ground_m(site: Site, grid: WindGrid) -> float:
    return float(atmosphere.geometric_altitude(launch_height_m(site, grid)))
