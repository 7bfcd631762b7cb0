"""The manifest of a stored cube: what it holds, and the size and sha256 of each of its files.

Its seal is the sha256 of all the rest of it, so that a spoilt manifest is told from a sound one.
A cube is judged by the manifest alone: a file that is not in it is never read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import StoredWindError
from downwind.times import format_utc, parse_time
from downwind.wind.store._folder import CUBE_FOLDER, MANIFEST_FILE

FORMAT: Final = "downwind-cube-1"
"""Name of the format of a stored cube."""

_MEND: Final = "store it again: downwind weather import FILE; a spoilt one is replaced"


@dataclass(frozen=True, slots=True)
class StoredWind:
    """A cube in the store, as its manifest tells of it.

    Parameters
    ----------
    id : str
        Name of its folder: source, run and the first digits of the digest.
    name : str
        Name that the user gave; empty without one.
    created : str
        When it was stored, ISO.
    version : str
        Version of downwind that stored it.
    window : str
        The part of the files that was taken; empty for all of them.
    source, nature, files, digest, run, warnings, notes : str
        As in the cube; ``run`` is its ``forecast_reference_time``.
    times_s : tuple of int
        Valid times [s since 1970].
    box : tuple of float
        West, south, east, north [degrees].
    spacing_deg : tuple of float
        In longitude and latitude [degrees].
    is_global : bool
        Whether the longitudes go all the way round.
    levels, members : int
        Number of levels and of members.
    axes : str
        The sha256 of levels, places and members: equal for cubes that differ in time alone.
    variables : tuple of str
        What is known.
    size_bytes : int
        On the disk, without the manifest [bytes].
    cube_bytes, source_bytes : int
        In memory, and of the files that it was made of [bytes].
    content : mapping
        Size [bytes] and sha256 of each file, by its place below the cube.
    """

    id: str
    name: str
    created: str
    version: str
    window: str
    source: str
    nature: str
    files: str
    digest: str
    run: str
    warnings: str
    notes: str
    times_s: tuple[int, ...]
    box: tuple[float, float, float, float]
    spacing_deg: tuple[float, float]
    is_global: bool
    levels: int
    members: int
    axes: str
    variables: tuple[str, ...]
    size_bytes: int
    cube_bytes: int
    source_bytes: int
    content: Mapping[str, tuple[int, str]]

    @property
    def run_s(self) -> int | None:
        """Time of the forecast run [s since 1970]; None for what is no forecast."""
        return parse_time(self.run) if self.run else None

    @property
    def rank_s(self) -> int:
        """What tells newer from older: the run, or the last time of what is no forecast."""
        run_s = self.run_s
        return self.times_s[-1] if run_s is None else run_s

    @property
    def title(self) -> str:
        """How messages name it: the user's name for it, or its id."""
        return self.name or self.id

    def describe_times(self) -> str:
        """Write the first and the last time for a person."""
        first, last = (format_utc(t)[:16] + "Z" for t in (self.times_s[0], self.times_s[-1]))
        return first if len(self.times_s) == 1 else f"{first} to {last}"

    def describe_box(self) -> str:
        """Write the box for a person."""
        west, south, east, north = self.box
        across = "all longitudes" if self.is_global else f"{west:g} to {east:g} E"
        return f"{south:g} to {north:g} N, {across}"

    def to_dict(self) -> dict[str, Any]:
        """Return all but the list of files, ready for JSON."""
        values = asdict(self)
        del values["content"]
        for key in ("warnings", "notes"):
            values[key] = [line for line in values[key].split("\n") if line]
        times = [format_utc(t) for t in values.pop("times_s")]
        return {**values, "run": self.run or None, "times": times}


def write_manifest(folder: Path, entry: StoredWind) -> None:
    """Write the manifest of a cube: whole and on the disk, or not at all."""
    values = {"format": FORMAT, **asdict(entry)}
    values["content"] = {name: list(facts) for name, facts in sorted(entry.content.items())}
    text = json.dumps({**values, "seal": _seal(values)}, indent=0)
    part = folder / f".{MANIFEST_FILE}.{os.getpid()}"
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(folder / MANIFEST_FILE)


