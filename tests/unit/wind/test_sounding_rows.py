"""From the rows of a sounding to a profile: heights, order, and what is no wind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind.atmosphere import pressure_pa, temperature_k
from downwind.constants import GRAVITY_MS2, R_AIR
from downwind.wind.profile import Profile
from downwind.wind.sources._soundings.heights import UnusableError
from downwind.wind.sources._soundings.rows import Ascent, Rows, make_profile, radiosonde_error_ms

NAN = np.nan


def profile_of(
    elevation_m: float | None = None, surface: int | None = None, **rows: Any
) -> Profile:
    given_rows = {name: np.array(values, float) for name, values in rows.items()}
    return make_profile(
        Ascent("47122", 127.03, 37.1, elevation_m, 0.0, Rows(**given_rows), "test", "f", surface)
    )


# --- heights -------------------------------------------------------------------------------------


def test_given_isothermal_air_when_a_wind_has_no_height_then_it_is_linear_in_log_pressure() -> None:
    kelvin = 250.0
    pressure = np.array([1e5, 8e4, 6e4, 4e4])
    height = R_AIR * kelvin / GRAVITY_MS2 * np.log(1e5 / pressure)
    profile = profile_of(
        pressure_pa=pressure,
        height_m=[height[0], NAN, NAN, height[3]],
        temperature_k=[kelvin] * 4,
        eastward_ms=[1.0, 2.0, 3.0, 4.0],
        northward_ms=[0.0] * 4,
    )
    np.testing.assert_allclose(profile.height_m, height, atol=1e-6)
    assert profile.notes == ("height of 2 winds interpolated in log pressure",)
    assert profile.warnings == ()


def test_given_standard_air_when_only_the_ground_is_known_then_heights_follow_by_weight() -> None:
    height = np.arange(0.0, 11_001.0, 250.0)
    profile = profile_of(
        elevation_m=0.0,
        surface=0,
        pressure_pa=pressure_pa(height),
        temperature_k=temperature_k(height),
        eastward_ms=height / 1000.0,
        northward_ms=height * 0.0,
    )
    # The mean of two ends of a layer that is linear in height: third order in its depth.
    np.testing.assert_allclose(profile.height_m, height, atol=0.5)
    assert "by the sounding's own temperature" in profile.notes[0]
    assert profile.warnings == ()


def test_given_moist_air_when_heights_are_reckoned_then_the_vapour_lifts_them() -> None:
    pressure = np.array([1e5, 9e4])
    common: dict[str, Any] = {
        "pressure_pa": pressure,
        "temperature_k": [300.0, 300.0],
        "eastward_ms": [1.0, 2.0],
        "northward_ms": [0.0, 0.0],
    }
    dry = profile_of(0.0, 0, **common)
    moist = profile_of(0.0, 0, dewpoint_k=[300.0, 300.0], **common)
    # Saturated air at 300 K and 950 hPa: 3.76 % vapour by pressure, T_v = T (1 + 0.378 e / p).
    excess = moist.top_m / dry.top_m - 1.0
    assert excess == pytest.approx(0.378 * 35.67 / 948.0, rel=0.02)


def test_given_no_temperature_when_only_the_ground_is_known_then_the_standard_is_warned_of() -> (
    None
):
    height = np.array([100.0, 1500.0, 3000.0])
    profile = profile_of(
        elevation_m=100.0,
        surface=0,
        pressure_pa=pressure_pa(height),
        eastward_ms=[1.0] * 3,
        northward_ms=[0.0] * 3,
    )
    np.testing.assert_allclose(profile.height_m, height, atol=0.01)
    (warning,) = profile.warnings
    assert "height of 2 winds (1500 to 3000 m) by the standard atmosphere" in warning


def test_given_nothing_but_pressure_when_read_then_heights_are_standard_and_warned_of() -> None:
    height = np.array([100.0, 1500.0, 3000.0])
    profile = profile_of(
        pressure_pa=pressure_pa(height), eastward_ms=[1.0] * 3, northward_ms=[0.0] * 3
    )
    np.testing.assert_allclose(profile.height_m, height, atol=0.01)
    assert profile.warnings[0].startswith("heights by the standard atmosphere: the sounding has")


def test_given_an_elevation_and_no_height_when_read_then_the_highest_pressure_is_the_ground() -> (
    None
):
    profile = profile_of(
        elevation_m=250.0,
        pressure_pa=[9.0e4, 9.8e4],
        temperature_k=[280.0, 285.0],
        eastward_ms=[1.0, 2.0],
        northward_ms=[0.0, 0.0],
    )
    assert profile.bottom_m == 250.0
    assert "980 hPa, is taken for the ground at 250 m" in profile.notes[0]


def test_given_heights_in_feet_under_metres_when_read_then_the_pair_is_refused() -> None:
    with pytest.raises(UnusableError, match="18275 m at 500 hPa"):
        profile_of(
            pressure_pa=[5e4, 4e4],
            height_m=[18_275.0, 23_560.0],
            eastward_ms=[1.0, 2.0],
            northward_ms=[0.0, 0.0],
        )


def test_given_one_height_that_cannot_be_when_read_then_that_level_is_left_out() -> None:
    profile = profile_of(
        pressure_pa=[9e4, 8e4, 7e4, 6e4],
        height_m=[1000.0, 9000.0, 3000.0, 4200.0],
        eastward_ms=[1.0, 2.0, 3.0, 4.0],
        northward_ms=[0.0] * 4,
    )
    assert profile.eastward_ms.tolist() == [1.0, 3.0, 4.0]
    assert profile.notes[0] == "1 level left out, taken for an error: 9000 m at 800 hPa"


def test_given_winds_with_height_alone_when_read_then_they_are_kept_and_pressure_interpolated() -> (
    None
):
    profile = profile_of(
        pressure_pa=[1e5, NAN, 8e4],
        height_m=[100.0, 1000.0, 1900.0],
        eastward_ms=[1.0, 2.0, 3.0],
        northward_ms=[0.0] * 3,
    )
    assert profile.height_m.tolist() == [100.0, 1000.0, 1900.0]
    assert profile.pressure_pa[1] == pytest.approx(np.sqrt(1e5 * 8e4))


def test_given_a_row_without_pressure_and_height_when_read_then_it_is_dropped_and_counted() -> None:
    profile = profile_of(
        height_m=[100.0, NAN, 1900.0], eastward_ms=[1.0, 2.0, 3.0], northward_ms=[0.0] * 3
    )
    assert profile.eastward_ms.tolist() == [1.0, 3.0]
    assert profile.notes == ("1 wind left out: no pressure and no height",)
    assert np.isnan(profile.pressure_pa).all()


def test_given_two_levels_of_one_rounded_pressure_when_read_then_both_keep_it() -> None:
    profile = profile_of(
        pressure_pa=[1000.0, 990.0, 990.0],
        height_m=[31_000.0, 31_060.0, 31_065.0],
        eastward_ms=[1.0, 2.0, 3.0],
        northward_ms=[0.0] * 3,
    )
    np.testing.assert_allclose(profile.pressure_pa, [1000.0, 990.0, 990.0])


# --- winds ---------------------------------------------------------------------------------------


def test_given_direction_and_speed_when_read_then_the_wind_comes_from_there() -> None:
    profile = profile_of(
        height_m=[0.0, 100.0, 200.0, 300.0, 400.0],
        direction_deg=[0.0, 90.0, 180.0, 270.0, 360.0],
        speed_ms=[10.0] * 5,
    )
    np.testing.assert_allclose(profile.eastward_ms, [0.0, -10.0, 0.0, 10.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(profile.northward_ms, [-10.0, 0.0, 10.0, 0.0, -10.0], atol=1e-12)


def test_given_calm_air_when_the_direction_is_missing_or_odd_then_it_is_calm() -> None:
    profile = profile_of(
        height_m=[0.0, 100.0, 200.0], direction_deg=[0.0, NAN, 990.0], speed_ms=[0.0, 0.0, 0.0]
    )
    assert profile.eastward_ms.tolist() == [0.0, 0.0, 0.0]


def test_given_a_variable_direction_or_a_huge_speed_when_few_then_they_are_left_out() -> None:
    profile = profile_of(
        height_m=np.arange(6) * 100.0,
        direction_deg=[10.0, 990.0, 10.0, 10.0, 10.0, -5.0],
        speed_ms=[5.0, 5.0, 999.0, 5.0, 5.0, NAN],
    )
    assert profile.height_m.tolist() == [0.0, 300.0, 400.0]
    assert profile.notes == ("2 winds taken for an error, such as 5 m/s from 990 degrees",)


def test_given_mostly_impossible_winds_when_read_then_the_sounding_is_refused() -> None:
    with pytest.raises(UnusableError, match="is a unit wrong"):
        profile_of(height_m=[0.0, 100.0], direction_deg=[10.0, 10.0], speed_ms=[300.0, 400.0])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"height_m": [0.0, 100.0]}, "no wind"),
        (
            {"height_m": [0.0, NAN], "eastward_ms": [1.0, 1.0], "northward_ms": [1.0, 1.0]},
            "only 1 of its levels",
        ),
    ],
)
def test_given_too_little_when_read_then_the_reason_is_said(
    rows: dict[str, list[float]], said: str
) -> None:
    with pytest.raises(UnusableError, match=said):
        profile_of(**rows)


# --- order ---------------------------------------------------------------------------------------


def test_given_rows_out_of_order_when_read_then_they_rise() -> None:
    profile = profile_of(
        height_m=[300.0, 100.0, 200.0], eastward_ms=[3.0, 1.0, 2.0], northward_ms=[0.0] * 3
    )
    assert profile.eastward_ms.tolist() == [1.0, 2.0, 3.0]


def test_given_a_sonde_that_bursts_when_read_then_the_descent_is_cut_at_the_top() -> None:
    profile = profile_of(
        height_m=[0.0, 1000.0, 2000.0, 3000.0, 1500.0, 500.0],
        eastward_ms=[0.0, 1.0, 2.0, 3.0, 9.0, 9.0],
        northward_ms=[0.0] * 6,
        time_s=np.arange(6) * 60.0,
    )
    assert profile.eastward_ms.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert profile.notes == ("2 levels after the top left out: the sonde falls",)


def test_given_a_dropsonde_when_read_then_its_fall_is_the_profile() -> None:
    profile = profile_of(
        height_m=[2990.0, 3000.0, 2000.0, 1000.0, 10.0],
        eastward_ms=[9.0, 3.0, 2.0, 1.0, 0.0],
        northward_ms=[0.0] * 5,
        time_s=np.arange(5) * 60.0,
    )
    assert profile.eastward_ms.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert profile.notes == ("1 level before the top left out: a sonde that falls",)


def test_given_a_level_that_falls_back_when_read_then_it_is_dropped() -> None:
    profile = profile_of(
        height_m=[0.0, 1000.0, 800.0, 2000.0],
        eastward_ms=[0.0, 1.0, 9.0, 2.0],
        northward_ms=[0.0] * 4,
        time_s=np.arange(4) * 60.0,
    )
    assert profile.eastward_ms.tolist() == [0.0, 1.0, 2.0]
    assert profile.notes == ("1 level left out: lower than one before",)


def test_given_two_rows_at_one_height_when_they_agree_or_not_then_the_first_is_kept() -> None:
    profile = profile_of(
        height_m=[100.0, 100.0, 500.0, 500.2, 900.0],
        eastward_ms=[1.0, 1.2, 5.0, 9.0, 7.0],
        northward_ms=[0.0] * 5,
    )
    assert profile.eastward_ms.tolist() == [1.0, 5.0, 7.0]
    assert profile.notes == (
        "1 level merged with one at the same height",
        "1 level left out: another wind stands at the same height before",
    )


def test_given_winds_far_below_the_ground_when_read_then_they_are_left_out() -> None:
    profile = profile_of(
        elevation_m=800.0,
        height_m=[100.0, 780.0, 900.0],
        eastward_ms=[1.0, 2.0, 3.0],
        northward_ms=[0.0] * 3,
    )
    assert profile.eastward_ms.tolist() == [2.0, 3.0]
    assert profile.notes == ("1 wind below the ground at 800 m left out",)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(2_000.0, 105_000.0),
            st.one_of(st.just(NAN), st.floats(-500.0, 32_000.0)),
            st.one_of(st.just(NAN), st.floats(180.0, 320.0)),
            st.one_of(st.just(NAN), st.floats(-10.0, 400.0)),
            st.one_of(st.just(NAN), st.floats(-5.0, 250.0)),
        ),
        min_size=2,
        max_size=25,
    ),
    st.one_of(st.none(), st.floats(-50.0, 4000.0)),
)
def test_given_any_rows_when_read_then_the_profile_rises_or_is_refused(
    cells: list[tuple[float, ...]], elevation_m: float | None
) -> None:
    columns = np.array(cells).T
    try:
        profile = profile_of(
            elevation_m,
            pressure_pa=columns[0],
            height_m=columns[1],
            temperature_k=columns[2],
            direction_deg=columns[3],
            speed_ms=columns[4],
        )
    except UnusableError:
        return
    assert np.all(np.diff(profile.height_m) > 0.0)
    assert np.isfinite(profile.eastward_ms + profile.northward_ms + profile.height_m).all()
    assert np.all(np.hypot(profile.eastward_ms, profile.northward_ms) <= 200.0 + 1e-9)
    known = profile.pressure_pa[np.isfinite(profile.pressure_pa)]
    assert np.all(np.diff(known) <= 0.0)
    if elevation_m is not None:
        assert profile.bottom_m >= elevation_m - 50.0


def test_given_pressures_when_the_error_is_asked_then_it_follows_the_table() -> None:
    np.testing.assert_allclose(
        radiosonde_error_ms([1.1e5, 85_000.0, 50_000.0, 25_000.0, 1_000.0]),
        [1.4, 1.5, 2.1, 3.2, 2.1],
    )
    between = radiosonde_error_ms(np.sqrt(50_000.0 * 40_000.0))
    assert between == pytest.approx(0.5 * (2.1 + 2.6))
