"""A cube made of fields, or the reason why they do not make one.

What is decided here, for all sources alike: a level counts if both components of the wind are
there for every member and time; vertical wind and temperature are taken where whole, humidity,
cloud and rain where they are there; fields of one forecast run make a forecast, analyses of
several times a reanalysis. Heights that are missing are made by `_heights`, and said so; nothing
else is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind.atmosphere import temperature_k
from downwind.constants import GRAVITY_MS2, R_AIR
from downwind.errors import WeatherContentError
from downwind.times import epoch_to_datetime64, format_utc
from downwind.wind.cube import (
    CLOUD,
    DIMS,
    EAST_10M,
    HEIGHT,
    HUMIDITY,
    NEEDED,
    NORTH_10M,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    UPWARD,
    VARIABLES,
    write_level,
)
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.sources._air import make_air, split_air
from downwind.wind.sources._belong import (
    WINDS,
    check_anything,
    check_size,
    choose_run,
    find_grid,
    find_source,
    write_few,
    write_holdings,
    write_levels,
)
from downwind.wind.sources._ensemble import check_members, settle_members
from downwind.wind.sources._fields import CONTROL, OMEGA, SPECIFIC, Field, Inventory
from downwind.wind.sources._heights import make_heights
from downwind.wind.sources._soundings.assemble import assemble_soundings
from downwind.wind.sources._spans import sharpen_means
from downwind.wind.sources._table import FieldTable, index_fields

FloatArray = NDArray[np.float32]

PRESSURE_TOLERANCE_M = 10_000.0
"""How far the middle of a level may lie off its standard height [m]: real air is within 4 km."""

TERRAIN_TOLERANCE_M = 1.0
"""By how much two fields of the ground may differ through packing [m]."""


def assemble_dataset(inventory: Inventory, digest: str) -> xr.Dataset:
    """Assemble the fields of an inventory to the dataset of a cube.

    Parameters
    ----------
    inventory : Inventory
        All that the files hold.
    digest : str
        The sha256 of the bytes that were read.

    Returns
    -------
    xarray.Dataset
        As `downwind.wind.cube` describes it; the values are not checked yet.

    Raises
    ------
    WeatherContentError
        If the fields do not make a cube; the message says what there is and what is missing.
    WeatherFileError
        If they lie on a kind of grid that cannot be read.
    """
    if inventory.profiles:
        return assemble_soundings(inventory, digest)
    check_anything(inventory)
    notes = list(inventory.notes)
    nature, run_s, fields = choose_run(inventory, notes)
    warnings = list(inventory.warnings)
    fields = settle_members(fields, run_s, notes, warnings)
    wind, air = split_air(fields, notes)
    moving = [field for field in wind if field.name != TERRAIN]
    grid = find_grid(wind)
    source = find_source(moving)
    core = [field for field in fields if field.name in WINDS]
    times = tuple(sorted({field.time_s for field in core}))
    members = tuple(sorted({field.member for field in core}))
    table = FieldTable(index_fields(sharpen_means([*moving, *air])), times, members, grid)
    check_members(table)
    levels = _choose_levels(inventory, table, notes)
    _check_whole_size(table, levels)

    terrain = _make_terrain(fields, notes)
    variables = {name: table.stack_levels(name, levels) for name in WINDS}
    heights, log = make_heights(table, levels, terrain, source)
    _check_pressures(inventory, levels, heights)
    variables[HEIGHT] = heights
    notes += log.write_notes()
    upward = _make_upward(table, levels, variables[HEIGHT], notes)
    if upward is not None:
        variables[UPWARD] = upward
    temperature = _make_temperature(table, levels, notes)
    if temperature is not None:
        variables[TEMPERATURE] = temperature
    variables |= make_air(table, levels, source, notes)
    variables |= _make_surface(table, notes)
    if terrain is not None:
        variables[TERRAIN] = terrain
    if inventory.refused_grids:
        notes.append("left out " + _write_counts(inventory.refused_grids, "field", "grid"))
    notes += [f"left out {reason}" for reason in inventory.left_out]

    dataset = xr.Dataset(
        {
            name: (VARIABLES[name][0], values, {"units": VARIABLES[name][1], "standard_name": name})
            for name, values in variables.items()
        },
        coords=_make_coordinates(table, levels),
        attrs={
            "source": f"{source} {grid.write_spacing()}",
            "files": ", ".join(sorted(inventory.files)),
            "digest": digest,
            "forecast_reference_time": "" if run_s is None else format_utc(run_s),
            "nature": nature,
            "warnings": "\n".join((*warnings, *log.write_warnings())),
            "notes": "\n".join(notes),
            "control_member": "0" if any(f.role == CONTROL for f in core) else "",
        },
    )
    for name in (EAST_10M, NORTH_10M):
        if name in dataset:
            dataset[name].attrs["standard_name"] = name.removesuffix("_10m")
    dataset[HEIGHT].attrs["comment"] = f"from: {log.describe()}"
    return dataset


def _choose_levels(inventory: Inventory, table: FieldTable, notes: list[str]) -> list[float]:
    """Return the levels [Pa] that are whole, from the ground up, and note the others."""
    names = ", ".join(inventory.files)
    kept: list[float] = []
    levels = {level for name, level, _, _ in table.fields if name in NEEDED and level is not None}
    for level in sorted(levels, reverse=True):
        holes = {name: table.holes(name, level) for name in WINDS}
        lacking = [name for name in WINDS if holes[name]]
        if not lacking:
            kept.append(level)
            continue
        total = len(table.times) * len(table.members)
        lack = ", ".join(
            name
            if len(holes[name]) == total
            else f"{name} at {write_few([format_utc(time) for time, _ in holes[name]])}"
            for name in lacking
        )
        notes.append(f"dropped {write_level(level)}: no {lack}")
    if len(kept) < 2:
        what = f"only {write_levels(kept)} has" if kept else "no level has"
        raise WeatherContentError(
            f"{names}: {what} both components of the wind at every time and member, and two levels "
            f"are needed; the set holds {write_holdings(inventory)}",
            "bring in the fields that are missing on the same levels, times and members",
        )
    return kept


def _check_whole_size(table: FieldTable, levels: Sequence[float]) -> None:
    optional = {UPWARD: OMEGA, TEMPERATURE: TEMPERATURE, HUMIDITY: SPECIFIC, CLOUD: CLOUD}
    held = [name for name, other in optional.items() if table.holds(name) or table.holds(other)]
    points = table.grid.rows * table.grid.columns * len(table.times) * len(table.members)
    check_size(points * len(levels) * (len(NEEDED) + len(held)), "the whole set")


def _check_pressures(inventory: Inventory, levels: Sequence[float], heights: FloatArray) -> None:
    """Raise WeatherContentError if most heights cannot be those of the pressures: a wrong unit."""
    middle_m = np.median(heights, axis=(0, 1, 3, 4))
    off = ~(np.abs(middle_m - standard_height_m(levels)) <= PRESSURE_TOLERANCE_M)
    if 2 * np.count_nonzero(off) > off.size:
        k = int(np.argmax(off))
        raise WeatherContentError(
            f"{', '.join(inventory.files)}: the level {write_level(levels[k])} lies at "
            f"{middle_m[k] / 1e3:.1f} km, as no such pressure does: is its unit wrong?",
            "mend the unit of the levels in the file (hPa or Pa), or that of the heights",
        )


# --- what is made of them ----------------------------------------------------------------------


def _make_upward(
    table: FieldTable, levels: Sequence[float], heights: FloatArray, notes: list[str]
) -> FloatArray | None:
    """Return the upward wind w = -omega R T / (p g) [m s-1], NaN on levels without it."""
    upward = np.full(heights.shape, np.nan, np.float32)
    absent, standard = [], []
    for k, level in enumerate(levels):
        if not table.holes(UPWARD, level):
            values = table.stack(UPWARD, level)
        elif not table.holes(OMEGA, level):
            if table.holes(TEMPERATURE, level):
                standard.append(level)
                kelvin = temperature_k(heights[:, :, k])
            else:
                kelvin = table.stack(TEMPERATURE, level).astype(np.float64)
            omega = table.stack(OMEGA, level).astype(np.float64)
            values = (-omega * R_AIR * kelvin / (level * GRAVITY_MS2)).astype(np.float32)
        else:
            absent.append(level)
            continue
        if np.isfinite(values).all():
            upward[:, :, k] = values
        else:
            absent.append(level)
    if len(absent) == len(levels):
        return None
    if absent:
        notes.append(f"no vertical wind on {write_levels(absent)}")
    if standard:
        notes.append(
            f"vertical wind on {write_levels(standard)} with the standard temperature: the set "
            "holds none there"
        )
    return upward


def _make_temperature(
    table: FieldTable, levels: Sequence[float], notes: list[str]
) -> FloatArray | None:
    absent = [level for level in levels if table.holes(TEMPERATURE, level)]
    if len(absent) == len(levels):
        return None
    if absent:
        notes.append(f"air temperature left out: not there on {write_levels(absent)}")
        return None
    values = table.stack_levels(TEMPERATURE, levels)
    if not np.isfinite(values).all():
        notes.append("air temperature left out: it has missing values")
        return None
    return values


def _make_surface(table: FieldTable, notes: list[str]) -> dict[str, FloatArray]:
    made: dict[str, FloatArray] = {}
    for group, what in (((EAST_10M, NORTH_10M), "10 m wind"), ((SURFACE_PRESSURE,), "pressure")):
        present = [name for name in group if any(key[0] == name for key in table.fields)]
        if not present:
            continue
        holes = [hole for name in group for hole in table.holes(name, None)]
        if holes:
            lack = [name for name in group if name not in present]
            times = write_few(sorted({format_utc(time) for time, _ in holes}))
            notes.append(f"{what} at the surface left out: no {', '.join(lack) or what} at {times}")
            continue
        values = {name: table.stack(name, None) for name in group}
        if SURFACE_PRESSURE in values and not np.isfinite(values[SURFACE_PRESSURE]).all():
            notes.append("pressure at the surface left out: it has missing values")
            continue
        made |= values
    return made


def _make_terrain(fields: Sequence[Field], notes: list[str]) -> FloatArray | None:
    grounds = sorted((f for f in fields if f.name == TERRAIN), key=lambda f: (f.time_s, f.member))
    if not grounds:
        return None
    values = grounds[0].values
    if not np.isfinite(values).all():
        notes.append("height of the ground left out: it has missing values")
        return None
    apart = max(float(np.abs(ground.values - values).max()) for ground in grounds)
    if not apart <= TERRAIN_TOLERANCE_M:
        notes.append(f"height of the ground differs by up to {apart:.0f} m: the first one is taken")
    return values


def _make_coordinates(table: FieldTable, levels: Sequence[float]) -> dict[str, xr.Variable]:
    return {
        "realization": xr.Variable(DIMS[0], np.array(table.members, np.int64)),
        "time": xr.Variable(
            "time", epoch_to_datetime64(np.array(table.times)), {"standard_name": "time"}
        ),
        "level": xr.Variable(
            "level",
            np.array(levels, np.float64),
            {"standard_name": "air_pressure", "units": "Pa", "positive": "down", "axis": "Z"},
        ),
        "latitude": xr.Variable(
            "latitude",
            table.grid.latitudes(),
            {"standard_name": "latitude", "units": "degrees_north"},
        ),
        "longitude": xr.Variable(
            "longitude",
            table.grid.longitudes(),
            {"standard_name": "longitude", "units": "degrees_east"},
        ),
    }


def _write_counts(counts: Mapping[str, int], noun: str, of: str) -> str:
    return ", ".join(
        f"{count} {noun}{'s' if count > 1 else ''} on a {kind} {of}"
        for kind, count in sorted(counts.items())
    )
