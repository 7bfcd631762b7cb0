"""The map against a plain decoder, outlines of other makers, and geodesics of another program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.atlas import DATA_FOLDER, Resolution, countries, find_country
from downwind.geo.regions import region_from_geojson
from downwind.geo.sphere import bearing_deg, distance_m, find_destination

CROSSING = {"Russia", "Fiji", "Antarctica"}


def decode_plainly(document: dict[str, Any], arc_refs: list[int]) -> list[tuple[float, float]]:
    """Decode one ring as the TopoJSON specification describes it, a step at a time."""
    (sx, sy), (tx, ty) = document["transform"]["scale"], document["transform"]["translate"]
    ring: list[tuple[float, float]] = []
    for ref in arc_refs:
        x = y = 0
        line = []
        for dx, dy in document["arcs"][ref if ref >= 0 else ~ref]:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        if ref < 0:
            line.reverse()
        ring.extend(line[1:] if ring else line)
    return ring


def natural_earth(shared: Path, resolution: str) -> Path:
    folder = shared / "data" / "geodata" / "natural_earth"
    return folder / f"world-atlas_countries-{resolution}.json"


@pytest.mark.parametrize("resolution", ["10m", "50m"])
def test_the_map_inside_the_package_is_natural_earths(shared: Path, resolution: str) -> None:
    inside = DATA_FOLDER / f"countries-{resolution}.json"
    assert inside.read_bytes() == natural_earth(shared, resolution).read_bytes()


@pytest.mark.parametrize("resolution", ["10m", "50m"])
def test_every_outline_is_that_of_a_plain_decoder(shared: Path, resolution: Resolution) -> None:
    document = json.loads(natural_earth(shared, resolution).read_bytes())
    members = document["objects"]["countries"]["geometries"]
    ours = countries(resolution)
    assert [m["properties"]["name"] for m in members] == [country.name for country in ours]
    for member, country in zip(members, ours, strict=True):
        if country.name in CROSSING:
            continue
        polygons = [member["arcs"]] if member["type"] == "Polygon" else member["arcs"]
        rings = [[decode_plainly(document, ring) for ring in rings] for rings in polygons]
        area = sum(
            shapely.Polygon(shell).area - sum(shapely.Polygon(hole).area for hole in holes)
            for shell, *holes in rings
            if len(shell) >= 4
        )
        # a reef quantised to a figure of eight has two lobes; the plain sum takes their difference
        assert country.geometry.area == pytest.approx(area, rel=1e-3, abs=5e-5), country.name
        if country.geometry.is_empty:
            continue
        west, south, east, north = country.geometry.bounds
        points = np.array([point for shell, *_ in rings if len(shell) >= 4 for point in shell])
        np.testing.assert_allclose(points.min(axis=0), (west, south), atol=1e-9)
        np.testing.assert_allclose(points.max(axis=0), (east, north), atol=1e-9)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("North Korea", "world-countries_prk.geo.json"),
        ("South Korea", "world-countries_kor.geo.json"),
    ],
)
def test_korea_is_where_another_map_has_it(shared: Path, name: str, file: str) -> None:
    other = region_from_geojson(shared / "data" / "geodata" / "korea" / file).geometry
    ours = find_country(name).geometry
    common = shapely.intersection(ours, other).area
    assert common / shapely.union(ours, other).area > 0.95


def test_the_demarcation_line_parts_the_two_countries(shared: Path) -> None:
    path = shared / "data" / "geodata" / "korea" / "stiles_dmz-geojson.json"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    lines = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    points = shapely.points(np.concatenate([shapely.get_coordinates(line) for line in lines]))
    north, south = find_country("North Korea").geometry, find_country("South Korea").geometry
    reach = 0.05
    assert np.mean(shapely.distance(points, north) < reach) > 0.95
    assert np.mean(shapely.distance(points, south) < reach) > 0.95


def test_distances_and_bearings_are_those_of_proj_on_the_same_sphere() -> None:
    geod = pyproj.Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)
    rng = np.random.default_rng(11)
    lon_1, lon_2 = rng.uniform(-180.0, 180.0, (2, 2000))
    lat_1, lat_2 = np.rad2deg(np.arcsin(rng.uniform(-1.0, 1.0, (2, 2000))))
    azimuth, _, length = geod.inv(lon_1, lat_1, lon_2, lat_2)
    np.testing.assert_allclose(distance_m(lon_1, lat_1, lon_2, lat_2), length, rtol=1e-9)
    turn = bearing_deg(lon_1, lat_1, lon_2, lat_2) - azimuth
    np.testing.assert_allclose((turn + 180.0) % 360.0 - 180.0, 0.0, atol=1e-7)
    lon, lat = find_destination(lon_1, lat_1, azimuth, length)
    np.testing.assert_allclose(distance_m(lon, lat, lon_2, lat_2), 0.0, atol=1.0)
