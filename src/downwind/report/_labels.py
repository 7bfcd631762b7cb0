"""Put names on a map so that none lies on another: try places in turn, take the first free one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

GAP_PX = 4.0


class Spot(NamedTuple):
    """A place to try: a point in data, and how the text sits beside it [points]."""

    x: float
    y: float
    right_pt: float = 0.0
    up_pt: float = 0.0
    horizontal: str = "center"
    vertical: str = "center"


def spots_around(x: float, y: float, gap_pt: float = 4.0) -> list[Spot]:
    """Return the usual places for a point's name: right, left, above, below, and the corners."""
    diagonal = 0.7 * gap_pt
    return [
        Spot(x, y, gap_pt, 0.0, "left", "center"),
        Spot(x, y, -gap_pt, 0.0, "right", "center"),
        Spot(x, y, 0.0, gap_pt, "center", "bottom"),
        Spot(x, y, 0.0, -gap_pt, "center", "top"),
        Spot(x, y, diagonal, diagonal, "left", "bottom"),
        Spot(x, y, diagonal, -diagonal, "left", "top"),
        Spot(x, y, -diagonal, diagonal, "right", "bottom"),
        Spot(x, y, -diagonal, -diagonal, "right", "top"),
    ]


class LabelPlacer:
    """Names on one pair of axes, and the boxes that are taken.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With its final limits and place in the figure.
    """

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        canvas = axes.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        self.renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        frame = axes.get_window_extent(self.renderer)
        self._frame = frame.padded(-GAP_PX)
        self._taken: list[Bbox] = []

    def block(self, box: Bbox) -> None:
        """Keep names out of a box [pixels]."""
        self._taken.append(box)

    def block_point(self, x: float, y: float, radius_pt: float) -> None:
        """Keep names off a marker at a point in data."""
        px, py = self._axes.transData.transform((x, y))
        half = radius_pt * self._axes.figure.dpi / 72.0
        self.block(Bbox.from_extents(px - half, py - half, px + half, py + half))

    def place(
        self, text: str, spots: Iterable[Spot], *, must: bool = False, **style: Any
    ) -> Annotation | None:
        """Write a name at the first free place.

        Parameters
        ----------
        text : str
        spots : iterable of Spot
        must : bool
            Whether to write it where it covers least if no place is free and inside the frame
            somewhere; otherwise it is left out.
        **style
            Passed to the text.

        Returns
        -------
        matplotlib.text.Annotation or None
        """
        label = self._axes.annotate(
            text,
            (0.0, 0.0),
            (0.0, 0.0),
            textcoords="offset points",
            annotation_clip=True,
            path_effects=[withStroke(linewidth=2.2, foreground="white", alpha=0.85)],
            **style,
        )
        least: tuple[float, Spot] | None = None
        for spot in spots:
            box = self._move(label, spot)
            if not self._is_inside(box):
                continue
            covered = sum(_overlap(box, taken) for taken in self._taken)
            if covered == 0.0:
                self.block(box)
                return label
            if least is None or covered < least[0]:
                least = covered, spot
        if must and least is not None:
            self.block(self._move(label, least[1]))
            return label
        label.remove()
        return None

    def _move(self, label: Annotation, spot: Spot) -> Bbox:
        label.xy = (spot.x, spot.y)
        label.set_position((spot.right_pt, spot.up_pt))
        label.set_horizontalalignment(spot.horizontal)  # type: ignore[arg-type]
        label.set_verticalalignment(spot.vertical)  # type: ignore[arg-type]
        return Bbox(label.get_window_extent(self.renderer).padded(0.5 * GAP_PX))

    def _is_inside(self, box: Bbox) -> bool:
        frame = self._frame
        return bool(
            box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0 and box.y1 <= frame.y1
        )


def _overlap(one: Bbox, other: Bbox) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return float(width * height) if width > 0.0 and height > 0.0 else 0.0
