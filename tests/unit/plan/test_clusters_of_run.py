"""How alike the draws of a run are: told by their landings, where they have errors of their own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from downwind.landing.clusters import effective_draws
from downwind.plan.clusters import find_clusters, learn_likeness
from downwind.plan.drop import Outcome

DRAWS, MEMBERS = 200, 10


def grid_of(has_error: bool) -> Any:
    """Return what a grid says of its members: with errors, one a draw."""
    count = DRAWS if has_error else MEMBERS
    return SimpleNamespace(
        arrays=SimpleNamespace(has_error=has_error),
        base=np.arange(count) % MEMBERS,
        member_count=count,
    )


def sample_of(correlation: float, seed: int, outcome: Outcome = Outcome.LANDED) -> Any:
    """Return one item a draw, of which members move some and draws the rest."""
    rng = np.random.default_rng(seed)
    member = np.arange(DRAWS) % MEMBERS
    shared, own = rng.standard_normal((2, MEMBERS)), rng.standard_normal((2, DRAWS))
    place = np.sqrt(correlation) * shared[:, member] + np.sqrt(1.0 - correlation) * own
    return SimpleNamespace(
        outcome=np.full(DRAWS, outcome), draw=np.arange(DRAWS), weight=np.ones(DRAWS),
        longitude=126.0 + 0.1 * place[0], latitude=38.0 + 0.1 * place[1],
    )  # fmt: skip


def test_given_errors_of_their_own_when_learned_then_the_kind_most_alike_speaks_for_all() -> None:
    grid = grid_of(has_error=True)
    bare = find_clusters(grid, DRAWS)
    loose = learn_likeness(bare, grid, [sample_of(0.0, 1)])
    tight = learn_likeness(bare, grid, [sample_of(0.0, 1), sample_of(0.9, 2)])

    assert np.isnan(bare.likeness)
    assert effective_draws(np.nan, bare) == pytest.approx(MEMBERS)
    assert effective_draws(np.nan, loose) > 30.0
    assert 0.9 < tight.likeness <= 1.0


def test_given_no_errors_or_no_landing_when_learned_then_draws_of_a_member_count_as_one() -> None:
    bare = find_clusters(grid_of(has_error=False), DRAWS)
    assert learn_likeness(bare, grid_of(has_error=False), [sample_of(0.0, 1)]) is bare

    grid = grid_of(has_error=True)
    none = sample_of(0.0, 1, Outcome.LEFT_DATA)
    found = learn_likeness(find_clusters(grid, DRAWS), grid, [sample_of(0.0, 1), none])
    assert effective_draws(np.nan, found) == pytest.approx(MEMBERS)
