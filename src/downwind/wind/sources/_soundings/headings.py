"""Headings of tables: which column is what, and in which unit.

The unit stands in the heading: ``height_m``, ``wind speed [kt]``, ``pressure (hPa)``, ``T/C``. A
column without one is refused by name. Tables that were decoded from BUFR keep the names of its
elements, and with them their units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from downwind.errors import WeatherContentError
from downwind.wind.sources._soundings.units import UNITS, Scale, find_scale, tidy

PLACE: Final = ("latitude", "longitude")
"""Columns whose unit may be left out: places are given in degrees alone."""

_KINDS: Final[Mapping[str, str]] = {
    "pressure": "pressure", "geopotential": "length", "geometric": "length", "ground": "length",
    "temperature": "temperature", "dewpoint": "temperature", "humidity": "fraction",
    "direction": "angle", "speed": "speed", "eastward": "speed", "northward": "speed",
    "error": "speed", "elapsed": "duration", "latitude": "angle", "longitude": "angle",
    "latitude displacement": "angle", "longitude displacement": "angle",
    "time": "", "utc": "", "station": "", "significance": "",
}  # fmt: skip
"""Kind of unit of each quantity; empty where there is none."""

_NAMES: Final[Mapping[str, str]] = {
    name: quantity
    for quantity, names in {
        "pressure": "pressure pres press p airpressure",
        "geopotential": "height geopotentialheight gph hght geopotential hgt z "
        "noncoordinategeopotentialheight",
        "geometric": "altitude alt gpsaltitude gpsheight geometricaltitude geometricheight",
        "ground": "heightaboveground heightagl altitudeagl altitudeaboveground agl",
        "temperature": "temperature temp t airtemperature drybulb tmp",
        "dewpoint": "dewpoint dewpointtemperature dwpt td dew dpt",
        "humidity": "humidity relativehumidity rh relh",
        "direction": "winddirection direction wdir winddir drct wd dd dir",
        "speed": "windspeed speed wspd spd ws ff velocity",
        "eastward": "eastwardwind u uwind ucomponent ugrd windu",
        "northward": "northwardwind v vwind vcomponent vgrd windv",
        "error": "winderror windstandarderror winduncertainty",
        "elapsed": "elapsed elapsedtime time timesincelaunch flighttime timeperiod",
        "latitude": "latitude lat",
        "longitude": "longitude lon long lng",
        "latitude displacement": "latitudedisplacement",
        "longitude displacement": "longitudedisplacement",
        "station": "station stationid stationname wmostationid wmo wmoid icao id",
        "significance": "verticalsoundingsignificance extendedverticalsoundingsignificance",
    }.items()
    for name in names.split()
}
_TIMES: Final[Mapping[str, str]] = {
    "time": "time", "datetime": "time", "timestamp": "time", "validtime": "time",
    "timeutc": "utc", "datetimeutc": "utc", "utc": "utc", "utctime": "utc", "utcdatetime": "utc",
}  # fmt: skip
_BUFR_MARKS: Final = {
    "verticalSoundingSignificance", "extendedVerticalSoundingSignificance",
    "latitudeDisplacement", "nonCoordinateGeopotentialHeight",
}  # fmt: skip
"""Names that no table has but one decoded from BUFR."""

_BUFR_UNITS: Final[Mapping[str, str]] = {
    "pressure": "Pa", "geopotentialHeight": "m", "nonCoordinateGeopotentialHeight": "m",
    "airTemperature": "K", "dewpointTemperature": "K", "windDirection": "deg", "windSpeed": "m/s",
    "timePeriod": "s", "latitudeDisplacement": "deg", "longitudeDisplacement": "deg",
}  # fmt: skip
_BUFR_TIMES: Final = ("data_datetime", "typical_datetime")
_UPRIGHT: Final = {"pressure", "geopotential", "geometric", "ground"}
_WINDS: Final = ({"direction", "speed"}, {"eastward", "northward"})


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table are.

    Parameters
    ----------
    places : mapping
        Number of the column of each quantity.
    scales : mapping
        Factor and offset that take it to SI, where it has a unit.
    unused : tuple of str
        Headings that say nothing of use.
    is_bufr : bool
        Whether the table was decoded from BUFR.
    """

    places: Mapping[str, int]
    scales: Mapping[str, Scale]
    unused: tuple[str, ...]
    is_bufr: bool


