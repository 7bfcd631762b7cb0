"""The sources of a wind in a plan as JSON: members, run, weight and uses of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from downwind.plan.members_text import source_uses
from downwind.times import format_utc

if TYPE_CHECKING:
    from downwind.plan.result import PlanResult


def describe_sources(result: PlanResult) -> list[dict[str, Any]]:
    """Return the sources of the winds in the data, one alone where they were not mixed.

    Parameters
    ----------
    result : PlanResult
    """
    grid = result.grid
    if not grid.parts:
        return []
    return [
        {
            "source": part.source,
            "reference_time": None
            if part.reference_time_s is None
            else format_utc(part.reference_time_s),
            "members": part.members,
            "has_control": part.has_control,
            "weight": part.weight,
            "draws_per_member": list(uses),
            "files": part.files,
            "digest": part.digest,
        }
        for part, uses in zip(grid.parts, source_uses(grid, result.run.draws), strict=True)
    ]
