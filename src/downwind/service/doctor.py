"""Look at the installation: what is there, what is compiled, where can be written, what is amiss.

Each check gives one finding: OK, a note that says what could be better, or what is broken; the
last two with what to do next. A check never raises; what it meets is its finding.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

from downwind.version import VERSION

Status = Literal["ok", "note", "broken"]

LEAST_DISK_BYTES: Final = 1 << 30
"""Below so much free disk the doctor says so [bytes]."""

LEAST_MEMORY_BYTES: Final = 2 << 30
"""Below so much free memory the doctor says so [bytes]."""

REINSTALL: Final = "install again: pip install --force-reinstall downwind"
COMPILE: Final = "downwind doctor --compile"

_WIDTH: Final = 80
_INDENT: Final = 22
_TRIED: Final = "sim.fast.kernels.fall_blocks"
_MARKS: Final = {"ok": "OK", "note": "note", "broken": "BROKEN"}
_PROBE_TIMEOUT_S: Final = 60.0

# in a process of its own: some versions of the two crash the process that holds both
_PROBE_ECCODES: Final = """
import pyproj, eccodes
pyproj.Geod(ellps="WGS84")
handle = eccodes.codes_grib_new_from_samples("GRIB2")
eccodes.codes_release(handle)
print(eccodes.codes_get_api_version())
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    name : str
        What was looked at.
    status : {"ok", "note", "broken"}
        ``note``: the program works, but something could be better.
    text : str
        The facts.
    next_step : str
        What to do; empty where nothing is to be done.
    facts : dict
        The facts for programs.
    """

    name: str
    status: Status
    text: str
    next_step: str
    facts: dict[str, Any]

    def to_text(self) -> str:
        """Return the finding as lines of at most 80 characters."""
        head = f"{_MARKS[self.status]:<7}{self.name:<{_INDENT - 8}} "
        lines = self.text + (f"\nnext: {self.next_step}" if self.next_step else "")
        blank = " " * _INDENT
        return "\n".join(
            textwrap.fill(
                line,
                _WIDTH,
                initial_indent=blank if i else head,
                subsequent_indent=blank,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for i, line in enumerate(lines.splitlines())
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about an installation."""

    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is broken."""
        return all(finding.status != "broken" for finding in self.findings)

    def to_text(self) -> str:
        """Return the findings, each with OK or what to do next."""
        count = sum(finding.status == "broken" for finding in self.findings)
        last = "all that is needed works" if not count else f"{count} broken"
        return "\n".join([*(finding.to_text() for finding in self.findings), last])

    def to_dict(self) -> dict[str, Any]:
        """Return the findings for a program."""
        return {
            "sound": self.is_sound,
            "findings": [
                {
                    "name": finding.name,
                    "status": finding.status,
                    "text": finding.text,
                    "next": finding.next_step or None,
                    "facts": finding.facts,
                }
                for finding in self.findings
            ],
        }


def examine_installation(folder: Path = Path()) -> Report:
    """Look at all that a run needs.

    Parameters
    ----------
    folder : pathlib.Path
        Where results would be written: the current folder.
    """
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("program", _check_program),
        ("libraries", _check_libraries),
        ("GRIB reader", _check_eccodes),
        ("processor", _check_processor),
        ("falling items", _check_engine),
        ("compiled code", _check_compiled),
        ("map data", _check_map),
        ("stored winds", _check_store),
        ("results folder", lambda: _check_folder("results folder", folder)),
        ("temporary files", lambda: _check_folder("temporary files", None)),
        ("memory", _check_memory),
        ("disk", lambda: _check_disk(folder)),
    )
    return Report(tuple(_examine(name, check) for name, check in checks))


def _examine(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # the doctor is asked when things are broken: it reports and goes on
        what = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return Finding(name, "broken", what, REINSTALL, {})


def _check_program() -> Finding:
    python = platform.python_version()
    home = Path(__file__).parents[1]
    facts = {"version": VERSION, "python": python, "folder": str(home), "system": _system()}
    text = f"downwind {VERSION}, Python {python}, {_system()}\n{home}"
    return Finding("program", "ok", text, "", facts)


def _system() -> str:
    return f"{platform.system()} {platform.machine()}"


def _check_libraries() -> Finding:
    versions = {name: _find_version(name) for name in _list_requirements()}
    missing = sorted(name for name, version in versions.items() if version is None)
    text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if not versions:
        return Finding(
            "libraries",
            "note",
            "the program runs from its sources, not installed: its libraries are not known",
            "pip install .",
            {},
        )
    if missing:
        fault = f"missing: {', '.join(missing)}\n{text}"
        return Finding("libraries", "broken", fault, f"pip install {' '.join(missing)}", versions)
    return Finding("libraries", "ok", text, "", versions)


def _list_requirements() -> list[str]:
    """Return the libraries that the installation names, and what the compiler stands on."""
    try:
        lines = metadata.requires("downwind") or []
    except metadata.PackageNotFoundError:
        return []
    names = [re.split(r"[^\w.-]", line)[0] for line in lines if "extra ==" not in line]
    return sorted({*names, "llvmlite"}, key=str.lower)


def _find_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _check_eccodes() -> Finding:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE_ECCODES],
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("GRIB reader", "broken", f"ecCodes does not answer: {error}", REINSTALL, {})
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return Finding("GRIB reader", "broken", f"ecCodes fails: {last}", REINSTALL, {})
    version = done.stdout.strip()
    facts = {"eccodes": version}
    return Finding("GRIB reader", "ok", f"ecCodes {version}, beside pyproj", "", facts)


def _check_processor() -> Finding:
    from downwind.compiled.kernels import count_threads, describe_processor

    name, features = describe_processor()
    cores, threads = _count_cores(), count_threads()
    wide = [f for f in ("avx2", "fma", "avx512f", "neon", "sve") if f in features]
    facts = {
        "name": _processor_name(),
        "llvm_name": name,
        "features": sorted(features),
        "cores": cores,
        "threads": threads,
    }
    vectors = ", ".join(wide) or "no wide vectors"
    text = f"{_processor_name()} (LLVM: {name}; {vectors})\n{cores} cores, {threads} threads"
    return Finding("processor", "ok", text, "", facts)


def _processor_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_engine() -> Finding:
    """Ask which engine lets items fall; the answer comes by a trial, which needs compiled code."""
    from downwind.compiled.state import survey_kernels
    from downwind.sim.drop import engine_status

    if _TRIED not in survey_kernels().titles:
        text = "not known before the fast engine is compiled"
        return Finding("falling items", "note", text, COMPILE, {"engine": None, "reason": text})
    status = engine_status()
    facts = {"engine": status.name, "reason": status.reason}
    text = f"{status.name} engine: {status.reason}"
    return Finding("falling items", "ok", text, "", facts)


def _check_compiled() -> Finding:
    from downwind.compiled.state import survey_kernels

    kept = survey_kernels()
    places = [str(place) for place in kept.places]
    facts = {
        "functions": kept.functions,
        "current": kept.current,
        "current_bytes": kept.current_bytes,
        "other": kept.other,
        "other_bytes": kept.other_bytes,
        "spoilt": kept.spoilt,
        "complete": kept.complete,
        "places": places,
        "writable": None if kept.writable is None else str(kept.writable),
    }
    lines = [
        f"{kept.current} kernels for this version and processor"
        f" ({kept.current_bytes / 1e6:.1f} MB)"
        + (f", {kept.other} for others ({kept.other_bytes / 1e6:.1f} MB)" if kept.other else "")
        + (f", {kept.spoilt} spoilt" if kept.spoilt else "")
    ]
    status: Status = "ok"
    step = ""
    if kept.complete:
        lines.append("the next run compiles nothing")
    elif kept.current:
        status, step = "note", COMPILE
        lines.append("whether these are all is not known: the next run may have to compile")
    else:
        status, step = "note", COMPILE
        lines.append("the next run has to compile, which takes about a minute")
    if kept.writable is not None:
        lines.append(f"kept in {kept.writable}")
    else:
        lines.append("no folder can be written to: " + (", ".join(places) or "none is known"))
        if not kept.complete:
            lines.append("each run compiles anew, in memory")
            status, step = "note", "name a folder: export NUMBA_CACHE_DIR=FOLDER"
    return Finding("compiled code", status, "\n".join(lines), step, facts)


def _check_map() -> Finding:
    from downwind.geo.atlas import DATA_FOLDER, MAP_SOURCE

    counts: dict[str, int] = {}
    for scale in ("10m", "50m"):
        path = DATA_FOLDER / f"countries-{scale}.json"
        try:
            content = json.loads(path.read_bytes())
            counts[scale] = len(content["objects"]["countries"]["geometries"])
        except OSError as error:
            fault = f"{path} cannot be read: {error.strerror}"
            return Finding("map data", "broken", fault, REINSTALL, {})
        except (ValueError, LookupError, TypeError):
            return Finding("map data", "broken", f"{path} is not whole", REINSTALL, {})
    text = f"{MAP_SOURCE}: {counts['10m']} countries at 10m, {counts['50m']} at 50m"
    return Finding("map data", "ok", text, "", {"source": MAP_SOURCE, "countries": counts})


def _check_store() -> Finding:
    from downwind.service.store import list_stored, write_age

    report = list_stored()
    facts: dict[str, Any] = {
        "folder": str(report.folder),
        "count": len(report.entries),
        "size_bytes": report.size_bytes,
        "age_hours": {entry.id: report.age_h(entry) for entry in report.entries},
        "spoilt": sorted(report.spoilt),
        "leftovers": len(report.leftovers),
    }
    lines = ["none"]
    if report.entries:
        newest = report.entries[0]
        lines = [
            f"{len(report.entries)} ({report.size_bytes / 1e6:.1f} MB); newest: {newest.source}, "
            f"{newest.describe_times()}, run {write_age(report.age_h(newest))}"
        ]
    lines += report.spoilt.values()
    if report.leftovers:
        lines.append(f"{len(report.leftovers)} left by killed imports")
    lines.append(f"in {report.folder}")
    place = next(p for p in (report.folder, *report.folder.parents) if p.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        lines.append(f"{place} cannot be written to: winds can be read, but not stored")
        step = "name another folder: export DOWNWIND_STORE=FOLDER"
        return Finding("stored winds", "note", "\n".join(lines), step, facts)
    if report.spoilt or report.leftovers:
        step = "store spoilt winds again, and clean up: downwind weather prune --keep 4"
        return Finding("stored winds", "note", "\n".join(lines), step, facts)
    return Finding("stored winds", "ok", "\n".join(lines), "", facts)


def _check_folder(name: str, folder: Path | None) -> Finding:
    """Check that a folder takes a file; without one, the folder for temporary files."""
    try:
        place = Path(tempfile.gettempdir()) if folder is None else folder.absolute()
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        where = "no folder for temporary files" if folder is None else str(folder.absolute())
        fault = f"{where} cannot be written to: {error.strerror or error}"
        step = "export TMPDIR=FOLDER" if folder is None else "go elsewhere, or name one with -o"
        return Finding(name, "broken", fault, step, {})
    return Finding(name, "ok", f"{place} can be written to", "", {"folder": str(place)})


def _check_memory() -> Finding:
    free, total = _measure_memory()
    facts = {"free_bytes": free, "total_bytes": total}
    if free is None or total is None:
        return Finding("memory", "ok", "not known on this system", "", facts)
    text = f"{free / 1e9:.1f} GB free of {total / 1e9:.1f} GB"
    if free < LEAST_MEMORY_BYTES:
        step = "close other programs, or fly fewer draws and a smaller wind file"
        return Finding("memory", "note", text, step, facts)
    return Finding("memory", "ok", text, "", facts)


def _measure_memory() -> tuple[int | None, int | None]:
    """Return free and whole memory [bytes], as far as the system tells."""
    found = dict(_read_memory())
    return found.get("MemAvailable"), found.get("MemTotal")


def _read_memory() -> Iterator[tuple[str, int]]:
    try:
        text = Path("/proc/meminfo").read_text("utf-8")
    except OSError:
        return
    for name, value in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE):
        yield name, int(value) * 1024


def _check_disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder.absolute())
    facts = {"free_bytes": usage.free, "total_bytes": usage.total}
    text = f"{usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.1f} GB at {folder.absolute()}"
    if usage.free < LEAST_DISK_BYTES:
        step = "make room, or write the results to another disk with -o"
        return Finding("disk", "note", text, step, facts)
    return Finding("disk", "ok", text, "", facts)
