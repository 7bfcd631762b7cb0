"""A Tawhiri dataset: what a Tawhiri server keeps of one GFS run, read where it is wanted.

The file has no header: 65 hours, 47 levels, height and wind on the whole globe at half a degree,
as bare little-endian float32. It is known by its size, and its name, ``YYYYMMDDHH``, is the run.
It is mapped into memory, and only the pages that a window needs are read.

The sha256 of such a cube is that of the part that was read, with its run, box and hours: to hash
the file would read all 9.5 GB of it for each plan.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.times import format_utc
from downwind.wind.cube import EAST, HEIGHT, NORTH
from downwind.wind.sources._fields import Field, Inventory, Layout, find_layout
from downwind.wind.sources._runs import read_run
from downwind.wind.window import Window

NAME = "Tawhiri dataset"

HOURS: Final = tuple(range(0, 193, 3))
"""Hours after the run."""

LEVELS_HPA: Final = (*range(1000, 99, -25), 70, 50, 30, 20, 10, 7, 5, 3, 2, 1)
VARIABLES: Final = (HEIGHT, EAST, NORTH)
SHAPE: Final = (len(HOURS), len(LEVELS_HPA), len(VARIABLES), 361, 720)
FILE_BYTES: Final = 4 * math.prod(SHAPE)
"""Size of the file, by which it is known."""

MAX_PART_BYTES: Final = 2 << 30
"""Size above which a part is not read at once."""

SOURCE: Final = "NCEP GFS by Tawhiri"


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the size of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first bytes; they tell nothing.
    """
    return path.is_file() and path.stat().st_size == FILE_BYTES


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read the part of Tawhiri datasets that lies in a window.

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
        If the name of a file states no run, or the part is too large to be read at once.
    WeatherContentError
        If a part of a file was never written.

    References
    ----------
    Tawhiri, ``dataset.py``: order of the axes, levels and hours.
    """
    layout = find_layout(np.linspace(-90.0, 90.0, SHAPE[3]), np.arange(SHAPE[4]) * 0.5)
    part = layout.within(window)
    names = tuple(path.name for path in paths)
    if part is None:
        # The globe has a point in every window that is wider than its spacing.
        return _make_inventory(names, [], f"nothing of it in {window.describe()}", "")
    fields: list[Field] = []
    chain = hashlib.sha256()
    for path in paths:
        run_s = _find_run(path)
        if not window.holds_run(run_s):
            continue
        hours = [hour for hour in HOURS if window.holds_time(run_s + 3600 * hour)]
        _check_size(path, run_s, len(hours), part)
        chain.update(f"{format_utc(run_s)} {hours} {part.grid}\n".encode())
        for hour, values in zip(hours, _read_hours(path, hours, part), strict=True):
            chain.update(values.tobytes())
            fields += _cut_hour(values, run_s, hour, part, path.name)
    return _make_inventory(names, fields, "", chain.hexdigest())


def _make_inventory(
    names: tuple[str, ...], fields: Sequence[Field], left_out: str, digest: str
) -> Inventory:
    part = "" if not fields else f", {fields[0].grid.describe()}"
    return Inventory(
        kind=NAME,
        files=names,
        fields=tuple(fields),
        refused_grids={},
        left_out=(left_out,) if left_out else (),
        others={},
        notes=(f"sha256 of the part that was read, not of the whole file{part}",),
        digest=digest,
    )


def _find_run(path: Path) -> int:
    run_s = read_run(path.name) if re.fullmatch(r"\d{10}", path.name) else None
    if run_s is None:
        raise WeatherFileError(
            f"{path.name} has the size of a Tawhiri dataset, and its name states no run",
            "if it is one, give it the name that Tawhiri gives it, the run as YYYYMMDDHH: "
            "2026112200 for 2026-11-22 00Z",
        )
    return run_s


def _check_size(path: Path, run_s: int, times: int, part: Layout) -> None:
    wanted = 4 * math.prod((times, *SHAPE[1:3], part.grid.rows, part.grid.columns))
    if wanted > MAX_PART_BYTES:
        raise WeatherFileError(
            f"{path.name} is a Tawhiri dataset of {format_utc(run_s)}, {times} times of it on "
            f"{part.grid.describe()}: {wanted / 1e9:.1f} GB are too much to read at once",
            "plan and fly read the part that they need; to keep another part: "
            "downwind weather import FILE --box 120,33,132,43 --from TIME --to TIME",
        )


def _read_hours(path: Path, hours: Sequence[int], part: Layout) -> list[NDArray[np.float32]]:
    """Return the part of each hour, shape (levels, variables, rows, columns)."""
    data = np.memmap(path, np.dtype("<f4"), "r", shape=SHAPE)
    read = []
    for hour in hours:
        values = np.ascontiguousarray(
            data[HOURS.index(hour)][:, :, part.rows[:, None], part.columns], np.float32
        )
        blank = ~values[:, 0].any(axis=(1, 2))
        if blank.any():
            raise WeatherContentError(
                f"{path.name}: nothing is written at hour {hour}, "
                f"{LEVELS_HPA[int(np.argmax(blank))]} hPa: every height is 0",
                "fetch the dataset again: its download has not finished",
            )
        read.append(values)
    return read


def _cut_hour(
    values: NDArray[np.float32], run_s: int, hour: int, part: Layout, file: str
) -> list[Field]:
    return [
        Field(
            name=name,
            level_pa=100.0 * level,
            time_s=run_s + 3600 * hour,
            member=0,
            values=values[k, i],
            grid=part.grid,
            run_s=run_s,
            is_analysis=False,
            source=SOURCE,
            file=file,
        )
        for k, level in enumerate(LEVELS_HPA)
        for i, name in enumerate(VARIABLES)
    ]
