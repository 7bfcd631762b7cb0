"""Humidity, cloud, rain, gusts and the surface layer: taken where the files have them, else NaN.

They serve warnings and no flight, so they never refuse a wind that would serve without them, save
where their values are nonsense.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD,
    CLOUD_COVER,
    FRICTION_VELOCITY,
    GUST,
    HUMIDITY,
    PRECIPITATION,
    TEMPERATURE,
)
from downwind.wind.humidity import (
    LINEAR,
    OVER_WATER,
    QUADRATIC,
    find_humidity,
    refer_to_water,
)
from downwind.wind.sources._belong import write_few, write_levels
from downwind.wind.sources._fields import AIR_FIELDS, SPECIFIC, SURFACE_AIR, Field
from downwind.wind.sources._spans import write_spans
from downwind.wind.sources._table import FieldTable

FloatArray = NDArray[np.float32]

PHASES: Final = {"ECMWF": QUADRATIC, "NCEP": LINEAR}
"""What the relative humidity of a centre refers to below freezing; others are taken for water.

ECMWF parameter database, 157: over water above 0 C, over ice below -23 C, quadratic between.
NCEP: over ice below -20 C, linear between (function ``fpvs`` of its post-processing).
"""

HUMIDITY_LIMITS: Final = (-1.0, 3.0)
"""Relative humidity that is taken for a real one, rippled by the model, and held to 0..1."""

SPECIFIC_LIMITS: Final = (-1.0e-3, 0.1)
"""Specific humidity that is taken for a real one [kg kg-1], however cold the air is."""

CLOUD_LIMITS: Final = (-0.02, 1.02)
SURFACE_LIMITS: Final = {
    PRECIPITATION: (-1.0e-4, np.inf),
    CLOUD_COVER: CLOUD_LIMITS,
    GUST: (-0.1, np.inf),
    BOUNDARY_LAYER: (-1.0, np.inf),
    FRICTION_VELOCITY: (-0.01, np.inf),
}
"""What is held to 0 as rounding, and above which a value is left for the check to refuse."""

_NOTED: Final = (-0.02, 1.05)


def split_air(fields: Iterable[Field], notes: list[str]) -> tuple[list[Field], list[Field]]:
    """Return the fields that make the wind, and the humidity, cloud and rain that belong to them.

    Parameters
    ----------
    fields : iterable of Field
        All of a set.
    notes : list of str
        Gets a note for those that are of another grid, source or run than the wind.
    """
    wind: list[Field] = []
    air: list[Field] = []
    for field in fields:
        (air if field.name in AIR_FIELDS else wind).append(field)
    kinds = {(field.grid, field.source, field.run_s) for field in wind}
    kept = [field for field in air if (field.grid, field.source, field.run_s) in kinds]
    lost = {f"{f.name} in {f.file}" for f in air if (f.grid, f.source, f.run_s) not in kinds}
    if lost:
        notes.append(
            f"left out {write_few(sorted(lost))}: of another grid, source or run than the wind"
        )
    return wind, kept


def make_air(
    table: FieldTable, levels: Sequence[float], source: str, notes: list[str]
) -> dict[str, FloatArray]:
    """Return humidity and cloud on the levels of the wind, and rain at the surface.

    Parameters
    ----------
    table : FieldTable
        All fields.
    levels : sequence of float
        Pressure levels of the cube [Pa].
    source : str
        Name of the source, which says what its relative humidity refers to.
    notes : list of str
        Gets what was decided.

    Returns
    -------
    dict of str to numpy.ndarray
        By the names of the cube, each only where there is any of it. Values that are no rounding
        error of a real one are left as they are, for the check of the cube to refuse.
    """
    made: dict[str, FloatArray] = {}
    if table.holds(HUMIDITY) or table.holds(SPECIFIC):
        humidity = _make_humidity(table, levels, source, notes)
        if humidity is not None:
            made[HUMIDITY] = humidity
    if table.holds(CLOUD):
        cloud = _collect(table, CLOUD, levels)
        if _note_levels(cloud, levels, "cloud", notes):
            made[CLOUD] = _hold(cloud, CLOUD_LIMITS, 1.0)
    for name in SURFACE_AIR:
        values = _collect(table, name, [None])[:, :, 0] if table.holds(name) else None
        if values is not None and not np.isnan(values).all():
            low, high = SURFACE_LIMITS[name]
            made[name] = _hold(values, (low, high), 1.0 if name == CLOUD_COVER else np.inf)
    notes += write_spans(
        field
        for (name, _, time, member), field in table.fields.items()
        if name in made and time in table.times and member in table.members
    )
    return made


def find_phase(source: str) -> str:
    """Return what the relative humidity of a source refers to below freezing."""
    return next((PHASES[name] for name in PHASES if source.startswith(name)), OVER_WATER)


def _make_humidity(
    table: FieldTable, levels: Sequence[float], source: str, notes: list[str]
) -> FloatArray | None:
    phase = find_phase(source)
    values = _make_empty(table, levels)
    turned = False
    cold: set[float] = set()
    dry: set[float] = set()
    for k, level in enumerate(levels):
        for i, member in enumerate(table.members):
            for j, time in enumerate(table.times):
                kelvin = table.find(TEMPERATURE, level, time, member)
                specific = table.find(SPECIFIC, level, time, member)
                relative = table.find(HUMIDITY, level, time, member)
                if specific is not None and kelvin is not None:
                    made = find_humidity(specific, kelvin, level)
                    values[i, j, k] = np.where(
                        _is_within(specific, SPECIFIC_LIMITS),
                        np.clip(made, *HUMIDITY_LIMITS),
                        made,
                    )
                elif relative is not None and kelvin is not None:
                    values[i, j, k] = refer_to_water(relative, kelvin, phase)
                    turned = turned or phase != OVER_WATER
                elif relative is not None:
                    values[i, j, k] = relative
                    cold.add(level)
                elif specific is not None:
                    dry.add(level)
    if turned:
        notes.append("relative humidity over water and ice turned into that over water")
    if cold and phase != OVER_WATER:
        notes.append(
            f"relative humidity on {write_levels(cold)} as it stands, over water and ice: no "
            "temperature there"
        )
    if dry:
        notes.append(f"specific humidity on {write_levels(dry)} left out: no temperature there")
    if not _note_levels(values, levels, "relative humidity", notes):
        return None
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    held = _hold(values, HUMIDITY_LIMITS, 1.0)
    if (lowest < _NOTED[0] or highest > _NOTED[1]) and np.nanmax(np.abs(held)) <= 1.0:
        notes.append(
            f"relative humidity of {100.0 * lowest:.0f} to {100.0 * highest:.0f} % held to 0 to "
            "100 %"
        )
    return held


def _make_empty(table: FieldTable, levels: Sequence[float | None]) -> FloatArray:
    shape = (len(table.members), len(table.times), len(levels))
    return np.full((*shape, table.grid.rows, table.grid.columns), np.nan, np.float32)


def _collect(table: FieldTable, name: str, levels: Sequence[float | None]) -> FloatArray:
    """Return a variable, shape (realization, time, level, lat, lon), NaN where it is not there."""
    values = _make_empty(table, levels)
    for k, level in enumerate(levels):
        for i, member in enumerate(table.members):
            for j, time in enumerate(table.times):
                slab = table.find(name, level, time, member)
                if slab is not None:
                    values[i, j, k] = slab
    return values


def _note_levels(values: FloatArray, levels: Sequence[float], what: str, notes: list[str]) -> bool:
    """Note on which levels a variable is not there; tell whether it is there at all."""
    known = ~np.isnan(values)
    if not known.any():
        return False
    absent, partly = [], []
    for k, level in enumerate(levels):
        if not known[:, :, k].any():
            absent.append(level)
        elif not known[:, :, k].all():
            partly.append(level)
    if absent:
        notes.append(f"no {what} on {write_levels(absent)}")
    if partly:
        notes.append(f"{what} on {write_levels(partly)} is missing at some times or places")
    return True


def _hold(values: FloatArray, limits: tuple[float, float], top: float) -> FloatArray:
    """Return values inside the limits held to 0..top; leave the others as they are."""
    return np.where(_is_within(values, limits), np.clip(values, 0.0, top), values)


def _is_within(values: FloatArray, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= limits[0]) & (values <= limits[1])
