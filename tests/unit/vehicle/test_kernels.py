"""The compiled gas, lift, drag and speed of one balloon."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind import atmosphere
from downwind.atmosphere.kernels import air_viscosity_pas
from downwind.vehicle.kernels import (
    ANY,
    FAST,
    LATEX,
    REMAINS,
    SEALED_TUBE,
    SLOW,
    ceiling_m,
    change_balloon,
    climb_rate_ms,
    climb_state,
    creeping_gas_k,
    drag_coefficient,
    free_lift_kg,
    full_gas_kg,
    gas_heating_ks,
    gas_temperature_k,
    has_burst,
    rest_height_m,
    terminal_speed_ms,
)
from tests.unit.sim.made_winds import TUBE

GAS_CONSTANT = 8.314462618 / 2.016e-3
GAS_KG = 101_325.0 * 9.4248 / (GAS_CONSTANT * 288.15)
VOLUME_M3 = 6.0 * math.pi
ENVELOPE_KG = 14.0 * math.pi * 40e-6 * 920.0
SEALED = TUBE._replace(shape=SEALED_TUBE)
STEEP = (0.42, 0.22, 3.35e5, 0.36e5)
GENTLE = (0.45, 0.25, 2.2e5, 2.5e5)
RISING = (0.2, 0.5, 2e5, 1e5)
JUMP = (0.45, 0.2, 3e5, 0.0)


@pytest.mark.parametrize(
    ("air_k", "expected"), [(288.15, 1.7894e-5), (273.15, 1.7162e-5), (216.65, 1.4216e-5)]
)
def test_the_viscosity_of_air_is_that_of_the_standard_atmosphere(
    air_k: float, expected: float
) -> None:
    assert air_viscosity_pas(air_k) == pytest.approx(expected, rel=1e-4)


# --- drag ----------------------------------------------------------------------------------------


def test_the_drag_coefficient_is_high_a_ramp_and_low() -> None:
    found = [drag_coefficient(re, 0.4, 0.2, 3e5, 1e5) for re in (1e4, 3e5, 3.5e5, 4e5, 1e6)]

    assert found == pytest.approx([0.4, 0.4, 0.3, 0.2, 0.2])


@pytest.mark.parametrize(("h_m", "speed"), [(0.0, 2.86), (3_000.0, 3.32), (5_000.0, 3.69)])
def test_a_tube_of_2_by_6_m_rises_as_computed(h_m: float, speed: float) -> None:
    air_k = float(atmosphere.temperature_k(h_m))

    assert climb_rate_ms(h_m, air_k, GAS_KG, TUBE, ENVELOPE_KG + 8.0) == pytest.approx(
        speed, abs=0.01
    )


def test_that_tube_without_its_load_rises_at_9_97_ms_at_4_km() -> None:
    speed = climb_rate_ms(4_000.0, 262.15, GAS_KG, TUBE, ENVELOPE_KG)

    assert speed == pytest.approx(9.97, abs=0.01)


@given(st.floats(1e-6, 1e3), st.floats(0.004, 1.3), st.floats(0.01, 150.0))
def test_with_one_drag_coefficient_the_speed_has_its_closed_form(
    pull: float, rho: float, area: float
) -> None:
    speed = terminal_speed_ms(pull, rho, 1.8e-5, area, 0.3, 0.3, 3e5, 1e5)

    assert speed == pytest.approx(math.sqrt(2.0 * pull / (rho * 0.3 * area)), rel=1e-14)


def speeds_by_search(pull: float, rho: float, mu: float, area: float, drag: tuple) -> np.ndarray:
    """All speeds at which drag balances the pull, by a fine search for changes of sign."""
    k = 2.0 * pull / (rho * area)
    per_ms = rho * 2.0 * math.sqrt(area / math.pi) / mu
    low, high = (math.sqrt(k / d) for d in (max(drag[:2]), min(drag[:2])))
    w = np.linspace(0.999 * low, 1.001 * high, 200_001)
    start, width = drag[2], max(drag[3], 1e-9)
    share = np.clip((w * per_ms - start) / width, 0.0, 1.0)
    miss = w * w * (drag[0] + (drag[1] - drag[0]) * share) - k
    return w[:-1][np.sign(miss[1:]) != np.sign(miss[:-1])]


@given(
    st.floats(0.05, 300.0),
    st.floats(0.01, 1.3),
    st.floats(1.4e-5, 1.9e-5),
    st.floats(0.5, 60.0),
    st.sampled_from([STEEP, GENTLE, RISING, JUMP]),
)
def test_the_speed_is_the_slowest_at_which_drag_balances_the_pull(
    pull: float, rho: float, mu: float, area: float, drag: tuple
) -> None:
    speed = terminal_speed_ms(pull, rho, mu, area, *drag)
    found = speeds_by_search(pull, rho, mu, area, drag)

    assert found.size >= 1
    assert speed == pytest.approx(found[0], rel=1e-3)
    if drag != JUMP:
        reynolds = rho * speed * 2.0 * math.sqrt(area / math.pi) / mu
        force = 0.5 * rho * drag_coefficient(reynolds, *drag) * area * speed**2
        assert force == pytest.approx(pull, rel=1e-9)


def test_where_drag_falls_steeply_more_than_one_speed_fits_and_the_slow_one_is_taken() -> None:
    rho, mu, area = 1.0, 1.8e-5, 3.0
    first = 3.35e5 * mu / (rho * 2.0 * math.sqrt(area / math.pi))
    most = 0.5 * rho * 0.42 * area * first**2
    found = speeds_by_search(0.95 * most, rho, mu, area, STEEP)

    assert found.size == 3
    below = terminal_speed_ms(0.999999 * most, rho, mu, area, *STEEP)
    above = terminal_speed_ms(1.000001 * most, rho, mu, area, *STEEP)
    assert below == pytest.approx(first, rel=1e-5)
    assert above == pytest.approx(first * math.sqrt(0.42 / 0.22), rel=1e-5)


@given(st.floats(0.01, 100.0), st.floats(1.0, 2.0), st.sampled_from([STEEP, GENTLE, RISING, JUMP]))
def test_more_pull_is_never_slower(pull: float, more: float, drag: tuple) -> None:
    slow, fast = (terminal_speed_ms(p, 0.9, 1.7e-5, 4.0, *drag) for p in (pull, pull * more))

    assert fast >= slow * (1.0 - 1e-12)


def test_a_pull_downwards_gives_the_same_speed_downwards() -> None:
    for drag in (STEEP, (0.3, 0.3, 3e5, 1e5)):
        up, down = (terminal_speed_ms(p, 1.0, 1.8e-5, 3.0, *drag) for p in (5.0, -5.0))
        assert down == -up < 0.0
    assert terminal_speed_ms(0.0, 1.0, 1.8e-5, 3.0, *STEEP) == 0.0


def test_a_side_of_the_ramp_goes_on_smoothly_where_the_speed_has_jumped() -> None:
    latex = TUBE._replace(
        shape=LATEX,
        drag_high=STEEP[0],
        drag_low=STEEP[1],
        reynolds_start=STEEP[2],
        reynolds_width=STEEP[3],
    )

    def state(h: float, side: int) -> tuple[float, int]:
        air_k = float(atmosphere.temperature_k(h))
        return climb_state(h, air_k, 0.5, latex._replace(side=side), 4.0)

    heights = np.arange(0.0, 30_000.0, 100.0)
    sides = np.array([state(h, ANY)[1] for h in heights])
    jump = int(np.flatnonzero(np.diff(sides))[0])
    assert {sides[jump], sides[jump + 1]} == {SLOW, FAST}
    slow, fast = (state(heights[jump], side)[0] for side in (SLOW, FAST))
    assert fast > slow + 1.0
    for side in (SLOW, FAST):
        speeds = np.array([state(h, side)[0] for h in heights[jump - 3 : jump + 5]])
        assert np.abs(np.diff(speeds)).max() < 0.1
        own = heights[sides == side][0]
        assert state(own, side)[0] == state(own, ANY)[0]


# --- lift and gas --------------------------------------------------------------------------------


def test_a_full_tube_holds_the_gas_of_the_ideal_gas_law() -> None:
    full = full_gas_kg(0.0, 288.15, GAS_CONSTANT, 9.4248)

    assert full == pytest.approx(GAS_KG, rel=1e-12)


def test_free_lift_counts_no_more_gas_than_the_tube_holds() -> None:
    slack = free_lift_kg(0.0, 288.15, GAS_KG, GAS_CONSTANT, VOLUME_M3, 9.619)
    full = free_lift_kg(7_000.0, 242.65, GAS_KG, GAS_CONSTANT, VOLUME_M3, 9.619)
    more = free_lift_kg(7_000.0, 242.65, 2.0 * GAS_KG, GAS_CONSTANT, VOLUME_M3, 9.619)

    assert slack == pytest.approx(1.123, abs=2e-3)
    assert full == more
    assert full < slack


def test_warm_gas_lifts_more_by_its_share_of_the_air_temperature() -> None:
    at_air = free_lift_kg(1_000.0, 281.65, GAS_KG, GAS_CONSTANT, VOLUME_M3, 0.0)
    warmer = free_lift_kg(1_000.0, 284.65, GAS_KG, GAS_CONSTANT, VOLUME_M3, 0.0)

    displaced = at_air + GAS_KG
    assert warmer - at_air == pytest.approx(displaced * 3.0 / 281.65, rel=1e-9)


def test_a_full_open_tube_above_its_ceiling_does_not_move() -> None:
    full = full_gas_kg(9_000.0, 229.65, GAS_CONSTANT, VOLUME_M3)

    assert climb_rate_ms(9_000.0, 229.65, full, TUBE, 9.6) == 0.0
    assert climb_rate_ms(9_000.0, 229.65, 0.9 * full, TUBE, 9.6) < 0.0


def test_a_full_sealed_tube_above_its_float_sinks_and_carries_all_its_gas() -> None:
    full = full_gas_kg(9_000.0, 229.65, GAS_CONSTANT, VOLUME_M3)

    assert climb_rate_ms(9_000.0, 229.65, 1.2 * full, SEALED, 9.6) < 0.0
    light, heavy = (climb_rate_ms(5_000.0, 255.65, g, SEALED, 8.0) for g in (1.2, 1.3))
    assert light > heavy


def test_a_latex_balloon_and_a_slack_tube_of_its_size_rise_alike() -> None:
    volume = GAS_KG * GAS_CONSTANT * 255.65 / float(atmosphere.pressure_pa(5_000.0))
    area = math.pi * (0.75 * volume / math.pi) ** (2.0 / 3.0)

    latex = climb_rate_ms(5_000.0, 255.65, GAS_KG, TUBE._replace(shape=LATEX), 9.0)
    tube = climb_rate_ms(5_000.0, 255.65, GAS_KG, TUBE._replace(area_m2=area), 9.0)
    assert latex == pytest.approx(tube, rel=1e-12)


def test_remains_fall_by_their_weight() -> None:
    remains = change_balloon(TUBE, REMAINS, ANY, 1.0)
    rho = float(atmosphere.density_kgm3(3_000.0))

    speed = climb_rate_ms(3_000.0, math.nan, 0.0, remains, 5.0)
    assert speed == pytest.approx(-math.sqrt(2.0 * 5.0 * 9.80665 / rho), rel=1e-12)
    assert not has_burst(3_000.0, math.nan, 0.0, remains)


def test_a_sealed_tube_bursts_above_its_overpressure_and_latex_at_its_volume() -> None:
    full = full_gas_kg(5_000.0, 255.65, GAS_CONSTANT, VOLUME_M3)
    p = float(atmosphere.pressure_pa(5_000.0))
    latex = TUBE._replace(shape=LATEX)

    assert not has_burst(5_000.0, 255.65, full * (1.0 + 399.0 / p), SEALED)
    assert has_burst(5_000.0, 255.65, full * (1.0 + 401.0 / p), SEALED)
    assert not has_burst(5_000.0, 255.65, 0.999 * full, latex)
    assert has_burst(5_000.0, 255.65, 1.001 * full, latex)
    assert not has_burst(5_000.0, 255.65, 9.0 * full, TUBE)


@pytest.mark.parametrize("near_m", [2_000.0, 7_000.0, 15_000.0])
def test_a_sealed_tube_rests_where_it_displaces_its_weight(near_m: float) -> None:
    rest = rest_height_m(near_m, 0.0, GAS_KG, SEALED, ENVELOPE_KG + 8.0)

    rho = (GAS_KG + ENVELOPE_KG + 8.0) / VOLUME_M3
    assert rest == pytest.approx(atmosphere.height_of_density(rho), abs=1e-6)


@pytest.mark.parametrize("updraft", [-0.7, 0.2, 0.9])
def test_in_moving_air_a_sealed_tube_rests_where_its_drag_makes_up_for_it(updraft: float) -> None:
    rest = rest_height_m(7_000.0, updraft, GAS_KG, SEALED, ENVELOPE_KG + 8.0)
    air_k = float(atmosphere.temperature_k(rest))

    speed = climb_rate_ms(rest, air_k, 10.0 * GAS_KG, SEALED, ENVELOPE_KG + 8.0 - 9.0 * GAS_KG)
    assert speed == pytest.approx(-updraft, abs=1e-4)


def test_the_ceiling_is_where_the_full_tube_floats() -> None:
    ceiling = ceiling_m(0.0, 15_000.0, 0.0, GAS_CONSTANT, VOLUME_M3, 8.0 + ENVELOPE_KG, 0.0, 0.0)

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
