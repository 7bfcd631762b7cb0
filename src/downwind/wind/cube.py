"""The wind that every source delivers: one xarray dataset with one shape, checked once.

Dimensions ``(realization, time, level, latitude, longitude)``:

=========================================== ============= ========== ==============================
variable                                    dims          unit       needed
=========================================== ============= ========== ==============================
``eastward_wind``                           all           m s-1      yes
``northward_wind``                          all           m s-1      yes
``geopotential_height``                     all           m          yes, rising with level
``upward_air_velocity``                     all           m s-1      no; NaN on whole levels only
``air_temperature``                         all           K          no; 120 to 350
``relative_humidity``                       all           1          no; 0 to 1, NaN where unknown
``cloud_area_fraction_in_atmosphere_layer`` all           1          no; 0 to 1, NaN where unknown
``eastward_wind_10m``                       without level m s-1      no, with its partner only
``northward_wind_10m``                      without level m s-1      no
``surface_air_pressure``                    without level Pa         no
``precipitation_flux``                      without level kg m-2 s-1 no; 0 to 0.2, may be NaN
``cloud_area_fraction``                     without level 1          no; 0 to 1, may be NaN
``wind_speed_of_gust``                      without level m s-1      no; may be NaN
``atmosphere_boundary_layer_thickness``     without level m          no; may be NaN
``friction_velocity``                       without level m s-1      no; may be NaN
``wind_standard_error``                     all           m s-1      no; of each component
``surface_altitude``                        lat, lon      m          no
=========================================== ============= ========== ==============================

Coordinates: ``realization`` int; ``time`` datetime64[ns], UTC, ascending, unique; ``level``
ordered from the ground upward (air pressure [Pa] falling, or height [m] rising, as its
``standard_name`` says); ``latitude`` and ``longitude`` [degrees] ascending and evenly spaced, the
first longitude in [-180, 180), going past 180 where the box crosses the antimeridian. There are
at least two levels, latitudes and longitudes, one time and one member. All fields are float32 and
finite, save where the table says NaN (which means that nothing is known there), and no wind is
faster than 200 m/s. Relative humidity refers to water at every temperature.

Attributes: ``source`` (a name for people, such as ``GFS 2.5 deg``), ``files`` (names, joined by
``, ``), ``digest`` (sha256 of the bytes read), ``forecast_reference_time`` (ISO, with Z; empty for
what is no forecast), ``nature`` (``forecast``, ``reanalysis``, ``observation`` or ``synthetic``),
``warnings`` (what every output that rests on the wind has to say, joined by newlines; empty if
nothing) and ``notes`` (what the reader had to decide, joined alike).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.times import datetime64_to_epoch, format_utc, parse_time
from downwind.wind._contract import (
    BOUNDARY_LAYER,
    CLOUD,
    CLOUD_COVER,
    DIMS,
    EAST,
    EAST_10M,
    FRICTION_VELOCITY,
    GAPPY,
    GUST,
    HEIGHT,
    HUMIDITY,
    MAX_WIND_MS,
    NATURES,
    NEEDED,
    NORTH,
    NORTH_10M,
    PRECIPITATION,
    RANGES,
    SURFACE_DIMS,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    TERRAIN_DIMS,
    UPWARD,
    VARIABLES,
    WIND_ERROR,
    check_attributes,
    check_coordinates,
    check_range,
    check_speed,
    check_upward,
    check_variables,
    goes_round,
    refuse_values,
    write_box,
    write_level,
)
from downwind.wind._parts import WindPart, member_weights, read_parts
from downwind.wind._reference import interpolate_wind

__all__ = [
    "BOUNDARY_LAYER",
    "CLOUD",
    "CLOUD_COVER",
    "DIMS",
    "EAST",
    "EAST_10M",
    "FRICTION_VELOCITY",
    "GUST",
    "HEIGHT",
    "HUMIDITY",
    "MAX_WIND_MS",
    "NATURES",
    "NEEDED",
    "NORTH",
    "NORTH_10M",
    "PRECIPITATION",
    "SURFACE_DIMS",
    "SURFACE_PRESSURE",
    "TEMPERATURE",
    "TERRAIN",
    "TERRAIN_DIMS",
    "UPWARD",
    "VARIABLES",
    "WIND_ERROR",
    "WindCube",
    "WindPart",
    "goes_round",
    "interpolate_wind",
    "validate_cube",
    "write_box",
    "write_level",
]


@dataclass(frozen=True, slots=True, eq=False)
class WindCube:
    """Wind that keeps the contract of this module; made by `validate_cube`.

    Parameters
    ----------
    dataset : xarray.Dataset
        The fields; not to be changed.
    """

    dataset: xr.Dataset

    @property
    def times_s(self) -> NDArray[np.int64]:
        """Valid times, shape (time,) [s since 1970]."""
        return np.asarray(datetime64_to_epoch(self.dataset["time"].values), np.int64)

    @property
    def member_count(self) -> int:
        """Number of ensemble members, 1 for a single forecast."""
        return int(self.dataset.sizes["realization"])

    @property
    def level_count(self) -> int:
        """Number of levels."""
        return int(self.dataset.sizes["level"])

    @property
    def latitude(self) -> NDArray[np.float64]:
        """Latitudes, ascending, shape (latitude,) [degrees]."""
        return np.asarray(self.dataset["latitude"].values, np.float64)

    @property
    def longitude(self) -> NDArray[np.float64]:
        """Longitudes, ascending, shape (longitude,) [degrees]; may go past 180."""
        return np.asarray(self.dataset["longitude"].values, np.float64)

    @property
    def is_global(self) -> bool:
        """Whether the longitudes go all the way round."""
        return goes_round(self.longitude)

    @property
    def source(self) -> str:
        """Name of the source, for people."""
        return str(self.dataset.attrs["source"])

    @property
    def digest(self) -> str:
        """The sha256 of the bytes that were read, in hex."""
        return str(self.dataset.attrs["digest"])

    @property
    def files(self) -> str:
        """Names of the files that were read, joined by commas."""
        return str(self.dataset.attrs["files"])

    @property
    def nature(self) -> str:
        """``forecast``, ``reanalysis``, ``observation`` or ``synthetic``."""
        return str(self.dataset.attrs["nature"])

    @property
    def reference_time_s(self) -> int | None:
        """Time of the forecast run [s since 1970]; None for what is no forecast."""
        text = str(self.dataset.attrs["forecast_reference_time"])
        return parse_time(text) if text else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What every output that rests on this wind has to say, one an entry."""
        return tuple(line for line in str(self.dataset.attrs["warnings"]).split("\n") if line)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader had to decide, one note an entry."""
        return tuple(line for line in str(self.dataset.attrs["notes"]).split("\n") if line)

    @property
    def control(self) -> int | None:
        """Number of the unperturbed member of an ensemble; None where there is none or unknown."""
        text = str(self.dataset.attrs.get("control_member", ""))
        return int(text) if text else None

    @property
    def parts(self) -> tuple[WindPart, ...]:
        """The sources of the members, each with its weight: several in a mixed set alone."""
        parts = read_parts(str(self.dataset.attrs.get("parts", "")))
        # some of the members are a wind of their own
        if parts and sum(part.members for part in parts) == self.member_count:
            return parts
        return (
            WindPart(
                self.source,
                self.nature,
                self.reference_time_s,
                self.member_count,
                self.control is not None,
                1.0,
                self.files,
                self.digest,
            ),
        )

    @property
    def weights(self) -> tuple[float, ...] | None:
        """Weights of the members of a mixed set; None where all weigh the same."""
        parts = self.parts
        return member_weights(parts) if len(parts) > 1 else None

    @property
    def stored_as(self) -> str:
        """Id in the store of winds; empty for what was read from files."""
        return str(self.dataset.attrs.get("stored_as", ""))

    @property
    def has_vertical_wind(self) -> bool:
        """Whether there is a vertical wind on any level."""
        return UPWARD in self.dataset

    @property
    def has_surface_wind(self) -> bool:
        """Whether there is a wind at 10 m above the ground."""
        return EAST_10M in self.dataset

    @property
    def has_temperature(self) -> bool:
        """Whether the temperature of the air is known."""
        return TEMPERATURE in self.dataset

    @property
    def has_humidity(self) -> bool:
        """Whether there is a relative humidity on any level."""
        return HUMIDITY in self.dataset

    @property
    def has_cloud(self) -> bool:
        """Whether there is a cloud fraction on any level."""
        return CLOUD in self.dataset

    @property
    def has_terrain(self) -> bool:
        """Whether the height of the ground is known."""
        return TERRAIN in self.dataset

    def describe(self) -> str:
        """Return one line for a caption: source, run, and what there is of it."""
        times = self.times_s
        run = self.reference_time_s
        parts = [self.source, f"run {_write_hour(run)}" if run is not None else self.nature]
        span = _write_hour(int(times[0]))
        if times.size > 1:
            span = f"{times.size} times {span} to {_write_hour(int(times[-1]))}"
        parts += [span, f"{self.level_count} levels"]
        if self.member_count > 1:
            parts.append(f"{self.member_count} members")
        return ", ".join(parts)


def validate_cube(dataset: xr.Dataset) -> WindCube:
    """Check a dataset against the whole contract of this module.

    Parameters
    ----------
    dataset : xarray.Dataset
        What a reader made.

    Returns
    -------
    WindCube
        The same dataset, wrapped.

    Raises
    ------
    WeatherContentError
        If a dimension, coordinate, variable or attribute is missing or has the wrong shape.
    WindValueError
        If a value is no number or outside its range, a wind is faster than 200 m/s, or heights
        do not rise.
    """
    check_coordinates(dataset)
    check_variables(dataset)
    check_attributes(dataset)
    for name in VARIABLES:
        if name in dataset and name not in GAPPY:
            refuse_values(dataset[name], ~np.isfinite(dataset[name].values), "is not a number")
        if name in dataset and name in RANGES:
            check_range(dataset[name])
    if UPWARD in dataset:
        check_upward(dataset[UPWARD])
    check_speed(dataset, EAST, NORTH)
    if EAST_10M in dataset:
        check_speed(dataset, EAST_10M, NORTH_10M)
    falls = np.zeros(dataset[HEIGHT].shape, bool)
    falls[:, :, 1:] = np.diff(dataset[HEIGHT].values, axis=2) <= 0.0
    refuse_values(dataset[HEIGHT], falls, "does not lie above the level below it")
    return WindCube(dataset)


def _write_hour(epoch_s: int) -> str:
    text = format_utc(epoch_s)
    clock = text[11:13] if text[14:19] == "00:00" else text[11:16]
    return f"{text[:10]} {clock}Z"
