"""With how much energy things land, against the limits for what falls on people.

The limits are those of 14 CFR Part 107 for a rigid object: category 2, 11 ft-lb, and category 3,
25 ft-lb. An item is held against category 2 at the speed that one item in twenty exceeds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import IMPACT_LIMIT_J
from downwind.errors import ArgumentError
from downwind.load.even_draws import POINTS, lay_falls
from downwind.load.kinds import drag_speed_ms
from downwind.load.traits import ItemKind
from downwind.spread import Triple

CATEGORY_2_J: Final = IMPACT_LIMIT_J
CATEGORY_3_J: Final = 33.9
"""25 ft-lb (14 CFR Part 107, category 3)."""

FAST_SHARE: Final = 0.95
"""Share of the items that are slower than the speed held against the limit."""

BUNDLE_MASS_KG: Final = 3.0
"""Mass of the bundle that the others are scaled from [kg]; an assumption."""

BUNDLE_AREA_M2: Final = 0.048
"""Its area [m2]; an assumption."""

BUNDLE_DRAG: Final = 1.05
"""Its drag coefficient, that of a tumbling block [-]; an assumption."""

OPENING_S: Final[Triple] = (10.0, 2.0, 30.0)
"""Opening delay of a bundle: median, 5 and 95 % point [s]; an assumption."""


@dataclass(frozen=True, slots=True)
class Impact:
    """One thing that lands.

    Attributes
    ----------
    what : str
    mass_kg : float
    speed_ms : float
        Median, or the one that was given.
    fast_speed_ms : float
        The speed that one in twenty exceeds; NaN where only one speed is known.
    """

    what: str
    mass_kg: float
    speed_ms: float
    fast_speed_ms: float = math.nan

    @property
    def energy_j(self) -> float:
        """Energy at the median speed [J]."""
        return impact_energy_j(self.mass_kg, self.speed_ms)

    @property
    def fast_energy_j(self) -> float:
        """Energy that one in twenty exceeds [J]; that of the one speed where no other is known."""
        fast = self.speed_ms if math.isnan(self.fast_speed_ms) else self.fast_speed_ms
        return impact_energy_j(self.mass_kg, fast)

    @property
    def is_above_limit(self) -> bool:
        """Whether it is above the limit of category 2."""
        return self.fast_energy_j > CATEGORY_2_J


def impact_energy_j(mass_kg: float, speed_ms: float) -> float:
    """Return the kinetic energy of a landing [J]."""
    return 0.5 * mass_kg * speed_ms**2


def bundle_speed_ms(mass_kg: float) -> float:
    """Return the sea-level fall speed [m s-1] of an unopened bundle of some mass [kg].

    A bundle of 3 kg has 0.048 m2 and a drag coefficient of 1.05 (31 m/s), which is an assumption;
    others have the same shape and density, so the speed grows as mass^(1/6).

    Raises
    ------
    ArgumentError
        If the mass is not above 0.
    """
    if not 0.0 < mass_kg < math.inf:
        raise ArgumentError(f"no bundle weighs {mass_kg:g} kg", "give a mass above 0")
    return drag_speed_ms(mass_kg, bundle_drag_area_m2(mass_kg), 1.0)


def bundle_drag_area_m2(mass_kg: float) -> float:
    """Return Cd A of a bundle of some mass [m2]: the shape and density of the one of 3 kg.

    Raises
    ------
    ArgumentError
        If the mass is below 0.
    """
    if not 0.0 <= mass_kg < math.inf:
        raise ArgumentError(f"no bundle weighs {mass_kg:g} kg", "give a mass of 0 or more")
    return float(BUNDLE_DRAG * BUNDLE_AREA_M2 * (mass_kg / BUNDLE_MASS_KG) ** (2.0 / 3.0))


def speed_quantiles_ms(kind: ItemKind, shares: ArrayLike) -> NDArray[np.float64]:
    """Return speeds at sea level that given shares of the items do not exceed.

    Parameters
    ----------
    kind : ItemKind
    shares : array_like
        Each from 0 to 1, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,) [m s-1]. All that is drawn counts: the bias of the kind, the mode and the
        scatter of each item. It comes from 32,768 evenly laid draws of the kind's own law, which
        gives what a formula cannot where a leaflet has two modes; 0.1 % from 5 to 95 %.
    """
    return np.asarray(np.quantile(_lay_speeds(kind), np.asarray(shares, np.float64)))


def one_in_twenty_speed_ms(kind: ItemKind) -> float:
    """Return the speed at sea level that one item in twenty exceeds [m s-1]."""
    return float(np.quantile(_lay_speeds(kind), FAST_SHARE))


def is_above_impact_limit(kind: ItemKind) -> bool:
    """Tell whether one item in twenty lands with more than 14.9 J (14 CFR Part 107, category 2)."""
    return item_impact(kind).is_above_limit


def explain_refusal(kind: ItemKind) -> str:
    """Return why a kind may not be carried, or nothing if it may.

    A kind above the limit is refused if it has no parachute. One above it with a parachute is not
    refused here; it is above the limit all the same.
    """
    impact = item_impact(kind)
    if kind.parachute_m is not None or not impact.is_above_limit:
        return ""
    return (
        f"one in twenty lands with {impact.fast_energy_j:.1f} J or more, above the limit of "
        f"{CATEGORY_2_J} J for an item without a parachute"
    )


def item_impact(kind: ItemKind) -> Impact:
    """Return how an item lands, dry and with its parachute open."""
    return Impact(kind.title, kind.mass_kg, kind.speed_ms, one_in_twenty_speed_ms(kind))


def unopened_impact(kind: ItemKind) -> Impact | None:
    """Return how an item lands whose parachute stays shut; None for one without a parachute."""
    if kind.unopened_speed_ms is None:
        return None
    return Impact(f"{kind.title}, parachute shut", kind.mass_kg, kind.unopened_speed_ms)


def _lay_speeds(kind: ItemKind) -> NDArray[np.float64]:
    """Return speeds at sea level of evenly laid draws, shape (32768,) [m s-1]."""
    falls = lay_falls(kind, POINTS)
    return np.where(falls.switch_m <= 0.0, falls.high_speed_ms, falls.low_speed_ms)
