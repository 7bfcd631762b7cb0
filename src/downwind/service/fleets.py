"""Size a fleet for a load, or hold a mission's fleet against what its balloons lift."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.load.traits import ItemKind
from downwind.plan import fleet_check, sizing
from downwind.plan.claims import Claim
from downwind.plan.fleet_check import FleetCheck
from downwind.plan.lifting import Goal, LiftGoal
from downwind.plan.mission import Uncertainty, Vehicle
from downwind.plan.mission_file import read_mission
from downwind.plan.mission_groups import Known
from downwind.plan.sizing import Crew
from downwind.units import parse_quantity
from downwind.vehicle.cylinders import Cylinder

LOWEST_SITE_M = -430.0
HIGHEST_SITE_M = 6_000.0
_RATE = re.compile(r"^\s*(\d+(?:\.\d*)?|\.\d+)\s*(?:/\s*|1/|per\s+)(h|hour|min)\s*$")
_PER_HOUR = {"h": 1.0, "hour": 1.0, "min": 60.0}


def size_fleet(
    vehicle: str,
    gas: str,
    items: Sequence[str],
    *,
    free_lift: str | None = None,
    ascent_rate: str | None = None,
    site_altitude: str = "0 m",
    release_height: str | None = None,
    neck_lift_limit: str | None = None,
    separate: bool = False,
    crew_rate: str | None = None,
    crews: int = 1,
    cylinder: str | None = None,
    catalogues: Sequence[Path] = (),
    claim_balloons: int | None = None,
    claim_hours: float | None = None,
    claim_gas: str | None = None,
    claim_cylinders: int | None = None,
) -> FleetCheck:
    """Find how many balloons a load takes, and hold what is claimed against it.

    Parameters
    ----------
    vehicle, gas : str
        Names in the catalogues.
    items : sequence of str
        Such as ``"dvd:5000"``; may be empty where something is claimed.
    free_lift : str, optional
        ``"10 %"`` of the load, or ``"300 g"``.
    ascent_rate : str, optional
        Such as ``"5 m/s"``, in place of a free lift.
    site_altitude, release_height : str
        Above the sea, such as ``"120 m"`` and ``"3 km"``.
    neck_lift_limit : str, optional
        Most lift at the neck, such as ``"4 kg"``.
    separate : bool
        Whether each kind has balloons of its own.
    crew_rate : str, optional
        Balloons of one crew, such as ``"20/h"``.
    crews : int
    cylinder : str, optional
        Name in the catalogue.
    catalogues : sequence of pathlib.Path
        The user's own files.
    claim_balloons, claim_hours, claim_gas, claim_cylinders : optional
        What is claimed: balloons, hours, gas such as ``"300 m3"``, full cylinders.

    Raises
    ------
    ArgumentError
        If a value cannot be, is not known, or does not go with another; it names the option.
    MissionError
        If a name is not known, or a catalogue file is at fault.
    """
    known = Known.read([Path(p) for p in catalogues])
    found = known.vehicles.find_vehicle(vehicle)
    chosen = look_up(gas, known.vehicles.gases, "gas")
    altitude_m = _quantity(site_altitude, "length", "--site-altitude")
    if not LOWEST_SITE_M <= altitude_m <= HIGHEST_SITE_M:
        raise ArgumentError(
            f"--site-altitude {site_altitude} lies outside {LOWEST_SITE_M:.0f} to "
            f"{HIGHEST_SITE_M:.0f} m",
            "give the altitude of the site above the sea",
        )
    defaults = Uncertainty()
    crew = _crew(crew_rate, crews)
    bottle = _cylinder(cylinder, known)
    claim = _claim(claim_gas, claim_cylinders, claim_hours)
    if claim_balloons is not None and claim_balloons < 1:
        raise ArgumentError("--claim-balloons is below 1", "give the balloons that are claimed")
    if not items and claim_balloons is None and claim == Claim():
        raise ArgumentError(
            "nothing to size: no item and no claim", "give --item NAME:COUNT, such as dvd:5000"
        )
    sized = sizing.size_fleet(
        found,
        chosen,
        defaults.purity_of(chosen),
        defaults.drag_of(found),
        [_item(text, known) for text in items],
        site_m=float(atmosphere.geopotential_height(altitude_m)),
        goal=_goal(free_lift, ascent_rate),
        release_m=_height(release_height),
        neck_limit_kg=_optional(neck_lift_limit, "mass", "--neck-lift-limit"),
        mixed=not separate,
        crew=crew,
        cylinder=bottle,
        others=_vehicles(known),
        kinds=known.items,
    )
    return fleet_check.check_fleet(
        sized, claim_balloons, claim, site_altitude_m=altitude_m, crew=crew, cylinder=bottle
    )


def check_mission_fleet(
    mission: Path,
    *,
    release_height: str | None = None,
    neck_lift_limit: str | None = None,
    crew_rate: str | None = None,
    crews: int = 1,
    cylinder: str | None = None,
    catalogues: Sequence[Path] = (),
    claim_hours: float | None = None,
    claim_gas: str | None = None,
    claim_cylinders: int | None = None,
) -> FleetCheck:
    """Hold the groups of a mission against what their balloons lift.

    Parameters
    ----------
    mission : pathlib.Path
        A mission file.
    catalogues : sequence of pathlib.Path
        Files with cylinders and balloons besides those that the mission names.
    release_height, neck_lift_limit, crew_rate, crews, cylinder
        As in `size_fleet`.
    claim_hours, claim_gas, claim_cylinders
        As in `size_fleet`; balloons and items are the mission's.

    Raises
    ------
    DownwindError
        As `read_mission` and `size_fleet`.
    """
    known = Known.read([Path(p) for p in catalogues])
    return fleet_check.check_mission(
        read_mission(Path(mission)),
        _claim(claim_gas, claim_cylinders, claim_hours),
        release_m=_height(release_height),
        neck_limit_kg=_optional(neck_lift_limit, "mass", "--neck-lift-limit"),
        crew=_crew(crew_rate, crews),
        cylinder=_cylinder(cylinder, known),
        others=_vehicles(known),
        kinds=known.items,
    )


def look_up(name: str, known: Mapping[str, Any], what: str) -> Any:
    """Return what a name stands for; ArgumentError with the nearest name if there is none."""
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    raise ArgumentError(
        f"no {what} is called '{name}'",
        f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(known)}",
    )


def refuse_bare_number(text: str, share: float) -> None:
    """Raise ArgumentError for a free lift such as ``10``, which as a share is 1,000 %."""
    if share >= 1.0 and "%" not in text:
        raise ArgumentError(
            f"--free-lift: '{text}' is {share:g} times the load",
            f'did you mean "{text.strip()} %"? Write "{100.0 * share:g} %" if it is meant so',
        )


def _vehicles(known: Known) -> tuple[Vehicle, ...]:
    return (*known.vehicles.tubes.values(), *known.vehicles.latex.values())


def _item(text: str, known: Known) -> tuple[ItemKind, int]:
    name, colon, number = text.rpartition(":")
    try:
        count = int(number.replace(",", ""))
    except ValueError:
        count = 0
    if not colon or not name or count < 1:
        raise ArgumentError(
            f"--item {text} is no item with its count", "write NAME:COUNT, such as dvd:5000"
        )
    return known.items.find(name.strip()), count


def _goal(free_lift: str | None, ascent_rate: str | None) -> LiftGoal | None:
    if free_lift is not None and ascent_rate is not None:
        raise ArgumentError(
            "--free-lift and --ascent-rate both set the fill", "give one of the two"
        )
    if ascent_rate is not None:
        return LiftGoal(Goal.RATE, _quantity(ascent_rate, "speed", "--ascent-rate"))
    if free_lift is None:
        return None
    try:
        share = parse_quantity(free_lift, "fraction")
    except ValueError:
        return LiftGoal(Goal.MASS, _quantity(free_lift, "mass", "--free-lift"))
    refuse_bare_number(free_lift, share)
    return LiftGoal(Goal.FRACTION, share)


def _height(text: str | None) -> float | None:
    altitude_m = _optional(text, "length", "--release-height")
    return None if altitude_m is None else float(atmosphere.geopotential_height(altitude_m))


def _crew(rate: str | None, crews: int) -> Crew | None:
    if rate is None:
        if crews != 1:
            raise ArgumentError("--crews says nothing without --crew-rate", "give both")
        return None
    match = _RATE.match(rate)
    if match is None:
        raise ArgumentError(
            f"--crew-rate {rate} is no rate of launches", "write balloons an hour, such as 20/h"
        )
    return Crew(float(match[1]) * _PER_HOUR[match[2]], crews)


def _cylinder(name: str | None, known: Known) -> Cylinder | None:
    if name is None:
        return None
    cylinder: Cylinder = look_up(name, known.vehicles.cylinders, "cylinder")
    return cylinder


def _claim(gas: str | None, cylinders: int | None, hours: float | None) -> Claim:
    return Claim(_optional(gas, "volume", "--claim-gas"), cylinders, hours)


def _optional(text: str | None, dimension: str, option: str) -> float | None:
    return None if text is None else _quantity(text, dimension, option)


def _quantity(text: str, dimension: str, option: str) -> float:
    try:
        return parse_quantity(text, dimension)
    except ValueError as error:
        raise ArgumentError(f"{option}: {error}", "write a number with its unit") from None
