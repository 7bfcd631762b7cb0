"""What dominates, for the terminal: a sentence and a table for each kind of item."""

from __future__ import annotations

import math

from downwind.landing.regions import TARGET
from downwind.landing.sensitivity import Estimate
from downwind.plan.advice import explain_dominance
from downwind.plan.dominance import ACROSS, ALONG, KindDominance
from downwind.plan.result import PlanResult
from downwind.report._plain import count_text, heading, table, wrap
from downwind.report._text import kind_names

SHOWN = 0.01
"""Least share for which a group of causes has a row."""

HEADS = {ALONG: "along", ACROSS: "across", TARGET: "target"}


def dominance_lines(result: PlanResult) -> list[str]:
    """Write what dominates; nothing where that was not asked.

    Parameters
    ----------
    result : PlanResult
    """
    if not result.dominance:
        return []
    lines = heading("What dominates (share of the variance from draw to draw, %)")
    sentences = explain_dominance(result)
    for name, found in zip(kind_names(result), result.dominance, strict=True):
        lines += wrap(f"{name}: {sentences[found.kind]}", "  ", "    ")
        lines += _rows(found)
    seen = max(found.balloons for found in result.dominance)
    bare = any(not q.causes for found in result.dominance for q in found.quantities)
    few = ". -: no variance, or too few draws make it to tell its causes" if bare else ""
    lines += wrap(
        "each cause by itself, ± standard error, and in brackets with all that it does together "
        "with others (first-order and total indices). along, across: where the middle of the "
        "load comes down, along the way from the site and across it; target: the share in the "
        f"target. Of {count_text(result.dominance[0].draws, 'draw')}, at most "
        f"{count_text(seen, 'balloon')} in each; a cause below 1 % has no row{few}",
        "  ",
    )
    return lines


def _rows(found: KindDominance) -> list[str]:
    if not found.quantities:
        return []
    rows = []
    known = next((q.causes for q in found.quantities if q.causes), ())
    for i, cause in enumerate(known):
        cells = ["-" if not q.causes else _pair(q.causes[i].first, q.causes[i].total)
                 for q in found.quantities]  # fmt: skip
        if any(
            max(q.causes[i].first.value, q.causes[i].total.value) >= SHOWN
            for q in found.quantities
            if q.causes
        ):
            rows.append([cause.group.title, *cells])
    rows.append(
        ["interaction", *("-" if q.interaction is None else _bare(q.interaction)
                          for q in found.quantities)]
    )  # fmt: skip
    along, across, target = found.quantities
    sigma = [math.sqrt(max(q.variance.value, 0.0)) for q in found.quantities]
    rows.append(
        ["from draw to draw", f"{sigma[0] / 1e3:.1f} km", f"{sigma[1] / 1e3:.1f} km",
         f"{100 * sigma[2]:.1f} %"]
    )  # fmt: skip
    rows.append(
        ["within a draw", f"{math.sqrt(along.within) / 1e3:.1f} km",
         f"{math.sqrt(across.within) / 1e3:.1f} km", f"{100 * math.sqrt(target.within):.1f} %"]
    )  # fmt: skip
    return table(["", *(HEADS[q.name] for q in found.quantities)], rows)


def _bare(share: Estimate) -> str:
    return f"{_whole(share.value)} ± {max(100.0 * share.standard_error, 1.0):.0f}     "


def _pair(first: Estimate, total: Estimate) -> str:
    error = max(100.0 * first.standard_error, 1.0)
    return f"{_whole(first.value)} ± {error:.0f} ({_whole(total.value)})".rjust(9)


def _whole(share: float) -> str:
    """Write a share in whole per cent, without a sign for what rounds to 0."""
    return f"{round(100.0 * share)}"
