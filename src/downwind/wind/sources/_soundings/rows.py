"""The one way from the rows of a sounding to a profile, whatever format they come from.

A reader lays out the columns that its format has, in SI units and NaN where missing, and says what
stands on the ground. Here rows without wind or height fall away, the rest is put in order from the
ground up, what is there twice is merged, and what a balloon met on its way down is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.atmosphere import pressure_pa as standard_pressure_pa
from downwind.wind.cube import MAX_WIND_MS
from downwind.wind.humidity import MASS_RATIO, saturation_over_water_pa
from downwind.wind.hydrostatic import virtual_temperature_k
from downwind.wind.profile import Profile
from downwind.wind.sources._soundings.heights import (
    UnusableError,
    count_of,
    find_heights,
    rising_rows,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RADIOSONDE_ERROR_MS: Final[dict[float, float]] = {
    100_000.0: 1.4, 85_000.0: 1.5, 70_000.0: 1.6, 60_000.0: 1.9, 50_000.0: 2.1, 40_000.0: 2.6,
    30_000.0: 3.0, 25_000.0: 3.2, 20_000.0: 2.7, 15_000.0: 2.4, 10_000.0: 2.1,
}  # fmt: skip
"""Standard error of one component of a radiosonde wind, by pressure [Pa] [m s-1]."""

MERGE_M: Final = 0.5
"""Rows closer than this stand at one height [m]."""

AGREE_MS: Final = 1.0
"""By how much two winds at one height may differ before they contradict each other [m s-1]."""

BELOW_GROUND_M: Final = 50.0
"""How far a wind may lie below the stated ground, which is often known roughly [m]."""

_TEMPERATURE_K = (150.0, 350.0)
_HEIGHT_M = (-600.0, 60_000.0)
_PRESSURE_PA = (37.0, 110_000.0)
_ERROR_MS = (1e-3, 50.0)


def _unknown() -> FloatArray:
    return np.empty(0)


@dataclass(slots=True, eq=False)
class Rows:
    """The columns of one sounding in the order of the file, each shape (n,) or left out.

    Parameters
    ----------
    pressure_pa, height_m : numpy.ndarray
        Pressure [Pa] and geopotential height above the sea [m].
    temperature_k, dewpoint_k, humidity : numpy.ndarray
        Temperature, dew point [K] and relative humidity over water [1]; the dew point counts where
        both are there.
    direction_deg, speed_ms : numpy.ndarray
        Where the wind blows from [degrees from north] and its speed [m s-1].
    eastward_ms, northward_ms : numpy.ndarray
        Its components [m s-1]; they count where both kinds are there.
    error_ms : numpy.ndarray
        Standard error of each component, where the file states one [m s-1].
    time_s, longitude, latitude : numpy.ndarray
        When and where the balloon was [s since 1970], [degrees].
    """

    pressure_pa: FloatArray = field(default_factory=_unknown)
    height_m: FloatArray = field(default_factory=_unknown)
    temperature_k: FloatArray = field(default_factory=_unknown)
    dewpoint_k: FloatArray = field(default_factory=_unknown)
    humidity: FloatArray = field(default_factory=_unknown)
    direction_deg: FloatArray = field(default_factory=_unknown)
    speed_ms: FloatArray = field(default_factory=_unknown)
    eastward_ms: FloatArray = field(default_factory=_unknown)
    northward_ms: FloatArray = field(default_factory=_unknown)
    error_ms: FloatArray = field(default_factory=_unknown)
    time_s: FloatArray = field(default_factory=_unknown)
    longitude: FloatArray = field(default_factory=_unknown)
    latitude: FloatArray = field(default_factory=_unknown)

    def __post_init__(self) -> None:
        columns = {item.name: np.array(getattr(self, item.name), float) for item in fields(self)}
        count = max(values.size for values in columns.values())
        for name, values in columns.items():
            if values.size not in (0, count):
                raise ValueError(f"{name} has {values.size} rows, others {count}")
            setattr(self, name, values if values.size else np.full(count, np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Ascent:
    """One sounding as a reader found it.

    Parameters
    ----------
    station : str
        Its name or number.
    longitude, latitude : float
        Where it was launched [degrees].
    elevation_m : float or None
        Height of the ground there [m]; None where the file does not say it.
    time_s : float
        Launch or nominal time [s since 1970].
    rows : Rows
        What was measured.
    source, file : str
        What `Profile` says of them.
    surface : int or None
        Number of the row on the ground; None where the file does not say it.
    notes, warnings : tuple of str
        What the reader had to decide and to warn of.
    """

    station: str
    longitude: float
    latitude: float
    elevation_m: float | None
    time_s: float
    rows: Rows
    source: str
    file: str
    surface: int | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def radiosonde_error_ms(pressure_pa: ArrayLike) -> FloatArray:
    """Return the standard error of one component of a radiosonde wind [m s-1].

    Parameters
    ----------
    pressure_pa : array_like
        Pressure, any shape [Pa]; linear in ln p between the entries of `RADIOSONDE_ERROR_MS`,
        held beyond them.

    References
    ----------
    NCEP global observation error table (prepobs_errtable.global, report type 220): it holds what
    the instrument adds and what one ascent does not stand for. The instrument alone, tracked by
    satellite navigation, is 0.4 to 1 m s-1 (Dirksen et al. 2014, Atmos. Meas. Tech. 7, 4463).
    """
    levels = np.array(sorted(RADIOSONDE_ERROR_MS))
    values = np.array([RADIOSONDE_ERROR_MS[level] for level in levels])
    log_p = np.log(np.asarray(pressure_pa, np.float64))
    return np.asarray(np.interp(log_p, np.log(levels), values), np.float64)


def make_profile(ascent: Ascent) -> Profile:
    """Return the profile of one sounding.

    Parameters
    ----------
    ascent : Ascent
        The sounding as its reader found it.

    Raises
    ------
    UnusableError
        If fewer than two levels have wind and height, or its values make no sense.
    """
    rows, notes, warnings = ascent.rows, list(ascent.notes), list(ascent.warnings)
    longitude, latitude = float(wrap_longitude(ascent.longitude)), ascent.latitude
    if not (np.isfinite(longitude) and abs(latitude) <= 90.0 + 1e-6):
        raise UnusableError(f"its station stands at latitude {latitude:g}, longitude {longitude:g}")
    pressure = _within(rows.pressure_pa, _PRESSURE_PA)
    _check_pressures(rows.pressure_pa)
    kelvin = _within(rows.temperature_k, _TEMPERATURE_K)
    eastward, northward = _find_wind(rows, notes)
    windy = np.isfinite(eastward)
    if not windy.any():
        raise UnusableError("it has no wind")
    humidity = _find_humidity(rows, kelvin)
    anchor = _find_anchor(ascent, pressure, notes)
    stated = _within(rows.height_m, _HEIGHT_M)
    virtual = _virtual_k(pressure, kelvin, humidity)
    found = find_heights(pressure, stated, virtual, windy, anchor)
    if ascent.elevation_m is not None:
        below = windy & (found.height_m < ascent.elevation_m - BELOW_GROUND_M)
        if below.any():
            ground = f"below the ground at {ascent.elevation_m:g} m left out"
            _note(notes, int(below.sum()), "wind", ground)
            windy &= ~below
            found = find_heights(pressure, stated, virtual, windy, anchor)
    height = found.height_m
    notes += found.notes
    warnings += found.warnings
    usable = windy & np.isfinite(height)
    _note(notes, (windy & ~usable).sum(), "wind", "left out: no pressure and no height")
    order = _put_in_order(height, rows.time_s, np.flatnonzero(usable), notes)
    order = _merge_levels(order, height, eastward, northward, notes)
    if order.size < 2:
        raise UnusableError(f"only {order.size} of its levels has wind and height")
    z = height[order]
    log_p = np.log(pressure)
    sound = rising_rows(log_p, height, np.flatnonzero(np.isfinite(log_p + height)))
    level_pressure = np.exp(_spread(z, height[sound], log_p[sound]))
    known = np.isfinite(level_pressure)
    stated_error = _within(rows.error_ms[order], _ERROR_MS)
    error_pressure = np.where(known, level_pressure, standard_pressure_pa(np.clip(z, 0.0, 47e3)))
    return Profile(
        station=ascent.station,
        longitude=longitude,
        latitude=min(max(float(latitude), -90.0), 90.0),
        elevation_m=None if ascent.elevation_m is None else float(ascent.elevation_m),
        time_s=round(ascent.time_s),
        height_m=z,
        eastward_ms=eastward[order],
        northward_ms=northward[order],
        pressure_pa=level_pressure,
        temperature_k=_spread(z, height, kelvin),
        humidity=_spread(z, height, humidity),
        error_ms=np.where(
            np.isfinite(stated_error), stated_error, radiosonde_error_ms(error_pressure)
        ),
        level_time_s=rows.time_s[order],
        level_longitude=wrap_longitude(rows.longitude[order]),
        level_latitude=rows.latitude[order],
        source=ascent.source,
        file=ascent.file,
        notes=tuple(notes),
        warnings=tuple(warnings),
    )


def wrap_longitude(longitude: ArrayLike) -> FloatArray:
    """Return longitudes in [-180, 180), any shape [degrees]."""
    stated = np.asarray(longitude, np.float64)
    inside = (stated >= -180.0) & (stated < 180.0)
    return np.where(inside, stated, (stated + 180.0) % 360.0 - 180.0)


def _note(notes: list[str], count: int, noun: str, what: str) -> None:
    if count:
        notes.append(f"{count_of(count, noun)} {what}")


def _within(values: FloatArray, limits: tuple[float, float]) -> FloatArray:
    return np.where((values >= limits[0]) & (values <= limits[1]), values, np.nan)


def _check_pressures(pressure_pa: FloatArray) -> None:
    """Raise `UnusableError` if most pressures are none: a wrong unit."""
    stated = pressure_pa[np.isfinite(pressure_pa)]
    odd = stated[(stated < _PRESSURE_PA[0]) | (stated > _PRESSURE_PA[1])]
    if 2 * odd.size > stated.size:
        raise UnusableError(
            f"its pressures are none, such as {odd[0] / 100.0:g} hPa: is a unit wrong?"
        )


def _find_wind(rows: Rows, notes: list[str]) -> tuple[FloatArray, FloatArray]:
    """Return both components [m s-1], NaN where there is no wind, or one that is none."""
    angle = np.radians(rows.direction_deg)
    calm = rows.speed_ms == 0.0
    stated = np.isfinite(rows.speed_ms) & (np.isfinite(angle) | calm)
    east = np.where(calm, 0.0, -rows.speed_ms * np.sin(angle))
    north = np.where(calm, 0.0, -rows.speed_ms * np.cos(angle))
    with np.errstate(invalid="ignore"):
        odd = stated & ((rows.speed_ms < 0.0) | (rows.speed_ms > MAX_WIND_MS))
        odd |= stated & ~calm & ((rows.direction_deg < 0.0) | (rows.direction_deg > 360.0))
    parts = np.isfinite(rows.eastward_ms) & np.isfinite(rows.northward_ms)
    east = np.where(parts, rows.eastward_ms, east)
    north = np.where(parts, rows.northward_ms, north)
    odd = np.where(parts, np.hypot(east, north) > MAX_WIND_MS, odd)
    if odd.any():
        first = int(np.flatnonzero(odd)[0])
        example = f"{rows.speed_ms[first]:g} m/s from {rows.direction_deg[first]:g} degrees"
        if parts[first]:
            example = f"{east[first]:g} m/s eastward, {north[first]:g} m/s northward"
        if 2 * odd.sum() > (stated | parts).sum():
            raise UnusableError(f"its winds are none, such as {example}: is a unit wrong?")
        _note(notes, int(odd.sum()), "wind", f"taken for an error, such as {example}")
    lost = odd | ~(stated | parts)
    return np.where(lost, np.nan, east), np.where(lost, np.nan, north)


def _find_humidity(rows: Rows, kelvin: FloatArray) -> FloatArray:
    """Return the relative humidity over water, 0 to 1; NaN where unknown."""
    dew = _within(rows.dewpoint_k, _TEMPERATURE_K)
    from_dew = _saturation_pa(dew) / _saturation_pa(kelvin)
    stated = np.where(rows.humidity >= 0.0, rows.humidity, np.nan)
    return np.minimum(np.where(np.isfinite(from_dew), from_dew, stated), 1.0)


def _saturation_pa(kelvin: FloatArray) -> FloatArray:
    known = cast(NDArray[np.float32], kelvin)  # any floating type comes back as it went in
    return np.asarray(saturation_over_water_pa(known), np.float64)


def _virtual_k(pressure: FloatArray, kelvin: FloatArray, humidity: FloatArray) -> FloatArray:
    vapour = humidity * _saturation_pa(kelvin)
    specific = MASS_RATIO * vapour / (pressure - (1.0 - MASS_RATIO) * vapour)
    return virtual_temperature_k(kelvin, np.where(specific < 0.1, specific, np.nan))


def _find_anchor(
    ascent: Ascent, pressure: FloatArray, notes: list[str]
) -> tuple[int, float] | None:
    """Return the row on the ground and the height of the ground, where both are known."""
    if ascent.elevation_m is None:
        return None
    if ascent.surface is not None:
        return ascent.surface, ascent.elevation_m
    if np.isfinite(ascent.rows.height_m).any() or not np.isfinite(pressure).any():
        return None
    lowest = int(np.nanargmax(pressure))
    notes.append(
        f"the row of the highest pressure, {pressure[lowest] / 100.0:g} hPa, is taken for the "
        f"ground at {ascent.elevation_m:g} m"
    )
    return lowest, ascent.elevation_m


def _put_in_order(
    height: FloatArray, time_s: FloatArray, usable: NDArray[np.intp], notes: list[str]
) -> NDArray[np.intp]:
    """Return usable rows from the ground up, without what lies beyond the turn of the balloon."""
    times = time_s[usable]
    if usable.size < 3 or not np.isfinite(times).all() or np.ptp(times) == 0.0:
        return usable[np.argsort(height[usable], kind="stable")]
    path = usable[np.argsort(times, kind="stable")]
    top = int(np.argmax(height[path]))
    up, down = path[: top + 1], path[top:]
    if down.size > up.size:
        _note(notes, up.size - 1, "level", "before the top left out: a sonde that falls")
        way = down[::-1]
    else:
        _note(notes, down.size - 1, "level", "after the top left out: the sonde falls")
        way = up
    highest = np.maximum.accumulate(height[way])
    rising = np.append(True, height[way][1:] >= highest[:-1])
    _note(notes, int((~rising).sum()), "level", "left out: lower than one before")
    return np.asarray(way[rising], np.intp)


def _merge_levels(
    order: NDArray[np.intp],
    height: FloatArray,
    east: FloatArray,
    north: FloatArray,
    notes: list[str],
) -> NDArray[np.intp]:
    """Return one row for each height, the one that stands first in the file."""
    if order.size < 2 or np.diff(height[order]).min() >= MERGE_M:
        return order
    kept: list[int] = []
    merged = contradicting = 0
    start = -np.inf
    for row in order.tolist():
        if height[row] - start >= MERGE_M:
            kept.append(row)
            start = height[row]
            continue
        other = kept[-1]
        merged += 1
        contradicting += np.hypot(east[row] - east[other], north[row] - north[other]) > AGREE_MS
        if row < other:
            kept[-1] = row
    _note(notes, merged - contradicting, "level", "merged with one at the same height")
    _note(notes, contradicting, "level", "left out: another wind stands at the same height before")
    return np.array(kept, np.intp)


def _spread(z: FloatArray, height: FloatArray, values: FloatArray) -> FloatArray:
    """Interpolate values on some rows to heights, linear in height; NaN beyond them."""
    known = np.isfinite(height) & np.isfinite(values)
    if not known.any():
        return np.full(z.size, np.nan)
    order = np.argsort(height[known], kind="stable")
    return np.interp(z, height[known][order], values[known][order], left=np.nan, right=np.nan)
