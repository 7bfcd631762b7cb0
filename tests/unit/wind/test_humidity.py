"""Saturation against printed tables, and one humidity made of another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.wind.humidity import (
    LINEAR,
    OVER_WATER,
    QUADRATIC,
    find_humidity,
    refer_to_water,
    saturation_over_ice_pa,
    saturation_over_water_pa,
)

SMITHSONIAN_WATER_PA = {-30: 50.88, -20: 125.40, -10: 286.27, 0: 610.78, 10: 1227.2, 20: 2337.3}
SMITHSONIAN_ICE_PA = {-40: 12.83, -30: 37.98, -20: 103.2, -10: 259.7}
"""Smithsonian Meteorological Tables, 6th edition, tables 94 and 96 (Goff and Gratch)."""


@pytest.mark.parametrize(("celsius", "wanted_pa"), SMITHSONIAN_WATER_PA.items())
def test_given_a_temperature_when_saturated_over_water_then_as_the_printed_table(
    celsius: int, wanted_pa: float
) -> None:
    got = float(saturation_over_water_pa(np.array(celsius + 273.15)))
    assert got == pytest.approx(wanted_pa, rel=5e-3)


@pytest.mark.parametrize(("celsius", "wanted_pa"), SMITHSONIAN_ICE_PA.items())
def test_given_a_temperature_when_saturated_over_ice_then_as_the_printed_table(
    celsius: int, wanted_pa: float
) -> None:
    got = float(saturation_over_ice_pa(np.array(celsius + 273.15)))
    assert got == pytest.approx(wanted_pa, rel=5e-3)


def test_given_the_table_vapour_pressure_when_made_relative_then_saturated() -> None:
    # q = 0.622 e / (p - 0.378 e) with the table's pressure at 20 C and 850 hPa
    vapour_pa = SMITHSONIAN_WATER_PA[20]
    specific = 0.622 * vapour_pa / (85_000.0 - 0.378 * vapour_pa)
    assert float(find_humidity(np.array(specific), np.array(293.15), 85_000.0)) == pytest.approx(
        1.0, rel=3e-3
    )
    assert float(find_humidity(np.array(0.0), np.array(293.15), 85_000.0)) == 0.0


@pytest.mark.parametrize("phase", [LINEAR, QUADRATIC])
@pytest.mark.parametrize(
    ("celsius", "part"), [(-40.0, 0.0), (-25.0, 0.0), (0.02, 1.0), (25.0, 1.0)]
)
def test_given_a_mix_when_all_ice_or_all_water_then_the_ratio_is_that_of_the_pressures(
    phase: str, celsius: float, part: float
) -> None:
    kelvin = np.array(celsius + 273.15)
    ratio = float(saturation_over_ice_pa(kelvin) / saturation_over_water_pa(kelvin))
    wanted = 0.8 * (part + (1.0 - part) * ratio)
    assert float(refer_to_water(np.array(0.8), kelvin, phase)) == pytest.approx(wanted, rel=1e-9)


def test_given_minus_10_when_turned_then_as_computed_by_hand() -> None:
    kelvin = np.array(263.16)
    # saturation at -9.99 C by the same formulas: 286.48 over water, 259.67 over ice [Pa]
    ice_over_water = 259.67 / 286.48
    for phase, water in ((LINEAR, 0.5), (QUADRATIC, (13.0 / 23.0) ** 2)):
        wanted = water + (1.0 - water) * ice_over_water
        assert float(refer_to_water(np.array(1.0), kelvin, phase)) == pytest.approx(
            wanted, abs=2e-4
        )
    assert float(refer_to_water(np.array(0.7), kelvin, OVER_WATER)) == 0.7


@given(st.floats(180.0, 330.0), st.sampled_from([LINEAR, QUADRATIC]))
def test_given_any_temperature_when_turned_then_never_more_than_before(
    kelvin: float, phase: str
) -> None:
    assert 0.0 < float(refer_to_water(np.array(1.0), np.array(kelvin), phase)) <= 1.0 + 1e-6
