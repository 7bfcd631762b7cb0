"""The Army check of a leaflet: its layers, its label, our law beside it, and bad requests."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from downwind.cli.main import app
from downwind.errors import ArgumentError
from downwind.load.fall_time import fall_time_spread_s
from downwind.load.items import CATALOGUE
from downwind.report.army_text import LABEL
from downwind.service.catalogues import ArmyRequest, ItemReport, list_items

KNOTS = (5, 8, 10, 12, 15, 18, 20, 22, 25, 28)
REQUEST = ArmyRequest("2.5 ft/s", 0.31, "9500 ft", [f"{knots} kt from 240" for knots in KNOTS])
NAME = "leaflet-a5-80"


def check(request: ArmyRequest, name: str = NAME) -> ItemReport:
    return list_items([name], army=request)


def test_given_ten_winds_when_checked_then_drift_and_both_readings_stand_under_the_label() -> None:
    text = check(REQUEST).to_text()
    flat = " ".join(text.split())

    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.index("Numbers and their sources") < text.index(LABEL)
    assert "no figure of a plan uses it" in LABEL
    assert "drift 30.96 km (16.72 nm) in 1.00 h" in flat
    assert "(a) share of drift pattern 9.60 km (5.18 nm) long along the wind" in flat
    assert "(b) share of height pattern 0.90 km (0.48 nm) wide" in flat
    assert "0 - 500 ft 0.055 h 5.0 kt 240 0.28 nm" in flat
    assert "8,500 - 9,500 ft 0.100 h 28.0 kt 240 2.81 nm" in flat


def test_given_one_wind_when_checked_then_it_blows_in_all_layers_and_our_law_drifts_by_time() -> (
    None
):
    army = check(replace(REQUEST, wind=["10 m/s"], release_height="3 km")).army

    assert army is not None
    assert army.wind_ms.tolist() == [10.0] * army.check.layer_hours.size
    assert np.isnan(army.from_deg).all()
    ours = fall_time_spread_s(CATALOGUE[NAME], 3_000.0)
    assert army.fall_s == ours
    assert army.drift_m.median == pytest.approx(10.0 * ours.median, rel=1e-9)
    assert army.drift_m.high == pytest.approx(10.0 * ours.high, rel=1e-9)
    assert army.check.drift.distance_m == pytest.approx(36_000.0 * army.check.drift.hours)


def test_given_a_wind_from_the_west_when_checked_then_it_drifts_east() -> None:
    army = check(replace(REQUEST, wind=["10 kt from 270"])).army

    assert army is not None
    assert army.check.drift.east_m > 0.0
    assert army.check.drift.north_m == pytest.approx(0.0, abs=1e-6)


def test_given_no_check_asked_for_when_explained_then_there_is_none() -> None:
    report = list_items([NAME])

    assert "Army check" not in report.to_text()
    assert set(report.to_dict()) == {"items"}


def test_given_a_check_when_written_as_json_then_it_is_labelled_and_in_si() -> None:
    document = json.loads(json.dumps(check(REQUEST).to_dict(), allow_nan=False))
    army = document["army_check"]

    assert army["label"] == LABEL
    assert army["drift_m"] == pytest.approx(30_960.0, abs=10.0)
    assert army["pattern_length_m"] == pytest.approx(0.31 * army["drift_m"])
    assert army["pattern_width_m"] == pytest.approx(0.31 * 9_500.0 * 0.3048)
    assert len(army["layers"]) == 10
    assert army["layers"][0]["wind_from_deg"] == 240.0
    assert army["law_drift_m"]["p5"] < army["law_drift_m"]["median"] < army["law_drift_m"]["p95"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"descent_rate": None}, "lacks --descent-rate"),
        ({"spread_factor": None, "wind": ()}, "lacks --spread-factor, --wind"),
        ({"release_height": None}, "lacks --release-height"),
        ({"descent_rate": "2.5"}, "--descent-rate: '2.5' is no value with a unit"),
        ({"descent_rate": "-1 ft/s"}, "is not above 0"),
        ({"spread_factor": -1.0}, "a spread factor of -1.0"),
        ({"release_height": "60 km"}, "is not between the sea and 47 km"),
        ({"wind": ["5 kt", "6 kt"]}, "10 layers have 2 winds"),
        ({"wind": ["5 m"]}, "--wind: '5 m' is no value"),
        ({"wind": [""]}, "--wind: '' is no value"),
        ({"wind": ["5 kt from north"]}, "--wind: '5 kt from north' is no value"),
        ({"wind": ["-5 kt"]}, "--wind is below 0"),
        ({"wind": ["5 kt from 361"]}, "more than 360 degrees"),
        ({"wind": ["5 kt"] * 9 + ["5 kt from 10"]}, "in some layers only"),
    ],
)
def test_given_a_request_that_cannot_be_when_checked_then_refused(
    changes: dict[str, object], text: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        check(replace(REQUEST, **changes))
    assert text in caught.value.message
    assert caught.value.hint


def test_given_what_is_not_one_leaflet_when_checked_then_refused() -> None:
    with pytest.raises(ArgumentError, match="'dvd' is none"):
        check(REQUEST, "dvd")
    for names in ([], [NAME, "leaflet-a4-80"]):
        with pytest.raises(ArgumentError, match="the Army check is for one leaflet"):
            list_items(names, army=REQUEST)


def test_given_the_options_when_run_then_the_check_is_printed_and_never_by_default() -> None:
    words = ["--descent-rate", "2.5 ft/s", "--spread-factor", "0.31", "--release-height", "3 km"]
    words += ["--wind", "10 kt from 240"]
    asked = CliRunner().invoke(app, ["items", NAME, "--army-check", *words])
    plain = CliRunner().invoke(app, ["items", NAME])
    beside = CliRunner().invoke(app, ["items", NAME, *words])

    assert asked.exit_code == 0, asked.output
    assert LABEL in asked.output
    assert plain.exit_code == 0
    assert "Army check" not in plain.output
    assert isinstance(beside.exception, ArgumentError)
    assert "are for the Army check" in beside.exception.message
