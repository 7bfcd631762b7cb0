"""Suite 1, 2, 3, 4 and 7: winds whose paths have a closed form, and the orders of convergence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from downwind.constants import EARTH_RADIUS_M
from tests.unit.sim.made_winds import (
    DEG_M,
    HALF_KM,
    bound,
    degree_bound,
    drop,
    make_items,
    miss_m,
    observed_order,
    place_bound,
    wind_grid,
)

HOUR = 3_600.0

# --- 1: uniform wind -----------------------------------------------------------------------------


@pytest.mark.parametrize("latitude", [0.0, 20.0, 40.0, 60.0, 74.0, 80.0])
def test_in_a_uniform_wind_an_item_goes_along_its_parallel_by_speed_times_time(
    latitude: float, engine: str
) -> None:
    grid = wind_grid(
        lambda lon, lat, h, t: (16.0, 0.0),
        latitude=np.arange(-2.0, 86.0, 2.0),
        longitude=np.arange(-2.0, 10.0, 2.0),
    )
    falls = drop(grid, make_items(0.0, latitude, 3_000.0), 200.0, engine)
    along = np.radians(falls.longitude[0]) * EARTH_RADIUS_M * np.cos(np.radians(latitude))

    assert falls.time_s[0] == pytest.approx(2_000.0, abs=bound(engine, 1e-3, 2_000.0))
    assert along == pytest.approx(32_000.0, abs=place_bound(engine, 0.02))
    assert falls.latitude[0] == pytest.approx(latitude, abs=degree_bound(engine, 1e-8))


def test_in_a_uniform_northward_wind_an_item_goes_along_its_meridian(engine: str) -> None:
    grid = wind_grid(
        lambda lon, lat, h, t: (0.0, 16.0),
        latitude=np.arange(-2.0, 86.0, 2.0),
        longitude=np.arange(-2.0, 10.0, 2.0),
    )
    start = np.array([0.0, 30.0, 60.0, 74.9, 80.0])
    falls = drop(grid, make_items(1.0, start, 3_000.0), 200.0, engine)

    np.testing.assert_allclose(
        (falls.latitude - start) * DEG_M, 32_000.0, rtol=0, atol=place_bound(engine, 0.01)
    )
    # a metre is six times as many degrees of longitude at 80 degrees as on the equator
    off = (falls.longitude - 1.0) * np.cos(np.radians(falls.latitude))
    np.testing.assert_allclose(off, 0.0, rtol=0, atol=degree_bound(engine, 1e-10))


# --- 2: shear, and the scheme that gets it wrong -------------------------------------------------


def fall_with_frozen_height(shear: float, z0: float, speed: float, step: float) -> float:
    """Advect at the height where the step began, then sink: what the engine must not do."""
    heights = z0 - speed * step * np.arange(round(z0 / (speed * step)))
    return float(np.sum(shear * heights * step))


@pytest.mark.parametrize("step", [10.0, 100.0, 400.0])
def test_in_linear_shear_the_drift_is_a_z_squared_over_2w_and_a_frozen_height_misses_it(
    step: float, engine: str
) -> None:
    shear, z0, speed = 2.0**-7, 3_000.0, 1.5
    exact = shear * z0**2 / (2.0 * speed)
    grid = wind_grid(lambda lon, lat, h, t: (shear * h, 0.0), height=HALF_KM)

    falls = drop(grid, make_items(height=z0, speed=speed), step, engine)
    frozen = fall_with_frozen_height(shear, z0, speed, step)

    assert falls.longitude[0] * DEG_M == pytest.approx(exact, abs=place_bound(engine, 0.01))
    assert falls.time_s[0] == pytest.approx(z0 / speed, abs=bound(engine, 1e-3, z0 / speed))
    assert frozen - exact == pytest.approx(0.5 * shear * z0 * step, rel=1e-9)
    assert frozen - exact > 100.0


# --- 3: rotation, and the order of the scheme ----------------------------------------------------


def test_rotation_converges_with_the_fourth_order(engine: str) -> None:
    turn_s, radius = 36_000.0, 2.0**-6
    rate = 2.0 * np.pi / turn_s * DEG_M
    grid = wind_grid(
        lambda lon, lat, h, t: (-rate * lat, rate * lon),
        time=(0.0, turn_s),
        latitude=(-0.0625, 0.0625),
        longitude=(-0.0625, 0.0625),
    )
    errors = []
    for step in (3_600.0, 1_800.0, 900.0, 450.0):
        falls = drop(grid, make_items(radius, 0.0, 5_000.0, speed=0.0), step, engine)
        assert falls.time_s[0] == pytest.approx(turn_s, abs=bound(engine, 0.0, turn_s))
        errors.append(float(miss_m(falls.longitude[0], falls.latitude[0], radius, 0.0)))

    assert errors[0] > 1.0
    assert errors[-1] < place_bound(engine, 0.01)
    np.testing.assert_allclose(observed_order(errors, engine), 4.0, atol=0.15)


def test_a_float_comes_back_when_wind_and_time_are_reversed(engine: str) -> None:
    axis = np.linspace(-3.0, 3.0, 61)

    def eddy(lon, lat, h, t):
        growth = 1.0 + t / 40_000.0
        u = 12.0 * np.sin(1.3 * lat) * np.cos(0.7 * lon) + 5.0
        return u * growth, -9.0 * np.sin(1.1 * lon) * growth

    def reverse(lon, lat, h, t):
        u, v = eddy(lon, lat, h, 21_600.0 - t)
        return -u, -v

    hours = np.arange(0.0, 21_601.0, 3_600.0)
    there = wind_grid(eddy, time=hours, latitude=axis, longitude=axis)
    back = wind_grid(reverse, time=hours, latitude=axis, longitude=axis)
    start = np.array([-0.5, 0.0, 0.4])
    errors = []
    for step in (200.0, 100.0, 50.0):
        out = drop(there, make_items(start, 0.2, 5e3, speed=0.0), step, engine)
        home = drop(back, make_items(out.longitude, out.latitude, 5e3, speed=0.0), step, engine)
        errors.append(float(np.max(miss_m(home.longitude, home.latitude, start, 0.2))))

    assert not out.on_ground.any()
    assert np.abs(out.latitude - 0.2).min() > 0.5
    assert errors[1] < place_bound(engine, 0.1)
    assert errors[2] < place_bound(engine, errors[0] / 2.0)


# --- 4: an eddy that moves and decays ------------------------------------------------------------

U0, UG, TURN = 12.0, 3.0, 2.0 * np.pi / (6.0 * HOUR)
DECAY, DECAY_G = 1.0 / (8.0 * HOUR), 1.0 / (40.0 * HOUR)
SPAN = 12.0 * HOUR


def inertial_path_m(t: float) -> tuple[float, float]:
    """Return where the inertial eddy has carried a parcel after t seconds."""
    swing = (U0 - UG) * TURN / (TURN**2 + DECAY**2)
    k, fading = DECAY / TURN, np.exp(-DECAY * t)
    x = UG / DECAY_G * (1.0 - np.exp(-DECAY_G * t))
    x += swing * (k + fading * (np.sin(TURN * t) - k * np.cos(TURN * t)))
    return x, -swing * (1.0 - fading * (np.cos(TURN * t) + k * np.sin(TURN * t)))


def inertial_eddy(t):
    fading = (U0 - UG) * np.exp(-DECAY * t)
    return UG * np.exp(-DECAY_G * t) + fading * np.cos(TURN * t), -fading * np.sin(TURN * t)


def carry_in_inertial_eddy(spacing: float, step: float, engine: str) -> tuple[float, float]:
    def wind(lon, lat, h, t):
        u, v = inertial_eddy(t)
        # a cosine makes a degree of longitude as long as one on the equator
        return u * np.cos(np.radians(lat)), v

    grid = wind_grid(
        wind,
        time=np.arange(0.0, SPAN + 1.0, spacing),
        latitude=np.linspace(-1.0, 1.0, 81),
        longitude=np.linspace(-1.0, 3.0, 5),
    )
    falls = drop(grid, make_items(height=5e3, speed=0.0), step, engine)
    return float(falls.longitude[0]) * DEG_M, float(falls.latitude[0]) * DEG_M


def test_an_inertial_eddy_is_met_with_the_second_order_of_the_spacing_of_times(
    engine: str,
) -> None:
    exact = inertial_path_m(SPAN)
    errors = [
        np.hypot(*np.subtract(carry_in_inertial_eddy(spacing, 900.0, engine), exact))
        for spacing in (HOUR, HOUR / 2, HOUR / 4, HOUR / 8, HOUR / 16)
    ]

    assert exact == pytest.approx(
        [quad(lambda t, k=k: inertial_eddy(t)[k], 0.0, SPAN)[0] for k in (0, 1)], abs=1e-3
    )
    assert errors[-1] < 12.0, errors
    np.testing.assert_allclose(observed_order(errors, engine), 2.0, atol=0.15)


def test_an_inertial_eddy_does_not_depend_on_the_step_as_its_wind_is_linear_between_times(
    engine: str,
) -> None:
    fine = carry_in_inertial_eddy(900.0, 25.0, engine)
    for step in (100.0, 300.0, 900.0):
        coarse = carry_in_inertial_eddy(900.0, step, engine)
        assert np.hypot(*np.subtract(coarse, fine)) < place_bound(engine, 0.005)


def carry_in_moving_eddy(spacing: float, step: float, engine: str) -> tuple[float, float]:
    """Turn about a centre that moves east at 2 m/s, ever more slowly; start 5 km north of it."""

    def wind(lon, lat, h, t):
        rate = TURN * np.exp(-DECAY * t)
        x, y = lon * DEG_M - 2.0 * t, lat * DEG_M
        return 2.0 - rate * y, rate * x

    grid = wind_grid(
        wind,
        time=np.arange(0.0, SPAN + 1.0, spacing),
        latitude=np.linspace(-0.1, 0.1, 3),
        longitude=np.linspace(-0.5, 1.5, 3),
    )
    falls = drop(grid, make_items(0.0, 5e3 / DEG_M, 5e3, speed=0.0), step, engine)
    return float(falls.longitude[0]) * DEG_M, float(falls.latitude[0]) * DEG_M


def test_a_moving_and_decaying_eddy_is_met_with_the_second_order_of_the_spacing_of_times(
    engine: str,
) -> None:
    angle = TURN / DECAY * (1.0 - np.exp(-DECAY * SPAN))
    exact = (2.0 * SPAN - 5e3 * np.sin(angle), 5e3 * np.cos(angle))
    errors = [
        np.hypot(*np.subtract(carry_in_moving_eddy(spacing, 225.0, engine), exact))
        for spacing in (2 * HOUR, HOUR, HOUR / 2, HOUR / 4)
    ]

    assert errors[-1] < 30.0, errors
    np.testing.assert_allclose(observed_order(errors, engine), 2.0, atol=0.25)


def test_a_moving_and_decaying_eddy_converges_with_the_fourth_order_of_the_step(
    engine: str,
) -> None:
    fine = carry_in_moving_eddy(HOUR, HOUR / 128.0, "plain")
    errors = [
        np.hypot(*np.subtract(carry_in_moving_eddy(HOUR, HOUR / k, engine), fine))
        for k in (2, 4, 8, 16)
    ]

    assert errors[-1] < place_bound(engine, 0.05), errors
    np.testing.assert_allclose(observed_order(errors, engine), 4.0, atol=0.2)


# --- 7: exact under layer stepping ---------------------------------------------------------------


@pytest.mark.parametrize("step", [50.0, 200.0, 1_000.0])
def test_wind_bilinear_in_height_and_time_is_followed_exactly(step: float, engine: str) -> None:
    a, b, c, d = 4.0, 2.0**-9, 2.0**-8, 2.0**-20

    def wind(lon, lat, h, t):
        return a + b * t + c * h + d * h * t, 0.5 * c * h

    z0, speed, start = 3_140.0, 1.25, 700.0
    grid = wind_grid(
        wind,
        time=np.arange(0.0, 8_001.0, 1_000.0),
        height=HALF_KM,
        latitude=np.array([-1.0, 0.0, 1.0]),
    )
    falls = drop(grid, make_items(height=z0, time=start, speed=speed), step, engine)
    span = z0 / speed
    t, h = np.polynomial.Polynomial([start, 1.0]), np.polynomial.Polynomial([z0, -speed])
    east = (a + b * t + c * h + d * h * t).integ()
    north = (0.5 * c * h).integ()

    # the parallel's cosine is the only thing that the closed form leaves out: 3e-6 of 70 km
    assert falls.latitude[0] * DEG_M == pytest.approx(
        north(span) - north(0.0), abs=place_bound(engine, 0.01)
    )
    assert falls.longitude[0] * DEG_M == pytest.approx(
        east(span) - east(0.0), abs=place_bound(engine, 0.5)
    )
    assert falls.time_s[0] == pytest.approx(start + span, abs=bound(engine, 1e-3, span))


def test_wind_linear_in_time_alone_is_exact_on_the_equator(engine: str) -> None:
    b = 2.0**-9
    grid = wind_grid(
        lambda lon, lat, h, t: (b * t, 0.0), time=np.array([0.0, 900.0, 2_700.0, 9_000.0])
    )
    falls = drop(grid, make_items(height=4_500.0, speed=1.5), 1_000.0, engine)

    assert falls.longitude[0] * DEG_M == pytest.approx(
        0.5 * b * 3_000.0**2, abs=place_bound(engine, 0.01)
    )
