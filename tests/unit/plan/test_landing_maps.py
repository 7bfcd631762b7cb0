"""Landing maps: expected numbers, people struck, chances of shares, towns, and what else falls."""

from __future__ import annotations

import copy
import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from downwind.errors import MissionError, PopulationFileError
from downwind.geo.regions import region_from_country
from downwind.geo.sphere import distance_m, local_equal_area
from downwind.landing.casualty import PERSON_RADIUS_M, add_up, casualty_area_m2
from downwind.landing.regions import LandingRegions
from downwind.plan.load_events import find_load_events
from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission
from downwind.plan.towns import Landings, find_towns
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

PEOPLE_KM2 = 40.0


def write_people(path: Path, value: float = PEOPLE_KM2) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", height=300, width=500, count=1, dtype="float32",
        crs="EPSG:4326", transform=Affine(0.05, 0.0, 115.0, 0.0, -0.05, 47.0), nodata=-1.0,
    ) as out:  # fmt: skip
        out.write(np.full((300, 500), value, np.float32), 1)
    return path


@pytest.fixture(scope="module")
def wind() -> WindGrid:
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, parse_mission(copy.deepcopy(SMALL)).wind)


def table_of(**tables: Any) -> dict[str, Any]:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 60
    table["uncertainty"] = {"failure": 0.2}
    return table | tables


@pytest.fixture(scope="module")
def flown(wind: WindGrid, tmp_path_factory: pytest.TempPathFactory) -> PlanResult:
    """A flight over 40 people to every square kilometre, with many timers that fail."""
    folder = tmp_path_factory.mktemp("people")
    write_people(folder / "people.tif")
    table = table_of(population={"file": "people.tif", "unit": "people/km2"})
    return fly_mission(parse_mission(table, folder), wind)


def map_of(result: PlanResult, key: str) -> Any:
    assert result.landings is not None
    return next(m for m in result.landings.maps if m.key == key)


# --- maps -----------------------------------------------------------------------------------------


def test_given_a_flight_then_every_sort_of_thing_has_a_map(flown: PlanResult) -> None:
    assert flown.landings is not None
    assert [(m.key, m.role) for m in flown.landings.maps] == [
        ("dvd", "item"), ("leaflet-film-12x5", "item"), ("bundles", "ending"),
        ("unreleased", "ending"), ("envelopes", "ending"),
    ]  # fmt: skip
    for found in flown.landings.maps:
        total = found.per_km2.sum() * found.density.cell_m2 / 1e6
        assert total == pytest.approx(found.expected, rel=2e-3), found.key
        assert found.per_km2.min() >= 0.0


def test_given_shares_then_the_expected_items_of_a_region_are_those(flown: PlanResult) -> None:
    for kind in flown.kinds:
        found = map_of(flown, kind.kind.name)
        mean, error = found.regions["target"]
        assert mean == pytest.approx(kind.count * kind.shares["target"].mean)
        assert error == pytest.approx(kind.count * kind.shares["target"].standard_error)


def test_given_failing_timers_then_bundles_loads_and_envelopes_add_up(flown: PlanResult) -> None:
    """Every balloon is emptied, or brings some of its load down; no count is made twice."""
    balloons = flown.mission.balloon_count
    unopened = sum(b.expected for g in flown.groups for b in g.ground.bundles)
    emptied = sum(g.ground.emptied_count for g in flown.groups)
    assert map_of(flown, "bundles").expected == pytest.approx(unopened, rel=1e-9)
    kept = map_of(flown, "unreleased").expected
    assert kept == pytest.approx(balloons - emptied, rel=1e-9)
    assert map_of(flown, "envelopes").expected == pytest.approx(emptied, rel=1e-9)


def test_given_bundles_then_they_land_nearer_the_release_than_the_items(flown: PlanResult) -> None:
    site = flown.site
    reach = {}
    for key in ("bundles", "leaflet-film-12x5"):
        density = map_of(flown, key).density
        place = (density.longitude0, density.latitude0)
        reach[key] = float(distance_m(site.longitude, site.latitude, *place))

    assert reach["bundles"] < reach["leaflet-film-12x5"]


# --- people struck --------------------------------------------------------------------------------


def test_the_casualty_area_is_the_circle_of_both_radii() -> None:
    assert casualty_area_m2(0.0) == pytest.approx(math.pi * PERSON_RADIUS_M**2)
    assert casualty_area_m2(math.pi * 0.25, 0.5) == pytest.approx(math.pi)


