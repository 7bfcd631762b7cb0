"""Plain text of at most 80 columns: wrapped sentences, fields and tables."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from downwind.landing.regions import HOME, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.plan.result import PlanResult
from downwind.report.caption import caption_lines, launch_text

COLUMNS = 80
LABEL_COLUMNS = 23
MAIN_REGIONS = (TARGET, HOME, THIRD_COUNTRY, SEA_NAME)
SHORT_TITLES = {
    TARGET: "in the target",
    HOME: "falling short",
    THIRD_COUNTRY: "third countries",
    SEA_NAME: "in the sea",
    "elsewhere": "elsewhere on land",
}


def short_title(region: str) -> str:
    """Return the name of a region in a table."""
    return SHORT_TITLES.get(region) or "keep-out " + region.partition(":")[2]


def wrap(text: str, indent: str = "", hang: str | None = None) -> list[str]:
    """Break a sentence into lines; later lines begin with ``hang`` (default: ``indent``)."""
    return textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent if hang is None else hang,
        break_on_hyphens=False,
    ) or [indent.rstrip()]


def field(label: str, text: str) -> list[str]:
    """Write a label and what it says, wrapped in a column of its own."""
    start = f"  {label}".ljust(LABEL_COLUMNS)
    if not start.endswith(" "):
        start += "  "
    return wrap(text, start, " " * LABEL_COLUMNS)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Align rows under their heads: the first ``left`` columns to the left, the rest to the right.

    A first column that would make the table too wide is shortened.
    """
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    over = 2 + sum(widths) + 2 * (len(widths) - 1) - COLUMNS
    if over > 0:
        widths[0] = max(widths[0] - over, 4)
    lines = []
    for row in cells:
        first = row[0]
        if len(first) > widths[0]:
            first = first[: widths[0] - 1] + "…"
        parts = [first, *row[1:]]
        written = [
            part.ljust(width) if i < left else part.rjust(width)
            for i, (part, width) in enumerate(zip(parts, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(written)).rstrip())
    return lines


def heading(text: str, rule: str = "-") -> list[str]:
    """Return a heading with a rule below it."""
    lines = wrap(text)
    return ["", *lines, rule * max(len(line) for line in lines)]


def opening(result: PlanResult, title: str) -> list[str]:
    """Return how every card begins: STOPs, broken limits, mission, site and launch."""
    lines = [line for stop in result.stops for line in wrap(stop, "!! ", "   ")]
    lines += [line for text in broken_limits(result) for line in wrap(text, "!! ", "   ")]
    if lines:
        lines.append("")
    lines += [title, "=" * len(title)]
    lines += field("mission", result.mission.name)
    site = result.site
    lines += field("site", f"{site.name}, {_degrees(site.latitude, 'NS')} "
                   f"{_degrees(site.longitude, 'EW')}")  # fmt: skip
    lines += field("first launch", launch_text(result))
    return lines


def broken_limits(result: PlanResult) -> list[str]:
    """Say, loudly, which limits the recommended or given settings break; empty where none."""
    broken = [check for check in result.limits if not check.is_met]
    searched = [group for group in result.groups if not group.is_feasible]
    if not broken and not searched:
        return []
    dials = ", ".join(f"{group.group.name} {group.dials}" for group in result.groups)
    over = "; ".join(
        f"{check.title} {check.share.to_text()}, limit {percent(check.limit)}" for check in broken
    )
    over = over or "the load as a whole is within the limits, these groups alone are not: " + (
        ", ".join(group.group.name for group in searched)
    )
    if result.command == "fly":
        return [f"THESE SETTINGS BREAK THE LIMITS: {dials} ({over})"]
    if searched:
        return [f"NO SETTING MEETS THE LIMITS: closest is {dials} ({over})"]
    return [f"THE BEST SETTINGS BREAK A LIMIT WHEN THE WHOLE FLEET FLIES: {dials} ({over})"]


def closing(result: PlanResult) -> list[str]:
    """Return how every card ends: the caption."""
    return ["", "-" * COLUMNS, *(x for line in caption_lines(result) for x in wrap(line, "", "  "))]


def finish(lines: Sequence[str]) -> str:
    """Join lines to a text that ends with a line break."""
    return "\n".join(line.rstrip() for line in lines) + "\n"


def percent(fraction: float) -> str:
    """Write a stated fraction as ``5 %``."""
    return f"{100.0 * fraction:.3g} %"


def is_certain(share: Share) -> bool:
    """Tell whether every draw put everything there, so that an error would say too much."""
    return share.mean > 0.9999 and share.standard_error < 1e-6


def kilometres(metres: float) -> str:
    """Write a height [m] in kilometres; a dash where there is none."""
    return "-" if math.isnan(metres) else f"{metres / 1000.0:.2f} km"


def _degrees(value: float, letters: str) -> str:
    return f"{abs(value):.4f} {letters[0] if value >= 0 else letters[1]}"
