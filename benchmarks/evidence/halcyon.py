"""Does the wind of a reanalysis carry a real canopy to where it was found?

Halcyon, a rocket of Aerospace Team Graz, came down under its canopy from 3,471 m above the pad at
EuRoC 2023, in Portugal. Its altimeter and its satellite fixes were recorded, its mass was not: so
the heights are those measured, as a chain of stages with the law TRACK, and only the drift is
put to the test. It starts at the fix of 40.5 s, the first good one after the ascent, and is
compared with the last fix, at 609.1 s, still 611 m above the pad.

`CHOSEN` is what a planner would take without looking at the result; `ALTERNATIVES` change one
choice each. What is not recorded, and so is a choice: the hour (the flight card says "around 14 h
local time", which is 13Z in Portugal on that day), the height of the pad above the sea, and what
the altimeter takes for the air's temperature.

Data: RocketPy-Team/RocketPy (d41dd11e), ``data/rockets`` and ``data/weather``: ERA5, 0.25 degrees,
hourly by day. The pad's height is 130 m in RocketPy's ``halcyon_flight_sim.ipynb`` (87e91800).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.geo.sphere import bearing_deg, distance_m
from downwind.sim.profile import (
    Profiles,
    Stage,
    StageStop,
    VerticalLaw,
    fly_profiles,
    make_profiles,
)
from downwind.times import datetime64_to_epoch, epoch_to_datetime64, parse_time
from downwind.wind.cube import HEIGHT, WindCube, validate_cube
from downwind.wind.grid import WindGrid, WindOptions, build_grid
from downwind.wind.sources import read_weather

FIXES = Path("data") / "drops" / "rocketpy" / "astg_gnss_halcyon.csv"
ALTIMETER = Path("data") / "drops" / "rocketpy" / "astg_altimeter_halcyon.csv"
WEATHER = Path("data") / "grids" / "rocketpy_era5" / "euroc_2023_all_windows.nc"
START_S = 40.5
END_S = 609.1
STEADY_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class Flight:
    """What was recorded, with seconds since the launch.

    Attributes
    ----------
    fix_s, latitude, longitude : numpy.ndarray
        Satellite fixes, shape (n,) [s, degrees]. They hold no height.
    height_s, height_m : numpy.ndarray
        The altimeter, shape (k,) [s, m above the pad].
    """

    fix_s: NDArray[np.float64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    height_s: NDArray[np.float64]
    height_m: NDArray[np.float64]

    def find_fix(self, time_s: float) -> tuple[float, float, float]:
        """Return time [s], longitude and latitude [degrees] of the first fix from a time on."""
        i = int(np.searchsorted(self.fix_s, time_s))
        return float(self.fix_s[i]), float(self.longitude[i]), float(self.latitude[i])


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that one has to choose to fly the drift.

    Attributes
    ----------
    what : str
        In words.
    launch : str
        The launch, second 0 of the records.
    pad_m : float
        The pad above the sea [m].
    start_s : float
        The first fix from here on is the start [s].
    at_pad : bool
        Start over the pad instead of at that fix.
    heights : str
        ``altimeter`` as it reads; ``pressure``, its readings taken for standard pressures and
        looked up in the reanalysis' own heights; ``law``, a fall by the density law between the
        first and the last height.
    node_s : float
        Spacing of the measured heights that stages join [s].
    shift_s : float
        Seconds by which the altimeter's clock is late.
    ground_m : float
        The constant terrain under the wind [m].
    wind : str
        ``times``, interpolated in time; ``steady``, the hour before held; ``column``, the grid
        column next to the start everywhere.
    step_s : float
        Longest integration step [s].
    """

    what: str
    launch: str = "2023-10-13T14:00Z"
    pad_m: float = 130.0
    start_s: float = START_S
    at_pad: bool = False
    heights: str = "altimeter"
    node_s: float = 10.0
    shift_s: float = 0.0
    ground_m: float = 130.0
    wind: str = "times"
    step_s: float = 60.0


