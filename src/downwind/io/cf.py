"""``flight.nc``: sample flights as CF trajectories in a contiguous ragged array (NetCDF-4).

Balloons with their loads and, after the release, their emptied envelopes, every minute; the first
draws of each group. The first dimension is the flight, the second all points of all flights, one
flight after the other, ``row_size`` points each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from downwind.io._parts import Track, describe_run, iter_tracks
from downwind.plan.caption import warning_lines
from downwind.plan.result import PlanResult
from downwind.sim.flight import StopRule

DRAWS: Final = 40
"""Draws of each group in the file."""

_NOT_REACHED: Final = 0
_SECONDS: Final = {"units": "seconds since 1970-01-01T00:00:00Z", "calendar": "standard"}


def write_flight_nc(result: PlanResult, path: Path) -> None:
    """Write sample flights as NetCDF by the CF conventions; the same result, the same bytes."""
    dataset = flights_dataset(result)
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        text = variable.dtype.kind in "OUT"
        squeezed = {"zlib": True, "complevel": 4, "shuffle": True}
        encoding[str(name)] = {"dtype": "S1"} if text else {"_FillValue": None, **squeezed}
    for name in ("release_time", "burst_time"):
        encoding[name]["_FillValue"] = np.nan
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def flights_dataset(result: PlanResult) -> xr.Dataset:
    """Return the sample flights as a dataset, times as seconds since 1970."""
    tracks: list[tuple[int, Track]] = [
        (g, track)
        for g, found in enumerate(result.groups)
        for track in iter_tracks(found.envelope, DRAWS)
    ]
    names = [found.group.name for found in result.groups]
    group = np.array([g for g, _ in tracks], np.int32)
    draw = np.array([track.draw for _, track in tracks], np.int32)
    flights = [found.envelope.flights for found in result.groups]
    most = max(len(found.group.releases) for found in result.groups)
    released = np.full((len(tracks), most), np.nan)
    for i, (g, track) in enumerate(tracks):
        times = flights[g].release_time_s[track.draw]
        released[i, : times.size] = times
    burst = np.array([flights[g].burst_time_s[t.draw] for g, t in tracks])
    reason = np.array(
        [flights[g].reason[t.draw] if t.is_whole else _NOT_REACHED for g, t in tracks],
        np.int8,
    )
    identifier = np.array([f"{names[g]}/{t.draw:04d}" for g, t in tracks], dtype=object)
    flight, point = ("trajectory",), ("obs",)
    where = {"coordinates": "time latitude longitude altitude"}

    def join(field: str) -> np.ndarray:
        return np.concatenate([np.empty(0), *(getattr(track, field) for _, track in tracks)])

    return xr.Dataset(
        data_vars={
            "row_size": (
                flight,
                np.array([track.time_s.size for _, track in tracks], np.int32),
                {"long_name": "points of this flight", "sample_dimension": "obs", "units": "1"},
            ),
            "geopotential_height": (
                point,
                join("height_m"),
                {"standard_name": "geopotential_height", "units": "m", **where},
            ),
            "group": (
                flight,
                np.array([names[g] for g in group], dtype=object),
                {"long_name": "group of balloons"},
            ),
            "draw": (flight, draw, {"long_name": "index of the draw, from 0", "units": "1"}),
            "release_time": (
                ("trajectory", "release"),
                released,
                {"long_name": "time of each release; missing if there was none", **_SECONDS},
            ),
            "burst_time": (
                flight,
                burst,
                {"long_name": "time of the burst; missing if there was none", **_SECONDS},
            ),
            "end_reason": (
                flight,
                reason,
                {
                    "long_name": "how the flight ended; not_reached: after the end of the record",
                    "flag_values": np.array([_NOT_REACHED, *map(int, StopRule)], np.int8),
                    "flag_meanings": " ".join(["not_reached", *(r.name.lower() for r in StopRule)]),
                },
            ),
        },
        coords={
            "trajectory": (
                flight,
                identifier,
                {"cf_role": "trajectory_id", "long_name": "group and draw"},
            ),
            "time": (
                point,
                join("time_s"),
                {"standard_name": "time", "axis": "T", "long_name": "time", **_SECONDS},
            ),
            "latitude": (
                point,
                join("latitude"),
                {"standard_name": "latitude", "units": "degrees_north", "axis": "Y"},
            ),
            "longitude": (
                point,
                join("longitude"),
                {"standard_name": "longitude", "units": "degrees_east", "axis": "X"},
            ),
            "altitude": (
                point,
                join("altitude_m"),
                {
                    "standard_name": "altitude",
                    "long_name": "geometric altitude above mean sea level",
                    "units": "m",
                    "positive": "up",
                    "axis": "Z",
                },
            ),
        },
        attrs={
            "Conventions": "CF-1.11",
            "featureType": "trajectory",
            "title": result.mission.name,
            "source": f"downwind {result.run.version}; wind: {result.grid.source}",
            "comment": "\n".join([result.verdict, *warning_lines(result)]),
            **{f"run_{key}": _as_attribute(value) for key, value in describe_run(result).items()},
        },
    )


def _as_attribute(value: str | int) -> str | np.int32:
    """Return a value as an attribute holds it: a seed of 64 bits is written as text."""
    return np.int32(value) if isinstance(value, int) and value < 2**31 else str(value)
