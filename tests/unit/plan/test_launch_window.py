"""Launch windows: darkness by the sun, hours by the clock at the site, and hours on even steps."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.errors import MissionError
from downwind.geo.sun import sun_elevation_deg
from downwind.plan.launch_hours import first_launch_s
from downwind.plan.launch_window import Darkness, LaunchWindow
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.times import format_minute, parse_time
from tests.small_mission import SMALL

GANGHWA = (37.75, 126.49, "Asia/Seoul")
TROMSO = {"name": "Tromso", "latitude": 69.65, "longitude": 18.96, "time_zone": "Europe/Oslo"}
POLE = {"name": "Pole", "latitude": 90.0, "longitude": 0.0, "time_zone": "UTC"}


def mission_of(launch: dict[str, Any], *sites: dict[str, Any]) -> Mission:
    table = copy.deepcopy(SMALL)
    table["launch"] = launch
    if sites:
        table["site"] = list(sites)
    return parse_mission(table)


def local_hours(mission: Mission) -> list[str]:
    site = mission.sites[0]
    return [format_minute(t, site.time_zone)[5:16] for t in mission.launch_times_at(site)]


# --- hours ---------------------------------------------------------------------------------------


def test_given_a_span_and_a_step_when_read_then_both_ends_are_hours() -> None:
    mission = mission_of(
        {"from": "2015-04-03T18:00Z", "until": "2015-04-03T20:00Z", "every": "30 min"}
    )

    first = parse_time("2015-04-03T18:00Z")
    assert mission.launch_times_s == tuple(first + 1_800 * i for i in range(5))


def test_given_no_step_when_read_then_it_is_an_hour_and_times_of_a_list_stand_beside() -> None:
    mission = mission_of(
        {
            "times": ["2015-04-03T18:20Z", "2015-04-03T19:00Z"],
            "from": "2015-04-03T18:00Z",
            "until": "2015-04-03T19:59Z",
        }
    )

    assert [format_minute(t)[11:16] for t in mission.launch_times_s] == ["18:00", "18:20", "19:00"]


@pytest.mark.parametrize(
    ("launch", "told"),
    [
        ({}, "no launch hour"),
        ({"from": "2015-04-03T18:00Z"}, "from and until go together"),
        ({"times": ["2015-04-03T18:00Z"], "every": "1 h"}, "every needs from and until"),
        ({"from": "2015-04-03T18:00Z", "until": "2015-04-03T17:00Z"}, "until lies before from"),
        ({"from": "2015-04-03T18:00", "until": "2015-04-03T19:00Z"}, "has no zone"),
        (
            {"from": "2015-04-03T18:00Z", "until": "2015-05-03T18:00Z", "every": "1 min"},
            "make 43201 hours",
        ),
        ({"times": ["2015-04-03T18:00Z"], "window": "dark"}, "'night'"),
        ({"times": ["2015-04-03T18:00Z"], "earliest": "22:00"}, "earliest and latest go together"),
        (
            {"times": ["2015-04-03T18:00Z"], "earliest": "22:00", "latest": "22:00"},
            "are the same",
        ),
        (
            {"times": ["2015-04-03T18:00Z"], "earliest": "25:00", "latest": "4"},
            "'25:00' is no time of the clock",
        ),
    ],
)
def test_given_launch_keys_that_do_not_fit_when_read_then_each_fault_is_told(
    launch: dict[str, Any], told: str
) -> None:
    with pytest.raises(MissionError) as caught:
        mission_of(launch)

    assert any(told in text for _, text in caught.value.faults), caught.value.faults
    assert all(place.startswith("launch") for place, _ in caught.value.faults)


def test_given_a_hundred_thousand_launches_when_read_then_told_how_many_one_run_takes() -> None:
    sites = [{**SMALL["site"][0], "name": f"site {i}"} for i in range(200)]
    with pytest.raises(MissionError, match=r"200 sites with 500 .* 100,000 launches") as caught:
        mission_of(
            {"from": "2015-04-01T00:00Z", "until": "2015-04-21T19:00Z", "every": "1 h"}, *sites
        )

    assert "10,000 at the most" in caught.value.message


# --- darkness ------------------------------------------------------------------------------------


def test_given_the_night_of_the_report_when_windowed_then_it_opens_and_closes_with_the_sun() -> (
    None
):
    night = LaunchWindow(Darkness.NIGHT)
    known = {"2015-04-03T18:58+09:00": (False, True), "2015-04-04T06:16+09:00": (True, False)}
    for moment, (before, after) in known.items():
        at = parse_time(moment)
        assert night.holds(at - 90, 0.0, *GANGHWA) is before
        assert night.holds(at + 90, 0.0, *GANGHWA) is after


def test_given_a_fleet_that_takes_an_hour_when_windowed_then_its_last_launch_counts() -> None:
    night, dawn = LaunchWindow(Darkness.NIGHT), parse_time("2015-04-04T06:16+09:00")
    assert night.holds(dawn - 3_690, 3_600.0, *GANGHWA)
    assert not night.holds(dawn - 3_510, 3_600.0, *GANGHWA)


@given(st.integers(1_300_000_000, 1_800_000_000), st.floats(-80, 80), st.floats(-179, 179))
def test_each_darkness_holds_within_the_one_before(at: int, latitude: float, east: float) -> None:
    held = [
        LaunchWindow(kind).holds(at, 0.0, latitude, east, "UTC")
        for kind in (Darkness.ANY, "night", "civil", "nautical", "astronomical")
        for kind in [Darkness(kind)]
    ]
    assert held == sorted(held, reverse=True)


def test_given_midnight_sun_when_read_then_told_how_high_it_stays_and_when_night_comes() -> None:
    with pytest.raises(MissionError) as caught:
        mission_of(
            {"from": "2015-06-20T18:00Z", "until": "2015-06-21T18:00Z", "window": "night"}, TROMSO
        )

    text = caught.value.faults[0][1]
    lowest = min(
        sun_elevation_deg(parse_time("2015-06-20T18:00Z") + 3_600 * h, 69.65, 18.96)
        for h in range(25)
    )
    assert f"the sun stands at {lowest:.1f} deg or higher" in text
    assert lowest > 2.0
    # almanac: the sun stays up at Tromso until late July
    assert "it opens next at 2015-07-2" in text
    assert caught.value.faults[0][0] == "launch.window"
    assert caught.value.exit_code == 2


def test_given_polar_day_when_read_then_darkness_is_half_a_year_away() -> None:
    with pytest.raises(MissionError, match=r"at Pole .* opens next at 2015-1[01]"):
        mission_of({"times": ["2015-06-21T00:00Z"], "window": "astronomical"}, POLE)
    assert mission_of({"times": ["2015-12-21T12:00Z"], "window": "astronomical"}, POLE)


def test_given_a_latitude_without_nautical_night_when_read_then_july_is_told() -> None:
    helsinki = {
        "name": "Helsinki", "latitude": 60.17, "longitude": 24.94, "time_zone": "Europe/Helsinki",
    }  # fmt: skip
    with pytest.raises(MissionError, match="nautical darkness, the sun below -12 deg"):
        mission_of(
            {"from": "2015-06-10T12:00Z", "until": "2015-06-12T12:00Z", "window": "nautical"},
            helsinki,
        )


def test_given_two_sites_when_one_is_light_then_each_keeps_its_own_hours() -> None:
    mission = mission_of(
        {"from": "2015-06-20T12:00Z", "until": "2015-06-21T12:00Z", "window": "night"},
        SMALL["site"][0], TROMSO,
    )  # fmt: skip
    seoul, north = mission.sites

    assert mission.launch_times_at(north) == ()
    assert mission.launch_times_at(seoul) == mission.launch_times_s
    assert len(mission.launch_asked_s) == 25
    assert len(mission.launch_times_s) == 11


# --- the clock -----------------------------------------------------------------------------------


def test_given_a_window_over_midnight_when_read_then_hours_on_both_sides_are_kept() -> None:
    mission = mission_of(
        {
            "from": "2015-04-03T18:00+09:00", "until": "2015-04-04T12:00+09:00",
            "earliest": "22:00", "latest": "04:00",
        }
    )  # fmt: skip

    assert local_hours(mission) == [
        "04-03 22:00", "04-03 23:00", "04-04 00:00", "04-04 01:00", "04-04 02:00", "04-04 03:00",
        "04-04 04:00",
    ]  # fmt: skip


def test_given_a_window_within_a_day_when_read_then_no_hour_of_the_night_is_kept() -> None:
    mission = mission_of(
        {
            "from": "2015-04-03T00:00+09:00", "until": "2015-04-03T23:00+09:00",
            "earliest": "09:30", "latest": "11:00",
        }
    )  # fmt: skip

    assert local_hours(mission) == ["04-03 10:00", "04-03 11:00"]


def test_given_the_change_to_summer_time_when_windowed_then_the_clock_moves_it() -> None:
    oslo = {"name": "Oslo", "latitude": 59.9, "longitude": 10.7, "time_zone": "Europe/Oslo"}
    mission = mission_of(
        {
            "from": "2015-03-28T00:00Z", "until": "2015-03-29T23:00Z",
            "earliest": "20:00", "latest": "21:00",
        },
        oslo,
    )  # fmt: skip

    kept = [datetime.fromtimestamp(t, UTC).strftime("%d %H") for t in mission.launch_times_s]
    assert kept == ["28 19", "28 20", "29 18", "29 19"]


def test_given_a_window_of_a_few_minutes_when_closed_then_told_when_the_clock_opens_it() -> None:
    with pytest.raises(MissionError, match="opens next at 2015-04-03 22:12"):
        mission_of({"times": ["2015-04-03T21:00+09:00"], "earliest": "22:12", "latest": "22:18"})


def test_given_a_fleet_that_takes_longer_than_the_window_when_asked_then_it_never_opens() -> None:
    window = LaunchWindow(Darkness.NIGHT, time(22), time(23))
    start = parse_time("2015-04-03T21:00+09:00")

    assert window.find_next(start, 3_600.0, *GANGHWA) == start + 3_600.0
    assert window.find_next(start, 3_601.0, *GANGHWA) is None
    assert window.find_next(start, 86_400.0, *GANGHWA) is None


@given(st.integers(1_400_000_000, 1_460_000_000), st.integers(0, 23), st.integers(0, 23))
def test_a_window_and_its_opposite_cover_the_day(at: int, first: int, last: int) -> None:
    if first == last:
        return
    zone = "America/New_York"
    inside = LaunchWindow(earliest=time(first), latest=time(last))
    outside = LaunchWindow(earliest=time(last), latest=time(first))
    clock = datetime.fromtimestamp(at, ZoneInfo(zone)).time().replace(second=0)
    held = (inside.holds(at, 0.0, 40.0, -74.0, zone), outside.holds(at, 0.0, 40.0, -74.0, zone))

    assert any(held)
    assert all(held) <= (clock in (time(first), time(last)))


def test_given_a_flight_from_a_site_without_a_night_when_asked_for_its_hour_then_told_why() -> None:
    mission = mission_of(
        {"from": "2015-06-20T12:00Z", "until": "2015-06-21T12:00Z", "window": "night"},
        TROMSO, SMALL["site"][0],
    )  # fmt: skip

    assert first_launch_s(mission, mission.sites[1]) == parse_time("2015-06-20T12:00Z")
    with pytest.raises(MissionError, match="no launch can be tried: .* at Tromso"):
        first_launch_s(mission, mission.sites[0])
