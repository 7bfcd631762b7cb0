"""Several winds as one weighted set: their cubes laid on common axes, member after member.

The place is the points of the finest grid that all winds hold; the time is every time of any of
them within the span that all cover, less those inside a hole of one, which stays a hole. Between
points and times values are linear. Each member keeps its own column: a source with fewer levels
gets points between them on the straight lines that the kernels draw anyway, so that no profile
changes. The ground is that of the finest grid that has one; the levels of other sources are moved
with it by `shift_levels`, as those of a wind over an elevation file are.

The weight of a source is shared evenly among its members. The run of the set is the oldest one, so
that no member is taken for younger than it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import xarray as xr

from downwind.errors import ArgumentError, WeatherContentError
from downwind.times import epoch_to_datetime64, format_utc
from downwind.wind._contract import check_attributes, check_coordinates, check_variables
from downwind.wind._mix_axes import (
    Axes,
    Floats,
    find_axes,
    name_wind,
    place,
    place_columns,
    spacing_deg2,
    stretch_levels,
)
from downwind.wind._parts import WindPart, write_parts
from downwind.wind.cube import (
    DIMS,
    EAST_10M,
    HEIGHT,
    NORTH_10M,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    UPWARD,
    VARIABLES,
    WIND_ERROR,
    WindCube,
)
from downwind.wind.ground import shift_levels
from downwind.wind.members import check_weights

MAX_MIX_BYTES: Final = 8 << 30
"""Bytes of fields above which a set is refused."""

DEFAULT_GAP_HOURS: Final = 6.0
"""A longer gap on the time axis of a source is a hole [h]."""

_ALL_OR_NONE: Final = (TEMPERATURE, WIND_ERROR, EAST_10M, NORTH_10M, SURFACE_PRESSURE)
"""Variables that the set has where every source has them."""


def mix_cubes(
    cubes: Sequence[WindCube],
    weights: Sequence[float] | None = None,
    *,
    max_gap_hours: float = DEFAULT_GAP_HOURS,
) -> WindCube:
    """Lay several winds on common axes as one set with weights.

    Parameters
    ----------
    cubes : sequence of WindCube
        Two or more, of one nature; their order has no effect on the result.
    weights : sequence of float, optional
        Weight of each, which add up to 1; all the same without.
    max_gap_hours : float
        A longer gap on the time axis of a source is a hole, and no time of another is kept in it
        [h].

    Returns
    -------
    WindCube
        With the members of all, numbered on from 0, and its ``parts``.

    Raises
    ------
    ArgumentError
        If the weights are none, a wind is given twice, or the winds are of different natures.
    WindCoverageError
        If the winds have no place or no time in common.
    WeatherContentError
        If the set is too large.
    SingleTimeError
        If one holds a single time and another does not.
    """
    given = [1.0 / len(cubes)] * len(cubes) if weights is None else [float(w) for w in weights]
    _check_given(cubes, given)
    paired = sorted(
        zip(cubes, given, strict=True),
        key=lambda pair: (pair[0].source, pair[0].reference_time_s or 0, pair[0].digest),
    )
    ordered = [cube for cube, _ in paired]
    finest = min(ordered, key=spacing_deg2)
    axes = find_axes(ordered, finest, max_gap_hours)
    notes: list[str] = []
    names = _choose_variables(ordered, notes)
    _check_size(ordered, axes, names)
    terrain, ground_of = _find_terrain(ordered, axes, notes)
    fields = _make_fields(ordered, axes, names)
    row = 0
    for cube in ordered:
        _lay_cube(cube, axes, fields, row, None if cube is ground_of else terrain)
        row += cube.member_count
    parts = [_describe(cube, weight) for cube, weight in paired]
    dataset = _make_dataset(fields, terrain, axes, ordered, parts, notes)
    # values between valid ones are valid: the shape alone is checked again
    check_coordinates(dataset)
    check_variables(dataset)
    check_attributes(dataset)
    return WindCube(dataset)


def mixed_bytes(cubes: Sequence[WindCube]) -> int:
    """Return the size of the set that cubes would make, over all of the finest one [bytes]."""
    finest = min(cubes, key=spacing_deg2)
    columns = finest.latitude.size * finest.longitude.size
    times = np.unique(np.concatenate([cube.times_s for cube in cubes])).size
    levels = max(cube.level_count for cube in cubes)
    names = {str(name) for cube in cubes for name in cube.dataset.data_vars}
    upper = sum(VARIABLES[name][0] == DIMS for name in names if name in VARIABLES)
    return 4 * columns * times * levels * upper * sum(cube.member_count for cube in cubes)


# --- what is given -----------------------------------------------------------------------------


def _check_given(cubes: Sequence[WindCube], weights: Sequence[float]) -> None:
    if len(weights) != len(cubes):
        raise ArgumentError(
            f"{len(weights)} weights for {len(cubes)} winds",
            "give one weight for each wind, in their order: --weights 0.6,0.4",
        )
    check_weights(weights, [name_wind(cube) for cube in cubes])
    natures = {cube.nature: name_wind(cube) for cube in cubes}
    if len(natures) > 1:
        kinds = " and ".join(f"a {nature} ({name})" for nature, name in natures.items())
        raise ArgumentError(
            f"{kinds} make no set: they do not err alike",
            "mix winds of one nature: forecasts with forecasts",
        )
    seen: dict[str, str] = {}
    for cube in cubes:
        if cube.digest in seen:
            raise ArgumentError(
                f"{name_wind(cube)} is given twice", "give each wind once, and a weight instead"
            )
        seen[cube.digest] = cube.source


def _choose_variables(cubes: Sequence[WindCube], notes: list[str]) -> list[str]:
    names = []
    for name in VARIABLES:
        lacking = [cube.source for cube in cubes if name not in cube.dataset]
        if name == TERRAIN or len(lacking) == len(cubes):
            continue
        if name in _ALL_OR_NONE and lacking:
            notes.append(f"{name} left out: not in {', '.join(lacking)}")
            continue
        if name == UPWARD and lacking:
            notes.append(f"no vertical wind in {', '.join(lacking)}: 0 in its members")
        names.append(name)
    return names


def _check_size(cubes: Sequence[WindCube], axes: Axes, names: Iterable[str]) -> None:
    upper = sum(VARIABLES[name][0] == DIMS for name in names)
    members = sum(cube.member_count for cube in cubes)
    points = axes.time_s.size * axes.levels * axes.latitude.size * axes.longitude.size
    total = 4 * members * points * upper
    if total > MAX_MIX_BYTES:
        raise WeatherContentError(
            f"the {members} members of all winds take {total / 2**30:.1f} GiB in memory, more than "
            f"the {MAX_MIX_BYTES / 2**30:.0f} GiB that are held at once",
            "store a part of each: downwind weather import FILE --box 120,33,132,43",
        )


# --- the fields --------------------------------------------------------------------------------


def _find_terrain(
    cubes: Sequence[WindCube], axes: Axes, notes: list[str]
) -> tuple[Floats | None, WindCube | None]:
    """Return the ground of the set, and the cube whose own it is."""
    grounded = [cube for cube in cubes if TERRAIN in cube.dataset]
    if not grounded:
        return None, None
    chosen = min(grounded, key=spacing_deg2)
    if len(cubes) > 1:
        notes.append(
            f"the ground is that of {name_wind(chosen)}; the levels of the other winds are moved "
            "with it, by all of the difference at the ground and by none from 2 km above it"
        )
    for cube in cubes:
        if cube not in grounded:
            notes.append(
                f"{name_wind(cube)} has no ground of its own: its levels stay where they are"
            )
    return _lay_terrain(chosen, axes), chosen


def _lay_terrain(cube: WindCube, axes: Axes) -> Floats:
    rows = place(cube.latitude, axes.latitude)
    columns, again = place_columns(cube, axes.longitude)
    values = np.asarray(cube.dataset[TERRAIN].values, np.float32)
    if again is not None:
        values = np.concatenate([values, values[..., :1]], axis=-1)
    return columns.take(rows.take(values, 0), 1)


def _make_fields(cubes: Sequence[WindCube], axes: Axes, names: Iterable[str]) -> dict[str, Floats]:
    members = sum(cube.member_count for cube in cubes)
    box = (axes.latitude.size, axes.longitude.size)
    shapes = {
        True: (members, axes.time_s.size, axes.levels, *box),
        False: (members, axes.time_s.size, *box),
    }
    return {
        name: np.full(
            shapes[VARIABLES[name][0] == DIMS], 0.0 if name == UPWARD else np.nan, np.float32
        )
        for name in names
    }


def _lay_cube(
    cube: WindCube, axes: Axes, fields: dict[str, Floats], row: int, terrain: Floats | None
) -> None:
    """Write the members of a cube into the set, one at a time, from a row on."""
    times = cube.times_s
    first = max(int(np.searchsorted(times, axes.time_s[0], side="right")) - 1, 0)
    last = int(np.searchsorted(times, axes.time_s[-1], side="left"))
    part = cube.dataset.isel(time=slice(first, last + 1))
    at_times = place(times[first : last + 1].astype(float), axes.time_s.astype(float))
    rows = place(cube.latitude, axes.latitude)
    columns, again = place_columns(cube, axes.longitude)
    stretch = stretch_levels(cube.level_count, axes.levels)
    own_m = None
    if terrain is not None and TERRAIN in cube.dataset:
        own_m = _lay_terrain(cube, axes)
    for member in range(cube.member_count):
        one = part.isel(realization=member)
        for name, field in fields.items():
            if name not in cube.dataset:
                continue
            values = np.asarray(one[name].values, np.float32)
            if again is not None:
                values = np.concatenate([values, values[..., :1]], axis=-1)
            if name == UPWARD:
                values = np.nan_to_num(values)
            values = columns.take(rows.take(values, values.ndim - 2), values.ndim - 1)
            values = at_times.take(values, 0)
            if name == HEIGHT and own_m is not None and terrain is not None:
                values = shift_levels(values, own_m, terrain - own_m)
            field[row + member] = stretch.take(values, 1) if field.ndim == len(DIMS) else values


def _describe(cube: WindCube, weight: float) -> WindPart:
    return WindPart(
        cube.source,
        cube.nature,
        cube.reference_time_s,
        cube.member_count,
        cube.control is not None,
        weight,
        cube.files,
        cube.digest,
    )


def _make_dataset(
    fields: dict[str, Floats],
    terrain: Floats | None,
    axes: Axes,
    cubes: Sequence[WindCube],
    parts: Sequence[WindPart],
    notes: Sequence[str],
) -> xr.Dataset:
    level_m = fields[HEIGHT].mean(axis=(0, 1, 3, 4), dtype=np.float64)
    variables = {
        name: (VARIABLES[name][0], values, {"units": VARIABLES[name][1], "standard_name": name})
        for name, values in fields.items()
    }
    if terrain is not None:
        attrs = {"units": "m", "standard_name": TERRAIN}
        variables[TERRAIN] = (VARIABLES[TERRAIN][0], terrain, attrs)
    level = {"standard_name": "geopotential_height", "units": "m", "positive": "up", "axis": "Z"}
    chain = "\n".join(f"{part.digest} {part.weight:.9g}" for part in parts)
    runs = [part.reference_time_s for part in parts if part.reference_time_s is not None]
    own_notes = [*notes, "each member keeps its own levels; the level axis is their mean height"]
    if len(set(runs)) > 1:
        own_notes.append(
            f"the lead is counted from the oldest of the runs, {format_utc(min(runs))}"
        )
    return xr.Dataset(
        variables,
        coords={
            "realization": np.arange(sum(part.members for part in parts)),
            "time": ("time", epoch_to_datetime64(axes.time_s), {"standard_name": "time"}),
            "level": ("level", level_m, level),
            "latitude": ("latitude", axes.latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", axes.longitude, {"units": "degrees_east"}),
        },
        attrs={
            "source": " and ".join(dict.fromkeys(part.source for part in parts)),
            "files": ", ".join(dict.fromkeys(part.files for part in parts)),
            "digest": hashlib.sha256(chain.encode()).hexdigest(),
            "forecast_reference_time": format_utc(min(runs)) if runs else "",
            "nature": parts[0].nature,
            "warnings": "\n".join(_tell(cubes, [cube.warnings for cube in cubes])),
            "notes": "\n".join([*_tell(cubes, [cube.notes for cube in cubes]), *own_notes]),
            "stored_as": ", ".join(cube.stored_as for cube in cubes if cube.stored_as),
            "parts": write_parts(parts),
        },
    )


def _tell(cubes: Sequence[WindCube], lines: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with the name of the wind that each is of."""
    told = [
        f"{name_wind(cube)}: {line}" for cube, own in zip(cubes, lines, strict=True) for line in own
    ]
    return list(dict.fromkeys(told))


__all__ = ["MAX_MIX_BYTES", "mix_cubes", "mixed_bytes"]
