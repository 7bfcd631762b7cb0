"""What a NetCDF variable is, by its name, standard name and unit.

Four ways to name things are known: short names and CF standard names (ERA5, cfgrib, CMIP), those of
THREDDS servers (``u-component_of_wind_isobaric``), of wgrib2 (``UGRD_850mb``) and of GrADS data
servers (``ugrdprs``). A variable is taken only with a unit that says what it is; GrADS writes it in
brackets at the end of the long name.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final

import xarray as xr

from downwind.constants import GRAVITY_MS2
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD,
    CLOUD_COVER,
    EAST,
    EAST_10M,
    FRICTION_VELOCITY,
    GUST,
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
from downwind.wind.sources._axes import PRESSURE_UNITS, LeftOutError, tidy_unit
from downwind.wind.sources._fields import FRACTION_UNITS, OMEGA, SPECIFIC

SPEED: Final = {"ms-1": 1.0, "m/s": 1.0, "m/sec": 1.0, "m.s-1": 1.0}
_FOOT_M: Final = 0.3048
_LENGTH: Final = {
    "m": 1.0, "gpm": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "geopotentialmeters": 1.0, "dam": 10.0, "gpdm": 10.0, "km": 1000.0,
    "ft": _FOOT_M, "feet": _FOOT_M, "foot": _FOOT_M, "gpft": _FOOT_M,
}  # fmt: skip
_GEOPOTENTIAL: Final = {
    "m2s-2": 1.0 / GRAVITY_MS2, "m2/s2": 1.0 / GRAVITY_MS2, "m2.s-2": 1.0 / GRAVITY_MS2,
}  # fmt: skip
_PRESSURE_RATE: Final = {"pas-1": 1.0, "pa/s": 1.0, "pa.s-1": 1.0}
_RATIO: Final = {"kgkg-1": 1.0, "kg/kg": 1.0, "1": 1.0, "gkg-1": 1.0e-3, "g/kg": 1.0e-3,
                 "kg.kg-1": 1.0}  # fmt: skip
_MASS_RATE: Final = {"kgm-2s-1": 1.0, "kg/m2/s": 1.0, "kg.m-2.s-1": 1.0, "mms-1": 1.0, "mm/s": 1.0}
_MASS: Final = {"m": 1000.0, "kgm-2": 1.0, "kg/m2": 1.0, "kg.m-2": 1.0, "mm": 1.0}

QUANTITIES: Final[dict[str, tuple[Mapping[str, float], str, str]]] = {
    "east": (SPEED, EAST, ""),
    "north": (SPEED, NORTH, ""),
    "height": ({**_LENGTH, **_GEOPOTENTIAL}, HEIGHT, TERRAIN),
    "temperature": ({"k": 1.0, "kelvin": 1.0}, TEMPERATURE, ""),
    "omega": (_PRESSURE_RATE, OMEGA, ""),
    "relative humidity": (FRACTION_UNITS, HUMIDITY, ""),
    "specific humidity": (_RATIO, SPECIFIC, ""),
    "cloud": (FRACTION_UNITS, CLOUD, ""),
    "upward": (SPEED, UPWARD, ""),
    "east 10 m": (SPEED, "", EAST_10M),
    "north 10 m": (SPEED, "", NORTH_10M),
    "surface pressure": (PRESSURE_UNITS, "", SURFACE_PRESSURE),
    "ground": ({**_LENGTH, **_GEOPOTENTIAL}, "", TERRAIN),
    "rain": (_MASS_RATE, "", PRECIPITATION),
    "mean rain": (_MASS_RATE, "", PRECIPITATION),
    "sum of rain": (_MASS, "", PRECIPITATION),
    "cloud cover": (FRACTION_UNITS, "", CLOUD_COVER),
    "gust": (SPEED, "", GUST),
    "greatest gust": (SPEED, "", GUST),
    "boundary layer": (_LENGTH, "", BOUNDARY_LAYER),
    "friction velocity": (SPEED, "", FRICTION_VELOCITY),
}
"""Factor of each unit, and the cube's name on pressure levels and at the surface."""

OVER_A_SPAN: Final = ("mean rain", "sum of rain", "greatest gust")
"""Quantities that belong to a span of time before theirs."""

