"""Wind from the positions of a balloon that carries a receiver for satellite navigation.

The slope of its path over a layer is the wind of the layer. The ascent and the descent under a
parachute are reduced apart: the balloon may be hours and many kilometres away when it comes down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ObservationError
from downwind.wind.observation._fit import (
    LAYER_COLUMNS,
    LEAST_READINGS,
    Layers,
    Track,
    check_times,
    check_track,
    fit_layers,
)
from downwind.wind.observation._station import Station, make_profile, metres_per_degree
from downwind.wind.profile import Profile

FloatArray = NDArray[np.float64]
Part = Literal["ascent", "descent"]

POSITION_ERROR_M: Final = 5.0
"""Standard error of a fix in each horizontal direction [m]."""

SMOOTHING_S: Final = 60.0
"""Time over which the wind is taken as one [s]."""

LIFT_OFF_M: Final = 20.0
"""Above the lowest fix before the top by so much, the balloon has left the ground [m]."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixes:
    """Positions as they were received, shape (n,) each.

    Parameters
    ----------
    time_s : numpy.ndarray
        [s since 1970]
    longitude, latitude : numpy.ndarray
        [degrees]
    altitude_m : numpy.ndarray
        Geometric, above the sea [m].
    row : tuple of str
        What to call each fix in a message.
    """

    time_s: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    altitude_m: FloatArray
    row: tuple[str, ...]

    def take(self, index: NDArray[np.intp]) -> Fixes:
        """Return some of the fixes."""
        return Fixes(
            self.time_s[index],
            self.longitude[index],
            self.latitude[index],
            self.altitude_m[index],
            tuple(self.row[i] for i in index),
        )


def reduce_track(
    fixes: Fixes,
    *,
    name: str = "",
    part: Part = "ascent",
    position_error_m: float = POSITION_ERROR_M,
    smoothing_s: float = SMOOTHING_S,
    file: str = "",
    notes: tuple[str, ...] = (),
) -> Profile:
    """Reduce the ascent or the descent of a track.

    Errors of fixes last for a while, so the error of a layer is that of its two ends: the square
    root of two times that of a fix, by the length of the layer.

    Parameters
    ----------
    fixes : Fixes
    name : str
        Name of the station; without it, it is called after its place.
    part : {"ascent", "descent"}
        What to reduce.
    position_error_m : float
        Standard error of a fix in each horizontal direction [m].
    smoothing_s : float
        Length of a layer [s].
    file : str
        Name of the file.
    notes : tuple of str
        What the reader of the file had to decide.

    Raises
    ------
    ObservationError
        If times do not rise, a fix is a jump, or there are too few.
    """
    _check_fixes(fixes)
    used = cut_part(fixes, part)
    first = Station(
        name or f"{used.latitude[0]:.2f} N {used.longitude[0]:.2f} E",
        float(used.longitude[0]),
        float(used.latitude[0]),
        float(used.altitude_m[0] if part == "ascent" else used.altitude_m.min()),
    )
    east, north = _lay_out(used)
    error = np.full(east.size, position_error_m)
    track = Track(used.time_s, east, north, used.altitude_m, error, error, used.row)
    check_track(track)
    layers = fit_layers(track, smoothing_s)
    ends = np.sqrt(2.0) * position_error_m / layers.duration_s
    layers = replace(layers, error_ms=np.maximum(layers.error_ms, ends))
    if part == "descent":
        layers = _turn_round(layers)
    told = [
        f"{part} alone, {used.time_s.size} of {fixes.time_s.size} fixes",
        f"fixes to {position_error_m:g} m",
    ]
    if part == "descent":
        told.append("elevation of the station is that of the last fix; there may be air below it")
    profile = make_profile(
        first, float(used.time_s[0]), layers, f"balloon track, {part}", file, (*notes, *told), ()
    )
    # places of layers come back from the plane, whose scale goes with the place
    return replace(
        profile,
        level_longitude=np.interp(profile.level_time_s, used.time_s, _unwrap(used.longitude)),
        level_latitude=np.interp(profile.level_time_s, used.time_s, used.latitude),
    )


def cut_part(fixes: Fixes, part: Part) -> Fixes:
    """Return the fixes from the last one on the ground to the top, or from the top on.

    Raises
    ------
    ObservationError
        If the part has too few of them.
    """
    top = int(np.argmax(fixes.altitude_m))
    if part == "ascent":
        before = fixes.altitude_m[: top + 1]
        low = np.flatnonzero(before < before.min() + LIFT_OFF_M)
        index = np.arange(int(low[-1]), top + 1)
    else:
        after = fixes.altitude_m[top:]
        low = np.flatnonzero(after < after.min() + LIFT_OFF_M)
        index = np.arange(top, top + int(low[0]) + 1)
    if index.size < LEAST_READINGS:
        raise ObservationError(
            f"the {part} has {index.size} fixes: a wind needs at least {LEAST_READINGS}",
            'give a track with more fixes, or take the other part: part = "descent"',
        )
    return fixes.take(index)


def _check_fixes(fixes: Fixes) -> None:
    ranges = (
        ("longitude", fixes.longitude, -360.0, 360.0, "degrees"),
        ("latitude", fixes.latitude, -90.0, 90.0, "degrees"),
        ("altitude", fixes.altitude_m, -500.0, 60_000.0, "m"),
    )
    for i, row in enumerate(fixes.row):
        for what, values, low, high, unit in ranges:
            if not low <= values[i] <= high:
                raise ObservationError(
                    f"{row}: the {what} {values[i]:g} {unit} lies outside {low:g} to {high:g}",
                    "mend the row, or take it out; the head of a column says its unit, such as "
                    "altitude_ft",
                )
    check_times(fixes.time_s, fixes.row)


def _unwrap(longitude: FloatArray) -> FloatArray:
    """Return longitudes without a step at the antimeridian [degrees]."""
    return np.asarray(np.unwrap(longitude, period=360.0), np.float64)


def _lay_out(fixes: Fixes) -> tuple[FloatArray, FloatArray]:
    """Return ways to the east and north since the first fix, shape (n,) [m].

    Each step is measured with the length of a degree at its own latitude and altitude, so that the
    slopes are true however far the balloon goes.
    """
    lat = 0.5 * (fixes.latitude[1:] + fixes.latitude[:-1])
    alt = 0.5 * (fixes.altitude_m[1:] + fixes.altitude_m[:-1])
    east, north = metres_per_degree(lat, alt)
    steps = (east * np.diff(_unwrap(fixes.longitude)), north * np.diff(fixes.latitude))
    x, y = (np.concatenate([[0.0], np.cumsum(step)]) for step in steps)
    return x, y


def _turn_round(layers: Layers) -> Layers:
    """Return layers from the ground up, of a track that comes down."""
    columns = {name: getattr(layers, name)[::-1] for name in LAYER_COLUMNS}
    return Layers(**columns, notes=layers.notes, warnings=layers.warnings)
