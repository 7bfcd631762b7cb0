"""Fly the first balloon of each group once, all that is uncertain at its median, in one wind.

What two such flights differ by in two winds is the difference of the winds alone: there is no
luck, no turbulence and no failure in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import MissionError
from downwind.plan.fleet import (
    Setting,
    bundle_speeds_ms,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
    own_free_lift,
)
from downwind.plan.mission import Mission
from downwind.plan.solve import check_coverage
from downwind.sim.draws import Cause, Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import fly_balloons
from downwind.sim.steps import BALLOON_REFERENCE_S, ITEM_REFERENCE_S
from downwind.wind.grid import WindGrid

FloatArray = NDArray[np.float64]

RECORD_S: Final = 60.0
"""Spacing of the tracks [s]."""

_TRACK_ROWS: Final = 24 * 60 + 1


@dataclass(frozen=True, slots=True)
class MedianDraws(Draws):
    """Numbers that are no draws: each quantity is at its median, in every draw."""

    def uniform(
        self,
        cause: Cause,
        draw: ArrayLike,
        balloon: ArrayLike = 0,
        item: ArrayLike = 0,
        label: str = "",
    ) -> FloatArray:
        """Return 0.5 throughout, of the shape that ``Draws.uniform`` returns."""
        del cause, label
        return np.full(np.broadcast_shapes(*map(np.shape, (draw, balloon, item))), 0.5)

    def shared_uniform(self, cause: Cause, draw: NDArray[np.int64], label: str = "") -> FloatArray:
        """Return 0.5 for each draw, shape (n,)."""
        return self.uniform(cause, draw, label=label)


@dataclass(frozen=True, slots=True)
class NominalLanding:
    """Where an item of the middle of its kind comes down.

    Attributes
    ----------
    kind : str
        Name of the item.
    release : int
        Index of its release.
    time_s : float
        When it ends [s since 1970]; NaN where it was not let go.
    longitude, latitude : float
        Where [degrees]; NaN alike.
    on_ground : bool
        Whether it came down inside the data.
    """

    kind: str
    release: int
    time_s: float
    longitude: float
    latitude: float
    on_ground: bool


@dataclass(frozen=True, slots=True, eq=False)
class NominalFlight:
    """The first balloon of a group in one wind.

    Attributes
    ----------
    group : str
    launch_s : float
        [s since 1970].
    track : numpy.ndarray
        Longitude, latitude [degrees] and height [m, geopotential] every ``RECORD_S`` from the
        launch, then the end, shape (rows, 3).
    track_s : numpy.ndarray
        Time since the launch of each row, shape (rows,) [s].
    release_s, release_longitude, release_latitude, release_height_m : numpy.ndarray
        When and where each release acts, shape (releases,); NaN where it does not.
    landings : tuple of NominalLanding
        One for each kind of item on each release.
    """

    group: str
    launch_s: float
    track: FloatArray
    track_s: FloatArray
    release_s: FloatArray
    release_longitude: FloatArray
    release_latitude: FloatArray
    release_height_m: FloatArray
    landings: tuple[NominalLanding, ...]


def fly_nominal(mission: Mission, grid: WindGrid) -> tuple[NominalFlight, ...]:
    """Fly the first balloon of each group as the mission sets it, in the wind of the data.

    From its first site, at its first launch time, with its own fill and timer setting, to the last
    release; then an item of the middle of each kind.

    Raises
    ------
    MissionError
        If a group has no timer setting.
    WindCoverageError
        If the wind does not hold the site, the hours or the heights.
    TimerError
        If a timer setting reaches past the data.
    """
    missing = [i for i, group in enumerate(mission.groups) if group.timer_setting_s is None]
    if missing:
        raise MissionError(
            "the mission gives no timer setting for " + ", ".join(f"balloon[{i}]" for i in missing),
            'add timer_setting = "60 min" to each [[balloon]]: a flight ends at its releases',
            tuple((f"balloon[{i}].timer_setting", "missing") for i in missing),
        )
    start = mission.launch_times_s[0]
    latest = max(float(g.timer_setting_s or 0.0) + g.last_after_s for g in mission.groups)
    check_coverage(mission, grid, (start,), latest)
    as_it_is = grid.without_error()
    return tuple(_fly_group(mission, g, as_it_is, start) for g in range(len(mission.groups)))


def _fly_group(mission: Mission, g: int, grid: WindGrid, start_s: int) -> NominalFlight:
    group, site, draws = mission.groups[g], mission.sites[0], MedianDraws(mission.seed)
    timer_s = float(group.timer_setting_s or 0.0)
    setting = Setting(site, start_s, own_free_lift(mission, group, site, grid), timer_s)
    first = np.zeros(1, np.int64)
    releases = draw_releases(mission, group, draws, timer_s, first, first)
    balloons = draw_balloons(mission, g, draws, grid, setting, first, first, releases)
    flown = fly_balloons(grid, balloons, BALLOON_REFERENCE_S, RECORD_S, _TRACK_ROWS)
    track = flown.track[0][np.isfinite(flown.track[0, :, 0])]
    launch_s = float(balloons.time_s[0])
    duration = float(flown.end_time_s[0]) - launch_s
    landings = []
    for lot in mission.lots_of(g):
        let_go = flown.released[0, lot.release]
        if not let_go:
            landings.append(
                NominalLanding(lot.kind.name, lot.release, np.nan, np.nan, np.nan, False)
            )
            continue
        falls = draw_falls(draws, lot.kind, first, np.zeros(1), np.full(1, 0.5))
        at = (slice(None), lot.release)
        fall = drop_items(
            grid,
            ItemArrays(
                first,
                flown.release_longitude[at],
                flown.release_latitude[at],
                flown.release_height_m[at],
                flown.release_time_s[at],
                bundle_speeds_ms(group, lot.part)[:1],
                draw_opening_s(mission, draws, lot.kind, first),
                falls.low_speed_ms,
                falls.high_speed_ms,
                falls.exponent,
                falls.switch_m,
            ),
            ITEM_REFERENCE_S,
            "plain",
        )
        landings.append(
            NominalLanding(
                kind=lot.kind.name,
                release=lot.release,
                time_s=float(fall.time_s[0]),
                longitude=float(fall.longitude[0]),
                latitude=float(fall.latitude[0]),
                on_ground=bool(fall.on_ground[0]),
            )
        )
    return NominalFlight(
        group=group.name,
        launch_s=launch_s,
        track=track,
        track_s=np.minimum(np.arange(len(track)) * RECORD_S, duration),
        release_s=flown.release_time_s[0],
        release_longitude=flown.release_longitude[0],
        release_latitude=flown.release_latitude[0],
        release_height_m=flown.release_height_m[0],
        landings=tuple(landings),
    )
