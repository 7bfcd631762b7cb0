"""What several files say alike: the run, the wind, contours cut for maps, and tracks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from downwind import atmosphere
from downwind.geo._rings import make_polygonal, split_at_antimeridian
from downwind.plan.ground import EnvelopeResult
from downwind.plan.result import PlanResult

DECIMALS: Final = 6
"""Digits of longitudes and latitudes in maps: a tenth of a metre."""


@dataclass(frozen=True, slots=True)
class Track:
    """One recorded flight.

    Attributes
    ----------
    draw : int
    time_s : numpy.ndarray
        Shape (n,), ascending [epoch s].
    longitude, latitude : numpy.ndarray
        Shape (n,) [degrees].
    height_m : numpy.ndarray
        Geopotential height, shape (n,) [m].
    is_whole : bool
        Whether the record reaches the end of the flight.
    """

    draw: int
    time_s: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    is_whole: bool

    @property
    def altitude_m(self) -> NDArray[np.float64]:
        """Geometric altitude above mean sea level, shape (n,) [m]."""
        return atmosphere.geometric_altitude(self.height_m)


def describe_run(result: PlanResult) -> dict[str, Any]:
    """Return the identity of a run as every file holds it; the clock is no part of it."""
    run = result.run
    return {
        "digest": run.digest,
        "version": run.version,
        "mission_digest": run.mission_digest,
        "wind_digest": run.wind_digest,
        "seed": run.seed,
        "draws": run.draws,
    }


def replace_nan(value: Any) -> Any:
    """Return a JSON value with every number that is not finite made null, arrays made lists."""
    if isinstance(value, dict):
        return {key: replace_nan(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return replace_nan(value.tolist())
    if isinstance(value, list | tuple):
        return [replace_nan(item) for item in value]
    if isinstance(value, np.generic):
        return replace_nan(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def cut_for_map(geometry: BaseGeometry) -> BaseGeometry:
    """Return polygons cut at the antimeridian, on a grid of 1e-6 degrees, outlines anticlockwise.

    Parameters
    ----------
    geometry : Polygon or MultiPolygon
        Longitudes may run on past 180 degrees.
    """
    west, _, east, _ = geometry.bounds if not geometry.is_empty else (0.0, 0.0, 0.0, 0.0)
    if west < -180.0 or east > 180.0:
        geometry = split_at_antimeridian(make_polygonal(geometry))
    snapped = shapely.set_precision(geometry, 10.0**-DECIMALS)
    oriented: BaseGeometry = shapely.orient_polygons(make_polygonal(snapped))
    return oriented


def write_geometry(geometry: BaseGeometry) -> dict[str, Any]:
    """Return a geometry as GeoJSON holds it, coordinates to 1e-6 degrees."""
    shape = mapping(geometry)
    return {"type": shape["type"], "coordinates": _round(shape["coordinates"])}


def _round(values: Any) -> Any:
    if isinstance(values, list | tuple):
        return [_round(value) for value in values]
    return round(float(values), DECIMALS)


def iter_tracks(envelope: EnvelopeResult, limit: int) -> Iterator[Track]:
    """Yield the recorded flights of the first draws."""
    flights = envelope.flights
    for draw in range(min(limit, flights.track.shape[0])):
        rows = flights.track[draw]
        count = int(np.isfinite(rows[:, 0]).sum())
        if count == 0:
            continue
        launch = float(envelope.launch_s[draw])
        time_s = launch + flights.record_s * np.arange(count, dtype=np.float64)
        end_s = float(flights.end_time_s[draw])
        # the last row is the end of the flight, unless the record was full before
        is_whole = end_s <= time_s[-1] + 1e-6
        if is_whole:
            time_s[-1] = end_s
        yield Track(draw, time_s, rows[:count, 0], rows[:count, 1], rows[:count, 2], is_whole)
