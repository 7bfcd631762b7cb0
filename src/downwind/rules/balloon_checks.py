"""What is asked of each balloon as it is rigged: load, altitude, equipment, impact, litter."""

from __future__ import annotations

import math

from downwind.rules.asking import (
    FLEET,
    Ask,
    Point,
    exceeds,
    flies_at_night,
    group_title,
    number,
    reaches,
)
from downwind.rules.facts import BalloonFacts
from downwind.rules.findings import Level


def ask_load(ask: Ask) -> list[Point]:
    """Stop each balloon whose payload is of a mass or more."""
    limit_kg = ask.value("at_least_kg")
    points = []
    for balloon in ask.balloons():
        text = f"hangs {number(balloon.payload_kg)} kg; asked from {number(limit_kg)} kg"
        if reaches(balloon.payload_kg, limit_kg):
            todo = "obtain it and enter its number"
            points.append(Point(Level.STOP, group_title(balloon), text, todo))
        else:
            points.append(Point(Level.NOTE, group_title(balloon), f"{text}: not asked of it"))
    return points


def ask_altitude(ask: Ask) -> list[Point]:
    """Stop a fleet that flies as high as an altitude or higher, or how high is not known."""
    limit_m = ask.value("at_least_m")
    high = [b for b in ask.balloons() if math.isnan(b.highest_m) or reaches(b.highest_m, limit_m)]
    if not high:
        return []
    groups = ", ".join(f"{b.name} {_height_text(b.highest_m)}" for b in high)
    text = f"flies up to {groups} above the sea; asked from {number(limit_m)} m"
    return [Point(Level.STOP, FLEET, text, "obtain the approval and enter it")]


def ask_equipment(ask: Ask) -> list[Point]:
    """Stop each balloon that lacks what it has to carry."""
    if ask.value("at_night") and not flies_at_night(ask.launch):
        return []
    points = []
    for balloon in ask.balloons():
        if ask.value("polyethylene") and not balloon.is_polyethylene:
            continue
        missing = [name for name in ask.value("all_of", ()) if name not in balloon.equipment]
        any_of = ask.value("any_of", ())
        if any_of and not set(any_of) & set(balloon.equipment):
            missing.append(" or ".join(any_of))
        points.append(_equipment_point(ask, balloon, missing))
    return points


def ask_impact(ask: Ask) -> list[Point]:
    """Warn of what lands with more energy than a limit, and say what everything lands with."""
    limit_j = ask.value("energy_j")
    points = []
    for balloon in ask.balloons():
        items = [item for item in balloon.items if math.isfinite(item.energy_j)]
        hard = [item for item in items if exceeds(item.energy_j, limit_j)]
        if not items:
            continue
        listed = "; ".join(f"{item.title} {energy_text(item.energy_j)}" for item in items)
        text = f"one in twenty lands with {listed}; the limit is {limit_j:.1f} J"
        if hard:
            names = ", ".join(item.title for item in hard)
            todo = f"keep people clear of where these may come down: {names}"
            points.append(Point(Level.WARNING, group_title(balloon), text, todo))
        else:
            points.append(Point(Level.NOTE, group_title(balloon), text))
    return points


def ask_litter(ask: Ask) -> list[Point]:
    """Say how much plastic comes down."""
    parts: dict[str, float] = {}
    for balloon in ask.balloons():
        for item in balloon.items:
            if item.plastic_kg > 0.0:
                parts[item.title] = parts.get(item.title, 0.0) + item.plastic_kg
    if not parts:
        return [Point(Level.NOTE, FLEET, "no plastic is stated of anything that comes down")]
    listed = "; ".join(f"{title} {kg:,.2f} kg" for title, kg in parts.items())
    text = f"{sum(parts.values()):,.2f} kg of plastic comes down: {listed}"
    return [Point(Level.NOTE, FLEET, f"{text}; the landing shares say where")]


def energy_text(energy_j: float) -> str:
    """Write an impact energy [J] with three digits."""
    return f"{energy_j:.3g} J" if energy_j < 1_000.0 else f"{energy_j:,.0f} J"


def _height_text(height_m: float) -> str:
    return "to a height not known" if math.isnan(height_m) else f"{height_m:,.0f} m"


def _equipment_point(ask: Ask, balloon: BalloonFacts, missing: list[str]) -> Point:
    subject = group_title(balloon)
    found = "" if ask.value("classes") is None else _class_text(ask, balloon)
    if missing:
        named = ", ".join(missing)
        todo = f"fit what is missing and name it in balloon.rigging.equipment: {named}"
        return Point(Level.STOP, subject, f"{found}does not carry: {named}", todo)
    needed = set(ask.value("all_of", ())) | set(ask.value("any_of", ()))
    carried = ", ".join(name for name in balloon.equipment if name in needed)
    return Point(
        Level.CLEARED,
        subject,
        f"{found}carries what is asked",
        cleared_by=f"stated to be carried: {carried}",
    )


def _class_text(ask: Ask, balloon: BalloonFacts) -> str:
    return f"{ask.classes[ask.value('class_of')][balloon.name].name}, "
