"""The fleet card: what one balloon lifts, how many it takes, and whether a claim fits."""

from __future__ import annotations

import math

from downwind import atmosphere
from downwind.load.traits import ItemKind
from downwind.plan.claims import ITEM_MASS_SPREAD, Check, Range
from downwind.plan.fleet_check import FleetCheck, FleetGroup
from downwind.plan.lifting import (
    RUBBER_NECK_RATIO,
    Goal,
    Limit,
    Rig,
    early_burst_height_m,
)
from downwind.plan.remedies import format_kg, say_limit
from downwind.plan.sizing import Recipe, Sizing
from downwind.report._plain import (
    COLUMNS,
    count_text,
    field,
    finish,
    heading,
    kilometres,
    percent,
    table,
    wrap,
)
from downwind.report.quantities import share_text
from downwind.times import format_duration, format_minute
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.fill import Fill
from downwind.vehicle.film import TUBES
from downwind.vehicle.heights import End

MOST_RECIPES = 12
MOST_TIMES = 3
MOST_COLUMNS = 4


def fleet_text(check: FleetCheck) -> str:
    """Write a fleet for a crew.

    Parameters
    ----------
    check : FleetCheck

    Returns
    -------
    str
        Lines of at most 80 columns; what cannot fly comes first.
    """
    lines = _alarms(check)
    lines += ["FLEET CARD", "=========="]
    if check.title:
        lines += field("mission", check.title)
    note = f" ({check.site_note})" if check.site_note else ""
    name = f"{check.site}, " if check.site else ""
    lines += field("site", f"{name}{check.site_altitude_m:.0f} m above the sea{note}")
    for group in check.groups:
        lines += _write_group(group)
    lines += _write_blocked(check)
    lines += _write_whole(check)
    lines += _write_checks(check)
    rigs = [group.part.rig for group in check.groups]
    return finish([*lines, "", "-" * COLUMNS, *_assumptions(rigs)])


def _alarms(check: FleetCheck) -> list[str]:
    lines = []
    for group in check.groups:
        if group.why:
            lines += wrap(f"{group.name} CANNOT FLY: {group.why}", "!! ", "   ")
        for found in group.sizing.blocked:
            text = f"{found.kind.name} CANNOT FLY: {found.reason}"
            lines += wrap(text, "!! ", "   ")
    return [*lines, ""] if lines else []


def _write_group(group: FleetGroup) -> list[str]:
    sizing, rig = group.sizing, group.sizing.rig
    claimed = group.part.balloons
    title = f"{group.name}: {count_text(claimed or 0, 'balloon')}" if group.name else "One balloon"
    lines = heading(title)
    lines += field(
        "balloon",
        f"{rig.vehicle.name}: {rig.vehicle.title}; holds {rig.vehicle.volume_m3:.2f} m3, weighs "
        f"{format_kg(rig.vehicle.envelope_kg)}",
    )
    _, least, most = rig.gas.impurity
    lines += field(
        "gas",
        f"{rig.gas.name}, {_share(rig.purity)} pure (90 % between {_share(1.0 - most)} and "
        f"{_share(1.0 - least)})",
    )
    goal = _describe_goal(rig)
    lines += field("filled for", f"{group.stated_fill}: {goal}" if group.stated_fill else goal)
    if rig.release_m is not None:
        lines += field("release height", f"{_altitude(rig.release_m)} above the sea")
    if sizing.most_fill is None:
        return lines + field("MOST LOAD", f"none: {say_limit(sizing.most)}")
    so = " with so much free lift" if group.why and sizing.most.limit is Limit.NECK else ""
    lines += field("MOST LOAD", f"{format_kg(sizing.most.load_kg)}{so}: {say_limit(sizing.most)}")
    lines += field("with that load", _describe_fill(rig, sizing.most_fill))
    lines += _write_fits(sizing)
    if group.name:
        return lines + _write_carried(group)
    return lines + _write_recipes(sizing) + _write_heights(sizing)


