"""Tables of readings: CSV whose first line names the columns with their units, and GPX tracks."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ObservationError
from downwind.times import parse_time

FloatArray = NDArray[np.float64]

_SCALES: Final = {
    "time_s": {"time_s": 1.0, "elapsed_s": 1.0, "time_min": 60.0, "elapsed_min": 60.0},
    "altitude_m": {"altitude_m": 1.0, "altitude_km": 1e3, "altitude_ft": 0.3048},
    "longitude": {"longitude": 1.0, "longitude_deg": 1.0},
    "latitude": {"latitude": 1.0, "latitude_deg": 1.0},
}
"""Names of a column in files, each with the factor that takes it to the unit of its own name."""

_BARE: Final = {
    "altitude": "altitude_m or altitude_ft",
    "alt": "altitude_m or altitude_ft",
    "height": "altitude_m or altitude_ft",
    "azimuth": "azimuth_deg",
    "elevation": "elevation_deg",
    "elapsed": "time_s or time_min",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file by column, as text.

    Parameters
    ----------
    name : str
        What to call the file.
    columns : dict
        Cells of each column, by its name in lower case.
    rows : tuple of str
        What to call each row in a message.
    """

    name: str
    columns: dict[str, list[str]]
    rows: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Tell whether there is a column of that very name."""
        return name in self.columns

    def column(self, name: str) -> FloatArray:
        """Return the numbers of a column, shape (n,), in the unit of its name.

        Raises
        ------
        ObservationError
            If there is none, or a cell of it is no number.
        """
        for known, factor in _SCALES.get(name, {name: 1.0}).items():
            if known in self.columns:
                return factor * self._convert(known, float, "is no number")
        known = ", ".join(_SCALES.get(name, {name: 1.0}))
        raise ObservationError(
            f"{self.name} has no column {known}; it has {', '.join(self.columns)}",
            "name the columns in the first line, with their units; "
            "docs/how-to/observe-the-wind.md shows tables",
        )

    def times(self) -> FloatArray:
        """Return the column ``time``, whole times with a zone, shape (n,) [s since 1970]."""
        return self._convert("time", _parse_moment, "is no time with a zone")

    def _convert(self, name: str, read: Callable[[str], float], what: str) -> FloatArray:
        found = np.empty(len(self.rows))
        for i, cell in enumerate(self.columns[name]):
            try:
                found[i] = read(cell.strip())
            except ValueError:
                found[i] = math.nan
            if not math.isfinite(found[i]):
                raise ObservationError(
                    f"{self.rows[i]}: {name} = '{cell.strip()}' {what}",
                    "mend the cell, or take the row out"
                    + ("; write 2015-04-03T18:00:00Z" if name == "time" else ""),
                )
        return found


def read_table(text: str, name: str) -> Table:
    """Read a table with commas, semicolons or tabs between its cells; lines with ``#`` are passed.

    Raises
    ------
    ObservationError
        If it is empty, a unit is not in the name of its column, or a row is too short.
    """
    lines = [
        (i, line)
        for i, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        raise ObservationError(
            f"{name} holds no readings", "write the names of the columns, then rows"
        )
    head = lines[0][1]
    mark = next((m for m in ("\t", ";", ",") if m in head), ",")
    names = [cell.strip().lower() for cell in next(csv.reader([head], delimiter=mark))]
    for column in names:
        if column in _BARE:
            raise ObservationError(
                f"{name}: the column '{column}' says no unit", f"call it {_BARE[column]}"
            )
    columns: dict[str, list[str]] = {column: [] for column in names}
    if len(columns) < len(names):
        raise ObservationError(f"{name}: two columns have one name", "name each column once")
    for number, line in lines[1:]:
        cells = next(csv.reader([line], delimiter=mark))
        if len(cells) != len(names):
            raise ObservationError(
                f"{name}, line {number}: {len(cells)} cells, the first line has {len(names)}",
                "give each row a cell for each column",
            )
        for column, cell in zip(names, cells, strict=True):
            columns[column].append(cell)
    return Table(name, columns, tuple(f"{name}, line {number}" for number, _ in lines[1:]))


def read_gpx(text: str, name: str) -> Table:
    """Read the points of all tracks of a GPX file.

    Raises
    ------
    ObservationError
        If it is no GPX, or a point lacks its time or its elevation.
    """
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise ObservationError(f"{name} is no GPX: {error}", "export the track again") from error
    points = [node for node in root.iter() if node.tag.rpartition("}")[2] == "trkpt"]
    columns: dict[str, list[str]] = {k: [] for k in ("time", "latitude", "longitude", "altitude_m")}
    for i, point in enumerate(points, 1):
        parts = {child.tag.rpartition("}")[2]: (child.text or "") for child in point}
        if not {"ele", "time"} <= set(parts) or not {"lat", "lon"} <= set(point.attrib):
            raise ObservationError(
                f"{name}, point {i}: it lacks its time, place or elevation",
                "export the track with times and elevations",
            )
        columns["time"].append(parts["time"])
        columns["latitude"].append(point.attrib["lat"])
        columns["longitude"].append(point.attrib["lon"])
        columns["altitude_m"].append(parts["ele"])
    if not points:
        raise ObservationError(f"{name} holds no track", "export the track again")
    return Table(name, columns, tuple(f"{name}, point {i}" for i in range(1, len(points) + 1)))


def _parse_moment(text: str) -> float:
    """Return a whole time with a zone [s since 1970], with its part of a second."""
    head, dot, rest = text.partition(".")
    if not dot:
        return float(parse_time(text))
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return parse_time(head + rest[digits:]) + float("0." + (rest[:digits] or "0"))
