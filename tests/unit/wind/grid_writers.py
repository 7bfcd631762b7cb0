"""The same closed-form wind as the files of every gridded source, for the contract of the readers.

A source that delivers grids has a `Writer` here, by its name; sources of soundings have none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.wind.sources import tawhiri
from downwind.wind.window import Window
from tests.unit.wind.weather_files import (
    LEVELS_HPA,
    RUN_S,
    field_value,
    grib_set,
    write_netcdf,
)

STAMP: Final = "2024010206"
"""The run of `weather_files` as names state it."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Axes:
    """What a file is to hold: steps of 3 h, and evenly spaced axes."""

    latitudes: Array
    longitudes: Array
    steps_h: tuple[int, ...] = (0, 3)

    def window(self) -> Window:
        """Return the window that holds all of it, and nothing else of a global file."""
        return Window(
            float(self.longitudes[0]),
            float(self.latitudes[0]),
            float(self.longitudes[-1]),
            float(self.latitudes[-1]),
            RUN_S + 3600 * self.steps_h[0],
            RUN_S + 3600 * self.steps_h[-1],
        )


SMALL = Axes(np.arange(30.0, 34.0), np.arange(120.0, 123.0))


def values_of(name: str, axes: Axes, level_hpa: float, step_h: int) -> Array:
    """Return one slab of the closed form, shape (latitudes, longitudes)."""
    rows, columns = axes.latitudes[:, None], axes.longitudes[None, :]
    return np.asarray(field_value(name, rows, columns, level_hpa, step_h), np.float64)


def block_of(name: str, axes: Axes, levels: Sequence[float]) -> Array:
    """Return a variable of the closed form, shape (steps, levels, latitudes, longitudes)."""
    return np.array([[values_of(name, axes, lv, s) for lv in levels] for s in axes.steps_h])


def write_grib(folder: Path, stem: str, names: Sequence[str], axes: Axes) -> Path:
    path = folder / f"{stem}.grib2"
    named = [{"z": "gh"}.get(name, name) for name in names]
    path.write_bytes(
        b"".join(
            grib_set(named, step_h=step, latitudes=axes.latitudes, longitudes=axes.longitudes)
            for step in axes.steps_h
        )
    )
    return path


def write_era5(folder: Path, stem: str, names: Sequence[str], axes: Axes) -> Path:
    units = {"u": "m s**-1", "v": "m s**-1", "z": "m**2 s**-2", "t": "K", "w": "Pa s**-1"}
    units |= {"r": "%", "q": "kg kg**-1", "cc": "(0 - 1)"}
    dims = ("valid_time", "pressure_level", "latitude", "longitude")
    times = RUN_S + 3600 * np.array(axes.steps_h, np.int64)
    coords: dict[str, Any] = {
        "valid_time": ("valid_time", times, {"units": "seconds since 1970-01-01"}),
        "pressure_level": ("pressure_level", np.array(LEVELS_HPA, float), {"units": "hPa"}),
        "latitude": ("latitude", axes.latitudes[::-1], {"units": "degrees_north"}),
        "longitude": ("longitude", axes.longitudes % 360.0, {"units": "degrees_east"}),
    }
    data = {
        name: (dims, block_of(name, axes, LEVELS_HPA)[:, :, ::-1], {"units": units[name]})
        for name in names
    }
    dataset = xr.Dataset(data, coords, {"institution": "ECMWF"})
    return write_netcdf(dataset, folder / f"{stem}.nc", "hdf5")


TEXT_NAMES = {
    "u": "ugrdprs", "v": "vgrdprs", "z": "hgtprs", "gh": "hgtprs", "t": "tmpprs", "w": "vvelprs",
    "r": "rhprs", "q": "spfhprs", "10u": "ugrd10m", "10v": "vgrd10m", "sp": "pressfc",
    "orog": "hgtsfc", "tcc": "tcdcclm",
}  # fmt: skip
FLAT = ("10u", "10v", "sp", "orog")


def text_of(name: str, values: Array, **axes: Array) -> str:
    """Return an array as a GrADS data server writes it, its axes in the order that they have."""
    shape = "".join(f"[{size}]" for size in values.shape)
    lines = [f"{name}, {shape}"]
    for place in np.ndindex(values.shape[:-1]):
        label = "".join(f"[{i}]" for i in place)
        lines.append(", ".join([label, *(f"{value:.9g}" for value in values[place])]))
        if place[-1] == values.shape[-2] - 1:
            lines.append("")
    lines += ["", ""]
    for axis, numbers in axes.items():
        lines += [f"{axis}, [{numbers.size}]", ", ".join(repr(float(n)) for n in numbers)]
    return "\n".join(lines) + "\n"


