"""The store gives back what was put in, to the bit; or it says what is wrong, and never a guess."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from downwind.errors import (
    ArgumentError,
    InterruptedRunError,
    StoredWindError,
    StoredWindMissingError,
    StoreWriteError,
    WindCoverageError,
)
from downwind.wind.sources import read_weather
from downwind.wind.store import _read as reading
from downwind.wind.store import _write as writing
from downwind.wind.store import (
    check_cube,
    derive_digest,
    find_store,
    find_wind_entry,
    list_leftovers,
    list_winds,
    open_cube,
    open_cubes,
    prune_winds,
    store_cube,
)
from downwind.wind.store._folder import locked
from downwind.wind.window import Window
from tests.unit.wind.store_cubes import RUN_S, make_cube, same_values

HOUR_S = 3600.0


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own."""
    folder = tmp_path / "winds"
    monkeypatch.setenv("DOWNWIND_STORE", str(folder))
    return folder


def chunk_of(folder: Path, name: str = "eastward_wind") -> Path:
    return sorted((folder / "cube.zarr" / name).glob("c.*"))[0]


def flip(path: Path, offset: int = -20) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(bytes(content))


# --- in and out --------------------------------------------------------------------------------


def test_given_a_cube_with_gaps_when_stored_and_opened_then_every_bit_and_attribute_is_there() -> (
    None
):
    cube = make_cube(members=2)
    assert np.isnan(cube.dataset["relative_humidity"].values).any()

    entry = store_cube(cube, name="tonight", source_bytes=7).entry
    found = open_cube("tonight")

    assert same_values(cube, found)
    attributes = found.dataset.attrs
    assert cube.dataset.attrs.items() <= attributes.items()
    assert attributes["format"] == "downwind-cube-1"
    assert attributes["created"].endswith("Z")
    assert found.stored_as == entry.id == f"ncep-gfs-1-deg_20240102T0600Z_{cube.digest[:8]}"
    assert entry.times_s == tuple(cube.times_s)
    assert check_cube(entry) == []


def test_given_the_clock_of_a_rebuild_when_stored_then_it_is_the_time_of_the_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    entry = store_cube(make_cube()).entry
    assert entry.created == open_cube(entry).dataset.attrs["created"] == "2023-11-14T22:13:20Z"


def test_given_no_variable_when_asked_where_then_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DOWNWIND_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_store() == tmp_path / "downwind" / "winds"
    assert list_winds().entries == ()


def test_given_a_real_file_when_stored_then_windows_of_it_are_those_of_the_reader(
    shared: Path,
) -> None:
    file = shared / "data/grids/pygrib_gfs/gfs_2p5_2011100800_f072.grb2"
    entry = store_cube(read_weather([file])).entry

    for box in ((120.0, 33.0, 132.0, 43.0), (171.0, -20.0, -171.0, 10.0), (-3.0, 50.0, 4.0, 90.0)):
        window = Window(*box)
        assert same_values(open_cube(entry, window), read_weather([file], window)), box


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    west=st.floats(118.0, 130.0),
    width=st.floats(0.1, 8.0),
    south=st.floats(34.0, 41.0),
    height=st.floats(0.1, 2.0),
    start=st.floats(0.0, 10.0),
)
def test_given_any_window_when_opened_then_it_holds_it_and_one_point_more(
    west: float, width: float, south: float, height: float, start: float
) -> None:
    cube = make_cube()
    entry = store_cube(cube).entry
    window = Window(
        west, south, west + width, south + height, RUN_S + start * HOUR_S, RUN_S + 12 * HOUR_S
    )
    assume(west + width > 120.0)  # else there is one column of it at the most

    found = open_cube(entry, window)

    lat, lon = found.latitude, found.longitude
    assert lat[0] <= window.south
    assert lat[-1] >= window.north
    assert lon[0] <= max(window.west, 120.0)
    assert lon[-1] >= min(window.east, 132.0)
    assert lat[0] > window.south - 1.0 - 1e-9
    assert lat[-1] < window.north + 1.0 + 1e-9
    assert all(window.holds_time(t) for t in found.times_s)
    part = cube.dataset.sel(time=found.dataset["time"], latitude=lat, longitude=lon)
    np.testing.assert_array_equal(
        found.dataset["eastward_wind"].values, part["eastward_wind"].values
    )


