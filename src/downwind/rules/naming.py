"""What a permission or a notice may name: an entry that could clear nothing is a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from downwind.catalogue import suggest
from downwind.rules.checks import NOTICE, OVERFLIGHT
from downwind.rules.records import Jurisdiction, Rule

COLON: Final = ":"
"""Stands between the name of a rule and the country that it is asked for."""


def permission_fault(name: str, kind: str, jurisdictions: Mapping[str, Jurisdiction]) -> str:
    """Return what is wrong with the rule that a permission names; empty where nothing is.

    Parameters
    ----------
    name : str
        With the country behind a colon where the rule asks for one.
    kind : str
        ``permission`` or ``exception``.
    jurisdictions : mapping
        Of ``load_jurisdictions``.
    """
    base, colon, country = name.partition(COLON)
    rules = _rules(jurisdictions)
    if base not in rules:
        return f"no rule is called '{base}'{suggest(base, rules)}"
    rule = rules[base]
    if rule.check == OVERFLIGHT and not country.strip():
        return f"{base} is asked for each country; write {base}{COLON}COUNTRY"
    if rule.check != OVERFLIGHT and colon:
        return f"{base} is not asked for a country; write {base}"
    if kind not in rule.clears:
        ways = " or ".join(rule.clears) or "nothing that can be entered"
        return f"no {kind} clears {base}; what clears it is {ways}"
    return ""


def notice_fault(name: str, jurisdictions: Mapping[str, Jurisdiction]) -> str:
    """Return what is wrong with the rule that a notice names; empty where nothing is."""
    rules = {key: rule for key, rule in _rules(jurisdictions).items() if rule.check == NOTICE}
    if name in rules:
        return ""
    return f"no rule that asks for a notice is called '{name}'{suggest(name, rules)}"


def _rules(jurisdictions: Mapping[str, Jurisdiction]) -> dict[str, Rule]:
    return {rule.name: rule for j in jurisdictions.values() for rule in j.rules}
