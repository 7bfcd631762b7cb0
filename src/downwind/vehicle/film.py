"""The film tube: size, mass, strength, and the slack that an open one needs.

A tube open at the bottom loses what does not fit and floats; a sealed one keeps its gas and tears
as soon as the pressure inside is more than the film bears.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from downwind import atmosphere
from downwind.catalogue import Entry
from downwind.spread import Triple
from downwind.vehicle._entries import packaged_entries, require_positive, require_spread
from downwind.vehicle.drag import DRAGS, TUBE_DRAG, DragLaw, find_drag
from downwind.vehicle.envelope import Envelope

FILM_FIELDS: Final = {
    "film": {
        "length": "length",
        "diameter": "length",
        "film": "length",
        "film_density": "density?",
        "open": "flag?",
        "yield": "pressure?",
        "drag": "text?",
        "remains_drag": "triple?",
    }
}
"""Fields of a film tube in a catalogue file."""


@dataclass(frozen=True, slots=True)
class FilmTube:
    """A tube of plastic film, tied at the top, open or sealed at the bottom.

    Attributes
    ----------
    name : str
    length_m, diameter_m, film_m : float
        Length, diameter and film thickness [m].
    film_density_kgm3 : float
        Density of the film [kg m-3]; polyethylene 920.
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
    film_density_kgm3: float = 920.0
    is_open: bool = True
    yield_pa: float = 10e6
    title: str = ""
    drag: DragLaw = TUBE_DRAG
    remains_drag: Triple = (0.05, 0.02, 0.1)

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


def film_from_entry(entry: Entry, drags: Mapping[str, DragLaw] = DRAGS) -> FilmTube:
    """Make a tube of its entry in a catalogue; ValueError says which number cannot be."""
    values = entry.values
    require_positive(values, "length", "diameter", "film", "film_density", "yield", "remains_drag")
    require_spread(values, "remains_drag")
    if values["film"] > 0.1 * values["diameter"]:
        raise ValueError("film is thicker than a tenth of the diameter: a slip in its unit?")
    return FilmTube(
        name=values["name"],
        length_m=values["length"],
        diameter_m=values["diameter"],
        film_m=values["film"],
        film_density_kgm3=values.get("film_density", 920.0),
        is_open=values.get("open", True),
        yield_pa=values.get("yield", 10e6),
        title=values["title"],
        drag=find_drag(values.get("drag", TUBE_DRAG.name), drags),
        remains_drag=values.get("remains_drag", (0.05, 0.02, 0.1)),
    )


FILM_ENTRIES: Final = packaged_entries("film.toml", FILM_FIELDS)
TUBES: Final = {entry.values["name"]: film_from_entry(entry) for entry in FILM_ENTRIES}
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
