"""The ground: the air that a launch meets there, and what comes down, how hard, and where."""

from __future__ import annotations

import math

from downwind.landing.digits import write_below, write_number
from downwind.landing.regions import ELSEWHERE, HOME, LEFT_DATA, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share
from downwind.load.impact import CATEGORY_2_J, CATEGORY_3_J, item_impact, unopened_impact
from downwind.plan.air_of_run import find_launch_weather
from downwind.plan.ground import EnvelopeResult
from downwind.plan.result import GroupResult, PlanResult
from downwind.report._plain import heading, table, wrap
from downwind.report._text import short_title
from downwind.report.quantities import short_text
from downwind.times import format_minute

REGIONS = (TARGET, HOME, THIRD_COUNTRY, SEA_NAME, ELSEWHERE)


def ground_lines(result: PlanResult) -> list[str]:
    """Write what a launch meets, how hard everything lands, and where the plastic goes.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    list of str
        Lines of at most 80 columns.
    """
    lines = _launch_lines(result)
    lines += heading("How hard things land")
    rows = []
    for kind in result.kinds:
        impact = item_impact(kind.kind)
        rows.append(_row(kind.kind.title, kind.kind.mass_kg, impact.fast_speed_ms,
                         impact.fast_energy_j, f"{kind.count:,}"))  # fmt: skip
        shut = unopened_impact(kind.kind)
        if shut is not None:
            rows.append(_row(shut.what, shut.mass_kg, shut.speed_ms, shut.energy_j, "not drawn"))
    for group in result.groups:
        rows += _group_rows(group, is_named=len(result.groups) > 1)
    head = ["what", "mass", "m/s", "J", "", "expected"]
    lines += table(head, rows)
    lines += wrap(
        f"m/s and J: what one in twenty exceeds; of bundles, at sea level. *: above {CATEGORY_2_J} "
        f"J (11 ft-lb), **: above {CATEGORY_3_J} J (25 ft-lb), 14 CFR Part 107. expected: "
        "how many come down so; (< p): in no draw, and the chance of any at all is below p.",
        "  ",
    )
    return lines + _plastic_lines(result)


def _launch_lines(result: PlanResult) -> list[str]:
    """Write wind, gust, cloud and rain at the site while the fleet is launched, with the limits."""
    limits = result.mission.limits
    air = find_launch_weather(result.mission, result.grid, result.site, result.start_s)
    zone = air.site.time_zone
    hours = format_minute(air.start_s, zone)
    if air.end_s > air.start_s:
        hours += f" to {format_minute(air.end_s, zone)[11:]}"
    lines = heading(f"At the ground of {air.site.name}, {hours}")
    known, unknown = [], []
    for what, value, text in (
        ("10 m wind", air.wind_ms, f"up to {air.wind_ms:.1f} m/s from {air.from_deg:03.0f} deg"),
        ("gusts", air.gust_ms, f"up to {air.gust_ms:.1f} m/s"),
        ("sky in cloud", air.cloud_cover, f"{100.0 * air.cloud_cover:.0f} % on average"),
        ("rain or snow", air.rain_kgm2s, f"up to {3600.0 * air.rain_kgm2s:.1f} mm/h"),
    ):
        limit, per_unit, unit = {
            "10 m wind": (limits.surface_wind_ms, 1.0, "m/s"),
            "gusts": (limits.gust_ms, 1.0, "m/s"),
            "sky in cloud": (limits.cloud_cover, 100.0, "%"),
            "rain or snow": (limits.rain_kgm2s, 3600.0, "mm/h"),
        }[what]
        note = ""
        if limit is not None:
            state = "not known" if math.isnan(value) else "met" if value <= limit else "NOT MET"
            note = f" (limit {per_unit * limit:.3g} {unit}: {state})"
        if math.isnan(value):
            unknown.append(what + note)
        else:
            known.append(f"{what} {text}{note}")
    if known:
        lines += wrap("; ".join(known), "  ")
    if unknown:
        lines += wrap(f"not in the weather data: {', '.join(unknown)}", "  ")
    return lines


