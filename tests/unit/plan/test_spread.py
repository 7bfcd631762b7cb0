"""A fleet whose balloons share out several settings: the split, and the whole plan with it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib.text import Text

from downwind.io.plan_json import plan_document
from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import plan_mission
from downwind.report.curve_plot import make_curve
from downwind.report.summary import plan_text
from downwind.report.timer_card import timer_card
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import build_grid
from tests.small_mission import SMALL

# a box of some 100 by 130 km north of the site, over which the load drifts along
TARGET = {
    "type": "Feature",
    "properties": {"name": "box"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [[126.6, 38.0], [128.6, 38.0], [128.6, 39.2], [126.6, 39.2], [126.6, 38.0]]
        ],
    },
}


@pytest.fixture(scope="module")
def even_plan(tmp_path_factory: pytest.TempPathFactory) -> PlanResult:
    """Return the plan of a small fleet that covers a box evenly."""
    folder: Path = tmp_path_factory.mktemp("even")
    (folder / "box.geojson").write_text(json.dumps(TARGET), "utf-8")
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 20
    table["target"] = {"geojson": "box.geojson"}
    table["search"]["aim"] = "even"
    table["limits"] = {"falling_short": "60 %", "third_country": "50 %"}
    table["report"] = {"dominance": False}
    mission = parse_mission(table, folder)
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return plan_mission(mission, build_grid(cube, mission.wind))


def test_given_an_even_aim_when_planned_then_each_balloon_and_item_is_there_once(
    even_plan: PlanResult,
) -> None:
    given = parse_mission(SMALL)
    assert even_plan.tried is not None

    assert even_plan.mission.balloon_count == given.balloon_count
    for group, spread in zip(given.groups, even_plan.tried.spreads, strict=True):
        assert spread.parts[0].first == 1
        assert spread.parts[-1].last == group.count
        for before, after in zip(spread.parts[:-1], spread.parts[1:], strict=True):
            assert after.first == before.last + 1
            assert after.timer_s >= before.timer_s
    counts = {kind.kind.name: kind.count for kind in even_plan.kinds}
    assert counts == {"dvd": 2_600, "leaflet-film-12x5": 60_000}


def test_given_an_even_aim_when_planned_then_the_cover_is_more_even_within_the_limits(
    even_plan: PlanResult,
) -> None:
    assert even_plan.tried is not None

    gains = [spread.gain for spread in even_plan.tried.spreads]
    assert all(gain.mean >= -1e-9 for gain in gains)
    assert any(gain.mean > 2.0 * gain.standard_error for gain in gains)
    assert len(even_plan.groups) > 2
    assert even_plan.is_feasible
    timers = {g.group.name: g.setting.timer_s for g in even_plan.groups}
    told = {p.group: p.timer_s for s in even_plan.tried.spreads for p in s.parts}
    assert timers == told


def test_given_an_even_aim_when_shown_then_the_card_says_which_balloons_have_which_setting(
    even_plan: PlanResult,
) -> None:
    card, summary = timer_card(even_plan), plan_text(even_plan)

    for text in (card, summary):
        assert "Settings spread over the balloons, to cover the target evenly" in text
        assert "evenness over" in text
        assert max(map(len, text.splitlines())) <= 80
    document = plan_document(even_plan)
    assert [s["group"] for s in document["tried"]["spreads"]] == ["discs", "leaflets"]
    figure = make_curve(even_plan)
    texts = " ".join(text.get_text() for text in figure.findobj(Text))
    assert all(group.group.name in texts for group in even_plan.groups)