def test_given_a_window_outside_when_opened_then_it_says_what_there_is() -> None:
    entry = store_cube(make_cube()).entry
    with pytest.raises(WindCoverageError, match="33 to 43 N, 120 to 132 E"):
        open_cube(entry, Window(-10, 33, 0, 43))


def test_given_a_cube_when_opened_then_no_field_is_read_before_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = store_cube(make_cube(members=3)).entry
    keys: list[str] = []
    check = reading._SealedStore._check

    def note(self: reading._SealedStore, key: str, content: bytes, digest: str) -> None:
        keys.append(key)
        check(self, key, content, digest)

    monkeypatch.setattr(reading._SealedStore, "_check", note)

    cube = open_cube(entry)
    fields = {str(name) for name in cube.dataset.data_vars}
    assert not [key for key in keys if "/c" in key and key.partition("/")[0] in fields]
    keys.clear()
    cube.dataset["eastward_wind"].isel(realization=1, time=2).load()
    assert keys == ["eastward_wind/c.1.2.0.0.0"]


@given(
    members=st.integers(1, 60),
    times=st.integers(1, 80),
    levels=st.integers(2, 60),
    rows=st.integers(2, 900),
    columns=st.integers(2, 1500),
)
def test_given_any_shape_when_chunks_are_chosen_then_one_member_and_time_and_small(
    members: int, times: int, levels: int, rows: int, columns: int
) -> None:
    dims = ("realization", "time", "level", "latitude", "longitude")
    chunks = writing.choose_chunks(dims, (members, times, levels, rows, columns))
    assert chunks[:3] == (1, 1, levels)
    assert np.prod(chunks) * 4 <= writing.CHUNK_BYTES
    flat = writing.choose_chunks(
        ("realization", "time", "latitude", "longitude"), (members, times, rows, columns)
    )
    assert flat[0] == 1
    assert np.prod(flat) * 4 <= writing.CHUNK_BYTES


# --- rot ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["missing", "cut", "longer"])
def test_given_a_chunk_that_is_not_whole_when_opened_then_an_error_names_it(
    harm: str, store: Path
) -> None:
    entry = store_cube(make_cube()).entry
    chunk = chunk_of(store / entry.id)
    if harm == "missing":
        chunk.unlink()
    else:
        content = chunk.read_bytes()
        chunk.write_bytes(content[:-1] if harm == "cut" else content + b"0")

    with pytest.raises(StoredWindError, match=r"eastward_wind/c\.0\.0\.0\.0\.0"):
        open_cube(entry.id)
    assert entry.id in list_winds().spoilt
    assert list_winds().entries == ()


def test_given_one_flipped_bit_when_read_then_an_error_and_no_value(store: Path) -> None:
    entry = store_cube(make_cube()).entry
    flip(chunk_of(store / entry.id))

    cube = open_cube(entry.id)
    with pytest.raises(StoredWindError, match="not as it was written"):
        cube.dataset.load()
    assert check_cube(entry) == ["eastward_wind/c.0.0.0.0.0 is not as it was written"]


def test_given_every_file_in_turn_flipped_when_read_whole_then_never_a_value(store: Path) -> None:
    entry = store_cube(make_cube(hours=(0, 3))).entry
    for name in entry.content:
        path = store / entry.id / "cube.zarr" / name
        sound = path.read_bytes()
        flip(path, len(sound) // 2)
        with pytest.raises(StoredWindError):
            open_cube(entry.id).dataset.load()
        path.write_bytes(sound)
    assert open_cube(entry.id).dataset.load() is not None


def test_given_two_chunks_of_one_size_when_they_change_places_then_an_error(store: Path) -> None:
    cube = make_cube(members=4, cloud=False)
    entry = store_cube(cube).entry
    by_size: dict[int, list[str]] = {}
    for name, (size, digest) in entry.content.items():
        if "/c." in name:
            by_size.setdefault(size, []).append(name + " " + digest)
    pairs = [
        (a.split(), b.split())
        for group in by_size.values()
        for a, b in pairwise(group)
        if a.split()[1] != b.split()[1]
    ]
    (one, _), (two, _) = pairs[0]
    folder = store / entry.id / "cube.zarr"
    first, second = (folder / one).read_bytes(), (folder / two).read_bytes()
    (folder / one).write_bytes(second)
    (folder / two).write_bytes(first)

    with pytest.raises(StoredWindError):
        open_cube(entry.id).dataset.load()


def test_given_a_chunk_removed_after_opening_when_read_then_an_error_and_no_fill_value(
    store: Path,
) -> None:
    entry = store_cube(make_cube()).entry
    cube = open_cube(entry.id)
    chunk_of(store / entry.id).unlink()
    with pytest.raises(StoredWindError, match="is missing"):
        cube.dataset.load()


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        ("cut", "not whole"),
        ("changed", "not as it was written"),
        ("absent", "no stored wind"),
        ("later", "downwind-cube-9"),
        ("moved", "is that of"),
    ],
)
def test_given_a_manifest_that_is_not_sound_when_asked_for_then_the_error_says_so(
    harm: str, what: str, store: Path
) -> None:
    entry = store_cube(make_cube()).entry
    manifest = store / entry.id / "manifest.json"
    text, name = manifest.read_text(), entry.id
    if harm == "cut":
        manifest.write_text(text[:200])
    elif harm == "changed":
        manifest.write_text(text.replace('"members": 1', '"members": 2'))
    elif harm == "absent":
        manifest.unlink()
    elif harm == "later":
        manifest.write_text(text.replace("downwind-cube-1", "downwind-cube-9"))
    else:
        name = "other"
        (store / entry.id).rename(store / name)

    with pytest.raises(StoredWindError, match=what):
        open_cube(name)
    assert list(list_winds().spoilt) == [name]


