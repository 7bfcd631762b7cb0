"""What the texts of a plan have in common: names of regions, how they begin, how they end."""

from __future__ import annotations

from downwind.landing.regions import HOME, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.plan.result import PlanResult
from downwind.report._plain import COLUMNS, field, percent, wrap
from downwind.report.caption import caption_lines, launch_text

MAIN_REGIONS = (TARGET, HOME, THIRD_COUNTRY, SEA_NAME)
SHORT_TITLES = {
    TARGET: "in the target",
    HOME: "falling short",
    THIRD_COUNTRY: "third countries",
    SEA_NAME: "in the sea",
    "elsewhere": "elsewhere on land",
}


def short_title(region: str) -> str:
    """Return the name of a region in a table."""
    return SHORT_TITLES.get(region) or "keep-out " + region.partition(":")[2]


def opening(result: PlanResult, title: str) -> list[str]:
    """Return how every card begins: STOPs, broken limits, mission, site and launch."""
    lines = [line for stop in result.stops for line in wrap(stop, "!! ", "   ")]
    lines += [line for text in broken_limits(result) for line in wrap(text, "!! ", "   ")]
    if lines:
        lines.append("")
    lines += [title, "=" * len(title)]
    lines += field("mission", result.mission.name)
    site = result.site
    lines += field("site", f"{site.name}, {_degrees(site.latitude, 'NS')} "
                   f"{_degrees(site.longitude, 'EW')}")  # fmt: skip
    lines += field("first launch", launch_text(result))
    return lines


def broken_limits(result: PlanResult) -> list[str]:
    """Say, loudly, which limits the recommended or given settings break; empty where none."""
    broken = [check for check in result.limits if not check.is_met]
    searched = [group for group in result.groups if not group.is_feasible]
    if not broken and not searched:
        return []
    dials = ", ".join(f"{group.group.name} {group.dials}" for group in result.groups)
    over = "; ".join(
        f"{check.title} {check.share.to_text()}, limit {percent(check.limit)}" for check in broken
    )
    over = over or "the load as a whole is within the limits, these groups alone are not: " + (
        ", ".join(group.group.name for group in searched)
    )
    if result.command == "fly":
        return [f"THESE SETTINGS BREAK THE LIMITS: {dials} ({over})"]
    if searched:
        return [f"NO SETTING MEETS THE LIMITS: closest is {dials} ({over})"]
    return [f"THE BEST SETTINGS BREAK A LIMIT WHEN THE WHOLE FLEET FLIES: {dials} ({over})"]


def closing(result: PlanResult) -> list[str]:
    """Return how every card ends: the caption."""
    return ["", "-" * COLUMNS, *(x for line in caption_lines(result) for x in wrap(line, "", "  "))]


def is_certain(share: Share) -> bool:
    """Tell whether every draw put everything there, so that an error would say too much."""
    return share.mean > 0.9999 and share.standard_error < 1e-6


def _degrees(value: float, letters: str) -> str:
    return f"{abs(value):.4f} {letters[0] if value >= 0 else letters[1]}"
