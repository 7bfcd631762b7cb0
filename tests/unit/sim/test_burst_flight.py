"""Flights that burst, or bear their gas: sealed tubes, latex balloons, and what comes down."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from downwind import atmosphere
from downwind.atmosphere.kernels import air_viscosity_pas
from downwind.constants import GRAVITY_MS2, R_AIR
from downwind.sim.flight import StopRule, fly_balloons
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.kernels import terminal_speed_ms
from tests.unit.sim.made_winds import (
    BURST_M3,
    DEG_M,
    HELIUM_R,
    HYDROGEN_R,
    LATEX,
    TUBE_ENVELOPE_KG,
    TUBE_GAS_KG,
    TUBE_VOLUME_M3,
    make_balloon,
    wind_grid,
)

CALM = wind_grid(height=(0.0, 1_000.0, 40_000.0))
SEALED = Envelope.SEALED_TUBE


def overpressure_pa(h: float) -> float:
    """Pressure above the air's of the gas of the full tube, at the temperature of the air."""
    pressure = TUBE_GAS_KG * HYDROGEN_R * float(atmosphere.temperature_k(h)) / TUBE_VOLUME_M3
    return pressure - float(atmosphere.pressure_pa(h))


# --- sealed tubes --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [60.0, 10.0])
def test_a_sealed_tube_bursts_where_its_overpressure_is_what_it_bears(step: float) -> None:
    flights = fly_balloons(CALM, make_balloon(shape=SEALED), step)
    expected = brentq(lambda h: overpressure_pa(h) - 400.0, 6_000.0, 7_500.0)

    assert flights.burst_height_m[0] == pytest.approx(expected, abs=0.01)
    assert flights.reason[0] == StopRule.GROUND
    assert flights.end_gas_kg[0] == 0.0
    assert np.isnan(flights.end_gas_k[0])


def test_a_sealed_tube_whose_gas_keeps_its_temperature_bursts_67_m_above_where_it_is_full() -> None:
    # gas so slow to follow the air, and so little cooled by expansion, that it stays at 288.15 K
    balloons = make_balloon(shape=SEALED, relaxation_s=1e7, kappa=0.0)
    flights = fly_balloons(CALM, balloons, 10.0)
    filled_pa = TUBE_GAS_KG * HYDROGEN_R * 288.15 / TUBE_VOLUME_M3
    full = brentq(lambda h: float(atmosphere.pressure_pa(h)) - filled_pa, 3_000.0, 9_000.0)
    rho = float(atmosphere.density_kgm3(full))

    assert flights.burst_height_m[0] - full == pytest.approx(400.0 / (rho * GRAVITY_MS2), abs=1.0)


def test_the_gas_of_a_full_sealed_tube_does_not_expand_as_it_rises() -> None:
    # between full and burst only the slow relaxation changes the gas
    balloons = make_balloon(shape=SEALED, relaxation_s=300.0)
    flights = fly_balloons(CALM, balloons, 5.0)
    held = make_balloon(
        shape=SEALED, relaxation_s=300.0, fire=(flights.burst_time_s[0] - 0.02,), drop=(0.0,)
    )
    before = fly_balloons(CALM, held, 5.0)
    gas_k = before.release_gas_k[0, 0]
    height = before.release_height_m[0, 0]

    pressure = TUBE_GAS_KG * HYDROGEN_R * gas_k / TUBE_VOLUME_M3
    assert pressure - float(atmosphere.pressure_pa(height)) == pytest.approx(400.0, abs=0.5)
    full = brentq(lambda h: float(atmosphere.pressure_pa(h)) - pressure, height - 200.0, height)
    rho = float(atmosphere.density_kgm3(full))
    assert height - full == pytest.approx(400.0 / (rho * GRAVITY_MS2), abs=1.0)


@pytest.mark.parametrize("step", [60.0, 10.0])
@pytest.mark.parametrize("relaxation", [0.0, 180.0])
def test_a_strong_sealed_tube_floats_where_it_displaces_its_weight_for_12_hours(
    step: float, relaxation: float
) -> None:
    balloons = make_balloon(shape=SEALED, strength_pa=1e5, relaxation_s=relaxation)
    flights = fly_balloons(CALM, balloons, step, 60.0, 721)
    rho = (TUBE_GAS_KG + TUBE_ENVELOPE_KG + 8.0) / TUBE_VOLUME_M3

    assert flights.track[0, 60:, 2] == pytest.approx(atmosphere.height_of_density(rho), abs=0.01)
    assert flights.end_gas_kg[0] == TUBE_GAS_KG
    assert not flights.has_burst[0]


