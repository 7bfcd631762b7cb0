"""What a balloon lifts, how many a load takes, and what claimed figures say of each other."""

from __future__ import annotations

import csv
import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind import atmosphere
from downwind.constants import GRAVITY_MS2
from downwind.errors import ArgumentError, LiftError
from downwind.load.catalogue import load_items
from downwind.plan.claims import Check, Claim, Part, Range, Verdict, check_claim
from downwind.plan.fleet_check import check_mission
from downwind.plan.lifting import (
    Goal,
    LiftGoal,
    Limit,
    Rig,
    default_goal,
    early_burst_height_m,
    fill_for_load,
    find_carriers,
    find_tube_length_m,
    gas_for_load_m3,
    most_load,
)
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.packing import count_fitting, pack_items, spread_items
from downwind.plan.remedies import PACKAGED
from downwind.plan.sizing import Crew, size_fleet
from downwind.service.demonstration import demonstration_mission_text
from downwind.vehicle.cylinders import CYLINDERS, delivered_m3
from downwind.vehicle.film import TUBES
from downwind.vehicle.gas import GASES, HELIUM, HYDROGEN, lift_ratio
from downwind.vehicle.latex import LATEX

ITEMS = load_items()
TUBE = TUBES["film-7m"]
SEALED = TUBES["film-7m-sealed"]
RUBBER = LATEX["kaymont-1000"]
TEN_PERCENT = LiftGoal(Goal.FRACTION, 0.1)
masses = st.lists(st.floats(1e-4, 0.5), min_size=1, max_size=5)


def rig(vehicle=TUBE, gas=HYDROGEN, goal=TEN_PERCENT, **rest):
    values = {"purity": 0.99, "drag": vehicle.drag, "site_m": 0.0, **rest}
    return Rig(vehicle, gas, goal=goal, **values)


def size(manifest, vehicle=TUBE, gas=HYDROGEN, **rest):
    options = {"site_m": 0.0, "kinds": ITEMS, **rest}
    pairs = [(ITEMS[name], count) for name, count in manifest.items()]
    return size_fleet(vehicle, gas, 0.99, vehicle.drag, pairs, **options)


# --- what one balloon lifts ------------------------------------------------------------------


def test_given_an_open_tube_when_no_height_is_asked_then_a_full_one_sets_the_load() -> None:
    gross = math.pi / 4 * 1.45**2 * 7.0 * 1.225 * float(lift_ratio(HYDROGEN, 0.99))
    found = most_load(rig())
    assert found.limit is Limit.FULL
    assert found.load_kg == pytest.approx((gross - TUBE.envelope_kg) / 1.1, rel=1e-7)
    assert fill_for_load(found.rig, found.load_kg).volume_m3 == pytest.approx(TUBE.volume_m3)


def test_given_a_release_height_when_an_open_tube_is_asked_then_it_floats_there() -> None:
    found = most_load(rig(release_m=3_000.0))
    rho = float(atmosphere.density_kgm3(3_000.0))
    lift = TUBE.volume_m3 * rho * float(lift_ratio(HYDROGEN, 0.99))
    assert found.limit is Limit.FLOAT
    assert found.load_kg == pytest.approx(lift - TUBE.envelope_kg, rel=1e-12)
    assert fill_for_load(found.rig, found.load_kg).float_height_m == pytest.approx(3_000.0, abs=0.1)


def test_given_a_release_height_when_a_sealed_tube_is_asked_then_it_is_full_there() -> None:
    found = most_load(rig(SEALED, release_m=3_000.0))
    fill = fill_for_load(found.rig, found.load_kg)
    assert found.limit is Limit.BURST
    assert fill.full_height_m == pytest.approx(3_000.0, abs=0.1)
    assert fill.burst_height_m > 3_000.0


