"""One small result for all tests of files."""

from __future__ import annotations

import copy

import pytest

from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import plan_mission
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import build_grid
from tests.small_mission import SMALL


@pytest.fixture(scope="session")
def small_result() -> PlanResult:
    mission = parse_mission(copy.deepcopy(SMALL))
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return plan_mission(mission, build_grid(cube, mission.wind))
