"""Compiled kernels are kept, shared, never used when stale, and never in the way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from downwind.compiled.sources import PACKAGE_FOLDER, digest_sources
from downwind.compiled.store import (
    list_kernels,
    list_places,
    read_kernel,
    read_ready,
    remove_old,
    write_kernel,
    write_ready,
)

NAME = "sim.made.0011.2233.4455.kernel"
CALL = """
import json, os, sys
from downwind.atmosphere.kernels import temperature_pressure
values = temperature_pressure(12_345.6)
from downwind.compiled.kernels import KERNELS
print(json.dumps({
    "values": [v.hex() for v in values],
    "compiled": sorted({n for k in KERNELS for n in k.compiled}),
    "loaded": sorted({n for k in KERNELS for n in k.loaded}),
    "unkept": sorted({n for k in KERNELS for n in k.unkept}),
}))
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder where kernels are kept."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "downwind"


def start(code: str, **variables: str | None) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    environment |= {k: v for k, v in variables.items() if v is not None}
    for key in [k for k, v in variables.items() if v is None]:
        environment.pop(key, None)
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, list[str]]:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert errors == ""
    found: dict[str, list[str]] = json.loads(out)
    return found


def call(code: str = CALL, **variables: str | None) -> dict[str, list[str]]:
    return finish(start(code, **variables))


# --- the files ---------------------------------------------------------------------------------


def test_given_a_kernel_when_kept_then_it_is_read_again(place: Path) -> None:
    assert read_kernel(NAME) is None
    assert write_kernel(NAME, b"code")
    assert read_kernel(NAME) == b"code"
    assert [p.name for p in place.iterdir()] == [NAME]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b"",
        lambda b: b[:-1],
        lambda b: b[:30],
        lambda b: bytes(len(b)),
        lambda b: b[:-1] + b"\xff",
    ],
    ids=["empty", "cut", "head only", "zeros", "one byte"],
)
def test_given_a_spoilt_file_when_read_then_it_is_not_used(
    spoil: Callable[[bytes], bytes], place: Path
) -> None:
    write_kernel(NAME, b"code")
    (place / NAME).write_bytes(spoil((place / NAME).read_bytes()))
    assert read_kernel(NAME) is None


def test_given_a_kernel_under_another_name_when_read_then_it_is_not_used(place: Path) -> None:
    write_kernel(NAME, b"code")
    (place / NAME).rename(place / NAME.replace("0011", "1100"))
    assert read_kernel(NAME.replace("0011", "1100")) is None


def test_given_a_file_in_place_of_the_folder_when_kept_then_false_and_no_error(
    place: Path,
) -> None:
    place.parent.write_text("")
    assert not write_kernel(NAME, b"code")
    assert read_kernel(NAME) is None
    assert list_kernels() == {}


def test_given_old_files_when_cleared_then_only_they_go(place: Path) -> None:
    for name in (NAME, NAME.replace("0011", "1100")):
        write_kernel(name, b"code")
    (place / "aa.part").write_bytes(b"half")
    (place / "bb.part").write_bytes(b"half")
    for name in (NAME, "aa.part"):
        os.utime(place / name, (0, 0))
    assert remove_old() == 1
    assert sorted(p.name for p in place.iterdir()) == ["bb.part", NAME.replace("0011", "1100")]


def test_given_other_sources_when_asked_what_is_ready_then_nothing(place: Path) -> None:
    write_ready([NAME], "one")
    assert read_ready("one") == {NAME}
    assert read_ready("two") == frozenset()
    (place / "ready.json").write_text("{")
    assert read_ready("one") == frozenset()


def test_given_no_variable_when_asked_then_package_and_user_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = list_places()
    assert first.is_relative_to(PACKAGE_FOLDER / "__pycache__")
    assert second == tmp_path / "downwind" / "compiled"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/whole")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert list_places()[1] == tmp_path / "home" / ".cache" / "downwind" / "compiled"


# --- the digest --------------------------------------------------------------------------------


def test_given_kernel_modules_then_no_digest_leaves_out_what_they_import() -> None:
    from downwind.compiled.sources import _read

    reached = _read((PACKAGE_FOLDER / "sim/kernels.py").resolve())[1]
    names = {p.relative_to(PACKAGE_FOLDER).as_posix() for p in reached}
    assert {"atmosphere/kernels.py", "constants.py"} <= names