def test_given_rubber_when_its_neck_holds_anything_then_one_in_twenty_bursts_at_the_height() -> (
    None
):
    goal = LiftGoal(Goal.RATE, 5.0)
    found = most_load(rig(RUBBER, goal=goal, release_m=25_000.0, neck_limit_kg=100.0))
    fill = fill_for_load(found.rig, found.load_kg)
    assert found.limit is Limit.BURST
    assert fill.ascent_rate_ms == pytest.approx(5.0, rel=1e-6)
    assert early_burst_height_m(found.rig, fill) == pytest.approx(25_000.0, abs=1.0)
    assert fill.burst_height_m > 25_000.0
    assert float(RUBBER.burst_diameter(0.05)) < RUBBER.burst_diameter_m


def test_given_rubber_when_no_limit_is_stated_then_its_neck_bears_four_times_its_mass() -> None:
    found = most_load(rig(RUBBER, goal=default_goal(RUBBER)))
    fill = fill_for_load(found.rig, found.load_kg)
    assert found.limit is Limit.NECK
    assert fill.neck_lift_kg == pytest.approx(4.0 * RUBBER.mass_kg, rel=1e-6)


def test_given_a_tube_when_a_rate_is_asked_then_the_free_lift_balances_drag() -> None:
    goal = LiftGoal(Goal.RATE, 3.0)
    free = 0.5 * 1.225 * 0.7 * TUBE.cross_section_m2 * 3.0**2 / GRAVITY_MS2
    gross = TUBE.volume_m3 * 1.225 * float(lift_ratio(HYDROGEN, 0.99))
    found = most_load(rig(goal=goal))
    assert found.load_kg == pytest.approx(gross - TUBE.envelope_kg - free, rel=1e-7)


@pytest.mark.parametrize(
    ("limits", "limit", "load"),
    [
        ({"max_load_kg": 4.0}, Limit.STATED, 4.0),
        ({"neck_limit_kg": 5.5}, Limit.NECK, 5.0),
        ({"neck_limit_kg": 5.5, "parachute_kg": 1.1}, Limit.NECK, 4.0),
    ],
)
def test_given_a_limit_of_the_crew_when_it_is_the_lowest_then_it_counts(
    limits: dict[str, float], limit: Limit, load: float
) -> None:
    found = most_load(rig(**limits))
    assert found.limit is limit
    assert found.load_kg == pytest.approx(load)


def test_given_air_for_gas_when_asked_then_it_has_no_lift() -> None:
    heavy = replace(HELIUM, name="heavy", molar_mass=44.0)
    found = size({"dvd": 1}, gas=heavy)
    assert found.most.limit is Limit.NO_LIFT
    assert found.balloons == 0
    assert "has no lift in air" in found.blocked[0].reason
    assert any("hydrogen" in text for text in found.blocked[0].remedies)


def test_given_a_height_that_empties_a_tube_when_asked_then_it_lacks_lift() -> None:
    found = most_load(rig(release_m=25_000.0))
    rho = float(atmosphere.density_kgm3(25_000.0))
    lift = TUBE.volume_m3 * rho * float(lift_ratio(HYDROGEN, 0.99))
    assert found.load_kg == 0.0
    assert found.short_kg == pytest.approx(TUBE.envelope_kg - lift)


@given(
    vehicle=st.sampled_from([*TUBES.values(), *LATEX.values()]),
    gas=st.sampled_from([HELIUM, HYDROGEN]),
    goal=st.sampled_from([TEN_PERCENT, LiftGoal(Goal.MASS, 0.3), LiftGoal(Goal.RATE, 4.0)]),
    site=st.floats(0.0, 3_000.0),
    above=st.none() | st.floats(100.0, 9_000.0),
    share=st.floats(0.01, 1.0),
)
@settings(max_examples=300, deadline=None)
def test_given_a_load_up_to_the_most_when_it_is_filled_then_the_balloon_holds_it(
    vehicle, gas, goal, site, above, share
) -> None:
    found = most_load(
        rig(vehicle, gas, goal, site_m=site, release_m=None if above is None else site + above)
    )
    load = share * found.load_kg
    if load <= 0.0:
        return
    fill = fill_for_load(found.rig, load)
    assert fill.neck_lift_kg <= found.rig.neck_kg * (1.0 + 1e-6)
    assert fill.volume_m3 <= vehicle.volume_m3 * (1.0 + 1e-6)
    assert gas_for_load_m3(found.rig, load) == pytest.approx(fill.volume_m3, rel=1e-6)
    if above is not None:
        height = fill.full_height_m if vehicle is SEALED else fill.float_height_m
        if vehicle.name in LATEX:
            height = early_burst_height_m(found.rig, fill)
        if not math.isnan(height):
            assert height >= site + above - 1.0


