"""Times: UTC inside, int64 seconds since 1970; a time without a zone is refused."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

REAL_CALENDARS: Final = ("standard", "gregorian", "proleptic_gregorian", "julian")
"""Calendars whose dates name real days; the first two change from Julian in October 1582."""

_TIME_UNITS_S: Final = {
    "second": 1.0, "seconds": 1.0, "sec": 1.0, "secs": 1.0, "s": 1.0,
    "minute": 60.0, "minutes": 60.0, "min": 60.0, "mins": 60.0,
    "hour": 3600.0, "hours": 3600.0, "hr": 3600.0, "hrs": 3600.0, "h": 3600.0,
    "day": 86_400.0, "days": 86_400.0, "d": 86_400.0,
}  # fmt: skip
_ORIGIN: Final = re.compile(
    r"\s*(?P<unit>[a-z]+)\s+since\s+(?P<year>\d{1,4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[t\s]+(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2}))?(?::(?P<second>\d{1,2}(?:\.\d*)?))?)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]?\d{1,2}:?\d{0,2})?\s*",
    re.IGNORECASE,
)
_DAY_OF_1970: Final = 2_440_588
"""Julian day number of 1970-01-01."""


def parse_time(text: str) -> int:
    """Parse an ISO 8601 time with a zone to epoch seconds.

    Parameters
    ----------
    text : str
        Such as ``2015-04-04T03:00+09:00`` or ``2015-04-03T18:00Z``.

    Returns
    -------
    int
        Seconds since 1970-01-01T00:00Z.

    Raises
    ------
    ValueError
        If the text is no time, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"'{text}' is not a time such as 2015-04-03T18:00Z") from error
    return datetime_to_epoch(moment)


def datetime_to_epoch(moment: datetime) -> int:
    """Return epoch seconds [s] of a time with a zone; raise ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(
            f"the time {moment.isoformat()} has no zone: write Z or an offset such as +09:00"
        )
    return round(moment.timestamp())


def epoch_to_datetime(epoch_s: float) -> datetime:
    """Return the UTC time of epoch seconds [s], rounded to the second."""
    return datetime.fromtimestamp(round(epoch_s), UTC)


def format_utc(epoch_s: float) -> str:
    """Write epoch seconds [s] as ``2015-04-03T18:00:00Z``."""
    return epoch_to_datetime(epoch_s).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_s() -> float:
    """Return the time of the clock, or that of SOURCE_DATE_EPOCH where it is set [epoch s]."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    return float(stamp) if stamp and stamp.isdigit() else time.time()


def stamp_now() -> str:
    """Write the time of the clock as UTC text, or that of SOURCE_DATE_EPOCH where it is set."""
    return format_utc(clock_s())


def format_minute(epoch_s: float, zone: str = "UTC") -> str:
    """Write epoch seconds [s] to the minute in a zone, such as ``2015-04-04 03:00 KST``."""
    local = epoch_to_datetime(epoch_s).astimezone(ZoneInfo(zone))
    return local.strftime("%Y-%m-%d %H:%M %Z")


def format_duration(seconds: float) -> str:
    """Write a duration [s] as hours and minutes for a person: ``1 h 05 min``."""
    minutes = round(seconds / 60.0)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{hours} h {rest:02d} min" if hours else f"{sign}{rest} min"


def datetime64_to_epoch(values: np.ndarray) -> np.ndarray:
    """Turn datetime64 values, shape (n,), into int64 epoch seconds, shape (n,) [s]."""
    return values.astype("datetime64[s]").astype(np.int64)


def epoch_to_datetime64(epoch_s: np.ndarray) -> np.ndarray:
    """Turn epoch seconds, shape (n,) [s], into datetime64[ns], shape (n,)."""
    return (
        np.round(np.asarray(epoch_s))
        .astype(np.int64)
        .astype("datetime64[s]")
        .astype("datetime64[ns]")
    )


