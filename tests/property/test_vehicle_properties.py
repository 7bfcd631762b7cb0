"""Laws of fills, drag and clocks that hold whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from downwind.errors import LiftError
from downwind.vehicle.cylinders import CYLINDERS, cylinders_needed
from downwind.vehicle.drag import (
    SPHERE_DRAG,
    DragCurve,
    balance_speeds_ms,
    bracket_free_lift_kg,
)
from downwind.vehicle.fill import Fill, solve_fill
from downwind.vehicle.film import FilmTube
from downwind.vehicle.gas import GASES, HELIUM, HYDROGEN, Gas, mix_gases
from downwind.vehicle.latex import LATEX, LatexBalloon
from downwind.vehicle.timer import TIMERS, Timer

few = settings(max_examples=60, deadline=None)
gases = st.sampled_from([HELIUM, HYDROGEN, mix_gases({"helium": 0.6, "hydrogen": 0.4})])
purities = st.floats(0.8, 1.0)
sites = st.floats(0.0, 2_500.0)
drags = st.sampled_from([0.3, 0.7, SPHERE_DRAG])
OPEN = FilmTube("open", 9.0, 2.2, 40e-6)
SEALED = FilmTube("sealed", 9.0, 2.2, 40e-6, is_open=False)
vehicles = st.sampled_from([OPEN, SEALED, LATEX["kaymont-2000"], LATEX["hwoyee-3000"]])
loads = st.floats(0.5, 8.0)
free_lifts = st.floats(0.05, 5.0)
Vehicle = FilmTube | LatexBalloon


def solve(
    vehicle: Vehicle, gas: Gas, purity: float, load: float, site: float, drag, **given
) -> Fill:
    try:
        return solve_fill(vehicle, gas, purity, load, site, drag=drag, **given)
    except LiftError:
        assume(False)
        raise


@few
@given(vehicles, gases, purities, loads, sites, drags, free_lifts)
def test_given_a_fill_when_solved_from_each_of_its_numbers_then_it_comes_back(
    vehicle: Vehicle, gas: Gas, purity: float, load: float, site: float, drag, free: float
) -> None:
    fill = solve(vehicle, gas, purity, load, site, drag, free_lift_kg=free)

    ways = {"volume_m3": fill.volume_m3, "neck_lift_kg": fill.neck_lift_kg}
    if not fill.notes:
        ways["ascent_rate_ms"] = fill.ascent_rate_ms
    for name, value in ways.items():
        again = solve_fill(vehicle, gas, purity, load, site, drag=drag, **{name: value})
        assert again.free_lift_kg == pytest.approx(free, rel=1e-8, abs=1e-9), name
        assert again.end is fill.end


@few
@given(vehicles, gases, purities, loads, sites, free_lifts)
def test_given_a_fill_when_its_lifts_are_added_up_then_the_balance_closes(
    vehicle: Vehicle, gas: Gas, purity: float, load: float, site: float, free: float
) -> None:
    fill = solve(vehicle, gas, purity, load, site, 0.7, free_lift_kg=free)

    parts = vehicle.envelope_kg + load + fill.free_lift_kg
    assert fill.gross_lift_kg == pytest.approx(parts, abs=1e-9)
    assert fill.neck_lift_kg == pytest.approx(load + fill.free_lift_kg, abs=1e-9)
    # Archimedes: the air displaced, less the gas
    from downwind import atmosphere

    air = fill.volume_m3 * float(atmosphere.density_kgm3(site))
    assert air - fill.gas_kg == pytest.approx(fill.gross_lift_kg, abs=1e-9)


@few
@given(gases, purities, loads, sites, free_lifts, st.floats(1.001, 2.0))
def test_given_more_gas_when_filled_then_it_never_floats_lower_nor_rises_slower(
    gas: Gas, purity: float, load: float, site: float, free: float, more: float
) -> None:
    for vehicle in (OPEN, SEALED, LATEX["kaymont-2000"]):
        less = solve(vehicle, gas, purity, load, site, SPHERE_DRAG, free_lift_kg=free)
        full = solve(vehicle, gas, purity, load, site, SPHERE_DRAG, free_lift_kg=free * more)

        assert full.ascent_rate_ms >= less.ascent_rate_ms
        if vehicle is OPEN:
            assert full.float_height_m >= less.float_height_m
            assert full.full_height_m <= less.full_height_m
        else:
            assert not full.burst_height_m > less.burst_height_m


@few
@given(vehicles, gases, purities, loads, st.floats(0.0, 3.0), st.floats(6.0, 14.0), drags)
def test_given_more_load_when_the_gas_is_the_same_then_it_never_rises_faster(
    vehicle: Vehicle, gas: Gas, purity: float, load: float, extra: float, volume: float, drag
) -> None:
    light = solve(vehicle, gas, purity, load, 0.0, drag, volume_m3=volume)
    heavy = solve(vehicle, gas, purity, load + extra, 0.0, drag, volume_m3=volume)

    assert heavy.ascent_rate_ms <= light.ascent_rate_ms
    if vehicle is OPEN:
        assert heavy.float_height_m <= light.float_height_m


@few
@given(
    st.floats(0.2, 15.0),
    st.floats(0.05, 1.3),
    st.floats(0.1, 60.0),
    st.floats(0.0, 0.5),
    st.floats(0.3, 0.6),
    st.floats(0.1, 1.0),
    st.floats(1e5, 5e5),
    st.sampled_from([0.0, 1e3, 2e5]),
)
def test_given_a_speed_when_its_free_lift_is_bracketed_then_the_speed_lies_between(
    rate: float,
    rho: float,
    area: float,
    growth: float,
    high: float,
    share: float,
    start: float,
    width: float,
) -> None:
    curve = DragCurve(high, high * share, start, width)

    def area_of(free_kg: float) -> float:
        return area * (1.0 + free_kg) ** growth

    def speed(free_kg: float) -> float:
        return balance_speeds_ms(free_kg * 9.80665, rho, 1.7e-5, area_of(free_kg), curve)[0]

    below, above = bracket_free_lift_kg(rate, area_of, rho, 1.7e-5, curve)

    assert np.nextafter(below, np.inf) == above
    assert speed(below) < rate <= speed(above)


@few
@given(
    st.floats(1e-4, 500.0),
    st.floats(0.05, 1.3),
    st.floats(0.1, 60.0),
    st.floats(0.3, 0.6),
    st.floats(0.1, 1.0),
    st.floats(1e5, 5e5),
    st.floats(1e3, 2e5),
)
def test_given_any_curve_when_balanced_then_each_speed_balances_and_one_exists(
    pull: float, rho: float, area: float, high: float, share: float, start: float, width: float
) -> None:
    curve = DragCurve(high, high * share, start, width)

    speeds = balance_speeds_ms(pull, rho, 1.7e-5, area, curve)

    assert 1 <= len(speeds) <= 3
    diameter = 2.0 * math.sqrt(area / math.pi)
    for speed in speeds:
        drag = float(curve.coefficient(rho * speed * diameter / 1.7e-5))
        assert 0.5 * rho * drag * area * speed**2 == pytest.approx(pull, rel=1e-6)


@few
@given(st.floats(0.1, 30.0), st.integers(1, 400), st.sampled_from(sorted(CYLINDERS)))
def test_given_a_launch_when_cylinders_are_counted_then_enough_and_none_too_many(
    volume: float, balloons: int, name: str
) -> None:
    count = cylinders_needed(volume, balloons, CYLINDERS[name], GASES["helium"], 1e5)

    slack = 1e-6 * count.delivered_m3
    assert count.by_total * count.delivered_m3 >= count.total_m3 - slack
    assert (count.by_total - 1) * count.delivered_m3 < count.total_m3
    if count.unsplit is not None:
        assert count.unsplit >= count.by_total


@few
@given(
    st.sampled_from(["chemical", "spring", "quartz"]),
    st.lists(st.floats(215.0, 300.0), min_size=3, max_size=8),
    st.floats(0.0, 1.0),
    st.floats(1.0, 9_000.0),
    st.floats(1.0, 9_000.0),
)
def test_given_any_weather_when_a_clock_runs_then_later_readings_come_later(
    kind: str, warmth: list[float], kept: float, first: float, second: float
) -> None:
    timer: Timer = TIMERS[kind]
    time = np.linspace(0.0, 10_000.0, len(warmth))

    early, late = timer.elapsed_s(np.sort([first, second]), time, warmth, kept)

    assert early <= late
    # the clock integrated over the time found is the reading, by a fine sum
    if math.isfinite(late):
        grid = np.linspace(0.0, float(late), 20_001)
        air = np.interp(grid, time, warmth)
        rate = 2.0 ** ((air - timer.reference_k) / timer.halving_k)
        rate *= np.where(air < timer.slow_below_k, kept, 1.0)
        assert np.trapezoid(rate, grid) == pytest.approx(max(first, second), rel=2e-3, abs=1.0)
