"""The catalogue: speeds, fall times and impact energies that people are shown."""

from __future__ import annotations

import numpy as np
import pytest

from downwind import atmosphere
from downwind.constants import RHO0
from downwind.load.items import (
    CATALOGUE,
    Disc,
    Leaflet,
    bundle_speed_ms,
    impact_energy_j,
    is_above_impact_limit,
)
from downwind.load.kernels import fall_speed_ms

ZERO = np.zeros(1)
HALF = np.full(1, 0.5)


def test_a_bare_disc_falls_at_4_7_ms() -> None:
    assert CATALOGUE["dvd"].speed_ms == pytest.approx(4.7, abs=0.05)


def test_an_unopened_bundle_of_3_kg_falls_at_31_ms_and_grows_with_the_sixth_root() -> None:
    assert bundle_speed_ms(3.0) == pytest.approx(31.0, abs=0.5)
    assert bundle_speed_ms(3.0 * 64.0) == pytest.approx(2.0 * bundle_speed_ms(3.0), rel=1e-12)


@pytest.mark.parametrize(("h_m", "minutes"), [(3_000.0, 9.8), (5_000.0, 16.0)])
def test_a_disc_falls_in_the_minutes_of_the_table(h_m: float, minutes: float) -> None:
    fall_s = float(atmosphere.fall_integral_m(h_m)) / CATALOGUE["dvd"].speed_ms

    assert fall_s / 60.0 == pytest.approx(minutes, rel=0.02)


def test_compiled_fall_speed_follows_the_density_law() -> None:
    rho = float(atmosphere.density_kgm3(5_000.0))

    assert fall_speed_ms(5_000.0, 4.7, 0.5) == pytest.approx(4.7 * 1.2900, abs=1e-3)
    assert fall_speed_ms(5_000.0, 4.7, 0.3) == pytest.approx(4.7 * (RHO0 / rho) ** 0.3, rel=1e-5)
    assert fall_speed_ms(5_000.0, 4.7, 0.0) == 4.7


def test_the_demonstration_leaflet_takes_165_minutes_from_5_km_and_118_to_231_in_nine_of_ten() -> (
    None
):
    kind = CATALOGUE["leaflet-film-12x5"]
    assert isinstance(kind, Leaflet)
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


def test_numbers_of_zero_give_a_disc_its_median_speed_and_one_mode() -> None:
    disc = CATALOGUE["dvd"]
    falls = disc.fall_columns(ZERO, ZERO, HALF, ZERO, HALF)

    assert falls.low_speed_ms[0] == falls.high_speed_ms[0] == disc.speed_ms
    assert falls.exponent[0] == 0.5
    assert falls.switch_m[0] == -np.inf
    assert np.isnan(falls.threshold[0])


def test_five_and_95_percent_of_drag_give_the_table_speeds_of_a_disc() -> None:
    z95 = 1.6448536269514722
    shared = np.array([-z95, z95])
    falls = CATALOGUE["dvd"].fall_columns(shared, shared, HALF, np.zeros(2), HALF)

    # the drag coefficients 0.75 and 1.35: 5.5 and 4.1 m/s
    np.testing.assert_allclose(falls.low_speed_ms, [5.45, 4.06], atol=0.06)


def test_the_bias_of_a_leaflet_is_shared_and_its_scatter_its_own() -> None:
    kind = CATALOGUE["leaflet-a5-80"]
    own = np.array([-1.0, 0.0, 1.0])
    falls = kind.fall_columns(np.ones(3), np.zeros(3), np.zeros(3), own, np.full(3, 0.5))

    np.testing.assert_allclose(
        falls.low_speed_ms / falls.low_speed_ms[1], np.exp(0.1 * own), rtol=1e-12
    )
    assert falls.low_speed_ms[1] == pytest.approx(1.0678 * np.exp(0.13), abs=2e-4)
    np.testing.assert_array_equal(falls.exponent, 0.3)


@pytest.mark.parametrize(
    ("kind", "joule"),
    [
        pytest.param(CATALOGUE["dvd"], 0.17, id="disc"),
        pytest.param(Disc("case", "case", 0.100, 0.1503), 4.5, id="the area of a jewel case"),
    ],
)
def test_impact_energy_of_an_item(kind: Disc, joule: float) -> None:
    assert impact_energy_j(kind.mass_kg, kind.speed_ms) == pytest.approx(joule, rel=0.12)
    assert not is_above_impact_limit(kind)


def test_an_unopened_bundle_lands_with_1_4_kilojoule() -> None:
    assert impact_energy_j(3.0, bundle_speed_ms(3.0)) == pytest.approx(1_400.0, rel=0.04)


def test_the_energy_of_the_faa_example_is_10_5_foot_pounds() -> None:
    joule = impact_energy_j(0.45359237, 26.0 * 0.3048)

    assert joule / 1.3558179 == pytest.approx(10.5, abs=0.05)


def test_an_item_above_11_foot_pounds_is_stopped() -> None:
    radio = Disc("radio", "a radio of 150 g", 0.150, 0.0374, (1.05, 0.8, 1.3))

    assert radio.speed_ms > 14.0
    assert is_above_impact_limit(radio)


def test_a_sheet_weighs_its_area() -> None:
    leaflet = CATALOGUE["leaflet-a5-80"]

    assert leaflet.mass_kg == pytest.approx(2.5e-3, abs=2e-5)
