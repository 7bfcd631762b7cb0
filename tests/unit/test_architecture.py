"""The rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "downwind"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEXT_SUFFIXES = {".py", ".toml", ".md", ".txt", ".cfg", ".yaml", ".yml", ".json", ".rst", ""}
BUILT_FOLDERS = {"data", "static", "_build", "node_modules", "__pycache__"}
REGISTRY_OR_INDEX = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|anaconda\.(?:org|com)"
    r"|--registry[ =]|--(?:extra-)?index-url|--find[-]links",
)
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:[w]ork|[h]ome/\w+|[r]oot)(?:/|\b)")


def iter_imports(module: Path) -> Iterator[str]:
    """Yield the full name of everything that a module imports, at any depth of its code."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"), filename=str(module))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def find_importers(package: str) -> list[Path]:
    """Return the modules, relative to the package, that import a package or a part of it."""
    return [
        module.relative_to(PACKAGE)
        for module in MODULES
        if any(name.split(".")[0] == package for name in iter_imports(module))
    ]


def normalise_name(requirement: str) -> str:
    """Return the name of a requirement as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; ]", requirement)[0]).lower()


def iter_own_files() -> Iterator[Path]:
    """Yield every text file that belongs to the project, and nothing that was built."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith("."))
    yield from (path for path in (ROOT / ".ci").rglob("*") if path.is_file())
    for folder in ("src", "tests", "docs", "examples", "benchmarks"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not BUILT_FOLDERS & set(path.relative_to(ROOT).parts):
                yield path


def test_numba_is_imported_in_kernel_modules_only() -> None:
    assert {path.stem for path in find_importers("numba")} <= {"kernels", "_kernels"}


def test_eccodes_is_imported_in_one_module_only() -> None:
    assert {path.as_posix() for path in find_importers("eccodes")} <= {"wind/sources/_eccodes.py"}


@pytest.mark.parametrize("package", ["requests", "urllib", "httpx", "http", "socket", "ftplib"])
def test_no_module_can_open_a_connection(package: str) -> None:
    importers = [
        module.relative_to(PACKAGE)
        for module in MODULES
        if any(
            name.split(".")[0] == package and name != "urllib.parse"
            for name in iter_imports(module)
        )
    ]
    assert importers == []


@pytest.mark.parametrize("pattern", [REGISTRY_OR_INDEX, MACHINE_PATH], ids=["registry", "path"])
def test_no_file_names_a_registry_or_a_folder_of_one_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in iter_own_files()
        if path.suffix in TEXT_SUFFIXES
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_dependency_is_pinned_in_the_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        normalise_name(requirement)
        for group in (project["dependencies"], *project["optional-dependencies"].values())
        for requirement in group
    } - {"downwind"}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {normalise_name(line) for line in lines if "==" in line}
    assert wanted <= pinned
    assert not [line for line in lines if "://" in line or " @ " in line]


def test_importing_the_package_brings_in_nothing_heavy() -> None:
    code = (
        "import sys, downwind;"
        "heavy = {'numpy', 'numba', 'xarray', 'matplotlib', 'shapely', 'pyarrow'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
