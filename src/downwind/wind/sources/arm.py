"""Radiosondes of the ARM programme in NetCDF (``sondewnpn``): a level each second or two.

The time and the place of the balloon stand on every row. The altitude of these files is
geopotential height: the sondes reckon it from their pressure, temperature and humidity.

References
----------
ARM Data Centre, datastream SONDEWNPN: variables, units and quality marks; -9999 stands for
missing. That ``alt`` is geopotential: docs/how-to/use-a-sounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WeatherTruncatedError
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.gather import Gatherer
from downwind.wind.sources._soundings.rows import Ascent, Rows
from downwind.wind.sources._soundings.units import find_scale, to_si
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

NAME = "ARM radiosonde"

_CLASSIC: Final = (b"CDF\x01", b"CDF\x02")
_HEADER_BYTES: Final = 1 << 17
_NEEDED: Final = ("base_time", "time_offset", "lat", "lon", "alt", "wspd", "deg")
_MISSING_BELOW: Final = -9_990.0
_COLUMNS: Final = {
    "pressure_pa": ("pres", "pressure"),
    "height_m": ("alt", "length"),
    "temperature_k": ("tdry", "temperature"),
    "dewpoint_k": ("dp", "temperature"),
    "humidity": ("rh", "fraction"),
    "direction_deg": ("deg", "angle"),
    "speed_ms": ("wspd", "speed"),
    "eastward_ms": ("u_wind", "speed"),
    "northward_ms": ("v_wind", "speed"),
    "longitude": ("lon", "angle"),
    "latitude": ("lat", "angle"),
}
"""Variable of each column and the kind of its unit."""

_BAD_MARKS: Final = 0b111
"""Bits of a quality mark that say bad: missing, below or above what can be."""


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the variables in the header of a NetCDF file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes; attributes may push the variables beyond them.
    """
    if not head.startswith(_CLASSIC):
        return False
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
    return all(_write_name(name) in header for name in _NEEDED)


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all soundings of ARM files that lie in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files, one sounding each.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        The soundings, one profile each.

    Raises
    ------
    WeatherTruncatedError
        If a file ends early.
    WeatherContentError
        If a unit is not known, or no sounding can be used.
    """
    gatherer = Gatherer("ARM radiosondes", paths, window)
    for path in paths:
        ascent = _read_file(path)
        if ascent is None:
            gatherer.leave_out(f"{path.name}: it has no place or time at launch")
        else:
            gatherer.add(ascent)
    return gatherer.finish()


def _write_name(name: str) -> bytes:
    """Return a variable's name as a classic header holds it: length, letters, fill."""
    letters = name.encode()
    return len(letters).to_bytes(4, "big") + letters + bytes(-len(letters) % 4)


def _read_file(path: Path) -> Ascent | None:
    dataset = _open_file(path)
    columns = {
        column: _read_column(dataset, path.name, name, kind)
        for column, (name, kind) in _COLUMNS.items()
        if name in dataset
    }
    base_s = float(dataset["base_time"].values)
    time_s = base_s + np.asarray(dataset["time_offset"].values, np.float64)
    rows = Rows(**columns, time_s=time_s)
    placed = np.flatnonzero(np.isfinite(rows.longitude + rows.latitude + time_s))
    if placed.size == 0:
        return None
    first = int(placed[0])
    attrs = {str(key): str(value).strip() for key, value in dataset.attrs.items()}
    station = " ".join(filter(None, (attrs.get("site_id"), attrs.get("facility_id"))))
    ground = float(rows.height_m[first])
    return Ascent(
        station=station or "an unnamed station",
        longitude=float(rows.longitude[first]),
        latitude=float(rows.latitude[first]),
        elevation_m=ground if np.isfinite(ground) else None,
        time_s=float(time_s[first]),
        rows=rows,
        source="ARM radiosonde",
        file=path.name,
        surface=first,
    )


def _open_file(path: Path) -> xr.Dataset:
    try:
        with xr.open_dataset(
            path,
            engine="scipy",
            decode_times=False,
            decode_timedelta=False,
            mask_and_scale=False,
            backend_kwargs={"mmap": False},
        ) as dataset:
            return dataset.load()
    except MemoryError:
        raise
    except Exception as error:
        # A damaged file makes the library raise nearly anything; none of it is for users.
        raise WeatherTruncatedError(
            f"{path.name}: the file ends early, or its header is damaged "
            f"({path.stat().st_size} bytes)",
            "fetch the file again",
        ) from error


def _read_column(dataset: xr.Dataset, file: str, name: str, kind: str) -> FloatArray:
    """Return a variable in SI units, NaN where it is missing or marked as bad."""
    unit = str(dataset[name].attrs.get("units", ""))
    scale = find_scale(kind, unit)
    if scale is None:
        raise WeatherContentError(
            f"{file}: {name} has the unit '{unit}', which is none of {kind}",
            "bring in the file as the ARM archive gives it",
        )
    values = np.asarray(dataset[name].values, np.float64)
    lost = ~(values > _MISSING_BELOW)
    if f"qc_{name}" in dataset:
        lost |= (np.asarray(dataset[f"qc_{name}"].values, np.int64) & _BAD_MARKS) != 0
    return to_si(np.where(lost, np.nan, values), scale)
