"""Gas cylinders: contents against those of the trade, and how many a launch needs."""

from __future__ import annotations

import math

import pytest

from downwind.errors import LiftError
from downwind.vehicle.cylinders import (
    CYLINDERS,
    Cylinder,
    compressibility,
    contents_mol,
    cylinders_needed,
    delivered_m3,
)
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas, mix_gases

FIFTY = CYLINDERS["50L-200bar"]
IDEAL = Gas("ideal", 4.0, 0.4)
EVEN = Cylinder("even", "10 m3 of an ideal gas", 0.1, 101e5, 1e5, price=120.0, currency="EUR")


@pytest.mark.parametrize(("gas", "sold_m3"), [(HELIUM, 9.1), (HYDROGEN, 8.9)])
def test_given_50_litres_at_200_bar_when_let_out_then_the_contents_of_the_trade(
    gas: Gas, sold_m3: float
) -> None:
    moles = contents_mol(FIFTY, gas, FIFTY.filling_pa, 288.15)
    volume = moles * compressibility(gas, 1e5, 288.15) * 8.314462618 * 288.15 / 1e5

    assert volume == pytest.approx(sold_m3, abs=0.05)


def test_given_a_mixture_when_compressed_then_between_its_gases() -> None:
    z = [
        compressibility(gas, 200e5, 288.15)
        for gas in (HELIUM, mix_gases({"helium": 0.5, "hydrogen": 0.5}), HYDROGEN)
    ]

    assert z == pytest.approx([1.0985, 1.1089, 1.1194], abs=1e-4)


def test_given_an_ideal_gas_when_delivered_then_by_boyle_and_by_the_temperature() -> None:
    assert delivered_m3(EVEN, IDEAL, 1e5) == pytest.approx(10.0, rel=1e-12)
    # in cold air the same moles less what stays behind, denser
    cold = delivered_m3(EVEN, IDEAL, 1e5, 268.15)
    assert cold == pytest.approx(10.1 * 268.15 / 288.15 - 0.1, rel=1e-12)


def test_given_a_residual_pressure_when_delivered_then_that_much_stays_behind() -> None:
    stingy = Cylinder("stingy", "", 0.05, 200e5, 10e5)

    assert delivered_m3(stingy, IDEAL, 1e5) == pytest.approx(9.5, rel=1e-12)


def test_given_fills_of_3_m3_when_counted_then_both_ways_and_their_remainders() -> None:
    count = cylinders_needed(3.0, 10, EVEN, IDEAL, 1e5)

    # 30 m3 from 10 m3 cylinders; three whole fills a cylinder
    assert (count.by_total, count.unsplit) == (3, 4)
    assert count.total_m3 == 30.0
    assert count.by_total_left_m3 == pytest.approx(0.0, abs=1e-9)
    assert count.unsplit_left_m3 == pytest.approx(10.0)
    assert (count.by_total_cost, count.unsplit_cost, count.currency) == (360.0, 480.0, "EUR")


def test_given_a_fill_that_is_just_a_cylinder_when_counted_then_one_each() -> None:
    count = cylinders_needed(10.0, 7, EVEN, IDEAL, 1e5)

    assert (count.by_total, count.unsplit) == (7, 7)


def test_given_a_fill_above_a_cylinder_when_counted_then_no_count_without_splitting() -> None:
    count = cylinders_needed(12.0, 5, CYLINDERS["50L-200bar"], HELIUM, 101_325.0)

    assert count.unsplit is None
    assert math.isnan(count.unsplit_left_m3)
    assert count.by_total == math.ceil(60.0 / count.delivered_m3)
    assert count.by_total_cost is None


@pytest.mark.parametrize(("volume_m3", "balloons"), [(0.0, 3), (-1.0, 3), (2.0, 0)])
def test_given_nothing_to_fill_when_counted_then_it_is_refused(
    volume_m3: float, balloons: int
) -> None:
    with pytest.raises(LiftError, match="need no gas"):
        cylinders_needed(volume_m3, balloons, FIFTY, HELIUM, 1e5)


@pytest.mark.parametrize(("site_pa", "site_k"), [(0.0, 288.0), (3e7, 288.0), (1e5, 0.0)])
def test_given_a_site_without_pressure_when_delivered_then_it_is_refused(
    site_pa: float, site_k: float
) -> None:
    with pytest.raises(LiftError, match="gives no gas"):
        delivered_m3(FIFTY, HELIUM, site_pa, site_k)
