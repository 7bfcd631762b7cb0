"""How long items fall through the standard atmosphere, and how far a wind carries them.

An item falls at ``v0 (rho0/rho)^n``, so it takes ``dt = (rho/rho0)^n dH / v0`` through a layer:
the depth of the layer, thinned by the density law, over the speed at sea level. A leaflet has one
speed above the height at which its mode changes and another below it. While its bundle is shut an
item falls as the bundle does, with n = 1/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from downwind.atmosphere import (
    BOTTOM_M,
    LAYER_BASE_M,
    LAYER_LAPSE,
    LAYER_PRESSURE_PA,
    LAYER_TEMPERATURE_K,
    TOP_M,
    density_kgm3,
)
from downwind.constants import GRAVITY_MS2, R_AIR, RHO0
from downwind.errors import ArgumentError
from downwind.load.even_draws import FALL_CAUSES, POINTS, lay_falls, lay_numbers
from downwind.load.impact import OPENING_S, bundle_speed_ms
from downwind.load.traits import FallColumns, ItemKind
from downwind.spread import two_piece_lognormal

SHARES: Final = (0.5, 0.05, 0.95)
"""The points of a distribution that are told, in the order of ``Spread``."""

_BUNDLE_EXPONENT: Final = 0.5
_NEWTON_STEPS: Final = 8
_SMALL_EXPONENT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with what 5 % of items stay below and what 5 % exceed, all in one unit.

    Attributes
    ----------
    median, low, high : float
        Median, 5 % point and 95 % point: the order of ``downwind.spread.Triple``.
    """

    median: float
    low: float
    high: float

    def times(self, factor: float) -> Spread:
        """Return the spread in another unit, or of a quantity in proportion (factor above 0)."""
        return Spread(factor * self.median, factor * self.low, factor * self.high)


def thinned_depth_m(h_m: ArrayLike, exponent: ArrayLike = 0.5) -> NDArray[np.float64]:
    """Return the integral of (rho/rho0)^n from the sea to a height, in closed form [m].

    Parameters
    ----------
    h_m : array_like
        Geopotential heights, any shape [m]; below the sea the integral is below 0.
    exponent : array_like
        The exponent n of the density law, broadcast against ``h_m``.

    References
    ----------
    Layers of the ICAO Standard Atmosphere (Doc 7488): density is a power of temperature where
    temperature changes with height, and exponential in height where it does not.
    """
    h, n = np.broadcast_arrays(np.asarray(h_m, np.float64), np.asarray(exponent, np.float64))
    total = np.zeros(h.shape)
    tops = [*LAYER_BASE_M[1:], np.inf]
    for i, (base, top) in enumerate(zip(LAYER_BASE_M, tops, strict=True)):
        depth = np.minimum(h, top) - base
        if i > 0:
            depth = np.maximum(depth, 0.0)
            if not depth.any():
                break
        total += _layer_depth_m(i, depth, n)
    return total


