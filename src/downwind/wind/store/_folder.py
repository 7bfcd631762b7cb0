"""The folder of the store: where it lies, what lies in it, and who may change it when.

A cube is one folder with a manifest. What an import has not finished, and what is being removed,
has a name that begins with a dot, and nobody but prune looks at it. A writer holds a lock on its
unfinished folder as long as it lives, so that prune can tell a killed import from one at work.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from downwind.errors import StoreWriteError

VARIABLE: Final = "DOWNWIND_STORE"
"""Environment variable that names the folder of the store."""

MANIFEST_FILE: Final = "manifest.json"
CUBE_FOLDER: Final = "cube.zarr"

OLD_LEFTOVER_S: Final = 3600.0
"""A leftover without a lock file is cleaned when it is older than this [s]."""

_LINGER_S: Final = 10.0
_PARTIAL: Final = ".partial-"
_REMOVED: Final = ".removed-"
_ALIVE: Final = ".alive"
_LOCK: Final = ".lock"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_FULL_TEXTS: Final = ("no space left", "quota exceeded")


def find_store() -> Path:
    """Return the folder of the store, which need not exist.

    ``DOWNWIND_STORE`` where it is set, else ``winds`` in the user's data folder.
    """
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named).absolute()
    from platformdirs import user_data_path

    return user_data_path("downwind", appauthor=False) / "winds"


def list_folders(store: Path) -> list[Path]:
    """Return the folders of a store that may be cubes, by name; none where there is no store."""
    try:
        names = sorted(e.name for e in os.scandir(store) if not e.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreWriteError(
            f"the store of winds {store} cannot be read: {error.strerror}",
            f"check who may read it, or name another with {VARIABLE}=FOLDER",
        ) from error
    return [store / name for name in names if (store / name).is_dir()]


@dataclass(frozen=True, slots=True)
class Leftover:
    """A folder that a killed import or removal left behind.

    Parameters
    ----------
    path : pathlib.Path
    size_bytes : int
    """

    path: Path
    size_bytes: int


def list_leftovers(store: Path) -> list[Leftover]:
    """Return what killed processes left in a store; what a living one works on is no leftover."""
    found = []
    with suppress(OSError):
        for entry in sorted(os.scandir(store), key=lambda e: e.name):
            if entry.name.startswith((_PARTIAL, _REMOVED)) and _is_abandoned(Path(entry.path)):
                found.append(Leftover(Path(entry.path), measure_folder(Path(entry.path))))
    return found


def _is_abandoned(folder: Path) -> bool:
    """Tell whether no process works on an unfinished folder, or on one that is being removed.

    Its own lock tells, or that of the store, which whoever removes a folder holds. Without a lock
    file its process was killed as it began.
    """
    is_removed = folder.name.startswith(_REMOVED)
    lock = folder.parent / _LOCK if is_removed else folder / _ALIVE
    try:
        with lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        return False
    except OSError:
        with suppress(OSError):
            return time.time() - folder.stat().st_mtime > OLD_LEFTOVER_S
        return False


def measure_folder(folder: Path) -> int:
    """Return the sum of the sizes of all files below a folder [bytes]."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(root) / name).lstat().st_size
    return total


@contextmanager
def unfinished_folder(store: Path) -> Iterator[Path]:
    """Give a folder in the store to write a cube into, locked; it is gone after the block.

    Parameters
    ----------
    store : pathlib.Path
        The store, which is made where it is missing.

    Yields
    ------
    pathlib.Path
        The folder ``cube`` inside, to be filled and then renamed.

    Raises
    ------
    StoreWriteError
        If the disk is full, or may not be written to.
    """
    partial = store / f"{_PARTIAL}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        store.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        with (partial / _ALIVE).open("wb") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX)
            inner = partial / "cube"
            inner.mkdir()
            yield inner
        shutil.rmtree(partial, ignore_errors=True)
    except BaseException as error:
        _remove_surely(partial)
        if isinstance(error, OSError):
            raise explain_failure(error, store) from error
        raise


def _remove_surely(folder: Path) -> None:
    """Remove a folder that threads of Zarr, which go on after an error, may still write into."""
    end_s = time.monotonic() + _LINGER_S
    quiet = 0
    while quiet < 3 and time.monotonic() < end_s:
        quiet = 0 if folder.exists() else quiet + 1
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the store's lock: one process at a time puts cubes in place or takes them away."""
    try:
        stream = (store / _LOCK).open("ab")
    except OSError as error:
        raise explain_failure(error, store) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX)
        except OSError as error:
            raise explain_failure(error, store) from error
        yield


def remove_folder(folder: Path) -> None:
    """Remove a folder of the store: out of sight in one step, then from the disk.

    Raises
    ------
    StoreWriteError
        If it cannot be removed.
    """
    hidden = folder
    try:
        if not folder.name.startswith("."):
            hidden = folder.with_name(f"{_REMOVED}{os.getpid()}-{secrets.token_hex(4)}")
            folder.rename(hidden)
            sync_folder(folder.parent)
        shutil.rmtree(hidden)
    except FileNotFoundError:
        return
    except OSError as error:
        raise explain_failure(error, folder.parent) from error


def sync_folder(folder: Path) -> None:
    """Have the system write down which files a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def explain_failure(error: OSError, store: Path) -> StoreWriteError:
    """Return the error that says what the disk refused, and how much room there is."""
    text = str(error)
    if error.errno in _FULL or any(words in text.lower() for words in _FULL_TEXTS):
        free = ""
        with suppress(OSError):
            free = f": only {shutil.disk_usage(store).free / 1e6:.0f} MB are free at {store}"
        return StoreWriteError(
            f"the disk is full{free}; nothing was stored",
            "make room with: downwind weather prune --keep 2; or store a smaller part with --box, "
            f"or name another disk with {VARIABLE}=FOLDER",
        )
    reason = error.strerror or text or type(error).__name__
    return StoreWriteError(
        f"the store of winds {store} cannot be changed: {reason}; nothing was stored or removed",
        f"check who may write there, or name another folder with {VARIABLE}=FOLDER",
    )
