"""Where items land, as a predictive density with contours that hold what they say.

Histograms of items are far too narrow, since all items of a draw share its errors. So each draw's
items are spread by a kernel as wide as the between-draw spread demands (covariance of the draw
means times D^(-1/3), Scott's rule in two dimensions), and the level of a contour is set by leaving
one draw out at a time: the 90 % contour is the one that holds 90 % of the left-out draws' items.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import contourpy
import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from shapely import make_valid
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import unary_union

from downwind.geo.sphere import LocalPlane, local_equal_area

GRID_CELLS = 160
LEVELS = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class LandingDensity:
    """A predictive density on an equal-area grid about its centre.

    Attributes
    ----------
    longitude0, latitude0 : float
        Centre of the equal-area projection [degrees].
    x_m, y_m : numpy.ndarray
        Cell centres, shape (nx,) and (ny,) [m].
    density : numpy.ndarray
        Probability by area, shape (ny, nx) [m-2].
    levels : dict
        Density [m-2] on the contour for each probability of ``LEVELS``.
    contours : dict
        Polygon in longitude and latitude for each probability of ``LEVELS``.
    draws : int
        Draws behind it.
    """

    longitude0: float
    latitude0: float
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    density: NDArray[np.float64]
    levels: dict[float, float]
    contours: dict[float, MultiPolygon]
    draws: int


def estimate_density(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    weight: NDArray[np.float64],
    draw: NDArray[np.int64],
) -> LandingDensity | None:
    """Estimate the density of landings.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Landings, shape (n,) [degrees].
    weight : numpy.ndarray
        Items that each row stands for, shape (n,).
    draw : numpy.ndarray
        Draw of each row, shape (n,).

    Returns
    -------
    LandingDensity or None
        None where fewer than three draws have landings.
    """
    index = np.unique(draw, return_inverse=True)[1]
    draws = int(index.max()) + 1 if index.size else 0
    if draws < 3:
        return None
    lon0, lat0 = _centre(longitude, latitude, weight)
    plane = local_equal_area(lon0, lat0)
    x, y = plane.forward(longitude, latitude)
    total = np.bincount(index, weight, draws)
    share = weight / total[index] / draws  # every draw counts the same
    mean_x = np.bincount(index, share * x, draws) * draws
    mean_y = np.bincount(index, share * y, draws) * draws
    kernel_cov = np.cov(mean_x, mean_y) * draws ** (-1.0 / 3.0)
    floor = (0.02 * max(float(np.ptp(x)), float(np.ptp(y)), 1_000.0)) ** 2
    kernel_cov = kernel_cov + np.eye(2) * 1e-3 * floor
    margin = 4.0 * float(np.sqrt(kernel_cov.diagonal().max()))
    x_edges = np.linspace(x.min() - margin, x.max() + margin, GRID_CELLS + 1)
    y_edges = np.linspace(y.min() - margin, y.max() + margin, GRID_CELLS + 1)
    column = np.clip(np.digitize(x, x_edges) - 1, 0, GRID_CELLS - 1)
    row = np.clip(np.digitize(y, y_edges) - 1, 0, GRID_CELLS - 1)
    dx, dy = x_edges[1] - x_edges[0], y_edges[1] - y_edges[0]
    kernel = _gaussian_kernel(kernel_cov, dx, dy)
    cell = row * GRID_CELLS + column
    whole = _smooth(_count(cell, share), kernel)
    ranks = np.empty(x.size)
    for d in range(draws):
        mine = index == d
        alone = _smooth(_count(cell[mine], share[mine]), kernel)
        ranks[mine] = _enclosed_mass(whole - alone)[cell[mine]]
    order = np.argsort(ranks)
    cumulative = np.cumsum(share[order])
    enclosed = _enclosed_mass(whole)
    density = whole.reshape(GRID_CELLS, GRID_CELLS) / (dx * dy)
    levels, contours = {}, {}
    xc, yc = 0.5 * (x_edges[1:] + x_edges[:-1]), 0.5 * (y_edges[1:] + y_edges[:-1])
    for level in LEVELS:
        mass = ranks[order][min(int(np.searchsorted(cumulative, level)), x.size - 1)]
        inside = enclosed <= mass
        levels[level] = float(density.ravel()[inside].min()) if inside.any() else 0.0
        contours[level] = _contour(xc, yc, density, levels[level], plane, lon0)
    return LandingDensity(lon0, lat0, xc, yc, density, levels, contours, draws)


def _centre(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    lon, lat = np.radians(longitude), np.radians(latitude)
    mean = [
        float(np.average(part, weights=weight))
        for part in (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    ]
    return (
        float(np.degrees(np.arctan2(mean[1], mean[0]))),
        float(np.degrees(np.arctan2(mean[2], np.hypot(mean[0], mean[1])))),
    )


def _gaussian_kernel(cov: NDArray[np.float64], dx: float, dy: float) -> NDArray[np.float64]:
    half = GRID_CELLS // 2
    x, y = np.meshgrid(dx * np.arange(-half, half + 1), dy * np.arange(-half, half + 1))
    inverse = np.linalg.inv(cov)
    squared = inverse[0, 0] * x**2 + 2.0 * inverse[0, 1] * x * y + inverse[1, 1] * y**2
    kernel: NDArray[np.float64] = np.exp(-0.5 * squared)
    kernel /= kernel.sum()
    return kernel


def _count(cell: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(cell, share, GRID_CELLS**2).astype(np.float64)


def _smooth(flat: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    grid = flat.reshape(GRID_CELLS, GRID_CELLS)
    smooth: NDArray[np.float64] = np.maximum(fftconvolve(grid, kernel, mode="same"), 0.0)
    return smooth.ravel()


def _enclosed_mass(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each cell, the share of mass in cells at least as dense."""
    order = np.argsort(-density, kind="stable")
    mass = np.empty(density.size)
    mass[order] = np.cumsum(density[order]) / density.sum()
    return mass


def _contour(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    density: NDArray[np.float64],
    level: float,
    plane: LocalPlane,
    longitude0: float,
) -> MultiPolygon:
    generator = contourpy.contour_generator(
        x, y, density, fill_type=contourpy.FillType.ChunkCombinedOffsetOffset
    )
    points, offsets, outers = (chunks[0] for chunks in generator.filled(level, np.inf))
    if points is None or offsets is None or outers is None:
        return MultiPolygon()
    lon, lat = plane.inverse(points[:, 0], points[:, 1])
    lon = longitude0 + (lon - longitude0 + 180.0) % 360.0 - 180.0
    rings = [np.column_stack([lon[a:b], lat[a:b]]) for a, b in pairwise(offsets)]
    polygons = [Polygon(rings[a], rings[a + 1 : b]) for a, b in pairwise(outers)]
    merged = make_valid(unary_union(polygons))
    parts = [p for p in getattr(merged, "geoms", [merged]) if isinstance(p, Polygon)]
    return MultiPolygon(parts)
