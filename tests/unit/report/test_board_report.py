"""The board as text and as a picture: STOPs first, 80 columns, nothing cut, greys that differ."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from downwind.board.result import Board, Verdict, WindVerdict
from downwind.report import style
from downwind.report.board_plot import VERDICT_MARKS, WIND_MARKS, draw_board, make_board_figure
from downwind.report.board_text import board_text
from downwind.rules.findings import Compliance
from tests.made_board import (
    OVERFLIGHT,
    PERMIT,
    make_board,
    make_cell,
    make_mission,
    make_stop,
    with_cell,
)
from tests.unit.report.conftest import clipped_texts, overlapping_texts, texts_in

STOPS = (
    make_stop(PERMIT, "group discs", "the load of a balloon is 5.2 kg, 2 kg or more"),
    make_stop(PERMIT, "group leaflets", "the load of a balloon is 5.2 kg, 2 kg or more"),
    make_stop(OVERFLIGHT, "North Korea", "flown over in 100 % of 200 draws"),
)


@pytest.fixture(scope="module")
def stopped() -> Board:
    return make_board(2, 48, stops=STOPS)


def block(text: str, heading: str) -> str:
    """Return what stands under a heading, to the next one."""
    return re.split(r"\n\n[^\n]+\n-{3,}\n", text.partition(f"\n{heading}")[2], maxsplit=1)[0]


@pytest.mark.parametrize(("sites", "hours", "step_s"), [(1, 1, 3600), (2, 48, 3600), (2, 250, 600)])
def test_given_a_board_of_any_size_when_written_then_it_reads_at_80_columns(
    sites: int, hours: int, step_s: int
) -> None:
    text = board_text(make_board(sites, hours, step_s=step_s, stops=STOPS))

    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) < 250
    assert not re.search(r"\bnan\b", text)


def test_given_open_rules_when_written_then_they_come_first_each_once_and_nothing_says_go(
    stopped: Board,
) -> None:
    text = board_text(stopped)

    assert text.startswith("!! STOP: 2 rules stand open, and no cell is GO until all are cleared")
    before = text[: text.index("BOARD\n=====")]
    assert before.count(PERMIT.name) == before.count(OVERFLIGHT.name) == 1
    assert "group discs, group leaflets: the load" in before
    assert before.count(PERMIT.citation) == 2
    assert "in force" in before
    assert "read\n     2026-11-22" in before
    said = [line for line in text.splitlines() if re.search(r"\bGO\b", line)]
    assert all("NO-GO" in line or "no cell is GO" in line or "never" in line for line in said
               if "comes out GO" not in line and "says GO" not in line)  # fmt: skip
    assert "verdict              STOP; by the wind alone" in text


def test_given_no_open_rules_when_written_then_the_best_cell_is_go_with_its_settings() -> None:
    board = make_board(1, 8)
    text = board_text(board)

    assert text.startswith("BOARD\n=====\n")
    best = board.cells[board.ranking[0]]
    assert best.verdict is Verdict.GO
    assert "Best cell: Ganghwa, Sat 2015-04-04 05:00\n" in text
    assert "first launch         Sat 2015-04-04 05:00 KST (UTC+09:00), 2015-04-03 20:00" in text
    assert re.search(r"discs +6 +film-7m +50 min +7\.\d\d kg +10 %", text)
    assert "Expected shares, by 2,400 fresh draws:" in text
    assert "met: falling short: South Korea, at most 5 %" in text
    assert "it takes 438" in text


def test_given_a_later_good_hour_when_written_then_it_is_named(stopped: Board) -> None:
    then = " ".join(block(board_text(stopped), "Alternatives, best first").split())

    assert "the next good hour is Ganghwa, Sat 2015-04-04 06:00 KST (UTC+09:00)" in then
    assert "good by the wind alone, rules stand open" in then


def test_given_only_worse_hours_later_when_written_then_no_later_hour_is_good() -> None:
    board = make_board(1, 4, shares=lambda _, hour: (0.6, 0.01) if hour == 0 else (0.3, 0.2))
    then = " ".join(block(board_text(board), "Alternatives, best first").split())

    assert "No later hour is good" in then


def test_given_no_good_hour_when_written_then_the_first_cell_is_called_least_bad() -> None:
    board = make_board(1, 4, shares=lambda _, hour: (0.1, 0.1 + 0.1 * hour))
    text = board_text(board)

    assert "Least bad cell: Ganghwa, Sat 2015-04-04 02:00" in text
    assert "by the screen (200 draws)" in text
    assert "Certified: no cell" in text
    assert "breaks short" in text


def test_given_like_bad_hours_when_written_then_they_are_folded_and_good_ones_are_not(
    stopped: Board,
) -> None:
    cells = block(board_text(stopped), "Cells")

    assert cells.count("more alike; of all") == 4
    assert cells.count(" within ") == sum(
        c.certificate is not None and c.certificate.verdict is WindVerdict.WITHIN
        for c in stopped.cells
    )
    assert block(board_text(make_board(1, 24)), "Cells").count("more alike") == 0


def test_given_gaps_between_hours_when_written_then_a_run_ends_at_them() -> None:
    board = make_board(1, 40, shares=lambda _site, _hour: (0.1, 0.3))
    gap = [cell for k, cell in enumerate(board.cells) if not 8 <= k < 10]
    holed = replace(board, cells=tuple(gap), ranking=tuple(range(len(gap))))
    cells = block(board_text(holed), "Cells")

    assert "6 more alike; of all 8" in cells


def test_given_every_share_in_the_table_when_read_then_it_has_its_error(stopped: Board) -> None:
    rows = re.findall(r"^ \d\d:\d\d STOP .*$", board_text(stopped), re.MULTILINE)

    assert rows
    for row in rows:
        assert len(re.findall(r"(?:±<?\d|<\d)", row)) == 2, row


def test_given_air_that_is_not_known_and_a_gust_above_the_limit_when_written_then_both_are_said(
) -> None:  # fmt: skip
    mission = make_mission(1, lambda table: table["limits"].update(gust="8 m/s"))
    board = make_board(1, 3, mission=mission)
    gust = "the gust at Ganghwa reaches 9.9 m/s during the launch, above limits.gust (8 m/s)"
    windy = make_cell(
        mission, mission.sites[0], board.cells[1].start_s, 0.8, 0.01, certify=False,
        conditions=(gust,), wind_ms=5.0,
    )  # fmt: skip
    cells = (board.cells[0], windy, board.cells[2])
    still = replace(board.cells[0].weather, wind_ms=math.nan, gust_ms=math.nan)
    odd = with_cell(replace(board, cells=cells), 0, weather=still, lead_s=None)
    text = board_text(odd)

    assert "Limits at the ground: gust at most 8 m/s." in text
    assert re.search(r"^ 02:00 .* \? +-43 +99% +\?$", text, re.MULTILINE)
    assert re.search(r"^ 03:00 NO-GO +- +gust .* 5\.0/10\.5 ", text, re.MULTILINE)


def test_given_an_old_forecast_when_shown_then_its_age_is_said_first_and_once() -> None:
    board = make_board(1, 4)
    old = replace(board, grid=replace(board.grid, reference_time_s=board.cells[0].start_s - 97_200))
    text = board_text(old)

    assert text.startswith("!! the forecast, run 2015-04-02 14:00 UTC, is more than 12 h old at 4")
    assert text.count("more than 12 h old") == 1
    assert "lead 27.0 to 30.0 h at the launches" in text
    assert "more than 12 h old" in texts_in(make_board_figure(old), style.STOP_INK)


def test_given_a_limit_finer_than_the_draws_or_members_when_written_then_it_says_what_it_takes(
) -> None:  # fmt: skip
    board = make_board(1, 1)
    certificate = board.cells[0].certificate
    assert certificate is not None
    few = replace(certificate.limits[1], draws_needed=437, members_needed=15, bound=0.02)
    limits = (certificate.limits[0], few)
    odd = with_cell(board, 0, certificate=replace(certificate, limits=limits))
    said = " ".join(board_text(odd).split())

    assert "NOT SURE: third countries, at most 1 %" in said
    assert "it takes 15 members" in said
    assert "437" not in said


def test_given_a_stop_of_some_cells_when_written_then_it_says_of_how_many() -> None:
    board = make_board(2, 4)
    for index in (5, 6):
        compliance = Compliance((make_stop(OVERFLIGHT, "Japan", f"{index} % of draws"),))
        board = with_cell(board, index, compliance=compliance, verdict=Verdict.STOP)
    text = " ".join(board_text(board).split())

    assert text.startswith("!! STOP: 1 rule stands open, and no cell that it stops is GO")
    assert "(icao.overflight, 2 of 8 cells: Paju 1)" in text
    assert re.search(r"Japan: [56] % of draws \(other cells differ\)", text)


@pytest.mark.parametrize(("sites", "hours", "step_s"), [(1, 1, 3600), (2, 48, 3600), (1, 250, 600)])
def test_given_a_board_when_drawn_then_no_text_is_cut_or_covered(
    sites: int, hours: int, step_s: int
) -> None:
    figure = make_board_figure(make_board(sites, hours, step_s=step_s, stops=STOPS))

    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []


def test_given_verdicts_when_printed_in_grey_then_tone_hatch_or_letter_tells_them_apart() -> None:
    for marks in (VERDICT_MARKS.values(), WIND_MARKS.values()):
        assert len({mark.letter for mark in marks}) == len(marks)
        looks = [(mark.hatch, round(style.luminance(mark.fill), 1)) for mark in marks]
        assert len(set(looks)) == len(looks)
    bright = [style.luminance(VERDICT_MARKS[v].fill) for v in Verdict]
    assert bright == sorted(bright, reverse=True)


def test_given_a_board_when_saved_then_the_same_picture_twice(tmp_path: Path) -> None:
    board = make_board(1, 6)
    draw_board(board, tmp_path / "a.png")
    draw_board(board, tmp_path / "b.png")

    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert np.asarray(imread(tmp_path / "a.png")).shape[1] == 2_000
