"""Cells of a target, of one size, and how evenly a load covers them.

The cells are squares of a grid in Lambert's cylindrical equal-area projection, laid through the
middle latitude of the target and cut to it. Evenness is the squared Bhattacharyya coefficient of
the expected shares in the cells and those of an even load: it is 1 for a load that comes down in
the target and evenly, f for one that covers a part f of the target evenly, and s where only a part
s of it comes down in the target, spread evenly.

References
----------
Bhattacharyya 1943, On a measure of divergence between two statistical populations; Snyder 1987, Map
projections: a working manual, USGS Professional Paper 1395, chapter 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from downwind.geo.regions import Region
from downwind.landing.clusters import Clusters, Estimate, estimate_mean
from downwind.landing.regions import CELL, TARGET, LandingRegions

Array = NDArray[np.float64]

CELLS: Final = 48
"""Cells that a target is cut into, if it were a square; its edge cuts some more."""

_SLIVER: Final = 1e-3
"""Cells smaller than this are left out [of a whole one]."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetCells:
    """Cells of one size over a target.

    Attributes
    ----------
    middle : tuple of float
        Longitude and latitude of the grid's origin [degrees].
    side : float
        Of a cell, on a sphere of radius 1.
    first : tuple of int
        Column and row of the table's corner.
    table : numpy.ndarray
        Cell in each column and row, counted from 0; -1 for none.
    part : numpy.ndarray
        Part of the target's area in each cell, adding up to 1, shape (cells,).
    """

    middle: tuple[float, float]
    side: float
    first: tuple[int, int]
    table: NDArray[np.int64]
    part: Array

    @property
    def count(self) -> int:
        """Number of cells."""
        return int(self.part.size)

    def find(self, longitude: Array, latitude: Array) -> NDArray[np.int64]:
        """Return the cell of each point, shape (n,) [degrees]; -1 for points in none."""
        x, y = _project(longitude, latitude, self.middle)
        column = np.floor(x / self.side).astype(np.int64) - self.first[0]
        row = np.floor(y / self.side).astype(np.int64) - self.first[1]
        columns, rows = self.table.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return np.where(
            inside, self.table[np.where(inside, column, 0), np.where(inside, row, 0)], -1
        )


@dataclass(frozen=True, slots=True)
class CelledRegions(LandingRegions):
    """The regions of a mission, and each cell of its target as one more."""

    cells: TargetCells

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of ``classify``: the regions, then the cells."""
        own = LandingRegions(self.target, self.home, self.keep_outs).names
        return own + tuple(f"{CELL}{k}" for k in range(self.cells.count))

    def classify(self, longitude: Array, latitude: Array) -> dict[str, NDArray[np.bool_]]:
        """Tell which points, shape (n,) [degrees], lie in each region and cell."""
        whole = LandingRegions(self.target, self.home, self.keep_outs)
        inside = whole.classify(longitude, latitude)
        cell = np.where(inside[TARGET], self.cells.find(longitude, latitude), -1)
        return inside | {f"{CELL}{k}": cell == k for k in range(self.cells.count)}


def cut_target(target: Region, cells: int = CELLS) -> TargetCells:
    """Cut a target into cells of one size.

    Parameters
    ----------
    target : Region
    cells : int
        How many a square would have.
    """
    low_x, low_y, high_x, high_y = target.geometry.bounds
    if high_x - low_x > 180.0:  # it crosses the antimeridian
        middle = (180.0, 0.5 * (low_y + high_y))
    else:
        middle = (0.5 * (low_x + high_x), 0.5 * (low_y + high_y))
    flat = shapely.transform(
        target.geometry, lambda p: np.stack(_project(p[:, 0], p[:, 1], middle), axis=1)
    )
    if not flat.is_valid:
        flat = shapely.make_valid(flat)
    side = float(np.sqrt(flat.area / cells))
    bounds = np.array(flat.bounds)
    first = np.floor(bounds[:2] / side).astype(np.int64)
    columns, rows = np.ceil(bounds[2:] / side).astype(np.int64) - first
    column, row = np.indices((int(columns), int(rows)))
    squares = shapely.box(
        (column + first[0]) * side, (row + first[1]) * side,
        (column + first[0] + 1) * side, (row + first[1] + 1) * side,
    )  # fmt: skip
    # islands one by one: a square meets few of them
    islands = shapely.get_parts(flat)
    square, island = shapely.STRtree(islands).query(squares.ravel(), predicate="intersects")
    met = shapely.area(shapely.intersection(squares.ravel()[square], islands[island]))
    area = np.bincount(square, met, minlength=squares.size).reshape(squares.shape)
    kept = area > _SLIVER * side**2
    table = np.full(area.shape, -1, np.int64)
    table[kept] = np.arange(np.count_nonzero(kept))
    part = area[kept] / area[kept].sum()
    return TargetCells(middle, side, (int(first[0]), int(first[1])), table, part)


def evenness(shares: Array, part: Array) -> Array:
    """Return how evenly expected shares cover the cells.

    Parameters
    ----------
    shares : numpy.ndarray
        Expected share of the load in each cell, shape (..., cells) [fraction].
    part : numpy.ndarray
        Part of the target's area in each cell, shape (cells,).

    Returns
    -------
    numpy.ndarray
        Shape (...), from 0 to 1.
    """
    overlap: Array = np.sum(np.sqrt(shares * part), axis=-1) ** 2
    return overlap


def estimate_evenness(shares: Array, part: Array, clusters: Clusters) -> tuple[Estimate, Array]:
    """Return the evenness of the expected shares, and its pseudo-values, by the jackknife.

    Parameters
    ----------
    shares : numpy.ndarray
        Per-draw shares, shape (cells, draws).
    part : numpy.ndarray
        Shape (cells,).
    clusters : Clusters
        Which draws share a wind: each is left out as a whole.

    Returns
    -------
    tuple
        The estimate, whose mean is the evenness of the mean shares, and a pseudo-value for each
        cluster, shape (clusters,); the difference of two of these is one of the spread of what they
        were made from.

    References
    ----------
    Efron and Tibshirani 1993, An introduction to the bootstrap, chapter 11.
    """
    whole = float(evenness(shares.mean(axis=1), part))
    count, draws = clusters.count, shares.shape[1]
    sums = np.stack([np.bincount(clusters.label, row, minlength=count) for row in shares])
    size = np.bincount(clusters.label, minlength=count)
    if count < 2:
        return estimate_mean(np.array([whole])), np.array([whole])
    without = (sums.sum(axis=1)[:, None] - sums) / (draws - size)
    values = count * whole - (count - 1) * evenness(without.T, part)
    found = estimate_mean(values)
    return (
        Estimate(
            whole, found.standard_error, found.monte_carlo_error, found.ensemble_error,
            found.correlation, draws, count, found.effective_draws,
        ),
        values,
    )  # fmt: skip


def _project(longitude: Array, latitude: Array, middle: tuple[float, float]) -> tuple[Array, Array]:
    """Return places in the equal-area projection, on a sphere of radius 1."""
    scale = np.cos(np.radians(middle[1]))
    east = (longitude - middle[0] + 180.0) % 360.0 - 180.0
    return np.radians(east) * scale, np.sin(np.radians(latitude)) / scale