def _plastic_lines(result: PlanResult) -> list[str]:
    plastic = result.plastic
    parts = [
        f"{_mass(mass)} {name}"
        for mass, name in (
            (plastic.items_kg, "in items"),
            (plastic.envelopes_kg, "of film"),
            (plastic.rubber_kg, "of rubber"),
            (plastic.parachutes_kg, "of parachutes"),
        )
        if mass > 0.0
    ]
    lines = heading(f"Plastic and rubber: {_mass(plastic.total_kg)}")
    where = [
        f"{short_title(name)} {_uncertain_mass(mean, error)}"
        for name in REGIONS
        for mean, error in [plastic.by_region[name]]
        if mean > 0.0
    ]
    left_kg, error_kg = plastic.by_region[LEFT_DATA]
    if left_kg > 0.0:
        where.append(f"{_uncertain_mass(left_kg, error_kg)} leave the data")
    where = where or ["none of it lands inside the data"]
    return lines + wrap(f"{_join(parts) or 'none'}: {'; '.join(where)}", "  ")


def _group_rows(found: GroupResult, is_named: bool) -> list[list[str]]:
    """Return what comes down of a group besides its items, below its name where there are more."""
    ground, count = found.ground, found.group.count
    several = len(found.releases) > 1
    rows = [
        _row(f"bundle of {bundle.kind.name}, shut"
             + (f", release {bundle.release + 1}" if several else ""),
             bundle.mass_kg, bundle.fast_speed_ms, bundle.fast_energy_j,
             _number(bundle.unopened, count))
        for bundle in ground.bundles
    ]  # fmt: skip
    none = _number(ground.none_released, count)
    rows.append(_ending_row("load never released", ground.unreleased, none))
    if ground.some_kept.hit_draws:
        rows.append(["part of the load stayed", "-", "-", "-", "",
                     _number(ground.some_kept, count)])  # fmt: skip
    emptied = write_number(ground.emptied_count, ground.emptied_error)
    rows.append(_ending_row("emptied envelope", ground.envelope, emptied))
    if not is_named:
        return rows
    return [[f"{found.group.name}:", *[""] * 5], *([f"  {row[0]}", *row[1:]] for row in rows)]


def _ending_row(what: str, ending: EnvelopeResult, expected: str) -> list[str]:
    return _row(what, ending.mass_kg, ending.landing_speed_ms[2], ending.energy_j, expected)


def _number(share: Share, count: int) -> str:
    """Write how many of some balloons to expect, with the standard error; a bound for none."""
    if share.hit_draws == 0:
        return f"0 ({write_below(100 * share.event_high)} %)"
    if math.isnan(share.standard_error):
        return f"{share.mean * count:.1f} ± ?"
    if share.standard_error < 1e-9:
        return f"{share.mean * count:.3g} (each draw)"
    digits = max(0, -math.floor(math.log10(share.standard_error * count or 1.0)))
    return f"{share.mean * count:.{digits}f} ± {share.standard_error * count:.{digits}f}"


def _mass(kilograms: float) -> str:
    """Write a mass: grams below 1 kg, two significant digits at least."""
    value, unit = (kilograms, "kg") if kilograms >= 1.0 else (1e3 * kilograms, "g")
    return f"{value:,.{1 if value < 10.0 else 0}f}".removesuffix(".0") + f" {unit}"


def _uncertain_mass(mean_kg: float, error_kg: float) -> str:
    """Write a mass with its standard error, two significant digits of the error."""
    if not error_kg > 0.0:
        return _mass(mean_kg)
    scale, unit = (1.0, "kg") if mean_kg >= 1.0 else (1e3, "g")
    mean, error = scale * mean_kg, scale * error_kg
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{mean:,.{digits}f} ± {error:,.{digits}f} {unit}"


def _join(parts: list[str]) -> str:
    """Write a list for people: ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _row(what: str, mass_kg: float, speed_ms: float, energy_j: float, expected: str) -> list[str]:
    mark = "**" if energy_j > CATEGORY_3_J else "*" if energy_j > CATEGORY_2_J else ""
    mass = f"{mass_kg:.2f} kg" if mass_kg >= 1.0 else f"{short_text(1e3 * mass_kg)} g"
    if math.isnan(speed_ms):
        return [what, mass, "-", "-", "", expected]
    energy = f"{energy_j:.0f}" if energy_j >= 10.0 else f"{energy_j:.2g}"
    return [what, mass, f"{speed_ms:.1f}", energy, mark, expected]
