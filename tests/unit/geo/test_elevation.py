"""Elevation files: where they lie, what unit they have, what they do not know."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
from rasterio.transform import Affine

from downwind.errors import ElevationFileError
from downwind.geo.elevation import look_at_files, read_heights, read_points
from downwind.plan.mission import Site
from downwind.plan.site_ground import read_site_ground
from downwind.wind.grid import WindOptions

WEST, NORTH, STEP = 126.0, 38.0, 0.01
LON = np.linspace(126.1, 126.5, 41)
LAT = np.linspace(37.6, 37.9, 31)


def north_up(west: float, north: float, dx: float, dy: float) -> Affine:
    return Affine(dx, 0.0, west, 0.0, -dy, north)


def plane(lon: Any, lat: Any) -> Any:
    """A ground that rises to the east and the north [m]."""
    return 300.0 + 400.0 * (lon - WEST) + 250.0 * (lat - 37.0)


def write_tif(
    path: Path,
    values: np.ndarray,
    transform: Any = None,
    crs: Any = "EPSG:4326",
    dtype: str = "float32",
    nodata: float | None = None,
    unit: str = "m",
    scale: float = 1.0,
    offset: float = 0.0,
    tags: dict[str, str] | None = None,
) -> Path:
    transform = north_up(WEST, NORTH, STEP, STEP) if transform is None else transform
    height, width = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=dtype, crs=crs,
        transform=transform, nodata=nodata,
    ) as out:  # fmt: skip
        if tags:
            out.update_tags(**tags)
        out.write(values.astype(dtype), 1)
        out.scales, out.offsets = (scale,), (offset,)
        if unit:
            out.units = (unit,)
    return path


def centres(columns: int = 100, rows: int = 100, shift: float = 0.5) -> tuple[Any, Any]:
    return np.meshgrid(
        WEST + STEP * (np.arange(columns) + shift), NORTH - STEP * (np.arange(rows) + shift)
    )


def expected(lon: Any = LON, lat: Any = LAT) -> np.ndarray:
    return plane(lon, np.asarray(lat)[:, None])


def read(path: Path, **options: Any) -> np.ndarray:
    return read_heights(look_at_files([path]), LON, LAT, **options).height_m


@pytest.mark.parametrize("unit", ["m", "metre", "ft", "foot", "US survey foot"])
def test_given_a_plane_in_a_unit_when_read_then_it_is_the_plane_in_metres(
    tmp_path: Path, unit: str
) -> None:
    metres = {"m": 1.0, "metre": 1.0, "US survey foot": 1200 / 3937}.get(unit, 0.3048)
    path = write_tif(tmp_path / "dem.tif", plane(*centres()) / metres, unit=unit)
    assert read(path) == pytest.approx(expected(), abs=0.01)


def test_given_scaled_integers_when_read_then_scale_and_offset_count(tmp_path: Path) -> None:
    stored = np.rint((plane(*centres()) - 100.0) / 0.25)
    path = write_tif(tmp_path / "dem.tif", stored, dtype="int16", scale=0.25, offset=100.0)
    assert read(path) == pytest.approx(expected(), abs=0.13)


def test_given_pixels_that_are_points_when_read_then_they_stay_at_their_points(
    tmp_path: Path,
) -> None:
    path = write_tif(tmp_path / "dem.tif", plane(*centres()), tags={"AREA_OR_POINT": "Point"})
    assert read(path) == pytest.approx(expected(), abs=0.01)
    with rasterio.open(path) as opened:
        assert opened.tags()["AREA_OR_POINT"] == "Point"


@pytest.mark.parametrize("code", ["EPSG:32652", "EPSG:5179", "EPSG:3857"])
def test_given_a_projected_file_when_read_then_it_lies_where_pyproj_puts_it(
    tmp_path: Path, code: str
) -> None:
    there = pyproj.Transformer.from_crs("EPSG:4326", code, always_xy=True)
    back = pyproj.Transformer.from_crs(code, "EPSG:4326", always_xy=True)
    west, south, east, north = there.transform_bounds(125.8, 37.3, 126.8, 38.2)
    step = 2_000.0
    x = np.arange(west, east, step) + 0.5 * step
    y = np.arange(north, south, -step) - 0.5 * step
    lon, lat = back.transform(*np.meshgrid(x, y))
    path = write_tif(tmp_path / "dem.tif", plane(lon, lat), north_up(west, north, step, step), code)
    assert read(path) == pytest.approx(expected(), abs=0.06)


def test_given_a_netcdf_file_of_0_to_360_degrees_when_read_then_longitudes_are_turned(
    tmp_path: Path,
) -> None:
    lon, lat = np.arange(0.0, 360.0, 0.5), np.arange(-90.0, 90.1, 0.5)
    z = 100.0 + 50.0 * np.sin(np.radians(lon)) + lat[:, None]
    data = xr.Dataset({"z": (("lat", "lon"), z, {"units": "feet"})}, {"lat": lat, "lon": lon})
    path = tmp_path / "topo.nc"
    data.to_netcdf(path, engine="h5netcdf")
    at_lon, at_lat = np.linspace(-75.0, -74.0, 5), np.linspace(10.0, 11.0, 5)
    found = read_heights(look_at_files([path]), at_lon, at_lat).height_m
    truth = 0.3048 * (100.0 + 50.0 * np.sin(np.radians(at_lon)) + at_lat[:, None])
    assert found == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("name", ["elevation", "Band1", "topo"])
@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
def test_given_netcdf_from_north_to_south_when_read_then_it_is_the_plane(
    tmp_path: Path, name: str, engine: Any
) -> None:
    lon, lat = centres()
    data = xr.Dataset(
        {name: (("lat", "lon"), plane(lon, lat).astype(np.float32), {"units": "m"})},
        {"lat": lat[:, 0], "lon": lon[0]},
    )
    path = tmp_path / "dem.nc"
    data.to_netcdf(path, engine=engine)
    assert read(path) == pytest.approx(expected(), abs=0.01)


def test_given_a_box_over_the_antimeridian_when_tiles_of_both_sides_are_read_then_it_is_whole(
    tmp_path: Path,
) -> None:
    values = np.full((200, 200), 40.0)
    east = write_tif(tmp_path / "e.tif", values, north_up(178.0, 1.0, STEP, STEP))
    west = write_tif(tmp_path / "w.tif", values + 8.0, north_up(-180.0, 1.0, STEP, STEP))
    lon, lat = np.linspace(179.0, 181.0, 21), np.linspace(-0.5, 0.5, 11)
    found = read_heights(look_at_files([east, west]), lon, lat).height_m
    assert found[:, :10] == pytest.approx(40.0, abs=1e-3)
    assert found[:, 11:] == pytest.approx(48.0, abs=1e-3)


def test_given_a_finer_file_than_the_grid_when_read_then_a_point_has_the_mean_about_it(
    tmp_path: Path,
) -> None:
    rows, columns = np.indices((400, 400))
    rough = plane(*centres(400, 400)) + 90.0 * (-1.0) ** (rows + columns)
    path = write_tif(tmp_path / "dem.tif", rough)
    lon, lat = np.linspace(126.5, 128.5, 21), np.linspace(35.0, 37.0, 21)
    found = read_heights(look_at_files([path]), lon, lat).height_m
    assert found == pytest.approx(expected(lon, lat), abs=1.0)


def test_given_points_without_a_value_when_read_then_they_are_unknown_and_inside(
    tmp_path: Path,
) -> None:
    values = plane(*centres())
    values[20:30, 20:30] = -9999.0
    path = write_tif(tmp_path / "dem.tif", values, nodata=-9999.0)
    wide = np.linspace(125.5, 126.5, 101)
    found = read_heights(look_at_files([path]), wide, LAT)
    hole = (wide > 126.21) & (wide < 126.29)
    lat_hole = (LAT > 37.71) & (LAT < 37.79)
    assert np.isnan(found.height_m[np.ix_(lat_hole, hole)]).all()
    assert found.is_inside[np.ix_(lat_hole, hole)].all()
    outside = wide < 125.98
    assert np.isnan(found.height_m[:, outside]).all()
    assert not found.is_inside[:, outside].any()


def test_given_single_points_when_read_then_they_are_those_of_the_plane(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "dem.tif", plane(*centres()))
    lon, lat = np.array([126.333, 140.0]), np.array([37.777, 37.0])
    found = read_points(look_at_files([path]), lon, lat).height_m
    assert found[0] == pytest.approx(plane(126.333, 37.777), abs=0.05)
    assert np.isnan(found[1])


def test_given_a_site_without_a_value_when_its_ground_is_read_then_what_the_mission_states(
    tmp_path: Path,
) -> None:
    values = plane(*centres())
    values[20:30, 20:30] = -9999.0
    path = write_tif(tmp_path / "dem.tif", values, nodata=-9999.0)
    stated = WindOptions(terrain_files=(path,), terrain_constant_m=70.0)
    in_hole, beside, far = (Site("s", 37.75, lon, None, "UTC") for lon in (126.25, 126.4, 140.0))
    assert read_site_ground(stated, in_hole) == (70.0, "constant ground")
    assert read_site_ground(stated, beside)[0] == pytest.approx(plane(126.4, 37.75), abs=0.05)
    shore = dataclasses.replace(stated, terrain_nodata=3.0)
    assert read_site_ground(shore, in_hole) == (3.0, "stated where dem.tif has none")
    assert read_site_ground(shore, far) == (70.0, "constant ground")
    assert read_site_ground(WindOptions(), far) == (None, "")


def test_given_the_sea_floor_when_a_lowest_ground_is_stated_then_it_is_held(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "dem.tif", plane(*centres()) - 3_000.0)
    with pytest.raises(ElevationFileError, match="lowest_m") as caught:
        read(path)
    assert caught.value.code == "elevation-unreadable"
    assert (read(path, lowest_m=0.0) == 0.0).all()


def test_given_no_unit_when_looked_at_then_metres_are_taken_and_said(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "dem.tif", plane(*centres()), unit="")
    (file,) = look_at_files([path])
    assert any("no unit" in note and "metres" in note for note in file.notes)


def test_given_a_compound_reference_in_feet_when_read_then_the_heights_are_in_feet(
    tmp_path: Path,
) -> None:
    path = write_tif(
        tmp_path / "dem.tif", plane(*centres()) / 0.3048006096, crs="EPSG:4269+6360", unit=""
    )
    assert read(path) == pytest.approx(expected(), abs=0.05)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p.write_text("no raster"), "cannot read"),
        (lambda p: write_tif(p, np.zeros((4, 4)), crs=None), "reference system"),
        (lambda p: write_tif(p, np.zeros((4, 4)), unit="K"), "'K'"),
        (lambda p: write_tif(p, np.zeros((4, 4)), crs="EPSG:4979"), "ellipsoid"),
    ],
)
def test_given_a_bad_raster_when_looked_at_then_it_is_named(
    tmp_path: Path, make: Any, says: str
) -> None:
    path = tmp_path / "bad.tif"
    make(path)
    with pytest.raises(ElevationFileError, match=says) as caught:
        look_at_files([path])
    assert "bad.tif" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("axes", "names", "says"),
    [
        (([37.0, 37.1, 37.4], [126.0, 126.1, 126.2]), ("lat", "lon"), "evenly"),
        (([3e5, 4e5, 5e5], [126.0, 126.1, 126.2]), ("lat", "lon"), "no degrees"),
        (([37.0, 37.1, 37.2], [126.0, 126.1, 126.2]), ("a", "b"), "no axes"),
    ],
)
def test_given_a_bad_netcdf_when_looked_at_then_it_says_why(
    tmp_path: Path, axes: Any, names: tuple[str, str], says: str
) -> None:
    data = xr.Dataset({"z": (names, np.zeros((3, 3)))}, dict(zip(names, axes, strict=True)))
    path = tmp_path / "bad.nc"
    data.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ElevationFileError, match=says):
        look_at_files([path])


def test_given_netcdf_with_other_fields_when_looked_at_then_its_fields_are_named(
    tmp_path: Path,
) -> None:
    axes = {"lat": [37.0, 37.1, 37.2], "lon": [126.0, 126.1, 126.2]}
    zeros = (("lat", "lon"), np.zeros((3, 3)))
    path = tmp_path / "bad.nc"
    xr.Dataset({"snow": zeros, "ice": zeros}, axes).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ElevationFileError, match="snow, ice"):
        look_at_files([path])


def test_given_the_elevation_of_korea_when_written_and_read_then_mountains_stand_where_they_are(
    shared: Path, tmp_path: Path
) -> None:
    table = np.load(shared / "data/geodata/elevation/itu_p1511_topo_korea_5arcmin.npz")
    lat, lon, z = table["lat"], table["lon"], table["elev_m"]
    step = float(lon[1] - lon[0])
    transform = north_up(lon[0] - 0.5 * step, lat[0] + 0.5 * step, step, step)
    tif = write_tif(tmp_path / "korea.tif", z, transform)
    nc = tmp_path / "korea.nc"
    xr.Dataset(
        {"elevation": (("lat", "lon"), z, {"units": "m"})}, {"lat": lat, "lon": lon}
    ).to_netcdf(nc, engine="h5netcdf")
    at_lon, at_lat = np.linspace(127.0, 129.0, 49), np.linspace(37.0, 39.0, 49)
    a, b = (
        read_heights(look_at_files([p]), at_lon, at_lat, lowest_m=0.0).height_m for p in (tif, nc)
    )
    assert a == pytest.approx(b, abs=0.05)
    # Seoraksan stands at 38.12 N 128.47 E, the Han's mouth is flat
    high = np.unravel_index(a.argmax(), a.shape)
    assert 600.0 < a.max() < 1_708.0
    assert 128.0 < at_lon[high[1]] < 129.0
    assert a[at_lat < 37.7][:, at_lon < 127.1].min() < 60.0


def test_given_rasterio_eccodes_and_pyproj_in_any_order_when_a_process_ends_then_it_ends_well(
    tmp_path: Path,
) -> None:
    path = write_tif(tmp_path / "dem.tif", plane(*centres()))
    first = (
        "import eccodes; i = eccodes.codes_grib_new_from_samples('GRIB2'); eccodes.codes_release(i)"
    )
    second = f"import rasterio; rasterio.open({str(path)!r}).read(1)"
    third = "import pyproj; pyproj.Transformer.from_crs(4326, 32652).transform(37, 127)"
    for order in ((first, second, third), (second, third, first), (third, first, second)):
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(order)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
