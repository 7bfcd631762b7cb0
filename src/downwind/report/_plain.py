"""Plain text of at most 80 columns, for reports that need no plan: sentences, fields, tables."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Final

COLUMNS: Final = 80
LABEL_COLUMNS: Final = 23


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
    start = f"  {label}".ljust(LABEL_COLUMNS - 1) + " "
    return wrap(text, start, " " * LABEL_COLUMNS)


def underline(text: str, rule: str) -> list[str]:
    """Return a title with a rule below it."""
    lines = wrap(text)
    return [*lines, rule * max(len(line) for line in lines)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Align rows under their heads: the first ``left`` columns to the left, the rest to the right.

    A first cell that leaves no room for the others stands on a line of its own, whole.
    """
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    room = COLUMNS - 2 - sum(widths[1:]) - 2 * (len(widths) - 1)
    widths[0] = min(widths[0], room)
    lines = []
    for row in cells:
        first = row[0]
        if len(first) > widths[0]:
            lines.append(f"  {first}")
            first = ""
        parts = [first, *row[1:]]
        written = [
            part.ljust(width) if i < left else part.rjust(width)
            for i, (part, width) in enumerate(zip(parts, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(written)).rstrip())
    return lines


def heading(text: str, rule: str = "-") -> list[str]:
    """Return a heading with a rule below it."""
    return ["", *underline(text, rule)]


def finish(lines: Sequence[str]) -> str:
    """Join lines to a text that ends with a line break."""
    return "\n".join(line.rstrip() for line in lines) + "\n"


def percent(fraction: float) -> str:
    """Write a stated fraction as ``5 %``."""
    return f"{100.0 * fraction:.3g} %"


def kilometres(metres: float) -> str:
    """Write a height [m] in kilometres; a dash where there is none."""
    return "-" if math.isnan(metres) else f"{metres / 1000.0:.2f} km"
