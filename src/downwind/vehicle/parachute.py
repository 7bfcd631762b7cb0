"""The parachute that brakes what comes down after a burst."""

from __future__ import annotations

import math
from dataclasses import dataclass

from downwind.constants import PARACHUTE_DRAG
from downwind.spread import Triple


@dataclass(frozen=True, slots=True)
class Parachute:
    """A parachute between the envelope and its load, open as soon as air streams up into it.

    Attributes
    ----------
    diameter_m : float
        Of the canopy [m].
    mass_kg : float
        Canopy and lines [kg].
    drag : tuple of float
        Drag coefficient on the canopy pi D^2 / 4: median, 5 and 95 % point; an assumption, as for
        items under parachutes.
    """

    diameter_m: float
    mass_kg: float
    drag: Triple = PARACHUTE_DRAG

    @property
    def area_m2(self) -> float:
        """Area pi D^2 / 4, to which the drag coefficient refers [m2]."""
        return math.pi / 4.0 * self.diameter_m**2
