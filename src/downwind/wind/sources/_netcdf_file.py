"""A NetCDF file opened: its axes read, its values on demand, and damage turned into one error.

HDF5 is read by h5netcdf, the classic format by scipy. A damaged file makes both raise nearly
anything; none of it is for users.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import h5py
import xarray as xr

from downwind.errors import WeatherContentError, WeatherFileError, WeatherTruncatedError

HDF5_MAGIC: Final = b"\x89HDF\r\n\x1a\n"
_HDF5_SMALLEST: Final = 512

MAX_AXIS: Final = 100_000_000
"""Values of a coordinate above which a file is refused before it is read."""


class DamagedError(Exception):
    """A part of a file cannot be read."""


@contextmanager
def open_file(path: Path, is_hdf5: bool) -> Iterator[xr.Dataset]:
    """Open a file and read its axes; values are unpacked as they are read, times left alone."""
    try:
        if is_hdf5:
            _probe(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)
            opened = xr.open_dataset(
                path,
                engine="h5netcdf" if is_hdf5 else "scipy",
                decode_times=False,
                decode_timedelta=False,
                backend_kwargs={"phony_dims": "sort"} if is_hdf5 else None,
            )
            dataset = opened.set_coords([str(name) for name in opened if _is_run(opened[name])])
            _check_axes(dataset, path.name)
            for coord in dataset.coords.values():
                coord.load()
    except (MemoryError, WeatherContentError):
        raise
    except Exception as error:
        raise refuse_damaged(path, is_hdf5, error) from error
    try:
        yield dataset
    finally:
        opened.close()


def _probe(path: Path) -> None:
    """Open the root of an HDF5 file and read its attributes.

    Where this fails, h5netcdf leaves a half-made file behind, whose end prints a traceback.
    """
    with h5py.File(path, "r") as root:
        dict(root.attrs)


def _check_axes(dataset: xr.Dataset, file: str) -> None:
    """Raise WeatherContentError if the axes are longer than those of any weather."""
    name, size = max(
        ((str(name), coord.size) for name, coord in dataset.coords.items()),
        key=lambda item: item[1],
        default=("", 0),
    )
    if size > MAX_AXIS:
        raise WeatherContentError(
            f"{file}: '{name}' has {size:,} values, more than any axis of weather",
            "cut the file to what you need, such as with: ncks -d",
        )


def _is_run(array: xr.DataArray) -> bool:
    is_named = array.attrs.get("standard_name") == "forecast_reference_time"
    return array.size == 1 and (is_named or str(array.name).lower() == "reftime")


def refuse_damaged(path: Path, is_hdf5: bool, error: Exception) -> WeatherFileError:
    size = path.stat().st_size
    if not is_hdf5 or "truncated" in str(error) or size < _HDF5_SMALLEST:
        return WeatherTruncatedError(
            f"{path.name}: the file ends early, or its header is damaged ({size} bytes)",
            "fetch the file again",
        )
    return WeatherFileError(
        f"{path.name} cannot be read as NetCDF: {error}", "fetch the file again"
    )


def load_values(array: xr.DataArray) -> xr.DataArray:
    """Return an array with its values read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)
            return array.load()
    except MemoryError:
        raise
    except Exception as error:
        raise DamagedError(str(error)) from error
