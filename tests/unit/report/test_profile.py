"""The profile: tracks that end at the release, bands of two standard errors, no text on another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from downwind.report import style
from downwind.report.profile import (
    CURVES,
    draw_profile,
    flight_tracks,
    make_profile,
    share_band,
)

from .conftest import clipped_texts, overlapping_texts, texts_in


def test_given_a_plan_when_drawn_then_a_wide_picture_that_repeats_to_the_byte(small_plan, tmp_path):
    draw_profile(small_plan, tmp_path / "one.png")
    draw_profile(small_plan, tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.size[0] == 2000
        assert picture.size[1] > 500 * len(small_plan.groups)
        assert np.asarray(picture.convert("L")).std() > 10.0


def test_given_a_profile_when_measured_then_no_text_lies_on_another_or_over_the_edge(small_plan):
    figure = make_profile(small_plan)
    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []


def test_given_a_profile_when_read_then_axes_have_units_and_the_source_is_named(small_plan):
    figure = make_profile(small_plan)
    texts = " ".join(text.get_text() for text in figure.findobj(Text))
    for words in ("altitude, km", "time since launch, h", "timer setting, min", "share, %",
                  "SYNTHETIC WIND", "RULES OPEN: STOP"):  # fmt: skip
        assert words in texts
    for group in small_plan.groups:
        assert f"recommended: {group.setting.timer_s / 60:.0f} min" in texts


def test_given_broken_limits_and_alarms_when_drawn_then_they_stand_in_the_stop_colour(
    unknown_plan,
):
    figure = make_profile(unknown_plan)
    texts = figure.findobj(Text)
    loud = texts_in(figure, style.STOP_INK)
    for words in ("NO SETTING IS KNOWN TO MEET THE LIMITS", "half of the load leaves the data"):
        assert words in loud
    assert not any("recommended" in text.get_text() for text in texts)
    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []


def test_given_long_names_and_several_releases_when_drawn_then_nothing_lies_on_another(
    crowded_plan,
):
    figure = make_profile(crowded_plan)
    assert overlapping_texts(figure) == []
    assert clipped_texts(figure) == []
    texts = " ".join(text.get_text() for text in figure.findobj(Text))
    assert "setting of the first timer, min" in texts
    assert "1 balloon, timer" in texts


def test_given_tracks_when_read_then_they_start_at_launch_and_the_release_lies_on_them(small_plan):
    for group in small_plan.groups:
        tracks = flight_tracks(group, 30)
        assert len(tracks) == small_plan.run.draws
        for hours, altitude, releases in tracks:
            assert hours[0] == 0.0
            assert hours.shape == altitude.shape
            assert np.isfinite(altitude).all()
            assert ((releases > 0.0) & (releases < hours[-1])).all()


def test_given_per_draw_shares_when_banded_then_two_standard_errors_either_way():
    shares = np.array([[0.4, 0.5, 0.6], [1.0, 1.0, 1.0], [0.0, 0.0, 0.03]])
    mean, low, high = share_band(shares)
    error = 100.0 * 0.1 / np.sqrt(3.0)
    assert mean[0] == pytest.approx(50.0)
    assert low[0] == pytest.approx(50.0 - 2.0 * error)
    assert high[0] == pytest.approx(50.0 + 2.0 * error)
    assert (low[1], high[1]) == (100.0, 100.0)
    assert low[2] == 0.0


def test_given_the_curves_styles_when_printed_grey_then_line_and_marker_keep_them_apart():
    for one, other in combinations(CURVES.values(), 2):
        assert one.dashes != other.dashes
        assert one.marker != other.marker
