"""Read the rules of each jurisdiction from its file: one TOML file is one jurisdiction.

The packaged files lie in ``data``. A user's own file has the same form and adds a jurisdiction; it
cannot take the place of another, so that no list of rules is ever made shorter.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, Final

from downwind.catalogue import Faults, suggest
from downwind.errors import RuleFileError
from downwind.rules._fields import NAME, Fields, read_values
from downwind.rules.checks import CHECKS
from downwind.rules.classes import CLASSIFIERS
from downwind.rules.drafts import unknown_fields
from downwind.rules.records import CLEARINGS, DraftTemplate, Jurisdiction, Rule, Status

_TABLES: Final = ("jurisdiction", "rule", "draft")
_RULE_KEYS: Final = (
    "name", "title", "citation", "version_date", "read_on", "page", "status", "check", "clears",
    "decides", "note", "values",
)  # fmt: skip
_NOT_KNOWN: Final = "not known"


def load_jurisdictions(files: Sequence[Path] = ()) -> dict[str, Jurisdiction]:
    """Return the packaged jurisdictions and those of a user's own files, by their keys.

    Parameters
    ----------
    files : sequence of pathlib.Path
        Rule files of one's own, one a jurisdiction.

    Returns
    -------
    dict
        Of ``Jurisdiction``: those that hold everywhere first.

    Raises
    ------
    RuleFileError
        If a file cannot be read or does not keep the form; ``faults`` names each place.
    """
    found = dict(_load_packaged())
    faults: Faults = []
    today = datetime.fromtimestamp(time.time(), UTC).date()
    for path in files:
        own = read_jurisdiction(_read_text(path), path.name, faults, today)
        if own is None:
            continue
        if own.name in found:
            where = found[own.name].source
            faults.append(
                (f"{path.name}: jurisdiction.key", f"'{own.name}' is that of {where} already")
            )
        else:
            found[own.name] = own
    _check_references(found.values(), faults)
    raise_rule_faults(faults)
    return dict(sorted(found.items(), key=lambda pair: bool(pair[1].countries)))


def read_jurisdiction(
    text: str, where: str, faults: Faults, today: date | None = None
) -> Jurisdiction | None:
    """Read one rule file and gather what is wrong with it.

    Parameters
    ----------
    text : str
        TOML.
    where : str
        What to call the file in messages.
    faults : list
        Takes each place with what is wrong there.
    today : datetime.date, optional
        Dates of reading may not lie after it; they are not held against the clock unless given.

    Returns
    -------
    Jurisdiction or None
        None where it has no key.

    Raises
    ------
    RuleFileError
        If the text is not TOML.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleFileError(
            f"{where} is not TOML: {error}", "mend the line that it names; text needs quotes"
        ) from error
    for key in table:
        if key not in _TABLES:
            faults.append((f"{where}: {key}", f"unknown table{suggest(key, _TABLES)}"))
    head = Fields(table.get("jurisdiction", {}), f"{where}: jurisdiction", faults)
    head.know("key", "title", "countries", "general")
    name = head.text("key", NAME)
    title = head.text("title")
    countries = head.countries("countries")
    general = head.texts("general")
    if not name:
        return None
    rules: dict[str, Rule] = {}
    for i, row in enumerate(_rows(table, "rule", where, faults)):
        rule = _read_rule(row, f"{where}: rule[{i}]", name, faults, today)
        if rule is None:
            continue
        if rule.name in rules:
            faults.append((f"{where}: rule[{i}].name", f"'{rule.name}' stands twice"))
        rules[rule.name] = rule
    if not rules:
        faults.append((f"{where}: rule", "there is none; write [[rule]]"))
    drafts = tuple(
        _read_draft(row, f"{where}: draft[{i}]", name, rules, faults)
        for i, row in enumerate(_rows(table, "draft", where, faults))
    )
    return Jurisdiction(name, title, countries, tuple(rules.values()), where, general, drafts)


def raise_rule_faults(faults: Faults) -> None:
    """Raise RuleFileError with the faults of rule files, if there are any."""
    if faults:
        raise RuleFileError(
            f"the rule files have {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
            + "".join(f"\n  {place}: {text}" for place, text in faults),
            "mend these records; docs/reference/rules.md lists every field and every check",
            tuple(faults),
        )


