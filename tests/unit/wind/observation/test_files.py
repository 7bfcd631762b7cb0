"""Files of observations: read as documented, and every lack named with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from downwind.errors import ObservationError
from downwind.wind.observation import read_observation
from tests.unit.wind.observation.pilot_balloon import Ascent, sight

HEAD = """
kind = "single-theodolite"
start = "2015-04-03T18:00+09:00"
north = "true"
ascent_rate = "180 m/min"
[station]
name = "hill"
latitude = 37.7
longitude = 126.5
elevation = "100 ft"
"""


def readings(turn: float = 0.0) -> str:
    t = np.arange(60.0, 1260.0, 60.0)
    azimuth, elevation = sight(*Ascent(3.0).place(t))
    rows = [
        f"{s:.0f},{(a - turn) % 360:.3f},{e:.3f}"
        for s, a, e in zip(t, azimuth, elevation, strict=True)
    ]
    return "\n".join(["time_s,azimuth_deg,elevation_deg", *rows]) + "\n"


def write(folder: Path, head: str = HEAD, table: str | None = None) -> Path:
    """Write an observation with its table in a file beside it."""
    (folder / "table.csv").write_text(readings() if table is None else table, "utf-8")
    path = folder / "pilot.toml"
    path.write_text('readings = "table.csv"\n' + head, "utf-8")
    return path


def test_given_an_observation_when_read_then_units_zone_and_station_are_kept(tmp_path) -> None:
    profile = read_observation(write(tmp_path))
    assert profile.station == "hill"
    assert profile.time_s == 1_428_051_600
    assert profile.elevation_m == pytest.approx(30.48, abs=0.01)
    assert profile.eastward_ms[3] == pytest.approx(4.0 + 2e-3 * 630.0, abs=0.05)
    assert any("ascent at 3.00 m/s assumed, standard error 10 %" in n for n in profile.notes)


def test_given_the_table_inside_and_magnetic_north_when_read_then_the_wind_is_the_same(
    tmp_path,
) -> None:
    plain = read_observation(write(tmp_path))
    head = HEAD.replace('north = "true"', 'north = "magnetic"\ndeclination = -8.5')
    path = tmp_path / "other.toml"
    path.write_text(f'readings = """\n{readings(-8.5)}"""\n' + head, "utf-8")
    magnetic = read_observation(path)
    np.testing.assert_allclose(magnetic.eastward_ms, plain.eastward_ms, atol=1e-2)
    assert any("declination -8.5 deg added" in note for note in magnetic.notes)


def test_given_two_theodolites_when_read_then_the_height_is_measured(tmp_path) -> None:
    t = np.arange(60.0, 1260.0, 60.0)
    east, north, up = Ascent(4.0).place(t)
    one, two = sight(east, north, up), sight(east - 600.0, north, up)
    rows = zip(t, *one, *two, strict=True)
    lines = ["time_min;azimuth_a_deg;elevation_a_deg;azimuth_b_deg;elevation_b_deg"]
    lines += [f"{a / 60};{b:.3f};{c:.3f};{d:.3f};{e:.3f}" for a, b, c, d, e in rows]
    head = HEAD.replace("single", "double").replace('ascent_rate = "180 m/min"\n', "")
    head += '[base]\nlength = "0.6 km"\nbearing = 90\n'
    profile = read_observation(write(tmp_path, head, "\n".join(lines)))
    assert profile.common_eastward_ms is None
    assert profile.top_m == pytest.approx(30.48 + 4.0 * 1170.0, rel=2e-3)


def test_given_a_gpx_track_and_feet_when_read_then_both_are_one_wind(tmp_path) -> None:
    t = np.arange(0.0, 900.0, 15.0)
    lon, lat, alt = 9.0 + t * 1e-4, 45.0 + t * 5e-5, 200.0 + 5.0 * t
    stamps = [f"2024-05-01T06:{s // 60:02.0f}:{s % 60:02.0f}Z" for s in t]
    points = "".join(
        f'<trkpt lat="{b:.7f}" lon="{a:.7f}"><ele>{c}</ele><time>{d}</time></trkpt>'
        for a, b, c, d in zip(lon, lat, alt, stamps, strict=True)
    )
    gpx = tmp_path / "flight.gpx"
    gpx.write_text(
        '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        f"{points}</trkseg></trk></gpx>",
        "utf-8",
    )
    rows = [
        f"{d},{b:.7f},{a:.7f},{c / 0.3048:.3f}"
        for a, b, c, d in zip(lon, lat, alt, stamps, strict=True)
    ]
    table = "time,latitude,longitude,altitude_ft\n" + "\n".join(rows)
    from_gpx = read_observation(gpx)
    from_feet = read_observation(write(tmp_path, 'kind = "gps-track"\n', table))
    np.testing.assert_allclose(from_feet.eastward_ms, from_gpx.eastward_ms, rtol=1e-3)
    np.testing.assert_allclose(from_feet.height_m, from_gpx.height_m, atol=0.1)
    assert from_gpx.eastward_ms[0] == pytest.approx(1e-4 * 78_847.0, rel=2e-3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "single-theodolite"', "", "kind = None is none of single-theodolite"),
        ('start = "2015-04-03T18:00+09:00"', "", "start is missing"),
        ("18:00+09:00", "18:00", "has no zone"),
        ('north = "true"', "", "north is missing"),
        ('north = "true"', 'north = "magnetic"', "declination is missing"),
        ('north = "true"', 'north = "true"\ndeclination = 3', 'stands beside north = "true"'),
        ('ascent_rate = "180 m/min"', "", "ascent_rate is missing"),
        ('"180 m/min"', "180", "needs a unit"),
        ('"180 m/min"', '"180 m/s"', "no rate of a pilot balloon"),
        ('"180 m/min"', '"180 m/min"\nascent_eror = 2', "ascent_eror is no key"),
        ('"180 m/min"', '"180 m/min"\nascent_rate_error = "90 %"', "90% is too much"),
        ("latitude = 37.7", "latitude = 97.7", "latitude = 97.7 lies outside"),
        ('elevation = "100 ft"', "elevation = 100", "needs a unit"),
        ('elevation = "100 ft"', "", "station.elevation is missing"),
        ("[station]", "[", "is not TOML"),
    ],
)
def test_given_a_fault_in_the_head_when_read_then_it_is_named(tmp_path, old, new, message) -> None:
    assert old in HEAD
    with pytest.raises(ObservationError, match=message) as caught:
        read_observation(write(tmp_path, HEAD.replace(old, new)))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "table.csv holds no readings"),
        ("time_s,azimuth,elevation_deg\n60,1,2\n", "the column 'azimuth' says no unit"),
        ("time_s,azimuth_deg\n60,1\n120,2\n180,3\n", "has no column elevation_deg"),
        ("time_s,azimuth_deg,elevation_deg\n60,1,45\n120,,40\n", "line 3: azimuth_deg = ''"),
        ("time_s,azimuth_deg,elevation_deg\n60,1,45\n120,2\n", "line 3: 2 cells"),
        (
            "time_s,azimuth_deg,elevation_deg\n60,1,45\n60,2,40\n90,2,39\n",
            "line 3: its time is not",
        ),
        ("time_s,azimuth_deg,elevation_deg\n60,1,45\n", "at least 3"),
        (
            "time_s,azimuth_deg,elevation_deg\n0,1,45\n60,2,40\n90,2,39\n",
            "line 2: it is not later than",
        ),
        ("time,azimuth_deg,elevation_deg\n18:01,1,45\n18:02,2,4\n", "line 2: time = '18:01'"),
    ],
)
def test_given_a_fault_in_the_table_when_read_then_its_line_is_named(
    tmp_path, table: str, message: str
) -> None:
    with pytest.raises(ObservationError, match=message):
        read_observation(write(tmp_path, table=table))


def test_given_no_file_or_a_broken_gpx_when_read_then_it_says_so(tmp_path) -> None:
    with pytest.raises(ObservationError, match="cannot read the observation"):
        read_observation(tmp_path / "none.toml")
    path = write(tmp_path)
    path.write_text('readings = "table\\u0000.csv"\n' + HEAD, "utf-8")
    with pytest.raises(ObservationError, match="cannot read the observation .*: its name"):
        read_observation(path)
    broken = tmp_path / "half.gpx"
    broken.write_text("<gpx><trk>", "utf-8")
    with pytest.raises(ObservationError, match="is no GPX"):
        read_observation(broken)
