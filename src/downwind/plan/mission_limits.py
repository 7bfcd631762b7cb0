"""Whether what a mission asks for can be had together: limits, keep-outs, target, sites."""

from __future__ import annotations

from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from downwind.geo.regions import SMALLEST_TARGET_KM2, Region, measure_area_km2
from downwind.plan.faults import Faults
from downwind.plan.mission import KeepOut, Limits, Site

_ALL: Final = 0.999
"""Part of the target that lies in the home country from which on all of it does [fraction]."""


def find_contradictions(
    limits: Limits,
    target: Region,
    home: Region,
    keep_outs: tuple[KeepOut, ...],
    sites: tuple[Site, ...],
) -> Faults:
    """Return what contradicts what, each with the keys of both.

    Parameters
    ----------
    limits : Limits
    target, home : Region
    keep_outs : tuple of KeepOut
    sites : tuple of Site
    """
    faults: Faults = []
    wind, gust = limits.surface_wind_ms, limits.gust_ms
    if wind is not None and gust is not None and gust < wind:
        faults.append(
            (
                "limits.gust",
                f"{gust:.3g} m/s contradicts limits.surface_wind, {wind:.3g} m/s: a gust is never "
                "below the mean wind; are the two swapped?",
            )
        )
    least = limits.target_least
    if least is not None and least > limits.falling_short and _lies_in(target, home):
        faults.append(
            (
                "limits.target_at_least",
                f"{least:.3g} contradicts limits.falling_short, {limits.falling_short:.3g}: the "
                f"target, {target.name}, lies in the home country, {home.name}, so what comes "
                "down in it falls short too",
            )
        )
    faults += _covered(target, keep_outs)
    for i, site in enumerate(sites):
        faults += [
            (
                f"site[{i}]",
                f"'{site.name}' lies in keep_out[{k}], {keep_out.region.name}, where nothing may "
                "come down; move the site, or leave its surroundings out of the keep-out",
            )
            for k, keep_out in enumerate(keep_outs)
            if keep_out.region.contains(site.longitude, site.latitude)
        ]
    return faults


def _covered(target: Region, keep_outs: tuple[KeepOut, ...]) -> Faults:
    """Return the fault of keep-outs that leave too little of the target to be one."""
    covering = [
        (k, keep_out.region)
        for k, keep_out in enumerate(keep_outs)
        if shapely.intersects(keep_out.region.geometry, target.geometry)
    ]
    if not covering:
        return []
    taken = shapely.union_all([region.geometry for _, region in covering])
    left_km2 = _largest_km2(shapely.difference(target.geometry, taken))
    if left_km2 >= SMALLEST_TARGET_KM2:
        return []
    names = " and ".join(f"keep_out[{k}], {region.name}," for k, region in covering)
    verb = "covers" if len(covering) == 1 else "cover"
    return [
        (
            f"keep_out[{covering[0][0]}]",
            f"{names} {verb} the target, {target.name}: {left_km2:.3g} km2 in one piece are left "
            f"of it, less than {SMALLEST_TARGET_KM2:g}; nothing may come down where everything "
            "shall",
        )
    ]


def _largest_km2(geometry: BaseGeometry) -> float:
    """Return the area of the largest polygon [km2]."""
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon"]
    return max(map(measure_area_km2, parts), default=0.0)


def _lies_in(inner: Region, outer: Region) -> bool:
    """Tell whether a region lies in another, but for slivers along its border."""
    if not shapely.intersects(inner.geometry, outer.geometry):
        return False
    shared = shapely.intersection(inner.geometry, outer.geometry)
    return bool(shared.area >= _ALL * inner.geometry.area)
