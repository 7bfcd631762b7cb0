"""Whether areas and probabilities hold what they say, over simulated nights.

``python -m docs.figures.calibration`` flies 1,000 nights with 200 draws and with 31, brings the
tables of ``explanation/calibration.md`` up to date and draws its figures,
``images/calibration.png``
and ``images/reliability.png``. It takes some minutes.
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

from docs.figures.nights import CELL_M, SEED, fly_nights
from docs.figures.tables import Row, markdown_table
from docs.figures.trials import Experiment, run_experiment
from downwind.landing.density import LEVELS
from downwind.landing.shares import clopper_pearson
from downwind.report import style
from downwind.report.score_plot import draw_ranks, draw_reliability, frame_axes
from downwind.score import Coverage, RankHistogram

PAGE: Final = "explanation/calibration.md"
CURVE: Final = "images/calibration.png"
DIAGRAMS: Final = "images/reliability.png"
NIGHTS: Final = 1_000
SIZES: Final = (200, 31)
"""Draws of each night, in either run."""

CURVE_LEVELS: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

_BLOCK: Final = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_COLORS: Final = 64


def make_coverage_table(trials: Sequence[Experiment]) -> str:
    """Return how often contours held the truth, in Markdown."""
    head = ("draws", "contour", "predictive, held", "95 % interval", "plain histogram, held",
            "95 % interval")  # fmt: skip
    rows: list[Row] = []
    for trial in trials:
        for level in LEVELS:
            ours, plain = trial.coverage(level), trial.plain_coverage(level)
            rows.append((f"{trial.draws}", f"{100 * level:.0f} %", *_cells(ours), *_cells(plain)))
    return markdown_table(head, rows)


def make_reliability_table(trial: Experiment) -> str:
    """Return the reliability of the probabilities of regions, in Markdown."""
    head = ("stated", "count", "mean", "happened", "95 % of shares if right")
    rows: list[Row] = [
        (
            f"{100 * part.lower:.0f} to {100 * part.upper:.0f} %",
            f"{part.count:,}",
            f"{100 * part.mean_probability:.1f} %",
            f"{100 * part.share:.1f} %",
            f"{100 * part.consistent_low:.1f} to {100 * part.consistent_high:.1f} %",
        )
        for part in trial.events.reliability.bins
    ]
    return markdown_table(head, rows)


def make_rank_table(trials: Sequence[Experiment]) -> str:
    """Return the tests of the rank histograms and the mean scores, in Markdown."""
    head = ("draws", "ranks", "chi-square, 9 degrees of freedom", "p", "tilt", "bowl")
    rows: list[Row] = []
    for trial in trials:
        for name, ranks in _ranks(trial):
            rows.append(
                (f"{trial.draws}", name, f"{ranks.chi_square:.1f}", f"{ranks.p_value:.2f}",
                 f"{ranks.tilt:+.1f}", f"{ranks.bowl:+.1f}")
            )  # fmt: skip
    return markdown_table(head, rows)


def make_score_table(trials: Sequence[Experiment]) -> str:
    """Return mean scores, in Markdown."""
    head = ("draws", "energy score, km", "CRPS east, km", "CRPS north, km",
            "predicted mean to truth, km", "the same, if all is right, km", "Brier score",
            "its reliability")  # fmt: skip
    rows: list[Row] = []
    for trial in trials:
        points = trial.points
        means = (
            points.energy_score,
            points.axes["east"].crps,
            points.axes["north"].crps,
            points.miss,
            points.spread,
        )
        kilometres = [f"{m.mean / 1e3:.2f} +- {m.standard_error / 1e3:.2f}" for m in means]
        brier = trial.events.brier
        rows.append(
            (f"{trial.draws}", *kilometres, f"{brier.mean:.4f} +- {brier.standard_error:.4f}",
             f"{trial.events.reliability.reliability:.4f}")
        )  # fmt: skip
    return markdown_table(head, rows)


def update_page(text: str, trials: Sequence[Experiment]) -> str:
    """Return the page with its tables made anew."""
    tables = {
        "coverage": make_coverage_table(trials),
        "probabilities": make_reliability_table(trials[0]),
        "ranks": make_rank_table(trials),
        "scores": make_score_table(trials),
    }
    return _BLOCK.sub(lambda found: found[1] + tables[found[2]] + found[3], text)


def make_curve(trials: Sequence[Experiment]) -> Figure:
    """Return the figure of nominal against held, a panel for each number of draws."""
    height = 6.6
    figure = style.new_figure(height)
    figure.text(0.055, 1.0 - 0.3 / height, "Do the areas hold what they say?", fontsize=15,
                fontweight="bold", color=style.INK, va="center")  # fmt: skip
    for i, trial in enumerate(trials):
        axes = figure.add_axes((0.055 + 0.49 * i, 0.62 / height, 0.43, (height - 1.55) / height))
        _draw_curve(axes, trial)
    figure.text(
        0.055, 0.1 / height,
        f"{trials[0].enclosed.size:,} simulated nights, seed {SEED}; bars: 95 % interval (Clopper "
        f"and Pearson); the histogram has cells of {CELL_M / 1e3:g} km. Made by: python -m "
        "docs.figures.calibration",
        fontsize=8, color=style.FAINT_INK,
    )  # fmt: skip
    return figure


def make_diagrams(trial: Experiment) -> Figure:
    """Return the figure of reliability and of ranks, for one number of draws."""
    height = 10.6
    figure = style.new_figure(height)
    figure.text(0.055, 1.0 - 0.3 / height,
                f"Probabilities of regions, and ranks: {trial.draws} draws", fontsize=15,
                fontweight="bold", color=style.INK, va="center")  # fmt: skip
    axes = figure.add_axes((0.25, 4.75 / height, 0.5, 4.9 / height))
    draw_reliability(axes, trial.events)
    for i, (name, ranks) in enumerate(_ranks(trial)):
        below = figure.add_axes((0.055 + 0.325 * i, 0.6 / height, 0.28, 2.75 / height))
        draw_ranks(below, ranks, name, "outlying" if i == 2 else name)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG in a palette, which keeps it small."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=style.DPI)
    image = Image.open(buffer).convert("RGB")
    image.quantize(_COLORS, dither=Image.Dither.NONE).save(path, format="png", optimize=True)


def _draw_curve(axes: Axes, trial: Experiment) -> None:
    levels = np.array(CURVE_LEVELS)
    axes.plot([0.0, 1.0], [0.0, 1.0], color=style.FAINT_INK, linewidth=0.8, zorder=1)
    looks = (style.kind_style(0), style.kind_style(1))
    curves = ((trial.enclosed, "predictive contours"), (trial.plain, "plain histogram of items"))
    for look, (values, label) in zip(looks, curves, strict=True):
        hits = [int(np.count_nonzero(values < level)) for level in levels]
        share = np.array(hits) / values.size
        ends = np.array([clopper_pearson(n, values.size) for n in hits]).T
        axes.errorbar(levels, share, yerr=np.abs(ends - share), color=look.color,
                      linestyle=look.dashes, marker=look.marker, markersize=5, linewidth=1.5,
                      elinewidth=0.9, capsize=2.5, label=label, zorder=3)  # fmt: skip
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_aspect("equal")
    axes.set_title(f"{trial.draws} draws", loc="left", fontsize=10.5, color=style.INK)
    frame_axes(axes, "what the contour says", "truths inside")
    axes.legend(fontsize=9, frameon=False, loc="upper left")


def _ranks(trial: Experiment) -> list[tuple[str, RankHistogram]]:
    axes = trial.points.axes
    return [
        ("east", axes["east"].ranks),
        ("north", axes["north"].ranks),
        ("how far out", trial.points.outlying),
    ]


def _cells(coverage: Coverage) -> Row:
    return (
        f"{100 * coverage.share:.1f} %",
        f"{100 * coverage.low:.1f} to {100 * coverage.high:.1f} %",
    )


def main() -> None:
    """Fly the nights, and make the tables and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nights", type=int, default=NIGHTS, help="how many nights to fly")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="folder with the pages; the documentation itself by default",
    )
    options = parser.parse_args()
    trials = [run_experiment(fly_nights(options.nights, n), n) for n in SIZES]
    (options.output / CURVE).parent.mkdir(parents=True, exist_ok=True)
    save(make_curve(trials), options.output / CURVE)
    save(make_diagrams(trials[0]), options.output / DIAGRAMS)
    for table in (
        make_coverage_table(trials),
        make_reliability_table(trials[0]),
        make_rank_table(trials),
        make_score_table(trials),
    ):
        print(table)
    page = options.output / PAGE
    if page.is_file():
        page.write_text(update_page(page.read_text("utf-8"), trials), "utf-8")
        print(page)


if __name__ == "__main__":
    main()
