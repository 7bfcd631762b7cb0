"""Drafts of notices and applications, filled in with what is computed and what was entered.

A draft is text for a person to check and to file; its form is data, beside the rule that asks for
it. What is not stated stays blank and says so.
"""

from __future__ import annotations

import math
import string
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from downwind.rules.asking import number
from downwind.rules.classes import CLASSIFIERS
from downwind.rules.declared import Declarations
from downwind.rules.facts import BalloonFacts, Facts, LaunchFacts
from downwind.rules.judge import find_asked, sort_balloons
from downwind.rules.records import Jurisdiction
from downwind.times import epoch_to_datetime, format_duration, format_minute

BLANK: Final = "____ (not stated)"
HEADER: Final = (
    "DRAFT. Nothing was sent: a person checks this text, fills in the blanks and files it."
)

COLUMNS: Final = 80
FOOT_M: Final = 0.3048


@dataclass(frozen=True, slots=True)
class Filling:
    """What a draft is filled with.

    Attributes
    ----------
    facts : Facts
    declared : Declarations
    classes : tuple of str
        Lines that say the class of each group by each rule that sorts them.
    now_s : float
    """

    facts: Facts
    declared: Declarations
    classes: tuple[str, ...]
    now_s: float

    @property
    def launch(self) -> LaunchFacts:
        """The launch that it is of."""
        return self.facts.launch


def make_drafts(
    facts: Facts,
    declared: Declarations,
    jurisdictions: Mapping[str, Jurisdiction],
    now_s: float,
) -> dict[str, str]:
    """Fill in the drafts of the jurisdictions whose rules are asked.

    Parameters
    ----------
    facts, declared, jurisdictions, now_s
        As of ``judge.judge``.

    Returns
    -------
    dict
        Text of each file, by its name.
    """
    asked = find_asked(facts, declared, jurisdictions)
    classes = tuple(
        f"{balloon.name}: {found.name} ({jurisdiction.title}: {found.reason})"
        for jurisdiction in asked
        for rule in jurisdiction.rules
        if rule.check in CLASSIFIERS
        for balloon, found in zip(facts.balloons, sort_balloons(rule, facts).values(), strict=True)
    )
    filling = Filling(facts, declared, classes, now_s)
    texts = {}
    for jurisdiction in asked:
        citations = {rule.name: rule.citation for rule in jurisdiction.rules}
        for draft in jurisdiction.drafts:
            names = {name for _, name, _, _ in string.Formatter().parse(draft.text) if name}
            body = draft.text.format_map({name: FIELDS[name](filling) for name in names})
            title = f"{draft.title} ({citations[draft.rule]})"
            made = f"Made {format_minute(now_s)}."
            text = f"{HEADER}\n{made}\n\n{title}\n\n{body.strip(chr(10))}\n"
            texts[draft.file] = _break_lines(text)
    return texts


def unknown_fields(text: str) -> list[str]:
    """Return what is wrong with the names in braces of a template."""
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        return [f"its braces do not fit: {error}"]
    names = [name for _, name, _, _ in parsed if name is not None]
    known = ", ".join(sorted(FIELDS))
    return [
        f"nothing is called '{{{name}}}'; known: {known}" for name in names if name not in FIELDS
    ]


def _break_lines(text: str) -> str:
    """Break lines that are too wide; what follows stands a little further in."""
    lines = []
    for line in text.split("\n"):
        dent = " " * (len(line) - len(line.lstrip()) + 3)
        lines += textwrap.wrap(line, COLUMNS, subsequent_indent=dent, break_on_hyphens=False) or [
            ""
        ]
    return "\n".join(lines)


def _or_blank(text: str) -> str:
    return text or BLANK


def _minutes_place(launch: LaunchFacts) -> str:
    """Return a place as notices have it: ``3745N12629E``, in degrees and minutes."""
    parts = []
    for value, letters, width in ((launch.latitude, "NS", 2), (launch.longitude, "EW", 3)):
        degrees, minutes = divmod(round(abs(value) * 60.0), 60)
        parts.append(f"{degrees:0{width}d}{minutes:02d}{letters[value < 0.0]}")
    return "".join(parts)


def _stamp(epoch_s: float) -> str:
    """Return a time as notices have it, in UTC: ``1504031800``."""
    return epoch_to_datetime(epoch_s).strftime("%y%m%d%H%M")


