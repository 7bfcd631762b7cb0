"""The film tube: size, mass, strength, and the slack that an open one needs.

A tube open at the bottom loses what does not fit and floats; a sealed one keeps its gas and tears
as soon as the pressure inside is more than the film bears.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from downwind import atmosphere
from downwind.spread import Triple
from downwind.vehicle._entries import packaged_defaults
from downwind.vehicle._sanity import check_values, reject_faults
from downwind.vehicle.drag import DRAGS, DragLaw, check_drag
from downwind.vehicle.envelope import Envelope

_COMMON: Final = {
    "film_density": "density",
    "open": "flag",
    "yield": "pressure",
    "drag": "text",
    "remains_drag": "triple",
}
FILM_FIELDS: Final = {
    "film": {
        "length": "length",
        "diameter": "length",
        "film": "length",
        **{name: kind + "?" for name, kind in _COMMON.items()},
    }
}
"""Fields of a film tube in a catalogue file."""

FILM_DEFAULTS, FILM_ENTRIES = packaged_defaults("film.toml", FILM_FIELDS, _COMMON)
_DEFAULT: Final = FILM_DEFAULTS.values


@dataclass(frozen=True, slots=True)
class FilmTube:
    """A tube of plastic film, tied at the top, open or sealed at the bottom.

    Attributes
    ----------
    name : str
    length_m, diameter_m, film_m : float
        Length, diameter and film thickness [m].
    film_density_kgm3 : float
        Density of the film [kg m-3].
    is_open : bool
        Whether the bottom is open.
    yield_pa : float
        Stress at which the film yields [Pa].
    title : str
    drag : DragLaw
        On the cross-section pi D^2 / 4.
    remains_drag : tuple of float
        Drag coefficient of the torn film on its side area pi D L after a burst [-]: median, 5 %
        and 95 % point, an assumption.
    """

    name: str
    length_m: float
    diameter_m: float
    film_m: float
    film_density_kgm3: float = _DEFAULT["film_density"]
    is_open: bool = _DEFAULT["open"]
    yield_pa: float = _DEFAULT["yield"]
    title: str = ""
    drag: DragLaw = DRAGS[_DEFAULT["drag"]]
    remains_drag: Triple = _DEFAULT["remains_drag"]

    @property
    def shape(self) -> Envelope:
        """Open or sealed tube."""
        return Envelope.OPEN_TUBE if self.is_open else Envelope.SEALED_TUBE

    @property
    def volume_m3(self) -> float:
        """Volume of the full tube [m3]."""
        return math.pi / 4.0 * self.diameter_m**2 * self.length_m

    @property
    def cross_section_m2(self) -> float:
        """Area pi D^2 / 4, to which the drag coefficient refers [m2]."""
        return math.pi / 4.0 * self.diameter_m**2

    @property
    def side_m2(self) -> float:
        """Area pi D L of the side, to which the drag of the torn film refers [m2]."""
        return math.pi * self.diameter_m * self.length_m

    @property
    def envelope_kg(self) -> float:
        """Mass of the film: side and two end discs [kg]."""
        area = math.pi * self.diameter_m * self.length_m + 2.0 * self.cross_section_m2
        return area * self.film_m * self.film_density_kgm3

    @property
    def strength_pa(self) -> float:
        """Overpressure at which a sealed tube tears [Pa]; infinity for an open one.

        References
        ----------
        Hoop stress of a thin tube: sigma_y t / r.
        """
        if self.is_open:
            return math.inf
        return self.yield_pa * self.film_m / (0.5 * self.diameter_m)

    def area_m2(self, volume_m3: float) -> float:
        """Return the area [m2] to which drag refers: the cross-section, whatever the fill."""
        return self.cross_section_m2


def make_film(values: Mapping[str, Any], drags: Mapping[str, DragLaw] = DRAGS) -> FilmTube:
    """Make a tube of its numbers, which are checked.

    Parameters
    ----------
    values : mapping
        ``name``, and the fields of ``FILM_FIELDS`` in SI units; what may be left out there has the
        default of the catalogue.
    drags : mapping, optional
        Where the name of a drag law is looked up.

    Raises
    ------
    MissionError
        If a number cannot be or the drag law is not there; ``faults`` names each field.
    """
    given = {**_DEFAULT, "title": values["name"], **values}
    faults = check_values("film", given)
    check_drag(given["drag"], drags, faults)
    reject_faults("film tube", given["name"], faults)
    return FilmTube(
        name=given["name"],
        length_m=given["length"],
        diameter_m=given["diameter"],
        film_m=given["film"],
        film_density_kgm3=given["film_density"],
        is_open=given["open"],
        yield_pa=given["yield"],
        title=given["title"],
        drag=drags[given["drag"]],
        remains_drag=given["remains_drag"],
    )


TUBES: Final = {entry.values["name"]: make_film(entry.values) for entry in FILM_ENTRIES}
"""Tubes on record; diameter and film are assumptions (they set the height)."""


def expansion_ratio(h_m: float, site_m: float = 0.0, isothermal: bool = False) -> float:
    """Return how often gas filled at a site takes its volume at a height [-].

    Parameters
    ----------
    h_m, site_m : float
        Geopotential heights [m].
    isothermal : bool
        Whether the gas keeps the temperature of the site; else it takes that of the air, which is
        colder aloft, so that it grows less.
    """
    if isothermal:
        return float(atmosphere.pressure_pa(site_m) / atmosphere.pressure_pa(h_m))
    return float(atmosphere.density_kgm3(site_m) / atmosphere.density_kgm3(h_m))


def slack_length_m(
    filled_m: float, h_m: float, site_m: float = 0.0, isothermal: bool = False
) -> float:
    """Return the length of tube [m] that holds at a height what fills a length at the site.

    Parameters
    ----------
    filled_m : float
        Length of the tube that is full at the site [m].
    h_m, site_m : float
        Geopotential heights [m].
    isothermal : bool
        As in `expansion_ratio`.

    References
    ----------
    The developer of the open tube gives about 5 m for 3 km and 6 m for 5 km, of 3 m of gas
    (cdnk.co.kr 2016-03-04): the isothermal lengths 4.3 and 5.6 m, rounded up.
    """
    return filled_m * expansion_ratio(h_m, site_m, isothermal)
