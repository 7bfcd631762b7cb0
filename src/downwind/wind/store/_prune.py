"""Clean the store: old runs, and what killed processes left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from downwind.errors import ArgumentError
from downwind.times import parse_time
from downwind.wind.store._folder import (
    MANIFEST_FILE,
    Leftover,
    find_store,
    list_leftovers,
    locked,
    measure_folder,
    remove_folder,
)
from downwind.wind.store._manifest import StoredWind
from downwind.wind.store._read import find_wind_entry, list_winds

_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Pruning:
    """What prune takes away.

    Parameters
    ----------
    removed : tuple of tuple
        Folder name, why, and size [bytes] of each stored wind.
    leftovers : tuple of Leftover
        What killed processes left.
    kept : int
        Number of stored winds that stay.
    is_done : bool
        Whether it was taken away; else it would be.
    """

    removed: tuple[tuple[str, str, int], ...]
    leftovers: tuple[Leftover, ...]
    kept: int
    is_done: bool

    @property
    def size_bytes(self) -> int:
        """What is freed on the disk [bytes]."""
        return sum(size for *_, size in self.removed) + sum(x.size_bytes for x in self.leftovers)


def prune_winds(
    *,
    keep: int | None = None,
    older_than_h: float | None = None,
    ids: Sequence[str] = (),
    dry_run: bool = False,
    now_s: float | None = None,
) -> Pruning:
    """Remove old winds from the store, and what killed processes left there.

    Parameters
    ----------
    keep : int, optional
        The newest so many runs of each source stay.
    older_than_h : float, optional
        What is older stays not [h]: a forecast by its run, anything else by when it was stored, or
        by when the disk says that it was, if that is later: the clock of that day may have been
        wrong.
        With ``keep`` the newest runs stay however old they are.
    ids : sequence of str
        Winds to remove by id or name, besides; spoilt ones too.
    dry_run : bool
        Only say what would be removed.
    now_s : float, optional
        The time that ages are counted from [s since 1970]; the clock without it.

    Returns
    -------
    Pruning

    Raises
    ------
    ArgumentError
        If nothing says what to remove, or a number is below 0.
    StoredWindMissingError
        If there is no wind of an id.
    StoreWriteError
        If the store may not be changed.
    """
    if keep is None and older_than_h is None and not ids:
        raise ArgumentError(
            "nothing says what to remove",
            "name winds, or say --keep 2 or --older-than 48; see it first with --dry-run",
        )
    if (keep is not None and keep < 0) or (older_than_h is not None and not older_than_h >= 0.0):
        raise ArgumentError("--keep and --older-than take numbers of 0 or more", "mend the number")
    store = find_store()
    if not store.is_dir():
        return Pruning((), (), 0, not dry_run)
    now_s = time.time() if now_s is None else now_s
    listing = list_winds()
    removed = dict.fromkeys(map(_find_name, ids), "named")
    if keep is not None or older_than_h is not None:
        removed |= _find_old(store, listing.entries, keep, older_than_h, now_s)
    chosen = tuple((n, why, measure_folder(store / n)) for n, why in sorted(removed.items()))
    leftovers = tuple(list_leftovers(store))
    if not dry_run and (chosen or leftovers):
        with locked(store):
            for name, *_ in chosen:
                remove_folder(store / name)
            for leftover in leftovers:
                remove_folder(leftover.path)
    kept = len(listing.entries) + len(listing.spoilt) - len(chosen)
    return Pruning(chosen, leftovers, kept, not dry_run)


def _find_name(text: str) -> str:
    return text if text in list_winds().spoilt else find_wind_entry(text).id


def _find_old(
    store: Path,
    entries: Sequence[StoredWind],
    keep: int | None,
    older_than_h: float | None,
    now_s: float,
) -> dict[str, str]:
    """Return which entries go, and why; the entries come newest first."""
    newest: dict[tuple[str, str], list[int]] = {}
    found = {}
    for entry in entries:
        runs = newest.setdefault((entry.source, entry.nature), [])
        if entry.rank_s not in runs:
            runs.append(entry.rank_s)
        place = runs.index(entry.rank_s) + 1
        since = entry.run_s if entry.run_s is not None else _find_stored_s(store, entry)
        age_h = (now_s - since) / _HOUR_S
        if keep is not None and place <= keep:
            continue
        if older_than_h is not None and age_h <= older_than_h:
            continue
        found[entry.id] = (
            f"{age_h:.0f} h old" if older_than_h is not None else f"run {place} of its source"
        )
    return found


def _find_stored_s(store: Path, entry: StoredWind) -> float:
    """Return when a cube was stored, by its stamp or by the disk, whichever is later [epoch s]."""
    written_s = parse_time(entry.created)
    try:
        return max(written_s, (store / entry.id / MANIFEST_FILE).stat().st_mtime)
    except OSError:
        return written_s
