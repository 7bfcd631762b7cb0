"""The wind of a cube on a set of nodes and heights at one time, by the plain reference rule.

The same order as `interpolate_wind`, for many places at once: height and wind of each level in
time, latitude and longitude first, then the wind in height.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from downwind.wind.cube import EAST, HEIGHT, NORTH, TERRAIN, WIND_ERROR, WindCube

FloatArray = NDArray[np.float64]
Bracket = tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]


def sample_columns(
    cube: WindCube,
    epoch_s: int,
    longitude: FloatArray,
    latitude: FloatArray,
    height_m: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the wind of the first member at nodes and heights.

    Parameters
    ----------
    cube : WindCube
    epoch_s : int
        A time inside the cube [s since 1970]; between two of its times linear, whatever the gap.
    longitude, latitude : numpy.ndarray
        Axes of the nodes, inside the box, shape (nx,), (ny,) [degrees].
    height_m : numpy.ndarray
        Geopotential heights, shape (m,) [m].

    Returns
    -------
    tuple of numpy.ndarray
        Eastward wind, northward wind and their standard error, shape (m, ny * nx) [m s-1]; NaN
        above, below and, where the ground is known, under it. The standard error is NaN where the
        cube has none.
    """
    t = find_bracket(cube.times_s.astype(np.float64), np.array([float(epoch_s)]))
    y = find_bracket(cube.latitude, latitude)
    x = _find_longitudes(cube, longitude)
    names = [HEIGHT, EAST, NORTH] + ([WIND_ERROR] if WIND_ERROR in cube.dataset else [])
    level = []
    for name in names:
        field = cube.dataset[name].values[0]
        total = np.zeros((cube.level_count, latitude.size, longitude.size))
        for it, wt in ((int(t[0][0]), 1.0 - t[2][0]), (int(t[1][0]), t[2][0])):
            if wt != 0.0:
                total += wt * _lay_on_nodes(field[it], y, x)
        level.append(total.reshape(cube.level_count, -1))
    wind = _at_heights(level[0], level[1:], height_m)
    if TERRAIN in cube.dataset:
        ground = _lay_on_nodes(cube.dataset[TERRAIN].values, y, x).reshape(-1)
        wind[:, height_m[:, None] < ground] = np.nan
    u, v = wind[0], wind[1]
    return u, v, wind[2] if len(wind) > 2 else np.full(u.shape, np.nan)


def find_floor_m(cube: WindCube, epoch_s: int, longitude: float, latitude: float) -> float:
    """Return the lowest height above the ground at which there is wind at a place [m].

    That of the lowest level or, where it lies higher, of the ground.
    """
    y = find_bracket(cube.latitude, np.array([latitude]))
    x = _find_longitudes(cube, np.array([longitude]))
    t = find_bracket(cube.times_s.astype(np.float64), np.array([float(epoch_s)]))
    level = cube.dataset[HEIGHT].values[0, :, 0]
    early, late = (float(_lay_on_nodes(level[k[0]], y, x)[0, 0]) for k in t[:2])
    floor = early + float(t[2][0]) * (late - early)
    if TERRAIN not in cube.dataset:
        return floor
    return max(floor, float(_lay_on_nodes(cube.dataset[TERRAIN].values, y, x)[0, 0]))


def holds_longitude(cube: WindCube, longitude: FloatArray) -> NDArray[np.bool_]:
    """Tell which longitudes, shape (n,) [degrees], lie inside a cube, read either way round."""
    if cube.is_global:
        return np.ones(longitude.shape, np.bool_)
    width = float(cube.longitude[-1] - cube.longitude[0])
    offset = (longitude - cube.longitude[0]) % 360.0
    return np.asarray((offset <= width + 1e-6) | (offset >= 360.0 - 1e-6))


def find_bracket(axis: FloatArray, values: FloatArray) -> Bracket:
    """Return the nodes below and above values on an ascending axis, and the weights of those above.

    Values outside are taken at the end.
    """
    if axis.size == 1:
        zero = np.zeros(values.size, np.intp)
        return zero, zero, np.zeros(values.size)
    low = np.clip(np.searchsorted(axis, values, side="right") - 1, 0, axis.size - 2)
    weight = np.clip((values - axis[low]) / (axis[low + 1] - axis[low]), 0.0, 1.0)
    return low, low + 1, weight


def _find_longitudes(cube: WindCube, longitude: FloatArray) -> Bracket:
    axis = cube.longitude
    value = axis[0] + (longitude - axis[0]) % 360.0
    if cube.is_global:
        low, high, weight = find_bracket(np.append(axis, axis[0] + 360.0), value)
        return low, high % axis.size, weight
    # a remainder just under 360 is the first node, missed by rounding
    beyond = value > 0.5 * (axis[-1] + axis[0] + 360.0)
    return find_bracket(axis, np.where(beyond, value - 360.0, value))


def _lay_on_nodes(field: NDArray[np.float32], y: Bracket, x: Bracket) -> FloatArray:
    """Interpolate fields of shape (..., rows, columns) to nodes, shape (..., ny, nx)."""
    south, north = (field[..., rows, :].astype(np.float64) for rows in y[:2])
    lines = south + y[2][:, None] * (north - south)
    west, east = lines[..., x[0]], lines[..., x[1]]
    return np.asarray(west + x[2] * (east - west))


def _at_heights(height: FloatArray, fields: list[FloatArray], wanted_m: FloatArray) -> FloatArray:
    """Interpolate fields of shape (level, n) in height, shape (fields, m, n); NaN outside."""
    out = np.full((len(fields), wanted_m.size, height.shape[1]), np.nan)
    for i, wanted in enumerate(wanted_m):
        low = np.clip((height <= wanted).sum(axis=0) - 1, 0, height.shape[0] - 2)[None]
        inside = ((height[0] <= wanted) & (wanted <= height[-1]))[None]
        below, above = (np.take_along_axis(height, k, 0) for k in (low, low + 1))
        f = (wanted - below) / (above - below)
        for out_row, field in zip(out[:, i], fields, strict=True):
            start, end = (np.take_along_axis(field, k, 0) for k in (low, low + 1))
            out_row[:] = np.where(inside, start + f * (end - start), np.nan)[0]
    return out
