"""What every output says below its figures: which wind, how many draws, and what was bridged."""

from __future__ import annotations

from downwind.plan.result import PlanResult
from downwind.plan.wind_error_text import error_lines, members_text
from downwind.times import format_minute


def caption_lines(result: PlanResult, *, names_store: bool = True) -> list[str]:
    """Return what a reader must know to judge a result, one statement a line.

    Parameters
    ----------
    result : PlanResult
    names_store : bool, optional
        Whether to say from which stored wind it is.

    Returns
    -------
    list of str
        The wind (``SYNTHETIC`` first where it is), the forecast run and its lead at launch, every
        warning and bridge, the members and draws, the error of the wind that is drawn or that
        none is, and the version.
    """
    grid, run = result.grid, result.run
    wind = grid.source
    if grid.nature == "synthetic":
        lines = [f"SYNTHETIC WIND, NOT A FORECAST: {wind}"]
    else:
        lines = [f"Wind: {wind} ({grid.nature})"]
    if grid.stored_as and names_store:
        lines[0] += f", from the store: {grid.stored_as}"
    if grid.reference_time_s is not None:
        lead = f"lead at launch {lead_hours(result):.1f} h"
        lines.append(f"Run {format_minute(grid.reference_time_s)}, {lead}")
    lines += [
        f"{'Warning' if bridge in grid.warnings else 'Bridged'}: {bridge}"
        for bridge in grid.bridges
    ]
    lines.append(f"{members_text(result)}, seed {run.seed}")
    lines += error_lines(result)
    lines.append(f"downwind {run.version}, run {run.digest[:12]}")
    return lines


def warning_lines(result: PlanResult) -> list[str]:
    """Return what files for other programs say of a result, one statement a line.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    list of str
        The STOPs, the limits that are not kept, the alarms, and the caption. The same for a file
        and for the wind that was stored from it.
    """
    limits = [
        f"limit {'not met' if check.is_known else 'not known to be met'}: {check.title}"
        for check in result.limits
        if not check.is_met
    ]
    return [*result.brief_stops, *limits, *result.alarms, *caption_lines(result, names_store=False)]


def lead_hours(result: PlanResult) -> float:
    """Return the time from the forecast run to the first launch [h]; NaN where it is not known."""
    if result.grid.reference_time_s is None:
        return float("nan")
    return (result.start_s - result.grid.reference_time_s) / 3600.0


def launch_text(result: PlanResult) -> str:
    """Write the first launch in the site's time and in UTC."""
    local = format_minute(result.start_s, result.site.time_zone)
    return f"{local} ({format_minute(result.start_s)})"
