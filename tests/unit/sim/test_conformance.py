"""The engine against closed forms: exactness, orders of convergence, ends, charts, and bits."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from downwind import atmosphere
from downwind.constants import EARTH_RADIUS_M
from downwind.sim.drop import Falls, ItemArrays, drop_items
from downwind.sim.flight import fly_balloons
from tests.unit.sim.made_winds import (
    DEG_M,
    make_film,
    make_items,
    miss_m,
    observed_order,
    wind_grid,
)

HALF_KM = np.arange(0.0, 10_001.0, 500.0)


def flat(value):
    """Make a constant of the shape that a wind function has to return."""
    return lambda lon, lat, h, t: value + 0.0 * (lon + lat + h + t)


# --- 1: uniform wind -----------------------------------------------------------------------------


@pytest.mark.parametrize("latitude", [0.0, 20.0, 40.0, 60.0, 74.0, 80.0])
def test_in_a_uniform_wind_an_item_goes_along_its_parallel_by_speed_times_time(
    latitude: float,
) -> None:
    grid = wind_grid(
        lambda lon, lat, h, t: (flat(16.0)(lon, lat, h, t), 0.0),
        latitude=np.arange(-2.0, 86.0, 2.0),
        longitude=np.arange(-2.0, 10.0, 2.0),
    )
    falls = drop_items(grid, make_items(0.0, latitude, 3_000.0), 200.0)
    along = np.radians(falls.longitude[0]) * EARTH_RADIUS_M * np.cos(np.radians(latitude))

    assert falls.time_s[0] == pytest.approx(2_000.0, abs=1e-3)
    assert along == pytest.approx(32_000.0, abs=0.02)
    assert falls.latitude[0] == pytest.approx(latitude, abs=1e-8)


def test_in_a_uniform_northward_wind_an_item_goes_along_its_meridian() -> None:
    grid = wind_grid(
        lambda lon, lat, h, t: (0.0, flat(16.0)(lon, lat, h, t)),
        latitude=np.arange(-2.0, 86.0, 2.0),
        longitude=np.arange(-2.0, 10.0, 2.0),
    )
    start = np.array([0.0, 30.0, 60.0, 74.9, 80.0])
    falls = drop_items(grid, make_items(1.0, start, 3_000.0), 200.0)

    np.testing.assert_allclose((falls.latitude - start) * DEG_M, 32_000.0, atol=0.01)
    np.testing.assert_allclose(falls.longitude, 1.0, atol=1e-9)


# --- 2: shear, and the scheme that gets it wrong -------------------------------------------------


def fall_with_frozen_height(shear: float, z0: float, speed: float, step: float) -> float:
    """Advect at the height where the step began, then sink: what the engine must not do."""
    heights = z0 - speed * step * np.arange(round(z0 / (speed * step)))
    return float(np.sum(shear * heights * step))


@pytest.mark.parametrize("step", [10.0, 100.0, 400.0])
def test_in_linear_shear_the_drift_is_a_z_squared_over_2w_and_a_frozen_height_misses_it(
    step: float,
) -> None:
    shear, z0, speed = 2.0**-7, 3_000.0, 1.5
    exact = shear * z0**2 / (2.0 * speed)
    grid = wind_grid(
        lambda lon, lat, h, t: (shear * h + 0.0 * (lon + lat + t), 0.0), height=HALF_KM
    )

    falls = drop_items(grid, make_items(height=z0, speed=speed), step)
    frozen = fall_with_frozen_height(shear, z0, speed, step)

    assert falls.longitude[0] * DEG_M == pytest.approx(exact, abs=0.01)
    assert falls.time_s[0] == pytest.approx(z0 / speed, abs=1e-3)
    assert frozen - exact == pytest.approx(0.5 * shear * z0 * step, rel=1e-9)
    assert frozen - exact > 100.0


# --- 3: rotation, and the order of the scheme ----------------------------------------------------


def test_rotation_converges_with_the_fourth_order() -> None:
    turn_s, radius = 36_000.0, 2.0**-6
    rate = 2.0 * np.pi / turn_s * DEG_M
    grid = wind_grid(
        lambda lon, lat, h, t: (-rate * lat + 0.0 * (lon + h + t), rate * lon + 0.0 * lat),
        time=(0.0, turn_s),
        latitude=(-0.0625, 0.0, 0.0625),
        longitude=(-0.0625, 0.0, 0.0625),
    )
    errors = []
    for step in (3_600.0, 1_800.0, 900.0, 450.0):
        falls = drop_items(grid, make_items(radius, 0.0, 5_000.0, speed=0.0), step)
        assert falls.time_s[0] == turn_s
        errors.append(float(miss_m(falls.longitude[0], falls.latitude[0], radius, 0.0)))

    assert errors[0] > 1.0
    assert errors[-1] < 0.01
    np.testing.assert_allclose(observed_order(errors), 4.0, atol=0.15)


def test_a_float_comes_back_when_wind_and_time_are_reversed() -> None:
    axis = np.linspace(-3.0, 3.0, 61)

    def eddy(lon, lat, h, t):
        growth = 1.0 + t / 40_000.0
        return (
            (12.0 * np.sin(1.3 * lat) * np.cos(0.7 * lon) + 5.0) * growth + 0.0 * h,
            -9.0 * np.sin(1.1 * lon) * growth + 0.0 * (h + lat),
        )

    def reverse(lon, lat, h, t):
        u, v = eddy(lon, lat, h, 21_600.0 - t)
        return -u, -v

    hours = np.arange(0.0, 21_601.0, 3_600.0)
    there = wind_grid(eddy, time=hours, latitude=axis, longitude=axis)
    back = wind_grid(reverse, time=hours, latitude=axis, longitude=axis)
    errors = []
    for step in (200.0, 100.0, 50.0):
        out = drop_items(there, make_items([-0.5, 0.0, 0.4], 0.2, 5e3, speed=0.0), step)
        home = drop_items(back, make_items(out.longitude, out.latitude, 5e3, speed=0.0), step)
        errors.append(float(np.max(miss_m(home.longitude, home.latitude, [-0.5, 0.0, 0.4], 0.2))))

    assert not out.on_ground.any()
    assert np.abs(out.latitude - 0.2).min() > 0.5
    assert errors[1] < 0.1
    assert errors[2] < errors[0] / 2.0


# --- 5: stream function --------------------------------------------------------------------------


def test_a_gyre_keeps_its_stream_function_to_what_the_grid_resolves() -> None:
    side, speed = 4.0, 20.0

    def gyre(lon, lat, h, t):
        x, y = np.pi * (lon + 2.0) / side, np.pi * (lat + 2.0) / side
        u = -speed * np.sin(x) * np.cos(y) * np.cos(np.radians(lat))
        return u + 0.0 * (h + t), speed * np.cos(x) * np.sin(y) + 0.0 * (h + t)

    def stream(lon, lat):
        return np.sin(np.pi * (lon + 2.0) / side) * np.sin(np.pi * (lat + 2.0) / side)

    start = np.array([-1.5, -1.0, -0.5, 0.8])
    drift = []
    for points in (41, 81, 161):
        axis = np.linspace(-2.0, 2.0, points)
        grid = wind_grid(gyre, latitude=axis, longitude=axis)
        end = drop_items(grid, make_items(start, 0.3, 5e3, speed=0.0), 200.0)
        drift.append(
            float(np.max(np.abs(stream(end.longitude, end.latitude) - stream(start, 0.3))))
        )

    assert drift[-1] < 2e-4
    assert np.all(np.array(drift[:-1]) / np.array(drift[1:]) > 2.5), drift


# --- 7: exact under layer stepping ---------------------------------------------------------------


@pytest.mark.parametrize("step", [50.0, 200.0, 1_000.0])
def test_wind_bilinear_in_height_and_time_is_followed_exactly(step: float) -> None:
    a, b, c, d = 4.0, 2.0**-9, 2.0**-8, 2.0**-20

    def wind(lon, lat, h, t):
        return a + b * t + c * h + d * h * t + 0.0 * (lon + lat), 0.5 * c * h + 0.0 * t

    z0, speed, start = 3_140.0, 1.25, 700.0
    grid = wind_grid(
        wind,
        time=np.arange(0.0, 8_001.0, 1_000.0),
        height=HALF_KM,
        latitude=np.array([-1.0, 0.0, 1.0]),
    )
    falls = drop_items(grid, make_items(height=z0, time=start, speed=speed), step)
    span = z0 / speed
    t, h = np.polynomial.Polynomial([start, 1.0]), np.polynomial.Polynomial([z0, -speed])
    east = (a + b * t + c * h + d * h * t).integ()
    north = (0.5 * c * h).integ()

    # the parallel's cosine is the only thing that the closed form leaves out: 3e-6 of 70 km
    assert falls.latitude[0] * DEG_M == pytest.approx(north(span) - north(0.0), abs=0.01)
    assert falls.longitude[0] * DEG_M == pytest.approx(east(span) - east(0.0), abs=0.5)
    assert falls.time_s[0] == pytest.approx(start + span, abs=1e-3)


def test_wind_linear_in_time_alone_is_exact_on_the_equator() -> None:
    b = 2.0**-9
    grid = wind_grid(
        lambda lon, lat, h, t: (b * t + 0.0 * (lon + lat + h), 0.0),
        time=np.array([0.0, 900.0, 2_700.0, 9_000.0]),
    )
    falls = drop_items(grid, make_items(height=4_500.0, speed=1.5), 1_000.0)

    assert falls.longitude[0] * DEG_M == pytest.approx(0.5 * b * 3_000.0**2, abs=0.01)


# --- 11 and the laws of fall ---------------------------------------------------------------------


def test_a_fall_through_many_levels_within_one_time_interval_takes_its_closed_form_time() -> None:
    grid = wind_grid(time=(0.0, 86_400.0), height=np.arange(0.0, 12_001.0, 250.0))
    falls = drop_items(grid, make_items(height=11_900.0, speed=4.7, exponent=0.5), 200.0)

    assert falls.time_s[0] == pytest.approx(
        float(atmosphere.fall_integral_m(11_900.0)) / 4.7, abs=0.02
    )


def test_an_opening_delay_and_a_change_of_mode_give_the_time_of_their_three_parts() -> None:
    grid = wind_grid(height=HALF_KM)
    items = make_items(
        height=5_000.0,
        speed=0.8,
        high_speed=0.5,
        exponent=0.4,
        switch=2_345.0,
        bundle_speed=31.0,
        opening=10.0,
    )
    falls = drop_items(grid, items, 200.0)
    height, bundle = 5_000.0, 10.0
    for _ in range(40):  # the height at which the bundle opens
        fallen = atmosphere.fall_integral_m(5_000.0) - atmosphere.fall_integral_m(height)
        rho = float(atmosphere.density_kgm3(height) / 1.225)
        height -= (31.0 * bundle - float(fallen)) / np.sqrt(rho)
    aloft = atmosphere.fall_integral_m(height, 0.4) - atmosphere.fall_integral_m(2_345.0, 0.4)
    low = atmosphere.fall_integral_m(2_345.0, 0.4)

    assert falls.time_s[0] == pytest.approx(10.0 + float(aloft) / 0.5 + float(low) / 0.8, abs=0.05)


def test_vertical_wind_is_added_to_the_fall() -> None:
    grid = wind_grid(height=HALF_KM, up=0.5)
    falls = drop_items(grid, make_items(height=3_000.0, speed=1.5), 200.0)

    assert falls.time_s[0] == pytest.approx(3_000.0, abs=1e-3)


# --- 9: landing and other ends -------------------------------------------------------------------


def test_a_landing_inside_a_step_is_exact() -> None:
    grid = wind_grid(lambda lon, lat, h, t: (flat(10.0)(lon, lat, h, t), 0.0), terrain=123.0)
    falls = drop_items(grid, make_items(height=1_000.0, speed=1.7), 97.0)

    assert falls.on_ground[0]
    assert falls.height_m[0] == pytest.approx(123.0, abs=2e-3)
    assert falls.time_s[0] == pytest.approx(877.0 / 1.7, abs=1e-3)
    assert falls.longitude[0] * DEG_M == pytest.approx(8_770.0 / 1.7, abs=0.02)


@pytest.mark.parametrize("slope", [0.02, -0.005])
def test_a_landing_on_a_slope_is_where_path_and_ground_meet(slope: float) -> None:
    longitude = np.linspace(-1.0, 1.0, 9)
    terrain = 500.0 + slope * DEG_M * longitude
    grid = wind_grid(
        lambda lon, lat, h, t: (flat(12.0)(lon, lat, h, t), 0.0),
        longitude=longitude,
        terrain=np.tile(terrain, (3, 1)),
        height=(-2_000.0, 26_000.0),
    )
    falls = drop_items(grid, make_items(height=2_000.0, speed=1.5), 150.0)
    seconds = (2_000.0 - 500.0) / (1.5 + slope * 12.0)

    assert falls.time_s[0] == pytest.approx(seconds, abs=5e-3)
    assert falls.longitude[0] * DEG_M == pytest.approx(12.0 * seconds, abs=0.05)
    assert falls.height_m[0] == pytest.approx(500.0 + slope * 12.0 * seconds, abs=5e-3)


def test_a_release_on_a_level_face_falls_like_one_beside_it() -> None:
    grid = wind_grid(
        lambda lon, lat, h, t: (0.0078125 * h + 0.0 * (lon + lat + t), 0.0), height=HALF_KM
    )
    heights = np.array([2_500.0, 2_500.0 + 1e-7, 2_500.0 - 1e-7, 2_500.9, 2_499.1])
    falls = drop_items(grid, make_items(height=heights, speed=1.5), 200.0)

    np.testing.assert_allclose(falls.time_s, heights / 1.5, atol=2e-3)
    np.testing.assert_allclose(falls.longitude * DEG_M, 0.0078125 * heights**2 / 3.0, atol=0.05)


def test_a_release_on_or_under_the_ground_ends_there_and_then() -> None:
    grid = wind_grid(lambda lon, lat, h, t: (flat(10.0)(lon, lat, h, t), 0.0), terrain=100.0)
    falls = drop_items(grid, make_items(height=[100.0, 60.0], time=50.0), 60.0)

    assert falls.on_ground.all()
    np.testing.assert_array_equal(falls.time_s, 50.0)
    np.testing.assert_array_equal(falls.longitude, 0.0)


def test_the_end_of_the_data_in_time_ends_a_fall_there() -> None:
    grid = wind_grid(time=(0.0, 1_000.0))
    falls = drop_items(grid, make_items(height=[3_000.0, 1_000.0], speed=1.5), 300.0)

    assert falls.on_ground.tolist() == [False, True]
    assert falls.time_s[0] == 1_000.0
    assert falls.height_m[0] == pytest.approx(1_500.0, abs=1e-6)


@pytest.mark.parametrize("time", [-1.0, 90_000.0, 86_400.0])
def test_a_release_outside_the_hours_of_the_data_leaves_them_at_once(time: float) -> None:
    falls = drop_items(wind_grid(), make_items(time=time), 60.0)

    assert not falls.on_ground[0]
    assert falls.time_s[0] == time


def test_a_hole_in_time_ends_a_fall_where_it_begins() -> None:
    grid = wind_grid(time=(0.0, 3_600.0, 18_000.0, 21_600.0), holes=(1,))
    falls = drop_items(
        grid,
        make_items(height=[9_000.0, 3_000.0, 9_000.0, 3_000.0], time=[0.0, 0.0, 7_200.0, 18_000.0]),
        200.0,
    )

    assert falls.on_ground.tolist() == [False, True, False, True]
    assert falls.time_s.tolist()[::2] == [3_600.0, 7_200.0]
    assert falls.height_m[0] == pytest.approx(9_000.0 - 1.5 * 3_600.0, abs=1e-6)


def test_the_edge_of_the_box_ends_a_fall_on_the_edge() -> None:
    grid = wind_grid(
        lambda lon, lat, h, t: (flat(100.0)(lon, lat, h, t), 0.0), longitude=(-1.0, 0.0, 1.0)
    )
    falls = drop_items(grid, make_items(height=9_000.0), 200.0)

    assert not falls.on_ground[0]
    assert falls.longitude[0] == pytest.approx(1.0, abs=2e-6)
    assert falls.longitude[0] <= 1.0
    assert falls.time_s[0] == pytest.approx(DEG_M / 100.0, abs=2e-3)


def test_what_rises_through_the_top_of_the_data_leaves_them_there() -> None:
    grid = wind_grid(height=(0.0, 4_000.0), up=2.0)
    falls = drop_items(grid, make_items(height=3_000.0, speed=1.0), 300.0)
    flights = fly_balloons(wind_grid(height=(0.0, 4_000.0)), make_film(), 60.0)

    assert not falls.on_ground[0]
    assert falls.height_m[0] == pytest.approx(4_000.0, abs=5e-3)
    assert flights.height_m[0, 0] == pytest.approx(4_000.0, abs=0.05)
    assert flights.reason[0, 0] == 2


# --- 10: charts, axes, poles ---------------------------------------------------------------------


def shear_and_turn(lon, lat, h, t):
    return 15.0 + 0.002 * h + 3.0 * lat + 0.0 * (lon + t), -4.0 + 0.001 * h + 2.0 * lon + 0.0 * t


@pytest.mark.parametrize(
    ("first", "release"),
    [
        pytest.param(176.0, 179.9, id="axis passes 180, release west of it"),
        pytest.param(-184.0, 179.9, id="axis of negative longitudes"),
        pytest.param(176.0, -180.1, id="release beyond -180"),
        pytest.param(536.0, 179.9, id="axis beyond 360"),
    ],
)
def test_the_antimeridian_and_the_naming_of_longitudes_change_nothing(
    first: float, release: float
) -> None:
    axis = np.linspace(0.0, 8.0, 33)
    lat = np.linspace(-3.0, 3.0, 25)

    def about(offset):
        return lambda lon, y, h, t: shear_and_turn(lon - offset, y, h, t)

    plain = wind_grid(about(10.0), latitude=lat, longitude=10.0 - 4.0 + axis, height=HALF_KM)
    moved = wind_grid(about(first + 4.0), latitude=lat, longitude=first + axis, height=HALF_KM)
    expected = drop_items(plain, make_items(9.9, 0.3, 4_000.0), 200.0)
    falls = drop_items(moved, make_items(release, 0.3, 4_000.0), 200.0)

    assert expected.longitude[0] > 10.0
    assert (falls.longitude[0] - expected.longitude[0]) % 360.0 == pytest.approx(170.0, abs=1e-9)
    assert -180.0 <= falls.longitude[0] < 180.0
    assert falls.latitude[0] == pytest.approx(expected.latitude[0], abs=1e-9)


def test_longitudes_of_0_to_360_and_of_180_each_way_land_alike_on_a_global_grid() -> None:
    def waves(lon, lat, h, t):
        x, y = np.radians(lon), np.radians(lat)
        return 20.0 * np.cos(y) + 5.0 * np.sin(3.0 * x) + 0.0 * (h + t), 8.0 * np.cos(2.0 * x)

    lat = np.arange(-90.0, 91.0, 2.0)
    east = wind_grid(waves, latitude=lat, longitude=np.arange(0.0, 361.0, 2.0))
    both = wind_grid(waves, latitude=lat, longitude=np.arange(-180.0, 181.0, 2.0))
    start = np.array([-179.9, -90.3, -0.05, 0.0, 0.05, 91.7, 179.95])
    a = drop_items(east, make_items(start % 360.0, 12.0, 6_000.0), 200.0)
    b = drop_items(both, make_items(start, 12.0, 6_000.0), 200.0)

    assert a.on_ground.all()
    np.testing.assert_allclose(
        miss_m(a.longitude, a.latitude, b.longitude, b.latitude), 0, atol=0.5
    )


def fly_over_the_pole(spacing: float, pole: int) -> float:
    """Carry a float over a pole to the same latitude beyond it; return by how much it misses."""
    speed = 40.0

    def over(lon, lat, h, t):
        x, y = np.radians(lon - 0.37), np.radians(lat)
        return -speed * np.sin(y) * np.cos(x) + 0.0 * (h + t), speed * np.sin(x) + 0.0 * (y + h + t)

    hours = 0.5 * (2.0 * 12.0 * DEG_M) / speed
    grid = wind_grid(
        over,
        time=(0.0, 2.0 * hours),
        latitude=np.arange(-90.0, 90.1, spacing),
        longitude=np.arange(0.0, 360.1, spacing),
    )
    start = (90.37, 78.0) if pole > 0 else (-89.63, -78.0)
    falls = drop_items(grid, make_items(*start, 5_000.0, speed=0.0), 200.0)
    assert falls.time_s[0] == 2.0 * hours
    return float(miss_m(falls.longitude[0], falls.latitude[0], start[0] - 180.0, start[1]))


@pytest.mark.parametrize("pole", [1, -1])
def test_a_path_over_the_pole_is_the_great_circle_of_a_rotated_frame(pole: int) -> None:
    misses = [fly_over_the_pole(spacing, pole) for spacing in (2.0, 1.0, 0.5)]

    # what is left is the linear interpolation of a turning vector: second order in the spacing
    assert misses[-1] < 40.0, misses
    assert misses[0] / misses[2] > 8.0, misses


def test_a_sphere_turning_about_any_axis_carries_items_round_it() -> None:
    omega = 30.0 / EARTH_RADIUS_M
    axis = np.array([np.cos(np.radians(35.0)), 0.0, np.sin(np.radians(35.0))])

    def turning(lon, lat, h, t):
        x, y = np.radians(lon), np.radians(lat)
        r = np.stack(np.broadcast_arrays(np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
        v = EARTH_RADIUS_M * omega * np.cross(axis, r, axisb=0, axisc=0)
        east = v[0] * -np.sin(x) + v[1] * np.cos(x)
        north = -v[0] * np.sin(y) * np.cos(x) - v[1] * np.sin(y) * np.sin(x) + v[2] * np.cos(y)
        return east + 0.0 * (h + t), north + 0.0 * (h + t)

    grid = wind_grid(
        turning,
        latitude=np.arange(-90.0, 90.1, 0.5),
        longitude=np.arange(0.0, 360.1, 0.5),
    )
    lon, lat = np.array([20.0, -60.0, 179.0, 5.0]), np.array([10.0, 74.0, -40.0, 89.0])
    falls = drop_items(grid, make_items(lon, lat, 5_000.0, speed=0.0), 200.0)
    x, y = np.radians(lon), np.radians(lat)
    r = np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)]).T
    angle = omega * 86_400.0
    turned = (
        r * np.cos(angle)
        + np.cross(axis, r) * np.sin(angle)
        + axis * (r @ axis)[:, None] * (1.0 - np.cos(angle))
    )
    expected_lon = np.degrees(np.arctan2(turned[:, 1], turned[:, 0]))
    expected_lat = np.degrees(np.arcsin(turned[:, 2]))

    # 2592 km of path; linear interpolation over half a degree leaves (0.5 deg)^2 / 8 of it
    misses = miss_m(falls.longitude, falls.latitude, expected_lon, expected_lat)
    assert misses.max() < 40.0, misses


# --- vector 9: the travelling wave ---------------------------------------------------------------


def travelling_wave(points: int, step_s: float):
    amplitude, length, phase_speed = 6.0, 1_200e3, 4.0

    def wave(lon, lat, h, t):
        east = 12.0 * np.cos(np.radians(lat)) + 0.0 * (lon + h + t)
        phase = 2.0 * np.pi * (lon * DEG_M - phase_speed * t) / length
        return east, amplitude * np.sin(phase) + 0.0 * (lat + h)

    return wind_grid(
        wave,
        time=np.arange(0.0, 43_201.0, step_s),
        latitude=np.linspace(-0.5, 2.5, 13),
        longitude=np.linspace(-1.0, 7.0, points),
    )


def test_vector_9_travelling_wave_is_met_and_ever_better_on_finer_grids() -> None:
    errors = []
    for points, step in ((17, 3_600.0), (33, 1_800.0), (65, 900.0), (129, 450.0)):
        grid = travelling_wave(points, step)
        end = drop_items(grid, make_items(height=5e3, speed=0.0), 200.0)
        x, y = end.longitude[0] * DEG_M, end.latitude[0] * DEG_M
        assert x == pytest.approx(518_400.0, abs=5.0)
        errors.append(abs(y - 177_115.4))

    assert errors[-1] < 25.0, errors
    np.testing.assert_allclose(observed_order(errors), 2.0, atol=0.35)


def test_vector_9_at_six_hours() -> None:
    grid = travelling_wave(257, 225.0)
    flights = fly_balloons(
        grid, make_film(stop=(21_600.0,), height=0.0), 60.0
    )  # the wind has no shear: a climbing balloon drifts like a float

    assert flights.longitude[0, 0] * DEG_M == pytest.approx(259_200.0, abs=5.0)
    assert flights.latitude[0, 0] * DEG_M == pytest.approx(54_737.6, abs=5.0)


def test_a_bickley_jet_agrees_with_an_adaptive_eighth_order_solver() -> None:
    def jet(lon, lat, h, t):
        y = lat / 0.8
        wave = 0.3 * np.cos(2.2 * lon - t / 20_000.0)
        u = 25.0 / np.cosh(y) ** 2 * (1.0 + 2.0 * wave * np.tanh(y))
        return u + 0.0 * h, 12.0 * np.sin(2.2 * lon - t / 20_000.0) / np.cosh(y) ** 2 + 0.0 * h

    def rates(t, p):
        u, v = jet(p[0], p[1], 0.0, t)
        return [u / (DEG_M * np.cos(np.radians(p[1]))), v / DEG_M]

    truth = solve_ivp(rates, (0.0, 21_600.0), [-1.0, 0.3], "DOP853", rtol=1e-11, atol=1e-12).y
    errors = []
    for points, step in ((61, 1_800.0), (121, 900.0), (241, 450.0)):
        axis = np.linspace(-3.0, 9.0, points)
        grid = wind_grid(
            jet,
            time=np.arange(0.0, 21_601.0, step),
            latitude=np.linspace(-3.0, 3.0, points),
            longitude=axis,
        )
        end = drop_items(grid, make_items(-1.0, 0.3, 5e3, speed=0.0), 60.0)
        errors.append(float(miss_m(end.longitude[0], end.latitude[0], *truth[:, -1])))

    assert errors[-1] < 150.0, errors
    np.testing.assert_allclose(observed_order(errors), 2.0, atol=0.25)


# --- 12: bits ------------------------------------------------------------------------------------


def scattered_items(count: int) -> ItemArrays:
    rng = np.random.default_rng(7)
    items = make_items(
        rng.uniform(-2.0, 2.0, count),
        rng.uniform(-2.0, 2.0, count),
        rng.uniform(500.0, 6_000.0, count),
        rng.uniform(0.0, 20_000.0, count),
    )
    return items._replace(
        low_speed_ms=rng.uniform(0.4, 5.0, count),
        high_speed_ms=rng.uniform(0.4, 5.0, count),
        exponent=rng.uniform(0.3, 0.5, count),
        switch_m=rng.uniform(-500.0, 5_000.0, count),
        opening_s=rng.uniform(0.0, 30.0, count),
        bundle_speed_ms=np.full(count, 31.0),
    )


def columns(falls: Falls) -> np.ndarray:
    return np.column_stack(
        [falls.longitude, falls.latitude, falls.height_m, falls.time_s, falls.on_ground]
    )


def take(items: ItemArrays, rows: np.ndarray) -> ItemArrays:
    return ItemArrays(*(c if c.size == 1 else np.ascontiguousarray(c[rows]) for c in items))


def test_bits_agree_over_threads_order_and_batches() -> None:
    grid = wind_grid(
        shear_and_turn,
        height=HALF_KM,
        time=np.arange(0.0, 86_401.0, 3_600.0),
    )
    items = scattered_items(500)
    threads = nb.get_num_threads()
    try:
        nb.set_num_threads(1)
        alone = columns(drop_items(grid, items, 200.0))
        nb.set_num_threads(min(2, nb.config.NUMBA_NUM_THREADS))
        together = columns(drop_items(grid, items, 200.0))
    finally:
        nb.set_num_threads(threads)
    order = np.random.default_rng(8).permutation(500)
    shuffled = np.empty_like(alone)
    shuffled[order] = columns(drop_items(grid, take(items, order), 200.0))
    halves = np.concatenate(
        [columns(drop_items(grid, take(items, np.arange(a, a + 250)), 200.0)) for a in (0, 250)]
    )

    assert np.array_equal(alone, together)
    assert np.array_equal(alone, shuffled)
    assert np.array_equal(alone, halves)
    assert np.ptp(alone[:, 0]) > 1.0


def test_balloons_agree_to_the_bit_over_threads() -> None:
    films = make_film(0.01, count=16, relaxation=180.0)
    films = films._replace(leak_1s=np.linspace(0.0, 0.05, 16) / 3_600.0)
    threads = nb.get_num_threads()
    try:
        nb.set_num_threads(1)
        alone = fly_balloons(wind_grid(), films, 30.0)
        nb.set_num_threads(min(2, nb.config.NUMBA_NUM_THREADS))
        together = fly_balloons(wind_grid(), films, 30.0)
    finally:
        nb.set_num_threads(threads)

    assert np.array_equal(alone.time_s, together.time_s)
    assert np.array_equal(alone.gas_kg, together.gas_kg)
    assert np.unique(alone.time_s).size > 10


def test_nothing_to_drop_gives_nothing() -> None:
    empty = np.zeros(0)
    falls = drop_items(wind_grid(), make_items(empty, empty, empty, empty), 60.0)

    assert falls.longitude.size == falls.on_ground.size == 0
