"""The Brier score, its parts and its reliability diagram, against plain sums."""

from __future__ import annotations

import math

import numpy as np
import pytest

from downwind.errors import ScoreDataError
from downwind.score import make_event_cases, score_events
from downwind.score.events import estimate_reliability


def test_given_probabilities_when_scored_then_the_parts_add_up_to_the_brier_score() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(0.6, 1.4, 700)
    hit = rng.random(700) < p**1.3

    found = estimate_reliability(p, hit)

    assert found.brier == pytest.approx(np.mean((p - hit) ** 2), rel=1e-12)
    parts = (
        found.reliability
        - found.resolution
        + found.uncertainty
        + found.within_variance
        - found.within_covariance
    )
    assert parts == pytest.approx(found.brier, rel=1e-9)


def test_given_a_worked_example_when_scored_then_every_part_is_the_hand_s() -> None:
    # ten forecasts of 0.2 with 4 events, ten of 0.8 with 8
    p = np.repeat([0.2, 0.8], 10)
    hit = np.array([1] * 4 + [0] * 6 + [1] * 8 + [0] * 2)

    found = estimate_reliability(p, hit, 5)

    assert found.brier == pytest.approx((4 * 0.64 + 6 * 0.04 + 8 * 0.04 + 2 * 0.64) / 20)
    assert found.reliability == pytest.approx(0.5 * 0.2**2)
    assert found.resolution == pytest.approx(0.2**2)
    assert found.uncertainty == pytest.approx(0.24)
    assert found.within_variance == pytest.approx(0.0, abs=1e-15)
    assert found.skill == pytest.approx(1.0 - found.brier / 0.24)
    assert [(b.count, b.happened) for b in found.bins] == [(10, 4), (10, 8)]


def test_given_reliable_and_overconfident_probabilities_then_the_bars_tell_them_apart() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(4_000)
    sharp = np.where(p > 0.5, 1.0 - 0.3 * (1.0 - p), 0.3 * p)
    hit = rng.random(4_000) < p

    right, wrong = estimate_reliability(p, hit), estimate_reliability(sharp, hit)

    assert sum(part.is_consistent for part in right.bins) >= 9
    assert sum(part.is_consistent for part in wrong.bins) <= 2
    assert right.reliability < 0.1 * wrong.reliability
    assert right.brier < wrong.brier


def test_given_certain_events_when_scored_then_bars_have_no_width_and_skill_is_not_known() -> None:
    found = estimate_reliability([1.0, 1.0, 1.0], [True, True, True])

    (part,) = found.bins
    assert (part.consistent_low, part.consistent_high) == (1.0, 1.0)
    assert part.is_consistent
    assert math.isnan(found.skill)
    assert found.to_dict()["skill"] is None


def test_given_events_of_one_case_when_scored_then_the_case_is_the_sample() -> None:
    cases = make_event_cases(
        ["a", "a", "b"],
        ["target", "sea", "target"],
        [0.5, 0.5, 1.0],
        ["b", "a", "a"],
        ["target", "sea", "target"],
        [0, 1, 0],
    )

    scores = score_events(cases)

    assert (scores.cases, scores.count, scores.happened) == (2, 3, 1)
    assert scores.brier.mean == pytest.approx((0.25 + 1.0) / 2)
    assert scores.brier.standard_error == pytest.approx(0.375)
    assert scores.reliability.brier == pytest.approx((0.25 + 0.25 + 1.0) / 3)
    assert scores.events["target"] == (2, 0, 0.75)


GOOD = {
    "case": ["a", "b"],
    "event": ["target", "target"],
    "probability": [0.2, 0.9],
    "outcome_case": ["a", "b"],
    "outcome_event": ["target", "target"],
    "happened": [0, 1],
}
BAD = {
    "percent": ({"probability": [20.0, 90.0]}, "is 20, outside 0 to 1"),
    "negative": ({"probability": [0.2, -0.1]}, "(row 2) is -0.1"),
    "nan": ({"probability": [math.nan, 0.1]}, "is nan"),
    "happened": ({"happened": [0, 2]}, "neither 0 nor 1"),
    "twice": ({"case": ["a", "a"]}, "2 probabilities"),
    "one side": ({"event": ["target", "sea"]}, "'b / sea' without an outcome"),
    "empty": ({"case": [], "event": [], "probability": []}, "no prediction"),
}


@pytest.mark.parametrize("name", BAD)
def test_given_events_that_cannot_be_scored_when_laid_out_then_the_error_says_which(
    name: str,
) -> None:
    change, text = BAD[name]
    with pytest.raises(ScoreDataError) as caught:
        make_event_cases(**{**GOOD, **change})

    assert text in caught.value.message
    assert caught.value.hint


def test_given_no_probability_when_scored_then_it_is_an_error() -> None:
    with pytest.raises(ScoreDataError):
        estimate_reliability([], [])
