"""Intervals between releases: read from a mission, and searched."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from downwind.errors import MissionError
from downwind.plan import intervals
from downwind.plan.intervals import MOST_TRIALS, IntervalTrials, gaps_of, search_intervals
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.search import judge_candidate, timer_settings
from downwind.plan.timer_curve import TimerCurve
from tests.small_mission import SMALL
from tests.unit.plan.made_curves import SITE, make_curve

START_S = 1_428_084_000


def made_table(*after: Any) -> dict[str, Any]:
    """Return the small mission's first group with a later release for each interval."""
    table: dict[str, Any] = copy.deepcopy({**SMALL, "balloon": SMALL["balloon"][:1]})
    table["balloon"][0]["then"] = [
        {"after": gap, "load": [{"item": "leaflet-film-12x5", "count": 600}]} for gap in after
    ]
    return table


def search(
    monkeypatch: pytest.MonkeyPatch, mission: Mission, best_min: tuple[float, ...]
) -> tuple[Mission, IntervalTrials | None]:
    """Search where the share in the target falls off from a best first setting and intervals."""

    def trace(moved: Mission, g: int, *rest: Any) -> TimerCurve:
        timer_s = np.asarray(rest[-1])
        gaps = np.array(gaps_of(moved.groups[g])) / 60.0
        away = np.sum((gaps - best_min[1:]) ** 2) + (timer_s / 60.0 - best_min[0]) ** 2
        # a ridge: a later first release is made good by shorter intervals
        away += 0.5 * (timer_s / 60.0 + gaps.sum() - sum(best_min)) ** 2
        target = 0.9 * np.exp(-away / 2e3)
        return make_curve(target.tolist(), [0.0] * timer_s.size, timer_s=timer_s.tolist())

    monkeypatch.setattr(intervals, "trace_timers", trace)
    none: Any = None
    settings = timer_settings(mission, mission.groups[0])
    first = judge_candidate(mission, SITE, START_S, [[trace(mission, 0, settings)]])
    moved, found, trials = search_intervals(mission, none, none, none, none, first)
    assert found.score >= first.score
    return moved, trials[0]


def test_given_open_intervals_when_searched_then_the_best_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mission = parse_mission(made_table(["10 min", "40 min"], ["5 min", "45 min"]))

    moved, trials = search(monkeypatch, mission, (50.0, 17.0, 33.0))

    assert trials is not None
    assert trials.start_s == (1500.0, 1500.0)
    assert gaps_of(moved.groups[0]) == trials.chosen_s
    assert np.array(trials.chosen_s) / 60.0 == pytest.approx((17.0, 33.0), abs=2.0)
    assert trials.chosen_target > trials.start_target
    assert trials.gain.mean == pytest.approx(trials.chosen_target - trials.start_target)
    assert trials.gain.standard_error >= 0.0
    assert trials.tried <= MOST_TRIALS


def test_given_a_best_outside_the_range_when_searched_then_the_range_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mission = parse_mission(made_table(["10 min", "20 min"], "30 min"))

    moved, trials = search(monkeypatch, mission, (50.0, 45.0, 5.0))

    assert trials is not None
    assert trials.chosen_s[0] == pytest.approx(1200.0)
    assert gaps_of(moved.groups[0])[1] == 1800.0  # stated, so it stays


def test_given_stated_intervals_when_searched_then_nothing_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mission = parse_mission(made_table("30 min"))

    moved, trials = search(monkeypatch, mission, (50.0, 5.0))

    assert trials is None
    assert moved == mission


def test_given_search_when_read_then_its_range_and_start_are_held() -> None:
    group = parse_mission(made_table("search")).groups[0]

    assert group.releases[1].gap_range_s == (300.0, 3600.0)
    assert group.releases[1].after_s == 1920.0  # the middle, in whole minutes
    assert group.latest_after_s == 3600.0


def test_given_a_narrow_range_when_read_then_its_start_lies_within() -> None:
    group = parse_mission(made_table(["90 s", "100 s"])).groups[0]

    assert 90.0 <= group.releases[1].after_s <= 100.0


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (["40 min", "10 min"], "shorter end stands first"),
        (["0 min", "10 min"], "above 0"),
        (["10 min"], "one time, a range"),
        (["10 min", "20 min", "30 min"], "one time, a range"),
        ("soon", "soon"),
        ("-5 min", "above 0"),
    ],
)
def test_given_a_bad_interval_when_read_then_its_place_and_fault_are_named(
    after: Any, words: str
) -> None:
    with pytest.raises(MissionError) as caught:
        parse_mission(made_table(after))

    places = [place for place, _ in caught.value.faults]
    assert any(place.startswith("balloon[0].then[0].after") for place in places)
    assert words in str(caught.value.faults)


@pytest.mark.parametrize(("key", "value"), [("aim", "all"), ("fill_between", "perhaps")])
def test_given_a_bad_key_of_the_search_when_read_then_it_is_named(key: str, value: str) -> None:
    table = made_table("10 min")
    table["search"] = {**table["search"], key: value}

    with pytest.raises(MissionError) as caught:
        parse_mission(table)

    assert caught.value.faults[0][0] == f"search.{key}"
