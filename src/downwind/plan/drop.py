"""Drop a fleet's items from where its balloons let go, and say what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from downwind.geo.regions import SEA, classify_country
from downwind.load.items import ItemKind
from downwind.plan.fleet import (
    Setting,
    bundle_speeds_ms,
    draw_falls,
    draw_films,
    draw_opening_s,
    draw_timers,
)
from downwind.plan.mission import Mission
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid


class Outcome(IntEnum):
    """What became of an item. Landed and sea are told apart once the place is looked up."""

    LANDED = 0
    SEA = 1
    UNOPENED = 2
    NEVER_RELEASED = 3
    GROUND_BEFORE_RELEASE = 4
    LEFT_DATA = 5

    @property
    def text(self) -> str:
        """The name in files."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class GroupFlights:
    """Every balloon of a group in every draw, each array of shape (draws, balloons).

    ``reason`` is a ``StopRule``: TIMER where the load was let go, at ``time_s``, ``longitude``,
    ``latitude`` [degrees] and ``height_m`` [m, geopotential]; else how and where the flight with
    its load ended. After a partial release the ``rest_*`` arrays say where the remainder came
    down (NaN elsewhere) and ``rest_on_ground`` whether it did so inside the data.
    """

    launch_s: NDArray[np.float64]
    reason: NDArray[np.int64]
    failure: NDArray[np.int64]
    fraction: NDArray[np.float64]
    time_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    rest_time_s: NDArray[np.float64]
    rest_longitude: NDArray[np.float64]
    rest_latitude: NDArray[np.float64]
    rest_height_m: NDArray[np.float64]
    rest_on_ground: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ItemRows:
    """Items of one kind and one group to drop, each array of shape (n,).

    ``draw`` and ``balloon`` (in the group) say which flight, ``item`` and ``label`` which random
    numbers of turbulence; ``rank`` in (0, 1) is the item's place in its bundle, which decides
    whether a partial release lets it go; ``own`` is a standard normal and ``mode`` a uniform of
    the item's own.
    """

    draw: NDArray[np.int64]
    balloon: NDArray[np.int64]
    item: NDArray[np.int64]
    rank: NDArray[np.float64]
    own: NDArray[np.float64]
    mode: NDArray[np.float64]
    label: str


@dataclass(frozen=True, slots=True)
class ItemLandings:
    """Where items ended and how they fell, each array of shape (n,).

    Release columns are NaN for items that were never released; heights are geopotential [m],
    times epoch seconds.
    """

    outcome: NDArray[np.int8]
    release_s: NDArray[np.float64]
    release_longitude: NDArray[np.float64]
    release_latitude: NDArray[np.float64]
    release_height_m: NDArray[np.float64]
    landing_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    low_speed_ms: NDArray[np.float64]
    high_speed_ms: NDArray[np.float64]
    bundle_speed_ms: NDArray[np.float64]
    threshold: NDArray[np.float64]
    exponent: NDArray[np.float64]
    opening_s: NDArray[np.float64]


def fly_group(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    setting: Setting,
    steps: Steps,
) -> GroupFlights:
    """Fly every balloon of a group in every draw to its release, or to the ground."""
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    shape = (mission.draws, group.count)
    draw, balloon = (x.ravel() for x in np.indices(shape))
    fleet_index = mission.first_balloon(group_index) + balloon
    timers = draw_timers(mission, group, draws, setting.timer_s, draw, fleet_index)
    films = draw_films(mission, group_index, draws, grid, setting, draw, balloon, timers)
    flown = fly_balloons(grid, films, steps.balloon_s)
    rest = np.full((5, draw.size), np.nan)
    partial = np.flatnonzero(
        (timers.failure == TimerFailure.PARTIAL) & (flown.reason[:, 0] == StopRule.TIMER)
    )
    if partial.size:
        followed = draw_films(
            mission,
            group_index,
            draws,
            grid,
            setting,
            draw[partial],
            balloon[partial],
            type(timers)(timers.fire_s[partial], timers.failure[partial], timers.fraction[partial]),
            follow_envelope=True,
        )
        end = fly_balloons(grid, followed, steps.balloon_s)
        rest[:, partial] = [
            end.time_s[:, 1],
            end.longitude[:, 1],
            end.latitude[:, 1],
            end.height_m[:, 1],
            end.reason[:, 1] == StopRule.GROUND,
        ]
    fields = (
        films.time_s,
        flown.reason[:, 0],
        timers.failure,
        timers.fraction,
        flown.time_s[:, 0],
        flown.longitude[:, 0],
        flown.latitude[:, 0],
        flown.height_m[:, 0],
        *rest[:4],
        rest[4] == 1.0,
    )
    return GroupFlights(*(x.reshape(shape) for x in fields))


