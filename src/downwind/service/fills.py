"""The fill of a mission's balloons, or of balloons described in a line. No wind is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from downwind import atmosphere
from downwind.errors import ArgumentError
from downwind.io.fill_json import fill_document
from downwind.load.kinds import Box
from downwind.plan.faults import Faults, collect, look_up
from downwind.plan.fill_plan import DEFAULT_CYLINDER, PLAIN_LOAD, FillPlan, plan_fill
from downwind.plan.mission import BalloonGroup, LoadPart, Release, Uncertainty, Vehicle
from downwind.plan.mission_file import read_mission
from downwind.plan.site_ground import read_site_ground
from downwind.report.fill_card import fill_text
from downwind.service.fleets import refuse_bare_number
from downwind.units import parse_quantity
from downwind.vehicle.burst_calculator import GAS_DENSITIES_KGM3, BurstAnswer, calculate_burst
from downwind.vehicle.catalogue import VehicleCatalogue, load_vehicles
from downwind.vehicle.cylinders import Cylinder
from downwind.vehicle.gas import Gas
from downwind.vehicle.latex import LatexBalloon
from downwind.vehicle.parachute import Parachute
from downwind.vehicle.timer import TIMERS

GOALS: Final = ("free_lift", "neck_lift", "ascent_rate", "volume")
"""What a fill may be given by: exactly one of them."""

SITE_M: Final = (-430.0, 6_000.0)
SITE_K: Final = (183.15, 333.15)
MOST_BALLOONS: Final = 100_000
PARACHUTE_RANGES: Final = {
    "parachute": (0.02, 50.0, "m"),
    "parachute_mass": (1e-3, 100.0, "kg"),
}
"""Diameters and masses that a parachute may have: they catch slips of a unit."""

_DIMENSIONS: Final = {
    "load": "mass",
    "neck_lift": "mass",
    "ascent_rate": "speed",
    "volume": "volume",
    "parachute": "length",
    "parachute_mass": "mass",
    "site_altitude": "length",
    "temperature": "temperature",
    "purity": "fraction",
}


@dataclass(frozen=True, slots=True)
class FillConditions:
    """What a crew may state of the place, the gas and the cylinders; texts with units.

    Attributes
    ----------
    site_altitude, temperature, purity : str or None
        Above the sea; of the air at the site; of the gas.
    cylinder : str or None
        Name of a cylinder.
    catalogues : sequence of Path
        The user's own files of vehicles, gases and cylinders.
    """

    site_altitude: str | None = None
    temperature: str | None = None
    purity: str | None = None
    cylinder: str | None = None
    catalogues: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class FillRequest:
    """Balloons described in a line; texts with units, as a person writes them.

    Attributes
    ----------
    vehicle, gas : str
        Names in the catalogue.
    load : str
        Mass on each balloon.
    free_lift, neck_lift, ascent_rate, volume : str or None
        Exactly one of them.
    count : int
    parachute, parachute_mass : str or None
        Diameter and mass of the parachute that each has; both or none.
    burst_calculator : bool
        Whether the burst calculator of CU Spaceflight is asked as well.
    """

    vehicle: str
    gas: str
    load: str
    free_lift: str | None = None
    neck_lift: str | None = None
    ascent_rate: str | None = None
    volume: str | None = None
    count: int = 1
    parachute: str | None = None
    parachute_mass: str | None = None
    burst_calculator: bool = False


@dataclass(frozen=True, slots=True)
class FillAnswer:
    """What ``downwind fill`` answers.

    Attributes
    ----------
    title : str
        The mission and its site; empty for balloons described in a line.
    plans : tuple of FillPlan
        One for each group.
    notes : tuple of str
    calculator : BurstAnswer or None
        What the burst calculator of CU Spaceflight answers.
    """

    title: str
    plans: tuple[FillPlan, ...]
    notes: tuple[str, ...] = ()
    calculator: BurstAnswer | None = None

    def to_text(self) -> str:
        """Return the fill card, lines of at most 80 columns."""
        return fill_text(self.plans, self.title, self.notes, self.calculator)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer for JSON: units in the names, None where there is no value."""
        return fill_document(self.plans, self.title, self.notes, self.calculator)


