"""Enough draws: stages fixed beforehand, and why there are no more."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from downwind.errors import MissionError
from downwind.landing.regions import HOME, TARGET
from downwind.landing.shares import estimate_share
from downwind.plan import enough
from downwind.plan.enough import (
    Ending,
    Stage,
    find_least_sure,
    monte_carlo_error,
    run_stages,
    stage_draws,
)
from downwind.plan.mission_file import parse_mission
from downwind.plan.result import LimitCheck, PlanResult
from downwind.plan.sampling_text import sampling_statements, sampling_warning
from downwind.plan.solve import fly_mission
from downwind.report._text import limit_state
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import build_grid
from tests.small_mission import SMALL


def small(**keys: Any) -> dict[str, Any]:
    table = copy.deepcopy(SMALL)
    table["mission"] |= {"draws": 20, **keys}
    table["search"] = {"timer_from": "40 min", "timer_until": "50 min", "timer_step": "10 min"}
    return table


def flown(error: dict[str, Any] | None = None, **keys: Any) -> PlanResult:
    table = small(**keys)
    table["wind"] = {"error": error or {"use": "off"}}
    mission = parse_mission(table)
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return fly_mission(mission, build_grid(cube, mission.wind))


def test_given_a_ceiling_when_staged_then_draws_double_up_to_it() -> None:
    mission = parse_mission(small(precision="1 %", draws_most=100))
    assert list(stage_draws(mission)) == [20, 40, 80, 100]
    assert list(stage_draws(replace(mission, precision=None))) == [20]
    assert parse_mission(small(draws=4_000)).draws_most == 4_000


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"draws_most": 100}, "mission.draws_most"),
        ({"precision": "1 %", "draws_most": 20, "draws": 40}, "mission.draws_most"),
        ({"precision": "0 %"}, "mission.precision"),
        ({"precision": "40 %"}, "mission.precision"),
        ({"precision": "1 km"}, "mission.precision"),
        ({"precision": "1 %", "draws_most": 10_000_000}, "mission.draws_most"),
    ],
)
def test_given_a_bad_precision_or_ceiling_when_read_then_the_fault_names_its_place(
    keys: dict[str, Any], place: str
) -> None:
    with pytest.raises(MissionError) as caught:
        parse_mission(small(**keys))
    assert place in [where for where, _ in caught.value.faults]


def test_given_nothing_seen_when_judged_then_it_is_no_more_sure_than_its_bound() -> None:
    none = estimate_share(np.zeros(200))
    assert none.standard_error == 0.0
    assert monte_carlo_error(none) == pytest.approx(0.0149 / 3.92, rel=0.01)
    half = estimate_share(np.tile([0.0, 1.0], 100))
    assert monte_carlo_error(half) == half.standard_error
    assert find_least_sure({TARGET: half, HOME: none}, {HOME: none}).region == TARGET


def test_given_no_room_when_staged_then_it_stops_and_says_why() -> None:
    mission = parse_mission(small(precision="1 %", draws_most=100))
    tried: list[int] = []

    def evaluate(draws: int) -> int:
        tried.append(draws)
        return draws

    found, stages, ending = run_stages(
        mission, evaluate, lambda n: Stage(n, 0.1, TARGET), lambda n: n <= 40
    )
    assert (found, ending, tried) == (40, Ending.MEMORY, [20, 40])
    assert [s.draws for s in stages] == [20, 40]


def test_given_a_wanted_error_when_flown_then_draws_are_added_until_it_is_met() -> None:
    result = flown(precision="3 %", draws_most=320)
    found = result.sampling
    assert found is not None
    assert found.ending is Ending.MET
    assert found.stages[0].error > 0.03 >= found.reached
    assert [s.draws for s in found.stages] == [20 * 2**i for i in range(len(found.stages))]
    assert result.run.draws == result.mission.draws == found.draws > 20
    assert {s.draws for s in result.load_shares.values()} == {found.draws}
    # the draws of the search stay its own
    assert result.groups[0].curve.shares[TARGET].shape[1] == found.search_draws == 20
    text = " ".join(sampling_statements(found))
    assert f"met with {found.draws} draws" in text
    assert not sampling_warning(found)
    # the same as if so many had been asked for at once
    alone = flown(draws=found.draws)
    assert alone.load_shares == result.load_shares


def test_given_a_ceiling_too_low_when_flown_then_the_warnings_say_so() -> None:
    result = flown(precision="0.1 %", draws_most=40)
    assert result.sampling is not None
    assert result.sampling.ending is Ending.CEILING
    assert any("NOT met with 40 draws" in warning for warning in result.warnings)


def test_given_drawn_errors_when_more_draws_are_flown_then_each_has_an_error_of_its_own() -> None:
    result = flown({"use": "on", "lead_hours": 24}, precision="0.1 %", draws_most=40)
    assert result.sampling is not None
    assert result.grid.member_count == 40
    assert result.sampling.has_own_errors
    assert "given the error of the wind that is drawn" in " ".join(
        sampling_statements(result.sampling)
    )


def test_given_large_fleets_or_errors_when_asked_for_room_then_there_is_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = flown()
    assert enough.has_room(result.mission, result.grid, 3_200)
    monkeypatch.setattr(enough, "MOST_ROWS", 20 * 4 * 9)
    assert enough.has_room(result.mission, result.grid, 20)
    assert not enough.has_room(result.mission, result.grid, 40)


def test_given_a_limit_within_the_interval_when_told_then_it_is_not_distinguishable() -> None:
    near = estimate_share(np.repeat([1.0, 0.0], [3, 97]))
    check = LimitCheck(HOME, "falling short", 0.05, near, near)
    assert limit_state(check).startswith("met, but not distinguishable from the limit (95 %: 0.6")
    far = replace(check, limit=0.5)
    assert limit_state(far) == "met"
    assert limit_state(replace(check, limit=0.02)).startswith("NOT MET, but not dist")
    none, rare = replace(near, mean=0.0, low=0.0, high=0.26), replace(near, low=0.0, high=0.02)
    assert "0.0 to 26.0 %" in limit_state(replace(check, share=none, worst=rare))
