"""What every output of a board says below its figures: which wind, how old, how many draws."""

from __future__ import annotations

import numpy as np

from downwind.board.reading import best_cell
from downwind.board.result import Board
from downwind.plan._wind_error import HEIGHT_M
from downwind.plan.members_text import mixed_text
from downwind.plan.wind_error_text import figures_at, figures_lines
from downwind.times import format_minute

SCREEN_WORDS = "an estimate by the draws that chose the setting, and so a little too good"


def board_caption(board: Board) -> list[str]:
    """Return what a reader must know to judge a board, one statement a line.

    Parameters
    ----------
    board : Board

    Returns
    -------
    list of str
        The wind (``SYNTHETIC`` first where it is), its run and lead, warnings and bridges, how the
        screen and the certificates were made, the error of the wind, and the version.
    """
    grid, run = board.grid, board.run
    lines = [
        f"SYNTHETIC WIND, NOT A FORECAST: {grid.source}"
        if grid.nature == "synthetic"
        else f"Wind: {grid.source} ({grid.nature})"
    ]
    if grid.stored_as:
        lines[0] += f", from the store: {grid.stored_as}"
    if grid.reference_time_s is not None:
        lines.append(f"Run {format_minute(grid.reference_time_s)}, {lead_text(board)}")
    lines += [
        f"{'Warning' if bridge in grid.warnings else 'Bridged'}: {bridge}"
        for bridge in grid.bridges
    ]
    lines.append(f"{winds_text(board)}, seed {run.seed}")
    lines += figures_lines(grid, figures_at(grid, HEIGHT_M, float(best_cell(board).start_s)))
    lines.append(f"downwind {run.version}, run {run.digest[:12]}")
    return lines


def lead_text(board: Board) -> str:
    """Say how old the forecast is at the launches; that it is not known where it is not."""
    leads = [cell.lead_s / 3600.0 for cell in board.cells if cell.lead_s is not None]
    if not leads:
        return "lead at the launches not known"
    if max(leads) - min(leads) < 0.05:
        return f"lead at the launch {leads[0]:.1f} h"
    return f"lead {min(leads):.1f} to {max(leads):.1f} h at the launches"


def winds_text(board: Board) -> str:
    """Say how many winds there are in the data, and in how many draws of the screen each is."""
    grid, draws = board.grid, board.screen_draws
    said = f"{draws} draws in the screen"
    if grid.base_count == 1:
        return f"1 wind, {said}"
    if len(grid.parts) > 1:
        return mixed_text(grid, draws, said)
    used = np.bincount(grid.base[np.arange(draws) % grid.member_count], minlength=grid.base_count)
    low, high = int(used.min()), int(used.max())
    often = f"{low}" if low == high else f"{low} to {high}"
    return f"{grid.base_count} members, each in {often} of {said}"


def certificate_lines(board: Board) -> list[str]:
    """Say how the screen and the certificates were made, a sentence each.

    Parameters
    ----------
    board : Board
    """
    lines = [
        f"Screen: one flight of each site, hour and fill in each of {board.screen_draws} draws, "
        f"dropped from at every timer setting. It is {SCREEN_WORDS}. It rules cells out, and never "
        "says GO."
    ]
    made = [cell.certificate for cell in board.cells if cell.certificate is not None]
    if not made:
        return [*lines, "Certified: no cell; none could come out GO."]
    longest = max(made, key=lambda c: len(c.stages))
    stages = ", ".join(f"{stage.draws:,} at {100 * stage.level:.3g} %" for stage in longest.stages)
    several = "up to " if any(len(c.stages) != len(longest.stages) for c in made) else ""
    cells = f"{len(made)} cell{'' if len(made) == 1 else 's'}"
    looks = f"{len(longest.stages)} stage{'' if len(longest.stages) == 1 else 's'}"
    lines.append(
        f"Certified: {cells} by fresh draws that the search has not used, in {several}{looks}: "
        f"{stages}. A cell that breaks a limit comes out GO with a probability of "
        f"{100 * longest.error_level:.3g} % at the most."
    )
    return lines