@pytest.mark.parametrize("step", [60.0, 10.0])
def test_a_leaking_sealed_tube_creeps_up_until_it_is_slack_and_then_sinks(step: float) -> None:
    balloons = make_balloon(0.01, shape=SEALED, strength_pa=1e5)
    flights = fly_balloons(CALM, balloons, step, 60.0, 1_000)
    height = flights.track[0, :, 2]
    top = int(np.nanargmax(height))

    def gas_left(hours: float) -> float:
        return TUBE_GAS_KG * math.exp(-0.01 * hours)

    def slackness(hours: float) -> float:
        rho = (gas_left(hours) + TUBE_ENVELOPE_KG + 8.0) / TUBE_VOLUME_M3
        h = atmosphere.height_of_density(rho)
        full = float(atmosphere.pressure_pa(h)) * TUBE_VOLUME_M3
        return gas_left(hours) * HYDROGEN_R * float(atmosphere.temperature_k(h)) - full

    slack_h = brentq(slackness, 0.5, 20.0)
    assert np.all(np.diff(height[60 : top + 1]) > 0.0)
    assert top / 60.0 == pytest.approx(slack_h, abs=1.5 / 60.0)
    assert flights.reason[0] == StopRule.GROUND
    assert np.all(np.diff(height[top + 2 : np.isfinite(height).sum()]) < 0.0)


def test_air_that_rises_holds_a_sealed_tube_above_its_float() -> None:
    up = 0.4
    flights = fly_balloons(
        wind_grid(up=up), make_balloon(shape=SEALED, strength_pa=1e5), 30.0, 60.0, 300
    )
    weight_kg = TUBE_GAS_KG + TUBE_ENVELOPE_KG + 8.0
    borne = TUBE_VOLUME_M3 + 0.5 * 0.7 * np.pi * up**2 / GRAVITY_MS2

    expected = atmosphere.height_of_density(weight_kg / borne)
    assert expected > atmosphere.height_of_density(weight_kg / TUBE_VOLUME_M3) + 1.0
    assert flights.track[0, 100:, 2] == pytest.approx(expected, abs=0.02)
    assert flights.end_rise_ms[0] == pytest.approx(0.0, abs=1e-3)


def test_a_sealed_tube_lightened_at_its_float_rises_to_the_next() -> None:
    balloons = make_balloon(shape=SEALED, strength_pa=1e5, fire=(5_000.0,), drop=(2.0,))
    flights = fly_balloons(CALM, balloons, 30.0, 60.0, 300)
    rho = (TUBE_GAS_KG + TUBE_ENVELOPE_KG + 6.0) / TUBE_VOLUME_M3

    assert flights.end_height_m[0] == pytest.approx(atmosphere.height_of_density(rho), abs=0.01)
    assert flights.end_gas_kg[0] == TUBE_GAS_KG


# --- latex balloons ------------------------------------------------------------------------------


def burst_by_scipy(
    drag: tuple[float, float, float, float], relaxation: float, leak_1s: float = 0.0
) -> tuple[float, float]:
    """Return time and height of the burst of `LATEX` by SciPy's DOP853."""
    gas0 = LATEX["gas_kg"]

    def state(t: float, y: np.ndarray) -> tuple[float, float, float, float]:
        air_k = float(atmosphere.temperature_k(y[0]))
        gas_k = y[1] if relaxation else air_k
        volume = gas0 * math.exp(-leak_1s * t) * HELIUM_R * gas_k / atmosphere.pressure_pa(y[0])
        return air_k, gas_k, float(volume), float(atmosphere.density_kgm3(y[0]))

    def rates(t: float, y: np.ndarray) -> list[float]:
        air_k, gas_k, volume, rho = state(t, y)
        area = math.pi * (0.75 * volume / math.pi) ** (2.0 / 3.0)
        pull = (volume * rho - gas0 * math.exp(-leak_1s * t) - 2.0) * GRAVITY_MS2
        rise = terminal_speed_ms(pull, rho, float(air_viscosity_pas(air_k)), area, *drag)
        if not relaxation:
            return [rise, 0.0]
        cooling = 0.4 * gas_k * GRAVITY_MS2 * rise / (R_AIR * air_k)
        return [rise, -cooling - (gas_k - air_k) / relaxation]

    def burst(t: float, y: np.ndarray) -> float:
        return state(t, y)[2] - BURST_M3

    burst.terminal = True  # type: ignore[attr-defined]
    end = solve_ivp(
        rates, (0.0, 20_000.0), (0.0, 288.15), "DOP853", events=burst, rtol=1e-10, atol=1e-8,
        max_step=30.0,
    )  # fmt: skip
    return end.t[-1], end.y[0, -1]


