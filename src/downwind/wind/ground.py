"""The ground under a wind: the model's, a constant, or that of elevation files, cell by cell.

The wind has one height of the ground at each point of its grid. Elevation files keep their own
resolution beside it: every cell of the wind that they reach into gets a page, a small grid of its
own that divides the cell evenly, so that the kernels find the ground through the cell in which they
look for the wind. All pages have the same number of parts; it follows from the files and from
`PAGE_BYTES`. What the files leave of a cell has the ground between its corners.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from downwind import atmosphere
from downwind.constants import EARTH_RADIUS_M
from downwind.errors import TerrainError

if TYPE_CHECKING:
    from downwind.geo.elevation import ElevationFile, Heights

PAGE_BYTES: Final = 64 << 20
"""Greatest size of all pages together [bytes]."""

MOST_PARTS: Final = 4_096
"""Into how many parts a cell is divided at the most, each way."""

FADE_M: Final = 2_000.0
"""Height above the model's ground at which the wind lies again where the model has it [m]."""

LARGEST_SHIFT_M: Final = 1_500.0
"""Greatest difference of the two grounds that columns of wind follow [m]."""

_HALF_KNOWN: Final = 0.5
_FAR: Final = np.float32(1e9)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TerrainOptions:
    """What a mission states about its ground.

    Attributes
    ----------
    constant_m : float or None
        A level ground [m], wherever ``files`` do not reach.
    files : tuple of pathlib.Path
        Elevation files.
    nodata_m : float or None
        Height where a file has no value [m]; None: that is an error.
    nodata_is_model : bool
        Where a file has no value the ground is what it is outside the file.
    lowest_m : float or None
        Ground that a file has lower is taken at this height [m]: 0 for files with the sea floor.
    """

    constant_m: float | None = None
    files: tuple[Path, ...] = ()
    nodata_m: float | None = None
    nodata_is_model: bool = False
    lowest_m: float | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """The ground of elevation files, as the kernels take it.

    Attributes
    ----------
    page : numpy.ndarray
        int32, shape (latitude, longitude): where the page of the cell east and north of each point
        starts in ``height_m``; below the number of points, the cell has none.
    height_m : numpy.ndarray
        The ground at the points of the wind, row by row, then the pages, each of
        ``(parts + 1) ** 2`` heights [m, geopotential].
    parts : int
        Parts of a cell each way.
    per_slope : numpy.ndarray
        Shape (latitude, longitude): 1 over the steepest ground in and beside each cell.
    way_m : float
        Length of a part [m].
    """

    page: NDArray[np.int32]
    height_m: Floats
    parts: int
    per_slope: Floats
    way_m: float


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground under a wind.

    Attributes
    ----------
    height_m : numpy.ndarray
        At the points of the wind, shape (latitude, longitude) [m, geopotential].
    shift_m : numpy.ndarray or None
        By how much it lies above the ground of the model, the same shape [m].
    pages : Pages or None
    source : str
        Where it comes from.
    bridges, notes : tuple of str
        What the mission stated in place of data, and what had to be decided.
    """

    height_m: Floats
    source: str
    shift_m: Floats | None = field(default=None)
    pages: Pages | None = field(default=None)
    bridges: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lowest_m(self) -> float:
        """The lowest ground [m]."""
        return float((self.height_m if self.pages is None else self.pages.height_m).min())


def lay_ground(
    model_m: Floats | None,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    options: TerrainOptions,
    source: str,
) -> Ground:
    """Find the ground under a wind.

    Parameters
    ----------
    model_m : numpy.ndarray or None
        Orography of the model, shape (latitude, longitude) [m, geopotential].
    longitude, latitude : numpy.ndarray
        Axes of the wind [degrees].
    options : TerrainOptions
    source : str
        Name of the wind.

    Raises
    ------
    TerrainError
        If the ground is not known somewhere.
    ElevationFileError
        If an elevation file cannot be read.

    References
    ----------
    Heights above the geoid become geopotential by ICAO Doc 7488, H = R z / (R + z).
    """
    shape = latitude.size, longitude.size
    outside, outside_text = model_m, f"orography of {source}"
    bridges: tuple[str, ...] = ()
    if options.constant_m is not None:
        outside = np.full(shape, options.constant_m, np.float32)
        outside_text = f"constant {options.constant_m:g} m (terrain.constant_m)"
        bridges = (f"ground at a {outside_text}",)
    if not options.files:
        if outside is None:
            raise TerrainError(
                f"{source} has no orography, so the height of the ground is unknown",
                "bring a file with the model's orography, or state terrain.constant_m or "
                "terrain.file in the mission",
            )
        return Ground(outside, outside_text, bridges=bridges)
    return _lay_files(model_m, outside, outside_text, longitude, latitude, options, source)


def shift_levels(height_m: Floats, model_m: Floats, shift_m: Floats) -> Floats:
    """Move the levels of a wind with the ground, by all of the shift there and by none aloft.

    Parameters
    ----------
    height_m : numpy.ndarray
        Geopotential heights of levels, shape (..., level, latitude, longitude) [m].
    model_m, shift_m : numpy.ndarray
        Ground of the model and what is to be added to it, shape (latitude, longitude) [m].

    Returns
    -------
    numpy.ndarray
        Heights [m]: a level z above the model's ground is moved by the shift times 1 - z / 2 km,
        and not at all from 2 km on. The order of the levels stays.
    """
    shift = np.clip(shift_m, -LARGEST_SHIFT_M, LARGEST_SHIFT_M)
    above = height_m - model_m
    share = np.clip(1.0 - above / np.float32(FADE_M), 0.0, 1.0)
    return np.asarray(height_m + share * shift, np.float32)


def plain_pages(terrain_m: Floats) -> Pages:
    """Return the tables of a ground without pages."""
    size = terrain_m.size
    return Pages(
        page=np.arange(size, dtype=np.int32).reshape(terrain_m.shape),
        height_m=np.ascontiguousarray(terrain_m, np.float32).reshape(-1),
        parts=1,
        per_slope=np.full(terrain_m.shape, _FAR, np.float32),
        way_m=float(_FAR),
    )


def make_pages(
    terrain_m: Floats,
    height_m: Floats,
    is_covered: NDArray[np.bool_],
    parts: int,
    latitude: NDArray[np.float64],
    corner: tuple[int, int] = (0, 0),
) -> Pages | None:
    """Cut a fine ground into pages, one for each cell of the wind that it covers.

    Parameters
    ----------
    terrain_m : numpy.ndarray
        Ground at the points of the wind, shape (latitude, longitude) [m, geopotential].
    height_m : numpy.ndarray
        The fine ground over a block of cells, shape (rows parts + 1, columns parts + 1) [m].
    is_covered : numpy.ndarray
        Which cells get a page, shape (rows, columns).
    parts : int
        Parts of a cell each way.
    latitude : numpy.ndarray
        Of the wind [degrees].
    corner : tuple of int
        Row and column of the block's first cell.

    Returns
    -------
    Pages or None
        None if no cell is covered.
    """
    if not is_covered.any():
        return None
    plain, slope = plain_pages(terrain_m), np.zeros(terrain_m.shape, np.float32)
    page = plain.page.copy()
    cells = np.argwhere(is_covered)
    each = (parts + 1) ** 2
    flat = np.empty(terrain_m.size + cells.shape[0] * each, np.float32)
    flat[: terrain_m.size] = plain.height_m
    way_m = math.radians(float(latitude[1] - latitude[0])) * EARTH_RADIUS_M / parts
    for k, (j, i) in enumerate(cells):
        own = height_m[
            j * parts : (j + 1) * parts + 1,
            i * parts : (i + 1) * parts + 1,
        ]
        start = terrain_m.size + k * each
        flat[start : start + each] = own.reshape(-1)
        y, x = corner[0] + int(j), corner[1] + int(i)
        page[y, x] = start
        across = math.cos(math.radians(min(abs(float(latitude[y])), 80.0)))
        east = float(np.abs(np.diff(own, axis=1)).max()) / (way_m * across)
        north = float(np.abs(np.diff(own, axis=0)).max()) / way_m
        slope[y, x] = math.hypot(east, north)
    steepest = maximum_filter(slope, 3, mode="nearest")
    per_slope = np.where(steepest > 0.0, 1.0 / np.maximum(steepest, 1e-6), _FAR)
    return Pages(page, flat, parts, per_slope.astype(np.float32), way_m)


# --- elevation files -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cells:
    """A block of cells of the wind around what the files cover: its corner, size and parts."""

    row: int
    column: int
    rows: int
    columns: int
    parts: int


def _lay_files(
    model_m: Floats | None,
    outside: Floats | None,
    outside_text: str,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    options: TerrainOptions,
    source: str,
) -> Ground:
    from downwind.geo.elevation import look_at_files, read_heights

    files = look_at_files(options.files)
    names = ", ".join(file.path.name for file in files)
    cells = _find_cells(files, longitude, latitude)
    if cells is None:
        where = "; ".join(
            f"{f.path.name} {f.south:.2f} to {f.north:.2f} N, {f.west:.2f} to {f.east:.2f} E"
            for f in files
        )
        raise TerrainError(
            f"the elevation files cover no cell of {source} ({latitude[0]:g} to {latitude[-1]:g} "
            f"N, {longitude[0]:g} to {longitude[-1]:g} E): {where}",
            "give files for the sites and for where the flights come down",
        )
    found = read_heights(
        files,
        _divide(longitude, cells.column, cells.columns, cells.parts),
        _divide(latitude, cells.row, cells.rows, cells.parts),
        lowest_m=options.lowest_m,
    )
    height = _fill_gaps(found, cells, longitude, latitude, options, names)
    fine = np.isfinite(height)
    nodes, is_known = _node_means(height, fine, cells, longitude.size, latitude.size)
    covered = _find_covered(fine, cells)
    whole = (latitude.size - 1) * (longitude.size - 1)
    share = float(fine.mean()) * cells.rows * cells.columns / whole
    is_all = bool(fine.all()) and cells.rows * cells.columns == whole
    if outside is None and not is_known.all():
        y, x = np.argwhere(~is_known)[0]
        raise TerrainError(
            f"{source} has no orography, and {names} does not reach {latitude[y]:.2f} N "
            f"{longitude[x]:.2f} E ({100.0 * (1.0 - is_known.mean()):.0f} % of the wind's box)",
            "bring more elevation files, the model's orography, or state terrain.constant_m for "
            "the rest",
        )
    terrain = np.where(is_known, nodes, 0.0 if outside is None else outside).astype(np.float32)
    if not is_all:
        height = np.where(fine, height, _between_corners(terrain, cells))
    spacing_deg = float(latitude[1] - latitude[0]) / cells.parts
    text = f"{names} at {_write_spacing(spacing_deg)}"
    bridges = []
    if not is_all:
        beside = outside_text if outside is not None else "its means at the points of the wind"
        text += f", elsewhere {beside}"
        bridges.append(
            f"ground of {names} for {_write_block(fine, cells, longitude, latitude)} "
            f"({_write_share(share)} of the wind's box); elsewhere {beside}"
        )
    if options.nodata_m is not None:
        bridges.append(f"ground at {options.nodata_m:g} m where {names} has none (terrain.nodata)")
    if options.lowest_m is not None:
        bridges.append(f"no ground of {names} below {options.lowest_m:g} m (terrain.lowest_m)")
    notes = [note for file in files for note in file.notes]
    shift = None
    if model_m is not None:
        shift = np.where(is_known, nodes - model_m, 0.0).astype(np.float32)
        most = float(np.abs(shift).max())
        notes.append(
            f"winds follow the ground of {names}: moved by up to {most:.0f} m at the ground, by "
            f"none from {FADE_M:g} m above it"
        )
    pages = make_pages(terrain, height, covered, cells.parts, latitude, (cells.row, cells.column))
    return Ground(terrain, text, shift, pages, tuple(bridges), tuple(notes))


def _find_cells(
    files: Sequence[ElevationFile], longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> _Cells | None:
    """Return the block of cells that the files may cover, and into how many parts to divide."""
    dx, dy = (float(a[1] - a[0]) for a in (longitude, latitude))
    cover = np.zeros((latitude.size - 1, longitude.size - 1), np.bool_)
    for file in files:
        for turn in (0.0, 360.0, -360.0):
            in_rows = (latitude[1:] > file.south) & (latitude[:-1] < file.north)
            in_columns = (longitude[1:] > file.west + turn) & (longitude[:-1] < file.east + turn)
            cover |= in_rows[:, None] & in_columns
    if not cover.any():
        return None
    ys, xs = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    rows, columns = int(ys[-1] - ys[0] + 1), int(xs[-1] - xs[0] + 1)
    finest = min(file.spacing_deg for file in files)
    native = math.ceil(max(dx, dy) / finest - 1e-6)
    room = int(math.sqrt(PAGE_BYTES / 4.0 / (rows * columns))) - 1
    parts = max(min(native, room, MOST_PARTS), 1)
    return _Cells(int(ys[0]), int(xs[0]), rows, columns, parts)


def _divide(axis: NDArray[np.float64], first: int, count: int, parts: int) -> NDArray[np.float64]:
    return np.linspace(axis[first], axis[first + count], count * parts + 1)


def _fill_gaps(
    found: Heights,
    cells: _Cells,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    options: TerrainOptions,
    names: str,
) -> Floats:
    """Return geopotential heights, with what the mission states for points without a value."""
    height = atmosphere.geopotential_height(found.height_m).astype(np.float32)
    gap = found.is_inside & np.isnan(height)
    if not gap.any() or options.nodata_is_model:
        return height
    if options.nodata_m is not None:
        level = np.float32(atmosphere.geopotential_height(options.nodata_m))
        return np.where(gap, level, height)
    y, x = np.argwhere(gap)[0]
    at_lat = _divide(latitude, cells.row, cells.rows, cells.parts)[y]
    at_lon = _divide(longitude, cells.column, cells.columns, cells.parts)[x]
    raise TerrainError(
        f"{names} has no height at {at_lat:.3f} N {at_lon:.3f} E and on "
        f"{100.0 * gap.mean():.2g} % of the box that was read",
        'state terrain.nodata_m = 0 if that is sea, or terrain.nodata_m = "model" for the ground '
        "that holds outside the file, or give a file without gaps",
    )


def _node_means(
    height: Floats, fine: NDArray[np.bool_], cells: _Cells, columns: int, rows: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean ground within half a cell of each point, and where half of it is known."""
    means = np.zeros((rows, columns), np.float32)
    known = np.zeros((rows, columns), np.bool_)
    half = cells.parts // 2
    whole = (2 * half + 1) ** 2
    for j in range(cells.rows + 1):
        for i in range(cells.columns + 1):
            y, x = j * cells.parts, i * cells.parts
            part = np.s_[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1]
            count = int(np.count_nonzero(fine[part]))
            # a point on the edge of the wind has ground on its inner side alone
            size = fine[part].size if _is_edge(j, i, cells, rows, columns) else whole
            if fine[y, x] and count >= _HALF_KNOWN * size:
                means[cells.row + j, cells.column + i] = np.mean(
                    height[part], where=fine[part], dtype=np.float64
                )
                known[cells.row + j, cells.column + i] = True
    return means, known


