"""Does the ascent of real balloons follow a constant rate, a sphere, or a sphere with a drag ramp?

Fifteen sounding balloons of 2018, from launch to landing. One parameter of each law is fitted so
that the climb through the lower half of the heights takes the time it took; the climb through the
upper half is then foretold and compared.

The laws, for a balloon that neither leaks nor vents:

- ``constant``: one ascent rate.
- ``sphere``: constant free lift and drag coefficient on a sphere that grows as the air thins, so
  the rate grows as rho^(-1/6).
- ``ramp``: the same sphere with the drag coefficient of Sobester et al. (2014), 0.42 below a
  Reynolds number of 335,000 and 0.22 above 371,000, linear between. The rate then depends on the
  size, so the mass has to be known: it is that in pyBalloon's parameter file, 1.608 kg of equipment
  and a 1.5 kg balloon, and the volume of helium at sea level is fitted. Between 2.69e5 and 3.71e5
  two speeds balance the lift; the balloon, released from rest, takes the slower one, and one that
  once passed the ramp keeps the faster one while it can.

Density and viscosity are those of the standard atmosphere at the receiver's altitude: the trackers'
own pressures read 2 to 7 hPa too high above 25 km.

References
----------
Data: EllenSirks/pyBalloon (c55f7eca), ``test_flights``; masses: its ``param_file.py`` (0169a826).
A. Sobester, H. Czerski, N. Zapponi, I. P. Castro, High-altitude gas balloon trajectory prediction:
a Monte Carlo model, AIAA Journal 52 (2014) 832-842, as in sobester/astra_simulator
``astra/flight_tools.py`` (06ef00f1); medians of its drag table.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from downwind import atmosphere
from downwind.constants import GRAVITY_MS2, MOLAR_MASS_AIR, RHO0

FOLDER = Path("data") / "flights" / "pyballoon"
LEFT_GROUND_M = 300.0
"""The ascent starts at the first record this far above the first one [m]."""

BURST_SHARE = 0.5
"""The highest record is left out where the rate up to it is below this share of the median."""

FLIGHT_MASS_KG = 1.608 + 1.5
MOLAR_MASS_HELIUM = 4.002602
DRAG_HIGH, DRAG_LOW = 0.42, 0.22
RAMP_START, RAMP_WIDTH = 3.35e5, 0.36e5
LONGEST_LAYER_M = 10.0
LAYERS_M = ((3_000.0, 8_000.0), (12_000.0, 17_000.0), (21_000.0, 26_000.0))
"""Low, middle and high layers whose mean rates tell where a balloon slows down [m]."""

Floats = NDArray[np.float64]


class Law(StrEnum):
    """How the rate of ascent changes with height."""

    CONSTANT = "constant"
    SPHERE = "sphere"
    RAMP = "ramp"


@dataclass(frozen=True, slots=True)
class Log:
    """One flight's ascent, and what of its file was left out.

    Attributes
    ----------
    name : str
    time_s, height_m : numpy.ndarray
        Records of the ascent, shape (n,) [s since the first record, geopotential m].
    ground_m : float
        Height of the first record, before the launch [geopotential m].
    rows : int
        Records in the file.
    prefixed : int
        Records with the tracker's name in an extra first column.
    before, after : int
        Records on the ground or below the start of the ascent, and after its end.
    backward : int
        Records whose time is not later than that of the one before.
    burst_dropped : bool
        Whether the highest record was left out, because the balloon burst on the way to it.
    longest_gap_s : float
        Between two records of the ascent [s].
    """

    name: str
    time_s: Floats
    height_m: Floats
    ground_m: float
    rows: int
    prefixed: int
    before: int
    after: int
    backward: int
    burst_dropped: bool
    longest_gap_s: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one law says of the upper half.

    Attributes
    ----------
    law : Law
    parameter : float
        The ascent rate [m s-1], the rate at sea level [m s-1], or the volume of helium [m3].
    rate_ms : float
        Mean rate through the upper half [m s-1].
    error : float
        The same over the measured one, less one.
    """

    law: Law
    parameter: float
    rate_ms: float
    error: float


@dataclass(frozen=True, slots=True)
class Ascent:
    """One flight measured: mean rates of both halves and the forecasts, one a law."""

    log: Log
    lower_ms: float
    upper_ms: float
    split_m: float
    forecasts: tuple[Forecast, ...]


