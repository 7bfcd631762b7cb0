"""The fall models: speeds, areas, what is shared by a kind and what each item has for itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from downwind import atmosphere
from downwind.catalogue import Provenance
from downwind.constants import RHO0
from downwind.load.items import (
    CATALOGUE,
    Box,
    Disc,
    ItemKind,
    Leaflet,
    Measured,
    Parachute,
    Plate,
    bundle_speed_ms,
)
from downwind.load.kernels import fall_speed_ms

Z95 = 1.6448536269514722
ZERO = np.zeros(1)
HALF = np.full(1, 0.5)

DISC = Disc("d", "d", 0.0155, 0.120)
PLATE = Plate("p", "p", 0.0205, 0.125, 0.125, (1.0, 0.75, 1.4))
BOX = Box("b", "b", 0.010, 0.055, 0.018, 0.008, (1.1, 0.8, 1.4))
CHUTE = Parachute("c", "c", 0.160, 0.120, 0.075, 0.035, 0.40)
MEASURED = Measured("m", "m", 0.350, 0.4064, 0.07, 0.07, (10.4, 10.1, 10.7), 0.296)
DRAGGED = [DISC, PLATE, BOX, CHUTE]
every_drag = pytest.mark.parametrize("kind", DRAGGED, ids=lambda k: k.model)


def test_given_a_bare_disc_when_median_then_it_falls_at_4_7_ms() -> None:
    assert CATALOGUE["dvd"].speed_ms == pytest.approx(4.7, abs=0.05)


def test_given_the_catalogue_when_read_then_a_disc_is_the_closed_form_to_the_bit() -> None:
    dvd = CATALOGUE["dvd"]
    area = math.pi / 4.0 * 0.12**2

    assert dvd.mass_kg == 0.0155
    assert dvd.speed_ms == math.sqrt(2.0 * 0.0155 * 9.80665 / (1.225 * 1.0 * area))


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("leaflet-film-12x5", (0.12, 0.05, 0.045)),
        ("leaflet-film-12x5-60", (0.12, 0.05, 0.060)),
        ("leaflet-a5-80", (0.210, 0.148, 0.080)),
        ("leaflet-a6-80", (0.148, 0.105, 0.080)),
        ("leaflet-6x3-80", (0.1524, 0.0762, 0.080)),
    ],
)
def test_given_the_catalogue_when_read_then_a_leaflet_has_its_sides_to_the_bit(
    name: str, sides: tuple[float, float, float]
) -> None:
    kind = CATALOGUE[name]

    assert isinstance(kind, Leaflet)
    assert (kind.length_m, kind.width_m, kind.surface_density_kgm2) == sides
    assert kind.scatter == 0.10


def test_given_3_kg_when_unopened_then_it_falls_at_31_ms_and_grows_with_the_sixth_root() -> None:
    assert bundle_speed_ms(3.0) == pytest.approx(31.0, abs=0.5)
    assert bundle_speed_ms(3.0 * 64.0) == pytest.approx(2.0 * bundle_speed_ms(3.0), rel=1e-12)


@pytest.mark.parametrize(("h_m", "minutes"), [(3_000.0, 9.8), (5_000.0, 16.0)])
def test_given_a_disc_when_dropped_then_it_takes_the_computed_minutes(
    h_m: float, minutes: float
) -> None:
    fall_s = float(atmosphere.fall_integral_m(h_m)) / CATALOGUE["dvd"].speed_ms

    assert fall_s / 60.0 == pytest.approx(minutes, rel=0.02)


def test_given_the_compiled_fall_speed_when_high_up_then_it_follows_the_density_law() -> None:
    rho = float(atmosphere.density_kgm3(5_000.0))

    assert fall_speed_ms(5_000.0, 4.7, 0.5) == pytest.approx(4.7 * 1.2900, abs=1e-3)
    assert fall_speed_ms(5_000.0, 4.7, 0.3) == pytest.approx(4.7 * (RHO0 / rho) ** 0.3, rel=1e-5)
    assert fall_speed_ms(5_000.0, 4.7, 0.0) == 4.7


def test_the_demonstration_leaflet_takes_165_minutes_from_5_km_and_118_to_231_in_nine_of_ten() -> (
    None
):
    kind = CATALOGUE["leaflet-film-12x5"]
    rng = np.random.default_rng(1)
    n = 40_000
    falls = kind.fall_columns(
        rng.standard_normal(n),
        rng.standard_normal(n),
        rng.random(n),
        rng.standard_normal(n),
        rng.random(n),
    )
    switch = np.clip(falls.switch_m, 0.0, 5_000.0)
    whole = atmosphere.fall_integral_m(5_000.0, falls.exponent)
    low = atmosphere.fall_integral_m(switch, falls.exponent)
    minutes = ((whole - low) / falls.high_speed_ms + low / falls.low_speed_ms) / 60.0

    np.testing.assert_allclose(
        np.percentile(minutes, [5, 50, 95]), [118.0, 165.0, 231.0], rtol=0.02
    )


# --- areas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "area_m2"),
    [
        pytest.param(DISC, 0.0113097, id="disc: face"),
        pytest.param(PLATE, 0.015625, id="plate: face"),
        pytest.param(BOX, 0.000787, id="box: a quarter of the surface"),
        pytest.param(CHUTE, 0.1256637, id="parachute: canopy"),
        pytest.param(MEASURED, 0.0688134, id="measured: canopy"),
        pytest.param(CATALOGUE["leaflet-film-12x5"], 0.006, id="leaflet: face"),
    ],
)
def test_given_a_model_when_asked_then_its_area_is_that_of_its_drag(
    kind: ItemKind, area_m2: float
) -> None:
    assert kind.area_m2 == pytest.approx(area_m2, rel=1e-5)


def test_given_a_parachute_when_asked_for_the_body_then_the_canopy_is_left_out() -> None:
    block = Box("b", "b", 0.160, 0.120, 0.075, 0.035)

    assert CHUTE.body_area_m2 == block.body_area_m2 == block.area_m2
    assert MEASURED.body_area_m2 == pytest.approx(0.25 * (4 * 0.4064 * 0.07 + 2 * 0.07**2))
    for kind in (DISC, PLATE, BOX, CATALOGUE["leaflet-film-12x5"]):
        assert kind.body_area_m2 == kind.area_m2


def test_given_a_box_when_seen_from_all_sides_then_a_quarter_of_its_surface_shows() -> None:
    rng = np.random.default_rng(7)
    towards = rng.standard_normal((200_000, 3))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    faces = np.array([0.018 * 0.008, 0.055 * 0.008, 0.055 * 0.018])

    assert BOX.area_m2 == pytest.approx(float((np.abs(towards) @ faces).mean()), rel=2e-3)


def test_given_a_measured_item_without_a_canopy_then_its_area_is_that_of_its_block() -> None:
    block = Box("b", "b", 0.1, 0.2, 0.06, 0.05)
    bare = Measured("m", "m", 0.1, 0.2, 0.06, 0.05, (11.0, 10.0, 12.0))

    assert bare.area_m2 == block.area_m2
    assert bare.parachute_m is None


def test_given_a_measured_fall_when_turned_into_drag_then_that_drag_gives_the_speed() -> None:
    drag = MEASURED.drag_coefficient
    like = Parachute("c", "c", 0.350, 0.4064, 0.07, 0.07, 0.296, (drag, drag, drag))

    assert like.speed_ms == pytest.approx(10.4, rel=1e-12)


# --- draws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*DRAGGED, MEASURED], ids=lambda k: k.model)
def test_given_numbers_of_zero_when_drawn_then_an_item_has_its_median_speed_and_one_mode(
    kind: ItemKind,
) -> None:
    falls = kind.fall_columns(ZERO, ZERO, HALF, ZERO, HALF)

    assert falls.low_speed_ms[0] == falls.high_speed_ms[0] == kind.speed_ms
    assert falls.exponent[0] == 0.5
    assert falls.switch_m[0] == -np.inf
    assert np.isnan(falls.threshold[0])


@every_drag
def test_given_the_ends_of_its_drag_when_drawn_then_the_speed_is_that_of_these_coefficients(
    kind: Disc,
) -> None:
    median, low, high = kind.drag
    shared = np.array([-Z95, Z95])
    falls = kind.fall_columns(shared, shared, HALF, np.zeros(2), HALF)

    expected = kind.speed_ms * np.sqrt([median / low, median / high])
    np.testing.assert_allclose(falls.low_speed_ms, expected, rtol=1e-12)


def test_given_the_ends_of_a_measured_speed_when_drawn_then_they_come_back() -> None:
    # a positive number is slower, as more drag is
    shared = np.array([-Z95, Z95])
    falls = MEASURED.fall_columns(shared, shared, HALF, np.zeros(2), HALF)

    np.testing.assert_allclose(falls.low_speed_ms, [10.7, 10.1], rtol=1e-12)


@pytest.mark.parametrize("kind", [*DRAGGED, MEASURED], ids=lambda k: k.model)
def test_given_a_shared_bias_when_items_scatter_then_each_has_its_own_factor(
    kind: ItemKind,
) -> None:
    own = np.array([-1.0, 0.0, 1.0])
    falls = kind.fall_columns(np.ones(3), np.zeros(3), HALF, own, HALF)

    np.testing.assert_allclose(
        falls.low_speed_ms / falls.low_speed_ms[1], np.exp(0.05 * own), rtol=1e-12
    )


def test_given_a_leaflet_when_drawn_then_its_bias_is_shared_and_its_scatter_its_own() -> None:
    kind = CATALOGUE["leaflet-a5-80"]
    own = np.array([-1.0, 0.0, 1.0])
    falls = kind.fall_columns(np.ones(3), np.zeros(3), np.zeros(3), own, np.full(3, 0.5))

    np.testing.assert_allclose(
        falls.low_speed_ms / falls.low_speed_ms[1], np.exp(0.1 * own), rtol=1e-12
    )
    assert falls.low_speed_ms[1] == pytest.approx(1.0678 * np.exp(0.13), abs=2e-4)
    np.testing.assert_array_equal(falls.exponent, 0.3)


# --- what else a kind says -----------------------------------------------------------------------


def test_given_a_sheet_when_weighed_then_it_weighs_its_area() -> None:
    leaflet = CATALOGUE["leaflet-a5-80"]

    assert leaflet.mass_kg == pytest.approx(2.5e-3, abs=2e-5)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DISC, "120 mm"),
        (PLATE, "125 x 125 mm"),
        (BOX, "55 x 18 x 8 mm"),
        (CHUTE, "120 x 75 x 35 mm, parachute 40 cm"),
        (CATALOGUE["leaflet-film-12x5"], "120 x 50 mm, 45 g/m2"),
    ],
    ids=lambda v: v if isinstance(v, str) else v.model,
)
def test_given_a_kind_when_described_then_people_see_its_size(kind: ItemKind, text: str) -> None:
    assert kind.size_text == text


def test_given_a_parachute_that_stays_shut_then_the_item_falls_as_the_block_that_it_is() -> None:
    block = Box("b", "b", 0.160, 0.120, 0.075, 0.035)

    assert CHUTE.unopened_speed_ms == block.speed_ms
    assert CHUTE.unopened_speed_ms > 3.0 * CHUTE.speed_ms


def test_given_two_kinds_when_only_their_sources_differ_then_they_are_the_same() -> None:
    told = replace(DISC, traits=replace(DISC.traits, provenance={"mass": Provenance("a", "read")}))

    assert told == DISC
    assert hash(told) == hash(DISC)
    assert told.provenance["mass"].source == "a"
    assert replace(DISC, traits=replace(DISC.traits, plastic_fraction=0.5)) != DISC
