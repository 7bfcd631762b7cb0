"""Settings spread over the balloons so that the load covers the target evenly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from downwind.geo.regions import Region, region_from_country
from downwind.landing.clusters import each_draw
from downwind.landing.regions import CELL, TARGET
from downwind.landing.target_cells import (
    CelledRegions,
    cut_target,
    estimate_evenness,
    evenness,
)
from downwind.plan.even import MOST_SETTINGS, EvenProblem, find_parts, spread_settings

FREE = np.zeros((2, 1))


def made_problem(cells: list[list[float]], costs: list[float], most: float = 1.0) -> EvenProblem:
    """Return the problem of one group with cells of one size."""
    shares = np.array(cells)
    part = np.full(shares.shape[1], 1.0 / shares.shape[1])
    return EvenProblem(
        (shares,), (np.array(costs)[:, None],), np.array([most]), part, np.array([1.0])
    )


def test_given_shares_when_measured_then_evenness_has_its_closed_form() -> None:
    part = np.full(4, 0.25)

    assert evenness(np.full(4, 0.25), part) == pytest.approx(1.0)
    assert evenness(np.array([0.5, 0.5, 0.0, 0.0]), part) == pytest.approx(0.5)
    assert evenness(np.full(4, 0.25 * 0.3), part) == pytest.approx(0.3)
    assert evenness(np.zeros(4), part) == 0.0


def test_given_two_settings_with_a_half_each_when_spread_then_the_balloons_are_halved() -> None:
    problem = made_problem([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], [0.0, 0.0])

    (found,) = spread_settings(problem, [10], [0])

    assert found.tolist() == [5, 5]


def test_given_a_limit_when_spread_then_it_holds_and_is_used() -> None:
    # the second setting costs 0.1 of a limit of 0.03: at most three of ten balloons
    problem = made_problem([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], [0.0, 0.1], most=0.03)

    (found,) = spread_settings(problem, [10], [0])

    assert found.tolist() == [7, 3]


def test_given_one_balloon_when_spread_then_it_has_one_setting() -> None:
    problem = made_problem([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3]], [0.0, 0.0])

    (found,) = spread_settings(problem, [1], [0])

    assert found.tolist() == [0, 1]


def test_given_many_settings_when_spread_then_few_are_dialled_and_none_is_worse() -> None:
    rng = np.random.default_rng(3)
    cells = (0.9 * rng.dirichlet(np.full(12, 0.3), size=30)).tolist()
    problem = made_problem(cells, [0.0] * 30)

    (found,) = spread_settings(problem, [40], [4])

    assert found.sum() == 40
    assert np.count_nonzero(found) <= MOST_SETTINGS
    start = [np.eye(30)[4]]
    assert problem.overlap([found / 40]) > problem.overlap(start)


def test_given_a_problem_when_solved_then_a_solver_of_another_kind_finds_no_more() -> None:
    rng = np.random.default_rng(7)
    cells = (0.9 * rng.dirichlet(np.full(8, 0.4), size=6)).tolist()
    problem = made_problem(cells, rng.random(6).tolist(), most=0.4)
    first = int(np.argmin(problem.costs[0][:, 0]))

    found = find_parts(problem, [first])

    oracle = minimize(
        lambda w: -problem.overlap([np.maximum(w, 0.0)]),
        np.full(6, 1.0 / 6.0),
        method="SLSQP",
        bounds=[(0.0, 1.0)] * 6,
        constraints=[
            {"type": "eq", "fun": lambda w: w.sum() - 1.0},
            {"type": "ineq", "fun": lambda w: 0.4 - w @ problem.costs[0][:, 0]},
        ],
    )
    assert problem.excess(found) <= 1e-9
    assert problem.overlap(found) == pytest.approx(-oracle.fun, abs=2e-3)


def test_given_draws_when_evenness_is_estimated_then_its_error_is_that_of_many_samples() -> None:
    rng = np.random.default_rng(1)
    part = np.full(5, 0.2)

    def sample() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return rng.dirichlet([8.0, 4.0, 2.0, 1.0, 1.0], size=100).T

    several = [float(evenness(sample().mean(axis=1), part)) for _ in range(300)]
    found = estimate_evenness(sample(), part, each_draw(100))[0]

    assert found.standard_error == pytest.approx(np.std(several), rel=0.35)


@pytest.mark.parametrize("country", ["North Korea", "Fiji"])
def test_given_a_country_when_cut_then_the_cells_share_out_its_places(country: str) -> None:
    # Fiji lies on both sides of the antimeridian
    target = region_from_country(country)
    cells = cut_target(target)

    assert cells.part.sum() == pytest.approx(1.0)
    assert cells.part.max() <= 1.001 / 48.0
    longitude, latitude = places_in(target)
    found = cells.find(longitude, latitude)
    assert np.mean(found >= 0) > 0.99
    # places evenly spread over the sphere fall into the cells as their areas
    share = np.bincount(found[found >= 0], minlength=cells.count) / longitude.size
    assert share == pytest.approx(cells.part, abs=5.0 * np.sqrt(0.02 / longitude.size))


def test_given_regions_with_cells_when_classified_then_cells_lie_in_the_target() -> None:
    target, home = region_from_country("North Korea"), region_from_country("South Korea")
    cells = cut_target(target)
    regions = CelledRegions(target, home, (), cells)

    inside = regions.classify(np.array([126.0, 127.0, 0.0]), np.array([39.5, 36.5, 0.0]))

    assert set(inside) == set(regions.names)
    in_cell = np.array([inside[f"{CELL}{k}"] for k in range(cells.count)])
    assert in_cell.sum(axis=0).tolist() == inside[TARGET].astype(int).tolist() == [1, 0, 0]


def places_in(
    target: Region,
) -> tuple[
    np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    np.ndarray[tuple[int, ...], np.dtype[np.float64]],
]:
    """Return places of a target, evenly spread over the sphere."""
    rng = np.random.default_rng(5)
    low_x, low_y, high_x, high_y = target.geometry.bounds
    if high_x - low_x > 180.0:
        low_x, high_x = 176.5, 182.0
    longitude = (rng.uniform(low_x, high_x, 20_000) + 180.0) % 360.0 - 180.0
    sine = rng.uniform(*np.sin(np.radians([low_y, high_y])), longitude.size)
    latitude = np.degrees(np.arcsin(sine))
    inside = target.contains(longitude, latitude)
    return longitude[inside], latitude[inside]
