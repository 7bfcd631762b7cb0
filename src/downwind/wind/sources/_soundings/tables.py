"""Tables of soundings in text, with a heading for each column: rows grouped to ascents.

The rows may be one ascent or many. A station column parts them by station, and a gap of hours
between two rows parts the ascents of one station. Positions and times that stay the same down the
table are those of the station and of the launch; others are those of the balloon.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere import geopotential_height
from downwind.errors import WeatherContentError
from downwind.times import parse_time
from downwind.wind.sources._soundings.head_lines import EXAMPLE, HeadLines, read_head_lines
from downwind.wind.sources._soundings.headings import Columns, find_columns
from downwind.wind.sources._soundings.heights import UnusableError
from downwind.wind.sources._soundings.rows import Ascent, Rows
from downwind.wind.sources._soundings.units import to_si

FloatArray = NDArray[np.float64]

DELIMITERS: Final = (",", ";", "\t")
GAP_S: Final = 3.0 * 3600.0
"""Time between two rows of one station that parts two ascents [s]."""

LONGEST_S: Final = 8.0 * 3600.0
"""Longest time since launch that a sonde flies [s]."""

MISSING_BELOW: Final = -998.0
"""Numbers below this stand for missing in every column."""

_EMPTY: Final = {"", "nan", "na", "n/a", "null", "none", "m", "-", "--", "---", "//", "///", "////"}
_DECIMAL_COMMA: Final = re.compile(r"^[+-]?\d+,\d+$")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The cells of a table, with the number of the line on which each row stands."""

    columns: Columns
    cells: list[list[str]]
    lines: list[int]
    head: HeadLines
    file: str
    decimal_comma: bool


def split_heading(text: str) -> tuple[int, str, list[str]]:
    """Return number, delimiter and cells of the first line that is no comment.

    The number is -1 and there are no cells where a text has no such line.
    """
    for number, line in enumerate(text.splitlines()):
        if line.strip("\N{ZERO WIDTH NO-BREAK SPACE} \t") and not line.lstrip(
            "\N{ZERO WIDTH NO-BREAK SPACE} "
        ).startswith("#"):
            delimiter = max(DELIMITERS, key=line.count)
            return number, delimiter, next(csv.reader([line], delimiter=delimiter), [])
    return -1, ",", []


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, or in Latin-1 where it is none."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_table(path: Path) -> Table:
    """Read a table of soundings.

    Raises
    ------
    WeatherContentError
        If it has no rows, a column without a unit, or rows of another length.
    """
    text = read_text(path)
    lines = text.splitlines()
    start, delimiter, headings = split_heading(text)
    head = read_head_lines(lines[: max(start, 0)], path.name)
    columns = find_columns(headings, path.name)
    cells: list[list[str]] = []
    numbers: list[int] = []
    width = max(columns.places.values()) + 1
    for number, row in enumerate(csv.reader(lines[start + 1 :], delimiter=delimiter), start + 2):
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        if len(row) < width:
            raise WeatherContentError(
                f"{path.name}, line {number}: {len(row)} cells, the heading has {len(headings)}",
                "mend the line, or fetch the file again if it is the last one",
            )
        cells.append([cell.strip() for cell in row])
        numbers.append(number)
    if not cells:
        raise WeatherContentError(
            f"{path.name}: there is no row under the heading", "bring in a sounding with levels"
        )
    return Table(columns, cells, numbers, head, path.name, delimiter != ",")


def iterate_ascents(
    table: Table, source: str, is_utc: bool = False, first_is_ground: bool = False
) -> Iterator[Ascent | str]:
    """Yield each ascent of a table, or why one cannot be used.

    Parameters
    ----------
    table : Table
        The table.
    source : str
        What a profile says of its source.
    is_utc : bool
        Whether the format says that times without a zone are UTC.
    first_is_ground : bool
        Whether the format says that the first row with a temperature is the ground.

    Raises
    ------
    WeatherContentError
        If a cell is no number or no time, or the table does not say when and where.
    """
    values = {name: _read_column(table, name) for name in table.columns.scales}
    times = _read_times(table, is_utc)
    stations = _column(table, "station")
    groups: dict[str, list[int]] = {}
    for number in range(len(table.cells)):
        groups.setdefault(stations[number] if stations else "", []).append(number)
    for station, group in groups.items():
        for part in _part_by_time(np.array(group), times):
            name = station or table.head.station or table.file
            try:
                yield _make_ascent(table, name, part, values, times, source, first_is_ground)
            except UnusableError as reason:
                yield f"sounding of {name} in {table.file}: {reason}"


