"""The board on a terminal: what stands open, the best cell, every cell, what else there is.

What forbids to go comes first. Every share has its standard error, and says whether it is of fresh
draws or of the screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from downwind.board.caption import board_caption, certificate_lines
from downwind.board.notes import describe_age
from downwind.board.rank import is_good
from downwind.board.reading import (
    OpenStop,
    best_cell,
    cell_shares,
    count_verdicts,
    count_wind_verdicts,
    dials_s,
    next_hour,
    open_stops,
    settings_fills,
    wind_verdict,
)
from downwind.board.result import Board, Cell, Certificate, LimitBound, Verdict, WindVerdict
from downwind.landing.regions import LEFT_DATA
from downwind.report._board_rows import (
    MOST_ROWS,
    decided_word,
    dials_text,
    fold_runs,
    local_time,
    row_of,
    run_text,
    split_days,
    tight_share,
    when_text,
)
from downwind.report._plain import (
    COLUMNS,
    count_text,
    field,
    finish,
    heading,
    percent,
    stack,
    table,
    wrap,
)
from downwind.report._text import SHORT_TITLES, compact_share, short_kind_names
from downwind.report.resident_text import answer, how_lines
from downwind.rules.findings import Finding
from downwind.times import format_duration

RANKED_ROWS: Final = 8
"""Alternatives that are listed."""

KINDS_ACROSS: Final = 3
"""Kinds of item beside one another in the table of shares."""

SUBJECTS_SHOWN: Final = 6
"""Things of one rule that are told; the rest are counted."""

_HEAD: Final = (
    "time", "verdict", "wind", "decided", "timer\nmin", "target\n%", "short\n%", "10 m/gust\nm/s",
    "sun\ndeg", "moon", "lead\nh",
)  # fmt: skip
_WIND_TEXT: Final = {
    WindVerdict.WITHIN: "within all limits",
    WindVerdict.UNSURE: "not sure: fresh draws do not tell whether a limit is kept",
    WindVerdict.BREAKS: "breaks a limit",
    None: "not certified",
}


def board_text(board: Board) -> str:
    """Write a board for the terminal.

    Parameters
    ----------
    board : Board

    Returns
    -------
    str
        Lines of at most 80 columns: open rules, the best cell with its settings, shares and
        limits, what it may do to residents, the table of cells by site and day, ranked
        alternatives, what was left out, how screen and certificates were made, warnings, caption.
    """
    lines = _stop_lines(board)
    for alarm in describe_age(board.grid, board.cells):
        lines += [*wrap(alarm, "!! ", "   "), ""]
    lines += ["BOARD", "====="]
    lines += field("mission", board.mission.name)
    lines += field("verdict", _verdict_text(board))
    lines += field("cells", _counts_text(board))
    lines += _best_lines(board)
    lines += _resident_lines(board)
    lines += _cell_lines(board)
    lines += _ranked_lines(board)
    lines += _list("Not looked at", board.left_out)
    lines += _list("How it was made", certificate_lines(board))
    lines += _list("Warnings", _warnings(board))
    caption = [part for line in board_caption(board) for part in wrap(line, "", "  ")]
    return finish([*lines, "", "-" * COLUMNS, *caption])


def _stop_lines(board: Board) -> list[str]:
    stops = open_stops(board)
    if not stops:
        return []
    count = count_text(len(stops), "rule")
    stands = "stands" if len(stops) == 1 else "stand"
    free = sum(cell.verdict is not Verdict.STOP for cell in board.cells)
    where = "no cell is GO" if not free else f"no cell that {_it(stops)} is GO"
    cleared = "it is" if len(stops) == 1 else "all are"
    text = f"STOP: {count} {stands} open, and {where} until {cleared} cleared"
    lines = wrap(text, "!! ", "   ")
    for number, stop in enumerate(stops, 1):
        lines += ["", *_one_stop(board, number, stop)]
    return [*lines, ""]


def _it(stops: Sequence[OpenStop]) -> str:
    return "it stops" if len(stops) == 1 else "they stop"


def _one_stop(board: Board, number: int, stop: OpenStop) -> list[str]:
    rule, inset = stop.rule, "    "
    cells = "" if stop.is_everywhere else f", {_cells_text(board, stop)}"
    lines = wrap(f"{rule.title} ({rule.name}{cells})", f"{number:2d}. ", inset)
    for findings in _by_text(stop.findings[:SUBJECTS_SHOWN]):
        subjects = ", ".join(finding.subject for finding in findings)
        differs = any(finding.subject in stop.differing for finding in findings)
        text = f"{subjects}: {findings[0].text}" + (" (other cells differ)" if differs else "")
        lines += wrap(text, inset, inset + "  ")
    more = len(stop.findings) - SUBJECTS_SHOWN
    if more > 0:
        lines += wrap(f"and {more} more, in board.json", inset)
    for todo in dict.fromkeys(f.todo for f in stop.findings[:SUBJECTS_SHOWN] if f.todo):
        lines += wrap(f"to clear: {todo}", inset, inset + "  ")
    version = f"of {rule.version_date}, " if rule.version_date else ""
    cited = f"{rule.citation}; {version}read {rule.read_on}, {rule.status}"
    decides = f"; {rule.decides} decides" if rule.decides else ""
    return lines + wrap(f"[{cited}{decides}]", inset, inset + " ")


def _by_text(findings: Sequence[Finding]) -> list[list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.text, []).append(finding)
    return list(groups.values())


def _cells_text(board: Board, stop: OpenStop) -> str:
    sites = dict.fromkeys(board.cells[i].site.name for i in stop.cells)
    count = f"{len(stop.cells)} of {len(board.cells)} cells"
    only = len(sites) < len(board.mission.sites)
    return f"{count}: {', '.join(sites)}" if only else count


def _verdict_text(board: Board) -> str:
    if board.verdict is not Verdict.STOP:
        return str(board.verdict)
    good = sum(is_good(cell) for cell in board.cells)
    wind = "keeps" if good == 1 else "keep"
    return f"STOP; by the wind alone {count_text(good, 'cell')} {wind} all limits"


def _counts_text(board: Board) -> str:
    total = count_text(len(board.cells), "cell")
    found = [f"{n} {v}" for v, n in count_verdicts(board).items() if n]
    wind = [f"{n} {v or 'not certified'}" for v, n in count_wind_verdicts(board).items() if n]
    return f"{total}: {', '.join(found)}; by the wind: {', '.join(wind)}"


def _best_lines(board: Board) -> list[str]:
    cell = best_cell(board)
    certificate = cell.certificate
    name = "Best cell" if is_good(cell) else "Least bad cell"
    lines = heading(f"{name}: {cell.site.name}, {local_time(cell):%a %Y-%m-%d %H:%M}")
    lines += field("first launch", when_text(cell))
    lines += field("verdict", f"{cell.verdict}: {cell.decided_by}")
    lines += field("by the wind alone", _WIND_TEXT[wind_verdict(cell)])
    for condition in cell.conditions:
        lines += field("forbids it", condition)
    lines += field("air at the ground", _air_sentence(cell))
    lines += field("sky", _sky_sentence(cell))
    lines += ["", *_settings(board, cell), ""]
    if certificate is None:
        lines += wrap(f"Expected shares of the load, by the screen ({board.screen_draws} draws):")
    else:
        lines += wrap(f"Expected shares, by {certificate.draws:,} fresh draws:")
    lines += _share_table(board, cell)
    if certificate is not None:
        level = certificate.stages[-1].level
        lines += ["", *wrap(f"Limits, bounded on one side at {100 * (1 - level):.4g} %:")]
        lines += [x for bound in certificate.limits for x in _bound_lines(bound, certificate)]
    return lines


def _resident_lines(board: Board) -> list[str]:
    """Write what the best cell may do to residents, and which others are better."""
    if board.mission.residents is None:
        return []
    best = best_cell(board)
    lines = heading("Residents, of the " + ("best cell" if is_good(best) else "least bad cell"))
    if best.residents is None:
        return lines + wrap(
            "answer: not asked, for other limits or the air rule it out", "  ", "    "
        )
    others = sorted(
        (cell.residents for cell in board.cells
         if cell is not best and cell.residents is not None
         and wind_verdict(cell) is not WindVerdict.BREAKS),
        key=lambda risk: (risk.start_s, risk.site.name),
    )  # fmt: skip
    told = answer(best.residents, others, "no other cell is within the other limits")
    lines += wrap(f"answer: {told}", "  ", "    ")
    for text in how_lines(best.residents):
        lines += wrap(text, "  ", "    ")
    return lines


def _settings(board: Board, cell: Cell) -> list[str]:
    rows = []
    groups = zip(
        board.mission.groups, cell.vehicles, cell.settings, settings_fills(board, cell),
        dials_s(board, cell), strict=True,
    )  # fmt: skip
    for group, vehicle, setting, fill, dials in groups:
        timers = [format_duration(seconds) for seconds in dials] or ["-"]
        neck = "-" if fill is None else f"{fill.neck_lift_kg:.2f} kg"
        lift = percent(setting.free_lift)
        rows.append([group.name, str(group.count), vehicle, timers[0], neck, lift])
        rows += [["", "", "", timer, "", ""] for timer in timers[1:]]
    return table(["group", "balloons", "vehicle", "timer", "neck lift", "free lift"], rows)


def _share_table(board: Board, cell: Cell) -> list[str]:
    columns = [("whole load", cell_shares(cell))]
    if cell.certificate is not None:
        kinds = board.mission.kinds
        columns += [
            (name, cell.certificate.kinds[kind.name])
            for kind, name in zip(kinds, short_kind_names(kinds), strict=True)
            if kind.name in cell.certificate.kinds
        ]
    lines: list[str] = []
    for first in range(0, len(columns), KINDS_ACROSS):
        part = columns[first : first + KINDS_ACROSS]
        rows = [
            [_region_title(region), *(compact_share(s[region]) for _, s in part)]
            for region in part[0][1]
            if all(region in s for _, s in part)
        ]
        lines += [""] if first else []
        lines += table(["%", *(stack(name, 16) for name, _ in part)], rows)
    return lines


def _region_title(region: str) -> str:
    if region == LEFT_DATA:
        return "left the data"
    return SHORT_TITLES.get(region) or "keep-out " + region.partition(":")[2]


def _bound_lines(bound: LimitBound, certificate: Certificate) -> list[str]:
    kind = "at least" if bound.is_least else "at most"
    side = "no less than" if bound.is_least else "no more than"
    state = "met" if bound.is_met else "NOT MET" if bound.is_broken else "NOT SURE"
    text = (
        f"{state}: {bound.title}, {kind} {percent(bound.limit)}: {bound.share.to_text()}, "
        f"{side} {bound.bound_text}"
    )
    left = certificate.shares.get(LEFT_DATA)
    if left is not None and left.hit_draws and not bound.is_least:
        text += f"; {left.to_text()} left the wind data, and counts as if it came down there"
    if bound.members_needed is not None:
        text += (
            "; finer than these members resolve, however many draws: it takes "
            f"{bound.members_needed:,} members"
        )
    elif bound.draws_needed is not None:
        text += (
            f"; finer than these draws resolve: it takes {bound.draws_needed:,} effective draws "
            f"without a {'miss' if bound.is_least else 'hit'}"
        )
    return wrap(text, "  ", "    ")


def _air_sentence(cell: Cell) -> str:
    air = cell.weather
    known = [
        f"{name} {value:.1f} {unit}"
        for name, value, unit in (
            ("10 m wind", air.wind_ms, "m/s"),
            ("gust", air.gust_ms, "m/s"),
            ("cloud", 8.0 * air.cloud_cover, "oktas"),
            ("rain", 3600.0 * air.rain_kgm2s, "mm/h"),
        )
        if not math.isnan(value)
    ]
    lacking = [
        name
        for name, value in (
            ("10 m wind", air.wind_ms), ("gust", air.gust_ms), ("cloud", air.cloud_cover),
            ("rain", air.rain_kgm2s),
        )
        if math.isnan(value)
    ]  # fmt: skip
    text = ", ".join(known)
    if not lacking:
        return text
    return (text + "; " if text else "") + f"not in the data: {', '.join(lacking)}"


def _sky_sentence(cell: Cell) -> str:
    sky = cell.sky
    night = "night for every launch" if sky.is_night else "not night for every launch"
    side = "up" if sky.moon_deg > 0.0 else "down"
    return (
        f"sun {sky.sun_deg:.0f} degrees ({night}); moon {side}, {100 * sky.moon_lit:.0f} % lit, "
        f"{sky.moon_deg:.0f} degrees"
    )


def _cell_lines(board: Board) -> list[str]:
    lines = heading("Cells")
    lines += wrap(
        "wind: what the wind alone says. timer: minutes from the launch, group by group. An s "
        "after a share: by the screen, else by fresh draws. sun: height. moon: part lit, where "
        "it is up. lead: age of the forecast at the launch."
    )
    limit = board.mission.limits
    told = [
        f"{name} at most {value:.3g} m/s"
        for name, value in (("10 m wind", limit.surface_wind_ms), ("gust", limit.gust_ms))
        if value is not None
    ]
    lines += wrap(f"Limits at the ground: {', '.join(told)}.") if told else []
    rows = 0
    for site in dict.fromkeys(cell.site.name for cell in board.cells):
        own = [cell for cell in board.cells if cell.site.name == site]
        table_rows: list[list[str] | str] = []
        for day in split_days(own):
            runs = fold_runs(board, day.cells)
            rows += sum(min(len(run), 3) for run in runs)
            if rows > MOST_ROWS:
                break
            table_rows += [day.title, *_day_rows(board, runs)]
        lines += ["", *wrap(site), *_narrow_table(_HEAD, table_rows)] if table_rows else []
        if rows > MOST_ROWS:
            end = f"The table ends here; all {len(board.cells):,} cells are in board.csv."
            return [*lines, "", *wrap(end)]
    return lines


def _day_rows(board: Board, runs: Sequence[Sequence[Cell]]) -> list[list[str] | str]:
    rows: list[list[str] | str] = []
    for run in runs:
        rows.append(row_of(board, run[0]))
        if len(run) > 1:
            rows += ["   :  " + run_text(run), row_of(board, run[-1])]
    return rows


def _narrow_table(head: Sequence[str], rows: Sequence[list[str] | str]) -> list[str]:
    """Align rows with one space between columns; a row that is a text stands as it is."""
    depth = max(cell.count("\n") for cell in head) + 1
    heads = [[""] * (depth - 1 - cell.count("\n")) + cell.split("\n") for cell in head]
    top = [[cell[k] for cell in heads] for k in range(depth)]
    full = [row for row in rows if not isinstance(row, str)]
    widths = [max(len(row[i]) for row in [*top, *full]) for i in range(len(head))]
    lines = []
    for row in [*top, *rows]:
        if isinstance(row, str):
            lines += wrap(row, "", "      ")
            continue
        cells = [c.ljust(w) if i < 4 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths,
                 strict=True))]  # fmt: skip
        lines.append((" " + " ".join(cells)).rstrip())
    return lines


def _ranked_lines(board: Board) -> list[str]:
    if len(board.cells) == 1:
        return []
    lines = heading("Alternatives, best first")
    rows = []
    for rank, index in enumerate(board.ranking[:RANKED_ROWS], 1):
        cell = board.cells[index]
        shares = cell_shares(cell)
        mark = "" if cell.certificate is not None else "s"
        rows.append([
            f"{rank:2d} {cell.site.name}",
            f"{local_time(cell):%m-%d %H:%M}",
            str(cell.verdict),
            decided_word(board, cell),
            dials_text(board, cell),
            tight_share(shares["target"]) + mark,
            tight_share(shares["home"]) + mark,
        ])  # fmt: skip
    head = ["site", "local time", "verdict", "decided", "min", "target %", "short %"]
    lines += table(head, rows, left=4)
    rest = len(board.cells) - RANKED_ROWS
    lines += [f"  and {rest:,} more"] if rest > 0 else []
    return [*lines, "", *wrap(_next_text(board))]


def _next_text(board: Board) -> str:
    found = next_hour(board)
    if found is None:
        return "No later hour was looked at: the best cell is the last."
    cell = found.cell
    where = f"{cell.site.name}, {when_text(cell)}"
    share = cell_shares(cell)["target"]
    of = "fresh draws" if cell.certificate is not None else "the screen"
    told = f"in the target {share.to_text()} by {of}"
    if found.is_good:
        word = "GO" if cell.verdict is Verdict.GO else "good by the wind alone, rules stand open"
        return f"If the best is missed, the next good hour is {where} ({word}; {told})."
    return f"No later hour is good. The best of the later is {where} ({cell.verdict}: {told})."


def _warnings(board: Board) -> list[str]:
    """Return what to know besides: bridges stand in the caption, the age of the wind on top."""
    found = [*board.compliance.stale]
    found += [text for cell in board.cells for text in cell.compliance.stale]
    said = {*board.grid.bridges, *describe_age(board.grid, board.cells)}
    found += [text for text in board.warnings if text not in said]
    return list(dict.fromkeys(found))


def _list(title: str, texts: Sequence[str]) -> list[str]:
    if not texts:
        return []
    return heading(title) + [x for text in texts for x in wrap(text, "- ", "  ")]
