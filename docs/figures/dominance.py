"""What dominates in the demonstration: the figure of ``explanation/what-dominates.md``.

``python -m docs.figures.dominance`` plans the demonstration and draws ``images/dominance.png``.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Final

from PIL import Image

from downwind.plan.result import PlanResult
from downwind.report import style
from downwind.report.dominance_plot import make_dominance
from downwind.report.dominance_text import dominance_lines
from downwind.service.missions import run_demo

IMAGE: Final = "images/dominance.png"
_COLORS: Final = 64


def draw_figure(result: PlanResult, path: Path) -> None:
    """Write the figure as PNG with few colours."""
    buffer = io.BytesIO()
    make_dominance(result).savefig(buffer, format="png", dpi=style.DPI)
    image = Image.open(buffer).convert("RGB")
    image.quantize(_COLORS, dither=Image.Dither.NONE).save(path, format="png", optimize=True)


def main() -> None:
    """Plan the demonstration, draw the figure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="folder with the pages; the documentation itself by default",
    )
    folder = parser.parse_args().output
    result = run_demo()
    draw_figure(result, folder / IMAGE)
    print(folder / IMAGE)
    print("\n".join(dominance_lines(result)))


if __name__ == "__main__":
    main()
