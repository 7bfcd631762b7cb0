"""Lines such as ``# latitude: 37.75`` at the head of a text file: what its table does not say.

They say where and when a sounding was made, in files whose format has no place for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from downwind.errors import WeatherContentError
from downwind.times import parse_time
from downwind.units import parse_quantity

EXAMPLE: Final = "# latitude: 37.75, # longitude: 126.50, # time: 2015-04-03T18:00Z"
"""How such lines look, for hints; each stands on a line of its own."""

_KEYS: Final = ("station", "latitude", "longitude", "elevation", "elevation_m", "time")
_SIDES: Final = {"n": 1.0, "s": -1.0, "e": 1.0, "w": -1.0}


@dataclass(frozen=True, slots=True)
class HeadLines:
    """What the head of a file says; NaN, None and an empty name for what it leaves open.

    Parameters
    ----------
    station : str
        Name of the station.
    latitude, longitude : float
        Where it stands [degrees].
    elevation_m : float or None
        Height of its ground [m].
    time_s : float
        Launch or nominal time [s since 1970].
    """

    station: str = ""
    latitude: float = math.nan
    longitude: float = math.nan
    elevation_m: float | None = None
    time_s: float = math.nan


def read_head_lines(lines: Sequence[str], file: str) -> HeadLines:
    """Read the lines with ``#`` at the head of a file; other comments are passed over.

    Parameters
    ----------
    lines : sequence of str
        The lines of the file.
    file : str
        Its name, for errors.

    Raises
    ------
    WeatherContentError
        If a line has no value that makes sense.
    """
    found: dict[str, str] = {}
    for line in lines:
        text = line.strip().lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
        if text and not text.startswith("#"):
            break
        key, colon, value = text.lstrip("# ").partition(":")
        if colon and key.strip().lower() in _KEYS:
            found[key.strip().lower()] = value.strip()
    try:
        elevation = None
        if "elevation_m" in found:
            elevation = float(found["elevation_m"])
        elif "elevation" in found:
            elevation = parse_quantity(found["elevation"], "length")
        return HeadLines(
            station=found.get("station", ""),
            latitude=_read_angle(found.get("latitude", ""), 90.0),
            longitude=_read_angle(found.get("longitude", ""), 360.0),
            elevation_m=elevation,
            time_s=float(parse_time(found["time"])) if "time" in found else math.nan,
        )
    except ValueError as error:
        raise WeatherContentError(
            f"{file}: a line at its head makes no sense: {error}",
            f"write such lines as in: {EXAMPLE}, # elevation_m: 45",
        ) from error


def _read_angle(text: str, most: float) -> float:
    """Return degrees, with a minus or one of N, S, E, W behind them; NaN for an empty text."""
    if not text:
        return math.nan
    sign = _SIDES.get(text[-1].lower())
    value = float(text[:-1].strip() if sign is not None else text) * (sign or 1.0)
    if not abs(value) <= most:
        raise ValueError(f"{text} is no latitude or longitude")
    return value
