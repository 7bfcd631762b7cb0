"""Boards of a small mission in the demonstration's wind, from the screen to the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from downwind.board import solve
from downwind.board.cells import screen_cells
from downwind.board.notes import find_board_warnings
from downwind.board.result import Board, Verdict, WindVerdict
from downwind.board.solve import make_board
from downwind.landing.regions import HOME, TARGET, LandingRegions
from downwind.plan import search
from downwind.plan.mission import Mission
from downwind.plan.solve import quiet
from downwind.rules.findings import Compliance
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.board.conftest import HOURS, board_mission
from tests.unit.board.test_verdicts import STOP

STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)
TWO = [
    SMALL["site"][0],
    {"name": "Daejeon", "latitude": 36.35, "longitude": 127.38, "time_zone": "Asia/Seoul"},
]


@pytest.fixture(scope="module")
def board(grid: WindGrid) -> Board:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "judge_launch", lambda *_: Compliance(()))
        mission = board_mission(
            site=TWO,
            launch={**HOURS, "window": "night"},
            limits={"falling_short": "25 %", "third_country": "10 %"},
        )
        return make_board(mission, grid)


def test_given_sites_and_hours_when_made_then_each_open_hour_of_each_site_has_a_cell(
    board: Board,
) -> None:
    hours = [board.mission.launch_times_at(site) for site in board.mission.sites]
    wanted = [
        (site.name, start) for site, starts in zip(board.mission.sites, hours, strict=True)
        for start in starts
    ]  # fmt: skip

    assert [(cell.site.name, cell.start_s) for cell in board.cells] == wanted
    assert sorted(board.ranking) == list(range(len(board.cells)))
    assert all(cell.sky.is_night for cell in board.cells)
    assert len(board.left_out) >= 2


def test_given_a_board_when_read_then_go_only_where_fresh_draws_said_so(board: Board) -> None:
    for cell in board.cells:
        if cell.certificate is None:
            assert cell.verdict is Verdict.NO_GO
            assert "by the screen" in cell.decided_by
        else:
            assert (cell.verdict is Verdict.GO) is (cell.certificate.verdict is WindVerdict.WITHIN)
        if cell.verdict is Verdict.GO:
            assert cell.certificate is not None
            assert all(limit.is_met for limit in cell.certificate.limits)
            assert cell.screened[HOME].mean <= 0.25
    assert {cell.verdict for cell in board.cells if cell.site.name == "Ganghwa"} == {Verdict.GO}
    assert {cell.verdict for cell in board.cells if cell.site.name == "Daejeon"} == {Verdict.NO_GO}
    assert board.verdict is Verdict.GO
    best = board.cells[board.ranking[0]]
    assert best.certificate is not None
    assert best.certificate.shares[TARGET].mean == max(
        c.certificate.shares[TARGET].mean
        for c in board.cells
        if c.verdict is Verdict.GO and c.certificate is not None
    )


def test_given_a_certified_cell_when_read_then_its_timer_was_sought_to_the_minute(
    board: Board,
) -> None:
    timers = [
        setting.timer_s
        for cell in board.cells
        if cell.certificate is not None
        for setting in cell.settings
    ]
    assert timers
    assert all(timer is not None and timer % 60.0 == 0.0 for timer in timers)
    assert any(timer % 1_200.0 for timer in timers if timer is not None)


def test_given_a_synthetic_wind_when_read_then_the_lead_is_not_known(board: Board) -> None:
    assert {cell.lead_s for cell in board.cells} == {None}


def test_given_a_board_of_one_cell_when_made_again_then_it_is_the_same_to_the_bit(
    board: Board, grid: WindGrid, no_rules: None
) -> None:
    best = board.cells[board.ranking[0]]
    alone = replace(
        board.mission, sites=(best.site,), launch_times_s=(best.start_s,), launch_asked_s=()
    )
    one, again = make_board(alone, grid), make_board(alone, grid)

    assert len(one.cells) == 1
    assert one.ranking == (0,)
    assert one.cells == again.cells


def test_given_open_rules_when_made_then_all_cells_stop_and_the_wind_still_stands_beside(
    grid: WindGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def judge(mission: Mission, *rest: object) -> Compliance:
        asked.append(rest[5])
        return Compliance((STOP,))

    monkeypatch.setattr(solve, "judge_launch", judge)
    board = make_board(board_mission(launch={"times": ["2015-04-03T18:00Z"]}), grid)

    (cell,) = board.cells
    assert cell.verdict is board.verdict is Verdict.STOP
    assert cell.certificate is not None
    assert asked == [cell.settings]
    assert board.compliance.stops == (STOP,)


def test_given_a_wind_limit_and_no_wind_at_the_ground_when_made_then_no_go_as_not_known(
    grid: WindGrid, no_rules: None
) -> None:
    mission = board_mission(limits={"surface_wind": "6 m/s", "rain": "0.1 mm/h"})
    (cell,) = make_board(mission, grid).cells

    assert cell.verdict is Verdict.NO_GO
    assert cell.certificate is None
    assert "limits.surface_wind (6 m/s) is not known to be kept" in cell.decided_by
    assert "limits.rain (0.1 mm/h) is not known to be kept" in cell.conditions[1]
    assert "STOP" not in cell.decided_by


def test_given_memory_for_one_hour_when_screened_then_the_cells_are_the_same_to_the_bit(
    grid: WindGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    mission = board_mission(launch=HOURS)
    regions = LandingRegions(mission.target, mission.home, ())
    draws = Draws(mission.seed, mission.draws)

    def screen() -> list[object]:
        return list(screen_cells(mission, draws, grid, regions, STEPS, quiet))

    whole = screen()
    monkeypatch.setattr(search, "SCREEN_BYTES", 1)
    assert search.hours_at_once(mission, regions) == 1
    assert screen() == whole
    assert len(whole) == len(mission.launch_times_s)


def test_given_another_vehicle_when_screened_then_the_better_of_the_two_is_named(
    grid: WindGrid,
) -> None:
    both = board_mission(balloon={"other_vehicles": ["film-12m"]})
    regions = LandingRegions(both.target, both.home, ())
    draws = Draws(both.seed, both.draws)
    large = board_mission(balloon={"vehicle": "film-12m"})

    (chosen,) = screen_cells(both, draws, grid, regions, STEPS, quiet)
    alone = {
        name: next(screen_cells(one, draws, grid, regions, STEPS, quiet))
        for name, one in (("film-7m", board_mission()), ("film-12m", large))
    }

    best = max(alone, key=lambda name: (alone[name].meets(both), alone[name].shares[TARGET].mean))
    assert chosen == alone[best]
    assert chosen.vehicles == (best,)
    assert both.with_vehicles((best,)).groups[0].vehicle.name == best


def test_given_a_board_when_read_then_its_warnings_say_what_stands_for_data(board: Board) -> None:
    assert any(text.startswith("the wind is not real: ") for text in board.warnings)
    assert "ground at a constant 0 m (terrain.constant_m)" in board.warnings
    assert sum(text.startswith("turbulence: ") for text in board.warnings) == 1
    assert len(set(board.warnings)) == len(board.warnings)


@pytest.mark.parametrize(("lead_h", "old"), [(0.0, 0), (8.0, 2), (13.0, 4)])
def test_given_a_forecast_when_some_launches_are_late_in_it_then_told_how_many(
    board: Board, lead_h: float, old: int
) -> None:
    # four launches three hours apart, the first at this lead
    cells = board.cells[:4]
    run_s = int(cells[0].start_s - 3600.0 * lead_h)
    forecast = replace(board.grid, reference_time_s=run_s, nature="forecast")
    dated = [replace(cell, lead_s=float(cell.start_s - run_s)) for cell in cells]

    told = [t for t in find_board_warnings(board.mission, forecast, dated) if "forecast" in t]

    assert [f"at {old} of 4 launches" in text for text in told] == ([True] if old else [])
