"""What a search tried, as a crew reads it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from downwind.landing.clusters import Estimate
from downwind.landing.regions import HOME
from downwind.landing.shares import estimate_share
from downwind.plan.closest import BrokenLimit, ClosestMiss, LimitRemedy
from downwind.plan.fills_between import FillTrials
from downwind.plan.intervals import IntervalTrials
from downwind.plan.result import PlanResult
from downwind.report.summary import plan_text
from downwind.report.tried_text import (
    curve_settings,
    fill_sentence,
    interval_sentence,
    miss_lines,
)


def gain(mean: float) -> Estimate:
    """Return a gain with an error of 0.2 points."""
    return Estimate(mean, 0.002, 0.002, 0.0, 0.0, 200, 200, 200.0)


def with_miss(result: PlanResult, *remedies: LimitRemedy) -> PlanResult:
    """Return a result that says what stops its closest setting."""
    assert result.tried is not None
    share = dataclasses.replace(
        estimate_share(result.groups[0].curve.shares[HOME][0]), mean=0.084, hit_draws=5
    )
    miss = ClosestMiss((BrokenLimit(HOME, 0.05, share),), remedies, 3)
    return dataclasses.replace(result, tried=dataclasses.replace(result.tried, miss=miss))


def test_given_a_miss_when_written_then_limit_excess_and_remedy_stand_there(
    small_plan: PlanResult,
) -> None:
    share = estimate_share(0.713 + np.array([-0.03, 0.03] * 12))
    remedy = LimitRemedy(HOME, 0.05, 0.0621, small_plan.site, small_plan.start_s, (3300.0,), share)

    text = " ".join(" ".join(miss_lines(with_miss(small_plan, remedy))).split())

    assert "3 launches tried, none within the limits" in text
    assert "3.4 points over its limit of 5 %" in text
    # what is needed is never rounded down
    assert "with 6.3 % allowed for falling short: South Korea (now 5 %)" in text
    assert "timer 55 min, 71.3 ± 0.6 % in the target, by the search" in text


def test_given_no_remedy_when_written_then_it_says_that_more_has_to_give(
    small_plan: PlanResult,
) -> None:
    text = " ".join(miss_lines(with_miss(small_plan)))

    assert "no single limit would do" in text


def test_given_a_plan_within_the_limits_when_written_then_nothing_is_missed(
    small_plan: PlanResult,
) -> None:
    assert miss_lines(small_plan) == []


@pytest.mark.parametrize(("chosen", "words"), [(0.125, "12.5 % is recommended"), (0.1, "is kept")])
def test_given_fills_between_when_written_then_the_gain_and_the_choice_are_told(
    chosen: float, words: str
) -> None:
    trials = FillTrials((0.1, 0.15), (0.115, 0.125), 0.1, 0.125, gain(0.011), chosen)

    text = fill_sentence(trials)

    assert "11.5, 12.5 % between those listed" in text
    assert "+1.1 ± 0.2 points" in text
    assert words in text


def test_given_intervals_when_written_then_start_and_end_are_told() -> None:
    trials = IntervalTrials(40, (1320.0, 1920.0), (480.0, 1920.0), 0.827, 0.932, True, gain(0.105))

    text = interval_sentence(trials)

    assert "8 min, 32 min against 22 min, 32 min at first: +10.5 ± 0.2 points" in text
    assert "ended for its number of trials" in text


def test_given_a_curve_when_a_table_is_made_then_it_is_short_and_holds_the_setting(
    small_plan: PlanResult,
) -> None:
    for group in small_plan.groups:
        rows = curve_settings(group, small_plan.mission.search.timer_step_s)

        assert len(rows) <= 9
        assert group.setting.timer_s in group.curve.timer_s[rows]
    assert "Share of the load by mass against the timer" in plan_text(small_plan)
