"""The summary of a plan on a terminal: what to do, what else was tried, what to expect."""

from __future__ import annotations

import math

from downwind.landing.shares import Share
from downwind.plan.result import PlanResult
from downwind.report._plain import field, finish, heading, kilometres, percent, table, wrap
from downwind.report._text import closing, is_certain, opening, short_title
from downwind.report.ground_text import ground_lines
from downwind.times import format_minute

CANDIDATE_ROWS = 12


def plan_text(result: PlanResult) -> str:
    """Write a plan for the terminal.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    str
        Lines of at most 80 columns: STOPs, recommendation, candidates, shares by kind and region,
        outcomes, warnings, caption.
    """
    lines = opening(result, "PLAN" if result.candidates else "FLIGHT")
    lines += field("verdict", result.verdict)
    lines += _recommendation(result)
    lines += _candidates(result)
    lines += _shares(result)
    lines += _outcomes(result)
    lines += ground_lines(result)
    lines += heading("Warnings") if result.warnings else []
    lines += [x for warning in result.warnings for x in wrap(warning, "- ", "  ")]
    return finish(lines + closing(result))


def compact_share(share: Share) -> str:
    """Write a share with its error in a table cell; a bound where nothing was hit."""
    if share.hit_draws == 0:
        return f"0 (< {100 * share.event_high:.1f})"
    if is_certain(share):
        return "100 (all)"
    return f"{100 * share.mean:.1f} ± {100 * share.standard_error:.1f}"


def released_count(result: PlanResult, kind: str) -> int:
    """Return how many items of a kind in the manifest were let go, whatever came after."""
    return result.manifest.tally().released[kind]


def _recommendation(result: PlanResult) -> list[str]:
    lines = heading("Recommended" if result.candidates else "Settings flown")
    rows = []
    for group in result.groups:
        median, low, high = group.release_altitude_m
        rows.append([
            group.group.name,
            str(group.group.count),
            group.dials,
            f"{group.fill.neck_lift_kg:.2f} kg",
            percent(group.setting.free_lift),
            "-"
            if math.isnan(median)
            else f"{kilometres(median)} ({low / 1e3:.2f}-{high / 1e3:.2f})",
        ])  # fmt: skip
    head = ["group", "balloons", "timer", "neck lift", "free lift", "release (90 %)"]
    lines += table(head, rows)
    for check in result.limits:
        state = "met" if check.is_met else "NOT MET"
        lines += wrap(
            f"limit {percent(check.limit)}, {check.title}: {check.share.to_text()}, {state}",
            "  ",
            "    ",
        )
    return lines


def _candidates(result: PlanResult) -> list[str]:
    if not result.candidates:
        return []
    lines = heading("Candidates, best first (expected share of the load by mass, %)")
    rows = []
    for row in result.candidates[:CANDIDATE_ROWS]:
        minutes = "/".join(f"{timer / 60:.0f}" for timer in row.timer_s)
        rows.append([
            row.site.name,
            format_minute(row.start_s, row.site.time_zone)[5:],
            minutes,
            compact_share(row.target),
            compact_share(row.falling_short),
            "yes" if row.is_feasible else "NO",
        ])  # fmt: skip
    names = "/".join(group.group.name for group in result.groups)
    head = ["site", "local time", "min", "target", "falling short", "limits met"]
    lines += table(head, rows, left=2)
    rest = len(result.candidates) - CANDIDATE_ROWS
    if rest > 0:
        lines.append(f"  and {rest} more")
    return lines + wrap(f"min: timers of {names}, minutes", "  ")


def _shares(result: PlanResult) -> list[str]:
    lines = heading("Expected share of each kind in each region (%, ± standard error)")
    titles = [kind.kind.title.split(",")[0] for kind in result.kinds]
    if len(set(titles)) < len(titles):
        titles = [kind.kind.name for kind in result.kinds]
    columns = [(t, k.shares) for t, k in zip(titles, result.kinds, strict=True)]
    columns.append(("load by mass", result.load_shares))
    for start in range(0, len(columns), 3):
        part = columns[start : start + 3]
        rows = [
            [short_title(region), *(compact_share(shares[region]) for _, shares in part)]
            for region in result.regions.names
        ]
        lines += table(["", *(_shorten(title, 17) for title, _ in part)], rows)
    return [
        *lines,
        *wrap(
            "(< p): in no draw; the chance of any at all is below p % (95 %). (all): everything "
            "in every draw",
            "  ",
        ),
    ]


def _outcomes(result: PlanResult) -> list[str]:
    lines = heading("What became of every item, flown once (item i in draw i modulo the draws)")
    counts = result.outcome_counts()
    kinds = list(counts)
    for start in range(0, len(kinds), 3):
        part = kinds[start : start + 3]
        rows = [
            [outcome.replace("_", " "), *(f"{counts[kind][outcome]:,}" for kind in part)]
            for outcome in counts[part[0]]
        ]
        rows.append(["released", *(f"{released_count(result, kind):,}" for kind in part)])
        rows.append(["all", *(f"{sum(counts[kind].values()):,}" for kind in part)])
        lines += table(["", *(_shorten(kind, 18) for kind in part)], rows)
    return lines


def _shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
