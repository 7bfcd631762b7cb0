"""The compliance card: what stands open, what was cleared, by which clause, and who decides.

It says what was computed and never that a launch is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from downwind.report._plain import field, finish, heading, underline, wrap
from downwind.rules.findings import Compliance, Finding, Level
from downwind.rules.records import Rule, Status

TITLES: Final = {
    Level.STOP: "STOPS",
    Level.WARNING: "Warnings",
    Level.CLEARED: "Cleared by what was entered",
    Level.NOTE: "Notes",
}
_DENT: Final = "     "
_HANG: Final = "       "


def compliance_card(compliance: Compliance, facts: Sequence[tuple[str, str]] = ()) -> str:
    """Write every finding of a launch, stops first.

    Parameters
    ----------
    compliance : Compliance
    facts : sequence of tuple of str
        What the card is of: labels and what they say, such as ``("site", "Ganghwa")``.

    Returns
    -------
    str
        Lines of at most 80 columns.
    """
    lines = stop_lines(compliance)
    lines += ["", *underline("COMPLIANCE CARD", "=")]
    for label, text in facts:
        lines += field(label, text)
    for level, title in TITLES.items():
        found = [f for f in compliance.findings if f.level is level]
        if not found:
            continue
        lines += heading(title)
        for number, (rule, group) in enumerate(group_by_rule(found), 1):
            lines += _rule_lines(rule, group, number)
    if compliance.stale:
        lines += heading("Age of the records")
        lines += [line for text in compliance.stale for line in wrap(text, "  !! ", "     ")]
    lines += heading("Whose rules were asked")
    lines += [line for text in compliance.asked for line in wrap(text, "  - ", "    ")]
    if compliance.general:
        lines += heading("On every card")
        lines += [line for text in compliance.general for line in wrap(text, "  - ", "    ")]
    lines += [""]
    lines += wrap(
        "This card says what was computed and what stands open. It gives no permission and no "
        "advice on the law: those named after 'decides' decide."
    )
    return finish(lines)


def stop_lines(compliance: Compliance) -> list[str]:
    """Return what a text says first: how many stops stand open, each in a line or two."""
    stops = compliance.stops
    if not stops:
        return wrap(
            "No STOP stands open among the rules that were asked. That is no permission: those "
            "named on the card decide."
        )
    count = "1 STOP STANDS" if len(stops) == 1 else f"{len(stops)} STOPS STAND"
    lines = wrap(
        f"!! {count} OPEN. Nothing is ready while one does.",
        "",
        "   ",
    )
    for rule, group in group_by_rule(stops):
        subjects = ", ".join(finding.subject for finding in group)
        text = f"{rule.title}: {subjects} ({rule.citation})"
        lines += wrap(text, "!! ", "   ")
    return lines


def group_by_rule(findings: Iterable[Finding]) -> list[tuple[Rule, list[Finding]]]:
    """Gather findings under their rules, in the order in which the rules first come."""
    groups: dict[str, tuple[Rule, list[Finding]]] = {}
    for finding in findings:
        groups.setdefault(finding.rule.name, (finding.rule, []))[1].append(finding)
    return list(groups.values())


def source_text(rule: Rule) -> str:
    """Return where a rule is from and how sure that is, in one sentence."""
    version = f"text of {rule.version_date}" if rule.version_date else "date of the text not known"
    status = rule.status.value.upper() if rule.status is not Status.IN_FORCE else "in force"
    return f"{rule.citation}; {status}; {version}; read {rule.read_on}, {rule.page}"


def _rule_lines(rule: Rule, findings: Sequence[Finding], number: int) -> list[str]:
    lines = wrap(f"{rule.title} [{rule.name}]", f" {number:>2}. ", _DENT)
    for finding in findings:
        lines += wrap(f"{finding.subject}: {finding.text}", f"{_DENT}- ", _HANG)
        if finding.cleared_by:
            lines += wrap(f"cleared by: {finding.cleared_by}", _HANG)
    todos = dict.fromkeys(finding.todo for finding in findings if finding.todo)
    for todo in todos:
        lines += wrap(f"to do: {todo}", _DENT, _HANG)
    if findings[0].level in (Level.STOP, Level.WARNING):
        ways = " or ".join(rule.clears) if rule.clears else "nothing that can be entered"
        lines += wrap(f"what clears it: {ways}", _DENT, _HANG)
    lines += wrap(f"decides: {rule.decides}", _DENT, _HANG)
    lines += wrap(f"source: {source_text(rule)}", _DENT, _HANG)
    if rule.note:
        lines += wrap(f"note: {rule.note}", _DENT, _HANG)
    return lines
