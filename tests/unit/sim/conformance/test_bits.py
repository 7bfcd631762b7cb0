"""Suite 12: the same bits over order, batch, threads and processes; the 1,000 landings on file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numba as nb
import numpy as np
import pytest

from downwind.errors import ArgumentError
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import fly_balloons
from tests.unit.sim.conformance.golden import (
    ROOT,
    STEP_S,
    columns,
    digest,
    fly_golden,
    read_golden,
)
from tests.unit.sim.made_winds import (
    HALF_KM,
    drop,
    golden_grid,
    golden_items,
    make_balloon,
    make_items,
    miss_m,
    place_bound,
    shear_and_turn,
    wind_grid,
)

GOLDEN_BOUND_DEG = 1e-9


@pytest.fixture
def use_threads() -> Iterator[Callable[[int], None]]:
    """Set the number of threads, as far as there are so many; put it back afterwards."""
    before = nb.get_num_threads()
    yield lambda n: nb.set_num_threads(min(n, nb.config.NUMBA_NUM_THREADS))
    nb.set_num_threads(before)


def scattered_items(count: int) -> ItemArrays:
    rng = np.random.default_rng(7)
    items = make_items(
        rng.uniform(-2.0, 2.0, count),
        rng.uniform(-2.0, 2.0, count),
        rng.uniform(500.0, 6_000.0, count),
        rng.uniform(0.0, 20_000.0, count),
    )
    return items._replace(
        low_speed_ms=rng.uniform(0.4, 5.0, count),
        high_speed_ms=rng.uniform(0.4, 5.0, count),
        exponent=rng.uniform(0.3, 0.5, count),
        switch_m=rng.uniform(-500.0, 5_000.0, count),
        opening_s=rng.uniform(0.0, 30.0, count),
        bundle_speed_ms=np.full(count, 31.0),
    )


def take(items: ItemArrays, rows: np.ndarray) -> ItemArrays:
    return ItemArrays(*(c if c.size == 1 else np.ascontiguousarray(c[rows]) for c in items))


# --- 12: bits ------------------------------------------------------------------------------------


def test_bits_agree_over_threads_order_and_batches(
    engine: str, use_threads: Callable[[int], None]
) -> None:
    grid = wind_grid(shear_and_turn, height=HALF_KM, time=np.arange(0.0, 86_401.0, 3_600.0))
    items = scattered_items(500)
    use_threads(1)
    alone = columns(drop(grid, items, 200.0, engine))
    use_threads(2)
    together = columns(drop(grid, items, 200.0, engine))
    order = np.random.default_rng(8).permutation(500)
    shuffled = np.empty_like(alone)
    shuffled[order] = columns(drop(grid, take(items, order), 200.0, engine))
    halves = np.concatenate(
        [columns(drop(grid, take(items, np.arange(a, a + 250)), 200.0, engine)) for a in (0, 250)]
    )

    assert np.array_equal(alone, together)
    assert np.array_equal(alone, shuffled)
    assert np.array_equal(alone, halves)
    assert np.ptp(alone[:, 0]) > 1.0


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch", [1, 7, 64, 1_000])
def test_bits_do_not_depend_on_the_size_of_a_batch(
    batch: int, threads: int, engine: str, use_threads: Callable[[int], None]
) -> None:
    grid, items = golden_grid(), golden_items()
    use_threads(1)
    whole = columns(drop(grid, items, 200.0, engine))
    use_threads(threads)
    rows = np.arange(min(1_000, 200 * batch))
    parts = [
        columns(drop(grid, take(items, rows[a : a + batch]), 200.0, engine))
        for a in range(0, rows.size, batch)
    ]

    assert np.array_equal(np.concatenate(parts), whole[: rows.size])


def test_a_repeated_item_lands_alike_in_every_place_of_a_batch(engine: str) -> None:
    items = take(golden_items(), np.full(200, 17))
    ends = columns(drop(golden_grid(), items, 200.0, engine))

    assert np.array_equal(ends, np.tile(ends[0], (200, 1)))


def test_bits_agree_over_processes(engine: str) -> None:
    found = [digest_elsewhere(engine, NUMBA_NUM_THREADS=threads) for threads in ("1", "2")]

    assert found == [digest(engine)] * 2


@pytest.mark.slow
def test_bits_agree_between_code_just_compiled_and_code_kept(engine: str, tmp_path: Path) -> None:
    found = [digest_elsewhere(engine, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2)]

    assert found == [digest(engine)] * 2


def digest_elsewhere(engine: str, **environment: str) -> str:
    """Return the digest of the golden landings that a process of its own finds."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.sim.conformance.golden", "digest", engine],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout.strip()


