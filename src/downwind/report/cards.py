"""The cards that a crew takes along, as plain text: what to dial, and what to fill."""

from __future__ import annotations

import math

import numpy as np

from downwind import atmosphere
from downwind.landing.regions import HOME, TARGET
from downwind.landing.shares import Share, estimate_share
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import KindResult
from downwind.plan.fleet import launch_height_m
from downwind.plan.result import GroupResult, PlanResult
from downwind.plan.search import TimerCurve
from downwind.report._text import (
    MAIN_REGIONS,
    closing,
    field,
    finish,
    heading,
    is_certain,
    kilometres,
    opening,
    percent,
    short_title,
    table,
    wrap,
)
from downwind.report.summary import plan_text
from downwind.times import format_duration, format_minute
from downwind.vehicle.film import ascent_rate_ms

SHIFTS_S = (-1800.0, -600.0, 0.0, 600.0, 1800.0)
"""Errors of the timer setting whose price the card tells [s]."""

FLAT_S = 600.0
"""Error within which the card says whether the setting matters [s]."""

SMALL_FREE_LIFT = 0.05
"""Free lift below which the card warns [fraction of the load]."""

RATE_ALTITUDES_M = (0.0, 1_000.0, 2_000.0, 3_000.0)


def timer_card(result: PlanResult) -> str:
    """Write what to dial on each group's timers, how sure it is, and what an error costs.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    str
        Lines of at most 80 columns; the STOPs come first, the caption last.
    """
    lines = opening(result, "TIMER CARD")
    for index, group in enumerate(result.groups):
        lines += _timer_group(result, index, group)
    lines += heading("Limits, for the whole load by mass")
    lines += [
        line
        for check in result.limits
        for line in field(
            f"{'met' if check.is_met else 'NOT MET'}, {percent(check.limit)}",
            f"{check.title}: {check.share.to_text()}",
        )
    ]
    return finish(lines + closing(result))


def fill_card(result: PlanResult) -> str:
    """Write how much gas each group's balloons take, and what a spring balance then shows.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    str
        Lines of at most 80 columns; the STOPs come first, the caption last.
    """
    lines = opening(result, "FILL CARD")
    for group in result.groups:
        lines += _fill_group(result, group)
    note = (
        "Heights and rates are those of the standard atmosphere, gas at the temperature of the "
        f"air, air in the gas {percent(result.mission.uncertainty.impurity[0])}."
    )
    lines += ["", *wrap(note)]
    return finish(lines + closing(result))


def timer_costs(group: GroupResult) -> list[tuple[float, int | None]]:
    """Return, for each error of ``SHIFTS_S``, the nearest setting tried.

    Returns
    -------
    list of tuple
        The error [s], and the index in the group's curve; None outside the settings tried.
    """
    tried, timer = group.curve.timer_s, group.setting.timer_s or 0.0
    costs: list[tuple[float, int | None]] = []
    for shift in SHIFTS_S:
        wanted = timer + shift
        inside = tried[0] - 1.0 <= wanted <= tried[-1] + 1.0
        costs.append((shift, int(np.argmin(np.abs(tried - wanted))) if inside else None))
    return costs


def setting_changes(group: GroupResult, region: str) -> list[tuple[float, Share]]:
    """Return what an error of up to 10 minutes does to the share of a region.

    The differences are taken draw by draw, since all settings share their draws.

    Returns
    -------
    list of tuple
        The error of the setting [s] and the change of the share, for each side that was tried.
    """
    at = dict(timer_costs(group))
    shares, middle = group.curve.shares[region], at[0.0]
    if middle is None:
        return []
    return [
        (shift, estimate_share(shares[index] - shares[middle]))
        for shift in (-FLAT_S, FLAT_S)
        if (index := at[shift]) is not None
    ]


def climb_rate_ms(group: GroupResult, drag: float, h_m: float, site_m: float) -> float | None:
    """Return how fast a group's first balloon climbs.

    Parameters
    ----------
    group : GroupResult
    drag : float
        Drag coefficient.
    h_m, site_m : float
        Geopotential height, and that of the site [m].

    Returns
    -------
    float or None
        Ascent rate [m s-1], gas at the temperature of the air; 0 where the balloon floats lower,
        None below the site.
    """
    if h_m < site_m - 1e-6:
        return None
    fill = group.fill
    lost = 1.0
    if h_m > fill.full_height_m:
        lost = float(atmosphere.density_kgm3(h_m) / atmosphere.density_kgm3(fill.full_height_m))
    free = fill.free_lift_kg - (1.0 - lost) * fill.gross_lift_kg
    return ascent_rate_ms(group.group.tube, drag, free, h_m) if free > 0.0 else 0.0


