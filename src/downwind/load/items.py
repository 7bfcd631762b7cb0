"""The kinds of item: mass, size, and the law by which each falls.

A kind turns random numbers into the columns that the falling-item kernel takes: speed at sea level
in each mode, density exponent, and the height at which the mode changes. What is drawn once for
all items of a kind (the bias of its drag or of the leaflet law, the density exponent) and what
each item draws for itself (its own speed, its own mode) are kept apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.constants import GRAVITY_MS2, IMPACT_LIMIT_J, RHO0
from downwind.load.leaflet import (
    AUTOROTATION_J,
    EXPONENT_HIGH,
    EXPONENT_LOW,
    RMS_LN_AUTOROTATING,
    RMS_LN_OTHER,
    LeafletLaw,
    leaflet_law,
    mode_threshold,
    switch_height_m,
)

_Z95: Final = 1.6448536269514722
BUNDLE_AREA_M2: Final = 0.048
BUNDLE_MASS_KG: Final = 3.0
BUNDLE_DRAG: Final = 1.05
OPENING_S: Final = (10.0, 2.0, 30.0)
"""Opening delay of a bundle: median, 5 and 95 % point [s]."""


@dataclass(frozen=True, slots=True)
class FallColumns:
    """How items fall, each array of shape (n,).

    Attributes
    ----------
    low_speed_ms, high_speed_ms : numpy.ndarray
        Speed at sea level below and above the switch: flutter or tumble, and autorotation.
    exponent : numpy.ndarray
        Exponent of the density law [-].
    switch_m : numpy.ndarray
        Height above which ``high_speed_ms`` holds [m, geopotential]; minus infinity where an
        item has one mode only (then both speeds are the same).
    threshold : numpy.ndarray
        J at which a leaflet's mode changes [-]; NaN for items with one mode.
    """

    low_speed_ms: NDArray[np.float64]
    high_speed_ms: NDArray[np.float64]
    exponent: NDArray[np.float64]
    switch_m: NDArray[np.float64]
    threshold: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Disc:
    """A bare disc, which tumbles.

    Attributes
    ----------
    name, title : str
        The name in missions, and the one for people.
    mass_kg, diameter_m : float
    drag : tuple of float
        Drag coefficient on the face: median, 5 and 95 % point.
    scatter : float
        Standard deviation of ln(speed) from disc to disc; an assumption, as no fall of a disc
        has been measured.
    """

    name: str
    title: str
    mass_kg: float
    diameter_m: float
    drag: tuple[float, float, float] = (1.0, 0.75, 1.35)
    scatter: float = 0.05

    @property
    def speed_ms(self) -> float:
        """Speed at sea level with the median drag [m s-1]."""
        area = math.pi / 4.0 * self.diameter_m**2
        return math.sqrt(2.0 * self.mass_kg * GRAVITY_MS2 / (RHO0 * self.drag[0] * area))

    @property
    def fast_speed_ms(self) -> float:
        """Speed at sea level at the 5 % point of drag [m s-1]."""
        return self.speed_ms * math.sqrt(self.drag[0] / self.drag[1])

    def fall_columns(
        self,
        bias: NDArray[np.float64],
        bias_autorotating: NDArray[np.float64],
        exponent: NDArray[np.float64],
        own: NDArray[np.float64],
        mode: NDArray[np.float64],
    ) -> FallColumns:
        """Turn random numbers, shapes that broadcast to (n,), into how each disc falls.

        ``bias`` is a standard normal shared by the kind (drag), ``own`` one of each disc; the
        density exponent is 1/2, and discs have one mode.
        """
        del bias_autorotating, exponent, mode
        median, low, high = self.drag
        width = np.where(bias < 0.0, math.log(median / low), math.log(high / median)) / _Z95
        speed = self.speed_ms * np.exp(-0.5 * width * bias + self.scatter * own)
        return FallColumns(
            speed,
            speed,
            np.full(speed.shape, 0.5),
            np.full(speed.shape, -np.inf),
            np.full(speed.shape, np.nan),
        )


@dataclass(frozen=True, slots=True)
class Leaflet:
    """A sheet of paper or film.

    Attributes
    ----------
    name, title : str
    length_m, width_m : float
    surface_density_kgm2 : float
    scatter : float
        Standard deviation of ln(speed) from leaflet to leaflet (0.05 to 0.2; not in the data).
    """

    name: str
    title: str
    length_m: float
    width_m: float
    surface_density_kgm2: float
    scatter: float = 0.10

    @property
    def mass_kg(self) -> float:
        """Mass of one sheet [kg]."""
        return self.surface_density_kgm2 * self.length_m * self.width_m

    @property
    def law(self) -> LeafletLaw:
        """What the leaflet law says of this sheet."""
        return leaflet_law(self.surface_density_kgm2, self.length_m, self.width_m)

    @property
    def speed_ms(self) -> float:
        """Speed at sea level of the likelier mode [m s-1]."""
        return self.law.speed_ms

    @property
    def fast_speed_ms(self) -> float:
        """Speed at sea level of the faster mode at its 95 % point [m s-1]."""
        law = self.law
        spread = RMS_LN_AUTOROTATING if law.autorotation >= AUTOROTATION_J else RMS_LN_OTHER
        fastest = max(law.speed_other_ms, law.speed_autorotating_ms)
        return fastest * math.exp(_Z95 * math.hypot(spread, self.scatter))

    def fall_columns(
        self,
        bias: NDArray[np.float64],
        bias_autorotating: NDArray[np.float64],
        exponent: NDArray[np.float64],
        own: NDArray[np.float64],
        mode: NDArray[np.float64],
    ) -> FallColumns:
        """Turn random numbers, shapes that broadcast to (n,), into how each leaflet falls.

        ``bias`` and ``bias_autorotating`` are standard normals shared by the kind, ``exponent`` a
        uniform shared by the kind; ``own`` is a standard normal and ``mode`` a uniform of each
        leaflet.
        """
        law = self.law
        own_factor = np.exp(self.scatter * own)
        low = law.speed_other_ms * np.exp(RMS_LN_OTHER * bias) * own_factor
        high = law.speed_autorotating_ms * np.exp(RMS_LN_AUTOROTATING * bias_autorotating)
        high = high * own_factor
        threshold = mode_threshold(mode) + np.zeros(low.shape)
        power = EXPONENT_LOW + (EXPONENT_HIGH - EXPONENT_LOW) * exponent
        return FallColumns(
            low,
            high,
            power + np.zeros(low.shape),
            switch_height_m(law.autorotation, threshold),
            threshold,
        )


ItemKind = Disc | Leaflet

CATALOGUE: Final[dict[str, ItemKind]] = {
    kind.name: kind
    for kind in (
        Disc("dvd", "DVD, bare, 120 mm", 0.0155, 0.120),
        Leaflet("leaflet-film-12x5", "leaflet, film 12 x 5 cm, 45 g/m2", 0.12, 0.05, 0.045),
        Leaflet("leaflet-film-12x5-60", "leaflet, film 12 x 5 cm, 60 g/m2", 0.12, 0.05, 0.060),
        Leaflet("leaflet-a5-80", "leaflet, A5 paper, 80 g/m2", 0.210, 0.148, 0.080),
        Leaflet("leaflet-a6-80", "leaflet, A6 paper, 80 g/m2", 0.148, 0.105, 0.080),
        Leaflet("leaflet-6x3-80", "leaflet, 6 x 3 inch paper, 80 g/m2", 0.1524, 0.0762, 0.080),
    )
}


def bundle_speed_ms(mass_kg: float) -> float:
    """Return the sea-level fall speed [m s-1] of an unopened bundle of some mass [kg].

    A bundle of 3 kg has 0.048 m2 and a drag coefficient of 1.05 (31 m/s); others have the same
    shape and density, so the speed grows as mass^(1/6).
    """
    area = BUNDLE_AREA_M2 * (mass_kg / BUNDLE_MASS_KG) ** (2.0 / 3.0)
    return math.sqrt(2.0 * mass_kg * GRAVITY_MS2 / (RHO0 * BUNDLE_DRAG * area))


def impact_energy_j(mass_kg: float, speed_ms: float) -> float:
    """Return the kinetic energy of a landing [J]."""
    return 0.5 * mass_kg * speed_ms**2


def is_above_impact_limit(kind: ItemKind) -> bool:
    """Tell whether one item in twenty lands with more than 14.9 J (14 CFR Part 107, category 2)."""
    return impact_energy_j(kind.mass_kg, kind.fast_speed_ms) > IMPACT_LIMIT_J
