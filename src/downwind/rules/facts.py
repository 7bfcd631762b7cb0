"""What rules are asked of: the balloons as they are rigged, and a launch as it is computed.

Bare numbers, made by ``plan``; nothing here flies anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from downwind.landing.intervals import EventProbability

LOW_PATH_M: Final = 304.8
"""Height above the ground below which a path is low: 1,000 ft, which holds 300 m [m]."""


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """One package of a balloon's payload.

    Attributes
    ----------
    mass_kg : float
    smallest_face_cm2 : float or None
        Area of its smallest surface [cm2], for the mass on each unit of it; None: not stated.
    """

    mass_kg: float
    smallest_face_cm2: float | None

    @property
    def area_density_gcm2(self) -> float | None:
        """Mass over the area of the smallest surface [g cm-2]; None where that is not stated."""
        if self.smallest_face_cm2 is None:
            return None
        return 1_000.0 * self.mass_kg / self.smallest_face_cm2


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One kind of thing that comes down, and how hard.

    Attributes
    ----------
    title : str
    energy_j : float
        With which one in twenty lands [J]; NaN where none lands.
    plastic_kg : float
        Plastic of all of them [kg].
    """

    title: str
    energy_j: float
    plastic_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class BalloonFacts:
    """One type of balloon as it leaves the ground.

    Attributes
    ----------
    name : str
        Of the group.
    count : int
        Balloons of it.
    vehicle, gas : str
        Titles.
    is_polyethylene : bool
        Whether the envelope is of polyethylene film.
    packages : tuple of PackageFacts
        Of one balloon, the heaviest of the group; all together are its payload.
    suspension_n : float or None
        Force that parts the payload from the envelope [N]; None: not stated.
    equipment : tuple of str
        Names of what is carried, from the closed list of ``declared.EQUIPMENT``.
    ascent_rate_ms : float
        Nominal [m s-1].
    highest_m : float
        Altitude that it may reach [m above the sea].
    items : tuple of ItemFacts
        Items, an unopened bundle, an unreleased load, the emptied envelope.
    """

    name: str
    count: int
    vehicle: str
    gas: str
    is_polyethylene: bool
    packages: tuple[PackageFacts, ...]
    suspension_n: float | None
    equipment: tuple[str, ...]
    ascent_rate_ms: float
    highest_m: float
    items: tuple[ItemFacts, ...] = ()

    @property
    def payload_kg(self) -> float:
        """Mass of all packages [kg]."""
        return sum(package.mass_kg for package in self.packages)


@dataclass(frozen=True, slots=True)
class CrossingFacts:
    """A border that balloons, envelopes or items may cross.

    Attributes
    ----------
    country : str
    probability : EventProbability
        That any balloon of a draw flies over it, or anything of it comes down there.
    """

    country: str
    probability: EventProbability


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """A zone that was brought in, and how the launch meets it.

    Attributes
    ----------
    zone : str
        Its name.
    holds_site : bool
        Whether the site lies in it.
    entered : EventProbability or None
        That any balloon of a draw enters it between its heights; None where no flight was made.
    """

    zone: str
    holds_site: bool
    entered: EventProbability | None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A town, an airport, a home or a power line near a path or a landing.

    Attributes
    ----------
    name : str
    kind : str
        ``town``, ``airport``, ``homes`` or ``power line``.
    distance_m : float
        From the site [m].
    probability : EventProbability or None
        That a draw flies over it below the height asked, or comes down there.
    people : int
        Who live there; 0 where it is not known or not asked.
    """

    name: str
    kind: str
    distance_m: float
    probability: EventProbability | None
    people: int = 0


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """One launch of the fleet from a site at an hour.

    Attributes
    ----------
    site : str
    country : str
        Of the site, or of the territorial sea that it lies in; empty on the high sea.
    latitude, longitude : float
        [degrees]
    start_s, end_s : float
        First and last launch [epoch s].
    sunset_s, sunrise_s : float or None
        Of the night about the launch [epoch s]; None where the sun does not set or rise.
    is_night : bool
        Whether any launch lies between sunset and sunrise.
    cloud_oktas, visibility_m : float or None
        From the weather data or as entered; None: not known.
    crossings : tuple of CrossingFacts or None
        None where no flight was made.
    zones : tuple of ZoneFacts
    below_low : tuple of PlaceFacts or None
        Towns under the path below ``LOW_PATH_M`` above the ground; None where no flight was made.
    near : tuple of PlaceFacts
        Airports near the site.
    climb_s : float or None
        Median time from the launch through 60,000 ft [s]; None where it is not reached.
    destination_s : float or None
        Median time from the launch to the first release [s].
    time_zone : str
        Of the site, for dates of permissions and zones.
    heading_deg : float or None
        Bearing from the site to the median place of the first release [degrees from north].
    left_data : EventProbability or None
        That a balloon of a draw leaves the wind data before it is down, to where is not known;
        None where no flight was made.
    unmet : EventProbability or None
        Of what befell no draw, such as the flight over a State that is not named; None where no
        flight was made.
    carried_s : float or None
        Longest time from the launch to the last release that acts, of any draw [s].
    aloft_s : float or None
        Longest time from the launch until a balloon of a draw is down, or is followed no further
        [s].
    """

    site: str
    country: str
    latitude: float
    longitude: float
    start_s: float
    end_s: float
    sunset_s: float | None
    sunrise_s: float | None
    is_night: bool
    cloud_oktas: float | None
    visibility_m: float | None
    crossings: tuple[CrossingFacts, ...] | None
    zones: tuple[ZoneFacts, ...]
    below_low: tuple[PlaceFacts, ...] | None
    near: tuple[PlaceFacts, ...]
    climb_s: float | None = None
    destination_s: float | None = None
    time_zone: str = "UTC"
    heading_deg: float | None = None
    left_data: EventProbability | None = None
    unmet: EventProbability | None = None
    carried_s: float | None = None
    aloft_s: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that rules are asked of.

    Attributes
    ----------
    balloons : tuple of BalloonFacts
        One a group.
    launch : LaunchFacts
    target, home : str
        Names of the regions.
    target_countries : tuple of str
        Countries that hold a part of the target.
    """

    balloons: tuple[BalloonFacts, ...]
    launch: LaunchFacts
    target: str
    home: str
    target_countries: tuple[str, ...]
