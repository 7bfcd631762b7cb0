"""The open-bottom film tube: size, mass, fill, and the heights that follow from them.

The numbers here are those of the gas at the temperature of the air, for the fill card and for
checks; the flight itself (``sim.film``) adds gas temperature, leak and weather.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from downwind import atmosphere
from downwind.constants import GRAVITY_MS2
from downwind.errors import LiftError
from downwind.vehicle.gas import Gas, lift_ratio


@dataclass(frozen=True, slots=True)
class FilmTube:
    """A tube of plastic film, tied at the top, open at the bottom.

    Attributes
    ----------
    name : str
    length_m, diameter_m, film_m : float
        Length, diameter and film thickness [m].
    film_density_kgm3 : float
        Density of the film [kg m-3]; polyethylene 920.
    """

    name: str
    length_m: float
    diameter_m: float
    film_m: float
    film_density_kgm3: float = 920.0

    @property
    def volume_m3(self) -> float:
        """Volume of the full tube [m3]."""
        return math.pi / 4.0 * self.diameter_m**2 * self.length_m

    @property
    def cross_section_m2(self) -> float:
        """Area pi D^2 / 4, to which the drag coefficient refers [m2]."""
        return math.pi / 4.0 * self.diameter_m**2

    @property
    def envelope_kg(self) -> float:
        """Mass of the film: side and two end discs [kg]."""
        area = math.pi * self.diameter_m * self.length_m + 2.0 * self.cross_section_m2
        return area * self.film_m * self.film_density_kgm3


TUBES: Final = {
    tube.name: tube
    for tube in (
        FilmTube("film-7m", 7.0, 1.45, 40e-6),
        FilmTube("film-12m", 12.0, 1.45, 40e-6),
    )
}
"""Tubes on record: 7 m and 12 m; diameter and film are assumptions (they set the height)."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One filled tube at its launch site, gas at the temperature of the air.

    Attributes
    ----------
    volume_m3 : float
        Gas at the site [m3].
    gross_lift_kg : float
        Air displaced less gas [kg].
    neck_lift_kg : float
        Gross lift less envelope: what a spring balance shows at the neck [kg].
    free_lift_kg : float
        Neck lift less load [kg].
    full_height_m : float
        Geopotential height at which the tube is full [m].
    float_height_m : float
        Geopotential height at which the full tube floats [m].
    """

    volume_m3: float
    gross_lift_kg: float
    neck_lift_kg: float
    free_lift_kg: float
    full_height_m: float
    float_height_m: float


def fill_to_free_lift(
    tube: FilmTube, gas: Gas, purity: float, load_kg: float, free_lift_kg: float, site_m: float
) -> Fill:
    """Find the fill that gives a free lift at the site.

    Parameters
    ----------
    tube : FilmTube
    gas : Gas
    purity : float
        [fraction].
    load_kg, free_lift_kg : float
        [kg].
    site_m : float
        Geopotential height of the site [m].

    Raises
    ------
    LiftError
        If the free lift is not positive, if the gas has no lift, or if the tube cannot hold it.
    """
    if free_lift_kg <= 0.0:
        raise LiftError(
            f"a free lift of {free_lift_kg * 1e3:.0f} g lifts nothing off the ground",
            'give a free lift above 0, such as free_lift = "10 %" of the load',
        )
    gross = tube.envelope_kg + load_kg + free_lift_kg
    return _fill(tube, gas, purity, load_kg, gross, site_m)


def fill_to_volume(
    tube: FilmTube, gas: Gas, purity: float, load_kg: float, volume_m3: float, site_m: float
) -> Fill:
    """Find what a volume of gas [m3, at the site] lifts; arguments and errors as above."""
    rho = float(atmosphere.density_kgm3(site_m))
    if volume_m3 <= 0.0:
        raise LiftError(f"a fill of {volume_m3:g} m3 is no fill", "give a volume of gas above 0")
    gross = volume_m3 * rho * float(lift_ratio(gas, purity))
    if gross <= tube.envelope_kg + load_kg:
        raise LiftError(
            f"{volume_m3:.2f} m3 of {gas.name} lift {gross:.2f} kg, but the envelope weighs "
            f"{tube.envelope_kg:.2f} kg and the load {load_kg:.2f} kg",
            "give more gas or less load",
        )
    return _fill(tube, gas, purity, load_kg, gross, site_m)


def _fill(
    tube: FilmTube, gas: Gas, purity: float, load_kg: float, gross_kg: float, site_m: float
) -> Fill:
    rho = float(atmosphere.density_kgm3(site_m))
    ratio = float(lift_ratio(gas, purity))
    if ratio <= 0.0:
        raise LiftError(f"{gas.name} of purity {purity:g} has no lift", "use a purer gas")
    volume = gross_kg / (rho * ratio)
    if volume > tube.volume_m3:
        most = tube.volume_m3 * rho * ratio - tube.envelope_kg
        raise LiftError(
            f"tube {tube.name} holds {tube.volume_m3:.2f} m3, which lift at most {most:.2f} kg at "
            f"the neck; load and free lift need {gross_kg - tube.envelope_kg:.2f} kg",
            "lighten the load, use a larger tube, or more balloons",
        )
    return Fill(
        volume_m3=volume,
        gross_lift_kg=gross_kg,
        neck_lift_kg=gross_kg - tube.envelope_kg,
        free_lift_kg=gross_kg - tube.envelope_kg - load_kg,
        full_height_m=atmosphere.height_of_density(rho * volume / tube.volume_m3),
        float_height_m=float_height_m(tube, gas, purity, load_kg),
    )


def float_height_m(tube: FilmTube, gas: Gas, purity: float, load_kg: float) -> float:
    """Return the geopotential height [m] at which the full tube floats with a load [kg].

    References
    ----------
    V_max rho_a (1 - M_g / M_a) = m_total.
    """
    total = tube.envelope_kg + load_kg
    rho = total / (tube.volume_m3 * float(lift_ratio(gas, purity)))
    try:
        return atmosphere.height_of_density(rho)
    except ValueError as error:
        raise LiftError(
            f"tube {tube.name}, full of {gas.name}, floats with {total:.2f} kg at no height",
            "lighten the load or use a larger tube",
        ) from error


def ascent_rate_ms(tube: FilmTube, drag: float, free_lift_kg: float, h_m: float) -> float:
    """Return the speed [m s-1] at which drag balances a free lift [kg] at a height [m]."""
    rho = float(atmosphere.density_kgm3(h_m))
    pull = 2.0 * free_lift_kg * GRAVITY_MS2
    return math.copysign(math.sqrt(abs(pull) / (rho * drag * tube.cross_section_m2)), free_lift_kg)
