"""Jansen's indices against models whose indices are known, and against SciPy's estimators."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import sobol_indices

from downwind.errors import ArgumentError
from downwind.landing.sensitivity import (
    LEAST_ROWS,
    DrawMeans,
    Estimate,
    Floats,
    Indices,
    Stratum,
    estimate_indices,
    half_squares,
    jansen_indices,
)

Model = Callable[[Floats], Floats]
GAINS = np.array([3.0, 2.0, 1.0, 0.5, 0.0])


def linear(x: Floats) -> Floats:
    return np.asarray((x - 0.5) @ GAINS)


def ishigami(x: Floats) -> Floats:
    a, b, c = (2.0 * x.T - 1.0) * math.pi
    return np.asarray(np.sin(a) + 7.0 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a))


def product(x: Floats) -> Floats:
    return np.asarray((x[:, 0] - 0.5) * (x[:, 1] - 0.5))


def values_of(model: Model, inputs: int, rows: int, seed: int) -> tuple[Floats, Floats, Floats]:
    a, b = np.random.default_rng(seed).random((2, rows, inputs))
    mixed = []
    for i in range(inputs):
        exchanged = a.copy()
        exchanged[:, i] = b[:, i]
        mixed.append(model(exchanged))
    return model(a), model(b), np.stack(mixed)


def indices_of(model: Model, inputs: int, rows: int, seed: int) -> Indices:
    found = jansen_indices(*values_of(model, inputs, rows, seed))
    assert found is not None
    return found


def assert_near(estimate: Estimate, truth: float) -> None:
    assert abs(estimate.value - truth) <= 3.0 * estimate.standard_error + 1e-12


def test_given_a_linear_model_when_estimated_then_indices_are_squares_of_its_gains() -> None:
    found = indices_of(linear, GAINS.size, 1_000, 0)
    truth = GAINS**2 / (GAINS**2).sum()
    assert_near(found.variance, float((GAINS**2).sum()) / 12.0)
    for first, total, share in zip(found.first, found.total, truth, strict=True):
        assert_near(first, share)
        assert_near(total, share)
        assert first.standard_error < 0.03
    assert found.first[-1].value == pytest.approx(0.0, abs=1e-12)
    assert_near(found.interaction, 0.0)


def test_given_the_ishigami_function_when_estimated_then_its_analytic_indices_are_found() -> None:
    found = indices_of(ishigami, 3, 4_096, 1)
    variance = 49.0 / 8.0 + 0.1 * math.pi**4 / 5.0 + 0.01 * math.pi**8 / 18.0 + 0.5
    alone = [0.5 * (1.0 + 0.1 * math.pi**4 / 5.0) ** 2, 49.0 / 8.0, 0.0]
    together = 0.01 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    assert_near(found.variance, variance)
    for k in range(3):
        assert_near(found.first[k], alone[k] / variance)
        assert_near(found.total[k], (alone[k] + together * (k != 1)) / variance)
    assert_near(found.interaction, together / variance)
    assert max(share.standard_error for share in (*found.first, *found.total)) < 0.03


def test_given_causes_that_act_only_together_when_estimated_then_all_is_interaction() -> None:
    found = indices_of(product, 2, 4_096, 2)
    for first, total in zip(found.first, found.total, strict=True):
        assert_near(first, 0.0)
        assert_near(total, 1.0)
    assert_near(found.interaction, 1.0)


def test_given_the_same_values_when_scipy_estimates_then_it_agrees() -> None:
    f_a, f_b, f_ab = values_of(ishigami, 3, 1_024, 3)
    found = jansen_indices(f_a, f_b, f_ab)
    assert found is not None
    peer = sobol_indices(
        func={"f_A": f_a[None], "f_B": f_b[None], "f_AB": f_ab[:, None]}, n=f_a.size
    )
    # its totals are Jansen's too, with the variance of all values of A and B in place of the pairs'
    whole = np.var(np.concatenate([f_a, f_b]))
    mine = [total.value * found.variance.value / whole for total in found.total]
    np.testing.assert_allclose(mine, np.ravel(peer.total_order), rtol=1e-9)
    for first, other in zip(found.first, np.ravel(peer.first_order), strict=True):
        assert abs(first.value - other) < 0.1


def test_given_many_seeds_when_estimated_then_the_standard_errors_are_those_of_the_estimates() -> (
    None
):
    runs = [indices_of(linear, GAINS.size, 200, seed) for seed in range(300)]
    for k in range(GAINS.size - 1):
        for name in ("first", "total"):
            shares = [getattr(run, name)[k] for run in runs]
            truth = GAINS[k] ** 2 / (GAINS**2).sum()
            off = [abs(share.value - truth) / share.standard_error for share in shares]
            assert np.mean(np.array(off) < 1.96) == pytest.approx(0.95, abs=0.04)
            assert np.mean(np.array(off) < 3.0) > 0.98
            spread = np.std([share.value for share in shares])
            told = np.sqrt(np.mean([share.standard_error**2 for share in shares]))
            # 300 seeds know a standard deviation to about 4 %
            assert told == pytest.approx(spread, rel=0.2)
            mean = np.mean([share.value for share in shares])
            assert abs(mean - truth) < 3.5 * spread / math.sqrt(300) + 0.005


def test_given_no_variance_when_estimated_then_there_are_no_indices() -> None:
    same = np.full(50, 7.0)
    assert jansen_indices(same, same, np.stack([same, same])) is None
    tiny = 1e-3 * np.random.default_rng(4).random((3, 50))
    assert estimate_indices(tiny[0], tiny[1:2], tiny[2:], least_variance=1.0) is None


def test_given_one_group_when_estimated_then_it_makes_everything() -> None:
    f_a, f_b = np.random.default_rng(5).random((2, 60))
    found = jansen_indices(f_a, f_b, f_b[None])
    assert found is not None
    assert (found.first[0], found.total[0]) == (Estimate(1.0, 0.0), Estimate(1.0, 0.0))
    assert found.interaction == Estimate(0.0, 0.0)


@pytest.mark.parametrize("rows", [1, LEAST_ROWS - 1])
def test_given_too_few_draws_when_estimated_then_it_is_an_error_that_says_how_many(
    rows: int,
) -> None:
    with pytest.raises(ArgumentError, match=f"from {rows} draws") as caught:
        jansen_indices(np.arange(rows), np.zeros(rows), np.zeros((1, rows)))
    assert str(LEAST_ROWS) in caught.value.hint


def test_given_samples_that_do_not_fit_when_estimated_then_it_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="do not fit together"):
        jansen_indices(np.zeros(20), np.zeros(20), np.zeros((2, 19)))


def test_given_some_units_of_many_when_squared_then_the_mean_is_that_of_all_units() -> None:
    rng = np.random.default_rng(6)
    draws, count, seen, shared, own = 4_000, 40, 5, 1.0, 3.0
    whole = shared * rng.normal(size=(draws, 1)) + own * rng.normal(size=(draws, count))
    other = shared * rng.normal(size=(draws, 1)) + own * rng.normal(size=(draws, count))

    def means(values: Floats) -> DrawMeans:
        return DrawMeans((Stratum(1.0, count, values),))

    full = half_squares(means(whole), means(other))
    few = half_squares(means(whole[:, :seen]), means(other[:, :seen]))
    plain = 0.5 * (whole[:, :seen].mean(axis=1) - other[:, :seen].mean(axis=1)) ** 2
    np.testing.assert_allclose(full, 0.5 * (whole.mean(axis=1) - other.mean(axis=1)) ** 2)
    truth = shared**2 + own**2 / count
    error = few.std() / math.sqrt(draws)
    assert abs(few.mean() - truth) < 3.0 * error
    assert plain.mean() - truth > 10.0 * error


def test_given_strata_when_averaged_then_each_has_its_weight_and_its_own_noise() -> None:
    rng = np.random.default_rng(7)
    one, two = rng.normal(size=(9, 2)), rng.normal(size=(9, 3))
    found = DrawMeans((Stratum(0.25, 10, one), Stratum(0.75, 3, two)))
    np.testing.assert_allclose(found.mean, 0.25 * one.mean(axis=1) + 0.75 * two.mean(axis=1))
    # the second is known whole
    np.testing.assert_allclose(
        found.noise(), 0.25**2 * (1.0 / 2.0 - 1.0 / 10.0) * one.var(axis=1, ddof=1)
    )
    kept = found.keep(np.arange(9) < 4)
    np.testing.assert_array_equal(kept.mean, found.mean[:4])


def test_given_a_rare_event_in_few_draws_when_estimated_then_no_index_is_claimed() -> None:
    """Of three draws with one cause alike the jackknife would say 100 +- 0 %."""
    between = np.zeros(60)
    between[[4, 17, 40]] = 0.125
    alike, none = between[None, :], np.zeros((1, 60))
    assert estimate_indices(between, none, alike) is None
    between[[5, 21]] = 0.125
    assert estimate_indices(between, none, between[None, :]) is not None
