"""The ground of a map: its extent, land and borders, graticule and scale bar.

Longitudes are unwrapped about the site, so that a map across the antimeridian is one piece; the
outlines of the atlas are shifted by whole turns to meet it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray
from shapely.affinity import translate
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.atlas import clip_countries
from downwind.report import style

KM_PER_DEGREE = math.radians(1.0) * EARTH_RADIUS_M / 1000.0
_NICE_STEPS = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
_STEEPEST_LATITUDE = 85.0


@dataclass(frozen=True, slots=True)
class Extent:
    """West, south, east, north [degrees]; longitudes unwrapped, so east is above west."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle_latitude(self) -> float:
        """Latitude of the middle [degrees]."""
        return 0.5 * (self.south + self.north)

    @property
    def stretch(self) -> float:
        """Length of a degree of latitude over that of one of longitude, at the middle."""
        steepest = min(abs(self.middle_latitude), _STEEPEST_LATITUDE)
        return 1.0 / math.cos(math.radians(steepest))

    @property
    def width_km(self) -> float:
        """Width at the middle [km]."""
        return (self.east - self.west) / self.stretch * KM_PER_DEGREE

    @property
    def height_km(self) -> float:
        """Height [km]."""
        return (self.north - self.south) * KM_PER_DEGREE

    def holds(self, longitude: float, latitude: float, inset: float = 0.0) -> bool:
        """Tell whether a point lies inside, away from the frame by a share of the span."""
        across, up = inset * (self.east - self.west), inset * (self.north - self.south)
        return bool(
            self.west + across <= longitude <= self.east - across
            and self.south + up <= latitude <= self.north - up
        )

    def padded(self) -> Extent:
        """Return a slightly larger extent, whose edges do not show when it is drawn."""
        across, up = 0.03 * (self.east - self.west), 0.03 * (self.north - self.south)
        return Extent(self.west - across, self.south - up, self.east + across, self.north + up)

    @property
    def box(self) -> Polygon:
        """The extent as a polygon."""
        return shapely.box(self.west, self.south, self.east, self.north)


def unwrap(longitude: ArrayLike, about: float) -> NDArray[np.float64]:
    """Bring longitudes, any shape [degrees], to within half a turn of another."""
    away = (np.asarray(longitude, np.float64) - about + 180.0) % 360.0 - 180.0
    return np.asarray(about + away)


def fit_extent(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    width_to_height: float,
    margin: float = 0.12,
    smallest_km: float = 40.0,
) -> Extent:
    """Return the extent that holds points with a margin and fills a frame of some proportions.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Points, shape (n,) [degrees], longitudes unwrapped; not-a-numbers do not count.
    width_to_height : float
        Of the frame, on paper.
    margin : float
        On each side, as a fraction of the span.
    smallest_km : float
        Least width and height [km].
    """
    west, east = float(np.nanmin(longitude)), float(np.nanmax(longitude))
    south, north = float(np.nanmin(latitude)), float(np.nanmax(latitude))
    middle = 0.5 * (south + north)
    stretch = 1.0 / math.cos(math.radians(min(abs(middle), _STEEPEST_LATITUDE)))
    least = smallest_km / KM_PER_DEGREE
    height = max((north - south) * (1.0 + 2.0 * margin), least)
    width = max((east - west) / stretch * (1.0 + 2.0 * margin), least)
    height = max(height, width / width_to_height)
    height = min(height, 2.0 * (89.0 - abs(middle)))
    width = height * width_to_height * stretch
    centre = 0.5 * (west + east)
    return Extent(
        centre - 0.5 * width, middle - 0.5 * height, centre + 0.5 * width, middle + 0.5 * height
    )


def clip_geometry(geometry: BaseGeometry, extent: Extent) -> BaseGeometry:
    """Return what lies within an extent or just outside, shifted by whole turns to meet it."""
    extent = extent.padded()
    pieces = [
        shapely.clip_by_rect(
            translate(geometry, turn), extent.west, extent.south, extent.east, extent.north
        )
        for turn in (-360.0, 0.0, 360.0)
    ]
    return shapely.union_all([piece for piece in pieces if not piece.is_empty])


def countries_in(extent: Extent) -> dict[str, BaseGeometry]:
    """Return the countries of an extent by name, clipped and shifted by whole turns to meet it."""
    extent = extent.padded()
    found: dict[str, list[BaseGeometry]] = {}
    for turn in (-360.0, 0.0, 360.0):
        west, east = max(extent.west - turn, -180.0), min(extent.east - turn, 180.0)
        if east <= west:
            continue
        for country in clip_countries((west, extent.south, east, extent.north), "10m"):
            found.setdefault(country.name, []).append(translate(country.geometry, turn))
    return {name: shapely.union_all(pieces) for name, pieces in found.items()}


def polygons_of(geometry: BaseGeometry) -> Iterator[Polygon]:
    """Yield the polygons of a geometry."""
    if isinstance(geometry, Polygon):
        if not geometry.is_empty:
            yield geometry
    else:
        for part in getattr(geometry, "geoms", ()):
            yield from polygons_of(part)


