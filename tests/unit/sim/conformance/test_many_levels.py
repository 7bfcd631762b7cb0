"""Suite 11: a fall through many levels within one time interval; and the laws of fall.

A wind that is linear between levels and a fall at constant speed have an exact integral, level by
level: the mean of the winds at both faces times the time between them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from downwind import atmosphere
from tests.unit.sim.made_winds import (
    DEG_M,
    HALF_KM,
    bound,
    drop,
    make_items,
    place_bound,
    wind_grid,
)

# --- 11: many levels within one time interval ----------------------------------------------------

EVEN = np.arange(0.0, 10_001.0, 250.0)
UNEVEN = np.cumsum(np.concatenate([[0.0], np.tile([10.0, 30.0, 400.0, 5.0, 900.0, 55.0], 7)]))


def jagged(height: np.ndarray) -> np.ndarray:
    """Return a wind [m s-1] that jumps by tens of metres a second from level to level."""
    jumps = np.round(30.0 * np.sin(37.0 * np.arange(height.size) ** 2))
    return 10.0 + jumps


def drift_m(height: np.ndarray, z0: float, speed: float, exponent: float = 0.0) -> float:
    """Return the drift of a fall from z0 to the ground, summed level by level."""
    wind = jagged(height)
    total = 0.0
    for low, high in pairwise(np.append(height[height < z0], z0)):
        # Gauss: a fall speed that changes with density is smooth within a level
        nodes, weights = np.polynomial.legendre.leggauss(6)
        h = 0.5 * (high - low) * nodes + 0.5 * (high + low)
        thinning = (float(atmosphere.density_kgm3(0.0)) / atmosphere.density_kgm3(h)) ** exponent
        u = np.interp(h, height, wind)
        total += 0.5 * (high - low) * float(np.sum(weights * u / (speed * thinning)))
    return total


@pytest.mark.parametrize("step", [30.0, 200.0, 1_000.0])
@pytest.mark.parametrize("height", [EVEN, UNEVEN], ids=["even", "uneven"])
def test_every_level_of_a_jagged_wind_is_seen(height: np.ndarray, step: float, engine: str) -> None:
    grid = wind_grid(lambda lon, lat, h, t: (jagged(height)[:, None, None], 0.0), height=height)
    z0 = np.array([9_777.0, 8_003.0, 6_250.0, 1_111.0, 12.5])
    for speed in (0.5, 1.5, 12.0):
        falls = drop(grid, make_items(height=z0, speed=speed), step, engine)
        exact = [drift_m(height, z, speed) for z in z0]

        np.testing.assert_allclose(
            falls.longitude * DEG_M, exact, rtol=0, atol=place_bound(engine, 0.6)
        )
        np.testing.assert_allclose(
            falls.time_s, z0 / speed, rtol=0, atol=bound(engine, 2e-3, 9_777.0 / speed)
        )
        assert np.all(np.diff(falls.time_s) < 0.0)


def test_a_jagged_wind_is_seen_where_the_fall_slows_with_density(engine: str) -> None:
    grid = wind_grid(lambda lon, lat, h, t: (jagged(EVEN)[:, None, None], 0.0), height=EVEN)
    falls = drop(grid, make_items(height=9_777.0, speed=1.5, exponent=0.4), 200.0, engine)

    assert falls.longitude[0] * DEG_M == pytest.approx(
        drift_m(EVEN, 9_777.0, 1.5, 0.4), abs=place_bound(engine, 0.6)
    )


def test_a_scheme_that_steps_over_levels_would_miss_a_jagged_wind_by_hundreds_of_metres() -> None:
    z0, speed, step = 9_777.0, 1.5, 400.0
    x, t = 0.0, 0.0
    while t < z0 / speed:  # RK4 with no regard to levels; the wind depends on height alone
        d = min(step, z0 / speed - t)
        h = z0 - speed * (t + d * np.array([0.0, 0.5, 1.0]))
        x += d / 6.0 * float(np.dot([1.0, 4.0, 1.0], np.interp(h, EVEN, jagged(EVEN))))
        t += d

    assert abs(x - drift_m(EVEN, z0, speed)) > 300.0


def test_a_fall_through_many_levels_within_one_time_interval_takes_its_closed_form_time(
    engine: str,
) -> None:
    grid = wind_grid(time=(0.0, 86_400.0), height=np.arange(0.0, 12_001.0, 250.0))
    falls = drop(grid, make_items(height=11_900.0, speed=4.7, exponent=0.5), 200.0, engine)
    span = float(atmosphere.fall_integral_m(11_900.0)) / 4.7

    assert falls.time_s[0] == pytest.approx(span, abs=bound(engine, 0.02, span))


# --- the laws of fall ----------------------------------------------------------------------------


def test_an_opening_delay_and_a_change_of_mode_give_the_time_of_their_three_parts(
    engine: str,
) -> None:
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
    falls = drop(grid, items, 200.0, engine)
    height, bundle = 5_000.0, 10.0
    for _ in range(40):  # the height at which the bundle opens
        fallen = atmosphere.fall_integral_m(5_000.0) - atmosphere.fall_integral_m(height)
        rho = float(atmosphere.density_kgm3(height) / 1.225)
        height -= (31.0 * bundle - float(fallen)) / np.sqrt(rho)
    aloft = atmosphere.fall_integral_m(height, 0.4) - atmosphere.fall_integral_m(2_345.0, 0.4)
    low = atmosphere.fall_integral_m(2_345.0, 0.4)
    span = 10.0 + float(aloft) / 0.5 + float(low) / 0.8

    assert falls.time_s[0] == pytest.approx(span, abs=bound(engine, 0.05, span))


def test_vertical_wind_is_added_to_the_fall(engine: str) -> None:
    grid = wind_grid(height=HALF_KM, up=0.5)
    falls = drop(grid, make_items(height=3_000.0, speed=1.5), 200.0, engine)

    assert falls.time_s[0] == pytest.approx(3_000.0, abs=bound(engine, 1e-3, 3_000.0))


def test_a_layer_of_many_kilometres_is_not_fallen_through_in_one_step(engine: str) -> None:
    grid = wind_grid(time=(0.0, 86_400.0), height=(0.0, 26_000.0))
    falls = drop(grid, make_items(height=20_000.0, speed=4.7, exponent=0.5), 1_200.0, engine)

    assert falls.time_s[0] == pytest.approx(
        float(atmosphere.fall_integral_m(20_000.0)) / 4.7, abs=0.3
    )
