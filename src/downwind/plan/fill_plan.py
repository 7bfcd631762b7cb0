"""The fill of a group of balloons, and what becomes of them by their fill alone.

The fill itself is that of gas at the temperature of the air. What follows from it is flown in
still air, with the load kept, by the kernel that flies the plans: the gas leaks, cools as it
expands and follows the air with a delay. No wind is needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import NormalDist
from typing import Final

from downwind import atmosphere
from downwind.errors import LiftError
from downwind.load.impact import impact_energy_j
from downwind.plan._fill_flights import Flight, Flyer, find_crossing
from downwind.plan._fill_solver import FillSolver
from downwind.plan.fill_parts import Change, KeptFlight, LoadFill, RatePoint
from downwind.plan.lifting import neck_bears_kg
from downwind.plan.mission import BalloonGroup, Uncertainty
from downwind.vehicle.cylinders import CYLINDERS, Cylinder, CylinderCount, cylinders_needed
from downwind.vehicle.fill import Fill
from downwind.vehicle.heights import air_density_kgm3

SMALL_FREE_LIFT: Final = 0.05
"""Free lift below which the card warns [fraction of the load]."""

SAFE_DEVIATIONS: Final = 3.0
"""Standard deviations of the fill error by which a free lift should lie above zero."""

DEFAULT_CYLINDER: Final = CYLINDERS["50L-200bar"]
"""Cylinder in which gas is counted where no other is named."""

PLAIN_LOAD: Final = "load"
"""Name of the kind of item that stands for a load of which only the mass is known."""


@dataclass(frozen=True, slots=True)
class FillPlan:
    """The fill of a group.

    Attributes
    ----------
    group : BalloonGroup
    uncertainty : Uncertainty
    site_m, air_offset_k : float
        Geopotential height of the site [m], and how much warmer the air is than the standard
        atmosphere [K].
    free_lift : float
        [fraction of the load].
    purity : float
        [fraction].
    fills : tuple of LoadFill
        One for each different load, in the order of the balloons.
    rates : tuple of RatePoint
        From the site, then every kilometre of altitude as long as it climbs.
    flights : tuple of KeptFlight
        A tube with the 5, 50 and 95 % points of the leak, a rubber balloon with those of its burst
        diameter.
    changes : tuple of Change
        One litre more and less, ten grams more and less.
    stays_down : float
        Probability that the error of the fill leaves a balloon without free lift [fraction].
    cooling_kg : tuple of float
        Lift lost to gas colder than the air by the two ends of ``superheat_night_k`` [kg].
    cylinder : Cylinder or None
    cylinders : CylinderCount or None
        For the whole group; ``unsplit`` counts every fill as large as the largest.
    notes : tuple of str
        What the reader of the first fill must know.
    lever : str
        How far what was asked for has to come down where the neck lift is over the limit; empty
        where it is not, or where the load alone is too much.
    """

    group: BalloonGroup
    uncertainty: Uncertainty
    site_m: float
    air_offset_k: float
    free_lift: float
    purity: float
    fills: tuple[LoadFill, ...]
    rates: tuple[RatePoint, ...]
    flights: tuple[KeptFlight, ...]
    changes: tuple[Change, ...]
    stays_down: float
    cooling_kg: tuple[float, float]
    cylinder: Cylinder | None
    cylinders: CylinderCount | None
    notes: tuple[str, ...] = ()
    lever: str = ""

    @property
    def fill(self) -> Fill:
        """Fill of the first balloon."""
        return self.fills[0].fill

    @property
    def load_kg(self) -> float:
        """Load of the first balloon [kg]."""
        return self.fills[0].load_kg

    @property
    def total_m3(self) -> float:
        """Gas for all balloons [m3, at the site]."""
        return math.fsum(part.count * part.fill.volume_m3 for part in self.fills)

    @property
    def median(self) -> KeptFlight:
        """The flight with the median leak or burst diameter."""
        return self.flights[1]

    @property
    def most_neck_lift_kg(self) -> float:
        """Largest neck lift of the group [kg]."""
        return max(part.fill.neck_lift_kg for part in self.fills)

    @property
    def is_over_neck_limit(self) -> bool:
        """Whether a neck lift is over what a rubber balloon is taken to bear."""
        return _is_over_neck(self.fills, self.group)

    @property
    def landing_kg(self) -> float:
        """What lands of the first balloon with its load kept: load, envelope, parachute [kg]."""
        return self.group.carried_kg(0) + self.group.vehicle.envelope_kg

    def landing_j(self, flight: KeptFlight) -> float:
        """Return the energy with which a balloon lands that kept its load [J]."""
        return impact_energy_j(self.landing_kg, flight.landing_ms)

    @property
    def stays_up_longer(self) -> bool:
        """Whether ten grams more of lift keep the balloon up for longer, as far as is known."""
        return not self.changes[2].ground_s <= 0.0

    @property
    def is_small(self) -> bool:
        """Whether the free lift is a small part of the load."""
        return self.free_lift < SMALL_FREE_LIFT

    @property
    def may_stay_down(self) -> bool:
        """Whether the free lift is less than three standard deviations of the fill error."""
        return self.stays_down > NormalDist().cdf(-SAFE_DEVIATIONS)


def plan_fill(
    group: BalloonGroup,
    uncertainty: Uncertainty,
    site_m: float,
    free_lift: float | None = None,
    cylinder: Cylinder | None = None,
    air_offset_k: float = 0.0,
) -> FillPlan:
    """Work out the fill of a group and what follows from it.

    Parameters
    ----------
    group : BalloonGroup
    uncertainty : Uncertainty
        Its medians are flown; fill error, leak and night cooling give the ranges.
    site_m : float
        Geopotential height of the site [m].
    free_lift : float, optional
        In place of the group's own, or of what its goal gives [fraction of the load].
    cylinder : Cylinder, optional
        Counts the gas in cylinders; a price for another gas is left out.
    air_offset_k : float
        How much warmer the air is than the standard atmosphere, at every height [K]. Gas at the
        temperature of the air lifts as much in any, so that flights are those of the standard
        atmosphere, with volume and drag in the ratio of the densities.

    Raises
    ------
    LiftError
        If a balloon of the group cannot lift its load or hold its gas.
    """
    solver = FillSolver(group, uncertainty, site_m, uncertainty.purity_of(group.gas), air_offset_k)
    try:
        share, aimed = _aim(solver, free_lift)
        fills = tuple(
            LoadFill(
                first,
                count,
                group.load_kg(first),
                solver.solve(group.carried_kg(first), free_lift_kg=share * group.load_kg(first)),
            )
            for first, count in _equal_loads(group)
        )
        if cylinder is not None and cylinder.gas not in ("", group.gas.name):
            cylinder = replace(cylinder, price=None)
        counted = None if cylinder is None else _count_cylinders(fills, cylinder, solver)
    except LiftError as error:
        _explain(error, solver, free_lift)
        raise
    fill = fills[0].fill
    varied = tuple(solver.vary(fill))
    flyers = [
        *solver.spread(fill),
        *(solver.flyer(found) for _, found, _ in varied if found is not None),
    ]
    braked = solver.fly(flyers)
    bare = solver.fly(solver.spread(fill, opens=False)) if group.parachute else None
    error_kg = fill.gross_lift_kg * math.hypot(uncertainty.fill_bias, uncertainty.fill_scatter)
    displaced_kg = fill.volume_m3 * air_density_kgm3(site_m, air_offset_k)
    air_k = float(atmosphere.temperature_k(site_m)) + air_offset_k
    coldest_k, warmest_k = uncertainty.superheat_night_k
    return FillPlan(
        group=group,
        uncertainty=uncertainty,
        site_m=site_m,
        air_offset_k=air_offset_k,
        free_lift=share,
        purity=solver.purity,
        fills=fills,
        rates=tuple(_climb(fill, braked[1], site_m)),
        flights=tuple(_describe(flyers, braked[:3], bare, solver)),
        changes=tuple(_compare(fill, varied, braked[1], iter(braked[3:]))),
        stays_down=NormalDist().cdf(-fill.free_lift_kg / error_kg) if error_kg > 0.0 else 0.0,
        cooling_kg=(-displaced_kg * warmest_k / air_k, -displaced_kg * coldest_k / air_k),
        cylinder=cylinder,
        cylinders=counted,
        notes=fill.notes if aimed is None or not aimed.notes else aimed.notes,
        lever=solver.tell_lever(share) if _is_over_neck(fills, group) else "",
    )


def _aim(solver: FillSolver, free_lift: float | None) -> tuple[float, Fill | None]:
    """Return the free lift [fraction of the load], and the fill by the goal if that sets it."""
    group = solver.group
    if free_lift is None:
        aimed = solver.aim()
        share = group.free_lift if aimed is None else aimed.free_lift_kg / group.load_kg(0)
        return share, aimed
    try:
        aimed = solver.aim()
    except LiftError:
        aimed = None
    if aimed is None or not math.isclose(aimed.free_lift_kg, free_lift * group.load_kg(0)):
        return free_lift, None
    return free_lift, aimed


def _explain(error: LiftError, solver: FillSolver, free_lift: float | None) -> None:
    """Name the group in an error, and the lever that was asked with where pulling it helps."""
    group = solver.group
    if group.name != group.vehicle.name:
        error.message = f"group '{group.name}': {error.message}"
    stated = group if free_lift is None else replace(group, free_lift=free_lift, goal=None)
    lever = replace(solver, group=stated).tell_lever(stated.free_lift)
    if lever:
        other = error.hint if stated.goal is None else "use a larger balloon, or more balloons"
        error.hint = f"{lever}; or {other}"


def _is_over_neck(fills: tuple[LoadFill, ...], group: BalloonGroup) -> bool:
    return max(part.fill.neck_lift_kg for part in fills) > neck_bears_kg(group.vehicle)


def _equal_loads(group: BalloonGroup) -> Iterator[tuple[int, int]]:
    """Yield the first balloon and the number of those that carry the same, one after another."""
    loads = [round(group.load_kg(i), 9) for i in range(group.count)]
    first = 0
    for _, run in groupby(loads):
        count = len(list(run))
        yield first, count
        first += count


def _count_cylinders(
    fills: tuple[LoadFill, ...], cylinder: Cylinder, solver: FillSolver
) -> CylinderCount:
    count = sum(part.count for part in fills)
    total_m3 = math.fsum(part.count * part.fill.volume_m3 for part in fills)
    largest_m3 = max(part.fill.volume_m3 for part in fills)
    site_pa = float(atmosphere.pressure_pa(solver.site_m))
    site_k = float(atmosphere.temperature_k(solver.site_m)) + solver.air_offset_k
    gas = solver.group.gas
    split = cylinders_needed(total_m3 / count, count, cylinder, gas, site_pa, site_k)
    whole = cylinders_needed(largest_m3, count, cylinder, gas, site_pa, site_k)
    left_m3 = math.nan if whole.unsplit is None else whole.unsplit * whole.delivered_m3 - total_m3
    return replace(
        split,
        unsplit=whole.unsplit,
        unsplit_left_m3=left_m3,
        unsplit_cost=whole.unsplit_cost,
    )


def _climb(fill: Fill, flight: Flight, site_m: float) -> Iterator[RatePoint]:
    """Yield the climb of the median balloon: at the site, then every kilometre of altitude."""
    site_z, top_z = (float(atmosphere.geometric_altitude(h)) for h in (site_m, flight.top_m))
    yield RatePoint(site_z, fill.ascent_rate_ms, 0.0)
    for kilometre in range(math.floor(site_z / 1e3) + 1, math.floor(top_z / 1e3) + 1):
        h_m = float(atmosphere.geopotential_height(1e3 * kilometre))
        time_s, rate_ms = find_crossing(flight, h_m)
        if math.isfinite(time_s):
            yield RatePoint(1e3 * kilometre, rate_ms, time_s)


def _describe(
    flyers: list[Flyer],
    braked: tuple[Flight, ...],
    bare: tuple[Flight, ...] | None,
    solver: FillSolver,
) -> Iterator[KeptFlight]:
    for i, share in enumerate((0.05, 0.5, 0.95)):
        flight, fall = braked[i], None if bare is None else bare[i]
        if fall is not None and math.isnan(fall.burst_s):
            fall = None
        yield KeptFlight(
            share=share,
            leak_1s=flyers[i].leak_1s,
            burst_diameter_m=solver.burst_diameter_m(share),
            top_m=_altitude_m(flight.top_m),
            top_s=flight.top_s,
            burst_m=_altitude_m(flight.burst_m),
            burst_s=flight.burst_s,
            ground_s=flight.ground_s,
            landing_ms=flight.landing_ms,
            unbraked_ground_s=math.nan if fall is None else fall.ground_s,
            unbraked_landing_ms=math.nan if fall is None else fall.landing_ms,
            left_model=flight.left_model,
        )


def _compare(
    fill: Fill,
    varied: tuple[tuple[str, Fill | None, str], ...],
    flight: Flight,
    flown: Iterator[Flight],
) -> Iterator[Change]:
    """Yield the differences that each varied fill makes."""
    for title, other, problem in varied:
        if other is None:
            yield Change(title, problem=problem)
            continue
        yield Change(
            title,
            volume_m3=other.volume_m3 - fill.volume_m3,
            free_lift_kg=other.free_lift_kg - fill.free_lift_kg,
            ascent_rate_ms=other.ascent_rate_ms - fill.ascent_rate_ms,
            full_m=_altitude_m(other.full_height_m) - _altitude_m(fill.full_height_m),
            end_m=_end_m(other) - _end_m(fill),
            ground_s=next(flown).ground_s - flight.ground_s,
        )


def _end_m(fill: Fill) -> float:
    h_m = fill.float_height_m if math.isnan(fill.burst_height_m) else fill.burst_height_m
    return _altitude_m(h_m)


def _altitude_m(h_m: float) -> float:
    return float(atmosphere.geometric_altitude(h_m))
