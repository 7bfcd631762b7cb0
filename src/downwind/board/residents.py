"""Ask every certified cell of a board what it may do to those who live beneath.

Draws that the search has not used answer: those of the certificates' first block, as many as the
mission's. The search chose the settings by its own draws, and by them they look too good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from downwind.board.certify import find_draw_clusters
from downwind.board.flights import fly_cell, make_block
from downwind.board.result import Certificate, Verdict, WindVerdict
from downwind.landing.regions import LandingRegions
from downwind.plan.evaluate import Progress
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.plan.residents import ResidentRisk, residents_of
from downwind.plan.wind_error import settle_wind_error
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

RESIDENTS: Final = "residents"
"""What decided a cell where the residents' limit did."""

Flown = tuple[tuple[str, ...], tuple[Setting, ...]]
"""The vehicles and the settings of a cell, one a group."""


def ask_residents(
    mission: Mission,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    cells: Mapping[int, Flown],
    progress: Progress,
) -> dict[int, ResidentRisk]:
    """Find what cells may do to residents; nothing where the mission does not ask.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
        The wind as read.
    regions : LandingRegions
    steps : Steps
    cells : mapping of int to tuple
        By any number: the vehicles and the settings, with their timers.
    progress : callable

    Returns
    -------
    dict
        By the same numbers.
    """
    if mission.residents is None:
        return {}
    found: dict[int, ResidentRisk] = {}
    for names in dict.fromkeys(vehicles for vehicles, _ in cells.values()):
        flown = mission.with_vehicles(names)
        block = make_block(flown, grid, 0, flown.draws, settle_wind_error)
        for number, (vehicles, settings) in cells.items():
            if vehicles != names:
                continue
            progress("asking for the residents", len(found) / len(cells))
            found[number] = residents_of(
                block.mission,
                block.draws,
                block.grid,
                steps,
                settings[0].site,
                settings[0].start_s,
                settings,
                clusters=find_draw_clusters(fly_cell(block, regions, steps, settings)),
            )
    return found


def judge_residents(
    certificate: Certificate | None, residents: ResidentRisk | None
) -> Verdict | None:
    """Return what the residents' limit makes of a certified cell; None where others decide.

    Parameters
    ----------
    certificate : Certificate or None
    residents : ResidentRisk or None

    Returns
    -------
    Verdict or None
        NO-GO above the limit, and MARGINAL where it is not known to be kept and all else is.
    """
    if certificate is None or residents is None or residents.is_below:
        return None
    if certificate.verdict is WindVerdict.BREAKS:
        return None
    if residents.is_above:
        return Verdict.NO_GO
    return Verdict.MARGINAL if certificate.verdict is WindVerdict.WITHIN else None


def describe_risk(risk: ResidentRisk) -> str:
    """Say what the residents' limit says of a cell.

    Parameters
    ----------
    risk : ResidentRisk
    """
    text = f"residents: {risk.held.to_text()} % against a limit of {100.0 * risk.choice.most:.3g} %"
    if not risk.is_above and not risk.is_below:
        text += ", not known to be below it"
        if risk.worst != risk.held:
            text += f" ({risk.worst.to_text()} % if all that leaves the wind data came down there)"
    return text + ": notify or pick another date"
