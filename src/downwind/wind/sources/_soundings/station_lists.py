"""Lists of radiosonde stations: where a station stands that a sounding knows by its code alone.

A line names the WMO number, the code of the aerodrome, the name, and last the elevation, the
latitude with N or S and the longitude with E or W, with commas between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(
    r"^\s*(\d{4,6}),\s*([A-Z0-9-]{4}),\s*([^,]*?)\s*,.*?"
    r"(-?\d+(?:\.\d+)?),\s*(\d+(?:\.\d+)?),\s*([NS]),\s*(\d+(?:\.\d+)?),\s*([EW])\s*$"
)
_NO_CODE: Final = "----"


@dataclass(frozen=True, slots=True)
class Station:
    """A radiosonde station.

    Parameters
    ----------
    number : str
        WMO number, five digits.
    name : str
        Its name.
    elevation_m : float
        Height of its ground [m].
    latitude, longitude : float
        Where it stands [degrees].
    """

    number: str
    name: str
    elevation_m: float
    latitude: float
    longitude: float


def looks_like_list(head: bytes) -> bool:
    """Tell whether the first bytes of a file hold lines of a list of stations."""
    if b"\x00" in head:
        return False
    lines = head.decode("latin-1").splitlines()
    return sum(_LINE.match(line) is not None for line in lines) >= 3


def read_list(path: Path) -> dict[str, list[Station]]:
    """Return the stations of a list by aerodrome code and by WMO number; a code may repeat."""
    stations: dict[str, list[Station]] = {}
    for line in path.read_text("latin-1").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        number, code, name, elevation, latitude, south, longitude, west = found.groups()
        station = Station(
            number.zfill(5),
            name,
            float(elevation),
            float(latitude) * (-1.0 if south == "S" else 1.0),
            float(longitude) * (-1.0 if west == "W" else 1.0),
        )
        for key in {code, station.number} - {_NO_CODE}:
            stations.setdefault(key, []).append(station)
    return stations
