"""Draw from where a target can be reached: a map for each launch hour, cells by their share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from downwind.board.reach import Reachable
from downwind.report import style
from downwind.report._basemap import (
    Extent,
    add_polygons,
    clip_geometry,
    countries_in,
    draw_graticule,
    draw_ground,
    draw_scale_bar,
    fit_extent,
    unwrap,
)
from downwind.report._labels import LabelPlacer, spots_around
from downwind.report._plain import cut
from downwind.report.reach_text import how_lines
from downwind.times import format_minute

LEVELS: Final = ((0.01, 0.5, "#abc1d8"), (0.5, 0.9, "#6a8db2"), (0.9, 1.01, "#26486b"))
"""From and to which share [fraction] a cell has which colour."""

PANELS: Final = 12
"""Hours that are drawn at the most."""

TEXT_WIDTH: Final = 165
_LEFT, _RIGHT, _HEAD_IN, _FOOT_IN, _TITLE_IN = 0.05, 0.985, 1.15, 1.35, 0.38


def draw_reach(result: Reachable, path: Path) -> None:
    """Write the maps as PNG, 2000 pixels wide.

    Parameters
    ----------
    result : Reachable
    path : pathlib.Path
    """
    style.save_figure(make_reach(result), path)


def make_reach(result: Reachable) -> Figure:
    """Return the figure: a map for each hour, or for ``PANELS`` of them, evenly.

    Parameters
    ----------
    result : Reachable
    """
    hours = np.unique(
        np.linspace(0, len(result.hours_s) - 1, min(PANELS, len(result.hours_s)))
        .round()
        .astype(int)
    )
    columns = min(len(hours), 2 if len(hours) <= 4 else 3)
    rows = math.ceil(len(hours) / columns)
    width_in = (_RIGHT - _LEFT) * style.WIDTH_IN / columns - 0.35
    panel_in = width_in * (0.62 if columns == 1 else 0.8)
    height = _HEAD_IN + rows * (panel_in + _TITLE_IN + 0.25) + _FOOT_IN
    figure = style.new_figure(height)
    zone = result.mission.sites[0].time_zone
    _write_head(figure, result, height, len(hours))
    extent = _extent(result, width_in / panel_in)
    countries = countries_in(extent)
    for k, hour in enumerate(hours):
        row, column = divmod(k, columns)
        left = _LEFT + column * (_RIGHT - _LEFT) / columns
        top = _HEAD_IN + row * (panel_in + _TITLE_IN + 0.25) + _TITLE_IN
        box = (left, 1.0 - (top + panel_in) / height, width_in / style.WIDTH_IN, panel_in / height)
        axes = figure.add_axes(box)
        draw_ground(axes, extent, countries)
        draw_graticule(axes, extent, 4, 7.0)
        if column > 0:
            axes.tick_params(labelleft=False)
        _draw_cells(axes, result, int(hour))
        _draw_target(axes, result, extent)
        _draw_places(axes, result, int(hour), extent, is_first=k == 0)
        axes.set_title(
            format_minute(result.hours_s[hour], zone), fontsize=10, loc="left", color=style.INK
        )
    text = " · ".join(how_lines(result))
    figure.text(
        _LEFT, 0.15 / height, "\n".join(_break(text)[:8]), fontsize=7.5, color=style.FAINT_INK,
        va="bottom",
    )  # fmt: skip
    return figure


def _write_head(figure: Figure, result: Reachable, height: float, drawn: int) -> None:
    name = f"Launches that reach {result.mission.target.name}: {result.mission.name}"
    figure.text(_LEFT, 1.0 - 0.3 / height, cut(name, 100), fontsize=13, fontweight="bold",
                color=style.INK, va="center")  # fmt: skip
    said = "the wind alone, at the medians: no GO; rules, zones and weather are not asked here"
    if drawn < len(result.hours_s):
        said += f"; {drawn} of {len(result.hours_s)} hours are drawn"
    figure.text(_LEFT, 1.0 - 0.55 / height, said, fontsize=9, color=style.STOP_INK, va="center")
    marks = [
        Patch(facecolor=color, edgecolor=style.INK, linewidth=0.5, label=label)
        for (_, _, color), label in zip(
            LEVELS,
            ("some of the load can reach it from here", "half or more", "nine tenths or more"),
            strict=True,
        )
    ]
    marks.append(Patch(facecolor="none", edgecolor=style.TARGET_LINE, hatch="...", label="target"))
    figure.legend(handles=marks, loc="upper left", ncols=4, frameon=False, fontsize=9,
                  bbox_to_anchor=(_LEFT - 0.006, 1.0 - 0.66 / height))  # fmt: skip


def _extent(result: Reachable, proportion: float) -> Extent:
    """Return the extent that holds the cells in the home region, the sites and places."""
    shown = result.map
    about = result.mission.sites[0].longitude
    held = (shown.share.max(axis=0) > 0.0) & _drawn(result)
    row, column = np.nonzero(held)
    places = [row.site for row in result.rows] + list(result.mission.sites)
    longitude = np.concatenate(
        [shown.longitude[column], np.array([place.longitude for place in places])]
    )
    latitude = np.concatenate([shown.latitude[row], np.array([place.latitude for place in places])])
    return fit_extent(unwrap(longitude, about), latitude, proportion, 0.12, 80.0)


def _drawn(result: Reachable) -> NDArray[np.bool_]:
    """Tell which cells are drawn: those of the home region, or all on land where it has none."""
    shown = result.map
    at_home = shown.in_home & (shown.share.max(axis=0) > 0.0)
    return shown.in_home if at_home.any() else shown.on_land


def _draw_cells(axes: Axes, result: Reachable, hour: int) -> None:
    shown = result.map
    about = result.mission.sites[0].longitude
    turn = float(unwrap(shown.longitude[0], about)) - float(shown.longitude[0])
    half = 0.5 * shown.cell_deg
    sides_x = np.append(shown.longitude - half, shown.longitude[-1] + half) + turn
    sides_y = np.append(shown.latitude - half, shown.latitude[-1] + half)
    for low, high, color in LEVELS:
        inside = (shown.share[hour] >= low) & (shown.share[hour] < high) & _drawn(result)
        values = np.ma.masked_where(~inside, np.ones(inside.shape))
        axes.pcolormesh(
            sides_x, sides_y, values, cmap=ListedColormap([color]), vmin=0.0, vmax=1.0, zorder=1.6,
            rasterized=True,
        )  # fmt: skip


def _draw_target(axes: Axes, result: Reachable, extent: Extent) -> None:
    add_polygons(
        axes, clip_geometry(result.mission.target.geometry, extent), facecolor="none",
        edgecolor=style.TARGET_LINE, linewidth=1.3, hatch="...", zorder=3.3,
    )  # fmt: skip


def _draw_places(axes: Axes, result: Reachable, hour: int, extent: Extent, is_first: bool) -> None:
    about = result.mission.sites[0].longitude
    names = LabelPlacer(axes)
    for site in result.mission.sites:
        x = float(unwrap(site.longitude, about))
        axes.plot([x], [site.latitude], marker="*", markersize=12, color=style.INK,
                  markeredgecolor="white", zorder=8)  # fmt: skip
        names.block_point(x, site.latitude, 7.0)
    areas = [r for r in result.rows if not r.is_site and r.start_s == result.hours_s[hour]]
    for row in areas:
        x = float(unwrap(row.site.longitude, about))
        axes.plot([x], [row.site.latitude], marker="o", markersize=6, color="white",
                  markeredgecolor=style.INK, zorder=8)  # fmt: skip
        names.block_point(x, row.site.latitude, 4.0)
    for site in result.mission.sites:
        x = float(unwrap(site.longitude, about))
        names.place(site.name, spots_around(x, site.latitude, 8.0), must=True, fontsize=9,
                    fontweight="bold", color=style.INK, zorder=9)  # fmt: skip
    for row in areas:
        x = float(unwrap(row.site.longitude, about))
        share = f"{100.0 * row.shares['target'].mean:.0f} %"
        text = share if row.is_feasible else f"({share})"
        names.place(text, spots_around(x, row.site.latitude, 6.0), fontsize=8.5, color=style.INK,
                    zorder=9)  # fmt: skip
    if is_first:
        draw_scale_bar(axes, extent, (True, False))


def _break(text: str) -> list[str]:
    """Break a text for the width of the picture."""
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) + 1 > TEXT_WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
