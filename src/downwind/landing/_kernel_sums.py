"""Bandwidths and sums of the normal kernels that a predictive density is made of.

Everything here is on a plane in metres. A landing belongs to a cluster: all that shares one error
of the night. The kernel is as wide as the spread between clusters demands, plus what the spread
within them demands. Clusters with something in common make a group; to judge a group by the others,
both are taken without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_SOURCES: Final = 1_500
"""Up to so many landings each is a kernel of its own; more are laid on the nodes of a grid."""

MOST_JUDGED: Final = 2_000
"""How many landings are judged by the clusters they are not of, at about the most."""


FEWEST_LEFT: Final = 5
MOST_WEIGHT: Final = 0.5
"""With fewer groups than the one, or one that has more of the weight than the other, the rest
tells no spread: then the kernel is that of all."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Landings on a plane, in clusters.

    Attributes
    ----------
    x, y : numpy.ndarray
        Shape (n,) [m].
    share : numpy.ndarray
        Share of the whole of each, shape (n,); adds up to 1.
    cluster : numpy.ndarray
        Index of the cluster of each, shape (n,), from 0 to ``clusters`` - 1 without gaps.
    clusters : int
    group : numpy.ndarray
        Group of each cluster, shape (clusters,), from 0 without gaps: those left out together.
    worth : float
        How many independent clusters one tells as much as, up to 1.
    """

    x: Floats
    y: Floats
    share: Floats
    cluster: NDArray[np.int64]
    clusters: int
    group: NDArray[np.int64]
    worth: float = 1.0

    @property
    def weight(self) -> Floats:
        """Share of the whole in each cluster, shape (clusters,)."""
        return np.bincount(self.cluster, self.share, self.clusters).astype(np.float64)

    @property
    def effective_clusters(self) -> float:
        """How many independent clusters of equal weight would say as much (Kish)."""
        return max(self.worth * float(1.0 / np.sum(self.weight**2)), 1.0)


def find_bandwidths(cloud: Cloud) -> tuple[Floats, Floats]:
    """Return the covariance of the kernel, from all clusters and without each group.

    It is the covariance of the cluster means times n^(-1/3), plus that within the clusters times
    N^(-1/3), with n the effective number of clusters and N that of landings (Scott's rule in two
    dimensions, for each part with the number of samples that tell of it).

    Returns
    -------
    whole : numpy.ndarray
        Shape (3,) [m2]: of x with x, of x with y, of y with y.
    without : numpy.ndarray
        Shape (groups, 3) [m2].

    References
    ----------
    Scott 1992, Multivariate Density Estimation, section 6.3.
    """
    w, n = cloud.weight, cloud.clusters
    mean_x = np.bincount(cloud.cluster, cloud.share * cloud.x, n) / w
    mean_y = np.bincount(cloud.cluster, cloud.share * cloud.y, n) / w
    dx, dy = cloud.x - mean_x[cloud.cluster], cloud.y - mean_y[cloud.cluster]
    inner = [np.bincount(cloud.cluster, cloud.share * p, n) for p in (dx * dx, dx * dy, dy * dy)]
    # by cluster: weight, its square, squares of the shares, first and second moments, within
    sums = np.column_stack([
        w, w**2, np.bincount(cloud.cluster, cloud.share**2, n), w * mean_x, w * mean_y,
        w * mean_x**2, w * mean_x * mean_y, w * mean_y**2, *inner,
    ])  # fmt: skip
    total = sums.sum(axis=0)
    groups = int(cloud.group.max()) + 1
    lost = np.zeros((groups, sums.shape[1]))
    np.add.at(lost, cloud.group, sums)
    is_kept = (lost[:, 0] > MOST_WEIGHT) | (groups < FEWEST_LEFT)
    without = np.where(is_kept[:, None], total, total - lost)
    return _bandwidth(total[None], cloud.worth)[0], _bandwidth(without, cloud.worth)


def _bandwidth(sums: Floats, worth: float) -> Floats:
    """Return kernel covariances, shape (m, 3) [m2], from the sums above, shape (m, 11)."""
    w, w2, share2, x, y, xx, xy, yy = (c[:, None] for c in sums[:, :8].T)
    mean_x, mean_y = x / w, y / w
    spread = np.concatenate(
        [xx / w - mean_x**2, xy / w - mean_x * mean_y, yy / w - mean_y**2], axis=1
    )
    clusters = np.maximum(worth * w**2 / w2, 2.0)  # one that outweighs the others tells no spread
    between = spread * clusters / (clusters - 1.0)
    within = sums[:, 8:] / w
    found = between * clusters ** (-1.0 / 3.0) + within * (w**2 / share2) ** (-1.0 / 3.0)
    found[:, [0, 2]] = np.maximum(found[:, [0, 2]], 0.0)  # what rounding leaves of no spread
    return np.asarray(found)


def invert(covariance: Floats) -> tuple[Floats, Floats]:
    """Return inverses, shape (m, 3), and determinants, shape (m,), of covariances (m, 3)."""
    xx, xy, yy = covariance.T
    determinant = xx * yy - xy**2
    return np.column_stack([yy, -xy, xx]) / determinant[:, None], determinant


@dataclass(frozen=True, slots=True)
class Nodes:
    """An even grid of nodes, first the columns along x.

    ``x_m`` and ``y_m`` hold the places of the nodes, shape (nx,) and (ny,) [m].
    """

    x_m: Floats
    y_m: Floats

    @property
    def cell(self) -> tuple[float, float]:
        """Distance of the nodes along x and along y [m]."""
        return float(self.x_m[1] - self.x_m[0]), float(self.y_m[1] - self.y_m[0])

    def lay(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Share points out among the four nodes about them.

        Returns
        -------
        node, part : numpy.ndarray
            Shape (4, n): number of the node in the flat grid, and what part of the point it takes,
            0 of points beyond the cells about the nodes.
        """
        (dx, dy), nx, ny = self.cell, self.x_m.size, self.y_m.size
        u, v = (x - self.x_m[0]) / dx, (y - self.y_m[0]) / dy
        inside = (u >= -0.5) & (u <= nx - 0.5) & (v >= -0.5) & (v <= ny - 0.5)
        i = np.clip(np.nan_to_num(u), 0, nx - 2).astype(np.int64)
        j = np.clip(np.nan_to_num(v), 0, ny - 2).astype(np.int64)
        a, b = np.clip(u - i, 0.0, 1.0), np.clip(v - j, 0.0, 1.0)
        node = j * nx + i + np.array([[0], [1], [nx], [nx + 1]])
        part = np.stack([(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b]) * inside
        return node, part

    def count(self, x: Floats, y: Floats, weight: Floats) -> Floats:
        """Add up weights, shape (n,), at the nodes about them, shape (ny, nx)."""
        node, part = self.lay(x, y)
        size = self.x_m.size * self.y_m.size
        found = np.bincount(node.ravel(), (part * weight).ravel(), size).astype(np.float64)
        return found.reshape(self.y_m.size, self.x_m.size)

    def read(self, grid: Floats, x: Floats, y: Floats) -> Floats:
        """Interpolate a field on the nodes, shape (ny, nx), at points; 0 beyond the nodes."""
        node, part = self.lay(x, y)
        return np.asarray((grid.ravel()[node] * part).sum(axis=0))


def judge_left_out(cloud: Cloud, covariance: Floats, nodes: Nodes) -> tuple[Floats, Floats]:
    """Return the density that the other groups give at landings of each group.

    Parameters
    ----------
    cloud : Cloud
    covariance : numpy.ndarray
        Of the kernel without each group, shape (groups, 3) [m2].
    nodes : Nodes
        Where landings are laid if they are many.

    Returns
    -------
    density, share : numpy.ndarray
        At the landings judged, shape (m,) [m-2], and the share of the whole that each stands for.
    """
    inverse, determinant = invert(covariance)
    of_row, groups = cloud.group[cloud.cluster], int(cloud.group.max()) + 1
    order = np.argsort(of_row, kind="stable")
    bounds = np.searchsorted(of_row[order], np.arange(groups + 1))
    weight = np.bincount(of_row, cloud.share, groups)
    each = max(MOST_JUDGED // groups, 4)
    is_laid = cloud.x.size > MOST_SOURCES
    if is_laid:
        node, part = nodes.lay(cloud.x, cloud.y)
        pooled = nodes.count(cloud.x, cloud.y, cloud.share).ravel()
        held = np.flatnonzero(pooled)
        place = np.zeros(pooled.size, np.int64)
        place[held] = np.arange(held.size)
        row, column = np.divmod(held, nodes.x_m.size)
        source_x, source_y, whole = nodes.x_m[column], nodes.y_m[row], pooled[held]
    else:
        source_x, source_y, whole = cloud.x, cloud.y, cloud.share
    density, share = [], []
    for c in range(groups):
        own = order[bounds[c] : bounds[c + 1]]
        others = whole.copy()
        if is_laid:
            lost = (part[:, own] * cloud.share[own]).ravel()
            others -= np.bincount(place[node[:, own].ravel()], lost, others.size)
            np.maximum(others, 0.0, out=others)
        else:
            others[own] = 0.0
        judged, mine = _pick(cloud, own, each)
        dx = cloud.x[judged, None] - source_x
        dy = cloud.y[judged, None] - source_y
        xx, xy, yy = inverse[c]
        kernel = np.exp(-0.5 * (dx * (xx * dx + (2.0 * xy) * dy) + yy * (dy * dy)))
        scale = 2.0 * np.pi * np.sqrt(determinant[c]) * (1.0 - weight[c])
        density.append((kernel * others).sum(axis=1) / scale)
        share.append(mine)
    return np.concatenate(density), np.concatenate(share)


def _pick(cloud: Cloud, own: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], Floats]:
    """Return landings that stand for a group, all or evenly chosen along x, and their shares."""
    if own.size <= most:
        return own, cloud.share[own]
    along = own[np.argsort(cloud.x[own] + cloud.y[own], kind="stable")]
    reached = np.cumsum(cloud.share[along])
    wanted = (np.arange(most) + 0.5) / most * reached[-1]
    chosen = along[np.minimum(np.searchsorted(reached, wanted), along.size - 1)]
    return chosen, np.full(most, reached[-1] / most)
