"""The fill card as a JSON document: SI units in the names, null where there is no value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from downwind import atmosphere
from downwind.plan.fill_parts import LoadFill
from downwind.plan.fill_plan import FillPlan
from downwind.vehicle.burst_calculator import BurstAnswer
from downwind.version import VERSION


def fill_document(
    plans: Sequence[FillPlan],
    title: str = "",
    notes: Sequence[str] = (),
    calculator: BurstAnswer | None = None,
) -> dict[str, Any]:
    """Return fills as a JSON document.

    Parameters
    ----------
    plans : sequence of FillPlan
    title : str
    notes : sequence of str
    calculator : BurstAnswer, optional
        What the burst calculator of CU Spaceflight answers for the first plan.

    Returns
    -------
    dict
        Altitudes are geometric, above the sea.
    """
    document = {
        "title": title,
        "version": VERSION,
        "notes": list(notes),
        "groups": [_group(plan) for plan in plans],
        "burst_calculator": None if calculator is None else _values(calculator),
    }
    cleaned: dict[str, Any] = _clean(document)
    return cleaned


def _group(plan: FillPlan) -> dict[str, Any]:
    group, vehicle = plan.group, plan.group.vehicle
    air_k = float(atmosphere.temperature_k(plan.site_m)) + plan.air_offset_k
    cold_kg, coldest_kg = plan.cooling_kg
    return {
        "name": group.name,
        "balloons": group.count,
        "vehicle": vehicle.name,
        "gas": group.gas.name,
        "flammable": group.gas.flammable,
        "purity": plan.purity,
        "site_altitude_m": _altitude_m(plan.site_m),
        "air_temperature_k": air_k,
        "air_offset_k": plan.air_offset_k,
        "envelope_kg": vehicle.envelope_kg,
        "parachute_kg": group.parachute_kg,
        "free_lift_share": plan.free_lift,
        "fills": [_fill(part) for part in plan.fills],
        "climb": [_values(point) for point in plan.rates],
        "load_kept": [
            {**_values(flight), "landing_j": plan.landing_j(flight)} for flight in plan.flights
        ],
        "landing_kg": plan.landing_kg,
        "changes": [_values(change) for change in plan.changes],
        "does_not_rise_probability": plan.stays_down,
        "cooling_by_night_kg": [cold_kg, coldest_kg],
        "gas_in_all_m3": plan.total_m3,
        "cylinder": None if plan.cylinder is None else plan.cylinder.name,
        "cylinders": None if plan.cylinders is None else _values(plan.cylinders),
        "notes": list(plan.notes),
        "warnings": {
            "small_free_lift": plan.is_small,
            "may_not_rise": plan.may_stay_down,
            "neck_overloaded": plan.is_over_neck_limit,
        },
    }


def _fill(part: LoadFill) -> dict[str, Any]:
    fill = part.fill
    return {
        "first_balloon": part.first + 1,
        "balloons": part.count,
        "load_kg": part.load_kg,
        "volume_m3": fill.volume_m3,
        "gas_kg": fill.gas_kg,
        "gross_lift_kg": fill.gross_lift_kg,
        "neck_lift_kg": fill.neck_lift_kg,
        "free_lift_kg": fill.free_lift_kg,
        "ascent_rate_ms": fill.ascent_rate_ms,
        "full_altitude_m": _altitude_m(fill.full_height_m),
        "float_altitude_m": _altitude_m(fill.float_height_m),
        "burst_altitude_m": _altitude_m(fill.burst_height_m),
        "end": str(fill.end),
        "notes": list(fill.notes),
    }


def _values(part: Any) -> dict[str, Any]:
    """Return the fields of a flat dataclass by their names."""
    return {field.name: getattr(part, field.name) for field in fields(part)}


def _altitude_m(h_m: float) -> float:
    return float(atmosphere.geometric_altitude(h_m))


def _clean(value: Any) -> Any:
    """Return a value with None in place of what is not a number."""
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
