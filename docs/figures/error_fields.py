"""How true the error fields are to what is asked of them: a table and a figure.

``python -m docs.figures.error_fields`` draws the fields of 400 members in a uniform wind, estimates
the size, the lengths and the time of each, brings the table of ``explanation/uncertainty.md`` up to
date and draws ``images/error-fields.png``.

The estimators: for pairs of points of one member, the first anywhere in the box, the second a lag
away, the correlation is the sum of the products over that of the mean squares; size is the root of
the mean square. A length or a time is that of the law asked for, fitted by least squares to the
correlations at ten lags up to 2.5 of it. Standard errors are by jackknife over 20 groups of
members.
"""

from __future__ import annotations

import argparse
import io
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.optimize import minimize_scalar

from downwind.constants import EARTH_RADIUS_M
from downwind.report import style
from downwind.sim.draws import Draws
from downwind.sim.wind_error import perturb_grid
from downwind.wind.error import Scales
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.perturbation import ErrorSize, sample_errors

PAGE: Final = "explanation/uncertainty.md"
IMAGE: Final = "images/error-fields.png"
MEMBERS: Final = 400
POINTS: Final = 100
"""Pairs of points a member for each lag."""

SEED: Final = 20_261_123
GROUPS: Final = 20
LAGS: Final = np.linspace(0.25, 2.5, 10)
"""In lengths or times of the law."""

SPAN_S: Final = 36.0 * 3_600.0
TOP_M: Final = 12_000.0
FRAME_MS: Final = (10.0, 3.0)
FIELDS: Final = {
    "large": (1.9, "large scales, u and v"),
    "fine": (1.4, "unresolved, u and v"),
    "slow_up": (0.05, "upward, synoptic"),
    "fast_up": (0.1, "upward, mesoscale"),
}
"""Standard deviation of each field [m s-1], and its name for people."""