def fill_mission(mission: Path, conditions: FillConditions | None = None) -> FillAnswer:
    """Work out the fill of every group of a mission.

    Parameters
    ----------
    mission : pathlib.Path
        A mission file.
    conditions : FillConditions, optional
        Without an altitude, that of the mission's first site, or of its level ground.

    Raises
    ------
    MissionError
        If the mission is faulty, if a balloon cannot lift its load or hold its gas (`LiftError`),
        or if a condition is no such value (`ArgumentError`).
    """
    stated = conditions or FillConditions()
    read = read_mission(mission)
    site, notes = read.sites[0], []
    ground, _ = read_site_ground(read.wind, site)
    known = [z for z in (site.altitude_m, ground) if z is not None]
    if not known and stated.site_altitude is None:
        notes.append(
            "the mission states no altitude of its site: sea level is taken; state it with "
            "--site-altitude"
        )
    place = _read_place(stated, max(known, default=0.0), load_vehicles(stated.catalogues))
    uncertainty = place.apply(read.uncertainty)
    plans = tuple(
        plan_fill(
            group, uncertainty, place.site_m, cylinder=place.cylinder, air_offset_k=place.offset_k
        )
        for group in read.groups
    )
    if len(read.sites) > 1:
        stood = {s.altitude_m for s in read.sites}
        taken = f"the first of {len(read.sites)} sites is taken"
        notes.append(f"{taken}; their heights differ" if len(stood) > 1 else taken)
    return FillAnswer(f"{read.name}, {site.name}", plans, tuple(notes))


def fill_vehicle(request: FillRequest, conditions: FillConditions | None = None) -> FillAnswer:
    """Work out the fill of balloons described in a line.

    Parameters
    ----------
    request : FillRequest
    conditions : FillConditions, optional
        Without an altitude, sea level.

    Raises
    ------
    ArgumentError
        If a name is not known, a value has no fit unit, or not exactly one goal is given.
    LiftError
        If a balloon cannot lift its load or hold its gas.
    """
    stated = conditions or FillConditions()
    catalogue = load_vehicles(stated.catalogues)
    goal = _read_goal(request)
    faults: Faults = []
    found: dict[str, Any] = {}

    vehicles: dict[str, Vehicle] = {**catalogue.tubes, **catalogue.latex}

    def find(name: str, known: Mapping[str, Any]) -> None:
        found[name] = look_up(getattr(request, name), known, f"--{name}", name)

    collect(faults, "--vehicle", lambda: find("vehicle", vehicles))
    collect(faults, "--gas", lambda: find("gas", catalogue.gases))
    collect(faults, "--load", lambda: found.update(load=_read_value(request.load, "load")))
    for name in ("parachute", "parachute_mass"):
        collect(faults, _option(name), partial(_read_parachute, request, name, found))
    _raise(faults)
    vehicle, gas, load_kg = found["vehicle"], found["gas"], float(found["load"])
    place = _read_place(stated, 0.0, catalogue)
    uncertainty = place.apply(Uncertainty())
    parachute = None
    if "parachute" in found:
        parachute = Parachute(found["parachute"], found["parachute_mass"])
    group = replace(_make_group(vehicle, gas, load_kg, request.count), parachute=parachute)
    name, value = goal
    if name == "free_lift":
        group = replace(group, free_lift=value(load_kg) / load_kg)
    else:
        group = replace(group, goal=(name, value))
    plan = plan_fill(
        group, uncertainty, place.site_m, cylinder=place.cylinder, air_offset_k=place.offset_k
    )
    calculator = (
        _ask_calculator(request, vehicle, gas, group.carried_kg(0))
        if request.burst_calculator
        else None
    )
    return FillAnswer("", (plan,), (), calculator)


@dataclass(frozen=True, slots=True)
class _Place:
    """The conditions, read."""

    site_m: float
    offset_k: float
    purity: float | None
    cylinder: Cylinder

    def apply(self, uncertainty: Uncertainty) -> Uncertainty:
        if self.purity is None:
            return uncertainty
        impurity = 1.0 - self.purity
        return replace(uncertainty, impurity=(impurity, impurity, impurity))


def _read_place(stated: FillConditions, altitude_m: float, catalogue: VehicleCatalogue) -> _Place:
    faults: Faults = []
    found: dict[str, Any] = {}

    def read(name: str, low: float, high: float, what: str) -> None:
        text = getattr(stated, name)
        if text is not None:
            value = _read_value(text, name)
            if not low <= value <= high:
                raise ValueError(f"'{text}' lies outside {what}")
            found[name] = value

    place = "--site-altitude"
    collect(faults, place, lambda: read("site_altitude", *SITE_M, "-430 to 6,000 m"))
    place = "--temperature"
    collect(faults, place, lambda: read("temperature", *SITE_K, "-90 to 60 C"))
    collect(faults, "--purity", lambda: read("purity", 0.01, 1.0, "1 to 100 %"))
    cylinder = DEFAULT_CYLINDER
    if stated.cylinder is not None:
        name = stated.cylinder
        collect(
            faults,
            "--cylinder",
            lambda: found.update(
                cylinder=look_up(name, catalogue.cylinders, "--cylinder", "cylinder")
            ),
        )
        cylinder = found.get("cylinder", cylinder)
    _raise(faults)
    site_m = float(atmosphere.geopotential_height(found.get("site_altitude", altitude_m)))
    standard_k = float(atmosphere.temperature_k(site_m))
    offset_k = found["temperature"] - standard_k if "temperature" in found else 0.0
    return _Place(site_m, offset_k, found.get("purity"), cylinder)


