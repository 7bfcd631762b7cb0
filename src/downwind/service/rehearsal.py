"""Compile every kernel ahead of the night: small flights that call all that a real one calls.

Numba compiles a function for the types that it is called with, so that the surest list of what has
to be compiled is a run. The flights here have in common with real ones which kernels are called,
with which types.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from downwind.compiled.kernels import KERNELS
from downwind.compiled.state import digest_all_sources
from downwind.compiled.store import remove_old, write_ready
from downwind.errors import DownwindError
from downwind.plan import solve
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.solve import quiet
from downwind.service.demonstration import demonstration_mission_text, demonstration_wind
from downwind.service.missions import run_demo
from downwind.service.weather import lay_out_wind
from downwind.wind.cube import WindCube, validate_cube

_BOX = (118.0, 30.0, 142.0, 48.0)
_SPACING_DEG = 2.0
_SMALL_BOX = (124.0, 35.0, 129.0, 38.25)
_SMALL_SPACING_DEG = 0.25
_STEP_S = 6 * 3600.0
_STEADY_HOURS = 36.0
_LEAD_HOURS = 24.0
"""Lead of the forecast whose error the made winds have [h]."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What compiling ahead did.

    Attributes
    ----------
    compiled, loaded : int
        Kernels compiled now, and kernels that an earlier run had left.
    unkept : int
        Kernels that were compiled and found no place to be kept.
    seconds : float
        How long it took [s].
    removed : int
        Old kernels deleted.
    """

    compiled: int
    loaded: int
    unkept: int
    seconds: float
    removed: int

    def to_text(self) -> str:
        """Return what was done, in a line or two."""
        text = f"compiled {self.compiled} kernels in {self.seconds:.1f} s; {self.loaded} were there"
        if self.removed:
            text += f"; {self.removed} old ones deleted"
        if self.unkept:
            text += f"\n{self.unkept} found no place to be kept: see the line 'compiled code'"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as they stand in the JSON."""
        return {
            "compiled": self.compiled,
            "loaded": self.loaded,
            "unkept": self.unkept,
            "seconds": round(self.seconds, 1),
            "removed": self.removed,
        }


def compile_ahead(progress: Callable[[str, float], None] = quiet) -> Rehearsal:
    """Compile every kernel that a run may need, and keep it for later runs.

    Each flight has a process of its own: in one that has compiled a kernel for some types, numba
    takes it for others that convert to them, and another run would have to compile.

    Parameters
    ----------
    progress : callable
        Called with what is being done and the fraction that is done.

    Raises
    ------
    DownwindError
        If a flight that calls the kernels fails.
    """
    begin = time.perf_counter()
    removed = remove_old()
    names: dict[str, set[str]] = {"compiled": set(), "loaded": set(), "unkept": set()}
    for i, title in enumerate(FLIGHTS):
        progress(f"compiling for {title}", i / len(FLIGHTS))
        for kind, found in _rehearse_apart(title).items():
            names[kind].update(found)
    progress("done", 1.0)
    needed = names["compiled"] | names["loaded"]
    if not names["unkept"]:
        write_ready(needed, digest_all_sources())
    return Rehearsal(
        compiled=len(names["compiled"]),
        loaded=len(needed - names["compiled"]),
        unkept=len(names["unkept"]),
        seconds=time.perf_counter() - begin,
        removed=removed,
    )


def rehearse(title: str) -> dict[str, list[str]]:
    """Fly one of ``FLIGHTS``; return the kernels that were compiled, loaded and not kept."""
    FLIGHTS[title]()
    return {
        "compiled": sorted({name for kernel in KERNELS for name in kernel.compiled}),
        "loaded": sorted({name for kernel in KERNELS for name in kernel.loaded}),
        "unkept": sorted({name for kernel in KERNELS for name in kernel.unkept}),
    }


def _rehearse_apart(title: str) -> dict[str, list[str]]:
    code = f"import json; from {__name__} import rehearse; print(json.dumps(rehearse({title!r})))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise DownwindError(
            f"compiling for {title} failed: {last}", "downwind doctor says what is broken"
        )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def _make_cube() -> WindCube:
    return demonstration_wind().to_cube(_BOX, _SPACING_DEG, _STEP_S)


def _make_small_cube() -> WindCube:
    return demonstration_wind().to_cube(_SMALL_BOX, _SMALL_SPACING_DEG, _STEP_S)


def _plan(cube: WindCube, mission: Mission) -> object:
    return solve.plan_mission(mission, lay_out_wind(cube, mission), quiet)


def _fly(cube: WindCube, mission: Mission) -> object:
    return solve.fly_mission(mission, lay_out_wind(cube, mission), quiet)


def _make_mission(
    timer_setting: str | None = None,
    steady_hours: float | None = None,
    lead_hours: float | None = _LEAD_HOURS,
) -> Mission:
    """Return the demonstration with few draws, balloons, items and candidates.

    Its wind has the error of a forecast of a lead [h]; for None it is taken as it is.
    """
    text = deepcopy(tomllib.loads(demonstration_mission_text()))
    text["mission"]["draws"] = 20
    text["launch"]["times"] = text["launch"]["times"][:1]
    text["search"] |= {"free_lifts": ["10 %"], "timer_step": "50 min"}
    for balloon in text["balloon"]:
        balloon["count"] = 2
        balloon["load"] = [load | {"count": 40} for load in balloon["load"]]
        if timer_setting is not None:
            balloon["timer_setting"] = timer_setting
    text["wind"] = {}
    if steady_hours is not None:
        text["wind"]["steady_hours"] = steady_hours
    if lead_hours is not None:
        text["wind"]["error"] = {"lead_hours": lead_hours}
    return parse_mission(text)


def _add_fields(cube: WindCube) -> WindCube:
    """Return a cube with all that a weather file may bring besides wind and height."""
    data = cube.dataset
    every = data["eastward_wind"]
    surface = every.isel(level=0, drop=True)
    added = {
        "upward_air_velocity": xr.full_like(every, 0.01),
        "air_temperature": xr.full_like(every, 250.0),
        "eastward_wind_10m": surface.copy(),
        "northward_wind_10m": surface.copy(),
        "surface_altitude": xr.zeros_like(surface.isel(realization=0, time=0, drop=True)),
    }
    units = {"air_temperature": "K", "surface_altitude": "m"}
    for name, field in added.items():
        field.attrs = {"units": units.get(name, "m s-1"), "standard_name": name}
    full = data.assign({name: field.astype(np.float32) for name, field in added.items()})
    return validate_cube(full)


def _keep_hour(cube: WindCube) -> WindCube:
    return validate_cube(cube.dataset.isel(time=slice(1, 2)))


FLIGHTS: Final[dict[str, Callable[[], object]]] = {
    "the demonstration": run_demo,
    "a plan": lambda: _plan(_make_cube(), _make_mission()),
    "a flight": lambda: _fly(_make_cube(), _make_mission(timer_setting="40 min")),
    "a full weather file": lambda: _plan(_add_fields(_make_cube()), _make_mission()),
    "a weather file taken as it is": lambda: _fly(
        _add_fields(_make_cube()), _make_mission(timer_setting="40 min", lead_hours=None)
    ),
    "a single hour": lambda: _plan(
        _keep_hour(_make_cube()), _make_mission(steady_hours=_STEADY_HOURS)
    ),
    "items that leave the data": lambda: _plan(_make_small_cube(), _make_mission()),
}
"""The flights that together call every kernel, the demonstration whole, the others small."""
