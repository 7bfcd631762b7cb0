"""``board.json`` and ``board.csv``: every cell of a board, for programs.

The keys of the document are described, with their units, by ``docs/reference/board.schema.json``.
What is not known is null, or empty in the table; shares are fractions.
"""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from downwind.board.caption import board_caption, certificate_lines
from downwind.board.rank import is_good
from downwind.board.reading import (
    Fills,
    cell_shares,
    deciding_limit,
    dials_s,
    next_hour,
    open_stops,
    settings_fills,
    wind_verdict,
)
from downwind.board.result import Board, Cell, Certificate
from downwind.io._parts import replace_nan
from downwind.io.plan_json import (
    describe_mission,
    describe_shares,
    describe_site,
    describe_wind,
)
from downwind.io.resident_json import describe_risk
from downwind.plan._wind_error import HEIGHT_M
from downwind.plan.wind_error_text import figures_at
from downwind.times import format_minute, format_utc

FORMAT: Final = "downwind-board-1"


def board_document(board: Board) -> dict[str, Any]:
    """Return a board as a JSON document: no number in it is infinite or not a number.

    Parameters
    ----------
    board : Board
    """
    run, best = board.run, board.cells[board.ranking[0]]
    then = next_hour(board)
    known: Fills = {}
    document = {
        "format": FORMAT,
        "run": {
            "digest": run.digest,
            "version": run.version,
            "mission_digest": run.mission_digest,
            "wind_digest": run.wind_digest,
            "seed": run.seed,
            "draws": run.draws,
            "created": run.created,
        },
        "verdict": str(board.verdict),
        "stops": _describe_stops(board),
        "best": board.ranking[0],
        "next": None if then is None else {"cell": then.index, "is_good": then.is_good},
        "ranking": board.ranking,
        "left_out": board.left_out,
        "warnings": board.warnings,
        "made": certificate_lines(board),
        "caption": board_caption(board),
        "screen_draws": board.screen_draws,
        "mission": describe_mission(board.mission),
        "wind": {
            **describe_wind(board.grid, best.start_s),
            "members": board.grid.base_count,
            "error": _describe_error(board, best.start_s),
        },
        "steps": asdict(board.steps),
        "sites": [describe_site(site) for site in board.mission.sites],
        "cells": [_describe_cell(board, cell, known) for cell in board.cells],
    }
    cleaned: dict[str, Any] = replace_nan(document)
    return cleaned


