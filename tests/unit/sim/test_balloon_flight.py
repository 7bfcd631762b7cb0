"""Flights of the open tube: vector 6b, the release, convergence, and what never happens."""

from __future__ import annotations

import numpy as np
import pytest

from downwind import atmosphere
from downwind.constants import R_AIR
from downwind.errors import ArgumentError
from downwind.sim.flight import StopRule, fly_balloons
from downwind.vehicle.kernels import climb_rate_ms
from tests.unit.sim.made_winds import (
    DEG_M,
    HELIUM_R,
    HYDROGEN_R,
    TUBE,
    TUBE_ENVELOPE_KG,
    TUBE_GAS_KG,
    TUBE_VOLUME_M3,
    make_balloon,
    wind_grid,
)

CALM = wind_grid(height=(0.0, 1_000.0, 26_000.0))
MINUTES_12_H = 721


def fly_leak(leak_per_hour: float, step: float = 10.0, relaxation: float = 0.0):
    flights = fly_balloons(
        CALM, make_balloon(leak_per_hour, relaxation_s=relaxation), step, 60.0, MINUTES_12_H
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
    assert flights.reason[0] == StopRule.GROUND
    assert flights.end_time_s[0] / 3_600.0 == pytest.approx(ground_h, abs=0.05)
    assert flights.end_height_m[0] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("step", [60.0, 10.0])
@pytest.mark.parametrize("relaxation", [0.0, 180.0])
def test_vector_6b_a_tight_tube_holds_7628_m_for_12_hours(step: float, relaxation: float) -> None:
    flights, height = fly_leak(0.0, step, relaxation)

    assert height[60:].min() == pytest.approx(7_628.0, abs=5.0)
    assert height[60:].max() == pytest.approx(7_628.0, abs=5.0)
    assert np.ptp(height[120:]) < 0.01
    assert flights.reason[0] == StopRule.LEFT_DATA
    assert flights.end_time_s[0] == 86_400.0


@pytest.mark.parametrize(
    ("gas", "relaxation", "expected_km"),
    [
        ("hydrogen", 0.0, 0.66),
        ("hydrogen", 180.0, 1.41),
        ("helium", 0.0, 0.88),
        ("helium", 180.0, 2.40),
    ],
)
def test_compression_heating_slows_a_sink_from_the_float(
    gas: str, relaxation: float, expected_km: float
) -> None:
    constant, kappa = {"hydrogen": (HYDROGEN_R, 0.289), "helium": (HELIUM_R, 0.400)}[gas]
    # as heavy as a full tube floats at 7,627 m; more gas than it holds is capped at the launch
    lift_kgm3 = float(atmosphere.density_kgm3(7_627.0)) * (1.0 - R_AIR / constant)
    load_kg = TUBE_VOLUME_M3 * lift_kgm3 - TUBE_ENVELOPE_KG
    balloon = make_balloon(
        0.01,
        height_m=7_627.0,
        load_kg=load_kg,
        drop=(load_kg,),
        gas_kg=1e3,
        gas_constant=constant,
        kappa=kappa,
        relaxation_s=relaxation,
    )
    flights = fly_balloons(CALM, balloon, 10.0, 60.0, MINUTES_12_H)

    assert flights.track[0, 120, 2] / 1e3 == pytest.approx(expected_km, abs=0.1)


def test_vector_6_release_at_4_km_climbs_at_9_97_ms_to_19700_m() -> None:
    air_k = 288.15 - 0.0065 * 4_000.0
    speed = climb_rate_ms(4_000.0, air_k, TUBE_GAS_KG, TUBE, TUBE_ENVELOPE_KG)
    loaded = fly_balloons(CALM, make_balloon(), 10.0, 1.0, 3_600).track[0, :, 2]
    seconds = float(np.interp(4_000.0, loaded[:2_000], np.arange(2_000.0)))
    flights = fly_balloons(CALM, make_balloon(fire=(seconds,)), 10.0, 60.0, MINUTES_12_H)

    assert speed == pytest.approx(9.97, abs=0.01)
    assert flights.release_height_m[0, 0] == pytest.approx(4_000.0, abs=1.0)
    assert flights.reason[0] == StopRule.LEFT_DATA
    assert np.nanmax(flights.track[0, :, 2]) == pytest.approx(19_700.0, abs=5.0)
    assert flights.track[0, 600, 2] == pytest.approx(19_700.0, abs=5.0)


def test_the_first_minute_after_the_release_has_the_speed_of_the_lift_balance() -> None:
    flights = fly_balloons(
        CALM,
        make_balloon(fire=(1_260.0,)),
        1.0,
        1.0,
        1_300,
    )
    height = flights.track[0, :, 2]
    measured = (height[1_270] - height[1_262]) / 8.0
    middle = height[1_266]
    air_k = 288.15 - 0.0065 * middle

    assert measured == pytest.approx(
        climb_rate_ms(middle, air_k, TUBE_GAS_KG, TUBE, TUBE_ENVELOPE_KG),
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
        balloons = make_balloon(0.01, relaxation_s=180.0, fire=(2_400.0,), follow=False)
        end = fly_balloons(east, balloons, step)
        places[step] = (end.end_longitude[0] * DEG_M, end.end_height_m[0])
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
    balloons = make_balloon(leak, relaxation_s=relaxation, drop=(0.0,) * len(stops), fire=stops)
    gas = fly_balloons(CALM, balloons, 30.0).release_gas_kg[0]
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
    assert flights.end_gas_kg[0] == pytest.approx(air_kg - 8.0 - TUBE_ENVELOPE_KG, rel=5e-5)


def test_an_underfilled_tube_ends_on_the_ground_where_it_was_launched() -> None:
    flights = fly_balloons(
        wind_grid(lambda lon, lat, h, t: (10.0 + 0 * lon * lat * h * t, 0.0)),
        make_balloon(gas_kg=0.8 * TUBE_GAS_KG),
        30.0,
        60.0,
        30,
    )

    assert flights.reason[0] == StopRule.GROUND
    assert flights.end_time_s[0] == pytest.approx(0.0, abs=0.01)
    assert abs(flights.end_longitude[0]) * DEG_M < 0.1


def test_a_balloon_drifts_with_the_wind_it_is_in() -> None:
    grid = wind_grid(lambda lon, lat, h, t: (8.0 + 0 * lon * lat * h * t, 0.0))
    flights = fly_balloons(grid, make_balloon(fire=(3_600.0,), follow=False), 60.0)

    assert flights.end_longitude[0] * DEG_M == pytest.approx(8.0 * 3_600.0, abs=1e-3)
    assert flights.end_latitude[0] == 0.0


def test_a_track_has_a_row_a_minute_and_the_end_of_the_flight() -> None:
    flights = fly_balloons(CALM, make_balloon(0.05), 60.0, 60.0, 200)
    height = flights.track[0, :, 2]
    rows = int(np.isfinite(height).sum())

    assert rows == int(flights.end_time_s[0] // 60.0) + 2
    assert height[rows - 1] == flights.end_height_m[0]
    assert np.isnan(height[rows:]).all()


def test_recording_a_track_changes_no_more_than_the_steps_it_cuts() -> None:
    silent = fly_balloons(CALM, make_balloon(0.01, relaxation_s=180.0), 10.0)
    recorded = fly_balloons(CALM, make_balloon(0.01, relaxation_s=180.0), 10.0, 60.0, 300)

    assert silent.end_time_s[0] == pytest.approx(recorded.end_time_s[0], abs=2.0)


def test_a_timer_that_never_fires_carries_the_load_to_the_ground() -> None:
    flights = fly_balloons(CALM, make_balloon(0.05, fire=(np.inf,), follow=False), 30.0)

    assert flights.reason[0] == StopRule.GROUND
    assert not flights.released[0, 0]
    assert np.isnan(flights.release_time_s[0, 0])


def test_no_balloons_fly_to_no_ends() -> None:
    flights = fly_balloons(CALM, make_balloon(count=0), 30.0)

    assert flights.release_time_s.shape == (0, 1)
    assert flights.end_time_s.shape == (0,)


@pytest.mark.parametrize("step", [60.0, 10.0])
def test_a_flight_that_is_not_followed_ends_as_the_release_of_one_that_is(step: float) -> None:
    ended, followed = (
        fly_balloons(CALM, make_balloon(0.01, fire=(1_500.5,), follow=f), step)
        for f in (False, True)
    )

    assert ended.reason[0] == StopRule.RELEASED
    assert ended.end_time_s[0] == ended.release_time_s[0, 0] == 1_500.5
    for name in ("longitude", "latitude", "height_m", "gas_kg", "gas_k"):
        there = getattr(ended, f"end_{name}")[0]
        assert there == getattr(ended, f"release_{name}")[0, 0]
        assert there == getattr(followed, f"release_{name}")[0, 0]


def test_the_track_of_a_flight_that_ends_at_its_release_ends_there_too() -> None:
    flights = fly_balloons(CALM, make_balloon(fire=(1_500.5,), follow=False), 20.0, 60.0, 40)
    height = flights.track[0, :, 2]

    assert int(np.isfinite(height).sum()) == 27
    assert height[26] == flights.end_height_m[0]


def test_a_track_that_ends_on_a_row_has_that_row_once() -> None:
    flights = fly_balloons(CALM, make_balloon(fire=(1_500.0,), follow=False), 20.0, 60.0, 40)

    assert int(np.isfinite(flights.track[0, :, 2]).sum()) == 26


def test_a_flight_without_releases_goes_on_to_the_ground() -> None:
    flights = fly_balloons(CALM, make_balloon(0.05, drop=(), fire=(), follow=False), 60.0)

    assert flights.released.shape == (1, 0)
    assert flights.reason[0] == StopRule.GROUND


def test_the_speed_at_the_end_is_that_over_ground() -> None:
    landed = fly_balloons(CALM, make_balloon(0.05), 10.0)

    for up_ms in (0.0, 0.5):
        balloons = make_balloon(fire=(600.0,), drop=(0.0,), follow=False)
        flights = fly_balloons(wind_grid(up=up_ms), balloons, 10.0)
        h = flights.end_height_m[0]
        still = climb_rate_ms(h, 288.15 - 0.0065 * h, TUBE_GAS_KG, TUBE, 8.0 + TUBE_ENVELOPE_KG)
        assert flights.end_rise_ms[0] == pytest.approx(still + up_ms, rel=1e-9)
    assert landed.end_rise_ms[0] < -1.0


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"load_kg": np.ones(2)}, r"load_kg .* shape \(2,\), not \(3,\)"),
        ({"drop_kg": np.ones((3, 2))}, r"drop_kg .* shape \(3, 2\), not \(3, 1\)"),
        ({"fire_s": np.ones((2, 1)), "drop_kg": np.ones((2, 1))}, r"drop_kg .* shape"),
        ({"member": np.array([0, 1, 0])}, "members 0 to 1, but the wind has 1"),
        ({"member": np.array([0, -1, 0])}, "members -1 to 0"),
        ({"shape": np.array([0, 9, 0])}, "shape .* has 9 in row 1"),
        ({"shape": np.array([0, 0, 3])}, "shape .* has 3 in row 2"),
        ({"gas_kg": np.array([1.0, 1.0, np.nan])}, "gas_kg .* has nan in row 2"),
        ({"drag_low": np.array([0.7, 0.0, 0.7])}, "drag_low .* has 0.0 in row 1"),
        ({"remains_drag_area_m2": np.array([1.0, 1.0, 0.0])}, "remains_drag_area_m2 .* row 2"),
        ({"height_m": np.array([np.inf, 0.0, 0.0])}, "height_m .* has inf in row 0"),
        ({"clock_halving_k": np.full((3, 1), np.nan)}, "clock_halving_k .* has nan in row 0"),
        ({"drop_kg": np.array([[8.0], [100.0], [8.0]])}, "drop_kg .* has 100.0 in row 1"),
    ],
)
def test_columns_that_do_not_fit_are_refused(changed: dict, match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        fly_balloons(CALM, make_balloon(count=3)._replace(**changed), 30.0)


@pytest.mark.parametrize("step", [0.0, -1.0, np.nan, np.inf])
def test_a_step_or_a_spacing_that_is_none_is_refused(step: float) -> None:
    with pytest.raises(ArgumentError, match="longest step is"):
        fly_balloons(CALM, make_balloon(), step)
    with pytest.raises(ArgumentError, match="spacing of the tracks is"):
        fly_balloons(CALM, make_balloon(), 30.0, step)