def _timer_group(result: PlanResult, index: int, group: GroupResult) -> list[str]:
    own, setting = group.group, group.setting
    timer = setting.timer_s or 0.0
    dial = format_duration(timer)
    lines = heading(f"{own.name}: {own.count} balloons")
    rule = "+" + "-" * (len(dial) + 18) + "+"
    lines += ["", f"  {rule}", f"  |   SET TIMER  {dial}    |", f"  {rule}", ""]
    minutes, seconds = divmod(round(timer), 60)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    lines += field(
        "dial",
        f"{clock}:{seconds:02d} (hours:minutes:seconds)" if seconds else f"{clock} (hours:minutes)",
    )
    lines += field(
        "timer",
        f"{own.timer.kind}: 90 % fire within +-{own.timer.error * timer:.1f} s of the setting "
        f"(+-{own.timer.error * 1e6:.0f} ppm)",
    )
    first = setting.start_s + result.mission.launch_spacing_s * result.mission.first_balloon(index)
    last = first + result.mission.launch_spacing_s * (own.count - 1)
    zone = result.site.time_zone
    lines += field(
        "launches",
        f"{format_minute(first, zone)} to {format_minute(last, zone)[11:]}, one every "
        f"{result.mission.launch_spacing_s:g} s",
    )
    median, low, high = group.release_altitude_m
    lines += field(
        "release altitude",
        "no release in any draw"
        if math.isnan(median)
        else f"{kilometres(median)} (90 % between {low / 1000:.2f} and {high / 1000:.2f} km)",
    )
    lines += field("down before release", group.on_ground_before_release.to_text())
    names = {part.kind.name for part in own.load}
    for kind in (k for k in result.kinds if k.kind.name in names):
        lines += ["", *_kind_shares(result, kind)]
    lines += ["", *_cost_lines(group)]
    return lines


def _kind_shares(result: PlanResult, kind: KindResult) -> list[str]:
    carriers = sum(any(p.kind.name == kind.kind.name for p in g.group.load) for g in result.groups)
    whole = f", all {carriers} groups together" if carriers > 1 else ""
    lines = wrap(f"Expected of {kind.count:,} x {kind.kind.title}{whole}:", "  ")
    for region in MAIN_REGIONS:
        title = result.regions.title(region).partition(": ")[2]
        name = short_title(region) + (f" ({title})" if title else "")
        lines += _dotted(name, kind.shares[region].to_text())
    for region in (r for r in result.regions.names if r.startswith("keep_out:")):
        lines += _dotted(short_title(region), kind.shares[region].to_text())
    lines += _dotted("risk: bundle never opens", kind.outcomes[Outcome.UNOPENED.text].to_text())
    lines += _dotted("risk: never released", kind.outcomes[Outcome.NEVER_RELEASED.text].to_text())
    return lines


def _dotted(name: str, text: str) -> list[str]:
    start = f"    {name} ".ljust(37, ".") + " "
    return wrap(text, start, " " * 38)


def _cost_lines(group: GroupResult) -> list[str]:
    lines = ["  What an error of the setting costs (by mass, from the search):"]
    rows = []
    for shift, index in timer_costs(group):
        label = (
            "as set"
            if shift == 0.0
            else f"{abs(shift) / 60:.0f} min " + ("early" if shift < 0.0 else "late")
        )
        if index is None:
            wanted = (group.setting.timer_s or 0.0) + shift
            dial = format_duration(wanted) if wanted > 0.0 else "-"
            rows.append([label, dial, "not tried", "not tried"])
            continue
        curve = group.curve
        rows.append([label, format_duration(float(curve.timer_s[index])),
                     _brief(curve, TARGET, index), _brief(curve, HOME, index)])  # fmt: skip
    lines += ["  " + x for x in table(["", "timer", "in the target", "falling short"], rows)]
    return lines + [x for text in _verdict(group) for x in wrap(text, "  ")]


def _verdict(group: GroupResult) -> list[str]:
    """Say whether ten minutes matter, to the target and to falling short."""
    target, home = setting_changes(group, TARGET), setting_changes(group, HOME)
    if not target:
        return []
    at = dict(timer_costs(group))
    near = [i for shift in (-FLAT_S, 0.0, FLAT_S) if (i := at[shift]) is not None]
    if not group.curve.shares[TARGET][near].any():
        return ["Nothing reaches the target with this setting, nor ten minutes around it."]
    missing = _untried_side(group)
    sides = "either way" if len(target) == 2 else "early" if target[0][0] < 0.0 else "late"
    worst = _worst_within(group, [shift for shift, _ in target])
    if all(_is_small(change) for _, change in target + home) and worst is None:
        text = (
            f"Ten minutes {sides} hardly matter: the share in the target changes by "
            f"{_write_changes(target)}, within two standard errors."
        )
    else:
        text = (
            f"Ten minutes {sides} matter: in the target {_write_changes(target)}; falling short "
            f"{_write_changes(home)}."
        )
        text += "" if worst is None else f" {worst}"
    return [text, *missing]


def _untried_side(group: GroupResult) -> list[str]:
    """Say what the farthest setting does on a side where ten minutes were not tried."""
    at, curve = dict(timer_costs(group)), group.curve
    lines = []
    for shift, index, word in ((-FLAT_S, 0, "early"), (FLAT_S, -1, "late")):
        minutes = abs(float(curve.timer_s[index]) - (group.setting.timer_s or 0.0)) / 60.0
        if at[shift] is None and minutes > 0.5:
            lines.append(
                f"Ten minutes {word} were not tried. The farthest tried, {minutes:.0f} min {word}: "
                f"in the target {_brief(curve, TARGET, index)}, falling short "
                f"{_brief(curve, HOME, index)}."
            )
        elif at[shift] is None:
            lines.append(f"No {'earlier' if shift < 0.0 else 'later'} setting was tried.")
    return lines


