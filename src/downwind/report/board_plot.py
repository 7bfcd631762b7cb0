"""Draw the board: hours across, sites down, verdicts by letter and hatch as well as by tone.

Each site has a band of verdicts (and, where rules stand open, one of what the wind alone says), the
shares in the target and falling short with their limits, and the night and the moon.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from downwind.board.caption import board_caption
from downwind.board.notes import describe_age
from downwind.board.rank import is_good
from downwind.board.reading import (
    best_cell,
    cell_shares,
    open_stops,
    wind_verdict,
)
from downwind.board.result import Board, Cell, Verdict, WindVerdict
from downwind.geo.sun import SUNSET_ELEVATION_DEG
from downwind.landing.regions import HOME, TARGET
from downwind.report import style
from downwind.report._board_rows import offset_text, when_text
from downwind.report._plain import cut, percent
from downwind.report._text import ALARMS_SHOWN
from downwind.times import epoch_to_datetime

TEXT_WIDTH: Final = 165
"""Longest line of text on the picture [characters]."""

MOST_SITES: Final = 12
"""Sites that one picture shows; the others are in the text and the files."""

LETTER_IN: Final = 0.1
"""Narrowest run of cells that carries its letter [inches]."""

MOST_TICKS: Final = 13
TICK_STEPS_S: Final = tuple(
    60.0 * minutes for minutes in (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10080)
)

NIGHT_FILL: Final = "#dfe3e8"
MOON_FILL: Final = "#e9cf7a"


@dataclass(frozen=True, slots=True)
class Mark:
    """How a verdict is drawn: letter, fill, hatch and the colour of both."""

    letter: str
    fill: str
    hatch: str
    ink: str
    label: str


VERDICT_MARKS: Final = {
    Verdict.GO: Mark("G", "#cfe8b8", "", style.INK, "GO"),
    Verdict.MARGINAL: Mark("M", "#e0b45c", "//", style.INK, "MARGINAL"),
    Verdict.NO_GO: Mark("N", "#a8756c", "xx", "white", "NO-GO"),
    Verdict.STOP: Mark("S", "#3d1515", "", "white", "STOP"),
}
WIND_MARKS: Final[dict[WindVerdict | None, Mark]] = {
    WindVerdict.WITHIN: Mark("w", "#e4f0d8", "..", style.INK, "within limits"),
    WindVerdict.UNSURE: Mark("?", "#e0b45c", "//", style.INK, "not sure"),
    WindVerdict.BREAKS: Mark("b", "#a8756c", "xx", "white", "breaks a limit"),
    None: Mark("-", "white", "", style.FAINT_INK, "not certified"),
}
TARGET_LOOK: Final = style.KIND_STYLES[0]
SHORT_LOOK: Final = style.KIND_STYLES[1]
_LEFT, _RIGHT = 0.075, 0.985
_MOON_GAP_IN = 0.09
_BAND_IN, _PANEL_IN, _MOON_IN, _TITLE_IN, _GAP_IN = 0.3, 1.35, 0.14, 0.3, 0.5
_HEAD_IN, _FOOT_IN = 1.3, 0.75


def draw_board(board: Board, path: Path) -> None:
    """Write a board as PNG, 2000 pixels wide.

    Parameters
    ----------
    board : Board
    path : pathlib.Path
    """
    style.save_figure(make_board_figure(board), path)


def make_board_figure(board: Board) -> Figure:
    """Return the figure of a board.

    Parameters
    ----------
    board : Board
    """
    sites = list(dict.fromkeys(cell.site.name for cell in board.cells))
    shown = sites[:MOST_SITES]
    loud = _loud(board, len(sites))
    bands = 1 + any(cell.verdict is Verdict.STOP for cell in board.cells)
    site_in = _TITLE_IN + bands * _BAND_IN + _PANEL_IN + _MOON_GAP_IN + _MOON_IN + _GAP_IN
    caption = _lines(" · ".join(board_caption(board)))
    foot_in = _FOOT_IN + 0.13 * len(caption)
    head_in = _HEAD_IN + 0.2 * len(loud)
    height = head_in + len(shown) * site_in + foot_in
    figure = style.new_figure(height)

    def up(inches: float) -> float:
        return 1.0 - inches / height

    _write_head(figure, board, loud, up)
    span = _span(board)
    for k, site in enumerate(shown):
        cells = sorted((c for c in board.cells if c.site.name == site), key=lambda c: c.start_s)
        top = head_in + k * site_in
        _draw_site(figure, board, cells, top, bands, span, up)
    _write_legend(figure, board, bands, 0.13 * len(caption) + 0.2, height)
    figure.text(
        0.02, 0.1 / height, "\n".join(caption), fontsize=7.5, color=style.FAINT_INK, va="bottom"
    )
    return figure


def _loud(board: Board, sites: int) -> list[str]:
    """Return what the picture says first: open rules, and what it does not show."""
    stops = open_stops(board)
    loud = [
        f"STOP: {stop.rule.title} ({stop.rule.name}"
        + ("" if stop.is_everywhere else f", {len(stop.cells)} of {len(board.cells)} cells")
        + ")"
        for stop in stops[: 2 * ALARMS_SHOWN]
    ]
    if len(stops) > len(loud):
        loud.append(f"STOP: and {len(stops) - len(loud)} more rules, in board.txt")
    loud += describe_age(board.grid, board.cells)
    if sites > MOST_SITES:
        loud.append(f"the first {MOST_SITES} of {sites} sites; the others are in board.txt")
    return loud


def _write_head(
    figure: Figure, board: Board, loud: Sequence[str], up: Callable[[float], float]
) -> None:
    for i, text in enumerate(loud):
        figure.text(
            0.02, up(0.25 + 0.2 * i), cut("!! " + text, TEXT_WIDTH), fontsize=9,
            fontweight="bold", color=style.STOP_INK,
        )  # fmt: skip
    below = 0.2 * len(loud)
    figure.text(
        0.02, up(below + 0.42), cut(f"Board: {board.mission.name}", 100), fontsize=13,
        fontweight="bold", color=style.INK,
    )  # fmt: skip
    cell = best_cell(board)
    name = "best" if is_good(cell) else "least bad"
    of = "fresh draws" if cell.certificate is not None else "the screen"
    target = cell_shares(cell)[TARGET].to_text()
    texts = (
        f"{board.verdict}; {name} cell: {cell.site.name}, {when_text(cell)}",
        f"{cell.verdict}: {cell.decided_by}; in the target {target} by {of}",
    )
    for i, text in enumerate(texts):
        figure.text(
            0.02, up(below + 0.68 + 0.22 * i), cut(text, TEXT_WIDTH), fontsize=9.5,
            color=style.INK,
        )  # fmt: skip


def _span(board: Board) -> tuple[float, float]:
    """Return the first and last second that the picture shows."""
    starts = [cell.start_s for cell in board.cells]
    step = _step_s(sorted(set(starts)))
    return min(starts) - 0.5 * step, max(starts) + 0.5 * step


def _step_s(starts: Sequence[int]) -> float:
    """Return the shortest spacing of launches [s]; an hour for a single one."""
    return float(min(np.diff(starts))) if len(starts) > 1 else 3600.0


def _draw_site(
    figure: Figure,
    board: Board,
    cells: Sequence[Cell],
    top_in: float,
    bands: int,
    span: tuple[float, float],
    up: Callable[[float], float],
) -> None:
    height = figure.get_size_inches()[1]
    wide_in = (_RIGHT - _LEFT) * style.WIDTH_IN

    def new_axes(bottom_in: float, tall_in: float) -> Axes:
        return figure.add_axes((_LEFT, up(bottom_in), _RIGHT - _LEFT, tall_in / height))

    zone = offset_text(
        epoch_to_datetime(cells[0].start_s).astimezone(ZoneInfo(cells[0].site.time_zone))
    )
    figure.text(
        _LEFT, up(top_in + _TITLE_IN - 0.08), cut(f"{cells[0].site.name}, {zone}", 90),
        fontsize=10, fontweight="bold", color=style.INK,
    )  # fmt: skip
    y = top_in + _TITLE_IN
    rows: list[tuple[str, list[Mark]]] = [("verdict", [VERDICT_MARKS[c.verdict] for c in cells])]
    if bands > 1:
        rows.append(("by the wind", [WIND_MARKS[wind_verdict(c)] for c in cells]))
    for label, marks in rows:
        _draw_band(new_axes(y + _BAND_IN - 0.04, _BAND_IN - 0.04), cells, marks, label, span,
                   wide_in)  # fmt: skip
        y += _BAND_IN
    _draw_shares(new_axes(y + _PANEL_IN, _PANEL_IN - 0.05), board, cells, span)
    y += _PANEL_IN + _MOON_GAP_IN
    _draw_moon(new_axes(y + _MOON_IN, _MOON_IN), cells, span)


def _draw_band(
    axes: Axes,
    cells: Sequence[Cell],
    marks: Sequence[Mark],
    label: str,
    span: tuple[float, float],
    wide_in: float,
) -> None:
    """Draw runs of like cells as boxes; each cell has its letter, or each run where they are many.

    A run ends where an hour was not looked at.
    """
    step = _step_s([cell.start_s for cell in cells])
    inches = wide_in * step / (span[1] - span[0])
    for runs in _split_runs(cells, marks, step):
        mark, first, last = runs
        low, high = first - 0.5 * step, last + 0.5 * step
        with mpl.rc_context({"hatch.linewidth": 0.6}):
            axes.add_patch(
                Rectangle(
                    (low, 0.0), high - low, 1.0, facecolor=mark.fill, hatch=mark.hatch,
                    edgecolor=style.FAINT_INK, linewidth=0.6,
                )
            )  # fmt: skip
        each = inches >= 0.16
        places = np.arange(first, last + 1, step) if each else [0.5 * (low + high)]
        if each or inches * (1 + (last - first) / step) >= LETTER_IN:
            for place in places:
                axes.text(
                    place, 0.47, mark.letter, ha="center", va="center", fontsize=8,
                    fontweight="bold", color=mark.ink,
                    bbox={"boxstyle": "square,pad=0.08", "facecolor": mark.fill,
                          "edgecolor": "none"} if mark.hatch else None,
                )  # fmt: skip
    axes.set_xlim(*span)
    axes.set_ylim(0.0, 1.0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8, color=style.INK)
    for side in axes.spines.values():
        side.set_visible(False)


def _split_runs(
    cells: Sequence[Cell], marks: Sequence[Mark], step: float
) -> list[tuple[Mark, float, float]]:
    runs: list[tuple[Mark, float, float]] = []
    for cell, mark in zip(cells, marks, strict=True):
        if runs and runs[-1][0] is mark and cell.start_s - runs[-1][2] <= 1.5 * step:
            runs[-1] = (mark, runs[-1][1], float(cell.start_s))
        else:
            runs.append((mark, float(cell.start_s), float(cell.start_s)))
    return runs


def _draw_shares(
    axes: Axes, board: Board, cells: Sequence[Cell], span: tuple[float, float]
) -> None:
    step = _step_s([cell.start_s for cell in cells])
    for is_night, night in groupby(cells, key=_is_dark):
        if is_night:
            run = list(night)
            axes.axvspan(
                run[0].start_s - 0.5 * step, run[-1].start_s + 0.5 * step, color=NIGHT_FILL,
                linewidth=0.0, zorder=0,
            )  # fmt: skip
    few = len(cells) <= 60
    for region, look in ((TARGET, TARGET_LOOK), (HOME, SHORT_LOOK)):
        for part in _unbroken(cells, step):
            shares = [cell_shares(cell)[region] for cell in part]
            times = [cell.start_s for cell in part]
            mean = 100.0 * np.array([share.mean for share in shares])
            error = 100.0 * np.nan_to_num([share.standard_error for share in shares])
            axes.plot(times, mean, color=look.color, linestyle=look.dashes, linewidth=1.3, zorder=3)
            axes.fill_between(times, mean - error, mean + error, color=look.color, alpha=0.25,
                              linewidth=0.0, zorder=2)  # fmt: skip
            if few or len(part) == 1:
                for certified, fill in ((True, look.color), (False, "white")):
                    chosen = [c.certificate is not None for c in part]
                    pick = np.array(chosen) == certified
                    axes.errorbar(
                        np.array(times)[pick], mean[pick], yerr=error[pick], linestyle="none",
                        marker=look.marker, markersize=4, color=look.color, markerfacecolor=fill,
                        elinewidth=0.9, zorder=4,
                    )  # fmt: skip
    limits = board.mission.limits
    axes.axhline(100.0 * limits.falling_short, color=SHORT_LOOK.color, linewidth=0.9,
                 linestyle=(0.0, (1.0, 1.5)), zorder=1)  # fmt: skip
    if limits.target_least is not None:
        axes.axhline(100.0 * limits.target_least, color=TARGET_LOOK.color, linewidth=0.9,
                     linestyle=(0.0, (1.0, 1.5)), zorder=1)  # fmt: skip
    best = best_cell(board)
    if any(cell is best for cell in cells):
        axes.axvline(best.start_s, color=style.INK, linewidth=0.8, zorder=1)
        axes.plot([best.start_s], [104.0], marker="v", color=style.INK, markersize=6,
                  clip_on=False, zorder=5)  # fmt: skip
    axes.set_xlim(*span)
    axes.set_ylim(-3.0, 103.0)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel("% of the load", fontsize=8, color=style.INK)
    axes.grid(color=style.GRATICULE_LINE, linewidth=0.4)
    axes.tick_params(labelsize=7.5, colors=style.FAINT_INK, length=2.5)
    axes.set_xticks([])
    for name, side in axes.spines.items():
        side.set_visible(name in ("left", "bottom"))
        side.set_color(style.FAINT_INK)


def _is_dark(cell: Cell) -> bool:
    return cell.sky.sun_deg < SUNSET_ELEVATION_DEG


def _unbroken(cells: Sequence[Cell], step: float) -> list[list[Cell]]:
    """Return the cells in parts that follow one another without a gap."""
    parts: list[list[Cell]] = []
    for cell in cells:
        if parts and cell.start_s - parts[-1][-1].start_s <= 1.5 * step:
            parts[-1].append(cell)
        else:
            parts.append([cell])
    return parts


def _draw_moon(axes: Axes, cells: Sequence[Cell], span: tuple[float, float]) -> None:
    """Draw when the moon is up, the fuller the taller, over the axis of local time."""
    step = _step_s([cell.start_s for cell in cells])
    for cell in cells:
        if cell.sky.moon_deg > 0.0:
            axes.add_patch(
                Rectangle(
                    (cell.start_s - 0.5 * step, 0.0), step, max(cell.sky.moon_lit, 0.05),
                    facecolor=MOON_FILL, linewidth=0.0,
                )
            )  # fmt: skip
    axes.set_xlim(*span)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([])
    axes.set_ylabel("moon", rotation=0, ha="right", va="center", fontsize=8, color=style.INK)
    zone = ZoneInfo(cells[0].site.time_zone)
    inside = _tick_places(span, zone)
    axes.set_xticks(inside, [_tick_text(s, zone, is_first=s == inside[0]) for s in inside])
    axes.tick_params(labelsize=7.5, colors=style.FAINT_INK, length=2.5)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(style.FAINT_INK)


def _tick_places(span: tuple[float, float], zone: ZoneInfo) -> list[float]:
    """Return up to thirteen whole local times within a span [epoch s]."""
    for step in TICK_STEPS_S:
        shift = (epoch_to_datetime(span[0]).astimezone(zone).utcoffset() or timedelta(0)).seconds
        first = step * math.ceil((span[0] + shift) / step) - shift
        places = list(np.arange(first, span[1] + 1.0, step))
        if len(places) <= MOST_TICKS:
            break
    return [float(place) for place in places]


def _tick_text(epoch_s: float, zone: ZoneInfo, *, is_first: bool) -> str:
    """Write a time as a clock does; the day stands below the first and every midnight."""
    local = epoch_to_datetime(epoch_s).astimezone(zone)
    clock = f"{local:%H:%M}"
    return f"{clock}\n{local:%a %m-%d}" if is_first or clock == "00:00" else clock


def _write_legend(
    figure: Figure, board: Board, bands: int, bottom_in: float, height: float
) -> None:
    limits = board.mission.limits
    marks = [VERDICT_MARKS[v] for v in Verdict]
    marks += [WIND_MARKS[v] for v in (*WindVerdict, None)] if bands > 1 else []
    handles: list[Patch | Line2D] = [
        Patch(facecolor=mark.fill, hatch=mark.hatch, edgecolor=style.FAINT_INK, linewidth=0.6,
              label=f"{mark.letter}  {mark.label}")
        for mark in marks
    ]  # fmt: skip
    for look, label in (
        (TARGET_LOOK, "in the target ± standard error"),
        (SHORT_LOOK, f"falling short (dotted: limit {percent(limits.falling_short)})"),
    ):
        handles.append(Line2D([], [], color=look.color, linestyle=look.dashes, marker=look.marker,
                              markersize=4, label=label))  # fmt: skip
    handles += [
        Line2D([], [], color=style.INK, marker="o", markersize=4, linestyle="none",
               markerfacecolor="white", label="open mark: by the screen"),
        Patch(facecolor=NIGHT_FILL, label="night"),
        Patch(facecolor=MOON_FILL, label="moon up (taller: fuller)"),
        Line2D([], [], color=style.INK, marker="v", markersize=5, linewidth=0.8,
               label="best" if is_good(best_cell(board)) else "least bad"),
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.015, bottom_in / height),
        ncols=math.ceil(len(handles) / 2), frameon=False, fontsize=7.5, columnspacing=1.2,
        handlelength=2.2,
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    """Break a text for the width of the picture."""
    lines = [""]
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):
        if len(lines[-1]) + len(word) + 1 > TEXT_WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:4]
