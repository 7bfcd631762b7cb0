"""Regions: what a target, a keep-out or a home country is, and which points lie in it.

A region is a country of the map, or polygons from a GeoJSON file of the user. Points on its border
count as inside. Its area is that of the WGS 84 ellipsoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from downwind.errors import RegionError
from downwind.geo._cells import OUTSIDE, CellIndex
from downwind.geo._geojson import read_geojson
from downwind.geo.atlas import MAP_SOURCE, countries, find_country, meets_box

SMALLEST_TARGET_KM2: Final = 25.0
"""A target is never finer than this [km2]: not a building, a unit or a person."""

SEA: Final = OUTSIDE
"""What `classify_country` says of a point in no country."""

_FEW_POINTS: Final = 2_000
_BOX_DEG: Final = 5.0
_GEOD: Final = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of the earth's surface.

    Parameters
    ----------
    name : str
        What it is called in results.
    geometry : Polygon or MultiPolygon
        Valid, longitude and latitude [deg], longitudes within -180 to 180.
    source : str
        Where the outline is from.
    """

    name: str
    geometry: BaseGeometry
    source: str

    def contains(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.bool_]:
        """Tell which points lie in the region or on its border.

        Parameters
        ----------
        longitude, latitude : array_like
            Points [deg], any common shape; longitudes either -180 to 180 or 0 to 360. A point that
            is not a number is outside.
        """
        lon, lat, shape = _prepare_points(longitude, latitude)
        if lon.size <= _FEW_POINTS:
            inside = np.asarray(shapely.intersects_xy(self.geometry, lon, lat))
        else:
            inside = _index_geometry(self.geometry).find_holder(lon, lat) != OUTSIDE
        return inside.reshape(shape)

    @property
    def area_km2(self) -> float:
        """Area on the WGS 84 ellipsoid [km2], holes left out."""
        return measure_area_km2(self.geometry)


def measure_area_km2(geometry: BaseGeometry) -> float:
    """Return the geodesic area of polygons [km2] in longitude and latitude [deg]."""
    if geometry.is_empty:
        return 0.0
    area_m2, _ = _GEOD.geometry_area_perimeter(shapely.orient_polygons(geometry))
    return abs(float(area_m2)) / 1e6


def region_from_country(name: str) -> Region:
    """Return a country of the map as a region.

    Raises
    ------
    RegionError
        If there is no such country, or it is too small for the map to show.
    """
    country = find_country(name)
    if country.geometry.is_empty:
        raise RegionError(
            f"'{country.name}' is too small for the map to show its outline",
            hint="name a GeoJSON file of the region",
        )
    return Region(country.name, country.geometry, MAP_SOURCE)


def region_from_geojson(path: str | Path, name: str | None = None) -> Region:
    """Return the polygons of a GeoJSON file as a region.

    Parameters
    ----------
    path : str or Path
        A FeatureCollection, a Feature or a geometry, of Polygons and MultiPolygons only.
        Longitudes are read either way, -180 to 180 or 0 to 360; a side goes the short way round.
    name : str, optional
        What to call it; otherwise the name of its only feature, or the file's.

    Raises
    ------
    RegionError
        With the place in the file, if it does not hold sound polygons.
    """
    file = Path(path)
    geometry, found = read_geojson(file)
    return Region(name or found or file.stem, geometry, file.name)


def check_target(region: Region) -> Region:
    """Return the region, or refuse it where it is too small to be a target.

    Raises
    ------
    RegionError
        If its area is below `SMALLEST_TARGET_KM2`.
    """
    area_km2 = max(map(measure_area_km2, shapely.get_parts(region.geometry)), default=0.0)
    if area_km2 < SMALLEST_TARGET_KM2:
        raise RegionError(
            f"the target '{region.name}' has an area of {area_km2:.3g} km2: a target is an "
            f"administrative region or a polygon of at least {SMALLEST_TARGET_KM2:g} km2",
            hint="name a country, or a GeoJSON file of a district",
        )
    return region


class LandIndex:
    """The countries of the 10m map within a box, ready to be asked for many points.

    Parameters
    ----------
    box : tuple
        West, south, east, north [deg], within -180 to 180.
    """

    def __init__(self, box: tuple[float, float, float, float]) -> None:
        everyone = countries("10m")
        self._index = np.array(
            [i for i, one in enumerate(everyone) if meets_box(one.geometry.bounds, box)],
            dtype=np.int32,
        )
        parts = [_parts_in_box(everyone[i].geometry, box) for i in self._index]
        present = [i for i, part in enumerate(parts) if not part.is_empty]
        # the last entry is what OUTSIDE, -1, picks
        self._index = np.append(self._index[present], np.int32(SEA))
        self._cells = CellIndex([parts[i] for i in present], box)

    def classify(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.int32]:
        """Return, for each point [deg], the index in ``countries("10m")``, or `SEA`."""
        lon, lat, shape = _prepare_points(longitude, latitude)
        return np.asarray(self._index[self._cells.find_holder(lon, lat)]).reshape(shape)


def classify_country(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.int32]:
    """Return the index in ``countries("10m")`` of the country that holds each point, or `SEA`.

    Parameters
    ----------
    longitude, latitude : array_like
        Points [deg], any common shape. A point that is not a number is at sea.
    """
    lon, lat, shape = _prepare_points(longitude, latitude)
    spans = []
    for values, limit in ((lon, 180.0), (lat, 90.0)):
        low, high = _find_span(values)
        if low > high:
            return np.full(shape, SEA, dtype=np.int32)
        # few different boxes, so that the points of one place find the index of earlier ones
        spans.append(max(_BOX_DEG * np.floor(low / _BOX_DEG), -limit))
        spans.append(min(_BOX_DEG * np.ceil(high / _BOX_DEG), limit))
    box = (float(spans[0]), float(spans[2]), float(spans[1]), float(spans[3]))
    return _index_land(box).classify(lon, lat).reshape(shape)


def _find_span(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the least and the greatest finite number; the first is the greater if none is."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    known = values[np.isfinite(values)]
    return float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))


@lru_cache(maxsize=8)
def _index_land(box: tuple[float, float, float, float]) -> LandIndex:
    """Keep the index of the boxes that are asked for again and again."""
    return LandIndex(box)


@lru_cache(maxsize=16)
def _index_geometry(geometry: BaseGeometry) -> CellIndex:
    """Keep the index of the regions that are asked for again and again."""
    return CellIndex([geometry], geometry.bounds)


def _parts_in_box(geometry: BaseGeometry, box: tuple[float, float, float, float]) -> BaseGeometry:
    """Return those polygons of a geometry, whole, whose bounds meet a box."""
    parts = shapely.get_parts(geometry)
    west, south, east, north = shapely.bounds(parts).T
    meet = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    kept: BaseGeometry = shapely.multipolygons(parts[meet])
    return kept


def _prepare_points(
    longitude: ArrayLike, latitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, ...]]:
    """Return flat longitudes within -180 to 180 and latitudes [deg], and their common shape."""
    lon, lat = np.broadcast_arrays(
        np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    )
    beyond = np.abs(lon) > 180.0
    if beyond.any():
        with np.errstate(invalid="ignore"):  # an infinite longitude becomes no number: outside
            lon = np.where(beyond, (lon + 180.0) % 360.0 - 180.0, lon)
    return lon.ravel(), lat.ravel(), lon.shape
