"""Draw how many things are expected to a square kilometre: a panel for each sort.

One figure shows the items, another what comes down besides them. Steps of a factor of about three
are shades that keep their order in grey; the areas of the contours are outlined on top.
"""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import Final, Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from shapely.affinity import translate

from downwind.geo.atlas import MAP_SOURCE
from downwind.geo.places import towns_in_box
from downwind.geo.sphere import wrap_longitude
from downwind.landing.casualty import YARDSTICK_KM2
from downwind.landing.digits import write_number
from downwind.plan.caption import caption_lines, launch_text
from downwind.plan.landing_maps import LandingMap
from downwind.plan.result import PlanResult
from downwind.report import style
from downwind.report._areas import corners_of
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
from downwind.report._text import loud_texts

STEPS: Final = 6
"""Shades of a panel."""

TOWNS: Final = 7
MOST_COLUMNS: Final = 3
TITLE_WIDTH: Final = 80
NAME_WIDTHS: Final = {1: 90, 2: 46, 3: 26}
"""Longest name above a panel [characters], by the number of columns."""

_PANEL_IN: Final = 4.6
_HEAD_IN, _GAP_IN = 0.85, 1.15
_LEFT, _RIGHT = 0.05, 0.985
_LINES: Final = ("-", (0.0, (5.0, 2.0)), (0.0, (1.2, 1.6)), (0.0, (6.0, 1.8, 1.2, 1.8)))


def draw_item_maps(result: PlanResult, path: Path) -> None:
    """Write the maps of the items as PNG, 2000 pixels wide.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
    """
    style.save_figure(make_landing_maps(result, "item"), path)


def draw_ending_maps(result: PlanResult, path: Path) -> None:
    """Write the maps of bundles, loads that stay and envelopes; arguments as for the items."""
    style.save_figure(make_landing_maps(result, "ending"), path)


def make_landing_maps(result: PlanResult, role: Literal["item", "ending"]) -> Figure:
    """Return the maps of one role as a figure.

    Parameters
    ----------
    result : PlanResult
    role : {"item", "ending"}
    """
    shown = () if result.landings is None else result.landings.of_role(role)
    loud = [line for text in loud_texts(result) for line in textwrap.wrap(text, 160)]
    texts = [*caption_lines(result), f"map: {MAP_SOURCE}; towns: GeoNames"]
    small = textwrap.wrap(" · ".join(texts), 190)
    foot = 0.3 + 0.17 * (len(loud) + len(small))
    columns = max(min(len(shown), MOST_COLUMNS), 1)
    if len(shown) == 4:
        columns = 2
    rows = max(math.ceil(len(shown) / columns), 1)
    height = _HEAD_IN + rows * (_PANEL_IN + _GAP_IN) + foot
    figure = style.new_figure(height)
    name = cut(result.mission.name, TITLE_WIDTH)
    figure.text(_LEFT, 1.0 - 0.3 / height, name, fontsize=15, fontweight="bold", color=style.INK,
                va="center")  # fmt: skip
    what = "Items" if role == "item" else "What else comes down"
    figure.text(
        _LEFT, 1.0 - 0.6 / height, f"{what}, expected to a square kilometre · {result.site.name}, "
        f"first launch {launch_text(result)}", fontsize=10.5, color=style.FAINT_INK, va="center",
    )  # fmt: skip
    width = (_RIGHT - _LEFT) / columns
    below = max((len(_below(found).split("\n")) for found in shown), default=1)
    for index, found in enumerate(shown):
        row, column = divmod(index, columns)
        bottom = foot + (rows - 1 - row) * (_PANEL_IN + _GAP_IN) + 0.35
        box = (
            _LEFT + column * width,
            bottom / height,
            width - 0.108,
            _PANEL_IN / height,
        )
        _draw_panel(figure, box, result, found, height, NAME_WIDTHS[columns], below)
    if not shown:
        figure.text(0.5, 0.5, "nothing comes down within the wind data", ha="center", fontsize=12,
                    color=style.INK)  # fmt: skip
    y = (0.16 + 0.17 * (len(loud) + len(small) - 1)) / height
    looks = [(t, style.STOP_INK, "bold") for t in loud] + [
        (t, style.FAINT_INK, "normal") for t in small
    ]
    for text, color, weight in looks:
        figure.text(_LEFT, y, text, fontsize=8.0, color=color, fontweight=weight, va="center")
        y -= 0.17 / height
    return figure


