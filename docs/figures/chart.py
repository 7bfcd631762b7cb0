"""How long each item falls from 3 and 5 km, and how far it drifts, as a chart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from PIL import Image

from downwind.load.catalogue import load_items
from downwind.load.even_draws import lay_falls
from downwind.load.fall_time import Spread, drift_m, fall_time_s, spread_of
from downwind.load.impact import explain_refusal, is_above_impact_limit
from downwind.load.traits import ItemKind
from downwind.report import style
from downwind.service.demonstration import demonstration_wind

HEIGHTS_M: Final = (3000.0, 5000.0)
POINTS: Final = 2**15
LAYER_M: Final = 250.0
UNIFORM_MS: Final = 10.0
COLORS: Final = 96

_WIDTH_IN, _ROW_IN, _HEAD_IN, _FOOT_IN = 10.0, 0.235, 1.42, 1.12
_TIMES = (2, 3, 5, 10, 20, 30, 60, 120, 240)
_DRIFTS = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class FallRow:
    """One item of the chart: times [min] and drifts [km] from each height."""

    kind: ItemKind
    minutes: tuple[Spread, ...]
    sheared_km: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a sort of item is drawn."""

    label: str
    marker: str
    color: str


LOOKS: Final = {
    "paper": Look("paper leaflet", "o", "#12355b"),
    "film": Look("film leaflet", "D", "#1f5c3a"),
    "disc": Look("disc or case", "s", "#a3451a"),
    "hung": Look("under a parachute", "v", "#5d4a86"),
    "bare": Look("other, bare", "X", "#20262b"),
}


def sort_of(kind: ItemKind) -> str:
    """Return which look an item has, a key of ``LOOKS``."""
    if kind.family == "leaflet":
        return "film" if kind.plastic_fraction > 0.0 else "paper"
    if kind.parachute_m is not None:
        return "hung"
    return "disc" if kind.family in ("disc", "case") else "bare"


