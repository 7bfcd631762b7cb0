"""What a GRIB field is in a cube, by the name and the kind of level that ecCodes gives it."""

from __future__ import annotations

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
from downwind.wind.sources._eccodes import Message
from downwind.wind.sources._fields import FRACTION_UNITS, OMEGA, SPECIFIC

_PRESSURE_NAMES = {
    "u": (EAST, 1.0),
    "v": (NORTH, 1.0),
    "gh": (HEIGHT, 1.0),
    "z": (HEIGHT, 1.0 / GRAVITY_MS2),
    "t": (TEMPERATURE, 1.0),
    "w": (OMEGA, 1.0),
    "wz": (UPWARD, 1.0),
    "q": (SPECIFIC, 1.0),
}
_FRACTION_NAMES = {"r": HUMIDITY, "cc": CLOUD, "tcc": CLOUD, "ccl": CLOUD}
_GUST_NAMES = ("gust", "i10fg", "10fg", "10fg3", "10fg6", "max_i10fg")
_RAIN_NAMES = ("prate", "tprate", "avg_tprate", "tp")
_SURFACE_NAMES = {
    "sp": (SURFACE_PRESSURE, 1.0),
    "orog": (TERRAIN, 1.0),
    "gh": (TERRAIN, 1.0),
    "h": (TERRAIN, 1.0),
    "z": (TERRAIN, 1.0 / GRAVITY_MS2),
    "10u": (EAST_10M, 1.0),
    "10v": (NORTH_10M, 1.0),
    "blh": (BOUNDARY_LAYER, 1.0),
    "zust": (FRICTION_VELOCITY, 1.0),
    "fricv": (FRICTION_VELOCITY, 1.0),
    **dict.fromkeys(_GUST_NAMES, (GUST, 1.0)),
    **dict.fromkeys(_RAIN_NAMES, (PRECIPITATION, 1.0)),
}
_TEN_METRE_NAMES = {
    **dict.fromkeys(_GUST_NAMES, (GUST, 1.0)),
    "10u": (EAST_10M, 1.0),
    "10v": (NORTH_10M, 1.0),
    "u": (EAST_10M, 1.0),
    "v": (NORTH_10M, 1.0),
}
_WHOLE_SKY = ("surface", "atmosphere", "entireAtmosphere", "atmosphereSingleLayer")
_NCEP_BOUNDARY_LAYER = (0, 3, 196)
_ISOBARIC = {"isobaricInhPa": 100.0, "isobaricInPa": 1.0}


def name_field(
    message: Message, short: str, level_type: str
) -> tuple[str, float, float | None] | None:
    """Return the cube's name of a field, its factor and its level [Pa]; None for other fields.

    Parameters
    ----------
    message : Message
        One field.
    short, level_type : str
        Its name and the kind of its level, as ecCodes calls them.
    """
    if level_type in _ISOBARIC and short in _PRESSURE_NAMES:
        name, factor = _PRESSURE_NAMES[short]
        return name, factor, _read_pressure(message, level_type)
    if level_type in _ISOBARIC and short in _FRACTION_NAMES:
        share = FRACTION_UNITS.get(message.text("units").lower().replace(" ", ""))
        if share is None:
            return None
        return _FRACTION_NAMES[short], share, _read_pressure(message, level_type)
    if level_type in _WHOLE_SKY and short == "tcc":
        share = FRACTION_UNITS.get(message.text("units").lower().replace(" ", ""))
        return None if share is None else (CLOUD_COVER, share, None)
    if level_type == "surface" and short == "unknown" and message.text("centre") == "kwbc":
        keys = ("discipline", "parameterCategory", "parameterNumber")
        if tuple(message.number(key) for key in keys) == _NCEP_BOUNDARY_LAYER:
            return BOUNDARY_LAYER, 1.0, None
    if level_type == "surface" and short in _SURFACE_NAMES:
        return *_SURFACE_NAMES[short], None
    if (
        level_type == "heightAboveGround"
        and short in _TEN_METRE_NAMES
        and message.number("level") == 10
    ):
        return *_TEN_METRE_NAMES[short], None
    return None


def _read_pressure(message: Message, level_type: str) -> float:
    """Return the pressure of a level [Pa].

    Edition 2 holds it as a decimal number. The library writes whole hPa, and Pa below 1 hPa, so
    that its level means one or the other within the levels of a file.
    """
    if message.number("edition") == 1:
        return message.need("level") * _ISOBARIC[level_type]
    scale = message.need("scaleFactorOfFirstFixedSurface")
    return float(round(message.need("scaledValueOfFirstFixedSurface") * 10.0**-scale, 3))
