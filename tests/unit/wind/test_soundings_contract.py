"""One contract for every source of soundings: the same profile from the same ascent."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from downwind.errors import DownwindError, WeatherContentError, WeatherFileError
from downwind.wind.profile import Profile
from downwind.wind.sources import SOURCES, Source, choose_sources, scan_weather
from downwind.wind.window import Window
from tests.unit.wind.sounding_files import (
    EASTWARD_MS,
    HEIGHTS_M,
    NORTHWARD_MS,
    ONE,
    PRESSURE_PA,
    TEMPERATURE_K,
    THREE,
    TIME_S,
    WRITERS,
    Launch,
)

SOUNDINGS = [source for source in SOURCES if source.NAME in WRITERS]
every_source = pytest.mark.parametrize("source", SOUNDINGS, ids=lambda source: source.NAME)


def check_profile(profile: Profile) -> None:
    n = profile.height_m.size
    for name in (
        "height_m", "eastward_ms", "northward_ms", "pressure_pa", "temperature_k", "humidity",
        "error_ms", "level_time_s", "level_longitude", "level_latitude",
    ):  # fmt: skip
        values = getattr(profile, name)
        assert values.shape == (n,), name
        assert values.dtype == np.float64, name
    assert n >= 2
    assert np.all(np.diff(profile.height_m) > 0.0)
    assert np.isfinite(profile.eastward_ms + profile.northward_ms).all()
    assert np.all(np.hypot(profile.eastward_ms, profile.northward_ms) <= 200.0)
    assert np.all((profile.error_ms > 0.0) & (profile.error_ms < 10.0))
    assert -180.0 <= profile.longitude < 180.0
    assert -90.0 <= profile.latitude <= 90.0
    known = np.isfinite(profile.pressure_pa)
    assert np.all(np.diff(profile.pressure_pa[known]) <= 0.0)
    humidity = profile.humidity[np.isfinite(profile.humidity)]
    assert np.all((humidity >= 0.0) & (humidity <= 1.0))
    assert profile.station
    assert profile.source
    assert isinstance(profile.time_s, int)


def test_given_the_writers_when_counted_then_every_source_of_soundings_has_one() -> None:
    assert {source.NAME for source in SOUNDINGS} == set(WRITERS)


@every_source
def test_given_a_sounding_when_read_then_the_profile_keeps_the_contract(
    source: Source, tmp_path: Path
) -> None:
    paths = WRITERS[source.NAME](tmp_path, ONE)
    assert [chosen.NAME for chosen, _ in choose_sources(paths)] == [source.NAME]

    inventory, files = scan_weather(paths)

    assert inventory.fields == ()
    assert set(inventory.files) == {path.name for path in paths}
    assert set(files) == set(paths)
    (profile,) = inventory.profiles
    check_profile(profile)
    assert profile.time_s == TIME_S
    assert (profile.latitude, profile.longitude) == pytest.approx((37.1, 127.03), abs=1e-4)
    assert profile.elevation_m == pytest.approx(40.0, abs=0.5)
    np.testing.assert_allclose(profile.height_m, HEIGHTS_M, atol=0.05)
    # BUFR and IGRA2 hold tenths of m/s.
    np.testing.assert_allclose(profile.eastward_ms, EASTWARD_MS, atol=0.06)
    np.testing.assert_allclose(profile.northward_ms, NORTHWARD_MS, atol=0.06)
    np.testing.assert_allclose(profile.pressure_pa, PRESSURE_PA, atol=6.0)
    np.testing.assert_allclose(profile.temperature_k, TEMPERATURE_K, atol=0.06)
    assert 0.4 < profile.humidity[0] < 0.9
    assert profile.warnings == ()


@every_source
def test_given_soundings_when_read_through_a_window_then_those_inside_remain(
    source: Source, tmp_path: Path
) -> None:
    paths = WRITERS[source.NAME](tmp_path, THREE)

    whole = scan_weather(paths)[0].profiles
    south = scan_weather(paths, Window(120.0, 30.0, 130.0, 35.0))[0].profiles
    late = scan_weather(paths, Window(start_s=TIME_S + 3600.0))[0].profiles

    assert len(whole) == 3
    assert [profile.latitude for profile in south] == pytest.approx([33.28])
    assert [profile.time_s for profile in late] == [TIME_S + 12 * 3600]
    assert scan_weather(paths, Window(start_s=TIME_S + 3600.0))[0].others == {
        "sounding outside the box or the span of time": 2
    }


@every_source
def test_given_a_window_without_a_station_when_read_then_the_error_names_one_that_is_there(
    source: Source, tmp_path: Path
) -> None:
    paths = WRITERS[source.NAME](tmp_path, ONE)
    with pytest.raises(WeatherContentError, match=r"none of 1 soundings.*37\.1 N 127\.03 E"):
        scan_weather(paths, Window(-10.0, 40.0, 10.0, 60.0))


@every_source
def test_given_a_station_by_the_antimeridian_when_the_box_spans_it_then_it_is_inside(
    source: Source, tmp_path: Path
) -> None:
    paths = WRITERS[source.NAME](tmp_path, (Launch(91066, 28.2, -177.37),))
    (profile,) = scan_weather(paths, Window(170.0, 20.0, -170.0, 40.0))[0].profiles
    assert profile.longitude == pytest.approx(-177.37, abs=1e-4)


@pytest.mark.filterwarnings("ignore:Cannot close a netcdf_file")
@every_source
def test_given_half_a_file_when_read_then_the_error_names_the_file(
    source: Source, tmp_path: Path
) -> None:
    path = WRITERS[source.NAME](tmp_path, ONE)[0]
    others = [other for other in tmp_path.iterdir() if other != path]
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 - 3])
    if source.NAME == "sounding table":
        # It ends between two of its lines: nothing tells it from a lower sounding.
        cut = data[: data.rindex(b"\n", 0, len(data) * 2 // 3) + 1]
        path.write_bytes(cut)
        assert scan_weather([path])[0].profiles[0].top_m < HEIGHTS_M[-1]
        return
    with pytest.raises(WeatherFileError, match=path.name) as caught:
        scan_weather([path, *others])
    assert caught.value.hint


@pytest.mark.filterwarnings("ignore:Cannot close a netcdf_file")
@every_source
def test_given_damaged_bytes_when_read_then_only_errors_of_ours(
    source: Source, tmp_path: Path
) -> None:
    rng = np.random.default_rng(11)
    path, *others = WRITERS[source.NAME](tmp_path, ONE)
    whole = path.read_bytes()
    for _ in range(60):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(0, damaged.size, 4)] = rng.choice([0, 255, 17, 44, 57], 4)
        path.write_bytes(damaged.tobytes())
        with contextlib.suppress(DownwindError):
            for profile in scan_weather([path, *others])[0].profiles:
                check_profile(profile)


def test_given_soundings_of_every_format_when_read_together_then_all_are_there(
    tmp_path: Path,
) -> None:
    paths: list[Path] = []
    for name, write in WRITERS.items():
        folder = tmp_path / name.replace(" ", "_")
        folder.mkdir()
        paths += write(folder, ONE)

    inventory, _ = scan_weather(paths[::-1])

    assert len(inventory.profiles) == len(WRITERS)
    for profile in inventory.profiles:
        np.testing.assert_allclose(profile.eastward_ms, EASTWARD_MS, atol=0.06)
    assert len({profile.source for profile in inventory.profiles}) == len(WRITERS)


def test_given_a_sounding_and_a_grid_when_read_together_then_both_kinds_are_named(
    tmp_path: Path,
) -> None:
    from tests.unit.wind.weather_files import make_era5, write_netcdf

    grid = write_netcdf(make_era5(), tmp_path / "grid.nc", "hdf5")
    paths = WRITERS["IGRA2"](tmp_path, ONE)
    with pytest.raises(WeatherFileError, match=r"two kinds of file.*IGRA2.*NetCDF"):
        scan_weather([grid, *paths])


def test_given_thousands_of_soundings_when_one_day_is_wanted_then_only_it_is_parsed(
    tmp_path: Path,
) -> None:
    from tests.unit.wind.sounding_files import make_igra2

    path = tmp_path / "years.txt"
    day_s = 86_400
    path.write_text("".join(make_igra2(Launch(time_s=TIME_S + i * day_s)) for i in range(5000)))

    inventory, _ = scan_weather([path], Window(start_s=TIME_S, end_s=TIME_S + 2 * day_s))

    assert len(inventory.profiles) == 3
    assert inventory.others["sounding outside the box or the span of time"] == 4997
