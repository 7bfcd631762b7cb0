"""The flight with everything at its median: two winds that differ by a constant, and refusals."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from downwind.errors import MissionError, TimerError
from downwind.geo.sphere import distance_m
from downwind.plan.mission_file import parse_mission
from downwind.plan.nominal import MedianDraws, NominalFlight, fly_nominal
from downwind.plan.wind_comparison import find_events, find_separation
from downwind.sim.draws import Cause
from downwind.wind.grid import build_grid
from downwind.wind.synthetic import SyntheticWind
from tests.small_mission import SMALL

START = 1_428_084_000  # 2015-04-03T18:00Z


def fly(
    east_ms: float, north_ms: float = 5.0, hours: float = 30.0, **launch: Any
) -> tuple[NominalFlight, ...]:
    height = np.array([0.0, 15_000.0, 30_000.0])
    shape = (2, 3)
    wind = SyntheticWind(
        name="synthetic nominal",
        time_s=np.array([START - 3_600.0, START + 3_600.0 * hours]),
        height_m=height,
        east_ms=np.full(shape, east_ms),
        north_ms=np.full(shape, north_ms),
        longitude0=126.49,
        latitude0=37.75,
        gradient=(0.0, 0.0, 0.0, 0.0),
    )
    table = copy.deepcopy(SMALL)
    for key, value in launch.items():
        table["balloon"][0][key] = value
    mission = parse_mission(table)
    cube = wind.to_cube((116.0, 30.0, 136.0, 46.0), 2.0, 3 * 3_600.0)
    return fly_nominal(mission, build_grid(cube, mission.wind))


@pytest.fixture(scope="module")
def pair() -> tuple[tuple[NominalFlight, ...], tuple[NominalFlight, ...]]:
    return fly(4.0), fly(7.0)


def test_given_two_winds_3_ms_apart_when_flown_then_the_release_is_3_ms_times_its_time_off(
    pair,
) -> None:
    for first, other, minutes in zip(*pair, (50.0, 40.0), strict=True):
        release, landing = find_events(first, other)
        assert release.name == "release 1"
        assert release.elapsed_s == pytest.approx(60.0 * minutes, abs=1.0)
        assert release.distance_m == pytest.approx(3.0 * release.elapsed_s, rel=2e-3)
        assert release.bearing_deg == pytest.approx(90.0, abs=1.0)
        assert release.later_s == pytest.approx(0.0, abs=1e-6)
        assert release.higher_m == pytest.approx(0.0, abs=1e-6)
        assert landing.name.startswith("landing of ")
        # on their way north the two come closer with their meridians
        assert landing.distance_m == pytest.approx(3.0 * landing.elapsed_s, rel=6e-3)
        assert math.isnan(landing.height_m)


def test_given_two_flights_when_followed_then_they_come_apart_at_3_ms(pair) -> None:
    first, other = pair[0][0], pair[1][0]
    apart = find_separation(first, other)
    assert apart.elapsed_s[0] == 0.0
    assert apart.elapsed_s[-1] == pytest.approx(first.track_s[-1])
    np.testing.assert_allclose(apart.distance_m, 3.0 * apart.elapsed_s, rtol=2e-3, atol=1.0)
    end = first.track[-1]
    assert float(distance_m(end[0], end[1], first.release_longitude[0],
                            first.release_latitude[0])) < 1.0  # fmt: skip


def test_given_the_same_wind_when_flown_twice_then_nothing_differs(pair) -> None:
    again = fly(4.0)
    for first, other in zip(pair[0], again, strict=True):
        assert all(event.distance_m == 0.0 for event in find_events(first, other))


def test_given_a_balloon_that_lands_first_when_compared_then_it_is_said_and_nothing_is_made_up(
    pair,
) -> None:
    first = pair[0][0]
    lost = replace(
        first,
        release_s=np.array([np.nan]),
        landings=tuple(
            replace(x, time_s=np.nan, longitude=np.nan, latitude=np.nan, on_ground=False)
            for x in first.landings
        ),
    )
    release, landing = find_events(first, lost)
    assert release.why_not == "does not act before the end in this wind"
    assert landing.why_not == "does not come down in the data in this wind"
    assert math.isnan(release.distance_m)
    assert find_events(lost, first)[0].why_not.endswith("in the first wind")
    assert find_events(lost, lost)[0].why_not.endswith("in either wind")


def test_given_no_timer_setting_when_flown_then_refused_with_its_place() -> None:
    table = copy.deepcopy(SMALL)
    del table["balloon"][1]["timer_setting"]
    mission = parse_mission(table)
    with pytest.raises(MissionError, match=r"no timer setting for balloon\[1\]"):
        fly_nominal(mission, None)  # type: ignore[arg-type]


def test_given_a_wind_that_ends_before_the_timer_when_flown_then_refused() -> None:
    with pytest.raises(TimerError):
        fly(4.0, hours=0.5)


def test_given_medians_when_drawn_then_half_of_everything_and_normals_of_zero() -> None:
    draws = MedianDraws(1, 5)
    assert draws.uniform(Cause.BURST, np.zeros((3, 1), np.int64), np.zeros(4)).shape == (3, 4)
    assert np.all(draws.shared_uniform(Cause.DRAG, np.arange(5)) == 0.5)
    assert np.all(draws.shared_normal(Cause.DRAG, np.arange(5)) == 0.0)
    assert np.all(draws.normal(Cause.BALLOON_FILL, np.arange(5), np.arange(5)) == 0.0)
