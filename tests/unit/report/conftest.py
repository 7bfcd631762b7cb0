"""Small whole results for the reports: a plan in the demonstration's synthetic wind."""

from __future__ import annotations

import copy
import dataclasses
from itertools import combinations
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission, plan_mission
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
    limits = tuple(dataclasses.replace(check, limit=0.0) for check in small_plan.limits)
    sure = dataclasses.replace(limits[0].share, mean=0.01, hit_draws=3)
    broken = (dataclasses.replace(limits[0], share=sure, worst=sure), *limits[1:])
    groups = tuple(dataclasses.replace(g, is_feasible=False) for g in small_plan.groups)
    return dataclasses.replace(small_plan, limits=broken, groups=groups)


@pytest.fixture(scope="session")
def unknown_plan(small_plan: PlanResult) -> PlanResult:
    """Return the small plan as if half the load left the data, with three alarms."""
    left = dataclasses.replace(
        small_plan.left_data, mean=0.5, standard_error=0.01, hit_draws=small_plan.run.draws
    )
    share = dataclasses.replace(left, mean=0.002, standard_error=0.001)
    limits = tuple(
        dataclasses.replace(check, share=share, worst=left) for check in small_plan.limits
    )
    groups = tuple(dataclasses.replace(g, is_feasible=False) for g in small_plan.groups)
    alarms = ("half of the load leaves the data", "a load that kills " + "x " * 200, "a third one")
    return dataclasses.replace(
        small_plan, left_data=left, limits=limits, groups=groups, alarms=alarms
    )


@pytest.fixture(scope="session")
def crowded_plan() -> PlanResult:
    """Return a flight of six kinds on two groups of three releases, with long names."""
    table: dict[str, Any] = copy.deepcopy(SMALL)
    first, second = table["balloon"]
    first["name"] = "discs and leaflets of the first crew of the valley, at the northern field"
    second["name"] = "leaflets of the second crew"
    first |= {"count": 1, "load": [{"item": "dvd", "count": 300}]}
    second |= {"count": 2, "load": [{"item": "leaflet-film-12x5", "count": 9_000}]}
    first["then"] = [
        {"after": "10 min", "load": [{"item": "leaflet-148x105mm-80", "count": 300}]},
        {"after": "10 min", "load": [{"item": "leaflet-148x105mm-90", "count": 300}]},
    ]
    second["then"] = [
        {"after": "10 min", "load": [{"item": "radio-parachute", "count": 2}]},
        {"after": "10 min", "load": [{"item": "usb-stick-parachute", "count": 20}]},
    ]
    table["mission"] |= {"draws": 20, "name": "a mission with a name " * 5 + "whole"}
    table["launch"]["spacing"] = "0 s"
    mission = parse_mission(table)
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return fly_mission(mission, build_grid(cube, mission.wind))


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


def texts_in(figure: Figure, color: str) -> str:
    """Return what a figure says in one colour."""
    texts = figure.findobj(Text)
    return " ".join(t.get_text() for t in texts if to_hex(t.get_color()) == color)


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
