"""Landing maps as GeoTIFF and towns as a table: what other programs read of them."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio

from downwind.geo.regions import measure_area_km2
from downwind.io.landing_tif import file_names, write_landing_maps, write_towns_csv
from downwind.plan.caption import warning_lines
from downwind.plan.result import PlanResult
from downwind.plan.towns import TOWNS_ONLY


@pytest.fixture(scope="module")
def folder(small_result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("landing") / "maps"
    write_landing_maps(small_result, path)
    return path


def test_given_a_plan_then_each_map_is_a_small_file(folder: Path) -> None:
    assert {p.name for p in folder.iterdir()} == {
        "item-dvd.tif", "item-leaflet-film-12x5.tif", "bundles.tif", "unreleased.tif",
        "envelopes.tif",
    }  # fmt: skip
    assert max(p.stat().st_size for p in folder.iterdir()) < 100_000


def test_given_a_map_when_read_then_its_cells_add_up_to_what_is_expected(
    folder: Path, small_result: PlanResult
) -> None:
    for name, found in file_names(small_result).items():
        with rasterio.open(folder / name) as data:
            per_km2 = data.read(1).astype(np.float64)
            cell_km2 = data.res[0] * data.res[1] / 1e6
            tags = data.tags()
            assert data.units == ("km-2", "1")
        assert per_km2.sum() * cell_km2 == pytest.approx(found.expected, rel=3e-3)
        assert float(tags["expected"]) == pytest.approx(found.expected, rel=1e-5)
        assert tags["draws"] == str(found.density.draws if found.density else 0)
        assert tags["caption"].splitlines() == warning_lines(small_result)


def test_given_a_map_when_read_then_the_cells_of_an_area_lie_within_its_contour(
    folder: Path, small_result: PlanResult
) -> None:
    """The reader's own projection puts the map where the contour is, and as large."""
    for name, found in file_names(small_result).items():
        assert found.density is not None
        with rasterio.open(folder / name) as data:
            inside = data.read(2) <= 0.9
            row, column = np.nonzero(inside)
            x, y = data.xy(row, column)
            to_lonlat = pyproj.Transformer.from_crs(data.crs.to_wkt(), "EPSG:4326", always_xy=True)
            lon, lat = to_lonlat.transform(x, y)
            area_km2 = inside.sum() * data.res[0] * data.res[1] / 1e6
        contour = found.density.contours[0.9]
        west, south, east, north = contour.bounds
        across, up = 0.02 * (east - west), 0.02 * (north - south)
        assert west - across <= np.min(lon) <= np.max(lon) <= east + across, name
        # to what tells the latitude of the sphere from that of the ellipsoid
        assert south - up - 0.2 <= np.min(lat) <= np.max(lat) <= north + up + 0.2
        assert area_km2 == pytest.approx(measure_area_km2(contour), rel=0.05)


def test_given_the_same_plan_twice_then_the_files_have_the_same_bytes(
    folder: Path, small_result: PlanResult, tmp_path: Path
) -> None:
    write_landing_maps(small_result, tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_given_names_that_are_no_file_names_then_the_files_stay_in_the_folder(
    small_result: PlanResult,
) -> None:
    assert small_result.landings is not None
    maps = small_result.landings.maps
    odd = tuple(
        dataclasses.replace(found, key=key)
        for found, key in zip(maps, ("../a b", "..//a  b", "é", "unreleased", "x"), strict=True)
    )
    landings = dataclasses.replace(small_result.landings, maps=odd)
    names = file_names(dataclasses.replace(small_result, landings=landings))

    assert list(names) == ["item-a-b.tif", "item-a-b-2.tif", "item.tif", "unreleased.tif", "x.tif"]


def test_given_towns_then_the_table_names_them_and_says_what_it_leaves_out(
    small_result: PlanResult, tmp_path: Path
) -> None:
    assert small_result.landings is not None
    write_towns_csv(small_result, tmp_path / "towns.csv")
    with (tmp_path / "towns.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    table = small_result.landings.towns

    assert [row["town"] for row in rows] == [row.town.name for row in table.rows]
    assert rows
    assert {row["note"] for row in rows} == {TOWNS_ONLY}
    items = [float(row["items_within_5_km"]) for row in rows]
    assert items == sorted(items, reverse=True)
    for row in rows:
        kinds = float(row["dvd_within_5_km"]) + float(row["leaflet-film-12x5_within_5_km"])
        assert float(row["items_within_5_km"]) == pytest.approx(kinds, rel=2e-3)
