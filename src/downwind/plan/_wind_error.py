"""How wrong the wind of a result is, where its source says so: at the site and at the target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from shapely.geometry import Point
from shapely.ops import nearest_points

from downwind import atmosphere
from downwind.times import format_duration
from downwind.wind.error import persistence_sigma_ms

if TYPE_CHECKING:
    from downwind.plan.result import PlanResult

HEIGHT_M: Final = 3_000.0
"""Altitude for which the error is told where no release acts [m]."""


def describe_wind_error(result: PlanResult) -> list[str]:
    """Say the standard error of the wind and the age of the observations, as far as known.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    list of str
        Empty for a wind whose source states no error. The error is that at the altitude of the
        first release, at the launch; the target is met at its point nearest to the site.
    """
    air = result.grid.air
    if air is None or air.wind_error_ms is None:
        return []
    altitudes = [group.release_altitude_m[0] for group in result.groups]
    known = [altitude for altitude in altitudes if np.isfinite(altitude)]
    altitude_m = known[0] if known else HEIGHT_M
    site = result.site
    height_m = float(atmosphere.geopotential_height(altitude_m))
    near, _ = nearest_points(result.regions.target.geometry, Point(site.longitude, site.latitude))
    found = air.sample(
        0,
        [site.longitude, near.x],
        [site.latitude, near.y],
        height_m,
        float(result.start_s),
    ).wind_error_ms
    at_site, at_target = (
        f"{value:.1f} m/s" if np.isfinite(value) else "not known (outside the data)"
        for value in found
    )
    by = "by its source" if result.observed is None else "with the own observation in it"
    text = (
        f"standard error of the wind {by}, each component, at {altitude_m / 1e3:.1f} km: "
        f"{at_site} at the site, {at_target} at the near edge of the target"
    )
    age_s = observed_before_s(result)
    if age_s == 0.0:
        text += "; observed at the launch"
    elif age_s > 0.0:
        text += f"; observed {format_duration(age_s)} before the launch"
        changed = float(persistence_sigma_ms(atmosphere.pressure_pa(height_m), age_s / 3600.0))
        if np.isfinite(changed):
            text += (
                f"; a wind changes by about {changed:.1f} m/s in that time (measured at one "
                f"tropical station), which makes it {np.hypot(found[0], changed):.1f} m/s at the "
                "site"
            )
        else:
            text += ", and what the wind has changed since is not in it"
    return [text]


def observed_before_s(result: PlanResult) -> float:
    """Return how long before the launch an observed wind was last observed [s].

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    float
        NaN for a wind that is no observation, and where all of it was observed after the launch.
    """
    air = result.grid.air
    if air is None or result.grid.nature != "observation":
        return math.nan
    before = air.time_s[air.time_s <= result.start_s]
    return float(result.start_s - before[-1]) if before.size else math.nan
