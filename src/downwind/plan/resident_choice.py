"""What a mission says of residents: how much risk there may be, and what counts as near."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from downwind.geo.lines import Lines


@dataclass(frozen=True, slots=True)
class PowerLines:
    """Power lines that the user brings.

    Attributes
    ----------
    lines : Lines
    source : str
        Where they are from.
    published : datetime.date
    distance_m : float
        Within which of a line a thing counts as on it [m].
    """

    lines: Lines
    source: str
    published: date
    distance_m: float


@dataclass(frozen=True, slots=True)
class ResidentChoice:
    """What is asked of residents.

    Attributes
    ----------
    most : float
        Greatest probability in a night that a whole load or bundle comes down over homes, or
        anything on a power line [fraction].
    homes_per_km2 : float
        People to a square kilometre from which a place of the population raster counts as homes.
    airport_radius_m : float
        Within which of an airport a landing or the low path is told [m].
    low_path_m : float
        Height above the ground below which a path is low [m].
    power_lines : PowerLines or None
    """

    most: float
    homes_per_km2: float = 300.0
    airport_radius_m: float = 10_000.0
    low_path_m: float = 300.0
    power_lines: PowerLines | None = None
