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
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from downwind.errors import RegionError
from downwind.geo.regions import Region
from downwind.geo.sphere import LocalPlane, distance_m, local_equal_area
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
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import BalloonArrays, fly_balloons
from downwind.sim.reverse import ItemFall, LaunchOutcome, fall_duration_s, launches_for_landings
from downwind.sim.steps import BALLOON_REFERENCE_S, ITEM_REFERENCE_S
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at

Floats = NDArray[np.float64]

RECORD_S: Final = 120.0
"""Spacing of the heights of a balloon [s]."""

STEP_S: Final = 120.0
"""Longest integration step of flights backwards [s]; their error is measured flying forward."""

DENSER: Final = 4
"""How many times closer than the places flown back those between them lie."""

NEIGHBOURS: Final = 6
"""Places that one between them is interpolated from."""

EDGE_M: Final = 1_000.0
"""How far inside the border of the target the places lie, where it is wide enough [m]."""


@dataclass(frozen=True, slots=True)
class TargetPlaces:
    """Places spread evenly over a target.

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        Of the places that are flown back, shape (n,) [degrees].
    fine_longitude, fine_latitude : numpy.ndarray
        Of those between them, shape (m,) [degrees].
    spacing_m, fine_spacing_m : float
        Root of the area that each stands for [m].
    plane : LocalPlane
        On which areas are true, about the middle of the target.
    """

    longitude: Floats
    latitude: Floats
    fine_longitude: Floats
    fine_latitude: Floats
    spacing_m: float
    fine_spacing_m: float
    plane: LocalPlane


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


@dataclass(frozen=True, slots=True)
class ForwardCheck:
    """Launches that were found flying back, flown forward in the same wind.

    Attributes
    ----------
    launches : int
        How many were flown.
    landed : int
        How many of them came down inside the data.
    inside : int
        How many of them came down in the target.
    median_m, most_m : float
        How far from the place that they were flown back from [m]; NaN where none came down.
    """

    launches: int
    landed: int
    inside: int
    median_m: float
    most_m: float


def spread_places(target: Region, count: int, seed: int) -> TargetPlaces:
    """Spread places over a target: one at random in each cell of a grid of equal areas.

    Parameters
    ----------
    target : Region
    count : int
        About how many.
    seed : int

    Raises
    ------
    RegionError
        If the target is so narrow that no place lies in it.
    """
    middle = target.geometry.representative_point()
    plane = local_equal_area(middle.x, middle.y)
    flat = shapely.make_valid(
        shapely.transform(
            target.geometry, lambda xy: np.column_stack(plane.forward(xy[:, 0], xy[:, 1]))
        )
    )
    inner = flat.buffer(-EDGE_M)
    if inner.area < 0.2 * flat.area:
        inner = flat
    spacing_m = math.sqrt(inner.area / count)
    generator = np.random.Generator(np.random.Philox(seed))
    coarse = _one_in_each_cell(inner, spacing_m, generator)
    fine_m = spacing_m / DENSER
    fine = _one_in_each_cell(inner, fine_m, generator)
    if not coarse.size or not fine.size:
        raise RegionError(
            f"the target '{target.name}' is too narrow to spread places over it",
            "draw it wider, or join its parts",
        )
    longitude, latitude = plane.inverse(*coarse.T)
    fine_longitude, fine_latitude = plane.inverse(*fine.T)
    return TargetPlaces(
        longitude, latitude, fine_longitude, fine_latitude, spacing_m, fine_m, plane
    )


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
    between = _Between(places)
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
        elapsed,
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


