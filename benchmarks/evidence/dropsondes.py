"""Do measured falls follow one speed at sea level and the density law?

Seven dropsondes fell from 9 to 14 km to the sea; an eighth was switched on and never left the
aircraft. A sonde's fall speed at sea level ``v0`` follows from the time of its fall and the
integral of (rho/rho0)^(1/2) over its heights. One ``v0`` is fitted on four sondes and foretells
the fall times of the other three, for all 35 choices of four out of seven.

The density comes from the pressure and the temperature that the sonde itself measured (dry air,
and moist air where the humidity sensor works), or from the standard atmosphere.

Data: Vaisala RD41 sondes of HALO, 2020 and 2024, in the example data of atmdrops/pydropsonde
(0e538334). Heights are geopotential, integrated upward from the sea by the sondes' own software.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.constants import R_AIR, RHO0

FOLDER = Path("data") / "drops" / "dropsondes"
SETTLED_S = 20.0
"""The fall is counted from here on after the launch [s]: the canopy opens within 15 s."""

LEAST_RISE_PA = 10_000.0
LEAST_RATE_PAS = 50.0
"""A sonde falls where its pressure rises by at least this, and on average this fast.

A sonde under its canopy gains 80 to 100 Pa/s; a cabin that comes down with its aircraft, some
20 to 30 Pa/s.
"""

TRAINED = 4
LAYER_M = 500.0
KELVIN = 273.15


class Air(StrEnum):
    """Where the density comes from."""

    DRY = "measured p and T"
    MOIST = "measured p, T and humidity"
    STANDARD = "standard atmosphere"


@dataclass(frozen=True, slots=True)
class Sonde:
    """Records with pressure, temperature and height, in the order of time, shape (n,) each.

    Attributes
    ----------
    name : str
    time_s : numpy.ndarray
        Since the launch [s].
    height_m : numpy.ndarray
        Geopotential [m].
    pressure_pa, temperature_k, virtual_k : numpy.ndarray
        Measured; the virtual temperature is the temperature where no humidity was measured.
    gps_first_m, gps_last_m : float
        First and last altitude of the satellite receiver [m], a witness of its own.
    """

    name: str
    time_s: NDArray[np.float64]
    height_m: NDArray[np.float64]
    pressure_pa: NDArray[np.float64]
    temperature_k: NDArray[np.float64]
    virtual_k: NDArray[np.float64]
    gps_first_m: float
    gps_last_m: float

    def density_kgm3(self, air: Air) -> NDArray[np.float64]:
        """Return the air density at each record [kg m-3], shape (n,)."""
        if air is Air.STANDARD:
            return atmosphere.density_kgm3(self.height_m)
        kelvin = self.virtual_k if air is Air.MOIST else self.temperature_k
        return np.asarray(self.pressure_pa / (R_AIR * kelvin))


@dataclass(frozen=True, slots=True)
class Fall:
    """One sonde's fall in one kind of air.

    Attributes
    ----------
    name : str
    top_m, bottom_m : float
        Heights between which it is counted [m].
    time_s : float
        Its measured time [s].
    integral_m : float
        The integral of (rho/rho0)^(1/2) over these heights [m].
    exponent : float
        Exponent of rho0/rho fitted to its speeds in layers of 500 m.
    half_error : float
        The time through the lower half of the heights, foretold with the speed at sea level of the
        upper half, over the measured one, less one: the density law without the scatter of sondes.
    """

    name: str
    top_m: float
    bottom_m: float
    time_s: float
    integral_m: float
    exponent: float
    half_error: float

    @property
    def speed_ms(self) -> float:
        """Return the speed at sea level that gives the measured time [m s-1]."""
        return self.integral_m / self.time_s


@dataclass(frozen=True, slots=True)
class Split:
    """One choice of the sondes to fit on.

    Attributes
    ----------
    fitted_on : tuple of str
    speed_ms : float
        The fitted speed at sea level [m s-1].
    errors : tuple of float
        Foretold over measured time, less one, for each of the other sondes.
    """

    fitted_on: tuple[str, ...]
    speed_ms: float
    errors: tuple[float, ...]

    @property
    def worst(self) -> float:
        """Return the greatest error of this choice, without its sign."""
        return max(abs(e) for e in self.errors)


def read_sonde(path: Path) -> Sonde:
    """Read one sounding; records that lack pressure, temperature or height are left out."""
    with xr.open_dataset(path, engine="h5netcdf") as file:
        data = file.sortby("time").load()
    seconds = (data["time"].values - data["launch_time"].values) / np.timedelta64(1, "s")
    columns = [np.asarray(data[name].values, np.float64) for name in ("pres", "tdry", "alt")]
    whole = np.isfinite(columns).all(axis=0)
    pressure, celsius, height = (column[whole] for column in columns)
    virtual = np.asarray(data["vt"].values, np.float64)[whole]
    gps = np.asarray(data["gpsalt"].values, np.float64)
    gps = gps[np.isfinite(gps)]
    return Sonde(
        path.stem.removeprefix("HALO_D").removesuffix("QC"),
        np.asarray(seconds, np.float64)[whole],
        height,
        100.0 * pressure,
        celsius + KELVIN,
        np.where(np.isfinite(virtual), virtual, celsius + KELVIN),
        float(gps[0]),
        float(gps[-1]),
    )


def read_sondes(shared: Path) -> tuple[Sonde, ...]:
    """Read every sounding of the shared folder, in the order of their names."""
    return tuple(read_sonde(path) for path in sorted((shared / FOLDER).glob("*.nc")))


def did_fall(sonde: Sonde) -> bool:
    """Tell whether a sonde fell, by the rise of its pressure between the first and last record."""
    if sonde.time_s.size < 2:
        return False
    rise = sonde.pressure_pa[-1] - sonde.pressure_pa[0]
    return bool(rise >= LEAST_RISE_PA and rise >= LEAST_RATE_PAS * np.ptp(sonde.time_s))


def measure_fall(sonde: Sonde, air: Air, settled_s: float = SETTLED_S) -> Fall:
    """Measure one fall from the given time after the launch [s] to the last record.

    Raises
    ------
    ValueError
        If the sonde did not fall.
    """
    if not did_fall(sonde):
        raise ValueError(f"{sonde.name} did not fall: its pressure does not rise")
    late = sonde.time_s >= settled_s
    seconds, height = sonde.time_s[late], sonde.height_m[late]
    root = np.sqrt(sonde.density_kgm3(air)[late] / RHO0)
    passed = np.append(0.0, np.cumsum(0.5 * (root[1:] + root[:-1]) * -np.diff(height)))
    integral = float(passed[-1])
    half = int(np.argmin(np.abs(height - 0.5 * (height[0] + height[-1]))))
    upper_ms = passed[half] / (seconds[half] - seconds[0])
    lower_ms = (integral - passed[half]) / (seconds[-1] - seconds[half])
    thinness, speed = layer_speeds(seconds, height, np.log(root**-2.0))
    exponent = float(np.polyfit(thinness, np.log(speed), 1)[0])
    return Fall(
        sonde.name,
        float(height[0]),
        float(height[-1]),
        float(seconds[-1] - seconds[0]),
        integral,
        exponent,
        float(lower_ms / upper_ms) - 1.0,
    )


def layer_speeds(
    time_s: NDArray[np.float64], height_m: NDArray[np.float64], thinness: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean ln(rho0/rho) and the mean fall speed [m s-1] of each whole layer.

    Parameters
    ----------
    time_s, height_m, thinness : numpy.ndarray
        Records of a fall in the order of time, shape (n,) [s, m, -]; thinness is ln(rho0/rho).
    """
    falling, seconds = height_m[::-1], time_s[::-1]
    edges = np.arange(np.ceil(falling[0] / LAYER_M), np.floor(falling[-1] / LAYER_M) + 1) * LAYER_M
    at = np.interp(edges, falling, seconds)
    middle = 0.5 * (edges[1:] + edges[:-1])
    return np.interp(middle, falling, thinness[::-1]), LAYER_M / (at[:-1] - at[1:])


