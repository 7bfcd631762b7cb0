"""Soundings of the University of Wyoming: its text list, alone or in a saved page, and its CSV.

The text list has columns of seven letters, and under them the station and the time. A list
without that part needs lines such as ``# latitude: 37.75`` at its head.

References
----------
University of Wyoming, Atmospheric Science Radiosonde Archive: layout of the list and of the CSV.
All its times are UTC.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.gather import Gatherer
from downwind.wind.sources._soundings.head_lines import EXAMPLE, HeadLines, read_head_lines
from downwind.wind.sources._soundings.rows import Ascent, Rows
from downwind.wind.sources._soundings.tables import iterate_ascents, read_table, read_text
from downwind.wind.sources._soundings.units import find_scale, to_si
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

NAME = "Wyoming sounding"

_CSV_START: Final = b"time,longitude,latitude,pressure_"
_LIST: Final = re.compile(rb"^[ \t]*PRES +HGHT +TEMP +DWPT\b.*\bDRCT\b", re.MULTILINE)
_HEADING: Final = re.compile(r"^\s*PRES\s+HGHT\s+TEMP\s+DWPT\b.*\bDRCT\b")
_FACT: Final = re.compile(r"^\s*([A-Z][^:]*?):\s*(\S.*?)\s*$")
_TITLE: Final = re.compile(r"^\s*(.*?)\s+Observations at (\d\d)Z (\d\d \w{3} \d{4})")
_TAG: Final = re.compile(r"<[^<>]*>")
_WIDTH: Final = 7
_FIRST_YEAR: Final = 1973
"""First year of the archive; its years have two digits."""

_COLUMNS: Final = {
    "PRES": ("pressure_pa", "pressure"),
    "HGHT": ("height_m", "length"),
    "TEMP": ("temperature_k", "temperature"),
    "DWPT": ("dewpoint_k", "temperature"),
    "RELH": ("humidity", "fraction"),
    "DRCT": ("direction_deg", "angle"),
    "SKNT": ("speed_ms", "speed"),
    "SPED": ("speed_ms", "speed"),
}  # fmt: skip


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the headings in the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return head.startswith(_CSV_START) or (b"\x00" not in head and _LIST.search(head) is not None)


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all soundings of Wyoming files that lie in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files; a list may hold several soundings.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        The soundings, one profile each.

    Raises
    ------
    WeatherContentError
        If a list does not say when and where it was made, or no sounding can be used.
    """
    gatherer = Gatherer("Wyoming soundings", paths, window)
    for path in paths:
        with path.open("rb") as stream:
            is_csv = stream.read(len(_CSV_START)) == _CSV_START
        found: Iterator[Ascent | str] = _read_list(path)
        if is_csv:
            found = iterate_ascents(
                read_table(path), "Wyoming sounding", is_utc=True, first_is_ground=True
            )
        for ascent in found:
            if isinstance(ascent, str):
                gatherer.leave_out(ascent)
            else:
                gatherer.add(ascent)
    return gatherer.finish()


def _read_list(path: Path) -> Iterator[Ascent]:
    """Yield each sounding of a text list."""
    lines = html.unescape(_TAG.sub("\n", read_text(path))).splitlines()
    head = read_head_lines(lines, path.name)
    starts = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield _read_sounding(lines, start, end, head, path.name)


def _read_sounding(lines: list[str], start: int, end: int, head: HeadLines, file: str) -> Ascent:
    found = (_FACT.match(line) for line in lines[start:end])
    facts = {fact[1]: fact[2] for fact in found if fact is not None}
    title = next((line.strip() for line in lines[start - 1 :: -1] if line.strip(" -\t")), "")
    named = _TITLE.match(title)
    latitude = _number(facts.get("Station latitude"), head.latitude)
    longitude = _number(facts.get("Station longitude"), head.longitude)
    time_s = _find_time(facts.get("Observation time"), named)
    time_s = head.time_s if math.isnan(time_s) else time_s
    lacking = [
        name
        for name, value in (("latitude", latitude), ("longitude", longitude), ("time", time_s))
        if math.isnan(value)
    ]
    if lacking:
        raise WeatherContentError(
            f"{file}, line {start + 1}: the sounding does not say its {', '.join(lacking)}",
            f"keep the part under the table, or write lines at the head of the file: {EXAMPLE}",
        )
    rows = Rows(**_read_levels(lines, start, end, file))
    warm = np.flatnonzero(np.isfinite(rows.temperature_k))
    surface = int(warm[0]) if warm.size else None
    elevation = _number(facts.get("Station elevation"), math.nan)
    if math.isnan(elevation):
        known = head.elevation_m
        if known is None and surface is not None:
            known = float(rows.height_m[surface])
        elevation = math.nan if known is None else known
    return Ascent(
        station=(named[1] if named else "")
        or head.station
        or facts.get("Station number")
        or title.removeprefix("Sounding for ")
        or file,
        longitude=longitude,
        latitude=latitude,
        elevation_m=None if math.isnan(elevation) else elevation,
        time_s=time_s,
        rows=rows,
        source="Wyoming sounding",
        file=file,
        surface=surface,
    )


def _read_levels(lines: list[str], start: int, end: int, file: str) -> dict[str, FloatArray]:
    """Return the columns of a list in SI units, NaN where blank."""
    names = _cut(lines[start])
    units = _cut(lines[start + 1]) if start + 1 < end else []
    table: list[list[float]] = []
    for number in range(start + 2, end):
        line = lines[number]
        if not line.strip(" -\t"):
            if table:
                break
            continue
        if _FACT.match(line):
            break
        try:
            table.append([float(cell) if cell else math.nan for cell in _cut(line, len(names))])
        except ValueError as error:
            if table and line.lstrip()[:1].isalpha():
                break
            raise WeatherContentError(
                f"{file}, line {number + 1}: a level of the sounding cannot be read: "
                f"'{line.strip()[:40]}'",
                "save the list again as it stands on the page",
            ) from error
    values = np.array(table, np.float64).reshape(len(table), len(names)).T
    columns: dict[str, FloatArray] = {}
    for name, unit, column in zip(names, units, values, strict=False):
        if name not in _COLUMNS:
            continue
        target, kind = _COLUMNS[name]
        scale = find_scale(kind, unit)
        if scale is None:
            raise WeatherContentError(
                f"{file}, line {start + 2}: {name} has the unit '{unit}', which is none of {kind}",
                "save the list again as it stands on the page, with its line of units",
            )
        columns[target] = to_si(column, scale)
    return columns


def _cut(line: str, count: int = 0) -> list[str]:
    """Cut a line into its cells of seven letters, at least ``count`` of them."""
    text = line.rstrip()
    cells = [text[at : at + _WIDTH].strip() for at in range(0, len(text), _WIDTH)]
    return (cells + [""] * (count - len(cells)))[: count or None]


def _number(text: str | None, otherwise: float) -> float:
    try:
        return otherwise if text is None else float(text)
    except ValueError:
        return otherwise


def _find_time(observed: str | None, named: re.Match[str] | None) -> float:
    """Return the time of a sounding by the part under it or by its title [s since 1970]."""
    try:
        if observed is not None:
            moment = datetime.strptime("20" + observed, "%Y%m%d/%H%M").replace(tzinfo=UTC)
            if moment.year >= _FIRST_YEAR + 100:
                moment = moment.replace(year=moment.year - 100)
            return moment.timestamp()
        if named is not None:
            moment = datetime.strptime(f"{named[3]} {named[2]}", "%d %b %Y %H")
            return moment.replace(tzinfo=UTC).timestamp()
    except ValueError:
        return math.nan
    return math.nan
