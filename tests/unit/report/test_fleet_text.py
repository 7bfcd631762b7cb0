"""The fleet card and its JSON: 80 columns, the numbers of the sizing, what cannot fly first."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from downwind import atmosphere
from downwind.io.fleet_json import fleet_document
from downwind.load.catalogue import load_items
from downwind.plan.claims import Claim
from downwind.plan.fleet_check import FleetCheck, check_fleet, check_mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.sizing import Crew, size_fleet
from downwind.report.fleet_text import fleet_text
from downwind.service.demonstration import demonstration_mission_text
from downwind.vehicle.cylinders import CYLINDERS
from downwind.vehicle.film import TUBES
from downwind.vehicle.gas import HYDROGEN
from downwind.vehicle.latex import LATEX

ITEMS = load_items()
VEHICLES = {**TUBES, **LATEX}


def make(
    manifest: dict[str, int],
    vehicle: str = "film-7m",
    balloons: int | None = None,
    claim: Claim | None = None,
    **rest: Any,
) -> FleetCheck:
    found = VEHICLES[vehicle]
    pairs = [(ITEMS[name], count) for name, count in manifest.items()]
    crew, cylinder = rest.get("crew"), rest.get("cylinder")
    rest.setdefault("release_m", 3_000.0)
    sizing = size_fleet(found, HYDROGEN, 0.99, found.drag, pairs, site_m=0.0, kinds=ITEMS, **rest)
    return check_fleet(
        sizing, balloons, claim or Claim(), site_altitude_m=0.0, crew=crew, cylinder=cylinder
    )


def mission(**changes: Any) -> FleetCheck:
    table = tomllib.loads(demonstration_mission_text())
    table["launch"].update(changes.pop("launch", {}))
    table["balloon"][0].update(changes)
    table["balloon"][0] = {k: v for k, v in table["balloon"][0].items() if v is not None}
    return check_mission(parse_mission(table), Claim(), kinds=ITEMS, crew=None)


CHECKS = {
    "claim": lambda: make(
        {"dvd": 5_000, "leaflet-film-12x5": 1_080_000},
        balloons=50,
        claim=Claim(gas_m3=300.0, hours=1.0),
        crew=Crew(20.0, 2),
        cylinder=CYLINDERS["47L-150bar"],
    ),
    "seven kinds": lambda: make(dict.fromkeys(list(ITEMS)[:7], 70_001)),
    "radio": lambda: make({"radio": 10, "dvd": 10}),
    "rubber": lambda: make({"dvd": 300}, "kaymont-1000", neck_limit_kg=None),
    "nothing lifts": lambda: make({"dvd": 300, "usb-stick": 3}, "hwoyee-100"),
    "too high": lambda: make({"dvd": 30}, release_m=25_000.0, balloons=4),
    "no items": lambda: make({}, balloons=30, claim=Claim(gas_m3=200.0)),
    "sealed": lambda: make({"dvd": 30}, "film-7m-sealed"),
    "no height": lambda: make({"dvd": 30}, release_m=None),
    "mission": mission,
    "heavy mission": lambda: mission(count=100),
    "at once": lambda: mission(launch={"spacing": "0 s"}),
}


@pytest.mark.parametrize("name", CHECKS)
def test_given_a_fleet_when_written_then_no_line_is_over_80_columns(name: str) -> None:
    text = fleet_text(CHECKS[name]())
    assert text.endswith("\n")
    for line in text.splitlines():
        assert len(line) <= 80, line
        assert line == line.rstrip()
    for word in ("nan", "inf ", " lie", "-0.00", "None"):
        assert word not in text


@pytest.mark.parametrize("name", CHECKS)
def test_given_a_fleet_when_made_json_then_every_number_is_finite(name: str) -> None:
    document = fleet_document(CHECKS[name]())
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again["format"] == "downwind-fleet-1"
    assert again["is_sound"] is CHECKS[name]().is_sound


def test_given_a_claim_when_written_then_the_numbers_are_those_of_the_sizing() -> None:
    check = CHECKS["claim"]()
    text, sizing = fleet_text(check), check.groups[0].sizing
    assert f"Balloons needed: {sizing.balloons}" in text
    assert f"MOST LOAD            {sizing.most.load_kg:.2f} kg" in text
    assert f"{sizing.gas_m3:,.1f} m3 at the site" in text
    assert f"{sizing.cylinders.by_total} x 47L-150bar" in text
    assert "one every 1 min 30 s, 1 h 14 min from first to last" in text
    for found in check.checks:
        line = next(x for x in text.splitlines() if x.startswith(f"  {found.what} ..."))
        assert line.endswith(f" {found.verdict}")
    assert "!!" not in text


def test_given_what_cannot_fly_when_written_then_it_comes_first_with_what_would_do() -> None:
    lines = fleet_text(CHECKS["radio"]()).splitlines()
    assert lines[0].startswith("!! radio CANNOT FLY: one in twenty lands with")
    assert any("what would do" in line and "radio-parachute" in line for line in lines)


def test_given_a_mission_too_heavy_when_written_then_its_group_comes_first() -> None:
    text = fleet_text(CHECKS["heavy mission"]())
    assert text.startswith("!! discs CANNOT FLY: 12.40 kg is more than the 9.81 kg")
    assert "film-12m carries up to" in text


def test_given_a_mission_when_written_then_its_window_is_that_of_its_spacing() -> None:
    text = fleet_text(CHECKS["mission"]())
    assert "one every 30 s, 1 h 48 min from first to last" in text
    assert "2015-04-03 21:00 KST to 22:48 KST" in text
    assert "!!" not in text
    assert "all at once" in fleet_text(CHECKS["at once"]())


def test_given_a_tube_without_height_when_written_then_it_says_that_it_stays_low() -> None:
    assert "Give --release-height" in fleet_text(CHECKS["no height"]())
    assert "Give --release-height" not in fleet_text(CHECKS["claim"]())


def test_given_heights_when_made_json_then_they_are_altitudes_above_the_sea() -> None:
    check = CHECKS["claim"]()
    group = fleet_document(check)["groups"][0]
    altitude = float(atmosphere.geometric_altitude(3_000.0))
    assert group["release_altitude_m"] == pytest.approx(altitude)
    assert group["most_load_fill"]["float_altitude_m"] == pytest.approx(altitude, abs=0.5)
    assert group["needed"]["loads"][0]["items"].keys() == {"dvd", "leaflet-film-12x5"}


def test_given_a_crew_and_no_spacing_when_written_then_whose_spacing_it_is_is_told() -> None:
    table = tomllib.loads(demonstration_mission_text())
    table["launch"]["spacing"] = "0 s"
    check = check_mission(parse_mission(table), Claim(), kinds=ITEMS, crew=Crew(60.0, 1))
    text = " ".join(fleet_text(check).split())
    assert "one every 1 min (what the crews can do; the mission states none)" in text
    assert "its plan launches all at once" in text


def test_given_a_neck_lift_over_the_limit_when_written_then_it_is_what_comes_first() -> None:
    check = mission(vehicle="kaymont-1000", gas="helium", count=700, neck_lift="15 kg",
                    free_lift=None)  # fmt: skip
    text = " ".join(fleet_text(check).split())
    assert text.startswith("!! discs CANNOT FLY: the neck lift of 15.00 kg for")
    assert "filled for a neck lift of 15.00 kg: a free lift of" in text
    assert "with so much free lift: the neck lift limit of 4.00 kg" in text
    assert "e+" not in text


def test_given_items_that_do_not_go_round_when_written_then_the_first_balloon_is_told() -> None:
    load = [{"item": "dvd", "count": 31}]
    check = mission(count=30, load=load, then=[{"after": "5 min", "load": load}])
    assert "THE FIRST CARRIES    62 g: 4 x dvd" in fleet_text(check)
    even = mission(count=30, load=[{"item": "dvd", "count": 90}])
    assert "EACH CARRIES         46.5 g: 3 x dvd" in fleet_text(even)
