"""The rubber balloon: a sphere that grows until it bursts.

Gas is at the pressure of the air outside; the rubber's own overpressure, a few hPa, is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.spread import Triple
from downwind.vehicle._entries import packaged_defaults
from downwind.vehicle._sanity import check_values, reject_faults
from downwind.vehicle.drag import DRAGS, DragLaw, check_drag
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

LATEX_DEFAULTS, LATEX_ENTRIES = packaged_defaults("latex.toml", LATEX_FIELDS, _COMMON)
_DEFAULT: Final = LATEX_DEFAULTS.values


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
    drag: DragLaw = DRAGS[_DEFAULT["drag"]]
    burst_shape: float = _DEFAULT["burst_shape"]
    burst_mean_ratio: float = _DEFAULT["burst_mean_ratio"]
    remains_drag_area_by_mass: Triple = _DEFAULT["remains_drag_area_by_mass"]

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


def make_latex(values: Mapping[str, Any], drags: Mapping[str, DragLaw] = DRAGS) -> LatexBalloon:
    """Make a rubber balloon of its numbers, which are checked.

    Parameters
    ----------
    values : mapping
        ``name``, and the fields of ``LATEX_FIELDS`` in SI units; what may be left out there has the
        default of the catalogue.
    drags : mapping, optional
        Where the name of a drag law is looked up.

    Raises
    ------
    MissionError
        If a number cannot be or the drag law is not there; ``faults`` names each field.
    """
    given = {**_DEFAULT, "title": values["name"], "maker": "", **values}
    faults = check_values("latex", given)
    check_drag(given["drag"], drags, faults)
    reject_faults("rubber balloon", given["name"], faults)
    return LatexBalloon(
        name=given["name"],
        title=given["title"],
        maker=given["maker"],
        mass_kg=given["mass"],
        burst_diameter_m=given["burst_diameter"],
        drag=drags[given["drag"]],
        burst_shape=given["burst_shape"],
        burst_mean_ratio=given["burst_mean_ratio"],
        remains_drag_area_by_mass=given["remains_drag_area_by_mass"],
    )


LATEX: Final = {entry.values["name"]: make_latex(entry.values) for entry in LATEX_ENTRIES}
"""Rubber balloons on record, by name."""
