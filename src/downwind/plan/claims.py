"""Whether claimed amounts fit each other: balloons, items, gas and hours.

Each figure is held against what the others imply. Neither the mass of an item nor the lift of a gas
is exact, so each check also tells the range over item masses 10 % lighter and heavier (an
assumption) and over the 5 to 95 % range of the gas's purity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.load.traits import ItemKind
from downwind.plan.lifting import MostLoad, Rig, gas_for_load_m3, most_load
from downwind.plan.sizing import Crew, count_balloons
from downwind.vehicle.cylinders import Cylinder, delivered_m3

ITEM_MASS_SPREAD: Final = 0.10
"""How far item masses may be off [fraction], an assumption."""
TIGHT: Final = 0.10
"""Within this of what there is, a figure is tight [fraction]."""


class Verdict(StrEnum):
    """How a claimed figure stands against what the others imply."""

    FITS = "fits"
    TIGHT = "tight"
    DOES_NOT_FIT = "does not fit"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its range: median, least and most."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against another.

    Attributes
    ----------
    what : str
        The figure.
    unit : str
    needed : Range
        What the claim asks for.
    there : Range or None
        What there is; None where nothing was stated to hold it against.
    needed_from, there_from : str
        What the two come from.
    used : float or None
        Share of what there is that is used [-], where the figures, being whole numbers, do not
        tell it.
    """

    what: str
    unit: str
    needed: Range
    there: Range | None
    needed_from: str
    there_from: str = ""
    used: float | None = None

    @property
    def ratio(self) -> float:
        """What is needed over what there is [-]; NaN where nothing was stated."""
        if self.there is None:
            return math.nan
        if self.used is not None:
            return self.used
        return self.needed.value / self.there.value if self.there.value > 0.0 else math.inf

    @property
    def verdict(self) -> Verdict:
        """Fits up to 90 % of what there is, does not fit above 110 %, and is tight between."""
        if self.there is None:
            return Verdict.NOT_JUDGED
        if self.ratio <= 1.0 - TIGHT:
            return Verdict.FITS
        return Verdict.TIGHT if self.ratio <= 1.0 + TIGHT else Verdict.DOES_NOT_FIT