def fit_speed(falls: Sequence[Fall]) -> float:
    """Return the one speed at sea level [m s-1] that gives the sum of the measured times."""
    return sum(f.integral_m for f in falls) / sum(f.time_s for f in falls)


def cross_validate(falls: Sequence[Fall], trained: int = TRAINED) -> tuple[Split, ...]:
    """Fit on every choice of some of the falls and foretell the others."""
    splits = []
    for chosen in combinations(range(len(falls)), trained):
        speed = fit_speed([falls[i] for i in chosen])
        others = [fall for i, fall in enumerate(falls) if i not in chosen]
        errors = tuple(f.integral_m / speed / f.time_s - 1.0 for f in others)
        splits.append(Split(tuple(falls[i].name for i in chosen), speed, errors))
    return tuple(splits)


def summarise(splits: Sequence[Split]) -> dict[str, float]:
    """Return the greatest and median errors over choices and over single forecasts."""
    worst = np.array([s.worst for s in splits])
    single = np.abs(np.concatenate([s.errors for s in splits]))
    speeds = np.array([s.speed_ms for s in splits])
    return {
        "choices": len(splits),
        "worst": float(worst.max()),
        "median_of_worst": float(np.median(worst)),
        "best_of_worst": float(worst.min()),
        "median_single": float(np.median(single)),
        "speed_min_ms": float(speeds.min()),
        "speed_max_ms": float(speeds.max()),
    }


def summarise_exponent(falls: Sequence[Fall]) -> tuple[float, float]:
    """Return the mean of the falls' exponents and its standard error over the falls."""
    exponents = np.array([f.exponent for f in falls])
    return float(exponents.mean()), float(exponents.std(ddof=1) / np.sqrt(exponents.size))


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured on the dropsondes; ``falls`` and ``splits`` by the kind of air."""

    sondes: tuple[Sonde, ...]
    falls: dict[Air, tuple[Fall, ...]]
    splits: dict[Air, tuple[Split, ...]]


def examine(shared: Path, settled_s: float = SETTLED_S) -> Report:
    """Read the sondes and measure them in each kind of air."""
    sondes = read_sondes(shared)
    fell = [sonde for sonde in sondes if did_fall(sonde)]
    falls = {air: tuple(measure_fall(sonde, air, settled_s) for sonde in fell) for air in Air}
    return Report(sondes, falls, {air: cross_validate(falls[air]) for air in Air})
