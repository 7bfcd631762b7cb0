"""What is said of a cell: GO, MARGINAL, NO-GO or STOP, and the sentence that says what decided.

In this order: a rule that stands open, the conditions at the launch, the screen, the fresh draws,
the residents. GO takes all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from downwind.board.cells import ScreenedCell
from downwind.board.residents import describe_risk, judge_residents
from downwind.board.result import Certificate, LimitBound, Verdict, WindVerdict
from downwind.landing.regions import LEFT_DATA, TARGET, LandingRegions
from downwind.landing.shares import Share
from downwind.plan.mission import Mission
from downwind.plan.residents import ResidentRisk
from downwind.plan.search import limit_table
from downwind.rules.findings import Compliance

_OF_WIND = {
    WindVerdict.WITHIN: Verdict.GO,
    WindVerdict.UNSURE: Verdict.MARGINAL,
    WindVerdict.BREAKS: Verdict.NO_GO,
}


def decide(
    mission: Mission,
    regions: LandingRegions,
    screened: ScreenedCell,
    certificate: Certificate | None,
    conditions: Sequence[str],
    compliance: Compliance,
    residents: ResidentRisk | None = None,
) -> tuple[Verdict, str]:
    """Return the verdict on a cell and what decided it.

    Parameters
    ----------
    mission : Mission
    regions : LandingRegions
    screened : ScreenedCell
    certificate : Certificate or None
        None where fresh draws were not asked.
    conditions : sequence of str
        What forbids the launch besides rules.
    compliance : Compliance
    residents : ResidentRisk or None
        None where it was not asked.
    """
    stops = compliance.stops
    if stops:
        first = stops[0]
        others = len({stop.rule.name for stop in stops}) - 1
        more = f" (and {others} more rule{'' if others == 1 else 's'})" if others else ""
        return Verdict.STOP, f"{first.rule.citation}, {first.rule.title}: {first.text}{more}"
    if conditions:
        more = f" (and {len(conditions) - 1} more)" if len(conditions) > 1 else ""
        return Verdict.NO_GO, conditions[0] + more
    if certificate is None:
        return Verdict.NO_GO, describe_screen(mission, regions, screened)
    by_residents = judge_residents(certificate, residents)
    if residents is not None and by_residents is not None:
        return by_residents, describe_risk(residents)
    return _OF_WIND[certificate.verdict], describe_certificate(certificate)


def describe_screen(mission: Mission, regions: LandingRegions, screened: ScreenedCell) -> str:
    """Say which limit a screened cell breaks most, or is closest to.

    Parameters
    ----------
    mission : Mission
    regions : LandingRegions
    screened : ScreenedCell
    """
    excess = screened.excess(mission)
    name = max(excess, key=lambda region: excess[region])
    if name == TARGET:
        share, bound = screened.shares[TARGET], f"below {_percent(mission.limits.target_least)}"
    else:
        share, bound = screened.worst[name], f"above {_percent(limit_table(mission)[name])}"
    if excess[name] <= 0.0:
        bound = bound.replace("below", "at least").replace("above", "at most")
    text = f"{regions.title(name)}: {share.to_text()} by the screen, {bound}"
    return text + _of_left(screened.shares, name)


def describe_certificate(certificate: Certificate) -> str:
    """Say what fresh draws say of the limit that decided.

    Parameters
    ----------
    certificate : Certificate
    """
    limit = next(x for x in certificate.limits if x.name == certificate.decided_by)
    share = f"{limit.title}: {limit.share.to_text()}"
    level = certificate.stages[-1].level
    confidence = f"at {_percent(1.0 - level)} confidence"
    least_most = ("at most", "at least") if limit.is_least else ("at least", "at most")
    wanted = f"{'least wanted' if limit.is_least else 'limit'} {_percent(limit.limit)}"
    if limit.is_broken:
        text = f"{share}, {least_most[0]} {limit.opposite_text} {confidence}; {wanted}"
    else:
        text = f"{share}, {least_most[1]} {limit.bound_text} {confidence}; {wanted}"
    if not limit.is_met and not limit.is_broken:
        text += _describe_needed(limit)
    return text + _of_left(certificate.shares, limit.name)


def _describe_needed(limit: LimitBound) -> str:
    if limit.draws_needed is None:
        if limit.limit == (1.0 if limit.is_least else 0.0):
            return ": not sure, and no number of draws shows so much"
        return ": not sure"
    text = f": not sure; it would take {limit.draws_needed:,} independent draws to tell"
    if limit.members_needed is not None:
        text += f", which these members do not give: some {limit.members_needed:,} members"
    return text


def _of_left(shares: dict[str, Share], name: str) -> str:
    """Say how much of a limited share is what leaves the data."""
    left = shares.get(LEFT_DATA)
    if name == TARGET or left is None or not left.hit_draws:
        return ""
    return (
        f" (of the load {left.to_text()} leaves the wind data, and counts as if it came down there)"
    )


def _percent(fraction: float | None) -> str:
    return f"{100.0 * (fraction or 0.0):.3g} %"
