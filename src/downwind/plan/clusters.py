"""Which draws of a run share a wind of the data."""

from __future__ import annotations

import numpy as np

from downwind.landing.clusters import Clusters, cluster_draws
from downwind.wind.grid import WindGrid


def find_clusters(grid: WindGrid, draws: int) -> Clusters:
    """Group the draws of a run by the wind of the data that each flies in.

    Parameters
    ----------
    grid : WindGrid
        With or without errors of its own for each draw: the wind of the data is the cluster.
    draws : int

    Returns
    -------
    Clusters
        With one wind in the data each draw stands by itself, given that wind.
    """
    return cluster_draws(grid.base[np.arange(draws) % grid.member_count])
