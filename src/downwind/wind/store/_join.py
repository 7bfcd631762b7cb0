"""Stored cubes of one run as one: those that differ in time alone are joined along it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from downwind.errors import WindCoverageError
from downwind.wind.cube import WindCube
from downwind.wind.store._manifest import StoredWind
from downwind.wind.store._read import open_cube
from downwind.wind.window import Window


def join_key(entry: StoredWind) -> tuple[str, ...]:
    """Return what cubes must have in common to be joined along time."""
    return entry.source, entry.nature, entry.run, entry.axes


def digest_entries(entries: Sequence[StoredWind]) -> str:
    """Return the digest of several entries as one: that of a single one, or of their digests."""
    digests = sorted({entry.digest for entry in entries})
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def open_cubes(entries: Sequence[StoredWind], window: Window | None = None) -> WindCube:
    """Open stored cubes of one run as one cube.

    Parameters
    ----------
    entries : sequence of StoredWind
        Equal in `join_key`.
    window : Window, optional
        The part that is wanted; all of it without. A cube that holds nothing of it is left out.

    Returns
    -------
    WindCube
        A single one is read when its values are asked for, several are read at once. A time that
        is in two comes from the one whose id is first; a variable that is not in all is left out
        with a note.

    Raises
    ------
    StoredWindError
        If one is spoilt.
    WindCoverageError
        If the window lies outside all of them.
    """
    ordered = sorted(entries, key=lambda entry: (entry.times_s[0], entry.id))
    if len(ordered) == 1:
        return open_cube(ordered[0], window)
    parts, refusal = [], None
    for entry in ordered:
        try:
            parts.append(open_cube(entry, window).dataset)
        except WindCoverageError as error:
            refusal = error
    if refusal is not None and not parts:
        raise refusal
    shared = set.intersection(*(set(map(str, part.data_vars)) for part in parts))
    dropped = sorted(set.union(*(set(map(str, part.data_vars)) for part in parts)) - shared)
    notes = _join_lines(part.attrs["notes"] for part in parts)
    notes += [f"{name} left out: not in all parts of the stored wind" for name in dropped]
    seen: set[np.datetime64] = set()
    pieces = []
    for part in parts:
        times = part["time"].values
        index = [i for i, moment in enumerate(times) if moment not in seen]
        seen.update(times)
        if index:
            pieces.append(part[sorted(shared)].isel(time=index).load())
    data = xr.concat(
        pieces, "time", data_vars="minimal", coords="minimal", compat="override", join="exact"
    )
    data = data.sortby("time")
    data.attrs = dict(parts[0].attrs) | {
        "files": ", ".join(sorted({n for p in parts for n in p.attrs["files"].split(", ")})),
        "digest": digest_entries(ordered),
        "warnings": "\n".join(_join_lines(part.attrs["warnings"] for part in parts)),
        "notes": "\n".join(notes),
        "stored_as": ", ".join(part.attrs["stored_as"] for part in parts),
    }
    return WindCube(data)


def _join_lines(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(line for text in texts for line in text.split("\n") if line))
