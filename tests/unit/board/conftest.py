"""A small mission with a board's hours in the demonstration's wind, and rules that say nothing."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from downwind.board import solve
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.rules.findings import Compliance
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

BOX = (116.0, 32.0, 138.0, 46.0)
HOURS = {"from": "2015-04-03T12:00Z", "until": "2015-04-04T22:00Z", "every": "3 h"}


def board_mission(**tables: Any) -> Mission:
    """Return a mission of one group and few draws, with keys of its tables replaced."""
    table = copy.deepcopy(SMALL)
    table["balloon"] = table["balloon"][:1]
    table["balloon"][0] |= {"count": 2, "load": [{"item": "dvd", "count": 800}]}
    table["search"] |= {"timer_until": "80 min", "timer_step": "20 min"}
    table["launch"] = {"times": ["2015-04-03T18:00Z"], "spacing": "30 s"}
    for name, values in tables.items():
        if name == "balloon":
            table[name][0] |= values
        elif name == "launch":
            table[name] = {"spacing": "30 s", **values}
        else:
            table[name] = {**table.get(name, {}), **values} if isinstance(values, dict) else values
    return replace(parse_mission(table), draws_most=80)


@pytest.fixture(scope="package")
def grid() -> WindGrid:
    cube = demonstration_wind().to_cube(BOX, 2.0, 3 * 3600.0)
    return build_grid(cube, board_mission().wind)


@pytest.fixture
def no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no rule stand open."""
    monkeypatch.setattr(solve, "judge_launch", lambda *_: Compliance(()))
