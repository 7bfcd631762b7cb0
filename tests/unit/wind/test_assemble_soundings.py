"""A cube made of soundings: the contract, heights, times, places, texts and refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from downwind.errors import WeatherContentError
from downwind.wind.cube import (
    EAST,
    HEIGHT,
    HUMIDITY,
    NORTH,
    TEMPERATURE,
    WIND_ERROR,
    WindCube,
    interpolate_wind,
    validate_cube,
)
from downwind.wind.profile import Profile
from downwind.wind.sources import read_weather
from downwind.wind.sources._soundings.assemble import assemble_soundings
from downwind.wind.sources._soundings.hours import group_soundings
from downwind.wind.sources._soundings.notes import fold_texts
from downwind.wind.window import Window
from tests.unit.wind.soundings import NOON_S, inventory_of, make_profile

HOUR = 3600


def cube_of(*profiles: Profile, **changes: object) -> WindCube:
    return validate_cube(assemble_soundings(inventory_of(*profiles, **changes), "0" * 64))


def error_at(cube: WindCube, longitude: float, latitude: float, height_m: float) -> float:
    field = cube.dataset[WIND_ERROR].isel(realization=0, time=0)
    return float(field.interp(longitude=longitude, latitude=latitude, level=height_m))


def four_stations(**changes: object) -> list[Profile]:
    places = {"A": (125.0, 35.0), "B": (129.0, 35.0), "C": (125.0, 39.0), "D": (129.0, 39.0)}
    return [make_profile(name, *place, **changes) for name, place in places.items()]


# --- one column --------------------------------------------------------------------------------


def test_given_one_sounding_then_its_wind_holds_over_the_box_and_the_error_grows() -> None:
    cube = cube_of(make_profile(u=lambda z: 2.0 + z / 1_000.0, error_ms=1.3))
    data = cube.dataset
    assert (cube.nature, cube.source, cube.reference_time_s) == (
        "observation",
        "sounding of A",
        None,
    )
    assert data["level"].attrs["standard_name"] == "geopotential_height"
    np.testing.assert_allclose(data[HEIGHT].values[0, 0, :, 3, 3], data["level"].values)
    for place in ((127.0, 37.0), (128.2, 38.1), (124.9, 35.2)):
        u, v = interpolate_wind(cube, 0, NOON_S, *place, 2_345.0)
        assert (u, v) == (pytest.approx(4.345, abs=1e-3), pytest.approx(5.0, abs=1e-4))
    errors = [error_at(cube, 127.0, lat, 3_000.0) for lat in (37.0, 37.5, 38.0, 39.0)]
    assert errors[0] == pytest.approx(1.3, abs=1e-3)
    assert errors == sorted(errors)
    assert errors[-1] > 3.0


def test_given_one_sounding_then_there_is_no_wind_beyond_its_reach_its_top_and_its_bottom() -> None:
    cube = cube_of(make_profile(height_m=(120.0, 900.0, 8_300.0)))
    assert cube.dataset["level"].values[[0, -1]].tolist() == [120.0, 8_300.0]
    away_deg = 250.0 / 111.2
    assert 0.0 <= cube.latitude[-1] - 37.0 - away_deg < 0.26
    assert 0.0 <= 37.0 - away_deg - cube.latitude[0] < 0.26


def test_given_one_sounding_then_the_warning_names_the_station_and_the_errors() -> None:
    (text,) = cube_of(make_profile("47122", 127.03, 37.1)).warnings
    assert "one station, 47122 at 37.10 N 127.03 E, taken as alike within 250 km" in text
    assert "at 5 km height" in text
    assert "1.0 m/s there" in text
    assert "at 100 km and" in text


# --- several -----------------------------------------------------------------------------------


def test_given_four_stations_then_the_wind_lies_between_and_the_error_is_least_there() -> None:
    profiles = four_stations()
    profiles[1] = make_profile("B", 129.0, 35.0, u=20.0)
    cube = cube_of(*profiles)
    u, _ = interpolate_wind(cube, 0, NOON_S, 127.0, 35.0, 1_200.0)
    assert 12.0 < u < 18.0
    assert error_at(cube, 125.0, 35.0, 3_000.0) < error_at(cube, 127.0, 37.0, 3_000.0)
    assert error_at(cube, 127.0, 37.0, 3_000.0) < error_at(cube, 123.0, 33.0, 3_000.0)
    assert "made of soundings of 4 stations" in cube.warnings[0]


def test_given_a_station_that_ends_lower_then_the_others_serve_above_and_it_is_said() -> None:
    profiles = [
        *four_stations()[:3],
        make_profile("D", 129.0, 39.0, u=40.0, height_m=(80.0, 4_000.0)),
    ]
    cube = cube_of(*profiles)
    assert cube.dataset["level"].values[-1] == 16_000.0
    below, above = (interpolate_wind(cube, 0, NOON_S, 129.0, 39.0, z)[0] for z in (3_900, 4_300))
    assert below > 30.0
    assert above == pytest.approx(10.0, abs=0.01)
    assert error_at(cube, 129.0, 39.0, 3_750.0) < 0.7 * error_at(cube, 129.0, 39.0, 4_250.0)
    assert any("D at 4.0 km; above, the wind is that of the others" in n for n in cube.notes)


def test_given_the_places_of_a_balloon_then_its_wind_stands_where_it_was() -> None:
    base = make_profile()
    drift = np.linspace(0.0, 2.0, base.height_m.size)
    cube = cube_of(make_profile(level_longitude=127.0 + drift, level_latitude=37.0 + 0.0 * drift))
    top = float(base.height_m[-1])
    assert error_at(cube, 129.0, 37.0, top) == pytest.approx(1.0, abs=0.15)
    assert error_at(cube, 127.0, 37.0, top) > 3.0
    assert cube.longitude[-1] > 131.0
    assert not any("drifted" in note for note in cube.notes)
    assert any("drifted" in note for note in cube_of(base).notes)


def test_given_stations_on_both_sides_of_the_antimeridian_then_the_box_stays_in_one_piece() -> None:
    cube = cube_of(make_profile("A", 178.5, 10.0, u=4.0), make_profile("B", -178.5, 10.0, u=8.0))
    assert cube.longitude[0] < 178.5 < 181.5 < cube.longitude[-1]
    u, _ = interpolate_wind(cube, 0, NOON_S, 180.0, 10.0, 1_000.0)
    assert u == pytest.approx(6.0, abs=0.01)


def test_given_a_fine_sounding_then_a_gust_of_one_row_does_not_stand_for_its_layer() -> None:
    height = np.arange(20.0, 6_000.0, 5.0)
    gust = np.where(np.isclose(height, 4_000.0), 60.0, 10.0 + height / 1_000.0)
    cube = cube_of(make_profile(height_m=height, eastward_ms=gust))
    u, _ = interpolate_wind(cube, 0, NOON_S, 127.0, 37.0, 4_000.0)
    assert u == pytest.approx(14.0 + 46.0 * 5.0 / 250.0, abs=0.05)
    u, _ = interpolate_wind(cube, 0, NOON_S, 127.0, 37.0, 5_000.0)
    assert u == pytest.approx(15.0, abs=1e-3)


def test_given_temperature_and_humidity_then_the_cube_carries_them_and_else_says_so() -> None:
    cube = cube_of(*four_stations())
    assert float(cube.dataset[TEMPERATURE].sel(level=1_000.0)[0, 0, 4, 4]) == pytest.approx(283.15)
    assert float(cube.dataset[HUMIDITY].min()) == pytest.approx(0.5)
    dry = make_profile(temperature_k=np.full(7, np.nan), humidity=np.full(7, np.nan))
    bare = cube_of(dry)
    assert not bare.has_temperature
    assert not bare.has_humidity
    assert any("temperature left out" in note for note in bare.notes)


def test_given_a_sounding_that_its_neighbours_contradict_then_it_is_named_and_kept() -> None:
    profiles = [*four_stations(), make_profile("E", 127.0, 37.0, u=75.0)]
    strange = [text for text in cube_of(*profiles).warnings if "one of them is wrong" in text]
    assert any(
        text.startswith("the sounding of E and its neighbours differ at") for text in strange
    )
    assert not [t for t in cube_of(*four_stations()).warnings if "is wrong" in t]


# --- times -------------------------------------------------------------------------------------


def test_given_soundings_of_two_times_when_assembled_then_the_wind_is_linear_between() -> None:
    cube = cube_of(make_profile(u=4.0), make_profile(u=16.0, time_s=NOON_S + 6 * HOUR))
    assert cube.times_s.tolist() == [NOON_S, NOON_S + 6 * HOUR]
    u, _ = interpolate_wind(cube, 0, NOON_S + 2 * HOUR, 127.0, 37.0, 1_000.0)
    assert u == pytest.approx(8.0, abs=1e-3)
    assert any("2 times up to 6 h apart" in text for text in cube.warnings)


def test_given_a_station_that_misses_a_time_then_the_error_there_is_larger_and_it_is_said() -> None:
    first = four_stations()
    later = four_stations(time_s=NOON_S + 6 * HOUR)[1:]
    cube = cube_of(*first, *later)
    error = cube.dataset[WIND_ERROR].sel(latitude=35.0, longitude=125.0, level=3_000.0).values[0]
    assert error[1] > 1.5 * error[0]
    assert "no sounding at 2008-12-08 18:00 UTC of A" in cube.notes


@pytest.mark.parametrize(
    ("minutes", "wanted"),
    [
        ({"A": -45, "B": 0, "C": -20}, [0]),
        ({"A": 17, "B": 17}, [17]),
        ({"A": 100, "B": 130}, [180]),
        ({"A": 0, "B": 170}, [85]),
        ({"A": 0, "B": 200}, [0, 200]),
    ],
)
def test_launch_times_come_together_to_one_time(minutes: dict[str, int], wanted: list[int]) -> None:
    profiles = [
        make_profile(name, 120.0 + i, time_s=NOON_S + 60 * late)
        for i, (name, late) in enumerate(minutes.items())
    ]
    sweeps, notes = group_soundings(profiles)
    assert [(sweep.time_s - NOON_S) // 60 for sweep in sweeps] == wanted
    assert bool(notes) == (len(set(minutes.values())) > 1 and len(wanted) == 1)


def test_given_two_soundings_of_one_station_within_the_span_then_they_stay_two_times() -> None:
    sweeps, _ = group_soundings([make_profile(), make_profile(time_s=NOON_S + HOUR)])
    assert [sweep.time_s - NOON_S for sweep in sweeps] == [0, HOUR]


def test_given_one_sounding_in_two_files_then_the_fuller_is_taken_once() -> None:
    short = make_profile("47122", 127.001, height_m=(50.0, 2_000.0), u=99.0)
    sweeps, (note,) = group_soundings([short, make_profile("Osan")])
    assert [p.station for p in sweeps[0].profiles] == ["Osan"]
    assert "is there twice: that with 7 levels is taken, not that with 2" in note


# --- texts -------------------------------------------------------------------------------------


def test_what_stations_say_alike_is_said_once_with_the_range_of_its_numbers() -> None:
    lines = fold_texts(
        [("A", "3 rows of 2.5 m left out"), ("B", "12 rows of 2.5 m left out"), ("C", "x")]
    )
    assert lines == ["A, B: 3 to 12 rows of 2.5 m left out", "C: x"]


def test_warnings_of_the_readers_reach_the_cube() -> None:
    odd = make_profile(warnings=("heights by the standard atmosphere",))
    cube = cube_of(odd, warnings=("all in knots",))
    assert "all in knots" in cube.warnings
    assert "A: heights by the standard atmosphere" in cube.warnings


# --- refusals ----------------------------------------------------------------------------------


def test_given_a_sounding_without_depth_then_it_is_refused_with_its_reach() -> None:
    with pytest.raises(WeatherContentError, match="reaches from 50 to 300 m only") as caught:
        cube_of(make_profile(height_m=(50.0, 300.0)))
    assert caught.value.hint


def test_given_two_times_with_no_air_in_common_then_they_are_refused() -> None:
    low = make_profile(height_m=(50.0, 2_000.0))
    high = make_profile(height_m=(1_900.0, 9_000.0), time_s=NOON_S + 6 * HOUR)
    with pytest.raises(WeatherContentError, match="the soundings of all times reach"):
        cube_of(low, high)


def test_given_stations_of_two_continents_then_a_box_is_asked_for() -> None:
    with pytest.raises(WeatherContentError, match="2 soundings and 250 km around") as caught:
        cube_of(make_profile("A", 10.0, 50.0), make_profile("B", 127.0, 37.0))
    assert "box" in caught.value.hint


def test_given_a_station_at_a_pole_then_it_is_refused() -> None:
    with pytest.raises(WeatherContentError, match="a sounding at -90.00 N"):
        cube_of(make_profile("89009", 0.0, -90.0))


def test_given_years_of_soundings_then_a_shorter_span_is_asked_for() -> None:
    many = [make_profile(time_s=NOON_S + 12 * HOUR * i) for i in range(8_000)]
    with pytest.raises(WeatherContentError, match="too much") as caught:
        cube_of(*many)
    assert "span of time" in caught.value.hint


# --- real files --------------------------------------------------------------------------------


def test_given_the_global_file_when_read_with_a_box_then_it_serves_and_without_one_is_refused(
    shared: Path,
) -> None:
    path = shared / "data/soundings/pdbufr_global_temp_20081208/temp_global_2008120812.bufr"
    with pytest.raises(WeatherContentError, match="take those around the site"):
        read_weather([path])
    cube = read_weather([path], Window(124.0, 33.0, 130.0, 39.0))
    assert cube.source == "7 soundings"
    assert cube.dataset[EAST].shape == cube.dataset[NORTH].shape
    # the wind at 850 and 925 hPa blows from 210 to 245 degrees, as the seven messages say
    u, v = interpolate_wind(cube, 0, NOON_S, 126.5, 37.75, 1_400.0)
    assert 210.0 < np.degrees(np.arctan2(-u, -v)) % 360.0 < 245.0
    assert any("47122 at 6.8 km" in note for note in cube.notes)


def test_given_radiosondes_with_places_and_four_times_a_day_then_they_make_a_wind(
    shared: Path,
) -> None:
    paths = sorted((shared / "data/soundings/arm").glob("twpsonde*.cdf"))[:3]
    cube = read_weather(paths)
    assert cube.source == "3 soundings of " + cube.source.split(" of ")[1]
    assert np.diff(cube.times_s).min() > 3 * HOUR
    assert not any("drifted" in note for note in cube.notes)
