"""Residents: what comes down whole, where, and how likely in a night."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from downwind.errors import MissionError, RegionError
from downwind.geo.lines import Lines, read_lines
from downwind.geo.population import look_at_population, read_density
from downwind.io.resident_json import describe_residents
from downwind.landing.clusters import each_draw
from downwind.plan.endings import ENVELOPES, UNRELEASED
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.plan.mission_choices import PopulationChoice
from downwind.plan.mission_file import parse_mission
from downwind.plan.resident_choice import PowerLines, ResidentChoice
from downwind.plan.resident_report import ResidentReport
from downwind.plan.residents import HOMES, POWER_LINES, NightRisk, _Fallen, _night, residents_of
from downwind.report.resident_text import how_lines
from downwind.service.demonstration import demonstration_wind
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.times import parse_time
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

STEPS = Steps(60.0, 30.0, 0.0, 0.0, 0.0)
START = parse_time("2015-04-03T18:00Z")


@pytest.fixture(scope="module")
def mission() -> Mission:
    table = copy.deepcopy(SMALL)
    table["residents"] = {"most": "1 %"}
    table["uncertainty"] = {"failure": 0.1}
    return parse_mission(table)


@pytest.fixture(scope="module")
def wind(mission: Mission) -> WindGrid:
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, mission.wind)


def ask(mission: Mission, wind: WindGrid, **changes: Any) -> Any:
    assert mission.residents is not None
    site = mission.sites[0]
    return residents_of(
        mission, Draws(mission.seed, mission.draws), wind, STEPS, site, START,
        tuple(Setting(site, START, 0.1, g.timer_setting_s) for g in mission.groups),
        replace(mission.residents, **changes),
    )  # fmt: skip


def fallen(chance: float, number: int, inside: np.ndarray) -> tuple[_Fallen, np.ndarray]:
    nowhere = np.zeros(inside.size, np.bool_)
    return _Fallen(UNRELEASED, np.zeros((inside.size, 2)), nowhere, chance, number), inside


def test_given_things_of_known_chance_when_a_night_is_added_up_then_it_is_the_binomial_one() -> (
    None
):
    inside = np.arange(100) < 25
    night = _night([fallen(0.1, 3, inside)], 100, each_draw(100))
    assert night.probability == pytest.approx(0.25 * (1.0 - 0.9**3))
    both = _night([fallen(0.1, 3, inside), fallen(0.2, 1, inside)], 100, each_draw(100))
    assert both.probability == pytest.approx(0.25 * (1.0 - 0.9**3 * 0.8))
    assert both.low < both.probability < both.high


def test_given_no_hit_in_any_draw_when_a_night_is_bounded_then_by_the_chance_and_the_draws() -> (
    None
):
    night = _night([fallen(0.1, 3, np.zeros(59, np.bool_))], 59, each_draw(59))
    assert night.probability == 0.0
    assert night.high == pytest.approx(0.05 * (1.0 - 0.9**3), rel=0.02)
    assert "<" in night.to_text()


@pytest.mark.parametrize(
    ("risk", "text"),
    [
        ((0.0, 0.0, 0.0, 0.0), "0"),
        ((0.0, 0.0, 0.0, 0.00104), "< 0.11"),
        ((0.0, 0.0, 0.0, 0.001), "< 0.1"),
        ((0.12, 0.02, 0.07, 0.2004), "12 (7 to 21)"),
        ((0.999, 0.001, 0.9919, 1.0), "100 (99 to 100)"),
        ((0.0004, 0.0001, 0.0000099, 0.0023), "0.04 (0.00099 to 0.23)"),
    ],
)
def test_given_a_risk_when_written_then_its_interval_is_rounded_outwards(
    risk: tuple[float, float, float, float], text: str
) -> None:
    assert NightRisk(*risk).to_text() == text


def test_given_what_never_happens_when_a_night_is_added_up_then_it_is_nothing() -> None:
    night = _night([fallen(0.0, 50, np.ones(40, np.bool_))], 40, each_draw(40))
    assert (night.probability, night.high) == (0.0, 0.0)


def test_given_a_fleet_when_asked_then_every_balloon_comes_down_once_one_way_or_another(
    mission: Mission, wind: WindGrid
) -> None:
    risk = ask(mission, wind)
    expected = {thing.key: thing.expected for thing in risk.things}
    assert 0.0 < expected[UNRELEASED] < 1.5
    assert expected[ENVELOPES] + expected[UNRELEASED] <= mission.balloon_count + 0.6
    assert expected[ENVELOPES] > 0.8 * mission.balloon_count
    assert set(risk.things[0].night) == {HOMES}
    assert "underestimate" in risk.homes_from


def test_given_lines_under_all_landings_when_asked_then_something_comes_down_on_them(
    mission: Mission, wind: WindGrid
) -> None:
    net = shapely.multilinestrings([
        shapely.LineString([(110.5, y), (149.5, y)]) for y in np.arange(28.5, 50.0, 0.02)
    ])  # fmt: skip
    over = PowerLines(Lines(net, "net"), "made", date(2026, 1, 1), 1_500.0)
    risk = ask(mission, wind, power_lines=over)
    thing = next(t for t in risk.things if t.key == ENVELOPES)
    assert thing.over[POWER_LINES] == pytest.approx(thing.expected)
    assert risk.held.probability > 0.99
    assert risk.is_above
    assert not risk.is_below


def test_given_envelopes_that_leave_the_data_when_asked_then_the_limit_is_not_known_to_be_kept(
    mission: Mission,
) -> None:
    cube = demonstration_wind().to_cube((124.0, 36.0, 128.0, 40.0), 1.0, 3 * 3600.0)
    narrow = build_grid(cube, mission.wind)
    far = Lines(shapely.multilinestrings([shapely.LineString([(124.1, 36.1), (124.2, 36.1)])]), "")
    over = PowerLines(far, "made", date(2026, 1, 1), 50.0)
    risk = ask(mission, narrow, power_lines=over)
    thing = next(t for t in risk.things if t.key == ENVELOPES)
    assert thing.left_data > 0.5 * mission.balloon_count
    assert risk.worst.probability > 0.5 > risk.held.probability
    assert not risk.is_below
    assert not risk.is_above
    assert any("leave the wind data" in line for line in how_lines(risk))


def test_given_a_raster_of_people_everywhere_when_asked_then_all_come_down_over_homes(
    mission: Mission, wind: WindGrid, tmp_path: Path
) -> None:
    path = tmp_path / "people.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=40, height=22, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(110.0, 50.0, 1.0, 1.0),
    ) as data:  # fmt: skip
        data.write(np.full((1, 22, 40), 500.0, np.float32))
    crowded = replace(mission, population=PopulationChoice(look_at_population(path, "people/km2")))
    risk, none = ask(crowded, wind), ask(crowded, wind, homes_per_km2=501.0)
    for thing in risk.things:
        assert thing.over[HOMES] == pytest.approx(thing.expected)
    assert [thing.over[HOMES] for thing in none.things] == [0.0, 0.0, 0.0]


def test_given_a_raster_when_its_density_is_read_then_by_the_area_of_the_cell_that_holds_a_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "people.tif"
    values = np.array([[[100.0, 200.0], [300.0, -1.0]]], np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", nodata=-1.0,
        crs="EPSG:4326", transform=from_origin(10.0, 1.0, 1.0, 1.0),
    ) as data:  # fmt: skip
        data.write(values)
    lon, lat = np.array([10.5, 11.5, 10.2, 11.5, 40.0]), np.array([0.5, 0.5, -0.5, -0.5, 0.0])
    stated = read_density(look_at_population(path, "people/km2"), lon, lat)
    counted = read_density(look_at_population(path, "people/cell"), lon, lat)
    assert stated[:3].tolist() == [100.0, 200.0, 300.0]
    assert np.isnan(stated[3:]).all()
    # a degree by a degree at the equator of the ellipsoid
    assert counted[:3] == pytest.approx(np.array([100.0, 200.0, 300.0]) / 12_308.8, rel=1e-3)


def test_given_a_site_beside_an_airport_when_asked_then_the_airport_is_told(
    mission: Mission, wind: WindGrid
) -> None:
    risk = ask(mission, wind, airport_radius_m=40_000.0)
    codes = {a.airport.code: a for a in risk.airports}
    assert "RKSI" in codes or "RKSS" in codes
    assert all(a.probability.probability > 0.0 for a in risk.airports)
    assert all(0.0 <= a.probability.low <= a.probability.high <= 1.0 for a in risk.airports)


def test_given_a_report_when_written_as_json_then_no_number_is_lost(
    mission: Mission, wind: WindGrid
) -> None:
    risk = ask(mission, wind)
    report = ResidentReport(risk, (replace(risk, start_s=START + 3_600),))
    document = describe_residents(report)
    assert document is not None
    assert json.dumps(document, allow_nan=False)
    assert document["chosen"]["held"]["high"] == risk.held.high
    assert describe_residents(None) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "is not JSON"),
        ('{"type": "FeatureCollection", "features": []}', "holds no feature"),
        ('{"type": "Point", "coordinates": [1, 2]}', "is a Point, not a LineString"),
        ('{"type": "LineString", "coordinates": [[1, 2]]}', "at least two points"),
        ('{"type": "LineString", "coordinates": [[1, 2], [3, "x"]]}', "coordinates[1]"),
        ('{"type": "LineString", "coordinates": [[900000, 2], [3, 4]]}', "coordinates[0]"),
        ('{"type": "LineString", "coordinates": [[179, 2], [-179, 4]]}', "antimeridian"),
    ],
)
def test_given_a_file_that_holds_no_lines_when_read_then_the_fault_is_named_with_its_place(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "lines.geojson"
    path.write_text(text, "utf-8")
    with pytest.raises(RegionError) as caught:
        read_lines(path)
    assert words in caught.value.message
    assert caught.value.hint


def test_given_a_line_when_places_are_held_against_it_then_by_their_distance_on_the_ground() -> (
    None
):
    line = Lines(shapely.multilinestrings([shapely.LineString([(127.0, 37.0), (127.0, 38.0)])]), "")
    degree_m = np.radians(1.0) * 6_371_000.0 * np.cos(np.radians(37.5))
    east = 127.0 + np.array([0.0, 900.0, 1_100.0, np.nan]) / degree_m
    assert line.within(east, np.full(4, 37.5), 1_000.0).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({}, "residents.most"),
        ({"most": "0 %"}, "residents.most"),
        ({"most": "1 %", "power_lines": {"file": "x.geojson"}}, "residents.power_lines.source"),
        (
            {
                "most": "1 %",
                "power_lines": {
                    "file": "x.geojson", "source": "grid", "published": "yesterday",
                    "distance": "100 m",
                },
            },
            "residents.power_lines.published",
        ),
    ],
)  # fmt: skip
def test_given_a_table_that_cannot_be_when_read_then_its_key_is_named(
    table: dict[str, Any], place: str
) -> None:
    with pytest.raises(MissionError) as caught:
        parse_mission({**copy.deepcopy(SMALL), "residents": table})
    assert place in [at for at, _ in caught.value.faults]


def test_given_no_table_when_read_then_nothing_is_asked_of_residents() -> None:
    assert parse_mission(copy.deepcopy(SMALL)).residents is None
    assert ResidentChoice(0.01).low_path_m == 300.0
