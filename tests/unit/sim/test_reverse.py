"""Flights back to their launches: what is found must land where it was wanted."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.errors import ArgumentError
from downwind.sim.drop import drop_items
from downwind.sim.profile import Stage, StageStop, VerticalLaw, fly_profiles, make_profiles
from downwind.sim.reverse import (
    ItemFall,
    LaunchOutcome,
    fall_duration_s,
    launch_before_landing,
    launch_before_sighting,
    launches_for_landing,
    launches_for_landings,
)
from downwind.wind.grid import WindGrid
from tests.unit.sim.made_winds import make_items, miss_m, wind_grid

KM = np.arange(0.0, 20_001.0, 500.0)
HOURS = np.arange(0.0, 86_401.0, 3_600.0)
AXIS = np.arange(-4.0, 4.01, 0.25)
ELAPSED = np.arange(0.0, 10_801.0, 60.0)
HEIGHTS = 7_000.0 * np.sin(np.pi * ELAPSED / 14_000.0) ** 2
LANDING = (0.4, 0.3, 43_000.0)


def strong(lon, lat, h, t):
    """A jet that shears, turns with height and time, and swirls."""
    turn = h / 6_000.0 + t / 30_000.0
    speed = 12.0 + 18.0 * np.sin(h / 9_000.0)
    u = speed * np.cos(turn) + 4.0 * np.sin(1.5 * lat + 0.0002 * t)
    v = speed * np.sin(turn) - 4.0 * np.sin(1.2 * lon) + 0.0 * lat
    return u, v


@pytest.fixture(scope="module")
def grid() -> WindGrid:
    return wind_grid(
        strong, time=HOURS, height=KM, latitude=AXIS, longitude=AXIS, terrain=120.0, up=0.05
    )


def fly_forward(
    grid: WindGrid, launch: tuple[float, float, float], timer_s: float
) -> tuple[float, float, float, float]:
    """Carry a balloon along its heights for a while: longitude, latitude, height, time."""
    longitude, latitude, time = launch
    pieces = [
        Stage(VerticalLaw.TRACK, slope, StageStop.TIME, time + min(end, timer_s))
        for slope, end in zip(np.diff(HEIGHTS) / 60.0, ELAPSED[1:], strict=True)
    ]
    start = make_profiles(longitude, latitude, HEIGHTS[0], time, pieces)
    flown = fly_profiles(grid, start, max_step_s=10.0)
    return (
        float(flown.longitude[0, -1]),
        float(flown.latitude[0, -1]),
        float(np.interp(timer_s, ELAPSED, HEIGHTS)),
        time + timer_s,
    )


@pytest.mark.parametrize(
    "fall",
    [
        ItemFall(4.7, 4.7),
        ItemFall(1.2, 0.7, 0.37, 2_000.0),
        ItemFall(1.1, 0.8, 0.45, 1_500.0, 31.0, 25.0),
        ItemFall(5.0, 5.0, 0.5, -np.inf, 31.0, 3_000.0),
    ],
    ids=["disc", "two modes", "bundle that opens", "bundle that never opens"],
)
def test_an_item_dropped_from_a_launch_that_was_found_lands_where_it_was_wanted(
    grid: WindGrid, fall: ItemFall
) -> None:
    timers = np.array([1_800.0, 3_630.0, 5_400.0, 7_017.0, 10_800.0])
    found = launches_for_landing(grid, *LANDING, fall, ELAPSED, HEIGHTS, timers)

    assert found.outcome.tolist() == [LaunchOutcome.FOUND] * timers.size
    # launches of different settings are different places
    assert np.abs(np.diff(found.longitude)).min() > 0.005
    for k, timer in enumerate(timers):
        launch = (found.longitude[k], found.latitude[k], found.time_s[k])
        longitude, latitude, height, time = fly_forward(grid, launch, timer)
        assert (
            miss_m(longitude, latitude, found.release_longitude[k], found.release_latitude[k]) < 1.0
        )
        assert height == pytest.approx(found.release_height_m[k], abs=1e-6)
        assert time == pytest.approx(found.release_time_s[k], abs=1e-6)
        items = make_items(
            longitude,
            latitude,
            height,
            time,
            fall.low_speed_ms,
            exponent=fall.exponent,
            high_speed=fall.high_speed_ms,
            switch=fall.switch_m,
            bundle_speed=fall.bundle_speed_ms,
            opening=fall.opening_s,
        )
        landed = drop_items(grid, items, 30.0)
        assert landed.on_ground[0]
        assert miss_m(landed.longitude[0], landed.latitude[0], LANDING[0], LANDING[1]) < 5.0
        assert landed.time_s[0] == pytest.approx(LANDING[2], abs=0.1)


def test_in_a_uniform_wind_the_launch_lies_upwind_by_speed_times_time() -> None:
    grid = wind_grid(lambda lon, lat, h, t: (10.0 + 0.0 * (lon + lat + h + t), 0.0 * h))
    found = launches_for_landing(
        grid, 0.0, 0.0, 20_000.0, ItemFall(2.0, 2.0, 0.0), [0.0, 1_000.0], [0.0, 4_000.0], 500.0
    )
    seconds = 500.0 + 2_000.0 / 2.0

    assert found.time_s[0] == pytest.approx(20_000.0 - seconds, abs=2e-3)
    assert float(miss_m(found.longitude[0], 0.0, 0.0, 0.0)) == pytest.approx(
        10.0 * seconds, abs=0.1
    )
    assert found.longitude[0] < 0.0


def test_settings_outside_the_flight_and_flights_outside_the_data_say_so(grid: WindGrid) -> None:
    fall = ItemFall(1.2, 1.2)
    timers = np.array([-60.0, 3_600.0, 10_860.0])
    late = launches_for_landing(grid, *LANDING, fall, ELAPSED, HEIGHTS, timers)
    early = launches_for_landing(grid, 0.4, 0.3, 900.0, fall, ELAPSED, HEIGHTS, timers)
    short = launches_for_landing(grid, 0.4, 0.3, 5_000.0, ItemFall(9.0, 9.0), ELAPSED, HEIGHTS,
                                 [5_400.0])  # fmt: skip

    assert late.outcome.tolist() == [
        LaunchOutcome.NOT_ALOFT,
        LaunchOutcome.FOUND,
        LaunchOutcome.NOT_ALOFT,
    ]
    assert np.isnan(late.longitude).tolist() == [True, False, True]
    assert early.outcome[1] == LaunchOutcome.ITEM_LEFT_DATA
    assert np.isnan(early.release_time_s[1])
    assert short.outcome[0] == LaunchOutcome.BALLOON_LEFT_DATA
    assert np.isfinite(short.release_time_s[0])
    assert np.isnan(short.time_s[0])


def test_heights_that_are_no_profile_are_refused(grid: WindGrid) -> None:
    for elapsed, height in (([0.0], [0.0]), ([0.0, 0.0], [0.0, 1.0]), ([0.0, 1.0], [0.0])):
        with pytest.raises(ArgumentError):
            launches_for_landing(grid, *LANDING, ItemFall(1.0, 1.0), elapsed, height, 0.5)


def test_from_a_landing_the_launch_of_a_standard_flight_is_found(grid: WindGrid) -> None:
    descent = Stage(VerticalLaw.TAWHIRI_DESCENT, 6.0)
    stages = [Stage(VerticalLaw.CLIMB, 5.0, StageStop.HEIGHT, 15_000.0), descent]
    there = fly_profiles(grid, make_profiles(-0.5, 0.2, 120.0, 30_000.0, stages))
    back = launch_before_landing(
        grid,
        float(there.longitude[0, 1]),
        float(there.latitude[0, 1]),
        float(there.time_s[0, 1]),
        5.0,
        15_000.0,
        descent,
    )

    assert back.reason[0].tolist() == [StageStop.HEIGHT, StageStop.GROUND]
    assert back.time_s[0, 1] == pytest.approx(30_000.0, abs=0.02)
    assert miss_m(back.longitude[0, 1], back.latitude[0, 1], -0.5, 0.2) < 1.0


def test_from_a_sighting_on_the_way_up_the_launch_is_found(grid: WindGrid) -> None:
    seen = fly_profiles(
        grid,
        make_profiles(
            0.1, -0.4, 120.0, 20_000.0,
            [Stage(VerticalLaw.CLIMB, 4.0, StageStop.HEIGHT, [2_000.0, 9_000.0])],
        ),
    )  # fmt: skip
    back = launch_before_sighting(
        grid, seen.longitude[:, 0], seen.latitude[:, 0], seen.height_m[:, 0], seen.time_s[:, 0], 4.0
    )

    np.testing.assert_allclose(back.time_s[:, 0], 20_000.0, atol=0.01)
    assert miss_m(back.longitude[:, 0], back.latitude[:, 0], 0.1, -0.4).max() < 0.5


def test_given_many_landings_when_flown_back_together_then_each_is_as_by_itself(
    grid: WindGrid,
) -> None:
    fall = ItemFall(1.1, 0.8, 0.45, 1_500.0, 31.0, 25.0)
    longitude, latitude = np.array([0.4, 0.6, -0.2]), np.array([0.3, 0.1, 0.5])
    time, timer = np.array([43_000.0, 42_000.0, 44_500.0]), np.array([1_800.0, 5_400.0, 7_017.0])
    heights = np.stack([HEIGHTS, 0.8 * HEIGHTS, 1.1 * HEIGHTS])
    heights[1, 100:] = np.nan
    found = launches_for_landings(
        grid, longitude, latitude, time, fall, ELAPSED, heights, timer, np.zeros(3)
    )

    assert found.outcome.tolist() == [LaunchOutcome.FOUND] * 3
    for k in range(3):
        alone = launches_for_landing(
            grid, longitude[k], latitude[k], time[k], fall, ELAPSED[:100], heights[k, :100],
            timer[k:k + 1],
        ) if timer[k] <= ELAPSED[99] else launches_for_landing(
            grid, longitude[k], latitude[k], time[k], fall, ELAPSED, heights[k], timer[k:k + 1]
        )  # fmt: skip
        assert found.longitude[k] == pytest.approx(alone.longitude[0], abs=1e-7)
        assert found.time_s[k] == pytest.approx(alone.time_s[0], abs=0.01)


def test_given_a_balloon_that_ended_before_its_timer_when_flown_back_then_it_is_not_aloft(
    grid: WindGrid,
) -> None:
    heights = HEIGHTS.copy()[None]
    heights[0, 50:] = np.nan
    found = launches_for_landings(
        grid, [0.4], [0.3], [43_000.0], ItemFall(4.7, 4.7), ELAPSED, heights, [3_600.0], [0]
    )
    assert found.outcome.tolist() == [LaunchOutcome.NOT_ALOFT]


@pytest.mark.parametrize(
    "fall",
    [
        ItemFall(4.7, 4.7),
        ItemFall(1.2, 0.7, 0.37, 2_000.0),
        ItemFall(1.1, 0.8, 0.45, 900.0, 31.0, 25.0),
    ],
    ids=["disc", "two modes", "bundle"],
)
def test_given_an_item_when_its_fall_is_timed_then_it_is_that_of_a_drop_in_still_air(
    fall: ItemFall,
) -> None:
    still = wind_grid(lambda lon, lat, h, t: (0.0 * (lon + lat + h + t), 0.0 * h))
    item = make_items(
        0.0, 0.0, 4_000.0, 0.0, fall.low_speed_ms, exponent=fall.exponent,
        high_speed=fall.high_speed_ms, switch=fall.switch_m, bundle_speed=fall.bundle_speed_ms,
        opening=fall.opening_s,
    )  # fmt: skip
    dropped = float(drop_items(still, item, 30.0).time_s[0])
    assert float(fall_duration_s(fall, 4_000.0, 0.0)) == pytest.approx(dropped, rel=2e-3)
