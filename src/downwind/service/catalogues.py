"""List and explain what can be dropped and what can be flown: ours, and the user's own."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from downwind.errors import ArgumentError
from downwind.service._names import find_all, find_item, read_catalogues, unknown_name
from downwind.units import parse_quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from downwind.load.traits import ItemKind
    from downwind.report.army_text import ArmyFacts
    from downwind.report.item_facts import ItemFacts
    from downwind.report.vehicle_facts import VehicleFacts
    from downwind.vehicle.catalogue import VehicleCatalogue


_WIND: Final = re.compile(r"(?P<speed>.+?)(?:\s+from\s+(?P<degrees>\d+(?:\.\d+)?))?\s*")


@dataclass(frozen=True, slots=True)
class ArmyRequest:
    """What the Army check of a leaflet is asked with; texts with units, none with a default.

    Attributes
    ----------
    descent_rate : str or None
        Rate of descent at sea level, such as ``2.5 ft/s``.
    spread_factor : float or None
        R of GTA 33-01-003 table 2-1.
    release_height : str or None
        Above the sea.
    wind : sequence of str
        ``10 kt from 240`` for each layer from the lowest up (500 ft, then 1,000 ft each), or one
        for all; no direction anywhere means the same one everywhere.
    """

    descent_rate: str | None = None
    spread_factor: float | None = None
    release_height: str | None = None
    wind: Sequence[str] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The options that are not given."""
        return tuple(
            f"--{field.name.replace('_', '-')}"
            for field in fields(self)
            if getattr(self, field.name) in (None, (), [])
        )