_DEG_M: Final = EARTH_RADIUS_M * math.pi / 180.0
_BLOCK: Final = re.compile(r"(<!-- table error-fields -->\n).*?(<!-- end -->)", re.DOTALL)
_COLORS: Final = 64

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One quantity of a field: as asked for, as found, and the standard error of that."""

    asked: float
    found: float
    error: float

    @property
    def holds(self) -> bool:
        """Whether it is off by 5 % at most, or by twice its own standard error."""
        return abs(self.found - self.asked) <= max(0.05 * self.asked, 2.0 * self.error)


@dataclass(frozen=True, slots=True, eq=False)
class FieldStatistics:
    """What was estimated of a field.

    Attributes
    ----------
    sigma_ms : Estimate
    scales : dict of str to Estimate
        By ``horizontal_m``, ``vertical_m``, ``time_s``.
    correlation : dict of str to numpy.ndarray
        The same at ``LAGS``, shape (10,).
    """

    sigma_ms: Estimate
    scales: dict[str, Estimate]
    correlation: dict[str, FloatArray]


def uniform_grid(span_s: float = SPAN_S, top_m: float = TOP_M) -> WindGrid:
    """Return a uniform wind over 40 by 20 degrees about the equator, above flat ground."""
    time = np.linspace(0.0, span_s, 2)
    height = np.linspace(0.0, top_m, 2)
    latitude, longitude = np.linspace(-10.0, 10.0, 5), np.linspace(0.0, 40.0, 9)
    wind = np.zeros((1, 2, 2, 5, 9, 2), np.float32)
    wind[...] = FRAME_MS
    arrays = make_grid_arrays(
        wind, time, np.zeros(1, bool), height, latitude, longitude, np.zeros((5, 9))
    )
    return WindGrid(arrays, "uniform", "", "", "synthetic", None, (), (), False, "")


def size_of(name: str) -> ErrorSize:
    """Return the size of an error that has one field alone."""
    one = np.zeros(1)
    nothing = ErrorSize(one, one, np.zeros((1, 1)), 0.0, 0.0, 0.0, 0.0)
    value = FIELDS[name][0]
    return replace(nothing, **{f"{name}_ms": np.full((1, 1), value) if name == "large" else value})


def measure_field(name: str, members: int = MEMBERS, points: int = POINTS) -> FieldStatistics:
    """Estimate size, lengths and time of one field.

    Parameters
    ----------
    name : str
        One of ``FIELDS``.
    members, points : int
        Members, and pairs of points of each for every lag.
    """
    size = size_of(name)
    grid = perturb_grid(uniform_grid(), size, Draws(SEED), members, 20.0, 0.0)
    scales: Scales = getattr(size, name)
    generator = np.random.default_rng(SEED)
    shape = (LAGS.size, members, points)
    sums = {}
    for axis in ("horizontal_m", "vertical_m", "time_s"):
        scale = getattr(scales, axis)
        if math.isfinite(scale):
            sums[axis] = _pair_sums(grid, name, axis, LAGS * scale, shape, generator)
    square = np.concatenate([s for _, s in sums.values()])  # lag, member
    sigma = _jackknife(lambda keep: math.sqrt(float(square[:, keep].mean())), members)
    fitted, curves = {}, {}
    for axis, (products, squares) in sums.items():
        scale = getattr(scales, axis)
        is_time = axis == "time_s"

        def fit(keep: NDArray[np.bool_], p: FloatArray = products, s: FloatArray = squares,
                is_time: bool = is_time, scale: float = scale) -> float:  # fmt: skip
            return scale * _fit(p[:, keep].sum(axis=1) / s[:, keep].sum(axis=1), is_time)

        fitted[axis] = Estimate(scale, *_jackknife(fit, members))
        curves[axis] = products.sum(axis=1) / squares.sum(axis=1)
    return FieldStatistics(Estimate(FIELDS[name][0], *sigma), fitted, curves)


def _pair_sums(
    grid: WindGrid,
    name: str,
    axis: str,
    lags: FloatArray,
    shape: tuple[int, int, int],
    generator: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return mean products and mean squares of pairs, shape (lags, members) each."""
    member = np.arange(shape[1])[:, None]
    lag = lags[:, None, None]
    longitude, latitude = generator.uniform(8.0, 30.0, shape), generator.uniform(-4.0, 4.0, shape)
    height = generator.uniform(0.0, TOP_M, shape)
    time = generator.uniform(0.0, SPAN_S, shape)
    others = [longitude, latitude, height, time]
    if axis == "horizontal_m":
        bearing = generator.uniform(0.0, 2.0 * math.pi, shape)
        others[1] = latitude + lag * np.sin(bearing) / _DEG_M
        # along the parallel in the middle of the two
        middle = np.cos(np.radians(0.5 * (latitude + others[1])))
        others[0] = longitude + lag * np.cos(bearing) / (_DEG_M * middle)
    elif axis == "vertical_m":
        height *= (TOP_M - lag) / TOP_M
        others[2] = height + lag
    else:
        time *= (SPAN_S - lag) / SPAN_S
        others[3] = time + lag
        others[0] = longitude + FRAME_MS[0] * lag / (_DEG_M * np.cos(np.radians(latitude)))
        others[1] = latitude + FRAME_MS[1] * lag / _DEG_M
    parts = {"large": (0, 1), "fine": (0, 1), "slow_up": (2,), "fast_up": (3,)}[name]
    first = sample_errors(grid.arrays, member, longitude, latitude, height, time)[list(parts)]
    second = sample_errors(grid.arrays, member, *others)[list(parts)]
    return (first * second).mean(axis=(0, 3)), 0.5 * (first**2 + second**2).mean(axis=(0, 3))


def _fit(correlation: FloatArray, is_time: bool) -> float:
    """Return the scale of the law that is nearest, over the one asked for."""

    def miss(log_scale: float) -> float:
        x = LAGS / math.exp(log_scale)
        law = np.exp(-x) if is_time else np.exp(-0.5 * x * x)
        return float(((correlation - law) ** 2).sum())

    return math.exp(float(minimize_scalar(miss, bounds=(-1.5, 1.5), method="bounded").x))