def test_given_another_reader_of_zarr_when_it_meets_a_flipped_bit_then_crc32c_stops_it(
    store: Path,
) -> None:
    entry = store_cube(make_cube()).entry
    path = store / entry.id / "cube.zarr"
    document = json.loads((path / "eastward_wind" / "zarr.json").read_text())
    assert [codec["name"] for codec in document["codecs"]] == ["bytes", "blosc", "crc32c"]
    assert document["data_type"] == "float32"
    plain = xr.open_dataset(path, engine="zarr", consolidated=False, chunks=None)
    assert plain["eastward_wind"].isel(time=0).values.size
    flip(chunk_of(store / entry.id))
    with pytest.raises(ValueError, match="checksum"):
        xr.open_dataset(path, engine="zarr", consolidated=False, chunks=None)[
            "eastward_wind"
        ].load()


# --- writing -----------------------------------------------------------------------------------


def test_given_the_same_cube_when_stored_again_then_it_is_there_and_may_be_named() -> None:
    assert store_cube(make_cube()).outcome == "stored"
    assert store_cube(make_cube()).outcome == "there"
    assert store_cube(make_cube(), name="night").outcome == "there"
    assert find_wind_entry("night").name == "night"
    assert len(list_winds().entries) == 1


def test_given_a_spoilt_cube_when_stored_again_then_it_is_mended(store: Path) -> None:
    entry = store_cube(make_cube()).entry
    flip(chunk_of(store / entry.id))
    placed = store_cube(make_cube())
    assert placed.outcome == "mended"
    assert same_values(open_cube(entry.id), make_cube())
    assert sorted(p.name for p in store.iterdir()) == [".lock", entry.id]


@pytest.mark.parametrize("name", ["a b", ".x", "x/y", "é", "", "a" * 65])
def test_given_a_name_that_is_none_when_stored_then_refused(name: str) -> None:
    if name:
        with pytest.raises(ArgumentError, match="cannot be the name"):
            store_cube(make_cube(), name=name)
        assert list_winds().entries == ()


def test_given_a_name_that_is_taken_when_stored_then_refused() -> None:
    first = store_cube(make_cube(), name="night").entry
    for name in ("night", first.id):
        with pytest.raises(ArgumentError, match="another stored wind"):
            store_cube(make_cube(run_h=6), name=name)


