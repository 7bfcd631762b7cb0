"""Small whole results for the reports: a plan in the demonstration's synthetic wind."""

from __future__ import annotations

import copy
import dataclasses
from itertools import combinations
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import plan_mission
from downwind.service.demonstration import demonstration_wind
from downwind.wind.grid import build_grid
from tests.small_mission import SMALL


@pytest.fixture(scope="session")
def small_plan() -> PlanResult:
    """Return the plan of the small mission, with a keep-out and a third kind of item."""
    table: dict[str, Any] = copy.deepcopy(SMALL)
    paper = {**table["balloon"][1], "name": "paper", "count": 2}
    paper["load"] = [{"item": "leaflet-a5-80", "count": 4_000}]
    table["balloon"].append(paper)
    table["keep_out"] = [{"country": "China", "limit": "1 %"}]
    table["mission"]["draws"] = 20
    mission = parse_mission(table)
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return plan_mission(mission, build_grid(cube, mission.wind))


@pytest.fixture(scope="session")
def infeasible_plan(small_plan: PlanResult) -> PlanResult:
    """Return the small plan as if no setting met the limits."""
    limits = tuple(
        dataclasses.replace(check, limit=0.0, is_met=check.share.mean <= 0.0)
        for check in small_plan.limits
    )
    broken = (dataclasses.replace(limits[0], is_met=False), *limits[1:])
    groups = tuple(dataclasses.replace(g, is_feasible=False) for g in small_plan.groups)
    return dataclasses.replace(small_plan, limits=broken, groups=groups)


def text_boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return every text that a figure shows, with its box [pixels]."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    renderer = canvas.get_renderer()
    hidden = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    found = []
    for text in figure.findobj(Text):
        if id(text) in hidden:
            continue
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            if box.width > 0.0:
                found.append((text.get_text(), box))
    return found


def overlapping_texts(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts of which one lies on the other."""
    pairs = []
    for (one, a), (other, b) in combinations(text_boxes(figure), 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        if width > 1.0 and height > 1.0:
            pairs.append((one, other))
    return pairs


def clipped_texts(figure: Figure) -> list[str]:
    """Return the texts that reach over the edge of the figure."""
    edge = figure.bbox
    return [
        text
        for text, box in text_boxes(figure)
        if box.x0 < edge.x0 or box.x1 > edge.x1 or box.y0 < edge.y0 or box.y1 > edge.y1
    ]
