"""What names a wind, which member counts, and what is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from downwind.errors import (
    ArgumentError,
    ResultsExistError,
    ResultsWriteError,
    WeatherFileError,
    WindCoverageError,
)
from downwind.service.comparisons import compare_weather, pick_member
from downwind.service.store import import_weather
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.synthetic import SyntheticWind
from tests.acceptance.conftest import make_wind


def make_ensemble() -> WindCube:
    wind = SyntheticWind(
        name="synthetic ensemble",
        time_s=np.array([0.0, 3_600.0]),
        height_m=np.array([0.0, 5_000.0]),
        east_ms=np.zeros((2, 2)),
        north_ms=np.zeros((2, 2)),
        longitude0=0.0,
        latitude0=0.0,
        gradient=(0.0, 0.0, 0.0, 0.0),
    )
    one = wind.to_cube((0.0, 0.0, 2.0, 2.0), 1.0, 3_600.0).dataset
    members = []
    for number, east in ((3, 1.0), (7, 5.0)):
        member = one.copy(deep=True)
        member["eastward_wind"].values[:] = east
        members.append(member.assign_coords(realization=[number]))
    data = xr.concat(members, "realization", combine_attrs="override", data_vars="minimal")
    return validate_cube(data)


@pytest.mark.parametrize(
    ("member", "east", "text"),
    [(None, 1.0, "member 3 of 2"), ("7", 5.0, "member 7 of 2"), ("mean", 3.0, "mean of 2 members")],
)
def test_given_an_ensemble_when_a_member_is_named_then_it_counts(
    member: str | None, east: float, text: str
) -> None:
    cube, told = pick_member(make_ensemble(), member)
    assert cube.member_count == 1
    assert told == text
    assert np.all(cube.dataset["eastward_wind"].values == np.float32(east))
    assert validate_cube(cube.dataset)


@pytest.mark.parametrize("member", ["0", "8"])
def test_given_a_member_that_is_not_there_when_named_then_refused(member: str) -> None:
    with pytest.raises(ArgumentError, match=f"no member '{member}'.*members 3 to 7"):
        pick_member(make_ensemble(), member)


def test_given_a_single_wind_when_its_mean_is_asked_for_then_refused() -> None:
    single, _ = pick_member(make_ensemble(), "7")
    assert pick_member(single, None)[1] == ""
    with pytest.raises(ArgumentError, match="one member only"):
        pick_member(single, "mean")


def test_given_names_with_commas_and_at_when_they_are_files_then_they_are_taken_whole(
    tmp_path: Path,
) -> None:
    first = make_wind(tmp_path / "one,two.nc", hours=(0, 3))
    second = make_wind(tmp_path / "run@7", hours=(0, 3))
    found = compare_weather([str(first), str(second)], heights=["3 km"])
    assert found.comparisons[0].levels[0].difference.rms_vector == 0.0
    assert [wind.label for wind in found.winds] == ["A", "B"]
    with pytest.raises(ArgumentError, match="no member '2'"):
        compare_weather([str(first), f"{second}@2"])


@pytest.mark.parametrize("count", [0, 1, 27])
def test_given_too_few_or_too_many_winds_when_compared_then_refused(count: int) -> None:
    with pytest.raises(ArgumentError, match=f"{count} wind"):
        compare_weather(["a.nc"] * count)


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "", "120;33;132;43", "120,43,132,33"])
def test_given_a_box_that_is_none_when_compared_then_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="box"):
        compare_weather(["a.nc", "b.nc"], box=text)


def test_given_stored_winds_when_compared_then_as_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNWIND_STORE", str(tmp_path / "store"))
    first = make_wind(tmp_path / "a.nc", hours=(0, 3))
    second = make_wind(
        tmp_path / "b.nc", hours=(0, 3), spoil=lambda data: data.assign(v=data["v"] + 2.0)
    )
    for path, name in ((first, "calm"), (second, "pushed")):
        import_weather([path], name=name)
    stored = compare_weather(["calm", "pushed@0"], heights=["3 km"]).comparisons[0]
    files = compare_weather([str(first), str(second)], heights=["3 km"]).comparisons[0]
    assert stored.levels[0].difference == files.levels[0].difference
    assert stored.levels[0].difference.rms_vector == pytest.approx(2.0)
    with pytest.raises(WeatherFileError, match="no such file, and no stored wind"):
        compare_weather(["calm", "gone"])


@pytest.mark.parametrize(
    ("at", "part"),
    [
        ("37.75,126.49,2015-04-03T18:00", "has no zone"),
        ("north,126.49,2015-04-03T18:00Z", "cannot be read"),
        ("97.75,126.49,2015-04-03T18:00Z", "is no place"),
        ("nan,126.49,2015-04-03T18:00Z", "is no place"),
    ],
)
def test_given_a_place_and_time_that_cannot_be_when_compared_then_refused(
    at: str, part: str
) -> None:
    with pytest.raises(ArgumentError, match=part):
        compare_weather(["a.nc", "b.nc"], at=at)


def test_given_a_picture_that_cannot_be_written_when_compared_then_refused_before_reading(
    tmp_path: Path,
) -> None:
    there = tmp_path / "there.png"
    there.write_bytes(b"mine")
    with pytest.raises(ResultsExistError, match="exists already"):
        compare_weather(["a.nc", "b.nc"], output=there)
    with pytest.raises(ResultsWriteError, match="no folder"):
        compare_weather(["a.nc", "b.nc"], output=tmp_path / "no" / "x.png")
    with pytest.raises(WeatherFileError):
        compare_weather(["a.nc", "b.nc"], output=there, force=True)
    assert there.read_bytes() == b"mine"


def test_given_a_box_away_from_a_wind_when_compared_then_refused(tmp_path: Path) -> None:
    first = make_wind(tmp_path / "a.nc", hours=(0, 3))
    with pytest.raises((WeatherFileError, WindCoverageError)):
        compare_weather([str(first), str(first)], box="-20,10,-10,20")
