"""What stops the closest setting, and what would let it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from downwind.landing.regions import HOME, THIRD_COUNTRY
from downwind.plan.closest import explain_miss
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.search import Candidate, judge_candidate, rank_key
from downwind.plan.timer_curve import TimerCurve
from tests.small_mission import SMALL
from tests.unit.plan.made_curves import SITE, make_curve


def one_group() -> Mission:
    """Return the small mission with its first group alone."""
    table: dict[str, Any] = {**SMALL, "balloon": SMALL["balloon"][:1]}
    return parse_mission(table)


def judge(mission: Mission, *curves: TimerCurve) -> list[Candidate]:
    """Return candidates an hour apart, best first."""
    made = [
        judge_candidate(mission, SITE, 1_428_084_000 + 3600 * k, [[curve]])
        for k, curve in enumerate(curves)
    ]
    return sorted(made, key=rank_key)


def test_given_a_setting_within_the_limits_when_asked_then_nothing_is_missed() -> None:
    mission = one_group()

    assert explain_miss(mission, judge(mission, make_curve([0.9], [0.01]))) is None


def test_given_one_broken_limit_when_asked_then_its_least_value_is_named() -> None:
    mission = one_group()
    found = judge(mission, make_curve([0.9, 0.7], [0.20, 0.09], [0.005, 0.0]))

    miss = explain_miss(mission, found)

    assert miss is not None
    assert [broken.region for broken in miss.broken] == [HOME]
    assert miss.broken[0].excess == pytest.approx(0.04)
    (remedy,) = miss.remedies
    assert (remedy.region, remedy.timer_s) == (HOME, (1200.0,))
    assert remedy.needed == pytest.approx(0.09)
    assert remedy.target.mean == pytest.approx(0.7)
    wider = dataclasses.replace(
        mission, limits=dataclasses.replace(mission.limits, falling_short=remedy.needed + 1e-9)
    )
    assert judge(wider, make_curve([0.9, 0.7], [0.20, 0.09], [0.005, 0.0]))[0].excess == 0.0


def test_given_two_limits_broken_everywhere_when_asked_then_no_single_one_would_do() -> None:
    mission = one_group()

    miss = explain_miss(mission, judge(mission, make_curve([0.9], [0.20], [0.05])))

    assert miss is not None
    assert {broken.region for broken in miss.broken} == {HOME, THIRD_COUNTRY}
    assert miss.remedies == ()


def test_given_another_hour_that_needs_less_when_asked_then_the_remedy_is_there() -> None:
    mission = one_group()
    # the first hour has the least excess, the second needs less of the limit on third countries
    found = judge(mission, make_curve([0.9], [0.06], [0.015]), make_curve([0.8], [0.0], [0.03]))

    miss = explain_miss(mission, found)

    assert miss is not None
    assert miss.tried == 2
    (remedy,) = miss.remedies
    assert (remedy.region, remedy.start_s) == (THIRD_COUNTRY, 1_428_087_600)
    assert remedy.needed == pytest.approx(0.03)


def test_given_no_feasible_hour_when_ranked_then_the_least_excess_comes_before_the_target() -> None:
    mission = one_group()

    found = judge(mission, make_curve([0.95], [0.50]), make_curve([0.40], [0.07]))

    assert [round(c.score, 2) for c in found] == [0.40, 0.95]
