"""What a result has to say besides its numbers: what forbids to go, and what to beware of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from downwind import atmosphere
from downwind.constants import IMPACT_LIMIT_J
from downwind.geo.sun import is_night
from downwind.landing.regions import TARGET
from downwind.load.impact import CATEGORY_3_J, is_above_impact_limit, item_impact
from downwind.load.weathering import weather_warnings
from downwind.plan._wind_error import describe_wind_error, observed_before_s
from downwind.plan.air_of_run import NEUTRAL_M
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import LotFall
from downwind.plan.fleet import Setting, air_offset_k, launch_height_m
from downwind.plan.ground import BundleResult
from downwind.plan.mission import Mission, Site
from downwind.plan.result import GroupResult, PlanResult, ReleaseResult
from downwind.plan.rule_stops import write_rule_stops
from downwind.plan.sampling_text import sampling_warning
from downwind.plan.wind_error_text import error_notes
from downwind.rules.findings import Compliance
from downwind.sim.turbulence import Turbulence
from downwind.times import format_duration, format_minute
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at

FALL_POINTS: Final = 60
"""Points along a fall at which the weather data are asked for cloud and humidity."""

LEFT_DATA_ALARM: Final = 0.05
"""Share of the load that may leave the wind data without an alarm."""

SITE_OFF_GROUND_M: Final = 50.0
"""How far the altitude that a mission states for a site may lie off the ground unsaid [m]."""

ACTS_ALARM: Final = 0.5
"""Share of the balloons below which a release that does not act is an alarm."""

LEAD_ALARM_HOURS: Final = 12.0
"""Age of a forecast or an observation at the launch above which it is an alarm [h]."""

OUT_OF_TURN_ALARM: Final = 0.05
"""Share of the balloons above which a release out of its turn is an alarm."""


def find_stops(mission: Mission, compliance: Compliance | None = None) -> tuple[str, ...]:
    """Return what forbids to go, whatever the wind: rules that stand open, or were not asked."""
    stops = list(write_rule_stops(compliance))
    for kind in mission.kinds:
        if is_above_impact_limit(kind):
            stops.append(
                f"{kind.title} lands with {item_impact(kind).fast_energy_j:.1f} J, above "
                f"{IMPACT_LIMIT_J} J: STOP (14 CFR Part 107, category 2)"
            )
    return tuple(stops)


def find_alarms(result: PlanResult) -> tuple[str, ...]:
    """Return what a crew has to hear before all else, besides the stops: each a sentence."""
    alarms = []
    unknown = [check.title for check in result.limits if not check.is_known]
    if unknown or result.left_data.mean > LEFT_DATA_ALARM:
        text = f"{result.left_data.to_text()} of the load leaves the wind data"
        if unknown:
            text += f", so these limits are not known to be kept: {', '.join(unknown)}"
        alarms.append(text + "; bring wind for more hours, heights or a wider box")
    alarms += _age_alarms(result)
    if not result.load_shares[TARGET].hit_draws:
        alarms.append(
            f"no item reaches the target, {result.mission.target.name}: "
            f"{result.load_shares[TARGET].to_text()}"
        )
    elif not result.is_enough:
        least = result.mission.limits.target_least
        assert least is not None
        alarms.append(
            f"{result.load_shares[TARGET].to_text()} of the load is expected in the target, less "
            f"than limits.target_at_least ({100.0 * least:g} %)"
        )
    for group in result.groups:
        alarms += _group_alarms(group)
    return tuple(alarms)


def _age_alarms(result: PlanResult) -> list[str]:
    """Say that a forecast or an observation is old at the launch: its error grows each hour."""
    grid, limit_s = result.grid, 3600.0 * LEAD_ALARM_HOURS
    run_s = grid.reference_time_s
    if run_s is not None and result.start_s - run_s > limit_s:
        return [
            f"the forecast is {(result.start_s - run_s) / 3600.0:.0f} h old at the launch (run "
            f"{format_minute(run_s)}), above {LEAD_ALARM_HOURS:g} h: take a newer run before you go"
        ]
    age_s = observed_before_s(result)
    if age_s > limit_s:
        return [
            f"the wind was observed {age_s / 3600.0:.0f} h before the launch, above "
            f"{LEAD_ALARM_HOURS:g} h: take a newer sounding, or a forecast, before you go"
        ]
    return []


def _group_alarms(found: GroupResult) -> list[str]:
    name, alarms = found.group.name, []
    several = len(found.releases) > 1
    for r, release in enumerate(found.releases):
        which = f"{name}: release {r + 1}" if several else f"{name}: the release"
        if release.acts.mean < ACTS_ALARM:
            alarms.append(f"{which} acts on {release.acts.to_text()} of the balloons alone")
        if release.out_of_turn.mean > OUT_OF_TURN_ALARM:
            alarms.append(
                f"{which} acts after the next one or after the burst on "
                f"{release.out_of_turn.to_text()} of the balloons"
            )
    ground = found.ground
    hard = [
        (f"a bundle of {b.kind.name} {_of_release(b, found)}that never opens", b.fast_energy_j,
         b.unopened)
        for b in ground.bundles
    ]  # fmt: skip
    hard.append(("a whole load that comes down", ground.unreleased.energy_j, ground.none_released))
    fatal = [
        f"{what} ({energy:.0f} J; {share.to_text()} of the balloons)"
        for what, energy, share in hard
        if energy > CATEGORY_3_J and share.hit_draws
    ]
    if ground.envelope.energy_j > CATEGORY_3_J:
        fatal.insert(0, f"the emptied envelope ({ground.envelope.energy_j:.0f} J)")
    if fatal:
        alarms.append(f"{name}: may kill anyone below: {', '.join(fatal)}")
    return alarms


def _of_release(bundle: BundleResult, found: GroupResult) -> str:
    """Say of which release a bundle is, where there are several."""
    return f"of release {bundle.release + 1} " if len(found.releases) > 1 else ""


def _fill_notes(found: GroupResult, result: PlanResult) -> tuple[str, ...]:
    """Return what to know of a fill: of its goal where it was flown as stated, or of itself."""
    group = found.group
    height_m = launch_height_m(found.setting.site, result.grid)
    free_lift, notes = group.fill_at(result.mission.uncertainty, height_m)
    return notes if notes and free_lift == found.setting.free_lift else found.fill.notes


def find_warnings(result: PlanResult) -> tuple[str, ...]:
    """Return what a reader has to know about a result, each once."""
    mission, grid = result.mission, result.grid
    notes = [mission.note] if mission.note else []
    if grid.nature == "synthetic":
        notes.append(f"the wind is not real: {grid.source}")
    notes += error_notes(result)
    if result.sampling is not None and (short := sampling_warning(result.sampling)):
        notes.append(short)
    notes += list(grid.bridges)
    notes += describe_wind_error(result)
    notes += list(grid.notes)
    notes += describe_site(result.site, grid)
    if not grid.has_vertical_wind:
        notes.append("the source has no vertical wind; it is taken as 0")
    notes.append("air density is that of the standard atmosphere")
    notes.append(describe_turbulence(mission, [g.setting for g in result.groups]))
    broken = ", ".join(c.title for c in result.limits if not c.is_met)
    if broken:
        notes.append(f"no setting found that meets the limits; broken: {broken}")
    for group in result.groups:
        notes += _describe_group(group, result)
    notes += [
        f"{own.name}: settings above {format_duration(own.longest_setting_s)} are not tried; its "
        "timers take no longer ones"
        for own in mission.groups
        if own.longest_setting_s < mission.search.timer_until_s
    ]
    notes += _describe_weather(result)
    left_items = [
        f"{k.kind.title} {k.outcomes[Outcome.LEFT_DATA.text].to_text()}"
        for k in result.kinds
        if k.outcomes[Outcome.LEFT_DATA.text].hit_draws
    ]
    if left_items:
        notes.append("items that leave the wind data: " + "; ".join(left_items))
    return tuple(dict.fromkeys(notes))


def describe_site(site: Site, grid: WindGrid) -> list[str]:
    """Say where the stated altitude of a site is not that of the ground below it."""
    if site.altitude_m is None:
        return []
    ground_m = float(
        atmosphere.geometric_altitude(terrain_at(grid.arrays, site.longitude, site.latitude))
    )
    off_m = site.altitude_m - ground_m
    if abs(off_m) <= SITE_OFF_GROUND_M:
        return []
    where = "below" if off_m < 0.0 else "above"
    taken = "launched from the ground" if off_m < 0.0 else "launched from that altitude"
    return [
        f"site.altitude of {site.name}, {site.altitude_m:.0f} m, lies {abs(off_m):.0f} m {where} "
        f"the ground, {ground_m:.0f} m ({grid.terrain_source}): {taken}"
    ]


def describe_turbulence(mission: Mission, settings: Sequence[Setting]) -> str:
    """Say which turbulence was taken, and whether it is that of another time of day."""
    text = f"turbulence: {mission.turbulence.text}"
    by_day = [
        s for s in settings if not is_night(float(s.start_s), s.site.latitude, s.site.longitude)
    ]
    if by_day and mission.turbulence.obukhov_length_m == NEUTRAL_M and mission.turbulence.origin:
        text += (
            "; taken as neutral by day: for thermals state turbulence.obukhov_length and "
            "turbulence.convective_velocity_ms"
        )
    elif by_day and mission.turbulence == Turbulence.night():
        text += ", although the launch is by day; state the air of the day under [turbulence]"
    return text


def _describe_group(found: GroupResult, result: PlanResult) -> list[str]:
    name = found.group.name
    notes = [f"{name}: {note}" for note in _fill_notes(found, result)]
    if found.envelope.left_data.hit_draws:
        notes.append(
            f"{name}: {found.envelope.left_data.to_text()} of the emptied envelopes leave the wind "
            "data before they land"
        )
    feels = any(not r.release.timer.is_steady for r in found.releases)
    if feels and not np.isfinite(air_offset_k(result.grid, found.setting)).all():
        notes.append(
            f"{name}: the timer runs with the temperature, but the weather data do not say it for "
            "the flight; that of the standard atmosphere is taken"
        )
    return notes


def _describe_weather(result: PlanResult) -> list[str]:
    """Say where items fall through rain, wet cloud or icing cloud, as far as the data know."""
    if result.grid.air is None or not result.grid.air.serves_icing:
        return ["the weather data have no humidity and no cloud: wet and icing are not judged"]
    notes: list[str] = []
    if result.grid.base_count > 1:
        notes.append("wet and icing are judged in the first member alone")
    for index, found in enumerate(result.groups):
        for kind in result.kinds:
            for fall in (f for f in kind.lots if f.lot.group == index):
                notes += _weather_on_fall(result, found, found.releases[fall.lot.release], fall)
    return notes


def _weather_on_fall(
    result: PlanResult, group: GroupResult, release: ReleaseResult, fall: LotFall
) -> list[str]:
    """Return the warnings along the line from a lot's median release to its median landing."""
    if release.place is None or result.grid.air is None:
        return []
    part = np.linspace(0.0, 1.0, FALL_POINTS)
    turn = (fall.place[0] - release.place[0] + 180.0) % 360.0 - 180.0
    top = float(atmosphere.geopotential_height(release.altitude_m[2]))
    launch_s = group.setting.start_s + result.mission.launch_spacing_s * (
        result.mission.first_balloon(fall.lot.group) + 0.5 * (group.group.count - 1)
    )
    height_m = top * (1.0 - part)
    air = result.grid.air.sample(
        0,
        (release.place[0] + turn * part + 180.0) % 360.0 - 180.0,
        release.place[1] + (fall.place[1] - release.place[1]) * part,
        height_m,
        launch_s + release.time_s[0] + fall.fall_s * part,
    )
    found = weather_warnings(
        fall.lot.kind,
        height_m,
        air.temperature_k,
        air.relative_humidity,
        air.cloud_fraction,
        air.precipitation_kgm2s,
    )
    return [w.text if w.code == "unknown" else f"{group.group.name}: {w.text}" for w in found]
