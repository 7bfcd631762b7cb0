"""Which run a file is of, where nothing but its name can tell.

A Tawhiri dataset and the text of a NOMADS data server hold no time of their run. Names tell it as
the servers write them: ``2017042406``, ``gfs20170424/gfs_0p50_06z`` joined to
``gfs20170424_0p50_06z``, and, with no date, ``gfs_0p50_06z.ascii?hgtprs[12:15]...``, where 12 is
the number of the first time, counted from the run.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_STAMP = re.compile(r"(?<!\d)(\d{10})(?!\d)")
_DATE = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_HOUR = re.compile(r"(?<!\d)([01]\d|2[0-3])z(?![a-z0-9])", re.IGNORECASE)
_QUERY = re.compile(r"\?(?:\w+)\[(\d+)(?::(\d+))?(?::\d+)?\]")


def read_run(name: str) -> int | None:
    """Return the run that a name states in full [s since 1970]; None if it states none.

    Parameters
    ----------
    name : str
        With ``YYYYMMDDHH``, or with ``YYYYMMDD`` and ``HHz``.
    """
    stamp = _STAMP.search(name)
    if stamp:
        return _read_stamp(stamp.group(1))
    date, hour = _DATE.search(name), _HOUR.search(name)
    return _read_stamp(date.group(1) + hour.group(1)) if date and hour else None


def read_run_hour(name: str) -> int | None:
    """Return the hour of the run that a name states as ``HHz`` [h]; None if it states none."""
    hour = _HOUR.search(name)
    return int(hour.group(1)) if hour else None


def read_first_index(name: str) -> tuple[int, int] | None:
    """Return the number of the first time that a query in a name asks for, and their stride.

    Parameters
    ----------
    name : str
        With the query that the file was fetched by, such as ``?hgtprs[12:15]`` or, with a stride,
        ``?hgtprs[0:2:8]``.

    Returns
    -------
    tuple of int or None
        None if the name holds no query.
    """
    query = _QUERY.search(name)
    if query is None:
        return None
    has_stride = query.group(0).count(":") == 2
    return int(query.group(1)), int(query.group(2)) if has_stride else 1


def _read_stamp(digits: str) -> int | None:
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.year >= 1900 else None
