"""Winds whose members take their horizontal or their upward error from another wind's members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from downwind.errors import ArgumentError
from downwind.wind.grid import WindGrid, WindOptions, build_grid
from downwind.wind.perturbation import no_error
from downwind.wind.perturbation.kernels import error_at
from downwind.wind.perturbation.mix import mix_members, varies_up, varies_wind
from tests.unit.wind.store_cubes import make_cube

MEMBERS = 6
UP_ONLY, WIND_ONLY = np.array([0.0, 0.0, 1e-5, 1e-5]), np.array([1e-5, 1e-5, 0.0, 0.0])


def plain_grid() -> WindGrid:
    return build_grid(make_cube(), WindOptions(surface="log"))


def grid_with_errors(seed: int, units: NDArray[np.float64] | None = None) -> WindGrid:
    """Give each member lattices of random nodes, each field with another number of them."""
    rng = np.random.default_rng(seed)
    grid = plain_grid()
    counts = np.array([[4, 2, 2, 2], [2, 4, 2, 2], [2, 1, 4, 2], [4, 1, 2, 4]])
    sizes = MEMBERS * counts.prod(axis=1)
    fields = no_error()._replace(
        error_values=rng.integers(-(2**31), 2**31, sizes.sum(), dtype=np.int64).astype(np.int32),
        error_start=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        error_count=counts,
        error_per=rng.uniform(1e-5, 1e-4, (4, 1)) * np.ones((4, 4)),
        error_along=np.full(4, 0.8),
        error_unit=np.full(4, 1e-4) if units is None else units,
        error_shift=rng.random((MEMBERS, 4, 4)),
        error_frame=rng.normal(0.0, 5.0, (MEMBERS, 2)),
    )
    base = rng.integers(0, grid.base_count, MEMBERS).astype(np.int32)
    arrays = grid.arrays._replace(base=base, has_error=True, **fields._asdict())
    return grid.with_members(arrays)


def errors_of(grid: WindGrid, member: int) -> tuple[float, ...]:
    place = (grid.box[0] + 1.3, grid.box[1] + 0.7, 2_345.0, grid.arrays.error_time0_s + 4_321.0)
    return tuple(error_at(grid.arrays, member, *place))


ORDER = np.array([3, 0, 5, 1, 4, 2])


def test_given_nothing_exchanged_when_mixed_then_errors_are_those_of_the_first_to_the_bit() -> None:
    first, second = grid_with_errors(1), grid_with_errors(2)
    mixed = mix_members(first, second, ORDER, wind=False, up=False)
    for member in range(MEMBERS):
        assert errors_of(mixed, member) == errors_of(first, member)
    np.testing.assert_array_equal(mixed.base, first.base)


def test_given_all_exchanged_when_mixed_then_errors_are_those_of_the_second_in_its_order() -> None:
    first, second = grid_with_errors(1), grid_with_errors(2)
    mixed = mix_members(first, second, ORDER, wind=True, up=True)
    for member in range(MEMBERS):
        assert errors_of(mixed, member) == errors_of(second, int(ORDER[member]))
    np.testing.assert_array_equal(mixed.base, second.base[ORDER])


@pytest.mark.parametrize("wind", [True, False])
def test_given_one_part_exchanged_when_mixed_then_only_its_fields_are_the_seconds(
    wind: bool,
) -> None:
    first, second = grid_with_errors(1), grid_with_errors(2)
    still = np.zeros((MEMBERS, 2))
    first, second = (g.with_members(g.arrays._replace(error_frame=still)) for g in (first, second))
    mixed = mix_members(first, second, ORDER, wind=wind, up=not wind)
    for member in range(MEMBERS):
        own, other = errors_of(first, member), errors_of(second, int(ORDER[member]))
        horizontal, upward = (other, own) if wind else (own, other)
        assert errors_of(mixed, member) == (*horizontal[:2], *upward[2:])


def test_given_a_field_left_out_of_one_wind_when_mixed_then_it_reads_nothing_there() -> None:
    first, second = grid_with_errors(1), grid_with_errors(2, WIND_ONLY)
    mixed = mix_members(first, second, ORDER, wind=False, up=True)
    assert errors_of(mixed, 2)[2:] == (0.0, 0.0)
    assert errors_of(mixed, 2)[:2] == errors_of(first, 2)[:2]


def test_given_members_without_errors_when_mixed_then_the_winds_of_the_data_change_places() -> None:
    grid = plain_grid()
    arrays = grid.arrays
    twice = np.concatenate([arrays.wind, arrays.wind])
    grid = replace(grid, arrays=arrays._replace(wind=twice, base=np.arange(2, dtype=np.int32)))
    order = np.array([4, 1, 0, 3, 2])
    assert mix_members(grid, grid, order, wind=False, up=True).base.tolist() == [0, 1, 0, 1, 0]
    assert mix_members(grid, grid, order, wind=True, up=False).base.tolist() == [0, 1, 0, 1, 0]
    shuffled = np.array([1, 0, 2, 4, 3])
    assert mix_members(grid, grid, shuffled, wind=True, up=False).base.tolist() == [1, 0, 0, 0, 1]
    assert varies_wind(grid)
    assert not varies_up(grid)


def test_given_winds_when_asked_then_they_tell_what_differs_between_their_members() -> None:
    assert not varies_wind(plain_grid())
    assert not varies_up(plain_grid())
    assert varies_up(grid_with_errors(1, UP_ONLY))
    assert varies_wind(grid_with_errors(1, WIND_ONLY))
    assert not varies_up(grid_with_errors(1, WIND_ONLY))


def test_given_errors_on_one_side_only_when_mixed_then_it_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="one wind has errors and the other has none"):
        mix_members(grid_with_errors(1), plain_grid(), ORDER, wind=True, up=True)


def test_given_fewer_members_than_places_when_mixed_then_it_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="7 members are asked for, but the winds have 6 and 6"):
        mix_members(grid_with_errors(1), grid_with_errors(2), np.arange(7), wind=True, up=True)
