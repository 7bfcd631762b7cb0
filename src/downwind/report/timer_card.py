"""The timer card: what to dial, how sure it is, and what an error of the setting costs.

The cost is told for each kind of item on a group's balloons, since what throws a disc off its mark
may leave leaflets where they were.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Estimate, estimate_mean
from downwind.landing.digits import write_below, write_uncertain
from downwind.landing.regions import HOME, LEFT_DATA, TARGET
from downwind.landing.shares import estimate_share
from downwind.plan.drop import Outcome
from downwind.plan.evaluate import KindResult
from downwind.plan.result import GroupResult, PlanResult, ReleaseResult
from downwind.plan.search import SHIFTS_S
from downwind.report._plain import (
    count_text,
    field,
    finish,
    heading,
    kilometres,
    percent,
    table,
    wrap,
)
from downwind.report._text import (
    MAIN_REGIONS,
    closing,
    is_certain,
    limit_shares,
    limit_state,
    opening,
    short_title,
)
from downwind.report.tried_text import spread_lines
from downwind.times import format_duration, format_minute
from downwind.vehicle.timer import Timer

FLAT_S = 600.0
"""Error within which the card says whether the setting matters [s]."""

FLAT_SHARE = 0.02
"""A change hardly matters where it stays below this, two standard errors included [fraction]."""

SAME_S = 1.0
"""Two settings closer than this are one [s]."""

Shares = Mapping[str, NDArray[np.float64]]
"""For each region the per-draw shares of every setting tried, shape (t, draws)."""


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
    lines += spread_lines(result.tried)
    for index, group in enumerate(result.groups):
        lines += _write_group(result, index, group)
    lines += heading("Limits, for the whole load by mass")
    lines += [
        line
        for check in result.limits
        for line in field(
            f"{limit_state(check)}, {percent(check.limit)}",
            f"{check.title}: {limit_shares(check)}",
        )
    ]
    return finish(lines + closing(result))


def timer_costs(group: GroupResult) -> list[tuple[float, int | None]]:
    """Return, for each error of ``SHIFTS_S``, the setting that was tried with it.

    Returns
    -------
    list of tuple
        The error [s], and the index in the group's curve; None where it was not tried.
    """
    tried, timer = group.curve.timer_s, group.setting.timer_s or 0.0
    costs: list[tuple[float, int | None]] = []
    for shift in SHIFTS_S:
        nearest = int(np.argmin(np.abs(tried - timer - shift)))
        is_tried = abs(float(tried[nearest]) - timer - shift) < SAME_S
        costs.append((shift, nearest if is_tried else None))
    return costs


def setting_changes(
    group: GroupResult, region: str, shares: Shares | None = None
) -> list[tuple[float, Estimate]]:
    """Return what an error of up to 10 minutes does to the share of a region.

    The differences are taken draw by draw, since all settings share their draws.

    Parameters
    ----------
    group : GroupResult
    region : str
    shares : mapping, optional
        Of one kind of item; of the group's load by mass unless given.

    Returns
    -------
    list of tuple
        The error of the setting [s] and the change of the share, for each side that was tried.
    """
    at, middle = dict(timer_costs(group)), dict(timer_costs(group))[0.0]
    rows = (group.curve.shares if shares is None else shares)[region]
    if middle is None:
        return []
    return [
        (shift, estimate_mean(rows[index] - rows[middle], group.curve.clusters))
        for shift in (-FLAT_S, FLAT_S)
        if (index := at[shift]) is not None
    ]


def describe_error(timer: Timer) -> str:
    """Say how far a kind of timer goes wrong, and what cold does to it."""
    parts = []
    if timer.error > 0.0:
        ppm = timer.error < 1e-3
        parts.append(f"±{timer.error * 1e6:.0f} ppm" if ppm else f"±{percent(timer.error)}")
    if timer.error_s > 0.0:
        parts.append(f"±{timer.error_s:.0f} s")
    text = " and ".join(parts) + (" (90 %)" if parts else "")
    if timer.sigma > 0.0:
        text += (", " if text else "") + f"a factor of {math.exp(1.645 * timer.sigma):.2f} (90 %)"
    if math.isfinite(timer.halving_k):
        text += (
            f"; runs half as fast for each {timer.halving_k:.0f} K below "
            f"{timer.reference_k - 273.15:.0f} C"
        )
    if math.isfinite(timer.slow_below_k):
        text += f"; slow or stopping below {timer.slow_below_k - 273.15:.0f} C"
    return text


def _write_group(result: PlanResult, index: int, group: GroupResult) -> list[str]:
    own, setting = group.group, group.setting
    lines = heading(f"{own.name}: {count_text(own.count, 'balloon')}")
    several = len(group.releases) > 1
    dials = [
        ("SET TIMER" + (f" {r + 1}:" if several else "")).ljust(11)
        + f" {format_duration(release.setting_s)}"
        for r, release in enumerate(group.releases)
    ]
    rule = "+" + "-" * (max(map(len, dials)) + 7) + "+"
    lines += ["", f"  {rule}"]
    lines += [f"  |   {dial.ljust(len(rule) - 6)} |" for dial in dials]
    lines += [f"  {rule}", ""]
    for r, release in enumerate(group.releases):
        lines += _write_release(release, f" {r + 1}" if several else "")
    first = setting.start_s + result.mission.launch_spacing_s * result.mission.first_balloon(index)
    last = first + result.mission.launch_spacing_s * (own.count - 1)
    zone = result.site.time_zone
    lines += field("launches", _launches(first, last, result.mission.launch_spacing_s, zone))
    names = list(dict.fromkeys(part.kind.name for part in own.load))
    kinds = [k for k in result.kinds if k.kind.name in names]
    for kind in kinds:
        lines += ["", *_kind_shares(result, kind)]
    if several:
        lines += ["", *wrap("An error is taken as one of all the timers alike.", "  ")]
    for kind in kinds:
        shares = group.curve.kinds.get(kind.kind.name, group.curve.shares)
        lines += ["", *_cost_lines(group, kind, shares)]
    return lines


def _write_release(release: ReleaseResult, number: str) -> list[str]:
    """Write the dial, the tolerance and the release altitude of one release."""
    minutes, seconds = divmod(round(release.setting_s), 60)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    timer = release.release.timer
    lines = field(
        f"dial{number}",
        f"{clock}:{seconds:02d} (hours:minutes:seconds)" if seconds else f"{clock} (hours:minutes)",
    )
    lines += field(f"timer{number}", f"{timer.title or timer.kind}: {describe_error(timer)}")
    median, low, high = release.time_s
    if not math.isnan(median):
        lines += field(f"tolerance{number}", _tolerance(release))
    median, low, high = release.altitude_m
    lines += field(
        f"release altitude{number}",
        "no release in any draw"
        if math.isnan(median)
        else f"{kilometres(median)} (90 % between {low / 1000:.2f} and {high / 1000:.2f} km)",
    )
    return lines + field(f"down before{number}", release.down_before.to_text())


def _launches(first_s: float, last_s: float, spacing_s: float, zone: str) -> str:
    """Say when a group's balloons go up."""
    first = format_minute(first_s, zone)
    if last_s == first_s:
        return first if spacing_s else f"{first}, all at once"
    last = format_minute(last_s, zone)
    last = last[11:] if last[:10] == first[:10] else last
    return f"{first} to {last}, one every {spacing_s:g} s"


