"""The rubber balloon: a sphere that grows until it bursts.

Gas is at the pressure of the air outside; the rubber's own overpressure, a few hPa, is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.catalogue import Entry
from downwind.spread import Triple
from downwind.vehicle._entries import packaged_entries, require_positive, require_spread
from downwind.vehicle.drag import DRAGS, SPHERE_DRAG, DragLaw, find_drag
from downwind.vehicle.envelope import Envelope

_COMMON: Final = {
    "burst_shape": "number",
    "burst_mean_ratio": "number",
    "drag": "text",
    "remains_drag_area_by_mass": "drag_area_by_mass triple",
}
LATEX_FIELDS: Final = {
    "latex": {
        "maker": "text?",
        "mass": "mass",
        "burst_diameter": "length",
        **{name: kind + "?" for name, kind in _COMMON.items()},
    }
}
"""Fields of a rubber balloon in a catalogue file."""

_ENTRIES: Final = packaged_entries("latex.toml", {"rubber": _COMMON, **LATEX_FIELDS})
RUBBER_ENTRY: Final = next(e for e in _ENTRIES if e.model == "rubber")
"""What rubber balloons share where their own entry says nothing else."""
LATEX_ENTRIES: Final = tuple(e for e in _ENTRIES if e.model == "latex")

BURST_SHAPE: Final[float] = RUBBER_ENTRY.values["burst_shape"]
BURST_MEAN_RATIO: Final[float] = RUBBER_ENTRY.values["burst_mean_ratio"]
REMAINS_DRAG_AREA_BY_MASS: Final[Triple] = RUBBER_ENTRY.values["remains_drag_area_by_mass"]


@dataclass(frozen=True, slots=True)
class LatexBalloon:
    """A rubber balloon.

    Attributes
    ----------
    name, title, maker : str
    mass_kg : float
    burst_diameter_m : float
        Nominal, from the maker's table [m].
    drag : DragLaw
        On the cross-section of the sphere of gas.
    burst_shape : float
        Shape k of the Weibull distribution of the burst diameter [-].
    burst_mean_ratio : float
        Mean of the burst diameter over the nominal one [-].
    remains_drag_area_by_mass : tuple of float
        Cd A of the shreds for each kilogram [m2 kg-1]: median, 5 % and 95 % point, an assumption.
    """

    name: str
    title: str
    maker: str
    mass_kg: float
    burst_diameter_m: float
    drag: DragLaw = SPHERE_DRAG
    burst_shape: float = BURST_SHAPE
    burst_mean_ratio: float = BURST_MEAN_RATIO
    remains_drag_area_by_mass: Triple = REMAINS_DRAG_AREA_BY_MASS

    @property
    def shape(self) -> Envelope:
        """A rubber balloon."""
        return Envelope.LATEX

    @property
    def volume_m3(self) -> float:
        """Volume at the nominal burst diameter [m3]."""
        return float(sphere_volume_m3(self.burst_diameter_m))

    @property
    def envelope_kg(self) -> float:
        """Mass of the rubber [kg]."""
        return self.mass_kg

    @property
    def strength_pa(self) -> float:
        """Infinity: a rubber balloon bursts by its size."""
        return math.inf

    def area_m2(self, volume_m3: float) -> float:
        """Return the cross-section [m2] of a sphere of gas of a volume [m3]."""
        return math.pi * math.cbrt(0.75 * volume_m3 / math.pi) ** 2

    def burst_diameter(self, u: ArrayLike) -> NDArray[np.float64]:
        """Return burst diameters [m] for uniforms between 0 and 1, any shape.

        References
        ----------
        Weibull distribution, lambda (-ln(1 - u))^(1/k), with lambda = mean / Gamma(1 + 1/k); the
        numbers are those of astra_simulator (Sobester et al. 2014, AIAA J. 52:832).
        """
        inverse = 1.0 / self.burst_shape
        scale = self.burst_mean_ratio * self.burst_diameter_m / math.gamma(1.0 + inverse)
        return np.asarray(scale * (-np.log1p(-np.asarray(u, np.float64))) ** inverse)


def sphere_volume_m3(diameter_m: ArrayLike) -> NDArray[np.float64]:
    """Return the volume [m3] of spheres of a diameter [m], any shape."""
    return np.asarray(math.pi / 6.0 * np.asarray(diameter_m, np.float64) ** 3)


def latex_from_entry(entry: Entry, drags: Mapping[str, DragLaw] = DRAGS) -> LatexBalloon:
    """Make a rubber balloon of its entry in a catalogue; ValueError says which number cannot be."""
    values = {**RUBBER_ENTRY.values, "maker": "", **entry.values}
    require_positive(
        values,
        "mass",
        "burst_diameter",
        "burst_shape",
        "burst_mean_ratio",
        "remains_drag_area_by_mass",
    )
    require_spread(values, "remains_drag_area_by_mass")
    return LatexBalloon(
        name=values["name"],
        title=values["title"],
        maker=values["maker"],
        mass_kg=values["mass"],
        burst_diameter_m=values["burst_diameter"],
        drag=find_drag(values["drag"], drags),
        burst_shape=values["burst_shape"],
        burst_mean_ratio=values["burst_mean_ratio"],
        remains_drag_area_by_mass=values["remains_drag_area_by_mass"],
    )


LATEX: Final = {entry.values["name"]: latex_from_entry(entry) for entry in LATEX_ENTRIES}
"""Rubber balloons on record, by name."""
