"""What comes down hard, and the plastic: one row each, speeds one in twenty exceeds, no zeros."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from downwind.landing.regions import LEFT_DATA, TARGET
from downwind.landing.shares import estimate_share
from downwind.plan.result import PlanResult
from downwind.report.ground_text import ground_lines


def flat(plan: PlanResult) -> str:
    return " ".join(" ".join(ground_lines(plan)).split())


def with_ground(plan: PlanResult, **changes: object) -> PlanResult:
    group = plan.groups[0]
    ground = dataclasses.replace(group.ground, **changes)
    return dataclasses.replace(plan, groups=(dataclasses.replace(group, ground=ground),))


def share(count: int, of: int):
    return estimate_share((np.arange(of) < count) * 1.0)


def test_given_loads_that_stay_when_written_then_whole_and_part_have_rows_of_their_own(small_plan):
    plan = with_ground(small_plan, none_released=share(1, 20), some_kept=share(4, 20))
    lines = ground_lines(plan)
    count = plan.groups[0].group.count
    whole = next(x for x in lines if x.startswith("  load never released"))
    part = next(x for x in lines if x.startswith("  part of the load stayed"))
    assert f"{plan.groups[0].ground.unreleased.mass_kg:.2f} kg" in whole
    assert f"{0.05 * count:.1f} ± " in whole
    assert f"{0.2 * count:.1f} ± " in part
    assert "kg" not in part


def test_given_no_load_that_stays_when_written_then_a_bound_and_no_bare_zero(small_plan):
    plan = with_ground(small_plan, none_released=share(0, 20), some_kept=share(0, 20))
    lines = ground_lines(plan)
    whole = next(x for x in lines if x.startswith("  load never released"))
    assert whole.endswith("0 (< 13.9 %)")
    assert not any("part of the load" in x for x in lines)


def test_given_bundles_when_written_then_speed_and_energy_are_those_one_in_twenty_exceeds(
    small_plan,
):
    text = flat(small_plan)
    for group in small_plan.groups:
        for bundle in group.ground.bundles:
            assert bundle.fast_speed_ms > bundle.speed_ms
            assert f"{bundle.fast_speed_ms:.1f} {bundle.fast_energy_j:.0f} **" in text


def test_given_several_releases_when_written_then_each_bundle_names_its_own(crowded_plan):
    text = flat(crowded_plan)
    for group in crowded_plan.groups:
        assert f"{group.group.name}:" in text
        for bundle in group.ground.bundles:
            assert f"bundle of {bundle.kind.name}, shut, release {bundle.release + 1}" in text
    assert max(map(len, ground_lines(crowded_plan))) <= 80


def test_given_one_release_when_written_then_no_number_is_told(small_plan):
    assert ", release 1" not in flat(small_plan)


def test_given_envelopes_when_written_then_only_the_emptied_are_counted(small_plan):
    lines = ground_lines(with_ground(small_plan, emptied_count=4.25, emptied_error=0.13))
    assert next(x for x in lines if x.startswith("  emptied envelope")).endswith(" 4.25 ± 0.13")
    lines = ground_lines(with_ground(small_plan, emptied_count=6.0, emptied_error=0.0))
    assert next(x for x in lines if x.startswith("  emptied envelope")).endswith(" 6")


@pytest.mark.parametrize(
    ("mass", "text"),
    [
        ((0.217, 0.012), "217 ± 12 g"),
        ((4.6294, 0.0056), "4.6294 ± 0.0056 kg"),
        ((12.3, 1.2), "12.3 ± 1.2 kg"),
        ((0.04, 0.0), "40 g"),
        ((2.8, float("nan")), "2.8 kg"),
    ],
)
def test_given_plastic_when_written_then_two_digits_of_the_error_and_grams_below_a_kilogram(
    small_plan, mass, text
):
    regions = dict.fromkeys(small_plan.plastic.by_region, (0.0, 0.0))
    plastic = dataclasses.replace(small_plan.plastic, by_region={**regions, TARGET: mass})
    found = flat(dataclasses.replace(small_plan, plastic=plastic))
    assert found.endswith(f": in the target {text}")
    assert "± 0.0 " not in found


def test_given_plastic_that_leaves_the_data_when_written_then_it_and_parachutes_are_told(
    small_plan,
):
    regions = dict.fromkeys(small_plan.plastic.by_region, (0.0, 0.0))
    plastic = dataclasses.replace(
        small_plan.plastic,
        items_kg=0.04,
        envelopes_kg=0.0,
        rubber_kg=2.5,
        parachutes_kg=0.48,
        by_region={**regions, LEFT_DATA: (2.8, 0.1)},
    )
    text = flat(dataclasses.replace(small_plan, plastic=plastic))
    assert "Plastic and rubber: 3 kg" in text
    assert "40 g in items, 2.5 kg of rubber and 480 g of parachutes" in text
    assert text.endswith("2.80 ± 0.10 kg leave the data")
