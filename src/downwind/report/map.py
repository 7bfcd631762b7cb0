"""Draw where the load comes down: paths, predictive areas of each kind, and the regions at stake.

A kind whose area is small beside the map gets a second panel at a larger scale. Every name is
placed by measuring it, so that none lies on another; kinds differ by grey, line and hatch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from downwind.geo.places import towns_in_box
from downwind.geo.sphere import wrap_longitude
from downwind.plan.result import GroupResult, PlanResult
from downwind.report import style
from downwind.report._areas import Area, corners_of, find_areas, rim_spots, small_areas
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
from downwind.report._labels import LabelPlacer, Spot, spots_around
from downwind.report._margins import (
    MAP_LEFT,
    MAP_RIGHT,
    MAP_TOP,
    SIDE_LEFT,
    SIDE_RIGHT,
    draw_legend,
    write_caption,
    write_shares,
    write_title,
)
from downwind.report._plain import shorten

HEIGHT_IN = 10.0
TRACKS = 25
TOWNS = 12
LEVELS_NAMED = 3
"""With more kinds than this a map names each kind once, not each of its areas."""

LEAST_ZOOM = 0.15
"""Least height of the panel at a larger scale [of the height]; below it there is none."""

NAME_WIDTH = 24
"""Longest name of a kind on the map itself [characters]."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """One pair of axes with its extent, the countries on it, and its names."""

    axes: Axes
    extent: Extent
    countries: dict[str, BaseGeometry]
    names: LabelPlacer


def draw_map(result: PlanResult, path: Path) -> None:
    """Write the map of a result as PNG, 2000 by 1600 pixels.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
    """
    style.save_figure(make_map(result), path)


def make_map(result: PlanResult) -> Figure:
    """Return the map of a result as a figure."""
    figure = style.new_figure(HEIGHT_IN)
    bottom = write_caption(figure, result)
    write_title(figure, result)
    areas = find_areas(result)
    tracks = [_tracks(result, group) for group in result.groups]
    box = (MAP_LEFT, bottom, MAP_RIGHT - MAP_LEFT, MAP_TOP - bottom)
    longitude, latitude = _points(result, areas, tracks)
    proportion = box[2] * style.WIDTH_IN / (box[3] * HEIGHT_IN)
    extent = fit_extent(longitude, latitude, proportion)
    panel = _open_panel(figure, box, extent, result, 6)
    legend_end = draw_legend(figure, result, areas, write_shares(figure, result))
    zoom_areas = small_areas(areas, extent)
    zoom_top = min(legend_end - 0.045, bottom + 0.44)
    zoom_box = (SIDE_LEFT + 0.02, bottom, SIDE_RIGHT - SIDE_LEFT - 0.02, zoom_top - bottom)
    zoom: Extent | None = None
    if zoom_areas and zoom_box[3] >= LEAST_ZOOM:
        edge = corners_of([a.contours[max(a.contours)] for a in zoom_areas])
        zoom = fit_extent(*edge, zoom_box[2] * style.WIDTH_IN / (zoom_box[3] * HEIGHT_IN), 0.2, 5.0)
    _draw_load(panel, result, areas, tracks)
    _name_main(panel, result, areas, zoom)
    if zoom is not None:
        side = _open_panel(figure, zoom_box, zoom, result, 4)
        _draw_load(side, result, areas, tracks)
        _name_zoom(side, result, zoom_areas)
    return figure


def _open_panel(
    figure: Figure,
    box: tuple[float, float, float, float],
    extent: Extent,
    result: PlanResult,
    lines: int,
) -> _Panel:
    axes = figure.add_axes(box)
    countries = countries_in(extent)
    draw_ground(axes, extent, countries)
    draw_graticule(axes, extent, lines, 8.0 if lines > 4 else 7.0)
    add_polygons(
        axes, clip_geometry(result.mission.target.geometry, extent), facecolor=style.TARGET_FILL,
        edgecolor="none", zorder=1.2,
    )  # fmt: skip
    add_polygons(
        axes, clip_geometry(result.mission.target.geometry, extent), facecolor="none",
        edgecolor=style.TARGET_LINE, linewidth=1.6, zorder=3.3,
    )  # fmt: skip
    for keep_out in result.mission.keep_outs:
        add_polygons(
            axes, clip_geometry(keep_out.region.geometry, extent), facecolor="none",
            edgecolor=style.KEEP_OUT_LINE, hatch="xx", linewidth=1.2, zorder=3.4,
        )  # fmt: skip
    return _Panel(axes, extent, countries, LabelPlacer(axes))


def _tracks(
    result: PlanResult, group: GroupResult
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return, for some draws, the path to the last release and the path after it, (rows, 2)."""
    envelope = group.envelope
    flights, about = envelope.flights, result.site.longitude
    paths = []
    for i in range(min(TRACKS, flights.track.shape[0])):
        track = flights.track[i, np.isfinite(flights.track[i, :, 0]), :2]
        let_go = np.flatnonzero(flights.released[i])
        end_s, place = flights.end_time_s[i] - envelope.launch_s[i], track[-1:]
        if let_go.size:
            r = let_go[np.argmax(flights.release_time_s[i, let_go])]
            end_s = flights.release_time_s[i, r] - envelope.launch_s[i]
            place = np.array([[flights.release_longitude[i, r], flights.release_latitude[i, r]]])
        turn = int(np.ceil(end_s / flights.record_s))
        loaded = np.concatenate([track[:turn], place])
        after = np.concatenate([place, track[turn:]])
        loaded[:, 0], after[:, 0] = unwrap(loaded[:, 0], about), unwrap(after[:, 0], about)
        paths.append((loaded, after))
    return paths