def _tolerance(release: ReleaseResult) -> str:
    """Say when most timers act, of those that do."""
    _, low, high = release.time_s
    felt = "" if release.release.timer.is_steady else " at the temperatures of its flight"
    if max(abs(low - release.setting_s), abs(high - release.setting_s)) < SAME_S:
        when = "within a second of the setting"
    else:
        when = f"{_clock(low)} to {_clock(high)} after the launch"
    return f"of those that act while the balloon is up, 90 % act {when}{felt}, failures aside"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


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
    lines += _dotted(short_title(LEFT_DATA), kind.outcomes[Outcome.LEFT_DATA.text].to_text())
    lines += _dotted("risk: bundle never opens", kind.outcomes[Outcome.UNOPENED.text].to_text())
    lines += _dotted("risk: never released", kind.outcomes[Outcome.NEVER_RELEASED.text].to_text())
    burst = kind.outcomes[Outcome.BURST_BEFORE_RELEASE.text]
    if burst.hit_draws:
        lines += _dotted("risk: burst before release", burst.to_text())
    return lines


def _dotted(name: str, text: str) -> list[str]:
    start = f"    {name} ".ljust(37, ".") + " "
    return wrap(text, start, " " * 38)


def _cost_lines(group: GroupResult, kind: KindResult, shares: Shares) -> list[str]:
    lines = wrap(f"What an error of the setting costs {kind.kind.title} (from the search):", "  ")
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
        dial = format_duration(float(group.curve.timer_s[index]))
        rows.append(
            [label, dial, _brief(group, shares, TARGET, index), _brief(group, shares, HOME, index)]
        )
    lines += ["  " + x for x in table(["", "timer", "in the target", "falling short"], rows)]
    return lines + [x for text in _verdict(group, shares) for x in wrap(text, "  ")]