CHOSEN = Choice("chosen")
ALTERNATIVES = (
    replace(CHOSEN, what="launch at 13Z (14 h local)", launch="2023-10-13T13:00Z"),
    replace(CHOSEN, what="launch at 12Z", launch="2023-10-13T12:00Z"),
    replace(CHOSEN, what="launch at 14:30Z", launch="2023-10-13T14:30Z"),
    replace(CHOSEN, what="launch at 15Z", launch="2023-10-13T15:00Z"),
    replace(CHOSEN, what="pad at 80 m", pad_m=80.0),
    replace(CHOSEN, what="pad at 180 m", pad_m=180.0),
    replace(CHOSEN, what="altimeter as pressures in ERA5", heights="pressure"),
    replace(CHOSEN, what="fall by the density law", heights="law"),
    replace(CHOSEN, what="altimeter 5 s late", shift_s=5.0),
    replace(CHOSEN, what="altimeter 5 s early", shift_s=-5.0),
    replace(CHOSEN, what="heights each 1 s", node_s=1.0),
    replace(CHOSEN, what="heights each 60 s", node_s=60.0),
    replace(CHOSEN, what="start at 60 s", start_s=60.0),
    replace(CHOSEN, what="start at 120 s", start_s=120.0),
    replace(CHOSEN, what="start over the pad", at_pad=True),
    replace(CHOSEN, what="terrain 0 m", ground_m=0.0),
    replace(CHOSEN, what="14Z wind held", wind="steady"),
    replace(CHOSEN, what="nearest column only", wind="column"),
    replace(CHOSEN, what="steps of 5 s", step_s=5.0),
)


@dataclass(frozen=True, slots=True)
class Drift:
    """One flown drift beside the recorded one.

    Attributes
    ----------
    choice : Choice
    measured_m, flown_m : float
        From the start to the last fix, and to the end of the flown drift [m].
    miss_m : float
        Between the two ends [m].
    along_m, across_m : float
        The miss along the recorded drift, and to its right [m].
    end_height_m : float
        Height at the end [m above the sea, geopotential].
    """

    choice: Choice
    measured_m: float
    flown_m: float
    miss_m: float
    along_m: float
    across_m: float
    end_height_m: float


def read_flight(shared: Path) -> Flight:
    """Read the fixes and the altimeter."""
    fixes = np.loadtxt(shared / FIXES, delimiter=",", skiprows=1)
    heights = np.loadtxt(shared / ALTIMETER, delimiter=",", skiprows=1)
    return Flight(fixes[:, 0], fixes[:, 1], fixes[:, 2], heights[:, 0], heights[:, 1])


def read_wind(shared: Path) -> WindCube:
    """Read the reanalysis."""
    return read_weather([shared / WEATHER])


def lay_out_wind(cube: WindCube, choice: Choice, longitude: float, latitude: float) -> WindGrid:
    """Lay the wind out as a choice asks; the place [degrees] names the nearest column."""
    data = cube.dataset
    if choice.wind == "column":
        column = data.sel(longitude=longitude, latitude=latitude, method="nearest")
        data = column.drop_vars(["longitude", "latitude"]).broadcast_like(data)
        data = data.transpose("realization", "time", "level", "latitude", "longitude")
        data = data.assign_attrs(cube.dataset.attrs)
        for name, values in cube.dataset.variables.items():
            data[name].attrs = values.attrs
    if choice.wind == "steady":
        before = datetime64_to_epoch(data["time"].values) <= parse_time(choice.launch)
        data = data.isel(time=np.flatnonzero(before)[-1:])
    steady = STEADY_HOURS if choice.wind == "steady" else None
    options = WindOptions(steady_hours=steady, surface="log", terrain_constant_m=choice.ground_m)
    return build_grid(validate_cube(data), options)


