"""All vehicles, gases, cylinders and timers: the packaged ones and the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from downwind.catalogue import Entry, Provenance, read_catalogue
from downwind.errors import MissionError, MissionFileError
from downwind.vehicle.cylinders import (
    CYLINDER_ENTRIES,
    CYLINDER_FIELDS,
    Cylinder,
    cylinder_from_entry,
)
from downwind.vehicle.drag import DRAG_ENTRIES, DRAG_FIELDS, DragLaw, drag_from_entry
from downwind.vehicle.film import FILM_ENTRIES, FILM_FIELDS, FilmTube, film_from_entry
from downwind.vehicle.gas import GAS_ENTRIES, GAS_FIELDS, Gas, gas_from_entry
from downwind.vehicle.latex import (
    LATEX_ENTRIES,
    LATEX_FIELDS,
    RUBBER_ENTRY,
    LatexBalloon,
    latex_from_entry,
)
from downwind.vehicle.timer import TIMER_ENTRIES, TIMER_FIELDS, Timer, timer_from_entry

FIELDS: Final = {
    **FILM_FIELDS,
    **LATEX_FIELDS,
    **GAS_FIELDS,
    **CYLINDER_FIELDS,
    **TIMER_FIELDS,
    **DRAG_FIELDS,
}
"""Fields of each kind of entry in a user's own file."""
_PACKAGED: Final = (
    *DRAG_ENTRIES,
    *FILM_ENTRIES,
    *LATEX_ENTRIES,
    *GAS_ENTRIES,
    *CYLINDER_ENTRIES,
    *TIMER_ENTRIES,
)
_ONE_NAMESPACE: Final = {"latex": "film"}
"""Kinds that share their names with another."""


@dataclass(frozen=True, slots=True)
class VehicleCatalogue:
    """What can be flown, each by its name.

    Attributes
    ----------
    tubes, latex, gases, cylinders, timers, drags : mapping
    entries : mapping
        The catalogue entry behind each, by kind (``film``, ``latex``, ``gas``, ``cylinder``,
        ``timer``, ``drag``) and name.
    """

    tubes: Mapping[str, FilmTube]
    latex: Mapping[str, LatexBalloon]
    gases: Mapping[str, Gas]
    cylinders: Mapping[str, Cylinder]
    timers: Mapping[str, Timer]
    drags: Mapping[str, DragLaw]
    entries: Mapping[tuple[str, str], Entry]

    def find_vehicle(self, name: str) -> FilmTube | LatexBalloon:
        """Return the tube or the rubber balloon of a name; MissionError if there is none."""
        vehicles: dict[str, FilmTube | LatexBalloon] = {**self.tubes, **self.latex}
        if name not in vehicles:
            near = difflib.get_close_matches(name, vehicles, 1)
            raise MissionError(
                f"'{name}' is no vehicle on record",
                f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(vehicles)}",
            )
        return vehicles[name]

    def provenance_of(self, kind: str, name: str) -> dict[str, Provenance]:
        """Return where each number of an entry comes from; for rubber with what all share."""
        own = self.entries[kind, name].provenance
        return {**RUBBER_ENTRY.provenance, **own} if kind == "latex" else dict(own)


def load_vehicles(own: Sequence[Path] = ()) -> VehicleCatalogue:
    """Load the packaged catalogue and the user's own files.

    Parameters
    ----------
    own : sequence of Path
        TOML files with entries of any kind, in the form of the packaged ones; sources may be left
        out. A later file may name a drag law of an earlier one.

    Raises
    ------
    MissionFileError
        If a file cannot be read.
    MissionError
        If an entry does not keep the form, holds an impossible number, or has a name that is
        taken; ``faults`` names each place.
    """
    entries: list[Entry] = list(_PACKAGED)
    for path in own:
        entries += read_catalogue(_read_text(path), str(path), FIELDS, own=True)
    faults: list[tuple[str, str]] = []
    known: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        name = entry.values["name"]
        key = (entry.model, name)
        space = _ONE_NAMESPACE.get(entry.model, entry.model)
        taken = next(
            (e for e in known.values() if _space(e) == space and e.values["name"] == name), None
        )
        if taken is not None:
            faults.append((entry.place, f"'{name}' is taken by {taken.place}; choose another"))
        else:
            known[key] = entry
    drags = _build("drag", known.values(), drag_from_entry, faults)
    catalogue = VehicleCatalogue(
        tubes=_build("film", known.values(), lambda e: film_from_entry(e, drags), faults),
        latex=_build("latex", known.values(), lambda e: latex_from_entry(e, drags), faults),
        gases=_build("gas", known.values(), gas_from_entry, faults),
        cylinders=_build("cylinder", known.values(), cylinder_from_entry, faults),
        timers=_build("timer", known.values(), timer_from_entry, faults),
        drags=drags,
        entries=MappingProxyType(known),
    )
    if faults:
        raise MissionError(
            f"the vehicle files have {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
            + "".join(f"\n  {place}: {text}" for place, text in faults),
            "mend these entries",
            tuple(faults),
        )
    return catalogue


def _space(entry: Entry) -> str:
    return _ONE_NAMESPACE.get(entry.model, entry.model)


def _build(
    model: str,
    entries: Iterable[Entry],
    build: Callable[[Entry], Any],
    faults: list[tuple[str, str]],
) -> Mapping[str, Any]:
    built: dict[str, Any] = {}
    for entry in entries:
        if entry.model != model:
            continue
        try:
            built[entry.values["name"]] = build(entry)
        except ValueError as error:
            faults.append((entry.place, str(error)))
    return MappingProxyType(built)


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MissionFileError(
            f"{path} cannot be read as a file of vehicles: {error}",
            "give the path of a TOML file",
        ) from error
