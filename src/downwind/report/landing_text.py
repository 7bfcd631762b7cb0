"""Landings on the summary: chances of shares of the load, all else that comes down, and towns."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from downwind.geo.regions import measure_area_km2
from downwind.landing.casualty import YARDSTICK_KM2
from downwind.landing.intervals import estimate_event
from downwind.landing.regions import HOME, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.load.impact import CATEGORY_2_J
from downwind.plan.landing_maps import LandingMap
from downwind.plan.load_events import LoadEvent
from downwind.plan.result import PlanResult
from downwind.plan.towns import TOWNS_ONLY
from downwind.report._plain import heading, percent, shorten, table, wrap
from downwind.report._text import short_title

TOWN_ROWS: Final = 6
_REGIONS: Final = {TARGET: "target", HOME: "short", THIRD_COUNTRY: "third", SEA_NAME: "sea"}


def landing_lines(result: PlanResult) -> list[str]:
    """Write where things come down, and about which towns.

    Parameters
    ----------
    result : PlanResult

    Returns
    -------
    list of str
        Lines of at most 80 columns.
    """
    if result.landings is None:
        return []
    return [*_event_lines(result), *_map_lines(result), *_town_lines(result)]


def _event_lines(result: PlanResult) -> list[str]:
    assert result.landings is not None
    events = {(e.region, e.at_least): e for e in result.landings.events}
    asked = result.mission.report.at_least
    lines = heading("Chance that a region gets at least so much of the load by mass (%)")
    for start in range(0, len(asked), 3):
        part = asked[start : start + 3]
        rows = [
            [short_title(name), *(_event(events[name, share]) for share in part)]
            for name in result.regions.names
        ]
        lines += table(["", *(percent(share) for share in part)], rows)
    left = result.left_data.hit_draws > 0
    more = "; /: if all that left the data came down there" if left else ""
    return lines + wrap(f"in brackets the 95 % interval, from {result.run.draws} draws{more}", "  ")


def _event(event: LoadEvent) -> str:
    low, high = 100.0 * event.low, 100.0 * event.high
    if event.hit_draws == 0:
        text = f"0 (< {high:.1f})"
    elif event.hit_draws == event.draws:
        text = f"100 (> {low:.1f})"
    else:
        text = f"{100.0 * event.probability:.1f} ({low:.1f}-{high:.1f})"
    if event.worst_high > event.high + 1e-9:
        text += f" / < {100.0 * event.worst_high:.1f}"
    return text


def _map_lines(result: PlanResult) -> list[str]:
    assert result.landings is not None
    raster = result.mission.population.raster
    lines = heading("What comes down where: expected number, areas, people struck")
    rows = []
    for found in result.landings.maps:
        rows.append([
            shorten(found.key, 22),
            _number(found.expected),
            *(_number(found.regions[name][0]) for name in _REGIONS),
            _area(found),
            _struck(found),
        ])  # fmt: skip
        errors = [_error(found.regions[name][1]) for name in _REGIONS]
        if any(errors):
            rows.append(["  ±", "", *errors, "", ""])
    wide = f"{100 * max(result.mission.report.contours):g} % km2"
    lines += table(["", "all", *_REGIONS.values(), wide, "struck"], rows)
    if raster is not None:
        known = (
            f"struck: people expected to be struck by what lands above {CATEGORY_2_J} J, all of "
            f"them out of doors, with those of {raster.text}; -: none is above it"
        )
        off = [m for m in result.landings.maps if m.struck.unknown_share > 0.005]
        known += "".join(
            f"; {percent(m.struck.unknown_share)} of {m.key} come down where the raster has no "
            "value"
            for m in off
        )
    else:
        known = (
            f"struck: people who would be struck by what lands above {CATEGORY_2_J} J, were there "
            f"{YARDSTICK_KM2:g} people/km2 everywhere, all of them out of doors; -: none is above "
            "it. Towns alone do not say how many live where: give a raster as [population]"
        )
    clusters = result.landings.clusters
    never = estimate_event(np.zeros(clusters.draws, dtype=bool), clusters).high
    lines += wrap(
        f"±: standard error of the line above; 0: there in no draw, and the chance of any at all "
        f"is below {100.0 * never:.1f} % (95 %). {known}",
        "  ",
    )
    notes = [m for m in result.landings.maps if m.density is not None and m.density.note]
    for found in notes:
        assert found.density is not None
        lines += wrap(f"{found.key}: {found.density.note}", "- ", "  ")
    return lines


def _area(found: LandingMap) -> str:
    if found.density is None:
        return "-"
    return _number(measure_area_km2(found.density.contours[max(found.density.contours)]))


def _struck(found: LandingMap) -> str:
    struck = found.struck
    if not struck.things > 0.0:
        return "-"
    if math.isnan(struck.expected):
        return f"({struck.at_yardstick:.0e})"
    return f"{struck.expected:.1e} ± {struck.standard_error:.0e}"


def _town_lines(result: PlanResult) -> list[str]:
    assert result.landings is not None
    towns = result.landings.towns
    km = f"{towns.radius_m / 1e3:g} km"
    lines = heading(f"Towns with most items within {km} of their middles")
    if not towns.rows:
        return lines + wrap(
            f"no town of {towns.smallest:,} people or more about the landings ({TOWNS_ONLY}); "
            "smaller ones by report.smallest_town",
            "  ",
        )
    items = [m.key for m in result.landings.maps if m.role == "item"]
    rows = [
        [
            row.town.name,
            f"{row.town.population:,}",
            _with_error(*row.items),
            _number(sum(row.nearest[key] for key in items)),
        ]
        for row in towns.rows[:TOWN_ROWS]
    ]
    lines += table(["", "people", f"items within {km}", "nearest town of"], rows)
    return lines + wrap(
        f"{TOWNS_ONLY}; those of {towns.smallest:,} people or more, others by report.smallest_town",
        "  ",
    )


def _with_error(mean: float, error: float) -> str:
    if not error > 0.0:
        return _number(mean)
    return f"{_number(mean)} ± {_number(error)}"


def _error(error: float) -> str:
    return _number(error) if error > 0.0 else ""


def _number(value: float) -> str:
    """Write an expected number with two or three digits."""
    if value == 0.0:
        return "0"
    if value >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.2g}" if value >= 1e-3 else f"{value:.0e}"
