"""Fly balloons: a flight is a tuple of (stage, stop rule), coded as arrays for the kernel.

Every stage also ends on the ground and at the edge of the data; there the flight ends. A stage
that ends by its timer hands over to the next, lighter by what it dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downwind.sim import kernels as ends
from downwind.sim.film import kernels
from downwind.wind.grid import WindGrid


class StopRule(IntEnum):
    """How a stage of a flight ended."""

    NOT_REACHED = 0
    GROUND = ends.GROUND
    LEFT_DATA = ends.LEFT_DATA
    TIMER = ends.TIMER


class FilmArrays(NamedTuple):
    """Film tubes to fly, one row a flight, as the kernel takes them.

    ``carried_kg`` and ``stop_s`` have shape (n, stages): the load of each stage [kg], and when
    its timer ends it [s after launch, infinity for never]. A flight whose last stage ends by timer
    is not followed further. All other columns have shape (n,).
    """

    member: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    gas_kg: NDArray[np.float64]
    gas_constant: NDArray[np.float64]
    volume_m3: NDArray[np.float64]
    drag_area_m2: NDArray[np.float64]
    kappa: NDArray[np.float64]
    superheat_k: NDArray[np.float64]
    relaxation_s: NDArray[np.float64]
    leak_1s: NDArray[np.float64]
    envelope_kg: NDArray[np.float64]
    carried_kg: NDArray[np.float64]
    stop_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flights:
    """Flown balloons: each stage's end and its reason, and tracks where asked for.

    Attributes
    ----------
    time_s, longitude, latitude, height_m, gas_kg, gas_k : numpy.ndarray
        State at the end of each stage, shape (n, stages); NaN for stages not reached.
    reason : numpy.ndarray
        A ``StopRule`` for each stage, shape (n, stages).
    track : numpy.ndarray
        Longitude, latitude, height [m] every ``record_s`` from launch, shape (n, rows, 3); the
        last row that is not NaN is the end of the flight. Rows may be 0.
    record_s : float
        Spacing of the track [s].
    """

    time_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    gas_kg: NDArray[np.float64]
    gas_k: NDArray[np.float64]
    reason: NDArray[np.int64]
    track: NDArray[np.float64]
    record_s: float

    @property
    def last_stage(self) -> NDArray[np.int64]:
        """Index of the stage in which each flight ended, shape (n,)."""
        return np.asarray((self.reason > 0).sum(axis=1) - 1)


def fly_balloons(
    grid: WindGrid,
    films: FilmArrays,
    max_step_s: float,
    record_s: float = 60.0,
    record_rows: int = 0,
) -> Flights:
    """Fly film tubes to their ends.

    Parameters
    ----------
    grid : WindGrid
    films : FilmArrays
    max_step_s : float
        Longest integration step [s].
    record_s : float
        Spacing of the tracks [s].
    record_rows : int
        Rows of each track; a longer flight is not recorded further.
    """
    count, stages = films.stop_s.shape
    ends, reason, track = kernels.blank_results(count, stages, record_rows)
    if count:
        kernels.fly_films(grid.arrays, films, max_step_s, record_s, ends, reason, track)
    time_s, longitude, latitude, height_m, gas_kg, gas_k = np.moveaxis(ends, 2, 0)
    return Flights(time_s, longitude, latitude, height_m, gas_kg, gas_k, reason, track, record_s)
