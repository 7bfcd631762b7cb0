"""Which of several polygons holds a point, fast for a million points.

A box is divided into cells. A cell that no outline comes near lies wholly in one polygon or in
none, and so do all its points; only points in the other cells are tested one by one. The answer is
the same as that of testing every point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from downwind.geo.kernels import look_up_cells

OUTSIDE = -1
_MIXED = -2
_SMALLEST_CELL_DEG = 1e-3
_LONGEST_SIDE = 2048


class CellIndex:
    """Polygons over a box of longitude and latitude, indexed by cells.

    Parameters
    ----------
    geometries : sequence of Polygon or MultiPolygon
        Valid; where two hold a point, as on a common border, the first of them counts.
    box : tuple
        West, south, east, north [deg], within -180 to 180; a point outside of it is in none.
    cells : int
        Number of cells along the longer side.
    """

    def __init__(
        self,
        geometries: Sequence[BaseGeometry],
        box: tuple[float, float, float, float],
        cells: int = 1024,
    ) -> None:
        self._geometries = list(geometries)
        shapely.prepare(np.array(self._geometries, dtype=object))
        self._bounds = [geometry.bounds for geometry in self._geometries]
        self._box = tuple(float(side) for side in box)
        west, south, east, north = box
        count = min(max(cells, 1), _LONGEST_SIDE)
        size = max(east - west, north - south) / count
        self._size = max(size, _SMALLEST_CELL_DEG)
        self._columns = int((east - west) / self._size) + 1
        self._rows = int((north - south) / self._size) + 1
        self._labels = self._label_cells()

    def find_holder(
        self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Return the number of the polygon that holds each point, or -1.

        Parameters
        ----------
        longitude, latitude : ndarray, shape (n,)
            Points [deg], longitudes within -180 to 180. A border belongs to what it bounds.
        """
        holder = np.empty(longitude.size, dtype=np.int32)
        lon = np.ascontiguousarray(longitude, dtype=np.float64)
        lat = np.ascontiguousarray(latitude, dtype=np.float64)
        look_up_cells(lon, lat, self._box, self._size, self._labels, np.int32(OUTSIDE), holder)
        mixed = np.flatnonzero(holder == _MIXED)
        holder[mixed] = self._find_exactly(lon[mixed], lat[mixed])
        return holder

    def _find_exactly(
        self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Test each point, shape (n,), against each polygon that may hold it."""
        holder = np.full(longitude.shape, OUTSIDE, dtype=np.int32)
        open_ = np.arange(longitude.size)
        for number, geometry in enumerate(self._geometries):
            west, south, east, north = self._bounds[number]
            lon, lat = longitude[open_], latitude[open_]
            near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            candidates = np.flatnonzero(near)
            if candidates.size == 0:
                continue
            hit = shapely.intersects_xy(geometry, lon[candidates], lat[candidates])
            holder[open_[candidates[hit]]] = number
            open_ = np.delete(open_, candidates[hit])
        return holder

    def _label_cells(self) -> NDArray[np.int32]:
        """Return the holder of each cell, or -2 where an outline comes near; (rows, columns)."""
        mixed = self._mark_outlines()
        # cells side by side without an outline between them have one holder: test one of a run
        begins = ~mixed
        begins[:, 1:] &= mixed[:, :-1]
        row, column = np.nonzero(begins)
        west, south = self._box[:2]
        centre_lon = np.asarray(west + (column + 0.5) * self._size, dtype=np.float64)
        centre_lat = np.asarray(south + (row + 0.5) * self._size, dtype=np.float64)
        holder = self._find_exactly(centre_lon, centre_lat)
        run = np.cumsum(begins.ravel()).reshape(begins.shape) - 1
        labels = np.full(mixed.shape, _MIXED, dtype=np.int32)
        labels[~mixed] = holder[run[~mixed]]
        return labels

    def _mark_outlines(self) -> NDArray[np.bool_]:
        """Mark the cells that an outline comes near, shape (rows, columns).

        Each side of an outline is sampled at half a cell or less, so that each of its points has a
        sample within a quarter of a cell: in the same cell or in one of its eight neighbours.
        """
        start, end = self._find_sides()
        steps = np.ceil(2.0 * np.abs(end - start).max(axis=1, initial=0.0) / self._size)
        count = steps.astype(np.int64) + 1
        side = np.repeat(np.arange(count.size), count)
        before = np.cumsum(count) - count
        fraction = (np.arange(side.size) - before[side]) / np.maximum(steps, 1.0)[side]
        points = start[side] + fraction[:, None] * (end - start)[side]
        west, south = self._box[:2]
        column = np.floor((points[:, 0] - west) / self._size).astype(np.int64) + 2
        row = np.floor((points[:, 1] - south) / self._size).astype(np.int64) + 2
        # a margin of two cells takes in what lies outside of the box but next to it
        inside = (column >= 1) & (column <= self._columns + 2)
        inside &= (row >= 1) & (row <= self._rows + 2)
        marked = np.zeros((self._rows + 4, self._columns + 4), dtype=bool)
        marked[row[inside], column[inside]] = True
        wide = marked[:, :-2] | marked[:, 1:-1] | marked[:, 2:]
        near = wide[:-2] | wide[1:-1] | wide[2:]
        return near[1:-1, 1:-1]

    def _find_sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the ends, shape (n, 2) each, of the sides of outlines that may meet the box."""
        parts = shapely.get_parts(np.array(self._geometries, dtype=object))
        rings = shapely.get_rings(parts)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        start, end = points[:-1], points[1:]
        low, high = np.minimum(start, end), np.maximum(start, end)
        west, south, east, north = self._box
        margin = 2.0 * self._size
        keep = ring[1:] == ring[:-1]
        keep &= (high[:, 0] >= west - margin) & (low[:, 0] <= east + margin)
        keep &= (high[:, 1] >= south - margin) & (low[:, 1] <= north + margin)
        return start[keep], end[keep]