def test_given_the_beginning_of_an_id_when_it_fits_one_then_it_is_that(store: Path) -> None:
    one, two = (store_cube(make_cube(run_h=h)).entry for h in (0, 6))
    assert find_wind_entry(one.id[:25]).id == one.id
    with pytest.raises(StoredWindMissingError, match="2 stored winds begin with"):
        find_wind_entry("ncep")
    with pytest.raises(StoredWindMissingError, match="no stored wind is called"):
        find_wind_entry("nce")
    assert two.run_s == RUN_S + 6 * HOUR_S


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ("chunk", errno.ENOSPC),
        ("chunk", errno.EROFS),
        ("flush", errno.EDQUOT),
        ("rename", errno.EACCES),
    ],
)
def test_given_a_disk_that_refuses_when_stored_then_a_clear_error_and_nothing_is_left(
    where: str, number: int, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    if where == "chunk":
        monkeypatch.setattr("zarr.storage._local._put", refuse)
    elif where == "flush":
        monkeypatch.setattr(writing.os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, "rename", refuse)
    is_full = number in (errno.ENOSPC, errno.EDQUOT)

    with pytest.raises(StoreWriteError, match="disk is full" if is_full else "cannot be changed"):
        store_cube(make_cube(), name="tonight")
    monkeypatch.undo()
    assert [p.name for p in store.iterdir() if p.name != ".lock"] == []


def test_given_a_store_that_is_no_folder_when_stored_then_a_clear_error(store: Path) -> None:
    store.write_text("")
    with pytest.raises(StoreWriteError, match="cannot be"):
        store_cube(make_cube())
    with pytest.raises(StoreWriteError, match="cannot be read"):
        list_winds()


def test_given_an_interrupt_when_storing_then_nothing_is_left(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_flush", interrupt)
    with pytest.raises(InterruptedRunError):
        store_cube(make_cube())
    assert list(store.iterdir()) == []


# --- cleaning ----------------------------------------------------------------------------------


def test_given_runs_of_two_sources_when_pruned_then_the_newest_of_each_stay() -> None:
    ids = {
        (source, h): store_cube(make_cube(run_h=h, source=source)).entry.id
        for source in ("NCEP GFS 1 deg", "ECMWF 0.25 deg")
        for h in (0, 6, 12)
    }
    part = store_cube(make_cube(run_h=12, hours=(21, 24))).entry.id
    dry = prune_winds(keep=2, dry_run=True)
    assert not dry.is_done
    assert len(list_winds().entries) == 7

    done = prune_winds(keep=2)

    assert [name for name, *_ in done.removed] == [name for name, *_ in dry.removed]
    assert {name for name, *_ in done.removed} == {i for (_, h), i in ids.items() if h == 0}
    assert part in {entry.id for entry in list_winds().entries}
    assert done.size_bytes == dry.size_bytes > 0


def test_given_ages_when_pruned_then_runs_count_from_the_run_and_others_from_the_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = (store_cube(make_cube(run_h=h)).entry for h in (0, 24))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(RUN_S + 40 * 3600))
    past = store_cube(make_cube(nature="reanalysis", source="ECMWF ERA5")).entry
    now_s = RUN_S + 49 * HOUR_S

    both = prune_winds(older_than_h=48.0, keep=1, dry_run=True, now_s=now_s)
    assert [name for name, *_ in both.removed] == [old.id]
    assert [name for name, *_ in prune_winds(older_than_h=48.0, now_s=now_s).removed] == [old.id]
    assert {entry.id for entry in list_winds().entries} == {new.id, past.id}


def while_writing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have another process do something while the next cube is written."""
    flush = writing._flush

    def flush_and_act(folder: Path) -> None:
        monkeypatch.setattr(writing, "_flush", flush)
        flush(folder)
        act()

    monkeypatch.setattr(writing, "_flush", flush_and_act)


def test_given_a_name_that_another_takes_meanwhile_when_stored_then_refused_and_nothing_left(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_writing(monkeypatch, lambda: store_cube(make_cube(run_h=6), name="night"))
    with pytest.raises(ArgumentError, match="the name night is that of another"):
        store_cube(make_cube(), name="night")
    assert [entry.name for entry in list_winds().entries] == ["night"]
    assert list_leftovers(store) == []


def test_given_the_same_wind_that_another_stores_meanwhile_when_stored_then_it_gets_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    while_writing(monkeypatch, lambda: store_cube(make_cube()))
    placement = store_cube(make_cube(), name="night")
    assert placement.outcome == "there"
    assert [entry.name for entry in list_winds().entries] == ["night"]


def test_given_a_wind_that_is_pruned_as_it_gets_a_name_when_stored_then_it_is_stored_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store_cube(make_cube())
    sound = writing._find_sound

    def find_and_lose(folder: Path, digest: str) -> object:
        monkeypatch.setattr(writing, "_find_sound", sound)
        found = sound(folder, digest)
        prune_winds(keep=0)
        return found

    monkeypatch.setattr(writing, "_find_sound", find_and_lose)
    assert store_cube(make_cube(), name="night").outcome == "stored"
    assert [entry.name for entry in list_winds().entries] == ["night"]


def test_given_a_wind_that_is_pruned_while_open_when_read_then_it_says_so() -> None:
    entry = store_cube(make_cube()).entry
    cube = open_cube(entry)
    prune_winds(keep=0)
    for read in (lambda: open_cube(entry), cube.dataset.load):
        with pytest.raises(StoredWindMissingError, match="was removed from the store meanwhile"):
            read()


def test_given_a_wind_stored_under_a_wrong_clock_when_pruned_then_the_disk_knows_better(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    entry = store_cube(make_cube(nature="observation", source="IGRA")).entry
    assert entry.created.startswith("1970")
    assert prune_winds(older_than_h=48.0).removed == ()
    three_days_ago = time.time() - 72 * HOUR_S
    os.utime(store / entry.id / "manifest.json", (three_days_ago, three_days_ago))
    assert [name for name, *_ in prune_winds(older_than_h=48.0).removed] == [entry.id]


def test_given_a_prune_that_was_killed_when_pruned_again_then_the_rest_goes_at_once(
    store: Path,
) -> None:
    entry = store_cube(make_cube()).entry
    halfway = store / ".removed-1-x"
    (store / entry.id).rename(halfway)
    with locked(store):  # as one that is removing it now
        assert list_leftovers(store) == []
    assert [x.path for x in list_leftovers(store)] == [halfway]
    prune_winds(keep=1)
    assert not halfway.exists()


def test_given_a_living_import_when_pruned_then_its_folder_stays_and_a_dead_ones_goes(
    store: Path,
) -> None:
    store_cube(make_cube())
    living, dead, bare, young = (store / f".partial-{n}-x" for n in (1, 2, 3, 4))
    for folder in (living, dead, bare, young):
        folder.mkdir()
        (folder / "part").write_bytes(b"12345")
    (dead / ".alive").touch()
    long_ago = time.time() - 4000.0
    os.utime(bare, (long_ago, long_ago))
    with (living / ".alive").open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert {x.path for x in list_leftovers(store)} == {dead, bare}
        assert len(list_winds().entries) == 1
        done = prune_winds(keep=1)
    assert {x.path for x in done.leftovers} == {dead, bare}
    assert living.exists()
    assert young.exists()
    assert not dead.exists()


def test_given_a_spoilt_cube_when_pruned_by_name_then_it_goes(store: Path) -> None:
    entry = store_cube(make_cube()).entry
    chunk_of(store / entry.id).unlink()
    assert prune_winds(ids=[entry.id]).removed[0][0] == entry.id
    assert not (store / entry.id).exists()


def test_given_nothing_to_go_by_when_pruned_then_refused() -> None:
    with pytest.raises(ArgumentError, match="nothing says what to remove"):
        prune_winds()
    find_store().mkdir()
    with pytest.raises(StoredWindMissingError):
        prune_winds(ids=["none"])


# --- along time --------------------------------------------------------------------------------


def test_given_parts_of_one_run_when_opened_together_then_they_are_the_whole() -> None:
    whole = make_cube()
    parts = [make_cube(hours=h) for h in ((9, 12, 15, 18), (0, 3, 6, 9))]
    entries = [store_cube(part).entry for part in parts]

    joined = open_cubes(entries)

    assert same_values(joined, whole)
    assert joined.digest != entries[0].digest
    assert joined.digest == open_cubes(entries[::-1]).digest
    assert joined.files == "f0.grib2, f9.grib2"
    assert set(joined.stored_as.split(", ")) == {entry.id for entry in entries}
    late = open_cubes(entries, Window(120, 33, 132, 43, RUN_S + 12 * HOUR_S))
    assert [int(t - RUN_S) // 3600 for t in late.times_s] == [12, 15, 18]


def test_given_a_variable_in_one_part_alone_when_joined_then_left_out_with_a_note() -> None:
    entries = [
        store_cube(make_cube(hours=(0, 3))).entry,
        store_cube(make_cube(hours=(6, 9), cloud=False)).entry,
    ]
    joined = open_cubes(entries)
    assert "relative_humidity" not in joined.dataset
    assert any("relative_humidity left out" in note for note in joined.notes)


def test_given_a_part_of_files_when_its_digest_is_derived_then_it_is_its_own() -> None:
    assert derive_digest("ab", "") == "ab"
    assert len({derive_digest("ab", part) for part in ("1,2,3,4", "1,2,3,5", "")}) == 3
