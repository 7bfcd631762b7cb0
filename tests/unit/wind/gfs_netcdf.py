"""GFS as NetCDF in the three layouts that people have, with closed-form fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from tests.unit.wind.weather_files import LATITUDES, LEVELS_HPA, LONGITUDES, RUN_S, field_value

UPPER = ("u", "v", "gh", "t", "w", "r")
SURFACE = ("10u", "10v", "sp", "orog", "gust", "blh", "zust")
THREDDS = {
    "u": ("u-component_of_wind_isobaric", "m/s"),
    "v": ("v-component_of_wind_isobaric", "m/s"),
    "gh": ("Geopotential_height_isobaric", "gpm"),
    "t": ("Temperature_isobaric", "K"),
    "w": ("Vertical_velocity_pressure_isobaric", "Pa/s"),
    "r": ("Relative_humidity_isobaric", "%"),
    "10u": ("u-component_of_wind_height_above_ground", "m/s"),
    "10v": ("v-component_of_wind_height_above_ground", "m/s"),
    "sp": ("Pressure_surface", "Pa"),
    "orog": ("Geopotential_height_surface", "gpm"),
    "gust": ("Wind_speed_gust_surface", "m/s"),
    "blh": ("Planetary_Boundary_Layer_Height_surface", "m"),
    "zust": ("Frictional_Velocity_surface", "m/s"),
}
WGRIB2 = {
    "u": ("UGRD", "m/s"), "v": ("VGRD", "m/s"), "gh": ("HGT", "gpm"), "t": ("TMP", "K"),
    "w": ("VVEL", "Pa/s"), "r": ("RH", "percent"), "10u": ("UGRD_10maboveground", "m/s"),
    "10v": ("VGRD_10maboveground", "m/s"), "sp": ("PRES_surface", "Pa"),
    "orog": ("HGT_surface", "gpm"), "gust": ("GUST_surface", "m/s"), "blh": ("HPBL_surface", "m"),
    "zust": ("FRICV_surface", "m/s"),
}  # fmt: skip
GRADS = {
    "u": ("ugrdprs", "m/s"), "v": ("vgrdprs", "m/s"), "gh": ("hgtprs", "gpm"),
    "t": ("tmpprs", "k"), "w": ("vvelprs", "pa/s"), "r": ("rhprs", "%"),
    "10u": ("ugrd10m", "m/s"), "10v": ("vgrd10m", "m/s"), "sp": ("pressfc", "pa"),
    "orog": ("hgtsfc", "gpm"), "gust": ("gustsfc", "m/s"), "blh": ("hpblsfc", "m"),
    "zust": ("fricvsfc", "m/s"),
}  # fmt: skip


def stack(name: str, steps_h: Sequence[int], levels: Sequence[float] | None) -> Any:
    """Return the closed form of a field, shape (time, [level,] lat, lon), south to north."""
    lat, lon = LATITUDES[:, None], LONGITUDES[None, :]
    if levels is None:
        return np.array([field_value(name, lat, lon, 0.0, step) for step in steps_h], np.float32)
    blocks = [[field_value(name, lat, lon, level, step) for level in levels] for step in steps_h]
    return np.array(blocks, np.float32)


def make_thredds(steps_h: Sequence[int] = (3, 6)) -> xr.Dataset:
    """Return GFS as a THREDDS server gives it: axes of its own for some variables."""
    up = sorted(LEVELS_HPA)
    hours = {"units": "Hour since 2024-01-02T06:00:00Z", "standard_name": "time"}
    coords: dict[str, Any] = {
        "lat": ("lat", LATITUDES[::-1].astype(np.float32), {"units": "degrees_north"}),
        "lon": ("lon", LONGITUDES.astype(np.float32), {"units": "degrees_east"}),
        "time1": ("time1", np.array(steps_h, np.float64), {**hours, "bounds": "time1_bounds"}),
        "isobaric": ("isobaric", 100.0 * np.array(up, np.float32), {"units": "Pa"}),
        "isobaric1": ("isobaric1", 100.0 * np.array(up[1:], np.float32), {"units": "Pa"}),
        "height_above_ground2": ("height_above_ground2", [10.0, 20.0, 80.0], {"units": "m"}),
    }
    data: dict[str, Any] = {
        "reftime": ((), 0.0, {**hours, "standard_name": "forecast_reference_time"}),
        "time1_bounds": (("time1", "bnds"), [[step - 3.0, float(step)] for step in steps_h]),
    }
    for short, (name, unit) in THREDDS.items():
        if short in UPPER:
            axis = "isobaric1" if short == "r" else "isobaric"
            values = stack(short, steps_h, up[1:] if short == "r" else up)
            dims: tuple[str, ...] = ("time1", axis, "lat", "lon")
        elif short.startswith("10"):
            low = stack(short, steps_h, None)
            values = np.stack([low, low + 3.0, low + 8.0], axis=1)
            dims = ("time1", "height_above_ground2", "lat", "lon")
        else:
            values, dims = stack(short, steps_h, None), ("time1", "lat", "lon")
        data[name] = (dims, values[..., ::-1, :], {"units": unit})
    rate = stack("prate", steps_h, None)[..., ::-1, :]
    rain = "Precipitation_rate_surface_Mixed_intervals_Average"
    data[rain] = (("time1", "lat", "lon"), rate, {"units": "kg.m-2.s-1"})
    return xr.Dataset(data, coords, {"Originating_or_generating_Center": "NCEP", "title": "GFS"})


def make_wgrib2(steps_h: Sequence[int] = (3, 6)) -> xr.Dataset:
    """Return GFS as ``wgrib2 -netcdf`` writes it: one variable a level."""
    attrs = {
        "units": "seconds since 1970-01-01 00:00:00.0 0:00",
        "reference_time": float(RUN_S),
        "reference_time_type": 3,
    }
    coords: dict[str, Any] = {
        "latitude": ("latitude", LATITUDES, {"units": "degrees_north"}),
        "longitude": ("longitude", LONGITUDES, {"units": "degrees_east"}),
        "time": ("time", RUN_S + 3600.0 * np.array(steps_h), attrs),
    }
    data: dict[str, Any] = {}
    dims = ("time", "latitude", "longitude")
    for short, (name, unit) in WGRIB2.items():
        if short in UPPER:
            for level in LEVELS_HPA:
                values = stack(short, steps_h, [level])[:, 0]
                data[f"{name}_{level}mb"] = (dims, values, {"units": unit})
        else:
            data[name] = (dims, stack(short, steps_h, None), {"units": unit})
    return xr.Dataset(data, coords, {"History": "created by wgrib2", "Conventions": "COARDS"})


def make_grads(steps_h: Sequence[int] = (3, 6)) -> xr.Dataset:
    """Return GFS as a GrADS data server gives it: units in the long names, days since 1-1-1."""
    days = RUN_S / 86_400.0 + 719_164.0 + np.array(steps_h) / 24.0
    levels = np.array(LEVELS_HPA, np.float64)
    coords: dict[str, Any] = {
        "lat": ("lat", LATITUDES, {"units": "degrees_north"}),
        "lon": ("lon", LONGITUDES, {"units": "degrees_east"}),
        "lev": ("lev", levels, {"units": "millibar", "long_name": "altitude"}),
        "time": ("time", days, {"units": "days since 1-1-1 00:00:0.0"}),
    }
    data: dict[str, Any] = {}
    for short, (name, unit) in GRADS.items():
        levels_of = list(LEVELS_HPA) if short in UPPER else None
        dims = ("time", "lev", "lat", "lon") if short in UPPER else ("time", "lat", "lon")
        words = {"long_name": f"** (1000 850 500) {name} [{unit}] ", "missing_value": 9.999e20}
        data[name] = (dims, stack(short, steps_h, levels_of), words)
    title = "GFS 0.25 deg starting from 06Z02jan2024, downloaded Jan 02 10:41 UTC"
    return xr.Dataset(data, coords, {"title": title, "history": "GrADS Data Server, NOMADS, NCEP"})
