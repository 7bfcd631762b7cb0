"""Small forecasts with closed-form values, for the tests of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import xarray as xr

from downwind.times import epoch_to_datetime64, format_utc, parse_time
from downwind.wind.cube import VARIABLES, WindCube, validate_cube

RUN_S = parse_time("2024-01-02T06:00Z")


def make_cube(
    hours: Sequence[float] = (0, 3, 6, 9, 12, 15, 18),
    *,
    run_h: float = 0.0,
    box: tuple[float, float, float, float] = (120.0, 33.0, 132.0, 43.0),
    spacing: float = 1.0,
    members: int = 1,
    levels: int = 4,
    source: str = "NCEP GFS 1 deg",
    nature: str = "forecast",
    terrain: bool = True,
    cloud: bool = True,
    peak_ms: float = 12.0,
    content: str = "",
) -> WindCube:
    """Return a cube of one run; its hours count from the run, its values from the valid time."""
    west, south, east, north = box
    lat = np.round(south + spacing * np.arange(round((north - south) / spacing) + 1), 9)
    lon = np.round(west + spacing * np.arange(round((east - west) / spacing) + 1), 9)
    run_s = RUN_S + round(3600 * run_h)
    times = run_s + np.round(3600 * np.asarray(hours, float)).astype(np.int64)
    shape = (members, times.size, levels, lat.size, lon.size)
    m, t, k, j, i = np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)
    wave = np.sin(0.7 * m + times[t] / 7e4 + 0.9 * k + 0.3 * j + 0.2 * i)
    values = {
        "eastward_wind": peak_ms * wave,
        "northward_wind": 0.5 * peak_ms * np.cos(3.0 * wave),
        "geopotential_height": 100.0 + 6000.0 * k + 40.0 * wave,
    }
    if cloud:
        gappy = np.clip(np.abs(wave), 0.0, 1.0)
        values["relative_humidity"] = np.where(gappy > 0.9, np.nan, gappy)
    attributes = {name: {"units": VARIABLES[name][1], "standard_name": name} for name in values}
    fields = {
        name: (VARIABLES[name][0], np.broadcast_to(v, shape).astype(np.float32), attributes[name])
        for name, v in values.items()
    }
    if terrain:
        ground = np.broadcast_to(10.0 * j[0, 0, 0] + i[0, 0, 0], shape[3:]).astype(np.float32)
        fields["surface_altitude"] = (("latitude", "longitude"), ground, {"units": "m"})
    named = f"{content}{source}{nature}{run_s}{times}{box}{spacing}{members}{peak_ms}"
    data = xr.Dataset(
        fields,
        coords={
            "realization": np.arange(members),
            "time": epoch_to_datetime64(times),
            "level": (
                "level",
                np.linspace(1e5, 1e4, levels),
                {"standard_name": "air_pressure", "units": "Pa"},
            ),
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        attrs={
            "source": source,
            "files": f"f{hours[0]:g}.grib2",
            "digest": hashlib.sha256(named.encode()).hexdigest(),
            "forecast_reference_time": format_utc(run_s) if nature == "forecast" else "",
            "nature": nature,
            "warnings": "",
            "notes": "closed form",
        },
    )
    return validate_cube(data)


def same_values(one: WindCube, two: WindCube) -> bool:
    """Tell whether two cubes hold the same bits on the same axes, with the same attributes."""
    a, b = one.dataset, two.dataset
    names = set(a.variables)
    return names == set(b.variables) and all(
        a[n].dims == b[n].dims
        and a[n].dtype == b[n].dtype
        and a[n].attrs == b[n].attrs
        and a[n].values.tobytes() == b[n].values.tobytes()
        for n in names
    )
