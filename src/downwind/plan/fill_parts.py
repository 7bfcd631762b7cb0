"""What the plan of a fill is made of: fills by load, the climb, what comes of it, small changes.

Altitudes are geometric, above the sea; times count from the launch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from downwind.vehicle.fill import Fill


@dataclass(frozen=True, slots=True)
class LoadFill:
    """The fill of balloons of a group that carry the same.

    Attributes
    ----------
    first, count : int
        Index of the first of them in the group, and how many follow one another.
    load_kg : float
        Load of each [kg].
    fill : Fill
    """

    first: int
    count: int
    load_kg: float
    fill: Fill


@dataclass(frozen=True, slots=True)
class RatePoint:
    """How fast a balloon climbs somewhere on its way.

    Attributes
    ----------
    altitude_m : float
        Above the sea [m, geometric].
    rate_ms : float
        [m s-1].
    time_s : float
        Since the launch [s].
    """

    altitude_m: float
    rate_ms: float
    time_s: float


@dataclass(frozen=True, slots=True)
class KeptFlight:
    """What becomes of the first balloon with its load kept, in still air; times since the launch.

    Attributes
    ----------
    share : float
        How likely less leak, or a smaller burst diameter, is [fraction]: 0.05, 0.5 or 0.95.
    leak_1s : float
        Gas lost [fraction s-1]; 0 for a rubber balloon.
    burst_diameter_m : float
        [m]; NaN for a tube.
    top_m, top_s : float
        Greatest altitude [m, geometric], and when [s].
    burst_m, burst_s : float
        Where and when it bursts [m, geometric], [s]; NaN where it does not.
    ground_s, landing_ms : float
        When and how fast it comes to the ground [s], [m s-1], with its parachute where it has one;
        NaN where it stays up.
    unbraked_ground_s, unbraked_landing_ms : float
        The same after a burst if the parachute does not open; NaN without one or without a burst.
    left_model : bool
        Whether it rose out of the model's atmosphere.
    """

    share: float
    leak_1s: float
    burst_diameter_m: float
    top_m: float
    top_s: float
    burst_m: float
    burst_s: float
    ground_s: float
    landing_ms: float
    unbraked_ground_s: float
    unbraked_landing_ms: float
    left_model: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a little more or less gas does to the first balloon; differences to its fill.

    Attributes
    ----------
    title : str
        Such as ``1 L more``.
    volume_m3, free_lift_kg : float
        [m3], [kg].
    ascent_rate_ms : float
        Off the ground [m s-1].
    full_m, end_m : float
        Altitude where a tube is full, and where the balloon floats or bursts [m]; NaN where it is
        never full, or does neither.
    ground_s : float
        Time to the ground with the load kept and the median leak [s]; NaN where it stays up.
    problem : str
        Empty, or why there is no such fill.
    """

    title: str
    volume_m3: float = math.nan
    free_lift_kg: float = math.nan
    ascent_rate_ms: float = math.nan
    full_m: float = math.nan
    end_m: float = math.nan
    ground_s: float = math.nan
    problem: str = ""
