"""A comparison of winds as a JSON document: what was compared, every level, and the raw pairs.

``pairs`` is the raw material for the size of forecast error: one row for each comparison, valid
time and level, with the leads of both winds.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from downwind.io._parts import replace_nan
from downwind.plan.nominal import NominalFlight
from downwind.plan.wind_comparison import (
    ComparedWind,
    Separation,
    WindComparison,
    find_events,
    find_separation,
    separate_climbs,
)
from downwind.times import format_utc
from downwind.version import VERSION
from downwind.wind.compare.cubes import CubeComparison, LevelDifference
from downwind.wind.error import forecast_sigma_ms
from downwind.wind.error_sizes import FittedScale, FittedSizes

FORMAT = "downwind-wind-comparison-1"


def comparison_document(result: WindComparison) -> dict[str, Any]:
    """Return a comparison as a JSON document.

    Parameters
    ----------
    result : WindComparison

    Returns
    -------
    dict
        SI units in the names, leads in hours; null where there is no value.
    """
    labels = [wind.label for wind in result.winds]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "warnings": list(result.warnings),
        "winds": [_wind(wind) for wind in result.winds],
        "comparisons": [
            _comparison(comparison, label)
            for comparison, label in zip(result.comparisons, labels[1:], strict=True)
        ],
        "pairs": [
            {"first": labels[0], "second": label, **_level(row)}
            for comparison, label in zip(result.comparisons, labels[1:], strict=True)
            for row in comparison.by_time
        ],
        "mission": _mission(result) if result.flights else None,
        "climb": _climb(result) if result.request else None,
        "error_sizes": _sizes(result.sizes) if result.sizes else None,
    }
    cleaned: dict[str, Any] = replace_nan(document)
    return cleaned


def _sizes(sizes: FittedSizes) -> dict[str, Any]:
    return {
        "origin": sizes.origin,
        "notes": list(sizes.notes),
        "sizes": [
            {
                "pressure_pa": entry.pressure_pa,
                "lead_hours": entry.lead_h,
                "sigma_ms": entry.sigma_ms,
                "standard_error_ms": entry.standard_error_ms,
                "n_effective": entry.n_effective,
                "default_sigma_ms": float(forecast_sigma_ms(entry.pressure_pa, entry.lead_h)),
            }
            for entry in sizes.entries
        ],
        "horizontal_m": _scale(sizes.horizontal_m),
        "time_s": _scale(sizes.time_s),
    }


def _scale(scale: FittedScale | None) -> dict[str, float] | None:
    if scale is None:
        return None
    return {"value": scale.value, "standard_error": scale.standard_error}


def _wind(wind: ComparedWind) -> dict[str, Any]:
    cube = wind.cube
    run = cube.reference_time_s
    return {
        "label": wind.label,
        "source": cube.source,
        "nature": cube.nature,
        "member": wind.member_text,
        "run": None if run is None else format_utc(run),
        "files": cube.files,
        "digest": cube.digest,
        "notes": list(cube.notes),
    }


def _comparison(comparison: CubeComparison, label: str) -> dict[str, Any]:
    return {
        "first": "A",
        "second": label,
        "nodes_of": comparison.grid_of,
        "node_stride": comparison.stride,
        "longitude": [comparison.longitude[0], comparison.longitude[-1]],
        "latitude": [comparison.latitude[0], comparison.latitude[-1]],
        "columns": comparison.longitude.size,
        "rows": comparison.latitude.size,
        "times": [format_utc(t) for t in comparison.times_s],
        "times_interpolated": comparison.is_interpolated,
        "absent_height_m": list(comparison.absent_m),
        "levels": [_level(row) for row in comparison.levels],
    }


def _level(row: LevelDifference) -> dict[str, Any]:
    when = {} if row.valid_time_s is None else {"valid_time": format_utc(row.valid_time_s)}
    return {
        **when,
        "lead_first_h": row.lead_first_h,
        "lead_second_h": row.lead_second_h,
        "pressure_pa": round(row.pressure_pa, 1),
        "height_m": row.height_m,
        "n": row.difference.n,
        "n_effective": row.difference.n_effective,
        **{
            f"{field.name}_ms": getattr(row.difference, field.name)
            for field in fields(row.difference)
            if field.name not in ("n", "n_effective")
        },
        "default_sigma_first_ms": row.sigma_first_ms,
        "default_sigma_second_ms": row.sigma_second_ms,
        "default_rms_vector_ms": row.default_vector_ms,
    }


def _mission(result: WindComparison) -> dict[str, Any]:
    first = result.flights[0]
    return {
        "name": result.mission_name,
        "notes": list(result.flight_notes),
        "flights": [
            {
                "wind": wind.label,
                "groups": [
                    _flight(base, flight) for base, flight in zip(first, flights, strict=True)
                ],
            }
            for wind, flights in zip(result.winds, result.flights, strict=True)
        ],
    }


def _flight(first: NominalFlight, flight: NominalFlight) -> dict[str, Any]:
    return {
        "group": flight.group,
        "launch": format_utc(flight.launch_s),
        "events": [
            {field.name: getattr(event, field.name) for field in fields(event)}
            for event in find_events(first, flight)
        ],
        "separation": _separation(find_separation(first, flight)),
    }


def _climb(result: WindComparison) -> dict[str, Any]:
    request = result.request
    assert request is not None
    first = result.climbs[0]
    return {
        "latitude": request.latitude,
        "longitude": request.longitude,
        "time": format_utc(request.time_s),
        "ascent_rate_ms": request.rate_ms,
        "height_m": first.height_m.tolist(),
        "winds": [
            {
                "wind": wind.label,
                "longitude": climb.longitude.tolist(),
                "latitude": climb.latitude.tolist(),
                "eastward_ms": climb.eastward_ms.tolist(),
                "northward_ms": climb.northward_ms.tolist(),
                "separation": _separation(separate_climbs(first, climb)),
            }
            for wind, climb in zip(result.winds, result.climbs, strict=True)
        ],
    }


def _separation(separation: Separation) -> dict[str, list[float]]:
    return {field.name: getattr(separation, field.name).tolist() for field in fields(separation)}