def test_given_a_load_too_heavy_when_others_are_asked_then_each_of_them_carries_it() -> None:
    here = rig(release_m=3_000.0)
    found = find_carriers(here, 12.0, PACKAGED)
    assert {most.rig.vehicle.name for most in found} >= {"film-12m", "film-36ft"}
    assert "film-5m" not in {most.rig.vehicle.name for most in found}
    for most in found:
        assert most.load_kg >= 12.0
        assert fill_for_load(most.rig, 12.0).float_height_m >= 3_000.0 or (
            most.rig.vehicle is not TUBE
        )


def test_given_a_load_too_heavy_when_a_longer_tube_is_asked_then_it_just_carries_it() -> None:
    length = find_tube_length_m(rig(release_m=3_000.0), 12.0)
    longer = most_load(rig(replace(TUBE, length_m=length), release_m=3_000.0))
    assert longer.load_kg == pytest.approx(12.0, rel=1e-6)
    assert math.isnan(find_tube_length_m(rig(RUBBER), 12.0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"release_m": -10.0},
        {"release_m": 60_000.0},
        {"site_m": 50_000.0},
        {"neck_limit_kg": 0.0},
        {"max_load_kg": -1.0},
    ],
)
def test_given_a_limit_that_cannot_be_when_asked_then_it_is_refused(wrong) -> None:
    with pytest.raises(ArgumentError):
        rig(**wrong)


@pytest.mark.parametrize("value", [0.0, -0.1, math.nan, math.inf])
def test_given_a_goal_that_lifts_nothing_when_made_then_it_is_refused(value: float) -> None:
    with pytest.raises(ArgumentError, match="lifts nothing"):
        LiftGoal(Goal.RATE, value)


# --- packing ---------------------------------------------------------------------------------


@given(masses=masses, data=st.data(), balloons=st.integers(1, 5_000))
@settings(max_examples=300, deadline=None)
def test_given_items_when_spread_then_each_is_there_once_and_balloons_are_alike(
    masses, data, balloons
) -> None:
    counts = data.draw(
        st.lists(st.integers(0, 100_000), min_size=len(masses), max_size=len(masses))
    )
    packs = spread_items(masses, counts, balloons)
    for kind, count in enumerate(counts):
        assert sum(pack.balloons * pack.counts[kind] for pack in packs) == count
        each = [pack.counts[kind] for pack in packs]
        if sum(pack.balloons for pack in packs) == balloons:
            assert max(each) - min(each) <= 1
    assert sum(pack.balloons for pack in packs) <= balloons


@given(masses=masses, data=st.data(), capacity=st.floats(0.5, 12.0))
@settings(max_examples=200, deadline=None)
def test_given_a_capacity_when_packed_then_no_balloon_is_over_it_and_more_lift_needs_no_more(
    masses, data, capacity
) -> None:
    counts = data.draw(st.lists(st.integers(1, 20_000), min_size=len(masses), max_size=len(masses)))
    packs = pack_items(masses, counts, capacity)
    assert all(pack.load_kg <= capacity for pack in packs)
    for kind, count in enumerate(counts):
        assert sum(pack.balloons * pack.counts[kind] for pack in packs) == count
    used = sum(pack.balloons for pack in packs)
    total = math.fsum(m * n for m, n in zip(masses, counts, strict=True))
    assert used >= total / capacity * (1.0 - 1e-9)
    more = pack_items(masses, counts, capacity * data.draw(st.floats(1.0, 3.0)))
    assert sum(pack.balloons for pack in more) <= used


