"""Fly along prescribed vertical profiles: a flight is a chain of (vertical law, stop rule).

Laws and rules are coded as arrays, one row a flight and one column a stage. Every stage also ends
at the ground when it goes down and at the edge of the data; there the flight ends. Two ways to
fly a chain: `fly_profiles` on the height grid, with steps split where the wind bends, forward or
backward in time, and `downwind.sim.profile.tawhiri`, which does as Tawhiri does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.sim.kernels import GROUND, LEFT_DATA
from downwind.sim.profile import kernels
from downwind.wind.grid import WindGrid

MAX_STEP_S: Final = 60.0
"""Longest integration step [s], unless the caller names another."""


class VerticalLaw(IntEnum):
    """How the height changes in a stage.

    ``CLIMB`` at a constant rate, negative to sink; ``FLOAT`` at one height; ``FALL`` at
    ``v0 (rho0/rho)^n`` in the standard atmosphere; ``TAWHIRI_DESCENT`` by Tawhiri's drag law and
    density; ``TRACK`` as CLIMB, but the ground does not end it: for heights that were measured
    or computed before. What falls is carried by vertical wind where there is one; the heights of
    the other laws are prescribed.
    """

    CLIMB = kernels.CLIMB
    FLOAT = kernels.FLOAT
    FALL = kernels.FALL
    TAWHIRI_DESCENT = kernels.TAWHIRI_DESCENT
    TRACK = kernels.TRACK


class StageStop(IntEnum):
    """What ends a stage, as a rule or as what happened; only the first three are rules."""

    GROUND = GROUND
    TIME = kernels.TIME
    HEIGHT = kernels.HEIGHT
    LEFT_DATA = LEFT_DATA
    NOT_REACHED = 0


class ProfileArrays(NamedTuple):
    """Flights along profiles, as the kernels take them.

    ``longitude``, ``latitude`` [degrees], ``height_m`` [m] and ``time_s`` [epoch s] of the start
    have shape (n,); heights are geopotential, save in Tawhiri's way, which takes altitudes for
    them. ``member`` has shape (n,) or shorter, and then flight i takes entry i modulo its length.
    The other columns have shape (n, stages) or (k, stages), and flight i takes row i modulo k: the
    ``law``, its ``rate_ms`` (of FALL and TAWHIRI_DESCENT the speed at sea level, positive) and
    ``exponent``, the rule ``stop`` and its ``limit`` [m or epoch s].
    """

    member: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    law: NDArray[np.int64]
    rate_ms: NDArray[np.float64]
    exponent: NDArray[np.float64]
    stop: NDArray[np.int64]
    limit: NDArray[np.float64]


class Stage(NamedTuple):
    """One stage of a chain; each number may be an array of shape (n,), one entry a flight.

    Attributes
    ----------
    law : VerticalLaw
    rate_ms : array_like
        [m s-1]; not used by FLOAT.
    stop : StageStop
        HEIGHT, TIME or GROUND.
    limit : array_like
        Height [m] or time [epoch s]; not used by GROUND.
    exponent : array_like
        Of FALL [-].
    """

    law: VerticalLaw
    rate_ms: ArrayLike = 0.0
    stop: StageStop = StageStop.GROUND
    limit: ArrayLike = np.nan
    exponent: ArrayLike = 0.5


@dataclass(frozen=True, slots=True)
class Profiles:
    """Flown profiles: each stage's end and its reason, and tracks where asked for.

    Attributes
    ----------
    time_s, longitude, latitude, height_m : numpy.ndarray
        State at the end of each stage, shape (n, stages) [epoch s, degrees, m]; longitude in
        [-180, 180); NaN for stages not reached.
    reason : numpy.ndarray
        A ``StageStop`` for each stage, shape (n, stages).
    track : numpy.ndarray
        Time [epoch s], longitude, latitude [degrees], height [m], shape (n, rows, 4); NaN after
        the end of the flight. Rows may be 0.
    """

    time_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    reason: NDArray[np.int64]
    track: NDArray[np.float64]

    @property
    def last_stage(self) -> NDArray[np.int64]:
        """Index of the stage in which each flight ended, shape (n,)."""
        return np.asarray((self.reason > 0).sum(axis=1) - 1)


def make_profiles(
    longitude: ArrayLike,
    latitude: ArrayLike,
    height_m: ArrayLike,
    time_s: ArrayLike,
    stages: Sequence[Stage],
    member: ArrayLike = 0,
) -> ProfileArrays:
    """Lay out starts and a chain of stages for the kernels.

    Parameters
    ----------
    longitude, latitude, height_m, time_s : array_like
        Starts, shape (n,) or a number for all [degrees, m, epoch s].
    stages : sequence of Stage
        The chain.
    member : array_like
        Ensemble member of each flight, shape (n,) or a number for all.

    Raises
    ------
    ArgumentError
        If there is no stage, a start is not a number, a rule is none, or a stage that holds its
        height shall end at one.
    """
    numbers = [np.asarray(a, np.float64) for a in (longitude, latitude, height_m, time_s)]
    columns = [np.asarray(a, np.float64) for s in stages for a in (s.rate_ms, s.exponent, s.limit)]
    count = np.broadcast_shapes(*(a.shape for a in (*numbers, *columns)), (1,))[0]
    if not stages:
        raise ArgumentError("a flight needs at least one stage", "name a law and what ends it")
    for number, stage in enumerate(stages, start=1):
        _check_stage(number, stage)
    if not all(np.isfinite(a).all() for a in numbers):
        raise ArgumentError(
            "a flight starts at a place or time that is not a number", "give finite starts"
        )

    def column(values: ArrayLike) -> NDArray[np.float64]:
        return np.broadcast_to(np.asarray(values, np.float64), (count,)).copy()

    return ProfileArrays(
        np.atleast_1d(np.asarray(member, np.int64)),
        column(longitude),
        column(latitude),
        column(height_m),
        column(time_s),
        np.array([[int(s.law) for s in stages]], np.int64).repeat(count, axis=0),
        np.stack([column(s.rate_ms) for s in stages], axis=1),
        np.stack([column(s.exponent) for s in stages], axis=1),
        np.array([[int(s.stop) for s in stages]], np.int64).repeat(count, axis=0),
        np.stack([column(s.limit) for s in stages], axis=1),
    )


def fly_profiles(
    grid: WindGrid,
    profiles: ProfileArrays,
    direction: int = 1,
    max_step_s: float = MAX_STEP_S,
    record_s: float = 60.0,
    record_rows: int = 0,
    aloft: bool = False,
) -> Profiles:
    """Fly profiles through the wind on its height grid.

    Parameters
    ----------
    grid : WindGrid
    profiles : ProfileArrays
    direction : int
        1 forward in time, -1 backward: a balloon that climbs then comes down, to its launch.
    max_step_s : float
        Longest integration step [s].
    record_s : float
        Spacing of the tracks from the start [s]; their last row is the end of the flight.
    record_rows : int
        Rows of each track; a longer flight is not recorded further.
    aloft : bool
        Whether degrees are measured on the sphere through the flight, of 6,371 km and its height,
        rather than on that of 6,371 km on which all other things of this package move.

    Raises
    ------
    ArgumentError
        If the direction is neither 1 nor -1.
    """
    check_direction(direction)
    ends, reason, track = blank_results(profiles, record_rows)
    if reason.size:
        kernels.fly_profiles(
            grid.arrays,
            profiles,
            float(direction),
            aloft,
            max_step_s,
            record_s,
            ends,
            reason,
            track,
        )
    return make_results(ends, reason, track)


def vertical_rate_ms(
    law: VerticalLaw, height_m: ArrayLike, rate_ms: float = 0.0, exponent: float = 0.5
) -> NDArray[np.float64]:
    """Return the rise [m s-1] of a law at heights, any shape [m], in air that does not rise."""
    heights = np.asarray(height_m, np.float64)
    out = np.empty(heights.size)
    kernels.fill_rates(int(law), rate_ms, exponent, np.ascontiguousarray(heights.ravel()), out)
    return out.reshape(heights.shape)


def check_direction(direction: int) -> None:
    """Raise ArgumentError unless a direction of time is 1 or -1."""
    if direction not in (1, -1):
        raise ArgumentError(f"a direction of {direction} is none", "use 1, or -1 for backwards")


def blank_results(
    profiles: ProfileArrays, rows: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the arrays of ends, reasons and tracks, filled as the kernels expect them."""
    count, stages = profiles.longitude.size, profiles.law.shape[1]
    return (
        np.full((count, stages, 5), np.nan),
        np.zeros((count, stages), np.int64),
        np.full((count, rows, 4), np.nan),
    )


def make_results(
    ends: NDArray[np.float64], reason: NDArray[np.int64], track: NDArray[np.float64]
) -> Profiles:
    """Give names to what the kernels wrote."""
    return Profiles(ends[:, :, 0], ends[:, :, 1], ends[:, :, 2], ends[:, :, 3], reason, track)


def _check_stage(number: int, stage: Stage) -> None:
    if stage.stop not in (StageStop.HEIGHT, StageStop.TIME, StageStop.GROUND):
        raise ArgumentError(
            f"stage {number} shall end by {stage.stop.name}, which is no rule",
            "use HEIGHT, TIME or GROUND",
        )
    rates = np.asarray(stage.rate_ms, np.float64)
    still = stage.law is VerticalLaw.FLOAT or bool(np.any(rates == 0.0))
    if still and stage.stop is not StageStop.TIME:
        raise ArgumentError(
            f"stage {number} holds its height and shall end by {stage.stop.name}",
            "end it by TIME, or give it a rate",
        )
    if stage.law in (VerticalLaw.FALL, VerticalLaw.TAWHIRI_DESCENT) and bool(np.any(rates < 0.0)):
        raise ArgumentError(
            f"stage {number} falls at a negative speed",
            "give the speed at sea level as a positive number",
        )