def add_polygons(axes: Axes, geometry: BaseGeometry, **look: Any) -> None:
    """Draw the polygons of a geometry with their holes as one patch."""
    rings = []
    for polygon in polygons_of(geometry):
        turned = orient(polygon)
        rings += [turned.exterior, *turned.interiors]
    if not rings:
        return
    outline = Outline.make_compound_path(
        *(Outline(np.asarray(ring.coords), closed=True) for ring in rings)
    )
    axes.add_patch(PathPatch(outline, **look))


def draw_ground(axes: Axes, extent: Extent, countries: dict[str, BaseGeometry]) -> None:
    """Set an axes' limits to an extent, and draw sea, land, coasts and borders."""
    axes.set_xlim(extent.west, extent.east)
    axes.set_ylim(extent.south, extent.north)
    axes.set_aspect(extent.stretch, adjustable="box", anchor="C")
    axes.set_facecolor(style.SEA_FILL)
    for country in countries.values():
        add_polygons(axes, country, facecolor=style.LAND_FILL, edgecolor="none", zorder=1)
        add_polygons(
            axes, country, facecolor="none", edgecolor=style.BORDER_LINE, linewidth=0.6, zorder=3
        )
    land = shapely.union_all(list(countries.values()))
    add_polygons(
        axes, land, facecolor="none", edgecolor=style.COAST_LINE, linewidth=0.8, zorder=3.1
    )
    for side in axes.spines.values():
        side.set_color(style.FAINT_INK)
        side.set_linewidth(0.8)


def draw_graticule(axes: Axes, extent: Extent, lines: int = 6, fontsize: float = 8.0) -> None:
    """Draw meridians and parallels with their degrees on the frame."""
    step = _graticule_step(extent, lines)
    longitudes = _multiples(extent.west, extent.east, step)
    latitudes = _multiples(extent.south, extent.north, step)
    inset = 0.03 * (extent.east - extent.west)
    longitudes = [x for x in longitudes if extent.west + inset < x < extent.east - inset]
    axes.set_xticks(longitudes, [_write_degrees(x, "EW", step) for x in longitudes])
    axes.set_yticks(latitudes, [_write_degrees(y, "NS", step) for y in latitudes])
    axes.tick_params(labelsize=fontsize, colors=style.FAINT_INK, length=3.0, width=0.6, pad=2.5)
    axes.grid(color=style.GRATICULE_LINE, linewidth=0.4, alpha=0.7, zorder=1.5)
    axes.set_axisbelow(False)


def draw_scale_bar(axes: Axes, extent: Extent, corner: tuple[bool, bool]) -> list[Artist]:
    """Draw a scale bar in a corner (right?, top?) and return its artists."""
    length_km = _nice_length(0.22 * extent.width_km)
    y = extent.south + (0.935 if corner[1] else 0.045) * (extent.north - extent.south)
    degrees = length_km / (KM_PER_DEGREE * math.cos(math.radians(min(abs(y), 85.0))))
    span = extent.east - extent.west
    x = extent.east - 0.03 * span - degrees if corner[0] else extent.west + 0.03 * span
    thick = 0.008 * (extent.north - extent.south)
    drawn: list[Artist] = []
    for half, fill in ((0, style.INK), (1, "white")):
        bar = Rectangle(
            (x + 0.5 * half * degrees, y), 0.5 * degrees, thick, facecolor=fill,
            edgecolor=style.INK, linewidth=0.7, zorder=9,
        )  # fmt: skip
        drawn.append(axes.add_patch(bar))
    text: Text = axes.annotate(
        f"{length_km:g} km",
        (x + 0.5 * degrees, y + thick),
        (0.0, 2.0),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8,
        color=style.INK,
        zorder=9,
    )
    return [*drawn, text]


def _graticule_step(extent: Extent, lines: int) -> float:
    span = max((extent.east - extent.west) / extent.stretch, extent.north - extent.south)
    return min(_NICE_STEPS, key=lambda step: abs(math.log(span / lines / step)))


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(step * k, 6) for k in range(first, last + 1)]


def _write_degrees(value: float, letters: str, step: float) -> str:
    wrapped = (value + 180.0) % 360.0 - 180.0 if letters == "EW" else value
    digits = 0 if step >= 1.0 else 1 if abs(10.0 * step - round(10.0 * step)) < 1e-9 else 2
    letter = "" if wrapped == 0.0 else letters[0] if wrapped > 0.0 else letters[1]
    if abs(abs(wrapped) - 180.0) < 1e-9 and letters == "EW":
        letter = ""
    return f"{abs(wrapped):.{digits}f}°" + (f" {letter}" if letter else "")


def _nice_length(length_km: float) -> float:
    power = 10.0 ** math.floor(math.log10(length_km))
    return max((m * power for m in (1.0, 2.0, 5.0) if m * power <= length_km), default=power)
