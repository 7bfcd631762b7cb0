"""Soundings of the Integrated Global Radiosonde Archive, version 2, as text.

A file holds the soundings of one station, many years of them as a rule: only what lies in the span
of the window is parsed. The launch time counts where the archive has it, else the nominal hour.

References
----------
NOAA NCEI, igra2-data-format.txt: columns, flags, and -8888 and -9999 for what was taken out or
never there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherFileError, WeatherTruncatedError
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.gather import Gatherer
from downwind.wind.sources._soundings.rows import Ascent, Rows
from downwind.wind.sources._soundings.units import ZERO_CELSIUS_K
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

NAME = "IGRA2"

_HEADER = re.compile(rb"#[A-Z0-9]{11} \d{4} \d\d \d\d [ \d]\d ")
_HEADER_LENGTH: Final = 71
_MISSING: Final = (-8888, -9999)
_UNKNOWN_HOUR: Final = 99
_DAY_S: Final = 86_400.0
_COLUMNS: Final = {
    "elapsed": (3, 8), "pressure": (9, 15), "height": (16, 21),
    "temperature": (22, 27), "humidity": (28, 33), "depression": (34, 39),
    "direction": (40, 45), "speed": (46, 51),
}  # fmt: skip
"""Where each number stands in a level, counted from 0; minutes and seconds are one number."""


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first line of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return _HEADER.match(head) is not None


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all soundings of IGRA2 files that lie in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files, one station each.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        The soundings, one profile each.

    Raises
    ------
    WeatherTruncatedError
        If a file ends inside its only sounding; one that is cut behind others is left out with a
        warning.
    WeatherFileError
        If a line does not keep the format.
    WeatherContentError
        If no sounding can be used.
    """
    gatherer = Gatherer("IGRA2 soundings", paths, window)
    for path in paths:
        try:
            _read_file(path, gatherer)
        except WeatherTruncatedError as error:
            gatherer.report_damage(error)
    return gatherer.finish()


def _read_file(path: Path, gatherer: Gatherer) -> None:
    with path.open(encoding="ascii", errors="replace") as stream:
        for number, header in _iterate_headers(stream, path.name):
            where = f"{path.name}, line {number}"
            station, time_s, longitude, latitude, count = _read_header(header, where)
            if math.isnan(longitude + latitude + time_s):
                lacking = "date" if math.isnan(time_s) else "place"
                gatherer.leave_out(f"sounding of {station} ({where}): it has no {lacking}")
                _skip(stream, count, where)
            elif not gatherer.wants(station, longitude, latitude, time_s):
                _skip(stream, count, where)
            else:
                rows, surface = _read_levels(stream, count, time_s, where)
                ascent = Ascent(
                    station=station,
                    longitude=longitude,
                    latitude=latitude,
                    elevation_m=_find_ground(rows, surface),
                    time_s=time_s,
                    rows=rows,
                    source="IGRA2 sounding",
                    file=path.name,
                    surface=surface,
                )
                gatherer.add(ascent)


def _iterate_headers(stream: TextIO, file: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each header; whoever asks reads its levels."""
    number = 1
    while line := stream.readline():
        if line.strip():
            if not line.startswith("#"):
                raise WeatherFileError(
                    f"{file}, line {number}: a sounding should start here with '#', not with "
                    f"'{line[:20].rstrip()}'",
                    "fetch the file again: it does not keep the IGRA2 format",
                )
            yield number, line.rstrip("\r\n")
            number += int(line[32:36])
        number += 1


def _read_header(header: str, where: str) -> tuple[str, float, float, float, int]:
    """Return station, launch or nominal time, longitude, latitude and number of levels."""
    if len(header.rstrip()) > _HEADER_LENGTH:
        raise WeatherFileError(
            f"{where}: the header is longer than that of a sounding: these are derived parameters",
            "fetch the soundings of the station themselves: ...-data.txt, not ...-drvd.txt",
        )
    try:
        year, month, day = int(header[13:17]), int(header[18:20]), int(header[21:23])
        hour, released, count = int(header[24:26]), header[27:31], int(header[32:36])
        latitude, longitude = int(header[55:62]) / 1e4, int(header[63:71]) / 1e4
        release_h, release_min = int(released[:2]), int(released[2:])
        day_s = datetime(year, month, day, tzinfo=UTC).timestamp()
    except ValueError as error:
        raise WeatherFileError(
            f"{where}: the header of a sounding cannot be read: '{header[:40]}...'",
            "fetch the file again: it does not keep the IGRA2 format",
        ) from error
    nominal_s = day_s + 3600.0 * hour if hour != _UNKNOWN_HOUR else math.nan
    time_s = nominal_s
    if release_h != _UNKNOWN_HOUR:
        release_min = 0 if release_min == _UNKNOWN_HOUR else release_min
        time_s = day_s + 3600.0 * release_h + 60.0 * release_min
        if not math.isnan(nominal_s):
            # A balloon of 00 UTC flies late on the day before.
            time_s -= _DAY_S * round((time_s - nominal_s) / _DAY_S)
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
        latitude = longitude = math.nan
    return header[1:12], time_s, longitude, latitude, count


def _skip(stream: TextIO, count: int, where: str) -> None:
    for _ in range(count):
        if not stream.readline():
            raise _tell_truncated(where)


def _tell_truncated(where: str) -> WeatherTruncatedError:
    return WeatherTruncatedError(
        f"{where}: the file ends inside the sounding that starts here",
        "fetch the file again: the download stopped early or lost a part",
    )


def _read_levels(stream: TextIO, count: int, time_s: float, where: str) -> tuple[Rows, int | None]:
    """Return the levels of a sounding and the number of the one on the ground."""
    lines = [stream.readline() for _ in range(count)]
    if lines and not lines[-1]:
        raise _tell_truncated(where)
    numbers = {name: _cut(lines, span, where) for name, span in _COLUMNS.items()}
    kelvin = numbers["temperature"] / 10.0 + ZERO_CELSIUS_K
    elapsed = numbers["elapsed"]
    marked = [i for i, line in enumerate(lines) if line[1:2] == "1"]
    rows = Rows(
        pressure_pa=numbers["pressure"],
        height_m=numbers["height"],
        temperature_k=kelvin,
        dewpoint_k=kelvin - numbers["depression"] / 10.0,
        humidity=numbers["humidity"] / 1000.0,
        direction_deg=numbers["direction"],
        speed_ms=numbers["speed"] / 10.0,
        time_s=time_s + 60.0 * (elapsed // 100.0) + elapsed % 100.0,
    )
    return rows, marked[0] if marked else None


def _cut(lines: Sequence[str], span: tuple[int, int], where: str) -> FloatArray:
    """Return one column of levels, NaN where missing."""
    start, end = span
    try:
        values = np.array([int(line[start:end].strip() or -9999) for line in lines], np.float64)
    except ValueError as error:
        raise WeatherFileError(
            f"{where}: a level of this sounding cannot be read ({error})",
            "fetch the file again: it does not keep the IGRA2 format",
        ) from error
    return np.where(np.isin(values, _MISSING), np.nan, values)


def _find_ground(rows: Rows, surface: int | None) -> float | None:
    if surface is None or not np.isfinite(rows.height_m[surface]):
        return None
    return float(rows.height_m[surface])