CONSTANT = (0.3, 0.3, math.inf, 0.0)
STEEP = (0.42, 0.22, 3.35e5, 0.36e5)
GENTLE = (0.45, 0.25, 2.2e5, 2.5e5)


@pytest.mark.parametrize("drag", [CONSTANT, STEEP, GENTLE], ids=["constant", "steep", "gentle"])
@pytest.mark.parametrize("relaxation", [0.0, 180.0])
@pytest.mark.parametrize("leak", [0.0, 0.02])
def test_a_latex_balloon_bursts_when_and_where_scipy_finds_it(
    drag: tuple[float, float, float, float], relaxation: float, leak: float
) -> None:
    names = ("drag_high", "drag_low", "reynolds_start", "reynolds_width")
    columns = {**LATEX, **dict(zip(names, drag, strict=True))}
    balloons = make_balloon(leak, relaxation_s=relaxation, **columns)
    time_s, height_m = burst_by_scipy(drag, relaxation, leak / 3_600.0)

    for step in (60.0, 20.0):
        flights = fly_balloons(CALM, balloons, step)
        assert flights.burst_height_m[0] == pytest.approx(height_m, abs=0.5)
        assert flights.burst_time_s[0] == pytest.approx(time_s, abs=0.1)


def test_what_is_left_of_a_latex_balloon_falls_by_the_density_law() -> None:
    flights = fly_balloons(CALM, make_balloon(**LATEX), 20.0)
    sea_ms = math.sqrt(2.0 * 2.0 * GRAVITY_MS2 / (1.225 * 0.8))
    fall_s = float(atmosphere.fall_integral_m(flights.burst_height_m[0])) / sea_ms

    assert flights.reason[0] == StopRule.GROUND
    assert flights.end_height_m[0] == pytest.approx(0.0, abs=0.02)
    assert flights.end_time_s[0] - flights.burst_time_s[0] == pytest.approx(fall_s, abs=0.05)
    assert flights.end_rise_ms[0] == pytest.approx(-sea_ms, rel=1e-4)


def test_remains_drift_with_the_wind_and_sink_slower_in_rising_air() -> None:
    still = fly_balloons(CALM, make_balloon(**LATEX), 20.0)
    wind = wind_grid(
        lambda lon, lat, h, t: (10.0 + 0 * lon * lat * h * t, 0.0),
        height=(0.0, 40_000.0),
        longitude=(-5.0, 0.0, 5.0),
        up=0.5,
    )
    moved = fly_balloons(wind, make_balloon(**LATEX), 20.0)
    fall_s = [f.end_time_s[0] - f.burst_time_s[0] for f in (still, moved)]

    assert moved.end_longitude[0] * DEG_M == pytest.approx(10.0 * moved.end_time_s[0], abs=1.0)
    assert fall_s[1] > 1.02 * fall_s[0]
    assert moved.end_rise_ms[0] == pytest.approx(still.end_rise_ms[0] + 0.5, abs=1e-3)


def test_a_latex_balloon_that_reaches_the_top_of_the_data_leaves_them_there() -> None:
    flights = fly_balloons(wind_grid(height=(0.0, 20_000.0)), make_balloon(**LATEX), 60.0)

    assert flights.reason[0] == StopRule.LEFT_DATA
    assert flights.end_height_m[0] == pytest.approx(20_000.0, abs=0.02)
    assert not flights.has_burst[0]


@pytest.mark.parametrize("shape", [Envelope.LATEX, SEALED])
def test_what_is_filled_beyond_what_it_bears_bursts_at_the_launch(shape: Envelope) -> None:
    flights = fly_balloons(CALM, make_balloon(**{**LATEX, "shape": shape, "volume_m3": 3.0}), 60.0)

    assert flights.burst_time_s[0] == 0.0
    assert flights.reason[0] == StopRule.GROUND
    assert flights.end_time_s[0] == pytest.approx(0.0, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.3, 3.0), st.floats(0.05, 1.0), st.sampled_from([CONSTANT, STEEP, GENTLE]))
def test_more_load_never_rises_faster(
    load: float, more: float, drag: tuple[float, float, float, float]
) -> None:
    names = ("drag_high", "drag_low", "reynolds_start", "reynolds_width")
    columns = {**LATEX, **dict(zip(names, drag, strict=True)), "gas_kg": 1.5}
    columns |= {"load_kg": np.array([load, load + more]), "fire": (1_200.0,), "drop": (0.0,)}
    flights = fly_balloons(CALM, make_balloon(count=2, follow=False, **columns), 30.0)

    assert flights.end_height_m[1] <= flights.end_height_m[0] + 1e-6
