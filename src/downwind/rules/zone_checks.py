"""Zones that rules ask for: whether they were brought in, how old they are, and who meets them.

No zone is known to the program but those that the crew brings in. A kind of zone that was neither
brought in nor said to be checked is not checked, and that stops.
"""

from __future__ import annotations

from datetime import timedelta

from downwind.rules.asking import Ask, Point, covers, is_hit, local_date, overlaps
from downwind.rules.declared import Checked, Zone
from downwind.rules.findings import Level


def ask_zones(ask: Ask) -> list[Point]:
    """Stop for each kind of zone that is not checked, and for each zone that is met."""
    points: list[Point] = []
    for kind in ask.value("kinds"):
        zones = [z for z in ask.declared.zones if z.kind == kind and _is_asked(ask, z)]
        checked = [c for c in ask.declared.checked if c.kind == kind and _is_asked(ask, c)]
        points += _ask_kind(ask, kind, zones, checked)
    return points


def ask_other_zones(ask: Ask) -> list[Point]:
    """Stop for each zone that is met and that no rule of the launch asks for."""
    points = []
    for zone in ask.declared.zones:
        holds = overlaps(zone.valid_from, zone.valid_until, ask.launch)
        if not holds or is_covered(zone, ask.zones_asked):
            continue
        point = _meet(ask, zone)
        if point is None:
            text = f"this {zone.kind} zone is not met ({zone.source}, {zone.published})"
            point = Point(Level.NOTE, f"zone {zone.region.name}", text)
        points.append(point)
    return points


def is_covered(zone: Zone, asked: frozenset[tuple[str, str]]) -> bool:
    """Whether a rule asks for zones of this kind and jurisdiction.

    Parameters
    ----------
    zone : Zone
    asked : frozenset of tuple of str
        Kinds with the jurisdiction, which is empty where zones of any count.
    """
    return bool({(zone.kind, zone.jurisdiction), (zone.kind, "")} & asked)


def _ask_kind(ask: Ask, kind: str, zones: list[Zone], checked: list[Checked]) -> list[Point]:
    subject = f"{kind} zones"
    holding, passed, is_checked = [], [], bool(checked)
    for zone in zones:
        holds, why = covers(zone.valid_from, zone.valid_until, ask.launch)
        is_checked |= holds
        if not holds:
            passed.append(f"{zone.region.name} {why}")
        if overlaps(zone.valid_from, zone.valid_until, ask.launch):
            holding.append(zone)
    met, missed = [], []
    for zone in holding:
        point = _meet(ask, zone)
        if point is None:
            missed.append(zone)
        else:
            met.append(point)
    if not is_checked:
        text = "not checked" + (f": {'; '.join(passed)}" if passed else "")
        todo = (
            "bring in the official ones with their source and date under [[zone]], or state under "
            "[[zones_checked]] where it was looked up that there is none"
        )
        return [Point(Level.STOP, subject, text, todo, may_be_permitted=False), *met]
    points = met + _ask_age(ask, subject, holding, checked)
    if not met:
        points.append(_clear(ask, subject, missed, checked))
    return points


def _meet(ask: Ask, zone: Zone) -> Point | None:
    facts = next((z for z in ask.launch.zones if z.zone == zone.region.name), None)
    source = f"{zone.source}, {zone.published}"
    subject = f"zone {zone.region.name}"
    todo = "choose another site or hour, or enter the permission or the exception"
    if facts is None:
        text = f"it was not computed whether it is met ({source})"
        return Point(Level.STOP, subject, text, "plan it again with this zone")
    if facts.holds_site and "site" in ask.value("asks"):
        text = f"the site {ask.launch.site} lies in this {zone.kind} zone ({source})"
        return Point(Level.STOP, subject, text, todo)
    if facts.entered is not None and is_hit(facts.entered) and "path" in ask.value("asks"):
        text = f"entered with probability {facts.entered.to_text()} ({source})"
        return Point(Level.STOP, subject, text, todo)
    return None


def _ask_age(ask: Ask, subject: str, zones: list[Zone], checked: list[Checked]) -> list[Point]:
    stale_s = ask.value("stale_after_s")
    if stale_s is None:
        return []
    today = local_date(ask.launch, ask.now_s)
    oldest = today - timedelta(seconds=stale_s)
    entries: list[Zone | Checked] = [*zones, *checked]
    old = [entry for entry in entries if entry.published < oldest]
    if not old:
        return []
    dates = ", ".join(f"{entry.source}, {entry.published}" for entry in old)
    text = f"stale: older than {stale_s / 86_400.0:.0f} days: {dates}"
    todo = "look up whether they still hold, and enter them with the date of today"
    return [Point(Level.WARNING, subject, text, todo, may_be_permitted=False)]


def _clear(ask: Ask, subject: str, zones: list[Zone], checked: list[Checked]) -> Point:
    flown = "path" in ask.value("asks")
    if not zones:
        text = "none was brought in; said to have been looked up"
    elif flown and ask.launch.crossings is None:
        text = f"{len(zones)} looked at, and none holds the site; no flight was made for the path"
    else:
        text = f"{len(zones)} looked at, and none is met"
    entries: list[Zone | Checked] = [*zones, *checked]
    sources = sorted({f"{e.source}, {e.published}" for e in entries})
    return Point(Level.CLEARED, subject, text, cleared_by="; ".join(sources))


def _is_asked(ask: Ask, entry: Zone | Checked) -> bool:
    return ask.is_everywhere or entry.jurisdiction == ask.rule.jurisdiction
