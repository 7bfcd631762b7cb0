"""One-sided bounds of shares: closed forms, an exact interval, and how often they hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, binomtest

from downwind.landing.clusters import cluster_draws, each_draw
from downwind.landing.intervals import draws_to_bound, share_bounds, unseen_part

Array = NDArray[np.float64]
LEVEL = 0.0125


def test_given_no_hit_when_bounded_then_it_is_the_exact_bound_of_clopper_and_pearson() -> None:
    assert unseen_part(59, 0.05) < 0.05 < unseen_part(58, 0.05)
    assert unseen_part(299, 0.05) < 0.01 < unseen_part(298, 0.05)
    assert unseen_part(31, 0.05) == pytest.approx(0.092, abs=5e-4)
    low, high = share_bounds(np.zeros(200), each_draw(200), LEVEL)
    exact = binomtest(0, 200, alternative="less").proportion_ci(1.0 - LEVEL, "exact")
    assert low == 0.0
    assert high == pytest.approx(exact.high, rel=1e-9)


@pytest.mark.parametrize("limit", [0.001, 0.01, 0.05, 0.5])
def test_given_a_limit_when_asked_how_many_draws_then_as_many_just_bound_it(limit: float) -> None:
    needed = draws_to_bound(limit, LEVEL)
    assert unseen_part(needed, LEVEL) == pytest.approx(limit)
    assert draws_to_bound(0.0, LEVEL) == np.inf
    assert draws_to_bound(1.0, LEVEL) == 0.0


@pytest.mark.parametrize("hits", [1, 4, 40, 160, 199])
def test_given_events_when_bounded_then_a_little_wider_than_the_exact_bound(hits: int) -> None:
    shares = (np.arange(200) < hits).astype(float)
    low, high = share_bounds(shares, each_draw(200), LEVEL)
    exact_high = binomtest(hits, 200, alternative="less").proportion_ci(1.0 - LEVEL).high
    exact_low = binomtest(hits, 200, alternative="greater").proportion_ci(1.0 - LEVEL).low
    assert exact_high <= high + 1e-3
    assert high - hits / 200 <= 1.1 * (exact_high - hits / 200)
    assert low <= exact_low + 1e-3


def test_given_the_mirrored_shares_when_bounded_then_the_bounds_are_mirrored() -> None:
    shares = np.random.default_rng(3).beta(0.3, 2.0, 150)
    low, high = share_bounds(shares, each_draw(150), LEVEL)
    mirrored = share_bounds(1.0 - shares, each_draw(150), LEVEL)
    assert mirrored == pytest.approx((1.0 - high, 1.0 - low))
    tighter = share_bounds(shares, each_draw(150), 0.1)
    assert low < tighter[0] < shares.mean() < tighter[1] < high


def test_given_draws_of_few_winds_when_bounded_then_the_winds_count() -> None:
    member = np.arange(200) % 10
    alike = (member == 3).astype(float)
    bare = share_bounds(alike, each_draw(200), LEVEL)
    shared = share_bounds(alike, cluster_draws(member), LEVEL)
    assert shared[0] < bare[0] < bare[1] < shared[1]
    assert share_bounds(np.zeros(200), cluster_draws(member), LEVEL)[1] == pytest.approx(
        unseen_part(10, LEVEL)
    )
    assert share_bounds(np.array([0.4]), each_draw(1), LEVEL) == (0.0, 1.0)


def _rare(rng: np.random.Generator) -> Array:
    return (rng.random(200) < 0.02).astype(float)


def _skewed(rng: np.random.Generator) -> Array:
    return np.where(rng.random(200) < 0.1, rng.beta(1.0, 2.0, 200), 0.0)


def _hidden(rng: np.random.Generator) -> Array:
    """Return draws that all drop a little there, and seldom everything: often unseen."""
    return np.where(rng.random(200) < 0.015, 1.0, 0.004 * rng.random(200))


def _middling(rng: np.random.Generator) -> Array:
    return np.asarray(rng.beta(2.0, 5.0, 40))


@pytest.mark.parametrize(
    ("draw", "truth"),
    [(_rare, 0.02), (_skewed, 0.1 / 3.0), (_hidden, 0.015 + 0.985 * 0.002), (_middling, 2.0 / 7.0)],
)
def test_given_many_samples_then_bounds_fail_no_more_often_than_they_say(
    draw: Callable[[np.random.Generator], Array], truth: float
) -> None:
    rng, tries = np.random.default_rng(17), 500
    below = above = 0
    for _ in range(tries):
        shares = draw(rng)
        low, high = share_bounds(shares, each_draw(shares.size), 0.05)
        below, above = below + (high < truth), above + (low > truth)
    allowed = binom.ppf(0.999, tries, 0.05)
    assert below <= allowed
    assert above <= allowed


def test_given_many_ensembles_then_bounds_by_member_hold_and_bounds_by_draw_do_not() -> None:
    rng, tries, truth = np.random.default_rng(18), 400, 0.3
    member = np.arange(200) % 20
    clusters = cluster_draws(member)
    fails = naive = 0
    for _ in range(tries):
        of_member = rng.beta(0.6, 1.4, 20)
        shares = (rng.random(200) < of_member[member]).astype(float)
        fails += share_bounds(shares, clusters, 0.05)[1] < truth
        naive += share_bounds(shares, each_draw(200), 0.05)[1] < truth
    assert fails <= binom.ppf(0.999, tries, 0.05)
    assert naive > binom.ppf(0.999, tries, 0.05)
