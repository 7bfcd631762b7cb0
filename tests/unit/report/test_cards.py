"""The cards fit a terminal, begin with what forbids to go, and give no share without its error."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from downwind.landing.regions import TARGET
from downwind.plan.result import PlanResult
from downwind.report.caption import caption_lines, lead_hours
from downwind.report.fill_card import fill_card
from downwind.report.summary import plan_text
from downwind.report.timer_card import setting_changes, timer_card, timer_costs

WRITERS = (timer_card, fill_card, plan_text)


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_plan_when_written_then_no_line_is_wider_than_80_columns(write, small_plan):
    assert max(map(len, write(small_plan).splitlines())) <= 80


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_stop_when_written_then_it_comes_first(write, small_plan):
    assert write(small_plan).startswith("!! RULES NOT CHECKED: STOP\n")


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_synthetic_wind_and_bridges_when_written_then_all_are_named(write, small_plan):
    text = " ".join(write(small_plan).split())
    assert "SYNTHETIC WIND" in text
    assert small_plan.grid.bridges
    for bridge in small_plan.grid.bridges:
        assert f"Bridged: {bridge}" in text
    assert "given this wind: forecast error is not included" in text
    assert f"{small_plan.run.draws} draws, seed {small_plan.run.seed}" in text


@pytest.mark.parametrize("write", WRITERS)
def test_given_broken_limits_when_written_then_said_right_after_the_stops(write, infeasible_plan):
    lines = write(infeasible_plan).splitlines()
    assert lines[1].startswith("!! NO SETTING MEETS THE LIMITS: closest is discs ")


def test_given_a_flight_that_breaks_limits_when_written_then_no_search_is_claimed(infeasible_plan):
    flown = dataclasses.replace(infeasible_plan, command="fly", candidates=())
    text = plan_text(flown)
    assert "THESE SETTINGS BREAK THE LIMITS" in text
    assert "NO SETTING" not in text
    assert "Recommended" not in text


def test_given_a_plan_when_the_timer_card_is_written_then_every_share_has_its_error(small_plan):
    shares = [
        line.split(".. ", 1)[1]
        for line in timer_card(small_plan).splitlines()
        if re.match(r"    [a-z].*\.\. ", line)
    ]
    assert len(shares) == 7 * len(small_plan.kinds)
    assert all("±" in share or "draws" in share for share in shares)


def test_given_a_setting_when_the_timer_card_is_written_then_it_stands_as_hours_and_minutes(
    small_plan,
):
    card = timer_card(small_plan)
    for group in small_plan.groups:
        minutes = round(group.setting.timer_s / 60)
        assert f"{minutes // 60:02d}:{minutes % 60:02d} (hours:minutes)" in card


def test_given_a_range_when_an_error_leaves_it_then_not_tried(small_plan):
    group = small_plan.groups[0]
    curve = group.curve
    first = dataclasses.replace(
        group, setting=dataclasses.replace(group.setting, timer_s=float(curve.timer_s[0]))
    )
    costs = dict(timer_costs(first))
    assert costs[-600.0] is None
    assert costs[0.0] == 0
    assert costs[600.0] == int(np.argmin(np.abs(curve.timer_s - curve.timer_s[0] - 600.0)))


def test_given_common_draws_when_settings_differ_then_the_error_is_that_of_the_difference(
    small_plan,
):
    group = small_plan.groups[1]
    costs, curve = dict(timer_costs(group)), group.curve
    for shift, change in setting_changes(group, TARGET):
        each = curve.shares[TARGET][costs[shift]] - curve.shares[TARGET][costs[0.0]]
        assert change.mean == pytest.approx(each.mean())
        assert change.standard_error == pytest.approx(each.std(ddof=1) / np.sqrt(each.size))


def test_given_a_cliff_beside_the_setting_when_written_then_the_card_does_not_call_it_flat(
    small_plan,
):
    group = small_plan.groups[1]
    curve, index = group.curve, dict(timer_costs(group))[0.0]
    target = np.zeros_like(curve.shares[TARGET])
    target[index] = 0.9
    steep = dataclasses.replace(
        group, curve=dataclasses.replace(curve, shares={**curve.shares, TARGET: target}, kinds={})
    )
    text = timer_card(dataclasses.replace(small_plan, groups=(steep,)))
    assert "hardly matter" not in text
    assert "matter: in the target" in " ".join(text.split())


def test_given_ten_minutes_early_untried_when_written_then_the_farthest_tried_is_told(small_plan):
    group = small_plan.groups[0]
    moved = dataclasses.replace(group.setting, timer_s=float(group.curve.timer_s[0]) + 300.0)
    text = timer_card(
        dataclasses.replace(small_plan, groups=(dataclasses.replace(group, setting=moved),))
    )
    assert "Ten minutes early were not tried. The farthest tried, 5 min early" in " ".join(
        text.split()
    )


def test_given_a_plan_when_summed_up_then_outcomes_add_up_to_the_manifest(small_plan):
    text = plan_text(small_plan)
    counts = small_plan.outcome_counts()
    for kind, outcomes in counts.items():
        assert kind in text
        for number in (*outcomes.values(), sum(outcomes.values())):
            assert f"{number:,}" in text
    assert "  released " in text


def test_given_a_forecast_when_captioned_then_run_and_lead_are_named(small_plan: PlanResult):
    grid = dataclasses.replace(
        small_plan.grid, nature="forecast", source="GFS", reference_time_s=small_plan.start_s - 9000
    )
    forecast = dataclasses.replace(small_plan, grid=grid)
    lines = caption_lines(forecast)
    assert lead_hours(forecast) == 2.5
    assert lines[0] == "Wind: GFS (forecast)"
    assert lines[1].endswith("lead at launch 2.5 h")
    assert np.isnan(lead_hours(small_plan))
