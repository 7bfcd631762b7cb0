"""What a weather file holds before it is a cube: fields on one grid, with their keys.

A source turns its files into an `Inventory`, whatever they hold; `_assemble` makes the cube of
it, or says why it cannot. Between the two a field is one horizontal slab, south to north and west
to east, so that no later step knows scan orders or packings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.wind._contract import (
    BOUNDARY_LAYER,
    CLOUD,
    CLOUD_COVER,
    FRICTION_VELOCITY,
    GUST,
    HUMIDITY,
    PRECIPITATION,
    SPACING_TOLERANCE,
)
from downwind.wind.profile import Profile
from downwind.wind.window import Window

OMEGA: Final = "lagrangian_tendency_of_air_pressure"
"""Vertical wind as files hold it [Pa s-1]; becomes ``upward_air_velocity`` in the cube."""

SPECIFIC: Final = "specific_humidity"
"""Humidity as some files hold it [kg kg-1]; becomes ``relative_humidity`` in the cube."""

SURFACE_AIR: Final = (PRECIPITATION, CLOUD_COVER, GUST, BOUNDARY_LAYER, FRICTION_VELOCITY)
"""What is known of the air near the ground, and may be missing in places."""

AIR_FIELDS: Final = frozenset({HUMIDITY, SPECIFIC, CLOUD, *SURFACE_AIR})
"""What serves warnings and limits, not the flight: it never decides whether a set serves."""

FRACTION_UNITS: Final[Mapping[str, float]] = {
    "%": 0.01, "percent": 0.01, "1": 1.0, "(0-1)": 1.0, "0-1": 1.0,
}  # fmt: skip
"""Factor of each unit of a fraction, in lower case and without blanks."""

CENTRES: Final[Mapping[str, str]] = {
    "kwbc": "NCEP",
    "ecmf": "ECMWF",
    "rjtd": "JMA",
    "rksl": "KMA",
    "edzw": "DWD",
    "egrr": "UK Met Office",
    "lfpw": "Meteo-France",
    "cwao": "CMC",
}
"""Short names of forecast centres, by their code in GRIB."""

MAX_CUBE_BYTES: Final = 8 << 30
"""Bytes of fields above which a set is refused."""

SINGLE: Final = "single"
"""Role of a field that is of no ensemble."""

CONTROL: Final = "control"
"""Role of a field of the unperturbed member of an ensemble."""

MEMBER: Final = "member"
"""Role of a field of any other member."""

DECIMALS: Final = 5
"""Decimals kept of the ends of a coordinate [degrees]: half a metre, the grain of float32."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A regular grid: the ends of both axes [degrees] and the number of points on them."""

    south: float
    north: float
    west: float
    east: float
    rows: int
    columns: int

    def latitudes(self) -> NDArray[np.float64]:
        """Return the latitudes, ascending, shape (rows,) [degrees]."""
        return np.round(np.linspace(self.south, self.north, self.rows), 9)

    def longitudes(self) -> NDArray[np.float64]:
        """Return the longitudes, ascending, shape (columns,) [degrees]."""
        return np.round(np.linspace(self.west, self.east, self.columns), 9)

    def spacing(self) -> tuple[float, float]:
        """Return the spacing in longitude and latitude [degrees]; 0 for a single point."""
        across = (self.east - self.west) / (self.columns - 1) if self.columns > 1 else 0.0
        along = (self.north - self.south) / (self.rows - 1) if self.rows > 1 else 0.0
        return across, along

    def write_spacing(self) -> str:
        """Write the spacing, such as ``2.5 deg`` or ``0.125 x 0.1 deg`` (longitude first)."""
        across, along = (f"{value:.4g}" for value in self.spacing())
        return f"{across} deg" if across == along else f"{across} x {along} deg"

    def describe(self) -> str:
        """Write the box, its size and its spacing for a person."""
        return (
            f"{self.columns} x {self.rows} points, {self.south:g} to {self.north:g} N, "
            f"{self.west:g} to {self.east:g} E, {self.write_spacing()}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One horizontal slab with all that tells it from others.

    Parameters
    ----------
    name : str
        A variable of the cube, `OMEGA` or `SPECIFIC`.
    level_pa : float or None
        Pressure [Pa]; None at the surface.
    time_s : int
        Valid time [s since 1970].
    member : int
        Number of the member, 0 for a control or a single forecast.
    values : numpy.ndarray
        Shape (rows, columns) of the grid, float32; NaN where missing.
    grid : Grid
        Where it lies.
    run_s : int or None
        Time of the forecast run [s since 1970]; None for a reanalysis.
    is_analysis : bool
        Whether it is the analysis of its own time, and no forecast.
    source : str
        Name of the source, without the spacing.
    file : str
        Name of the file.
    span_s : int or None
        Length of the time before ``time_s`` that it is the mean or the greatest of [s]: 0 for a
        value at that time, None where the file does not say.
    role : str
        `SINGLE`, `CONTROL` or `MEMBER`; empty where the file does not say.
    ensemble_size : int
        How many members the file says that the ensemble has; 0 where it does not.
    """

    name: str
    level_pa: float | None
    time_s: int
    member: int
    values: NDArray[np.float32]
    grid: Grid
    run_s: int | None
    is_analysis: bool
    source: str
    file: str
    span_s: int | None = 0
    role: str = ""
    ensemble_size: int = 0


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that a set of files of one kind holds.

    Parameters
    ----------
    kind : str
        What the files are, such as ``GRIB edition 2``.
    files : tuple of str
        Their names.
    fields : tuple of Field
        What can be used.
    refused_grids : mapping
        Number of fields of wind and height on each kind of grid that cannot be read.
    left_out : tuple of str
        Wind and height that cannot be used, and why.
    others : mapping
        Number of fields of each kind that no flight needs.
    notes : tuple of str
        What the source had to decide.
    warnings : tuple of str
        What every output has to say.
    profiles : tuple of Profile
        Soundings; a source of soundings has these and no fields.
    digest : str
        The sha256 of what was read, where the files are too large to be read whole; empty if the
        bytes of the files are to be hashed.
    """

    kind: str
    files: tuple[str, ...]
    fields: tuple[Field, ...]
    refused_grids: Mapping[str, int]
    left_out: tuple[str, ...]
    others: Mapping[str, int]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()
    digest: str = ""


def join_inventories(inventories: Sequence[Inventory]) -> Inventory:
    """Return one inventory of all that several hold, in their order."""
    if len(inventories) == 1:
        return inventories[0]
    return Inventory(
        kind=" and ".join(dict.fromkeys(found.kind for found in inventories)),
        files=tuple(name for found in inventories for name in found.files),
        fields=tuple(field for found in inventories for field in found.fields),
        refused_grids=sum((Counter(found.refused_grids) for found in inventories), Counter()),
        left_out=tuple(reason for found in inventories for reason in found.left_out),
        others=sum((Counter(found.others) for found in inventories), Counter()),
        notes=tuple(dict.fromkeys(note for found in inventories for note in found.notes)),
        warnings=tuple(dict.fromkeys(text for found in inventories for text in found.warnings)),
        profiles=tuple(profile for found in inventories for profile in found.profiles),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A grid, and the order of rows and columns that takes a field of the file to it.

    ``rows`` and ``columns`` are indices into the latitudes and longitudes of the file.
    """

    grid: Grid
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    def within(self, window: Window) -> Layout | None:
        """Return the part that a window needs, one point more on each side; None without any."""
        across, along = self.grid.spacing()
        lat, lon = self.grid.latitudes(), self.grid.longitudes()
        rows = np.flatnonzero((lat > window.south - along) & (lat < window.north + along))
        offset = (lon - window.west + across) % 360.0
        inside = offset < window.width_deg + 2.0 * across
        if rows.size == 0 or not inside.any():
            return None
        columns = np.flatnonzero(inside)
        columns = columns[np.argsort(offset[columns], kind="stable")]
        in_one_piece = bool(np.all(np.diff(offset[columns]) < 1.5 * across))
        if not in_one_piece or window.width_deg + 2.0 * across >= 360.0 or inside.all():
            columns = np.arange(lon.size)
        west = float(lon[columns[0]])
        west -= 360.0 if west >= 180.0 else 0.0
        south, north = float(lat[rows[0]]), float(lat[rows[-1]])
        east = west + across * (columns.size - 1)
        grid = Grid(south, north, west, east, rows.size, columns.size)
        return Layout(grid, self.rows[rows], self.columns[columns])

    def lay_out(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return values of shape (..., rows, columns) in the order of the grid, as float32."""
        laid = values[..., self.rows[:, None], self.columns]
        return np.ascontiguousarray(laid, dtype=np.float32)


def find_layout(latitudes: ArrayLike, longitudes: ArrayLike) -> Layout:
    """Find the regular grid that the axes of a file make.

    Parameters
    ----------
    latitudes : array_like
        Either way round, shape (n,) [degrees].
    longitudes : array_like
        In any order and from any meridian, shape (m,) [degrees]. A column that is there twice,
        as 0 and 360, is taken once. What does not go all the way round starts after its largest
        gap, so that a box across the antimeridian stays in one piece.

    Returns
    -------
    Layout
        The grid, with its first longitude in [-180, 180).

    Raises
    ------
    ValueError
        If an axis is not evenly spaced, as on a Gaussian grid, or lies beyond a pole.
    """
    lat = np.asarray(latitudes, np.float64)
    rows = np.argsort(lat, kind="stable")
    lat = lat[rows]
    _check_axis("latitudes", lat)
    if lat[0] < -90.0 - 1e-3 or lat[-1] > 90.0 + 1e-3:
        raise ValueError(f"the latitudes go from {lat[0]:g} to {lat[-1]:g}")
    lon, columns = np.unique(
        np.round(np.asarray(longitudes, np.float64), DECIMALS) % 360.0, return_index=True
    )
    if lon.size == 0 or not np.isfinite(lon).all():
        raise ValueError("the longitudes are not all numbers")
    gaps = np.diff(np.append(lon, lon[0] + 360.0))
    if gaps.size > 1 and np.ptp(gaps) <= SPACING_TOLERANCE * np.median(gaps):
        lon = np.where(lon >= 180.0, lon - 360.0, lon)
        order = np.argsort(lon)
        lon, columns = lon[order], columns[order]
    else:
        first = (int(np.argmax(gaps)) + 1) % lon.size
        lon = np.concatenate([lon[first:], lon[:first] + 360.0])
        columns = np.concatenate([columns[first:], columns[:first]])
        if lon[0] >= 180.0:
            lon = lon - 360.0
    _check_axis("longitudes", lon)
    south, north, west, east = (
        round(float(end), DECIMALS) + 0.0 for end in (lat[0], lat[-1], lon[0], lon[-1])
    )
    grid = Grid(south, north, west, east, lat.size, lon.size)
    return Layout(grid, rows, columns)


def _check_axis(name: str, values: NDArray[np.float64]) -> None:
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"the {name} are not all numbers")
    if values.size < 2:
        return
    spacing = (values[-1] - values[0]) / (values.size - 1)
    off = np.abs(values - np.linspace(values[0], values[-1], values.size)).max()
    if spacing <= 0.0 or off > SPACING_TOLERANCE * spacing:
        raise ValueError(f"the {name} are not evenly spaced (a Gaussian or stretched grid)")
