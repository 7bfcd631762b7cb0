"""Put a cube into the store: whole or not at all, and once.

The cube is written into a hidden folder, every file is flushed to the disk, and then the folder
takes its name in one step. Whoever is killed before that leaves nothing that anyone reads.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from downwind.errors import ArgumentError, InterruptedRunError, StoredWindError
from downwind.times import epoch_to_datetime, format_utc, stamp_now
from downwind.version import VERSION
from downwind.wind._contract import DIMS, goes_round
from downwind.wind.cube import WindCube
from downwind.wind.store._folder import (
    CUBE_FOLDER,
    explain_failure,
    find_store,
    list_folders,
    locked,
    remove_folder,
    sync_folder,
    unfinished_folder,
)
from downwind.wind.store._manifest import (
    FORMAT,
    StoredWind,
    digest_axes,
    find_faults,
    list_content,
    read_manifest,
    write_manifest,
)

CHUNK_BYTES: Final = 1 << 20
"""Size of a chunk before it is packed, at the most [bytes]."""

PACKING_LEVEL: Final = 3
"""Level of Zstandard for the chunks; the bytes of the numbers are shuffled before."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TIME_UNITS: Final = "seconds since 1970-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Placement:
    """What became of a cube that was to be stored.

    Parameters
    ----------
    entry : StoredWind
    outcome : str
        ``stored``; ``there`` if the same was there already; ``mended`` if it was there spoilt.
    """

    entry: StoredWind
    outcome: str


def store_cube(
    cube: WindCube, *, name: str = "", window: str = "", source_bytes: int = 0
) -> Placement:
    """Write a cube into the store.

    Parameters
    ----------
    cube : WindCube
        A checked cube.
    name : str, optional
        A name for it, besides its id.
    window : str, optional
        The part of the files that it is, in words.
    source_bytes : int, optional
        Size of the files that it was made of [bytes].

    Returns
    -------
    Placement
        The entry, and whether it was written now.

    Raises
    ------
    ArgumentError
        If the name is none, or is that of another cube.
    StoreWriteError
        If the disk is full or may not be written to; nothing is left behind then.
    InterruptedRunError
        If the user stops it; nothing is left behind.
    """
    store = find_store()
    wanted = _make_id(cube)
    _check_name(store, name, wanted)
    placed = _name_there(store, wanted, cube.digest, name)
    if placed is not None:
        return placed
    try:
        with unfinished_folder(store) as folder:
            _write_zarr(cube, folder / CUBE_FOLDER, window)
            entry = _describe(cube, wanted, name, window, source_bytes, folder / CUBE_FOLDER)
            write_manifest(folder, entry)
            _flush(folder)
            return _put_in_place(store, folder, entry)
    except KeyboardInterrupt as error:
        raise InterruptedRunError(
            "interrupted: nothing was stored", "run the same command again"
        ) from error


def _make_id(cube: WindCube) -> str:
    """Return the name of a cube's folder: its source, its run or first time, its digest."""
    slug = re.sub(r"[^a-z0-9.]+", "-", cube.source.lower()).strip("-.")[:48] or "wind"
    moment = cube.reference_time_s
    if moment is None:
        moment = int(cube.times_s[0])
    return f"{slug}_{epoch_to_datetime(moment):%Y%m%dT%H%MZ}_{cube.digest[:8]}"


def _check_name(store: Path, name: str, wanted: str) -> None:
    if not name:
        return
    if not _NAME.fullmatch(name):
        raise ArgumentError(
            f"'{name}' cannot be the name of a stored wind",
            "take letters, digits, dots, dashes and underscores, at most 64: --name tonight",
        )
    for folder in list_folders(store):
        if folder.name == wanted:
            continue
        if folder.name == name or _name_of(folder) == name:
            raise ArgumentError(
                f"the name {name} is that of another stored wind, {folder.name}",
                "choose another name",
            )


def _name_of(folder: Path) -> str:
    try:
        return read_manifest(folder).name
    except StoredWindError:
        return ""


def _find_sound(folder: Path, digest: str) -> StoredWind | None:
    """Return the entry that stands where a cube would go, where it is sound and the same."""
    try:
        entry = read_manifest(folder)
    except StoredWindError:
        return None
    return entry if entry.digest == digest and not find_faults(folder, entry) else None


def _name_there(store: Path, wanted: str, digest: str, name: str) -> Placement | None:
    """Give a cube that is there already the name that the user wants for it, if it is there."""
    there = _find_sound(store / wanted, digest)
    if there is None or not name or name == there.name:
        return None if there is None else Placement(there, "there")
    with locked(store):
        if not (store / wanted).is_dir():  # it was removed meanwhile
            return None
        return _rename(store, there, name)


def _rename(store: Path, entry: StoredWind, name: str) -> Placement:
    """Write another name into the manifest of a cube; the store is locked."""
    _check_name(store, name, entry.id)
    if name and name != entry.name:
        entry = replace(entry, name=name)
        try:
            write_manifest(store / entry.id, entry)
        except OSError as error:
            raise explain_failure(error, store) from error
    return Placement(entry, "there")


