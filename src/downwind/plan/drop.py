"""Drop a fleet's items from where its balloons let go, and say what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from downwind.geo.regions import SEA, classify_country
from downwind.plan.fleet import (
    Setting,
    bundle_speeds_ms,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
)
from downwind.plan.mission import BalloonGroup, Lot, Mission
from downwind.sim.draws import Cause, Draws
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
    BURST_BEFORE_RELEASE = 6

    @property
    def text(self) -> str:
        """The name in files."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class GroupFlights:
    """Every balloon of a group in every draw.

    ``launch_s`` and the ``end_*`` arrays, which say how and where the flight ended, have shape
    (draws, balloons); ``end_reason`` is a ``StopRule``, RELEASED where nothing was left to fly on.
    ``burst_s`` is the time of the burst [epoch s], NaN without one.
    The others have shape (draws, balloons, releases): ``released`` where the release acted, at
    ``time_s``, ``longitude``, ``latitude`` [degrees] and ``height_m`` [m, geopotential], which
    are NaN elsewhere; ``failure`` and ``fraction`` as in ``ReleaseDraws``.
    """

    launch_s: NDArray[np.float64]
    released: NDArray[np.bool_]
    failure: NDArray[np.int64]
    fraction: NDArray[np.float64]
    time_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    end_reason: NDArray[np.int64]
    end_burst: NDArray[np.bool_]
    burst_s: NDArray[np.float64]
    end_time_s: NDArray[np.float64]
    end_longitude: NDArray[np.float64]
    end_latitude: NDArray[np.float64]


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
    chosen: NDArray[np.int64] | None = None,
) -> GroupFlights:
    """Fly every balloon of a group in every draw to its last release, or to its end.

    With ``chosen``, indices in the group, only those fly, and the result has a column for each:
    the same in every draw, shape (columns,), or those of each draw, shape (draws, columns).
    """
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    flown = _choose(mission, group, chosen)
    shape = (mission.draws, flown.shape[1])
    draw = np.indices(shape)[0].ravel()
    balloon = flown.ravel()
    in_fleet = mission.first_balloon(group_index) + balloon
    releases = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
    balloons = draw_balloons(mission, group_index, draws, grid, setting, draw, balloon, releases)
    flights = fly_balloons(grid, balloons, steps.balloon_s)
    each = (*shape, -1)
    return GroupFlights(
        launch_s=balloons.time_s.reshape(shape),
        released=flights.released.reshape(each),
        failure=releases.failure.reshape(each),
        fraction=releases.fraction.reshape(each),
        time_s=flights.release_time_s.reshape(each),
        longitude=flights.release_longitude.reshape(each),
        latitude=flights.release_latitude.reshape(each),
        height_m=flights.release_height_m.reshape(each),
        end_reason=flights.reason.reshape(shape),
        end_burst=flights.has_burst.reshape(shape),
        burst_s=flights.burst_time_s.reshape(shape),
        end_time_s=flights.end_time_s.reshape(shape),
        end_longitude=flights.end_longitude.reshape(shape),
        end_latitude=flights.end_latitude.reshape(shape),
    )


def drop_rows(
    mission: Mission,
    lot: Lot,
    draws: Draws,
    grid: WindGrid,
    flights: GroupFlights,
    rows: ItemRows,
    steps: Steps,
    chosen: NDArray[np.int64] | None = None,
) -> ItemLandings:
    """Drop items of a lot from their flights; land and sea are not told apart (all LANDED).

    With ``chosen``, as in ``fly_group``, the balloons of ``rows`` count the columns of ``flights``.
    """
    group, kind = mission.groups[lot.group], lot.kind
    flown = _choose(mission, group, chosen)
    balloon = (rows.draw, rows.balloon)
    at = (*balloon, lot.release)
    columns = draw_falls(draws, kind, rows.draw, rows.own, rows.mode)
    every = np.arange(mission.draws)
    opening = draw_opening_s(mission, draws, kind, every)[rows.draw]
    bundle = bundle_speeds_ms(group, lot.part)[flown[balloon]]
    failure = flights.failure[at]
    kept = rows.rank >= flights.fraction[at]
    unopened = failure == TimerFailure.UNOPENED
    released = flights.released[at] & ~kept
    falling = np.flatnonzero(released)
    source = (rows.draw[falling], rows.balloon[falling], lot.release)
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
            balloon=mission.first_balloon(lot.group) + flown[balloon][falling],
            item=rows.item[falling],
        ),
        steps.item_s,
        turbulence=mission.turbulence,
        seed=draws.seed_of(Cause.TURBULENCE),
        label=rows.label,
    )
    outcome = np.full(rows.draw.size, Outcome.LEFT_DATA, np.int8)
    ground = flights.end_reason[balloon] == StopRule.GROUND
    outcome[ground] = Outcome.GROUND_BEFORE_RELEASE
    outcome[ground & flights.end_burst[balloon]] = Outcome.BURST_BEFORE_RELEASE
    stayed = (failure == TimerFailure.NEVER) | (flights.released[at] & kept)
    outcome[ground & stayed] = Outcome.NEVER_RELEASED
    outcome[falling] = np.where(
        falls.on_ground,
        np.where(unopened[falling], Outcome.UNOPENED, Outcome.LANDED),
        Outcome.LEFT_DATA,
    )
    end = [
        x[balloon].copy() for x in (flights.end_time_s, flights.end_longitude, flights.end_latitude)
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


def _choose(
    mission: Mission, group: BalloonGroup, chosen: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return the index in the group of each column of each draw, shape (draws, columns)."""
    every = np.arange(group.count) if chosen is None else chosen
    return np.broadcast_to(every, (mission.draws, every.shape[-1]))


def mark_sea(
    outcome: NDArray[np.int8], longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> None:
    """Turn LANDED into SEA, in place, where no country holds the end; arrays of shape (n,)."""
    landed = np.flatnonzero(outcome == Outcome.LANDED)
    at_sea = classify_country(longitude[landed], latitude[landed]) == SEA
    outcome[landed[at_sea]] = Outcome.SEA
