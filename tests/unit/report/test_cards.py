"""The cards fit a terminal, begin with what forbids to go, and give no share without its error."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from downwind.landing.regions import TARGET
from downwind.plan.caption import caption_lines, lead_hours
from downwind.plan.result import PlanResult
from downwind.report._plain import place_text
from downwind.report.fill_card import fill_card
from downwind.report.summary import compact_share, plan_text
from downwind.report.timer_card import setting_changes, timer_card, timer_costs
from downwind.times import format_duration

WRITERS = (timer_card, fill_card, plan_text)


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_plan_when_written_then_no_line_is_wider_than_80_columns(write, small_plan):
    assert max(map(len, write(small_plan).splitlines())) <= 80


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_stop_when_written_then_it_comes_first(write, small_plan):
    assert write(small_plan).startswith("!! RULES OPEN: STOP (")


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_synthetic_wind_and_bridges_when_written_then_all_are_named(write, small_plan):
    text = " ".join(write(small_plan).split())
    assert "SYNTHETIC WIND" in text
    assert small_plan.grid.bridges
    for bridge in small_plan.grid.bridges:
        assert f"Bridged: {bridge}" in text
    assert "given this wind: forecast error is not included" in text
    draws = small_plan.run.draws
    assert f"{draws} draws (effective number {draws}), seed {small_plan.run.seed}" in text


@pytest.mark.parametrize("write", WRITERS)
def test_given_a_warning_of_the_wind_when_written_then_it_is_told_from_a_bridge(write, small_plan):
    said = "heights of 850 hPa are not in the data"
    bridges = (said, *small_plan.grid.bridges)
    grid = dataclasses.replace(small_plan.grid, bridges=bridges, warnings=(said,))
    text = " ".join(write(dataclasses.replace(small_plan, grid=grid)).split())
    assert f"Warning: {said}" in text
    assert f"Bridged: {said}" not in text
    assert f"Bridged: {bridges[1]}" in text


@pytest.mark.parametrize("write", WRITERS)
def test_given_broken_limits_when_written_then_said_right_after_the_stops(write, infeasible_plan):
    # the summary names each rule that stands open, the cards count them
    stops = infeasible_plan.stops if write is plan_text else infeasible_plan.brief_stops
    loud = [x for x in write(infeasible_plan).splitlines() if x.startswith("!! ")]
    assert loud[len(stops)].startswith("!! NO SETTING MEETS THE LIMITS: closest is discs ")


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
    assert len(shares) == 8 * len(small_plan.kinds)
    assert all("±" in share or "draws" in share for share in shares)


def test_given_a_setting_when_the_timer_card_is_written_then_it_stands_as_hours_and_minutes(
    small_plan,
):
    card = timer_card(small_plan)
    for group in small_plan.groups:
        minutes = round(group.setting.timer_s / 60)
        assert f"{minutes // 60:02d}:{minutes % 60:02d} (hours:minutes)" in card


def with_curve(plan: PlanResult, index: int, change) -> PlanResult:
    """Return a plan of one of its groups alone, every share of whose load is changed."""
    group = plan.groups[index]
    curve = group.curve
    middle = int(np.argmin(np.abs(curve.timer_s - group.setting.timer_s)))
    shares = {name: change(name, rows, middle) for name, rows in curve.shares.items()}
    curve = dataclasses.replace(curve, shares=shares, kinds={})
    return dataclasses.replace(plan, groups=(dataclasses.replace(group, curve=curve),))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_given_a_setting_that_was_not_tried_when_priced_then_none_near_it_is_taken(small_plan):
    group = small_plan.groups[0]
    curve = group.curve
    keep = [i for i, t in enumerate(curve.timer_s) if abs(t - group.setting.timer_s - 600) > 1]
    assert len(keep) == curve.timer_s.size - 1
    thinned = dataclasses.replace(
        curve,
        timer_s=curve.timer_s[keep],
        shares={name: rows[keep] for name, rows in curve.shares.items()},
    )
    costs = dict(timer_costs(dataclasses.replace(group, curve=thinned)))
    assert costs[600.0] is None
    assert thinned.timer_s[costs[0.0]] == pytest.approx(group.setting.timer_s, abs=1.0)


def test_given_a_plan_when_priced_then_each_error_is_that_of_a_setting_of_its_own(small_plan):
    for group in small_plan.groups:
        tried = {shift: i for shift, i in timer_costs(group) if i is not None}
        assert {-600.0, 0.0, 600.0} <= tried.keys()
        for shift, i in tried.items():
            assert group.curve.timer_s[i] - group.setting.timer_s == pytest.approx(shift, abs=1.0)


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
    def cliff(name, rows, middle):
        made = np.zeros_like(rows)
        made[middle] = 0.9 if name == TARGET else 0.0
        return made

    text = flat(timer_card(with_curve(small_plan, 1, cliff)))
    assert "hardly matter" not in text
    assert "not known to matter" not in text
    assert "matter: in the target -90.0 ± 0.0 points 10 min early" in text


def test_given_shares_that_hardly_change_when_written_then_it_says_by_how_much_at_most(small_plan):
    def level(name, rows, middle):
        return np.full_like(rows, 0.8 if name == TARGET else 0.0)

    text = flat(timer_card(with_curve(small_plan, 1, level)))
    assert "Ten minutes either way hardly matter: in the target +0.0 ± 0.0 points" in text
    assert "below 2 points with two standard errors" in text


def test_given_errors_too_wide_to_tell_when_written_then_it_is_not_called_flat(small_plan):
    def noise(name, rows, middle):
        if name != TARGET:
            return np.zeros_like(rows)
        made = np.full_like(rows, 0.5)
        made[:, ::2] += 0.3 * np.where(np.arange(rows.shape[0]) % 2 == middle % 2, 1, -1)[:, None]
        made[:, 1::2] -= 0.3 * np.where(np.arange(rows.shape[0]) % 2 == middle % 2, 1, -1)[:, None]
        return made

    text = flat(timer_card(with_curve(small_plan, 1, noise)))
    assert "hardly matter" not in text
    assert "are not known to matter" in text


def test_given_ten_minutes_early_untried_when_written_then_the_farthest_tried_is_told(small_plan):
    group = small_plan.groups[0]
    moved = dataclasses.replace(group.setting, timer_s=float(group.curve.timer_s[0]) + 300.0)
    text = timer_card(
        dataclasses.replace(small_plan, groups=(dataclasses.replace(group, setting=moved),))
    )
    assert "Ten minutes early were not tried. The farthest tried, 5 min early" in flat(text)


@pytest.mark.parametrize("write", WRITERS)
def test_given_alarms_when_written_then_all_come_after_the_broken_limits(write, unknown_plan):
    lines = write(unknown_plan).splitlines()
    head = flat("\n".join(lines[: lines.index("")]))
    places = [
        head.index(text)
        for text in (
            "!! RULES OPEN: STOP",
            "!! NO SETTING IS KNOWN TO MEET THE LIMITS",
            *(f"!! {alarm.strip()}" for alarm in unknown_plan.alarms),
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("write", [timer_card, plan_text])
def test_given_limits_not_known_when_written_then_not_called_met(write, unknown_plan):
    text = flat(write(unknown_plan))
    assert "NOT KNOWN" in text
    assert "0.2 ± 0.1 %, but 50.0 ± 1.0 % if all that left the data came down there" in text
    assert "NOT MET" not in text


@pytest.mark.parametrize("plan", ["infeasible_plan", "unknown_plan"])
def test_given_no_setting_within_the_limits_when_summed_up_then_none_is_recommended(plan, request):
    text = plan_text(request.getfixturevalue(plan))
    assert "\nClosest to the limits\n---" in text
    assert "Recommended" not in text


@pytest.mark.parametrize("write", WRITERS)
def test_given_many_kinds_and_long_names_when_written_then_names_stay_whole(write, crowded_plan):
    text = write(crowded_plan)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    for group in crowded_plan.groups:
        assert group.group.name in flat(text)


def test_given_what_left_the_data_when_written_then_it_has_a_row_for_each_kind(crowded_plan):
    card, summary = timer_card(crowded_plan), plan_text(crowded_plan)
    assert card.count("    left the data ..") == len(crowded_plan.kinds)
    rows = [line for line in summary.splitlines() if line.startswith("  left the data ")]
    shares = [kind.outcomes["left_data"] for kind in crowded_plan.kinds]
    told = [compact_share(share) for share in (*shares, crowded_plan.left_data)]
    assert flat(" ".join(row.removeprefix("  left the data") for row in rows)) == " ".join(told)


def test_given_releases_when_summed_up_then_each_has_its_setting_and_altitude(crowded_plan):
    lines = plan_text(crowded_plan).splitlines()
    for group in crowded_plan.groups:
        for release in group.releases:
            dial = format_duration(release.setting_s)
            place = f"{release.altitude_m[0] / 1000.0:.2f} km"
            assert any(dial in line and place in line for line in lines)


def test_given_several_timers_when_written_then_number_and_setting_do_not_run_together(
    crowded_plan,
):
    card = timer_card(crowded_plan)
    for r, release in enumerate(crowded_plan.groups[0].releases):
        assert f"SET TIMER {r + 1}: {format_duration(release.setting_s)} " in card


def test_given_one_balloon_and_no_spacing_when_written_then_no_plural_and_no_zero_seconds(
    crowded_plan,
):
    card = timer_card(crowded_plan)
    assert ": 1 balloon ---" in flat(card)
    assert "1 balloons" not in card
    assert "one every 0 s" not in card
    assert "all at once" in card


def test_given_exact_timers_when_written_then_the_tolerance_is_not_an_interval_of_nothing(
    small_plan,
):
    group = small_plan.groups[0]
    release = group.releases[0]
    exact = dataclasses.replace(
        release, time_s=tuple(release.setting_s + x for x in (0.0, -0.4, 0.4))
    )
    loose = dataclasses.replace(
        release, time_s=tuple(release.setting_s + x for x in (0.0, -90.0, 60.0))
    )
    cards = [
        flat(timer_card(dataclasses.replace(
            small_plan, groups=(dataclasses.replace(group, releases=(found,)),)
        )))
        for found in (exact, loose)
    ]  # fmt: skip
    assert "while the balloon is up, 90 % act within a second of the setting" in cards[0]
    assert "within a second" not in cards[1]


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


def test_given_places_south_and_west_when_written_then_by_letters_without_signs():
    assert place_text(37.75, 126.49) == "37.7500 N 126.4900 E"
    assert place_text(-23.3, -47.8) == "23.3000 S 47.8000 W"
