"""Real soundings against independent readers: pdbufr, the csv and json modules, netCDF4."""

from __future__ import annotations

import csv
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import netCDF4
import numpy as np
import pandas as pd
import pdbufr
import pytest

from downwind.constants import GRAVITY_MS2
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.profile import Profile
from downwind.wind.sources import scan_weather
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.heights import find_heights
from downwind.wind.window import Window

KNOT_MS = 1852.0 / 3600.0
KOREA = {"47090", "47102", "47122", "47138", "47158", "47169", "47185"}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "soundings"


@pytest.fixture(scope="module")
def world(folder: Path) -> Inventory:
    path = folder / "pdbufr_global_temp_20081208" / "temp_global_2008120812.bufr"
    return scan_weather([path])[0]


@pytest.fixture(scope="module")
def temp(world: Inventory) -> dict[str, Profile]:
    return {profile.station: profile for profile in world.profiles}


def components(direction: np.ndarray, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    angle = np.radians(direction)
    return -speed * np.sin(angle), -speed * np.cos(angle)


def find_rows(
    profile: Profile, pressure_pa: np.ndarray, atol: float = 1e-6
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of a table, by pressure, are levels of a profile, and which levels."""
    near = np.argmin(np.abs(profile.pressure_pa[None] - pressure_pa[:, None]), axis=1)
    found = np.abs(profile.pressure_pa[near] - pressure_pa) <= atol
    return np.flatnonzero(found), near[found]


# --- BUFR ----------------------------------------------------------------------------------------


def test_given_420_messages_when_read_then_415_serve_and_5_are_named(
    world: Inventory, temp: dict[str, Profile]
) -> None:
    assert len(world.profiles) == 415
    assert len(world.left_out) == 5
    assert sum("it has no wind" in reason for reason in world.left_out) == 2
    assert set(temp) >= KOREA
    for profile in world.profiles:
        assert np.all(np.diff(profile.height_m) > 0.0)
        assert np.isfinite(profile.eastward_ms + profile.northward_ms).all()


def test_given_random_messages_of_the_global_file_when_decoded_by_pdbufr_then_winds_are_the_same(
    folder: Path, temp: dict[str, Profile], tmp_path: Path
) -> None:
    path = folder / "pdbufr_global_temp_20081208" / "temp_global_2008120812.bufr"
    messages = [b"BUFR" + part for part in path.read_bytes().split(b"BUFR")[1:]]
    assert len(messages) == 420
    chosen = np.random.default_rng(3).choice(len(messages), 30, replace=False)
    part = tmp_path / "part.bufr"
    part.write_bytes(b"".join(messages[i] for i in chosen))
    columns = ("pressure", "windDirection", "windSpeed", "nonCoordinateGeopotential", "latitude")
    checked = 0
    table = pdbufr.read_bufr(
        str(part),
        columns=("WMO_station_id", *columns),
        required_columns=("pressure", "windSpeed", "windDirection"),
    )
    for number, rows in table.groupby("WMO_station_id"):
        profile = temp.get(f"{number:05d}")
        if profile is None:
            continue
        at, level = find_rows(profile, rows["pressure"].to_numpy(float))
        direction = rows["windDirection"].to_numpy(float)[at]
        east, north = components(direction, rows["windSpeed"].to_numpy(float)[at])
        assert at.size >= 0.9 * profile.height_m.size
        np.testing.assert_allclose(profile.eastward_ms[level], east, atol=1e-9)
        np.testing.assert_allclose(profile.northward_ms[level], north, atol=1e-9)
        height = rows["nonCoordinateGeopotential"].to_numpy(float)[at] / GRAVITY_MS2
        known = np.isfinite(height)
        np.testing.assert_allclose(profile.height_m[level][known], height[known], atol=1e-6)
        assert profile.latitude == pytest.approx(rows["latitude"].iloc[0])
        checked += at.size
    assert checked > 500


def test_given_a_sounding_of_high_resolution_when_decoded_by_pdbufr_then_the_path_is_the_same(
    folder: Path,
) -> None:
    path = folder / "pdbufr_global_temp_20081208" / "temp_hires_10954_20250223.bufr"
    (profile,) = scan_weather([path])[0].profiles
    table = pdbufr.read_bufr(
        str(path),
        columns=(
            "pressure", "timePeriod", "nonCoordinateGeopotentialHeight", "windDirection",
            "windSpeed", "latitudeDisplacement", "longitudeDisplacement",
        ),
    ).dropna(subset=["windSpeed", "nonCoordinateGeopotentialHeight"])  # fmt: skip
    assert profile.height_m.size == 448
    launch_s = datetime(2025, 2, 23, 10, 45, 4, tzinfo=UTC).timestamp()
    assert profile.time_s == launch_s
    at, level = find_rows(profile, table["pressure"].to_numpy(float))
    assert at.size > 440
    rows = table.iloc[at]
    east, north = components(rows["windDirection"].to_numpy(), rows["windSpeed"].to_numpy())
    np.testing.assert_allclose(profile.eastward_ms[level], east, atol=1e-9)
    np.testing.assert_allclose(profile.northward_ms[level], north, atol=1e-9)
    np.testing.assert_allclose(
        profile.height_m[level], rows["nonCoordinateGeopotentialHeight"], atol=1e-9
    )
    np.testing.assert_allclose(profile.level_time_s[level] - launch_s, rows["timePeriod"])
    np.testing.assert_allclose(
        profile.level_longitude[level], 10.8667 + rows["longitudeDisplacement"], atol=1e-9
    )


def test_given_the_table_and_the_bufr_of_korea_when_read_then_they_are_the_same_soundings(
    folder: Path, temp: dict[str, Profile]
) -> None:
    path = folder / "pdbufr_global_temp_20081208" / "korea_temp_2008120812.csv"
    profiles = scan_weather([path])[0].profiles
    assert {profile.station for profile in profiles} == KOREA
    for profile in profiles:
        other = temp[profile.station]
        assert profile.time_s == other.time_s
        # The table has heights to 1 mm and temperatures to 0.01 K.
        np.testing.assert_allclose(profile.height_m, other.height_m, atol=0.05)
        np.testing.assert_allclose(profile.eastward_ms, other.eastward_ms, atol=1e-9)


def test_given_winds_between_heights_when_read_then_they_stand_between_them(
    folder: Path, temp: dict[str, Profile]
) -> None:
    """The standard levels around each wind, taken from the table by hand, bracket its height."""
    path = folder / "pdbufr_global_temp_20081208" / "korea_temp_2008120812.csv"
    table = pd.read_csv(path, dtype={"WMO_station_id": str})
    for station in KOREA:
        rows = table[table["WMO_station_id"] == station]
        known = rows.dropna(subset=["height_gpm"]).sort_values("pressure_hPa")
        log_p, height = np.log(known["pressure_hPa"].to_numpy() * 100.0), known["height_gpm"]
        profile = temp[station]
        inside = np.log(profile.pressure_pa) > log_p[0]
        by_log_p = np.interp(np.log(profile.pressure_pa[inside]), log_p, height)
        # An isothermal layer between two levels is wrong by its lapse: 20 m at most in 200 hPa.
        np.testing.assert_allclose(profile.height_m[inside], by_log_p, atol=60.0)


# --- text ----------------------------------------------------------------------------------------


def test_given_igra2_when_parsed_by_hand_then_all_winds_are_the_same(folder: Path) -> None:
    path = folder / "siphon_fixtures" / "igra2_USM00070026-data.txt"
    inventory, _ = scan_weather([path])
    lines = path.read_text().splitlines()[1:159]
    east, north, height, elapsed = [], [], [], []
    for line in lines:
        z, direction, speed = (int(line[a:b]) for a, b in ((16, 21), (40, 45), (46, 51)))
        if min(z, direction, speed) < 0:
            continue
        u, v = components(np.array(direction), np.array(speed / 10.0))
        east.append(u)
        north.append(v)
        height.append(z)
        elapsed.append(int(line[3:6].strip() or 0) * 60 + int(line[6:8]))
    profile = inventory.profiles[0]
    assert profile.time_s == datetime(2010, 5, 31, 23, 3, tzinfo=UTC).timestamp()
    assert (profile.latitude, profile.longitude) == (71.2889, -156.7833)
    order = np.argsort(height, kind="stable")
    assert len(height) == profile.height_m.size
    np.testing.assert_allclose(profile.height_m, np.array(height)[order])
    np.testing.assert_allclose(profile.eastward_ms, np.array(east)[order], atol=1e-12)
    np.testing.assert_allclose(profile.northward_ms, np.array(north)[order], atol=1e-12)
    np.testing.assert_allclose(profile.level_time_s - profile.time_s, np.array(elapsed)[order])
    assert len(inventory.profiles) == 2
    assert "line 318: the file ends inside" in inventory.warnings[0]


@pytest.mark.parametrize(
    "name",
    [
        "wyoming_BOI_20101209_12Z.csv",
        "wyoming_OUN_19990504_00Z.csv",
        "wyoming_OUN_20230522_12Z.csv",
    ],
)
def test_given_wyoming_csv_when_parsed_by_hand_then_all_winds_are_the_same(
    name: str, folder: Path
) -> None:
    path = folder / "siphon_fixtures" / name
    (profile,) = scan_weather([path])[0].profiles
    with path.open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["wind speed_m/s"].strip()]
    cells = {key: np.array([float(row[key]) for row in rows]) for key in rows[0] if key != "time"}
    east, north = components(cells["wind direction_degree"], cells["wind speed_m/s"])
    np.testing.assert_allclose(profile.height_m, cells["geopotential height_m"])
    np.testing.assert_allclose(profile.eastward_ms, east, atol=1e-12)
    np.testing.assert_allclose(profile.northward_ms, north, atol=1e-12)
    np.testing.assert_allclose(profile.pressure_pa, cells["pressure_hPa"] * 100.0)
    launch = datetime.fromisoformat(rows[0]["time"]).replace(tzinfo=UTC)
    assert profile.time_s == launch.timestamp()


def test_given_a_wyoming_list_when_parsed_by_hand_then_all_winds_are_the_same(
    folder: Path,
) -> None:
    path = folder / "astra_sp.sounding.txt"
    (profile,) = scan_weather([path])[0].profiles
    lines = path.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if "hPa" in line) + 2
    block = itertools.takewhile(str.strip, lines[start:])
    rows = [line.split() for line in block if len(line.split()) == 11]
    cells = np.array(rows, float).T
    east, north = components(cells[6], cells[7] * KNOT_MS)
    found = np.searchsorted(profile.height_m, cells[1])
    np.testing.assert_allclose(profile.height_m[found], cells[1])
    np.testing.assert_allclose(profile.eastward_ms[found], east, atol=1e-9)
    np.testing.assert_allclose(profile.northward_ms[found], north, atol=1e-9)
    np.testing.assert_allclose(profile.temperature_k[found], cells[2] + 273.15)
    assert len(rows) > 130
    assert (profile.latitude, profile.longitude, profile.elevation_m) == (50.22, -5.32, 88.0)
    assert profile.time_s == datetime(2012, 6, 22, 12, tzinfo=UTC).timestamp()


def test_given_iem_json_and_a_list_when_parsed_by_hand_then_winds_and_places_are_the_same(
    folder: Path,
) -> None:
    path = folder / "siphon_fixtures" / "iem_raob_allstations_19990504_00Z.json"
    stations = folder / "stations" / "raob_station_list_CLEANED2.csv"
    inventory, _ = scan_weather([path, stations])
    content = {
        item["station"]: item["profile"] for item in json.loads(path.read_text())["profiles"]
    }
    assert len(inventory.profiles) == 83
    assert "33 soundings" in inventory.left_out[-1]
    for profile in inventory.profiles:
        rows = [
            row
            for row in content[profile.station[:4]]
            if np.isfinite([row["hght"], row["drct"], row["sknt"]]).all()
        ]
        height = np.array([row["hght"] for row in rows])
        east, north = components(
            np.array([row["drct"] for row in rows]),
            np.array([row["sknt"] for row in rows]) * KNOT_MS,
        )
        level = np.searchsorted(profile.height_m, height).clip(max=profile.height_m.size - 1)
        same = profile.height_m[level] == height
        assert same.sum() >= 0.95 * profile.height_m.size
        np.testing.assert_allclose(profile.eastward_ms[level][same], east[same], atol=1e-9)
        np.testing.assert_allclose(profile.northward_ms[level][same], north[same], atol=1e-9)
    norman = next(p for p in inventory.profiles if p.station.startswith("KOUN"))
    assert (norman.latitude, norman.longitude) == pytest.approx((35.23, -97.47), abs=0.1)


def test_given_a_table_of_3437_levels_when_it_says_no_time_then_head_lines_make_it_whole(
    folder: Path, tmp_path: Path
) -> None:
    path = folder / "mhx_20200531" / "rs_drift_test_data_MHX_20200531.csv"
    with pytest.raises(Exception, match="does not say when it was made"):
        scan_weather([path])
    told = tmp_path / "told.csv"
    told.write_text("# time: 2020-05-31T23:04Z\n" + path.read_text())
    (profile,) = scan_weather([told])[0].profiles
    table = pd.read_csv(path)
    assert profile.height_m.size > 3400
    at = np.searchsorted(table["geopotentialHeight"], profile.height_m)
    rows = table.iloc[at]
    east, _ = components(rows["windDirection"].to_numpy(), rows["windSpeed"].to_numpy())
    np.testing.assert_allclose(profile.eastward_ms, east, atol=1e-9)
    np.testing.assert_allclose(
        profile.level_longitude, rows["lon"] + rows["longitudeDisplacement"], atol=1e-9
    )
    assert any("times since launch left out: 230400 s" in note for note in profile.notes)


# --- NetCDF --------------------------------------------------------------------------------------


def test_given_arm_radiosondes_when_read_by_netcdf4_then_every_level_is_the_same(
    folder: Path,
) -> None:
    paths = sorted((folder / "arm").glob("*.cdf"))
    profiles = scan_weather(paths)[0].profiles
    assert len(profiles) == 13
    for path, profile in zip(paths, profiles, strict=True):
        with netCDF4.Dataset(path) as dataset:
            table = {
                key: np.ma.filled(dataset[key][:].astype(float), np.nan)
                for key in ("time_offset", "alt", "u_wind", "v_wind", "lat", "lon", "pres")
            }
            base_s = float(dataset["base_time"][...])
        for values in table.values():
            values[values <= -9990.0] = np.nan
        at = np.searchsorted(table["time_offset"] + base_s, profile.level_time_s)
        for key, values in (
            ("alt", profile.height_m),
            ("u_wind", profile.eastward_ms),
            ("v_wind", profile.northward_ms),
            ("lon", profile.level_longitude),
            ("lat", profile.level_latitude),
        ):
            np.testing.assert_array_equal(values, table[key][at])
        usable = np.isfinite(table["u_wind"] + table["alt"]).sum()
        assert profile.height_m.size >= usable - 1


def test_given_the_altitude_of_arm_when_set_against_the_air_below_then_it_is_geopotential(
    folder: Path,
) -> None:
    """Thickness by the sonde's own pressure and temperature against its own altitude."""
    from downwind.atmosphere import geopotential_height
    from downwind.wind.hydrostatic import thickness_m, virtual_temperature_k

    path = folder / "arm" / "sgpsondewnpnC1.b1.20190101.053200.cdf"
    (profile,) = scan_weather([path])[0].profiles
    kelvin = virtual_temperature_k(profile.temperature_k, np.zeros_like(profile.temperature_k))
    steps = thickness_m(profile.pressure_pa[:-1], profile.pressure_pa[1:], kelvin[:-1], kelvin[1:])
    weighed = profile.bottom_m + float(np.sum(steps))
    assert weighed == pytest.approx(profile.top_m, abs=25.0)
    assert float(geopotential_height(profile.top_m)) < weighed - 60.0


def test_given_the_box_of_korea_when_the_global_file_is_read_then_seven_stations_remain(
    folder: Path,
) -> None:
    path = folder / "pdbufr_global_temp_20081208" / "temp_global_2008120812.bufr"
    profiles = scan_weather([path], Window(124.0, 33.0, 130.0, 38.6))[0].profiles
    assert {profile.station for profile in profiles} == KOREA


# --- figures of docs/how-to/use-a-sounding -------------------------------------------------------

STANDARD_HPA = (1000, 925, 850, 700, 500, 400, 300, 250, 200, 150, 100, 70, 50, 30, 20, 10)


def test_given_heights_on_standard_levels_alone_when_others_are_found_then_they_are_3_m_off(
    folder: Path,
) -> None:
    off, plain = [], []
    for profile in scan_weather(sorted((folder / "arm").glob("*.cdf")))[0].profiles:
        pressure, height = profile.pressure_pa, profile.height_m
        rows = {int(np.argmin(np.abs(pressure - hpa * 100.0))) for hpa in STANDARD_HPA}
        known = np.array(sorted({0, *rows}))
        stated, kelvin = np.full((2, height.size), np.nan)
        stated[known] = height[known]
        kelvin[known] = profile.temperature_k[known]
        found = find_heights(pressure, stated, kelvin, np.ones(height.size, bool)).height_m
        inside = (height < min(20_000.0, height[known[-1]])) & (pressure <= pressure[0])
        off.append((found - height)[inside])
        by_log_p = np.interp(-np.log(pressure), -np.log(pressure[known]), height[known])
        plain.append((by_log_p - height)[inside])
    assert np.sqrt(np.mean(np.concatenate(off) ** 2)) == pytest.approx(2.9, abs=0.1)
    assert np.sqrt(np.mean(np.concatenate(plain) ** 2)) == pytest.approx(9.2, abs=0.1)


@pytest.mark.parametrize(
    ("hpa", "rms_m", "most_m"),
    [(925, 82, 381), (850, 106, 422), (700, 173, 511), (500, 293, 744), (300, 452, 1034)],
)
def test_given_415_soundings_when_set_against_standard_heights_then_they_are_off_as_told(
    hpa: int, rms_m: float, most_m: float, world: Inventory
) -> None:
    off = []
    for profile in world.profiles:
        log_p = np.log(profile.pressure_pa[::-1])
        height = np.interp(np.log(hpa * 100.0), log_p, profile.height_m[::-1], np.nan, np.nan)
        off.append(float(height - standard_height_m(hpa * 100.0)))
    assert np.sqrt(np.nanmean(np.square(off))) == pytest.approx(rms_m, abs=1.0)
    assert np.nanmax(np.abs(off)) == pytest.approx(most_m, abs=1.0)