def test_given_a_change_two_imports_away_when_digested_then_it_is_another(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE_FOLDER / "compiled", tmp_path / "downwind" / "compiled")
    package = tmp_path / "downwind"
    (package / "a.py").write_text("from downwind import b\n")
    (package / "b.py").write_text("def f():\n    from downwind.c import X\n")
    (package / "c.py").write_text("X = 1\n")
    (package / "d.py").write_text("X = 1\n")
    code = textwrap.dedent("""
        from pathlib import Path
        from downwind.compiled.sources import PACKAGE_FOLDER, digest_sources
        import json
        print(json.dumps([digest_sources(PACKAGE_FOLDER / "a.py")]))
    """)

    def digest() -> str:
        return str(call(code, PYTHONPATH=str(tmp_path)))

    (package / "__init__.py").write_text("")
    first = digest()
    (package / "d.py").write_text("X = 2\n")
    assert digest() == first
    (package / "c.py").write_text("X = 2\n")
    assert digest() != first


def test_given_a_module_outside_the_package_when_digested_then_its_imports_count(
    tmp_path: Path,
) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")
    (tmp_path / "two.py").write_text("from downwind import constants\nx = 1\n")
    assert digest_sources(tmp_path / "one.py") != digest_sources(tmp_path / "two.py")


# --- real processes ----------------------------------------------------------------------------


def test_given_nothing_compiled_when_called_twice_then_the_second_loads(tmp_path: Path) -> None:
    first = call(NUMBA_CACHE_DIR=str(tmp_path))
    second = call(NUMBA_CACHE_DIR=str(tmp_path))
    assert len(first["compiled"]) == 1
    assert second["compiled"] == []
    assert second["loaded"] == first["compiled"]
    assert second["values"] == first["values"]


@pytest.mark.parametrize("variable", ["NUMBA_CPU_NAME", "NUMBA_OPT"])
def test_given_another_processor_or_setting_when_called_then_compiled_anew(
    variable: str, tmp_path: Path
) -> None:
    first = call(NUMBA_CACHE_DIR=str(tmp_path))
    value = {"NUMBA_CPU_NAME": "generic", "NUMBA_OPT": "1"}[variable]
    other = call(NUMBA_CACHE_DIR=str(tmp_path), **{variable: value})
    assert other["loaded"] == []
    assert len(other["compiled"]) == 1
    assert not set(other["compiled"]) & set(first["compiled"])
    assert call(NUMBA_CACHE_DIR=str(tmp_path))["compiled"] == []


def test_given_two_processes_at_once_when_nothing_is_compiled_then_both_are_right(
    tmp_path: Path,
) -> None:
    both = [start(CALL, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2)]
    one, two = (finish(process) for process in both)
    after = call(NUMBA_CACHE_DIR=str(tmp_path))
    assert one["values"] == two["values"] == after["values"]
    assert after["compiled"] == []
    assert [p.name for p in (tmp_path / "downwind").iterdir()] == after["loaded"]


def test_given_a_process_killed_while_it_writes_then_the_next_is_right(tmp_path: Path) -> None:
    kill = textwrap.dedent("""
        import os, pathlib, signal
        def write_half(self, content, keep=pathlib.Path.write_bytes):
            keep(self, content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        pathlib.Path.write_bytes = write_half
    """)
    process = start(kill + CALL, NUMBA_CACHE_DIR=str(tmp_path))
    process.communicate(timeout=120)
    assert process.returncode == -9
    assert [p.suffix for p in (tmp_path / "downwind").iterdir()] == [".part"]
    assert len(call(NUMBA_CACHE_DIR=str(tmp_path))["compiled"]) == 1
    assert call(NUMBA_CACHE_DIR=str(tmp_path))["compiled"] == []


def test_given_a_spoilt_kernel_when_called_then_it_is_made_anew(tmp_path: Path) -> None:
    first = call(NUMBA_CACHE_DIR=str(tmp_path))
    file = tmp_path / "downwind" / first["compiled"][0]
    file.write_bytes(file.read_bytes()[:1000])
    assert call(NUMBA_CACHE_DIR=str(tmp_path))["compiled"] == first["compiled"]
    assert call(NUMBA_CACHE_DIR=str(tmp_path))["compiled"] == []


