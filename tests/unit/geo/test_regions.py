"""Regions: which points they hold, their area, and the files they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind.errors import RegionError
from downwind.geo._cells import CellIndex
from downwind.geo.atlas import countries
from downwind.geo.regions import (
    SEA,
    LandIndex,
    Region,
    check_target,
    classify_country,
    region_from_country,
    region_from_geojson,
)

SQUARE = [[126.0, 38.0], [127.0, 38.0], [127.0, 39.0], [126.0, 39.0], [126.0, 38.0]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: dict[str, Any] | None, **properties: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def box_ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write_document(document: object, name: str = "area.geojson") -> Path:
        path = tmp_path / name
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        return path

    return write_document


# --- points in regions ---------------------------------------------------------------------------


def test_a_country_holds_its_own_towns_only() -> None:
    north, south = region_from_country("North Korea"), region_from_country("South Korea")
    towns = {"Pyongyang": (125.75, 39.02), "Kaesong": (126.55, 37.97), "Seoul": (126.98, 37.57)}
    assert [bool(north.contains(*place)) for place in towns.values()] == [True, True, False]
    assert [bool(south.contains(*place)) for place in towns.values()] == [False, False, True]


@pytest.mark.parametrize("count", [500, 50_000])
def test_the_fast_test_agrees_with_the_exact_one_for_few_and_for_many_points(count: int) -> None:
    region = region_from_country("South Korea")
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(123.0, 132.0, count), rng.uniform(32.0, 40.0, count)
    expected = shapely.intersects_xy(region.geometry, lon, lat)
    np.testing.assert_array_equal(region.contains(lon, lat), expected)
    np.testing.assert_array_equal(region.contains(lon + 360.0, lat), expected)


def test_points_keep_their_shape_and_what_is_no_number_is_outside() -> None:
    region = Region("box", shapely.box(0.0, 0.0, 2.0, 1.0), "test")
    lon = np.array([[0.5, np.nan, 3.0], [2.0, 1.0, np.inf]])
    np.testing.assert_array_equal(
        region.contains(lon, 0.5), [[True, False, False], [True, True, False]]
    )
    many = np.full((100, 100), np.nan)
    assert not region.contains(many, 0.5).any()
    assert region.contains(np.empty(0), np.empty(0)).shape == (0,)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.floats(0.01, 2.0)),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
)
def test_cells_give_the_same_answer_as_testing_every_point(
    discs: list[tuple[float, float, float]], cells: int, seed: int
) -> None:
    shapes = [shapely.Point(x, y).buffer(radius) for x, y, radius in discs]
    shapes[0] = shapes[0].difference(shapely.Point(*discs[0][:2]).buffer(0.5 * discs[0][2]))
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(-4.0, 4.0, (2, 3000))
    box = (-3.5, -3.0, 3.0, 3.7)
    expected = np.full(lon.size, -1)
    for number in reversed(range(len(shapes))):
        expected[shapely.intersects_xy(shapes[number], lon, lat)] = number
    expected[(lon < box[0]) | (lon > box[2]) | (lat < box[1]) | (lat > box[3])] = -1
    np.testing.assert_array_equal(CellIndex(shapes, box, cells).find_holder(lon, lat), expected)


def test_each_point_is_in_one_country_or_at_sea() -> None:
    points = {
        "North Korea": (125.75, 39.02),
        "South Korea": (126.98, 37.57),
        "China": (124.38, 40.12),
        "Japan": (130.4, 33.6),
        None: (130.0, 38.5),
    }
    found = classify_country(*np.array(list(points.values())).T)
    names = [countries("10m")[i].name if i != SEA else None for i in found]
    assert names == list(points)


def test_classifying_agrees_with_the_exact_test_over_the_whole_globe() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-180.0, 180.0, 3000), rng.uniform(-90.0, 90.0, 3000)
    expected = np.full(lon.size, SEA)
    for index, country in reversed(list(enumerate(countries("10m")))):
        shapely.prepare(country.geometry)
        expected[shapely.intersects_xy(country.geometry, lon, lat)] = index
    np.testing.assert_array_equal(classify_country(lon, lat), expected)


def test_points_beyond_an_index_or_without_numbers_are_at_sea() -> None:
    index = LandIndex((124.0, 37.0, 128.0, 40.0))
    assert index.classify(0.0, 50.0) == SEA
    assert classify_country(np.nan, 38.0) == SEA
    assert classify_country(np.empty((0, 3)), 38.0).shape == (0, 3)
    assert (classify_country([[np.nan, 126.98 - 360.0]], 37.57) != SEA).tolist() == [[False, True]]


# --- files ---------------------------------------------------------------------------------------


def test_a_polygon_a_feature_and_a_collection_are_the_same_region(write: Any) -> None:
    forms = [
        polygon(SQUARE),
        feature(polygon(SQUARE)),
        {"type": "FeatureCollection", "features": [feature(polygon(SQUARE))]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
    ]
    for form in forms:
        region = region_from_geojson(write(form))
        assert region.geometry.equals(shapely.box(126.0, 38.0, 127.0, 39.0))
        assert (region.name, region.source) == ("area", "area.geojson")
        assert region.area_km2 == pytest.approx(9_680, rel=5e-3)


def test_a_region_is_named_by_the_caller_the_feature_or_the_file(write: Any) -> None:
    path = write(feature(polygon(SQUARE), name="Kaepung"))
    assert region_from_geojson(path).name == "Kaepung"
    assert region_from_geojson(path, name="district").name == "district"


def test_several_features_and_a_hole_make_one_region(write: Any) -> None:
    second = box_ring(127.0, 38.0, 128.0, 39.0)
    hole = box_ring(126.4, 38.4, 126.6, 38.6)
    features = [feature(polygon(SQUARE, hole)), feature(polygon(second))]
    region = region_from_geojson(write({"type": "FeatureCollection", "features": features}))
    assert region.contains([126.1, 127.0, 127.5, 126.5], 38.5).tolist() == [True, True, True, False]


@pytest.mark.parametrize("ring", [box_ring(179, 1, 181, 2), box_ring(179, 1, -179, 2)])
def test_longitudes_are_read_either_way_across_the_antimeridian(
    write: Any, ring: list[list[float]]
) -> None:
    region = region_from_geojson(write(polygon(ring)))
    assert region.geometry.bounds == (-180.0, 1.0, 180.0, 2.0)
    assert region.contains([179.5, -179.5, 180.5, 0.0], 1.5).tolist() == [True, True, True, False]
    assert region.area_km2 == pytest.approx(2 * 12_300, rel=5e-3)


def test_longitudes_from_0_to_360_become_west_of_greenwich(write: Any) -> None:
    region = region_from_geojson(write(polygon(box_ring(358.0, 50.0, 359.0, 51.0))))
    assert region.geometry.bounds == (-2.0, 50.0, -1.0, 51.0)


@pytest.mark.parametrize(
    "longitudes",
    [(-180, -60, 60, 180), (0, 90, 180, 270, 360), (0, 90, 180, -90, 0), (30, -60, -150, 130, 30)],
)
def test_a_ring_round_the_pole_holds_the_pole(write: Any, longitudes: tuple[float, ...]) -> None:
    ring = [[lon, 80.0] for lon in longitudes]
    region = region_from_geojson(write(polygon(ring)))
    assert region.contains([0.0, 45.0, 0.0], [89.0, 81.0, 79.0]).tolist() == [True, True, False]


CROSSED = [[126.0, 38.0], [127.0, 39.0], [127.0, 38.0], [126.0, 39.0], [126.0, 38.0]]
BAD_FILES = {
    "empty file": ("", "is empty"),
    "not JSON": ("{", "is not JSON"),
    "nested too deeply": ("[" * 100_000, "is not JSON"),
    "a list": ([], "not GeoJSON"),
    "no type": ({}, "is no geometry"),
    "a line": ({"type": "LineString", "coordinates": SQUARE}, "is a LineString, not a Polygon"),
    "no features": ({"type": "FeatureCollection", "features": []}, "features: holds no feature"),
    "a feature without a shape": (
        {"type": "FeatureCollection", "features": [feature(polygon(SQUARE)), feature(None)]},
        r"features\[1\]\.geometry: is no geometry",
    ),
    "no coordinates": (polygon(), "coordinates: is empty"),
    "open": (polygon([*SQUARE[:-1], [126.0, 38.1]]), r"coordinates\[0\]: .*not closed"),
    "three points": (polygon([*SQUARE[:2], SQUARE[0]]), "at least four points"),
    "self-crossing": (
        feature(polygon(CROSSED)),
        r"geometry\.coordinates: .*Self-intersection\[126\.5 38\.5\]",
    ),
    "no area": (polygon([[126.0, 38.0], [127.0, 38.0]] * 2 + [[126.0, 38.0]]), "not sound"),
    "hole outside": (polygon(SQUARE, box_ring(128.0, 38.0, 129.0, 39.0)), "not sound"),
    "latitude 91": (
        polygon([SQUARE[0], [127.0, 91.0], *SQUARE[2:]]),
        r"coordinates\[0\]\[1\]: latitude 91 is not within",
    ),
    "longitude -200": (polygon([[-200.0, 38.0], *SQUARE[1:]]), "longitude -200 is not within"),
    "a side without a way": (
        polygon(box_ring(-100.0, 10.0, 100.0, 20.0)),
        r"coordinates\[0\]\[0\]: the side from here spans 200 degrees",
    ),
    "a side round the globe": (polygon(box_ring(-180.0, 10.0, 180.0, 20.0)), "spans 360 degrees"),
    "metres": (polygon(box_ring(3e5, 4.1e6, 4e5, 4.2e6)), "projected coordinates"),
    "another system": (
        {**polygon(SQUARE), "crs": {"type": "name", "properties": {"name": "EPSG:5179"}}},
        "coordinates are in EPSG:5179",
    ),
    "text for a number": (polygon([["126", "38"], *SQUARE[1:]]), r"\[0\]\[0\]: is not a longitude"),
    "not a number": (polygon([[float("nan"), 38.0], *SQUARE[1:]]), "is not a longitude"),
}


@pytest.mark.parametrize(("document", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_region_is_refused_with_the_place(
    write: Any, document: object, message: str
) -> None:
    with pytest.raises(RegionError, match=message) as caught:
        region_from_geojson(write(document))
    assert "area.geojson" in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there_or_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match="cannot be read: No such file"):
        region_from_geojson(tmp_path / "none.geojson")
    (tmp_path / "binary.geojson").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(RegionError, match="not text in UTF-8"):
        region_from_geojson(tmp_path / "binary.geojson")


def test_a_plain_reference_system_is_accepted(write: Any) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert region_from_geojson(write({**polygon(SQUARE), "crs": crs})).area_km2 > 9_000


# --- targets -------------------------------------------------------------------------------------


def test_a_target_of_one_square_kilometre_is_refused() -> None:
    small = Region("yard", shapely.box(126.0, 38.0, 126.0114, 38.009), "test")
    assert small.area_km2 == pytest.approx(1.0, rel=0.01)
    with pytest.raises(RegionError, match=r"'yard' has an area of 1 km2.* at least 25 km2"):
        check_target(small)


def test_a_country_too_small_for_the_map_is_refused() -> None:
    with pytest.raises(RegionError, match="'Vatican' is too small for the map"):
        region_from_country("Vatican")


def test_a_district_and_a_country_are_targets() -> None:
    district = Region("district", shapely.box(126.0, 38.0, 126.06, 38.05), "test")
    assert check_target(district) is district
    assert check_target(region_from_country("North Korea")).name == "North Korea"
