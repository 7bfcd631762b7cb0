"""What a night may do to those who live beneath it: notify them, or pick another date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from downwind.plan.endings import BUNDLES, ENVELOPES, UNRELEASED
from downwind.plan.residents import HOMES, POWER_LINES, ResidentRisk
from downwind.plan.result import PlanResult
from downwind.report._plain import finish, heading, percent, table, wrap
from downwind.report._text import closing, opening
from downwind.times import format_minute

NAMES: Final = {UNRELEASED: "whole load", BUNDLES: "shut bundle", ENVELOPES: "envelope"}
OVER: Final = {HOMES: "over\nhomes", POWER_LINES: "on power\nlines"}


def resident_text(result: PlanResult) -> str:
    """Write the resident view of a plan as a file of its own.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    str
        Lines of at most 80 columns; STOPs first.
    """
    return finish([*opening(result, "RESIDENTS"), *resident_lines(result), *closing(result)])


def resident_lines(result: PlanResult) -> list[str]:
    """Write what the launch may do to residents, and which dates are better; [] if not asked.

    Parameters
    ----------
    result : PlanResult
    """
    report = result.residents
    if report is None:
        return []
    risk = report.chosen
    lines = heading("Residents")
    lines += wrap(f"answer: {answer(risk, report.others)}", "  ", "    ")
    places = [HOMES, *([POWER_LINES] if POWER_LINES in risk.things[0].night else [])]
    rows = [
        [
            NAMES[thing.key],
            _number(thing.expected),
            *(cell for place in places for cell in (_number(thing.over[place]),
                                                    thing.night[place].to_text()))
        ]
        for thing in risk.things
    ]  # fmt: skip
    head = ["comes down", "in a\nnight"]
    for place in places:
        head += [OVER[place], "any in a\nnight, %"]
    lines += table(head, rows)
    lines += _airports(risk)
    lines += _dates(result)
    for text in how_lines(risk):
        lines += wrap(text, "  ")
    return lines


def answer(
    risk: ResidentRisk,
    others: Sequence[ResidentRisk],
    none: str = "no other launch time was looked at",
) -> str:
    """Say whether a launch keeps the limit, and what to do: notify, or pick another date.

    Parameters
    ----------
    risk : ResidentRisk
    others : sequence of ResidentRisk
        Of the launches that may be picked in its place, by their first launch.
    none : str
        What is said where there are none.
    """
    held = f"{risk.held.to_text()} % against a limit of {percent(risk.choice.most)}"
    whom = _whom(risk)
    if risk.is_below:
        return f"below the limit ({held}). Notify all the same: {whom}"
    state = "above the limit" if risk.is_above else "not known to be below the limit"
    zone = risk.site.time_zone
    better = [f"{format_minute(r.start_s, zone)} ({r.site.name})" for r in others if r.is_below]
    if better:
        return (
            f"{state} ({held}). Pick another date: {', '.join(better[:6])}"
            + (f" and {len(better) - 6} more" if len(better) > 6 else "")
            + f"; or notify {whom}, and ask who decides"
        )
    tried = len(others)
    if tried:
        none = (
            "the other launch time is not below it"
            if tried == 1
            else (f"none of {tried} other launch times is below it")
        )
    return f"{state} ({held}), and {none}. Pick another date, or notify {whom}"


def how_lines(risk: ResidentRisk) -> list[str]:
    """Say what the numbers rest on, a sentence each.

    Parameters
    ----------
    risk : ResidentRisk
    """
    choice = risk.choice
    lines = [f"homes: {risk.homes_from}"]
    if risk.unknown_share > 0.0:
        lines.append(
            f"where {100 * risk.unknown_share:.1f} % of them come down the population is not known"
        )
    gone = [
        f"{_number(thing.left_data)} {NAMES[thing.key]}s"
        for thing in risk.things
        if thing.left_data > 0.0
    ]
    if gone:
        lines.append(
            f"in a night {', '.join(gone)} leave the wind data, to where is not known: "
            + (
                "the limit holds for none of them"
                if risk.worst == risk.held
                else "against the limit those count that it holds for as if they came down there, "
                f"which makes {risk.worst.to_text()} %"
            )
        )
    if choice.power_lines is None:
        lines.append("power lines: none were brought, so none were looked at")
    else:
        brought = choice.power_lines
        lines.append(
            f"power lines: {brought.lines.source} ({brought.source}, {brought.published}), within "
            f"{brought.distance_m:.0f} m"
        )
    lines += [
        "held against the limit: the probability in a night that a whole load or bundle comes down "
        "over homes, or anything on a power line. An emptied envelope over homes is told and not "
        "held against it",
        f"{risk.draws} draws, one balloon of each group in each; all of one draw are taken to come "
        "down where that one does. A balloon that fails before it leaves the ground is not "
        "modelled",
    ]
    return lines


def _whom(risk: ResidentRisk) -> str:
    near = [a.airport.title for a in risk.airports[:3]]
    if not near:
        return "the residents about the site; no airport is near"
    more = len(risk.airports) - len(near)
    return (
        "the residents about the site, and "
        + "; ".join(near)
        + (f"; and {more} more airports" if more > 0 else "")
    )


def _airports(risk: ResidentRisk) -> list[str]:
    if not risk.airports:
        return []
    radius = f"{risk.choice.airport_radius_m / 1e3:g} km"
    rows = [
        [
            a.airport.title if len(a.airport.title) <= 44 else a.airport.code,
            f"{a.distance_m / 1e3:.0f} km",
            f"{100 * a.probability.probability:.0f} "
            f"({100 * a.probability.low:.0f}-{100 * a.probability.high:.0f})",
        ]
        for a in risk.airports
    ]
    lines = [""]
    lines += table([f"airports within {radius}", "from the\nsite", "of the draws\n%, 95 %"], rows)
    return [
        *lines,
        *wrap(
            f"of the path below {risk.choice.low_path_m:.0f} m above the ground, or of what comes "
            "down whole, rare things counted as if they came to pass",
            "  ",
        ),
    ]


def _dates(result: PlanResult) -> list[str]:
    report = result.residents
    assert report is not None
    if not report.others:
        return []
    zone = report.chosen.site.time_zone
    states = {(True, False): "yes", (False, True): "NO"}
    rows = [
        [
            format_minute(risk.start_s, zone),
            risk.site.name,
            risk.held.to_text(),
            states.get((risk.is_below, risk.is_above), "not known"),
        ]
        for risk in (report.chosen, *report.others)
    ]
    rows[0][0] += " *"
    return [
        "",
        *table(["first launch", "site", "in a night\n%, 95 %", "below the\nlimit"], rows, left=2),
        *wrap("* this launch; others with the best setting of the search at each", "  "),
    ]


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 10.0 else f"{value:.2g}"
