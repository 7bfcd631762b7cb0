"""Which launches a board looks at: the hours asked for, less those that cannot be judged.

An hour is left out where the launch window is closed, or where the wind does not cover the launch
with its longest timer. What was left out is said; only where nothing is left is it an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from downwind.errors import WindCoverageError
from downwind.plan.launch_window import explain_closed
from downwind.plan.mission import Mission
from downwind.plan.search import timer_settings
from downwind.times import format_utc
from downwind.wind.grid import WindGrid


@dataclass(frozen=True, slots=True)
class ChosenHours:
    """The hours of a board.

    Attributes
    ----------
    mission : Mission
        With those launch times alone that the wind covers.
    left_out : tuple of str
        What was not looked at, and why.
    """

    mission: Mission
    left_out: tuple[str, ...]


def choose_hours(mission: Mission, grid: WindGrid) -> ChosenHours:
    """Leave out the hours that the window closes or that the wind does not cover.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid

    Raises
    ------
    WindCoverageError
        If the wind covers no hour, or none at which the window is open.
    """
    longest = max(timer_settings(mission, g)[-1] + g.last_after_s for g in mission.groups)
    reach_s = mission.fleet_span_s + mission.uncertainty.launch_delay_s[2] + longest
    kept: list[int] = []
    lost: list[tuple[int, WindCoverageError]] = []
    for start in mission.launch_times_s:
        try:
            grid.require_time(
                start,
                start + reach_s,
                f"the launch at {format_utc(start)} with a timer of {longest / 60.0:.0f} min",
            )
        except WindCoverageError as error:
            lost.append((start, error))
        else:
            kept.append(start)
    if not kept:
        count = len(lost)
        _, first = lost[0]
        if count == 1:
            raise first
        raise WindCoverageError(
            f"the wind covers none of the {count} launch hours: {first.message}", first.hint
        )
    covered = replace(mission, launch_times_s=tuple(kept))
    left_out = _describe_closed(mission)
    left_out += [
        _describe_lost([start for start, _ in run], run[0][1].message)
        for run in _runs(mission.launch_times_s, lost)
    ]
    return ChosenHours(covered, tuple(left_out))


def _describe_closed(mission: Mission) -> list[str]:
    """Say for each site how many hours the launch window closes."""
    asked, span_s = mission.launch_asked_s or mission.launch_times_s, mission.fleet_span_s
    texts = []
    for site in mission.sites:
        place = (site.latitude, site.longitude, site.time_zone)
        open_hours = mission.launch_times_at(site)
        if not open_hours:
            texts.append(explain_closed(mission.window, asked, span_s, site.name, *place))
        elif len(open_hours) < len(asked):
            closed = len(asked) - len(open_hours)
            texts.append(
                f"{site.name}: {closed} of {len(asked)} hours lie outside the launch window "
                f"({mission.window.title})"
            )
    return texts


def _describe_lost(starts_s: list[int], why: str) -> str:
    """Say which hours in a row are left out, and why the first is."""
    if len(starts_s) == 1:
        return why
    first, last = format_utc(starts_s[0]), format_utc(starts_s[-1])
    return f"{len(starts_s)} hours from {first} to {last}: {why}"


def _runs(
    every: tuple[int, ...], lost: list[tuple[int, WindCoverageError]]
) -> list[list[tuple[int, WindCoverageError]]]:
    """Part what was lost into runs of hours that follow each other."""
    place = {start: i for i, start in enumerate(every)}
    runs: list[list[tuple[int, WindCoverageError]]] = []
    for one in lost:
        if runs and place[one[0]] == place[runs[-1][-1][0]] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs
