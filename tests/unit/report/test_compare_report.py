"""The comparison of winds for a person: 80 columns, a picture that serves in grey, JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from downwind.io.compare_json import comparison_document
from downwind.plan.mission_file import parse_mission
from downwind.plan.nominal import fly_nominal
from downwind.plan.wind_comparison import ClimbRequest, ComparedWind, WindComparison
from downwind.report.compare_plot import draw_comparison, make_comparison
from downwind.report.compare_text import comparison_text
from downwind.service.demonstration import demonstration_wind
from downwind.wind.compare.climb import climb_through
from downwind.wind.compare.cubes import compare_cubes
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.grid import build_grid
from tests.small_mission import SMALL

from .conftest import clipped_texts, overlapping_texts

LAUNCH_S = 1_428_084_000


def make_winds() -> list[WindCube]:
    """Return the demonstration's wind, and two forecasts that are it and a constant more."""
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    cubes = [cube]
    for shift, run in ((2.0, "2015-04-03T06:00:00Z"), (-1.0, "2015-04-03T00:00:00Z")):
        data = cube.dataset.copy(deep=True)
        data["northward_wind"].values[:] += np.float32(shift)
        data.attrs |= {
            "nature": "forecast",
            "forecast_reference_time": run,
            "source": f"a model of a centre with a long name, {shift:+g} m/s",
            "warnings": "a warning of the wind that every output has to say",
        }
        cubes.append(validate_cube(data))
    return cubes


@pytest.fixture(scope="module")
def comparison() -> WindComparison:
    cubes = make_winds()
    mission = parse_mission(SMALL)
    flights = tuple(fly_nominal(mission, build_grid(cube, mission.wind)) for cube in cubes)
    request = ClimbRequest(126.49, 37.75, LAUNCH_S, 5.0, 9_000.0)
    return WindComparison(
        winds=tuple(ComparedWind(label, c, "") for label, c in zip("ABC", cubes, strict=True)),
        comparisons=tuple(compare_cubes(cubes[0], cube) for cube in cubes[1:]),
        mission_name=mission.name,
        flights=flights,
        flight_notes=("A, B, C: ground at a constant 0 m (terrain.constant_m)",),
        request=request,
        climbs=climb_through(cubes, 126.49, 37.75, LAUNCH_S, 5.0, 9_000.0),
    )


def test_given_a_comparison_when_written_then_80_columns_that_say_what_was_compared(
    comparison: WindComparison,
) -> None:
    text = comparison_text(comparison)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.startswith("!! B: a warning of the wind")
    words = " ".join(text.split())
    for part in (
        "B less A, by height",
        "C less A, by height",
        "A is no forecast (synthetic)",
        "No default error is known for A, which counts as exact.",
        "an assumption, not measured",
        "both winds hold each",
        "2.00+-0.00",
        "ground at a constant 0 m",
        "landing of dvd",
        "rms vector difference 2.00 m/s",
        "which is held",
        # a run of 06Z: the lead grows as the rows go on
        "2015-04-03 12:00 UTC - 6 2.00 2.00 2.00 2.00",
        "2015-04-03 18:00 UTC - 12 2.00 2.00 2.00 2.00",
    ):
        assert part in words, part


def test_given_a_comparison_when_drawn_then_whole_and_the_same_to_the_byte(
    comparison: WindComparison, tmp_path
) -> None:
    figure = make_comparison(comparison)
    assert clipped_texts(figure) == []
    texts = " ".join(text.get_text() for text in figure.findobj(Text))
    for part in ("B less A", "C: default error of both", "group discs", "group leaflets",
                 "climb at 5 m/s", "!! B: a warning", "Bridged"):  # fmt: skip
        assert part in texts, part
    draw_comparison(comparison, tmp_path / "one.png")
    draw_comparison(comparison, tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.width == 2000


def test_given_levels_alone_when_drawn_then_no_text_lies_on_another(
    comparison: WindComparison,
) -> None:
    alone = WindComparison(comparison.winds, comparison.comparisons)
    figure = make_comparison(alone)
    assert clipped_texts(figure) == []
    assert overlapping_texts(figure) == []


def test_given_a_comparison_when_written_as_json_then_each_time_and_level_is_a_pair(
    comparison: WindComparison,
) -> None:
    document = json.loads(json.dumps(comparison_document(comparison), allow_nan=False))
    assert document["format"] == "downwind-wind-comparison-1"
    one = comparison.comparisons[0]
    rows = [row for row in document["pairs"] if row["second"] == "B"]
    assert len(rows) == len(one.by_time) >= one.times_s.size
    row = rows[0]
    assert row["rms_v_ms"] == pytest.approx(2.0, rel=1e-5)
    assert row["lead_first_h"] is None
    leads = {pair["lead_second_h"] for pair in rows}
    assert leads == {(t - 1_428_040_800) / 3600.0 for t in one.times_s.tolist()}
    assert {"valid_time", "pressure_pa", "height_m", "n", "n_effective", "rms_u_ms"} <= set(row)
    release = document["mission"]["flights"][1]["groups"][0]["events"][0]
    assert release["distance_m"] == pytest.approx(2.0 * release["elapsed_s"], rel=5e-3)
    climb = document["climb"]["winds"][2]["separation"]
    assert climb["distance_m"][-1] == pytest.approx(climb["elapsed_s"][-1], rel=5e-3)
