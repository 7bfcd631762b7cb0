"""The one writer of results: a folder that appears when it is whole, or not at all.

Files are written into a hidden folder beside the target, on the same file system, which takes the
target's name in one step at the end. An old folder is replaced only then, and only if it holds
results.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from downwind.errors import InterruptedRunError, ResultsExistError, ResultsWriteError

MARK_FILE: Final = "plan.json"
"""A folder that holds this file is a results folder."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_TEXTS = ("no space left", "quota exceeded")


def check_results_folder(path: str | Path, force: bool = False, mark: str = MARK_FILE) -> Path:
    """Refuse, before any work is done, a folder that could not be written in the end.

    Parameters
    ----------
    path : str or pathlib.Path
        The results folder to be made.
    force : bool
        Accept a results folder that stands there.
    mark : str
        File by which such a folder is known.

    Returns
    -------
    pathlib.Path
        The folder with links followed.

    Raises
    ------
    ResultsExistError
        If it exists and ``force`` is not given, or if what is there is not a results folder.
    ResultsWriteError
        If the folder above it is missing or cannot be written to.
    """
    target = Path(os.path.realpath(path))
    if target.exists():
        if not target.is_dir():
            raise ResultsExistError(
                f"{path} is a file, not a results folder", "choose another name for the results"
            )
        if not force:
            raise ResultsExistError(
                f"the folder {path} exists already",
                "choose another name, or replace an earlier result with --force",
            )
        if not (target / mark).is_file():
            raise ResultsExistError(
                f"the folder {path} holds no {mark}, so it is no earlier result and is left "
                "as it is",
                "choose another name for the results",
            )
    parent = target.parent
    if not parent.is_dir():
        what = "is not a folder" if parent.exists() else "does not exist"
        raise ResultsWriteError(
            f"the results cannot be written to {path}: {parent} {what}",
            f"make it with: mkdir -p {parent}" if what != "is not a folder" else "choose another",
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise ResultsWriteError(
            f"the results cannot be written to {path}: {parent} is not writable",
            "choose a folder that you may write to",
        )
    return target


@contextmanager
def results_folder(path: str | Path, force: bool = False, mark: str = MARK_FILE) -> Iterator[Path]:
    """Give a folder to write into, which becomes the results folder when the block ends well.

    Parameters
    ----------
    path : str or pathlib.Path
        The results folder to be made.
    force : bool
        Replace a results folder that stands there, once the new one is whole.
    mark : str
        File by which such a folder is known.

    Yields
    ------
    pathlib.Path
        The folder to write into; it is gone after any error.

    Raises
    ------
    ResultsExistError, ResultsWriteError
        As ``check_results_folder``; and ResultsWriteError where writing fails.
    InterruptedRunError
        If the user stops the run.
    """
    target = check_results_folder(path, force, mark)
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        partial.mkdir()
        yield partial
        _flush_files(partial)
        check_results_folder(path, force, mark)
        _put_in_place(partial, target)
    except KeyboardInterrupt as error:
        raise InterruptedRunError(
            "interrupted: nothing was written", "run the same command again"
        ) from error
    except OSError as error:
        raise _explain(error, path, target.parent) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _flush_files(folder: Path) -> None:
    """Have the system write the files out now, so that a lack of space shows before the rename."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())


def _put_in_place(partial: Path, target: Path) -> None:
    """Rename a whole folder to its target; an old one goes aside first and is deleted last."""
    if not target.exists():
        partial.rename(target)
        return
    aside = target.with_name(f".{target.name}.replaced-{secrets.token_hex(4)}")
    try:
        target.rename(aside)
        partial.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _explain(error: OSError, path: str | Path, parent: Path) -> ResultsWriteError:
    """Say what went wrong on the disk, and how much room there is."""
    text = str(error)
    if error.errno in _FULL or any(words in text.lower() for words in _FULL_TEXTS):
        free = shutil.disk_usage(parent).free
        return ResultsWriteError(
            f"the disk is full: {parent} has {free / 1e6:.0f} MB free; nothing was written to "
            f"{path}",
            "make room, or write the results to another disk with -o",
        )
    reason = error.strerror or text or type(error).__name__
    return ResultsWriteError(
        f"the results cannot be written to {path}: {reason}; nothing was written",
        "check the disk and its permissions, or choose another folder with -o",
    )
