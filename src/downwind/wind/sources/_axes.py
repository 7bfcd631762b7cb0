"""The axes of a NetCDF variable: which is which, by name, standard name and unit.

Nothing is guessed: a level axis without a unit of pressure, a time axis without an origin, or a
calendar that nobody lives by are reasons to leave a variable out, and the reason names them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import numpy as np
import xarray as xr

from downwind.times import decode_cf_times
from downwind.wind.sources._fields import CONTROL, MEMBER

PRESSURE_UNITS = {"pa": 1.0, "hpa": 100.0, "mb": 100.0, "mbar": 100.0, "millibar": 100.0,
             "millibars": 100.0}  # fmt: skip
_MEMBER_NAMES = {"number", "realization", "member", "ensemble", "ensemble_member", "ens"}
_SPREADS = ("es", "ses")
_PERIODS_S = {
    "hours": 3600.0, "hour": 3600.0, "h": 3600.0, "days": 86_400.0, "day": 86_400.0,
    "minutes": 60.0, "minute": 60.0, "seconds": 1.0, "second": 1.0, "s": 1.0,
}  # fmt: skip
_MONTHS = ("month", "months", "season")
_LEVEL_UNITS_BY_NAME = {"isobaricinhpa": 100.0, "isobaricinpa": 1.0}


class LeftOutError(Exception):
    """Why a variable cannot be used; a source reports it and goes on."""


class NoLevelError(LeftOutError):
    """The variable has no pressure level."""


def tidy_unit(array: xr.DataArray) -> str:
    """Return the unit of an array in one spelling, such as ``ms-1`` for ``m s**-1``."""
    unit = str(array.attrs.get("units", "")).lower()
    return unit.replace("**", "").replace("^", "").replace(" ", "")


def find_axis(array: xr.DataArray, names: set[str], unit: str) -> str | None:
    """Return the axis of an array that has one of the names or the unit; None without one."""
    for dim in array.dims:
        if dim not in array.coords:
            continue
        attrs = array[dim].attrs
        if (
            str(dim).lower() in names
            or attrs.get("standard_name") in names
            or attrs.get("units") == unit
        ):
            return str(dim)
    return None


def merge_versions(array: xr.DataArray) -> xr.DataArray:
    """Merge final and preliminary data (``expver``): the first that is there counts."""
    if "expver" not in array.dims:
        return array
    merged = array.isel(expver=0, drop=True)
    for i in range(1, array.sizes["expver"]):
        merged = merged.fillna(array.isel(expver=i, drop=True))
    merged.attrs.update(array.attrs)
    return merged


def sort_dimensions(
    array: xr.DataArray, latitude: str, longitude: str
) -> tuple[xr.DataArray, list[str]]:
    """Return the array without empty axes, and the names of the axes that tell slabs apart."""
    roles = []
    for dim in [str(dim) for dim in array.dims if dim not in (latitude, longitude)]:
        coord = array[dim] if dim in array.coords else None
        known = dim == "expver" or (
            coord is not None
            and (
                is_level(coord)
                or dim.lower() in _MEMBER_NAMES
                or coord.attrs.get("standard_name") == "realization"
                or _is_time(coord)
                or _is_period(coord)
            )
        )
        if known:
            roles.append(dim)
        elif _counts_months(dim, coord):
            raise LeftOutError(explain_months(array)[0])
        elif array.sizes[dim] == 1 and not _names_time(dim):
            array = array.isel({dim: 0})
        elif dim.lower() in ("level", "lev", "plev", "pressure_level", "pressure"):
            unit = "" if coord is None else str(coord.attrs.get("units", ""))
            raise LeftOutError(
                f"the level axis '{dim}' has "
                + (f"the unit '{unit}', no pressure" if unit else "no unit: hPa or Pa?")
            )
        elif coord is not None and _names_time(dim):
            raise LeftOutError(
                f"the axis '{dim}' has no unit that makes it a time, such as 'hours since "
                f"1900-01-01' (it has '{coord.attrs.get('units', '')}')"
            )
        else:
            raise LeftOutError(f"the axis '{dim}' is not known")
    return array, roles


def _names_time(dim: str) -> bool:
    return dim.lower() in ("time", "valid_time")


def explain_months(array: xr.DataArray) -> list[str]:
    """Return why the times of an array are those of no day, if they are not."""
    kind = str(array.attrs.get("GRIB_stepType", ""))
    if kind.startswith(("avgu", "avga")):
        return [f"it is a climatology or a monthly mean (GRIB_stepType {kind})"]
    coords = {str(dim): array[dim] if dim in array.coords else None for dim in array.dims}
    return [
        f"the axis '{dim}' is that of a climatology or of monthly means"
        for dim, coord in coords.items()
        if _counts_months(dim, coord)
    ]


def _counts_months(dim: str, coord: xr.DataArray | None) -> bool:
    """Tell whether an axis counts months, or is the mean of the same month of many years."""
    if dim.lower() in _MONTHS or coord is None:
        return dim.lower() in _MONTHS
    unit = str(coord.attrs.get("units", "")).lower()
    words = f"{unit} {coord.attrs.get('long_name', '')}".lower()
    return "climatology" in coord.attrs or unit.startswith("month") or "months since" in words


def is_level(coord: xr.DataArray) -> bool:
    """Tell whether a coordinate is an air pressure."""
    if str(coord.name).lower() in _LEVEL_UNITS_BY_NAME:
        return True
    is_vertical = coord.attrs.get("standard_name") in (None, "air_pressure", "")
    return is_vertical and tidy_unit(coord) in PRESSURE_UNITS and coord.ndim <= 1


def _is_time(coord: xr.DataArray) -> bool:
    return " since " in str(coord.attrs.get("units", ""))


def _is_period(coord: xr.DataArray) -> bool:
    return coord.attrs.get("standard_name") == "forecast_period" or coord.name == "step"


def explain_levels(array: xr.DataArray) -> str:
    """Return why an array has no pressure level."""
    for name in array.coords:
        if str(name).lower() in ("level", "lev", "pressure_level", "pressure", "plev"):
            return f"the level '{name}' has no unit that is a pressure"
    return "no pressure level"


def find_levels(array: xr.DataArray, name: Hashable | None) -> xr.DataArray:
    """Return the pressure levels [Pa] over the axis that they have; NaN without any."""
    if name is None:
        return xr.DataArray(np.nan)
    coord = array[name]
    factor = PRESSURE_UNITS.get(tidy_unit(coord), _LEVEL_UNITS_BY_NAME.get(str(name).lower(), 1.0))
    return xr.DataArray(np.round(coord.values.astype(np.float64) * factor, 3), dims=coord.dims)


def find_members(array: xr.DataArray) -> xr.DataArray:
    """Return the numbers of the members over the axis that they have; 0 without any."""
    for name in array.coords:
        coord = array[name]
        is_member = (
            str(name).lower() in _MEMBER_NAMES or coord.attrs.get("standard_name") == "realization"
        )
        if is_member and coord.dtype.kind in "iuf":
            return xr.DataArray(coord.values.astype(np.int64), dims=coord.dims)
    return xr.DataArray(0)


def find_role(array: xr.DataArray) -> str:
    """Return the role in an ensemble of the values of an array, as far as the file tells it."""
    if array.attrs.get("GRIB_dataType") == "cf":
        return CONTROL
    members = find_members(array).values
    # a single 0 is what programs write for a forecast without members too
    return MEMBER if members.size > 1 or members.any() else ""


def explain_statistic(array: xr.DataArray) -> str:
    """Return which statistic of an ensemble an array is if it is no wind to fly in; else empty."""
    cells = str(array.attrs.get("cell_methods", "")).replace(" ", "")
    is_spread = any(f"{name}:standard_deviation" in cells for name in _MEMBER_NAMES)
    if array.attrs.get("GRIB_dataType") in _SPREADS or is_spread:
        return "the spread of an ensemble"
    return ""


def is_mean(array: xr.DataArray) -> bool:
    """Tell whether an array is the mean of an ensemble."""
    cells = str(array.attrs.get("cell_methods", "")).replace(" ", "")
    return array.attrs.get("GRIB_dataType") == "em" or any(
        f"{name}:mean" in cells for name in _MEMBER_NAMES
    )


def find_times(
    array: xr.DataArray, run_s: int | None, *, optional: bool
) -> tuple[xr.DataArray, xr.DataArray | None]:
    """Return the valid times and the runs [s since 1970], each over the axes that it has.

    Parameters
    ----------
    array : xarray.DataArray
        A variable.
    run_s : int or None
        The run that the file names as a whole [s since 1970].
    optional : bool
        Whether a variable without a time axis is one all the same.
    """
    moments = {str(name): array[name] for name in array.coords if _is_time(array[name])}
    reference = next(
        (
            name
            for name, coord in moments.items()
            if "forecast_reference_time" in (name, coord.attrs.get("standard_name"))
            or name.lower().startswith("reftime")
        ),
        None,
    )
    valid = next(
        (
            name
            for name in ("valid_time", "time", *moments)
            if name in moments and name != reference
        ),
        None,
    )
    runs = None if reference is None else _decode_times(moments[reference])
    if runs is None and run_s is not None:
        runs = xr.DataArray(run_s)
    if valid is not None:
        if runs is None:
            runs = _find_stated_run(moments[valid])
        return _decode_times(moments[valid]), runs
    period = next((array[name] for name in array.coords if _is_period(array[name])), None)
    if runs is not None and period is not None:
        unit = str(period.attrs.get("units", ""))
        if unit not in _PERIODS_S:
            raise LeftOutError(f"the forecast period has the unit '{unit}'")
        ahead = xr.DataArray(np.round(period.values * _PERIODS_S[unit]), dims=period.dims)
        return (runs + ahead).astype(np.int64), runs
    if optional:
        return xr.DataArray(0), None
    if any(name in array.coords for name in ("time", "valid_time")):
        name = "valid_time" if "valid_time" in array.coords else "time"
        raise LeftOutError(f"the axis '{name}' has no unit that makes it a time")
    raise LeftOutError("no time axis")


def _find_stated_run(coord: xr.DataArray) -> xr.DataArray | None:
    """Return the run that wgrib2 writes as an attribute of the time axis [s since 1970]."""
    stated = coord.attrs.get("reference_time")
    if not isinstance(stated, int | float | np.number) or not np.isfinite(float(stated)):
        return None
    return xr.DataArray(round(float(stated)))


def _decode_times(coord: xr.DataArray) -> xr.DataArray:
    calendar = str(coord.attrs.get("calendar", "standard"))
    try:
        epoch = decode_cf_times(coord.values, str(coord.attrs.get("units", "")), calendar)
    except ValueError as error:
        raise LeftOutError(str(error)) from error
    return xr.DataArray(epoch, dims=coord.dims)


def find_spans(
    dataset: xr.Dataset,
    array: xr.DataArray,
    times_s: xr.DataArray,
    runs_s: xr.DataArray | None,
    known_s: int,
) -> xr.DataArray:
    """Return the span of time before its own that each value is a sum or a mean of [s].

    Parameters
    ----------
    dataset : xarray.Dataset
        The file, which holds the bounds of a time axis beside it.
    array : xarray.DataArray
        A variable.
    times_s, runs_s : xarray.DataArray
        Its valid times and runs [s since 1970].
    known_s : int
        The span where the kind of file says it and no attribute does; 0 without [s].

    Returns
    -------
    xarray.DataArray
        By the bounds of the time axis; since the start of the forecast for what GRIB calls an
        accumulation; else ``known_s``; 0 where nothing says it.
    """
    for name in array.coords:
        coord = array[name]
        bounds = str(coord.attrs.get("bounds", ""))
        if not _is_time(coord) or bounds not in dataset.variables or coord.dims != (name,):
            continue
        ends = dataset[bounds].sel({name: coord.values})
        if ends.shape != (*coord.shape, 2):
            continue
        calendar = str(coord.attrs.get("calendar", "standard"))
        epoch = decode_cf_times(ends.values, str(coord.attrs["units"]), calendar)
        return xr.DataArray(epoch[..., 1] - epoch[..., 0], dims=coord.dims)
    if known_s:
        return xr.DataArray(known_s)
    is_sum = array.attrs.get("GRIB_stepType") in ("accum", "avg")
    if is_sum and runs_s is not None:
        return times_s - runs_s
    return xr.DataArray(0)


def choose_height(array: xr.DataArray, height_m: float) -> xr.DataArray:
    """Return the part of an array at one height above the ground; it may have no such axis."""
    for dim in array.dims:
        if str(dim).startswith("height_above_ground") and dim in array.coords:
            found = np.flatnonzero(np.abs(array[dim].values - height_m) < 1e-6)
            if found.size == 0:
                raise LeftOutError(f"it has no height of {height_m:g} m above the ground")
            return array.isel({dim: int(found[0])})
    return array


def spread_axis(coord: xr.DataArray, axes: tuple[str, ...], array: xr.DataArray) -> Iterator[float]:
    """Yield the value of a coordinate for each slab, in C order over the axes."""
    sizes = {dim: array.sizes[dim] for dim in axes}
    yield from (
        coord.expand_dims({dim: size for dim, size in sizes.items() if dim not in coord.dims})
        .transpose(*axes)
        .values.ravel()
    )
