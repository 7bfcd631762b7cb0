"""The catalogue of items: the packaged one, and a user's own files beside it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from downwind.catalogue import Entry, Provenance, read_catalogue, read_own, read_packaged
from downwind.errors import MissionError
from downwind.load.make import FIELDS, is_leaflet_by_size, leaflet_by_size, make_item
from downwind.load.traits import ItemKind

PACKAGED: Final = "items.toml"


class ItemCatalogue(Mapping[str, ItemKind]):
    """Kinds of item by name, in the order of the files.

    Parameters
    ----------
    kinds : mapping
        Kinds by name.
    places : mapping
        For each name the file and position that it comes from.
    """

    def __init__(self, kinds: Mapping[str, ItemKind], places: Mapping[str, str]) -> None:
        self._kinds = dict(kinds)
        self._places = dict(places)

    def __getitem__(self, name: str) -> ItemKind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def find(self, name: str) -> ItemKind:
        """Return a kind by its name, or a leaflet by the name of its size.

        Raises
        ------
        MissionError
            If no kind has that name, or such a leaflet cannot be.
        """
        if name in self._kinds:
            return self._kinds[name]
        if is_leaflet_by_size(name):
            return leaflet_by_size(name)
        close = difflib.get_close_matches(name, self._kinds, 1)
        raise MissionError(
            f"no item is called '{name}'"
            + (f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(self)}"),
            "take one of these names, leaflet-<length>x<width>mm-<g/m2>, or describe your own item",
        )

    def place(self, name: str) -> str:
        """Return the file and position of an entry, such as ``items.toml: disc[0]``."""
        return self._places[name]

    def provenance(self, name: str) -> Mapping[str, Provenance]:
        """Return source and confidence of each number of an entry, by field."""
        return self._kinds[name].provenance


def load_items(own: Sequence[Path] = ()) -> ItemCatalogue:
    """Return the packaged catalogue, with a user's own files added.

    Parameters
    ----------
    own : sequence of pathlib.Path
        Files of the same form; sources may be left out there.

    Raises
    ------
    MissionFileError
        If a file cannot be read.
    MissionError
        If an entry does not keep the form, cannot be or may not be carried, or has the name of
        one that is there already; ``faults`` names each place.
    """
    packaged = _load_packaged()
    if not own:
        return packaged
    kinds = {name: packaged[name] for name in packaged}
    places = {name: packaged.place(name) for name in packaged}
    faults: list[tuple[str, str]] = []
    for path in own:
        for entry in read_own(path, FIELDS, faults):
            if entry.is_sound:
                _add(entry, kinds, places, faults, own=True)
    _raise_faults(faults)
    return ItemCatalogue(kinds, places)


@lru_cache(maxsize=1)
def _load_packaged() -> ItemCatalogue:
    kinds: dict[str, ItemKind] = {}
    places: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    for entry in read_catalogue(read_packaged("downwind.load", PACKAGED), PACKAGED, FIELDS):
        _add(entry, kinds, places, faults, own=False)
    _raise_faults(faults)
    return ItemCatalogue(kinds, places)


def _add(
    entry: Entry,
    kinds: dict[str, ItemKind],
    places: dict[str, str],
    faults: list[tuple[str, str]],
    own: bool,
) -> None:
    name = str(entry.values["name"])
    if name in kinds:
        text = f"'{name}' exists already ({places[name]}); choose another name"
        faults.append((f"{entry.place}.name", text))
        return
    if is_leaflet_by_size(name):
        text = f"'{name}' is what a leaflet of that size is called; choose another name"
        faults.append((f"{entry.place}.name", text))
        return
    try:
        kinds[name] = make_item(entry.model, entry.values, entry.provenance, own)
    except MissionError as error:
        faults += [(f"{entry.place}.{field}", text) for field, text in error.faults]
        return
    places[name] = entry.place


def _raise_faults(faults: list[tuple[str, str]]) -> None:
    if faults:
        raise MissionError(
            f"the catalogue has {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
            + "".join(f"\n  {place}: {text}" for place, text in faults),
            "mend these entries; an item needs a mass, a size and a fall model",
            tuple(faults),
        )
