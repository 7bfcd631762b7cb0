"""The predictive density: its mass, and contours that hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.stats import multivariate_normal

from downwind.geo.regions import measure_area_km2
from downwind.geo.sphere import local_equal_area
from downwind.landing import _kernel_sums
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


# --- clusters, odd clouds, odd places -------------------------------------------------------------


def brute_force_left_out(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Density that all other points give at each, one landing a draw, by the formula itself."""
    found = []
    for i in range(x.size):
        points = np.stack([np.delete(x, i), np.delete(y, i)])
        n = points.shape[1]
        kernel = np.cov(points) * n ** (-1.0 / 3.0)
        away = np.stack([x[i] - points[0], y[i] - points[1]], axis=1)
        found.append(multivariate_normal(np.zeros(2), kernel).pdf(away).mean())
    return np.array(found)


def test_given_one_landing_a_draw_when_left_out_then_it_lies_where_the_formula_says() -> None:
    rng = np.random.default_rng(21)
    x, y = rng.normal(0.0, 1.0, (2, 25)) * np.array([[20_000.0], [12_000.0]])
    lon, lat = PLANE.inverse(x, y)
    density = estimate_density(lon, lat, np.ones(25), np.arange(25))
    assert density is not None
    px, py = density.plane.forward(lon, lat)

    # the narrowest kernel adds a little to every variance
    np.testing.assert_allclose(density.scores, np.sort(brute_force_left_out(px, py)), rtol=0.02)
    np.testing.assert_allclose(density.below, np.arange(1, 26) / 26.0)


def test_given_many_landings_when_laid_on_nodes_then_levels_are_those_of_single_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, y, draw = scatter(np.random.default_rng(22), 100, 10_000.0, 4_000.0)
    lon, lat = PLANE.inverse(x, y)
    one_by_one = estimate_density(lon, lat, np.ones(x.size), draw)
    monkeypatch.setattr(_kernel_sums, "MOST_SOURCES", 10)
    laid = estimate_density(lon, lat, np.ones(x.size), draw)
    assert one_by_one is not None
    assert laid is not None

    np.testing.assert_allclose(laid.scores, one_by_one.scores, rtol=0.02)
    for level in (0.5, 0.9):
        assert laid.levels[level] == pytest.approx(one_by_one.levels[level], rel=0.01)


@pytest.mark.parametrize("shape", ["bimodal", "skewed", "heavy"])
@pytest.mark.parametrize("draws", [31, 200])
def test_given_an_odd_cloud_when_contoured_then_fresh_draws_keep_the_level(
    shape: str, draws: int
) -> None:
    rng = np.random.default_rng(23)

    def draw_some(count: int) -> tuple[np.ndarray, np.ndarray]:
        x, y = rng.normal(0.0, 8_000.0, (2, count))
        if shape == "bimodal":
            x += np.where(rng.random(count) < 0.3, 80_000.0, 0.0)
        if shape == "skewed":
            x = 8_000.0 * np.exp(rng.normal(0.0, 1.0, count))
        if shape == "heavy":
            x, y = 8_000.0 * rng.standard_t(3, (2, count))
        return PLANE.inverse(x, y)

    held_by, enclosed, repetitions, fresh = [], [], 40, 200
    for _ in range(repetitions):
        density = estimate_density(*draw_some(draws), np.ones(draws), np.arange(draws))
        assert density is not None
        places = draw_some(fresh)
        held_by.append([density.contains(*places, level).mean() for level in (0.5, 0.9)])
        enclosed.append(density.enclosed_probability(*places))
    error = np.std(held_by, axis=0) / np.sqrt(repetitions)

    # four standard errors, and what few draws err on the safe side
    assert np.all(np.abs(np.mean(held_by, axis=0) - (0.5, 0.9)) < 4.0 * error + 0.02)
    assert np.mean(enclosed) == pytest.approx(0.5, abs=0.04)


def test_given_members_that_share_a_wind_when_estimated_then_the_cluster_is_the_member() -> None:
    """Draws of one member land together: their number says little, that of the members all."""
    rng = np.random.default_rng(24)
    members, each = 31, 7
    repetitions, by_member, by_draw = 60, [], []
    for _ in range(repetitions):
        centre = rng.normal(0.0, 10_000.0, (2, members))
        own = rng.normal(0.0, 500.0, (2, members * each))
        x, y = np.tile(centre, (1, each)) + own
        lon, lat = PLANE.inverse(x, y)
        draw = np.arange(members * each)
        fresh = PLANE.inverse(*(rng.normal(0.0, 10_000.0, (2, 300)) + rng.normal(0, 500, (2, 300))))
        for cluster, found in ((draw % members, by_member), (None, by_draw)):
            density = estimate_density(lon, lat, np.ones(draw.size), draw, cluster)
            assert density is not None
            found.append(density.contains(*fresh, 0.9).mean())

    assert np.mean(by_member) == pytest.approx(0.9, abs=0.03)
    assert np.mean(by_draw) < 0.8


