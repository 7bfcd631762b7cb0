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

    A head may have several lines. A first cell that leaves no room for the others stands on lines
    of its own, whole.
    """
    heads = [cell.split("\n") for cell in head]
    depth = max(len(cell) for cell in heads)
    padded = [[""] * (depth - len(cell)) + cell for cell in heads]
    cells = [*([cell[k] for cell in padded] for k in range(depth)), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    room = COLUMNS - 2 - sum(widths[1:]) - 2 * (len(widths) - 1)
    widths[0] = min(widths[0], room)
    lines = []
    for row in cells:
        first = row[0]
        if len(first) > widths[0]:
            lines += wrap(first, "  ")
            if not any(row[1:]):
                continue
            first = ""
        parts = [first, *row[1:]]
        written = [
            part.ljust(width) if i < left else part.rjust(width)
            for i, (part, width) in enumerate(zip(parts, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(written)).rstrip())
    return lines


def stack(text: str, width: int) -> str:
    """Break a name into lines of at most ``width`` for the head of a column; nothing is cut."""
    return "\n".join(textwrap.wrap(text, width))


def shorten(text: str, width: int) -> str:
    """Cut what is too long in the middle, so that names that differ at their ends stay distinct."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def cut(text: str, width: int) -> str:
    """Cut a sentence or a title that is too long at its end."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def count_text(count: int, what: str) -> str:
    """Write how many of something there are: ``1 balloon``, ``1,080 balloons``."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def heading(text: str, rule: str = "-") -> list[str]:
    """Return a heading with a rule below it."""
    return ["", *underline(text, rule)]


def finish(lines: Sequence[str]) -> str:
    """Join lines to a text that ends with a line break."""
    return "\n".join(line.rstrip() for line in lines) + "\n"


def percent(fraction: float) -> str:
    """Write a stated fraction as ``5 %``."""
    return f"{100.0 * fraction:.3g} %"


def place_text(latitude: float, longitude: float) -> str:
    """Write a place [degrees] as ``37.7500 N 126.4900 E``, south and west by their letters."""
    parts = ((latitude, "NS"), (longitude, "EW"))
    return " ".join(f"{abs(value):.4f} {names[value < 0.0]}" for value, names in parts)


def kilometres(metres: float) -> str:
    """Write a height [m] in kilometres; a dash where there is none."""
    return "-" if math.isnan(metres) else f"{metres / 1000.0:.2f} km"