@dataclass(frozen=True, slots=True)
class Part:
    """Balloons of one type with what they are said to carry.

    Attributes
    ----------
    name : str
        Of the group; empty for a fleet of one type.
    rig : Rig
    manifest : tuple
        Kinds and counts, over all of its balloons.
    balloons : int or None
        As claimed.
    mixed : bool
        Whether kinds share balloons.
    carried_kg : float or None
        Load of the heaviest balloon, where it is known [kg]; else the mean counts.
    carried : tuple
        Kinds and counts on that balloon; empty where it is not known.
    """

    name: str
    rig: Rig
    manifest: tuple[tuple[ItemKind, int], ...]
    balloons: int | None
    mixed: bool = True
    carried_kg: float | None = None
    carried: tuple[tuple[ItemKind, int], ...] = ()

    @property
    def load_kg(self) -> float:
        """Mass of all its items [kg]."""
        return math.fsum(kind.mass_kg * count for kind, count in self.manifest)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed besides the items and the balloons; each may be left out.

    Attributes
    ----------
    gas_m3 : float or None
        Gas at the site [m3].
    cylinders : int or None
        Full cylinders.
    hours : float or None
        From the first balloon's filling to the last launch [h].
    balloons_from, hours_from : str
        Who says the balloons and the hours.
    """

    gas_m3: float | None = None
    cylinders: int | None = None
    hours: float | None = None
    balloons_from: str = "balloons claimed"
    hours_from: str = "hours claimed"

    def __post_init__(self) -> None:
        for name, value in (("gas", self.gas_m3), ("hours", self.hours)):
            if value is not None and not (value > 0.0 and math.isfinite(value)):
                raise ArgumentError(f"a claim of {value:g} {name} is none", "give more than 0")
        if self.cylinders is not None and self.cylinders < 1:
            raise ArgumentError("a claim of no cylinders is none", "give 1 or more")
        if self.gas_m3 is not None and self.cylinders is not None:
            raise ArgumentError(
                "gas is claimed twice, in m3 and in cylinders", "give one of the two"
            )


def check_claim(
    parts: Sequence[Part],
    claim: Claim,
    crew: Crew | None = None,
    cylinder: Cylinder | None = None,
) -> tuple[Check, ...]:
    """Hold claimed figures against each other.

    Parameters
    ----------
    parts : sequence of Part
        All of one site.
    claim : Claim
    crew : Crew, optional
        How fast it is known to launch.
    cylinder : Cylinder, optional
        The size that ``claim.cylinders`` counts.

    Returns
    -------
    tuple of Check
        Those for which there are figures: load a balloon, balloons, gas, gas a balloon, balloons
        an hour.

    Raises
    ------
    ArgumentError
        If cylinders are claimed and no size is given.
    """
    checks = [check for part in parts for check in _check_loads(part, claim)]
    checks += _check_gas(parts, claim, cylinder)
    return (*checks, *_check_hours(parts, claim, crew))


def _check_loads(part: Part, claim: Claim) -> list[Check]:
    if not part.manifest:
        return []
    of = f" ({part.name})" if part.name else ""
    lift = _range(part, lambda rig, _: most_load(rig).load_kg)
    lift_from = f"most load of {part.rig.vehicle.name}: {most_load(part.rig).limit}"
    needed = _need_range(part)
    count_from = "items over the most load of a balloon, whole items"
    if part.balloons is None:
        if not math.isfinite(needed.value):
            return []
        return [Check(f"balloons{of}", "balloons", needed, None, count_from)]
    mean = part.carried_kg if part.carried_kg is not None else part.load_kg / part.balloons
    load = Range(mean, mean * (1.0 - ITEM_MASS_SPREAD), mean * (1.0 + ITEM_MASS_SPREAD))
    load_from = (
        "the heaviest balloon" if part.carried_kg is not None else f"items / {claim.balloons_from}"
    )
    has = Range(part.balloons, part.balloons, part.balloons)
    # enough balloons are as tight as their mean load; whole balloons say little where they are few
    used = None
    if needed.value <= part.balloons and lift.value > 0.0:
        used = part.load_kg / (part.balloons * lift.value)
    return [
        Check(f"load a balloon{of}", "kg", load, lift, load_from, lift_from),
        Check(f"balloons{of}", "balloons", needed, has, count_from, claim.balloons_from, used),
    ]


def _check_gas(parts: Sequence[Part], claim: Claim, cylinder: Cylinder | None) -> list[Check]:
    counted = [part for part in parts if part.balloons is not None]
    whole = len(counted) == len(parts)
    there = _claimed_gas(parts, claim, cylinder)
    checks = []
    if any(part.manifest for part in parts) and all(_gas_m3(p, p.rig, 1.0) > 0.0 for p in parts):
        ranges = [_gas_range(p) for p in parts]
        total = Range(*(math.fsum(getattr(r, at) for r in ranges) for at in Range.__slots__))
        origin = claim.balloons_from if whole else "balloons needed"
        checks.append(
            Check("gas", "m3", total, there, f"load, envelopes and free lift of the {origin}",
                  _gas_origin(claim, cylinder))
        )  # fmt: skip
    balloons = sum(part.balloons or 0 for part in counted)
    if there is not None and whole and balloons:
        each = Range(there.value / balloons, there.low / balloons, there.high / balloons)
        lifted = _lifted_kg(parts[0].rig, each.value) if len(parts) == 1 else math.nan
        origin = f"gas / {claim.balloons_from}"
        if math.isfinite(lifted):
            origin += f"; it lifts a load of {lifted:.2f} kg"
        volume = math.fsum(p.rig.vehicle.volume_m3 * (p.balloons or 0) for p in parts) / balloons
        checks.append(
            Check("gas a balloon", "m3", each, Range(volume, volume, volume),
                  origin, "what a balloon holds")
        )  # fmt: skip
    return checks


def _check_hours(parts: Sequence[Part], claim: Claim, crew: Crew | None) -> list[Check]:
    if claim.hours is None:
        return []
    if all(part.balloons is not None for part in parts):
        count = float(sum(part.balloons or 0 for part in parts))
        counts, origin = Range(count, count, count), f"{claim.balloons_from} / {claim.hours_from}"
    else:
        ranges = [_need_range(p) for p in parts]
        counts = Range(*(math.fsum(getattr(r, at) for r in ranges) for at in Range.__slots__))
        origin = f"balloons needed / {claim.hours_from}"
    if not 0.0 < counts.value < math.inf:
        return []
    rate = Range(*(getattr(counts, at) / claim.hours for at in Range.__slots__))
    if crew is None:
        return [Check("balloons an hour", "an hour", rate, None, origin)]
    able = Range(crew.rate_per_hour, crew.rate_per_hour, crew.rate_per_hour)
    known = f"{crew.crews} crew{'s' if crew.crews > 1 else ''} of {crew.balloons_per_hour:g}/h"
    return [Check("balloons an hour", "an hour", rate, able, origin, known)]


def _claimed_gas(parts: Sequence[Part], claim: Claim, cylinder: Cylinder | None) -> Range | None:
    if claim.gas_m3 is not None:
        return Range(claim.gas_m3, claim.gas_m3, claim.gas_m3)
    if claim.cylinders is None:
        return None
    if cylinder is None:
        raise ArgumentError(
            f"{claim.cylinders} cylinders are claimed, but not how large they are",
            "name a cylinder on record, such as 47L-150bar",
        )
    rig = parts[0].rig
    site = float(atmosphere.pressure_pa(rig.site_m)), float(atmosphere.temperature_k(rig.site_m))
    gas = claim.cylinders * delivered_m3(cylinder, rig.gas, *site)
    return Range(gas, gas, gas)


def _gas_origin(claim: Claim, cylinder: Cylinder | None) -> str:
    if claim.cylinders is not None and cylinder is not None:
        return f"{claim.cylinders} cylinders {cylinder.name}"
    return "gas claimed" if claim.gas_m3 is not None else ""


def _gas_m3(part: Part, rig: Rig, factor: float) -> float:
    """Return the gas that a part takes [m3, site]; 0 where an item is too heavy to be spread."""
    if rig.ratio <= 0.0:
        return 0.0
    balloons = part.balloons or _need(most_load(rig), part, factor)
    if not math.isfinite(balloons) or balloons < 1:
        return 0.0
    return balloons * gas_for_load_m3(rig, factor * part.load_kg / balloons)


def _lifted_kg(rig: Rig, gas_m3: float) -> float:
    """Return the load that an amount of gas lifts [kg]; 0 where it does not lift the balloon."""
    if rig.ratio <= 0.0:
        return 0.0
    low, high = 0.0, gas_m3 * rig.lift_kgm3
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if gas_for_load_m3(rig, middle) <= gas_m3 else (low, middle)
    return low


def _need(most: MostLoad, part: Part, factor: float) -> float:
    """Return the balloons that a part needs; infinity where an item is too heavy."""
    return count_balloons(most, part.manifest, part.mixed, factor) or math.inf


def _need_range(part: Part) -> Range:
    return _range(part, lambda rig, factor: _need(most_load(rig), part, factor))


def _gas_range(part: Part) -> Range:
    return _range(part, lambda rig, factor: _gas_m3(part, rig, factor))


def _range(part: Part, figure: Callable[[Rig, float], float]) -> Range:
    """Return a figure over the item mass and the purity: the least and the most of the corners."""
    rig = part.rig
    _, least, most = rig.gas.impurity
    corners = [
        figure(replace(rig, purity=1.0 - impurity), factor)
        for impurity in (least, most)
        for factor in (1.0 - ITEM_MASS_SPREAD, 1.0 + ITEM_MASS_SPREAD)
    ]
    middle = figure(rig, 1.0)
    return Range(middle, min(middle, *corners), max(middle, *corners))
