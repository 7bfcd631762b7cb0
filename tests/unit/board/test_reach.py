"""From where a target can be reached: what is found backwards holds when it is flown forwards."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from jsonschema import Draft202012Validator

from downwind.board.reach import Reachable, find_reachable
from downwind.constants import EARTH_RADIUS_M
from downwind.geo.regions import Region
from downwind.geo.sphere import distance_m
from downwind.io.reach_json import reach_document
from downwind.landing.regions import TARGET
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.reach_places import DENSER, spread_places
from downwind.report.reach_plot import draw_reach
from downwind.report.reach_text import reach_text
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "reach.schema.json"
TOLERANCE_M = 1_000.0
"""Within which launches in a smooth wind come down about where they were flown back from [m]."""


def small(**changes: dict[str, object]) -> Mission:
    table = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 20
    table["search"]["timer_step"] = "35 min"
    table["balloon"][1:] = []
    table.update(changes)
    return parse_mission(table)


@pytest.fixture(scope="module")
def wind() -> WindGrid:
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, small().wind)


@pytest.fixture(scope="module")
def found(wind: WindGrid) -> Reachable:
    return find_reachable(small(), wind)


def test_given_launches_found_flying_back_when_flown_forward_then_every_one_lands_in_the_target(
    found: Reachable,
) -> None:
    check = found.check
    assert check.launches >= 300
    assert check.landed == check.inside == check.launches
    assert check.most_m < TOLERANCE_M


def test_given_the_map_when_a_place_on_it_is_flown_forward_then_it_holds_what_it_says(
    found: Reachable,
) -> None:
    good = [row for row in found.rows if row.backward_share == 1.0]
    assert len(good) >= 3
    assert all(row.shares[TARGET].mean > 0.5 for row in good)


def test_given_sites_when_they_stand_to_the_launches_then_the_site_of_the_mission_is_reachable(
    found: Reachable,
) -> None:
    (stand,) = found.sites
    assert stand.is_reachable
    assert stand.share == 1.0
    assert stand.nearest_m < 0.7 * np.radians(found.map.cell_deg) * EARTH_RADIUS_M
    assert stand.timers["discs"] == (1_200.0, 5_400.0)


def test_given_places_to_fly_when_they_are_named_then_they_are_no_finer_than_a_cell_and_at_home(
    found: Reachable,
) -> None:
    places = [row.site for row in found.rows if not row.is_site]
    assert places
    for place in places:
        assert place.latitude * 20 == pytest.approx(round(place.latitude * 20), abs=1e-6)
        assert place.longitude * 20 == pytest.approx(round(place.longitude * 20), abs=1e-6)
        assert found.mission.home.contains(place.longitude, place.latitude)
    assert found.map.area_km2(0, 0.9) <= found.map.area_km2(0, 0.01)


def test_given_the_best_places_when_certified_then_their_draws_are_fresh(found: Reachable) -> None:
    made = [row.certificate for row in found.rows if row.certificate is not None]
    assert 1 <= len(made) <= 3
    assert all(certificate.draws >= 20 for certificate in made)


def test_given_the_same_seed_when_found_again_then_nothing_differs(
    wind: WindGrid, found: Reachable
) -> None:
    again = find_reachable(small(), wind)
    assert np.array_equal(again.map.share, found.map.share)
    assert [r.shares[TARGET].mean for r in again.rows] == [
        r.shares[TARGET].mean for r in found.rows
    ]


def test_given_a_target_that_the_wind_does_not_lead_to_when_asked_then_the_answer_says_so(
    wind: WindGrid,
) -> None:
    west = Region("far west", shapely.box(111.0, 36.0, 112.0, 37.0), "made")
    result = find_reachable(replace(small(), target=west), wind)
    text = " ".join(reach_text(result).split())
    assert not any(stand.is_reachable for stand in result.sites)
    assert "reachable from none of the mission's sites (Ganghwa)" in text
    assert "from nowhere in South Korea" in text


def test_given_the_answer_when_written_then_it_fits_80_columns_and_never_says_go(
    found: Reachable, tmp_path: Path
) -> None:
    text = reach_text(found)
    assert max(map(len, text.splitlines())) <= 80
    assert "it is no GO" in " ".join(text.split())
    assert "SYNTHETIC WIND" in text
    draw_reach(found, tmp_path / "reach.png")
    assert (tmp_path / "reach.png").stat().st_size > 50_000


def test_given_the_answer_when_written_as_json_then_it_keeps_its_schema(found: Reachable) -> None:
    document = json.loads(json.dumps(reach_document(found), allow_nan=False))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [e.message for e in Draft202012Validator(schema).iter_errors(document)] == []
    assert document["is_go"] is False
    assert document["forward_check"]["in_target"] == found.check.inside


@pytest.mark.parametrize("count", [20, 200])
def test_given_a_target_when_places_are_spread_then_they_cover_it_evenly(count: int) -> None:
    box = Region("box", shapely.box(126.0, 38.0, 129.0, 41.0), "made")
    places = spread_places(box, count, 3)

    assert places.longitude.size == pytest.approx(count, rel=0.3)
    assert places.fine_longitude.size == pytest.approx(count * DENSER**2, rel=0.15)
    assert box.contains(places.fine_longitude, places.fine_latitude).all()
    # half of the area of a box on the sphere lies south of the mean of the sines of its sides
    middle = np.degrees(np.arcsin(0.5 * np.sin(np.radians([38.0, 41.0])).sum()))
    assert np.mean(places.fine_latitude < middle) == pytest.approx(0.5, abs=0.05)
    nearest = distance_m(128.0, 39.5, places.fine_longitude, places.fine_latitude).min()
    assert nearest < 1.5 * places.fine_spacing_m


def test_given_a_target_without_room_when_places_are_spread_then_one_lies_in_it() -> None:
    thread = Region("thread", shapely.box(126.0, 38.0, 129.0, 38.0001), "made")
    places = spread_places(thread, 30, 3)
    assert places.longitude.size > 0
    # sides are bent by no more than this on the way to the plane and back
    assert np.abs(places.latitude - 38.00005).max() < 0.00006
