"""How the wind over a station changes within a day: a table and a figure from real soundings.

``python -m docs.figures.wind_error FOLDER`` reads the ARM soundings of Darwin in a folder
(``twpsondewnpnC3.b1.200601*.cdf``, from ARM-DOE/arm-test-data), brings the table of
``explanation/wind-error.md`` up to date and draws ``images/wind-change.png``. The soundings are no
part of the project.
"""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from downwind.report import style
from downwind.wind.compare.profiles import (
    Growth,
    PairDifference,
    compare_profiles,
    fit_growth,
)
from downwind.wind.error import forecast_sigma_ms
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.profile import Profile
from downwind.wind.sources import scan_weather

PAGE: Final = "explanation/wind-error.md"
IMAGE: Final = "images/wind-change.png"
PATTERN: Final = "twpsondewnpnC3.b1.200601*.cdf"

INSTRUMENT_MS: Final = 0.7
"""Standard error of one component by the instrument alone [m s-1]: the middle of 0.4 to 1."""

TABLE_HPA: Final = (925, 850, 700, 500, 300, 200, 150)
TABLE_LAGS_H: Final = (6.0, 12.0, 24.0)
FIT_HPA: Final = (925, 850, 700, 500, 400, 300, 250, 200, 150)
FIT_LAGS_H: Final = (6.0, 12.0, 18.0, 24.0)

_BLOCK: Final = re.compile(r"(<!-- table wind-change -->\n).*?(<!-- end -->)", re.DOTALL)
_COLORS: Final = 64


def read_soundings(folder: Path) -> tuple[Profile, ...]:
    """Return the soundings of Darwin in a folder, in the order of their times."""
    inventory, _ = scan_weather(sorted(folder.glob(PATTERN)))
    return tuple(sorted(inventory.profiles, key=lambda profile: profile.time_s))


def fit_darwin(profiles: Sequence[Profile]) -> Growth:
    """Fit the growth that ``persistence_sigma_ms`` gives."""
    return fit_growth(profiles, FIT_LAGS_H, heights_of(FIT_HPA), observation_ms=INSTRUMENT_MS)


def heights_of(levels_hpa: Sequence[int]) -> list[float]:
    """Return the heights of levels in the standard atmosphere [m]."""
    return [float(h) for h in standard_height_m([100.0 * hpa for hpa in levels_hpa])]


def make_table(profiles: Sequence[Profile]) -> str:
    """Return the table in Markdown."""
    heights = heights_of(TABLE_HPA)
    bare = compare_profiles(profiles, TABLE_LAGS_H, heights, observation_ms=INSTRUMENT_MS)
    whole = compare_profiles(profiles, TABLE_LAGS_H, heights)
    head = ("hPa", "h apart", "pairs", "eastward", "northward", "vector", "one component",
            "less instrument", "less NCEP table", "default forecast error")  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
    for row, other in zip(bare, whole, strict=True):
        lines.append("| " + " | ".join(_cells(row, other)) + " |")
    return "\n" + "\n".join(lines) + "\n\n"


def update_page(text: str, profiles: Sequence[Profile]) -> str:
    """Return the page with its table made anew."""
    return _BLOCK.sub(lambda found: found[1] + make_table(profiles) + found[2], text)


def draw_change(profiles: Sequence[Profile], path: Path) -> None:
    """Write the figure as PNG with few colours."""
    figure = make_figure(profiles)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=style.DPI)
    image = Image.open(buffer).convert("RGB")
    image.quantize(_COLORS, dither=Image.Dither.NONE).save(path, format="png", optimize=True)


