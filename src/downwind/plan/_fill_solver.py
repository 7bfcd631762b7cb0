"""Solve the fills of one group of balloons, and lay out how each is flown.

What stays the same while fills are tried is held in one place: the group, the medians of what is
uncertain, the site and its air.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from downwind import atmosphere
from downwind.errors import LiftError
from downwind.load.impact import bundle_drag_area_m2
from downwind.plan._fill_flights import Flight, Flyer, fly_fills
from downwind.plan.fleet import remains_drag_area_m2
from downwind.plan.lifting import neck_bears_kg
from downwind.plan.mission import BalloonGroup, Uncertainty
from downwind.vehicle.fill import Fill, solve_fill
from downwind.vehicle.gas import lift_ratio
from downwind.vehicle.heights import air_density_kgm3
from downwind.vehicle.latex import LatexBalloon, sphere_volume_m3

_LITRE_M3: Final = 1e-3
_TEN_GRAMS_KG: Final = 1e-2
_GOALS: Final = {
    "volume": "volume_m3",
    "neck_lift": "neck_lift_kg",
    "ascent_rate": "ascent_rate_ms",
}
_UNITS: Final = {"free_lift": "kg", "neck_lift": "kg", "ascent_rate": "m/s", "volume": "m3"}
_JUST_BELOW: Final = 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class FillSolver:
    """What stays the same while fills of one group are tried.

    Attributes
    ----------
    group : BalloonGroup
    uncertainty : Uncertainty
    site_m : float
        Geopotential height of the site [m].
    purity : float
        [fraction].
    air_offset_k : float
        How much warmer the air is than the standard atmosphere, at every height [K].
    """

    group: BalloonGroup
    uncertainty: Uncertainty
    site_m: float
    purity: float
    air_offset_k: float

    def solve(self, carried_kg: float, **goal: float) -> Fill:
        """Return the fill for what hangs on a balloon [kg]; ``goal`` as in `solve_fill`."""
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
            ascent_rate_ms=goal.get("ascent_rate_ms"),
        )

    def aim(self) -> Fill | None:
        """Return the fill of the first balloon by the goal of the group; None without a goal."""
        if self.group.goal is None:
            return None
        name, value = self.group.goal
        return self.solve(self.group.carried_kg(0), **{_GOALS[name]: value})

    def tell_lever(self, share: float) -> str:
        """Say what has to come down for the first balloon to bear its fill, and how far.

        Empty where what was asked for, or else a free lift [fraction of the load], is not too
        much.
        """
        group, carried_kg = self.group, self.group.carried_kg(0)
        vehicle, bears_kg = group.vehicle, neck_bears_kg(group.vehicle)
        goal, asked = group.goal or ("free_lift", share * group.load_kg(0))
        name = goal.replace("_", " ")
        lift_kgm3 = air_density_kgm3(self.site_m, self.air_offset_k) * float(
            lift_ratio(group.gas, self.purity)
        )
        held_kg = vehicle.volume_m3 * lift_kgm3 - vehicle.envelope_kg
        if held_kg <= carried_kg:
            return ""
        if bears_kg <= carried_kg:
            return (
                f"carry less than {bears_kg:.2f} kg, all that its neck is taken to bear, and lower "
                f"the {name}"
            )
        most = self.solve(carried_kg, neck_lift_kg=min(held_kg, bears_kg) * _JUST_BELOW)
        most_of = {
            "free_lift": most.free_lift_kg,
            "neck_lift": most.neck_lift_kg,
            "ascent_rate": most.ascent_rate_ms,
            "volume": most.volume_m3,
        }
        if asked <= most_of[goal]:
            return ""
        told = f"{_down(most_of[goal])} {_UNITS[goal]}"
        if goal == "free_lift":
            told += f", {_down(100.0 * most.free_lift_kg / group.load_kg(0), 0)} % of the load,"
        if goal == "volume":
            return f"give less gas: {told} at most"
        return f"lower the {name}: to {told} at most"

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
        """Return the diameter below which a share of the balloons burst [m]; NaN for a tube."""
        vehicle = self.group.vehicle
        return (
            float(vehicle.burst_diameter(share)) if isinstance(vehicle, LatexBalloon) else math.nan
        )

    def spread(self, fill: Fill, opens: bool = True) -> list[Flyer]:
        """Return the balloon at the 5, 50 and 95 % point of its leak or of its burst diameter."""
        return [self.flyer(fill, i, share, opens) for i, share in ((1, 0.05), (0, 0.5), (2, 0.95))]

    def fly(self, flyers: list[Flyer]) -> tuple[Flight, ...]:
        """Fly balloons of the group from its site."""
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


def _down(value: float, digits: int = 2) -> str:
    """Write a number rounded down, so that what is told to be possible is."""
    return f"{math.floor(value * 10.0**digits) / 10.0**digits:.{digits}f}"
