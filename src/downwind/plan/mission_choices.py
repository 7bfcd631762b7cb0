"""Choices of a mission on the weather's word and on what its maps show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from downwind.geo.population import PopulationRaster
from downwind.landing.casualty import PERSON_RADIUS_M


@dataclass(frozen=True, slots=True)
class AirChoice:
    """Whether the weather may say what the turbulence is.

    Attributes
    ----------
    source : str
        ``weather``: it has to; ``auto``: where it can; ``mission``: it may not.
    stated : tuple of str
        Names of the quantities of ``Turbulence`` that the mission states; they stay.
    """

    source: Literal["weather", "auto", "mission"] = "auto"
    stated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What the landing maps show.

    Attributes
    ----------
    at_least : tuple of float
        Shares of the load for which the probability is given that at least so much comes down in a
        region, rising [fraction].
    contours : tuple of float
        Probabilities of the areas that are drawn, rising [fraction].
    town_radius_m : float
        Distance from the middle of a town within which items count as its own [m].
    smallest_town : int
        People of the smallest town that is named.
    """

    at_least: tuple[float, ...] = (0.01, 0.1, 0.5)
    contours: tuple[float, ...] = (0.5, 0.9)
    town_radius_m: float = 5_000.0
    smallest_town: int = 15_000


@dataclass(frozen=True, slots=True)
class PopulationChoice:
    """Where people live, and how large one is.

    Attributes
    ----------
    raster : PopulationRaster or None
        None: only towns are known.
    person_radius_m : float
        Radius of a person seen from above [m].
    """

    raster: PopulationRaster | None = None
    person_radius_m: float = PERSON_RADIUS_M
