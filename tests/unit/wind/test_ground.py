"""The ground under a wind: elevation files in pages, what holds beside them, and the air above."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.transform import Affine

from downwind import atmosphere
from downwind.errors import TerrainError
from downwind.wind import ground as ground_module
from downwind.wind.cube import (
    DIMS,
    EAST,
    EAST_10M,
    HEIGHT,
    NORTH,
    NORTH_10M,
    SURFACE_DIMS,
    TERRAIN,
    TERRAIN_DIMS,
    WindCube,
    validate_cube,
)
from downwind.wind.grid import WindGrid, WindOptions, build_grid
from downwind.wind.ground import FADE_M, TerrainOptions, lay_ground, shift_levels
from downwind.wind.kernels import terrain_at, wind_at

LON, LAT = np.linspace(126.0, 128.0, 5), np.linspace(36.0, 38.0, 5)
MODEL = np.full((5, 5), 200.0, np.float32)


def hills(lon: Any, lat: Any) -> Any:
    """Hills of 15 km, far finer than the wind's cells of half a degree [m]."""
    return 500.0 + 150.0 * np.sin(40.0 * lon) * np.cos(40.0 * lat)


def write_hills(
    path: Path,
    box: tuple[float, float, float, float] = (125.9, 35.9, 128.1, 38.1),
    step: float = 0.0025,
    hole: tuple[slice, slice] | None = None,
) -> Path:
    west, south, east, north = box
    columns, rows = round((east - west) / step), round((north - south) / step)
    lon = west + step * (np.arange(columns) + 0.5)
    lat = north - step * (np.arange(rows) + 0.5)
    values = hills(lon, lat[:, None]).astype(np.float32)
    if hole is not None:
        values[hole] = -32_768.0
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32",
        crs="EPSG:4326", transform=Affine(step, 0, west, 0, -step, north), nodata=-32_768.0,
    ) as out:  # fmt: skip
        out.write(values, 1)
        out.units = ("m",)
    return path


def make_cube(terrain: np.ndarray | None = MODEL, surface: float | None = None) -> WindCube:
    """A wind that is 4 m/s plus 1 m/s for every 100 m above the model's ground."""
    above = np.array([40.0, 540.0, 1_040.0, 4_040.0, 9_040.0])
    base = MODEL if terrain is None else terrain
    shape = (1, 2, above.size, 5, 5)
    height = (above[:, None, None] + base)[None, None] + np.zeros(shape)
    speed = 4.0 + 0.01 * above[:, None, None] + np.zeros(shape)
    data: dict[str, Any] = {
        EAST: (DIMS, speed.astype(np.float32)),
        NORTH: (DIMS, np.zeros(shape, np.float32)),
        HEIGHT: (DIMS, height.astype(np.float32)),
    }
    if terrain is not None:
        data[TERRAIN] = (TERRAIN_DIMS, terrain)
    if surface is not None:
        flat = np.zeros((1, 2, 5, 5), np.float32)
        data |= {
            EAST_10M: (SURFACE_DIMS, flat + np.float32(surface)),
            NORTH_10M: (SURFACE_DIMS, flat),
        }
    times = np.datetime64("2024-01-02T06", "ns") + np.arange(2) * np.timedelta64(6, "h")
    return validate_cube(
        xr.Dataset(
            data,
            coords={
                "realization": [0],
                "time": times.astype("datetime64[ns]"),
                "level": ("level", above, {"standard_name": "height"}),
                "latitude": LAT,
                "longitude": LON,
            },
            attrs={
                "source": "a made wind", "files": "none", "digest": "0", "nature": "synthetic",
                "forecast_reference_time": "", "warnings": "", "notes": "",
            },
        )
    )  # fmt: skip


def grid_with(path: Path | tuple[Path, ...], cube: WindCube | None = None, **more: Any) -> WindGrid:
    files = path if isinstance(path, tuple) else (path,)
    cube = make_cube(surface=3.0) if cube is None else cube
    return build_grid(cube, WindOptions(terrain_files=files, **more))


