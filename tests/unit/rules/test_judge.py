"""Whose rules are asked, and that an entry clears exactly what it is of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.declared import Declarations, Notice
from downwind.rules.facts import Facts, PlaceFacts
from downwind.rules.findings import Compliance, Level
from downwind.rules.judge import is_stale, judge
from downwind.rules.records import Status
from downwind.times import parse_time
from tests.rule_facts import (
    NOW_S,
    START_S,
    declare,
    make_balloon,
    make_checked,
    make_facts,
    make_permission,
)

JURISDICTIONS = load_jurisdictions()
DAY_S = 86_400.0

# what is entered: stops that it clears
ENTRIES: dict[str, tuple[str, Any, set[tuple[str, str]]]] = {
    "launch State": (
        "permissions",
        make_permission("icao.launch-state"),
        {("icao.launch-state", "site Ganghwa")},
    ),
    "overflight": (
        "permissions",
        make_permission("icao.overflight:North Korea"),
        {("icao.overflight", "North Korea")},
    ),
    "restricted": (
        "checked",
        make_checked("restricted"),
        {("icao.areas", "restricted zones")},
    ),
    "corridor": ("checked", make_checked("corridor"), {("icao.areas", "corridor zones")}),
    "no-fly": ("checked", make_checked("no-fly"), {("kr.act-127-5", "no-fly zones")}),
    "danger": ("checked", make_checked("danger"), {("kr.disaster-41", "danger zones")}),
    "load": (
        "permissions",
        make_permission("kr.act-129-2"),
        {("kr.act-129-2", "group discs")},
    ),
    "altitude": ("permissions", make_permission("kr.rule-308"), {("kr.rule-308", "the fleet")}),
    "night": (
        "permissions",
        make_permission("kr.rule-310-night"),
        {("kr.rule-310-night", "site Ganghwa")},
    ),
    "crowds": (
        "permissions",
        make_permission("kr.rule-310-crowds"),
        {("kr.rule-310-crowds", "site Ganghwa")},
    ),
    "towns": (
        "permissions",
        make_permission("icao.towns"),
        {("icao.towns", "site Ganghwa")},
    ),
    "weather": (
        "permissions",
        make_permission("icao.weather"),
        {("icao.weather", "site Ganghwa")},
    ),
    "notice": (
        "notices",
        Notice("icao.notice", START_S - 8 * DAY_S, "N-8"),
        {("icao.notice", "site Ganghwa")},
    ),
    "termination": (
        "equipment",
        ("termination-1", "termination-2"),
        {("icao.termination", "group discs")},
    ),
    "envelope": (
        "equipment",
        ("envelope-termination-1", "envelope-termination-2"),
        {("icao.envelope-termination", "group discs")},
    ),
    "radar": ("equipment", ("radar-reflector",), {("icao.tracking", "group discs")}),
    "lights": ("equipment", ("night-lights",), {("icao.lights", "group discs")}),
}


def enter(*names: str) -> tuple[Facts, Declarations]:
    """Return the launch with these entries made."""
    lists: dict[str, tuple[Any, ...]] = {}
    equipment: tuple[str, ...] = ()
    for name in names:
        where, entry, _ = ENTRIES[name]
        if where == "equipment":
            equipment += entry
        else:
            lists[where] = (*lists.get(where, ()), entry)
    return make_facts(make_balloon(7.0, equipment=equipment)), declare(**lists)


def open_stops(compliance: Compliance) -> set[tuple[str, str]]:
    return {(stop.rule.name, stop.subject) for stop in compliance.stops}


def ask(facts: Facts, declared: Declarations, now_s: float = NOW_S) -> Compliance:
    return judge(facts, declared, JURISDICTIONS, now_s)


ALL_STOPS = open_stops(ask(*enter()))


def test_given_a_launch_without_entries_when_asked_then_every_stop_has_an_entry_that_clears_it():
    assert set().union(*(cleared for _, _, cleared in ENTRIES.values())) == ALL_STOPS
    assert len(ALL_STOPS) == 17


@pytest.mark.parametrize("name", ENTRIES)
def test_given_one_entry_when_asked_then_it_clears_exactly_its_own(name: str) -> None:
    assert ALL_STOPS - open_stops(ask(*enter(name))) == ENTRIES[name][2]


def test_given_all_entries_when_asked_then_no_stop_stands_open():
    found = ask(*enter(*ENTRIES))
    assert open_stops(found) == set()
    cleared = {f.rule.name: f.cleared_by for f in found.findings if f.level is Level.CLEARED}
    assert cleared["kr.act-129-2"] == "permission A-17 of the authority, 2027-01-05"
    assert cleared["icao.notice"].startswith("notice N-8, filed 2027-03-02 21:00 KST")


US_ENTRIES: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "cutdown": ("equipment", {"equipment": ("termination-1", "termination-2")}, {"101-35-cutdown"}),
    "envelope": (
        "equipment",
        {"equipment": ("envelope-termination-1", "envelope-termination-2")},
        {"101-35-envelope"},
    ),
    "radar": ("equipment", {"equipment": ("radar-reflector",)}, {"101-35-radar"}),
    "lights": ("equipment", {"equipment": ("night-lights",)}, {"101-35-lights"}),
    "notice": ("declared", {"notices": (Notice("us.101-37", NOW_S - 60.0, "N"),)}, {"101-37"}),
    "airport": (
        "declared",
        {"permissions": (make_permission("us.101-33-airspace"),)},
        {"101-33-airspace"},
    ),
    "weather": ("facts", {"cloud_oktas": 4.0, "visibility_m": 8_047.0}, {"101-33-weather"}),
    "site": ("facts", {"below_low": ()}, {"101-33-towns"}),
    "zones": (
        "declared",
        {"checked": (make_checked("no-fly", "us"), make_checked("restricted", "us"))},
        {"101-5"},
    ),
}


def ask_part_101(*names: str) -> set[str]:
    """Return the open rules of part 101 for a subject balloon with these entries made."""
    made: dict[str, dict[str, Any]] = {"equipment": {"equipment": ()}, "declared": {}, "facts": {}}
    for name in names:
        where, entry, _ = US_ENTRIES[name]
        for key, value in entry.items():
            held = made[where].get(key, ())
            made[where][key] = held + value if isinstance(value, tuple) else value
    facts = make_facts(
        make_balloon(7.0, **made["equipment"]),
        country="United States of America",
        near=(PlaceFacts("Field (KXYZ)", "airport", 5_000.0, None),),
        **made["facts"],
    )
    found = ask(facts, declare(**made["declared"]))
    return {f.rule.name.removeprefix("us.") for f in found.stops if f.rule.jurisdiction == "us"}


def test_given_part_101_when_each_entry_is_made_then_it_clears_exactly_its_own():
    every = ask_part_101()
    assert every == set().union(*(cleared for _, _, cleared in US_ENTRIES.values()))
    for name, (_, _, cleared) in US_ENTRIES.items():
        assert every - ask_part_101(name) == cleared, name
    assert ask_part_101(*US_ENTRIES) == set()


def test_given_findings_when_listed_then_stops_come_first_and_notes_last():
    order = [Level.STOP, Level.WARNING, Level.CLEARED, Level.NOTE]
    found = [order.index(f.level) for f in ask(*enter("load")).findings]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"valid_until": date(2027, 3, 9)}, "expired on 2027-03-09"),
        ({"valid_from": date(2027, 3, 11)}, "holds from 2027-03-11"),
        ({"given": date(2027, 3, 11)}, "which has not come"),
        ({"kind": "exception"}, "what clears this rule is permission"),
        ({"valid_from": date(2027, 3, 10), "valid_until": date(2027, 3, 10)}, ""),
    ],
)
def test_given_the_dates_of_a_permission_when_asked_then_only_one_that_holds_clears(
    changes: dict[str, Any], word: str
) -> None:
    permission = replace(make_permission("kr.act-129-2"), **changes)
    found = ask(make_facts(), declare(permissions=(permission,)))
    (load,) = [f for f in found.findings if f.rule.name == "kr.act-129-2"]
    assert load.level is (Level.STOP if word else Level.CLEARED)
    assert word in load.text


def test_given_a_launch_past_midnight_at_the_site_when_asked_then_its_own_date_counts():
    permission = make_permission("kr.act-129-2", valid_until=date(2027, 3, 10))
    for start, level in (("23:40", Level.CLEARED), ("23:55", Level.STOP)):
        start_s = parse_time(f"2027-03-10T{start}+09:00")
        facts = make_facts(start_s=start_s, end_s=start_s + 600.0)
        found = ask(facts, declare(permissions=(permission,)))
        (load,) = [f for f in found.findings if f.rule.name == "kr.act-129-2"]
        assert load.level is level


def test_given_a_permission_for_one_country_when_asked_then_no_other_is_cleared():
    declared = declare(permissions=(make_permission("icao.overflight:Japan"),))
    assert open_stops(ask(make_facts(), declared)) == ALL_STOPS
    bare = declare(permissions=(make_permission("icao.overflight"),))
    assert open_stops(ask(make_facts(), bare)) == ALL_STOPS


@pytest.mark.parametrize(
    ("country", "named", "asked"),
    [
        ("South Korea", (), {"icao", "safety", "kr"}),
        ("Poland", (), {"icao", "safety"}),
        ("", (), {"icao", "safety"}),
        ("Puerto Rico", (), {"icao", "safety", "us"}),
        ("Poland", ("us",), {"icao", "safety", "us"}),
    ],
)
def test_given_a_site_when_asked_then_its_rules_and_those_named_hold(
    country: str, named: tuple[str, ...], asked: set[str]
) -> None:
    found = ask(make_facts(country=country), declare(jurisdictions=named))
    assert {f.rule.jurisdiction for f in found.findings} == asked
    assert len(found.asked) == len(asked)


def test_given_records_older_than_12_months_when_asked_then_they_are_named_stale():
    fresh = ask(make_facts(), declare(), parse_time("2027-11-22T12:00Z"))
    assert fresh.stale == ()
    old = ask(make_facts(), declare(), parse_time("2027-11-23T12:00Z"))
    assert len(old.stale) == 3
    assert "12 records read more than 12 months ago" in old.stale[0]
    early = ask(make_facts(), declare(), parse_time("2026-11-21T12:00Z"))
    assert "which has not come by this clock" in early.stale[0]


def test_given_a_record_read_on_leap_day_when_asked_then_it_is_stale_after_the_first_of_march():
    rule = replace(JURISDICTIONS["icao"].rules[0], read_on=date(2024, 2, 29))
    assert not is_stale(rule, date(2025, 3, 1))
    assert is_stale(rule, date(2025, 3, 2))


def test_given_a_light_balloon_whose_suspension_is_not_stated_when_asked_then_it_stops():
    found = ask(make_facts(make_balloon(1.0, suspension_n=None)), declare())
    assert ("icao.class", "group discs") in open_stops(found)
    stated = ask(make_facts(make_balloon(1.0, suspension_n=50.0)), declare())
    assert ("icao.class", "group discs") not in open_stops(stated)


def test_given_every_struck_down_rule_when_asked_then_it_never_stops():
    struck = {
        r.name for j in JURISDICTIONS.values() for r in j.rules if r.status is Status.STRUCK_DOWN
    }
    assert struck == {"kr.relations-24"}
    assert not struck & {name for name, _ in ALL_STOPS}
