"""The Army's own reckoning of leaflet drops, as a check beside ours; no figure of a plan uses it.

GTA 33-01-003 (US Army, June 2014) drifts a leaflet layer by layer: the time that it takes through
each layer, by its rate of descent, times the wind there. What its spread factor R means is not
printed on the table; both readings that fit its size are offered, and labelled so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind import atmosphere
from downwind.errors import ArgumentError

FOOT_M: Final = 0.3048
KNOT_MS: Final = 1852.0 / 3600.0
NAUTICAL_MILE_M: Final = 1852.0
SECONDS_PER_HOUR: Final = 3600.0
TABLE_EXPONENT: Final = 0.37
"""The density exponent that meets table 2-4 within 0.006 h; the square root meets it in 0.011 h."""

LOWEST_LAYER_M: Final = 500.0 * FOOT_M
LAYER_M: Final = 1_000.0 * FOOT_M
LAYER_EDGES_FT: Final = (0.0, *(float(edge) for edge in range(500, 10_000, 1_000)))
"""Edges of the layers of table 2-4: the lowest 500 ft, then 1000 ft centred on 1 to 9 kft."""


@dataclass(frozen=True, slots=True)
class ArmyDrift:
    """Drift by layers.

    Attributes
    ----------
    hours : float
        Time of the whole fall [h].
    east_m, north_m : float
        Drift [m].
    """

    hours: float
    east_m: float
    north_m: float

    @property
    def distance_m(self) -> float:
        """Length of the drift [m]."""
        return math.hypot(self.east_m, self.north_m)

    @property
    def distance_nm(self) -> float:
        """Length of the drift [nautical miles]."""
        return self.distance_m / NAUTICAL_MILE_M


@dataclass(frozen=True, slots=True)
class ArmyCheck:
    """The Army's drift with both readings of its spread factor.

    Attributes
    ----------
    drift : ArmyDrift
    descent_rate_ms : float
        At sea level, as the user gives it [m s-1].
    spread_factor : float
        R of table 2-1, as the user gives it [-].
    edges_m : numpy.ndarray
        Edges of the layers from the ground to the release, shape (n + 1,) [m, geopotential].
    layer_hours : numpy.ndarray
        Time through each layer, shape (n,) [h].
    """

    drift: ArmyDrift
    descent_rate_ms: float
    spread_factor: float
    edges_m: NDArray[np.float64]
    layer_hours: NDArray[np.float64]

    @property
    def release_height_m(self) -> float:
        """Height of the release above the ground [m]."""
        return float(self.edges_m[-1] - self.edges_m[0])

    @property
    def pattern_length_m(self) -> float:
        """Reading (a): length of the pattern along the wind, R times the drift [m]."""
        return self.spread_factor * self.drift.distance_m

    @property
    def pattern_width_m(self) -> float:
        """Reading (b): width of the pattern, R times the release height [m]."""
        return self.spread_factor * self.release_height_m


def army_edges_m(release_height_m: float) -> NDArray[np.float64]:
    """Return the edges of the Army's layers from the sea to a release, shape (n + 1,) [m].

    The lowest layer is of 500 ft and the others of 1,000 ft; the highest ends at the release.

    Raises
    ------
    ArgumentError
        If the release is not between the sea and 47 km.
    """
    if not 0.0 < release_height_m <= atmosphere.TOP_M:
        raise ArgumentError(
            f"a release at {release_height_m:g} m is not between the sea and "
            f"{atmosphere.TOP_M / 1e3:g} km",
            "give its height above the sea",
        )
    inner = np.arange(LOWEST_LAYER_M, release_height_m, LAYER_M)
    # an edge that falls together with the release, but for rounding, makes no layer of its own
    inner = inner[inner < release_height_m - 1e-6]
    return np.concatenate([[0.0], inner, [release_height_m]])


def layer_hours(
    descent_rate_ms: float,
    edges_m: ArrayLike | None = None,
    exponent: float = 0.5,
) -> NDArray[np.float64]:
    """Return the time that a leaflet takes through each layer.

    Parameters
    ----------
    descent_rate_ms : float
        Speed at sea level [m s-1].
    edges_m : array_like, optional
        Edges of the layers from the lowest up, shape (n + 1,) [m, geopotential]; those of
        table 2-4 unless given.
    exponent : float
        Of the density law [-].

    Returns
    -------
    numpy.ndarray
        Shape (n,) [h].

    Raises
    ------
    ArgumentError
        If the rate is not above 0, or the edges do not rise.
    """
    if not 0.0 < descent_rate_ms < math.inf:
        raise ArgumentError(
            f"a rate of descent of {descent_rate_ms} m/s is not above 0", "give a speed above 0"
        )
    edges = FOOT_M * np.asarray(LAYER_EDGES_FT) if edges_m is None else np.asarray(edges_m, float)
    if edges.ndim != 1 or edges.size < 2 or not np.all(np.diff(edges) > 0.0):
        raise ArgumentError("the edges of the layers do not rise", "list them from the lowest up")
    seconds = np.diff(atmosphere.fall_integral_m(edges, exponent)) / descent_rate_ms
    return seconds / SECONDS_PER_HOUR


def add_drift(hours: ArrayLike, east_ms: ArrayLike, north_ms: ArrayLike) -> ArmyDrift:
    """Add up the drift through layers: time times wind, as vectors.

    Parameters
    ----------
    hours, east_ms, north_ms : array_like
        Time in each layer [h] and the wind there, towards east and north [m s-1]; shape (n,).

    Raises
    ------
    ArgumentError
        If there is not one wind for each layer.
    """
    time, east, north = (np.asarray(values, np.float64) for values in (hours, east_ms, north_ms))
    if not time.shape == east.shape == north.shape or time.ndim != 1:
        raise ArgumentError(
            f"{time.size} layers have {east.size} and {north.size} winds",
            "give one wind for each layer",
        )
    seconds = SECONDS_PER_HOUR * time
    return ArmyDrift(float(time.sum()), float(seconds @ east), float(seconds @ north))


def check_army(
    descent_rate_ms: float,
    spread_factor: float,
    edges_m: ArrayLike,
    east_ms: ArrayLike,
    north_ms: ArrayLike,
) -> ArmyCheck:
    """Reckon a drop as the Army does, with rate of descent and spread factor from the user.

    The times through the layers follow the exponent that meets the Army's table best.

    Parameters
    ----------
    descent_rate_ms : float
        Speed at sea level [m s-1].
    spread_factor : float
        R [-].
    edges_m : array_like
        Edges of the layers from the ground to the release, shape (n + 1,) [m, geopotential].
    east_ms, north_ms : array_like
        Wind of each layer, shape (n,) [m s-1].

    Raises
    ------
    ArgumentError
        If a number is out of range, or there is not one wind for each layer.
    """
    if not 0.0 <= spread_factor < math.inf:
        raise ArgumentError(
            f"a spread factor of {spread_factor} is not 0 or more",
            "give the R of table 2-1, such as 0.31",
        )
    edges = np.asarray(edges_m, np.float64)
    hours = layer_hours(descent_rate_ms, edges, TABLE_EXPONENT)
    drift = add_drift(hours, east_ms, north_ms)
    return ArmyCheck(drift, descent_rate_ms, spread_factor, edges, hours)
