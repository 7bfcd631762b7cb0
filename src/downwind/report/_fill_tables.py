"""The tables of the fill card: the climb, the flight with the load kept, a little more or less."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from downwind.load.impact import CATEGORY_2_J, CATEGORY_3_J, impact_energy_j
from downwind.plan.fill_parts import Change, KeptFlight
from downwind.plan.fill_plan import FillPlan
from downwind.report._plain import kilometres, table, wrap
from downwind.times import format_duration
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.latex import LatexBalloon

_CLIMB_COLUMNS = 3
_SURE = 0.0005
_SLOWER = 0.9
"""A kilometre that leaves less than this share of the ascent rate is told to slow the climb."""


def write_climb(plan: FillPlan) -> list[str]:
    """Write the climb in columns, read downwards."""
    cells = [
        f"{_height(point.altitude_m)} km {point.rate_ms:4.1f} m/s  {_clock(point.time_s)}"
        for point in plan.rates
    ]
    rows = math.ceil(len(cells) / _CLIMB_COLUMNS)
    lines = ["  " + " ".join(f"{c:<25}" for c in cells[i::rows]).rstrip() for i in range(rows)]
    return lines + _explain_slowing(plan)


def _explain_slowing(plan: FillPlan) -> list[str]:
    """Say where the drag crisis slows the climb down, and why; nothing where it does not."""
    if plan.uncertainty.drag_of(plan.group.vehicle).is_constant:
        return []
    pairs = [(a, b) for a, b in pairwise(plan.rates) if b.rate_ms < _SLOWER * a.rate_ms]
    if not pairs:
        return []
    (first, _), (_, last) = pairs[0], pairs[-1]
    start = plan.uncertainty.drag_of(plan.group.vehicle).median.reynolds_start
    return wrap(
        f"Between {_height(first.altitude_m).strip()} and {_height(last.altitude_m).strip()} km it "
        f"slows from {first.rate_ms:.1f} to {last.rate_ms:.1f} m/s: in thinner air its Reynolds "
        f"number falls to {float(start):,.0f}, where the drag of a sphere jumps up (drag crisis).",
        "    ",
    )


def _height(altitude_m: float) -> str:
    """Write an altitude in km: whole kilometres as such, others to ten metres."""
    whole = altitude_m % 1e3 == 0.0
    return f"{altitude_m / 1e3:5.0f}" if whole else f"{altitude_m / 1e3:5.2f}"


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60.0)
    return f"{minutes // 60}:{minutes % 60:02d}"


def write_flights(plan: FillPlan) -> list[str]:
    """Write what becomes of a balloon that keeps its load."""
    is_latex = isinstance(plan.group.vehicle, LatexBalloon)
    has_burst = any(math.isfinite(f.burst_s) for f in plan.flights)
    head = ["diameter"] if is_latex else ["leak"]
    head += ["bursts at", "after"] if has_burst else ["highest", "after"]
    head += ["down after", "lands with", "energy", ""]
    rows = []
    for flight in plan.flights:
        row = [
            f"{flight.burst_diameter_m:.2f} m"
            if is_latex
            else f"{100.0 * 3600.0 * flight.leak_1s:.2g} %/h"
        ]
        at, after = (flight.burst_m, flight.burst_s) if has_burst else (flight.top_m, flight.top_s)
        row += [kilometres(at), _duration(after)]
        row += [_duration(flight.ground_s, "stays up"), _speed(flight.landing_ms)]
        energy_j = plan.landing_j(flight)
        rows.append([*row, _energy(energy_j), mark_energy(energy_j)])
    kind = "burst diameter" if is_latex else "leak"
    title = f"  With its load kept, for the 5, 50 and 95 % point of the {kind}:"
    lines = [title, *("  " + line for line in table(head, rows))]
    if any(math.isfinite(flight.landing_ms) for flight in plan.flights):
        lines += wrap(
            f"Energy of the {plan.landing_kg:.2f} kg that land: load, envelope and what hangs "
            f"between. For what falls on people, 14 CFR Part 107 knows limits of {CATEGORY_2_J} "
            f"and {CATEGORY_3_J} J (11 and 25 ft-lb).",
            "    ",
        )
    bare = [f for f in plan.flights if math.isfinite(f.unbraked_ground_s)]
    if bare:
        lines += wrap(
            f"If the parachute does not open: on the ground after "
            f"{' to '.join(dict.fromkeys(_duration(f.unbraked_ground_s) for f in _ends(bare)))} "
            f"with {_speed(bare[0].unbraked_landing_ms)}, "
            f"{_energy(impact_energy_j(plan.landing_kg, bare[0].unbraked_landing_ms))}.",
            "    ",
        )
    return lines


def mark_energy(energy_j: float) -> str:
    """Return which of the limits an energy [J] is above; nothing for one within them."""
    above = [limit for limit in (CATEGORY_2_J, CATEGORY_3_J) if energy_j > limit]
    return f"> {above[-1]} J" if above else ""


def _energy(energy_j: float) -> str:
    if math.isnan(energy_j):
        return "-"
    return f"{energy_j:,.0f} J" if energy_j >= 99.95 else f"{energy_j:.1f} J"


def _ends(flights: Sequence[KeptFlight]) -> tuple[KeptFlight, KeptFlight]:
    return flights[0], flights[-1]


def _duration(seconds: float, nothing: str = "-") -> str:
    return nothing if math.isnan(seconds) else format_duration(seconds)


def _speed(speed_ms: float) -> str:
    return "-" if math.isnan(speed_ms) else f"{speed_ms:.1f} m/s"


def write_changes(plan: FillPlan) -> list[str]:
    """Write what a litre or ten grams more or less do."""
    fill = plan.fill
    has_full = math.isfinite(fill.full_height_m)
    end = "bursts at" if math.isfinite(fill.burst_height_m) else "floats at"
    head = ["", "free lift", "ascent", *(["full at"] if has_full else []), end, "on the ground"]
    rows = [_change_row(change, has_full) for change in plan.changes]
    lines = ["  What a little gas more or less does:"]
    lines += ["  " + line for line in table(head, rows)]
    lines += [
        line
        for change in plan.changes
        if change.problem
        for line in wrap(f"{change.title}: {change.problem}.", "    ")
    ]
    if plan.group.vehicle.shape == Envelope.OPEN_TUBE and not plan.stays_up_longer:
        lines += wrap(
            "An open tube vents what does not fit: more gas brings it up sooner, not higher, and "
            "does not keep it up.",
            "    ",
        )
    return lines


def _change_row(change: Change, has_full: bool) -> list[str]:
    if change.problem:
        return [change.title, *["-"] * (5 if has_full else 4)]
    row = [
        change.title,
        f"{1e3 * change.free_lift_kg:+.1f} g",
        f"{change.ascent_rate_ms:+.3f} m/s",
    ]
    if has_full:
        row.append(_metres(change.full_m))
    row.append(_metres(change.end_m))
    return [*row, _later(change.ground_s)]


def _metres(difference_m: float) -> str:
    if math.isnan(difference_m):
        return "-"
    return "the same" if abs(difference_m) < _SURE else f"{difference_m:+.0f} m"


def _later(seconds: float) -> str:
    if math.isnan(seconds):
        return "-"
    if abs(seconds) < 1.0:
        return "the same"
    size = abs(seconds)
    text = f"{size:.0f} s" if size < 90.0 else f"{size / 60.0:.1f} min"
    if size >= 3_600.0:
        text = format_duration(size)
    return f"{text} {'later' if seconds > 0.0 else 'sooner'}"
