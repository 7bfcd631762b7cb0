"""The closed set of checks that rules may name, each with the arguments that it takes.

A jurisdiction adds records and thresholds; it adds no check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from downwind.rules.asking import Ask, Point
from downwind.rules.balloon_checks import (
    ask_altitude,
    ask_equipment,
    ask_impact,
    ask_litter,
    ask_load,
)
from downwind.rules.classes import ask_class
from downwind.rules.launch_checks import (
    ask_airports,
    ask_authorisation,
    ask_duty,
    ask_low_path,
    ask_night,
    ask_notice,
    ask_overflight,
    ask_residents,
    ask_sending,
    ask_weather,
)
from downwind.rules.zone_checks import ask_other_zones, ask_zones

OVERFLIGHT: Final = "overflight"
"""The check whose permissions name a country behind a colon."""

ZONES: Final = "zones"
"""The check that asks for kinds of zones."""

NOTICE: Final = "notice"
"""The check that a filed notice is of."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check and the form of its arguments.

    Attributes
    ----------
    ask : callable
    values : mapping
        Arguments by their key in a rule file, each with its kind: a dimension of
        `downwind.units`, ``number``, ``flag``, ``text``, ``countries``, ``equipment``, ``zones``,
        ``classes``, ``rule``, ``level`` or ``meets``. A ``?`` at the end marks one that may be left
        out.
    does : str
        What it asks, for the documentation.
    """

    ask: Callable[[Ask], list[Point]]
    values: Mapping[str, str]
    does: str


CLASSES: Final = {"classes": "classes?", "class_of": "rule?"}
"""The balloons that a check is for: classes, and the rule that sorts them."""

CHECKS: Final[dict[str, Check]] = {
    "class-by-mass": Check(
        ask_class,
        {
            "light_below": "mass",
            "heavy": "mass",
            "package": "mass",
            "dense": "mass",
            "density": "surface_density",
            "suspension": "force",
            "clause_light": "text",
            "clause_medium": "text",
            "clause_payload": "text",
            "clause_package": "text",
            "clause_density": "text",
            "clause_suspension": "text",
        },
        "sorts balloons into `light`, `medium` and `heavy`; thresholds are reached, the density is "
        "passed; an unstated suspension stops a balloon that is not heavy without it",
    ),
    "class-by-weight-and-size": Check(
        ask_class,
        {
            "dense": "mass",
            "density": "surface_density",
            "package": "mass",
            "payload": "mass",
            "suspension": "force",
            "clause_density": "text",
            "clause_package": "text",
            "clause_payload": "text",
            "clause_suspension": "text",
        },
        "sorts balloons into `subject` and `exempt`; thresholds are passed; an unstated suspension "
        "stops a balloon that is not subject without it",
    ),
    "authorisation": Check(ask_authorisation, {}, "stops until the State of the launch allows it"),
    OVERFLIGHT: Check(
        ask_overflight,
        {"bound": "fraction"},
        "stops for each other country that any draw crosses or that holds a part of the target; "
        "warns where too few draws flew to bound the others below `bound`",
    ),
    ZONES: Check(
        ask_zones,
        {"kinds": "zones", "asks": "meets", "stale_after": "time?"},
        "stops for each kind of zone that is not checked, and for a zone that holds the site or "
        "that any draw enters; warns of zones older than `stale_after`",
    ),
    "other-zones": Check(
        ask_other_zones,
        {"asks": "meets"},
        "stops for a zone that was brought in and is met, and that no rule of the launch asks for",
    ),
    "load": Check(
        ask_load, {"at_least": "mass", **CLASSES}, "stops a balloon with that payload or more"
    ),
    "altitude": Check(
        ask_altitude,
        {"at_least": "length", **CLASSES},
        "stops a fleet that flies that high, above the sea, or higher",
    ),
    "equipment": Check(
        ask_equipment,
        {
            "all_of": "equipment?",
            "any_of": "equipment?",
            "polyethylene": "flag?",
            "at_night": "flag?",
            **CLASSES,
        },
        "stops a balloon that does not carry it; of polyethylene alone, or at night alone, where "
        "these are set",
    ),
    "weather": Check(
        ask_weather,
        {"most_oktas": "number", "least_visibility": "length", **CLASSES},
        "stops in more cloud, in less visibility, and where either is not known",
    ),
    "low-path": Check(
        ask_low_path,
        {"height": "length", **CLASSES},
        "stops where any draw flies lower than that above a town",
    ),
    "airports": Check(
        ask_airports,
        {"within": "length", **CLASSES},
        "stops where an airport lies that near to the site",
    ),
    "night": Check(ask_night, {**CLASSES}, "stops a flight of the load between sunset and sunrise"),
    NOTICE: Check(
        ask_notice,
        {"closes": "time", "opens": "time?", **CLASSES},
        "stops from `opens` before the launch until the notice is filed; after `closes` before the "
        "launch it is too late",
    ),
    "sending": Check(
        ask_sending,
        {"countries": "countries", "level": "level"},
        "stops, warns or notes where the target lies in one of the countries",
    ),
    "impact": Check(
        ask_impact,
        {"energy": "energy", **CLASSES},
        "warns of what lands with more energy, and says what everything lands with",
    ),
    "litter": Check(ask_litter, {**CLASSES}, "says how much plastic comes down"),
    "residents": Check(ask_residents, {}, "says who lives under the low part of the path"),
    "duty": Check(ask_duty, {"says": "text", **CLASSES}, "says what has to be done"),
}