def drop_rows(
    mission: Mission,
    group_index: int,
    kind: ItemKind,
    draws: Draws,
    grid: WindGrid,
    flights: GroupFlights,
    rows: ItemRows,
    steps: Steps,
) -> ItemLandings:
    """Drop items from their flights; land and sea are not told apart yet (all LANDED)."""
    group = mission.groups[group_index]
    at = (rows.draw, rows.balloon)
    columns = draw_falls(draws, kind, rows.draw, rows.own, rows.mode)
    every = np.arange(mission.draws)
    opening = draw_opening_s(mission, draws, kind, every)[rows.draw]
    bundle = bundle_speeds_ms(group, kind)[rows.balloon]
    reason, failure = flights.reason[at], flights.failure[at]
    kept = (failure == TimerFailure.PARTIAL) & (rows.rank >= flights.fraction[at])
    unopened = failure == TimerFailure.UNOPENED
    released = (reason == StopRule.TIMER) & ~kept
    falling = np.flatnonzero(released)
    source = (rows.draw[falling], rows.balloon[falling])
    falls = drop_items(
        grid,
        ItemArrays(
            member=rows.draw[falling] % grid.member_count,
            longitude=flights.longitude[source],
            latitude=flights.latitude[source],
            height_m=flights.height_m[source],
            time_s=flights.time_s[source],
            bundle_speed_ms=bundle[falling],
            opening_s=np.where(unopened[falling], np.inf, opening[falling]),
            low_speed_ms=columns.low_speed_ms[falling],
            high_speed_ms=columns.high_speed_ms[falling],
            exponent=columns.exponent[falling],
            switch_m=columns.switch_m[falling],
            draw=rows.draw[falling],
            balloon=mission.first_balloon(group_index) + rows.balloon[falling],
            item=rows.item[falling],
        ),
        steps.item_s,
        turbulence=mission.turbulence,
        seed=draws.seed,
        label=rows.label,
    )
    outcome = np.full(rows.draw.size, Outcome.LEFT_DATA, np.int8)
    ground = reason == StopRule.GROUND
    outcome[ground] = Outcome.GROUND_BEFORE_RELEASE
    outcome[ground & (failure == TimerFailure.NEVER)] = Outcome.NEVER_RELEASED
    stayed = (reason == StopRule.TIMER) & kept
    outcome[stayed & flights.rest_on_ground[at]] = Outcome.NEVER_RELEASED
    outcome[falling] = np.where(
        falls.on_ground,
        np.where(unopened[falling], Outcome.UNOPENED, Outcome.LANDED),
        Outcome.LEFT_DATA,
    )
    end = [
        np.where(stayed, rest[at], whole[at])
        for rest, whole in (
            (flights.rest_time_s, flights.time_s),
            (flights.rest_longitude, flights.longitude),
            (flights.rest_latitude, flights.latitude),
        )
    ]
    for column, landed in zip(end, (falls.time_s, falls.longitude, falls.latitude), strict=True):
        column[falling] = landed
    start = [
        np.where(released, x[at], np.nan)
        for x in (flights.time_s, flights.longitude, flights.latitude, flights.height_m)
    ]
    return ItemLandings(
        outcome=outcome,
        release_s=start[0],
        release_longitude=start[1],
        release_latitude=start[2],
        release_height_m=start[3],
        landing_s=end[0],
        longitude=end[1],
        latitude=end[2],
        low_speed_ms=columns.low_speed_ms,
        high_speed_ms=columns.high_speed_ms,
        bundle_speed_ms=bundle,
        threshold=columns.threshold,
        exponent=columns.exponent,
        opening_s=opening,
    )


def mark_sea(
    outcome: NDArray[np.int8], longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> None:
    """Turn LANDED into SEA, in place, where no country holds the end; arrays of shape (n,)."""
    landed = np.flatnonzero(outcome == Outcome.LANDED)
    at_sea = classify_country(longitude[landed], latitude[landed]) == SEA
    outcome[landed[at_sea]] = Outcome.SEA
