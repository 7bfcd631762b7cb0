"""Drag laws: their curves, their spread, and the speeds they allow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from downwind import atmosphere
from downwind.spread import Z95, two_piece_lognormal
from downwind.vehicle.drag import (
    SPHERE_DRAG,
    TUBE_DRAG,
    DragCurve,
    DragLaw,
    balance_speeds_ms,
    constant_curve,
    gallice_drag,
)

RHO, MU = 1.225, 1.789e-5
PULLS = [0.01, 0.8, 2.0, 2.3, 2.5, 2.6, 2.8, 3.0, 3.4, 3.8, 4.2, 5.0, 9.0, 60.0]


def test_vector_5_the_fit_of_sounding_balloons_has_its_values() -> None:
    np.testing.assert_allclose(gallice_drag([2e5, 5e5, 1e6]), [0.4916, 0.3192, 0.2423], atol=5e-5)


def test_given_a_curve_when_asked_then_high_ramp_and_low() -> None:
    curve = DragCurve(0.4, 0.2, 3e5, 0.5e5)

    np.testing.assert_allclose(
        curve.coefficient([1e4, 3e5, 3.25e5, 3.5e5, 2e6]), [0.4, 0.4, 0.3, 0.2, 0.2]
    )


def test_given_standard_normals_when_drawn_then_the_three_points_hold() -> None:
    curve = SPHERE_DRAG.draw([0.0, -Z95, Z95], [0.0, -Z95, Z95], [0.0, -Z95, Z95])

    np.testing.assert_allclose(curve.high, [0.42, 0.35, 0.50])
    np.testing.assert_allclose(curve.low, [0.22, 0.17, 0.28])
    np.testing.assert_allclose(curve.reynolds_start, [3.35e5, 2.4e5, 4.0e5])
    np.testing.assert_allclose(curve.reynolds_width, 0.36e5)


def test_given_far_draws_when_low_would_pass_high_then_they_are_equal() -> None:
    curve = SPHERE_DRAG.draw(-6.0, 6.0, 0.0)

    assert float(curve.low) == float(curve.high)


def test_given_a_constant_law_when_drawn_then_high_and_low_are_one() -> None:
    curve = TUBE_DRAG.draw([-1.0, 0.0, 2.0], [5.0, 5.0, 5.0], 0.0)

    assert TUBE_DRAG.is_constant
    np.testing.assert_array_equal(curve.low, curve.high)
    np.testing.assert_allclose(curve.coefficient(1e7), curve.high)
    assert DragLaw((0.3, 0.3, 0.3), (0.3, 0.3, 0.3)).median == constant_curve(0.3)


def test_given_equal_points_when_spread_then_always_the_same() -> None:
    np.testing.assert_array_equal(two_piece_lognormal([-3.0, 0.0, 3.0], 0.25, 0.25, 0.25), 0.25)


def test_given_15_c_when_asked_then_the_viscosity_of_the_standard_atmosphere() -> None:
    assert float(atmosphere.viscosity_pas(288.15)) == pytest.approx(1.7894e-5, rel=1e-4)


@pytest.mark.parametrize("pull_n", PULLS)
@pytest.mark.parametrize("area_m2", [0.6, 1.5])
def test_given_a_pull_when_balanced_then_all_roots_that_a_scan_finds(
    pull_n: float, area_m2: float
) -> None:
    curve = SPHERE_DRAG.median
    diameter = 2.0 * math.sqrt(area_m2 / math.pi)

    def excess(w: float) -> float:
        drag = float(curve.coefficient(RHO * w * diameter / MU))
        return 0.5 * RHO * drag * area_m2 * w * w - pull_n

    grid = np.linspace(1e-4, 40.0, 80_001)
    values = np.array([excess(w) for w in grid])
    scan = [
        brentq(excess, grid[i], grid[i + 1])
        for i in np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
    ]

    np.testing.assert_allclose(balance_speeds_ms(pull_n, RHO, MU, area_m2, curve), scan, rtol=1e-9)


def test_given_the_crisis_when_a_pull_balances_thrice_then_the_lowest_comes_first() -> None:
    speeds = balance_speeds_ms(3.3, RHO, MU, 1.5, SPHERE_DRAG.median)

    assert len(speeds) == 3
    assert list(speeds) == sorted(speeds)


def test_given_no_pull_when_balanced_then_it_stands_still() -> None:
    assert balance_speeds_ms(0.0, RHO, MU, 1.5, SPHERE_DRAG.median) == (0.0,)


@pytest.mark.parametrize("pull_n", PULLS)
@pytest.mark.parametrize("curve", [SPHERE_DRAG.median, constant_curve(0.7)])
def test_given_a_pull_when_the_kernel_solves_it_then_the_lowest_root(
    pull_n: float, curve: DragCurve
) -> None:
    from downwind.vehicle.kernels import terminal_speed_ms

    compiled = terminal_speed_ms(pull_n, RHO, MU, 1.5, *(float(v) for v in curve))

    assert compiled == pytest.approx(balance_speeds_ms(pull_n, RHO, MU, 1.5, curve)[0], rel=1e-7)


@pytest.mark.parametrize("pull_n", [0.5, 2.0, 3.5, 8.0, 40.0])
def test_given_a_crisis_without_width_when_balanced_then_as_the_compiled_law(
    pull_n: float,
) -> None:
    curve = DragCurve(0.42, 0.22, 3.35e5, 0.0)

    from downwind.vehicle.kernels import terminal_speed_ms

    speeds = balance_speeds_ms(pull_n, RHO, MU, 1.5, curve)

    compiled = terminal_speed_ms(pull_n, RHO, MU, 1.5, *(float(v) for v in curve))
    assert speeds[0] == pytest.approx(compiled, rel=1e-12)
    np.testing.assert_array_equal(curve.coefficient([3.35e5, 3.36e5]), [0.42, 0.22])
