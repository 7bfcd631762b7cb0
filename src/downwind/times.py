"""Times: UTC inside, int64 seconds since 1970; a time without a zone is refused."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

DAYS_TO_1970: Final = 719_164
"""Days from 1-1-1 of the mixed calendar to 1970-01-01."""


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


def stamp_now() -> str:
    """Write the time of the clock as UTC text, or that of SOURCE_DATE_EPOCH where it is set."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    return format_utc(int(stamp) if stamp and stamp.isdigit() else time.time())


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


def from_days_since_1_1_1(days: np.ndarray) -> np.ndarray:
    """Turn days since 1-1-1 of the mixed calendar into epoch seconds.

    Parameters
    ----------
    days : numpy.ndarray
        Days since the first day of year 1 in the calendar that is Julian before 1582 and Gregorian
        after, any shape [d]: the time axis of GrADS data servers. 736445.75 is 2017-04-25T18Z.

    Returns
    -------
    numpy.ndarray
        Seconds since 1970-01-01T00:00Z, rounded to the second, int64, same shape [s].

    Notes
    -----
    The first day of year 1 in the Julian calendar lies two days before that of the Gregorian
    calendar counted backward: 719164 days before 1970, not 719162.
    """
    seconds = (np.asarray(days, np.float64) - DAYS_TO_1970) * 86_400.0
    return np.round(seconds).astype(np.int64)


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