def _verdict(group: GroupResult, shares: Shares) -> list[str]:
    """Say whether ten minutes matter, to the target and to falling short."""
    target = setting_changes(group, TARGET, shares)
    home = setting_changes(group, HOME, shares)
    if not target:
        return _untried_side(group, shares)
    at = dict(timer_costs(group))
    near = [i for shift in (-FLAT_S, 0.0, FLAT_S) if (i := at[shift]) is not None]
    if not shares[TARGET][near].any():
        return ["Nothing reaches the target with this setting, nor ten minutes around it."]
    missing = _untried_side(group, shares)
    sides = "either way" if len(target) == 2 else "early" if target[0][0] < 0.0 else "late"
    between = _settings_between(group, shares, [shift for shift, _ in target])
    changes = [change for _, change in [*target, *home, *between]]
    told = f"in the target {_write_changes(target)}; falling short {_write_changes(home)}"
    if all(_is_flat(change) for change in changes):
        text = (
            f"Ten minutes {sides} hardly matter: {told}; below "
            f"{100 * FLAT_SHARE:g} points with two standard errors."
        )
    elif any(_is_real(change) for change in changes):
        text = f"Ten minutes {sides} matter: {told}.{_worst(between)}"
    else:
        text = (
            f"Ten minutes {sides} are not known to matter: {told}; no change is more than two "
            "standard errors, but these are wide."
        )
    return [text, *missing]


def _untried_side(group: GroupResult, shares: Shares) -> list[str]:
    """Say what the farthest setting does on a side where ten minutes were not tried."""
    at, curve = dict(timer_costs(group)), group.curve
    away = curve.timer_s - (group.setting.timer_s or 0.0)
    lines = []
    for shift, word in ((-FLAT_S, "early"), (FLAT_S, "late")):
        if at[shift] is not None:
            continue
        reach = np.where(np.abs(away) < FLAT_S, away * np.sign(shift), 0.0)
        index = int(np.argmax(reach))
        if reach[index] < 30.0:
            lines.append(f"No {'earlier' if shift < 0.0 else 'later'} setting was tried.")
            continue
        lines.append(
            f"Ten minutes {word} were not tried. The farthest tried, {reach[index] / 60.0:.0f} min "
            f"{word}: in the target {_brief(group, shares, TARGET, index)}, falling short "
            f"{_brief(group, shares, HOME, index)}."
        )
    return lines


def _settings_between(
    group: GroupResult, shares: Shares, sides: list[float]
) -> list[tuple[float, Estimate]]:
    """Return what each setting tried within ten minutes, on the sides given, does to the target."""
    curve, middle = group.curve, dict(timer_costs(group))[0.0]
    away = curve.timer_s - (group.setting.timer_s or 0.0)
    return [
        (
            float(away[i]),
            estimate_mean(shares[TARGET][i] - shares[TARGET][middle], curve.clusters),
        )
        for i in np.flatnonzero((np.abs(away) <= FLAT_S + SAME_S) & (np.abs(away) >= SAME_S))
        if any(away[i] * side > 0.0 for side in sides)
    ]


def _worst(between: list[tuple[float, Estimate]]) -> str:
    """Say which of some settings costs the target most, if one costs more than ten minutes do."""
    falls = [(shift, change) for shift, change in between if change.mean < 0 and _is_real(change)]
    worst = min(falls, key=lambda x: (x[1].mean, -abs(x[0])), default=None)
    if worst is None or abs(worst[0]) > FLAT_S - SAME_S:
        return ""
    return f" At worst: {_write_changes([worst])} in the target."


def _is_flat(change: Estimate) -> bool:
    return abs(change.mean) + 2.0 * change.standard_error < FLAT_SHARE


def _is_real(change: Estimate) -> bool:
    return abs(change.mean) > 2.0 * change.standard_error


def _write_changes(changes: list[tuple[float, Estimate]]) -> str:
    return ", ".join(
        f"{write_uncertain(100 * c.mean, 100 * c.standard_error, sign='+')} points "
        f"{abs(s) / 60:.0f} min {'early' if s < 0.0 else 'late'}"
        for s, c in changes
    )


def _brief(group: GroupResult, shares: Shares, region: str, index: int) -> str:
    share = estimate_share(shares[region][index], group.curve.clusters)
    if share.hit_draws == 0:
        return f"0 % ({write_below(100 * share.event_high)} %)"
    if is_certain(share):
        return "100 % (all)"
    return f"{write_uncertain(100 * share.mean, 100 * share.standard_error)} %"
