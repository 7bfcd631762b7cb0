"""Which observations a mission takes, and how the command line names them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from downwind.cli.options import gather_wind_files
from downwind.errors import ObservationError, WindCoverageError
from downwind.plan.mission_file import parse_mission
from downwind.service.demonstration import demonstration_wind
from downwind.service.observations import (
    MOST_PROFILES,
    blend_for_mission,
    choose_profiles,
    drop_twins,
    find_doubtful,
    find_times,
    read_profiles,
)
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.observation.blend import blend_observations
from downwind.wind.profile import Profile
from tests.small_mission import SMALL

LAUNCH_S = 1_428_084_000


@pytest.fixture(scope="module")
def forecast() -> WindCube:
    """Return the demonstration's wind."""
    return demonstration_wind().to_cube((120.0, 32.0, 136.0, 46.0), 2.0, 3 * 3600.0)


def sounding(name: str, longitude: float, time_s: int = LAUNCH_S) -> Profile:
    """Return a sounding that sees 8 m/s from the west."""
    n, unknown = 4, np.full(4, np.nan)
    return Profile(
        name, longitude, 37.75, 0.0, time_s, np.array([500.0, 1500.0, 2500.0, 3500.0]),
        np.full(n, 8.0), np.zeros(n), unknown, unknown, unknown, np.ones(n), unknown, unknown,
        unknown, "sounding", f"{name}.csv",
    )  # fmt: skip


def test_given_a_few_soundings_when_chosen_then_all_are_taken(forecast) -> None:
    few = [sounding("a", 127.0), sounding("b", 10.0)]
    kept, note = choose_profiles(forecast, parse_mission(SMALL), few)
    assert [p.station for p in kept] == ["a", "b"]
    assert note == ""
    assert find_times(few) == (LAUNCH_S, LAUNCH_S)


def test_given_many_soundings_when_chosen_then_the_nearest_inside_are_taken_and_it_is_told(
    forecast,
) -> None:
    many = [sounding(str(i), 126.0 + 0.25 * i) for i in range(30)]
    many += [sounding("late", 126.5, LAUNCH_S + 40 * 86_400), sounding("far", 10.0)]
    kept, note = choose_profiles(forecast, parse_mission(SMALL), many)
    assert {p.station for p in kept} == {str(i) for i in range(MOST_PROFILES)}
    assert f"{MOST_PROFILES} of 32 soundings blended" in note
    assert find_times(many) == ()
    with pytest.raises(ObservationError, match="none of 20 soundings lies inside"):
        choose_profiles(
            forecast, parse_mission(SMALL), [sounding(str(i), 10.0 + i) for i in range(20)]
        )


def test_given_an_observation_twice_when_blended_then_it_counts_once_and_it_is_told(
    forecast,
) -> None:
    twice = [sounding("a", 127.0), dataclasses.replace(sounding("a", 127.0), file="copy.csv")]
    other = dataclasses.replace(twice[0], eastward_ms=np.full(4, 7.0))
    assert drop_twins([*twice, other]) == (twice[0], other)
    mission = parse_mission(SMALL)
    blend = blend_for_mission(forecast, mission, twice)
    assert len(blend.checks) == 1
    assert "1 observations are there twice: each counts once" in blend.cube.notes
    once = blend_for_mission(forecast, mission, twice[:1])
    assert once.cube.digest == blend.cube.digest


def test_given_a_wind_of_soundings_when_one_of_them_is_blended_again_then_it_is_warned_of(
    forecast,
) -> None:
    data = forecast.dataset.assign_attrs(nature="observation", files="a.csv, b.csv")
    mission = parse_mission(SMALL)
    seen = [sounding("a", 127.0), sounding("c", 126.0)]
    blend = blend_for_mission(validate_cube(data), mission, seen)
    (text,) = [w for w in blend.cube.warnings if "counts twice" in w]
    assert "one of them may be the observation of a, c: then" in text
    late = [dataclasses.replace(sounding("d", 127.0), time_s=int(forecast.times_s[0]) + 5 * 3600)]
    assert find_doubtful(validate_cube(data.isel(time=slice(0, 1))), late) == ()
    assert find_doubtful(forecast, seen) == ()


def test_given_one_time_held_steady_when_blended_then_an_observation_within_it_counts(
    forecast,
) -> None:
    data = forecast.dataset.isel(time=slice(0, 1))
    one = validate_cube(data)
    when = int(one.times_s[0]) + 3 * 3600
    late = sounding("late", 126.5, when)
    with pytest.raises(WindCoverageError, match="late is of"):
        blend_observations(one, [late])
    blend = blend_observations(one, [late], steady_s=6 * 3600.0)
    then = blend_observations(one, [dataclasses.replace(late, time_s=int(one.times_s[0]))])
    np.testing.assert_array_equal(
        blend.cube.dataset["eastward_wind"].values, then.cube.dataset["eastward_wind"].values
    )
    assert any("held steady" in note for note in blend.cube.notes)


@pytest.mark.parametrize(
    ("given", "gathered"),
    [
        ("plan m.toml --wind a b -o d", "plan m.toml --wind a --wind b -o d"),
        ("plan --wind a b m.toml", "plan --wind a --wind b m.toml"),
        ("fly --observed p.toml m.toml", "fly --observed p.toml m.toml"),
        (
            "fly --wind a --observed p.toml q.csv m.toml --json",
            "fly --wind a --observed p.toml --observed q.csv m.toml --json",
        ),
        (
            "fly m.toml --observed p.toml --observed q.toml",
            "fly m.toml --observed p.toml --observed q.toml",
        ),
    ],
)
def test_given_several_files_after_one_option_when_gathered_then_each_has_its_own(
    given: str, gathered: str
) -> None:
    assert gather_wind_files(given.split()) == gathered.split()


def test_given_no_file_when_read_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match=r"none\.csv: no such file"):
        read_profiles([tmp_path / "none.csv"])
