"""Draw an observed profile: speed and direction by height, with the standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from downwind.report import style
from downwind.report._plain import cut
from downwind.report.observed_text import direction_deg
from downwind.times import format_utc
from downwind.wind.profile import Profile

HEIGHT_IN: Final = 6.6
TITLE_WIDTH: Final = 100


def draw_observation(profile: Profile, path: Path) -> None:
    """Write a profile as PNG.

    Parameters
    ----------
    profile : Profile
    path : pathlib.Path
    """
    figure = style.new_figure(HEIGHT_IN)
    figure.text(
        0.055, 0.95, cut(f"Wind observed at {profile.station}, {format_utc(profile.time_s)}",
        TITLE_WIDTH), fontsize=13, fontweight="bold", color=style.INK,
    )  # fmt: skip
    figure.text(
        0.055, 0.915, cut(f"{profile.source}, {profile.file}; bars: standard error", TITLE_WIDTH),
        fontsize=9, color=style.FAINT_INK,
    )  # fmt: skip
    height = profile.height_m / 1e3
    speed = np.hypot(profile.eastward_ms, profile.northward_ms)
    turned = np.array(
        [
            direction_deg(float(u), float(v))
            for u, v in zip(profile.eastward_ms, profile.northward_ms, strict=True)
        ]
    )
    swing = np.degrees(np.arctan2(profile.error_ms, np.maximum(speed, 1e-3)))
    parts = (
        ("speed [m/s]", speed, profile.error_ms),
        ("direction it comes from [deg]", turned, swing),
    )
    for (label, values, error), left in zip(parts, (0.055, 0.54), strict=True):
        axes = figure.add_axes((left, 0.11, 0.43, 0.76))
        axes.errorbar(
            values, height, xerr=error, fmt="o", color=style.KIND_STYLES[0].color, markersize=4,
            linewidth=0, elinewidth=1.1, capsize=2,
        )  # fmt: skip
        axes.set_xlabel(label)
        axes.set_ylabel("height above the sea [km, geopotential]")
        axes.set_ylim(bottom=0.0)
        axes.grid(color=style.GRATICULE_LINE, linewidth=0.4)
        if values is speed:
            axes.set_xlim(left=0.0)
        else:
            axes.set_xlim(0.0, 360.0)
            axes.set_xticks(np.arange(0, 361, 45))
    style.save_figure(figure, path)
