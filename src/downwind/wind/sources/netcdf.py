"""NetCDF files on pressure levels: ERA5 as the Climate Data Store gives it, GFS, and their like.

Both layouts of the store are read, the old one (``time``, ``level``, ``number``, and ``expver``
where final and preliminary data are mixed) and the new one (``valid_time``,
``pressure_level``), what cfgrib writes (``step``, ``isobaricInhPa``), and GFS from THREDDS servers,
from wgrib2 and from GrADS data servers; `_names` knows their variables. HDF5 is read by h5netcdf,
the classic format by scipy, and only the part of each variable that is wanted.

A file whose forecast reference time is absent, or equal to the valid time throughout, is a
reanalysis and has no run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.wind.cube import TERRAIN, UPWARD
from downwind.wind.sources._axes import (
    LeftOutError,
    NoLevelError,
    choose_height,
    explain_levels,
    explain_months,
    explain_statistic,
    find_axis,
    find_levels,
    find_members,
    find_role,
    find_spans,
    find_times,
    is_level,
    is_mean,
    merge_versions,
    sort_dimensions,
    spread_axis,
)
from downwind.wind.sources._belong import check_size
from downwind.wind.sources._fields import CENTRES, Field, Inventory, Layout, find_layout
from downwind.wind.sources._names import (
    OVER_A_SPAN,
    QUANTITIES,
    SPEED,
    Named,
    find_factor,
    find_unit,
    name_quantity,
)
from downwind.wind.sources._netcdf_file import (
    HDF5_MAGIC,
    DamagedError,
    load_values,
    open_file,
    refuse_damaged,
)
from downwind.wind.sources._products import MEAN, MEAN_WARNING
from downwind.wind.window import Window

NAME = "NetCDF"

CLASSIC_MAGICS = (b"CDF\x01", b"CDF\x02")

_WIND_QUANTITIES = ("east", "north")
_GROUND_RANGE_M = (-600.0, 9000.0)
_BLOCK_BYTES = 64 << 20
_GRADS_RUN = re.compile(r"starting from (\d\d)Z(\d\d[a-z]{3}\d{4})", re.IGNORECASE)


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return head.startswith((HDF5_MAGIC, *CLASSIC_MAGICS))


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all variables of NetCDF files that a flight can use, and count the others.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        What they hold, whether it makes a cube or not.

    Raises
    ------
    WeatherFileError
        If a file cannot be read.
    WeatherTruncatedError
        If a file ends early.
    """
    fields: list[Field] = []
    left_out: list[str] = []
    others: Counter[str] = Counter()
    kinds: set[str] = set()
    for path in paths:
        with path.open("rb") as stream:
            is_hdf5 = stream.read(8) == HDF5_MAGIC
        kinds.add("NetCDF-4 (HDF5)" if is_hdf5 else "NetCDF classic")
        with open_file(path, is_hdf5) as dataset:
            try:
                fields += _read_file(dataset, path.name, window, left_out, others)
            except DamagedError as error:
                raise refuse_damaged(path, is_hdf5, error) from error
        check_size(sum(field.values.size for field in fields), path.name)
    names = tuple(path.name for path in paths)
    notes: tuple[str, ...] = ()
    if any(field.run_s is None and "ERA5" not in field.source for field in fields):
        notes = ("no forecast reference time before the valid times: taken as a reanalysis",)
    kind = " and ".join(sorted(kinds))
    warnings = (MEAN_WARNING,) if any(field.source.endswith(MEAN) for field in fields) else ()
    return Inventory(kind, names, tuple(fields), {}, tuple(left_out), dict(others), notes, warnings)


@dataclass(frozen=True, slots=True, eq=False)
class _Variable:
    """A variable with its axes found: values (slabs, latitude, longitude) and a key a slab."""

    name: str
    levels_pa: list[float | None]
    times_s: list[int]
    runs_s: list[int | None]
    members: list[int]
    spans_s: list[int | None]
    values: NDArray[np.float32]
    layout: Layout
    role: str
    is_mean: bool
    ensemble_size: int