def make_figure(profiles: Sequence[Profile]) -> Figure:
    """Return the change of one component against the time between two soundings."""
    figure = Figure(figsize=(8.0, 5.0), dpi=style.DPI, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    growth = fit_darwin(profiles)
    hours = np.linspace(0.0, 24.0, 97)
    error = np.array([growth.standard_error_ms(float(t)) for t in hours])
    middle = growth.sigma_ms(hours)
    axes.fill_between(hours, middle - error, middle + error, color="#d9dde0", linewidth=0.0,
                      label="fit to 925 to 150 hPa, with its standard error")  # fmt: skip
    axes.plot(hours, middle, color=style.INK, linewidth=2.0)
    rows = compare_profiles(
        profiles, FIT_LAGS_H, heights_of((850, 700, 500, 300)), observation_ms=INSTRUMENT_MS
    )
    for i, hpa in enumerate((850, 700, 500, 300)):
        look = style.kind_style(i)
        mine = [row for row in rows if round(row.pressure_pa / 100.0) == hpa]
        _draw_level(axes, mine, look, f"{hpa} hPa", 0.35 * (i - 1.5))
        leads = np.array([6.0, 24.0])
        axes.plot(leads, forecast_sigma_ms(100.0 * hpa, leads), color=look.color,
                  linestyle=look.dashes, linewidth=1.2)  # fmt: skip
    axes.annotate("default error of a forecast\nwith that lead (lines)", (15.0, 1.0), fontsize=8.5,
                  color=style.FAINT_INK, ha="center", va="center")  # fmt: skip
    axes.set_xlim(0.0, 26.0)
    axes.set_ylim(0.0, 11.0)
    axes.set_xticks([0, 6, 12, 18, 24])
    axes.set_xlabel("hours between two soundings, or lead of a forecast", fontsize=9.5)
    axes.set_ylabel("one component, m/s", fontsize=9.5)
    axes.set_title("Change of wind over Darwin, 19 to 21 January 2006, less instrument error",
                   loc="left", fontsize=11, fontweight="bold", color=style.INK)  # fmt: skip
    axes.grid(color="#d6dadd", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=8.5, frameon=False, loc="upper left")
    return figure


def _draw_level(
    axes: Axes, rows: Sequence[PairDifference], look: style.KindStyle, name: str, shift_h: float
) -> None:
    axes.errorbar([row.mean_lag_h + shift_h for row in rows], [row.change_ms for row in rows],
                  yerr=[row.se_change for row in rows], linestyle="none", marker=look.marker,
                  markersize=5.5, capsize=2.5, elinewidth=0.8, color=look.color,
                  label=f"{name}, with standard errors")  # fmt: skip


def _cells(row: PairDifference, other: PairDifference) -> tuple[str, ...]:
    default = float(forecast_sigma_ms(row.pressure_pa, row.lag_h))
    return (
        f"{row.pressure_pa / 100.0:.0f}",
        f"{row.lag_h:g}",
        f"{row.n}",
        f"{row.rms_u:.1f}",
        f"{row.rms_v:.1f}",
        f"{row.rms_vector:.1f} +- {row.se_vector:.1f}",
        f"{row.rms_component:.1f} +- {row.se_component:.1f}",
        f"{row.change_ms:.1f}",
        f"{other.change_ms:.1f}",
        f"{default:.1f}",
    )


def main() -> None:
    """Make the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the soundings")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="folder with the pages; the documentation itself by default",
    )
    options = parser.parse_args()
    profiles = read_soundings(options.folder)
    draw_change(profiles, options.output / IMAGE)
    page = options.output / PAGE
    page.write_text(update_page(page.read_text("utf-8"), profiles), "utf-8")
    growth = fit_darwin(profiles)
    print(f"s = {growth.spread_ms:.2f} m/s, T = {growth.time_h:.1f} h, "
          f"standard error of ln T {growth.log_time_error:.2f}")  # fmt: skip
    for age in TABLE_LAGS_H:
        print(f"{age:g} h: {float(growth.sigma_ms(age)):.2f} +- "
              f"{growth.standard_error_ms(age):.2f} m/s")  # fmt: skip


if __name__ == "__main__":
    main()
