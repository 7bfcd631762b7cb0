"""How many people a thing that comes down is expected to strike.

People are circles seen from above, the thing is one too, and it falls straight down: it strikes who
stands within the sum of both radii. All people are out of doors. Bouncing, skidding and the slant
of a fall in wind are left out. Only what is above the limit of energy counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters, estimate_mean

PERSON_RADIUS_M: Final = 0.3048
"""Radius of a person seen from above [m]: 1 ft, which the range safety standard takes; an
assumption."""

YARDSTICK_KM2: Final = 100.0
"""Density of people for which the number is given where none is known [km-2]."""


@dataclass(frozen=True, slots=True)
class Struck:
    """People expected to be struck by things above the limit of energy.

    Attributes
    ----------
    things : float
        How many such things are expected to come down within the data.
    area_m2 : float
        Casualty area of one, averaged over them [m2]; NaN where there is none.
    at_yardstick : float
        People struck, were there ``YARDSTICK_KM2`` everywhere.
    expected, standard_error : float
        People struck, with those of the population raster; NaN without one.
    unknown_share : float
        Share of these things that come down where the raster has no value or does not reach; NaN
        without a raster.
    """

    things: float
    area_m2: float
    at_yardstick: float
    expected: float = math.nan
    standard_error: float = math.nan
    unknown_share: float = math.nan


def casualty_area_m2(object_area_m2: float, person_radius_m: float = PERSON_RADIUS_M) -> float:
    """Return the area in which a person is struck by a thing that falls straight down [m2].

    Parameters
    ----------
    object_area_m2 : float
        Area of the thing seen from above [m2].
    person_radius_m : float
        Radius of a person seen from above [m].

    References
    ----------
    Range Commanders Council, RCC 321, Common Risk Criteria Standards for National Test Ranges: the
    basic casualty area pi (r_person + r_thing)^2. Taken from memory, not checked against it.
    """
    return math.pi * (person_radius_m + math.sqrt(object_area_m2 / math.pi)) ** 2


def add_up(
    number: float,
    number_error: float,
    each: NDArray[np.float64],
    clusters: Clusters | None = None,
) -> tuple[float, float]:
    """Return the expectation of a number of things times what each does, and its standard error.

    Parameters
    ----------
    number, number_error : float
        How many things are expected, and the standard error of that.
    each : numpy.ndarray
        What one does in each draw, shape (draws,), drawn apart from the number.
    clusters : Clusters, optional
        Which draws share a wind of the data; unless given, none do.
    """
    found = estimate_mean(each, clusters)
    return number * found.mean, math.hypot(number * found.standard_error, number_error * found.mean)
