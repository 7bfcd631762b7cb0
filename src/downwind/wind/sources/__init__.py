"""The sources of wind, gridded and observed, one module each, and the one way to read any of them.

A source is a module with ``NAME``, ``recognise(path, head)`` and ``scan(paths, window)``. To add
one, write the module and put it in the table `SOURCES`. Files are known by their first bytes, and
their names play no part, save that the name tells the run where nothing in the file does. What
`scan` found, `assemble_dataset` makes a cube of, for all sources alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from downwind.errors import WeatherFileError
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.sources import (
    arm,
    grib,
    iem_json,
    igra2,
    netcdf,
    opendap_text,
    sounding_csv,
    tawhiri,
    tawhiri_region,
    temp_bufr,
    wyoming,
)
from downwind.wind.sources._assemble import assemble_dataset
from downwind.wind.sources._belong import find_runs
from downwind.wind.sources._fields import Inventory, join_inventories
from downwind.wind.sources._files import hash_files, read_head, refuse_file
from downwind.wind.window import Window


class Source(Protocol):
    """What every module of a source offers."""

    NAME: str

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell by the first bytes of a file whether this source reads it."""
        ...

    def scan(self, paths: Sequence[Path], window: Window) -> Inventory:
        """Read all that files hold inside a window, whether it makes a cube or not."""
        ...


EVERYTHING: Final = Window()
"""The window that leaves nothing out."""

SOURCES: tuple[Source, ...] = (
    cast(Source, grib),
    cast(Source, temp_bufr),
    cast(Source, arm),
    cast(Source, netcdf),
    cast(Source, tawhiri),
    cast(Source, tawhiri_region),
    cast(Source, opendap_text),
    cast(Source, igra2),
    cast(Source, wyoming),
    cast(Source, iem_json),
    cast(Source, sounding_csv),
)
"""Every source, in the order in which they are asked."""


def read_weather(paths: Sequence[Path | str], window: Window = EVERYTHING) -> WindCube:
    """Read weather files into one cube, whatever source they come from.

    Parameters
    ----------
    paths : sequence of Path or str
        Files of one source and one grid: times, levels, variables and members may be spread over
        them. Of several forecast runs the newest is read, and a note names the others. Soundings
        may be of several formats. The order of the files does not matter.
    window : Window, optional
        The part of them that is wanted, such as another run; all of it without.

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
    inventory, files = scan_weather(paths, window)
    return validate_cube(assemble_dataset(inventory, find_digest(inventory, files)))


def scan_weather(
    paths: Sequence[Path | str], window: Window = EVERYTHING
) -> tuple[Inventory, tuple[Path, ...]]:
    """Return all that a set of files holds, and the files in the order of their names.

    Parameters
    ----------
    paths : sequence of Path or str
        The files.
    window : Window, optional
        The part of them that is wanted.

    Raises
    ------
    WeatherFileError
        If a file is no weather file, none is given, or the files are of kinds that do not go
        together.
    """
    groups = choose_sources(paths)
    inventories = [(source, source.scan(files, window)) for source, files in groups]
    if len(inventories) > 1 and not all(found.profiles for _, found in inventories):
        kinds = " and ".join(f"{source.NAME} ({found.files[0]})" for source, found in inventories)
        raise WeatherFileError(f"two kinds of file in one set: {kinds}", "give files of one kind")
    files = sorted((path for _, group in groups for path in group), key=_name_key)
    return join_inventories([found for _, found in inventories]), tuple(files)


def find_digest(inventory: Inventory, files: Sequence[Path]) -> str:
    """Return the sha256 of what was read of files: of their bytes, or of the part that was."""
    return inventory.digest or hash_files(files)


def choose_sources(paths: Sequence[Path | str]) -> list[tuple[Source, tuple[Path, ...]]]:
    """Return each source that reads files of a set, with its files in the order of their names.

    Raises
    ------
    WeatherFileError
        If a file is no weather file, or none is given.
    """
    if not paths:
        raise WeatherFileError("no weather file was given", "name one or more files")
    chosen: dict[str, tuple[Source, list[Path]]] = {}
    for path in sorted({Path(path) for path in paths}, key=_name_key):
        head = read_head(path)
        source = next((source for source in SOURCES if source.recognise(path, head)), None)
        if source is None:
            raise refuse_file(path, head)
        chosen.setdefault(source.NAME, (source, []))[1].append(path)
    return [(source, tuple(files)) for source, files in chosen.values()]


def _name_key(path: Path) -> tuple[str, str]:
    return path.name, str(path)


__all__ = [
    "SOURCES",
    "Source",
    "choose_sources",
    "find_digest",
    "find_runs",
    "read_weather",
    "scan_weather",
]
