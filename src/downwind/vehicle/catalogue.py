"""All vehicles, gases, cylinders and timers: the packaged ones and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from downwind.catalogue import Entry, Faults, Provenance, raise_faults, read_own, suggest
from downwind.errors import MissionError
from downwind.vehicle._entries import default_provenance
from downwind.vehicle.cylinders import (
    CYLINDER_ENTRIES,
    CYLINDER_FIELDS,
    Cylinder,
    cylinder_from_entry,
)
from downwind.vehicle.drag import DRAG_ENTRIES, DRAG_FIELDS, TUBE_DRAG, DragLaw, drag_from_entry
from downwind.vehicle.film import FILM_DEFAULTS, FILM_ENTRIES, FILM_FIELDS, FilmTube, make_film
from downwind.vehicle.gas import GAS_DEFAULTS, GAS_ENTRIES, GAS_FIELDS, Gas, gas_from_entry
from downwind.vehicle.latex import (
    LATEX_DEFAULTS,
    LATEX_ENTRIES,
    LATEX_FIELDS,
    LatexBalloon,
    make_latex,
)
from downwind.vehicle.timer import (
    TIMER_DEFAULTS,
    TIMER_ENTRIES,
    TIMER_FIELDS,
    Timer,
    timer_from_entry,
)

FIELDS: Final = {
    **FILM_FIELDS,
    **LATEX_FIELDS,
    **GAS_FIELDS,
    **CYLINDER_FIELDS,
    **TIMER_FIELDS,
    **DRAG_FIELDS,
}
"""Fields of each kind of entry in a user's own file."""
DEFAULTS: Final = {
    "film": FILM_DEFAULTS,
    "latex": LATEX_DEFAULTS,
    "gas": GAS_DEFAULTS,
    "timer": TIMER_DEFAULTS,
}
"""What holds for an entry of a kind that says nothing else."""
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
            raise MissionError(
                f"'{name}' is no vehicle on record{suggest(name, vehicles)}",
                "name a vehicle as `downwind vehicles` lists it, or describe your own",
            )
        return vehicles[name]

    def provenance_of(self, kind: str, name: str) -> dict[str, Provenance]:
        """Return where each number of an entry comes from, those of its defaults marked as such."""
        own = self.entries[kind, name].provenance
        return {**default_provenance(DEFAULTS[kind]), **own} if kind in DEFAULTS else dict(own)


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
    faults: Faults = []
    for path in own:
        entries += read_own(path, FIELDS, faults)
    known: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        name = entry.values["name"]
        key = (entry.model, name)
        space = _space(entry)
        taken = next(
            (e for e in known.values() if _space(e) == space and e.values["name"] == name), None
        )
        if taken is not None:
            faults.append((entry.place, f"'{name}' is taken by {taken.place}; choose another"))
        else:
            known[key] = entry
    drags = _build("drag", known.values(), drag_from_entry, faults)
    # the name of a law that cannot be made is no fault of the vehicles that give it
    named = {name: drags.get(name, TUBE_DRAG) for model, name in known if model == "drag"}
    catalogue = VehicleCatalogue(
        tubes=_build("film", known.values(), lambda e: make_film(e.values, named), faults),
        latex=_build("latex", known.values(), lambda e: make_latex(e.values, named), faults),
        gases=_build("gas", known.values(), gas_from_entry, faults),
        cylinders=_build("cylinder", known.values(), cylinder_from_entry, faults),
        timers=_build("timer", known.values(), timer_from_entry, faults),
        drags=drags,
        entries=MappingProxyType(known),
    )
    raise_faults(faults, "the vehicle files have")
    return catalogue


def _space(entry: Entry) -> str:
    return _ONE_NAMESPACE.get(entry.model, entry.model)


def _build(
    model: str,
    entries: Iterable[Entry],
    build: Callable[[Entry], Any],
    faults: Faults,
) -> Mapping[str, Any]:
    built: dict[str, Any] = {}
    for entry in entries:
        if entry.model != model or not entry.is_sound:
            continue
        try:
            built[entry.values["name"]] = build(entry)
        except MissionError as error:
            faults += [(f"{entry.place}.{field}", text) for field, text in error.faults]
    return MappingProxyType(built)
