"""From where and when a target can be reached, for the terminal, in at most 80 columns."""

from __future__ import annotations

import math

from downwind.board.reach import NEAR, Reachable, ReachRow, SiteReach
from downwind.board.result import WindVerdict
from downwind.landing.regions import HOME, TARGET
from downwind.plan._wind_error import HEIGHT_M
from downwind.plan.wind_error_text import figures_at, figures_lines
from downwind.report._plain import (
    count_text,
    field,
    finish,
    heading,
    percent,
    table,
    wrap,
)
from downwind.times import format_minute

AT_LEAST = (0.01, 0.5, 0.9)
"""Shares of the load for which areas are told [fraction]."""

NO_GO_TEXT = (
    "This asks the wind alone, and no rule, zone, permission or weather at the ground: it is no "
    "GO. Ask the board of a site that it names: downwind board MISSION"
)


def reach_text(result: Reachable) -> str:
    """Write from where and when a target can be reached.

    Parameters
    ----------
    result : Reachable

    Returns
    -------
    str
        Lines of at most 80 columns: the answer, sites by hour, places flown forward, areas by
        hour, how it was found.
    """
    mission = result.mission
    lines = [*wrap(NO_GO_TEXT, "!! ", "   "), ""]
    lines += ["REACH", "====="]
    lines += field("mission", mission.name)
    lines += field("target", mission.target.name)
    lines += field("launches in", mission.home.name)
    lines += field("answer", _answer(result))
    lines += _sites(result)
    lines += _rows(result)
    lines += _areas(result)
    lines += heading("How it was found")
    for text in how_lines(result):
        lines += wrap(text, "- ", "  ")
    return finish(lines)


def how_lines(result: Reachable) -> list[str]:
    """Say how launches were looked for and how far they can be trusted, a sentence each.

    Parameters
    ----------
    result : Reachable
    """
    check, grid = result.check, result.grid
    synthetic = "SYNTHETIC WIND, NOT A FORECAST: " if grid.nature == "synthetic" else "Wind: "
    lines = [
        f"{synthetic}{grid.source}; flown back in {result.winds} of "
        f"{count_text(grid.base_count, 'wind')} of the data",
        *_wind_lines(result),
        f"{result.found:,} launch{'' if result.found == 1 else 'es'} found from "
        f"{count_text(result.places.longitude.size, 'place')} spread over the target, one in "
        f"{result.places.spacing_m / 1e3:.0f} km square, with up to "
        f"{max(t.size for t in result.timers_s)} timer settings; {result.lost:,} flights back "
        "left the data",
        "all that is uncertain is at its median on the way back; errors of the wind, fills and "
        "timers come in with the flights forward",
    ]
    if check.landed:
        lines.append(
            f"of {check.launches:,} launches flown forward in the same wind {check.inside:,} came "
            f"down in the target, half of them within {_metres(check.median_m)} of where they were "
            f"flown back from and all within {_metres(check.most_m)}"
        )
    lines.append(
        f"map: cells of {result.map.cell_deg:g} degrees; places are named to 0.05 degrees and no "
        "finer"
    )
    lines.append(
        f"flights forward: {result.draws} draws, seed {result.mission.seed}, each setting chosen "
        "by the draws that judge it, and so a little too good; certified: by fresh draws"
    )
    lines += [f"left out: {text}" for text in result.left_out]
    lines.append(f"downwind {result.run.version}, run {result.run.digest[:12]}")
    return lines


def _wind_lines(result: Reachable) -> list[str]:
    """Say how old the wind is, what was bridged, and which error the flights forward have."""
    grid = result.grid
    lines = []
    if grid.reference_time_s is not None:
        leads = [(start - grid.reference_time_s) / 3600.0 for start in result.hours_s]
        lines.append(
            f"run {format_minute(grid.reference_time_s)}, lead {leads[0]:.1f} to {leads[-1]:.1f} h "
            "at the launches"
        )
    lines += [
        f"{'Warning' if bridge in grid.warnings else 'Bridged'}: {bridge}"
        for bridge in grid.bridges
    ]
    return lines + figures_lines(grid, figures_at(grid, HEIGHT_M, float(result.hours_s[0])))


def hour_text(start_s: int, zone: str) -> str:
    """Write a launch hour in the time of a place, without its year."""
    return format_minute(start_s, zone)[5:]


def timer_text(settings: ReachRow) -> str:
    """Write the timer settings of a row in minutes, one a group."""
    return "/".join(f"{(s.timer_s or 0.0) / 60.0:.0f}" for s in settings.settings)


