"""Read the height of the ground from elevation files, laid out on a longitude-latitude grid.

A file is a GeoTIFF in any coordinate reference system that GDAL knows, or a NetCDF file with
latitude and longitude. Only the part that a grid asks for is read. Heights are geometric, above the
geoid. A point for which a file has no value is not known, and is told apart from one that lies
outside all files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyproj
import rasterio
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import reproject, transform_bounds

from downwind.errors import ElevationFileError

LOWEST_M: Final = -500.0
HIGHEST_M: Final = 9_000.0
"""Heights beyond these are no ground of the Earth [m]: the Dead Sea's shore is at -430."""

LONGEST_AXIS: Final = 200_000
"""Longest axis of a NetCDF file that is taken for one of a grid."""

_NETCDF: Final = (".nc", ".nc4", ".cdf", ".netcdf", ".grd")
_VARIABLES: Final = (
    "elevation", "z", "Band1", "topo", "height", "altitude", "dem", "surface_altitude", "orog",
)  # fmt: skip
_LATITUDES: Final = ("lat", "latitude", "y")
_LONGITUDES: Final = ("lon", "longitude", "x")
_METRES: Final = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet"), 0.3048),
    **dict.fromkeys(("us survey foot", "us-ft", "ftus", "us_survey_foot"), 1200.0 / 3937.0),
    **dict.fromkeys(("dm", "decimetre", "decimeter"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimeter"), 0.01),
}
_LONLAT: Final = "EPSG:4326"
_EXTENT_CELLS: Final = 64
_TOLERANCE: Final = 0.01
"""How far a projection may be approximated [points of the file]."""

_HINT: Final = (
    "give a GeoTIFF with a coordinate reference system, or a NetCDF file with latitude, longitude "
    "and elevation"
)


@dataclass(frozen=True, slots=True)
class ElevationFile:
    """One file, looked at and not yet read.

    Attributes
    ----------
    path : pathlib.Path
    west, south, east, north : float
        Box that holds it [degrees]; east may pass 180.
    spacing_deg : float
        Distance of its points, about [degrees of latitude].
    to_metres : float
        What turns its numbers into metres, after scale and offset.
    notes : tuple of str
        What had to be decided.
    """

    path: Path
    west: float
    south: float
    east: float
    north: float
    spacing_deg: float
    to_metres: float
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Heights:
    """Heights of the ground at the points of a longitude-latitude grid, or at single points.

    Attributes
    ----------
    height_m : numpy.ndarray
        Shape (latitude, longitude) or (n,), float32 [m above the geoid]; NaN where it is not known.
    is_inside : numpy.ndarray
        The same shape: whether a file reaches there, with a value or without.
    """

    height_m: NDArray[np.float32] = field(repr=False)
    is_inside: NDArray[np.bool_] = field(repr=False)


def look_at_files(paths: Sequence[Path]) -> tuple[ElevationFile, ...]:
    """Find out where elevation files lie, how fine they are, and in what unit.

    Parameters
    ----------
    paths : sequence of pathlib.Path

    Raises
    ------
    ElevationFileError
        If a file cannot be read, has no place on the Earth, or has a unit that is no length.
    """
    return tuple(_look_at_netcdf(p) if _is_netcdf(p) else _look_at_raster(p) for p in paths)


def read_heights(
    files: Sequence[ElevationFile],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    lowest_m: float | None = None,
) -> Heights:
    """Read the ground at the points of a grid; the first file that knows a point has it.

    Where the files are finer than the grid, a point gets the mean of what lies about it, else a
    bilinear value.

    Parameters
    ----------
    files : sequence of ElevationFile
    longitude, latitude : numpy.ndarray
        Evenly spaced and ascending, at least two of each [degrees]; longitudes may pass 180.
    lowest_m : float, optional
        Ground that a file has lower is taken at this height [m above the geoid].

    Returns
    -------
    Heights

    Raises
    ------
    ElevationFileError
        If a file cannot be read, or holds heights that no ground has.
    """
    shape = latitude.size, longitude.size
    height = np.full(shape, np.nan, np.float32)
    inside = np.zeros(shape, np.bool_)
    for file in files:
        for turn in (0.0, 360.0, -360.0):
            rows = (latitude >= file.south) & (latitude <= file.north)
            columns = (longitude >= file.west + turn) & (longitude <= file.east + turn)
            if not (rows.any() and columns.any()):
                continue
            part = np.ix_(_widen(rows), _widen(columns))
            lon, lat = longitude[part[1].ravel()] - turn, latitude[part[0].ravel()]
            found, reached = _read_part(file, lon, lat, lowest_m)
            known = height[part]
            height[part] = np.where(np.isnan(known), found, known)
            inside[part] |= reached
    return Heights(height, inside)


def read_points(
    files: Sequence[ElevationFile],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    lowest_m: float | None = None,
) -> Heights:
    """Read the ground at single points, as finely as the files have it.

    Parameters
    ----------
    files : sequence of ElevationFile
    longitude, latitude : numpy.ndarray
        Shape (n,) [degrees].
    lowest_m : float, optional
        As for `read_heights`.

    Returns
    -------
    Heights
        With arrays of shape (n,).

    Raises
    ------
    ElevationFileError
        As for `read_heights`.
    """
    step = min((file.spacing_deg for file in files), default=1.0)
    around = step * np.array([-1.0, 0.0, 1.0])
    parts = [
        read_heights(files, lon + around, lat + around, lowest_m)
        for lon, lat in zip(longitude, latitude, strict=True)
    ]
    return Heights(
        np.array([part.height_m[1, 1] for part in parts]),
        np.array([part.is_inside[1, 1] for part in parts]),
    )


def _is_netcdf(path: Path) -> bool:
    return path.suffix.lower() in _NETCDF


def _north_up(west: float, north: float, dx: float, dy: float) -> Affine:
    """Return where the pixels of a raster lie whose first one has its corner in the north west."""
    return Affine(dx, 0.0, west, 0.0, -dy, north)


def _widen(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the indices of a run of points, two at least."""
    at = np.flatnonzero(mask)
    if at.size == 1:
        other = at[0] - 1 if at[0] else 1
        at = np.sort(np.append(at, other))
    return at


def _read_part(
    file: ElevationFile,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    lowest_m: float | None,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Read one file at the points of a grid [m above the geoid], and where it reaches."""
    dx, dy = longitude[1] - longitude[0], latitude[1] - latitude[0]
    target = _north_up(longitude[0] - 0.5 * dx, latitude[-1] + 0.5 * dy, dx, dy)
    shape = latitude.size, longitude.size
    is_coarser = dy > 1.5 * file.spacing_deg
    reached = np.zeros(shape, np.uint8)
    resampling = Resampling.average if is_coarser else Resampling.bilinear
    with _failing_as(file.path):
        if _is_netcdf(file.path):
            found, extent = _read_netcdf(file, longitude, latitude, target, resampling)
        else:
            found, extent = _read_raster(file, shape, target, resampling)
        reproject(
            np.ones((_EXTENT_CELLS, _EXTENT_CELLS), np.uint8),
            reached,
            src_transform=extent[0],
            src_crs=extent[1],
            dst_transform=target,
            dst_crs=_LONLAT,
            resampling=Resampling.nearest,
        )
    metres = (file.to_metres * found[::-1]).astype(np.float32)
    inside = reached[::-1].astype(np.bool_)
    metres[~inside] = np.nan
    if lowest_m is not None:
        metres = np.maximum(metres, np.float32(lowest_m))
    _check_heights(file, metres, longitude, latitude)
    return metres, inside


def _check_heights(
    file: ElevationFile,
    metres: NDArray[np.float32],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
) -> None:
    wrong = (metres < LOWEST_M) | (metres > HIGHEST_M)
    if not wrong.any():
        return
    y, x = np.argwhere(wrong)[0]
    raise ElevationFileError(
        f"{file.path.name} has the ground at {metres[y, x]:g} m at {latitude[y]:.3f} N "
        f"{longitude[x]:.3f} E ({100.0 * wrong.mean():.2g} % of what was read lies outside "
        f"{LOWEST_M:g} to {HIGHEST_M:g} m)",
        "mark such points as nodata in the file (gdal_translate -a_nodata), set its unit, or "
        "state terrain.lowest_m = 0 if this is the floor of the sea",
    )


# --- GeoTIFF and what else GDAL reads ------------------------------------------------------------


def _look_at_raster(path: Path) -> ElevationFile:
    with _failing_as(path), rasterio.open(path) as data:
        notes: list[str] = []
        if data.crs is None:
            raise ElevationFileError(
                f"{path.name} has no coordinate reference system, so its place is unknown",
                "write one into it: gdal_edit.py -a_srs EPSG:4326, or that of its makers",
            )
        if data.count > 1:
            notes.append(f"{path.name} has {data.count} bands; the first is taken")
        to_metres = _vertical_metres(path, data.crs) or _unit_metres(path, data.units[0], notes)
        west, south, east, north = transform_bounds(data.crs, _LONLAT, *data.bounds)
        if east < west:
            east += 360.0
        spacing = (north - south) / max(data.height, 1)
        return ElevationFile(path, west, south, east, north, spacing, to_metres, tuple(notes))


def _read_raster(
    file: ElevationFile, shape: tuple[int, int], target: Affine, resampling: Resampling
) -> tuple[NDArray[np.float64], tuple[Affine, Any]]:
    """Read a raster from north to south, in its own unit, NaN where it has no value."""
    with rasterio.open(file.path) as data:
        options = {
            "crs": _LONLAT,
            "transform": target,
            "height": shape[0],
            "width": shape[1],
            "resampling": resampling,
            "tolerance": _TOLERANCE,
            "dtype": "float32",
        }
        with WarpedVRT(data, **options) as warped:
            found = warped.read(1, masked=True).astype(np.float64).filled(np.nan)
        # the same box in fewer pixels
        zoom = Affine.scale(data.width / _EXTENT_CELLS, data.height / _EXTENT_CELLS)
        return data.scales[0] * found + data.offsets[0], (data.transform @ zoom, data.crs)


def _vertical_metres(path: Path, crs: Any) -> float | None:
    """Return the unit of the heights [m] where the reference system says it."""
    system = pyproj.CRS.from_wkt(crs.to_wkt())
    if system.is_compound:
        vertical = system.sub_crs_list[-1]
        return float(vertical.axis_info[0].unit_conversion_factor)
    if len(system.axis_info) == 3:
        raise ElevationFileError(
            f"{path.name} has heights above the ellipsoid ({system.name}), not above the sea",
            "convert it to heights above the geoid first (gdalwarp with a geoid grid)",
        )
    return None


def _unit_metres(path: Path, unit: str | None, notes: list[str]) -> float:
    if not unit:
        notes.append(f"{path.name} names no unit of its heights; metres are taken")
        return 1.0
    factor = _METRES.get(unit.strip().lower())
    if factor is None:
        raise ElevationFileError(
            f"{path.name} has heights in '{unit}', which is no length that is known",
            "write the unit into the file as m or ft",
        )
    return factor


# --- NetCDF --------------------------------------------------------------------------------------


def _look_at_netcdf(path: Path) -> ElevationFile:
    with _failing_as(path), _open_dataset(path) as data:
        values, lat_name, lon_name = _find_variable(path, data)
        notes: list[str] = []
        to_metres = _unit_metres(path, values.attrs.get("units"), notes)
        lat, lon = _axis(path, values, lat_name), _axis(path, values, lon_name)
        dy, dx = abs(lat[1] - lat[0]), lon[1] - lon[0]
        return ElevationFile(
            path,
            float(lon[0] - 0.5 * dx),
            max(float(lat.min() - 0.5 * dy), -90.0),
            float(lon[-1] + 0.5 * dx),
            min(float(lat.max() + 0.5 * dy), 90.0),
            float(dy),
            to_metres,
            tuple(notes),
        )


def _read_netcdf(
    file: ElevationFile,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    target: Affine,
    resampling: Resampling,
) -> tuple[NDArray[np.float64], tuple[Affine, Any]]:
    """Read a NetCDF file from north to south, in its own unit, NaN where it has no value."""
    with _open_dataset(file.path) as data:
        values, lat_name, lon_name = _find_variable(file.path, data)
        lat, lon = _axis(file.path, values, lat_name), _axis(file.path, values, lon_name)
        dy, dx = abs(lat[1] - lat[0]), lon[1] - lon[0]
        rows = _near(lat, latitude, 2.0 * max(dy, latitude[1] - latitude[0]))
        columns = _near(lon, longitude, 2.0 * max(dx, longitude[1] - longitude[0]))
        part = values.transpose(lat_name, lon_name)[rows, columns]
        array = np.asarray(part.values, np.float32)
        lat, lon = lat[rows], lon[columns]
    if lat[1] > lat[0]:
        array, lat = array[::-1], lat[::-1]
    found = np.full((latitude.size, longitude.size), np.nan, np.float32)
    reproject(
        np.ascontiguousarray(array),
        found,
        src_transform=_north_up(lon[0] - 0.5 * dx, lat[0] + 0.5 * dy, dx, dy),
        src_crs=_LONLAT,
        src_nodata=np.nan,
        dst_transform=target,
        dst_crs=_LONLAT,
        dst_nodata=np.nan,
        resampling=resampling,
    )
    width, height = file.east - file.west, file.north - file.south
    extent = _north_up(file.west, file.north, width / _EXTENT_CELLS, height / _EXTENT_CELLS)
    return found.astype(np.float64), (extent, _LONLAT)


def _open_dataset(path: Path) -> xr.Dataset:
    with path.open("rb") as opened:
        is_classic = opened.read(3) == b"CDF"
    return xr.open_dataset(path, engine="scipy" if is_classic else "h5netcdf")


def _find_variable(path: Path, data: xr.Dataset) -> tuple[xr.DataArray, str, str]:
    """Return the heights of a NetCDF file and the names of their axes."""
    lat_name = next((str(d) for d in data.dims if str(d).lower() in _LATITUDES), None)
    lon_name = next((str(d) for d in data.dims if str(d).lower() in _LONGITUDES), None)
    if lat_name is None or lon_name is None or not {lat_name, lon_name} <= set(data.coords):
        raise ElevationFileError(f"{path.name} has no axes of latitude and longitude", _HINT)
    flat = [str(n) for n in data.data_vars if set(data[n].dims) == {lat_name, lon_name}]
    named = [n for n in _VARIABLES if n in flat] or (flat if len(flat) == 1 else [])
    if not named:
        raise ElevationFileError(
            f"{path.name} has no heights on latitude and longitude; it has "
            + (", ".join(map(str, data.data_vars)) or "no variable at all"),
            f"name the heights one of {', '.join(_VARIABLES[:4])}",
        )
    return data[named[0]], lat_name, lon_name


def _axis(path: Path, values: xr.DataArray, name: str) -> NDArray[np.float64]:
    axis = np.asarray(values[name].values, np.float64)
    if not 2 <= axis.size <= LONGEST_AXIS or not np.isfinite(axis).all():
        raise ElevationFileError(f"{path.name} has {axis.size} points along {name}", _HINT)
    even = np.linspace(axis[0], axis[-1], axis.size)
    is_longitude = name.lower() in _LONGITUDES
    spacing = (axis[-1] - axis[0]) / (axis.size - 1)
    if np.abs(axis - even).max() > 0.01 * abs(spacing) or (is_longitude and spacing <= 0.0):
        raise ElevationFileError(f"{path.name} has a {name} that is not evenly spaced", _HINT)
    if not is_longitude and np.abs(axis).max() > 90.0 + 1e-6:
        raise ElevationFileError(
            f"{path.name} has a {name} of {np.abs(axis).max():g}: these are no degrees",
            "give a file in degrees, or a GeoTIFF with its coordinate reference system",
        )
    return even


def _near(axis: NDArray[np.float64], wanted: NDArray[np.float64], margin: float) -> slice:
    at = np.flatnonzero((axis >= wanted[0] - margin) & (axis <= wanted[-1] + margin))
    low, high = (int(at[0]), int(at[-1]) + 1) if at.size else (0, 2)
    if high - low < 2:
        low = max(min(low, axis.size - 2), 0)
        high = low + 2
    return slice(low, high)


@contextlib.contextmanager
def _failing_as(path: Path) -> Iterator[None]:
    """Turn what the libraries raise on a bad file into an error that names it."""
    try:
        yield
    except (OSError, RasterioError, ValueError, KeyError, pyproj.exceptions.CRSError) as error:
        raise ElevationFileError(
            f"cannot read the elevation file {path}: {str(error) or type(error).__name__}", _HINT
        ) from error