@given(mass=st.floats(1e-4, 2.0), capacity=st.floats(1e-3, 20.0))
def test_given_one_kind_when_counted_then_one_more_would_not_fit(mass, capacity) -> None:
    count = count_fitting(mass, capacity)
    assert count * mass <= capacity
    assert (count + 1) * mass > capacity * (1.0 - 1e-9)


def test_given_one_kind_when_packed_then_the_balloons_are_what_division_says() -> None:
    packs = pack_items([0.0155], [80_000], 7.0)
    assert 7.0 // 0.0155 == 451
    assert sum(pack.balloons for pack in packs) == math.ceil(80_000 / 451)


def test_given_an_item_heavier_than_a_balloon_carries_when_packed_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="heavier than"):
        pack_items([0.1, 3.0], [10, 1], 2.0)


def test_given_more_than_a_million_balloons_when_packed_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="more than 1,000,000 balloons"):
        pack_items([1.0], [100_000_000], 1.5)


# --- sizing ----------------------------------------------------------------------------------


def test_given_two_kinds_when_sized_then_items_gas_and_mass_add_up() -> None:
    found = size(
        {"dvd": 5_000, "leaflet-film-12x5": 1_080_000},
        release_m=3_000.0,
        crew=Crew(20.0, 2),
        cylinder=CYLINDERS["47L-150bar"],
    )
    for kind, count in found.manifest:
        assert sum(r.balloons * dict(r.parts).get(kind, 0) for r in found.recipes) == count
    assert found.load_kg == pytest.approx(5_000 * 0.0155 + 1_080_000 * 0.00027, rel=1e-9)
    assert found.balloons == math.ceil(found.load_kg / found.most.load_kg)
    assert all(r.load_kg <= found.most.load_kg for r in found.recipes)
    assert found.gas_m3 == pytest.approx(sum(r.balloons * r.fill.volume_m3 for r in found.recipes))
    each = delivered_m3(CYLINDERS["47L-150bar"], HYDROGEN, 101_325.0)
    assert found.cylinders is not None
    assert found.cylinders.by_total == math.ceil(found.gas_m3 / each)
    assert found.total_kg == pytest.approx(
        found.load_kg + found.balloons * TUBE.envelope_kg + found.gas_kg
    )


def test_given_kinds_apart_when_sized_then_no_balloon_mixes_and_no_fewer_are_needed() -> None:
    load = {"dvd": 5_000, "leaflet-film-12x5": 400_000, "usb-stick": 2_000}
    apart, mixed = size(load, mixed=False), size(load, mixed=True)
    assert all(len(recipe.parts) == 1 for recipe in apart.recipes)
    assert apart.balloons == sum(
        math.ceil(count / apart.fits[name]) for name, count in load.items()
    )
    assert mixed.balloons <= apart.balloons


@given(
    heights=st.lists(st.floats(200.0, 6_000.0), min_size=2, max_size=2).map(sorted),
    counts=st.tuples(st.integers(1, 20_000), st.integers(1, 2_000_000)),
)
@settings(max_examples=40, deadline=None)
def test_given_less_height_when_sized_then_no_more_balloons_are_needed(heights, counts) -> None:
    load = {"dvd": counts[0], "leaflet-film-12x5": counts[1]}
    low, high = (size(load, release_m=height) for height in heights)
    assert low.most.load_kg >= high.most.load_kg
    assert low.balloons <= high.balloons


def test_given_a_radio_without_parachute_when_sized_then_it_is_refused_and_told_what_would_do() -> (
    None
):
    found = size({"radio": 10, "dvd": 10})
    assert [b.kind.name for b in found.blocked] == ["radio"]
    assert "14.9 J" in found.blocked[0].reason
    assert "radio-parachute" in found.blocked[0].remedies[0]
    assert [kind.name for recipe in found.recipes for kind, _ in recipe.parts] == ["dvd"]


