"""The hours of a board: what the window closes or the wind does not cover is left out, and said."""

from __future__ import annotations

import pytest

from downwind.board.hours import choose_hours
from downwind.errors import WindCoverageError
from downwind.times import format_utc, parse_time
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.board.conftest import board_mission


def test_given_hours_outside_the_wind_when_chosen_then_each_run_of_them_is_left_out_and_said(
    grid: WindGrid,
) -> None:
    start, end = format_utc(grid.start_s - 7_200), format_utc(grid.end_s)
    mission = board_mission(launch={"from": start, "until": end, "every": "1 h"})

    chosen = choose_hours(mission, grid)

    kept = chosen.mission.launch_times_s
    assert kept[0] == grid.start_s
    # the timer of 80 min, the spacing and the delay have to fit behind the last hour
    assert grid.end_s - 2 * 3600 <= kept[-1] < grid.end_s - 4_800
    assert len(chosen.left_out) == 2
    before, after = chosen.left_out
    assert before.startswith(f"2 hours from {start} to {format_utc(grid.start_s - 3600)}: ")
    assert "with a timer of 80 min needs" in after
    assert format_utc(grid.end_s) in after
    assert len(kept) + 2 + 2 == len(mission.launch_times_s)


def test_given_no_hour_in_the_wind_when_chosen_then_the_error_says_what_the_wind_covers(
    grid: WindGrid,
) -> None:
    mission = board_mission(
        launch={"from": "2016-01-01T00:00Z", "until": "2016-01-01T06:00Z", "every": "1 h"}
    )
    with pytest.raises(WindCoverageError, match="covers none of the 7 launch hours") as caught:
        choose_hours(mission, grid)
    assert format_utc(grid.end_s) in caught.value.message


def test_given_a_window_when_chosen_then_each_site_says_how_many_hours_it_loses(
    grid: WindGrid,
) -> None:
    sites = [SMALL["site"][0], {**SMALL["site"][0], "name": "Izuhara", "longitude": 129.3}]
    mission = board_mission(
        site=sites,
        launch={"from": "2015-04-03T09:00Z", "until": "2015-04-03T14:00Z", "window": "night"},
    )

    chosen = choose_hours(mission, grid)

    # the sun sets at 18:58 in Ganghwa and eleven minutes before in the east: 09:58 and 09:47 UTC
    assert chosen.mission.launch_times_s[0] == parse_time("2015-04-03T10:00Z")
    assert chosen.left_out == tuple(
        f"{name}: 1 of 6 hours lie outside the launch window (night, from sunset to sunrise)"
        for name in ("Ganghwa", "Izuhara")
    )


def test_given_no_window_and_all_covered_when_chosen_then_nothing_is_said(grid: WindGrid) -> None:
    mission = board_mission()
    assert choose_hours(mission, grid).left_out == ()
    assert choose_hours(mission, grid).mission.launch_times_s == mission.launch_times_s
