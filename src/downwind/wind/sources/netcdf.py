"""NetCDF files on pressure levels: ERA5 as the Climate Data Store gives it, and its like.

Both layouts of the store are read, the old one (``time``, ``level``, ``number``, and ``expver``
where final and preliminary data are mixed) and the new one (``valid_time``,
``pressure_level``), and what cfgrib writes (``step``, ``isobaricInhPa``). Variables are known by
their short or standard names and taken only with a unit that says what they are. HDF5 is read by
h5netcdf, the classic format by scipy.

A file whose forecast reference time is absent, or equal to the valid time throughout, is a
reanalysis and has no run.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.constants import GRAVITY_MS2
from downwind.errors import WeatherFileError, WeatherTruncatedError
from downwind.wind.cube import (
    CLOUD,
    EAST,
    EAST_10M,
    HEIGHT,
    HUMIDITY,
    NORTH,
    NORTH_10M,
    PRECIPITATION,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    UPWARD,
)
from downwind.wind.sources._axes import (
    PRESSURE_UNITS,
    LeftOutError,
    NoLevelError,
    explain_levels,
    find_axis,
    find_levels,
    find_members,
    find_times,
    is_level,
    merge_versions,
    sort_dimensions,
    spread_axis,
    tidy_unit,
)
from downwind.wind.sources._fields import (
    CENTRES,
    FRACTION_UNITS,
    OMEGA,
    SPECIFIC,
    Field,
    Inventory,
    Layout,
    find_layout,
)
from downwind.wind.window import Window

NAME = "NetCDF"

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
CLASSIC_MAGICS = (b"CDF\x01", b"CDF\x02")

_SPEED = {"ms-1": 1.0, "m/s": 1.0, "m/sec": 1.0}
_LENGTH = {"m": 1.0, "gpm": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0}
_GEOPOTENTIAL = {"m2s-2": 1.0 / GRAVITY_MS2, "m2/s2": 1.0 / GRAVITY_MS2}
_PRESSURE_RATE = {"pas-1": 1.0, "pa/s": 1.0}

_RATIO = {"kgkg-1": 1.0, "kg/kg": 1.0, "1": 1.0, "gkg-1": 1.0e-3, "g/kg": 1.0e-3}
_MASS_RATE = {"kgm-2s-1": 1.0, "kg/m2/s": 1.0, "mms-1": 1.0, "mm/s": 1.0}

_QUANTITIES: dict[str, tuple[Mapping[str, float], str, str]] = {
    "east": (_SPEED, EAST, ""),
    "north": (_SPEED, NORTH, ""),
    "height": ({**_LENGTH, **_GEOPOTENTIAL}, HEIGHT, TERRAIN),
    "temperature": ({"k": 1.0, "kelvin": 1.0}, TEMPERATURE, ""),
    "omega": (_PRESSURE_RATE, OMEGA, ""),
    "relative humidity": (FRACTION_UNITS, HUMIDITY, ""),
    "specific humidity": (_RATIO, SPECIFIC, ""),
    "cloud": (FRACTION_UNITS, CLOUD, ""),
    "rain": (_MASS_RATE, "", PRECIPITATION),
    "upward": (_SPEED, UPWARD, ""),
    "east 10 m": (_SPEED, "", EAST_10M),
    "north 10 m": (_SPEED, "", NORTH_10M),
    "surface pressure": (PRESSURE_UNITS, "", SURFACE_PRESSURE),
    "ground": ({**_LENGTH, **_GEOPOTENTIAL}, "", TERRAIN),
}
"""Factor of each unit, and the cube's name on pressure levels and at the surface."""

