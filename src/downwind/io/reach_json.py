"""From where and when a target can be reached, as a JSON document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from downwind.board.reach import Reachable, ReachRow, SiteReach
from downwind.io._parts import replace_nan
from downwind.times import format_utc

FORMAT: Final = "downwind-reach-1"


def reach_document(result: Reachable) -> dict[str, Any]:
    """Return the answer as a JSON document.

    Parameters
    ----------
    result : Reachable

    Returns
    -------
    dict
        SI units in the names; null where there is no value. Cells of the map without any share
        are left out.
    """
    check, shown = result.check, result.map
    document = {
        "format": FORMAT,
        "version": result.run.version,
        "created": result.run.created,
        "run": result.run.digest,
        "mission": result.mission.name,
        "target": result.mission.target.name,
        "home": result.mission.home.name,
        "wind": {
            "source": result.grid.source,
            "nature": result.grid.nature,
            "reference_time": (
                None
                if result.grid.reference_time_s is None
                else format_utc(result.grid.reference_time_s)
            ),
            "bridges": list(result.grid.bridges),
        },
        "seed": result.mission.seed,
        "is_go": False,
        "hours": [format_utc(start) for start in result.hours_s],
        "left_out": list(result.left_out),
        "backward": {
            "winds": result.winds,
            "places": int(result.places.longitude.size),
            "spacing_m": result.places.spacing_m,
            "timers_s": {
                group.name: timers
                for group, timers in zip(result.mission.groups, result.timers_s, strict=True)
            },
            "found": result.found,
            "left_data": result.lost,
        },
        "forward_check": {
            "launches": check.launches,
            "landed": check.landed,
            "in_target": check.inside,
            "median_miss_m": check.median_m,
            "greatest_miss_m": check.most_m,
        },
        "sites": [_site(stand) for stand in result.sites],
        "forward": {"draws": result.draws, "places": [_row(row) for row in result.rows]},
        "map": {
            "cell_deg": shown.cell_deg,
            "cells": [
                {
                    "latitude": round(float(shown.latitude[row]), 4),
                    "longitude": round((float(shown.longitude[column]) + 180.0) % 360.0 - 180.0, 4),
                    "is_home": bool(shown.in_home[row, column]),
                    "is_land": bool(shown.on_land[row, column]),
                    "share": [round(float(x), 4) for x in shown.share[:, row, column]],
                }
                for row in range(shown.latitude.size)
                for column in range(shown.longitude.size)
                if shown.share[:, row, column].any()
            ],
        },
        "area_in_home_km2": [
            {
                "hour": format_utc(start),
                "any": shown.area_km2(h, 0.01),
                "half": shown.area_km2(h, 0.5),
                "nine_tenths": shown.area_km2(h, 0.9),
            }
            for h, start in enumerate(result.hours_s)
        ],
    }
    found: dict[str, Any] = replace_nan(document)
    return found


def write_reach_json(result: Reachable, path: Path) -> None:
    """Write the document to a file.

    Parameters
    ----------
    result : Reachable
    path : pathlib.Path
    """
    text = json.dumps(reach_document(result), indent=1, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _site(stand: SiteReach) -> dict[str, Any]:
    return {
        "site": stand.site.name,
        "hour": format_utc(stand.start_s),
        "nearest_launch_m": stand.nearest_m,
        "share": stand.share,
        "is_reachable": stand.is_reachable,
        "timers_s": {
            name: None if span is None else list(span) for name, span in stand.timers.items()
        },
    }


def _row(row: ReachRow) -> dict[str, Any]:
    made = row.certificate
    return {
        "name": row.site.name,
        "is_site": row.is_site,
        "latitude": row.site.latitude,
        "longitude": row.site.longitude,
        "hour": format_utc(row.start_s),
        "settings": [
            {"free_lift": s.free_lift, "timer_setting_s": s.timer_s} for s in row.settings
        ],
        "shares": {name: share.to_dict() for name, share in row.shares.items()},
        "is_feasible": row.is_feasible,
        "excess": row.excess,
        "map_share": row.backward_share,
        "certificate": None
        if made is None
        else {
            "verdict": str(made.verdict),
            "decided_by": made.decided_by,
            "draws": made.draws,
            "error_level": made.error_level,
            "shares": {name: share.to_dict() for name, share in made.shares.items()},
        },
    }
