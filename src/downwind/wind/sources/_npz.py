"""Arrays out of a NumPy archive (``.npz``) that nobody vouches for.

Sizes are checked against what the archive declares before anything is unpacked, and no member is
unpacked further than its own header says. Python objects are refused.
"""

from __future__ import annotations

import lzma
import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WeatherFileError, WeatherTruncatedError

MAGIC: Final = b"PK\x03\x04"

MAX_BYTES: Final = 1 << 30
"""Size of all members, unpacked, above which an archive is refused."""

MAX_RATIO: Final = 200.0
"""Packing above which a member is taken for a zip bomb; fields of weather reach about 10."""

SMALL_BYTES: Final = 1 << 24
"""A member up to this size may be packed as well as it likes."""

_HEADER_BYTES = 10_000
_KINDS = "fiuUS"
_AGAIN = "fetch or write the file again"


def is_npz(head: bytes) -> bool:
    """Tell by the first bytes of a file whether it is an archive of NumPy arrays."""
    return head.startswith(MAGIC) and name_first(head).endswith(".npy")


def name_first(head: bytes) -> str:
    """Return the name of the first member of a zip archive by its first bytes."""
    size = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + size].decode("utf-8", "replace")


def read_npz(
    path: Path, needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, NDArray[Any]]:
    """Read named arrays out of an archive.

    Parameters
    ----------
    path : Path
        The archive.
    needed, optional : sequence of str
        Names of arrays; other members are left alone.

    Returns
    -------
    dict
        The arrays by name: numbers or text, of the shape they have.

    Raises
    ------
    WeatherFileError
        If the archive would unpack to too much, or a member is no plain array.
    WeatherTruncatedError
        If the archive ends early or is damaged.
    WeatherContentError
        If an array is missing.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _list_members(archive, path.name)
            absent = [name for name in needed if name not in members]
            if absent:
                raise WeatherContentError(
                    f"{path.name} is a NumPy archive without {', '.join(absent)}; it holds "
                    f"{', '.join(sorted(members)[:10])}",
                    f"write it with the arrays {', '.join(needed)}",
                )
            wanted = [*needed, *(name for name in optional if name in members)]
            return {name: _read_member(archive, members[name], path.name) for name in wanted}
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise WeatherTruncatedError(
            f"{path.name}: the archive ends early or is damaged ({error})", _AGAIN
        ) from error
    except (NotImplementedError, RuntimeError) as error:
        # What zipfile raises for a packing that it does not know, and for a password.
        raise WeatherFileError(
            f"{path.name}: a member of the archive cannot be unpacked ({error})",
            "write it with numpy.savez or numpy.savez_compressed",
        ) from error


def _list_members(archive: zipfile.ZipFile, file: str) -> dict[str, zipfile.ZipInfo]:
    """Return the members by the name of their array, none of them too large."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name in members:
            raise WeatherFileError(f"{file} holds '{name}' twice", _AGAIN)
        members[name] = info
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > SMALL_BYTES and ratio > MAX_RATIO:
            raise WeatherFileError(
                f"{file}: '{name}' would unpack to {ratio:.0f} times its size, which no weather "
                "does: taken for a zip bomb",
                "do not open it; fetch the file from where you trust it",
            )
    total = sum(info.file_size for info in members.values())
    if total > MAX_BYTES:
        raise WeatherFileError(
            f"{file} would unpack to {total / 1e9:.1f} GB, more than the {MAX_BYTES / 1e9:.1f} GB "
            "that are read at once",
            "write a smaller region, or fewer hours",
        )
    return members


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> NDArray[Any]:
    where = f"{file}: '{info.filename.removesuffix('.npy')}'"
    with archive.open(info) as stream:
        shape, is_fortran, dtype = _read_header(stream, where)
        size = math.prod(shape) * dtype.itemsize
        if stream.tell() + size != info.file_size:
            raise WeatherTruncatedError(
                f"{where} has {info.file_size - stream.tell()} bytes for an array of {size}", _AGAIN
            )
        data = stream.read(size)
        # One byte more makes zipfile compare the checksum.
        if len(data) != size or stream.read(1):
            raise WeatherTruncatedError(f"{where} ends after {len(data)} of {size} bytes", _AGAIN)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if is_fortran else "C")


def _read_header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ValueError(f"version {version[0]}.{version[1]} of the format")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream, _HEADER_BYTES)
    except ValueError as error:
        raise WeatherFileError(
            f"{where} is no NumPy array: {str(error).splitlines()[0]}", _AGAIN
        ) from error
    if dtype.kind not in _KINDS or dtype.hasobject or min(shape, default=0) < 0:
        raise WeatherFileError(
            f"{where} holds {dtype} of shape {shape}, neither numbers nor text",
            "write plain arrays: Python objects are not read",
        )
    return shape, is_fortran, dtype
