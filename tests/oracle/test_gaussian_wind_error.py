"""A normal error of an even wind: where items land is then known in closed form.

Items fall from one place through an even wind whose error is the same everywhere for all of the
fall and normal from draw to draw. A fall takes T, so landings are normal about the place that the
wind leads to, with T times the error as their standard deviation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import shapely
from scipy.stats import chi2, multivariate_normal, ncx2, norm

from downwind.geo.regions import Region
from downwind.geo.sphere import find_destination, local_equal_area
from downwind.landing.density import estimate_density
from downwind.landing.shares import estimate_share, per_draw_shares
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.wind_error import perturb_grid
from downwind.wind.error import Scales
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.perturbation import ErrorSize

DRAWS, SEED = 3_000, 19
LONGITUDE, LATITUDE = 20.0, 0.0
"""On the equator, where an even wind leads straight on."""

EAST_MS, NORTH_MS, SIGMA_MS = 8.0, 3.0, 2.0
HEIGHT_M, SPEED_MS = 4_000.0, 5.0
FOR_EVER = Scales(1e9, 1e9, 1e12)


class Landed(NamedTuple):
    """Landings on the plane about the place where the wind alone leads [m], and the fall time."""

    x: np.ndarray
    y: np.ndarray
    longitude: np.ndarray
    latitude: np.ndarray
    fall_s: float

    @property
    def sigma_m(self) -> float:
        return SIGMA_MS * self.fall_s


def even_wind(east_ms: float, north_ms: float) -> WindGrid:
    axis = np.linspace(-2.0, 2.0, 5)
    height = np.array([0.0, 2_000.0, 6_000.0])
    wind = np.empty((1, 2, 3, 5, 5, 2), np.float32)
    wind[...] = (east_ms, north_ms)
    return WindGrid(
        arrays=make_grid_arrays(
            wind, np.array([0.0, 14_400.0]), np.zeros(1, bool), height,
            LATITUDE + axis, LONGITUDE + axis, np.zeros((5, 5), np.float32),
        ),
        source="even wind", digest="", files="", nature="synthetic", reference_time_s=None,
        bridges=(), notes=(), has_vertical_wind=False, terrain_source="level",
    )  # fmt: skip


def drop(grid: WindGrid, members: np.ndarray):
    """Let one item fall in each member, all alike and in still air."""
    one = np.ones(members.size)
    return drop_items(
        grid,
        ItemArrays(
            member=members, longitude=LONGITUDE * one, latitude=LATITUDE * one,
            height_m=HEIGHT_M * one, time_s=3_600.0 * one, bundle_speed_ms=SPEED_MS * one,
            opening_s=0.0 * one, low_speed_ms=SPEED_MS * one, high_speed_ms=SPEED_MS * one,
            exponent=0.5 * one, switch_m=-np.inf * one,
        ),
        60.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def landed() -> Landed:
    grid = even_wind(EAST_MS, NORTH_MS)
    size = ErrorSize(
        height_m=np.array([0.0, 6_000.0]), time_s=np.array([0.0, 14_400.0]),
        large_ms=np.full((2, 2), SIGMA_MS), fine_ms=0.0, slow_up_ms=0.0, fast_up_ms=0.0,
        mountain_up_ms=0.0, large=FOR_EVER,
    )  # fmt: skip
    windy = perturb_grid(grid, size, Draws(SEED), DRAWS, LONGITUDE, LATITUDE)
    falls = drop(windy, np.arange(DRAWS))
    straight = drop(grid, np.zeros(1, np.int64))
    assert falls.on_ground.all()
    fall_s = float(straight.time_s[0]) - 3_600.0
    # the place that the closed form names, not that of the program
    bearing = np.degrees(np.arctan2(EAST_MS, NORTH_MS))
    centre = find_destination(LONGITUDE, LATITUDE, bearing, fall_s * np.hypot(EAST_MS, NORTH_MS))
    plane = local_equal_area(float(centre[0]), float(centre[1]))
    return Landed(*plane.forward(falls.longitude, falls.latitude), falls.longitude,
                  falls.latitude, fall_s)  # fmt: skip


def test_given_a_normal_error_when_items_fall_then_the_mean_is_where_the_wind_leads(
    landed: Landed,
) -> None:
    error = landed.sigma_m / np.sqrt(DRAWS)

    assert landed.x.mean() == pytest.approx(0.0, abs=3 * error)
    assert landed.y.mean() == pytest.approx(0.0, abs=3 * error)


def test_given_a_normal_error_when_items_fall_then_the_covariance_is_that_of_the_fall_time(
    landed: Landed,
) -> None:
    covariance = np.cov(landed.x, landed.y)
    square = landed.sigma_m**2

    # standard errors of a variance and of a covariance of normal numbers
    assert covariance[0, 0] == pytest.approx(square, abs=3 * square * np.sqrt(2 / DRAWS))
    assert covariance[1, 1] == pytest.approx(square, abs=3 * square * np.sqrt(2 / DRAWS))
    assert covariance[0, 1] == pytest.approx(0.0, abs=3 * square / np.sqrt(DRAWS))


def test_given_a_normal_error_when_items_fall_then_ellipses_hold_what_the_normal_law_says(
    landed: Landed,
) -> None:
    square = (landed.x**2 + landed.y**2) / landed.sigma_m**2

    for level in (0.5, 0.9, 0.95):
        held = np.mean(square <= chi2.ppf(level, 2))
        assert held == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / DRAWS))


def region_on_plane(landed: Landed, polygon: shapely.Polygon) -> Region:
    """Turn a polygon on the plane of the landings into a region of the earth, its sides cut."""
    bearing = np.degrees(np.arctan2(EAST_MS, NORTH_MS))
    way = landed.fall_s * np.hypot(EAST_MS, NORTH_MS)
    centre = find_destination(LONGITUDE, LATITUDE, bearing, way)
    plane = local_equal_area(float(centre[0]), float(centre[1]))
    x, y = shapely.segmentize(polygon, 500.0).exterior.coords.xy
    return Region("asked for", shapely.Polygon(np.column_stack(plane.inverse(x, y))), "test")


def square_of(a: float, b: float, c: float, d: float) -> shapely.Polygon:
    return shapely.box(a, b, c, d)


HUGE = 40.0
"""So many standard deviations away nothing lands: the far border of a half-plane."""


def triangle_probability() -> float:
    """Integrate the normal law over the triangle of the test by conditioning on x."""
    x = np.linspace(-1.0, 2.0, 20_001)
    low, high = np.full_like(x, -0.5), -0.5 + (2.0 - x) * 2.5 / 3.0
    inside = norm.pdf(x) * (norm.cdf(high) - norm.cdf(low))
    return float(np.trapezoid(inside, x))


CASES = {
    "half-plane east": (square_of(0.7, -HUGE, HUGE, HUGE), norm.sf(0.7)),
    "half-plane far away": (square_of(-HUGE, 2.0, HUGE, HUGE), norm.sf(2.0)),
    "target box": (
        square_of(-0.5, -1.0, 1.5, 0.8),
        (norm.cdf(1.5) - norm.cdf(-0.5)) * (norm.cdf(0.8) - norm.cdf(-1.0)),
    ),
    "keep-out circle": (
        shapely.Point(1.2, -0.4).buffer(0.8, quad_segs=200),
        ncx2.cdf(0.8**2, 2, 1.2**2 + 0.4**2),
    ),
    "triangle": (
        shapely.Polygon([(-1.0, -0.5), (2.0, -0.5), (-1.0, 2.0)]),
        triangle_probability(),
    ),
    "slanted band": (
        shapely.Polygon([(-HUGE, -HUGE - 0.3), (HUGE, HUGE - 0.3), (HUGE, HUGE + 0.9),
                         (-HUGE, -HUGE + 0.9)]),
        norm.cdf(0.9 / np.sqrt(2)) - norm.cdf(-0.3 / np.sqrt(2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_given_a_region_when_items_fall_then_its_probability_is_that_of_the_normal_law(
    name: str, landed: Landed
) -> None:
    polygon, probability = CASES[name]
    sigma = landed.sigma_m
    region = region_on_plane(landed, shapely.transform(polygon, lambda xy: np.clip(
        xy * sigma, -600_000.0, 600_000.0)))  # fmt: skip

    inside = region.contains(landed.longitude, landed.latitude)
    share = estimate_share(per_draw_shares(np.ones(DRAWS), inside, np.arange(DRAWS), DRAWS))

    assert share.mean == pytest.approx(probability, abs=3 * share.standard_error)
    assert share.standard_error == pytest.approx(
        np.sqrt(probability * (1 - probability) / DRAWS), rel=0.15
    )


def test_given_two_regions_when_items_fall_then_the_chance_of_both_is_that_of_the_normal_law(
    landed: Landed,
) -> None:
    both = (landed.x < 0.4 * landed.sigma_m) & (
        landed.x + landed.y < 0.5 * np.sqrt(2) * landed.sigma_m
    )
    law = multivariate_normal([0.0, 0.0], [[1.0, np.sqrt(0.5)], [np.sqrt(0.5), 1.0]])
    probability = float(law.cdf([0.4, 0.5]))

    error = np.sqrt(probability * (1 - probability) / DRAWS)
    assert both.mean() == pytest.approx(probability, abs=3 * error)


def test_given_few_draws_when_the_density_is_estimated_then_contours_hold_the_normal_law() -> None:
    """The mass of the true law inside the contours of a few draws, over many sets of them."""
    rng = np.random.default_rng(SEED)
    plane = local_equal_area(LONGITUDE, LATITUDE)
    far = rng.normal(0.0, 8_000.0, (2, 4_000))
    lon, lat = plane.inverse(*far)
    held: dict[float, list[float]] = {0.5: [], 0.9: []}
    for _ in range(60):
        own = plane.inverse(*rng.normal(0.0, 8_000.0, (2, 31)))
        density = estimate_density(*own, np.ones(31), np.arange(31))
        assert density is not None
        for level, shares in held.items():
            shares.append(float(shapely.contains_xy(density.contours[level], lon, lat).mean()))

    assert np.mean(held[0.9]) == pytest.approx(0.9, abs=0.03)
    assert np.mean(held[0.5]) == pytest.approx(0.5, abs=0.04)
