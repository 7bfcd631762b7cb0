"""A cube made of soundings, with an error that grows away from their stations.

Each time of the cube is made of the soundings of that time alone, each height of those that reach
it, at the places where their balloons were. `spread` says how the wind between them and its
standard error come about. Temperature and humidity serve warnings and timers only: they are
means of the soundings with Gaussian weights of their distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import WeatherContentError
from downwind.times import epoch_to_datetime64, format_minute
from downwind.wind.cube import (
    DIMS,
    EAST,
    HEIGHT,
    HUMIDITY,
    NORTH,
    TEMPERATURE,
    VARIABLES,
    WIND_ERROR,
)
from downwind.wind.sources._fields import Grid, Inventory
from downwind.wind.sources._soundings.hours import Sweep, group_soundings
from downwind.wind.sources._soundings.layers import (
    Column,
    choose_grid,
    choose_heights,
    make_column,
)
from downwind.wind.sources._soundings.notes import write_notes, write_source, write_warnings
from downwind.wind.sources._soundings.spread import (
    BROAD_LENGTH_M,
    LeftOut,
    leave_one_out,
    place_vectors,
    spread_wind,
)

FloatArray = NDArray[np.float64]

MOST_VALUES: Final = 1 << 28
"""Most values of one variable of a cube: 1 GiB."""

LEAST_JURY: Final = 4
"""Fewest soundings of a time and height for which each is compared with the others."""

STRANGE: Final = 6.0
"""Difference from the neighbours above which a sounding is named, in stated errors [-]."""


def assemble_soundings(inventory: Inventory, digest: str) -> xr.Dataset:
    """Assemble the soundings of an inventory to the dataset of a cube.

    Parameters
    ----------
    inventory : Inventory
        With at least one profile.
    digest : str
        The sha256 of the bytes that were read.

    Returns
    -------
    xarray.Dataset
        As `downwind.wind.cube` describes it, on geopotential heights, with the standard error of
        the wind everywhere.

    Raises
    ------
    WeatherContentError
        If a sounding has no depth, if those of all times have no air in common, or if they lie too
        far apart for one wind.
    """
    sweeps, decided = group_soundings(inventory.profiles)
    height_m = choose_heights(sweeps)
    columns = [[make_column(p, height_m) for p in sweep.profiles] for sweep in sweeps]
    stations = [p for sweep in sweeps for p in sweep.profiles]
    grid = choose_grid([c for row in columns for c in row], stations)
    shape = (1, len(sweeps), height_m.size, grid.rows, grid.columns)
    if np.prod(shape, dtype=np.int64) > MOST_VALUES:
        raise WeatherContentError(
            f"{len(stations)} soundings of {len(sweeps)} times make a wind of {shape[2]} heights "
            f"on {grid.describe()}: too much",
            "take a shorter span of time or a smaller box",
        )
    variables: dict[str, NDArray[np.float32]] = {
        name: np.empty(shape, np.float32) for name in (EAST, NORTH, WIND_ERROR)
    }
    air = {name: np.full(shape, np.nan, np.float32) for name in (TEMPERATURE, HUMIDITY)}
    lon, lat = np.meshgrid(grid.longitudes(), grid.latitudes())
    points = place_vectors(lon.ravel(), lat.ravel())
    for t, row in enumerate(columns):
        for k, height in enumerate(height_m):
            places, wind_ms, error_ms = _take_level(row, k)
            spread = spread_wind(float(height), places, wind_ms, error_ms, points)
            for name, values in zip((EAST, NORTH, WIND_ERROR), spread, strict=True):
                variables[name][0, t, k] = values.reshape(grid.rows, grid.columns)
            for name, values in _spread_air(row, k, points).items():
                air[name][0, t, k] = values.reshape(grid.rows, grid.columns)
    variables[HEIGHT] = np.broadcast_to(
        height_m.astype(np.float32)[None, None, :, None, None], shape
    ).copy()
    if np.isfinite(air[TEMPERATURE]).all():
        variables[TEMPERATURE] = air[TEMPERATURE]
    else:
        decided.append("air temperature left out: no sounding has it at every height")
    if np.isfinite(air[HUMIDITY]).any():
        variables[HUMIDITY] = air[HUMIDITY]
    warnings = write_warnings(inventory, sweeps, height_m, grid, variables[WIND_ERROR][0])
    warnings += find_strangers(sweeps, height_m)
    notes = write_notes(inventory, sweeps, height_m)
    return xr.Dataset(
        {
            name: (VARIABLES[name][0], values, {"units": VARIABLES[name][1], "standard_name": name})
            for name, values in variables.items()
        },
        coords=_make_coordinates(sweeps, height_m, grid),
        attrs={
            "source": write_source(sweeps),
            "files": ", ".join(sorted(inventory.files)),
            "digest": digest,
            "forecast_reference_time": "",
            "nature": "observation",
            "warnings": "\n".join(warnings),
            "notes": "\n".join([*inventory.notes, *decided, *notes]),
        },
    )


class Comparison(NamedTuple):
    """The soundings of one time at one height, each beside what the others say of its place.

    Attributes
    ----------
    time_s : int
        The time [s since 1970].
    height_m : float
        Geopotential height [m].
    stations : tuple of str
        Their names.
    left_out : LeftOut
        The differences, and their stated errors.
    """

    time_s: int
    height_m: float
    stations: tuple[str, ...]
    left_out: LeftOut


def compare_neighbours(sweeps: Sequence[Sweep], height_m: FloatArray) -> list[Comparison]:
    """Compare every sounding with what the others of its time say of its place.

    Parameters
    ----------
    sweeps : sequence of Sweep
        The soundings of each time.
    height_m : numpy.ndarray
        Heights to compare at, shape (n,) [m, geopotential].

    Returns
    -------
    list of Comparison
        One for each time and height that `LEAST_JURY` soundings or more reach.
    """
    found = []
    for sweep in sweeps:
        columns = [make_column(p, height_m) for p in sweep.profiles]
        for k, height in enumerate(height_m):
            there = [i for i, c in enumerate(columns) if np.isfinite(c.wind_ms[k]).all()]
            if len(there) >= LEAST_JURY:
                left_out = leave_one_out(float(height), *_take_level(columns, k))
                names = tuple(sweep.profiles[i].station for i in there)
                found.append(Comparison(sweep.time_s, float(height), names, left_out))
    return found


def find_strangers(sweeps: Sequence[Sweep], height_m: FloatArray) -> list[str]:
    """Return a warning for each sounding that its neighbours contradict.

    A sounding is a stranger at a height where a component differs by more than `STRANGE` times the
    stated error. Nothing is thrown out: the neighbours may be those that are wrong.
    """
    seen: dict[tuple[int, str], list[tuple[float, float, float]]] = {}
    for time_s, height, stations, (difference_ms, error_ms) in compare_neighbours(sweeps, height_m):
        times = np.abs(difference_ms).max(axis=1) / error_ms
        for i in np.flatnonzero(times > STRANGE):
            far = float(np.hypot(*difference_ms[i]))
            seen.setdefault((time_s, stations[i]), []).append((height, far, float(times[i])))
    lines = []
    for (time_s, station), found in seen.items():
        heights, apart, times_error = zip(*found, strict=True)
        span = f"{heights[0]:.0f}" + (f" to {heights[-1]:.0f}" if len(heights) > 1 else "")
        when = f" of {format_minute(time_s)}" if len(sweeps) > 1 else ""
        lines.append(
            f"the sounding of {station}{when} and its neighbours differ at {span} m by up to "
            f"{max(apart):.0f} m/s, {max(times_error):.0f} times the stated error: one of them is "
            "wrong there"
        )
    return lines


def _take_level(columns: Sequence[Column], k: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return places, winds and errors of the soundings that reach a height."""
    there = [c for c in columns if np.isfinite(c.wind_ms[k]).all()]
    places = place_vectors([c.longitude[k] for c in there], [c.latitude[k] for c in there])
    wind_ms = np.array([c.wind_ms[k] for c in there])
    return places, wind_ms, np.array([c.error_ms[k] for c in there])


