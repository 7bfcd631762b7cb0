"""board.json keeps its schema and says what the board says; board.csv has every cell."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from downwind.board.result import Board, Verdict
from downwind.io.board_json import board_document, write_board_csv, write_board_json
from tests.made_board import OVERFLIGHT, PERMIT, make_board, make_stop, with_cell

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    board, plan = (
        json.loads((REFERENCE / f"{name}.schema.json").read_text("utf-8"))
        for name in ("board", "plan")
    )
    Draft202012Validator.check_schema(board)
    found = Registry().with_resource("plan.schema.json", Resource.from_contents(plan))
    return Draft202012Validator(board, registry=found)


@pytest.fixture(scope="module")
def board() -> Board:
    return make_board(
        2,
        6,
        stops=(
            make_stop(PERMIT, "group discs", "5.2 kg"),
            make_stop(OVERFLIGHT, "North Korea", "flown over"),
        ),
    )


def faults(validator: Draft202012Validator, document: Any) -> list[str]:
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(document)]


def test_given_a_board_when_written_then_it_keeps_the_schema(
    board: Board, validator: Draft202012Validator, tmp_path: Path
) -> None:
    write_board_json(board, tmp_path / "board.json")
    text = (tmp_path / "board.json").read_text("utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in board.json"))

    assert faults(validator, document) == []
    assert faults(validator, {**document, "odd": 1})
    assert faults(validator, {**document, "verdict": "MAYBE"})


def test_given_stops_when_described_then_each_is_there_once_and_no_cell_is_go(
    board: Board,
) -> None:
    document = board_document(board)

    assert document["verdict"] == "STOP"
    assert [stop["rule"] for stop in document["stops"]] == ["kr.act-129-2", "icao.overflight"]
    assert all(stop["cells"] is None and stop["citation"] for stop in document["stops"])
    assert {cell["verdict"] for cell in document["cells"]} == {"STOP"}
    assert document["ranking"] == list(board.ranking)
    best = document["cells"][document["best"]]
    assert best["is_good"]
    assert best["settings"]["discs"]["timer_setting_s"] == 3_000.0
    assert best["settings"]["discs"]["neck_lift_kg"] > 5.2


def test_given_a_stop_of_one_cell_when_described_then_it_names_the_cell() -> None:
    plain = make_board(1, 4)
    one = replace(plain.compliance, findings=(make_stop(OVERFLIGHT, "Japan", "12 %"),))
    board = with_cell(plain, 2, compliance=one, verdict=Verdict.STOP)

    assert [stop["cells"] for stop in board_document(board)["stops"]] == [[2]]


def test_given_what_is_not_known_when_described_then_it_is_null(
    board: Board, validator: Draft202012Validator
) -> None:
    cell = board.cells[0]
    nothing = replace(cell.weather, wind_ms=math.nan, gust_ms=math.nan, cloud_cover=math.nan)
    odd = with_cell(board, 0, weather=nothing, lead_s=None, certificate=None)
    document = board_document(odd)

    assert faults(validator, document) == []
    assert document["cells"][0]["weather"]["gust_ms"] is None
    assert document["cells"][0]["lead_hours"] is None
    assert document["cells"][0]["certificate"] is None
    assert document["cells"][0]["wind_verdict"] is None


def test_given_a_board_when_written_as_a_table_then_each_cell_has_its_row(
    board: Board, tmp_path: Path
) -> None:
    write_board_csv(board, tmp_path / "board.csv")
    with (tmp_path / "board.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert len(rows) == len(board.cells)
    assert sorted(int(row["rank"]) for row in rows) == list(range(1, len(rows) + 1))
    first = rows[board.ranking[0]]
    assert first["rank"] == "1"
    assert first["timers_min"] == "50/40"
    best = board.cells[board.ranking[0]].certificate
    assert best is not None
    assert float(first["target"]) == best.shares["target"].mean
    assert float(first["target_standard_error"]) == best.shares["target"].standard_error
    assert first["stops"] == "kr.act-129-2 icao.overflight"
