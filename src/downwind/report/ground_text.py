"""What comes down on people's heads and land: impact energies, envelopes and plastic, as tables."""

from __future__ import annotations

import math

from downwind.landing.regions import HOME, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.load.impact import CATEGORY_2_J, CATEGORY_3_J, item_impact
from downwind.plan.ground import EnvelopeResult
from downwind.plan.result import GroupResult, PlanResult
from downwind.report._plain import heading, table, wrap
from downwind.report._text import short_title

REGIONS = (TARGET, HOME, THIRD_COUNTRY, SEA_NAME, "elsewhere")


def ground_lines(result: PlanResult) -> list[str]:
    """Write how hard everything lands, how many of each are expected, and where the plastic goes.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    list of str
        Lines of at most 80 columns.
    """
    lines = heading("How hard things land")
    rows = []
    for kind in result.kinds:
        impact = item_impact(kind.kind)
        rows.append(_row(kind.kind.title, kind.kind.mass_kg, impact.fast_speed_ms,
                         impact.fast_energy_j, f"{kind.count:,}"))  # fmt: skip
    for group in result.groups:
        rows += _group_rows(group, prefix=len(result.groups) > 1)
    head = ["what", "mass", "m/s", "J", "", "expected"]
    lines += table(head, rows)
    lines += wrap(
        f"m/s and J: what one in twenty exceeds; of bundles, at sea level. *: above {CATEGORY_2_J} "
        f"J (11 ft-lb), **: above {CATEGORY_3_J} J (25 ft-lb), 14 CFR Part 107. expected: "
        "how many come down so.",
        "  ",
    )
    plastic = result.plastic
    parts = [
        f"{mass:.1f} kg {name}"
        for mass, name in (
            (plastic.items_kg, "in items"),
            (plastic.envelopes_kg, "of film"),
            (plastic.rubber_kg, "of rubber"),
        )
        if mass > 0.0
    ]
    lines += heading(f"Plastic and rubber: {plastic.total_kg:.1f} kg")
    where = [
        f"{short_title(name)} {mean:.1f} ± {error:.1f} kg"
        for name in REGIONS
        for mean, error in [plastic.by_region[name]]
        if mean > 0.0
    ]
    where = where or ["none of it lands inside the data"]
    return lines + wrap(f"{', '.join(parts) or 'none'}: {'; '.join(where)}", "  ")


def _group_rows(found: GroupResult, prefix: bool) -> list[list[str]]:
    name = f"{found.group.name}: " if prefix else ""
    ground, count = found.ground, found.group.count
    rows = [
        _row(f"{name}bundle of {bundle.kind.name}, shut", bundle.mass_kg, bundle.speed_ms,
             bundle.energy_j, _number(bundle.unopened, count))
        for bundle in ground.bundles
    ]  # fmt: skip
    for what, ending, expected in (
        ("load never released", ground.unreleased, _number(ground.never_released, count)),
        ("emptied envelope", ground.envelope, f"{count}"),
    ):
        rows.append(_ending_row(f"{name}{what}", ending, expected))
    return rows


def _ending_row(what: str, ending: EnvelopeResult, expected: str) -> list[str]:
    return _row(what, ending.mass_kg, ending.landing_speed_ms[2], ending.energy_j, expected)


def _number(share: Share, count: int) -> str:
    """Write how many of some balloons to expect, with the standard error."""
    if share.hit_draws == 0:
        return "0"
    digits = max(0, -math.floor(math.log10(share.standard_error * count or 1.0)))
    return f"{share.mean * count:.{digits}f} ± {share.standard_error * count:.{digits}f}"


def _row(what: str, mass_kg: float, speed_ms: float, energy_j: float, expected: str) -> list[str]:
    mark = "**" if energy_j > CATEGORY_3_J else "*" if energy_j > CATEGORY_2_J else ""
    mass = f"{mass_kg:.2f} kg" if mass_kg >= 0.1 else f"{mass_kg * 1e3:.2f} g"
    if math.isnan(speed_ms):
        return [what, mass, "-", "-", "", expected]
    energy = f"{energy_j:.0f}" if energy_j >= 10.0 else f"{energy_j:.2g}"
    return [what, mass, f"{speed_ms:.1f}", energy, mark, expected]
