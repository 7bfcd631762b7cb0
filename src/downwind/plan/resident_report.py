"""Residents and the hours of a plan: the chosen launch, and which other hours would be better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from downwind.landing.clusters import Clusters
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.plan.residents import ResidentRisk, residents_of
from downwind.plan.search import Candidate
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

DATES: Final = 24
"""Other launches that are looked at, the best of the search first."""


@dataclass(frozen=True, slots=True)
class ResidentReport:
    """What a plan says of residents.

    Attributes
    ----------
    chosen : ResidentRisk
        Of the launch that the plan recommends, or that was flown.
    others : tuple of ResidentRisk
        Of the other candidates, by their first launch.
    """

    chosen: ResidentRisk
    others: tuple[ResidentRisk, ...]


def report_residents(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    steps: Steps,
    settings: tuple[Setting, ...],
    candidates: tuple[Candidate, ...],
    clusters: Clusters | None = None,
) -> ResidentReport | None:
    """Find what the chosen launch, and others, may do to residents; None where it is not asked.

    Parameters
    ----------
    mission, draws, grid, steps, clusters
        Of the run.
    settings : tuple of Setting
        That were chosen, one a group.
    candidates : tuple of Candidate
        Of the search, best first.
    """
    if mission.residents is None:
        return None
    place = (settings[0].site.name, settings[0].start_s)

    def ask(chosen: tuple[Setting, ...]) -> ResidentRisk:
        return residents_of(
            mission, draws, grid, steps, chosen[0].site, chosen[0].start_s, chosen,
            clusters=clusters,
        )  # fmt: skip

    others = [c for c in candidates if (c.site.name, c.start_s) != place][:DATES]
    risks = [ask(candidate.settings) for candidate in others]
    return ResidentReport(
        ask(settings), tuple(sorted(risks, key=lambda risk: (risk.start_s, risk.site.name)))
    )
