"""Items that come down on the ground of elevation files: slopes, ridges, and both kernels alike."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.sim.drop import drop_items
from downwind.sim.turbulence import Turbulence
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.ground import make_pages
from tests.unit.sim.made_winds import DEG_M, make_items

PARTS, CELLS = 100, 4
AXIS = np.linspace(-1.0, 1.0, CELLS + 1)
FINE = np.linspace(-1.0, 1.0, CELLS * PARTS + 1)
ENGINES = ("plain", "fast")


def grid_over(ground: np.ndarray, east_ms: float = 8.0) -> WindGrid:
    """Return a steady west wind over a ground on the fine axes."""
    wind = np.zeros((1, 2, 2, AXIS.size, AXIS.size, 2), np.float32)
    wind[..., 0] = east_ms
    coarse = ground[::PARTS, ::PARTS].astype(np.float32)
    covered = np.ones((CELLS, CELLS), np.bool_)
    pages = make_pages(coarse, ground.astype(np.float32), covered, PARTS, AXIS)
    arrays = make_grid_arrays(
        wind, np.array([0.0, 86_400.0]), np.zeros(1, np.bool_), np.array([-500.0, 9_000.0]),
        AXIS, AXIS, coarse, pages,
    )  # fmt: skip
    return WindGrid(arrays, "made", "", "", "synthetic", None, (), (), False, "")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("slope", [0.05, -0.02, 0.3])
def test_given_a_slope_in_pages_when_items_fall_then_they_land_where_path_and_ground_meet(
    engine: str, slope: float
) -> None:
    rise = np.maximum(slope * DEG_M * (FINE + 0.4), -400.0)
    rise = np.where(FINE > -0.4, np.minimum(rise, 6_000.0), 0.0)
    grid = grid_over(np.tile(rise, (FINE.size, 1)))
    start = np.linspace(-0.38, -0.35, 30)
    height = slope * DEG_M * (start + 0.4) + 200.0
    items = make_items(start, 0.0, height, speed=1.5)
    falls = drop_items(grid, items, 200.0, engine=engine)
    seconds = 200.0 / (1.5 + slope * 8.0)
    truth = start + 8.0 * seconds / DEG_M
    assert falls.on_ground.all()
    assert np.abs(falls.longitude - truth).max() * DEG_M < 1.0
    assert falls.height_m == pytest.approx(slope * DEG_M * (truth + 0.4), abs=0.5)


@pytest.mark.parametrize("engine", ENGINES)
def test_given_a_ridge_between_the_points_of_the_wind_when_items_come_low_then_it_stops_them(
    engine: str,
) -> None:
    # 250 m high and 2.2 km wide, a fifth of the way into a cell; an item 150 m up hits its side
    ridge = 250.0 * np.clip(1.0 - np.abs(FINE - 0.1) / 0.01, 0.0, 1.0)
    grid = grid_over(np.tile(ridge, (FINE.size, 1)))
    start = np.linspace(-0.2, 0.05, 60)
    falls = drop_items(grid, make_items(start, 0.0, 300.0, speed=0.5), 200.0, engine=engine)
    level = start * DEG_M + 8.0 * (300.0 / 0.5)
    foot, half = (0.1 - 0.01) * DEG_M, 0.01 * DEG_M
    # where the way down, 1 in 16, meets the windward side
    meets = (300.0 + start * DEG_M / 16.0 + foot * 250.0 / half) / (250.0 / half + 1.0 / 16.0)
    over = 300.0 - (0.1 - start) * DEG_M / 16.0 > 250.0
    lands_before = level < foot
    truth = np.where(lands_before, level, meets)
    assert falls.on_ground.all()
    stopped = ~over
    assert stopped.sum() > 40
    assert np.abs(falls.longitude[stopped] * DEG_M - truth[stopped]).max() < 2.0
    assert (falls.longitude[over] > 0.1).all()


def test_given_a_rough_ground_when_both_kernels_fly_then_they_land_alike() -> None:
    rng = np.random.default_rng(5)
    rough = np.zeros((FINE.size, FINE.size))
    for waves in (8, 25, 60):
        phase = rng.uniform(0, 6.28, 2)
        rough += (
            900.0
            / waves
            * (np.sin(waves * FINE + phase[0]) + np.sin(waves * FINE[:, None] + phase[1]))
        )
    grid = grid_over(rough + 300.0)
    items = make_items(
        rng.uniform(-0.8, 0.2, 3_000), rng.uniform(-0.8, 0.8, 3_000), 2_500.0, speed=1.2
    )
    fast, plain = (drop_items(grid, items, 200.0, engine=engine) for engine in ("fast", "plain"))
    apart = np.hypot(fast.longitude - plain.longitude, fast.latitude - plain.latitude) * DEG_M
    # the two choose other steps, so that one in some hundred sees a crest that the other grazes
    assert np.quantile(apart, 0.99) < 1.5
    assert np.mean(apart > 5.0) < 0.004
    ground = np.abs(fast.height_m - plain.height_m)
    assert np.quantile(ground, 0.99) < 0.5


def test_given_turbulence_when_the_fast_kernel_flies_over_pages_then_items_end_on_the_ground() -> (
    None
):
    rise = np.tile(0.02 * DEG_M * (FINE + 1.0), (FINE.size, 1))
    grid = grid_over(rise)
    items = make_items(np.linspace(-0.8, -0.2, 2_000), 0.1, 4_500.0, speed=0.8)
    falls = drop_items(
        grid, items, 200.0, engine="fast", turbulence=Turbulence.night(), seed=3, label="x"
    )
    assert falls.on_ground.all()
    assert falls.height_m == pytest.approx(0.02 * DEG_M * (falls.longitude + 1.0), abs=0.5)


def test_given_still_air_over_pages_when_the_kernel_is_free_then_the_plain_one_flies() -> None:
    grid = grid_over(np.tile(0.01 * DEG_M * (FINE + 1.0), (FINE.size, 1)))
    items = make_items(np.linspace(-0.8, -0.2, 50), 0.1, 3_500.0, speed=0.8)
    free, plain = (drop_items(grid, items, 200.0, engine=engine) for engine in ("auto", "plain"))
    assert (free.longitude == plain.longitude).all()