def _write_fits(sizing: Sizing) -> list[str]:
    stopped = {found.kind.name for found in sizing.blocked}
    told = [
        f"{sizing.fits[kind.name]:,} x {kind.name} ({format_kg(kind.mass_kg)} each)"
        for kind, _ in sizing.manifest
        if kind.name not in stopped
    ]
    lines = []
    for i, text in enumerate(told):
        lines += field("it carries" if i == 0 else "or", text)
    return lines


def _write_carried(group: FleetGroup) -> list[str]:
    """Write what a group of a mission carries, and how few balloons would do."""
    rig, part, sizing = group.part.rig, group.part, group.sizing
    carried = part.carried_kg or 0.0
    items = ", ".join(f"{count:,} x {kind.name}" for kind, count in part.carried)
    whole = {kind.name: count for kind, count in part.manifest}
    even = all(count * (part.balloons or 1) == whole[kind.name] for kind, count in part.carried)
    label = "EACH CARRIES" if even else "THE FIRST CARRIES"
    lines = field(label, f"{format_kg(carried)}: {items}")
    if group.fill is not None:
        lines += field("so filled", _describe_fill(rig, group.fill))
    if group.why:
        lines += field("cannot fly", group.why)
        for i, text in enumerate(group.remedies):
            lines += field("what would do" if i == 0 else "or", text)
    if sizing.balloons:
        text = f"{count_text(sizing.balloons, 'balloon')} with the most load; the mission has "
        text += f"{part.balloons:,}"
        lines += field("needed at least", text)
    return lines


def _write_recipes(sizing: Sizing) -> list[str]:
    if not sizing.recipes:
        return []
    mode = "" if sizing.mixed or len(sizing.manifest) == 1 else ", each kind apart"
    lines = heading(f"Balloons needed: {sizing.balloons:,}{mode}")
    shown = sizing.recipes[:MOST_RECIPES]
    kinds = [kind for kind, _ in sizing.manifest if any(_count(r, kind) for r in shown)]
    ends = "bursts" if sizing.rig.vehicle.shape is not Envelope.OPEN_TUBE else "floats"
    for recipe in shown:
        items = ", ".join(f"{count:,} x {kind.name}" for kind, count in recipe.parts)
        if len(kinds) > MOST_COLUMNS:
            lines += wrap(f"{recipe.balloons:,} with {format_kg(recipe.load_kg)}: {items}", "  ")
    if len(kinds) <= MOST_COLUMNS:
        rows = [
            [
                f"{recipe.balloons:,}",
                format_kg(recipe.load_kg),
                f"{recipe.fill.volume_m3:.2f} m3",
                _end_height(recipe.fill),
                *(f"{_count(recipe, kind):,}" for kind in kinds),
            ]
            for recipe in shown
        ]
        letters = [chr(ord("a") + i) for i in range(len(kinds))]
        lines += table(["balloons", "load", "gas", ends, *letters], rows, left=0)
        lines += [f"  {letter}: {kind.name}" for letter, kind in zip(letters, kinds, strict=True)]
    if len(sizing.recipes) > MOST_RECIPES:
        rest = sizing.recipes[MOST_RECIPES:]
        count = sum(recipe.balloons for recipe in rest)
        lines += wrap(f"and {count:,} more with {len(rest)} other loads (--json has all)", "  ")
    lines += field("gas", f"{sizing.gas_m3:,.1f} m3 at the site, {format_kg(sizing.gas_kg)}")
    lines += _write_cylinders(sizing)
    return lines + field(
        "mass",
        f"{format_kg(sizing.total_kg)} in all: load {format_kg(sizing.load_kg)}, "
        f"envelopes {format_kg(sizing.envelope_kg)}, gas {format_kg(sizing.gas_kg)}",
    )


def _count(recipe: Recipe, kind: ItemKind) -> int:
    return next((count for own, count in recipe.parts if own.name == kind.name), 0)


def _write_heights(sizing: Sizing) -> list[str]:
    if len({round(row.load_kg, 6) for row in sizing.heights}) < 2:
        return []
    lines = heading("Most load by release height")
    head = ["above", "most load", *(["balloons"] if sizing.recipes else [])]
    rows = [
        [f"{row.altitude_m / 1e3:.0f} km", format_kg(row.load_kg), _balloons_text(row.balloons)]
        for row in sizing.heights
    ]
    return lines + table(head, [row[: len(head)] for row in rows], left=0)


