"""Fly a mission backwards: from places all over its target to the launches that reach them.

For each launch hour, each group of balloons, each timer setting and each wind the balloon in the
middle of the group is flown once, all that is uncertain besides at its median. Its heights,
and how long an item then falls, say when an item comes down that was launched at that hour. From
each of the places in the target, at that time, the item is flown up to the height of its release
and the balloon back along its heights to its launch. Heights are those over the mission's first
site: they change little with place, and what that costs is measured by flying launches forward.

From a landing to its launch the way changes slowly with the landing. So between the places that are
flown back it is interpolated, to many more places.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.load.impact import bundle_speed_ms
from downwind.plan.fleet import (
    Setting,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
    own_free_lift,
)
from downwind.plan.mission import Lot, Mission
from downwind.plan.nominal import MedianDraws
from downwind.plan.reach_places import TargetPlaces, WaysBetween
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import BalloonArrays, fly_balloons
from downwind.sim.reverse import ItemFall, LaunchOutcome, fall_duration_s, launches_for_landings
from downwind.sim.steps import BALLOON_REFERENCE_S, ITEM_REFERENCE_S
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at

Floats = NDArray[np.float64]

RECORD_S: Final = 120.0
"""Spacing of the heights of a balloon [s]."""


CORRECTION_STEP_S: Final = 60.0
"""Longest integration step of the flights forward that correct launches [s]."""

STEP_S: Final = 120.0
"""Longest integration step of flights backwards [s]; their error is measured flying forward."""


@dataclass(frozen=True, slots=True)
class Heights:
    """Flights of one group at one hour with each timer setting in each wind, all at its median.

    Attributes
    ----------
    launch_s : float
        Launch of the balloon in the middle of the group [epoch s].
    elapsed_s : numpy.ndarray
        Shape (m,) [s].
    height_m : numpy.ndarray
        Shape (t, winds, m) [m, geopotential]; NaN after the end.
    release_s : numpy.ndarray
        When each release acts, after the launch, shape (t, winds, releases) [s]; NaN where it does
        not.
    balloons : BalloonArrays
        The balloons, one a setting.
    """

    launch_s: float
    elapsed_s: Floats
    height_m: Floats
    release_s: Floats
    balloons: BalloonArrays


@dataclass(frozen=True, slots=True)
class BackFlights:
    """Launches of one lot at one hour; arrays of shape (t, winds, places).

    Attributes
    ----------
    lot : Lot
    hour : int
        Index of the launch hour.
    timer_s : numpy.ndarray
        Settings of the group's first release, shape (t,) [s].
    longitude, latitude : numpy.ndarray
        Of the launches of the places between, shape (t, winds, m) [degrees]; NaN where there is
        none.
    time_s : numpy.ndarray
        When, of the places flown back [epoch s].
    flown_longitude, flown_latitude : numpy.ndarray
        Of the launches of the places flown back [degrees].
    outcome : numpy.ndarray
        A ``LaunchOutcome`` of each place flown back.
    heights : Heights
    """

    lot: Lot
    hour: int
    timer_s: Floats
    longitude: Floats
    latitude: Floats
    time_s: Floats
    flown_longitude: Floats
    flown_latitude: Floats
    outcome: NDArray[np.int64]
    heights: Heights


def fly_back(
    mission: Mission,
    grid: WindGrid,
    hours_s: tuple[int, ...],
    timers_s: tuple[Floats, ...],
    winds: NDArray[np.int64],
    places: TargetPlaces,
    progress: Callable[[str, float], None],
) -> list[BackFlights]:
    """Fly every lot back from every place, at each hour, with each setting, in each wind.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    hours_s : tuple of int
        First launches of the fleet [epoch s].
    timers_s : tuple of numpy.ndarray
        Settings of each group, shape (t,) each [s].
    winds : numpy.ndarray
        Members to fly in, shape (winds,).
    places : TargetPlaces
    progress : callable
    """
    ground = np.array(
        [
            float(terrain_at(grid.arrays, float(x), float(y)))
            for x, y in zip(places.longitude, places.latitude, strict=True)
        ]
    )
    between = WaysBetween(places)
    found = []
    for h, start_s in enumerate(hours_s):
        for g in range(len(mission.groups)):
            progress("flying back", (h + g / len(mission.groups)) / len(hours_s))
            heights = fly_heights(mission, g, grid, start_s, timers_s[g], winds)
            for lot in mission.lots_of(g):
                found.append(
                    _fly_lot_back(
                        mission, lot, grid, h, heights, timers_s[g], winds, places, ground, between
                    )
                )
    return found


def fly_heights(
    mission: Mission,
    g: int,
    grid: WindGrid,
    start_s: int,
    timer_s: Floats,
    winds: NDArray[np.int64],
) -> Heights:
    """Fly the middle balloon of a group from the first site with each setting in each wind."""
    group, site, draws = mission.groups[g], mission.sites[0], MedianDraws(mission.seed)
    setting = Setting(site, start_s, own_free_lift(mission, group, site, grid), None)
    first = np.zeros(1, np.int64)
    balloon = np.full(1, group.count // 2)
    in_fleet = mission.first_balloon(g) + balloon
    rows = [
        draw_balloons(
            mission, g, draws, grid, setting, first, balloon,
            draw_releases(mission, group, draws, float(t), first, in_fleet),
        )
        for t in timer_s
    ]  # fmt: skip
    balloons = BalloonArrays._make(np.concatenate(column) for column in zip(*rows, strict=True))
    every = BalloonArrays._make(np.repeat(column, winds.size, axis=0) for column in balloons)
    every = every._replace(member=np.tile(winds, timer_s.size))
    longest = float(timer_s[-1]) + group.last_after_s
    count = math.ceil(1.2 * longest / RECORD_S) + 3
    flown = fly_balloons(grid, every, BALLOON_REFERENCE_S, RECORD_S, count)
    height = flown.track[:, :, 2].copy()
    elapsed = np.arange(count) * RECORD_S
    # the last row of a track is the flight's end, which lies before its time on the grid
    end_s = flown.end_time_s - every.time_s
    for row, seconds in enumerate(end_s):
        last = int(np.isfinite(height[row]).sum()) - 1
        if last > 0 and elapsed[last] > seconds > elapsed[last - 1]:
            slope = (height[row, last] - height[row, last - 1]) / (seconds - elapsed[last - 1])
            height[row, last] = height[row, last - 1] + slope * RECORD_S
    release_s = flown.release_time_s - every.time_s[:, None]
    shape = (timer_s.size, winds.size, -1)
    return Heights(
        float(balloons.time_s[0]),
        np.asarray(elapsed, np.float64),
        height.reshape(shape),
        release_s.reshape(shape),
        balloons,
    )


def fall_of(mission: Mission, lot: Lot) -> ItemFall:
    """Return how the middle item of a lot falls."""
    draws, first = MedianDraws(mission.seed), np.zeros(1, np.int64)
    columns = draw_falls(draws, lot.kind, first, np.zeros(1), np.full(1, 0.5))
    count = mission.groups[lot.group].count
    mass_kg = max(lot.part.count_on(count // 2, count), 1) * lot.kind.mass_kg
    return ItemFall(
        low_speed_ms=float(columns.low_speed_ms[0]),
        high_speed_ms=float(columns.high_speed_ms[0]),
        exponent=float(columns.exponent[0]),
        switch_m=float(columns.switch_m[0]),
        bundle_speed_ms=bundle_speed_ms(mass_kg),
        opening_s=float(draw_opening_s(mission, draws, lot.kind, first)[0]),
    )


def _fly_lot_back(
    mission: Mission,
    lot: Lot,
    grid: WindGrid,
    hour: int,
    heights: Heights,
    timer_s: Floats,
    winds: NDArray[np.int64],
    places: TargetPlaces,
    ground: Floats,
    between: WaysBetween,
) -> BackFlights:
    fall = fall_of(mission, lot)
    release_s = heights.release_s[..., lot.release]
    release_m = np.full(release_s.shape, np.nan)
    for at in np.argwhere(np.isfinite(release_s)):
        t, w = (int(i) for i in at)
        release_m[t, w] = np.interp(release_s[t, w], heights.elapsed_s, heights.height_m[t, w])
    acts = np.isfinite(release_m)
    shape = (timer_s.size, winds.size, places.longitude.size)
    flown = np.full((4, *shape), np.nan)
    outcome = np.full(shape, LaunchOutcome.NOT_ALOFT, np.int64)
    if acts.any():
        t, w, p = (x.ravel() for x in np.indices(shape))
        keep = acts[t, w]
        t, w, p = t[keep], w[keep], p[keep]
        fall_s = fall_duration_s(fall, release_m[t, w], ground[p])
        down_s = heights.launch_s + release_s[t, w] + fall_s
        back = launches_for_landings(
            grid,
            places.longitude[p],
            places.latitude[p],
            down_s,
            fall,
            heights.elapsed_s,
            heights.height_m[t, w],
            release_s[t, w],
            winds[w],
            STEP_S,
        )
        outcome[t, w, p] = back.outcome
        for column, values in zip(
            flown[:3], (back.longitude, back.latitude, back.time_s), strict=True
        ):
            column[t, w, p] = values
    if acts.any():
        good = np.flatnonzero(np.isfinite(flown[0]))
        timer, wind, place = np.unravel_index(good, shape)
        lon, lat = flown[0].ravel()[good], flown[1].ravel()[good]
        down_lon, down_lat, on_ground = launch_forward(
            mission, lot, grid, heights, timer, winds[wind], lon, lat, CORRECTION_STEP_S
        )
        # launched as far beside as it came down beside, it comes down where it was wanted; where it
        # comes down before its timer runs out, as over high ground, it is no launch
        x, y = places.plane.forward(lon, lat)
        wanted = places.plane.forward(places.longitude[place], places.latitude[place])
        down = places.plane.forward(
            np.where(on_ground, down_lon, lon), np.where(on_ground, down_lat, lat)
        )
        moved = places.plane.inverse(x + wanted[0] - down[0], y + wanted[1] - down[1])
        for column, values in zip(flown[:2], moved, strict=True):
            column.ravel()[good] = np.where(on_ground, values, np.nan)
        outcome.ravel()[good[~on_ground]] = LaunchOutcome.NOT_ALOFT
    longitude, latitude = between.interpolate(flown[0], flown[1])
    return BackFlights(
        lot, hour, timer_s, longitude, latitude, flown[2], flown[0], flown[1], outcome, heights
    )


def launch_forward(
    mission: Mission,
    lot: Lot,
    grid: WindGrid,
    heights: Heights,
    setting: NDArray[np.int64],
    member: NDArray[np.int64],
    longitude: Floats,
    latitude: Floats,
    step_s: float | None = None,
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Launch balloons of the median at places; return where an item of the lot comes down."""
    ground = np.array(
        [
            float(terrain_at(grid.arrays, float(x), float(y)))
            for x, y in zip(longitude, latitude, strict=True)
        ]
    )
    rows = BalloonArrays._make(column[setting] for column in heights.balloons)
    site = mission.sites[0]
    above = float(heights.balloons.height_m[0]) - float(
        terrain_at(grid.arrays, site.longitude, site.latitude)
    )
    flown = fly_balloons(
        grid,
        rows._replace(
            member=member, longitude=longitude, latitude=latitude, height_m=ground + above
        ),
        BALLOON_REFERENCE_S if step_s is None else step_s,
    )
    fall, r = fall_of(mission, lot), lot.release
    up = flown.released[:, r]
    one = np.ones(int(up.sum()))
    down = drop_items(
        grid,
        ItemArrays(
            member=member[up],
            longitude=flown.release_longitude[up, r],
            latitude=flown.release_latitude[up, r],
            height_m=flown.release_height_m[up, r],
            time_s=flown.release_time_s[up, r],
            bundle_speed_ms=fall.bundle_speed_ms * one,
            opening_s=fall.opening_s * one,
            low_speed_ms=fall.low_speed_ms * one,
            high_speed_ms=fall.high_speed_ms * one,
            exponent=fall.exponent * one,
            switch_m=fall.switch_m * one,
        ),
        ITEM_REFERENCE_S if step_s is None else step_s,
    )
    lon, lat = np.full(up.size, np.nan), np.full(up.size, np.nan)
    on_ground = np.zeros(up.size, np.bool_)
    lon[up], lat[up], on_ground[up] = down.longitude, down.latitude, down.on_ground
    return lon, lat, on_ground
