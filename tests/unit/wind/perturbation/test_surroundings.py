"""The wind that carries the lattices, and where mountains are."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.ground import make_pages
from downwind.wind.perturbation.surroundings import MOUNTAIN_M, find_mountains, frame_wind
from tests.unit.sim.made_winds import wind_grid


def test_given_a_wind_linear_in_height_and_time_when_averaged_then_the_frame_is_its_middle() -> (
    None
):
    grid = wind_grid(
        lambda x, y, h, t: (h / 1_000.0 + t / 3_600.0 + 0.0 * x + 0.0 * y, -2.0 + 0.0 * (x + h)),
        time=np.array([0.0, 3_600.0, 14_400.0]),  # uneven: the mean is over time, not over nodes
        height=np.arange(0.0, 9_001.0, 300.0),
        latitude=np.linspace(35.0, 41.0, 13),
        longitude=np.linspace(120.0, 130.0, 21),
    )
    found = frame_wind(grid.arrays, 125.0, 38.0)
    np.testing.assert_allclose(found, [[(3.012 + 5.574) / 2.0 + 2.0, -2.0]], rtol=1e-6)


def test_given_low_data_when_averaged_then_the_top_is_held() -> None:
    grid = wind_grid(lambda x, y, h, t: (h / 100.0 + 0.0 * (x + y), 0.0 * (x + h)),
                     height=np.linspace(0.0, 2_000.0, 5))  # fmt: skip
    longitude, latitude = grid.box[0] + 0.5, grid.box[1] + 0.5
    assert frame_wind(grid.arrays, longitude, latitude)[0, 0] == pytest.approx(20.0)


def test_given_a_hole_in_time_when_averaged_then_it_has_no_weight() -> None:
    grid = wind_grid(
        lambda x, y, h, t: (np.where(t > 9_000.0, 100.0, 4.0) + 0.0 * (x + y + h), 0.0 * (x + h)),
        time=np.array([0.0, 3_600.0, 36_000.0]),
        holes=(1,),
    )
    longitude, latitude = grid.box[0] + 0.5, grid.box[1] + 0.5
    assert frame_wind(grid.arrays, longitude, latitude)[0, 0] == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((6.0, 9.0), 7.5),  # inside the second interval
        ((2.0, 7.0), 4.5),  # across a node
        ((-50.0, 2.0), 1.0),  # before the data
        ((30.0, 40.0), 9.0),  # in a hole: all that is known, from 0 to 18 h
        ((48.0, 60.0), 9.0),  # after the data
    ],
)
def test_given_the_hours_flown_when_averaged_then_the_frame_is_the_mean_over_them(
    hours: tuple[float, float], expected: float
) -> None:
    grid = wind_grid(
        lambda x, y, h, t: (t / 3_600.0 + 0.0 * (x + y + h), 0.0 * (x + h)),
        time=3_600.0 * np.array([0.0, 5.0, 18.0, 48.0]),
        holes=(2,),
    )
    longitude, latitude = grid.box[0] + 0.5, grid.box[1] + 0.5
    found = frame_wind(grid.arrays, longitude, latitude, (3_600.0 * hours[0], 3_600.0 * hours[1]))
    assert found[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize(("longitude", "expected"), [(179.5, 7.0), (-179.5, 7.0), (0.0, -7.0)])
def test_given_a_global_wind_when_averaged_then_it_is_that_around_the_place(
    longitude: float, expected: float
) -> None:
    grid = wind_grid(
        lambda x, y, h, t: (np.where(np.abs(x - 180.0) < 20.0, 7.0, -7.0) + 0.0 * (y + h), 0.0 * h),
        latitude=np.linspace(-90.0, 90.0, 73),
        longitude=np.linspace(0.0, 360.0, 145),
        height=np.linspace(0.0, 8_000.0, 5),
    )
    assert frame_wind(grid.arrays, longitude, 10.0)[0, 0] == pytest.approx(expected)


def test_given_a_ridge_when_sought_then_its_cells_and_their_neighbours_are_mountains() -> None:
    ground = np.zeros((21, 21))
    ground[:, 10] = MOUNTAIN_M + 1.0
    axis = np.linspace(0.0, 5.0, 21)  # 0.25 degrees
    wind = np.zeros((1, 2, 2, 21, 21, 2), np.float32)
    arrays = make_grid_arrays(
        wind, np.array([0.0, 60.0]), np.zeros(1, bool), np.array([0.0, 9e3]), axis, axis, ground
    )
    found = find_mountains(arrays)
    assert found.shape == (21, 21)
    # cells 9 and 10 touch the ridge, 8 and 11 lie beside them
    assert np.flatnonzero(found[5]).tolist() == [8, 9, 10, 11]
    lower = make_grid_arrays(
        wind, np.array([0.0, 60.0]), np.zeros(1, bool), np.array([0.0, 9e3]), axis, axis,
        ground * 0.99,
    )  # fmt: skip
    assert not find_mountains(lower).any()


def test_given_a_peak_in_a_page_when_sought_then_it_counts_though_the_points_are_flat() -> None:
    axis = np.array([0.0, 1.0, 2.0])
    level = np.zeros((3, 3), np.float32)
    fine = np.zeros((9, 9), np.float32)
    fine[2, 2] = 500.0  # inside the first cell
    is_fine = np.array([[True, False], [False, False]])
    pages = make_pages(level, fine, is_fine, 4, axis)
    arrays = make_grid_arrays(
        np.zeros((1, 2, 2, 3, 3, 2), np.float32), np.array([0.0, 60.0]), np.zeros(1, bool),
        np.array([0.0, 9e3]), axis, axis, level, pages,
    )  # fmt: skip
    assert np.argwhere(find_mountains(arrays)).tolist() == [[0, 0]]
