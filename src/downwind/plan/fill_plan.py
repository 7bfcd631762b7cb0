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
from downwind.load.impact import bundle_drag_area_m2
from downwind.plan._fill_flights import Flight, Flyer, find_crossing, fly_fills
from downwind.plan.fill_parts import Change, KeptFlight, LoadFill, RatePoint
from downwind.plan.fleet import remains_drag_area_m2
from downwind.plan.mission import BalloonGroup, Uncertainty
from downwind.vehicle.cylinders import CYLINDERS, Cylinder, CylinderCount, cylinders_needed
from downwind.vehicle.fill import Fill, solve_fill
from downwind.vehicle.heights import air_density_kgm3
from downwind.vehicle.latex import LatexBalloon, sphere_volume_m3

SMALL_FREE_LIFT: Final = 0.05
"""Free lift below which the card warns [fraction of the load]."""

SAFE_DEVIATIONS: Final = 3.0
"""Standard deviations of the fill error by which a free lift should lie above zero."""

DEFAULT_CYLINDER: Final = CYLINDERS["50L-200bar"]
"""Cylinder in which gas is counted where no other is named."""

PLAIN_LOAD: Final = "load"
"""Name of the kind of item that stands for a load of which only the mass is known."""

_LITRE_M3: Final = 1e-3
_TEN_GRAMS_KG: Final = 1e-2


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
        In place of the group's own [fraction of the load].
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
    share = group.free_lift if free_lift is None else free_lift
    solver = _Solver(group, uncertainty, site_m, uncertainty.purity_of(group.gas), air_offset_k)
    try:
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
        error.message = f"group '{group.name}': {error.message}"
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
    )


@dataclass(frozen=True, slots=True)
class _Solver:
    """What stays the same while fills of one group are tried."""

    group: BalloonGroup
    uncertainty: Uncertainty
    site_m: float
    purity: float
    air_offset_k: float

    def solve(self, carried_kg: float, **goal: float) -> Fill:
        vehicle = self.group.vehicle
        return solve_fill(
            vehicle,
            self.group.gas,
            self.purity,
            carried_kg,
            self.site_m,
            drag=self.uncertainty.drag_of(vehicle),
            air_offset_k=self.air_offset_k,
            volume_m3=goal.get("volume_m3"),
            free_lift_kg=goal.get("free_lift_kg"),
            neck_lift_kg=goal.get("neck_lift_kg"),
        )

    def flyer(self, fill: Fill, leak: int = 0, share: float = 0.5, opens: bool = True) -> Flyer:
        """Return a balloon with one of the leaks, and a share of the burst diameters below its."""
        vehicle, load_kg = self.group.vehicle, self.group.load_kg(0)
        drag_area = bundle_drag_area_m2(load_kg) + remains_drag_area_m2(vehicle)[0]
        if opens and self.group.parachute is not None:
            drag_area += self.group.parachute.area_m2 * self.group.parachute.drag[0]
        is_latex = isinstance(vehicle, LatexBalloon)
        volume = vehicle.volume_m3
        if is_latex:
            volume = float(sphere_volume_m3(self.burst_diameter_m(share)))
        end_m = fill.burst_height_m if is_latex else fill.full_height_m
        return Flyer(
            gas_kg=fill.gas_kg,
            load_kg=load_kg,
            leak_1s=0.0 if is_latex else self.uncertainty.leak_1s[leak],
            volume_m3=volume / self.thinness(end_m),
            remains_drag_area_m2=drag_area,
        )

    def thinness(self, h_m: float) -> float:
        """Return the density of the standard atmosphere over that of the air at a height [-]."""
        if self.air_offset_k == 0.0 or math.isnan(h_m):
            return 1.0
        standard = float(atmosphere.density_kgm3(h_m))
        return standard / air_density_kgm3(h_m, self.air_offset_k)

    def burst_diameter_m(self, share: float) -> float:
        vehicle = self.group.vehicle
        return (
            float(vehicle.burst_diameter(share)) if isinstance(vehicle, LatexBalloon) else math.nan
        )

    def spread(self, fill: Fill, opens: bool = True) -> list[Flyer]:
        """Return the balloon at the 5, 50 and 95 % point of its leak or of its burst diameter."""
        return [self.flyer(fill, i, share, opens) for i, share in ((1, 0.05), (0, 0.5), (2, 0.95))]

    def fly(self, flyers: list[Flyer]) -> tuple[Flight, ...]:
        group = self.group
        is_latex = isinstance(group.vehicle, LatexBalloon)
        return fly_fills(
            group.vehicle,
            group.gas,
            self.uncertainty,
            self.purity,
            group.parachute_kg,
            self.site_m,
            self.thinness(self.site_m) ** (-1.0 / 3.0 if is_latex else -1.0),
            flyers,
        )

    def vary(self, fill: Fill) -> Iterator[tuple[str, Fill | None, str]]:
        """Yield what a little more or less is called, the fill, and why there is none."""
        for sign, word in ((1.0, "more"), (-1.0, "less")):
            volume = fill.volume_m3 + sign * _LITRE_M3
            yield f"1 L {word}", *self._try(sign, volume_m3=volume)
        for sign, word in ((1.0, "more"), (-1.0, "less")):
            neck = fill.neck_lift_kg + sign * _TEN_GRAMS_KG
            yield f"10 g {word}", *self._try(sign, neck_lift_kg=neck)

    def _try(self, sign: float, **goal: float) -> tuple[Fill | None, str]:
        try:
            return self.solve(self.group.carried_kg(0), **goal), ""
        except LiftError:
            return None, "more than it holds" if sign > 0.0 else "does not rise"


def _equal_loads(group: BalloonGroup) -> Iterator[tuple[int, int]]:
    """Yield the first balloon and the number of those that carry the same, one after another."""
    loads = [round(group.load_kg(i), 9) for i in range(group.count)]
    first = 0
    for _, run in groupby(loads):
        count = len(list(run))
        yield first, count
        first += count


def _count_cylinders(
    fills: tuple[LoadFill, ...], cylinder: Cylinder, solver: _Solver
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
    solver: _Solver,
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
