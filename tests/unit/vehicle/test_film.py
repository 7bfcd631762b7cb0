"""The film tube: vector 6, and what cannot fly."""

from __future__ import annotations

import math

import pytest

from downwind import atmosphere
from downwind.errors import LiftError
from downwind.vehicle.film import (
    TUBES,
    FilmTube,
    ascent_rate_ms,
    fill_to_free_lift,
    fill_to_volume,
    float_height_m,
)
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas
from downwind.vehicle.kernels import (
    ceiling_m,
    climb_rate_ms,
    creeping_gas_k,
    free_lift_kg,
    full_gas_kg,
    gas_heating_ks,
    gas_temperature_k,
)

TUBE = FilmTube("2 x 6 m", 6.0, 2.0, 40e-6)
GAS_CONSTANT = 8.314462618 / 2.016e-3
GAS_KG = 101_325.0 * 9.4248 / (GAS_CONSTANT * 288.15)


def test_vector_6_fill_has_the_computed_lift_and_heights() -> None:
    fill = fill_to_volume(TUBE, HYDROGEN, 1.0, 8.0, 9.4248, 0.0)

    assert TUBE.envelope_kg == pytest.approx(1.619, abs=1e-3)
    assert fill.gross_lift_kg == pytest.approx(10.742, abs=1e-3)
    assert fill.free_lift_kg == pytest.approx(1.123, abs=1e-3)
    assert fill.neck_lift_kg == pytest.approx(10.742 - 1.619, abs=2e-3)
    assert fill.full_height_m == pytest.approx(6_663.0, abs=1.0)
    assert fill.float_height_m == pytest.approx(7_628.0, abs=1.0)


@pytest.mark.parametrize(("h_m", "speed"), [(0.0, 2.86), (3_000.0, 3.32), (5_000.0, 3.69)])
def test_vector_6_ascent_rates(h_m: float, speed: float) -> None:
    fill = fill_to_volume(TUBE, HYDROGEN, 1.0, 8.0, 9.4248, 0.0)
    air_k = float(atmosphere.temperature_k(h_m))
    compiled = climb_rate_ms(
        h_m, air_k, GAS_KG, GAS_CONSTANT, TUBE.volume_m3, TUBE.envelope_kg + 8.0, 0.7 * math.pi
    )

    assert ascent_rate_ms(TUBE, 0.7, fill.free_lift_kg, h_m) == pytest.approx(speed, abs=0.01)
    assert compiled == pytest.approx(speed, abs=0.01)


def test_vector_6_after_the_release_it_climbs_at_10_ms_to_19700_m() -> None:
    lighter = fill_to_volume(TUBE, HYDROGEN, 1.0, 0.0, 9.4248, 0.0)

    assert ascent_rate_ms(TUBE, 0.7, lighter.free_lift_kg, 4_000.0) == pytest.approx(9.97, abs=0.01)
    assert float_height_m(TUBE, HYDROGEN, 1.0, 0.0) == pytest.approx(19_700.0, abs=5.0)


def test_a_fill_by_free_lift_and_one_by_its_volume_are_the_same_fill() -> None:
    by_lift = fill_to_free_lift(TUBE, HELIUM, 0.98, 6.0, 0.9, 120.0)
    by_volume = fill_to_volume(TUBE, HELIUM, 0.98, 6.0, by_lift.volume_m3, 120.0)

    assert by_volume.free_lift_kg == pytest.approx(0.9, abs=1e-9)
    assert by_volume.full_height_m == pytest.approx(by_lift.full_height_m, abs=1e-3)
    assert by_lift.neck_lift_kg == pytest.approx(6.9, abs=1e-12)


def test_the_tubes_on_record_float_between_3_and_5_km_with_8_5_kg_in_all() -> None:
    tube = TUBES["film-7m"]

    height = float_height_m(tube, HYDROGEN, 1.0, 8.5 - tube.envelope_kg)

    assert 3_000.0 < height < 5_000.0


def test_a_sinking_tube_has_a_negative_ascent_rate() -> None:
    assert ascent_rate_ms(TUBE, 0.7, -1.0, 0.0) == -ascent_rate_ms(TUBE, 0.7, 1.0, 0.0)


@pytest.mark.parametrize("free_lift_kg", [0.0, -0.3])
def test_a_free_lift_that_is_not_positive_is_refused(free_lift_kg: float) -> None:
    with pytest.raises(LiftError, match="lifts nothing off the ground") as caught:
        fill_to_free_lift(TUBE, HELIUM, 1.0, 6.0, free_lift_kg, 0.0)

    assert f"{free_lift_kg * 1e3:.0f} g" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("volume_m3", [0.0, -2.0])
