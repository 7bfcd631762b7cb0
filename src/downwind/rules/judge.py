"""Ask every rule that holds at a launch, and say what stands open and what was cleared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from downwind.rules.asking import Ask, BalloonClass, Point, covers, local_date
from downwind.rules.checks import CHECKS, ZONES
from downwind.rules.classes import CLASSIFIERS
from downwind.rules.declared import Declarations, Permission
from downwind.rules.facts import Facts
from downwind.rules.findings import Compliance, Finding, Level
from downwind.rules.records import Jurisdiction, Rule, Status

_ORDER: Final = (Level.STOP, Level.WARNING, Level.CLEARED, Level.NOTE)


def judge(
    facts: Facts,
    declared: Declarations,
    jurisdictions: Mapping[str, Jurisdiction],
    now_s: float,
) -> Compliance:
    """Ask the rules of a launch.

    Parameters
    ----------
    facts : Facts
    declared : Declarations
    jurisdictions : mapping
        Of ``load_jurisdictions``.
    now_s : float
        Time of asking [epoch s], for ages and deadlines.

    Returns
    -------
    Compliance
        Stops first, then warnings, what was cleared, and notes; in each, rules that hold
        everywhere come first.
    """
    asked = find_asked(facts, declared, jurisdictions)
    sorting = {
        rule.name: rule
        for jurisdiction in jurisdictions.values()
        for rule in jurisdiction.rules
        if rule.check in CLASSIFIERS
    }
    classes = {name: sort_balloons(rule, facts) for name, rule in sorting.items()}
    national = tuple(j.title for j in asked if j.countries)
    zones = frozenset(
        (kind, rule.jurisdiction if jurisdiction.countries else "")
        for jurisdiction in asked
        for rule in jurisdiction.rules
        if rule.check == ZONES
        for kind in rule.values["kinds"]
    )
    findings = [
        finding
        for jurisdiction in asked
        for rule in jurisdiction.rules
        for finding in _ask_rule(
            Ask(rule, facts, declared, now_s, classes, national, not jurisdiction.countries, zones)
        )
    ]
    today = local_date(facts.launch, now_s)
    return Compliance(
        tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.level))),
        tuple(text for jurisdiction in asked for text in _age_texts(jurisdiction, today)),
        tuple(text for jurisdiction in asked for text in jurisdiction.general),
        tuple(_asked_text(jurisdiction) for jurisdiction in asked),
    )


def find_asked(
    facts: Facts, declared: Declarations, jurisdictions: Mapping[str, Jurisdiction]
) -> tuple[Jurisdiction, ...]:
    """Return the jurisdictions whose rules are asked of a launch.

    Those that hold everywhere, those of the country of the site, and those that the crew names.
    """
    return tuple(
        jurisdiction
        for key, jurisdiction in jurisdictions.items()
        if not jurisdiction.countries
        or facts.launch.country in jurisdiction.countries
        or key in declared.jurisdictions
    )


def sort_balloons(rule: Rule, facts: Facts) -> dict[str, BalloonClass]:
    """Return the class of each group by a rule that sorts balloons."""
    classify = CLASSIFIERS[rule.check][0]
    return {balloon.name: classify(balloon, rule) for balloon in facts.balloons}


def _ask_rule(ask: Ask) -> list[Finding]:
    rule = ask.rule
    points = CHECKS[rule.check].ask(ask)
    if rule.status is Status.STRUCK_DOWN:
        return [
            Finding(rule, Level.NOTE, point.subject, f"struck down, not asked: {point.text}")
            for point in points
        ]
    return [_clear_point(ask, point) for point in points]


def _clear_point(ask: Ask, point: Point) -> Finding:
    rule = ask.rule
    found = Finding(rule, point.level, point.subject, point.text, point.todo, point.cleared_by)
    if point.level not in (Level.STOP, Level.WARNING) or not point.may_be_permitted:
        return found
    wanted = f"{rule.name}:{point.part}" if point.part else rule.name
    refused: list[str] = []
    for permission in ask.declared.permissions:
        if permission.rule.casefold() != wanted.casefold():
            continue
        why = _refuse(ask, permission)
        if not why:
            text = (
                f"{permission.kind} {permission.reference} of {permission.authority}, "
                f"{permission.given}"
            )
            return Finding(rule, Level.CLEARED, point.subject, point.text, cleared_by=text)
        refused.append(f"{permission.kind} {permission.reference} {why}")
    if not refused:
        return found
    text = f"{point.text}; {'; '.join(refused)}"
    return Finding(rule, point.level, point.subject, text, point.todo)


def _refuse(ask: Ask, permission: Permission) -> str:
    """Return why a permission does not count; empty where it does."""
    if permission.kind not in ask.rule.clears:
        ways = " or ".join(ask.rule.clears) or "nothing that can be entered"
        return f"does not count: what clears this rule is {ways}"
    if permission.given > local_date(ask.launch, ask.now_s):
        return f"is dated {permission.given}, which has not come"
    return covers(permission.valid_from, permission.valid_until, ask.launch)[1]


def _age_texts(jurisdiction: Jurisdiction, today: date) -> list[str]:
    old = [rule for rule in jurisdiction.rules if is_stale(rule, today)]
    texts = []
    if old:
        oldest = min(rule.read_on for rule in old)
        records = "1 record" if len(old) == 1 else f"{len(old)} records"
        texts.append(
            f"{jurisdiction.title}: {records} read more than 12 months ago, the oldest on "
            f"{oldest}; look up whether the law has changed"
        )
    if any(rule.read_on > today for rule in jurisdiction.rules):
        latest = max(rule.read_on for rule in jurisdiction.rules)
        texts.append(
            f"{jurisdiction.title}: read on {latest}, which has not come by this clock ({today}); "
            "set the clock, or their age is not known"
        )
    return texts


def is_stale(rule: Rule, today: date) -> bool:
    """Whether a record was read more than 12 months ago."""
    last = (
        rule.read_on.replace(year=rule.read_on.year + 1)
        if ((rule.read_on.month, rule.read_on.day) != (2, 29))
        else date(rule.read_on.year + 1, 3, 1)
    )
    return today > last


def _asked_text(jurisdiction: Jurisdiction) -> str:
    dates = {rule.read_on for rule in jurisdiction.rules}
    read = f"{min(dates)}" if len(dates) == 1 else f"{min(dates)} to {max(dates)}"
    records = "1 record" if len(jurisdiction.rules) == 1 else f"{len(jurisdiction.rules)} records"
    return f"{jurisdiction.title}: {records}, read {read} ({jurisdiction.source})"