def _read_file(
    dataset: xr.Dataset,
    file: str,
    window: Window,
    left_out: list[str],
    others: Counter[str],
) -> list[Field]:
    variables: list[_Variable] = []
    reasons: dict[str, list[str]] = {}
    flat_wind = False
    run_s = _find_title_run(dataset)
    hours = _known_hours(dataset)
    for key, array in dataset.data_vars.items():
        named = name_quantity(key, array)
        if named is None:
            others[str(key)] += 1
            continue
        try:
            variables.append(_read_variable(dataset, array, named, window, run_s, hours))
        except LeftOutError as reason:
            is_flat = isinstance(reason, NoLevelError)
            flat_wind = flat_wind or (is_flat and named.quantity in _WIND_QUANTITIES)
            reasons.setdefault(str(reason), []).append(str(key))
    if flat_wind and any(variable.name == TERRAIN for variable in variables):
        # A file cut to one pressure level may lose that axis: its z is then no ground.
        variables = [variable for variable in variables if variable.name != TERRAIN]
        left_out.append(f"height in {file}: it has no pressure level, as the wind beside it")
    left_out += [f"{', '.join(keys)} in {file}: {why}" for why, keys in reasons.items()]
    past = all(
        run is None or run == time
        for variable in variables
        for run, time in zip(variable.runs_s, variable.times_s, strict=True)
    )
    source = _name_source(dataset)
    return [
        Field(
            name=variable.name,
            level_pa=level,
            time_s=time,
            member=member,
            values=variable.values[i],
            grid=variable.layout.grid,
            run_s=None if past else run,
            is_analysis=past or run == time,
            source=source + (MEAN if variable.is_mean else ""),
            file=file,
            span_s=span,
            role=variable.role,
            ensemble_size=variable.ensemble_size,
        )
        for variable in variables
        for i, (level, time, run, member, span) in enumerate(
            zip(
                variable.levels_pa,
                variable.times_s,
                variable.runs_s,
                variable.members,
                variable.spans_s,
                strict=True,
            )
        )
        if variable.name == TERRAIN
        or (window.holds_time(time) and window.holds_run(None if past else run))
    ]


def _read_variable(
    dataset: xr.Dataset,
    array: xr.DataArray,
    named: Named,
    window: Window,
    run_s: int | None,
    hours: Mapping[str, int],
) -> _Variable:
    """Find the axes of a variable and cut it into slabs; raise `LeftOutError` without."""
    if len(set(array.dims)) < array.ndim:
        raise LeftOutError("the same axis stands twice")
    quantity = named.quantity
    latitude = find_axis(array, {"latitude", "lat"}, "degrees_north")
    longitude = find_axis(array, {"longitude", "lon"}, "degrees_east")
    if latitude is None or longitude is None:
        raise LeftOutError("no regular latitude and longitude axes")
    try:
        layout = find_layout(array[latitude].values, array[longitude].values)
    except ValueError as error:
        raise LeftOutError("; ".join([str(error), *explain_months(array)])) from error
    part = layout.within(window)
    if part is None:
        raise LeftOutError(f"nothing of it in {window.describe()}")
    if months := explain_months(array):
        raise LeftOutError(months[0])
    if statistic := explain_statistic(array):
        raise LeftOutError(statistic)
    if quantity.endswith("10 m"):
        array = choose_height(array, 10.0)
    array, roles = sort_dimensions(array, latitude, longitude)
    level_name = next((name for name in array.coords if is_level(array[name])), None)
    has_level = level_name is not None or named.level_pa is not None
    _, upper_name, surface_name = QUANTITIES[quantity]
    if not has_level and not surface_name:
        raise NoLevelError(explain_levels(array))
    name = upper_name if has_level else surface_name
    if not name:
        raise LeftOutError("a surface field on pressure levels")
    factor = find_factor(array, quantity)
    if quantity == "omega" and find_unit(array) in SPEED:
        name = UPWARD
    times_s, runs_s = find_times(array, run_s, optional=name == TERRAIN)
    if name != TERRAIN:
        for dim in times_s.dims:
            held = [window.holds_time(time) for time in times_s.values.ravel()]
            if times_s.ndim == 1 and not all(held):
                array = array.isel({dim: np.flatnonzero(held)})
        times_s, runs_s = find_times(array, run_s, optional=False)
    spans = xr.DataArray(0)
    if quantity in OVER_A_SPAN:
        spans = find_spans(dataset, array, times_s, runs_s, hours.get(quantity, 0))
        if quantity != "greatest gust" and not (spans.values > 0).all():
            raise LeftOutError("the file does not state the hours that it is a sum or a mean of")
    values = _read_slabs(array, roles, latitude, longitude, part, factor)
    axes = tuple(dim for dim in roles if dim != "expver")
    if quantity == "sum of rain":
        lengths = np.array(list(spread_axis(spans, axes, array)))
        values /= lengths[:, None, None].astype(np.float32)
    if name == TERRAIN:
        ground = values[np.isfinite(values)]
        low, high = _GROUND_RANGE_M
        if ground.size and not (low <= ground.min() and ground.max() <= high):
            raise LeftOutError("too high for the ground, and without a pressure level")
    levels = spread_axis(find_levels(array, level_name), axes, array)
    if named.level_pa is not None:
        levels = iter([named.level_pa] * len(values))
    runs: list[int | None] = [None] * len(values)
    if runs_s is not None:
        runs = [int(run) for run in spread_axis(runs_s, axes, array)]
    return _Variable(
        name,
        [float(level) if has_level else None for level in levels],
        [int(time) for time in spread_axis(times_s, axes, array)],
        runs,
        [int(member) for member in spread_axis(find_members(array), axes, array)],
        [_tidy_span(span, quantity) for span in spread_axis(spans, axes, array)],
        values,
        part,
        find_role(array),
        is_mean(array),
        _find_ensemble_size(array),
    )


