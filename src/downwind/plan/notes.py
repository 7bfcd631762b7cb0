"""What a result has to say besides its numbers: what forbids to go, and what to beware of."""

from __future__ import annotations

from typing import Final

import numpy as np

from downwind import atmosphere
from downwind.constants import IMPACT_LIMIT_J
from downwind.geo.sun import is_night
from downwind.load.impact import CATEGORY_3_J, is_above_impact_limit, item_impact
from downwind.load.weathering import weather_warnings
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import KindResult
from downwind.plan.fleet import Setting
from downwind.plan.ground import BundleResult
from downwind.plan.mission import Mission
from downwind.plan.result import GroupResult, PlanResult, ReleaseResult
from downwind.sim.turbulence import Turbulence

RULES_STOP: Final = "RULES NOT CHECKED: STOP"
FALL_POINTS: Final = 60
"""Points along a fall at which the weather data are asked for cloud and humidity."""


def find_stops(mission: Mission) -> tuple[str, ...]:
    """Return what forbids to go, whatever the wind."""
    stops = [RULES_STOP]
    for kind in mission.kinds:
        if is_above_impact_limit(kind):
            stops.append(
                f"{kind.title} lands with {item_impact(kind).fast_energy_j:.1f} J, above "
                f"{IMPACT_LIMIT_J} J: STOP (14 CFR Part 107, category 2)"
            )
    return tuple(stops)


def find_warnings(result: PlanResult) -> tuple[str, ...]:
    """Return what a reader has to know about a result, each once."""
    mission, grid = result.mission, result.grid
    notes = [mission.note] if mission.note else []
    if grid.nature == "synthetic":
        notes.append(f"the wind is not real: {grid.source}")
    notes.append(
        "one wind is taken as certain: forecast error is not in these figures, so all shares and "
        "errors are given this wind"
        if grid.member_count == 1
        else f"{grid.member_count} members"
    )
    notes += list(grid.bridges)
    notes += list(grid.notes)
    if not grid.has_vertical_wind:
        notes.append("the source has no vertical wind; it is taken as 0")
    notes.append("air density is that of the standard atmosphere")
    notes.append(_describe_turbulence(mission, [g.setting for g in result.groups]))
    if not result.is_feasible:
        broken = ", ".join(c.title for c in result.limits if not c.is_met)
        notes.append(f"no setting found that meets the limits; broken: {broken}")
    for group in result.groups:
        notes += _describe_group(group, result)
    notes += _describe_weather(result)
    left_items = [
        f"{k.kind.title} {k.outcomes[Outcome.LEFT_DATA.text].to_text()}"
        for k in result.kinds
        if k.outcomes[Outcome.LEFT_DATA.text].hit_draws
    ]
    if left_items:
        notes.append("items that leave the wind data: " + "; ".join(left_items))
    return tuple(dict.fromkeys(notes))


def _describe_turbulence(mission: Mission, settings: list[Setting]) -> str:
    """Say which turbulence was taken, and whether it is that of another time of day."""
    text = f"turbulence: {mission.turbulence.text}"
    by_day = [
        s for s in settings if not is_night(float(s.start_s), s.site.latitude, s.site.longitude)
    ]
    if by_day and mission.turbulence == Turbulence.night():
        text += ", although the launch is by day; state the air of the day under [turbulence]"
    return text


def _describe_group(found: GroupResult, result: PlanResult) -> list[str]:
    name, ground = found.group.name, found.ground
    notes = [f"{name}: {note}" for note in found.group.notes or found.fill.notes]
    if found.envelope.left_data.hit_draws:
        notes.append(
            f"{name}: {found.envelope.left_data.to_text()} of the emptied envelopes leave the wind "
            "data before they land"
        )
    lethal = [
        f"a bundle of {bundle.kind.name} {_of_release(bundle, found)}that never opens "
        f"({bundle.energy_j:.0f} J; of the bundles {bundle.unopened.to_text()})"
        for bundle in ground.bundles
        if bundle.energy_j > CATEGORY_3_J
    ]
    if ground.unreleased.energy_j > CATEGORY_3_J:
        lethal.append(
            f"a load that never releases ({ground.unreleased.energy_j:.0f} J; of the balloons "
            f"{ground.never_released.to_text()} keep some of their load)"
        )
    if lethal:
        notes.append(f"{name}: may kill anyone below: {', '.join(lethal)}")
    if any(not r.release.timer.is_steady for r in found.releases) and result.grid.air is None:
        notes.append(
            f"{name}: the timer runs with the temperature, but the weather data have none; that of "
            "the standard atmosphere is taken"
        )
    return notes


def _of_release(bundle: BundleResult, found: GroupResult) -> str:
    """Say of which release a bundle is, where there are several."""
    return f"of release {bundle.release + 1} " if len(found.releases) > 1 else ""


def _describe_weather(result: PlanResult) -> list[str]:
    """Say where items fall through rain, wet cloud or icing cloud, as far as the data know."""
    if result.grid.air is None or not result.grid.air.serves_icing:
        return ["the weather data have no humidity and no cloud: wet and icing are not judged"]
    notes: list[str] = []
    for found in result.groups:
        for release in found.releases:
            names = {part.kind.name for part in release.release.load}
            for kind in (k for k in result.kinds if k.kind.name in names):
                notes += _weather_on_fall(result, found, release, kind)
    return notes


def _weather_on_fall(
    result: PlanResult, group: GroupResult, release: ReleaseResult, kind: KindResult
) -> list[str]:
    """Return the warnings along the line from the median release to the median landing."""
    if kind.median_place is None or release.place is None or result.grid.air is None:
        return []
    part = np.linspace(0.0, 1.0, FALL_POINTS)
    turn = (kind.median_place[0] - release.place[0] + 180.0) % 360.0 - 180.0
    top = float(atmosphere.geopotential_height(release.altitude_m[2]))
    launch_s = group.setting.start_s + result.mission.launch_spacing_s * (
        result.mission.first_balloon(result.mission.groups.index(group.group))
        + 0.5 * (group.group.count - 1)
    )
    height_m = top * (1.0 - part)
    air = result.grid.air.sample(
        0,
        (release.place[0] + turn * part + 180.0) % 360.0 - 180.0,
        release.place[1] + (kind.median_place[1] - release.place[1]) * part,
        height_m,
        launch_s + release.time_s[0] + kind.fall_s[0] * part,
    )
    found = weather_warnings(
        kind.kind,
        height_m,
        air.temperature_k,
        air.relative_humidity,
        air.cloud_fraction,
        air.precipitation_kgm2s,
    )
    return [w.text if w.code == "unknown" else f"{group.group.name}: {w.text}" for w in found]