def _put_in_place(store: Path, folder: Path, entry: StoredWind) -> Placement:
    """Give a whole cube its place, unless another process has put it there meanwhile."""
    target = store / entry.id
    with locked(store):
        _check_name(store, entry.name, entry.id)
        outcome = "stored"
        if target.exists():
            there = _find_sound(target, entry.digest)
            if there is not None:
                return _rename(store, there, entry.name)
            remove_folder(target)
            outcome = "mended"
        folder.rename(target)
        sync_folder(store)
    return Placement(entry, outcome)


# --- what is written ---------------------------------------------------------------------------


def _write_zarr(cube: WindCube, path: Path, window: str) -> None:
    from zarr.codecs import BloscCodec, Crc32cCodec

    packed = (BloscCodec(cname="zstd", clevel=PACKING_LEVEL, shuffle="shuffle"), Crc32cCodec())
    plain = (Crc32cCodec(),)
    data = cube.dataset
    keys = {"name": "default", "separator": "."}
    encoding: dict[str, dict[str, Any]] = {}
    for key, variable in data.variables.items():
        is_field = key in data.data_vars
        encoding[str(key)] = {
            "chunks": choose_chunks(tuple(map(str, variable.dims)), variable.shape),
            "compressors": packed if is_field else plain,
            "chunk_key_encoding": keys,
            "_FillValue": None,
        }
        if is_field:
            encoding[str(key)]["fill_value"] = float("nan")
    encoding["time"] |= {
        "units": _TIME_UNITS,
        "calendar": "proleptic_gregorian",
        "dtype": "int64",
    }
    stamps = {"format": FORMAT, "created": stamp_now(), "downwind": VERSION, "window": window}
    # a dataset keeps the encoding of the file it was read from, which is not ours
    data.drop_encoding().assign_attrs(stamps).to_zarr(
        path,
        mode="w-",
        zarr_format=3,
        consolidated=False,
        encoding=encoding,
        write_empty_chunks=True,
    )


def choose_chunks(dims: tuple[str, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the chunks of a variable: one member and time, all levels, a box of `CHUNK_BYTES`.

    Parameters
    ----------
    dims : tuple of str
        Names of its dimensions.
    shape : tuple of int
        Their lengths.

    Returns
    -------
    tuple of int
        Length of a chunk in each. What lies at the surface alone takes several times together.
    """
    sizes = dict(zip(dims, shape, strict=True))
    chunks = dict(sizes)
    if "realization" in sizes and len(dims) > 1:
        chunks["realization"] = 1
    if "time" in sizes and len(dims) > 1:
        chunks["time"] = 1
    while math.prod(chunks.values()) * 4 > CHUNK_BYTES:
        longest = max(("latitude", "longitude"), key=lambda dim: chunks.get(dim, 0))
        if chunks.get(longest, 0) < 2:
            break
        chunks[longest] = -(-chunks[longest] // 2)
    if "time" in sizes and len(dims) > 1 and "level" not in sizes:
        each = math.prod(chunks.values()) * 4
        chunks["time"] = max(min(sizes["time"], CHUNK_BYTES // each), 1)
    return tuple(chunks[dim] for dim in dims)


def _describe(
    cube: WindCube, entry_id: str, name: str, window: str, source_bytes: int, path: Path
) -> StoredWind:
    data, lat, lon = cube.dataset, cube.latitude, cube.longitude
    content = list_content(path)
    axes = {dim: np.asarray(data[dim].values, np.float64) for dim in DIMS if dim != "time"}
    return StoredWind(
        id=entry_id,
        name=name,
        created=stamp_now(),
        version=VERSION,
        window=window,
        source=cube.source,
        nature=cube.nature,
        files=cube.files,
        digest=cube.digest,
        run="" if cube.reference_time_s is None else format_utc(cube.reference_time_s),
        warnings="\n".join(cube.warnings),
        notes="\n".join(cube.notes),
        times_s=tuple(int(t) for t in cube.times_s),
        box=(float(lon[0]), float(lat[0]), float(lon[-1]), float(lat[-1])),
        spacing_deg=(
            float(lon[-1] - lon[0]) / (lon.size - 1),
            float(lat[-1] - lat[0]) / (lat.size - 1),
        ),
        is_global=goes_round(lon),
        levels=cube.level_count,
        members=cube.member_count,
        axes=digest_axes(axes, str(data["level"].attrs.get("standard_name"))),
        variables=tuple(sorted(map(str, data.data_vars))),
        size_bytes=sum(size for size, _ in content.values()),
        cube_bytes=int(data.nbytes),
        source_bytes=source_bytes,
        content=content,
    )


def _flush(folder: Path) -> None:
    """Have the system write out all files and folders below one, and the names of them."""

    def flush_file(path: Path) -> None:
        with path.open("rb") as stream:
            os.fsync(stream.fileno())

    files = [path for path in _walk(folder) if path.is_file()]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(flush_file, files):
            pass
    for path in [folder, *_walk(folder)]:
        if path.is_dir():
            sync_folder(path)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        for name in (*folders, *names):
            yield Path(root) / name


def derive_digest(digest: str, part: str) -> str:
    """Return the digest of a part of what a digest stands for; the part in words.

    Parameters
    ----------
    digest : str
        The sha256 of the whole, in hex.
    part : str
        Which part of it; empty for all, whose digest it keeps.
    """
    return hashlib.sha256(f"{digest}\n{part}".encode()).hexdigest() if part else digest


__all__ = [
    "Placement",
    "choose_chunks",
    "derive_digest",
    "store_cube",
]