def _worst_within(group: GroupResult, sides: list[float]) -> str | None:
    """Say which setting within ten minutes, on the sides given, costs the target most, if any."""
    curve, middle = group.curve, dict(timer_costs(group))[0.0]
    away = curve.timer_s - (group.setting.timer_s or 0.0)
    near = [
        int(i)
        for i in np.flatnonzero(np.abs(away) <= FLAT_S + 1.0)
        if any(away[i] * side > 0.0 for side in sides)
    ]
    changes = {
        i: estimate_share(curve.shares[TARGET][i] - curve.shares[TARGET][middle]) for i in near
    }
    falls = {i: c.mean for i, c in changes.items() if c.mean < 0.0 and not _is_small(c)}
    if not falls:
        return None
    worst = min(falls, key=lambda i: (falls[i], abs(away[i])))
    return f"At worst: {_write_changes([(float(away[worst]), changes[worst])])} in the target."


def _is_small(change: Share) -> bool:
    return abs(change.mean) <= 2.0 * change.standard_error or abs(change.mean) < 5e-4


def _write_changes(changes: list[tuple[float, Share]]) -> str:
    return ", ".join(
        f"{100 * c.mean:+.1f} ± {100 * c.standard_error:.1f} points "
        f"{abs(s) / 60:.0f} min {'early' if s < 0.0 else 'late'}"
        for s, c in changes
    )


def _brief(curve: TimerCurve, region: str, index: int) -> str:
    share = curve.share(region, index)
    if share.hit_draws == 0:
        return f"0 % (< {100 * share.event_high:.1f} %)"
    if is_certain(share):
        return "100 % (all)"
    return f"{100 * share.mean:.1f} ± {100 * share.standard_error:.1f} %"


def _fill_group(result: PlanResult, group: GroupResult) -> list[str]:
    own, fill = group.group, group.fill
    tube, load = own.tube, own.load_kg(0)
    lines = heading(f"{own.name}: {own.count} balloons")
    lines += [
        "",
        f"  FILL UNTIL THE BALANCE AT THE NECK SHOWS  {fill.neck_lift_kg:.2f} kg "
        f"({fill.neck_lift_kg * 1e3:.0f} g)",
        "",
    ]
    lines += field(
        "tube",
        f"{tube.name}: {tube.length_m:g} m x {tube.diameter_m:g} m, film "
        f"{tube.film_m * 1e6:.0f} um, holds {tube.volume_m3:.2f} m3",
    )
    lines += field("gas", f"{own.gas.name}, {fill.volume_m3:.2f} m3 a balloon at the site")
    lines += field("gross lift", f"{fill.gross_lift_kg:.2f} kg")
    lines += field("envelope", f"{tube.envelope_kg:.2f} kg")
    lines += field("neck lift", f"{fill.neck_lift_kg:.2f} kg ({fill.neck_lift_kg * 1e3:.0f} g)")
    lines += field("load", f"{load:.2f} kg" + _load_text(group))
    share = fill.free_lift_kg / load
    lines += field("free lift", f"{fill.free_lift_kg * 1e3:.0f} g, {percent(share)} of the load")
    lines += field("full at", kilometres(float(atmosphere.geometric_altitude(fill.full_height_m))))
    lines += field(
        "floats at", kilometres(float(atmosphere.geometric_altitude(fill.float_height_m)))
    )
    drag, site_m = result.mission.uncertainty.drag[0], launch_height_m(result.site, result.grid)
    rates = []
    for altitude in RATE_ALTITUDES_M:
        rate = climb_rate_ms(group, drag, float(atmosphere.geopotential_height(altitude)), site_m)
        text = "-" if rate is None else f"{rate:.1f} m/s" if rate > 0.0 else "afloat"
        rates.append(f"{text} at {altitude / 1000:.0f} km")
    lines += field("ascent rate", "; ".join(rates))
    total = fill.volume_m3 * own.count
    lines += field("gas for the group", f"{total:.1f} m3 of {own.gas.name} ({own.count} balloons)")
    last = own.load_kg(own.count - 1)
    if last < 0.999 * load:
        lines += wrap(
            f"The last balloon carries less, {last:.2f} kg: fill it to a neck lift of "
            f"{last * (1.0 + group.setting.free_lift):.2f} kg.",
            "  ",
        )
    if share < SMALL_FREE_LIFT:
        lines += wrap(
            f"WARNING: a free lift of {percent(share)} of the load is small: a little less gas, "
            "rain or dew keeps the balloon down.",
            "  ",
        )
    return lines


def _load_text(group: GroupResult) -> str:
    parts = [f"{part.count_on(0, group.group.count):,} x {part.kind.title}"
             for part in group.group.load]  # fmt: skip
    return ": " + "; ".join(parts)


__all__ = ["fill_card", "plan_text", "setting_changes", "timer_card", "timer_costs"]
