"""Keep winds: store them, list them, check them, clean them up."""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from downwind.errors import ArgumentError
from downwind.times import format_utc, parse_time
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.sources import find_digest, find_runs, read_weather, scan_weather
from downwind.wind.sources._assemble import assemble_dataset
from downwind.wind.store import (
    Leftover,
    Placement,
    Pruning,
    StoredWind,
    check_cube,
    derive_digest,
    find_store,
    find_wind_entry,
    list_leftovers,
    list_winds,
    prune_winds,
    store_cube,
)
from downwind.wind.store._manifest import refuse_spoilt
from downwind.wind.window import Window

_WIDTH: Final = 80
_HOUR_S: Final = 3600.0
_OUTCOMES: Final = {
    "stored": "stored",
    "there": "is there already",
    "mended": "was spoilt, and is stored anew",
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import stored.

    Parameters
    ----------
    placements : tuple of Placement
        One for each run in the files.
    """

    placements: tuple[Placement, ...]

    def to_text(self) -> str:
        """Write for a terminal what is stored, and under which id."""
        lines = []
        for placement in self.placements:
            entry = placement.entry
            lines += [f"{entry.title} {_OUTCOMES[placement.outcome]}", *_describe(entry)]
            lines += [x for text in entry.warnings.split("\n") for x in _wrap(text, "  !! ")]
            lines += [x for text in entry.notes.split("\n") for x in _wrap(text, "  - ")]
        return "\n".join([*lines, f"in {find_store()}"])

    def to_dict(self) -> dict[str, Any]:
        """Return the same for a program."""
        return {
            "folder": str(find_store()),
            "winds": [{**p.entry.to_dict(), "outcome": p.outcome} for p in self.placements],
        }


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What the store holds.

    Parameters
    ----------
    folder : pathlib.Path
    entries : tuple of StoredWind
        Newest run first.
    spoilt : dict
        What is wrong with each folder that is no sound cube.
    leftovers : tuple of Leftover
        What killed processes left.
    now_s : float
        The clock [s since 1970].
    """

    folder: Path
    entries: tuple[StoredWind, ...]
    spoilt: dict[str, str]
    leftovers: tuple[Leftover, ...]
    now_s: float

    @property
    def size_bytes(self) -> int:
        """Size of all sound cubes [bytes]."""
        return sum(entry.size_bytes for entry in self.entries)

    def age_h(self, entry: StoredWind) -> float:
        """Return how long ago the run was, or the last time of what is no forecast [h]."""
        return (self.now_s - entry.rank_s) / _HOUR_S

    def to_text(self) -> str:
        """Write the list for a terminal, newest run first."""
        lines = []
        for entry in self.entries:
            lines += [_title(entry), *_describe(entry, self.age_h(entry))]
        for text in self.spoilt.values():
            lines += _wrap(f"{text}; see: downwind weather prune", "!! ")
        if self.leftovers:
            size = sum(leftover.size_bytes for leftover in self.leftovers)
            lines += _wrap(
                f"{len(self.leftovers)} left by killed imports, {_size(size)}; the next downwind "
                "weather prune cleans them up",
                "!! ",
            )
        count = len(self.entries)
        what = f"{count} wind{'' if count == 1 else 's'}, {_size(self.size_bytes)}"
        return "\n".join([*lines, f"{what if count else 'no winds'}, in {self.folder}"])

    def to_dict(self) -> dict[str, Any]:
        """Return the list for a program."""
        return {
            "folder": str(self.folder),
            "size_bytes": self.size_bytes,
            "winds": [{**e.to_dict(), "age_hours": self.age_h(e)} for e in self.entries],
            "spoilt": self.spoilt,
            "leftovers": [
                {"path": str(leftover.path), "size_bytes": leftover.size_bytes}
                for leftover in self.leftovers
            ],
        }


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What one stored wind holds; every file of it is as it was written.

    Parameters
    ----------
    entry : StoredWind
    """

    entry: StoredWind

    def to_text(self) -> str:
        """Write for a terminal what it holds."""
        entry = self.entry
        lines = [_title(entry), *_describe(entry)]
        lines += _wrap("fields: " + ", ".join(entry.variables), "  ")
        lines += _wrap(f"files: {entry.files}", "  ")
        lines += _wrap(f"part of them: {entry.window or 'all'}", "  ")
        lines += _wrap(f"digest: {entry.digest}", "  ")
        lines += _wrap(f"stored {entry.created} by downwind {entry.version}", "  ")
        lines += [x for text in entry.warnings.split("\n") for x in _wrap(text, "  !! ")]
        lines += [x for text in entry.notes.split("\n") for x in _wrap(text, "  - ")]
        return "\n".join([*lines, f"all {len(entry.content)} files are as they were written"])

    def to_dict(self) -> dict[str, Any]:
        """Return the same for a program."""
        return {**self.entry.to_dict(), "is_sound": True, "file_count": len(self.entry.content)}


def import_weather(
    paths: Sequence[Path], window: Window | None = None, name: str = ""
) -> ImportReport:
    """Read weather files, check them, and store them, each forecast run for itself.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Files of one source.
    window : Window, optional
        The part of them that is stored; all of it without.
    name : str, optional
        A name for it, besides its id.

    Returns
    -------
    ImportReport

    Raises
    ------
    WeatherFileError
        If a file is no weather, or the files lack what a flight needs.
    ArgumentError
        If the name is none, or that of another wind.
    StoreWriteError
        If the store cannot be written to; nothing is left behind then.
    InterruptedRunError
        If the user stops it; nothing is left behind.
    """
    window = window or Window()
    size = sum(path.stat().st_size for path in {Path(p) for p in paths} if path.is_file())
    inventory, files = scan_weather(paths, window)
    runs = find_runs(inventory)
    if name and len(runs) > 1:
        raise ArgumentError(
            f"--name {name}, but the files hold {len(runs)} forecast runs, each a wind for itself",
            "leave out --name; each gets an id",
        )
    newest = assemble_dataset(inventory, find_digest(inventory, files))
    del inventory
    placements = [_store(validate_cube(newest), _write_part(window), name, size)]
    for run_s in sorted((run for run in runs[:-1] if run is not None), reverse=True):
        cube = read_weather(paths, replace(window, run_s=run_s))
        part = _write_part(replace(window, run_s=run_s))
        placements.append(_store(cube, part, "", size))
    return ImportReport(tuple(placements))


def _store(cube: WindCube, part: str, name: str, source_bytes: int) -> Placement:
    """Store a cube that is a part of files; one of all of them keeps their digest."""
    digest = derive_digest(cube.digest, part)
    whole = WindCube(cube.dataset.assign_attrs(digest=digest))
    return store_cube(whole, name=name, window=part, source_bytes=source_bytes)


def list_stored() -> StoreReport:
    """Say what the store holds.

    Raises
    ------
    StoreWriteError
        If its folder cannot be read.
    """
    folder = find_store()
    listing = list_winds()
    return StoreReport(
        folder,
        listing.entries,
        dict(listing.spoilt),
        tuple(list_leftovers(folder)),
        time.time(),
    )


def check_stored(text: str) -> StoredReport:
    """Read a stored wind through, and say what it holds.

    Parameters
    ----------
    text : str
        Its id or name.

    Raises
    ------
    StoredWindMissingError
        If there is none.
    StoredWindError
        If a file of it is not to the bit as it was written.
    """
    entry = find_wind_entry(text)
    faults = check_cube(entry)
    if faults:
        raise refuse_spoilt(entry.id, faults)
    return StoredReport(entry)


def prune_stored(
    *,
    keep: int | None = None,
    older_than_h: float | None = None,
    ids: Sequence[str] = (),
    dry_run: bool = False,
) -> Pruning:
    """Remove old winds, and what killed imports left; arguments and errors of `prune_winds`."""
    return prune_winds(keep=keep, older_than_h=older_than_h, ids=ids, dry_run=dry_run)


def pruning_text(pruning: Pruning) -> str:
    """Write for a terminal what was removed, or would be."""
    verb = "removed" if pruning.is_done else "would remove"
    lines = [f"{verb} {name}: {why}, {_size(size)}" for name, why, size in pruning.removed]
    lines += [
        f"{verb} what a killed import left: {leftover.path.name}, {_size(leftover.size_bytes)}"
        for leftover in pruning.leftovers
    ]
    count = len(pruning.removed) + len(pruning.leftovers)
    freed = f"{verb} {count}, {pruning.size_bytes} bytes" if count else "nothing to remove"
    return "\n".join([*lines, f"{freed}; {pruning.kept} winds stay in {find_store()}"])


def pruning_document(pruning: Pruning) -> dict[str, Any]:
    """Return what was removed, or would be, for a program."""
    return {
        "folder": str(find_store()),
        "is_done": pruning.is_done,
        "removed": [
            {"id": name, "why": why, "size_bytes": size} for name, why, size in pruning.removed
        ],
        "leftovers": [
            {"path": str(leftover.path), "size_bytes": leftover.size_bytes}
            for leftover in pruning.leftovers
        ],
        "size_bytes": pruning.size_bytes,
        "kept": pruning.kept,
    }


def parse_window(
    box: str | None, start: str | None = None, end: str | None = None, run: str | None = None
) -> Window | None:
    """Return the window of a box ``west,south,east,north``, two times and a run; None without any.

    Raises
    ------
    ArgumentError
        If the box or a time is none.
    """
    if box is None and start is None and end is None and run is None:
        return None
    sides = (-180.0, -90.0, 180.0, 90.0)
    if box is not None:
        try:
            west, south, east, north = (float(side) for side in box.split(","))
        except ValueError as error:
            raise ArgumentError(
                f"--box '{box}' is no box",
                "write west,south,east,north in degrees: --box 120,33,132,43",
            ) from error
        sides = (west, south, east, north)
    return Window(
        *sides,
        -math.inf if start is None else _parse_time("--from", start),
        math.inf if end is None else _parse_time("--to", end),
        None if run is None else round(_parse_time("--run", run)),
    )


def _parse_time(option: str, text: str) -> float:
    try:
        return float(parse_time(text))
    except ValueError as error:
        raise ArgumentError(
            f"{option}: {error}", f"write it with its zone: {option} 2015-04-03T18:00Z"
        ) from error


def _write_part(window: Window) -> str:
    """Write the part of files that a window takes; empty for all of them."""
    if window == Window():
        return ""
    parts = []
    if (window.west, window.south, window.east, window.north) != (-180.0, -90.0, 180.0, 90.0):
        parts.append(f"{window.west!r},{window.south!r},{window.east!r},{window.north!r}")
    if math.isfinite(window.start_s):
        parts.append(f"from {format_utc(window.start_s)}")
    if math.isfinite(window.end_s):
        parts.append(f"to {format_utc(window.end_s)}")
    if window.run_s is not None:
        parts.append(f"run {format_utc(window.run_s)}")
    return " ".join(parts)


def _title(entry: StoredWind) -> str:
    return f"{entry.id}, called {entry.name}" if entry.name else entry.id


def _describe(entry: StoredWind, age_h: float | None = None) -> list[str]:
    run = f"run {entry.run[:16]}Z" if entry.run else entry.nature
    if age_h is not None:
        run += f", {write_age(age_h)}"
    count = len(entry.times_s)
    facts = [
        f"{count} time{'' if count == 1 else 's'} {entry.describe_times()}",
        f"{entry.levels} levels",
        f"{entry.members} members" if entry.members > 1 else "",
        entry.describe_box(),
        _size(entry.size_bytes),
    ]
    return [*_wrap(f"{entry.source}, {run}", "  "), *_wrap(", ".join(filter(None, facts)), "  ")]


def write_age(age_h: float) -> str:
    """Write an age [h] for a person: hours up to four days, days from there on."""
    if age_h < 0.0:
        return "in the future"
    return f"{age_h:.0f} h ago" if age_h < 96.0 else f"{age_h / 24.0:.0f} days ago"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes < 1e9 else f"{size_bytes / 1e9:.2f} GB"


def _wrap(text: str, lead: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead) + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
