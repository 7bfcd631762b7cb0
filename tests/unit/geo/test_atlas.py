"""The map: names, outlines across the antimeridian and round the pole, clipping."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from downwind.errors import MapDataError, RegionError
from downwind.geo import atlas
from downwind.geo.atlas import clip_countries, countries, find_country, land
from downwind.geo.regions import measure_area_km2


@pytest.mark.parametrize("resolution", ["10m", "50m"])
def test_every_country_is_valid_and_within_the_globe(resolution: atlas.Resolution) -> None:
    geometries = np.array([country.geometry for country in countries(resolution)])
    assert shapely.is_valid(geometries).all()
    assert set(shapely.get_type_id(geometries)) <= {
        shapely.GeometryType.POLYGON,
        shapely.GeometryType.MULTIPOLYGON,
    }
    west, south, east, north = shapely.total_bounds(geometries)
    assert (west, east) == (-180.0, 180.0)
    assert south >= -90.0
    assert north <= 90.0


@pytest.mark.parametrize(
    ("name", "area_km2"),
    [
        ("Russia", 16_950_000),
        ("Fiji", 19_000),
        ("United States", 9_500_000),
        ("Antarctica", 12_200_000),
        ("North Korea", 122_000),
        ("South Korea", 98_500),
        ("Lesotho", 30_400),
    ],
)
def test_area_is_that_of_the_country_across_antimeridian_pole_and_holes(
    name: str, area_km2: float
) -> None:
    assert measure_area_km2(find_country(name).geometry) == pytest.approx(area_km2, rel=0.02)


def test_no_country_has_a_strip_round_the_globe() -> None:
    for country in countries("10m"):
        bounds = shapely.bounds(shapely.get_parts(country.geometry))
        width = bounds[:, 2] - bounds[:, 0]
        if country.name not in {"Antarctica", "Russia"} and not country.geometry.is_empty:
            assert width.max() < 100.0, country.name


def test_both_sides_of_the_antimeridian_belong_to_russia() -> None:
    russia = find_country("Russia").geometry
    chukotka = shapely.Point(-175.0, 66.8), shapely.Point(178.0, 68.0)
    assert all(russia.contains(point) for point in chukotka)
    assert not russia.contains(shapely.Point(0.0, 68.0))


def test_the_south_pole_is_land() -> None:
    assert find_country("Antarctica").geometry.contains(shapely.Point(0.0, -89.99))
    assert land("50m").contains(shapely.Point(90.0, -89.9))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("south korea", "South Korea"),
        ("  NORTH KOREA ", "North Korea"),
        ("Republic of Korea", "South Korea"),
        ("DPRK", "North Korea"),
        ("KR", "South Korea"),
        ("prk", "North Korea"),
        ("United States", "United States of America"),
        ("U.S.A.", "United States of America"),
        ("UK", "United Kingdom"),
        ("The Gambia", "Gambia"),
        ("cote d'ivoire", "Côte d'Ivoire"),
        ("Bosnia and Herzegovina", "Bosnia and Herz."),
        ("Australia", "Australia"),
    ],
)
def test_a_country_is_found_by_what_people_call_it(said: str, meant: str) -> None:
    assert find_country(said).name == meant


def test_an_unknown_country_is_refused_with_the_nearest_spellings() -> None:
    with pytest.raises(RegionError, match="no country is called 'Korea'") as caught:
        find_country("Korea")
    assert "North Korea" in caught.value.hint
    assert "South Korea" in caught.value.hint
    assert caught.value.exit_code == 2
    with pytest.raises(RegionError, match="no country is called ''"):
        find_country("")


def test_clipped_countries_lie_in_the_box() -> None:
    clipped = clip_countries((124.0, 37.0, 128.0, 39.0))
    assert {country.name for country in clipped} == {"North Korea", "South Korea"}
    for country in clipped:
        west, south, east, north = country.geometry.bounds
        assert west >= 124.0
        assert east <= 128.0
        assert south >= 37.0
        assert north <= 39.0


def test_a_box_across_the_antimeridian_clips_on_both_sides() -> None:
    clipped = {c.name: c.geometry for c in clip_countries((176.0, -20.0, -178.0, -15.0))}
    west, _, east, _ = clipped["Fiji"].bounds
    assert west < 0.0 < east
    assert clipped["Fiji"].is_valid


def test_land_and_countries_cover_the_same_ground() -> None:
    box = shapely.box(120.0, 30.0, 132.0, 44.0)
    ground = shapely.intersection(land("50m"), box)
    together = shapely.union_all(
        [shapely.intersection(country.geometry, box) for country in countries("50m")]
    )
    assert shapely.symmetric_difference(ground, together).area < 1e-9


def test_a_package_without_map_data_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(atlas, "DATA_FOLDER", tmp_path)
    with pytest.raises(MapDataError, match=r"countries-10m\.json is missing") as caught:
        atlas._load_topology.__wrapped__("10m")
    assert "pip install ." in caught.value.hint
