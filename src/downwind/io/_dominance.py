"""What dominates, as it stands in ``plan.json``."""

from __future__ import annotations

from typing import Any

from downwind.plan.advice import explain_dominance
from downwind.plan.dominance import KindDominance, QuantityShares
from downwind.plan.result import PlanResult


def describe_dominance(result: PlanResult) -> dict[str, Any]:
    """Return what dominates for each kind of item; empty where that was not asked."""
    sentences = explain_dominance(result)
    return {found.kind: _describe_kind(found, sentences[found.kind]) for found in result.dominance}


def _describe_kind(found: KindDominance, sentence: str) -> dict[str, Any]:
    return {
        "sentence": sentence,
        "draws": found.draws,
        "used_draws": found.used_draws,
        "balloons_flown": found.balloons,
        "balloons": found.all_balloons,
        "bearing_deg": found.bearing_deg,
        "distance_m": found.distance_m,
        "quantities": {q.name: _describe_quantity(q) for q in found.quantities},
    }


def _describe_quantity(shares: QuantityShares) -> dict[str, Any]:
    return {
        "variance": shares.variance.to_dict(),
        "variance_within_a_draw": shares.within,
        "share_within_a_draw": shares.within_share,
        "interaction": None if shares.interaction is None else shares.interaction.to_dict(),
        "causes": {
            cause.group.key: {"first": cause.first.to_dict(), "total": cause.total.to_dict()}
            for cause in shares.causes
        },
    }
