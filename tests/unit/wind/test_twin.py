"""A pilot balloon pulls a wrong forecast to the truth: the twin experiment of the docs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from docs.figures.twin import OTHERS, SEEDS, draw_error, run_twin, twin_table
from downwind.wind.error import LARGE, UNRESOLVED, forecast_sigma_ms, unresolved_sigma_ms

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "own-observation.md"


def test_given_a_biased_forecast_when_a_pilot_balloon_is_blended_then_misses_fall_by_half() -> None:
    misses = run_twin(drawn=False, seeds=6, hours=(0.0, 1.0), distances_km=(0.0, 25.0))
    before, after = misses.rms_km()
    # 3.6 m/s for an hour
    np.testing.assert_allclose(before, 13.0, atol=0.1)
    assert np.all(after < 0.5 * before)


def test_given_a_drawn_error_when_a_pilot_balloon_is_blended_then_misses_fall_near_it() -> None:
    misses = run_twin(drawn=True, seeds=8, hours=(0.0,), distances_km=(0.0, 25.0))
    before, after = misses.rms_km()
    assert after[0, 0] < 0.6 * before[0, 0]
    assert after[0, 1] < 0.75 * before[0, 1]


@pytest.mark.parametrize("name", ["alike half as far", "stands still"])
def test_given_an_error_that_the_blend_takes_for_another_when_blended_then_misses_fall_at_the_site(
    name: str,
) -> None:
    misses = run_twin(drawn=True, seeds=8, hours=(0.0,), distances_km=(0.0,), other=OTHERS[name])
    before, after = misses.rms_km()
    assert after[0, 0] < 0.75 * before[0, 0]


def test_given_drawn_errors_when_their_scatter_is_taken_then_it_is_the_stated_covariance() -> None:
    n = 300
    x = np.tile([0.0, 30_000.0, 0.0], n).reshape(n, 3)
    pairs = np.array(
        [
            draw_error(np.random.default_rng(seed), 0.25)(
                row, np.zeros(3), np.array([2e3, 2e3, 3e3]), np.zeros(3)
            )[0]
            for seed, row in enumerate(x)
        ]
    )
    spacing = np.radians(0.125) * 6_371_009.0 * (1.0 + np.cos(np.radians(37.5)))
    large, small = float(forecast_sigma_ms(79_495.0, 6.0)), float(unresolved_sigma_ms(spacing))
    assert pairs[:, 0].std() == pytest.approx(np.hypot(large, small), rel=0.1)
    expected = sum(
        s**2 * float(scales.correlate(30_000.0, 0.0))
        for s, scales in ((large, LARGE), (small, UNRESOLVED))
    )
    assert np.mean(pairs[:, 0] * pairs[:, 1]) == pytest.approx(expected, rel=0.2)


@pytest.mark.slow
def test_given_the_tables_of_the_docs_when_made_again_then_they_are_the_same() -> None:
    page = PAGE.read_text("utf-8")
    assert f"{SEEDS} nights" in page
    for drawn in (False, True):
        made = twin_table(run_twin(drawn=drawn))
        for row in made.splitlines()[2:]:
            assert re.sub(r"\s+", " ", row) in page
