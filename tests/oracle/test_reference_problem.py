"""The reference problem: 1000 landings in a jet, shear and a turning vortex, found independently.

``ref1000.npz`` holds the landings by a float64 Runge-Kutta scheme at 30 s and at 3 s, and for the
first 200 by an adaptive eighth-order solver that is restarted at every level.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.steps import ITEM_TOLERANCE_M, choose_item_step
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from tests.unit.sim.made_winds import make_items, miss_m

RELEASE_S = 3 * 3_600.0 + 600.0
REFERENCES = ("sph", "sub10", "dop")


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, np.ndarray]:
    return dict(np.load(shared / "conformance" / "engine" / "ref1000.npz"))


def lay_out(shared: Path, descending: bool = False) -> WindGrid:
    path = shared / "conformance" / "engine" / "cube.nc"
    with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as file:
        step = -1 if descending else 1
        turned = file.isel(lat=slice(None, None, step), height=slice(None, None, step))
        data = turned.sortby("lat").sortby("height")
        u, v = data["u"].values, data["v"].values
        wind = np.stack([u, v, np.zeros_like(u)], axis=-1)[None].astype(np.float32)
        time, height = data["time"].values, data["height"].values
        lat, lon = data["lat"].values, data["lon"].values
    ground = np.zeros((lat.size, lon.size))
    holes = np.zeros(time.size - 1, bool)
    arrays = make_grid_arrays(wind, time, holes, height, lat, lon, ground)
    return WindGrid(arrays, "reference", "", "", "synthetic", None, (), (), False, "")


@pytest.fixture(scope="module")
def grid(shared: Path) -> WindGrid:
    return lay_out(shared)


def released(reference: dict[str, np.ndarray]) -> ItemArrays:
    return make_items(reference["lon0"], reference["lat0"], reference["z0"], RELEASE_S, 1.5)


def errors(grid: WindGrid, reference: dict[str, np.ndarray], step: float) -> dict[str, float]:
    falls = drop_items(grid, released(reference), step, "plain")
    assert falls.on_ground.all()
    found = {}
    for name in REFERENCES:
        lon, lat = reference[f"lon_{name}"], reference[f"lat_{name}"]
        n = lon.size
        found[name] = float(miss_m(falls.longitude[:n], falls.latitude[:n], lon, lat).max())
    return found


@pytest.mark.parametrize("name", REFERENCES)
def test_at_the_step_that_the_code_chooses_every_landing_is_within_its_tolerance(
    grid: WindGrid, reference: dict[str, np.ndarray], name: str
) -> None:
    step, measured = choose_item_step(grid, released(reference))

    error = errors(grid, reference, step)[name]

    assert step >= 100.0
    assert error <= ITEM_TOLERANCE_M
    # what the code says of its own error is what an independent program finds
    assert error == pytest.approx(measured, abs=0.15)


@pytest.mark.parametrize(
    ("step", "bound_m"), [(10.0, 0.1), (30.0, 0.1), (100.0, 0.5), (200.0, 1.5)]
)
def test_landings_are_those_of_the_reference(
    grid: WindGrid, reference: dict[str, np.ndarray], step: float, bound_m: float
) -> None:
    found = errors(grid, reference, step)

    assert max(found.values()) <= bound_m, found


def test_at_10_s_references_of_fine_steps_are_met_to_centimetres(
    grid: WindGrid, reference: dict[str, np.ndarray]
) -> None:
    found = errors(grid, reference, 10.0)

    assert found["sub10"] <= 0.01
    assert found["dop"] <= 0.04


def test_one_step_a_level_keeps_the_goal_of_4_m(
    grid: WindGrid, reference: dict[str, np.ndarray]
) -> None:
    assert errors(grid, reference, 1_000.0)["dop"] <= 4.0


def test_axes_that_descend_in_the_file_give_the_same_bits(
    shared: Path, grid: WindGrid, reference: dict[str, np.ndarray]
) -> None:
    first = drop_items(grid, released(reference), 200.0)
    second = drop_items(lay_out(shared, descending=True), released(reference), 200.0)

    assert np.array_equal(first.longitude, second.longitude)
    assert np.array_equal(first.latitude, second.latitude)
