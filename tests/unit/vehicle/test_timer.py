"""Release timers: their errors and their failures."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.vehicle.timer import QUARTZ, Timer, TimerFailure, draw_failure


def test_a_timer_without_errors_fires_at_its_setting() -> None:
    np.testing.assert_array_equal(QUARTZ.actual_s([600.0, 3_600.0], 0.0, 0.0), [600.0, 3_600.0])


def test_nine_timers_of_ten_fire_within_the_stated_error() -> None:
    rng = np.random.default_rng(3)
    timer = Timer("test", 0.03)

    off = timer.actual_s(1_000.0, rng.standard_normal(200_000), rng.standard_normal(200_000))

    assert np.mean(np.abs(off - 1_000.0) <= 30.0) == pytest.approx(0.90, abs=0.003)


def test_half_of_the_variance_is_shared_by_the_batch() -> None:
    rng = np.random.default_rng(4)
    batch, own = rng.standard_normal(4_000)[:, None], rng.standard_normal((4_000, 8))

    fire = Timer("test", 0.05).actual_s(1.0, batch, own)

    assert fire.mean(axis=1).var() / fire.var() == pytest.approx(0.5 + 0.5 / 8.0, abs=0.02)


def test_quartz_errs_by_a_second_in_three_hours() -> None:
    late = QUARTZ.actual_s(10_800.0, 1.6448536 / np.sqrt(2.0), 1.6448536 / np.sqrt(2.0))

    assert float(late) - 10_800.0 == pytest.approx(1.08, abs=1e-3)


def test_failures_have_their_probability_and_four_equal_kinds() -> None:
    rng = np.random.default_rng(5)

    failure = draw_failure(0.2, rng.random(200_000), rng.random(200_000))

    share = np.bincount(failure, minlength=5) / failure.size
    np.testing.assert_allclose(share, [0.8, 0.05, 0.05, 0.05, 0.05], atol=0.003)


@pytest.mark.parametrize(
    ("u_kind", "kind"),
    [
        (1e-17, TimerFailure.NEVER),
        (0.2499, TimerFailure.NEVER),
        (0.25, TimerFailure.EARLY),
        (0.5, TimerFailure.PARTIAL),
        (1.0 - 1e-16, TimerFailure.UNOPENED),
    ],
)
def test_the_kind_of_failure_follows_its_number(u_kind: float, kind: TimerFailure) -> None:
    assert draw_failure(1.0, 0.5, u_kind) == kind
    assert draw_failure(0.0, 0.5, u_kind) == TimerFailure.NONE