def _jackknife(estimate, members: int) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Return an estimate and its standard error from leaving groups of members out in turn."""
    group = np.arange(members) % GROUPS
    without = np.array([estimate(group != g) for g in range(GROUPS)])
    spread = (GROUPS - 1.0) / GROUPS * ((without - without.mean()) ** 2).sum()
    return estimate(group >= 0), math.sqrt(float(spread))


_UNITS: Final = {
    "horizontal_m": ("L across", 1e3, "km"),
    "vertical_m": ("L in height", 1e3, "km"),
    "time_s": ("tau", 3_600.0, "h"),
}


def make_table(found: dict[str, FieldStatistics]) -> str:
    """Return the table in Markdown."""
    lines = ["| field | quantity | asked | found | standard error | off |",
             "|---|---|---:|---:|---:|---:|"]  # fmt: skip
    for name, statistics in found.items():
        rows = [("size", 1.0, "m/s", statistics.sigma_ms)]
        rows += [(*_UNITS[axis], estimate) for axis, estimate in statistics.scales.items()]
        for what, unit, symbol, estimate in rows:
            values = (estimate.asked / unit, estimate.found / unit, estimate.error / unit)
            cells = " | ".join(f"{value:.4g} {symbol}" for value in values[:2])
            off = 100.0 * (estimate.found / estimate.asked - 1.0)
            error = f"{values[2]:.2g} {symbol}"
            lines.append(f"| {FIELDS[name][1]} | {what} | {cells} | {error} | {off:+.1f} % |")
    return "\n" + "\n".join(lines) + "\n\n"


def update_page(text: str, found: dict[str, FieldStatistics]) -> str:
    """Return the page with its table made anew."""
    return _BLOCK.sub(lambda block: block[1] + make_table(found) + block[2], text)


def draw_curves(found: dict[str, FieldStatistics], path: Path) -> None:
    """Write the figure as PNG with few colours."""
    figure = Figure(figsize=(9.0, 3.8), dpi=style.DPI, facecolor="white", layout="constrained")
    titles = {
        "horizontal_m": "apart across, in L",
        "vertical_m": "apart in height, in L",
        "time_s": "apart in time, with the frame, in tau",
    }
    for column, (axis, title) in enumerate(titles.items()):
        axes = figure.add_subplot(1, 3, column + 1)
        _draw_axis(axes, found, axis)
        axes.set_xlabel(title)
    figure.axes[0].set_ylabel("correlation of the errors")
    figure.axes[0].legend(frameon=False, fontsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=style.DPI)
    image = Image.open(buffer).convert("RGB")
    image.quantize(_COLORS, dither=Image.Dither.NONE).save(path, format="png", optimize=True)


def _draw_axis(axes: Axes, found: dict[str, FieldStatistics], axis: str) -> None:
    x = np.linspace(0.0, 2.6, 200)
    law = np.exp(-x) if axis == "time_s" else np.exp(-0.5 * x * x)
    axes.plot(x, law, color=style.INK, linewidth=1.5, label="asked for")
    for (name, statistics), marker in zip(found.items(), "osv^", strict=True):
        if axis in statistics.correlation:
            axes.plot(LAGS, statistics.correlation[axis], marker, markersize=5, fillstyle="none",
                      label=FIELDS[name][1])  # fmt: skip
    axes.set_xlim(0.0, 2.6)
    axes.set_ylim(-0.05, 1.02)
    axes.grid(color="#d9dde0", linewidth=0.6)


def main() -> None:
    """Make the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="folder with the pages; the documentation itself by default",
    )
    folder = parser.parse_args().output
    found = {name: measure_field(name) for name in FIELDS}
    (folder / "images").mkdir(parents=True, exist_ok=True)
    draw_curves(found, folder / IMAGE)
    page = folder / PAGE
    if page.is_file():
        page.write_text(update_page(page.read_text("utf-8"), found), "utf-8")
    print(make_table(found))


if __name__ == "__main__":
    main()