def read_manifest(folder: Path) -> StoredWind:
    """Read the manifest of a cube, and check its seal.

    Raises
    ------
    StoredWindError
        If it is missing, spoilt, or of a format that this version does not know.
    """
    try:
        values = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
    except OSError as error:
        raise StoredWindError(
            f"{folder.name} in the store is no stored wind: its manifest cannot be read "
            f"({error.strerror})",
            f"remove the folder {folder}, or store the wind again",
        ) from error
    except ValueError as error:
        raise _spoilt(folder, "its manifest is not whole") from error
    if not isinstance(values, dict) or "format" not in values:
        raise _spoilt(folder, "its manifest is not whole")
    if values["format"] != FORMAT:
        raise StoredWindError(
            f"{folder.name} is stored in the format {values['format']}, which this version of "
            "downwind does not read",
            "store it again with this version: downwind weather import FILE",
        )
    seal = values.pop("seal", None)
    if seal != _seal(values):
        raise _spoilt(folder, "its manifest is not as it was written")
    del values["format"]
    for key in ("times_s", "box", "spacing_deg", "variables"):
        values[key] = tuple(values[key])
    values["content"] = {name: (facts[0], facts[1]) for name, facts in values["content"].items()}
    try:
        entry = StoredWind(**values)
    except TypeError as error:
        raise _spoilt(folder, f"its manifest does not keep the format: {error}") from error
    if entry.id != folder.name:
        raise _spoilt(folder, f"its manifest is that of {entry.id}")
    return entry


def list_content(cube: Path) -> dict[str, tuple[int, str]]:
    """Return size [bytes] and sha256 of every file below a cube, by its place."""
    paths = [Path(root) / name for root, _, names in os.walk(cube) for name in names]
    with ThreadPoolExecutor(4) as pool:
        facts = pool.map(_weigh_file, paths)
        return {
            path.relative_to(cube).as_posix(): fact for path, fact in zip(paths, facts, strict=True)
        }


def find_missing(folder: Path, entry: StoredWind) -> list[str]:
    """Return what is missing or of another size than it was written, by names and sizes alone."""
    faults = []
    cube = os.fspath(folder / CUBE_FOLDER)
    for name, (size, _) in entry.content.items():
        try:
            there = os.stat(f"{cube}/{name}").st_size
        except OSError:
            faults.append(f"{name} is missing")
            continue
        if there != size:
            faults.append(f"{name} has {there} bytes, not {size}")
    return faults


def find_faults(folder: Path, entry: StoredWind) -> list[str]:
    """Return every file that is not to the bit as it was written, by reading them all."""
    faults = find_missing(folder, entry)
    named = {fault.partition(" ")[0] for fault in faults}
    names = [name for name in entry.content if name not in named]
    cube = folder / CUBE_FOLDER

    def judge(name: str) -> str:
        try:
            _, digest = _weigh_file(cube / name)
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
        return "" if digest == entry.content[name][1] else f"{name} is not as it was written"

    with ThreadPoolExecutor(4) as pool:
        return faults + [fault for fault in pool.map(judge, names) if fault]


def digest_axes(parts: Mapping[str, NDArray[Any]], level_name: str) -> str:
    """Return the sha256 of the axes that cubes must share to be joined along time."""
    hasher = hashlib.sha256(level_name.encode())
    for name in ("realization", "level", "latitude", "longitude"):
        hasher.update(f"\n{name} ".encode())
        hasher.update(np.ascontiguousarray(parts[name], "<f8").tobytes())
    return hasher.hexdigest()


def refuse_spoilt(entry_id: str, faults: list[str]) -> StoredWindError:
    """Return the error for a cube that is not as it was written."""
    more = f" and {len(faults) - 2} more" if len(faults) > 2 else ""
    return StoredWindError(
        f"the stored wind {entry_id} is spoilt: {'; '.join(faults[:2])}{more}", _MEND
    )


def _spoilt(folder: Path, why: str) -> StoredWindError:
    return StoredWindError(f"the stored wind {folder.name} is spoilt: {why}", _MEND)


def _weigh_file(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), digest


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(
        json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