def _balloons_text(balloons: int | None) -> str:
    return "an item is too heavy" if balloons is None else f"{balloons:,}"


def _write_blocked(check: FleetCheck) -> list[str]:
    found = [blocked for group in check.groups for blocked in group.sizing.blocked]
    if not found:
        return []
    lines = heading("Cannot fly so")
    told: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for blocked in found:
        key = (blocked.reason, blocked.remedies)
        told.setdefault(key, []).append(f"{blocked.count:,} x {blocked.kind.name}")
    for (reason, remedies), items in told.items():
        lines += wrap(", ".join(items), "  ", "    ")
        lines += field("why", reason)
        for i, text in enumerate(remedies):
            lines += field("what would do" if i == 0 else "or", text)
    return lines


def _write_whole(check: FleetCheck) -> list[str]:
    if not check.balloons:
        return []
    lines = heading(f"The whole fleet: {count_text(check.balloons, 'balloon')}")
    if check.gas_m3 > 0.0 and check.title:
        lines += field("gas", f"{check.gas_m3:,.1f} m3 at the site")
        if check.cylinder is not None:
            lines += field("cylinders", f"{check.cylinder_count:,} x {check.cylinder.name}")
    span = check.span_s
    if span is None or check.spacing_s is None:
        return lines + field("time", "not known: give --crew-rate, such as 20/h")
    if check.crew is not None and not check.title:
        crew = check.crew
        who = f"{crew.crews} crew{'s' if crew.crews > 1 else ''} of {crew.balloons_per_hour:g}/h"
        lines += field("work", f"{format_duration(crew.work_s(check.balloons))}: {who}")
    if check.spacing_s == 0.0:
        return lines + field("launches", "all at once: the mission states no spacing")
    note = f" ({check.spacing_note})" if check.spacing_note else ""
    lines += field(
        "launches",
        f"one every {_seconds(check.spacing_s)}{note}, {format_duration(span)} from first to last",
    )
    if check.spacing_note:
        lines += field("", "state launch.crew in the mission: its plan launches all at once")
    for i, start in enumerate(check.launch_times_s[:MOST_TIMES]):
        end = format_minute(start + span, check.time_zone)
        first = format_minute(start, check.time_zone)
        same = first[:10] == end[:10]
        label = "window" if i == 0 else "or"
        lines += field(label, f"{first} to {end[11:] if same else end}")
    more = len(check.launch_times_s) - MOST_TIMES
    return lines + (field("", f"and {more} more launch times") if more > 0 else [])


def _write_cylinders(sizing: Sizing) -> list[str]:
    need = sizing.cylinders
    if need is None:
        return []
    text = f"{need.by_total:,} x {need.cylinder.name}, {need.delivered_m3:.2f} m3 each at the site"
    if need.cost is not None:
        text += f", {need.cost:,.0f} {need.cylinder.currency}"
    lines = field("cylinders", text)
    if need.unsplit is not None and need.unsplit != need.by_total:
        lines += field("", f"{need.unsplit:,} if no balloon is filled from two")
    return lines


def _write_checks(check: FleetCheck) -> list[str]:
    if not check.checks:
        return []
    lines = heading("Do the figures fit each other?")
    for found in check.checks:
        start = f"  {found.what} ".ljust(COLUMNS - 16, ".")
        lines.append(f"{start} {found.verdict}")
        lines += field("    asks for", f"{_figure(found, found.needed)}: {found.needed_from}")
        if found.there is not None:
            ratio = f"{100.0 * found.ratio:,.0f} %" if math.isfinite(found.ratio) else "all"
            used = f"{ratio} used" if found.used is None else f"{ratio} of what they lift"
            lines += field(
                "    there is", f"{_figure(found, found.there)}: {found.there_from} ({used})"
            )
        else:
            lines += field("    there is", "nothing stated to hold it against")
    return lines


