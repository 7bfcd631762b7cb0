"""What comes of asking rules of a launch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from downwind.rules.records import Rule


class Level(StrEnum):
    """What a finding means for a launch."""

    STOP = "STOP"
    WARNING = "warning"
    CLEARED = "cleared"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule asked of one thing.

    Attributes
    ----------
    rule : Rule
    level : Level
        ``CLEARED``: it applies, and what clears it was entered.
    subject : str
        What it was asked of: ``group discs``, ``site Ganghwa``, ``Japan``.
    text : str
        What was computed, with the numbers and the clause that decided.
    todo : str
        What would clear it; empty where nothing stands open.
    cleared_by : str
        Reference and date of what cleared it.
    """

    rule: Rule
    level: Level
    subject: str
    text: str
    todo: str = ""
    cleared_by: str = ""


@dataclass(frozen=True, slots=True)
class Compliance:
    """All findings of a launch.

    Attributes
    ----------
    findings : tuple of Finding
        Stops first.
    stale : tuple of str
        Sentences about records older than 12 months, and stale zones.
    general : tuple of str
        What stands on every card.
    asked : tuple of str
        Sentences that say whose rules were asked.
    """

    findings: tuple[Finding, ...]
    stale: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What stands open."""
        return tuple(f for f in self.findings if f.level is Level.STOP)
