"""Release timers: their errors and their failures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from downwind.vehicle.timer import TIMERS, Timer, TimerFailure, draw_failure

QUARTZ = TIMERS["quartz"]


def test_a_timer_without_errors_fires_at_its_setting() -> None:
    np.testing.assert_array_equal(QUARTZ.reading_s([600.0, 3_600.0], 0.0, 0.0), [600.0, 3_600.0])


def test_nine_timers_of_ten_fire_within_the_stated_error() -> None:
    rng = np.random.default_rng(3)
    timer = Timer("test", 0.03)

    off = timer.reading_s(1_000.0, rng.standard_normal(200_000), rng.standard_normal(200_000))

    assert np.mean(np.abs(off - 1_000.0) <= 30.0) == pytest.approx(0.90, abs=0.003)


def test_half_of_the_variance_is_shared_by_the_batch() -> None:
    rng = np.random.default_rng(4)
    batch, own = rng.standard_normal(4_000)[:, None], rng.standard_normal((4_000, 8))

    fire = Timer("test", 0.05).reading_s(1.0, batch, own)

    assert fire.mean(axis=1).var() / fire.var() == pytest.approx(0.5 + 0.5 / 8.0, abs=0.02)


def test_quartz_errs_by_a_second_in_three_hours() -> None:
    late = QUARTZ.reading_s(10_800.0, 1.6448536 / np.sqrt(2.0), 1.6448536 / np.sqrt(2.0))

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


def test_given_a_probability_for_each_when_failures_are_drawn_then_each_has_its_own() -> None:
    failure = draw_failure([0.0, 1.0, 0.5], [0.4, 0.4, 0.4], 0.1)

    np.testing.assert_array_equal(failure, [0, TimerFailure.NEVER, TimerFailure.NEVER])


# --- readings -----------------------------------------------------------------------------------


def test_given_quartz_when_read_then_bit_for_bit_the_setting_times_its_relative_error() -> None:
    rng = np.random.default_rng(6)
    batch, own = rng.standard_normal(1_000), rng.standard_normal(1_000)
    setting = rng.uniform(60.0, 40_000.0, 1_000)

    expected = setting * (1.0 + 100e-6 / 1.6448536269514722 * ((batch + own) / np.sqrt(2.0)))

    np.testing.assert_array_equal(QUARTZ.reading_s(setting, batch, own), expected)
    np.testing.assert_array_equal(QUARTZ.reading_s(setting, batch, own), expected)
    assert QUARTZ.error == 100e-6


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("quartz", 3_600.0 * 0.9999, 3_600.0 * 1.0001),
        ("mcu-rc", 3_528.0, 3_672.0),
        ("555", 3_312.0, 3_888.0),
        ("spring", 3_600.0 * 0.97 - 60.0, 3_600.0 * 1.03 + 60.0),
        ("chemical", 3_600.0 * math.exp(-0.3 * 1.6448536), 3_600.0 * math.exp(0.3 * 1.6448536)),
        ("delay-fuse", 3_240.0, 3_960.0),
    ],
)
def test_given_an_hour_when_set_then_nine_timers_of_ten_act_within(
    kind: str, low: float, high: float
) -> None:
    rng = np.random.default_rng(7)
    timer = TIMERS[kind]

    reading = timer.reading_s(3_600.0, rng.standard_normal(100_000), rng.standard_normal(100_000))

    assert timer.within_s(3_600.0) == pytest.approx((low, high), rel=1e-6)
    assert np.mean((reading >= low) & (reading <= high)) == pytest.approx(0.90, abs=0.004)


def test_given_a_short_setting_when_the_dial_is_a_minute_off_then_no_reading_is_negative() -> None:
    assert float(TIMERS["spring"].reading_s(30.0, -3.0, -3.0)) == 0.0


def test_given_the_catalogue_when_a_timer_burns_then_it_is_for_accounting_only() -> None:
    assert {kind for kind, timer in TIMERS.items() if timer.accounting} == {"delay-fuse"}
    assert {kind for kind, timer in TIMERS.items() if not timer.is_steady} == {"spring", "chemical"}


# --- cold ---------------------------------------------------------------------------------------

HOURS = np.arange(0.0, 4.0 * 3_600.0 + 1.0, 60.0)


def test_given_a_steady_clock_when_it_lives_through_cold_then_time_is_its_reading() -> None:
    readings = np.array([0.0, 1_234.567, 1e6])

    np.testing.assert_array_equal(
        QUARTZ.elapsed_s(readings, HOURS, np.full(HOURS.size, 200.0)), readings
    )


@pytest.mark.parametrize(("temperature_k", "factor"), [(288.15, 1.0), (278.15, 2.0), (298.15, 0.5)])
def test_given_one_temperature_when_a_chemical_delay_runs_then_by_its_halving(
    temperature_k: float, factor: float
) -> None:
    elapsed = TIMERS["chemical"].elapsed_s(3_600.0, HOURS, np.full(HOURS.size, temperature_k))

    assert float(elapsed) == pytest.approx(3_600.0 * factor, rel=1e-12)
    assert elapsed.shape == ()


def test_given_air_that_cools_evenly_when_a_chemical_delay_runs_then_as_the_closed_form() -> None:
    per_s = 10.0 / 1_800.0  # 10 K colder each half hour: the rate is 2^(-t / 1800 s)
    cooling = 288.15 - per_s * HOURS

    elapsed = TIMERS["chemical"].elapsed_s([600.0, 1_500.0, 2_580.0], HOURS, cooling)

    rate = math.log(2.0) / 1_800.0
    expected = [-math.log(1.0 - rate * c) / rate for c in (600.0, 1_500.0, 2_580.0)]
    np.testing.assert_allclose(elapsed, expected, rtol=1e-10)
    # the clock never runs further than 1800 s / ln 2
    assert float(TIMERS["chemical"].elapsed_s(2_600.0, HOURS, cooling)) == math.inf


def test_given_a_coarse_and_a_fine_history_of_straight_lines_then_the_same_time() -> None:
    coarse_s, coarse_k = np.array([0.0, 4_000.0, 9_000.0]), np.array([288.15, 250.0, 280.0])
    fine_s = np.linspace(0.0, 9_000.0, 901)
    for timer in (TIMERS["chemical"], TIMERS["spring"]):
        np.testing.assert_allclose(
            timer.elapsed_s([300.0, 2_500.0, 3_500.0], coarse_s, coarse_k, 0.4),
            timer.elapsed_s(
                [300.0, 2_500.0, 3_500.0], fine_s, np.interp(fine_s, coarse_s, coarse_k), 0.4
            ),
            rtol=1e-9,
        )


def test_given_a_wound_timer_when_it_is_colder_than_minus_15_then_it_keeps_a_share() -> None:
    spring = TIMERS["spring"]
    # below 258.15 K from 1000 s to 3000 s
    time = np.array([0.0, 500.0, 1_500.0, 2_500.0, 3_500.0, 9_000.0])
    warmth = np.array([268.15, 263.15, 253.15, 253.15, 263.15, 268.15])
    warmth = np.vstack([warmth] * 4)

    elapsed = spring.elapsed_s([900.0, 1_500.0, 2_500.0, 2_500.0], time, warmth, [0.5, 0.5, 0.5, 0])

    np.testing.assert_allclose(elapsed, [900.0, 2_000.0, 3_500.0, 4_500.0], rtol=1e-12)


def test_given_a_stopped_clock_when_it_stays_cold_then_it_never_acts() -> None:
    elapsed = TIMERS["spring"].elapsed_s(60.0, HOURS, np.full(HOURS.size, 250.0), 0.0)

    assert float(elapsed) == math.inf


def test_given_uniforms_when_a_slow_rate_is_drawn_then_even_between_its_ends() -> None:
    timer = Timer("test", 0.0, slow_below_k=260.0, slow_rate=(0.2, 0.6))

    np.testing.assert_allclose(timer.slow_rate_of([0.0, 0.5, 1.0]), [0.2, 0.4, 0.6])