def test_given_an_item_heavier_than_a_balloon_lifts_when_sized_then_it_says_what_would() -> None:
    small = LATEX["hwoyee-200"]
    most = size({"dvd": 1}, small).most.load_kg
    heavy = replace(ITEMS["radio-parachute"], name="big-radio", mass_kg=most + 0.05)
    found = size_fleet(
        small, HYDROGEN, 0.99, small.drag, [(heavy, 3), (ITEMS["dvd"], 40)], site_m=0.0
    )
    assert [b.kind.name for b in found.blocked] == ["big-radio"]
    assert "more than" in found.blocked[0].reason
    assert found.blocked[0].remedies
    named = [text.split()[0] for text in found.blocked[0].remedies]
    for name in named:
        vehicle = {**TUBES, **LATEX}[name]
        other = size_fleet(vehicle, HYDROGEN, 0.99, vehicle.drag, [(heavy, 3)], site_m=0.0)
        assert not other.blocked


def test_given_nothing_to_carry_when_sized_then_one_balloon_is_told_all_the_same() -> None:
    found = size({})
    assert found.balloons == 0
    assert found.most.load_kg > 0.0
    assert found.cylinders is None


@pytest.mark.parametrize("manifest", [[("dvd", 0)], [("dvd", 3), ("dvd", 4)]])
def test_given_a_load_that_is_none_or_stands_twice_when_sized_then_it_is_refused(manifest) -> None:
    with pytest.raises(ArgumentError):
        size_fleet(
            TUBE, HYDROGEN, 0.99, TUBE.drag, [(ITEMS[n], c) for n, c in manifest], site_m=0.0
        )


def test_given_crews_when_asked_then_launches_are_spread_by_their_rate() -> None:
    crew = Crew(20.0, 3)
    assert crew.spacing_s == 60.0
    assert crew.work_s(217) == 217 * 60.0
    assert crew.span_s(217) == 216 * 60.0
    assert crew.span_s(0) == 0.0
    for wrong in ((0.0, 1), (20.0, 0), (1e5, 1)):
        with pytest.raises(ArgumentError):
            Crew(*wrong)


# --- claims ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (0.1, Verdict.FITS),
        (0.9, Verdict.FITS),
        (0.91, Verdict.TIGHT),
        (1.09, Verdict.TIGHT),
        (1.11, Verdict.DOES_NOT_FIT),
        (math.inf, Verdict.DOES_NOT_FIT),
    ],
)
def test_given_a_ratio_when_judged_then_within_a_tenth_is_tight(ratio, verdict) -> None:
    check = Check("x", "kg", Range(ratio, 0.0, ratio), Range(1.0, 1.0, 1.0), "a", "b")
    assert check.verdict is verdict


def part(balloons: int | None, **counts: int) -> Part:
    manifest = tuple((ITEMS[name.replace("_", "-")], count) for name, count in counts.items())
    return Part("", rig(release_m=3_000.0), manifest, balloons)


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.what: check for check in checks}


def test_given_a_claim_when_checked_then_each_figure_is_what_the_others_imply() -> None:
    whole = part(20, dvd=10_000)
    found = by_name(check_claim((whole,), Claim(gas_m3=150.0, hours=2.0), Crew(5.0, 1)))
    load = 10_000 * 0.0155 / 20
    free, env = 0.1 * load, TUBE.envelope_kg
    gas = 20 * (load + free + env) / (1.225 * float(lift_ratio(HYDROGEN, 0.99)))
    assert found["load a balloon"].needed.value == pytest.approx(load)
    assert found["load a balloon"].needed.low == pytest.approx(0.9 * load)
    assert found["load a balloon"].there.value == pytest.approx(most_load(whole.rig).load_kg)
    assert found["load a balloon"].verdict is Verdict.TIGHT
    assert found["gas"].needed.value == pytest.approx(gas, rel=1e-7)
    assert found["gas"].verdict is Verdict.DOES_NOT_FIT
    assert found["gas a balloon"].needed.value == pytest.approx(7.5)
    assert found["balloons an hour"].needed.value == pytest.approx(10.0)
    assert found["balloons an hour"].verdict is Verdict.DOES_NOT_FIT


