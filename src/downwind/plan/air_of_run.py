"""What the weather says of the air near the ground: the turbulence of a run, and its launch.

Depth and friction of the boundary layer come from the weather where it has them and the mission
states nothing else. What a launch meets, wind, gust, cloud and rain, is held against the mission's
limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from downwind.errors import MissionError
from downwind.geo.sun import is_night
from downwind.plan.mission import Limits, Mission, Site
from downwind.times import format_utc
from downwind.wind.grid import WindGrid

THINNEST_M: Final = 50.0
"""Shallowest boundary layer that is taken from a weather model [m]: none resolves less."""

LEAST_FRICTION_MS: Final = 0.02
"""Least friction velocity that is taken from a weather model [m s-1]."""

NEUTRAL_M: Final = 1e6
"""Obukhov length of neutral air [m]: longer than any boundary layer is deep."""

_STEP_S: Final = 900.0
_NAMES: Final = {
    "boundary_layer_m": "depth of the boundary layer",
    "friction_velocity_ms": "friction velocity",
}


@dataclass(frozen=True, slots=True)
class LaunchWeather:
    """The air at the ground of a site from the first launch to the last.

    What is not known at some time between them is NaN: it may be strongest then.

    Attributes
    ----------
    site : Site
    start_s, end_s : float
        First and last launch [epoch s].
    wind_ms : float
        Strongest mean wind at 10 m, of all members [m s-1].
    from_deg : float
        Where it comes from then [degrees from north].
    gust_ms : float
        Strongest gust [m s-1].
    cloud_cover : float
        Mean share of the sky in cloud, 0 to 1.
    rain_kgm2s : float
        Greatest rate of rain or snow [kg m-2 s-1].
    """

    site: Site
    start_s: float
    end_s: float
    wind_ms: float
    from_deg: float
    gust_ms: float
    cloud_cover: float
    rain_kgm2s: float


def settle_turbulence(mission: Mission, grid: WindGrid) -> Mission:
    """Take the turbulence of a mission from the weather, where it may and can.

    Depth and friction velocity of the boundary layer are medians over the sites, over the members,
    and over the hours from the first launch to the last release. If all launches are by night the
    Obukhov length is that of the night defaults, which makes the air stable; by day the air is
    taken as neutral. What the mission states stays.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid

    Returns
    -------
    Mission
        The same with another ``turbulence``, or the mission itself.

    Raises
    ------
    MissionError
        If the mission asks for the weather's turbulence and the weather has none.
    """
    wanted = [name for name in _NAMES if name not in mission.air.stated]
    if mission.air.source == "mission" or (mission.air.source == "auto" and not wanted):
        return mission
    start, end = flight_hours(mission)
    found = _find_medians(mission, grid, start, end)
    lacking = [name for name in wanted if not math.isfinite(found[name])]
    if lacking:
        if mission.air.source == "auto":
            return mission
        names = " and no ".join(_NAMES[name] for name in lacking)
        raise MissionError(
            f'turbulence.air = "weather", but {grid.source} has no {names} at the sites from '
            f"{format_utc(start)} to {format_utc(end)}",
            "bring weather files with them, or state turbulence.boundary_layer and "
            "turbulence.friction_velocity_ms",
            (("turbulence.air", f"the weather has no {names}"),),
        )
    values = {name: found[name] for name in wanted}
    if "obukhov_length_m" not in mission.air.stated and not launches_by_night(mission):
        values["obukhov_length_m"] = NEUTRAL_M
    origin = f"from {grid.source} at the sites, median of {format_utc(start)} to {format_utc(end)}"
    return replace(mission, turbulence=replace(mission.turbulence, **values, origin=origin))


def launches_by_night(mission: Mission) -> bool:
    """Tell whether all launches that are tried are by night."""
    return all(
        is_night(float(t), site.latitude, site.longitude)
        for t in mission.launch_times_s
        for site in mission.sites
    )


def find_launch_weather(
    mission: Mission, grid: WindGrid, site: Site, start_s: float
) -> LaunchWeather:
    """Find what the launches of a fleet meet at the ground.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    site : Site
    start_s : float
        First launch [epoch s].
    """
    end_s = start_s + mission.fleet_span_s
    nothing = LaunchWeather(site, start_s, end_s, *[math.nan] * 5)
    if grid.air is None:
        return nothing
    count = 2 + int(mission.fleet_span_s / _STEP_S)
    member = np.arange(grid.member_count)[:, None]
    air = grid.air.sample_ground(
        member, site.longitude, site.latitude, np.linspace(start_s, end_s, count)
    )
    speed = np.hypot(air.east_10m_ms, air.north_10m_ms)
    wind = direction = math.nan
    if np.isfinite(speed).all():
        k = int(speed.argmax())
        wind = float(speed[k])
        direction = math.degrees(math.atan2(-air.east_10m_ms[k], -air.north_10m_ms[k])) % 360.0
    return replace(
        nothing,
        wind_ms=wind,
        from_deg=direction,
        gust_ms=float(air.gust_ms.max()),
        cloud_cover=float(air.cloud_cover.mean()),
        rain_kgm2s=float(air.precipitation_kgm2s.max()),
    )


def launch_stops(limits: Limits, weather: LaunchWeather) -> tuple[str, ...]:
    """Say where the air at the launch is beyond a mission's limits, or is not known to be within.

    Parameters
    ----------
    limits : Limits
    weather : LaunchWeather

    Returns
    -------
    tuple of str
        A sentence for each limit that is not kept.
    """
    return tuple(f"{breach}: STOP" for breach in launch_breaches(limits, weather))


def launch_breaches(limits: Limits, weather: LaunchWeather) -> tuple[str, ...]:
    """Say where the air at the launch is beyond a mission's limits, or not known to be within.

    Parameters
    ----------
    limits : Limits
    weather : LaunchWeather

    Returns
    -------
    tuple of str
        A clause for each limit that is not kept.
    """
    breaches = []
    for what, key, unit, per_unit, limit, value in (
        ("10 m wind", "surface_wind", "m/s", 1.0, limits.surface_wind_ms, weather.wind_ms),
        ("gust", "gust", "m/s", 1.0, limits.gust_ms, weather.gust_ms),
        ("rain", "rain", "mm/h", 3600.0, limits.rain_kgm2s, weather.rain_kgm2s),
        ("cloud", "cloud", "% of the sky", 100.0, limits.cloud_cover, weather.cloud_cover),
    ):
        if limit is None or value <= limit:
            continue
        most = f"limits.{key} ({per_unit * limit:.3g} {unit})"
        breaches.append(
            f"the {what} at {weather.site.name} is not in the weather data for the launch, so "
            f"{most} is not known to be kept"
            if math.isnan(value)
            else f"the {what} at {weather.site.name} reaches {per_unit * value:.1f} {unit} during "
            f"the launch, above {most}"
        )
    return tuple(breaches)


def flight_hours(mission: Mission) -> tuple[float, float]:
    """Return the first launch and the last release that are tried [epoch s].

    Parameters
    ----------
    mission : Mission
    """
    latest = max(
        (g.timer_setting_s or mission.search.timer_until_s) + g.last_after_s for g in mission.groups
    )
    start, last = min(mission.launch_times_s), max(mission.launch_times_s)
    return float(start), float(last + mission.fleet_span_s + latest)


def _find_medians(mission: Mission, grid: WindGrid, start: float, end: float) -> dict[str, float]:
    found = dict.fromkeys(_NAMES, math.nan)
    if grid.air is None:
        return found
    member = np.arange(grid.member_count)[:, None, None]
    longitude, latitude = (
        np.array([getattr(site, name) for site in mission.sites])[:, None]
        for name in ("longitude", "latitude")
    )
    count = 2 + int((end - start) / _STEP_S)
    air = grid.air.sample_ground(member, longitude, latitude, np.linspace(start, end, count))
    depth, friction = (x[np.isfinite(x)] for x in (air.boundary_layer_m, air.friction_velocity_ms))
    if depth.size:
        found["boundary_layer_m"] = max(round(float(np.median(depth))), THINNEST_M)
    if friction.size:
        found["friction_velocity_ms"] = max(round(float(np.median(friction)), 3), LEAST_FRICTION_MS)
    return found
