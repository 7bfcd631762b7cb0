"""How figures look: colours that keep apart in greyscale, line styles, hatches, and saving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from downwind.plan.result import PlanResult

DPI: Final = 160
WIDTH_IN: Final = 12.5
INK: Final = "#20262b"
FAINT_INK: Final = "#5a6268"
STOP_INK: Final = "#9b1c1c"
SEA_FILL: Final = "#d9e4ea"
LAND_FILL: Final = "#f8f6f0"
TARGET_FILL: Final = "#eceedd"
TARGET_LINE: Final = "#56632f"
KEEP_OUT_LINE: Final = "#8c1d40"
COAST_LINE: Final = "#74838c"
BORDER_LINE: Final = "#8d8a80"
GRATICULE_LINE: Final = "#a9b6bd"

DARK_ENOUGH: Final = 0.45
"""Grey value up to which a colour serves for text."""

Dashes = Literal["-"] | tuple[float, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class KindStyle:
    """How one kind of item is drawn, told apart by grey, by line and by hatch.

    Attributes
    ----------
    color, hatch, marker : str
    dashes : str or tuple
        Line style.
    """

    color: str
    dashes: Dashes
    hatch: str
    marker: str

    @property
    def text_color(self) -> tuple[float, float, float]:
        """The colour, darkened where it is too light to read."""
        red, green, blue = to_rgb(self.color)
        darker = min(1.0, DARK_ENOUGH / self.luminance)
        return darker * red, darker * green, darker * blue

    @property
    def luminance(self) -> float:
        """Grey value of the colour, from 0 (black) to 1 (white)."""
        return luminance(self.color)


KIND_STYLES: Final = (
    KindStyle("#12355b", "-", "", "o"),
    KindStyle("#cf5f21", (0.0, (5.0, 2.0)), "////", "s"),
    KindStyle("#86b049", (0.0, (6.0, 1.8, 1.2, 1.8)), "....", "^"),
    KindStyle("#5d4a86", (0.0, (1.2, 1.6)), "xxxx", "D"),
    KindStyle("#d9a9bd", (0.0, (9.0, 2.0)), "\\\\\\\\", "v"),
    KindStyle("#0c0c0c", (0.0, (4.0, 1.4, 1.2, 1.4, 1.2, 1.4)), "++", "P"),
)


def kind_style(index: int) -> KindStyle:
    """Return the style of a kind by its place in the result; styles repeat after the sixth."""
    return KIND_STYLES[index % len(KIND_STYLES)]


def group_style(result: PlanResult, index: int) -> KindStyle:
    """Return the style of a group of balloons: that of the first kind on it."""
    first = result.groups[index].group.load[0].kind.name
    names = [kind.kind.name for kind in result.kinds]
    return kind_style(names.index(first))


def luminance(color: str) -> float:
    """Return the grey value that a colour becomes in print, from 0 (black) to 1 (white)."""
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def new_figure(height_in: float) -> Figure:
    """Return a blank figure on an Agg canvas."""
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, the same bytes for the same figure."""
    with mpl.rc_context({"hatch.linewidth": 0.5}):
        figure.savefig(path, format="png", dpi=DPI, metadata={"Software": "downwind"})
