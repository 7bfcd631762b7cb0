"""How honest the stated error of a wind made of soundings is: measured on real soundings.

``python -m docs.figures.soundings`` reads the soundings of the world of 2008-12-08 12Z in the
folder that ``DOWNWIND_SHARED`` names, leaves each station out in turn, and brings the tables and
the figure of ``docs/explanation/soundings.md`` up to date.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from docs.figures.tables import Row, markdown_table
from downwind.constants import EARTH_RADIUS_M
from downwind.report import style
from downwind.wind.cube import WIND_ERROR
from downwind.wind.profile import Profile
from downwind.wind.sources import scan_weather
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.assemble import assemble_soundings, compare_neighbours
from downwind.wind.sources._soundings.hours import group_soundings
from downwind.wind.sources._soundings.layers import make_column
from downwind.wind.sources._soundings.spread import (
    BROAD_LENGTH_M,
    FINE_LENGTH_M,
    FINE_SIGMA_MS,
    place_vectors,
    table_sigma_ms,
)
from downwind.wind.window import Window

FILE: Final = "data/soundings/pdbufr_global_temp_20081208/temp_global_2008120812.bufr"
PAGE: Final = Path(__file__).parents[1] / "explanation" / "soundings.md"
IMAGE: Final = Path(__file__).parents[1] / "images" / "soundings-error.png"
REGIONS: Final = {
    "South Korea": Window(124.0, 33.0, 130.0, 39.0),
    "East Asia": Window(105.0, 20.0, 155.0, 55.0),
    "Europe": Window(-12.0, 35.0, 40.0, 60.0),
    "North America": Window(-130.0, 25.0, -60.0, 60.0),
}
HEIGHTS_M: Final = np.array([
    500.0, 1_000.0, 1_500.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0, 6_000.0, 7_000.0, 8_000.0,
    9_000.0, 10_000.0, 11_000.0, 12_000.0, 14_000.0, 16_000.0, 18_000.0, 20_000.0, 22_000.0,
    24_000.0, 26_000.0,
])  # fmt: skip
TOLD_M: Final = (500.0, 1_500.0, 3_000.0, 5_000.0, 9_000.0, 12_000.0, 16_000.0, 20_000.0)
ALONE_M: Final = 400_000.0
"""Within so far of each other two soundings are compared, one as if it were alone [m]."""

MAP_HEIGHT_M: Final = 3_000.0
COLORS: Final = 64

_BLOCK: Final = re.compile(r"(<!-- measured ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


class Missed(NamedTuple):
    """Differences from stations left out: of heights, by kriging, as stated, by the nearest.

    Attributes
    ----------
    height_m : numpy.ndarray
        Shape (n,) [m].
    estimate_ms, nearest_ms : numpy.ndarray
        Observed less estimated, both components, shape (n, 2) [m s-1].
    stated_ms : numpy.ndarray
        Standard error stated for the first, shape (n,) [m s-1].
    """

    height_m: np.ndarray
    estimate_ms: np.ndarray
    nearest_ms: np.ndarray
    stated_ms: np.ndarray

    def at(self, height_m: float) -> Missed:
        """Return those of one height."""
        return Missed(*(part[self.height_m == height_m] for part in self))

    def normal(self) -> float:
        """Return the root mean square of the differences over their stated errors [-]."""
        return root_mean_square(self.estimate_ms / self.stated_ms[:, None])


def root_mean_square(values: np.ndarray) -> float:
    """Return the root of the mean of the squares."""
    return float(np.sqrt(np.mean(np.square(values))))


def leave_out(profiles: Sequence[Profile]) -> Missed:
    """Leave each sounding out in turn, at each height that three others or more reach."""
    sweeps, _ = group_soundings(profiles)
    found = compare_neighbours(sweeps, HEIGHTS_M)
    columns = {p.station: make_column(p, HEIGHTS_M) for s in sweeps for p in s.profiles}
    nearest = []
    for comparison in found:
        k = int(np.flatnonzero(comparison.height_m == HEIGHTS_M)[0])
        there = [columns[name] for name in comparison.stations]
        places = place_vectors([c.longitude[k] for c in there], [c.latitude[k] for c in there])
        near = places @ places.T
        np.fill_diagonal(near, -2.0)
        wind = np.array([c.wind_ms[k] for c in there])
        nearest.append(wind - wind[near.argmax(axis=1)])
    return Missed(
        np.concatenate([np.full(len(c.stations), c.height_m) for c in found]),
        np.concatenate([c.left_out.difference_ms for c in found]),
        np.concatenate(nearest),
        np.concatenate([c.left_out.error_ms for c in found]),
    )


def compare_alone(profiles: Sequence[Profile]) -> float:
    """Return the normalised difference of pairs, of the error that is stated for one alone [-]."""
    sweeps, _ = group_soundings(profiles)
    squares = []
    for sweep in sweeps:
        columns = [make_column(p, HEIGHTS_M) for p in sweep.profiles]
        for k, sigma in enumerate(table_sigma_ms(HEIGHTS_M)):
            there = [c for c in columns if np.isfinite(c.wind_ms[k]).all()]
            if len(there) < 2:
                continue
            places = place_vectors([c.longitude[k] for c in there], [c.latitude[k] for c in there])
            wind, error = (np.array([getattr(c, name)[k] for c in there])
                           for name in ("wind_ms", "error_ms"))  # fmt: skip
            square_m2 = 2.0 * EARTH_RADIUS_M**2 * (1.0 - places @ places.T)
            variance = error[:, None] ** 2 + error**2
            for size, length in ((sigma, BROAD_LENGTH_M), (FINE_SIGMA_MS, FINE_LENGTH_M)):
                variance += 2.0 * size**2 * (1.0 - np.exp(-0.5 * square_m2 / length**2))
            pairs = np.triu(square_m2 < ALONE_M**2, 1)
            apart = ((wind[:, None] - wind) ** 2).mean(axis=2)
            squares.append((apart / variance)[pairs])
    return float(np.sqrt(np.concatenate(squares).mean()))


def read_regions(shared: Path) -> dict[str, Inventory]:
    """Read the soundings of each region."""
    world, _ = scan_weather([shared / FILE])
    return {
        name: Inventory(
            world.kind, world.files, (), {}, (), {},
            profiles=tuple(
                p
                for p in world.profiles
                if window.south <= p.latitude <= window.north
                and (p.longitude - window.west) % 360.0 <= window.width_deg
            ),
        )
        for name, window in REGIONS.items()
    }  # fmt: skip


def update_page(text: str, regions: dict[str, Inventory]) -> str:
    """Return the page with its tables made anew."""
    missed = {name: leave_out(found.profiles) for name, found in regions.items()}
    tables = {
        "regions": markdown_table(
            ("region", "stations", "cases", "nearest station", "by kriging", "stated",
             "normalised", "one alone"),
            [
                (name, str(len(regions[name].profiles)), *_write_row(m),
                 f"{compare_alone(regions[name].profiles):.2f}")
                for name, m in missed.items()
            ],
        ),
        "heights": markdown_table(
            ("height", "cases", "nearest station", "by kriging", "stated", "normalised"),
            [(f"{h / 1e3:g} km", *_write_row(missed["East Asia"].at(h))) for h in TOLD_M],
        ),
    }  # fmt: skip
    return _BLOCK.sub(lambda found: found[1] + tables[found[2]] + found[3], text)


def _write_row(missed: Missed) -> Row:
    return (
        str(missed.height_m.size),
        *(
            f"{root_mean_square(values):.1f} m/s"
            for values in (missed.nearest_ms, missed.estimate_ms, missed.stated_ms)
        ),
        f"{missed.normal():.2f}",
    )


def draw(regions: dict[str, Inventory], path: Path) -> None:
    """Draw the error by height, and where it is large."""
    figure = Figure(figsize=(10.0, 5.0))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.15))
    _draw_heights(left, leave_out(regions["East Asia"].profiles))
    _draw_map(right, regions["South Korea"])
    figure.subplots_adjust(left=0.07, right=0.98, bottom=0.11, top=0.88, wspace=0.2)
    figure.savefig(path, dpi=110)
    with Image.open(path) as image:
        image.convert("RGB").quantize(COLORS).save(path, optimize=True)


def _draw_heights(axes: Axes, missed: Missed) -> None:
    looks = (
        ("nearest station", missed.nearest_ms, "--", "s"),
        ("by kriging", missed.estimate_ms, "-", "o"),
        ("stated", missed.stated_ms, ":", None),
    )
    for label, values, line, marker in looks:
        by_height = [root_mean_square(values[missed.height_m == h]) for h in HEIGHTS_M]
        axes.plot(
            by_height, HEIGHTS_M / 1e3, line, marker=marker, markersize=4, color=style.INK,
            label=label,
        )  # fmt: skip
    axes.set_xlim(0.0)
    axes.set_xlabel("rms error of one component, m/s")
    axes.set_ylabel("geopotential height, km")
    axes.set_title("43 stations of East Asia, each left out", fontsize=10, loc="left")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)


def _draw_map(axes: Axes, inventory: Inventory) -> None:
    cube = assemble_soundings(inventory, "")
    error = cube[WIND_ERROR].sel(level=MAP_HEIGHT_M)[0, 0]
    lines = axes.contour(
        error.longitude, error.latitude, error.values, np.arange(1.5, 8.0, 0.5),
        colors=style.INK, linewidths=0.8,
    )  # fmt: skip
    axes.clabel(lines, [level for level in lines.levels if level > 2.0], fmt="%g", fontsize=8)
    for p in inventory.profiles:
        axes.plot(p.longitude, p.latitude, "k^", markersize=6)
        axes.annotate(p.station, (p.longitude, p.latitude), (5, 4), textcoords="offset points",
                      fontsize=8)  # fmt: skip
    axes.set_aspect(1.0 / np.cos(np.radians(36.0)))
    axes.set_xlabel("longitude, degrees east")
    axes.set_ylabel("latitude, degrees north")
    axes.set_title("Stated error at 3 km, m/s: seven stations", fontsize=10, loc="left")


def main() -> None:
    """Bring the page and the figure up to date."""
    regions = read_regions(Path(os.environ["DOWNWIND_SHARED"]))
    PAGE.write_text(update_page(PAGE.read_text("utf-8"), regions), "utf-8")
    draw(regions, IMAGE)
    print(PAGE, IMAGE, sep="\n")


if __name__ == "__main__":
    main()