def test_given_a_full_disk_when_called_then_it_runs_in_memory(tmp_path: Path) -> None:
    full = textwrap.dedent("""
        import errno, pathlib
        def refuse(self, content):
            raise OSError(errno.ENOSPC, "No space left on device")
        pathlib.Path.write_bytes = refuse
    """)
    found = call(full + CALL, NUMBA_CACHE_DIR=str(tmp_path))
    assert found["unkept"] == found["compiled"] != []
    assert list((tmp_path / "downwind").iterdir()) == []


# --- installations that may not be written to --------------------------------------------------


@pytest.fixture
def install(tmp_path: Path) -> Path:
    """A copy of the package with a file where its cache folder would be."""
    ignore = shutil.ignore_patterns("__pycache__", "data")
    shutil.copytree(PACKAGE_FOLDER, tmp_path / "site" / "downwind", ignore=ignore)
    (tmp_path / "site" / "downwind" / "__pycache__").write_text("")
    return tmp_path / "site"


def test_given_a_read_only_install_when_called_then_the_users_folder_takes_it(
    install: Path, tmp_path: Path
) -> None:
    settings = {"PYTHONPATH": str(install), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    first = call(**settings)
    assert first["unkept"] == []
    kept = tmp_path / "cache" / "downwind" / "compiled"
    assert [p.name for p in kept.iterdir()] == first["compiled"]
    assert call(**settings)["loaded"] == first["compiled"]


def test_given_no_place_to_write_when_called_then_it_runs_in_memory(
    install: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("")
    settings = {"PYTHONPATH": str(install), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for _ in range(2):
        found = call(**settings)
        assert found["unkept"] == found["compiled"] != []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs two users: run as root")
def test_given_a_user_who_may_not_write_when_called_then_what_is_compiled_is_shared() -> None:
    """One user owns the installation; the other has no home and may write nowhere."""
    # modules are loaded before the rights are given up: the interpreter may lie in a closed home
    first, second, *rest = CALL.strip().splitlines()
    give_up = [
        "import numba",
        "numba.njit(lambda x: x + 1.0)(1.0)",
        "os.setgid(65534); os.setuid(65534)",
    ]
    other = "\n".join([first, second, *give_up, *rest])
    with tempfile.TemporaryDirectory(prefix="downwind-shared-") as site:
        Path(site).chmod(0o755)
        ignore = shutil.ignore_patterns("__pycache__", "data")
        shutil.copytree(PACKAGE_FOLDER, Path(site) / "downwind", ignore=ignore)
        settings = {"PYTHONPATH": site, "HOME": "/nonexistent", "XDG_CACHE_HOME": None}
        alone = call(other, **settings)
        assert alone["unkept"] == alone["compiled"] != []
        owner = call(PYTHONPATH=site)
        assert owner["unkept"] == []
        shared = call(other, **settings)
        assert shared["loaded"] == owner["compiled"]
        assert shared["values"] == alone["values"]


def test_given_a_new_version_of_a_called_kernel_when_called_then_the_caller_is_compiled_anew(
    install: Path, tmp_path: Path
) -> None:
    """The caller's file, its time and its size stay as they are."""
    code = CALL.replace("temperature_pressure(12_345.6)", "(climb(0.0),)").replace(
        "from downwind.atmosphere.kernels import temperature_pressure",
        "from downwind.vehicle.made.kernels import climb",
    )
    made = install / "downwind" / "vehicle" / "made"
    made.mkdir()
    (made / "__init__.py").write_text('"""."""\n')
    (made / "_kernels.py").write_text(
        "from downwind.compiled.kernels import kernel\n\n"
        "@kernel()\ndef rate(x):\n    return x + 1\n"
    )
    (made / "kernels.py").write_text(
        "from downwind.compiled.kernels import kernel\n"
        "from downwind.vehicle.made._kernels import rate\n\n"
        "@kernel()\ndef climb(x):\n    return 2 * rate(x)\n"
    )
    settings = {"PYTHONPATH": str(install), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert call(code, **settings)["values"] == [(2.0).hex()]
    stamp = (made / "_kernels.py").stat()
    text = (made / "_kernels.py").read_text().replace("x + 1", "x + 7")
    (made / "_kernels.py").write_text(text)
    os.utime(made / "_kernels.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert call(code, **settings)["values"] == [(14.0).hex()]