def test_given_a_claim_without_rate_when_checked_then_hours_are_not_judged() -> None:
    found = by_name(check_claim((part(20, dvd=1_000),), Claim(hours=2.0)))
    assert found["balloons an hour"].verdict is Verdict.NOT_JUDGED
    assert math.isnan(found["balloons an hour"].ratio)
    assert found["gas"].verdict is Verdict.NOT_JUDGED


def test_given_ranges_when_checked_then_the_purest_gas_and_lightest_items_give_the_least() -> None:
    found = by_name(check_claim((part(20, dvd=10_000),), Claim(gas_m3=150.0)))
    gas = found["gas"].needed
    assert gas.low < gas.value < gas.high
    lift = found["load a balloon"].there
    pure = most_load(replace(rig(release_m=3_000.0), purity=0.997)).load_kg
    poor = most_load(replace(rig(release_m=3_000.0), purity=0.97)).load_kg
    assert (lift.low, lift.high) == (pytest.approx(poor), pytest.approx(pure))


def test_given_items_no_balloon_lifts_when_checked_then_no_number_is_enough() -> None:
    high = replace(rig(), release_m=25_000.0)
    found = by_name(check_claim((Part("", high, ((ITEMS["dvd"], 10),), 5),), Claim(gas_m3=9.0)))
    assert math.isinf(found["balloons"].needed.value)
    assert found["balloons"].verdict is Verdict.DOES_NOT_FIT
    assert found["load a balloon"].verdict is Verdict.DOES_NOT_FIT


@pytest.mark.parametrize(
    "wrong",
    [
        {"gas_m3": 0.0},
        {"hours": -1.0},
        {"cylinders": 0},
        {"gas_m3": 5.0, "cylinders": 3},
        {"hours": math.nan},
    ],
)
def test_given_a_claim_that_cannot_be_when_made_then_it_is_refused(wrong) -> None:
    with pytest.raises(ArgumentError):
        Claim(**wrong)


def test_given_cylinders_of_no_size_when_checked_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="not how large"):
        check_claim((part(5, dvd=10),), Claim(cylinders=3))


# --- the demonstration and a mission that cannot fly --------------------------------------------


def test_given_the_demonstration_when_checked_then_it_is_consistent() -> None:
    mission = parse_mission(tomllib.loads(demonstration_mission_text()))
    found = check_mission(mission, Claim(), kinds=ITEMS)
    assert found.balloons == 217
    assert sum(count for g in found.groups for _, count in g.part.manifest) == 1_080_000
    assert found.is_sound
    assert {check.verdict for check in found.checks} <= {Verdict.FITS, Verdict.NOT_JUDGED}
    assert [g.part.carried_kg for g in found.groups] == [
        pytest.approx(450 * 0.0155),
        pytest.approx(25_642 * 0.00027),
    ]
    assert all(g.fill is not None and g.fill.float_height_m > 3_500.0 for g in found.groups)
    assert found.span_s == 216 * 30.0


def test_given_a_mission_too_heavy_when_checked_then_it_says_why_and_what_would() -> None:
    table = tomllib.loads(demonstration_mission_text())
    table["balloon"][0]["count"] = 100
    found = check_mission(parse_mission(table), Claim(), kinds=ITEMS, others=PACKAGED)
    group = found.groups[0]
    assert group.part.carried_kg == pytest.approx(800 * 0.0155)
    assert group.fill is None
    assert "more than" in group.why
    assert any(text.startswith("film-12m carries up to") for text in group.remedies)
    assert not found.is_sound
    with pytest.raises(LiftError):
        fill_for_load(group.part.rig, group.part.carried_kg)


