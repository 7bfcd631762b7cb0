"""List and explain what can be dropped and what can be flown: ours, and the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from downwind.errors import ArgumentError

if TYPE_CHECKING:
    from downwind.report.item_facts import ItemFacts
    from downwind.report.vehicle_facts import VehicleFacts
    from downwind.vehicle.catalogue import VehicleCatalogue


@dataclass(frozen=True, slots=True)
class ItemReport:
    """Items, listed or explained.

    Attributes
    ----------
    items : tuple of ItemFacts
    is_list : bool
        Whether they are listed; else each is explained.
    """

    items: tuple[ItemFacts, ...]
    is_list: bool

    def to_text(self) -> str:
        """Return plain text of at most 80 columns."""
        from downwind.report.catalogue_text import item_text, items_text

        if self.is_list:
            return items_text(self.items)
        return "\n\n".join(item_text(item) for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return all facts for JSON."""
        return {"items": [item.to_dict() for item in self.items]}


@dataclass(frozen=True, slots=True)
class VehicleReport:
    """Vehicles, gases, cylinders, timers and drag laws, listed or explained.

    Attributes
    ----------
    catalogue : VehicleCatalogue
    entries : tuple of VehicleFacts
    is_list : bool
        Whether they are listed; else each is explained.
    """

    catalogue: VehicleCatalogue
    entries: tuple[VehicleFacts, ...]
    is_list: bool

    def to_text(self) -> str:
        """Return plain text of at most 80 columns."""
        from downwind.report.catalogue_text import vehicle_text, vehicles_text

        if self.is_list:
            return vehicles_text(self.catalogue)
        return "\n\n".join(vehicle_text(entry) for entry in self.entries)

    def to_dict(self) -> dict[str, Any]:
        """Return all facts for JSON."""
        return {"vehicles": [entry.to_dict() for entry in self.entries]}


def list_items(
    names: Sequence[str] = (), files: Sequence[Path] = (), family: str | None = None
) -> ItemReport:
    """List the items on record, or explain some of them.

    Parameters
    ----------
    names : sequence of str
        Items to explain, leaflets by their size among them; none: list all.
    files : sequence of pathlib.Path
        Catalogue files of the user's own.
    family : str, optional
        List this family alone.

    Raises
    ------
    ArgumentError
        If a name or the family is not on record, or both are given.
    MissionFileError, MissionError
        If a catalogue file cannot be read, or has faults.
    """
    from downwind.load.catalogue import load_items
    from downwind.load.make import is_leaflet_by_size
    from downwind.load.traits import FAMILIES
    from downwind.report.item_facts import gather_item

    catalogue = load_items(files)
    if names and family is not None:
        raise ArgumentError(
            "names and a family are given together", "give names to explain, or a family to list"
        )
    if family is not None and family not in FAMILIES:
        raise _unknown(family, "family", FAMILIES, "downwind items")
    if not names:
        kinds = [kind for kind in catalogue.values() if family in (None, kind.family)]
        if not kinds:
            raise ArgumentError(f"no item is of the family '{family}'", "name another family")
        return ItemReport(tuple(gather_item(k, catalogue.place(k.name)) for k in kinds), True)
    found = []
    for name in dict.fromkeys(names):
        if name not in catalogue and not is_leaflet_by_size(name):
            raise _unknown(name, "item", catalogue, "downwind items")
        place = catalogue.place(name) if name in catalogue else ""
        found.append(gather_item(catalogue.find(name), place))
    return ItemReport(tuple(found), False)


def list_vehicles(names: Sequence[str] = (), files: Sequence[Path] = ()) -> VehicleReport:
    """List vehicles, gases, cylinders, timers and drag laws on record, or explain some of them.

    Parameters
    ----------
    names : sequence of str
        Entries to explain, of any kind; none: list all.
    files : sequence of pathlib.Path
        Catalogue files of the user's own.

    Raises
    ------
    ArgumentError
        If a name is not on record.
    MissionFileError, MissionError
        If a catalogue file cannot be read, or has faults.
    """
    from downwind.report.vehicle_facts import gather_vehicle
    from downwind.vehicle.catalogue import load_vehicles

    catalogue = load_vehicles(files)
    known = {name for _, name in catalogue.entries}
    for name in names:
        if name not in known:
            raise _unknown(name, "vehicle, gas, cylinder, timer or drag law", known,
                           "downwind vehicles")  # fmt: skip
    keys = [
        key for name in dict.fromkeys(names) for key in catalogue.entries if key[1] == name
    ] or list(catalogue.entries)
    facts = tuple(gather_vehicle(catalogue, *key) for key in keys)
    return VehicleReport(catalogue, facts, not names)


def _unknown(name: str, what: str, known: Iterable[str], command: str) -> ArgumentError:
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    if not close:
        close = [one for one in names if name.lower() in one.lower()][:1]
    hint = f"did you mean '{close[0]}'? " if close else ""
    return ArgumentError(f"no {what} is called '{name}'", f"{hint}List them with: {command}")
