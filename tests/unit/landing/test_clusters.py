"""Draws in one wind of the data are a cluster: parts of the error, effective number, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.landing.clusters import (
    cluster_draws,
    each_draw,
    effective_draws,
    estimate_mean,
    standard_errors,
)
from downwind.landing.intervals import clopper_pearson, estimate_event
from downwind.landing.likeness import find_likeness
from downwind.landing.shares import estimate_share, per_draw_shares


def test_given_one_wind_when_grouped_then_each_draw_stands_by_itself() -> None:
    clusters = cluster_draws([3, 3, 3, 3])
    assert (clusters.count, clusters.is_shared, clusters.is_one_wind) == (4, False, True)
    found = estimate_mean(np.array([0.0, 1.0, 0.0, 1.0]), clusters)
    assert found.standard_error == pytest.approx(np.sqrt(1.0 / 3.0 / 4.0))
    assert (found.monte_carlo_error, found.ensemble_error) == (found.standard_error, 0.0)
    assert found.effective_draws == pytest.approx(4.0)


def test_given_draws_alike_within_members_when_estimated_then_members_are_the_sample() -> None:
    base = np.arange(40) % 4
    values = np.array([0.1, 0.2, 0.4, 0.9])[base]
    found = estimate_mean(values, cluster_draws(base))
    assert found.correlation == pytest.approx(1.0)
    assert found.effective_draws == pytest.approx(4.0)
    assert found.monte_carlo_error == pytest.approx(0.0, abs=1e-12)
    assert found.standard_error == pytest.approx(np.std([0.1, 0.2, 0.4, 0.9], ddof=1) / 2.0)


def test_given_members_that_do_not_differ_when_estimated_then_draws_are_the_sample() -> None:
    base = np.arange(40) // 10
    values = np.tile(np.linspace(0.0, 1.0, 10), 4)
    found = estimate_mean(values, cluster_draws(base))
    assert (found.correlation, found.ensemble_error) == (0.0, 0.0)
    assert found.effective_draws == pytest.approx(40.0)


def test_given_a_balanced_table_when_parted_then_as_in_a_textbook_of_variance_analysis() -> None:
    rows = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [5.0, 7.0, 9.0]])
    found = estimate_mean(rows.ravel(), cluster_draws(np.repeat(np.arange(3), 3)))
    within = rows.var(axis=1, ddof=1).mean()
    between = 3.0 * rows.mean(axis=1).var(ddof=1)
    among = (between - within) / 3.0
    assert found.monte_carlo_error**2 == pytest.approx(within / 9.0)
    assert found.ensemble_error**2 == pytest.approx(among / 3.0)
    assert found.standard_error**2 == pytest.approx(between / 9.0)
    assert found.correlation == pytest.approx(among / (among + within))


def test_given_as_many_members_as_draws_when_estimated_then_the_parts_are_not_told_apart() -> None:
    found = estimate_mean(np.array([0.1, 0.5, 0.9]), cluster_draws([0, 1, 2]))
    assert found.standard_error == pytest.approx(np.std([0.1, 0.5, 0.9], ddof=1) / np.sqrt(3.0))
    assert np.isnan([found.monte_carlo_error, found.ensemble_error, found.correlation]).all()


@given(st.lists(st.integers(0, 5), min_size=2, max_size=40), st.floats(0.0, 1.0))
def test_given_any_clusters_when_counted_then_the_effective_number_lies_between(
    base: list[int], correlation: float
) -> None:
    clusters = cluster_draws(base)
    found = effective_draws(correlation, clusters)
    assert 1.0 - 1e-9 <= clusters.kish_clusters - 1e-9 <= found <= clusters.draws + 1e-9
    assert effective_draws(float("nan"), clusters) <= found + 1e-9


def test_given_many_rows_when_estimated_at_once_then_as_one_by_one() -> None:
    rng = np.random.default_rng(5)
    rows = rng.random((3, 4, 30))
    for clusters in (each_draw(30), cluster_draws(np.arange(30) % 7)):
        errors = standard_errors(rows, clusters)
        one = [[estimate_mean(r, clusters).standard_error for r in block] for block in rows]
        np.testing.assert_allclose(errors, one, rtol=1e-12)


def test_given_weights_when_estimated_then_the_mean_and_its_error_follow_them() -> None:
    weight = np.array([3.0, 1.0, 1.0, 1.0])
    clusters = cluster_draws(np.zeros(4), weight)
    found = estimate_mean(np.array([1.0, 0.0, 0.0, 0.0]), clusters)
    assert found.mean == pytest.approx(0.5)
    assert clusters.kish_draws == pytest.approx(36.0 / 12.0)
    assert found.effective_draws == pytest.approx(3.0)


@pytest.mark.parametrize("weight", [[1.0, -1.0], [1.0, 0.0], [1.0, float("nan")], [1.0]])
def test_given_bad_weights_when_grouped_then_they_are_refused(weight: list[float]) -> None:
    with pytest.raises(ValueError, match="weights of 2 draws are as many numbers above 0"):
        cluster_draws([0, 1], weight)


def test_given_no_number_or_no_draws_when_estimated_then_they_are_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        estimate_share(np.array([0.5, np.nan]))
    with pytest.raises(ValueError, match="at least one draw"):
        each_draw(0)
    with pytest.raises(ValueError, match="3 values for 2 draws"):
        estimate_mean(np.zeros(3), each_draw(2))
    with pytest.raises(ValueError, match="draw 1 has no items"):
        per_draw_shares(np.ones(2), np.array([True, True]), np.array([0, 2]), 3)


def test_given_one_draw_when_estimated_then_nothing_is_known_and_it_is_said() -> None:
    share = estimate_share(np.array([0.4]))
    assert (share.low, share.high) == (0.0, 1.0)
    assert share.to_text() == "40.0 % (one draw: its error is not known)"


def test_given_draws_all_alike_when_estimated_then_the_unseen_bounds_the_share() -> None:
    share = estimate_share(np.full(200, 0.25))
    unseen = clopper_pearson(0, 200)[1]
    assert share.to_text() == "25.0 % (alike in each of 200 draws)"
    assert (share.low, share.high) == (
        pytest.approx(0.25 * (1.0 - unseen)),
        pytest.approx(0.25 + 0.75 * unseen),
    )


def test_given_no_hit_when_bounded_then_only_members_count() -> None:
    alone = estimate_event(np.zeros(200, np.bool_))
    shared = estimate_event(np.zeros(200, np.bool_), cluster_draws(np.arange(200) % 31))
    assert alone.to_text() == "0 % (in none of 200 draws; < 1.5 %)"
    assert shared.to_text().startswith("0 % (in none of 200 draws of 31 members; < 9.")
    # 14 members have seven draws, 17 have six
    assert shared.high == pytest.approx(clopper_pearson(0, 31)[1], rel=0.01)
    every = estimate_event(np.ones(59, np.bool_))
    assert every.to_text() == "100 % (in all of 59 draws; > 95.0 %)"


def test_given_a_likeness_when_nothing_was_hit_then_draws_count_by_it() -> None:
    members = replace(cluster_draws(np.arange(200) % 10), likeness=0.1)
    none = estimate_event(np.zeros(200, np.bool_), members)
    # 200 / (1 + 19 * 0.1)
    assert none.effective_draws == pytest.approx(200.0 / 2.9)
    assert none.high == pytest.approx(clopper_pearson(0, 200.0 / 2.9)[1])
    # what varies tells by itself
    varied = estimate_mean((np.arange(200) % 10 < 5) * 1.0, members)
    assert varied.correlation == pytest.approx(1.0)
    assert effective_draws(varied.correlation, members) == pytest.approx(10.0)


def test_given_places_when_few_or_alike_then_the_likeness_is_not_known_or_whole() -> None:
    lon, lat = 126.0 + np.arange(8) % 4 * 0.1, np.full(8, 38.0)
    one, draw = np.ones(8), np.arange(8)
    assert np.isnan(find_likeness(lon, lat, one, draw, np.zeros(8, np.int64)))
    assert np.isnan(find_likeness(lon, lat, one, draw, draw))
    assert find_likeness(lon, lat, one, draw, draw % 4) == pytest.approx(1.0, abs=1e-6)
    assert find_likeness(lon + 180.0, lat, one, draw, draw % 4) == pytest.approx(1.0, abs=1e-6)


def test_given_a_rare_share_when_written_then_its_interval_stands_beside_it() -> None:
    shares = np.zeros(200)
    shares[:2] = 0.5
    assert estimate_share(shares).to_text() == "0.5 ± 0.4 % (95 %: 0.1 to 1.8)"


def test_given_a_hit_or_two_when_bounded_then_never_surer_than_without() -> None:
    members = cluster_draws(np.arange(200) % 31)
    none = estimate_event(np.zeros(200, np.bool_), members)
    for hits in (1, 2, 3):
        assert estimate_event(np.arange(200) < hits, members).high >= none.high
        assert estimate_event(np.arange(200) >= hits, members).low <= 1.0 - none.high
