"""What a search tried, as text: the closest miss, fills, intervals, a spread, and the curve."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from downwind.landing.clusters import Estimate
from downwind.landing.digits import write_uncertain
from downwind.landing.regions import HOME, TARGET, THIRD_COUNTRY
from downwind.plan.closest import ClosestMiss
from downwind.plan.fills_between import FillTrials
from downwind.plan.intervals import IntervalTrials
from downwind.plan.recommend import Tried
from downwind.plan.result import GroupResult, PlanResult
from downwind.plan.spread import Spread
from downwind.report._plain import count_text, heading, percent, table, wrap
from downwind.report._text import compact_share
from downwind.times import format_duration, format_minute

CURVE_ROWS: Final = 9
"""Settings of a group whose shares the summary shows."""

BAR: Final = 20
"""Length of a bar that stands for the whole load [characters]."""


def miss_lines(result: PlanResult) -> list[str]:
    """Say what stops the closest setting and what would let it; nothing where one is within."""
    miss = None if result.tried is None else result.tried.miss
    if miss is None:
        return []
    lines = heading("No setting meets the limits")
    for text in miss_sentences(result, miss):
        lines += wrap(text, "- ", "  ")
    return lines


def miss_sentences(result: PlanResult, miss: ClosestMiss) -> list[str]:
    """Return a sentence on the closest setting, and one on each limit that would do by itself."""
    tried = count_text(miss.tried, "launch").replace("launchs", "launches")
    told = "; ".join(
        f"{result.regions.title(b.region)} {b.share.to_text()}, "
        f"{100.0 * b.excess:.2g} points over its limit of {percent(b.limit)}"
        for b in miss.broken
    )
    texts = [f"{tried} tried, none within the limits; the closest breaks: {told}"]
    for remedy in miss.remedies:
        timers = "/".join(format_duration(t) for t in remedy.timer_s)
        when = format_minute(remedy.start_s, remedy.site.time_zone)
        texts.append(
            f"with {math.ceil(1e3 * remedy.needed - 1e-6) / 10.0:.1f} % allowed for "
            f"{result.regions.title(remedy.region)} (now {percent(remedy.limit)}), all limits "
            f"would be met: {remedy.site.name}, {when}, timer {timers}, "
            f"{remedy.target.to_text()} in the target, by the search"
        )
    if not miss.remedies:
        texts.append(
            "no single limit would do, however wide: more than one has to give, or another site, "
            "hour or fill has to be tried"
        )
    return texts


def tried_lines(result: PlanResult) -> list[str]:
    """Say which fills and intervals were tried besides the listed; nothing where none was."""
    if result.tried is None:
        return []
    lines = []
    for name, fills, intervals in zip(
        result.tried.groups, result.tried.fills, result.tried.intervals, strict=True
    ):
        texts = [fill_sentence(fills)] if fills.between else []
        texts += [] if intervals is None else [interval_sentence(intervals)]
        for text in texts:
            lines += wrap(f"{name}: {text}", "- ", "  ")
    return [*heading("Also tried"), *lines] if lines else []


def fill_sentence(fills: FillTrials) -> str:
    """Say which fills between the listed were tried and what came of it."""
    between = ", ".join(f"{100.0 * fill:.3g}" for fill in fills.between)
    text = f"free lifts of {between} % between those listed"
    if fills.best_between is None or fills.gain is None:
        return text
    change = f"{_points(fills.gain)} points of the whole load in the target"
    better = fills.chosen == fills.best_between
    return (
        f"{text}; the best of them, {percent(fills.best_between)}, against "
        f"{percent(fills.best_listed)}: {change}, so {percent(fills.chosen)} is "
        + ("recommended" if better else "kept")
    )


def interval_sentence(intervals: IntervalTrials) -> str:
    """Say what was tried of the intervals between releases."""

    def write(gaps: tuple[float, ...]) -> str:
        return ", ".join(format_duration(gap) for gap in gaps)

    end = "; the search ended for its number of trials" if intervals.is_cut_short else ""
    return (
        f"{count_text(intervals.tried, 'set')} of intervals between releases; "
        f"{write(intervals.chosen_s)} against {write(intervals.start_s)} at first: "
        f"{_points(intervals.gain)} points of the whole load in the target{end}"
    )


def spread_lines(tried: Tried | None) -> list[str]:
    """Write how the settings are spread over the balloons of each group; nothing where not."""
    if tried is None or not tried.spreads:
        return []
    lines = heading("Settings spread over the balloons, to cover the target evenly")
    for spread in tried.spreads:
        rows = [
            [
                f"balloon {part.first}"
                if part.first == part.last
                else f"balloons {part.first}-{part.last}",
                format_duration(part.timer_s),
                percent(part.free_lift),
            ]
            for part in spread.parts
        ]
        lines += table([spread.group, "timer", "free lift"], rows)
        lines += wrap(spread_sentence(spread), "  ")
    return lines


def spread_sentence(spread: Spread) -> str:
    """Say how evenly the load covers the target before and after."""
    before, after = (
        write_uncertain(100.0 * x.mean, 100.0 * x.standard_error)
        for x in (spread.before, spread.after)
    )
    return (
        f"evenness over {spread.cells} cells of the target: {after} %, with one setting {before} % "
        f"({_points(spread.gain)} points). 100 %: all of the load in the target, alike in every "
        "cell"
    )


def curve_lines(result: PlanResult) -> list[str]:
    """Write the shares against the timer setting, a few settings of each group."""
    if not result.candidates or (result.tried is not None and result.tried.spreads):
        return []
    lines = heading("Share of the load by mass against the timer (%, ± standard error)")
    for group in result.groups:
        head = [group.group.name, "in the target", "falling short", "third countries", ""]
        step_s = result.mission.search.timer_step_s
        lines += table(head, [_curve_row(group, i) for i in curve_settings(group, step_s)])
    return lines + wrap(
        f"each # stands for {100 // BAR} % in the target; > is the setting. By the search", "  "
    )


def curve_settings(group: GroupResult, step_s: float) -> list[int]:
    """Return the settings that a table of the curve shows: every few steps, and the one chosen."""
    tried = group.curve.timer_s
    steps = np.arange(tried[0], tried[-1] + 1.0, step_s)
    every = max(-(-steps.size // (CURVE_ROWS - 1)), 1)
    wanted = (*steps[::every], group.setting.timer_s or tried[0])
    return sorted({int(np.argmin(np.abs(tried - t))) for t in wanted})


def _curve_row(group: GroupResult, index: int) -> list[str]:
    curve = group.curve
    timer_s = float(curve.timer_s[index])
    mark = ">" if abs(timer_s - (group.setting.timer_s or 0.0)) < 1.0 else " "
    bar = "#" * round(BAR * float(curve.mean(TARGET)[index]))
    shares = (curve.share(region, index) for region in (TARGET, HOME, THIRD_COUNTRY))
    return [f"{mark} {timer_s / 60.0:.0f} min", *map(compact_share, shares), bar.ljust(BAR)]


def _points(change: Estimate) -> str:
    return write_uncertain(100.0 * change.mean, 100.0 * change.standard_error, sign="+")
