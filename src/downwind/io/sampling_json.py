"""How many draws a result rests on, as ``plan.json`` holds it."""

from __future__ import annotations

from typing import Any

from downwind.plan.enough import Sampling


def describe_sampling(found: Sampling | None) -> dict[str, Any] | None:
    """Return the draws of a result, why no more were flown, and what they tell."""
    if found is None:
        return None
    target = found.target
    return {
        "wanted_error": found.wanted,
        "draws_most": found.draws_most,
        "search_draws": found.search_draws,
        "draws": found.draws,
        "ending": found.ending.value,
        "stages": [
            {"draws": stage.draws, "error": stage.error, "region": stage.region}
            for stage in found.stages
        ],
        "is_one_wind": found.is_one_wind,
        "has_own_errors": found.has_own_errors,
        "clusters": target.clusters,
        "effective_draws": target.effective_draws,
        "monte_carlo_error": target.monte_carlo_error,
        "ensemble_error": target.ensemble_error,
    }
