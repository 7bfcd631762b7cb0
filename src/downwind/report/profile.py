"""Draw how high the balloons fly, and what the timer setting changes: one row a group.

Left the altitude with the load and over the whole flight, right the shares of the load against the
setting, with the limits and the setting of the result.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.landing.clusters import Clusters, standard_errors
from downwind.landing.regions import HOME, LEFT_DATA, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.plan.caption import caption_lines, launch_text
from downwind.plan.result import GroupResult, PlanResult
from downwind.plan.search import limit_table
from downwind.report import style
from downwind.report._plain import count_text, cut, percent, shorten
from downwind.report._text import broken_limits, loud_texts, short_title

FLIGHTS = 30
TITLE_WIDTH: Final = 80
NAME_WIDTH: Final = 60
"""Longest name of a group above its row [characters]."""

LEAST_TOP_KM = 20.0
LOADED_INK: Final = "#12355b"
ENVELOPE_INK: Final = "#a3a9ad"

CURVES: Final = {
    TARGET: style.KindStyle("#1f5c3a", "-", "", "o"),
    SEA_NAME: style.KindStyle("#6fa3c4", (0.0, (6.0, 1.8, 1.2, 1.8)), "", "D"),
    HOME: style.KindStyle("#a32a2a", (0.0, (5.0, 2.0)), "", "s"),
    THIRD_COUNTRY: style.KindStyle("#d9963a", (0.0, (1.2, 1.6)), "", "^"),
    LEFT_DATA: style.KindStyle("#7a7f83", (0.0, (9.0, 2.0)), "", "v"),
}
"""How the shares of the regions are drawn, and of what leaves the data."""

_ROW_IN, _HEAD_IN, _GAP_IN = 3.5, 1.05, 1.15
_COLUMNS = ((0.055, 0.235), (0.345, 0.235), (0.655, 0.325))


def draw_profile(result: PlanResult, path: Path) -> None:
    """Write the profile of a result as PNG, 2000 pixels wide.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
    """
    style.save_figure(make_profile(result), path)


def make_profile(result: PlanResult) -> Figure:
    """Return the profile of a result as a figure."""
    caption = _caption(result)
    foot = 0.25 + 0.17 * len(caption)
    rows = len(result.groups)
    height = _HEAD_IN + rows * (_ROW_IN + _GAP_IN) + foot
    figure = style.new_figure(height)
    _write_frame(figure, result, caption, height)
    top_km = max(LEAST_TOP_KM, *(1.08 * _highest_km(group) for group in result.groups))
    for index, group in enumerate(result.groups):
        bottom = height - _HEAD_IN - index * (_ROW_IN + _GAP_IN) - _GAP_IN * 0.55 - _ROW_IN
        cells = [
            figure.add_axes((left, bottom / height, width, _ROW_IN / height))
            for left, width in _COLUMNS[:2]
        ]
        _draw_flights(cells[0], group, _loaded_hours(group), top_km=None)
        _draw_flights(cells[1], group, None, top_km)
        own = group.group
        name = shorten(own.name, NAME_WIDTH)
        figure.text(
            _COLUMNS[0][0], (bottom + _ROW_IN + 0.28) / height,
            f"{name}: {count_text(own.count, 'balloon')}, timer {group.dials}", fontsize=11,
            fontweight="bold", color=style.INK, va="bottom",
        )  # fmt: skip
        for axes, title in zip(cells, ("with the load", "whole flight"), strict=True):
            axes.set_title(title, loc="left", fontsize=9.5, color=style.FAINT_INK)
        left, width = _COLUMNS[2]
        upper = (left, (bottom + 0.36 * _ROW_IN) / height, width, 0.64 * _ROW_IN / height)
        lower = (left, bottom / height, width, 0.29 * _ROW_IN / height)
        _draw_shares(figure.add_axes(upper), figure.add_axes(lower), result, group)
    return figure


def share_band(
    shares: NDArray[np.float64], clusters: Clusters | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of per-draw shares, shape (t, draws), and two standard errors either way.

    Returns
    -------
    tuple of numpy.ndarray
        Mean, lower and upper bound within 0 to 100, shape (t,) each [%]; the bounds of a single
        draw are 0 and 100.
    """
    mean = 100.0 * shares.mean(axis=1)
    error = np.nan_to_num(100.0 * standard_errors(shares, clusters), nan=100.0)
    return mean, np.maximum(mean - 2.0 * error, 0.0), np.minimum(mean + 2.0 * error, 100.0)


