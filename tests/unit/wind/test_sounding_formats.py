"""What each format of soundings has of its own, and what is refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from downwind.errors import (
    DownwindError,
    WeatherContentError,
    WeatherFileError,
)
from downwind.wind.profile import Profile
from downwind.wind.sources import choose_sources, scan_weather
from tests.unit.wind.sounding_files import (
    EASTWARD_MS,
    HEIGHTS_M,
    ONE,
    THREE,
    TIME_S,
    Launch,
    make_bufr,
    make_igra2,
    make_wyoming,
    write_arm,
    write_bufr,
    write_iem,
)

HEAD = "# station: Osan\n# latitude: 37.1 N\n# longitude: 127.03\n# time: 2015-04-04T03:00+09:00\n"
HEADING = "height_m,wind_direction_deg,wind_speed_ms"
LEVELS = "100,270,5\n500,270,10\n1500,280,15\n"


def read_one(path: Path, content: str | bytes) -> Profile:
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        path.write_bytes(content)
    (profile,) = scan_weather([path])[0].profiles
    return profile


def refuse(path: Path, content: str | bytes) -> DownwindError:
    with pytest.raises(WeatherFileError) as caught:
        read_one(path, content)
    assert caught.value.hint
    return caught.value


# --- BUFR ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("compressed", [False, True])
def test_given_a_message_of_several_subsets_when_read_then_each_is_a_sounding(
    compressed: bool, tmp_path: Path
) -> None:
    path = tmp_path / "many.bufr"
    path.write_bytes(make_bufr(THREE, compressed))
    profiles = scan_weather([path])[0].profiles
    assert [profile.station for profile in profiles] == ["47122", "47185", "47090"]
    assert [profile.latitude for profile in profiles] == pytest.approx([37.1, 33.28, 38.25])
    assert [profile.time_s - TIME_S for profile in profiles] == [0, 0, 43_200]
    for profile in profiles:
        np.testing.assert_allclose(profile.eastward_ms, EASTWARD_MS, atol=0.06)


def test_given_levels_with_time_and_place_when_read_then_the_path_is_kept(tmp_path: Path) -> None:
    (profile,) = scan_weather(write_bufr(tmp_path, ONE))[0].profiles
    np.testing.assert_allclose(profile.level_time_s - TIME_S, (HEIGHTS_M - 40.0) // 5.0)
    np.testing.assert_allclose(profile.level_longitude[-1], 127.03 + 0.02392, atol=1e-4)


@pytest.mark.parametrize("how", ["cut", "no end", "not decoded"])
def test_given_one_broken_message_among_others_when_read_then_it_is_named_and_the_rest_serves(
    how: str, tmp_path: Path
) -> None:
    whole = [make_bufr([launch]) for launch in THREE]
    broken = bytearray(whole[1])
    if how == "no end":
        broken[-4:] = b"0000"
    elif how == "not decoded":
        at = broken.index(bytes([0xC0 | 9, 52]))  # the template 3 09 052 becomes one of none
        broken[at + 1] = 255
    messages = {"cut": [whole[0], whole[2], whole[1][:-9]]}.get(
        how, [whole[0], bytes(broken), whole[2]]
    )
    path = tmp_path / "broken.bufr"
    path.write_bytes(b"\r\r\nIUKN01 RKSL 031800\r\r\n".join(messages))

    inventory, _ = scan_weather([path])

    assert len(inventory.profiles) == 2
    (warning,) = inventory.warnings
    number = 3 if how == "cut" else 2
    assert warning.startswith(f"left out broken.bufr, message {number} at byte ")
    assert inventory.left_out == (warning.removeprefix("left out "),)


def test_given_a_bufr_of_other_reports_when_read_then_the_category_is_named(tmp_path: Path) -> None:
    data = bytearray(make_bufr(ONE))
    data[8 + 10] = 0  # surface data
    error = refuse(tmp_path / "surface.bufr", bytes(data))
    assert "no sounding in it, but 1 of BUFR of data category 0" in error.message


# --- ARM -----------------------------------------------------------------------------------------


def test_given_an_arm_file_with_bad_marks_when_read_then_those_values_are_missing(
    tmp_path: Path,
) -> None:
    import xarray as xr

    (path,) = write_arm(tmp_path, ONE)
    with xr.open_dataset(path, engine="scipy", decode_times=False) as dataset:
        marked = dataset.load()
    marks = np.zeros(HEIGHTS_M.size, np.int32)
    marks[[2, 5]] = [4, 8]
    marked["qc_wspd"] = ("time", marks)
    marked.to_netcdf(path, engine="scipy", format="NETCDF3_CLASSIC")
    (profile,) = scan_weather([path])[0].profiles
    # 4 says beyond what can be; 8 says only that it jumps.
    np.testing.assert_allclose(profile.height_m, np.delete(HEIGHTS_M, 2))


def test_given_an_arm_file_in_another_unit_when_read_then_it_is_refused_by_name(
    tmp_path: Path,
) -> None:
    import xarray as xr

    (path,) = write_arm(tmp_path, ONE)
    with xr.open_dataset(path, engine="scipy", decode_times=False) as dataset:
        changed = dataset.load()
    changed["alt"].attrs["units"] = "furlong"
    changed.to_netcdf(path, engine="scipy", format="NETCDF3_CLASSIC")
    with pytest.raises(WeatherContentError, match="alt has the unit 'furlong'"):
        scan_weather([path])


def test_given_gridded_netcdf_when_recognised_then_arm_does_not_take_it(tmp_path: Path) -> None:
    from tests.unit.wind.weather_files import make_era5, write_netcdf

    path = write_netcdf(make_era5(), tmp_path / "grid.nc", "classic")
    assert [source.NAME for source, _ in choose_sources([path])] == ["NetCDF"]


# --- IGRA2 ---------------------------------------------------------------------------------------


def test_given_a_release_late_on_the_day_before_when_read_then_the_launch_time_counts(
    tmp_path: Path,
) -> None:
    midnight = Launch(time_s=TIME_S + 6 * 3600)
    profile = read_one(tmp_path / "igra.txt", make_igra2(midnight, released="2303"))
    assert profile.time_s == midnight.time_s - 57 * 60
    assert profile.level_time_s[0] == profile.time_s


@pytest.mark.parametrize(("released", "late_s"), [("9999", 0), ("1799", -3600)])
def test_given_no_release_time_or_its_hour_alone_when_read_then_what_is_there_counts(
    released: str, late_s: int, tmp_path: Path
) -> None:
    profile = read_one(tmp_path / "igra.txt", make_igra2(Launch(), released=released))
    assert profile.time_s == TIME_S + late_s


def test_given_missing_and_removed_values_when_read_then_they_are_missing(tmp_path: Path) -> None:
    text = make_igra2(Launch())
    lines = text.splitlines(keepends=True)
    lines[2] = lines[2][:40] + "-8888 -9999 \n"
    lines[3] = lines[3][:16] + "-9999" + lines[3][21:]
    profile = read_one(tmp_path / "igra.txt", "".join(lines))
    assert profile.height_m.size == HEIGHTS_M.size - 1
    assert profile.height_m[1] == pytest.approx(HEIGHTS_M[2], abs=5.0)
    assert profile.notes == ("height of 1 wind interpolated in log pressure",)


def test_given_a_file_cut_in_a_later_sounding_when_read_then_the_rest_serves_with_a_warning(
    tmp_path: Path,
) -> None:
    path = tmp_path / "igra.txt"
    path.write_text(make_igra2(Launch()) + make_igra2(Launch(time_s=TIME_S + 43_200))[:150])
    inventory, _ = scan_weather([path])
    assert len(inventory.profiles) == 1
    assert inventory.warnings == (
        "left out igra.txt, line 10: the file ends inside the sounding that starts here",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (make_igra2(Launch())[:150], "line 1: the file ends inside"),
        (make_igra2(Launch()).replace("#KSM00047122 2015 04", "#KSM00047122 2015 14"), "line 1"),
        (make_igra2(Launch()) + "21 spoiled\n", "line 10: a sounding should start here"),
        (make_igra2(Launch()).replace(" 1270300\n", " 1270300" + " 1" * 40 + "\n"), "derived"),
        (make_igra2(Launch()).replace(" 1270300", "-9988888"), "it has no place"),
    ],
)
def test_given_a_damaged_igra2_file_when_read_then_the_line_is_named(
    content: str, said: str, tmp_path: Path
) -> None:
    assert said in refuse(tmp_path / "igra.txt", content).message


# --- Wyoming -------------------------------------------------------------------------------------


def test_given_a_saved_page_when_read_then_its_soundings_are_found(tmp_path: Path) -> None:
    page = "<HTML><TITLE>Sounding</TITLE><BODY><H2>{}</H2><PRE>{}</PRE></BODY></HTML>"
    title, rest = make_wyoming(Launch()).split("\n", 1)
    profile = read_one(tmp_path / "page.html", page.format(title, rest))
    assert profile.station == "47122 Station"
    np.testing.assert_allclose(profile.eastward_ms, EASTWARD_MS, atol=1e-9)


def test_given_a_list_without_its_foot_when_head_lines_say_the_place_then_it_is_read(
    tmp_path: Path,
) -> None:
    bare = make_wyoming(Launch(), tail=False)
    error = refuse(tmp_path / "bare.txt", bare)
    assert "does not say its latitude, longitude, time" in error.message
    assert "# latitude: 37.75" in error.hint
    profile = read_one(tmp_path / "told.txt", HEAD + bare)
    assert (profile.station, profile.latitude, profile.time_s) == ("Osan", 37.1, TIME_S)
    assert profile.elevation_m == HEIGHTS_M[0]


def test_given_a_list_in_another_unit_when_read_then_the_unit_counts_or_is_refused(
    tmp_path: Path,
) -> None:
    text = make_wyoming(Launch())
    metric = text.replace("   SKNT", "   SPED").replace("   knot", "    m/s")
    profile = read_one(tmp_path / "metric.txt", metric)
    np.testing.assert_allclose(profile.eastward_ms, EASTWARD_MS / (1852 / 3600), atol=1e-9)
    error = refuse(tmp_path / "odd.txt", text.replace("   knot", "    Bft"))
    assert "SKNT has the unit 'Bft'" in error.message


# --- IEM and lists of stations -------------------------------------------------------------------


def test_given_iem_soundings_without_a_list_when_read_then_it_is_asked_for(tmp_path: Path) -> None:
    path, stations = write_iem(tmp_path, ONE)
    with pytest.raises(WeatherContentError, match="no list of stations") as caught:
        scan_weather([path])
    assert "list of stations" in caught.value.hint
    with pytest.raises(WeatherFileError, match=r"stations\.txt is a list of stations, no sounding"):
        scan_weather([stations])


def test_given_a_station_that_is_in_no_list_when_read_then_it_is_left_out_by_name(
    tmp_path: Path,
) -> None:
    path, stations = write_iem(tmp_path, THREE)
    stations.write_text(stations.read_text().replace("K001", "KXXX"))
    inventory, _ = scan_weather([path, stations])
    assert len(inventory.profiles) == 2
    assert inventory.left_out == (
        "1 soundings in raob.json, their stations are in no list of stations: K001",
    )


# --- plain tables --------------------------------------------------------------------------------


def test_given_a_plain_table_with_head_lines_when_read_then_all_of_it_counts(
    tmp_path: Path,
) -> None:
    profile = read_one(tmp_path / "own.csv", f"{HEAD}# elevation: 150 ft\n{HEADING}\n{LEVELS}")
    assert profile.station == "Osan"
    assert (profile.latitude, profile.longitude) == (37.1, 127.03)
    assert profile.time_s == TIME_S
    assert profile.elevation_m == pytest.approx(45.72)
    assert profile.height_m.tolist() == [100.0, 500.0, 1500.0]
    np.testing.assert_allclose(profile.eastward_ms, [5.0, 10.0, 15.0 * np.cos(np.radians(10.0))])
    assert np.isnan(profile.level_time_s).all()


def test_given_pressures_in_a_wrong_unit_when_read_then_refused_by_a_value(tmp_path: Path) -> None:
    heading = "pressure_hPa,height_m,wind_direction_deg,wind_speed_ms"
    error = refuse(tmp_path / "own.csv", f"{HEAD}{heading}\n100000,100,270,5\n85000,1500,270,9\n")
    assert "its pressures are none, such as 100000 hPa: is a unit wrong?" in str(error)


def test_given_a_column_of_errors_when_read_then_it_counts_where_it_has_a_value(
    tmp_path: Path,
) -> None:
    text = (
        "# latitude: 37.7\n# longitude: 126.5\n# time: 2026-01-01T00:00Z\n"
        "height_m,wind_direction_deg,wind_speed_ms,wind_error_ms\n"
        "100,270,5,0.4\n2000,270,9,\n3000,270,9,1.75\n"
    )
    profile = read_one(tmp_path / "own.csv", text)
    assert profile.error_ms[0] == 0.4
    assert profile.error_ms[2] == 1.75
    assert profile.error_ms[1] == pytest.approx(1.5, abs=0.3)  # that of radiosondes


@pytest.mark.parametrize(
    ("heading", "rows", "height_m", "speed_ms"),
    [
        ("height_ft,wind_direction_deg,wind_speed_kt", "1000,270,10\n2000,270,20", 304.8, 5.144),
        ("Height [ft];Wind direction [°];Wind speed [km/h]", "1000;270;36\n2000;270;72", 304.8, 10),
        ("height (m)\twdir (deg)\twspd (knots)", "100\t270\t10\n200\t270\t20", 100.0, 5.144),
        ("hght/km;drct/deg;wspd/m/s", "0,1;270;10,0\n0,2;270;12,0", 100.0, 10.0),
        ("gph_gpm,u_ms,v_ms", "100,5,0\n200,6,0", 100.0, 5.0),
        ('"height_m","wind_direction_deg","wind_speed_mps"', "100,270,5\n200,270,6", 100.0, 5.0),
        ("altitude_m,u_m/s,v_m/s", "20000,5,0\n20100,6,0", 19_937.27, 5.0),
    ],
)
def test_given_headings_of_many_kinds_when_read_then_units_and_delimiters_are_understood(
    heading: str, rows: str, height_m: float, speed_ms: float, tmp_path: Path
) -> None:
    profile = read_one(tmp_path / "own.csv", f"\ufeff{HEAD}\n{heading}\n{rows}\n")
    assert profile.bottom_m == pytest.approx(height_m, abs=0.01)
    assert profile.eastward_ms[0] == pytest.approx(speed_ms, abs=1e-3)


def test_given_pressure_in_hpa_or_pa_when_read_then_both_are_the_same(tmp_path: Path) -> None:
    tables = {
        "hpa": "pressure_hPa,height_m,u_ms,v_ms\n900,988,1,0\n800,1949,2,0\n",
        "pa": "p [Pa],height_m,u_ms,v_ms\n90000,988,1,0\n80000,1949,2,0\n",
    }
    pressures = [
        read_one(tmp_path / f"{name}.csv", HEAD + table).pressure_pa
        for name, table in tables.items()
    ]
    np.testing.assert_allclose(pressures, [[9e4, 8e4]] * 2)


def test_given_heights_above_ground_when_the_ground_is_told_then_they_stand_on_it(
    tmp_path: Path,
) -> None:
    table = "height_agl_m,wind_direction_deg,wind_speed_ms\n10,270,5\n500,270,6\n"
    assert "how high the ground is" in refuse(tmp_path / "agl.csv", HEAD + table).message
    profile = read_one(tmp_path / "told.csv", f"{HEAD}# elevation_m: 45\n{table}")
    assert profile.height_m.tolist() == [55.0, 545.0]


def test_given_times_on_the_rows_when_read_then_they_are_those_of_the_levels(
    tmp_path: Path,
) -> None:
    elapsed = f"elapsed_s,{HEADING}\n0,100,270,5\n80,500,270,10\n"
    profile = read_one(tmp_path / "elapsed.csv", HEAD + elapsed)
    assert (profile.level_time_s - TIME_S).tolist() == [0.0, 80.0]
    stamped = (
        f"time,{HEADING}\n2015-04-04T03:00+09:00,100,270,5\n2015-04-04T03:01:20+09:00,500,270,10\n"
    )
    profile = read_one(tmp_path / "stamped.csv", HEAD + stamped)
    assert (profile.level_time_s - TIME_S).tolist() == [0.0, 80.0]


def test_given_two_ascents_in_one_table_when_hours_lie_between_then_they_are_parted(
    tmp_path: Path,
) -> None:
    rows = [
        f"2015-04-03T{hour:02d}:0{i}:00Z,{100 + 400 * i},270,{hour}"
        for hour in (0, 6, 12)
        for i in range(3)
    ]
    path = tmp_path / "day.csv"
    path.write_text(f"{HEAD}time,{HEADING}\n" + "\n".join(rows))
    profiles = scan_weather([path])[0].profiles
    assert [profile.eastward_ms[0] for profile in profiles] == pytest.approx([0.0, 6.0, 12.0])
    assert [profile.time_s - profiles[0].time_s for profile in profiles] == [0, 21_600, 43_200]


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        (f"{HEAD}height,wind_direction_deg,wind_speed\n{LEVELS}", "'height', 'wind_speed'", "hPa"),
        (f"{HEAD}height_m,wind_direction,wind_speed_ms\n{LEVELS}", "'wind_direction' does", "hPa"),
        (f"{HEAD}height_m,wind_direction_deg,wind speed [Bft]\n{LEVELS}", "unit 'Bft'", "knots"),
        (f"{HEAD}height_m,wind_speed_ms\n100,5\n", "no column has wind direction", "name them"),
        (f"{HEADING}\n{LEVELS}", "does not say when", "# time:"),
        (f"# time: 2015-04-03T18:00Z\n{HEADING}\n{LEVELS}", "there is no longitude", "# long"),
        (f"{HEAD}{HEADING}\n100,270,5\n500,north,9\n", "line 7: the direction 'north'", "empty"),
        (f"{HEAD}{HEADING}\n100,270,5\n500,270\n", "line 7: 2 cells", "mend"),
        (f"{HEAD}{HEADING}\n", "no row under the heading", "levels"),
        (f"# latitude: 97\n{HEADING}\n{LEVELS}", "97 is no latitude", "# latitude:"),
        (f"# time: 3 April\n{HEADING}\n{LEVELS}", "'3 April' is not a time", "# time:"),
        (f"# time: 2015-04-03T18:00\n{HEADING}\n{LEVELS}", "has no zone", "# time:"),
        (f"# elevation: 45\n{HEADING}\n{LEVELS}", "45", "elevation_m"),
        (f"{HEAD}time,{HEADING}\n2015-04-03 18:00,1,2,3\n", "line 6: the time", "time_utc"),
        (f"{HEAD}{HEADING}\n,270,5\n,270,9\n", "only 0 of its levels", "pressure or height"),
        (f"{HEAD}{HEADING}\n100,270,500\n900,270,900\n", "is a unit wrong", "wind"),
    ],
)  # fmt: skip
def test_given_a_table_that_lacks_something_when_read_then_it_is_named_with_the_next_step(
    content: str, said: str, hint: str, tmp_path: Path
) -> None:
    error = refuse(tmp_path / "own.csv", content)
    assert "own.csv" in error.message
    assert said in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    "content",
    ["a,b,c\n1,2,3\n", "time,lat,lon,alt\n1,2,3,4\n", "time, lat, lon, u, v\n1,2,3,4,5\n", "# x\n"],
)
def test_given_a_table_of_something_else_when_read_then_it_is_text(
    content: str, tmp_path: Path
) -> None:
    assert "is text, no weather file" in refuse(tmp_path / "other.csv", content).message


def test_given_names_of_bufr_when_a_mark_tells_it_then_their_units_count(tmp_path: Path) -> None:
    heading = "pressure,geopotentialHeight,windDirection,windSpeed"
    rows = "90000,988,270,5\n80000,1949,270,9\n"
    error = refuse(tmp_path / "plain.csv", f"{HEAD}{heading}\n{rows}")
    assert "'pressure', 'geopotentialHeight', 'windDirection', 'windSpeed' do not" in error.message
    marked = "".join(line + ",64\n" for line in rows.splitlines())
    profile = read_one(
        tmp_path / "marked.csv", f"{HEAD}{heading},verticalSoundingSignificance\n{marked}"
    )
    assert profile.pressure_pa.tolist() == pytest.approx([9e4, 8e4])
    assert profile.elevation_m == 988.0
