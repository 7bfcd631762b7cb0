"""Texts of own observations: a reduced profile, and what one changed in a plan."""

from __future__ import annotations

import math
from collections.abc import Sequence

from downwind.geo.sphere import distance_m
from downwind.landing.digits import write_uncertain
from downwind.landing.regions import TARGET
from downwind.plan.observed import ObservationEffect
from downwind.plan.result import PlanResult
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
from downwind.report._text import compact_share, short_title
from downwind.times import format_duration, format_utc
from downwind.wind.profile import Profile


def direction_deg(east_ms: float, north_ms: float) -> float:
    """Return where a wind comes from, above 0 and up to 360 [degrees]; 0 for a calm."""
    if math.hypot(east_ms, north_ms) < 0.05:
        return 0.0
    return math.degrees(math.atan2(-east_ms, -north_ms)) % 360.0 or 360.0


def wind_text(wind_ms: tuple[float, float]) -> str:
    """Write a wind as direction and speed: ``225° 12.3``."""
    speed = math.hypot(*wind_ms)
    return f"{round(direction_deg(*wind_ms)):03d}° {speed:4.1f}"


def profile_text(profiles: Sequence[Profile]) -> str:
    """Write profiles for the terminal.

    Parameters
    ----------
    profiles : sequence of Profile

    Returns
    -------
    str
        Lines of at most 80 columns: warnings, station, a row a level, notes.
    """
    lines: list[str] = []
    for profile in profiles:
        lines += [""] if lines else []
        lines += _profile_lines(profile)
    return finish(lines)


def _profile_lines(profile: Profile) -> list[str]:
    loud = [line for text in profile.warnings for line in wrap(text, "!! ", "   ")]
    lines = [*loud, ""] if loud else []
    lines += underline(f"WIND OBSERVED AT {profile.station}", "=")
    lines += field("kind", profile.source)
    lines += field("place", place_text(profile.latitude, profile.longitude))
    if profile.elevation_m is not None:
        lines += field("elevation", f"{profile.elevation_m:.0f} m")
    lines += field("release", format_utc(profile.time_s))
    lines += field("file", profile.file)
    rows = []
    for i, height in enumerate(profile.height_m):
        since = profile.level_time_s[i] - profile.time_s
        wind = (float(profile.eastward_ms[i]), float(profile.northward_ms[i]))
        rows.append(
            [
                f"{height:.0f}",
                f"{round(direction_deg(*wind)):03d}",
                f"{math.hypot(*wind):.1f}",
                f"{profile.error_ms[i]:.1f}",
                f"{1.943844 * math.hypot(*wind):.0f}",
                f"{since:.0f}" if math.isfinite(since) else "-",
            ]
        )
    lines += [""]
    head = ["height\nm", "from\ndeg", "speed\nm/s", "error\nm/s", "speed\nkt", "after\ns"]
    lines += table(head, rows, left=0)
    lines += wrap(
        "height: geopotential, above the sea. from: where the wind comes from, true north. error: "
        "standard error of each component. after: time since the release",
        "  ",
    )
    if profile.common_eastward_ms is not None:
        lines += wrap(
            "a part of the error is common to all levels: they are all too strong or too weak, "
            "and all too high or too low, together",
            "  ",
        )
    return [*lines, *(x for note in profile.notes for x in wrap(note, "- ", "  "))]


def effect_lines(result: PlanResult) -> list[str]:
    """Write what own observations changed in a plan; nothing where there are none.

    Parameters
    ----------
    result : PlanResult
    """
    effect = result.observed
    if effect is None:
        return []
    lines = heading("What the own observation changed")
    lines += _observation_lines(result, effect)
    rows = []
    for row in effect.site:
        change = math.hypot(row.after_ms[0] - row.before_ms[0], row.after_ms[1] - row.before_ms[1])
        winds = [wind_text(row.before_ms), wind_text(row.after_ms)]
        rows.append([f"{row.height_m:.0f} m", *winds, f"{change:.1f}"])
    if rows:
        lines += wrap("Wind over the site at the launch (from, m/s)", "  ")
        lines += table(["height", "before", "after", "change"], rows)
    lines += wrap("Expected share of the load by mass, the same setting (%)", "  ")
    regions = [
        [
            short_title(name),
            compact_share(effect.shares_before[name]),
            compact_share(effect.shares_after[name]),
        ]
        for name in result.regions.names
    ]
    lines += table(["", "before", "after"], regions)
    moved = write_uncertain(100 * effect.target_change, 100 * effect.target_change_error, sign="+")
    lines += wrap(
        f"in the target: change {moved} % of the load, on the same draws "
        f"({effect.shares_before[TARGET].to_text()} before)",
        "  ",
        "    ",
    )
    for shift in effect.shifts:
        text = (
            "no landings to compare"
            if math.isnan(shift.distance_m)
            else f"landings move by {shift.distance_m / 1e3:.1f} km towards "
            f"{round(shift.bearing_deg) % 360:03d}° (centroid)"
        )
        lines += wrap(f"{shift.title}: {text}", "  ", "    ")
    return lines


def _observation_lines(result: PlanResult, effect: ObservationEffect) -> list[str]:
    lines = []
    for check in effect.observations:
        away = distance_m(
            result.site.longitude, result.site.latitude, check.longitude, check.latitude
        )
        age = result.start_s - check.time_s
        used = [level for level in check.levels if level.is_used]
        miss = math.sqrt(
            sum(
                (level.observed_ms[c] - level.forecast_ms[c]) ** 2
                for level in used
                for c in range(2)
            )
            / max(2 * len(used), 1)
        )
        lines += wrap(
            f"{check.station}, {check.source}: {float(away) / 1e3:.0f} km from the site, "
            f"{format_duration(abs(age))} {'before' if age >= 0 else 'after'} the launch, "
            f"{check.used} of {count_text(len(check.levels), 'level')} used; the forecast missed "
            f"each component by {miss:.1f} m/s (rms)",
            "  ",
            "    ",
        )
    return lines
