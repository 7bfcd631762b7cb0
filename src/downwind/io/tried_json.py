"""What a search tried, as JSON: fills, intervals, spreads, and the closest miss."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from downwind.landing.clusters import Estimate
from downwind.plan.closest import ClosestMiss
from downwind.plan.intervals import IntervalTrials
from downwind.plan.recommend import Tried
from downwind.times import format_utc


def describe_tried(tried: Tried | None) -> dict[str, Any] | None:
    """Return what a search tried; None where there was none."""
    if tried is None:
        return None
    return {
        "groups": [
            {
                "group": name,
                "fills_listed": fills.listed,
                "fills_between": fills.between,
                "best_listed": fills.best_listed,
                "best_between": fills.best_between,
                "gain": _describe_estimate(fills.gain),
                "free_lift": fills.chosen,
                "intervals": _describe_intervals(intervals),
            }
            for name, fills, intervals in zip(
                tried.groups, tried.fills, tried.intervals, strict=True
            )
        ],
        "spreads": [
            {
                "group": spread.group,
                "parts": [asdict(part) for part in spread.parts],
                "before": _describe_estimate(spread.before),
                "after": _describe_estimate(spread.after),
                "gain": _describe_estimate(spread.gain),
                "cells": spread.cells,
            }
            for spread in tried.spreads
        ],
        "miss": None if tried.miss is None else _describe_miss(tried.miss),
    }


def _describe_estimate(found: Estimate | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"mean": found.mean, "standard_error": found.standard_error}


def _describe_intervals(found: IntervalTrials | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**asdict(found), "gain": _describe_estimate(found.gain)}


def _describe_miss(miss: ClosestMiss) -> dict[str, Any]:
    return {
        "launches_tried": miss.tried,
        "broken": [
            {"region": b.region, "limit": b.limit, "excess": b.excess, **b.share.to_dict()}
            for b in miss.broken
        ],
        "remedies": [
            {
                "region": r.region,
                "limit": r.limit,
                "needed": r.needed,
                "site": r.site.name,
                "launch": format_utc(r.start_s),
                "timer_setting_s": r.timer_s,
                "target": r.target.mean,
                "target_standard_error": r.target.standard_error,
            }
            for r in miss.remedies
        ],
    }
