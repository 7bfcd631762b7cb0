"""Draw the curve around the recommended timer: one row a group, the whole of it and near the best.

Left the share of each kind in the target over all settings; right, within 40 minutes of the
setting, what the limits are held against, with the stretch that cannot be told from the best.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downwind.landing.regions import HOME, KEEP_OUT, LEFT_DATA, TARGET, THIRD_COUNTRY
from downwind.plan.caption import launch_text
from downwind.plan.result import GroupResult, PlanResult
from downwind.plan.search import limit_table
from downwind.report import style
from downwind.report._plain import count_text, cut, percent, shorten
from downwind.report._text import kind_names, loud_texts, settings_title, short_title
from downwind.report.profile import CURVES, share_band

NEAR_MIN: Final = 40.0
"""Minutes on either side of the setting that the right panels show."""

TEXT_WIDTH: Final = 165
KEEP_OUT_LOOK: Final = style.KindStyle("#8c1d40", (0.0, (3.0, 1.2, 1.0, 1.2)), "", "x")

_ROW_IN, _GAP_IN, _HEAD_IN, _FOOT_IN = 2.6, 1.15, 0.75, 0.35
_COLUMNS: Final = ((0.06, 0.405), (0.545, 0.30))


def draw_curve(result: PlanResult, path: Path) -> None:
    """Write the curve around the timer settings as PNG, 2000 pixels wide.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
    """
    style.save_figure(make_curve(result), path)


def make_curve(result: PlanResult) -> Figure:
    """Return the figure: for each group two panels."""
    loud = loud_texts(result)
    loud_in = 0.2 * len(loud)
    rows = len(result.groups)
    height = loud_in + _HEAD_IN + rows * (_ROW_IN + _GAP_IN) + _FOOT_IN
    figure = style.new_figure(height)
    for i, text in enumerate(loud):
        figure.text(
            0.02, 1.0 - (0.25 + 0.2 * i) / height, cut("!! " + text, TEXT_WIDTH), fontsize=9,
            fontweight="bold", color=style.STOP_INK,
        )  # fmt: skip
    for inches, size, text in (
        (0.4, 13, f"Share against the timer setting: {result.mission.name}"),
        (0.65, 10, f"{result.site.name}, {launch_text(result)}; bands: ± 2 standard errors"),
    ):
        figure.text(
            0.02, 1.0 - (loud_in + inches) / height, cut(text, 110), fontsize=size,
            fontweight="bold" if size > 10 else "normal", color=style.INK,
        )  # fmt: skip
    for index, group in enumerate(result.groups):
        top = loud_in + _HEAD_IN + index * (_ROW_IN + _GAP_IN) + 0.55
        bottom = 1.0 - (top + _ROW_IN) / height
        axes = [
            figure.add_axes((left, bottom, width, _ROW_IN / height)) for left, width in _COLUMNS
        ]
        own = group.group
        figure.text(
            _COLUMNS[0][0], 1.0 - (top - 0.27) / height,
            f"{shorten(own.name, 60)}: {count_text(own.count, 'balloon')}, "
            f"{settings_title(result).lower()}: {group.dials}",
            fontsize=11, fontweight="bold", color=style.INK,
        )  # fmt: skip
        _draw_kinds(axes[0], result, group)
        _draw_near(axes[1], result, group)
    return figure


def _draw_kinds(axes: Axes, result: PlanResult, group: GroupResult) -> None:
    """Draw the share of each kind in the target over all settings."""
    curve, timer_min = group.curve, (group.setting.timer_s or 0.0) / 60.0
    minutes = curve.timer_s / 60.0
    for k, (kind, name) in enumerate(zip(result.kinds, kind_names(result), strict=True)):
        if kind.kind.name not in {part.kind.name for part in group.group.load}:
            continue
        shares = curve.kinds.get(kind.kind.name, curve.shares)[TARGET]
        mean, low, high = share_band(shares, curve.clusters)
        look = style.kind_style(k)
        axes.fill_between(minutes, low, high, color=look.color, alpha=0.18, linewidth=0.0)
        axes.plot(minutes, mean, color=look.color, linestyle=look.dashes, linewidth=1.5,
                  marker=look.marker, markersize=3.2, label=name)  # fmt: skip
    axes.axvline(timer_min, color=style.INK, linewidth=1.1)
    axes.set_xlim(minutes[0], minutes[-1])
    axes.set_ylim(-2.0, 102.0)
    axes.set_title("in the target, each kind", loc="left", fontsize=9.5, color=style.FAINT_INK)
    axes.legend(fontsize=8, frameon=False, loc="best")
    _finish_axes(axes, group)


def _draw_near(axes: Axes, result: PlanResult, group: GroupResult) -> None:
    """Draw near the setting what the limits are held against, and the limits of the whole load."""
    curve, timer_min = group.curve, (group.setting.timer_s or 0.0) / 60.0
    minutes = curve.timer_s / 60.0
    limits = limit_table(result.mission)
    plateau = curve.plateau(limits)
    if plateau is not None and minutes[plateau[0]] <= timer_min <= minutes[plateau[1]]:
        first, last = (minutes[i] for i in plateau)
        axes.axvspan(first - 0.15, last + 0.15, facecolor="#e4e6dc", edgecolor="none", zorder=0)
        axes.annotate("as good as the best", (0.5 * (first + last), 0.98), (0.0, 0.0),
                      xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
                      va="top", fontsize=7.5, color=style.FAINT_INK, zorder=6,
                      bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
                      )  # fmt: skip
    near = np.abs(minutes - timer_min) <= NEAR_MIN
    highest = 0.0
    handles = []
    for region, limit in limits.items():
        look = CURVES.get(region, KEEP_OUT_LOOK)
        held = curve.shares[region] + curve.shares[LEFT_DATA]
        mean, low, high = share_band(held, curve.clusters)
        axes.fill_between(minutes, low, high, color=look.color, alpha=0.15, linewidth=0.0)
        handles += axes.plot(
            minutes, mean, color=look.color, linestyle=look.dashes, linewidth=1.5,
            marker=look.marker, markersize=3.4,
            label=f"{_name(region)}, limit {percent(limit)}",
        )  # fmt: skip
        axes.axhline(100.0 * limit, color=look.color, linewidth=0.9, linestyle=look.dashes)
        highest = max(highest, 100.0 * limit, float(mean[near].max(initial=0.0)))
    axes.axvline(timer_min, color=style.INK, linewidth=1.1)
    axes.set_xlim(max(timer_min - NEAR_MIN, minutes[0]), min(timer_min + NEAR_MIN, minutes[-1]))
    widest = 100.0 * max(limits.values())
    axes.set_ylim(0.0, min(1.15 * min(highest, max(4.0 * widest, 4.0)) + 0.2, 102.0))
    axes.set_title("held against the limits (with what left the data)", loc="left", fontsize=9.5,
                   color=style.FAINT_INK)  # fmt: skip
    axes.legend(handles=handles, fontsize=8, frameon=False, loc="upper left",
                bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)  # fmt: skip
    _finish_axes(axes, group)


def _name(region: str) -> str:
    names = {HOME: "short", THIRD_COUNTRY: "third"}
    if region.startswith(KEEP_OUT):
        return shorten(short_title(region), 22)
    return names.get(region, short_title(region))


def _finish_axes(axes: Axes, group: GroupResult) -> None:
    first = "timer setting" if len(group.releases) == 1 else "setting of the first timer"
    axes.set_xlabel(f"{first}, min", fontsize=9)
    axes.set_ylabel("share of the load, %", fontsize=9)
    axes.grid(color="#d6dadd", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=style.FAINT_INK, length=3.0, width=0.6)
    for name, side in axes.spines.items():
        side.set_visible(name in ("left", "bottom"))
        side.set_color(style.FAINT_INK)
