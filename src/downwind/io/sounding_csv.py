"""A profile as a plain sounding table, which the reader of soundings takes again.

The standard error of each level is a column of its own. What the levels have in common is not in
the table: give the observation itself to whoever can read it.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any, Final

import numpy as np

from downwind.errors import ResultsWriteError
from downwind.io._parts import replace_nan
from downwind.times import format_utc
from downwind.wind.profile import Profile

COLUMNS: Final = (
    "elapsed_s", "height_m", "wind_direction_deg", "wind_speed_ms", "wind_error_ms",
    "latitude_deg", "longitude_deg",
)  # fmt: skip


def sounding_table(profile: Profile) -> str:
    """Return a profile as text: head lines with ``#``, the names of the columns, a row a level."""
    out = io.StringIO()
    head = {
        "station": profile.station.replace("\n", " "),
        "latitude": f"{profile.latitude:.5f}",
        "longitude": f"{profile.longitude:.5f}",
        "time": format_utc(profile.time_s),
        "source": profile.source,
    }
    if profile.elevation_m is not None:
        head["elevation_m"] = f"{profile.elevation_m:.1f}"
    for key, value in head.items():
        out.write(f"# {key}: {value}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    speed = np.hypot(profile.eastward_ms, profile.northward_ms)
    towards = np.degrees(np.arctan2(profile.eastward_ms, profile.northward_ms))
    for i in range(profile.height_m.size):
        writer.writerow(
            [
                _write(float(profile.level_time_s[i]) - profile.time_s, 1),
                _write(float(profile.height_m[i]), 1),
                _write((float(towards[i]) + 180.0) % 360.0, 2),
                _write(float(speed[i]), 3),
                _write(float(profile.error_ms[i]), 3),
                _write(float(profile.level_latitude[i]), 5),
                _write(float(profile.level_longitude[i]), 5),
            ]
        )
    return out.getvalue()


def profile_document(profile: Profile) -> dict[str, Any]:
    """Return a profile as a JSON document; what is not known is null."""
    columns = {
        "height_m": profile.height_m,
        "eastward_ms": profile.eastward_ms,
        "northward_ms": profile.northward_ms,
        "error_ms": profile.error_ms,
        "common_eastward_ms": profile.common_eastward_ms,
        "common_northward_ms": profile.common_northward_ms,
        "elapsed_s": profile.level_time_s - profile.time_s,
        "latitude": profile.level_latitude,
        "longitude": profile.level_longitude,
    }
    document = {
        "station": profile.station,
        "latitude": profile.latitude,
        "longitude": profile.longitude,
        "elevation_m": profile.elevation_m,
        "time": format_utc(profile.time_s),
        "source": profile.source,
        "file": profile.file,
        "warnings": profile.warnings,
        "notes": profile.notes,
        "levels": {k: None if v is None else v.tolist() for k, v in columns.items()},
    }
    cleaned: dict[str, Any] = replace_nan(document)
    return cleaned


def write_sounding(profile: Profile, path: Path) -> None:
    """Write a profile as a plain sounding table.

    Raises
    ------
    ResultsWriteError
        If the file cannot be written.
    """
    try:
        path.write_text(sounding_table(profile), "utf-8")
    except OSError as error:
        raise ResultsWriteError(
            f"cannot write {path}: {error.strerror or error}", "name a file that you may write"
        ) from error


def _write(value: float, decimals: int) -> str:
    """Return a number as text; nothing where it is not known."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""
