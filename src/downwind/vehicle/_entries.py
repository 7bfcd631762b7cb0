"""What the catalogue files of vehicles have in common: how they are found and what is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from downwind.catalogue import Entry, read_catalogue, read_packaged


def packaged_entries(name: str, fields: Mapping[str, Mapping[str, str]]) -> tuple[Entry, ...]:
    """Return the entries of a packaged data file of vehicles."""
    return read_catalogue(read_packaged("downwind.vehicle", name), name, fields)


def require_positive(values: Mapping[str, Any], *names: str) -> None:
    """Raise ValueError unless each of these numbers that is there is above 0."""
    for name in names:
        numbers = values.get(name, 1.0)
        for number in numbers if isinstance(numbers, tuple) else (numbers,):
            if not number > 0.0:
                raise ValueError(f"{name} must be above 0, not {number:g}")


def require_spread(values: Mapping[str, Any], *names: str) -> None:
    """Raise ValueError unless each triple that is there has its 5 % point lowest, its 95 % highest.

    The order of a triple is median, 5 % point, 95 % point.
    """
    for name in names:
        median, low, high = values.get(name, (1.0, 1.0, 1.0))
        if not low <= median <= high:
            raise ValueError(
                f"{name} must be its median, 5 % and 95 % point, and "
                f"{low:g} <= {median:g} <= {high:g} does not hold"
            )


def require_share(values: Mapping[str, Any], *names: str) -> None:
    """Raise ValueError unless each of these numbers that is there lies between 0 and 1."""
    for name in names:
        numbers = values.get(name, 0.0)
        for number in numbers if isinstance(numbers, tuple) else (numbers,):
            if not 0.0 <= number <= 1.0:
                raise ValueError(f"{name} must lie between 0 and 1, not {number:g}")
