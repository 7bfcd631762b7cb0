"""The rules that stand open, as stops of a plan: one line that counts them, then one for each."""

from __future__ import annotations

from typing import Final

from downwind.rules.findings import Compliance, Finding

RULES_NOT_CHECKED: Final = "RULES NOT CHECKED: STOP"
RULES_OPEN: Final = "RULES OPEN: STOP"


def write_rule_stops(compliance: Compliance | None) -> tuple[str, ...]:
    """Say what stands open.

    Parameters
    ----------
    compliance : Compliance or None
        None: the rules were not asked, which is a stop too.

    Returns
    -------
    tuple of str
        Empty where nothing stands open; else how many rules do, then each with its name, what it
        was asked of, and its citation.
    """
    if compliance is None:
        return (RULES_NOT_CHECKED,)
    if not compliance.stops:
        return ()
    by_rule: dict[str, list[Finding]] = {}
    for found in compliance.stops:
        by_rule.setdefault(found.rule.name, []).append(found)
    each = []
    for name, group in by_rule.items():
        rule = group[0].rule
        said = "; ".join(f"{found.subject}: {found.text.rstrip('.')}" for found in group)
        each.append(f"{rule.title} [{name}]. {said} ({rule.citation})")
    stand = "1 rule stands" if len(each) == 1 else f"{len(each)} rules stand"
    return (f"{RULES_OPEN} ({stand} open; the compliance card names them)", *each)
