"""``downwind board``: what is printed, and how it leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from downwind.board.result import Board
from downwind.cli.main import app
from downwind.service import boards
from tests.made_board import PERMIT, make_board, make_stop

GO = make_board(1, 4)
STOP = make_board(1, 4, stops=(make_stop(PERMIT, "group discs", "5.2 kg"),))
MARGINAL = make_board(1, 2, shares=lambda _site, _hour: (0.5, 0.04))


def call(monkeypatch: pytest.MonkeyPatch, board: Board, *options: str) -> tuple[int, str, Any]:
    """Run the command on a board that is made already; return exit code, text and arguments."""
    asked: dict[str, Any] = {}

    def give(mission: Any, wind: Any, output: Any, **others: Any) -> Board:
        asked.update(others, mission=mission, wind=wind, output=output)
        return board

    monkeypatch.setattr(boards, "make_board", give)
    answer = CliRunner().invoke(app, ["board", "mission.toml", *options])
    return answer.exit_code, answer.stdout, asked


@pytest.mark.parametrize(("board", "code"), [(GO, 0), (STOP, 10), (MARGINAL, 10)])
def test_given_exit_code_when_judged_then_ten_unless_a_cell_is_go(
    monkeypatch: pytest.MonkeyPatch, board: Board, code: int
) -> None:
    assert call(monkeypatch, board, "--exit-code")[0] == code
    assert call(monkeypatch, board)[0] == 0


def test_given_json_when_judged_then_stdout_is_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, text, _ = call(monkeypatch, GO, "--json")

    assert code == 0
    assert json.loads(text)["verdict"] == "GO"
    assert len(json.loads(text)["cells"]) == 4


def test_given_options_when_judged_then_they_reach_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = ("--wind", "a", "--and-wind", "b", "--weights", "0.6,0.4", "--seed", "7", "--force")
    _, text, asked = call(monkeypatch, GO, *options)

    assert text.startswith("BOARD")
    assert asked["wind"] == ["a"]
    assert asked["beside"] == [["b"]]
    assert asked["weights"] == (0.6, 0.4)
    assert asked["seed"] == 7
    assert asked["force"]
