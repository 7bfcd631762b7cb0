"""Tawhiri's own files: the dataset of 9.5 GB, and regions of one as NumPy archives."""

from __future__ import annotations

import struct
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downwind.errors import (
    DownwindError,
    WeatherContentError,
    WeatherFileError,
    WeatherTruncatedError,
)
from downwind.times import parse_time
from downwind.wind.cube import EAST
from downwind.wind.sources import _npz, read_weather, tawhiri, tawhiri_region
from downwind.wind.window import Window
from tests.unit.wind.grid_writers import (
    SMALL,
    STAMP,
    Axes,
    region_arrays,
    values_of,
    write_region,
    write_tawhiri,
)
from tests.unit.wind.weather_files import RUN_S

WIND = ("u", "v", "z")


# --- the dataset -------------------------------------------------------------------------------


def test_the_dataset_has_the_size_and_the_levels_that_tawhiri_states(shared: Path) -> None:
    with np.load(shared / "conformance" / "tawhiri" / "synthetic_region.npz") as region:
        assert region["pressures"].tolist() == list(tawhiri.LEVELS_HPA)
    assert tawhiri.FILE_BYTES == 9_528_667_200
    assert tawhiri.HOURS[-1] == 192


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tawhiri(tmp_path_factory.mktemp("tawhiri"), "sparse", WIND, SMALL)


def test_given_a_dataset_when_a_box_is_read_then_no_more_of_the_file_is_touched(
    dataset: Path,
) -> None:
    start = time.process_time()
    cube = read_weather([dataset], SMALL.window())
    # The whole file takes 10 s to hash at 1 GB/s.
    assert time.process_time() - start < 1.0
    assert cube.level_count == 47
    assert cube.nature == "forecast"
    assert cube.source == "NCEP GFS by Tawhiri 0.5 deg"
    wanted = values_of("u", Axes(cube.latitude, cube.longitude), 7.0, 3)
    got = cube.dataset[EAST].sel(level=700.0).values[0, 1]
    np.testing.assert_allclose(got, wanted, rtol=1e-6)
    assert any("sha256 of the part" in note for note in cube.notes)


def test_given_two_windows_when_read_then_their_digests_differ(dataset: Path) -> None:
    whole = SMALL.window()
    windows = [
        whole,
        Window(whole.west, whole.south, 121.0, whole.north, whole.start_s, whole.end_s),
        Window(whole.west, whole.south, whole.east, whole.north, whole.start_s, whole.start_s),
    ]
    assert len({read_weather([dataset], window).digest for window in windows}) == 3


def test_given_a_dataset_when_read_without_a_window_then_refused_with_the_way_out(
    dataset: Path,
) -> None:
    with pytest.raises(WeatherFileError, match=r"2024-01-02T06.*, 65 times.*9\.5 GB") as caught:
        read_weather([dataset])
    assert "--box" in caught.value.hint


