"""How many balloons, how much gas and how many hours a load takes, and why a load cannot fly.

The mass that hangs on a balloon is reported; it is what the balloon lifts, or what the crew states,
and never searched.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.load.traits import ItemKind
from downwind.plan.lifting import (
    LiftGoal,
    MostLoad,
    Rig,
    default_goal,
    fill_for_load,
    most_load,
)
from downwind.plan.mission import Vehicle
from downwind.plan.packing import count_fitting, pack_items
from downwind.plan.remedies import PACKAGED, Blocked, find_block
from downwind.vehicle.cylinders import Cylinder, cylinders_needed
from downwind.vehicle.drag import DragLaw
from downwind.vehicle.fill import Fill
from downwind.vehicle.gas import Gas

HEIGHTS_M: Final = (1_000.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0, 6_000.0)
"""Release altitudes above the sea for which the most load is told [m]."""

Manifest = Sequence[tuple[ItemKind, int]]
"""Kinds of item and how many of each."""


@dataclass(frozen=True, slots=True)
class Crew:
    """How fast balloons go up: balloons an hour of one crew, and crews."""

    balloons_per_hour: float
    crews: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.balloons_per_hour <= 3_600.0 or not 1 <= self.crews <= 1_000:
            raise ArgumentError(
                f"{self.crews} crews of {self.balloons_per_hour:g} balloons an hour launch nothing",
                "give a rate above 0 and up to 3600 an hour, and 1 to 1000 crews",
            )

    @property
    def rate_per_hour(self) -> float:
        """Balloons an hour of all crews together."""
        return self.balloons_per_hour * self.crews

    @property
    def spacing_s(self) -> float:
        """Time from one launch to the next [s]."""
        return 3600.0 / self.rate_per_hour

    def work_s(self, balloons: int) -> float:
        """Return how long the crews work on a number of balloons [s]."""
        return balloons * self.spacing_s

    def span_s(self, balloons: int) -> float:
        """Return the time from the first launch to the last [s]."""
        return max(balloons - 1, 0) * self.spacing_s


@dataclass(frozen=True, slots=True)
class Recipe:
    """Balloons that carry the same.

    Attributes
    ----------
    balloons : int
    parts : tuple
        Kinds, and how many of each on one balloon.
    load_kg : float
        Load of one balloon [kg].
    fill : Fill
    """

    balloons: int
    parts: tuple[tuple[ItemKind, int], ...]
    load_kg: float
    fill: Fill


@dataclass(frozen=True, slots=True)
class CylinderNeed:
    """Cylinders for a fleet.

    Attributes
    ----------
    cylinder : Cylinder
    delivered_m3 : float
        What one gives at the site [m3, site].
    by_total : int
        If what is left of one goes into the next balloon.
    unsplit : int or None
        If no balloon is filled from two; None where one balloon takes more than a cylinder.
    cost : float or None
        Of ``by_total`` in the currency of the cylinder.
    """

    cylinder: Cylinder
    delivered_m3: float
    by_total: int
    unsplit: int | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class HeightRow:
    """The most load that is still above a release altitude, and the balloons that takes.

    ``altitude_m`` is above the sea [m]; ``balloons`` is None where an item is too heavy.
    """

    altitude_m: float
    load_kg: float
    balloons: int | None


@dataclass(frozen=True, slots=True)
class Sizing:
    """A fleet for a load.

    Attributes
    ----------
    most : MostLoad
        The most load of one balloon.
    most_fill : Fill or None
        Its fill with that load; None where it lifts nothing.
    manifest : tuple
    mixed : bool
        Whether kinds share balloons.
    fits : dict
        For each kind by name how many a balloon carries that carries nothing else.
    recipes : tuple of Recipe
    blocked : tuple of Blocked
    heights : tuple of HeightRow
    crew : Crew or None
    cylinders : CylinderNeed or None
    """

    most: MostLoad
    most_fill: Fill | None
    manifest: tuple[tuple[ItemKind, int], ...]
    mixed: bool
    fits: dict[str, int]
    recipes: tuple[Recipe, ...]
    blocked: tuple[Blocked, ...]
    heights: tuple[HeightRow, ...]
    crew: Crew | None
    cylinders: CylinderNeed | None

    @property
    def rig(self) -> Rig:
        """The balloon, but for its load."""
        return self.most.rig

    @property
    def balloons(self) -> int:
        """Balloons needed."""
        return sum(recipe.balloons for recipe in self.recipes)

    @property
    def gas_m3(self) -> float:
        """Gas of all balloons [m3, site]."""
        return math.fsum(r.balloons * r.fill.volume_m3 for r in self.recipes)

    @property
    def gas_kg(self) -> float:
        """Mass of that gas [kg]."""
        return math.fsum(r.balloons * r.fill.gas_kg for r in self.recipes)

    @property
    def load_kg(self) -> float:
        """Load of all balloons [kg]."""
        return math.fsum(r.balloons * r.load_kg for r in self.recipes)

    @property
    def envelope_kg(self) -> float:
        """Envelopes of all balloons [kg]."""
        return self.balloons * self.rig.vehicle.envelope_kg

    @property
    def total_kg(self) -> float:
        """Everything that goes up, gas included [kg]."""
        parachutes = self.balloons * self.rig.parachute_kg
        return self.load_kg + self.envelope_kg + self.gas_kg + parachutes


def size_fleet(
    vehicle: Vehicle,
    gas: Gas,
    purity: float,
    drag: DragLaw,
    manifest: Manifest,
    *,
    site_m: float,
    goal: LiftGoal | None = None,
    release_m: float | None = None,
    neck_limit_kg: float | None = None,
    max_load_kg: float | None = None,
    parachute_kg: float = 0.0,
    mixed: bool = True,
    crew: Crew | None = None,
    cylinder: Cylinder | None = None,
    others: Sequence[Vehicle] = PACKAGED,
    kinds: Mapping[str, ItemKind] | None = None,
) -> Sizing:
    """Find how many balloons a load takes, and what goes with them.

    Parameters
    ----------
    vehicle, gas, purity, drag
        The balloon, its gas, the gas's purity [fraction], and the balloon's drag.
    manifest : sequence of tuple
        Kinds and counts; a kind stands once.
    site_m : float
        Height of the site [m].
    goal : LiftGoal, optional
        10 % of the load for a tube, 5 m/s for rubber where none is given.
    release_m : float, optional
        Height above which it must still be when it lets go [m].
    neck_limit_kg, max_load_kg : float, optional
        Most lift at the neck, and most load that the crew hangs on a balloon [kg].
    parachute_kg : float
        Carried besides the load [kg].
    mixed : bool
        Whether kinds share balloons.
    crew : Crew, optional
    cylinder : Cylinder, optional
    others : sequence of Vehicle, optional
        What a load that is too heavy may be offered; the packaged vehicles unless given.
    kinds : mapping, optional
        Items in which a variant with a parachute is looked for, by name.

    Returns
    -------
    Sizing
        Loads that cannot fly stand in ``blocked`` and are left out of the rest.

    Raises
    ------
    ArgumentError
        If a count is not above 0, a kind stands twice, a height or a limit cannot be, or the fleet
        would have more than 1,000,000 balloons.
    """
    _check_manifest(manifest)
    rig = Rig(
        vehicle, gas, purity, drag, site_m, goal or default_goal(vehicle), release_m,
        neck_limit_kg, max_load_kg, parachute_kg,
    )  # fmt: skip
    most = most_load(rig)
    # a balloon that lifts nothing is told once, with what carries any of the items
    heaviest_kg = max((kind.mass_kg for kind, _ in manifest), default=0.0)
    blocked = [
        found
        for kind, count in manifest
        if (found := find_block(most, kind, count, others, kinds or {}, heaviest_kg)) is not None
    ]
    stopped = {b.kind.name for b in blocked}
    flying = [(kind, count) for kind, count in manifest if kind.name not in stopped]
    lots = [flying] if mixed else [[part] for part in flying]
    recipes = tuple(recipe for lot in lots for recipe in _pack(most, lot))
    return Sizing(
        most=most,
        most_fill=fill_for_load(rig, most.load_kg) if most.load_kg > 0.0 else None,
        manifest=tuple(manifest),
        mixed=mixed,
        fits={kind.name: count_fitting(kind.mass_kg, most.load_kg) for kind, _ in manifest},
        recipes=recipes,
        blocked=tuple(blocked),
        heights=_tell_heights(rig, lots),
        crew=crew,
        cylinders=_count_cylinders(rig, recipes, cylinder),
    )


def count_balloons(most: MostLoad, manifest: Manifest, mixed: bool, factor: float = 1.0) -> int:
    """Return the balloons for a load whose items weigh a factor of what they should.

    0 where an item is too heavy for a balloon.
    """
    if any(kind.mass_kg * factor > most.load_kg for kind, _ in manifest):
        return 0
    lots = [manifest] if mixed else [[part] for part in manifest]
    packs = (
        pack_items([k.mass_kg * factor for k, _ in lot], [n for _, n in lot], most.load_kg)
        for lot in lots
    )
    return sum(pack.balloons for found in packs for pack in found)


def _check_manifest(manifest: Manifest) -> None:
    names = [kind.name for kind, _ in manifest]
    for i, (kind, count) in enumerate(manifest):
        if count < 1:
            raise ArgumentError(f"{count} x {kind.name} is no load", "give a count of 1 or more")
        if kind.name in names[:i]:
            raise ArgumentError(f"'{kind.name}' stands twice in the load", "add the counts up")


def _pack(most: MostLoad, lot: Manifest) -> list[Recipe]:
    packs = pack_items([k.mass_kg for k, _ in lot], [n for _, n in lot], most.load_kg)
    return [
        Recipe(
            pack.balloons,
            tuple((kind, n) for (kind, _), n in zip(lot, pack.counts, strict=True) if n),
            pack.load_kg,
            fill_for_load(most.rig, pack.load_kg),
        )
        for pack in packs
    ]


def _tell_heights(rig: Rig, lots: Sequence[Manifest]) -> tuple[HeightRow, ...]:
    rows = []
    for altitude in HEIGHTS_M:
        release = float(atmosphere.geopotential_height(altitude))
        if release <= rig.site_m:
            continue
        most = most_load(replace(rig, release_m=release))
        if most.load_kg <= 0.0:
            break
        counts = [count_balloons(most, lot, mixed=True) for lot in lots]
        whole = bool(counts) and all(counts)
        rows.append(HeightRow(altitude, most.load_kg, sum(counts) if whole else None))
    return tuple(rows)


def _count_cylinders(
    rig: Rig, recipes: Sequence[Recipe], cylinder: Cylinder | None
) -> CylinderNeed | None:
    if cylinder is None or not recipes:
        return None
    site_pa = float(atmosphere.pressure_pa(rig.site_m))
    site_k = float(atmosphere.temperature_k(rig.site_m))
    counts = [
        cylinders_needed(r.fill.volume_m3, r.balloons, cylinder, rig.gas, site_pa, site_k)
        for r in recipes
    ]
    each = counts[0].delivered_m3
    by_total = math.ceil(math.fsum(c.total_m3 for c in counts) / each - 1e-9)
    unsplit = [c.unsplit for c in counts if c.unsplit is not None]
    return CylinderNeed(
        cylinder,
        each,
        by_total,
        sum(unsplit) if len(unsplit) == len(counts) else None,
        None if cylinder.price is None else by_total * cylinder.price,
    )
