"""Fly balloons: tubes and latex, with their releases, to the ground or the edge of the data.

A flight is launched, lets go what its timers let go, may burst, and ends on the ground, at the edge
of the data or, where it is not followed further, at its last release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError
from downwind.sim import kernels as ends
from downwind.sim.balloon import kernels
from downwind.vehicle.envelope import Envelope
from downwind.wind.grid import WindGrid


class StopRule(IntEnum):
    """How a flight ended."""

    GROUND = ends.GROUND
    LEFT_DATA = ends.LEFT_DATA
    RELEASED = kernels.RELEASED


class BalloonArrays(NamedTuple):
    """Balloons to fly, one row a flight, as the kernel takes them.

    Columns of shape (n,), but those from ``drop_kg`` to ``clock_slow_rate``, one column a release,
    of shape (n, releases).

    Attributes
    ----------
    member : numpy.ndarray
        Member of the wind, from 0.
    longitude, latitude, height_m, time_s : numpy.ndarray
        Launch [degrees], [degrees], [m, geopotential], [epoch s].
    gas_kg, gas_constant : numpy.ndarray
        Gas [kg], and the gas constant of it [J kg-1 K-1].
    shape : numpy.ndarray
        An ``Envelope``.
    volume_m3 : numpy.ndarray
        Volume of the full tube, or at which a latex balloon bursts [m3].
    area_m2 : numpy.ndarray
        Frontal area of a tube, pi D^2 / 4 [m2]; a latex balloon has that of a sphere of its gas.
    drag_high, drag_low, reynolds_start, reynolds_width : numpy.ndarray
        Drag coefficient below a Reynolds number, and above a linear ramp that starts there [-].
        The Reynolds number is that of the diameter 2 sqrt(A / pi).
    strength_pa : numpy.ndarray
        Overpressure at which a sealed tube bursts [Pa].
    kappa, superheat_k, relaxation_s : numpy.ndarray
        R / c_p of the gas [-], its rest temperature above the air's [K], and in what time it goes
        there [s]; 0 for at once.
    leak_1s : numpy.ndarray
        Share of the gas that is lost in a second [s-1].
    envelope_kg, load_kg : numpy.ndarray
        Envelope, and whole load at launch [kg].
    remains_drag_area_m2 : numpy.ndarray
        Drag coefficient times area of what comes down after a burst, whole load included [m2].
    follow : numpy.ndarray
        Fly on after every release has acted; else the flight ends at the last of them. A flight
        without a release, or with one that never acts, goes on in any case.
    drop_kg, drop_drag_area_m2 : numpy.ndarray
        What each release lets go [kg], and the drag area that goes with it [m2].
    fire_s : numpy.ndarray
        Reading of the release's own clock at which it acts [s]; infinity for never.
    clock_halving_k, clock_reference_k : numpy.ndarray
        A clock goes at the rate 2^((T - reference) / halving) [K]; infinite halving: 1.
    clock_slow_below_k, clock_slow_rate : numpy.ndarray
        Below this temperature [K] the rate is multiplied by this factor [-], 0 where the clock
        stops; minus infinity: never.
    air_offset_k : numpy.ndarray
        Temperature of the air that the timers feel, above the standard atmosphere's [K].
    """

    member: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    gas_kg: NDArray[np.float64]
    gas_constant: NDArray[np.float64]
    shape: NDArray[np.int64]
    volume_m3: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    drag_high: NDArray[np.float64]
    drag_low: NDArray[np.float64]
    reynolds_start: NDArray[np.float64]
    reynolds_width: NDArray[np.float64]
    strength_pa: NDArray[np.float64]
    kappa: NDArray[np.float64]
    superheat_k: NDArray[np.float64]
    relaxation_s: NDArray[np.float64]
    leak_1s: NDArray[np.float64]
    envelope_kg: NDArray[np.float64]
    remains_drag_area_m2: NDArray[np.float64]
    load_kg: NDArray[np.float64]
    follow: NDArray[np.bool_]
    drop_kg: NDArray[np.float64]
    drop_drag_area_m2: NDArray[np.float64]
    fire_s: NDArray[np.float64]
    clock_halving_k: NDArray[np.float64]
    clock_reference_k: NDArray[np.float64]
    clock_slow_below_k: NDArray[np.float64]
    clock_slow_rate: NDArray[np.float64]
    air_offset_k: NDArray[np.float64]


_TYPES: Final = {"member": np.int64, "shape": np.int64, "follow": np.bool_}
_OF_RELEASES: Final = frozenset(
    {
        "drop_kg",
        "drop_drag_area_m2",
        "fire_s",
        "clock_halving_k",
        "clock_reference_k",
        "clock_slow_below_k",
        "clock_slow_rate",
    }
)


_MAY_BE_INFINITE: Final = frozenset(
    {"fire_s", "clock_halving_k", "clock_slow_below_k", "reynolds_start", "strength_pa"}
)
_ABOVE_ZERO: Final = frozenset(
    {
        "gas_constant",
        "volume_m3",
        "drag_high",
        "drag_low",
        "remains_drag_area_m2",
        "clock_reference_k",
    }
)
_NOT_BELOW_ZERO: Final = frozenset(
    {
        "gas_kg",
        "relaxation_s",
        "leak_1s",
        "envelope_kg",
        "load_kg",
        "drop_kg",
        "drop_drag_area_m2",
        "fire_s",
        "clock_slow_rate",
        "reynolds_width",
    }
)
_SAME_KG: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Flights:
    """Flown balloons: their releases, bursts and ends, and tracks where asked for.

    Attributes
    ----------
    release_time_s, release_longitude, release_latitude, release_height_m : numpy.ndarray
        When and where each release acted, shape (n, releases) [epoch s], [degrees], [degrees],
        [m, geopotential]; NaN where it did not.
    release_gas_kg, release_gas_k : numpy.ndarray
        Gas then [kg] and its temperature [K], shape (n, releases); 0 and NaN after a burst.
    end_time_s, end_longitude, end_latitude, end_height_m, end_gas_kg, end_gas_k : numpy.ndarray
        The same at the end of the flight, shape (n,).
    end_rise_ms : numpy.ndarray
        Vertical speed over ground at the end, with what is carried then, down negative, shape (n,)
        [m s-1].
    reason : numpy.ndarray
        A ``StopRule``, shape (n,).
    burst_time_s, burst_longitude, burst_latitude, burst_height_m : numpy.ndarray
        When and where it burst, shape (n,); NaN where it did not.
    track : numpy.ndarray
        Longitude, latitude, height [m] every ``record_s`` from launch, shape (n, rows, 3); the
        last row that is not NaN is the end of the flight. Rows may be 0.
    record_s : float
        Spacing of the track [s].
    """

    release_time_s: NDArray[np.float64]
    release_longitude: NDArray[np.float64]
    release_latitude: NDArray[np.float64]
    release_height_m: NDArray[np.float64]
    release_gas_kg: NDArray[np.float64]
    release_gas_k: NDArray[np.float64]
    end_time_s: NDArray[np.float64]
    end_longitude: NDArray[np.float64]
    end_latitude: NDArray[np.float64]
    end_height_m: NDArray[np.float64]
    end_gas_kg: NDArray[np.float64]
    end_gas_k: NDArray[np.float64]
    end_rise_ms: NDArray[np.float64]
    reason: NDArray[np.int64]
    burst_time_s: NDArray[np.float64]
    burst_longitude: NDArray[np.float64]
    burst_latitude: NDArray[np.float64]
    burst_height_m: NDArray[np.float64]
    track: NDArray[np.float64]
    record_s: float

    @property
    def released(self) -> NDArray[np.bool_]:
        """Whether each release acted, shape (n, releases)."""
        return np.isfinite(self.release_time_s)

    @property
    def has_burst(self) -> NDArray[np.bool_]:
        """Whether each balloon burst, shape (n,)."""
        return np.isfinite(self.burst_time_s)


def fly_balloons(
    grid: WindGrid,
    balloons: BalloonArrays,
    max_step_s: float,
    record_s: float = 60.0,
    record_rows: int = 0,
) -> Flights:
    """Fly balloons to their ends.

    Parameters
    ----------
    grid : WindGrid
    balloons : BalloonArrays
    max_step_s : float
        Longest integration step [s].
    record_s : float
        Spacing of the tracks [s].
    record_rows : int
        Rows of each track; a longer flight is not recorded further.

    Raises
    ------
    ArgumentError
        If a column has not the shape of the others, a value cannot be (it is named with its row),
        a balloon flies in a member that the wind does not have, or a step or a spacing is not
        above 0.
    """
    for name, seconds in (("longest step", max_step_s), ("spacing of the tracks", record_s)):
        if not 0.0 < seconds < np.inf:
            raise ArgumentError(f"the {name} is {seconds} s", "give a time above 0")
    columns = _check(grid, balloons)
    count, releases = columns.fire_s.shape
    release = np.full((count, releases, 6), np.nan)
    end, burst = np.full((count, 7), np.nan), np.full((count, 4), np.nan)
    reason = np.zeros(count, np.int64)
    track = np.full((count, record_rows, 3), np.nan)
    if count:
        readings = np.zeros((count, releases))
        kernels.fly_balloons(
            grid.arrays, columns, max_step_s, record_s, readings, release, end, burst, reason, track
        )
    return Flights(
        release_time_s=release[:, :, 0],
        release_longitude=release[:, :, 1],
        release_latitude=release[:, :, 2],
        release_height_m=release[:, :, 3],
        release_gas_kg=release[:, :, 4],
        release_gas_k=release[:, :, 5],
        end_time_s=end[:, 0],
        end_longitude=end[:, 1],
        end_latitude=end[:, 2],
        end_height_m=end[:, 3],
        end_gas_kg=end[:, 4],
        end_gas_k=end[:, 5],
        end_rise_ms=end[:, 6],
        reason=reason,
        burst_time_s=burst[:, 0],
        burst_longitude=burst[:, 1],
        burst_latitude=burst[:, 2],
        burst_height_m=burst[:, 3],
        track=track,
        record_s=record_s,
    )


def _check(grid: WindGrid, balloons: BalloonArrays) -> BalloonArrays:
    """Return the columns as the kernel takes them, or refuse them."""
    columns = BalloonArrays._make(
        np.ascontiguousarray(column, _TYPES.get(name, np.float64))
        for name, column in zip(BalloonArrays._fields, balloons, strict=True)
    )
    alone, many = (columns.member.size,), columns.fire_s.shape
    for name, column in zip(BalloonArrays._fields, columns, strict=True):
        wanted = many if name in _OF_RELEASES else alone
        if column.shape != wanted or wanted[:1] != alone:
            raise ArgumentError(
                f"column {name} of the balloons has shape {column.shape}, not {wanted}",
                "give every column one row a flight, and those of the releases one column each",
            )
    if columns.member.min(initial=0) < 0 or columns.member.max(initial=0) >= grid.member_count:
        raise ArgumentError(
            f"balloons fly in members {columns.member.min()} to {columns.member.max()}, but the "
            f"wind has {grid.member_count}, from 0",
            "take the member modulo their number",
        )
    for name, column in zip(BalloonArrays._fields, columns, strict=True):
        values = np.asarray(column, np.float64)
        wrong = np.isnan(values) if name in _MAY_BE_INFINITE else ~np.isfinite(values)
        if name in _ABOVE_ZERO:
            wrong |= values <= 0.0
        elif name in _NOT_BELOW_ZERO:
            wrong |= values < 0.0
        elif name == "shape":
            wrong |= ~np.isin(values, [int(e) for e in Envelope])
        _refuse(name, column, wrong)
    shed_kg = columns.drop_kg.sum(axis=1)
    _refuse("drop_kg", shed_kg, shed_kg > columns.load_kg * (1.0 + _SAME_KG) + _SAME_KG)
    return columns


def _refuse(name: str, column: NDArray[Any], wrong: NDArray[np.bool_]) -> None:
    """Raise ArgumentError with the first value that cannot be, if there is any."""
    if wrong.any():
        where = np.argwhere(wrong)[0]
        raise ArgumentError(
            f"column {name} of the balloons has {column[tuple(where)]} in row {where[0]}",
            "see BalloonArrays for what each column holds",
        )
