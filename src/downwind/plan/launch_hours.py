"""Which of the hours that a mission asks for its launch window leaves, at each site.

A launch is tried where the window is open for all balloons of the fleet. An hour that is open at no
site is not tried at all; none at any site is an error that says when the window opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from downwind.errors import MissionError
from downwind.plan.launch_window import LaunchWindow, explain_closed
from downwind.plan.mission import Mission, Site

MOST_CELLS: Final = 10_000
"""Launches that one run looks at: sites times hours. A screen of so many takes some hours."""


def keep_open_hours(
    window: LaunchWindow, asked_s: Sequence[int], span_s: float, sites: Sequence[Site]
) -> tuple[int, ...]:
    """Return the hours that a window leaves at one site at least.

    Parameters
    ----------
    window : LaunchWindow
    asked_s : sequence of int
        Launches of the first balloon that are asked for, ascending [epoch s].
    span_s : float
        From the first launch of the fleet to the last [s].
    sites : sequence of Site

    Raises
    ------
    MissionError
        If there are too many hours and sites, or the window leaves no hour at any site.
    """
    cells = len(asked_s) * len(sites)
    if cells > MOST_CELLS:
        raise MissionError(
            f"{len(sites)} sites with {len(asked_s)} launch hours each make {cells:,} launches; "
            f"one run looks at {MOST_CELLS:,} at the most",
            "make launch.every longer, the span shorter, or write a mission for each part of the "
            "sites",
            (("launch", f"{cells:,} launches are more than {MOST_CELLS:,}"),),
        )
    if window.is_always_open:
        return tuple(asked_s)
    places = [(site.latitude, site.longitude, site.time_zone) for site in sites]
    kept = tuple(t for t in asked_s if any(window.holds(t, span_s, *place) for place in places))
    if not kept:
        raise _closed(window, asked_s, span_s, sites)
    return kept


def first_launch_s(mission: Mission, site: Site) -> int:
    """Return the earliest launch that the window leaves at a site [epoch s].

    Raises
    ------
    MissionError
        If it leaves none there.
    """
    starts = mission.launch_times_at(site)
    if not starts:
        raise _closed(mission.window, mission.launch_asked_s, mission.fleet_span_s, (site,))
    return starts[0]


def _closed(
    window: LaunchWindow, asked_s: Sequence[int], span_s: float, sites: Sequence[Site]
) -> MissionError:
    texts = [
        explain_closed(window, asked_s, span_s, s.name, s.latitude, s.longitude, s.time_zone)
        for s in sites[:3]
    ]
    return MissionError(
        "no launch can be tried: " + "; and ".join(texts),
        "ask for other hours (launch.from and until, or times), or for another launch.window",
        tuple(("launch.window", text) for text in texts),
    )
