"""A comparison of winds in 80 columns: how far apart by level, along flights, along a climb."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from downwind import atmosphere
from downwind.geo.sphere import bearing_deg, distance_m
from downwind.plan.wind_comparison import (
    WindComparison,
    find_events,
    find_separation,
    separate_climbs,
)
from downwind.report._plain import (
    count_text,
    field,
    finish,
    heading,
    place_text,
    table,
    underline,
    wrap,
)
from downwind.report.sizes_text import sizes_lines
from downwind.times import format_minute, format_utc
from downwind.wind.compare.cubes import LEAST_EFFECTIVE, CubeComparison, LevelDifference
from downwind.wind.cube import write_box
from downwind.wind.error import LARGE

STEPS: Final = 8
"""Most moments of a flight, and heights of a climb, that a table shows."""

TOLD_PA: Final = (85_000.0, 70_000.0, 50_000.0, 30_000.0)
"""Pressures whose levels, or those nearest to them, are told time by time [Pa]."""

TIMES_SHOWN: Final = 4
"""With more times than this only the first and the last are written out."""

EFFECTIVE_TEXT: Final = (
    "eff: the number of independent differences among the n, for differences that are alike over "
    f"{LARGE.horizontal_m / 1000:.0f} km and {LARGE.time_s / 3600:.0f} h (an assumption, not "
    f"measured); the standard errors after +- rest on it. Below {LEAST_EFFECTIVE:g} there is none."
)
DEFAULT_TEXT: Final = (
    "default: rms vector difference of two winds whose errors are independent and of the default "
    "size at their leads. Runs of one model share errors, and so differ by less. "
    "Differences of two forecasts are not the error of either."
)


def comparison_text(result: WindComparison) -> str:
    """Return a comparison for a person, in lines of at most 80 columns.

    Parameters
    ----------
    result : WindComparison
    """
    lines = [line for text in result.warnings for line in wrap(text, "!! ", "   ")]
    lines += ([""] if lines else []) + underline("Winds compared", "=")
    for wind in result.winds:
        lines += field(wind.label, wind.describe())
    for wind, comparison in zip(result.winds[1:], result.comparisons, strict=True):
        lines += _levels(comparison, wind.label)
    lines += _legend(result)
    if result.sizes is not None:
        lines += sizes_lines(result.sizes)
    if result.flights:
        lines += _flights(result)
    if result.request is not None:
        lines += _climbs(result)
    return finish(lines)


def time_text(comparison: CubeComparison) -> str:
    """Write the times of a comparison, and whether a wind is interpolated at them."""
    times = comparison.times_s
    shown = times if times.size <= TIMES_SHOWN else times[[0, -1]]
    joint = ", " if times.size <= TIMES_SHOWN else " to "
    text = f"{count_text(times.size, 'time')}: {joint.join(format_minute(t) for t in shown)}"
    if comparison.is_interpolated:
        return f"{text}; each is interpolated in one of the winds, which smooths that one"
    return f"{text}; both winds hold each"


def lead_text(comparison: CubeComparison, label: str) -> str:
    """Write the leads of both winds, or what a wind is that is no forecast."""
    parts = []
    for name, cube, hours in (
        ("A", comparison.first, [row.lead_first_h for row in comparison.by_time]),
        (label, comparison.second, [row.lead_second_h for row in comparison.by_time]),
    ):
        if cube.reference_time_s is None:
            parts.append(f"{name} is no forecast ({cube.nature})")
        elif min(hours) == max(hours):
            parts.append(f"{name} {hours[0]:g} h")
        else:
            parts.append(f"{name} {min(hours):g} to {max(hours):g} h")
    return ", ".join(parts)


def level_name(row: LevelDifference) -> str:
    """Write the pressure of a level in the standard atmosphere [hPa]."""
    return f"{row.pressure_pa / 100.0:.0f}"


def _levels(comparison: CubeComparison, label: str) -> list[str]:
    where = write_box(comparison.longitude, comparison.latitude)
    rows, columns = comparison.latitude.size, comparison.longitude.size
    nodes = f"{where}: {columns} x {rows} nodes of {comparison.grid_of}"
    if comparison.stride > 1:
        nodes += f", every {comparison.stride}. row and column"
    head: tuple[str, ...] = (
        "level\nhPa",
        "height\nm",
        "\nn",
        "\neff",
        "\neastward",
        "\nnorthward",
        "\nvector",
    )
    rms: list[tuple[str, ...]] = [_rms_cells(row) for row in comparison.levels]
    if any(math.isfinite(row.default_vector_ms) for row in comparison.levels):
        head = (*head, "default\nvector")
        rms = [
            (*cells, "-" if math.isnan(row.default_vector_ms) else f"{row.default_vector_ms:.1f}")
            for cells, row in zip(rms, comparison.levels, strict=True)
        ]
    lines = [
        *heading(f"{label} less A, by height"),
        *field("place", nodes),
        *field("time", time_text(comparison)),
        *field("lead", lead_text(comparison, label)),
        "",
        "  root mean square differences, m/s (hPa: in the standard atmosphere)",
        *table(head, rms, left=0),
        "",
        "  mean differences, m/s",
        *table(
            ("level\nhPa", "height\nm", "\neastward", "\nnorthward"),
            [_mean_cells(row) for row in comparison.levels],
            left=0,
        ),
    ]  # fmt: skip
    lines += _times(comparison, label)
    if comparison.absent_m:
        heights = ", ".join(f"{h:.0f}" for h in comparison.absent_m)
        lines += ["", *wrap(f"Not in both winds above the ground: {heights} m.", "  ")]
    exact = [
        name
        for name, sigmas in (
            ("A", [row.sigma_first_ms for row in comparison.levels]),
            (label, [row.sigma_second_ms for row in comparison.levels]),
        )
        if not np.isfinite(sigmas).any()
    ]
    if len(exact) == 1:
        lines += wrap(f"No default error is known for {exact[0]}, which counts as exact.", "  ")
    return lines


def _times(comparison: CubeComparison, label: str) -> list[str]:
    """Return how the difference goes with time and lead at a few levels; nothing for one time."""
    if comparison.times_s.size < 2:
        return []
    told = []
    for pressure in TOLD_PA:
        nearest = min(comparison.levels, key=lambda row: abs(math.log(row.pressure_pa / pressure)))
        if nearest.height_m not in told:
            told.append(nearest.height_m)
    names = [f"{h:.0f}\nm" for h in told]
    by_time = {(row.valid_time_s, row.height_m): row for row in comparison.by_time}
    rows = []
    for i in _spread(comparison.times_s.size):
        time_s = int(comparison.times_s[i])
        found = [by_time.get((time_s, height)) for height in told]
        some = next((row for row in found if row is not None), None)
        leads = (math.nan, math.nan) if some is None else (some.lead_first_h, some.lead_second_h)
        rows.append(
            (
                format_minute(time_s),
                *("-" if math.isnan(lead) else f"{lead:g}" for lead in leads),
                *("-" if row is None else f"{row.difference.rms_vector:.2f}" for row in found),
            )
        )
    return [
        "",
        "  root mean square vector differences by time, m/s",
        *table(("time", "lead A\nh", f"lead {label}\nh", *names), rows),
    ]


def _legend(result: WindComparison) -> list[str]:
    """Return what the heads of the columns mean, once for all comparisons."""
    lines = [*heading("What the columns say"), *wrap(EFFECTIVE_TEXT)]
    rows = [row for comparison in result.comparisons for row in comparison.levels]
    if any(math.isfinite(row.default_vector_ms) for row in rows):
        lines += wrap(DEFAULT_TEXT)
    return lines


def _rms_cells(row: LevelDifference) -> tuple[str, ...]:
    d = row.difference
    return (
        level_name(row),
        f"{row.height_m:.0f}",
        f"{d.n}",
        f"{d.n_effective:.1f}",
        _with_error(d.rms_u, d.se_rms_u),
        _with_error(d.rms_v, d.se_rms_v),
        _with_error(d.rms_vector, d.se_rms_vector),
    )


def _mean_cells(row: LevelDifference) -> tuple[str, ...]:
    d = row.difference
    return (
        level_name(row),
        f"{row.height_m:.0f}",
        _with_error(d.mean_u, d.se_mean_u, "+"),
        _with_error(d.mean_v, d.se_mean_v, "+"),
    )


def _with_error(value: float, error: float, sign: str = "") -> str:
    text = f"{value:{sign}.2f}"
    return text if math.isnan(error) else f"{text}+-{error:.2f}"


def _flights(result: WindComparison) -> list[str]:
    lines = [
        *heading(f"Flights of '{result.mission_name}'"),
        *wrap("The first balloon of each group, from the first site at the first launch time, with "
              "everything at its median and without turbulence: the winds alone differ. Places "
              "are compared with those in A."),
    ]  # fmt: skip
    lines += [
        line for note in result.flight_notes for line in wrap(f"Bridged: {note}", "  ", "    ")
    ]
    for g, first in enumerate(result.flights[0]):
        lines += ["", *wrap(f"Group {first.group}, launch {format_utc(first.launch_s)}")]
        rows, reasons = [], []
        found = [find_events(first, flights[g]) for flights in result.flights]
        for same in zip(*found, strict=True):
            rows.append((same[0].name, *[""] * 5))
            for wind, event in zip(result.winds, same, strict=True):
                is_first = wind is result.winds[0]
                rows.append(
                    (
                        f"  {wind.label}",
                        _minutes(event.elapsed_s),
                        _place(event.latitude, event.longitude),
                        _height(event.height_m),
                        "" if is_first else _kilometres(event.distance_m),
                        "" if is_first else _bearing(event.bearing_deg, event.distance_m),
                    )
                )
                if event.why_not:
                    reasons.append(f"{wind.label}: {event.name} {event.why_not}")
        lines += table(("", "min", "latitude, longitude", "altitude", "km from A", "toward"), rows)
        lines += [line for reason in reasons for line in wrap(reason, "  ")]
        for wind, flights in zip(result.winds[1:], result.flights[1:], strict=True):
            apart = find_separation(first, flights[g])
            picked = _spread(apart.elapsed_s.size)
            lines += ["", *wrap(f"{wind.label} from A over time, until the earlier end:", "  ")]
            lines += table(
                ("min", "km", "toward"),
                [
                    (
                        _minutes(float(apart.elapsed_s[i])),
                        _kilometres(float(apart.distance_m[i])),
                        _bearing(float(apart.bearing_deg[i]), float(apart.distance_m[i])),
                    )
                    for i in picked
                ],
                left=0,
            )
    return lines


def _climbs(result: WindComparison) -> list[str]:
    request, first = result.request, result.climbs[0]
    assert request is not None
    lines = [
        *heading("A climb through each wind"),
        *wrap(
            f"From {_place(request.latitude, request.longitude)} at {first.height_m[0]:.0f} m, "
            f"{request.rate_ms:g} m/s up to {request.top_m:.0f} m (geopotential), carried sideways "
            f"by the wind of {format_utc(request.time_s)}, which is held."
        ),
    ]
    for wind, climb in zip(result.winds, result.climbs, strict=True):
        away = [
            float(of(request.longitude, request.latitude, climb.longitude[-1], climb.latitude[-1]))
            for of in (distance_m, bearing_deg)
        ]
        end = _place(float(climb.latitude[-1]), float(climb.longitude[-1]))
        drift = f"{_kilometres(away[0])} km toward {_bearing(away[1], away[0])}"
        lines += field(wind.label, f"drifts {drift}, ends at {end}")
    for wind, climb in zip(result.winds[1:], result.climbs[1:], strict=True):
        apart = separate_climbs(first, climb)
        du, dv = climb.eastward_ms - first.eastward_ms, climb.northward_ms - first.northward_ms
        whole = math.sqrt(float(np.mean(du**2 + dv**2)))
        lines += [
            "",
            *wrap(f"{wind.label} less A along the path: rms vector difference {whole:.2f} m/s",
                  "  "),
            *table(
                ("height m", "min", "eastward", "northward", "vector", "apart km", "toward"),
                [
                    (
                        f"{first.height_m[i]:.0f}",
                        _minutes(float(first.elapsed_s[i])),
                        f"{du[i]:+.2f}",
                        f"{dv[i]:+.2f}",
                        f"{math.hypot(du[i], dv[i]):.2f}",
                        _kilometres(float(apart.distance_m[i])),
                        _bearing(float(apart.bearing_deg[i]), float(apart.distance_m[i])),
                    )
                    for i in _spread(first.height_m.size)
                ],
                left=0,
            ),
        ]  # fmt: skip
    return lines


def _spread(size: int) -> Sequence[int]:
    """Return indices of evenly spread rows, the last one among them."""
    return sorted({round(i) for i in np.linspace(0, size - 1, min(size, STEPS + 1))})


def _minutes(seconds: float) -> str:
    return "-" if math.isnan(seconds) else f"{seconds / 60.0:.1f}"


def _kilometres(metres: float) -> str:
    return "-" if math.isnan(metres) else f"{metres / 1000.0:.2f}"


def _bearing(degrees: float, metres: float) -> str:
    """Write a bearing; none where two places are within a metre."""
    return "-" if math.isnan(degrees) or metres < 1.0 else f"{round(degrees) % 360:03d}"


def _height(height_m: float) -> str:
    if math.isnan(height_m):
        return "-"
    return f"{float(atmosphere.geometric_altitude(height_m)):.0f} m"


def _place(latitude: float, longitude: float) -> str:
    if math.isnan(latitude):
        return "-"
    return place_text(latitude, longitude)