@dataclass(frozen=True, slots=True)
class ItemReport:
    """Items, listed or explained.

    Attributes
    ----------
    items : tuple of ItemFacts
    is_list : bool
        Whether they are listed; else each is explained.
    army : ArmyFacts or None
        The Army check of a leaflet, where it was asked for.
    """

    items: tuple[ItemFacts, ...]
    is_list: bool
    army: ArmyFacts | None = None

    def to_text(self) -> str:
        """Return plain text of at most 80 columns."""
        from downwind.report.catalogue_text import item_text, items_text

        if self.is_list:
            return items_text(self.items)
        parts = [item_text(item) for item in self.items]
        if self.army is not None:
            parts.append(self.army.to_text())
        return "\n\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return all facts for JSON."""
        found: dict[str, Any] = {"items": [item.to_dict() for item in self.items]}
        return found if self.army is None else {**found, "army_check": self.army.to_dict()}


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
    names: Sequence[str] = (),
    files: Sequence[Path] = (),
    family: str | None = None,
    army: ArmyRequest | None = None,
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
    army : ArmyRequest, optional
        Add the Army check; for one leaflet by its name.

    Raises
    ------
    ArgumentError
        If a name or the family is not on record, or both are given; if the Army check is asked of
        anything but one leaflet, or lacks a number.
    MissionFileError, MissionError
        If a catalogue file cannot be read, or has faults.
    """
    from downwind.load.traits import FAMILIES
    from downwind.report.item_facts import gather_item

    catalogue = read_catalogues(files)[0]
    if names and family is not None:
        raise ArgumentError(
            "names and a family are given together", "give names to explain, or a family to list"
        )
    if family is not None and family not in FAMILIES:
        raise unknown_name(family, "family", FAMILIES, "downwind items")
    if army is not None and len(set(names)) != 1:
        raise ArgumentError("the Army check is for one leaflet", "name one leaflet")
    if not names:
        kinds = [kind for kind in catalogue.values() if family in (None, kind.family)]
        if not kinds:
            raise ArgumentError(f"no item is of the family '{family}'", "name another family")
        return ItemReport(tuple(gather_item(k, catalogue.place(k.name)) for k in kinds), True)
    kinds = find_all(names, lambda name: find_item(name, catalogue))
    places = [catalogue.place(kind.name) if kind.name in catalogue else "" for kind in kinds]
    found = [gather_item(kind, place) for kind, place in zip(kinds, places, strict=True)]
    checked = None if army is None else _check_leaflet(found[0].kind, army)
    return ItemReport(tuple(found), False, checked)


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

    catalogue = read_catalogues(files)[1]

    def find(name: str) -> list[tuple[str, str]]:
        keys = [key for key in catalogue.entries if key[1] == name]
        if not keys:
            known = sorted({key[1] for key in catalogue.entries})
            what = "vehicle, gas, cylinder, timer or drag law"
            raise unknown_name(name, what, known, "downwind vehicles")
        return keys

    keys = [key for keys in find_all(names, find) for key in keys] or list(catalogue.entries)
    facts = tuple(gather_vehicle(catalogue, *key) for key in keys)
    return VehicleReport(catalogue, facts, not names)


def _check_leaflet(kind: ItemKind, request: ArmyRequest) -> ArmyFacts:
    """Reckon the drop of a leaflet as the Army does, and by its law in the same wind."""
    import numpy as np

    from downwind.load.army import army_edges_m, check_army
    from downwind.load.even_draws import POINTS, lay_falls
    from downwind.load.fall_time import drift_m, fall_time_s, spread_of
    from downwind.report.army_text import ArmyFacts

    if kind.model != "leaflet":
        raise ArgumentError(
            f"the Army check is for leaflets, and '{kind.name}' is none", "name one leaflet"
        )
    if request.missing:
        raise ArgumentError(
            f"the Army check lacks {', '.join(request.missing)}",
            'write such as: --army-check --descent-rate "2.5 ft/s" --spread-factor 0.31 '
            '--release-height "3 km" --wind "10 kt from 240"',
        )
    rate_ms = _read(request.descent_rate, "speed", "--descent-rate")
    edges = army_edges_m(_read(request.release_height, "length", "--release-height"))
    speed, degrees = _read_winds(request.wind, edges.size - 1)
    towards = np.radians(np.where(np.isnan(degrees), 180.0, degrees))
    east, north = -speed * np.sin(towards), -speed * np.cos(towards)
    assert request.spread_factor is not None
    check = check_army(rate_ms, request.spread_factor, edges, east, north)
    falls = lay_falls(kind, POINTS)
    return ArmyFacts(
        name=kind.name,
        check=check,
        wind_ms=speed,
        from_deg=degrees,
        fall_s=spread_of(fall_time_s(falls, edges[-1])),
        drift_m=spread_of(np.hypot(*drift_m(falls, edges, east, north))),
    )


def _read_winds(
    texts: Sequence[str], layers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the wind speed [m s-1] of each layer and where it comes from [degrees]."""
    import numpy as np

    if len(texts) not in (1, layers):
        raise ArgumentError(
            f"{layers} layers have {len(texts)} winds",
            f"give --wind once for all layers, or {layers} times: for the lowest 500 ft, then for "
            "each 1,000 ft",
        )
    found = [_WIND.fullmatch(text) for text in texts]
    parts = [(match["speed"], match["degrees"]) if match else ("", None) for match in found]
    speed = np.array([_read(text, "speed", "--wind") for text, _ in parts])
    degrees = np.array([math.nan if d is None else float(d) for _, d in parts])
    if np.any(speed < 0.0) or np.any(degrees > 360.0):
        raise ArgumentError(
            "--wind is below 0 or comes from more than 360 degrees",
            'write such as --wind "10 kt from 240"',
        )
    if np.isnan(degrees).any() and not np.isnan(degrees).all():
        raise ArgumentError(
            "--wind has a direction in some layers only", "give one in all layers, or in none"
        )
    if speed.size == 1:
        speed, degrees = np.repeat(speed, layers), np.repeat(degrees, layers)
    return speed, degrees


def _read(text: str | None, dimension: str, option: str) -> float:
    try:
        return parse_quantity(text or "", dimension)
    except ValueError as error:
        raise ArgumentError(f"{option}: {error}", "write a number with its unit") from error
