"""What stands around a map: title, caption, table of shares and legend."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from downwind.geo.atlas import MAP_SOURCE
from downwind.plan.result import PlanResult
from downwind.report import style
from downwind.report._areas import Area
from downwind.report._text import MAIN_REGIONS, short_title
from downwind.report.caption import caption_lines, launch_text
from downwind.report.summary import compact_share

MAP_LEFT, MAP_RIGHT, MAP_TOP = 0.056, 0.695, 0.915
SIDE_LEFT, SIDE_RIGHT = 0.725, 0.985
_LINE = 0.0172


def write_title(figure: Figure, result: PlanResult) -> None:
    """Write the mission's name, the site and the launch above the map."""
    name = textwrap.shorten(result.mission.name, 100, placeholder=" …")
    figure.text(MAP_LEFT, 0.968, name, fontsize=15, fontweight="bold", color=style.INK,
                va="center")  # fmt: skip
    figure.text(
        MAP_LEFT, 0.938, f"{result.site.name}, first launch {launch_text(result)}", fontsize=10.5,
        color=style.FAINT_INK, va="center",
    )  # fmt: skip


def write_caption(figure: Figure, result: PlanResult) -> float:
    """Write what stands below the map; return where the map may begin [of the height]."""
    text = " · ".join([*caption_lines(result), f"map: {MAP_SOURCE}; towns: GeoNames"])
    lines = [(line, style.FAINT_INK, "normal") for line in textwrap.wrap(text, 190)]
    stops = textwrap.wrap(" · ".join(result.stops), 160)
    lines = [(line, style.STOP_INK, "bold") for line in stops] + lines
    y = 0.016 + _LINE * (len(lines) - 1)
    bottom = y + 0.047
    for line, color, weight in lines:
        figure.text(MAP_LEFT, y, line, fontsize=8.0, color=color, fontweight=weight,
                    va="center")  # fmt: skip
        y -= _LINE
    return bottom


def write_shares(figure: Figure, result: PlanResult) -> float:
    """Write the table of shares at the top right; return where it ends [of the height]."""
    names = style.kind_names(result)[:3]
    y = MAP_TOP - 0.006
    figure.text(SIDE_LEFT, y, "Expected share, %", fontsize=9, fontweight="bold",
                color=style.INK, va="center")  # fmt: skip
    edges = np.linspace(SIDE_RIGHT, SIDE_RIGHT - 0.066 * (len(names) - 1), len(names))[::-1]
    heads = ["\n".join(textwrap.wrap(name, 10)) for name in names]
    y -= (0.55 + 0.85 * max(head.count("\n") + 1 for head in heads)) * _LINE
    for x, head, index in zip(edges, heads, range(len(heads)), strict=True):
        figure.text(float(x), y - 0.4 * _LINE, head, fontsize=8, fontweight="bold",
                    color=style.kind_style(index).text_color, ha="right", va="bottom",
                    linespacing=1.05)  # fmt: skip
    for region in MAIN_REGIONS:
        y -= 1.1 * _LINE
        figure.text(SIDE_LEFT, y, short_title(region), fontsize=8, color=style.INK, va="center")
        for x, kind in zip(edges, result.kinds, strict=False):
            figure.text(float(x), y, compact_share(kind.shares[region]), fontsize=8,
                        color=style.INK, ha="right", va="center")  # fmt: skip
    y -= 1.2 * _LINE
    figure.text(SIDE_LEFT, y, "± standard error; (< p): in no draw", fontsize=7,
                color=style.FAINT_INK, va="center")  # fmt: skip
    return y - _LINE


def draw_legend(figure: Figure, result: PlanResult, areas: list[Area], top: float) -> float:
    """Draw the legend below the table; return where it ends [of the height]."""
    handles: list[Line2D | Patch] = [
        Line2D([], [], linestyle="none", marker="*", markersize=12, color="white",
               markeredgecolor=style.INK, label="launch site")
    ]  # fmt: skip
    for index, group in enumerate(result.groups):
        look = style.group_style(result, index)
        handles.append(
            Line2D([], [], color=look.color, linewidth=0.9, marker=look.marker, markersize=4,
                   label=f"{group.group.name}: path to release ({group.dials})")
        )  # fmt: skip
    handles.append(Line2D([], [], color="#9aa0a4", linewidth=1.0, linestyle=":",
                          label="emptied envelopes"))  # fmt: skip
    for area in areas:
        for level in sorted(area.contours):
            is_outer = level == max(area.contours)
            handles.append(
                Patch(facecolor=(*to_rgb(area.look.color), 0.16 if is_outer else 0.42),
                      edgecolor=area.look.color, linestyle=area.look.dashes,
                      linewidth=1.2 if is_outer else 2.0,
                      hatch=area.look.hatch,
                      label=f"{area.name}: {100 * level:.0f} % land inside")
            )  # fmt: skip
    handles.append(Patch(facecolor=style.TARGET_FILL, edgecolor=style.TARGET_LINE, linewidth=1.6,
                         label=f"target: {result.mission.target.name}"))  # fmt: skip
    if result.mission.keep_outs:  # shown even where all lie off the map: they count
        handles.append(Patch(facecolor="none", edgecolor=style.KEEP_OUT_LINE, hatch="xx",
                             label="keep-out"))  # fmt: skip
    legend = figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(SIDE_LEFT, top), fontsize=8,
        frameon=False, borderaxespad=0.0, borderpad=0.0, handlelength=2.6, handleheight=1.1,
        labelspacing=0.55, labelcolor=style.INK,
    )  # fmt: skip
    return float(legend.get_window_extent().y0 / figure.bbox.height)
