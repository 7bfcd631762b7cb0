"""Make a board of a mission: read, judge every site and hour, write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from downwind.board import solve
from downwind.board.result import Board
from downwind.errors import MissionFileError
from downwind.plan.evaluate import Progress
from downwind.plan.mission import Mission
from downwind.plan.mission_file import read_mission
from downwind.plan.solve import quiet
from downwind.service.mixing import WindChoice, find_chosen
from downwind.service.weather import lay_out_wind
from downwind.wind.grid import WindGrid

MARK_FILE: Final = "board.json"
"""A folder that holds this file holds the results of a board."""


def make_board(
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
) -> Board:
    """Judge every site and hour of a mission.

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
        Replace the results of an earlier board that stand there.
    seed : int, optional
        Overrides the mission's seed.
    progress : callable
        Called with a stage's name and a fraction of it.
    beside : sequence of sequence of str or pathlib.Path
        Other winds, each named as ``wind`` is: all together are flown as one weighted set.
    weights : sequence of float, optional
        Weight of each wind, that of ``wind`` first, which add up to 1; without, all weigh the same.

    Returns
    -------
    Board

    Raises
    ------
    DownwindError
        One of its kinds, with what is wrong, where, and what to do next.
    """
    path = Path(mission)
    if output is not None:
        from downwind.io.folder import check_results_folder

        check_results_folder(Path(output), force, MARK_FILE)
    choice = WindChoice.of(wind, beside, weights)
    choice.check()
    asked = read_mission(path, seed)
    progress("reading the wind", 0.0)
    grid = _lay_out(asked, choice, tuple(observed), trust_observed, progress)
    board = solve.make_board(asked, grid, progress)
    if output is not None:
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise MissionFileError(f"cannot read the mission {path} again: {error}") from error
        write_board(board, Path(output), force, text, progress)
    return board


def write_board(
    board: Board, path: Path, force: bool, mission_text: str, progress: Progress = quiet
) -> None:
    """Write a board's files into a new folder: whole, or not at all.

    Parameters
    ----------
    board : Board
    path : pathlib.Path
        The folder to make.
    force : bool
        Replace the results of an earlier board that stand there.
    mission_text : str
        The mission file, which goes along.
    progress : callable
        Called with a stage's name and a fraction of it.

    Raises
    ------
    ResultsExistError, ResultsWriteError, InterruptedRunError
    """
    from downwind.io.board_json import write_board_csv, write_board_json
    from downwind.io.folder import results_folder
    from downwind.report.board_plot import draw_board
    from downwind.report.board_text import board_text

    writers = (
        ("board.json", write_board_json),
        ("board.csv", write_board_csv),
        ("board.png", draw_board),
    )
    texts = {"board.txt": board_text(board), "mission.toml": mission_text, **_rule_texts(board)}
    with results_folder(path, force, MARK_FILE) as folder:
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        for i, (name, write) in enumerate(writers):
            progress("writing " + name, i / len(writers))
            write(board, folder / name)
    progress("done", 1.0)


def _rule_texts(board: Board) -> dict[str, str]:
    """Return the compliance card and the drafts of the best cell, by the names of their files."""
    from downwind.board.reading import best_cell
    from downwind.plan.compliance import launch_facts
    from downwind.report._board_rows import when_text
    from downwind.report._plain import place_text
    from downwind.report.compliance_card import compliance_card
    from downwind.rules.catalogue import load_jurisdictions
    from downwind.rules.drafts import make_drafts
    from downwind.sim.draws import Draws
    from downwind.times import format_minute, parse_time

    cell, run = best_cell(board), board.run
    mission, now_s = board.mission.with_vehicles(cell.vehicles), parse_time(run.created)
    facts = launch_facts(
        mission,
        Draws(mission.seed, mission.draws),
        board.grid,
        board.steps,
        cell.site,
        cell.start_s,
        None if cell.certificate is None else cell.settings,
    )
    site = cell.site
    card = compliance_card(
        cell.compliance,
        [
            ("mission", mission.name),
            ("site", f"{site.name}, {place_text(site.latitude, site.longitude)}"),
            ("first launch", when_text(cell)),
            ("asked at", format_minute(now_s, site.time_zone)),
            ("run", f"downwind {run.version}, run {run.digest[:12]}"),
        ],
    )
    drafts = make_drafts(facts, mission.declared, load_jurisdictions(mission.rule_files), now_s)
    return {"compliance.txt": card, **drafts}


def _lay_out(
    mission: Mission,
    choice: WindChoice,
    observed: tuple[Path, ...],
    trust: bool,
    progress: Progress,
) -> WindGrid:
    """Return the wind that a mission is judged in, with own observations blended into it."""
    if not observed:
        cube = find_chosen(mission, choice)
    else:
        from downwind.service.observations import blend_for_mission, find_times, read_profiles

        profiles = read_profiles(observed)
        cube = find_chosen(mission, choice, also_s=find_times(profiles))
        progress("blending the observation", 0.0)
        cube = blend_for_mission(cube, mission, profiles, trust).cube
    progress("laying out the wind", 0.0)
    return lay_out_wind(cube, mission)
