"""Findings of the rules as JSON holds them."""

from __future__ import annotations

from typing import Any

from downwind.rules.findings import Compliance, Finding
from downwind.rules.records import Rule


def describe_compliance(compliance: Compliance) -> dict[str, Any]:
    """Return the findings of a launch as a dictionary of plain values.

    Parameters
    ----------
    compliance : Compliance

    Returns
    -------
    dict
        ``stops`` (their number), ``findings`` (stops first), ``rules`` (those that the findings
        name, by their names), ``stale``, ``general`` and ``asked``.
    """
    rules = {finding.rule.name: finding.rule for finding in compliance.findings}
    return {
        "stops": len(compliance.stops),
        "findings": [_describe_finding(finding) for finding in compliance.findings],
        "rules": {name: describe_rule(rule) for name, rule in rules.items()},
        "stale": list(compliance.stale),
        "general": list(compliance.general),
        "asked": list(compliance.asked),
    }


def describe_rule(rule: Rule) -> dict[str, Any]:
    """Return a record as a dictionary of plain values; dates as text, None where not known."""
    return {
        "jurisdiction": rule.jurisdiction,
        "title": rule.title,
        "citation": rule.citation,
        "version_date": None if rule.version_date is None else rule.version_date.isoformat(),
        "read_on": rule.read_on.isoformat(),
        "page": rule.page,
        "status": rule.status.value,
        "clears": list(rule.clears),
        "decides": rule.decides,
        "note": rule.note,
    }


def _describe_finding(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level.value,
        "rule": finding.rule.name,
        "subject": finding.subject,
        "text": finding.text,
        "to_do": finding.todo,
        "cleared_by": finding.cleared_by,
    }