def test_given_the_same_people_everywhere_then_the_struck_are_number_by_density_by_area(
    flown: PlanResult,
) -> None:
    found = map_of(flown, "bundles").struck

    assert found.things == pytest.approx(map_of(flown, "bundles").expected)
    expected = found.things * PEOPLE_KM2 / 1e6 * found.area_m2
    assert found.expected == pytest.approx(expected, rel=1e-3)
    assert found.at_yardstick == pytest.approx(expected * 100.0 / PEOPLE_KM2, rel=1e-3)
    assert found.unknown_share == pytest.approx(0.0, abs=1e-6)
    assert 0.0 < found.standard_error < found.expected


def test_given_people_everywhere_then_an_area_holds_its_own(flown: PlanResult) -> None:
    found = map_of(flown, "bundles")
    for level in (0.5, 0.9):
        cells = (found.density.density >= found.density.levels[level]).sum()
        area_km2 = cells * found.density.cell_m2 / 1e6
        assert found.people.in_area[level] == pytest.approx(PEOPLE_KM2 * area_km2, rel=0.02)


def test_given_items_below_the_limit_then_nobody_is_struck(flown: PlanResult) -> None:
    found = map_of(flown, "leaflet-film-12x5").struck

    assert (found.things, found.expected, found.at_yardstick) == (0.0, 0.0, 0.0)


def test_given_no_raster_then_the_number_is_not_known_and_the_yardstick_is(
    flown: PlanResult, wind: WindGrid
) -> None:
    bare = fly_mission(parse_mission(table_of()), wind)
    found, known = map_of(bare, "bundles").struck, map_of(flown, "bundles").struck

    assert math.isnan(found.expected)
    assert found.at_yardstick == pytest.approx(known.at_yardstick)
    assert map_of(bare, "bundles").people is None


def test_given_a_larger_person_then_more_are_struck(flown: PlanResult, wind: WindGrid) -> None:
    wide = fly_mission(parse_mission(table_of(population={"person_radius": "1 m"})), wind)

    assert map_of(wide, "bundles").struck.area_m2 > map_of(flown, "bundles").struck.area_m2


def test_the_error_of_a_product_is_that_of_both_factors() -> None:
    rng = np.random.default_rng(5)
    each = rng.gamma(4.0, 2.0, 100_000)
    mean, error = add_up(0.3, 0.02, each)

    assert mean == pytest.approx(0.3 * 8.0, rel=0.01)
    assert error == pytest.approx(math.hypot(0.3 * 4.0 / math.sqrt(1e5), 0.02 * 8.0), rel=0.02)


@pytest.mark.parametrize(
    ("population", "said"),
    [
        ({"file": "people.tif"}, "population.unit"),
        ({"unit": "people/cell"}, "population.unit"),
        ({"file": "people.tif", "unit": "people"}, "population.unit"),
    ],
)
def test_given_a_unit_that_is_not_stated_then_the_mission_is_refused(
    population: dict[str, str], said: str, tmp_path: Path
) -> None:
    write_people(tmp_path / "people.tif")
    with pytest.raises(MissionError) as caught:
        parse_mission(table_of(population=population), tmp_path)

    assert said in [place for place, _ in caught.value.faults]


@pytest.mark.parametrize(("name", "value", "said"), [
    ("people.tif", -3.0, "-3 people in row"), ("none.tif", 1.0, "cannot read"),
])  # fmt: skip
def test_given_a_raster_that_is_unfit_then_the_mission_is_refused_before_it_flies(
    name: str, value: float, said: str, tmp_path: Path
) -> None:
    write_people(tmp_path / "people.tif", value)
    with pytest.raises(PopulationFileError, match=said) as caught:
        parse_mission(table_of(population={"file": name, "unit": "people/cell"}), tmp_path)

    assert "population.file" in caught.value.message


def test_given_another_raster_then_the_mission_is_another(tmp_path: Path) -> None:
    digests = []
    for value in (1.0, 2.0):
        write_people(tmp_path / "people.tif", value)
        table = table_of(population={"file": "people.tif", "unit": "people/cell"})
        digests.append(parse_mission(table, tmp_path).digest)

    assert digests[0] != digests[1]


# --- chances of shares ----------------------------------------------------------------------------


