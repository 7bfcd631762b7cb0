"""One sentence on what dominates: only what the figures say, and what a crew can do about it.

A cause makes most of a variance where its first order less 1.96 standard errors is above a half.
To wait for a newer forecast is advised only where the wind does, and where a newer run can be out
before the launch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from downwind.landing.sensitivity import Estimate
from downwind.plan.causes import (
    DRAG,
    FALL_SPEED,
    LAUNCH_MINUTE,
    LEAK_AND_FILL,
    OPENING,
    TIMER,
    TURBULENCE,
    VERTICAL_WIND,
    WIND,
    CauseGroup,
)
from downwind.plan.dominance import ACROSS, ALONG, KindDominance, QuantityShares
from downwind.plan.result import PlanResult
from downwind.times import format_utc
from downwind.vehicle.latex import LatexBalloon

SURE: Final = 1.96
"""Standard errors by which a figure has to clear what it is held against."""

NAMED: Final = 3
"""Causes that are named where none dominates."""


@dataclass(frozen=True, slots=True)
class ModelCycle:
    """How often a forecast model is run.

    Attributes
    ----------
    every_h : int
        Hours from one run to the next, the first at 00 UTC.
    out_after_h : float
        Hours after which a run is out for the first day ahead: an assumption, on the safe side.
    """

    every_h: int
    out_after_h: float


CYCLES: Final = {
    "NCEP GFS": ModelCycle(6, 5.0),
    "NCEP GEFS": ModelCycle(6, 6.0),
    "ECMWF": ModelCycle(12, 9.0),
}
"""By how the name of a source begins; of ECMWF the main runs. Other models: not known here."""

WITHOUT_RUN: Final = {
    "observation": "launch soon after a sounding, or observe the wind yourself",
    "reanalysis": "a reanalysis tells of the past; for a night to come, plan with a forecast",
    "synthetic": "this wind is made up; for a night to come, plan with a forecast",
}
OBSERVE: Final = "no newer run will be out before the launch; observe the wind yourself"

_ADVICE: Final = {
    VERTICAL_WIND: "items that fall faster feel less of it, and so does a lower release",
    DRAG: "launch one balloon ahead of the others and time its climb",
    FALL_SPEED: "let some of these very items fall from a known height and time them",
    OPENING: "let a bundle fall and time its opening",
    TIMER: "try the timers beforehand, some of them in the cold",
    LAUNCH_MINUTE: "launch on the minute",
    TURBULENCE: "nothing that a crew can measure makes it less",
}
_FILM: Final = "fill one balloon the day before and measure what it loses"
_RUBBER: Final = "weigh the lift at the neck with a better balance, and twice"


def explain_dominance(result: PlanResult) -> dict[str, str]:
    """Say for each kind of item what dominates where it comes down.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    dict
        A sentence by the kind's name; empty where nothing was shared out.
    """
    wind = _advise_winds(result)
    return {
        found.kind: describe_kind(found, wind, _has_film(result, found.kind))
        for found in result.dominance
    }


def describe_kind(found: KindDominance, wind_advice: str, has_film: bool) -> str:
    """Say what dominates where one kind comes down.

    Parameters
    ----------
    found : KindDominance
    wind_advice : str
        What to do where the wind dominates.
    has_film : bool
        Whether film tubes, which leak, carry the kind.
    """
    if not found.quantities:
        return (
            "nothing to share out: in every run it comes down, let go and open, in "
            f"{found.used_draws} of {found.draws} draws"
        )
    along, across = found.quantity(ALONG), found.quantity(ACROSS)
    axis = across if across.variance.value > along.variance.value else along
    sigma_km = math.sqrt(max(axis.variance.value, 0.0)) / 1e3
    if not sigma_km > 0.0:
        return "the middle of its landings does not move from draw to draw"
    text = f"the middle of its landings varies by {sigma_km:.1f} km {axis.name} the drift (1 sigma)"
    if not axis.causes:
        return f"{text}; a few draws make all of that, too few to tell why"
    if not any(cause.group == WIND for cause in axis.causes):
        text += ", given this wind"
    text += f"; {_name_cause(axis, wind_advice, has_film)}"
    if axis.within > axis.variance.value:
        within_km = math.sqrt(axis.within) / 1e3
        text += f". Within one draw its items lie further apart than that ({within_km:.1f} km)"
    return text


def advise_wind(nature: str, source: str, reference_s: int | None, launch_s: float) -> str:
    """Say what can be done about the wind.

    Parameters
    ----------
    nature, source : str
        As in the wind cube.
    reference_s : int or None
        Time of the forecast run [epoch s].
    launch_s : float
        First launch [epoch s].
    """
    if nature != "forecast" or reference_s is None:
        return WITHOUT_RUN.get(nature, OBSERVE)
    cycle = next((c for name, c in CYCLES.items() if source.startswith(name)), None)
    if cycle is None:
        late = launch_s <= reference_s
        return OBSERVE if late else "wait for a newer run, if one is out before the launch"
    every_s = cycle.every_h * 3600
    newest = math.floor((launch_s - 3600.0 * cycle.out_after_h) / every_s) * every_s
    if newest <= reference_s:
        return OBSERVE
    day = format_utc(newest)
    return f"wait for the {day[11:13]}Z run of {day[:10]}"


def _advise_winds(result: PlanResult) -> str:
    """Say what can be done about the wind, or about the first of several that can be bettered."""
    grid, launch_s = result.grid, float(result.start_s)
    if len(grid.parts) < 2:
        return advise_wind(grid.nature, grid.source, grid.reference_time_s, launch_s)
    each = [
        (part.source, advise_wind(part.nature, part.source, part.reference_time_s, launch_s))
        for part in grid.parts
    ]
    waits = [f"{text} of {source}" for source, text in each if text.startswith("wait for the")]
    return waits[0] if waits else each[0][1]


def _name_cause(axis: QuantityShares, wind_advice: str, has_film: bool) -> str:
    first, interaction = axis.ranked[0], axis.interaction
    if _makes_most(first.first):
        advice = _advise(first.group, wind_advice, has_film)
        return f"most of it is the {first.group.title} ({percent_text(first.first)}): {advice}"
    if interaction is not None and _makes_most(interaction):
        return (
            f"most of it is causes that act together ({percent_text(interaction)}), none of them "
            "by itself"
        )
    sure = [c for c in axis.ranked if c.first.value > SURE * c.first.standard_error]
    if not sure:
        return "these draws do not tell its causes apart"
    names = [f"{c.group.title} {percent_text(c.first)}" for c in sure[:NAMED]]
    return "no single cause dominates: " + ", ".join(names)


def _makes_most(share: Estimate) -> bool:
    return share.value - SURE * share.standard_error > 0.5


def percent_text(share: Estimate) -> str:
    """Write a share with its standard error: ``71 ± 4 %``."""
    return f"{100.0 * share.value:.0f} ± {max(100.0 * share.standard_error, 1.0):.0f} %"


def _advise(group: CauseGroup, wind_advice: str, has_film: bool) -> str:
    if group == WIND:
        return wind_advice
    if group == LEAK_AND_FILL:
        return _FILM if has_film else _RUBBER
    return _ADVICE[group]


def _has_film(result: PlanResult, kind: str) -> bool:
    return any(
        not isinstance(found.group.vehicle, LatexBalloon)
        for found in result.groups
        if any(part.kind.name == kind for part in found.group.load)
    )
