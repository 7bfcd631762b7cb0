"""Residents of a plan as a JSON value."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from downwind.plan.resident_report import ResidentReport
from downwind.plan.residents import ResidentRisk
from downwind.times import format_utc


def describe_residents(report: ResidentReport | None) -> dict[str, Any] | None:
    """Return what a plan says of residents; None where it was not asked.

    Parameters
    ----------
    report : ResidentReport or None
    """
    if report is None:
        return None
    choice = report.chosen.choice
    lines = choice.power_lines
    return {
        "most": choice.most,
        "homes_from": report.chosen.homes_from,
        "airport_radius_m": choice.airport_radius_m,
        "low_path_m": choice.low_path_m,
        "power_lines": None
        if lines is None
        else {
            "file": lines.lines.source,
            "source": lines.source,
            "published": lines.published.isoformat(),
            "distance_m": lines.distance_m,
        },
        "chosen": describe_risk(report.chosen),
        "others": [
            {
                "site": risk.site.name,
                "launch": format_utc(risk.start_s),
                "held": asdict(risk.held),
                "worst": asdict(risk.worst),
                "is_below": risk.is_below,
            }
            for risk in report.others
        ],
    }


def describe_risk(risk: ResidentRisk) -> dict[str, Any]:
    """Return what one launch may do to residents.

    Parameters
    ----------
    risk : ResidentRisk
    """
    return {
        "site": risk.site.name,
        "launch": format_utc(risk.start_s),
        "draws": risk.draws,
        "held": asdict(risk.held),
        "worst": asdict(risk.worst),
        "is_below": risk.is_below,
        "unknown_share": risk.unknown_share,
        "things": {
            thing.key: {
                "expected": thing.expected,
                "left_data": thing.left_data,
                "over": {
                    place.replace(" ", "_"): {
                        "expected": thing.over[place],
                        "night": asdict(thing.night[place]),
                    }
                    for place in thing.over
                },
            }
            for thing in risk.things
        },
        "airports": [
            {
                "code": a.airport.code,
                "name": a.airport.name,
                "distance_m": a.distance_m,
                "probability": a.probability.to_dict(),
            }
            for a in risk.airports
        ],
    }
