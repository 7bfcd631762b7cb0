"""What a rule is: one clause of a law or a standard, with where and when it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

CLEARINGS: Final = (
    "permission",
    "exception",
    "zones",
    "equipment",
    "notice",
    "weather",
    "rigging",
)
"""What can clear a rule: something that the crew enters, by name."""


class Status(StrEnum):
    """What is known of a rule's force."""

    IN_FORCE = "in force"
    STRUCK_DOWN = "struck down"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Rule:
    """One clause and how it is asked of a launch.

    Attributes
    ----------
    name : str
        Key of its own, such as ``kr.act-129-2``; what permissions refer to.
    jurisdiction : str
        Key of its ``Jurisdiction``.
    title : str
        What it asks, in a few words.
    citation : str
        Law and article, as a lawyer would cite it.
    version_date : datetime.date or None
        Of the text that was read; None where it is not known.
    read_on : datetime.date
        When it was read, from which its age counts.
    page : str
        Where it was read: an address, or ``from memory``.
    status : Status
    check : str
        Name of the check, one of a closed set, that asks it of a launch.
    values : mapping
        Thresholds and other arguments of the check, by name, units in the names.
    clears : tuple of str
        What can clear it, out of ``CLEARINGS``; empty where nothing can.
    decides : str
        Who has to decide.
    note : str
        What else a reader has to know.
    """

    name: str
    jurisdiction: str
    title: str
    citation: str
    version_date: date | None
    read_on: date
    page: str
    status: Status
    check: str
    values: Mapping[str, Any]
    clears: tuple[str, ...]
    decides: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DraftTemplate:
    """The text of a notice or an application, with names of facts in braces.

    Attributes
    ----------
    file : str
        Name of the file that it becomes.
    title : str
    rule : str
        Name of the rule that asks for it.
    text : str
    """

    file: str
    title: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whose rules they are, and where they hold.

    Attributes
    ----------
    name : str
        Key, such as ``kr``.
    title : str
    countries : tuple of str
        Countries of the map in which a launch is under these rules; empty: everywhere.
    rules : tuple of Rule
    source : str
        File that they were read from.
    general : tuple of str
        What stands on every card on which its rules are asked.
    drafts : tuple of DraftTemplate
    """

    name: str
    title: str
    countries: tuple[str, ...]
    rules: tuple[Rule, ...]
    source: str
    general: tuple[str, ...] = ()
    drafts: tuple[DraftTemplate, ...] = ()
