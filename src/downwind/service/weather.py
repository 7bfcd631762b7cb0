"""What a weather file holds, and the wind that a mission flies in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from downwind.geo.sphere import distance_m
from downwind.plan.mission import Mission
from downwind.wind.check import WeatherReport, inspect_weather
from downwind.wind.cube import WindCube
from downwind.wind.grid import WindGrid, build_grid

if TYPE_CHECKING:
    from downwind.plan.mission import Site

GRID_BYTES: Final = 2 << 30
"""A wind grid beyond this size is cropped to what the flights can reach [bytes]."""

_ENVELOPE_S: Final = 15 * 3600.0
_NODES: Final = 130


def check_weather(paths: Sequence[Path]) -> WeatherReport:
    """Say what weather files hold, what they lack, and what they can serve.

    Parameters
    ----------
    paths : sequence of pathlib.Path

    Raises
    ------
    WeatherFileError
        If a file is no weather or cannot be read, or ends too early.
    """
    return inspect_weather([Path(p) for p in paths])


def lay_out_wind(cube: WindCube, mission: Mission) -> WindGrid:
    """Lay a cube out for a mission: its bridges, the first member, what the flights can reach."""
    note = (
        f"{cube.member_count} members in the file; the first is flown"
        if cube.member_count > 1
        else None
    )
    grid = build_grid(cube, mission.wind, _reach(cube, mission), member_limit=1)
    if note is None:
        return grid
    return replace(grid, notes=(*grid.notes, note))


def _reach(cube: WindCube, mission: Mission) -> tuple[float, float, float] | None:
    """Return what to keep of a large cube: no wind in it carries anything further."""
    columns = cube.latitude.size * cube.longitude.size * max(cube.times_s.size, 2)
    if 12 * _NODES * columns < GRID_BYTES:
        return None
    speed = math.hypot(
        *(
            float(np.abs(cube.dataset[name].values).max())
            for name in ("eastward_wind", "northward_wind")
        )
    )
    first: Site = mission.sites[0]
    apart = max(
        float(distance_m(first.longitude, first.latitude, s.longitude, s.latitude))
        for s in mission.sites
    )
    return first.longitude, first.latitude, apart + speed * (mission.fleet_span_s + _ENVELOPE_S)
