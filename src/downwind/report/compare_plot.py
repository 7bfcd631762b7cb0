"""Draw how winds differ: rms vector difference by height, and where flights or climbs come apart.

Winds keep apart by line and marker, so that the picture serves in black and white.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downwind.plan.wind_comparison import (
    Separation,
    WindComparison,
    find_separation,
    separate_climbs,
)
from downwind.report import style
from downwind.report._plain import shorten
from downwind.report.compare_text import lead_text, time_text

_PANEL_IN, _HEAD_IN, _FOOT_IN, _LINE_IN = 5.2, 0.95, 0.75, 0.17
_LEFT, _RIGHT = 0.065, 0.985
_NAME: Final = 100
"""Longest description of a wind below the picture [characters]."""

FIRST_STYLE: Final = style.KindStyle("#8d9499", "-", "", "X")
"""How the first wind is drawn, which all others are compared with."""

DEFAULT_DASHES: Final = (0.0, (1.0, 2.0))


def draw_comparison(result: WindComparison, path: Path) -> None:
    """Write the picture of a comparison as PNG, 2000 pixels wide.

    Parameters
    ----------
    result : WindComparison
    path : pathlib.Path
    """
    style.save_figure(make_comparison(result), path)


def make_comparison(result: WindComparison) -> Figure:
    """Return the picture of a comparison: a panel by height, and two for flights or a climb."""
    caption = _caption(result)
    foot = _FOOT_IN + _LINE_IN * len(caption)
    rows = (1 if result.request is not None or not result.flights else 0) + (
        len(result.flights[0]) if result.flights else 0
    )
    height = _HEAD_IN + rows * (_PANEL_IN + 0.7) - 0.7 + foot
    figure = style.new_figure(height)
    figure.text(_LEFT, 1.0 - 0.30 / height, "How the winds differ from A", fontsize=15,
                fontweight="bold", color=style.INK, va="center")  # fmt: skip
    boxes = [
        (height - _HEAD_IN - row * (_PANEL_IN + 0.7) - _PANEL_IN) / height for row in range(rows)
    ]
    tall = _PANEL_IN / height
    is_alone = not result.flights and result.request is None
    width = (_RIGHT - _LEFT) if is_alone else 0.27
    _draw_levels(figure.add_axes((_LEFT, boxes[0], width, tall)), result)
    row = 0
    if result.request is not None:
        _draw_pair(figure, boxes[0], tall, result, None)
        row = 1
    for group in range(len(result.flights[0]) if result.flights else 0):
        _draw_pair(figure, boxes[row + group], tall, result, group)
    for i, line in enumerate(caption):
        figure.text(_LEFT, (_LINE_IN * (len(caption) - i) - 0.05) / height, line, fontsize=8,
                    color=style.STOP_INK if line.startswith("!!") else style.FAINT_INK,
                    va="center")  # fmt: skip
    return figure


def _draw_levels(axes: Axes, result: WindComparison) -> None:
    """Draw the rms vector difference of each wind by height, with the default size beside it."""
    for i, (wind, comparison) in enumerate(zip(result.winds[1:], result.comparisons, strict=True)):
        look = style.kind_style(i)
        km = [row.height_m / 1000.0 for row in comparison.levels]
        rms = np.array([row.difference.rms_vector for row in comparison.levels])
        error = np.nan_to_num([row.difference.se_rms_vector for row in comparison.levels])
        axes.errorbar(rms, km, xerr=error, color=look.color, linestyle=look.dashes,
                      marker=look.marker, markersize=5, linewidth=1.6, capsize=2.5,
                      elinewidth=0.8, label=f"{wind.label} less A", zorder=4)  # fmt: skip
        default = np.array([row.default_vector_ms for row in comparison.levels])
        if np.isfinite(default).any():
            axes.plot(default, km, color=look.color, linestyle=DEFAULT_DASHES, linewidth=1.4,
                      marker=look.marker, markersize=4, markerfacecolor="white",
                      label=f"{wind.label}: default error of both", zorder=3)  # fmt: skip
    axes.set_xlim(left=0.0)
    # room above the data for the legend
    top = max(row.height_m for comparison in result.comparisons for row in comparison.levels)
    axes.set_ylim(0.0, top / 1000.0 * (1.06 + 0.075 * len(axes.get_legend_handles_labels()[0])))
    axes.set_title("by height", loc="left", fontsize=9.5, color=style.FAINT_INK)
    _label(axes, "rms vector difference, m/s (bars: standard error)", "geopotential height, km")
    axes.legend(fontsize=8, frameon=False, loc="upper left")


def _draw_pair(
    figure: Figure, bottom: float, tall: float, result: WindComparison, group: int | None
) -> None:
    """Draw paths and how far apart they come: of a group, or of the climb."""
    paths = figure.add_axes((0.40, bottom, 0.27, tall))
    apart = figure.add_axes((0.735, bottom, 0.25, tall))
    separations: list[Separation]
    if group is None:
        tracks = [np.column_stack([c.longitude, c.latitude]) for c in result.climbs]
        separations = [separate_climbs(result.climbs[0], c) for c in result.climbs]
        points: list[list[tuple[float, float, str]]] = [
            [(c.longitude[-1], c.latitude[-1], "top")] for c in result.climbs
        ]
        title = f"climb at {result.request.rate_ms:g} m/s" if result.request else ""
    else:
        flights = [groups[group] for groups in result.flights]
        tracks = [flight.track[:, :2] for flight in flights]
        separations = [find_separation(flights[0], flight) for flight in flights]
        points = [
            [
                *zip(f.release_longitude, f.release_latitude, ["release"] * f.release_s.size,
                     strict=True),
                *((x.longitude, x.latitude, "landing") for x in f.landings),
            ]
            for f in flights
        ]  # fmt: skip
        title = f"group {shorten(flights[0].group, 30)}"
    start = tracks[0][0]
    per_km = 111.195 * np.cos(np.radians(start[1])), 111.195
    for i, (wind, track, marks) in enumerate(zip(result.winds, tracks, points, strict=True)):
        look = style.kind_style(i - 1) if i else FIRST_STYLE
        x, y = _to_km(track, start, per_km)
        paths.plot(x, y, color=look.color, linestyle=look.dashes, linewidth=1.6,
                   label=wind.label, zorder=4)  # fmt: skip
        for longitude, latitude, what in marks:
            place = _to_km(np.array([[longitude, latitude]]), start, per_km)
            paths.plot(*place, linestyle="none", marker=look.marker, markersize=6, zorder=5,
                       color=look.color, markeredgecolor=look.color, markeredgewidth=1.1,
                       markerfacecolor="white" if what == "release" else look.color)  # fmt: skip
            if what == "landing":
                end = (x[-1], y[-1])
                paths.plot([end[0], place[0][0]], [end[1], place[1][0]], color=look.color,
                           linestyle=(0.0, (1.0, 3.0)), linewidth=0.9, zorder=3)  # fmt: skip
        if i:
            apart.plot(separations[i].elapsed_s / 60.0, separations[i].distance_m / 1000.0,
                       color=look.color, linestyle=look.dashes, linewidth=1.6,
                       label=f"{wind.label} from A")  # fmt: skip
            apart.plot(separations[i].elapsed_s[-1] / 60.0, separations[i].distance_m[-1] / 1000.0,
                       color=look.color, marker=look.marker, markersize=5)  # fmt: skip
    paths.plot(0.0, 0.0, marker="*", markersize=12, color="white", markeredgecolor=style.INK,
               linestyle="none", zorder=6)  # fmt: skip
    paths.set_aspect("equal", adjustable="datalim")
    told = "open: release, filled: landing" if group is not None else "star: start"
    paths.set_title(f"{title} ({told})", loc="left", fontsize=9.5, color=style.FAINT_INK)
    _label(paths, "east of the start, km", "north of the start, km")
    apart.set_xlim(left=0.0)
    apart.set_ylim(bottom=0.0)
    apart.set_title("apart over time", loc="left", fontsize=9.5, color=style.FAINT_INK)
    _label(apart, "minutes since the start", "apart from A, km")
    paths.legend(fontsize=8, frameon=False)
    apart.legend(fontsize=8, frameon=False)


def _to_km(
    places: np.ndarray, start: np.ndarray, per_km: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    east = (places[:, 0] - start[0] + 180.0) % 360.0 - 180.0
    return east * per_km[0], (places[:, 1] - start[1]) * per_km[1]


def _label(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across, fontsize=9, color=style.INK)
    axes.set_ylabel(up, fontsize=9, color=style.INK)
    axes.grid(color="#d6dadd", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=style.FAINT_INK, length=3.0, width=0.6)
    for name, side in axes.spines.items():
        side.set_visible(name in ("left", "bottom"))
        side.set_color(style.FAINT_INK)


def _caption(result: WindComparison) -> list[str]:
    lines = [line for text in result.warnings for line in textwrap.wrap(f"!! {text}", 180)]
    lines += [f"{wind.label}: {shorten(wind.describe(), _NAME)}" for wind in result.winds]
    for wind, comparison in zip(result.winds[1:], result.comparisons, strict=True):
        lead = lead_text(comparison, wind.label)
        text = f"{wind.label} less A: {time_text(comparison)}; lead: {lead}"
        lines += textwrap.wrap(text, 180)
    if result.flights:
        lines += textwrap.wrap(
            f"Flights of '{shorten(result.mission_name, 60)}': everything at its median, no "
            "turbulence. " + " ".join(f"Bridged: {note}." for note in result.flight_notes), 180
        )  # fmt: skip
    return lines
