"""Fills between those that a mission lists."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from downwind.landing.clusters import each_draw
from downwind.landing.regions import HOME, LEFT_DATA, TARGET, THIRD_COUNTRY
from downwind.plan import fills_between
from downwind.plan.fills_between import FillTrials, neighbours, refine_fills
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.search import judge_candidate
from downwind.plan.timer_curve import TimerCurve
from tests.small_mission import SMALL
from tests.unit.plan.made_curves import SITE, make_curve

START_S = 1_428_084_000
NOISE = np.linspace(-1.0, 1.0, 21)


def made_mission(**search: Any) -> Mission:
    """Return the small mission's first group with fills of 8, 10 and 15 %."""
    table: dict[str, Any] = {**SMALL, "balloon": SMALL["balloon"][:1]}
    table["search"] = {**SMALL["search"], "free_lifts": ["8 %", "10 %", "15 %"], **search}
    return parse_mission(table)


def refine(
    monkeypatch: pytest.MonkeyPatch, mission: Mission, best: float, slope: float, scatter: float
) -> FillTrials:
    """Refine fills where the share in the target falls off from a best one.

    The draws of two fills differ by a scatter of their own.
    """

    def curve(fill: float, timer_s: np.ndarray[Any, np.dtype[np.float64]]) -> TimerCurve:
        own = np.random.default_rng(round(1e6 * fill)).normal(0.0, scatter, NOISE.size)
        made = make_curve([0.0] * timer_s.size, [0.0] * timer_s.size, timer_s=timer_s.tolist())
        setting = dataclasses.replace(made.setting, free_lift=fill)
        target = np.tile(0.9 - slope * abs(fill - best) + 0.01 * NOISE + own, (timer_s.size, 1))
        zero = np.zeros_like(target)
        shares = {TARGET: target, HOME: zero, THIRD_COUNTRY: zero, LEFT_DATA: zero}
        return dataclasses.replace(
            made, setting=setting, shares=shares, clusters=each_draw(NOISE.size)
        )

    def screen(*given: Any, free_lifts: tuple[float, ...], **rest: Any) -> Any:
        del rest
        return SimpleNamespace(curves=[curve(fill, given[6]) for fill in free_lifts])

    monkeypatch.setattr(fills_between, "screen_candidates", screen)
    monkeypatch.setattr(fills_between, "curve_of", lambda made, start, fill: made.curves[fill])
    times = np.arange(1200.0, 5401.0, 600.0)
    listed = [curve(fill, times) for fill in mission.search.free_lifts]
    found = judge_candidate(mission, SITE, START_S, [listed])
    none: Any = None
    return refine_fills(mission, none, none, none, none, found)[1][0]


def test_given_a_listed_fill_when_its_neighbours_are_asked_then_the_list_bounds_them() -> None:
    assert neighbours((0.08, 0.1, 0.15), 0.1) == (0.08, 0.15)
    assert neighbours((0.08, 0.1, 0.15), 0.08) == (0.08, 0.1)
    assert neighbours((0.1,), 0.1) == (0.1, 0.1)


def test_given_a_best_between_when_refined_then_it_is_found_and_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = refine(monkeypatch, made_mission(), best=0.125, slope=4.0, scatter=0.0)

    assert found.best_listed == 0.1
    assert found.chosen == pytest.approx(0.125, abs=0.0051)
    assert found.gain is not None
    assert found.gain.mean == pytest.approx(4.0 * (0.025 - abs(found.chosen - 0.125)))
    assert all(0.08 < fill < 0.15 for fill in found.between)


def test_given_a_gain_within_its_error_when_refined_then_the_listed_fill_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = refine(monkeypatch, made_mission(), best=0.1005, slope=0.01, scatter=0.02)

    assert found.between
    assert found.chosen in (0.08, 0.1, 0.15)
    assert found.chosen == found.best_listed


def test_given_fill_between_off_when_refined_then_nothing_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mission = made_mission(fill_between=False)

    found = refine(monkeypatch, mission, best=0.125, slope=4.0, scatter=0.0)

    assert (found.between, found.chosen) == ((), 0.1)


def test_given_one_fill_when_refined_then_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    mission = made_mission(free_lifts=["10 %"])

    found = refine(monkeypatch, mission, best=0.125, slope=4.0, scatter=0.0)

    assert (found.between, found.chosen) == ((), 0.1)
