"""A launch made by hand, for tests of rules: numbers that a test changes one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from shapely.geometry import box

from downwind.geo.regions import Region
from downwind.landing.intervals import EventProbability, estimate_event
from downwind.rules.declared import Checked, Declarations, Permission, Zone
from downwind.rules.facts import (
    BalloonFacts,
    CrossingFacts,
    Facts,
    ItemFacts,
    LaunchFacts,
    PackageFacts,
    PlaceFacts,
)
from downwind.times import parse_time

START_S = parse_time("2027-03-10T21:00+09:00")
NOW_S = parse_time("2027-03-10T09:00+09:00")
HOUR_S = 3600.0


def chance(hits: int, draws: int = 200) -> EventProbability:
    """Return the probability of what befell so many of so many draws."""
    return estimate_event(np.arange(draws) < hits)


def make_balloon(*masses_kg: float, **changes: Any) -> BalloonFacts:
    """Return a balloon with packages of these masses, wide and weakly hung unless changed."""
    face = changes.pop("smallest_face_cm2", 10_000.0)
    balloon = BalloonFacts(
        name="discs",
        count=2,
        vehicle="Film tube",
        gas="hydrogen",
        is_polyethylene=True,
        packages=tuple(PackageFacts(mass, face) for mass in masses_kg),
        suspension_n=100.0,
        equipment=(),
        ascent_rate_ms=5.0,
        highest_m=9_000.0,
        items=(ItemFacts("DVD", 2.0, 10.0), ItemFacts("unopened bundle", 400.0)),
    )
    return replace(balloon, **changes)


def make_launch(**changes: Any) -> LaunchFacts:
    """Return a launch from Ganghwa by night that flies over one border and one town."""
    launch = LaunchFacts(
        site="Ganghwa",
        country="South Korea",
        latitude=37.75,
        longitude=126.49,
        start_s=START_S,
        end_s=START_S + 600.0,
        sunset_s=START_S - 2 * HOUR_S,
        sunrise_s=START_S + 9 * HOUR_S,
        is_night=True,
        cloud_oktas=None,
        visibility_m=None,
        crossings=(CrossingFacts("North Korea", chance(200)),),
        zones=(),
        below_low=(PlaceFacts("Gaeseong", "town", 20_000.0, chance(12), 190_000),),
        near=(PlaceFacts("Gimpo (RKSS)", "airport", 30_000.0, None),),
        destination_s=2 * HOUR_S,
        time_zone="Asia/Seoul",
    )
    return replace(launch, **changes)


def make_facts(balloon: BalloonFacts | None = None, **changes: Any) -> Facts:
    """Return the facts of a launch of a 7 kg balloon unless another is given."""
    return Facts(
        (balloon or make_balloon(7.0),),
        make_launch(**changes),
        "the target",
        "South Korea",
        ("North Korea",),
    )


def make_permission(rule: str, kind: str = "permission", **changes: Any) -> Permission:
    """Return a permission without bounds."""
    permission = Permission(rule, kind, "A-17", "the authority", date(2027, 1, 5))
    return replace(permission, **changes)


def make_zone(kind: str, jurisdiction: str = "kr", **changes: Any) -> Zone:
    """Return a made-up zone."""
    region = Region("made-up zone", box(126.0, 37.0, 127.0, 38.0), "made up")
    zone = Zone(
        region, kind, jurisdiction, "made up", date(2027, 3, 9), None, None, 0.0, float("inf")
    )
    return replace(zone, **changes)


def make_checked(kind: str, jurisdiction: str = "kr", published: date | None = None) -> Checked:
    """Return a statement that there is no zone of a kind."""
    return Checked(kind, jurisdiction, "made up", published or date(2027, 3, 9))


def declare(**entries: Any) -> Declarations:
    """Return what a crew enters."""
    return Declarations(**entries)
