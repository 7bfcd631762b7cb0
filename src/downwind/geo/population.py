"""How many people live where, from a raster of the user's own.

A raster holds people in each cell or people per km2; which of the two is stated by the user, since
files do not say it. It may have any coordinate reference system that GDAL knows. A cell without a
value has no people that are known of, and is counted apart.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window
from scipy.interpolate import RegularGridInterpolator

from downwind.errors import PopulationFileError

Unit = Literal["people/cell", "people/km2"]
UNITS: Final[tuple[Unit, ...]] = ("people/cell", "people/km2")

CHUNK_CELLS: Final = 500_000
"""Cells that are read at a time, about."""

MOST_PARTS: Final = 200
"""Along each side, into how many parts a coarse cell is cut at the most."""

MOST_POINTS: Final = 5_000_000
"""Parts of cells at a time, at the most."""

_AREA_MARKS: Final = 33
"""Along each side of what is read, at how many points the area of a cell is taken."""

_WGS84: Final = pyproj.Geod(ellps="WGS84")
_LONLAT: Final = "EPSG:4326"
_HINT: Final = (
    "give a GeoTIFF of people with a coordinate reference system, such as WorldPop or GHS-POP"
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PopulationRaster:
    """A raster that was looked at and not yet read.

    Attributes
    ----------
    path : pathlib.Path
    unit : {"people/cell", "people/km2"}
    """

    path: Path
    unit: Unit

    @property
    def text(self) -> str:
        """What it is, for people."""
        return f"{self.path.name} ({self.unit})"


@dataclass(frozen=True, slots=True)
class People:
    """People at points: cells of a raster, or parts of cells where these are coarse.

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        Shape (n,) [degrees].
    count : numpy.ndarray
        People at each, shape (n,).
    area_km2 : numpy.ndarray
        Area that each stands for, shape (n,) [km2].
    is_known : numpy.ndarray
        Whether the raster has a value there, shape (n,); without one the count is 0.
    """

    longitude: Floats
    latitude: Floats
    count: Floats
    area_km2: Floats
    is_known: NDArray[np.bool_]


def look_at_population(path: Path, unit: Unit) -> PopulationRaster:
    """Look at a raster of people.

    Parameters
    ----------
    path : pathlib.Path
    unit : {"people/cell", "people/km2"}

    Raises
    ------
    PopulationFileError
        If it cannot be read, has no reference system or more than one band.
    """
    with _failing_as(path), rasterio.open(path) as data:
        if data.crs is None:
            raise PopulationFileError(
                f"{path} has no coordinate reference system, so its place is unknown",
                "write one into it: gdal_edit.py -a_srs EPSG:4326, or that of its makers",
            )
        if data.count != 1:
            raise PopulationFileError(
                f"{path} has {data.count} bands; which of them is people is not known",
                "take one out: gdal_translate -b 1",
            )
        if np.dtype(data.dtypes[0]).kind not in "iuf":
            raise PopulationFileError(f"{path} holds {data.dtypes[0]}, no numbers", _HINT)
    return PopulationRaster(path, unit)


def check_population(raster: PopulationRaster, longitude: Floats, latitude: Floats) -> None:
    """Refuse a raster that does not reach an area, or has negative numbers of people there.

    Parameters
    ----------
    raster : PopulationRaster
    longitude, latitude : numpy.ndarray
        Points that cover the area, shape (n,) [degrees].

    Raises
    ------
    PopulationFileError
    """
    reached = False
    with _failing_as(raster.path), rasterio.open(raster.path) as data:
        for window in _find_windows(data, longitude, latitude):
            reached = True
            people, _ = _read_values(data, window)
            if people.min() < 0.0:
                row, column = np.unravel_index(int(np.argmin(people)), people.shape)
                raise PopulationFileError(
                    f"{raster.path} has {people.min():g} people in row "
                    f"{int(row) + int(window.row_off)}, column {int(column) + int(window.col_off)}",
                    "mark cells without a value: gdal_translate -a_nodata, with that number",
                )
    if not reached:
        raise PopulationFileError(
            f"{raster.path} does not reach the sites and the target",
            "give a raster of the countries that the load may come down in",
        )


def iter_people(
    raster: PopulationRaster, longitude: Floats, latitude: Floats, spacing_m: float
) -> Iterator[People]:
    """Read the people about some points, some rows of the raster at a time.

    Parameters
    ----------
    raster : PopulationRaster
    longitude, latitude : numpy.ndarray
        Points that cover the area asked for, shape (n,) [degrees]; all cells between them are read.
    spacing_m : float
        Cells larger than this are cut into parts about this wide [m], all with the same density.

    Yields
    ------
    People
        Cells with a negative number count as cells without a value.

    Raises
    ------
    PopulationFileError
        If the raster cannot be read.
    """
    with _failing_as(raster.path), rasterio.open(raster.path) as data:
        for window in _find_windows(data, longitude, latitude):
            yield _place(raster, data, window, spacing_m)


def _find_windows(data: Any, longitude: Floats, latitude: Floats) -> list[Window]:
    """Return the parts of a raster between some points, some rows at a time.

    They are on both sides of it where the points lie across its seam.
    """
    to_raster = pyproj.Transformer.from_crs(_LONLAT, data.crs.to_wkt(), always_xy=True)
    x, y = to_raster.transform(longitude, latitude)
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    turn = 0.0
    if data.crs.is_geographic:
        turn = 360.0 / abs(data.transform.a)  # columns of a whole turn, wherever the raster begins
    column, row = ~data.transform @ (x, y)
    if turn:
        middle = 0.5 * data.width
        column = middle + (column - middle + 0.5 * turn) % turn - 0.5 * turn
    fine = np.isfinite(column) & np.isfinite(row)
    if not fine.any():
        return []
    spans = [(float(column[fine].min()), float(column[fine].max()))]
    if turn and spans[0][1] - spans[0][0] > 0.5 * turn:
        ordered = np.sort(column[fine])
        gap = int(np.argmax(np.diff(ordered)))
        spans = [(float(ordered[0]), float(ordered[gap])),
                 (float(ordered[gap + 1]), float(ordered[-1]))]  # fmt: skip
    top = max(int(np.floor(row[fine].min())) - 1, 0)
    bottom = min(int(np.ceil(row[fine].max())) + 1, data.height)
    found = []
    for first, last in spans:
        left = max(int(np.floor(first)) - 1, 0)
        right = min(int(np.ceil(last)) + 1, data.width)
        if right > left and bottom > top:
            step = max(CHUNK_CELLS // (right - left), 1)
            for start in range(top, bottom, step):
                found.append(Window(left, start, right - left, min(step, bottom - start)))
    return found


def _read_values(data: Any, window: Window) -> tuple[Floats, NDArray[np.bool_]]:
    """Read a window: what stands in its cells, 0 without a value, and which have one."""
    values = data.read(1, window=window, masked=True)
    known = ~np.ma.getmaskarray(values)
    people = data.scales[0] * np.asarray(values.filled(0), np.float64) + data.offsets[0]
    known &= np.isfinite(people)
    return np.where(known, people, 0.0), known


def _place(raster: PopulationRaster, data: Any, window: Window, spacing_m: float) -> People:
    """Read a window and lay out its cells, or parts of them, as points."""
    people, known = _read_values(data, window)
    known &= people >= 0.0
    people = np.where(known, people, 0.0)
    transform = data.window_transform(window)
    size = people.shape
    marks = [np.linspace(0.5, n - 0.5, min(n, _AREA_MARKS)) for n in size]
    at = [v.ravel() for v in np.meshgrid(*marks, indexing="ij")]
    areas = _cell_areas(data, transform, *at)
    width = 1e3 * float(np.sqrt(np.nanmax(areas))) if np.isfinite(areas).any() else np.inf
    cut = int(np.clip(np.ceil(width / spacing_m), 1, MOST_PARTS)) if np.isfinite(width) else 1
    cut = max(min(cut, int(np.sqrt(MOST_POINTS / people.size))), 1)
    middles = (np.arange(cut) + 0.5) / cut
    columns, rows = np.meshgrid(
        (np.arange(people.shape[1])[:, None] + middles).ravel(),
        (np.arange(people.shape[0])[:, None] + middles).ravel(),
    )
    to_lonlat = pyproj.Transformer.from_crs(data.crs.to_wkt(), _LONLAT, always_xy=True)
    x, y = transform @ (columns.ravel(), rows.ravel())
    longitude, latitude = (np.asarray(v, np.float64) for v in to_lonlat.transform(x, y))
    area_km2 = _interpolate(marks, areas.reshape([m.size for m in marks]), rows, columns) / cut**2
    held = np.repeat(np.repeat(people, cut, axis=0), cut, axis=1).ravel()
    is_known = np.repeat(np.repeat(known, cut, axis=0), cut, axis=1).ravel()
    count = held / cut**2 if raster.unit == "people/cell" else held * area_km2
    placed = np.isfinite(longitude) & np.isfinite(latitude) & np.isfinite(area_km2)
    return People(
        longitude[placed], latitude[placed], count[placed], area_km2[placed], is_known[placed]
    )


def _interpolate(marks: list[Floats], values: Floats, rows: Floats, columns: Floats) -> Floats:
    """Interpolate what is known at marks along rows and columns, flat; ends go on as they are."""
    places = [np.clip(v.ravel(), m[0], m[-1]) for v, m in zip((rows, columns), marks, strict=True)]
    if min(values.shape) > 1:
        return np.asarray(RegularGridInterpolator(marks, values)(np.column_stack(places)))
    axis = int(np.argmax(values.shape))
    return np.interp(places[axis], marks[axis], values.ravel())


def _cell_areas(data: Any, transform: Any, rows: Floats, columns: Floats) -> Floats:
    """Return the area of the cell about each point of a raster, shape (n,) [km2].

    A cell is small: its sides are followed by half their length to both sides, and what they span
    in longitude and latitude is measured on the ellipsoid.
    """
    to_lonlat = pyproj.Transformer.from_crs(data.crs.to_wkt(), _LONLAT, always_xy=True)

    def side(row: float, column: float) -> tuple[Floats, Floats]:
        ends = [
            to_lonlat.transform(*(transform @ (columns + s * column, rows + s * row)))
            for s in (-0.5, 0.5)
        ]
        east = (np.asarray(ends[1][0]) - ends[0][0] + 180.0) % 360.0 - 180.0
        return np.radians(east), np.radians(np.asarray(ends[1][1]) - ends[0][1])

    across, down = side(0.0, 1.0), side(1.0, 0.0)
    _, latitude = to_lonlat.transform(*(transform @ (columns, rows)))
    phi, e2 = np.radians(np.asarray(latitude)), _WGS84.es
    # radius of the meridian times that of the parallel
    by_radian = _WGS84.a**2 * (1.0 - e2) * np.cos(phi) / (1.0 - e2 * np.sin(phi) ** 2) ** 2
    return np.asarray(np.abs(across[0] * down[1] - across[1] * down[0]) * by_radian / 1e6)


@contextlib.contextmanager
def _failing_as(path: Path) -> Iterator[None]:
    """Turn what the libraries raise on a bad file into an error that names it."""
    try:
        yield
    except (OSError, RasterioError, ValueError, pyproj.exceptions.ProjError) as error:
        raise PopulationFileError(
            f"cannot read the population raster {path}: {str(error) or type(error).__name__}", _HINT
        ) from error


def read_density(raster: PopulationRaster, longitude: Floats, latitude: Floats) -> Floats:
    """Return how many people live to a square kilometre where some places lie.

    Parameters
    ----------
    raster : PopulationRaster
    longitude, latitude : numpy.ndarray
        Shape (n,) [degrees].

    Returns
    -------
    numpy.ndarray
        Of the cell that holds each place, shape (n,) [km-2]; NaN beyond the raster and where it has
        no value.

    Raises
    ------
    PopulationFileError
        If the raster cannot be read.
    """
    found = np.full(longitude.size, np.nan)
    with _failing_as(raster.path), rasterio.open(raster.path) as data:
        to_raster = pyproj.Transformer.from_crs(_LONLAT, data.crs.to_wkt(), always_xy=True)
        x, y = (np.asarray(v, np.float64) for v in to_raster.transform(longitude, latitude))
        if data.crs.is_geographic:
            turn = 360.0
            x = data.bounds.left + (x - data.bounds.left) % turn
        column, row = ~data.transform @ (x, y)
        inside = (column >= 0) & (column < data.width) & (row >= 0) & (row < data.height)
        for i in np.flatnonzero(inside):
            window = Window(int(column[i]), int(row[i]), 1, 1)
            people, known = _read_values(data, window)
            if known[0, 0] and people[0, 0] >= 0.0:
                found[i] = people[0, 0]
        if raster.unit == "people/cell" and inside.any():
            middle = np.floor(row[inside]) + 0.5, np.floor(column[inside]) + 0.5
            found[inside] /= _cell_areas(data, data.transform, *middle)
    return found
