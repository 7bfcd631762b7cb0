"""With how much energy things land, against the limits for what falls on people.

The limits are those of 14 CFR Part 107 for a rigid object: category 2, 11 ft-lb, and category 3,
25 ft-lb. An item is held against category 2 at the speed that one item in twenty exceeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import IMPACT_LIMIT_J
from downwind.load.even_draws import lay_falls
from downwind.load.kinds import Parachute, drag_speed_ms
from downwind.load.traits import ItemKind

CATEGORY_2_J: Final = IMPACT_LIMIT_J
CATEGORY_3_J: Final = 33.9
"""25 ft-lb (14 CFR Part 107, category 3)."""

FOOT_POUND_J: Final = 1.3558179483314004
FAA_FACTOR: Final = 0.0155
"""ft-lb in one lb at one ft/s, as the FAA rounds it: 1 / (2 x 32.2)."""

FAST_SHARE: Final = 0.95
BUNDLE_AREA_M2: Final = 0.048
BUNDLE_MASS_KG: Final = 3.0
BUNDLE_DRAG: Final = 1.05
OPENING_S: Final = (10.0, 2.0, 30.0)
"""Opening delay of a bundle: median, 5 and 95 % point [s]."""

_POINTS: Final = 2**15


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

    def to_text(self) -> str:
        """Return a line for people."""
        line = f"{self.what}: {self.energy_j:.3g} J at {self.speed_ms:.3g} m/s"
        if not math.isnan(self.fast_speed_ms):
            line += f", one in twenty above {self.fast_energy_j:.3g} J"
        return f"{line}; {_describe_category(self.fast_energy_j)}"


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """All things that land, items first."""

    impacts: tuple[Impact, ...]

    @property
    def above_limit(self) -> tuple[Impact, ...]:
        """Those above the limit of category 2."""
        return tuple(i for i in self.impacts if i.is_above_limit)

    def lines(self) -> tuple[str, ...]:
        """Return one line a thing, and one that names the limits."""
        return (
            *(impact.to_text() for impact in self.impacts),
            f"limits for a rigid object: {CATEGORY_2_J} J (11 ft-lb, category 2) and "
            f"{CATEGORY_3_J} J (25 ft-lb, category 3), 14 CFR Part 107",
        )


def impact_energy_j(mass_kg: float, speed_ms: float) -> float:
    """Return the kinetic energy of a landing [J]."""
    return 0.5 * mass_kg * speed_ms**2


def faa_energy_ftlb(weight_lb: float, speed_fps: float) -> float:
    """Return the energy of a landing [ft-lb] as the FAA computes it: 0.0155 w v^2.

    References
    ----------
    FAA, operations over people, 14 CFR Part 107: 1 lb at 26 ft/s is 10.5 ft-lb.
    """
    return FAA_FACTOR * weight_lb * speed_fps**2


def bundle_speed_ms(mass_kg: float) -> float:
    """Return the sea-level fall speed [m s-1] of an unopened bundle of some mass [kg].

    A bundle of 3 kg has 0.048 m2 and a drag coefficient of 1.05 (31 m/s); others have the same
    shape and density, so the speed grows as mass^(1/6).
    """
    return drag_speed_ms(mass_kg, bundle_drag_area_m2(mass_kg), 1.0)


def bundle_drag_area_m2(mass_kg: float) -> float:
    """Return Cd A of a bundle of some mass [m2]: the shape and density of the one of 3 kg."""
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


def unopened_impact(kind: Parachute) -> Impact:
    """Return how an item lands whose parachute stays shut."""
    what = f"{kind.title}, parachute shut"
    return Impact(what, kind.mass_kg, kind.unopened_speed_ms)


def bundle_impact(mass_kg: float, what: str = "a bundle that never opens") -> Impact:
    """Return how a bundle lands that never opens."""
    return Impact(what, mass_kg, bundle_speed_ms(mass_kg))


def load_impact(
    mass_kg: float, landing_speed_ms: float, what: str = "a load that is never released"
) -> Impact:
    """Return how a load lands under its balloon; the mass is that of load and envelope."""
    return Impact(what, mass_kg, landing_speed_ms)


def envelope_impact(
    mass_kg: float, landing_speed_ms: float, what: str = "the emptied envelope"
) -> Impact:
    """Return how an envelope lands after its release."""
    return Impact(what, mass_kg, landing_speed_ms)


def report_impacts(kinds: Iterable[ItemKind], others: Sequence[Impact] = ()) -> ImpactReport:
    """Return how all things land: the kinds, those with parachutes shut as well, and others."""
    impacts: list[Impact] = []
    for kind in kinds:
        impacts.append(item_impact(kind))
        if isinstance(kind, Parachute):
            impacts.append(unopened_impact(kind))
    return ImpactReport((*impacts, *others))


def _lay_speeds(kind: ItemKind) -> NDArray[np.float64]:
    """Return speeds at sea level of evenly laid draws, shape (32768,) [m s-1]."""
    falls = lay_falls(kind, _POINTS)
    return np.where(falls.switch_m <= 0.0, falls.high_speed_ms, falls.low_speed_ms)


def _describe_category(joule: float) -> str:
    if joule <= CATEGORY_2_J:
        return f"within {CATEGORY_2_J} J"
    if joule <= CATEGORY_3_J:
        return f"above {CATEGORY_2_J} J: STOP"
    return f"above {CATEGORY_3_J} J: STOP"
