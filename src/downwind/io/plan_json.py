"""``plan.json``: the whole answer as one document, for programs.

Its keys are described, with their units, by ``docs/reference/plan.schema.json``. What is not known
is null; shares are fractions.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.geo.regions import Region, measure_area_km2
from downwind.io._dominance import describe_dominance
from downwind.io._parts import describe_run, replace_nan
from downwind.io.compliance_json import describe_compliance
from downwind.io.landing_json import describe_landings
from downwind.io.resident_json import describe_residents
from downwind.io.sampling_json import describe_sampling
from downwind.io.tried_json import describe_tried
from downwind.io.wind_error_json import (
    describe_members,
    describe_options,
    describe_wind_error,
)
from downwind.io.wind_sources_json import describe_sources
from downwind.landing.clusters import standard_errors
from downwind.landing.shares import Share
from downwind.load.impact import item_impact
from downwind.load.kinds import Leaflet
from downwind.plan.air_of_run import find_launch_weather
from downwind.plan.ground import EnvelopeResult, Plastic, find_quantiles
from downwind.plan.mission import Mission, Release, Site, Vehicle
from downwind.plan.observed import ObservationEffect
from downwind.plan.result import GroupResult, PlanResult
from downwind.plan.timer_curve import TimerCurve
from downwind.times import format_minute, format_utc
from downwind.vehicle.drag import DragLaw
from downwind.wind.grid import WindGrid

FORMAT: Final = "downwind-plan-2"


def plan_document(result: PlanResult) -> dict[str, Any]:
    """Return a result as a JSON document: no number in it is infinite or not a number."""
    document = {
        "format": FORMAT,
        "command": result.command,
        "run": {**describe_run(result), "created": result.run.created},
        "verdict": result.verdict,
        "is_feasible": result.is_feasible,
        "stops": result.stops,
        "alarms": result.alarms,
        "warnings": result.warnings,
        "mission": describe_mission(result.mission),
        "wind": {
            **describe_wind(result.grid, result.start_s),
            **describe_members(result),
            "sources": describe_sources(result),
            "error": describe_wind_error(result),
        },
        "steps": asdict(result.steps),
        "recommendation": _describe_recommendation(result),
        "shares": {
            "load": describe_shares(result.load_shares),
            "left_data": result.left_data.to_dict(),
            "kinds": {kind.kind.name: describe_shares(kind.shares) for kind in result.kinds},
        },
        "items": _describe_items(result),
        "limits": [
            {
                "region": check.region,
                "title": check.title,
                "limit": check.limit,
                "is_met": check.is_met,
                "is_known": check.is_known,
                "is_distinguishable": check.is_distinguishable,
                "worst": check.worst.to_dict(),
                **check.share.to_dict(),
            }
            for check in result.limits
        ],
        "timer_curves": {g.group.name: _describe_curve(g.curve) for g in result.groups},
        "candidates": [
            {
                "site": row.site.name,
                "launch": format_utc(row.start_s),
                "free_lift": row.free_lift,
                "timer_setting_s": row.timer_s,
                "is_feasible": row.is_feasible,
                "target": row.target.to_dict(),
                "falling_short": row.falling_short.to_dict(),
            }
            for row in result.candidates
        ],
        "envelopes": {g.group.name: _describe_envelope(g) for g in result.groups},
        "plastic": _describe_plastic(result.plastic),
        "contours": {
            kind.kind.name: [
                {"probability": level, "area_km2": measure_area_km2(polygon)}
                for level, polygon in sorted(kind.density.contours.items())
            ]
            for kind in result.kinds
            if kind.density is not None
        },
        "landings": None if result.landings is None else describe_landings(result.landings),
        "sampling": describe_sampling(result.sampling),
        "observation": None if result.observed is None else _describe_observation(result.observed),
        "dominance": describe_dominance(result),
        "compliance": None if result.compliance is None else describe_compliance(result.compliance),
        "residents": describe_residents(result.residents),
        "tried": describe_tried(result.tried),
    }
    cleaned: dict[str, Any] = replace_nan(document)
    return cleaned


def write_plan_json(result: PlanResult, path: Path) -> None:
    """Write a result as JSON, two spaces deep, in UTF-8."""
    text = json.dumps(plan_document(result), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def format_timer(seconds: float) -> str:
    """Write a timer setting [s] as a timer shows it: ``h:mm``, with ``:ss`` if not whole."""
    minutes, rest = divmod(round(seconds), 60)
    text = f"{minutes // 60}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def describe_mission(mission: Mission) -> dict[str, Any]:
    """Return a mission in SI units, with every default."""
    search = mission.search
    return {
        "name": mission.name,
        "note": mission.note,
        "sites": [describe_site(site) for site in mission.sites],
        "launch_times": [format_utc(t) for t in mission.launch_times_s],
        "launch_spacing_s": mission.launch_spacing_s,
        "groups": [
            {
                "name": group.name,
                "balloons": group.count,
                "vehicle": _describe_vehicle(group.vehicle),
                "gas": group.gas.name,
                "impurity": mission.uncertainty.impurity or group.gas.impurity,
                "drag": _describe_drag(mission.uncertainty.drag_of(group.vehicle)),
                "free_lift": group.free_lift,
                "timer_setting_s": group.timer_setting_s,
                "releases": [_describe_release(mission, r) for r in group.releases],
                "parachute": None if group.parachute is None else asdict(group.parachute),
            }
            for group in mission.groups
        ],
        "target": _describe_region(mission.target),
        "home": _describe_region(mission.home),
        "keep_outs": [
            {**_describe_region(keep_out.region), "limit": keep_out.limit}
            for keep_out in mission.keep_outs
        ],
        "limits": asdict(mission.limits),
        "search": {
            "free_lifts": search.free_lifts,
            "timer_from_s": search.timer_from_s,
            "timer_until_s": search.timer_until_s,
            "timer_step_s": search.timer_step_s,
            "fill_between": search.fill_between,
            "aim": search.aim,
        },
        "uncertainty": asdict(mission.uncertainty),
        "turbulence": mission.turbulence.text,
        "bridges": {
            **asdict(mission.wind),
            "terrain_files": [path.name for path in mission.wind.terrain_files],
        },
        "wind_error": describe_options(mission.wind_error),
    }


def _describe_vehicle(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "name": vehicle.name,
        "shape": vehicle.shape.name.lower(),
        "volume_m3": vehicle.volume_m3,
        "envelope_kg": vehicle.envelope_kg,
    }


def _describe_drag(law: DragLaw) -> dict[str, Any]:
    crisis = not law.is_constant
    return {
        "high": law.high,
        "low": law.low,
        "reynolds_start": law.reynolds_start if crisis else None,
        "reynolds_width": law.reynolds_width if crisis else None,
    }


def _describe_release(mission: Mission, release: Release) -> dict[str, Any]:
    return {
        "timer": release.timer.kind,
        "error": release.timer.error,
        "error_s": release.timer.error_s,
        "sigma": release.timer.sigma,
        "halving_k": None if release.timer.is_steady else release.timer.halving_k,
        "slow_below_k": None if release.timer.is_steady else release.timer.slow_below_k,
        "failure": mission.uncertainty.failure or release.timer.failure,
        "after_s": release.after_s,
        "gap_range_s": release.gap_range_s,
        "load": [{"item": part.kind.name, "count": part.count} for part in release.load],
    }


def describe_site(site: Site) -> dict[str, Any]:
    """Return a launch site."""
    return {
        "name": site.name,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "altitude_m": site.altitude_m,
        "time_zone": site.time_zone,
    }


def _describe_region(region: Region) -> dict[str, Any]:
    return {"name": region.name, "source": region.source, "area_km2": region.area_km2}


def describe_wind(grid: WindGrid, start_s: int) -> dict[str, Any]:
    """Return what a wind is and how old it is at a launch [epoch s]."""
    reference = grid.reference_time_s
    return {
        "source": grid.source,
        "files": grid.files,
        "stored_as": grid.stored_as or None,
        "nature": grid.nature,
        "reference_time": None if reference is None else format_utc(reference),
        "lead_hours_at_launch": None if reference is None else (start_s - reference) / 3600.0,
        "valid_from": format_utc(grid.start_s),
        "valid_until": format_utc(grid.end_s),
        "holes": [[format_utc(start), format_utc(end)] for start, end in grid.holes],
        "box": grid.box,
        "top_m": grid.top_m,
        "has_vertical_wind": grid.has_vertical_wind,
        "terrain": grid.terrain_source,
        "bridges": grid.bridges,
        "notes": grid.notes,
    }


def _describe_recommendation(result: PlanResult) -> dict[str, Any]:
    zone = result.site.time_zone
    return {
        "site": describe_site(result.site),
        "launch": format_utc(result.start_s),
        "launch_local": format_minute(result.start_s, zone),
        "last_launch": format_utc(result.start_s + result.mission.fleet_span_s),
        "launch_weather": _describe_launch_weather(result),
        "groups": {g.group.name: _describe_group(g) for g in result.groups},
    }


def _describe_launch_weather(result: PlanResult) -> dict[str, float]:
    air = find_launch_weather(result.mission, result.grid, result.site, result.start_s)
    return {
        "wind_ms": air.wind_ms,
        "from_deg": air.from_deg,
        "gust_ms": air.gust_ms,
        "cloud_cover": air.cloud_cover,
        "rain_mmh": 3600.0 * air.rain_kgm2s,
    }


def _describe_group(found: GroupResult) -> dict[str, Any]:
    timer_s, fill = found.setting.timer_s, found.fill
    heights = (fill.full_height_m, fill.float_height_m, fill.burst_height_m)
    full_m, float_m, burst_m = (float(atmosphere.geometric_altitude(h)) for h in heights)
    return {
        "timer_setting_s": timer_s,
        "timer_setting": None if timer_s is None else format_timer(timer_s),
        "free_lift": found.setting.free_lift,
        "fill": {
            "gas": found.group.gas.name,
            "volume_m3": fill.volume_m3,
            "gross_lift_kg": fill.gross_lift_kg,
            "neck_lift_kg": fill.neck_lift_kg,
            "free_lift_kg": fill.free_lift_kg,
            "load_kg": found.group.load_kg(0),
            "end": str(fill.end),
            "full_altitude_m": full_m,
            "float_altitude_m": float_m,
            "burst_altitude_m": burst_m,
        },
        "is_feasible": found.is_feasible,
        "releases": [
            {
                "timer": release.release.timer.kind,
                "timer_setting_s": release.setting_s,
                "timer_setting": format_timer(release.setting_s),
                "altitude_m": _describe_quantiles(release.altitude_m),
                "time_s": _describe_quantiles(release.time_s),
                "down_before": release.down_before.to_dict(),
                "acts": release.acts.to_dict(),
                "out_of_turn": release.out_of_turn.to_dict(),
            }
            for release in found.releases
        ],
        "bundles": [
            {
                "item": bundle.kind.name,
                "release": bundle.release,
                "mass_kg": bundle.mass_kg,
                "speed_ms": bundle.speed_ms,
                "energy_j": bundle.energy_j,
                "fast_speed_ms": bundle.fast_speed_ms,
                "fast_energy_j": bundle.fast_energy_j,
                "unopened": bundle.unopened.to_dict(),
                "expected": bundle.expected,
            }
            for bundle in found.ground.bundles
        ],
    }


def describe_shares(shares: dict[str, Share]) -> dict[str, Any]:
    """Return shares by region."""
    return {name: share.to_dict() for name, share in shares.items()}


def _describe_quantiles(values: tuple[float, float, float]) -> dict[str, float]:
    """Return median, 5 and 95 % point by name."""
    return {"median": values[0], "p05": values[1], "p95": values[2]}


def _describe_items(result: PlanResult) -> dict[str, Any]:
    counts = result.outcome_counts()
    return {
        found.kind.name: {
            "title": found.kind.title,
            "count": found.count,
            "mass_kg": found.kind.mass_kg,
            "model": found.kind.model,
            "fall_speed_ms": found.kind.speed_ms,
            "impact_j": item_impact(found.kind).energy_j,
            "impact_one_in_twenty_j": item_impact(found.kind).fast_energy_j,
            "plastic_fraction": found.kind.plastic_fraction,
            "autorotation_j0": (
                found.kind.law.autorotation if isinstance(found.kind, Leaflet) else None
            ),
            "outcomes": {
                name: {**share.to_dict(), "count": counts[found.kind.name][name]}
                for name, share in found.outcomes.items()
            },
            "fall_s": _describe_quantiles(found.fall_s),
            "drift_m": _describe_quantiles(found.drift_m),
        }
        for found in result.kinds
    }


def _describe_curve(curve: TimerCurve) -> dict[str, Any]:
    def describe(shares: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
        found = {}
        for name, rows in shares.items():
            error = standard_errors(rows, curve.clusters)
            found[name] = {"mean": rows.mean(axis=1), "standard_error": error}
        return found

    return {
        "free_lift": curve.setting.free_lift,
        "timer_s": curve.timer_s,
        "shares": describe(curve.shares),
        "kinds": {name: describe(shares) for name, shares in curve.kinds.items()},
        "on_ground": curve.on_ground,
    }


def _describe_envelope(found: GroupResult) -> dict[str, Any]:
    emptied = found.envelope
    return {
        **_describe_ending(emptied),
        "peak_altitude_m": _describe_quantiles(find_quantiles(emptied.peak_m)),
        "unreleased": {
            **_describe_ending(found.ground.unreleased),
            "balloons": found.ground.none_released.to_dict(),
            "balloons_with_a_part": found.ground.some_kept.to_dict(),
        },
        "emptied_count": found.ground.emptied_count,
    }


def _describe_ending(ending: EnvelopeResult) -> dict[str, Any]:
    return {
        "shares": describe_shares(ending.shares),
        "left_data": ending.left_data.to_dict(),
        "burst": ending.burst.to_dict(),
        "mass_kg": ending.mass_kg,
        "landing_speed_ms": _describe_quantiles(ending.landing_speed_ms),
        "impact_one_in_twenty_j": ending.energy_j,
        "flight_s": _describe_quantiles(
            find_quantiles(ending.flights.end_time_s - ending.launch_s)
        ),
    }


def _describe_observation(effect: ObservationEffect) -> dict[str, Any]:
    return {
        "profiles": [
            {
                "station": check.station,
                "source": check.source,
                "file": check.file,
                "latitude": check.latitude,
                "longitude": check.longitude,
                "time": format_utc(check.time_s),
                "levels": [
                    {
                        "height_m": level.height_m,
                        "observed_ms": level.observed_ms,
                        "forecast_ms": level.forecast_ms,
                        "blended_ms": level.analysis_ms,
                        "observation_error_ms": level.observation_error_ms,
                        "forecast_error_ms": level.forecast_error_ms,
                        "is_used": level.is_used,
                    }
                    for level in check.levels
                ],
            }
            for check in effect.observations
        ],
        "largest_change_ms": effect.largest_change_ms,
        "site": [
            {"height_m": row.height_m, "before_ms": row.before_ms, "after_ms": row.after_ms}
            for row in effect.site
        ],
        "before": describe_shares(effect.shares_before),
        "after": describe_shares(effect.shares_after),
        "target_change": {
            "share": effect.target_change,
            "standard_error": effect.target_change_error,
        },
        "shifts": {
            shift.name: {"distance_m": shift.distance_m, "bearing_deg": shift.bearing_deg}
            for shift in effect.shifts
        },
    }


def _describe_plastic(plastic: Plastic) -> dict[str, Any]:
    return {
        "items_kg": plastic.items_kg,
        "envelopes_kg": plastic.envelopes_kg,
        "parachutes_kg": plastic.parachutes_kg,
        "rubber_kg": plastic.rubber_kg,
        "regions_kg": {
            name: {"mean": mean, "standard_error": error}
            for name, (mean, error) in plastic.by_region.items()
        },
    }
