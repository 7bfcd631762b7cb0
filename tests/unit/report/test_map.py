"""The map: written the same each time, no text on another, legible in grey, whole across 180."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image
from shapely.geometry import box

from downwind.report import style
from downwind.report._basemap import (
    Extent,
    clip_geometry,
    countries_in,
    draw_graticule,
    fit_extent,
    unwrap,
)
from downwind.report._labels import LabelPlacer, spots_around
from downwind.report._text import kind_names
from downwind.report.map import draw_map, make_map

from .conftest import clipped_texts, overlapping_texts, texts_in


def test_given_a_plan_when_drawn_then_a_wide_picture_that_repeats_to_the_byte(small_plan, tmp_path):
    draw_map(small_plan, tmp_path / "one.png")
    draw_map(small_plan, tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.size == (2000, 1600)
        assert picture.text["Software"] == "downwind"
        assert np.asarray(picture.convert("L")).std() > 10.0


def test_given_a_map_when_measured_then_no_text_lies_on_another_or_over_the_edge(small_plan):
    figure = make_map(small_plan)
    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []


def test_given_a_map_when_read_then_stop_wind_site_and_every_kind_are_named(small_plan):
    texts = " ".join(
        " ".join(text.get_text() for text in make_map(small_plan).findobj(Text)).split()
    )
    for word in ("RULES OPEN: STOP", "SYNTHETIC WIND", "Ganghwa", "Natural Earth",
                 "(target)", *kind_names(small_plan)):  # fmt: skip
        assert word in texts


def test_given_six_kinds_and_three_releases_when_drawn_then_all_is_whole_and_nothing_overlaps(
    crowded_plan,
):
    figure = make_map(crowded_plan)
    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []
    texts = [text.get_text() for text in figure.findobj(Text)]
    names = kind_names(crowded_plan)
    assert len(set(names)) == len(crowded_plan.kinds) == 6
    for name in (*names, "whole load, by mass", "left the\ndata"):
        assert name in texts
    legend = " ".join(" ".join(texts).split())
    for group in crowded_plan.groups:
        assert f"path to last release ({group.dials})" in legend


def test_given_limits_not_known_when_drawn_then_they_and_two_alarms_stand_in_the_stop_colour(
    unknown_plan,
):
    figure = make_map(unknown_plan)
    loud = texts_in(figure, style.STOP_INK)
    assert "RULES OPEN: STOP" in loud
    assert "NO SETTING IS KNOWN TO MEET THE LIMITS" in loud
    assert "half of the load leaves the data" in loud
    assert "a load that kills" in loud
    assert "and 1 more, on the cards" in loud
    assert "a third one" not in loud
    assert clipped_texts(figure) == []


def test_given_small_and_large_areas_when_drawn_then_the_small_ones_get_a_panel(small_plan):
    assert len(make_map(small_plan).axes) == 2


def test_given_the_kinds_styles_when_printed_grey_then_they_keep_apart():
    for one, other in combinations(style.KIND_STYLES, 2):
        assert abs(one.luminance - other.luminance) > 0.1
        assert one.dashes != other.dashes
        assert one.hatch != other.hatch
        assert one.marker != other.marker
    assert all(style.luminance(style.SEA_FILL) < style.luminance(c) for c in (style.LAND_FILL,))


def test_given_points_when_an_extent_is_fitted_then_it_holds_them_and_fills_the_frame():
    extent = fit_extent(np.array([10.0, 11.0]), np.array([50.0, 53.0]), 1.5)
    assert extent.west < 10.0 < 11.0 < extent.east
    assert extent.south < 50.0 < 53.0 < extent.north
    assert extent.width_km / extent.height_km == pytest.approx(1.5)


def test_given_an_extent_across_the_antimeridian_when_clipped_then_one_piece():
    extent = Extent(178.0, -18.0, 182.0, -15.0)
    pieces = clip_geometry(box(179.0, -17.0, 180.0, -16.0).union(box(-180, -17, -179, -16)), extent)
    assert pieces.bounds == pytest.approx((179.0, -17.0, 181.0, -16.0))
    assert pieces.geom_type == "Polygon"
    assert countries_in(extent)["Fiji"].bounds[2] > 180.0
    assert unwrap(-179.0, 179.5) == 181.0


def test_given_an_extent_across_the_antimeridian_when_ticked_then_degrees_turn_west():
    axes = style.new_figure(5.0).add_axes((0.1, 0.1, 0.8, 0.8))
    extent = Extent(176.0, -20.0, 184.0, -12.0)
    axes.set_xlim(extent.west, extent.east)
    draw_graticule(axes, extent)
    words = [label.get_text() for label in axes.get_xticklabels()]
    assert "178° E" in words
    assert "180°" in words
    assert "178° W" in words


def test_given_crowded_points_when_named_then_those_without_room_are_left_out():
    figure = style.new_figure(5.0)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    placer = LabelPlacer(axes)
    placed = [
        placer.place(f"town {i}", spots_around(0.5, 0.5 + 1e-4 * i), fontsize=12) for i in range(20)
    ]
    kept = [label for label in placed if label is not None]
    assert 1 <= len(kept) < 20
    assert placer.place("must", spots_around(0.5, 0.5), must=True) is not None


def test_given_free_room_when_crowded_points_are_named_then_no_name_lies_on_another():
    figure = style.new_figure(5.0)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    placer = LabelPlacer(axes)
    random = np.random.default_rng(3)
    for i, (x, y) in enumerate(random.uniform(0.1, 0.9, (60, 2))):
        placer.place(f"place {i}", spots_around(x, y), fontsize=10)
    assert overlapping_texts(figure) == []