def sheared_wind() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return heights [m] and the wind towards east and north [m s-1] of the sheared profile.

    It is the evening of the demonstration's wind, at its centre: made up, with the shear, veer and
    strength of a spring evening.
    """
    wind = demonstration_wind()
    return wind.height_m, wind.east_ms[0], wind.north_ms[0]


@cache
def gather_rows() -> list[FallRow]:
    """Return all items on record, the one that falls longest from 5 km first."""
    height, east, north = sheared_wind()
    rows = []
    for kind in load_items().values():
        falls = lay_falls(kind, POINTS)
        times = tuple(spread_of(fall_time_s(falls, h)).times(1.0 / 60.0) for h in HEIGHTS_M)
        drifts = []
        for top in HEIGHTS_M:
            edges = np.arange(0.0, top + 1.0, LAYER_M)
            middle = 0.5 * (edges[1:] + edges[:-1])
            way = drift_m(
                falls, edges, np.interp(middle, height, east), np.interp(middle, height, north)
            )
            drifts.append(spread_of(np.hypot(*way)).times(1e-3))
        rows.append(FallRow(kind, times, tuple(drifts)))
    return sorted(rows, key=lambda row: -row.minutes[-1].median)


def draw_falls(path: Path) -> None:
    """Write the chart as PNG, 1600 pixels wide, in a palette, which keeps it small."""
    canvas = FigureCanvasAgg(make_chart(gather_rows()))
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    image.quantize(COLORS, dither=Image.Dither.NONE).save(path, format="png", optimize=True)


def make_chart(rows: list[FallRow]) -> Figure:
    """Return the chart of some rows."""
    body = _ROW_IN * len(rows)
    height = _HEAD_IN + body + _FOOT_IN
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=style.DPI, facecolor="white")
    bottom, tall = _FOOT_IN / height, body / height
    left = figure.add_axes((0.215, bottom, 0.40, tall))
    right = figure.add_axes((0.635, bottom, 0.35, tall))
    for axes in (left, right):
        _frame(axes, rows)
    _draw_spreads(left, [(row, row.minutes) for row in rows])
    _draw_spreads(right, [(row, row.sheared_km) for row in rows])
    _scale(left, _TIMES, (1.9, 300.0), "fall time to the sea [min]")
    _scale(right, _DRIFTS, (0.9, 300.0), "drift in the sheared wind [km]")
    top = left.secondary_xaxis(
        "top",
        functions=(lambda m: m * 0.06 * UNIFORM_MS, lambda km: km / (0.06 * UNIFORM_MS)),
    )
    top.xaxis.set_major_locator(FixedLocator(_DRIFTS))
    top.xaxis.set_minor_locator(NullLocator())
    top.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    top.tick_params(labelsize=8.5, colors=style.INK)
    top.set_xlabel(f"drift in a wind of {UNIFORM_MS:.0f} m/s at all heights [km]", fontsize=9,
                   color=style.INK)  # fmt: skip
    left.set_yticks(range(len(rows)), [_label(row.kind) for row in rows], fontsize=8.2)
    right.set_yticks(range(len(rows)), [""] * len(rows))
    _write_head(figure, height)
    _write_foot(figure, height)
    return figure


def _frame(axes: Axes, rows: list[FallRow]) -> None:
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for i in range(0, len(rows), 2):
        axes.axhspan(i - 0.5, i + 0.5, color="#f1f3f4", zorder=0, linewidth=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0, colors=style.INK)
    axes.tick_params(axis="x", labelsize=8.5, colors=style.INK)


def _scale(axes: Axes, ticks: tuple[int, ...], limits: tuple[float, float], title: str) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.grid(axis="x", color="#c3c9cc", linewidth=0.6, zorder=1)
    axes.set_xlabel(title, fontsize=9, color=style.INK)


def _draw_spreads(axes: Axes, rows: list[tuple[FallRow, tuple[Spread, ...]]]) -> None:
    for i, (row, spreads) in enumerate(rows):
        look = LOOKS[sort_of(row.kind)]
        for spread, shift, is_high in zip(spreads, (0.2, -0.2), (False, True), strict=True):
            at = i + shift
            axes.plot([spread.low, spread.high], [at, at], color=look.color, zorder=3,
                      linewidth=2.0 if is_high else 0.9, solid_capstyle="butt")  # fmt: skip
            axes.plot([spread.median], [at], marker=look.marker, markersize=4.6, zorder=4,
                      color=look.color if is_high else "white", markeredgecolor=look.color,
                      markeredgewidth=0.9, linestyle="none")  # fmt: skip


def _label(kind: ItemKind) -> str:
    if explain_refusal(kind):
        return f"{kind.name} (refused)"
    return f"{kind.name} (STOP)" if is_above_impact_limit(kind) else kind.name


def _write_head(figure: Figure, height: float) -> None:
    figure.text(0.015, 1.0 - 0.16 / height, "How long each item falls, and how far it drifts",
                fontsize=13, fontweight="bold", color=style.INK, va="top")  # fmt: skip
    figure.text(
        0.015, 1.0 - 0.44 / height,
        "medians with 5 to 95 % of items over all draws, from 3 km (thin, open) and from 5 km "
        "(thick, filled)", fontsize=9.5, color=style.FAINT_INK, va="top",
    )  # fmt: skip
    handles = [
        Line2D([], [], color=look.color, marker=look.marker, markersize=5, linewidth=2.0,
               label=look.label)
        for look in LOOKS.values()
    ]  # fmt: skip
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.007, 1.0 - 0.60 / height),
                  ncols=len(handles), frameon=False, fontsize=8.8, handlelength=2.2,
                  columnspacing=1.6)  # fmt: skip


def _write_foot(figure: Figure, height: float) -> None:
    wind_m, east, north = sheared_wind()
    speed = np.hypot(east, north)

    def comes_from(h: float) -> str:
        u, v = np.interp(h, wind_m, east), np.interp(h, wind_m, north)
        return f"{np.degrees(np.arctan2(-u, -v)) % 360.0:.0f}"

    told = ", ".join(
        f"{np.interp(h, wind_m, speed):.0f} m/s at {h / 1e3:g} km" for h in (1e3, 3e3, 5e3)
    )
    lines = (
        f"Sheared wind: a made-up spring evening, {speed[0]:.0f} m/s at the sea, {told}, from "
        f"{comes_from(0)} degrees at the sea to {comes_from(5000)} at 5 km.",
        "Standard atmosphere, heights geopotential, items loose from the start, no turbulence, no "
        "vertical wind, dry. Parachutes open at once.",
        "Made by: python -m docs.figures",
    )
    for i, line in enumerate(lines):
        figure.text(0.015, (0.47 - 0.165 * i) / height, line, fontsize=8, color=style.FAINT_INK,
                    va="top")  # fmt: skip