def decode_cf_times(values: ArrayLike, units: str, calendar: str = "standard") -> NDArray[np.int64]:
    """Turn the numbers of a time axis into epoch seconds, to the second.

    Parameters
    ----------
    values : array_like
        Any shape; in the unit that ``units`` names.
    units : str
        Such as ``hours since 1900-01-01 00:00:00.0`` or ``days since 1-1-1``, in seconds, minutes,
        hours or days. An origin without a zone is UTC.
    calendar : str, optional
        One of `REAL_CALENDARS`. In ``standard``, which is that of a file that names none, a date
        before 15 October 1582 is Julian: ``days since 1-1-1`` counts two days more than in
        ``proleptic_gregorian``.

    Returns
    -------
    numpy.ndarray
        Shape of ``values`` [s since 1970].

    Raises
    ------
    ValueError
        If the unit has no length (months, years), the origin is no date, a value is missing, or
        the calendar names no real days, as that of a climate model with years of 360 days.

    References
    ----------
    CF Conventions 1.11, section 4.4 (time coordinate, calendar); day numbers after Fliegel and Van
    Flandern (1968), Communications of the ACM 11, 657.
    """
    kind = calendar.strip().lower()
    if kind not in REAL_CALENDARS:
        raise ValueError(
            f"the calendar '{calendar}' is that of a climate model: its dates name no real days"
        )
    found = _ORIGIN.fullmatch(units)
    if found is None or found["unit"].lower() not in _TIME_UNITS_S:
        raise ValueError(f"the unit '{units}' is no time axis such as 'hours since 1900-01-01'")
    day = _find_day_number(int(found["year"]), int(found["month"]), int(found["day"]), kind)
    clock_s = 3600.0 * int(found["hour"] or 0) + 60.0 * int(found["minute"] or 0)
    clock_s += float(found["second"] or 0.0) - _read_zone_s(found["zone"] or "")
    numbers = np.asarray(values, np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("a time is missing")
    seconds = numbers * _TIME_UNITS_S[found["unit"].lower()]
    if np.any(np.abs(seconds) > 1.0e12):
        raise ValueError(f"a time lies thousands of years from the origin of '{units}'")
    epoch = (day - _DAY_OF_1970) * 86_400 + np.round(clock_s + seconds).astype(np.int64)
    return np.asarray(epoch, np.int64)


def _find_day_number(year: int, month: int, day: int, calendar: str) -> int:
    """Return the Julian day number of a date; raise ValueError for one that is not there."""
    days = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= month <= 12 or not 1 <= day <= days[month - 1]:
        raise ValueError(f"there is no date {year:04d}-{month:02d}-{day:02d}")
    is_mixed = calendar in ("standard", "gregorian")
    if is_mixed and (1582, 10, 5) <= (year, month, day) < (1582, 10, 15):
        raise ValueError(f"the calendar '{calendar}' has no {year}-{month:02d}-{day:02d}")
    is_julian = calendar == "julian" or (is_mixed and (year, month, day) < (1582, 10, 5))
    is_leap = year % 4 == 0 and (is_julian or year % 100 != 0 or year % 400 == 0)
    if (month, day) == (2, 29) and not is_leap:
        raise ValueError(f"there is no date {year:04d}-02-29")
    shift = (14 - month) // 12
    y, m = year + 4800 - shift, month + 12 * shift - 3
    number = day + (153 * m + 2) // 5 + 365 * y + y // 4
    if is_julian:
        return number - 32_083
    return number - y // 100 + y // 400 - 32_045


def _read_zone_s(text: str) -> float:
    """Return the offset of a zone such as ``+09:00``, ``9`` or ``UTC`` [s]."""
    if text.lower() in ("", "z", "utc", "gmt"):
        return 0.0
    sign = -1.0 if text.startswith("-") else 1.0
    digits = text.lstrip("+-")
    hours, _, minutes = digits.partition(":")
    if not minutes and len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    return sign * (3600.0 * int(hours) + 60.0 * int(minutes or 0))