@cache
def _load_packaged() -> dict[str, Jurisdiction]:
    folder = package_files("downwind.rules").joinpath("data")
    faults: Faults = []
    found: dict[str, Jurisdiction] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            read = read_jurisdiction(entry.read_text("utf-8"), entry.name, faults)
            if read is not None:
                found[read.name] = read
    raise_rule_faults(faults)
    return found


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RuleFileError(
            f"cannot read the rule file {path}: {reason or error}",
            "give the path of a TOML file with rules; docs/reference/rules.md shows its form",
        ) from error


def _rows(table: Mapping[str, Any], name: str, where: str, faults: Faults) -> list[dict[str, Any]]:
    rows = table.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        faults.append((f"{where}: {name}", f"is no list of tables; write [[{name}]]"))
        return []
    return rows


def _read_rule(
    row: dict[str, Any], place: str, jurisdiction: str, faults: Faults, today: date | None
) -> Rule | None:
    fields = Fields(row, place, faults)
    fields.know(*_RULE_KEYS)
    count = len(faults)
    name = fields.text("name", NAME)
    status = fields.choice("status", [status.value for status in Status])
    check = fields.choice("check", CHECKS)
    read_on = fields.day("read_on", today)
    version = None if row.get("version_date") == _NOT_KNOWN else fields.day("version_date", today)
    clears = fields.texts("clears")
    for clearing in clears:
        if clearing not in CLEARINGS:
            why = f"no way of clearing is called '{clearing}'{suggest(clearing, CLEARINGS)}"
            faults.append((f"{place}.clears", why))
    values = (
        read_values(row.get("values", {}), f"{place}.values", CHECKS[check].values, faults)
        if check
        else {}
    )
    title, citation = fields.text("title"), fields.text("citation")
    page, decides = fields.text("page"), fields.text("decides")
    note = fields.text("note") if "note" in row else ""
    if len(faults) > count or read_on is None:
        return None
    return Rule(
        f"{jurisdiction}.{name}",
        jurisdiction,
        title,
        citation,
        version,
        read_on,
        page,
        Status(status),
        check,
        values,
        clears,
        decides,
        note,
    )


def _read_draft(
    row: dict[str, Any], place: str, jurisdiction: str, rules: Iterable[str], faults: Faults
) -> DraftTemplate:
    fields = Fields(row, place, faults)
    fields.know("file", "title", "rule", "text")
    # spaces before the first line are part of the form
    body = row["text"].strip("\n") if fields.text("text") else ""
    draft = DraftTemplate(
        fields.text("file"),
        fields.text("title"),
        f"{jurisdiction}.{fields.text('rule')}",
        body,
    )
    if Path(draft.file).name != draft.file or not draft.file.endswith(".txt"):
        faults.append((f"{place}.file", f"'{draft.file}' is no name of a .txt file"))
    if draft.rule not in rules:
        faults.append((f"{place}.rule", f"no rule of this file is called '{row.get('rule')}'"))
    faults.extend((f"{place}.text", why) for why in unknown_fields(draft.text))
    return draft


def _check_references(found: Iterable[Jurisdiction], faults: Faults) -> None:
    sorting = {
        rule.name: CLASSIFIERS[rule.check][1]
        for jurisdiction in found
        for rule in jurisdiction.rules
        if rule.check in CLASSIFIERS
    }
    for jurisdiction in found:
        for rule in jurisdiction.rules:
            classes, by = rule.values.get("classes"), rule.values.get("class_of")
            place = f"{jurisdiction.source}: {rule.name}.values"
            if classes is None and by is None:
                continue
            if classes is None or by is None:
                faults.append((place, "classes and class_of go together"))
            elif by not in sorting:
                why = f"no rule that sorts balloons is called '{by}'"
                faults.append((f"{place}.class_of", f"{why}{suggest(by, sorting)}"))
            else:
                faults.extend(
                    (f"{place}.classes", f"{by} has no class '{c}'{suggest(c, sorting[by])}")
                    for c in classes
                    if c not in sorting[by]
                )
