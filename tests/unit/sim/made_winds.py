"""Winds with closed forms on small grids, and things to fly in them."""

from __future__ import annotations

import inspect
import math
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from downwind.constants import EARTH_RADIUS_M
from downwind.sim.drop import Falls, ItemArrays, drop_items
from downwind.sim.flight import BalloonArrays
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.kernels import ANY, OPEN_TUBE, Balloon
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays

Wind = Callable[..., tuple[ArrayLike, ArrayLike]]
ENGINES = ("plain", "fast")
"""Engines for falling items that every test of the suite runs over."""


class Slack(NamedTuple):
    """The least bounds that an engine is held to: of places [m], and relative of all else."""

    place_m: float
    relative: float


HALF_KM = np.arange(0.0, 10_001.0, 500.0)
SLACK = {"plain": Slack(0.0, 0.0), "fast": Slack(4.0, 1e-4)}
DEG_M = EARTH_RADIUS_M * np.pi / 180.0
TUBE_VOLUME_M3 = 6.0 * np.pi
TUBE_ENVELOPE_KG = (12.0 * np.pi + 2.0 * np.pi) * 40e-6 * 920.0
HYDROGEN_R = 8.314462618 / 2.016e-3
TUBE_GAS_KG = 101_325.0 * 9.4248 / (HYDROGEN_R * 288.15)
TUBE = Balloon(
    shape=OPEN_TUBE,
    gas_constant=HYDROGEN_R,
    volume_m3=TUBE_VOLUME_M3,
    area_m2=np.pi,
    drag_high=0.7,
    drag_low=0.7,
    reynolds_start=np.inf,
    reynolds_width=0.0,
    strength_pa=400.0,
    kappa=0.289,
    superheat_k=0.0,
    relaxation_s=0.0,
    leak_1s=0.0,
    remains_drag_area_m2=1.0,
    side=ANY,
)
"""The open tube of 2 x 6 m; hydrogen."""
HELIUM_R = 8.314462618 / 4.0026e-3
BURST_M3 = math.pi / 6.0 * 7.86**3
LATEX: dict[str, ArrayLike] = {
    "shape": Envelope.LATEX,
    "gas_kg": 101_325.0 * 3.1033 / (HELIUM_R * 288.15),
    "gas_constant": HELIUM_R,
    "volume_m3": BURST_M3,
    "drag_high": 0.3,
    "drag_low": 0.3,
    "kappa": 0.4,
    "envelope_kg": 1.0,
    "load_kg": 1.0,
    "drop": (1.0,),
    "remains_drag_area_m2": 0.8,
}
"""A Kaymont 1000 with 1 kg of load and the helium that lifts it at 5 m/s by the CUSF calculator."""


def drop(grid: WindGrid, items: ItemArrays, max_step_s: float, engine: str = "plain") -> Falls:
    """Let items fall with one of the engines."""
    if "engine" in inspect.signature(drop_items).parameters:
        return drop_items(grid, items, max_step_s, engine=engine)  # type: ignore[call-arg]
    assert engine == "plain"
    return drop_items(grid, items, max_step_s)


def place_bound(engine: str, bound_m: float) -> float:
    """Return the bound of a place [m] for an engine."""
    return max(bound_m, SLACK[engine].place_m)


def degree_bound(engine: str, bound_deg: float) -> float:
    """Return the bound of a longitude or latitude [degrees] for an engine."""
    return max(bound_deg, SLACK[engine].place_m / DEG_M)


def bound(engine: str, bound_here: float, of: float) -> float:
    """Return the bound of a time [s] or a height [m] of the size ``of`` for an engine."""
    return max(bound_here, SLACK[engine].relative * abs(of))


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


def shear_and_turn(lon, lat, h, t):
    """A wind that is linear in height and place."""
    return 15.0 + 0.002 * h + 3.0 * lat, -4.0 + 0.001 * h + 2.0 * lon


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


def make_balloon(
    leak_per_hour: float = 0.0,
    *,
    drop: tuple[float, ...] = (8.0,),
    fire: tuple[float, ...] = (np.inf,),
    count: int = 1,
    **columns: ArrayLike,
) -> BalloonArrays:
    """The open tube of 2 x 6 m with 9.42 m3 of hydrogen and 8 kg of load; any column may differ.

    Columns are broadcast against (count,), those of the releases against (count, releases).
    """
    given: dict[str, ArrayLike] = {
        "member": 0,
        "longitude": 0.0,
        "latitude": 0.0,
        "height_m": 0.0,
        "time_s": 0.0,
        "gas_kg": TUBE_GAS_KG,
        "gas_constant": HYDROGEN_R,
        "shape": Envelope.OPEN_TUBE,
        "volume_m3": TUBE_VOLUME_M3,
        "area_m2": np.pi,
        "drag_high": 0.7,
        "drag_low": 0.7,
        "reynolds_start": np.inf,
        "reynolds_width": 0.0,
        "strength_pa": 400.0,
        "kappa": 0.289,
        "superheat_k": 0.0,
        "relaxation_s": 0.0,
        "leak_1s": leak_per_hour / 3_600.0,
        "envelope_kg": TUBE_ENVELOPE_KG,
        "remains_drag_area_m2": 1.0,
        "load_kg": 8.0,
        "follow": True,
        "drop_kg": drop,
        "drop_drag_area_m2": 0.0,
        "fire_s": fire,
        "clock_halving_k": np.inf,
        "clock_reference_k": 288.15,
        "clock_slow_below_k": -np.inf,
        "clock_slow_rate": 1.0,
        "air_offset_k": 0.0,
        **columns,
    }
    of_releases = ("drop_", "fire_s", "clock_")
    return BalloonArrays._make(
        np.broadcast_to(
            given[name], (count, len(fire)) if name.startswith(of_releases) else (count,)
        ).copy()
        for name in BalloonArrays._fields
    )


