"""What is asked of a launch: leave of States, ways over land, weather, night, notice, duties."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from downwind.rules.asking import (
    FLEET,
    Ask,
    Point,
    exceeds,
    flies_at_night,
    is_hit,
    number,
)
from downwind.rules.declared import Notice
from downwind.rules.facts import CrossingFacts, PlaceFacts
from downwind.rules.findings import Level
from downwind.times import format_minute

NAMED_PLACES: Final = 5
"""Places that a sentence names; the rest are counted."""


def ask_authorisation(ask: Ask) -> list[Point]:
    """Stop until the State of the launch has authorised it."""
    country = ask.launch.country
    where = f"launched from {country}" if country else "the site lies in no country of the map"
    if not ask.national:
        where += "; no national rules of it are on file, so ask its authority what else holds"
    return [
        Point(Level.STOP, f"site {ask.launch.site}", where, "obtain the authorisation and enter it")
    ]


def ask_overflight(ask: Ask) -> list[Point]:
    """Stop for each other country that may be flown over or come down in.

    It stops for the countries of the target, where any draw crosses, and where too few draws fly to
    bound the probability; and it warns where a draw leaves the wind data.
    """
    launch, most = ask.launch, ask.value("bound")
    crossed = {c.country: c for c in launch.crossings or () if c.country != launch.country}
    aims = [c for c in ask.facts.target_countries if c != launch.country]
    text = f"the target {ask.facts.target} lies in it"
    points = []
    for country, crossing in crossed.items():
        point = _crossing_point(crossing, most)
        if country in aims:
            point = replace(point, level=Level.STOP, text=f"{text}; {point.text}")
        points.append(point)
    points += [
        Point(Level.STOP, country, text, _TODO_STATE, part=country)
        for country in aims
        if country not in crossed
    ]
    if launch.unmet is not None and exceeds(launch.unmet.high, most):
        bound = f"{100.0 * launch.unmet.high:.3g} %"
        where = f"no draw meets one that is not named here, which bounds each by {bound} alone"
        todo = f"fly more draws, until the bound is below {100.0 * most:.3g} %"
        points.append(Point(Level.WARNING, "other States", where, todo, may_be_permitted=False))
    if is_hit(launch.left_data):
        assert launch.left_data is not None
        where = f"leaves the wind data with probability {launch.left_data.to_text()}"
        todo = "bring wind data that reach further, and plan it again"
        points.append(
            Point(
                Level.WARNING,
                "beyond the wind data",
                f"{where}; over which States it flies from there is not known",
                todo,
                may_be_permitted=False,
            )
        )
    return points


def ask_low_path(ask: Ask) -> list[Point]:
    """Stop where the path is low over towns."""
    if ask.launch.below_low is None or not ask.balloons():
        return []
    height = f"{number(ask.value('height_m'))} m"
    draws = ask.launch.below_low[0].probability if ask.launch.below_low else None
    hit = [place for place in ask.launch.below_low if is_hit(place.probability)]
    subject = f"site {ask.launch.site}"
    if not hit:
        of = "" if draws is None else f" in {draws.draws} draws"
        return [Point(Level.NOTE, subject, f"no town lies under the path below {height}{of}")]
    text = f"below {height} it flies over {_list_places(hit)}"
    todo = "choose another site or hour, or climb faster"
    return [Point(Level.STOP, subject, text, todo)]


def ask_airports(ask: Ask) -> list[Point]:
    """Stop where an airport is near the site."""
    within_m = ask.value("within_m")
    near = [
        p for p in ask.launch.near if p.kind == "airport" and not exceeds(p.distance_m, within_m)
    ]
    if not near or not ask.balloons():
        return []
    listed = "; ".join(f"{p.name} {p.distance_m / 1000.0:.1f} km" for p in near)
    text = f"within {within_m / 1000.0:.3g} km of the site: {listed}"
    todo = "obtain the authorisation of air traffic control and enter it"
    return [Point(Level.STOP, f"site {ask.launch.site}", text, todo)]


def ask_weather(ask: Ask) -> list[Point]:
    """Stop in too much cloud or too low visibility, or where they are not known."""
    groups = ask.balloons()
    if not groups:
        return []
    oktas, visibility_m = ask.launch.cloud_oktas, ask.launch.visibility_m
    most, least_m = ask.value("most_oktas"), ask.value("least_visibility_m")
    seen = [
        "cloud not known" if oktas is None else f"cloud {number(oktas)} oktas",
        "visibility not known"
        if visibility_m is None
        else f"visibility {visibility_m / 1000.0:.4g} km",
    ]
    names = ", ".join(b.name for b in groups)
    asked = f"asked: at most {number(most)} oktas, at least {least_m / 1000.0:.4g} km"
    text = f"for {names}: {' and '.join(seen)}; {asked}"
    subject = f"site {ask.launch.site}"
    if oktas is None or visibility_m is None:
        todo = "look up what is not known and enter it under [[sky]]"
        return [Point(Level.STOP, subject, text, todo)]
    if exceeds(oktas, most) or exceeds(least_m, visibility_m):
        return [Point(Level.STOP, subject, text, "wait for better weather, or another hour")]
    return [Point(Level.CLEARED, subject, text, cleared_by="the weather of the launch hour")]


def ask_night(ask: Ask) -> list[Point]:
    """Stop a flight between sunset and sunrise."""
    if not flies_at_night(ask.launch) or not ask.balloons():
        return []
    launch = ask.launch
    edges = [
        f"{name} {format_minute(at, launch.time_zone)}"
        for name, at in (("sunset", launch.sunset_s), ("sunrise", launch.sunrise_s))
        if at is not None
    ]
    text = "flies between sunset and sunrise" + (f" ({', '.join(edges)})" if edges else "")
    return [Point(Level.STOP, f"site {launch.site}", text, "obtain the approval and enter it")]


def ask_notice(ask: Ask) -> list[Point]:
    """Stop where a notice is due and not filed, or was not filed in its time."""
    groups = ask.balloons()
    if not groups:
        return []
    zone, start_s = ask.launch.time_zone, ask.launch.start_s
    closes_s = start_s - ask.value("closes_s")
    opens_after = ask.value("opens_s")
    opens_s = None if opens_after is None else start_s - opens_after
    window = f"until {format_minute(closes_s, zone)}"
    if opens_s is not None:
        window = f"from {format_minute(opens_s, zone)} {window}"
    subject = f"site {ask.launch.site}"
    filed = [notice for notice in ask.declared.notices if notice.rule == ask.rule.name]
    for notice in filed:
        if _is_in_time(notice, opens_s, closes_s, ask.now_s):
            when = format_minute(notice.filed_s, zone)
            return [
                Point(
                    Level.CLEARED,
                    subject,
                    f"due {window}",
                    cleared_by=f"notice {notice.reference}, filed {when}",
                )
            ]
    if filed:
        whens = ", ".join(f"{n.reference} {format_minute(n.filed_s, zone)}" for n in filed)
        text = f"due {window}, but filed outside of it or after this hour: {whens}"
        todo = "file it in its time, or choose another hour"
        return [Point(Level.STOP, subject, text, todo)]
    if ask.now_s > closes_s:
        text = f"too late: it was due {window}"
        return [Point(Level.STOP, subject, text, "choose a later launch")]
    todo = "file it and enter it under [[notice]]"
    if opens_s is not None and ask.now_s < opens_s:
        return [Point(Level.WARNING, subject, f"not yet due: file it {window}", todo)]
    return [Point(Level.STOP, subject, f"due {window}, and not filed", todo)]


def ask_sending(ask: Ask) -> list[Point]:
    """Say that sending things to a country needs leave, where the target lies in it."""
    hit = [c for c in ask.facts.target_countries if c in ask.value("countries")]
    level = {"stop": Level.STOP, "warning": Level.WARNING, "note": Level.NOTE}[ask.value("level")]
    todo = "" if level is Level.NOTE else "obtain the approval and enter it"
    return [
        Point(level, country, f"the target {ask.facts.target} lies in it", todo) for country in hit
    ]


def ask_residents(ask: Ask) -> list[Point]:
    """Say who lives under the low part of the path."""
    places = ask.launch.below_low
    text = "the risk to residents is part of the plan"
    if places is None:
        text += "; no flight was made for it here"
    else:
        hit = [place for place in places if is_hit(place.probability)]
        text += f"; under the low part of the path: {_list_places(hit) if hit else 'no town'}"
    return [Point(Level.NOTE, f"site {ask.launch.site}", text)]


def ask_duty(ask: Ask) -> list[Point]:
    """Say what has to be done that no figure shows."""
    groups = ask.balloons()
    if not groups:
        return []
    is_all = len(groups) == len(ask.facts.balloons)
    subject = FLEET if is_all else ", ".join(f"group {b.name}" for b in groups)
    return [Point(Level.NOTE, subject, ask.value("says"))]


_TODO_STATE: Final = "obtain that State's authorisation and enter it with the country"


def _crossing_point(crossing: CrossingFacts, most: float) -> Point:
    event, country = crossing.probability, crossing.country
    text = f"it is flown over, or something comes down there: {event.to_text()}"
    if event.hit_draws > 0:
        return Point(Level.STOP, country, text, _TODO_STATE, part=country)
    if exceeds(event.high, most):
        todo = f"fly more draws, until the bound is below {100.0 * most:.3g} %, or {_TODO_STATE}"
        return Point(Level.STOP, country, text, todo, part=country)
    text += f"; below {100.0 * most:.3g} %, which counts as not foreseen"
    return Point(Level.WARNING, country, text, _TODO_STATE, part=country)


def _is_in_time(notice: Notice, opens_s: float | None, closes_s: float, now_s: float) -> bool:
    is_open = opens_s is None or notice.filed_s >= opens_s
    return is_open and notice.filed_s <= closes_s and notice.filed_s <= now_s


def _list_places(places: list[PlaceFacts]) -> str:
    ordered = sorted(places, key=lambda p: -(p.probability.probability if p.probability else 0.0))
    named = []
    for place in ordered[:NAMED_PLACES]:
        people = f", {place.people:,} people" if place.people else ""
        chance = f" ({place.probability.to_text()}{people})" if place.probability else ""
        named.append(f"{place.name}{chance}")
    more = len(ordered) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")
