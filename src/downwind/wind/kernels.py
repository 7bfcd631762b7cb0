"""Read the wind and the ground at one place and time, compiled. Bare arrays, no I/O.

A grid is the named tuple ``GridArrays``: it goes into compiled code as it is. Cells are found
through small look-up tables, so time and height axes need not be evenly spaced. Outside the grid
the edge is held, but only for the inner stages of a step: whoever steps must ask ``is_inside`` for
the end of the step and stop there (``downwind.sim`` does).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere.kernels import INLINE, PARALLEL
from downwind.compiled.kernels import kernel


class GridArrays(NamedTuple):
    """The arrays of a wind grid, as the kernels take them.

    ``wind`` has shape (member, time, height, latitude, longitude, c): eastward, northward and,
    where c is 3, upward [m s-1]; ``wind_flat`` is the same memory in one dimension. ``is_hole``
    has one flag for each interval of the time axis. ``ceiling_m`` holds, for the cell east and
    north of each point, the highest ground within a step's way.

    ``terrain_m`` is the ground at the points of the wind. ``relief_m`` begins with it, row by row;
    after it come the pages of cells with a finer ground: ``page`` says for the cell east and north
    of each point where its corner stands in ``relief_m``. From ``terrain_m.size`` on that is a
    page, of ``page_parts`` parts each way, one row of points after the other. ``per_slope`` is 1
    over the steepest ground of a page and of those beside it, ``part_m`` the length of a part [m];
    both are huge where there are no pages.

    A member, as all kernels number them, is a wind of the data with an error of its own: ``base``
    says which wind; the fields from ``error_values`` on are those of ``ErrorArrays`` and hold the
    errors. Where ``has_error`` is False, they are not read.
    """

    wind: NDArray[np.float32]
    wind_flat: NDArray[np.float32]
    time_s: NDArray[np.float64]
    time_cell: NDArray[np.int32]
    time_per_cell: float
    is_hole: NDArray[np.bool_]
    height_m: NDArray[np.float64]
    height_cell: NDArray[np.int32]
    height_per_cell: float
    latitude0: float
    per_latitude: float
    longitude0: float
    per_longitude: float
    terrain_m: NDArray[np.float32]
    ceiling_m: NDArray[np.float32]
    relief_m: NDArray[np.float32]
    page: NDArray[np.int32]
    page_parts: int
    per_slope: NDArray[np.float32]
    part_m: float
    base: NDArray[np.int32]
    has_error: bool
    error_values: NDArray[np.int32]
    error_start: NDArray[np.int64]
    error_count: NDArray[np.int64]
    error_per: NDArray[np.float64]
    error_along: NDArray[np.float64]
    error_unit: NDArray[np.float64]
    error_shift: NDArray[np.float64]
    error_frame: NDArray[np.float64]
    error_time0_s: float
    error_longitude0: float
    error_mountain: NDArray[np.float32]
    error_calm_ms: float
    error_strong_ms: float
    error_taper_m: float

    @property
    def has_pages(self) -> bool:
        """Whether some cells have a finer ground than their corners."""
        return self.relief_m.size > self.terrain_m.size


@kernel(**INLINE)
def find_cell(axis, cell, per_cell, x):
    """Return the index of the interval of ``axis`` that holds x, and the fraction inside it."""
    last = axis.size - 2
    if not x > axis[0]:
        return 0, 0.0
    if x >= axis[last + 1]:
        return last, 1.0
    i = cell[int((x - axis[0]) * per_cell)]
    while i < last and x >= axis[i + 1]:
        i += 1
    return i, (x - axis[i]) / (axis[i + 1] - axis[i])


@kernel(**INLINE)
def longitude_offset(grid, longitude):
    """Return the longitude in grid cells east of the first column, the short way round."""
    x = longitude - grid.longitude0
    cells = x * grid.per_longitude
    if 0.0 <= cells <= grid.terrain_m.shape[1] - 1:
        return cells
    x -= 360.0 * math.floor(x / 360.0)
    width = (grid.terrain_m.shape[1] - 1) / grid.per_longitude
    if x > width and x > 180.0 + 0.5 * width:
        x -= 360.0
    return x * grid.per_longitude


@kernel(**INLINE)
def _clamp_cell(x, size):
    if not x > 0.0:
        return 0, 0.0
    i = int(x)
    if i >= size - 1:
        return size - 2, 1.0
    return i, x - i


@kernel(**INLINE)
def wind_at(grid, member, longitude, latitude, h_m, t_s):
    """Return eastward, northward and upward wind [m s-1], linear in each of the four axes.

    The wind of the data, without the member's error.
    """
    f = grid.wind_flat
    it, at = find_cell(grid.time_s, grid.time_cell, grid.time_per_cell, t_s)
    iz, az = find_cell(grid.height_m, grid.height_cell, grid.height_per_cell, h_m)
    _, nt, nz, ny, nx, nc = grid.wind.shape
    iy, ay = _clamp_cell((latitude - grid.latitude0) * grid.per_latitude, ny)
    ix, ax = _clamp_cell(longitude_offset(grid, longitude), nx)
    w00 = (1.0 - ay) * (1.0 - ax)
    w01 = (1.0 - ay) * ax
    w10 = ay * (1.0 - ax)
    w11 = ay * ax
    # unsigned offsets into the flat array: no test for negative indices
    row = np.uint64(nx * nc)
    plane = np.uint64(ny * nx * nc)
    slab = np.uint64(nz * ny * nx * nc)
    east = np.uint64(nc)
    one = np.uint64(1)
    two = np.uint64(2)
    start = np.uint64(((((grid.base[member] * nt + it) * nz + iz) * ny + iy) * nx + ix) * nc)
    u = 0.0
    v = 0.0
    up = 0.0
    for k in range(2):
        wt = at if k else 1.0 - at
        if wt == 0.0:
            continue
        for j in range(2):
            q = wt * (az if j else 1.0 - az)
            a = start + np.uint64(k) * slab + np.uint64(j) * plane
            b = a + east
            c = a + row
            d = c + east
            u += q * (w00 * f[a] + w01 * f[b] + w10 * f[c] + w11 * f[d])
            v += q * (w00 * f[a + one] + w01 * f[b + one] + w10 * f[c + one] + w11 * f[d + one])
            if nc == 3:
                up += q * (
                    w00 * f[a + two] + w01 * f[b + two] + w10 * f[c + two] + w11 * f[d + two]
                )
    return u, v, up


@kernel(**INLINE)
def ground_at_cells(grid, x, y):
    """Return the ground [m, geopotential] at a place, and its slopes for each cell in x and y.

    ``x`` and ``y`` are in cells of the wind from its first column and row. The ground is bilinear
    between the points of the wind, or of the cell's page; the edge is held outside.
    """
    ny, nx = grid.terrain_m.shape
    f = grid.relief_m
    iy, ay = _clamp_cell(y, ny)
    ix, ax = _clamp_cell(x, nx)
    at = grid.page[iy, ix]
    parts, row = 1, nx
    if at >= ny * nx:
        parts, row = grid.page_parts, grid.page_parts + 1
        jy, ay = _clamp_cell(ay * parts, row)
        jx, ax = _clamp_cell(ax * parts, row)
        at += jy * row + jx
    above = at + row
    south = f[at + 1] - f[at]
    north = f[above + 1] - f[above]
    low = f[at] + ax * south
    high = f[above] + ax * north
    x_slope = parts * ((1.0 - ay) * south + ay * north)
    return low + ay * (high - low), x_slope, parts * (high - low)


@kernel(**INLINE)
def terrain_at(grid, longitude, latitude):
    """Return the height of the ground [m, geopotential], bilinear; the edge is held outside."""
    y = (latitude - grid.latitude0) * grid.per_latitude
    value, _, _ = ground_at_cells(grid, longitude_offset(grid, longitude), y)
    return value


@kernel(**INLINE)
def per_slope_at(grid, x, y):
    """Return 1 over the steepest ground of the pages near a place; x and y in cells."""
    iy, _ = _clamp_cell(y, grid.per_slope.shape[0])
    ix, _ = _clamp_cell(x, grid.per_slope.shape[1])
    return grid.per_slope[iy, ix]


@kernel(**INLINE)
def ceiling_at(grid, longitude, latitude):
    """Return the highest ground [m, geopotential] within a step's way of a place."""
    iy, _ = _clamp_cell((latitude - grid.latitude0) * grid.per_latitude, grid.ceiling_m.shape[0])
    ix, _ = _clamp_cell(longitude_offset(grid, longitude), grid.ceiling_m.shape[1])
    return grid.ceiling_m[iy, ix]


