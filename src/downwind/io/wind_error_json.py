"""The error of the wind in a plan as JSON: what was drawn, by height, and what it rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from downwind import atmosphere
from downwind.plan.wind_error_options import WindErrorOptions
from downwind.plan.wind_error_text import find_figures, member_uses
from downwind.wind.error import Scales
from downwind.wind.hydrostatic import standard_height_m

if TYPE_CHECKING:
    from downwind.plan.result import PlanResult

LEVELS_PA: Final = (92_500.0, 85_000.0, 70_000.0, 50_000.0, 30_000.0, 20_000.0, 10_000.0)
"""Levels at which the size is told, as far as the wind reaches [Pa]."""

_KEYS: Final = (
    "drawn", "reason", "use", "origin", "scale", "lead_hours_at_launch", "lead_counts_from",
    "altitude_m", "large_ms", "unresolved_ms", "members_differ_by_ms", "whole_large_ms",
    "upward_ms", "levels", "scales", "notes",
)  # fmt: skip


def describe_members(result: PlanResult) -> dict[str, Any]:
    """Return how many winds there are in the data and how often each is flown."""
    low, high = member_uses(result.grid, result.run.draws)
    return {
        "members": result.grid.base_count,
        "draws_per_member": [low, high],
    }


def describe_wind_error(result: PlanResult) -> dict[str, Any]:
    """Return the error of the wind that is in the figures of a plan.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    dict
        Its sizes, one component each; where none is drawn ``drawn`` is false, ``reason`` says why
        and the sizes are None.
    """
    account, figures = result.grid.error, find_figures(result)
    if account is None or account.size is None or figures is None:
        nothing: dict[str, Any] = dict.fromkeys(_KEYS)
        return {
            **nothing,
            "drawn": False,
            "reason": "" if account is None else account.reason,
            "levels": [],
            "notes": [],
        }
    size, time_s = account.size, figures.time_s
    heights = [float(h) for h in standard_height_m(LEVELS_PA)]
    return {
        "drawn": True,
        "reason": None,
        "use": account.use,
        "origin": account.origin,
        "scale": account.scale,
        "lead_hours_at_launch": account.lead_h(time_s),
        "lead_counts_from": account.lead_origin or None,
        "altitude_m": figures.altitude_m,
        "large_ms": figures.large_ms,
        "unresolved_ms": figures.fine_ms,
        "members_differ_by_ms": figures.spread_ms,
        "whole_large_ms": figures.wanted_ms,
        "upward_ms": {
            "synoptic": size.slow_up_ms,
            "mesoscale": size.fast_up_ms,
            "mesoscale_over_mountains": size.mountain_up_ms,
        },
        "levels": [
            {
                "pressure_pa": pressure,
                "altitude_m": float(atmosphere.geometric_altitude(height)),
                "large_ms": account.large_ms(height, time_s),
                "whole_large_ms": account.wanted_at_ms(height, time_s),
                "members_differ_by_ms": account.spread_at_ms(height, time_s),
            }
            for pressure, height in zip(LEVELS_PA, heights, strict=True)
            if height <= result.grid.top_m
        ],
        "scales": {
            "large": _scales(size.large),
            "unresolved": _scales(size.fine),
            "upward_synoptic": _scales(size.slow_up),
            "upward_mesoscale": _scales(size.fast_up),
        },
        "notes": list(account.notes),
    }


def describe_options(options: WindErrorOptions) -> dict[str, Any]:
    """Return what a mission states about the error of its wind, with every default.

    Parameters
    ----------
    options : WindErrorOptions
    """
    return {
        "use": options.use,
        "lead_hours": options.lead_hours,
        "sizes": None if options.sizes is None else options.sizes.origin,
        "sizes_digest": None if options.sizes is None else options.sizes.digest,
        "scale": options.scale,
        "large_factor": options.large_factor,
        "unresolved_ms": options.unresolved_ms,
        "synoptic_up_ms": options.synoptic_up_ms,
        "mesoscale_up_ms": options.mesoscale_up_ms,
        "mountain_up_ms": options.mountain_up_ms,
        "large_scales": _scales(options.large_scales),
        "unresolved_scales": _scales(options.unresolved),
        "synoptic_up_scales": _scales(options.synoptic_up),
        "mesoscale_up_scales": _scales(options.mesoscale_up),
    }


def _scales(scales: Scales) -> dict[str, float | None]:
    return {
        "horizontal_m": scales.horizontal_m,
        "vertical_m": scales.vertical_m if math.isfinite(scales.vertical_m) else None,
        "time_s": scales.time_s,
    }
