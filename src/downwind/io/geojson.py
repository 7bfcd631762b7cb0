"""``landing.geojson``: where the load is expected, for any map (RFC 7946)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from downwind.geo._rings import make_polygonal
from downwind.geo.regions import Region, measure_area_km2
from downwind.io._parts import (
    cut_for_map,
    describe_run,
    replace_nan,
    write_geometry,
)
from downwind.landing.regions import KEEP_OUT, TARGET
from downwind.plan.caption import warning_lines
from downwind.plan.result import PlanResult
from downwind.plan.towns import TOWNS_ONLY
from downwind.times import format_utc

MOST_POINTS: Final = 2_000
"""An outline with more points is simplified, or where that does not help, given as its box."""

_TOLERANCES_DEG: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)


def write_landing_geojson(result: PlanResult, path: Path) -> None:
    """Write contours, median landings, site, target and keep-outs as a FeatureCollection.

    Outlines run anticlockwise and are cut at the antimeridian. Every feature says what it is in
    ``role`` and which run it is from in ``run``. ``warnings`` of the collection holds what a card
    says.
    """
    document = {
        "type": "FeatureCollection",
        "run": {**describe_run(result), "wind": result.grid.source},
        "warnings": warning_lines(result),
        "features": landing_features(result),
    }
    text = json.dumps(replace_nan(document), ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def landing_features(result: PlanResult) -> list[dict[str, Any]]:
    """Return the features of a result, as GeoJSON holds them."""
    run = result.run.digest
    features = [
        _make_feature(
            Point(result.site.longitude, result.site.latitude),
            run,
            role="site",
            name=result.site.name,
            launch=format_utc(result.start_s),
        )
    ]
    for kind in result.kinds:
        if kind.density is None:
            continue
        # the larger first, so that a map draws the smaller above it
        for level, polygon in sorted(kind.density.contours.items(), reverse=True):
            features.append(
                _make_feature(
                    cut_for_map(polygon),
                    run,
                    role="contour",
                    item=kind.kind.name,
                    name=f"{kind.kind.title}: {100 * level:g} % of landings",
                    probability=level,
                    area_km2=round(measure_area_km2(polygon), 3),
                    draws=kind.density.draws,
                )
            )
    features += _ending_features(result)
    for kind in result.kinds:
        if kind.median_place is None:
            continue
        features.append(
            _make_feature(
                Point(kind.median_place),
                run,
                role="median_landing",
                item=kind.kind.name,
                name=f"{kind.kind.title}: median landing",
            )
        )
    regions: list[tuple[str, Region, float | None]] = [("target", result.mission.target, None)]
    regions += [("keep_out", k.region, k.limit) for k in result.mission.keep_outs]
    for role, region, limit in regions:
        outline, how = simplify_outline(region)
        key = TARGET if role == "target" else KEEP_OUT + region.name
        more: dict[str, Any] = {} if limit is None else {"limit": limit}
        more |= result.load_shares[key].to_dict()
        features.append(
            _make_feature(
                outline,
                run,
                role=role,
                name=region.name,
                source=region.source,
                outline=how,
                area_km2=round(region.area_km2, 1),
                **more,
            )
        )
    return features


def _ending_features(result: PlanResult) -> list[dict[str, Any]]:
    """Return the areas of bundles, loads that stay and envelopes, and the towns."""
    if result.landings is None:
        return []
    run, features = result.run.digest, []
    for found in result.landings.of_role("ending"):
        assert found.density is not None
        for level, polygon in sorted(found.density.contours.items(), reverse=True):
            features.append(
                _make_feature(
                    cut_for_map(polygon),
                    run,
                    role="ending_contour",
                    ending=found.key,
                    name=f"{found.title}: {100 * level:g} % of landings",
                    probability=level,
                    expected=float(f"{found.expected:.4g}"),
                    area_km2=round(measure_area_km2(polygon), 3),
                    draws=found.density.draws,
                )
            )
    towns = result.landings.towns
    for row in towns.rows:
        features.append(
            _make_feature(
                Point(row.town.longitude, row.town.latitude),
                run,
                role="town",
                name=row.town.name,
                population=row.town.population,
                within_km=towns.radius_m / 1e3,
                items=float(f"{row.items[0]:.4g}"),
                items_standard_error=float(f"{row.items[1]:.2g}"),
                note=TOWNS_ONLY,
            )
        )
    return features


def simplify_outline(region: Region) -> tuple[BaseGeometry, str]:
    """Return a region's outline with at most ``MOST_POINTS`` points, and how it was made."""
    geometry = region.geometry
    if shapely.get_num_coordinates(geometry) <= MOST_POINTS:
        return cut_for_map(geometry), "whole"
    for tolerance in _TOLERANCES_DEG:
        simple = make_polygonal(geometry.simplify(tolerance))
        if shapely.get_num_coordinates(simple) <= MOST_POINTS:
            return cut_for_map(simple), f"simplified to {tolerance:g} degrees"
    return cut_for_map(shapely.box(*geometry.bounds)), "bounding box"


def _make_feature(geometry: BaseGeometry, run: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": write_geometry(geometry),
        "properties": {**properties, "run": run},
    }
