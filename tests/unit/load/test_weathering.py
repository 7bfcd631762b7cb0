"""Water and ice: the factors of the fall speed, and when a warning comes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from downwind.errors import ArgumentError
from downwind.load.items import CATALOGUE, Disc
from downwind.load.weathering import (
    ICE_KGM3,
    ice_mass_kg,
    ice_speed_factor,
    mass_speed_factor,
    weather_warnings,
    wet_speed_factor,
)

PAPER = CATALOGUE["leaflet-a6-80"]
FILM = CATALOGUE["leaflet-film-12x5"]
DVD = CATALOGUE["dvd"]
HEIGHT = np.array([0.0, 1_000.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0])
KELVIN = 288.15 - 0.0065 * HEIGHT  # freezing point at 2,308 m, -15 C at 4,615 m


def only(*levels: int, value: float = 1.0, rest: float = 0.0) -> np.ndarray:
    """A column with a value at some levels and another at the rest."""
    column = np.full(HEIGHT.shape, rest)
    column[list(levels)] = value
    return column


def codes(warnings: tuple) -> list[str]:
    return [w.code for w in warnings]


# --- factors -------------------------------------------------------------------------------------


def test_given_wet_paper_then_it_falls_1_14_to_1_41_times_as_fast() -> None:
    assert wet_speed_factor(PAPER) == pytest.approx((1.14, 1.41), abs=0.005)


@pytest.mark.parametrize("kind", [FILM, DVD], ids=lambda k: k.name)
def test_given_what_takes_up_no_water_then_it_falls_as_before(kind: Disc) -> None:
    assert wet_speed_factor(kind) == (1.0, 1.0)


def test_given_a_millimetre_of_ice_on_one_face_of_a_disc_then_it_weighs_10_4_g() -> None:
    assert ice_mass_kg(DVD, 1e-3) == pytest.approx(0.01037, abs=5e-6)
    assert ice_speed_factor(DVD) == pytest.approx(1.29, abs=0.005)
    assert ice_speed_factor(DVD, 0.0) == 1.0


def test_given_a_disc_with_ice_when_it_falls_then_it_is_as_fast_as_a_disc_of_that_mass() -> None:
    heavy = Disc("d", "d", 0.0155 + ICE_KGM3 * DVD.area_m2 * 2e-3, 0.120)

    assert DVD.speed_ms * ice_speed_factor(DVD, 2e-3) == pytest.approx(heavy.speed_ms, rel=1e-12)


@pytest.mark.parametrize(
    ("hung", "bare"), [("usb-stick-parachute", "usb-stick"), ("radio-parachute", "radio")]
)
def test_given_a_parachute_when_ice_grows_then_on_the_item_and_not_on_the_canopy(
    hung: str, bare: str
) -> None:
    kind, block = CATALOGUE[hung], CATALOGUE[bare]

    assert ice_mass_kg(kind, 1e-3) == ice_mass_kg(block, 1e-3)
    expected = math.sqrt(1.0 + ice_mass_kg(block, 1e-3) / kind.mass_kg)
    assert ice_speed_factor(kind) == pytest.approx(expected, rel=1e-12)
    assert ice_speed_factor(kind) < 1.04


@pytest.mark.parametrize("bad", [-0.1, math.nan])
def test_given_less_than_nothing_when_added_then_it_is_refused(bad: float) -> None:
    with pytest.raises(ArgumentError):
        mass_speed_factor(bad)
    with pytest.raises(ArgumentError):
        ice_speed_factor(DVD, bad)


# --- warnings ------------------------------------------------------------------------------------


def test_given_a_clear_sky_when_asked_then_there_is_no_warning() -> None:
    assert weather_warnings(PAPER, HEIGHT, KELVIN, cloud_fraction=only()) == ()


def test_given_cloud_in_the_icing_layer_when_asked_then_it_is_named_with_its_heights() -> None:
    (warning,) = weather_warnings(DVD, HEIGHT, KELVIN, cloud_fraction=only(3, 4))

    assert warning.code == "icing"
    assert (warning.low_m, warning.high_m) == (3_000.0, 4_000.0)
    assert warning.speed_factor == ice_speed_factor(DVD)
    assert "from 3000 to 4000 m" in warning.text
    assert "1.29 times as fast" in warning.text


@pytest.mark.parametrize("level", [0, 1, 2, 5], ids=["sea", "1 km", "2 km", "colder than -15 C"])
def test_given_cloud_outside_the_icing_layer_when_asked_then_no_ice_is_warned_of(
    level: int,
) -> None:
    assert weather_warnings(FILM, HEIGHT, KELVIN, cloud_fraction=only(level)) == ()


def test_given_cloud_above_freezing_when_asked_then_paper_gets_wet_and_film_stays_dry() -> None:
    cloud = only(1, 2)

    (warning,) = weather_warnings(PAPER, HEIGHT, KELVIN, cloud_fraction=cloud)
    assert warning.code == "wet"
    assert (warning.low_m, warning.high_m) == (1_000.0, 2_000.0)
    assert "1.14 to 1.41 times as fast, and wet sheets may cling together" in warning.text
    assert weather_warnings(FILM, HEIGHT, KELVIN, cloud_fraction=cloud) == ()


def test_given_what_does_not_clump_when_wet_then_the_warning_does_not_say_so() -> None:
    kind = CATALOGUE["dvd-sleeve"]
    (warning,) = weather_warnings(kind, HEIGHT, KELVIN, cloud_fraction=only(1))

    assert "cling" not in warning.text


@pytest.mark.parametrize(("cover", "expected"), [(0.24, []), (0.25, ["icing"])], ids=str)
def test_given_cloud_cover_when_it_is_a_quarter_then_it_counts(
    cover: float, expected: list[str]
) -> None:
    found = weather_warnings(DVD, HEIGHT, KELVIN, cloud_fraction=only(3, value=cover))

    assert codes(found) == expected


@pytest.mark.parametrize(("humidity", "expected"), [(0.94, []), (0.95, ["icing"])], ids=str)
def test_given_humidity_alone_when_it_is_95_percent_then_it_counts_as_cloud(
    humidity: float, expected: list[str]
) -> None:
    found = weather_warnings(DVD, HEIGHT, KELVIN, only(3, value=humidity, rest=0.5))

    assert codes(found) == expected


def test_given_both_when_cloud_is_known_then_humidity_is_not_asked() -> None:
    damp = only(3)
    some = only(4, value=math.nan)

    assert weather_warnings(DVD, HEIGHT, KELVIN, damp, only()) == ()
    # where the cover is not known, humidity is
    found = weather_warnings(DVD, HEIGHT, KELVIN, only(3, 4), some)
    assert codes(found) == ["icing"]
    assert found[0].low_m == found[0].high_m == 4_000.0


def test_given_rain_when_the_sky_is_known_then_it_wets_below_and_freezes_above() -> None:
    found = weather_warnings(
        PAPER, HEIGHT, KELVIN, cloud_fraction=only(), rain=only(0, 3, value=0.2)
    )

    assert codes(found) == ["icing", "wet"]
    assert (found[0].low_m, found[1].low_m) == (3_000.0, 0.0)
    assert ": rain between -15 and 0 C" in found[0].text
    assert ": rain above 0 C" in found[1].text


def test_given_cloud_with_and_without_rain_when_warned_then_the_text_names_what_there_is() -> None:
    dry = weather_warnings(PAPER, HEIGHT, KELVIN, cloud_fraction=only(1, 3))
    rainy = weather_warnings(
        PAPER, HEIGHT, KELVIN, cloud_fraction=only(1, 3), rain=only(0, value=1.0)
    )

    assert ": cloud between -15 and 0 C" in dry[0].text
    assert ": cloud above 0 C" in dry[1].text
    assert ": cloud between -15 and 0 C" in rainy[0].text
    assert ": cloud or rain above 0 C" in rainy[1].text


def test_given_no_word_of_cloud_when_asked_then_it_says_that_it_does_not_know() -> None:
    (warning,) = weather_warnings(PAPER, HEIGHT, KELVIN)

    assert warning.code == "unknown"
    assert "100% of the fall" in warning.text
    assert math.isnan(warning.low_m)


def test_given_gaps_when_asked_then_what_is_known_is_warned_of_and_the_rest_is_named() -> None:
    cloud = only(3, rest=math.nan)
    found = weather_warnings(DVD, HEIGHT, KELVIN, cloud_fraction=cloud)

    assert codes(found) == ["icing", "unknown"]
    assert "83% of the fall" in found[1].text


def test_given_heights_from_the_top_down_when_asked_then_nothing_changes() -> None:
    up = weather_warnings(PAPER, HEIGHT, KELVIN, cloud_fraction=only(1, 3))
    down = weather_warnings(PAPER, HEIGHT[::-1], KELVIN[::-1], cloud_fraction=only(1, 3)[::-1])

    assert up == down
    assert codes(up) == ["icing", "wet"]


def test_given_columns_of_other_lengths_when_asked_then_the_error_names_the_column() -> None:
    with pytest.raises(ArgumentError, match="cloud fraction has the shape"):
        weather_warnings(DVD, HEIGHT, KELVIN, cloud_fraction=[0.0, 1.0])