@kernel(**INLINE)
def mountain_at(grid, longitude, latitude):
    """Return ``error_mountain`` of the cell that a place lies in."""
    iy, _ = _clamp_cell(
        (latitude - grid.latitude0) * grid.per_latitude, grid.error_mountain.shape[0]
    )
    ix, _ = _clamp_cell(longitude_offset(grid, longitude), grid.error_mountain.shape[1])
    return grid.error_mountain[iy, ix]


@kernel(**INLINE)
def is_inside(grid, longitude, latitude, h_m):
    """Tell whether a place lies inside the box of the wind and not above its top."""
    y = (latitude - grid.latitude0) * grid.per_latitude
    x = longitude_offset(grid, longitude)
    return (
        0.0 <= y <= grid.terrain_m.shape[0] - 1
        and 0.0 <= x <= grid.terrain_m.shape[1] - 1
        and h_m <= grid.height_m[-1]
    )


@kernel(**INLINE)
def time_to_node(grid, t_s):
    """Return the time [s] from t to the next node of the time axis; 0 where the data end.

    The data end after the last node, before the first, and at the start of a hole.
    """
    if t_s < grid.time_s[0] or t_s >= grid.time_s[-1]:
        return 0.0
    it, _ = find_cell(grid.time_s, grid.time_cell, grid.time_per_cell, t_s)
    if grid.is_hole[it]:
        return 0.0
    return grid.time_s[it + 1] - t_s


