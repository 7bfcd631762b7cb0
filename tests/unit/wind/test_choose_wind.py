"""Which stored wind a mission gets: the newest that holds its sites and hours, or a reason."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from downwind.errors import StoredWindMissingError
from downwind.wind.store import Need, choose_winds, list_winds, store_cube
from tests.unit.wind.store_cubes import RUN_S, make_cube

HOUR_S = 3600.0
NEED = Need(
    places=(("Ganghwa", 126.49, 37.75),),
    spans_s=((RUN_S + 7 * HOUR_S, RUN_S + 10 * HOUR_S),),
    gap_s=6 * HOUR_S,
    steady_s=0.0,
    states_terrain=False,
)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own."""
    monkeypatch.setenv("DOWNWIND_STORE", str(tmp_path / "winds"))
    return tmp_path / "winds"


def put(**settings: object) -> str:
    return store_cube(make_cube(**settings)).entry.id  # type: ignore[arg-type]


def chosen(need: Need = NEED) -> list[str]:
    return [entry.id for entry in choose_winds(list_winds(), need).entries]


def refusal(need: Need = NEED) -> str:
    with pytest.raises(StoredWindMissingError) as caught:
        choose_winds(list_winds(), need)
    return caught.value.message


def test_given_several_runs_when_chosen_then_the_newest_that_covers() -> None:
    put(run_h=0)
    newest = put(run_h=6)
    put(run_h=8)  # begins after the launch
    assert chosen() == [newest]


def test_given_one_run_on_two_grids_when_chosen_then_the_finer_then_the_wider() -> None:
    put(spacing=2.0, box=(120.0, 33.0, 132.0, 43.0))
    narrow = put(box=(122.0, 34.0, 131.0, 42.0))
    assert chosen() == [narrow]
    wide = put()
    assert chosen() == [wide]


def test_given_a_forecast_and_later_kinds_when_chosen_then_the_forecast_goes_before() -> None:
    past = put(nature="reanalysis", source="ERA5")
    assert chosen() == [past]
    forecast = put(run_h=-6, hours=tuple(range(0, 30, 3)))
    assert chosen() == [forecast]


def test_given_parts_of_a_run_when_none_covers_alone_then_both() -> None:
    early, late = put(hours=(0, 3, 6, 9)), put(hours=(9, 12))
    assert chosen() == [early, late]


def test_given_a_part_of_a_run_that_covers_when_chosen_then_the_rest_comes_too() -> None:
    early, late = put(hours=(6, 9, 12)), put(hours=(15, 18, 21, 24))
    assert chosen() == [early, late]
    both = put(hours=(6, 9, 12, 15, 18, 21, 24))
    assert chosen() == [both]


def test_given_parts_of_months_when_chosen_then_those_alone_that_the_flights_use() -> None:
    era5 = {"nature": "reanalysis", "source": "ERA5"}
    put(**era5, hours=(-72, -66, -60))
    first, second = put(**era5, hours=(0, 6, 12)), put(**era5, hours=(18, 24))
    put(**era5, hours=(600, 606))
    assert chosen() == [first]
    longer = dataclasses.replace(NEED, until_s=RUN_S + 20 * HOUR_S)
    assert chosen(longer) == [first, second]


def test_given_parts_with_a_hole_when_the_flight_meets_it_then_it_is_named() -> None:
    put(hours=(0, 3))
    put(hours=(12, 15))
    assert "has a hole from 2024-01-02T09:00Z to 2024-01-02T18:00Z" in refusal()
    assert len(chosen(dataclasses.replace(NEED, gap_s=9 * HOUR_S))) == 2
    before = ((RUN_S, RUN_S + 2 * HOUR_S), (RUN_S + 13 * HOUR_S, RUN_S + 14 * HOUR_S))
    assert len(chosen(dataclasses.replace(NEED, spans_s=before))) == 2


def test_given_a_single_time_when_not_held_steady_then_refused_and_else_taken() -> None:
    only = put(hours=(6,))
    assert "states no wind.steady_hours" in refusal()
    assert "held steady to 2024-01-02T14:00Z" in refusal(
        dataclasses.replace(NEED, steady_s=2 * HOUR_S)
    )
    assert chosen(dataclasses.replace(NEED, steady_s=4 * HOUR_S)) == [only]
    assert chosen(dataclasses.replace(NEED, gap_s=0.0, steady_s=4 * HOUR_S)) == [only]


def test_given_no_ground_when_the_mission_states_none_then_refused() -> None:
    bare = put(terrain=False)
    assert "terrain.constant_m" in refusal()
    assert chosen(dataclasses.replace(NEED, states_terrain=True)) == [bare]


@pytest.mark.parametrize(
    ("west", "longitude", "is_held"),
    [(170.0, 179.0, True), (170.0, -175.0, True), (170.0, -170.0, False), (-170.0, 185.0, False)],
)
def test_given_a_box_over_the_antimeridian_when_asked_then_either_way_of_writing_counts(
    west: float, longitude: float, is_held: bool
) -> None:
    put(box=(west, 33.0, west + 18.0, 43.0))
    need = dataclasses.replace(NEED, places=(("there", longitude, 37.0),))
    if is_held:
        assert len(chosen(need)) == 1
    else:
        assert "there outside 33 to 43 N" in refusal(need)


def test_given_nothing_that_serves_when_chosen_then_each_lack_is_told() -> None:
    far, late = put(box=(0.0, 33.0, 12.0, 43.0)), put(run_h=12)
    text = refusal()
    assert f"{far}: Ganghwa outside 33 to 43 N, 0 to 12 E" in text
    assert f"{late}: holds 2024-01-02T18:00Z to 2024-01-03T12:00Z" in text
    assert "2024-01-02T13:00Z to 2024-01-02T16:00Z" in text


def test_given_an_empty_store_when_chosen_then_it_says_how_to_fill_it(store: Path) -> None:
    with pytest.raises(StoredWindMissingError, match="is empty") as caught:
        choose_winds(list_winds(), NEED)
    assert str(store) in caught.value.message
    assert "weather import" in caught.value.hint


def test_given_a_spoilt_newer_wind_when_chosen_then_the_older_and_a_word_about_it(
    store: Path,
) -> None:
    old, new = put(run_h=0), put(run_h=6)
    next((store / new / "cube.zarr" / "eastward_wind").glob("c.*")).unlink()
    choice = choose_winds(list_winds(), NEED)
    assert [entry.id for entry in choice.entries] == [old]
    assert len(choice.passed_over) == 1
    assert new in choice.passed_over[0]