def _spread_air(columns: Sequence[Column], k: int, points: FloatArray) -> dict[str, FloatArray]:
    """Return temperature and humidity at points, as far as a sounding knows them there."""
    made = {}
    for name, least, most in ((TEMPERATURE, 0.0, np.inf), (HUMIDITY, 0.0, 1.0)):
        values = [(c.temperature_k if name == TEMPERATURE else c.humidity)[k] for c in columns]
        there = [i for i, value in enumerate(values) if np.isfinite(value)]
        if not there:
            continue
        places = place_vectors(
            [columns[i].longitude[k] for i in there], [columns[i].latitude[k] for i in there]
        )
        square = 2.0 * (EARTH_RADIUS_M / BROAD_LENGTH_M) ** 2 * (1.0 - points @ places.T)
        weights = np.exp(-0.5 * (square - square.min(axis=1, keepdims=True)))
        known = np.array([values[i] for i in there])
        made[name] = np.clip(weights @ known / weights.sum(axis=1), least, most)
    return made


def _make_coordinates(
    sweeps: Sequence[Sweep], height_m: FloatArray, grid: Grid
) -> dict[str, xr.Variable]:
    times = np.array([sweep.time_s for sweep in sweeps])
    return {
        "realization": xr.Variable(DIMS[0], np.zeros(1, np.int64)),
        "time": xr.Variable("time", epoch_to_datetime64(times), {"standard_name": "time"}),
        "level": xr.Variable(
            "level",
            height_m,
            {
                "standard_name": "geopotential_height",
                "units": "m",
                "positive": "up",
                "axis": "Z",
            },
        ),
        "latitude": xr.Variable(
            "latitude", grid.latitudes(), {"standard_name": "latitude", "units": "degrees_north"}
        ),
        "longitude": xr.Variable(
            "longitude", grid.longitudes(), {"standard_name": "longitude", "units": "degrees_east"}
        ),
    }
