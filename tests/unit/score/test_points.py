"""Scores, ranks and coverage of predicted points against closed forms and plain sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from downwind.errors import ScoreDataError
from downwind.geo.sphere import local_equal_area
from downwind.score import (
    crps,
    energy_score,
    estimate_coverage,
    estimate_mean,
    hold_by_contours,
    make_point_cases,
    place_among,
    place_outlying,
    rank_histogram,
    score_points,
)
from downwind.score.ranks import is_marked

PLACE = (126.5, 38.0)
CASES, MEMBERS = 400, 31


def lay(x: np.ndarray, y: np.ndarray, longitude: float = PLACE[0]):
    return local_equal_area(longitude, PLACE[1]).inverse(x, y)


def predict(spread: float = 1.0, shift_m: float = 0.0, seed: int = 3, longitude: float = PLACE[0]):
    """Cases whose truth is one more draw of a normal law; predictions of another width or place."""
    rng = np.random.default_rng(seed)
    middle = rng.normal(0.0, 30_000.0, (2, CASES, 1))
    width = np.array([12_000.0, 6_000.0])[:, None, None]
    points = middle + spread * width * rng.normal(size=(2, CASES, MEMBERS)) + shift_m
    truth = (middle + width * rng.normal(size=(2, CASES, 1)))[..., 0]
    names = [f"night {i:03d}" for i in range(CASES)]
    lon, lat = lay(points[0].ravel(), points[1].ravel(), longitude)
    out_lon, out_lat = lay(truth[0], truth[1], longitude)
    return make_point_cases(np.repeat(names, MEMBERS), lon, lat, names, out_lon, out_lat)


def test_given_a_normal_law_when_scored_then_the_crps_is_the_closed_form() -> None:
    sigma, miss = 8_000.0, 5_000.0
    quantiles = sigma * norm.ppf((np.arange(600) + 0.5) / 600)
    z = miss / sigma
    closed = sigma * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))

    (found,) = crps([quantiles - miss], [np.full(600, 1 / 600)], fair=False)

    assert found == pytest.approx(closed, rel=3e-3)


@pytest.mark.parametrize("fair", [True, False])
def test_given_weighted_members_when_scored_then_the_energy_score_is_the_plain_sum(
    fair: bool,
) -> None:
    rng = np.random.default_rng(8)
    x, y, w = rng.normal(0.0, 1e4, 7), rng.normal(0.0, 2e4, 7), rng.random(7)
    w /= w.sum()
    near = sum(w[i] * math.hypot(x[i], y[i]) for i in range(7))
    apart = sum(
        w[i] * w[j] * math.hypot(x[i] - x[j], y[i] - y[j]) for i in range(7) for j in range(7)
    )
    share = 1.0 - sum(w**2) if fair else 1.0

    (found,) = energy_score([x], [y], [w], fair=fair)

    assert found == pytest.approx(near - 0.5 * apart / share, rel=1e-12)


def test_given_points_on_a_line_when_scored_then_energy_score_and_crps_are_one() -> None:
    rng = np.random.default_rng(9)
    along, w = rng.normal(0.0, 1e4, 20), np.full(20, 0.05)
    bearing = math.radians(30.0)
    x, y = along * math.sin(bearing), along * math.cos(bearing)

    np.testing.assert_allclose(energy_score([x], [y], [w]), crps([along], [w]), rtol=1e-12)


def test_given_the_true_law_when_scored_then_it_beats_narrower_wider_and_shifted_ones() -> None:
    scores = {
        name: score_points(predict(*law), with_contours=False)
        for name, law in {
            "true": (1.0, 0.0),
            "narrow": (0.4, 0.0),
            "wide": (2.5, 0.0),
            "shifted": (1.0, 8_000.0),
        }.items()
    }

    best = min(scores, key=lambda name: scores[name].energy_score.mean)
    assert best == "true"
    assert min(scores, key=lambda name: scores[name].axes["east"].crps.mean) == "true"
    true = scores["true"]
    assert true.outlying.p_value > 0.01
    assert true.axes["east"].ranks.p_value > 0.01
    assert true.axes["north"].ranks.p_value > 0.01
    assert true.spread.mean == pytest.approx(true.miss.mean, abs=3 * true.miss.standard_error)
    narrow, wide = scores["narrow"], scores["wide"]
    assert is_marked(narrow.axes["east"].ranks.bowl)
    assert narrow.axes["east"].ranks.bowl > 0.0
    assert is_marked(narrow.outlying.tilt)
    assert narrow.outlying.tilt > 0.0
    assert wide.axes["east"].ranks.bowl < 0.0
    assert is_marked(wide.axes["east"].ranks.bowl)
    assert wide.outlying.tilt < 0.0
    assert is_marked(wide.outlying.tilt)
    shifted = scores["shifted"]
    assert shifted.axes["east"].ranks.tilt < 0.0
    assert shifted.axes["east"].bias.mean == pytest.approx(
        8_000.0, abs=3 * shifted.axes["east"].bias.standard_error
    )


def test_given_the_true_law_when_scored_then_intervals_hold_what_they_say() -> None:
    intervals = score_points(predict(), with_contours=False).axes["north"].intervals

    assert [part.nominal for part in intervals] == [0.5, 0.9]
    for part in intervals:
        error = math.sqrt(part.nominal * (1 - part.nominal) / CASES)
        assert part.share == pytest.approx(part.nominal, abs=3 * error)
        assert part.low < part.share < part.high


def test_given_points_across_the_antimeridian_when_scored_then_nothing_changes() -> None:
    here = score_points(predict(longitude=126.5), with_contours=False)
    there = score_points(predict(longitude=179.95), with_contours=False)

    assert there.energy_score.mean == pytest.approx(here.energy_score.mean, rel=1e-9)
    assert there.outlying.counts.tolist() == here.outlying.counts.tolist()


def test_given_items_that_share_a_draw_when_ranked_then_the_draw_is_the_member() -> None:
    rng = np.random.default_rng(21)
    count, draws, items = 400, 12, 20
    centre = rng.normal(0.0, 10_000.0, (2, count, draws, 1))
    x, y = (centre + rng.normal(0.0, 300.0, (2, count, draws, items))).reshape(2, -1)
    truth = rng.normal(0.0, 10_000.0, (2, count))
    names = [f"{i}" for i in range(count)]
    lon, lat = lay(x, y)
    out = lay(*truth)
    of = np.repeat(names, draws * items)
    shared = make_point_cases(
        of, lon, lat, names, *out, draw=np.tile(np.repeat(np.arange(draws), items), count)
    )
    blind = make_point_cases(of, lon, lat, names, *out)

    honest = score_points(shared, with_contours=False)
    fooled = score_points(blind, with_contours=False)

    assert honest.members == (draws, draws)
    assert fooled.members == (draws * items, draws * items)
    assert honest.outlying.p_value > 0.01
    assert honest.axes["east"].ranks.p_value > 0.01
    # items taken for members leave too many outcomes at the ends
    assert is_marked(fooled.outlying.tilt)
    assert honest.axes["east"].intervals[1].is_consistent


def test_given_weights_within_a_draw_when_thinned_then_points_are_chosen_by_them() -> None:
    names = [f"{i}" for i in range(2_000)]
    # in draw 0 the second point is three times as heavy; draw 1 has a point without weight
    cases = make_point_cases(
        np.repeat(names, 4), np.tile([1.0, 2.0, 3.0, 4.0], 2_000), np.zeros(8_000),
        names, np.zeros(2_000), np.zeros(2_000),
        weight=np.tile([1.0, 3.0, 4.0, 0.0], 2_000), draw=np.tile([0, 0, 1, 1], 2_000),
    )  # fmt: skip

    single = cases.thin(seed=5)

    chosen = np.array(single.longitude)
    assert chosen.shape == (2_000, 2)
    assert np.mean(chosen[:, 0] == 2.0) == pytest.approx(0.75, abs=0.03)
    assert set(chosen[:, 1]) == {3.0}
    np.testing.assert_allclose(np.array(single.weight), 0.5)


def test_given_a_bearing_when_scored_then_along_and_across_are_there() -> None:
    cases = predict()
    scores = score_points(cases, bearing_deg=90.0, with_contours=False)

    assert scores.axes["along"].crps == scores.axes["east"].crps
    south = scores.axes["across"].bias.mean
    assert south == pytest.approx(-scores.axes["north"].bias.mean, rel=1e-6)


def test_given_even_weights_when_repeated_with_split_ones_then_the_scores_stay() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(0.0, 1e4, (2, 5))
    even = energy_score([x], [y], [np.full(5, 0.2)], fair=False)
    split = energy_score(
        [np.append(x, x[0])], [np.append(y, y[0])], [np.array([0.15, 0.2, 0.2, 0.2, 0.2, 0.05])],
        fair=False,
    )  # fmt: skip

    np.testing.assert_allclose(split, even, rtol=1e-12)


def test_given_ties_when_ranked_then_they_are_broken_evenly_by_the_seed() -> None:
    tied = [np.zeros(9)] * 4_000
    weight = [np.full(9, 1 / 9)] * 4_000

    one, two = place_among(tied, weight, seed=1), place_among(tied, weight, seed=1)

    assert one.tolist() == two.tolist()
    assert rank_histogram(one).p_value > 0.01
    assert place_among(tied, weight, seed=2).tolist() != one.tolist()


def test_given_members_all_beyond_when_ranked_then_the_place_is_the_lowest_rank() -> None:
    places = place_among([np.arange(1.0, 32.0)] * 50, [np.full(31, 1 / 31)] * 50)

    assert places.max() <= 1 / 32
    assert place_among([-np.arange(1.0, 32.0)], [np.full(31, 1 / 31)])[0] >= 31 / 32


def test_given_uneven_weights_when_ranked_then_the_histogram_is_even() -> None:
    rng = np.random.default_rng(6)
    count = 3_000
    offsets, weights = [], []
    for _ in range(count):
        # two sources of one law, one twice as heavy as the other
        w = np.repeat([2.0, 1.0], [20, 20])
        offsets.append(rng.normal(size=40) - rng.normal())
        weights.append(w / w.sum())

    assert rank_histogram(place_among(offsets, weights)).p_value > 0.01


def test_given_an_outcome_in_the_middle_or_far_out_when_ranked_then_it_is_first_or_last() -> None:
    angle = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    ring = (1e4 * np.cos(angle), 1e4 * np.sin(angle))
    weight = [np.full(24, 1 / 24)]

    inside = place_outlying([ring[0]], [ring[1]], weight)[0]
    outside = place_outlying([ring[0] + 5e4], [ring[1]], weight)[0]

    assert inside <= 1 / 25
    assert outside >= 24 / 25


def test_given_counts_when_tested_then_the_chi_square_is_that_of_the_counts() -> None:
    place = np.concatenate([np.full(30, 0.1), np.full(10, 0.5), np.full(20, 0.9)])

    histogram = rank_histogram(place, 3)

    assert histogram.counts.tolist() == [30, 10, 20]
    assert histogram.chi_square == pytest.approx(10.0)
    # with three bins tilt and bowl are all there is
    assert histogram.tilt**2 + histogram.bowl**2 == pytest.approx(10.0)
    assert histogram.p_value == pytest.approx(math.exp(-5.0))


def test_given_few_cases_when_tested_then_nothing_is_claimed() -> None:
    histogram = rank_histogram(np.linspace(0.05, 0.95, 12), 10)

    assert math.isnan(histogram.chi_square)
    assert histogram.to_dict()["p_value"] is None


def test_given_outcomes_when_contours_are_drawn_then_they_hold_most_of_the_near_ones() -> None:
    rng = np.random.default_rng(12)
    lon, lat = lay(*rng.normal(0.0, 8_000.0, (2, 60)))
    out_lon, out_lat = lay(np.array([0.0, 60_000.0]), np.zeros(2))
    names = ["near", "far"]
    cases = make_point_cases(
        np.repeat(names, 60), np.tile(lon, 2), np.tile(lat, 2), names, out_lon, out_lat
    )

    held = hold_by_contours(cases)

    assert dict(zip(cases.names, held[0.9].tolist(), strict=True)) == {"near": True, "far": False}


def test_given_two_draws_when_contours_are_asked_for_then_there_are_none() -> None:
    cases = make_point_cases(["a", "a"], [126.0, 126.1], [38.0, 38.0], ["a"], [126.0], [38.0])

    assert hold_by_contours(cases) == {}
    assert score_points(cases).contours == ()


def test_given_one_case_when_averaged_then_the_error_is_not_known() -> None:
    score = estimate_mean([3.0])

    assert math.isnan(score.standard_error)
    assert score.to_dict() == {"mean": 3.0, "standard_error": None, "cases": 1}


def test_given_hits_when_covered_then_the_interval_is_that_of_clopper_and_pearson() -> None:
    coverage = estimate_coverage([True] * 8 + [False] * 2, 0.9)

    assert (coverage.held, coverage.cases) == (8, 10)
    # Clopper and Pearson 1934, the table of 95 % for 8 of 10
    assert coverage.low == pytest.approx(0.4439, abs=1e-4)
    assert coverage.high == pytest.approx(0.9748, abs=1e-4)
    assert coverage.is_consistent


POINT = {"case": ["a", "a"], "longitude": [126.0, 126.1], "latitude": [38.0, 38.1]}
OUTCOME = {"outcome_case": ["a"], "outcome_longitude": [126.0], "outcome_latitude": [38.0]}
BAD = {
    "no outcome": ({"case": ["a", "b"]}, "'b' without an outcome"),
    "no prediction": (
        {
            "outcome_case": ["a", "c"],
            "outcome_longitude": [1.0, 1.0],
            "outcome_latitude": [1.0, 1.0],
        },
        "'c' without a prediction",
    ),
    "twice": (
        {
            "outcome_case": ["a", "a"],
            "outcome_longitude": [1.0, 1.0],
            "outcome_latitude": [1.0, 1.0],
        },
        "a has 2 outcomes",
    ),
    "nan": ({"longitude": [126.0, math.nan]}, "row 2 of case 'a', lies at longitude nan"),
    "nan outcome": ({"outcome_latitude": [math.nan]}, "1 outcome lies at no place"),
    "latitude": ({"latitude": [38.0, 95.0]}, "latitude 95"),
    "one member": (
        {"case": ["a"], "longitude": [1.0], "latitude": [1.0]},
        "'a' has one member only",
    ),
    "one draw": ({"draw": ["3", "3"]}, "'a' has one member only"),
    "one that counts": ({"weight": [1.0, 0.0]}, "'a' has one member only"),
    "weight": ({"weight": [1.0, -0.5]}, "weight -0.5"),
    "weight nan": ({"weight": [1.0, math.nan]}, "weight nan"),
    "lengths": ({"longitude": [126.0]}, "different lengths"),
    "empty": ({"case": [], "longitude": [], "latitude": []}, "there is no prediction"),
    "no number": ({"longitude": ["x", "y"]}, "no number"),
    "antipode": ({"longitude": [-54.0, -54.0], "latitude": [-38.0, -38.0]}, "other side"),
}


@pytest.mark.parametrize("name", BAD)
def test_given_cases_that_cannot_be_scored_when_laid_out_then_the_error_says_which(
    name: str,
) -> None:
    change, text = BAD[name]
    with pytest.raises(ScoreDataError) as caught:
        make_point_cases(**{**POINT, **OUTCOME, **change})

    assert text in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("call", [lambda: rank_histogram([]), lambda: rank_histogram([0.5], 1),
                                  lambda: rank_histogram([1.5]),
                                  lambda: estimate_coverage([], 0.9),
                                  lambda: estimate_coverage([True], 90.0)])  # fmt: skip
def test_given_nothing_to_count_when_counted_then_it_is_an_error(call) -> None:
    with pytest.raises(ScoreDataError):
        call()
