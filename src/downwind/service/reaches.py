"""From where and when a target can be reached: read, compute, write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from downwind.board import reach
from downwind.board.reach import Reachable
from downwind.plan.evaluate import Progress
from downwind.plan.mission_file import read_mission
from downwind.plan.solve import quiet
from downwind.service.mixing import WindChoice, find_chosen
from downwind.service.weather import lay_out_wind

MARK_FILE: Final = "reach.json"
"""A folder that holds this file holds an answer of ``downwind reach``."""


def find_reachable(
    mission: Path,
    wind: Sequence[str | Path] = (),
    output: Path | None = None,
    *,
    force: bool = False,
    seed: int | None = None,
    progress: Progress = quiet,
    beside: Sequence[Sequence[str | Path]] = (),
    weights: Sequence[float] | None = None,
) -> Reachable:
    """Find the sites, places and hours from which a mission's target can be reached.

    Parameters
    ----------
    mission : pathlib.Path
        A mission file.
    wind : sequence of str or pathlib.Path
        Weather files, joined into one wind, or ids or names of stored winds; without any the newest
        stored wind that holds the sites and hours.
    output : pathlib.Path, optional
        A folder to write ``reach.json``, ``reach.txt`` and ``reach.png`` into.
    force : bool
        Replace such a folder that stands there.
    seed : int, optional
        Overrides the mission's seed.
    progress : callable
        Called with a stage's name and a fraction of it.
    beside, weights : sequence, optional
        Other winds and the weight of each, as for ``plan_mission``.

    Raises
    ------
    DownwindError
        One of its kinds, with what is wrong, where, and what to do next.
    """
    if output is not None:
        from downwind.io.folder import check_results_folder

        check_results_folder(Path(output), force, MARK_FILE)
    choice = WindChoice.of(wind, beside, weights)
    choice.check()
    read = read_mission(Path(mission), seed)
    progress("reading the wind", 0.0)
    cube = find_chosen(read, choice)
    progress("laying out the wind", 0.0)
    result = reach.find_reachable(read, lay_out_wind(cube, read), progress)
    if output is not None:
        _write(result, Path(output), force)
    progress("done", 1.0)
    return result


def _write(result: Reachable, output: Path, force: bool) -> None:
    from downwind.io.folder import results_folder
    from downwind.io.reach_json import write_reach_json
    from downwind.report.reach_plot import draw_reach
    from downwind.report.reach_text import reach_text

    with results_folder(output, force, MARK_FILE) as folder:
        write_reach_json(result, folder / MARK_FILE)
        (folder / "reach.txt").write_text(reach_text(result), "utf-8")
        draw_reach(result, folder / "reach.png")
