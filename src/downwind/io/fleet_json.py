"""``downwind fleet --json``: a fleet as one document. Units are in the names; unknown is null."""

from __future__ import annotations

from typing import Any, Final

from downwind import atmosphere
from downwind.io._parts import replace_nan
from downwind.plan.claims import Check, Range
from downwind.plan.fleet_check import FleetCheck, FleetGroup
from downwind.plan.lifting import early_burst_height_m
from downwind.plan.sizing import Sizing
from downwind.times import format_utc
from downwind.vehicle.fill import Fill

FORMAT: Final = "downwind-fleet-1"


def fleet_document(check: FleetCheck) -> dict[str, Any]:
    """Return a fleet as a JSON document: no number in it is infinite or not a number."""
    document = {
        "format": FORMAT,
        "mission": check.title or None,
        "is_sound": check.is_sound,
        "site": {
            "name": check.site or None,
            "altitude_m": check.site_altitude_m,
            "note": check.site_note,
        },
        "balloons": check.balloons,
        "launches": {
            "spacing_s": check.spacing_s,
            "spacing_note": check.spacing_note,
            "span_s": check.span_s,
            "work_s": None if check.crew is None else check.crew.work_s(check.balloons),
            "first": [format_utc(t) for t in check.launch_times_s],
        },
        "groups": [_describe_group(group) for group in check.groups],
        "checks": [_describe_check(found) for found in check.checks],
    }
    cleaned: dict[str, Any] = replace_nan(document)
    return cleaned


def _describe_group(group: FleetGroup) -> dict[str, Any]:
    sizing, rig = group.sizing, group.sizing.rig
    return {
        "name": group.name or None,
        "vehicle": rig.vehicle.name,
        "gas": rig.gas.name,
        "purity": rig.purity,
        "filled_for": {"by": str(rig.goal.kind), "value": rig.goal.value,
                       "is_assumed": rig.goal.is_default},
        "release_altitude_m": _altitude(rig.release_m),
        "most_load_kg": sizing.most.load_kg,
        "limit": str(sizing.most.limit),
        "most_load_fill": _describe_fill(sizing, sizing.most_fill),
        "items_a_balloon": sizing.fits,
        "claimed_balloons": group.part.balloons,
        "carried_kg": group.part.carried_kg,
        "fill": _describe_fill(sizing, group.fill),
        "cannot_fly": group.why or None,
        "what_would_do": group.remedies,
        "needed": _describe_needed(sizing),
        "blocked": [
            {"item": found.kind.name, "count": found.count, "reason": found.reason,
             "what_would_do": found.remedies}
            for found in sizing.blocked
        ],
        "heights": [
            {"release_altitude_m": row.altitude_m, "most_load_kg": row.load_kg,
             "balloons": row.balloons}
            for row in sizing.heights
        ],
    }  # fmt: skip


def _describe_needed(sizing: Sizing) -> dict[str, Any]:
    need = sizing.cylinders
    return {
        "balloons": sizing.balloons,
        "gas_m3": sizing.gas_m3,
        "gas_kg": sizing.gas_kg,
        "load_kg": sizing.load_kg,
        "envelope_kg": sizing.envelope_kg,
        "total_kg": sizing.total_kg,
        "cylinders": None
        if need is None
        else {
            "name": need.cylinder.name,
            "delivered_m3": need.delivered_m3,
            "by_total": need.by_total,
            "unsplit": need.unsplit,
            "cost": need.cost,
            "currency": need.cylinder.currency or None,
        },
        "loads": [
            {
                "balloons": recipe.balloons,
                "items": {kind.name: count for kind, count in recipe.parts},
                "load_kg": recipe.load_kg,
                "fill": _describe_fill(sizing, recipe.fill),
            }
            for recipe in sizing.recipes
        ],
    }


def _describe_fill(sizing: Sizing, fill: Fill | None) -> dict[str, Any] | None:
    if fill is None:
        return None
    return {
        "volume_m3": fill.volume_m3,
        "neck_lift_kg": fill.neck_lift_kg,
        "free_lift_kg": fill.free_lift_kg,
        "ascent_rate_ms": fill.ascent_rate_ms,
        "end": str(fill.end),
        "full_altitude_m": _altitude(fill.full_height_m),
        "float_altitude_m": _altitude(fill.float_height_m),
        "burst_altitude_m": _altitude(fill.burst_height_m),
        "early_burst_altitude_m": _altitude(early_burst_height_m(sizing.rig, fill)),
        "notes": fill.notes,
    }


def _describe_check(check: Check) -> dict[str, Any]:
    return {
        "figure": check.what,
        "unit": check.unit,
        "needed": _describe_range(check.needed),
        "needed_from": check.needed_from,
        "there": None if check.there is None else _describe_range(check.there),
        "there_from": check.there_from or None,
        "ratio": check.ratio,
        "verdict": str(check.verdict),
    }


def _describe_range(figure: Range) -> dict[str, float]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def _altitude(height_m: float | None) -> float | None:
    return None if height_m is None else float(atmosphere.geometric_altitude(height_m))
