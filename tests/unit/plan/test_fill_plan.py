"""What follows from a fill, against closed forms: sinking, floating, bursting, fill errors."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind import atmosphere
from downwind.errors import LiftError
from downwind.load.kinds import Box
from downwind.plan.fill_plan import DEFAULT_CYLINDER, FillPlan, plan_fill
from downwind.plan.mission import BalloonGroup, LoadPart, Release, Uncertainty, Vehicle
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.film import TUBES, FilmTube
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas
from downwind.vehicle.latex import LATEX
from downwind.vehicle.parachute import Parachute
from downwind.vehicle.timer import TIMERS

TUBE = FilmTube("tube", 6.0, 2.0, 40e-6)
AMBIENT = Uncertainty(
    impurity=(0.0, 0.0, 0.0),
    relaxation_s=(0.0, 0.0, 0.0),
    leak_1s=(0.01 / 3600.0, 0.003 / 3600.0, 0.05 / 3600.0),
)
"""Pure gas at the temperature of the air, with the leaks of the reference flights."""
FREE_LIFT = 1.1232 / 8.0
"""Of 9.4248 m3 of pure hydrogen at sea level, in that tube with 8 kg."""


def make_group(
    vehicle: Vehicle = TUBE,
    gas: Gas = HYDROGEN,
    load_kg: float = 8.0,
    free_lift: float = FREE_LIFT,
    count: int = 1,
    items: int | None = None,
    parachute: Parachute | None = None,
) -> BalloonGroup:
    items = count if items is None else items
    each = max(-(-items // count), 1)
    kind = Box("load", "load", load_kg / each, 0.3, 0.3, 0.3)
    release = Release(TIMERS["quartz"], 0.0, (LoadPart(kind, items),))
    return BalloonGroup("group", count, vehicle, gas, free_lift, None, (release,), parachute)


def plan_reference(**changes: Any) -> FillPlan:
    return plan_fill(make_group(**changes), AMBIENT, 0.0)


# --- open tubes ----------------------------------------------------------------------------------


def test_given_the_reference_tube_when_filled_then_its_heights_are_those_of_the_closed_form():
    fill = plan_reference().fill

    assert fill.volume_m3 == pytest.approx(9.4248, abs=1e-4)
    assert fill.gross_lift_kg == pytest.approx(10.742, abs=1e-3)
    assert fill.full_height_m == pytest.approx(6_663.0, abs=1.0)
    assert fill.float_height_m == pytest.approx(7_628.0, abs=1.0)


def test_given_the_reference_tube_when_it_leaks_then_it_is_down_when_it_was_computed_to_be():
    plan = plan_reference()

    hours = [flight.ground_s / 3_600.0 for flight in plan.flights]
    assert hours == pytest.approx([3.9, 2.84, 2.0], abs=0.05)
    floats = atmosphere.geometric_altitude(plan.fill.float_height_m)
    assert [flight.top_m for flight in plan.flights] == pytest.approx([floats] * 3, abs=2.0)
    assert all(math.isnan(flight.burst_s) for flight in plan.flights)


def test_given_no_leak_when_it_climbs_then_the_rates_are_those_of_the_balance_of_drag():
    tight = dataclasses.replace(AMBIENT, leak_1s=(1e-12, 1e-12, 1e-12))
    plan = plan_fill(make_group(), tight, 0.0)

    rates = {round(point.altitude_m / 1e3): point.rate_ms for point in plan.rates}
    rho = {km: float(atmosphere.density_kgm3(atmosphere.geopotential_height(1e3 * km)))
           for km in (0, 3, 5)}  # fmt: skip
    for km in (0, 3, 5):
        balance = math.sqrt(2.0 * 1.1232 * 9.80665 / (rho[km] * 0.7 * math.pi))
        assert rates[km] == pytest.approx(balance, rel=2e-3)
    assert [rates[0], rates[3], rates[5]] == pytest.approx([2.86, 3.32, 3.69], abs=0.01)
    assert list(rates) == list(range(8))
    assert math.isnan(plan.median.ground_s)


def test_given_times_of_the_climb_when_rates_are_added_up_then_they_agree():
    plan = plan_reference()
    for below, above in zip(plan.rates, plan.rates[1:], strict=False):
        if above.altitude_m > 6_500.0:
            break
        passed = (above.altitude_m - below.altitude_m) / (above.time_s - below.time_s)
        assert passed == pytest.approx(0.5 * (below.rate_ms + above.rate_ms), rel=5e-3)


@pytest.mark.parametrize("site_m", [-100.0, 0.0, 123.4, 1_500.0])
def test_given_a_site_when_flown_then_it_starts_and_ends_there(site_m: float):
    plan = plan_fill(make_group(), Uncertainty(), site_m)
    assert plan.rates[0].altitude_m == pytest.approx(
        float(atmosphere.geometric_altitude(site_m)), abs=1e-6
    )
    assert plan.median.ground_s > 3_600.0
    assert plan.median.top_m > site_m + 4_000.0


# --- a little more or less -----------------------------------------------------------------------


def test_given_ten_grams_when_filled_in_then_free_lift_and_rate_follow():
    plan = plan_reference()
    litre, less_litre, grams, less = plan.changes

    assert [c.title for c in plan.changes] == ["1 L more", "1 L less", "10 g more", "10 g less"]
    assert grams.free_lift_kg == pytest.approx(0.010)
    assert litre.free_lift_kg == pytest.approx(1.1397e-3, rel=1e-3)  # 1.1397 kg of lift a m3
    assert grams.ascent_rate_ms == pytest.approx(
        plan.fill.ascent_rate_ms * (math.sqrt(1.0 + 0.010 / 1.1232) - 1.0), rel=1e-6
    )
    assert grams.end_m == 0.0  # an open tube floats where it floats, whatever it was given
    assert grams.full_m < 0.0 < less.full_m
    assert litre.ascent_rate_ms == pytest.approx(-less_litre.ascent_rate_ms, rel=1e-2)


@pytest.mark.parametrize("name", ["open", "latex"])
def test_given_a_litre_and_ten_grams_when_flown_anew_then_the_times_are_in_proportion(name: str):
    rubber = make_group(LATEX["kaymont-1000"], HELIUM, 1.0, 1.0)
    plan = plan_fill(rubber, Uncertainty(), 0.0) if name == "latex" else plan_reference()
    more_litre, less_litre, more, less = plan.changes
    ratio = more_litre.free_lift_kg / more.free_lift_kg
    assert more.ground_s < -2.0
    assert more.ground_s == pytest.approx(-less.ground_s, rel=0.08)
    assert more_litre.ground_s == pytest.approx(ratio * more.ground_s, abs=1.0)
    assert less_litre.ground_s == pytest.approx(ratio * less.ground_s, abs=1.0)


def test_given_hardly_any_free_lift_when_less_is_filled_then_it_does_not_rise():
    plan = plan_reference(free_lift=0.005 / 8.0)
    assert plan.changes[3].problem == "does not rise"
    assert math.isnan(plan.changes[3].ground_s)
    assert plan.changes[2].problem == ""


def test_given_a_tube_that_is_almost_full_when_more_is_filled_then_it_does_not_fit():
    most_kg = TUBE.volume_m3 * 1.225 * (1.0 - HYDROGEN.molar_mass / 28.9644) - TUBE.envelope_kg
    plan = plan_reference(load_kg=most_kg - 1.002, free_lift=1.0 / (most_kg - 1.002))
    assert plan.changes[2].problem == "more than it holds"
    assert plan.changes[3].problem == ""


# --- sealed tubes and rubber ---------------------------------------------------------------------


def test_given_a_sealed_tube_when_full_then_it_bursts_some_67_m_above_and_falls():
    sealed = dataclasses.replace(TUBE, is_open=False)
    plan = plan_reference(vehicle=sealed)

    assert plan.fill.burst_height_m - plan.fill.full_height_m == pytest.approx(67.0, abs=40.0)
    nearly_tight = plan.flights[0]
    assert nearly_tight.burst_m == pytest.approx(
        float(atmosphere.geometric_altitude(plan.fill.burst_height_m)), abs=120.0
    )
    assert nearly_tight.burst_s < nearly_tight.ground_s < nearly_tight.burst_s + 3_600.0


def test_given_rubber_when_it_bursts_then_the_range_is_that_of_the_weibull_diameters():
    balloon = LATEX["kaymont-1000"]
    plan = plan_fill(make_group(balloon, HELIUM, 1.0, 1.0), AMBIENT, 0.0)

    scale = 1.081 * 7.86 / math.gamma(1.0 + 1.0 / 14.3577)
    for flight, share in zip(plan.flights, (0.05, 0.5, 0.95), strict=True):
        diameter = scale * (-math.log(1.0 - share)) ** (1.0 / 14.3577)
        assert flight.share == share
        assert flight.burst_diameter_m == pytest.approx(diameter, rel=1e-3)
        displaced = plan.fill.volume_m3 * 1.225
        rho = displaced / (math.pi / 6.0 * flight.burst_diameter_m**3)
        height = atmosphere.geometric_altitude(atmosphere.height_of_density(rho))
        assert flight.burst_m == pytest.approx(float(height), abs=1.0)
        assert flight.leak_1s == 0.0
    assert plan.flights[0].burst_s < plan.median.burst_s < plan.flights[2].burst_s


def test_given_a_parachute_when_it_bursts_then_it_lands_later_and_slower_than_without():
    parachute = Parachute(1.0, 0.1)
    plan = plan_fill(
        make_group(LATEX["kaymont-1000"], HELIUM, 1.0, 1.0, parachute=parachute),
        Uncertainty(),
        0.0,
    )
    flight = plan.median
    assert flight.burst_s < flight.unbraked_ground_s < flight.ground_s
    assert flight.landing_ms < 0.5 * flight.unbraked_landing_ms
    weight, canopy = (1.0 + 0.1 + 1.0) * 9.80665, 0.75 * parachute.area_m2
    assert flight.landing_ms < math.sqrt(2.0 * weight / (1.225 * canopy))
    assert plan.fill.neck_lift_kg == pytest.approx(1.0 + 0.1 + 1.0)


# --- the error of the fill, loads, cylinders -----------------------------------------------------


def test_given_the_error_of_the_fill_when_free_lift_is_small_then_the_probability_is_the_normal():
    plan = plan_fill(make_group(free_lift=0.02), Uncertainty(), 0.0)
    z = plan.fill.free_lift_kg / (math.sqrt(2.0) * 0.01 * plan.fill.gross_lift_kg)

    assert plan.stays_down == pytest.approx(0.5 * math.erfc(z / math.sqrt(2.0)), rel=1e-9)
    assert 0.1 < plan.stays_down < 0.5
    assert plan.is_small
    assert plan.may_stay_down


def test_given_a_fill_without_error_when_planned_then_every_balloon_rises():
    exact = dataclasses.replace(Uncertainty(), fill_bias=0.0, fill_scatter=0.0)
    plan = plan_fill(make_group(free_lift=0.02), exact, 0.0)
    assert plan.stays_down == 0.0
    assert plan.is_small
    assert not plan.may_stay_down


def test_given_gas_colder_than_the_air_when_weighed_then_it_lifts_less():
    plan = plan_reference()
    displaced = plan.fill.volume_m3 * 1.225
    assert plan.cooling_kg == pytest.approx((displaced / 288.15, 3.0 * displaced / 288.15))


def test_given_a_load_that_does_not_go_round_when_planned_then_the_last_has_its_own_fill():
    plan = plan_fill(make_group(count=4, items=38, load_kg=8.0), AMBIENT, 0.0)

    assert [(part.first, part.count) for part in plan.fills] == [(0, 3), (3, 1)]
    assert [part.load_kg for part in plan.fills] == pytest.approx([8.0, 6.4])
    for part in plan.fills:
        assert part.fill.neck_lift_kg == pytest.approx((1.0 + FREE_LIFT) * part.load_kg)
    assert plan.total_m3 == pytest.approx(
        3.0 * plan.fills[0].fill.volume_m3 + plan.fills[1].fill.volume_m3
    )


def test_given_cylinders_when_counted_then_they_hold_what_the_fleet_takes():
    plan = plan_fill(make_group(count=7, items=65), AMBIENT, 0.0, cylinder=DEFAULT_CYLINDER)
    count = plan.cylinders
    assert count is not None
    assert count.total_m3 == pytest.approx(plan.total_m3)
    assert count.by_total * count.delivered_m3 >= plan.total_m3
    assert (count.by_total - 1) * count.delivered_m3 < plan.total_m3
    assert plan_fill(make_group(), AMBIENT, 0.0).cylinders is None


def test_given_a_price_for_another_gas_when_counted_then_it_is_left_out():
    priced = dataclasses.replace(DEFAULT_CYLINDER, gas="helium", price=300.0, currency="EUR")
    of_hydrogen = plan_fill(make_group(), AMBIENT, 0.0, cylinder=priced)
    of_helium = plan_fill(make_group(gas=HELIUM, free_lift=0.1), AMBIENT, 0.0, cylinder=priced)
    assert of_hydrogen.cylinders is not None
    assert of_hydrogen.cylinders.by_total_cost is None
    assert of_helium.cylinders is not None
    assert of_helium.cylinders.by_total_cost == 300.0 * of_helium.cylinders.by_total


def test_given_a_load_that_is_too_heavy_when_planned_then_the_group_is_named():
    with pytest.raises(LiftError, match="group 'group': tube tube holds 18.85 m3"):
        plan_fill(make_group(load_kg=30.0), AMBIENT, 0.0)


@pytest.mark.parametrize("offset_k", [-25.0, 20.0])
@pytest.mark.parametrize("vehicle", [TUBE, LATEX["kaymont-1000"]], ids=["open", "latex"])
def test_given_warmer_or_colder_air_when_flown_then_the_flight_ends_where_the_fill_says(
    vehicle: Vehicle, offset_k: float
):
    load_kg = 8.0 if vehicle is TUBE else 1.0
    exact = dataclasses.replace(AMBIENT, leak_1s=(1e-12, 1e-12, 1e-12))
    plan = plan_fill(make_group(vehicle, load_kg=load_kg), exact, 0.0, air_offset_k=offset_k)

    if vehicle is TUBE:
        floats = float(atmosphere.geometric_altitude(plan.fill.float_height_m))
        assert plan.median.top_m == pytest.approx(floats, abs=30.0)
    near, rise = plan.rates[0], plan.rates[1]
    assert rise.rate_ms == pytest.approx(near.rate_ms, rel=0.08)
    warm = 288.15 + offset_k
    assert plan.fill.volume_m3 == pytest.approx(
        plan.fill.gross_lift_kg
        / (101_325.0 / (287.05287 * warm) * (1.0 - HYDROGEN.molar_mass / 28.9644)),
        rel=1e-6,
    )


# --- properties ----------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    load_kg=st.floats(2.0, 8.0),
    free_lift=st.floats(0.03, 0.15),
    site_m=st.floats(0.0, 1_000.0),
    name=st.sampled_from(["film-7m", "film-12m", "film-7m-sealed"]),
)
def test_given_any_tube_when_planned_then_more_leak_never_keeps_it_up_longer(
    load_kg, free_lift, site_m, name
):
    tube = TUBES[name]
    plan = plan_fill(make_group(tube, HELIUM, load_kg, free_lift), Uncertainty(), site_m)
    burst = [math.isfinite(flight.burst_s) for flight in plan.flights]
    ground = [flight.ground_s for flight in plan.flights]
    if tube.shape == Envelope.OPEN_TUBE:
        assert not any(burst)
        assert ground == sorted(ground, reverse=True)
    times = [point.time_s for point in plan.rates]
    assert times == sorted(times)
    assert all(point.rate_ms > 0.0 for point in plan.rates)
    assert 0.0 <= plan.stays_down < 0.5
