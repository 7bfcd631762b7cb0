"""Plan, fly and account for free-balloon drops.

``downwind.plan_mission(mission, wind)``, ``downwind.fly_mission`` and ``downwind.run_demo`` do what
the commands ``plan``, ``fly`` and ``demo`` do, and return a ``PlanResult``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from downwind.version import VERSION

if TYPE_CHECKING:
    from downwind.errors import DownwindError
    from downwind.plan.mission_file import read_mission
    from downwind.plan.result import PlanResult
    from downwind.service.missions import fly_mission, plan_mission, run_demo
    from downwind.service.weather import check_weather
    from downwind.wind.sources import read_weather

__all__ = [
    "DownwindError",
    "PlanResult",
    "__version__",
    "check_weather",
    "fly_mission",
    "plan_mission",
    "read_mission",
    "read_weather",
    "run_demo",
]

__version__ = VERSION

_HOMES = {
    "DownwindError": "downwind.errors",
    "PlanResult": "downwind.plan.result",
    "check_weather": "downwind.service.weather",
    "fly_mission": "downwind.service.missions",
    "plan_mission": "downwind.service.missions",
    "read_mission": "downwind.plan.mission_file",
    "read_weather": "downwind.wind.sources",
    "run_demo": "downwind.service.missions",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'downwind' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