def _layer_depth_m(
    layer: int, depth_m: NDArray[np.float64], n: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the integral of (rho/rho0)^n from the base of a layer up [m]."""
    base_k, lapse = float(LAYER_TEMPERATURE_K[layer]), float(LAYER_LAPSE[layer])
    at_base = (LAYER_PRESSURE_PA[layer] / (R_AIR * base_k) / RHO0) ** n
    if lapse == 0.0:
        scale = R_AIR * base_k / GRAVITY_MS2
        growth, length = -n, depth_m / scale
        unit = scale
    else:
        growth = n * (-GRAVITY_MS2 / (R_AIR * lapse) - 1.0) + 1.0
        length = np.log1p(lapse * depth_m / base_k)
        unit = base_k / lapse
    is_small = np.abs(growth) < _SMALL_EXPONENT
    safe = np.where(is_small, 1.0, growth)
    grown = np.where(is_small, length, np.expm1(safe * length) / safe)
    return np.asarray(at_base * unit * grown)


def fall_time_s(
    falls: FallColumns, from_m: ArrayLike, to_m: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return how long items fall between two heights of still standard air [s].

    Parameters
    ----------
    falls : FallColumns
        Columns of shape (n,).
    from_m, to_m : array_like
        Geopotential heights, shape (n,) or none [m].

    Returns
    -------
    numpy.ndarray
        Shape (n,). A change of mode on the way counts.

    Raises
    ------
    ArgumentError
        If a fall begins below its end, or outside -2 to 47 km.
    """
    upper, lower = np.asarray(from_m, np.float64), np.asarray(to_m, np.float64)
    _check_heights(upper, lower)
    top = thinned_depth_m(upper, falls.exponent)
    bottom = thinned_depth_m(lower, falls.exponent)
    switch = np.clip(falls.switch_m, lower, upper)
    is_inside = (switch > lower) & (switch < upper)
    middle = np.where(switch <= lower, bottom, top)
    if is_inside.any():
        inside = thinned_depth_m(switch[is_inside], falls.exponent[is_inside])
        middle = np.array(np.broadcast_to(middle, is_inside.shape))
        middle[is_inside] = inside
    return np.asarray((top - middle) / falls.high_speed_ms + (middle - bottom) / falls.low_speed_ms)


def drop_time_s(
    falls: FallColumns,
    from_m: ArrayLike,
    to_m: ArrayLike = 0.0,
    bundle_ms: ArrayLike = 1.0,
    opening_s: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Return how long items fall that come out of a bundle on the way [s].

    Parameters
    ----------
    falls : FallColumns
        Columns of shape (n,).
    from_m, to_m : array_like
        Geopotential heights of release and end, shape (n,) or none [m].
    bundle_ms : array_like
        Speed of the bundle at sea level, shape (n,) or none [m s-1].
    opening_s : array_like
        Time from the release to the opening of the bundle, shape (n,) or none [s].

    Raises
    ------
    ArgumentError
        If a fall begins below its end, or outside -2 to 47 km.
    """
    upper, lower = np.asarray(from_m, np.float64), np.asarray(to_m, np.float64)
    _check_heights(upper, lower)
    speed, delay = np.asarray(bundle_ms, np.float64), np.asarray(opening_s, np.float64)
    wanted = thinned_depth_m(upper, _BUNDLE_EXPONENT) - speed * delay
    bottom = thinned_depth_m(lower, _BUNDLE_EXPONENT)
    shut = (wanted + speed * delay - bottom) / speed
    opens = wanted > bottom
    height = _height_of_depth_m(np.where(opens, wanted, bottom), upper)
    after = fall_time_s(falls, np.clip(height, lower, upper), lower)
    return np.asarray(np.where(opens, delay + after, shut))


def _height_of_depth_m(
    depth_m: NDArray[np.float64], start_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the height whose thinned depth with n = 1/2 is given, from a first guess [m]."""
    h = np.array(np.broadcast_to(start_m, np.broadcast_shapes(depth_m.shape, start_m.shape)))
    for _ in range(_NEWTON_STEPS):
        slope = (density_kgm3(h) / RHO0) ** _BUNDLE_EXPONENT
        h = np.clip(h - (thinned_depth_m(h) - depth_m) / slope, BOTTOM_M, TOP_M)
    return h


def drift_m(
    falls: FallColumns,
    edges_m: ArrayLike,
    east_ms: ArrayLike,
    north_ms: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far a wind in layers carries items that fall through all of them.

    Parameters
    ----------
    falls : FallColumns
        Columns of shape (n,).
    edges_m : array_like
        Edges of the layers from the lowest up, shape (k + 1,) [m, geopotential].
    east_ms, north_ms : array_like
        Wind of each layer, towards east and north, shape (k,) [m s-1].

    Returns
    -------
    tuple of numpy.ndarray
        Drift towards east and north, shape (n,) each [m].

    Raises
    ------
    ArgumentError
        If the edges do not rise, or there is not one wind for each layer.
    """
    edges = np.asarray(edges_m, np.float64)
    east, north = np.asarray(east_ms, np.float64), np.asarray(north_ms, np.float64)
    if edges.ndim != 1 or edges.size < 2 or not np.all(np.diff(edges) > 0.0):
        raise ArgumentError("the edges of the layers do not rise", "list them from the lowest up")
    if not east.shape == north.shape == (edges.size - 1,):
        raise ArgumentError(
            f"{edges.size - 1} layers have {east.size} and {north.size} winds",
            "give one wind for each layer",
        )
    shape = falls.low_speed_ms.shape
    total_east, total_north = np.zeros(shape), np.zeros(shape)
    for i in range(east.size):
        seconds = fall_time_s(falls, edges[i + 1], edges[i])
        total_east += seconds * east[i]
        total_north += seconds * north[i]
    return total_east, total_north


def spread_of(values: ArrayLike) -> Spread:
    """Return median, 5 and 95 % point of values, any shape."""
    median, low, high = np.quantile(np.asarray(values, np.float64), SHARES)
    return Spread(float(median), float(low), float(high))


def fall_time_spread_s(
    kind: ItemKind,
    height_m: float,
    bundle_kg: float | None = None,
    points: int = POINTS,
) -> Spread:
    """Return how long items of a kind fall to the sea, with all that is drawn for them [s].

    Parameters
    ----------
    kind : ItemKind
    height_m : float
        Of the release [m, geopotential].
    bundle_kg : float, optional
        Mass of the bundle that the items come out of, 10 s (2 to 30 s) after the release; without
        one they fall singly from the start.
    points : int
        Evenly laid draws behind it.

    Raises
    ------
    ArgumentError
        If the height is below 0 or above 47 km.
    """
    if bundle_kg is None:
        return spread_of(fall_time_s(lay_falls(kind, points), height_m))
    causes = FALL_CAUSES + 1
    opening_s = two_piece_lognormal(ndtri(lay_numbers(points, causes)[FALL_CAUSES]), *OPENING_S)
    falls = lay_falls(kind, points, causes)
    speed = bundle_speed_ms(bundle_kg)
    return spread_of(drop_time_s(falls, height_m, 0.0, speed, opening_s))


def _check_heights(upper_m: NDArray[np.float64], lower_m: NDArray[np.float64]) -> None:
    if not (
        np.all(lower_m <= upper_m) and np.all(lower_m >= BOTTOM_M) and np.all(upper_m <= TOP_M)
    ):
        raise ArgumentError(
            "a fall begins below its end, or outside -2 to 47 km",
            "give the height of the release above that of the end",
        )
