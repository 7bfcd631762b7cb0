"""Draw what dominates: first-order and total index of each group of causes, one row a kind."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from downwind.landing.regions import TARGET
from downwind.plan.advice import explain_dominance
from downwind.plan.caption import caption_lines, launch_text
from downwind.plan.dominance import ACROSS, ALONG, KindDominance, QuantityShares
from downwind.plan.result import PlanResult
from downwind.report import style
from downwind.report._plain import cut
from downwind.report._text import kind_names, loud_texts

TITLES: Final = {
    ALONG: "along the drift",
    ACROSS: "across the drift",
    TARGET: "share in the target",
}
FIRST: Final = style.KindStyle("#12355b", "-", "", "o")
TOTAL: Final = style.KindStyle("#b9702f", "-", "", "D")
BAND: Final = "#f1f2ee"
TEXT_WIDTH: Final = 165
"""Longest line of text on the picture [characters]."""

_ROW_IN, _HEAD_IN, _FOOT_IN, _KIND_IN = 2.9, 1.1, 0.7, 0.85
_COLUMNS: Final = ((0.125, 0.265), (0.42, 0.265), (0.715, 0.265))


def draw_dominance(result: PlanResult, path: Path) -> None:
    """Write what dominates as PNG, 2000 pixels wide.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
    """
    style.save_figure(make_dominance(result), path)


def make_dominance(result: PlanResult) -> Figure:
    """Return the figure: for each kind three panels, each group of causes a line in all of them.

    Parameters
    ----------
    result : PlanResult
    """
    kinds = result.dominance
    loud = loud_texts(result)
    loud_in = 0.2 * len(loud)
    height = _HEAD_IN + loud_in + len(kinds) * (_ROW_IN + _KIND_IN) + _FOOT_IN
    figure = style.new_figure(height)

    def up(inches: float) -> float:
        return 1.0 - inches / height

    for i, text in enumerate(loud):
        figure.text(
            0.02, up(0.25 + 0.2 * i), cut("!! " + text, TEXT_WIDTH), fontsize=9,
            fontweight="bold", color=style.STOP_INK,
        )  # fmt: skip
    figure.text(
        0.02, up(loud_in + 0.4), cut(f"What dominates: {result.mission.name}", 100), fontsize=13,
        fontweight="bold", color=style.INK,
    )  # fmt: skip
    figure.text(
        0.02, up(loud_in + 0.65), cut(f"{result.site.name}, {launch_text(result)}", TEXT_WIDTH),
        fontsize=9, color=style.FAINT_INK,
    )  # fmt: skip
    figure.legend(
        handles=[
            Line2D([], [], color=look.color, marker=look.marker, linestyle="none",
                   markerfacecolor=fill, label=label)
            for look, fill, label in (
                (FIRST, FIRST.color, "by itself (first order)"),
                (TOTAL, "white", "with what it does together with others (total)"),
            )
        ],
        loc="upper left", bbox_to_anchor=(0.015, up(loud_in + 0.72)), ncols=2, frameon=False,
        fontsize=9,
    )  # fmt: skip
    sentences = explain_dominance(result)
    for k, (name, found) in enumerate(zip(kind_names(result), kinds, strict=True)):
        top = _HEAD_IN + loud_in + k * (_ROW_IN + _KIND_IN)
        figure.text(
            0.02, up(top + 0.12), "\n".join(_lines(f"{name}: {sentences[found.kind]}")),
            fontsize=9.5, va="top", color=style.INK,
        )  # fmt: skip
        for (left, width), quantity in zip(_COLUMNS, found.quantities, strict=False):
            box = (left, up(top + _KIND_IN + _ROW_IN - 0.35), width, (_ROW_IN - 0.5) / height)
            _draw_quantity(figure.add_axes(box), quantity, found, left == _COLUMNS[0][0])
    caption = " · ".join(
        [
            "shares of the variance from draw to draw; bars: standard error",
            *caption_lines(result),
        ]
    )
    figure.text(
        0.02, 0.12 / height, "\n".join(_lines(caption)[:4]), fontsize=7.5, color=style.FAINT_INK,
        va="bottom",
    )  # fmt: skip
    return figure


def _lines(text: str) -> list[str]:
    """Break a text for the width of the picture."""
    words, lines = text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > TEXT_WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _draw_quantity(
    axes: Axes, quantity: QuantityShares, found: KindDominance, has_names: bool
) -> None:
    axes.set_title(f"{TITLES[quantity.name]}\n{_sizes(quantity)}", fontsize=8.5, loc="left",
                   color=style.INK)  # fmt: skip
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if not quantity.causes or quantity.interaction is None:
        varies = quantity.variance.value > 0.0
        text = "too few draws differ\nto tell the causes" if varies else "does not vary"
        axes.text(0.5, 0.5, text, ha="center", va="center", color=style.FAINT_INK,
                  transform=axes.transAxes)  # fmt: skip
        axes.set_xticks([])
        axes.set_yticks([])
        return
    names = [cause.group.title for cause in quantity.causes]
    place = np.arange(len(names))
    axes.axhspan(len(names) - 0.5, len(names) + 0.5, color=BAND, linewidth=0.0)
    for look, fill, shift, shares in (
        (FIRST, FIRST.color, -0.15, [c.first for c in quantity.causes]),
        (TOTAL, "white", 0.15, [c.total for c in quantity.causes]),
    ):
        axes.errorbar(
            [share.value for share in shares], place + shift,
            xerr=[share.standard_error for share in shares], linestyle="none", marker=look.marker,
            markersize=5.5, color=look.color, markerfacecolor=fill, elinewidth=1.1, capsize=2,
        )  # fmt: skip
    rest = quantity.interaction
    axes.errorbar(
        [rest.value], [len(names)], xerr=[rest.standard_error], linestyle="none", marker="x",
        markersize=6, color=style.INK, elinewidth=1.1, capsize=2,
    )  # fmt: skip
    axes.axvline(0.0, color=style.FAINT_INK, linewidth=0.8)
    # error bars may leave the panel, values do not
    values = [x.value for c in quantity.causes for x in (c.first, c.total)] + [rest.value]
    axes.set_xlim(min(-0.2, min(values) - 0.05), max(1.1, max(values) + 0.05))
    axes.set_ylim(len(names) + 0.5, -0.5)
    axes.set_yticks([*place, len(names)], [*names, "interaction"] if has_names else [])
    axes.tick_params(labelsize=8.5, left=False)
    axes.set_xticks(np.arange(0.0, 1.01, 0.25), ["0", "25", "50", "75", "100 %"])
    axes.grid(axis="x", color=style.GRATICULE_LINE, linewidth=0.4)
    axes.set_axisbelow(True)


def _sizes(quantity: QuantityShares) -> str:
    sigma, within = math.sqrt(max(quantity.variance.value, 0.0)), math.sqrt(quantity.within)
    if quantity.name == TARGET:
        return f"σ {100 * sigma:.1f} % from draw to draw"
    return f"σ {sigma / 1e3:.1f} km from draw to draw, {within / 1e3:.1f} km within a draw"
