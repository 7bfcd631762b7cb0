"""Files of compiled kernels: one for each, whole or not there, named by all that it depends on.

A file is written beside its place and renamed, so that another process sees all of it or nothing.
It begins with a digest of its name and content, so that one that the disk or a loss of power has
spoilt is not used; it is written anew. A name is never given to other code. Nothing here needs a
lock, and no process waits for another.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from downwind.compiled.sources import PACKAGE_FOLDER

SUFFIX: Final = ".kernel"
READY_FILE: Final = "ready.json"

_MARK: Final = b"downwind kernel 1\n"
_PART: Final = ".part"
_OLD_PART_S: Final = 24 * 3600.0
_OLD_KERNEL_S: Final = 30 * 24 * 3600.0


def list_places() -> tuple[Path, ...]:
    """Return the folders where compiled kernels may lie, in the order of asking.

    ``NUMBA_CACHE_DIR`` alone if it is set; else the package's own ``__pycache__``, which all users
    of an installation share, and the user's cache folder. There is none in a folder for temporary
    files, where another user could put code.
    """
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    if named:
        return (Path(named).absolute() / "downwind",)
    places = [PACKAGE_FOLDER / "__pycache__" / "compiled"]
    user = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not user.is_absolute():
        try:
            user = Path.home() / ".cache"
        except RuntimeError:  # neither HOME nor the list of users names one
            return tuple(places)
    if user.is_absolute():
        places.append(user / "downwind" / "compiled")
    return tuple(places)


def find_writable_place() -> Path | None:
    """Return the first place that takes a file, or None where none does."""
    for place in list_places():
        probe = place / f".probe-{secrets.token_hex(4)}{_PART}"
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"0")
            probe.unlink()
            return place
    return None


def read_kernel(name: str) -> bytes | None:
    """Return what is kept under a name, or None where it is in no place, or not whole."""
    for place in list_places():
        try:
            content = (place / name).read_bytes()
        except OSError:
            continue
        body = content[len(_MARK) + 32 :]
        if content[: len(_MARK) + 32] == _MARK + _digest(name, body):
            return body
    return None


def write_kernel(name: str, body: bytes) -> bool:
    """Keep something under a name in the first place that takes it; tell whether one did.

    A disk that is full or a folder that may not be written to is no error: what is not kept is
    compiled again.
    """
    return _write(name, _MARK + _digest(name, body) + body)


def write_ready(names: Iterable[str], sources: str) -> bool:
    """Write down that these kernels are all that a run needs, made from these sources."""
    text = json.dumps({"sources": sources, "kernels": sorted(names)}, indent=1)
    return _write(READY_FILE, text.encode())


def read_ready(sources: str) -> frozenset[str]:
    """Return what `write_ready` wrote down for these sources; nothing where there is no such."""
    for place in list_places():
        try:
            found = json.loads((place / READY_FILE).read_bytes())
            if found["sources"] == sources:
                return frozenset(found["kernels"])
        except (OSError, ValueError, LookupError, TypeError):
            continue
    return frozenset()


def list_kernels() -> dict[str, int]:
    """Return the names and sizes [bytes] of all that is kept, of any version and processor."""
    return {path.name: size for path, size, _ in _iter_files(SUFFIX)}


def remove_old() -> int:
    """Delete what a killed process left, and kernels written more than 30 days ago.

    Returns
    -------
    int
        Number of kernels deleted. One that is still of use is compiled again.
    """
    now = time.time()
    for path, _, written in _iter_files(_PART):
        if now - written > _OLD_PART_S:
            with suppress(OSError):
                path.unlink()
    count = 0
    for path, _, written in _iter_files(SUFFIX):
        if now - written > _OLD_KERNEL_S:
            with suppress(OSError):
                path.unlink()
                count += 1
    return count


def _iter_files(suffix: str) -> Iterator[tuple[Path, int, float]]:
    """Yield path, size [bytes] and time of writing [epoch s] of the files of a kind."""
    for place in list_places():
        with suppress(OSError):
            for entry in os.scandir(place):
                if entry.name.endswith(suffix):
                    with suppress(OSError):
                        found = entry.stat()
                        yield Path(entry.path), found.st_size, found.st_mtime


def _write(name: str, content: bytes) -> bool:
    for place in list_places():
        part = place / f"{secrets.token_hex(8)}{_PART}"
        try:
            place.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
            part.replace(place / name)
        except OSError:
            with suppress(OSError):
                part.unlink()
            continue
        return True
    return False


def _digest(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + body).digest()
