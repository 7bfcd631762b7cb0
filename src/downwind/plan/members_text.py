"""What every output says of the winds in the data: whose they are, and how often each is flown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from downwind.times import format_minute

if TYPE_CHECKING:
    from downwind.wind._parts import WindPart
    from downwind.wind.grid import WindGrid


def source_uses(grid: WindGrid, draws: int) -> tuple[tuple[int, int], ...]:
    """Return in how many draws a member of each source is flown, least and most.

    Parameters
    ----------
    grid : WindGrid
    draws : int
        Number of draws.
    """
    flown = grid.base[np.arange(draws) % grid.member_count]
    used = np.bincount(flown, minlength=grid.base_count)
    ends = np.cumsum([part.members for part in grid.parts])
    pieces = np.split(used, ends[:-1])
    return tuple((int(piece.min()), int(piece.max())) for piece in pieces)


def mixed_text(grid: WindGrid, draws: int, draws_text: str = "") -> str:
    """Say the members, the weight and the uses of each source of a mixed wind.

    Parameters
    ----------
    grid : WindGrid
        Of two sources or more.
    draws : int
        Number of draws.
    draws_text : str, optional
        The same in words.
    """
    parts = grid.parts
    members = ", ".join(
        f"{_write_count(part, is_first=k == 0)} of {part.source}{_write_run(part)}"
        for k, part in enumerate(parts)
    )
    weights = "/".join(f"{part.weight:.3g}" for part in parts)
    often = " and ".join(_write_uses(uses) for uses in _group(source_uses(grid, draws)))
    return f"{members}, weights {weights}, each in {often} of {draws_text or f'{draws} draws'}"


def _write_count(part: WindPart, *, is_first: bool) -> str:
    if not is_first:
        return str(part.members)
    return f"{part.members} member{'s' if part.members > 1 else ''}"


def _write_run(part: WindPart) -> str:
    return "" if part.reference_time_s is None else f" (run {format_minute(part.reference_time_s)})"


def _group(uses: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the uses of all sources, once where they are the same."""
    return (uses[0],) if len(set(uses)) == 1 else tuple(uses)


def _write_uses(uses: tuple[int, int]) -> str:
    low, high = uses
    if low == high:
        return str(low)
    return f"{low} or {high}" if high == low + 1 else f"{low} to {high}"
