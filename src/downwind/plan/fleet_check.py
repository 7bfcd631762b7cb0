"""Hold a mission's fleet, or one that a load needs, against what its balloons lift."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from downwind import atmosphere
from downwind.load.traits import ItemKind
from downwind.plan.claims import Check, Claim, Part, Verdict, check_claim
from downwind.plan.lifting import Goal, LiftGoal, fill_for_load, gas_for_load_m3
from downwind.plan.mission import BalloonGroup, Mission, Site, Uncertainty, Vehicle
from downwind.plan.remedies import (
    PACKAGED,
    find_lower_goal,
    find_remedies,
    format_kg,
    say_why_not_so,
)
from downwind.plan.site_ground import read_site_ground
from downwind.plan.sizing import Crew, Sizing, size_fleet
from downwind.vehicle.cylinders import Cylinder, delivered_m3
from downwind.vehicle.fill import Fill


@dataclass(frozen=True, slots=True)
class FleetGroup:
    """One type of balloon in a fleet.

    Attributes
    ----------
    name : str
        Of the mission's group; empty for a fleet of one type.
    sizing : Sizing
        What its load takes at least.
    part : Part
        What is said of it.
    fill : Fill or None
        Of its heaviest balloon as claimed; None where none is claimed or it does not lift it.
    why : str
        Why the balloon does not lift what is claimed; empty where it does.
    remedies : tuple of str
        What would.
    stated_fill : str
        The neck lift or the volume of gas that a mission states; empty for other goals.
    """

    name: str
    sizing: Sizing
    part: Part
    fill: Fill | None
    why: str
    remedies: tuple[str, ...]
    stated_fill: str = ""


@dataclass(frozen=True, slots=True)
class FleetCheck:
    """A fleet and what was found of it.

    Attributes
    ----------
    title : str
        Name of the mission; empty for a fleet of options.
    site : str
        Name of the site; empty where none is named.
    site_altitude_m : float
        Above the sea [m].
    site_note : str
        Where that altitude comes from, if it was not stated.
    groups : tuple of FleetGroup
    checks : tuple of Check
    claim : Claim
    crew : Crew or None
    cylinder : Cylinder or None
    spacing_s : float or None
        From one launch to the next [s]; None where nothing sets it.
    spacing_note : str
        Where that comes from, if the mission does not state it.
    launch_times_s : tuple of int
        When the first balloon may go up [epoch s].
    time_zone : str
    """

    title: str
    site: str
    site_altitude_m: float
    site_note: str
    groups: tuple[FleetGroup, ...]
    checks: tuple[Check, ...]
    claim: Claim
    crew: Crew | None
    cylinder: Cylinder | None
    spacing_s: float | None
    launch_times_s: tuple[int, ...] = ()
    time_zone: str = "UTC"
    spacing_note: str = ""

    @property
    def balloons(self) -> int:
        """Balloons as claimed, or as needed where none are claimed."""
        return sum(g.part.balloons or g.sizing.balloons for g in self.groups)

    @property
    def gas_m3(self) -> float:
        """Gas of all balloons, as claimed or as needed [m3, site]."""
        return math.fsum(_gas_of(group) for group in self.groups)

    @property
    def cylinder_count(self) -> int | None:
        """Cylinders for that gas; None where no size is named."""
        if self.cylinder is None or not self.groups:
            return None
        rig = self.groups[0].part.rig
        site_pa = float(atmosphere.pressure_pa(rig.site_m))
        site_k = float(atmosphere.temperature_k(rig.site_m))
        each = [delivered_m3(self.cylinder, g.part.rig.gas, site_pa, site_k) for g in self.groups]
        gases = [_gas_of(group) for group in self.groups]
        return math.ceil(math.fsum(m3 / one for m3, one in zip(gases, each, strict=True)) - 1e-9)

    @property
    def span_s(self) -> float | None:
        """From the first launch to the last [s]; None where nothing sets it."""
        return None if self.spacing_s is None else max(self.balloons - 1, 0) * self.spacing_s

    @property
    def is_sound(self) -> bool:
        """Whether everything flies and every figure fits, tightly or not."""
        flies = all(not g.why and not g.sizing.blocked for g in self.groups)
        return flies and all(c.verdict is not Verdict.DOES_NOT_FIT for c in self.checks)


def _gas_of(group: FleetGroup) -> float:
    part = group.part
    if not part.balloons or not part.manifest or part.rig.ratio <= 0.0:
        return group.sizing.gas_m3
    return part.balloons * gas_for_load_m3(part.rig, part.load_kg / part.balloons)


def check_fleet(
    sizing: Sizing,
    balloons: int | None,
    claim: Claim,
    *,
    site_altitude_m: float,
    crew: Crew | None = None,
    cylinder: Cylinder | None = None,
) -> FleetCheck:
    """Hold a fleet of one type of balloon against what is claimed of it.

    Parameters
    ----------
    sizing : Sizing
    balloons : int or None
        As claimed.
    claim : Claim
    site_altitude_m : float
        Above the sea [m].
    crew : Crew, optional
    cylinder : Cylinder, optional

    Raises
    ------
    ArgumentError
        As `check_claim`.
    """
    part = Part("", sizing.rig, sizing.manifest, balloons, sizing.mixed)
    is_claimed = balloons is not None or claim != Claim()
    return FleetCheck(
        title="",
        site="",
        site_altitude_m=site_altitude_m,
        site_note="",
        groups=(FleetGroup("", sizing, part, None, "", ()),),
        checks=check_claim((part,), claim, crew, cylinder) if is_claimed else (),
        claim=claim,
        crew=crew,
        cylinder=cylinder,
        spacing_s=None if crew is None else crew.spacing_s,
    )


def check_mission(
    mission: Mission,
    claim: Claim,
    *,
    release_m: float | None = None,
    neck_limit_kg: float | None = None,
    crew: Crew | None = None,
    cylinder: Cylinder | None = None,
    others: Sequence[Vehicle] = PACKAGED,
    kinds: Mapping[str, ItemKind] | None = None,
) -> FleetCheck:
    """Hold each group of a mission against what its balloons lift.

    Parameters
    ----------
    mission : Mission
    claim : Claim
        What is claimed besides the mission's own balloons and items.
    release_m, neck_limit_kg, cylinder, others, kinds
        As in `size_fleet`.
    crew : Crew, optional
        Against which the spacing of the mission's launches is held; it sets the spacing where the
        mission states none.

    Returns
    -------
    FleetCheck
        At the highest of the mission's sites, where a balloon lifts least.

    Raises
    ------
    ArgumentError
        As `size_fleet` and `check_claim`.
    """
    site, altitude_m, note = _highest_site(mission)
    site_m = float(atmosphere.geopotential_height(altitude_m))
    groups = []
    for group in mission.groups:
        sizing = _size_group(
            mission, group, site_m, release_m, neck_limit_kg, crew, cylinder, others, kinds
        )
        groups.append(_check_group(group, sizing, others))
    parts = tuple(found.part for found in groups)
    stated = replace(claim, balloons_from="balloons of the mission")
    spacing_s, spacing_note = mission.launch_spacing_s, ""
    if spacing_s == 0.0 and crew is not None:
        spacing_s, spacing_note = crew.spacing_s, "what the crews can do; the mission states none"
    if claim.hours is None and crew is not None and mission.launch_spacing_s > 0.0:
        hours = mission.balloon_count * mission.launch_spacing_s / 3600.0
        stated = replace(stated, hours=hours, hours_from="the hours of its spacing")
    return FleetCheck(
        title=mission.name,
        site=site.name,
        site_altitude_m=altitude_m,
        site_note=note,
        groups=tuple(groups),
        checks=check_claim(parts, stated, crew, cylinder),
        claim=claim,
        crew=crew,
        cylinder=cylinder,
        spacing_s=spacing_s,
        spacing_note=spacing_note,
        launch_times_s=mission.launch_times_s,
        time_zone=site.time_zone,
    )


def _highest_site(mission: Mission) -> tuple[Site, float, str]:
    """Return the highest site, its altitude [m], and what to say of it."""
    notes = []
    altitudes, sources = [], []
    for site in mission.sites:
        ground, source = (
            read_site_ground(mission.wind, site)
            if site.altitude_m is None
            else (site.altitude_m, "")
        )
        altitudes.append(0.0 if ground is None else ground)
        sources.append(source)
    best = max(range(len(altitudes)), key=altitudes.__getitem__)
    site = mission.sites[best]
    if site.altitude_m is None:
        notes.append(
            f"the terrain of the mission ({sources[best]})"
            if sources[best]
            else "no altitude is stated: taken as sea level"
        )
    if len(set(altitudes)) > 1:
        notes.append(f"the highest of {len(altitudes)} sites")
    return site, altitudes[best], "; ".join(notes)


def _size_group(
    mission: Mission,
    group: BalloonGroup,
    site_m: float,
    release_m: float | None,
    neck_limit_kg: float | None,
    crew: Crew | None,
    cylinder: Cylinder | None,
    others: Sequence[Vehicle],
    kinds: Mapping[str, ItemKind] | None,
) -> Sizing:
    uncertainty = mission.uncertainty
    counts: dict[str, tuple[ItemKind, int]] = {}
    for part in group.load:
        before = counts.get(part.kind.name, (part.kind, 0))[1]
        counts[part.kind.name] = (part.kind, before + part.count)
    gas = group.gas
    if uncertainty.impurity is not None:
        gas = replace(gas, impurity=uncertainty.impurity)
    return size_fleet(
        group.vehicle,
        gas,
        uncertainty.purity_of(gas),
        uncertainty.drag_of(group.vehicle),
        list(counts.values()),
        site_m=site_m,
        goal=_goal_of(group, uncertainty, site_m),
        release_m=release_m,
        neck_limit_kg=neck_limit_kg,
        parachute_kg=group.parachute_kg,
        crew=crew,
        cylinder=cylinder,
        others=others,
        kinds=kinds,
    )


def _goal_of(group: BalloonGroup, uncertainty: Uncertainty, site_m: float) -> LiftGoal:
    """Return by what a group is filled; a neck lift or a volume counts as its free lift."""
    if group.goal is not None and group.goal[0] == "ascent_rate":
        return LiftGoal(Goal.RATE, group.goal[1])
    return LiftGoal(Goal.FRACTION, group.free_lift_at(uncertainty, site_m))


def _say_stated_fill(group: BalloonGroup) -> str:
    name, value = group.goal or ("", 0.0)
    if name == "neck_lift":
        return f"a neck lift of {format_kg(value)}"
    return f"{value:.2f} m3 of gas" if name == "volume" else ""


def _check_group(group: BalloonGroup, sizing: Sizing, others: Sequence[Vehicle]) -> FleetGroup:
    heaviest = group.load_kg(0)
    carried: dict[str, tuple[ItemKind, int]] = {}
    for piece in group.load:
        before = carried.get(piece.kind.name, (piece.kind, 0))[1]
        carried[piece.kind.name] = (piece.kind, before + piece.count_on(0, group.count))
    part = Part(
        group.name,
        sizing.rig,
        sizing.manifest,
        group.count,
        sizing.mixed,
        carried_kg=heaviest,
        carried=tuple(carried.values()),
    )
    stated = _say_stated_fill(group)
    if heaviest <= sizing.most.load_kg:
        fill = fill_for_load(sizing.rig, heaviest)
        return FleetGroup(group.name, sizing, part, fill, "", (), stated)
    return FleetGroup(
        group.name,
        sizing,
        part,
        None,
        say_why_not_so(sizing.most, heaviest),
        (
            *find_lower_goal(sizing.most, heaviest),
            *find_remedies(sizing.most, heaviest, others),
        ),
        stated,
    )
