"""Why a load cannot fly as it is, and what would do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from downwind.load.impact import explain_refusal
from downwind.load.traits import ItemKind
from downwind.plan.lifting import (
    RUBBER_NECK_RATIO,
    Goal,
    Limit,
    MostLoad,
    Rig,
    fill_for_load,
    find_carriers,
    find_tube_length_m,
    gas_for_load_m3,
    most_load,
)
from downwind.plan.mission import Vehicle
from downwind.vehicle.fill import solve_fill
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
        f"{rig.vehicle.name} carries ({say_limit(most)})"
    )


def say_why_not_so(most: MostLoad, load_kg: float) -> str:
    """Say why a balloon does not carry a load [kg], by its neck lift where that is too much."""
    if most.limit is not Limit.NECK:
        return say_why(most, load_kg)
    rig = most.rig
    return (
        f"the neck lift of {format_kg(neck_for_load_kg(rig, load_kg))} for {format_kg(load_kg)} "
        f"is over the {format_kg(rig.neck_kg)} of {rig.vehicle.name} ({say_neck_limit(rig)})"
    )


def say_limit(most: MostLoad) -> str:
    """Say what sets the most load; the neck lift limit with its value and where it comes from."""
    if most.limit is not Limit.NECK:
        return str(most.limit)
    return f"{most.limit} of {format_kg(most.rig.neck_kg)}: {say_neck_limit(most.rig)}"


def neck_for_load_kg(rig: Rig, load_kg: float) -> float:
    """Return the neck lift [kg] with which a load [kg] rises as the goal asks."""
    return gas_for_load_m3(rig, load_kg) * rig.lift_kgm3 - rig.vehicle.envelope_kg


def say_neck_limit(rig: Rig) -> str:
    """Say where the limit of the neck lift comes from."""
    if rig.neck_limit_kg is not None:
        return "as stated"
    return f"{RUBBER_NECK_RATIO:g} times its mass, an assumption"


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


def find_lower_goal(most: MostLoad, load_kg: float) -> tuple[str, ...]:
    """Return how far the goal has to come down for the neck to bear a load [kg]."""
    if most.limit is not Limit.NECK:
        return ()
    rig = most.rig
    free_kg = rig.neck_kg - rig.parachute_kg - load_kg
    if free_kg <= 0.0:
        return ()
    if rig.goal.kind is Goal.RATE:
        neck_kg = rig.neck_kg * (1.0 - 1e-9)
        fill = solve_fill(
            rig.vehicle, rig.gas, rig.purity, load_kg + rig.parachute_kg, rig.site_m,
            drag=rig.drag, neck_lift_kg=neck_kg,
        )  # fmt: skip
        return (f"a lower ascent rate: at most {math.floor(fill.ascent_rate_ms * 10) / 10} m/s",)
    share = math.floor(100.0 * free_kg / load_kg)
    return (f"a lower free lift: at most {format_kg(free_kg)}, {share:,} % of this load",)


def _is_capped(most: MostLoad) -> bool:
    return most.limit in (Limit.NECK, Limit.STATED)
