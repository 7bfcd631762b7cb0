"""Calibration over simulated nights: each has its own draws, and one truth that is a fresh draw.

The seed of all nights was fixed before any was flown. How often contours hold the truth is a
binomial share, so that a run of few nights has a wider bound.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from docs.figures.nights import fly_night, fly_nights
from docs.figures.trials import Experiment, histogram_probability, run_experiment

FEW, MANY = 60, 1_000
MEMBERS = 31
PLAIN_AT_MOST = {200: 0.8, MEMBERS: 0.5}
"""Share of truths that the 90 % contour of a plain histogram holds, at the most."""


@pytest.fixture(scope="module")
def few() -> Experiment:
    return run_experiment(fly_nights(FEW, MEMBERS), MEMBERS)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_given_a_few_nights_of_31_members_then_contours_hold_within_chance(
    few: Experiment, level: float
) -> None:
    held = few.coverage(level).held

    # beyond these a contour that holds exactly its share comes less than once in 500 runs
    low, high = binom.ppf((0.001, 0.999), FEW, level)
    assert low <= held <= high


def test_given_a_few_nights_of_31_members_then_the_plain_histogram_fails(few: Experiment) -> None:
    plain, ours = few.plain_coverage(0.9), few.coverage(0.9)

    assert plain.high < 0.9
    assert plain.share < PLAIN_AT_MOST[MEMBERS]
    assert ours.share > plain.share + 0.3


def test_given_a_few_nights_of_31_members_then_ranks_and_probabilities_are_right(
    few: Experiment,
) -> None:
    points, events = few.points, few.events

    assert points.members[1] == MEMBERS
    assert min(axis.ranks.p_value for axis in points.axes.values()) > 0.001
    assert points.outlying.p_value > 0.001
    assert points.miss.mean == pytest.approx(
        points.spread.mean,
        abs=4 * np.hypot(points.miss.standard_error, points.spread.standard_error),
    )
    assert events.reliability.skill > 0.15
    assert events.reliability.reliability < 0.03


def test_given_a_night_when_flown_again_then_it_is_the_same_and_others_are_not() -> None:
    night, again, other = fly_night(3, 5), fly_night(3, 5), fly_night(3, 5, seed=1)

    assert night.truth == again.truth
    assert night.predicted.longitude.tolist() == again.predicted.longitude.tolist()
    assert night.truth != other.truth
    assert fly_night(3, 7).truth == night.truth
    # the truth is no draw of the prediction
    assert night.truth[0] not in night.predicted.longitude.tolist()


def test_given_a_truth_in_an_empty_cell_then_no_histogram_contour_holds_it() -> None:
    night = fly_night(3, 5)
    far = type(night)(night.kind, night.predicted, (night.truth[0], night.truth[1] + 3.0))
    at_item = (float(night.predicted.longitude[0]), float(night.predicted.latitude[0]))

    assert histogram_probability(far) == 1.0
    assert histogram_probability(type(night)(night.kind, night.predicted, at_item)) < 1.0


@pytest.mark.slow
@pytest.mark.parametrize("draws", [200, MEMBERS])
def test_given_a_thousand_nights_then_contours_hold_what_they_say(draws: int) -> None:
    trial = run_experiment(fly_nights(MANY, draws), draws)

    assert trial.coverage(0.9).share == pytest.approx(0.9, abs=0.03)
    assert trial.coverage(0.5).share == pytest.approx(0.5, abs=0.04)
    assert trial.plain_coverage(0.9).share < PLAIN_AT_MOST[draws]
    for axis in trial.points.axes.values():
        assert axis.ranks.p_value > 0.001
    assert trial.points.outlying.p_value > 0.001
    wrong = [part for part in trial.events.reliability.bins if not part.is_consistent]
    assert len(wrong) <= 2
    assert trial.events.reliability.reliability < 0.002
