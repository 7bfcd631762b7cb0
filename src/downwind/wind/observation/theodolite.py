"""Wind from a pilot balloon that one or two theodolites follow.

One theodolite gives a direction only: the height is the assumed rate of ascent times the time,
and an error of the rate goes into the whole ascent alike. Two theodolites at the ends of a measured
base line give the place itself: the point that fits the four angles best, whose error grows where
the balloon stands near the vertical plane through the base line.

Angles are turned into places with the curvature of the earth and a standard refraction. A balloon
takes on the wind within a second or two, which is nothing beside the smoothing.

References
----------
WMO-No. 8, Guide to Instruments and Methods of Observation, 2018, volume I, chapter 13: measurement
of upper wind, optical theodolites, sources of error.
Bomford, Geodesy, 1980: coefficient of refraction 0.13 by day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import ObservationError
from downwind.wind.observation._fit import Track, check_times, check_track, fit_layers
from downwind.wind.observation._station import Station, make_profile
from downwind.wind.profile import Profile

FloatArray = NDArray[np.float64]

ANGLE_ERROR_DEG: Final = 0.1
"""Standard error of a reading [degrees]; a wrong north turns all of them, and is not in it."""

TIME_ERROR_S: Final = 0.5
"""Standard error of the time of a reading [s]."""

ASCENT_RATE_ERROR: Final = 0.1
"""Standard error of an assumed rate of ascent, a fraction."""

SMOOTHING_S: Final = 60.0
"""Time over which the wind is taken as one [s]."""

RELEASE_ERROR_M: Final = 5.0
"""Standard error of the place of release about a single theodolite [m]."""

LATEST_S: Final = 3_600.0
"""A first reading so much later than the release has a wrong day, time or zone [s]."""

LOW_DEG: Final = 6.0
"""Below this elevation a small error of it is a large one of the distance [degrees]."""

POOR_M: Final = 0.2
"""A place by two theodolites whose error is a larger part of its distance is not used."""

DISAGREE_SIGMA: Final = 4.0
"""Two lines of sight that miss each other by more standard errors are named."""

_REFRACTION: Final = 0.13
_BEND: Final = (1.0 - _REFRACTION) / (2.0 * EARTH_RADIUS_M)
_EARLY: Final = ((60.0, 0.20), (180.0, 0.10), (300.0, 0.05))
_ROUNDS: Final = 8


@dataclass(frozen=True, slots=True)
class Base:
    """The second theodolite as seen from the first.

    Parameters
    ----------
    length_m : float
        Horizontal length of the base line [m].
    bearing_deg : float
        Direction to the second theodolite, from true north [degrees].
    rise_m : float
        By how much it stands higher than the first [m].
    """

    length_m: float
    bearing_deg: float
    rise_m: float = 0.0


def ascent_rate_ms(free_lift_kg: float, balloon_kg: float) -> float:
    """Return the rate of ascent of a pilot balloon by the formula of the US Weather Bureau [m s-1].

    Parameters
    ----------
    free_lift_kg : float
        What it lifts besides itself [kg].
    balloon_kg : float
        Mass of the balloon and what hangs on it [kg].

    References
    ----------
    Haynes, 1947, Trans. Amer. Geophys. Union 28: V = 72 (l^3 / L^2)^0.208 m/min, free lift l and
    total lift L in grams; standard knowledge, not checked against the paper.
    """
    free, total = 1e3 * free_lift_kg, 1e3 * (free_lift_kg + balloon_kg)
    return float(72.0 * (free**3 / total**2) ** 0.208 / 60.0)


def ascent_height_m(elapsed_s: ArrayLike, rate_ms: float, early: bool = False) -> FloatArray:
    """Return the assumed height above the release [m].

    Parameters
    ----------
    elapsed_s : array_like
        Time since the release [s].
    rate_ms : float
        Rate of ascent [m s-1].
    early : bool
        Add the Weather Bureau's correction for the first five minutes: 20, 10, 10, 5 and 5 %.
    """
    t = np.asarray(elapsed_s, np.float64)
    height = rate_ms * t
    if early:
        since = 0.0
        for until, more in _EARLY:
            height = height + more * rate_ms * (np.clip(t, since, until) - since)
            since = until
    return np.asarray(height, np.float64)


def reduce_single(
    station: Station,
    time_s: FloatArray,
    azimuth_deg: FloatArray,
    elevation_deg: FloatArray,
    start_s: float,
    ascent_rate: float,
    *,
    ascent_rate_error: float = ASCENT_RATE_ERROR,
    angle_error_deg: float = ANGLE_ERROR_DEG,
    time_error_s: float = TIME_ERROR_S,
    smoothing_s: float = SMOOTHING_S,
    early: bool = False,
    rows: tuple[str, ...] = (),
    file: str = "",
    notes: tuple[str, ...] = (),
) -> Profile:
    """Reduce the readings of one theodolite.

    Parameters
    ----------
    station : Station
        The theodolite, from which the balloon is released.
    time_s : numpy.ndarray
        Times of the readings, shape (n,) [s since 1970].
    azimuth_deg, elevation_deg : numpy.ndarray
        Direction from the theodolite, from true north, and angle above the horizon, shape (n,)
        [degrees].
    start_s : float
        Time of release [s since 1970].
    ascent_rate : float
        Assumed rate of ascent [m s-1].
    ascent_rate_error : float
        Its standard error, a fraction; common to the whole ascent.
    angle_error_deg, time_error_s : float
        Standard error of angles [degrees] and times [s], independent from reading to reading.
    smoothing_s : float
        Length of a layer [s].
    early : bool
        As in `ascent_height_m`.
    rows : tuple of str, optional
        What to call each reading in a message.
    file : str
        Name of the file.
    notes : tuple of str
        What the reader of the file had to decide.

    Returns
    -------
    Profile
        With the common part of the error.

    Raises
    ------
    ObservationError
        If an angle is out of range, times do not rise, or a reading is a jump.
    """
    rows = rows or _count_rows(time_s)
    _check_angles(azimuth_deg, elevation_deg, rows)
    check_times(time_s, rows)
    _check_release(time_s, start_s, rows)
    elapsed = np.asarray(time_s, np.float64) - start_s
    height = ascent_height_m(elapsed, ascent_rate, early)
    az, el = np.radians(azimuth_deg), np.radians(elevation_deg)
    tangent = np.tan(el)
    root = np.sqrt(tangent**2 + 4.0 * _BEND * height)
    distance = 2.0 * height / (root + tangent)
    by_elevation = distance * (1.0 + tangent**2) / root
    places, errors = [], []
    angle = np.radians(angle_error_deg)
    rate = np.gradient(height, elapsed)
    for along, across in ((np.sin(az), np.cos(az)), (np.cos(az), -np.sin(az))):
        place = distance * along
        speed = np.gradient(place, elapsed)
        late = (speed - place * rate / height) * time_error_s
        error = np.sqrt(
            (distance * across * angle) ** 2 + (by_elevation * along * angle) ** 2 + late**2
        )
        places.append(np.concatenate([[0.0], place]))
        errors.append(np.concatenate([[RELEASE_ERROR_M], error]))
    track = Track(
        np.concatenate([[start_s], time_s]),
        places[0],
        places[1],
        station.elevation_m + np.concatenate([[0.0], height]),
        errors[0],
        errors[1],
        ("the release", *rows),
    )
    check_track(track)
    layers = fit_layers(track, smoothing_s)
    told = (
        f"ascent at {ascent_rate:.2f} m/s assumed"
        + (", more in the first five minutes" if early else "")
        + f", standard error {100.0 * ascent_rate_error:g} %, common to the whole ascent",
        f"angles to {angle_error_deg:g} deg, times to {time_error_s:g} s",
        f"released within {RELEASE_ERROR_M:g} m of the theodolite",
    )
    return make_profile(
        station, start_s, layers, "pilot balloon, one theodolite", file,
        (*notes, *told), _warn_low(elevation_deg, rows), ascent_rate_error,
    )  # fmt: skip


def reduce_double(
    station: Station,
    base: Base,
    time_s: FloatArray,
    first_deg: tuple[FloatArray, FloatArray],
    second_deg: tuple[FloatArray, FloatArray],
    start_s: float,
    *,
    angle_error_deg: float = ANGLE_ERROR_DEG,
    time_error_s: float = TIME_ERROR_S,
    smoothing_s: float = SMOOTHING_S,
    rows: tuple[str, ...] = (),
    file: str = "",
    notes: tuple[str, ...] = (),
) -> Profile:
    """Reduce the readings of two theodolites at the ends of a base line.

    Parameters
    ----------
    station : Station
        The first theodolite.
    base : Base
        The second.
    time_s : numpy.ndarray
        Times at which both are read, shape (n,) [s since 1970].
    first_deg, second_deg : tuple of numpy.ndarray
        Azimuth from true north and elevation at each, shape (n,) [degrees].
    start_s : float
        Time of release [s since 1970].
    angle_error_deg, time_error_s, smoothing_s, rows, file, notes
        As in `reduce_single`.

    Raises
    ------
    ObservationError
        As `reduce_single`, and if too few readings fix a place.
    """
    rows = rows or _count_rows(time_s)
    for angles in (first_deg, second_deg):
        _check_angles(*angles, rows)
    check_times(time_s, rows)
    _check_release(time_s, start_s, rows)
    place, covariance, miss = intersect_sights(base, first_deg, second_deg, angle_error_deg)
    spread = np.sqrt(np.maximum(np.einsum("nii->ni", covariance), 0.0))
    far = np.linalg.norm(place, axis=1)
    sound = np.isfinite(far) & (place[:, 2] > -50.0) & (spread.max(axis=1) < POOR_M * far)
    warnings = list(_warn_low(np.minimum(first_deg[1], second_deg[1]), rows))
    if not sound.all():
        names = [row for row, good in zip(rows, sound, strict=True) if not good]
        warnings.append(
            f"the lines of sight do not fix a place at {_list_rows(names)}: the balloon stood near "
            "the vertical plane of the base line, or an angle is misread; not used"
        )
    apart = sound & (miss > DISAGREE_SIGMA)
    if apart.any():
        names = [row for row, bad in zip(rows, apart, strict=True) if bad]
        warnings.append(
            f"the lines of sight miss each other by more than {DISAGREE_SIGMA:g} standard errors "
            f"at {_list_rows(names)}"
        )
    use = np.flatnonzero(sound)
    if use.size < 3:
        raise ObservationError(
            f"the two lines of sight fix a place at {use.size} of {sound.size} readings",
            "check the base line and both norths; lay the base line across the wind",
        )
    time, place, spread = np.asarray(time_s, np.float64)[use], place[use], spread[use]
    speed = np.gradient(place[:, :2], time, axis=0)
    errors = np.hypot(spread[:, :2], speed * time_error_s)
    track = Track(
        time,
        place[:, 0],
        place[:, 1],
        station.elevation_m + place[:, 2],
        errors[:, 0],
        errors[:, 1],
        tuple(rows[i] for i in use),
    )
    check_track(track)
    layers = fit_layers(track, smoothing_s)
    told = (
        f"base line {base.length_m:.0f} m towards {base.bearing_deg:.1f} deg; lines of sight miss "
        f"each other by {float(np.sqrt(np.mean(miss[use] ** 2))):.1f} standard errors (rms)",
        f"angles to {angle_error_deg:g} deg, times to {time_error_s:g} s",
    )
    return make_profile(
        station, start_s, layers, "pilot balloon, two theodolites", file, (*notes, *told),
        tuple(warnings),
    )  # fmt: skip


def intersect_sights(
    base: Base,
    first_deg: tuple[FloatArray, FloatArray],
    second_deg: tuple[FloatArray, FloatArray],
    angle_error_deg: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Find the places that fit four angles best: least squares by Gauss and Newton.

    It starts in the middle of the shortest line between the two lines of sight.

    Returns
    -------
    place : numpy.ndarray
        East, north and up from the first theodolite, shape (n, 3) [m]; NaN where nothing fits.
    covariance : numpy.ndarray
        Of the place, shape (n, 3, 3) [m2]; large near the vertical plane of the base line.
    miss : numpy.ndarray
        By how many standard errors the angles contradict each other, shape (n,).
    """
    bearing = np.radians(base.bearing_deg)
    other = np.array(
        [base.length_m * np.sin(bearing), base.length_m * np.cos(bearing), base.rise_m]
    )
    measured = np.radians(np.stack([*first_deg, *second_deg], axis=1))
    rays = [_direction(measured[:, k], measured[:, k + 1]) for k in (0, 2)]
    cross = np.einsum("ni,ni->n", *rays)
    ends = [rays[0] @ other, rays[1] @ other]
    slack = np.maximum(1.0 - cross**2, 1e-9)
    along = (ends[0] - cross * ends[1]) / slack, (cross * ends[0] - ends[1]) / slack
    place = 0.5 * (along[0][:, None] * rays[0] + other + along[1][:, None] * rays[1])
    sigma = np.radians(angle_error_deg)
    stations = (np.zeros(3), other)
    for _ in range(_ROUNDS):
        rest, jacobian = _misfit(place, stations, measured)
        normal = np.einsum("nka,nkb->nab", jacobian, jacobian) + 1e-15 * np.eye(3)
        step = np.linalg.solve(normal, np.einsum("nka,nk->na", jacobian, rest)[..., None])[..., 0]
        reach = 0.5 * np.linalg.norm(place, axis=1, keepdims=True) + base.length_m
        size = np.linalg.norm(step, axis=1, keepdims=True)
        place = place + step * np.minimum(1.0, reach / np.maximum(size, 1e-9))
    rest, jacobian = _misfit(place, stations, measured)
    normal = np.einsum("nka,nkb->nab", jacobian, jacobian) + 1e-15 * np.eye(3)
    miss = np.sqrt(np.sum(rest**2, axis=1)) / sigma
    behind = (along[0] <= 0.0) | (along[1] <= 0.0)
    place = np.where(behind[:, None], np.nan, place)
    return place, sigma**2 * np.linalg.inv(normal), miss


