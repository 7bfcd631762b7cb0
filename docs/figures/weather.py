"""The table of real weather files: what the readers say of each, served or refused.

It is made where ``DOWNWIND_SHARED`` names the folder of real data, and stands in its page between
``<!-- real weather files -->`` and ``<!-- end -->``. No file becomes a part of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from docs.figures.tables import Row, markdown_table
from downwind.errors import DownwindError
from downwind.wind.check import WeatherReport, inspect_weather

PAGE: Final = "reference/weather-files.md"
FOLDERS: Final = ("grids", "soundings")

_BLOCK: Final = re.compile(r"(<!-- real weather files -->\n).*?(<!-- end -->)", re.DOTALL)
_LONGEST: Final = 300


def update_weather_page(text: str, shared: Path) -> str:
    """Return the page with its table made anew from the files in a folder of real data."""
    head = ("file", "answer", "what it holds, or why it is refused")
    table = markdown_table(head, [describe_files(shared, paths) for paths in find_sets(shared)])
    return _BLOCK.sub(lambda found: found[1] + table + found[2], text)


def find_sets(shared: Path) -> Iterator[Sequence[Path]]:
    """Yield each real file, and after them the files that make a wind only together."""
    for folder in FOLDERS:
        root = shared / "data" / folder
        files = [path for path in sorted(root.rglob("*")) if path.is_file()]
        yield from ([path] for path in files)
        by_parent: dict[Path, list[Path]] = {}
        for path in files:
            if path.suffix == ".ascii":
                by_parent.setdefault(path.parent, []).append(path)
        yield from by_parent.values()


def describe_files(shared: Path, paths: Sequence[Path]) -> Row:
    """Return one row: names, served or refused, and what there is."""
    place = paths[0].parent.relative_to(shared / "data")
    name = f"`{place}/{paths[0].name}`"
    if len(paths) > 1:
        name = f"`{place}`, its {len(paths)} `{paths[0].suffix}` files together"
    try:
        report = inspect_weather(paths)
    except DownwindError as error:
        return name, "refused", _shorten(_strip_name(error.message, paths))
    if not report.serves:
        return name, "refused", _shorten(_strip_name(report.refusal, paths))
    return name, "served", _describe(report)


def _describe(report: WeatherReport) -> str:
    parts = [report.kind, report.can_serve[0].removeprefix("wind for flights: ")]
    if len(report.runs) > 1 and report.nature == "forecast":
        parts.append(f"newest of {len(report.runs)} runs")
    if report.top_m is not None:
        parts.append(f"up to {report.top_m / 1e3:.1f} km")
    if report.heights:
        parts.append(f"heights: {report.heights}")
    text = "; ".join(parts)
    if report.warnings:
        text += ". **Warns**: " + " ".join(f"{warning}." for warning in report.warnings)
    return _shorten(text, 2 * _LONGEST)


def _strip_name(text: str, paths: Sequence[Path]) -> str:
    return text.removeprefix(f"{paths[0].name}: ")


def _shorten(text: str, most: int = _LONGEST) -> str:
    plain = " ".join(text.split()).replace("|", "/").replace("<", "(").replace(">", ")")
    return plain if len(plain) <= most else plain[: most - 3].rstrip() + "..."
