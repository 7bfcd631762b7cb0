"""Take a part of a cube, as a reader takes it of a file: to the bit the same axes and values."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.errors import WindCoverageError
from downwind.times import datetime64_to_epoch, format_utc
from downwind.wind._contract import write_box
from downwind.wind.sources._fields import find_layout
from downwind.wind.window import Window


def crop_dataset(data: xr.Dataset, window: Window) -> xr.Dataset:
    """Return the part of a cube's dataset that a window needs, one point more on each side.

    Parameters
    ----------
    data : xarray.Dataset
        As `downwind.wind.cube` describes it; none of its fields is read.
    window : Window
        What is wanted.

    Raises
    ------
    WindCoverageError
        If nothing of it lies inside.
    """
    times = datetime64_to_epoch(data["time"].values)
    kept = np.flatnonzero((times >= window.start_s) & (times <= window.end_s))
    lat, lon = data["latitude"].values, data["longitude"].values
    layout = find_layout(lat, lon).within(window)
    if kept.size == 0 or layout is None or layout.rows.size < 2 or layout.columns.size < 2:
        raise WindCoverageError(
            f"{window.describe()} lies outside {data.attrs['source']}, which holds "
            f"{format_utc(times[0])} to {format_utc(times[-1])}, {write_box(lon, lat)}",
            "ask for a part that it holds",
        )
    part = data.isel(
        time=_as_slice(kept), latitude=_as_slice(layout.rows), longitude=_as_slice(layout.columns)
    )
    axes = {"latitude": layout.grid.latitudes(), "longitude": layout.grid.longitudes()}
    return part.assign_coords({k: (k, axis, data[k].attrs) for k, axis in axes.items()})


def _as_slice(index: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return a run of indices as a slice, which a lazy array takes without a copy."""
    if np.all(np.diff(index) == 1):
        return slice(int(index[0]), int(index[-1]) + 1)
    return index
