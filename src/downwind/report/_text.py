"""What the texts of a plan have in common: names of regions, how they begin, how they end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from downwind.landing.digits import write_below, write_uncertain
from downwind.landing.regions import ELSEWHERE, HOME, LEFT_DATA, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.load.traits import ItemKind
from downwind.plan.caption import caption_lines, launch_text
from downwind.plan.result import LimitCheck, PlanResult
from downwind.report._plain import COLUMNS, cut, field, percent, place_text, wrap

MAIN_REGIONS = (TARGET, HOME, THIRD_COUNTRY, SEA_NAME)
SHORT_TITLES = {
    TARGET: "in the target",
    HOME: "falling short",
    THIRD_COUNTRY: "third countries",
    SEA_NAME: "in the sea",
    ELSEWHERE: "elsewhere on land",
    LEFT_DATA: "left the data",
}
SHORT_NAME: Final = 24
"""Longest name of a kind that pictures take from its title [characters]."""

ALARMS_SHOWN: Final = 2
"""Alarms that a picture carries."""

ALARM_WIDTH: Final = 300
"""Longest alarm on a picture [characters]."""


def short_title(region: str) -> str:
    """Return the name of a region in a table."""
    return SHORT_TITLES.get(region) or "keep-out " + region.partition(":")[2]


def opening(result: PlanResult, title: str, *, in_full: bool = False) -> list[str]:
    """Return how every card begins: STOPs, broken limits, alarms, mission, site and launch.

    With ``in_full`` each rule that stands open has a line, not all of them one.
    """
    stops = result.stops if in_full else result.brief_stops
    loud = [*stops, *broken_limits(result), *result.alarms]
    lines = [line for text in loud for line in wrap(text, "!! ", "   ")]
    if lines:
        lines.append("")
    lines += [title, "=" * len(title)]
    lines += field("mission", result.mission.name)
    site = result.site
    where = place_text(site.latitude, site.longitude)
    lines += field("site", f"{site.name}, {where}")
    lines += field("first launch", launch_text(result))
    return lines


def loud_texts(result: PlanResult) -> list[str]:
    """Return what a picture says first: STOPs, broken limits, and the first alarms."""
    alarms = [cut(alarm, ALARM_WIDTH) for alarm in result.alarms[:ALARMS_SHOWN]]
    more = len(result.alarms) - len(alarms)
    if more:
        alarms.append(f"and {more} more, on the cards")
    return [*result.brief_stops, *broken_limits(result), *alarms]


def broken_limits(result: PlanResult) -> list[str]:
    """Say, loudly, which limits the recommended or given settings break; empty where none."""
    over = [check for check in result.limits if not check.is_met]
    searched = [group for group in result.groups if not group.is_feasible]
    if not over and not searched:
        return []
    unknown = bool(over) and not any(check.is_known for check in over)
    dials = "; ".join(f"{group.group.name} {group.dials}" for group in result.groups)
    why = "; ".join(
        f"{check.title} {limit_shares(check)}, limit {percent(check.limit)}" for check in over
    )
    drawn = result.sampling
    more = drawn is not None and drawn.draws > drawn.search_draws
    when = f", in the {drawn.search_draws} draws of the search" if drawn and more else ""
    why = why or (
        f"the load is within the limits as every balloon flies it, but not in the search{when}"
    )
    if result.command == "fly":
        what = "ARE NOT KNOWN TO KEEP" if unknown else "BREAK"
        return [f"THESE SETTINGS {what} THE LIMITS: {dials} ({why})"]
    if searched:
        what = "IS KNOWN TO MEET" if unknown else "MEETS"
        return [f"NO SETTING {what} THE LIMITS: closest is {dials} ({why})"]
    what = "ARE NOT KNOWN TO KEEP" if unknown else "BREAK"
    return [f"THE BEST SETTINGS {what} A LIMIT WHEN THE WHOLE FLEET FLIES: {dials} ({why})"]


def settings_title(result: PlanResult) -> str:
    """Return what the settings of a result are: recommended, closest to the limits, or flown."""
    if result.command == "fly":
        return "Settings flown"
    return "Closest to the limits" if broken_limits(result) else "Recommended"


def limit_state(check: LimitCheck) -> str:
    """Return whether a limit is kept, as the cards say it."""
    state = "met" if check.is_met else "NOT MET" if check.is_known else "NOT KNOWN"
    if check.is_distinguishable or state == "NOT KNOWN":
        return state
    return (
        f"{state}, but not distinguishable from the limit (95 %: {100 * check.held.low:.1f} to "
        f"{100 * check.held.high:.1f} %)"
    )


def limit_shares(check: LimitCheck) -> str:
    """Write the share that a limit is held against; where that is not known, both bounds."""
    text = check.share.to_text()
    if check.is_known:
        return text
    return f"{text}, but {check.worst.to_text()} if all that left the data came down there"


def kind_names(result: PlanResult) -> list[str]:
    """Return a short name for each kind of a result, as ``short_kind_names`` gives it."""
    return short_kind_names([kind.kind for kind in result.kinds])


def short_kind_names(kinds: Sequence[ItemKind]) -> list[str]:
    """Return a short name for each kind: the first part of its title that tells it apart.

    Where that is long, or where no single part tells two kinds apart, it is the item's name.
    """
    parts = [[part.strip() for part in kind.title.split(",")] for kind in kinds]
    first = [part[0] for part in parts]
    names = [
        part[0] if first.count(part[0]) == 1 else part[min(1, len(part) - 1)] for part in parts
    ]
    own = [kind.name for kind in kinds]
    found = [
        name if names.count(name) == 1 and len(name) <= SHORT_NAME else alone
        for name, alone in zip(names, own, strict=True)
    ]
    return found if len(set(found)) == len(found) else own


def closing(result: PlanResult) -> list[str]:
    """Return how every card ends: the caption."""
    return ["", "-" * COLUMNS, *(x for line in caption_lines(result) for x in wrap(line, "", "  "))]


def is_certain(share: Share) -> bool:
    """Tell whether every draw put everything there, so that an error would say too much."""
    return share.mean > 0.9999 and share.standard_error < 1e-6


def compact_share(share: Share) -> str:
    """Write a share with its error in a table cell; a bound where nothing was hit."""
    if share.hit_draws == 0:
        return f"0 ({write_below(100 * share.event_high)})"
    if is_certain(share):
        return "100 (all)"
    if math.isnan(share.standard_error):
        return f"{100 * share.mean:.1f} ± ?"
    if share.standard_error < 1e-9:
        return f"{100 * share.mean:.1f} (each)"
    return write_uncertain(100 * share.mean, 100 * share.standard_error)
