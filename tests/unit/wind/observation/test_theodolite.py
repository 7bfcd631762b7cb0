"""Pilot balloons by one and two theodolites: exact without errors, honest with them."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.atmosphere import geometric_altitude, geopotential_height
from downwind.errors import ObservationError
from downwind.wind.observation import (
    Base,
    Station,
    ascent_rate_ms,
    intersect_sights,
    reduce_double,
    reduce_single,
)
from downwind.wind.observation.theodolite import ascent_height_m
from downwind.wind.profile import Profile
from tests.unit.wind.observation.pilot_balloon import START_S, Ascent, sight

SITE = Station("hill", 126.5, 37.7, 120.0)
T = np.arange(30.0, 1500.0, 30.0)


def single(ascent: Ascent, rng: np.random.Generator | None = None, **options: float) -> Profile:
    """Reduce readings of an ascent; with a generator, readings have the errors that are stated."""
    rate, late, noise = ascent.rate_ms, np.zeros(T.size), np.zeros((2, T.size))
    if rng is not None:
        rate *= 1.0 + options.get("ascent_rate_error", 0.0) * rng.standard_normal()
        late = 0.5 * rng.standard_normal(T.size)
        noise = 0.1 * rng.standard_normal((2, T.size))
    truth = Ascent(rate, ascent.east, ascent.north)
    azimuth, elevation = sight(*truth.place(T + late))
    return reduce_single(
        SITE, START_S + T, azimuth + noise[0], elevation + noise[1], START_S, ascent.rate_ms,
        **options,
    )  # fmt: skip


def above(profile: Profile) -> np.ndarray:
    return geometric_altitude(profile.height_m) - SITE.elevation_m


def test_given_readings_without_error_when_reduced_then_the_wind_is_that_of_each_layer() -> None:
    ascent = Ascent()
    profile = single(ascent)
    u, v = ascent.wind(above(profile))
    assert profile.height_m.size == 25
    np.testing.assert_allclose(profile.eastward_ms, u, atol=0.02)
    np.testing.assert_allclose(profile.northward_ms, v, atol=0.02)


def test_given_a_wrong_rate_when_reduced_then_the_common_error_is_what_the_wind_misses() -> None:
    assumed, truth = Ascent(3.0), Ascent(3.03)
    profile = reduce_single(
        SITE, START_S + T, *sight(*truth.place(T)), START_S, 3.0, ascent_rate_error=0.01
    )
    u, v = truth.wind(above(profile))
    assert profile.common_eastward_ms is not None
    assert profile.common_northward_ms is not None
    # the plan was one standard error off: both components miss by the common part
    np.testing.assert_allclose(u - profile.eastward_ms, profile.common_eastward_ms, atol=0.02)
    np.testing.assert_allclose(v - profile.northward_ms, profile.common_northward_ms, atol=0.02)
    assert assumed.east == truth.east


def test_given_noisy_readings_when_reduced_often_then_the_stated_error_is_their_scatter() -> None:
    rng, ascent = np.random.default_rng(5), Ascent()
    misses, stated = [], []
    for _ in range(250):
        profile = single(ascent, rng, ascent_rate_error=1e-6)
        u, v = ascent.wind(above(profile))
        misses.append([profile.eastward_ms - u, profile.northward_ms - v])
        stated.append(profile.error_ms)
    scatter = np.sqrt(np.mean(np.square(misses), axis=(0, 1)))
    ratio = scatter / np.sqrt(np.mean(np.square(stated), axis=0))
    # the first layer begins at the release, whose place errs by nothing here
    np.testing.assert_allclose(ratio[1:], 1.0, atol=0.15)
    assert ratio[0] < 1.0


def test_given_uncertain_rates_when_reduced_often_then_the_common_error_is_their_scatter() -> None:
    rng, ascent, levels = np.random.default_rng(6), Ascent(), np.linspace(400.0, 3400.0, 12)
    u, v = ascent.wind(levels)
    misses, stated = [], []
    for _ in range(250):
        rate = 3.0 * (1.0 + 0.1 * rng.standard_normal())
        profile = reduce_single(
            SITE, START_S + T, *sight(*Ascent(rate).place(T)), START_S, 3.0,
            angle_error_deg=0.001, time_error_s=0.001,
        )  # fmt: skip
        found = profile.wind_at(geopotential_height(levels + SITE.elevation_m))
        misses.append([found[0] - u, found[1] - v])
        stated.append(np.interp(levels, above(profile), profile.error_ms))
    scatter = np.sqrt(np.mean(np.square(misses), axis=(0, 1)))
    np.testing.assert_allclose(scatter / np.mean(stated, axis=0), 1.0, atol=0.15)
    # one cause moves all levels together
    moved = np.array(misses)[:, 0]
    assert np.corrcoef(moved[:, 2], moved[:, -2])[0, 1] > 0.95


def test_given_noisy_readings_when_reduced_then_their_noise_is_not_taken_for_a_wrong_rate() -> None:
    rng, ascent = np.random.default_rng(9), Ascent(east=(2.0, 1e-3), north=(-2.0, 1e-3))
    sure = reduce_single(SITE, START_S + T, *sight(*ascent.place(T)), START_S, 3.0)
    noisy = [single(ascent, rng) for _ in range(60)]
    assert sure.common_eastward_ms is not None
    common = np.array([p.common_eastward_ms for p in noisy if p.common_eastward_ms is not None])
    # from the differences of neighbouring layers it would be 4.6 m/s at the top
    scatter = np.sqrt(np.mean((common - sure.common_eastward_ms) ** 2, axis=0))
    assert scatter[:15].max() < 0.15
    assert scatter.max() < 0.7
    np.testing.assert_allclose(common.mean(axis=0), sure.common_eastward_ms, atol=0.2)


def test_given_two_theodolites_without_error_when_reduced_then_heights_and_winds_are_true() -> None:
    ascent = Ascent(3.7)
    base = Base(800.0, 40.0, 12.0)
    east, north, up = ascent.place(T)
    to = np.radians(base.bearing_deg)
    other = sight(east - 800.0 * np.sin(to), north - 800.0 * np.cos(to), up - 12.0)
    profile = reduce_double(SITE, base, START_S + T, sight(east, north, up), other, START_S)
    u, v = ascent.wind(above(profile))
    np.testing.assert_allclose(profile.eastward_ms, u, atol=0.02)
    np.testing.assert_allclose(profile.northward_ms, v, atol=0.02)
    rate = np.diff(above(profile)) / np.diff(profile.level_time_s)
    np.testing.assert_allclose(rate, 3.7, atol=1e-3)


def test_given_noisy_sights_when_intersected_often_then_the_covariance_is_their_scatter() -> None:
    rng = np.random.default_rng(8)
    base, place = Base(1000.0, 90.0), np.array([[900.0, 2500.0, 1500.0], [2900.0, 150.0, 1500.0]])
    one = sight(*place.T)
    two = sight(place[:, 0] - 1000.0, place[:, 1], place[:, 2])
    found, missed = [], []
    for _ in range(600):
        noise = 0.1 * rng.standard_normal((4, 2))
        there, covariance, miss = intersect_sights(
            base,
            (one[0] + noise[0], one[1] + noise[1]),
            (two[0] + noise[2], two[1] + noise[3]),
            0.1,
        )
        found.append(there)
        missed.append(miss)
    scatter = np.std(found, axis=0)
    stated = np.sqrt(np.einsum("nii->ni", covariance))
    np.testing.assert_allclose(scatter, stated, rtol=0.15)
    # the second place lies near the plane of the base line: less is known of it
    assert stated[1].max() > 1.5 * stated[0].max()
    # four angles, three unknowns: one degree of freedom is left
    assert np.mean(np.square(missed)) == pytest.approx(1.0, abs=0.15)


def test_given_a_balloon_along_the_base_line_when_reduced_then_its_error_grows_and_is_named() -> (
    None
):
    base, t = Base(300.0, 90.0), np.arange(60.0, 1500.0, 60.0)
    across, along = Ascent(3.0, (0.0, 0.0), (8.0, 0.0)), Ascent(3.0, (8.0, 0.0), (0.05, 0.0))
    profiles = []
    for ascent in (across, along):
        east, north, up = ascent.place(t)
        profiles.append(
            reduce_double(
                SITE, base, START_S + t, sight(east, north, up), sight(east - 300.0, north, up),
                START_S,
            )
        )  # fmt: skip
    low = [np.interp(1_000.0, p.height_m, p.error_ms) for p in profiles]
    assert low[1] > 2.0 * low[0]


def test_given_the_weather_bureau_balloon_when_asked_then_it_rises_at_180_m_a_minute() -> None:
    # the 30 g balloon with 139 g of free lift was filled for 180 m/min
    assert 60.0 * ascent_rate_ms(0.139, 0.030) == pytest.approx(180.0, rel=0.04)
    assert ascent_height_m(300.0, 3.0, early=True) == pytest.approx(900.0 + 180.0 * 0.5)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "message"),
    [
        ([10.0, 11.0, 12.0], [40.0, 0.0, 30.0], "reading 2: the elevation 0 deg"),
        ([10.0, 11.0, 12.0], [40.0, 30.0, -2.0], "reading 3: the elevation -2 deg"),
        ([10.0, 411.0, 12.0], [40.0, 30.0, 20.0], "reading 2: the azimuth 411 deg"),
        ([10.0, 190.0, 12.0], [40.0, 1.0, 30.0], "reading 2: from reading 1 to it"),
    ],
)
def test_given_a_wrong_angle_when_reduced_then_its_reading_is_named(
    azimuth: list[float], elevation: list[float], message: str
) -> None:
    with pytest.raises(ObservationError, match=message):
        reduce_single(
            SITE, START_S + np.array([60.0, 120.0, 180.0]), np.array(azimuth), np.array(elevation),
            START_S, 3.0,
        )  # fmt: skip


@pytest.mark.parametrize(("since_s", "message"), [(-60.0, "not later"), (86_400.0, "24.0 h later")])
def test_given_another_day_for_the_release_when_reduced_then_it_is_refused(
    since_s: float, message: str
) -> None:
    angles = (np.array([10.0, 11.0, 12.0]), np.array([40.0, 41.0, 42.0]))
    times = START_S + since_s + np.array([0.0, 60.0, 120.0])
    with pytest.raises(ObservationError, match=message):
        reduce_single(SITE, times, *angles, START_S, 3.0)
    with pytest.raises(ObservationError, match=message):
        reduce_double(SITE, Base(600.0, 90.0), times, angles, angles, START_S)


def test_given_a_balloon_low_over_the_horizon_when_a_place_jumps_by_its_error_then_it_stays() -> (
    None
):
    ascent, t = Ascent(2.0, (30.0, 0.0), (0.0, 0.0)), np.arange(60.0, 3000.0, 60.0)
    azimuth, elevation = sight(*ascent.place(t))
    # a tenth of a degree at 3.4 degrees and 90 km are 2.6 km, which in a minute are 44 m/s
    elevation[-1] -= 0.19
    profile = reduce_single(SITE, START_S + t, azimuth, elevation, START_S, 2.0)
    assert profile.error_ms[-1] > 30.0
    elevation[-1] -= 1.0
    with pytest.raises(ObservationError, match="reading 49: from reading 48 to it"):
        reduce_single(SITE, START_S + t, azimuth, elevation, START_S, 2.0)


def test_given_a_low_balloon_and_a_gap_when_reduced_then_both_are_warned_of() -> None:
    ascent = Ascent(2.0, (20.0, 0.0), (5.0, 0.0))
    t = np.concatenate([np.arange(60.0, 600.0, 60.0), np.arange(1200.0, 1800.0, 60.0)])
    profile = reduce_single(SITE, START_S + t, *sight(*ascent.place(t)), START_S, 2.0)
    assert any("below 6 deg at reading" in text for text in profile.warnings)
    assert any(
        "no reading for 660 s between reading 9 and reading 10" in t for t in profile.warnings
    )
    inside = (above(profile) > 1090.0) & (above(profile) < 2390.0)
    assert not inside.any()
