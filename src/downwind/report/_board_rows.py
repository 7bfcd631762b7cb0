"""The rows of a board's table: one for each cell, with runs of like hours folded.

A run is folded where four hours or more of a site and a day that nobody would choose follow one
another at the same spacing and are alike in verdict and in what decided: its first and its last
hour stay, and a line between them says how far the shares go. What could be chosen keeps its row,
unless a board is so long that nobody could read it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from downwind.board.rank import is_good
from downwind.board.reading import (
    cell_shares,
    deciding_limit,
    dials_s,
    wind_verdict,
)
from downwind.board.residents import RESIDENTS
from downwind.board.result import Board, Cell, Verdict, WindVerdict
from downwind.landing.digits import write_below
from downwind.landing.regions import HOME, KEEP_OUT, LEFT_DATA, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.plan.search import limit_table
from downwind.report._plain import cut
from downwind.times import epoch_to_datetime

FOLD_LEAST: Final = 4
"""Shortest run of hours that is folded."""

FOLD_CELLS: Final = 30
"""Largest board on which nothing is folded [cells]."""

FOLD_ALL_CELLS: Final = 150
"""Largest board on which good hours keep a row each [cells]."""

MOST_ROWS: Final = 400
"""Most rows of a table; what is beyond them is in the files alone."""

WIND_WORDS: Final = {
    WindVerdict.WITHIN: "within",
    WindVerdict.UNSURE: "unsure",
    WindVerdict.BREAKS: "breaks",
    None: "-",
}
LIMIT_WORDS: Final = {
    TARGET: "target",
    HOME: "short",
    THIRD_COUNTRY: "third",
    SEA_NAME: "sea",
    LEFT_DATA: "left data",
}
AIR_WORDS: Final = (
    ("10 m wind", "wind"),
    ("gust", "gust"),
    ("rain", "rain"),
    ("cloud", "cloud"),
)
_WORD: Final = 9
_DIALS: Final = 8
_MINUS: Final = "-"


@dataclass(frozen=True, slots=True)
class Day:
    """The cells of one site on one local day, with one offset from UTC.

    Attributes
    ----------
    title : str
        Such as ``Sat 2015-04-04, KST (UTC+09:00)``.
    cells : tuple of Cell
        In the order of time.
    """

    title: str
    cells: tuple[Cell, ...]


def local_time(cell: Cell) -> datetime:
    """Return the first launch of a cell in the time of its site."""
    return epoch_to_datetime(cell.start_s).astimezone(ZoneInfo(cell.site.time_zone))


def offset_text(moment: datetime) -> str:
    """Write the zone of a time and its offset: ``KST (UTC+09:00)``."""
    offset = moment.utcoffset() or timedelta(0)
    minutes = round(offset.total_seconds() / 60.0)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    name = moment.tzname() or ""
    utc = f"UTC{sign}{hours:02d}:{rest:02d}"
    return f"{name} ({utc})" if name.isalpha() else utc


def when_text(cell: Cell) -> str:
    """Write a launch as a crew reads it: local time with its offset, and UTC."""
    local = local_time(cell)
    utc = epoch_to_datetime(cell.start_s)
    return f"{local:%a %Y-%m-%d %H:%M} {offset_text(local)}, {utc:%Y-%m-%d %H:%M} UTC"


def split_days(cells: Sequence[Cell]) -> list[Day]:
    """Return the cells of one site by local day; a change of the clock begins a part of its own."""
    return [
        Day(title, tuple(part))
        for title, part in groupby(
            sorted(cells, key=lambda cell: cell.start_s),
            key=lambda cell: f"{local_time(cell):%a %Y-%m-%d}, {offset_text(local_time(cell))}",
        )
    ]


def limit_word(region: str) -> str:
    """Return a short word for a region, for a narrow column."""
    if region.startswith(KEEP_OUT):
        return cut(region.removeprefix(KEEP_OUT), _WORD)
    return cut(LIMIT_WORDS.get(region, region), _WORD)


def decided_word(board: Board, cell: Cell) -> str:
    """Return in a word what decided a cell, rules aside: a limit, the air at the ground, or -.

    Where a limit is kept but for what leaves the wind data, which counts against it, the word is
    ``left data``.
    """
    for condition in cell.conditions:
        return next((m for words, m in AIR_WORDS if condition.startswith(f"the {words} ")), "air")
    region = deciding_limit(board, cell)
    if region == RESIDENTS:
        return RESIDENTS
    if wind_verdict(cell) is WindVerdict.WITHIN:
        return "-"
    most = limit_table(board.mission).get(region)
    if most is not None and cell_shares(cell)[region].mean <= most and _leaves(cell):
        region = LEFT_DATA
    return limit_word(region) or "-"


def tight_share(share: Share) -> str:
    """Write a share [%] and its error in a narrow column: ``84.1±1.9``, or ``<1.5``."""
    if share.hit_draws == 0:
        return write_below(100.0 * share.event_high).replace(" ", "")
    mean, error = 100.0 * share.mean, 100.0 * share.standard_error
    if math.isnan(error):
        return f"{mean:.1f}±?"
    if share.mean > 0.9999 and share.standard_error < 1e-6:
        return "100 all"
    if share.standard_error < 1e-9:
        return f"{mean:.1f} each"
    return f"{mean:.1f}±{'<0.1' if error < 0.05 else f'{error:.1f}'}"


def dials_text(board: Board, cell: Cell) -> str:
    """Write the timers of all groups in minutes, with a slash between groups: ``62/50``."""
    minutes = [
        "+".join(f"{seconds / 60.0:.0f}" for seconds in dials) or _MINUS
        for dials in dials_s(board, cell)
    ]
    text = "/".join(minutes)
    while len(text) > _DIALS and len(minutes) > 1:
        minutes.pop()
        text = "/".join(minutes) + "/…"
    return cut(text, _DIALS)


def air_text(cell: Cell) -> str:
    """Write 10 m wind and gust in m/s: ``3.4/7.1``; a question mark where one is not known."""
    both = (cell.weather.wind_ms, cell.weather.gust_ms)
    if all(math.isnan(value) for value in both):
        return "?"
    return "/".join("?" if math.isnan(value) else f"{value:.1f}" for value in both)


def moon_text(cell: Cell) -> str:
    """Write how much of the moon is lit where it is up: ``62%``, else a dash."""
    return f"{100.0 * cell.sky.moon_lit:.0f}%" if cell.sky.moon_deg > 0.0 else _MINUS


def lead_hours_text(cell: Cell) -> str:
    """Write the age of the forecast at a launch [h]."""
    return "?" if cell.lead_s is None else f"{cell.lead_s / 3600.0:.0f}"


def row_of(board: Board, cell: Cell) -> list[str]:
    """Return the cells of a row: time, verdict, wind, what decided, timers, shares, air, sky."""
    shares = cell_shares(cell)
    screened = "" if cell.certificate is not None else "s"
    return [
        f"{local_time(cell):%H:%M}",
        str(cell.verdict),
        WIND_WORDS[wind_verdict(cell)],
        decided_word(board, cell),
        dials_text(board, cell),
        tight_share(shares[TARGET]) + screened,
        tight_share(shares[HOME]) + screened,
        air_text(cell),
        f"{cell.sky.sun_deg:.0f}",
        moon_text(cell),
        lead_hours_text(cell),
    ]


def fold_runs(board: Board, cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return the cells of a day in runs; a run of one is a row, a longer one is folded.

    Parameters
    ----------
    board : Board
    cells : sequence of Cell
        In the order of time.
    """
    runs: list[list[Cell]] = []
    for cell in cells:
        last = runs[-1] if runs else []
        if last and _are_alike(board, last[-1], cell) and _goes_on(last, cell):
            last.append(cell)
        else:
            runs.append([cell])
    folded: list[list[Cell]] = []
    for run in runs:
        if len(run) >= FOLD_LEAST and _may_fold(board, run[0]):
            folded.append(run)
        else:
            folded += [[cell] for cell in run]
    return folded


