"""The heights of a cube: those of the file, the others made, with what is said about them.

`_levels` does the sums for one time and member; here fields become its columns, and what came of
them becomes notes and warnings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from downwind.wind.cube import HEIGHT, HUMIDITY, SURFACE_PRESSURE, TEMPERATURE, write_level
from downwind.wind.humidity import find_specific, refer_to_water
from downwind.wind.hydrostatic import virtual_temperature_k
from downwind.wind.sources._air import find_phase
from downwind.wind.sources._belong import write_levels
from downwind.wind.sources._fields import SPECIFIC
from downwind.wind.sources._levels import (
    STEP_ERROR_M,
    Column,
    Heights,
    Origin,
    find_heights,
    standard_error_m,
)
from downwind.wind.sources._table import FieldTable

FloatArray = NDArray[np.float32]

_LEAST_ERROR_M = 10.0


def make_heights(
    table: FieldTable, levels: Sequence[float], terrain: FloatArray | None, source: str
) -> tuple[FloatArray, HeightLog]:
    """Return the heights of the levels of a cube, and where they come from.

    Parameters
    ----------
    table : FieldTable
        All fields.
    levels : sequence of float
        Pressure levels of the cube, from the ground up [Pa].
    terrain : numpy.ndarray or None
        Height of the ground, shape (lat, lon) [m].
    source : str
        Name of the source, which says what its relative humidity refers to.

    Returns
    -------
    tuple of numpy.ndarray and HeightLog
        Shape (realization, time, level, lat, lon) [m], all finite.
    """
    log = HeightLog(tuple(levels))
    if not any(table.holes(HEIGHT, level) for level in levels):
        heights = table.stack_levels(HEIGHT, levels)
        if np.isfinite(heights).all():
            log.made[Origin.FILE] = set(levels)
            return heights, log
    steps = sorted({*levels, *table.levels_of(HEIGHT, TEMPERATURE)}, reverse=True)
    kept = [steps.index(level) for level in levels]
    shape = (len(table.members), len(table.times), len(levels))
    heights = np.empty((*shape, table.grid.rows, table.grid.columns), np.float32)
    for i, member in enumerate(table.members):
        for j, time in enumerate(table.times):
            column = _make_column(table, steps, time, member, terrain, source, log)
            made = find_heights(column)
            heights[i, j] = made.height_m[kept]
            log.add(column, made)
    return heights, log


def _make_column(
    table: FieldTable,
    steps: Sequence[float],
    time: int,
    member: int,
    terrain: FloatArray | None,
    source: str,
    log: HeightLog,
) -> Column:
    shape = (len(steps), table.grid.rows, table.grid.columns)
    height, virtual = np.full(shape, np.nan), np.full(shape, np.nan)
    for k, level in enumerate(steps):
        known = table.find(HEIGHT, level, time, member)
        if known is not None:
            height[k] = known
        kelvin = table.find(TEMPERATURE, level, time, member)
        if kelvin is None:
            continue
        specific = table.find(SPECIFIC, level, time, member)
        relative = table.find(HUMIDITY, level, time, member)
        if specific is None and relative is not None:
            over_water = refer_to_water(relative, kelvin, find_phase(source))
            specific = find_specific(np.clip(over_water, 0.0, 1.05), kelvin, level)
        if specific is None:
            log.dry.add(level)
            virtual[k] = kelvin
        else:
            virtual[k] = virtual_temperature_k(kelvin, np.clip(specific, 0.0, 0.05))
    pressure = table.find(SURFACE_PRESSURE, None, time, member)
    has_ground = pressure is not None and terrain is not None
    return Column(
        np.asarray(steps, np.float64),
        height,
        virtual,
        np.asarray(pressure, np.float64) if has_ground else None,
        np.asarray(terrain, np.float64) if has_ground else None,
    )


@dataclass(slots=True)
class HeightLog:
    """Which levels got their height by which means, over all times and members."""

    levels: Sequence[float]
    made: dict[Origin, set[float]] = field(default_factory=lambda: {kind: set() for kind in Origin})
    reach: dict[float, float] = field(default_factory=dict)
    anchors: set[float] = field(default_factory=set)
    dry: set[float] = field(default_factory=set)
    widest_pa: tuple[float, float] = (1.0, 1.0)

    def add(self, column: Column, heights: Heights) -> None:
        """Take in one time and member."""
        wanted = set(self.levels)
        if heights.widest_pa is not None:
            self.widest_pa = max(
                self.widest_pa, heights.widest_pa, key=lambda ends: ends[0] / ends[1]
            )
        for k, level in enumerate(column.pressure_pa.tolist()):
            kinds = {Origin(int(code)) for code in np.unique(heights.origin[k])}
            if Origin.FILE in kinds:
                self.anchors.add(level)
            if level not in wanted:
                continue
            for kind in kinds:
                self.made[kind].add(level)
            self.reach[level] = max(self.reach.get(level, 0.0), float(heights.reach[k]))

    def write_notes(self) -> list[str]:
        """Return what was decided, one note a kind of height."""
        air = f"; the air on {write_levels(self.dry)} taken for dry" if self.dry else ""
        starts = {
            Origin.WEIGHT: f"those of {write_levels(self.anchors)}",
            Origin.SURFACE: "the pressure at the ground",
        }
        notes = [
            f"heights of {write_levels(self.made[kind])} by the weight of the air from {start}{air}"
            for kind, start in starts.items()
            if self.made[kind]
        ]
        low, high = self.widest_pa
        error = STEP_ERROR_M * np.log(low / high) ** 2
        if error >= _LEAST_ERROR_M:
            notes.append(
                f"heights by the weight of the air: the widest step, {write_level(low)} to "
                f"{write_level(high)}, may be wrong by {_round_up(error)} m (1 case in 20: more)"
            )
        return notes

    def write_warnings(self) -> list[str]:
        """Return what every output has to say, one text a kind of height."""
        texts = []
        if base := self.made[Origin.BASE]:
            lowest = max(base)
            texts.append(
                f"heights of {write_levels(base)} are not in the file: {write_level(lowest)} is "
                "put at its height in the standard atmosphere and the others by the weight of the "
                f"air above it; all may be wrong alike by {_write_error(lowest)}"
            )
        if shifted := self.made[Origin.SHIFTED]:
            errors = [(level, self.reach[level]) for level in shifted]
            worst = max(errors, key=lambda item: float(standard_error_m(*item)))
            texts.append(
                f"heights of {write_levels(shifted)} are not in the file: taken from the standard "
                "atmosphere, shifted by its deviation where a height is known; they may be wrong "
                f"by {_write_error(*worst)} at {write_level(worst[0])}"
            )
        if standard := self.made[Origin.STANDARD]:
            low, high = max(standard), min(standard)
            texts.append(
                f"heights of {write_levels(standard)} are not in the file: taken from the standard "
                f"atmosphere; they may be wrong by {_write_error(low)} at {write_level(low)} and "
                f"{_write_error(high)} at {write_level(high)}"
            )
        return texts

    def describe(self) -> str:
        """Return where the heights come from, in a few words."""
        words = {
            Origin.FILE: "the file",
            Origin.WEIGHT: "weight of the air",
            Origin.SURFACE: "weight of the air above the ground",
            Origin.BASE: "weight of the air above a standard height",
            Origin.SHIFTED: "standard atmosphere, shifted",
            Origin.STANDARD: "standard atmosphere",
        }
        parts = []
        for kind, text in words.items():
            levels = self.made[kind]
            if levels:
                parts.append(
                    text if levels == set(self.levels) else f"{text} ({write_levels(levels)})"
                )
        return "; ".join(parts)


def _write_error(level: float, reach: float = np.inf) -> str:
    return f"{_round_up(float(standard_error_m(level, reach)))} m (1 case in 20: more)"


def _round_up(error_m: float) -> int:
    return 10 * math.ceil(error_m / 10.0 - 1e-9)
