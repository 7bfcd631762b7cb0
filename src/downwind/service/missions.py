"""Fly a mission, plan it, or show the demonstration: read, compute, write."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from downwind.errors import MissionFileError
from downwind.plan import solve
from downwind.plan.evaluate import Progress
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission, read_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import quiet
from downwind.service.demonstration import demonstration_mission_text, demonstration_wind
from downwind.service.mixing import WindChoice, find_chosen
from downwind.service.weather import lay_out_wind
from downwind.wind.grid import WindGrid, build_grid

DEMONSTRATION_BOX = (110.0, 28.0, 150.0, 50.0)
DEMONSTRATION_SPACING_DEG = 2.0
DEMONSTRATION_STEP_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class _Observed:
    """Files of own observations, and whether they are trusted against the forecast."""

    paths: tuple[Path, ...] = ()
    trust: bool = False


def plan_mission(
    mission: Path,
    wind: Sequence[str | Path] = (),
    output: Path | None = None,
    *,
    observed: Sequence[Path] = (),
    trust_observed: bool = False,
    force: bool = False,
    seed: int | None = None,
    progress: Progress = quiet,
    beside: Sequence[Sequence[str | Path]] = (),
    weights: Sequence[float] | None = None,
) -> PlanResult:
    """Search launch time, fill and timer setting of a mission.

    Parameters
    ----------
    mission : pathlib.Path
        A mission file.
    wind : sequence of str or pathlib.Path
        Weather files, joined into one wind, or ids or names of stored winds; without any the newest
        stored wind that holds the sites and hours.
    output : pathlib.Path, optional
        A folder to write the results into.
    observed : sequence of pathlib.Path
        Own observations of the wind, or soundings, to blend into it.
    trust_observed : bool
        Use levels of them that differ from the wind by more than the gross check allows.
    force : bool
        Replace a results folder that stands there.
    seed : int, optional
        Overrides the mission's seed.
    progress : callable
        Called with a stage's name and a fraction of it.
    beside : sequence of sequence of str or pathlib.Path
        Other winds, each named as ``wind`` is: all together are flown as one weighted set.
    weights : sequence of float, optional
        Weight of each wind, that of ``wind`` first, which add up to 1; without, all weigh the same.

    Raises
    ------
    DownwindError
        One of its kinds, with what is wrong, where, and what to do next.
    """
    own = _Observed(tuple(observed), trust_observed)
    winds = WindChoice.of(wind, beside, weights)
    return _run(solve.plan_mission, mission, winds, own, output, force, seed, progress)


def fly_mission(
    mission: Path,
    wind: Sequence[str | Path] = (),
    output: Path | None = None,
    *,
    observed: Sequence[Path] = (),
    trust_observed: bool = False,
    force: bool = False,
    seed: int | None = None,
    progress: Progress = quiet,
    beside: Sequence[Sequence[str | Path]] = (),
    weights: Sequence[float] | None = None,
) -> PlanResult:
    """Fly the settings that a mission gives; arguments and errors as for ``plan_mission``."""
    own = _Observed(tuple(observed), trust_observed)
    winds = WindChoice.of(wind, beside, weights)
    return _run(solve.fly_mission, mission, winds, own, output, force, seed, progress)


def run_demo(
    output: Path | None = None,
    *,
    force: bool = False,
    seed: int | None = None,
    progress: Progress = quiet,
) -> PlanResult:
    """Plan the demonstration in a synthetic wind; arguments and errors as for ``plan_mission``."""
    _check_output(output, force)
    text = demonstration_mission_text()
    mission = parse_mission(tomllib.loads(text), seed=seed)
    progress("laying out the wind", 0.0)
    cube = demonstration_wind().to_cube(
        DEMONSTRATION_BOX, DEMONSTRATION_SPACING_DEG, DEMONSTRATION_STEP_S
    )
    result = solve.plan_mission(mission, build_grid(cube, mission.wind), progress, "demo")
    _write(result, output, force, text, progress)
    return result


def _run(
    solver: Callable[[Mission, WindGrid, Progress], PlanResult],
    mission_path: Path,
    wind: WindChoice,
    observed: _Observed,
    output: Path | None,
    force: bool,
    seed: int | None,
    progress: Progress,
) -> PlanResult:
    mission_path = Path(mission_path)
    _check_output(output, force)
    wind.check()
    mission = read_mission(mission_path, seed)
    progress("reading the wind", 0.0)
    as_stated = solver is solve.fly_mission
    if observed.paths:
        result = _run_observed(solver, mission, wind, observed, as_stated, progress)
    else:
        cube = find_chosen(mission, wind, as_stated=as_stated)
        progress("laying out the wind", 0.0)
        result = solver(mission, lay_out_wind(cube, mission), progress)
    try:
        text = mission_path.read_text("utf-8")
    except OSError as error:
        raise MissionFileError(f"cannot read the mission {mission_path} again: {error}") from error
    _write(result, output, force, text, progress)
    return result


def _run_observed(
    solver: Callable[[Mission, WindGrid, Progress], PlanResult],
    mission: Mission,
    wind: WindChoice,
    observed: _Observed,
    as_stated: bool,
    progress: Progress,
) -> PlanResult:
    """Solve a mission in a wind with own observations, and say what they changed."""
    from downwind.plan.notes import find_warnings
    from downwind.plan.observed import find_effect
    from downwind.plan.wind_error import settle_wind_error
    from downwind.service.observations import blend_for_mission, find_times, read_profiles

    profiles = read_profiles(observed.paths)
    cube = find_chosen(mission, wind, as_stated=as_stated, also_s=find_times(profiles))
    progress("blending the observation", 0.0)
    blend = blend_for_mission(cube, mission, profiles, observed.trust)
    progress("laying out the wind", 0.0)
    result = solver(mission, lay_out_wind(blend.cube, mission), progress)
    before = settle_wind_error(mission, lay_out_wind(cube, mission))
    effect = find_effect(result, cube, before, blend, progress)
    result = replace(result, observed=effect)
    return replace(result, warnings=find_warnings(result))


def _check_output(output: Path | None, force: bool) -> None:
    if output is not None:
        from downwind.io.folder import check_results_folder

        check_results_folder(Path(output), force)


def _write(
    result: PlanResult, output: Path | None, force: bool, text: str, progress: Progress
) -> None:
    """Write the results where a folder is named; where none is, fly the items for their counts."""
    if output is None:
        result.manifest.tally(progress)
        progress("done", 1.0)
        return
    from downwind.service.results import write_results

    write_results(result, Path(output), force, text, progress)