def _points(
    result: PlanResult,
    areas: list[Area],
    tracks: list[list[tuple[NDArray[np.float64], NDArray[np.float64]]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points that the map must hold: site, paths with the load, 90 % areas."""
    site = result.site
    parts = [np.array([[site.longitude, site.latitude]])]
    parts += [loaded for group in tracks for loaded, _ in group]
    if areas:
        parts.append(np.column_stack(corners_of([a.contours[max(a.contours)] for a in areas])))
    points = np.concatenate(parts)
    return points[:, 0], points[:, 1]


def _draw_load(
    panel: _Panel,
    result: PlanResult,
    areas: list[Area],
    tracks: list[list[tuple[NDArray[np.float64], NDArray[np.float64]]]],
) -> None:
    axes = panel.axes
    for index, group in enumerate(tracks):
        look = style.group_style(result, index)
        for loaded, after in group:
            axes.plot(*after.T, color="#9aa0a4", linewidth=0.45, alpha=0.45, zorder=4,
                      linestyle=(0.0, (1.0, 2.5)))  # fmt: skip
            axes.plot(*loaded.T, color=look.color, linewidth=0.6, alpha=0.5, zorder=5)
        ends = np.array([loaded[-1] for loaded, _ in group])
        axes.plot(*ends.T, linestyle="none", marker=look.marker, markersize=2.2,
                  color=look.color, alpha=0.8, markeredgewidth=0.0, zorder=6)  # fmt: skip
    for area in sorted(areas, key=lambda a: -a.contours[max(a.contours)].area):
        for level in sorted(area.contours, reverse=True):
            is_outer = level == max(area.contours)
            shape = area.contours[level]
            add_polygons(axes, shape, facecolor=area.look.color, edgecolor="none",
                         alpha=0.13 if is_outer else 0.24, zorder=6.2)  # fmt: skip
            if is_outer and area.look.hatch:
                add_polygons(axes, shape, facecolor="none", edgecolor=area.look.color,
                             hatch=area.look.hatch, linewidth=0.0, alpha=0.35,
                             zorder=6.3)  # fmt: skip
            add_polygons(axes, shape, facecolor="none", edgecolor=area.look.color,
                         linestyle=area.look.dashes, linewidth=1.2 if is_outer else 2.0,
                         zorder=6.5)  # fmt: skip
    axes.plot(result.site.longitude, result.site.latitude, marker="*", markersize=15,
              color="white", markeredgecolor=style.INK, markeredgewidth=1.3, zorder=8)  # fmt: skip


def _name_main(panel: _Panel, result: PlanResult, areas: list[Area], zoom: Extent | None) -> None:
    site = result.site
    panel.names.block_point(site.longitude, site.latitude, 7.0)
    _add_scale(panel, areas, site.longitude, site.latitude)
    _name(panel, site.name, spots_around(site.longitude, site.latitude, 11.0), must=True,
          fontsize=11, fontweight="bold", color=style.INK)  # fmt: skip
    if zoom is not None:
        panel.axes.add_patch(
            Rectangle((zoom.west, zoom.south), zoom.east - zoom.west, zoom.north - zoom.south,
                      facecolor="none", edgecolor=style.INK, linewidth=0.9, zorder=7)
        )  # fmt: skip
        _name(panel, "panel at right", list(_box_spots(zoom)), must=False, fontsize=7.5,
              color=style.INK, fontstyle="italic")  # fmt: skip
    hidden = [] if zoom is None else small_areas(areas, panel.extent)
    _name_areas(panel, [area for area in areas if area not in hidden], len(areas) <= LEVELS_NAMED)
    for area in hidden:
        _name(panel, _map_name(area), list(rim_spots(area.contours[max(area.contours)])), must=True,
              fontsize=9, fontweight="bold", color=area.look.text_color)  # fmt: skip
    _name_regions(panel, result, areas)
    _name_towns(panel, TOWNS)


def _name_zoom(panel: _Panel, result: PlanResult, areas: list[Area]) -> None:
    site = result.site
    extent = panel.extent
    if extent.holds(site.longitude, site.latitude):
        panel.names.block_point(site.longitude, site.latitude, 7.0)
        _name(panel, site.name, spots_around(site.longitude, site.latitude, 11.0), must=False,
              fontsize=9, fontweight="bold", color=style.INK)  # fmt: skip
    _add_scale(panel, areas, site.longitude, site.latitude)
    _name_areas(panel, areas, len(areas) <= LEVELS_NAMED)
    _name_regions(panel, result, areas, fontsize=8.0)
    _name_towns(panel, 6, 1000)


def _name(panel: _Panel, text: str, spots: list[Spot], *, must: bool, **look: object) -> bool:
    return panel.names.place(text, spots, must=must, zorder=10, **look) is not None


def _name_areas(panel: _Panel, areas: list[Area], every_level: bool) -> None:
    """Name the areas: each of them, or each kind once at its largest."""
    for area in areas:
        levels = sorted(area.contours, reverse=True)
        for level in levels if every_level else levels[:1]:
            text = f"{_map_name(area)} {100 * level:g} %" if every_level else _map_name(area)
            _name(panel, text, list(rim_spots(area.contours[level])), must=True, fontsize=9,
                  fontweight="bold", color=area.look.text_color)  # fmt: skip


def _map_name(area: Area) -> str:
    return shorten(area.name, NAME_WIDTH)


def _box_spots(extent: Extent) -> Iterator[Spot]:
    for x, ha in ((extent.west, "left"), (extent.east, "right")):
        yield Spot(x, extent.south, 0.0, -3.0, ha, "top")
        yield Spot(x, extent.north, 0.0, 3.0, ha, "bottom")
    yield Spot(extent.east, extent.middle_latitude, 4.0, 0.0, "left", "center")
    yield Spot(extent.west, extent.middle_latitude, -4.0, 0.0, "right", "center")


def _name_regions(
    panel: _Panel, result: PlanResult, areas: list[Area], fontsize: float = 11.0
) -> None:
    """Name target, home, keep-outs and other countries, away from the areas where it can be."""
    mission = result.mission
    load = shapely.union_all([a.contours[max(a.contours)] for a in areas]) if areas else None
    roles = [(mission.target.name, mission.target.geometry, "target", style.TARGET_LINE),
             (mission.home.name, mission.home.geometry, "home", style.FAINT_INK)]  # fmt: skip
    roles += [(k.region.name, k.region.geometry, "keep-out", style.KEEP_OUT_LINE)
              for k in mission.keep_outs]  # fmt: skip
    for name, geometry, role, color in roles:
        shown = clip_geometry(geometry, panel.extent)
        _name(panel, f"{name}\n({role})", _inner_spots(shown, load, panel.extent), must=False,
              fontsize=fontsize, color=color, ha="center", linespacing=1.1)  # fmt: skip
    known = {name for name, *_ in roles}
    whole = panel.extent.box.area
    for name, geometry in sorted(panel.countries.items()):
        if name not in known and geometry.area > 0.01 * whole:
            _name(panel, name, _inner_spots(geometry, load, panel.extent), must=False,
                  fontsize=fontsize, color=style.FAINT_INK)  # fmt: skip


def _inner_spots(shape: BaseGeometry, avoid: BaseGeometry | None, extent: Extent) -> list[Spot]:
    """Return places inside a shape, farthest from its rim and from the load first."""
    spots = []
    free = shape if avoid is None else shape.difference(avoid)
    for region in (free, shape):
        if region.is_empty:
            continue
        x, y = np.meshgrid(
            np.linspace(extent.west, extent.east, 34)[1:-1],
            np.linspace(extent.south, extent.north, 34)[1:-1],
        )
        points = np.asarray(shapely.points(x.ravel(), y.ravel()), dtype=object)
        shapely.prepare(region)
        points = points[shapely.contains(region, points)]
        order = np.argsort(-shapely.distance(points, region.boundary), kind="stable")
        spots += [Spot(p.x, p.y) for p in points[order]]
    return spots


def _name_towns(panel: _Panel, most: int, smallest: int = 15_000) -> None:
    extent = panel.extent
    if extent.east - extent.west >= 360.0:
        west, east = -180.0, 180.0
    else:
        west, east = (float(wrap_longitude(x)) for x in (extent.west, extent.east))
    middle = 0.5 * (extent.west + extent.east)
    named = 0
    for town in towns_in_box(west, extent.south, east, extent.north, smallest, 6 * most):
        x = float(unwrap(town.longitude, middle))
        if named >= most:
            break
        if not extent.holds(x, town.latitude, 0.015):
            continue
        if _name(panel, town.name, spots_around(x, town.latitude, 4.0), must=False, fontsize=8,
                 color=style.INK):  # fmt: skip
            panel.axes.plot(x, town.latitude, marker="o", markersize=3.0, color=style.INK,
                            markeredgecolor="white", markeredgewidth=0.5, zorder=7)  # fmt: skip
            panel.names.block_point(x, town.latitude, 2.5)
            named += 1


def _add_scale(panel: _Panel, areas: list[Area], longitude: float, latitude: float) -> None:
    """Put the scale bar into the corner that is farthest from site and areas."""
    extent = panel.extent
    busy = shapely.union_all(
        [shapely.Point(longitude, latitude), *(a.contours[max(a.contours)] for a in areas)]
    )
    corners = [(right, top) for top in (False, True) for right in (True, False)]

    def room(corner: tuple[bool, bool]) -> float:
        x = extent.west + (0.86 if corner[0] else 0.14) * (extent.east - extent.west)
        y = extent.south + (0.94 if corner[1] else 0.06) * (extent.north - extent.south)
        return float(shapely.distance(shapely.Point(x, y), busy))

    best = max(corners, key=lambda corner: round(room(corner), 6))
    renderer = panel.names.renderer
    for artist in draw_scale_bar(panel.axes, extent, best):
        panel.names.block(artist.get_window_extent(renderer).padded(3.0))
