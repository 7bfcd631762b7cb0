"""Several winds compared with the first: level by level, along flights, along a climb."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.geo.sphere import bearing_deg, distance_m
from downwind.plan.nominal import NominalFlight
from downwind.wind.compare.climb import Climb
from downwind.wind.compare.cubes import CubeComparison
from downwind.wind.cube import WindCube
from downwind.wind.error_sizes import FittedSizes

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ComparedWind:
    """One of the winds that are compared.

    Attributes
    ----------
    label : str
        A for the first, and so on.
    cube : WindCube
        Its one member.
    member_text : str
        Which member of how many; empty for a single one.
    """

    label: str
    cube: WindCube
    member_text: str

    def describe(self) -> str:
        """Return one line for a caption."""
        return ", ".join(part for part in (self.cube.describe(), self.member_text) if part)


@dataclass(frozen=True, slots=True)
class ClimbRequest:
    """A climb at a constant rate, in SI units: place [degrees], time [s since 1970], rate, top."""

    longitude: float
    latitude: float
    time_s: int
    rate_ms: float
    top_m: float


@dataclass(frozen=True, slots=True)
class EventOffset:
    """Where something happens in one wind, and how far from there in the first.

    Attributes
    ----------
    name : str
        Such as ``release 1`` or ``landing of dvd``.
    elapsed_s : float
        Time since the launch, in this wind [s].
    longitude, latitude : float
        Where, in this wind [degrees].
    height_m : float
        Geopotential height, in this wind [m]; NaN for a landing.
    distance_m, bearing_deg : float
        From the place in the first wind [m], [degrees].
    later_s, higher_m : float
        Later and higher than in the first wind [s], [m].
    why_not : str
        Empty, or why there is no place: then all the numbers may be NaN.
    """

    name: str
    elapsed_s: float
    longitude: float
    latitude: float
    height_m: float
    distance_m: float
    bearing_deg: float
    later_s: float
    higher_m: float
    why_not: str


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """How far apart two paths are, arrays of shape (rows,).

    Attributes
    ----------
    elapsed_s : numpy.ndarray
        Time since the start [s].
    distance_m, bearing_deg : numpy.ndarray
        Of the second path from the first, at the same time [m], [degrees].
    """

    elapsed_s: FloatArray
    distance_m: FloatArray
    bearing_deg: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class WindComparison:
    """Several winds compared with the first.

    Attributes
    ----------
    winds : tuple of ComparedWind
    comparisons : tuple of CubeComparison
        Of the second with the first, of the third with the first, and so on.
    mission_name : str
        Of the mission that was flown; empty without one.
    flights : tuple of tuple of NominalFlight
        For each wind, the groups of the mission; empty without one.
    flight_notes : tuple of str
        What was bridged for the flights.
    request : ClimbRequest or None
    climbs : tuple of Climb
        One for each wind; empty without a request.
    sizes : FittedSizes or None
        Size of forecast error fitted to the differences; None where it was not asked for.
    """

    winds: tuple[ComparedWind, ...]
    comparisons: tuple[CubeComparison, ...]
    mission_name: str = ""
    flights: tuple[tuple[NominalFlight, ...], ...] = ()
    flight_notes: tuple[str, ...] = ()
    request: ClimbRequest | None = None
    climbs: tuple[Climb, ...] = ()
    sizes: FittedSizes | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What every output has to say of the winds, by label."""
        return tuple(f"{wind.label}: {text}" for wind in self.winds for text in wind.cube.warnings)


def find_events(first: NominalFlight, other: NominalFlight) -> tuple[EventOffset, ...]:
    """Return where the releases and landings of a flight are, and how far from the first's."""
    events = []
    for r in range(other.release_s.size):
        here, there = (
            (
                float(flight.release_s[r]) - flight.launch_s,
                float(flight.release_longitude[r]),
                float(flight.release_latitude[r]),
                float(flight.release_height_m[r]),
            )
            for flight in (other, first)
        )
        acted = [math.isfinite(place[0]) for place in (here, there)]
        events.append(
            _offset(f"release {r + 1}", here, there, _why_not(acted, "does not act before the end"))
        )
    for mine, its in zip(other.landings, first.landings, strict=True):
        here, there = (
            (landing.time_s - flight.launch_s, landing.longitude, landing.latitude, math.nan)
            for landing, flight in ((mine, other), (its, first))
        )
        name = f"landing of {mine.kind}"
        if other.release_s.size > 1:
            name += f" ({mine.release + 1})"
        down = [mine.on_ground, its.on_ground]
        events.append(_offset(name, here, there, _why_not(down, "does not come down in the data")))
    return tuple(events)


def find_separation(first: NominalFlight, other: NominalFlight) -> Separation:
    """Return how far apart two flights are until the earlier of their ends."""
    until = min(first.track_s[-1], other.track_s[-1])
    elapsed = np.union1d(first.track_s[first.track_s <= until], until)
    here, there = (
        [
            np.interp(elapsed, flight.track_s, np.unwrap(flight.track[:, k], period=360.0))
            for k in (0, 1)
        ]
        for flight in (other, first)
    )
    return _separate(elapsed, there, here)


def separate_climbs(first: Climb, other: Climb) -> Separation:
    """Return how far apart two climbs are at the same height."""
    return _separate(
        first.elapsed_s, [first.longitude, first.latitude], [other.longitude, other.latitude]
    )


def _separate(elapsed_s: FloatArray, start: list[FloatArray], end: list[FloatArray]) -> Separation:
    return Separation(elapsed_s, distance_m(*start, *end), bearing_deg(*start, *end))


def _why_not(happened: list[bool], what: str) -> str:
    """Say in which of two winds something does not happen; here comes first."""
    if all(happened):
        return ""
    if not any(happened):
        return f"{what} in either wind"
    return f"{what} in {'the first' if happened[0] else 'this'} wind"


def _offset(
    name: str,
    here: tuple[float, float, float, float],
    there: tuple[float, float, float, float],
    why_not: str,
) -> EventOffset:
    apart = toward = later = math.nan
    if not why_not:
        apart = float(distance_m(there[1], there[2], here[1], here[2]))
        toward = float(bearing_deg(there[1], there[2], here[1], here[2]))
        later = here[0] - there[0]
    return EventOffset(
        name=name,
        elapsed_s=here[0],
        longitude=here[1],
        latitude=here[2],
        height_m=here[3],
        distance_m=apart,
        bearing_deg=toward,
        later_s=later,
        higher_m=here[3] - there[3],
        why_not=why_not,
    )
