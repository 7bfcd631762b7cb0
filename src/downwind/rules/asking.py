"""What a check is given and what it answers: a rule, the facts, the declarations; points.

Thresholds are reached or passed with a part in 1e9 to spare, so that rounding of a sum decides no
clause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from downwind.landing.intervals import EventProbability
from downwind.rules.declared import Declarations
from downwind.rules.facts import BalloonFacts, Facts, LaunchFacts
from downwind.rules.findings import Level
from downwind.rules.records import Rule
from downwind.times import epoch_to_datetime

FLEET: Final = "the fleet"
ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a rule says of one subject, before permissions are looked at.

    Attributes
    ----------
    level : Level
        ``STOP`` and ``WARNING`` stand open.
    subject, text, todo, cleared_by : str
        As of ``Finding``.
    part : str
        What a permission has to name behind a colon: a country; empty where it names the rule
        alone.
    may_be_permitted : bool
        Whether a permission or an exception clears it, where the rule allows one.
    """

    level: Level
    subject: str
    text: str
    todo: str = ""
    cleared_by: str = ""
    part: str = ""
    may_be_permitted: bool = True


@dataclass(frozen=True, slots=True)
class BalloonClass:
    """The class of a balloon and the clause that decided it.

    Attributes
    ----------
    name : str
    reason : str
        Clause and numbers.
    not_stated : tuple of str
        Keys of the rigging that are not stated and bear on the class.
    is_open : bool
        Whether what is not stated could make it another class.
    """

    name: str
    reason: str
    not_stated: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One rule and what it is asked of.

    Attributes
    ----------
    rule : Rule
    facts : Facts
    declared : Declarations
    now_s : float
        [epoch s]
    classes : mapping
        By the name of a rule that sorts balloons: the class of each group.
    national : tuple of str
        Titles of the jurisdictions that hold at the site and not everywhere.
    is_everywhere : bool
        Whether the rule is of a jurisdiction that holds everywhere.
    zones_asked : frozenset of tuple of str
        Kinds of zones that the rules of the launch ask for, each with the jurisdiction, which is
        empty where zones of any count.
    """

    rule: Rule
    facts: Facts
    declared: Declarations
    now_s: float
    classes: Mapping[str, Mapping[str, BalloonClass]]
    national: tuple[str, ...] = ()
    is_everywhere: bool = False
    zones_asked: frozenset[tuple[str, str]] = frozenset()

    @property
    def launch(self) -> LaunchFacts:
        """The launch that it is asked of."""
        return self.facts.launch

    def value(self, name: str, default: Any = None) -> Any:
        """Return a threshold or another argument of the rule."""
        return self.rule.values.get(name, default)

    def balloons(self) -> tuple[BalloonFacts, ...]:
        """Return the balloons of the classes that the rule is for; all where it names none."""
        wanted = self.value("classes")
        if wanted is None:
            return self.facts.balloons
        sorted_by = self.classes[self.value("class_of")]
        return tuple(b for b in self.facts.balloons if sorted_by[b.name].name in wanted)


def reaches(value: float, least: float) -> bool:
    """Whether a value is a threshold or more."""
    return value >= least * (1.0 - ROUNDING)


def exceeds(value: float, most: float) -> bool:
    """Whether a value is more than a threshold."""
    return value > most * (1.0 + ROUNDING)


def group_title(balloon: BalloonFacts) -> str:
    """Return the subject of a point about a group."""
    return f"group {balloon.name}"


def number(value: float) -> str:
    """Write a number so that what lies just below a threshold does not read as the threshold."""
    return f"{value:.6g}"


def local_date(launch: LaunchFacts, epoch_s: float) -> date:
    """Return the date at the site at a time [epoch s]."""
    return epoch_to_datetime(epoch_s).astimezone(ZoneInfo(launch.time_zone)).date()


def launch_dates(launch: LaunchFacts) -> tuple[date, date]:
    """Return the dates at the site of the first and the last launch."""
    return local_date(launch, launch.start_s), local_date(launch, launch.end_s)


def flies_at_night(launch: LaunchFacts) -> bool:
    """Whether a balloon is launched or carries its load between sunset and sunrise."""
    end_s = launch.end_s + max(launch.destination_s or 0.0, launch.carried_s or 0.0)
    if launch.is_night:
        return True
    edges = [s for s in (launch.sunset_s, launch.sunrise_s) if s is not None]
    return any(launch.start_s <= edge <= end_s for edge in edges)


def is_hit(event: EventProbability | None) -> bool:
    """Whether any draw was hit."""
    return event is not None and event.hit_draws > 0


def covers(
    valid_from: date | None, valid_until: date | None, launch: LaunchFacts
) -> tuple[bool, str]:
    """Tell whether something holds on the dates of a launch, and if not, why not."""
    first, last = launch_dates(launch)
    if valid_from is not None and first < valid_from:
        return False, f"holds from {valid_from}, and the launch is on {first}"
    if valid_until is not None and last > valid_until:
        return False, f"expired on {valid_until}, and the launch is on {last}"
    return True, ""


def overlaps(valid_from: date | None, valid_until: date | None, launch: LaunchFacts) -> bool:
    """Tell whether something holds at any time from the first launch until all balloons are down.

    A permission has to cover a launch; a zone is met on any day of it.
    """
    first = local_date(launch, launch.start_s)
    last = local_date(launch, launch.end_s + (launch.aloft_s or 0.0))
    begins_later = valid_from is not None and valid_from > last
    return not begins_later and (valid_until is None or valid_until >= first)
