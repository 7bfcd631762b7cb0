"""Turn the balloons of a mission file into groups: envelopes, gases, fills, timers and loads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from downwind import atmosphere
from downwind.errors import LiftError, MissionError
from downwind.load.catalogue import ItemCatalogue, load_items
from downwind.load.impact import explain_refusal
from downwind.load.make import is_leaflet_by_size, leaflet_by_size, make_item
from downwind.load.traits import ItemKind
from downwind.plan.faults import Faults, PlacedError, collect, look_up
from downwind.plan.mission import BalloonGroup, LoadPart, Release, Uncertainty, Vehicle
from downwind.plan.mission_model import (
    BalloonTable,
    ItemTable,
    LoadTable,
    ParachuteTable,
    VehicleTable,
)
from downwind.plan.mission_rules import read_rigging
from downwind.times import format_duration
from downwind.vehicle.catalogue import VehicleCatalogue, load_vehicles
from downwind.vehicle.film import make_film
from downwind.vehicle.gas import Gas, mix_gases
from downwind.vehicle.latex import make_latex
from downwind.vehicle.parachute import Parachute
from downwind.vehicle.timer import Timer

_GOALS = ("free_lift", "neck_lift", "ascent_rate", "volume")


@dataclass(frozen=True, slots=True)
class Known:
    """What a mission may name: the catalogues, and the items of its own.

    Attributes
    ----------
    items : ItemCatalogue
    vehicles : VehicleCatalogue
    own : dict
        Items of the mission file itself, by name.
    """

    items: ItemCatalogue
    vehicles: VehicleCatalogue
    own: dict[str, ItemKind] = field(default_factory=dict)

    @classmethod
    def read(cls, files: Sequence[Path] = ()) -> Known:
        """Read the packaged catalogues and a user's own files; errors as for the loaders."""
        return cls(load_items(files), load_vehicles(files))

    def add_item(self, table: ItemTable) -> None:
        """Add an item of the mission file; ValueError or MissionError says what is wrong."""
        if table.name in self.items or table.name in self.own or is_leaflet_by_size(table.name):
            raise PlacedError("", f"'{table.name}' exists already; choose another name")
        values = table.model_dump(exclude={"model"}, exclude_none=True)
        if not table.title:
            values.pop("title")
        self.own[table.name] = make_item(table.model, values)

    def find_item(self, name: str, place: str) -> ItemKind:
        """Return a kind of item by its name, or a leaflet by the name of its size.

        Raises
        ------
        PlacedError
            If there is none, or it may not be carried as it is.
        """
        if name not in self.items and is_leaflet_by_size(name):
            return leaflet_by_size(name)
        kind: ItemKind = look_up(name, {**self.items, **self.own}, place, "item")
        refusal = explain_refusal(kind)
        if refusal:
            raise PlacedError(place, f"'{name}' is not carried as it is: {refusal}")
        return kind


def read_group(
    table: BalloonTable,
    known: Known,
    uncertainty: Uncertainty,
    site_m: float,
    place: str,
    faults: Faults,
) -> BalloonGroup | None:
    """Turn a table ``[[balloon]]`` into a group, or None where what it names is not there.

    Parameters
    ----------
    table : BalloonTable
    known : Known
    uncertainty : Uncertainty
    site_m : float
        Altitude at which a neck lift, an ascent rate or a volume is turned into a free lift [m].
    place : str
        Of the table in the file.
    faults : list
        Takes what is wrong with what it names.

    Raises
    ------
    ValueError, MissionError
        If the rest cannot be.
    """
    timer = collect(faults, place, partial(_timer, table.timer, known, f"{place}.timer"))
    drafts: list[tuple[Timer | None, float, tuple[LoadPart, ...], tuple[float, float] | None]]
    drafts = [(timer, 0.0, _load(table.load, known, f"{place}.load", faults), None)]
    after_s = 0.0
    for i, later in enumerate(table.then):
        at = f"{place}.then[{i}]"
        low, high = later.after
        middle = round(0.5 * (low + high) / 60.0) * 60.0
        after_s += min(max(middle, low), high)
        own = timer
        if later.timer is not None:
            own = collect(faults, at, partial(_timer, later.timer, known, f"{at}.timer"))
        load = _load(later.load, known, f"{at}.load", faults)
        drafts.append((own, after_s, load, None if low == high else later.after))
    vehicle = collect(faults, place, partial(_vehicle, table.vehicle, known, f"{place}.vehicle"))
    gas = collect(faults, place, partial(_gas, table.gas, known, f"{place}.gas"))
    releases = [Release(own, at, load, gap) for own, at, load, gap in drafts if own is not None]
    if vehicle is None or gas is None or len(releases) < len(drafts):
        return None
    group = BalloonGroup(
        name=table.name,
        count=table.count,
        vehicle=vehicle,
        gas=gas,
        free_lift=math.nan,
        timer_setting_s=table.timer_setting,
        releases=tuple(releases),
        parachute=_parachute(table.parachute),
        rigging=read_rigging(table.rigging),
    )
    whole = all(len(r.load) == len(t) for r, t in zip(releases, _loads(table), strict=True))
    _check_settings(group, place)
    settled = partial(
        _with_free_lift,
        table=table,
        uncertainty=uncertainty,
        site_m=site_m,
        place=place,
        whole=whole,
    )
    others = _other_vehicles(table, known, place, vehicle.name, faults)
    return replace(settled(group), others=tuple(settled(replace(group, vehicle=v)) for v in others))


