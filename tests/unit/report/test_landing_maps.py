"""The pictures and the text of landing maps: whole, readable, and with the figures of the plan."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.image import imread

from downwind.landing.digits import write_number
from downwind.plan.result import PlanResult
from downwind.report.landing_maps import STEPS, draw_item_maps, make_landing_maps, steps_below
from downwind.report.landing_text import landing_lines
from tests.unit.report.conftest import clipped_texts, overlapping_texts, text_boxes


@pytest.mark.parametrize("role", ["item", "ending"])
def test_given_maps_when_drawn_then_no_text_lies_on_another_or_over_the_edge(
    role: str, small_plan: PlanResult
) -> None:
    figure = make_landing_maps(small_plan, role)  # type: ignore[arg-type]

    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []
    texts = " ".join(text for text, _ in text_boxes(figure))
    assert "RULES OPEN: STOP" in texts
    assert "SYNTHETIC WIND" in texts
    assert "50 % (solid), 90 % (dashed)" in texts


def test_given_many_kinds_when_drawn_then_each_has_a_panel(crowded_plan: PlanResult) -> None:
    assert crowded_plan.landings is not None
    figure = make_landing_maps(crowded_plan, "item")
    shown = crowded_plan.landings.of_role("item")

    assert len(figure.axes) == 2 * len(shown)  # each with its bar
    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []


def test_given_no_landings_when_drawn_then_the_picture_says_so(small_plan: PlanResult) -> None:
    figure = make_landing_maps(dataclasses.replace(small_plan, landings=None), "item")

    assert "nothing comes down" in " ".join(text for text, _ in text_boxes(figure))
    assert landing_lines(dataclasses.replace(small_plan, landings=None)) == []


def test_given_the_shades_then_they_get_darker_in_grey_by_steps_that_can_be_told_apart() -> None:
    shades = colormaps["YlOrBr"](np.linspace(0.08, 0.95, STEPS))[:, :3]
    grey = shades @ np.array([0.299, 0.587, 0.114])

    assert (np.diff(grey) < -0.06).all()


@pytest.mark.parametrize("most", [1e-9, 0.02, 0.999, 1.0, 3.0, 47.0, 123_456.0])
def test_given_the_most_then_the_steps_reach_just_above_it(most: float) -> None:
    edges = steps_below(most)

    assert edges.size == STEPS + 1
    assert edges[-2] <= most * (1.0 + 1e-9)
    assert edges[-1] > most * (1.0 - 1e-9)
    assert set(np.round(10.0 ** (np.log10(edges) % 1.0), 6) % 10.0) <= {1.0, 3.0, 0.0}


def test_given_the_same_maps_when_drawn_twice_then_a_wide_picture_of_the_same_bytes(
    small_plan: PlanResult, tmp_path: Path
) -> None:
    draw_item_maps(small_plan, tmp_path / "one.png")
    draw_item_maps(small_plan, tmp_path / "two.png")

    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert imread(tmp_path / "one.png").shape[1] == 2000


def test_given_landings_then_the_text_has_chances_maps_and_towns(small_plan: PlanResult) -> None:
    lines = landing_lines(small_plan)
    text = "\n".join(lines)

    assert max(len(line) for line in lines) <= 80
    assert "100 (> 86.1)" in text  # in all of 20 draws
    assert "towns only, an underestimate of people" in text
    assert "give a raster as [population]" in " ".join(text.split())
    for key in ("dvd", "leaflet-a5-80", "bundles", "unreleased", "envelopes"):
        assert any(key in line.split() for line in lines)


def test_given_a_number_of_people_struck_then_it_stands_with_its_error(
    small_plan: PlanResult,
) -> None:
    assert small_plan.landings is not None
    maps = tuple(
        dataclasses.replace(
            found,
            struck=dataclasses.replace(
                found.struck, things=0.5, expected=1.2e-4, standard_error=3e-5, unknown_share=0.25
            ),
        )
        for found in small_plan.landings.maps
    )
    landings = dataclasses.replace(small_plan.landings, maps=maps)
    lines = landing_lines(dataclasses.replace(small_plan, landings=landings))

    assert sum(line.count("1.2e-04 ± 3e-05") for line in lines) == len(maps)
    assert max(len(line) for line in lines) <= 80


def test_given_what_left_the_data_then_a_second_bound_stands_beside(
    small_plan: PlanResult,
) -> None:
    assert small_plan.landings is not None
    events = tuple(
        dataclasses.replace(event, worst_high=0.25) for event in small_plan.landings.events
    )
    landings = dataclasses.replace(small_plan.landings, events=events)
    left = dataclasses.replace(small_plan.left_data, hit_draws=3)
    lines = landing_lines(dataclasses.replace(small_plan, landings=landings, left_data=left))

    assert any("0 (< 13.9) / < 25.0" in line for line in lines)
    assert "if all that left the data came down there" in " ".join(" ".join(lines).split())
    assert not math.isnan(small_plan.left_data.mean)


def test_given_expected_numbers_when_written_then_standard_errors_stand_beside(
    small_plan: PlanResult,
) -> None:
    assert small_plan.landings is not None
    lines = landing_lines(small_plan)
    text = " ".join(" ".join(lines).split())
    for found in small_plan.landings.maps:
        assert write_number(found.expected, found.expected_error) in text
        for name in ("target", "home", "sea"):
            assert write_number(*found.regions[name]) in text
    assert "0: in no draw, and the chance of any at all is < 13.9 % (95 %)" in text
