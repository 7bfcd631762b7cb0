"""Each check at its boundary."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from downwind.rules.asking import flies_at_night
from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.declared import Declarations, Notice, Zone
from downwind.rules.facts import CrossingFacts, Facts, ItemFacts, PlaceFacts, ZoneFacts
from downwind.rules.findings import Finding, Level
from downwind.rules.judge import judge
from tests.rule_facts import (
    HOUR_S,
    NOW_S,
    START_S,
    chance,
    declare,
    make_balloon,
    make_checked,
    make_facts,
    make_launch,
    make_permission,
    make_zone,
)

JURISDICTIONS = load_jurisdictions()
US = "United States of America"


def ask(
    name: str, facts: Facts, declared: Declarations | None = None, now_s: float = NOW_S
) -> list[Finding]:
    """Return what a rule says."""
    found = judge(facts, declared or Declarations(), JURISDICTIONS, now_s)
    return [finding for finding in found.findings if finding.rule.name == name]


def levels(found: list[Finding]) -> list[Level]:
    return [finding.level for finding in found]


@pytest.mark.parametrize(
    ("mass_kg", "level"), [(1.999, Level.NOTE), (2.0, Level.STOP), (2.001, Level.STOP)]
)
def test_given_a_hung_load_about_two_kilograms_when_asked_then_two_needs_a_permit(
    mass_kg: float, level: Level
) -> None:
    assert levels(ask("kr.act-129-2", make_facts(make_balloon(mass_kg)))) == [level]


@pytest.mark.parametrize(("highest_m", "stops"), [(149.9, 0), (150.0, 1)])
def test_given_an_altitude_about_150_m_when_asked_then_150_needs_approval(
    highest_m: float, stops: int
) -> None:
    facts = make_facts(make_balloon(1.0, highest_m=highest_m))
    assert len(ask("kr.rule-308", facts)) == stops


@pytest.mark.parametrize(
    ("before_sunset_s", "flight_s", "is_night"),
    [(60.0, None, False), (0.0, None, True), (60.0, 59.0, False), (60.0, 60.0, True)],
)
def test_given_the_minute_of_sunset_when_asked_then_the_flight_of_the_load_counts(
    before_sunset_s: float, flight_s: float | None, is_night: bool
) -> None:
    start_s = START_S - before_sunset_s
    launch = make_launch(
        start_s=start_s,
        end_s=start_s,
        sunset_s=START_S,
        is_night=False,
        destination_s=flight_s,
    )
    assert flies_at_night(launch) is is_night
    facts = Facts((make_balloon(1.0),), launch, "", "", ())
    assert bool(ask("kr.rule-310-night", facts)) is is_night


def test_given_several_releases_about_sunset_when_asked_then_the_last_counts() -> None:
    launch = make_launch(
        start_s=START_S - HOUR_S,
        end_s=START_S - HOUR_S,
        sunset_s=START_S,
        is_night=False,
        destination_s=0.5 * HOUR_S,
        carried_s=1.5 * HOUR_S,
    )
    facts = Facts((make_balloon(1.0),), launch, "", "", ())
    assert levels(ask("kr.rule-310-night", facts)) == [Level.STOP]


def test_given_a_site_where_the_sun_does_not_set_when_asked_then_it_is_day():
    assert not flies_at_night(make_launch(is_night=False, sunset_s=None, sunrise_s=None))
    assert flies_at_night(make_launch(is_night=True, sunset_s=None, sunrise_s=None))


@pytest.mark.parametrize(
    ("hours_before", "filed_hours_before", "level", "word"),
    [
        (24.1, None, Level.WARNING, "not yet due"),
        (24.0, None, Level.STOP, "not filed"),
        (6.0, None, Level.STOP, "not filed"),
        (5.9, None, Level.STOP, "too late"),
        (5.0, 24.0, Level.CLEARED, "due"),
        (5.0, 6.0, Level.CLEARED, "due"),
        (5.0, 24.1, Level.STOP, "filed outside"),
        (5.0, 5.9, Level.STOP, "filed outside"),
        (12.0, 7.0, Level.STOP, "after this hour"),
    ],
)
def test_given_a_notice_of_6_to_24_hours_when_asked_then_its_time_counts(
    hours_before: float, filed_hours_before: float | None, level: Level, word: str
) -> None:
    notices = ()
    if filed_hours_before is not None:
        notices = (Notice("us.101-37", START_S - filed_hours_before * HOUR_S, "N-1"),)
    (found,) = ask(
        "us.101-37",
        make_facts(country=US),
        declare(notices=notices),
        START_S - hours_before * HOUR_S,
    )
    assert found.level is level
    assert word in found.text


def test_given_an_exempt_balloon_when_asked_then_no_notice_is_due():
    assert ask("us.101-37", make_facts(make_balloon(1.0), country=US)) == []
    assert ask("us.101-35-cutdown", make_facts(make_balloon(1.0), country=US)) == []


@pytest.mark.parametrize(
    ("crossing", "level"),
    [
        (chance(1), Level.STOP),
        (chance(0, 50), Level.STOP),
        (chance(0, 60), Level.WARNING),
        (chance(0, 300), Level.WARNING),
    ],
)
def test_given_a_border_when_asked_then_a_draw_over_it_or_too_few_draws_stop(
    crossing: Any, level: Level
) -> None:
    facts = make_facts(crossings=(CrossingFacts("China", crossing),))
    assert [f.level for f in ask("icao.overflight", facts) if f.subject == "China"] == [level]


def test_given_no_flight_when_asked_then_only_the_countries_of_the_target_stop():
    found = ask("icao.overflight", make_facts(crossings=None))
    assert [(f.subject, f.level) for f in found] == [("North Korea", Level.STOP)]


def test_given_a_target_that_no_draw_reaches_when_asked_then_its_country_stops_all_the_same():
    facts = make_facts(crossings=(CrossingFacts("North Korea", chance(0, 300)),))
    (found,) = ask("icao.overflight", facts)
    assert found.level is Level.STOP
    assert "the target the target lies in it" in found.text


def test_given_draws_that_leave_the_data_when_asked_then_it_warns_and_no_leave_clears_it():
    declared = declare(permissions=(make_permission("icao.overflight:North Korea"),))
    found = ask("icao.overflight", make_facts(left_data=chance(3)), declared)
    assert levels(found) == [Level.WARNING, Level.CLEARED]
    assert "1.5 %" in found[0].text
    assert levels(ask("icao.overflight", make_facts(left_data=chance(0)), declared)) == [
        Level.CLEARED
    ]


def test_given_an_altitude_that_is_not_known_when_asked_then_it_needs_approval():
    (found,) = ask("kr.rule-308", make_facts(make_balloon(1.0, highest_m=float("nan"))))
    assert "not known" in found.text


def test_given_the_country_of_the_launch_when_flown_over_then_nothing_is_asked():
    facts = Facts(
        (make_balloon(1.0),),
        make_launch(crossings=(CrossingFacts("South Korea", chance(200)),)),
        "",
        "",
        ("South Korea",),
    )
    assert ask("icao.overflight", facts) == []


def test_given_a_country_without_rules_on_file_when_asked_then_the_card_says_so():
    (found,) = ask("icao.launch-state", make_facts(country="Poland"))
    assert "no national rules of it are on file" in found.text
    (found,) = ask("icao.launch-state", make_facts())
    assert "no national rules" not in found.text


@pytest.mark.parametrize(
    ("oktas", "visibility_m", "level"),
    [
        (4.0, 8_000.0, Level.CLEARED),
        (4.1, 8_000.0, Level.STOP),
        (4.0, 7_999.0, Level.STOP),
        (None, 9_000.0, Level.STOP),
        (1.0, None, Level.STOP),
    ],
)
def test_given_cloud_and_visibility_when_asked_of_a_heavy_balloon_then_both_have_to_hold(
    oktas: float | None, visibility_m: float | None, level: Level
) -> None:
    facts = make_facts(cloud_oktas=oktas, visibility_m=visibility_m)
    assert levels(ask("icao.weather", facts)) == [level]
    light = make_facts(make_balloon(1.0), cloud_oktas=oktas, visibility_m=visibility_m)
    assert ask("icao.weather", light) == []


def test_given_towns_when_none_is_hit_or_no_flight_was_made_then_nothing_stops():
    missed = PlaceFacts("Gimpo", "town", 9_000.0, chance(0), 1)
    assert levels(ask("icao.towns", make_facts(below_low=(missed,)))) == [Level.NOTE]
    assert ask("icao.towns", make_facts(below_low=None)) == []
    (found,) = ask("icao.towns", make_facts())
    assert found.level is Level.STOP
    assert "Gaeseong" in found.text
    assert "190,000 people" in found.text
    assert ask("icao.towns", make_facts(make_balloon(1.0))) == []


@pytest.mark.parametrize(("metres", "stops"), [(9_260.0, 1), (9_261.0, 0)])
def test_given_an_airport_about_5_nautical_miles_away_when_asked_then_it_stops_within(
    metres: float, stops: int
) -> None:
    near = (PlaceFacts("Field (KXYZ)", "airport", metres, None),)
    assert len(ask("us.101-33-airspace", make_facts(country=US, near=near))) == stops


@pytest.mark.parametrize(
    ("equipment", "rule", "level"),
    [
        ((), "icao.termination", Level.STOP),
        (("termination-1",), "icao.termination", Level.STOP),
        (("termination-1", "termination-2"), "icao.termination", Level.CLEARED),
        (("tracking",), "icao.tracking", Level.CLEARED),
        (("radar-reflector",), "icao.tracking", Level.CLEARED),
        (("night-lights",), "icao.tracking", Level.STOP),
        (("night-lights",), "icao.lights", Level.CLEARED),
        ((), "icao.envelope-termination", Level.STOP),
    ],
)
def test_given_equipment_of_a_heavy_balloon_when_asked_then_what_is_missing_stops(
    equipment: tuple[str, ...], rule: str, level: Level
) -> None:
    assert levels(ask(rule, make_facts(make_balloon(7.0, equipment=equipment)))) == [level]


def test_given_latex_or_day_when_asked_then_rules_of_film_or_night_are_not():
    facts = make_facts(make_balloon(7.0, is_polyethylene=False))
    assert ask("icao.envelope-termination", facts) == []
    day = make_facts(is_night=False, sunset_s=START_S + 9 * HOUR_S, sunrise_s=START_S - HOUR_S)
    assert ask("icao.lights", day) == []


@pytest.mark.parametrize(("energy_j", "level"), [(14.9, Level.NOTE), (14.92, Level.WARNING)])
def test_given_an_impact_about_11_foot_pounds_when_asked_then_more_is_warned_of(
    energy_j: float, level: Level
) -> None:
    balloon = make_balloon(1.0, items=(ItemFacts("DVD", energy_j), ItemFacts("tube", float("nan"))))
    (found,) = ask("safety.impact-11-ft-lb", make_facts(balloon))
    assert found.level is level
    assert "tube" not in found.text


def test_given_plastic_when_asked_then_it_is_summed():
    balloon = make_balloon(1.0, items=(ItemFacts("DVD", 1.0, 10.0), ItemFacts("tube", 1.0, 2.5)))
    (found,) = ask("safety.litter", make_facts(balloon))
    assert "12.50 kg" in found.text


def test_given_a_struck_down_law_when_asked_then_it_is_a_note_that_says_so():
    (found,) = ask("kr.relations-24", make_facts())
    assert found.level is Level.NOTE
    assert "struck down" in found.text
    assert ask("kr.relations-24", Facts((make_balloon(1.0),), make_launch(), "", "", ())) == []


def test_given_no_zones_when_asked_then_they_are_not_checked_and_no_permission_helps():
    declared = declare(permissions=(make_permission("kr.act-127-5", "exception"),))
    (found,) = ask("kr.act-127-5", make_facts(), declared)
    assert found.level is Level.STOP
    assert "not checked" in found.text


@pytest.mark.parametrize(
    ("meets", "rule", "kind", "stops"),
    [
        (ZoneFacts("made-up zone", True, None), "kr.act-127-5", "no-fly", 1),
        (ZoneFacts("made-up zone", False, chance(1)), "kr.act-127-5", "no-fly", 1),
        (ZoneFacts("made-up zone", False, chance(0)), "kr.act-127-5", "no-fly", 0),
        (ZoneFacts("made-up zone", True, None), "kr.disaster-41", "danger", 1),
        (ZoneFacts("made-up zone", False, chance(9)), "kr.disaster-41", "danger", 0),
    ],
)
def test_given_a_zone_when_it_holds_the_site_or_is_entered_then_the_rule_that_asks_stops(
    meets: ZoneFacts, rule: str, kind: str, stops: int
) -> None:
    facts = make_facts(zones=(meets,))
    declared = declare(zones=(make_zone(kind),))
    found = ask(rule, facts, declared)
    assert levels(found) == [Level.STOP if stops else Level.CLEARED]
    cleared = ask(
        rule, facts, declare(zones=(make_zone(kind),), permissions=(make_permission(rule),))
    )
    assert levels(cleared) == [Level.CLEARED]


def test_given_a_zone_of_another_jurisdiction_or_day_when_asked_then_it_does_not_count():
    meets = ZoneFacts("made-up zone", True, None)
    other = declare(zones=(make_zone("no-fly", "us"),))
    assert "not checked" in ask("kr.act-127-5", make_facts(zones=(meets,)), other)[0].text
    passed = declare(zones=(make_zone("no-fly", valid_until=date(2027, 3, 9)),))
    (found,) = ask("kr.act-127-5", make_facts(zones=(meets,)), passed)
    assert "expired on 2027-03-09" in found.text
    last_day = declare(zones=(make_zone("no-fly", valid_until=date(2027, 3, 10)),))
    (found,) = ask("kr.act-127-5", make_facts(zones=(meets,)), last_day)
    assert "the site Ganghwa lies in" in found.text


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "aloft_s", "is_met"),
    [
        (date(2027, 3, 11), None, None, True),  # from midnight, between two launches
        (None, date(2027, 3, 10), None, True),
        (date(2027, 3, 12), None, None, False),
        (date(2027, 3, 12), None, 23.2 * HOUR_S, False),
        (date(2027, 3, 12), None, 23.8 * HOUR_S, True),  # it begins with balloons in the air
        (None, date(2027, 3, 9), 23.8 * HOUR_S, False),
    ],
)
@pytest.mark.parametrize(("rule", "kind"), [("kr.act-127-5", "no-fly"), ("safety.zones", "danger")])
def test_given_a_zone_of_a_part_of_the_launch_when_asked_then_it_stops_all_the_same(
    rule: str,
    kind: str,
    valid_from: date | None,
    valid_until: date | None,
    aloft_s: float | None,
    is_met: bool,
) -> None:
    # launches from 23:50 on 10 March to 00:20 on 11 March at the site
    start_s = START_S + 170 * 60.0
    facts = make_facts(
        zones=(ZoneFacts("made-up zone", False, chance(9)),),
        start_s=start_s,
        end_s=start_s + 1_800.0,
        aloft_s=aloft_s,
    )
    jurisdiction = "us" if rule == "safety.zones" else "kr"
    zone = make_zone(kind, jurisdiction, valid_from=valid_from, valid_until=valid_until)
    declared = declare(zones=(zone,), checked=(make_checked("no-fly"),))
    found = ask(rule, facts, declared)
    assert any("entered with probability" in f.text for f in found) is is_met
    assert (Level.STOP in levels(found)) is is_met
    # by itself it says nothing of the other days
    alone = ask("kr.act-127-5", facts, declare(zones=(zone,)))
    assert "not checked" in alone[0].text


@pytest.mark.parametrize(
    ("zone", "level"),
    [
        (make_zone("launch-ban"), Level.STOP),
        (make_zone("danger", "us"), Level.STOP),
        (make_zone("launch-ban", valid_until=date(2027, 3, 9)), None),
        (make_zone("danger"), None),
        (make_zone("restricted", "us"), None),
    ],
)
def test_given_a_zone_that_no_rule_asks_for_when_it_is_met_then_it_stops_all_the_same(
    zone: Zone, level: Level | None
) -> None:
    facts = make_facts(zones=(ZoneFacts("made-up zone", True, chance(0)),))
    found = ask("safety.zones", facts, declare(zones=(zone,)))
    assert levels(found) == ([] if level is None else [level])
    missed = make_facts(zones=(ZoneFacts("made-up zone", False, chance(0)),))
    found = ask("safety.zones", missed, declare(zones=(zone,)))
    assert levels(found) == ([] if level is None else [Level.NOTE])


def test_given_a_zone_that_nobody_computed_when_asked_then_it_stops():
    (found,) = ask("kr.act-127-5", make_facts(), declare(zones=(make_zone("no-fly"),)))
    assert found.level is Level.STOP
    assert "not computed" in found.text


@pytest.mark.parametrize(("published", "stale"), [(date(2027, 3, 3), 0), (date(2027, 3, 2), 1)])
def test_given_danger_zones_of_a_week_ago_when_asked_then_older_ones_are_stale(
    published: date, stale: int
) -> None:
    declared = declare(checked=(make_checked("danger", published=published),))
    found = ask("kr.disaster-41", make_facts(), declared)
    assert levels(found).count(Level.WARNING) == stale
    assert Level.CLEARED in levels(found)
    assert Level.STOP not in levels(found)


def test_given_zones_of_any_jurisdiction_when_a_rule_holds_everywhere_then_they_count():
    declared = declare(checked=(make_checked("restricted", "us"), make_checked("corridor", "kr")))
    assert levels(ask("icao.areas", make_facts(), declared)) == [Level.CLEARED, Level.CLEARED]


@pytest.mark.parametrize(("draws", "warns"), [(30, True), (200, False)])
def test_given_few_draws_when_no_border_is_met_then_the_bound_is_warned_of(
    draws: int, warns: bool
) -> None:
    launch = make_launch(crossings=(), unmet=chance(0, draws))
    found = ask("icao.overflight", Facts((make_balloon(1.0),), launch, "", "", ()))
    assert [f.subject for f in found] == (["other States"] if warns else [])
    assert Level.STOP not in levels(found)