def _make_ascent(
    table: Table,
    station: str,
    part: NDArray[np.intp],
    values: dict[str, FloatArray],
    times: FloatArray | None,
    source: str,
    first_is_ground: bool,
) -> Ascent:
    head = table.head
    columns = {name: array[part] for name, array in values.items()}
    notes = []
    if table.columns.unused:
        notes.append(f"columns not used: {', '.join(table.columns.unused)}")
    launch_s, level_s = _find_times(table, times, part, columns.get("elapsed"), notes)
    longitude, level_lon = _find_place(table, "longitude", head.longitude, columns)
    latitude, level_lat = _find_place(table, "latitude", head.latitude, columns)
    surface = _find_surface(table, part, columns.get("temperature"), first_is_ground)
    height = columns.get("geopotential")
    if height is None and "geometric" in columns:
        height = geopotential_height(columns["geometric"])
    elevation = head.elevation_m
    if elevation is None and surface is not None and height is not None:
        elevation = float(height[surface]) if np.isfinite(height[surface]) else None
    if height is None and "ground" in columns:
        if elevation is None:
            raise WeatherContentError(
                f"{table.file}: heights above ground, and nothing says how high the ground is",
                "write at the head of the file: # elevation_m: 45",
            )
        height = elevation + columns["ground"]
    nothing = np.empty(0)
    rows = Rows(
        pressure_pa=columns.get("pressure", nothing),
        height_m=nothing if height is None else height,
        temperature_k=columns.get("temperature", nothing),
        dewpoint_k=columns.get("dewpoint", nothing),
        humidity=columns.get("humidity", nothing),
        direction_deg=columns.get("direction", nothing),
        speed_ms=columns.get("speed", nothing),
        eastward_ms=columns.get("eastward", nothing),
        northward_ms=columns.get("northward", nothing),
        error_ms=columns.get("error", nothing),
        time_s=level_s,
        longitude=level_lon,
        latitude=level_lat,
    )
    return Ascent(
        station=station,
        longitude=longitude,
        latitude=latitude,
        elevation_m=elevation,
        time_s=launch_s,
        rows=rows,
        source=source,
        file=table.file,
        surface=surface,
        notes=tuple(notes),
    )


def _find_times(
    table: Table,
    times: FloatArray | None,
    part: NDArray[np.intp],
    elapsed: FloatArray | None,
    notes: list[str],
) -> tuple[float, FloatArray]:
    """Return the time of the launch and of each row, NaN where not known [s since 1970]."""
    own = times[part] if times is not None else np.full(part.size, np.nan)
    launch_s = float(np.nanmin(own)) if np.isfinite(own).any() else table.head.time_s
    if math.isnan(launch_s):
        raise WeatherContentError(
            f"{table.file}: it does not say when it was made",
            f"write lines at the head of the file: {EXAMPLE}",
        )
    if np.isfinite(own).any() and np.nanmax(own) > launch_s:
        return launch_s, own
    level_s = np.full(part.size, np.nan)
    if elapsed is not None:
        odd = ~((elapsed >= 0.0) & (elapsed <= LONGEST_S))
        if odd[np.isfinite(elapsed)].any():
            notes.append(
                f"times since launch left out: {np.nanmax(elapsed):g} s is longer than a sonde "
                "flies, or a time before the launch"
            )
        else:
            level_s = launch_s + elapsed
    return launch_s, level_s


