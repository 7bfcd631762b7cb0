"""Read the fields of a rule file and gather what is wrong with each, at its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from downwind.catalogue import Faults, suggest
from downwind.errors import RegionError
from downwind.geo.atlas import find_country
from downwind.rules.declared import EQUIPMENT, ZONE_KINDS
from downwind.rules.facts import LOW_PATH_M
from downwind.units import parse_quantity

NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""Keys of jurisdictions and names of rules."""

UNITS: Final = {
    "mass": "kg",
    "length": "m",
    "time": "s",
    "force": "n",
    "energy": "j",
    "surface_density": "kgm2",
}
"""What the name of a value ends with, by its dimension."""

MEETS: Final = ("site", "path")
LEVELS: Final = ("stop", "warning", "note")


class Fields:
    """A table of a rule file whose fields are read one by one.

    Parameters
    ----------
    table : mapping
    place : str
        File and position, for messages.
    faults : list
        Takes each place with what is wrong there.
    """

    def __init__(self, table: Any, place: str, faults: Faults) -> None:
        self.place, self.faults = place, faults
        if not isinstance(table, dict):
            self.fault("", "is no table")
            table = {}
        self.table: Mapping[str, Any] = table

    def fault(self, key: str, why: str) -> None:
        """Note what is wrong with a field."""
        self.faults.append((f"{self.place}.{key}" if key else self.place, why))

    def know(self, *keys: str) -> None:
        """Note every field that is none of these."""
        for key in self.table:
            if key not in keys:
                self.fault(key, f"unknown field{suggest(key, keys)}")

    def text(self, key: str, form: re.Pattern[str] | None = None) -> str:
        """Return a text that has to be there."""
        value = self.table.get(key)
        if key not in self.table:
            self.fault(key, "missing; it has no default")
        elif not isinstance(value, str) or not value.strip():
            self.fault(key, f"{value!r} is no text")
        elif form is not None and not form.fullmatch(value):
            self.fault(key, f"'{value}' is no name of small letters, digits and hyphens")
        else:
            return value.strip()
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, which may be empty or left out."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.fault(key, f"{value!r} is no list of texts")
            return ()
        return tuple(v.strip() for v in value)

    def choice(self, key: str, known: Iterable[str]) -> str:
        """Return a text that has to be one of those known."""
        value = self.text(key)
        names = list(known)
        if value and value not in names:
            self.fault(key, f"no {key} is called '{value}'{suggest(value, names)}")
            return ""
        return value

    def day(self, key: str, today: date | None) -> date | None:
        """Return a date that has to be there and may not lie after today."""
        value = self.table.get(key)
        if key not in self.table:
            self.fault(key, "missing; it has no default")
        elif not isinstance(value, date) or isinstance(value, datetime):
            self.fault(key, f"{value!r} is no date; write it without quotes, as 2026-11-22")
        elif today is not None and value > today:
            self.fault(key, f"{value} lies in the future; today is {today} UTC")
        else:
            return value
        return None

    def countries(self, key: str) -> tuple[str, ...]:
        """Return countries by their names on the map."""
        names = []
        for name in self.texts(key):
            try:
                names.append(find_country(name).name)
            except RegionError as error:
                self.fault(key, f"{error.message}; {error.hint}")
        return tuple(names)


def read_values(table: Any, place: str, kinds: Mapping[str, str], faults: Faults) -> dict[str, Any]:
    """Read the arguments of a check into SI units, with the unit in the name.

    Parameters
    ----------
    table : mapping
    place : str
    kinds : mapping
        As of ``checks.Check.values``.
    faults : list

    Returns
    -------
    dict
    """
    fields = Fields(table, place, faults)
    fields.know(*kinds)
    values: dict[str, Any] = {}
    for key, kind in kinds.items():
        if key not in fields.table:
            if not kind.endswith("?"):
                fields.fault(key, "missing; it has no default")
            continue
        base = kind.removesuffix("?")
        name = f"{key}_{UNITS[base]}" if base in UNITS else key
        try:
            values[name] = _read_value(fields, key, base)
        except ValueError as error:
            fields.fault(key, str(error))
    if "height_m" in values and values["height_m"] > LOW_PATH_M * (1.0 + 1e-9):
        fields.fault("height", f"paths are looked at below {LOW_PATH_M} m alone")
    return values


def _read_value(fields: Fields, key: str, kind: str) -> Any:
    value = fields.table[key]
    choices = {"equipment": EQUIPMENT, "zones": ZONE_KINDS, "meets": MEETS}
    if kind in UNITS or kind == "fraction":
        number = parse_quantity(value, kind)
        if not math.isfinite(number) or number <= 0.0:
            raise ValueError(f"'{value}' is not above 0")
        return number
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{value!r} is no number")
        return float(value)
    if kind == "flag":
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value
    if kind == "level":
        return fields.choice(key, LEVELS)
    if kind == "countries":
        found = fields.countries(key)
    elif kind in choices or kind == "classes":
        found = fields.texts(key)
        for name in found if kind in choices else ():
            if name not in choices[kind]:
                raise ValueError(f"'{name}' is not known{suggest(name, choices[kind])}")
    else:
        return fields.text(key)
    if not found:
        raise ValueError("is an empty list")
    return found
