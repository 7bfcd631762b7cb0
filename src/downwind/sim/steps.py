"""Choose integration steps by measured error, not by habit.

A sample is flown with a fine step, by the plain kernel, and with shorter and shorter ones; the
longest whose greatest error stays within the tolerance is taken, and the error is printed with the
results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.geo.sphere import distance_m
from downwind.sim.drop import Engine, ItemArrays, drop_items
from downwind.sim.flight import BalloonArrays, Flights, fly_balloons
from downwind.wind.grid import WindGrid

ITEM_STEPS_S: Final = (1_200.0, 900.0, 600.0, 400.0, 300.0, 200.0, 100.0, 60.0, 30.0)
ITEM_REFERENCE_S: Final = 5.0
ITEM_TOLERANCE_M: Final = 0.5
ITEM_ERROR_STEP_S: Final = 600.0
"""Longest step in a wind with errors of its own [s]: a third of the shortest time over which they
stay alike. The error is read once a step, which widens the variance of the unresolved part by 1 %
at this length and by 4 % at twice it."""
BALLOON_STEPS_S: Final = (60.0, 30.0, 20.0, 10.0, 5.0)
BALLOON_REFERENCE_S: Final = 2.0
BALLOON_TOLERANCE_M: Final = 10.0
HEIGHT_TOLERANCE_M: Final = 2.0


@dataclass(frozen=True, slots=True)
class Steps:
    """Longest steps and the greatest errors measured with them.

    Attributes
    ----------
    item_s, balloon_s : float
        Longest step of falling items and of balloons [s].
    item_error_m, balloon_error_m, balloon_height_error_m : float
        Greatest error over the sample: of the landing, of the place and of the height where a
        balloon let go, or where it ended with what it did not let go [m].
    """

    item_s: float
    balloon_s: float
    item_error_m: float
    balloon_error_m: float
    balloon_height_error_m: float


def choose_item_step(grid: WindGrid, items: ItemArrays) -> tuple[float, float]:
    """Return the longest step [s] that keeps landings within 0.5 m, and its greatest error [m].

    The step is chosen by the plain kernel, whose error is that of the steps alone. The error
    returned is that of the kernel which will fly, with its rounding. The error of the wind is left
    out, as turbulence is: it is read once a step, and is chance however long that is up to
    ``ITEM_ERROR_STEP_S``.
    """
    longest = ITEM_ERROR_STEP_S if grid.arrays.has_error else ITEM_STEPS_S[0]
    grid = grid.without_error()
    fine = drop_items(grid, items, ITEM_REFERENCE_S, "plain")

    def err(step_s: float, engine: Engine) -> float:
        coarse = drop_items(grid, items, step_s, engine)
        return _greatest(
            distance_m(fine.longitude, fine.latitude, coarse.longitude, coarse.latitude)
        )

    for step in (s for s in ITEM_STEPS_S if s <= longest):
        if err(step, "plain") <= ITEM_TOLERANCE_M:
            break
    return step, err(step, "auto")


def choose_balloon_step(grid: WindGrid, balloons: BalloonArrays) -> tuple[float, float, float]:
    """Return the longest step [s] within 10 m of place and 2 m of height, and both errors [m].

    In a wind with errors of its own, whose gradients jump at random places, the root mean square
    of the sample is held within these: a single flight that such a jump sends another way at a
    ceiling would set the step of all. The errors returned are the greatest all the same.
    """
    judge = _root_mean_square if grid.arrays.has_error else _greatest
    fine = _drop_places(fly_balloons(grid, balloons, BALLOON_REFERENCE_S))
    place_error = height_error = 0.0
    for step in BALLOON_STEPS_S:
        coarse = _drop_places(fly_balloons(grid, balloons, step))
        place = distance_m(fine[0], fine[1], coarse[0], coarse[1])
        height = np.abs(fine[2] - coarse[2])
        place_error, height_error = _greatest(place), _greatest(height)
        if judge(place) <= BALLOON_TOLERANCE_M and judge(height) <= HEIGHT_TOLERANCE_M:
            return step, place_error, height_error
    return BALLOON_STEPS_S[-1], place_error, height_error


def _drop_places(
    flights: Flights,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude, latitude and height of each release, or of the end where none acted.

    The shape is (n, releases), and (n, 1) without a release.
    """
    end = [flights.end_longitude, flights.end_latitude, flights.end_height_m]
    if not flights.released.shape[1]:
        longitude, latitude, height_m = (x[:, None] for x in end)
        return longitude, latitude, height_m
    release = [flights.release_longitude, flights.release_latitude, flights.release_height_m]
    longitude, latitude, height_m = (
        np.where(flights.released, there, x[:, None]) for there, x in zip(release, end, strict=True)
    )
    return longitude, latitude, height_m


def _greatest(error_m: NDArray[np.float64]) -> float:
    return float(np.max(error_m, initial=0.0))


def _root_mean_square(error_m: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(error_m**2))) if error_m.size else 0.0
