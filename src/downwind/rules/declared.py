"""What a crew enters: permissions, zones, notices, observed weather, and who it is.

Each entry carries where it is from and of what date. Nothing is taken for granted: what is not
entered stands open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from downwind.geo.regions import Region

EQUIPMENT: Final = (
    "termination-1",
    "termination-2",
    "envelope-termination-1",
    "envelope-termination-2",
    "radar-reflector",
    "tracking",
    "night-lights",
    "markings",
    "trailing-antenna-pennants",
)
"""What a balloon may carry, by name."""

ZONE_KINDS: Final = ("no-fly", "danger", "restricted", "corridor", "launch-ban")
"""Kinds of zones that rules may ask for."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission, an exception or an authorisation that was given.

    Attributes
    ----------
    rule : str
        Name of the rule that it is of, such as ``kr.act-129-2``, or with the country behind a
        colon, such as ``icao.overflight:Japan``.
    kind : str
        ``permission`` or ``exception``.
    reference : str
        Number or file reference.
    authority : str
        Who gave it.
    given : datetime.date
    valid_from, valid_until : datetime.date or None
        None: not bounded.
    """

    rule: str
    kind: str
    reference: str
    authority: str
    given: date
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of the air or of the ground, from the authority's own publication.

    Attributes
    ----------
    region : Region
    kind : str
        One of ``ZONE_KINDS``.
    jurisdiction : str
        Key of the jurisdiction whose rules ask for it.
    source : str
        Publication that it was taken from.
    published : datetime.date
        Date of that publication.
    valid_from, valid_until : datetime.date or None
    lower_m, upper_m : float
        Heights between which it holds [m above the sea]; infinite where it has no top.
    """

    region: Region
    kind: str
    jurisdiction: str
    source: str
    published: date
    valid_from: date | None
    valid_until: date | None
    lower_m: float
    upper_m: float


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement that the zones of a kind were looked up and that all are here, or none exists.

    Attributes
    ----------
    kind, jurisdiction : str
        As of ``Zone``.
    source : str
    published : datetime.date
    """

    kind: str
    jurisdiction: str
    source: str
    published: date


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was filed.

    Attributes
    ----------
    rule : str
    filed_s : float
        When [epoch s].
    reference : str
    """

    rule: str
    filed_s: float
    reference: str


@dataclass(frozen=True, slots=True)
class SkyEntry:
    """Cloud and visibility that somebody looked up or saw.

    Attributes
    ----------
    source : str
    at_s : float
        When it is of [epoch s].
    cloud_oktas, visibility_m : float or None
    """

    source: str
    at_s: float
    cloud_oktas: float | None
    visibility_m: float | None


@dataclass(frozen=True, slots=True)
class Operator:
    """Who launches, for drafts of notices and applications alone; empty where not stated."""

    name: str = ""
    address: str = ""
    telephone: str = ""
    purpose: str = ""
    markings: str = ""
    recovery: str = ""


@dataclass(frozen=True, slots=True)
class Declarations:
    """All that was entered.

    ``jurisdictions`` are keys of those asked for besides the ones that the site calls for.
    """

    jurisdictions: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    zones: tuple[Zone, ...] = ()
    checked: tuple[Checked, ...] = ()
    notices: tuple[Notice, ...] = ()
    skies: tuple[SkyEntry, ...] = ()
    operator: Operator = Operator()