def miss_m(
    longitude: ArrayLike, latitude: ArrayLike, longitude_true: ArrayLike, latitude_true: ArrayLike
) -> np.ndarray:
    """Small distances on the sphere [m]."""
    lat = np.radians(latitude_true)
    east = (np.asarray(longitude) - longitude_true + 180.0) % 360.0 - 180.0
    return DEG_M * np.hypot(east * np.cos(lat), np.asarray(latitude) - latitude_true)


def observed_order(errors: ArrayLike, engine: str = "plain") -> np.ndarray:
    """Order of convergence between successive halvings, as far as an engine's bound shows it."""
    e = np.asarray(errors, np.float64)
    e = e[e > SLACK[engine].place_m]
    return np.log2(e[:-1] / e[1:])


def gridded_wind(grid: WindGrid) -> Callable[[float, float, float, float], np.ndarray]:
    """Return the wind of a grid, linear between its nodes, as NumPy finds it at one place."""
    a = grid.arrays
    _, _, _, ny, nx, _ = a.wind.shape
    latitude = a.latitude0 + np.arange(ny) / a.per_latitude
    longitude = a.longitude0 + np.arange(nx) / a.per_longitude
    axes = [axis.tolist() for axis in (a.time_s, a.height_m, latitude, longitude)]
    wind = a.wind[0, ..., :2].astype(np.float64)

    def wind_ms(lon: float, lat: float, h: float, t: float) -> np.ndarray:
        block = wind
        for axis, x in zip(axes, (t, h, lat, lon), strict=True):
            k = min(max(bisect_right(axis, x) - 1, 0), len(axis) - 2)
            f = (x - axis[k]) / (axis[k + 1] - axis[k])
            block = (1.0 - f) * block[k] + f * block[k + 1]
        return block

    return wind_ms


def carry(
    wind_ms: Callable[[float, float, float, float], ArrayLike],
    start: tuple[float, float],
    height: float,
    span: tuple[float, float],
    speed: float = 0.0,
) -> np.ndarray:
    """Return longitude and latitude after a fall through a wind, by SciPy's DOP853."""

    def rates(t: float, p: np.ndarray) -> list[float]:
        u, v = wind_ms(p[0], p[1], height - speed * (t - span[0]), t)
        return [u / (DEG_M * math.cos(math.radians(p[1]))), v / DEG_M]

    return solve_ivp(rates, span, start, "DOP853", rtol=1e-10, atol=1e-11).y[:, -1]


# --- a wind with jet, shear, vortex and waves, and hills under it ---------------------------------


def golden_grid() -> WindGrid:
    """A jet that strengthens, veers and waves, a moving vortex, and hills.

    Winds and hills are rounded to 2^-10, so that no rounding of a sine shows in them.
    """
    lon, lat = np.linspace(116.0, 140.0, 49), np.linspace(32.0, 44.0, 25)

    def wind(x, y, h, t):
        hour = t / 3_600.0
        jet = (6.0 + h / 500.0) * np.exp(-(((y - 38.0 - 0.1 * hour) / 3.0) ** 2))
        east, north = x - 128.0 - 0.2 * hour, y - 38.0 - 0.05 * hour
        swirl = 8.0 * np.exp(-(east**2 + north**2) / 4.0) * (1.0 - h / 20_000.0)
        wave = 3.0 * np.sin(2.0 * x - 0.5 * hour + h / 1_000.0)
        u = jet - swirl * north + wave * np.cos(y)
        v = 0.25 * jet * np.sin(h / 2_000.0) + swirl * east + wave * np.sin(1.5 * y)
        return np.round(u * 1024.0) / 1024.0, np.round(v * 1024.0) / 1024.0

    hills = 300.0 + 250.0 * np.sin(2.1 * lon) * np.sin(1.7 * lat[:, None])
    return wind_grid(
        wind,
        time=np.arange(0.0, 36_001.0, 3_600.0),
        height=np.arange(0.0, 10_001.0, 500.0),
        latitude=lat,
        longitude=lon,
        terrain=np.round(hills * 1024.0) / 1024.0,
    )


def golden_items(count: int = 1_000) -> ItemArrays:
    """Items of all speeds, half of them with two modes; the same on every machine."""
    roots = np.sqrt([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0])
    draws = (np.arange(1, count + 1)[:, None] * roots) % 1.0
    a, b, c, d, e, f, g, two = draws.T
    slow = 0.4 + 9.6 * d**3
    items = make_items(126.0 + 4.0 * a, 37.0 + 2.0 * b, 800.0 + 6_200.0 * c, 14_400.0 * f)
    return items._replace(
        bundle_speed_ms=np.full(count, 31.0),
        opening_s=30.0 * e,
        low_speed_ms=slow,
        high_speed_ms=np.where(two < 0.5, slow * (1.0 + g), slow),
        exponent=0.3 + 0.2 * e,
        switch_m=np.where(two < 0.5, 6_000.0 * g, -np.inf),
    )
