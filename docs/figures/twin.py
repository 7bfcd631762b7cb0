"""What a pilot balloon is worth: a twin experiment, in a wind that is made up.

A forecast errs by a bias, or by a field drawn with the covariance that the blend takes for true, or
with another: of other size, lengths and time, or one that stands still. One theodolite follows a
pilot balloon in the true wind, with errors of reading and of the assumed ascent. Leaflets are
dropped in the true wind, in the forecast and in the blend, at places and times around the
observation: how far each misses is the answer. ``python -m docs.figures.twin`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator

from downwind.atmosphere import geopotential_height, pressure_pa
from downwind.times import format_utc, parse_time
from downwind.wind.cube import EAST, NORTH, WindCube, validate_cube
from downwind.wind.error import LARGE, UNRESOLVED, Scales, forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.observation import Station, reduce_single
from downwind.wind.observation.blend import blend_observations
from downwind.wind.profile import Profile
from downwind.wind.synthetic import SyntheticWind

FloatArray = NDArray[np.float64]
Field = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

START_S: Final = parse_time("2024-04-01T00:00Z")
SITE: Final = Station("site", 127.0, 37.5, 0.0)
DISTANCES_KM: Final = (0.0, 25.0, 50.0, 100.0, 200.0)
HOURS: Final = (0.0, 1.0, 3.0, 6.0)
SEEDS: Final = 40
BIAS_MS: Final = (3.0, -2.0)
DROP_M: Final = 4_000.0
FALL_MS: Final = 1.1
"""A leaflet from 4 km: about an hour."""


@dataclass(frozen=True, slots=True)
class Other:
    """By how much an error differs from what the blend takes it for.

    Parameters
    ----------
    size, length, time : float
        Factors of its standard deviation, its lengths and its time [-].
    moves : bool
        Whether it goes with the wind.
    """

    size: float = 1.0
    length: float = 1.0
    time: float = 1.0
    moves: bool = True


AS_TAKEN: Final = Other()
OTHERS: Final = {
    "as the blend takes it": AS_TAKEN,
    "twice as large": Other(size=2.0),
    "half as large": Other(size=0.5),
    "alike twice as far": Other(length=2.0),
    "alike half as far": Other(length=0.5),
    "stands still": Other(moves=False),
    "half as large, as far and as long, still": Other(0.5, 0.5, 0.5, False),
}
"""Errors of the table that asks what a wrong covariance costs."""

_LEVELS_M = np.arange(0.0, 7_001.0, 500.0)
_EAST_M = np.radians(1.0) * 6_371_009.0 * np.cos(np.radians(SITE.latitude))
_NORTH_M = np.radians(1.0) * 6_371_009.0
_WAVES = 300


@dataclass(frozen=True, slots=True)
class Misses:
    """Distance between where leaflets land in the true wind and in another [m].

    ``before`` and ``after`` the blend have shape (seeds, hours, distances).
    """

    before: FloatArray
    after: FloatArray

    def rms_km(self) -> tuple[FloatArray, FloatArray]:
        """Return the root mean square over the seeds, before and after, (hours, distances) [km]."""
        before, after = (1e-3 * np.sqrt(np.mean(x**2, axis=0)) for x in (self.before, self.after))
        return before, after


def make_forecast(
    spacing_deg: float = 0.25, hours: float = 8.0, east_km: float = 280.0
) -> WindCube:
    """Return the forecast: westerly, 6 m/s at the ground and 13 m/s at 7 km, steady."""
    wind = SyntheticWind(
        name="twin",
        time_s=START_S + np.array([0.0, 3600.0 * hours]),
        height_m=_LEVELS_M,
        east_ms=np.tile(6.0 + 1e-3 * _LEVELS_M, (2, 1)),
        north_ms=np.zeros((2, _LEVELS_M.size)),
        longitude0=SITE.longitude,
        latitude0=SITE.latitude,
        gradient=(0.0, 0.0, 0.0, 0.0),
    )
    east = np.ceil(1e3 * east_km / _EAST_M)
    box = (SITE.longitude - 1.0, SITE.latitude - 1.0, SITE.longitude + east, SITE.latitude + 1.0)
    data = wind.to_cube(box, spacing_deg, 3600.0).dataset.copy()
    data.attrs |= {"nature": "forecast", "forecast_reference_time": format_utc(START_S - 6 * 3600)}
    return validate_cube(data)


def run_twin(
    *,
    drawn: bool,
    seeds: int = SEEDS,
    hours: tuple[float, ...] = HOURS,
    distances_km: tuple[float, ...] = DISTANCES_KM,
    spacing_deg: float = 0.25,
    other: Other = AS_TAKEN,
) -> Misses:
    """Fly the experiment.

    Parameters
    ----------
    drawn : bool
        Draw the error of the forecast; otherwise it is the bias `BIAS_MS` everywhere.
    seeds : int
        Nights.
    hours, distances_km : tuple of float
        When after the observation, and how far downwind of it, leaflets are dropped.
    spacing_deg : float
        Of the grid of the forecast.
    other : Other
        What a drawn error is like.
    """
    cube = make_forecast(spacing_deg, max(hours) + 2.0, max(distances_km) + 60.0)
    shape = (len(hours), len(distances_km))
    lapse, far = (x.ravel() for x in np.meshgrid(hours, distances_km, indexing="ij"))
    start = np.stack([1e3 * far, 0.0 * far])
    misses: list[list[FloatArray]] = [[], []]
    before = field_of(cube)
    for seed in range(seeds):
        rng = np.random.default_rng([2024, seed])
        truth = _add(before, draw_error(rng, spacing_deg, other) if drawn else _bias)
        blend = blend_observations(cube, [observe(rng, truth)], trust=True)
        ends = [drop(wind, start, lapse) for wind in (truth, before, field_of(blend.cube))]
        for found, end in zip(misses, ends[1:], strict=True):
            found.append(np.hypot(*(end - ends[0])).reshape(shape))
    return Misses(np.array(misses[0]), np.array(misses[1]))


def observe(rng: np.random.Generator, truth: Field) -> Profile:
    """Return what one theodolite makes of a pilot balloon in the true wind, with all its errors."""
    rate = 3.0 * (1.0 + 0.1 * rng.standard_normal())
    step, last = 10.0, 1_800.0
    t = np.arange(0.0, last + step, step)
    place = np.zeros((2, t.size))
    for i in range(1, t.size):
        wind = truth(place[:1, i - 1], place[1:, i - 1], rate * t[i - 1 : i], t[i - 1 : i])
        place[:, i] = place[:, i - 1] + step * np.array(wind)[:, 0]
    read = np.arange(60.0, last, 60.0)
    seen = np.clip(read + 0.5 * rng.standard_normal(read.size), 0.0, last)
    east, north = (np.interp(seen, t, x) for x in place)
    flat = np.hypot(east, north)
    drop_m = (1.0 - 0.13) * flat**2 / (2.0 * 6_371_009.0)
    azimuth = np.degrees(np.arctan2(east, north)) + 0.1 * rng.standard_normal(read.size)
    elevation = np.degrees(np.arctan2(rate * seen - drop_m, flat))
    elevation = np.maximum(elevation + 0.1 * rng.standard_normal(read.size), 0.5)
    return reduce_single(SITE, START_S + read, azimuth, elevation, float(START_S), 3.0)


def drop(wind: Field, start_m: FloatArray, hours: FloatArray) -> FloatArray:
    """Return where leaflets land, shape (2, n) [m east and north of the site]."""
    place, step = start_m.copy(), 60.0
    count = int(DROP_M / FALL_MS / step)
    for i in range(count):
        t = 3600.0 * hours + (i + 0.5) * step
        z = np.full(t.size, DROP_M * (1.0 - (i + 0.5) / count))
        place = place + step * np.array(wind(place[0], place[1], z, t))
    return place


def field_of(cube: WindCube) -> Field:
    """Return the wind of a cube as a function of place [m], geometric height [m] and time [s]."""
    times = (cube.times_s - START_S).astype(float)
    axes = (times, _LEVELS_M, cube.latitude, cube.longitude)
    parts = [
        RegularGridInterpolator(axes, cube.dataset[name].values[0].astype(float))
        for name in (EAST, NORTH)
    ]

    def wind(
        x: FloatArray, y: FloatArray, z: FloatArray, t: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        lon, lat = SITE.longitude + x / _EAST_M, SITE.latitude + y / _NORTH_M
        at = np.stack([t, geopotential_height(z), lat, lon], axis=-1)
        return parts[0](at), parts[1](at)

    return wind


def draw_error(rng: np.random.Generator, spacing_deg: float, other: Other = AS_TAKEN) -> Field:
    """Draw an error field with the covariance of PHYSICS 5, as a sum of waves.

    A wave number with a normal distribution gives exp(-d^2 / 2 L^2), a frequency with that of
    Cauchy exp(-|t| / tau); the waves go with the mean wind from 3,000 to 5,600 m.
    """
    drift = 6.0 + 1e-3 * float(np.mean([3_000.0, 4_000.0, 5_000.0, 5_600.0]))
    drift *= float(other.moves)
    spacing_m = 0.5 * (_EAST_M + _NORTH_M) * spacing_deg
    small = float(unresolved_sigma_ms(spacing_m))
    parts = [
        Scales(
            other.length * s.horizontal_m, other.length * s.vertical_m, other.time * s.time_s
        )
        for s in (LARGE, UNRESOLVED)
    ]  # fmt: skip
    waves = [[_draw_waves(rng, scales) for scales in parts] for _ in range(2)]

    def error(
        x: FloatArray, y: FloatArray, z: FloatArray, t: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        sigma = (forecast_sigma_ms(pressure_pa(z), 6.0 + t / 3600.0), np.full(z.size, small))
        at = np.stack([x - drift * t, y, z, t, np.ones(t.size)], axis=-1)
        u, v = (
            sum(s * np.cos(at @ w).sum(axis=-1) for s, w in zip(sigma, parts, strict=True))
            * (other.size * np.sqrt(2.0 / _WAVES))
            for parts in waves
        )
        return np.asarray(u), np.asarray(v)

    return error


def _draw_waves(rng: np.random.Generator, scales: Scales) -> FloatArray:
    """Return numbers, frequencies and phases of waves, shape (5, waves)."""
    return np.stack(
        [
            rng.standard_normal(_WAVES) / scales.horizontal_m,
            rng.standard_normal(_WAVES) / scales.horizontal_m,
            rng.standard_normal(_WAVES) / scales.vertical_m,
            rng.standard_cauchy(_WAVES) / scales.time_s,
            rng.uniform(0.0, 2.0 * np.pi, _WAVES),
        ]
    )


def _bias(
    x: FloatArray, y: FloatArray, z: FloatArray, t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    del y, z, t
    return np.full(x.size, BIAS_MS[0]), np.full(x.size, BIAS_MS[1])


def _add(first: Field, second: Field) -> Field:
    def wind(
        x: FloatArray, y: FloatArray, z: FloatArray, t: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        one, two = first(x, y, z, t), second(x, y, z, t)
        return one[0] + two[0], one[1] + two[1]

    return wind


def twin_table(misses: Misses) -> str:
    """Return a table in Markdown: before and after [km] for each hour and distance."""
    before, after = misses.rms_km()
    head = ["hours after", *(f"{d:g} km" for d in DISTANCES_KM)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for i, hour in enumerate(HOURS):
        cells = [f"{b:.1f} to {a:.1f}" for b, a in zip(before[i], after[i], strict=True)]
        lines.append("| " + " | ".join([f"{hour:g}", *cells]) + " |")
    return "\n".join(lines)


def others_table() -> str:
    """Return a table in Markdown: what is left of the misses, in percent, for each of `OTHERS`."""
    hours, far = (0.0, 1.0, 3.0), (0.0, 50.0)
    head = ["error of the forecast", *(f"{h:g} h, {d:g} km" for h in hours for d in far)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, other in OTHERS.items():
        before, after = run_twin(
            drawn=True, seeds=SEEDS, hours=hours, distances_km=far, other=other
        ).rms_km()
        cells = [f"{100.0 * share:.0f} %" for share in (after / before).ravel()]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    for drawn in (False, True):
        print("drawn" if drawn else "bias", twin_table(run_twin(drawn=drawn)), sep="\n\n")
    print("others", others_table(), sep="\n\n")