def looks_like_sounding(headings: Sequence[str]) -> bool:
    """Tell whether headings name a wind beside a pressure or a height, with units or without."""
    found = {_split(heading)[0] for heading in headings}
    return bool(found & _UPRIGHT) and any(found & wind for wind in _WINDS)


def find_columns(headings: Sequence[str], file: str) -> Columns:
    """Find what each column of a table is.

    Parameters
    ----------
    headings : sequence of str
        The cells of the first line.
    file : str
        Name of the file, for errors.

    Raises
    ------
    WeatherContentError
        If a column has no unit or one that is not known, or the wind is not there.
    """
    is_bufr = any(heading.strip() in _BUFR_MARKS for heading in headings)
    places: dict[str, int] = {}
    scales: dict[str, Scale] = {}
    unused: list[str] = []
    unitless: list[str] = []
    for number, cell in enumerate(headings):
        heading = cell.strip().strip('"').lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
        quantity, unit = _split(heading)
        if is_bufr and heading in _BUFR_TIMES:
            quantity = "utc"
        if not quantity or quantity in places:
            unused.append(heading)
            continue
        kind = _KINDS[quantity]
        if kind and not unit:
            unit = "deg" if quantity in PLACE else _BUFR_UNITS.get(heading, "") if is_bufr else ""
        scale = find_scale(kind, unit) if kind and unit else None
        if kind and unit and scale is None:
            raise WeatherContentError(
                f"{file}: the column '{heading}' has the unit '{unit}', which is none of {kind}",
                f"write one of {', '.join(UNITS[kind])}",
            )
        if kind and scale is None:
            unitless.append(heading)
            continue
        places[quantity] = number
        if scale is not None:
            scales[quantity] = scale
    _check_wind(places, unitless, file)
    return Columns(places, scales, tuple(unused + unitless), is_bufr)


def _check_wind(places: Mapping[str, int], unitless: Sequence[str], file: str) -> None:
    has_wind = any(wind <= places.keys() for wind in _WINDS)
    has_level = bool(places.keys() & _UPRIGHT)
    if has_wind and has_level:
        return
    if unitless:
        raise WeatherContentError(
            f"{file}: {', '.join(repr(name) for name in unitless)} "
            f"{'does' if len(unitless) == 1 else 'do'} not say in which unit",
            "write it into the heading: pressure_hPa, height_m, wind_direction_deg, wind_speed_kt",
        )
    lacking = "wind direction and speed" if not has_wind else "pressure or height"
    raise WeatherContentError(
        f"{file}: no column has {lacking}",
        "name them in the heading: pressure_hPa or height_m, wind_direction_deg, wind_speed_ms",
    )


def _split(heading: str) -> tuple[str, str]:
    """Return quantity and unit of a heading; both may be empty."""
    text = heading.strip().strip('"').lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    bracketed = re.fullmatch(r"(.*?)[\s_]*[\[(]\s*([^\])]*?)\s*[\])]", text)
    if bracketed:
        return _name(bracketed[1], bracketed[2]), bracketed[2]
    whole = _name(text, "")
    if whole:
        return whole, ""
    for found in reversed(list(re.finditer(r"[_\s/]+", text))):
        name, unit = text[: found.start()], text[found.end() :]
        quantity = _name(name, unit)
        if quantity and tidy(unit) in UNITS.get(_KINDS[quantity], {}):
            return quantity, unit
    return "", ""


def _name(text: str, unit: str) -> str:
    """Return the quantity that a name stands for; empty for none."""
    name = re.sub(r"[\s_.-]", "", text.lower())
    quantity = _NAMES.get(name, "")
    if tidy(unit) in ("utc", "z") and name in _TIMES:
        return "utc"
    return quantity if unit else _TIMES.get(name, quantity)
