"""What every benchmark prints: a table, a line of JSON, the machine, and what a run used."""

from __future__ import annotations

import json
import os
import platform
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np

#: shown where a figure is not known
MISSING = "-"
PACKAGES = ("numpy", "numba", "llvmlite", "downwind")


def format_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a plain-text table; columns of numbers stand to the right.

    Parameters
    ----------
    header : sequence of str
        Titles of the columns.
    rows : sequence of sequences
        Cells: text, numbers (written by `format_number`), or None where nothing is known.
    """
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells under {len(header)} titles: {list(row)}")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    # a truth value is a word, though Python counts it among the numbers
    right = [
        any(_is_number(cell) for cell in column)
        and all(cell is None or _is_number(cell) for cell in column)
        for column in columns
    ]
    text = [list(header), *([_format_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in text) for column in range(len(header))]

    def join(line: Sequence[str]) -> str:
        cells = zip(line, widths, right, strict=True)
        return "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([join(text[0]), rule, *map(join, text[1:])])


def format_number(number: float) -> str:
    """Return a number with three to four figures, and commas from a thousand up."""
    if isinstance(number, int | np.integer):
        return f"{int(number):,}"
    if not np.isfinite(number):
        return MISSING
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[object]], file: TextIO | None = None
) -> None:
    """Print a table of `format_table`."""
    print(format_table(header, rows), file=file, flush=True)


def format_json(record: Mapping[str, Any]) -> str:
    """Return one line of JSON; numpy's values become plain ones, what is not finite null."""
    return json.dumps(_make_plain(record), allow_nan=False)


def print_json(record: Mapping[str, Any], file: TextIO | None = None) -> None:
    """Print one line of `format_json`."""
    print(format_json(record), file=file, flush=True)


def describe_machine() -> dict[str, str | int | float | None]:
    """Return what figures of speed depend on: processor, memory, system, versions."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    memory = _read_proc_kib(Path("/proc/meminfo"), "MemTotal:")
    return {
        "cpu": _read_cpu_model(),
        "cores": cores,
        "memory_gib": None if memory is None else round(memory / 1024.0**2, 1),
        "os": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: _find_version(name) for name in PACKAGES},
    }


def format_machine(machine: Mapping[str, object] | None = None) -> str:
    """Return the machine as lines of text."""
    machine = describe_machine() if machine is None else machine
    width = max(map(len, machine))
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in machine.items())


@dataclass(slots=True)
class Usage:
    """What the code in a ``with`` block used.

    Attributes
    ----------
    wall_s, cpu_s : float
        Wall time, and CPU time of all threads of this process [s].
    children_cpu_s : float
        CPU time of the processes started and ended meanwhile [s].
    baseline_mib, peak_mib : float
        Memory before, and the most held until the end [MiB]. The peak is that of the block where
        the system lets it be reset, and that of the whole process elsewhere.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    children_cpu_s: float = 0.0
    baseline_mib: float = 0.0
    peak_mib: float = 0.0

    @property
    def above_baseline_mib(self) -> float:
        """Return the memory that came on top of what was held before [MiB]."""
        return max(self.peak_mib - self.baseline_mib, 0.0)

    def __enter__(self) -> Self:
        _reset_peak()
        self.baseline_mib = read_memory_mib()
        self.children_cpu_s = -_read_cpu_s(resource.RUSAGE_CHILDREN)
        self.cpu_s = -_read_cpu_s(resource.RUSAGE_SELF)
        self.wall_s = -time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wall_s += time.perf_counter()
        self.cpu_s += _read_cpu_s(resource.RUSAGE_SELF)
        self.children_cpu_s += _read_cpu_s(resource.RUSAGE_CHILDREN)
        self.peak_mib = read_peak_mib()


def read_memory_mib() -> float:
    """Return the memory that this process holds now [MiB], or the most so far where unknown."""
    held = _read_proc_kib(Path("/proc/self/status"), "VmRSS:")
    return read_peak_mib() if held is None else held / 1024.0


def read_peak_mib() -> float:
    """Return the most memory that this process has held since its start or the last reset [MiB]."""
    # ru_maxrss of a new process starts from that of the one which started it
    peak = _read_proc_kib(Path("/proc/self/status"), "VmHWM:")
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if peak is None else peak) / 1024.0


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _read_cpu_s(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _read_proc_kib(path: Path, key: str) -> int | None:
    """Return a figure in KiB from a file of the kernel, or None without it."""
    try:
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(key):
                return int(line.split()[1])
    except OSError:
        pass
    return None


def _read_cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.lower().startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _find_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float | np.integer | np.floating) and not isinstance(cell, bool)


def _format_cell(cell: object) -> str:
    if cell is None:
        return MISSING
    return format_number(cell) if _is_number(cell) else str(cell)


def _make_plain(value: Any) -> Any:
    """Return a value made of what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): _make_plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _make_plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_make_plain(item) for item in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    return value
