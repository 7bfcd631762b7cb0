"""The standard atmosphere against its published numbers, quadrature, and its compiled twin."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from downwind import atmosphere
from downwind.atmosphere.kernels import log_thinning, temperature_pressure
from downwind.constants import RHO0


@pytest.mark.parametrize(
    ("h_m", "temperature", "pressure", "density", "thinning"),
    [
        (3_000.0, 268.65, 70_108.5, 0.90912, 1.1608),
        (5_000.0, 255.65, 54_019.9, 0.73612, 1.2900),
        (8_000.0, 236.15, 35_599.8, 0.52517, 1.5273),
    ],
)
def test_vector_1_standard_air_has_its_published_values(
    h_m: float, temperature: float, pressure: float, density: float, thinning: float
) -> None:
    assert float(atmosphere.temperature_k(h_m)) == pytest.approx(temperature, abs=1e-9)
    assert float(atmosphere.pressure_pa(h_m)) == pytest.approx(pressure, abs=0.15)
    assert float(atmosphere.density_kgm3(h_m)) == pytest.approx(density, abs=1.5e-5)
    assert math.sqrt(RHO0 / float(atmosphere.density_kgm3(h_m))) == pytest.approx(
        thinning, abs=1.5e-4
    )


def test_vector_1_two_thousand_metres_are_1999_371_geopotential() -> None:
    assert float(atmosphere.geopotential_height(2_000.0)) == pytest.approx(1_999.371, abs=5e-4)


@pytest.mark.parametrize(
    ("h_m", "integral_m"),
    [(1_000.0, 976.2), (3_000.0, 2_789.5), (5_000.0, 4_425.3), (10_000.0, 7_802.0)],
)
def test_vector_2_fall_integral_has_its_computed_values(h_m: float, integral_m: float) -> None:
    assert float(atmosphere.fall_integral_m(h_m)) == pytest.approx(integral_m, abs=0.1)


def test_vector_3_a_dropsonde_of_11_ms_falls_from_12192_m_in_13_6_minutes() -> None:
    speed = 11.0 * math.sqrt(RHO0 / float(atmosphere.density_kgm3(12_192.0)))
    minutes = float(atmosphere.fall_integral_m(12_192.0)) / 11.0 / 60.0

    assert speed == pytest.approx(22.17, abs=0.01)
    assert minutes == pytest.approx(13.61, abs=0.01)


@pytest.mark.parametrize("exponent", [0.0, 0.2, 0.37, 0.5, 1.0])
@pytest.mark.parametrize("h_m", [-400.0, 250.0, 9_000.0, 15_000.0, 35_000.0])
def test_fall_integral_agrees_with_adaptive_quadrature(exponent: float, h_m: float) -> None:
    edges = [0.0, *[b for b in (11_000.0, 20_000.0, 32_000.0) if b < h_m], h_m]
    expected = sum(
        quad(lambda h: float(atmosphere.density_kgm3(h) / RHO0) ** exponent, a, b, epsrel=1e-12)[0]
        for a, b in itertools.pairwise(edges)
    )

    assert float(atmosphere.fall_integral_m(h_m, exponent)) == pytest.approx(expected, rel=1e-10)


def test_fall_integral_broadcasts_heights_against_exponents() -> None:
    table = atmosphere.fall_integral_m(np.array([[1e3], [5e3]]), np.array([0.3, 0.4, 0.5]))

    assert table.shape == (2, 3)
    assert table[1, 2] == pytest.approx(4_425.3, abs=0.1)
    assert np.all(np.diff(table, axis=1) < 0.0)


def test_compiled_atmosphere_equals_the_array_one_in_every_layer() -> None:
    heights = np.concatenate([np.linspace(-2_000.0, 46_999.0, 997), [11e3, 20e3, 32e3]])
    compiled = np.array([temperature_pressure(h) for h in heights])
    thinning = np.array([log_thinning(h) for h in heights])

    np.testing.assert_allclose(compiled[:, 0], atmosphere.temperature_k(heights), rtol=1e-14)
    np.testing.assert_allclose(compiled[:, 1], atmosphere.pressure_pa(heights), rtol=1e-12)
    # the two differ by how rho0 is rounded: 1.2250 against p0 / (R T0)
    np.testing.assert_allclose(thinning, np.log(RHO0 / atmosphere.density_kgm3(heights)), atol=5e-6)


def test_thinning_does_not_jump_at_the_tropopause() -> None:
    below, above = log_thinning(11_000.0 - 1e-6), log_thinning(11_000.0)

    assert abs(above - below) < 5e-6


def test_heights_come_back_from_geopotential_and_from_density() -> None:
    altitude = np.array([-400.0, 0.0, 1.0, 3_000.0, 20_000.0, 40_000.0])
    heights = np.array([-1_500.0, 0.0, 6_000.0, 15_000.0, 25_000.0, 45_000.0])

    back = atmosphere.geometric_altitude(atmosphere.geopotential_height(altitude))
    found = [atmosphere.height_of_density(float(atmosphere.density_kgm3(h))) for h in heights]

    np.testing.assert_allclose(back, altitude, atol=1e-8)
    np.testing.assert_allclose(found, heights, atol=1e-6)


@pytest.mark.parametrize("rho", [2.0, 1e-4])
def test_a_density_that_no_height_has_is_refused(rho: float) -> None:
    with pytest.raises(ValueError, match="no height of the standard atmosphere"):
        atmosphere.height_of_density(rho)
