"""Soundings as plain tables: one heading for each column, with its unit, and a row for each level.

What the table does not say, where and when it was made above all, stands in lines such as
``# latitude: 37.75`` before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.gather import Gatherer
from downwind.wind.sources._soundings.headings import looks_like_sounding
from downwind.wind.sources._soundings.tables import iterate_ascents, read_table, split_heading
from downwind.wind.window import Window

NAME = "sounding table"


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the heading of a table whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes; the heading has to lie in them.
    """
    if b"\x00" in head:
        return False
    text = head.decode("utf-8", errors="replace")
    return looks_like_sounding(split_heading(text)[2])


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all soundings of tables that lie in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        The soundings, one profile each.

    Raises
    ------
    WeatherContentError
        If a column has no unit, a cell is no number, or a table does not say when and where.
    """
    gatherer = Gatherer("sounding tables", paths, window)
    for path in paths:
        table = read_table(path)
        for ascent in iterate_ascents(table, "sounding table", is_utc=False):
            if isinstance(ascent, str):
                gatherer.leave_out(ascent)
            else:
                gatherer.add(ascent)
    return gatherer.finish()
