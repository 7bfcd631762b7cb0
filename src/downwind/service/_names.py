"""Read a user's catalogue files whole, and find what names stand for; all faults at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from downwind.errors import ArgumentError, MissionError, MissionFileError

if TYPE_CHECKING:
    from downwind.load.catalogue import ItemCatalogue
    from downwind.load.traits import ItemKind
    from downwind.vehicle.catalogue import VehicleCatalogue

LEAFLET_FORM: Final = (
    "A leaflet by its size is leaflet-<length>x<width>mm-<g/m2>, such as leaflet-148x105mm-80; in "
    "for inches, and -film at the end for film."
)
"""How a leaflet is named by its size."""

_T = TypeVar("_T")
_SENTENCE_END: Final = re.compile(r"(?<=[.?]) (?=[A-Z])")
_SIZE: Final = re.compile(r"leaflet-([\d.]+)x([\d.]+)(mm|in)?-([\d.]+)(-film)?")
_BOUNDS: Final = re.compile(r".* is not within (\S+) and (\S+) m")
_UNIT_M: Final = {"mm": 1e-3, "in": 0.0254}
_SIDES: Final = {"length": 1, "width": 2}


def read_catalogues(files: Sequence[Path]) -> tuple[ItemCatalogue, VehicleCatalogue]:
    """Read the packaged catalogues and a user's own files, every entry of them.

    Raises
    ------
    MissionFileError
        If a file cannot be read.
    MissionError
        If a file is not TOML, or entries have faults: those of items and of all else together.
    """
    from downwind.load.catalogue import load_items
    from downwind.vehicle.catalogue import load_vehicles

    faults: dict[str, str] = {}

    def read(load: Callable[[Sequence[Path]], _T]) -> _T | None:
        try:
            return load(files)
        except MissionFileError:
            raise
        except MissionError as error:
            if not error.faults:
                raise
            for place, text in error.faults:
                # a kind of entry that is unknown to both: the one that knows a near name counts
                if place not in faults or "did you mean" in text:
                    faults[place] = text
            return None

    items, vehicles = read(load_items), read(load_vehicles)
    if items is None or vehicles is None:
        raise MissionError(
            f"the catalogue has {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
            + "".join(f"\n  {place}: {text}" for place, text in faults.items()),
            "mend these entries; docs/reference/catalogues.md lists every field with its unit",
            tuple(faults.items()),
        )
    return items, vehicles


def find_all(names: Sequence[str], find: Callable[[str], _T]) -> list[_T]:
    """Find what each name stands for; one ArgumentError tells all that stand for nothing."""
    found, faults, hints = [], [], []
    for name in dict.fromkeys(names):
        try:
            found.append(find(name))
        except ArgumentError as error:
            faults.append((name, error.message))
            hints.append(error.hint)
    if faults:
        told = dict.fromkeys(part for hint in hints for part in _SENTENCE_END.split(hint))
        raise ArgumentError("; ".join(text for _, text in faults), " ".join(told), tuple(faults))
    return found


def find_item(name: str, catalogue: ItemCatalogue) -> ItemKind:
    """Return an item by its name, or a leaflet by the name of its size.

    Raises
    ------
    ArgumentError
        If there is none, or such a leaflet cannot be; it shows the form of the name.
    """
    from downwind.load.make import is_leaflet_by_size

    if name in catalogue:
        return catalogue[name]
    if is_leaflet_by_size(name):
        try:
            return catalogue.find(name)
        except MissionError as error:
            told = "; ".join(_in_own_unit(name, field, text) for field, text in error.faults)
            raise ArgumentError(
                f"{name} cannot be: {told or error.message}", f"Check the units. {LEAFLET_FORM}"
            ) from error
    match = _SIZE.fullmatch(name)
    if match and not match[3]:
        length, width, _, grammage, film = match.groups()
        raise ArgumentError(
            f"'{name}' does not say the unit of its sides",
            f"Did you mean 'leaflet-{length}x{width}mm-{grammage}{film or ''}'? {LEAFLET_FORM}",
        )
    unknown = unknown_name(name, "item", catalogue, "downwind items")
    if name.startswith("leaflet-"):
        unknown.hint += f" {LEAFLET_FORM}"
    raise unknown


def unknown_name(name: str, what: str, known: Iterable[str], command: str) -> ArgumentError:
    """Return the error that says that nothing has a name, and which name is the nearest."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    if not close:
        close = [one for one in names if name.lower() in one.lower()][:1]
    near = f"For '{name}', did you mean '{close[0]}'? " if close else ""
    return ArgumentError(f"no {what} is called '{name}'", f"{near}List them with: {command}.")


def _in_own_unit(name: str, field: str, text: str) -> str:
    """Say what is wrong with a side of a leaflet in the unit of its name."""
    match, bounds = _SIZE.fullmatch(name), _BOUNDS.fullmatch(text)
    if match is None or bounds is None or field not in _SIDES:
        return f"{field}: {text}"
    unit = match[3]
    low, high = (float(bound) / _UNIT_M[unit] for bound in bounds.groups())
    side = float(match[_SIDES[field]])
    if side > high:
        return f"{field}: {side:g} {unit} is over the most, {high:.4g} {unit}"
    return f"{field}: {side:g} {unit} is under the least, {low:.3g} {unit}"
