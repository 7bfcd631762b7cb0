"""What is said of the draws of a result: how many, why no more, and what they tell."""

from __future__ import annotations

from downwind.landing.regions import HOME, TARGET, THIRD_COUNTRY
from downwind.plan.enough import Ending, Sampling
from downwind.plan.result import PlanResult


def draws_text(result: PlanResult) -> str:
    """Write the draws of a result and their effective number, for a caption."""
    text, found = f"{result.run.draws} draws", result.sampling
    if found is None:
        return text
    notes = [f"effective number {found.target.effective_draws:.0f}"]
    if found.search_draws != found.draws:
        notes.insert(0, f"{found.search_draws} in the search")
    return f"{text} ({', '.join(notes)})"


def sampling_statements(found: Sampling) -> list[str]:
    """Say how many draws were flown, why no more, and of what the error consists.

    Parameters
    ----------
    found : Sampling

    Returns
    -------
    list of str
        One statement each.
    """
    return [_ending_text(found), *_stages_text(found), _parts_text(found)]


def sampling_warning(found: Sampling) -> str:
    """Say that the draws are too few for what the mission wants; empty where they are not."""
    return _ending_text(found) if found.ending in (Ending.CEILING, Ending.MEMORY) else ""


def _ending_text(found: Sampling) -> str:
    reached = f"{_percent(found.reached)} ({_name(found.stages[-1].region)})"
    if found.ending is Ending.NOT_ASKED or found.wanted is None:
        return (
            f"{found.draws} draws as stated; their error is {reached} at most among the target and "
            "the limits. mission.precision asks for more draws until it is as small as wanted"
        )
    wanted = f"an error of the draws of {_percent(found.wanted)} at most was wanted"
    if found.ending is Ending.MET:
        return f"{wanted}: met with {found.draws} draws, {reached}"
    why = (
        f"the ceiling of mission.draws_most, {found.draws_most}, is reached"
        if found.ending is Ending.CEILING
        else "twice as many would take too much memory"
    )
    return f"{wanted}: NOT met with {found.draws} draws, {reached}; {why}"


def _stages_text(found: Sampling) -> list[str]:
    if len(found.stages) == 1:
        return []
    told = ", ".join(f"{s.draws} draws {_percent(s.error)}" for s in found.stages)
    return [f"flown in turn: {told}; the search had {found.search_draws}"]


def _parts_text(found: Sampling) -> str:
    share = found.target
    if found.is_one_wind:
        given = "the error of the wind that is drawn" if found.has_own_errors else "this wind"
        return f"each draw stands by itself, given {given}: {share.draws} independent draws"
    if share.clusters == share.draws:
        return (
            f"each of {share.clusters} members has one draw: the errors of the draws and of the "
            "finite ensemble cannot be told apart; ± holds both"
        )
    return (
        f"of the error in the target, {_percent(share.standard_error)}, "
        f"{_percent(share.monte_carlo_error)} is of the draws and "
        f"{_percent(share.ensemble_error)} of having {share.clusters} members alone, which more "
        f"draws do not make smaller; {share.draws} draws tell as much as "
        f"{share.effective_draws:.0f} independent ones"
    )


def _percent(fraction: float) -> str:
    return f"{100.0 * fraction:.2g} %"


def _name(region: str) -> str:
    names = {TARGET: "in the target", HOME: "falling short", THIRD_COUNTRY: "third countries"}
    return names.get(region) or "keep-out " + region.partition(":")[2]
