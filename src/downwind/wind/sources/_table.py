"""Fields by name, level, time and member, and a note where two claim the same place."""

from __future__ import annotations

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
        shape = (len(self.members), len(self.times), self.grid.rows, self.grid.columns)
        values = np.empty(shape, np.float32)
        for i, member in enumerate(self.members):
            for j, time in enumerate(self.times):
                values[i, j] = self.fields[name, level, time, member].values
        return values


def index_fields(fields: Sequence[Field]) -> dict[Key, Field]:
    """Return fields by their key.

    Raises
    ------
    WeatherContentError
        If a field is there twice with different values.
    """
    table: dict[Key, Field] = {}
    for field in fields:
        key = (field.name, field.level_pa, field.time_s, field.member)
        other = table.get(key)
        if other is not None and not np.array_equal(other.values, field.values, equal_nan=True):
            level = "" if field.level_pa is None else f" on {write_level(field.level_pa)}"
            raise WeatherContentError(
                f"{field.name}{level} of {format_utc(field.time_s)}, member {field.member}, is "
                f"there twice with different values ({other.file} and {field.file})",
                "leave out the file that does not belong to the set",
            )
        table[key] = field
    return table
