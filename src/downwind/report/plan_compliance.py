"""The compliance card of a plan: the findings, under the mission, the site and the hour."""

from __future__ import annotations

from downwind.plan.caption import launch_text
from downwind.plan.result import PlanResult
from downwind.plan.rule_stops import RULES_NOT_CHECKED
from downwind.report._plain import place_text
from downwind.report.compliance_card import compliance_card
from downwind.times import format_minute


def plan_compliance_card(result: PlanResult) -> str:
    """Write what the rules say of a plan.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    str
        Lines of at most 80 columns.
    """
    if result.compliance is None:
        return RULES_NOT_CHECKED + "\n"
    site, run = result.site, result.run
    return compliance_card(
        result.compliance,
        [
            ("mission", result.mission.name),
            ("site", f"{site.name}, {place_text(site.latitude, site.longitude)}"),
            ("first launch", launch_text(result)),
            ("asked at", format_minute(result.judged_s, site.time_zone)),
            ("run", f"downwind {run.version}, run {run.digest[:12]}"),
        ],
    )
