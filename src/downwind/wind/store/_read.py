"""Open stored cubes: at once, and never with a value that was not written.

A cube is opened lazily: what a flight does not need is not read. At opening the manifest says
whether all files are there with their sizes; each file that is read is held against its sha256.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import xarray as xr
from zarr.storage import LocalStore, WrapperStore

from downwind.errors import DownwindError, StoredWindError, StoredWindMissingError
from downwind.wind._contract import check_attributes, check_coordinates, check_variables
from downwind.wind.cube import WindCube
from downwind.wind.store._crop import crop_dataset
from downwind.wind.store._folder import CUBE_FOLDER, find_store, list_folders
from downwind.wind.store._manifest import (
    StoredWind,
    find_faults,
    find_missing,
    read_manifest,
    refuse_spoilt,
)
from downwind.wind.window import Window

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

_LIST: Final = "see what is stored with: downwind weather list"
_FEWEST: Final = 4


@dataclass(frozen=True, slots=True)
class StoreListing:
    """What the store holds.

    Parameters
    ----------
    entries : tuple of StoredWind
        Newest run first.
    spoilt : mapping
        What is wrong with each folder that is no sound cube, by its name.
    """

    entries: tuple[StoredWind, ...]
    spoilt: Mapping[str, str]


def list_winds(check: bool = True) -> StoreListing:
    """Return what the store holds, by the manifests alone.

    Parameters
    ----------
    check : bool
        Look whether the files of each cube are there with their sizes.

    Returns
    -------
    StoreListing

    Raises
    ------
    StoreWriteError
        If the folder cannot be read.
    """
    entries, spoilt = [], {}
    for folder in list_folders(find_store()):
        try:
            entry = read_manifest(folder)
            faults = find_missing(folder, entry) if check else []
            if faults:
                raise refuse_spoilt(entry.id, faults)
        except StoredWindError as error:
            if folder.exists():  # else it was removed meanwhile
                spoilt[folder.name] = error.message
            continue
        entries.append(entry)
    entries.sort(key=lambda e: (-e.rank_s, e.spacing_deg, e.id))
    return StoreListing(tuple(entries), spoilt)


def find_wind_entry(text: str) -> StoredWind:
    """Return the stored wind of an id, a name, or the beginning of an id that fits one alone.

    Raises
    ------
    StoredWindMissingError
        If there is none, or more than one.
    StoredWindError
        If it is spoilt.
    """
    listing = list_winds(check=False)
    for entry in listing.entries:
        if text in (entry.id, entry.name):
            return entry
    if text in listing.spoilt:
        raise StoredWindError(
            listing.spoilt[text], "store it again: downwind weather import FILE; or prune it"
        )
    fitting = [e for e in listing.entries if len(text) >= _FEWEST and e.id.startswith(text)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise StoredWindMissingError(
            f"{len(fitting)} stored winds begin with {text}: "
            + ", ".join(e.id for e in fitting[:4]),
            "write more of the id",
        )
    raise StoredWindMissingError(f"no stored wind is called {text}", _LIST)


def check_cube(entry: StoredWind) -> list[str]:
    """Return every file of a stored cube that is not to the bit as it was written."""
    return find_faults(find_store() / entry.id, entry)


def open_cube(wind: str | StoredWind, window: Window | None = None) -> WindCube:
    """Open a stored cube, reading nothing but its axes.

    Parameters
    ----------
    wind : str or StoredWind
        Its id or name, or its entry.
    window : Window, optional
        The part that is wanted, one point more on each side; all of it without.

    Returns
    -------
    WindCube
        Its values are read when they are asked for.

    Raises
    ------
    StoredWindMissingError
        If there is no such wind.
    StoredWindError
        If a file is missing or has another size; later, when one that is read is not as it was
        written.
    """
    entry = find_wind_entry(wind) if isinstance(wind, str) else wind
    folder = find_store() / entry.id
    faults = find_missing(folder, entry)
    if faults:
        raise _refuse(folder, entry, faults)
    store = _SealedStore(LocalStore(folder / CUBE_FOLDER, read_only=True), entry)
    data = xr.open_dataset(
        store,  # type: ignore[arg-type]
        engine="zarr",
        chunks=None,
        consolidated=False,
        mask_and_scale=False,
        zarr_format=3,
        decode_times=xr.coders.CFDatetimeCoder(time_unit="ns"),
    )
    data.attrs["stored_as"] = entry.id
    try:
        check_coordinates(data)
        check_variables(data)
        check_attributes(data)
    except DownwindError as error:
        raise refuse_spoilt(entry.id, [error.message]) from error
    if window is not None:
        data = crop_dataset(data, window)
    return WindCube(data)


def _refuse(folder: Path, entry: StoredWind, faults: list[str]) -> DownwindError:
    """Return the error for a cube that lacks files: it was removed, or it is spoilt."""
    if folder.exists():
        return refuse_spoilt(entry.id, faults)
    return StoredWindMissingError(f"{entry.id} was removed from the store meanwhile", _LIST)


class _SealedStore(WrapperStore[LocalStore]):
    """A Zarr store that hands out no byte that is not as the manifest says.

    Zarr takes a chunk that is not there for one full of fill values; here it is an error.
    """

    def __init__(self, store: LocalStore, entry: StoredWind) -> None:
        super().__init__(store)
        self._entry = entry

    def _with_store(self, store: LocalStore) -> Self:
        return type(self)(store, self._entry)

    async def get(
        self,
        key: str,
        prototype: BufferPrototype,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        known = self._entry.content.get(key)
        if known is None:
            return None
        buffer = await self._store.get(key, prototype)
        if buffer is None:
            raise _refuse(self._store.root.parent, self._entry, [f"{key} is missing"])
        await asyncio.to_thread(self._check, key, buffer.to_bytes(), known[1])
        assert byte_range is None, "whole files alone are asked for: there are no shards"
        return buffer

    def _check(self, key: str, content: bytes, digest: str) -> None:
        if hashlib.sha256(content).hexdigest() != digest:
            raise refuse_spoilt(self._entry.id, [f"{key} is not as it was written"])

    async def get_partial_values(
        self,
        prototype: BufferPrototype,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> list[Buffer | None]:
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    async def _get_many(
        self, requests: Iterable[tuple[str, BufferPrototype, ByteRequest | None]]
    ) -> AsyncGenerator[tuple[str, Buffer | None], None]:
        for key, prototype, part in requests:
            yield key, await self.get(key, prototype, part)


__all__ = [
    "StoreListing",
    "check_cube",
    "find_wind_entry",
    "list_winds",
    "open_cube",
]
