"""Upper-air soundings in BUFR: TEMP and PILOT reports as weather services exchange them.

Any template whose levels hold wind direction and speed beside a pressure or a height is read, the
old ones made of the alphanumeric code and the ones of high resolution, where each level has its
own time and place. Reports of other kinds in the same file are counted. A broken message is left
out with a warning that names it.

References
----------
WMO Manual on Codes, FM 94 BUFR: data category 2, sequences 3 09 001 to 3 09 057; code table
0 08 001 and 0 08 042 for the row on the ground.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere import geopotential_height
from downwind.constants import GRAVITY_MS2
from downwind.errors import WeatherFileError, WeatherTruncatedError
from downwind.wind.sources._eccodes import DecodeError, Message, open_message
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.bulletins import find_bulletin, iterate_bulletins
from downwind.wind.sources._soundings.gather import Gatherer
from downwind.wind.sources._soundings.rows import Ascent, Rows
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

NAME = "TEMP BUFR"

UPPER_AIR: Final = 2
"""Data category of soundings from balloons and aircraft, BUFR table A."""

_HINT: Final = "fetch the file again: the download stopped early or lost a part"
_SURFACE_BITS: Final = (
    ("verticalSoundingSignificance", 1 << 6),
    ("extendedVerticalSoundingSignificance", 1 << 17),
)
_ELEVATIONS: Final = (
    "heightOfStationGroundAboveMeanSeaLevel",
    "heightOfStation",
    "heightOfBarometerAboveMeanSeaLevel",
)
_NAMES: Final = ("shipOrMobileLandStationIdentifier", "wigosLocalIdentifierCharacter")
_MISSING_BELOW: Final = -1.0e99
_MISSING_INTEGER: Final = 2_147_483_647


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return find_bulletin(head) >= 0


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all soundings of BUFR files that lie in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        The soundings, one profile each.

    Raises
    ------
    WeatherTruncatedError
        If a message is broken and no other can be used.
    WeatherFileError
        If a message cannot be decoded and no other can be used.
    WeatherContentError
        If no sounding can be used.
    """
    gatherer = Gatherer("BUFR soundings", paths, window)
    for path in paths:
        for where, data, fault in iterate_bulletins(path):
            if fault:
                gatherer.report_damage(WeatherTruncatedError(f"{where}: {fault}", _HINT))
                continue
            try:
                for message in _open_subsets(data):
                    _read_sounding(message, path.name, where, gatherer)
            except DecodeError as error:
                gatherer.report_damage(
                    WeatherFileError(f"{where}: it cannot be decoded ({error})", _HINT)
                )
    return gatherer.finish()


def _open_subsets(data: bytes) -> Iterator[Message]:
    """Yield each report of a message, unpacked."""
    with open_message(data) as message:
        count = message.number("numberOfSubsets") or 0
        if message.number("dataCategory") != UPPER_AIR or count <= 1:
            if message.number("dataCategory") == UPPER_AIR:
                _unpack(message)
            yield message
            return
        _unpack(message)
        for number in range(1, count + 1):
            with open_message(message.extract(number)) as subset:
                _unpack(subset)
                yield subset


def _unpack(message: Message) -> None:
    message.set("skipExtraKeyAttributes", 1)
    message.set("unpack", 1)


def _read_sounding(message: Message, file: str, where: str, gatherer: Gatherer) -> None:
    """Hand one report to the gatherer, or say why it is none."""
    category = message.number("dataCategory")
    if category != UPPER_AIR:
        gatherer.count_other(f"BUFR of data category {category}")
        return
    station = _name_station(message)
    moment = _find_time(message)
    latitude, longitude = _first(message, "latitude"), _first(message, "longitude")
    lacking = "date" if moment is None else "place" if math.isnan(latitude + longitude) else ""
    if moment is None or lacking:
        gatherer.leave_out(f"sounding of {station} ({where}): it has no {lacking}")
        return
    if not gatherer.wants(station, longitude, latitude, moment):
        return
    count = _numbers(message, "windSpeed").size
    if count == 0:
        gatherer.leave_out(f"sounding of {station} ({where}): its template has no wind speed")
        return
    try:
        rows, surface = _read_rows(message, count, moment, longitude, latitude)
    except ValueError as reason:
        gatherer.leave_out(f"sounding of {station} ({where}): {reason}")
        return
    elevations = (_first(message, key) for key in _ELEVATIONS)
    elevation = next((value for value in elevations if not math.isnan(value)), None)
    gatherer.add(
        Ascent(
            station=station,
            longitude=longitude,
            latitude=latitude,
            elevation_m=elevation,
            time_s=moment,
            rows=rows,
            source="TEMP BUFR sounding",
            file=file,
            surface=surface,
        )
    )


def _read_rows(
    message: Message, count: int, time_s: float, longitude: float, latitude: float
) -> tuple[Rows, int | None]:
    """Return the levels of a report and the number of the one on the ground."""

    def column(key: str) -> FloatArray:
        # Wind shear and quality marks follow the levels and may repeat their coordinates.
        values = _numbers(message, key)
        if 0 < values.size < count:
            raise ValueError(f"it has {values.size} values of {key} for {count} winds")
        return values[:count] if values.size else np.full(count, np.nan)

    height = column("nonCoordinateGeopotentialHeight")
    for other, factor in (
        ("nonCoordinateGeopotential", 1.0 / GRAVITY_MS2),
        ("geopotentialHeight", 1.0),
        ("geopotential", 1.0 / GRAVITY_MS2),
    ):
        height = np.where(np.isnan(height), column(other) * factor, height)
    if np.isnan(height).all() and _numbers(message, "nonCoordinateHeight").size >= count:
        height = geopotential_height(column("nonCoordinateHeight"))
    rows = Rows(
        pressure_pa=column("pressure"),
        height_m=height,
        temperature_k=column("airTemperature"),
        dewpoint_k=column("dewpointTemperature"),
        direction_deg=column("windDirection"),
        speed_ms=column("windSpeed"),
        time_s=time_s + column("timePeriod"),
        longitude=longitude + column("longitudeDisplacement"),
        latitude=latitude + column("latitudeDisplacement"),
    )
    surface = None
    for key, bit in _SURFACE_BITS:
        flags = column(key)
        marked = np.flatnonzero(np.nan_to_num(flags).astype(np.int64) & bit)
        if marked.size:
            surface = int(marked[0])
    return rows, surface


def _numbers(message: Message, key: str) -> FloatArray:
    """Return all values of a key in the order of the message, NaN where missing."""
    values = np.asarray(message.array(key), np.float64)
    return np.where((values < _MISSING_BELOW) | (values == _MISSING_INTEGER), np.nan, values)


def _first(message: Message, key: str) -> float:
    values = _numbers(message, key)
    return float(values[0]) if values.size else math.nan


def _find_time(message: Message) -> float | None:
    """Return the time of a report [s since 1970]; None without a date and an hour."""
    parts = [_first(message, key) for key in ("year", "month", "day", "hour", "minute", "second")]
    if any(math.isnan(part) for part in parts[:4]):
        return None
    year, month, day, hour, minute = (int(np.nan_to_num(part)) for part in parts[:5])
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() + float(
            np.nan_to_num(parts[5])
        )
    except ValueError:
        return None


def _name_station(message: Message) -> str:
    block, number = _first(message, "blockNumber"), _first(message, "stationNumber")
    if not math.isnan(block + number):
        return f"{int(block):02d}{int(number):03d}"
    for key in _NAMES:
        text = "".join(letter for letter in message.text(key) if letter.isascii()).strip()
        if text and text.isprintable():
            return text
    return "an unnamed station"
