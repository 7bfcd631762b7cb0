"""Draw reliability diagrams and rank histograms, in black and white too."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binom

from downwind.report import style
from downwind.report.score_text import p_text, rank_words
from downwind.score.events import EventScores
from downwind.score.ranks import RankHistogram
from downwind.score.table import PointScores

_LINE = style.KIND_STYLES[0].color
_BAR = "#c9d3da"
_HEAD_IN, _FOOT_IN = 0.75, 0.85


def draw_reliability_diagram(events: EventScores, path: Path) -> None:
    """Write the reliability diagram of events as PNG."""
    height = 6.4
    figure = style.new_figure(height)
    figure.text(0.06, 1.0 - 0.32 / height, "Does it happen as often as it is said to?",
                fontsize=15, fontweight="bold", color=style.INK, va="center")  # fmt: skip
    tall = 1.0 - (_HEAD_IN + _FOOT_IN) / height
    axes = figure.add_axes((0.06, _FOOT_IN / height, 0.44, tall))
    draw_reliability(axes, events)
    counts = figure.add_axes((0.58, _FOOT_IN / height, 0.40, tall))
    _draw_counts(counts, events)
    style.save_figure(figure, path)


def draw_rank_histograms(points: PointScores, path: Path) -> None:
    """Write the rank histograms of points as PNG: one for each axis, and the outlying ranks."""
    shown = {
        **{f"{name} ({axis.bearing_deg:.0f}°)": (axis.ranks, name)
           for name, axis in points.axes.items()},
        "how far out": (points.outlying, "outlying"),
    }  # fmt: skip
    columns = 3
    rows = -(-len(shown) // columns)
    panel = 3.0
    height = _HEAD_IN + rows * (panel + 1.15)
    figure = style.new_figure(height)
    figure.text(0.05, 1.0 - 0.32 / height, "Where outcomes lie among the members", fontsize=15,
                fontweight="bold", color=style.INK, va="center")  # fmt: skip
    for i, (title, (ranks, name)) in enumerate(shown.items()):
        row, column = divmod(i, columns)
        bottom = height - _HEAD_IN - row * (panel + 1.15) - panel - 0.35
        axes = figure.add_axes((0.05 + 0.325 * column, bottom / height, 0.28, panel / height))
        draw_ranks(axes, ranks, title, name)
    style.save_figure(figure, path)


def draw_reliability(axes: Axes, events: EventScores) -> None:
    """Draw observed shares against probabilities, with consistency bars about the diagonal."""
    bins = events.reliability.bins
    mean = np.array([part.mean_probability for part in bins])
    share = np.array([part.share for part in bins])
    low = np.array([part.consistent_low for part in bins])
    high = np.array([part.consistent_high for part in bins])
    axes.plot([0.0, 1.0], [0.0, 1.0], color=style.FAINT_INK, linewidth=0.8, zorder=1)
    axes.bar(mean, high - low, 0.035, low, color=_BAR, zorder=2,
             label="95 % of shares lie here if all is right")  # fmt: skip
    error = [
        share - np.array([part.low for part in bins]),
        np.array([part.high for part in bins]) - share,
    ]
    axes.errorbar(mean, share, yerr=error, color=_LINE, marker="o", markersize=5, linewidth=1.4,
                  elinewidth=0.9, capsize=2.5, zorder=4,
                  label="observed, with its 95 % interval")  # fmt: skip
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(-0.02, 1.14)
    axes.set_yticks(np.linspace(0.0, 1.0, 6))
    frame_axes(axes, "stated probability", "share that happened")
    axes.legend(fontsize=8, frameon=False, loc="upper left", ncols=2)
    found = events.reliability
    skill = "" if math.isnan(found.skill) else f", skill {found.skill:.2f}"
    axes.set_title(
        f"Brier score {found.brier:.3f}{skill}; reliability {found.reliability:.4f}",
        loc="left", fontsize=9.5, color=style.FAINT_INK,
    )  # fmt: skip


def draw_ranks(axes: Axes, ranks: RankHistogram, title: str, name: str) -> None:
    """Draw a rank histogram, with the band where 95 % of bars lie if all is right."""
    bins, cases = ranks.counts.size, ranks.cases
    low, high = np.asarray(binom.ppf((0.025, 0.975), cases, 1.0 / bins))
    axes.axhspan(low, high, color=_BAR, zorder=1, linewidth=0)
    axes.axhline(cases / bins, color=style.FAINT_INK, linewidth=0.8, zorder=2)
    middle = (np.arange(bins) + 0.5) / bins
    axes.bar(middle, ranks.counts, 0.86 / bins, facecolor="none", edgecolor=_LINE, linewidth=1.3,
             hatch="///", zorder=3)  # fmt: skip
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.15 * max(float(ranks.counts.max()), float(high)))
    p = "" if math.isnan(ranks.p_value) else f", p {p_text(ranks.p_value)}"
    axes.set_title(f"{title}{p}\n{rank_words(ranks, name)}", loc="left", fontsize=9,
                   color=style.FAINT_INK)  # fmt: skip
    frame_axes(axes, "place among the members", "outcomes")


def frame_axes(axes: Axes, across: str, up: str) -> None:
    """Give axes their labels, a light grid and no frame."""
    axes.set_xlabel(across, fontsize=9, color=style.INK)
    axes.set_ylabel(up, fontsize=9, color=style.INK)
    axes.grid(color="#d6dadd", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=style.FAINT_INK, length=3.0, width=0.6)
    for side_name, side in axes.spines.items():
        side.set_visible(side_name in ("left", "bottom"))
        side.set_color(style.FAINT_INK)


def _draw_counts(axes: Axes, events: EventScores) -> None:
    bins = events.reliability.bins
    middle = np.array([0.5 * (part.lower + part.upper) for part in bins])
    count = np.array([part.count for part in bins])
    hits = np.array([part.happened for part in bins])
    wide = 0.86 * (bins[0].upper - bins[0].lower)
    axes.bar(middle, count, wide, facecolor="white", edgecolor=_LINE, linewidth=1.2,
             label="stated", zorder=3)  # fmt: skip
    axes.bar(middle, hits, wide, facecolor=_BAR, edgecolor=_LINE, linewidth=0.8, hatch="///",
             label="happened", zorder=4)  # fmt: skip
    axes.set_xlim(0.0, 1.0)
    axes.set_title(f"{events.count:,} probabilities in {events.cases:,} cases", loc="left",
                   fontsize=9.5, color=style.FAINT_INK)  # fmt: skip
    frame_axes(axes, "stated probability", "how many")
    axes.margins(y=0.2)
    axes.legend(fontsize=8, frameon=False, ncols=2, loc="upper right")
