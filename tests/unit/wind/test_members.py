"""Which wind of the data each draw flies in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.errors import ArgumentError
from downwind.wind.grid import WindOptions, build_grid
from downwind.wind.members import assign_members, fewest_draws, members_of_draws, spread_members
from tests.unit.wind.store_cubes import make_cube


def test_given_no_weights_when_assigned_then_members_take_turns() -> None:
    assert assign_members(3, 7).tolist() == [0, 1, 2, 0, 1, 2, 0]


@given(st.lists(st.integers(1, 20), min_size=1, max_size=60), st.integers(1, 400))
def test_given_any_weights_when_assigned_then_runs_of_members_are_used_by_weight(
    parts: list[int], extra: int
) -> None:
    weights = [part / sum(parts) for part in parts]
    draws = fewest_draws(weights) + extra
    counts = np.bincount(assign_members(weights, draws), minlength=len(weights))
    assert counts.sum() == draws
    for weight, count in zip(weights, counts, strict=True):
        assert math.floor(draws * weight - 1e-6) <= count <= math.ceil(draws * weight + 1e-6)
        assert count >= 1
    total = np.cumsum(counts)
    assert np.all(np.abs(total - draws * np.cumsum(weights)) < 1.0)


def test_given_two_sources_of_equal_weight_when_assigned_then_each_has_half_from_the_start() -> (
    None
):
    weights = [0.5 / 51] * 51 + [0.5 / 31] * 31
    base = assign_members(weights, 200)
    assert np.count_nonzero(base < 51) == 100
    assert set(np.bincount(base)[:51]) <= {1, 2}
    assert set(np.bincount(base)[51:]) <= {3, 4}
    for first in (10, 20, 50, 100):
        assert abs(np.count_nonzero(base[:first] < 51) - first / 2) <= 3


@pytest.mark.parametrize(
    ("weights", "what"),
    [
        ([0.5, 0.6], "0.5 \\+ 0.6 add up to 1.1, not to 1"),
        ([0.5, -0.1, 0.6], "member 1 is -0.1: a weight is not negative"),
        ([0.5, math.nan], "member 1 is nan"),
        ([1.0, 0.0], "member 1 is 0, so that it would never be flown"),
    ],
)
def test_given_bad_weights_when_assigned_then_the_error_names_them(
    weights: list[float], what: str
) -> None:
    with pytest.raises(ArgumentError, match=what):
        assign_members(weights, 200)


def test_given_more_members_than_draws_when_assigned_then_the_hint_says_how_many_are_needed() -> (
    None
):
    with pytest.raises(ArgumentError, match="20 draws are too few for 51 members") as caught:
        assign_members(51, 20)
    assert "mission.draws = 51 or more" in caught.value.hint
    with pytest.raises(ArgumentError, match="least weight of 0.02") as caught:
        assign_members([0.98, 0.02], 49)
    assert "mission.draws = 50 or more" in caught.value.hint
    assert assign_members([0.98, 0.02], 50).tolist().count(1) == 1


def test_given_a_grid_when_its_members_are_spread_then_wind_and_air_follow() -> None:
    cube = make_cube((0, 3), members=2, spacing=4.0)
    grid = build_grid(cube, WindOptions(terrain_constant_m=0.0, surface="log"))
    spread = spread_members(grid, 5)
    assert (spread.member_count, spread.base_count) == (5, 2)
    assert spread.base.tolist() == members_of_draws(grid, 5).tolist() == [0, 1, 0, 1, 0]
    assert spread.packed is grid.packed
    assert grid.air is not None
    assert spread.air is not None
    assert spread.air.member_count == 5
    place = (126.0, 38.0, 2_000.0, grid.start_s)
    ours, theirs = (
        air.sample(member, *place).relative_humidity
        for air, member in ((spread.air, 3), (grid.air, 1))
    )
    assert ours == theirs
    assert ours != grid.air.sample(0, *place).relative_humidity


def test_given_a_weighted_grid_when_asked_for_draws_then_its_weights_count() -> None:
    cube = make_cube((0, 3), members=2, spacing=4.0)
    grid = build_grid(cube, WindOptions(terrain_constant_m=0.0, surface="log"))
    assert np.bincount(members_of_draws(replace(grid, weights=(0.75, 0.25)), 20)).tolist() == [
        15,
        5,
    ]
