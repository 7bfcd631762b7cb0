"""From positions at times to wind: straight lines fitted over layers, with their standard errors.

A balloon drifts with the air, so the slope of its path over a layer is the mean wind of the layer.
Layers follow each other and share one reading at most, so that each says something of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ObservationError

FloatArray = NDArray[np.float64]

MAX_SPEED_MS: Final = 100.0
"""A faster way from one reading to the next is taken for a wrong reading [m s-1]."""

JUMP_SIGMA: Final = 3.0
"""Standard errors of the way between two readings that are no jump."""

GAP_STEPS: Final = 3.0
"""A layer longer than two smoothing intervals and so many usual steps is a gap."""

LEAST_READINGS: Final = 3

LAYER_COLUMNS: Final = (
    "time_s", "duration_s", "east_m", "north_m", "height_m", "eastward_ms", "northward_ms",
    "error_ms",
)  # fmt: skip
"""The arrays of `Layers`, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Positions of a balloon in a plane around its station, shape (n,) each.

    Parameters
    ----------
    time_s : numpy.ndarray
        Times, rising [s since 1970].
    east_m, north_m : numpy.ndarray
        Place from the station [m].
    height_m : numpy.ndarray
        Geometric height above the sea [m].
    east_error_m, north_error_m : numpy.ndarray
        Standard error of the place, independent from reading to reading [m].
    row : tuple of str
        What to call each reading in a message.
    """

    time_s: FloatArray
    east_m: FloatArray
    north_m: FloatArray
    height_m: FloatArray
    east_error_m: FloatArray
    north_error_m: FloatArray
    row: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Mean winds of the layers of a track, from the start on, shape (m,) each.

    ``height_m`` is geometric [m]; ``error_ms`` is that of each component [m s-1].
    """

    time_s: FloatArray
    duration_s: FloatArray
    east_m: FloatArray
    north_m: FloatArray
    height_m: FloatArray
    eastward_ms: FloatArray
    northward_ms: FloatArray
    error_ms: FloatArray
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def check_times(time_s: FloatArray, rows: tuple[str, ...]) -> None:
    """Raise unless there are readings enough and their times, shape (n,) [s], rise.

    Raises
    ------
    ObservationError
        Naming the first reading that is out of order.
    """
    if time_s.size < LEAST_READINGS:
        raise ObservationError(
            f"there are {time_s.size} readings: a wind needs at least {LEAST_READINGS}",
            "read the balloon more often, or for longer",
        )
    step = np.diff(time_s)
    if np.any(step <= 0.0):
        i = int(np.argmax(step <= 0.0)) + 1
        raise ObservationError(
            f"{rows[i]}: its time is not later than that of {rows[i - 1]}",
            "put the readings in the order of their times, each time once",
        )


def check_track(track: Track) -> None:
    """Raise if the way between two readings is a jump; their times rise.

    A way counts as far as it is longer than `JUMP_SIGMA` standard errors of its two ends: low over
    the horizon a place is uncertain by kilometres, which the error of the wind says.

    Raises
    ------
    ObservationError
        Naming the first reading that is too far from the one before it.
    """
    step = np.diff(track.time_s)
    variance = track.east_error_m**2 + track.north_error_m**2
    doubt = JUMP_SIGMA * np.sqrt(variance[1:] + variance[:-1])
    way = np.hypot(np.diff(track.east_m), np.diff(track.north_m))
    speed = np.maximum(way - doubt, 0.0) / step
    if np.any(speed > MAX_SPEED_MS):
        i = int(np.argmax(speed > MAX_SPEED_MS)) + 1
        raise ObservationError(
            f"{track.row[i]}: from {track.row[i - 1]} to it the balloon would have gone "
            f"{speed[i - 1]:.0f} m/s, more than {MAX_SPEED_MS:.0f} m/s",
            "one of the two is misread or miswritten: mend it, or take it out",
        )


def fit_layers(track: Track, smoothing_s: float) -> Layers:
    """Fit a straight line to the readings of each layer.

    A layer goes from one reading to the one nearest a smoothing interval later. The error of a
    slope is that of least squares with independent readings; where four or more readings scatter
    about the line by more than their errors say, it grows by as much.

    Parameters
    ----------
    track : Track
        What `check_track` has passed.
    smoothing_s : float
        Time over which the wind is taken as one [s].

    Raises
    ------
    ObservationError
        If no layer is left.
    """
    t = track.time_s
    usual = float(np.median(np.diff(t)))
    longest = max(2.0 * smoothing_s, GAP_STEPS * usual)
    rows: list[tuple[float, ...]] = []
    warnings: list[str] = []
    start = 0
    while start < t.size - 1:
        end = start + 1 + int(np.argmin(np.abs(t[start + 1 :] - t[start] - smoothing_s)))
        lasts = float(t[end] - t[start])
        if lasts > longest:
            warnings.append(
                f"no reading for {lasts:.0f} s between {track.row[end - 1]} and {track.row[end]}: "
                "no wind is given there"
            )
        elif lasts >= 0.5 * smoothing_s:
            rows.append(_fit_layer(track, slice(start, end + 1)))
        start = end
    if not rows:
        raise ObservationError(
            f"no layer of {smoothing_s:.0f} s holds two readings",
            "read the balloon more often, or state a longer smoothing",
        )
    columns = dict(zip(LAYER_COLUMNS, np.array(rows).T, strict=True))
    notes = [f"smoothed over layers of {smoothing_s:.0f} s"]
    if usual > smoothing_s:
        notes.append(
            f"readings are {usual:.0f} s apart, more than the smoothing: from one to the next"
        )
    return Layers(**columns, notes=tuple(notes), warnings=tuple(warnings))


def _fit_layer(track: Track, part: slice) -> tuple[float, ...]:
    """Return the row of one layer, in the order of `Layers`."""
    t = track.time_s[part]
    middle = float(t.mean())
    weight = (t - middle) / float(np.sum((t - middle) ** 2))
    errors, slopes, excess = [], [], 0.0
    for place, sigma in (
        (track.east_m[part], track.east_error_m[part]),
        (track.north_m[part], track.north_error_m[part]),
    ):
        slope = float(weight @ place)
        rest = place - place.mean() - slope * (t - middle)
        slopes.append(slope)
        errors.append(float(np.sum((weight * sigma) ** 2)))
        excess += float(np.sum((rest / np.maximum(sigma, 1e-9)) ** 2))
    grow = max(excess / (2.0 * (t.size - 2)), 1.0) if t.size >= 4 else 1.0
    return (
        middle,
        float(t[-1] - t[0]),
        float(track.east_m[part].mean()),
        float(track.north_m[part].mean()),
        float(track.height_m[part].mean()),
        *slopes,
        float(np.sqrt(grow * 0.5 * sum(errors))),
    )


def keep_rising(layers: Layers) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Return which layers lie above all before them, and a note on those that do not."""
    highest = np.maximum.accumulate(np.concatenate([[-np.inf], layers.height_m[:-1]]))
    keep = layers.height_m > highest + 1.0
    lost = int(np.count_nonzero(~keep))
    return keep, (f"{lost} layers in which the balloon did not rise left out",) if lost else ()
