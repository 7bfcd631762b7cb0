"""The rules asked of one launch: flown once, judged with each entry left out in turn."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downwind.plan.compliance import fly_over, judge_facts, judge_launch, launch_facts
from downwind.plan.fleet import Setting
from downwind.plan.launch_facts import find_launch_country, gather_facts
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.overflight import Overflight
from downwind.rules.facts import Facts
from downwind.rules.findings import Level
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.times import parse_time
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import wind_grid

STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)
START_S = parse_time("2015-04-03T18:00Z")
NOW_S = float(parse_time("2015-04-02T00:00Z"))
PERMITTED = (
    "icao.launch-state",
    "icao.overflight:North Korea",
    "icao.towns",
    "kr.act-129-2",
    "kr.rule-308",
    "kr.rule-310-night",
    "kr.rule-310-crowds",
)
CARRIED = [
    "termination-1", "termination-2", "envelope-termination-1", "envelope-termination-2",
    "tracking", "night-lights",
]  # fmt: skip


def entered() -> dict[str, Any]:
    """Return a mission of two heavy balloons with all that clears it, made up."""
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 20
    table["balloon"] = [{**table["balloon"][0], "count": 2}]
    table["balloon"][0]["load"] = [{"item": "dvd", "count": 800}]
    table["balloon"][0]["rigging"] = {"equipment": list(CARRIED)}
    own = {"source": "made up", "date": "2015-03-25"}
    table["permission"] = [
        {"rule": rule, "reference": f"made up {rule}", "authority": "x", "given": "2015-03-20"}
        for rule in PERMITTED
    ]
    table["zone"] = [
        {**own, "geojson": "far.json", "name": "far", "kind": "no-fly", "jurisdiction": "kr"}
    ]
    table["zones_checked"] = [
        {**own, "kind": "danger", "jurisdiction": "kr"},
        {**own, "kind": "restricted", "jurisdiction": "icao"},
        {**own, "kind": "corridor", "jurisdiction": "icao"},
    ]
    table["notice"] = [{"rule": "icao.notice", "filed": "2015-03-25T00:00Z", "reference": "x"}]
    table["sky"] = [
        {"source": "x", "at": "2015-04-03T18:00Z", "cloud_oktas": 2, "visibility": "10 km"}
    ]
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("zones")
    for name, west, south in (("far.json", 128.0, 35.0), ("near.json", 126.4, 37.7)):
        ring = [(0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2), (0.0, 0.0)]
        square = [[west + x, south + y] for x, y in ring]
        polygon = {"type": "Polygon", "coordinates": [square]}
        (made / name).write_text(json.dumps(polygon), "utf-8")
    return made


@pytest.fixture(scope="module")
def northward() -> WindGrid:
    """Return a wind of 8 m/s to the north, which takes balloons over the border."""
    return wind_grid(
        lambda longitude, latitude, height, time: (0.0 * height, 8.0 + 0.0 * height),
        time=START_S + np.arange(0.0, 24.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 24_001.0, 1_000.0),
        latitude=np.arange(36.0, 46.0),
        longitude=np.arange(125.0, 129.0),
    )


def settings_of(mission: Mission) -> list[Setting]:
    return [Setting(mission.sites[0], START_S, g.free_lift, 2_400.0) for g in mission.groups]


@pytest.fixture(scope="module")
def overflight(folder: Path, northward: WindGrid) -> Overflight:
    mission = parse_mission(entered(), folder)
    draws = Draws(mission.seed, mission.draws)
    return fly_over(mission, draws, northward, STEPS, settings_of(mission))


@pytest.fixture(scope="module")
def ask(folder: Path, northward: WindGrid, overflight: Overflight) -> Callable[..., Any]:
    """Return what tells the rules that stand open, and the facts, for a table of a mission."""

    def judge(table: dict[str, Any]) -> tuple[set[str], Facts]:
        mission = parse_mission(table, folder)
        facts = gather_facts(
            mission, northward, mission.sites[0], START_S, settings_of(mission), overflight
        )
        found = judge_facts(mission, facts, NOW_S)
        return {f.rule.name for f in found.stops}, facts

    return judge


def test_given_everything_entered_when_asked_then_nothing_stands_open(ask) -> None:
    stops, facts = ask(entered())
    assert stops == set()
    launch = facts.launch
    assert launch.country == "South Korea"
    assert [c.country for c in launch.crossings] == ["North Korea"]
    assert launch.crossings[0].probability.probability == 1.0
    assert launch.zones[0].entered.hit_draws == 0
    assert not launch.zones[0].holds_site
    assert (launch.cloud_oktas, launch.visibility_m) == (2.0, 10_000.0)
    assert launch.is_night
    assert launch.heading_deg == pytest.approx(0.0, abs=1.0)
    assert launch.destination_s == pytest.approx(2_400.0, rel=0.05)
    assert any("RKSI" in place.name for place in launch.near)


@pytest.mark.parametrize("rule", PERMITTED)
def test_given_all_but_one_permission_when_asked_then_that_rule_alone_is_open(
    ask, rule: str
) -> None:
    table = entered()
    table["permission"] = [p for p in table["permission"] if p["rule"] != rule]
    assert ask(table)[0] == {rule.partition(":")[0]}


@pytest.mark.parametrize(
    ("key", "index", "rule"),
    [
        ("zone", 0, "kr.act-127-5"),
        ("zones_checked", 0, "kr.disaster-41"),
        ("zones_checked", 1, "icao.areas"),
        ("zones_checked", 2, "icao.areas"),
        ("notice", 0, "icao.notice"),
        ("sky", 0, "icao.weather"),
    ],
)
def test_given_all_but_one_entry_when_asked_then_its_rule_alone_is_open(
    ask, key: str, index: int, rule: str
) -> None:
    table = entered()
    del table[key][index]
    assert ask(table)[0] == {rule}


@pytest.mark.parametrize(
    ("left_out", "rule"),
    [
        ("termination-2", "icao.termination"),
        ("envelope-termination-1", "icao.envelope-termination"),
        ("tracking", "icao.tracking"),
        ("night-lights", "icao.lights"),
    ],
)
def test_given_all_but_one_piece_of_equipment_when_asked_then_its_rule_alone_is_open(
    ask, left_out: str, rule: str
) -> None:
    table = entered()
    table["balloon"][0]["rigging"]["equipment"] = [c for c in CARRIED if c != left_out]
    assert ask(table)[0] == {rule}


def test_given_a_permission_that_has_expired_when_asked_then_its_rule_alone_is_open(ask) -> None:
    table = entered()
    table["permission"][3]["valid_until"] = "2015-04-01"
    assert ask(table)[0] == {"kr.act-129-2"}
    table["permission"][3]["valid_until"] = "2015-04-04"  # the launch is on the 4th, Seoul time
    assert ask(table)[0] == set()


def test_given_a_zone_over_the_site_when_asked_then_its_rule_is_open(ask) -> None:
    table = entered()
    table["zone"][0]["geojson"] = "near.json"
    stops, facts = ask(table)
    assert stops == {"kr.act-127-5"}
    assert facts.launch.zones[0].holds_site
    assert facts.launch.zones[0].entered.probability == 1.0


def test_given_a_sky_of_another_hour_when_asked_then_it_does_not_count(ask) -> None:
    table = entered()
    table["sky"][0]["at"] = "2015-04-03T16:30Z"
    stops, facts = ask(table)
    assert stops == {"icao.weather"}
    assert facts.launch.cloud_oktas is None


def test_given_several_skies_of_the_hour_when_asked_then_the_worst_counts(ask) -> None:
    table = entered()
    more = {"source": "y", "at": "2015-04-03T18:40Z", "cloud_oktas": 6, "visibility": "9 km"}
    table["sky"].append(more)
    stops, facts = ask(table)
    assert stops == {"icao.weather"}
    assert (facts.launch.cloud_oktas, facts.launch.visibility_m) == (6.0, 9_000.0)


def test_given_packages_and_a_parachute_when_gathered_then_they_share_the_load(ask) -> None:
    table = entered()
    table["balloon"][0]["rigging"] |= {"packages": 3, "smallest_face": "600 cm2"}
    table["balloon"][0]["parachute"] = {"diameter": "1 m", "mass": "300 g"}
    (balloon,) = ask(table)[1].balloons
    assert len(balloon.packages) == 3
    assert balloon.payload_kg == pytest.approx(400 * 0.0155 + 0.3, rel=1e-3)
    assert balloon.packages[0].smallest_face_cm2 == pytest.approx(600.0)
    assert balloon.is_polyethylene
    titles = [item.title for item in balloon.items]
    assert titles[-1] == "emptied envelope"
    assert balloon.items[0].plastic_kg == pytest.approx(800 * 0.0155, rel=1e-3)


def test_given_no_settings_when_judged_then_only_what_needs_no_flight_is_asked(
    folder: Path, northward: WindGrid
) -> None:
    table = entered()
    del table["permission"]
    mission = parse_mission(table, folder)
    draws, site = Draws(mission.seed, mission.draws), mission.sites[0]
    facts = launch_facts(mission, draws, northward, STEPS, site, START_S, None)
    assert facts.launch.crossings is None
    assert facts.launch.below_low is None
    assert facts.launch.zones[0].entered is None
    assert facts.balloons[0].highest_m > 15_000.0
    assert math.isfinite(facts.balloons[0].ascent_rate_ms)
    found = judge_launch(mission, draws, northward, STEPS, site, START_S, None, NOW_S)
    open_rules = {f.rule.name for f in found.findings if f.level is Level.STOP}
    assert {"kr.act-129-2", "icao.launch-state"} <= open_rules
    assert not open_rules & {"icao.towns", "kr.rule-310-crowds"}


def test_given_more_draws_than_asked_for_when_judged_then_fewer_fly(
    folder: Path, northward: WindGrid
) -> None:
    mission = replace(parse_mission(entered(), folder), draws=40)
    draws = Draws(mission.seed, mission.draws)
    facts = launch_facts(
        mission, draws, northward, STEPS, mission.sites[0], START_S, settings_of(mission), 8
    )
    assert facts.launch.crossings[0].probability.draws == 8


@pytest.mark.parametrize(
    ("longitude", "latitude", "country"),
    [
        (126.49, 37.75, "South Korea"),
        (126.458, 37.593, "South Korea"),  # Dongmak beach, which the map has in the sea
        (129.05, 35.10, "South Korea"),  # a pier of Busan
        (-81.78, 24.56, "United States of America"),  # Key West
        (125.0, 36.9, ""),  # more than 12 nautical miles off
        (0.0, 90.0, ""),
        (179.9999, -30.0, ""),
    ],
)
def test_given_a_beach_or_a_boat_when_asked_then_the_coast_s_rules_hold_to_12_miles(
    longitude: float, latitude: float, country: str
) -> None:
    assert find_launch_country(longitude, latitude) == country
