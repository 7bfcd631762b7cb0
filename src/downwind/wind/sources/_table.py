"""Fields by name, level, time and member, and a note where two claim the same place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError
from downwind.times import format_utc
from downwind.wind.cube import write_level
from downwind.wind.sources._fields import Field, Grid

Key = tuple[str, float | None, int, int]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FieldTable:
    """Fields by name, level, time and member, with the axes that they span."""

    fields: Mapping[Key, Field]
    times: tuple[int, ...]
    members: tuple[int, ...]
    grid: Grid

    def holds(self, name: str) -> bool:
        """Tell whether there is any field of a variable."""
        return any(key[0] == name for key in self.fields)

    def holes(self, name: str, level: float | None) -> list[tuple[int, int]]:
        """Return the (time, member) pairs that a variable lacks on a level."""
        return [
            (time, member)
            for time in self.times
            for member in self.members
            if (name, level, time, member) not in self.fields
        ]

    def find(self, name: str, level: float | None, time: int, member: int) -> FloatArray | None:
        """Return one slab, shape (lat, lon); None if it is not there."""
        field = self.fields.get((name, level, time, member))
        return None if field is None else field.values

    def stack(self, name: str, level: float | None) -> FloatArray:
        """Return a whole variable on one level, shape (realization, time, lat, lon)."""
        return self.stack_levels(name, [level])[:, :, 0]

    def stack_levels(self, name: str, levels: Sequence[float | None]) -> FloatArray:
        """Return a whole variable, shape (realization, time, level, lat, lon)."""
        shape = (len(self.members), len(self.times), len(levels))
        values = np.empty((*shape, self.grid.rows, self.grid.columns), np.float32)
        for i, member in enumerate(self.members):
            for j, time in enumerate(self.times):
                for k, level in enumerate(levels):
                    values[i, j, k] = self.fields[name, level, time, member].values
        return values

    def levels_of(self, *names: str) -> list[float]:
        """Return the pressure levels that have any of some variables, from the ground up [Pa]."""
        found = {level for name, level, _, _ in self.fields if name in names and level is not None}
        return sorted(found, reverse=True)


def index_fields(fields: Sequence[Field]) -> dict[Key, Field]:
    """Return fields by their key; of means over several spans that end alike the shortest counts.

    Raises
    ------
    WeatherContentError
        If a field is there twice with different values.
    """
    table: dict[Key, Field] = {}
    for field in fields:
        key = (field.name, field.level_pa, field.time_s, field.member)
        other = table.get(key)
        if other is not None and other.span_s != field.span_s:
            if _rank_span(field) < _rank_span(other):
                table[key] = field
            continue
        if other is not None and not np.array_equal(other.values, field.values, equal_nan=True):
            level = "" if field.level_pa is None else f" on {write_level(field.level_pa)}"
            raise WeatherContentError(
                f"{field.name}{level} of {format_utc(field.time_s)}, member {field.member}, is "
                f"there twice with different values ({other.file} and {field.file})",
                "leave out the file that does not belong to the set",
            )
        table[key] = field
    return table


def _rank_span(field: Field) -> float:
    return math.inf if field.span_s is None else float(field.span_s)
