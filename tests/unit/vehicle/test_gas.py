"""Lifting gases: lift by volume, purity, gas constant."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.errors import MissionError
from downwind.vehicle.gas import (
    GASES,
    HELIUM,
    HYDROGEN,
    Gas,
    filling_gas_constant,
    filling_molar_mass,
    lift_ratio,
    mix_gases,
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
        "balloon-gas": "balloon-gas",
    }


def test_given_pure_gases_of_the_trade_when_drawn_then_one_percent_is_air() -> None:
    assert HELIUM.impurity == HYDROGEN.impurity == (0.01, 0.003, 0.03)
    assert GASES["balloon-gas"].impurity[0] == 0.055
    assert (HELIUM.flammable, HYDROGEN.flammable) == (False, True)


def test_given_two_gases_when_mixed_then_mass_and_heat_capacity_are_linear() -> None:
    mixed = mix_gases({"helium": 0.7, "hydrogen": 0.3})

    assert mixed.name == "helium 70 % + hydrogen 30 %"
    assert mixed.molar_mass == pytest.approx(0.7 * 4.0026 + 0.3 * 2.016, rel=1e-12)
    assert 1.0 / mixed.kappa == pytest.approx(0.7 / 0.400 + 0.3 / 0.289, rel=1e-12)
    assert float(lift_ratio(mixed, 0.98)) == pytest.approx(
        0.7 * float(lift_ratio(HELIUM, 0.98)) + 0.3 * float(lift_ratio(HYDROGEN, 0.98)), rel=1e-12
    )
    assert mixed.impurity == pytest.approx((0.01, 0.003, 0.03))
    assert mixed.flammable


def test_given_one_gas_when_mixed_then_it_is_that_gas() -> None:
    assert mix_gases({"helium": 1.0}) is HELIUM


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ({"helium": 0.7, "hydrogen": 0.2}, "add up to 0.9"),
        ({"helium": 1.2, "hydrogen": -0.2}, "share of -0.2"),
        ({"neon": 1.0}, "neon is no gas on record"),
        ({}, "add up to 0"),
    ],
)
def test_given_shares_that_are_no_mixture_when_mixed_then_it_says_why(
    shares: dict[str, float], text: str
) -> None:
    with pytest.raises(MissionError, match=text) as caught:
        mix_gases(shares)

    assert caught.value.faults
    assert "0.7" in caught.value.hint
