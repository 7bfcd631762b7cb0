"""Read what a mission enters for the rules: permissions, zones, notices, sky, operator, rigging.

What is entered carries where it is from and of what date. Here it is held against itself and
against the names that rules have; whether it clears anything is for the rules to say.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from downwind.errors import DownwindError, RegionError
from downwind.geo.atlas import find_country
from downwind.geo.regions import region_from_geojson
from downwind.plan.faults import Faults
from downwind.plan.mission import Rigging
from downwind.plan.mission_model import MissionModel
from downwind.plan.mission_model_rules import RiggingTable
from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.declared import (
    Checked,
    Declarations,
    Notice,
    Operator,
    Permission,
    SkyEntry,
    Zone,
)
from downwind.rules.naming import COLON, notice_fault, permission_fault
from downwind.rules.records import Jurisdiction
from downwind.times import clock_s, format_utc

_EASTERNMOST: Final = timedelta(hours=14)
"""How far the day may be ahead of UTC somewhere on earth."""


def read_rigging(table: RiggingTable) -> Rigging:
    """Turn ``[balloon.rigging]`` into what the program holds."""
    return Rigging(
        table.packages, table.smallest_face, table.suspension, tuple(dict.fromkeys(table.equipment))
    )


def read_rule_files(
    model: MissionModel, folder: Path, hasher: Any
) -> tuple[tuple[Path, ...], dict[str, Jurisdiction]]:
    """Read the rule files of a mission, which count in its digest, beside those that are packaged.

    Parameters
    ----------
    model : MissionModel
    folder : pathlib.Path
        Beside which they lie.
    hasher : hash object

    Returns
    -------
    tuple
        The files, and all jurisdictions by name.

    Raises
    ------
    DownwindError
        If one of them is not there or not sound.
    """
    files = tuple(folder / name for name in model.rules.files)
    try:
        known = load_jurisdictions(files)
    except DownwindError as error:
        error.message = f"rules.files: {error.message}"
        raise
    for path in files:
        hasher.update(path.read_bytes())
    return files, known


def find_rule_faults(model: MissionModel, known: Mapping[str, Jurisdiction]) -> Faults:
    """Return what is wrong with the entries for the rules as they stand in the file.

    Parameters
    ----------
    model : MissionModel
    known : mapping
        Jurisdictions by name.
    """
    faults: Faults = []
    today = (datetime.fromtimestamp(clock_s(), UTC) + _EASTERNMOST).date()
    for i, name in enumerate(model.rules.jurisdictions):
        faults += _unknown(f"rules.jurisdictions[{i}]", "jurisdiction", name, known)
    for i, entry in enumerate(model.permission):
        at = f"permission[{i}]"
        wrong = permission_fault(entry.rule, entry.kind, known)
        faults += _rule_faults(f"{at}.rule", entry.rule, wrong)
        faults += _future(f"{at}.given", entry.given, today)
        faults += _order(at, entry.valid_from, entry.valid_until)
        if entry.valid_until is not None and entry.valid_until < entry.given:
            text = f"lies before the permission was given, {entry.given}"
            faults.append((f"{at}.valid_until", text))
    names = [zone.name for zone in model.zone]
    for i, zone in enumerate(model.zone):
        at = f"zone[{i}]"
        faults += _unknown(f"{at}.jurisdiction", "jurisdiction", zone.jurisdiction, known)
        faults += _future(f"{at}.date", zone.date, today)
        faults += _order(at, zone.valid_from, zone.valid_until)
        if zone.name in names[:i]:
            text = f"'{zone.name}' names two zones; each needs a name of its own"
            faults.append((f"{at}.name", text))
        if not zone.lower < zone.upper:
            faults.append((f"{at}.upper", "is not above lower; heights are above the sea"))
    for i, checked in enumerate(model.zones_checked):
        at = f"zones_checked[{i}]"
        faults += _unknown(f"{at}.jurisdiction", "jurisdiction", checked.jurisdiction, known)
        faults += _future(f"{at}.date", checked.date, today)
    for i, notice in enumerate(model.notice):
        wrong = notice_fault(notice.rule, known)
        faults += _rule_faults(f"notice[{i}].rule", notice.rule, wrong)
        if notice.filed > clock_s():
            text = f"{format_utc(notice.filed)} lies ahead; enter a notice once it is filed"
            faults.append((f"notice[{i}].filed", text))
    faults += [
        (f"sky[{i}]", "says nothing; give cloud_oktas, visibility or both")
        for i, sky in enumerate(model.sky)
        if sky.cloud_oktas is None and sky.visibility is None
    ]
    return faults


def read_declarations(model: MissionModel, folder: Path, hasher: Any) -> Declarations:
    """Turn the entries for the rules into what the program holds; zones count in the digest.

    Parameters
    ----------
    model : MissionModel
        Without faults.
    folder : pathlib.Path
        Beside which the outlines of the zones lie.
    hasher : hash object

    Raises
    ------
    RegionError
        If an outline is not there or not sound; it names the place.
    """
    zones = []
    for i, table in enumerate(model.zone):
        path = folder / table.geojson
        try:
            region = region_from_geojson(path, table.name)
        except DownwindError as error:
            error.message = f"zone[{i}].geojson: {error.message}"
            raise
        hasher.update(path.read_bytes())
        zones.append(
            Zone(
                region,
                table.kind,
                table.jurisdiction,
                table.source,
                table.date,
                table.valid_from,
                table.valid_until,
                table.lower,
                table.upper,
            )
        )
    return Declarations(
        jurisdictions=tuple(dict.fromkeys(model.rules.jurisdictions)),
        permissions=tuple(
            Permission(
                _name_country(p.rule),
                p.kind,
                p.reference,
                p.authority,
                p.given,
                p.valid_from,
                p.valid_until,
            )
            for p in model.permission
        ),
        zones=tuple(zones),
        checked=tuple(
            Checked(c.kind, c.jurisdiction, c.source, c.date) for c in model.zones_checked
        ),
        notices=tuple(
            Notice(_name_country(n.rule), float(n.filed), n.reference) for n in model.notice
        ),
        skies=tuple(
            SkyEntry(s.source, float(s.at), s.cloud_oktas, s.visibility) for s in model.sky
        ),
        operator=Operator(**model.operator.model_dump()),
    )


def _rule_faults(place: str, name: str, wrong: str) -> Faults:
    """Return what is wrong with the name of a rule, or with the country behind its colon."""
    if wrong:
        return [(place, wrong)]
    faults: Faults = []
    _, colon, country = name.partition(COLON)
    if colon:
        try:
            find_country(country)
        except RegionError as error:
            faults.append((place, f"{error.message}; {error.hint}"))
    return faults


def _name_country(rule: str) -> str:
    """Return the name of a rule with the country behind its colon as the map writes it."""
    name, colon, country = rule.partition(COLON)
    return f"{name}{COLON}{find_country(country).name}" if colon else name


def _unknown(place: str, what: str, name: str, known: Mapping[str, Any] | list[str]) -> Faults:
    if name in known:
        return []
    close = difflib.get_close_matches(name, list(known), 1)
    hint = f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(sorted(known))}"
    return [(place, f"no {what} is called '{name}'{hint}")]


def _future(place: str, day: date, today: date) -> Faults:
    return [(place, f"{day} lies ahead; today is {today}")] if day > today else []


def _order(place: str, first: date | None, last: date | None) -> Faults:
    if first is None or last is None or first <= last:
        return []
    return [(f"{place}.valid_until", f"{last} lies before valid_from, {first}")]
