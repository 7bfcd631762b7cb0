"""Winds with closed forms on small grids, and things to fly in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from downwind.constants import EARTH_RADIUS_M
from downwind.sim.drop import ItemArrays
from downwind.sim.flight import FilmArrays
from downwind.wind.grid import WindGrid, make_grid_arrays

Wind = Callable[..., tuple[ArrayLike, ArrayLike]]
DEG_M = EARTH_RADIUS_M * np.pi / 180.0
TUBE_VOLUME_M3 = 6.0 * np.pi
TUBE_ENVELOPE_KG = (12.0 * np.pi + 2.0 * np.pi) * 40e-6 * 920.0
HYDROGEN_R = 8.314462618 / 2.016e-3
TUBE_GAS_KG = 101_325.0 * 9.4248 / (HYDROGEN_R * 288.15)


def wind_grid(
    wind: Wind | None = None,
    time: ArrayLike = (0.0, 86_400.0),
    height: ArrayLike = (0.0, 26_000.0),
    latitude: ArrayLike = (-5.0, 0.0, 5.0),
    longitude: ArrayLike = (-5.0, 0.0, 5.0),
    terrain: ArrayLike = 0.0,
    holes: tuple[int, ...] = (),
    up: float = 0.0,
) -> WindGrid:
    """Sample ``wind(longitude, latitude, height, time)``, calm by default, on a grid."""
    t, z, y, x = (np.asarray(a, np.float64) for a in (time, height, latitude, longitude))
    field = np.zeros((1, t.size, z.size, y.size, x.size, 3), np.float32)
    if wind is not None:
        u, v = wind(x, y[:, None], z[:, None, None], t[:, None, None, None])
        field[0, ..., 0], field[0, ..., 1] = u, v
    field[..., 2] = up
    is_hole = np.isin(np.arange(t.size - 1), holes)
    ground = np.broadcast_to(np.asarray(terrain, np.float64), (y.size, x.size))
    arrays = make_grid_arrays(field, t, is_hole, z, y, x, ground)
    return WindGrid(arrays, "made", "", "", "synthetic", None, (), (), False, "")


def make_items(
    longitude: ArrayLike = 0.0,
    latitude: ArrayLike = 0.0,
    height: ArrayLike = 3_000.0,
    time: ArrayLike = 0.0,
    speed: float = 1.5,
    *,
    exponent: float = 0.0,
    high_speed: float | None = None,
    switch: float = -np.inf,
    bundle_speed: float = 1.0,
    opening: float = 0.0,
) -> ItemArrays:
    """Items that fall at ``speed``, the same at every height unless an exponent is given."""
    places = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(a, np.float64)) for a in (longitude, latitude, height, time))
    )
    one = [
        np.array([float(x)])
        for x in (
            bundle_speed,
            opening,
            speed,
            speed if high_speed is None else high_speed,
            exponent,
            switch,
        )
    ]
    return ItemArrays(
        np.zeros(1, np.int64), *(np.ascontiguousarray(p, np.float64) for p in places), *one
    )


def make_film(
    leak_per_hour: float = 0.0,
    *,
    gas_kg: float = TUBE_GAS_KG,
    carried: tuple[float, ...] = (8.0,),
    stop: tuple[float, ...] = (np.inf,),
    height: float = 0.0,
    relaxation: float = 0.0,
    superheat: float = 0.0,
    count: int = 1,
) -> FilmArrays:
    """The tube of 2 x 6 m with 9.42 m3 of hydrogen and 8 kg of load."""
    full = [
        np.full(count, x)
        for x in (
            0.0,
            0.0,
            height,
            0.0,
            gas_kg,
            HYDROGEN_R,
            TUBE_VOLUME_M3,
            0.7 * np.pi,
            0.289,
            superheat,
            relaxation,
            leak_per_hour / 3_600.0,
            TUBE_ENVELOPE_KG,
        )
    ]
    return FilmArrays(
        np.zeros(count, np.int64),
        *full,
        np.tile(np.array(carried, np.float64), (count, 1)),
        np.tile(np.array(stop, np.float64), (count, 1)),
    )


def miss_m(
    longitude: ArrayLike, latitude: ArrayLike, longitude_true: ArrayLike, latitude_true: ArrayLike
) -> np.ndarray:
    """Small distances on the sphere [m]."""
    lat = np.radians(latitude_true)
    east = (np.asarray(longitude) - longitude_true + 180.0) % 360.0 - 180.0
    return DEG_M * np.hypot(east * np.cos(lat), np.asarray(latitude) - latitude_true)


def observed_order(errors: ArrayLike) -> np.ndarray:
    """Order of convergence between successive halvings of a step."""
    e = np.asarray(errors, np.float64)
    return np.log2(e[:-1] / e[1:])
