"""How large a lattice is, what size it has at its nodes, and the sequence in time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from downwind.errors import ArgumentError
from downwind.sim.wind_error.kernels import draw_normals, run_series
from downwind.wind.error import LARGE as LARGE_SCALES
from downwind.wind.error import UNRESOLVED, Scales
from downwind.wind.perturbation import FAST_UP as FAST_SCALES
from downwind.wind.perturbation import SLOW_UP as SLOW_SCALES
from downwind.wind.perturbation.kernels import FAST_UP, FINE, LARGE, SLOW_UP
from downwind.wind.perturbation.lattice import make_lattice, sizes_at

HOUR_S = 3_600.0


@pytest.mark.parametrize("hours", [1.0, 6.0, 48.0, 120.0])
@pytest.mark.parametrize("low_m", [-430.0, 0.0, 2_100.0])
def test_given_data_when_laid_out_then_large_scales_never_go_round_within_them(
    hours: float, low_m: float
) -> None:
    lattice = make_lattice(LARGE, LARGE_SCALES, hours * HOUR_S, low_m, 16_000.0)
    for shift in (0.0, 0.5, 1.0 - 1e-9):
        first = math.floor(low_m * lattice.per[1] + shift)
        above = math.floor(16_000.0 * lattice.per[1] + shift) + 1
        assert above - first < lattice.count[1]
        assert math.floor(hours * HOUR_S * lattice.per[0] + shift) + 1 < lattice.count[0]
    assert not lattice.is_circle


def test_given_a_place_when_its_nodes_are_found_then_they_lie_just_below_and_above_it() -> None:
    lattice = make_lattice(LARGE, LARGE_SCALES, 30.0 * HOUR_S, -300.0, 12_000.0)
    shift = np.array([0.0, 0.4, 0.999])
    heights, times = lattice.node_heights_m(shift), lattice.node_times_s(shift)
    for member, moved in enumerate(shift):
        for height in (-299.0, 10.0, 5_000.0, 11_990.0):
            node = math.floor(height * lattice.per[1] + moved)
            low, high = (heights[member, (node + k) & (lattice.count[1] - 1)] for k in (0, 1))
            assert low <= height + 1e-6 <= high + 1e-5
            assert high - low == pytest.approx(1.0 / lattice.per[1])
        for t in (0.0, 7.0 * HOUR_S, 30.0 * HOUR_S):
            node = math.floor(t * lattice.per[0] + moved)
            assert times[member, node] <= t <= times[member, node + 1] + 1e-6


@pytest.mark.parametrize(
    ("field", "scales"), [(FINE, UNRESOLVED), (SLOW_UP, SLOW_SCALES), (FAST_UP, FAST_SCALES)]
)
def test_given_a_long_span_when_laid_out_then_parts_of_one_size_close_to_a_circle(
    field: int, scales: Scales
) -> None:
    long = make_lattice(field, scales, 40.0 * 24.0 * HOUR_S, 0.0, 12_000.0)
    short = make_lattice(field, scales, 0.5 * HOUR_S, 0.0, 12_000.0)
    assert long.is_circle
    assert long.count[0] == 64
    assert not short.is_circle
    assert short.count[0] < 64
    assert long.nodes <= 131_072


def test_given_high_data_when_laid_out_then_the_circle_is_shorter_not_the_memory_larger() -> None:
    lattice = make_lattice(FINE, UNRESOLVED, 48.0 * HOUR_S, 0.0, 45_000.0)
    assert lattice.count == (32, 64, 8, 8)


@pytest.mark.parametrize(
    "scales",
    [
        Scales(0.0, 500.0, 60.0),
        Scales(math.inf, 500.0, 60.0),
        Scales(1e4, -5.0, 60.0),
        Scales(1e4, math.nan, 60.0),
        Scales(1e4, 500.0, math.nan),
    ],
)
def test_given_a_scale_that_is_none_when_laid_out_then_an_error_names_it(scales: Scales) -> None:
    with pytest.raises(ArgumentError, match="horizontal_m|vertical_m|time_s"):
        make_lattice(FINE, scales, HOUR_S, 0.0, 1_000.0)


def test_given_a_table_when_read_at_nodes_then_it_is_linear_and_held_at_its_edges() -> None:
    height, time = np.array([1_000.0, 3_000.0]), np.array([0.0, 100.0, 400.0])
    table = np.array([[1.0, 2.0, 5.0], [3.0, 4.0, 9.0]])
    found = sizes_at(
        table, height, time, np.array([[-50.0, 2_000.0, 9_000.0]]), np.array([[-9.0, 250.0, 999.0]])
    )
    assert found.shape == (1, 3, 3)
    np.testing.assert_allclose(found[0, 0], [1.0, 2.0, 3.0])  # the first time
    np.testing.assert_allclose(found[0, 1], [3.5, 5.0, 6.5])
    np.testing.assert_allclose(found[0, 2], [5.0, 7.0, 9.0])


def test_given_one_row_and_column_when_read_then_it_holds_everywhere() -> None:
    one = np.zeros(1)
    found = sizes_at(np.full((1, 1), 1.7), one, one, np.array([[0.0, 1e4]]), np.array([[5e4]]))
    np.testing.assert_allclose(found, 1.7, rtol=1e-6)


@pytest.mark.parametrize("times", [4, 16, 64])
def test_given_normals_when_run_round_a_circle_then_the_covariance_is_the_closed_form(
    times: int,
) -> None:
    """The sequence is linear in its normals: run on unit vectors it gives its matrix."""
    span_s = 1e7 if times == 64 else 0.0
    lattice = make_lattice(FINE, UNRESOLVED, span_s, 0.0, 1_000.0)
    rho, turn = lattice.rho, lattice.rho**times
    innovation = math.sqrt((1.0 - rho**2) * (1.0 - turn) / (1.0 + turn))
    if times == 64:
        assert lattice.innovation == pytest.approx(innovation)
    matrix = np.eye(times, dtype=np.float32)
    run_series(
        matrix, np.empty(times, np.float32), np.float32(rho), np.float32(innovation),
        np.float32(turn),
    )  # fmt: skip
    covariance = matrix.astype(np.float64) @ matrix.T
    lag = np.arange(times)
    closed = (rho**lag + rho ** (times - lag)) / (1.0 + turn)
    np.testing.assert_allclose(covariance, closed[(lag[:, None] - lag) % times], atol=2e-6)
    if times == 64:
        assert lattice.along == pytest.approx(closed[1])


def test_given_normals_when_run_from_their_first_then_neighbours_are_as_asked() -> None:
    lattice = make_lattice(LARGE, LARGE_SCALES, 20.0 * HOUR_S, 0.0, 1_000.0)
    matrix = np.eye(16, dtype=np.float32)
    run_series(
        matrix, np.empty(16, np.float32), np.float32(lattice.rho),
        np.float32(lattice.innovation), np.float32(0.0),
    )  # fmt: skip
    lag = np.arange(16)
    closed = lattice.rho ** np.abs(lag[:, None] - lag)
    np.testing.assert_allclose(matrix.astype(np.float64) @ matrix.T, closed, atol=2e-6)


def test_given_a_key_when_normals_are_drawn_then_they_are_standard_and_each_draw_has_its_own() -> (
    None
):
    one, other = np.empty(200_000, np.float32), np.empty(200_000, np.float32)
    draw_normals(np.uint32(1), np.uint32(2), 0, one)
    draw_normals(np.uint32(1), np.uint32(2), 1, other)
    for values in (one.astype(np.float64), other.astype(np.float64)):
        assert abs(values.mean()) < 4.0 / math.sqrt(values.size)
        assert abs(values.var() - 1.0) < 4.0 * math.sqrt(2.0 / values.size)
        assert abs((values**4).mean() - 3.0) < 4.0 * math.sqrt(96.0 / values.size)
        assert abs((values[1:] * values[:-1]).mean()) < 4.0 / math.sqrt(values.size)
    assert abs((one * other).mean()) < 4.0 / math.sqrt(one.size)
    again = np.empty(400, np.float32)
    draw_normals(np.uint32(1), np.uint32(2), 0, again)
    assert np.array_equal(again, one[:400])
