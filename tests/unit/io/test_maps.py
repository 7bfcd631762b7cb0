"""GeoJSON keeps RFC 7946, KML is KML."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, shape

from downwind.geo.regions import region_from_country
from downwind.io._parts import cut_for_map
from downwind.io.geojson import MOST_POINTS, simplify_outline, write_landing_geojson
from downwind.io.kml import TRACKS, write_flight_kml
from downwind.plan.mission import KeepOut
from downwind.plan.result import PlanResult

KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def landing(small_result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("maps") / "landing.geojson"
    keep_out = KeepOut(region_from_country("Russia"), 0.01)
    mission = dataclasses.replace(small_result.mission, keep_outs=(keep_out,))
    shares = {**small_result.load_shares, "keep_out:Russia": small_result.load_shares["sea"]}
    write_landing_geojson(
        dataclasses.replace(small_result, mission=mission, load_shares=shares), path
    )
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def kml(small_result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> ET.Element:
    path = tmp_path_factory.mktemp("maps") / "flight.kml"
    write_flight_kml(small_result, path)
    return ET.parse(path).getroot()


def test_every_feature_is_valid_and_names_its_run(
    landing: dict[str, Any], small_result: PlanResult
) -> None:
    assert landing["type"] == "FeatureCollection"
    roles = [feature["properties"]["role"] for feature in landing["features"]]
    assert sorted(set(roles)) == [
        "contour", "ending_contour", "keep_out", "median_landing", "site", "target", "town",
    ]  # fmt: skip
    assert roles.count("contour") == 4
    assert roles.count("ending_contour") == 6
    for feature in landing["features"]:
        assert feature["properties"]["run"] == small_result.run.digest
        geometry = shape(feature["geometry"])
        assert geometry.is_valid
        assert not geometry.is_empty
        west, south, east, north = geometry.bounds
        assert -180.0 <= west <= east <= 180.0
        assert -90.0 <= south <= north <= 90.0
        for polygon in shapely.get_parts(geometry):
            if isinstance(polygon, Polygon):
                assert polygon.exterior.is_ccw
                assert not any(ring.is_ccw for ring in polygon.interiors)


def test_the_smaller_contour_lies_in_the_larger_and_holds_the_median(
    landing: dict[str, Any],
) -> None:
    for item in ("dvd", "leaflet-film-12x5"):
        mine = [f for f in landing["features"] if f["properties"].get("item") == item]
        contours = {
            f["properties"]["probability"]: f for f in mine if f["properties"]["role"] == "contour"
        }
        inner, outer = (shape(contours[level]["geometry"]) for level in (0.5, 0.9))
        assert outer.buffer(1e-4).contains(inner)
        areas = [contours[level]["properties"]["area_km2"] for level in (0.5, 0.9)]
        assert areas[0] < areas[1]
        median = next(f for f in mine if f["properties"]["role"] == "median_landing")
        assert outer.contains(shape(median["geometry"]))


def test_huge_outlines_are_simplified() -> None:
    region = region_from_country("Russia")
    simple, how = simplify_outline(region)
    assert shapely.get_num_coordinates(simple) <= MOST_POINTS
    assert how != "whole"
    assert simple.is_valid


def test_polygons_past_180_degrees_are_cut() -> None:
    crossing = Polygon([(179.0, 10.0), (181.0, 10.0), (181.0, 11.0), (179.0, 11.0)])
    cut = cut_for_map(crossing)
    assert isinstance(cut, MultiPolygon)
    assert cut.bounds == (-180.0, 10.0, 180.0, 11.0)
    assert cut.area == pytest.approx(2.0)
    assert cut.contains(Point(179.5, 10.5))
    assert cut.contains(Point(-179.5, 10.5))


def test_the_kml_has_tracks_at_their_altitudes(kml: ET.Element, small_result: PlanResult) -> None:
    assert kml.tag == f"{KML}kml"
    lines = kml.findall(f".//{KML}LineString")
    assert len(lines) == TRACKS * len(small_result.groups)
    highest = 0.0
    for line in lines:
        assert line.findtext(f"{KML}altitudeMode") == "absolute"
        text = line.findtext(f"{KML}coordinates") or ""
        rows = [tuple(map(float, row.split(","))) for row in text.split()]
        assert len(rows) > 10
        assert rows[0][:2] == pytest.approx((126.49, 37.75))
        highest = max(highest, *(row[2] for row in rows))
    peaks = max(g.envelope.peak_m[:TRACKS].max() for g in small_result.groups)
    assert highest == pytest.approx(peaks, abs=0.06)


def test_the_kml_has_site_releases_and_contours(kml: ET.Element) -> None:
    styles = {"#" + style.attrib["id"] for style in kml.iter(f"{KML}Style")}
    assert {url.text for url in kml.iter(f"{KML}styleUrl")} <= styles
    names = [name.text or "" for name in kml.iter(f"{KML}name")]
    assert "Ganghwa" in names
    assert sum(name.endswith(": release") for name in names) > TRACKS
    assert names.count("90 % of landings") == 2
    for ring in kml.iter(f"{KML}LinearRing"):
        points = (ring.findtext(f"{KML}coordinates") or "").split()
        assert len(points) >= 4
        assert points[0] == points[-1]


def test_the_same_result_gives_the_same_maps(small_result: PlanResult, tmp_path: Path) -> None:
    for write in (write_landing_geojson, write_flight_kml):
        write(small_result, tmp_path / "one")
        write(small_result, tmp_path / "two")
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
