"""Places spread evenly over a target, and ways back that are interpolated between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from downwind.geo.regions import Region
from downwind.geo.sphere import LocalPlane, local_equal_area

Floats = NDArray[np.float64]

DENSER: Final = 4
"""How many times closer than the places flown back those between them lie."""


NEIGHBOURS: Final = 6
"""Places that one between them is interpolated from."""


SIDE_DEG: Final = 0.05
"""Longest side of an outline that is laid on the plane [degrees]."""

EDGE_M: Final = 1_000.0
"""How far inside the border of the target the places lie, where it is wide enough [m]."""


@dataclass(frozen=True, slots=True)
class TargetPlaces:
    """Places spread evenly over a target.

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        Of the places that are flown back, shape (n,) [degrees].
    fine_longitude, fine_latitude : numpy.ndarray
        Of those between them, shape (m,) [degrees].
    spacing_m, fine_spacing_m : float
        Root of the area that each stands for [m].
    plane : LocalPlane
        On which areas are true, about the middle of the target.
    """

    longitude: Floats
    latitude: Floats
    fine_longitude: Floats
    fine_latitude: Floats
    spacing_m: float
    fine_spacing_m: float
    plane: LocalPlane


def spread_places(target: Region, count: int, seed: int) -> TargetPlaces:
    """Spread places over a target: one at random in each cell of a grid of equal areas.

    Parameters
    ----------
    target : Region
    count : int
        About how many.
    seed : int
    """
    middle = target.geometry.representative_point()
    plane = local_equal_area(middle.x, middle.y)
    flat = shapely.make_valid(
        shapely.transform(
            # sides run straight in degrees, which on the plane is bent
            shapely.segmentize(target.geometry, SIDE_DEG),
            lambda xy: np.column_stack(plane.forward(xy[:, 0], xy[:, 1])),
        )
    )
    inner: BaseGeometry = flat.buffer(-EDGE_M)
    if inner.area < 0.2 * flat.area:
        inner = flat
    spacing_m = math.sqrt(inner.area / count)
    generator = np.random.Generator(np.random.Philox(seed))
    coarse = _one_in_each_cell(inner, spacing_m, generator)
    fine_m = spacing_m / DENSER
    fine = _one_in_each_cell(inner, fine_m, generator)
    longitude, latitude = plane.inverse(*coarse.T)
    fine_longitude, fine_latitude = plane.inverse(*fine.T)
    return TargetPlaces(
        longitude, latitude, fine_longitude, fine_latitude, spacing_m, fine_m, plane
    )


class WaysBetween:
    """Interpolate ways back from the places that were flown to those between them.

    Parameters
    ----------
    places : TargetPlaces
    """

    def __init__(self, places: TargetPlaces) -> None:
        self._places = places
        xy = np.column_stack(places.plane.forward(places.longitude, places.latitude))
        self._xy = np.column_stack(
            places.plane.forward(places.fine_longitude, places.fine_latitude)
        )
        self._flown_xy = xy
        count = min(NEIGHBOURS, len(xy))
        away, index = cKDTree(xy).query(self._xy, k=count)
        self._index = index.reshape(len(self._xy), count)
        if count < NEIGHBOURS:
            weight = 1.0 / (np.asarray(away).reshape(len(self._xy), count) + 1.0) ** 2
            self._weight = weight / weight.sum(axis=1, keepdims=True)
        else:
            # value at the place itself of a plane fitted to its neighbours by least squares
            offset = (xy[self._index] - self._xy[:, None, :]) / places.spacing_m
            plane = np.concatenate([np.ones((*offset.shape[:2], 1)), offset], axis=-1)
            self._weight = np.linalg.pinv(plane, rcond=1e-2)[:, 0, :]

    def interpolate(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return launches of the places between; NaN where one of their neighbours has none.

        Parameters
        ----------
        longitude, latitude : numpy.ndarray
            Of the launches of the places flown back, shape (..., places) [degrees].
        """
        plane = self._places.plane
        known = np.isfinite(longitude)
        x, y = plane.forward(
            np.where(known, longitude, self._places.longitude),
            np.where(known, latitude, self._places.latitude),
        )
        lost = ~known[..., self._index].all(axis=-1)
        dx = (self._weight * (x - self._flown_xy[:, 0])[..., self._index]).sum(axis=-1)
        dy = (self._weight * (y - self._flown_xy[:, 1])[..., self._index]).sum(axis=-1)
        east, north = self._xy[:, 0] + dx, self._xy[:, 1] + dy
        lon, lat = plane.inverse(east, north)
        return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)


def _one_in_each_cell(shape: BaseGeometry, side_m: float, generator: np.random.Generator) -> Floats:
    """Return one point in each cell of a grid, those that lie in a shape, shape (n, 2) [m]."""
    west, south, east, north = shape.bounds
    columns = np.arange(math.floor(west / side_m), math.ceil(east / side_m))
    rows = np.arange(math.floor(south / side_m), math.ceil(north / side_m))
    corner = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    points = side_m * (corner + generator.random(corner.shape))
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, points[:, 0], points[:, 1])
    if not inside.any():
        middle = shape.representative_point()
        return np.array([[middle.x, middle.y]])
    return np.asarray(points[inside])
