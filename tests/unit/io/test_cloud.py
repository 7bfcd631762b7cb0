"""The landing cloud holds every item once, and can be read by anyone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely

from downwind import atmosphere
from downwind.io import cloud
from downwind.io.cloud import cut_tables, pack_points, write_cloud
from downwind.load.traits import ItemKind
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import Progress
from downwind.plan.manifest import LandedItems, Manifest
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission


@pytest.fixture(scope="module")
def cloud_file(small_result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cloud") / "cloud.parquet"
    write_cloud(small_result, path)
    return path


def test_every_item_of_the_manifest_is_there_once(
    small_result: PlanResult, cloud_file: Path
) -> None:
    table = pq.read_table(cloud_file)
    assert table.num_rows == sum(p.count for g in small_result.mission.groups for p in g.load)
    for name, counts in small_result.outcome_counts().items():
        rows = table.filter(pc.equal(table["item"].cast("string"), name))
        found = {x["values"]: x["counts"] for x in pc.value_counts(rows["outcome"]).to_pylist()}
        assert {k: n for k, n in counts.items() if n} == found


def test_columns_say_what_the_result_says(small_result: PlanResult, cloud_file: Path) -> None:
    table = pq.read_table(cloud_file)
    start = 0
    for items in small_result.manifest:
        landed, n = items.landings, items.draw.size
        rows = table.slice(start, n)
        start += n
        assert np.array_equal(rows["balloon"].to_numpy(), items.balloon)
        assert np.array_equal(rows["draw"].to_numpy(), items.draw)
        altitude = atmosphere.geometric_altitude(landed.release_height_m)
        for column, values in (
            ("release_altitude_m", altitude),
            ("release_longitude", landed.release_longitude),
            ("release_latitude", landed.release_latitude),
            ("longitude", landed.longitude),
            ("latitude", landed.latitude),
            ("density_exponent", landed.exponent),
            ("opening_delay_s", landed.opening_s),
            ("bundle_speed_ms", landed.bundle_speed_ms),
            ("mode_threshold", landed.threshold),
        ):
            assert rows[column].null_count == np.isnan(values).sum()
            assert np.array_equal(rows[column].to_numpy(), values, equal_nan=True)
        for column, values in (
            ("release_time", landed.release_s),
            ("landing_time", landed.landing_s),
        ):
            assert rows[column].null_count == np.isnan(values).sum()
            kept = np.isfinite(values)
            found = rows[column].cast("int64").drop_null().to_numpy() / 1e6
            assert np.abs(found - values[kept]).max() < 1e-6
        speeds = rows["fall_speed_ms"].combine_chunks().flatten().to_numpy().reshape(-1, 2)
        assert np.array_equal(speeds[:, 0], landed.low_speed_ms)
        assert np.array_equal(speeds[:, 1], landed.high_speed_ms)


def test_never_released_items_have_no_release(cloud_file: Path) -> None:
    table = pq.read_table(cloud_file)
    kept = pa.array(["never_released", "ground_before_release"])
    never = pc.is_in(table["outcome"].cast("string"), value_set=kept)
    assert pc.all(pc.equal(never, pc.is_null(table["release_time"]))).as_py()


def test_discs_fall_in_one_mode_and_leaflets_in_two(cloud_file: Path) -> None:
    table = pq.read_table(cloud_file)
    disc = pc.equal(table["item"].cast("string"), "dvd").to_numpy()
    speeds = table["fall_speed_ms"].combine_chunks().flatten().to_numpy().reshape(-1, 2)
    assert np.array_equal(speeds[disc, 0], speeds[disc, 1])
    assert (speeds[~disc, 0] != speeds[~disc, 1]).all()
    assert np.array_equal(table["mode_threshold"].is_null().to_numpy(), disc)


def test_geometry_decodes_to_the_landing(cloud_file: Path) -> None:
    table = pq.read_table(cloud_file, columns=["geometry", "longitude", "latitude"])
    points = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
    assert np.array_equal(shapely.get_x(points), table["longitude"].to_numpy())
    assert np.array_equal(shapely.get_y(points), table["latitude"].to_numpy())


def test_points_that_are_no_numbers_are_null() -> None:
    points = pack_points(np.array([1.0, np.nan, 3.0]), np.array([4.0, 5.0, 6.0]))
    points.validate(full=True)
    assert points.is_null().to_pylist() == [False, True, False]
    assert shapely.from_wkb(points[2].as_py()) == shapely.Point(3.0, 6.0)


def test_metadata_is_geoparquet_and_tells_how_to_fly_a_row(
    small_result: PlanResult, cloud_file: Path
) -> None:
    metadata = pq.read_schema(cloud_file).metadata
    geo = json.loads(metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    column = geo["columns"][geo["primary_column"]]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["Point"]
    assert column["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}
    table = pq.read_table(cloud_file)
    west, south, east, north = column["bbox"]
    assert (west, east) == tuple(pc.min_max(table["longitude"]).as_py().values())
    assert (south, north) == tuple(pc.min_max(table["latitude"]).as_py().values())
    own = json.loads(metadata[b"downwind"])
    assert own["run"]["digest"] == small_result.run.digest
    assert own["wind"]["source"] == small_result.grid.source
    assert own["items"]["dvd"]["autorotation_j0"] is None
    assert own["items"]["leaflet-film-12x5"]["autorotation_j0"] == pytest.approx(1.3279, abs=1e-4)
    assert set(own["columns"]) == set(table.column_names)
    assert "release_altitude_m" in own["recipe"]


def test_the_same_run_gives_the_same_bytes_whatever_the_threads(
    small_result: PlanResult, tmp_path: Path
) -> None:
    before = numba.get_num_threads()
    written = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        try:
            result = fly_mission(small_result.mission, small_result.grid)
        finally:
            numba.set_num_threads(before)
        for name in ("once", "twice"):
            path = tmp_path / f"{name}-{threads}.parquet"
            write_cloud(result, path)
            written.append(path.read_bytes())
    assert all(content == written[0] for content in written)


@dataclasses.dataclass(frozen=True, eq=False)
class Passed(Manifest):
    """A manifest that nobody has counted, whose chunks have another size."""

    size: int = 100_000

    def chunks(self, progress: Progress | None = None, size: int = 0) -> Iterator[LandedItems]:
        del size
        return Manifest.chunks(self, progress, self.size)


def pass_on(result: PlanResult, size: int = 100_000) -> PlanResult:
    m = result.manifest
    return dataclasses.replace(
        result, manifest=Passed(m.mission, m.draws, m.grid, m.flights, m.steps, size=size)
    )


def test_given_chunks_of_any_size_then_the_bytes_are_the_same(
    small_result: PlanResult,
    cloud_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert small_result.manifest.count == 62_600
    for size in (9_973, 20_000):
        write_cloud(pass_on(small_result, size=size), tmp_path / f"{size}.parquet")
        assert (tmp_path / f"{size}.parquet").read_bytes() == cloud_file.read_bytes()
    # and where chunks and row groups cross each other many times over
    monkeypatch.setattr(cloud, "ROW_GROUP", 4_096)
    written = []
    for size in (1_000, 4_096, 7_001, 100_000):
        write_cloud(pass_on(small_result, size=size), tmp_path / "cloud.parquet")
        written.append((tmp_path / "cloud.parquet").read_bytes())
    assert all(content == written[0] for content in written)


def test_row_groups_are_cut_within_each_kind_alone(
    small_result: PlanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "ROW_GROUP", 25_000)
    write_cloud(small_result, tmp_path / "cloud.parquet")
    found = pq.ParquetFile(tmp_path / "cloud.parquet").metadata
    sizes = [found.row_group(i).num_rows for i in range(found.num_row_groups)]
    assert sizes == [2_600, 25_000, 25_000, 10_000]
    assert found.row_group(0).column(0).compression == "ZSTD"


def test_tables_hold_the_rows_in_order_each_in_one_piece() -> None:
    values = np.arange(1_000)
    whole = pa.RecordBatch.from_arrays([pa.array(values)], ["value"])
    bounds = [0, 3, 3, 400, 401, 900, 1_000]
    parts = [whole.slice(a, b - a) for a, b in pairwise(bounds)]
    tables = list(cut_tables(parts, 150))
    assert [table.num_rows for table in tables] == [150] * 6 + [100]
    assert all(table["value"].num_chunks == 1 for table in tables)
    assert np.array_equal(pa.concat_tables(tables)["value"].to_numpy(), values)
    assert [table.num_rows for table in cut_tables(parts, 500)] == [500, 500]
    assert list(cut_tables([], 10)) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_given_a_pass_that_stops_then_no_file_is_left_and_nothing_counted(
    error: BaseException, small_result: PlanResult, tmp_path: Path
) -> None:
    seen = []

    def stop(stage: str, fraction: float) -> None:
        seen.append((stage, fraction))
        if fraction > 0.5:
            raise error

    fresh = pass_on(small_result, size=10_000)
    with pytest.raises(type(error) if isinstance(error, OSError) else KeyboardInterrupt):
        write_cloud(fresh, tmp_path / "cloud.parquet", stop)
    assert list(tmp_path.iterdir()) == []
    assert len(seen) > 3
    assert {stage for stage, _ in seen} == {"dropping every item"}
    write_cloud(fresh, tmp_path / "cloud.parquet")
    assert fresh.outcome_counts() == small_result.outcome_counts()


def test_a_cloud_about_the_antimeridian_has_a_narrow_box(
    small_result: PlanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(self: Manifest, *args: int | ItemKind) -> LandedItems:
        items = drop(self, *args)
        longitude = (items.landings.longitude - 126.53 + 180.0 + 180.0) % 360.0 - 180.0
        landings = dataclasses.replace(items.landings, longitude=longitude)
        return dataclasses.replace(items, landings=landings)

    drop = Manifest._drop
    monkeypatch.setattr(Manifest, "_drop", move)
    write_cloud(pass_on(small_result), tmp_path / "cloud.parquet")
    longitude = pq.read_table(tmp_path / "cloud.parquet")["longitude"].to_numpy()
    assert longitude.min() < -179.0
    assert longitude.max() > 179.0
    geo = json.loads(pq.read_schema(tmp_path / "cloud.parquet").metadata[b"geo"])
    west, _, east, _ = geo["columns"]["geometry"]["bbox"]
    assert (west, east) == (longitude[longitude > 0].min(), longitude[longitude < 0].max())
    assert 179.0 < west < 180.0
    assert -180.0 < east < -170.0


def test_both_copies_of_the_metadata_are_the_same(cloud_file: Path) -> None:
    raw, arrow = pq.read_metadata(cloud_file).metadata, pq.read_schema(cloud_file).metadata
    assert set(raw) == {b"geo", b"downwind", b"ARROW:schema"}
    assert arrow == {key: raw[key] for key in (b"geo", b"downwind")}


def test_all_outcomes_have_a_name_in_the_file(cloud_file: Path) -> None:
    names = set(pq.read_table(cloud_file)["outcome"].cast("string").unique().to_pylist())
    assert names <= {outcome.text for outcome in Outcome}
