"""The fill card: what the balance shows, and what becomes of the balloons by their fill.

It is read at night, in the cold, by a torch: warnings and the reading of the balance come first,
and what explains them follows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from downwind import atmosphere
from downwind.load.impact import CATEGORY_3_J
from downwind.plan.fill_plan import DEFAULT_CYLINDER, PLAIN_LOAD, FillPlan, plan_fill
from downwind.plan.fleet import launch_height_m
from downwind.plan.lifting import RUBBER_NECK_RATIO, neck_bears_kg
from downwind.plan.result import PlanResult
from downwind.report._fill_tables import (
    write_changes,
    write_climb,
    write_flights,
)
from downwind.report._plain import field, finish, heading, kilometres, percent, table, wrap
from downwind.report._text import closing, opening
from downwind.report.quantities import share_text
from downwind.vehicle.burst_calculator import (
    AIR_DENSITY_KGM3,
    GAS_DENSITIES_KGM3,
    BurstAnswer,
    preset_drag,
)
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.film import FilmTube
from downwind.vehicle.latex import LatexBalloon
from downwind.version import VERSION


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
    site_m = launch_height_m(result.site, result.grid)
    plans = [
        plan_fill(
            group.group,
            result.mission.uncertainty,
            site_m,
            group.setting.free_lift,
            DEFAULT_CYLINDER,
        )
        for group in result.groups
    ]
    lines = opening(result, "FILL CARD")
    lines += _site_lines(plans[0])
    return finish([*lines, *_write_plans(plans), *closing(result)])


def fill_text(
    plans: Sequence[FillPlan],
    site: str = "",
    notes: Sequence[str] = (),
    calculator: BurstAnswer | None = None,
) -> str:
    """Write the fill card of balloons for which there is no wind.

    Parameters
    ----------
    plans : sequence of FillPlan
        At least one, all at one site.
    site : str
        Name of the site or of the mission; may be empty.
    notes : sequence of str
        What a reader must know besides.
    calculator : BurstAnswer, optional
        What the burst calculator of CU Spaceflight answers for the first plan.

    Returns
    -------
    str
        Lines of at most 80 columns.
    """
    lines = ["FILL CARD", "========="]
    lines += field("for", site) if site else []
    lines += _site_lines(plans[0])
    lines += [line for note in notes for line in field("note", note)]
    lines += _write_plans(plans)
    if calculator is not None:
        lines += _write_calculator(plans[0], calculator)
    return finish([*lines, "", f"downwind {VERSION}"])


def _site_lines(plan: FillPlan) -> list[str]:
    """Write the height of the site and its air."""
    altitude = float(atmosphere.geometric_altitude(plan.site_m))
    standard_c = float(atmosphere.temperature_k(plan.site_m)) - 273.15
    pressure = float(atmosphere.pressure_pa(plan.site_m)) / 1e2
    text = f"{altitude:.0f} m above the sea, {pressure:.0f} hPa, {_celsius(plan)}"
    if plan.air_offset_k == 0.0:
        return field("air at the site", f"{text}: the standard atmosphere")
    word = "warmer" if plan.air_offset_k > 0.0 else "colder"
    return field(
        "air at the site",
        f"{text}; {abs(plan.air_offset_k):.1f} K {word} than the standard atmosphere "
        f"({standard_c:.1f} C), taken so at every height",
    )


def _celsius(plan: FillPlan) -> str:
    kelvin = float(atmosphere.temperature_k(plan.site_m)) + plan.air_offset_k
    return f"{kelvin - 273.15:.1f} C"


def _write_plans(plans: Sequence[FillPlan]) -> list[str]:
    lines = _write_fleet(plans) if len(plans) > 1 else []
    for plan in plans:
        lines += _write_plan(plan)
    return [*lines, "", *wrap(_basis(plans[0]))]


def _basis(plan: FillPlan) -> str:
    relaxation_s = plan.uncertainty.relaxation_s[0]
    lag = f"follows it in {relaxation_s:.0f} s" if relaxation_s > 0.0 else "follows it at once"
    return (
        "The fill is that of gas at the temperature of the air. What follows is flown in still air "
        "over flat ground with the median drag and, for tubes, leak: the gas cools as it expands "
        f"and {lag}. Drag, leak and lag are assumptions; rain, dew and ice are not in it."
    )


def _write_fleet(plans: Sequence[FillPlan]) -> list[str]:
    """Write a line for each group, and the gas of all."""
    rows = []
    for plan in plans:
        count = plan.cylinders
        rows.append(
            [
                plan.group.name,
                str(plan.group.count),
                f"{plan.fill.neck_lift_kg:.2f} kg",
                f"{plan.fill.volume_m3:.2f} m3",
                f"{plan.total_m3:.1f} m3",
                "-" if count is None else str(count.by_total),
            ]
        )
    lines = heading("The fleet")
    lines += table(["", "balloons", "balance", "gas each", "gas in all", "cylinders"], rows)
    for gas in dict.fromkeys(plan.group.gas.name for plan in plans):
        total = math.fsum(p.total_m3 for p in plans if p.group.gas.name == gas)
        lines += field(f"all {gas}", f"{total:.1f} m3")
    return lines


def _write_plan(plan: FillPlan) -> list[str]:
    group = plan.group
    lines = heading(f"{group.name}: {group.count} balloon{'s' if group.count > 1 else ''}")
    for warning in _warnings(plan):
        lines += wrap(warning, "!! ", "   ")
    lines += ["", *_box(_readings(plan)), ""]
    lines += _write_lift(plan)
    lines += _write_gas(plan)
    lines += _write_heights(plan)
    lines += ["", "  Climb of the first balloon, time since the launch:", *write_climb(plan)]
    lines += ["", *write_flights(plan)]
    lines += ["", *write_changes(plan)]
    return lines


def _warnings(plan: FillPlan) -> list[str]:
    found = []
    fill, share = plan.fill, share_text(plan.free_lift)
    if plan.is_small:
        found.append(
            f"WARNING: a free lift of {share} of the load is small: a little less gas, rain or dew "
            "keeps the balloon down."
        )
    if plan.may_stay_down:
        error = math.hypot(plan.uncertainty.fill_bias, plan.uncertainty.fill_scatter)
        found.append(
            f"WARNING: {_chance(plan.stays_down)} of the balloons do not rise: the free lift of "
            f"{_grams(fill.free_lift_kg)} is {fill.free_lift_kg / (error * fill.gross_lift_kg):.1f}"
            f" standard deviations of the error of the fill ({percent(error)} of the gross lift)."
        )
    if fill.free_lift_kg <= plan.cooling_kg[1]:
        found.append(
            f"WARNING: gas {-plan.uncertainty.superheat_night_k[0]:.0f} K colder than the air, as "
            f"by night, lifts {_grams(plan.cooling_kg[1])} less, which is the whole free lift."
        )
    found += [*_warn_of_neck(plan), *_warn_of_landing(plan)]
    if plan.group.gas.flammable:
        found.append(
            f"DANGER: {plan.group.gas.name} burns and explodes with air. No flame, spark, smoking "
            "or running engine near; fill slowly, in the open, with the cylinder earthed."
        )
    return found + [f"Note: {note}" for note in plan.notes]


def _warn_of_neck(plan: FillPlan) -> list[str]:
    if not plan.is_over_neck_limit:
        return []
    vehicle = plan.group.vehicle
    text = (
        f"WARNING: a neck lift of {plan.most_neck_lift_kg:.2f} kg is over the "
        f"{neck_bears_kg(vehicle):.2f} kg that {vehicle.name} is taken to bear, "
        f"{RUBBER_NECK_RATIO:g} times its mass (an assumption; makers fill to less)."
    )
    return [f"{text} {plan.lever[0].upper()}{plan.lever[1:]}." if plan.lever else text]


def _warn_of_landing(plan: FillPlan) -> list[str]:
    """Warn of a balloon that bursts with its load kept and then lands hard."""
    burst = [flight for flight in plan.flights if math.isfinite(flight.burst_s)]
    energies = [plan.landing_j(f) for f in burst if math.isfinite(f.landing_ms)]
    most_j = max(energies, default=0.0)
    if most_j <= CATEGORY_3_J:
        return []
    braked = "under its parachute" if plan.group.parachute else "without a parachute"
    return [
        f"DANGER: if it bursts with its load kept, {plan.landing_kg:.2f} kg come down {braked} "
        f"and land with {most_j:,.0f} J, above {CATEGORY_3_J} J (25 ft-lb, category 3 of 14 CFR "
        "Part 107)."
    ]


def _chance(share: float) -> str:
    if share >= 0.01:
        return f"{100.0 * share:.0f} in 100"
    return f"{max(1000.0 * share, 0.1):.1f} in 1000"


def _readings(plan: FillPlan) -> list[str]:
    """Write what the balance shows for each load."""
    first = plan.fill
    lines = [
        f"FILL UNTIL THE BALANCE AT THE NECK SHOWS  {first.neck_lift_kg:.2f} kg "
        f"({_grams(first.neck_lift_kg)})"
    ]
    for part in plan.fills[1:]:
        last = part.first + part.count
        which = f"balloon {last}" if part.count == 1 else f"balloons {part.first + 1} to {last}"
        lines.append(
            f"{which}, load {part.load_kg:.2f} kg: until it shows  "
            f"{part.fill.neck_lift_kg:.2f} kg ({_grams(part.fill.neck_lift_kg)})"
        )
    return lines


def _box(texts: Sequence[str]) -> list[str]:
    rule = "+" + "-" * (max(map(len, texts)) + 4) + "+"
    return [f"  {rule}", *(f"  |  {t.ljust(len(rule) - 6)}  |" for t in texts), f"  {rule}"]


def _write_lift(plan: FillPlan) -> list[str]:
    group, fill, vehicle = plan.group, plan.fill, plan.group.vehicle
    lines = field("balloon", _describe_vehicle(vehicle))
    lines += field(
        "gas", f"{fill.volume_m3:.2f} m3 of {group.gas.name} each, {percent(plan.purity)} pure"
    )
    lines += field("gross lift", f"{fill.gross_lift_kg:.2f} kg")
    lines += field("envelope", f"{vehicle.envelope_kg:.2f} kg")
    lines += field("neck lift", f"{fill.neck_lift_kg:.2f} kg: the balance, nothing hung on yet")
    if group.parachute is not None:
        lines += field(
            "parachute",
            f"{_grams(group.parachute_kg)}, {1e2 * group.parachute.diameter_m:.4g} cm",
        )
    parts = "; ".join(
        f"{part.count_on(0, group.count):,} x {part.kind.title}"
        for part in group.load
        if part.kind.name != PLAIN_LOAD
    )
    lines += field("load", f"{plan.load_kg:.2f} kg" + (f": {parts}" if parts else ""))
    return lines + field(
        "free lift", f"{_grams(fill.free_lift_kg)}, {share_text(plan.free_lift)} of the load"
    )


def _describe_vehicle(vehicle: FilmTube | LatexBalloon) -> str:
    title = vehicle.title or vehicle.name
    if isinstance(vehicle, LatexBalloon):
        return f"{title}, bursts at a diameter of {vehicle.burst_diameter_m:.2f} m (nominal)"
    return (
        f"{title}; {vehicle.length_m:g} m x {vehicle.diameter_m:g} m, film "
        f"{vehicle.film_m * 1e6:.0f} um, holds {vehicle.volume_m3:.2f} m3"
    )


def _write_gas(plan: FillPlan) -> list[str]:
    group, count, cylinder = plan.group, plan.cylinders, plan.cylinder
    cold, coldest = plan.cooling_kg
    night = plan.uncertainty.superheat_night_k
    lines = []
    if coldest > 0.0:
        lines += field(
            "cold gas",
            f"gas {-night[1]:.0f} to {-night[0]:.0f} K colder than the air, as by night, lifts "
            f"{1e3 * max(cold, 0.0):.0f} to {_grams(coldest)} less: weigh again before letting go",
        )
    if group.count > 1:
        lines += field("gas for the group", f"{plan.total_m3:.1f} m3 ({group.count} balloons)")
    if count is None or cylinder is None:
        return lines
    text = (
        f"{count.by_total} of {cylinder.title}, {count.delivered_m3:.2f} m3 each at this site; "
        f"{count.by_total_left_m3:.1f} m3 left over{_cost(count.by_total_cost, count.currency)}"
    )
    if group.count > 1 and count.unsplit is not None and count.unsplit != count.by_total:
        text += (
            f"; {count.unsplit} if no balloon is filled from two"
            f"{_cost(count.unsplit_cost, count.currency)}"
        )
    return lines + field("cylinders", text)


def _cost(price: float | None, currency: str) -> str:
    return "" if price is None else f", {price:,.2f} {currency}"


def _write_heights(plan: FillPlan) -> list[str]:
    vehicle, fill = plan.group.vehicle, plan.fill
    full, floats, bursts = (
        float(atmosphere.geometric_altitude(h))
        for h in (fill.full_height_m, fill.float_height_m, fill.burst_height_m)
    )
    if isinstance(vehicle, LatexBalloon):
        low, middle, high = plan.flights
        lines = field(
            "bursts at",
            f"{kilometres(middle.burst_m)}; 90 % between {kilometres(low.burst_m)} and "
            f"{kilometres(high.burst_m)}"
            if math.isfinite(middle.burst_m)
            else "still rising at the top of the model's atmosphere",
        )
        return lines + field(
            "", f"{kilometres(bursts)} at the nominal diameter, gas as cold as the air"
        )
    full_text = kilometres(full)
    if vehicle.shape == Envelope.OPEN_TUBE and math.isfinite(full):
        full_text += "; it vents from there"
    if math.isfinite(bursts):
        full_text += ", gas as cold as the air"
    lines = field("full at", full_text)
    if math.isfinite(bursts):
        lines += _write_tearing(plan, bursts)
    elif math.isfinite(floats):
        lines += field("floats at", f"{kilometres(floats)} without a leak")
    return lines


def _write_tearing(plan: FillPlan, bursts_m: float) -> list[str]:
    """Write where a sealed tube tears: as flown, and with gas as cold as the air."""
    cold = f"{kilometres(bursts_m)} with gas as cold as the air"
    flown = [f.burst_m for f in plan.flights if math.isfinite(f.burst_m)]
    if not flown:
        return field("bursts at", f"{cold}; leaking, it does not come so high")
    low, high = kilometres(min(flown)), kilometres(max(flown))
    text = low if low == high else f"{low.removesuffix(' km')} to {high}"
    lines = field(
        "bursts at",
        f"{text} with the leaks below: its gas is colder than the air as it expands, and a sealed "
        "tube tears once it is full",
    )
    return lines + field("", cold)


def _grams(kilograms: float) -> str:
    return f"{1e3 * kilograms:.0f} g"


def _write_calculator(plan: FillPlan, answer: BurstAnswer) -> list[str]:
    vehicle, gas = plan.group.vehicle, plan.group.gas.name
    drag = f", drag {preset_drag(vehicle):.2f}" if isinstance(vehicle, LatexBalloon) else ""
    lines = heading("Burst calculator of CU Spaceflight, with its own constants")
    lines += wrap(
        f"For comparison with its page, not to fill by: air {AIR_DENSITY_KGM3:.4f}, {gas} "
        f"{GAS_DENSITIES_KGM3[gas]:.4f} kg/m3, pure gas{drag}, the nominal burst diameter, one "
        "scale height (cusf-burst-calc js/calc.js a9c4d17, 2015).",
        "  ",
    )
    page = answer.to_page()
    lines += field("neck lift", page["nl"])
    lines += field("gas", page["lv_m3"].replace("<sup>3</sup>", "3"))
    lines += field("ascent rate", page["ar"])
    lines += field("bursts at", f"{page['ba']} after {page['ttb']}")
    return lines + (field("warning", answer.warning) if answer.warning else [])
