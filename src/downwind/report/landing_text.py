"""Landings on the summary: chances of shares of the load, all else that comes down, and towns."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from downwind.geo.regions import measure_area_km2
from downwind.landing.casualty import YARDSTICK_KM2
from downwind.landing.digits import write_above, write_below, write_number, write_plain
from downwind.landing.intervals import estimate_event
from downwind.landing.regions import HOME, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.load.impact import CATEGORY_2_J
from downwind.plan.landing_maps import LandingMap
from downwind.plan.load_events import LoadEvent
from downwind.plan.result import PlanResult
from downwind.plan.towns import TOWNS_ONLY
from downwind.report._plain import COLUMNS, heading, percent, stack, table, wrap
from downwind.report._text import short_title

TOWN_ROWS: Final = 6
MAP_COLUMNS: Final = 18
_REGIONS: Final = {
    TARGET: "in the target",
    HOME: "falling short",
    THIRD_COUNTRY: "third countries",
    SEA_NAME: "in the sea",
}


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
        text = f"0 ({write_below(high)})"
    elif event.hit_draws == event.draws:
        text = f"100 ({write_above(low)})"
    else:
        text = f"{100.0 * event.probability:.1f} ({low:.1f}-{high:.1f})"
    if event.worst_high > event.high + 1e-9:
        text += f" / {write_below(100.0 * event.worst_high)}"
    return text


def _map_lines(result: PlanResult) -> list[str]:
    assert result.landings is not None
    raster = result.mission.population.raster
    lines = heading("What comes down where: expected number, areas, people struck")
    for role in ("item", "ending"):
        lines += _map_tables([m for m in result.landings.maps if m.role == role])
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
        f"how many are expected in a night, ± standard error, from {result.run.draws} draws; of "
        "the items, those that opened. 0: in no draw, and the chance of any at all is "
        f"{write_below(100.0 * never)} % (95 %). {known}",
        "  ",
    )
    notes = [m for m in result.landings.maps if m.density is not None and m.density.note]
    for found in notes:
        assert found.density is not None
        lines += wrap(f"{found.key}: {found.density.note}", "- ", "  ")
    return lines


def _map_tables(maps: list[LandingMap]) -> list[str]:
    """Write what is expected of each sort, a column each, as many columns as fit side by side."""
    heads = ["all", *_REGIONS.values(), "", "struck"]
    columns = []
    for found in maps:
        heads[-2] = (
            heads[-2]
            if found.density is None
            else f"{100 * max(found.density.contours):g} % of them, km2"
        )
        cells = [
            write_number(found.expected, found.expected_error),
            *(write_number(*found.regions[name]) for name in _REGIONS),
            _area(found),
            _struck(found),
        ]
        columns.append([stack(found.key, MAP_COLUMNS), *cells])
    heads[-2] = heads[-2] or "area"
    lines = []
    while columns:
        fits = 1
        while fits < len(columns) and _width(columns[: fits + 1], heads) <= COLUMNS:
            fits += 1
        part, columns = columns[:fits], columns[fits:]
        lines += table(
            ["", *(c[0] for c in part)],
            [[head, *(c[i + 1] for c in part)] for i, head in enumerate(heads)],
        )
    return lines


def _width(columns: list[list[str]], heads: list[str]) -> int:
    widest = [max(len(line) for cell in c for line in cell.split("\n")) + 2 for c in columns]
    return 2 + max(len(head) for head in heads) + sum(widest)


def _area(found: LandingMap) -> str:
    if found.density is None:
        return "-"
    return write_plain(measure_area_km2(found.density.contours[max(found.density.contours)]))


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
    rows = [
        [
            row.town.name,
            f"{row.town.population:,}",
            write_number(*row.items),
            write_number(*row.nearest_items),
        ]
        for row in towns.rows[:TOWN_ROWS]
    ]
    lines += table(["", "people", f"items within {km}", "nearest town of"], rows)
    return lines + wrap(
        f"{TOWNS_ONLY}; those of {towns.smallest:,} people or more, others by report.smallest_town",
        "  ",
    )
