"""Where the balloons of a screen let go at every timer setting, and where they come down.

A balloon with one steady timer flies once, and its places at all settings are read off its track.
One with several releases is lighter after the first, and a timer that feels the cold depends on the
flight, so such balloons fly anew for every setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import CELL, TARGET, LandingRegions
from downwind.plan.fleet import ReleaseDraws
from downwind.plan.mission import BalloonGroup
from downwind.sim.flight import BalloonArrays, Flights, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.sim.track import interpolate_tracks
from downwind.sim.turbulence import Turbulence
from downwind.wind.grid import WindGrid

TRACK_S = 60.0
"""Spacing of the tracks [s]."""


@dataclass(frozen=True, slots=True)
class ScreenTask:
    """What all batches of a screen share; ``timers`` has an entry for each setting tried."""

    grid: WindGrid
    group: BalloonGroup
    regions: LandingRegions
    steps: Steps
    timers: tuple[ReleaseDraws, ...]
    track_rows: int
    turbulence: Turbulence
    seed: int


@dataclass(frozen=True, slots=True)
class TimedReleases:
    """Where some flights let go at each timer setting; arrays of shape (releases, flights, t).

    Where a release did not act, the place is that of the launch, and what hangs on it comes down
    with the balloon: ``kept``, shape (regions + 1, flights, t), is 1 where that is inside a
    region, and last where it leaves the data, else 0. ``draw`` has shape (flights,), ``down``
    (flights, t).
    """

    draw: NDArray[np.int64]
    released: NDArray[np.bool_]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    kept: NDArray[np.float64]
    down: NDArray[np.bool_]


def fly_once(task: ScreenTask, balloons: BalloonArrays, some: slice) -> TimedReleases:
    """Fly some of the flights with one steady timer, which leaves each track at every setting.

    Row i is of draw i modulo the number of draws.
    """
    draw = np.arange(some.start, some.stop) % task.timers[0].failure.shape[0]
    fire = np.stack([timers.reading_s[draw, 0] for timers in task.timers], axis=1)
    # a load that surely leaves the balloon while the track lasts needs no landing of the balloon
    track_end_s = (task.track_rows - 1) * TRACK_S
    stays = task.timers[0].keeps[draw]
    column = (draw.size, 1)
    flown = balloons._replace(
        drop_kg=balloons.load_kg[:, None],
        drop_drag_area_m2=np.zeros(column),
        fire_s=np.where(stays, np.inf, track_end_s)[:, None],
        clock_halving_k=np.full(column, np.inf),
        clock_reference_k=np.full(column, 288.15),
        clock_slow_below_k=np.full(column, -np.inf),
        clock_slow_rate=np.ones(column),
    )
    flights = fly_balloons(task.grid, flown, task.steps.balloon_s, TRACK_S, task.track_rows)
    end_s = flights.end_time_s - flown.time_s
    released = fire < end_s[:, None]
    elapsed = np.where(released, fire, 0.0)
    longitude, latitude, height_m = interpolate_tracks(flights, elapsed, end_s)
    kept, left = _keep(task, flights)
    return TimedReleases(
        draw=draw,
        released=released[None],
        longitude=longitude[None],
        latitude=latitude[None],
        height_m=height_m[None],
        time_s=(flown.time_s[:, None] + elapsed)[None],
        kept=np.broadcast_to(kept[:, :, None], (*kept.shape, fire.shape[1])),
        down=~released & (fire < np.inf) & ~left[:, None],
    )


def fly_each(task: ScreenTask, balloons: BalloonArrays, some: slice) -> TimedReleases:
    """Fly some of the flights with their releases, anew for every setting."""
    draw = np.arange(some.start, some.stop) % task.timers[0].failure.shape[0]
    count, settings = draw.size, len(task.timers)
    repeated = BalloonArrays._make(np.repeat(column, settings, axis=0) for column in balloons)

    def each(name: str) -> NDArray[np.float64]:
        stacked = np.stack([getattr(timers, name)[draw] for timers in task.timers], axis=1)
        return np.ascontiguousarray(stacked.reshape(count * settings, -1))

    flown = repeated._replace(fire_s=each("reading_s"), clock_slow_rate=each("slow_rate"))
    flights = fly_balloons(task.grid, flown, task.steps.balloon_s)
    released = flights.released
    start = (flown.longitude, flown.latitude, flown.height_m, flown.time_s)
    found = (
        flights.release_longitude,
        flights.release_latitude,
        flights.release_height_m,
        flights.release_time_s,
    )

    def axes(values: NDArray[Any]) -> NDArray[Any]:
        return np.moveaxis(values.reshape(count, settings, -1), 2, 0)

    place = [axes(np.where(released, x, y[:, None])) for x, y in zip(found, start, strict=True)]
    kept, left = _keep(task, flights)
    let_go = axes(released)
    wanted = axes(np.isfinite(flown.fire_s))
    return TimedReleases(
        draw,
        let_go,
        place[0],
        place[1],
        place[2],
        place[3],
        kept=kept.reshape(-1, count, settings),
        down=(wanted & ~let_go)[0] & ~left.reshape(count, settings),
    )


def _keep(task: ScreenTask, flights: Flights) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return in which regions balloons come down, and which leave the data.

    The first has shape (regions + 1, n); its last row is the second, of shape (n,).
    """
    inside = task.regions.classify(flights.end_longitude, flights.end_latitude)
    left = flights.reason == StopRule.LEFT_DATA
    kept = [
        np.zeros(left.size) if n == TARGET or n.startswith(CELL) else (m & ~left) * 1.0
        for n, m in inside.items()
    ]
    return np.array([*kept, left * 1.0]), left
