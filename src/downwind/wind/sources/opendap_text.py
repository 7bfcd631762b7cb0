"""GFS as OPeNDAP text: what a NOMADS data server gives under a name that ends in ``.ascii``.

The text holds names, axes and numbers, and neither units nor the run. Names are those of NOMADS,
and so are their units. Times count days in the mixed calendar. Which run it is, the name of the
file tells (`_runs`): in full; or by the hour and by the number of the first time in the query; or
by the hour alone, and then the run is the newest of that hour at or before the first time, with a
warning, because the forecast may be days older.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.times import decode_cf_times, format_utc
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD,
    CLOUD_COVER,
    EAST,
    EAST_10M,
    FRICTION_VELOCITY,
    GUST,
    HEIGHT,
    HUMIDITY,
    NORTH,
    NORTH_10M,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
)
from downwind.wind.sources._fields import OMEGA, SPECIFIC, Field, Inventory, Layout, find_layout
from downwind.wind.sources._grads_text import TextArray, is_grads_text, read_arrays
from downwind.wind.sources._runs import read_first_index, read_run, read_run_hour
from downwind.wind.window import Window

NAME = "OPeNDAP text"

UPPER: Final[Mapping[str, tuple[str, float]]] = {
    "hgtprs": (HEIGHT, 1.0),
    "ugrdprs": (EAST, 1.0),
    "vgrdprs": (NORTH, 1.0),
    "tmpprs": (TEMPERATURE, 1.0),
    "vvelprs": (OMEGA, 1.0),
    "rhprs": (HUMIDITY, 0.01),
    "spfhprs": (SPECIFIC, 1.0),
    "tcdcprs": (CLOUD, 0.01),
}
"""Name in the cube of each array on pressure levels, and its factor."""

FLAT: Final[Mapping[str, tuple[str, float]]] = {
    "ugrd10m": (EAST_10M, 1.0),
    "vgrd10m": (NORTH_10M, 1.0),
    "pressfc": (SURFACE_PRESSURE, 1.0),
    "hgtsfc": (TERRAIN, 1.0),
    "gustsfc": (GUST, 1.0),
    "hpblsfc": (BOUNDARY_LAYER, 1.0),
    "fricvsfc": (FRICTION_VELOCITY, 1.0),
    "tcdcclm": (CLOUD_COVER, 0.01),
}
"""The same for arrays without levels."""

MODELS: Final = {"gfs": "NCEP GFS", "gefs": "NCEP GEFS", "gens": "NCEP GEFS"}
"""Source of a file by the letters that its name starts with."""

MAX_PRESSURE_HPA: Final = 1100.0
_DAY_S: Final = 86_400
_TIME_UNIT: Final = "days since 1-1-1"
_NAME_HINT = (
    "state the run with --run (weather check, weather import), or give the file the run in its "
    "name, such as gfs_20170424_06z_hgtprs.ascii, or keep the name that the server gives it"
)


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first bytes.
    """
    return is_grads_text(head)


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read the part of OPeNDAP text files that lies in a window, and count what no flight needs.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        What they hold, whether it makes a cube or not.

    Raises
    ------
    WeatherFileError
        If a file cannot be read, or its name says nothing of the run.
    WeatherTruncatedError
        If a file ends early.
    WeatherContentError
        If the times lie before the run that the name states.

    References
    ----------
    NOMADS, info pages of ``gfs_0p25`` and ``gfs_0p50``: names and units. GrADS Data Server: the
    time axis, days since 1-1-1.
    """
    fields: list[Field] = []
    left_out: list[str] = []
    notes: list[str] = []
    warnings: list[str] = []
    others: Counter[str] = Counter()
    files = [(path, read_arrays(path)) for path in paths]
    runs = _find_runs(files, window.run_s, notes, warnings)
    for path, arrays in files:
        for array in arrays:
            if array.name not in UPPER and array.name not in FLAT:
                others[array.name] += 1
                continue
            reason = _explain_unfit(array)
            layout = None if reason else _lay_out(array)
            if isinstance(layout, Layout):
                part = layout.within(window)
                if part is not None:
                    fields += _cut_array(path.name, array, runs[path], part, window)
                    continue
                reason = f"nothing of it in {window.describe()}"
            left_out.append(f"{array.name} in {path.name}: {reason or layout}")
    names = tuple(path.name for path in paths)
    return Inventory(
        NAME, names, tuple(fields), {}, tuple(left_out), dict(others), tuple(notes), tuple(warnings)
    )


# --- the run -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Named:
    """What the name of a file tells of its run: all of it, or its hour only."""

    run_s: int | None
    hour: int
    first_s: int


def _find_runs(
    files: Sequence[tuple[Path, Sequence[TextArray]]],
    asked_s: int | None,
    notes: list[str],
    warnings: list[str],
) -> dict[Path, int]:
    """Return the run of each file [s since 1970], and say where it comes from."""
    named = {path: _read_name(path, arrays, asked_s) for path, arrays in files}
    guessed = {named.hour for named in named.values() if named.run_s is None}
    latest: dict[int, int] = {}
    for hour in sorted(guessed):
        first_s = min(n.first_s for n in named.values() if n.run_s is None and n.hour == hour)
        latest[hour] = first_s - (first_s - 3600 * hour) % _DAY_S
        warnings.append(
            f"the files do not say of which day their {hour:02d}Z run is: taken for "
            f"{format_utc(latest[hour])}, the newest that it can be; the forecast may be days older"
        )
    if any(name.run_s is not None for name in named.values()):
        notes.append("run by the names of the files: the text states none")
    return {
        path: latest[name.hour] if name.run_s is None else name.run_s
        for path, name in named.items()
    }


def _read_name(path: Path, arrays: Sequence[TextArray], asked_s: int | None) -> _Named:
    moments = [_read_times(path, array) for array in arrays if "time" in array.axes]
    if not moments:
        raise WeatherContentError(
            f"{path.name}: no array in it has a time axis", "fetch the arrays with their times"
        )
    first_s = min(int(times[0]) for times in moments)
    run_s, hour = read_run(path.name), read_run_hour(path.name)
    if run_s is None and asked_s is not None and hour in (None, asked_s % _DAY_S // 3600):
        run_s = asked_s
    if run_s is None and hour is None:
        raise WeatherFileError(
            f"{path.name} holds a forecast, and neither the text nor its name says of which run",
            _NAME_HINT,
        )
    if run_s is None and hour is not None:
        run_s = _count_back(path.name, hour, arrays[0], moments[0])
    if run_s is not None and first_s < run_s:
        raise WeatherContentError(
            f"{path.name}: its times begin at {format_utc(first_s)}, before the run that its name "
            f"states, {format_utc(run_s)}",
            _NAME_HINT,
        )
    return _Named(run_s, hour or 0, first_s)


def _count_back(file: str, hour: int, array: TextArray, times: NDArray[np.int64]) -> int | None:
    """Return the run by the number of the first time in the query; None where that fails.

    The number counts steps from the run, and the steps are those between the times. It holds if
    the hour that it leads to is that of the name.
    """
    query = read_first_index(file)
    if query is None or next(iter(array.axes)) != "time" or times.size < 2:
        return None
    first, stride = query
    step_s = int(times[1] - times[0]) // stride
    run_s = int(times[0]) - first * step_s
    return run_s if run_s % _DAY_S == 3600 * hour else None


def _read_times(path: Path, array: TextArray) -> NDArray[np.int64]:
    days = array.axes["time"]
    if not np.isfinite(days).all() or np.any(np.diff(days) <= 0.0) or not 0.0 < days[0] < 4.0e6:
        raise WeatherFileError(
            f"{path.name}: the times of {array.name} are no rising days since 1-1-1",
            "fetch the file again, or from a GrADS data server such as NOMADS",
        )
    return decode_cf_times(days, _TIME_UNIT)


# --- arrays to fields --------------------------------------------------------------------------


def _explain_unfit(array: TextArray) -> str:
    """Return why an array cannot be used; empty if it can."""
    needs = {"time", "lat", "lon"} | ({"lev"} if array.name in UPPER else set())
    if absent := sorted(needs - set(array.axes)):
        return f"no axis {', '.join(absent)}"
    if surplus := sorted(set(array.axes) - needs - {"ens"}):
        return f"an axis {', '.join(surplus)} too many"
    if array.name in UPPER:
        levels = array.axes["lev"]
        if not (levels.min() > 0.0 and levels.max() <= MAX_PRESSURE_HPA):
            return f"its levels go from {levels.min():g} to {levels.max():g}, no hPa"
    return ""


def _lay_out(array: TextArray) -> Layout | str:
    try:
        return find_layout(array.axes["lat"], array.axes["lon"])
    except ValueError as error:
        return str(error)


def _cut_array(
    file: str, array: TextArray, run_s: int, part: Layout, window: Window
) -> list[Field]:
    """Return the slabs of an array that hold any value; a level may be without, as of vvelprs."""
    is_upper = array.name in UPPER
    name, factor = UPPER[array.name] if is_upper else FLAT[array.name]
    order = [axis for axis in ("ens", "time", "lev", "lat", "lon") if axis in array.axes]
    values = array.values.transpose([list(array.axes).index(axis) for axis in order])
    times = decode_cf_times(array.axes["time"], _TIME_UNIT)
    levels = array.axes["lev"] if is_upper else np.array([np.nan])
    members = np.round(array.axes["ens"]) if "ens" in array.axes else np.array([0.0])
    values = values.reshape(members.size, times.size, levels.size, *values.shape[-2:])
    prefix = re.match(r"[a-z]*", file.lower())
    source = MODELS.get(prefix.group() if prefix else "", f"unnamed {NAME}")
    return [
        Field(
            name=name,
            level_pa=round(100.0 * float(level), 3) if is_upper else None,
            time_s=int(time_s),
            member=int(member),
            values=part.lay_out(values[m, t, k] * factor),
            grid=part.grid,
            run_s=run_s,
            is_analysis=False,
            source=source,
            file=file,
        )
        for m, member in enumerate(members)
        for t, time_s in enumerate(times)
        if name == TERRAIN or (window.holds_time(float(time_s)) and window.holds_run(run_s))
        for k, level in enumerate(levels)
        if np.isfinite(values[m, t, k]).any()
    ]