def _figure(check: Check, figure: Range) -> str:
    """Write a figure with its unit, and its range where there is one."""
    unit = " " + check.unit
    if check.unit == "balloons" and figure.value == 1.0:
        unit = " balloon"
    if math.isinf(figure.value):
        return "no number of balloons is enough"
    text = f"{_number(check, figure.value)}{unit}"
    if _number(check, figure.low) == _number(check, figure.high):
        return text
    high = "no number is enough" if math.isinf(figure.high) else _number(check, figure.high)
    return f"{text} ({_number(check, figure.low)} to {high})"


def _number(check: Check, value: float) -> str:
    if math.isinf(value):
        return "no number"
    if check.unit == "balloons":
        return f"{value:,.0f}"
    digits = 2 if value < 100.0 else 1 if value < 1000.0 else 0
    return f"{value:,.{digits}f}"


def _assumptions(rigs: list[Rig]) -> list[str]:
    lines = wrap(
        "Standard atmosphere, gas at the temperature of the air, no leak: downwind plan flies the "
        "weather, the leak and the timers. Whether this may fly is not checked here.",
        "",
        "  ",
    )
    lines += wrap(
        f"Ranges: item masses {percent(ITEM_MASS_SPREAD)} lighter to heavier (an assumption), "
        "gas over 90 % of its purities. Tight: within 10 % of what there is.",
        "",
        "  ",
    )
    if any(TUBES.get(r.vehicle.name) == r.vehicle for r in rigs):
        lines += wrap(
            "Diameter and film of the packaged tubes are assumptions, and they set the lift: "
            "measure yours and put it into a catalogue file.",
            "",
            "  ",
        )
    rubber = any(r.vehicle.shape is Envelope.LATEX and r.neck_limit_kg is None for r in rigs)
    if rubber:
        lines += wrap(
            f"Neck lift of rubber: at most {RUBBER_NECK_RATIO:g} times its mass (an assumption); "
            "--neck-lift-limit states your own.",
            "",
            "  ",
        )
    if any(r.release_m is None and r.vehicle.shape is not Envelope.LATEX for r in rigs):
        lines += wrap(
            "No release height was stated: the most load is that of a tube full at the site, which "
            "stays low. Give --release-height.",
            "",
            "  ",
        )
    return lines


def _describe_goal(rig: Rig) -> str:
    value, stated = rig.goal.value, " (assumed; none was stated)" if rig.goal.is_default else ""
    if rig.goal.kind is Goal.FRACTION:
        return f"a free lift of {share_text(value)} of the load{stated}"
    if rig.goal.kind is Goal.MASS:
        return f"a free lift of {format_kg(value)}{stated}"
    return f"an ascent rate of {value:g} m/s at the site{stated}"


def _describe_fill(rig: Rig, fill: Fill) -> str:
    text = (
        f"{fill.volume_m3:.2f} m3 of gas at the site, neck lift {format_kg(fill.neck_lift_kg)}, "
        f"rises at {fill.ascent_rate_ms:.1f} m/s; "
    )
    if fill.end is End.ABOVE_MODEL:
        return text + f"{fill.end}"
    if fill.end is End.BURSTS:
        text += f"bursts at {_altitude(fill.burst_height_m)}"
        early = early_burst_height_m(rig, fill)
        return text if math.isnan(early) else f"{text} (one in twenty by {_altitude(early)})"
    full = _altitude(fill.full_height_m)
    return f"{text}full at {full}, floats at {_end_height(fill)}"


def _end_height(fill: Fill) -> str:
    height = fill.burst_height_m if fill.end is End.BURSTS else fill.float_height_m
    return _altitude(height)


def _altitude(height_m: float) -> str:
    altitude = float(atmosphere.geometric_altitude(height_m))
    return kilometres(0.0 if abs(altitude) < 5.0 else altitude)


def _share(fraction: float) -> str:
    return f"{100.0 * fraction:.1f} %"


def _seconds(seconds: float) -> str:
    if seconds < 60.0:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60 or not rest:
        return format_duration(seconds)
    return f"{minutes} min {rest:02d} s"
