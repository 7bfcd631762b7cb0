"""Soundings compared with later ones: closed forms, the law that made them, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from downwind.errors import ArgumentError
from downwind.wind import error
from downwind.wind.compare.profiles import Growth, compare_profiles, fit_growth
from downwind.wind.error import between_sigma_ms, persistence_sigma_ms
from downwind.wind.profile import Profile

HOUR = 3600


def make_profile(
    hour: float,
    east: np.ndarray | float,
    north: np.ndarray | float = 0.0,
    height: np.ndarray | None = None,
    station: str = "one",
    error_ms: float = 0.5,
) -> Profile:
    height = np.array([0.0, 10_000.0]) if height is None else height
    nothing = np.full(height.size, np.nan)
    u, v = (np.broadcast_to(np.asarray(x, float), height.shape).copy() for x in (east, north))
    return Profile(
        station, 130.9, -12.4, 30.0, round(HOUR * hour), height, u, v, nothing, nothing, nothing,
        np.full(height.size, error_ms), nothing, nothing, nothing, "test", "test.txt",
    )  # fmt: skip


def test_given_a_steady_trend_when_compared_then_the_change_is_trend_times_lag() -> None:
    ascents = [make_profile(h, 0.5 * h, -0.25 * h, error_ms=0.0) for h in (0, 6, 12, 18, 24)]
    rows = compare_profiles(ascents, (6.0, 12.0), (2_000.0, 5_000.0))
    assert [(row.height_m, row.lag_h, row.n) for row in rows] == [
        (2_000.0, 6.0, 4), (2_000.0, 12.0, 3), (5_000.0, 6.0, 4), (5_000.0, 12.0, 3),
    ]  # fmt: skip
    for row in rows:
        assert row.rms_u == pytest.approx(0.5 * row.lag_h)
        assert row.rms_v == pytest.approx(0.25 * row.lag_h)
        assert row.rms_component == pytest.approx(row.rms_vector / math.sqrt(2.0))
        assert row.change_ms == pytest.approx(row.rms_component)
        assert row.se_vector == pytest.approx(0.0, abs=1e-12)


def test_given_observation_errors_when_compared_then_twice_their_variance_is_taken_off() -> None:
    ascents = [make_profile(h, 3.0 * (i % 2), error_ms=0.8) for i, h in enumerate((0, 6, 12, 18))]
    (own,) = compare_profiles(ascents, (6.0,), (2_000.0,))
    assert own.observation_ms == pytest.approx(0.8 * math.sqrt(2.0))
    assert own.change_ms == pytest.approx(math.sqrt(4.5 - 2.0 * 0.64))
    (stated,) = compare_profiles(ascents, (6.0,), (2_000.0,), observation_ms=1.4)
    assert stated.change_ms == pytest.approx(math.sqrt(4.5 - 2.0 * 1.96))
    (all_noise,) = compare_profiles(ascents, (6.0,), (2_000.0,), observation_ms=3.0)
    assert all_noise.change_ms == 0.0


def test_given_two_stations_or_odd_hours_when_compared_then_no_pair_between_them() -> None:
    ascents = [make_profile(0, 0.0), make_profile(6, 9.0, station="two"), make_profile(7.4, 1.0)]
    (row,) = compare_profiles(ascents, (6.0,), (2_000.0,))
    assert (row.n, row.mean_lag_h, row.rms_u) == (1, pytest.approx(7.4), 1.0)
    assert math.isnan(row.se_vector)
    with pytest.raises(ArgumentError, match=r"no two of 3 soundings, which span 7\.4 h, lie 12 h"):
        compare_profiles(ascents, (12.0,), (2_000.0,))


def test_given_a_low_ascent_when_compared_above_it_then_its_pairs_do_not_count() -> None:
    low = make_profile(6, 1.0, height=np.array([0.0, 4_000.0]))
    ascents = [make_profile(0, 0.0), low, make_profile(12, 2.0)]
    rows = compare_profiles(ascents, (6.0, 12.0), (3_000.0, 5_000.0))
    assert [(row.height_m, row.lag_h, row.n) for row in rows] == [
        (3_000.0, 6.0, 2), (3_000.0, 12.0, 1), (5_000.0, 12.0, 1),
    ]  # fmt: skip


def test_given_no_soundings_when_compared_then_refused() -> None:
    with pytest.raises(ArgumentError, match="no two of 0 soundings"):
        compare_profiles([], (6.0,), (2_000.0,))


def test_given_winds_made_by_the_law_when_fitted_then_it_is_found_within_its_errors() -> None:
    spread, time_h, noise, count, levels = 4.0, 15.0, 1.0, 80, 30
    rng = np.random.default_rng(7)
    keep = math.exp(-6.0 / time_h)
    height = np.arange(levels) * 300.0
    u, v = (spread * rng.normal(size=levels) for _ in range(2))
    ascents = []
    for i in range(count):
        seen = [x + noise * rng.normal(size=levels) for x in (u, v)]
        ascents.append(make_profile(6.0 * i, *seen, height=height, error_ms=noise))
        u, v = (
            keep * x + math.sqrt(1.0 - keep**2) * spread * rng.normal(size=levels) for x in (u, v)
        )
    growth = fit_growth(ascents, (6.0, 12.0, 18.0, 24.0), list(height))
    assert growth.spread_ms == pytest.approx(spread, rel=0.1)
    assert growth.time_h == pytest.approx(time_h, rel=0.2)
    for age in (6.0, 24.0):
        want = spread * math.sqrt(2.0 * (1.0 - math.exp(-age / time_h)))
        miss = abs(float(growth.sigma_ms(age)) - want)
        assert miss < 3.0 * growth.standard_error_ms(age) < 0.5


def test_given_one_lag_only_when_fitted_then_refused() -> None:
    with pytest.raises(ArgumentError, match="no two of 2 soundings"):
        fit_growth([make_profile(0, 0.0), make_profile(6, 1.0)], (6.0, 12.0), (2_000.0,))


def test_given_the_law_over_darwin_when_asked_then_it_holds_where_it_was_measured_alone() -> None:
    law = Growth(error.PERSISTENCE_SPREAD_MS, error.PERSISTENCE_TIME_H, ())
    ages = np.array([0.0, 6.0, 12.0, 24.0])
    got = persistence_sigma_ms(np.array([[92_500.0], [15_000.0]]), ages)
    assert got.shape == (2, 4)
    np.testing.assert_allclose(got, np.tile(law.sigma_ms(ages), (2, 1)))
    assert np.all(np.diff(got) > 0.0)
    for pressure, age in ((95_000.0, 6.0), (14_000.0, 6.0), (70_000.0, 24.5), (70_000.0, -1.0)):
        assert math.isnan(float(persistence_sigma_ms(pressure, age)))


def test_given_two_soundings_then_the_error_between_them_is_that_of_a_line_in_time() -> None:
    # a drawn process of the same law, linear between its values at 0 and 12 h
    rng, hours = np.random.default_rng(3), np.array([0.0, 3.0, 6.0, 12.0])
    law = 4.8**2 * np.exp(-np.abs(hours[:, None] - hours) / 17.0)
    drawn = rng.standard_normal((20_000, 4)) @ np.linalg.cholesky(law).T
    for k in (1, 2):
        line = drawn[:, 0] + hours[k] / 12.0 * (drawn[:, 3] - drawn[:, 0])
        stated = float(between_sigma_ms(70_000.0, hours[k], 12.0 - hours[k]))
        assert float(np.std(drawn[:, k] - line)) == pytest.approx(stated, rel=0.02)
        assert stated < float(persistence_sigma_ms(70_000.0, hours[k]))
    assert float(between_sigma_ms(70_000.0, 0.0, 12.0)) == 0.0
    assert math.isnan(float(between_sigma_ms(70_000.0, 12.0, 24.0)))
    assert math.isnan(float(between_sigma_ms(1_000.0, 6.0, 6.0)))