def test_a_fill_without_volume_is_refused(volume_m3: float) -> None:
    with pytest.raises(LiftError, match="is no fill"):
        fill_to_volume(TUBE, HELIUM, 1.0, 6.0, volume_m3, 0.0)


def test_a_load_heavier_than_the_lift_is_refused_with_the_masses() -> None:
    with pytest.raises(LiftError, match=r"9\.42 m3 of hydrogen lift 10\.74 kg.*load 9\.20 kg"):
        fill_to_volume(TUBE, HYDROGEN, 1.0, 9.2, 9.4248, 0.0)


def test_a_tube_too_small_for_its_load_says_what_it_lifts_at_most() -> None:
    with pytest.raises(
        LiftError, match="tube film-7m holds 11.56 m3, which lift at most"
    ) as caught:
        fill_to_free_lift(TUBES["film-7m"], HELIUM, 0.99, 15.0, 1.5, 0.0)

    assert "16.50 kg" in caught.value.message
    assert "larger tube" in caught.value.hint


@pytest.mark.parametrize("purity", [0.0, 0.5])
def test_a_gas_without_lift_is_refused(purity: float) -> None:
    with pytest.raises(LiftError):
        fill_to_free_lift(TUBE, Gas("heavy", 44.0, 0.2), purity, 1.0, 0.1, 0.0)


# --- the compiled gas of one balloon -------------------------------------------------------------


def test_a_full_tube_holds_the_gas_of_the_ideal_gas_law() -> None:
    full = full_gas_kg(0.0, 288.15, GAS_CONSTANT, 9.4248)

    assert full == pytest.approx(GAS_KG, rel=1e-12)


def test_free_lift_counts_no_more_gas_than_the_tube_holds() -> None:
    slack = free_lift_kg(0.0, 288.15, GAS_KG, GAS_CONSTANT, TUBE.volume_m3, 9.619)
    full = free_lift_kg(7_000.0, 242.65, GAS_KG, GAS_CONSTANT, TUBE.volume_m3, 9.619)
    more = free_lift_kg(7_000.0, 242.65, 2.0 * GAS_KG, GAS_CONSTANT, TUBE.volume_m3, 9.619)

    assert slack == pytest.approx(1.123, abs=2e-3)
    assert full == more
    assert full < slack


def test_warm_gas_lifts_more_by_its_share_of_the_air_temperature() -> None:
    at_air = free_lift_kg(1_000.0, 281.65, GAS_KG, GAS_CONSTANT, TUBE.volume_m3, 0.0)
    warmer = free_lift_kg(1_000.0, 284.65, GAS_KG, GAS_CONSTANT, TUBE.volume_m3, 0.0)

    displaced = at_air + GAS_KG
    assert warmer - at_air == pytest.approx(displaced * 3.0 / 281.65, rel=1e-9)


def test_a_full_tube_above_its_ceiling_does_not_move() -> None:
    full = full_gas_kg(9_000.0, 229.65, GAS_CONSTANT, TUBE.volume_m3)

    assert climb_rate_ms(9_000.0, 229.65, full, GAS_CONSTANT, TUBE.volume_m3, 9.6, 2.2) == 0.0
    assert climb_rate_ms(9_000.0, 229.65, 0.9 * full, GAS_CONSTANT, TUBE.volume_m3, 9.6, 2.2) < 0.0


def test_the_ceiling_is_where_the_full_tube_floats() -> None:
    ceiling = ceiling_m(
        0.0, 15_000.0, 0.0, GAS_CONSTANT, TUBE.volume_m3, 8.0 + TUBE.envelope_kg, 0.0, 0.0
    )

    assert ceiling == pytest.approx(7_628.0, abs=1.0)


def test_gas_heats_as_it_sinks_and_relaxes_to_air_and_superheat() -> None:
    still = gas_heating_ks(2_000.0, 275.15 + 6.0, 0.0, 0.289, 2.0, 180.0)
    sinking = gas_heating_ks(2_000.0, 275.15, -1.0, 0.289, 0.0, 180.0)

    assert still == pytest.approx(-4.0 / 180.0, rel=1e-12)
    assert sinking == pytest.approx(0.289 * 9.80665 / 287.05287, rel=1e-9)


def test_gas_without_relaxation_follows_the_air_at_once() -> None:
    assert gas_temperature_k(2_000.0, 999.0, -2.0, 0.0) == pytest.approx(273.15, abs=1e-9)
    assert gas_temperature_k(2_000.0, 280.0, -2.0, 180.0) == 280.0


def test_gas_that_creeps_nowhere_relaxes_exponentially() -> None:
    after = creeping_gas_k(2_000.0, 2_000.0, 285.15, 180.0, 0.289, 0.0, 180.0)

    assert after == pytest.approx(275.15 + 10.0 * math.exp(-1.0), abs=1e-9)
