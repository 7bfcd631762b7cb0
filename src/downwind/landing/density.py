"""Where things land, as a predictive density with contours that hold what they say.

Histograms of landings are far too narrow, since all landings of a draw share its errors. So each is
spread by a kernel as wide as the spread between the clusters demands (their covariance times
n^(-1/3)). The level of a contour is set by leaving one wind of the data out at a time, or one draw
where there is one wind: the 90 % contour is drawn at the density that 90 % of the landings reach
where the others, and they alone, are asked for it.

In an ensemble the cluster is the member. Where draws have errors of their own it is the draw, and n
is how many independent draws tell as much, from how alike the landings of one member are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import contourpy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import fftconvolve
from shapely import make_valid
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from downwind.geo._rings import build_polygon, goes_round_pole, unwrap_polygon
from downwind.geo.sphere import LocalPlane, local_equal_area
from downwind.landing._kernel_sums import Cloud, Nodes, find_bandwidths, invert, judge_left_out
from downwind.landing.clusters import cluster_draws, effective_draws
from downwind.landing.likeness import find_likeness

GRID_CELLS: Final = 160
LEVELS: Final = (0.5, 0.9)

FEWEST: Final = 3
"""Fewest clusters from which a spread between them is taken."""

LEAST_SPREAD_M: Final = 50.0
"""Standard deviation of the narrowest kernel [m]; no landing is known better."""

WIDEST: Final = 0.9999
"""What the widest area holds of the kernels; beyond it there is nothing to tell places by."""

_REACH: Final = 4.0
"""How far the grid goes beyond the landings [standard deviations of the kernel]."""


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
        Density [m-2] on the contour for each probability that was asked for.
    contours : dict
        Polygon in longitude and latitude for each of these probabilities. Longitudes run on past
        180 degrees where a polygon crosses the antimeridian; one round a pole is cut there.
    draws : int
        Draws behind it.
    clusters : int
        Clusters behind it: draws, or members.
    kernel_m2 : tuple of float
        Covariance of the kernel: of x with x, of x with y, of y with y [m2].
    scores : numpy.ndarray
        Densities at which left-out landings lie, rising, shape (m,) [m-2].
    below : numpy.ndarray
        Probability that a landing of another night lies at less than each of ``scores``.
    note : str
        What a reader must know: all landings in one place, or too few clusters for a level; empty
        where there is nothing to say.
    """

    longitude0: float
    latitude0: float
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    density: NDArray[np.float64]
    levels: dict[float, float]
    contours: dict[float, MultiPolygon]
    draws: int
    clusters: int
    kernel_m2: tuple[float, float, float]
    scores: NDArray[np.float64]
    below: NDArray[np.float64]
    note: str = ""

    @property
    def plane(self) -> LocalPlane:
        """The equal-area projection of the grid."""
        return local_equal_area(self.longitude0, self.latitude0)

    @property
    def nodes(self) -> Nodes:
        """The cell centres."""
        return Nodes(self.x_m, self.y_m)

    @property
    def cell_m2(self) -> float:
        """Area of a cell [m2]."""
        dx, dy = self.nodes.cell
        return dx * dy

    def at(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
        """Return the density [m-2] at points, shape (n,) [degrees]; 0 off the grid."""
        x, y = self.plane.forward(*_flat(longitude, latitude))
        found = np.exp(self.nodes.read(_log(self.density), x, y))
        half = [0.5 * d for d in self.nodes.cell]
        off = (x < self.x_m[0] - half[0]) | (x > self.x_m[-1] + half[0])
        off |= (y < self.y_m[0] - half[1]) | (y > self.y_m[-1] + half[1])
        return np.where(off, 0.0, found)

    def threshold(self, level: float) -> float:
        """Return the density [m-2] on the contour that holds a probability, between 0 and 1."""
        wanted = 1.0 - level
        if wanted >= self.below[0]:
            return float(np.exp(np.interp(wanted, self.below, np.log(self.scores))))
        # more than the left-out clusters can tell: what the kernels themselves hold
        flat = np.sort(self.density, axis=None)[::-1]
        held = np.searchsorted(np.cumsum(flat) / flat.sum(), level)
        return float(min(flat[min(int(held), flat.size - 1)], self.scores[0]))

    def contains(
        self, longitude: ArrayLike, latitude: ArrayLike, level: float
    ) -> NDArray[np.bool_]:
        """Tell which points, shape (n,) [degrees], lie within the contour of a probability."""
        return self.at(longitude, latitude) >= self.threshold(level)

    def enclosed_probability(
        self, longitude: ArrayLike, latitude: ArrayLike
    ) -> NDArray[np.float64]:
        """Return the probability of the contour on which each point lies, shape (n,).

        Over many nights it is even between 0 and 1 at the places where things did land.
        """
        return self.enclosed(self.at(longitude, latitude))

    def enclosed(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of the contour of each density, shape (n,) [m-2]."""
        with np.errstate(divide="ignore"):
            found = 1.0 - np.interp(np.log(value), np.log(self.scores), self.below)
        least = value < self.scores[0]
        if least.any():
            flat = np.sort(self.density, axis=None)
            rest = np.concatenate([[0.0], np.cumsum(flat)]) / flat.sum()
            outer = 1.0 - rest[np.searchsorted(flat, value[least], side="right")]
            found[least] = np.maximum(outer, found[least])
        return np.asarray(found)

    def smooth(
        self, longitude: ArrayLike, latitude: ArrayLike, weight: ArrayLike
    ) -> NDArray[np.float64]:
        """Spread weights at points, shape (n,) [degrees], by the kernel, shape (ny, nx) [m-2]."""
        x, y = self.plane.forward(*_flat(longitude, latitude))
        return self.spread(self.nodes.count(x, y, np.asarray(weight, np.float64).ravel())) / (
            self.cell_m2
        )

    def spread(self, grid: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread what stands at the cell centres, shape (ny, nx), by the kernel; the sum stays."""
        return _spread(grid, self.kernel_m2, self.nodes)


def estimate_density(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    weight: NDArray[np.float64],
    draw: NDArray[np.int64],
    wind: NDArray[np.int64] | None = None,
    *,
    levels: tuple[float, ...] = LEVELS,
    even_draws: bool = True,
    own_errors: bool = False,
) -> LandingDensity | None:
    """Estimate the density of landings.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Landings, shape (n,) [degrees].
    weight : numpy.ndarray
        Items that each row stands for, shape (n,), above 0.
    draw : numpy.ndarray
        Draw of each row, shape (n,).
    wind : numpy.ndarray, optional
        Wind of the data of each row, shape (n,). Without it, and with fewer than three winds, each
        draw stands by itself.
    levels : tuple of float
        Probabilities for which to draw contours, each between 0 and 1.
    even_draws : bool
        Count every draw the same, as for the place of one item. Otherwise every row counts by its
        weight, as for a thing that comes down in some draws more often than in others.
    own_errors : bool
        Whether each draw has an error of the wind of its own, besides the wind of the data.

    Returns
    -------
    LandingDensity or None
        None where fewer than three draws have landings.
    """
    draws, draw_index = np.unique(draw, return_inverse=True)
    if draws.size < FEWEST:
        return None
    count, label, note, sort = draws.size, draw_index, "", "draws"
    together, worth = np.arange(count), 1.0
    if wind is not None:
        found, of_row = np.unique(wind, return_inverse=True)
        if found.size >= FEWEST and own_errors:
            together = of_row[np.unique(draw_index, return_index=True)[1]]
            likeness = find_likeness(longitude, latitude, weight, draw, wind)
            shared = cluster_draws(together)
            worth = effective_draws(likeness, shared) / shared.kish_draws
        elif found.size >= FEWEST:
            count, label = found.size, of_row
            together = np.arange(count)
            sort = "draws" if found.size == draws.size else "members"
        elif found.size > 1:
            note = f"given these {found.size} winds: too few for the spread between them"
    lon0, lat0 = _centre(longitude, latitude, weight)
    plane = local_equal_area(lon0, lat0)
    x, y = plane.forward(longitude, latitude)
    share = weight / weight.sum()
    if even_draws:
        share = weight / np.bincount(draw_index, weight, draws.size)[draw_index] / draws.size
    cloud = Cloud(x, y, share, label.astype(np.int64), int(count), together.astype(np.int64), worth)
    kernel, without = find_bandwidths(cloud)
    nodes = _lay_nodes(cloud, kernel)
    in_one_place = max(float(np.ptp(x)), float(np.ptp(y))) < LEAST_SPREAD_M
    if in_one_place:
        note = f"all landings in one place: drawn {LEAST_SPREAD_M:g} m wide"
    dx, dy = nodes.cell
    least = LEAST_SPREAD_M**2
    floor = np.array([max(least, 0.25 * dx**2), 0.0, max(least, 0.25 * dy**2)])
    kernel, without = kernel + floor, without + floor
    score, of = judge_left_out(cloud, without, nodes)
    order = np.argsort(score, kind="stable")
    middle = np.cumsum(of[order]) - 0.5 * of[order]
    n = cloud.effective_clusters
    # a landing of another night is as likely in each gap between those of n clusters
    below = (n * middle + 0.5) / (n + 1.0)
    three = (float(kernel[0]), float(kernel[1]), float(kernel[2]))
    density = _spread(nodes.count(x, y, share), three, nodes) / (dx * dy)
    flat = np.sort(density, axis=None)
    least_drawn = flat[np.searchsorted(np.cumsum(flat), (1.0 - WIDEST) * flat.sum())]
    score = np.maximum(score[order], least_drawn)
    if in_one_place:  # all lie at the peak of one kernel, which is what tells how far to go
        below = np.linspace(0.5, GRID_CELLS - 0.5, GRID_CELLS) / GRID_CELLS
        score = below / (2.0 * np.pi * np.sqrt(kernel[0] * kernel[2] - kernel[1] ** 2))
    reached = float(np.interp(least_drawn * (1.0 + 1e-9), score, below, left=below[0]))
    beyond = [level for level in levels if 1.0 - level < reached - 1e-12]
    if beyond and not note:
        note = (
            f"{count} {sort} are too few, or too far apart, to hold {100 * max(beyond):g} %: the "
            "area may be too small"
        )
    bare = LandingDensity(
        lon0, lat0, nodes.x_m, nodes.y_m, density, {}, {}, int(draws.size), int(count), three,
        score, below, note,
    )  # fmt: skip
    for level in levels:
        bare.levels[level] = bare.threshold(level)
        bare.contours[level] = _contour(bare, bare.levels[level])
    return bare


def _flat(
    longitude: ArrayLike, latitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.asarray(longitude, np.float64).ravel(),
        np.asarray(latitude, np.float64).ravel(),
    )


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


def _lay_nodes(cloud: Cloud, kernel: NDArray[np.float64]) -> Nodes:
    """Lay cell centres over the landings and what their kernels reach."""
    axes = []
    for values, variance in ((cloud.x, kernel[0]), (cloud.y, kernel[2])):
        margin = _REACH * max(float(np.sqrt(variance)), LEAST_SPREAD_M)
        edges = np.linspace(values.min() - margin, values.max() + margin, GRID_CELLS + 1)
        axes.append(0.5 * (edges[1:] + edges[:-1]))
    return Nodes(*axes)


def _spread(
    counted: NDArray[np.float64], kernel: tuple[float, float, float], nodes: Nodes
) -> NDArray[np.float64]:
    """Spread what stands at nodes by a normal kernel; what leaves the grid is lost."""
    (inverse,), _ = invert(np.array([kernel]))
    dx, dy = nodes.cell
    half = [
        min(int(np.ceil(1.5 * _REACH * np.sqrt(v) / d)), GRID_CELLS)
        for v, d in ((kernel[0], dx), (kernel[2], dy))
    ]
    x, y = np.meshgrid(dx * np.arange(-half[0], half[0] + 1), dy * np.arange(-half[1], half[1] + 1))
    squared = inverse[0] * x**2 + 2.0 * inverse[1] * x * y + inverse[2] * y**2
    table = np.exp(-0.5 * squared)
    smooth = fftconvolve(counted, table / table.sum(), mode="full")
    rows, columns = counted.shape
    cut = smooth[half[1] : half[1] + rows, half[0] : half[0] + columns]
    return np.maximum(cut, 0.0)


def _contour(density: LandingDensity, level: float) -> MultiPolygon:
    # between the nodes a logarithm is nearly straight, where the density itself is bent
    generator = contourpy.contour_generator(
        density.x_m, density.y_m, _log(density.density),
        fill_type=contourpy.FillType.ChunkCombinedOffsetOffset,
    )  # fmt: skip
    points, offsets, outers = (chunks[0] for chunks in generator.filled(np.log(level), np.inf))
    if points is None or offsets is None or outers is None:
        return MultiPolygon()
    places = np.column_stack(density.plane.inverse(points[:, 0], points[:, 1]))
    rings = [_close(places[a:b]) for a, b in pairwise(offsets)]
    polygons = [
        _polygon(rings[a], rings[a + 1 : b], density.longitude0) for a, b in pairwise(outers)
    ]
    merged = make_valid(unary_union(polygons))
    parts = [p for p in getattr(merged, "geoms", [merged]) if isinstance(p, Polygon)]
    return MultiPolygon(parts)


def _log(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of a density; of nothing, that of the least number."""
    return np.log(np.maximum(density, np.finfo(np.float64).tiny))


def _close(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([ring[:-1], ring[:1]])


def _polygon(
    shell: NDArray[np.float64], holes: list[NDArray[np.float64]], longitude0: float
) -> BaseGeometry:
    """Make a polygon that runs on past 180 degrees, or one round a pole that is cut there."""
    if any(goes_round_pole(ring) for ring in (shell, *holes)):
        return build_polygon(shell, holes)
    whole = unwrap_polygon(shell, holes)
    west, _, east, _ = whole.bounds
    turn = 360.0 * round((longitude0 - 0.5 * (west + east)) / 360.0)
    return make_valid(translate(whole, turn))
