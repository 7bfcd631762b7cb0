"""Small weather files with closed-form fields, for the tests of the readers.

Every field is linear in latitude, longitude, level, step and member, so that a value at any place
of a cube is known without reading the file again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

LATITUDES = np.array([30.0, 31.0, 32.0, 33.0])
LONGITUDES = np.array([120.0, 121.0, 122.0])
LEVELS_HPA = (1000, 850, 500)
RUN = (20240102, 600)
RUN_S = 1_704_175_200
"""2024-01-02T06:00Z."""

PLAIN = ("u", "v", "gh")
UPPER = ("u", "v", "gh", "z", "t", "w", "r", "q", "cc", "tcc")
"""The names of the fields on pressure levels."""


def height_m(level_hpa: float) -> float:
    """Return a height of a pressure level that falls with pressure."""
    return 44_330.0 * (1.0 - (level_hpa / 1013.25) ** 0.19)


def field_value(
    name: str,
    latitude: Any,
    longitude: Any,
    level_hpa: float = 0.0,
    step_h: float = 0.0,
    member: int = 0,
) -> Any:
    """Return the closed form of a field; works on scalars and on arrays."""
    base = 0.1 * latitude + 0.01 * longitude + 0.1 * step_h + 0.5 * member
    return {
        "u": base + 0.01 * level_hpa,
        "v": -base + 0.005 * level_hpa,
        "gh": base + height_m(max(level_hpa, 0.01)),
        "z": 9.80665 * (base + height_m(max(level_hpa, 0.01))),
        "t": base + 200.0 + 0.05 * level_hpa,
        "w": 0.01 * base,
        "10u": base,
        "10v": -base,
        "sp": 100_000.0 + base,
        "orog": 10.0 * (latitude - 29.0) + 0.0 * longitude,
        "r": 30.0 + base + 0.02 * level_hpa,
        "q": 1.0e-6 * base + 1.0e-7 * level_hpa,
        "cc": 0.1 + 0.01 * base + 0.0001 * level_hpa,
        "tcc": 10.0 + base + 0.01 * level_hpa,
        "prate": 1.0e-4 + 1.0e-6 * base,
        "gust": 12.0 + base,
        "blh": 500.0 + 10.0 * base,
        "zust": 0.3 + 0.01 * base,
    }[name]


def make_message(
    name: str,
    *,
    level_hpa: float = 0,
    step_h: int = 0,
    member: int | None = None,
    latitudes: NDArray[np.float64] = LATITUDES,
    longitudes: NDArray[np.float64] = LONGITUDES,
    run: tuple[int, int] = RUN,
    south_first: bool = False,
    missing: tuple[int, int] | None = None,
    offset: float = 0.0,
    keys: dict[str, Any] | None = None,
) -> Any:
    """Return the ecCodes handle of one GRIB2 field; the caller releases it."""
    import eccodes

    kind = "regular_ll_pl_grib2" if name in UPPER else "regular_ll_sfc_grib2"
    handle = eccodes.codes_grib_new_from_samples(kind)
    rows = latitudes if south_first else latitudes[::-1]
    lon = longitudes % 360.0
    level_type = {"10u": "heightAboveGround", "10v": "heightAboveGround"}.get(name, "surface")
    settings: dict[str, Any] = {
        "centre": "kwbc",
        "generatingProcessIdentifier": 96,
        "typeOfGeneratingProcess": 2,
        "typeOfProcessedData": "fc",
        "dataDate": run[0],
        "dataTime": run[1],
        "Ni": longitudes.size,
        "Nj": latitudes.size,
        "jScansPositively": int(south_first),
        "latitudeOfFirstGridPointInDegrees": float(rows[0]),
        "latitudeOfLastGridPointInDegrees": float(rows[-1]),
        "longitudeOfFirstGridPointInDegrees": float(lon[0]),
        "longitudeOfLastGridPointInDegrees": float(lon[-1]),
        "iDirectionIncrementInDegrees": float(longitudes[1] - longitudes[0]),
        "jDirectionIncrementInDegrees": float(latitudes[1] - latitudes[0]),
    }
    if member is not None:
        settings |= {"productDefinitionTemplateNumber": 1, "perturbationNumber": member}
        settings |= {"typeOfEnsembleForecast": 3 if member else 1}
    if kind == "regular_ll_pl_grib2":
        settings |= {"typeOfLevel": "isobaricInhPa", "level": int(level_hpa)}
    settings |= {"shortName": name}
    if kind == "regular_ll_sfc_grib2":
        settings |= {"typeOfLevel": level_type, "level": 10 if name in ("10u", "10v") else 0}
    settings |= {"forecastTime": step_h, "packingType": "grid_simple", "bitsPerValue": 24}
    settings |= keys or {}
    for key, value in settings.items():
        eccodes.codes_set(handle, key, value)
    values = field_value(name, rows[:, None], longitudes[None, :], level_hpa, step_h, member or 0)
    values = np.array(values + offset, np.float64)
    if missing is not None:
        eccodes.codes_set(handle, "bitmapPresent", 1)
        eccodes.codes_set(handle, "missingValue", 9999.0)
        values[missing] = 9999.0
    eccodes.codes_set_values(handle, values.ravel())
    return handle


def grib_bytes(name: str, **settings: Any) -> bytes:
    """Return the bytes of one GRIB2 message with one field."""
    import eccodes

    handle = make_message(name, **settings)
    try:
        return bytes(eccodes.codes_get_message(handle))
    finally:
        eccodes.codes_release(handle)


def grib_set(
    names: Iterable[str] = PLAIN,
    levels: Sequence[float] = LEVELS_HPA,
    **settings: Any,
) -> bytes:
    """Return the bytes of one message for each variable and level."""
    return b"".join(
        grib_bytes(name, level_hpa=level, **settings) for name in names for level in levels
    )


def write_two_field_messages(path: Path, levels: Sequence[int] = LEVELS_HPA) -> None:
    """Write U and V of each level into one message, and heights into messages of their own."""
    import eccodes

    with path.open("wb") as stream:
        for level in levels:
            multi = eccodes.codes_grib_multi_new()
            for name in ("u", "v"):
                handle = make_message(name, level_hpa=level)
                eccodes.codes_grib_multi_append(handle, 4, multi)
                eccodes.codes_release(handle)
            eccodes.codes_grib_multi_write(multi, stream)
            eccodes.codes_grib_multi_release(multi)
        stream.flush()
    with path.open("ab") as stream:
        stream.write(grib_set(("gh",), levels))


def make_era5(
    *,
    layout: str = "old",
    steps_h: Sequence[int] = (0, 6),
    members: Sequence[int] | None = None,
    names: Sequence[str] = ("u", "v", "z"),
    levels: Sequence[int] = LEVELS_HPA,
) -> xr.Dataset:
    """Return a dataset as the Climate Data Store lays it out, ``old`` or ``new``."""
    time, level = ("time", "level") if layout == "old" else ("valid_time", "pressure_level")
    ordered = sorted(levels) if layout == "old" else sorted(levels, reverse=True)
    dims = (time, *(["number"] if members is not None else []), level, "latitude", "longitude")
    units = {"u": "m s**-1", "v": "m s**-1", "z": "m**2 s**-2", "t": "K", "w": "Pa s**-1"}
    units |= {"r": "%", "q": "kg kg**-1", "cc": "(0 - 1)"}
    rows = LATITUDES[::-1].astype(np.float32)
    columns = LONGITUDES.astype(np.float32)
    data = {}
    for name in names:
        blocks = [
            [
                [
                    field_value(name, rows[:, None], columns[None, :], lv, step, member)
                    for lv in ordered
                ]
                for member in members or (0,)
            ]
            for step in steps_h
        ]
        values = np.array(blocks, np.float64)
        if members is None:
            values = values[:, 0]
        data[name] = (dims, values, {"units": units[name]})
    hours = np.array(steps_h, np.int32)
    coords: dict[str, Any] = {
        "latitude": ("latitude", rows, {"units": "degrees_north"}),
        "longitude": ("longitude", columns, {"units": "degrees_east"}),
    }
    if layout == "old":
        origin = np.int32((RUN_S + 2_208_988_800) // 3600)
        attrs = {"units": "hours since 1900-01-01 00:00:00.0", "calendar": "gregorian"}
        coords[time] = (time, hours + origin, attrs)
        coords[level] = (level, np.array(ordered, np.int32), {"units": "millibars"})
    else:
        attrs = {
            "units": "seconds since 1970-01-01",
            "calendar": "proleptic_gregorian",
            "standard_name": "time",
        }
        coords[time] = (time, RUN_S + 3600 * hours.astype(np.int64), attrs)
        unit = {"units": "hPa", "standard_name": "air_pressure"}
        coords[level] = (level, np.array(ordered, np.float64), unit)
        coords["expver"] = (time, np.array(["0001"] * len(steps_h)))
        if members is None:
            coords["number"] = ((), np.int64(0), {"standard_name": "realization"})
    if members is not None:
        coords["number"] = ("number", np.array(members, np.int32), {"standard_name": "realization"})
    return xr.Dataset(data, coords, {"Conventions": "CF-1.7", "institution": "ECMWF"})


def write_netcdf(dataset: xr.Dataset, path: Path, kind: str, *, packed: bool = False) -> Path:
    """Write a dataset as ``hdf5``, ``classic`` or ``classic64``; packed: as 16-bit integers."""
    encoding: dict[str, Any] = {}
    if packed:
        for name, array in dataset.data_vars.items():
            low, high = float(array.min()), float(array.max())
            scale = max((high - low) / 65_000.0, 1e-6)
            encoding[str(name)] = {
                "dtype": "int16",
                "scale_factor": scale,
                "add_offset": 0.5 * (low + high),
                "_FillValue": -32_767,
            }
    if kind == "hdf5":
        dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)
    else:
        form = "NETCDF3_CLASSIC" if kind == "classic" else "NETCDF3_64BIT"
        dataset = dataset.drop_vars("expver", errors="ignore")
        for name in list(dataset.coords):
            if dataset[name].dtype == np.int64:
                dataset[name] = dataset[name].astype(np.int32).assign_attrs(dataset[name].attrs)
        dataset.to_netcdf(path, engine="scipy", format=form, encoding=encoding)
    return path
