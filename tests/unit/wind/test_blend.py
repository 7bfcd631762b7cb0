"""Blending profiles into a forecast: closed forms of one level, and what must hold for any."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from downwind.atmosphere import pressure_pa
from downwind.errors import ObservationError, WindCoverageError
from downwind.times import epoch_to_datetime64, format_utc
from downwind.wind.cube import EAST, WIND_ERROR, WindCube, validate_cube
from downwind.wind.error import LARGE, UNRESOLVED, forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.observation.blend import Blend, _thin, blend_observations
from downwind.wind.profile import Profile
from downwind.wind.synthetic import SyntheticWind

START_S = 1_428_051_600
LON, LAT = 126.5, 37.5
HEIGHTS = np.array([0.0, 1000.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0])


def forecast(
    east_ms: float = 0.0, spacing: float = 0.25, half: float = 1.0, hours: float = 6.0
) -> WindCube:
    """Return a steady even wind as a forecast of run START_S - 6 h, at that lead throughout."""
    wind = SyntheticWind(
        name="even",
        time_s=START_S + np.array([0.0, 3600.0 * hours]),
        height_m=HEIGHTS,
        east_ms=np.full((2, HEIGHTS.size), east_ms),
        north_ms=np.zeros((2, HEIGHTS.size)),
        longitude0=LON,
        latitude0=LAT,
        gradient=(0.0, 0.0, 0.0, 0.0),
    )
    box = (LON - half, LAT - half, LON + half, LAT + half)
    data = wind.to_cube(box, spacing, 3600.0).dataset.copy()
    data.attrs |= {
        "nature": "forecast",
        "forecast_reference_time": format_utc(START_S - 6 * 3600),
    }
    return validate_cube(data)


def profile(
    heights: list[float],
    east_ms: list[float],
    error_ms: float = 1.0,
    common: list[float] | None = None,
    time_s: int = START_S,
    **place: float,
) -> Profile:
    """Return a profile over the site whose northward wind is calm."""
    n = len(heights)
    unknown = np.full(n, np.nan)
    shared = None if common is None else np.array(common)
    total = error_ms if shared is None else np.sqrt(error_ms**2 + 0.5 * shared**2)
    return Profile(
        station="hill",
        longitude=place.get("longitude", LON),
        latitude=place.get("latitude", LAT),
        elevation_m=0.0,
        time_s=time_s,
        height_m=np.array(heights),
        eastward_ms=np.array(east_ms),
        northward_ms=np.zeros(n),
        pressure_pa=unknown,
        temperature_k=unknown,
        humidity=unknown,
        error_ms=np.broadcast_to(total, n).astype(float),
        level_time_s=unknown,
        level_longitude=unknown,
        level_latitude=unknown,
        source="pilot balloon",
        file="pilot.toml",
        common_eastward_ms=shared,
        common_northward_ms=None if shared is None else 0.0 * shared,
    )


def wind_at(blend: Blend, hour: int, height_m: float, lon: float, lat: float = LAT) -> float:
    """Return the eastward wind at a node."""
    data = blend.cube.dataset
    when = epoch_to_datetime64(np.array([START_S + 3600 * hour]))[0]
    level = int(np.searchsorted(HEIGHTS, height_m))
    column = data["eastward_wind"].sel(time=when).isel(realization=0, level=level)
    return float(column.sel(longitude=lon, latitude=lat, method="nearest"))


def variances(
    spacing_deg: float = 0.25, height_m: float = 2000.0, lead_h: float = 6.0
) -> tuple[float, float]:
    """Return both variances of a component of the forecast."""
    spacing_m = np.radians(spacing_deg * 0.5 * (1 + np.cos(np.radians(LAT)))) * 6_371_009.0
    large = float(forecast_sigma_ms(pressure_pa(height_m), lead_h))
    return large**2, float(unresolved_sigma_ms(spacing_m)) ** 2


def test_given_one_level_when_blended_then_the_wind_moves_by_the_closed_form() -> None:
    blend = blend_observations(forecast(), [profile([2000.0], [4.0])])
    large, small = variances()
    weight = 4.0 / (large + small + 1.0)
    assert wind_at(blend, 0, 2000.0, LON) == pytest.approx((large + small) * weight, rel=1e-4)
    # half a degree east, a level higher and an hour later; the air stands still
    d = np.radians(0.5) * np.cos(np.radians(LAT)) * 6_371_009.0
    expected = weight * sum(
        np.sqrt(here * there) * float(scales.correlate(d, 1000.0, 3600.0))
        for here, there, scales in zip(
            variances(), variances(height_m=3000.0, lead_h=7.0), (LARGE, UNRESOLVED), strict=True
        )
    )
    assert wind_at(blend, 1, 3000.0, LON + 0.5) == pytest.approx(expected, rel=2e-3)


def test_given_one_level_when_blended_then_the_error_left_is_that_of_the_mean_of_two() -> None:
    blend = blend_observations(forecast(), [profile([2000.0], [1.0])])
    background = sum(variances())
    left = blend.cube.dataset[WIND_ERROR].sel(latitude=LAT, longitude=LON, method="nearest")
    assert float(left[0, 0, 2]) == pytest.approx((background / (background + 1.0)) ** 0.5, rel=1e-3)
    # 4 km above nothing is known of the air
    above = float(left[0, 0, 6])
    assert above == pytest.approx(sum(variances(height_m=6000.0)) ** 0.5, rel=0.02)


def test_given_moving_air_when_hours_pass_then_the_correction_goes_with_it() -> None:
    blend = blend_observations(forecast(20.0, half=3.0), [profile([2000.0], [24.0], 0.5)])
    row = blend.cube.dataset["eastward_wind"].sel(latitude=LAT, method="nearest")[0, 3, 2]
    # 20 m/s for 3 h are 216 km, at this latitude 2.45 degrees
    peak = float(row.longitude[int(np.argmax(row.values))])
    assert peak - LON == pytest.approx(2.45, abs=0.26)


def test_given_an_exact_or_a_worthless_observation_when_blended_then_it_is_taken_or_left() -> None:
    exact = blend_observations(forecast(), [profile([2000.0], [4.0], 0.1)])
    assert wind_at(exact, 0, 2000.0, LON) == pytest.approx(4.0, abs=0.02)
    worthless = blend_observations(forecast(), [profile([2000.0], [4.0], 100.0)])
    assert wind_at(worthless, 0, 2000.0, LON) == pytest.approx(0.0, abs=0.01)
    agreeing = blend_observations(forecast(3.0), [profile([1000.0, 2000.0], [3.0, 3.0])])
    np.testing.assert_allclose(agreeing.cube.dataset["eastward_wind"].values, 3.0, atol=1e-6)


def test_given_a_common_error_when_blended_then_many_levels_weigh_no_more_than_their_cause() -> (
    None
):
    heights = list(np.arange(1000.0, 3001.0, 200.0))
    ones = [2.0] * len(heights)
    alone = blend_observations(forecast(), [profile(heights, ones, 0.3)])
    shared = blend_observations(forecast(), [profile(heights, ones, 0.3, [3.0] * len(heights))])
    assert wind_at(alone, 0, 2000.0, LON) > 1.9
    # the cause has as much variance as the large part and more
    assert wind_at(shared, 0, 2000.0, LON) < 1.2


def test_given_an_assumed_ascent_when_blended_then_its_error_is_that_of_the_forecast_it_stretches(
    # what is observed has the forecast's error in it, which must not pass for a wrong ascent
) -> None:
    heights = list(np.arange(250.0, 4001.0, 250.0))
    n = len(heights)
    seen = profile(heights, [13.0] * n, 0.3, [1.3] * n)
    assumed = dataclasses.replace(seen, ascent_rate_error=0.1)
    given = dataclasses.replace(seen, common_eastward_ms=np.full(n, 1.0))
    cube = forecast(10.0, hours=3.0)
    # 10 m/s at all heights: 1 m/s for a tenth of the rate
    assert wind_at(blend_observations(cube, [assumed]), 0, 2000.0, LON) == pytest.approx(
        wind_at(blend_observations(cube, [given]), 0, 2000.0, LON), abs=0.03
    )
    # and in a calm it changes nothing
    calm = dataclasses.replace(assumed, eastward_ms=np.full(n, 2.0))
    exact = dataclasses.replace(calm, ascent_rate_error=0.0, common_eastward_ms=np.zeros(n))
    assert wind_at(blend_observations(forecast(), [calm]), 0, 2000.0, LON) == pytest.approx(
        wind_at(blend_observations(forecast(), [exact]), 0, 2000.0, LON), abs=0.03
    )


def test_given_a_truth_drawn_from_the_model_when_blended_then_the_stated_error_is_honest() -> None:
    rng, cube = np.random.default_rng(4), forecast()
    heights = np.array([1000.0, 2000.0, 3000.0])
    points = np.array([0.0, 1000.0, 2000.0, 3000.0, 4000.0])
    d = np.array([0.0, 30_000.0])
    z, x = (a.ravel() for a in np.meshgrid(points, d, indexing="ij"))
    cov = sum(
        np.sqrt(np.outer(*[[variances(height_m=h)[p] for h in z]] * 2))
        * scales.correlate(x[:, None] - x, z[:, None] - z)
        for p, scales in enumerate((LARGE, UNRESOLVED))
    )
    root = np.linalg.cholesky(cov + 1e-9 * np.eye(z.size))
    lat = LAT + 0.25
    # 30 km is not quite the way to the next node north: 27.8 km
    misses, stated = [], []
    for _ in range(30):
        truth = root @ rng.standard_normal(z.size)
        at_site = np.interp(heights, points, truth[x == 0.0])
        seen = at_site + 0.8 * rng.standard_normal(3)
        blend = blend_observations(cube, [profile(list(heights), list(seen), 0.8)], trust=True)
        left = blend.cube.dataset[WIND_ERROR].sel(latitude=lat, longitude=LON, method="nearest")
        for level, height in ((1, 1000.0), (2, 2000.0), (4, 4000.0)):
            there = truth[(x > 0) & (z == height)][0]
            misses.append(there - wind_at(blend, 0, height, LON, lat))
            stated.append(float(left[0, 0, level]))
    assert np.sqrt(np.mean(np.square(misses) / np.square(stated))) == pytest.approx(1.0, abs=0.15)


def ensemble(east_ms: np.ndarray) -> WindCube:
    """Return members that differ from the forecast by an eastward wind, (members, heights)."""
    one = forecast(half=0.25).dataset
    data = one.isel(realization=np.zeros(len(east_ms), int))
    data = data.assign_coords(realization=np.arange(len(east_ms)))
    more = east_ms[:, None, :, None, None].astype(np.float32)
    return validate_cube(data.assign({EAST: data[EAST] + more}))


def test_given_members_when_blended_then_their_mean_is_drawn_and_their_spread_made_less() -> None:
    blend = blend_observations(ensemble(np.array([[0.0], [2.0]])), [profile([2000.0], [4.0])])
    large, small = variances()
    gain = (large + small) / (large + small + 1.0)
    values = blend.cube.dataset[EAST].sel(latitude=LAT, longitude=LON, method="nearest")
    mean, half = 1.0 + 3.0 * gain, np.sqrt(1.0 - gain)
    np.testing.assert_allclose(values[:, 0, 2], [mean - half, mean + half], rtol=1e-4)


def test_given_members_that_err_as_the_model_says_when_blended_then_so_they_do_after() -> None:
    rng, n = np.random.default_rng(8), 250
    z = HEIGHTS[:, None] - HEIGHTS
    spread = np.array([variances(height_m=h) for h in HEIGHTS])
    cov = sum(
        np.sqrt(np.outer(spread[:, p], spread[:, p])) * scales.correlate(0.0, z)
        for p, scales in enumerate((LARGE, UNRESOLVED))
    )
    drawn = rng.standard_normal((n, HEIGHTS.size)) @ np.linalg.cholesky(cov).T
    # alike at all places: only the column over the site is that of the model
    cube = ensemble(drawn)
    seen = profile([1000.0, 2000.0, 3000.0], [2.0] * 3, 0.7, [0.5, 1.0, 1.5])
    # the error stated is that of both components: the northward wind has the same common error
    seen = dataclasses.replace(
        seen,
        common_northward_ms=seen.common_eastward_ms,
        error_ms=np.hypot(0.7, np.array([0.5, 1.0, 1.5])),
    )

    blend = blend_observations(cube, [seen])

    column = blend.cube.dataset.sel(latitude=LAT, longitude=LON, method="nearest")
    left = column[EAST][:, 0].values.std(axis=0, ddof=1)
    stated = column[WIND_ERROR][0, 0].values
    np.testing.assert_allclose(left, stated, rtol=4.0 / np.sqrt(2.0 * n))


def test_given_a_profile_that_is_off_as_a_whole_when_blended_then_it_is_named() -> None:
    heights = list(np.arange(500.0, 6000.0, 250.0))
    turned = blend_observations(forecast(), [profile(heights, [6.0] * len(heights))])
    assert turned.checks[0].used == len(heights)
    (text,) = [w for w in turned.cube.warnings if "the mean of its 22 levels" in w]
    assert "differs from the forecast by 6.0 m/s" in text
    likely = blend_observations(forecast(), [profile(heights, [2.0] * len(heights))])
    assert not any("the mean of its" in w for w in likely.cube.warnings)


def test_given_a_level_a_second_when_thinned_then_a_dozen_soundings_stay_solvable() -> None:
    dense = _thin(profile(list(np.arange(0.0, 30_000.0, 5.0)), [1.0] * 6000))
    gaps = np.diff([row[1] for row in dense])
    assert len(dense) < 95
    assert gaps[0] == 150.0
    assert gaps[-1] == 500.0


def test_given_a_level_far_off_when_blended_then_it_is_named_and_not_used_unless_trusted() -> None:
    seen = profile([1000.0, 2000.0, 3000.0], [0.0, 30.0, 0.0])
    blend = blend_observations(forecast(), [seen])
    assert [level.is_used for level in blend.checks[0].levels] == [True, False, True]
    assert any("1 levels (2000 m) differ from the forecast" in w for w in blend.cube.warnings)
    assert abs(wind_at(blend, 0, 2000.0, LON)) < 0.5
    trusted = blend_observations(forecast(), [seen], trust=True)
    assert wind_at(trusted, 0, 2000.0, LON) > 10.0
    assert any("--trust-observed" in w for w in trusted.cube.warnings)
    assert trusted.cube.digest != blend.cube.digest
    with pytest.raises(ObservationError, match=r"all 1 levels differ .* by up to 30 m/s"):
        blend_observations(forecast(), [profile([2000.0], [30.0])])


def test_given_a_blend_when_asked_then_it_says_what_it_is_made_of() -> None:
    cube = forecast()
    blend = blend_observations(cube, [profile([1000.0, 1050.0, 2000.0, 9000.0], [4.0] * 4)])
    assert blend.checks[0].used == 2
    assert "own observation blended: hill, 2015-04-03T09:00:00Z, 2 levels" in blend.cube.warnings[0]
    assert any("1 of the levels observed at hill outside even" in n for n in blend.cube.notes)
    assert blend.cube.digest != cube.digest
    again = blend_observations(cube, [profile([1000.0, 1050.0, 2000.0, 9000.0], [4.0] * 4)])
    assert again.cube.digest == blend.cube.digest
    other = blend_observations(cube, [profile([1000.0, 1050.0, 2000.0, 9000.0], [4.1] * 4)])
    assert other.cube.digest != blend.cube.digest
    # the forecast itself is left as it was
    assert float(np.abs(cube.dataset["eastward_wind"].values).max()) == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time_s": START_S - 3600}, "is of 2015-04-03T08:00:00Z, but even covers"),
        ({"longitude": 10.0}, "lies outside even"),
        ({"latitude": 60.0}, "lies outside even"),
    ],
)
def test_given_an_observation_outside_when_blended_then_it_is_refused(changes, message) -> None:
    with pytest.raises(WindCoverageError, match=message):
        blend_observations(forecast(), [profile([1000.0], [4.0], **changes)])


def test_given_a_profile_above_the_data_when_blended_then_it_is_refused() -> None:
    with pytest.raises(WindCoverageError, match="9000 m lies outside even"):
        blend_observations(forecast(), [profile([9000.0], [4.0])])


def test_given_data_that_state_their_error_when_blended_then_it_is_the_one_that_counts() -> None:
    cube = forecast()
    data = cube.dataset.copy()
    data[WIND_ERROR] = (0.0 * data["eastward_wind"] + 0.5).astype(np.float32)
    sure = blend_observations(validate_cube(data), [profile([2000.0], [2.0])])
    assert wind_at(sure, 0, 2000.0, LON) == pytest.approx(2.0 * 0.25 / 1.25, rel=1e-3)


def test_given_a_surface_wind_when_blended_then_it_is_drawn_as_the_lowest_air_is() -> None:
    data = forecast().dataset.copy()
    for name in ("eastward_wind", "northward_wind"):
        low = data[name].isel(level=0, drop=True)
        data[name + "_10m"] = low.copy()
    data["surface_altitude"] = low.isel(realization=0, time=0, drop=True).astype(np.float32)
    blend = blend_observations(validate_cube(data), [profile([0.0, 300.0], [3.0, 3.0], 0.3)])
    found = blend.cube.dataset.sel(latitude=LAT, longitude=LON, method="nearest")
    low = float(found["eastward_wind"][0, 0, 0])
    assert float(found["eastward_wind_10m"][0, 0]) == pytest.approx(low, rel=0.01)
    assert low > 2.5