def _answer(result: Reachable) -> str:
    if not result.found:
        return "no launch was found, from anywhere: the wind does not lead to this target"
    near = {s.site.name for s in result.sites if s.is_reachable}
    every = dict.fromkeys(s.site.name for s in result.sites)
    hours = len({s.start_s for s in result.sites if s.is_reachable})
    at_home = max(result.map.area_km2(h, AT_LEAST[0]) for h in range(len(result.hours_s)))
    if near:
        sites = ", ".join(name for name in every if name in near)
        text = f"reachable from {sites}, at {hours} of {len(result.hours_s)} hours"
    else:
        text = f"reachable from none of the mission's sites ({', '.join(every)})"
    if at_home > 0.0:
        text += f"; in {result.mission.home.name} from up to {_km2(at_home)} of land"
    else:
        text += f"; from nowhere in {result.mission.home.name}"
    good = [row for row in result.rows if row.is_feasible]
    if good:
        row = good[0]
        text += (
            f". Best within the limits: {row.site.name}, "
            f"{hour_text(row.start_s, row.site.time_zone)}, {row.shares[TARGET].to_text()} of the "
            "load in the target"
        )
    elif result.rows:
        text += f". No setting that was flown forward is within the limits: {_closest(result)}"
    return text


def _closest(result: Reachable) -> str:
    row = result.rows[0]
    return (
        f"closest is {row.site.name}, {hour_text(row.start_s, row.site.time_zone)}, over its worst "
        f"limit by {percent(row.excess)} of the load"
    )


def _sites(result: Reachable) -> list[str]:
    lines = heading("Sites of the mission (by flights back, at the medians)")
    names = "/".join(group.name for group in result.mission.groups)
    rows = [
        [
            stand.site.name,
            hour_text(stand.start_s, stand.site.time_zone),
            "-" if math.isnan(stand.nearest_m) else f"{stand.nearest_m / 1e3:.0f} km",
            _spans(stand),
            f"{100.0 * stand.share:.0f}",
        ]
        for stand in result.sites
    ]
    lines += table(
        ["site", "first launch", "nearest\nlaunch", "timers, min", "share\n%"], rows, left=2
    )
    lines += wrap(
        f"timers of {names}: first and last setting of which a launch that reaches the target lies "
        f"within {NEAR * _cell_km(result):.0f} km of the site; share: of the load, by the map",
        "  ",
    )
    return lines


def _spans(stand: SiteReach) -> str:
    return " / ".join(
        "-" if span is None else f"{span[0] / 60.0:.0f}-{span[1] / 60.0:.0f}"
        for span in stand.timers.values()
    )


def _rows(result: Reachable) -> list[str]:
    if not result.rows:
        return []
    lines = heading(f"Flown forward ({result.draws} draws; expected share of the load, %)")
    rows = [
        [
            row.site.name,
            hour_text(row.start_s, row.site.time_zone),
            timer_text(row),
            _share(row, TARGET),
            _share(row, HOME),
            _limits(row),
        ]
        for row in result.rows
    ]
    lines += table(
        [
            "place",
            "first launch",
            "timer\nmin",
            "in the\ntarget",
            "falling\nshort",
            "within\nlimits",
        ],
        rows,
        left=2,
    )
    lines += wrap(
        f"a place without a name is a cell about {_cell_km(result):.0f} km wide, flown from its "
        "middle; (c): certified by fresh draws, which did not choose the settings",
        "  ",
    )
    return lines


def _areas(result: Reachable) -> list[str]:
    lines = heading(f"Land in {result.mission.home.name} from which it can be reached")
    zone = result.mission.sites[0].time_zone
    rows = [
        [hour_text(start, zone), *(_km2(result.map.area_km2(h, least)) for least in AT_LEAST)]
        for h, start in enumerate(result.hours_s)
    ]
    lines += table(["first launch", "any of the load", "half or more", "nine tenths or more"], rows)
    return lines


def _limits(row: ReachRow) -> str:
    if row.certificate is None:
        return "yes" if row.is_feasible else "NO"
    words = {WindVerdict.WITHIN: "yes", WindVerdict.UNSURE: "not sure", WindVerdict.BREAKS: "NO"}
    return f"{words[row.certificate.verdict]} (c)"


def _share(row: ReachRow, region: str) -> str:
    share = row.shares[region]
    return f"{100.0 * share.mean:.1f} ± {100.0 * share.standard_error:.1f}"


def _km2(area: float) -> str:
    return f"{float(f'{area:.2g}'):,.0f} km2"


def _metres(metres: float) -> str:
    return f"{metres:.0f} m" if metres < 1_000.0 else f"{metres / 1e3:.1f} km"


def _cell_km(result: Reachable) -> float:
    return math.radians(result.map.cell_deg) * 6_371.0
