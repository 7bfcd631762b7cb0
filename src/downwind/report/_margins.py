"""What stands around a map: title, caption, table of shares and legend."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from downwind.geo.atlas import MAP_SOURCE
from downwind.landing.regions import HOME, LEFT_DATA, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.plan.caption import caption_lines, launch_text
from downwind.plan.drop import Outcome
from downwind.plan.result import PlanResult
from downwind.report import style
from downwind.report._areas import Area
from downwind.report._plain import cut, shorten
from downwind.report._text import compact_share, kind_names, loud_texts

MAP_LEFT, MAP_RIGHT, MAP_TOP = 0.056, 0.695, 0.915
SIDE_LEFT, SIDE_RIGHT = 0.725, 0.985
_LINE = 0.0172
_COLUMN = 0.053
TITLE_WIDTH: Final = 80
LABEL_WIDTH: Final = 44
"""Longest line of the legend [characters]."""

NAME_WIDTH: Final = 30
"""Longest name of a group or a kind in the legend [characters]."""

HEADS: Final = {
    TARGET: "in the\ntarget",
    HOME: "falling\nshort",
    THIRD_COUNTRY: "third\ncountries",
    SEA_NAME: "in the\nsea",
    LEFT_DATA: "left the\ndata",
}
"""Columns of the table of shares."""


def write_title(figure: Figure, result: PlanResult) -> None:
    """Write the mission's name, the site and the launch above the map."""
    name = cut(result.mission.name, TITLE_WIDTH)
    figure.text(MAP_LEFT, 0.968, name, fontsize=15, fontweight="bold", color=style.INK,
                va="center")  # fmt: skip
    figure.text(
        MAP_LEFT, 0.938, f"{result.site.name}, first launch {launch_text(result)}", fontsize=10.5,
        color=style.FAINT_INK, va="center",
    )  # fmt: skip


def write_caption(figure: Figure, result: PlanResult) -> float:
    """Write what stands below the map; return where the map may begin [of the height].

    STOPs, broken limits and alarms come first, in a colour of their own.
    """
    text = " · ".join([*caption_lines(result), f"map: {MAP_SOURCE}; towns: GeoNames"])
    lines = [(line, style.FAINT_INK, "normal") for line in textwrap.wrap(text, 190)]
    loud = [line for part in loud_texts(result) for line in textwrap.wrap(part, 160)]
    lines = [(line, style.STOP_INK, "bold") for line in loud] + lines
    y = 0.016 + _LINE * (len(lines) - 1)
    bottom = y + 0.047
    for line, color, weight in lines:
        figure.text(MAP_LEFT, y, line, fontsize=8.0, color=color, fontweight=weight,
                    va="center")  # fmt: skip
        y -= _LINE
    return bottom


def write_shares(figure: Figure, result: PlanResult) -> float:
    """Write the table of shares at the top right; return where it ends [of the height].

    Each kind has a line for its name and one for its shares; the whole load comes last.
    """
    y = MAP_TOP - 0.006
    figure.text(SIDE_LEFT, y, "Expected share, %", fontsize=9, fontweight="bold",
                color=style.INK, va="center")  # fmt: skip
    edges = np.linspace(SIDE_RIGHT - _COLUMN * (len(HEADS) - 1), SIDE_RIGHT, len(HEADS))
    y -= 2.4 * _LINE
    for x, head in zip(edges, HEADS.values(), strict=True):
        figure.text(float(x), y, head, fontsize=7, color=style.FAINT_INK, ha="right",
                    va="bottom", linespacing=1.05)  # fmt: skip
    rows: list[tuple[str, object, dict[str, Share]]] = [
        (name, style.kind_style(index).text_color,
         {**kind.shares, LEFT_DATA: kind.outcomes[Outcome.LEFT_DATA.text]})
        for index, (name, kind) in enumerate(zip(kind_names(result), result.kinds, strict=True))
    ]  # fmt: skip
    rows.append(("whole load, by mass", style.INK,
                 {**result.load_shares, LEFT_DATA: result.left_data}))  # fmt: skip
    for name, color, shares in rows:
        y -= 0.85 * _LINE
        figure.text(SIDE_LEFT, y, shorten(name, LABEL_WIDTH), fontsize=8, fontweight="bold",
                    color=color, va="center")  # fmt: skip
        y -= 0.85 * _LINE
        for x, region in zip(edges, HEADS, strict=True):
            figure.text(float(x), y, compact_share(shares[region]), fontsize=7.5,
                        color=style.INK, ha="right", va="center")  # fmt: skip
    y -= 1.1 * _LINE
    figure.text(SIDE_LEFT, y, "± standard error; (< p): in no draw", fontsize=7,
                color=style.FAINT_INK, va="center")  # fmt: skip
    return y - _LINE


def draw_legend(figure: Figure, result: PlanResult, areas: list[Area], top: float) -> float:
    """Draw the legend below the table; return where it ends [of the height]."""
    handles: list[Any] = [
        Line2D([], [], linestyle="none", marker="*", markersize=12, color="white",
               markeredgecolor=style.INK)
    ]  # fmt: skip
    labels = ["launch site"]
    for index, group in enumerate(result.groups):
        look = style.group_style(result, index)
        handles.append(
            Line2D([], [], color=look.color, linewidth=0.9, marker=look.marker, markersize=4)
        )
        last = "last release" if len(group.releases) > 1 else "release"
        labels.append(f"{shorten(group.group.name, NAME_WIDTH)}: path to {last} ({group.dials})")
    handles.append(Line2D([], [], color="#9aa0a4", linewidth=1.0, linestyle=":"))
    labels.append("emptied envelopes")
    for area in areas:
        levels = sorted(area.contours)
        handles.append(
            tuple(
                Patch(facecolor=(*to_rgb(area.look.color), 0.16 if level == levels[-1] else 0.42),
                      edgecolor=area.look.color, linestyle=area.look.dashes,
                      linewidth=1.2 if level == levels[-1] else 2.0, hatch=area.look.hatch)
                for level in levels
            )
        )  # fmt: skip
        inside = " and ".join(f"{100 * level:g}" for level in levels)
        labels.append(f"{shorten(area.name, NAME_WIDTH)}: {inside} % inside")
    handles.append(Patch(facecolor=style.TARGET_FILL, edgecolor=style.TARGET_LINE, linewidth=1.6))
    labels.append(f"target: {result.mission.target.name}")
    if result.mission.keep_outs:  # shown even where all lie off the map: they count
        handles.append(Patch(facecolor="none", edgecolor=style.KEEP_OUT_LINE, hatch="xx"))
        labels.append("keep-out")
    legend = figure.legend(
        handles, ["\n".join(textwrap.wrap(label, LABEL_WIDTH)) for label in labels],
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0.15)}, loc="upper left",
        bbox_to_anchor=(SIDE_LEFT, top), fontsize=8, frameon=False, borderaxespad=0.0,
        borderpad=0.0, handlelength=2.6, handleheight=1.1,
        labelspacing=0.55, labelcolor=style.INK,
    )  # fmt: skip
    return float(legend.get_window_extent().y0 / figure.bbox.height)