def flight_tracks(
    group: GroupResult, count: int
) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Return hours since launch, altitudes [km, geometric] and the releases [h] of some draws.

    The releases ascend; there are none where nothing was let go.
    """
    flights, launch_s = group.envelope.flights, group.envelope.launch_s
    found = []
    for i in range(min(count, flights.track.shape[0])):
        altitude = atmosphere.geometric_altitude(flights.track[i, :, 2]) / 1000.0
        rows = int(np.count_nonzero(np.isfinite(altitude)))
        end_s = flights.end_time_s[i] - launch_s[i]
        hours = np.minimum(np.arange(rows) * flights.record_s, end_s) / 3600.0
        releases = flights.release_time_s[i, flights.released[i]] - launch_s[i]
        found.append((hours, altitude[:rows], np.sort(releases) / 3600.0))
    return found


def _draw_flights(
    axes: Axes, group: GroupResult, hours: float | None, top_km: float | None
) -> None:
    """Draw altitudes of some draws up to some hours, or to the end."""
    highest = longest = 0.0
    for at, altitude, releases in flight_tracks(group, FLIGHTS):
        release = releases[-1] if releases.size else float("nan")
        split = int(np.searchsorted(at, release)) if releases.size else at.size
        let_go = float(np.interp(release, at, altitude)) if split < at.size else float("nan")
        loaded = (np.append(at[:split], release), np.append(altitude[:split], let_go))
        axes.plot(np.append(release, at[split:]), np.append(let_go, altitude[split:]),
                  color=ENVELOPE_INK, linewidth=0.7, linestyle=(0.0, (3.0, 1.5)),
                  zorder=2)  # fmt: skip
        axes.plot(*loaded, color=LOADED_INK, linewidth=0.9, alpha=0.7, zorder=3)
        axes.plot(releases, np.interp(releases, at, altitude), linestyle="none", marker="o",
                  markersize=3.4, color="white", markeredgecolor=LOADED_INK, markeredgewidth=0.9,
                  zorder=4)  # fmt: skip
        highest = max(highest, float(np.nanmax(loaded[1])))
        longest = max(longest, float(at[-1]))
    axes.set_xlim(0.0, (1.02 * longest) if hours is None else hours)
    axes.set_ylim(0.0, top_km or 1.35 * highest)
    axes.set_xlabel("time since launch, h", fontsize=9)
    axes.set_ylabel("altitude, km", fontsize=9)
    _polish(axes)


def _draw_shares(upper: Axes, lower: Axes, result: PlanResult, group: GroupResult) -> None:
    """Draw all regions above; below, at their own scale, those that have limits."""
    curve, timer_min = group.curve, (group.setting.timer_s or 0.0) / 60.0
    minutes = curve.timer_s / 60.0
    for axes, regions in ((upper, tuple(CURVES)), (lower, (HOME, THIRD_COUNTRY))):
        for region in regions:
            look = CURVES[region]
            mean, low, high = share_band(curve.shares[region], curve.clusters)
            axes.fill_between(minutes, low, high, color=look.color, alpha=0.18, linewidth=0.0)
            axes.plot(minutes, mean, color=look.color, linestyle=look.dashes, linewidth=1.5,
                      marker=look.marker, markersize=3.2,
                      markevery=_marked(minutes), zorder=4)  # fmt: skip
        axes.axvline(timer_min, color=style.INK, linewidth=1.1, zorder=3)
        axes.set_xlim(minutes[0], minutes[-1])
        axes.set_ylabel("share, %", fontsize=9)
        _polish(axes)
    upper.set_ylim(-2.0, 102.0)
    upper.set_yticks([0.0, 25.0, 50.0, 75.0, 100.0])
    upper.tick_params(labelbottom=False)
    is_best = group.is_feasible and not broken_limits(result)
    found = "recommended" if is_best else "closest to the limits"
    word = "flown" if result.command == "fly" else found
    upper.set_title(f"share of the load by mass; {word}: {timer_min:.0f} min", loc="left",
                    fontsize=9.5, color=style.FAINT_INK)  # fmt: skip
    limits = limit_table(result.mission)
    highest = max(
        float(share_band(curve.shares[r], curve.clusters)[2].max()) for r in (HOME, THIRD_COUNTRY)
    )
    widest = 100.0 * max(limits[HOME], limits[THIRD_COUNTRY])
    lower.set_ylim(0.0, min(100.0, max(2.0 * widest, 1.05 * min(highest, 4.0 * widest), 1.0)))
    apart = 100.0 * abs(limits[HOME] - limits[THIRD_COUNTRY]) / lower.get_ylim()[1]
    # names stand on the side away from the line of the setting
    is_late = timer_min - minutes[0] > 0.6 * (minutes[-1] - minutes[0])
    near, far = (0.0, 0.4) if is_late else (1.0, 0.6)
    for region, place in ((HOME, near), (THIRD_COUNTRY, near if apart > 0.15 else far)):
        lower.axhline(100.0 * limits[region], color=CURVES[region].color, linewidth=0.9,
                      linestyle=CURVES[region].dashes, zorder=2)  # fmt: skip
        lower.annotate(
            f"limit {short_title(region)} {percent(limits[region])}",
            (place, 100.0 * limits[region]), (3.0 if is_late else -3.0, 1.5),
            xycoords=("axes fraction", "data"), textcoords="offset points",
            ha="left" if is_late else "right",
            va="bottom", fontsize=7.5, color=CURVES[region].color,
        )  # fmt: skip
    first = "timer setting" if len(group.releases) == 1 else "setting of the first timer"
    lower.set_xlabel(f"{first}, min", fontsize=9)


def _marked(minutes: NDArray[np.float64]) -> list[int]:
    """Return the settings that carry a marker: about a dozen, evenly spread."""
    wanted = np.linspace(minutes[0], minutes[-1], 12)
    return sorted({int(np.argmin(np.abs(minutes - x))) for x in wanted})


def _write_frame(figure: Figure, result: PlanResult, caption: list[str], height: float) -> None:
    name = cut(result.mission.name, TITLE_WIDTH)
    left = _COLUMNS[0][0]
    figure.text(left, 1.0 - 0.30 / height, name, fontsize=15, fontweight="bold", color=style.INK,
                va="center")  # fmt: skip
    figure.text(left, 1.0 - 0.60 / height,
                f"{result.site.name}, first launch {launch_text(result)}", fontsize=10.5,
                color=style.FAINT_INK, va="center")  # fmt: skip
    flights = min(FLIGHTS, result.run.draws)
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=LOADED_INK, linewidth=1.2, label=f"with the load ({flights} draws)"),
        Line2D([], [], linestyle="none", marker="o", markersize=5, color="white",
               markeredgecolor=LOADED_INK, label="release"),
        Line2D([], [], color=ENVELOPE_INK, linewidth=1.2, linestyle=(0.0, (3.0, 1.5)),
               label="emptied envelope"),
    ]  # fmt: skip
    handles += [
        Line2D([], [], color=look.color, linestyle=look.dashes, marker=look.marker, markersize=4,
               linewidth=1.5, label=short_title(region))
        for region, look in CURVES.items()
    ]  # fmt: skip
    handles.append(Patch(facecolor="#00000022", label="± 2 standard errors"))
    figure.legend(handles=handles, loc="center left", ncols=len(handles), frameon=False,
                  bbox_to_anchor=(left - 0.005, 1.0 - 0.95 / height), fontsize=8.5,
                  columnspacing=1.2, handletextpad=0.5, borderpad=0.0, borderaxespad=0.0,
                  labelcolor=style.INK)  # fmt: skip
    y = 0.12 + 0.17 * (len(caption) - 1)
    loud = len(_loud_lines(result))
    for k, line in enumerate(caption):
        figure.text(left, y / height, line, fontsize=8, va="center",
                    color=style.STOP_INK if k < loud else style.FAINT_INK,
                    fontweight="bold" if k < loud else "normal")  # fmt: skip
        y -= 0.17


def _caption(result: PlanResult) -> list[str]:
    return _loud_lines(result) + textwrap.wrap(" · ".join(caption_lines(result)), 190)


def _loud_lines(result: PlanResult) -> list[str]:
    return [line for text in loud_texts(result) for line in textwrap.wrap(text, 160)]


def _highest_km(group: GroupResult) -> float:
    return max(float(altitude.max()) for _, altitude, _ in flight_tracks(group, FLIGHTS))


def _loaded_hours(group: GroupResult) -> float:
    """Return the time with the load that a panel shows [h]: to the last release or landing."""
    longest = max(
        float(releases[-1]) if releases.size else float(at[-1])
        for at, _, releases in flight_tracks(group, FLIGHTS)
    )
    return max(1.1 * longest, 0.25)


def _polish(axes: Axes) -> None:
    axes.grid(color="#d6dadd", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=style.FAINT_INK, length=3.0, width=0.6)
    for name, side in axes.spines.items():
        side.set_visible(name in ("left", "bottom"))
        side.set_color(style.FAINT_INK)
        side.set_linewidth(0.8)
