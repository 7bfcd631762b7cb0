"""A region cut out of a Tawhiri dataset, as a NumPy archive.

Arrays: ``data`` (hours, levels, variables, latitudes, longitudes), ``hours`` after the run,
``pressures`` [hPa], ``variables`` (``height``, ``u``, ``v``), ``lat`` and ``lng`` [degrees]. The
run is in the array ``dataset`` or in the name of the file, as YYYYMMDDHH.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.times import format_utc
from downwind.wind.cube import EAST, HEIGHT, NORTH
from downwind.wind.sources._fields import Field, Inventory, Layout, find_layout
from downwind.wind.sources._npz import is_npz, read_npz
from downwind.wind.sources._runs import read_run
from downwind.wind.window import Window

NAME = "Tawhiri region"

KEYS: Final = ("data", "hours", "pressures", "variables", "lat", "lng")
RUN_KEY: Final = "dataset"
VARIABLES: Final = {"height": HEIGHT, "u": EAST, "v": NORTH}
MAX_PRESSURE_HPA: Final = 1100.0
_SHAPE_HINT = "write data as (hours, levels, variables, latitudes, longitudes)"


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it: any NumPy archive.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first bytes.
    """
    return is_npz(head)


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read the part of Tawhiri regions that lies in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        What they hold there.

    Raises
    ------
    WeatherFileError
        If a file cannot be read, or nothing states its run.
    WeatherTruncatedError
        If a file ends early.
    WeatherContentError
        If an array is missing, or they do not fit each other.
    """
    fields: list[Field] = []
    left_out: list[str] = []
    for path in paths:
        arrays = read_npz(path, KEYS, (RUN_KEY,))
        run_s = _find_run(path.name, arrays, window.run_s)
        layout = _check_region(path.name, arrays)
        part = layout.within(window)
        if not window.holds_run(run_s):
            continue
        if part is None:
            left_out.append(f"{path.name}: nothing of it in {window.describe()}")
        else:
            fields += _cut_region(path.name, arrays, run_s, part, window)
    names = tuple(path.name for path in paths)
    return Inventory(NAME, names, tuple(fields), {}, tuple(left_out), {})


def _find_run(file: str, arrays: dict[str, NDArray[Any]], asked_s: int | None) -> int:
    named = read_run(file)
    stated = None
    if RUN_KEY in arrays:
        text = str(arrays[RUN_KEY].ravel()[0]) if arrays[RUN_KEY].size == 1 else ""
        stated = read_run(text)
        if stated is None:
            raise WeatherContentError(
                f"{file}: '{RUN_KEY}' is {text!r}, no run", "write it as YYYYMMDDHH: '2026112200'"
            )
    if named is not None and stated is not None and named != stated:
        raise WeatherContentError(
            f"{file}: its name says the run {format_utc(named)}, '{RUN_KEY}' in it "
            f"{format_utc(stated)}",
            "give the file the name of its run",
        )
    run_s = named if stated is None else stated
    run_s = asked_s if run_s is None else run_s
    if run_s is None:
        raise WeatherFileError(
            f"{file} holds hours after a run, and nothing states which run",
            "state it with --run (weather check, weather import), put it into the name as "
            f"YYYYMMDDHH, such as region_2026112200.npz, or into the file as the array '{RUN_KEY}'",
        )
    return run_s


def _check_region(file: str, arrays: dict[str, NDArray[Any]]) -> Layout:
    """Return the layout of a region whose arrays fit each other."""
    axes = KEYS[1:]
    for name in axes:
        if arrays[name].ndim != 1:
            raise WeatherContentError(
                f"{file}: '{name}' has the shape {arrays[name].shape}, not one axis", _SHAPE_HINT
            )
    wanted = tuple(arrays[name].size for name in axes)
    if arrays["data"].shape != wanted:
        raise WeatherContentError(
            f"{file}: 'data' has the shape {arrays['data'].shape}, and {', '.join(axes)} make "
            f"{wanted}",
            _SHAPE_HINT,
        )
    if arrays["data"].dtype.kind != "f":
        raise WeatherContentError(
            f"{file}: 'data' holds {arrays['data'].dtype}, not floats", "write it as float32"
        )
    for name in ("hours", "pressures", "lat", "lng"):
        if arrays[name].dtype.kind not in "fiu" or not np.isfinite(arrays[name]).all():
            raise WeatherContentError(f"{file}: '{name}' is not all numbers", _SHAPE_HINT)
    names = _list_variables(arrays)
    if len(set(names)) < len(names) or not set(names) <= set(VARIABLES):
        raise WeatherContentError(
            f"{file}: 'variables' is {', '.join(names) or 'empty'}",
            f"name each of {', '.join(VARIABLES)} once, in the order of data",
        )
    pressures = arrays["pressures"]
    if pressures.size and not (0.0 < pressures.min() <= pressures.max() <= MAX_PRESSURE_HPA):
        raise WeatherContentError(
            f"{file}: 'pressures' go from {pressures.min():g} to {pressures.max():g}",
            "write them in hPa, such as 1000 to 1",
        )
    try:
        return find_layout(arrays["lat"], arrays["lng"])
    except ValueError as error:
        raise WeatherContentError(
            f"{file}: {error}", "write evenly spaced latitudes and longitudes"
        ) from error


def _list_variables(arrays: dict[str, NDArray[Any]]) -> list[str]:
    return [
        text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
        for text in arrays["variables"].tolist()
    ]


def _cut_region(
    file: str, arrays: dict[str, NDArray[Any]], run_s: int, part: Layout, window: Window
) -> list[Field]:
    times = [run_s + round(3600.0 * float(hour)) for hour in arrays["hours"]]
    return [
        Field(
            name=VARIABLES[variable],
            level_pa=round(100.0 * float(level), 3),
            time_s=time_s,
            member=0,
            values=part.lay_out(arrays["data"][t, k, i]),
            grid=part.grid,
            run_s=run_s,
            is_analysis=False,
            source=NAME,
            file=file,
        )
        for t, time_s in enumerate(times)
        if window.holds_time(time_s)
        for k, level in enumerate(arrays["pressures"])
        for i, variable in enumerate(_list_variables(arrays))
    ]
