"""Scores of predictions as text of at most 80 columns."""

from __future__ import annotations

import math

from downwind.report._plain import count_text, field, finish, heading, table, underline, wrap
from downwind.score.coverage import Coverage
from downwind.score.events import EventScores
from downwind.score.means import MeanScore
from downwind.score.ranks import RankHistogram, is_marked
from downwind.score.scores import Scores
from downwind.score.table import PointScores


def scores_text(scores: Scores) -> str:
    """Return all scores of a set of predictions as text."""
    lines = underline("How well the predictions did", "=")
    lines += field("predictions", scores.predictions)
    lines += field("outcomes", scores.outcomes)
    if scores.points is not None:
        lines += _write_points(scores.points)
    if scores.events is not None:
        lines += _write_events(scores.events)
    return finish(lines)


def rank_words(ranks: RankHistogram, axis: str) -> str:
    """Say what the shape of a rank histogram means.

    Parameters
    ----------
    ranks : RankHistogram
    axis : str
        Towards where high ranks lie: ``east``; or ``outlying``.
    """
    if math.isnan(ranks.chi_square):
        return "too few cases to tell"
    found = []
    if axis == "outlying":
        if is_marked(ranks.tilt):
            found.append(
                "outcomes lie too far out: predicted too narrow, or beside"
                if ranks.tilt > 0.0
                else "outcomes lie too deep inside: predicted too wide"
            )
    else:
        if is_marked(ranks.tilt):
            side = "further that way than predicted" if ranks.tilt > 0.0 else "short of it"
            found.append(f"outcomes lie {side}")
        if is_marked(ranks.bowl):
            found.append(
                "too often at the ends: predicted too narrow"
                if ranks.bowl > 0.0
                else "too often in the middle: predicted too wide"
            )
    if found:
        return "; ".join(found)
    return "even, as it should be" if ranks.p_value >= 0.01 else "uneven"


def coverage_words(coverage: Coverage) -> str:
    """Say whether an area or interval holds what it says."""
    if coverage.is_consistent:
        return "within chance"
    return "TOO SELDOM" if coverage.share < coverage.nominal else "too often"


def _write_points(points: PointScores) -> list[str]:
    low, high = points.members
    members = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    lines = heading(f"Points: {count_text(points.cases, 'case')}, {members} members each")
    rows = [
        ["energy score", *_km(points.energy_score)],
        *(
            [f"CRPS {name} ({axis.bearing_deg:.0f} deg)", *_km(axis.crps)]
            for name, axis in points.axes.items()
        ),
        *(
            [f"bias {name} ({axis.bearing_deg:.0f} deg)", *_km(axis.bias)]
            for name, axis in points.axes.items()
        ),
        ["predicted mean to outcome", *_km(points.miss)],
        ["the same, if all were right", *_km(points.spread)],
    ]
    lines += table(["score", "mean, km", "standard error, km"], rows)
    if points.cases == 1:
        lines += wrap("One case tells no standard error.", "  ")
    held = [["contours", part] for part in points.contours]
    held += [[f"interval {name}", part] for name, axis in points.axes.items()
             for part in axis.intervals]  # fmt: skip
    lines += heading("How often the outcome lay inside")
    lines += table(
        ["area", "should", "did", "95 % interval", "held", ""],
        [
            [
                str(name),
                f"{100 * part.nominal:.0f} %",
                f"{100 * part.share:.1f} %",
                f"{100 * part.low:.1f} to {100 * part.high:.1f} %",
                f"{part.held:,} of {part.cases:,}",
                coverage_words(part),
            ]
            for name, part in held
            if isinstance(part, Coverage)
        ],
    )
    if not points.contours:
        lines += wrap(
            "No contours: they were not asked for, or a case has fewer than 3 draws.", "  "
        )
    lines += heading("Ranks of the outcome among the members")
    ranks = {name: axis.ranks for name, axis in points.axes.items()}
    ranks["outlying"] = points.outlying
    bins = points.outlying.counts.size
    for name, histogram in ranks.items():
        counts = " ".join(f"{count:,}" for count in histogram.counts)
        p = "" if math.isnan(histogram.p_value) else f", p {p_text(histogram.p_value)}"
        lines += field(name, f"{counts}{p}; {rank_words(histogram, name)}")
    lines += wrap(
        f"Outcomes in {bins} equally likely bins; p is the probability of a chi-square as large if "
        "all were right, and a shape is named by a sharper test of its own, at one in a hundred. "
        "Low ranks are west and south of the members; low outlying ranks lie deep "
        "inside.",
        "  ",
    )
    return lines


def _write_events(events: EventScores) -> list[str]:
    found = events.reliability
    what = "1 probability" if events.count == 1 else f"{events.count:,} probabilities"
    lines = heading(f"Events: {what} in {count_text(events.cases, 'case')}")
    error = events.brier.standard_error
    rows = [
        ["Brier score, by case", f"{events.brier.mean:.4f}",
         "-" if math.isnan(error) else f"{error:.4f}"],
        ["Brier score, all together", f"{found.brier:.4f}", ""],
        ["  + reliability (0 is best)", f"{found.reliability:.4f}", ""],
        ["  - resolution", f"{found.resolution:.4f}", ""],
        ["  + uncertainty of the events", f"{found.uncertainty:.4f}", ""],
        ["  + within the bins", f"{found.within_variance - found.within_covariance:.4f}", ""],
        ["skill against the mean share", "-" if math.isnan(found.skill) else f"{found.skill:.3f}",
         ""],
    ]  # fmt: skip
    lines += table(["score", "value", "standard error"], rows)
    lines += heading("Probabilities against what happened")
    lines += table(
        ["bin", "count", "mean", "happened", "95 % interval", "if right", ""],
        [
            [
                f"{100 * part.lower:.0f} to {100 * part.upper:.0f} %",
                f"{part.count:,}",
                f"{100 * part.mean_probability:.1f} %",
                f"{100 * part.share:.1f} %",
                f"{100 * part.low:.0f} to {100 * part.high:.0f} %",
                f"{100 * part.consistent_low:.0f} to {100 * part.consistent_high:.0f} %",
                "" if part.is_consistent else "!!",
            ]
            for part in found.bins
        ],
    )
    lines += wrap(
        "'if right': where 95 % of the shares would lie if the probabilities were right and the "
        "events independent; !! lies outside.",
        "  ",
    )
    if len(events.events) > 1:
        lines += heading("By event")
        lines += table(
            ["event", "count", "mean probability", "happened"],
            [
                [name, f"{count:,}", f"{100 * mean:.1f} %", f"{100 * hits / count:.1f} %"]
                for name, (count, hits, mean) in events.events.items()
            ],
        )
    return lines


def _km(score: MeanScore) -> list[str]:
    error = score.standard_error
    return [
        f"{score.mean / 1e3:.2f}",
        "-" if math.isnan(error) else f"{error / 1e3:.2f}",
    ]


def p_text(value: float) -> str:
    """Write a probability after its letter: ``= 0.042``, or ``< 0.001``."""
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"
