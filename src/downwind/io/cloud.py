"""The landing cloud: every item of the manifest once, as GeoParquet 1.1.

A row says where an item was let go, where it came down, what became of it, and how it fell: enough
to fly it again. The recipe stands in the file's metadata, under the key ``downwind``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.constants import EARTH_RADIUS_M, GEOPOTENTIAL_RADIUS_M, RHO0
from downwind.io._parts import describe_run, replace_nan
from downwind.io.wind_error_json import describe_members, describe_wind_error
from downwind.io.wind_sources_json import describe_sources
from downwind.load.kinds import Leaflet
from downwind.load.traits import ItemKind
from downwind.plan.caption import warning_lines
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import Progress
from downwind.plan.manifest import LandedItems
from downwind.plan.result import PlanResult

ROW_GROUP: Final = 65_536
"""Rows of a row group, but for the last of a kind."""

FORMAT: Final = "downwind-cloud-1"

_WKB_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
_NAME = pa.dictionary(pa.int16(), pa.string())
_TIME = pa.timestamp("us", tz="UTC")
_UNITS: Final = {
    "item": "name of the kind of item in the catalogue",
    "balloon": "index of the balloon in the fleet, from 0",
    "draw": "index of the draw, from 0; the wind member is draw modulo members",
    "release_time": "UTC; null if never released",
    "release_altitude_m": "geometric altitude above mean sea level [m]; null if never released",
    "release_longitude": "[degrees east, -180 to 180); null if never released",
    "release_latitude": "[degrees north]; null if never released",
    "landing_time": "UTC, of the end, whatever it was",
    "longitude": "of the end [degrees east, -180 to 180)",
    "latitude": "of the end [degrees north]",
    "outcome": "what became of the item",
    "fall_speed_ms": "fall speed at sea level [m s-1] in each mode: [flutter or tumble (below the "
    "switch), autorotation (above it)]; both the same for items with one mode",
    "mode_threshold": "J from which the item autorotates [-]; null for items with one mode",
    "density_exponent": "n of the density law [-]",
    "opening_delay_s": "time from the release until the bundle opens [s]",
    "bundle_speed_ms": "fall speed of the unopened bundle at sea level [m s-1]",
    "geometry": "the end, as WKB point",
}
_RECIPE: Final = (
    "Start at release_longitude, release_latitude and the geopotential height H = R z / (R + z) of "
    "z = release_altitude_m, with R = geopotential_radius_m. Until opening_delay_s after "
    "release_time the item falls at bundle_speed_ms (rho0/rho)^0.5; a bundle whose outcome is "
    "unopened never opens. After that it falls at v (rho0/rho)^density_exponent, where v is "
    "fall_speed_ms[1] as long as J0 sqrt(rho0/rho) >= mode_threshold and fall_speed_ms[0] else; "
    "without a mode_threshold both are the same. rho is the density of the ICAO standard "
    "atmosphere at H and rho0 = rho0_kgm3. The item is carried by the wind at its place, H and "
    "time over a sphere of earth_radius_m, to which height is not added, and by the error that its "
    "draw has of it (wind.error; downwind.plan.wind_error.settle_wind_error draws it again); it "
    "lands where H is that of the ground. H is the vertical coordinate throughout: dH/dt = w - "
    "fall speed. On top of it it wanders with the turbulence named here. Its random numbers are "
    "found by the run's seed, the name of the kind, draw, balloon and the row's place among the "
    "rows of its kind, from 0."
)


def write_cloud(result: PlanResult, path: Path, progress: Progress | None = None) -> None:
    """Fly every item of the manifest and write it, kind by kind, to a GeoParquet file.

    Rows go to the file as they are flown; no more than a row group of them is held.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
        The file to make; it is gone after any error. The same result gives the same bytes.
    progress : callable, optional
        Called with a stage's name and a fraction of it.
    """
    schema = _make_schema(result)
    text_columns = ["item", "outcome"]
    shared_columns = [
        "balloon", "draw", "release_time", "release_altitude_m", "release_longitude",
        "release_latitude", "density_exponent", "opening_delay_s", "bundle_speed_ms",
    ]  # fmt: skip
    kinds = [kind.name for kind in result.manifest.kinds]
    names = pa.array(kinds, pa.string())
    outcomes = pa.array([outcome.text for outcome in Outcome], pa.string())
    try:
        with pq.ParquetWriter(
            path,
            schema,
            version="2.6",
            compression="zstd",
            compression_level=1,
            # what the items of one balloon share repeats from row to row
            use_dictionary=text_columns + shared_columns,
        ) as writer:
            passing = groupby(result.manifest.chunks(progress), lambda items: items.kind.name)
            for name, chunks in passing:
                k = kinds.index(name)
                batches = (_make_batch(items, k, names, outcomes, schema) for items in chunks)
                for table in cut_tables(batches, ROW_GROUP):
                    writer.write_table(table, row_group_size=ROW_GROUP)
            box = result.manifest.tally().box
            writer.add_key_value_metadata(_close_metadata(schema, _describe_geometry(box)))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def cut_tables(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """Yield the same rows as tables of ``size``, each in one piece; the last has the rest.

    What a file holds then depends on ``size`` alone, not on how the rows came.
    """
    waiting: list[pa.RecordBatch] = []
    room = size
    for batch in batches:
        rest = batch
        while rest.num_rows >= room:
            waiting.append(rest.slice(0, room))
            rest = rest.slice(room)
            yield pa.Table.from_batches(waiting).combine_chunks()
            waiting, room = [], size
        if rest.num_rows:
            waiting.append(rest)
            room -= rest.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()


def pack_points(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> pa.Array:
    """Return points, shape (n,) [degrees], as WKB; null where one is not a number."""
    points = np.empty(longitude.size, _WKB_POINT)
    points["order"], points["type"] = 1, 1
    points["x"], points["y"] = longitude, latitude
    offsets = np.arange(longitude.size + 1, dtype=np.int32) * np.int32(_WKB_POINT.itemsize)
    missing = ~(np.isfinite(longitude) & np.isfinite(latitude))
    valid = None
    if missing.any():
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(points.tobytes())]
    return pa.Array.from_buffers(pa.binary(), longitude.size, buffers)


def _make_batch(
    items: LandedItems,
    kind: int,
    names: pa.Array,
    outcomes: pa.Array,
    schema: pa.Schema,
) -> pa.RecordBatch:
    landed = items.landings
    count = items.draw.size
    speeds = np.column_stack([landed.low_speed_ms, landed.high_speed_ms]).ravel()
    altitude = atmosphere.geometric_altitude(landed.release_height_m)
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(np.full(count, kind, np.int16)), names),
        pa.array(items.balloon.astype(np.int32)),
        pa.array(items.draw.astype(np.int32)),
        _make_times(landed.release_s),
        _make_floats(altitude),
        _make_floats(landed.release_longitude),
        _make_floats(landed.release_latitude),
        _make_times(landed.landing_s),
        _make_floats(landed.longitude),
        _make_floats(landed.latitude),
        pa.DictionaryArray.from_arrays(pa.array(landed.outcome.astype(np.int16)), outcomes),
        pa.FixedSizeListArray.from_arrays(pa.array(speeds), 2),
        _make_floats(landed.threshold),
        _make_floats(landed.exponent),
        _make_floats(landed.opening_s),
        _make_floats(landed.bundle_speed_ms),
        pack_points(landed.longitude, landed.latitude),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _make_floats(values: NDArray[np.float64]) -> pa.Array:
    """Return float64, null where a value is not a number."""
    return pa.array(values, pa.float64(), from_pandas=True)


def _make_times(epoch_s: NDArray[np.float64]) -> pa.Array:
    """Return times to the microsecond, null where they are not a number."""
    missing = ~np.isfinite(epoch_s)
    whole = np.where(missing, 0.0, np.floor(np.where(missing, 0.0, epoch_s)))
    rest = np.where(missing, 0.0, epoch_s) - whole
    micro = whole.astype(np.int64) * 1_000_000 + np.round(rest * 1e6).astype(np.int64)
    return pa.array(micro, pa.int64(), mask=missing).cast(_TIME)


def _make_schema(result: PlanResult) -> pa.Schema:
    number = pa.float64()
    types = {
        "item": _NAME,
        "balloon": pa.int32(),
        "draw": pa.int32(),
        "release_time": _TIME,
        "release_altitude_m": number,
        "release_longitude": number,
        "release_latitude": number,
        "landing_time": _TIME,
        "longitude": number,
        "latitude": number,
        "outcome": _NAME,
        "fall_speed_ms": pa.list_(number, 2),
        "mode_threshold": number,
        "density_exponent": number,
        "opening_delay_s": number,
        "bundle_speed_ms": number,
        "geometry": pa.binary(),
    }
    metadata = {"downwind": json.dumps(_describe_cloud(result), ensure_ascii=False)}
    return pa.schema([pa.field(name, kind) for name, kind in types.items()], metadata=metadata)


def _close_metadata(schema: pa.Schema, geometry: dict[str, Any]) -> dict[str, bytes]:
    """Return the metadata that are known when all rows are written.

    Arrow keeps a copy of the metadata with its own schema, and reads that one: both get the key.
    """
    geo = json.dumps(geometry).encode()
    whole = schema.with_metadata({**(schema.metadata or {}), b"geo": geo})
    return {"geo": geo, "ARROW:schema": base64.b64encode(whole.serialize())}


def _describe_geometry(box: tuple[float, float, float, float] | None) -> dict[str, Any]:
    """Return the GeoParquet metadata; ``box`` is west, south, east, north [degrees]."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": pyproj.CRS.from_user_input("OGC:CRS84").to_json_dict(),
    }
    if box is not None:
        column["bbox"] = list(box)
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _describe_cloud(result: PlanResult) -> dict[str, Any]:
    """Return what a reader needs to know of the columns, and to fly a row again."""
    grid = result.grid
    return {
        "format": FORMAT,
        "run": describe_run(result),
        "mission": result.mission.name,
        "warnings": warning_lines(result),
        "wind": {
            "source": grid.source,
            "files": grid.files,
            "nature": grid.nature,
            "digest": grid.digest,
            **describe_members(result),
            "sources": describe_sources(result),
            "error": replace_nan(describe_wind_error(result)),
            "bridges": list(grid.bridges),
            "terrain": grid.terrain_source,
        },
        "weight": "each row is one item of the manifest; item i of a kind flies in draw i modulo "
        "draws, so rows of one draw share its errors",
        "groups": [
            {
                "name": group.name,
                "first_balloon": result.mission.first_balloon(g),
                "balloons": group.count,
            }
            for g, group in enumerate(result.mission.groups)
        ],
        "items": {kind.name: _describe_kind(kind) for kind in result.manifest.kinds},
        "columns": _UNITS,
        "recipe": _RECIPE,
        "turbulence": {
            **result.mission.turbulence.scales._asdict(),
            "text": result.mission.turbulence.text,
        },
        "rho0_kgm3": RHO0,
        "earth_radius_m": EARTH_RADIUS_M,
        "geopotential_radius_m": GEOPOTENTIAL_RADIUS_M,
    }


def _describe_kind(kind: ItemKind) -> dict[str, Any]:
    return {
        "title": kind.title,
        "mass_kg": kind.mass_kg,
        "autorotation_j0": kind.law.autorotation if isinstance(kind, Leaflet) else None,
    }
