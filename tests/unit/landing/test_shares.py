"""Shares with honest errors: the draw is the sample, never the item."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.landing.shares import clopper_pearson, estimate_share, per_draw_shares

DRAWS, ITEMS = 80, 50


def flown(inside: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    draw = np.repeat(np.arange(DRAWS), ITEMS)
    weights = np.ones(DRAWS * ITEMS) if weight is None else weight
    return per_draw_shares(weights, inside.ravel(), draw, DRAWS)


def test_where_all_items_of_a_draw_land_together_the_error_is_that_of_the_draws() -> None:
    together = np.random.default_rng(1).random(DRAWS) < 0.3
    inside = np.repeat(together, ITEMS)
    share = estimate_share(flown(inside))
    p = together.mean()

    assert share.mean == pytest.approx(p, abs=1e-12)
    assert share.standard_error == pytest.approx(np.sqrt(p * (1.0 - p) / (DRAWS - 1)), rel=1e-12)
    per_item = np.sqrt(p * (1.0 - p) / (DRAWS * ITEMS))
    assert share.standard_error / per_item == pytest.approx(np.sqrt(ITEMS), rel=0.01)
    assert share.hit_draws == together.sum()


def test_where_items_share_nothing_the_error_is_that_of_the_items() -> None:
    inside = np.random.default_rng(2).random((DRAWS, ITEMS)) < 0.3
    share = estimate_share(flown(inside))
    p = inside.mean()

    assert share.mean == pytest.approx(p, abs=1e-12)
    assert share.standard_error == pytest.approx(np.sqrt(p * (1.0 - p) / (DRAWS * ITEMS)), rel=0.25)
    assert share.hit_draws == DRAWS


def test_the_stated_error_is_the_spread_of_the_estimate_over_repetitions() -> None:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(400):
        probability = rng.beta(0.6, 1.4, DRAWS)
        found.append(estimate_share(flown(rng.random((DRAWS, ITEMS)) < probability[:, None])))

    spread = np.std([s.mean for s in found])
    assert np.mean([s.standard_error for s in found]) == pytest.approx(spread, rel=0.1)


def test_items_count_by_their_weight() -> None:
    shares = per_draw_shares(
        np.array([3.0, 1.0, 1.0, 1.0]),
        np.array([True, False, False, True]),
        np.array([0, 0, 1, 1]),
        2,
    )

    assert shares.tolist() == [0.75, 0.5]


@pytest.mark.parametrize(("draws", "bound"), [(31, 0.092), (59, 0.050), (299, 0.010)])
def test_draws_without_a_hit_bound_the_probability(draws: int, bound: float) -> None:
    low, high = clopper_pearson(0, draws)

    assert low == 0.0
    assert high == pytest.approx(bound, abs=5e-4)
    assert clopper_pearson(draws, draws) == (pytest.approx(1.0 - high), 1.0)


def test_clopper_pearson_has_its_textbook_value_and_covers() -> None:
    assert clopper_pearson(5, 20) == (
        pytest.approx(0.0866, abs=1e-4),
        pytest.approx(0.4910, abs=1e-4),
    )
    hits = np.random.default_rng(4).binomial(40, 0.1, 3_000)
    bounds = [clopper_pearson(int(k), 40) for k in hits]

    assert np.mean([low <= 0.1 <= high for low, high in bounds]) >= 0.95


def test_a_share_is_written_with_its_error_or_as_a_bound() -> None:
    none = estimate_share(np.zeros(59))
    every = estimate_share(np.ones(59))
    half = estimate_share(np.array([0.25, 0.75] * 50))

    assert none.to_text() == "0 % (in none of 59 draws; any at all: < 5.0 %)"
    assert every.to_text() == "100 % (in every one of 59 draws)"
    assert half.to_text() == "50.0 ± 2.5 %"
    assert half.to_dict()["draws_with_any"] == 100


def test_one_draw_tells_nothing_of_the_error() -> None:
    share = estimate_share(np.array([0.4]))

    assert share.mean == 0.4
    assert np.isnan(share.standard_error)