def test_balloons_agree_to_the_bit_over_threads(use_threads: Callable[[int], None]) -> None:
    balloons = make_balloon(
        count=16,
        relaxation_s=180.0,
        leak_1s=np.linspace(0.0, 0.05, 16) / 3_600.0,
        shape=np.arange(16) % 3,
        clock_halving_k=10.0,
        fire=(3_000.0,),
    )
    use_threads(1)
    alone = fly_balloons(wind_grid(), balloons, 30.0)
    use_threads(2)
    together = fly_balloons(wind_grid(), balloons, 30.0)

    assert np.array_equal(alone.end_time_s, together.end_time_s)
    assert np.array_equal(alone.end_gas_kg, together.end_gas_kg)
    assert np.array_equal(alone.release_time_s, together.release_time_s, equal_nan=True)
    assert np.unique(alone.end_time_s).size > 10


def test_nothing_to_drop_gives_nothing(engine: str) -> None:
    empty = np.zeros(0)
    falls = drop(wind_grid(), make_items(empty, empty, empty, empty), 60.0, engine)

    assert falls.longitude.size == falls.on_ground.size == 0


# --- 12: the 1,000 landings, and float32 against float64 -----------------------------------------


def test_the_landings_on_file_are_1000_far_and_wide() -> None:
    golden, items = read_golden(), golden_items()
    drift = miss_m(golden[:, 0], golden[:, 1], items.longitude, items.latitude)

    assert golden.shape == (1_000, 5)
    assert golden[:, 4].all()
    assert np.median(drift) > 10e3
    assert np.ptp(golden[:, 2]) > 400.0


def test_the_plain_engine_gives_the_landings_on_file() -> None:
    golden, ends = read_golden(), fly_golden("plain")

    np.testing.assert_allclose(ends[:, :2], golden[:, :2], rtol=0, atol=GOLDEN_BOUND_DEG)
    np.testing.assert_allclose(ends[:, 2:4], golden[:, 2:4], rtol=0, atol=1e-3)
    assert np.array_equal(ends[:, 4], golden[:, 4])


@pytest.mark.parametrize(("step", "bound_m"), [(STEP_S, 0.001), (100.0, 2.0), (200.0, 5.0)])
def test_each_engine_lands_within_its_bound_of_the_landings_on_file(
    step: float, bound_m: float, engine: str
) -> None:
    golden, ends = read_golden(), fly_golden(engine, step)
    misses = miss_m(ends[:, 0], ends[:, 1], golden[:, 0], golden[:, 1])

    assert np.array_equal(ends[:, 4], golden[:, 4])
    assert misses.max() <= place_bound(engine, bound_m)
    assert np.abs(ends[:, 3] - golden[:, 3]).max() < 2.0


@pytest.mark.parametrize("step", [30.0, 200.0])
def test_each_engine_lands_within_4_m_of_the_plain_one_at_the_same_step(
    step: float, engine: str
) -> None:
    plain, ends = fly_golden("plain", step), fly_golden(engine, step)
    misses = miss_m(ends[:, 0], ends[:, 1], plain[:, 0], plain[:, 1])

    assert np.array_equal(ends[:, 4], plain[:, 4])
    assert misses.max() <= place_bound(engine, 0.0)


def test_a_kernel_or_a_member_that_does_not_exist_is_refused() -> None:
    items = make_items(0.0, 0.0, 500.0)

    with pytest.raises(ArgumentError, match="no kernel 'quick'"):
        drop_items(wind_grid(), items, 60.0, "quick")
    with pytest.raises(ArgumentError, match="members 1 to 1, but the wind has 1"):
        drop_items(wind_grid(), items._replace(member=np.array([1])), 60.0)