def _last_release(f: Filling) -> str:
    if f.launch.destination_s is None:
        return BLANK
    # a notice holds whole hours beyond the last release that was computed
    end_s = f.launch.end_s + max(f.launch.destination_s, f.launch.carried_s or 0.0)
    return _stamp(-(-end_s // 3600.0) * 3600.0)


def _duration(seconds: float | None, missing: str) -> str:
    return missing if seconds is None else format_duration(seconds)


def _balloon_lines(f: Filling) -> str:
    return "\n".join(_balloon_line(balloon) for balloon in f.facts.balloons)


def _balloon_line(b: BalloonFacts) -> str:
    packages = "1 package" if len(b.packages) == 1 else f"{len(b.packages)} packages"
    up_to = "not known" if math.isnan(b.highest_m) else _height(b.highest_m)
    return (
        f"  {b.name}: {b.count} x {b.vehicle}, {b.gas}; payload {number(b.payload_kg)} kg in "
        f"{packages}; climbs {b.ascent_rate_ms:.1f} m/s, greatest altitude {up_to}"
    )


def _equipment(f: Filling) -> str:
    lines = [
        f"  {b.name}: {', '.join(b.equipment) if b.equipment else BLANK}" for b in f.facts.balloons
    ]
    return "\n".join(lines)


def _crossings(f: Filling) -> str:
    if f.launch.crossings is None:
        return BLANK
    hit = [c for c in f.launch.crossings if c.probability.hit_draws > 0]
    return "; ".join(f"{c.country} {c.probability.to_text()}" for c in hit) or "none foreseen"


def _heading(f: Filling) -> str:
    heading = f.launch.heading_deg
    return BLANK if heading is None else f"{round(heading) % 360:03d} degrees from north"


def _highest_m(f: Filling) -> str:
    heights = [b.highest_m for b in f.facts.balloons]
    return BLANK if any(math.isnan(h) for h in heights) else _height(max(heights))


def _height(height_m: float) -> str:
    return f"{height_m:,.0f} m ({height_m / FOOT_M:,.0f} ft)"


def _rates(f: Filling) -> str:
    return "; ".join(f"{b.name} {b.ascent_rate_ms:.1f} m/s" for b in f.facts.balloons)


FIELDS: Final[dict[str, Callable[[Filling], str]]] = {
    "operator": lambda f: _or_blank(f.declared.operator.name),
    "address": lambda f: _or_blank(f.declared.operator.address),
    "telephone": lambda f: _or_blank(f.declared.operator.telephone),
    "purpose": lambda f: _or_blank(f.declared.operator.purpose),
    "markings": lambda f: _or_blank(f.declared.operator.markings),
    "recovery": lambda f: _or_blank(f.declared.operator.recovery),
    "blank": lambda _: BLANK,
    "site": lambda f: f.launch.site,
    "country": lambda f: _or_blank(f.launch.country),
    "place": lambda f: f"{f.launch.latitude:.4f}, {f.launch.longitude:.4f}",
    "place_in_minutes": lambda f: _minutes_place(f.launch),
    "first_launch": lambda f: format_minute(f.launch.start_s, f.launch.time_zone),
    "last_launch": lambda f: format_minute(f.launch.end_s, f.launch.time_zone),
    "first_launch_utc": lambda f: format_minute(f.launch.start_s),
    "last_launch_utc": lambda f: format_minute(f.launch.end_s),
    "first_launch_stamp": lambda f: _stamp(f.launch.start_s),
    "last_release_stamp": _last_release,
    "count": lambda f: str(sum(b.count for b in f.facts.balloons)),
    "balloons": _balloon_lines,
    "classes": lambda f: "\n".join(f"  {line}" for line in f.classes) or BLANK,
    "equipment": _equipment,
    "ascent_rates": _rates,
    "highest": _highest_m,
    "through_60000_ft": lambda f: _duration(
        f.launch.climb_s, "60,000 ft (18,288 m) is not reached, or was not computed"
    ),
    "first_release": lambda f: _duration(f.launch.destination_s, BLANK),
    "heading": _heading,
    "crossings": _crossings,
}
"""What a template may name in braces, and how it is written."""