def steps_below(most: float) -> NDArray[np.float64]:
    """Return the edges of the shades, 1 and 3 to a decade, up to what holds the most."""
    power = math.floor(2.0 * math.log10(most)) + 1
    powers = np.arange(power - STEPS, power + 1)
    return np.array([10.0 ** (p // 2) * (3.0 if p % 2 else 1.0) for p in powers])


def _draw_panel(
    figure: Figure,
    box: tuple[float, float, float, float],
    result: PlanResult,
    found: LandingMap,
    height: float,
    name_width: int,
    lines: int,
) -> None:
    density, per_km2 = found.density, found.per_km2
    assert density is not None
    assert per_km2 is not None
    about = density.longitude0
    outer = density.contours[max(density.contours)]
    proportion = box[2] * style.WIDTH_IN / (box[3] * height)
    extent = fit_extent(*corners_of([outer]), proportion, 0.15, 4.0)
    axes = figure.add_axes(box)
    draw_ground(axes, extent, countries_in(extent))
    draw_graticule(axes, extent, 4, 7.0)
    target = clip_geometry(result.mission.target.geometry, extent)
    add_polygons(axes, target, facecolor="none", edgecolor=style.TARGET_LINE, linewidth=1.4,
                 zorder=3.3)  # fmt: skip
    for keep_out in result.mission.keep_outs:
        add_polygons(
            axes, clip_geometry(keep_out.region.geometry, extent), facecolor="none",
            edgecolor=style.KEEP_OUT_LINE, hatch="xx", linewidth=1.2, zorder=3.4,
        )  # fmt: skip
    _shade(figure, axes, box, found, about)
    for index, level in enumerate(sorted(density.contours)):
        shape = translate(density.contours[level], 0.0)
        add_polygons(axes, shape, facecolor="none", edgecolor=style.INK, zorder=6.5,
                     linestyle=_LINES[index % len(_LINES)],
                     linewidth=1.8 if index == 0 else 1.1)  # fmt: skip
    _name_places(axes, extent, result, about, density.note)
    # all panels of a figure have their heads on the same lines
    axes.annotate(
        _below(found), (0.0, 1.0), (0.0, 3.0 + 10.5 * lines), xycoords="axes fraction",
        textcoords="offset points", fontsize=7.5, color=style.FAINT_INK, va="top",
        linespacing=1.15,
    )  # fmt: skip
    axes.annotate(
        cut(found.title, name_width), (0.0, 1.0),
        (0.0, 7.0 + 10.5 * lines), xycoords="axes fraction",
        textcoords="offset points", fontsize=9.5, fontweight="bold", color=style.INK, va="bottom",
    )  # fmt: skip


def _shade(
    figure: Figure,
    axes: Axes,
    box: tuple[float, float, float, float],
    found: LandingMap,
    about: float,
) -> None:
    density, per_km2 = found.density, found.per_km2
    assert density is not None
    assert per_km2 is not None
    edges = steps_below(float(per_km2.max()))
    shades = colormaps["YlOrBr"](np.linspace(0.08, 0.95, STEPS))
    x, y = np.meshgrid(density.x_m, density.y_m)
    longitude, latitude = density.plane.inverse(x, y)
    shown = axes.contourf(
        unwrap(longitude, about), latitude, per_km2, levels=edges,
        cmap=ListedColormap(list(shades)), norm=BoundaryNorm(edges, STEPS), alpha=0.85,
        zorder=2.5,
    )  # fmt: skip
    place = (box[0] + box[2] + 0.008, box[1] + 0.1 * box[3], 0.011, 0.8 * box[3])
    bar = figure.colorbar(shown, cax=figure.add_axes(place))
    bar.set_ticks(list(edges), labels=[_number(e) for e in edges])
    bar.ax.tick_params(labelsize=7.0, colors=style.INK, length=2.0)
    bar.set_label("expected per km$^2$", fontsize=7.5, color=style.INK)


def _name_places(axes: Axes, extent: Extent, result: PlanResult, about: float, note: str) -> None:
    """Write the note at the top, then the scale, the site and towns where there is room."""
    names = LabelPlacer(axes)
    if note:
        written = axes.annotate(
            textwrap.fill(note, 44), (0.02, 0.985), xycoords="axes fraction", fontsize=7.5,
            color=style.STOP_INK, va="top", zorder=11,
        )  # fmt: skip
        names.block(written.get_window_extent(names.renderer).padded(3.0))
    site_x = float(unwrap(result.site.longitude, about))
    if extent.holds(site_x, result.site.latitude, 0.01):
        axes.plot(site_x, result.site.latitude, marker="*", markersize=13, color="white",
                  markeredgecolor=style.INK, markeredgewidth=1.2, zorder=8)  # fmt: skip
        names.block_point(site_x, result.site.latitude, 7.0)
        names.place(result.site.name, spots_around(site_x, result.site.latitude, 9.0), must=False,
                    zorder=10, fontsize=8.5, fontweight="bold", color=style.INK)  # fmt: skip
    for artist in draw_scale_bar(axes, extent, (True, False)):
        names.block(artist.get_window_extent(names.renderer).padded(3.0))
    if extent.east - extent.west >= 360.0:
        west, east = -180.0, 180.0
    else:
        west, east = (float(wrap_longitude(x)) for x in (extent.west, extent.east))
    named, smallest = 0, result.mission.report.smallest_town
    for town in towns_in_box(west, extent.south, east, extent.north, smallest, 8 * TOWNS):
        x = float(unwrap(town.longitude, about))
        if named >= TOWNS or not extent.holds(x, town.latitude, 0.02):
            continue
        if names.place(town.name, spots_around(x, town.latitude, 4.0), must=False, zorder=10,
                       fontsize=7.5, color=style.INK) is not None:  # fmt: skip
            axes.plot(x, town.latitude, marker="o", markersize=2.8, color=style.INK,
                      markeredgecolor="white", markeredgewidth=0.5, zorder=7)  # fmt: skip
            names.block_point(x, town.latitude, 2.5)
            named += 1


def _below(found: LandingMap) -> str:
    """Write what stands below the title: how many, which line is which area, people struck."""
    assert found.density is not None
    levels = ", ".join(
        f"{100 * level:g} % ({('solid', 'dashed', 'dotted', 'dash-dotted')[i % 4]})"
        for i, level in enumerate(sorted(found.density.contours))
    )
    expected = write_number(found.expected, found.expected_error)
    return f"{expected} expected\nareas: {levels}{_struck(found)}"


def _struck(found: LandingMap) -> str:
    """Say how many people are expected to be struck, where anything is above the limit."""
    struck = found.struck
    if not struck.things > 0.0:
        return ""
    if math.isnan(struck.expected):
        return f"\npeople struck: {struck.at_yardstick:.1e} at {YARDSTICK_KM2:g} people/km$^2$"
    return f"\npeople struck: {struck.expected:.1e} ± {struck.standard_error:.0e}"


def _number(value: float) -> str:
    if value == 0.0:
        return "0"
    if 1e-3 <= value < 1e6:
        return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e")
