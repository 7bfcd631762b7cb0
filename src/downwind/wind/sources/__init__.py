"""The sources of gridded wind, one module each, and the one way to read any of them.

A source is a module with ``NAME``, ``recognise(path, head)``, ``scan(paths)`` and ``read(paths)``.
To add one, write the module and put it in the table `SOURCES`. Files are known by their first
bytes; their names play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import xarray as xr

from downwind.errors import WeatherFileError
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.sources import era5, grib2
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._files import read_head, refuse_file


class Source(Protocol):
    """What every module of a source offers."""

    NAME: str

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell by the first bytes of a file whether this source reads it."""
        ...

    def scan(self, paths: Sequence[Path]) -> Inventory:
        """Read all that files hold, whether it makes a cube or not."""
        ...

    def read(self, paths: Sequence[Path]) -> xr.Dataset:
        """Read files into the dataset of one cube."""
        ...


SOURCES: tuple[Source, ...] = (cast(Source, grib2), cast(Source, era5))
"""Every source, in the order in which they are asked."""


def read_weather(paths: Sequence[Path | str]) -> WindCube:
    """Read weather files into one cube, whatever source they come from.

    Parameters
    ----------
    paths : sequence of Path or str
        Files of one source, one run and one grid: times, levels, variables and members may be
        spread over them. Their order does not matter.

    Returns
    -------
    WindCube
        The wind, checked against its contract.

    Raises
    ------
    WeatherFileError
        If a file is no weather file, cannot be read, or the files are of different kinds.
    WeatherTruncatedError
        If a file ends in the middle of a field.
    WeatherContentError
        If the files lack what a flight needs, or do not belong together.
    WindValueError
        If a value is no number or no wind.
    """
    source, files = choose_source(paths)
    return validate_cube(source.read(files))


def choose_source(paths: Sequence[Path | str]) -> tuple[Source, tuple[Path, ...]]:
    """Return the source that reads a set of files, and the files in the order of their names.

    Raises
    ------
    WeatherFileError
        If a file is no weather file, none is given, or the files are of different kinds.
    """
    if not paths:
        raise WeatherFileError("no weather file was given", "name one or more files")
    files = tuple(sorted({Path(path) for path in paths}, key=lambda path: (path.name, str(path))))
    chosen: dict[str, tuple[Source, Path]] = {}
    for path in files:
        head = read_head(path)
        source = next((source for source in SOURCES if source.recognise(path, head)), None)
        if source is None:
            raise refuse_file(path, head)
        chosen.setdefault(source.NAME, (source, path))
    if len(chosen) > 1:
        kinds = " and ".join(f"{name} ({path.name})" for name, (_, path) in chosen.items())
        raise WeatherFileError(f"two kinds of file in one set: {kinds}", "give files of one kind")
    return next(iter(chosen.values()))[0], files


__all__ = ["SOURCES", "Source", "choose_source", "read_weather"]
