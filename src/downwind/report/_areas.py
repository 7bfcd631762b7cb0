"""The predictive areas of each kind as a map draws them: unwrapped about the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from downwind.plan.result import PlanResult
from downwind.report import style
from downwind.report._basemap import Extent, polygons_of, unwrap
from downwind.report._labels import Spot, spots_around
from downwind.report._text import kind_names

ZOOM_BELOW: Final = 0.33
"""A kind whose 90 % area is narrower than this share of the map gets a panel of its own."""


@dataclass(frozen=True, slots=True)
class Area:
    """The areas of one kind, unwrapped about the site."""

    name: str
    look: style.KindStyle
    contours: dict[float, BaseGeometry]


def find_areas(result: PlanResult) -> list[Area]:
    """Return the areas of each kind that has any."""
    about = result.site.longitude
    found = []
    names = kind_names(result)
    for index, (kind, name) in enumerate(zip(result.kinds, names, strict=True)):
        if kind.density is None:
            continue
        middle = kind.density.longitude0
        turn = float(unwrap(middle, about)) - middle
        contours: dict[float, BaseGeometry] = {
            level: translate(contour, turn)
            for level, contour in kind.density.contours.items()
            if not contour.is_empty
        }
        if contours:
            found.append(Area(name, style.kind_style(index), contours))
    return found


def corners_of(shapes: list[BaseGeometry]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sides of the shapes' boxes as points: longitudes and latitudes [degrees]."""
    bounds = np.array([shape.bounds for shape in shapes])
    return bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel()


def small_areas(areas: list[Area], extent: Extent) -> list[Area]:
    """Return the kinds too small to read on the map: the smallest, and those close to it."""

    def reach(shapes: list[BaseGeometry]) -> float:
        longitude, latitude = corners_of(shapes)
        return max(
            float(np.ptp(longitude)) / (extent.east - extent.west),
            float(np.ptp(latitude)) / (extent.north - extent.south),
        )

    outer = {area.name: area.contours[max(area.contours)] for area in areas}
    chosen: list[Area] = []
    for area in sorted(areas, key=lambda a: reach([outer[a.name]])):
        if reach([outer[a.name] for a in [*chosen, area]]) < ZOOM_BELOW:
            chosen.append(area)
    return chosen


def rim_spots(shape: BaseGeometry) -> Iterator[Spot]:
    """Yield places just outside the rim of the largest part, at its extremes first."""
    rim = np.asarray(max(polygons_of(shape), key=lambda p: p.area).exterior.coords)
    for column, pick, right, up, ha, va in (
        (1, np.argmax, 0.0, 4.0, "center", "bottom"),
        (0, np.argmax, 5.0, 0.0, "left", "center"),
        (1, np.argmin, 0.0, -4.0, "center", "top"),
        (0, np.argmin, -5.0, 0.0, "right", "center"),
    ):
        x, y = rim[int(pick(rim[:, column]))]
        yield Spot(x, y, right, up, ha, va)
    for x, y in rim[:: max(len(rim) // 40, 1)]:
        yield from spots_around(float(x), float(y), 5.0)