def _read_value(text: str, name: str) -> float:
    value = parse_quantity(text, _DIMENSIONS[name])
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is no number")
    if name == "load" and value <= 0.0:
        raise ValueError(f"'{text}' is no load; give what hangs on each balloon")
    return value


def _read_parachute(request: FillRequest, name: str, found: dict[str, Any]) -> None:
    """Read the diameter or the mass of the parachute; ValueError if one lacks the other."""
    text = getattr(request, name)
    if text is None:
        other = "parachute_mass" if name == "parachute" else "parachute"
        if getattr(request, other) is not None:
            raise ValueError(f"missing beside {_option(other)}; a parachute has a diameter and a "
                             "mass")  # fmt: skip
        return
    value = _read_value(text, name)
    low, high, unit = PARACHUTE_RANGES[name]
    if not low <= value <= high:
        raise ValueError(f"'{text}' lies outside {low:g} to {high:g} {unit}")
    found[name] = value


def _read_goal(request: FillRequest) -> tuple[str, Any]:
    """Return the name of the goal and its value; of a free lift, a function of the load."""
    given = [name for name in GOALS if getattr(request, name) is not None]
    options = ", ".join(_option(name) for name in GOALS)
    if len(given) != 1:
        raise ArgumentError(
            f"a fill follows from one goal, and {len(given) or 'none'} "
            f"{'are' if len(given) > 1 else 'is'} given"
            + (f": {', '.join(map(_option, given))}" if given else ""),
            f'give exactly one of {options}, such as --free-lift "10 %"',
        )
    name = given[0]
    text = str(getattr(request, name))
    if name == "free_lift":
        return name, _read_free_lift(text)
    faults: Faults = []
    found: list[float] = []
    collect(faults, _option(name), lambda: found.append(_read_value(text, name)))
    _raise(faults)
    return name, found[0]


def _read_free_lift(text: str) -> Any:
    """Return a function that turns a load [kg] into the free lift [kg] that a text asks for."""
    for dimension in ("fraction", "mass"):
        try:
            value = parse_quantity(text, dimension)
        except ValueError:
            continue
        if dimension == "fraction":
            refuse_bare_number(text, value)
        return lambda load_kg: value * load_kg if dimension == "fraction" else value
    raise ArgumentError(
        f"--free-lift: '{text}' is neither a share of the load nor a mass",
        'write it as "10 %" or as "300 g"',
    )


def _make_group(vehicle: Vehicle, gas: Gas, load_kg: float, count: int) -> BalloonGroup:
    """Make a group whose balloons carry nothing but a mass; its release does not act."""
    if not 1 <= count <= MOST_BALLOONS:
        raise ArgumentError(
            f"--count: {count} balloons are no fleet", f"give 1 to {MOST_BALLOONS:,} balloons"
        )
    part = LoadPart(Box(PLAIN_LOAD, PLAIN_LOAD, load_kg, 0.3, 0.3, 0.3), count)
    release = Release(TIMERS["quartz"], 0.0, (part,))
    return BalloonGroup(vehicle.name, count, vehicle, gas, math.nan, None, (release,))


def _ask_calculator(
    request: FillRequest, vehicle: Vehicle, gas: Gas, load_kg: float
) -> BurstAnswer:
    hint = "leave --burst-calculator out"
    if not isinstance(vehicle, LatexBalloon):
        raise ArgumentError(
            f"--burst-calculator: {vehicle.name} is no rubber balloon, which is all that the burst "
            "calculator knows",
            hint,
        )
    if gas.name not in GAS_DENSITIES_KGM3:
        raise ArgumentError(
            f"--burst-calculator: the burst calculator has no {gas.name}, only "
            f"{', '.join(GAS_DENSITIES_KGM3)}",
            hint,
        )
    if request.ascent_rate is None:
        raise ArgumentError(
            "--burst-calculator: the burst calculator starts from an ascent rate",
            f"give --ascent-rate as the goal, or {hint}",
        )
    rate_ms = parse_quantity(request.ascent_rate, "speed")
    return calculate_burst(vehicle, load_kg, gas.name, ascent_rate_ms=rate_ms)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _raise(faults: Faults) -> None:
    if faults:
        raise ArgumentError(
            "; ".join(f"{place}: {text}" for place, text in faults),
            "mend it; downwind fill --help shows how each is written",
            tuple(faults),
        )