@pytest.mark.parametrize("name", ["gfs.dat", "2024130206", "20240102", f"x{STAMP}"])
def test_given_a_dataset_under_another_name_when_read_then_told_how_to_name_it(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.truncate(tawhiri.FILE_BYTES)
    with pytest.raises(WeatherFileError, match="its name states no run") as caught:
        read_weather([path], SMALL.window())
    assert "2026112200" in caught.value.hint


def test_given_a_dataset_that_is_not_all_there_when_read_then_its_size_or_hour_is_named(
    dataset: Path, tmp_path: Path
) -> None:
    path = tmp_path / STAMP
    path.write_bytes(struct.pack("<4f", 110.0, 1.0, 2.0, 3.0))
    with pytest.raises(WeatherFileError, match=r"has 16 bytes, where a dataset has 9,528,667,200"):
        read_weather([path])
    late = Window(120.0, 30.0, 122.0, 33.0, RUN_S, RUN_S + 6 * 3600)
    with pytest.raises(WeatherContentError, match="nothing is written at hour 6, 1000 hPa"):
        read_weather([dataset], late)


# --- regions -----------------------------------------------------------------------------------


def write_arrays(path: Path, **changes: Any) -> Path:
    """Write a region with arrays changed, or left out where None."""
    arrays: dict[str, Any] = {**region_arrays(WIND, SMALL), **changes}
    np.savez_compressed(path, **{k: v for k, v in arrays.items() if v is not None})
    return path


def test_given_the_run_in_the_archive_when_read_then_the_name_plays_no_part(tmp_path: Path) -> None:
    cube = read_weather([write_arrays(tmp_path / "wind.npz", dataset=np.array(STAMP))])
    assert cube.reference_time_s == RUN_S
    other = write_arrays(tmp_path / "2026112200.npz", dataset=np.array(STAMP))
    with pytest.raises(WeatherContentError, match="its name says the run 2026-11-22"):
        read_weather([other])
    wrong = write_arrays(tmp_path / "wrong.npz", dataset=np.array("yesterday"))
    with pytest.raises(WeatherContentError, match="'dataset' is 'yesterday', no run"):
        read_weather([wrong])


def test_given_variables_in_another_order_when_read_then_they_count_by_name(tmp_path: Path) -> None:
    one = read_weather([write_region(tmp_path, "one", ("u", "v", "z"), SMALL)])
    two = read_weather([write_region(tmp_path, "two", ("z", "v", "u"), SMALL)])
    for name in one.dataset.data_vars:
        np.testing.assert_array_equal(one.dataset[name].values, two.dataset[name].values)


@pytest.mark.parametrize(
    "change", [lambda a: a.astype(">f4"), np.asfortranarray, lambda a: a.astype(np.float64)]
)
def test_given_another_order_of_bytes_or_axes_when_read_then_the_same_wind(
    change: Callable[[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    plain = read_weather([write_arrays(tmp_path / f"a_{STAMP}.npz")])
    data = change(region_arrays(WIND, SMALL)["data"])
    again = read_weather([write_arrays(tmp_path / f"b_{STAMP}.npz", data=data)])
    np.testing.assert_array_equal(again.dataset[EAST].values, plain.dataset[EAST].values)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hours": None}, "without hours; it holds data, lat, lng, pressures, variables"),
        ({"lat": None, "lng": None}, "without lat, lng"),
        ({"data": np.zeros((2, 3, 3, 4), "f4")}, r"'data' has the shape \(2, 3, 3, 4\)"),
        ({"lat": np.arange(30.0, 35.0)}, "'data' has the shape .* make"),
        ({"lat": np.zeros((2, 2))}, r"'lat' has the shape \(2, 2\)"),
        ({"lat": np.array([30.0, 31.0, 32.0, 34.0])}, "not evenly spaced"),
        ({"lng": np.array([120.0, np.nan, 122.0])}, "'lng' is not all numbers"),
        ({"pressures": np.array([1e5, 8.5e4, 5e4])}, "'pressures' go from 50000 to 100000"),
        ({"variables": np.array(["height", "u", "w"])}, "'variables' is height, u, w"),
        ({"variables": np.array(["u", "u", "v"])}, "'variables' is u, u, v"),
        ({"data": np.zeros((2, 3, 3, 4, 3), "i4")}, "'data' holds int32"),
        ({"hours": np.array(["0", "3"])}, "'hours' is not all numbers"),
        ({"variables": np.array(["height", "u", "v"], object)}, "'variables' holds object"),
    ],
)
def test_given_a_region_that_does_not_fit_when_read_then_the_array_is_named(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = write_arrays(tmp_path / f"{STAMP}.npz", **changes)
    with pytest.raises(WeatherFileError, match=said) as caught:
        read_weather([path])
    assert caught.value.hint


def test_given_hours_alone_when_read_then_told_how_to_state_the_run(tmp_path: Path) -> None:
    with pytest.raises(WeatherFileError, match="nothing states which run") as caught:
        read_weather([write_arrays(tmp_path / "region.npz")])
    assert "region_2026112200.npz" in caught.value.hint


# --- archives that lie -------------------------------------------------------------------------


def test_given_hours_alone_when_the_run_is_stated_then_they_count_from_it(shared: Path) -> None:
    path = shared / "conformance" / "tawhiri" / "synthetic_region.npz"
    run_s = parse_time("2026-11-22T00:00Z")
    cube = read_weather([path], Window(run_s=run_s))
    assert cube.reference_time_s == run_s
    assert [(int(time) - run_s) // 3600 for time in cube.times_s] == list(range(0, 19, 3))


def npy_header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    stream = BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


def write_members(path: Path, **members: bytes) -> Path:
    """Write an archive whose members hold any bytes beside a whole region."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in region_arrays(WIND, SMALL).items():
            stream = BytesIO()
            np.lib.format.write_array(stream, array)
            archive.writestr(f"{name}.npy", members.get(name, stream.getvalue()))
    return path


def test_given_a_zip_bomb_when_read_then_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    size = 200_000_000
    path = write_members(tmp_path / f"{STAMP}.npz", data=npy_header((size // 4,)) + bytes(size))
    assert path.stat().st_size < 1_000_000
    start = time.process_time()
    with pytest.raises(WeatherFileError, match="taken for a zip bomb"):
        read_weather([path])
    assert time.process_time() - start < 0.1


def test_given_members_of_gigabytes_when_read_then_refused_by_what_they_declare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_arrays(tmp_path / f"{STAMP}.npz")
    monkeypatch.setattr(_npz, "MAX_BYTES", 1000)
    with pytest.raises(WeatherFileError, match="would unpack to"):
        read_weather([path])


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (npy_header((10**12,)), WeatherTruncatedError, "0 bytes for an array of 4000000000000"),
        (npy_header((2, 3)) + bytes(10), WeatherTruncatedError, "10 bytes for an array of 24"),
        (npy_header((-1,)), WeatherFileError, "neither numbers nor text"),
        (npy_header((2,), "|O") + bytes(16), WeatherFileError, "Python objects|neither numbers"),
        (b"PK\x03\x04 no array", WeatherFileError, "no NumPy array"),
        (b"\x93NUMPY\x01\x00\xff\xff{", WeatherFileError, "no NumPy array"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", WeatherFileError, "version 2.0"),
        (npy_header((1,)).replace(b"'shape'", b"'shope'"), WeatherFileError, "no NumPy array"),
    ],
)
def test_given_a_member_that_lies_when_read_then_named_and_nothing_is_run(
    data: bytes, error: type[DownwindError], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said) as caught:
        read_weather([write_members(tmp_path / f"{STAMP}.npz", data=data)])
    assert "'data'" in caught.value.message


def test_given_a_flipped_byte_when_read_then_the_checksum_tells(tmp_path: Path) -> None:
    path = tmp_path / f"{STAMP}.npz"
    np.savez(path, **region_arrays(WIND, SMALL))
    content = bytearray(path.read_bytes())
    content[400] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(WeatherTruncatedError, match="damaged"):
        read_weather([path])


def test_given_any_other_archive_of_arrays_when_read_then_its_arrays_are_named(
    tmp_path: Path,
) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, x=np.zeros(3), y=np.zeros(3))
    assert tawhiri_region.recognise(path, path.read_bytes()[:2048])
    with pytest.raises(WeatherContentError, match=r"without data, hours, .*; it holds x, y"):
        read_weather([path])


def test_given_an_array_twice_or_locked_when_read_then_refused(tmp_path: Path) -> None:
    path = write_members(tmp_path / f"{STAMP}.npz")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("lat.npy", npy_header((0,)))
    with pytest.raises(WeatherFileError, match="'lat' twice"):
        read_weather([path])
    path = write_members(tmp_path / f"locked_{STAMP}.npz")
    content = bytearray(path.read_bytes())
    # The bit that says that a member needs a password, in the header of each and in the list.
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(magic)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(magic, place + 4)
    path.write_bytes(bytes(content))
    with pytest.raises(WeatherFileError, match="password"):
        read_weather([path])
