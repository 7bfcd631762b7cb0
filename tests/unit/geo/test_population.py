"""Population rasters: how many people stand where, whatever the file's unit and projection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import Affine

from downwind.errors import PopulationFileError
from downwind.geo.population import (
    People,
    check_population,
    iter_people,
    look_at_population,
)

GEOD = pyproj.Geod(ellps="WGS84")
BOX = tuple(
    v.ravel() for v in np.meshgrid(np.linspace(126.2, 126.8, 9), np.linspace(37.2, 37.8, 9))
)


def write_raster(
    path: Path,
    values: Any,
    west: float = 126.0,
    north: float = 38.0,
    step: tuple[float, float] = (0.01, 0.01),
    crs: str | None = "EPSG:4326",
    nodata: float | None = None,
    bands: int = 1,
) -> Path:
    values = np.asarray(values, np.float32)
    height, width = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=bands, dtype="float32",
        crs=crs, nodata=nodata, transform=Affine(step[0], 0.0, west, 0.0, -step[1], north),
    ) as out:  # fmt: skip
        for band in range(1, bands + 1):
            out.write(values, band)
    return path


def read(path: Path, unit: Any, points: Any = BOX, spacing_m: float = 1e9) -> People:
    raster = look_at_population(path, unit)
    parts = list(iter_people(raster, *points, spacing_m=spacing_m))
    columns = ("longitude", "latitude", "count", "area_km2", "is_known")
    return People(*(np.concatenate([getattr(p, c) for p in parts]) for c in columns))


def test_given_people_by_cell_when_read_then_each_cell_keeps_its_people(tmp_path: Path) -> None:
    values = np.arange(100.0 * 100.0).reshape(100, 100)
    found = read(write_raster(tmp_path / "p.tif", values), "people/cell")
    column = np.round((found.longitude - 126.005) / 0.01).astype(int)
    row = np.round((37.995 - found.latitude) / 0.01).astype(int)

    np.testing.assert_allclose(found.count, values[row, column])
    assert found.longitude.min() <= 126.2
    assert found.longitude.max() >= 126.8
    assert found.count.size < values.size


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32652", "EPSG:3857", "EPSG:6933"])
def test_given_cells_in_any_projection_then_their_area_is_that_on_the_ellipsoid(
    crs: str, tmp_path: Path
) -> None:
    to_file = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    west, north = to_file.transform(126.1, 37.9)
    step = (0.02, 0.02) if crs == "EPSG:4326" else (2_000.0, 2_000.0)
    path = write_raster(tmp_path / "p.tif", np.full((40, 40), 7.0), west, north, step, crs)
    by_cell, by_km2 = read(path, "people/cell"), read(path, "people/km2")
    x, y = to_file.transform(by_cell.longitude[:50], by_cell.latitude[:50])
    ring = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    areas = []
    for px, py in zip(x, y, strict=True):
        corners = [(px + 0.5 * a * step[0], py + 0.5 * b * step[1]) for a, b in ring]
        lon, lat = to_file.transform(*np.transpose(corners), direction="INVERSE")
        areas.append(abs(GEOD.polygon_area_perimeter(lon, lat)[0]) / 1e6)

    np.testing.assert_allclose(by_cell.area_km2[:50], areas, rtol=2e-4)
    np.testing.assert_allclose(by_cell.count, 7.0)
    np.testing.assert_allclose(by_km2.count, 7.0 * by_km2.area_km2)


def test_given_coarse_cells_when_a_fine_spacing_is_asked_for_then_people_are_shared_out(
    tmp_path: Path,
) -> None:
    path = write_raster(tmp_path / "p.tif", np.full((4, 4), 1_000.0), step=(0.25, 0.25))
    whole, cut = read(path, "people/cell"), read(path, "people/cell", spacing_m=3_000.0)

    assert cut.count.size == whole.count.size * 9**2  # about 25 km wide
    assert cut.count.sum() == pytest.approx(whole.count.sum())
    assert cut.area_km2.sum() == pytest.approx(whole.area_km2.sum(), rel=1e-5)


def test_given_cells_without_a_value_then_they_hold_nobody_and_are_marked(tmp_path: Path) -> None:
    values = np.full((100, 100), 3.0)
    values[:, 50:] = -99.0
    found = read(write_raster(tmp_path / "p.tif", values, nodata=-99.0), "people/cell")

    east = found.longitude > 126.5
    assert not found.is_known[east].any()
    assert found.is_known[~east].all()
    assert (found.count[east] == 0.0).all()


@pytest.mark.parametrize("west", [-180.0, 0.0])
def test_given_a_raster_of_the_globe_when_asked_across_its_seam_then_both_sides_are_read(
    west: float, tmp_path: Path
) -> None:
    path = write_raster(tmp_path / "p.tif", np.ones((180, 360)), west, 90.0, (1.0, 1.0))
    seam = west if west else 0.0
    lon, lat = (v.ravel() for v in np.meshgrid(seam + np.linspace(-3.5, 3.5, 15), [-1.0, 1.0]))
    found = read(path, "people/cell", ((lon + 180.0) % 360.0 - 180.0, lat))
    away = (found.longitude - seam + 180.0) % 360.0 - 180.0

    assert away.min() < -3.0
    assert away.max() > 3.0
    assert np.abs(away).max() < 7.0
    assert np.unique(np.stack([found.longitude % 360.0, found.latitude]), axis=1).shape[1] == (
        found.count.size
    )


def test_given_a_large_raster_when_read_then_it_comes_in_pieces(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.ones((1200, 1200)), step=(0.001, 0.001))
    raster = look_at_population(path, "people/cell")
    points = (np.array([126.0, 127.2]), np.array([36.8, 38.0]))
    sizes = [part.count.size for part in iter_people(raster, *points, spacing_m=1e9)]

    assert len(sizes) > 1
    assert sum(sizes) == 1200 * 1200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"crs": None}, "no coordinate reference system"),
        ({"bands": 3}, "3 bands"),
        ({"values": np.full((100, 100), -99999.0)}, "-99999 people in row"),
        ({"west": 20.0}, "does not reach"),
    ],
)
def test_given_a_raster_that_is_unfit_then_it_is_refused_with_what_to_do(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"values": np.ones((100, 100)), **change}
    path = write_raster(tmp_path / "p.tif", **arguments)
    with pytest.raises(PopulationFileError, match=said) as caught:
        check_population(look_at_population(path, "people/cell"), *BOX)

    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"people: many"])
def test_given_a_file_that_is_no_raster_then_it_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    path.write_bytes(content)
    with pytest.raises(PopulationFileError, match="cannot read"):
        look_at_population(path, "people/km2")
