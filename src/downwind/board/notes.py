"""What a reader has to know about a board besides its cells: each a sentence, each once."""

from __future__ import annotations

from collections.abc import Sequence

from downwind.board.result import Cell
from downwind.plan.mission import Mission
from downwind.plan.notes import LEAD_ALARM_HOURS, describe_site, describe_turbulence
from downwind.times import format_duration, format_minute
from downwind.wind.grid import WindGrid


def find_board_warnings(mission: Mission, grid: WindGrid, cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return what a reader has to know about a board.

    Parameters
    ----------
    mission : Mission
        With its turbulence settled.
    grid : WindGrid
    cells : sequence of Cell
    """
    notes = [mission.note] if mission.note else []
    if grid.nature == "synthetic":
        notes.append(f"the wind is not real: {grid.source}")
    notes += describe_age(grid, cells)
    notes += grid.bridges
    notes += grid.notes
    notes += [note for site in mission.sites for note in describe_site(site, grid)]
    if not grid.has_vertical_wind:
        notes.append("the source has no vertical wind; it is taken as 0")
    notes.append("air density is that of the standard atmosphere")
    notes.append(describe_turbulence(mission, [setting for c in cells for setting in c.settings]))
    notes += [
        f"{group.name}: settings above {format_duration(group.longest_setting_s)} are not tried; "
        "its timers take no longer ones"
        for group in mission.groups
        if group.longest_setting_s < mission.search.timer_until_s
    ]
    return tuple(dict.fromkeys(notes))


def describe_age(grid: WindGrid, cells: Sequence[Cell]) -> list[str]:
    """Say at how many launches the forecast, or what was observed, is old."""
    limit_s = 3600.0 * LEAD_ALARM_HOURS
    if grid.reference_time_s is not None:
        old = sum(cell.lead_s is not None and cell.lead_s > limit_s for cell in cells)
        if not old:
            return []
        return [
            f"the forecast, run {format_minute(grid.reference_time_s)}, is more than "
            f"{LEAD_ALARM_HOURS:g} h old at {old} of {len(cells)} launches: take a newer run "
            "before you go"
        ]
    if grid.air is None or grid.nature != "observation":
        return []
    observed = grid.air.time_s
    ages = [
        cell.start_s - float(observed[observed <= cell.start_s][-1])
        for cell in cells
        if (observed <= cell.start_s).any()
    ]
    old = sum(age > limit_s for age in ages)
    if not old:
        return []
    return [
        f"the wind was observed more than {LEAD_ALARM_HOURS:g} h before {old} of {len(cells)} "
        "launches: take a newer sounding, or a forecast, before you go"
    ]
