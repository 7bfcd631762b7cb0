"""The tables of rules, checks and fields of drafts that come from the rule files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from downwind.rules._fields import UNITS
from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.checks import CHECKS
from downwind.rules.drafts import FIELDS
from downwind.rules.records import Jurisdiction, Rule

Row = tuple[str, ...]


def records(write: Callable[[Row, list[Row]], str]) -> str:
    """Return a table of records for each jurisdiction, under a heading of its own."""
    parts = []
    for jurisdiction in load_jurisdictions().values():
        rows = [_record_row(rule) for rule in jurisdiction.rules]
        head = ("name", "asks", "citation", "text of", "status", "check", "cleared by")
        parts.append(f"\n### {jurisdiction.title}\n\n{_place(jurisdiction)}\n{write(head, rows)}")
    return "".join(parts)


def checks(write: Callable[[Row, list[Row]], str]) -> str:
    """Return the table of checks with their arguments."""
    rows = [
        (
            f"`{name}`",
            check.does,
            ", ".join(f"`{key}` {_kind_text(kind)}" for key, kind in check.values.items()) or "-",
        )
        for name, check in CHECKS.items()
    ]
    return write(("check", "what it does", "values"), rows)


def draft_fields(write: Callable[[Row, list[Row]], str]) -> str:
    """Return what a template may name."""
    return "\n" + ", ".join(f"`{name}`" for name in sorted(FIELDS)) + "\n\n"


def _record_row(rule: Rule) -> Row:
    return (
        f"`{rule.name}`",
        rule.title,
        rule.citation,
        "not known" if rule.version_date is None else rule.version_date.isoformat(),
        f"**{rule.status.value}**" if rule.status.value != "in force" else rule.status.value,
        f"`{rule.check}`",
        ", ".join(rule.clears) or "nothing",
    )


def _place(jurisdiction: Jurisdiction) -> str:
    where = ", ".join(jurisdiction.countries) if jurisdiction.countries else "everywhere"
    dates = sorted({rule.read_on for rule in jurisdiction.rules})
    pages = "; ".join(dict.fromkeys(rule.page for rule in jurisdiction.rules))
    read = f"{dates[0]}" if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"Key `{jurisdiction.name}`. Asked: {where}. Read {read}: {pages}."


def _kind_text(kind: str) -> str:
    base = kind.removesuffix("?")
    named = {
        **dict.fromkeys(UNITS, f"({base.replace('_', ' ')})"),
        "fraction": "(fraction)",
        "number": "(number)",
        "flag": "(true or false)",
        "text": "(text)",
        "countries": "(countries)",
        "equipment": "(equipment)",
        "zones": "(kinds of zones)",
        "classes": "(classes)",
        "rule": "(name of the rule that sorts)",
        "level": "(`stop`, `warning` or `note`)",
        "meets": "(`site`, `path` or both)",
    }
    return named[base] + (", may be left out" if kind.endswith("?") else "")


RULE_MAKERS: Final = {
    "rule-records": records,
    "rule-checks": checks,
    "rule-draft-fields": draft_fields,
}
