"""How large the error of a wind is, by its nature: forecast, reanalysis, observation, made up.

A forecast has the table by level and lead at the hours flown. A reanalysis has the row of 6 h. An
observation has what its source states, and how the wind has changed since. A wind with an own
observation in it has what the blend leaves. A synthetic wind has none, unless the mission says of
which lead. Where the data state an error by place it is taken on the way from the sites to the
target.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.ops import nearest_points

from downwind import atmosphere
from downwind.constants import EARTH_RADIUS_M
from downwind.errors import MissionError
from downwind.plan.mission import Mission
from downwind.times import format_minute
from downwind.wind.error import (
    ANALYSIS_LEAD_H,
    PERSISTENCE_LONGEST_H,
    SIGMA_MS,
    SOUNDING_FINE_MS,
    change_sigma_ms,
    forecast_sigma_ms,
    unresolved_sigma_ms,
)
from downwind.wind.grid import WindGrid

FloatArray = NDArray[np.float64]

TABLE: Final = "default table (an assumption)"
"""Name of the default sizes on every output."""

STEP_S: Final = 3600.0
MOST_TIMES: Final = 49
LAST_LANDING_S: Final = 12 * 3600.0
"""How long after the last launch the table of sizes goes on, at the most [s]."""

WAY_POINTS: Final = (0.0, 0.5, 1.0)
"""Where on the way from a site to the target an error that the data state is taken [-]."""

HIGHEST_M: Final = 47_000.0
"""The standard atmosphere ends there [m]."""


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """The error of a wind before any factor of the mission.

    Attributes
    ----------
    large_ms : numpy.ndarray
        Large-scale part, shape (heights, times) [m s-1].
    fine_ms : float
        What is not resolved [m s-1].
    origin : str
        Where the sizes come from.
    lead_from_s : float
        Time from which leads count [epoch s]; NaN where the error does not go by lead.
    lead_origin : str
        What that time is.
    notes : tuple of str
    """

    large_ms: FloatArray
    fine_ms: float
    origin: str
    lead_from_s: float = math.nan
    lead_origin: str = ""
    notes: tuple[str, ...] = ()


def choose_nodes(mission: Mission, grid: WindGrid) -> tuple[FloatArray, FloatArray]:
    """Return the heights [m, geopotential] and times [epoch s] of the table of sizes."""
    top = grid.top_m
    heights = np.concatenate(
        [np.arange(0.0, 12_000.0, 500.0), np.arange(12_000.0, 20_000.0, 1_000.0),
         np.arange(20_000.0, 80_000.0, 2_000.0)]
    )  # fmt: skip
    heights = np.append(heights[heights < top], top)
    first, last = min(mission.launch_times_s), max(mission.launch_times_s)
    start = min(max(float(first), grid.start_s), grid.end_s)
    end = min(last + mission.fleet_span_s + LAST_LANDING_S, grid.end_s)
    count = 1 + math.ceil(max(end - start, 1.0) / STEP_S)
    return heights, np.linspace(start, max(end, start + 1.0), min(max(count, 2), MOST_TIMES))


def find_sizes(
    mission: Mission, grid: WindGrid, height_m: FloatArray, time_s: FloatArray
) -> Sizes | str:
    """Return the sizes of a wind's error, or why it has none.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    height_m, time_s : numpy.ndarray
        Nodes of the table, from `choose_nodes`.

    Raises
    ------
    MissionError
        If the mission asks for an error that cannot be known.
    """
    options = mission.wind_error
    lead_h = options.lead_hours
    if grid.nature == "observation":
        return _observed(mission, grid, height_m, time_s)
    if grid.nature == "synthetic" and lead_h is None:
        if options.use == "on":
            raise MissionError(
                'wind.error.use = "on", but the wind is synthetic and states no run',
                "state the lead whose error it shall have, such as wind.error.lead_hours = 24",
                (("wind.error.lead_hours", "missing; a synthetic wind has no lead"),),
            )
        return "the wind is synthetic; wind.error.lead_hours gives it the error of a forecast"
    if grid.air is not None and grid.air.wind_error_ms is not None:
        return _blended(mission, grid, height_m, time_s)
    run_s, origin, notes = _find_run(mission, grid)
    lead = (time_s - run_s) / 3600.0
    if origin == "analysis":
        lead = np.full(time_s.shape, ANALYSIS_LEAD_H)
    large, table, more = _by_level(mission, height_m, lead)
    fine = spacing_sigma_ms(grid, mission)
    return Sizes(large, fine, table, run_s, origin, (*notes, *more))


def spacing_sigma_ms(grid: WindGrid, mission: Mission) -> float:
    """Return the size of what a grid does not resolve, by its spacing at the first site [m s-1]."""
    latitude = min(abs(mission.sites[0].latitude), 80.0)
    across = math.cos(math.radians(latitude)) / grid.arrays.per_longitude
    spacing = math.radians(0.5 * (1.0 / grid.arrays.per_latitude + across)) * EARTH_RADIUS_M
    return float(unresolved_sigma_ms(spacing))


def way_points(mission: Mission, grid: WindGrid) -> tuple[FloatArray, FloatArray]:
    """Return places on the way from each site to the near edge of the target, inside the data.

    Returns
    -------
    tuple of numpy.ndarray
        Longitudes and latitudes, shape (n,) [degrees].
    """
    west, south, east, north = grid.box
    longitudes, latitudes = [], []
    for site in mission.sites:
        near, _ = nearest_points(mission.target.geometry, Point(site.longitude, site.latitude))
        turn = (near.x - site.longitude + 180.0) % 360.0 - 180.0
        for part in WAY_POINTS:
            lon = site.longitude + part * turn
            lat = site.latitude + part * (near.y - site.latitude)
            if part == 0.0 or (south <= lat <= north and (lon - west) % 360.0 <= east - west):
                longitudes.append(lon)
                latitudes.append(lat)
    return np.array(longitudes), np.array(latitudes)


def _pressure_pa(height_m: FloatArray) -> FloatArray:
    return np.asarray(atmosphere.pressure_pa(np.clip(height_m, 0.0, HIGHEST_M)), np.float64)


def _by_level(
    mission: Mission, height_m: FloatArray, lead_h: FloatArray
) -> tuple[FloatArray, str, tuple[str, ...]]:
    """Return the sizes by height and lead, shape (heights, leads), whence, and what to say."""
    pressure = _pressure_pa(height_m)[:, None]
    fitted = mission.wind_error.sizes
    if fitted is None:
        return forecast_sigma_ms(pressure, np.maximum(lead_h, 0.0)), TABLE, ()
    low, high = fitted.leads_h
    notes = []
    if lead_h.min() < low - 0.01 or lead_h.max() > high + 0.01:
        span = f"{low:g} h" if low == high else f"{low:g} to {high:g} h"
        notes.append(
            f"leads of {lead_h.min():.0f} to {lead_h.max():.0f} h are flown, and the sizes of "
            f"wind.error.sizes were fitted at {span}: beyond these the growth of the default table "
            "is taken"
        )
    top_pa, low_pa = fitted.pressures_pa
    if top_pa > min(SIGMA_MS) or low_pa < max(SIGMA_MS):
        span = f"{low_pa / 100.0:.0f} hPa"
        if top_pa < low_pa:
            span += f" to {top_pa / 100.0:.0f} hPa"
        notes.append(
            f"the sizes of wind.error.sizes were fitted at {span}: elsewhere the default table is "
            "taken, times the ratio to it at the nearest level that was fitted"
        )
    return fitted.sigma_ms(pressure, np.maximum(lead_h, 0.0)), f"fitted: {fitted.origin}", (
        *notes, *fitted.notes,
    )  # fmt: skip


def _find_run(mission: Mission, grid: WindGrid) -> tuple[float, str, list[str]]:
    """Return the time from which leads count [epoch s], what it is, and what to say."""
    lead_h = mission.wind_error.lead_hours
    if grid.reference_time_s is not None:
        notes = []
        if lead_h is not None:
            notes = ["wind.error.lead_hours is not used: the wind states its run"]
        return float(grid.reference_time_s), "run", notes
    if lead_h is not None:
        text = (
            f"the {grid.nature} wind is given the error of a forecast of {lead_h:g} h at the first "
            "launch time (wind.error.lead_hours)"
        )
        return min(mission.launch_times_s) - 3600.0 * lead_h, "mission", [text]
    if grid.nature == "forecast":
        text = (
            f"the forecast does not state its run: leads count from {format_minute(grid.start_s)}, "
            "its first time, so the error is larger than drawn; state wind.error.lead_hours"
        )
        return grid.start_s, "first time", [text]
    text = (
        f"the wind is a reanalysis: the error of a {ANALYSIS_LEAD_H:g} h forecast is taken for its "
        "own, which is not known; if it is a forecast that does not state its run, state "
        "wind.error.lead_hours"
    )
    return math.nan, "analysis", [text]


def _stated_square(
    mission: Mission, grid: WindGrid, height_m: FloatArray, time_s: FloatArray
) -> FloatArray | None:
    """Return the mean square error that the data state on the way to the target.

    Shape (heights, times) [m2 s-2]; held beyond the heights and times at which it is known; None
    where it is known nowhere.
    """
    assert grid.air is not None
    lon, lat = way_points(mission, grid)
    found = grid.air.sample(
        0, lon, lat, height_m[:, None, None], time_s[:, None]
    ).wind_error_ms.reshape(height_m.size, time_s.size, lon.size)
    known = np.isfinite(found)
    count = known.sum(axis=2)
    square = np.where(known, found, 0.0)
    mean = np.where(count > 0, (square**2).sum(axis=2) / np.maximum(count, 1), np.nan)
    for axis in (0, 1):  # first along heights, then along times
        rows = mean if axis else mean.T
        nodes = time_s if axis else height_m
        for row in rows:
            here = np.isfinite(row)
            if here.any():
                row[:] = np.interp(nodes, nodes[here], row[here])
    return None if np.isnan(mean).any() else mean


def _observed(mission: Mission, grid: WindGrid, height_m: FloatArray, time_s: FloatArray) -> Sizes:
    """Return what the source states with what the wind has changed since; not resolved in it."""
    notes = []
    if mission.wind_error.lead_hours is not None:
        notes.append("wind.error.lead_hours is not used: the wind is an observation")
    if mission.wind_error.sizes is not None:
        notes.append("wind.error.sizes is not used: the wind is an observation")
    stated = None
    if grid.air is not None and grid.air.wind_error_ms is not None:
        stated = _stated_square(mission, grid, height_m, time_s)
    if stated is None:
        stated = forecast_sigma_ms(_pressure_pa(height_m)[:, None], ANALYSIS_LEAD_H) ** 2
        stated = np.repeat(stated + SOUNDING_FINE_MS**2, time_s.size, axis=1)
        notes.append(
            f"the observation states no error of its own on the way to the target: that of a "
            f"{ANALYSIS_LEAD_H:g} h forecast is taken"
        )
    observed_s = grid.air.time_s if grid.air is not None else np.array([grid.start_s])
    change, oldest_h = _changed_square(observed_s, time_s)
    if oldest_h > PERSISTENCE_LONGEST_H:
        notes.append(
            f"the wind is flown up to {oldest_h:.0f} h from its observation; how it changes was "
            f"measured up to {PERSISTENCE_LONGEST_H:g} h, and the law is carried on"
        )
    total = stated + change
    fine = SOUNDING_FINE_MS
    return Sizes(
        np.sqrt(np.maximum(total - fine**2, 0.0)),
        fine,
        "stated by the source on the way from site to target, and how the wind changes after it "
        "was observed (measured at one tropical station)",
        notes=tuple(notes),
    )


def _changed_square(observed_s: FloatArray, time_s: FloatArray) -> tuple[FloatArray, float]:
    """Return the mean square change since the observations, shape (times,), and the oldest [h].

    Between two observations the wind is linear in time: Cressie 1993, section 3.2.
    """
    after = np.searchsorted(observed_s, time_s, side="right")
    early = observed_s[np.maximum(after - 1, 0)]
    late = observed_s[np.minimum(after, observed_s.size - 1)]
    before_h = np.abs(time_s - early) / 3600.0
    ahead_h = np.abs(late - time_s) / 3600.0
    inside = (after > 0) & (after < observed_s.size)
    gap_h = np.where(inside, before_h + ahead_h, 1.0)
    later = np.where(inside, before_h / gap_h, 0.0)
    d_before, d_after, d_gap = (change_sigma_ms(age) ** 2 for age in (before_h, ahead_h, gap_h))
    square = (1.0 - later) * d_before + later * d_after - later * (1.0 - later) * d_gap
    nearest = np.where(inside, np.minimum(before_h, ahead_h), before_h)
    return np.maximum(square, 0.0), float(nearest.max())


def _blended(
    mission: Mission, grid: WindGrid, height_m: FloatArray, time_s: FloatArray
) -> Sizes | str:
    """Return what a blend with own observations leaves; what is not resolved stays whole."""
    run_s, origin, notes = _find_run(mission, grid)
    fine = spacing_sigma_ms(grid, mission)
    stated = _stated_square(mission, grid, height_m, time_s)
    if mission.wind_error.sizes is not None:
        notes.append(
            "wind.error.sizes is not used: the own observation was blended with the default sizes"
        )
    if stated is None:
        lead = (time_s - run_s) / 3600.0
        if origin == "analysis":
            lead = np.full(time_s.shape, ANALYSIS_LEAD_H)
        large, table, more = _by_level(mission, height_m, lead)
        return Sizes(large, fine, table, run_s, origin, (*notes, *more))
    return Sizes(
        np.sqrt(np.maximum(stated - fine**2, 0.0)),
        fine,
        "what the own observation leaves of it, on the way from site to target",
        run_s,
        origin,
        tuple(notes),
    )
