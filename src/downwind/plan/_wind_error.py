"""How wrong the wind of a result is, where its source says so: at the site and at the target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.ops import nearest_points

from downwind import atmosphere
from downwind.times import format_duration
from downwind.wind.error import between_sigma_ms, persistence_sigma_ms

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
    if math.isfinite(observed_before_s(result)):
        text += describe_age(air.time_s, float(result.start_s), height_m, float(found[0]))
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


def describe_age(
    times_s: NDArray[np.float64], start_s: float, height_m: float, error_ms: float
) -> str:
    """Say how old soundings are at the launch, and what that adds to their error at the site.

    Parameters
    ----------
    times_s : numpy.ndarray
        Of the soundings, rising, one at least not after the launch, shape (n,) [s since 1970].
    start_s : float
        The launch [s since 1970].
    height_m : float
        Geopotential height [m].
    error_ms : float
        Standard error at the site as observed [m s-1].
    """
    pressure = atmosphere.pressure_pa(height_m)
    before_s = start_s - float(times_s[times_s <= start_s][-1])
    later = times_s[times_s > start_s]
    if before_s == 0.0:
        return "; observed at the launch"
    text = f"; observed {format_duration(before_s)} before the launch"
    if later.size:
        after_s = float(later[0]) - start_s
        text += f" and {format_duration(after_s)} after it"
        changed = float(between_sigma_ms(pressure, before_s / 3600.0, after_s / 3600.0))
        what = f"between them the wind is off by about {changed:.1f} m/s more"
    else:
        changed = float(persistence_sigma_ms(pressure, before_s / 3600.0))
        what = f"a wind changes by about {changed:.1f} m/s in that time"
    if not np.isfinite(changed):
        return text + ", and what the wind has changed since is not in it"
    return (
        f"{text}; {what} (measured at one tropical station), which makes it "
        f"{np.hypot(error_ms, changed):.1f} m/s at the site"
    )
