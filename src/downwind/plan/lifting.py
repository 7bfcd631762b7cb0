"""The most that one balloon lifts, in closed form, and the gas that a load takes.

A limit on the gas a balloon may hold, on what hangs at its neck, or on the height at which it must
still float is a limit on its load. All of them are reckoned and the lowest counts. Gas is at the
temperature of the air, which is the standard atmosphere; leak, weather and gas temperature belong
to the flight. All heights are geopotential.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.plan.mission import Vehicle
from downwind.vehicle.drag import DragLaw, bracket_free_lift_kg
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.fill import Fill, solve_fill
from downwind.vehicle.film import FilmTube
from downwind.vehicle.gas import Gas, lift_ratio
from downwind.vehicle.heights import air_density_kgm3, height_of_air_density
from downwind.vehicle.latex import LatexBalloon, sphere_volume_m3

TUBE_FREE_LIFT: Final = 0.10
"""Free lift of a tube where none is stated [fraction of the load], an assumption."""
RUBBER_RATE_MS: Final = 5.0
"""Ascent rate of a rubber balloon where none is stated [m s-1]: that of sounding balloons."""
RUBBER_NECK_RATIO: Final = 4.0
"""Most neck lift of a rubber balloon, where no limit is stated, over its own mass [-].

An assumption. Totex fills balloons of 200 g to 3.8 times their mass and heavier ones to less
(ukhas.org.uk, guides:balloon_data); more has been lifted.
"""
EARLY_BURST_SHARE: Final = 0.05
"""Share of rubber balloons that may burst before the release height [fraction]."""
_LONGEST_M: Final = 1_000.0


class Goal(StrEnum):
    """What a fill is measured by."""

    FRACTION = "free lift by load"
    MASS = "free lift"
    RATE = "ascent rate"


class Limit(StrEnum):
    """What keeps a balloon from carrying more."""

    FULL = "it holds no more gas at the site"
    FLOAT = "it must float above the release height"
    BURST = "it must not burst below the release height"
    NECK = "the neck lift limit"
    STATED = "the stated greatest load"
    NO_LIFT = "the gas has no lift"


@dataclass(frozen=True, slots=True)
class LiftGoal:
    """By what a crew fills: free lift [fraction of the load, or kg] or ascent rate [m s-1].

    ``is_default`` tells that nobody stated it.
    """

    kind: Goal
    value: float
    is_default: bool = False

    def __post_init__(self) -> None:
        if not (self.value > 0.0 and math.isfinite(self.value)):
            raise ArgumentError(
                f"a {self.kind} of {self.value:g} lifts nothing off the ground",
                "give a free lift or an ascent rate above 0",
            )


def default_goal(vehicle: Vehicle) -> LiftGoal:
    """Return by what a balloon is filled where nobody says: 10 % of the load, or 5 m/s."""
    if vehicle.shape is Envelope.LATEX:
        return LiftGoal(Goal.RATE, RUBBER_RATE_MS, is_default=True)
    return LiftGoal(Goal.FRACTION, TUBE_FREE_LIFT, is_default=True)


def neck_bears_kg(vehicle: Vehicle) -> float:
    """Return the most lift at the neck where nobody states one [kg]: no limit for a tube."""
    is_rubber = vehicle.shape is Envelope.LATEX
    return RUBBER_NECK_RATIO * vehicle.envelope_kg if is_rubber else math.inf


@dataclass(frozen=True, slots=True)
class Rig:
    """A balloon as a crew means to fly it, but for its load.

    Attributes
    ----------
    vehicle : Vehicle
    gas : Gas
    purity : float
        [fraction].
    drag : DragLaw
    site_m : float
        Height of the site [m].
    goal : LiftGoal
    release_m : float or None
        Height above which it must still be when it lets go [m]; None where none is wanted.
    neck_limit_kg : float or None
        Most lift at the neck [kg]; None: four times its mass for rubber, no limit for a tube.
    max_load_kg : float or None
        Most load that the crew hangs on it [kg].
    parachute_kg : float
        Carried besides the load [kg].
    """

    vehicle: Vehicle
    gas: Gas
    purity: float
    drag: DragLaw
    site_m: float
    goal: LiftGoal
    release_m: float | None = None
    neck_limit_kg: float | None = None
    max_load_kg: float | None = None
    parachute_kg: float = 0.0

    def __post_init__(self) -> None:
        if not atmosphere.BOTTOM_M <= self.site_m < atmosphere.TOP_M:
            raise ArgumentError(
                f"a site at {self.site_m:g} m lies outside the atmosphere of the model",
                "give the altitude of the site above the sea",
            )
        if self.release_m is not None and not self.site_m < self.release_m < atmosphere.TOP_M:
            raise ArgumentError(
                f"a release height of {self.release_m / 1e3:.2f} km does not lie above the site at "
                f"{self.site_m / 1e3:.2f} km and below {atmosphere.TOP_M / 1e3:.0f} km",
                "give the release height above the sea, not above the ground",
            )
        for name, value in (("neck lift limit", self.neck_limit_kg), ("load", self.max_load_kg)):
            if value is not None and not value > 0.0:
                raise ArgumentError(f"a greatest {name} of {value:g} kg is none", "give more")

    @property
    def ratio(self) -> float:
        """Net lift over the mass of the air displaced [-]."""
        return float(lift_ratio(self.gas, self.purity))

    @property
    def lift_kgm3(self) -> float:
        """Gross lift of a cubic metre of gas at the site [kg m-3]."""
        return air_density_kgm3(self.site_m, 0.0) * self.ratio

    @property
    def dry_kg(self) -> float:
        """Envelope and parachute [kg]."""
        return self.vehicle.envelope_kg + self.parachute_kg

    @property
    def neck_kg(self) -> float:
        """Most lift at the neck [kg], stated or assumed."""
        return neck_bears_kg(self.vehicle) if self.neck_limit_kg is None else self.neck_limit_kg

    def free_kg(self, load_kg: float, volume_m3: float) -> float:
        """Return the free lift [kg] that the goal asks for, by load [kg] and gas [m3, site]."""
        if self.goal.kind is Goal.FRACTION:
            return self.goal.value * load_kg
        if self.goal.kind is Goal.MASS:
            return self.goal.value
        return rate_to_free_kg(self, self.goal.value, volume_m3)


@dataclass(frozen=True, slots=True)
class MostLoad:
    """The most that one balloon lifts.

    Attributes
    ----------
    rig : Rig
    load_kg : float
        [kg]; 0 where it does not lift itself.
    limit : Limit
        What sets it.
    short_kg : float
        Lift that it lacks to carry nothing [kg]; 0 where it carries something.
    """

    rig: Rig
    load_kg: float
    limit: Limit
    short_kg: float = 0.0


def most_load(rig: Rig) -> MostLoad:
    """Return the most load of a balloon.

    With r the net lift over displaced air, V the full volume and m_b the envelope: gas at most
    V rho_site r, at a release height H no more than V rho(H) r for what bursts, and at the neck no
    more than its limit; each less envelope and free lift is a load. An open tube floats above H
    with up to V rho(H) r - m_b, whatever its free lift.

    Parameters
    ----------
    rig : Rig

    Returns
    -------
    MostLoad
        A rubber balloon counts with the volume at which one in twenty has burst.
    """
    if rig.ratio <= 0.0:
        return MostLoad(rig, 0.0, Limit.NO_LIFT, rig.dry_kg)
    volume = _sure_volume_m3(rig.vehicle)
    rho = air_density_kgm3(rig.site_m, 0.0)
    loads = [
        (_load_of_gross_kg(rig, volume * rho * rig.ratio), Limit.FULL),
        (_load_of_gross_kg(rig, rig.vehicle.envelope_kg + rig.neck_kg), Limit.NECK),
    ]
    if rig.release_m is not None:
        gross = volume * air_density_kgm3(rig.release_m, 0.0) * rig.ratio
        if rig.vehicle.shape is Envelope.OPEN_TUBE:
            loads.append((gross - rig.dry_kg, Limit.FLOAT))
        else:
            loads.append((_load_of_gross_kg(rig, gross), Limit.BURST))
    if rig.max_load_kg is not None:
        loads.append((rig.max_load_kg, Limit.STATED))
    load_kg, limit = min(loads, key=lambda pair: pair[0])
    return MostLoad(rig, max(load_kg, 0.0), limit, max(-load_kg, 0.0))


def fill_for_load(rig: Rig, load_kg: float) -> Fill:
    """Return the fill for a load above 0 [kg]; LiftError where the balloon does not lift it."""
    wanted: dict[str, float] = (
        {"ascent_rate_ms": rig.goal.value}
        if rig.goal.kind is Goal.RATE
        else {"free_lift_kg": rig.free_kg(load_kg, 0.0)}
    )
    return solve_fill(
        rig.vehicle,
        rig.gas,
        rig.purity,
        load_kg + rig.parachute_kg,
        rig.site_m,
        drag=rig.drag,
        **wanted,
    )


def gas_for_load_m3(rig: Rig, load_kg: float) -> float:
    """Return the gas [m3, site] that lifts a load [kg], whether the balloon holds it or not."""
    gross = rig.dry_kg + load_kg
    while True:
        more = rig.dry_kg + load_kg + rig.free_kg(load_kg, gross / rig.lift_kgm3)
        if abs(more - gross) <= 1e-12 * more:
            return more / rig.lift_kgm3
        gross = more


def early_burst_height_m(rig: Rig, fill: Fill) -> float:
    """Return the height by which one rubber balloon in twenty has burst [m]; NaN for a tube."""
    if not isinstance(rig.vehicle, LatexBalloon):
        return math.nan
    displaced = fill.volume_m3 * air_density_kgm3(rig.site_m, 0.0)
    try:
        return height_of_air_density(displaced / _sure_volume_m3(rig.vehicle), 0.0)
    except ValueError:
        return math.nan


def rate_to_free_kg(rig: Rig, rate_ms: float, volume_m3: float) -> float:
    """Return the least free lift [kg] with which a balloon rises no slower than a speed [m s-1].

    Inside the drag crisis one lift balances at several speeds; the lowest of them counts, as in a
    fill.
    """
    area = rig.vehicle.area_m2(volume_m3)
    if area <= 0.0:
        return 0.0
    rho = air_density_kgm3(rig.site_m, 0.0)
    viscosity = float(atmosphere.viscosity_pas(atmosphere.temperature_k(rig.site_m)))
    return bracket_free_lift_kg(rate_ms, lambda _: area, rho, viscosity, rig.drag.median)[1]


def find_carriers(rig: Rig, load_kg: float, others: Iterable[Vehicle]) -> tuple[MostLoad, ...]:
    """Return which other balloons carry a load [kg] in the same way, the smallest first.

    Each has its own drag, and its own default fill where nobody stated one.
    """
    found = []
    for vehicle in others:
        goal = default_goal(vehicle) if rig.goal.is_default else rig.goal
        most = most_load(replace(rig, vehicle=vehicle, drag=vehicle.drag, goal=goal))
        if most.load_kg >= load_kg and vehicle.name != rig.vehicle.name:
            found.append(most)
    return tuple(sorted(found, key=lambda most: (most.load_kg, most.rig.vehicle.volume_m3)))


def find_tube_length_m(rig: Rig, load_kg: float) -> float:
    """Return the least length [m] at which a tube, otherwise the same, carries a load [kg].

    NaN where none below 1 km does, and for a rubber balloon.
    """
    tube = rig.vehicle
    if not isinstance(tube, FilmTube):
        return math.nan
    free = replace(rig, max_load_kg=None, neck_limit_kg=None)

    def carries(length_m: float) -> bool:
        most = most_load(replace(free, vehicle=replace(tube, length_m=length_m)))
        return most.short_kg == 0.0 and most.load_kg >= load_kg

    low, high = 0.0, _LONGEST_M
    if not carries(high):
        return math.nan
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if carries(middle) else (middle, high)
    return high


def _sure_volume_m3(vehicle: Vehicle) -> float:
    """Return the volume that a balloon holds: full, or what 19 of 20 rubber balloons bear [m3]."""
    if isinstance(vehicle, LatexBalloon):
        early = float(sphere_volume_m3(float(vehicle.burst_diameter(EARLY_BURST_SHARE))))
        return min(early, vehicle.volume_m3)
    return vehicle.volume_m3


def _load_of_gross_kg(rig: Rig, gross_kg: float) -> float:
    """Return the load [kg] that is left of a gross lift, below 0 where it does not suffice."""
    if not math.isfinite(gross_kg):
        return math.inf
    left = gross_kg - rig.dry_kg
    if rig.goal.kind is Goal.FRACTION:
        return left / (1.0 + rig.goal.value)
    return left - rig.free_kg(0.0, gross_kg / rig.lift_kgm3)
