"""Fly backwards: from a landing, or from a place on the way, to the launches that reach it.

A flight backwards is a chain of stages like any other, flown with time reversed. Where an item was
dropped by timer, each setting of the timer has a launch of its own: the item goes up from the
ground to the height at which the balloon was at that setting, and the balloon back along its
heights to the launch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.sim.profile import (
    MAX_STEP_S,
    Profiles,
    Stage,
    StageStop,
    VerticalLaw,
    fly_profiles,
    make_profiles,
    vertical_rate_ms,
)
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at

_OPENING_TOLERANCE_S: Final = 1e-3
_OPENING_ROUNDS: Final = 20
_FALL_NODES: Final = 400


class LaunchOutcome(IntEnum):
    """Whether a timer setting has a launch, and why not."""

    FOUND = 0
    NOT_ALOFT = 1
    ITEM_LEFT_DATA = 2
    BALLOON_LEFT_DATA = 3


class ItemFall(NamedTuple):
    """How an item falls, as in ``downwind.sim.drop.ItemArrays``: speeds at sea level [m s-1].

    ``high_speed_ms`` above the height ``switch_m``, ``low_speed_ms`` below it, both with the
    exponent; for ``opening_s`` after the release as a bundle, at ``bundle_speed_ms`` and 1/2.
    """

    low_speed_ms: float
    high_speed_ms: float
    exponent: float = 0.5
    switch_m: float = -np.inf
    bundle_speed_ms: float = 30.0
    opening_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Launches:
    """The launch that each timer setting asks for; arrays of shape (n,), NaN where there is none.

    Attributes
    ----------
    timer_s : numpy.ndarray
        The settings [s after launch].
    longitude, latitude, time_s : numpy.ndarray
        Where and when to launch [degrees, epoch s].
    release_longitude, release_latitude, release_height_m, release_time_s : numpy.ndarray
        Where and when the item leaves the balloon.
    outcome : numpy.ndarray
        A ``LaunchOutcome`` for each setting.
    """

    timer_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    time_s: NDArray[np.float64]
    release_longitude: NDArray[np.float64]
    release_latitude: NDArray[np.float64]
    release_height_m: NDArray[np.float64]
    release_time_s: NDArray[np.float64]
    outcome: NDArray[np.int64]


def launch_before_sighting(
    grid: WindGrid,
    longitude: ArrayLike,
    latitude: ArrayLike,
    height_m: ArrayLike,
    time_s: ArrayLike,
    ascent_rate_ms: ArrayLike,
    max_step_s: float = MAX_STEP_S,
) -> Profiles:
    """Fly back down an ascent from where a balloon was seen; the one stage ends at its launch.

    Parameters
    ----------
    grid : WindGrid
    longitude, latitude, height_m, time_s : array_like
        Sightings, shape (n,) or numbers [degrees, m geopotential, epoch s].
    ascent_rate_ms : array_like
        Shape (n,) or a number [m s-1].
    max_step_s : float
        Longest integration step [s].
    """
    stages = [Stage(VerticalLaw.CLIMB, ascent_rate_ms)]
    start = make_profiles(longitude, latitude, height_m, time_s, stages)
    return fly_profiles(grid, start, direction=-1, max_step_s=max_step_s)


def launch_before_landing(
    grid: WindGrid,
    longitude: float,
    latitude: float,
    time_s: float,
    ascent_rate_ms: ArrayLike,
    burst_m: ArrayLike,
    descent: Stage,
    max_step_s: float = MAX_STEP_S,
) -> Profiles:
    """Fly back from a landing, up the descent and down the ascent; the last stage ends at launch.

    Parameters
    ----------
    grid : WindGrid
    longitude, latitude, time_s : float
        The landing [degrees, epoch s].
    ascent_rate_ms, burst_m : array_like
        Shape (n,) or numbers [m s-1, m geopotential].
    descent : Stage
        The law of the descent; its stop rule is not looked at.
    max_step_s : float
        Longest integration step [s].
    """
    ground = terrain_at(grid.arrays, longitude, latitude)
    stages = [
        descent._replace(stop=StageStop.HEIGHT, limit=burst_m),
        Stage(VerticalLaw.CLIMB, ascent_rate_ms),
    ]
    start = make_profiles(longitude, latitude, ground, time_s, stages)
    return fly_profiles(grid, start, direction=-1, max_step_s=max_step_s)


def launches_for_landing(
    grid: WindGrid,
    longitude: float,
    latitude: float,
    time_s: float,
    fall: ItemFall,
    elapsed_s: ArrayLike,
    height_m: ArrayLike,
    timer_s: ArrayLike,
    member: int = 0,
    max_step_s: float = MAX_STEP_S,
) -> Launches:
    """Find, for each timer setting, the launch whose item lands at a place and time.

    Parameters
    ----------
    grid : WindGrid
    longitude, latitude, time_s : float
        The wanted landing [degrees, epoch s].
    fall : ItemFall
    elapsed_s, height_m : array_like
        The heights of a balloon against the time since its launch, shape (m,), m at least 2
        [s, m geopotential], from 0 on and rising in time: such as the track of a flight.
    timer_s : array_like
        Settings, shape (n,) [s after launch].
    member : int
        The ensemble member.
    max_step_s : float
        Longest integration step [s].

    Raises
    ------
    ArgumentError
        If the heights of the balloon are no profile.
    """
    elapsed, height = np.asarray(elapsed_s, np.float64), np.asarray(height_m, np.float64)
    if elapsed.size < 2 or elapsed.size != height.size or not bool((np.diff(elapsed) > 0.0).all()):
        raise ArgumentError(
            "the heights of the balloon are no profile: two or more, at times that rise",
            "take elapsed_s and height_m from the track of a flight, without its empty rows",
        )
    timer = np.atleast_1d(np.asarray(timer_s, np.float64))
    heights = np.broadcast_to(height, (timer.size, height.size))
    return launches_for_landings(
        grid,
        np.full(timer.size, longitude),
        np.full(timer.size, latitude),
        np.full(timer.size, time_s),
        fall,
        elapsed,
        heights,
        timer,
        np.full(timer.size, member),
        max_step_s,
    )


def launches_for_landings(
    grid: WindGrid,
    longitude: ArrayLike,
    latitude: ArrayLike,
    time_s: ArrayLike,
    fall: ItemFall,
    elapsed_s: ArrayLike,
    height_m: ArrayLike,
    timer_s: ArrayLike,
    member: ArrayLike,
    max_step_s: float = MAX_STEP_S,
) -> Launches:
    """Find the launch of each of many landings, each with a balloon, a timer and a wind of its own.

    Parameters
    ----------
    grid : WindGrid
    longitude, latitude, time_s : array_like
        The wanted landings, shape (n,) [degrees, epoch s].
    fall : ItemFall
    elapsed_s : array_like
        Times since the launch, shape (m,), from 0 on and rising [s].
    height_m : array_like
        Heights of each balloon at these times, shape (n, m) [m geopotential]; NaN after its end.
    timer_s : array_like
        When each lets go, shape (n,) [s after launch].
    member : array_like
        Ensemble member of each, shape (n,).
    max_step_s : float
        Longest integration step [s].

    Raises
    ------
    ArgumentError
        If the times do not rise.
    """
    elapsed, heights = np.asarray(elapsed_s, np.float64), np.asarray(height_m, np.float64)
    if elapsed.size < 2 or not bool((np.diff(elapsed) > 0.0).all()):
        raise ArgumentError(
            "the heights of the balloons are no profiles: two or more, at times that rise",
            "take them from the tracks of flights",
        )
    places = np.stack(
        [np.asarray(x, np.float64) for x in np.broadcast_arrays(longitude, latitude, time_s)]
    )
    timer, winds = np.asarray(timer_s, np.float64), np.asarray(member, np.int64)
    piece = np.clip(np.searchsorted(elapsed, timer, side="right") - 1, 0, elapsed.size - 2)
    row = np.arange(timer.size)
    part = (timer - elapsed[piece]) / (elapsed[piece + 1] - elapsed[piece])
    low, high = heights[row, piece], heights[row, piece + 1]
    wanted = np.where(part > 0.0, low + part * (high - low), low)
    outcome = np.full(timer.size, LaunchOutcome.NOT_ALOFT, np.int64)
    release, launch = np.full((timer.size, 4), np.nan), np.full((timer.size, 3), np.nan)
    aloft = np.flatnonzero(np.isfinite(wanted) & (timer >= elapsed[0]) & (timer <= elapsed[-1]))
    if aloft.size:
        risen = _raise_item(
            grid,
            places[0, aloft],
            places[1, aloft],
            places[2, aloft],
            fall,
            wanted[aloft],
            winds[aloft],
            max_step_s,
        )
        met = risen.reason[:, -1] == StageStop.HEIGHT
        outcome[aloft] = np.where(met, LaunchOutcome.FOUND, LaunchOutcome.ITEM_LEFT_DATA)
        aloft = aloft[met]
        release[aloft] = np.stack(
            [risen.longitude, risen.latitude, risen.height_m, risen.time_s], axis=2
        )[met, -1]
    if aloft.size:
        back = _lower_balloon(
            grid, release[aloft], timer[aloft], elapsed, heights[aloft], winds[aloft], max_step_s
        )
        home = back.reason[:, -1] == StageStop.TIME
        outcome[aloft[~home]] = LaunchOutcome.BALLOON_LEFT_DATA
        launch[aloft[home]] = np.stack([back.longitude, back.latitude, back.time_s], axis=2)[
            home, -1
        ]
    return Launches(
        timer,
        longitude=launch[:, 0],
        latitude=launch[:, 1],
        time_s=launch[:, 2],
        release_longitude=release[:, 0],
        release_latitude=release[:, 1],
        release_height_m=release[:, 2],
        release_time_s=release[:, 3],
        outcome=outcome,
    )


def fall_duration_s(
    fall: ItemFall, release_m: ArrayLike, ground_m: ArrayLike
) -> NDArray[np.float64]:
    """Return how long an item falls from its release to the ground in air that does not rise [s].

    Parameters
    ----------
    fall : ItemFall
    release_m, ground_m : array_like
        Heights, any common shape [m geopotential].
    """
    top, ground = (np.asarray(x, np.float64) for x in np.broadcast_arrays(release_m, ground_m))
    low, high = float(np.nanmin(ground)), float(np.nanmax(top))
    z = np.linspace(low, max(high, low + 1.0), _FALL_NODES)
    middle = 0.5 * (z[1:] + z[:-1])
    slow = -vertical_rate_ms(VerticalLaw.FALL, middle, fall.low_speed_ms, fall.exponent)
    fast = -vertical_rate_ms(VerticalLaw.FALL, middle, fall.high_speed_ms, fall.exponent)
    shut = -vertical_rate_ms(VerticalLaw.FALL, middle, fall.bundle_speed_ms)
    step = np.diff(z)
    opened_s = np.append(0.0, np.cumsum(step / np.where(middle < fall.switch_m, slow, fast)))
    bundle_s = np.append(0.0, np.cumsum(step / shut))
    at_top = np.interp(top, z, bundle_s)
    opening_s = np.minimum(fall.opening_s, at_top - np.interp(ground, z, bundle_s))
    opening_m = np.interp(at_top - opening_s, bundle_s, z)
    return np.asarray(
        opening_s + np.interp(opening_m, z, opened_s) - np.interp(ground, z, opened_s)
    )


def _ground_m(grid: WindGrid, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
    """Return the ground at places, any common shape [m geopotential]."""
    lon, lat = np.broadcast_arrays(longitude, latitude)
    found = [
        terrain_at(grid.arrays, float(x), float(y)) for x, y in zip(lon.flat, lat.flat, strict=True)
    ]
    return np.array(found, np.float64).reshape(lon.shape)


def _raise_item(
    grid: WindGrid,
    longitude: ArrayLike,
    latitude: ArrayLike,
    time_s: ArrayLike,
    fall: ItemFall,
    wanted_m: NDArray[np.float64],
    member: ArrayLike,
    max_step_s: float,
) -> Profiles:
    """Fly an item up from its landing to each wanted height.

    Where a bundle opens is known by time from the release, so from above: the height of the
    opening is corrected until the bundle takes ``opening_s`` from there to the release.
    """
    ground = _ground_m(grid, longitude, latitude)
    opening_m = wanted_m.copy()
    for _ in range(_OPENING_ROUNDS):
        stages = [
            Stage(
                VerticalLaw.FALL,
                fall.low_speed_ms,
                StageStop.HEIGHT,
                np.minimum(opening_m, fall.switch_m),
                fall.exponent,
            ),
            Stage(VerticalLaw.FALL, fall.high_speed_ms, StageStop.HEIGHT, opening_m, fall.exponent),
            Stage(VerticalLaw.FALL, fall.bundle_speed_ms, StageStop.HEIGHT, wanted_m),
        ]
        start = make_profiles(longitude, latitude, ground, time_s, stages, member)
        risen = fly_profiles(grid, start, direction=-1, max_step_s=max_step_s)
        late_s = np.nan_to_num(risen.time_s[:, 1] - risen.time_s[:, 2] - fall.opening_s)
        speed = -vertical_rate_ms(VerticalLaw.FALL, opening_m, fall.bundle_speed_ms)
        better_m = np.clip(opening_m + late_s * speed, ground, wanted_m)
        if fall.opening_s <= 0.0 or bool(
            (np.abs(better_m - opening_m) <= _OPENING_TOLERANCE_S * speed).all()
        ):
            break
        opening_m = better_m
    return risen


def _lower_balloon(
    grid: WindGrid,
    release: NDArray[np.float64],
    timer_s: NDArray[np.float64],
    elapsed_s: NDArray[np.float64],
    height_m: NDArray[np.float64],
    member: ArrayLike,
    max_step_s: float,
) -> Profiles:
    """Fly a balloon back along its heights from each release to its launch.

    ``height_m`` has shape (m,) or, with a profile for each, (n, m). Each piece of the profile is a
    stage that ends at the time of its start; pieces after the release end at once.
    """
    pieces = int(np.searchsorted(elapsed_s, timer_s.max(), side="left"))
    slope = np.nan_to_num(np.diff(height_m) / np.diff(elapsed_s))
    longitude, latitude, height, time = release.T
    stages = [
        Stage(VerticalLaw.TRACK, slope[..., k], StageStop.TIME, time - timer_s + elapsed_s[k])
        for k in range(max(pieces, 1) - 1, -1, -1)
    ]
    start = make_profiles(longitude, latitude, height, time, stages, member)
    return fly_profiles(grid, start, direction=-1, max_step_s=max_step_s)