@kernel(**INLINE)
def height_face_below(grid, h_m):
    """Return the highest level of the height axis that lies below h [m]."""
    i, a = find_cell(grid.height_m, grid.height_cell, grid.height_per_cell, h_m)
    if a <= 1e-9 and i > 0:
        return grid.height_m[i - 1]
    return grid.height_m[i]


@kernel(**PARALLEL)
def resample_columns(height_m, wind, terrain_m, surface, has_surface, roughness_m, targets_m, out):
    """Lay one time of wind on a height grid, linear in height in every column.

    Parameters
    ----------
    height_m : numpy.ndarray
        Geopotential heights of the levels, shape (level, y, x), rising [m].
    wind : numpy.ndarray
        Eastward, northward, upward wind on the levels, shape (c, level, y, x) [m s-1]; c is 3, or
        2 without the last.
    terrain_m : numpy.ndarray
        Height of the ground, shape (y, x) [m].
    surface : numpy.ndarray
        Wind 10 m above the ground, shape (2, y, x) [m s-1]; read only where ``has_surface``.
    has_surface : bool
        Join the 10 m wind to the lowest level above it by a logarithmic profile, and hold it
        below 10 m.
    roughness_m : float
        Roughness length [m] of the logarithmic profile that bridges the gap between the ground
        and a lowest level above it where there is no 10 m wind.
    targets_m : numpy.ndarray
        Heights wanted, shape (z,) [m]. Below the ground a column holds its value at the ground.
    out : numpy.ndarray
        Output, shape (z, y, x, c).
    """
    levels, ny, nx = height_m.shape
    parts = wind.shape[0]
    for y in nb.prange(ny):
        for x in range(nx):
            ground = terrain_m[y, x]
            floor = ground + 10.0 if has_surface else ground
            first = 0
            while first < levels - 1 and height_m[first, y, x] <= floor:
                first += 1
            k = first
            for j in range(targets_m.size):
                z = max(targets_m[j], ground)
                while k < levels - 1 and height_m[k, y, x] < z:
                    k += 1
                if k > first or (first > 0 and not has_surface):
                    low, high = height_m[k - 1, y, x], height_m[k, y, x]
                    f = min((z - low) / (high - low), 1.0)
                    for c in range(parts):
                        out[j, y, x, c] = (1.0 - f) * wind[c, k - 1, y, x] + f * wind[c, k, y, x]
                    continue
                top = height_m[first, y, x]
                if has_surface:
                    # straight over the logarithm of the height above ground
                    up = max(z - ground, 10.0)
                    f = min(math.log(up / 10.0) / math.log((top - ground) / 10.0), 1.0)
                    for c in range(2):
                        out[j, y, x, c] = (1.0 - f) * surface[c, y, x] + f * wind[c, first, y, x]
                    if parts == 3:
                        out[j, y, x, 2] = (z - ground) / (top - ground) * wind[2, first, y, x]
                elif top > ground:
                    up = max(z - ground, roughness_m)
                    f = math.log(up / roughness_m) / math.log((top - ground) / roughness_m)
                    for c in range(2):
                        out[j, y, x, c] = f * wind[c, first, y, x]
                    if parts == 3:
                        out[j, y, x, 2] = (z - ground) / (top - ground) * wind[2, first, y, x]
                else:
                    for c in range(parts):
                        out[j, y, x, c] = wind[c, first, y, x]


@kernel(**PARALLEL)
def pack_members(wind, per_uv, per_up, uv, up):
    """Round wind to 16 bits, eastward and northward in one word.

    Eastward wind is the lower half; northward wind is the whole word over 65 536, whose upper half
    is chosen to make it so: reading it takes one conversion.

    Parameters
    ----------
    wind : numpy.ndarray
        Shape (member, time, height, latitude, longitude, 2 or 3) [m s-1].
    per_uv, per_up : numpy.ndarray
        Units for each m s-1, shape (height,).
    uv : numpy.ndarray
        Output, int32, shape (member, points).
    up : numpy.ndarray
        Output, int16, flat, one longer than there are points; or empty.
    """
    members, steps, levels, ny, nx, _ = wind.shape
    for k in nb.prange(members * steps):
        m = k // steps
        t = k % steps
        at = t * levels * ny * nx
        whole = (m * steps + t) * levels * ny * nx
        for z in range(levels):
            for y in range(ny):
                for x in range(nx):
                    u = np.int64(np.rint(wind[m, t, z, y, x, 0] * per_uv[z])) & 0xFFFF
                    whole_v = wind[m, t, z, y, x, 1] * per_uv[z] * 65_536.0
                    v = np.int64(np.rint((whole_v - u) / 65_536.0))
                    uv[m, at] = np.int32(v * 65_536 + u)
                    if up.size:
                        up[whole] = np.int16(np.rint(wind[m, t, z, y, x, 2] * per_up[z]))
                    at += 1
                    whole += 1