def find_repeated(table: BalloonTable, place: str) -> Faults:
    """Return the faults of items that stand twice in a load, or do not go round the balloons."""
    faults: Faults = []
    places = [f"{place}.load", *(f"{place}.then[{i}].load" for i in range(len(table.then)))]
    for at, load in zip(places, _loads(table), strict=True):
        items = [part.item for part in load]
        for j, part in enumerate(load):
            if part.item in items[:j]:
                faults.append((f"{at}[{j}].item", f"'{part.item}' stands twice; add the counts up"))
            if part.count < table.count:
                text = f"{part.count} items do not give each of {table.count} balloons one"
                faults.append((f"{at}[{j}].count", text))
    return faults


def _loads(table: BalloonTable) -> list[list[LoadTable]]:
    return [table.load, *(later.load for later in table.then)]


def _load(
    tables: Sequence[LoadTable], known: Known, place: str, faults: Faults
) -> tuple[LoadPart, ...]:
    parts: list[LoadPart] = []
    for j, part in enumerate(tables):
        at = f"{place}[{j}].item"
        kind = collect(faults, at, partial(known.find_item, part.item, at))
        parts += [] if kind is None else [LoadPart(kind, part.count)]
    return tuple(parts)


def _timer(name: str, known: Known, place: str) -> Timer:
    timer: Timer = look_up(name, known.vehicles.timers, place, "timer")
    if timer.accounting:
        raise PlacedError(
            place,
            f"'{name}' is known for the accounting of others' flights alone: a release that burns "
            "is not planned",
        )
    return timer


def _check_settings(group: BalloonGroup, place: str) -> None:
    for i, release in enumerate(group.releases):
        last = (group.timer_setting_s or 0.0) + release.after_s
        if last > release.timer.longest_s:
            at = f"{place}.timer_setting" if i == 0 else f"{place}.then[{i - 1}].after"
            raise PlacedError(
                at,
                f"a setting of {format_duration(last)} is more than a {release.timer.kind} timer "
                f"takes ({format_duration(release.timer.longest_s)})",
            )


def _gas(stated: str | dict[str, float], known: Known, place: str) -> Gas:
    if isinstance(stated, str):
        gas: Gas = look_up(stated, known.vehicles.gases, place, "gas")
        return gas
    try:
        return mix_gases(stated, known.vehicles.gases)
    except MissionError as error:
        texts = (f"{text}" if at == "shares" else f"{at} {text}" for at, text in error.faults)
        raise PlacedError(place, "; ".join(texts)) from None


def _vehicle(stated: str | VehicleTable, known: Known, place: str) -> Vehicle:
    if isinstance(stated, str):
        vehicle: Vehicle = look_up(
            stated, {**known.vehicles.tubes, **known.vehicles.latex}, place, "vehicle"
        )
        return vehicle
    tube = (stated.length, stated.diameter, stated.film)
    rubber = (stated.mass, stated.burst_diameter)
    extras = (stated.open, stated.film_density_kgm3)
    values = stated.model_dump(exclude_none=True)
    if "film_density_kgm3" in values:
        values["film_density"] = values.pop("film_density_kgm3")
    try:
        if None not in tube and rubber == (None, None):
            return make_film(values)
        if None not in rubber and tube == (None, None, None) and extras == (None, None):
            return make_latex(values)
    except MissionError as error:
        faults = tuple((f"vehicle.{field}", text) for field, text in error.faults)
        raise MissionError(error.message, error.hint, faults) from None
    raise PlacedError(
        place,
        "a film tube is given by length, diameter and film (with open and film_density_kgm3 if "
        "need be), a rubber balloon by mass and burst_diameter",
    )


def _other_vehicles(
    table: BalloonTable, known: Known, place: str, own: str, faults: Faults
) -> list[Vehicle]:
    """Return the vehicles that a board may choose besides a group's own."""
    found: list[Vehicle] = []
    for i, stated in enumerate(table.other_vehicles):
        at = f"{place}.other_vehicles[{i}]"
        vehicle = collect(faults, at, partial(_vehicle, stated, known, at))
        if vehicle is None:
            continue
        if vehicle.name in (own, *(other.name for other in found)):
            faults.append((at, f"'{vehicle.name}' is a vehicle of the group already"))
        else:
            found.append(vehicle)
    return found


def _parachute(table: ParachuteTable | None) -> Parachute | None:
    if table is None:
        return None
    canopy = Parachute(table.diameter, table.mass)
    return canopy if table.drag is None else replace(canopy, drag=table.drag)


def _with_free_lift(
    group: BalloonGroup,
    table: BalloonTable,
    uncertainty: Uncertainty,
    site_m: float,
    place: str,
    whole: bool,
) -> BalloonGroup:
    """Return a group with the free lift, or the goal of its fill, that the table states."""
    given = [name for name in _GOALS if getattr(table, name) is not None]
    if len(given) != 1:
        raise PlacedError(
            f"{place}.{given[1] if given else 'free_lift'}",
            f"give exactly one of {', '.join(_GOALS)}"
            + (f", not {' and '.join(given)}" if given else ""),
        )
    load_kg = group.load_kg(0)
    if not whole or load_kg <= 0.0:
        return group
    if table.free_lift is not None:
        value, kind = table.free_lift
        return replace(group, free_lift=value if kind == "fraction" else value / load_kg)
    aimed = replace(group, goal=(given[0], getattr(table, given[0])))
    try:
        height_m = float(atmosphere.geopotential_height(site_m))
        return replace(aimed, free_lift=aimed.free_lift_at(uncertainty, height_m))
    except LiftError as error:
        raise PlacedError(f"{place}.{given[0]}", f"{error.message}; {error.hint}") from None
