"""Read an own observation of the wind: a TOML head, and a table of readings in it or beside it.

``kind`` says what it is: ``single-theodolite``, ``double-theodolite`` or ``gps-track``. What is
measured against north says against which, times have a zone, and quantities have units. A table
names its columns in its first line, with their units: ``time_s,azimuth_deg,elevation_deg``.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ObservationError
from downwind.times import datetime_to_epoch, parse_time
from downwind.units import parse_quantity
from downwind.wind.observation._station import Station
from downwind.wind.observation._table import Table, read_gpx, read_table
from downwind.wind.observation.theodolite import (
    Base,
    ascent_rate_ms,
    reduce_double,
    reduce_single,
)
from downwind.wind.observation.track import Fixes, reduce_track
from downwind.wind.profile import Profile

FloatArray = NDArray[np.float64]

KINDS: Final = ("single-theodolite", "double-theodolite", "gps-track")
PAGE: Final = "docs/how-to/observe-the-wind.md shows the form"

MOST_RATE_ERROR: Final = 0.5
"""Largest standard error of an assumed rate of ascent, a fraction."""

_STATION: Final = frozenset({"name", "latitude", "longitude", "elevation"})
_BASE: Final = frozenset({"length", "bearing", "rise"})
_ANGLES: Final = frozenset(
    {"kind", "station", "start", "north", "declination", "readings", "angle_error_deg",
     "time_error", "smoothing"}
)  # fmt: skip
_KEYS: Final = {
    "single-theodolite": _ANGLES
    | {"ascent_rate", "ascent_rate_error", "free_lift", "balloon_mass", "early_rise"},
    "double-theodolite": _ANGLES | {"base"},
    "gps-track": frozenset(
        {"kind", "name", "readings", "start", "part", "position_error", "smoothing"}
    ),
}


def recognise_observation(path: Path) -> bool:
    """Tell by the ending of its name whether a file is an own observation, and no sounding."""
    return path.suffix.lower() in (".toml", ".gpx")


def read_observation(path: Path) -> Profile:
    """Read an own observation and reduce it to a profile.

    Parameters
    ----------
    path : pathlib.Path
        A TOML file, or a GPX track, which is taken as ``kind = "gps-track"`` with all defaults.

    Raises
    ------
    ObservationError
        If the file cannot be read, a key is missing, unknown or wrong, or a reading is.
    """
    if path.suffix.lower() == ".gpx":
        return reduce_track(_fixes(read_gpx(_read_text(path), path.name), None), file=path.name)
    try:
        head = tomllib.loads(_read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ObservationError(
            f"{path.name} is not TOML: {error}", "mend the line that it names; text needs quotes"
        ) from error
    kind = head.get("kind")
    if kind not in KINDS:
        raise ObservationError(f"{path.name}: kind = {kind!r} is none of {', '.join(KINDS)}", PAGE)
    reader = _Head(path.name, head)
    reader.refuse_unknown("", head, _KEYS[kind])
    if kind == "gps-track":
        return _read_track(path, reader)
    return _read_angles(path, reader, kind)


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = "its name holds no file name"
        if isinstance(error, OSError):
            reason = str(error.strerror or error)
        elif isinstance(error, UnicodeDecodeError):
            reason = "it is not UTF-8"
        raise ObservationError(
            f"cannot read the observation {path}: {reason}", "give the path of an observation"
        ) from error


class _Head:
    """The keys of an observation, each read once, with its place in every message."""

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.name = name
        self.values = values

    def fail(self, key: str, what: str, hint: str = PAGE) -> ObservationError:
        return ObservationError(f"{self.name}: {key} {what}", hint)

    def refuse_unknown(self, place: str, table: dict[str, Any], known: frozenset[str]) -> None:
        for key in table:
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                more = (
                    f"did you mean '{close[0]}'?" if close else f"known: {', '.join(sorted(known))}"
                )
                raise self.fail(f"{place}{key}", f"is no key of this kind; {more}")

    def need(self, key: str, hint: str = PAGE) -> Any:
        if key not in self.values:
            raise self.fail(key, "is missing; it has no default", hint)
        return self.values[key]

    def quantity(self, key: str, dimension: str, table: dict[str, Any], low: float) -> float | None:
        """Return a value with a unit [SI] that must be above ``low``; None where there is none."""
        if key not in table:
            return None
        try:
            value = parse_quantity(table[key], dimension)
        except ValueError as error:
            raise self.fail(key, f": {error}") from error
        if not math.isfinite(value) or value <= low:
            raise self.fail(key, f"= {table[key]!r} must be above {low:g}")
        return value

    def number(
        self, key: str, table: dict[str, Any], low: float, high: float, needed: bool = True
    ) -> float | None:
        """Return a bare number within a range; None where it is not there and need not be."""
        value = table.get(key)
        if value is None and not needed:
            return None
        if value is None:
            raise self.fail(key, "is missing; it has no default")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fail(key, f"= {value!r} is no number")
        if not low <= value <= high:
            raise self.fail(key, f"= {value:g} lies outside {low:g} to {high:g}")
        return float(value)

    def time(self, key: str) -> int:
        """Return a time with a zone [s since 1970]."""
        value = self.need(key, 'write the release with its zone: start = "2015-04-03T18:00+09:00"')
        try:
            return (
                datetime_to_epoch(value) if isinstance(value, datetime) else parse_time(str(value))
            )
        except ValueError as error:
            raise self.fail(key, f": {error}") from error

    def table(self, key: str, known: frozenset[str]) -> dict[str, Any]:
        value = self.need(key)
        if not isinstance(value, dict):
            raise self.fail(key, f"is no table; write [{key}]")
        self.refuse_unknown(f"{key}.", value, known)
        return value

    def optional(self, **found: float | None) -> dict[str, float]:
        """Return what is there: the rest keeps the default of the function that is called."""
        return {key: value for key, value in found.items() if value is not None}


def _read_angles(path: Path, head: _Head, kind: str) -> Profile:
    turn, notes = _read_north(head)
    place = head.table("station", _STATION)
    elevation = head.quantity("elevation", "length", place, -500.0)
    if elevation is None:
        raise head.fail("station.elevation", "is missing; it has no default")
    station = Station(
        str(place.get("name") or path.stem),
        head.number("longitude", place, -180.0, 360.0) or 0.0,
        head.number("latitude", place, -90.0, 90.0) or 0.0,
        elevation,
    )
    start = head.time("start")
    table = _read_readings(path, head)
    time = _times(table, start)
    options = head.optional(
        angle_error_deg=head.number("angle_error_deg", head.values, 0.001, 10.0, needed=False),
        time_error_s=head.quantity("time_error", "time", head.values, 0.0),
        smoothing_s=head.quantity("smoothing", "time", head.values, 0.0),
    )
    if kind == "double-theodolite":
        found = head.table("base", _BASE)
        length = head.quantity("length", "length", found, 0.0)
        if length is None:
            raise head.fail("base.length", "is missing; it has no default")
        bearing = head.number("bearing", found, -360.0, 360.0) or 0.0
        base = Base(length, bearing + turn, head.quantity("rise", "length", found, -1e4) or 0.0)
        first, second = (
            (table.column(f"azimuth_{end}_deg") + turn, table.column(f"elevation_{end}_deg"))
            for end in "ab"
        )
        return reduce_double(
            station, base, time, first, second, start, **options,
            rows=table.rows, file=path.name, notes=notes,
        )  # fmt: skip
    rate, told = _read_rate(head)
    error = head.quantity("ascent_rate_error", "fraction", head.values, 0.0)
    if error is not None and error > MOST_RATE_ERROR:
        raise head.fail(
            "ascent_rate_error", f"= {error:.0%} is too much to reckon with",
            f"state {MOST_RATE_ERROR:.0%} at the most, or measure the height",
        )  # fmt: skip
    early = head.values.get("early_rise", "none")
    if early not in ("none", "weather-bureau"):
        raise head.fail("early_rise", f"= {early!r} is neither none nor weather-bureau")
    return reduce_single(
        station,
        time,
        table.column("azimuth_deg") + turn,
        table.column("elevation_deg"),
        start,
        rate,
        **options,
        **head.optional(ascent_rate_error=error),
        early=early == "weather-bureau",
        rows=table.rows,
        file=path.name,
        notes=(*notes, *told),
    )


def _read_north(head: _Head) -> tuple[float, tuple[str, ...]]:
    """Return what turns the azimuths of the file to true north [degrees], and a note."""
    hint = (
        'write north = "true", or north = "magnetic" with declination = -8.5 (degrees, east of '
        "true north positive; a map or the weather service says it)"
    )
    north = head.need("north", hint)
    if north not in ("true", "magnetic"):
        raise head.fail("north", f"= {north!r} is neither true nor magnetic", hint)
    if north == "true":
        if "declination" in head.values:
            raise head.fail("declination", 'stands beside north = "true"', hint)
        return 0.0, ()
    head.need("declination", hint)
    declination = head.number("declination", head.values, -180.0, 180.0) or 0.0
    return declination, (f"azimuths from magnetic north, declination {declination:+g} deg added",)


def _read_rate(head: _Head) -> tuple[float, tuple[str, ...]]:
    rate = head.quantity("ascent_rate", "speed", head.values, 0.0)
    lift = head.quantity("free_lift", "mass", head.values, 0.0)
    mass = head.quantity("balloon_mass", "mass", head.values, 0.0)
    if rate is not None and lift is None and mass is None:
        if rate > 20.0:
            raise head.fail("ascent_rate", f"= {rate:g} m/s is no rate of a pilot balloon")
        return rate, ()
    if rate is None and lift is not None and mass is not None:
        return ascent_rate_ms(lift, mass), (
            f"ascent by the Weather Bureau's formula: free lift {1e3 * lift:g} g, balloon "
            f"{1e3 * mass:g} g",
        )
    raise head.fail(
        "ascent_rate",
        "is missing, or stands beside free_lift and balloon_mass",
        'give ascent_rate = "3 m/s", or free_lift and balloon_mass',
    )


def _read_track(path: Path, head: _Head) -> Profile:
    start = head.time("start") if "start" in head.values else None
    part = head.values.get("part", "ascent")
    if part not in ("ascent", "descent"):
        raise head.fail("part", f"= {part!r} is neither ascent nor descent")
    options = head.optional(
        position_error_m=head.quantity("position_error", "length", head.values, 0.0),
        smoothing_s=head.quantity("smoothing", "time", head.values, 0.0),
    )
    return reduce_track(
        _fixes(_read_readings(path, head), start),
        name=str(head.values.get("name", "")),
        part=part,
        file=path.name,
        notes=(),
        **options,
    )


def _read_readings(path: Path, head: _Head) -> Table:
    """Return the table that stands in the head, or in a file beside it."""
    value = head.need("readings")
    if not isinstance(value, str) or not value.strip():
        raise head.fail("readings", "is neither the name of a file nor a table in triple quotes")
    if "\n" in value.strip():
        return read_table(value, path.name)
    beside = path.parent / value
    text = _read_text(beside)
    if beside.suffix.lower() == ".gpx":
        return read_gpx(text, beside.name)
    return read_table(text, beside.name)


def _times(table: Table, start_s: int | None) -> FloatArray:
    """Return the times of readings [s since 1970]."""
    if table.has("time"):
        return table.times()
    if start_s is None:
        raise ObservationError(
            f"{table.name}: times count from a release that is not stated",
            'write start = "2015-04-03T18:00+09:00", or a column time with whole times and a zone',
        )
    return start_s + table.column("time_s")


def _fixes(table: Table, start_s: int | None) -> Fixes:
    return Fixes(
        _times(table, start_s),
        table.column("longitude"),
        table.column("latitude"),
        table.column("altitude_m"),
        table.rows,
    )
