"""The landing cloud: every item of the manifest once, as GeoParquet 1.1.

A row says where an item was let go, where it came down, what became of it, and how it fell: enough
to fly it again. The recipe stands in the file's metadata, under the key ``downwind``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.constants import EARTH_RADIUS_M, GEOPOTENTIAL_RADIUS_M, RHO0
from downwind.io._parts import describe_run
from downwind.load.items import ItemKind, Leaflet
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import LandedItems
from downwind.plan.result import PlanResult

ROW_GROUP: Final = 131_072
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
    "time over a sphere of earth_radius_m, to which height is not added; it lands where H is that "
    "of the ground. H is the vertical coordinate throughout: dH/dt = w - fall speed."
)


def write_cloud(result: PlanResult, path: Path) -> None:
    """Write every item of the manifest, kind by kind, to a GeoParquet file.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
        The file to make. The same result gives the same bytes.
    """
    schema = _make_schema(result)
    text_columns = ["item", "outcome"]
    shared_columns = [
        "balloon", "draw", "release_time", "release_altitude_m", "release_longitude",
        "release_latitude", "density_exponent", "opening_delay_s", "bundle_speed_ms",
    ]  # fmt: skip
    names = pa.array([items.kind.name for items in result.manifest], pa.string())
    outcomes = pa.array([outcome.text for outcome in Outcome], pa.string())
    with pq.ParquetWriter(
        path,
        schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        # what the items of one balloon share repeats from row to row
        use_dictionary=text_columns + shared_columns,
    ) as writer:
        for k, items in enumerate(result.manifest):
            for rows in _iter_slices(items.draw.size):
                batch = _make_batch(items, k, rows, names, outcomes, schema)
                writer.write_batch(batch, row_group_size=ROW_GROUP)


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


def _iter_slices(count: int) -> Iterator[slice]:
    for start in range(0, count, ROW_GROUP):
        yield slice(start, min(start + ROW_GROUP, count))


def _make_batch(
    items: LandedItems,
    kind: int,
    rows: slice,
    names: pa.Array,
    outcomes: pa.Array,
    schema: pa.Schema,
) -> pa.RecordBatch:
    landed = items.landings
    count = rows.stop - rows.start
    speeds = np.column_stack([landed.low_speed_ms[rows], landed.high_speed_ms[rows]]).ravel()
    altitude = atmosphere.geometric_altitude(landed.release_height_m[rows])
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(np.full(count, kind, np.int16)), names),
        pa.array(items.balloon[rows].astype(np.int32)),
        pa.array(items.draw[rows].astype(np.int32)),
        _make_times(landed.release_s[rows]),
        _make_floats(altitude),
        _make_floats(landed.release_longitude[rows]),
        _make_floats(landed.release_latitude[rows]),
        _make_times(landed.landing_s[rows]),
        _make_floats(landed.longitude[rows]),
        _make_floats(landed.latitude[rows]),
        pa.DictionaryArray.from_arrays(pa.array(landed.outcome[rows].astype(np.int16)), outcomes),
        pa.FixedSizeListArray.from_arrays(pa.array(speeds), 2),
        _make_floats(landed.threshold[rows]),
        _make_floats(landed.exponent[rows]),
        _make_floats(landed.opening_s[rows]),
        _make_floats(landed.bundle_speed_ms[rows]),
        pack_points(landed.longitude[rows], landed.latitude[rows]),
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
    metadata = {
        "geo": json.dumps(_describe_geometry(result)),
        "downwind": json.dumps(_describe_cloud(result), ensure_ascii=False),
    }
    return pa.schema([pa.field(name, kind) for name, kind in types.items()], metadata=metadata)


def _describe_geometry(result: PlanResult) -> dict[str, Any]:
    """Return the GeoParquet metadata."""
    longitude = [items.landings.longitude for items in result.manifest]
    latitude = [items.landings.latitude for items in result.manifest]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": pyproj.CRS.from_user_input("OGC:CRS84").to_json_dict(),
    }
    if any(np.isfinite(part).any() for part in longitude):
        west = min(float(np.nanmin(part)) for part in longitude if part.size)
        east = max(float(np.nanmax(part)) for part in longitude if part.size)
        if east - west > 180.0:  # the cloud lies about the antimeridian
            west = min(float(np.nanmin(p[p >= 0.0], initial=180.0)) for p in longitude)
            east = max(float(np.nanmax(p[p < 0.0], initial=-180.0)) for p in longitude)
        south = min(float(np.nanmin(part)) for part in latitude if part.size)
        north = max(float(np.nanmax(part)) for part in latitude if part.size)
        column["bbox"] = [west, south, east, north]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _describe_cloud(result: PlanResult) -> dict[str, Any]:
    """Return what a reader needs to know of the columns, and to fly a row again."""
    grid = result.grid
    return {
        "format": FORMAT,
        "run": describe_run(result),
        "mission": result.mission.name,
        "wind": {
            "source": grid.source,
            "files": grid.files,
            "nature": grid.nature,
            "digest": grid.digest,
            "members": grid.member_count,
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
        "items": {items.kind.name: _describe_kind(items.kind) for items in result.manifest},
        "columns": _UNITS,
        "recipe": _RECIPE,
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