def read_records(path: Path) -> tuple[Floats, Floats, int, int]:
    """Read times [s since the first], altitudes [m], prefixed rows and rows out of order.

    A record is date, time of day (UTC), latitude, longitude, altitude in metres, and more; some
    have the tracker's name before. Records whose time is not later than all before are left out.
    """
    times: list[float] = []
    altitudes: list[float] = []
    prefixed = backward = 0
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if row and "/" not in row[0]:
                row = row[1:]  # noqa: PLW2901 - the record proper
                prefixed += 1
            if len(row) < 5:
                continue
            moment = datetime.strptime(f"{row[0]} {row[1]}", "%d/%m/%Y %H:%M:%S")
            seconds = moment.replace(tzinfo=UTC).timestamp()
            if times and seconds <= times[-1]:
                backward += 1
                continue
            times.append(seconds)
            altitudes.append(float(row[4]))
    since = np.array(times) - times[0]
    return since, np.array(altitudes), prefixed, backward


def read_log(path: Path) -> Log:
    """Read one flight and keep its ascent."""
    seconds, altitude, prefixed, backward = read_records(path)
    height = np.asarray(atmosphere.geopotential_height(altitude))
    top = int(np.argmax(height))
    start = int(np.argmax(height > height[0] + LEFT_GROUND_M))
    rates = np.diff(height[start : top + 1]) / np.diff(seconds[start : top + 1])
    burst = bool(rates[-1] < BURST_SHARE * np.median(rates))
    end = top + 1 - burst
    ascent = slice(start, end)
    return Log(
        path.stem,
        seconds[ascent],
        height[ascent],
        float(height[0]),
        seconds.size + backward,
        prefixed,
        start,
        seconds.size - end,
        backward,
        burst,
        float(np.diff(seconds[ascent]).max()),
    )


def read_logs(shared: Path) -> tuple[Log, ...]:
    """Read every flight of the shared folder, in the order of their days."""
    paths = (shared / FOLDER).glob("*.csv")
    return tuple(read_log(path) for path in sorted(paths, key=_day))


def climb_s(
    law: Law, parameter: float, heights_m: Floats, ground_m: float, mass_kg: float
) -> Floats:
    """Return the seconds a law takes from the first height to each, shape (n,).

    Parameters
    ----------
    law : Law
    parameter : float
        As in `Forecast`.
    heights_m : numpy.ndarray
        Ascending, shape (n,) [m].
    ground_m : float
        Height of the launch, for ``ramp`` [m].
    mass_kg : float
        Balloon and load, for ``ramp`` [kg].
    """
    if law is Law.CONSTANT:
        return np.asarray((heights_m - heights_m[0]) / parameter)
    if law is Law.SPHERE:
        integral = atmosphere.fall_integral_m(heights_m, 1.0 / 6.0)
        return np.asarray((integral - integral[0]) / parameter)
    count = int(np.ceil((heights_m[-1] - heights_m[0]) / LONGEST_LAYER_M)) + 1
    fine = np.union1d(np.linspace(heights_m[0], heights_m[-1], count), heights_m)
    slowness = 1.0 / ramp_speeds(parameter, fine, ground_m, mass_kg)
    steps = 0.5 * (slowness[1:] + slowness[:-1]) * np.diff(fine)
    return np.asarray(np.interp(heights_m, fine, np.append(0.0, np.cumsum(steps))))


def least_volume_m3(mass_kg: float) -> float:
    """Return the volume of helium at sea level that just carries a mass [m3]."""
    return mass_kg / (RHO0 * (1.0 - MOLAR_MASS_HELIUM / MOLAR_MASS_AIR))


