"""Lifting gases: lift by volume, purity, gas constant."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.vehicle.gas import (
    GASES,
    HELIUM,
    HYDROGEN,
    Gas,
    filling_gas_constant,
    filling_molar_mass,
    lift_ratio,
)


@pytest.mark.parametrize(("gas", "net"), [(HYDROGEN, 1.140), (HELIUM, 1.056)])
def test_a_cubic_metre_lifts_what_the_table_says(gas: Gas, net: float) -> None:
    assert 1.2250 * float(lift_ratio(gas, 1.0)) == pytest.approx(net, abs=1e-3)


def test_impurity_is_air_and_lifts_nothing() -> None:
    assert float(lift_ratio(HELIUM, 0.0)) == 0.0
    np.testing.assert_allclose(
        lift_ratio(HELIUM, [0.5, 0.9]), np.array([0.5, 0.9]) * lift_ratio(HELIUM, 1.0), rtol=1e-12
    )


def test_gas_constant_is_that_of_the_mixture() -> None:
    assert float(filling_gas_constant(HYDROGEN, 1.0)) == pytest.approx(4_124.2, abs=0.1)
    assert float(filling_gas_constant(HELIUM, 0.0)) == pytest.approx(287.06, abs=0.01)
    assert float(filling_molar_mass(HELIUM, 0.945)) == pytest.approx(5.375, abs=1e-3)


def test_gases_are_found_by_their_own_names() -> None:
    assert {name: gas.name for name, gas in GASES.items()} == {
        "helium": "helium",
        "hydrogen": "hydrogen",
    }
