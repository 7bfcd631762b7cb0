"""The keys of a mission file that rules ask for: permissions, zones, notices, sky, operator."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from downwind.plan.mission_base import Day, Instant, Length, Table, Text, quantity
from downwind.rules.declared import EQUIPMENT, ZONE_KINDS
from downwind.units import parse_quantity

_FLIGHT_LEVEL: Final = re.compile(r"FL\s*(\d{1,3})", re.IGNORECASE)
_LEVEL_M: Final = 100 * 0.3048


def _parse_height(value: Any) -> float:
    """Return a height above the sea [m]: a length, a flight level, ``ground`` or ``unlimited``.

    A flight level is taken at its height in the standard atmosphere.
    """
    if value == "ground":
        return float("-inf")
    if value == "unlimited":
        return float("inf")
    if isinstance(value, str) and (level := _FLIGHT_LEVEL.fullmatch(value.strip())):
        return int(level[1]) * _LEVEL_M
    try:
        return parse_quantity(value, "length")
    except ValueError as error:
        raise ValueError(f'{error}; "FL130", "ground" and "unlimited" are taken too') from None


def _one_of(what: str, known: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            close = difflib.get_close_matches(value, known, 1)
            hint = f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"
            raise ValueError(f"no {what} is called so{hint}")
        return value

    return AfterValidator(check)


Height = Annotated[float, BeforeValidator(_parse_height)]
ZoneKind = Annotated[str, _one_of("kind of zone", ZONE_KINDS)]
Equipment = Annotated[str, _one_of("equipment", EQUIPMENT)]


class RulesTable(Table):
    """``[rules]``: whose rules are asked besides those of the site, and rule files of one's own."""

    jurisdictions: Annotated[list[Text], Field(max_length=20)] = []
    files: Annotated[list[Text], Field(max_length=20)] = []


class PermissionTable(Table):
    """``[[permission]]``."""

    rule: Text
    kind: Literal["permission", "exception"] = "permission"
    reference: Text
    authority: Text
    given: Day
    valid_from: Day | None = None
    valid_until: Day | None = None


class ZoneTable(Table):
    """``[[zone]]``."""

    geojson: Text
    name: Text
    kind: ZoneKind
    jurisdiction: Text
    source: Text
    date: Day
    valid_from: Day | None = None
    valid_until: Day | None = None
    lower: Height = float("-inf")
    upper: Height = float("inf")


class ZonesCheckedTable(Table):
    """``[[zones_checked]]``: all zones of a kind are here, or there is none."""

    kind: ZoneKind
    jurisdiction: Text
    source: Text
    date: Day


class NoticeTable(Table):
    """``[[notice]]``."""

    rule: Text
    filed: Instant
    reference: Text


class SkyTable(Table):
    """``[[sky]]``: cloud and visibility that somebody looked up or saw."""

    source: Text
    at: Instant
    cloud_oktas: Annotated[float, Field(ge=0, le=8)] | None = None
    visibility: Annotated[Length, Field(ge=0, le=200_000)] | None = None


class OperatorTable(Table):
    """``[operator]``: for drafts of notices and applications alone."""

    name: str = ""
    address: str = ""
    telephone: str = ""
    purpose: str = ""
    markings: str = ""
    recovery: str = ""


class RiggingTable(Table):
    """``[balloon.rigging]``."""

    packages: Annotated[int, Field(ge=1, le=100)] = 1
    smallest_face: Annotated[float, quantity("area"), Field(gt=0, le=100)] | None = None
    suspension: Annotated[float, quantity("force"), Field(gt=0, le=1e6)] | None = None
    equipment: list[Equipment] = []