_NAMES = {
    "u": "east", "v": "north", "z": "height", "gh": "height", "t": "temperature", "w": "omega",
    "wz": "upward", "ua": "east", "va": "north", "zg": "height", "ta": "temperature",
    "wap": "omega", "u10": "east 10 m", "v10": "north 10 m", "10u": "east 10 m",
    "10v": "north 10 m", "sp": "surface pressure", "orog": "ground",
    "eastward_wind": "east", "northward_wind": "north", "geopotential": "height",
    "geopotential_height": "height", "air_temperature": "temperature",
    "lagrangian_tendency_of_air_pressure": "omega", "upward_air_velocity": "upward",
    "surface_air_pressure": "surface pressure", "surface_altitude": "ground",
    "surface_geopotential": "ground", "r": "relative humidity", "hur": "relative humidity",
    "rh": "relative humidity", "relative_humidity": "relative humidity",
    "q": "specific humidity", "hus": "specific humidity",
    "specific_humidity": "specific humidity", "cc": "cloud",
    "cloud_area_fraction_in_atmosphere_layer": "cloud", "prate": "rain",
    "precipitation_flux": "rain",
}  # fmt: skip
_WIND_QUANTITIES = {"east", "north", "height"}
_GROUND_RANGE_M = (-600.0, 9000.0)
_HDF5_SMALLEST = 512


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return head.startswith((HDF5_MAGIC, *CLASSIC_MAGICS))


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all variables of NetCDF files that a flight can use, and count the others.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        What they hold, whether it makes a cube or not.

    Raises
    ------
    WeatherFileError
        If a file cannot be read.
    WeatherTruncatedError
        If a file ends early.
    """
    fields: list[Field] = []
    left_out: list[str] = []
    others: Counter[str] = Counter()
    kinds: set[str] = set()
    for path in paths:
        with path.open("rb") as stream:
            is_hdf5 = stream.read(8) == HDF5_MAGIC
        kinds.add("NetCDF-4 (HDF5)" if is_hdf5 else "NetCDF classic")
        dataset = _open_file(path, is_hdf5)
        try:
            fields += _read_file(dataset, path.name, window, left_out, others)
        finally:
            dataset.close()
    names = tuple(path.name for path in paths)
    notes: tuple[str, ...] = ()
    if any(field.run_s is None and "ERA5" not in field.source for field in fields):
        notes = ("no forecast reference time before the valid times: taken as a reanalysis",)
    kind = " and ".join(sorted(kinds))
    return Inventory(kind, names, tuple(fields), {}, tuple(left_out), dict(others), notes)


def _open_file(path: Path, is_hdf5: bool) -> xr.Dataset:
    """Open and load a file, with packed values unpacked and times as they stand."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)
            with xr.open_dataset(
                path,
                engine="h5netcdf" if is_hdf5 else "scipy",
                decode_times=False,
                decode_timedelta=False,
                backend_kwargs={"phony_dims": "sort"} if is_hdf5 else None,
            ) as dataset:
                return dataset.load()
    except MemoryError:
        raise
    except Exception as error:
        # A damaged file makes the two libraries raise nearly anything; none of it is for users.
        size = path.stat().st_size
        if not is_hdf5 or "truncated" in str(error) or size < _HDF5_SMALLEST:
            raise WeatherTruncatedError(
                f"{path.name}: the file ends early, or its header is damaged ({size} bytes)",
                "fetch the file again",
            ) from error
        raise WeatherFileError(
            f"{path.name} cannot be read as NetCDF: {error}", "fetch the file again"
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class _Variable:
    """A variable with its axes found: values (slabs, latitude, longitude) and a key a slab."""

    name: str
    levels_pa: list[float | None]
    times_s: list[int]
    runs_s: list[int | None]
    members: list[int]
    values: NDArray[np.float32]
    layout: Layout


def _read_file(
    dataset: xr.Dataset,
    file: str,
    window: Window,
    left_out: list[str],
    others: Counter[str],
) -> list[Field]:
    variables: list[_Variable] = []
    reasons: dict[str, list[str]] = {}
    flat_wind = False
    for key, array in dataset.data_vars.items():
        quantity = _name_quantity(key, array)
        if quantity is None:
            others[str(key)] += 1
            continue
        try:
            variables.append(_read_variable(array, quantity, window))
        except LeftOutError as reason:
            is_flat = isinstance(reason, NoLevelError)
            flat_wind = flat_wind or (is_flat and quantity in ("east", "north"))
            reasons.setdefault(str(reason), []).append(str(key))
    if flat_wind and any(variable.name == TERRAIN for variable in variables):
        # A file cut to one pressure level may lose that axis: its z is then no ground.
        variables = [variable for variable in variables if variable.name != TERRAIN]
        left_out.append(f"height in {file}: it has no pressure level, as the wind beside it")
    left_out += [f"{', '.join(keys)} in {file}: {why}" for why, keys in reasons.items()]
    past = all(
        run is None or run == time
        for variable in variables
        for run, time in zip(variable.runs_s, variable.times_s, strict=True)
    )
    source = _name_source(dataset)
    return [
        Field(
            name=variable.name,
            level_pa=level,
            time_s=time,
            member=member,
            values=variable.values[i],
            grid=variable.layout.grid,
            run_s=None if past else run,
            is_analysis=past or run == time,
            source=source,
            file=file,
        )
        for variable in variables
        for i, (level, time, run, member) in enumerate(
            zip(
                variable.levels_pa,
                variable.times_s,
                variable.runs_s,
                variable.members,
                strict=True,
            )
        )
        if window.holds_time(time)
    ]


def _name_quantity(key: Hashable, array: xr.DataArray) -> str | None:
    if array.dtype.kind not in "fiu":
        return None
    name = str(key).lower()
    return _NAMES.get(name) or _NAMES.get(str(array.attrs.get("standard_name", "")))


def _read_variable(array: xr.DataArray, quantity: str, window: Window) -> _Variable:
    """Find the axes of a variable and cut it into slabs; raise `LeftOutError` without."""
    if len(set(array.dims)) < array.ndim:
        raise LeftOutError("the same axis stands twice")
    latitude = find_axis(array, {"latitude", "lat"}, "degrees_north")
    longitude = find_axis(array, {"longitude", "lon"}, "degrees_east")
    if latitude is None or longitude is None:
        raise LeftOutError("no regular latitude and longitude axes")
    try:
        layout = find_layout(array[latitude].values, array[longitude].values)
    except ValueError as error:
        raise LeftOutError(str(error)) from error
    part = layout.within(window)
    if part is None:
        raise LeftOutError(f"nothing of it in {window.describe()}")
    array = merge_versions(array)
    array, roles = sort_dimensions(array, latitude, longitude)
    level_name = next((name for name in array.coords if is_level(array[name])), None)
    units, upper_name, surface_name = _QUANTITIES[quantity]
    if level_name is None and not surface_name:
        raise NoLevelError(explain_levels(array))
    name = surface_name if level_name is None else upper_name
    if not name:
        raise LeftOutError("a surface field on pressure levels")
    factor = _find_factor(array, quantity, units)
    if quantity == "omega" and tidy_unit(array) in _SPEED:
        name = UPWARD
    times_s, runs_s = find_times(array, optional=name == TERRAIN)
    stacked = array.transpose(*roles, latitude, longitude)
    values = part.lay_out(np.asarray(stacked.values, np.float64) * factor)
    values = values.reshape(-1, part.grid.rows, part.grid.columns)
    axes = tuple(roles)
    if name == TERRAIN:
        ground = values[np.isfinite(values)]
        low, high = _GROUND_RANGE_M
        if ground.size and not (low <= ground.min() and ground.max() <= high):
            raise LeftOutError("too high for the ground, and without a pressure level")
    levels = spread_axis(find_levels(array, level_name), axes, array)
    runs: list[int | None] = [None] * len(values)
    if runs_s is not None:
        runs = [int(run) for run in spread_axis(runs_s, axes, array)]
    return _Variable(
        name,
        [None if level_name is None else float(level) for level in levels],
        [int(time) for time in spread_axis(times_s, axes, array)],
        runs,
        [int(member) for member in spread_axis(find_members(array), axes, array)],
        values,
        part,
    )


# --- units and names ---------------------------------------------------------------------------


def _find_factor(array: xr.DataArray, quantity: str, units: Mapping[str, float]) -> float:
    unit = tidy_unit(array)
    if quantity == "omega" and unit in _SPEED:
        return 1.0
    if unit not in units:
        shown = f"the unit '{array.attrs['units']}'" if unit else "no unit"
        raise LeftOutError(f"it has {shown}, not one of {', '.join(units)}")
    return units[unit]


def _name_source(dataset: xr.Dataset) -> str:
    attrs = {str(key).lower(): str(value) for key, value in dataset.attrs.items()}
    text = " ".join(attrs.values()).lower()
    if "era5" in text:
        return "ECMWF ERA5"
    centre = CENTRES.get(attrs.get("grib_centre", ""))
    if centre:
        return centre
    if "ecmwf" in text or "grib_to_netcdf" in text:
        return "ECMWF"
    return attrs.get("institution", "")[:40] or "unnamed NetCDF"