def ground_of(grid: WindGrid, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return np.array([terrain_at(grid.arrays, x, y) for x, y in zip(lon, lat, strict=True)])


def test_given_hills_finer_than_the_wind_when_laid_then_the_ground_is_that_of_the_file(
    tmp_path: Path,
) -> None:
    grid = grid_with(write_hills(tmp_path / "dem.tif"))
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(126.0, 128.0, 400), rng.uniform(36.0, 38.0, 400)
    truth = atmosphere.geopotential_height(hills(lon, lat))
    # between points 280 m apart the curvature of these hills leaves this much
    assert np.abs(ground_of(grid, lon, lat) - truth).max() < 1.0
    assert grid.arrays.page_parts == 200
    assert grid.terrain_source == "dem.tif at 278 m"
    assert grid.bridges == ()


def test_given_a_file_when_laid_then_a_point_of_the_wind_has_the_mean_of_its_surroundings(
    tmp_path: Path,
) -> None:
    grid = grid_with(write_hills(tmp_path / "dem.tif"))
    around = np.linspace(-0.25, 0.25, 201)
    truth = hills(LON[2] + around, LAT[2] + around[:, None]).mean()
    assert grid.arrays.terrain_m[2, 2] == pytest.approx(truth, abs=1.0)


def test_given_a_file_for_a_part_when_laid_then_the_rest_is_the_models_and_it_is_said(
    tmp_path: Path,
) -> None:
    grid = grid_with(write_hills(tmp_path / "dem.tif", (126.9, 36.9, 128.1, 38.1)))
    inside, outside = np.array([127.3, 127.7]), np.array([126.2, 126.4])
    assert ground_of(grid, inside, inside - 90.0) == pytest.approx(
        atmosphere.geopotential_height(hills(inside, inside - 90.0)), abs=1.0
    )
    assert (ground_of(grid, outside, np.array([36.2, 36.4])) == 200.0).all()
    assert grid.bridges == (
        "ground of dem.tif for 36.9 to 38 N, 126.9 to 128 E (30 % of the wind's box); elsewhere "
        "orography of a made wind",
    )
    assert "elsewhere orography of a made wind" in grid.terrain_source


def test_given_a_file_inside_one_cell_when_laid_then_the_ground_is_the_files_there_alone(
    tmp_path: Path,
) -> None:
    slope = (1_000.0 * (LON - 126.0) + 40.0 * (LAT[:, None] - 36.0)).astype(np.float32)
    path = write_hills(tmp_path / "dem.tif", (127.05, 37.1, 127.2, 37.25))
    grid = grid_with(path, make_cube(slope, surface=3.0))
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(127.06, 127.19, 50), rng.uniform(37.11, 37.24, 50)
    truth = atmosphere.geopotential_height(hills(lon, lat))
    assert ground_of(grid, lon, lat) == pytest.approx(truth, abs=1.0)
    for west, south in ((126.0, 36.0), (127.25, 37.0), (127.0, 37.3)):
        lon, lat = rng.uniform(west, west + 0.2, 50), rng.uniform(south, south + 0.2, 50)
        model = 1_000.0 * (lon - 126.0) + 40.0 * (lat - 36.0)
        assert ground_of(grid, lon, lat) == pytest.approx(model, abs=0.01)
    assert (grid.arrays.terrain_m == slope).all()
    assert "37.1 to 37.25 N, 127.05 to 127.2 E (0.56 % of the wind's box)" in grid.bridges[0]


@pytest.mark.parametrize(
    ("share", "text"), [(0.99999, "over 99 %"), (0.99, "99 %"), (0.0123, "1.2 %")]
)
def test_given_a_share_that_is_not_all_when_written_then_never_as_all(
    share: float, text: str
) -> None:
    assert ground_module._write_share(share) == text


def test_given_a_constant_beside_a_file_when_laid_then_it_fills_what_the_file_leaves(
    tmp_path: Path,
) -> None:
    path = write_hills(tmp_path / "dem.tif", (126.9, 36.9, 128.1, 38.1))
    grid = grid_with(path, make_cube(None, 3.0), terrain_constant_m=77.0)
    assert ground_of(grid, np.array([126.2]), np.array([36.2])) == pytest.approx(77.0)
    assert any("constant 77 m (terrain.constant_m)" in bridge for bridge in grid.bridges)


def test_given_a_file_for_a_part_and_no_other_ground_when_laid_then_it_is_an_error_with_a_place(
    tmp_path: Path,
) -> None:
    path = write_hills(tmp_path / "dem.tif", (126.9, 36.9, 128.1, 38.1))
    with pytest.raises(TerrainError, match=r"does not reach 36\.00 N 126\.00 E") as caught:
        grid_with(path, make_cube(None, 3.0))
    assert "terrain.constant_m" in caught.value.hint


def test_given_tiles_when_laid_then_they_join_without_a_gap(tmp_path: Path) -> None:
    west = write_hills(tmp_path / "w.tif", (125.9, 35.9, 127.0, 38.1))
    east = write_hills(tmp_path / "e.tif", (127.0, 35.9, 128.1, 38.1))
    grid = grid_with((west, east))
    lon = np.linspace(126.9, 127.1, 101)
    apart = ground_of(grid, lon, np.full(101, 37.1))
    apart -= atmosphere.geopotential_height(hills(lon, 37.1))
    assert np.abs(apart[np.abs(lon - 127.0) > 0.003]).max() < 1.0
    # each tile holds its outermost value for the last half of a pixel
    assert np.abs(apart).max() < 4.0


def test_given_a_file_far_away_when_laid_then_it_says_where_it_lies(tmp_path: Path) -> None:
    with pytest.raises(TerrainError, match=r"dem\.tif 10\.00 to 11\.00 N, 20\.00 to 21\.00 E"):
        grid_with(write_hills(tmp_path / "dem.tif", (20.0, 10.0, 21.0, 11.0)))


def test_given_a_hole_in_a_file_when_laid_then_it_is_an_error_unless_the_mission_fills_it(
    tmp_path: Path,
) -> None:
    hole = np.s_[200:240, 280:360]  # 37.5 to 37.6 N, 126.6 to 126.8 E
    path = write_hills(tmp_path / "dem.tif", hole=hole)
    with pytest.raises(TerrainError, match=r"no height at 37\.5\d* N 126\.6\d* E") as caught:
        grid_with(path)
    assert "terrain.nodata_m" in caught.value.hint
    lon, lat = np.array([126.7]), np.array([37.55])
    filled = grid_with(path, terrain_nodata=0.0)
    assert ground_of(filled, lon, lat) == pytest.approx(0.0)
    assert any("0 m where dem.tif has none" in bridge for bridge in filled.bridges)
    modelled = grid_with(path, terrain_nodata="model")
    # the means at the corners of the cell are those of the hills
    corners = modelled.arrays.terrain_m[3:5, 1:3]
    assert corners.min() <= ground_of(modelled, lon, lat)[0] <= corners.max()
    beside = np.array([126.55]), np.array([37.55])
    assert ground_of(modelled, *beside) == pytest.approx(
        atmosphere.geopotential_height(hills(*beside)), abs=1.0
    )


def test_given_little_room_when_laid_then_the_pages_keep_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground_module, "PAGE_BYTES", 40_000)
    grid = grid_with(write_hills(tmp_path / "dem.tif"))
    arrays_ = grid.arrays
    assert 4 * (arrays_.relief_m.size - arrays_.terrain_m.size) <= 40_000
    assert arrays_.page_parts == 24
    assert "2.3 km" in grid.terrain_source


