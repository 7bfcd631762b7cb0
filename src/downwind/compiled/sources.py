"""The digest of all source that decides what a module compiles to.

A compiled kernel holds the code of every kernel that it calls and the value of every constant that
it names, whichever file they stand in. So its digest is over its own file and over each module of
the package that it imports, directly or through others. Imports are read, not run.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

PACKAGE_FOLDER: Final = Path(__file__).parents[1]
_PACKAGE: Final = PACKAGE_FOLDER.name


@cache
def digest_sources(path: Path) -> str:
    """Return the digest of a module's source and of all of the package that it imports.

    Each file is read once in a process, so that the digest is that of the code that runs, also
    where an upgrade changes the files under a process that goes on.

    Parameters
    ----------
    path : pathlib.Path
        The file of the module, in the package or not.

    Returns
    -------
    str
        Hexadecimal SHA-256.

    Raises
    ------
    OSError
        If a source cannot be read.
    """
    path = path.resolve()
    reached = {path}
    waiting = [path]
    while waiting:
        for found in _read(waiting.pop())[1]:
            if found not in reached:
                reached.add(found)
                waiting.append(found)
    whole = hashlib.sha256()
    for file in sorted(reached - {path}):
        whole.update(f"{file.relative_to(PACKAGE_FOLDER).as_posix()} {_read(file)[0]}\n".encode())
    whole.update(_read(path)[0].encode())
    return whole.hexdigest()


@cache
def _read(path: Path) -> tuple[str, tuple[Path, ...]]:
    """Return the digest of one file, and the files of the package that it imports."""
    content = path.read_bytes()
    return hashlib.sha256(content).hexdigest(), tuple(sorted(set(_imports(content, path))))


def _imports(content: bytes, path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(content, filename=str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _locate(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            home = (node.module or "").split(".")
            if node.level:
                folder = path.parents[node.level - 1]
                if not folder.is_relative_to(PACKAGE_FOLDER):
                    continue
                home = [_PACKAGE, *folder.relative_to(PACKAGE_FOLDER).parts, *filter(None, home)]
            yield from _locate(home)
            for alias in node.names:  # a module may be among what is taken from its package
                yield from _locate([*home, alias.name])


def _locate(parts: list[str]) -> Iterator[Path]:
    """Yield the file of a module of the package; nothing for another's, or for no module."""
    if parts[0] != _PACKAGE:
        return
    base = PACKAGE_FOLDER.joinpath(*parts[1:])
    for file in (base.with_suffix(".py"), base / "__init__.py"):
        if file.is_file():
            yield file.resolve()
