"""What ``plan.json`` says of landings: maps, probabilities of shares of the load, and towns."""

from __future__ import annotations

from typing import Any

from downwind.geo.regions import measure_area_km2
from downwind.plan.landing_maps import LandingMap, LandingReport
from downwind.plan.load_events import LoadEvent
from downwind.plan.towns import TOWNS_ONLY, TownTable


def describe_landings(report: LandingReport) -> dict[str, Any]:
    """Return the landings of a plan as JSON holds them."""
    return {
        "maps": {found.key: _describe_map(found) for found in report.maps},
        "at_least": [_describe_event(event) for event in report.events],
        "towns": describe_towns(report.towns),
    }


def describe_towns(table: TownTable) -> dict[str, Any]:
    """Return a table of towns as JSON holds it."""
    return {
        "note": TOWNS_ONLY,
        "radius_m": table.radius_m,
        "smallest": table.smallest,
        "looked_at": table.towns,
        "rows": [
            {
                "name": row.town.name,
                "latitude": row.town.latitude,
                "longitude": row.town.longitude,
                "population": row.town.population,
                "items": {"expected": row.items[0], "standard_error": row.items[1]},
                "within": {
                    key: {"expected": mean, "standard_error": error}
                    for key, (mean, error) in row.within.items()
                },
                "nearest": row.nearest,
                "nearest_items": {
                    "expected": row.nearest_items[0],
                    "standard_error": row.nearest_items[1],
                },
            }
            for row in table.rows
        ],
    }


def _describe_map(found: LandingMap) -> dict[str, Any]:
    struck = found.struck
    return {
        "role": found.role,
        "title": found.title,
        "expected": found.expected,
        "standard_error": found.expected_error,
        "clusters": None if found.density is None else found.density.clusters,
        "note": "" if found.density is None else found.density.note,
        "most_per_km2": None if found.per_km2 is None else float(found.per_km2.max()),
        "contours": [
            {
                "probability": level,
                "area_km2": measure_area_km2(polygon),
                "people": None if found.people is None else found.people.in_area[level],
            }
            for level, polygon in (
                () if found.density is None else sorted(found.density.contours.items())
            )
        ],
        "regions": {
            name: {"expected": mean, "standard_error": error}
            for name, (mean, error) in found.regions.items()
        },
        "struck": {
            "things_above_limit": struck.things,
            "casualty_area_m2": struck.area_m2,
            "people": struck.expected,
            "standard_error": struck.standard_error,
            "people_at_100_per_km2": struck.at_yardstick,
            "unknown_share": struck.unknown_share,
        },
    }


def _describe_event(event: LoadEvent) -> dict[str, Any]:
    return {
        "region": event.region,
        "title": event.title,
        "at_least": event.at_least,
        "probability": event.probability,
        "low": event.low,
        "high": event.high,
        "worst_high": event.worst_high,
        "draws": event.draws,
        "draws_with_it": event.hit_draws,
    }
