"""What every output says of the winds in the data: whose they are, and how often each is flown."""

from __future__ import annotations

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
    members = ", ".join(
        _write_part(part, uses, is_first=k == 0)
        for k, (part, uses) in enumerate(zip(grid.parts, source_uses(grid, draws), strict=True))
    )
    return f"{members}; {draws_text or f'{draws} draws'}"


def _write_part(part: WindPart, uses: tuple[int, int], *, is_first: bool) -> str:
    count = str(part.members)
    if is_first:
        count += " members" if part.members > 1 else " member"
    run = ""
    if part.reference_time_s is not None:
        run = f"run {format_minute(part.reference_time_s)}, "
    each = "each " if part.members > 1 else ""
    return (
        f"{count} of {part.source} ({run}weight {part.weight:.3g}, {each}in {_write_uses(uses)} "
        f"draw{'s' if uses[1] > 1 else ''})"
    )


def _write_uses(uses: tuple[int, int]) -> str:
    low, high = uses
    if low == high:
        return str(low)
    return f"{low} or {high}" if high == low + 1 else f"{low} to {high}"
