"""The summary of a plan on a terminal: what to do, what else was tried, what to expect."""

from __future__ import annotations

import math
from typing import TypeVar

from downwind.landing.regions import LEFT_DATA
from downwind.plan.drop import Outcome
from downwind.plan.result import GroupResult, PlanResult
from downwind.plan.sampling_text import sampling_statements
from downwind.report._plain import (
    field,
    finish,
    heading,
    kilometres,
    percent,
    stack,
    table,
    wrap,
)
from downwind.report._text import (
    closing,
    compact_share,
    kind_names,
    limit_shares,
    limit_state,
    opening,
    settings_title,
    short_title,
)
from downwind.report.dominance_text import dominance_lines
from downwind.report.ground_text import ground_lines
from downwind.report.landing_text import landing_lines
from downwind.report.observed_text import effect_lines
from downwind.report.resident_text import resident_lines
from downwind.report.tried_text import curve_lines, miss_lines, spread_lines, tried_lines
from downwind.times import format_duration, format_minute

_Column = TypeVar("_Column")

CANDIDATE_ROWS = 12
HEAD_WIDTH = 13
"""Widest line of the head of a column of shares or counts [characters]."""

__all__ = ["compact_share", "plan_text", "released_count"]


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
    lines = opening(result, "PLAN" if result.candidates else "FLIGHT", in_full=True)
    lines += field("verdict", result.verdict)
    lines += _recommendation(result)
    lines += miss_lines(result)
    lines += spread_lines(result.tried)
    lines += _candidates(result)
    lines += tried_lines(result)
    lines += curve_lines(result)
    lines += _shares(result)
    lines += _sureness(result)
    lines += _outcomes(result)
    lines += dominance_lines(result)
    lines += ground_lines(result)
    lines += landing_lines(result)
    lines += resident_lines(result)
    lines += effect_lines(result)
    lines += heading("Warnings") if result.warnings else []
    lines += [x for warning in result.warnings for x in wrap(warning, "- ", "  ")]
    return finish(lines + closing(result))


def released_count(result: PlanResult, kind: str) -> int:
    """Return how many items of a kind in the manifest were let go, whatever came after."""
    return result.manifest.tally().released[kind]


def _recommendation(result: PlanResult) -> list[str]:
    lines = heading(settings_title(result))
    head = ["group", "balloons", "timer", "neck lift", "free lift", "release (90 %)"]
    lines += table(head, [row for group in result.groups for row in _setting_rows(group)])
    for check in result.limits:
        lines += wrap(
            f"limit {percent(check.limit)}, {check.title}: {limit_shares(check)}, "
            f"{limit_state(check)}",
            "  ",
            "    ",
        )
    return lines


def _setting_rows(group: GroupResult) -> list[list[str]]:
    """Return a row for each release of a group; what all share stands in the first."""
    rows = []
    for r, release in enumerate(group.releases):
        median, low, high = release.altitude_m
        shared = [
            group.group.name,
            str(group.group.count),
            format_duration(release.setting_s),
            f"{group.fill.neck_lift_kg:.2f} kg",
            percent(group.setting.free_lift),
        ]
        place = f"{kilometres(median)} ({low / 1e3:.2f}-{high / 1e3:.2f})"
        cells = shared if r == 0 else ["", "", shared[2], "", ""]
        rows.append([*cells, "-" if math.isnan(median) else place])
    return rows


def _candidates(result: PlanResult) -> list[str]:
    if not result.candidates:
        return []
    found = result.sampling
    by = (
        ""
        if found is None or found.draws == found.search_draws
        else f", {found.search_draws} draws"
    )
    lines = heading(f"Candidates, best first (expected share of the load by mass, %{by})")
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
    given = result.tried.groups if result.tried else [g.group.name for g in result.groups]
    names = "/".join(given)
    head = ["site", "local time", "min", "target", "falling short", "limits met"]
    lines += table(head, rows, left=2)
    rest = len(result.candidates) - CANDIDATE_ROWS
    if rest > 0:
        lines.append(f"  and {rest} more")
    return lines + wrap(f"min: timers of {names}, minutes", "  ")


def _shares(result: PlanResult) -> list[str]:
    lines = heading("Expected share of each kind in each region (%, ± standard error)")
    columns = [
        (name, {**kind.shares, LEFT_DATA: kind.outcomes[Outcome.LEFT_DATA.text]})
        for name, kind in zip(kind_names(result), result.kinds, strict=True)
    ]
    columns.append(("load by mass", {**result.load_shares, LEFT_DATA: result.left_data}))
    for part in _split(columns, 4):
        rows = [
            [short_title(region), *(compact_share(shares[region]) for _, shares in part)]
            for region in (*result.regions.names, LEFT_DATA)
        ]
        lines += table(["", *(stack(name, HEAD_WIDTH) for name, _ in part)], rows)
    return [
        *lines,
        *wrap(
            "(< p): in no draw; the chance of any at all is below p % (95 %). (all): everything "
            "in every draw. (each): alike in every draw. left the data: flew out of the wind data, "
            "to where is not known",
            "  ",
        ),
    ]


def _sureness(result: PlanResult) -> list[str]:
    if result.sampling is None:
        return []
    lines = heading("How sure the shares are")
    return lines + [x for t in sampling_statements(result.sampling) for x in wrap(t, "- ", "  ")]


def _outcomes(result: PlanResult) -> list[str]:
    lines = heading("What became of every item, flown once (item i in draw i modulo the draws)")
    counts = result.outcome_counts()
    for part in _split(list(counts), 4):
        rows = [
            [outcome.replace("_", " "), *(f"{counts[kind][outcome]:,}" for kind in part)]
            for outcome in counts[part[0]]
        ]
        rows.append(["released", *(f"{released_count(result, kind):,}" for kind in part)])
        rows.append(["all", *(f"{sum(counts[kind].values()):,}" for kind in part)])
        lines += table(["", *(stack(kind, HEAD_WIDTH) for kind in part)], rows)
    return lines


def _split(columns: list[_Column], most: int) -> list[list[_Column]]:
    """Share out columns among tables, as evenly as can be, at most some in each."""
    tables = math.ceil(len(columns) / most)
    each = math.ceil(len(columns) / tables) if tables else 1
    return [columns[start : start + each] for start in range(0, len(columns), each)]
