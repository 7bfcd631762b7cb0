"""Which region holds a landing: target, home, third countries, sea, elsewhere, keep-outs."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box

from downwind.geo.regions import Region, region_from_country
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
