"""Residents on a board: what their limit makes of a cell, and how text and files tell it."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from downwind.board.rank import is_good, rank_cells
from downwind.board.reading import deciding_limit
from downwind.board.residents import judge_residents
from downwind.board.result import Board, Verdict, WindVerdict
from downwind.board.solve import make_board as solve_board
from downwind.board.verdicts import decide
from downwind.io.board_json import board_document, write_board_csv
from downwind.landing.regions import LandingRegions
from downwind.plan.endings import BUNDLES, ENVELOPES, TITLES, UNRELEASED
from downwind.plan.resident_choice import ResidentChoice
from downwind.plan.residents import HOMES, NightRisk, ResidentRisk, ThingRisk
from downwind.report._board_rows import decided_word
from downwind.report.board_text import board_text
from downwind.rules.findings import Compliance
from downwind.wind.grid import WindGrid
from tests.made_board import NO_RULES, make_board, make_mission
from tests.unit.board.conftest import board_mission
from tests.unit.board.test_verdicts import STOP, certificate, screened
from tests.unit.io.test_board_json import faults, validator  # noqa: F401

BELOW = NightRisk(0.001, 0.0005, 0.0003, 0.004)
UNSURE = NightRisk(0.005, 0.002, 0.002, 0.013)
ABOVE = NightRisk(0.12, 0.03, 0.07, 0.2)


def make_risk(held: NightRisk, worst: NightRisk | None = None) -> ResidentRisk:
    mission = board_mission()
    things = tuple(
        ThingRisk(key, TITLES[key], 1.0, 0.0, {HOMES: 0.1}, {HOMES: held})
        for key in (UNRELEASED, BUNDLES, ENVELOPES)
    )
    return ResidentRisk(
        ResidentChoice(0.01), mission.sites[0], mission.launch_times_s[0], things, held,
        held if worst is None else worst, (), "towns", 0.0, 200,
    )  # fmt: skip


def judged(
    held: NightRisk, wind: WindVerdict, compliance: Compliance = NO_RULES
) -> tuple[str, str]:
    mission = board_mission(limits={"falling_short": "5 %", "third_country": "1 %"})
    regions = LandingRegions(mission.target, mission.home, ())
    verdict, text = decide(
        mission, regions, screened(), certificate(wind), (), compliance, make_risk(held)
    )
    return verdict, text


@pytest.mark.parametrize(
    ("held", "wind", "verdict", "words"),
    [
        (BELOW, WindVerdict.WITHIN, Verdict.GO, "falling short"),
        (UNSURE, WindVerdict.WITHIN, Verdict.MARGINAL, "not known to be below it: notify"),
        (ABOVE, WindVerdict.WITHIN, Verdict.NO_GO, "residents: 12 (7 to 20) % against a limit"),
        (BELOW, WindVerdict.UNSURE, Verdict.MARGINAL, "falling short"),
        (UNSURE, WindVerdict.UNSURE, Verdict.MARGINAL, "falling short"),
        (ABOVE, WindVerdict.UNSURE, Verdict.NO_GO, "of 1 %: notify or pick another date"),
        (ABOVE, WindVerdict.BREAKS, Verdict.NO_GO, "falling short"),
    ],
)
def test_given_a_risk_when_decided_then_the_worse_of_wind_and_residents_stands(
    held: NightRisk, wind: WindVerdict, verdict: Verdict, words: str
) -> None:
    got, text = judged(held, wind)

    assert got == verdict
    assert words in text


def test_given_an_open_rule_when_decided_then_stop_whatever_the_residents_risk() -> None:
    assert judged(ABOVE, WindVerdict.WITHIN, Compliance((STOP,)))[0] == Verdict.STOP


def test_given_a_limit_kept_but_for_what_leaves_the_data_when_judged_then_not_known() -> None:
    found = certificate(WindVerdict.WITHIN)

    assert judge_residents(found, make_risk(BELOW)) is None
    assert judge_residents(found, make_risk(BELOW, worst=UNSURE)) is Verdict.MARGINAL
    assert judge_residents(None, make_risk(ABOVE)) is None


def test_given_the_very_limit_when_judged_then_it_is_kept() -> None:
    found = certificate(WindVerdict.WITHIN)

    assert judge_residents(found, make_risk(replace(UNSURE, high=0.01))) is None
    assert judge_residents(found, make_risk(replace(ABOVE, low=0.01))) is Verdict.MARGINAL


def with_residents(stopped: bool = False) -> Board:
    """Return a board whose first cell is above the limit, its second not sure, its third below."""
    mission = make_mission(changes=lambda table: table.update(residents={"most": "1 %"}))
    board = make_board(1, 4, mission=mission, shares=lambda _, hour: (0.9 - 0.1 * hour, 0.01))
    verdicts = (Verdict.NO_GO, Verdict.MARGINAL, Verdict.GO, Verdict.GO)
    cells = [
        replace(
            cell,
            residents=replace(make_risk(held), site=cell.site, start_s=cell.start_s),
            verdict=Verdict.STOP if stopped else verdict,
            decided_by="-",
        )
        for cell, held, verdict in zip(
            board.cells, (ABOVE, UNSURE, BELOW, BELOW), verdicts, strict=True
        )
    ]
    return replace(board, cells=tuple(cells), ranking=rank_cells(mission, cells))


@pytest.mark.parametrize("stopped", [False, True])
def test_given_risks_when_ranked_then_what_keeps_the_limit_leads_even_where_rules_stop_all(
    stopped: bool,
) -> None:
    board = with_residents(stopped)

    assert board.ranking == (2, 3, 1, 0)
    assert [is_good(cell) for cell in board.cells] == [False, False, True, True]
    assert [deciding_limit(board, cell) == "residents" for cell in board.cells[:3]] == [
        True, True, False
    ]  # fmt: skip
    assert [decided_word(board, cell) for cell in board.cells[:3]] == [
        "residents",
        "residents",
        "-",
    ]


def test_given_a_board_when_written_then_the_best_cells_answer_and_the_better_dates_are_told() -> (
    None
):
    board = with_residents()
    text = board_text(board)
    worst_first = " ".join(board_text(replace(board, ranking=(0, 1, 2, 3))).split())
    alone = replace(board, cells=board.cells[:1], ranking=(0,))

    assert "answer: below the limit (0.1 (0.03 to 0.4) % against a limit of 1 %)" in text
    assert max(map(len, text.splitlines())) <= 80
    assert (
        "above the limit (12 (7 to 20) % against a limit of 1 %). Pick another date: 2015-04-04 "
        "04:00" in worst_first
    )
    told = worst_first.partition("Pick another date")[2].partition("; or notify")[0]
    assert told.count("2015-04-04") == 2
    assert "no other cell is within the other limits" in " ".join(board_text(alone).split())
    assert "Residents" not in board_text(make_board(1, 2))


def test_given_a_least_bad_cell_that_was_not_certified_when_written_then_not_asked() -> None:
    board = with_residents()
    bare = replace(board.cells[0], certificate=None, residents=None, meets_screen=False)
    alone = replace(board, cells=(bare,), ranking=(0,))

    assert "answer: not asked" in board_text(alone)


def test_given_a_board_when_written_for_programs_then_each_cell_has_its_risk(
    validator: Draft202012Validator,  # noqa: F811
    tmp_path: Path,
) -> None:
    board = with_residents()
    board = replace(board, cells=(*board.cells[:3], replace(board.cells[3], residents=None)))
    document = board_document(board)
    write_board_csv(board, tmp_path / "board.csv")
    with (tmp_path / "board.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert faults(validator, document) == []
    assert document["cells"][0]["residents"]["held"]["probability"] == 0.12
    assert document["cells"][3]["residents"] is None
    assert document["cells"][0]["deciding_limit"] == "residents"
    assert [row["residents"] for row in rows] == ["0.12", "0.005", "0.001", ""]
    assert float(rows[0]["residents_low"]) == ABOVE.low


def test_given_a_mission_with_residents_when_a_board_is_made_then_certified_cells_are_held_to_it(
    grid: WindGrid, no_rules: None
) -> None:
    tables = {
        "uncertainty": {"failure": 0.2},
        "limits": {"falling_short": "25 %", "third_country": "10 %"},
    }
    strict = board_mission(residents={"most": "0.001 %"}, **tables)
    lenient = board_mission(residents={"most": "99 %"}, **tables)
    (held,), (free,) = solve_board(strict, grid).cells, solve_board(lenient, grid).cells

    assert held.certificate is not None
    assert held.certificate == free.certificate
    assert held.residents is not None
    assert free.residents is not None
    assert held.residents.held == free.residents.held
    assert held.residents.worst.high > 1e-5
    assert free.certificate is not None
    assert free.certificate.verdict is WindVerdict.WITHIN
    assert free.verdict is Verdict.GO
    assert held.verdict is not Verdict.GO
    assert held.decided_by.startswith("residents: ")
