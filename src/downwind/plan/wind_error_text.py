"""What every output says of the error of the wind: drawn or not, how large, by which members."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from downwind import atmosphere
from downwind.plan._wind_error import HEIGHT_M
from downwind.plan.members_text import mixed_text
from downwind.plan.sampling_text import draws_text
from downwind.times import format_minute

if TYPE_CHECKING:
    from downwind.plan.result import PlanResult
    from downwind.wind.grid import WindGrid


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """The error that was drawn, where it can be held against other sources: one component each.

    Attributes
    ----------
    altitude_m : float
        Altitude of the first release, or 3 km where none acts [m].
    time_s : float
        The launch [epoch s].
    large_ms : float
        Large-scale part that was drawn [m s-1].
    wanted_ms : float
        Large-scale part of the whole error: with what the members differ by [m s-1].
    spread_ms : float
        What the members differ by [m s-1]; NaN for one wind.
    fine_ms : float
        What the grid does not resolve [m s-1].
    lead_h : float
        Lead at the launch [h]; NaN where the error does not go by lead.
    """

    altitude_m: float
    time_s: float
    large_ms: float
    wanted_ms: float
    spread_ms: float
    fine_ms: float
    lead_h: float


def find_figures(result: PlanResult) -> ErrorFigures | None:
    """Return the error that was drawn, at the altitude of the first release; None if none was.

    Parameters
    ----------
    result : PlanResult
    """
    altitudes = [group.release_altitude_m[0] for group in result.groups]
    known = [altitude for altitude in altitudes if math.isfinite(altitude)]
    altitude_m = float(known[0]) if known else HEIGHT_M
    return figures_at(result.grid, altitude_m, float(result.start_s))


def figures_at(grid: WindGrid, altitude_m: float, time_s: float) -> ErrorFigures | None:
    """Return the error that is drawn at an altitude [m] and a launch [epoch s]; None if none is.

    Parameters
    ----------
    grid : WindGrid
    altitude_m, time_s : float
    """
    account = grid.error
    if account is None or account.size is None:
        return None
    height_m = float(atmosphere.geopotential_height(altitude_m))
    return ErrorFigures(
        altitude_m,
        time_s,
        account.large_ms(height_m, time_s),
        account.wanted_at_ms(height_m, time_s),
        account.spread_at_ms(height_m, time_s),
        account.size.fine_ms,
        account.lead_h(time_s),
    )


def member_uses(grid: WindGrid, draws: int) -> tuple[int, int]:
    """Return in how many of so many draws a wind of the data is flown, least and most."""
    flown = grid.base[np.arange(draws) % grid.member_count]
    used = np.bincount(flown, minlength=grid.base_count)
    return int(used.min()), int(used.max())


def members_text(result: PlanResult) -> str:
    """Say how many winds there are in the data, and in how many draws each is flown."""
    grid, draws = result.grid, result.run.draws
    if grid.base_count == 1:
        return f"1 wind, {draws_text(result)}"
    if len(grid.parts) > 1:
        return mixed_text(grid, draws, draws_text(result))
    low, high = member_uses(grid, draws)
    often = f"{low}" if low == high else f"{low} to {high}"
    return f"{grid.base_count} members, each in {often} of {draws_text(result)}"


def error_lines(result: PlanResult) -> list[str]:
    """Return the lines of a caption: the error of the wind that is in the figures, or is not.

    Parameters
    ----------
    result : PlanResult
    """
    return figures_lines(result.grid, find_figures(result))


def figures_lines(grid: WindGrid, figures: ErrorFigures | None) -> list[str]:
    """Return the same lines for a wind and the figures of its error.

    Parameters
    ----------
    grid : WindGrid
    figures : ErrorFigures or None
        None where none is drawn.
    """
    account = grid.error
    if figures is None or account is None or account.size is None:
        reason = account.reason if account is not None else ""
        return [f"{_left_out(grid)} not included" + (f" ({reason})" if reason else "")]
    size = account.size
    drawn = (
        f"wind error drawn, each component, {figures.altitude_m / 1e3:.1f} km at the launch: "
        f"{figures.large_ms:.1f} m/s large-scale, {figures.fine_ms:.1f} m/s unresolved; upward "
        f"{size.slow_up_ms:.2f} and {size.fast_up_ms:.2f} m/s, {size.mountain_up_ms:.2f} over "
        "mountains in strong flow"
    )
    if math.isfinite(figures.spread_ms):
        drawn += (
            f"; the members differ by {figures.spread_ms:.1f} of {figures.wanted_ms:.1f} m/s there"
        )
    return [drawn, f"its size: {account.origin}, {_lead_text(grid, figures)}"]


def error_notes(result: PlanResult) -> list[str]:
    """Return what to know of the error of the wind, a sentence each.

    Parameters
    ----------
    result : PlanResult
    """
    account, grid = result.grid.error, result.grid
    if account is None or account.size is None:
        what = "one wind is taken as certain: " if grid.base_count == 1 else ""
        given = "this wind" if grid.base_count == 1 else f"these {grid.base_count} members"
        reason = "" if account is None or not account.reason else f" ({account.reason})"
        return [
            f"{what}{_what(grid)} not in these figures{reason}, so all shares and errors are given "
            f"{given}"
        ]
    large, fine = account.size.large, account.size.fine
    return [
        f"each of the {result.run.draws} draws flies in an error of the wind of its own; it is "
        f"alike over {large.horizontal_m / 1e3:.0f} km, {large.vertical_m / 1e3:g} km of height "
        f"and {large.time_s / 3600.0:g} h, what the grid does not resolve over "
        f"{fine.horizontal_m / 1e3:.0f} km, {fine.vertical_m / 1e3:g} km and "
        f"{fine.time_s / 3600.0:g} h",
        *account.notes,
    ]


def _lead_text(grid: WindGrid, figures: ErrorFigures) -> str:
    account = grid.error
    assert account is not None
    parts = []
    if math.isfinite(figures.lead_h):
        since = {
            "run": "",
            "mission": " as the mission states",
            "first time": f" counted from {format_minute(account.lead_from_s)}",
        }[account.lead_origin]
        parts.append(f"lead {figures.lead_h:.1f} h at the launch{since}")
    elif account.lead_origin == "analysis":
        parts.append("that of a 6 h forecast, as the wind is a reanalysis")
    parts.append(f"scale {account.scale:g}")
    return ", ".join(parts)


def _what(grid: WindGrid) -> str:
    if grid.nature == "observation":
        return "its error, and how it changes after the observation, are"
    return "forecast error is" if grid.base_count == 1 else "forecast error beside their spread is"


def _left_out(grid: WindGrid) -> str:
    given = "this wind" if grid.base_count == 1 else f"these {grid.base_count} members"
    return f"given {given}: {_what(grid)}"
