"""The error of the wind in the block kernel: that of the plain one, and which bits.

Where the wind is smooth and no cell ends, both kernels take the same steps and land together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numba as nb
import numpy as np
import pytest

from downwind.geo.sphere import distance_m
from downwind.sim.draws import Draws
from downwind.sim.drop import Falls, ItemArrays, drop_items, engine_status
from downwind.sim.fast.error import address_error
from downwind.sim.fast.kernels import fall_blocks
from downwind.sim.kernels import GROUND
from downwind.sim.turbulence import Turbulence
from downwind.sim.wind_error import perturb_grid
from downwind.wind.error import Scales
from downwind.wind.grid import WindGrid
from downwind.wind.packed import why_not_packable
from downwind.wind.perturbation import ErrorSize
from tests.unit.sim.made_winds import golden_grid, golden_items, make_items, wind_grid

DRAWS, STEP_S = 20, 200.0
USUAL = ErrorSize(
    np.zeros(1), np.zeros(1), np.full((1, 1), 1.9), 1.4, 0.05, 0.1, 0.3, origin="made"
)


@pytest.fixture
def threads() -> Iterator[None]:
    before = nb.get_num_threads()
    yield
    nb.set_num_threads(before)


def smooth_grid(latitude: float, longitude: float, up: float = 0.0) -> WindGrid:
    """A wind with shear, far wider than any fall goes."""
    return wind_grid(
        lambda x, y, h, t: (15.0 + 0.002 * h + 0.0 * x, -4.0 + 0.001 * h + 0.0 * (x + y)),
        time=(0.0, 43_200.0, 86_400.0),
        height=np.arange(0.0, 12_001.0, 500.0),
        latitude=np.linspace(latitude - 4.5, latitude + 4.5, 5),
        longitude=np.linspace(longitude - 8.0, longitude + 8.0, 5),
        up=up,
    )


def scattered(latitude: float, longitude: float, count: int) -> ItemArrays:
    """Items of 0.4 to 12 m/s from 0.5 to 6 km, a draw each in turn."""
    rng = np.random.default_rng(3)
    items = make_items(
        rng.uniform(longitude - 1.0, longitude + 1.0, count),
        rng.uniform(latitude - 0.3, latitude + 0.3, count),
        rng.uniform(500.0, 6_000.0, count),
        rng.uniform(0.0, 20_000.0, count),
    )
    speed = np.exp(rng.uniform(np.log(0.4), np.log(12.0), count))
    return items._replace(
        low_speed_ms=speed,
        high_speed_ms=speed,
        exponent=np.full(count, 0.5),
        member=np.arange(count) % DRAWS,
        item=np.arange(count),
    )


def perturb(grid: WindGrid, longitude: float, latitude: float, size: ErrorSize = USUAL) -> WindGrid:
    there = (longitude + 180.0) % 360.0 - 180.0
    return perturb_grid(grid, size, Draws(3), DRAWS, there, latitude)


def apart_m(a: Falls, b: Falls) -> np.ndarray:
    return np.asarray(distance_m(a.longitude, a.latitude, b.longitude, b.latitude))


@pytest.mark.parametrize(
    ("latitude", "longitude", "up", "air"),
    [
        (0.0, 0.0, 0.0, Turbulence.none()),
        (45.0, 179.5, 0.0, Turbulence.none()),
        (70.0, -179.0, 0.0, Turbulence.none()),
        (-74.0, 10.0, 0.0, Turbulence.none()),
        (60.0, -179.5, 0.02, Turbulence.night()),
    ],
)
def test_given_a_smooth_wind_when_items_fall_in_its_errors_then_both_kernels_land_together(
    latitude: float, longitude: float, up: float, air: Turbulence
) -> None:
    wind = smooth_grid(latitude, longitude, up)
    grid = perturb(wind, longitude, latitude)
    items = scattered(latitude, longitude, 1_000)
    plain, fast = (drop_items(grid, items, STEP_S, engine, air) for engine in ("plain", "fast"))
    miss = apart_m(fast, plain)[plain.on_ground]

    assert np.array_equal(plain.on_ground, fast.on_ground)
    assert plain.on_ground.mean() > 0.99
    assert np.median(miss) < 0.1
    # a tie between two lengths of a step may go either way, the more so in turbulence
    assert np.quantile(miss, 0.97) < (4.0 if air.is_on else 0.5)
    assert np.mean(miss > 4.0) < (0.03 if air.is_on else 0.006)
    as_it_is = drop_items(wind, items._replace(member=np.zeros(1, np.int64)), STEP_S, "fast", air)
    assert np.median(apart_m(as_it_is, plain)) > 500.0


def test_given_hills_mountains_and_modes_when_both_kernels_fly_then_hardly_any_go_apart() -> None:
    count = 2_000
    grid = perturb(golden_grid(), 128.0, 38.0)
    steep = np.full_like(grid.arrays.error_mountain, 2.0)
    steep[:, ::2] = 0.0
    grid = grid.with_members(grid.arrays._replace(error_mountain=steep))
    items = golden_items(count)._replace(member=np.arange(count) % DRAWS)
    plain, fast = (drop_items(grid, items, STEP_S, engine) for engine in ("plain", "fast"))
    flat = grid.with_members(grid.arrays._replace(error_mountain=0.0 * steep))
    miss = apart_m(fast, plain)

    assert np.median(miss) < 0.15
    assert np.mean(miss > 4.0) < 0.02
    assert np.median(apart_m(drop_items(flat, items, STEP_S, "fast"), fast)) > 20.0


def test_given_hills_about_a_level_when_items_land_then_the_block_leaves_none_behind() -> None:
    # a step to the level may end in the hill, and the step back ends on the ground exactly
    wind = wind_grid(
        lambda x, y, h, t: (6.0 + 0.0 * (x + h), 2.0 + 0.0 * (y + h)),
        time=(0.0, 43_200.0),
        height=np.arange(0.0, 6_001.0, 500.0),
        latitude=np.linspace(36.0, 40.0, 17),
        longitude=np.linspace(123.0, 131.0, 33),
        terrain=500.0 + 60.0 * (-1.0) ** np.arange(33),
    )
    for grid in (perturb(wind, 127.0, 38.0), wind):
        items = scattered(38.0, 127.0, 4_000)
        items = items._replace(
            height_m=items.height_m + 600.0, member=items.member % grid.member_count
        )
        place, code = np.empty((4, 4_000)), np.zeros(4_000, np.int8)
        nothing = np.uint32(0)
        fall_blocks(
            grid.arrays, grid.packed, None, None, items, STEP_S, None, *address_error(grid.arrays),
            nothing, nothing, place, code,
        )  # fmt: skip
        plain = drop_items(grid, items, STEP_S, "plain")
        landed = plain.on_ground
        assert landed.mean() > 0.8
        assert (code[landed] == GROUND).all()
        assert np.quantile(np.abs(place[2, landed] - plain.height_m[landed]), 0.99) < 0.5


@pytest.mark.parametrize("left", ["large_ms", "fine_ms", "up", "heights"])
def test_given_a_part_left_out_or_the_same_at_all_heights_when_flown_then_kernels_agree(
    left: str,
) -> None:
    size = {
        "large_ms": ErrorSize(np.zeros(1), np.zeros(1), np.zeros((1, 1)), 1.4, 0.05, 0.1, 0.3),
        "fine_ms": ErrorSize(np.zeros(1), np.zeros(1), np.full((1, 1), 2.0), 0.0, 0.05, 0.1, 0.3),
        "up": ErrorSize(np.zeros(1), np.zeros(1), np.full((1, 1), 2.0), 1.4, 0.0, 0.0, 0.0),
        "heights": ErrorSize(
            np.zeros(1), np.zeros(1), np.full((1, 1), 2.0), 1.4, 0.05, 0.1, 0.3,
            fine=Scales(40_000.0, math.inf, 1_800.0),
        ),
    }[left]  # fmt: skip
    grid = perturb(smooth_grid(38.0, 127.0), 127.0, 38.0, size)
    items = scattered(38.0, 127.0, 500)
    plain, fast = (drop_items(grid, items, STEP_S, engine) for engine in ("plain", "fast"))
    assert np.sum(apart_m(fast, plain) > 4.0) <= 3


def test_given_errors_when_order_batch_or_threads_differ_then_every_bit_is_the_same(
    threads: None,
) -> None:
    count = 700
    grid, items = perturb(golden_grid(), 128.0, 38.0), golden_items(count)
    items = items._replace(member=np.arange(count) % DRAWS)

    def take(rows: np.ndarray | slice) -> ItemArrays:
        return ItemArrays._make(x[rows] if x.size == count else x for x in items)

    def fly(part: ItemArrays) -> np.ndarray:
        found = drop_items(grid, part, STEP_S, "fast")
        return np.stack([found.longitude, found.latitude, found.height_m, found.time_s])

    whole = fly(items)
    shuffled = np.random.default_rng(1).permutation(count)
    assert np.array_equal(fly(take(shuffled)), whole[:, shuffled])
    for batch in (1, 7, 64):
        few = range(0, min(count, 40 * batch), batch)
        parts = [fly(take(slice(k, k + batch))) for k in few]
        assert np.array_equal(np.concatenate(parts, axis=1), whole[:, : len(few) * batch])
    nb.set_num_threads(1)
    assert np.array_equal(fly(items), whole)


def test_given_the_far_side_of_the_lattices_when_crossed_then_the_plain_kernel_flies_on() -> None:
    # the frame starts at the meridian of the site; opposite to it the way round jumps
    wind = smooth_grid(10.0, 0.0)
    grid = perturb(wind, 0.0, 10.0)
    grid = grid.with_members(grid.arrays._replace(error_longitude0=180.0))
    items = scattered(10.0, 0.0, 400)
    plain, fast = (drop_items(grid, items, STEP_S, engine) for engine in ("plain", "fast"))
    crossing = np.sign(plain.longitude) != np.sign(items.longitude)
    assert crossing.sum() > 20
    assert np.array_equal(plain.longitude[crossing], fast.longitude[crossing])
    assert np.sum(apart_m(fast, plain) > 4.0) <= 3


def test_given_a_wind_as_it_is_when_its_error_is_asked_for_then_there_is_none() -> None:
    grid = smooth_grid(10.0, 0.0)
    assert address_error(grid.arrays) == (None,) * 5
    assert address_error(perturb(grid, 0.0, 10.0).without_error().arrays) == (None,) * 5
    assert engine_status(has_error=True).name == "fast"


def test_given_more_nodes_than_an_index_counts_when_packed_then_the_reason_is_told() -> None:
    arrays = smooth_grid(10.0, 0.0).arrays
    many = np.lib.stride_tricks.as_strided(np.zeros(1, np.int32), (2**31,), (0,))
    reason = why_not_packable(arrays._replace(error_values=many))
    assert reason is not None
    assert "error fields" in reason