def test_given_a_crew_slower_than_the_spacing_when_checked_then_the_launches_do_not_fit() -> None:
    mission = parse_mission(tomllib.loads(demonstration_mission_text()))
    slow = by_name(check_mission(mission, Claim(), crew=Crew(20.0, 2)).checks)["balloons an hour"]
    assert slow.needed.value == pytest.approx(120.0)
    assert slow.verdict is Verdict.DOES_NOT_FIT


def rubber_mission(**balloon: object) -> Mission:
    """Return the demonstration with thirty rubber balloons in place of its first group."""
    table = tomllib.loads(demonstration_mission_text())
    first = {key: value for key, value in table["balloon"][0].items() if key != "free_lift"}
    table["balloon"] = [{**first, "count": 30, "vehicle": "kaymont-1000", **balloon}]
    return parse_mission(table)


def test_given_a_neck_lift_over_the_limit_when_checked_then_it_says_so_and_what_would_do() -> None:
    load = [{"item": "dvd", "count": 1_800}]
    group = check_mission(rubber_mission(neck_lift="15 kg", load=load), Claim()).groups[0]
    assert group.why.startswith("the neck lift of 15.00 kg for 930 g is over the 4.00 kg")
    assert "an assumption" in group.why
    assert group.stated_fill == "a neck lift of 15.00 kg"
    free = 4.0 - 60 * 0.0155
    assert group.remedies[0].startswith(f"a lower free lift: at most {free:.2f} kg")
    stated = check_mission(
        rubber_mission(neck_lift="15 kg", load=load), Claim(), neck_limit_kg=16.0
    )
    assert stated.groups[0].why == ""


def test_given_an_ascent_rate_over_the_limit_when_checked_then_a_lower_one_is_offered() -> None:
    load = [{"item": "dvd", "count": 1_800}]
    group = check_mission(rubber_mission(ascent_rate="15 m/s", load=load), Claim()).groups[0]
    rate = float(group.remedies[0].removeprefix("a lower ascent rate: at most ").split()[0])
    for wanted, flies in ((rate, True), (rate + 0.2, False)):
        again = rubber_mission(ascent_rate=f"{wanted} m/s", load=load)
        assert (check_mission(again, Claim()).groups[0].why == "") is flies


def test_given_few_balloons_when_checked_then_their_load_is_judged_and_not_their_count() -> None:
    one = part(1, dvd=1)
    most = most_load(one.rig).load_kg
    for share, verdict in ((0.5, Verdict.FITS), (0.95, Verdict.TIGHT)):
        filled = part(1, dvd=int(share * most / 0.0155))
        found = by_name(check_claim((filled,), Claim()))["balloons"]
        assert (found.needed.value, found.verdict) == (1.0, verdict)
        assert found.ratio == pytest.approx(share, abs=0.0155 / most)
    over = by_name(check_claim((part(1, dvd=int(1.5 * most / 0.0155)),), Claim()))["balloons"]
    assert (over.ratio, over.verdict) == (2.0, Verdict.DOES_NOT_FIT)


def test_given_a_crew_and_no_spacing_when_checked_then_the_crew_sets_it() -> None:
    table = tomllib.loads(demonstration_mission_text())
    table["launch"]["spacing"] = "0 s"
    mission = parse_mission(table)
    found = check_mission(mission, Claim(), crew=Crew(60.0, 1))
    assert found.spacing_s == 60.0
    assert found.span_s == 216 * 60.0
    assert "the mission states none" in found.spacing_note
    hurried = check_mission(mission, Claim(hours=1.0), crew=Crew(60.0, 1))
    assert by_name(hurried.checks)["balloons an hour"].verdict is Verdict.DOES_NOT_FIT
    assert check_mission(mission, Claim()).spacing_s == 0.0


def test_given_several_releases_when_checked_then_the_first_balloon_carries_what_hangs_on_it() -> (
    None
):
    load = [{"item": "dvd", "count": 31}]
    several = rubber_mission(neck_lift="2 kg", load=load, then=[{"after": "5 min", "load": load}])
    (group,) = check_mission(several, Claim()).groups
    assert [(kind.name, count) for kind, count in group.part.carried] == [("dvd", 4)]
    assert group.part.carried_kg == pytest.approx(4 * 0.0155)