def ramp_speeds(volume_m3: float, heights_m: Floats, ground_m: float, mass_kg: float) -> Floats:
    """Return the rates of ascent [m s-1] of a sphere with the drag ramp.

    Drag balances lift where Re^2 Cd(Re) has a value that falls with height. It rises with Re but
    in the ramp, where it falls: the speeds there are not steady.

    Parameters
    ----------
    volume_m3 : float
        Helium at sea level of the standard atmosphere [m3].
    heights_m : numpy.ndarray
        Shape (n,) [m].
    ground_m : float
        Where the balloon comes from rest, below all heights [m].
    mass_kg : float
        Balloon and load [kg].
    """
    heights_m = np.append(ground_m, heights_m)
    rho, kelvin = atmosphere.density_kgm3(heights_m), atmosphere.temperature_k(heights_m)
    viscosity = 1.458e-6 * kelvin**1.5 / (kelvin + 110.4)
    diameter = (6.0 / np.pi * volume_m3 * RHO0 / rho) ** (1.0 / 3.0)
    free_kg = mass_kg * (volume_m3 / least_volume_m3(mass_kg) - 1.0)
    needed = 8.0 * free_kg * GRAVITY_MS2 * rho / (np.pi * viscosity**2)
    slow_limit = DRAG_HIGH * RAMP_START**2
    fast_limit = DRAG_LOW * (RAMP_START + RAMP_WIDTH) ** 2
    fast = (needed > fast_limit) if needed[0] > slow_limit else np.zeros(needed.size, bool)
    reynolds = np.sqrt(needed / np.where(fast, DRAG_LOW, DRAG_HIGH))
    return np.asarray(reynolds * viscosity / (rho * diameter))[1:]


def fit_law(law: Law, log: Log, split: int, mass_kg: float) -> float:
    """Return the parameter with which a law takes the measured time up to record ``split``.

    Raises
    ------
    ValueError
        If no parameter does.
    """
    lower = log.height_m[: split + 1]
    measured = float(log.time_s[split] - log.time_s[0])
    if law is not Law.RAMP:
        return float(climb_s(law, 1.0, lower, log.ground_m, mass_kg)[-1]) / measured

    def late(volume_m3: float) -> float:
        return float(climb_s(law, volume_m3, lower, log.ground_m, mass_kg)[-1]) - measured

    return _find_root(late, least_volume_m3(mass_kg), f"{log.name}: no volume of helium")


def measure_ascent(log: Log, mass_kg: float = FLIGHT_MASS_KG) -> Ascent:
    """Fit each law on the lower half of the heights and foretell the upper half.

    The halves meet at the record nearest to the middle of the heights.
    """
    height, seconds = log.height_m, log.time_s
    split = int(np.argmin(np.abs(height - 0.5 * (height[0] + height[-1]))))
    upper = (height[-1] - height[split]) / (seconds[-1] - seconds[split])
    forecasts = []
    for law in Law:
        parameter = fit_law(law, log, split, mass_kg)
        climb = climb_s(law, parameter, height, log.ground_m, mass_kg)
        rate = float((height[-1] - height[split]) / (climb[-1] - climb[split]))
        forecasts.append(Forecast(law, parameter, rate, rate / float(upper) - 1.0))
    return Ascent(
        log,
        float((height[split] - height[0]) / (seconds[split] - seconds[0])),
        float(upper),
        float(height[split]),
        tuple(forecasts),
    )


def measure_layers(log: Log) -> tuple[float, ...] | None:
    """Return the mean rate [m s-1] in each of `LAYERS_M`; None where the records start above."""
    if log.height_m[0] > LAYERS_M[0][0]:
        return None
    edges = np.interp(np.array(LAYERS_M), log.height_m, log.time_s)
    depth = np.diff(np.array(LAYERS_M), axis=1)[:, 0]
    return tuple(float(r) for r in depth / np.diff(edges, axis=1)[:, 0])


def summarise(ascents: Sequence[Ascent]) -> dict[Law, tuple[float, float]]:
    """Return the mean and the root mean square of the errors over the flights, by the law."""
    errors = np.array([[f.error for f in a.forecasts] for a in ascents])
    means, squares = errors.mean(axis=0), np.sqrt(np.mean(errors**2, axis=0))
    return {law: (float(m), float(s)) for law, m, s in zip(Law, means, squares, strict=True)}


def examine(shared: Path, mass_kg: float = FLIGHT_MASS_KG) -> tuple[Ascent, ...]:
    """Read and measure every flight."""
    return tuple(measure_ascent(log, mass_kg) for log in read_logs(shared))


def _find_root(late: Callable[[float], float], least: float, what: str) -> float:
    """Return the volume at which a falling function is 0, or where it jumps past 0."""
    low, high = least * (1.0 + 1e-6), 20.0 * least
    if late(low) <= 0.0 or late(high) >= 0.0:
        raise ValueError(f"{what} gives the time of the lower half")
    return float(brentq(late, low, high, xtol=1e-9))


def _day(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.stem.replace("_", "-").split("-"))