def test_given_no_file_when_laid_then_the_ground_is_the_models_to_the_bit() -> None:
    found = lay_ground(MODEL, LON, LAT, TerrainOptions(), "x")
    assert found.height_m is MODEL
    assert found.pages is None
    assert found.shift_m is None
    grid = build_grid(make_cube(surface=3.0), WindOptions())
    assert not grid.arrays.has_pages
    assert (grid.arrays.relief_m == MODEL.reshape(-1)).all()


def test_given_the_wind_round_the_globe_when_laid_then_the_last_cell_has_its_page(
    tmp_path: Path,
) -> None:
    lon = np.arange(-180.0, 181.0, 10.0)
    lat = np.array([0.0, 10.0, 20.0])
    path = write_hills(tmp_path / "dem.tif", (169.0, -1.0, 180.0, 21.0), 0.1)
    west = write_hills(tmp_path / "west.tif", (-180.0, -1.0, -169.0, 21.0), 0.1)
    found = lay_ground(
        np.zeros((3, lon.size), np.float32), lon, lat, TerrainOptions(files=(path, west)), "x"
    )
    assert found.pages is not None
    has_page = found.pages.page >= found.height_m.size
    assert has_page[:2, -2].all()
    assert has_page[:2, 0].all()


def test_given_another_ground_than_the_models_when_built_then_the_wind_follows_it(
    tmp_path: Path,
) -> None:
    grid = grid_with(write_hills(tmp_path / "dem.tif"))
    at = grid.arrays
    ground = float(at.terrain_m[2, 2])
    assert ground == pytest.approx(500.0, abs=30.0)
    # 540 m above the model's ground of 200 m the wind is 9.4 m/s
    moved = 740.0 + (ground - 200.0) * (1.0 - 540.0 / FADE_M)
    u = wind_at(at, 0, LON[2], LAT[2], moved, at.time_s[0])[0]
    assert u == pytest.approx(9.4, abs=0.1)
    aloft = wind_at(at, 0, LON[2], LAT[2], 4_240.0, at.time_s[0])[0]
    assert aloft == pytest.approx(44.4, abs=0.05)
    assert any("winds follow the ground of dem.tif" in note for note in grid.notes)


