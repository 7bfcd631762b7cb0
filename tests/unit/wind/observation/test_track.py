"""Tracks by satellite navigation: true on the ellipsoid, and honest about their errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from pyproj import Geod

from downwind.atmosphere import geopotential_height
from downwind.errors import ObservationError
from downwind.wind.observation import Fixes, reduce_track
from tests.unit.wind.observation.pilot_balloon import START_S, Ascent

GEOD = Geod(ellps="WGS84")


def fixes_of(
    t: np.ndarray, east: np.ndarray, north: np.ndarray, up: np.ndarray, where=(179.98, 37.0)
) -> Fixes:
    """Return fixes that pyproj puts one step after the other from a place [m]."""
    n = t.size
    lon, lat = np.full(n, where[0]), np.full(n, where[1])
    first = GEOD.fwd(*where, np.degrees(np.arctan2(east[0], north[0])), np.hypot(east[0], north[0]))
    lon[0], lat[0] = first[:2]
    for i, (dx, dy) in enumerate(zip(np.diff(east), np.diff(north), strict=True), 1):
        step = GEOD.fwd(lon[i - 1], lat[i - 1], np.degrees(np.arctan2(dx, dy)), np.hypot(dx, dy))
        lon[i], lat[i] = step[:2]
    return Fixes(START_S + t, lon, lat, 100.0 + up, tuple(f"row {i}" for i in range(n)))


def test_given_a_true_track_when_reduced_then_the_wind_is_that_of_an_independent_geodesic() -> None:
    ascent, t = Ascent(5.0), np.arange(0.0, 1200.0, 2.0)
    east, north, up = ascent.place(t)
    profile = reduce_track(fixes_of(t, east, north, up))
    z = 5.0 * (profile.level_time_s - START_S)
    u, v = ascent.wind(z)
    # a degree is longer aloft by z / R: a thousandth at 6 km
    np.testing.assert_allclose(profile.eastward_ms, u * (1 + z / 6.37e6), rtol=3e-4, atol=2e-3)
    np.testing.assert_allclose(profile.northward_ms, v * (1 + z / 6.37e6), rtol=3e-4, atol=2e-3)
    np.testing.assert_allclose(profile.height_m, geopotential_height(100.0 + z), atol=0.5)


@pytest.mark.parametrize("lasting_s", [0.0, 30.0])
def test_given_noisy_fixes_when_reduced_often_then_the_stated_error_bounds_their_scatter(
    lasting_s: float,
) -> None:
    rng, t = np.random.default_rng(3), np.arange(0.0, 1000.0, 2.0)
    east, north, up = Ascent(5.0, (5.0, 0.0), (3.0, 0.0)).place(t)
    keep = np.exp(-2.0 / lasting_s) if lasting_s else 0.0
    misses, stated = [], []
    for _ in range(150):
        noise = rng.standard_normal((2, t.size))
        for i in range(1, t.size):
            noise[:, i] = keep * noise[:, i - 1] + np.sqrt(1 - keep**2) * noise[:, i]
        profile = reduce_track(fixes_of(t, east + 5 * noise[0], north + 5 * noise[1], up))
        misses.append(profile.eastward_ms[:12] - 5.0)
        stated.append(profile.error_ms[:12])
    ratio = np.std(misses) / np.sqrt(np.mean(np.square(stated)))
    assert 0.1 < ratio < 1.1


def test_given_a_flight_up_and_down_when_reduced_then_each_part_has_its_own_wind() -> None:
    t = np.arange(0.0, 1800.0, 5.0)
    up = np.where(t < 1200.0, 5.0 * t, 6000.0 - 10.0 * (t - 1200.0))
    speed = np.where(t < 1200.0, 8.0, 12.0)
    east = np.concatenate([[0.0], np.cumsum(5.0 * speed[:-1])])
    waiting = np.arange(-300.0, 0.0, 5.0)
    fixes = fixes_of(
        np.concatenate([waiting, t]),
        np.concatenate([0 * waiting, east]),
        np.zeros(420),
        np.concatenate([0 * waiting, up]),
    )
    rise, fall = reduce_track(fixes), reduce_track(fixes, part="descent")
    np.testing.assert_allclose(rise.eastward_ms, 8.0, rtol=2e-3)
    np.testing.assert_allclose(fall.eastward_ms, 12.0, rtol=2e-3)
    assert np.all(np.diff(fall.height_m) > 0.0)
    assert fall.level_time_s[0] > fall.level_time_s[-1]


def test_given_a_real_radiosonde_when_its_places_are_reduced_then_its_own_winds_come_out(
    shared: Path,
) -> None:
    path = shared / "data/soundings/arm/sgpsondewnpnC1.b1.20190101.053200.cdf"
    with xr.open_dataset(path, engine="scipy", decode_times=False) as data:
        lon, lat, alt, u, v = (
            data[name].values.astype(np.float64)
            for name in ("lon", "lat", "alt", "u_wind", "v_wind")
        )
        t = data["time_offset"].values.astype(np.float64)
    good = (np.abs(lon) < 360) & (alt > -400) & (np.abs(u) < 200) & (np.abs(v) < 200)
    t, lon, lat, alt, u, v = (x[good] for x in (t, lon, lat, alt, u, v))
    fixes = Fixes(t, lon, lat, alt, tuple(map(str, range(t.size))))
    profile = reduce_track(fixes, smoothing_s=60.0)
    # its own winds, averaged over the same minutes
    miss = []
    for when, east, north in zip(
        profile.level_time_s, profile.eastward_ms, profile.northward_ms, strict=True
    ):
        near = np.abs(t - when) <= 30.0
        miss += [east - u[near].mean(), north - v[near].mean()]
    assert profile.height_m.size > 50
    assert np.sqrt(np.mean(np.square(miss))) < 0.35


def test_given_fixes_in_disorder_or_astray_when_reduced_then_the_row_is_named() -> None:
    t = np.arange(0.0, 600.0, 10.0)
    east, north, up = Ascent(5.0).place(t)
    swapped = t.copy()
    swapped[[7, 8]] = swapped[[8, 7]]
    with pytest.raises(ObservationError, match="row 8: its time is not later than that of row 7"):
        reduce_track(fixes_of(swapped, east, north, up))
    east[20] += 5_000.0
    with pytest.raises(ObservationError, match=r"row 20: from row 19 to it .* 5\d\d m/s"):
        reduce_track(fixes_of(t, east, north, up))


def test_given_a_balloon_that_only_falls_when_its_ascent_is_asked_for_then_it_says_so() -> None:
    t = np.arange(0.0, 600.0, 10.0)
    with pytest.raises(ObservationError, match="the ascent has 1 fixes"):
        reduce_track(fixes_of(t, 5 * t, 0 * t, 3000.0 - 5.0 * t))