# --- events on record ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def events(shared: Path) -> dict[str, str]:
    path = shared / "data" / "drops" / "documented_korean_balloon_events.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["event_id"]: " | ".join(row.values()) for row in csv.DictReader(file)}


def number_in(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    assert match, pattern
    return int(match[1].replace(",", ""))


def test_given_twenty_tanks_on_record_when_checked_then_they_fill_what_gas_over_volume_says(
    events: dict[str, str],
) -> None:
    tanks = number_in(r"(\d+) helium tanks", events["LEE_STORY_2008"])
    tube, cylinder = TUBES["film-36ft"], CYLINDERS["47L-150bar"]
    gas = tanks * delivered_m3(cylinder, HELIUM, 101_325.0)
    rig_36 = rig(tube, HELIUM, release_m=3_000.0)
    each = gas_for_load_m3(rig_36, most_load(rig_36).load_kg)
    for balloons in (math.floor(0.9 * gas / each), math.ceil(1.2 * gas / each)):
        load = ((ITEMS["leaflet-film-12x5"], 10_000 * balloons),)
        found = by_name(
            check_claim((Part("", rig_36, load, balloons),), Claim(cylinders=tanks), None, cylinder)
        )
        mass = 10_000 * 0.00027
        needed = balloons * (1.1 * mass + tube.envelope_kg) / rig_36.lift_kgm3
        assert found["gas"].there.value == pytest.approx(gas)
        assert found["gas"].needed.value == pytest.approx(needed, rel=1e-9)
        assert (found["gas"].verdict is Verdict.FITS) == (needed <= 0.9 * gas)


@pytest.mark.parametrize(
    ("event", "pattern", "hours"),
    [
        ("PAJU_HONGCHEON_2020", r"(\d+) large balloons", 1.0),
        ("TRASH_BADWIND_2024", r"about (\d+) sent", 10.0),
    ],
)
def test_given_a_night_on_record_when_checked_then_the_rate_is_balloons_over_hours(
    events: dict[str, str], event: str, pattern: str, hours: float
) -> None:
    balloons = number_in(pattern, events[event])
    claimed = Part("", rig(), (), balloons)
    for crews in (1, 2, 4):
        found = by_name(check_claim((claimed,), Claim(hours=hours), Crew(20.0, crews)))
        ratio = balloons / hours / (20.0 * crews)
        assert found["balloons an hour"].ratio == pytest.approx(ratio)
        assert (found["balloons an hour"].verdict is Verdict.DOES_NOT_FIT) == (ratio > 1.1)


def test_given_thirty_thousand_leaflets_when_the_heights_on_record_are_asked_then_lift_decides(
    events: dict[str, str],
) -> None:
    detail = events["LEE_PRACTICE_2016"]
    low, high = (number_in(p, detail) for p in (r"between (\d+) m", r"and (\d+) m above"))
    leaflet = ITEMS["leaflet-film-12x5"]
    for name in ("film-7m", "film-12m"):
        for height in (low, high):
            here = rig(TUBES[name], HYDROGEN, release_m=float(height))
            found = by_name(check_claim((Part("", here, ((leaflet, 30_000),), 1),), Claim()))
            load = found["load a balloon"]
            rho = float(atmosphere.density_kgm3(height))
            lift = TUBES[name].volume_m3 * rho * float(lift_ratio(HYDROGEN, 0.99))
            assert load.needed.value == pytest.approx(30_000 * 0.00027)
            assert load.there.value == pytest.approx(lift - TUBES[name].envelope_kg)
            assert (load.verdict is Verdict.DOES_NOT_FIT) == (load.ratio > 1.1)


def test_given_gases_on_record_when_listed_then_all_lift() -> None:
    assert all(most_load(rig(gas=gas)).load_kg > 0.0 for gas in GASES.values())