def test_given_shares_by_draw_then_the_chance_is_the_part_of_the_draws() -> None:
    korea = region_from_country("South Korea")
    regions = LandingRegions(region_from_country("North Korea"), korea, ())
    shares = {name: np.zeros(100) for name in regions.names}
    shares["home"][:7] = 0.2
    shares["home"][7:20] = 0.02
    left = np.zeros(100)
    left[90:] = 0.15
    found = find_load_events(regions, shares, left, (0.01, 0.1, 0.5))
    home = {e.at_least: e for e in found if e.region == "home"}

    assert [home[f].hit_draws for f in (0.01, 0.1, 0.5)] == [20, 7, 0]
    assert home[0.1].probability == pytest.approx(0.07)
    # exact intervals of a binomial, from a table
    assert (home[0.1].low, home[0.1].high) == pytest.approx((0.0286, 0.1389), abs=1e-4)
    assert home[0.5].high == pytest.approx(1.0 - 0.05 ** (1.0 / 100.0))
    # what left the data may have come down here: seventeen draws at the most
    assert home[0.1].worst_high == pytest.approx(0.2582, abs=1e-4)


def test_given_shares_asked_for_in_the_mission_then_these_are_answered(wind: WindGrid) -> None:
    asked = table_of(report={"at_least": ["3 %", "0.5 %"], "contours": ["99 %", "20 %"]})
    result = fly_mission(parse_mission(asked), wind)
    assert result.landings is not None

    assert {e.at_least for e in result.landings.events} == {0.005, 0.03}
    density = map_of(result, "dvd").density
    assert list(density.contours) == [0.2, 0.99]
    assert density.contours[0.99].area > density.contours[0.2].area


# --- towns ----------------------------------------------------------------------------------------


def ring_about(longitude: float, latitude: float, radius_m: float, count: int) -> Any:
    turn = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    plane = local_equal_area(longitude, latitude)
    return plane.inverse(radius_m * np.cos(turn), radius_m * np.sin(turn))


def test_given_landings_about_a_town_then_those_within_the_radius_are_its_own() -> None:
    suva = (178.42531, -18.13683)
    near, far = (ring_about(*suva, radius, 30) for radius in (4_000.0, 6_000.0))
    draw = np.tile(np.arange(10), 6)
    lon, lat = (np.concatenate([a, b]) for a, b in zip(near, far, strict=True))
    weight = np.where(draw < 5, 2.0, 0.0)
    found = find_towns([Landings("dvd", True, lon, lat, draw, weight)], 10, 5_000.0, 15_000)
    row = found.rows[0]

    assert row.town.name == "Suva"
    by_draw = np.where(np.arange(10) < 5, 6.0, 0.0)  # three of each ring in every draw
    assert row.within["dvd"][0] == pytest.approx(by_draw.mean())
    assert row.within["dvd"][1] == pytest.approx(by_draw.std(ddof=1) / math.sqrt(10))
    assert row.items == row.within["dvd"]
    assert sum(r.nearest["dvd"] for r in found.rows) == pytest.approx(2.0 * by_draw.mean())


def test_given_landings_across_the_antimeridian_then_the_towns_of_both_sides_are_found() -> None:
    lon, lat = np.array([179.37, -179.99]), np.array([-16.43, -16.80])
    thing = Landings("dvd", True, lon, lat, np.array([0, 1]), np.ones(2))
    found = find_towns([thing], 2, 20_000.0, 15_000)

    assert [row.town.name for row in found.rows] == ["Labasa"]
    assert found.towns == 1
    assert found.rows[0].nearest["dvd"] == 1.0


@pytest.mark.parametrize("latitude", [89.99, -60.0])
def test_given_no_town_about_then_the_table_is_empty(latitude: float) -> None:
    thing = Landings(
        "dvd", True, np.array([0.0, 120.0]), np.full(2, latitude), np.array([0, 1]), np.ones(2)
    )
    assert find_towns([thing], 2, 5_000.0, 15_000).rows == ()
    assert find_towns([], 2, 5_000.0, 15_000).rows == ()


def test_given_the_same_flight_twice_then_maps_agree_to_the_bit(
    flown: PlanResult, wind: WindGrid
) -> None:
    again = fly_mission(flown.mission, wind)
    for one, other in zip(flown.landings.maps, again.landings.maps, strict=True):  # type: ignore[union-attr]
        assert one.density is not None
        assert other.density is not None
        np.testing.assert_array_equal(one.density.density, other.density.density)
        np.testing.assert_array_equal(one.density.scores, other.density.scores)
        np.testing.assert_array_equal(
            dataclasses.astuple(one.struck), dataclasses.astuple(other.struck)
        )
