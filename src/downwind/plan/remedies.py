"""Why a load cannot fly as it is, and what would do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from downwind.load.impact import explain_refusal
from downwind.load.traits import ItemKind
from downwind.plan.lifting import (
    Goal,
    Limit,
    MostLoad,
    fill_for_load,
    find_carriers,
    find_tube_length_m,
    most_load,
)
from downwind.plan.mission import Vehicle
from downwind.vehicle.film import TUBES
from downwind.vehicle.gas import GASES
from downwind.vehicle.latex import LATEX

PACKAGED: Final[tuple[Vehicle, ...]] = (*TUBES.values(), *LATEX.values())
"""What a load that is too heavy is offered where nothing else is named."""
MOST_REMEDIES: Final = 3
"""Most other balloons that are named."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Items that cannot fly so: the reason, and what would do."""

    kind: ItemKind
    count: int
    reason: str
    remedies: tuple[str, ...]


def find_block(
    most: MostLoad,
    kind: ItemKind,
    count: int,
    offered: Sequence[Vehicle],
    kinds: Mapping[str, ItemKind],
    heaviest_kg: float,
) -> Blocked | None:
    """Return why a kind cannot fly, and what would do; None if it can."""
    refusal = explain_refusal(kind)
    if refusal:
        braked = kinds.get(f"{kind.name}-parachute")
        remedy = (
            f"{braked.name}: {braked.mass_kg * 1e3:.0f} g, lands at {braked.speed_ms:.1f} m/s"
            if braked is not None
            else "the same item under a parachute that brings it below the limit"
        )
        return Blocked(kind, count, refusal, (remedy,))
    if kind.mass_kg <= most.load_kg:
        return None
    mass_kg = kind.mass_kg if most.load_kg > 0.0 else heaviest_kg
    return Blocked(kind, count, say_why(most, mass_kg), find_remedies(most, mass_kg, offered))


def say_why(most: MostLoad, load_kg: float) -> str:
    """Say why a balloon does not carry a load [kg]."""
    rig = most.rig
    if most.limit is Limit.NO_LIFT:
        return f"{rig.gas.name} of purity {100.0 * rig.purity:.3g} % has no lift in air"
    if most.load_kg <= 0.0:
        return (
            f"{rig.vehicle.name} has no lift left for a load: it lacks "
            f"{format_kg(most.short_kg)} ({most.limit})"
        )
    return (
        f"{format_kg(load_kg)} is more than the {format_kg(most.load_kg)} that "
        f"{rig.vehicle.name} carries ({most.limit})"
    )


def format_kg(mass_kg: float) -> str:
    """Write a mass [kg] in grams below 1 kg, else in kilograms, to three digits."""
    if mass_kg >= 1.0:
        return f"{mass_kg:.2f} kg" if mass_kg < 100.0 else f"{mass_kg:,.0f} kg"
    return f"{mass_kg * 1e3:.3g} g"


def find_remedies(most: MostLoad, load_kg: float, offered: Sequence[Vehicle]) -> tuple[str, ...]:
    """Return what would carry a load [kg] that a balloon does not: other balloons, with numbers."""
    rig = most.rig
    if most.limit is Limit.NO_LIFT:
        lifting = sorted((g for g in GASES.values()), key=lambda gas: gas.molar_mass)
        return tuple(f"{gas.name}, molar mass {gas.molar_mass:g} g/mol" for gas in lifting)
    told = []
    for found in find_carriers(rig, load_kg, offered)[:MOST_REMEDIES]:
        fill = fill_for_load(found.rig, load_kg)
        told.append(
            f"{found.rig.vehicle.name} carries up to {format_kg(found.load_kg)}; "
            f"{fill.volume_m3:.1f} m3 of {rig.gas.name} for {format_kg(load_kg)}"
        )
    length = find_tube_length_m(rig, load_kg)
    if not math.isnan(length) and not _is_capped(most):
        told.append(f"the same tube, {math.ceil(length * 10.0) / 10.0:.1f} m long")
    if most.limit is Limit.FLOAT or most.limit is Limit.BURST:
        lower = most_load(replace(rig, release_m=None))
        if lower.load_kg >= load_kg:
            told.append("a lower release height")
    if not told:
        told.append(f"no balloon on record lifts {format_kg(load_kg)} so; describe a larger one")
    if rig.goal.kind is not Goal.FRACTION and most.short_kg > 0.0:
        told.append("less free lift, or a lower ascent rate")
    return tuple(told)


def _is_capped(most: MostLoad) -> bool:
    return most.limit in (Limit.NECK, Limit.STATED)