def _find_ensemble_size(array: xr.DataArray) -> int:
    stated = array.attrs.get("GRIB_totalNumber", 0)
    return int(stated) if isinstance(stated, int | np.integer) else 0


def _tidy_span(span: float, quantity: str) -> int | None:
    return None if span <= 0.0 and quantity in OVER_A_SPAN else int(span)


def _read_slabs(
    array: xr.DataArray,
    roles: Sequence[str],
    latitude: str,
    longitude: str,
    part: Layout,
    factor: float,
) -> NDArray[np.float32]:
    """Read the wanted part of a variable, in pieces, shape (slabs, rows, columns) of the grid."""
    rows, columns = np.sort(part.rows), np.sort(part.columns)
    box = {latitude: _as_slice(rows), longitude: _as_slice(columns)}
    axes = [dim for dim in roles if dim != "expver"]
    whole = array.isel(box).transpose(*axes, *(d for d in roles if d == "expver"), ...)
    whole = whole.transpose(..., latitude, longitude)
    inner = Layout(part.grid, part.rows - int(rows[0]), _find_places(part.columns, box[longitude]))
    sizes = [array.sizes[dim] for dim in axes]
    count = int(np.prod(sizes)) if sizes else 1
    check_size(count * part.grid.rows * part.grid.columns, str(array.name))
    values = np.empty((count, part.grid.rows, part.grid.columns), np.float32)
    first = sizes[0] if sizes else 1
    stride = max(1, count // max(first, 1))
    piece = max(1, _BLOCK_BYTES // (8 * max(1, stride * rows.size * columns.size)))
    for start in range(0, first, piece):
        block = whole.isel({axes[0]: slice(start, start + piece)}) if axes else whole
        block = merge_versions(load_values(block))
        laid = inner.lay_out(np.asarray(block.values, np.float64) * factor)
        laid = laid.reshape(-1, part.grid.rows, part.grid.columns)
        values[start * stride : start * stride + len(laid)] = laid
    return values


def _as_slice(index: NDArray[np.intp]) -> slice:
    """Return the span from the first to the last of sorted indices, which reads in one go."""
    return slice(int(index[0]), int(index[-1]) + 1)


def _find_places(columns: NDArray[np.intp], span: slice) -> NDArray[np.intp]:
    return np.asarray(columns - span.start, np.intp)


# --- what the file says of itself --------------------------------------------------------------


def _find_title_run(dataset: xr.Dataset) -> int | None:
    """Return the run that a GrADS data server writes into the title [s since 1970], or None."""
    found = _GRADS_RUN.search(" ".join(str(value) for value in dataset.attrs.values()))
    if found is None:
        return None
    try:
        moment = datetime.strptime(f"{found[2]} {found[1]}", "%d%b%Y %H").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp())


def _known_hours(dataset: xr.Dataset) -> dict[str, int]:
    """Return the span that sums and gusts of ERA5 are over [s]: 1 h, of its ensemble 3 h."""
    if _name_source(dataset) != "ECMWF ERA5":
        return {}
    has_members = any(dataset.sizes.get(name, 1) > 1 for name in ("number", "realization"))
    return dict.fromkeys(OVER_A_SPAN, 10_800 if has_members else 3600)


def _name_source(dataset: xr.Dataset) -> str:
    attrs = {str(key).lower(): str(value) for key, value in dataset.attrs.items()}
    text = " ".join(attrs.values()).lower()
    if "era5" in text:
        return "ECMWF ERA5"
    centre = CENTRES.get(attrs.get("grib_centre", ""))
    if centre:
        return centre
    if "ecmwf" in text or "grib_to_netcdf" in text:
        return "ECMWF"
    if "gfs" in text and ("ncep" in text or "noaa" in text or "nomads" in text):
        return "NCEP GFS"
    return attrs.get("institution", "")[:40] or "unnamed NetCDF"
