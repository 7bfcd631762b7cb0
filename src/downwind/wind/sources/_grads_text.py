"""The text that a GrADS data server (NOMADS) answers an OPeNDAP request with: arrays and axes.

An array is a line with its name and shape, and a line of numbers for each row, led by the place of
that row. The axes stand behind the array in the order of its dimensions. A file may hold several
arrays, each with its axes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherFileError, WeatherTruncatedError

AXES: Final = ("ens", "time", "lev", "lat", "lon")
"""The axes that such a server knows."""

_TITLE = re.compile(r"([A-Za-z]\w*), ((?:\[\d+\])+)\s*")
_TITLE_BYTES = re.compile(rb"[A-Za-z]\w*, (?:\[\d+\])+\s*\r?\n")
_AGAIN = "fetch the file again"

_MISSING: Final = (-9.99e8, 9.999e20)
"""What stands where there is no value: of old servers, and of those of today."""


@dataclass(frozen=True, slots=True, eq=False)
class TextArray:
    """An array with its axes.

    Parameters
    ----------
    name : str
        As the server calls it, such as ``hgtprs``.
    axes : dict
        Values of each axis by its name, in the order of the dimensions of ``values``.
    values : numpy.ndarray
        float64; NaN where missing.
    """

    name: str
    axes: dict[str, NDArray[np.float64]]
    values: NDArray[np.float64]


def is_grads_text(head: bytes) -> bool:
    """Tell by the first bytes of a file whether they are the title of an array."""
    return _TITLE_BYTES.match(head) is not None


def read_arrays(path: Path) -> list[TextArray]:
    """Read all arrays of a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of TextArray
        In the order of the file.

    Raises
    ------
    WeatherTruncatedError
        If the file ends before all rows and axes that it announces.
    WeatherFileError
        If a line is not what its place asks for.
    """
    try:
        text = path.read_bytes().decode("ascii")
    except UnicodeDecodeError as error:
        raise WeatherFileError(
            f"{path.name}: byte {error.start} is no text as a data server writes it", _AGAIN
        ) from error
    lines = [(i, line) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
    arrays: list[TextArray] = []
    pending: list[tuple[str, NDArray[np.float64]]] = []
    axes: dict[str, NDArray[np.float64]] = {}
    at = 0
    while at < len(lines):
        number, line = lines[at]
        title = _TITLE.fullmatch(line)
        if title is None:
            raise WeatherFileError(
                f"{path.name}, line {number}: '{line[:40]}' is no title of an array, such as "
                "hgtprs, [4][47][15][27]",
                _AGAIN,
            )
        name = title.group(1)
        shape = tuple(int(size) for size in re.findall(r"\d+", title.group(2)))
        rows = math.prod(shape[:-1])
        if 2 * math.prod(shape) > len(text) or at + 1 + rows > len(lines):
            raise _cut_short(path, f"'{name}' has {rows} rows")
        values = _read_rows(path, lines[at + 1 : at + 1 + rows], shape, at + 1 + rows == len(lines))
        at += 1 + rows
        if name in AXES and len(shape) == 1:
            axes[name] = values
            continue
        if axes:
            arrays += _attach_axes(path, pending, axes)
            pending, axes = [], {}
        pending.append((name, values))
    return arrays + _attach_axes(path, pending, axes)


def _read_rows(
    path: Path, lines: Sequence[tuple[int, str]], shape: tuple[int, ...], is_last: bool
) -> NDArray[np.float64]:
    """Return the numbers of the rows of an array, in its shape."""
    rows = [line for _, line in lines]
    if len(shape) > 1:
        for (number, line), place in zip(lines, np.ndindex(shape[:-1]), strict=True):
            label = "".join(f"[{i}]" for i in place) + ","
            if not line.startswith(label):
                raise WeatherFileError(
                    f"{path.name}, line {number}: '{line[:40]}' where the row {label[:-1]} belongs",
                    _AGAIN,
                )
        rows = [line.partition(",")[2] for line in rows]
    for (number, _), row in zip(lines, rows, strict=True):
        if row.count(",") != shape[-1] - 1:
            message = f"line {number} has {row.count(',') + 1} of {shape[-1]} numbers"
            if is_last and number == lines[-1][0]:
                raise _cut_short(path, message)
            raise WeatherFileError(f"{path.name}: {message}", _AGAIN)
    try:
        values = np.array(",".join(rows).split(","), np.float64).reshape(shape)
    except ValueError as error:
        number = next(n for (n, _), row in zip(lines, rows, strict=True) if not _is_numbers(row))
        raise WeatherFileError(f"{path.name}, line {number}: {error}", _AGAIN) from error
    low, high = _MISSING
    values[np.isclose(values, low, rtol=1e-6, atol=0.0) | (np.abs(values) >= 0.9 * high)] = np.nan
    return values


def _is_numbers(row: str) -> bool:
    try:
        np.array(row.split(","), np.float64)
    except ValueError:
        return False
    return True


def _attach_axes(
    path: Path,
    pending: Sequence[tuple[str, NDArray[np.float64]]],
    axes: dict[str, NDArray[np.float64]],
) -> list[TextArray]:
    sizes = tuple(axis.size for axis in axes.values())
    for name, values in pending:
        if not axes or len(sizes) < values.ndim:
            raise _cut_short(path, f"the axes of '{name}' are missing")
        if values.shape != sizes:
            raise WeatherFileError(
                f"{path.name}: '{name}' has the shape {values.shape}, and its axes "
                f"{', '.join(axes)} make {sizes}",
                _AGAIN,
            )
    return [TextArray(name, axes, values) for name, values in pending]


def _cut_short(path: Path, what: str) -> WeatherTruncatedError:
    return WeatherTruncatedError(f"{path.name}: {what}, and the file ends before that", _AGAIN)
