"""Plan, fly and account for free-balloon drops.

``downwind.plan_mission(mission, wind)``, ``downwind.fly_mission`` and ``downwind.run_demo`` do what
the commands ``plan``, ``fly`` and ``demo`` do, and return a ``PlanResult``;
``downwind.make_board`` does what ``board`` does, and returns a ``Board``;
``downwind.find_reachable`` what ``reach`` does. Without a wind,
``downwind.fill_mission`` and ``downwind.fill_vehicle`` say how to fill, ``downwind.size_fleet`` how
many balloons a load takes, ``downwind.list_items`` and ``downwind.list_vehicles`` what there is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from downwind.version import VERSION

if TYPE_CHECKING:
    from downwind.board.result import Board
    from downwind.errors import DownwindError
    from downwind.plan.mission_file import read_mission
    from downwind.plan.result import PlanResult
    from downwind.service.boards import make_board
    from downwind.service.catalogues import list_items, list_vehicles
    from downwind.service.comparisons import compare_weather
    from downwind.service.fills import FillConditions, FillRequest, fill_mission, fill_vehicle
    from downwind.service.fleets import check_mission_fleet, size_fleet
    from downwind.service.missions import fly_mission, plan_mission, run_demo
    from downwind.service.reaches import find_reachable
    from downwind.service.scores import score_predictions
    from downwind.service.weather import check_weather
    from downwind.wind.sources import read_weather

__all__ = [
    "Board",
    "DownwindError",
    "FillConditions",
    "FillRequest",
    "PlanResult",
    "__version__",
    "check_mission_fleet",
    "check_weather",
    "compare_weather",
    "fill_mission",
    "fill_vehicle",
    "find_reachable",
    "fly_mission",
    "list_items",
    "list_vehicles",
    "make_board",
    "plan_mission",
    "read_mission",
    "read_weather",
    "run_demo",
    "score_predictions",
    "size_fleet",
]

__version__ = VERSION

_HOMES = {
    "Board": "downwind.board.result",
    "DownwindError": "downwind.errors",
    "FillConditions": "downwind.service.fills",
    "FillRequest": "downwind.service.fills",
    "PlanResult": "downwind.plan.result",
    "check_mission_fleet": "downwind.service.fleets",
    "check_weather": "downwind.service.weather",
    "compare_weather": "downwind.service.comparisons",
    "fill_mission": "downwind.service.fills",
    "fill_vehicle": "downwind.service.fills",
    "find_reachable": "downwind.service.reaches",
    "fly_mission": "downwind.service.missions",
    "list_items": "downwind.service.catalogues",
    "list_vehicles": "downwind.service.catalogues",
    "make_board": "downwind.service.boards",
    "plan_mission": "downwind.service.missions",
    "read_mission": "downwind.plan.mission_file",
    "read_weather": "downwind.wind.sources",
    "run_demo": "downwind.service.missions",
    "score_predictions": "downwind.service.scores",
    "size_fleet": "downwind.service.fleets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'downwind' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