def _find_place(
    table: Table, name: str, stated: float, columns: dict[str, FloatArray]
) -> tuple[float, FloatArray]:
    """Return a coordinate of the station and of each row, NaN where not known [degrees]."""
    displacement = columns.get(f"{name} displacement")
    own = columns.get(name)
    count = next(iter(columns.values())).size
    known = own[np.isfinite(own)] if own is not None else np.empty(0)
    station = float(known[0]) if known.size else stated
    if math.isnan(station):
        raise WeatherContentError(
            f"{table.file}: it does not say where it was made: there is no {name}",
            f"write lines at the head of the file: {EXAMPLE}",
        )
    if displacement is not None:
        return station, station + displacement
    if own is not None and known.size and np.ptp(known) > 0.0:
        return station, own
    return station, np.full(count, np.nan)


def _find_surface(
    table: Table, part: NDArray[np.intp], kelvin: FloatArray | None, first_is_ground: bool
) -> int | None:
    """Return the number of the row on the ground, where the format says which it is."""
    flags = _column(table, "significance")
    if flags is not None:
        for i, number in enumerate(part.tolist()):
            text = flags[number].removesuffix(".0")
            value = int(text) if text.isdigit() else 0
            # A flag table of 18 bits tells itself from one of 7 by the size of its values.
            if value & (1 << 17) or (value < 1 << 7 and value & (1 << 6)):
                return i
    if first_is_ground and kelvin is not None and np.isfinite(kelvin).any():
        return int(np.flatnonzero(np.isfinite(kelvin))[0])
    return None


def _part_by_time(group: NDArray[np.intp], times: FloatArray | None) -> Sequence[NDArray[np.intp]]:
    """Part the rows of a station where hours lie between two of them."""
    if times is None:
        return [group]
    known = group[np.isfinite(times[group])]
    gaps = np.flatnonzero(np.abs(np.diff(times[known])) > GAP_S)
    starts = np.searchsorted(group, known[gaps + 1])
    return np.split(group, starts)


# --- cells ---------------------------------------------------------------------------------------


def _column(table: Table, name: str) -> list[str] | None:
    place = table.columns.places.get(name)
    return None if place is None else [row[place] for row in table.cells]


def _read_column(table: Table, name: str) -> FloatArray:
    """Return a column in SI units, NaN where a cell is empty."""
    texts = _column(table, name) or []
    try:
        values = np.array([_read_number(text, table.decimal_comma) for text in texts])
    except ValueError:
        number, text = next(
            (number, text)
            for number, text in zip(table.lines, texts, strict=True)
            if not _is_number(text, table.decimal_comma)
        )
        raise WeatherContentError(
            f"{table.file}, line {number}: the {name} '{text}' is no number",
            "mend the line, or leave the cell empty where nothing was measured",
        ) from None
    return to_si(np.where(values < MISSING_BELOW, np.nan, values), table.columns.scales[name])


def _read_number(text: str, decimal_comma: bool) -> float:
    if text.lower() in _EMPTY:
        return math.nan
    if decimal_comma and _DECIMAL_COMMA.match(text):
        text = text.replace(",", ".")
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _is_number(text: str, decimal_comma: bool) -> bool:
    try:
        _read_number(text, decimal_comma)
    except ValueError:
        return False
    return True


def _read_times(table: Table, is_utc: bool) -> FloatArray | None:
    """Return the time of each row [s since 1970], NaN where empty; None without a column."""
    texts, safe = _column(table, "utc"), True
    if texts is None:
        texts, safe = _column(table, "time"), is_utc
    if texts is None:
        return None
    seen: dict[str, float] = {}
    values = np.empty(len(texts))
    for i, text in enumerate(texts):
        if text not in seen:
            try:
                seen[text] = _read_time(text, safe)
            except ValueError as error:
                raise WeatherContentError(
                    f"{table.file}, line {table.lines[i]}: {error}",
                    "write Z or an offset behind each time, or name the column time_utc",
                ) from error
        values[i] = seen[text]
    return values


def _read_time(text: str, is_utc: bool) -> float:
    if text.lower() in _EMPTY:
        return math.nan
    try:
        return float(parse_time(text))
    except ValueError:
        if not is_utc:
            raise
        return float(parse_time(text + "Z"))
