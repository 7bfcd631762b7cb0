"""What kind of file a file is, by its first bytes, and what it is called if it is no weather."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from downwind.errors import WeatherFileError
from downwind.wind.sources import tawhiri
from downwind.wind.sources._npz import MAGIC, name_first

HEAD_BYTES = 2048
_CHUNK_BYTES = 1 << 20
_HINT = (
    "give gridded wind (GRIB, NetCDF, GFS as OPeNDAP text, a Tawhiri dataset or a region of one) "
    "or soundings"
)

_OTHER_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"CDF\x05",
        "a NetCDF file of the CDF5 kind, which cannot be read",
        "convert it: nccopy -k nc4 IN OUT",
    ),
    (b"\x1f\x8b", "packed with gzip, no weather file as it is", "unpack it: gunzip FILE"),
    (b"BZh", "packed with bzip2, no weather file as it is", "unpack it: bunzip2 FILE"),
    (b"\xfd7zXZ\x00", "packed with xz, no weather file as it is", "unpack it: unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd, no weather file as it is", "unpack it: unzstd FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, no weather file as it is", "unpack it: 7z x FILE"),
    (b"PK\x05\x06", "an empty zip archive, no weather file", "fetch it again"),
    (b"%PDF", "a PDF document, no weather file", _HINT),
)
_TAR_AT = 257
_OFFICE = ("[Content_Types].xml", "mimetype")
"""What the first member of a document of an office program is called."""


def read_head(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    WeatherFileError
        If it is missing, a folder, a pipe or a device, empty, or may not be read.
    """
    if path.is_dir():
        raise WeatherFileError(f"{path} is a folder, no weather file", "name the files in it")
    if path.exists() and not path.is_file():
        raise WeatherFileError(
            f"{path} is a pipe or a device, no file", "save what comes out of it to a file first"
        )
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise WeatherFileError(f"{path}: there is no such file", "check the name") from error
    except OSError as error:
        raise WeatherFileError(f"{path}: {error.strerror}", "check who may read it") from error
    if not head:
        raise WeatherFileError(
            f"{path.name} is empty, no weather file", "fetch it again: the download failed"
        )
    return head


def refuse_file(path: Path, head: bytes) -> WeatherFileError:
    """Return the error that names what a file is that no source reads."""
    for magic, what, hint in _OTHER_KINDS:
        if head.startswith(magic):
            return WeatherFileError(f"{path.name} is {what}", hint)
    if head.startswith(MAGIC):
        return _refuse_zip(path, head)
    if head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return WeatherFileError(
            f"{path.name} is a tar archive, no weather file as it is",
            "unpack it, and name the files that were in it: tar xf FILE",
        )
    if not head.strip(b"\x00"):
        return WeatherFileError(
            f"{path.name} is no weather file: it starts with {len(head)} zeros",
            "fetch it again: its place was kept free, and the download did not fill it",
        )
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html")):
        return WeatherFileError(
            f"{path.name} is an HTML page, no weather file",
            "open it: as a rule it holds the error message of the server it came from",
        )
    if text.startswith((b"<?xml", b"{", b"[")):
        return WeatherFileError(f"{path.name} is XML or JSON text, no weather file", _HINT)
    if text.startswith(b"error {"):
        return WeatherFileError(
            f"{path.name} is the error message of a data server, no weather file: {_quote(head)}",
            "mend the request that it answers, and fetch it again",
        )
    if text.startswith(b"dataset"):
        return WeatherFileError(
            f"{path.name} is OPeNDAP text of a kind that is not read",
            "fetch the NetCDF or GRIB file of it, or text from a GrADS data server such as NOMADS",
        )
    if b"\x00" not in head and _is_text(head):
        return WeatherFileError(f"{path.name} is text, no weather file", _HINT)
    if re.fullmatch(r"\d{10}", path.name):
        return WeatherFileError(
            f"{path.name} is named as a Tawhiri dataset is, and has {path.stat().st_size:,} bytes, "
            f"where a dataset has {tawhiri.FILE_BYTES:,}",
            "fetch the dataset again, or give other weather another name",
        )
    return WeatherFileError(
        f"{path.name} is no weather file: it starts with {head[:8]!r}, as no kind that is known",
        _HINT,
    )


def _refuse_zip(path: Path, head: bytes) -> WeatherFileError:
    first = name_first(head)
    if first in _OFFICE:
        return WeatherFileError(
            f"{path.name} is a document of an office program, no weather file", _HINT
        )
    return WeatherFileError(
        f"{path.name} is a zip archive, no weather file as it is; the first file in it is {first}",
        "unpack it, and name the files that were in it: unzip FILE",
    )


def _quote(head: bytes) -> str:
    """Return the beginning of a text in one line."""
    return " ".join(head.decode("utf-8", "replace").split())[:120]


def hash_files(paths: Sequence[Path]) -> str:
    """Return the sha256 of the bytes of files, in hex.

    Of one file it is the plain sha256. Several are read in the order of their own digests, and
    one that is given twice counts once, so that names and their order do not matter.
    """
    by_digest = {_hash_chain([path]): path for path in paths}
    if len(by_digest) == 1:
        return next(iter(by_digest))
    return _hash_chain([by_digest[digest] for digest in sorted(by_digest)])


def _hash_chain(paths: Sequence[Path]) -> str:
    chain = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK_BYTES):
                chain.update(piece)
    return chain.hexdigest()


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut in two where the head ends.
        return len(head) == HEAD_BYTES and error.start >= len(head) - 3
    return True