def find_heights(
    flight: Flight, cube: WindCube, choice: Choice, time_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the geopotential heights at seconds since the launch, shape (n,) [m]."""
    above = np.interp(time_s - choice.shift_s, flight.height_s, flight.height_m)
    pad = float(atmosphere.geopotential_height(choice.pad_m))
    if choice.heights != "pressure":
        return np.asarray(atmosphere.geopotential_height(choice.pad_m + above))
    _, longitude, latitude = flight.find_fix(choice.start_s)
    launch = epoch_to_datetime64(np.array([parse_time(choice.launch)]))[0]
    column = (
        cube.dataset[HEIGHT]
        .isel(realization=0)
        .interp(time=launch, longitude=longitude, latitude=latitude)
    )
    log_pressure, heights = np.log(column["level"].values), column.values.astype(np.float64)
    # below the lowest level by the slope of the lowest two
    slope = (log_pressure[1] - log_pressure[0]) / (heights[1] - heights[0])
    at_pad = np.interp(pad, heights, log_pressure)
    if pad < heights[0]:
        at_pad = log_pressure[0] + slope * (pad - heights[0])
    fall = np.log(atmosphere.pressure_pa(above) / atmosphere.pressure_pa(0.0))
    looked_up = np.interp(-(at_pad + fall), -log_pressure, heights)
    return np.asarray(looked_up, np.float64)


def make_stages(
    time_s: NDArray[np.float64], height_m: NDArray[np.float64], launch_s: float
) -> list[Stage]:
    """Return a stage for each interval between heights [s since the launch, m], shape (n,)."""
    return [
        Stage(VerticalLaw.TRACK, (h1 - h0) / (t1 - t0), StageStop.TIME, launch_s + t1)
        for t0, t1, h0, h1 in zip(time_s[:-1], time_s[1:], height_m[:-1], height_m[1:], strict=True)
    ]


def fly_drift(flight: Flight, cube: WindCube, choice: Choice = CHOSEN) -> Drift:
    """Fly the drift from the start to the time of the last fix.

    Raises
    ------
    RuntimeError
        If the flight leaves the data or meets the ground before that time.
    """
    start_s, longitude, latitude = flight.find_fix(choice.start_s)
    end_s, end_longitude, end_latitude = flight.find_fix(END_S)
    if choice.at_pad:
        longitude, latitude = float(flight.longitude[0]), float(flight.latitude[0])
    nodes = np.append(np.arange(start_s, end_s - 0.5 * choice.node_s, choice.node_s), end_s)
    heights = find_heights(flight, cube, choice, nodes)
    launch_s = float(parse_time(choice.launch))
    if choice.heights == "law":
        way = np.diff(atmosphere.fall_integral_m(heights[[-1, 0]]))[0]
        speed = float(way / (end_s - start_s))
        stages = [Stage(VerticalLaw.FALL, speed, StageStop.TIME, launch_s + end_s)]
    else:
        stages = make_stages(nodes, heights, launch_s)
    grid = lay_out_wind(cube, choice, longitude, latitude)
    profiles = make_profiles(longitude, latitude, float(heights[0]), launch_s + start_s, stages)
    flown = fly_profiles(grid, profiles, max_step_s=choice.step_s)
    _require_whole(flown)
    found_longitude, found_latitude = flown.longitude[0, -1], flown.latitude[0, -1]
    start = flight.find_fix(choice.start_s)[1:]
    miss = float(distance_m(end_longitude, end_latitude, found_longitude, found_latitude))
    course = float(bearing_deg(*start, end_longitude, end_latitude))
    off = float(bearing_deg(end_longitude, end_latitude, found_longitude, found_latitude))
    return Drift(
        choice,
        float(distance_m(*start, end_longitude, end_latitude)),
        float(distance_m(longitude, latitude, found_longitude, found_latitude)),
        miss,
        miss * math.cos(math.radians(off - course)),
        miss * math.sin(math.radians(off - course)),
        float(flown.height_m[0, -1]),
    )


def measure_from_pad(flight: Flight) -> float:
    """Return the distance of the last fix from the pad [m]."""
    _, longitude, latitude = flight.find_fix(END_S)
    return float(distance_m(flight.longitude[0], flight.latitude[0], longitude, latitude))


def examine(shared: Path) -> tuple[Drift, ...]:
    """Fly the chosen drift and, after it, each alternative."""
    flight, cube = read_flight(shared), read_wind(shared)
    return tuple(fly_drift(flight, cube, choice) for choice in (CHOSEN, *ALTERNATIVES))


def _require_whole(flown: Profiles) -> None:
    if flown.reason[0, -1] != StageStop.TIME:
        raise RuntimeError(
            f"the drift ended early, in stage {int(flown.last_stage[0]) + 1}: "
            f"{StageStop(int(flown.reason[0, flown.last_stage[0]])).name}"
        )
