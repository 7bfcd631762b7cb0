"""Flights of the film tube: vector 6b, the release, convergence, and what never happens."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.sim.flight import StopRule, fly_balloons
from downwind.vehicle.kernels import climb_rate_ms
from tests.unit.sim.made_winds import (
    DEG_M,
    HYDROGEN_R,
    TUBE_ENVELOPE_KG,
    TUBE_GAS_KG,
    TUBE_VOLUME_M3,
    make_film,
    wind_grid,
)

CALM = wind_grid(height=(0.0, 1_000.0, 26_000.0))
MINUTES_12_H = 721


def fly_leak(leak_per_hour: float, step: float = 10.0, relaxation: float = 0.0):
    flights = fly_balloons(
        CALM, make_film(leak_per_hour, relaxation=relaxation), step, 60.0, MINUTES_12_H
    )
    return flights, flights.track[0, :, 2]


@pytest.mark.parametrize("step", [60.0, 10.0])
@pytest.mark.parametrize(
    ("leak", "heights_km", "ground_h"),
    [
        pytest.param(0.01, {120: 3.6}, 2.84, id="1 %/h"),
        pytest.param(0.003, {120: 5.3, 180: 2.6}, 3.9, id="0.3 %/h"),
        pytest.param(0.05, {}, 2.0, id="5 %/h"),
    ],
)
def test_vector_6b_a_leaking_tube_comes_down_when_it_was_computed_to(
    leak: float, heights_km: dict[int, float], ground_h: float, step: float
) -> None:
    flights, height = fly_leak(leak, step)

    for minute, km in heights_km.items():
        assert height[minute] / 1e3 == pytest.approx(km, abs=0.1)
    assert flights.reason[0, 0] == StopRule.GROUND
    assert flights.time_s[0, 0] / 3_600.0 == pytest.approx(ground_h, abs=0.05)
    assert flights.height_m[0, 0] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("step", [60.0, 10.0])
@pytest.mark.parametrize("relaxation", [0.0, 180.0])
def test_vector_6b_a_tight_tube_holds_7628_m_for_12_hours(step: float, relaxation: float) -> None:
    flights, height = fly_leak(0.0, step, relaxation)

    assert height[60:].min() == pytest.approx(7_628.0, abs=5.0)
    assert height[60:].max() == pytest.approx(7_628.0, abs=5.0)
    assert np.ptp(height[120:]) < 0.01
    assert flights.reason[0, 0] == StopRule.LEFT_DATA
    assert flights.time_s[0, 0] == 86_400.0


@pytest.mark.parametrize(
    ("leak", "relaxation", "expected_km"), [(0.01, 0.0, 0.66), (0.01, 180.0, 1.41)]
)
def test_compression_heating_slows_a_sink_from_the_float(
    leak: float, relaxation: float, expected_km: float
) -> None:
    full_kg = TUBE_GAS_KG * 35_600.0  # more than it holds at the float: it is capped at the launch
    flights = fly_balloons(
        CALM,
        make_film(leak, height=7_627.0, gas_kg=full_kg, relaxation=relaxation),
        10.0,
        60.0,
        MINUTES_12_H,
    )

    assert flights.track[0, 120, 2] / 1e3 == pytest.approx(expected_km, abs=0.1)


def test_vector_6_release_at_4_km_climbs_at_9_97_ms_to_19700_m() -> None:
    air_k = 288.15 - 0.0065 * 4_000.0
    speed = climb_rate_ms(
        4_000.0, air_k, TUBE_GAS_KG, HYDROGEN_R, TUBE_VOLUME_M3, TUBE_ENVELOPE_KG, 0.7 * np.pi
    )
    loaded = fly_balloons(CALM, make_film(), 10.0, 1.0, 3_600).track[0, :, 2]
    seconds = float(np.interp(4_000.0, loaded[:2_000], np.arange(2_000.0)))
    flights = fly_balloons(
        CALM, make_film(carried=(8.0, 0.0), stop=(seconds, np.inf)), 10.0, 60.0, MINUTES_12_H
    )

    assert speed == pytest.approx(9.97, abs=0.01)
    assert flights.height_m[0, 0] == pytest.approx(4_000.0, abs=1.0)
    assert flights.reason[0].tolist() == [StopRule.TIMER, StopRule.LEFT_DATA]
    assert np.nanmax(flights.track[0, :, 2]) == pytest.approx(19_700.0, abs=5.0)
    assert flights.track[0, 600, 2] == pytest.approx(19_700.0, abs=5.0)


def test_the_first_minute_after_the_release_has_the_speed_of_the_lift_balance() -> None:
    flights = fly_balloons(
        CALM,
        make_film(carried=(8.0, 0.0), stop=(1_260.0, np.inf)),
        1.0,
        1.0,
        1_300,
    )
    height = flights.track[0, :, 2]
    measured = (height[1_270] - height[1_262]) / 8.0
    middle = height[1_266]
    air_k = 288.15 - 0.0065 * middle

    assert measured == pytest.approx(
        climb_rate_ms(
            middle, air_k, TUBE_GAS_KG, HYDROGEN_R, TUBE_VOLUME_M3, TUBE_ENVELOPE_KG, 0.7 * np.pi
        ),
        rel=1e-4,
    )


@pytest.mark.parametrize(
    ("relaxation", "bounds_m"),
    [
        pytest.param(0.0, {60.0: 30.0, 30.0: 15.0, 10.0: 3.0}, id="gas at air temperature"),
        pytest.param(180.0, {60.0: 6.0, 30.0: 3.0, 10.0: 1.0}, id="gas that follows in 180 s"),
    ],
)
def test_height_after_two_hours_converges_with_the_step(
    relaxation: float, bounds_m: dict[float, float]
) -> None:
    _, fine = fly_leak(0.01, 1.0, relaxation)
    errors = {step: abs(fly_leak(0.01, step, relaxation)[1][120] - fine[120]) for step in bounds_m}

    for step, bound in bounds_m.items():
        assert errors[step] <= bound, errors


def test_steps_of_a_minute_agree_with_a_second_to_20_m_in_height_and_place_before_the_float() -> (
    None
):
    east = wind_grid(
        lambda lon, lat, h, t: (0.002 * h + 0 * lon * lat * t, 0.0),
        height=np.arange(0.0, 26_001.0, 500.0),
    )
    places = {}
    for step in (60.0, 30.0, 10.0, 1.0):
        films = make_film(0.01, relaxation=180.0, carried=(8.0,), stop=(2_400.0,))
        end = fly_balloons(east, films, step)
        places[step] = (end.longitude[0, 0] * DEG_M, end.height_m[0, 0])
    errors = {
        s: (abs(p[0] - places[1.0][0]), abs(p[1] - places[1.0][1])) for s, p in places.items()
    }

    assert errors[60.0][0] < 2.0, errors
    assert errors[60.0][1] < 2.0, errors
    assert errors[10.0][0] < 0.05, errors
    assert errors[10.0][1] < 0.05, errors


@pytest.mark.parametrize("leak", [0.0, 0.003, 0.05])
@pytest.mark.parametrize("relaxation", [0.0, 180.0])
def test_gas_never_grows(leak: float, relaxation: float) -> None:
    stops = tuple(np.arange(300.0, 12_001.0, 300.0))
    films = make_film(leak, relaxation=relaxation, carried=(8.0,) * len(stops), stop=stops)
    gas = fly_balloons(CALM, films, 30.0).gas_kg[0]
    gas = gas[np.isfinite(gas)]

    assert gas.size > 20
    assert gas[0] <= TUBE_GAS_KG
    assert np.all(np.diff(gas) <= 0.0)
    # below z_full nothing is vented: only the leak takes gas
    assert gas[2] == pytest.approx(TUBE_GAS_KG * np.exp(-leak * 900.0 / 3_600.0), rel=1e-9)


def test_gas_vented_at_the_ceiling_is_what_the_full_tube_cannot_hold() -> None:
    flights, _ = fly_leak(0.0)

    lift_per_gas = 1.0 - 2.016 / 28.9644
    air_kg = (8.0 + TUBE_ENVELOPE_KG) / lift_per_gas
    assert flights.gas_kg[0, 0] == pytest.approx(air_kg - 8.0 - TUBE_ENVELOPE_KG, rel=5e-5)


def test_an_underfilled_tube_ends_on_the_ground_where_it_was_launched() -> None:
    flights = fly_balloons(
        wind_grid(lambda lon, lat, h, t: (10.0 + 0 * lon * lat * h * t, 0.0)),
        make_film(gas_kg=0.8 * TUBE_GAS_KG),
        30.0,
        60.0,
        30,
    )

    assert flights.reason[0, 0] == StopRule.GROUND
    assert flights.time_s[0, 0] == pytest.approx(0.0, abs=0.01)
    assert abs(flights.longitude[0, 0]) * DEG_M < 0.1


def test_a_balloon_drifts_with_the_wind_it_is_in() -> None:
    grid = wind_grid(lambda lon, lat, h, t: (8.0 + 0 * lon * lat * h * t, 0.0))
    flights = fly_balloons(grid, make_film(stop=(3_600.0,)), 60.0)

    assert flights.longitude[0, 0] * DEG_M == pytest.approx(8.0 * 3_600.0, abs=1e-3)
    assert flights.latitude[0, 0] == 0.0


def test_a_track_has_a_row_a_minute_and_the_end_of_the_flight() -> None:
    flights = fly_balloons(CALM, make_film(0.05), 60.0, 60.0, 200)
    height = flights.track[0, :, 2]
    rows = int(np.isfinite(height).sum())

    assert rows == int(flights.time_s[0, 0] // 60.0) + 2
    assert height[rows - 1] == flights.height_m[0, 0]
    assert np.isnan(height[rows:]).all()


def test_recording_a_track_changes_no_more_than_the_steps_it_cuts() -> None:
    silent = fly_balloons(CALM, make_film(0.01, relaxation=180.0), 10.0)
    recorded = fly_balloons(CALM, make_film(0.01, relaxation=180.0), 10.0, 60.0, 300)

    assert silent.time_s[0, 0] == pytest.approx(recorded.time_s[0, 0], abs=2.0)


def test_a_timer_that_never_fires_carries_the_load_to_the_ground() -> None:
    films = make_film(0.05, carried=(8.0, 0.0), stop=(np.inf, np.inf))
    flights = fly_balloons(CALM, films, 30.0)

    assert flights.reason[0].tolist() == [StopRule.GROUND, StopRule.NOT_REACHED]
    assert flights.last_stage.tolist() == [0]
    assert np.isnan(flights.time_s[0, 1])


def test_no_balloons_fly_to_no_ends() -> None:
    flights = fly_balloons(CALM, make_film(count=0), 30.0)

    assert flights.time_s.shape == (0, 1)