@given(
    arrays(np.float32, (6, 2, 2), elements=st.floats(10, 2_500, width=32)),
    arrays(np.float32, (2, 2), elements=st.floats(-4_000, 4_000, width=32)),
)
def test_given_any_levels_and_shift_when_moved_then_their_order_stays_and_aloft_nothing_moves(
    gaps: np.ndarray, shift: np.ndarray
) -> None:
    model = np.full((2, 2), 300.0, np.float32)
    height = 100.0 + np.cumsum(gaps, axis=0)
    moved = shift_levels(height, model, shift)
    assert (np.diff(moved, axis=0) > 0.0).all()
    high = height >= 300.0 + FADE_M
    assert (moved[high] == height[high]).all()


def test_given_a_10_m_wind_when_built_then_the_wind_is_straight_over_the_logarithm_of_height() -> (
    None
):
    model = np.full((5, 5), 20.0, np.float32)
    cube = make_cube(model, surface=2.0)
    # the lowest level, 4.4 m/s at 40 m, is taken away, so that the next, 9.4 m/s, lies at 540 m
    grid = build_grid(WindCube(cube.dataset.isel(level=slice(1, None))), WindOptions())
    at = grid.arrays
    for z in (100.0, 200.0, 300.0, 400.0, 500.0):
        f = np.log((z - 20.0) / 10.0) / np.log(54.0)
        u = wind_at(at, 0, LON[2], LAT[2], z, at.time_s[0])[0]
        assert u == pytest.approx(2.0 + f * 7.4, abs=1e-4)
    assert wind_at(at, 0, LON[2], LAT[2], 0.0, at.time_s[0])[0] == pytest.approx(2.0)
    assert wind_at(at, 0, LON[2], LAT[2], 560.0, at.time_s[0])[0] == pytest.approx(9.4, abs=0.3)