def _is_edge(j: int, i: int, cells: _Cells, rows: int, columns: int) -> bool:
    return cells.row + j in (0, rows - 1) or cells.column + i in (0, columns - 1)


def _find_covered(fine: NDArray[np.bool_], cells: _Cells) -> NDArray[np.bool_]:
    """Return which cells of the block are known at some point inside, or at all corners."""
    p = cells.parts
    corners = fine[::p, ::p]
    covered = corners[:-1, :-1] & corners[1:, :-1] & corners[:-1, 1:] & corners[1:, 1:]
    if p > 1:
        inner = fine[:-1, :-1].reshape(cells.rows, p, cells.columns, p)[:, 1:, :, 1:]
        covered |= inner.any(axis=(1, 3))
    return np.asarray(covered)


def _between_corners(terrain: Floats, cells: _Cells) -> Floats:
    """Return the ground at the points of the wind, bilinear at all points of the block's pages."""
    block = terrain[
        cells.row : cells.row + cells.rows + 1, cells.column : cells.column + cells.columns + 1
    ]
    for axis in (0, 1):
        at = np.arange((block.shape[axis] - 1) * cells.parts + 1)
        low = np.minimum(at // cells.parts, block.shape[axis] - 2)
        shape = (-1, 1) if axis == 0 else (1, -1)
        part = ((at - low * cells.parts) / cells.parts).astype(np.float32).reshape(shape)
        block = (1.0 - part) * block.take(low, axis) + part * block.take(low + 1, axis)
    return np.asarray(block, np.float32)


def _write_block(
    fine: NDArray[np.bool_],
    cells: _Cells,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
) -> str:
    """Write the box of what is known, for a person."""
    if not fine.any():
        return "nothing"
    sides = []
    for axis, first, count, known in (
        (latitude, cells.row, cells.rows, fine.any(axis=1)),
        (longitude, cells.column, cells.columns, fine.any(axis=0)),
    ):
        at = np.flatnonzero(known)
        points = _divide(axis, first, count, cells.parts)
        sides += [f"{round(float(points[k]), 2):g}" for k in (at[0], at[-1])]
    return f"{sides[0]} to {sides[1]} N, {sides[2]} to {sides[3]} E"


def _write_share(share: float) -> str:
    """Write a share that is not all as a percentage of two digits, and never as 100 %."""
    if share >= 0.995:
        return "over 99 %"
    return f"{100.0 * share:.2g} %"


def _write_spacing(spacing_deg: float) -> str:
    metres = math.radians(spacing_deg) * EARTH_RADIUS_M
    return f"{metres / 1e3:.1f} km" if metres >= 1_000.0 else f"{metres:.0f} m"
