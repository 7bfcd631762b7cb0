"""Releases in turn, clocks that run with the temperature, and what comes first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

from downwind import atmosphere
from downwind.sim.flight import Flights, StopRule, fly_balloons
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.kernels import climb_rate_ms
from downwind.vehicle.timer import TIMERS
from tests.unit.sim.made_winds import (
    LATEX,
    TUBE,
    TUBE_ENVELOPE_KG,
    TUBE_GAS_KG,
    make_balloon,
    wind_grid,
)

CALM = wind_grid(height=(0.0, 1_000.0, 26_000.0))
STRATOSPHERE = wind_grid(height=(0.0, 1_000.0, 40_000.0))


def height_at(flights: Flights, seconds: float, record_s: float = 1.0) -> float:
    """Height [m] on a track with a row a second."""
    height = flights.track[0, :, 2]
    rows = int(np.isfinite(height).sum())
    return float(np.interp(seconds, np.arange(rows) * record_s, height[:rows]))


# --- releases in turn ----------------------------------------------------------------------------


def test_each_release_acts_exactly_when_its_timer_says_in_whatever_order_they_stand() -> None:
    fire = (2_700.25, 900.5, 1_800.125, np.inf)
    flights = fly_balloons(
        CALM, make_balloon(drop=(2.0, 1.0, 3.0, 2.0), fire=fire, time_s=1_000.0), 60.0
    )

    assert flights.release_time_s[0, :3].tolist() == [1_000.0 + s for s in fire[:3]]
    assert flights.released[0].tolist() == [True, True, True, False]
    assert flights.reason[0] == StopRule.LEFT_DATA


def test_a_flight_that_is_not_followed_ends_at_its_last_release() -> None:
    balloons = make_balloon(drop=(2.0, 6.0), fire=(1_800.0, 900.0), follow=False)
    flights = fly_balloons(CALM, balloons, 60.0)

    assert flights.reason[0] == StopRule.RELEASED
    assert flights.end_time_s[0] == 1_800.0
    assert flights.end_height_m[0] == flights.release_height_m[0, 0]


def test_releases_at_one_instant_act_together() -> None:
    two = fly_balloons(CALM, make_balloon(drop=(3.0, 5.0), fire=(900.0, 900.0)), 60.0)
    one = fly_balloons(CALM, make_balloon(drop=(8.0,), fire=(900.0,)), 60.0)

    assert two.release_time_s[0].tolist() == [900.0, 900.0]
    assert two.end_height_m[0] == one.end_height_m[0]
    assert two.end_gas_kg[0] == one.end_gas_kg[0]


def test_a_release_at_the_launch_leaves_the_balloon_light_from_the_start() -> None:
    dropped = fly_balloons(CALM, make_balloon(drop=(3.0,), fire=(0.0,)), 60.0, 60.0, 100)
    light = fly_balloons(CALM, make_balloon(load_kg=5.0, drop=(5.0,)), 60.0, 60.0, 100)

    assert np.array_equal(dropped.track, light.track)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=4), st.randoms())
def test_a_released_balloon_is_lighter_by_exactly_what_it_dropped(
    drops: list[float], random: object
) -> None:
    fire = [600.0 + 60.0 * k for k in range(len(drops))]
    random.shuffle(fire)  # type: ignore[attr-defined]
    end = max(fire) + 300.0
    balloons = make_balloon(drop=(*drops, 0.0), fire=(*fire, end), follow=False)
    flights = fly_balloons(CALM, balloons, 20.0)
    height, gas_k = flights.end_height_m[0], flights.end_gas_k[0]

    dry = TUBE_ENVELOPE_KG + 8.0 - sum(drops)
    speed = climb_rate_ms(height, gas_k, TUBE_GAS_KG, TUBE, dry)
    assert flights.end_rise_ms[0] == pytest.approx(speed, rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.85, 2.5), st.floats(1.0, 2.0))
def test_more_gas_never_floats_lower(gas: float, more: float) -> None:
    gas_kg = TUBE_GAS_KG * np.array([gas, gas * more])
    flights = fly_balloons(CALM, make_balloon(count=2, gas_kg=gas_kg), 60.0)

    assert flights.end_height_m[1] >= flights.end_height_m[0] - 0.01


# --- clocks that run with the temperature --------------------------------------------------------


def clock_by_quadrature(
    flights: Flights, fire_s: float, rate_of: object, offset_k: float = 0.0
) -> float:
    """Return when a clock reads ``fire_s`` along a track with a row a second, by trapezia."""
    height = flights.track[0, :, 2]
    height = height[np.isfinite(height)]
    rate = rate_of(atmosphere.temperature_k(height) + offset_k)  # type: ignore[operator]
    reading = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]))])
    return float(np.interp(fire_s, reading, np.arange(reading.size)))


@pytest.mark.parametrize("step", [60.0, 20.0, 5.0])
@pytest.mark.parametrize("relaxation", [0.0, 180.0])
@pytest.mark.parametrize(
    ("fire_s", "halving_k", "offset_k"),
    [
        pytest.param(300.0, 10.0, 0.0, id="in the lower troposphere"),
        pytest.param(150.0, 10.0, -8.0, id="in colder air"),
        pytest.param(1_500.0, 30.0, 0.0, id="near the burst"),
        pytest.param(2_200.0, 30.0, 0.0, id="after the burst"),
    ],
)
def test_a_chemical_timer_acts_within_a_tenth_of_a_second(
    step: float, relaxation: float, fire_s: float, halving_k: float, offset_k: float
) -> None:
    columns = {**LATEX, "drop": (0.0,), "relaxation_s": relaxation}
    loaded = fly_balloons(STRATOSPHERE, make_balloon(**columns), 1.0, 1.0, 12_000)
    expected = clock_by_quadrature(
        loaded, fire_s, lambda k: 2.0 ** ((k - 288.15) / halving_k), offset_k
    )
    columns |= {"fire": (fire_s,), "clock_halving_k": halving_k, "air_offset_k": offset_k}
    flights = fly_balloons(STRATOSPHERE, make_balloon(**columns), step)

    assert expected > 1.3 * fire_s
    assert flights.release_time_s[0, 0] == pytest.approx(expected, abs=0.1)


def test_a_clock_reads_the_integral_of_its_rate_when_it_acts() -> None:
    flights = fly_balloons(
        CALM,
        make_balloon(fire=(1_200.0,), clock_halving_k=10.0, follow=False),
        30.0,
        1.0,
        4_000,
    )
    height = flights.track[0, :, 2]
    height = height[np.isfinite(height)]
    seconds = flights.end_time_s[0]

    def rate(t: float) -> float:
        h = float(np.interp(t, np.arange(height.size - 1), height[:-1]))
        return 2.0 ** (-0.0065 * h / 10.0)

    assert quad(rate, 0.0, seconds - 1.0, limit=400)[0] == pytest.approx(1_200.0, abs=1.0)
    assert quad(rate, 0.0, seconds, limit=400)[0] == pytest.approx(1_200.0, abs=0.1)


@pytest.mark.parametrize("step", [60.0, 20.0])
def test_a_clock_that_slows_in_the_cold_is_late_by_what_it_lost(step: float) -> None:
    loaded = fly_balloons(CALM, make_balloon(), 1.0, 1.0, 12_000)
    cold_m = (288.15 - 263.15) / 0.0065
    cold_s = brentq(lambda s: height_at(loaded, s) - cold_m, 0.0, 2_000.0)
    balloons = make_balloon(
        fire=(2_000.0,), clock_slow_below_k=263.15, clock_slow_rate=0.25, follow=False
    )
    flights = fly_balloons(CALM, balloons, step)

    expected = cold_s + (2_000.0 - cold_s) / 0.25
    assert flights.release_time_s[0, 0] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("step", [60.0, 20.0])
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_a_clock_that_stops_in_the_cold_goes_on_when_it_is_warm_again(
    step: float, rate: float
) -> None:
    loaded = fly_balloons(STRATOSPHERE, make_balloon(**LATEX), 1.0, 1.0, 12_000)
    cold_m = (288.15 - 263.15) / 0.0065
    rows = int(np.isfinite(loaded.track[0, :, 2]).sum())
    up_s = brentq(lambda s: height_at(loaded, s) - cold_m, 0.0, 2_000.0)
    down_s = brentq(lambda s: height_at(loaded, s) - cold_m, loaded.burst_time_s[0], rows - 2.0)
    fire_s = up_s + rate * (down_s - up_s) + 100.0
    columns = {**LATEX, "fire": (fire_s,), "clock_slow_below_k": 263.15, "clock_slow_rate": rate}
    flights = fly_balloons(STRATOSPHERE, make_balloon(follow=False, **columns), step)

    assert down_s - up_s > 3_000.0
    assert flights.release_time_s[0, 0] == pytest.approx(down_s + 100.0, abs=0.1)


def test_a_clock_that_stays_stopped_never_acts() -> None:
    balloons = make_balloon(
        fire=(2_400.0,), clock_slow_below_k=263.15, clock_slow_rate=0.0, follow=False
    )
    flights = fly_balloons(CALM, balloons, 60.0)

    assert not flights.released[0, 0]
    assert flights.reason[0] == StopRule.LEFT_DATA


def test_clocks_of_two_kinds_on_one_balloon_go_each_at_its_own_rate() -> None:
    both = make_balloon(
        drop=(4.0, 4.0),
        fire=(1_500.0, 1_500.0),
        clock_halving_k=(np.inf, 60.0),
        follow=False,
    )
    flights = fly_balloons(CALM, both, 20.0)
    first = fly_balloons(CALM, make_balloon(drop=(4.0,), fire=(1_500.0,)), 1.0, 1.0, 9_000)

    assert flights.release_time_s[0, 0] == 1_500.0
    expected = clock_by_quadrature(first, 1_500.0, lambda k: 2.0 ** ((k - 288.15) / 60.0))
    assert flights.release_time_s[0, 1] == pytest.approx(expected, abs=0.1)


def test_a_release_found_in_a_step_leaves_the_balloon_where_a_steady_one_would() -> None:
    found = fly_balloons(CALM, make_balloon(fire=(1_500.0,), clock_halving_k=10.0), 20.0)
    told = fly_balloons(CALM, make_balloon(fire=(found.release_time_s[0, 0],)), 20.0)

    assert told.release_height_m[0, 0] == pytest.approx(found.release_height_m[0, 0], abs=1e-3)
    assert told.end_height_m[0] == pytest.approx(found.end_height_m[0], abs=0.01)


# --- burst and release ---------------------------------------------------------------------------


@pytest.fixture(scope="module", name="burst_s")
def find_burst_s() -> float:
    """Return when the sealed tube bursts that lets go of nothing [s]."""
    flights = fly_balloons(CALM, make_balloon(shape=Envelope.SEALED_TUBE), 60.0)
    return float(flights.burst_time_s[0])


@pytest.mark.parametrize("halving", [np.inf, 1e9], ids=["steady clock", "clock found in the step"])
@pytest.mark.parametrize("step", [60.0, 7.0])
def test_a_release_just_before_the_burst_lets_go_from_a_whole_balloon(
    halving: float, step: float, burst_s: float
) -> None:
    balloons = make_balloon(
        shape=Envelope.SEALED_TUBE, fire=(burst_s - 0.5,), clock_halving_k=halving
    )
    flights = fly_balloons(CALM, balloons, step)

    assert flights.release_time_s[0, 0] == pytest.approx(burst_s - 0.5, abs=0.01)
    assert flights.release_gas_kg[0, 0] == TUBE_GAS_KG
    # lighter, it climbs at 12 m/s what is left of 2 m to the burst
    assert burst_s - 0.5 < flights.burst_time_s[0] < burst_s - 0.2
    after_s = flights.end_time_s[0] - flights.burst_time_s[0]
    sea_ms = math.sqrt(2.0 * TUBE_ENVELOPE_KG * 9.80665 / 1.225)
    fall_m = float(atmosphere.fall_integral_m(flights.burst_height_m[0]))
    assert after_s == pytest.approx(fall_m / sea_ms, abs=0.1)


@pytest.mark.parametrize("halving", [np.inf, 1e9], ids=["steady clock", "clock found in the step"])
@pytest.mark.parametrize("step", [60.0, 7.0])
def test_a_release_just_after_the_burst_lets_go_from_what_falls(
    halving: float, step: float, burst_s: float
) -> None:
    balloons = make_balloon(
        shape=Envelope.SEALED_TUBE, fire=(burst_s + 0.5,), clock_halving_k=halving
    )
    flights = fly_balloons(CALM, balloons, step)

    assert flights.burst_time_s[0] == pytest.approx(burst_s, abs=0.05)
    assert flights.release_time_s[0, 0] == pytest.approx(burst_s + 0.5, abs=0.01)
    assert flights.release_gas_kg[0, 0] == 0.0
    fell_m = flights.burst_height_m[0] - flights.release_height_m[0, 0]
    assert 4.0 < fell_m < 12.0


def test_a_timer_after_the_landing_of_the_remains_does_not_act(burst_s: float) -> None:
    balloons = make_balloon(shape=Envelope.SEALED_TUBE, fire=(burst_s + 3_600.0,), follow=False)
    flights = fly_balloons(CALM, balloons, 30.0)

    assert flights.reason[0] == StopRule.GROUND
    assert not flights.released[0, 0]
    assert flights.end_time_s[0] < burst_s + 3_600.0


def test_remains_fall_with_the_drag_area_of_what_still_hangs_on_them(burst_s: float) -> None:
    sealed = {"shape": Envelope.SEALED_TUBE, "remains_drag_area_m2": 1.5}
    early = make_balloon(**sealed, fire=(600.0,), drop_drag_area_m2=0.5, strength_pa=0.0)
    kept = make_balloon(**sealed, fire=(burst_s + 36_000.0,), drop_drag_area_m2=0.5)

    empty, loaded = (fly_balloons(CALM, b, 30.0) for b in (early, kept))

    def sea_ms(mass_kg: float, area_m2: float) -> float:
        return math.sqrt(2.0 * mass_kg * 9.80665 / (1.225 * area_m2))

    assert empty.has_burst[0]
    assert loaded.has_burst[0]
    assert -empty.end_rise_ms[0] == pytest.approx(sea_ms(TUBE_ENVELOPE_KG, 1.0), rel=1e-4)
    assert -loaded.end_rise_ms[0] == pytest.approx(sea_ms(TUBE_ENVELOPE_KG + 8.0, 1.5), rel=1e-4)


@pytest.mark.parametrize("kind", ["chemical", "spring"])
def test_a_clock_of_the_kernel_agrees_with_the_timer_read_along_the_track(kind: str) -> None:
    timer = TIMERS[kind]
    flown = fly_balloons(CALM, make_balloon(drop=(0.0,)), 20.0, 20.0, 4_000)
    height = flown.track[0, np.isfinite(flown.track[0, :, 2]), 2]
    air_k = atmosphere.temperature_k(height) - 6.0
    expected = timer.elapsed_s(2_000.0, 20.0 * np.arange(height.size), air_k, 0.3)

    clocked = make_balloon(
        drop=(0.0,),
        fire=(2_000.0,),
        clock_halving_k=timer.halving_k,
        clock_reference_k=timer.reference_k,
        clock_slow_below_k=timer.slow_below_k,
        clock_slow_rate=0.3,
        air_offset_k=-6.0,
    )
    found = fly_balloons(CALM, clocked, 20.0)

    assert np.isfinite(expected)
    assert found.release_time_s[0, 0] == pytest.approx(float(expected), abs=1.0)
