"""Which region holds a landing: target, home, third countries, sea, elsewhere, keep-outs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm
from shapely.geometry import box

from downwind.errors import RegionError
from downwind.geo.regions import Region, region_from_country, region_from_geojson
from downwind.geo.sphere import local_equal_area
from downwind.landing.regions import LandingRegions

PLACES = {
    "Pyongyang": (125.75, 39.02),
    "Seoul": (126.98, 37.57),
    "Shenyang": (123.43, 41.80),
    "Yellow Sea": (123.5, 37.0),
    "Nampo": (125.40, 38.74),
}


@pytest.fixture(scope="module")
def korea() -> LandingRegions:
    return LandingRegions(
        region_from_country("North Korea"),
        region_from_country("South Korea"),
        (Region("capital", box(125.5, 38.8, 126.0, 39.2), "test"),),
    )


def classify(regions: LandingRegions) -> dict[str, dict[str, bool]]:
    lon, lat = np.array(list(PLACES.values())).T
    inside = regions.classify(lon, lat)
    return {
        place: {name: bool(mask[i]) for name, mask in inside.items()}
        for i, place in enumerate(PLACES)
    }


def test_each_place_lies_in_its_region(korea: LandingRegions) -> None:
    found = classify(korea)
    where = {
        place: [n for n, yes in names.items() if yes and not n.startswith("keep_out")]
        for place, names in found.items()
    }

    assert where == {
        "Pyongyang": ["target"],
        "Seoul": ["home"],
        "Shenyang": ["third_country"],
        "Yellow Sea": ["sea"],
        "Nampo": ["target"],
    }
    assert found["Pyongyang"]["keep_out:capital"]
    assert not found["Nampo"]["keep_out:capital"]


def test_land_of_the_targets_country_outside_the_target_is_elsewhere() -> None:
    district = Region("district", box(125.3, 38.6, 125.6, 38.9), "test")
    regions = LandingRegions(district, region_from_country("South Korea"), ())
    found = classify(regions)

    assert found["Pyongyang"]["elsewhere"]
    assert not found["Pyongyang"]["third_country"]
    assert found["Nampo"]["target"]


def test_a_country_that_the_target_only_grazes_stays_a_third_country() -> None:
    drawn_wide = region_from_country("North Korea").geometry.buffer(0.001)
    regions = LandingRegions(
        Region("drawn a hair wide", drawn_wide, "test"), region_from_country("South Korea"), ()
    )

    assert classify(regions)["Shenyang"]["third_country"]


def test_the_first_five_share_out_the_earth(korea: LandingRegions) -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(120.0, 132.0, 5_000), rng.uniform(34.0, 43.0, 5_000)
    inside = korea.classify(lon, lat)
    five = np.sum(
        [inside[n] for n in ("target", "home", "third_country", "sea", "elsewhere")], axis=0
    )

    assert np.all(five == 1)
    assert set(inside) == set(korea.names)


def test_regions_have_titles_for_people(korea: LandingRegions) -> None:
    assert korea.title("target") == "target: North Korea"
    assert korea.title("home") == "falling short: South Korea"
    assert korea.title("keep_out:capital") == "keep-out capital"
    assert all(korea.title(name) for name in korea.names)


def test_home_and_target_may_overlap_and_each_counts(korea: LandingRegions) -> None:
    same = region_from_country("South Korea")
    inside = LandingRegions(same, same, ()).classify(np.array([126.98]), np.array([37.57]))

    assert inside["target"][0]
    assert inside["home"][0]
    assert not inside["elsewhere"][0]


# --- the antimeridian and the poles ---------------------------------------------------------------


def write_region(path: Path, ring: list[tuple[float, float]]) -> Region:
    coordinates = [[list(point) for point in (*ring, ring[0])]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": coordinates}))
    return region_from_geojson(path)


def scatter_about(longitude: float, latitude: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Landings of a round normal law of 20 km: longitude, latitude [deg] and x to the east [m]."""
    x, y = np.random.default_rng(41).normal(0.0, 20_000.0, (2, 20_000))
    return *local_equal_area(longitude, latitude).inverse(x, y), x


def test_given_a_region_across_the_antimeridian_then_the_probability_is_that_of_the_normal_law(
    tmp_path: Path, korea: LandingRegions
) -> None:
    east_edge = np.degrees(10_000.0 / 6_371_009.0)  # 10 km east of 180 degrees, on the equator
    ring = [(179.0, -1.0), (-180.0 + east_edge, -1.0), (-180.0 + east_edge, 1.0), (179.0, 1.0)]
    region = write_region(tmp_path / "strait.geojson", ring)
    regions = LandingRegions(region, korea.home, (region,))
    lon, lat, _ = scatter_about(180.0, 0.0)

    inside = regions.classify(lon, lat)
    expected = norm.cdf(0.5)
    error = np.sqrt(expected * (1.0 - expected) / lon.size)
    for name in ("target", "keep_out:strait"):
        assert abs(inside[name].mean() - expected) < 4.0 * error
    # and the same with longitudes from 0 to 360
    assert region.contains(lon % 360.0, lat).mean() == inside["target"].mean()


@pytest.mark.parametrize("south", [1.0, -1.0])
def test_given_a_cap_about_a_pole_then_the_probability_is_that_of_the_normal_law(
    south: float, tmp_path: Path, korea: LandingRegions
) -> None:
    radius_m = 30_000.0
    ring = [
        (float(x), south * (90.0 - np.degrees(radius_m / 6_371_009.0))) for x in range(-180, 180)
    ]
    region = write_region(tmp_path / "cap.geojson", ring)
    lon, lat, _ = scatter_about(0.0, 90.0 * south)

    inside = LandingRegions(region, korea.home, ()).classify(lon, lat)["target"].mean()
    expected = 1.0 - np.exp(-0.5 * (radius_m / 20_000.0) ** 2)
    assert abs(inside - expected) < 4.0 * np.sqrt(expected * (1.0 - expected) / lon.size)


def test_given_a_region_that_crosses_itself_then_it_is_refused_with_the_place(
    tmp_path: Path,
) -> None:
    with pytest.raises(RegionError, match="coordinates.*Self-intersection"):
        write_region(tmp_path / "bow.geojson", [(126, 38), (127, 39), (127, 38), (126, 39)])
