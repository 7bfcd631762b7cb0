"""The predictive density: its mass, and contours that hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from downwind.geo.sphere import local_equal_area
from downwind.landing.density import estimate_density

DRAWS, ITEMS = 60, 12
PLANE = local_equal_area(126.0, 38.5)


def scatter(rng: np.random.Generator, draws: int, mean_m: float, item_m: float) -> tuple:
    """Landings that share a Gaussian error within each draw: x, y [m] and draw of each item."""
    centre = rng.normal(0.0, mean_m, (2, draws, 1)) * np.array([1.5, 1.0])[:, None, None]
    x, y = centre + rng.normal(0.0, item_m, (2, draws, ITEMS))
    return x.ravel(), y.ravel(), np.repeat(np.arange(draws), ITEMS)


def estimate(rng: np.random.Generator, mean_m: float = 10_000.0, item_m: float = 4_000.0):
    x, y, draw = scatter(rng, DRAWS, mean_m, item_m)
    lon, lat = PLANE.inverse(x, y)
    return estimate_density(lon, lat, np.ones(x.size), draw)


def held(density, level: float, x: np.ndarray, y: np.ndarray) -> float:
    """Share of points whose cell is at least as dense as the contour."""
    plane = local_equal_area(density.longitude0, density.latitude0)
    px, py = plane.forward(*PLANE.inverse(x, y))
    ix = np.round((px - density.x_m[0]) / (density.x_m[1] - density.x_m[0])).astype(int)
    iy = np.round((py - density.y_m[0]) / (density.y_m[1] - density.y_m[0])).astype(int)
    ny, nx = density.density.shape
    inside = (ix >= 0) & (ix < nx) & (iy >= 0) & (iy < ny)
    values = np.where(inside, density.density[iy.clip(0, ny - 1), ix.clip(0, nx - 1)], 0.0)
    return float(np.mean(values >= density.levels[level]))


@pytest.mark.slow
@pytest.mark.parametrize("item_m", [4_000.0, 500.0])
def test_contours_hold_90_and_50_percent_of_fresh_draws(item_m: float) -> None:
    check_coverage(200, item_m, 0.04, 0.05)


def test_contours_hold_90_and_50_percent_in_a_few_repetitions() -> None:
    check_coverage(30, 4_000.0, 0.04, 0.06)


def check_coverage(repetitions: int, item_m: float, outer: float, inner: float) -> None:
    rng = np.random.default_rng(10)
    ninety, fifty = [], []
    for _ in range(repetitions):
        density = estimate(rng, item_m=item_m)
        assert density is not None
        x, y, _ = scatter(rng, 400, 10_000.0, item_m)
        ninety.append(held(density, 0.9, x, y))
        fifty.append(held(density, 0.5, x, y))

    assert np.mean(ninety) == pytest.approx(0.90, abs=outer)
    assert np.mean(fifty) == pytest.approx(0.50, abs=inner)


def test_mass_is_one_and_contours_nest() -> None:
    density = estimate(np.random.default_rng(11))
    assert density is not None
    cell = (density.x_m[1] - density.x_m[0]) * (density.y_m[1] - density.y_m[0])

    assert density.density.sum() * cell == pytest.approx(1.0, abs=2e-3)
    assert density.density.min() >= 0.0
    assert density.draws == DRAWS
    assert density.levels[0.5] > density.levels[0.9] > 0.0
    inner, outer = density.contours[0.5], density.contours[0.9]
    assert inner.is_valid
    assert outer.is_valid
    assert inner.difference(outer).area < 1e-6 * inner.area


def test_the_contour_polygon_is_the_level_of_the_density() -> None:
    rng = np.random.default_rng(12)
    density = estimate(rng)
    assert density is not None
    x, y, _ = scatter(rng, 500, 10_000.0, 4_000.0)
    lon, lat = PLANE.inverse(x, y)

    for level in (0.5, 0.9):
        in_polygon = shapely.contains_xy(density.contours[level], lon, lat).mean()
        assert in_polygon == pytest.approx(held(density, level, x, y), abs=0.02)


def test_a_pattern_across_the_antimeridian_keeps_its_size() -> None:
    x, y, draw = scatter(np.random.default_rng(13), DRAWS, 10_000.0, 4_000.0)
    areas = []
    for longitude in (126.0, 180.0):
        lon, lat = local_equal_area(longitude, 38.5).inverse(x, y)
        density = estimate_density(lon, lat, np.ones(x.size), draw)
        assert density is not None
        areas.append(density.contours[0.9].area)

    assert areas[1] == pytest.approx(areas[0], rel=1e-3)


def test_draws_count_alike_whatever_their_weight() -> None:
    x, y, draw = scatter(np.random.default_rng(14), DRAWS, 10_000.0, 4_000.0)
    lon, lat = PLANE.inverse(x, y)
    even = estimate_density(lon, lat, np.ones(x.size), draw)
    tenfold = estimate_density(lon, lat, np.full(x.size, 10.0), draw + 100)
    assert even is not None
    assert tenfold is not None

    np.testing.assert_allclose(tenfold.density, even.density, rtol=1e-9, atol=1e-18)


def test_fewer_than_three_draws_give_no_density() -> None:
    draw = np.array([0, 0, 1, 1])

    assert estimate_density(np.zeros(4), np.zeros(4), np.ones(4), draw) is None
    assert estimate_density(np.zeros(0), np.zeros(0), np.ones(0), draw[:0]) is None
