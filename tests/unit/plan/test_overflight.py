"""Over what a launch flies: tracks laid by hand, so that the answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from downwind import atmosphere
from downwind.geo.regions import Region
from downwind.landing.clusters import each_draw
from downwind.plan.overflight import (
    Falls,
    Overflight,
    Track,
    find_aloft_s,
    find_carried_s,
    find_climb_s,
    find_crossings,
    find_entered,
    find_first_release_s,
    find_heading_deg,
    find_highest_m,
    find_left_data,
    find_low_towns,
    town_radius_m,
)
from downwind.sim.flight import Flights, StopRule

START_S = 1_428_084_000.0
NOWHERE = np.empty(0)


def track_of(
    points: list[list[tuple[float, float, float]]],
    release: tuple[float, float, float] = (np.nan, np.nan, np.nan),
    reason: StopRule = StopRule.GROUND,
) -> Track:
    """Return a track of one balloon a draw; points are longitude, latitude, altitude [m]."""
    count, rows = len(points), max(map(len, points))
    track = np.full((count, rows, 3), np.nan)
    for i, way in enumerate(points):
        track[i, : len(way)] = way
    track[:, :, 2] = atmosphere.geopotential_height(track[:, :, 2])
    last = np.array([way[-1] for way in points])
    one, column = np.full(count, np.nan), np.ones((count, 1))
    flights = Flights(
        release_time_s=column * (START_S + 600.0),
        release_longitude=column * release[0],
        release_latitude=column * release[1],
        release_height_m=column * release[2],
        release_gas_kg=column,
        release_gas_k=column,
        end_time_s=np.full(count, START_S + 60.0 * rows),
        end_longitude=last[:, 0],
        end_latitude=last[:, 1],
        end_height_m=last[:, 2],
        end_gas_kg=one,
        end_gas_k=one,
        end_rise_ms=one,
        reason=np.full(count, reason, np.int64),
        burst_time_s=one,
        burst_longitude=one,
        burst_latitude=one,
        burst_height_m=one,
        track=track,
        record_s=60.0,
    )
    return Track(np.arange(count), np.full(count, START_S), flights)


def over(track: Track, *falls: Falls) -> Overflight:
    return Overflight(each_draw(track.draw.size), 0.0, (track,), falls)


def box(west: float, south: float, east: float, north: float) -> Region:
    return Region("made up", shapely.box(west, south, east, north), "made up")


def test_given_ways_over_a_border_when_asked_then_the_draws_that_cross_it_count() -> None:
    inland = [(127.0, 37.6, 0.0), (127.0, 37.7, 900.0)]
    north = [(127.0, 37.8, 0.0), (127.0, 38.5, 900.0), (127.0, 37.8, 0.0)]  # and back again
    found = find_crossings(over(track_of([north, north, *[inland] * 6])))
    assert found["South Korea"].hit_draws == 8
    assert found["North Korea"].probability == 0.25
    assert (found["North Korea"].hit_draws, found["North Korea"].draws) == (2, 8)
    assert set(found) == {"South Korea", "North Korea"}


def test_given_a_country_between_two_records_when_asked_then_it_is_met() -> None:
    # Andorra is some 25 km wide: no record lies in it
    way = [(1.2, 42.55, 3_000.0), (1.9, 42.55, 3_000.0)]
    assert find_crossings(over(track_of([way])))["Andorra"].probability == 1.0


def test_given_items_that_land_abroad_when_asked_then_their_draw_counts() -> None:
    stay = [(127.0, 37.6, 0.0), (127.0, 37.7, 900.0)]
    down = Falls(0, 0, np.array([1, 1, 3]), np.full(3, 139.0), np.full(3, 36.0))
    found = find_crossings(over(track_of([stay] * 4), down))
    assert found["Japan"].hit_draws == 2


def test_given_a_zone_narrower_than_the_records_when_crossed_then_it_is_entered() -> None:
    way = [(127.0, 37.0, 1_000.0), (127.1, 37.0, 2_000.0)]
    track = over(track_of([way, [(126.0, 37.0, 0.0), (126.1, 37.0, 900.0)]]))
    narrow = box(127.049, 36.9, 127.051, 37.1)
    assert find_entered(track, narrow, -np.inf, np.inf).probability == 0.5


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [(0.0, 999.0, 0.0), (0.0, 1_001.0, 1.0), (1_999.0, np.inf, 1.0), (2_001.0, 3_000.0, 0.0)],
)
def test_given_the_heights_of_a_zone_when_flown_by_then_they_count(
    lower: float, upper: float, expected: float
) -> None:
    way = [(127.0, 37.0, 1_000.0), (127.1, 37.0, 2_000.0)]
    zone = box(126.9, 36.9, 127.2, 37.1)
    assert find_entered(over(track_of([way])), zone, lower, upper).probability == expected


def test_given_items_that_fall_through_a_zone_when_asked_then_it_is_entered() -> None:
    stay = [(126.0, 37.0, 0.0), (126.0, 37.0, 5_000.0)]
    track = track_of([stay], release=(126.0, 37.0, 5_000.0))
    down = Falls(0, 0, np.array([0]), np.array([126.4]), np.array([37.0]))
    beneath = box(126.19, 36.9, 126.21, 37.1)  # half way: at 2,500 m
    assert find_entered(over(track, down), beneath, 2_400.0, 2_600.0).probability == 1.0
    assert find_entered(over(track, down), box(126.3, 37.2, 126.5, 37.3), 0, 9e9).hit_draws == 0
    lands = box(126.39, 36.9, 126.41, 37.1)
    assert find_entered(over(track, down), lands, -np.inf, 300.0).probability == 1.0


def test_given_a_place_aloft_when_a_zone_on_the_ground_is_asked_then_it_is_not_entered() -> None:
    stay = [(126.0, 37.0, 0.0), (126.0, 37.0, 5_000.0)]
    at = Falls(-1, 0, np.array([0]), np.array([127.0]), np.array([37.5]), aloft=True)
    assert find_entered(over(track_of([stay]), at), box(126.9, 37.4, 127.1, 37.6), 0, 300).low == 0
    assert "South Korea" in find_crossings(over(track_of([stay]), at))


def test_given_a_way_over_the_antimeridian_when_asked_then_only_what_lies_there_is_met() -> None:
    track = over(track_of([[(179.9, -17.0, 1_000.0), (-179.9, -17.0, 1_000.0)]]))
    assert find_entered(track, box(179.95, -18.0, 180.0, -16.0), 0.0, 9e9).probability == 1.0
    assert find_entered(track, box(-10.0, -18.0, 10.0, -16.0), 0.0, 9e9).hit_draws == 0


def test_given_a_climb_over_a_town_when_it_is_low_then_the_town_is_named() -> None:
    # Ganghwa-gun, 25,535 people, lies at 37.746 N 126.486 E
    low = [(126.486, 37.72, 0.0), (126.486, 37.78, 280.0), (126.486, 37.9, 2_000.0)]
    high = [(126.486, 37.70, 0.0), (126.486, 37.72, 600.0), (126.486, 37.9, 800.0)]
    towns = find_low_towns(over(track_of([low, high, high, high])), 15_000)
    (found,) = towns
    assert found[0].name.startswith("Ganghwa")
    assert found[1] == pytest.approx(2_900, abs=300)
    assert found[2].probability == 0.25
    assert town_radius_m(found[0]) == pytest.approx(1e3 * np.sqrt(25_535 / 2_500 / np.pi))


def test_given_a_steady_climb_when_a_level_is_asked_then_the_time_is_that_of_the_climb() -> None:
    way = [(127.0, 37.6, 300.0 * minute) for minute in range(70)]  # 5 m/s to 20.7 km
    track = track_of([way, way, [(127.0, 37.6, 0.0), (127.0, 37.6, 300.0)]])
    assert find_climb_s((track,), 18_288.0) == pytest.approx(18_288.0 / 5.0, abs=0.5)
    assert find_highest_m(track) == pytest.approx(20_700.0)
    assert find_climb_s((track_of([way, way[:5], way[:5]]),), 18_288.0) is None
    assert find_first_release_s((track,)) == 600.0


def test_given_releases_east_of_the_site_when_the_heading_is_asked_then_it_is_east() -> None:
    way = [(179.9, 0.0, 0.0), (179.9, 0.0, 5_000.0)]
    heading = find_heading_deg(over(track_of([way, way], release=(-179.9, 0.0, 5_000.0))))
    assert heading == pytest.approx(90.0)
    assert find_heading_deg(over(track_of([way]))) is None


def test_given_balloons_that_leave_the_data_when_asked_then_they_are_counted() -> None:
    way = [(127.0, 37.6, 0.0), (127.0, 37.7, 900.0)]
    assert find_left_data(over(track_of([way] * 5, reason=StopRule.LEFT_DATA))).hit_draws == 5
    assert find_left_data(over(track_of([way] * 5))).hit_draws == 0


@pytest.mark.parametrize("way", [(179.0, 181.0 - 360.0), (-179.0, 179.0)])
@pytest.mark.parametrize("zone", [(179.4, 179.6), (-179.6, -179.4)])
def test_given_a_zone_beside_the_180th_meridian_when_flown_over_then_it_is_entered(
    way: tuple[float, float], zone: tuple[float, float]
) -> None:
    track = track_of([[(way[0], 10.0, 5_000.0), (way[1], 10.0, 5_000.0)]])
    region = box(zone[0], 9.0, zone[1], 11.0)
    assert find_entered(over(track), region, 0.0, np.inf).probability == 1.0


def test_given_several_releases_when_asked_then_the_last_is_the_end_of_the_load() -> None:
    track = track_of([[(127.0, 37.0, 0.0), (127.1, 37.0, 900.0)]] * 2)
    times = np.array([[600.0, 1_200.0], [700.0, np.nan]]) + START_S
    flights = replace(track.flights, release_time_s=times)
    assert find_carried_s((Track(track.draw, track.launch_s, flights),)) == 1_200.0
    never = replace(track.flights, release_time_s=np.full((2, 1), np.nan))
    assert find_carried_s((Track(track.draw, track.launch_s, never),)) is None
    assert find_aloft_s((track,)) == 120.0
