"""What every output reads off a board alike: what stands open, what decided, which hour is next.

Nothing is computed anew here, save the fill of a setting; words and numbers of a table, a picture
and a file are the same because they come from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from downwind.board.rank import find_excesses, find_next_good
from downwind.board.residents import RESIDENTS, judge_residents
from downwind.board.result import Board, Cell, Verdict, WindVerdict
from downwind.errors import LiftError
from downwind.landing.shares import Share
from downwind.plan.fleet import nominal_fill
from downwind.rules.findings import Compliance, Finding
from downwind.rules.records import Rule
from downwind.vehicle.fill import Fill


@dataclass(frozen=True, slots=True)
class OpenStop:
    """A rule that stands open, with all that it was asked of.

    Attributes
    ----------
    rule : Rule
    findings : tuple of Finding
        One for each subject; where cells differ, that of the best of them.
    cells : tuple of int
        Indices of the cells that it stops, in the order of the board.
    is_everywhere : bool
        Whether these are all of them.
    differing : frozenset of str
        Subjects of which other cells say something else, such as another probability.
    """

    rule: Rule
    findings: tuple[Finding, ...]
    cells: tuple[int, ...]
    is_everywhere: bool
    differing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NextHour:
    """Which cell to take if the best is missed.

    Attributes
    ----------
    index : int
        Of the cell, in the order of the board.
    cell : Cell
    is_good : bool
        Whether it is GO, or, where rules stand open, within limits by the wind and not forbidden
        by anything but rules. If not, it is the best of those that are left.
    """

    index: int
    cell: Cell
    is_good: bool


def best_cell(board: Board) -> Cell:
    """Return the first cell of the ranking."""
    return board.cells[board.ranking[0]]


def open_stops(board: Board) -> tuple[OpenStop, ...]:
    """Return the rules that stand open, each once: those of every cell first.

    Parameters
    ----------
    board : Board
    """
    rules: dict[str, Rule] = {}
    found: dict[str, dict[str, Finding]] = {}
    stopped: dict[str, set[int]] = {}
    differing: dict[str, set[str]] = {}

    def add(compliance: Compliance, cells: range | tuple[int, ...]) -> None:
        for finding in compliance.stops:
            name = finding.rule.name
            rules.setdefault(name, finding.rule)
            first = found.setdefault(name, {}).setdefault(finding.subject, finding)
            if first.text != finding.text:
                differing.setdefault(name, set()).add(finding.subject)
            stopped.setdefault(name, set()).update(cells)

    every = range(len(board.cells))
    add(board.compliance, every)
    for index in board.ranking:
        add(board.cells[index].compliance, (index,))
    stops = [
        OpenStop(
            rule,
            tuple(found[name].values()),
            tuple(sorted(stopped[name])),
            len(stopped[name]) == len(board.cells),
            frozenset(differing.get(name, ())),
        )
        for name, rule in rules.items()
    ]
    return tuple(sorted(stops, key=lambda stop: not stop.is_everywhere))


def wind_verdict(cell: Cell) -> WindVerdict | None:
    """Return what the wind alone says of a cell; None where fresh draws were not asked.

    Where the screen ruled a cell out, it breaks a limit by the screen.
    """
    if cell.certificate is not None:
        return cell.certificate.verdict
    return None if cell.meets_screen else WindVerdict.BREAKS


def next_hour(board: Board) -> NextHour | None:
    """Return the hour to take if the best is missed: the next good one, or the best of the later.

    Parameters
    ----------
    board : Board

    Returns
    -------
    NextHour or None
        None where no cell is later than the best.
    """
    start = best_cell(board).start_s
    later = [i for i in board.ranking if board.cells[i].start_s > start]
    if not later:
        return None
    good = find_next_good(board.cells, board.ranking, start)
    if good is None:
        return NextHour(later[0], board.cells[later[0]], is_good=False)
    return NextHour(next(i for i in later if board.cells[i] is good), good, is_good=True)


def cell_shares(cell: Cell) -> dict[str, Share]:
    """Return the shares to show of a cell: of fresh draws, or else of the screen."""
    return cell.screened if cell.certificate is None else cell.certificate.shares


def deciding_limit(board: Board, cell: Cell) -> str:
    """Return the region whose limit decided a cell by the wind; empty where none did.

    ``residents`` where the limit for them did. Of a screened cell it is the limit that is broken
    most.

    Parameters
    ----------
    board : Board
    cell : Cell
    """
    if judge_residents(cell.certificate, cell.residents) is not None:
        return RESIDENTS
    if cell.certificate is not None:
        return cell.certificate.decided_by
    if cell.meets_screen:
        return ""
    excess = find_excesses(board.mission, cell.screened)
    worst = max(excess, key=lambda name: excess[name])
    return worst if excess[worst] > 0.0 else ""


Fills = dict[tuple[str, str, str, float], Fill | None]
"""Fills that were found, by group, vehicle, site and free lift."""


def settings_fills(board: Board, cell: Cell, known: Fills | None = None) -> tuple[Fill | None, ...]:
    """Return the nominal fill of each group's first balloon; None where it cannot lift its load.

    Parameters
    ----------
    board : Board
    cell : Cell
    known : dict, optional
        Fills that need not be found again; those found are added.
    """
    found = {} if known is None else known
    mission = board.mission.with_vehicles(cell.vehicles)
    fills: list[Fill | None] = []
    for group, vehicle, setting in zip(mission.groups, cell.vehicles, cell.settings, strict=True):
        key = (group.name, vehicle, cell.site.name, setting.free_lift)
        if key not in found:
            try:
                found[key] = nominal_fill(mission, group, setting, board.grid)
            except LiftError:
                found[key] = None
        fills.append(found[key])
    return tuple(fills)


def dials_s(board: Board, cell: Cell) -> tuple[tuple[float, ...], ...]:
    """Return what is dialled on each group's timers [s], release by release; empty without one."""
    return tuple(
        ()
        if setting.timer_s is None
        else tuple(setting.timer_s + release.after_s for release in group.releases)
        for group, setting in zip(board.mission.groups, cell.settings, strict=True)
    )


def count_verdicts(board: Board) -> dict[Verdict, int]:
    """Return how many cells have each verdict."""
    return {v: sum(cell.verdict is v for cell in board.cells) for v in Verdict}


def count_wind_verdicts(board: Board) -> dict[WindVerdict | None, int]:
    """Return how many cells the wind alone judges so; None: fresh draws were not asked."""
    found = [wind_verdict(cell) for cell in board.cells]
    return {v: found.count(v) for v in (*WindVerdict, None)}
