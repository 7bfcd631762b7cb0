"""The contract of a wind cube as code: names, dims and units, and the parts of its check.

`downwind.wind.cube` says in words what is checked here.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WindValueError
from downwind.times import format_utc, parse_time

EAST: Final = "eastward_wind"
NORTH: Final = "northward_wind"
HEIGHT: Final = "geopotential_height"
UPWARD: Final = "upward_air_velocity"
TEMPERATURE: Final = "air_temperature"
HUMIDITY: Final = "relative_humidity"
CLOUD: Final = "cloud_area_fraction_in_atmosphere_layer"
EAST_10M: Final = "eastward_wind_10m"
NORTH_10M: Final = "northward_wind_10m"
SURFACE_PRESSURE: Final = "surface_air_pressure"
PRECIPITATION: Final = "precipitation_flux"
CLOUD_COVER: Final = "cloud_area_fraction"
GUST: Final = "wind_speed_of_gust"
BOUNDARY_LAYER: Final = "atmosphere_boundary_layer_thickness"
FRICTION_VELOCITY: Final = "friction_velocity"
WIND_ERROR: Final = "wind_standard_error"
TERRAIN: Final = "surface_altitude"

DIMS: Final = ("realization", "time", "level", "latitude", "longitude")
SURFACE_DIMS: Final = ("realization", "time", "latitude", "longitude")
TERRAIN_DIMS: Final = ("latitude", "longitude")
NEEDED: Final = (EAST, NORTH, HEIGHT)
VARIABLES: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    EAST: (DIMS, "m s-1"),
    NORTH: (DIMS, "m s-1"),
    HEIGHT: (DIMS, "m"),
    UPWARD: (DIMS, "m s-1"),
    TEMPERATURE: (DIMS, "K"),
    HUMIDITY: (DIMS, "1"),
    CLOUD: (DIMS, "1"),
    EAST_10M: (SURFACE_DIMS, "m s-1"),
    NORTH_10M: (SURFACE_DIMS, "m s-1"),
    SURFACE_PRESSURE: (SURFACE_DIMS, "Pa"),
    PRECIPITATION: (SURFACE_DIMS, "kg m-2 s-1"),
    CLOUD_COVER: (SURFACE_DIMS, "1"),
    GUST: (SURFACE_DIMS, "m s-1"),
    BOUNDARY_LAYER: (SURFACE_DIMS, "m"),
    FRICTION_VELOCITY: (SURFACE_DIMS, "m s-1"),
    WIND_ERROR: (DIMS, "m s-1"),
    TERRAIN: (TERRAIN_DIMS, "m"),
}
"""The dims and the unit of each variable of the contract."""

GAPPY: Final = (
    UPWARD, HUMIDITY, CLOUD, PRECIPITATION, CLOUD_COVER, GUST, BOUNDARY_LAYER, FRICTION_VELOCITY,
)  # fmt: skip
"""The variables that may be missing in places, NaN there."""

RANGES: Final[dict[str, tuple[float, float]]] = {
    TEMPERATURE: (120.0, 350.0),
    HUMIDITY: (0.0, 1.0),
    CLOUD: (0.0, 1.0),
    PRECIPITATION: (0.0, 0.2),
    CLOUD_COVER: (0.0, 1.0),
    GUST: (0.0, 200.0),
    BOUNDARY_LAYER: (0.0, 10_000.0),
    FRICTION_VELOCITY: (0.0, 10.0),
    WIND_ERROR: (0.0, 100.0),
}
"""Least and greatest value of each variable, in its unit; 0.2 kg m-2 s-1 are 720 mm/h."""

NATURES: Final = ("forecast", "reanalysis", "observation", "synthetic")
MAX_WIND_MS: Final = 200.0
"""Speed above which a value is taken for an error [m s-1]; jets reach about 130."""

SPACING_TOLERANCE: Final = 0.01
"""How far a coordinate may lie off an even axis, as a fraction of the spacing."""

ATTRIBUTES = (
    "source", "files", "digest", "forecast_reference_time", "nature", "warnings", "notes",
)  # fmt: skip
_LEVEL_NAMES = {
    "air_pressure": -1,
    "height": 1,
    "altitude": 1,
    "geopotential_height": 1,
}
_READER_HINT = "mend the program that made this wind: it does not keep the contract of WindCube"
_VALUE_HINT = "fetch the file again; if it stays so, leave out the level or the hour that is wrong"


def goes_round(longitude: NDArray[np.float64]) -> bool:
    """Tell whether ascending longitudes, shape (n,) [degrees], circle the globe."""
    n = longitude.size
    if n < 2:
        return False
    spacing = (longitude[-1] - longitude[0]) / (n - 1)
    return bool(abs(n * spacing - 360.0) < SPACING_TOLERANCE * spacing)


def write_level(level: float, standard_name: str = "air_pressure") -> str:
    """Write a level for a person: ``850 hPa`` for a pressure [Pa], ``1500 m`` for a height [m]."""
    return f"{level / 100.0:g} hPa" if standard_name == "air_pressure" else f"{level:g} m"


def write_box(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> str:
    """Write the box of two ascending axes [degrees], such as ``20 to 55 N, 105 to 150 E``."""
    across = f"{longitude[0]:g} to {longitude[-1]:g} E"
    if goes_round(longitude):
        across = "all longitudes"
    return f"{latitude[0]:g} to {latitude[-1]:g} N, {across}"


def check_coordinates(dataset: xr.Dataset) -> None:
    """Raise WeatherContentError if an axis is missing, too short or out of order."""
    smallest = {"realization": 1, "time": 1, "level": 2, "latitude": 2, "longitude": 2}
    absent = [name for name in DIMS if name not in dataset.coords or name not in dataset.dims]
    if absent:
        raise WeatherContentError(f"the wind has no axis {', '.join(absent)}", _READER_HINT)
    for name, least in smallest.items():
        if dataset.sizes[name] < least:
            raise WeatherContentError(
                f"the wind has {dataset.sizes[name]} of {name}: at least {least} are needed",
                "bring in a larger part of the weather file",
            )
    realization = dataset["realization"].values
    if realization.dtype.kind not in "iu" or np.unique(realization).size != realization.size:
        raise WeatherContentError("realization is not made of unique integers", _READER_HINT)
    time = dataset["time"].values
    if time.dtype != np.dtype("datetime64[ns]"):
        raise WeatherContentError(f"time is {time.dtype}, not datetime64[ns]", _READER_HINT)
    if np.isnat(time).any() or np.any(np.diff(time.astype(np.int64)) <= 0):
        raise WeatherContentError("the times do not ascend", _READER_HINT)
    sign = _LEVEL_NAMES.get(str(dataset["level"].attrs.get("standard_name")))
    if sign is None:
        raise WeatherContentError(
            "the standard_name of level is none of " + ", ".join(_LEVEL_NAMES), _READER_HINT
        )
    level = np.asarray(dataset["level"].values, np.float64)
    if not np.isfinite(level).all() or np.any(sign * np.diff(level) <= 0.0):
        raise WeatherContentError("the levels are not ordered from the ground up", _READER_HINT)
    for name in ("latitude", "longitude"):
        _check_even(name, np.asarray(dataset[name].values, np.float64))
    latitude, longitude = dataset["latitude"].values, dataset["longitude"].values
    if latitude[0] < -90.0 - 1e-6 or latitude[-1] > 90.0 + 1e-6:
        raise WeatherContentError("a latitude lies beyond a pole", _READER_HINT)
    if not -180.0 <= longitude[0] < 180.0 or longitude[-1] - longitude[0] >= 360.0:
        raise WeatherContentError(
            f"the longitudes go from {longitude[0]:g} to {longitude[-1]:g}: the first belongs in "
            "[-180, 180) and they may go round once",
            _READER_HINT,
        )


def _check_even(name: str, values: NDArray[np.float64]) -> None:
    even = np.linspace(values[0], values[-1], values.size)
    spacing = (values[-1] - values[0]) / (values.size - 1)
    off = np.abs(values - even)
    if not np.isfinite(values).all() or spacing <= 0.0 or off.max() > SPACING_TOLERANCE * spacing:
        raise WeatherContentError(f"{name} is not ascending and evenly spaced", _READER_HINT)


def check_variables(dataset: xr.Dataset) -> None:
    """Raise WeatherContentError if a variable is missing or has the wrong dims or type."""
    absent = [name for name in NEEDED if name not in dataset]
    if absent:
        raise WeatherContentError(
            f"the wind lacks {', '.join(absent)}",
            "bring in a file with eastward and northward wind and heights on the same levels",
        )
    if (EAST_10M in dataset) != (NORTH_10M in dataset):
        raise WeatherContentError("one component of the 10 m wind is missing", _READER_HINT)
    for name, (dims, _) in VARIABLES.items():
        if name not in dataset:
            continue
        if dataset[name].dims != dims:
            raise WeatherContentError(
                f"{name} has the dims {dataset[name].dims}, not {dims}", _READER_HINT
            )
        if dataset[name].dtype != np.float32:
            raise WeatherContentError(f"{name} is {dataset[name].dtype}, not float32", _READER_HINT)


def check_attributes(dataset: xr.Dataset) -> None:
    """Raise WeatherContentError if an attribute is missing or two contradict each other."""
    absent = [name for name in ATTRIBUTES if not isinstance(dataset.attrs.get(name), str)]
    if absent:
        raise WeatherContentError(f"the wind lacks the text {', '.join(absent)}", _READER_HINT)
    nature, run = dataset.attrs["nature"], dataset.attrs["forecast_reference_time"]
    if nature not in NATURES:
        raise WeatherContentError(
            f"the nature '{nature}' is none of {', '.join(NATURES)}", _READER_HINT
        )
    if (nature == "forecast") != bool(run):
        raise WeatherContentError(
            f"a {nature} has the forecast_reference_time '{run}'", _READER_HINT
        )
    if run:
        try:
            parse_time(run)
        except ValueError as error:
            raise WeatherContentError(f"forecast_reference_time: {error}", _READER_HINT) from error


def check_upward(field: xr.DataArray) -> None:
    """Raise WindValueError if the vertical wind is missing on a part of a level."""
    values = field.values
    refuse_values(field, np.isinf(values), "is not finite")
    missing = np.isnan(values)
    whole = missing.all(axis=(0, 1, 3, 4))
    refuse_values(field, missing & ~whole[:, None, None], "is missing on a part of its level")


def check_range(field: xr.DataArray) -> None:
    """Raise WindValueError if a value lies outside the `RANGES` of its variable; NaN passes."""
    low, high = RANGES[str(field.name)]
    unit = VARIABLES[str(field.name)][1]
    values = field.values
    refuse_values(
        field,
        (values < low) | (values > high),
        f"lies outside {low:g} to {high:g}" + (f" {unit}" if unit != "1" else ""),
    )


def check_speed(dataset: xr.Dataset, east: str, north: str) -> None:
    """Raise WindValueError if two components make a wind that cannot be."""
    speed2 = dataset[east].values ** 2 + dataset[north].values ** 2
    refuse_values(
        dataset[east],
        speed2 > MAX_WIND_MS**2,
        f"belongs to a wind of more than {MAX_WIND_MS:.0f} m/s",
    )


def refuse_values(field: xr.DataArray, bad: NDArray[np.bool_], what: str) -> None:
    """Raise for the first value that is marked, naming it and where it lies."""
    count = int(np.count_nonzero(bad))
    if count == 0:
        return
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
    where = dict(zip((str(dim) for dim in field.dims), index, strict=True))
    value = float(field.values[index])
    more = f" ({count - 1} more)" if count > 1 else ""
    raise WindValueError(
        f"{field.name} = {value:g} {what}: {_write_place(field, where)}{more}", _VALUE_HINT
    )


def _write_place(field: xr.DataArray, where: dict[str, int]) -> str:
    at: dict[str, Any] = {name: field[name].values[i] for name, i in where.items()}
    parts = []
    if "level" in at:
        parts.append(write_level(at["level"], str(field["level"].attrs.get("standard_name"))))
    if "time" in at:
        parts.append(format_utc(int(at["time"].astype("datetime64[s]").astype(np.int64))))
    parts.append(f"{at['latitude']:g} N {at['longitude']:g} E")
    if "realization" in at:
        parts.append(f"member {at['realization']}")
    return ", ".join(parts)
