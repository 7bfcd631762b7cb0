"""Boards in winds that were forecast or analysed: how old they are, where they end, what flies."""

from __future__ import annotations

from pathlib import Path

import pytest

from downwind.board.result import Verdict
from downwind.board.solve import make_board
from downwind.landing.regions import HOME
from downwind.service.weather import lay_out_wind
from downwind.times import parse_time
from downwind.wind.sources import read_weather
from tests.unit.board.conftest import board_mission

GRIDS = "data/grids"
HOUR = 3_600
SEARCH = {"timer_from": "20 min", "timer_until": "60 min", "timer_step": "40 min"}


@pytest.mark.parametrize(
    ("name", "first", "late", "lead_h"),
    [
        ("gfs_2p5_2011100800_f072.grb2", "2011-10-11T00:00Z", "2011-10-12T00:00Z", 72),
        (
            "gfs.t12z.pgrbf120.2p5deg_2011011012.grib2",
            "2011-01-15T12:00Z",
            "2011-01-16T12:00Z",
            120,
        ),
    ],
)
def test_given_a_forecast_with_one_time_when_made_then_its_age_and_its_end_stand_on_the_board(
    name: str, first: str, late: str, lead_h: int, shared: Path, no_rules: None
) -> None:
    start = parse_time(first)
    mission = board_mission(
        mission={"draws": 20},
        launch={"times": [first, late]},
        wind={"steady_hours": 24},
        search=SEARCH,
        terrain={"constant_m": 50},
    )
    cube = read_weather([shared / GRIDS / "pygrib_gfs" / name])

    board = make_board(mission, lay_out_wind(cube, mission))

    (cell,) = board.cells
    assert cell.start_s == start
    assert cell.lead_s == lead_h * HOUR
    # westerlies carry all of it home, as a plan in the same wind finds
    assert cell.verdict is Verdict.NO_GO
    assert cell.screened[HOME].mean > 0.5
    assert "falling short: South Korea" in cell.decided_by
    (left,) = board.left_out
    assert f"covers {first[:-1]}:00Z to " in left
    assert any("held steady for 24 h" in text for text in board.warnings)
    assert any("more than 12 h old at 1 of 1 launches" in text for text in board.warnings)


def test_given_an_ensemble_of_analyses_when_made_then_every_member_flies_and_no_lead_is_known(
    shared: Path, no_rules: None
) -> None:
    place = {"name": "Tatui", "latitude": -23.35, "longitude": -47.85}
    mission = board_mission(
        mission={"draws": 20},
        site=[{**place, "time_zone": "America/Sao_Paulo"}],
        launch={"from": "2019-08-10T12:00Z", "until": "2019-08-10T21:00Z", "every": "3 h"},
        target={"country": "Brazil"},
        home={"country": "Uruguay"},
        limits={"falling_short": "20 %", "third_country": "20 %"},
        wind={"surface": "log"},
        search=SEARCH,
        terrain={"constant_m": 600},
    )
    cube = read_weather([shared / GRIDS / "rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc"])

    board = make_board(mission, lay_out_wind(cube, mission))

    assert board.grid.base_count == 10
    assert [cell.lead_s for cell in board.cells] == [None] * 3
    (left,) = board.left_out
    assert left.startswith("the launch at 2019-08-10T21:00:00Z with a timer of 60 min needs")
    for cell in board.cells[:2]:
        assert cell.certificate is not None
        # ten members, however many draws: what was never seen is bounded by them
        assert cell.certificate.limits[0].share.clusters == 10