@pytest.mark.parametrize(("correlation", "by_draw_most"), [(0.1, 0.92), (0.9, 0.75)])
def test_given_errors_of_their_own_when_contoured_then_what_a_member_shares_is_counted(
    correlation: float, by_draw_most: float
) -> None:
    """Ten members, 200 draws: contours hold, whether members or the errors of draws dominate."""
    rng = np.random.default_rng(33)
    member, draw, found, by_draw = np.arange(200) % 10, np.arange(200), [], []
    for _ in range(30):
        shared, own = rng.normal(0.0, 10_000.0, (2, 10)), rng.normal(0.0, 10_000.0, (2, 200))
        places = np.sqrt(correlation) * shared[:, member] + np.sqrt(1.0 - correlation) * own
        lon, lat = PLANE.inverse(*places)
        fresh = PLANE.inverse(*rng.normal(0.0, 10_000.0, (2, 300)))
        for wind, held_by in ((member, found), (None, by_draw)):
            density = estimate_density(lon, lat, np.ones(200), draw, wind, own_errors=True)
            assert density is not None
            held_by.append([density.contains(*fresh, level).mean() for level in (0.5, 0.9)])

    assert np.mean(found, axis=0) == pytest.approx([0.5, 0.9], abs=0.04)
    assert np.mean(by_draw, axis=0)[1] < by_draw_most


def test_given_two_winds_when_estimated_then_the_note_says_that_they_are_too_few() -> None:
    x, y, draw = scatter(np.random.default_rng(25), 40, 10_000.0, 1_000.0)
    lon, lat = PLANE.inverse(x, y)
    density = estimate_density(lon, lat, np.ones(x.size), draw, draw % 2)
    assert density is not None

    assert density.clusters == 40
    assert "2 winds" in density.note


def test_given_all_landings_in_one_place_then_it_is_said_and_the_area_is_small() -> None:
    lon, lat = np.full(60, 126.0), np.full(60, 38.5)
    density = estimate_density(lon, lat, np.ones(60), np.arange(60))
    assert density is not None

    assert "in one place" in density.note
    assert density.contains(126.0, 38.5, 0.5).all()
    assert not density.contains(126.01, 38.5, 0.99).any()
    # a normal kernel of 50 m: 90 % lie within its circle
    radius_m = 50.0 * np.sqrt(-2.0 * np.log(0.1))
    assert measure_area_km2(density.contours[0.9]) == pytest.approx(
        np.pi * radius_m**2 / 1e6, rel=0.05
    )


@pytest.mark.parametrize("draws", [3, 5, 8])
def test_given_few_draws_when_90_percent_is_asked_for_then_the_note_says_they_are_too_few(
    draws: int,
) -> None:
    x, y = np.random.default_rng(26).normal(0.0, 5_000.0, (2, draws))
    density = estimate_density(*PLANE.inverse(x, y), np.ones(draws), np.arange(draws))
    assert density is not None

    assert f"{draws} draws are too few" in density.note
    assert density.contours[0.9].area >= density.contours[0.5].area > 0.0


@pytest.mark.parametrize("pole", [90.0, -90.0, 89.97])
def test_given_landings_about_a_pole_when_contoured_then_the_polygon_is_the_area(
    pole: float,
) -> None:
    x, y = np.random.default_rng(27).normal(0.0, 10_000.0, (2, 150))
    lon, lat = local_equal_area(30.0, pole).inverse(x, y)
    polar = estimate_density(lon, lat, np.ones(150), np.arange(150))
    plain = estimate_density(*PLANE.inverse(x, y), np.ones(150), np.arange(150))
    assert polar is not None
    assert plain is not None
    around = np.linspace(-180.0, 180.0, 40)

    assert polar.contours[0.9].is_valid
    assert polar.contains(around, np.full(40, 89.99 * np.sign(pole)), 0.9).all()
    assert measure_area_km2(polar.contours[0.9]) == pytest.approx(
        measure_area_km2(plain.contours[0.9]), rel=0.02
    )


def test_given_a_point_off_the_grid_then_it_lies_in_no_contour() -> None:
    density = estimate(np.random.default_rng(28))
    assert density is not None

    assert density.enclosed_probability(20.0, -30.0) == pytest.approx(1.0)
    assert not density.contains(20.0, -30.0, 0.999)


def test_given_weights_that_count_when_estimated_then_rare_draws_count_little() -> None:
    x = np.repeat([0.0, 60_000.0], 50) + np.random.default_rng(29).normal(0.0, 3_000.0, 100)
    y = np.random.default_rng(30).normal(0.0, 3_000.0, 100)
    lon, lat = PLANE.inverse(x, y)
    weight = np.repeat([1.0, 0.01], 50)
    density = estimate_density(lon, lat, weight, np.arange(100), even_draws=False)
    assert density is not None

    assert density.contains(lon[:50], lat[:50], 0.9).mean() > 0.8
    assert not density.contains(lon[50:], lat[50:], 0.9).any()


def test_smoothed_weights_keep_their_sum() -> None:
    x, y, draw = scatter(np.random.default_rng(31), DRAWS, 10_000.0, 4_000.0)
    lon, lat = PLANE.inverse(x, y)
    density = estimate_density(lon, lat, np.ones(x.size), draw)
    assert density is not None
    per_m2 = density.smooth(lon, lat, np.full(x.size, 2.5))

    assert per_m2.sum() * density.cell_m2 == pytest.approx(2.5 * x.size, rel=1e-3)


def test_given_members_far_apart_when_90_percent_is_asked_for_then_the_note_says_so() -> None:
    """Two of ten members land in a world of their own each: no kernel tells of the next."""
    rng = np.random.default_rng(32)
    x, y = rng.normal(0.0, 1_000.0, (2, 40))
    member = np.arange(40) % 10
    x += np.where(member == 0, 400_000.0, np.where(member == 1, -400_000.0, 0.0))
    density = estimate_density(*PLANE.inverse(x, y), np.ones(40), np.arange(40), member)
    assert density is not None
    cells = (density.density >= density.levels[0.9]).sum()

    assert "10 members are too few, or too far apart" in density.note
    assert cells * density.cell_m2 / 1e6 == pytest.approx(
        measure_area_km2(density.contours[0.9]), rel=0.1
    )