def grads_days(steps_h: Sequence[int]) -> Array:
    """Return times as days since 1-1-1 of the mixed calendar: 2024-01-02 is day 738888."""
    return 738_888.0 + (6 + np.array(steps_h, np.float64)) / 24.0


def write_text(folder: Path, stem: str, names: Sequence[str], axes: Axes) -> Path:
    path = folder / f"gfs_{STAMP[:8]}_{STAMP[8:]}z_{stem}.ascii"
    time, lev = grads_days(axes.steps_h), np.array(LEVELS_HPA, np.float64)
    lat, lon = axes.latitudes, axes.longitudes % 360.0
    pieces = []
    for name in names:
        if name in FLAT:
            values = block_of(name, axes, (0,))[:, 0]
            pieces.append(text_of(TEXT_NAMES[name], values, time=time, lat=lat, lon=lon))
        else:
            values = block_of({"z": "gh"}.get(name, name), axes, LEVELS_HPA)
            pieces.append(text_of(TEXT_NAMES[name], values, time=time, lev=lev, lat=lat, lon=lon))
    path.write_text("\n".join(pieces))
    return path


def region_arrays(names: Sequence[str], axes: Axes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a Tawhiri region."""
    blocks = [block_of({"z": "gh"}.get(name, name), axes, LEVELS_HPA) for name in names]
    return {
        "data": np.stack(blocks, axis=2).astype(np.float32),
        "hours": np.array(axes.steps_h),
        "pressures": np.array(LEVELS_HPA, np.float64),
        "variables": np.array([{"z": "height"}.get(name, name) for name in names]),
        "lat": axes.latitudes,
        "lng": axes.longitudes % 360.0,
    }


def write_region(folder: Path, stem: str, names: Sequence[str], axes: Axes) -> Path:
    path = folder / f"{stem}_{STAMP}.npz"
    np.savez_compressed(path, **region_arrays(names, axes))
    return path


def write_tawhiri(folder: Path, stem: str, names: Sequence[str], axes: Axes) -> Path:
    """Write a dataset that takes no room on disk more than a degree outside the axes."""
    path = folder / stem / STAMP
    path.parent.mkdir(exist_ok=True)
    rows = np.arange(2 * axes.latitudes[0] - 2, 2 * axes.latitudes[-1] + 3) / 2.0
    columns = np.arange(2 * axes.longitudes[0] - 2, 2 * axes.longitudes[-1] + 3) / 2.0
    fine = Axes(rows, columns, axes.steps_h)
    with path.open("wb") as stream:
        stream.truncate(tawhiri.FILE_BYTES)
    data = np.memmap(path, "<f4", "r+", shape=tawhiri.SHAPE)
    y = np.round(2.0 * (rows + 90.0)).astype(int)
    x = np.round(2.0 * columns).astype(int) % 720
    for step in axes.steps_h:
        for k, level in enumerate(tawhiri.LEVELS_HPA):
            for i, name in enumerate(("gh", "u", "v")):
                slab = data[tawhiri.HOURS.index(step), k, i]
                slab[y[:, None], x] = values_of(name, fine, level, step)
    return path


@dataclass(frozen=True)
class Writer:
    """How to write the files of a source, and what they can hold.

    Parameters
    ----------
    write : callable
        Folder, stem of the name, names of variables and axes to the path of a file.
    holds : tuple of str
        Names of the variables that it can hold.
    another : str
        A pattern of names that say the same of the run.
    is_whole : bool
        Whether a file holds what it is told and no more, and is read and hashed as a whole.
    """

    write: Callable[[Path, str, Sequence[str], Axes], Path]
    holds: tuple[str, ...]
    another: str = "{}.bin"
    is_whole: bool = True


WRITERS: Final[dict[str, Writer]] = {
    "GRIB": Writer(write_grib, ("u", "v", "z", "t", "w")),
    "NetCDF": Writer(write_era5, ("u", "v", "z", "t", "w")),
    "OPeNDAP text": Writer(
        write_text, ("u", "v", "z", "t", "w"), f"gfs_{STAMP[:8]}_{STAMP[8:]}z_{{}}.bin"
    ),
    "Tawhiri region": Writer(write_region, ("u", "v", "z"), f"{{}}_{STAMP}.bin"),
    "Tawhiri dataset": Writer(write_tawhiri, ("u", "v", "z"), STAMP, is_whole=False),
}