def run_text(run: Sequence[Cell]) -> str:
    """Say what is between the first and the last hour of a run.

    Shares have their errors: those of the hours with the least and the greatest.
    """
    found = []
    for region, word in ((TARGET, "target"), (HOME, "short")):
        shares = sorted((cell_shares(cell)[region] for cell in run), key=lambda s: s.mean)
        low, high = tight_share(shares[0]), tight_share(shares[-1])
        found.append(f"{word} {low} %" if low == high else f"{word} {low} to {high} %")
    count = len(run) - 2
    return f"{count} more alike; of all {len(run)}: " + ", ".join(found)


def _leaves(cell: Cell) -> bool:
    """Tell whether as much leaves the wind data as would by itself be seen."""
    shares = cell_shares(cell)
    return LEFT_DATA in shares and shares[LEFT_DATA].hit_draws > 0


def _may_fold(board: Board, cell: Cell) -> bool:
    if len(board.cells) <= FOLD_CELLS:
        return False
    if len(board.cells) > FOLD_ALL_CELLS:
        return True
    is_open = cell.verdict is Verdict.MARGINAL or wind_verdict(cell) is WindVerdict.UNSURE
    return not is_good(cell) and not is_open


def _are_alike(board: Board, one: Cell, other: Cell) -> bool:
    return _likeness(board, one) == _likeness(board, other)


def _likeness(board: Board, cell: Cell) -> tuple[str, str, str, bool]:
    wind = WIND_WORDS[wind_verdict(cell)]
    certified = cell.certificate is not None
    return str(cell.verdict), wind, decided_word(board, cell), certified


def _goes_on(run: Sequence[Cell], cell: Cell) -> bool:
    """Tell whether a cell follows at the spacing of the run."""
    return len(run) < 2 or cell.start_s - run[-1].start_s == run[1].start_s - run[0].start_s
