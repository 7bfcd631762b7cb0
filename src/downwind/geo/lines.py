"""Lines of the user's own, such as power lines, from GeoJSON, and how near places are to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from downwind.geo._geojson import _check_reference_system, _fault, _load_document, _read_position
from downwind.geo.sphere import local_equal_area

_HINT = "lines are GeoJSON LineStrings or MultiLineStrings in longitude and latitude (WGS 84)"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines on the ground.

    Attributes
    ----------
    geometry : MultiLineString
        Longitude and latitude [degrees].
    source : str
        Name of the file.
    """

    geometry: BaseGeometry
    source: str

    def within(
        self, longitude: ArrayLike, latitude: ArrayLike, distance_m: float
    ) -> NDArray[np.bool_]:
        """Tell which places lie within a distance of a line.

        Distances are those of a plane about the middle of the places, true to 0.1 % within 500 km
        of it. A place that is not a number is not near.

        Parameters
        ----------
        longitude, latitude : array_like
            Shape (n,) [degrees].
        distance_m : float
        """
        lon, lat = np.asarray(longitude, np.float64), np.asarray(latitude, np.float64)
        near = np.zeros(lon.shape, np.bool_)
        known = np.isfinite(lon) & np.isfinite(lat)
        if not known.any():
            return near
        plane = local_equal_area(float(np.median(lon[known])), float(np.median(lat[known])))
        flat = shapely.transform(
            self.geometry, lambda xy: np.column_stack(plane.forward(xy[:, 0], xy[:, 1]))
        )
        shapely.prepare(flat)
        points = shapely.points(*plane.forward(lon[known], lat[known]))
        near[known] = shapely.dwithin(flat, points, distance_m)
        return near


def read_lines(path: Path) -> Lines:
    """Read the lines of a GeoJSON file.

    Parameters
    ----------
    path : pathlib.Path
        A FeatureCollection, a Feature or a geometry, of LineStrings and MultiLineStrings only.

    Raises
    ------
    RegionError
        With the place in the file, if it does not hold lines.
    """
    document = _load_document(path)
    _check_reference_system(path, document)
    kind = document.get("type")
    found: list[LineString] = []
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not features:
            raise _fault(path, "features", "holds no feature", _HINT)
        for number, feature in enumerate(features):
            _read_feature(path, f"features[{number}]", feature, found)
    elif kind == "Feature":
        _read_feature(path, "", document, found)
    else:
        _read_geometry(path, "", document, found)
    return Lines(shapely.multilinestrings(found), path.name)


def _read_feature(path: Path, place: str, feature: Any, found: list[LineString]) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _fault(path, place, "is not a Feature", _HINT)
    _read_geometry(path, f"{place}.geometry".lstrip("."), feature.get("geometry"), found)


def _read_geometry(path: Path, place: str, geometry: Any, found: list[LineString]) -> None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("LineString", "MultiLineString"):
        what = f"is a {kind}" if isinstance(kind, str) else "is no geometry"
        raise _fault(path, place, f"{what}, not a LineString or a MultiLineString", _HINT)
    inside = f"{place}.coordinates".lstrip(".")
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        raise _fault(path, inside, "is empty", _HINT)
    if kind == "LineString":
        found.append(_read_line(path, inside, coordinates))
        return
    for number, line in enumerate(coordinates):
        found.append(_read_line(path, f"{inside}[{number}]", line))


def _read_line(path: Path, place: str, line: Any) -> LineString:
    if not isinstance(line, list) or len(line) < 2:
        raise _fault(path, place, "a line has at least two points", _HINT)
    points = [_read_position(path, f"{place}[{n}]", point) for n, point in enumerate(line)]
    wrapped = np.array(points)
    wrapped[:, 0] = np.where(wrapped[:, 0] > 180.0, wrapped[:, 0] - 360.0, wrapped[:, 0])
    if np.abs(np.diff(wrapped[:, 0])).max() > 180.0:
        raise _fault(path, place, "crosses the antimeridian", "cut the line there")
    return LineString(wrapped)