_NAMES: Final = {
    "u": "east", "v": "north", "z": "height", "gh": "height", "t": "temperature", "w": "omega",
    "wz": "upward", "ua": "east", "va": "north", "zg": "height", "ta": "temperature",
    "wap": "omega", "u10": "east 10 m", "v10": "north 10 m", "10u": "east 10 m",
    "10v": "north 10 m", "sp": "surface pressure", "orog": "ground",
    "r": "relative humidity", "hur": "relative humidity", "rh": "relative humidity",
    "q": "specific humidity", "hus": "specific humidity", "cc": "cloud",
    "prate": "rain", "tprate": "rain", "mtpr": "mean rain", "avg_tprate": "mean rain",
    "tp": "sum of rain", "tcc": "cloud cover", "clt": "cloud cover", "gust": "gust",
    "i10fg": "gust", "fg10": "greatest gust", "10fg": "greatest gust", "blh": "boundary layer",
    "zust": "friction velocity", "fricv": "friction velocity",
}  # fmt: skip
_STANDARD_NAMES: Final = {
    "eastward_wind": "east", "northward_wind": "north", "geopotential": "height",
    "geopotential_height": "height", "air_temperature": "temperature",
    "lagrangian_tendency_of_air_pressure": "omega", "upward_air_velocity": "upward",
    "surface_air_pressure": "surface pressure", "surface_altitude": "ground",
    "surface_geopotential": "ground", "relative_humidity": "relative humidity",
    "specific_humidity": "specific humidity",
    "cloud_area_fraction_in_atmosphere_layer": "cloud", "precipitation_flux": "rain",
    "precipitation_amount": "sum of rain", "cloud_area_fraction": "cloud cover",
    "wind_speed_of_gust": "gust", "atmosphere_boundary_layer_thickness": "boundary layer",
    "friction_velocity": "friction velocity",
}  # fmt: skip
_UPPER: Final = {
    "ugrd": "east", "vgrd": "north", "hgt": "height", "tmp": "temperature", "vvel": "omega",
    "dzdt": "upward", "rh": "relative humidity", "spfh": "specific humidity", "tcdc": "cloud",
}  # fmt: skip
_SURFACE: Final = {
    "pres": "surface pressure", "hgt": "ground", "gust": "gust", "hpbl": "boundary layer",
    "fricv": "friction velocity",
}  # fmt: skip
_THREDDS: Final = {
    "u-component_of_wind_isobaric": "east", "v-component_of_wind_isobaric": "north",
    "geopotential_height_isobaric": "height", "temperature_isobaric": "temperature",
    "vertical_velocity_pressure_isobaric": "omega",
    "vertical_velocity_geometric_isobaric": "upward",
    "relative_humidity_isobaric": "relative humidity",
    "specific_humidity_isobaric": "specific humidity", "total_cloud_cover_isobaric": "cloud",
    "u-component_of_wind_height_above_ground": "east 10 m",
    "v-component_of_wind_height_above_ground": "north 10 m",
    "pressure_surface": "surface pressure", "geopotential_height_surface": "ground",
    "wind_speed_gust_surface": "gust", "frictional_velocity_surface": "friction velocity",
    "planetary_boundary_layer_height_surface": "boundary layer",
    "total_cloud_cover_entire_atmosphere": "cloud cover", "precipitation_rate_surface": "rain",
    "precipitation_rate_surface_mixed_intervals_average": "mean rain",
    "total_precipitation_surface_mixed_intervals_accumulation": "sum of rain",
}  # fmt: skip
_WGRIB2: Final = re.compile(r"([A-Z]+)_(\d+(?:D\d+)?)mb")
_BRACKETS: Final = re.compile(r"\[([^\[\]]+)\]\s*$")


@dataclass(frozen=True, slots=True)
class Named:
    """What a variable is: a key of `QUANTITIES`, and its level where the name says it [Pa]."""

    quantity: str
    level_pa: float | None = None


def name_quantity(key: Hashable, array: xr.DataArray) -> Named | None:
    """Return what a variable is; None if no flight needs it."""
    if array.dtype.kind not in "fiu":
        return None
    text = str(key)
    name = text.lower()
    quantity: str | None
    if found := _WGRIB2.fullmatch(text):
        quantity = _UPPER.get(found[1].lower())
        level_pa = 100.0 * float(found[2].replace("D", "."))
        return None if quantity is None else Named(quantity, level_pa)
    quantity = (
        _NAMES.get(name)
        or _THREDDS.get(name)
        or _name_server_variable(name)
        or _STANDARD_NAMES.get(str(array.attrs.get("standard_name", "")))
        or _STANDARD_NAMES.get(name)
    )
    return None if quantity is None else Named(quantity)


def _name_server_variable(name: str) -> str | None:
    """Name a variable of GrADS (``ugrdprs``, ``pressfc``) or of wgrib2 (``PRES_surface``)."""
    if name in ("ugrd10m", "ugrd_10maboveground"):
        return "east 10 m"
    if name in ("vgrd10m", "vgrd_10maboveground"):
        return "north 10 m"
    for ending, names in (("prs", _UPPER), ("sfc", _SURFACE), ("_surface", _SURFACE)):
        stem = name.removesuffix(ending)
        if stem != name and stem in names:
            return names[stem]
    return None


def find_unit(array: xr.DataArray) -> str:
    """Return the unit of a variable in one spelling, also where only its long name has it."""
    unit = tidy_unit(array)
    if unit:
        return unit
    found = _BRACKETS.search(str(array.attrs.get("long_name", "")))
    return "" if found is None else re.sub(r"\*\*|\^|\s", "", found[1].lower())


def find_factor(array: xr.DataArray, quantity: str) -> float:
    """Return the factor from the unit of a variable to that of the cube.

    Raises
    ------
    LeftOutError
        If the unit is not one of the quantity.
    """
    unit, units = find_unit(array), QUANTITIES[quantity][0]
    if quantity == "omega" and unit in SPEED:
        return 1.0
    if unit not in units:
        shown = f"the unit '{array.attrs.get('units') or unit}'" if unit else "no unit"
        raise LeftOutError(f"it has {shown}, not one of {', '.join(units)}")
    return units[unit]