def _direction(azimuth: FloatArray, elevation: FloatArray) -> FloatArray:
    flat = np.cos(elevation)
    return np.stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)], axis=1)


def _misfit(
    place: FloatArray, stations: tuple[FloatArray, FloatArray], measured: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return measured less computed angles, shape (n, 4), and derivatives of these, (n, 4, 3)."""
    rest, jacobian = [], []
    for k, station in enumerate(stations):
        east, north, up = (place - station).T
        flat = np.maximum(np.hypot(east, north), 1e-3)
        up = up - _BEND * flat**2
        far = np.hypot(flat, up)
        azimuth = np.arctan2(east, north)
        elevation = np.arctan2(up, flat)
        turn = (measured[:, 2 * k] - azimuth + np.pi) % (2.0 * np.pi) - np.pi
        rest += [turn, measured[:, 2 * k + 1] - elevation]
        bent = up + 2.0 * _BEND * flat**2
        jacobian += [
            np.stack([north / flat**2, -east / flat**2, np.zeros_like(flat)], axis=1),
            np.stack(
                [-bent * east / flat / far**2, -bent * north / flat / far**2, flat / far**2], axis=1
            ),
        ]
    return np.stack(rest, axis=1), np.stack(jacobian, axis=1)


def _check_release(time_s: FloatArray, start_s: float, rows: tuple[str, ...]) -> None:
    elapsed = float(time_s[0]) - start_s
    if elapsed <= 0.0:
        raise ObservationError(
            f"{rows[0]}: it is not later than the release",
            "begin with the first reading after the release; the release itself needs no row",
        )
    if elapsed > LATEST_S:
        raise ObservationError(
            f"{rows[0]}: it is {elapsed / 3600.0:.1f} h later than the release",
            "check the day, the time and the zone of start and of the readings",
        )


def _check_angles(azimuth: FloatArray, elevation: FloatArray, rows: tuple[str, ...]) -> None:
    for i, row in enumerate(rows):
        if not -360.0 <= azimuth[i] <= 360.0:
            raise ObservationError(
                f"{row}: the azimuth {azimuth[i]:g} deg lies outside -360 to 360",
                "write azimuths in degrees, clockwise from north",
            )
        if not 0.0 < elevation[i] <= 90.0:
            raise ObservationError(
                f"{row}: the elevation {elevation[i]:g} deg lies outside 0 to 90",
                "write elevations in degrees above the horizon; a balloon at or below it says "
                "nothing: take the row out",
            )


def _warn_low(elevation: FloatArray, rows: tuple[str, ...]) -> tuple[str, ...]:
    low = [row for row, angle in zip(rows, elevation, strict=True) if angle < LOW_DEG]
    if not low:
        return ()
    return (
        f"the balloon stood below {LOW_DEG:g} deg at {_list_rows(low)}: refraction and small "
        "errors of the elevation make those winds poor",
    )


def _list_rows(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _count_rows(time_s: FloatArray) -> tuple[str, ...]:
    return tuple(f"reading {i + 1}" for i in range(np.asarray(time_s).size))
