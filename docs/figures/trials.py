"""Hold the predictions of simulated nights against their truths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from docs.figures.nights import CELL_M, SEED, Night
from downwind.geo.sphere import local_equal_area
from downwind.landing.density import LEVELS, estimate_density
from downwind.landing.shares import estimate_share, per_draw_shares
from downwind.score import (
    Coverage,
    EventScores,
    PointScores,
    estimate_coverage,
    make_event_cases,
    make_point_cases,
    score_events,
    score_points,
)
from downwind.score.coverage import contains

CIRCLES: Final = 3
"""Circles for each night in which the truth may lie; half a plane comes besides."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What some nights with as many draws each gave, arrays of shape (nights,).

    Attributes
    ----------
    draws : int
    enclosed : numpy.ndarray
        Probability of the predictive contour on which the truth lies.
    held : dict
        Whether the truth lies inside the contour as it is drawn, by its probability.
    plain : numpy.ndarray
        The same as ``enclosed`` of a histogram of the items.
    points : PointScores
    events : EventScores
    """

    draws: int
    enclosed: NDArray[np.float64]
    held: dict[float, NDArray[np.bool_]]
    plain: NDArray[np.float64]
    points: PointScores
    events: EventScores

    def coverage(self, level: float) -> Coverage:
        """Return how often the contours drawn for a probability held the truth."""
        return estimate_coverage(self.held[level], level)

    def plain_coverage(self, level: float) -> Coverage:
        """Return the same of the contour of the histogram."""
        return estimate_coverage(self.plain < level, level)


def run_experiment(nights: Iterable[Night], draws: int) -> Experiment:
    """Hold each night's prediction against its truth."""
    enclosed, plain, columns, truths, events = [], [], [], [], []
    held: dict[float, list[bool]] = {level: [] for level in LEVELS}
    for i, night in enumerate(nights):
        found = night.predicted
        density = estimate_density(found.longitude, found.latitude, found.weight, found.draw)
        assert density is not None
        for level, hits in held.items():
            hits.append(contains(density.contours[level], *night.truth, density.longitude0))
        lon, lat = (np.array([value]) for value in night.truth)
        enclosed.append(float(density.enclosed_probability(lon, lat)[0]))
        plain.append(histogram_probability(night))
        events += [(i, *event) for event in ask_regions(night, i)]
        columns.append((np.full(found.draw.size, i), found.longitude, found.latitude, found.draw))
        truths.append(night.truth)
    case, lon, lat, draw = (np.concatenate(column) for column in zip(*columns, strict=True))
    names = np.arange(len(truths))
    night, event, probability, happened = zip(*events, strict=True)
    return Experiment(
        draws=draws,
        enclosed=np.array(enclosed),
        held={level: np.array(hits) for level, hits in held.items()},
        plain=np.array(plain),
        points=score_points(
            make_point_cases(case, lon, lat, names, *np.array(truths).T, draw=draw),
            with_contours=False,
            seed=SEED,
        ),
        events=score_events(make_event_cases(night, event, probability, night, event, happened)),
    )


def histogram_probability(night: Night) -> float:
    """Return the share of items in cells that hold more items than the truth's; 1 in an empty one.

    The contour of a histogram for a probability is made of the fullest cells that hold that share
    of the items; it holds the truth if this share is less.
    """
    longitude, latitude = night.predicted.longitude, night.predicted.latitude
    plane = local_equal_area(float(longitude[0]), float(latitude[0]))
    x, y = plane.forward(longitude, latitude)
    true_x, true_y = plane.forward(*night.truth)
    cells = np.floor(np.column_stack([np.append(x, true_x), np.append(y, true_y)]) / CELL_M)
    _, index, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    counts[index[-1]] -= 1  # the truth is no item
    mine = counts[index[-1]]
    return float(counts[counts > mine].sum() / x.size) if mine else 1.0


def ask_regions(night: Night, index: int) -> list[tuple[str, float, bool]]:
    """Return for some regions their name, the probability of an item in it, and what came true.

    Circles lie anywhere about the predicted landings, and are small and large; the half-plane has
    its border near them.
    """
    rng = np.random.default_rng([SEED, index, 1])
    found = night.predicted
    draw = np.unique(found.draw, return_inverse=True)[1]
    count = int(draw.max()) + 1
    plane = local_equal_area(float(found.longitude[0]), float(found.latitude[0]))
    x, y = plane.forward(found.longitude, found.latitude)
    true_x, true_y = (float(value) for value in plane.forward(*night.truth))
    middle = np.array([x.mean(), y.mean()])
    spread = float(np.sqrt(0.5 * (x.var() + y.var())))
    answers = []

    def ask(name: str, inside: NDArray[np.bool_], happened: bool) -> None:
        share = estimate_share(per_draw_shares(found.weight, inside, draw, count))
        answers.append((name, min(share.mean, 1.0), happened))

    for k in range(CIRCLES):
        centre = middle + spread * rng.normal(0.0, 1.0, 2)
        radius = spread * rng.uniform(0.3, 2.5)
        ask(
            f"circle {k + 1}",
            np.hypot(x - centre[0], y - centre[1]) < radius,
            bool(np.hypot(true_x - centre[0], true_y - centre[1]) < radius),
        )
    angle, offset = rng.uniform(0.0, 2.0 * np.pi), spread * rng.normal(0.0, 1.0)
    east, north = np.cos(angle), np.sin(angle)

    def beyond(px: NDArray[np.float64], py: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(east * (px - middle[0]) + north * (py - middle[1]) > offset)

    ask("half-plane", beyond(x, y), bool(beyond(np.array(true_x), np.array(true_y))))
    return answers
