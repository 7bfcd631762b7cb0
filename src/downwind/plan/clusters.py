"""Which draws of a run share a wind of the data, and how alike that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from downwind.landing.clusters import Clusters, cluster_draws
from downwind.landing.likeness import find_likeness
from downwind.plan.evaluate import OPENED, SampledItems, wind_of_draw
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


def learn_likeness(clusters: Clusters, grid: WindGrid, sample: Sequence[SampledItems]) -> Clusters:
    """Return the clusters with how alike their draws are, told by where the sample lands.

    Parameters
    ----------
    clusters : Clusters
    grid : WindGrid
    sample : sequence of SampledItems
        Of each kind. That whose draws are most alike speaks for all.

    Returns
    -------
    Clusters
        As they are where draws have no errors of their own: draws of one wind then count as one
        for what shows no difference.
    """
    if not (grid.arrays.has_error and clusters.is_shared):
        return clusters
    found = []
    for items in sample:
        down = np.isin(items.outcome, OPENED)
        draw = items.draw[down]
        found.append(
            find_likeness(
                items.longitude[down], items.latitude[down], items.weight[down], draw,
                wind_of_draw(grid, draw),
            )
        )  # fmt: skip
    # not known of any is not known of all
    return replace(clusters, likeness=float(np.max(found)))