def write_board_json(board: Board, path: Path) -> None:
    """Write a board as JSON, two spaces deep, in UTF-8."""
    text = json.dumps(board_document(board), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def write_board_csv(board: Board, path: Path) -> None:
    """Write a row for each cell, in UTF-8; what is not known is empty.

    Parameters
    ----------
    board : Board
    path : pathlib.Path
    """
    known: Fills = {}
    rank = {index: place for place, index in enumerate(board.ranking, 1)}
    rows = [
        replace_nan({"rank": rank[i], **_row(board, cell, known)})
        for i, cell in enumerate(board.cells)
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _describe_stops(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "rule": stop.rule.name,
            "title": stop.rule.title,
            "jurisdiction": stop.rule.jurisdiction,
            "citation": stop.rule.citation,
            "version_date": None if stop.rule.version_date is None else str(stop.rule.version_date),
            "read_on": str(stop.rule.read_on),
            "page": stop.rule.page,
            "status": str(stop.rule.status),
            "decides": stop.rule.decides,
            "findings": [
                {"subject": finding.subject, "text": finding.text, "todo": finding.todo}
                for finding in stop.findings
            ],
            "cells": None if stop.is_everywhere else stop.cells,
        }
        for stop in open_stops(board)
    ]


def _describe_error(board: Board, start_s: int) -> dict[str, Any]:
    """Return the error of the wind at 3 km at a launch [epoch s]."""
    account, figures = board.grid.error, figures_at(board.grid, HEIGHT_M, float(start_s))
    drawn = figures is not None and account is not None
    return {
        "drawn": drawn,
        "reason": None if drawn else "" if account is None else account.reason,
        "origin": account.origin if drawn and account is not None else None,
        "altitude_m": None if figures is None else figures.altitude_m,
        "large_ms": None if figures is None else figures.large_ms,
        "unresolved_ms": None if figures is None else figures.fine_ms,
        "members_differ_by_ms": None if figures is None else figures.spread_ms,
    }


def _describe_cell(board: Board, cell: Cell, known: Fills) -> dict[str, Any]:
    air, wind = cell.weather, wind_verdict(cell)
    return {
        "site": cell.site.name,
        "launch": format_utc(cell.start_s),
        "launch_local": format_minute(cell.start_s, cell.site.time_zone),
        "verdict": str(cell.verdict),
        "wind_verdict": None if wind is None else str(wind),
        "is_good": is_good(cell),
        "decided_by": cell.decided_by,
        "deciding_limit": deciding_limit(board, cell) or None,
        "conditions": cell.conditions,
        "stops": list(dict.fromkeys(finding.rule.name for finding in cell.compliance.stops)),
        "settings": _describe_settings(board, cell, known),
        "meets_screen": cell.meets_screen,
        "screened": describe_shares(cell.screened),
        "certificate": None
        if cell.certificate is None
        else _describe_certificate(cell.certificate),
        "lead_hours": None if cell.lead_s is None else cell.lead_s / 3600.0,
        "weather": {
            "wind_ms": air.wind_ms,
            "from_deg": air.from_deg,
            "gust_ms": air.gust_ms,
            "cloud_cover": air.cloud_cover,
            "rain_mmh": 3600.0 * air.rain_kgm2s,
        },
        "sky": {
            "sun_deg": cell.sky.sun_deg,
            "is_night": cell.sky.is_night,
            "moon_lit": cell.sky.moon_lit,
            "moon_deg": cell.sky.moon_deg,
        },
        "residents": None if cell.residents is None else describe_risk(cell.residents),
    }


def _describe_settings(board: Board, cell: Cell, known: Fills) -> dict[str, Any]:
    groups = zip(
        board.mission.groups,
        cell.vehicles,
        cell.settings,
        settings_fills(board, cell, known),
        dials_s(board, cell),
        strict=True,
    )
    return {
        group.name: {
            "vehicle": vehicle,
            "free_lift": setting.free_lift,
            "neck_lift_kg": None if fill is None else fill.neck_lift_kg,
            "volume_m3": None if fill is None else fill.volume_m3,
            "timer_setting_s": setting.timer_s,
            "releases_s": dials,
        }
        for group, vehicle, setting, fill, dials in groups
    }


def _describe_certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "verdict": str(certificate.verdict),
        "decided_by": certificate.decided_by,
        "error_level": certificate.error_level,
        "draws": certificate.draws,
        "stages": [
            {"draws": stage.draws, "level": stage.level, "verdict": str(stage.verdict)}
            for stage in certificate.stages
        ],
        "limits": [
            {
                "region": bound.name,
                "title": bound.title,
                "limit": bound.limit,
                "is_least": bound.is_least,
                "bound": bound.bound,
                "opposite": bound.opposite,
                "is_met": bound.is_met,
                "is_broken": bound.is_broken,
                "draws_needed": bound.draws_needed,
                "members_needed": bound.members_needed,
                "share": bound.share.to_dict(),
            }
            for bound in certificate.limits
        ],
        "shares": describe_shares(certificate.shares),
        "kinds": {name: describe_shares(shares) for name, shares in certificate.kinds.items()},
    }


def _row(board: Board, cell: Cell, known: Fills) -> dict[str, Any]:
    wind, air = wind_verdict(cell), cell.weather
    fills = settings_fills(board, cell, known)
    row: dict[str, Any] = {
        "site": cell.site.name,
        "launch": format_utc(cell.start_s),
        "launch_local": format_minute(cell.start_s, cell.site.time_zone),
        "verdict": str(cell.verdict),
        "wind_verdict": "" if wind is None else str(wind),
        "deciding_limit": deciding_limit(board, cell),
        "decided_by": cell.decided_by,
        "stops": " ".join(dict.fromkeys(f.rule.name for f in cell.compliance.stops)),
        "vehicles": "/".join(cell.vehicles),
        "timers_min": "/".join(
            "+".join(f"{seconds / 60.0:g}" for seconds in dials) for dials in dials_s(board, cell)
        ),
        "free_lifts": "/".join(f"{setting.free_lift:g}" for setting in cell.settings),
        "neck_lifts_kg": "/".join("" if f is None else f"{f.neck_lift_kg:.3f}" for f in fills),
        "shares_by": "screen" if cell.certificate is None else "fresh draws",
        "draws": board.screen_draws if cell.certificate is None else cell.certificate.draws,
    }
    for name, share in cell_shares(cell).items():
        row[name] = share.mean
        row[f"{name}_standard_error"] = share.standard_error
    if board.mission.residents is not None:
        risk = cell.residents
        row |= {
            "residents": None if risk is None else risk.held.probability,
            "residents_low": None if risk is None else risk.held.low,
            "residents_high": None if risk is None else risk.held.high,
            "residents_high_worst": None if risk is None else risk.worst.high,
        }
    return row | {
        "lead_hours": None if cell.lead_s is None else cell.lead_s / 3600.0,
        "wind_ms": air.wind_ms,
        "gust_ms": air.gust_ms,
        "cloud_cover": air.cloud_cover,
        "rain_mmh": 3600.0 * air.rain_kgm2s,
        "sun_deg": cell.sky.sun_deg,
        "is_night": cell.sky.is_night,
        "moon_lit": cell.sky.moon_lit,
        "moon_deg": cell.sky.moon_deg,
    }
