"""The report on files of soundings: each station, and why a set makes no wind."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from downwind.wind.check import inspect_weather
from downwind.wind.check_soundings import list_soundings
from tests.unit.wind.soundings import make_profile


def test_given_soundings_when_reported_then_each_station_has_its_line(shared: Path) -> None:
    folder = shared / "data/soundings/pdbufr_global_temp_20081208"
    report = inspect_weather([folder / "temp_hires_10954_20250223.bufr"])
    assert report.serves
    assert report.nature == "observation"
    assert report.missing == ("vertical wind", "height of the ground")
    (sounding,) = report.soundings
    assert sounding.levels > 400
    assert sounding.lacks == ()
    assert f"{sounding.levels} winds from {sounding.bottom_m:.0f}" in report.to_text()
    assert report.to_dict()["soundings"][0]["station"] == sounding.station
    assert any("a single time" in line for line in report.can_serve)
    assert any("how the wind changes later" in line for line in report.can_serve)


def test_given_soundings_too_far_apart_when_reported_then_all_are_counted_with_the_refusal(
    shared: Path,
) -> None:
    folder = shared / "data/soundings/pdbufr_global_temp_20081208"
    report = inspect_weather([folder / "temp_global_2008120812.bufr"])
    assert not report.serves
    assert "downwind weather import FILE --box W,S,E,N" in report.next_step
    assert len(report.soundings) > 400
    text = report.to_text()
    assert f"{len(report.soundings)} of them" in text
    assert f"and {len(report.soundings) - 60} more (--json lists them all)" in text


def test_given_a_sounding_then_what_no_level_has_is_named() -> None:
    nothing = np.full(7, np.nan)
    bare = make_profile(temperature_k=nothing, humidity=nothing)
    (found,) = list_soundings([bare])
    assert found.lacks == ("temperature", "humidity", "places of the balloon")
    assert found.to_text() == (
        "A, 37.00 N 127.00 E, 2008-12-08 12:00Z: 7 winds from 50 to 16000 m; no temperature, no "
        "humidity, no places of the balloon"
    )