def fly_forward(
    mission: Mission,
    grid: WindGrid,
    found: list[BackFlights],
    winds: NDArray[np.int64],
    places: TargetPlaces,
    most: int,
) -> ForwardCheck:
    """Fly some of the launches forward, in the same wind, and see where their items come down.

    Parameters
    ----------
    mission, grid, winds, places
        As for ``fly_back``.
    found : list of BackFlights
    most : int
        Launches to fly; those between the places, spread over all lots, hours, settings and winds.
    """
    missed: list[Floats] = []
    landed = inside = flown = 0
    each = max(most // max(len(found), 1), 1)
    for number, flights in enumerate(found):
        good = np.flatnonzero(np.isfinite(flights.longitude))
        if not good.size:
            continue
        generator = np.random.Generator(np.random.Philox([mission.seed, number]))
        some = np.sort(generator.choice(good, min(each, good.size), replace=False))
        t, w, p = np.unravel_index(some, flights.longitude.shape)
        longitude, latitude = flights.longitude.ravel()[some], flights.latitude.ravel()[some]
        lon, lat, on_ground = _launch_forward(
            mission, flights.lot, grid, flights.heights, t, winds[w], longitude, latitude
        )
        flown += some.size
        landed += int(on_ground.sum())
        inside += int((mission.target.contains(lon, lat) & on_ground).sum())
        missed.append(
            distance_m(lon, lat, places.fine_longitude[p], places.fine_latitude[p])[on_ground]
        )
    miss = np.concatenate(missed) if missed else np.zeros(0)
    if not miss.size:
        return ForwardCheck(flown, 0, 0, math.nan, math.nan)
    return ForwardCheck(flown, landed, inside, float(np.median(miss)), float(miss.max()))


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
    between: _Between,
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
    longitude, latitude = between.interpolate(flown[0], flown[1])
    return BackFlights(
        lot, hour, timer_s, longitude, latitude, flown[2], flown[0], flown[1], outcome, heights
    )


class _Between:
    """Interpolates ways back from the places that were flown to those between them."""

    def __init__(self, places: TargetPlaces) -> None:
        self._places = places
        xy = np.column_stack(places.plane.forward(places.longitude, places.latitude))
        self._xy = np.column_stack(
            places.plane.forward(places.fine_longitude, places.fine_latitude)
        )
        self._flown_xy = xy
        count = min(NEIGHBOURS, len(xy))
        away, index = cKDTree(xy).query(self._xy, k=count)
        self._index = index.reshape(len(self._xy), count)
        if count < NEIGHBOURS:
            weight = 1.0 / (away.reshape(len(self._xy), count) + 1.0) ** 2
            self._weight = weight / weight.sum(axis=1, keepdims=True)
        else:
            # value at the place itself of a plane fitted to its neighbours by least squares
            offset = (xy[self._index] - self._xy[:, None, :]) / places.spacing_m
            plane = np.concatenate([np.ones((*offset.shape[:2], 1)), offset], axis=-1)
            self._weight = np.linalg.pinv(plane, rcond=1e-2)[:, 0, :]

    def interpolate(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return launches of the places between; NaN where one of their neighbours has none.

        Parameters
        ----------
        longitude, latitude : numpy.ndarray
            Of the launches of the places flown back, shape (..., places) [degrees].
        """
        plane = self._places.plane
        x, y = plane.forward(np.nan_to_num(longitude), np.nan_to_num(latitude))
        lost = ~np.isfinite(longitude)[..., self._index].all(axis=-1)
        dx = (self._weight * (x - self._flown_xy[:, 0])[..., self._index]).sum(axis=-1)
        dy = (self._weight * (y - self._flown_xy[:, 1])[..., self._index]).sum(axis=-1)
        east, north = self._xy[:, 0] + dx, self._xy[:, 1] + dy
        lon, lat = plane.inverse(east, north)
        return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)


def _launch_forward(
    mission: Mission,
    lot: Lot,
    grid: WindGrid,
    heights: Heights,
    setting: NDArray[np.int64],
    member: NDArray[np.int64],
    longitude: Floats,
    latitude: Floats,
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
        BALLOON_REFERENCE_S,
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
        ITEM_REFERENCE_S,
    )
    lon, lat = np.full(up.size, np.nan), np.full(up.size, np.nan)
    on_ground = np.zeros(up.size, np.bool_)
    lon[up], lat[up], on_ground[up] = down.longitude, down.latitude, down.on_ground
    return lon, lat, on_ground


def _one_in_each_cell(
    shape: shapely.Geometry, side_m: float, generator: np.random.Generator
) -> Floats:
    """Return one point in each cell of a grid, those that lie in a shape, shape (n, 2) [m]."""
    west, south, east, north = shape.bounds
    columns = np.arange(math.floor(west / side_m), math.ceil(east / side_m))
    rows = np.arange(math.floor(south / side_m), math.ceil(north / side_m))
    corner = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    points = side_m * (corner + generator.random(corner.shape))
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, points[:, 0], points[:, 1])
    if not inside.any():
        middle = shape.representative_point()
        return np.array([[middle.x, middle.y]])
    return np.asarray(points[inside])
